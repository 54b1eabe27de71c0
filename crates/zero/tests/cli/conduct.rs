//! The operator's own state, friction, and notifications, from outside.

use crate::support::Home;
use serde_json::Value;
use std::path::Path;
use std::time::{Duration, Instant};

/// Overrides in a row raise the level; the increase waits, in whatever way it is asked for, and the reduction does not.
#[test]
fn at_a_raised_level_an_increase_waits_and_a_reduction_does_not() {
    let home = Home::with_run(500);
    let fresh = home.run(&["operator-state", "--json"]).ok().packet();
    assert_eq!((fresh["label"].as_str(), fresh["friction"].as_str()), (Some("fresh"), Some("l0")));
    assert!(fresh["vector"]["velocity"]["baseline_1h"].is_null());
    home.run(&["operator", "pause", "--reason", "look"]).ok();
    for _ in 0..5 {
        home.run(&["operator", "override", "breaker"]).ok();
    }
    let s = home.run(&["operator-state", "--json"]).ok().packet();
    assert_eq!((s["label"].as_str(), s["friction"].as_str()), (Some("elevated"), Some("l2")), "{s}");
    assert_eq!(s["vector"]["deviation"]["overrides_last_10"], 5);

    let resume = ["operator", "resume", "--reason", "now", "--yes"];
    let held = home.run(&resume).failed(3, "ZERO-OPR-001");
    let phrase = held.err.split('"').nth(1).expect("the phrase is stated").to_owned();
    assert!(phrase.starts_with("resume entries "), "{}", held.err);
    home.run(&["operator", "confirm", &phrase]).ok();
    home.run(&resume).failed(3, "ZERO-OPR-001");
    let s = home.run(&["operator-state", "--json"]).ok().packet();
    assert_eq!(s["waiting"][0]["typed"], true, "{s}");
    assert_eq!(s["last_ruling"]["verdict"], "too_early", "{s}");

    // The same request, written into the inbox of a running loop by another client, meets the same gate.
    let running = home.spawn_run(&[]);
    home.run(&resume).failed(3, "ZERO-OPR-001");
    let p = home.run(&["auto", "off", "--json"]).ok().packet();
    assert_eq!((p["auto"].as_str(), p["paused"].as_bool()), (Some("off"), Some(true)));
    assert_eq!(running.interrupt().code, 0);
    let tail = home.run(&["journal", "tail", "--kind", "friction", "-n", "9", "--json"]).ok().packet();
    let verdicts: Vec<&str> =
        tail["records"].as_array().unwrap().iter().filter_map(|r| r["body"]["verdict"].as_str()).collect();
    assert_eq!(verdicts, ["held", "too_early", "too_early"], "{tail}");
    assert_eq!(home.run(&["journal", "verify", "--json"]).ok().packet()["ok"], true);
}

/// What was so at a time stays so, whatever was done later.
#[test]
fn the_state_at_a_time_is_the_one_that_was_told_then() {
    let home = Home::with_run(500);
    let at =
        |time: &Value| home.run(&["operator-state", "--at", time.as_str().unwrap(), "--json"]).ok().packet();
    let told = |mut packet: Value| {
        // How much of the journal was read is another matter.
        packet["journal_seq"].take();
        packet
    };
    let fresh = home.run(&["operator-state", "--json"]).ok().packet();
    home.run(&["operator", "pause", "--reason", "look"]).ok();
    for _ in 0..5 {
        home.run(&["operator", "override", "breaker"]).ok();
    }
    let elevated = home.run(&["operator-state", "--json"]).ok().packet();
    assert_eq!(elevated["label"], "elevated");
    home.run(&["operator", "break", "30"]).ok();
    let on_break = home.run(&["operator-state", "--json"]).ok().packet();
    assert_ne!(told(on_break.clone()), told(elevated.clone()));
    for then in [fresh, elevated, on_break] {
        assert_eq!(told(at(&then["as_of"])), told(then));
    }
    let before = at(&Value::from("2020-01-01T00:00:00Z"));
    assert_eq!(
        (before["as_of"].as_str(), before["version"].as_u64()),
        (Some("2020-01-01T00:00:00Z"), Some(0))
    );
}

#[test]
fn a_declared_break_refuses_increases_until_it_is_over() {
    let home = Home::with_run(500);
    home.run(&["auto", "off"]).ok();
    home.run(&["operator", "break", "30"]).ok();
    home.run(&["auto", "on", "--reason", "changed my mind", "--yes"]).failed(3, "ZERO-OPR-002");
    assert_eq!(home.run(&["auto", "status", "--json"]).ok().packet()["state"], "off");
    home.run(&["operator", "flatten", "--reason", "a reduction goes on"]).ok();
}

