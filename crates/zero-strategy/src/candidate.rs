//! What the stack knows about a candidate when it is judged.

use crate::strategy::Entry;
use crate::view::CoinView;
use zero_core::{Px, Rate, Sz, TsDiff, Usd, canon_struct};

canon_struct! {
    /// Risk limits of an account. Raising any of them is a risk-increasing act.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Limits {
        /// Fraction of equity at risk between entry and stop.
        pub risk_per_trade: Rate,
        /// Gross notional over equity, all coins, worst case of open orders included.
        pub max_gross_leverage: Rate,
        /// Net notional of one coin over equity.
        pub max_position_share: Rate,
        /// Coins with a position or an entry order.
        pub max_open_positions: u32,
        /// Loss over rolling 24 hours, marked to market, over the equity at their start.
        pub daily_loss: Rate,
        /// Fall from the deposit-adjusted peak.
        pub max_drawdown: Rate,
        /// Risk-increasing orders per rolling hour.
        pub orders_per_hour: u32,
        /// Fees over rolling 24 hours over equity.
        pub fee_burn_per_day: Rate,
        /// Oldest market data that may carry a new risk.
        pub stale_after: TsDiff,
        /// Annualised volatility that one position may contribute.
        pub vol_target_annual: Rate,
        /// Round-trip cost over the distance to the stop.
        pub max_cost_share: Rate,
        /// Wait after an exit before the same book may enter the same coin on the same side.
        pub cooldown: TsDiff,
    }
}

impl Limits {
    /// The shipped defaults, for an account of 10,000 USD in paper.
    #[must_use]
    pub const fn standard() -> Self {
        Self {
            risk_per_trade: Rate::bps(50),
            max_gross_leverage: Rate::whole(2),
            max_position_share: Rate::bps(5_000),
            max_open_positions: 10,
            daily_loss: Rate::bps(500),
            max_drawdown: Rate::bps(2_000),
            orders_per_hour: 60,
            fee_burn_per_day: Rate::bps(100),
            stale_after: TsDiff::secs(5_400),
            vol_target_annual: Rate::bps(2_000),
            max_cost_share: Rate::bps(2_500),
            cooldown: TsDiff::HOUR,
        }
    }

    /// Limits that never bind, for validation against engines that have none.
    #[must_use]
    pub const fn unbounded() -> Self {
        let never = Rate::whole(1_000_000);
        Self {
            risk_per_trade: Rate::whole(1),
            max_gross_leverage: never,
            max_position_share: never,
            max_open_positions: u32::MAX,
            daily_loss: never,
            max_drawdown: never,
            orders_per_hour: u32::MAX,
            fee_burn_per_day: never,
            stale_after: TsDiff::ns(i64::MAX),
            vol_target_annual: never,
            max_cost_share: never,
            cooldown: TsDiff::ZERO,
        }
    }
}

canon_struct! {
    /// What trading is assumed to cost when deciding; the same figures the paper venue charges.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Costs {
        /// Taker fee.
        pub taker: Rate,
        /// Half of the spread.
        pub half_spread: Rate,
    }
}

impl Costs {
    /// Fee and half spread, twice: in and out.
    #[must_use]
    pub fn round_trip(&self) -> f64 {
        2.0 * (self.taker.to_f64() + self.half_spread.to_f64())
    }
}

/// An account's exposure, open orders counted at their worst case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Portfolio {
    /// Equity at the last marks.
    pub equity: Usd,
    /// Deposit-adjusted highest equity.
    pub peak: Usd,
    /// Sum over coins of the absolute worst-case net notional.
    pub gross: Usd,
    /// Absolute worst-case net notional of the candidate's coin.
    pub coin: Usd,
    /// Coins with a position or an entry order.
    pub open: u32,
}

/// A candidate in front of the stack.
#[derive(Clone, Copy, Debug)]
pub struct CandidateCtx<'a> {
    /// The coin at this instant.
    pub view: &'a CoinView<'a>,
    /// What the strategy wants.
    pub entry: &'a Entry,
    /// Price the decision is made at.
    pub px: Px,
    /// Size under judgement: the base size for modifiers, the final size for layers.
    pub sz: Sz,
    /// `px * sz`.
    pub notional: Usd,
    /// Volatility per bar, if known.
    pub sigma: Option<f64>,
    /// The account before the order.
    pub before: &'a Portfolio,
    /// The account after the order.
    pub after: &'a Portfolio,
    /// Limits in force.
    pub limits: &'a Limits,
    /// Costs assumed.
    pub costs: &'a Costs,
}
