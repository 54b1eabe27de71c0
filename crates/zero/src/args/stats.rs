//! Statistics of a table of numbers.

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Clone, Debug, Subcommand)]
#[command(defer = true)]
pub(crate) enum StatsCommand {
    Psr(PsrArgs),
    Dsr(DsrArgs),
    Mintrl(MintrlArgs),
    Diff(DiffArgs),
    Ope(OpeArgs),
    Minbtl(MinbtlArgs),
    Pbo(PboArgs),
    Spa(SpaArgs),
    Cpcv(CpcvArgs),
    Brier(BrierArgs),
    Calibrate(CalibrateArgs),
    Stack(StackArgs),
    Ewma(EwmaArgs),
    Lw(LwArgs),
    Bh(BhArgs),
    Elond(ElondArgs),
    Evalue(EvalueArgs),
    Psi(PsiArgs),
    Cusum(CusumArgs),
    Bocpd(BocpdArgs),
    Vr(VrArgs),
    Scaling(ScalingArgs),
    Kelly(KellyArgs),
}

// One column of a table.
#[derive(Args, Clone, Debug)]
pub(crate) struct ColumnArgs {
    /// CSV file, oldest row first; `-` for standard input. A first row without any number is a header.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Column by header, or by number from 1 (default: the only one).
    #[arg(long, short = 'c', value_name = "COLUMN")]
    pub column: Option<String>,
}

// Several columns of a table.
#[derive(Args, Clone, Debug)]
pub(crate) struct ColumnsArgs {
    /// CSV file, oldest row first; `-` for standard input. A first row without any number is a header.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Columns by header, or by number from 1 (default: all).
    #[arg(long, value_name = "COLUMN,...", value_delimiter = ',')]
    pub columns: Vec<String>,
}

