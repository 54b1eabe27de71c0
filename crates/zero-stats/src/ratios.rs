//! Return per unit of risk. All take *simple returns per period* and the number of such periods in a year, which the
//! caller states (8,760 for hourly bars of a market that never closes). The riskless rate is 0: margin earns nothing.

use crate::drawdown::max_drawdown_of_returns;
use crate::error::{StatsError, check, check_positive, in_range};
use crate::moments::{is_rounding_noise, mean, sd};

/// The annualised Sharpe ratio: mean / sd (divisor n - 1) * sqrt(periods per year) (Sharpe 1994).
pub fn sharpe(returns: &[f64], periods_per_year: f64) -> Result<f64, StatsError> {
    check_positive("periods_per_year", periods_per_year)?;
    let s = sd(returns)?;
    if is_rounding_noise(returns, s) {
        return Err(StatsError::NoVariation);
    }
    in_range(mean(returns)? / s * libm::sqrt(periods_per_year))
}

/// The annualised Sortino ratio against a target of 0: mean / sqrt(mean(min(r, 0)^2)) * sqrt(periods per year).
/// The downside mean runs over all periods, not only the losing ones (Sortino and van der Meer 1991).
pub fn sortino(returns: &[f64], periods_per_year: f64) -> Result<f64, StatsError> {
    check_positive("periods_per_year", periods_per_year)?;
    check(returns, 2)?;
    let below: f64 = returns.iter().map(|r| r.min(0.0)).map(|d| d * d).sum();
    if below == 0.0 {
        return Err(StatsError::NoVariation);
    }
    let downside = libm::sqrt(below / returns.len() as f64);
    in_range(mean(returns)? / downside * libm::sqrt(periods_per_year))
}

/// The annualised volatility: sd (divisor n - 1) * sqrt(periods per year), as a fraction.
pub fn volatility(returns: &[f64], periods_per_year: f64) -> Result<f64, StatsError> {
    check_positive("periods_per_year", periods_per_year)?;
    in_range(sd(returns)? * libm::sqrt(periods_per_year))
}

/// The compound growth per year as a fraction: `prod(1 + r) ^ (periods per year / n) - 1`. A path that reaches zero or
/// less has no growth rate.
pub fn growth_per_year(returns: &[f64], periods_per_year: f64) -> Result<f64, StatsError> {
    check_positive("periods_per_year", periods_per_year)?;
    check(returns, 1)?;
    if let Some(index) = returns.iter().position(|&r| r <= -1.0) {
        return Err(StatsError::NonPositive { index });
    }
    in_range(libm::expm1(log_growth(returns) * periods_per_year / returns.len() as f64))
}

/// The logarithm of the product of `1 + r`, one logarithm per run of factors: a bootstrap asks for it thousands of times, and a
/// run this short neither overflows for returns below a factor of 10^9 nor loses digits that matter.
fn log_growth(returns: &[f64]) -> f64 {
    const RUN: usize = 32;
    returns
        .chunks(RUN)
        .map(|run| {
            let product: f64 = run.iter().map(|r| 1.0 + r).product();
            if product.is_normal() { libm::log(product) } else { run.iter().map(|&r| libm::log1p(r)).sum() }
        })
        .sum()
}

/// The Calmar ratio: growth per year over the deepest drawdown of the same path (Young 1991, over the whole window).
pub fn calmar(returns: &[f64], periods_per_year: f64) -> Result<f64, StatsError> {
    let depth = max_drawdown_of_returns(returns)?;
    if depth == 0.0 {
        return Err(StatsError::NoVariation);
    }
    in_range(growth_per_year(returns, periods_per_year)? / depth)
}
