//! Market data.

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Clone, Debug, Subcommand)]
#[command(defer = true)]
pub(crate) enum DataCommand {
    Import(ImportArgs),
    Describe(DescribeArgs),
    Synth(SynthArgs),
}

#[derive(Args, Clone, Debug)]
pub(crate) struct ImportArgs {
    /// Files, or directories whose data files are taken in the order of their names.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The store to make (default: `store` under the operator's data).
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Format of every file (default: found by content).
    #[arg(long, value_parser = ["compact", "wire", "csv", "jsonl", "parquet"])]
    pub format: Option<String>,
    /// Coin of rows that name none (default: the file's head, then its name).
    #[arg(long)]
    pub coin: Option<String>,
    /// Length of a bar, such as 1h or 5m (default: what the file says).
    #[arg(long, value_name = "DURATION")]
    pub interval: Option<String>,
    /// Accept holes; they stay visible as gaps (default: data.allow_gaps).
    #[arg(long)]
    pub allow_gaps: bool,
    /// Infer the size decimals of an unknown coin from its volumes, with a leverage of three.
    #[arg(long)]
    pub infer_instrument: bool,
    /// An instrument that the venue's reference list lacks. May be repeated.
    #[arg(long, value_name = "SYMBOL:SZ_DECIMALS:MAX_LEVERAGE")]
    pub instrument: Vec<String>,
    /// Replace a store that is there.
    #[arg(long)]
    pub replace: bool,
    /// When the files were fetched, where they do not say: bars that end later are left out.
    #[arg(long, value_name = "TIME")]
    pub fetched_at: Option<String>,
    /// Unit of time stamps: s, ms, us, ns or iso (default: the format's, or found by magnitude).
    #[arg(long, value_name = "UNIT")]
    pub time_unit: Option<String>,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct DescribeArgs {
    /// The store (default: `store` under the operator's data).
    #[arg(value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct SynthArgs {
    /// The store to make (default: `synth` under the operator's data).
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Seed (default: data.synth_seed).
    #[arg(long)]
    pub seed: Option<u64>,
    /// Length in days (default: data.synth_days).
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub days: Option<u32>,
    /// Only these coins, by symbol, separated by commas.
    #[arg(long, value_delimiter = ',')]
    pub coins: Vec<String>,
    /// Plant an effect: momentum, reversal or carry; expected return per bar in standard deviations; first bar; bar
    /// after the last (empty: never ends); bars of the trend. May be repeated.
    #[arg(long, value_name = "KIND:STRENGTH[:FROM[:TO[:LOOKBACK]]]")]
    pub edge: Vec<String>,
    /// Replace a store that is there.
    #[arg(long)]
    pub replace: bool,
}
