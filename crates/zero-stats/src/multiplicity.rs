//! Many tests at once: which p-values survive. Benjamini and Hochberg (JRSS B 57, 1995), Benjamini and Yekutieli (Annals of Statistics 29,
//! 2001), Holm (Scand. J. Statistics 6, 1979) and Bonferroni, as adjusted p-values: a hypothesis is rejected at level a iff its
//! adjusted p-value is at most a.

use alloc::vec;
use alloc::vec::Vec;

use crate::error::{StatsError, check, check_each, check_open_unit};

/// Which error is controlled, under which dependence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Correction {
    /// False discovery rate, independent or positively dependent tests.
    BenjaminiHochberg,
    /// False discovery rate, any dependence.
    BenjaminiYekutieli,
    /// Probability of any false rejection, any dependence; never weaker than Bonferroni.
    Holm,
    /// Probability of any false rejection, any dependence.
    Bonferroni,
}

/// The outcome of one correction.
#[derive(Clone, Debug, PartialEq)]
pub struct Corrected {
    /// Adjusted p-values in the order of the input.
    pub adjusted: Vec<f64>,
    /// Which are rejected at the level, in the order of the input.
    pub rejected: Vec<bool>,
}

/// Corrects p-values (each from 0 to 1, at least one) for their number.
pub fn correct(p: &[f64], correction: Correction, level: f64) -> Result<Corrected, StatsError> {
    check(p, 1)?;
    check_each(p, "a p-value from 0 to 1", |x| (0.0..=1.0).contains(&x))?;
    check_open_unit("level", level)?;
    let order = ascending(p);
    let n = p.len() as f64;
    let mut adjusted = vec![0.0; p.len()];
    match correction {
        Correction::Bonferroni => {
            for (to, from) in adjusted.iter_mut().zip(p) {
                *to = (n * from).min(1.0);
            }
        }
        Correction::Holm => {
            let mut running = 0.0f64;
            for (rank, &i) in order.iter().enumerate() {
                running = running.max((n - rank as f64) * p[i]);
                adjusted[i] = running.min(1.0);
            }
        }
        Correction::BenjaminiHochberg | Correction::BenjaminiYekutieli => {
            let price = match correction {
                Correction::BenjaminiYekutieli => (1..=p.len()).map(|k| 1.0 / k as f64).sum(),
                _ => 1.0,
            };
            let mut running = 1.0f64;
            for (rank, &i) in order.iter().enumerate().rev() {
                running = running.min(price * n / (rank + 1) as f64 * p[i]);
                adjusted[i] = running;
            }
        }
    }
    let rejected = adjusted.iter().map(|&a| a <= level).collect();
    Ok(Corrected { adjusted, rejected })
}

/// Positions in ascending order of their values, equal ones in their own order.
fn ascending(xs: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..xs.len()).collect();
    order.sort_by(|&a, &b| xs[a].total_cmp(&xs[b]));
    order
}
