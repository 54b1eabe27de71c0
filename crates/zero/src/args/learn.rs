//! Learning from a run.

use super::ReadArgs;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(crate) enum LearnCommand {
    Gates(GatesArgs),
    Lenses(LensesArgs),
}

#[derive(Args, Clone, Debug)]
pub(crate) struct GatesArgs {
    #[command(flatten)]
    pub read: ReadArgs,
    /// False discovery rate over the gates at which a verdict is given.
    #[arg(long, default_value_t = 0.05, value_parser = share)]
    pub alpha: f64,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct LensesArgs {
    #[command(flatten)]
    pub read: ReadArgs,
    /// Learn from a run of the configured books over this store instead of a journal.
    #[arg(long, value_name = "DIR", conflicts_with = "journal")]
    pub data: Option<PathBuf>,
    /// Write the opinion model to this file; `paper.opinion_model` can name it. Without an edge it decides nothing.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// One-sided level at which a gain over the base rate counts as shown, at most 0.05.
    #[arg(long, default_value_t = zero_strategy::forecast::ALPHA_MAX, value_parser = level)]
    pub alpha: f64,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct NearMissesArgs {
    #[command(flatten)]
    pub read: ReadArgs,
    /// Only this coin.
    #[arg(long)]
    pub coin: Option<String>,
    /// How many, newest first.
    #[arg(long, short = 'n', default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: u32,
    /// A miss within this many standard deviations of the failing gate's measured value is near.
    #[arg(long, default_value_t = zero_learn::misses::DELTA, value_parser = positive)]
    pub delta: f64,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct ExecutionArgs {
    #[command(flatten)]
    pub read: ReadArgs,
    /// Write the measured cost model to this file; `paper.cost_model` can name it.
    #[arg(long, value_name = "FILE")]
    pub model: Option<PathBuf>,
}

fn share(text: &str) -> Result<f64, String> {
    positive(text).and_then(|v| if v < 1.0 { Ok(v) } else { Err("must be below 1".into()) })
}

fn level(text: &str) -> Result<f64, String> {
    let most = zero_strategy::forecast::ALPHA_MAX;
    positive(text).and_then(|v| if v <= most { Ok(v) } else { Err(format!("must be at most {most}")) })
}

fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(v) if v.is_finite() && v > 0.0 => Ok(v),
        _ => Err("must be a positive number".into()),
    }
}
