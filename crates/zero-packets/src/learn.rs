//! What rejections teach: the value of each gate, proposals, and near misses.

use crate::Dec;
use crate::decisions::GateOutcome;
use crate::id::{Source, packet_id};
use crate::stat::Stat;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

packet_id!(GateValues, GateValuesId = "zero.learn.gates.v1");
packet_id!(NearMisses, NearMissesId = "zero.learn.near_misses.v1");

/// What every gate is worth, by the candidates that it alone kept out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GateValues {
    /// Schema id.
    pub schema_version: GateValuesId,
    /// In the order of the run's table.
    pub gates: Vec<GateWorth>,
    /// Mean outcome of admitted candidates in their shadow books, in units of initial risk: the base rate.
    pub admitted: Stat,
    /// What became of the candidates.
    pub candidates: CandidateCounts,
    /// False discovery rate at which a verdict is given.
    pub alpha: f64,
    /// Length of a cluster in days, the longest hold. Of the clusterings by coin and stretch, and by stretch alone, the more
    /// doubtful counts.
    pub cluster_days: u32,
    /// What the evidence suggests. Nothing here is applied by the program.
    pub proposals: Vec<Proposal>,
    /// Read from a running loop or from the journal.
    pub source: Source,
    /// Journal sequence that this shows.
    pub journal_seq: u64,
}

/// One gate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GateWorth {
    /// Gate.
    pub gate: String,
    /// Candidates that it rejected, alone or with others.
    pub rejected: u64,
    /// Candidates that it alone rejected.
    pub alone: u64,
    /// Of those, without an outcome in units of risk.
    pub without_outcome: u64,
    /// Mean outcome of those that it alone rejected, in units of initial risk. Positive: it keeps profit out.
    pub outcome: Stat,
    /// Clusters.
    pub clusters: u64,
    /// Two-sided p-value of a mean of zero; null where too few clusters tell.
    pub p: Option<f64>,
    /// Adjusted over the gates (Benjamini and Hochberg).
    pub q: Option<f64>,
    /// `harmful`, `useful` or `not_shown`.
    pub verdict: String,
}

/// A proposal with its evidence, for a person or an experiment to decide on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Proposal {
    /// Gate.
    pub gate: String,
    /// `loosen`: try a wider limit in a forward experiment.
    pub change: String,
    /// Always false: the program proposes and never applies.
    pub applied: bool,
    /// Outcome of what the gate alone kept out.
    pub evidence: Stat,
    /// Adjusted p-value.
    pub q: f64,
    /// In words.
    pub reason: String,
}

/// Candidates by what became of them in their shadow books.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CandidateCounts {
    /// Decisions looked at, one per id.
    pub judged: u64,
    /// Admitted by the run.
    pub admitted: u64,
    /// Entered and left.
    pub closed: u64,
    /// Still open when the data ended: no outcome, and no zero.
    pub unresolved: u64,
    /// The venue gave them nothing.
    pub unfilled: u64,
    /// Not simulated, by reason.
    pub unjudged: BTreeMap<String, u64>,
    /// Candidates whose decision was there already.
    pub duplicates: u64,
    /// Exits that needed permission: they have no shadow.
    pub exits: u64,
    /// Beyond what is kept.
    pub left_out: u64,
}

/// Rejected candidates that were close to admission.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NearMisses {
    /// Schema id.
    pub schema_version: NearMissesId,
    /// Newest first.
    pub near_misses: Vec<NearMiss>,
    /// How many are here.
    pub count: u32,
    /// How many there are in all.
    pub total: u64,
    /// Rejected candidates.
    pub rejected: u64,
    /// Of those, with a failing gate that could not be measured: their distance is unknown.
    pub unmeasurable: u64,
    /// A miss within this many standard deviations is near.
    pub delta: f64,
    /// Mean outcome of the near misses, in units of initial risk.
    pub outcome: Stat,
    /// The spread of each gate's measured value over the whole run. A distance is counted in the spread of the candidates up to
    /// its own.
    pub spreads: Vec<GateSpread>,
    /// Read from a running loop or from the journal.
    pub source: Source,
    /// Journal sequence that this shows.
    pub journal_seq: u64,
}

/// The spread of a gate's measured value over all candidates of the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GateSpread {
    /// Gate.
    pub gate: String,
    /// Measurements.
    pub n: u64,
    /// Sample standard deviation; null below thirty measurements or when all are equal.
    pub sigma: Option<f64>,
}

/// One near miss.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NearMiss {
    /// Decision id, hexadecimal.
    pub trace_id: String,
    /// Event time, RFC 3339.
    pub ts: String,
    /// Book.
    pub book: String,
    /// Coin.
    pub coin: String,
    /// `buy` or `sell`.
    pub side: String,
    /// Standard deviations to admission, by the farthest failing gate.
    pub distance: f64,
    /// The farthest failing gate.
    pub gate: String,
    /// Every failing gate.
    pub failing: Vec<GateOutcome>,
    /// What became of it in its shadow book.
    pub outcome: ShadowOutcome,
}

/// What became of a candidate in a book of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ShadowOutcome {
    /// `closed`, `unresolved`, `unfilled` or `unjudged`.
    pub status: String,
    /// Why it is unfilled or unjudged.
    pub why: Option<String>,
    /// Net result in units of initial risk.
    pub r: Option<f64>,
    /// Net result in USD.
    pub net_usd: Option<Dec>,
    /// What the stop put at risk, USD.
    pub risk_usd: Option<Dec>,
    /// Fees, USD.
    pub fees_usd: Option<Dec>,
    /// Funding paid, USD.
    pub funding_usd: Option<Dec>,
    /// First entry fill, RFC 3339.
    pub entered: Option<String>,
    /// Last exit fill, RFC 3339.
    pub left: Option<String>,
    /// `stop`, `kill`, `target`, `trail`, `horizon`, `strategy`, `unprotected` or `liquidation`.
    pub exit: Option<String>,
}
