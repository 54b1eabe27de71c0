//! Which exit wins, over every combination of claims, and that nothing defers one: the kernel is held against an
//! independent reading of the table.
//!
//! What cannot be a claim of a strategy (the stop and the target rest at the venue, an emergency comes from an operator or
//! from protection that cannot be placed) is put beside the claims as a state of the kernel.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

mod support;

use std::sync::{Arc, Mutex};
use support::{Rig, config, market_orders, universe};
use zero_core::{Px, Sz, Ts, TsDiff};
use zero_kernel::{Fact, OrderFact, Stack};
use zero_market::event::OperatorAction;
use zero_market::{Purpose, Side, VenueEvent};
use zero_strategy::feature::FeatureSpec;
use zero_strategy::lang::{Document, DocumentStrategy, Field};
use zero_strategy::precedence::{ExitClass, PRECEDENCE};
use zero_strategy::{CoinView, FeatureBank, FeaturePlan, Holding, Proposal, Strategy, StrategySpec};

/// What the document's conditions say: index by their RSI's length.
type Says = [Option<bool>; 8];
const KILL: usize = 3;
const TRAIL: usize = 4;
const SIGNAL: usize = 5;
const LONG: usize = 6;
const SHORT: usize = 7;

/// A document whose conditions a test sets, whatever the market does.
#[derive(Debug)]
struct Planted {
    inner: DocumentStrategy,
    plan: FeaturePlan,
    says: Arc<Mutex<Says>>,
}

impl Strategy for Planted {
    fn spec(&self) -> StrategySpec {
        self.inner.spec()
    }
    fn propose(&self, view: &CoinView<'_>, holding: Option<&Holding>) -> Proposal {
        let mut bank = FeatureBank::new(&self.plan);
        for (n, says) in self.says.lock().unwrap().iter().enumerate().skip(KILL) {
            if let Some(says) = says {
                let slot = self.plan.clone().need(FeatureSpec::Rsi { n: n as u16 });
                bank.set(slot, if *says { 100.0 } else { 0.0 }, view.now);
            }
        }
        self.inner.propose(&CoinView { bank: &bank, ..*view }, holding)
    }
    fn favourable(&self, _: f64, _: Ts, _: &mut FeatureBank) -> bool {
        false
    }
}

fn document(leaves: [bool; 3]) -> Document {
    let word = |leaves: bool| if leaves { "leave" } else { "hold" };
    let fields = [
        ("entry.long", "rsi(6) > 50"),
        ("entry.short", "rsi(7) > 50"),
        ("exit.horizon", "5h"),
        ("exit.stop", "5%"),
        ("exit.target", "9%"),
        ("exit.kill", "rsi(3) > 50"),
        ("exit.trail_long", "rsi(4) > 50"),
        ("exit.trail_short", "rsi(4) > 50"),
        ("exit.signal_long", "rsi(5) > 50"),
        ("exit.signal_short", "rsi(5) > 50"),
        ("exit.on_unknown.kill", word(leaves[0])),
        ("exit.on_unknown.trail", word(leaves[1])),
        ("exit.on_unknown.signal", word(leaves[2])),
        ("sizing.by", "fixed 4"),
    ];
    Document::new("claims", 1, &fields.map(|(key, text)| Field { key, text })).unwrap()
}

/// What stands in a strategy's way when it asks for an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hindrance {
    Nothing,
    /// Entries are paused.
    Paused,
    /// No bar closed at the slice.
    NoBar,
    /// The rest of the entry is still open.
    Entering,
    /// A breaker is open.
    Breaker,
    /// An operator flattens.
    Flatten,
}

const HINDRANCES: [Hindrance; 6] = [
    Hindrance::Nothing,
    Hindrance::Paused,
    Hindrance::NoBar,
    Hindrance::Entering,
    Hindrance::Breaker,
    Hindrance::Flatten,
];

/// The orders that close or protect, with their class.
fn exits(facts: &[Fact]) -> Vec<OrderFact> {
    let mine = facts.iter().filter_map(|f| if let Fact::Order(o) = f { Some(o.clone()) } else { None });
    mine.filter(|o| o.intent.purpose != Purpose::Entry).collect()
}

