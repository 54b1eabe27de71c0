//! Breakers on our dealings with the venue.

use crate::breaker::{Breaker, Reading, Severity};
use crate::config::KernelConfig;
use crate::state::{ReconState, State};
use zero_core::Ts;

/// Ledger and venue differ.
#[derive(Debug)]
pub struct Reconciliation;

impl Breaker for Reconciliation {
    fn name(&self) -> &'static str {
        "reconciliation"
    }
    fn latches(&self) -> bool {
        false
    }
    fn severity(&self) -> Severity {
        Severity::Critical
    }
    fn reason(&self) -> &'static str {
        "the venue's account of positions and equity differs from the ledger"
    }
    fn read(&self, state: &State, _cfg: &KernelConfig, _now: Ts) -> Reading {
        Reading::flag(state.accounts.iter().any(|a| a.recon == ReconState::Differs))
    }
}

/// Too many risk-increasing orders in an hour.
#[derive(Debug)]
pub struct OrderVelocity;

impl Breaker for OrderVelocity {
    fn name(&self) -> &'static str {
        "order_velocity"
    }
    fn latches(&self) -> bool {
        false
    }
    fn severity(&self) -> Severity {
        Severity::Warning
    }
    fn reason(&self) -> &'static str {
        "risk-increasing orders in the last hour"
    }
    fn read(&self, state: &State, cfg: &KernelConfig, _now: Ts) -> Reading {
        Reading::at_least(state.entry_times.len() as f64, f64::from(cfg.limits.orders_per_hour))
    }
}

/// The venue keeps refusing.
#[derive(Debug)]
pub struct ExchangeError;

impl Breaker for ExchangeError {
    fn name(&self) -> &'static str {
        "exchange_error"
    }
    fn latches(&self) -> bool {
        true
    }
    fn severity(&self) -> Severity {
        Severity::Critical
    }
    fn reason(&self) -> &'static str {
        "venue rejections in the last hour: orders that the kernel held valid were refused"
    }
    fn read(&self, state: &State, cfg: &KernelConfig, _now: Ts) -> Reading {
        Reading::at_least(state.reject_times.len() as f64, f64::from(cfg.rejects_per_hour))
    }
    fn rebase(&self, state: &mut State, _now: Ts) {
        state.reject_times.clear();
    }
}
