//! Is a funding series in fractions per hour?
//!
//! Three independent pieces of evidence, each against the venue's own facts:
//!
//! 1. **Formula.** With a premium beside it, a print must equal `(P + clamp(0.0001 - P, +-0.0005)) / 8`. If not, but the
//!    print equals the formula times a known factor for most rows, that factor is the unit.
//! 2. **Baseline.** Inside the clamp the rate is exactly 0.0000125, and a large share of prints (39 to 76 % in 200 days of
//!    ten coins) are. If none are but a fifth or more equal 0.0000125 times a known factor, that factor is the unit.
//! 3. **Cap.** No rate exceeds 4 % an hour.
//!
//! Without a premium and without a baseline, a median magnitude of forty times the baseline is taken as wrong: recorded
//! prints have their 95th percentile at 2.2 times.

use crate::error::Finding;
use crate::rule::Rule;
use zero_core::Rate;
use zero_market::funding::hourly_rate;

/// Units that are seen in the wild: name, and the factor to a fraction per hour.
const UNITS: [(&str, i64); 4] = [
    ("percent per hour", 100),
    ("a fraction per 8 hours", 8),
    ("basis points per hour", 10_000),
    ("a fraction per year", 8_760),
];
/// Prints below which the distribution says nothing.
const COUNT_MIN: u64 = 24;
/// Prints with a premium below which the formula says nothing: three exact matches are no accident.
const FORMULA_COUNT_MIN: u64 = 3;
/// The venue's cap, 4 % an hour.
const CAP: Rate = Rate::bps(400);
/// Half a unit of the tenth decimal and rounding.
const TOLERANCE: i64 = 51;

#[derive(Clone, Debug, Default)]
struct Support {
    baseline: u64,
    formula: u64,
    /// First row that speaks for this unit and not for fractions.
    example: Option<(u64, String, Rate)>,
}

/// What the rows of one series (or of one file) say. Bounded.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evidence {
    count: u64,
    with_premium: u64,
    fraction: Support,
    units: [Support; UNITS.len()],
    above_cap: Option<(u64, String, Rate)>,
    above_cap_count: u64,
    far: u64,
    far_example: Option<(u64, String, Rate)>,
}

impl Evidence {
    pub(crate) fn add(&mut self, row: u64, field: &str, rate: Rate, premium: Option<Rate>) {
        self.count += 1;
        let baseline = hourly_rate(Rate::ZERO).raw();
        let formula = premium.map(|p| hourly_rate(p).raw());
        self.with_premium += u64::from(formula.is_some());
        let is_base = rate.raw() == baseline;
        let follows = formula.is_some_and(|f| (rate.raw() - f).abs() <= TOLERANCE);
        self.fraction.baseline += u64::from(is_base);
        self.fraction.formula += u64::from(follows);
        for (support, (_, factor)) in self.units.iter_mut().zip(UNITS) {
            let is_scaled_base = rate.raw() == baseline * factor;
            // A rate near zero fits every factor; it speaks for none.
            let is_scaled = formula.is_some_and(|f| {
                f.abs() > 10 * TOLERANCE
                    && (i128::from(rate.raw()) - i128::from(f) * i128::from(factor)).abs()
                        <= i128::from(TOLERANCE) * i128::from(factor)
            });
            support.baseline += u64::from(is_scaled_base);
            support.formula += u64::from(is_scaled);
            if (is_scaled_base || is_scaled) && !follows && support.example.is_none() {
                support.example = Some((row, field.to_owned(), rate));
            }
        }
        if rate.abs() > CAP {
            self.above_cap_count += 1;
            self.above_cap.get_or_insert((row, field.to_owned(), rate));
        }
        if rate.abs().raw() > 40 * baseline {
            self.far += 1;
            self.far_example.get_or_insert((row, field.to_owned(), rate));
        }
    }
}

