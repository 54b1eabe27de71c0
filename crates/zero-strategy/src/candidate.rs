//! What the stack knows about a candidate when it is judged.

use crate::forecast::Forecast;
use crate::lens::Opinion;
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
        /// Annualised volatility of the account, worst case of open orders included.
        pub max_portfolio_vol: Rate,
        /// Beta to BTC times notional over equity, absolute.
        pub max_beta_exposure: Rate,
        /// Exposure to the first principal component over equity, absolute.
        pub max_factor_exposure: Rate,
        /// Share of the account's variance that one coin may contribute.
        pub max_risk_share: Rate,
        /// 99 % expected shortfall over one step, over equity.
        pub max_shortfall: Rate,
        /// Annualised volatility of the account if every correlation were one, against it.
        pub max_correlated_vol: Rate,
        /// Loss in the declared crash, over equity.
        pub max_crash_loss: Rate,
        /// The crash: falls of BTC, of ETH, of SOL and of every other coin.
        pub crash_btc: Rate,
        /// Fall of ETH.
        pub crash_eth: Rate,
        /// Fall of SOL.
        pub crash_sol: Rate,
        /// Fall of every other coin.
        pub crash_other: Rate,
        /// Refuses entries while the market is turbulent, or while that is unknown.
        pub refuse_turbulent: bool,
        /// Refuses entries while all coins move as one, or while that is unknown.
        pub refuse_one_bet: bool,
        /// Refuses entries while liquidity is thin, or while that is unknown: without books it always is.
        pub refuse_illiquid: bool,
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
            max_portfolio_vol: Rate::bps(4_000),
            max_beta_exposure: Rate::bps(15_000),
            max_factor_exposure: Rate::bps(15_000),
            max_risk_share: Rate::bps(4_000),
            max_shortfall: Rate::bps(250),
            max_correlated_vol: Rate::bps(6_000),
            max_crash_loss: Rate::bps(2_500),
            crash_btc: Rate::bps(1_160),
            crash_eth: Rate::bps(1_590),
            crash_sol: Rate::bps(3_000),
            crash_other: Rate::bps(6_500),
            refuse_turbulent: true,
            refuse_one_bet: false,
            refuse_illiquid: false,
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
            max_portfolio_vol: never,
            max_beta_exposure: never,
            max_factor_exposure: never,
            max_risk_share: never,
            max_shortfall: never,
            max_correlated_vol: never,
            max_crash_loss: never,
            crash_btc: Rate::ZERO,
            crash_eth: Rate::ZERO,
            crash_sol: Rate::ZERO,
            crash_other: Rate::ZERO,
            refuse_turbulent: false,
            refuse_one_bet: false,
            refuse_illiquid: false,
        }
    }
}

impl Limits {
    /// Fall of a coin in the declared crash.
    #[must_use]
    pub fn crash_of(&self, symbol: &str) -> Rate {
        match symbol {
            "BTC" => self.crash_btc,
            "ETH" => self.crash_eth,
            "SOL" => self.crash_sol,
            _ => self.crash_other,
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

/// An account's risk as an order would leave it, over equity: the worst over every subset of its open orders, stops and exits
/// that may fill. NaN is unknown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PortfolioRisk {
    /// Annualised volatility.
    pub vol: f64,
    /// Beta to BTC times notional.
    pub beta: f64,
    /// Exposure to the first principal component.
    pub factor: f64,
    /// Share of the variance that the order's coin contributes, once every order has filled. Below half of the volatility
    /// limit it is a share of the variance at that half: the first position of an account is no concentration.
    pub share: f64,
    /// 99 % expected shortfall over one step.
    pub shortfall: f64,
    /// Annualised volatility with every correlation one, against the account.
    pub correlated_vol: f64,
    /// Loss in the declared crash.
    pub crash: f64,
    /// Correlation of the order with what the account holds, in [-1, 1]; zero where it holds nothing.
    pub correlation: f64,
    /// Part of the volatility limit in use before the order, with every correlation one.
    pub used: f64,
}

impl PortfolioRisk {
    /// Nothing known.
    pub const UNKNOWN: Self = Self {
        vol: f64::NAN,
        beta: f64::NAN,
        factor: f64::NAN,
        share: f64::NAN,
        shortfall: f64::NAN,
        correlated_vol: f64::NAN,
        crash: f64::NAN,
        correlation: f64::NAN,
        used: f64::NAN,
    };
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
    /// The account's risk as the order would leave it: at the base size for modifiers, at the final size for layers.
    pub risk: &'a PortfolioRisk,
    /// The most cautious opinion that was measured on recorded outcomes, if any was.
    pub evidence: Option<Opinion>,
    /// What the measured model says; `None` where none is in force or nothing can be said.
    pub forecast: Option<&'a Forecast>,
    /// A close that needs permission because it may enlarge exposure; what only concerns entries does not concern it.
    pub is_exit: bool,
}
