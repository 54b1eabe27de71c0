//! Where an axis has its ticks.

use crate::calendar::{Civil, DAY_MS, month_start_ms};

/// About `target` round values (1, 2 or 5 times a power of ten apart) inside `lo..=hi`, and their distance.
pub(crate) fn linear(lo: f64, hi: f64, target: usize) -> (Vec<f64>, f64) {
    let span = hi - lo;
    if !span.is_finite() || span <= 0.0 {
        return (vec![lo], 1.0);
    }
    let raw = span / target.max(1) as f64;
    let power = 10f64.powf(raw.log10().floor());
    let step =
        [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|s| *s >= raw * 0.999).unwrap_or(raw);
    let first = (lo / step).ceil();
    let ticks = (0..=target * 3)
        .map(|i| (first + i as f64) * step)
        .take_while(|t| *t <= hi + step * 1e-9)
        .map(|t| if t.abs() < step * 1e-9 { 0.0 } else { t })
        .collect();
    (ticks, step)
}

/// 1, 2 and 5 times powers of ten inside `lo..=hi`, both positive; only powers when there are many.
pub(crate) fn log(lo: f64, hi: f64) -> Vec<f64> {
    // Clamped: the logarithm of an underflown end is infinite.
    let exponent = |x: f64| x.log10().clamp(-330.0, 330.0);
    let (from, to) = (exponent(lo).floor() as i32, exponent(hi).ceil() as i32);
    let mantissas: &[f64] = if to - from > 3 { &[1.0] } else { &[1.0, 2.0, 5.0] };
    let skip = ((to - from) / 8).max(1) as usize;
    (from..=to)
        .step_by(skip)
        .flat_map(|e| mantissas.iter().map(move |m| m * 10f64.powf(f64::from(e))))
        .filter(|t| *t >= lo && *t <= hi)
        .collect()
}

/// At most about nine calendar-aligned ticks with labels inside `from..=to` (ms).
pub(crate) fn time(from: i64, to: i64) -> Vec<(i64, String)> {
    let span = to.saturating_sub(from);
    if span <= 0 {
        return vec![(from, crate::calendar::date(from))];
    }
    if span > 80 * DAY_MS { months(from, to) } else { fixed(from, to, span) }
}

fn months(from: i64, to: i64) -> Vec<(i64, String)> {
    let (Some(a), Some(b)) = (Civil::of_ms(from), Civil::of_ms(to)) else {
        return Vec::new();
    };
    let (first, last) = (a.year * 12 + i64::from(a.month) - 1, b.year * 12 + i64::from(b.month) - 1);
    let count = last - first + 1;
    let step = [1, 2, 3, 6, 12, 24, 60, 120].into_iter().find(|s| count / s <= 9).unwrap_or(240);
    let mut out = Vec::new();
    let mut m = first.div_euclid(step) * step;
    while m <= last {
        if let Some(ms) = month_start_ms(m).filter(|ms| *ms >= from && *ms <= to)
            && let Some(c) = Civil::of_ms(ms)
        {
            let label = if step >= 12 {
                c.year.to_string()
            } else if c.month == 1 || out.is_empty() {
                format!("{} {}", c.month_name(), c.year)
            } else {
                c.month_name().to_owned()
            };
            out.push((ms, label));
        }
        m += step;
    }
    out
}

fn fixed(from: i64, to: i64, span: i64) -> Vec<(i64, String)> {
    const MINUTE: i64 = 60_000;
    const STEPS: [i64; 14] = [
        MINUTE,
        5 * MINUTE,
        15 * MINUTE,
        30 * MINUTE,
        60 * MINUTE,
        180 * MINUTE,
        360 * MINUTE,
        720 * MINUTE,
        DAY_MS,
        2 * DAY_MS,
        3 * DAY_MS,
        5 * DAY_MS,
        7 * DAY_MS,
        14 * DAY_MS,
    ];
    let step = STEPS.into_iter().find(|s| span / s <= 8).unwrap_or(14 * DAY_MS);
    let mut out: Vec<(i64, String)> = Vec::new();
    let first = from.div_euclid(step).saturating_mul(step);
    // At most nine steps fit, so the bound only ends a series of saturated times.
    for t in (0..=10).map(|k| first.saturating_add(step * k)).filter(|t| (from..=to).contains(t)) {
        if let Some(c) = Civil::of_ms(t) {
            let label = if step >= DAY_MS || (c.hour, c.minute) == (0, 0) {
                format!("{} {}", c.day, c.month_name())
            } else {
                format!("{:02}:{:02}", c.hour, c.minute)
            };
            out.push((t, label));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linear_ticks_are_round_and_inside() {
        assert_eq!(linear(0.0, 10.0, 5), (vec![0.0, 2.0, 4.0, 6.0, 8.0, 10.0], 2.0));
        assert_eq!(linear(-0.13, 0.02, 3).0, vec![-0.1, -0.05, 0.0]);
        assert_eq!(linear(3.0, 3.0, 5).0, vec![3.0]);
        assert_eq!(linear(f64::NAN, 1.0, 5).0.len(), 1);
    }

    #[test]
    fn time_ticks_stay_few_from_minutes_to_centuries() {
        let start = 1_756_929_600_000;
        for span in [
            1i64,
            60_000,
            3_600_000,
            DAY_MS,
            9 * DAY_MS,
            79 * DAY_MS,
            200 * DAY_MS,
            4_000 * DAY_MS,
            80_000 * DAY_MS,
        ] {
            let ticks = time(start, start + span);
            assert!(ticks.len() <= 12, "{span}: {}", ticks.len());
            assert!(ticks.iter().all(|t| (start..=start + span).contains(&t.0)));
        }
        let labels: Vec<String> = time(start, start + 196 * DAY_MS).into_iter().map(|t| t.1).collect();
        assert_eq!(labels, ["Oct 2025", "Nov", "Dec", "Jan 2026", "Feb", "Mar"]);
        assert!(time(i64::MIN, i64::MAX).len() < 12);
        assert!(time(i64::MAX - 5_000_000, i64::MAX).len() < 12);
        assert!(time(i64::MIN, i64::MIN + 5_000_000).len() < 12);
    }

    #[test]
    fn log_ticks_stay_few() {
        assert_eq!(log(90.0, 1_100.0), vec![100.0, 200.0, 500.0, 1_000.0]);
        assert!(log(1e-300, 1e300).len() < 12);
        assert!(log(0.0, f64::INFINITY).len() < 12);
    }
}
