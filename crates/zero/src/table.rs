//! Tables and labelled lines for reading.

use comfy_table::{CellAlignment, Table, presets};
use zero_packets::Dec;

/// A table without borders: the columns named in `right` are right-aligned.
pub(crate) fn table<const N: usize>(head: [&str; N], right: &[usize], rows: Vec<[String; N]>) -> String {
    let mut t = Table::new();
    t.load_style(presets::NOTHING).force_no_tty();
    t.set_header(head);
    for row in rows {
        t.add_row(row);
    }
    for i in right {
        if let Some(column) = t.column_mut(*i) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let text = t.to_string();
    text.lines().map(|l| l.trim_end().strip_prefix(' ').unwrap_or(l).to_owned() + "\n").collect()
}

/// `Label     text`, aligned; a text of several lines stays in its column. A label that fills the column keeps a blank behind it.
pub(crate) fn line(label: &str, text: &str) -> String {
    let mut out = String::new();
    for (i, l) in text.lines().enumerate() {
        let label = if i == 0 { label } else { "" };
        out.push_str(&format!("{label:<13} {l}\n"));
    }
    out
}

/// A number as it is, or `unknown`.
pub(crate) fn known(d: &Option<Dec>) -> String {
    d.as_ref().map_or_else(|| "unknown".into(), Dec::to_string)
}

/// Money with two decimals and thousands separators, or `unknown`.
pub(crate) fn money(d: &Option<Dec>) -> String {
    d.as_ref().map_or_else(|| "unknown".into(), crate::commands::money)
}

/// Seconds in words: the two largest units.
pub(crate) fn span(seconds: f64) -> String {
    let s = seconds.max(0.0) as u64;
    match s {
        0..60 => format!("{s} s"),
        60..3_600 => format!("{} min {} s", s / 60, s % 60),
        3_600..86_400 => format!("{} h {} min", s / 3_600, s % 3_600 / 60),
        _ => format!("{} d {} h", s / 86_400, s % 86_400 / 3_600),
    }
}

/// Bytes in words.
pub(crate) fn bytes(n: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut v = n as f64;
    let mut unit = 0;
    while v >= 1_024.0 && unit + 1 < UNITS.len() {
        v /= 1_024.0;
        unit += 1;
    }
    let unit = UNITS.get(unit).unwrap_or(&"B");
    if v < 10.0 && *unit != "B" { format!("{v:.1} {unit}") } else { format!("{v:.0} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_that_fills_its_column_does_not_run_into_its_text() {
        assert_eq!(line("Equity", "1 USD\n2 USD"), "Equity        1 USD\n              2 USD\n");
        assert_eq!(line("flips of volatility", "0.6797"), "flips of volatility 0.6797\n");
    }
}
