//! A look-ahead in a strategy, in a lens or in the store is caught; bundled strategies and the store have none.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

use std::sync::Arc;
use zero_core::{CoinId, Rate, Sz, Ts, Usd};
use zero_data::synth::{SynthSpec, generate};
use zero_data::{Dataset, EventRange};
use zero_kernel::Stack;
use zero_market::{EventBody, Side};
use zero_paper::{FeeModel, PaperConfig};
use zero_runtime::lookahead::{Events, Instants, LookAhead, Suspect, examine, examine_at, stored};
use zero_runtime::{Driver, EngineError, OperatorPolicy, RunSpec};
use zero_strategy::lens::{Opinion, Provenance};
use zero_strategy::registry::StrategyChoice;
use zero_strategy::strategies::{CarryParams, Trend, TrendParams};
use zero_strategy::{CoinView, FeatureBank, Holding, Lens, LensOut, Proposal, Strategy, StrategySpec};

fn market() -> Dataset {
    let mut spec = SynthSpec::seeded(7).only(&["BTC", "ETH", "SUI"]);
    spec.bars = Some(900);
    generate(&spec).unwrap()
}

fn spec(data: &Dataset, choice: StrategyChoice) -> RunSpec {
    let paper = PaperConfig::standard(FeeModel::HYPERLIQUID_BASE);
    let mut spec = RunSpec::standard(data.universe().clone(), Usd::whole(10_000), paper, &[("book", choice)]);
    spec.policy = OperatorPolicy::UNATTENDED;
    spec
}

fn trend(data: &Dataset) -> RunSpec {
    spec(data, StrategyChoice::Trend(TrendParams::standard()))
}

fn examined(driver: &dyn Fn(&Dataset) -> Result<Driver, EngineError>) -> LookAhead {
    examine(&market(), &Suspect { driver, events: &stored }, 12, &mut |_, _| {}).unwrap()
}

#[test]
fn bundled_strategies_and_the_store_know_nothing_before_its_time() {
    let all = [
        ("trend", StrategyChoice::Trend(TrendParams::standard())),
        ("carry", StrategyChoice::Carry(CarryParams::standard())),
        ("ema_cross", StrategyChoice::EmaCross(10, 20, Sz::from_raw(1_000_000))),
        ("hold", StrategyChoice::Hold(Rate::bps(1_000))),
        ("flat", StrategyChoice::Flat),
        ("random_entry", StrategyChoice::RandomEntry(3, Rate::bps(200), TrendParams::standard())),
    ];
    for (name, choice) in all {
        let found = examined(&|d| spec(d, choice.clone()).driver());
        assert!(found.is_clean(), "{name}: {found:?}");
        // A strategy that judged nothing would be clean too, and prove nothing.
        assert!(name == "flat" || found.candidates > 2, "{name}: {found:?}");
        assert!(found.cuts.len() >= 6, "{name}: {}", found.cuts.len());
    }
}

fn next_moves(data: &Dataset, coin: zero_core::CoinId, now: Ts, side: Side) -> Option<bool> {
    let next = data.series(coin)?.bars.iter().find(|b| b.open_time == now)?;
    Some((next.close > next.open) == (side == Side::Buy))
}

/// A trend follower that enters only when the coming bar moves its way.
#[derive(Debug)]
struct Peeking(Trend, Arc<Dataset>);

impl Strategy for Peeking {
    fn spec(&self) -> StrategySpec {
        self.0.spec()
    }
    fn propose(&self, view: &CoinView<'_>, holding: Option<&Holding>) -> Proposal {
        match self.0.propose(view, holding) {
            Proposal::Enter(e) if next_moves(&self.1, view.coin, view.now, e.side) != Some(true) => {
                Proposal::Nothing
            }
            other => other,
        }
    }
    fn favourable(&self, sigma: f64, now: Ts, bank: &mut FeatureBank) -> bool {
        self.0.favourable(sigma, now, bank)
    }
}

#[test]
fn a_planted_look_ahead_in_a_strategy_is_caught() {
    let found = examined(&|d| {
        let data = Arc::new(d.clone());
        let stack = Stack::standard(|plan| {
            vec![Box::new(Peeking(Trend::new(TrendParams::standard(), plan), data)) as Box<dyn Strategy>]
        });
        Ok(Driver::new(trend(d).engine_with(stack)?, OperatorPolicy::UNATTENDED))
    });
    assert!(found.cuts.iter().any(|c| !c.same_decisions), "{found:?}");
}

/// A lens that is sure of the coming bar. It sizes nothing and gates nothing.
#[derive(Debug)]
struct Oracle(Arc<Dataset>);

