//! What can be typed.

use crate::args::{
    ApproachingArgs, ApproveArgs, AuditCommand, AutoCommand, BriefArgs, CandidatesArgs, ConfigCommand,
    DataCommand, DeploymentCommand, DocsArgs, EvaluateArgs, ExecuteArgs, ExecutionArgs, HashArgs, HlCommand,
    InitArgs, JournalCommand, KeysCommand, LearnCommand, LiveCommand, McpArgs, MemoryArgs, NearMissesArgs,
    NetworkCommand, NotifyCommand, OperatorCommand, OperatorStateArgs, PositionsArgs, PulseArgs, QuoteArgs,
    ReadArgs, ReadinessArgs, RegimeArgs, SessionCommand, ShellArgs, StatsCommand, StrategyCommand, WhyArgs,
};
use clap::{Arg, Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;
use zero_capability::TABLE;

/// Operating intelligence for self-custodial perpetual-futures trading. Paper by default.
#[derive(Debug, Parser)]
#[command(name = "zero", version, max_term_width = 110, propagate_version = true)]
pub(crate) struct Cli {
    /// Print packets as JSON, one line each, and nothing else on standard output.
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub json: bool,

    /// Root of all state (default: $ZERO_HOME, else $XDG_STATE_HOME/zero, else ~/.local/state/zero).
    #[arg(long, global = true, help_heading = "Everywhere", value_name = "DIR")]
    pub home: Option<PathBuf>,

    /// Whose state: each operator has a partition of their own.
    #[arg(long, global = true, help_heading = "Everywhere", value_name = "ID", default_value = "default")]
    pub operator: String,

    /// Override a configuration key for this command. May be repeated.
    #[arg(long, global = true, help_heading = "Everywhere", value_name = "KEY=VALUE")]
    pub set: Vec<String>,

    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(crate) enum Command {
    /// Run the whole loop on an embedded synthetic market, in paper, and show what happened.
    Demo(DemoArgs),
    /// Run the configured strategies over recorded or synthetic data and write a tearsheet.
    Backtest(BacktestArgs),
    /// Run the long-lived loop in paper.
    Run(RunArgs),
    /// Show that backtest, run and restart decide alike on the same market.
    Parity(ParityArgs),
    Lookahead(LookaheadArgs),
    Status(ReadArgs),
    Positions(PositionsArgs),
    Risk(ReadArgs),
    Decisions(CandidatesArgs),
    Rejections(CandidatesArgs),
    NearMisses(NearMissesArgs),
    /// Learn from a run: what each gate and each lens is worth.
    #[command(subcommand)]
    Learn(LearnCommand),
    Execution(ExecutionArgs),
    Lenses(ReadArgs),
    Health(ReadArgs),
    Immune(ReadArgs),
    Evaluate(EvaluateArgs),
    DecisionStack(EvaluateArgs),
    Why(WhyArgs),
    Heat(ReadArgs),
    Approaching(ApproachingArgs),
    Regime(RegimeArgs),
    Brief(BriefArgs),
    Pulse(PulseArgs),
    Quote(QuoteArgs),
    /// Look at the venue's side.
    #[command(subcommand)]
    Hl(HlCommand),
    /// Look at the live path, which is not built.
    #[command(subcommand)]
    Live(LiveCommand),
    Doctor,
    Readiness(ReadinessArgs),
    /// Import, describe and make market data.
    #[command(subcommand)]
    Data(DataCommand),
    /// Verify, read, export and prove the journal.
    #[command(subcommand)]
    Journal(JournalCommand),
    Init(InitArgs),
    /// Show, explain and check the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Write, check, explain, list and test strategy documents.
    #[command(subcommand)]
    Strategy(StrategyCommand),
    /// Make, list, rotate and revoke signing keys.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Act on a run: pause, resume, flatten, kill, clear a halt.
    #[command(subcommand)]
    Operator(OperatorCommand),
    /// Say whether strategies may enter by themselves; exits and stops always go on.
    #[command(subcommand)]
    Auto(AutoCommand),
    Execute(ExecuteArgs),
    /// Begin, end, name and look at sessions.
    #[command(subcommand)]
    Session(SessionCommand),
    /// Show what waits for a person, and try the ways to reach one.
    #[command(subcommand)]
    Notify(NotifyCommand),
    OperatorState(OperatorStateArgs),
    Friction,
    Approve(ApproveArgs),
    /// Compute a statistic of a table: what a record proves, calibration, drift, dependence.
    #[command(subcommand)]
    Stats(StatsCommand),
    Mcp(McpArgs),
    Completions(ShellArgs),
    Docs(DocsArgs),
    Openapi,
    Genesis(ReadArgs),
    Evolve(ReadArgs),
    Research(ReadArgs),
    Memory(MemoryArgs),
    /// Export what an auditor needs.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Say what runs here and that it lives.
    #[command(subcommand)]
    Deployment(DeploymentCommand),
    /// Show what a network of runtimes would see; there is none.
    #[command(subcommand)]
    Network(NetworkCommand),
    Hash(HashArgs),
}

/// The command line, with summaries and aliases from the table of capabilities.
pub(crate) fn command() -> clap::Command {
    let mut root = Cli::command();
    for row in TABLE {
        let Some(cmd) = row.command else { continue };
        let [parents @ .., name] = cmd.path else { continue };
        let aliases: Vec<&'static str> =
            cmd.aliases.iter().filter_map(|a| a.strip_prefix(&prefix(parents))).collect();
        let dress = move |c: clap::Command| {
            let c = c.about(row.summary.trim_end_matches('.')).visible_aliases(aliases);
            if row.is_watched() { c.arg(watch()) } else { c }
        };
        root = match parents {
            [] => root.mut_subcommand(name, dress),
            [group, ..] => root.mut_subcommand(group, |g| g.mut_subcommand(name, dress)),
        };
    }
    root
}

/// On commands that change nothing and whose answers age.
fn watch() -> Arg {
    Arg::new("watch")
        .long("watch")
        .value_name("SECONDS")
        .num_args(0..=1)
        .default_missing_value("1")
        .value_parser(seconds)
        // Behind the command's own, which come later: they are made for the command that was typed alone.
        .display_order(500)
        .help("Show it again whenever the journal has grown, at most this often, until Ctrl-C [default: 1]")
}

fn seconds(text: &str) -> Result<f64, String> {
    let s = text.parse::<f64>().map_err(|e| e.to_string())?;
    if (0.1..=3_600.0).contains(&s) { Ok(s) } else { Err("write a number from 0.1 to 3600".into()) }
}

/// An alias of `data import` must begin with `data `.
fn prefix(parents: &[&str]) -> String {
    parents.iter().map(|p| format!("{p} ")).collect()
}

/// Reads the command line.
///
/// # Errors
/// clap's: help and version too.
pub(crate) fn parse() -> Result<(Cli, Option<Watch>), clap::Error> {
    let typed = one_shot(sets_last(std::env::args_os().collect()))?;
    let mut command = command();
    let matches = command.try_get_matches_from_mut(typed)?;
    // Taking it apart again takes a tenth of a short command's time, and the process holds it but once.
    core::mem::forget(command);
    let cli = Cli::from_arg_matches(&matches)?;
    let mut inner = &matches;
    while let Some((_, next)) = inner.subcommand() {
        inner = next;
    }
    let path = |id| inner.try_get_one::<PathBuf>(id).ok().flatten().cloned();
    let every = inner.try_get_one::<f64>("watch").ok().flatten();
    let watch = every.map(|s| Watch {
        every: Duration::from_secs_f64(*s),
        journal: path("journal").or_else(|| path("dir")),
    });
    Ok((cli, watch))
}

/// How a command is watched.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    /// Shortest time between two answers.
    pub every: Duration,
    /// The journal that the command was told to read.
    pub journal: Option<PathBuf>,
}

/// Options that come with a value of their own, before the command's name.
const WITH_VALUE: [&str; 2] = ["--home", "--operator"];

/// Puts the command in the place of a name that stands for it: `cockpit` is `live cockpit`. A name that is not offered says
/// why.
fn one_shot(args: Vec<OsString>) -> Result<Vec<OsString>, clap::Error> {
    let mut at = 1;
    while let Some(arg) = args.get(at).map(|a| a.to_string_lossy().into_owned()) {
        if !arg.starts_with('-') {
            break;
        }
        at += if WITH_VALUE.contains(&arg.as_str()) { 2 } else { 1 };
    }
    let word = |i: usize| args.get(i).map(|a| a.to_string_lossy().into_owned());
    let Some(name) = word(at) else { return Ok(args) };
    if name == "help"
        && let Some(about) = word(at + 1)
    {
        return help_of(args, at, &about);
    }
    // The longer name first: `config doctor` is not `config`.
    let both = word(at + 1).filter(|w| !w.starts_with('-')).map(|w| format!("{name} {w}"));
    let is_command = |n: &str| zero_capability::by_command(n).is_some();
    for (n, name) in [(2, both.as_deref()), (1, Some(name.as_str()))] {
        let Some(name) = name.filter(|n| !is_command(n)) else { continue };
        // `live` alone is the cockpit; with a word after it, it is a group of commands.
        let helps = args.iter().any(|a| a == "--help" || a == "-h");
        let alone = n == 1 && !helps && both.as_deref().is_none_or(|both| names_coins(name, both));
        if let Some(words) = zero_capability::one_shot(name, alone) {
            let mut out: Vec<OsString> = args.get(..at).unwrap_or(&[]).to_vec();
            out.extend(words.iter().map(OsString::from));
            out.extend(args.get(at + n..).unwrap_or(&[]).iter().cloned());
            return Ok(out);
        }
        if let Some(why) = zero_capability::not_offered(name).filter(|_| !zero_capability::is_group(name)) {
            return Err(not_offered(name, why));
        }
    }
    Ok(args)
}

fn not_offered(name: &str, why: &str) -> clap::Error {
    command().error(clap::error::ErrorKind::InvalidSubcommand, format!("`{name}` is not offered: {why}\n"))
}

/// Are the words after a group's name coins of the command that the name alone stands for? `hl BTC` is `hl status BTC`.
fn names_coins(name: &str, both: &str) -> bool {
    let stands_for = zero_capability::one_shot(name, true).map(|words| words.join(" "));
    let row = stands_for.and_then(|words| zero_capability::by_command(&words)?.command);
    let is_own = zero_capability::by_command(both).is_some() || both.ends_with(" help");
    row.is_some_and(|c| c.args.starts_with("[COIN")) && !is_own
}

/// `help cockpit` shows the help of what the name stands for.
fn help_of(args: Vec<OsString>, at: usize, about: &str) -> Result<Vec<OsString>, clap::Error> {
    if zero_capability::by_command(about).is_some() || zero_capability::is_group(about) {
        return Ok(args);
    }
    if let Some(why) = zero_capability::not_offered(about) {
        return Err(not_offered(about, why));
    }
    let Some(words) = zero_capability::one_shot(about, true) else { return Ok(args) };
    let mut out: Vec<OsString> = args.into_iter().take(at).collect();
    out.extend(words.iter().map(OsString::from).chain([OsString::from("--help")]));
    Ok(out)
}

/// Moves every `--set` to the end, in order. Of an option that is given both before and after a subcommand, clap keeps
/// only the values after it; an override of a limit must never be lost that way.
fn sets_last(args: Vec<OsString>) -> Vec<OsString> {
    let (mut kept, mut sets) = (Vec::with_capacity(args.len()), Vec::new());
    let mut rest = args.into_iter();
    while let Some(arg) = rest.next() {
        if arg == "--" {
            sets.push(arg);
            sets.extend(rest.by_ref());
        } else if arg == "--set" {
            sets.push(arg);
            sets.extend(rest.next());
        } else if arg.to_string_lossy().starts_with("--set=") {
            sets.push(arg);
        } else {
            kept.push(arg);
        }
    }
    kept.extend(sets);
    kept
}

#[derive(Args, Clone, Debug)]
pub(crate) struct DemoArgs {
    /// Seed of the synthetic market.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Length of the market in days.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(10..=3_650))]
    pub days: u32,
    /// Runs of the random-entry baseline.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    pub seeds: u32,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct MarketArgs {
    /// A data store (made by `zero data import` or `zero data synth`); without it, the synthetic market.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Seed of the synthetic market.
    #[arg(long)]
    pub seed: Option<u64>,
    /// Length of the synthetic market in days.
    #[arg(long)]
    pub days: Option<u32>,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct BacktestArgs {
    #[command(flatten)]
    pub market: MarketArgs,
    /// Directory of the report (default: a new one under the operator's reports).
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Runs of the random-entry baseline (default: configuration).
    #[arg(long)]
    pub seeds: Option<u32>,
    /// Only the run itself: no baselines, no cost sensitivity.
    #[arg(long)]
    pub alone: bool,
    /// Continue a backtest that was interrupted, from the directory given with --out.
    #[arg(long, requires = "out")]
    pub resume: bool,
    /// Stop after this many slices, as an interruption would.
    #[arg(long, value_name = "N")]
    pub stop_after: Option<u64>,
    /// A latched halt is cleared by a stated policy after this long ("3d", "12h"); "never" leaves it to a person.
    #[arg(long, default_value = "3d", value_name = "DURATION")]
    pub clear_halts_after: String,
    /// Run every variant of these configuration keys, from A to B in steps, such as
    /// books.trend.trend.lookback=24:240:24; several keys are combined. Every variant is counted as a trial.
    #[arg(long, value_name = "KEY=A:B:STEP", value_delimiter = ',', conflicts_with_all = ["resume", "alone", "stop_after"])]
    pub sweep: Vec<String>,
    /// Most variants of a sweep; a larger grid is refused.
    #[arg(long, value_name = "N", default_value_t = 1_000, requires = "sweep", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub max: u32,
    /// Threads for baselines and sweeps (default: all cores).
    #[arg(long)]
    pub threads: Option<usize>,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub market: MarketArgs,
    /// Where events come from (default: configuration).
    #[arg(long, value_parser = ["synthetic", "replay", "venue"])]
    pub source: Option<String>,
    /// Event seconds per second; 0 is as fast as possible (default: configuration).
    #[arg(long)]
    pub speed: Option<f64>,
    /// Stop after this many source events.
    #[arg(long, value_name = "N")]
    pub events: Option<u64>,
    /// Journal directory (default: the operator's).
    #[arg(long, value_name = "DIR")]
    pub journal: Option<PathBuf>,
    /// Print the number of each acknowledged record on standard output as soon as it is durable.
    #[arg(long)]
    pub print_acks: bool,
    /// Serve no HTTP, whatever the configuration says.
    #[arg(long)]
    pub no_http: bool,
    /// A latched halt is cleared by a stated policy after this long; by default a person must.
    #[arg(long, default_value = "never", value_name = "DURATION")]
    pub clear_halts_after: String,
    /// File with what `zero approve` printed for settings that permit more than before, where the runtime is live-capable.
    #[arg(long, value_name = "FILE")]
    pub approval: Option<PathBuf>,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct LookaheadArgs {
    #[command(flatten)]
    pub market: MarketArgs,
    /// One bundled strategy with its shipped parameters, or `all` of them (default: the configured books together).
    #[arg(long, value_name = "NAME")]
    pub strategy: Option<String>,
    /// Ends of the market at which something was judged; half as many others come on top.
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub ends: u32,
    /// End the market inside every instant, after each of its events, not in a sample of them. The work grows with the square of
    /// the events: ten coins for four days are 2,976 ends and took 6.6 s on two busy cores, for eight days 5,952 and 21 s. A market of more
    /// than 25,000 events is refused.
    #[arg(long)]
    pub every: bool,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct ParityArgs {
    #[command(flatten)]
    pub market: MarketArgs,
}
