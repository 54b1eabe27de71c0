//! `zero demo` and `zero backtest`: what a finite run came to.

use crate::id::packet_id;
use crate::snapshot::{Counters, Epoch};
use crate::{Dec, Stat};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

packet_id!(Demo, DemoId = "zero.demo.v1");
packet_id!(Backtest, BacktestId = "zero.backtest.v1");

/// What `zero demo` did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Demo {
    /// Schema id.
    pub schema_version: DemoId,
    /// The run.
    pub run: RunSummary,
    /// Where the journal lies.
    pub journal_path: String,
    /// Whether the journal verifies from its first record to its last.
    pub journal_verified: bool,
    /// Commands worth trying next.
    pub next: Vec<String>,
}

/// What `zero backtest` found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Backtest {
    /// Schema id.
    pub schema_version: BacktestId,
    /// The run.
    pub run: RunSummary,
    /// The finding in a sentence; "no edge shown" is one.
    pub headline: String,
    /// Statistics with their intervals.
    pub statistics: Vec<NamedStat>,
    /// What the same rule would have made at other costs, known to its gates in advance: the decisions are not held.
    pub cost_sensitivity: Vec<CostCase>,
    /// What simpler rules made.
    pub baselines: Vec<Baseline>,
    /// Number of this trial among all that were ever run on this journal's registry.
    pub trial: u64,
    /// Files that were written.
    pub files: Vec<String>,
}

/// A finite run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunSummary {
    /// The market data.
    pub data: DataSummary,
    /// Digests of code, configuration and strategies.
    pub epoch: Epoch,
    /// Digest over all decisions, hexadecimal.
    pub decision_digest: String,
    /// Counters.
    pub counters: Counters,
    /// The account's money.
    pub money: Money,
    /// By book; they sum to the account to the unit.
    pub books: Vec<Attribution>,
    /// By coin; they sum to the account to the unit.
    pub coins: Vec<Attribution>,
    /// Largest fall from the peak, percent.
    pub max_drawdown_pct: Dec,
    /// Breakers that opened, with how often.
    pub breakers: Vec<BreakerCount>,
}

/// Market data of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DataSummary {
    /// Where it came from.
    pub source: String,
    /// Coins.
    pub coins: Vec<String>,
    /// Bars over all coins.
    pub bars: u64,
    /// Funding prints over all coins.
    pub funding: u64,
    /// Missing bars over all coins.
    pub gaps: u64,
    /// Length of a bar in seconds.
    pub interval_s: u64,
    /// First event, RFC 3339.
    pub from: Option<String>,
    /// Last event, RFC 3339.
    pub to: Option<String>,
}

/// Money, USD. `final_equity = initial + realized + unrealized - fees + funding + transfers`, to the unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Money {
    /// At the start.
    pub initial: Dec,
    /// At the end; null where a mark is missing.
    pub final_equity: Option<Dec>,
    /// Profit and loss of closed positions before costs.
    pub realized: Dec,
    /// Profit and loss of open positions at the marks.
    pub unrealized: Option<Dec>,
    /// Fees paid.
    pub fees: Dec,
    /// Funding received, negative where paid.
    pub funding: Dec,
    /// Deposits less withdrawals.
    pub transfers: Dec,
}

/// Money of a book or a coin, USD.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Attribution {
    /// Book or coin.
    pub name: String,
    /// Fills.
    pub fills: u64,
    /// Profit and loss of closed positions before costs.
    pub realized: Dec,
    /// Profit and loss of open positions at the marks.
    pub unrealized: Option<Dec>,
    /// Fees paid.
    pub fees: Dec,
    /// Funding received, negative where paid.
    pub funding: Dec,
}

/// A statistic by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NamedStat {
    /// Its name.
    pub name: String,
    /// The statistic.
    pub stat: Stat,
}

/// The result at other costs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CostCase {
    /// Costs over the configured ones: 0, 1 or 2.
    pub multiple: u32,
    /// Final equity, USD.
    pub final_equity: Option<Dec>,
    /// Fees paid, USD.
    pub fees: Dec,
}

/// A simpler rule on the same data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Baseline {
    /// `flat`, `hold`, `random_entry` or `trend`.
    pub name: String,
    /// Runs that the figures are over.
    pub runs: u64,
    /// Final equity of the one run, or the median of many, USD.
    pub final_equity: Option<Dec>,
    /// 5th percentile over the runs.
    pub p05: Option<Dec>,
    /// 95th percentile over the runs.
    pub p95: Option<Dec>,
    /// Share of runs that end above the judged rule: a Monte Carlo p-value, (1 + above) / (1 + runs).
    pub p_value: Option<f64>,
}

/// How often a breaker opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BreakerCount {
    /// Breaker.
    pub name: String,
    /// Times it opened.
    pub opened: u64,
    /// Whether it is open at the end.
    pub open: bool,
}
