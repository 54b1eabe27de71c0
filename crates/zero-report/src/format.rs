//! Numbers for people: separators, signs, as many digits as mean something, and "unknown" for what is not a number.

use crate::estimate::Unit;

pub(crate) const UNKNOWN: &str = "unknown";
/// Keeps a number and its unit on one line.
const NBSP: char = '\u{a0}';
const MINUS: char = '\u{2212}';

/// In its unit, with the sign only when negative.
pub(crate) fn value(unit: Unit, x: f64) -> String {
    match unit {
        Unit::Ratio => decimal(x, if x.abs() >= 100.0 { 0 } else { 2 }),
        Unit::Fraction => percent(x),
        Unit::Usd => usd(x),
        Unit::Hours => hours(x),
        Unit::Count => decimal(x, 0),
        Unit::Bps => suffixed(decimal(x, if x.abs() >= 100.0 { 0 } else { 1 }), "bps"),
    }
}

/// In its unit, with a plus sign when positive.
pub(crate) fn signed(unit: Unit, x: f64) -> String {
    let text = value(unit, x);
    let nonzero = text.bytes().any(|b| (b'1'..=b'9').contains(&b));
    if x > 0.0 && nonzero { format!("+{text}") } else { text }
}

/// The ends of an interval, "−1.6 to 2.3", both to the same digit where they are of one kind.
pub(crate) fn range(unit: Unit, lo: f64, hi: f64) -> String {
    match unit {
        Unit::Ratio => format!("{} to {}", bound(lo), bound(hi)),
        Unit::Fraction => {
            let decimals = percent_decimals(lo.abs().max(hi.abs()) * 100.0);
            let end = |x: f64| suffixed(decimal(x * 100.0, decimals), "%");
            format!("{} to {}", end(lo), end(hi))
        }
        _ => format!("{} to {}", value(unit, lo), value(unit, hi)),
    }
}

/// An end of an interval of a ratio: one digit after the point, two where one would hide the sign.
pub(crate) fn bound(x: f64) -> String {
    decimal(x, if x.abs() < 0.1 { 2 } else { usize::from(x.abs() < 100.0) })
}

pub(crate) fn usd(x: f64) -> String {
    let text = decimal(x.abs(), if x.abs() >= 100_000.0 { 0 } else { 2 });
    if !x.is_finite() {
        return UNKNOWN.to_owned();
    }
    if is_negative(x, &text) { format!("{MINUS}${text}") } else { format!("${text}") }
}

pub(crate) fn percent(fraction: f64) -> String {
    let p = fraction * 100.0;
    suffixed(decimal(p, percent_decimals(p.abs())), "%")
}

fn percent_decimals(percent: f64) -> usize {
    if percent >= 100.0 {
        0
    } else if percent >= 10.0 {
        1
    } else {
        2
    }
}

/// A level such as 0.9, without needless digits.
pub(crate) fn level(fraction: f64) -> String {
    let p = fraction * 100.0;
    suffixed(decimal(p, usize::from((p - p.round()).abs() > 0.05)), "%")
}

/// A share rounded down, so that 99.96 % never reads as all; with a digit more near the ends.
pub(crate) fn share_down(fraction: f64) -> String {
    let p = fraction * 100.0;
    if (99.0..100.0).contains(&p) || (p > 0.0 && p < 1.0) {
        suffixed(decimal((p * 10.0).floor() / 10.0, 1), "%")
    } else {
        suffixed(decimal(p.floor(), 0), "%")
    }
}

pub(crate) fn count(n: u64) -> String {
    grouped(&n.to_string())
}

pub(crate) fn hours(h: f64) -> String {
    if !h.is_finite() {
        return UNKNOWN.to_owned();
    }
    let a = h.abs();
    if a < 1.0 {
        suffixed(decimal(h * 60.0, 0), "min")
    } else if a < 72.0 {
        suffixed(decimal(h, 1), "h")
    } else if a < 24.0 * 365.0 {
        suffixed(decimal(h / 24.0, 1), "days")
    } else {
        suffixed(decimal(h / (24.0 * 365.25), 1), "years")
    }
}

