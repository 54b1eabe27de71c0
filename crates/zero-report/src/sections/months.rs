//! Month by month.

use super::{count, number, plain, section, signed};
use crate::bars;
use crate::estimate::Unit;
use crate::markup::{Align, Column, Markup, table};
use crate::tearsheet::Tearsheet;

pub(crate) fn render(sheet: &Tearsheet) -> Markup {
    if sheet.months.is_empty() {
        return section(
            "Months",
            &Markup::default(),
            &Markup::raw("<p class=\"none\">No month has equity.</p>"),
        );
    }
    let scale = bars::scale_of(sheet.months.iter().map(|m| m.return_fraction));
    let rows: Vec<Vec<Markup>> = sheet
        .months
        .iter()
        .map(|m| {
            vec![
                Markup::text(&m.month),
                plain(Unit::Usd, m.pnl_usd),
                signed(Unit::Fraction, m.return_fraction),
                bars::signed(m.return_fraction, scale),
                number(Unit::Fraction, m.max_drawdown_fraction),
                m.trades.map_or_else(Markup::default, count),
            ]
        })
        .collect();
    let columns = [
        Column("Month, UTC", Align::Text),
        Column("Profit", Align::Number),
        Column("Return", Align::Number),
        Column("", Align::Picture),
        Column("Drawdown", Align::Number),
        Column("Trades", Align::Number),
    ];
    // A column that nobody filled is no column: rows are cut to the columns.
    let counted = sheet.months.iter().any(|m| m.trades.is_some());
    let columns = if counted { &columns[..] } else { &columns[..columns.len() - 1] };
    section("Months", &Markup::default(), &table(columns, &rows, &[]))
}
