//! Charts over time. The drawing is an SVG stretched to the width of the page (strokes keep their width), the axis labels are
//! text beside it placed in percent, so that a chart stays readable on a telephone and in print alike.

use crate::estimate::Unit;
use crate::format;
use crate::markup::Markup;
use crate::series::{Band, Series};
use crate::ticks;

/// Spans of time per chart; four points are kept of each.
const BUCKETS: usize = 400;
/// The drawing's own coordinates run from 0 to this in both directions.
const SIDE: f64 = 1000.0;

pub(crate) enum Layer<'a> {
    Line {
        series: &'a Series,
        class: &'static str,
    },
    /// Filled down (or up) to zero.
    Area {
        series: &'a Series,
        class: &'static str,
    },
    Band {
        band: &'a Band,
        class: &'static str,
    },
}

pub(crate) struct Plot<'a> {
    /// For those who cannot see it.
    pub(crate) label: String,
    pub(crate) class: &'static str,
    pub(crate) unit: Unit,
    pub(crate) log: bool,
    pub(crate) with_zero: bool,
    /// A reference value drawn as a dashed line.
    pub(crate) reference: Option<f64>,
    pub(crate) from_ms: i64,
    pub(crate) to_ms: i64,
    pub(crate) layers: Vec<Layer<'a>>,
}

