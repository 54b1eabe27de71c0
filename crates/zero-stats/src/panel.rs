//! A table of numbers: rows are times or trials, columns are series.

use alloc::vec;
use alloc::vec::Vec;

use crate::error::{StatsError, check, check_work};

/// The most cells of a panel.
const MOST_CELLS: u64 = 50_000_000;

/// A row-major table whose cells are all finite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Panel<'a> {
    cells: &'a [f64],
    columns: usize,
}

impl<'a> Panel<'a> {
    /// A table of `columns` columns. The cells must be finite and fill their rows.
    pub fn new(cells: &'a [f64], columns: usize) -> Result<Self, StatsError> {
        if columns == 0 || !cells.len().is_multiple_of(columns) {
            return Err(StatsError::BadParameter {
                name: "columns",
                rule: "a divisor of the number of cells",
            });
        }
        check(cells, columns)?;
        check_work(cells.len() as u64, MOST_CELLS)?;
        Ok(Self { cells, columns })
    }

    /// Number of rows.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.cells.len() / self.columns
    }

    /// Number of columns.
    #[must_use]
    pub const fn columns(&self) -> usize {
        self.columns
    }

    /// The rows in order.
    pub fn each_row(&self) -> core::slice::ChunksExact<'a, f64> {
        self.cells.chunks_exact(self.columns)
    }

    /// A column, copied. Empty when there is no such column.
    #[must_use]
    pub fn column(&self, j: usize) -> Vec<f64> {
        self.each_row().filter_map(|row| row.get(j).copied()).collect()
    }

    /// The mean of every column.
    #[must_use]
    pub fn means(&self) -> Vec<f64> {
        let mut means = vec![0.0; self.columns];
        for row in self.each_row() {
            for (m, x) in means.iter_mut().zip(row) {
                *m += x;
            }
        }
        let n = self.rows() as f64;
        means.iter_mut().for_each(|m| *m /= n);
        means
    }

    /// Deviations from the column means, row-major.
    #[must_use]
    pub fn deviations(&self) -> Vec<f64> {
        let means = self.means();
        self.each_row().flat_map(|row| row.iter().zip(&means).map(|(x, m)| x - m)).collect()
    }

    pub(crate) fn need_rows(&self, needed: usize) -> Result<(), StatsError> {
        if self.rows() < needed {
            return Err(StatsError::TooFew { needed, got: self.rows() });
        }
        Ok(())
    }
}