/// The slice in which a holding on `side` meets these claims.
fn slice(leaves: [bool; 3], side: Side, says: Says, overdue: bool, hindered: Hindrance) -> Vec<Fact> {
    let said = Arc::new(Mutex::new([Some(false); 8]));
    let enters = if side == Side::Buy { LONG } else { SHORT };
    said.lock().unwrap()[enters] = Some(true);
    let says_now = said.clone();
    let stack = Stack::bare(move |plan| {
        let inner = DocumentStrategy::new(document(leaves), plan);
        vec![Box::new(Planted { inner, plan: plan.clone(), says: says_now }) as Box<dyn Strategy>]
    });
    let mut rig = Rig::with(config(&[0]), universe(1), stack);
    rig.hour(&[100]);
    let entry = market_orders(rig.open()).remove(0);
    let left = if hindered == Hindrance::Entering { Sz::whole(1) } else { Sz::ZERO };
    let fill = rig.make_fill(&entry, Sz::whole(if left == Sz::ZERO { 4 } else { 3 }), Px::whole(100), left);
    let protection = exits(&rig.venue(VenueEvent::Fill(fill)));
    let classes: Vec<_> = protection.iter().map(|o| o.exit.unwrap()).collect();
    assert_eq!(classes, [ExitClass::Stop, ExitClass::Target], "an entry is answered by its protection");
    *said.lock().unwrap() = says;
    rig.now = rig.now.plus(TsDiff::HOUR.times(if overdue { 4 } else { 0 }));
    match hindered {
        Hindrance::Paused => drop(rig.operator(OperatorAction::PauseEntries, "")),
        Hindrance::Breaker => drop(rig.operator(OperatorAction::DiskReport, "0")),
        Hindrance::Flatten => return rig.operator(OperatorAction::Flatten, ""),
        _ => {}
    }
    match hindered {
        Hindrance::NoBar => rig.hour(&[]),
        _ => rig.hour(&[100]),
    }
}

#[test]
fn no_state_defers_an_exit_or_lets_a_lesser_one_go_before_it() {
    let words = [Some(true), Some(false), None];
    let mut by_class = std::collections::BTreeMap::new();
    for n in 0..words.len().pow(3) * 8 * 2 * 2 * 2 * HINDRANCES.len() {
        let digit = |at: usize, base: usize| n / at % base;
        let [kill, trail, signal] = [words[digit(1, 3)], words[digit(3, 3)], words[digit(9, 3)]];
        let leaves = [digit(27, 2) == 1, digit(54, 2) == 1, digit(108, 2) == 1];
        let overdue = digit(216, 2) == 1;
        let side = if digit(432, 2) == 1 { Side::Sell } else { Side::Buy };
        let turns = digit(864, 2) == 1;
        let hindered = HINDRANCES[digit(1_728, HINDRANCES.len())];
        let mut says = [Some(false); 8];
        (says[KILL], says[TRAIL], says[SIGNAL]) = (kill, trail, signal);
        says[if side == Side::Buy { SHORT } else { LONG }] = Some(turns);
        // The independent reading: who claims, then the table from the top.
        let claims = |c: ExitClass| match c {
            ExitClass::Emergency => hindered == Hindrance::Flatten,
            ExitClass::Kill => kill.unwrap_or(leaves[0]),
            ExitClass::Trail => trail.unwrap_or(leaves[1]),
            ExitClass::Signal => signal.unwrap_or(leaves[2]),
            ExitClass::Time => overdue,
            ExitClass::Stop | ExitClass::Target => false,
        };
        let want = PRECEDENCE.iter().copied().find(|c| claims(*c));
        let facts = slice(leaves, side, says, overdue, hindered);
        let sent = exits(&facts);
        let what = format!(
            "{hindered:?} {side:?} kill {kill:?} trail {trail:?} signal {signal:?} overdue {overdue} {leaves:?}"
        );
        assert_eq!(
            sent.iter().map(|o| o.exit).collect::<Vec<_>>(),
            want.map(Some).into_iter().collect::<Vec<_>>(),
            "{what}"
        );
        for o in &sent {
            // Whole, against the position, and nothing that can add to it.
            let held = if hindered == Hindrance::Entering { 3 } else { 4 };
            assert_eq!(
                (o.intent.sz, o.intent.side, o.intent.reduce_only),
                (Sz::whole(held), side.opposite(), true),
                "{what}"
            );
            *by_class.entry(o.exit).or_insert(0) += 1;
        }
        let entries =
            facts.iter().filter(|f| matches!(f, Fact::Order(o) if o.intent.purpose == Purpose::Entry));
        if want != Some(ExitClass::Signal) {
            assert_eq!(entries.count(), 0, "only a signal turns a position: {what}");
        }
    }
    assert_eq!(by_class.len(), 5, "every class was seen to win: {by_class:?}");
}
