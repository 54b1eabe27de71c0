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
pub(crate) enum HlCommand {
    Status(HlStatusArgs),
    Reconcile(ReadArgs),
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum LiveCommand {
    Preflight(ReadArgs),
    Certification,
    Receipts(ReadArgs),
    Cockpit(ReadArgs),
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
    #[arg(long)]
    pub coin: Option<String>,
    /// How many, newest first.
    #[arg(long, short = 'n', default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: u32,
}
