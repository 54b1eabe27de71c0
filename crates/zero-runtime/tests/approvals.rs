//! Approvals in a live-capable run: every way in which one is not good, and that none is good twice.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may panic as tests do")]

use ed25519_dalek::SigningKey;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::{Arc, Mutex};
use zero_core::{Digest32, Ts, TsDiff, Usd};
use zero_data::synth::SynthSpec;
use zero_journal::{Options, RealDisk};
use zero_kernel::operator::Control;
use zero_market::event::{OperatorAction, OperatorEvent};
use zero_market::{Event, EventBody};
use zero_paper::PaperConfig;
use zero_runtime::approval::{
    ApprovalError, Approvals, ApproverKey, Approvers, Asked, Authority, Claim, LIFETIME_MAX, Presented,
    Signed, USED_MAX, canonical, sign,
};
use zero_runtime::record::Manifest;
use zero_runtime::runner::{RunError, Runner};
use zero_runtime::{OperatorPolicy, RunSpec};
use zero_strategy::registry::StrategyChoice;
use zero_strategy::strategies::TrendParams;

const JOURNAL: Digest32 = Digest32([7; 32]);
const NOW: Ts = Ts::from_ns(1_700_000_000_000_000_000);

fn key(n: u8) -> SigningKey {
    SigningKey::from_bytes(&[n; 32])
}

fn fingerprint(n: u8) -> Digest32 {
    Digest32::of(&key(n).verifying_key().to_bytes())
}

fn registered(n: u8, is_active: bool, is_vouched: bool) -> ApproverKey {
    let public = key(n).verifying_key().to_bytes();
    ApproverKey { fingerprint: Digest32::of(&public), public, is_active, is_vouched }
}

#[derive(Clone)]
struct Keys(Arc<Mutex<Vec<ApproverKey>>>);

impl Keys {
    fn of(all: Vec<ApproverKey>) -> Self {
        Self(Arc::new(Mutex::new(all)))
    }
}

impl Approvers for Keys {
    fn keys(&self) -> Result<Vec<ApproverKey>, String> {
        Ok(self.0.lock().unwrap().clone())
    }
}

fn authority(keys: &Keys, table: Approvals) -> Authority {
    let mut a = Authority::new(true, JOURNAL, table);
    a.trust(Box::new(keys.clone()));
    a
}

fn act(action: OperatorAction, subject: &str) -> OperatorEvent {
    OperatorEvent { action, subject: subject.into(), operator: "ana".into(), reason: "test".into(), at: NOW }
}

fn resume() -> OperatorEvent {
    act(OperatorAction::ResumeEntries, "")
}

fn route() -> Asked {
    Asked::of("POST", "/live/resume", &json!({"reason": "back", "n": 1}))
}

fn claim(asked: Asked, nonce: u8) -> Claim {
    let (not_before, expires) = (NOW, NOW.plus(TsDiff::secs(120)));
    Claim { asked, key: fingerprint(1), nonce: Digest32([nonce; 32]), not_before, expires, journal: JOURNAL }
}

fn with(signed: Signed) -> Presented {
    Presented::with(route(), signed)
}

fn refused(r: Result<impl std::fmt::Debug, ApprovalError>) -> &'static str {
    r.unwrap_err().code()
}

