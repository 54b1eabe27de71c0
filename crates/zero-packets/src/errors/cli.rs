//! Codes of the `zero` program itself.

use super::Exit::{Damaged, Data, Internal, Usage};
use super::{ErrorSpec, e};

/// Sorted.
#[rustfmt::skip]
pub(super) const CODES: &[ErrorSpec] = &[
    e("ZERO-CLI-001", Internal, "file system", "The operating system refused to read or write a file.", "Check the path and its permissions."),
    e("ZERO-CLI-002", Data, "unreadable configuration", "The configuration cannot be read.", "Run `zero config check`."),
    e("ZERO-CLI-003", Internal, "rendering", "A packet or report cannot be rendered.", "Report it."),
    e("ZERO-CLI-004", Internal, "signals", "The program cannot watch for signals.", "Report it."),
    e("ZERO-CLI-005", Internal, "own file", "The program cannot find or read its own file.", "Run it by its path."),
    e("ZERO-CLI-006", Usage, "bad duration", "A text on the command line is not a duration.", "Write a number and a unit, such as 3d, 12h, 90m or 30s."),
    e("ZERO-CLI-007", Data, "cannot continue", "An interrupted backtest cannot be continued.", "Run the backtest again without --resume."),
    e("ZERO-CLI-008", Damaged, "demo disagrees", "The demo decided otherwise in memory than through its journal.", "This is a fault of the program: report it with the journal."),
    e("ZERO-CLI-009", Usage, "no data store", "A replay was asked for without a data store.", "Name a store with --data, or import one with `zero data import`."),
];
