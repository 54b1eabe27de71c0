//! The HTTP surface of a running program with a long journal behind it: how soon it answers at a steady rate, how much of an
//! empty handler's throughput is left, how soon it is ready, and what becomes of its memory.
//!
//! The load generator runs on the same processors as the program: where there are few, it is part of the figures.

mod load;
mod memory;
mod serving;
mod wrk;

use crate::BenchArgs;
use crate::startup::program;
use crate::table::{Row, Runs};
use load::Window;
use memory::Memory;
use serving::Serving;
use std::error::Error;
use std::path::Path;
use std::time::Duration;
use zero_capability::TABLE;

/// Requests per second of the steady load.
const RATE: u32 = 1_000;
/// Event seconds per second of the running loop.
const SPEED: &str = "100";
/// Routes that have rows of their own.
const NAMED: [&str; 5] = ["/v2/status", "/live/cockpit", "/metrics", "/decision/stack", "/evolve"];
/// Starts of each kind.
const STARTS: u32 = 5;
/// A growth is called one per hour only after this many minutes.
const HOUR: u32 = 60;

/// Refuse by what they are: there is no account at a venue, and readings of the public snapshots are counted.
const REFUSING: [&str; 2] = ["/hl/account", "/v1/intelligence/snapshots"];

/// Every route that is read and ends, as a client would ask it.
fn read_routes() -> Vec<String> {
    let routes = TABLE.iter().filter_map(|c| c.http).filter(|h| h.method == "GET" && h.stream.is_none());
    routes
        .filter(|h| !REFUSING.contains(&h.path))
        .map(|h| match h.path {
            "/market/quote" => "/market/quote?symbol=BTC".to_owned(),
            path => path.replace("{coin}", "BTC"),
        })
        .collect()
}

/// All rows but the hour: latency and memory over `args.minutes`, throughput, start.
pub(crate) fn rows(args: &BenchArgs) -> Result<Vec<Row>, Box<dyn Error>> {
    let zero = program(args.program.as_deref())?;
    let dir = tempfile::tempdir_in(&args.dir)?;
    let home = dir.path().join("home");
    let events: u64 = if args.quick { 100_000 } else { 1_000_000 };
    let behind = serving::write_journal(&zero, &home, events)?;
    let mut rows = under_load(args, &zero, &home, &behind)?;
    rows.extend(throughput(args, &zero, &home)?);
    let fresh = |i: u32| dir.path().join(format!("empty-{i}"));
    rows.push(starts("zero run to the first /readyz, no journal", &zero, fresh, "< 2")?);
    let again = |_| home.clone();
    let name = format!("zero run to the first /readyz, {}", millions(events));
    rows.push(starts(&name, &zero, again, "< 2")?.note(format!("{behind}; files cached")));
    Ok(rows)
}

/// Latency and memory alone.
pub(crate) fn soak(args: &BenchArgs) -> Result<Vec<Row>, Box<dyn Error>> {
    let zero = program(args.program.as_deref())?;
    let dir = tempfile::tempdir_in(&args.dir)?;
    let home = dir.path().join("home");
    let behind = serving::write_journal(&zero, &home, if args.quick { 100_000 } else { 1_000_000 })?;
    under_load(args, &zero, &home, &behind)
}

fn millions(events: u64) -> String {
    format!("{} M events", events as f64 / 1e6)
}

/// The steady load over every read route, and the memory meanwhile.
fn under_load(args: &BenchArgs, zero: &Path, home: &Path, behind: &str) -> Result<Vec<Row>, Box<dyn Error>> {
    let serving = Serving::start(zero, home, SPEED)?;
    serving.ready()?;
    let routes = read_routes();
    let whole = Duration::from_secs(if args.quick { 10 } else { u64::from(args.minutes) * 60 });
    let (windows, memory) =
        load::paced(serving.port(), &routes, RATE, (whole / args.runs, args.runs), || serving.memory())?;
    serving.stop()?;
    let mut rows = Vec::new();
    let note = format!("{} read routes in turns, the loop at {SPEED}x, {behind}", routes.len());
    rows.push(latency(&format!("{RATE} requests/s over the read routes, p99"), &windows, None).note(
        format!("{note}; middle {:.2} ms, largest {:.1} ms", median(&windows, 0.5), median(&windows, 1.0)),
    ));
    for path in NAMED {
        let at = routes.iter().position(|r| r == path).ok_or("a named route is not in the table")?;
        let asked: usize = windows.iter().map(|w| w.of(Some(at)).len()).sum();
        rows.push(
            latency(&format!("  of them {path}, p99"), &windows, Some(at)).note(format!("{asked} requests")),
        );
    }
    rows.extend(memory_rows(&memory, args.minutes));
    Ok(rows)
}

