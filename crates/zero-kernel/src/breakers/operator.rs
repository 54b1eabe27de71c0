//! Breakers that an operator opens, by acting or by not being there.

use crate::breaker::{Breaker, Reading, Severity, Watches};
use crate::config::KernelConfig;
use crate::state::State;
use zero_core::{Truth, Ts, TsDiff};

fn silence(state: &State, now: Ts, after: Option<TsDiff>) -> Reading {
    match after {
        Some(limit) => {
            Reading::at_least(now.since(state.last_operator).as_ns() as f64 / 1e9, limit.as_ns() as f64 / 1e9)
        }
        None => Reading { tripped: Truth::False, value: f64::NAN, limit: f64::NAN },
    }
}

fn is_recent(state: &State, now: Ts, after: Option<TsDiff>) -> bool {
    after.is_none_or(|limit| now.since(state.last_operator).as_ns() < limit.as_ns() / 2)
}

/// The armed dead-man heard nothing.
#[derive(Debug)]
pub struct DeadMan;

impl Breaker for DeadMan {
    fn name(&self) -> &'static str {
        "dead_man"
    }
    fn latches(&self) -> bool {
        true
    }
    fn watches(&self) -> Watches {
        Watches::Time
    }
    fn severity(&self) -> Severity {
        Severity::Critical
    }
    fn reason(&self) -> &'static str {
        "seconds since the operator's last sign of life, where a dead-man is armed"
    }
    fn is_far(&self, state: &State, cfg: &KernelConfig, now: Ts) -> bool {
        is_recent(state, now, cfg.dead_man_after)
    }
    fn read(&self, state: &State, cfg: &KernelConfig, now: Ts) -> Reading {
        silence(state, now, cfg.dead_man_after)
    }
}

/// Entries are paused.
#[derive(Debug)]
pub struct OperatorPause;

impl Breaker for OperatorPause {
    fn name(&self) -> &'static str {
        "operator_pause"
    }
    fn latches(&self) -> bool {
        // The pause itself is the latch: it ends with a recorded resume.
        false
    }
    fn severity(&self) -> Severity {
        Severity::Info
    }
    fn reason(&self) -> &'static str {
        "entries were paused, by an operator or an agent"
    }
    fn read(&self, state: &State, _cfg: &KernelConfig, _now: Ts) -> Reading {
        Reading::flag(state.paused)
    }
}

/// Automatic entries are off.
#[derive(Debug)]
pub struct AutoOff;

impl Breaker for AutoOff {
    fn name(&self) -> &'static str {
        "auto_off"
    }
    fn latches(&self) -> bool {
        // The switch itself is the latch: it ends with a recorded act.
        false
    }
    fn severity(&self) -> Severity {
        Severity::Info
    }
    fn reason(&self) -> &'static str {
        "automatic entries were turned off, by an operator or an agent"
    }
    fn read(&self, state: &State, _cfg: &KernelConfig, _now: Ts) -> Reading {
        Reading::flag(state.auto_off)
    }
}

/// A flatten is under way.
#[derive(Debug)]
pub struct Flattening;

impl Breaker for Flattening {
    fn name(&self) -> &'static str {
        "flattening"
    }
    fn latches(&self) -> bool {
        // It ends when nothing is held.
        false
    }
    fn severity(&self) -> Severity {
        Severity::Info
    }
    fn reason(&self) -> &'static str {
        "everything is being closed, by an operator, an agent or a session's end: nothing new is opened before nothing is held"
    }
    fn read(&self, state: &State, _cfg: &KernelConfig, _now: Ts) -> Reading {
        Reading::flag(state.flattening)
    }
}

/// Nobody has acted for long.
#[derive(Debug)]
pub struct OperatorInactivity;

impl Breaker for OperatorInactivity {
    fn name(&self) -> &'static str {
        "operator_inactivity"
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
        "seconds since any operator event, where that is watched"
    }
    fn is_far(&self, state: &State, cfg: &KernelConfig, now: Ts) -> bool {
        is_recent(state, now, cfg.operator_inactive_after)
    }
    fn read(&self, state: &State, cfg: &KernelConfig, now: Ts) -> Reading {
        silence(state, now, cfg.operator_inactive_after)
    }
}

/// The kill switch is thrown.
#[derive(Debug)]
pub struct KillSwitch;

impl Breaker for KillSwitch {
    fn name(&self) -> &'static str {
        "kill_switch"
    }
    fn latches(&self) -> bool {
        true
    }
    fn severity(&self) -> Severity {
        Severity::Critical
    }
    fn reason(&self) -> &'static str {
        "trading was killed, by an operator or an agent: everything is to be closed, and nothing new is opened"
    }
    fn read(&self, state: &State, _cfg: &KernelConfig, _now: Ts) -> Reading {
        Reading::flag(state.killed)
    }
    fn rebase(&self, state: &mut State, _now: Ts) {
        state.killed = false;
    }
}
