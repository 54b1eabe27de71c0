//! Event-driven strategies over a million bars of one coin.

use crate::BenchArgs;
use crate::bars;
use crate::measure::{Took, peak_mib, time};
use crate::table::Row;
use std::error::Error;
use std::path::Path;
use std::process::Command;
use zero_core::{Digest32, Rate, Sz, Usd};
use zero_data::{BarRow, Dataset, EventRange, Existing, Store};
use zero_kernel::{DigestSink, State};
use zero_market::Universe;
use zero_paper::{FeeModel, PaperConfig};
use zero_runtime::study::StudyError;
use zero_runtime::{RunSpec, backtest};
use zero_strategy::Limits;
use zero_strategy::registry::StrategyChoice;

/// The size of the comparison between engines, in coins.
fn size() -> Result<Sz, Box<dyn Error>> {
    Sz::parse("0.01").map_err(|e| format!("{e}").into())
}

fn spec(universe: Universe, choice: StrategyChoice) -> Result<RunSpec, Box<dyn Error>> {
    let rate = |t| Rate::parse(t).map_err(|e| format!("{e}"));
    let fees = FeeModel { taker: rate("0.00018")?, maker: rate("0.0002")? };
    let books = [("book", choice)];
    let mut spec =
        RunSpec::standard(universe, Usd::whole(1_000_000), PaperConfig::frictionless(fees), &books);
    spec.full_stack = false;
    spec.kernel.limits = Limits::unbounded();
    Ok(spec)
}

/// What a run ended with.
struct Outcome {
    digest: Digest32,
    orders: u64,
    equity: Usd,
}

impl Outcome {
    fn of(state: &State) -> Self {
        let equity = state.accounts.first().and_then(|a| a.equity).unwrap_or(Usd::ZERO);
        Self { digest: state.digest, orders: state.counters.orders, equity }
    }
}

fn simulate(spec: &RunSpec, data: &Dataset) -> Result<(Outcome, Took), Box<dyn Error>> {
    let mut driver = spec.driver()?;
    let ((), took) = time(|| {
        driver.drop_market_facts();
        backtest::drive::<StudyError, _>(&mut driver, data.events(&EventRange::all()), &mut DigestSink)
            .map(|_| ())
    })?;
    Ok((Outcome::of(driver.engine().kernel().state()), took))
}

pub(crate) fn rows(args: &BenchArgs) -> Result<Vec<Row>, Box<dyn Error>> {
    let n = if args.quick { 100_000 } else { 1_000_000 };
    let bars = bars::load(args.csv.as_deref(), n)?;
    let data = bars::dataset(&bars)?;
    let mut rows = vec![stream_alone(args, &data)?];
    let cases = [
        ("EMA 10/20", StrategyChoice::EmaCross(10, 20, size()?), "> 2"),
        ("light (EMA 240/1440)", StrategyChoice::EmaCross(240, 1_440, size()?), "> 5"),
        ("no-op", StrategyChoice::Flat, "> 5"),
    ];
    for (name, choice, reach) in cases {
        let spec = spec(data.universe().clone(), choice)?;
        let mut runs = Vec::new();
        let mut note = String::new();
        for _ in 0..args.runs {
            let (out, took) = simulate(&spec, &data)?;
            runs.push((bars.len() as f64 / took.cpu / 1e6, Some(took.cpu)));
            note = format!(
                "{} orders, final equity {}, digest {:.16}",
                out.orders,
                out.equity,
                out.digest.to_string()
            );
        }
        rows.push(
            Row::of(&format!("{name}, {} bars", bars.len()), "digest", "M bars/CPU s", runs)
                .reach(reach)
                .note(note),
        );
    }
    rows.push(per_order(args, &bars)?);
    rows.push(peak(args, &data)?);
    Ok(rows)
}

/// What of the rows below is merging the series into events, before anything looks at them.
fn stream_alone(args: &BenchArgs, data: &Dataset) -> Result<Row, Box<dyn Error>> {
    let mut runs = Vec::new();
    let mut events = 0u64;
    for _ in 0..args.runs {
        let (n, took) = time(|| {
            let mut n = 0u64;
            for event in data.events(&EventRange::all()) {
                n += u64::from(std::hint::black_box(event?).time.as_ns() > 0);
            }
            Ok::<_, StudyError>(n)
        })?;
        events = n;
        runs.push((data.bar_count() as f64 / took.cpu / 1e6, Some(took.cpu)));
    }
    let note = format!("{events} events made and dropped; part of every row below");
    Ok(Row::of("the event stream alone", "none", "M bars/CPU s", runs).note(note))
}

/// The same bars once whole and once in slices that hold a hundredth of the orders each: if an order gets dearer the more
/// there have been, the whole costs more than its slices.
fn per_order(args: &BenchArgs, bars: &[BarRow]) -> Result<Row, Box<dyn Error>> {
    let whole = bars::dataset(bars)?;
    let choice = StrategyChoice::EmaCross(10, 20, size()?);
    let spec = spec(whole.universe().clone(), choice)?;
    let slices = bars.chunks(bars.len().div_ceil(100)).map(bars::dataset).collect::<Result<Vec<_>, _>>()?;
    let mut runs = Vec::new();
    let (mut all, mut few) = (0, 0);
    for _ in 0..args.runs {
        let (out, took) = simulate(&spec, &whole)?;
        all = out.orders;
        let (mut cpu, mut orders) = (0.0, 0);
        for slice in &slices {
            let (out, took) = simulate(&spec, slice)?;
            cpu += took.cpu;
            orders += out.orders;
        }
        few = orders / slices.len() as u64;
        runs.push(((took.cpu / all as f64) / (cpu / orders as f64), Some(took.cpu)));
    }
    let note = format!("CPU time per order at {all} orders over that at {few}, bars included");
    Ok(Row::of("time per order, many over few", "digest", "ratio", runs).reach("< 1.1").note(note))
}

/// In a process of its own, so that nothing but the streamed run counts.
fn peak(args: &BenchArgs, data: &Dataset) -> Result<Row, Box<dyn Error>> {
    let dir = tempfile::tempdir_in(&args.dir)?;
    let store = dir.path().join("store");
    data.write_store(&store, Existing::Refuse, "zero-bench")?;
    let mut runs = Vec::new();
    for _ in 0..args.runs {
        let out = Command::new(std::env::current_exe()?).arg("stream").arg(&store).output()?;
        let text = String::from_utf8_lossy(&out.stdout);
        let mib = text.trim().parse().map_err(|_| format!("the streaming run said {text:?}"))?;
        runs.push((mib, None));
    }
    let note = "VmHWM of a process that streams the bars from a store through EMA 10/20";
    Ok(Row::of("peak memory, streamed from the store", "digest", "MiB", runs).reach("< 150").note(note))
}

/// Streams a store and prints the peak memory in MiB.
pub(crate) fn stream(store: &Path) -> Result<(), Box<dyn Error>> {
    let store = Store::open(store)?;
    let mut driver = spec(store.universe(), StrategyChoice::EmaCross(10, 20, size()?))?.driver()?;
    let events = store.events(&EventRange::all())?;
    backtest::drive::<StudyError, _>(&mut driver, events, &mut DigestSink)?;
    println!("{:.2}", peak_mib().ok_or("this system does not tell its peak memory")?);
    Ok(())
}
