//! Admission: no batch exceeds a limit in the worst case of fills, every gate is judged, unknown admits nothing, and
//! nothing is rounded up.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

mod support;

use proptest::prelude::*;
use std::sync::Arc;
use support::{Rig, Script, always, config, enter, fixed, orders, script};
use zero_core::prng::Prng;
use zero_core::{AccountId, CoinId, Px, Rate, Sz, Truth, TsDiff, Usd};
use zero_kernel::{Fact, KernelConfig, Stack};
use zero_market::event::{FundingPrint, Gap, TimerKind};
use zero_market::instrument::MIN_NOTIONAL;
use zero_market::order::OrderIntent;
use zero_market::venue::OrderEnd;
use zero_market::{Bar, EventBody, Purpose, Side, Universe};
use zero_strategy::registry::StrategyChoice;
use zero_strategy::strategies::TrendParams;
use zero_strategy::{Entry, ExitWhy, Proposal, Sizing};

const COINS: usize = 6;

#[derive(Clone, Debug)]
struct WishOf {
    buy: bool,
    score: f64,
    sz: i32,
}

/// Per (book, coin), perhaps a wish. All scores differ, so that the batch has one order.
fn wishes() -> impl Strategy<Value = Vec<Option<WishOf>>> {
    let wish = (any::<bool>(), 1i32..60).prop_map(|(buy, sz)| WishOf { buy, score: 0.0, sz });
    prop::collection::vec(prop::option::weighted(0.8, wish), 3 * COINS).prop_map(|mut all| {
        for (i, w) in all.iter_mut().enumerate() {
            if let Some(w) = w {
                w.score = ((i * 7) % 19) as f64;
            }
        }
        all
    })
}

fn scripts(wishes: &[Option<WishOf>], order: [usize; 3]) -> Vec<Script> {
    let wishes = Arc::new(wishes.to_vec());
    order
        .into_iter()
        .map(|b| {
            let wishes = wishes.clone();
            script(move |view, h| match (&wishes[b * COINS + view.coin.index()], h) {
                (Some(w), None) => Proposal::Enter(Entry {
                    score: w.score,
                    ..enter(if w.buy { Side::Buy } else { Side::Sell }, fixed(w.sz))
                }),
                _ => Proposal::Nothing,
            })
        })
        .collect()
}

fn limited() -> KernelConfig {
    let mut cfg = config(&[0, 0, 0]);
    cfg.limits.max_gross_leverage = Rate::bps(5_000);
    cfg.limits.max_position_share = Rate::bps(1_500);
    cfg.limits.max_open_positions = 4;
    cfg.limits.orders_per_hour = 7;
    cfg
}