fn messages(file: &std::path::Path) -> Vec<Value> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    text.lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

/// Waits for a message; a loop tells within a second.
fn wait_for(file: &std::path::Path, what: &str, key: &str) -> Value {
    #[expect(clippy::disallowed_methods, reason = "how long a test waits")]
    let begin = Instant::now();
    loop {
        if let Some(m) = messages(file).into_iter().find(|m| m["what"] == what && m["key"] == key) {
            return m;
        }
        assert!(begin.elapsed() < Duration::from_secs(20), "no {what} of {key}: {:?}", messages(file));
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Whoever is told for the first time is told what stands, however it came to that.
#[test]
fn a_breaker_that_stands_open_is_said_to_whoever_was_told_of_nothing_before() {
    let home = Home::with_run(500);
    home.run(&["operator", "kill", "--reason", "nobody listens"]).ok();
    let unheard = home.run(&["notify", "status"]).ok().out;
    assert!(unheard.contains("not known") && !unheard.contains("none open"), "{unheard}");
    let ack = home.run(&["operator", "ack", "breaker/kill_switch"]);
    assert!(ack.err.contains("no notifier has read this journal"), "{}", ack.err);
    let file = home.path().join("alerts.jsonl");
    let set = format!("notify.file={}", file.to_str().unwrap());
    for _ in 0..2 {
        let running = home.spawn_run(&["--set", &set]);
        let alert = wait_for(&file, "alert", "breaker/kill_switch");
        assert_eq!(alert["urgency"], "critical", "{alert}");
        assert_eq!(running.interrupt().code, 0);
    }
    let told =
        messages(&file).into_iter().filter(|m| m["what"] == "alert" && m["key"] == "breaker/kill_switch");
    assert_eq!(told.count(), 1, "{:?}", messages(&file));
    let open = home.run(&["notify", "status", "--json"]).ok().packet();
    assert_eq!(open["open"][0]["key"], "breaker/kill_switch", "{open}");
}

/// Alerts go to a file, and are said again every second.
fn impatient(file: &Path) -> Vec<String> {
    let set = |k: &str, v: &str| ["--set".to_owned(), format!("notify.{k}={v}")];
    [set("file", file.to_str().unwrap()), set("escalate_after", "1s"), set("escalations_max", "100")].concat()
}

#[test]
fn a_thrown_switch_is_said_escalated_until_acknowledged_and_outlives_the_process() {
    let home = Home::ready();
    let file = home.path().join("alerts.jsonl");
    let sets = impatient(&file);
    let args: Vec<&str> = sets.iter().map(String::as_str).collect();
    let running = home.spawn_run(&args);
    home.run(&["operator", "kill", "--reason", "test"]).ok();
    let alert = wait_for(&file, "alert", "breaker/kill_switch");
    assert_eq!(alert["urgency"], "critical");
    wait_for(&file, "escalation", "breaker/kill_switch");
    assert_eq!(running.interrupt().code, 0);
    let open = home.run(&["notify", "status", "--json"]).ok().packet();
    assert!(open["open"].as_array().unwrap().iter().any(|o| o["key"] == "breaker/kill_switch"), "{open}");

    // A later process goes on where the former ended: it alerts nothing twice, and escalates on.
    let before = messages(&file).len();
    let running = home.spawn_run(&args);
    #[expect(clippy::disallowed_methods, reason = "how long a test waits")]
    let begin = Instant::now();
    while messages(&file).len() == before && begin.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(50));
    }
    let after = messages(&file);
    assert_eq!(after[before]["what"], "escalation", "{:?}", &after[before..]);
    let typo = home.run(&["operator", "ack", "breaker/kil_switch"]);
    assert!(typo.err.contains("no open alert") && typo.err.contains("breaker/kill_switch"), "{}", typo.err);
    let all = home.run(&["operator", "ack", "*"]);
    assert!(!all.err.contains("no open alert"), "{}", all.err);
    std::thread::sleep(Duration::from_millis(600));
    let acked = messages(&file).len();
    std::thread::sleep(Duration::from_millis(1_500));
    let more: Vec<Value> = messages(&file).split_off(acked);
    assert!(more.iter().all(|m| m["key"] != "breaker/kill_switch"), "{more:?}");
    assert_eq!(running.interrupt().code, 0);
    let status = home.run(&["notify", "status", "--json"]).ok().packet();
    assert!(status["sinks"].as_array().unwrap().iter().any(|s| s["name"] == "file"), "{status}");
}

