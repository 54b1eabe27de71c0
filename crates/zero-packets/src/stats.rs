//! `zero stats ...`: a statistic of a table, with what it was computed from.

use crate::id::packet_id;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

packet_id!(Stats, StatsId = "zero.stats.v1");

/// A statistic. Ratios are per period. Positions of observations count from 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Stats {
    /// Schema id.
    pub schema_version: StatsId,
    /// What it was computed from; null where everything was on the command line.
    pub input: Option<StatsInput>,
    /// How it was computed, with its source.
    pub method: String,
    /// The statistic itself.
    pub result: StatsResult,
}

/// The table that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StatsInput {
    /// File; `-` for standard input.
    pub path: String,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
    /// Columns that were used, in order.
    pub columns: Vec<String>,
    /// Rows of numbers.
    pub rows: u64,
}

/// One kind for each command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum StatsResult {
    /// `zero stats psr`.
    Psr(PsrResult),
    /// `zero stats dsr`.
    Dsr(DsrResult),
    /// `zero stats mintrl`.
    Mintrl(MintrlResult),
    /// `zero stats diff`.
    Difference(DifferenceResult),
    /// `zero stats ope`.
    OffPolicy(OffPolicyResult),
    /// `zero stats minbtl`.
    Minbtl(MinbtlResult),
    /// `zero stats pbo`.
    Pbo(PboResult),
    /// `zero stats spa`.
    Spa(SpaResult),
    /// `zero stats cpcv`.
    Cpcv(CpcvResult),
    /// `zero stats brier`.
    Brier(ScoreResult),
    /// `zero stats calibrate`.
    Calibrate(CalibrateResult),
    /// `zero stats stack`.
    Stack(Box<crate::stack::StackResult>),
    /// `zero stats ewma`, `zero stats lw`.
    Covariance(CovarianceResult),
    /// `zero stats bh`.
    Multiplicity(MultiplicityResult),
    /// `zero stats elond`.
    Elond(ElondResult),
    /// `zero stats evalue`.
    Evalue(EvalueResult),
    /// `zero stats psi`.
    Psi(PsiResult),
    /// `zero stats cusum`.
    Alarms(AlarmsResult),
    /// `zero stats bocpd`.
    Bocpd(BocpdResult),
    /// `zero stats vr`.
    VarianceRatios(VrResult),
    /// `zero stats scaling`.
    Scaling(ScalingResult),
    /// `zero stats kelly`.
    Kelly(KellyResult),
}

/// Moments that both forms of the probabilistic ratio take.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RatioMoments {
    /// Mean over standard deviation (divisor n - 1).
    pub ratio: f64,
    /// Number of returns.
    pub n: u64,
    /// Population skewness.
    pub skewness: f64,
    /// Population kurtosis, 3 for normal returns.
    pub kurtosis: f64,
    /// First autocorrelation.
    pub autocorrelation: f64,
}

/// Both forms of the probability that the true ratio exceeds the benchmark.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PsrResult {
    /// Of the returns.
    pub moments: RatioMoments,
    /// Ratio to exceed.
    pub benchmark: f64,
    /// Standard deviation of the ratio, 2012 form.
    pub ratio_sd: f64,
    /// Variance at the estimate, independent returns (2012).
    pub at_estimate: f64,
    /// Variance at the benchmark, first-order autocorrelation (2025).
    pub at_null: f64,
    /// The smaller, which counts.
    pub psr: f64,
}

/// A ratio against the best that chance shows among the trials.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DsrResult {
    /// Column that was judged.
    pub chosen: String,
    /// Of its returns.
    pub moments: RatioMoments,
    /// Variance of the ratios of all trials.
    pub trial_variance: f64,
    /// Against the number of trials, which counts unless fewer are argued for.
    pub by_count: Deflation,
    /// Against their effective number; null when the number of trials was stated and is not that of the columns.
    pub by_effective_number: Option<Deflation>,
}

