//! Breakers on an account's money.

use crate::breaker::{Breaker, Reading, Severity, Watches};
use crate::config::KernelConfig;
use crate::state::{AccountState, State};
use zero_core::{Rate, Ts, Usd};

/// The worst of all accounts by a measure; an account whose equity is unknown makes the reading Unknown.
fn worst(state: &State, limit: f64, measure: impl Fn(&AccountState, Usd) -> f64) -> Reading {
    let mut value = f64::NEG_INFINITY;
    for a in &state.accounts {
        match a.equity {
            Some(e) => value = value.max(measure(a, e)),
            None => return Reading::at_least(f64::NAN, limit),
        }
    }
    Reading::at_least(value, limit)
}

/// Is the measure of every account, `part / whole`, below half the limit? In integers: a limit has twelve decimals.
fn far(state: &State, limit: Rate, of: impl Fn(&AccountState, Usd) -> (i64, i64)) -> bool {
    state.accounts.iter().all(|a| {
        a.equity.is_some_and(|e| {
            let (part, whole) = of(a, e);
            let twice = 2 * i128::from(Rate::ONE_RAW);
            whole > 0 && i128::from(part) * twice < i128::from(limit.raw()) * i128::from(whole)
        })
    })
}

/// Both in raw money: the scale cancels.
fn ratio(part: i64, whole: i64) -> f64 {
    if whole > 0 { part as f64 / whole as f64 } else { f64::INFINITY }
}

/// The part of `whole` that is gone when `left` is left.
fn fall(whole: Usd, left: Usd) -> f64 {
    ratio(whole.raw().saturating_sub(left.raw()), whole.raw())
}

/// Fees that the account ever paid, in raw money.
fn fees(state: &State, a: &AccountState) -> i64 {
    state.ledger.of(a.account).fold(0i64, |sum, b| sum.saturating_add(b.fees.raw()))
}

/// Marked-to-market loss over rolling 24 hours.
#[derive(Debug)]
pub struct DailyLoss;

impl Breaker for DailyLoss {
    fn name(&self) -> &'static str {
        "daily_loss"
    }
    fn latches(&self) -> bool {
        true
    }
    fn watches(&self) -> Watches {
        Watches::Money
    }
    fn severity(&self) -> Severity {
        Severity::Critical
    }
    fn reason(&self) -> &'static str {
        "loss over rolling 24 hours, marked to market, fees and funding included, as a share of the equity before"
    }
    fn is_far(&self, state: &State, cfg: &KernelConfig, _now: Ts) -> bool {
        far(state, cfg.limits.daily_loss, |a, equity| match a.samples.first() {
            Some(s) => (s.equity.raw().saturating_sub(equity.raw()), s.equity.raw()),
            None => (0, 1),
        })
    }
    fn read(&self, state: &State, cfg: &KernelConfig, _now: Ts) -> Reading {
        worst(state, cfg.limits.daily_loss.to_f64(), |a, equity| match a.samples.first() {
            Some(s) => fall(s.equity, equity),
            None => 0.0,
        })
    }
    fn rebase(&self, state: &mut State, _now: Ts) {
        for a in &mut state.accounts {
            a.samples.clear();
        }
    }
}

/// Fall from the deposit-adjusted peak.
#[derive(Debug)]
pub struct Drawdown;

impl Breaker for Drawdown {
    fn name(&self) -> &'static str {
        "drawdown"
    }
    fn latches(&self) -> bool {
        true
    }
    fn watches(&self) -> Watches {
        Watches::Money
    }
    fn severity(&self) -> Severity {
        Severity::Critical
    }
    fn reason(&self) -> &'static str {
        "fall of equity from its highest, deposits and withdrawals taken out"
    }
    fn is_far(&self, state: &State, cfg: &KernelConfig, _now: Ts) -> bool {
        far(state, cfg.limits.max_drawdown, |a, equity| {
            (a.peak.raw().saturating_sub(equity.raw()), a.peak.raw())
        })
    }
    fn read(&self, state: &State, cfg: &KernelConfig, _now: Ts) -> Reading {
        worst(state, cfg.limits.max_drawdown.to_f64(), |a, equity| fall(a.peak, equity))
    }
    fn rebase(&self, state: &mut State, _now: Ts) {
        for a in &mut state.accounts {
            if let Some(e) = a.equity {
                a.peak = e;
            }
        }
    }
}

/// Worst-case gross notional over equity.
#[derive(Debug)]
pub struct MaxExposure;

impl Breaker for MaxExposure {
    fn name(&self) -> &'static str {
        "max_exposure"
    }
    fn latches(&self) -> bool {
        false
    }
    fn watches(&self) -> Watches {
        Watches::Money
    }
    fn severity(&self) -> Severity {
        Severity::Warning
    }
    fn reason(&self) -> &'static str {
        "gross notional in the worst case of open orders, over equity: the market carried it to the limit"
    }
    fn is_far(&self, state: &State, cfg: &KernelConfig, _now: Ts) -> bool {
        far(state, cfg.limits.max_gross_leverage, |a, equity| (a.gross.raw(), equity.raw()))
    }
    fn read(&self, state: &State, cfg: &KernelConfig, _now: Ts) -> Reading {
        worst(state, cfg.limits.max_gross_leverage.to_f64(), |a, equity| match a.gross.raw() {
            0 => 0.0,
            gross => ratio(gross, equity.raw()),
        })
    }
}

/// Fees over rolling 24 hours.
#[derive(Debug)]
pub struct FeeBurn;

impl Breaker for FeeBurn {
    fn name(&self) -> &'static str {
        "fee_burn"
    }
    fn latches(&self) -> bool {
        false
    }
    fn watches(&self) -> Watches {
        Watches::Money
    }
    fn severity(&self) -> Severity {
        Severity::Warning
    }
    fn reason(&self) -> &'static str {
        "fees over rolling 24 hours as a share of equity: something trades too much"
    }
    fn is_far(&self, state: &State, cfg: &KernelConfig, _now: Ts) -> bool {
        far(state, cfg.limits.fee_burn_per_day, |a, equity| match a.samples.first() {
            Some(s) => (fees(state, a).saturating_sub(s.fees.raw()), equity.raw()),
            None => (0, 1),
        })
    }
    fn read(&self, state: &State, cfg: &KernelConfig, _now: Ts) -> Reading {
        let limit = cfg.limits.fee_burn_per_day.to_f64();
        worst(state, limit, |a, equity| match a.samples.first() {
            Some(s) => ratio(fees(state, a).saturating_sub(s.fees.raw()), equity.raw()),
            None => 0.0,
        })
    }
}
