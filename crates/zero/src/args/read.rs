//! Looking at a run.

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Args, Clone, Debug)]
pub(crate) struct ReadArgs {
    /// Journal directory (default: the operator's run).
    #[arg(long, value_name = "DIR")]
    pub journal: Option<PathBuf>,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct QuoteArgs {
    /// Which coin.
    pub coin: String,
    #[command(flatten)]
    pub read: ReadArgs,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct HlStatusArgs {
    /// Only these coins.
    #[arg(value_name = "COIN")]
    pub coins: Vec<String>,
    #[command(flatten)]
    pub read: ReadArgs,
}

#[derive(Clone, Debug, Subcommand)]
#[command(defer = true)]
pub(crate) enum HlCommand {
    Status(HlStatusArgs),
    Reconcile(ReadArgs),
    Account(ReadArgs),
}

#[derive(Clone, Debug, Subcommand)]
#[command(defer = true)]
pub(crate) enum LiveCommand {
    Preflight(ReadArgs),
    Certification(ReadArgs),
    Receipts(ReadArgs),
    Cockpit(ReadArgs),
    CanaryPolicy(ReadArgs),
    Evidence(ReadArgs),
}

#[derive(Args, Clone, Debug)]
pub(crate) struct MemoryArgs {
    #[command(flatten)]
    pub read: ReadArgs,
    /// How many entries, newest first.
    #[arg(long, short = 'n', default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub limit: u32,
    /// With `md` the entries as Markdown too.
    #[arg(long, default_value = "json", value_parser = ["json", "md"])]
    pub format: String,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct AuditArgs {
    #[command(flatten)]
    pub read: ReadArgs,
    /// Decisions and acts, newest first.
    #[arg(long, short = 'n', default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=500))]
    pub limit: u32,
}

#[derive(Clone, Debug, Subcommand)]
#[command(defer = true)]
pub(crate) enum AuditCommand {
    Export(AuditArgs),
}

#[derive(Clone, Debug, Subcommand)]
#[command(defer = true)]
pub(crate) enum DeploymentCommand {
    Claim(ReadArgs),
    Heartbeat(ReadArgs),
}

#[derive(Clone, Debug, Subcommand)]
#[command(defer = true)]
pub(crate) enum NetworkCommand {
    Profile(ReadArgs),
    Leaderboard(ReadArgs),
}

#[derive(Args, Clone, Debug)]
pub(crate) struct HashArgs {
    /// A packet as JSON, or canonical bytes as `?canonical=1` serves them.
    pub file: PathBuf,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct PositionsArgs {
    #[command(flatten)]
    pub read: ReadArgs,
    /// Only this coin.
    #[arg(long)]
    pub coin: Option<String>,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct CandidatesArgs {
    #[command(flatten)]
    pub read: ReadArgs,
    /// Only this coin.
    #[arg(value_name = "COIN")]
    pub of: Option<String>,
    /// How many, newest first.
    #[arg(value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub count: Option<u32>,
    /// Only this coin.
    #[arg(long, conflicts_with = "of")]
    pub coin: Option<String>,
    /// How many, newest first [default: 20].
    #[arg(long, short = 'n', conflicts_with = "count", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: Option<u32>,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct McpArgs {
    #[command(flatten)]
    pub read: ReadArgs,
    /// Read the journal even where a loop runs.
    #[arg(long)]
    pub at_rest: bool,
    /// Ask for everything that is offered, in both eras of the protocol, and end.
    #[arg(long)]
    pub smoke: bool,
}
