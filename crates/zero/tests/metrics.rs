//! Every metric is made to change by changing what it watches: one that stays as it is would show nothing on the day that it
//! matters.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests may panic as tests do"
)]

#[path = "../../zero-hl-wire/tests/common/mod.rs"]
#[allow(missing_docs, clippy::print_stdout, reason = "another crate's test tools")]
mod common;
mod http_client;

use common::TestClock;
use common::venue::{Act, Venue};
use http_client::Loop;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use zero_http::{METRICS, MetricKind};
use zero_runtime::clock::{Clock as _, SystemClock};

/// What a scrape says, by series.
type Scrape = BTreeMap<String, f64>;

/// Cannot change while a program runs, and why.
const CONSTANT: &[(&str, &str)] = &[
    ("zero_build_info", "the version of the program"),
    (
        "zero_protection_missing",
        "a stop is placed in the tick of its fill; `an_open_position_without_its_stop_is_said` removes one",
    ),
];

fn scrape(run: &Loop) -> Scrape {
    let text = run.get("/metrics/prometheus").ok().body;
    let samples = text.lines().filter(|l| !l.starts_with('#')).map(|l| l.rsplit_once(' ').unwrap());
    samples.map(|(series, value)| (series.to_owned(), value.parse().unwrap())).collect()
}

/// Names of metrics with a series that differs between two scrapes, or that only one of them has.
fn changed(a: &Scrape, b: &Scrape) -> BTreeSet<&'static str> {
    let series: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    let differing = series.into_iter().filter(|s| a.get(*s) != b.get(*s));
    let name = |s: &str| {
        let base = s.split('{').next().unwrap().to_owned();
        METRICS
            .iter()
            .map(|m| m.name)
            .find(|m| *m == base || base.strip_prefix(m).is_some_and(|t| t == "_count"))
    };
    differing.filter_map(|s| name(s)).collect()
}

fn value(s: &Scrape, name: &str) -> f64 {
    s.iter().filter(|(k, _)| k.split('{').next() == Some(name)).map(|(_, v)| v).sum()
}

#[test]
fn every_metric_changes_with_what_it_watches() {
    let mut seen = market();
    seen.extend(reckless());
    seen.extend(feed());
    seen.extend(notices());
    seen.extend(by_hand());
    let constant: BTreeSet<&str> = CONSTANT.iter().map(|c| c.0).collect();
    let still: Vec<&str> =
        METRICS.iter().map(|m| m.name).filter(|n| !seen.contains(n) && !constant.contains(n)).collect();
    assert_eq!(still, Vec::<&str>::new(), "these never changed");
    assert!(METRICS.iter().any(|m| m.kind == MetricKind::Histogram));
}

/// A market that moves, and an operator who kills.
fn market() -> BTreeSet<&'static str> {
    let run = Loop::start(&["--seed", "7", "--speed", "400000"]);
    let first = scrape(&run);
    // A client that listens and never reads.
    let deaf = run.open("/v1/stream", &[]);
    run.until(|r| value(&scrape(r), "zero_streams") > 0.0);
    let listened = scrape(&run);
    run.until(|r| value(&scrape(r), "zero_streams_dropped_total") > 0.0);
    drop(deaf);
    run.until(|r| {
        let now = scrape(r);
        value(&now, "zero_fills_total") > 0.0 && value(&now, "zero_refused_total") > 0.0
    });
    let mut seen = changed(&first, &scrape(&run));
    seen.extend(changed(&first, &listened));
    let before = scrape(&run);
    run.operator(&["operator", "kill", "--reason", "test"]);
    run.until(|r| value(&scrape(r), "zero_breaker_open") > 0.0);
    let after = scrape(&run);
    assert_eq!(value(&after, "zero_risk_increasing_allowed"), 0.0);
    seen.extend(changed(&before, &after));
    seen.extend(readiness(&run));
    seen
}

/// A loop that was told to stop is not ready, and says so to whom it still answers.
fn readiness(run: &Loop) -> BTreeSet<&'static str> {
    let ready = value(&scrape(run), "zero_ready");
    let mut late = run.half_asked("/metrics/prometheus");
    run.interrupt();
    std::thread::sleep(std::time::Duration::from_millis(300));
    let unready = late.rest().body.contains("\nzero_ready 0");
    run.ends();
    if ready == 1.0 && unready { BTreeSet::from(["zero_ready"]) } else { BTreeSet::new() }
}

/// Limits that nobody should set: the venue refuses and liquidates.
fn reckless() -> BTreeSet<&'static str> {
    let set = [
        "account.leverage=50",
        "account.margin_mode=isolated",
        "limits.max_gross_leverage=40",
        "limits.max_position_share=20",
        "limits.risk_per_trade=0.1",
        "limits.max_drawdown=0.99",
        "limits.daily_loss=0.99",
        "limits.max_risk_share=1",
        "limits.max_portfolio_vol=50",
        "limits.max_beta_exposure=50",
        "limits.max_factor_exposure=50",
        "limits.max_shortfall=1",
        "limits.max_crash_loss=50",
        "limits.max_correlated_vol=50",
        "limits.vol_target_annual=10",
    ];
    let run = Loop::start_with(&["--seed", "3", "--speed", "1500000"], &set);
    let first = scrape(&run);
    run.until(|r| {
        let now = scrape(r);
        value(&now, "zero_liquidations_total") > 0.0 && value(&now, "zero_venue_rejects_total") > 0.0
    });
    changed(&first, &scrape(&run))
}

