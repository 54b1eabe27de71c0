//! How series move together, and with their own past.

use super::packet;
use super::table::{Columns, Table};
use crate::args::{EwmaArgs, LwArgs, VrArgs};
use crate::failure::Failure;
use zero_packets::stats::{CovarianceResult, Stats, StatsResult, VrResult, VrRow};
use zero_stats::{
    Panel, StatsError, Target, correlation_of, decay_of_half_life, effective_rank, ewma_covariance,
    participation_ratio, shrunk_covariance, symmetric_eigenvalues, variance_ratio,
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
