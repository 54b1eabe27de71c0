//! Equity with its baselines, drawdown and exposure, on one time axis.

use zero_stats::{drawdown_series, max_drawdown};

use super::section;
use crate::calendar::date_time;
use crate::estimate::Unit;
use crate::format;
use crate::markup::Markup;
use crate::plot::{Layer, Plot};
use crate::series::Series;
use crate::tearsheet::{AxisScale, Tearsheet};

/// One class per baseline, used again from the start when there are more.
const BASELINE_CLASSES: [&str; 4] = ["b0", "b1", "b2", "b3"];

pub(crate) fn render(sheet: &Tearsheet) -> Markup {
    let mut body = figure("Equity", &equity_legend(sheet), &equity_plot(sheet));
    let depth = Series {
        name: "Drawdown".to_owned(),
        ts_ms: sheet.equity.ts_ms.clone(),
        values: drawdown_series(&sheet.equity.values)
            .map_or_else(|_| Vec::new(), |d| d.into_iter().map(|x| 0.0 - x).collect()),
    };
    let drawdown = plot(
        sheet,
        "short",
        Unit::Fraction,
        vec![Layer::Area { series: &depth, class: "loss" }, Layer::Line { series: &depth, class: "loss" }],
    );
    body.push(&figure("Drawdown", &drawdown_caption(sheet), &drawdown.render()));
    let exposure = plot(
        sheet,
        "short",
        Unit::Usd,
        vec![
            Layer::Area { series: &sheet.gross_exposure, class: "gross" },
            Layer::Line { series: &sheet.net_exposure, class: "run" },
        ],
    );
    let legend = Markup::raw(
        "<span class=\"key\"><i class=\"fill gross\"></i>gross</span><span class=\"key\"><i class=\"run\"></i>net (long less short)</span>",
    );
    body.push(&figure("Exposure", &legend, &exposure.render()));
    section("Equity, drawdown, exposure", &Markup::default(), &body)
}

fn equity_plot(sheet: &Tearsheet) -> Markup {
    let mut layers = Vec::new();
    if let Some(band) = sheet.random_entries.as_ref().and_then(|r| r.equity_band.as_ref()) {
        layers.push(Layer::Band { band, class: "random" });
    }
    for (b, class) in sheet.baselines.iter().zip(BASELINE_CLASSES.iter().cycle()) {
        layers.push(Layer::Line { series: &b.equity, class });
    }
    layers.push(Layer::Line { series: &sheet.equity, class: "run" });
    let mut p = plot(sheet, "tall", Unit::Usd, layers);
    p.with_zero = false;
    p.log = wants_log(sheet);
    let flat_is_drawn = sheet.baselines.iter().any(|b| b.key == "flat");
    p.reference = (!flat_is_drawn).then_some(sheet.money.initial_equity_usd);
    p.render()
}

fn wants_log(sheet: &Tearsheet) -> bool {
    let curves = std::iter::once(&sheet.equity).chain(sheet.baselines.iter().map(|b| &b.equity));
    let values = curves.flat_map(|s| s.values.iter().copied()).filter(|v| v.is_finite());
    let (lo, hi) = values.fold((f64::INFINITY, 0.0f64), |(lo, hi), v| (lo.min(v), hi.max(v)));
    match sheet.equity_scale {
        AxisScale::Linear => false,
        AxisScale::Log => true,
        AxisScale::Auto => lo > 0.0 && hi / lo > 8.0,
    }
}

/// All charts share the span of the run, or of the equity series when that reaches further.
fn plot<'a>(sheet: &Tearsheet, class: &'static str, unit: Unit, layers: Vec<Layer<'a>>) -> Plot<'a> {
    let ts = &sheet.equity.ts_ms;
    let from_ms = ts.first().map_or(sheet.run.from_ms, |t| sheet.run.from_ms.min(*t));
    let to_ms = ts.last().map_or(sheet.run.to_ms, |t| sheet.run.to_ms.max(*t));
    let label = match class {
        "tall" => format!("Equity over time, ending at {}", format::usd(sheet.money.final_equity_usd)),
        _ if unit == Unit::Fraction => "Drawdown over time as a share of the running peak".to_owned(),
        _ => "Gross and net exposure over time".to_owned(),
    };
    Plot { label, class, unit, log: false, with_zero: true, reference: None, from_ms, to_ms, layers }
}

fn figure(title: &'static str, caption: &Markup, drawing: &Markup) -> Markup {
    Markup::raw(format!("<figure>\n<figcaption><b>{title}</b>{caption}</figcaption>\n{drawing}\n</figure>\n"))
}

fn equity_legend(sheet: &Tearsheet) -> Markup {
    let key = |class: &str, s: &Series, name: &str| {
        let last = s.last().map_or_else(|| format::UNKNOWN.to_owned(), |p| format::usd(p.1));
        Markup::raw(format!(
            "<span class=\"key\"><i class=\"{class}\"></i>{} <span class=\"v\">{}</span></span>",
            Markup::text(name),
            Markup::text(&last)
        ))
    };
    let mut out = key("run", &sheet.equity, "This run");
    for (b, class) in sheet.baselines.iter().zip(BASELINE_CLASSES.iter().cycle()) {
        out.push(&key(class, &b.equity, &b.label));
    }
    if let Some(band) = sheet.random_entries.as_ref().and_then(|r| r.equity_band.as_ref()) {
        out.push(&Markup::raw(format!(
            "<span class=\"key\"><i class=\"fill random\"></i>{}</span>",
            Markup::text(&band.name)
        )));
    }
    if wants_log(sheet) {
        out.push(&Markup::raw("<span class=\"key\">logarithmic scale</span>"));
    }
    out
}

fn drawdown_caption(sheet: &Tearsheet) -> Markup {
    let ts = &sheet.equity.ts_ms;
    let text = match max_drawdown(&sheet.equity.values) {
        Ok(d) if d.depth_fraction > 0.0 => {
            let at = |i: usize| ts.get(i).map_or_else(|| format::UNKNOWN.to_owned(), |t| date_time(*t));
            let back = d.recovery.map_or("not yet recovered".to_owned(), |i| format!("recovered {}", at(i)));
            format!(
                "deepest {} ({}): from {} to {}, {back}",
                format::percent(d.depth_fraction),
                format::usd(d.depth),
                at(d.start),
                at(d.trough)
            )
        }
        Ok(_) => "never below its peak".to_owned(),
        Err(e) => format!("unknown: {e}"),
    };
    Markup::text(&text).in_element("span", "key")
}
