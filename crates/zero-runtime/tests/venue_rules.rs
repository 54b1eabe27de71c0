//! Kernel and venue together over synthetic markets: no order breaks a rule of the venue, no position is without its
//! stop, and the two sets of books agree to the unit at every slice.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use proptest::prelude::*;
use zero_core::{BookId, CoinId, Px, Rate, Sz, Ts, TsDiff, Usd};
use zero_data::synth::{SynthSpec, generate};
use zero_data::{Dataset, EventRange};
use zero_kernel::{DigestSink, Fact, Kernel};
use zero_market::event::{BarOpen, TimerKind};
use zero_market::instrument::MIN_NOTIONAL;
use zero_market::venue::OrderEnd;
use zero_market::{
    Bar, Event, EventBody, FillCause, Instrument, OrderKind, Purpose, Side, Universe, VenueEvent,
};
use zero_paper::{FeeModel, MarginMode, PaperConfig, PaperVenue};
use zero_runtime::{Engine, RunSpec};
use zero_strategy::registry::StrategyChoice;
use zero_strategy::strategies::{CarryParams, TrendParams};

fn market(seed: u64, bars: u64) -> Dataset {
    let mut spec = SynthSpec::seeded(seed).only(&["BTC", "DOGE", "SUI", "INJ"]);
    spec.bars = Some(bars);
    spec.crash_bar = Some(bars / 2);
    generate(&spec).unwrap()
}

fn spec(universe: Universe, paper: PaperConfig, seed: u64) -> RunSpec {
    let trend =
        TrendParams { lookback: 24, entry_z: Rate::bps(5_000), horizon_hours: 48, ..TrendParams::standard() };
    let random =
        StrategyChoice::RandomEntry(seed, Rate::bps(1_500), TrendParams { horizon_hours: 12, ..trend });
    let carry = CarryParams { window_hours: 24, entry_annual: Rate::bps(300), ..CarryParams::standard() };
    let books = [
        ("trend", StrategyChoice::Trend(trend)),
        ("carry", StrategyChoice::Carry(carry)),
        ("random", random),
    ];
    let mut spec = RunSpec::standard(universe, Usd::whole(30_000), paper, &books);
    // Halts are another test's; here as much as possible should happen.
    spec.kernel.limits.daily_loss = Rate::whole(1);
    spec.kernel.limits.max_drawdown = Rate::whole(1);
    spec
}

/// What holds after every tick, whatever the market does.
fn check(engine: &Engine<PaperVenue>, facts: &[Fact], slice: bool) {
    let (kernel, venue) = (engine.kernel(), engine.venue());
    let state = kernel.state();
    for f in facts {
        match f {
            Fact::Order(o) => {
                let i = &o.intent;
                let ins = kernel.universe().get(i.coin).unwrap();
                assert!(ins.is_valid_sz(i.sz), "{i:?}");
                assert!(ins.quantise_down(i.sz) == i.sz);
                if let OrderKind::Trigger(t) = i.kind {
                    assert!(ins.is_valid_px(t.px), "{i:?}");
                }
                assert_eq!(i.reduce_only, i.purpose != Purpose::Entry);
                if i.purpose == Purpose::Entry {
                    assert!(i.reference_px.notional(i.sz).unwrap() >= MIN_NOTIONAL);
                }
            }
            Fact::Event(Event { body: EventBody::Venue(VenueEvent::Ended(e)), .. }) => {
                let fair = matches!(
                    e.why,
                    OrderEnd::IocCancelled
                        | OrderEnd::Cancelled
                        | OrderEnd::ReduceOnlyCancelled
                        | OrderEnd::LiquidatedCancelled
                        | OrderEnd::MarginRejected
                );
                assert!(fair, "{e:?}");
            }
            _ => {}
        }
    }
    for (b, book) in state.ledger.books.iter().enumerate() {
        assert_eq!(book.trial_balance(), 0);
        for (c, p) in book.positions.iter().enumerate() {
            let (book, coin) = (BookId(b as u16), CoinId(c as u16));
            covered(kernel, book, coin, p.szi);
        }
    }
    if slice {
        for a in &state.accounts {
            let theirs = venue.report(a.account).unwrap();
            let ours = state.ledger.account_equity(a.account, |c| state.mark(c)).unwrap().unwrap();
            assert_eq!(theirs.equity, ours);
            assert!(ours.raw() >= 0);
            for coin in (0..state.coins.len()).map(|c| CoinId(c as u16)) {
                let said = theirs.positions.iter().find(|p| p.coin == coin).map_or(Sz::ZERO, |p| p.szi);
                assert_eq!(said, state.ledger.account_net(a.account, coin));
            }
        }
    }
}

/// F4: what is held is covered by resting stops on the right side, at every tick.
fn covered(kernel: &Kernel, book: BookId, coin: CoinId, szi: Sz) {
    let stop_of = |o: &&zero_kernel::OpenOrder| o.intent.purpose == Purpose::Stop;
    let stops: Vec<_> = kernel.state().orders.of(book, coin).filter(stop_of).collect();
    let useful = Side::reducing(szi);
    assert!(stops.iter().all(|o| Some(o.intent.side) == useful), "a stop of the other side rests");
    if szi.raw() != 0 {
        let sum: i64 = stops.iter().map(|o| o.intent.sz.raw()).sum();
        let closing = kernel.state().orders.is_leaving(book, coin);
        assert!(sum >= szi.abs().raw() || closing, "{szi} covered by {sum}");
    }
}

