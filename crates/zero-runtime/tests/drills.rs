//! Drills of a run's own limits and venue: each passes where it should, and each is made to fail by breaking what it drills.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use zero_core::{Overflow, TsDiff, Usd};
use zero_market::order::CancelIntent;
use zero_market::{Event, Instrument, OrderIntent, Universe, VenueEvent};
use zero_paper::{FeeModel, PaperConfig, PaperVenue};
use zero_runtime::drills::{self, Drill, Outcome};
use zero_runtime::{RunSpec, Venue};
use zero_strategy::Limits;
use zero_strategy::registry::StrategyChoice;

fn spec() -> RunSpec {
    let universe = Universe::new(vec![Instrument::new("BTC", 5, 40), Instrument::new("ETH", 4, 25)]);
    let rate = |t| zero_core::Rate::parse(t).unwrap();
    let fees = FeeModel { taker: rate("0.00045"), maker: rate("0.00015") };
    let paper = PaperConfig::frictionless(fees);
    let mut spec = RunSpec::standard(universe, Usd::whole(10_000), paper, &[("book", StrategyChoice::Flat)]);
    spec.kernel.dead_man_after = Some(TsDiff::HOUR.times(8));
    spec
}

fn outcomes(found: &[Drill]) -> Vec<(&'static str, Outcome)> {
    found.iter().map(|d| (d.name, d.outcome)).collect()
}

fn find<'a>(found: &'a [Drill], name: &str) -> &'a Drill {
    found.iter().find(|d| d.name == name).unwrap()
}

#[test]
fn every_drill_passes_on_the_shipped_limits_with_a_dead_man_but_the_one_without_anything_to_drill() {
    let found = drills::run(&spec());
    for d in &found {
        let want = match d.name {
            "rejected_exchange_dead_man_blocks_entries" => Outcome::NotBuilt,
            _ => Outcome::Pass,
        };
        assert_eq!(d.outcome, want, "{d:#?}");
    }
    assert_eq!(outcomes(&found), outcomes(&drills::run(&spec())), "the same twice");
}

/// A venue with one fault.
struct Faulty(PaperVenue, Fault, Vec<zero_core::OrderId>);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// Takes a repeated order for a new one.
    ForgetsIds,
    /// Loses every reduction.
    LosesReductions,
}

impl Venue for Faulty {
    fn on_market(&mut self, event: &Event, out: &mut Vec<VenueEvent>) -> Result<(), Overflow> {
        self.0.on_market(event, out)
    }
    fn submit(&mut self, intent: &OrderIntent, out: &mut Vec<VenueEvent>) -> Result<(), Overflow> {
        if self.1 == Fault::LosesReductions && intent.reduce_only {
            return Ok(());
        }
        if self.1 == Fault::ForgetsIds && self.2.contains(&intent.id) {
            let mut again = intent.clone();
            again.id.0[0] ^= 0xff;
            return self.0.submit(&again, out);
        }
        self.2.push(intent.id);
        self.0.submit(intent, out)
    }
    fn cancel(&mut self, cancel: &CancelIntent, out: &mut Vec<VenueEvent>) {
        self.0.cancel(cancel, out);
    }
    fn report(&self, account: zero_core::AccountId) -> Option<zero_market::event::Reconciled> {
        self.0.report(account)
    }
}

fn with_fault(fault: Fault) -> Vec<Drill> {
    drills::run_with(&spec(), &move |venue| Box::new(Faulty(venue, fault, Vec::new())))
}

#[test]
fn each_drill_fails_when_what_it_drills_is_broken() {
    let mut failed = BTreeSet::new();
    let mut note = |found: &[Drill]| {
        failed.extend(found.iter().filter(|d| d.outcome == Outcome::Fail).map(|d| d.name));
    };
    let mut no_dead_man = spec();
    no_dead_man.kernel.dead_man_after = None;
    let found = drills::run(&no_dead_man);
    note(&found);
    for name in ["heartbeat_arms_dead_man", "risk_increase_requires_heartbeat"] {
        assert_eq!(find(&found, name).outcome, Outcome::Fail, "{name}");
    }

    let mut unlimited = spec();
    unlimited.kernel.limits = Limits::unbounded();
    let found = drills::run(&unlimited);
    note(&found);
    for name in ["rate_limit_blocks_second_order", "daily_loss_limit_blocks_entries"] {
        assert_eq!(find(&found, name).outcome, Outcome::Fail, "{:#?}", find(&found, name));
    }

    // Limits under which nothing can be entered: a block would prove nothing.
    let mut shut = spec();
    shut.kernel.limits.max_open_positions = 0;
    let found = drills::run(&shut);
    note(&found);
    for name in ["pause_blocks_entries", "exchange_submit_outage_fails_closed_without_retry"] {
        assert_eq!(find(&found, name).outcome, Outcome::Fail, "{name}");
    }

    let forgets = with_fault(Fault::ForgetsIds);
    note(&forgets);
    assert_eq!(find(&forgets, "idempotent_submit_has_single_exchange_attempt").outcome, Outcome::Fail);

    let lost = with_fault(Fault::LosesReductions);
    note(&lost);
    assert_eq!(find(&lost, "reduce_only_flatten_works_while_paused").outcome, Outcome::Fail);
    assert_eq!(find(&lost, "kill_cancels_and_blocks_new_risk").outcome, Outcome::Fail);
    let never: Vec<_> = drills::run(&spec()).iter().map(|d| d.name).filter(|n| !failed.contains(n)).collect();
    assert_eq!(
        never,
        ["rejected_exchange_dead_man_blocks_entries"],
        "there is no live venue that could reject it"
    );
}
