//! The operator as the journal shows them: what they did and when, a label and a level that follow from it, and what a
//! level puts before an increase of risk.
//!
//! [`Conduct`] is folded from recorded events and from nothing else; its clock is what those events say: when a person acted,
//! and when a loss became visible to them.
//! [`Vector`] measures it at a moment, [`assess`] turns a vector into a label with a level, [`Conduct::request`] judges an
//! increase. What was not measured is absent and weighs nothing: no baseline is assumed.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod assess;
mod conduct;
mod gate;
mod hours;
mod request;
mod vector;
mod verdicts;

pub use assess::{Assessment, Cause, Label, Level, assess};
pub use conduct::{Conduct, ReEntry};
pub use gate::{Friction, HOLDS_MAX, Hold, Ruling, Verdict, friction};
pub use hours::HourCount;
pub use request::{Control, Direction, Free, Increase, Request, direction};
pub use vector::{Vector, limits};
pub use verdicts::{Answer, Known, VERDICTS_KNOWN};

use zero_core::Ts;
use zero_market::event::OperatorEvent;

/// The name under which a run without a person acts on its own latches. It is nobody's conduct.
pub const POLICY_NAME: &str = "unattended-policy";
/// The name under which the program reports what it measured itself.
pub const PROGRAM_NAME: &str = "zero";

/// The name under which whoever holds an agent's token acts: it can only reduce, and tells nothing about the person.
pub const AGENT_NAME: &str = "agent";

/// When an act was on the operator's clock: when somebody read one, else, where a person acted, at the event's own time. `None` for
/// an act of nobody that no clock was read for.
#[must_use]
pub fn moment(act: &OperatorEvent, event_time: Ts) -> Option<Ts> {
    clock_read(act).or_else(|| is_person(&act.operator).then_some(event_time))
}

/// When somebody read a clock for an act; `None` where nobody did.
#[must_use]
pub fn clock_read(act: &OperatorEvent) -> Option<Ts> {
    Some(act.at).filter(|at| *at != Ts::ZERO)
}

/// Does an act under this name tell something about a person?
#[must_use]
pub fn is_person(name: &str) -> bool {
    name != POLICY_NAME && name != PROGRAM_NAME && name != AGENT_NAME
}
