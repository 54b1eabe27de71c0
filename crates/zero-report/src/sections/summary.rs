//! The head of the page: what it is, what it shows, and the four numbers to take away.

use super::{count, number, signed};
use crate::calendar::date;
use crate::estimate::{Estimate, Unit};
use crate::format;
use crate::headline::{Headline, Verdict, headline};
use crate::markup::Markup;
use crate::tearsheet::Tearsheet;

pub(crate) fn render(sheet: &Tearsheet) -> Markup {
    let run = &sheet.run;
    let coins = match run.coins.len() {
        1 => "1 coin".to_owned(),
        n => format!("{} coins", format::count(n as u64)),
    };
    let line = format!(
        "{} to {} · {} bars · {coins} · {} {}",
        date(run.from_ms),
        date(run.to_ms),
        run.bar,
        run.program,
        run.program_version
    );
    Markup::raw(format!(
        "<header>\n<p class=\"kicker\">Tearsheet</p>\n<h1>{}</h1>\n<p class=\"sub\">{}</p>\n{}{}</header>\n",
        Markup::text(&sheet.title),
        Markup::text(&line),
        verdict(&headline(sheet)),
        tiles(sheet),
    ))
}

fn verdict(h: &Headline) -> Markup {
    let class = match h.verdict {
        Verdict::LossShown => "loss",
        Verdict::NotRejected => "open",
        Verdict::Unknown | Verdict::NothingTraded | Verdict::NoEdgeShown => "calm",
    };
    let rest = h.sentence.strip_prefix(h.verdict.label()).unwrap_or(&h.sentence);
    let mut out = format!(
        "<div class=\"verdict {class}\">\n<p class=\"says\"><strong>{}</strong>{}</p>\n",
        h.verdict.label(),
        Markup::text(rest)
    );
    if h.verdict == Verdict::NotRejected {
        out.push_str("<p class=\"why\">Every condition on history is met. History can reject a strategy, never prove one: only forward evidence registered beforehand can.</p>");
    } else if !h.reasons.is_empty() {
        let items: String =
            h.reasons.iter().map(|r| Markup::text(r).in_element("li", "").into_string()).collect();
        out.push_str(&format!("<ul class=\"why\">{items}</ul>"));
    }
    out.push_str("\n</div>\n");
    Markup::raw(out)
}

fn tiles(sheet: &Tearsheet) -> Markup {
    let m = &sheet.money;
    let total_return =
        if m.initial_equity_usd > 0.0 { m.net_pnl_usd / m.initial_equity_usd } else { f64::NAN };
    let drawdown = sheet.figures.iter().find(|f| f.key == "max_drawdown");
    let tile = |name: &str, big: &Markup, small: &Markup| {
        format!("<div><dt>{name}</dt><dd>{big}<small>{small}</small></dd></div>")
    };
    let from_to = format!("{} to {}", format::usd(m.initial_equity_usd), format::usd(m.final_equity_usd));
    let mut out = String::from("<dl class=\"tiles\">");
    out.push_str(&tile("Net profit", &signed(Unit::Usd, m.net_pnl_usd), &Markup::text(&from_to)));
    let summed = Markup::text("after fees and funding");
    out.push_str(&tile("Return", &signed(Unit::Fraction, total_return), &summed));
    out.push_str(&tile(
        "Net Sharpe",
        &number(Unit::Ratio, sheet.net_sharpe.value),
        &interval_text(Unit::Ratio, &sheet.net_sharpe),
    ));
    if let Some(f) = drawdown {
        out.push_str(&tile(
            "Deepest drawdown",
            &number(Unit::Fraction, f.estimate.value),
            &interval_text(Unit::Fraction, &f.estimate),
        ));
    }
    let open = format!("{} open at the end", format::count(sheet.trades.open_at_end));
    out.push_str(&tile("Closed trades", &count(sheet.trades.count), &Markup::text(&open)));
    out.push_str("</dl>\n");
    Markup::raw(out)
}

fn interval_text(unit: Unit, e: &Estimate) -> Markup {
    Markup::text(&match e.interval() {
        Some((lo, hi, level)) => format!("{} interval {}", format::level(level), format::range(unit, lo, hi)),
        None => format!("no interval: {}", e.method),
    })
}
