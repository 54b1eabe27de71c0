//! `/heat`, `/approaching` and `/regime`: the market as the books see it.

use crate::Dec;
use crate::evaluation::Threshold;
use crate::id::{Source, packet_id};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

packet_id!(Heat, HeatId = "zero.heat.v1");
packet_id!(ApproachingFeed, ApproachingId = "zero.approaching.v1");
packet_id!(Regime, RegimeId = "zero.regime.v1");

/// Coins, the hottest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Heat {
    /// Schema id.
    pub schema_version: HeatId,
    /// Every coin.
    pub coins: Vec<HeatCoin>,
    /// What the order is by: `expected_value` where a measured opinion model is in force, else `score`.
    pub ranked_by: String,
    /// Why it is by that.
    pub ranking_note: String,
    /// Event time, RFC 3339.
    pub ts: Option<String>,
    /// Read from a running loop or from the journal.
    pub source: Source,
    /// Journal sequence that this shows.
    pub journal_seq: u64,
}

/// A coin's heat: that of its hottest book.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HeatCoin {
    /// Coin.
    pub coin: String,
    /// Share of the way from zero to the entry threshold: one and above is an entry; null where no strategy can tell.
    pub score: Option<f64>,
    /// Lower bound of the expected value of an entry now, in units of initial risk; null where no measured opinion model is
    /// in force or it can say nothing.
    pub expected_value_low: Option<f64>,
    /// Book that the score is of.
    pub book: Option<String>,
    /// `LONG` or `SHORT`: the nearer entry.
    pub direction: Option<String>,
    /// That entry's threshold.
    pub threshold: Option<Threshold>,
    /// Signed position of all books, coins.
    pub holding: Dec,
    /// What stands in the way: the threshold where it is not reached, then every gate that an entry now would not pass.
    pub blockers: Vec<String>,
    /// Why there is no score.
    pub unknown: Option<String>,
}

/// Entries that are near.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ApproachingFeed {
    /// Schema id.
    pub schema_version: ApproachingId,
    /// Nearest first; those without a probability last.
    pub approaching: Vec<Approaching>,
    /// Hours within which the threshold is hit with the stated probability.
    pub within_hours: f64,
    /// How the probability is computed.
    pub method: String,
    /// Event time, RFC 3339.
    pub ts: Option<String>,
    /// Read from a running loop or from the journal.
    pub source: Source,
    /// Journal sequence that this shows.
    pub journal_seq: u64,
}

/// A coin whose entry threshold is not reached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Approaching {
    /// Coin.
    pub coin: String,
    /// `LONG` or `SHORT`.
    pub direction: Option<String>,
    /// What is missing to the threshold, in the input's unit.
    pub distance_to_gate: Option<f64>,
    /// The input.
    pub gate: Option<String>,
    /// Event time, RFC 3339.
    pub ts: Option<String>,
    /// Book.
    pub book: String,
    /// Distance in standard deviations of the input's change over the horizon; null where it is no random walk.
    pub distance_sigmas: Option<f64>,
    /// Probability that the threshold is hit within the horizon; null where it is not known.
    pub probability: Option<f64>,
    /// Why it is not known.
    pub unknown: Option<String>,
}

/// What is known of the market's state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Regime {
    /// Schema id.
    pub schema_version: RegimeId,
    /// The coin that was asked about; null for all.
    pub coin: Option<String>,
    /// The regime; null where none is estimated.
    pub regime: Option<String>,
    /// Its probability; null where none is estimated.
    pub confidence: Option<f64>,
    /// Why there is a regime or none.
    pub status: String,
    /// Every dimension of the regime; empty where the run estimates none.
    pub dimensions: Vec<RegimeDimension>,
    /// How often known states were left, since the run's cross-section began; empty where the run estimates none.
    pub flip_rates: Vec<FlipRate>,
    /// What the runtime measures, by coin.
    pub coins: Vec<CoinState>,
    /// Share of coins with a positive trend, of those whose trend is known; null where none is.
    pub breadth: Option<f64>,
    /// Event time, RFC 3339.
    pub ts: Option<String>,
    /// Read from a running loop or from the journal.
    pub source: Source,
    /// Journal sequence that this shows.
    pub journal_seq: u64,
}

/// One dimension of the regime: a filtered posterior, and the state that decisions may use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RegimeDimension {
    /// `volatility`, `correlation`, `liquidity`, or `dependence` of the coin that was asked about.
    pub dimension: String,
    /// The state in use; null while it is unknown.
    pub state: Option<String>,
    /// Probability of each state; empty where nothing is measured.
    pub probabilities: BTreeMap<String, f64>,
    /// Entropy over the largest possible, in [0, 1]; null where nothing is measured.
    pub entropy: Option<f64>,
    /// Steps since the state was entered.
    pub steps: Option<u32>,
    /// The earliest event time at which the state may be another, RFC 3339.
    pub earliest_change: Option<String>,
    /// Why nothing is measured.
    pub missing: Option<String>,
}

/// How often a known state of one dimension was left: for another one, or because the posterior became too vague.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FlipRate {
    /// `volatility`, `correlation`, or `dependence` of all coins together.
    pub dimension: String,
    /// Series that are counted: one for the market, one per coin for `dependence`.
    pub series: u32,
    /// Days for which a state was known, summed over the series: coin-days for `dependence`.
    pub known_days: f64,
    /// States left.
    pub flips: u64,
    /// States left per such day; null where no state was ever known.
    pub per_day: Option<f64>,
    /// Such days per state left: how long a state lasted on average; null where none was left.
    pub dwell_days: Option<f64>,
}

/// A coin's measured state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CoinState {
    /// Coin.
    pub coin: String,
    /// Last complete close.
    pub close: Option<Dec>,
    /// Its event time, RFC 3339.
    pub close_time: Option<String>,
    /// Is it recent enough for a new risk?
    pub fresh: bool,
    /// Volatility per bar; null where it is not known or too old.
    pub volatility: Option<f64>,
    /// The same per year.
    pub volatility_annual: Option<f64>,
    /// Trend t-statistic of the run's own window, where a strategy or lens declares one.
    pub trend_t: Option<f64>,
    /// Last hourly funding rate.
    pub funding: Option<Dec>,
}