#[test]
fn every_way_to_be_wrong_has_its_own_code_and_uses_nothing_up() {
    let keys = Keys::of(vec![registered(2, false, false), registered(1, true, true)]);
    let mut a = authority(&keys, Approvals::none());
    let good = claim(route(), 1);
    let cases: Vec<(&str, Option<Signed>)> = vec![
        ("ZERO-APR-001", None),
        (
            "ZERO-APR-003",
            Some(sign(
                Claim { asked: Asked::of("POST", "/live/resume", &json!({})), ..good.clone() },
                &key(1),
            )),
        ),
        (
            "ZERO-APR-003",
            Some(sign(
                Claim {
                    asked: Asked::of("POST", "/auto/toggle", &json!({"reason": "back", "n": 1})),
                    ..good.clone()
                },
                &key(1),
            )),
        ),
        (
            "ZERO-APR-003",
            Some(sign(Claim { asked: Asked { method: "GET".into(), ..route() }, ..good.clone() }, &key(1))),
        ),
        ("ZERO-APR-004", Some(sign(Claim { journal: Digest32([8; 32]), ..good.clone() }, &key(1)))),
        ("ZERO-APR-005", Some(sign(Claim { key: fingerprint(3), ..good.clone() }, &key(3)))),
        ("ZERO-APR-006", Some(sign(Claim { key: fingerprint(2), ..good.clone() }, &key(2)))),
        ("ZERO-APR-007", Some(sign(Claim { not_before: NOW.plus(TsDiff::ns(1)), ..good.clone() }, &key(1)))),
        (
            "ZERO-APR-008",
            Some(sign(
                Claim { not_before: NOW.minus(TsDiff::secs(9)), expires: NOW, ..good.clone() },
                &key(1),
            )),
        ),
        ("ZERO-APR-010", Some(sign(good.clone(), &key(2)))),
        (
            "ZERO-APR-011",
            Some(sign(
                Claim { expires: NOW.plus(LIFETIME_MAX).plus(TsDiff::ns(1)), ..good.clone() },
                &key(1),
            )),
        ),
        ("ZERO-APR-011", Some(sign(Claim { expires: NOW, ..good.clone() }, &key(1)))),
    ];
    for (code, signed) in cases {
        let shown = format!("{signed:?}");
        let presented = signed.map(with);
        assert_eq!(refused(a.admit(resume(), presented.as_ref(), NOW)), code, "{shown}");
    }
    assert_eq!(a.table(), &Approvals::none(), "what was refused is not used");
    let presented = with(sign(good, &key(1)));
    a.admit(resume(), Some(&presented), NOW).unwrap();
    assert_eq!(refused(a.admit(resume(), Some(&presented), NOW)), "ZERO-APR-009");
    assert_eq!(a.table().used.len(), 1);
}

#[test]
fn a_live_increase_of_every_kind_needs_an_approval_and_nothing_else_does() {
    let keys = Keys::of(vec![registered(1, true, false)]);
    let mut live = authority(&keys, Approvals::none());
    let mut paper = Authority::new(false, JOURNAL, Approvals::none());
    let mut increases = Vec::new();
    for action in OperatorAction::ALL {
        let a = act(*action, "increases abc");
        paper.admit(a.clone(), None, NOW).unwrap();
        match (Control::of(&a), live.admit(a, None, NOW)) {
            (Some(control), Err(ApprovalError::Missing)) => increases.push(control.name()),
            (None, Ok(_)) => {}
            other => panic!("{action:?}: {other:?}"),
        }
    }
    assert_eq!(increases, ["clear_latch", "resume_entries", "raise_limit", "auto_on", "execute"]);
    live.admit(act(OperatorAction::ConfigChanged, "reduces abc"), None, NOW).unwrap();
}

#[test]
fn an_approval_of_one_control_or_subject_opens_no_other() {
    let keys = Keys::of(vec![registered(1, true, false)]);
    let mut a = authority(&keys, Approvals::none());
    let clear = |b: &str| act(OperatorAction::ClearLatch, b);
    let of_act = |e: &OperatorEvent, n| Presented::with_act(sign(claim(Asked::of_act(e), n), &key(1)));
    let daily = of_act(&clear("daily_loss"), 1);
    assert_eq!(refused(a.admit(clear("kill_switch"), Some(&daily), NOW)), "ZERO-APR-003");
    let other_reason = OperatorEvent { reason: "another".into(), ..clear("daily_loss") };
    assert_eq!(refused(a.admit(other_reason, Some(&daily), NOW)), "ZERO-APR-003");
    // A surface that hands over an approved request with another act than the request's gets nowhere.
    let resume_route = with(sign(claim(route(), 2), &key(1)));
    assert_eq!(refused(a.admit(act(OperatorAction::AutoOn, ""), Some(&resume_route), NOW)), "ZERO-APR-003");
    assert_eq!(refused(a.admit(clear("kill_switch"), Some(&resume_route), NOW)), "ZERO-APR-003");
    a.admit(clear("daily_loss"), Some(&daily), NOW).unwrap();
}