/// What is over is said to be over, and is escalated no more; a clear that friction holds ends nothing.
#[test]
fn a_cleared_latch_is_told_as_ended_and_a_held_clear_is_not() {
    for held in [false, true] {
        let home = Home::ready();
        let file = home.path().join("alerts.jsonl");
        let sets = impatient(&file);
        let running = home.spawn_run(&sets.iter().map(String::as_str).collect::<Vec<_>>());
        home.run(&["operator", "kill", "--reason", "test"]).ok();
        wait_for(&file, "alert", "breaker/kill_switch");
        if held {
            home.run(&["operator", "break", "5"]).ok();
        }
        let clear = home.run(&["operator", "clear", "kill_switch", "--reason", "seen", "--yes"]);
        let of_breaker = |what: &str| {
            messages(&file).iter().filter(|m| m["what"] == what && m["key"] == "breaker/kill_switch").count()
        };
        if held {
            clear.failed(3, "ZERO-OPR-002");
            let before = of_breaker("escalation");
            std::thread::sleep(Duration::from_millis(2_500));
            assert_eq!(of_breaker("ended"), 0);
            assert!(of_breaker("escalation") > before, "it stands, and is said again");
        } else {
            clear.ok();
            let end = wait_for(&file, "ended", "breaker/kill_switch");
            assert!(end["text"].as_str().unwrap().contains("cleared by"), "{end}");
            let before = of_breaker("escalation");
            std::thread::sleep(Duration::from_millis(2_500));
            assert_eq!(of_breaker("escalation"), before, "nothing is open");
            let open = home.run(&["notify", "status", "--json"]).ok().packet();
            assert!(
                open["open"].as_array().unwrap().iter().all(|o| o["key"] != "breaker/kill_switch"),
                "{open}"
            );
        }
        running.interrupt();
    }
}

/// A receiver that accepts and never answers: the loop goes on at its own pace.
#[test]
fn a_dead_webhook_does_not_hold_the_loop() {
    let home = Home::ready();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let hook = format!("notify.webhook=http://{}/", listener.local_addr().unwrap());
    #[expect(clippy::disallowed_methods, reason = "how long a test waits")]
    let begin = Instant::now();
    let ran =
        home.run(&["run", "--speed", "0", "--events", "3000", "--set", &hook, "--set", "notify.least=info"]);
    ran.ok();
    assert!(begin.elapsed() < Duration::from_secs(9), "{:?}", begin.elapsed());
    home.run(&["notify", "test", "--set", "notify.quiet=never"]).ok();
    home.run(&["run", "--events", "1", "--set", "notify.terminal=true", "--set", "notify.quiet=never"])
        .failed(1, "ZERO-OPR-003");
}

/// Answers one request with 204 and gives its body.
fn hear(listener: &std::net::TcpListener) -> Value {
    use std::io::{Read as _, Write as _};
    let (mut socket, _) = listener.accept().unwrap();
    let (mut bytes, mut part) = (Vec::new(), [0; 4096]);
    loop {
        let n = socket.read(&mut part).unwrap();
        bytes.extend_from_slice(&part[..n]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((_, body)) = text.split_once("\r\n\r\n") else { continue };
        if let Ok(v) = serde_json::from_str::<Value>(body) {
            socket.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").unwrap();
            return v;
        }
    }
}

#[test]
fn an_alarm_that_nobody_took_is_shown_outlives_a_killed_process_and_is_delivered_by_the_next() {
    let home = Home::ready();
    let port = {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        free.local_addr().unwrap().port()
    };
    let hook = format!("notify.webhook=http://127.0.0.1:{port}/");
    let running = home.spawn_run(&["--no-http", "--set", &hook]);
    home.run(&["operator", "kill", "--reason", "test"]).ok();
    let sink = || {
        let p = home.run(&["notify", "status", "--json"]).ok().packet();
        p["sinks"][0].clone()
    };
    #[expect(clippy::disallowed_methods, reason = "how long a test waits")]
    let begin = Instant::now();
    while sink()["failed"].as_u64().unwrap_or(0) < 2 {
        assert!(begin.elapsed() < Duration::from_secs(20), "{}", sink());
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(sink()["next_attempt"].is_string() && sink()["waiting"].as_u64() > Some(0), "{}", sink());
    let status = home.run(&["status"]).ok().out;
    assert!(status.contains("notifications not delivered: webhook: "), "{status}");
    // Killed, not ended.
    drop(running);
    let listener = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    let running = home.spawn_run(&["--no-http", "--set", &hook]);
    let heard: Vec<Value> = std::iter::repeat_with(|| hear(&listener)).take(1).collect();
    assert!(heard.iter().any(|m| m["key"] == "breaker/kill_switch" && m["what"] == "alert"), "{heard:?}");
    drop(running);
}