fn run(spec: &RunSpec, data: &Dataset) -> (Engine<PaperVenue>, u64) {
    let mut engine = spec.engine().unwrap();
    let (mut facts, mut orders) = (Vec::new(), 0);
    for e in data.events(&EventRange::all()) {
        let e = e.unwrap();
        engine.tick(&e, &mut DigestSink, &mut facts).unwrap();
        check(&engine, &facts, matches!(e.body, EventBody::Timer(TimerKind::BarSlice)));
        orders += facts.iter().filter(|f| matches!(f, Fact::Order(_))).count() as u64;
        facts.clear();
    }
    (engine, orders)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn no_order_breaks_a_rule_and_no_position_is_naked_over_random_markets(
        seed in 0u64..1_000_000, isolated: bool, latency_s in prop::sample::select(vec![0i64, 1, 4_000]), leverage in 1u8..=20
    ) {
        let data = market(seed, 700);
        let margin = if isolated { MarginMode::Isolated } else { MarginMode::Cross };
        let base = PaperConfig::standard(FeeModel::HYPERLIQUID_BASE);
        let paper = PaperConfig { margin, latency: TsDiff::secs(latency_s), leverage, ..base };
        let (engine, orders) = run(&spec(data.universe().clone(), paper, seed), &data);
        prop_assert!(orders > 50, "{orders} orders");
        prop_assert!(engine.kernel().state().counters.fills > 50);
    }
}

#[test]
fn a_run_without_friction_and_one_with_none_to_spare_both_hold() {
    let data = market(11, 300);
    for participation in [None, Some(Rate::from_raw(50_000_000))] {
        let base = PaperConfig::standard(FeeModel::HYPERLIQUID_BASE);
        let (engine, _) =
            run(&spec(data.universe().clone(), PaperConfig { participation, ..base }, 11), &data);
        assert!(engine.kernel().state().counters.fills > 20);
    }
}

/// A book that buys a fixed size once and holds it, over hand-made bars: `(open, high, low, close)`.
fn hold(paper: PaperConfig, sz: i32, cash: i32, bars: &[[&str; 4]]) -> (Engine<PaperVenue>, Vec<Fact>) {
    let universe = Universe::new(vec![Instrument::new("X", 2, 50)]);
    // EMAs of one and two bars: long while prices rise or stand.
    let choice = StrategyChoice::EmaCross(1, 2, Sz::whole(sz));
    let mut spec = RunSpec::standard(universe, Usd::whole(cash), paper, &[("hold", choice)]);
    spec.full_stack = false;
    spec.kernel.limits = zero_strategy::Limits::unbounded();
    let mut engine = spec.engine().unwrap();
    let mut facts = Vec::new();
    let mut now = Ts::from_ns(1_756_900_800_000_000_000);
    for ohlc in bars {
        let [open, high, low, close] = ohlc.map(|t| Px::parse(t).unwrap());
        let interval = TsDiff::HOUR;
        let coin = CoinId(0);
        let bar =
            Bar { coin, open_time: now, interval, open, high, low, close, volume: Sz::whole(1_000_000) };
        let mut tick = |time, body| engine.tick(&Event::at(time, body), &mut DigestSink, &mut facts).unwrap();
        tick(now, EventBody::BarOpened(BarOpen { coin, open_time: now, interval, open }));
        now = now.plus(interval);
        tick(now, EventBody::BarClosed(bar));
        tick(now, EventBody::Timer(TimerKind::BarSlice));
    }
    (engine, facts)
}

const UP: [[&str; 4]; 3] =
    [["100", "100", "100", "100"], ["100", "100", "100", "100"], ["100", "100", "100", "100"]];

/// The bar of 2025-10-10, through kernel and venue: liquidated on the way down, nothing owed, and the ledger knows.
#[test]
fn the_crash_bar_is_survived_without_a_negative_balance() {
    for margin in [MarginMode::Cross, MarginMode::Isolated] {
        for last in [["100", "100", "19", "60"], ["19", "30", "15", "25"]] {
            let paper = PaperConfig { margin, ..PaperConfig::frictionless(FeeModel::HYPERLIQUID_BASE) };
            let bars: Vec<_> = UP.iter().copied().chain([last, ["60", "60", "60", "60"]]).collect();
            let (engine, facts) = hold(paper, 9, 300, &bars);
            let state = engine.kernel().state();
            assert_eq!(state.counters.liquidations, 1);
            assert_eq!(state.ledger.books[0].trial_balance(), 0);
            assert!(state.ledger.books[0].cash.raw() >= 0);
            let fill = facts.iter().find_map(|f| match f {
                Fact::Event(Event { body: EventBody::Venue(VenueEvent::Fill(f)), .. })
                    if f.cause == FillCause::Liquidation =>
                {
                    Some(*f)
                }
                _ => None,
            });
            let px = fill.unwrap().px;
            // In the bar: near (900 + fees - 300) / 9 / (1 - 0.01); at the open that jumped over it: there.
            let want = if last[0] == "100" { 67.4 } else { 19.0 };
            assert!((px.to_f64() - want).abs() < 0.1, "{px}");
        }
    }
}

#[test]
fn a_decision_at_the_close_fills_at_the_next_open_with_the_fee_of_that_price() {
    let mut bars = UP.to_vec();
    bars[2] = ["104", "110", "90", "104"];
    let (engine, _) = hold(PaperConfig::frictionless(FeeModel::HYPERLIQUID_BASE), 1, 1_000, &bars);
    let book = &engine.kernel().state().ledger.books[0];
    // Decided at the second close (two bars of EMA), filled at 104.
    assert_eq!(book.cash, Usd::parse("895.9532").unwrap());
    assert_eq!(book.fees, Usd::parse("0.0468").unwrap());
}
