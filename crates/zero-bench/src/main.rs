<<<<<<< HEAD
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
=======
//! `zero-bench`: what the program costs, and what it survives.
//!
//! Benchmarks print a table of ranges, never a verdict: how fast a disk syncs is the machine's affair, so durability is a
//! ratio to the raw cost in the same run. Campaigns write what they found, with everything needed to run them again.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program of its own that prints its result")]

mod bars;
mod bench;
mod campaign;
mod journal;
mod kill;
mod machine;
mod measure;
mod recover;
mod stack;
mod startup;
mod table;

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Parser)]
#[command(name = "zero-bench", version, about = "What the program costs, and what it survives.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Every benchmark.
    All(BenchArgs),
    /// Event-driven strategies over a million bars of one coin, peak memory, time per order.
    Ema(BenchArgs),
    /// The full decision stack, per decision.
    Stack(BenchArgs),
    /// Journal appends against the raw cost of the same writes.
    Journal(BenchArgs),
    /// From a journal of a million records to a running kernel.
    Recover(BenchArgs),
    /// Starting the program.
    Startup(BenchArgs),
    /// Streams a store through a strategy that does nothing and prints the peak memory.
    #[command(hide = true)]
    Stream {
        /// The store.
        store: PathBuf,
    },
    /// Runs a campaign and writes its report.
    Campaign(CampaignArgs),
}

/// How to measure.
#[derive(Args, Clone, Debug)]
pub(crate) struct BenchArgs {
    /// Bars of one coin: `ts_ns,open,high,low,close,volume`, a minute apart. Without it, a seeded random walk.
    #[arg(long)]
    pub csv: Option<PathBuf>,
    /// Runs of each row, at least 5 for a figure that is quoted.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub runs: u32,
    /// Directory on the disk to measure.
    #[arg(long, default_value = "target")]
    pub dir: PathBuf,
    /// The `zero` program (default: beside this one).
    #[arg(long)]
    pub program: Option<PathBuf>,
    /// Everything a tenth of its size: to see that it works, not to quote.
    #[arg(long)]
    pub quick: bool,
    /// One JSON object instead of the table.
    #[arg(long)]
    pub json: bool,
}

/// What to run, and what the report says about it.
#[derive(Args, Clone, Debug)]
pub(crate) struct CampaignArgs {
    /// Which.
    pub what: What,
    /// Seed of everything drawn.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How many cycles, kills, records or markets (default: the size that is claimed).
    #[arg(long)]
    pub count: Option<u64>,
    /// The `zero` program (default: beside this one).
    #[arg(long)]
    pub program: Option<PathBuf>,
    /// Directory of reports.
    #[arg(long, default_value = "docs/evidence")]
    pub out: PathBuf,
    /// Date that the report carries; no clock is asked.
    #[arg(long, default_value = "not given")]
    pub date: String,
    /// Revision that the report carries (default: `git rev-parse HEAD`).
    #[arg(long)]
    pub revision: Option<String>,
}

/// Campaigns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum What {
    /// Crash and recover on a simulated disk; then every planted journal bug, which must be caught.
    Crash,
    /// SIGKILL of the real program.
    Kills,
    /// Every one-bit flip of a journal.
    Flips,
    /// Backtest, run and restart on many markets.
    Parity,
    /// How often a market without an edge gets a headline that does not reject it.
    Nulls,
}

fn main() -> ExitCode {
    match run(&Cli::parse().command) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(e) => {
            eprintln!("zero-bench: {e}");
            ExitCode::from(2)
>>>>>>> evidence
        }
    }
}

fn run(command: &Command) -> Result<bool, Box<dyn Error>> {
    let (args, rows) = match command {
        Command::All(a) => {
            let mut rows = bench::rows(a)?;
            rows.extend(stack::rows(a)?);
            rows.extend(journal::rows(a)?);
            rows.extend(recover::rows(a)?);
            rows.extend(startup::rows(a)?);
            (a, rows)
        }
        Command::Ema(a) => (a, bench::rows(a)?),
        Command::Stack(a) => (a, stack::rows(a)?),
        Command::Journal(a) => (a, journal::rows(a)?),
        Command::Recover(a) => (a, recover::rows(a)?),
        Command::Startup(a) => (a, startup::rows(a)?),
        Command::Stream { store } => {
            bench::stream(store)?;
            return Ok(true);
        }
        Command::Campaign(a) => return campaign::run(a),
    };
    println!("{}", if args.json { table::json(&rows)? } else { table::text(&rows) });
    Ok(true)
}