fn latency(name: &str, windows: &[Window], route: Option<usize>) -> Row {
    let runs: Runs = windows.iter().map(|w| (w.quantile(route, 0.99), None)).collect();
    Row::of(name, "none", "ms", runs).reach("<= 5")
}

fn median(windows: &[Window], q: f64) -> f64 {
    Row::of("", "none", "ms", windows.iter().map(|w| (w.quantile(None, q), None)).collect()).median
}

/// Part of the memory.
type MibOf = fn(&Memory) -> f64;

fn memory_rows(samples: &[Memory], minutes: u32) -> Vec<Row> {
    let (all, own): (MibOf, MibOf) = (|m| m.resident_mib, |m| m.own_mib);
    [
        of_memory(samples, minutes, ["memory of zero run under that load", "  its growth, per hour"], all),
        of_memory(
            samples,
            minutes,
            ["  its own, without pages of files", "  growth of its own, per hour"],
            own,
        ),
    ]
    .concat()
}

/// A part of the memory over time, and its growth.
fn of_memory(samples: &[Memory], minutes: u32, names: [&str; 2], mib: MibOf) -> Vec<Row> {
    let (Some(first), Some(last)) = (samples.first(), samples.last()) else { return Vec::new() };
    let [name, grows] = names;
    let part = Row::of(name, "disk", "MiB", samples.iter().map(|m| (mib(m), None)).collect());
    let part = part.by_minute(memory::by_minute(samples, mib)).note(format!(
        "{:.1} MiB when it was ready, {:.1} MiB after {:.1} min; {} files open, then {}",
        mib(first),
        mib(last),
        last.at.as_secs_f64() / 60.0,
        first.files,
        last.files
    ));
    let growth = memory::growth_per_hour(samples, mib);
    let growth = Row::of(grows, "disk", "%", growth.map(|g| (g, None)).into_iter().collect());
    let (growth, words) = match minutes >= HOUR {
        true => (growth.reach("<= 1"), "slope"),
        false => (growth, "slope of a shorter time, not to quote"),
    };
    vec![part, growth.note(format!("{words} over the last three quarters of the samples"))]
}

/// Requests answered per second by a route over those of an empty handler of the same server, in turns.
fn throughput(args: &BenchArgs, zero: &Path, home: &Path) -> Result<Vec<Row>, Box<dyn Error>> {
    if !wrk::is_there() {
        println!(
            "left out: throughput against an empty handler (there is no `wrk`; a package of most systems has it)"
        );
        return Ok(Vec::new());
    }
    let empty = Serving::start_empty()?;
    let serving = Serving::start(zero, home, SPEED)?;
    serving.ready()?;
    let seconds = if args.quick { 1 } else { 3 };
    let mut rows = Vec::new();
    for path in ["/livez"].iter().chain(&NAMED) {
        let (mut ratios, mut ours, mut floors) = (Vec::new(), Vec::new(), Vec::new());
        for i in 0..args.runs {
            let mut both = [0.0; 2];
            // Each goes first every other time.
            for turn in [i % 2, (i + 1) % 2] {
                both[turn as usize] = match turn {
                    0 => wrk::per_second(empty.port(), "/", seconds)?,
                    _ => wrk::per_second(serving.port(), path, seconds)?,
                };
            }
            ratios.push((100.0 * both[1] / both[0], None));
            floors.push(both[0]);
            ours.push(both[1]);
        }
        let middle = |all: &mut Vec<f64>| {
            all.sort_by(f64::total_cmp);
            all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
        };
        let note = format!(
            "{:.0} requests/s against {:.0}, {} connections, the loop at {SPEED}x",
            middle(&mut ours),
            middle(&mut floors),
            wrk::CONNECTIONS
        );
        let name = format!("throughput of {path} over an empty handler");
        rows.push(Row::of(&name, "none", "%", ratios).reach("> 50 %").note(note));
    }
    serving.stop()?;
    Ok(rows)
}

fn starts(
    name: &str,
    zero: &Path,
    home: impl Fn(u32) -> std::path::PathBuf,
    reach: &'static str,
) -> Result<Row, Box<dyn Error>> {
    let mut runs = Vec::new();
    for i in 0..STARTS {
        let serving = Serving::start(zero, &home(i), SPEED)?;
        runs.push((serving.ready()?.as_secs_f64(), None));
        serving.stop()?;
    }
    Ok(Row::of(name, "disk", "s", runs)
        .reach(reach)
        .note("from the start of the process; after an end in order"))
}

/// Serves an empty handler until standard input ends.
pub(crate) fn serve_empty() -> Result<(), Box<dyn Error>> {
    let running = zero_http::start_empty(([127, 0, 0, 1], 0).into())?;
    eprintln!("serving http://{}", running.address());
    std::io::copy(&mut std::io::stdin(), &mut std::io::sink())?;
    running.stop();
    Ok(())
}
