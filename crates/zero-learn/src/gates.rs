//! What each gate is worth: the outcome of candidates that this gate alone kept out.
//!
//! `value = E[R | rejected only by the gate]`, R being net profit in units of initial risk. Positive: the gate keeps
//! profit out. Negative: it earns its place. A candidate that several gates rejected says nothing about any one of them.

use crate::cluster::{ClusterMean, Draws, benjamini_hochberg, mean};
use crate::learner::{Case, Learnt};
use zero_core::TsDiff;

/// What the evidence says of a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// What it alone keeps out makes money.
    Harmful,
    /// What it alone keeps out loses money.
    Useful,
    /// Neither is shown.
    NotShown,
}

impl Verdict {
    /// Its name in packets.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Harmful => "harmful",
            Self::Useful => "useful",
            Self::NotShown => "not_shown",
        }
    }
}

/// One gate.
#[derive(Clone, Debug, PartialEq)]
pub struct GateValue {
    /// Its place in [`Learnt::gates`].
    pub gate: u8,
    /// Candidates that it rejected, alone or with others.
    pub rejected: u64,
    /// Candidates that it alone rejected.
    pub alone: u64,
    /// Of those, without an outcome in units of risk (unresolved, unfilled, no risk unit).
    pub without_outcome: u64,
    /// Their mean outcome.
    pub value: ClusterMean,
    /// p-value adjusted over the gates that could be tested.
    pub q: Option<f64>,
    /// At [`GateReport::alpha`].
    pub verdict: Verdict,
}

/// Every gate of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct GateReport {
    /// In the order of [`Learnt::gates`].
    pub gates: Vec<GateValue>,
    /// Outcomes of admitted candidates, in the same shadow books: the base rate.
    pub admitted: ClusterMean,
    /// False discovery rate at which a verdict is given.
    pub alpha: f64,
    /// Length of a cluster's stretch of time: the longest hold, in whole days, at least one.
    pub cluster: TsDiff,
}

/// Judges every gate at a false discovery rate.
#[must_use]
pub fn judge(learnt: &Learnt, alpha: f64) -> GateReport {
    let cluster = cluster_length(&learnt.cases);
    let mut values: Vec<GateValue> = (0..learnt.gates.len().min(256))
        .map(|g| {
            let gate = g as u8;
            let rejected = |c: &&Case| c.failing().any(|f| f.gate == gate);
            let alone: Vec<&Case> =
                learnt.cases.iter().filter(|c| c.only_failing().is_some_and(|f| f.gate == gate)).collect();
            let value = outcome(alone.iter().copied(), cluster, u64::from(gate) + 1);
            GateValue {
                gate,
                rejected: learnt.cases.iter().filter(rejected).count() as u64,
                alone: alone.len() as u64,
                without_outcome: alone.len() as u64 - value.n,
                value,
                q: None,
                verdict: Verdict::NotShown,
            }
        })
        .collect();
    let tested: Vec<f64> = values.iter().filter_map(|v| v.value.p).collect();
    let adjusted = benjamini_hochberg(&tested);
    for (v, q) in values.iter_mut().filter(|v| v.value.p.is_some()).zip(adjusted) {
        v.q = Some(q);
        v.verdict = match v.value.mean {
            Some(m) if q <= alpha && m > 0.0 => Verdict::Harmful,
            Some(m) if q <= alpha && m < 0.0 => Verdict::Useful,
            _ => Verdict::NotShown,
        };
    }
    let admitted = outcome(learnt.cases.iter().filter(|c| c.admitted), cluster, 0);
    GateReport { gates: values, admitted, alpha, cluster }
}

/// The mean outcome of cases, by the more doubtful of two clusterings: a coin's stretch of time, and the stretch with all its
/// coins. Coins move together, so the first alone would find in one move of the market as many witnesses as there
/// are coins; the second alone would miss what clusters within one coin when coins come and go.
pub(crate) fn outcome<'a>(
    cases: impl Iterator<Item = &'a Case> + Clone,
    cluster: TsDiff,
    stream: u64,
) -> ClusterMean {
    let draws = Draws::standard(stream);
    let stretch = |c: &Case| c.time.floor(cluster).as_ns();
    let by_coin = mean(cases.clone().filter_map(|c| Some(((c.coin, stretch(c)), c.fate.r()?))), &draws);
    let by_time = mean(cases.filter_map(|c| Some((stretch(c), c.fate.r()?))), &draws);
    match (by_coin.p, by_time.p) {
        (Some(a), Some(b)) if a > b => by_coin,
        _ => by_time,
    }
}

/// The longest hold in whole days, at least one. Two entries of one coin within a hold live through the same market, so a
/// day would count one stretch of it many times.
pub(crate) fn cluster_length(cases: &[Case]) -> TsDiff {
    let longest =
        cases.iter().filter_map(|c| c.fate.closed().map(|x| x.left.since(c.time).as_ns())).max().unwrap_or(0);
    TsDiff::DAY.times((longest.max(1) - 1) / TsDiff::DAY.as_ns() + 1)
}
