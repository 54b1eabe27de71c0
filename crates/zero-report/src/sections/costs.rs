//! What trading cost, and what would be left at other cost levels.

use super::figures::{interval, observations};
use super::{number, plain, section, signed};
use crate::bars;
use crate::estimate::Unit;
use crate::format;
use crate::markup::{Align, Column, Markup, table};
use crate::plot::{Layer, Plot};
use crate::tearsheet::Tearsheet;

const CLASSES: [&str; 4] = ["run", "b0", "b1", "b2"];

pub(crate) fn render(sheet: &Tearsheet) -> Markup {
    let c = &sheet.costs;
    let mut body = sensitivity(sheet);
    let rows: Vec<Vec<Markup>> = c
        .lines
        .iter()
        .map(|l| {
            let bps = if c.turnover_usd > 0.0 { l.amount_usd / c.turnover_usd * 1e4 } else { f64::NAN };
            let place = if l.inside_price_pnl { "inside the fill prices" } else { "own line" };
            vec![
                Markup::text(&l.label),
                plain(Unit::Usd, l.amount_usd),
                plain(Unit::Bps, bps),
                Markup::text(place),
            ]
        })
        .collect();
    let columns = [
        Column("Kind", Align::Text),
        Column("Effect on equity", Align::Number),
        Column("Of turnover", Align::Number),
        Column("Booked as", Align::Text),
    ];
    if !rows.is_empty() {
        body.push(&Markup::raw("What trading cost").in_element("h3", ""));
        body.push(&table(&columns, &rows, &[]));
        let text = format!("Turnover {}.", format::usd(c.turnover_usd));
        body.push(&Markup::text(&text).in_element("p", "foot"));
    }
    body.push(&cumulative(sheet));
    section("Costs", &Markup::default(), &body)
}

fn sensitivity(sheet: &Tearsheet) -> Markup {
    let all = &sheet.cost_sensitivity;
    if all.is_empty() {
        return Markup::raw("<p class=\"none\">Other cost levels were not run.</p>");
    }
    let scale = bars::common_scale(all.iter().map(|c| &c.sharpe));
    let rows: Vec<Vec<Markup>> = all
        .iter()
        .map(|c| {
            let decimals = if c.multiplier.fract() == 0.0 { 0 } else { 2 };
            let name = format!("costs \u{d7}{}", format::decimal(c.multiplier, decimals));
            vec![
                Markup::text(&name),
                signed(Unit::Usd, c.net_pnl_usd),
                number(Unit::Ratio, c.sharpe.value),
                interval(Unit::Ratio, &c.sharpe),
                bars::whisker(&c.sharpe, scale),
                observations(&c.sharpe),
            ]
        })
        .collect();
    let columns = [
        Column("The same decisions at", Align::Text),
        Column("Net profit", Align::Number),
        Column("Net Sharpe", Align::Number),
        Column("Interval", Align::Number),
        Column("", Align::Picture),
        Column("n", Align::Number),
    ];
    table(&columns, &rows, &[])
}

fn cumulative(sheet: &Tearsheet) -> Markup {
    let lines = &sheet.costs.cumulative;
    if lines.is_empty() {
        return Markup::default();
    }
    let layers = lines
        .iter()
        .zip(CLASSES.iter().cycle())
        .map(|(series, class)| Layer::Line { series, class })
        .collect();
    let plot = Plot {
        label: "Cumulative costs over time".to_owned(),
        class: "short",
        unit: Unit::Usd,
        log: false,
        with_zero: true,
        reference: None,
        from_ms: sheet.run.from_ms,
        to_ms: sheet.run.to_ms,
        layers,
    };
    let keys: String = lines
        .iter()
        .zip(CLASSES.iter().cycle())
        .map(|(s, class)| {
            format!("<span class=\"key\"><i class=\"{class}\"></i>{}</span>", Markup::text(&s.name))
        })
        .collect();
    Markup::raw(format!(
        "<figure>\n<figcaption><b>Cumulative effect on equity</b>{keys}</figcaption>\n{}\n</figure>\n",
        plot.render()
    ))
}
