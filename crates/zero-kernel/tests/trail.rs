//! The best price of a position: what a document's trailing exit is measured from.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

mod support;

use support::{Rig, always, config, enter, fixed, market_orders, universe};
use zero_core::prng::Prng;
use zero_core::{BookId, CoinId, Px};
use zero_kernel::{Fact, Stack};
use zero_market::{Purpose, Side};
use zero_strategy::Strategy;
use zero_strategy::lang::{Document, DocumentStrategy, Field};
use zero_strategy::precedence::ExitClass;

fn trailing() -> Rig {
    let fields = [
        ("entry.long", "close >= close[1]"),
        ("exit.horizon", "30d"),
        ("exit.stop", "40%"),
        ("exit.trail_long", "giveback >= 5%"),
        ("sizing.by", "fixed 1"),
        ("cooldown.wait", "0h"),
    ];
    let document = Document::new("trailing", 1, &fields.map(|(key, text)| Field { key, text })).unwrap();
    let stack =
        Stack::bare(move |plan| vec![Box::new(DocumentStrategy::new(document, plan)) as Box<dyn Strategy>]);
    Rig::with(config(&[0]), universe(1), stack)
}

fn exits(facts: &[Fact]) -> Vec<ExitClass> {
    let of = |f: &Fact| match f {
        Fact::Order(o) if o.intent.purpose == Purpose::Exit => o.exit,
        _ => None,
    };
    facts.iter().filter_map(of).collect()
}

#[test]
fn a_trailing_exit_is_measured_from_the_best_close_since_entry_and_not_from_before() {
    let mut rig = trailing();
    // A peak before the entry is none of the position's.
    for px in [200, 100, 100] {
        rig.hour(&[px]);
    }
    rig.fill_market(100);
    for px in [110, 120, 115] {
        assert!(exits(&rig.hour(&[px])).is_empty(), "{px}: less than 5 % off the best");
    }
    assert_eq!(exits(&rig.hour(&[114])), [ExitClass::Trail], "exactly 5 % off 120");
    rig.fill_market(114);
    assert_eq!(rig.kernel.holding(BookId(0), CoinId(0)), None);
    // The next position starts from its own fill.
    for px in [100, 101] {
        rig.hour(&[px]);
    }
    assert_eq!(market_orders(rig.open()).len(), 1);
    rig.fill_market(101);
    assert!(exits(&rig.hour(&[97])).is_empty(), "4 % off 101, far off 120");
}

/// Against a recomputation from the closes alone, on both sides.
#[test]
fn the_best_price_is_the_extreme_of_the_first_fill_and_every_close_since() {
    for seed in 0..40 {
        let mut draw = Prng::new(seed, 0);
        let side = if seed % 2 == 0 { Side::Buy } else { Side::Sell };
        let mut entry = enter(side, fixed(1));
        entry.stop = Some(0.5);
        let mut rig = Rig::new(config(&[0]), 1, &[always(entry)]);
        rig.hour(&[100]);
        let fill = 95 + draw.below(10) as i32;
        rig.fill_market(fill);
        let mut best = fill;
        for _ in 0..20 {
            let close = 90 + draw.below(21) as i32;
            rig.hour(&[close]);
            best = if side == Side::Buy { best.max(close) } else { best.min(close) };
            let held = rig.kernel.holding(BookId(0), CoinId(0)).unwrap();
            assert_eq!(held.best, Some(Px::whole(best)));
            let off = held.giveback(Px::whole(close)).unwrap();
            let want = f64::from(best - close).abs() / f64::from(best);
            assert!((off - want).abs() < 1e-12 && off >= 0.0, "{off} {want}");
        }
        // The fill that closes ends it.
        let close = rig.open().iter().find(|o| o.intent.purpose == Purpose::Stop).unwrap().intent.clone();
        rig.fill(&close, 60);
        assert_eq!(rig.kernel.state().thesis(BookId(0), CoinId(0)).best, None);
    }
}