/// The worst case by brute force: every subset of the entries fills.
fn worst_gross(orders: &[OrderIntent], coin: Option<usize>) -> i128 {
    let coins = match coin {
        Some(c) => c..c + 1,
        None => 0..COINS,
    };
    coins
        .map(|c| {
            let of: Vec<i128> = orders
                .iter()
                .filter(|o| o.coin.index() == c)
                .map(|o| i128::from(o.side.sign() * o.sz.raw()) * 100)
                .collect();
            (0..1u32 << of.len())
                .map(|bits| {
                    let net: i128 =
                        of.iter().enumerate().filter(|(i, _)| bits >> i & 1 == 1).map(|(_, x)| x).sum();
                    net.abs()
                })
                .max()
                .unwrap_or(0)
        })
        .sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// F3: whatever the batch, whatever fills, no limit is exceeded.
    #[test]
    fn no_batch_exceeds_a_limit_whichever_of_its_orders_fill(wishes in wishes()) {
        let mut rig = Rig::new(limited(), COINS, &scripts(&wishes, [0, 1, 2]));
        let mut all = orders(&rig.hour(&[100; COINS]));
        // A second batch an hour later, while the first still waits for its fills.
        all.extend(orders(&rig.hour(&[100; COINS])));
        let equity = 30_000i128 * 100_000_000;
        prop_assert!(worst_gross(&all, None) <= equity / 2);
        for c in 0..COINS {
            prop_assert!(worst_gross(&all, Some(c)) <= equity * 15 / 100);
        }
        let mut coins: Vec<_> = all.iter().map(|o| o.coin).collect();
        coins.sort_unstable();
        coins.dedup();
        prop_assert!(coins.len() <= 4);
        prop_assert!(all.len() <= 14);
        let first_hour = all.iter().filter(|o| o.decided_at == all[0].decided_at).count();
        prop_assert!(first_hour <= 7);
    }

    /// F3: what is admitted depends on what is wished, not on the order in which it is wished.
    #[test]
    fn the_admitted_set_is_a_function_of_the_set_of_wishes(wishes in wishes(), shuffle in 0usize..6) {
        let order = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]][shuffle];
        let admitted = |order: [usize; 3]| {
            let mut rig = Rig::new(limited(), COINS, &scripts(&wishes, order));
            let found = orders(&rig.hour(&[100; COINS]));
            let mut set: Vec<_> =
                found.iter().map(|o| (order[o.book.index()], o.coin, o.side, o.sz)).collect();
            set.sort_by_key(|(b, c, ..)| (*b, *c));
            set
        };
        prop_assert_eq!(admitted([0, 1, 2]), admitted(order));
    }

    /// F11: every gate says something about every candidate, also behind one that failed.
    #[test]
    fn every_gate_is_judged_for_every_candidate(wishes in wishes()) {
        let mut rig = Rig::new(limited(), COINS, &scripts(&wishes, [0, 1, 2]));
        rig.hour(&[100; COINS]);
        let gates = rig.kernel.stack().gates().len();
        let wanted = wishes.iter().flatten().count();
        prop_assert_eq!(rig.traces.0.len(), wanted);
        for t in &rig.traces.0 {
            prop_assert_eq!(t.gates.iter().map(|g| usize::from(g.gate)).collect::<Vec<_>>(), (0..gates).collect::<Vec<_>>());
            prop_assert_eq!(t.admitted, t.gates.iter().all(|g| g.truth.is_true()));
            for g in &t.gates {
                // The distance and the outcome agree.
                match g.truth {
                    Truth::True => prop_assert!(g.value <= g.limit * (1.0 + 1e-9) + 1e-9),
                    Truth::False => prop_assert!(g.value >= g.limit * (1.0 - 1e-9) - 1e-9),
                    Truth::Unknown => prop_assert!(g.value.is_nan()),
                }
            }
        }
    }

    /// F30: on every instrument of the venue, at every price and for every wish.
    #[test]
    fn an_order_is_on_the_grid_never_rounded_up_and_never_below_the_minimum(
        coin in 0u16..10, digits in 10_000i64..99_999, exponent in 0u32..9, usd in 0.01f64..4_000.0, kind in 0u8..3
    ) {
        let universe = Universe::reference();
        let ins = universe.get(CoinId(coin)).unwrap().clone();
        let raw = Px::from_raw(digits * 10i64.pow(exponent));
        let px = ins.round_px_adverse(raw, Side::Buy);
        let share = usd / 10_000.0;
        let sizing = match kind {
            0 => Sizing::Share(Rate::from_f64_nearest(share).unwrap()),
            1 => Sizing::Fixed(Sz::from_f64_nearest(usd / px.to_f64()).unwrap()),
            _ => Sizing::Risk,
        };
        let mut cfg = config(&[0]);
        cfg.limits.risk_per_trade = Rate::from_f64_nearest(share * 0.05).unwrap();
        let mut rig = Rig::with(cfg, universe, support::stack(&[always(enter(Side::Buy, sizing))]));
        rig.now = rig.now.plus(TsDiff::HOUR);
        rig.send(EventBody::BarClosed(support::bar(coin, rig.now, px)));
        let placed = orders(&rig.slice());
        let trace = &rig.traces.0[0];
        let wanted = i128::from(trace.final_sz.raw()) * i128::from(px.raw());
        if kind < 2 {
            let bound = (usd * 1e16 * (1.0 + 1e-9)) as i128 + i128::from(px.raw());
            prop_assert!(wanted <= bound, "{wanted} {bound}");
        }
        prop_assert_eq!(trace.final_sz.raw() % ins.lot().raw(), 0);
        let min = i128::from(MIN_NOTIONAL.raw()) * 100_000_000;
        match placed.first() {
            Some(o) => {
                prop_assert!(ins.is_valid_sz(o.sz) && wanted >= min);
            }
            None => {
                let failing = rig.failing(trace);
                prop_assert!(wanted < min || !failing.contains(&"min_notional"), "{:?}", failing);
                prop_assert!(!failing.is_empty());
            }
        }
    }

    /// Modifiers shrink; the full stack never places more than the base size.
    #[test]
    fn modifiers_only_shrink(seed in 0u64..10_000) {
        let mut rig = trend_rig(config(&[0]));
        let mut p = Prng::new(seed, 5);
        let mut px = 100.0;
        for _ in 0..260 {
            px *= (p.normal() * 0.005 + 0.002).exp();
            tick(&mut rig, px, true);
            rig.fill_market(px as i32);
        }
        prop_assert!(!rig.traces.0.is_empty());
        for t in &rig.traces.0 {
            prop_assert!(t.final_sz <= t.base_sz);
            prop_assert!(t.factors.iter().all(|f| (0.0..=1.0).contains(f)));
        }
    }
}

