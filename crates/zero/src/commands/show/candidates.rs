//! Judged candidates.

use super::{head, short};
use crate::table::{line, table};
use zero_packets::decisions::Decisions;
use zero_packets::rejections::Rejections;
use zero_runtime::project::Reading;

pub(crate) fn decisions(p: &Decisions, r: &Reading) -> String {
    let mut out = head(r);
    out += &line(
        "Judged",
        &format!("{}, of them admitted {}; the newest {} here", p.judged, p.admitted, p.count),
    );
    out += &line("Digest", &p.decision_digest);
    out.push('\n');
    if p.decisions.is_empty() {
        return out + "No candidate was judged.\n";
    }
    let rows = p.decisions.iter().map(|d| {
        [
            short(&d.ts),
            d.book.clone(),
            d.symbol.clone(),
            match &d.exit {
                None => d.side.clone(),
                Some(class) => format!("{} ({}: {class})", d.side, d.kind),
            },
            d.price.to_string(),
            d.quantity.to_string(),
            crate::commands::money(&d.notional_usd),
            d.reason.clone(),
        ]
    });
    let head = ["time", "book", "coin", "side", "price", "size", "USD", "outcome"];
    out + &table(head, &[4, 5, 6], rows.collect())
}

pub(crate) fn rejections(p: &Rejections, r: &Reading) -> String {
    let mut out = head(r);
    out += &line("Rejected", &format!("{} in all; the newest {} here", p.total, p.count));
    let mut gates: Vec<(&String, &u64)> = p.by_gate.iter().collect();
    gates.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    let gates: Vec<String> = gates.iter().map(|(g, n)| format!("{g} {n}")).collect();
    if !gates.is_empty() {
        out += &line("By gate", &gates.join(", "));
    }
    out.push('\n');
    if p.rejections.is_empty() {
        return out + "No candidate was rejected.\n";
    }
    let text = |t: &Option<String>| t.clone().unwrap_or_else(|| "-".into());
    let rows = p.rejections.iter().map(|x| {
        let ts = x.ts.as_deref().map_or_else(|| "-".into(), short);
        [ts, x.book.clone(), text(&x.coin), text(&x.direction), text(&x.stage), text(&x.reason)]
    });
    out + &table(["time", "book", "coin", "side", "stage", "why"], &[], rows.collect())
}