/// A number with `decimals` digits after the point and separators before it.
pub(crate) fn decimal(x: f64, decimals: usize) -> String {
    if !x.is_finite() {
        return UNKNOWN.to_owned();
    }
    if x.abs() >= 1e15 {
        return format!("{x:.2e}").replace('-', &MINUS.to_string());
    }
    let text = format!("{:.decimals$}", x.abs());
    let (whole, rest) = text.find('.').map_or((text.as_str(), ""), |i| text.split_at(i));
    let body = format!("{}{rest}", grouped(whole));
    if is_negative(x, &body) { format!("{MINUS}{body}") } else { body }
}

/// A value on an axis whose ticks lie `step` apart and reach to `largest` in absolute value.
pub(crate) fn axis(unit: Unit, x: f64, step: f64, largest: f64) -> String {
    match unit {
        Unit::Fraction => suffixed(decimal(x * 100.0, decimals_for(step * 100.0)), "%"),
        Unit::Usd => {
            let (scale, suffix) = [(1e9, "B"), (1e6, "M"), (1e3, "k")]
                .into_iter()
                .find(|(s, _)| largest >= 10.0 * s && step / s >= 0.01)
                .unwrap_or((1.0, ""));
            if x == 0.0 {
                return "$0".to_owned();
            }
            let text = decimal(x.abs() / scale, decimals_for(step / scale));
            let sign = if is_negative(x, &text) { MINUS.to_string() } else { String::new() };
            format!("{sign}${text}{suffix}")
        }
        _ => decimal(x, decimals_for(step)),
    }
}

fn decimals_for(step: f64) -> usize {
    if step.is_finite() && step > 0.0 {
        (-(step * 1.0001).log10().floor()).clamp(0.0, 8.0) as usize
    } else {
        2
    }
}

/// Negative, and not a zero after rounding.
fn is_negative(x: f64, rounded: &str) -> bool {
    x < 0.0 && rounded.bytes().any(|b| (b'1'..=b'9').contains(&b))
}

fn suffixed(text: String, suffix: &str) -> String {
    if text == UNKNOWN { text } else { format!("{text}{NBSP}{suffix}") }
}

fn grouped(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(usd(1_234.5), "$1,234.50");
        assert_eq!(usd(-12.344), "−$12.34");
        assert_eq!(usd(-0.001), "$0.00");
        assert_eq!(usd(1_234_567.89), "$1,234,568");
        assert_eq!(signed(Unit::Usd, 3.0), "+$3.00");
        assert_eq!(signed(Unit::Usd, 0.0001), "$0.00");
        assert_eq!(percent(-0.1234), "−12.3\u{a0}%");
        assert_eq!(percent(0.05), "5.00\u{a0}%");
        assert_eq!(range(Unit::Ratio, -1.62, 2.31), "−1.6 to 2.3");
        assert_eq!(range(Unit::Ratio, 0.04, 2.31), "0.04 to 2.3");
        assert_eq!(share_down(0.9996), "99.9\u{a0}%");
        assert_eq!(share_down(0.617), "61\u{a0}%");
        assert_eq!(count(4_695), "4,695");
        assert_eq!(count(695), "695");
        assert_eq!(level(0.9), "90\u{a0}%");
        assert_eq!(hours(0.5), "30\u{a0}min");
    }

    #[test]
    fn what_is_not_a_number_is_unknown_and_never_nan() {
        for unit in [Unit::Ratio, Unit::Fraction, Unit::Usd, Unit::Hours, Unit::Count, Unit::Bps] {
            for x in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                assert_eq!(value(unit, x), UNKNOWN);
                assert_eq!(signed(unit, x), UNKNOWN);
            }
        }
    }

    #[test]
    fn axis_labels_differ_from_tick_to_tick() {
        assert_eq!(axis(Unit::Usd, 10_500.0, 500.0, 11_000.0), "$10.5k");
        assert_eq!(axis(Unit::Usd, 10_000.5, 0.5, 10_001.0), "$10,000.5");
        assert_eq!(axis(Unit::Usd, -2_500.0, 500.0, 2_500.0), "−$2,500");
        assert_eq!(axis(Unit::Fraction, -0.05, 0.05, 0.1), "−5\u{a0}%");
        assert_eq!(axis(Unit::Ratio, 0.25, 0.05, 1.0), "0.25");
    }
}
