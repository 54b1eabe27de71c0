//! Tearsheets: one [`Tearsheet`] of plain numbers, filled by the caller, becomes one self-contained HTML page
//! ([`render_html`]: inline style and SVG, no script, nothing fetched) and, through `serde_json`, its JSON twin.
//!
//! The page is a function of the struct alone: no clock, no randomness, so the same run gives the same bytes. A number
//! that is not finite is shown as "unknown"; an estimate is shown with its interval, n and method.
#![forbid(unsafe_code)]

mod bars;
mod calendar;
mod derive;
mod estimate;
mod format;
mod headline;
mod markup;
mod page;
mod plot;
mod sections;
mod series;
mod tables;
mod tearsheet;
mod ticks;

pub use derive::{equity_returns, months_from_equity, standard_figures};
pub use estimate::{Estimate, Figure, Unit};
pub use headline::{Headline, Verdict, WARM_UP, headline};
pub use page::render_html;
pub use series::{Band, Series};
pub use tables::{
    Attribution, AttributionRow, Baseline, CostLine, CostScenario, Costs, GateRow, Month, Note,
    RandomEntries, Rejections, Trades,
};
pub use tearsheet::{AxisScale, Money, RunInfo, StrategyRef, Tearsheet};
