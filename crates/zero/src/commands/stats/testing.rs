//! Many tests at once, and one test again and again.

use super::packet;
use super::table::Table;
use crate::args::{BhArgs, BocpdArgs, CusumArgs, ElondArgs};
use crate::failure::Failure;
use zero_packets::stats::{
    Alarm, AlarmsResult, BocpdResult, ElondResult, MultiplicityResult, Stats, StatsResult,
};
use zero_stats::{
    Adwin, ChangePointModel, ChangePoints, Correction, Cusum, PageHinkley, PageHinkleyRule, Shift, Spending,
    StatsError, correct, e_bh, e_lond,
};

pub(super) fn bh(a: &BhArgs) -> Result<Stats, Failure> {
    let table = Table::read(&a.table.file)?;
    let column = table.column(a.table.column.as_deref())?;
    let xs = column.first();
    let (correction, method) = match a.correction.as_str() {
        "by" => (
            Some(Correction::BenjaminiYekutieli),
            "false discovery rate under any dependence (Benjamini and Yekutieli 2001)",
        ),
        "holm" => (Some(Correction::Holm), "any false rejection, any dependence (Holm 1979)"),
        "bonferroni" => (Some(Correction::Bonferroni), "any false rejection, any dependence (Bonferroni)"),
        "ebh" => (None, "false discovery rate of e-values under any dependence (Wang and Ramdas 2022)"),
        _ => (
            Some(Correction::BenjaminiHochberg),
            "false discovery rate under positive dependence (Benjamini and Hochberg 1995)",
        ),
    };
    let compute = || {
        let (adjusted, rejected, threshold) = match correction {
            Some(c) => correct(xs, c, a.level).map(|c| (c.adjusted, c.rejected, None))?,
            None => e_bh(xs, a.level).map(|b| (Vec::new(), b.discovered, b.threshold))?,
        };
        Ok(MultiplicityResult {
            correction: a.correction.clone(),
            level: a.level,
            n: xs.len() as u64,
            rejections: rejected.iter().filter(|r| **r).count() as u64,
            adjusted,
            rejected,
            threshold,
        })
    };
    let result = compute().map_err(|e| table.explain(e))?;
    Ok(packet(Some(column.input), method, StatsResult::Multiplicity(result)))
}

pub(super) fn elond(a: &ElondArgs) -> Result<Stats, Failure> {
    let table = Table::read(&a.table.file)?;
    let column = table.column(a.table.column.as_deref())?;
    let (spending, controls) =
        if a.any { (Spending::AnyFalseDiscovery, "any") } else { (Spending::FalseDiscoveryRate, "fdr") };
    let stream = e_lond(column.first(), a.level, spending).map_err(|e| table.explain(e))?;
    let discovered = stream.iter().enumerate().filter(|(_, d)| d.discovered);
    let result = ElondResult {
        level: a.level,
        controls: controls.into(),
        thresholds: stream.iter().map(|d| d.threshold).collect(),
        discoveries: discovered.map(|(i, _)| i as u64).collect(),
    };
    let method = "level spent as 6 / (pi^2 t^2) over the stream (e-LOND, Xu and Ramdas 2024); any dependence";
    Ok(packet(Some(column.input), method, StatsResult::Elond(result)))
}

pub(super) fn cusum(a: &CusumArgs) -> Result<Stats, Failure> {
    let table = Table::read(&a.table.file)?;
    let column = table.column(a.table.column.as_deref())?;
    let (detector, alarms) = alarms(a, column.first()).map_err(|e| table.explain(e))?;
    let result = AlarmsResult { detector: detector.into(), n: column.first().len() as u64, alarms };
    let method = "each alarm starts the detector anew; thresholds are the caller's, set them by simulation";
    Ok(packet(Some(column.input), method, StatsResult::Alarms(result)))
}

fn alarms(a: &CusumArgs, xs: &[f64]) -> Result<(&'static str, Vec<Alarm>), StatsError> {
    let mut out = Vec::new();
    let mut note = |at: usize, shift: Option<Shift>| {
        let shift = shift.map(|s| if s == Shift::Up { "up" } else { "down" }.to_owned());
        out.push(Alarm { at: at as u64, shift });
    };
    let detector = match a.detector.as_str() {
        "page-hinkley" => {
            let customary = PageHinkleyRule::CUSTOMARY;
            let rule = PageHinkleyRule {
                delta: a.slack.unwrap_or(customary.delta),
                threshold: a.threshold.unwrap_or(customary.threshold),
                ..customary
            };
            let mut test = PageHinkley::new(rule)?;
            for (i, x) in xs.iter().enumerate() {
                if let Some(shift) = test.observe(*x)? {
                    note(i, Some(shift));
                }
            }
            "page_hinkley"
        }
        "adwin" => {
            let mut window = Adwin::new(a.delta, 32)?;
            for (i, x) in xs.iter().enumerate() {
                if window.observe(*x)? {
                    note(i, None);
                }
            }
            "adwin"
        }
        _ => {
            let mut sums = Cusum::new(a.mean, a.slack.unwrap_or(0.5), a.threshold.unwrap_or(5.0))?;
            for (i, x) in xs.iter().enumerate() {
                if let Some(shift) = sums.observe(*x)? {
                    note(i, Some(shift));
                }
            }
            "cusum"
        }
    };
    Ok((detector, out))
}

pub(super) fn bocpd(a: &BocpdArgs) -> Result<Stats, Failure> {
    let table = Table::read(&a.table.file)?;
    let column = table.column(a.table.column.as_deref())?;
    let compute = || {
        let mut found = ChangePoints::new(ChangePointModel {
            hazard: a.hazard,
            prior_mean: a.prior_mean,
            prior_variance: a.prior_variance,
            noise_variance: a.noise_variance,
            longest_run: a.longest_run,
        })?;
        let mut likeliest = Vec::with_capacity(column.first().len());
        for x in column.first() {
            found.observe(*x)?;
            likeliest.push(found.likeliest_run() as u64);
        }
        Ok(BocpdResult {
            n: likeliest.len() as u64,
            run_lengths: found.run_lengths(),
            likeliest,
            log_evidence: found.log_evidence(),
        })
    };
    let result = compute().map_err(|e| table.explain(e))?;
    let method =
        "filtered posterior over the run length (Adams and MacKay 2007), normal mean, known variance";
    Ok(packet(Some(column.input), method, StatsResult::Bocpd(result)))
}
