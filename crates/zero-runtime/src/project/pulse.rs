//! `zero.pulse.v1`: the tail of what happened, newest first, with how bad it is.

use super::journal::times;
use super::{Reading, decision};
use crate::record::Body;
use crate::view::RunView;
use zero_core::CoinId;
use zero_kernel::breakers::{self, BREAKERS};
use zero_kernel::record::{BreakerChange, OrderFact};
use zero_kernel::{Fact, Severity};
use zero_market::event::{OperatorAction, OperatorEvent};
use zero_market::{EventBody, Fill, FillCause, OwnOrder, Purpose, VenueEvent};
use zero_packets::brief::{Pulse, PulseEvent};

/// The packet of events that come oldest first.
#[must_use]
pub fn pulse(r: &Reading, mut events: Vec<PulseEvent>, asked: u32) -> Pulse {
    events.reverse();
    let count = events.len() as u32;
    let note = (count < asked).then(|| match count {
        0 => {
            "nothing has happened yet: no start, decision, order, fill, breaker or act is recorded".to_owned()
        }
        n => format!("{n} events are all that is recorded"),
    });
    Pulse {
        schema_version: Default::default(),
        events,
        count,
        note,
        source: r.source(),
        journal_seq: r.view.next_seq,
    }
}

/// Is a fact told as an event? What [`pulse_event`] says, without its words.
#[must_use]
pub const fn is_told(fact: &Fact) -> bool {
    match fact {
        Fact::Order(_) | Fact::Breaker(_) | Fact::Friction(_) => true,
        Fact::Event(e) => match &e.body {
            EventBody::Venue(v) => {
                matches!(v, VenueEvent::Fill(_) | VenueEvent::Ended(_) | VenueEvent::Backstop(_))
            }
            EventBody::Operator(_) => is_act(fact),
            EventBody::Transfer(_) | EventBody::Gap(_) => true,
            _ => false,
        },
        Fact::Cancel(_) | Fact::Cycle(_) | Fact::Execution(_) => false,
    }
}

/// An act of a person, or a ruling on one.
#[must_use]
pub const fn is_act(fact: &Fact) -> bool {
    match fact {
        Fact::Event(e) => {
            matches!(&e.body, EventBody::Operator(o) if !matches!(o.action, OperatorAction::DiskReport))
        }
        Fact::Friction(_) => true,
        _ => false,
    }
}

/// A record as an event; `None` for market data, timers, funding payments, acknowledgements, disk reports and cycle
/// ends, which are the beat itself.
#[must_use]
pub fn pulse_event(view: &RunView, seq: u64, body: &Body) -> Option<PulseEvent> {
    let symbol = |c: CoinId| Some(view.symbol(c).to_owned());
    let event = |kind: &str, severity: &str, message: String| {
        let (ts, wall_ts) = times(body);
        let (kind, severity) = (kind.into(), severity.into());
        PulseEvent { kind, coin: None, message, severity, ts, wall_ts, trace_id: None, seq }
    };
    Some(match body {
        Body::Candidate(t) => {
            let d = decision(view, t);
            let severity = if t.admitted { "info" } else { "warn" };
            PulseEvent {
                coin: symbol(t.coin),
                trace_id: Some(t.decision.to_string()),
                ..event("decision", severity, format!("{} {} {}: {}", d.book, d.side, d.quantity, d.reason))
            }
        }
        Body::Fact(Fact::Order(o)) => PulseEvent {
            coin: symbol(o.intent.coin),
            trace_id: Some(o.intent.id.to_string()),
            ..event(
                "order",
                if o.intent.purpose == Purpose::Emergency { "warn" } else { "info" },
                order_words(o),
            )
        },
        Body::Fact(Fact::Breaker(b)) => event("breaker", breaker_severity(b), breaker_words(b)),
        Body::Fact(Fact::Event(e)) => of_event(view, &e.body, &event)?,
        Body::Fact(Fact::Friction(r)) => {
            let severity = if r.admits() { "info" } else { "warn" };
            let subject = if r.subject.is_empty() { String::new() } else { format!(" {}", r.subject) };
            let words = format!("{}{subject} {} at {}", r.control.name(), r.verdict.name(), r.level.name());
            event("friction", severity, words)
        }
        Body::Settings(s) => {
            let severity = if s.increases { "warn" } else { "info" };
            event("settings", severity, format!("{} settings changed", s.changes.len()))
        }
        Body::Manifest(m) => {
            event("start", "info", format!("started, epoch {}, on {}", m.epoch_number, m.source))
        }
        Body::End(e) => event("end", "info", format!("ended: {}", e.reason)),
        Body::Approval(u) => {
            event("approval", "warn", format!("approved: {} {}", u.asked.method, u.asked.path))
        }
        Body::Fact(Fact::Cancel(_) | Fact::Cycle(_) | Fact::Execution(_))
        | Body::Cycle(_)
        | Body::Abstained(_)
        | Body::Trial(_) => return None,
    })
}

