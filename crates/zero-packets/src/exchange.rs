//! `/hl/status`, `/hl/reconcile`, `/market/quote`: prices, and the ledger against the venue.

use crate::{Dec, id::packet_id};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

packet_id!(HlStatus, HlStatusId = "zero.hl_status.v1");
packet_id!(Reconciliation, ReconciliationId = "zero.reconciliation.v1");
packet_id!(Quote, QuoteId = "zero.quote.v1");

/// Whether the venue's public data is the source, and the last prices of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HlStatus {
    /// Schema id.
    pub schema_version: HlStatusId,
    /// The run's market is the venue's public data.
    pub enabled: bool,
    /// Venue.
    pub exchange: String,
    /// Why it is not enabled.
    pub reason: Option<String>,
    /// Coins of the run.
    pub coins: Option<u32>,
    /// Last mark by coin, where one was seen; empty where the venue is not the source.
    pub mids: BTreeMap<String, Dec>,
    /// Reading public data needs no secret.
    pub secrets_required: bool,
}

/// The ledger against what the venue says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reconciliation {
    /// Schema id.
    pub schema_version: ReconciliationId,
    /// `paper`: the venue is the simulated one.
    pub exchange: String,
    /// `never`, `agrees` or `differs`, the worst of all accounts.
    pub status: String,
    /// The run may take new risk: no breaker is open. While `auto_off` alone is, the operator's own orders are judged all the same.
    pub risk_increasing_allowed: bool,
    /// In words.
    pub reason: String,
    /// Seconds of event time after which what the venue said last is stale: so often it is compared.
    pub stale_after_s: f64,
    /// What the venue's own account holds.
    pub exchange_state: ExchangeState,
    /// One for each account that differs.
    pub drifts: Vec<Drift>,
    /// Event time, RFC 3339.
    pub as_of: Option<String>,
    /// What the ledger holds.
    pub local: LocalState,
    /// Journal sequence that this shows.
    pub journal_seq: u64,
}

/// An account that differs from the venue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Drift {
    /// `account_differs`.
    pub code: String,
    /// `critical`.
    pub severity: String,
    /// In words.
    pub reason: String,
}

/// What the venue's own account holds, as far as it is read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExchangeState {
    /// `not_connected`: no account at a venue is read.
    pub status: String,
    /// An account at a venue is read.
    pub connected: bool,
    /// Coins that it holds; null where none is read.
    pub open_positions: Option<u32>,
    /// In words.
    pub reason: String,
}

/// What the ledger holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LocalState {
    /// Coins held.
    pub open_positions: u32,
}

/// The last price of a coin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Quote {
    /// Schema id.
    pub schema_version: QuoteId,
    /// Coin.
    pub symbol: String,
    /// Mark, USD: the latest of bar opens, closes and mark prints. Gates judge at the last complete close, which
    /// `/decision/stack` has.
    pub price: Dec,
    /// `mark`.
    pub basis: String,
    /// The market, in words.
    pub source: String,
    /// Event time of the state that has it, RFC 3339.
    pub as_of: Option<String>,
    /// `paper`.
    pub mode: String,
    /// The market is a live feed.
    pub live: bool,
}