/// A person who buys, and sets no stop.
fn by_hand() -> BTreeSet<&'static str> {
    let home = tempfile::tempdir().unwrap();
    let set = ["limits.refuse_turbulent=false"];
    for args in [
        &["run", "--no-http", "--speed", "0", "--events", "1"][..],
        &["auto", "off"],
        &["run", "--no-http", "--speed", "0", "--events", "20000"],
    ] {
        Loop::command_in(home.path(), args, &set);
    }
    let run = Loop::start_in(home, "127.0.0.1:0", &["--speed", "3600"], &set);
    let before = scrape(&run);
    assert_eq!(value(&before, "zero_positions_unprotected"), 0.0);
    run.operator(&["execute", "BTC", "buy", "0.003", "--yes"]);
    run.until(|r| value(&scrape(r), "zero_positions_unprotected") == 1.0);
    let after = scrape(&run);
    assert_eq!(value(&after, "zero_protection_missing"), 0.0, "none was set");
    changed(&before, &after)
}

/// A venue on loopback that hangs up.
fn feed() -> BTreeSet<&'static str> {
    let venue = Venue::start(Arc::new(TestClock::at(SystemClock.now())));
    let (ws, rest) =
        (format!("venue.ws_url={}", venue.ws_url()), format!("venue.rest_url={}", venue.rest_url()));
    let run = Loop::start_with(&["--source", "venue"], &[&ws, &rest, "data.coins=BTC,ETH"]);
    run.until(|r| value(&scrape(r), "zero_feed_connected") == 1.0);
    let up = scrape(&run);
    assert_eq!(value(&up, "zero_ready"), 1.0);
    let ctx = r#"{"funding":"0.0000125","openInterest":"1","prevDayPx":"5","dayNtlVlm":"1","premium":"0","oraclePx":"5","markPx":"5","midPx":"5","impactPxs":["5","5"],"dayBaseVlm":"1"}"#;
    venue.text(format!(r#"{{"channel":"activeAssetCtx","data":{{"coin":"BTC","ctx":{ctx}}}}}"#));
    run.until(|r| scrape(r).contains_key("zero_feed_frame_age_seconds"));
    venue.act(Act::Drop);
    run.until(|r| value(&scrape(r), "zero_feed_reconnects_total") > 0.0);
    let mut seen = changed(&up, &scrape(&run));
    drop(venue);
    run.until(|r| value(&scrape(r), "zero_feed_connected") == 0.0);
    // The dependency is broken, and the loop goes on: it is not ready, and says which check fails.
    let down = scrape(&run);
    assert_eq!(value(&down, "zero_ready"), 0.0);
    let ready = run.get("/readyz");
    assert_eq!(ready.status, 503);
    let checks = ready.json()["checks"].as_array().unwrap().clone();
    let failing: Vec<_> = checks.iter().filter(|c| c["ok"] == false).map(|c| c["name"].clone()).collect();
    assert_eq!(failing, ["feed"]);
    seen.extend(changed(&up, &down));
    seen
}

/// A receiver that is not there, and a file that is.
fn notices() -> BTreeSet<&'static str> {
    let dir = tempfile::tempdir().unwrap();
    let file = format!("notify.file={}", dir.path().join("told").display());
    // A port that was free a moment ago: nobody answers.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let hook = format!("notify.webhook=http://127.0.0.1:{port}/");
    let run = Loop::start_with(&["--speed", "1"], &[&file, &hook]);
    let first = scrape(&run);
    run.operator(&["operator", "kill", "--reason", "test"]);
    run.until(|r| {
        let now = scrape(r);
        value(&now, "zero_notify_delivered_total") > 0.0 && value(&now, "zero_notify_failed_total") > 0.0
    });
    let mut seen = changed(&first, &scrape(&run));
    run.end_in_order();
    // As it would be three quarters of an hour later: one attempt is left.
    let memory = run.home().join("operators/default/logs/notify.json");
    let mut left: serde_json::Value = serde_json::from_slice(&std::fs::read(&memory).unwrap()).unwrap();
    let outbox = &mut left["sinks"]["webhook"];
    let key = outbox["waiting"][0]["message"]["key"].as_str().unwrap().to_owned();
    outbox["next"] = serde_json::Value::Null;
    outbox["waiting"][0]["attempts"] = (zero_notify::ATTEMPTS_MAX - 1).into();
    std::fs::write(&memory, left.to_string()).unwrap();
    let run = run.again(&["--speed", "1", "--set", &file, "--set", &hook]);
    run.until(|r| value(&scrape(r), "zero_notify_dead_total") > 0.0);
    seen.extend(changed(&first, &scrape(&run)));
    let dead = std::fs::read_to_string(memory.with_extension("dead.jsonl")).unwrap();
    assert!(dead.contains(&key), "{key}: {dead}");
    seen
}