impl Plot<'_> {
    /// The chart, or a sentence when there is nothing to draw.
    pub(crate) fn render(&self) -> Markup {
        let thin: Vec<Thin> = self.layers.iter().map(Thin::of).collect();
        let Some(axis) = self.value_axis(&thin) else {
            return Markup::raw("<p class=\"none\">Nothing to draw: no finite values.</p>");
        };
        let mut svg = String::new();
        for tick in &axis.ticks {
            let y = axis.y(*tick);
            let class = if *tick == 0.0 && !axis.log { "zero" } else { "grid" };
            svg.push_str(&format!("<path class=\"{class}\" d=\"M0 {y:.1}H{SIDE}\"/>"));
        }
        for (layer, thin) in self.layers.iter().zip(&thin) {
            svg.push_str(&self.draw(layer, thin, &axis));
        }
        if let Some(r) = self.reference.filter(|r| r.is_finite()) {
            svg.push_str(&format!("<path class=\"ref\" d=\"M0 {:.1}H{SIDE}\"/>", axis.y(r)));
        }
        let ys: String = axis
            .ticks
            .iter()
            .map(|t| {
                let text = format::axis(self.unit, *t, axis.step_at(*t), axis.largest());
                format!("<span style=\"top:{:.2}%\">{}</span>", axis.y(*t) / 10.0, Markup::text(&text))
            })
            .collect();
        Markup::raw(format!(
            "<div class=\"plot {}\"><div class=\"ys\" aria-hidden=\"true\">{ys}</div>\
             <svg role=\"img\" aria-label=\"{}\" viewBox=\"0 0 1000 1000\" preserveAspectRatio=\"none\">{svg}</svg>\
             <div class=\"xs\" aria-hidden=\"true\">{}</div></div>",
            self.class,
            Markup::text(&self.label),
            self.time_labels(),
        ))
    }

    fn draw(&self, layer: &Layer<'_>, thin: &Thin, axis: &ValueAxis) -> String {
        match (layer, thin) {
            (Layer::Line { class, .. }, Thin::One(s)) => {
                format!("<path class=\"line {class}\" d=\"{}\"/>", self.line(s, axis))
            }
            (Layer::Area { class, .. }, Thin::One(s)) => {
                format!("<path class=\"area {class}\" d=\"{}\"/>", self.area(s, axis))
            }
            (Layer::Band { class, .. }, Thin::Two(lo, hi)) => {
                format!("<path class=\"band {class}\" d=\"{}\"/>", self.band(lo, hi, axis))
            }
            _ => String::new(),
        }
    }

    /// Moves where a gap ends, lines elsewhere; a lone point gets a stroke of length 0, which its round cap shows as a dot.
    fn line(&self, s: &Series, axis: &ValueAxis) -> String {
        let mut d = String::new();
        let mut run = 0;
        for (t, v) in s.points().chain(std::iter::once((0, f64::NAN))) {
            if !v.is_finite() {
                if run == 1 {
                    d.push_str("h0");
                }
                run = 0;
                continue;
            }
            d.push_str(&format!("{}{:.1} {:.1}", if run == 0 { 'M' } else { 'L' }, self.x(t), axis.y(v)));
            run += 1;
        }
        d
    }

    fn area(&self, s: &Series, axis: &ValueAxis) -> String {
        let floor = axis.y(0.0);
        let mut d = String::new();
        let mut last_x = None;
        for (t, v) in s.points().chain(std::iter::once((0, f64::NAN))) {
            match (v.is_finite(), last_x) {
                (true, None) => d.push_str(&format!("M{:.1} {floor:.1}L{0:.1} {:.1}", self.x(t), axis.y(v))),
                (true, Some(_)) => d.push_str(&format!("L{:.1} {:.1}", self.x(t), axis.y(v))),
                (false, Some(x)) => d.push_str(&format!("L{x:.1} {floor:.1}Z")),
                (false, None) => {}
            }
            last_x = v.is_finite().then(|| self.x(t));
        }
        d
    }

    /// Forward along the upper curve, back along the lower one; gaps are bridged.
    fn band(&self, lo: &Series, hi: &Series, axis: &ValueAxis) -> String {
        let finite = |s: &Series| -> Vec<(i64, f64)> { s.points().filter(|p| p.1.is_finite()).collect() };
        let mut d = String::new();
        for (t, v) in finite(hi).into_iter().chain(finite(lo).into_iter().rev()) {
            d.push_str(&format!("{}{:.1} {:.1}", if d.is_empty() { 'M' } else { 'L' }, self.x(t), axis.y(v)));
        }
        if !d.is_empty() {
            d.push('Z');
        }
        d
    }

    fn x(&self, ts_ms: i64) -> f64 {
        let span = (self.to_ms as f64 - self.from_ms as f64).max(1.0);
        ((ts_ms as f64 - self.from_ms as f64) / span * SIDE).clamp(0.0, SIDE)
    }

    fn time_labels(&self) -> String {
        ticks::time(self.from_ms, self.to_ms)
            .into_iter()
            .enumerate()
            .map(|(i, (ms, label))| {
                let percent = self.x(ms) / 10.0;
                let edge = if percent < 4.0 {
                    "first"
                } else if percent > 96.0 {
                    "last"
                } else {
                    "mid"
                };
                let odd = if i % 2 == 1 { " odd" } else { "" };
                format!(
                    "<span class=\"{edge}{odd}\" style=\"left:{percent:.2}%\">{}</span>",
                    Markup::text(&label)
                )
            })
            .collect()
    }

    fn value_axis(&self, thin: &[Thin]) -> Option<ValueAxis> {
        let mut lo = f64::INFINITY;
        let mut hi = f64::NEG_INFINITY;
        let all = thin.iter().flat_map(Thin::values).chain(self.reference);
        for v in all.filter(|v| v.is_finite()) {
            lo = lo.min(v);
            hi = hi.max(v);
        }
        if lo > hi {
            return None;
        }
        let log = self.log && lo > 0.0;
        if self.with_zero && !log {
            lo = lo.min(0.0);
            hi = hi.max(0.0);
        }
        Some(ValueAxis::new(lo, hi, log, if self.class == "tall" { 7 } else { 5 }))
    }
}

/// A layer with few enough points to draw.
enum Thin {
    One(Series),
    Two(Series, Series),
}

impl Thin {
    fn of(layer: &Layer<'_>) -> Self {
        match layer {
            Layer::Line { series, .. } | Layer::Area { series, .. } => Self::One(series.thinned(BUCKETS)),
            Layer::Band { band, .. } => {
                let side = |values: &[f64]| {
                    Series { name: String::new(), ts_ms: band.ts_ms.clone(), values: values.to_vec() }
                        .thinned(BUCKETS)
                };
                Self::Two(side(&band.lo), side(&band.hi))
            }
        }
    }

    fn values(&self) -> Box<dyn Iterator<Item = f64> + '_> {
        match self {
            Self::One(s) => Box::new(s.points().map(|p| p.1)),
            Self::Two(a, b) => Box::new(a.points().chain(b.points()).map(|p| p.1)),
        }
    }
}

