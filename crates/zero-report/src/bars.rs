//! Small drawings: bars inside table cells, intervals on a common scale, a histogram with a marker.

use crate::estimate::{Estimate, Unit};
use crate::format;
use crate::markup::Markup;
use crate::ticks;

/// The common scale of several values: from the lowest to the highest, zero included.
pub(crate) fn scale_of(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.filter(|x| x.is_finite()).fold((0.0f64, 0.0f64), |(lo, hi), x| (lo.min(x), hi.max(x)))
}

/// A bar from zero to `x` on a common scale.
pub(crate) fn signed(x: f64, (lo, hi): (f64, f64)) -> Markup {
    let at = |v: f64| (v / 2.0 - lo / 2.0) / (hi / 2.0 - lo / 2.0) * 100.0;
    if !x.is_finite() || !at(x).is_finite() {
        return Markup::default();
    }
    let (left, right, class) = if x < 0.0 { (at(x), at(0.0), "loss") } else { (at(0.0), at(x), "gain") };
    Markup::raw(format!(
        "<svg class=\"bar\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\
         <rect class=\"{class}\" x=\"{left:.2}\" y=\"1.5\" width=\"{:.2}\" height=\"7\"/>\
         <path class=\"zero\" d=\"M{:.2} 0V10\"/></svg>",
        right - left,
        at(0.0)
    ))
}

/// A bar from the left on a scale where `largest` is the whole width.
pub(crate) fn plain(x: f64, largest: f64) -> Markup {
    if !x.is_finite() || largest.is_nan() || largest <= 0.0 {
        return Markup::default();
    }
    let width = (x / largest * 100.0).clamp(0.0, 100.0);
    Markup::raw(format!(
        "<svg class=\"bar\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\
         <rect class=\"plain\" x=\"0\" y=\"1.5\" width=\"{width:.2}\" height=\"7\"/></svg>"
    ))
}

/// The common scale of several intervals.
pub(crate) fn common_scale<'a>(estimates: impl Iterator<Item = &'a Estimate>) -> (f64, f64) {
    scale_of(estimates.flat_map(|e| [Some(e.value), e.lo, e.hi]).flatten())
}

/// A dot with its interval, and zero.
pub(crate) fn whisker(e: &Estimate, (lo, hi): (f64, f64)) -> Markup {
    let x = |v: f64| 3.0 + 94.0 * ((v - lo) / (hi - lo)).clamp(0.0, 1.0);
    if !e.value.is_finite() || hi.partial_cmp(&lo) != Some(std::cmp::Ordering::Greater) {
        return Markup::default();
    }
    let line = e.interval().map_or_else(String::new, |(a, b, _)| {
        format!("<path class=\"whisker\" d=\"M{:.2} 5H{:.2}\"/>", x(a), x(b))
    });
    Markup::raw(format!(
        "<svg class=\"bar wide\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\
         <path class=\"zero\" d=\"M{:.2} 0V10\"/>{line}<path class=\"dot\" d=\"M{:.2} 5h0\"/></svg>",
        x(0.0),
        x(e.value)
    ))
}

/// How baselines are distributed, with a value marked.
pub(crate) fn histogram(values: &[f64], marked: f64, unit: Unit, label: &str) -> Markup {
    const BINS: usize = 48;
    let finite: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    let with_mark = finite.iter().copied().chain(marked.is_finite().then_some(marked));
    let (lo, hi) = with_mark.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
    if finite.is_empty() {
        return Markup::raw("<p class=\"none\">Nothing to draw: no finite values.</p>");
    }
    let span = if hi - lo > 0.0 && (hi - lo).is_finite() { hi - lo } else { lo.abs().max(1.0) * 0.02 };
    let (lo, span) = if hi > lo { (lo, span) } else { (lo - span / 2.0, span) };
    let share = |v: f64| ((v - lo) / span).clamp(0.0, 1.0);
    let mut bins = [0u32; BINS];
    for v in &finite {
        bins[((share(*v) * BINS as f64) as usize).min(BINS - 1)] += 1;
    }
    let tallest = f64::from(bins.iter().copied().max().unwrap_or(1).max(1));
    let width = 1000.0 / BINS as f64;
    let mut svg = String::new();
    for (i, &count) in bins.iter().enumerate().filter(|b| *b.1 > 0) {
        let height = f64::from(count) / tallest * 940.0;
        let centre = lo + (i as f64 + 0.5) / BINS as f64 * span;
        let class = if marked.is_finite() && centre >= marked { "above" } else { "below" };
        svg.push_str(&format!(
            "<rect class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{height:.1}\"><title>{count} near {}</title></rect>",
            i as f64 * width + 1.0,
            1000.0 - height,
            width - 2.0,
            Markup::text(&format::value(unit, centre)),
        ));
    }
    svg.push_str("<path class=\"zero\" d=\"M0 1000H1000\"/>");
    let mut mark = String::new();
    if marked.is_finite() {
        let x = share(marked) * 100.0;
        svg.push_str(&format!("<path class=\"mark\" d=\"M{:.1} 0V1000\"/>", x * 10.0));
        let side = if x > 60.0 { "left" } else { "right" };
        mark = format!(
            "<span class=\"tag {side}\" style=\"left:{x:.2}%\">this run {}</span>",
            Markup::text(&format::signed(unit, marked))
        );
    }
    let (ticks, step) = ticks::linear(lo, lo + span, 6);
    let largest = ticks.iter().fold(0.0f64, |m, t| m.max(t.abs()));
    let xs: String = ticks
        .iter()
        .enumerate()
        .map(|(i, t)| {
            let percent = share(*t) * 100.0;
            let edge = if percent < 4.0 {
                "first"
            } else if percent > 96.0 {
                "last"
            } else {
                "mid"
            };
            let odd = if i % 2 == 1 { " odd" } else { "" };
            let text = format::axis(unit, *t, step, largest);
            format!("<span class=\"{edge}{odd}\" style=\"left:{percent:.2}%\">{}</span>", Markup::text(&text))
        })
        .collect();
    Markup::raw(format!(
        "<div class=\"plot histogram\"><div class=\"tags\">{mark}</div><svg role=\"img\" aria-label=\"{}\" viewBox=\"0 0 1000 1000\" \
         preserveAspectRatio=\"none\">{svg}</svg><div class=\"xs\" aria-hidden=\"true\">{xs}</div></div>",
        Markup::text(label)
    ))
}
