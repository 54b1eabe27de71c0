//! `/risk`: limits, their use, and what has stopped.

use crate::Dec;
use crate::id::{Source, packet_id};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

packet_id!(Risk, RiskId = "zero.risk.v1");

/// The account's risk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Risk {
    /// Schema id.
    pub schema_version: RiskId,
    /// Equity, USD; null where a mark is missing.
    pub account_value: Option<Dec>,
    /// Fall from the deposit-adjusted peak, percent.
    pub drawdown_pct: Option<Dec>,
    /// Change of equity over rolling 24 hours, transfers taken out, USD.
    pub daily_pnl_usd: Option<Dec>,
    /// The loss part of it, USD, zero or positive.
    pub daily_loss_usd: Option<Dec>,
    /// Deposit-adjusted highest equity, USD.
    pub peak_equity: Option<Dec>,
    /// The same over 30 days; null where less is known.
    pub peak_equity_30d: Option<Dec>,
    /// Coins with a position.
    pub open_count: Option<u32>,
    /// New risk is stopped; by `auto_off` alone, but for the operator's own orders.
    pub halted: bool,
    /// The kill switch is thrown.
    pub global_halt: bool,
    /// A stop could not be placed or verified.
    pub stop_failure_halt: bool,
    /// The drawdown limit is reached.
    pub capital_floor_hit: bool,
    /// Names of the breakers that stop new risk, joined by commas.
    pub halt_reason: Option<String>,
    /// When it ends by itself, RFC 3339; null where an operator has to clear it.
    pub halt_until: Option<String>,
    /// Event time, RFC 3339.
    pub updated_at: Option<String>,
    /// Start of the rolling day, RFC 3339.
    pub daily_loss_since: Option<String>,
    /// Drawdown at which the last alert was raised, percent.
    pub last_drawdown_alert_pct: Option<Dec>,
    /// By book.
    pub per_runner: BTreeMap<String, BookRisk>,
    /// Every limit with its use.
    pub limits: Vec<LimitUse>,
    /// Gross notional in the worst case of open orders, coins netted over books as admission counts, over equity, both at the
    /// present marks.
    pub gross_leverage: Option<Dec>,
    /// Read from a running loop or from the journal.
    pub source: Source,
    /// Journal sequence that this shows.
    pub journal_seq: u64,
}

/// A book's money.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BookRisk {
    /// Strategy.
    pub strategy: String,
    /// Initial cash, USD.
    pub initial: Dec,
    /// Realized profit and loss before costs, USD.
    pub realized: Dec,
    /// Fees paid, USD.
    pub fees: Dec,
    /// Funding received, USD, negative where paid.
    pub funding: Dec,
    /// Equity, USD; null where a mark is missing.
    pub equity: Option<Dec>,
    /// Coins held.
    pub open: u32,
}

/// A limit and how much of it is used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LimitUse {
    /// Configuration key.
    pub key: String,
    /// The limit.
    pub limit: Dec,
    /// What is used; null where it cannot be measured now.
    pub used: Option<Dec>,
    /// Unit of both.
    pub unit: String,
}
