//! A parameter sweep, and a search for look-ahead.

use crate::Dec;
use crate::id::packet_id;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

packet_id!(Sweep, SweepId = "zero.sweep.v1");
packet_id!(LookAhead, LookAheadId = "zero.lookahead.v1");

/// Every variant of a sweep, and what the best of them shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sweep {
    /// Schema id.
    pub schema_version: SweepId,
    /// The market, in words.
    pub data: String,
    /// Digest of the data, hexadecimal.
    pub data_digest: String,
    /// First day and last, RFC 3339.
    pub window: String,
    /// Daily returns of each variant.
    pub days: u64,
    /// What was swept, with every value.
    pub keys: BTreeMap<String, Vec<String>>,
    /// Variants that were run; each is a trial of the registry.
    pub variants: u64,
    /// Of them, those whose returns never vary; counted and not compared.
    pub idle: u64,
    /// Every trial of the registry, these included.
    pub trials: u64,
    /// In one sentence.
    pub verdict: String,
    /// Probability that the best's true Sharpe ratio is above zero.
    pub sharpe: SharpeOdds,
    /// The same against the best that chance would have shown among every trial of the registry.
    pub deflated: SharpeOdds,
    /// How long the best would have to be watched.
    pub track_record: TrackLength,
    /// What choosing the best earns on days that were held out.
    pub purged: PurgedPaths,
    /// Probability of backtest overfitting.
    pub overfitting: OverfittingOdds,
    /// Is the best better than doing nothing, given that it was picked?
    pub superior: SuperiorOdds,
    /// Best in sample by fold, and what it did after.
    pub walk_forward: Vec<WalkStep>,
    /// Sharpe ratio per year of the out-of-sample days of all steps; null where it is not known.
    pub walk_forward_sharpe: Option<f64>,
    /// Every variant, best first.
    pub table: Vec<VariantResult>,
    /// Files written.
    pub files: Vec<String>,
}

/// A variant's result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VariantResult {
    /// Value of each swept key.
    pub values: BTreeMap<String, String>,
    /// Equity at the end, USD.
    pub final_equity: Dec,
    /// Sharpe ratio per year of its daily returns; null where they do not vary. One of many: see the deflated one.
    pub sharpe: Option<f64>,
    /// Fills.
    pub fills: u64,
    /// Fees paid, USD.
    pub fees: Dec,
    /// Its decision digest, hexadecimal.
    pub digest: String,
}

/// Both published forms of a probabilistic Sharpe ratio.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SharpeOdds {
    /// Ratio per year that it is held against; null where it is not known.
    pub benchmark: Option<f64>,
    /// The form of 2012.
    pub at_estimate: Option<f64>,
    /// The form of 2025.
    pub at_null: Option<f64>,
    /// The smaller of both: the one that counts.
    pub smaller: Option<f64>,
    /// Why it is not known.
    pub unknown: Option<String>,
}

/// Minimum track record length: days after which the best's ratio would be shown to be above zero.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrackLength {
    /// With this probability.
    pub confidence: f64,
    /// The form of 2012, days; null where it is not known.
    pub at_estimate: Option<f64>,
    /// The form of 2025, days.
    pub at_null: Option<f64>,
    /// The larger of both: the one that counts.
    pub days_needed: Option<f64>,
    /// Is the sweep that long?
    pub long_enough: Option<bool>,
    /// Why it is not known.
    pub unknown: Option<String>,
}

/// Combinatorial purged cross-validation: the best on the training days is followed on the test days, in every split.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PurgedPaths {
    /// Groups of consecutive days.
    pub groups: u32,
    /// Groups that each split tests.
    pub test_groups: u32,
    /// Days purged before and after a test: the longest horizon of the variants' strategies; null where one has none.
    pub label_days: Option<u64>,
    /// Days left out after a test's last label.
    pub embargo_days: u64,
    /// Splits.
    pub splits: u64,
    /// Whole histories joined from tests.
    pub paths: u64,
    /// Sharpe ratio per year of each path; empty where it is not known.
    pub sharpe: Vec<f64>,
    /// Share of paths with a ratio above zero.
    pub positive_share: Option<f64>,
    /// Why it is not known.
    pub unknown: Option<String>,
}

/// Probability of backtest overfitting by combinatorially symmetric cross-validation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OverfittingOdds {
    /// Share of splits in which the best in sample is at or below the median out of sample.
    pub pbo: Option<f64>,
    /// Share of splits in which it loses out of sample.
    pub loss_share: Option<f64>,
    /// Blocks of the split.
    pub blocks: u32,
    /// Splits.
    pub splits: u64,
    /// Why it is not known.
    pub unknown: Option<String>,
}

/// Hansen's test for superior predictive ability against doing nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SuperiorOdds {
    /// Liberal p-value.
    pub p_lower: Option<f64>,
    /// Hansen's p-value: the one that counts.
    pub p_consistent: Option<f64>,
    /// White's p-value.
    pub p_upper: Option<f64>,
    /// Resamples.
    pub replicates: u32,
    /// Mean block length, days.
    pub block_length: f64,
    /// Why it is not known.
    pub unknown: Option<String>,
}

/// A step of the walk-forward.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WalkStep {
    /// Days in sample, from the beginning.
    pub in_sample_days: u64,
    /// Days out of sample, right after them.
    pub out_of_sample_days: u64,
    /// Values of the variant that was best in sample.
    pub chosen: BTreeMap<String, String>,
    /// Its Sharpe ratio per year in sample.
    pub sharpe_in: f64,
    /// Its Sharpe ratio per year out of sample; null where its returns do not vary there.
    pub sharpe_out: Option<f64>,
    /// Its total return out of sample.
    pub return_out: f64,
}

/// What ending the market at many times showed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LookAhead {
    /// Schema id.
    pub schema_version: LookAheadId,
    /// Something was judged, and nothing was known before its time.
    pub ok: bool,
    /// `clean`; `found` where a strategy used what came later; `nothing_judged` where none judged anything, so that nothing is
    /// shown.
    pub verdict: LookAheadVerdict,
    /// The market, in words.
    pub data: String,
    /// Every strategy that was examined.
    pub runs: Vec<LookAheadRun>,
}

/// What an examination for look-ahead shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LookAheadVerdict {
    /// Something was judged, and nothing was known before its time.
    Clean,
    /// An end of the market changed what was judged or seen before it.
    Found,
    /// Nothing was judged, so nothing is shown.
    NothingJudged,
}

/// A strategy's run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LookAheadRun {
    /// Strategy, or `configured` for the configured books together.
    pub strategy: String,
    /// Something was judged, and nothing was known before its time.
    pub ok: bool,
    /// What it shows.
    pub verdict: LookAheadVerdict,
    /// Candidates judged in the whole market; with none, nothing is shown.
    pub candidates: u64,
    /// Slices of the whole market.
    pub slices: u64,
    /// Ends of the market that were tried.
    pub ends: u32,
    /// Those of them at which a candidate was judged.
    pub deciding_ends: u32,
    /// Ends inside an instant that were tried: after each of its events.
    pub inside_ends: u32,
    /// Ends at which judgements or decisions before the end differ from those of the whole market, RFC 3339.
    pub decisions_differ: Vec<String>,
    /// Ends at which features before the end differ, RFC 3339.
    pub features_differ: Vec<String>,
    /// Ends inside an instant at which anything differs: RFC 3339, the kind of the last event before the end and its coin.
    pub inside_differ: Vec<String>,
}
