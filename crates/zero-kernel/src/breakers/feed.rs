//! Breakers on what reaches us and on where it is kept.

use crate::breaker::{Breaker, Reading, Severity, Watches};
use crate::config::KernelConfig;
use crate::state::State;
use zero_core::{Truth, Ts};

/// The newest close of any coin is too old: the feed is dead. A single stale coin is its own gate's business.
#[derive(Debug)]
pub struct StaleMarketData;

impl Breaker for StaleMarketData {
    fn name(&self) -> &'static str {
        "stale_market_data"
    }
    fn latches(&self) -> bool {
        false
    }
    fn watches(&self) -> Watches {
        Watches::Time
    }
    fn severity(&self) -> Severity {
        Severity::Warning
    }
    fn reason(&self) -> &'static str {
        "age in seconds of the newest close of any coin"
    }
    fn is_far(&self, state: &State, cfg: &KernelConfig, now: Ts) -> bool {
        let newest = state.coins.iter().filter(|c| c.close.is_some()).map(|c| c.close_time).max();
        newest.is_some_and(|t| t <= now && now.since(t).as_ns() < cfg.limits.stale_after.as_ns() / 2)
    }
    fn read(&self, state: &State, cfg: &KernelConfig, now: Ts) -> Reading {
        let limit = cfg.limits.stale_after.as_ns() as f64 / 1e9;
        let newest = state.coins.iter().filter(|c| c.close.is_some()).map(|c| c.close_time).max();
        match newest {
            // A close from the future can only be a fault.
            Some(t) if t > now => Reading { tripped: Truth::Unknown, value: f64::NAN, limit },
            Some(t) => Reading::at_least(now.since(t).as_ns() as f64 / 1e9, limit),
            None => Reading { tripped: Truth::Unknown, value: f64::NAN, limit },
        }
    }
}

/// Equity or a position changed without a posting that explains it.
#[derive(Debug)]
pub struct DataFault;

impl Breaker for DataFault {
    fn name(&self) -> &'static str {
        "data_fault"
    }
    fn latches(&self) -> bool {
        true
    }
    fn severity(&self) -> Severity {
        Severity::Critical
    }
    fn reason(&self) -> &'static str {
        "equity or a position changed without fills, fees, funding or transfers that explain it"
    }
    fn read(&self, state: &State, _cfg: &KernelConfig, _now: Ts) -> Reading {
        Reading::flag(state.data_fault)
    }
    fn rebase(&self, state: &mut State, _now: Ts) {
        state.data_fault = false;
    }
}

/// The journal's disk budget is running out.
#[derive(Debug)]
pub struct DiskBudget;

impl Breaker for DiskBudget {
    fn name(&self) -> &'static str {
        "disk_budget"
    }
    fn latches(&self) -> bool {
        false
    }
    fn severity(&self) -> Severity {
        Severity::Critical
    }
    fn reason(&self) -> &'static str {
        "free bytes of the journal's disk budget, negated: new risk stops while reductions can still be recorded"
    }
    fn read(&self, state: &State, cfg: &KernelConfig, _now: Ts) -> Reading {
        match state.disk_free {
            Some(free) => Reading::at_least(-(free as f64), -(cfg.disk_min_bytes as f64)),
            // A run without a journal (a backtest in memory) has no budget to run out of.
            None => Reading { tripped: Truth::False, value: f64::NAN, limit: -(cfg.disk_min_bytes as f64) },
        }
    }
}