/// The deflated ratio for a number of trials.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Deflation {
    /// Number of trials.
    pub trials: f64,
    /// Expected largest ratio without skill.
    pub benchmark: f64,
    /// 2012 form.
    pub at_estimate: f64,
    /// 2025 form.
    pub at_null: f64,
    /// The smaller.
    pub dsr: f64,
}

/// How many returns are needed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MintrlResult {
    /// Of the returns so far.
    pub moments: RatioMoments,
    /// Ratio to exceed.
    pub benchmark: f64,
    /// With this probability.
    pub confidence: f64,
    /// 2012 form; null where no length suffices.
    pub at_estimate: Option<f64>,
    /// 2025 form; null where no length suffices.
    pub at_null: Option<f64>,
    /// The larger, in returns; null where no length suffices.
    pub returns_needed: Option<f64>,
    /// Whether there are as many.
    pub long_enough: bool,
    /// In words; also whether any length would suffice.
    pub verdict: String,
}

/// Whether two Sharpe ratios differ.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DifferenceResult {
    /// Periods.
    pub n: u64,
    /// First ratio less the second, per period, with population standard deviations.
    pub difference: f64,
    /// Its standard error under independent normal returns.
    pub standard_error: f64,
    /// Their ratio.
    pub z: f64,
    /// Two-sided; fat tails and dependence make it too small.
    pub p: f64,
    /// Correlation of the two series.
    pub correlation: f64,
}

/// What another policy would have earned an occasion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OffPolicyResult {
    /// Occasions.
    pub n: u64,
    /// Of these, with the other policy's action.
    pub taken: u64,
    /// Evenly weighted occasions that tell as much.
    pub effective_n: f64,
    /// Inverse propensity.
    pub ips: f64,
    /// Self-normalised; null when no action was taken.
    pub snips: Option<f64>,
    /// The model's mean.
    pub direct: f64,
    /// Doubly robust.
    pub doubly_robust: f64,
    /// Occasions whose weight was cut: when not 0 the estimates are biased.
    pub capped: u64,
}

/// How many years of data a search needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MinbtlResult {
    /// Number of independent trials.
    pub trials: f64,
    /// Annual ratio that luck must not be expected to show.
    pub target: f64,
    /// Expected largest of as many standard normal draws (approximation).
    pub expected_max: f64,
    /// The same by integration; null for a fractional number.
    pub expected_max_exact: Option<f64>,
    /// Minimum length in years.
    pub years: f64,
    /// Its upper bound, 2 ln(trials) / target^2.
    pub bound: f64,
}

/// Probability that the selection is overfitted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PboResult {
    /// Trials.
    pub trials: u64,
    /// Blocks.
    pub blocks: u64,
    /// `sharpe` or `mean`.
    pub metric: String,
    /// Share of splits in which the best in sample is at or below the median out of sample.
    pub pbo: f64,
    /// Share in which it loses out of sample.
    pub loss_share: f64,
    /// Slope of its metric out of sample on that in sample; null when the latter does not vary.
    pub slope: Option<f64>,
    /// One for each split.
    pub logits: Vec<f64>,
}

/// Is the best better than the benchmark, given that it was picked?
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SpaResult {
    /// Column with the largest statistic.
    pub best: String,
    /// That statistic.
    pub statistic: f64,
    /// Whether means were divided by their standard errors.
    pub studentized: bool,
    /// Mean block length of the stationary bootstrap.
    pub block_length: f64,
    /// Resamples.
    pub replicates: u32,
    /// Seed of the draws.
    pub seed: u64,
    /// Liberal.
    pub p_lower: f64,
    /// Hansen's.
    pub p_consistent: f64,
    /// White's.
    pub p_upper: f64,
}

/// Purged splits, and what selection earns on them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CpcvResult {
    /// Rows that were split.
    pub rows: u64,
    /// Groups.
    pub groups: u64,
    /// Groups tested in each split.
    pub test_groups: u64,
    /// Rows from decision to label.
    pub horizon: u64,
    /// Rows left out after a test.
    pub embargo: u64,
    /// Number of splits.
    pub split_count: u64,
    /// Number of paths.
    pub path_count: u64,
    /// Mean number of rows to train on.
    pub mean_train_rows: f64,
    /// Every split; null unless asked for.
    pub splits: Option<Vec<SplitRows>>,
    /// By path and group, the split that it comes from; null unless asked for.
    pub paths: Option<Vec<Vec<u32>>>,
    /// Ratio of each path when the best column of the training rows is taken; null without a table.
    pub path_ratios: Option<Vec<f64>>,
    /// Share of those above 0.
    pub positive_share: Option<f64>,
}