fn trend_rig(cfg: KernelConfig) -> Rig {
    let stack = Stack::standard(|plan| vec![StrategyChoice::Trend(TrendParams::standard()).build(plan)]);
    Rig::with(cfg, support::universe(1), stack)
}

/// One bar at a price, a funding print, the slice.
fn tick(rig: &mut Rig, px: f64, funding: bool) {
    rig.now = rig.now.plus(TsDiff::HOUR);
    let px = Px::from_f64_nearest(px).unwrap();
    rig.send(EventBody::BarClosed(support::bar(0, rig.now, px)));
    if funding {
        rig.send(EventBody::Funding(FundingPrint {
            coin: CoinId(0),
            rate: Rate::from_raw(12_500_000),
            premium: Rate::ZERO,
        }));
    }
    rig.slice();
}

/// A market in which the trend follower enters at every bar: to see which broken input stops it.
fn trending(bars: usize, mut garble: impl FnMut(usize, &mut Rig, f64) -> bool) -> Vec<OrderIntent> {
    let mut rig = trend_rig(config(&[0]));
    let mut px = 100.0;
    for i in 0..bars {
        px *= 1.0 + 0.004 * ((i % 5) as f64 - 1.0);
        let before = rig.facts.len();
        if garble(i, &mut rig, px) {
            tick(&mut rig, px, true);
        }
        for o in rig.open() {
            rig.end(&o.intent, OrderEnd::IocCancelled);
        }
        if i + 1 == bars {
            return orders(&rig.facts[before..]);
        }
    }
    Vec::new()
}

/// F11: delete or garble each input in turn: no new risk, ever.
#[test]
fn a_missing_or_garbled_input_admits_nothing() {
    const N: usize = 200;
    let last = |i: usize| i + 1 == N;
    assert_eq!(trending(N, |_, _, _| true).len(), 1, "with every input there is an order");
    type Garble = fn(&mut Rig, f64);
    let inputs: [(&str, Garble); 10] = [
        ("no bar", |rig, _| {
            rig.now = rig.now.plus(TsDiff::HOUR);
            rig.slice();
        }),
        ("a bar of an hour ago", |rig, px| {
            let old = support::bar(0, rig.now, Px::from_f64_nearest(px).unwrap());
            rig.now = rig.now.plus(TsDiff::HOUR);
            rig.send(EventBody::BarClosed(old));
            rig.slice();
        }),
        ("a price of zero", |rig, px| bad_bar(rig, px, |b| b.close = Px::ZERO)),
        ("a negative price", |rig, px| bad_bar(rig, px, |b| b.low = Px::from_raw(-1))),
        ("high under low", |rig, px| {
            bad_bar(rig, px, |b| (b.high, b.low) = (b.low, Px::from_raw(b.high.raw() + 1)));
        }),
        ("a negative volume", |rig, px| bad_bar(rig, px, |b| b.volume = Sz::from_raw(-1))),
        ("no length", |rig, px| {
            bad_bar(rig, px, |b| (b.open_time, b.interval) = (b.close_time(), TsDiff::ZERO));
        }),
        ("a hole in the feed", |rig, px| {
            let from = rig.now;
            rig.send(EventBody::Gap(Gap { coin: CoinId(0), from, to: from.plus(TsDiff::HOUR) }));
            tick(rig, px, true);
        }),
        ("equity that does not reconcile", |rig, px| {
            rig.send(EventBody::Reconciled(Box::new(zero_market::event::Reconciled {
                account: AccountId(0),
                equity: Usd::ONE,
                positions: vec![],
            })));
            tick(rig, px, true);
        }),
        ("an unreadable disk report", |rig, px| {
            rig.operator(zero_market::event::OperatorAction::DiskReport, "");
            tick(rig, px, true);
        }),
    ];
    for (name, garble) in inputs {
        let placed = trending(N, |i, rig, px| {
            if last(i) {
                garble(rig, px);
            }
            !last(i)
        });
        assert!(placed.is_empty(), "{name}");
    }
    // Funding that came and then stopped: what it costs to hold is not known.
    let placed = trending(N, |i, rig, px| {
        if i + 4 > N {
            tick(rig, px, false);
        }
        i + 4 <= N
    });
    assert!(placed.is_empty(), "funding went silent");
    // Funding in percent instead of fractions is no funding, whether it would be paid or received.
    for sign in [1, -1] {
        let placed = trending(N, |i, rig, px| {
            if i + 4 > N {
                rig.now = rig.now.plus(TsDiff::HOUR);
                rig.send(EventBody::BarClosed(support::bar(0, rig.now, Px::from_f64_nearest(px).unwrap())));
                let rate = Rate::from_raw(sign * 1_250_000_000_000);
                rig.send(EventBody::Funding(FundingPrint { coin: CoinId(0), rate, premium: Rate::ZERO }));
                rig.slice();
            }
            i + 4 <= N
        });
        assert!(placed.is_empty(), "funding in another unit");
    }
}

