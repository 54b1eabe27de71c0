//! Cross-validation that leaks nothing through overlapping labels: purged and embargoed k-fold and its combinatorial form (Lopez de Prado,
//! "Advances in Financial Machine Learning", 2018, chapters 7 and 12).
//!
//! Row i is decided at i and its label is known at `label_ends[i]` >= i. A training row is dropped when the interval from its decision
//! to its label overlaps that of any test row, and when it lies in the embargo: the `embargo` rows after the last label of a run of
//! test rows. The horizon is an input, so that it is computed from what is predicted and not chosen.

use alloc::vec;
use alloc::vec::Vec;

use crate::combinations::{Combinations, choose};
use crate::error::{StatsError, check_work};

/// The most splits times rows.
const MOST_WORK: u64 = 1_000_000_000;
/// The most rows, each of which is kept.
pub const MOST_ROWS: usize = 10_000_000;

/// A combinatorial purged cross-validation. With `test_groups` = 1 it is the purged k-fold.
#[derive(Clone, Debug, PartialEq)]
pub struct PurgedSplits {
    label_ends: Vec<usize>,
    groups: usize,
    test_groups: usize,
    embargo: usize,
}

/// One split, as ascending row numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// Which groups are tested.
    pub test_groups: Vec<usize>,
    /// Rows to train on.
    pub train: Vec<usize>,
    /// Rows to test on.
    pub test: Vec<usize>,
    /// Rows left out because their label overlaps a tested one's.
    pub purged: Vec<usize>,
    /// Rows left out because they follow a test too closely.
    pub embargoed: Vec<usize>,
}

impl PurgedSplits {
    /// Rows in time order, cut into `groups` runs whose lengths differ by at most one. Needs a row per group, labels that end at or after
    /// their decision, and one or more groups on each side.
    pub fn new(
        label_ends: &[usize],
        groups: usize,
        test_groups: usize,
        embargo: usize,
    ) -> Result<Self, StatsError> {
        shape(label_ends.len(), groups, test_groups)?;
        if let Some(index) = label_ends.iter().enumerate().position(|(i, end)| *end < i) {
            return Err(StatsError::Outside { index, rule: "a label that ends at or after its decision" });
        }
        Ok(Self { label_ends: label_ends.to_vec(), groups, test_groups, embargo })
    }

    /// Rows whose labels all end `horizon` rows after their decision.
    pub fn with_horizon(
        rows: usize,
        horizon: usize,
        groups: usize,
        test_groups: usize,
        embargo: usize,
    ) -> Result<Self, StatsError> {
        shape(rows, groups, test_groups)?;
        let ends: Vec<usize> = (0..rows).map(|i| i.saturating_add(horizon)).collect();
        Self::new(&ends, groups, test_groups, embargo)
    }

    /// Number of rows.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.label_ends.len()
    }

    /// Number of splits.
    #[must_use]
    pub fn count(&self) -> u64 {
        choose(self.groups, self.test_groups)
    }

    /// Number of paths: each is a whole history in which every group is tested once.
    #[must_use]
    pub fn path_count(&self) -> u64 {
        choose(self.groups - 1, self.test_groups - 1)
    }

    /// Every split, in the order of [`Combinations`].
    pub fn splits(&self) -> impl Iterator<Item = Split> + '_ {
        Combinations::new(self.groups, self.test_groups).map(|tested| self.split(tested))
    }

    /// By path, then group: the number of the split whose test of that group belongs to the path.
    #[must_use]
    pub fn paths(&self) -> Vec<Vec<u32>> {
        let mut paths = vec![Vec::with_capacity(self.groups); self.path_count() as usize];
        for group in 0..self.groups {
            let tests = Combinations::new(self.groups, self.test_groups)
                .enumerate()
                .filter(|(_, tested)| tested.contains(&group));
            for (path, (split, _)) in paths.iter_mut().zip(tests) {
                path.push(split as u32);
            }
        }
        paths
    }

    /// First row and the one after the last.
    #[must_use]
    pub fn group_bounds(&self, group: usize) -> (usize, usize) {
        let n = self.label_ends.len();
        (group * n / self.groups, (group + 1) * n / self.groups)
    }

    fn split(&self, tested: Vec<usize>) -> Split {
        let n = self.label_ends.len();
        let mut in_test = vec![false; n];
        for &g in &tested {
            let (from, to) = self.group_bounds(g);
            in_test[from..to].iter_mut().for_each(|t| *t = true);
        }
        let runs = self.test_runs(&in_test);
        let mut out = Split {
            test_groups: tested,
            train: Vec::new(),
            test: Vec::new(),
            purged: Vec::new(),
            embargoed: Vec::new(),
        };
        for (i, (&end, &tests)) in self.label_ends.iter().zip(&in_test).enumerate() {
            let list = if tests {
                &mut out.test
            } else if runs.iter().any(|r| i <= r.last_label && end >= r.first) {
                &mut out.purged
            } else if runs.iter().any(|r| i > r.last_label && i - r.last_label <= self.embargo) {
                &mut out.embargoed
            } else {
                &mut out.train
            };
            list.push(i);
        }
        out
    }

    fn test_runs(&self, in_test: &[bool]) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        let mut open = false;
        for (i, (&tests, &end)) in in_test.iter().zip(&self.label_ends).enumerate() {
            match runs.last_mut().filter(|_| open && tests) {
                Some(run) => run.last_label = run.last_label.max(end),
                None if tests => runs.push(Run { first: i, last_label: end }),
                None => {}
            }
            open = tests;
        }
        runs
    }
}

/// Everything that can be refused before a row is looked at.
fn shape(rows: usize, groups: usize, test_groups: usize) -> Result<(), StatsError> {
    if !(2..=64).contains(&groups) {
        return Err(StatsError::BadParameter { name: "groups", rule: "from 2 to 64" });
    }
    if test_groups == 0 || test_groups >= groups {
        return Err(StatsError::BadParameter {
            name: "test groups",
            rule: "at least 1 and fewer than groups",
        });
    }
    if rows < groups {
        return Err(StatsError::TooFew { needed: groups, got: rows });
    }
    check_work(rows as u64, MOST_ROWS as u64)?;
    check_work(choose(groups, test_groups).saturating_mul(rows as u64), MOST_WORK)
}

/// Consecutive test rows.
struct Run {
    first: usize,
    last_label: usize,
}