#[test]
fn an_order_is_approved_by_the_request_that_carried_it_or_as_the_act_that_it_is() {
    let keys = Keys::of(vec![registered(1, true, false)]);
    let mut a = authority(&keys, Approvals::none());
    let order = |key: &str| act(OperatorAction::Execute, &format!("0 BTC buy 1 market {key}"));
    let of_act = |e: &OperatorEvent, n| Presented::with_act(sign(claim(Asked::of_act(e), n), &key(1)));
    assert_eq!(refused(a.admit(order("b"), Some(&of_act(&order("a"), 1)), NOW)), "ZERO-APR-003");
    a.admit(order("a"), Some(&of_act(&order("a"), 1)), NOW).unwrap();
    let body = Asked::of("POST", "/execute", &json!({ "size": 1 }));
    let other = Asked::of("POST", "/execute", &json!({ "size": 2 }));
    let with_body = |asked: &Asked| Presented::with(asked.clone(), sign(claim(body.clone(), 2), &key(1)));
    assert_eq!(refused(a.admit(order("c"), Some(&with_body(&other)), NOW)), "ZERO-APR-003");
    assert_eq!(
        refused(a.admit(resume(), Some(&with_body(&body)), NOW)),
        "ZERO-APR-003",
        "nor does it resume"
    );
    a.admit(order("c"), Some(&with_body(&body)), NOW).unwrap();
    a.admit(act(OperatorAction::Reduce, "0 BTC sell 1 market d"), None, NOW).unwrap();
}

#[test]
fn a_key_that_was_revoked_a_moment_ago_approves_nothing() {
    let keys = Keys::of(vec![registered(1, true, false)]);
    let mut a = authority(&keys, Approvals::none());
    a.admit(resume(), Some(&with(sign(claim(route(), 1), &key(1)))), NOW).unwrap();
    keys.0.lock().unwrap()[0].is_active = false;
    assert_eq!(
        refused(a.admit(resume(), Some(&with(sign(claim(route(), 2), &key(1)))), NOW)),
        "ZERO-APR-006"
    );
}

#[test]
fn a_chain_of_ones_own_does_not_follow_from_the_key_that_approved_before() {
    let keys = Keys::of(vec![registered(1, true, false)]);
    let mut a = authority(&keys, Approvals::none());
    a.admit(resume(), Some(&with(sign(claim(route(), 1), &key(1)))), NOW).unwrap();
    let by_2 = |n| with(sign(Claim { key: fingerprint(2), ..claim(route(), n) }, &key(2)));
    // The file was replaced by another chain.
    *keys.0.lock().unwrap() = vec![registered(2, true, false)];
    assert_eq!(refused(a.admit(resume(), Some(&by_2(2)), NOW)), "ZERO-APR-005");
    // A key that nobody vouched for was put behind the old one.
    *keys.0.lock().unwrap() = vec![registered(1, false, false), registered(2, true, false)];
    assert_eq!(refused(a.admit(resume(), Some(&by_2(2)), NOW)), "ZERO-APR-005");
    // The old key vouches for the new one.
    *keys.0.lock().unwrap() = vec![registered(1, false, false), registered(2, true, true)];
    a.admit(resume(), Some(&by_2(2)), NOW).unwrap();
}

#[test]
fn a_clock_that_is_set_back_brings_no_expired_approval_to_life() {
    let keys = Keys::of(vec![registered(1, true, false)]);
    let mut a = authority(&keys, Approvals::none());
    let first = with(sign(claim(route(), 1), &key(1)));
    a.admit(resume(), Some(&first), NOW).unwrap();
    let later = NOW.plus(TsDiff::secs(600));
    let second = Claim { not_before: later, expires: later.plus(TsDiff::secs(60)), ..claim(route(), 2) };
    a.admit(resume(), Some(&with(sign(second, &key(1)))), later).unwrap();
    assert_eq!(a.table().used.len(), 1, "the expired one is forgotten");
    assert_eq!(refused(a.admit(resume(), Some(&first), NOW)), "ZERO-APR-008");
}

#[test]
fn one_that_is_not_expired_is_never_forgotten_to_make_room() {
    let keys = Keys::of(vec![registered(1, true, false)]);
    let mut table = Approvals::none();
    let mut seen = authority(&keys, Approvals::none());
    seen.admit(resume(), Some(&with(sign(claim(route(), 1), &key(1)))), NOW).unwrap();
    let used = seen.table().used[0].clone();
    for i in 0..USED_MAX {
        let mut nonce = Digest32([9; 32]);
        nonce.0[..8].copy_from_slice(&(i as u64).to_be_bytes());
        table.note(zero_runtime::approval::Used { nonce, ..used.clone() });
    }
    let mut a = authority(&keys, table);
    assert_eq!(
        refused(a.admit(resume(), Some(&with(sign(claim(route(), 2), &key(1)))), NOW)),
        "ZERO-APR-012"
    );
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1.0e9..1.0e9f64).prop_map(Value::from),
        "[a-z\\\\\"\u{e9}]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{0,3}", inner, 0..4).prop_map(|m| json!(m)),
        ]
    })
}

