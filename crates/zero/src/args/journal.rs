//! The journal.

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Clone, Debug, Subcommand)]
#[command(defer = true)]
pub(crate) enum JournalCommand {
    Verify(VerifyArgs),
    Tail(TailArgs),
    Export(ExportArgs),
    Checkpoint(CheckpointArgs),
    Prove(ProveArgs),
    Prune(PruneArgs),
}

#[derive(Args, Clone, Debug)]
pub(crate) struct DirArgs {
    /// Journal directory (default: the operator's run).
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    pub place: DirArgs,
    /// Verifier key of a journal that is not this operator's.
    #[arg(long, value_name = "KEY")]
    pub vkey: Option<String>,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct TailArgs {
    #[command(flatten)]
    pub place: DirArgs,
    /// How many records.
    #[arg(short = 'n', long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: u32,
    /// Facts only, no traces.
    #[arg(long)]
    pub facts: bool,
    /// Only this kind, such as fill, order, candidate or breaker.
    #[arg(long)]
    pub kind: Option<String>,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    pub place: DirArgs,
    /// File to write (default: standard output).
    #[arg(long, short = 'o', value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// First record.
    #[arg(long, value_name = "SEQ", default_value_t = 0)]
    pub from: u64,
    /// Record after the last (default: the end).
    #[arg(long, value_name = "SEQ")]
    pub to: Option<u64>,
    /// Facts only, no traces.
    #[arg(long)]
    pub facts: bool,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct CheckpointArgs {
    #[command(flatten)]
    pub place: DirArgs,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct ProveArgs {
    #[command(flatten)]
    pub place: DirArgs,
    /// Prove that this record is in the journal.
    #[arg(value_name = "SEQ", required_unless_present = "from_size", conflicts_with = "from_size")]
    pub seq: Option<u64>,
    /// Prove that the journal of this many records is the beginning of the present one.
    #[arg(long, value_name = "SIZE")]
    pub from_size: Option<u64>,
    /// Size of the newer journal: that of the newest checkpoint.
    #[arg(long, value_name = "SIZE", requires = "from_size")]
    pub to_size: Option<u64>,
    /// Directory to write the proof to, and the record's own bytes.
    #[arg(long, short = 'o', value_name = "DIR")]
    pub out: Option<PathBuf>,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct PruneArgs {
    #[command(flatten)]
    pub place: DirArgs,
    /// Records from here on stay: a sequence or an event time (default: journal.retain before the newest event).
    #[arg(long, value_name = "SEQ|TIME")]
    pub before: Option<String>,
    /// A run of records that something cites and that must stay. May be repeated.
    #[arg(long, value_name = "FROM..TO")]
    pub cite: Vec<String>,
    /// Really remove; without it, only say what would go.
    #[arg(long)]
    pub apply: bool,
}