impl Lens for Oracle {
    fn name(&self) -> &'static str {
        "oracle"
    }
    fn evaluate(&self, view: &CoinView<'_>, side: Side) -> LensOut {
        match next_moves(&self.0, view.coin, view.now, side) {
            Some(up) => LensOut::Opinion(Opinion {
                mean: if up { 1.0 } else { -1.0 },
                stderr: 0.1,
                provenance: Provenance::Assumed,
            }),
            None => LensOut::Abstain(zero_core::MissingReason::NeverSeen),
        }
    }
}

#[test]
fn a_planted_look_ahead_in_a_lens_is_caught_though_it_changes_no_decision() {
    let found = examined(&|d| {
        let mut stack =
            Stack::standard(|plan| vec![StrategyChoice::Trend(TrendParams::standard()).build(plan)]);
        stack.lenses.push(Box::new(Oracle(Arc::new(d.clone()))));
        Ok(Driver::new(trend(d).engine_with(stack)?, OperatorPolicy::UNATTENDED))
    });
    assert!(found.cuts.iter().filter(|c| c.deciding).all(|c| !c.same_decisions), "{found:?}");
    assert!(found.cuts.iter().all(|c| c.same_features), "{found:?}");
}

/// A store that hands a bar out with the close of the one after it.
fn leaking(data: &Dataset) -> Events<'_> {
    Box::new(data.events(&EventRange::all()).map(|e| {
        let mut event = e?;
        if let EventBody::BarClosed(b) = &mut event.body {
            let later =
                data.series(b.coin).and_then(|s| s.bars.iter().find(|x| x.open_time == b.close_time()));
            if let Some(later) = later {
                b.close = later.close.max(b.low).min(b.high);
            }
        }
        Ok(event)
    }))
}

#[test]
fn a_planted_look_ahead_in_the_store_is_caught() {
    let driver = |d: &Dataset| trend(d).driver();
    let found =
        examine(&market(), &Suspect { driver: &driver, events: &leaking }, 12, &mut |_, _| {}).unwrap();
    assert!(!found.is_clean() && found.cuts.iter().filter(|c| !c.same_features).count() > 6, "{found:?}");
}

/// The next coin's bar that closes at `now`: its event comes later in the same instant.
fn next_coin_rose(data: &Dataset, coin: CoinId, now: Ts) -> Option<bool> {
    let next = data.series(CoinId(coin.0 + 1))?;
    let bar = next.bars.iter().find(|b| b.open_time.plus(data.interval()) == now)?;
    Some(bar.close > bar.open)
}

/// Clean by every end after a slice, where all coins have closed; caught inside the instant.
fn only_inside(found: &LookAhead) {
    assert!(
        found.cuts.len() >= 6 && found.cuts.iter().all(zero_runtime::lookahead::Cut::is_same),
        "{found:?}"
    );
    assert!(!found.is_clean(), "{found:?}");
}

#[derive(Debug)]
struct Neighbour(Arc<Dataset>);

impl Lens for Neighbour {
    fn name(&self) -> &'static str {
        "neighbour"
    }
    fn evaluate(&self, view: &CoinView<'_>, _: Side) -> LensOut {
        match next_coin_rose(&self.0, view.coin, view.now) {
            Some(up) => {
                let mean = if up { 1.0 } else { -1.0 };
                LensOut::Opinion(Opinion { mean, stderr: 0.1, provenance: Provenance::Assumed })
            }
            None => LensOut::Abstain(zero_core::MissingReason::NeverSeen),
        }
    }
}

#[test]
fn a_lens_that_reads_a_later_coin_of_its_own_instant_is_caught_inside_it_only() {
    let found = examined(&|d| {
        let mut stack =
            Stack::standard(|plan| vec![StrategyChoice::Trend(TrendParams::standard()).build(plan)]);
        stack.lenses.push(Box::new(Neighbour(Arc::new(d.clone()))));
        Ok(Driver::new(trend(d).engine_with(stack)?, OperatorPolicy::UNATTENDED))
    });
    only_inside(&found);
    assert!(found.inside.iter().all(|i| i.same_features), "{found:?}");
    let wrong = found.inside.iter().filter(|i| !i.same_decisions);
    assert!(wrong.clone().count() >= 2 && wrong.clone().all(|i| i.kind == "bar_closed"), "{found:?}");
}

#[derive(Debug)]
struct Jealous(Trend, Arc<Dataset>);

impl Strategy for Jealous {
    fn spec(&self) -> StrategySpec {
        self.0.spec()
    }
    fn propose(&self, view: &CoinView<'_>, holding: Option<&Holding>) -> Proposal {
        match next_coin_rose(&self.1, view.coin, view.now) {
            Some(false) => Proposal::Abstain,
            _ => self.0.propose(view, holding),
        }
    }
    fn favourable(&self, sigma: f64, now: Ts, bank: &mut FeatureBank) -> bool {
        self.0.favourable(sigma, now, bank)
    }
}

