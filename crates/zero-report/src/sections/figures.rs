//! Key figures, each with its interval and what it rests on.

use std::collections::BTreeSet;

use super::{count, number, section};
use crate::calendar::date;
use crate::estimate::{Estimate, Figure, Unit};
use crate::format;
use crate::markup::{Align, Column, Markup, table};
use crate::tearsheet::Tearsheet;

pub(crate) fn render(sheet: &Tearsheet) -> Markup {
    let sharpe = Figure {
        key: "net_sharpe".to_owned(),
        label: "Sharpe ratio, annualised".to_owned(),
        unit: Unit::Ratio,
        estimate: sheet.net_sharpe.clone(),
    };
    let own = sheet.figures.iter().any(|f| f.key == "net_sharpe");
    let all: Vec<&Figure> = (!own).then_some(&sharpe).into_iter().chain(&sheet.figures).collect();
    let rows: Vec<Vec<Markup>> = all.iter().map(|f| row(f)).collect();
    let columns = [
        Column("After all costs", Align::Text),
        Column("Value", Align::Number),
        Column("Interval", Align::Number),
        Column("n", Align::Number),
        Column("n effective", Align::Number),
    ];
    let mut body = table(&columns, &rows, &[]);
    let methods: BTreeSet<String> = all
        .iter()
        .filter(|f| f.estimate.interval().is_some())
        .map(|f| {
            format!("{} over {} to {}", f.estimate.method, date(f.estimate.from_ms), date(f.estimate.to_ms))
        })
        .collect();
    let text: Vec<String> = methods.into_iter().collect();
    if !text.is_empty() {
        let foot = format!(
            "Intervals: {}. n effective: the number of independent observations that tell as much about the mean.",
            text.join("; ")
        );
        body.push(&Markup::text(&foot).in_element("p", "foot"));
    }
    section("Key figures", &Markup::default(), &body)
}

fn row(f: &Figure) -> Vec<Markup> {
    let e = &f.estimate;
    let n = format!("{} {}", format::count(e.n), e.n_unit);
    let effective = e.n_effective.map_or_else(Markup::default, |x| number(Unit::Count, x));
    vec![Markup::text(&f.label), number(f.unit, e.value), interval(f.unit, e), Markup::text(&n), effective]
}

/// "−1.6 to 2.3 (90 %)", or why there is none.
pub(crate) fn interval(unit: Unit, e: &Estimate) -> Markup {
    match e.interval() {
        Some((lo, hi, level)) => Markup::raw(format!(
            "{} <small>({})</small>",
            Markup::text(&format::range(unit, lo, hi)),
            Markup::text(&format::level(level))
        )),
        None if e.value.is_finite() => Markup::text(&e.method).in_element("small", "reason"),
        None => Markup::text(&format!("none: {}", e.method)).in_element("small", "reason"),
    }
}

/// The table cell for the number of observations.
pub(crate) fn observations(e: &Estimate) -> Markup {
    let mut out = count(e.n);
    out.push(&Markup::text(&format!(" {}", e.n_unit)));
    out
}