/// Equal as far as a body can mean anything: an independent comparison that knows nothing of the encoding.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(x), Value::Number(y)) => {
            x.as_u64() == y.as_u64()
                && x.as_i64() == y.as_i64()
                && x.as_f64().map(f64::to_bits) == y.as_f64().map(f64::to_bits)
        }
        (Value::Array(x), Value::Array(y)) => x.len() == y.len() && x.iter().zip(y).all(|(a, b)| same(a, b)),
        (Value::Object(x), Value::Object(y)) => {
            x.len() == y.len() && x.iter().all(|(k, v)| y.get(k).is_some_and(|w| same(v, w)))
        }
        _ => a == b,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn bodies_have_one_form_when_they_are_equal_and_two_when_not(a in any_json(), b in any_json()) {
        prop_assert_eq!(canonical(&a) == canonical(&b), same(&a, &b));
        // Written with other spaces and in another order it is the same body.
        let again: Value = serde_json::from_str(&serde_json::to_string_pretty(&a).unwrap()).unwrap();
        prop_assert_eq!(canonical(&a), canonical(&again));
    }

    /// No byte of an approval can be changed: what is left is unreadable or refused.
    #[test]
    fn a_changed_byte_is_never_approved(at in 0usize..400, flip in 1u8..=255) {
        let keys = Keys::of(vec![registered(1, true, false), registered(2, true, true)]);
        let mut a = authority(&keys, Approvals::none());
        let text = sign(claim(route(), 1), &key(1)).to_text();
        let mut bytes: Vec<u8> = (0..text.len() / 2).map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap()).collect();
        let at = at % bytes.len();
        bytes[at] ^= flip;
        let bad: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
        if let Ok(signed) = Signed::parse(&bad) {
            prop_assert!(a.admit(resume(), Some(&with(signed)), NOW).is_err());
        }
        prop_assert_eq!(a.table(), &Approvals::none());
    }

    /// Whatever is presented in whatever order, at whatever time: one use for each nonce, inside its time, for its request.
    #[test]
    fn nothing_is_admitted_that_was_not_signed_for_now_and_nothing_twice(
        steps in prop::collection::vec((0u8..6, 0i64..300, any::<bool>(), any::<bool>()), 1..40)
    ) {
        let keys = Keys::of(vec![registered(1, true, false)]);
        let mut a = authority(&keys, Approvals::none());
        let mut admitted = Vec::new();
        let mut latest = NOW;
        for (nonce, offset, honest, restart) in steps {
            if restart {
                a = authority(&keys, a.table().clone());
            }
            let body = if honest { json!({"reason": "back", "n": 1}) } else { json!({"reason": "back", "n": 2}) };
            let signed = sign(claim(Asked::of("POST", "/live/resume", &body), nonce), &key(1));
            let now = NOW.plus(TsDiff::secs(offset));
            let taken = a.admit(resume(), Some(&with(signed)), now).is_ok();
            let should = honest && offset < 120 && latest < NOW.plus(TsDiff::secs(120)) && !admitted.contains(&nonce);
            prop_assert_eq!(taken, should);
            if taken {
                admitted.push(nonce);
                latest = latest.max(now);
            }
        }
    }
}

fn spec(policy: OperatorPolicy) -> RunSpec {
    let mut spec = RunSpec::standard(
        SynthSpec::seeded(6).universe(),
        Usd::whole(10_000),
        PaperConfig::standard(zero_paper::FeeModel::HYPERLIQUID_BASE),
        &[("trend", StrategyChoice::Trend(TrendParams::standard()))],
    );
    spec.policy = policy;
    spec
}

fn open(dir: &Path, live: bool, policy: OperatorPolicy) -> Result<Runner<RealDisk>, RunError> {
    let spec = spec(policy);
    let mut manifest = Manifest::of(&spec, Digest32([1; 32]), Digest32([2; 32]), "test", NOW).unwrap();
    manifest.live_capable = live;
    let options = Options::new("zero.test/approvals", dir.join("second"), "test", Box::new(key(9)));
    let (mut runner, _) =
        Runner::open(RealDisk, &dir.join("journal"), options, spec.driver().unwrap(), manifest, 0)?;
    runner.trust(Box::new(Keys::of(vec![registered(1, true, false)])));
    Ok(runner)
}

