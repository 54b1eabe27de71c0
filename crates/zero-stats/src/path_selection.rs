//! What a selection process earns out of sample: on every split of a combinatorial purged cross-validation the best candidate of the training
//! rows is taken on the test rows, and the tests are joined into whole paths (Lopez de Prado 2018, chapter 12).

use alloc::vec;
use alloc::vec::Vec;

use crate::cross_validation::PurgedSplits;
use crate::error::{StatsError, check_same_length, check_work, in_range};
use crate::moments::{is_rounding_noise, mean, sd};
use crate::panel::Panel;

/// The joined paths.
#[derive(Clone, Debug, PartialEq)]
pub struct SelectedPaths {
    /// By split: the candidate with the largest ratio on the training rows.
    pub chosen: Vec<u32>,
    /// By path: mean over standard deviation of its returns, per period.
    pub ratios: Vec<f64>,
    /// Share of paths with a ratio above 0.
    pub positive_share: f64,
}

/// Rows of the panel are periods, columns the returns of candidates. A candidate that does not vary on the training rows is never chosen; when none
/// varies, or a path does not, it is an error.
pub fn selected_paths(panel: &Panel<'_>, splits: &PurgedSplits) -> Result<SelectedPaths, StatsError> {
    check_same_length(panel.rows(), splits.rows())?;
    check_work(splits.count() * (panel.rows() * panel.columns()) as u64, 2_000_000_000)?;
    let columns: Vec<Vec<f64>> = (0..panel.columns()).map(|j| panel.column(j)).collect();
    let mut chosen = Vec::new();
    for split in splits.splits() {
        if split.train.len() < 2 {
            return Err(StatsError::NoTraining { left: split.train.len() });
        }
        let mut best: Option<(u32, f64)> = None;
        for (j, column) in columns.iter().enumerate() {
            let training: Vec<f64> = split.train.iter().map(|&i| column[i]).collect();
            if let Ok(r) = ratio(&training)
                && best.is_none_or(|(_, most)| r > most)
            {
                best = Some((j as u32, r));
            }
        }
        chosen.push(best.ok_or(StatsError::NoVariation)?.0);
    }
    let mut ratios = Vec::new();
    let mut path_returns = vec![0.0; panel.rows()];
    for path in splits.paths() {
        for (group, split) in path.iter().enumerate() {
            let (from, to) = splits.group_bounds(group);
            let column = &columns[chosen[*split as usize] as usize];
            path_returns[from..to].copy_from_slice(&column[from..to]);
        }
        ratios.push(ratio(&path_returns)?);
    }
    let positive_share = ratios.iter().filter(|r| **r > 0.0).count() as f64 / ratios.len() as f64;
    Ok(SelectedPaths { chosen, ratios, positive_share })
}

fn ratio(xs: &[f64]) -> Result<f64, StatsError> {
    let s = sd(xs)?;
    if is_rounding_noise(xs, s) { Err(StatsError::NoVariation) } else { in_range(mean(xs)? / s) }
}
