//! How good probabilities were: the Brier score (Monthly Weather Review 78, 1950) with Murphy's decomposition (J. Applied Meteorology 12,
//! 1973), the logarithmic score, and reliability bins with their counts.

use alloc::vec::Vec;

use crate::error::{StatsError, check, check_each, check_same_length, in_range};
use crate::measured::Interval;
use crate::proportion::wilson;

/// A group of forecasts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReliabilityBin {
    /// Smallest forecast in it.
    pub low: f64,
    /// Largest.
    pub high: f64,
    /// Number of forecasts.
    pub n: u64,
    /// How often the event happened.
    pub events: u64,
    /// Mean forecast.
    pub forecast: f64,
    /// Share of events.
    pub observed: f64,
    /// Wilson interval of that share at 95 %, as if the events were independent.
    pub interval: Interval,
}

/// The Brier score and its parts: `brier = reliability - resolution + uncertainty + within`.
#[derive(Clone, Debug, PartialEq)]
pub struct ForecastScore {
    /// Mean squared difference between forecast and outcome; 0 is perfect, 1 the worst.
    pub brier: f64,
    /// Mean squared difference between a bin's forecast and its share of events; 0 is calibrated.
    pub reliability: f64,
    /// Mean squared difference between a bin's share of events and the base rate; more is sharper.
    pub resolution: f64,
    /// The score of always forecasting the base rate.
    pub uncertainty: f64,
    /// What grouping hides: 0 when each bin holds one forecast value.
    pub within: f64,
    /// Share of events.
    pub base_rate: f64,
    /// Number of forecasts.
    pub n: u64,
    /// Mean of -ln of the probability given to what happened; `None` when that was 0 once, which no average can repair.
    pub log_score: Option<f64>,
    /// In ascending order of forecast, none empty.
    pub bins: Vec<ReliabilityBin>,
}

/// How forecasts are grouped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grouping {
    /// One bin for each distinct forecast.
    Distinct,
    /// This many bins of equal width over 0..1 (1 to 1,000); empty ones are left out.
    EqualWidth(u32),
    /// This many bins of about equal count (1 to 1,000); equal forecasts stay together.
    EqualCount(u32),
}

/// Scores forecasts in 0..=1 of an event against outcomes of 0 or 1. Needs one.
pub fn forecast_score(p: &[f64], outcome: &[f64], grouping: Grouping) -> Result<ForecastScore, StatsError> {
    check(p, 1)?;
    check_same_length(p.len(), outcome.len())?;
    check_each(p, "a probability from 0 to 1", |x| (0.0..=1.0).contains(&x))?;
    check_each(outcome, "an outcome of 0 or 1", |x| x == 0.0 || x == 1.0)?;
    if let Grouping::EqualWidth(0)
    | Grouping::EqualCount(0)
    | Grouping::EqualWidth(1_001..)
    | Grouping::EqualCount(1_001..) = grouping
    {
        return Err(StatsError::BadParameter { name: "bins", rule: "from 1 to 1,000" });
    }
    let mut pairs: Vec<(f64, f64)> = p.iter().copied().zip(outcome.iter().copied()).collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let n = pairs.len() as f64;
    let brier = pairs.iter().map(|(p, o)| (p - o) * (p - o)).sum::<f64>() / n;
    let base_rate = outcome.iter().sum::<f64>() / n;
    let mut bins = Vec::new();
    let (mut reliability, mut resolution) = (0.0, 0.0);
    for group in grouped(&pairs, grouping) {
        let bin = bin_of(group)?;
        let share = bin.n as f64 / n;
        reliability += share * (bin.forecast - bin.observed) * (bin.forecast - bin.observed);
        resolution += share * (bin.observed - base_rate) * (bin.observed - base_rate);
        bins.push(bin);
    }
    let uncertainty = base_rate * (1.0 - base_rate);
    Ok(ForecastScore {
        brier,
        reliability,
        resolution,
        uncertainty,
        within: brier - (reliability - resolution + uncertainty),
        base_rate,
        n: p.len() as u64,
        log_score: log_score(p, outcome).ok(),
        bins,
    })
}

/// Mean of -ln of the probability given to what happened. A forecast of certainty that failed is an error at its position.
pub fn log_score(p: &[f64], outcome: &[f64]) -> Result<f64, StatsError> {
    check(p, 1)?;
    check_same_length(p.len(), outcome.len())?;
    let mut total = 0.0;
    for (index, (p, o)) in p.iter().zip(outcome).enumerate() {
        let given = if *o == 1.0 { *p } else { 1.0 - p };
        // NaN fails too.
        let possible = given > 0.0;
        if !possible {
            return Err(StatsError::Outside {
                index,
                rule: "a forecast that does not rule out what happened",
            });
        }
        total -= libm::log(given);
    }
    in_range(total / p.len() as f64)
}

fn bin_of(group: &[(f64, f64)]) -> Result<ReliabilityBin, StatsError> {
    let n = group.len() as f64;
    let events = group.iter().map(|g| g.1).sum::<f64>();
    let (first, last) = match (group.first(), group.last()) {
        (Some(a), Some(b)) => (a.0, b.0),
        _ => return Err(StatsError::TooFew { needed: 1, got: 0 }),
    };
    // Equal forecasts have themselves as their mean, to the bit.
    let forecast = if first == last { first } else { group.iter().map(|g| g.0).sum::<f64>() / n };
    Ok(ReliabilityBin {
        low: first,
        high: last,
        n: group.len() as u64,
        events: events as u64,
        forecast,
        observed: events / n,
        interval: wilson(events as u64, group.len() as u64, 0.95)?,
    })
}

/// Cuts pairs, ascending by forecast, into groups without splitting equal forecasts.
fn grouped(pairs: &[(f64, f64)], grouping: Grouping) -> Vec<&[(f64, f64)]> {
    let n = pairs.len();
    let key = |i: usize| match grouping {
        Grouping::Distinct => i,
        Grouping::EqualWidth(k) => ((pairs[i].0 * f64::from(k)) as usize).min(k as usize - 1),
        Grouping::EqualCount(k) => i * k as usize / n,
    };
    let mut out = Vec::new();
    let (mut from, mut current) = (0, 0);
    for i in 0..n {
        if i == 0 {
            current = key(0);
        } else if pairs[i].0 != pairs[i - 1].0 && key(i) != current {
            out.push(&pairs[from..i]);
            (from, current) = (i, key(i));
        }
    }
    if from < n {
        out.push(&pairs[from..]);
    }
    out
}
