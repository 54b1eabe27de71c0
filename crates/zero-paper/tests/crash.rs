//! Inside a falling bar: stops, liquidation and the backstop, in the order in which prices meet them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

mod support;

use proptest::prelude::*;
use support::{Rig, frictionless, px, usd};
use zero_core::{AccountId, Px, Sz, Usd};
use zero_market::venue::OrderEnd;
use zero_market::{FillCause, Instrument, MarginTier, Side, Universe};
use zero_paper::{FeeModel, MarginMode, PaperConfig};

const BOTH: [MarginMode; 2] = [MarginMode::Cross, MarginMode::Isolated];

/// The day of 2025-10-10: a bar that falls by 81 % and comes half-way back.
const CRASH: [&str; 4] = ["100", "100", "19", "60"];

#[test]
fn a_stop_inside_the_bar_fills_at_its_trigger() {
    for margin in BOTH {
        let mut rig = Rig::new(frictionless(margin), 50, &[1_000]);
        rig.hold(0, Side::Buy, "5");
        rig.trigger(0, Side::Sell, "5", "90", true);
        rig.bar(CRASH);
        let f = rig.fills();
        assert_eq!((f.len(), f[0].px, f[0].cause), (1, px("90"), FillCause::Stop));
        assert_eq!(rig.cash(0), Usd::whole(950));
    }
}

#[test]
fn a_stop_that_the_open_jumped_over_fills_at_the_open() {
    for (side, stop, open, trigger) in
        [(Side::Buy, Side::Sell, "40", "90"), (Side::Sell, Side::Buy, "160", "110")]
    {
        let mut rig = Rig::new(frictionless(MarginMode::Cross), 50, &[1_000]);
        rig.hold(0, side, "5");
        rig.trigger(0, stop, "5", trigger, true);
        rig.flat_bar(open);
        assert_eq!(rig.fills()[0].px, px(open));
        assert_eq!(rig.cash(0), Usd::whole(700));
    }
}

/// A stop placed after the open that the market is beyond already fires there, not at a price that is gone.
#[test]
fn a_stop_on_the_wrong_side_of_the_market_fires_at_once_at_the_market() {
    let mut rig = Rig::new(frictionless(MarginMode::Cross), 50, &[1_000]);
    rig.hold(0, Side::Buy, "5");
    rig.open(0, px("95"));
    rig.trigger(0, Side::Sell, "5", "97", true);
    rig.close(0, ["95", "96", "94", "96"].map(px), Sz::whole(1_000));
    assert_eq!(rig.fills()[0].px, px("95"));
}

#[test]
fn the_stop_comes_before_the_target_when_one_bar_touches_both() {
    let mut rig = Rig::new(frictionless(MarginMode::Cross), 50, &[1_000]);
    rig.hold(0, Side::Buy, "5");
    rig.trigger(0, Side::Sell, "5", "105", false);
    rig.trigger(0, Side::Sell, "5", "95", true);
    rig.bar(["100", "110", "90", "100"]);
    let f = rig.fills();
    assert_eq!((f.len(), f[0].px, f[0].cause), (1, px("95"), FillCause::Stop));
    assert_eq!(rig.ends(), [OrderEnd::ReduceOnlyCancelled], "the target has nothing left to reduce");
}

#[test]
fn a_target_alone_fills_at_its_price_and_at_a_better_open() {
    let mut rig = Rig::new(frictionless(MarginMode::Cross), 50, &[1_000]);
    rig.hold(0, Side::Buy, "4");
    rig.trigger(0, Side::Sell, "2", "105", false);
    rig.trigger(0, Side::Sell, "2", "120", false);
    rig.bar(["100", "110", "99", "108"]);
    rig.flat_bar("130");
    let f = rig.fills();
    assert_eq!(
        f.iter().map(|f| (f.px, f.cause)).collect::<Vec<_>>(),
        [(px("105"), FillCause::Target), (px("130"), FillCause::Target)]
    );
}

#[test]
fn stops_fire_in_the_order_in_which_the_path_meets_them_stamped_inside_the_bar() {
    let mut rig = Rig::new(frictionless(MarginMode::Cross), 50, &[1_000]);
    rig.hold(0, Side::Buy, "3");
    for at in ["70", "90", "80"] {
        rig.trigger(0, Side::Sell, "1", at, true);
    }
    let opened = rig.now;
    rig.bar(CRASH);
    let f = rig.fills();
    assert_eq!(f.iter().map(|f| f.px).collect::<Vec<_>>(), [px("90"), px("80"), px("70")]);
    assert!(opened < f[0].time && f[0].time < f[1].time && f[1].time < f[2].time && f[2].time < rig.now);
}

