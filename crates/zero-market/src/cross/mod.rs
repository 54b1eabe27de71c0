//! The cross-section of all coins: volatility, covariance, common factor, betas, breadth and regime, once per step.
//!
//! A derived cache like a feature bank: rebuilt from market records, part of a snapshot for its own epoch only. Its step is one
//! hour, or the bar where bars are longer. Only returns that all end at the step's instant and span exactly one step are
//! compared; a coin without one is unknown at that step, and nothing counts as zero.

mod dependence;
mod liquidity;
mod moments;
mod pack;
mod principal;
mod regime;
mod scenarios;
mod state;
mod track;

pub use dependence::{Dependence, HORIZONS, fdr_cut, p_of_z};
pub use liquidity::{LOCATIONS, Liquidity, TAKEN, WARM_UP as BOOKS_WARM_UP, cost_of_taking};
pub use moments::{Moments, Shrunk};
pub use principal::Principal;
pub use regime::{
    Correlation, DWELL, Dependent, ENTER, ENTROPY_MAX, LEAVE, Posterior, SCALES, SHARES, STATES, ScaleFilter,
    TRANSITIONS, Volatility, correlation, dependence,
};
pub use scenarios::{SCENARIOS, SCENARIOS_MIN, Scenarios, add_losses, shortfall};
pub use state::{CrossMarket, CrossMemory, SERIAL_EVERY};
pub use track::{LOOK_BACK, Track};