#[test]
fn a_strategy_that_reads_a_later_coin_of_its_own_instant_is_caught_inside_it_only() {
    let found = examined(&|d| {
        let data = Arc::new(d.clone());
        let stack = Stack::standard(|plan| {
            vec![Box::new(Jealous(Trend::new(TrendParams::standard(), plan), data)) as Box<dyn Strategy>]
        });
        Ok(Driver::new(trend(d).engine_with(stack)?, OperatorPolicy::UNATTENDED))
    });
    only_inside(&found);
    assert!(found.inside.iter().all(|i| i.same_features), "{found:?}");
}

/// A store that moves a close by what a later coin's bar of the same instant did.
fn leaking_inside(data: &Dataset) -> Events<'_> {
    Box::new(data.events(&EventRange::all()).map(|e| {
        let mut event = e?;
        if let EventBody::BarClosed(b) = &mut event.body
            && next_coin_rose(data, b.coin, event.time) == Some(true)
        {
            b.close = b.high;
        }
        Ok(event)
    }))
}

#[test]
fn a_store_that_mixes_a_later_coin_of_the_same_instant_into_a_bar_is_caught_inside_it_only() {
    let driver = |d: &Dataset| trend(d).driver();
    let suspect = Suspect { driver: &driver, events: &leaking_inside };
    let found = examine(&market(), &suspect, 12, &mut |_, _| {}).unwrap();
    only_inside(&found);
    assert!(found.inside.iter().any(|i| !i.same_features), "{found:?}");
}

/// An instant is ended after each of its events: closes, prints, the slice and opens of every coin.
#[test]
fn every_event_of_an_instant_is_an_end() {
    let data = market();
    let found = examined(&|d| trend(d).driver());
    let mut instants: Vec<Ts> = found.inside.iter().map(|i| i.key.time).collect();
    instants.dedup();
    assert!(instants.len() >= 3, "{instants:?}");
    let whole: Vec<_> = stored(&data).map(Result::unwrap).filter(|e| instants.contains(&e.time)).collect();
    let keys: Vec<_> = whole.iter().map(zero_market::Event::key).collect();
    assert_eq!(found.inside.iter().map(|i| i.key).collect::<Vec<_>>(), keys);
    assert!(keys.len() >= 8 * instants.len(), "{}", keys.len());
}

/// Looks at the later coin in one instant only.
#[derive(Debug)]
struct Rarely(Neighbour, Ts);

impl Lens for Rarely {
    fn name(&self) -> &'static str {
        "rarely"
    }
    fn evaluate(&self, view: &CoinView<'_>, side: Side) -> LensOut {
        if view.now == self.1 {
            self.0.evaluate(view, side)
        } else {
            LensOut::Abstain(zero_core::MissingReason::Gap)
        }
    }
}

#[test]
fn every_instant_is_ended_where_that_is_asked_for_and_finds_what_a_sample_does_not_visit() {
    let mut synth = SynthSpec::seeded(7).only(&["BTC", "ETH"]);
    synth.bars = Some(40);
    let data = generate(&synth).unwrap();
    let events: Vec<_> = stored(&data).map(Result::unwrap).collect();
    let at = |which, when: Option<Ts>| {
        let driver = |d: &Dataset| {
            let mut stack = Stack::standard(|plan| vec![StrategyChoice::Flat.build(plan)]);
            let data = Arc::new(d.clone());
            stack.lenses.extend(when.map(|t| Box::new(Rarely(Neighbour(data), t)) as Box<dyn Lens>));
            Ok(Driver::new(spec(d, StrategyChoice::Flat).engine_with(stack)?, OperatorPolicy::UNATTENDED))
        };
        examine_at(&data, &Suspect { driver: &driver, events: &stored }, (1, which), &mut |_, _| {}).unwrap()
    };
    let sampled = at(Instants::Sampled, None);
    let mut visited: Vec<Ts> = sampled.inside.iter().map(|i| i.key.time).collect();
    visited.dedup();
    // An instant in which the later coin rose, which is not known before its close, and that no sample visits.
    let missed = events
        .iter()
        .filter(|e| matches!(e.body, EventBody::BarClosed(_)) && !visited.contains(&e.time))
        .map(|e| e.time)
        .find(|t| next_coin_rose(&data, CoinId(0), *t) == Some(true))
        .unwrap();
    assert!(at(Instants::Sampled, Some(missed)).is_clean(), "the sample does not go there");
    let every = at(Instants::Every, Some(missed));
    let ends: Vec<_> = every.inside.iter().map(|i| i.key).collect();
    assert_eq!(ends, events.iter().map(zero_market::Event::key).collect::<Vec<_>>());
    let wrong: Vec<_> = every.inside.iter().filter(|i| !i.is_same()).collect();
    assert!(!wrong.is_empty() && wrong.iter().all(|i| i.key.time == missed), "{wrong:?}");
    assert!(at(Instants::Every, None).is_clean());
}
