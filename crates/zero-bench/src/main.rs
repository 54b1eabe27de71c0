//! `zero-bench`: what the program costs, and what it survives.
//!
//! Benchmarks print a table of ranges, never a verdict: how fast a disk syncs is the machine's affair, so durability is a
//! ratio to the raw cost in the same run. Campaigns write what they found, with everything needed to run them again.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program of its own that prints its result")]

mod bars;
mod bench;
mod campaign;
mod http;
mod journal;
mod kill;
mod lang;
mod machine;
mod measure;
mod oneshots;
mod power;
mod recover;
mod rules;
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
    /// A backtest with a strategy document against the same strategy in Rust.
    Lang(BenchArgs),
    /// Journal appends against the raw cost of the same writes.
    Journal(BenchArgs),
    /// From a journal of a million records to a running kernel.
    Recover(BenchArgs),
    /// Starting the program.
    Startup(BenchArgs),
    /// The HTTP surface over a journal of a million events: latency, throughput, start, memory.
    Http(BenchArgs),
    /// Latency and memory of the HTTP surface under load alone: `--minutes 60` for the hour that is claimed.
    Soak(BenchArgs),
    /// Serves a handler that does nothing until standard input ends.
    #[command(hide = true)]
    Empty,
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
    /// Minutes of the steady load on the HTTP surface.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=1_440))]
    pub minutes: u32,
    /// Everything a tenth of its size: to see that it works, not to quote.
    #[arg(long)]
    pub quick: bool,
    /// One JSON object instead of the table.
    #[arg(long)]
    pub json: bool,
    /// Directory in which the result is also kept, as bench.txt and bench.json; of a soak as soak.txt and soak.json.
    #[arg(long, value_name = "DIR")]
    pub save: Option<PathBuf>,
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
    /// How often the interval of the Sharpe ratio lies above zero on markets without an edge.
    Nulls,
    /// Hostile strategy documents: byte noise and mutations.
    Lang,
    /// How many of thousands of random rules are admitted where there is no edge, and where there is one.
    Rules,
    /// How many of a family of rules are admitted that all share one edge, against how large it is.
    Power,
}

type Part = fn(&BenchArgs) -> Result<Vec<table::Row>, Box<dyn Error>>;

/// What `all` measures, in its order.
const PARTS: [(&str, Part); 7] = [
    ("ema", bench::rows),
    ("stack", stack::rows),
    ("lang", lang::rows),
    ("journal", journal::rows),
    ("recover", recover::rows),
    ("startup", startup::rows),
    ("http", http::rows),
];

fn main() -> ExitCode {
    match run(&Cli::parse().command) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(e) => {
            eprintln!("zero-bench: {e}");
            ExitCode::from(2)
        }
    }
}

fn run(command: &Command) -> Result<bool, Box<dyn Error>> {
    let mut whole = true;
    let (args, rows) = match command {
        Command::All(a) => {
            let mut rows = Vec::new();
            // A part that fails takes no other with it.
            for (name, part) in PARTS {
                match part(a) {
                    Ok(more) => rows.extend(more),
                    Err(e) => {
                        eprintln!("zero-bench: {name} failed, its rows are missing: {e}");
                        whole = false;
                    }
                }
            }
            (a, rows)
        }
        Command::Ema(a) => (a, bench::rows(a)?),
        Command::Stack(a) => (a, stack::rows(a)?),
        Command::Lang(a) => (a, lang::rows(a)?),
        Command::Journal(a) => (a, journal::rows(a)?),
        Command::Recover(a) => (a, recover::rows(a)?),
        Command::Startup(a) => (a, startup::rows(a)?),
        Command::Http(a) => (a, http::rows(a)?),
        Command::Soak(a) => (a, http::soak(a)?),
        Command::Empty => {
            http::serve_empty()?;
            return Ok(true);
        }
        Command::Stream { store } => {
            bench::stream(store)?;
            return Ok(true);
        }
        Command::Campaign(a) => return campaign::run(a),
    };
    let (text, json) = (table::text(&rows), table::json(&rows)?);
    if let Some(dir) = &args.save {
        let name = if matches!(command, Command::Soak(_)) { "soak" } else { "bench" };
        std::fs::write(dir.join(format!("{name}.txt")), &text)?;
        std::fs::write(dir.join(format!("{name}.json")), json.clone() + "\n")?;
    }
    println!("{}", if args.json { json } else { text });
    Ok(whole)
}
