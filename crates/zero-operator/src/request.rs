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
        /// Starts a run whose settings permit more than those before.
        4 "raise_limit" RaiseLimit,
    }
}

impl Control {
    /// The control that an act uses, if it is one that may increase risk; whether it would change anything is not asked.
    #[must_use]
    pub fn of(act: &OperatorEvent) -> Option<Self> {
        let reduces = matches!(act.action, OperatorAction::ConfigChanged)
            && matches!(reported(&act.subject), Direction::Reduces | Direction::Neutral);
        Self::of_action(act.action).filter(|_| !reduces)
    }

    /// The control that acts of this kind may use.
    #[must_use]
    pub const fn of_action(action: OperatorAction) -> Option<Self> {
        use OperatorAction as A;
        // Every kind is named: a new one must say here whether it needs an approval.
        match action {
            A::ClearLatch => Some(Self::ClearLatch),
            A::ResumeEntries => Some(Self::ResumeEntries),
            A::AutoOn => Some(Self::AutoOn),
            A::Execute => Some(Self::Execute),
            A::ConfigChanged => Some(Self::RaiseLimit),
            A::PauseEntries
            | A::Flatten
            | A::Close
            | A::Kill
            | A::AutoOff
            | A::Break
            | A::Rest
            | A::SessionEnd
            | A::Reduce
            | A::DiskReport
            | A::Heartbeat
            | A::Confirm
            | A::Focus
            | A::SessionStart
            | A::SessionSave
            | A::Override
            | A::Follow
            | A::Acknowledge
            | A::Command
            | A::LossSeen => None,
        }
    }
}

/// The direction of an act by its kind. A command that a client reports, and a change of configuration, name their own
/// direction first in the subject; what names none counts as an increase.
#[must_use]
pub fn direction(act: &OperatorEvent) -> Direction {
    use OperatorAction as A;
    match act.action {
        A::PauseEntries
        | A::Flatten
        | A::Close
        | A::Kill
        | A::AutoOff
        | A::Break
        | A::Rest
        | A::SessionEnd
        | A::Reduce => Direction::Reduces,
        A::ClearLatch | A::ResumeEntries | A::AutoOn | A::Execute => Direction::Increases,
        A::Command | A::ConfigChanged => reported(&act.subject),
        A::DiskReport
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
        let Some(control) = Control::of(act).filter(|_| would_change) else { return Self::Free(Free(())) };
        // The key of an order is no part of what a person types or repeats.
        let words = OwnOrder::parse(&act.subject).filter(|_| control == Control::Execute).map(|o| o.words());
        Self::Increase(Increase::new(control, words.as_deref().unwrap_or(&act.subject)))
    }
}
