//! The whole of one report.

use serde::Serialize;

use crate::estimate::{Estimate, Figure};
use crate::series::Series;
use crate::tables::{
    Attribution, Baseline, CostScenario, Costs, Month, Note, RandomEntries, Rejections, Trades,
};

/// One run, ready to be shown. Every number is for display: money in US dollars, shares as fractions (0.05 is 5 %), times in
/// milliseconds since 1970 UTC. NaN means unknown (`null` in JSON).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tearsheet {
    /// What the reader sees first, e.g. "Trend follower and funding carry".
    pub title: String,
    /// What was run, on what, by which program.
    pub run: RunInfo,
    /// From the first equity to the last.
    pub money: Money,
    /// The annualised Sharpe ratio after all costs: the measure that the headline is about.
    pub net_sharpe: Estimate,
    /// The other key figures, in display order (see [`crate::standard_figures`]).
    pub figures: Vec<Figure>,
    /// Equity over time, USD.
    pub equity: Series,
    /// How the equity axis is drawn.
    pub equity_scale: AxisScale,
    /// Flat, hold, trend follower and the like, drawn over the run's equity.
    pub baselines: Vec<Baseline>,
    /// Sum of absolute position values over time, USD.
    pub gross_exposure: Series,
    /// Signed sum of position values over time, USD.
    pub net_exposure: Series,
    /// Profit by coin and by book.
    pub attribution: Attribution,
    /// What trading cost.
    pub costs: Costs,
    /// The run decided anew at other cost levels, which its gates expect as well; by habit x0, x1 and x2.
    pub cost_sensitivity: Vec<CostScenario>,
    /// Random entries with the exits that a note names; `None` when they were not run.
    pub random_entries: Option<RandomEntries>,
    /// Closed trades.
    pub trades: Trades,
    /// Candidates that were not traded, and why.
    pub rejections: Rejections,
    /// One row per calendar month (see [`crate::months_from_equity`]).
    pub months: Vec<Month>,
    /// What the simulation assumes and does not know.
    pub notes: Vec<Note>,
}

/// What was run: enough to run it again and to find it in the journal.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunInfo {
    /// The program, e.g. "zero backtest".
    pub program: String,
    /// Its version.
    pub program_version: String,
    /// The epoch of the run manifest.
    pub epoch: String,
    /// Which run of this journal it is, from 1: every run ever made counts, kept or not.
    pub trial_number: u64,
    /// The start of the first bar.
    pub from_ms: i64,
    /// The end of the last bar.
    pub to_ms: i64,
    /// The bar length, e.g. "1 h".
    pub bar: String,
    /// The number of bars or events that were read.
    pub events: u64,
    /// The coins traded or tradable.
    pub coins: Vec<String>,
    /// The strategies.
    pub strategies: Vec<StrategyRef>,
    /// Digest of the market data.
    pub data_digest: String,
    /// Digest of the effective configuration.
    pub config_hash: String,
    /// Digest of every decision in order.
    pub decision_digest: String,
    /// The fee model in words, e.g. "taker 4.5 bps, maker 1.5 bps".
    pub fee_model: String,
    /// The seed of everything drawn (baselines, bootstrap).
    pub seed: u64,
    /// Further facts, in display order: (name, value).
    pub extra: Vec<(String, String)>,
}

/// A strategy by name and content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StrategyRef {
    /// Its name.
    pub name: String,
    /// Digest of its normal form.
    pub digest: String,
}

/// Where the money went. Contributions carry the sign of their effect on equity (fees paid are negative), and
/// `price_pnl_usd + fees_usd + funding_usd = net_pnl_usd`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Money {
    /// Equity at the start.
    pub initial_equity_usd: f64,
    /// Equity at the end, marked.
    pub final_equity_usd: f64,
    /// Profit from price moves, realised and unrealised.
    pub price_pnl_usd: f64,
    /// Fees: negative when paid, positive when rebated.
    pub fees_usd: f64,
    /// Funding: negative when paid.
    pub funding_usd: f64,
    /// The sum of the three.
    pub net_pnl_usd: f64,
}

/// How an axis is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AxisScale {
    /// Logarithmic when all values are positive and span more than a factor of eight.
    Auto,
    /// Equal distances are equal amounts.
    Linear,
    /// Equal distances are equal factors; linear when a value is not positive.
    Log,
}
