//! The score of dated evidence. A claim holds while a fresh file says so at full size; a file that is absent, stale, undated,
//! of a modified tree or too small leaves it unknown, and unknown is not counted as holding.

use serde_json::Value;
use zero_core::{Ts, TsDiff};
use zero_packets::readiness::{Claim, Readiness};

/// Days for which evidence counts.
pub const MAX_AGE_DAYS: i64 = 30;

/// What a file must say.
#[derive(Clone, Copy, Debug)]
enum Need {
    /// A campaign that holds, of at least this size.
    Campaign(u64),
    /// A table of measurements, each of which reaches its floor; these must have one, which a run that is too short for it
    /// does not set.
    Floors(&'static [&'static str]),
}

/// A claim of this program.
#[derive(Clone, Copy, Debug)]
struct Wanted {
    name: &'static str,
    claim: &'static str,
    need: Need,
}

const fn c(name: &'static str, count: u64, claim: &'static str) -> Wanted {
    Wanted { name, claim, need: Need::Campaign(count) }
}

/// Every claim, by the name of its evidence.
const CLAIMS: &[Wanted] = &[
    c("crash", 200_000, "no cut of power loses an acknowledged record"),
    c("kills", 500, "killing the program loses nothing, repeats nothing and changes nothing"),
    c("flips", 1_000, "every flipped bit of a journal is detected"),
    c("parity", 50, "backtest, run and restart decide alike"),
    c("nulls", 2_000, "a market without an edge is not called one more often than stated"),
    c("rules", 5_000, "of random rules on markets without an edge no more is admitted than stated"),
    c("lang", 100_000_000, "a hostile strategy document gives an error and nothing else"),
    Wanted { name: "bench", claim: "every measured speed reaches its floor", need: Need::Floors(&[]) },
    Wanted {
        name: "soak",
        claim: "for an hour the surface answers in time and its memory does not grow",
        need: Need::Floors(&["1000 requests/s over the read routes, p99", "growth of its own, per hour"]),
    },
];

/// The files that [`readiness`] wants to see, by name without extension, each with the rows that must set a floor in it.
pub fn evidence() -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
    CLAIMS.iter().map(|c| match c.need {
        Need::Campaign(_) => (c.name, &[][..]),
        Need::Floors(rows) => (c.name, rows),
    })
}

/// Judges the evidence. `read` gives the text of a file by its name without extension, `None` where there is none; `now` is the
/// moment that ages are counted to.
pub fn readiness(now: Ts, mut read: impl FnMut(&str) -> Option<String>) -> Readiness {
    let claims: Vec<Claim> = CLAIMS.iter().map(|w| judge(w, now, read(w.name).as_deref())).collect();
    let count = |status: &str| claims.iter().filter(|c| c.status == status).count() as f64;
    let (holds, refuted, unknown) = (count("holds"), count("refuted"), count("unknown"));
    let percent = |n: f64| 100.0 * n / claims.len() as f64;
    let verdict = if refuted > 0.0 {
        "refuted"
    } else if unknown > 0.0 {
        "unknown"
    } else {
        "ready"
    };
    Readiness {
        schema_version: Default::default(),
        as_of: day(now),
        verdict: verdict.into(),
        score: (unknown == 0.0).then(|| percent(holds)),
        score_low: percent(holds),
        score_high: percent(holds + unknown),
        claims,
    }
}

fn day(t: Ts) -> String {
    t.to_string().chars().take(10).collect()
}

fn judge(wanted: &Wanted, now: Ts, text: Option<&str>) -> Claim {
    let mut out = Claim {
        name: wanted.name.into(),
        claim: wanted.claim.into(),
        status: "unknown".into(),
        reason: String::new(),
        date: None,
        age_days: None,
        max_age_days: MAX_AGE_DAYS,
        revision: None,
        rebuild: format!("scripts/evidence.sh {}", wanted.name),
    };
    let (status, reason) = match text.map(serde_json::from_str::<Value>) {
        None => ("unknown", "there is no evidence".into()),
        Some(Err(e)) => ("unknown", format!("the evidence cannot be read: {e}")),
        Some(Ok(v)) => weigh(wanted.need, now, &v, &mut out),
    };
    (out.status, out.reason) = (status.into(), reason);
    out
}

