//! Benchmarks.
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a benchmark prints and reads the clock"
)]
use std::time::Instant;
use zero_core::{CoinId, Px, Rate, Sz, Ts, TsDiff, Usd};
use zero_kernel::DigestSink;
use zero_market::event::{BarOpen, EventBody, TimerKind};
use zero_market::{Bar, Event, Instrument, MarginTier, Universe};
use zero_paper::{FeeModel, PaperConfig};
use zero_runtime::RunSpec;
use zero_strategy::Limits;
use zero_strategy::registry::StrategyChoice;

fn bars(path: &str) -> Vec<Bar> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .skip(1)
        .map(|l| {
            let f: Vec<&str> = l.split(',').collect();
            let p = |i: usize| Px::parse_round(f[i]).unwrap();
            Bar {
                coin: CoinId(0),
                open_time: Ts::from_ns(f[0].parse().unwrap()),
                interval: TsDiff::secs(60),
                open: p(1),
                high: p(2),
                low: p(3),
                close: p(4),
                volume: Sz::parse_round(f[5]).unwrap(),
            }
        })
        .collect()
}

fn main() {
    let path = std::env::args().nth(1).unwrap();
    let bars = bars(&path);
    let universe = Universe::new(vec![Instrument {
        symbol: "BTCUSDT".into(),
        sz_decimals: 3,
        tiers: vec![MarginTier { lower_bound: Usd::ZERO, max_leverage: 50 }],
    }]);
    let fees = FeeModel { taker: Rate::parse("0.00018").unwrap(), maker: Rate::parse("0.0002").unwrap() };
    for (name, choice) in [
        ("noop", StrategyChoice::Flat),
        ("ema 240/1440", StrategyChoice::EmaCross(240, 1440, Sz::parse("0.01").unwrap())),
        ("ema 10/20", StrategyChoice::EmaCross(10, 20, Sz::parse("0.01").unwrap())),
    ] {
        for _ in 0..3 {
            let mut spec = RunSpec::standard(
                universe.clone(),
                Usd::whole(1_000_000),
                PaperConfig::frictionless(fees),
                &[(name, choice)],
            );
            spec.full_stack = false;
            spec.kernel.limits = Limits::unbounded();
            let mut engine = spec.engine().unwrap();
            let mut facts = Vec::new();
            let t = Instant::now();
            let mut sink = DigestSink;
            for b in &bars {
                engine
                    .tick(
                        &Event::at(
                            b.open_time,
                            EventBody::BarOpened(BarOpen {
                                coin: b.coin,
                                open_time: b.open_time,
                                interval: b.interval,
                                open: b.open,
                            }),
                        ),
                        &mut sink,
                        &mut facts,
                    )
                    .unwrap();
                let c = b.close_time();
                engine.tick(&Event::at(c, EventBody::BarClosed(*b)), &mut sink, &mut facts).unwrap();
                engine
                    .tick(&Event::at(c, EventBody::Timer(TimerKind::BarSlice)), &mut sink, &mut facts)
                    .unwrap();
                facts.clear();
            }
            let dt = t.elapsed().as_secs_f64();
            let st = engine.kernel().state();
            println!(
                "{name}: {:.2} M bars/s, {:.0} ns/bar, orders {} fills {} equity {:?} digest {}",
                bars.len() as f64 / dt / 1e6,
                dt * 1e9 / bars.len() as f64,
                st.counters.orders,
                st.counters.fills,
                st.accounts[0].equity,
                st.digest
            );
        }
    }
}
