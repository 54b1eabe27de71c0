//! Orders of the operator's own on a live-capable runtime: an approval for each that may enlarge risk, none for one that may
//! only reduce, and none for a key that has its answer.

use crate::credentials::recorded;
use crate::http_client::{Loop, Reply};
use crate::support::{
    LIVE, Prepared, approve, get, ok, packet, post, request_of, root, route, text_of, zero,
};
use serde_json::{Value, json};
use std::time::Duration;

/// Limits that let a person trade.
const SET: [&str; 2] = ["limits.orders_per_hour=1000", "limits.refuse_turbulent=false"];
const ALL: [&str; 4] = [LIVE[0], LIVE[1], SET[0], SET[1]];
/// A bar each two seconds.
const MARKET: [&str; 2] = ["--speed", "1800"];

/// A market long enough that every gate can be measured.
fn start() -> Loop {
    Prepared::after("20000", &SET).live_with(&MARKET, &ALL)
}

fn execute(run: &Loop, who: &str, body: &Value, approval: Option<&str>) -> Reply {
    post(run, Some(&run.token(who)), "/execute", body, approval)
}

fn code(reply: &Reply) -> (u16, String) {
    (reply.status, reply.json()["code"].as_str().unwrap().to_owned())
}

fn signed(run: &Loop, body: &Value) -> String {
    text_of(&approve(&root(run), &route("/execute", body)))
}

fn used(run: &Loop) -> usize {
    recorded(&run.home().join("operators/default/journal/run")).1
}

fn positions(run: &Loop, n: u64) {
    run.until(|r| get(r, "/positions")["count"] == n);
}

/// Waits until the closes of an instant came and what follows from them is recorded. In between, how the coins move together is
/// a step old: no gate of the portfolio can measure, and an order that enlarges is refused.
fn decided(run: &Loop) {
    let close = |r: &Loop| get(r, "/market/quote?symbol=BTC")["as_of"].clone();
    let before = close(run);
    run.until(|r| close(r) != before);
    run.still(|_| std::thread::sleep(Duration::from_millis(100)));
}

fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[test]
fn an_order_that_may_enlarge_risk_takes_an_approval_of_its_own_and_its_key_is_answered_without_another() {
    let run = start();
    let open = json!({ "coin": "BTC", "side": "buy", "size": 0.003, "idempotency_key": "k-1" });
    assert_eq!(code(&execute(&run, "operator", &open, None)), refused(403, "ZERO-APR-001"));
    let other = json!({ "coin": "BTC", "side": "buy", "size": 0.004, "idempotency_key": "k-1" });
    let for_other = signed(&run, &other);
    assert_eq!(code(&execute(&run, "operator", &open, Some(&for_other))), refused(403, "ZERO-APR-003"));
    let resume = text_of(&approve(&root(&run), &route("/live/resume", &open)));
    assert_eq!(code(&execute(&run, "operator", &open, Some(&resume))), refused(403, "ZERO-APR-003"));
    let good = signed(&run, &open);
    let by_agent = execute(&run, "agent", &open, Some(&good)).ok().json();
    assert_eq!(
        (&by_agent["accepted"], &by_agent["reduce_only"]),
        (&false.into(), &true.into()),
        "an approval in an agent's hand opens nothing: {by_agent}"
    );
    let before = used(&run);
    // The agent's attempt has taken the key: another one is the operator's.
    assert_eq!(code(&execute(&run, "operator", &open, Some(&good))), refused(409, "ZERO-API-036"));
    assert_eq!(used(&run), before, "a key that is in use spends no approval");
    let open = json!({ "coin": "BTC", "side": "buy", "size": 0.003, "idempotency_key": "k-2" });
    let good = signed(&run, &open);
    decided(&run);
    let first = execute(&run, "operator", &open, Some(&good)).ok();
    assert_eq!(first.json()["accepted"], true, "{}", first.body);
    positions(&run, 1);
    let spare = signed(&run, &open);
    for approval in [None, Some(good.as_str()), Some(spare.as_str()), Some(for_other.as_str())] {
        assert_eq!(execute(&run, "operator", &open, approval).ok().body, first.body);
    }
    assert_eq!(used(&run), before + 1, "the order took one approval, its repetitions none");
    let other = json!({ "coin": "BTC", "side": "buy", "size": 0.3, "idempotency_key": "k-2" });
    assert_eq!(code(&execute(&run, "operator", &other, None)), refused(409, "ZERO-API-036"));

    // What may only reduce waits for nothing; what might pass zero is no reduction.
    let close = json!({ "coin": "BTC", "side": "sell", "size": 0.003 });
    assert_eq!(code(&execute(&run, "operator", &close, None)), refused(403, "ZERO-APR-001"));
    let half = json!({ "coin": "BTC", "side": "sell", "size": 0.001, "reduce_only": true });
    assert_eq!(execute(&run, "operator", &half, None).ok().json()["accepted"], true);
    let rest = json!({ "coin": "BTC", "side": "sell", "size": 0.002 });
    assert_eq!(execute(&run, "agent", &rest, None).ok().json()["accepted"], true);
    positions(&run, 0);
    let home = run.killed_and_kept();
    let run = Loop::start_at_home(home, &MARKET, &ALL);
    assert_eq!(execute(&run, "operator", &open, None).ok().body, first.body, "after a kill too");
    assert_eq!(used(&run), before + 1);
    run.stop();
}

