//! Increases of a live-capable runtime, over routes and commands, running and at rest.

use crate::http_client::Loop;
use crate::support::{
    LIVE, Prepared, approve, approve_with, file, get, ok, packet, post, request_of, root, route, text_of,
    zero,
};
use serde_json::{Value, json};
use std::path::Path;

fn halted(run: &Loop) -> bool {
    get(run, "/risk")["halted"] == true
}

/// Asks as the operator does, with this approval; the code of the refusal, or `ok`.
fn resume(run: &Loop, body: &Value, approval: Option<&str>) -> String {
    let token = run.token("operator");
    let reply = post(run, Some(&token), "/live/resume", body, approval);
    match reply.status {
        200 => "ok".into(),
        403 => reply.json()["code"].as_str().unwrap().to_owned(),
        _ => panic!("{reply:?}"),
    }
}

#[test]
fn an_increase_over_http_takes_one_approval_for_its_own_body_once() {
    let run = Prepared::new().live(&["--speed", "0.001"]);
    let (home, token) = (root(&run), run.token("operator"));
    assert_eq!(run.get("/v2/status").status, 401, "nothing is read without a token");
    post(&run, Some(&token), "/live/pause", &json!({}), None).ok();
    let body = json!({ "reason": "back from lunch" });
    assert_eq!(resume(&run, &body, None), "ZERO-APR-001");
    assert_eq!(resume(&run, &body, Some("00ff")), "ZERO-APR-002");
    let good = text_of(&approve(&home, &route("/live/resume", &body)));
    assert_eq!(resume(&run, &json!({ "reason": "something else" }), Some(&good)), "ZERO-APR-003");
    let toggle = post(&run, Some(&token), "/auto/toggle", &json!({ "enabled": true }), Some(&good));
    assert_eq!((toggle.status, &toggle.json()["code"]), (403, &"ZERO-APR-003".into()));
    let later = ["--not-before", "2099-01-01T00:00:00Z"];
    let later = text_of(&approve_with(&home, &route("/live/resume", &body), &later));
    assert_eq!(resume(&run, &body, Some(&later)), "ZERO-APR-007");
    let past = ["--not-before", "2020-01-01T00:00:00Z"];
    let past = text_of(&approve_with(&home, &route("/live/resume", &body), &past));
    assert_eq!(resume(&run, &body, Some(&past)), "ZERO-APR-008");
    assert!(halted(&run), "nothing of it opened anything");
    // The same body, written in another order and with spaces, is the same request.
    assert_eq!(resume(&run, &body, Some(&good)), "ok");
    assert!(!halted(&run));
    assert_eq!(resume(&run, &body, Some(&good)), "ZERO-APR-009");
    let agent = run.token("agent");
    let reply = post(&run, Some(&agent), "/live/resume", &body, Some(&good));
    assert_eq!(
        (reply.status, &reply.json()["code"]),
        (403, &"ZERO-API-032".into()),
        "an agent's token opens nothing"
    );
    let tail = String::from_utf8(run.command(&["--json", "journal", "tail", "-n", "400"]).stdout).unwrap();
    assert!(tail.contains("\"approval\""), "its use is in the journal: {tail}");
    // It is remembered over a kill.
    let home = run.killed_and_kept();
    let run = Loop::start_at_home(home, &["--speed", "0.001"], &LIVE);
    assert_eq!(resume(&run, &body, Some(&good)), "ZERO-APR-009");
    run.stop();
}

#[test]
fn a_command_is_refused_as_a_route_is_and_a_terminal_or_yes_proves_nothing() {
    let run = Prepared::new().live(&["--speed", "0.001"]);
    let home = root(&run);
    run.operator(&["operator", "kill", "--reason", "test"]);
    let clear = ["--json", "operator", "clear", "kill_switch", "--reason", "checked", "--yes"];
    let refused = run.command(&clear);
    assert_eq!(refused.status.code(), Some(3));
    let request = request_of(&refused);
    assert_eq!(request["body"]["subject"], "kill_switch");
    let approval = approve(&home, &request);
    let with = |name: &str, why: &str| {
        let args = ["--json", "operator", "clear", name, "--reason", why, "--yes", "--approval"];
        run.command(&[&args[..], &[approval.to_str().unwrap()]].concat())
    };
    assert_eq!(packet(&with("kill_switch", "another reason"))["code"], "ZERO-APR-003");
    let cleared = with("kill_switch", "checked");
    ok(&cleared);
    assert_eq!(packet(&cleared)["killed"], false);
    run.operator(&["operator", "kill", "--reason", "again"]);
    assert_eq!(packet(&with("kill_switch", "checked"))["code"], "ZERO-APR-009");
    // At rest it is no other.
    run.end_in_order();
    let refused = packet(&with("kill_switch", "checked"));
    assert_eq!(refused["code"], "ZERO-APR-009", "{refused}");
    assert_eq!(packet(&run.command(&clear))["code"], "ZERO-APR-001");
    ok(&run.command(&["operator", "pause", "--reason", "a reduction needs nothing"]));
    let fresh = approve(&home, &request);
    let args = ["operator", "clear", "kill_switch", "--reason", "checked", "--yes", "--approval"];
    ok(&run.command(&[&args[..], &[fresh.to_str().unwrap()]].concat()));
}

