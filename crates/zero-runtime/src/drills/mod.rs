//! Drills: what must stop risk is made to stop it, on a scratch engine with the run's own limits and venue. A drill that could
//! not fail would prove nothing: each has a configuration or a venue that fails it.

mod rig;

use crate::engine::{EngineError, Venue};
use crate::spec::RunSpec;
use rig::{MakeVenue, Rig, START_PX, Want};
use serde_json::{Map, Value, json};
use zero_core::{Px, TsDiff};
use zero_kernel::breakers;
use zero_market::event::OperatorAction;
use zero_market::order::CancelIntent;
use zero_market::{Event, OrderIntent, VenueEvent};
use zero_paper::PaperVenue;

/// What a drill found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// What must happen happened.
    Pass,
    /// It did not.
    Fail,
    /// There is nothing to drill yet.
    NotBuilt,
}

impl Outcome {
    /// As packets name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::NotBuilt => "not_built",
        }
    }
}

/// A drill that ran.
#[derive(Clone, Debug, PartialEq)]
pub struct Drill {
    /// Name, as the wire contract has it.
    pub name: &'static str,
    /// What it found.
    pub outcome: Outcome,
    /// What was seen, in words.
    pub note: String,
    /// What was counted.
    pub evidence: Map<String, Value>,
}

