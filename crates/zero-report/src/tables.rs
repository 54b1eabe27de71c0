//! The parts of a report that are shown as tables.

use serde::Serialize;

use crate::estimate::{Estimate, Unit};
use crate::series::{Band, Series};

/// A way to trade that needs no skill.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Baseline {
    /// A stable snake_case name: "flat", "hold", "trend".
    pub key: String,
    /// For the reader.
    pub label: String,
    /// What it does, in one line.
    pub description: String,
    /// Its equity over time, USD, from the same initial equity under the same costs.
    pub equity: Series,
    /// Its profit after costs.
    pub net_pnl_usd: f64,
    /// Its annualised Sharpe ratio after costs.
    pub sharpe: Estimate,
    /// Its deepest drawdown as a fraction of the peak.
    pub max_drawdown_fraction: f64,
}

/// Profit, split two ways. Each list sums to the net profit of the run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Attribution {
    /// One row per coin.
    pub by_coin: Vec<AttributionRow>,
    /// One row per book.
    pub by_book: Vec<AttributionRow>,
}

/// One coin's or book's share of the profit; `price_pnl_usd + fees_usd + funding_usd = total_usd`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AttributionRow {
    /// The coin or book.
    pub name: String,
    /// Closed trades.
    pub trades: u64,
    /// Profit from price moves.
    pub price_pnl_usd: f64,
    /// Fees, negative when paid.
    pub fees_usd: f64,
    /// Funding, negative when paid.
    pub funding_usd: f64,
    /// The sum of the three.
    pub total_usd: f64,
}

/// What trading cost.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Costs {
    /// The value of everything bought and sold.
    pub turnover_usd: f64,
    /// One line per kind of cost: fees, spread, impact, funding.
    pub lines: Vec<CostLine>,
    /// Cumulative costs over time, USD, for the plot; may be empty.
    pub cumulative: Vec<Series>,
}

/// One kind of cost.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CostLine {
    /// For the reader, e.g. "Taker fees".
    pub label: String,
    /// Its effect on equity: negative when it cost.
    pub amount_usd: f64,
    /// Whether it is its own line of the profit (fees, funding) or already inside the prices of the fills (spread, impact).
    pub inside_price_pnl: bool,
}

/// The same decisions at another cost level.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CostScenario {
    /// What all costs were multiplied by.
    pub multiplier: f64,
    /// Profit at that level.
    pub net_pnl_usd: f64,
    /// Annualised Sharpe ratio at that level.
    pub sharpe: Estimate,
}

/// Runs that enter at random and leave by the run's exits; a note names them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RandomEntries {
    /// What is compared, e.g. "Net profit".
    pub metric: String,
    /// Its unit.
    pub unit: Unit,
    /// The run's own value.
    pub run_value: f64,
    /// One value per random run.
    pub values: Vec<f64>,
    /// The equity of the random runs over time, e.g. the 5th to 95th percentile.
    pub equity_band: Option<Band>,
}

/// Closed trades.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trades {
    /// How many.
    pub count: u64,
    /// How many of them made money after costs. The page adds the Wilson interval of the rate.
    pub wins: u64,
    /// Mean holding time.
    pub mean_hold_hours: f64,
    /// Median holding time.
    pub median_hold_hours: f64,
    /// Mean profit per trade after costs.
    pub mean_pnl_usd: Estimate,
    /// The best trade.
    pub best_usd: f64,
    /// The worst trade.
    pub worst_usd: f64,
    /// Closed by a stop.
    pub stops: u64,
    /// Of those, filled beyond the trigger because the market gapped over it.
    pub gap_stops: u64,
    /// Closed by liquidation.
    pub liquidations: u64,
    /// Still open at the end; marked, not counted above.
    pub open_at_end: u64,
}

/// Candidates that were not traded. A candidate can fail several gates at once.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rejections {
    /// All candidates.
    pub candidates: u64,
    /// Those that passed every gate.
    pub accepted: u64,
    /// One row per gate.
    pub by_gate: Vec<GateRow>,
}

/// How often a gate said no.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GateRow {
    /// The gate.
    pub gate: String,
    /// Candidates for which it was false.
    pub failed: u64,
    /// Candidates for which it could not be decided, which rejects as well.
    pub unknown: u64,
    /// Candidates that no other gate rejected.
    pub alone: u64,
}

/// One calendar month (UTC).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Month {
    /// `YYYY-MM`.
    pub month: String,
    /// Change of equity.
    pub pnl_usd: f64,
    /// Change of equity as a fraction of the equity at the start of the month.
    pub return_fraction: f64,
    /// The deepest drawdown within the month as a fraction of the peak within the month.
    pub max_drawdown_fraction: f64,
    /// Trades closed, when the caller counts them.
    pub trades: Option<u64>,
}

/// Something the reader must know to judge the figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// What it is about, e.g. "Fills".
    pub topic: String,
    /// What is assumed, and which way it errs.
    pub text: String,
}
