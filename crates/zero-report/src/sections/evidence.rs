//! Against what needs no skill: random entries and the baselines.

use zero_stats::{empirical_p, median, quantile, share_below};

use super::figures::{interval, observations};
use super::{number, section, signed};
use crate::bars;
use crate::estimate::Unit;
use crate::format;
use crate::headline::{finite, p_value};
use crate::markup::{Align, Column, Markup, table};
use crate::tables::RandomEntries;
use crate::tearsheet::Tearsheet;

pub(crate) fn render(sheet: &Tearsheet) -> Markup {
    let mut body = match &sheet.random_entries {
        Some(r) => random(r),
        None => Markup::raw("<p class=\"none\">Random entries were not run.</p>"),
    };
    body.push(&baselines(sheet));
    section("Compared with no skill", &Markup::default(), &body)
}

fn random(r: &RandomEntries) -> Markup {
    let values = finite(r);
    let runs = format::count(values.len() as u64);
    let text = match (share_below(r.run_value, &values), empirical_p(r.run_value, &values)) {
        (Ok(share), Ok(p)) => {
            let at = |q: f64| quantile(&values, q).unwrap_or(f64::NAN);
            format!(
                "{} of {runs} runs that enter at random and leave by the exits that the notes name. This run beats {} of them (p = {}). \
                 Half of them lie between {} and {}; their median is {}.",
                r.metric,
                format::share_down(share),
                p_value(p),
                format::value(r.unit, at(0.25)),
                format::value(r.unit, at(0.75)),
                format::value(r.unit, median(&values).unwrap_or(f64::NAN)),
            )
        }
        (Err(e), _) | (_, Err(e)) => {
            format!("The place of this run among {runs} random-entry runs is unknown: {e}.")
        }
    };
    let mut out = Markup::text(&text).in_element("p", "lead");
    out.push(&bars::histogram(&values, r.run_value, r.unit, &text));
    let dropped = r.values.len() - values.len();
    if dropped > 0 {
        let note = format!("{} random runs have no value and are left out.", format::count(dropped as u64));
        out.push(&Markup::text(&note).in_element("p", "foot"));
    }
    out
}

fn baselines(sheet: &Tearsheet) -> Markup {
    if sheet.baselines.is_empty() {
        return Markup::raw("<p class=\"none\">No baselines were run.</p>");
    }
    let estimates = std::iter::once(&sheet.net_sharpe).chain(sheet.baselines.iter().map(|b| &b.sharpe));
    let scale = bars::common_scale(estimates);
    let own_drawdown =
        sheet.figures.iter().find(|f| f.key == "max_drawdown").map_or(f64::NAN, |f| f.estimate.value);
    let mut rows = vec![vec![
        Markup::raw("<b>This run</b>"),
        signed(Unit::Usd, sheet.money.net_pnl_usd),
        number(Unit::Fraction, own_drawdown),
        number(Unit::Ratio, sheet.net_sharpe.value),
        interval(Unit::Ratio, &sheet.net_sharpe),
        bars::whisker(&sheet.net_sharpe, scale),
        observations(&sheet.net_sharpe),
    ]];
    for b in &sheet.baselines {
        let name = format!(
            "{}<small class=\"desc\">{}</small>",
            Markup::text(&b.label),
            Markup::text(&b.description)
        );
        rows.push(vec![
            Markup::raw(name),
            signed(Unit::Usd, b.net_pnl_usd),
            number(Unit::Fraction, b.max_drawdown_fraction),
            number(Unit::Ratio, b.sharpe.value),
            interval(Unit::Ratio, &b.sharpe),
            bars::whisker(&b.sharpe, scale),
            observations(&b.sharpe),
        ]);
    }
    let columns = [
        Column("Baseline, same costs", Align::Text),
        Column("Net profit", Align::Number),
        Column("Drawdown", Align::Number),
        Column("Net Sharpe", Align::Number),
        Column("Interval", Align::Number),
        Column("", Align::Picture),
        Column("n", Align::Number),
    ];
    table(&columns, &rows, &[])
}