/// Rows of a split.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SplitRows {
    /// To train on.
    pub train: Vec<u64>,
    /// To test on.
    pub test: Vec<u64>,
    /// Left out: label overlaps a tested one's.
    pub purged: Vec<u64>,
    /// Left out: too close after a test.
    pub embargoed: Vec<u64>,
}

/// How good probabilities were.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScoreResult {
    /// Forecasts.
    pub n: u64,
    /// Mean squared error: reliability - resolution + uncertainty + within.
    pub brier: f64,
    /// 0 is calibrated.
    pub reliability: f64,
    /// More is sharper.
    pub resolution: f64,
    /// Of always forecasting the base rate.
    pub uncertainty: f64,
    /// What grouping hides.
    pub within: f64,
    /// Share of events.
    pub base_rate: f64,
    /// Mean of -ln of the probability given to what happened; null when that was 0 once.
    pub log_score: Option<f64>,
    /// In ascending order of forecast.
    pub bins: Vec<ReliabilityRow>,
}

/// A reliability bin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReliabilityRow {
    /// Forecasts.
    pub n: u64,
    /// Events.
    pub events: u64,
    /// Mean forecast.
    pub forecast: f64,
    /// Share of events.
    pub observed: f64,
    /// Lower end of its 95 % Wilson interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// A calibration map and what it does out of time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CalibrateResult {
    /// `isotonic`, `platt` or `beta`.
    pub map: String,
    /// Rows it was fitted on: the first ones.
    pub fitted_rows: u64,
    /// Weight of the model itself, in rows.
    pub prior_rows: f64,
    /// Platt's slope and offset on the logit (p = 1 / (1 + exp(a logit + b))), or a, b, c of the beta map; empty for isotonic.
    pub parameters: Vec<f64>,
    /// Knots of the isotonic map.
    pub knots: Vec<f64>,
    /// Its values there.
    pub values: Vec<f64>,
    /// Every row through the map, shrunk towards the model.
    pub calibrated: Vec<f64>,
    /// Brier score of the model on the rows after those it was fitted on; null when there are none.
    pub brier_before: Option<f64>,
    /// The same after the map.
    pub brier_after: Option<f64>,
    /// Log score before; null when a certainty failed.
    pub log_before: Option<f64>,
    /// Log score after.
    pub log_after: Option<f64>,
}

/// A covariance matrix and what it says about concentration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CovarianceResult {
    /// Rows of the matrix.
    pub covariance: Vec<Vec<f64>>,
    /// Rows of its correlations.
    pub correlation: Vec<Vec<f64>>,
    /// Weight of the shrinkage target; null where nothing is shrunk.
    pub intensity: Option<f64>,
    /// Of the correlations, descending.
    pub eigenvalues: Vec<f64>,
    /// Share of the first.
    pub first_share: f64,
    /// Exponential of their entropy.
    pub effective_rank: f64,
    /// (sum)^2 / sum of squares.
    pub effective_number: f64,
}

/// Which of many tests survive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MultiplicityResult {
    /// `bh`, `by`, `holm`, `bonferroni` or `ebh`.
    pub correction: String,
    /// Level.
    pub level: f64,
    /// Number of tests.
    pub n: u64,
    /// Number rejected.
    pub rejections: u64,
    /// By test; empty for e-values, which have a threshold instead.
    pub adjusted: Vec<f64>,
    /// By test.
    pub rejected: Vec<bool>,
    /// e-value that had to be reached; null for p-values, and when nothing is rejected.
    pub threshold: Option<f64>,
}

