//! What an act does to risk. Only an [`Increase`] can be put before the gate, and none can be made of an act that reduces.

use alloc::string::String;
use zero_core::{Digest32, Hasher, canon_tag};
use zero_market::OwnOrder;
use zero_market::event::{OperatorAction, OperatorEvent};

canon_tag! {
    /// What an act may do to the account's worst case.
    pub enum Direction {
        /// Only shrinks it.
        0 "reduces" Reduces,
        /// Leaves it.
        1 "neutral" Neutral,
        /// May enlarge it.
        2 "increases" Increases,
    }
}

canon_tag! {
    /// The controls that may increase risk. Whatever is not here cannot meet friction.
    pub enum Control {
        /// Clears an open latched breaker.
        0 "clear_latch" ClearLatch,
        /// Ends a pause of entries.
        1 "resume_entries" ResumeEntries,
        /// Lets strategies enter again.
        2 "auto_on" AutoOn,
        /// An order of the operator's own.
        3 "execute" Execute,
    }
}

/// The direction of an act by its kind. A command that a client reports names its own direction first in the subject; one
/// that names none counts as an increase.
#[must_use]
pub fn direction(act: &OperatorEvent) -> Direction {
    use OperatorAction as A;
    match act.action {
        A::PauseEntries
        | A::Flatten
        | A::Kill
        | A::AutoOff
        | A::Break
        | A::Rest
        | A::SessionEnd
        | A::Reduce => Direction::Reduces,
        A::ClearLatch | A::ResumeEntries | A::AutoOn | A::Execute => Direction::Increases,
        A::Command => reported(&act.subject),
        A::ConfigChanged
        | A::DiskReport
        | A::Heartbeat
        | A::Confirm
        | A::Focus
        | A::SessionStart
        | A::SessionSave
        | A::Override
        | A::Follow
        | A::Acknowledge
        | A::LossSeen => Direction::Neutral,
    }
}

fn reported(subject: &str) -> Direction {
    let word = subject.split_whitespace().next().unwrap_or("");
    Direction::ALL.iter().copied().find(|d| d.name() == word).unwrap_or(Direction::Increases)
}

/// A request that may increase risk: the only thing that [`crate::Conduct::request`] takes.
///
/// ```compile_fail
/// # use zero_operator::*;
/// # fn f(conduct: &mut Conduct, free: Free, now: zero_core::Ts) {
/// // A reduction cannot be slowed: there is no way to hand one to the gate.
/// conduct.request(&free, now, true);
/// # }
/// ```
///
/// ```compile_fail
/// # use zero_operator::*;
/// // Nor is there a control that would name one.
/// let flatten = Increase::new(Control::Flatten, "");
/// ```
///
/// ```
/// # use zero_operator::*;
/// let mut conduct = Conduct::new();
/// let resume = Increase::new(Control::ResumeEntries, "");
/// assert!(conduct.request(&resume, zero_core::Ts::from_ns(1), true).admits());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Increase {
    control: Control,
    subject: String,
}

impl Increase {
    /// Of a control, on a subject: a breaker's name, or the canonical text of an order.
    #[must_use]
    pub fn new(control: Control, subject: &str) -> Self {
        Self { control, subject: subject.into() }
    }

    /// Which control.
    #[must_use]
    pub const fn control(&self) -> Control {
        self.control
    }

    /// On what.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// What identifies the request: the same control on the same subject.
    #[must_use]
    pub fn digest(&self) -> Digest32 {
        let mut h = Hasher::new();
        h.update(b"increase\0");
        h.update(self.control.name().as_bytes());
        h.update(&[0]);
        h.update(self.subject.as_bytes());
        h.finish()
    }
}

/// An act that is never gated: it reduces risk or leaves it. It can be made by [`Request::of`] alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Free(());

/// An act as the gate sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// It must pass the gate.
    Increase(Increase),
    /// It must not meet it.
    Free(Free),
}

impl Request {
    /// Of a recorded act. `would_change` says whether it increases anything: clearing a breaker that is closed, resuming
    /// what is not paused, or an order that closes a position increases nothing.
    #[must_use]
    pub fn of(act: &OperatorEvent, would_change: bool) -> Self {
        let control = match act.action {
            OperatorAction::ClearLatch => Control::ClearLatch,
            OperatorAction::ResumeEntries => Control::ResumeEntries,
            OperatorAction::AutoOn => Control::AutoOn,
            OperatorAction::Execute => Control::Execute,
            _ => return Self::Free(Free(())),
        };
        if !would_change {
            return Self::Free(Free(()));
        }
        // The key of an order is no part of what a person types or repeats.
        let words = OwnOrder::parse(&act.subject).filter(|_| control == Control::Execute).map(|o| o.words());
        Self::Increase(Increase::new(control, words.as_deref().unwrap_or(&act.subject)))
    }
}
