//! Candidates as rows of a stack: in time order, with the row at which each outcome was known.

use crate::gates::cluster_length;
use crate::learner::{Case, Learnt};
use crate::outcome::Fate;
use std::collections::BTreeMap;
use zero_core::{BookId, CoinId, Digest32, Hasher, Ts, TsDiff};
use zero_market::Side;
use zero_stats::Opinions;

/// Most rows: the oldest beyond them are left out.
pub(super) const ROWS_MAX: usize = 150_000;

/// Rows of one table of lenses.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    /// Name and version of each lens.
    pub lenses: Vec<(String, u16)>,
    /// Opinions, row-major.
    pub cells: Vec<Option<f64>>,
    /// Ended above zero net: 1, else 0.
    pub outcomes: Vec<f64>,
    /// Net result in units of risk.
    pub r: Vec<f64>,
    /// Decision times.
    pub times: Vec<Ts>,
    /// Coins.
    pub coins: Vec<CoinId>,
    /// The last row at which the outcome was not yet known.
    pub ends: Vec<usize>,
    /// Cost over risk as the cost gate measured it, where it could.
    pub costs: Vec<f64>,
    /// Length of a cluster.
    pub cluster: TsDiff,
    /// Digest over decision, opinions and outcome of every row.
    pub digest: Digest32,
    /// Candidates of other lenses, or beyond what is kept.
    pub left_out: u64,
    /// Candidates at or after the earliest one that is still open: of these only what ended soon is known.
    pub too_young: u64,
    /// Candidates without an outcome in units of risk.
    pub without_outcome: u64,
    /// Candidates while an earlier row of their book, coin and side was still open: they live through the same market, and
    /// would make one stretch of it look like many witnesses.
    pub overlapping: u64,
}

impl Rows {
    /// As the stack takes them.
    #[must_use]
    pub fn opinions(&self) -> Opinions<'_> {
        Opinions {
            cells: &self.cells,
            lenses: self.lenses.len(),
            outcomes: &self.outcomes,
            label_ends: &self.ends,
        }
    }
}

/// The time of the earliest candidate with a unit of risk whose position is still open: from there on, an outcome that is known is
/// one that came soon, and those are no fair sample.
pub(super) fn horizon<'a>(cases: impl Iterator<Item = &'a Case>) -> Option<Ts> {
    cases.filter(|c| c.said.stop.is_some() && c.fate == Fate::Unresolved).map(|c| c.time).min()
}

/// Rows of the lenses in force last.
#[must_use]
pub fn rows(learnt: &Learnt) -> Rows {
    let table = learnt.lens_tables.len().saturating_sub(1);
    let lenses = learnt.lens_tables.get(table).cloned().unwrap_or_default();
    let mine = |c: &&Case| c.said.table == table && c.said.opinions.len() == lenses.len();
    let young = horizon(learnt.cases.iter().filter(mine));
    let mut used: Vec<(&Case, Ts, f64)> = Vec::new();
    let (mut left_out, mut too_young, mut without_outcome) = (0, 0, 0);
    for case in &learnt.cases {
        if !mine(&case) {
            left_out += 1;
        } else if young.is_some_and(|t| case.time >= t) {
            too_young += 1;
        } else if let (Some(closed), Some(r)) = (case.fate.closed(), case.fate.r()) {
            used.push((case, closed.left, r));
        } else {
            without_outcome += 1;
        }
    }
    used.sort_by_key(|(case, _, _)| (case.time, case.book, case.coin));
    let before = used.len();
    let mut busy: BTreeMap<(BookId, CoinId, Side), Ts> = BTreeMap::new();
    used.retain(|(case, left, _)| {
        let until = busy.entry((case.book, case.coin, case.side)).or_insert(Ts::from_ns(i64::MIN));
        let free = case.time >= *until;
        if free {
            *until = *left;
        }
        free
    });
    let overlapping = (before - used.len()) as u64;
    let beyond = used.len().saturating_sub(ROWS_MAX);
    left_out += beyond as u64;
    used.drain(..beyond);

    let gate = learnt.gates.iter().position(|g| g == "cost_share");
    let cost = |c: &Case| c.gates.iter().find(|g| Some(usize::from(g.gate)) == gate).map(|g| g.value);
    let mut hasher = Hasher::new();
    for (case, _, r) in &used {
        hasher.update(&case.decision.0);
        for x in &case.said.opinions {
            hasher.update(&x.map_or([0xff; 8], f64::to_le_bytes));
        }
        hasher.update(&r.to_le_bytes());
    }
    let times: Vec<Ts> = used.iter().map(|(c, _, _)| c.time).collect();
    // A slice is decided before the opens of its instant fill anything: an exit at that instant is not known to it.
    let end = |i: usize, left: Ts| (times.partition_point(|t| *t <= left).saturating_sub(1)).max(i);
    let ends = used.iter().enumerate().map(|(i, (_, left, _))| end(i, *left)).collect();
    Rows {
        cells: used.iter().flat_map(|(c, _, _)| c.said.opinions.iter().copied()).collect(),
        outcomes: used.iter().map(|(_, _, r)| f64::from(u8::from(*r > 0.0))).collect(),
        r: used.iter().map(|(_, _, r)| *r).collect(),
        coins: used.iter().map(|(c, _, _)| c.coin).collect(),
        costs: used.iter().filter_map(|(c, _, _)| cost(c)).filter(|c| c.is_finite()).collect(),
        cluster: cluster_length(&learnt.cases),
        digest: hasher.finish(),
        lenses,
        times,
        ends,
        left_out,
        too_young,
        without_outcome,
        overlapping,
    }
}
