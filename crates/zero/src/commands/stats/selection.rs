//! What the best of several series proves.

use super::evidence::moments;
use super::packet;
use super::table::{Columns, Table};
use crate::args::{CpcvArgs, DsrArgs, PboArgs, SpaArgs};
use crate::failure::Failure;
use zero_packets::stats::{
    CpcvResult, Deflation, DsrResult, PboResult, SpaResult, SplitRows, Stats, StatsResult,
};
use zero_stats::{
    Panel, PurgedSplits, SharpeMoments, Split, StatsError, SuperiorAbility, TrialMetric, correlation_of,
    deflated_sharpe, effective_rank, overfitting, politis_white, sample_covariance, selected_paths,
    superior_ability, symmetric_eigenvalues, trial_variance,
};

pub(super) fn dsr(a: &DsrArgs) -> Result<Stats, Failure> {
    let table = Table::read(&a.table.file)?;
    let columns = table.columns(&a.table.columns)?;
    let compute = |chosen: Option<usize>| {
        let all = columns.values.iter().map(|c| SharpeMoments::of(c)).collect::<Result<Vec<_>, _>>()?;
        let best = |i: &usize, j: &usize| all[*i].ratio.total_cmp(&all[*j].ratio);
        let chosen = chosen.or_else(|| (0..all.len()).max_by(best)).unwrap_or(0);
        let m = all.get(chosen).ok_or(StatsError::TooFew { needed: 1, got: 0 })?;
        let spread = trial_variance(&all.iter().map(|m| m.ratio).collect::<Vec<_>>())?;
        let deflation = |trials: f64| {
            let d = deflated_sharpe(m, spread, trials)?;
            Ok::<_, StatsError>(Deflation {
                trials,
                benchmark: d.benchmark,
                at_estimate: d.evidence.at_estimate,
                at_null: d.evidence.at_null,
                dsr: d.evidence.smaller,
            })
        };
        // Every column was tried, whatever is said: a smaller number would lower the bar.
        let columns_tried = all.len() as f64;
        let trials = match a.trials {
            Some(n) if (1.0..columns_tried).contains(&n) => columns_tried,
            Some(n) => n,
            None => columns_tried,
        };
        let by_effective_number =
            if trials == columns_tried { Some(deflation(independent(&columns)?)?) } else { None };
        Ok(DsrResult {
            chosen: columns.names[chosen].clone(),
            moments: moments(m),
            trial_variance: spread,
            by_count: deflation(trials)?,
            by_effective_number,
        })
    };
    let chosen = match &a.chosen {
        Some(name) => {
            let named = table.column(Some(name))?;
            let place = columns.names.iter().position(|n| Some(n) == named.names.first());
            let missing = || {
                Failure::new(
                    "ZERO-CSV-003",
                    format!("column `{name}` is not among the trials"),
                    "add it to --columns",
                )
            };
            Some(place.ok_or_else(missing)?)
        }
        None => None,
    };
    let result = compute(chosen).map_err(|e| table.explain(e))?;
    let method = "deflated Sharpe ratio (Bailey and Lopez de Prado 2014), the smaller of two forms; effective number of trials: effective rank of their correlations";
    Ok(packet(Some(columns.input), method, StatsResult::Dsr(result)))
}

/// The effective rank of the columns' correlations.
fn independent(columns: &Columns) -> Result<f64, StatsError> {
    let cells = columns.cells();
    let k = columns.values.len();
    let covariance = sample_covariance(&Panel::new(&cells, k)?)?;
    effective_rank(&symmetric_eigenvalues(&correlation_of(&covariance, k)?, k)?)
}

pub(super) fn pbo(a: &PboArgs) -> Result<Stats, Failure> {
    let table = Table::read(&a.table.file)?;
    let columns = table.columns(&a.table.columns)?;
    let metric = if a.metric == "mean" { TrialMetric::Mean } else { TrialMetric::Sharpe };
    let cells = columns.cells();
    let found = Panel::new(&cells, columns.values.len()).and_then(|p| overfitting(&p, a.blocks, metric));
    let found = found.map_err(|e| table.explain(e))?;
    let result = PboResult {
        trials: columns.values.len() as u64,
        blocks: a.blocks as u64,
        metric: a.metric.clone(),
        pbo: found.pbo,
        loss_share: found.loss_share,
        slope: found.slope,
        logits: found.logits,
    };
    let method = "combinatorially symmetric cross-validation (Bailey, Borwein, Lopez de Prado and Zhu 2017)";
    Ok(packet(Some(columns.input), method, StatsResult::Pbo(result)))
}