/// The finding, if the series is not in fractions per hour.
pub(crate) fn judge(e: &Evidence) -> Option<Finding> {
    let share = |n: u64| 100.0 * n as f64 / e.count.max(1) as f64;
    for (support, (name, factor)) in e.units.iter().zip(UNITS) {
        let Some((row, field, rate)) = &support.example else { continue };
        let by_formula = e.with_premium >= FORMULA_COUNT_MIN
            && support.formula * 2 > e.with_premium
            && support.formula > e.fraction.formula;
        let by_baseline = e.count >= COUNT_MIN
            && support.baseline * 5 >= e.count
            && support.baseline > 10 * e.fraction.baseline
            && e.fraction.formula * 2 <= e.with_premium;
        let expected = Rate::from_raw(rate.raw() / factor);
        let reason = if by_formula {
            let of = 100.0 * support.formula as f64 / e.with_premium as f64;
            format!("{of:.1} % of prints equal {factor} times the venue's formula on their premium")
        } else if by_baseline {
            let base = hourly_rate(Rate::ZERO);
            let scaled = Rate::from_raw(base.raw() * factor);
            format!(
                "{:.1} % of values are {scaled}, which is {factor} times the venue's baseline {base}, and {:.1} % are the baseline itself",
                share(support.baseline),
                share(e.fraction.baseline)
            )
        } else {
            continue;
        };
        let detail = format!("{rate} is {name}, not a fraction per hour ({expected} would be): {reason}");
        let count = support.baseline.max(support.formula);
        return Some(Finding { count, ..Finding::at(Rule::WrongUnit, *row, field, detail) });
    }
    if let Some((row, field, rate)) = &e.above_cap {
        let detail = format!("{rate} is above the venue's cap of 0.04 (4 %) an hour");
        return Some(Finding {
            count: e.above_cap_count,
            ..Finding::at(Rule::WrongUnit, *row, field, detail)
        });
    }
    let is_implausible =
        e.count >= COUNT_MIN && e.far * 2 > e.count && e.fraction.formula * 2 <= e.with_premium;
    if let Some((row, field, rate)) = e.far_example.as_ref().filter(|_| is_implausible) {
        let far = share(e.far);
        let detail = format!(
            "{rate} is no plausible fraction per hour: {far:.1} % of values exceed forty times the baseline"
        );
        return Some(Finding { count: e.far, ..Finding::at(Rule::WrongUnit, *row, field, detail) });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use zero_core::prng::Prng;

    /// A series of plausible premiums, in the given multiple of a fraction per hour.
    fn series(factor: i64, premium: bool, baseline: bool) -> Evidence {
        let mut e = Evidence::default();
        let mut draws = Prng::new(4, 4);
        for row in 1..=200 {
            let centre = if baseline { -3.0e-4 } else { -1.2e-3 };
            let p = Rate::from_f64_nearest(centre + 3e-4 * draws.normal()).unwrap();
            let rate = hourly_rate(p).times(factor).unwrap();
            e.add(row, "rate", rate, premium.then_some(p));
        }
        e
    }

    #[test]
    fn fractions_are_accepted_with_and_without_premium_and_baseline() {
        for premium in [true, false] {
            for baseline in [true, false] {
                assert_eq!(judge(&series(1, premium, baseline)), None, "{premium} {baseline}");
            }
        }
    }

    #[test]
    fn every_known_unit_is_recognised_by_formula_and_by_baseline() {
        for (name, factor) in UNITS {
            for (premium, baseline) in [(true, true), (true, false), (false, true)] {
                let f = judge(&series(factor, premium, baseline)).unwrap();
                assert_eq!(f.rule, Rule::WrongUnit);
                assert!(f.detail.contains(name), "{factor} {premium} {baseline}: {}", f.detail);
            }
        }
    }

    #[test]
    fn a_rate_above_the_cap_is_wrong_in_any_series() {
        let mut e = series(1, true, true);
        e.add(201, "rate", Rate::parse("0.05").unwrap(), Some(Rate::parse("0.4").unwrap()));
        let f = judge(&e).unwrap();
        assert_eq!((f.rule, f.row), (Rule::WrongUnit, Some(201)));
    }

    #[test]
    fn a_market_in_turmoil_is_not_mistaken_for_a_wrong_unit() {
        let mut e = Evidence::default();
        for row in 1..=100 {
            let p = Rate::parse("-0.02").unwrap();
            e.add(row, "rate", hourly_rate(p), Some(p));
        }
        assert_eq!(judge(&e), None, "rates of 0.24 % an hour that follow the formula are real");
    }
}
