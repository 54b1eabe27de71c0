//! `zero.runtime.production_parity.v1`: the same events give the same decisions, whichever way they are run.

use crate::id::packet_id;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

packet_id!(Parity, ParityId = "zero.runtime.production_parity.v1");
packet_id!(Feedback, FeedbackId = "zero.runtime.feedback.v1");

impl crate::canonical::Sealed for Parity {
    const HASH: &'static str = "parity_hash";
    fn hash_mut(&mut self) -> &mut String {
        &mut self.parity_hash
    }
}

/// The parity of backtest, replayed run and restarted run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Parity {
    /// Schema id.
    pub schema_version: ParityId,
    /// It could be computed.
    pub available: bool,
    /// Every check that could be made holds, and none of the required ones is missing.
    pub ok: bool,
    /// `paper`.
    pub mode: String,
    /// Cycles asked for.
    pub cycles_requested: u64,
    /// Cycles run by every leg.
    pub cycles_run: u64,
    /// No leg had a live venue.
    pub paper_only: bool,
    /// A leg could place live orders.
    pub places_live_orders: bool,
    /// Counts of the paper leg.
    pub paper: ParityPaper,
    /// The live mirror.
    pub live_shadow: LiveShadow,
    /// What carries events from part to part.
    pub runtime_bus: RuntimeBus,
    /// What the rejections say.
    pub feedback: Feedback,
    /// By name: held, broken, or null where it could not be made (`not_run` says why).
    pub checks: BTreeMap<String, Option<bool>>,
    /// Why a check was not made, by name.
    pub not_run: BTreeMap<String, String>,
    /// The drills of a live start, which stand for themselves: `zero live certification`.
    pub certification: crate::live::LiveCertification,
    /// What is and what is not claimed.
    pub claim_boundary: Map<String, Value>,
    /// The ways the events were run, each with its digest.
    pub legs: Vec<Leg>,
    /// Fields that the decision digest covers.
    pub digest_fields: Vec<String>,
    /// The five phases in their order.
    pub phase_order: Vec<String>,
    /// Where the events came from.
    pub source: Option<String>,
    /// When it was computed, RFC 3339.
    pub generated_at: Option<String>,
    /// Digest of the program that was compared, hexadecimal.
    pub code: Option<String>,
    /// Digest of the settings that were compared, hexadecimal: every key of the configuration, whether a decision depends on it or not.
    pub configuration: Option<String>,
    /// Why it could not be computed, or is of another program or configuration than the run.
    pub reason: Option<String>,
    /// The command that computes `parity_hash` again.
    pub rebuild: String,
    /// `sha256:` over the canonical body, see `rebuild`.
    pub parity_hash: String,
}

/// Counts of the paper leg.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ParityPaper {
    /// Candidates judged.
    pub decisions: u64,
    /// Fills.
    pub fills: u64,
    /// Of these, not admitted.
    pub rejections: u64,
    /// Positions at the end.
    pub open_positions: u64,
}

/// The live mirror.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LiveShadow {
    /// `not_built` until the live path exists.
    pub mode: String,
    /// Orders it would have sent.
    pub accepted: u64,
    /// Orders it refused.
    pub refused: u64,
    /// Orders that reached a venue.
    pub adapter_orders_placed: u64,
    /// Each.
    pub records: Vec<Value>,
}

impl LiveShadow {
    /// There is no live path to mirror.
    #[must_use]
    pub fn not_built() -> Self {
        Self {
            mode: "not_built".into(),
            accepted: 0,
            refused: 0,
            adapter_orders_placed: 0,
            records: Vec::new(),
        }
    }
}

/// What carries events from part to part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RuntimeBus {
    /// `none`: the driver calls the engine in one thread.
    pub status: String,
    /// Why there is none.
    pub reason: String,
}

impl RuntimeBus {
    /// There is no bus.
    #[must_use]
    pub fn none() -> Self {
        let reason =
            "events go from the driver to the engine in one thread, and facts to the journal in one batch";
        Self { status: "none".into(), reason: reason.into() }
    }
}

/// One way of running the events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Leg {
    /// `backtest`, `replayed_run` or `restarted_run`.
    pub name: String,
    /// Decision digest, hexadecimal.
    pub decision_digest: String,
    /// State digest, hexadecimal.
    pub state_digest: String,
    /// Events folded.
    pub events: u64,
    /// Candidates judged.
    pub decisions: u64,
    /// Fills.
    pub fills: u64,
    /// Event time of the first decision that differs from the first leg's, RFC 3339.
    pub diverges_at: Option<String>,
}

/// What rejections say, by reason and by coin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Feedback {
    /// Schema id.
    pub schema_version: FeedbackId,
    /// Cycles looked at.
    pub cycles: u64,
    /// Entries of strategies looked at: gated exits and orders of the operator's own, which the run's count of candidates holds too, are
    /// no sample of a strategy.
    pub sample_size: u64,
    /// Fills.
    pub fills: u64,
    /// Candidates not admitted.
    pub rejections: u64,
    /// Rejections over candidates; zero over no candidate.
    pub rejection_rate: f64,
    /// By failing gate.
    pub by_rejection_reason: BTreeMap<String, u64>,
    /// By coin.
    pub by_rejection_symbol: BTreeMap<String, u64>,
    /// The most frequent reasons.
    pub items: Vec<FeedbackItem>,
    /// What orders cost; left out where orders were not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_quality: Option<crate::execution::ExecutionQuality>,
}

/// A frequent reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FeedbackItem {
    /// Failing gate.
    pub reason: String,
    /// How often.
    pub count: u64,
}
