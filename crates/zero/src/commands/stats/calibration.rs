//! Probabilities against what happened, and distributions against each other.

use super::packet;
use super::table::Table;
use crate::args::{BrierArgs, CalibrateArgs, PsiArgs};
use crate::failure::Failure;
use zero_packets::stats::{CalibrateResult, PsiResult, ReliabilityRow, ScoreResult, Stats, StatsResult};
use zero_stats::{
    BetaMap, ForecastScore, Grouping, Isotonic, Platt, StatsError, forecast_score, logit, shrunk_probability,
    stability_index, stability_of_samples,
};

pub(super) fn brier(a: &BrierArgs) -> Result<Stats, Failure> {
    let table = Table::read(&a.table.file)?;
    let columns = table.columns(&[a.table.forecast.clone(), a.table.outcome.clone()])?;
    let grouping = a.bins.map_or(Grouping::Distinct, Grouping::EqualWidth);
    let s = forecast_score(columns.first(), columns.second(), grouping).map_err(|e| table.explain(e))?;
    let method = "Brier score with Murphy's decomposition (1973)";
    Ok(packet(Some(columns.input), method, StatsResult::Brier(score(&s))))
}

pub(super) fn score(s: &ForecastScore) -> ScoreResult {
    let bins = s.bins.iter().map(|b| ReliabilityRow {
        n: b.n,
        events: b.events,
        forecast: b.forecast,
        observed: b.observed,
        low: b.interval.lo,
        high: b.interval.hi,
    });
    ScoreResult {
        n: s.n,
        brier: s.brier,
        reliability: s.reliability,
        resolution: s.resolution,
        uncertainty: s.uncertainty,
        within: s.within,
        base_rate: s.base_rate,
        log_score: s.log_score,
        bins: bins.collect(),
    }
}

pub(super) fn calibrate(a: &CalibrateArgs) -> Result<Stats, Failure> {
    let table = Table::read(&a.table.file)?;
    let columns = table.columns(&[a.table.forecast.clone(), a.table.outcome.clone()])?;
    let result = fitted(a, columns.first(), columns.second()).map_err(|e| table.explain(e))?;
    let method =
        "fitted on the first rows, scored on the later ones; shrunk by (n calibrated + m model) / (n + m)";
    Ok(packet(Some(columns.input), method, StatsResult::Calibrate(result)))
}

fn fitted(a: &CalibrateArgs, p: &[f64], outcome: &[f64]) -> Result<CalibrateResult, StatsError> {
    let rows = a.fit_rows.unwrap_or(p.len());
    if rows > p.len() {
        return Err(StatsError::TooFew { needed: rows, got: p.len() });
    }
    // Both columns are checked whole, also where nothing is fitted on them.
    forecast_score(p, outcome, Grouping::EqualWidth(1))?;
    let map = Map::fit(&a.map, &p[..rows], &outcome[..rows])?;
    let through = |x: &f64| shrunk_probability(map.at(*x), *x, rows as f64, a.prior_rows);
    let calibrated: Vec<f64> = p.iter().map(through).collect::<Result<_, _>>()?;
    let later = |forecasts: &[f64]| match &forecasts[rows..] {
        [] => Ok((None, None)),
        rest => {
            forecast_score(rest, &outcome[rows..], Grouping::Distinct).map(|s| (Some(s.brier), s.log_score))
        }
    };
    let ((brier_before, log_before), (brier_after, log_after)) = (later(p)?, later(&calibrated)?);
    let (parameters, knots, values) = map.parts();
    Ok(CalibrateResult {
        map: a.map.clone(),
        fitted_rows: rows as u64,
        prior_rows: a.prior_rows,
        parameters,
        knots,
        values,
        calibrated,
        brier_before,
        brier_after,
        log_before,
        log_after,
    })
}

enum Map {
    Isotonic(Isotonic),
    Platt(Platt),
    Beta(BetaMap),
}

impl Map {
    fn fit(kind: &str, p: &[f64], outcome: &[f64]) -> Result<Self, StatsError> {
        match kind {
            "platt" => {
                if let Some(index) = p.iter().position(|x| !(*x > 0.0 && *x < 1.0)) {
                    return Err(StatsError::Outside { index, rule: "strictly between 0 and 1" });
                }
                Platt::fit(&p.iter().map(|x| logit(*x)).collect::<Vec<_>>(), outcome).map(Self::Platt)
            }
            "beta" => BetaMap::fit(p, outcome).map(Self::Beta),
            _ => Isotonic::fit(p, outcome).map(Self::Isotonic),
        }
    }

    fn at(&self, p: f64) -> f64 {
        match self {
            Self::Isotonic(map) => map.at(p).unwrap_or(f64::NAN),
            Self::Platt(map) => map.at(logit(p)),
            Self::Beta(map) => map.at(p),
        }
    }

    fn parts(self) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
        match self {
            Self::Isotonic(map) => (Vec::new(), map.knots, map.values),
            Self::Platt(map) => (vec![map.a, map.b], Vec::new(), Vec::new()),
            Self::Beta(map) => (vec![map.a, map.b, map.c], Vec::new(), Vec::new()),
        }
    }
}

pub(super) fn psi(a: &PsiArgs) -> Result<Stats, Failure> {
    let table = Table::read(&a.file)?;
    let columns = table.columns(&[a.reference.clone(), a.current.clone()])?;
    let (reference, current) = (columns.first(), columns.second());
    let found = if a.shares {
        let psi = stability_index(reference, current);
        psi.map(|psi| PsiResult { psi, edges: Vec::new(), reference: Vec::new(), current: Vec::new() })
    } else {
        stability_of_samples(reference, current, a.bins).map(|s| PsiResult {
            psi: s.psi,
            edges: s.edges,
            reference: s.reference,
            current: s.current,
        })
    };
    let result = found.map_err(|e| table.explain(e))?;
    let method = "population stability index; half an observation is added to every bin of samples";
    Ok(packet(Some(columns.input), method, StatsResult::Psi(result)))
}
