//! Which records are worth a person's attention.

use serde::{Deserialize, Serialize};
use zero_kernel::breaker::{Breaker, BreakerState};
use zero_kernel::operator::Verdict;
use zero_kernel::{Fact, Severity, State, breakers};
use zero_market::event::OperatorAction;
use zero_market::{Event, EventBody, FillCause, VenueEvent};
use zero_runtime::record::Body;

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// Good to know.
    Info,
    /// Look at it.
    Warning,
    /// Said again until it is acknowledged.
    Critical,
}

/// Something that happened, keyed by its kind and what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// `breaker`, `stop`, `liquidation`, ...
    pub kind: &'static str,
    /// What it is about: a breaker, a coin, a reason.
    pub subject: String,
    /// How much it matters.
    pub urgency: Urgency,
    /// In words.
    pub text: String,
    /// It is about stops, breakers or protection: quiet hours and rates do not hold it back.
    pub protects: bool,
    /// The end of what was open under the same key.
    pub ends: bool,
}

impl Notice {
    pub(crate) fn new(
        kind: &'static str,
        subject: impl Into<String>,
        urgency: Urgency,
        text: String,
    ) -> Self {
        Self { kind, subject: subject.into(), urgency, text, protects: false, ends: false }
    }

    pub(crate) fn protecting(self) -> Self {
        Self { protects: true, ..self }
    }

    /// `kind/subject`, as `zero operator ack` takes it.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}/{}", self.kind, self.subject)
    }
}

/// The breakers that stand open in a state: what somebody should hear who was told nothing of how they came to it.
#[must_use]
pub fn standing(state: &State) -> Vec<Notice> {
    let notice = |(breaker, now): (&dyn Breaker, &BreakerState)| {
        let text = format!(
            "breaker {} stands open since {}: {}",
            breaker.name(),
            now.since,
            measured(now.value, now.limit)
        );
        Notice::new("breaker", breaker.name(), urgency(breaker.severity()), text).protecting()
    };
    breakers::standing(state).map(notice).collect()
}

fn urgency(severity: Severity) -> Urgency {
    if severity == Severity::Critical { Urgency::Critical } else { Urgency::Warning }
}

fn measured(value: f64, limit: f64) -> String {
    if value.is_nan() {
        format!("nothing measured against {limit}")
    } else {
        format!("{value} against {limit}")
    }
}

/// What a record by itself says to a person, if anything. `coin` names a coin.
#[must_use]
pub fn of_body(body: &Body, coin: impl Fn(usize) -> String) -> Option<Notice> {
    match body {
        Body::Fact(Fact::Breaker(b)) => {
            let known = breakers::find(&b.name).and_then(|i| breakers::BREAKERS.get(i));
            let urgency = urgency(known.map_or(Severity::Critical, |b| b.severity()));
            let state = if b.open { "opened" } else { "closed" };
            // One that latches is closed by an act: what was measured then is of when it opened.
            let is_cleared = !b.open && known.is_some_and(|b| b.latches());
            let measured =
                if is_cleared { String::new() } else { format!(", {}", measured(b.value, b.limit)) };
            let text = format!("breaker {} {state}: {}{measured}", b.name, b.reason);
            Some(Notice {
                ends: !b.open,
                ..Notice::new("breaker", b.name.as_str(), urgency, text).protecting()
            })
        }
        Body::Fact(Fact::Friction(r)) if !r.admits() => {
            let text = format!(
                "an increase ({}) met friction: {} at {}",
                r.control.name(),
                r.verdict.name(),
                r.level.name()
            );
            let urgency =
                if matches!(r.verdict, Verdict::Refused) { Urgency::Warning } else { Urgency::Info };
            Some(Notice::new("friction", r.control.name(), urgency, text))
        }
        Body::Fact(Fact::Event(e)) => of_event(e, coin),
        Body::End(e) => {
            Some(Notice::new("run", "end", Urgency::Info, format!("the run ended: {}", e.reason)))
        }
        Body::Settings(s) if s.increases => {
            let text = format!("settings that increase risk changed: {}", s.changes.join("; "));
            Some(Notice::new("settings", "increase", Urgency::Warning, text))
        }
        _ => None,
    }
}

fn of_event(e: &Event, coin: impl Fn(usize) -> String) -> Option<Notice> {
    match &e.body {
        EventBody::Venue(VenueEvent::Fill(f)) => {
            let name = coin(f.coin.index());
            match f.cause {
                FillCause::Stop => {
                    let text = format!("{name}: the stop was filled, {} {} at {}", f.side.name(), f.sz, f.px);
                    Some(Notice::new("stop", name, Urgency::Warning, text).protecting())
                }
                FillCause::Liquidation => {
                    let text = format!("{name}: liquidated, {} {} at {}", f.side.name(), f.sz, f.px);
                    Some(Notice::new("liquidation", name, Urgency::Critical, text).protecting())
                }
                _ => None,
            }
        }
        EventBody::Venue(VenueEvent::Ended(x)) if x.why.is_rejection() => {
            let text = format!("{}: the venue refused an order: {}", coin(x.coin.index()), x.why.name());
            Some(Notice::new("rejected", x.why.name(), Urgency::Warning, text))
        }
        EventBody::Venue(VenueEvent::Backstop(b)) => {
            let text = format!("the backstop took an account over, {} USD", b.amount);
            Some(Notice::new("backstop", b.book.0.to_string(), Urgency::Critical, text).protecting())
        }
        EventBody::Operator(o) => {
            let urgency = match o.action {
                OperatorAction::Kill => Urgency::Critical,
                OperatorAction::Flatten | OperatorAction::Close => Urgency::Warning,
                _ => return None,
            };
            // The number behind the symbol is the program's own; each coin is an alert of its own.
            let of_coin = o.subject.split_whitespace().next().filter(|_| o.action == OperatorAction::Close);
            let name = o.action.name();
            let (subject, what) = match of_coin {
                Some(coin) => (format!("{name}-{coin}"), format!("{name} {coin}")),
                None => (name.to_owned(), format!("{name} {}", o.subject)),
            };
            let text = format!("{} by {}: {}", what.trim_end(), o.operator, o.reason);
            Some(Notice::new("operator", subject, urgency, text).protecting())
        }
        EventBody::Gap(g) => {
            let name = coin(g.coin.index());
            let text = format!("{name}: {}", g.words());
            Some(Notice::new("gap", name, Urgency::Info, text))
        }
        _ => None,
    }
}