#[test]
fn no_two_orders_share_an_approval_however_close_their_digits_are() {
    let run = start();
    let body =
        |size: &str| format!(r#"{{"coin":"BTC","side":"buy","size":{size},"idempotency_key":"huge"}}"#);
    // Both are the double 90071992547.40993.
    let (named, other) = ("90071992547.40993", "90071992547.409931");
    assert_eq!(named.parse::<f64>(), other.parse::<f64>());
    let approval = signed(&run, &serde_json::from_str(&body(named)).unwrap());
    let send = |size: &str| {
        let (auth, body) = (format!("Bearer {}", run.token("operator")), body(size));
        let length = body.len().to_string();
        let head = [
            ("Content-Type", "application/json"),
            ("Content-Length", length.as_str()),
            ("Authorization", auth.as_str()),
            ("X-Zero-Approval", approval.as_str()),
        ];
        run.ask("POST", "/execute", &head, &body)
    };
    assert_eq!(code(&send(other)), refused(403, "ZERO-APR-003"));
    // The gates refuse it: it was let in.
    assert_eq!(send(named).ok().json()["accepted"], false);
    run.stop();
}

#[test]
fn the_command_is_refused_with_the_key_that_has_to_be_repeated() {
    let run = start();
    let open = ["--json", "execute", "BTC", "buy", "0.003", "--yes"];
    let out = run.command(&open);
    assert_eq!(out.status.code(), Some(3));
    let request = request_of(&out);
    let hint = packet(&out)["hint"].as_str().unwrap().to_owned();
    let key = hint.split_once("--key ").unwrap().1.split_once(". ").unwrap().0;
    let approval = approve(&root(&run), &request);
    let approval = approval.to_str().unwrap();
    let out = run.command(&[&open[..], &["--approval", approval]].concat());
    assert_eq!(packet(&out)["code"], "ZERO-APR-003", "another key is another order");
    decided(&run);
    ok(&run.command(&[&open[..], &["--key", key, "--approval", approval]].concat()));
    positions(&run, 1);
    let before = used(&run);
    ok(&run.command(&[&open[..], &["--key", key]].concat()));
    assert_eq!(used(&run), before);
    ok(&run.command(&["execute", "BTC", "sell", "0.003", "--reduce-only"]));
    positions(&run, 0);
    // The place of an order's act is a file that any process of the user can write, and it says what is approved.
    let out = zero(&root(&run), &[], &[&open[..], &["--key", "k-9", "--approval", approval]].concat());
    assert_eq!(packet(&out)["code"], "ZERO-APR-003");
    run.stop();
}