fn bad_bar(rig: &mut Rig, px: f64, spoil: fn(&mut Bar)) {
    rig.now = rig.now.plus(TsDiff::HOUR);
    let mut b = support::bar(0, rig.now, Px::from_f64_nearest(px).unwrap());
    spoil(&mut b);
    rig.send(EventBody::BarClosed(b));
    rig.slice();
}

/// F11: a strategy that says nonsense is refused, not obeyed, and nothing stops.
#[test]
fn nonsense_from_a_strategy_is_refused() {
    let cases: [(&str, Entry); 8] = [
        ("NaN stop", Entry { stop: Some(f64::NAN), ..enter(Side::Buy, Sizing::Risk) }),
        ("NaN stop, fixed", Entry { stop: Some(f64::NAN), ..enter(Side::Buy, fixed(1)) }),
        ("negative stop", Entry { stop: Some(-0.1), ..enter(Side::Buy, Sizing::Risk) }),
        ("zero stop", Entry { stop: Some(0.0), ..enter(Side::Buy, Sizing::Risk) }),
        ("negative size", enter(Side::Buy, Sizing::Fixed(Sz::whole(-5)))),
        ("largest size", enter(Side::Buy, Sizing::Fixed(Sz::MAX))),
        ("largest share", enter(Side::Buy, Sizing::Share(Rate::MAX))),
        ("negative share", enter(Side::Buy, Sizing::Share(Rate::whole(-1)))),
    ];
    for (name, entry) in cases {
        for score in [1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let entry = Entry { score, ..entry };
            let mut rig = Rig::new(config(&[0]), 2, &[always(entry)]);
            assert!(orders(&rig.hour(&[100, 100])).is_empty(), "{name}");
            assert_eq!(rig.traces.0.len(), 2, "{name}");
        }
    }
}

/// A score that is no number ranks behind every number.
#[test]
fn a_score_that_is_no_number_ranks_last() {
    let scored = |bad: bool| {
        script(move |view, h| {
            let score = if bad { f64::NAN } else { f64::from(view.coin.0) };
            if h.is_some() {
                Proposal::Nothing
            } else {
                Proposal::Enter(Entry { score, ..enter(Side::Buy, fixed(1)) })
            }
        })
    };
    let mut rig = Rig::new(config(&[0, 0]), 3, &[scored(true), scored(false)]);
    rig.hour(&[100, 100, 100]);
    let ranked: Vec<_> = rig.traces.0.iter().map(|t| (t.book.0, t.coin.0)).collect();
    assert_eq!(ranked, [(1, 2), (1, 1), (1, 0), (0, 0), (0, 1), (0, 2)]);
}