#[test]
fn a_stop_before_the_liquidation_price_saves_the_account_and_one_behind_it_does_not() {
    for margin in BOTH {
        // Bought 9 at 100 with 300: liquidation near 68.
        for (trigger, cause) in [("70", FillCause::Stop), ("60", FillCause::Liquidation)] {
            let mut rig = Rig::new(frictionless(margin), 50, &[300]);
            rig.hold(0, Side::Buy, "9");
            rig.trigger(0, Side::Sell, "9", trigger, true);
            rig.bar(CRASH);
            let f = rig.fills();
            assert_eq!((f.len(), f[0].cause), (1, cause));
            assert!(rig.cash(0).raw() >= 0);
            assert_eq!(rig.position(0), Sz::ZERO);
        }
    }
}

/// A gap beyond everything: the stop fills at the open, far beyond the money, and what is owed is the backstop's.
#[test]
fn a_debt_after_a_gap_is_the_backstops() {
    for margin in BOTH {
        let mut rig = Rig::new(frictionless(margin), 50, &[300]);
        rig.hold(0, Side::Buy, "9");
        rig.trigger(0, Side::Sell, "9", "90", true);
        rig.flat_bar("19");
        assert_eq!(rig.fills()[0].px, px("19"));
        assert_eq!(rig.backstops().iter().map(|b| b.amount).collect::<Vec<_>>(), [Usd::whole(429)]);
        assert_eq!(rig.cash(0), Usd::ZERO);
    }
}

/// Isolated: the loss ends at the book's own cash, whatever else the account has.
#[test]
fn an_isolated_loss_is_bounded_by_the_books_cash() {
    let mut rig = Rig::new(frictionless(MarginMode::Isolated), 50, &[300, 50_000]);
    rig.hold(0, Side::Buy, "9");
    rig.bar(CRASH);
    assert!((0..=usd("300").raw()).contains(&rig.cash(0).raw()));
    assert_eq!((rig.position(0), rig.cash(1)), (Sz::ZERO, Usd::whole(50_000)));
    // Cross: the other book's cash stands behind it, and the position lives.
    let mut rig = Rig::new(frictionless(MarginMode::Cross), 50, &[300, 50_000]);
    rig.hold(0, Side::Buy, "9");
    rig.bar(CRASH);
    assert_eq!((rig.position(0), rig.fills().len()), (Sz::whole(9), 0));
}

#[test]
fn a_liquidation_cancels_what_rested_and_says_so() {
    let mut rig = Rig::new(frictionless(MarginMode::Cross), 50, &[300]);
    rig.hold(0, Side::Buy, "9");
    rig.trigger(0, Side::Sell, "9", "20", true);
    rig.trigger(0, Side::Sell, "9", "200", false);
    rig.bar(CRASH);
    assert_eq!(rig.ends(), [OrderEnd::LiquidatedCancelled; 2]);
    assert!(rig.venue.state().working.is_empty());
}

fn tiers() -> impl Strategy<Value = Vec<MarginTier>> {
    (3u8..=50, 1i32..5_000, any::<bool>()).prop_map(|(lev, bound, two)| {
        let mut t = vec![MarginTier { lower_bound: Usd::ZERO, max_leverage: lev }];
        if two {
            t.push(MarginTier { lower_bound: Usd::whole(bound), max_leverage: (lev / 2).max(1) });
        }
        t
    })
}