// Forecasts and outcomes.
#[derive(Args, Clone, Debug)]
pub(crate) struct ForecastArgs {
    /// CSV file, oldest row first; `-` for standard input. A first row without any number is a header.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Column of probabilities.
    #[arg(long, value_name = "COLUMN", default_value = "1")]
    pub forecast: String,
    /// Column of outcomes, 0 or 1.
    #[arg(long, value_name = "COLUMN", default_value = "2")]
    pub outcome: String,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct PsrArgs {
    #[command(flatten)]
    pub table: ColumnArgs,
    /// Ratio per period that the true one must exceed.
    #[arg(long, default_value_t = 0.0, allow_negative_numbers = true)]
    pub benchmark: f64,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct DsrArgs {
    /// Returns of every trial, one column each.
    #[command(flatten)]
    pub table: ColumnsArgs,
    /// Column to judge (default: the one with the largest ratio).
    #[arg(long, value_name = "COLUMN")]
    pub chosen: Option<String>,
    /// Number of all trials ever made, when the table does not hold them all; its columns are the least.
    #[arg(long, value_name = "N")]
    pub trials: Option<f64>,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct MintrlArgs {
    #[command(flatten)]
    pub table: ColumnArgs,
    /// Ratio per period that the true one must exceed.
    #[arg(long, default_value_t = 0.0, allow_negative_numbers = true)]
    pub benchmark: f64,
    /// With this probability.
    #[arg(long, default_value_t = 0.95)]
    pub confidence: f64,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct DiffArgs {
    /// CSV file, oldest row first; `-` for standard input. A first row without any number is a header.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Column of the one series of returns.
    #[arg(long, value_name = "COLUMN", default_value = "1")]
    pub first: String,
    /// Column of the other.
    #[arg(long, value_name = "COLUMN", default_value = "2")]
    pub second: String,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct OpeArgs {
    /// CSV file, one recorded occasion a row; `-` for standard input. A first row without any number is a header.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Column of the probability with which the recording policy took the other policy's action.
    #[arg(long, value_name = "COLUMN", default_value = "1")]
    pub propensity: String,
    /// Column of whether it did, 0 or 1.
    #[arg(long, value_name = "COLUMN", default_value = "2")]
    pub taken: String,
    /// Column of the reward; not read where the action was not taken, but it must be a number.
    #[arg(long, value_name = "COLUMN", default_value = "3")]
    pub reward: String,
    /// Column of a model's guess of the action's reward.
    #[arg(long, value_name = "COLUMN", default_value = "4")]
    pub modelled: String,
    /// Largest weight (default: none).
    #[arg(long, value_name = "WEIGHT")]
    pub cap: Option<f64>,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct MinbtlArgs {
    /// Number of independent trials.
    #[arg(long, value_name = "N")]
    pub trials: f64,
    /// Annual ratio that luck must not be expected to show.
    #[arg(long, default_value_t = 1.0)]
    pub target: f64,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct PboArgs {
    /// Returns of every trial, one column each.
    #[command(flatten)]
    pub table: ColumnsArgs,
    /// Blocks that the rows are cut into: even, 2 to 20.
    #[arg(long, default_value_t = 10)]
    pub blocks: usize,
    /// By what trials are compared.
    #[arg(long, default_value = "sharpe", value_parser = ["sharpe", "mean"])]
    pub metric: String,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct SpaArgs {
    /// Gains of every alternative over the benchmark, one column each.
    #[command(flatten)]
    pub table: ColumnsArgs,
    /// Column of the benchmark, which is subtracted from the others.
    #[arg(long, value_name = "COLUMN")]
    pub benchmark: Option<String>,
    /// Mean block length (default: the longest automatic one of the columns).
    #[arg(long, value_name = "ROWS")]
    pub block: Option<f64>,
    /// Resamples.
    #[arg(long, default_value_t = 2_000)]
    pub replicates: u32,
    /// Do not divide means by their standard errors (White's reality check).
    #[arg(long)]
    pub raw: bool,
    /// Seed of the draws.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct CpcvArgs {
    /// CSV file with the returns of candidates, one column each; the best on the training rows is followed on the test rows.
    #[arg(value_name = "FILE", required_unless_present = "rows")]
    pub file: Option<PathBuf>,
    /// Columns by header, or by number from 1 (default: all).
    #[arg(long, value_name = "COLUMN,...", value_delimiter = ',')]
    pub columns: Vec<String>,
    /// Only the splits of as many rows.
    #[arg(long, conflicts_with = "file")]
    pub rows: Option<usize>,
    /// Groups of consecutive rows.
    #[arg(long, default_value_t = 6)]
    pub groups: usize,
    /// Groups tested in each split.
    #[arg(long, default_value_t = 2)]
    pub test_groups: usize,
    /// Rows from a decision to its label.
    #[arg(long, default_value_t = 0)]
    pub horizon: usize,
    /// Rows left out after a test's last label.
    #[arg(long, default_value_t = 0)]
    pub embargo: usize,
    /// List every split and path.
    #[arg(long)]
    pub list: bool,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct BrierArgs {
    #[command(flatten)]
    pub table: ForecastArgs,
    /// Bins of equal width (default: one for each distinct forecast).
    #[arg(long)]
    pub bins: Option<u32>,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct CalibrateArgs {
    #[command(flatten)]
    pub table: ForecastArgs,
    /// Kind of map. Platt's is fitted on the logit of the forecast.
    #[arg(long, default_value = "isotonic", value_parser = ["isotonic", "platt", "beta"])]
    pub map: String,
    /// Fit on the first rows only, and score on the rest (default: fit on all, score nothing).
    #[arg(long, value_name = "ROWS")]
    pub fit_rows: Option<usize>,
    /// Weight of the uncalibrated forecast, in rows.
    #[arg(long, value_name = "ROWS", default_value_t = 0.0)]
    pub prior_rows: f64,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct StackArgs {
    /// CSV file, oldest row first; `-` for standard input. A first row without any number is a header. An empty cell of an opinion
    /// is an abstention.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Columns of opinions by header, or by number from 1 (default: all that are not named otherwise).
    #[arg(long, value_name = "COLUMN,...", value_delimiter = ',')]
    pub columns: Vec<String>,
    /// Column of outcomes, 0 or 1 (default: the last).
    #[arg(long, value_name = "COLUMN")]
    pub outcome: Option<String>,
    /// Column with the row, from 1, by which the outcome was known.
    #[arg(long, value_name = "COLUMN", conflicts_with = "horizon")]
    pub known: Option<String>,
    /// Rows until an outcome is known.
    #[arg(long, value_name = "ROWS", default_value_t = 0)]
    pub horizon: usize,
    /// Penalties to choose from (default: 0.1, 1, 10, 100, 1000).
    #[arg(long, value_name = "RIDGE,...", value_delimiter = ',')]
    pub ridge: Vec<f64>,
    /// Runs of rows; the first only trains.
    #[arg(long, default_value_t = 6)]
    pub folds: usize,
    /// Largest opinion that counts, in units of its root mean square.
    #[arg(long, default_value_t = 3.0)]
    pub clip: f64,
    /// Weight of the uncalibrated probability, in rows.
    #[arg(long, value_name = "ROWS", default_value_t = 200.0)]
    pub prior_rows: f64,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct EwmaArgs {
    #[command(flatten)]
    pub table: ColumnsArgs,
    /// What remains of a weight after one row.
    #[arg(long, default_value_t = 0.94, conflicts_with = "half_life")]
    pub decay: f64,
    /// Rows after which a weight has halved.
    #[arg(long, value_name = "ROWS")]
    pub half_life: Option<f64>,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct LwArgs {
    #[command(flatten)]
    pub table: ColumnsArgs,
    /// What the sample covariance is shrunk towards.
    #[arg(long, default_value = "constant", value_parser = ["constant", "identity", "oas"])]
    pub target: String,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct BhArgs {
    /// p-values, or e-values for `ebh`.
    #[command(flatten)]
    pub table: ColumnArgs,
    /// Which error is controlled, under which dependence.
    #[arg(long, default_value = "bh", value_parser = ["bh", "by", "holm", "bonferroni", "ebh"])]
    pub correction: String,
    /// Level.
    #[arg(long, default_value_t = 0.05)]
    pub level: f64,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct ElondArgs {
    /// e-values in order of arrival.
    #[command(flatten)]
    pub table: ColumnArgs,
    /// Level.
    #[arg(long, default_value_t = 0.05)]
    pub level: f64,
    /// Control the probability of any false discovery, not their rate.
    #[arg(long)]
    pub any: bool,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct EvalueArgs {
    /// Observations, such as differences of utility per period.
    #[command(flatten)]
    pub table: ColumnArgs,
    /// Lower bound, below 0; it must be true and fixed in advance.
    #[arg(long, allow_negative_numbers = true)]
    pub low: f64,
    /// Upper bound, likewise.
    #[arg(long)]
    pub high: f64,
    /// Level of the confidence sequence.
    #[arg(long, default_value_t = 0.95)]
    pub level: f64,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct PsiArgs {
    /// CSV file; `-` for standard input. A first row without any number is a header.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Reference column.
    #[arg(long, value_name = "COLUMN", default_value = "1")]
    pub reference: String,
    /// Current column.
    #[arg(long, value_name = "COLUMN", default_value = "2")]
    pub current: String,
    /// Bins of about equal reference count.
    #[arg(long, default_value_t = 10, conflicts_with = "shares")]
    pub bins: u32,
    /// The columns are shares of bins already.
    #[arg(long)]
    pub shares: bool,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct CusumArgs {
    #[command(flatten)]
    pub table: ColumnArgs,
    /// Which detector.
    #[arg(long, default_value = "cusum", value_parser = ["cusum", "page-hinkley", "adwin"])]
    pub detector: String,
    /// Mean that is guarded (cusum).
    #[arg(long, default_value_t = 0.0, allow_negative_numbers = true)]
    pub mean: f64,
    /// Deviation that is tolerated (default: 0.5 for cusum, 0.005 for page-hinkley).
    #[arg(long)]
    pub slack: Option<f64>,
    /// Height of the alarm (default: 5 for cusum, 50 for page-hinkley).
    #[arg(long)]
    pub threshold: Option<f64>,
    /// Confidence of each comparison (adwin).
    #[arg(long, default_value_t = 0.002)]
    pub delta: f64,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct BocpdArgs {
    #[command(flatten)]
    pub table: ColumnArgs,
    /// Probability of a change before each observation.
    #[arg(long, default_value_t = 0.01)]
    pub hazard: f64,
    /// Prior mean of a run's mean.
    #[arg(long, default_value_t = 0.0, allow_negative_numbers = true)]
    pub prior_mean: f64,
    /// Prior variance of a run's mean.
    #[arg(long, default_value_t = 1.0)]
    pub prior_variance: f64,
    /// Variance of observations about a run's mean.
    #[arg(long, default_value_t = 1.0)]
    pub noise_variance: f64,
    /// Longest run that is told apart.
    #[arg(long, default_value_t = 1_000)]
    pub longest_run: usize,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct VrArgs {
    /// One-period log returns.
    #[command(flatten)]
    pub table: ColumnArgs,
    /// Horizons in periods.
    #[arg(long, value_delimiter = ',', default_values_t = [2, 4, 8, 16])]
    pub q: Vec<usize>,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct ScalingArgs {
    /// Changes, oldest first: returns, or their absolute values.
    #[command(flatten)]
    pub table: ColumnArgs,
    /// Shuffles to compare with.
    #[arg(long, default_value_t = 199)]
    pub shuffles: usize,
    /// Seed of the shuffles.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct KellyArgs {
    /// CSV file of returns; without it, a stated bet.
    #[arg(
        value_name = "FILE",
        required_unless_present = "p",
        conflicts_with = "p",
        requires = "low",
        requires = "high"
    )]
    pub file: Option<PathBuf>,
    /// Column by header, or by number from 1 (default: the only one).
    #[arg(long, short = 'c', value_name = "COLUMN")]
    pub column: Option<String>,
    /// Lower bound of a return, below 0; it must be true and fixed in advance.
    #[arg(long, allow_negative_numbers = true)]
    pub low: Option<f64>,
    /// Upper bound of a return, likewise.
    #[arg(long)]
    pub high: Option<f64>,
    /// Level of the confidence sequence of the mean.
    #[arg(long, default_value_t = 0.95)]
    pub level: f64,
    /// Probability of winning.
    #[arg(long)]
    pub p: Option<f64>,
    /// What a win pays for each unit staked.
    #[arg(long, default_value_t = 1.0)]
    pub odds: f64,
    /// Share of the full fraction that is staked, at most 0.5.
    #[arg(long, default_value_t = 0.25)]
    pub caution: f64,
}