struct ValueAxis {
    lo: f64,
    hi: f64,
    log: bool,
    ticks: Vec<f64>,
    step: f64,
}

impl ValueAxis {
    fn new(lo: f64, hi: f64, log: bool, about: usize) -> Self {
        if log && hi / lo > 1.0001 {
            let margin = (hi / lo).powf(0.03);
            let (lo, hi) = (lo / margin, hi * margin);
            return Self { lo, hi, log, ticks: ticks::log(lo, hi), step: lo };
        }
        let span = hi - lo;
        // A constant series gets a window of a percent of its value, so that it is a line and not a division by zero.
        let margin =
            if span > lo.abs().max(hi.abs()) * 1e-12 { span * 0.04 } else { (hi.abs() * 0.01).max(1e-9) };
        let low = if lo == 0.0 { 0.0 } else { lo - margin };
        let high = if hi == 0.0 { 0.0 } else { hi + margin };
        let (ticks, step) = ticks::linear(low, high, about);
        Self { lo: low, hi: high, log: false, ticks, step }
    }

    fn y(&self, v: f64) -> f64 {
        let share = if self.log {
            (v.max(f64::MIN_POSITIVE) / self.lo).ln() / (self.hi / self.lo).ln()
        } else {
            (v / 2.0 - self.lo / 2.0) / (self.hi / 2.0 - self.lo / 2.0)
        };
        if share.is_finite() { (SIDE * (1.0 - share)).clamp(0.0, SIDE) } else { SIDE }
    }

    fn step_at(&self, tick: f64) -> f64 {
        if self.log { tick } else { self.step }
    }

    fn largest(&self) -> f64 {
        self.lo.abs().max(self.hi.abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(values: &[f64], log: bool) -> Vec<(f64, f64)> {
        let series = Series {
            name: String::new(),
            ts_ms: (0..values.len() as i64).collect(),
            values: values.to_vec(),
        };
        let plot = Plot {
            label: String::new(),
            class: "tall",
            unit: Unit::Usd,
            log,
            with_zero: false,
            reference: None,
            from_ms: 0,
            to_ms: values.len() as i64 - 1,
            layers: vec![Layer::Line { series: &series, class: "run" }],
        };
        let page = plot.render().into_string();
        let d = page.split("line run\" d=\"M").nth(1).unwrap().split('"').next().unwrap();
        d.split(['L', 'M'])
            .map(|p| p.split_once(' ').unwrap())
            .map(|(x, y)| (x.parse().unwrap(), y.parse().unwrap()))
            .collect()
    }

    /// The scale reaches 4 % of the range beyond both ends, so the ends lie at 1/27 and 26/27 of the height.
    #[test]
    fn equal_amounts_are_drawn_equally_far_apart() {
        let p = drawn(&[100.0, 150.0, 200.0], false);
        assert_eq!(p, [(0.0, 963.0), (500.0, 500.0), (1000.0, 37.0)]);
    }

    #[test]
    fn equal_factors_are_drawn_equally_far_apart_on_a_log_scale() {
        let p = drawn(&[1.0, 10.0, 100.0], true);
        assert!((p[0].1 - p[1].1 - (p[1].1 - p[2].1)).abs() < 0.2 && p[0].1 > 900.0, "{p:?}");
    }

    #[test]
    fn a_gap_is_not_bridged() {
        assert_eq!(drawn(&[1.0, 2.0, 3.0, 4.0], false).len(), 4);
        let page = drawn(&[1.0, 2.0, f64::NAN, 3.0, 4.0], false);
        assert_eq!(page.len(), 4);
        let series = Series { name: String::new(), ts_ms: vec![0, 1, 2], values: vec![1.0, f64::NAN, 2.0] };
        let plot = Plot {
            label: String::new(),
            class: "short",
            unit: Unit::Usd,
            log: false,
            with_zero: false,
            reference: None,
            from_ms: 0,
            to_ms: 2,
            layers: vec![Layer::Line { series: &series, class: "run" }],
        };
        assert_eq!(plot.render().into_string().matches("h0").count(), 2, "two lone dots and no line");
    }
}
