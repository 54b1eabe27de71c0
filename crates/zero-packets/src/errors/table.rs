//! Codes of tables of numbers that are named on the command line.

use super::Exit::{Data, Internal, Usage};
use super::{ErrorSpec, e};

/// Sorted.
#[rustfmt::skip]
pub(super) const CODES: &[ErrorSpec] = &[
    e("ZERO-CSV-001", Internal, "file system", "The operating system refused to read a table.", "Check the path and its permissions."),
    e("ZERO-CSV-002", Data, "bad cell", "A cell that is needed is not a finite number.", "Repair the cell that is named; an empty one is missing, and missing is not 0."),
    e("ZERO-CSV-003", Usage, "which column", "A column is not in the table, or none was named where there are several.", "Name a column by its header or by its number, from 1."),
    e("ZERO-CSV-004", Data, "bad table", "A table has no rows of numbers, or a row with another number of cells.", "Give every row as many cells as the first."),
    e("ZERO-CSV-005", Data, "too large", "A table is larger than the limit.", "Split the file or drop columns."),
];