/// What a drill says before it has its name.
type Found = (Outcome, String, Value);
type Body = fn(&RunSpec, MakeVenue<'_>) -> Result<Found, EngineError>;

/// Every drill of the contract, in its order.
const DRILLS: [(&str, Body); 10] = [
    ("heartbeat_arms_dead_man", heartbeat_arms),
    ("risk_increase_requires_heartbeat", risk_requires_heartbeat),
    ("idempotent_submit_has_single_exchange_attempt", idempotent_submit),
    ("exchange_submit_outage_fails_closed_without_retry", submit_outage),
    ("pause_blocks_entries", pause_blocks),
    ("reduce_only_flatten_works_while_paused", flatten_while_paused),
    ("kill_cancels_and_blocks_new_risk", kill_blocks),
    ("rejected_exchange_dead_man_blocks_entries", exchange_dead_man),
    ("rate_limit_blocks_second_order", rate_limit),
    ("daily_loss_limit_blocks_entries", daily_loss),
];

/// Runs every drill against the run's limits and the paper venue. Takes milliseconds, touches nothing of the run.
#[must_use]
pub fn run(spec: &RunSpec) -> Vec<Drill> {
    run_with(spec, &|venue| Box::new(venue))
}

/// Runs every drill against a venue that is made from the paper venue: tests plant faults this way.
#[must_use]
pub fn run_with(spec: &RunSpec, make: &dyn Fn(PaperVenue) -> Box<dyn Venue>) -> Vec<Drill> {
    let one = |(name, body): (&'static str, Body)| {
        let (outcome, note, evidence) = body(spec, make)
            .unwrap_or_else(|e| (Outcome::Fail, format!("the scratch engine stopped: {e}"), json!({})));
        let evidence = if let Value::Object(map) = evidence { map } else { Map::new() };
        Drill { name, outcome, note, evidence }
    };
    DRILLS.map(one).into_iter().collect()
}

fn verdict(holds: bool, note: impl Into<String>, evidence: Value) -> Found {
    (if holds { Outcome::Pass } else { Outcome::Fail }, note.into(), evidence)
}

/// An engine in which the first hour's candidate was admitted and filled; `Err` says why it was not.
fn entered(spec: &RunSpec, want: Want, make: MakeVenue<'_>) -> Result<Result<Rig, Found>, EngineError> {
    let mut rig = Rig::new(spec, want, make)?;
    let hour = rig.hour(START_PX)?;
    if rig.held().raw() > 0 {
        return Ok(Ok(rig));
    }
    let why = format!("no entry can be made under these limits: {}", rig.why(&hour));
    Ok(Err(verdict(false, why, json!({ "judged": hour.judged.len(), "orders": hour.orders.len() }))))
}

macro_rules! entered {
    ($spec:expr, $want:expr, $make:expr) => {
        match entered($spec, $want, $make)? {
            Ok(rig) => rig,
            Err(found) => return Ok(found),
        }
    };
}

/// Is this breaker open in the scratch engine?
fn is_open(rig: &Rig, name: &str) -> bool {
    breakers::find(name).is_some_and(|i| rig.kernel().state().open_breakers() >> i & 1 == 1)
}

const NO_DEAD_MAN: &str = "no dead-man is armed: operator.dead_man_after is not set";

fn heartbeat_arms(spec: &RunSpec, make: MakeVenue<'_>) -> Result<Found, EngineError> {
    let Some(after) = spec.kernel.dead_man_after else {
        return Ok(verdict(false, NO_DEAD_MAN, json!({ "armed": false })));
    };
    let mut rig = Rig::new(spec, Want::LITTLE, make)?;
    rig.operator(OperatorAction::Heartbeat)?;
    rig.after(TsDiff::ns(after.as_ns() / 2), START_PX)?;
    let early = is_open(&rig, "dead_man");
    rig.after(after, START_PX)?;
    let late = is_open(&rig, "dead_man");
    let evidence =
        json!({ "after_s": after.as_ns() / 1_000_000_000, "open_in_time": early, "open_late": late });
    Ok(verdict(
        !early && late,
        "the dead-man opens after its time without a heartbeat, and not before",
        evidence,
    ))
}

fn risk_requires_heartbeat(spec: &RunSpec, make: MakeVenue<'_>) -> Result<Found, EngineError> {
    let Some(after) = spec.kernel.dead_man_after else {
        return Ok(verdict(false, NO_DEAD_MAN, json!({ "armed": false })));
    };
    // The same entry goes through while there is a heartbeat.
    let _alive = entered!(spec, Want::LITTLE, make);
    let mut rig = Rig::new(spec, Want::LITTLE, make)?;
    rig.operator(OperatorAction::Heartbeat)?;
    let hour = rig.after(TsDiff::ns(after.as_ns().saturating_add(TsDiff::HOUR.as_ns())), START_PX)?;
    let evidence = json!({ "orders": hour.orders.len(), "judged": hour.judged.len() });
    Ok(verdict(rig.refused_by(&hour, "breakers") && hour.orders.is_empty(), rig.why(&hour), evidence))
}

fn idempotent_submit(spec: &RunSpec, make: MakeVenue<'_>) -> Result<Found, EngineError> {
    let once = entered!(spec, Want::LITTLE, make);
    let repeated = |venue: PaperVenue| -> Box<dyn Venue> { Box::new(Repeating(make(venue))) };
    let twice = entered!(spec, Want::LITTLE, &repeated);
    let evidence = json!({ "held_once": once.held().to_string(), "held_twice": twice.held().to_string() });
    Ok(verdict(once.held() == twice.held(), "the same order sent twice fills once", evidence))
}

fn submit_outage(spec: &RunSpec, make: MakeVenue<'_>) -> Result<Found, EngineError> {
    let _heard = entered!(spec, Want::LITTLE, make);
    let deaf = |venue: PaperVenue| -> Box<dyn Venue> { Box::new(Deaf(make(venue))) };
    let mut rig = Rig::new(spec, Want::LITTLE, &deaf)?;
    let mut attempts = 0;
    for _ in 0..4 {
        attempts += rig.hour(START_PX)?.orders.len();
    }
    let evidence = json!({ "exchange_attempts": attempts, "held": rig.held().to_string() });
    Ok(verdict(
        attempts == 1 && rig.held().raw() == 0,
        "an order without an answer is not sent again",
        evidence,
    ))
}

fn pause_blocks(spec: &RunSpec, make: MakeVenue<'_>) -> Result<Found, EngineError> {
    let _unpaused = entered!(spec, Want::LITTLE, make);
    let mut rig = Rig::new(spec, Want::LITTLE, make)?;
    rig.operator(OperatorAction::PauseEntries)?;
    let hour = rig.hour(START_PX)?;
    let evidence =
        json!({ "judged": hour.judged.len(), "admitted": hour.admitted(), "orders": hour.orders.len() });
    Ok(verdict(rig.refused_by(&hour, "breakers") && hour.orders.is_empty(), rig.why(&hour), evidence))
}

fn flatten_while_paused(spec: &RunSpec, make: MakeVenue<'_>) -> Result<Found, EngineError> {
    let mut rig = entered!(spec, Want::LITTLE, make);
    let before = rig.held();
    rig.operator(OperatorAction::PauseEntries)?;
    let orders = rig.operator(OperatorAction::Flatten)?;
    rig.hour(START_PX)?;
    let reduces = !orders.is_empty() && orders.iter().all(|o| o.reduce_only);
    let evidence = json!({
        "orders": orders.len(), "reduce_only": reduces, "held_before": before.to_string(), "held_after": rig.held().to_string(),
    });
    Ok(verdict(reduces && rig.held().raw() == 0, "the position is closed while entries are paused", evidence))
}

fn kill_blocks(spec: &RunSpec, make: MakeVenue<'_>) -> Result<Found, EngineError> {
    let mut rig = entered!(spec, Want::LITTLE, make);
    let resting = rig.resting();
    rig.operator(OperatorAction::Kill)?;
    rig.hour(START_PX)?;
    // While killed no strategy is asked: what wants in every hour is not even judged.
    let later = rig.hour(START_PX)?;
    let evidence = json!({
        "resting_before": resting, "resting_after": rig.resting(), "held_after": rig.held().to_string(),
        "orders_after": later.orders.len(),
    });
    let holds = resting > 0 && rig.held().raw() == 0 && rig.resting() == 0 && later.orders.is_empty();
    Ok(verdict(holds, "nothing is held, nothing rests, nothing is sent", evidence))
}

fn exchange_dead_man(_: &RunSpec, _: MakeVenue<'_>) -> Result<Found, EngineError> {
    let note = "the paper venue schedules no cancellation, so none can be refused";
    Ok((Outcome::NotBuilt, note.into(), json!({})))
}

fn rate_limit(spec: &RunSpec, make: MakeVenue<'_>) -> Result<Found, EngineError> {
    let limit = spec.kernel.limits.orders_per_hour;
    if limit == u32::MAX {
        return Ok(verdict(false, "limits.orders_per_hour is without bound", json!({ "limit": null })));
    }
    let both = Want { coins: 2, ..Want::LITTLE };
    let mut free = spec.clone();
    free.kernel.limits.orders_per_hour = 2;
    let two = Rig::new(&free, both, make)?.hour(START_PX)?.admitted();
    let mut tight = spec.clone();
    tight.kernel.limits.orders_per_hour = 1;
    let mut rig = Rig::new(&tight, both, make)?;
    let hour = rig.hour(START_PX)?;
    let evidence =
        json!({ "limit": limit, "admitted_at_limit_2": two, "admitted_at_limit_1": hour.admitted() });
    Ok(verdict(
        two == 2 && hour.admitted() == 1 && rig.refused_by(&hour, "order_rate"),
        rig.why(&hour),
        evidence,
    ))
}

fn daily_loss(spec: &RunSpec, make: MakeVenue<'_>) -> Result<Found, EngineError> {
    // A position large enough that a price of nearly nothing loses more than the limit, and no stop that ends it before.
    let mut wide = spec.clone();
    let l = &mut wide.kernel.limits;
    let unbound = zero_strategy::Limits::unbounded();
    (l.max_gross_leverage, l.max_position_share) = (unbound.max_gross_leverage, unbound.max_position_share);
    (l.max_cost_share, l.cooldown) = (unbound.max_cost_share, unbound.cooldown);
    let want = Want { percent: 90, stop: false, coins: 1 };
    let mut rig = entered!(&wide, want, make);
    rig.hour(START_PX)?;
    rig.hour(Px::whole(2))?;
    let open = is_open(&rig, "daily_loss");
    let hour = rig.hour(Px::whole(2))?;
    let loss = spec.kernel.limits.daily_loss;
    let evidence = json!({ "limit": loss.to_string(), "breaker_open": open, "orders": hour.orders.len() });
    let refused = hour.orders.iter().all(|o| o.reduce_only);
    Ok(verdict(open && refused, "a lost day blocks entries", evidence))
}

/// Sends every order twice.
struct Repeating(Box<dyn Venue>);

impl Venue for Repeating {
    fn on_market(&mut self, event: &Event, out: &mut Vec<VenueEvent>) -> Result<(), zero_core::Overflow> {
        self.0.on_market(event, out)
    }
    fn submit(&mut self, intent: &OrderIntent, out: &mut Vec<VenueEvent>) -> Result<(), zero_core::Overflow> {
        self.0.submit(intent, out)?;
        // The second sending is the network's: what the venue says of it reaches nobody.
        self.0.submit(intent, &mut Vec::new())
    }
    fn cancel(&mut self, cancel: &CancelIntent, out: &mut Vec<VenueEvent>) {
        self.0.cancel(cancel, out);
    }
    fn report(&self, account: zero_core::AccountId) -> Option<zero_market::event::Reconciled> {
        self.0.report(account)
    }
}

/// Takes orders and says nothing.
struct Deaf(Box<dyn Venue>);

impl Venue for Deaf {
    fn on_market(&mut self, event: &Event, out: &mut Vec<VenueEvent>) -> Result<(), zero_core::Overflow> {
        self.0.on_market(event, out)
    }
    fn submit(&mut self, _: &OrderIntent, _: &mut Vec<VenueEvent>) -> Result<(), zero_core::Overflow> {
        Ok(())
    }
    fn cancel(&mut self, cancel: &CancelIntent, out: &mut Vec<VenueEvent>) {
        self.0.cancel(cancel, out);
    }
    fn report(&self, account: zero_core::AccountId) -> Option<zero_market::event::Reconciled> {
        self.0.report(account)
    }
}