fn weigh(need: Need, now: Ts, v: &Value, out: &mut Claim) -> (&'static str, String) {
    let code = v.get("code").unwrap_or(v);
    let text = |name: &str| v.get(name).or_else(|| code.get(name)).and_then(Value::as_str);
    out.revision = text("revision").map(str::to_owned);
    out.date = text("date").map(str::to_owned);
    let made = text("date").and_then(Ts::parse_iso);
    let Some(made) = made else { return ("unknown", "the evidence is not dated".into()) };
    let age = now.since(made).as_ns().div_euclid(TsDiff::secs(86_400).as_ns());
    out.age_days = Some(age);
    if age < 0 {
        return ("unknown", "the evidence is of a day that has not come".into());
    }
    // What was refuted stays refuted, however old: age only takes away what was in favour.
    let verdict = match need {
        Need::Campaign(count) => campaign(count, v),
        Need::Floors(wanted) => floors(wanted, v),
    };
    if verdict.0 == "holds" && age > MAX_AGE_DAYS {
        return ("unknown", format!("the evidence is {age} days old"));
    }
    let clean = v.get("tree_clean").or_else(|| code.get("clean")).and_then(Value::as_bool);
    if verdict.0 == "holds" && clean != Some(true) {
        return ("unknown", "the code that was measured is in no commit".into());
    }
    verdict
}

fn campaign(count: u64, v: &Value) -> (&'static str, String) {
    match (v.get("holds").and_then(Value::as_bool), v.get("count").and_then(Value::as_u64)) {
        (Some(false), _) => ("refuted", "the campaign says that it does not hold".into()),
        (Some(true), Some(n)) if n >= count => ("holds", format!("{n} of at least {count}")),
        (Some(true), Some(n)) => ("unknown", format!("{n} is not the full size of {count}")),
        _ => ("unknown", "the file is no report of a campaign".into()),
    }
}

/// Does a figure reach a floor such as `> 5`, `>= 50 %`, `< 2` or `<= 1.5`? `None` where it cannot be read.
fn reaches(figure: f64, floor: &str) -> Option<bool> {
    let (sign, rest) = floor.split_at(floor.find(|c| c != '<' && c != '>' && c != '=')?);
    let bound: f64 = rest.trim().trim_end_matches('%').trim_end().parse().ok()?;
    match sign {
        ">" => Some(figure > bound),
        ">=" => Some(figure >= bound),
        "<" => Some(figure < bound),
        "<=" => Some(figure <= bound),
        _ => None,
    }
}

