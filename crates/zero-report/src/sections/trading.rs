//! Trades that were made and candidates that were not.

use std::cmp::Reverse;

use zero_stats::wilson;

use super::figures::interval;
use super::{count, number, plain, section, signed};
use crate::bars;
use crate::estimate::Unit;
use crate::format;
use crate::markup::{Align, Column, Markup, table};
use crate::tables::{Rejections, Trades};
use crate::tearsheet::Tearsheet;

pub(crate) fn render(sheet: &Tearsheet) -> Markup {
    let mut out = section("Trades", &Markup::default(), &trades(&sheet.trades));
    out.push(&rejections(&sheet.rejections));
    out
}

fn trades(t: &Trades) -> Markup {
    let mut rows = vec![fact("Closed trades", count(t.count), Markup::default())];
    let (rate, rate_note) = match wilson(t.wins, t.count, 0.9) {
        Ok(i) => (
            number(Unit::Fraction, t.wins as f64 / t.count as f64),
            Markup::text(&format!(
                "{} interval {} (Wilson), n = {} trades; overlapping trades make it too narrow",
                format::level(i.level),
                format::range(Unit::Fraction, i.lo, i.hi),
                format::count(t.count)
            )),
        ),
        Err(e) => (number(Unit::Fraction, f64::NAN), Markup::text(&e.to_string())),
    };
    rows.push(fact("Made money after costs", rate, rate_note));
    let mut mean_note = interval(Unit::Usd, &t.mean_pnl_usd);
    mean_note.push(&Markup::text(&format!(
        ", n = {} {}",
        format::count(t.mean_pnl_usd.n),
        t.mean_pnl_usd.n_unit
    )));
    rows.push(fact("Mean profit per trade", signed(Unit::Usd, t.mean_pnl_usd.value), mean_note));
    rows.push(fact("Best, worst", plain(Unit::Usd, t.best_usd), plain(Unit::Usd, t.worst_usd)));
    let median = Markup::text(&format!("median {}", format::hours(t.median_hold_hours)));
    rows.push(fact("Mean holding time", number(Unit::Hours, t.mean_hold_hours), median));
    let gaps = Markup::text(&format!("{} of them gapped over the trigger", format::count(t.gap_stops)));
    rows.push(fact("Closed by a stop", count(t.stops), gaps));
    rows.push(fact("Closed by liquidation", count(t.liquidations), Markup::default()));
    rows.push(fact("Open at the end", count(t.open_at_end), Markup::text("marked, not counted above")));
    let columns = [Column("", Align::Text), Column("", Align::Number), Column("", Align::Text)];
    let mut out = table(&columns, &rows, &[]);
    out = Markup::raw(out.into_string().replacen("<table>", "<table class=\"facts\">", 1));
    out
}

fn fact(name: &str, value: Markup, note: Markup) -> Vec<Markup> {
    vec![Markup::text(name), value, note]
}

fn rejections(r: &Rejections) -> Markup {
    let share = if r.candidates > 0 { r.accepted as f64 / r.candidates as f64 } else { f64::NAN };
    let lead = Markup::text(&format!(
        "{} candidates, {} accepted ({}). A candidate can fail several gates; \u{201c}alone\u{201d} counts those that no other gate stopped.",
        format::count(r.candidates),
        format::count(r.accepted),
        format::value(Unit::Fraction, share)
    ));
    if r.by_gate.is_empty() {
        return section(
            "Rejected candidates",
            &lead,
            &Markup::raw("<p class=\"none\">No gate rejected anything.</p>"),
        );
    }
    let mut gates: Vec<_> = r.by_gate.iter().collect();
    gates.sort_by_key(|g| Reverse(g.failed.saturating_add(g.unknown)));
    let largest = gates.first().map_or(0, |g| g.failed.saturating_add(g.unknown)) as f64;
    let rows: Vec<Vec<Markup>> = gates
        .iter()
        .map(|g| {
            vec![
                Markup::text(&g.gate).in_element("span", "name"),
                count(g.failed),
                count(g.unknown),
                count(g.alone),
                bars::plain(g.failed.saturating_add(g.unknown) as f64, largest),
            ]
        })
        .collect();
    let columns = [
        Column("Gate", Align::Text),
        Column("False", Align::Number),
        Column("Unknown", Align::Number),
        Column("Alone", Align::Number),
        Column("", Align::Picture),
    ];
    section("Rejected candidates", &lead, &table(&columns, &rows, &[]))
}