#[test]
fn a_revoked_key_an_unknown_one_and_another_journal_approve_nothing() {
    let run = Prepared::new().live(&["--speed", "0.001"]);
    let home = root(&run);
    let body = json!({});
    post(&run, Some(&run.token("operator")), "/live/pause", &body, None).ok();
    // A journal of the same name in another home, with a key of its own.
    let other = Prepared::new();
    let foreign = text_of(&approve(other.home.path(), &route("/live/resume", &body)));
    assert_eq!(resume(&run, &body, Some(&foreign)), "ZERO-APR-005");
    // This home's key, for another journal of it.
    let elsewhere = home.join("elsewhere");
    let dir = elsewhere.to_str().unwrap();
    ok(&zero(&home, &[], &["run", "--no-http", "--events", "50", "--speed", "0", "--journal", dir]));
    let other_journal = approve_with(&home, &route("/live/resume", &body), &["--journal", dir]);
    assert_eq!(resume(&run, &body, Some(&text_of(&other_journal))), "ZERO-APR-004");
    let good = text_of(&approve(&home, &route("/live/resume", &body)));
    let pass = home.join("passphrase");
    let revoke = [
        "keys",
        "revoke",
        "operator",
        "--reason",
        "lost",
        "--yes",
        "--passphrase-file",
        pass.to_str().unwrap(),
    ];
    ok(&run.command(&revoke));
    assert_eq!(resume(&run, &body, Some(&good)), "ZERO-APR-006", "it counts at once, in the loop that runs");
    // A new key that nobody vouched for is not the one that this journal knows.
    ok(&run.command(&["keys", "create", "operator", "--passphrase-file", pass.to_str().unwrap()]));
    let stranger = text_of(&approve(&home, &route("/live/resume", &body)));
    assert_eq!(resume(&run, &body, Some(&stranger)), "ZERO-APR-005");
    assert!(halted(&run));
    run.stop();
}

#[test]
fn a_key_that_the_former_one_vouched_for_approves() {
    let run = Prepared::new().live(&["--speed", "0.001"]);
    let (home, body) = (root(&run), json!({}));
    let old = text_of(&approve(&home, &route("/live/resume", &body)));
    let pass = home.join("passphrase");
    ok(&run.command(&["keys", "rotate", "operator", "--passphrase-file", pass.to_str().unwrap()]));
    assert_eq!(resume(&run, &body, Some(&old)), "ZERO-APR-006");
    let new = text_of(&approve(&home, &route("/live/resume", &body)));
    assert_eq!(resume(&run, &body, Some(&new)), "ok");
    run.stop();
}

fn run_once(p: &Prepared, set: &[&str], more: &[&str]) -> std::process::Output {
    p.zero(set, &[&["--json", "run", "--no-http", "--events", "20", "--speed", "0"], more].concat())
}

#[test]
fn settings_that_permit_more_wait_for_an_approval_and_are_not_taken_by_asking_twice() {
    let p = Prepared::new();
    let raised = ["runtime.live_capable=true", "limits.max_open_positions=31"];
    for _ in 0..2 {
        let refused = run_once(&p, &LIVE[..1], &[]);
        assert_eq!(refused.status.code(), Some(3));
        request_of(&refused);
    }
    let approval = p.approve_refusal(&run_once(&p, &LIVE[..1], &[]));
    // The approval is of these very settings.
    let other = packet(&run_once(&p, &raised, &["--approval", approval.to_str().unwrap()]));
    assert_eq!(other["code"], "ZERO-APR-003");
    ok(&run_once(&p, &LIVE[..1], &["--approval", approval.to_str().unwrap()]));
    ok(&run_once(&p, &LIVE[..1], &[]));
    assert_eq!(packet(&run_once(&p, &raised, &[]))["code"], "ZERO-APR-001");
    ok(&run_once(&p, &["runtime.live_capable=true", "limits.max_open_positions=1"], &[]));
    // Paper is no way round that door: the journal was live-capable.
    assert_eq!(packet(&run_once(&p, &["limits.max_open_positions=31"], &[]))["code"], "ZERO-APR-001");
    ok(&run_once(&p, &["limits.max_open_positions=1"], &[]));
    assert_eq!(packet(&run_once(&p, &raised, &[]))["code"], "ZERO-APR-001");
}

