//! What one series proves, and what may be staked on it.

use super::packet;
use super::table::Table;
use crate::args::{EvalueArgs, KellyArgs, MinbtlArgs, MintrlArgs, PsrArgs};
use crate::failure::Failure;
use zero_packets::stats::{
    EvalueResult, KellyResult, MinbtlResult, MintrlResult, PsrResult, RatioMoments, Stats, StatsResult,
};
use zero_stats::{
    BET_FRACTIONS, BettingMixture, SharpeMoments, StatsError, confidence_sequence, expected_max,
    expected_max_exact, growth_binary, kelly_binary, kelly_continuous, kelly_lower_bound, mean,
    min_backtest_length, sharpe_evidence, sharpe_sd, track_record_if_any, variance,
};

const FORMS: &str = "Bailey and Lopez de Prado 2012; Lopez de Prado, Lipton and Zoonekynd 2025";
const BETTING: &str = "mixture of betting processes over ten fractions (Waudby-Smith and Ramdas 2024); holds at all times if the bounds are true";

pub(super) fn psr(a: &PsrArgs) -> Result<Stats, Failure> {
    let table = Table::read(&a.table.file)?;
    let column = table.column(a.table.column.as_deref())?;
    let compute = || {
        let m = SharpeMoments::of(column.first())?;
        let e = sharpe_evidence(&m, a.benchmark)?;
        Ok(PsrResult {
            moments: moments(&m),
            benchmark: a.benchmark,
            ratio_sd: sharpe_sd(m.ratio, m.n, m.skewness, m.kurtosis)?,
            at_estimate: e.at_estimate,
            at_null: e.at_null,
            psr: e.smaller,
        })
    };
    let result = compute().map_err(|e| table.explain(e))?;
    Ok(packet(
        Some(column.input),
        format!("probabilistic Sharpe ratio, the smaller of two forms ({FORMS})"),
        StatsResult::Psr(result),
    ))
}

pub(super) fn mintrl(a: &MintrlArgs) -> Result<Stats, Failure> {
    let table = Table::read(&a.table.file)?;
    let column = table.column(a.table.column.as_deref())?;
    let compute = || {
        let m = SharpeMoments::of(column.first())?;
        let t = track_record_if_any(&m, a.benchmark, a.confidence)?;
        let long_enough = t.is_some_and(|t| m.n as f64 >= t.longer);
        let verdict = match t {
            None => "no length suffices: the ratio so far is not above the benchmark",
            Some(_) if long_enough => "long enough",
            Some(_) => "not long enough yet",
        };
        Ok(MintrlResult {
            moments: moments(&m),
            benchmark: a.benchmark,
            confidence: a.confidence,
            at_estimate: t.map(|t| t.at_estimate),
            at_null: t.map(|t| t.at_null),
            returns_needed: t.map(|t| t.longer),
            long_enough,
            verdict: verdict.into(),
        })
    };
    let result = compute().map_err(|e| table.explain(e))?;
    Ok(packet(
        Some(column.input),
        format!("minimum track record length, the larger of two forms ({FORMS})"),
        StatsResult::Mintrl(result),
    ))
}

pub(super) fn minbtl(a: &MinbtlArgs) -> Result<Stats, Failure> {
    let length = min_backtest_length(a.trials, a.target)?;
    let whole = (a.trials.fract() == 0.0 && a.trials < 1e15).then_some(a.trials as u64);
    let result = MinbtlResult {
        trials: a.trials,
        target: a.target,
        expected_max: expected_max(a.trials)?,
        expected_max_exact: whole.map(expected_max_exact).transpose()?,
        years: length.years,
        bound: length.bound,
    };
    Ok(packet(
        None,
        "minimum backtest length (Bailey, Borwein, Lopez de Prado and Zhu 2014)",
        StatsResult::Minbtl(result),
    ))
}

pub(super) fn evalue(a: &EvalueArgs) -> Result<Stats, Failure> {
    let table = Table::read(&a.table.file)?;
    let column = table.column(a.table.column.as_deref())?;
    let xs = column.first();
    let compute = || {
        if !(a.low.is_finite() && a.low < 0.0) {
            return Err(StatsError::BadParameter { name: "low", rule: "a finite number below 0" });
        }
        // A value beyond a declared bound voids the guarantee, so both bounds are checked before anything is computed.
        let interval = confidence_sequence(xs, a.low, a.high, a.level, &BET_FRACTIONS)?;
        let mut mixture = BettingMixture::new(&BET_FRACTIONS)?;
        for x in xs {
            mixture.observe(x / -a.low)?;
        }
        let finite = |x: f64| x.is_finite().then_some(x);
        Ok(EvalueResult {
            n: mixture.n(),
            low: a.low,
            high: a.high,
            e: finite(mixture.value()),
            log_e: mixture.log_value(),
            best_e: finite(mixture.best()),
            p_any_time: 1.0 / mixture.best(),
            mean: mean(xs)?,
            mean_low: interval.lo,
            mean_high: interval.hi,
            level: a.level,
        })
    };
    let result = compute().map_err(|e| table.explain(e))?;
    Ok(packet(Some(column.input), BETTING, StatsResult::Evalue(result)))
}

pub(super) fn kelly(a: &KellyArgs) -> Result<Stats, Failure> {
    let Some(file) = &a.file else { return stated_bet(a) };
    let table = Table::read(file)?;
    let column = table.column(a.column.as_deref())?;
    let xs = column.first();
    let (low, high) = (a.low.unwrap_or(f64::NAN), a.high.unwrap_or(f64::NAN));
    let compute = || {
        let interval = confidence_sequence(xs, low, high, a.level, &BET_FRACTIONS)?;
        let spread = variance(xs)?;
        if spread == 0.0 {
            return Err(StatsError::NoVariation);
        }
        Ok(KellyResult {
            full: kelly_continuous(mean(xs)?, spread)?,
            growth: None,
            mean_low: Some(interval.lo),
            caution: a.caution,
            fraction: kelly_lower_bound(interval.lo, spread, a.caution)?,
        })
    };
    let result = compute().map_err(|e| table.explain(e))?;
    let method =
        format!("mean / variance (Kelly 1956) on the lower end of the mean's confidence sequence: {BETTING}");
    Ok(packet(Some(column.input), method, StatsResult::Kelly(result)))
}

fn stated_bet(a: &KellyArgs) -> Result<Stats, Failure> {
    let full = kelly_binary(a.p.unwrap_or(f64::NAN), a.odds)?;
    if !(a.caution > 0.0 && a.caution <= 0.5) {
        return Err(StatsError::BadParameter { name: "caution", rule: "above 0 and at most 0.5" }.into());
    }
    // A certain win is staked in full, where growth is no longer a logarithm of what may be lost.
    let growth = a.p.filter(|p| *p > 0.0 && *p < 1.0).map(|p| growth_binary(p, a.odds, full)).transpose()?;
    let result = KellyResult { full, growth, mean_low: None, caution: a.caution, fraction: a.caution * full };
    Ok(packet(None, "(odds p - q) / odds (Kelly 1956), taking p as known", StatsResult::Kelly(result)))
}

pub(super) fn moments(m: &SharpeMoments) -> RatioMoments {
    RatioMoments {
        ratio: m.ratio,
        n: m.n as u64,
        skewness: m.skewness,
        kurtosis: m.kurtosis,
        autocorrelation: m.autocorrelation,
    }
}
