//! Packets as text for a person: aligned, readable without colour.

mod ask;
mod brief;
mod candidates;
mod learnt;
mod lenses;
mod plain;
mod state;

pub(crate) use ask::{approaching, decision_stack, evaluation, heat, regime, why};
pub(crate) use brief::{brief, pulse};
pub(crate) use candidates::{decisions, rejections};
pub(crate) use learnt::{execution, gates, near_misses};
pub(crate) use lenses::{learnt_lenses, lenses};
pub(crate) use plain::plain;
pub(crate) use state::{health, immune, positions, risk, status};

use crate::table::{line, span};
use zero_runtime::project::Reading;
use zero_runtime::replica::Replica;

/// Where this comes from and how old it is.
fn head(r: &Reading) -> String {
    let source = match &r.holder {
        Some(h) => format!("running: {}", h.text),
        None => match &r.view.ended {
            Some(e) => format!("at rest: ended {} ({})", short(&e.time.to_string()), e.reason),
            None => "at rest: the last run did not end in order".into(),
        },
    };
    let when = r.now().map_or_else(
        || "no event yet".to_owned(),
        |t| {
            let age = r.wall.since(t).as_ns() as f64 / 1e9;
            let age = if age >= 0.0 {
                format!(", {} ago by this machine's clock", span(age))
            } else {
                String::new()
            };
            format!("{t}{age}")
        },
    );
    line("Run", &source)
        + &line("Event time", &when)
        + &line("Journal", &format!("{} ({} records)", r.path, r.view.next_seq))
}

/// Where an answer stands that is not of the newest record.
pub(crate) fn stands(replica: &Replica) -> String {
    let Some(at) = replica.pending else { return String::new() };
    let text = format!(
        "the market is that of the last whole slice, record {} of {}: the closes of {at} are coming in; what stops new risk is \
         that of the newest record",
        replica.next_seq, replica.latest_seq
    );
    line("Stands at", &text)
}

/// When something was, for a person: by the market's time, or by a clock beside it where it has none.
pub(crate) fn when(ts: Option<&str>, wall: Option<&str>) -> String {
    match (ts, wall) {
        (Some(ts), _) => short(ts),
        (None, Some(wall)) => format!("clock {}", short(wall)),
        (None, None) => "-".to_owned(),
    }
}

/// A time without fractions of a second.
fn short(ts: &str) -> String {
    match ts.split_once('.') {
        Some((whole, _)) => format!("{whole}Z"),
        None => ts.to_owned(),
    }
}