/// F32: after an exit the same side waits; the other side and another coin do not.
#[test]
fn the_same_side_waits_after_an_exit() {
    let mut cfg = config(&[0]);
    cfg.limits.cooldown = TsDiff::HOUR.times(3);
    let churn = script(|_, h| match h {
        Some(_) => Proposal::Exit(ExitWhy::Signal),
        None => Proposal::Enter(enter(Side::Buy, fixed(1))),
    });
    let mut rig = Rig::new(cfg, 1, &[churn]);
    let mut entries = Vec::new();
    for hour in 0..12 {
        if orders(&rig.hour(&[100])).iter().any(|o| o.purpose == Purpose::Entry) {
            entries.push(hour);
        }
        rig.fill_market(100);
    }
    assert_eq!(entries, [0, 4, 8], "in, out an hour later, three hours' wait");
    assert!(rig.traces.0.iter().any(|t| rig.failing(t) == ["cooldown"]));
}

/// F9: both sides can be opened and both can be left.
#[test]
fn every_direction_is_possible() {
    for side in [Side::Buy, Side::Sell] {
        let there_and_back = script(move |view, h| match h {
            None if view.now.since(support::START) == TsDiff::HOUR => Proposal::Enter(enter(side, fixed(1))),
            Some(_) => Proposal::Exit(ExitWhy::Signal),
            None => Proposal::Nothing,
        });
        let mut rig = Rig::new(config(&[0]), 1, &[there_and_back]);
        let entry = orders(&rig.hour(&[100])).remove(0);
        assert_eq!((entry.side, entry.reduce_only, entry.purpose), (side, false, Purpose::Entry));
        rig.fill(&entry, 100);
        assert_eq!(rig.position(0, 0).signum(), side.sign());
        let exit = orders(&rig.hour(&[100])).remove(0);
        assert_eq!((exit.side, exit.reduce_only, exit.purpose), (side.opposite(), true, Purpose::Exit));
        rig.fill(&exit, 100);
        assert_eq!(rig.position(0, 0), Sz::ZERO);
    }
}

/// F16: every order resolves to the decision, the book and the strategy that wanted it.
#[test]
fn every_order_names_its_strategy_and_its_decision() {
    let mut rig = Rig::new(config(&[0, 0]), 2, &[support::erratic(4), support::erratic(5)]);
    support::chaos(&mut rig, 4, 60);
    let mut orders = 0;
    let mut known = std::collections::BTreeSet::new();
    for f in &rig.facts {
        if let Fact::Order(o) = f {
            orders += 1;
            assert_eq!(o.strategy, rig.kernel.stack().digests[o.intent.book.index()]);
            if o.intent.purpose == Purpose::Entry {
                assert!(rig.traces.0.iter().any(|t| t.decision == o.decision && t.admitted));
                assert!(o.plan.is_some());
            }
            if matches!(o.intent.purpose, Purpose::Stop | Purpose::Target) {
                assert!(known.contains(&o.decision), "protection names the entry it protects");
            }
            known.insert(o.intent.id);
        }
    }
    assert!(orders > 20);
    assert_eq!(known.len(), orders, "no id is given twice");
}

/// Margin is asked at each coin's own leverage.
#[test]
fn margin_counts_every_coin_at_its_own_leverage() {
    let universe = Universe::new(vec![
        zero_market::Instrument::new("A", 2, 50),
        zero_market::Instrument::new("B", 2, 2),
    ]);
    let mut cfg = config(&[0]);
    cfg.leverage = 50;
    cfg.limits.max_gross_leverage = Rate::whole(50);
    cfg.limits.max_position_share = Rate::whole(50);
    // 190 of A and 190 of B at 100: 19,000 / 50 + 19,000 / 2 = 9,880 of 10,000.
    for (sz, fits) in [(190, true), (193, false)] {
        let both = always(enter(Side::Buy, fixed(sz)));
        let mut rig = Rig::with(cfg.clone(), universe.clone(), support::stack(&[both]));
        assert_eq!(orders(&rig.hour(&[100, 100])).len(), if fits { 2 } else { 1 });
        if !fits {
            assert_eq!(rig.failing(&rig.traces.0[1]), ["margin"]);
        }
    }
}

/// The heartbeat of a live loop is no decision.
#[test]
fn nothing_is_entered_on_a_heartbeat() {
    let mut rig = Rig::new(config(&[0]), 1, &[always(enter(Side::Buy, fixed(1)))]);
    rig.now = rig.now.plus(TsDiff::HOUR);
    rig.close(0, 100);
    let before = rig.traces.0.len();
    let facts = rig.send(EventBody::Timer(TimerKind::Heartbeat));
    assert!(orders(&facts).is_empty() && rig.traces.0.len() == before);
}
