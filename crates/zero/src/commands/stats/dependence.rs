//! How series move together, and with their own past.

use super::packet;
use super::table::{Columns, Table};
use crate::args::{EwmaArgs, LwArgs, ScalingArgs, VrArgs};
use crate::failure::Failure;
use std::cell::Cell;
use zero_packets::stats::{CovarianceResult, ScalingResult, ScalingRow, Stats, StatsResult, VrResult, VrRow};
use zero_stats::{
    AgainstShuffles, Panel, RangeScale, StatsError, Target, against_shuffles, correlation_of,
    decay_of_half_life, effective_rank, ewma_covariance, fluctuation_exponent, participation_ratio,
    shrunk_covariance, symmetric_eigenvalues, variance_ratio,
};

pub(super) fn ewma(a: &EwmaArgs) -> Result<Stats, Failure> {
    let table = Table::read(&a.table.file)?;
    let columns = table.columns(&a.table.columns)?;
    let compute = || {
        let decay = a.half_life.map_or(Ok(a.decay), decay_of_half_life)?;
        let cells = columns.cells();
        let matrix = ewma_covariance(&Panel::new(&cells, columns.values.len())?, decay)?;
        Ok((decay, described(&columns, &matrix, None)?))
    };
    let (decay, result) = compute().map_err(|e| table.explain(e))?;
    let method = format!("exponentially weighted about 0, decay {decay}, started at the first square");
    Ok(packet(Some(columns.input), method, StatsResult::Covariance(result)))
}

pub(super) fn lw(a: &LwArgs) -> Result<Stats, Failure> {
    let table = Table::read(&a.table.file)?;
    let columns = table.columns(&a.table.columns)?;
    let (target, method) = match a.target.as_str() {
        "identity" => (Target::Identity, "shrunk to a multiple of the identity (Ledoit and Wolf 2004)"),
        "oas" => (Target::OracleApproximating, "oracle approximating shrinkage (Chen and others 2010)"),
        _ => (Target::ConstantCorrelation, "shrunk to constant correlation (Ledoit and Wolf 2004)"),
    };
    let compute = || {
        let cells = columns.cells();
        let s = shrunk_covariance(&Panel::new(&cells, columns.values.len())?, target)?;
        described(&columns, &s.matrix, Some(s.intensity))
    };
    let result = compute().map_err(|e| table.explain(e))?;
    Ok(packet(Some(columns.input), method, StatsResult::Covariance(result)))
}

fn described(
    columns: &Columns,
    matrix: &[f64],
    intensity: Option<f64>,
) -> Result<CovarianceResult, StatsError> {
    let k = columns.values.len();
    let correlation = correlation_of(matrix, k)?;
    let eigenvalues = symmetric_eigenvalues(&correlation, k)?;
    let rows = |m: &[f64]| m.chunks(k).map(<[f64]>::to_vec).collect();
    Ok(CovarianceResult {
        covariance: rows(matrix),
        correlation: rows(&correlation),
        intensity,
        first_share: eigenvalues.first().copied().unwrap_or(0.0) / k as f64,
        effective_rank: effective_rank(&eigenvalues)?,
        effective_number: participation_ratio(&eigenvalues)?,
        eigenvalues,
    })
}

pub(super) fn vr(a: &VrArgs) -> Result<Stats, Failure> {
    let table = Table::read(&a.table.file)?;
    let column = table.column(a.table.column.as_deref())?;
    let one = |q: &usize| {
        variance_ratio(column.first(), *q).map(|v| VrRow {
            q: v.q as u64,
            n: v.n as u64,
            ratio: v.ratio,
            z: v.z,
            p: v.p,
        })
    };
    let horizons = a.q.iter().map(one).collect::<Result<_, _>>().map_err(|e| table.explain(e))?;
    let method = "overlapping variance ratio with the heteroskedasticity-robust statistic (Lo and MacKinlay 1988); p-values are not corrected for the number of horizons";
    Ok(packet(Some(column.input), method, StatsResult::VarianceRatios(VrResult { horizons })))
}

pub(super) fn scaling(a: &ScalingArgs) -> Result<Stats, Failure> {
    let table = Table::read(&a.table.file)?;
    let column = table.column(a.table.column.as_deref())?;
    let row = |r: AgainstShuffles| ScalingRow {
        exponent: r.value,
        shuffled_mean: r.mean,
        shuffled_sd: r.sd,
        p: r.p,
    };
    let compute = || {
        let xs = column.first();
        let (scale, raw) = (RangeScale::new(xs.len()), Cell::new(None));
        let range = |x: &[f64]| {
            let found = scale.of(x)?;
            raw.set(raw.get().or(Some(found.raw)));
            Ok(found.corrected)
        };
        let fluctuation = row(against_shuffles(xs, a.shuffles, a.seed, fluctuation_exponent)?);
        let rescaled_range = row(against_shuffles(xs, a.shuffles, a.seed, range)?);
        Ok(ScalingResult {
            n: xs.len() as u64,
            shuffles: a.shuffles as u64,
            seed: a.seed,
            fluctuation,
            rescaled_range,
            // The values in their order come before every shuffle of them.
            rescaled_range_raw: raw.get().ok_or(StatsError::NoVariation)?,
        })
    };
    let result = compute().map_err(|e| table.explain(e))?;
    let method = "detrended fluctuation analysis of order one (Peng and others 1994) and rescaled range (Mandelbrot and Wallis 1969) corrected by Anis and Lloyd (1976), with permutation p-values";
    Ok(packet(Some(column.input), method, StatsResult::Scaling(result)))
}