/// The venue's published formula, in f64 and apart from the code: `price - side * available / size / (1 - l * side)`,
/// where the available margin is the account's value less the maintenance at that price, and `l` the tier's rate.
fn liquidation_price(tiers: &[MarginTier], cash: f64, szi: f64) -> Option<f64> {
    let (side, sz) = (szi.signum(), szi.abs());
    let at = 100.0;
    tiers.iter().enumerate().find_map(|(i, tier)| {
        let rate = 0.5 / f64::from(tier.max_leverage);
        let mut deduction = 0.0;
        for w in tiers[..=i].windows(2) {
            let step = 0.5 / f64::from(w[1].max_leverage) - 0.5 / f64::from(w[0].max_leverage);
            deduction += w[1].lower_bound.to_f64() * step;
        }
        let available = cash + szi * at - (sz * at * rate - deduction);
        let price = at - side * available / sz / (1.0 - rate * side);
        let notional = price * sz;
        let low = tier.lower_bound.to_f64();
        let high = tiers.get(i + 1).map_or(f64::INFINITY, |t| t.lower_bound.to_f64());
        (notional >= low && notional < high).then_some(price)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn liquidation_is_where_the_venues_formula_says(
        tiers in tiers(), lots in 100i64..9_000, share in 0.06f64..0.9, short: bool
    ) {
        let ins = Instrument { symbol: "X".into(), sz_decimals: 2, tiers: tiers.clone() };
        let sz = lots as f64 / 100.0;
        // Enough for the initial margin of the tier.
        let needed = sz * 100.0 / f64::from(ins.max_leverage(Usd::from_f64_nearest(sz * 100.0).unwrap()).min(50));
        let start = (needed * (1.0 + share) + 1.0).ceil();
        let cash = Usd::from_f64_nearest(start).unwrap();
        let universe = Universe::new(vec![ins]);
        let mut rig = Rig::with(frictionless(MarginMode::Cross), universe, &[(AccountId(0), cash)]);
        let side = if short { Side::Sell } else { Side::Buy };
        rig.hold(0, side, &format!("{sz:.2}"));
        let szi = if short { -sz } else { sz };
        let want = liquidation_price(&tiers, start - szi * 100.0, szi);
        let Some(want) = want else { return Ok(()) };
        prop_assume!(want > 1.0 && want < 1_000.0);
        let beyond = if short { want * 1.05 } else { want * 0.95 };
        let end = Px::from_f64_nearest((beyond * 100.0).round() / 100.0).unwrap();
        let (high, low) = if short { (end, px("100")) } else { (px("100"), end) };
        rig.open(0, px("100"));
        rig.close(0, [px("100"), high, low, px("100")], Sz::whole(1_000));
        let f = rig.fills();
        prop_assert_eq!(f.len(), 1, "expected a liquidation near {}", want);
        prop_assert_eq!(f[0].cause, FillCause::Liquidation);
        // One step of the path, and the tick.
        let step = (end.to_f64() - 100.0).abs() / f64::from(1 << 20);
        let tick = 0.01f64.max(want * 1e-4);
        let off = (f[0].px.to_f64() - want) * if short { 1.0 } else { -1.0 };
        prop_assert!(off <= step + tick + 1e-6 && off >= -1e-6 - step, "{} {want} {off}", f[0].px);
        prop_assert!(rig.cash(0).raw() >= 0);
        // And not a tick before it.
        let near = if short { want * 0.999 } else { want * 1.001 };
        let near = Px::from_f64_nearest((near * 1e4).round() / 1e4).unwrap();
        let mut safe = Rig::with(
            frictionless(MarginMode::Cross),
            Universe::new(vec![Instrument { symbol: "X".into(), sz_decimals: 2, tiers }]),
            &[(AccountId(0), cash)],
        );
        safe.hold(0, side, &format!("{sz:.2}"));
        let (high, low) = if short { (near.max(px("100")), px("100")) } else { (px("100"), near.min(px("100"))) };
        safe.open(0, px("100"));
        safe.close(0, [px("100"), high, low, px("100")], Sz::whole(1_000));
        prop_assert!(safe.fills().is_empty());
    }

    /// Whatever the bars, whatever rests: no group owes money, and every cent is in a fill, a payment or a takeover.
    #[test]
    fn no_balance_is_ever_negative_and_no_cent_is_unexplained(
        steps in prop::collection::vec((0u8..6, 0u16..2, any::<bool>(), 1i64..3_000, 10i32..200, 10i32..200), 5..60),
        isolated: bool
    ) {
        let margin = if isolated { MarginMode::Isolated } else { MarginMode::Cross };
        let cfg = PaperConfig { margin, leverage: 20, ..PaperConfig::standard(FeeModel::HYPERLIQUID_BASE) };
        let mut rig = Rig::new(cfg, 20, &[500, 900]);
        rig.flat_bar("100");
        for (kind, book, buy, lots, a, b) in steps {
            let side = if buy { Side::Buy } else { Side::Sell };
            let sz = format!("{}.{:02}", lots / 100, lots % 100);
            match kind {
                0..=2 => drop(rig.market(book, side, &sz)),
                3 => drop(rig.trigger(book, side, &sz, &format!("{b}"), a > b)),
                _ => {}
            }
            let (a, b) = (Px::whole(a), Px::whole(b));
            rig.open(0, a);
            rig.close(0, [a, a.max(b), a.min(b), b], Sz::whole(300));
            if kind == 5 {
                rig.funding("0.001", "0.0005");
                // Margin is looked at when a price comes.
                rig.open(0, b);
            }
            let mut cash = [500, 900].map(|c| i128::from(Usd::whole(c).raw()));
            for f in rig.fills() {
                let sign = i128::from(f.side.sign());
                cash[f.book.index()] -= sign * i128::from(f.notional.raw()) + i128::from(f.fee.raw());
            }
            rig.payments().iter().for_each(|p| cash[p.book.index()] += i128::from(p.amount.raw()));
            rig.backstops().iter().for_each(|b| cash[b.book.index()] += i128::from(b.amount.raw()));
            let equity: Vec<i128> = (0..2u16)
                .map(|i| i128::from(rig.cash(i).raw() + b.notional(rig.position(i)).unwrap().raw()))
                .collect();
            for i in 0..2u16 {
                prop_assert_eq!(i128::from(rig.cash(i).raw()), cash[usize::from(i)]);
                if isolated {
                    prop_assert!(equity[usize::from(i)] >= 0);
                }
            }
            prop_assert!(equity.iter().sum::<i128>() >= 0);
            let report = rig.venue.report(AccountId(0)).unwrap();
            prop_assert_eq!(i128::from(report.equity.raw()), equity.iter().sum::<i128>());
        }
    }
}