pub(super) fn spa(a: &SpaArgs) -> Result<Stats, Failure> {
    let table = Table::read(&a.table.file)?;
    let mut columns = table.columns(&a.table.columns)?;
    if let Some(name) = &a.benchmark {
        let base = table.column(Some(name))?;
        if let Some(place) = columns.names.iter().position(|n| Some(n) == base.names.first()) {
            columns.names.remove(place);
            columns.values.remove(place);
        }
        for column in &mut columns.values {
            column.iter_mut().zip(base.first()).for_each(|(x, b)| *x -= b);
        }
    }
    let compute = || {
        let automatic = || {
            let mut lengths = columns.values.iter().map(|c| politis_white(c).map(|b| b.stationary));
            lengths.try_fold(1.0f64, |most, b| b.map(|b| most.max(b)))
        };
        let how = SuperiorAbility {
            block_length: a.block.map_or_else(automatic, Ok)?,
            replicates: a.replicates,
            studentized: !a.raw,
            seed: a.seed,
        };
        let cells = columns.cells();
        let found = superior_ability(&Panel::new(&cells, columns.values.len())?, &how)?;
        Ok(SpaResult {
            best: columns.names[found.best].clone(),
            statistic: found.statistic,
            studentized: how.studentized,
            block_length: how.block_length,
            replicates: how.replicates,
            seed: how.seed,
            p_lower: found.p_lower,
            p_consistent: found.p_consistent,
            p_upper: found.p_upper,
        })
    };
    let result = compute().map_err(|e| table.explain(e))?;
    let method = "test for superior predictive ability (Hansen 2005; White 2000), stationary bootstrap";
    Ok(packet(Some(columns.input), method, StatsResult::Spa(result)))
}

/// Most row numbers that `--list` shows.
const MOST_LISTED: u64 = 10_000_000;

pub(super) fn cpcv(a: &CpcvArgs) -> Result<Stats, Failure> {
    let read = a.file.as_ref().map(|f| Table::read(f)).transpose()?;
    let columns = read.as_ref().map(|t| t.columns(&a.columns)).transpose()?;
    let rows = columns.as_ref().map_or(a.rows.unwrap_or(0), |c| c.first().len());
    let compute = || {
        let splits = PurgedSplits::with_horizon(rows, a.horizon, a.groups, a.test_groups, a.embargo)?;
        if a.list && splits.count().saturating_mul(rows as u64) > MOST_LISTED {
            let got = splits.count().saturating_mul(rows as u64);
            return Err(StatsError::TooMuch { limit: MOST_LISTED, got });
        }
        let paths = match &columns {
            Some(c) => Some(selected_paths(&Panel::new(&c.cells(), c.values.len())?, &splits)?),
            None => None,
        };
        let trained: usize = splits.splits().map(|s| s.train.len()).sum();
        Ok(CpcvResult {
            rows: rows as u64,
            groups: a.groups as u64,
            test_groups: a.test_groups as u64,
            horizon: a.horizon as u64,
            embargo: a.embargo as u64,
            split_count: splits.count(),
            path_count: splits.path_count(),
            mean_train_rows: trained as f64 / splits.count() as f64,
            splits: a.list.then(|| splits.splits().map(split_rows).collect()),
            paths: a.list.then(|| splits.paths()),
            positive_share: paths.as_ref().map(|p| p.positive_share),
            path_ratios: paths.map(|p| p.ratios),
        })
    };
    let result = compute().map_err(|e| match &read {
        Some(table) => table.explain(e),
        None => e.into(),
    })?;
    let method = "combinatorial purged cross-validation (Lopez de Prado 2018)";
    Ok(packet(columns.map(|c| c.input), method, StatsResult::Cpcv(result)))
}

fn split_rows(split: Split) -> SplitRows {
    let wide = |rows: Vec<usize>| rows.into_iter().map(|r| r as u64).collect();
    SplitRows {
        train: wide(split.train),
        test: wide(split.test),
        purged: wide(split.purged),
        embargoed: wide(split.embargoed),
    }
}
