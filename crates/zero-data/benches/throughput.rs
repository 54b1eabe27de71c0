//! Events per second from memory, from disk and from the generator. `cargo bench -p zero-data`.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark measures time and prints"
)]

use std::hint::black_box;
use std::time::Instant;
use zero_core::{Px, Sz, Ts, TsDiff};
use zero_data::synth::{SynthSpec, generate, stream};
use zero_data::{BarRow, CoinSeries, DataError, Dataset, EventRange, Existing, Store};
use zero_market::{Event, EventBody, Instrument, Universe};

fn rate(name: &str, events: impl Fn() -> Box<dyn FnOnce() -> (u64, i64)>) {
    let mut best = f64::MAX;
    let mut count = 0;
    for _ in 0..5 {
        let run = events();
        let start = Instant::now();
        let (n, sink) = run();
        best = best.min(start.elapsed().as_secs_f64());
        black_box(sink);
        count = n;
    }
    println!("{name:<42} {count:>9} events  {:>7.1} M/s", count as f64 / best / 1e6);
}

fn drain(events: impl Iterator<Item = Result<Event, DataError>>) -> (u64, i64) {
    let (mut n, mut sum) = (0, 0i64);
    for e in events {
        let Ok(e) = e else { return (0, 0) };
        n += 1;
        if let EventBody::BarClosed(b) = &e.body {
            sum = sum.wrapping_add(b.close.raw());
        }
    }
    (n, sum)
}

fn one_coin(bars: i64) -> Dataset {
    let px = |v: i64| Px::from_raw(v * 100_000_000);
    let rows = (0..bars).map(|i| BarRow {
        open_time: Ts::from_ns(i * 60_000_000_000),
        open: px(100 + i % 7),
        high: px(110),
        low: px(99),
        close: px(101 + i % 5),
        volume: Sz::whole(3),
    });
    let series = CoinSeries { bars: rows.collect(), funding: Vec::new() };
    Dataset::new(Universe::new(vec![Instrument::new("BTC", 5, 40)]), TsDiff::secs(60), vec![series]).unwrap()
}

fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.and_then(|l| l.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

fn main() {
    let tmp = tempfile::tempdir().unwrap();
    let (one, ten) = (tmp.path().join("one"), tmp.path().join("ten"));
    if let Some(dir) = std::env::args().nth(1).filter(|a| !a.starts_with("--")) {
        // A second process, so that its peak memory is that of streaming alone.
        let (n, _) = drain(Store::open(dir).unwrap().events(&EventRange::all()).unwrap());
        println!("streaming {n} events peaks at {:.1} MiB", peak_kib() as f64 / 1024.0);
        return;
    }
    let big: &'static Dataset = Box::leak(Box::new(one_coin(1_000_000)));
    let panel: &'static Dataset =
        Box::leak(Box::new(generate(&SynthSpec { bars: Some(50_000), ..SynthSpec::default() }).unwrap()));
    big.write_store(&one, Existing::Refuse, "benchmark").unwrap();
    panel.write_store(&ten, Existing::Refuse, "benchmark").unwrap();
    rate("memory, one coin, 1 M bars", || Box::new(|| drain(big.events(&EventRange::all()))));
    rate("memory, ten coins with funding", || Box::new(|| drain(panel.events(&EventRange::all()))));
    for (name, dir) in [("disk, one coin, 1 M bars", &one), ("disk, ten coins with funding", &ten)] {
        rate(name, || {
            let store = Store::open(dir).unwrap();
            Box::new(move || drain(store.events(&EventRange::all()).unwrap()))
        });
    }
    rate("generator, ten coins with funding", || {
        let spec = SynthSpec { bars: Some(20_000), ..SynthSpec::default() };
        Box::new(move || drain(stream(&spec).unwrap()))
    });
    let exe = std::env::current_exe().unwrap();
    let child = std::process::Command::new(exe).arg(&one).output().unwrap();
    print!("{}", String::from_utf8_lossy(&child.stdout));
}