#[test]
fn raised_limits_in_paper_meet_friction_and_leave_the_former_ones_in_force_when_it_refuses() {
    let p = Prepared::new();
    ok(&p.zero(&[], &["operator", "break", "30", "--reason", "tea"]));
    let raised = run_once(&p, &["limits.max_open_positions=31"], &[]);
    assert_eq!((raised.status.code(), &packet(&raised)["code"]), (Some(3), &"ZERO-OPR-002".into()));
    let again = run_once(&p, &["limits.max_open_positions=31"], &[]);
    assert_eq!(packet(&again)["code"], "ZERO-OPR-002", "asking twice is not being admitted");
    ok(&run_once(&p, &["limits.max_open_positions=1"], &[]));
    let tail = String::from_utf8(p.zero(&[], &["--json", "journal", "tail", "-n", "200"]).stdout).unwrap();
    assert!(tail.contains("raise_limit"), "the ruling is in the journal: {tail}");
}

#[test]
fn what_a_live_capable_runtime_refuses_to_start_with_has_its_code() {
    let p = Prepared::new();
    let code =
        |set: &[&str], more: &[&str]| packet(&run_once(&p, set, more))["code"].as_str().unwrap().to_owned();
    assert_eq!(code(&["runtime.live_capable=true", "http.read_auth=none"], &[]), "ZERO-CFG-007");
    assert_eq!(code(&LIVE[..1], &["--journal", p.home.path().join("new").to_str().unwrap()]), "ZERO-APR-014");
    let approval = p.approve_refusal(&run_once(&p, &LIVE[..1], &[]));
    let halts = ["--clear-halts-after", "1d", "--approval", approval.to_str().unwrap()];
    assert_eq!(code(&LIVE[..1], &halts), "ZERO-RUN-014");
}

#[test]
fn a_passphrase_comes_from_a_closed_file_a_pipe_or_a_terminal_and_a_wrong_one_opens_nothing() {
    let p = Prepared::new();
    let request = p.file("request.json", &route("/live/resume", &json!({})).to_string());
    let asked = |pass: &Path| {
        let args =
            ["--json", "approve", request.to_str().unwrap(), "--passphrase-file", pass.to_str().unwrap()];
        packet(&p.zero(&[], &args))
    };
    assert_eq!(asked(&p.file("wrong", "seven tame geese over the marsh"))["code"], "ZERO-CFG-048");
    let open = p.file("open", crate::support::PASSPHRASE);
    std::fs::set_permissions(&open, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    assert_eq!(asked(&open)["code"], "ZERO-APR-015");
    let none = p.zero(&[], &["--json", "approve", request.to_str().unwrap()]);
    // Without a terminal there is nothing to type at. Where the test has one, it must not be asked for.
    if !Path::new("/dev/tty").exists() || std::fs::File::open("/dev/tty").is_err() {
        assert_eq!(packet(&none)["code"], "ZERO-CFG-047");
    }
    let script = format!(
        "printf '%s\\n' '{}' | {} --json approve {} --passphrase-file /dev/stdin",
        crate::support::PASSPHRASE,
        env!("CARGO_BIN_EXE_zero"),
        request.display()
    );
    let out = std::process::Command::new("sh")
        .args(["-c", &script])
        .env("ZERO_HOME", p.home.path().join("state"))
        .output()
        .unwrap();
    assert_eq!(packet(&out)["schema_version"], "zero.approval.v1", "a pipe is as good");
    for bad in [json!({}), json!({ "method": "POST", "path": "/live/pause", "body": {} }), json!([1])] {
        let file = file(p.home.path(), "bad.json", &bad.to_string());
        let args = ["--json", "approve", file.to_str().unwrap()];
        assert_eq!(packet(&p.zero(&[], &args))["code"], "ZERO-APR-013", "{bad}");
    }
}

/// The page's blocks, as one script.
#[test]
fn the_page_about_approvals_does_what_it_says() {
    let page = include_str!("../../../../docs/approvals.md");
    let blocks: Vec<&str> = page.split("```sh\n").skip(1).map(|b| b.split_once("```").unwrap().0).collect();
    assert_eq!((blocks.len(), page.matches("```").count()), (5, 10), "every block is run");
    if std::process::Command::new("curl").arg("--version").output().is_err() {
        eprintln!("left out: there is no curl");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let bin = Path::new(env!("CARGO_BIN_EXE_zero")).parent().unwrap().display().to_string();
    let path = format!("{bin}:{}", std::env::var("PATH").unwrap());
    let trap = "trap 'kill $(cat loop.pid) 2>/dev/null || true' EXIT\n";
    let out = std::process::Command::new("sh")
        .args(["-euxc", &format!("{trap}{}wait", blocks.concat())])
        .env("PATH", path)
        .env("ZERO_HOME", home.path().join("state"))
        .env("ZERO_HTTP__LISTEN", "127.0.0.1:0")
        .env("ZERO_FEES__TAKER", "0.00045")
        .env("ZERO_FEES__MAKER", "0.00015")
        .current_dir(home.path())
        .output()
        .unwrap();
    assert!(
        out.status.success(),
        "{}{}",
        String::from_utf8_lossy(&out.stdout),
        String::from_utf8_lossy(&out.stderr)
    );
}
