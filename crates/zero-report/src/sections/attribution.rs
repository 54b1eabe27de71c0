//! Profit by coin and by book, shown to add up.

use std::cmp::Reverse;

use super::{count, plain, section, signed};
use crate::bars;
use crate::estimate::Unit;
use crate::format;
use crate::markup::{Align, Column, Markup, table};
use crate::tables::AttributionRow;
use crate::tearsheet::Tearsheet;

/// Rows shown at once; the others are summed into one row and listed in full behind a fold.
const SHOWN: usize = 20;
/// Sums of displayed dollars agree when they differ by less than half a cent (plus the rounding of 64-bit sums).
const TOLERANCE_USD: f64 = 0.005;

pub(crate) fn render(sheet: &Tearsheet) -> Markup {
    let mut body = part("By coin", "Coin", &sheet.attribution.by_coin, sheet);
    body.push(&part("By book", "Book", &sheet.attribution.by_book, sheet));
    let lead = Markup::text(
        "Contributions to equity: total = price + fees + funding in every row, and costs paid are negative.",
    );
    section("Where the profit came from", &lead, &body)
}

fn part(heading: &'static str, first: &'static str, rows: &[AttributionRow], sheet: &Tearsheet) -> Markup {
    let mut out = Markup::raw(heading).in_element("h3", "");
    if rows.is_empty() {
        out.push(&Markup::raw("<p class=\"none\">No rows.</p>"));
        return out;
    }
    let mut sorted: Vec<&AttributionRow> = rows.iter().collect();
    sorted.sort_by_key(|r| Reverse(OrderedMagnitude(r.total_usd.abs())));
    let scale = bars::scale_of(sorted.iter().map(|r| r.total_usd));
    let columns = [
        Column(first, Align::Text),
        Column("", Align::Picture),
        Column("Total", Align::Number),
        Column("Price", Align::Number),
        Column("Fees", Align::Number),
        Column("Funding", Align::Number),
        Column("Trades", Align::Number),
    ];
    let fold = sorted.len() > SHOWN + 2;
    let shown = if fold { SHOWN } else { sorted.len() };
    let cells = |r: &AttributionRow| row(r, &bars::signed(r.total_usd, scale));
    let mut visible: Vec<Vec<Markup>> = sorted[..shown].iter().map(|r| cells(r)).collect();
    if fold {
        let name = format!("{} others", format::count((sorted.len() - shown) as u64));
        visible.push(row(&sum(&name, sorted[shown..].iter().copied()), &Markup::default()));
    }
    let total = sum("Sum", rows.iter());
    out.push(&table(&columns, &visible, &[row(&total, &Markup::default())]));
    if fold {
        let rest: Vec<Vec<Markup>> = sorted[shown..].iter().map(|r| cells(r)).collect();
        out.push(&Markup::raw(format!(
            "<details><summary>The {} others</summary>{}</details>",
            format::count(rest.len() as u64),
            table(&columns, &rest, &[])
        )));
    }
    out.push(&agreement(&total, rows, sheet));
    out
}

fn row(r: &AttributionRow, picture: &Markup) -> Vec<Markup> {
    vec![
        Markup::text(&r.name).in_element("span", "name"),
        picture.clone(),
        signed(Unit::Usd, r.total_usd),
        plain(Unit::Usd, r.price_pnl_usd),
        plain(Unit::Usd, r.fees_usd),
        plain(Unit::Usd, r.funding_usd),
        count(r.trades),
    ]
}

fn sum<'a>(name: &str, rows: impl Iterator<Item = &'a AttributionRow>) -> AttributionRow {
    let mut out = AttributionRow {
        name: name.to_owned(),
        trades: 0,
        price_pnl_usd: 0.0,
        fees_usd: 0.0,
        funding_usd: 0.0,
        total_usd: 0.0,
    };
    for r in rows {
        out.trades = out.trades.saturating_add(r.trades);
        out.price_pnl_usd += r.price_pnl_usd;
        out.fees_usd += r.fees_usd;
        out.funding_usd += r.funding_usd;
        out.total_usd += r.total_usd;
    }
    out
}

/// Says whether the parts add up to the profit of the run, and by how much they miss it.
fn agreement(total: &AttributionRow, rows: &[AttributionRow], sheet: &Tearsheet) -> Markup {
    let m = &sheet.money;
    let pairs = [
        ("price", total.price_pnl_usd, m.price_pnl_usd),
        ("fees", total.fees_usd, m.fees_usd),
        ("funding", total.funding_usd, m.funding_usd),
        ("total", total.total_usd, m.net_pnl_usd),
        ("price + fees + funding", total.price_pnl_usd + total.fees_usd + total.funding_usd, total.total_usd),
        ("final less initial equity", m.final_equity_usd - m.initial_equity_usd, m.net_pnl_usd),
    ];
    let scale: f64 =
        rows.iter().map(|r| r.price_pnl_usd.abs() + r.fees_usd.abs() + r.funding_usd.abs()).sum();
    let tolerance = TOLERANCE_USD + scale * 1e-12;
    let agree = |got: f64, want: f64| (got - want).is_finite() && (got - want).abs() <= tolerance;
    let misses: Vec<String> = pairs
        .iter()
        .filter(|(_, got, want)| !agree(*got, *want))
        .map(|(what, got, want)| format!("{what} differs by {}", format::signed(Unit::Usd, got - want)))
        .collect();
    if misses.is_empty() {
        return Markup::raw(
            "<p class=\"foot\">The rows add up to the cent to the run\u{2019}s price profit, fees, funding and net profit.</p>",
        );
    }
    Markup::text(&format!("The rows do not add up to the run: {}.", misses.join("; ")))
        .in_element("p", "warn")
}

/// Largest first, unknown before all, so that a NaN is seen.
#[derive(PartialEq)]
struct OrderedMagnitude(f64);

impl Eq for OrderedMagnitude {}

impl PartialOrd for OrderedMagnitude {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for OrderedMagnitude {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}