/// Decisions over a stream of e-values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ElondResult {
    /// Level.
    pub level: f64,
    /// `fdr` (e-LOND) or `any` (no bonus for discoveries).
    pub controls: String,
    /// What each had to reach.
    pub thresholds: Vec<f64>,
    /// Positions of those that did.
    pub discoveries: Vec<u64>,
}

/// Evidence that may be looked at at any time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EvalueResult {
    /// Observations.
    pub n: u64,
    /// Lower bound that was declared.
    pub low: f64,
    /// Upper bound that was declared.
    pub high: f64,
    /// e-value at the end against "no mean is positive, given the past"; null when beyond a float.
    pub e: Option<f64>,
    /// Its natural logarithm.
    pub log_e: f64,
    /// Largest on the way; null when beyond a float.
    pub best_e: Option<f64>,
    /// 1 over it: a p-value that is valid at any time.
    pub p_any_time: f64,
    /// Mean.
    pub mean: f64,
    /// Lower end of the confidence sequence.
    pub mean_low: f64,
    /// Upper end.
    pub mean_high: f64,
    /// Its level.
    pub level: f64,
}

/// How far a distribution moved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PsiResult {
    /// The index.
    pub psi: f64,
    /// Upper edges of all bins but the last; empty where shares were given.
    pub edges: Vec<f64>,
    /// Reference observations in each bin; empty where shares were given.
    pub reference: Vec<u64>,
    /// Current observations in each bin; empty where shares were given.
    pub current: Vec<u64>,
}

/// Alarms of a detector.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AlarmsResult {
    /// `cusum`, `page_hinkley` or `adwin`.
    pub detector: String,
    /// Observations.
    pub n: u64,
    /// Where it alarmed.
    pub alarms: Vec<Alarm>,
}

/// An alarm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Alarm {
    /// Position.
    pub at: u64,
    /// `up`, `down`, or null for a detector that does not say.
    pub shift: Option<String>,
}

/// The posterior over the length of the current run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BocpdResult {
    /// Observations.
    pub n: u64,
    /// Probability of each run length after the last observation.
    pub run_lengths: Vec<f64>,
    /// Likeliest run length after each observation.
    pub likeliest: Vec<u64>,
    /// Log density of all observations.
    pub log_evidence: f64,
}

/// Variance ratios.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VrResult {
    /// By horizon.
    pub horizons: Vec<VrRow>,
}

/// A variance ratio.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VrRow {
    /// Horizon in periods.
    pub q: u64,
    /// Returns.
    pub n: u64,
    /// 1 without serial correlation.
    pub ratio: f64,
    /// Robust to changing variance.
    pub z: f64,
    /// Two-sided.
    pub p: f64,
}

/// Scaling exponents, each beside what shuffles of the same values give.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScalingResult {
    /// Values.
    pub n: u64,
    /// Shuffles that each exponent is compared with.
    pub shuffles: u64,
    /// Seed of the shuffles.
    pub seed: u64,
    /// Detrended fluctuation analysis: 0.5 without memory.
    pub fluctuation: ScalingRow,
    /// Rescaled range, corrected for the number of values: 0.5 without memory.
    pub rescaled_range: ScalingRow,
    /// Rescaled range as it is often quoted: above 0.5 without memory.
    pub rescaled_range_raw: f64,
}

/// A scaling exponent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScalingRow {
    /// Exponent of the values in their order.
    pub exponent: f64,
    /// Mean exponent of the shuffles.
    pub shuffled_mean: f64,
    /// Its standard deviation over the shuffles.
    pub shuffled_sd: f64,
    /// Two-sided permutation p-value of "the order does not matter".
    pub p: f64,
}

/// What may be staked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KellyResult {
    /// Fraction that maximises growth if the estimates were true.
    pub full: f64,
    /// Expected logarithmic growth per bet at it; null for returns.
    pub growth: Option<f64>,
    /// Lower end of the confidence sequence of the mean; null for a stated bet.
    pub mean_low: Option<f64>,
    /// Share of the full fraction that is staked.
    pub caution: f64,
    /// What may be staked: for returns on the lower end, and 0 when that is not positive.
    pub fraction: f64,
}