/// Every row that names a floor reaches it with its median, and so does each that is wanted.
fn floors(wanted: &[&str], v: &Value) -> (&'static str, String) {
    let rows = v.get("rows").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let (mut floors, mut missing) = (0, wanted.to_vec());
    for row in rows {
        let reach = row.get("reach").and_then(Value::as_str).unwrap_or("");
        let median = row.get("median").and_then(Value::as_f64);
        if reach.is_empty() {
            continue;
        }
        let Some(met) = median.and_then(|m| reaches(m, reach)) else {
            return ("unknown", format!("a floor cannot be read: {reach:?}"));
        };
        floors += 1;
        let what = row.get("measure").and_then(Value::as_str).map_or("?", str::trim);
        missing.retain(|name| *name != what);
        if !met {
            return ("refuted", format!("{what}: the median {} is not {reach}", median.unwrap_or(f64::NAN)));
        }
    }
    match missing.first() {
        Some(name) => ("unknown", format!("it has no floor for: {name}")),
        None if floors == 0 => ("unknown", "no row names a floor".into()),
        None => ("holds", format!("{floors} floors reached")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Ts = Ts::from_ns(1_798_200_000_000_000_000); // 2026-12-25

    fn report(count: u64, holds: bool, date: &str) -> String {
        format!(
            r#"{{"holds": {holds}, "count": {count}, "date": "{date}", "revision": "r", "tree_clean": true}}"#
        )
    }

    fn bench(median: f64) -> String {
        format!(
            r#"{{"code": {{"revision": "r", "clean": true, "date": "2026-12-20"}},
                "rows": [{{"measure": "m", "reach": "> 5", "median": {median}}}, {{"reach": "", "median": 0}}]}}"#
        )
    }

    fn hour(growth_floor: &str) -> String {
        format!(
            r#"{{"code": {{"revision": "r", "clean": true, "date": "2026-12-20"}},
                "rows": [{{"measure": "1000 requests/s over the read routes, p99", "reach": "<= 5", "median": 3}},
                         {{"measure": "  growth of its own, per hour", "reach": "{growth_floor}", "median": 0.4}}]}}"#
        )
    }

    fn score(change: impl Fn(&str) -> Option<Option<String>>) -> Readiness {
        readiness(NOW, |name| match change(name) {
            Some(text) => text,
            None if name == "bench" => Some(bench(5.1)),
            None if name == "soak" => Some(hour("<= 1")),
            None => Some(report(1_000_000_000, true, "2026-12-20")),
        })
    }

    #[test]
    fn the_score_is_stated_only_when_every_claim_is_known() {
        let all = score(|_| None);
        assert_eq!((all.verdict.as_str(), all.score), ("ready", Some(100.0)));
        let absent = score(|n| (n == "kills").then_some(None));
        assert_eq!((absent.verdict.as_str(), absent.score), ("unknown", None));
        assert!(absent.score_low < 100.0 && absent.score_high == 100.0);
    }

    #[test]
    fn stale_undated_future_small_dirty_and_broken_evidence_is_unknown_and_never_counts() {
        let dirty = report(1_000_000_000, true, "2026-12-20").replace("true}", "false}");
        for text in [
            report(1_000_000_000, true, "2026-11-24"),
            report(1_000_000_000, true, "not given"),
            report(1_000_000_000, true, "2027-01-01"),
            report(10, true, "2026-12-20"),
            dirty,
            "{".into(),
            "{}".into(),
        ] {
            let r = score(|n| (n == "crash").then(|| Some(text.clone())));
            assert_eq!(r.claims[0].status, "unknown", "{text}");
            assert_eq!(r.verdict, "unknown");
        }
    }

    #[test]
    fn what_was_refuted_stays_refuted_however_old() {
        let r = score(|n| (n == "crash").then(|| Some(report(200_000, false, "2020-01-01"))));
        assert_eq!((r.claims[0].status.as_str(), r.verdict.as_str()), ("refuted", "refuted"));
        let r = score(|n| (n == "bench").then(|| Some(bench(5.0))));
        assert_eq!(r.verdict, "refuted", "a floor that is only touched is not reached");
    }

    #[test]
    fn a_run_that_is_too_short_for_a_floor_is_no_evidence_of_it() {
        let of = |floor| score(|n| (n == "soak").then(|| Some(hour(floor)))).verdict;
        assert_eq!(
            (of("<= 1").as_str(), of("").as_str(), of("<= 0.3").as_str()),
            ("ready", "unknown", "refuted")
        );
    }

    #[test]
    fn every_floor_of_the_committed_measurements_can_be_read() {
        for name in ["bench", "soak"] {
            let path = format!("{}/../../docs/evidence/{name}.json", env!("CARGO_MANIFEST_DIR"));
            let v: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
            let all = v["rows"].as_array().unwrap().iter().map(|r| r["reach"].as_str().unwrap());
            let read: Vec<&str> = all
                .filter(|f| !f.is_empty())
                .inspect(|f| assert!(reaches(1.0, f).is_some(), "{f}"))
                .collect();
            assert!(!read.is_empty(), "{name}");
            let Some(Need::Floors(wanted)) = CLAIMS.iter().find(|c| c.name == name).map(|c| c.need) else {
                panic!("{name} is no claim of floors")
            };
            let missing = floors(wanted, &v).1;
            assert!(!missing.starts_with("it has no floor"), "{missing}");
        }
        for (figure, floor, met) in
            [(2.0, "<= 2", true), (2.0, "< 2", false), (50.0, "> 50 %", false), (50.0, ">= 50 %", true)]
        {
            assert_eq!(reaches(figure, floor), Some(met), "{figure} {floor}");
        }
        for none in ["2", "<> 2", "== 2", "> x", ""] {
            assert_eq!(reaches(1.0, none), None, "{none}");
        }
    }
}