fn of_event(
    view: &RunView,
    body: &EventBody,
    event: &dyn Fn(&str, &str, String) -> PulseEvent,
) -> Option<PulseEvent> {
    let symbol = |c: CoinId| Some(view.symbol(c).to_owned());
    Some(match body {
        EventBody::Venue(VenueEvent::Fill(f)) => PulseEvent {
            coin: symbol(f.coin),
            trace_id: Some(f.order.to_string()),
            ..event("fill", fill_severity(f), fill_words(f))
        },
        EventBody::Venue(VenueEvent::Ended(e)) => PulseEvent {
            coin: symbol(e.coin),
            trace_id: Some(e.order.to_string()),
            ..event(
                "ended",
                if e.why.is_rejection() { "warn" } else { "info" },
                format!("order ended: {}", e.why.name()),
            )
        },
        EventBody::Venue(VenueEvent::Backstop(b)) => {
            event("backstop", "critical", format!("the backstop took the account over, {} USD", b.amount))
        }
        EventBody::Operator(o) if o.action != OperatorAction::DiskReport => {
            let severity = match o.action {
                OperatorAction::Kill => "critical",
                OperatorAction::Flatten
                | OperatorAction::Close
                | OperatorAction::PauseEntries
                | OperatorAction::AutoOff
                | OperatorAction::ClearLatch => "warn",
                _ => "info",
            };
            let subject = match subject_words(o) {
                words if words.is_empty() => words,
                words => format!(" {words}"),
            };
            event(
                "operator",
                severity,
                format!("{}{subject} by {}: {}", o.action.name(), o.operator, o.reason),
            )
        }
        EventBody::Transfer(t) => event("transfer", "info", format!("{} USD", t.amount)),
        EventBody::Gap(g) => PulseEvent { coin: symbol(g.coin), ..event("gap", "warn", g.words()) },
        _ => return None,
    })
}

/// What an act is about, as a person says it: without the place of a coin in the run's list.
fn subject_words(o: &OperatorEvent) -> String {
    match o.action {
        OperatorAction::Close => o.subject.split_whitespace().next().unwrap_or_default().to_owned(),
        OperatorAction::Execute | OperatorAction::Reduce => OwnOrder::parse(&o.subject)
            .map_or_else(|| o.subject.clone(), |order| format!("{} (key {})", order.words(), order.key)),
        _ => o.subject.clone(),
    }
}

fn fill_severity(f: &Fill) -> &'static str {
    match f.cause {
        FillCause::Liquidation => "critical",
        FillCause::Stop => "warn",
        FillCause::Order | FillCause::Target => "info",
    }
}

fn fill_words(f: &Fill) -> String {
    format!("{} {} at {} by {}, fee {}", f.side.name(), f.sz, f.px, f.cause.name(), f.fee)
}

fn order_words(o: &OrderFact) -> String {
    let i = &o.intent;
    let why = o.exit.filter(|_| i.purpose == Purpose::Exit).map(|c| format!(" ({})", c.name()));
    format!("{} order{} to {} {}", i.purpose.name(), why.unwrap_or_default(), i.side.name(), i.sz)
}

fn breaker_severity(b: &BreakerChange) -> &'static str {
    if !b.open {
        return "info";
    }
    match breakers::find(&b.name).and_then(|i| BREAKERS.get(i)).map(|b| b.severity()) {
        Some(Severity::Info) => "info",
        Some(Severity::Warning) => "warn",
        Some(Severity::Critical) | None => "critical",
    }
}

fn breaker_words(b: &BreakerChange) -> String {
    format!("{} {}: {}", b.name, if b.open { "opened" } else { "closed" }, b.reason)
}
