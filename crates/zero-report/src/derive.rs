//! The parts of a report that follow from its equity series.

use zero_core::Ts;
use zero_stats::{
    Bootstrap, Sample, Statistic, StatsError, Window, calmar, drawdown_series, growth_per_year, kurtosis,
    max_drawdown_of_returns, sharpe, simple_returns, skewness, sortino, under_water, volatility,
};

use crate::calendar::Civil;
use crate::estimate::{Estimate, Figure, Unit};
use crate::series::Series;
use crate::tables::Month;

/// Simple returns between neighbouring points of an equity series.
pub fn equity_returns(equity: &Series) -> Result<Vec<f64>, StatsError> {
    simple_returns(&equity.values)
}

/// The usual figures of an equity series, net of whatever the series is net of, each with its interval by `bootstrap`. The first
/// is the Sharpe ratio (key `net_sharpe`). One period is one step of the series; `n_unit` names it ("hours").
///
/// The cost is nine statistics times `bootstrap.replicates` passes: thin a series of a million minutes to hours first.
#[must_use]
pub fn standard_figures(
    equity: &Series,
    periods_per_year: f64,
    n_unit: &str,
    bootstrap: &Bootstrap,
) -> Vec<Figure> {
    let ends = equity.ts_ms.first().copied().zip(equity.ts_ms.last().copied());
    let ts = |ms: i64| Ts::from_ms(ms).unwrap_or(Ts::ZERO);
    let window =
        ends.map_or(Window { from: Ts::ZERO, to: Ts::ZERO }, |(a, b)| Window { from: ts(a), to: ts(b) });
    let returns = equity_returns(equity);
    let n = equity.values.len().saturating_sub(1) as u64;
    let ppy = periods_per_year;
    type Fallible<'a> = Box<dyn Fn(&[f64]) -> Result<f64, StatsError> + 'a>;
    let statistics: Vec<(&str, &str, Unit, Fallible<'_>)> = vec![
        ("net_sharpe", "Sharpe ratio, annualised", Unit::Ratio, Box::new(move |r| sharpe(r, ppy))),
        ("net_sortino", "Sortino ratio, annualised", Unit::Ratio, Box::new(move |r| sortino(r, ppy))),
        ("total_return", "Return over the window", Unit::Fraction, Box::new(total_return)),
        ("growth_per_year", "Growth per year", Unit::Fraction, Box::new(move |r| growth_per_year(r, ppy))),
        ("volatility", "Volatility, annualised", Unit::Fraction, Box::new(move |r| volatility(r, ppy))),
        ("max_drawdown", "Deepest drawdown", Unit::Fraction, Box::new(max_drawdown_of_returns)),
        ("calmar", "Calmar ratio", Unit::Ratio, Box::new(move |r| calmar(r, ppy))),
        ("skewness", "Skewness of returns", Unit::Ratio, Box::new(skewness)),
        ("kurtosis", "Kurtosis of returns (normal: 3)", Unit::Ratio, Box::new(kurtosis)),
    ];
    let measured = returns.as_ref().map_err(|e| *e).and_then(|r| {
        let on_resample: Vec<Box<Statistic<'_>>> = statistics
            .iter()
            .map(|(_, _, _, f)| Box::new(move |x: &[f64]| f(x).unwrap_or(f64::NAN)) as Box<Statistic<'_>>)
            .collect();
        let borrowed: Vec<&Statistic<'_>> = on_resample.iter().map(|f| f.as_ref()).collect();
        bootstrap.measure_all(Sample { values: r, window }, &borrowed)
    });
    let mut figures: Vec<Figure> = statistics
        .iter()
        .enumerate()
        .map(|(i, (key, label, unit, statistic))| {
            // The statistic's own error says more than that of a bootstrap without a start.
            let own = returns.as_ref().map_err(|e| *e).and_then(|r| statistic(r));
            let found = own.and_then(|_| measured.as_ref().map_err(|e| *e).and_then(|all| all[i]));
            figure(key, label, *unit, Estimate::from_result(found, n, n_unit, window))
        })
        .collect();
    let water = match under_water(&equity.values) {
        Ok(u) => Estimate::counted(u.share, n, n_unit, window),
        Err(e) => Estimate::unknown(&e.to_string(), n, n_unit, window),
    };
    figures.push(figure("time_under_water", "Time below the last peak", Unit::Fraction, water));
    let longest = match (under_water(&equity.values), ends) {
        (Ok(u), Some((from, to))) if n > 0 => {
            let step_hours = (to as f64 - from as f64) / n as f64 / 3_600_000.0;
            Estimate::counted(u.longest as f64 * step_hours, n, n_unit, window)
        }
        (Err(e), _) => Estimate::unknown(&e.to_string(), n, n_unit, window),
        _ => Estimate::unknown("there is no step to measure", n, n_unit, window),
    };
    figures.push(figure("longest_under_water", "Longest time below a peak", Unit::Hours, longest));
    figures
}

fn figure(key: &str, label: &str, unit: Unit, estimate: Estimate) -> Figure {
    Figure { key: key.to_owned(), label: label.to_owned(), unit, estimate }
}

fn total_return(returns: &[f64]) -> Result<f64, StatsError> {
    growth_per_year(returns, returns.len() as f64)
}

/// One row per calendar month (UTC) that the series touches. A month starts from the last equity of the month before.
#[must_use]
pub fn months_from_equity(equity: &Series) -> Vec<Month> {
    let mut out = Vec::new();
    let mut current: Option<(String, Vec<f64>)> = None;
    for (ms, value) in equity.points().filter(|p| p.1.is_finite()) {
        let Some(name) = Civil::of_ms(ms).map(|c| c.year_month()) else { continue };
        match &mut current {
            Some((month, values)) if *month == name => values.push(value),
            Some((month, values)) => {
                let carried = values.last().copied().unwrap_or(value);
                out.push(month_row(month, values));
                current = Some((name, vec![carried, value]));
            }
            None => current = Some((name, vec![value])),
        }
    }
    if let Some((month, values)) = &current {
        out.push(month_row(month, values));
    }
    out
}

fn month_row(month: &str, values: &[f64]) -> Month {
    let (first, last) =
        (values.first().copied().unwrap_or(f64::NAN), values.last().copied().unwrap_or(f64::NAN));
    let depths = drawdown_series(values);
    Month {
        month: month.to_owned(),
        pnl_usd: last - first,
        return_fraction: if first > 0.0 { (last - first) / first } else { f64::NAN },
        max_drawdown_fraction: depths.map_or(f64::NAN, |d| d.into_iter().fold(0.0, f64::max)),
        trades: None,
    }
}