fn approved(runner: &Runner<RealDisk>, nonce: u8) -> Presented {
    with(sign(Claim { journal: runner.manifest().journal, ..claim(route(), nonce) }, &key(1)))
}

#[test]
fn a_used_approval_is_refused_after_a_restart_with_a_snapshot_and_without_one() {
    for snapshot in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let mut runner = open(dir.path(), true, OperatorPolicy::PERSON).unwrap();
        let presented = approved(&runner, 1);
        let journal = runner.manifest().journal;
        let admitted = runner.admit(resume(), Some(&presented), NOW).unwrap();
        runner.operate(admitted).unwrap();
        runner.commit().unwrap();
        if snapshot {
            runner.close("test", NOW).unwrap();
        } else {
            drop(runner);
        }
        let mut again = open(dir.path(), true, OperatorPolicy::PERSON).unwrap();
        assert_eq!(again.manifest().journal, journal, "the journal keeps its identity");
        assert_eq!(
            refused(again.admit(resume(), Some(&presented), NOW)),
            "ZERO-APR-009",
            "snapshot: {snapshot}"
        );
        let fresh = approved(&again, 2);
        again.admit(resume(), Some(&fresh), NOW).unwrap();
    }
}

#[test]
fn an_act_that_is_not_durable_has_not_used_its_approval() {
    let dir = tempfile::tempdir().unwrap();
    let mut runner = open(dir.path(), true, OperatorPolicy::PERSON).unwrap();
    let presented = approved(&runner, 1);
    let admitted = runner.admit(resume(), Some(&presented), NOW).unwrap();
    runner.operate(admitted).unwrap();
    drop(runner); // A crash before the batch.
    let mut again = open(dir.path(), true, OperatorPolicy::PERSON).unwrap();
    again.admit(resume(), Some(&presented), NOW).unwrap();
}

#[test]
fn a_live_capable_run_takes_no_increase_by_any_other_door_and_clears_nothing_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    let mut runner = open(dir.path(), true, OperatorPolicy::PERSON).unwrap();
    let feed = |r: &mut Runner<RealDisk>, a| r.feed(&Event::at(NOW, EventBody::Operator(Box::new(a))));
    assert!(matches!(feed(&mut runner, resume()), Err(RunError::Unapproved)));
    feed(&mut runner, act(OperatorAction::PauseEntries, "")).unwrap();
    drop(runner);
    let clears = OperatorPolicy { clear_latches_after: Some(TsDiff::HOUR), ..OperatorPolicy::PERSON };
    assert!(matches!(open(dir.path(), true, clears), Err(RunError::Unattended)));
    assert!(
        matches!(open(dir.path(), false, clears), Err(RunError::Unattended)),
        "nor in paper, from then on"
    );
}

#[test]
fn what_a_live_capable_run_latched_is_not_cleared_by_starting_it_in_paper() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path(), true, OperatorPolicy::PERSON).unwrap());
    // However many starts in paper lie between.
    for nonce in 0..3 {
        let mut paper = open(dir.path(), false, OperatorPolicy::PERSON).unwrap();
        assert!(!paper.manifest().live_capable);
        assert_eq!(refused(paper.admit(resume(), None, NOW)), "ZERO-APR-001");
        let signed = approved(&paper, nonce);
        let admitted = paper.admit(resume(), Some(&signed), NOW).unwrap();
        paper.operate(admitted).unwrap();
        paper.commit().unwrap();
        if nonce == 1 {
            paper.close("test", NOW).unwrap();
        }
    }
    let only_paper = tempfile::tempdir().unwrap();
    let mut paper = open(only_paper.path(), false, OperatorPolicy::PERSON).unwrap();
    paper.admit(resume(), None, NOW).unwrap();
}

#[test]
fn two_journals_of_one_name_are_two() {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let first = open(a.path(), true, OperatorPolicy::PERSON).unwrap();
    let spec = spec(OperatorPolicy::PERSON);
    let mut manifest =
        Manifest::of(&spec, Digest32([1; 32]), Digest32([2; 32]), "test", NOW.plus(TsDiff::ns(1))).unwrap();
    manifest.live_capable = true;
    let options = Options::new("zero.test/approvals", b.path().join("second"), "test", Box::new(key(9)));
    let (second, _) =
        Runner::open(RealDisk, &b.path().join("journal"), options, spec.driver().unwrap(), manifest, 0)
            .unwrap();
    assert_ne!(first.manifest().journal, second.manifest().journal);
}
