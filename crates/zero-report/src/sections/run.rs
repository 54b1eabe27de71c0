//! What was run: enough to run it again.

use super::section;
use crate::calendar::date_time;
use crate::format;
use crate::markup::Markup;
use crate::tearsheet::Tearsheet;

/// Coins named in full; the rest is behind a fold.
const NAMED_COINS: usize = 30;

pub(crate) fn render(sheet: &Tearsheet) -> Markup {
    let r = &sheet.run;
    let mut out = String::from("<dl class=\"facts\">");
    let mut fact = |name: &str, value: &Markup| {
        out.push_str(&format!("<dt>{}</dt><dd>{value}</dd>", Markup::text(name)));
    };
    let hash = |s: &str| Markup::text(s).in_element("code", "");
    fact("Program", &Markup::text(&format!("{} {}", r.program, r.program_version)));
    fact(
        "Data",
        &Markup::text(&format!(
            "{} to {} UTC, {} bars, {} events",
            date_time(r.from_ms),
            date_time(r.to_ms),
            r.bar,
            format::count(r.events)
        )),
    );
    fact("Coins", &coins(&r.coins));
    for s in &r.strategies {
        let mut v = Markup::text(&format!("{} ", s.name));
        v.push(&hash(&s.digest));
        fact("Strategy", &v);
    }
    fact("Fee model", &Markup::text(&r.fee_model));
    fact("Trial", &Markup::text(&format!("{} of this journal", format::count(r.trial_number))));
    fact("Epoch", &hash(&r.epoch));
    fact("Data digest", &hash(&r.data_digest));
    fact("Configuration", &hash(&r.config_hash));
    fact("Decisions", &hash(&r.decision_digest));
    fact("Seed", &Markup::text(&r.seed.to_string()));
    for (name, value) in &r.extra {
        fact(name, &Markup::text(value));
    }
    out.push_str("</dl>");
    section("What was run", &Markup::default(), &Markup::raw(out))
}

fn coins(names: &[String]) -> Markup {
    let listed = Markup::text(&names.join(", "));
    if names.len() <= NAMED_COINS {
        return listed;
    }
    Markup::raw(format!(
        "<details><summary>{} coins</summary>{listed}</details>",
        format::count(names.len() as u64)
    ))
}
