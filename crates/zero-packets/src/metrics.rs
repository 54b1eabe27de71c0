//! `/metrics`: what the runtime and its HTTP surface count.

use crate::evolve::Promotion;
use crate::genesis::GenesisStats;
use crate::immune::Immune;
use crate::memory::MemoryStats;
use crate::research::ResearchSummary;
use crate::snapshot::Counters;
use crate::status::Recovery;
use crate::{Dec, id::packet_id};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

packet_id!(Metrics, MetricsId = "zero.metrics.v1");

/// Counters and gauges of the runtime.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Metrics {
    /// Schema id.
    pub schema_version: MetricsId,
    /// The process.
    pub runtime: RuntimeMetrics,
    /// Requests of the HTTP surface since it began.
    pub api: ApiMetrics,
    /// What the kernel did, over the whole journal.
    pub engine: EngineMetrics,
    /// Every breaker.
    pub immune: Immune,
    /// What start-up recovered.
    pub recovery: Recovery,
    /// What is remembered, in counts.
    pub memory: MemoryStats,
    /// Proposals, in counts.
    pub genesis: GenesisStats,
    /// The last promotion.
    pub evolve: Promotion,
    /// Research, in counts.
    pub research: ResearchSummary,
    /// The same values by their names in the text format; what is unknown is absent.
    pub values: BTreeMap<String, f64>,
}

/// The process.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RuntimeMetrics {
    /// Version of the program.
    pub version: String,
    /// The market, in words.
    pub market_source: String,
    /// When the HTTP surface began, RFC 3339.
    pub started_at: String,
    /// Seconds since then.
    pub uptime_s: f64,
    /// Journal sequence that this shows.
    pub journal_seq: u64,
    /// Seconds since the loop last published its state.
    pub view_age_s: f64,
}

/// Requests of the HTTP surface.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ApiMetrics {
    /// All.
    pub request_count: u64,
    /// By method, HEAD as GET; other methods than those served count as `other`.
    pub by_method: BTreeMap<String, u64>,
    /// By path as it is declared, such as `/evaluate/{coin}`; paths that lead to no capability count as `other`.
    pub by_path: BTreeMap<String, u64>,
    /// By status code.
    pub by_status: BTreeMap<String, u64>,
    /// Mean time from the request's head to the answer's, in milliseconds; `None` before the first.
    pub avg_request_ms: Option<f64>,
    /// Wall time of the last request, RFC 3339.
    pub last_request_at: Option<String>,
    /// Orders that were asked for and judged, each once however often its key was sent.
    pub execute_count: u64,
    /// Of these, those that went to the venue.
    pub execute_accepted: u64,
    /// Of these, those that did not, with those that friction holds.
    pub execute_rejected: u64,
    /// Of these, those whose key was known: answered as before, and nothing was done.
    pub idempotency_hits: u64,
}

/// What the kernel did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EngineMetrics {
    /// Candidates judged.
    pub decisions: u64,
    /// Fills.
    pub fills: u64,
    /// Candidates not admitted.
    pub rejections: u64,
    /// Coins held now.
    pub open_positions: u32,
    /// Admitted over judged; `None` before the first candidate.
    pub acceptance_rate: Option<f64>,
    /// Equity at the marks, USD.
    pub equity: Option<Dec>,
    /// Every counter.
    pub counters: Counters,
}
