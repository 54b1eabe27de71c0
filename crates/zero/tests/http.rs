//! The HTTP surface of a running program, asked over sockets: the contract's shapes in three states, who is let in, and
//! that asking changes nothing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests may panic as tests do"
)]
#![allow(dead_code, reason = "the client has more than these tests ask")]

mod http_client;

use http_client::{Loop, Reply};
use serde_json::Value;
use zero_capability::{NOT_OFFERED, TABLE};

/// What the contract calls mandatory or non-null, with its type: `s` text, `b` bool, `n` number, `u` whole number,
/// `a` list, `o` object. Every item of a list is checked by `[]`.
const SHAPES: &[(&str, &str)] = &[
    ("/", "name:s version:s status:s"),
    (
        "/health",
        "status:s components:o components.paper_engine.status:s components.risk.status:s components.memory.status:s \
         components.recovery.status:s dependencies:o circuit_breakers:o risk.kill_all:b recovery.durable:b \
         ws_connections:u",
    ),
    ("/v2/status", "confidence:o market:o positions:o today:o approaching:a blind_spots:a positions.open:u"),
    (
        "/positions",
        "positions:a positions[].symbol:s positions[].side:s positions[].size:n positions[].entry:n",
    ),
    ("/risk", "halted:b global_halt:b stop_failure_halt:b capital_floor_hit:b per_runner:o"),
    ("/rejections", "rejections:a"),
    ("/journal", "decisions:a count:u"),
    (
        "/immune",
        "schema_version:s mode:s risk_increasing_allowed:b summary:o breakers:a breakers[].name:s \
         breakers[].status:s breakers[].blocks_risk:b breakers[].severity:s breakers[].reason:s breakers[].evidence:o",
    ),
    ("/hl/status", "enabled:b mids:o"),
    (
        "/hl/reconcile",
        "schema_version:s exchange:s status:s risk_increasing_allowed:b reason:s stale_after_s:n \
         local:o exchange_state:o exchange_state.status:s exchange_state.reason:s drifts:a drifts[].code:s",
    ),
    (
        "/live/preflight",
        "schema_version:s exchange:s mode:s ready:b live_mode:s controls_ready:b checks:a checks[].name:s \
         checks[].status:s checks[].note:s",
    ),
    (
        "/live/certification",
        "schema_version:s mode:s passed:b live_start_certified:b summary:o drills:a drills[].name:s drills[].status:s drills[].note:s drills[].evidence:o \
         evidence_requirements:a",
    ),
    (
        "/live/receipts",
        "schema_version:s mode:s operator_context.operator_id:s operator_context.handle:s operator_context.role:s \
         operator_context.scope:s summary:o receipts:a privacy:o",
    ),
    (
        "/live/cockpit",
        "schema_version:s mode:s live_mode:s ready:b controls_ready:b risk_increasing_allowed:b next_action:s \
         operator_context.operator_id:s preflight.schema_version:s preflight.ready:b preflight.live_mode:s \
         preflight.controls_ready:b preflight.summary:o preflight.failed_checks:a immune.schema_version:s \
         immune.risk_increasing_allowed:b immune.summary:o immune.open_breakers:a reconciliation.schema_version:s \
         reconciliation.status:s reconciliation.risk_increasing_allowed:b reconciliation.reason:s \
         reconciliation.drifts:u certification.schema_version:s certification.mode:s certification.passed:b \
         certification.live_start_certified:b certification.summary:o certification.failed_drills:a \
         heartbeat.configured:b heartbeat.expired:b live_records.total:u live_records.accepted:u \
         live_records.refused:u live_records.exchange_error:u live_records.recent:a access_policy:o \
         access_policy.identity_required_for_live_controls:b operator_actions.recent:a operator_actions.read_only:a \
         operator_actions.risk_reducing:a operator_actions.risk_increasing:a",
    ),
    (
        "/brief",
        "timestamp:s? positions:a positions[].symbol:s positions[].side:s positions[].size:n positions[].entry:n \
         recent_signals:a approaching:a approaching[].coin:s last_cycle.mode:s last_cycle.decisions:u open_positions:u",
    ),
    (
        "/decision/stack",
        "schema_version:s coin:s mode:s paper_only:b price:o lenses:a layers:a layers[].layer:s layers[].passed:b \
         layers[].value:o layers[].detail:s modifiers:a decision.verdict:s decision.direction:s \
         decision.allowed_to_execute_live:b decision.reason:s privacy:o",
    ),
    (
        "/evaluate/BTC",
        "schema_version:s coin:s layers:a layers[].layer:s layers[].passed:b layers[].value:o layers[].detail:s \
         lenses:a modifiers:a decision_stack.schema_version:s data_fresh:b",
    ),
    ("/regime", "source:s"),
    ("/pulse", "events:a events[].kind:s events[].message:s events[].severity:s"),
    ("/approaching", "approaching:a approaching[].coin:s"),
    (
        "/operator/state",
        "label:s friction:s as_of:s version:u vector.velocity.last_1h:u vector.deviation.overrides_last_10:u \
         vector.session.active_duration_ms:u vector.loss_reaction.median_last_10_ms:u vector.re_entry.within_15m:u \
         vector.sleep_proxy:o vector.on_break:b",
    ),
    ("/operator/context", "schema_version:s operator_id:s handle:s role:s scope:s identity_policy:o"),
    (
        "/metrics",
        "schema_version:s runtime:o api.request_count:u api.by_method:o api.by_path:o api.by_status:o api.execute_count:u \
         api.execute_accepted:u api.execute_rejected:u api.idempotency_hits:u engine.decisions:u immune:o recovery:o \
         memory.total_entries:u genesis.total_decisions:u evolve.schema_version:s research.sample_size:u",
    ),
    (
        "/genesis",
        "schema_version:s mode:s status:s guardian_policy.schema_version:s guardian_policy.status:s \
         stats.schema_version:s stats.total_decisions:u stats.by_decision:o stats.human_review_required:u \
         stats.protected_classes:a decisions:a material.candidates:u material.journal_events:u",
    ),
    (
        "/evolve",
        "schema_version:s mode:s input_decisions:u accepted_candidates:u applies_to_checkout:b \
         pushes_to_remote:b build.schema_version:s red_team.schema_version:s \
         paper_canary.schema_version:s calibration.schema_version:s promotion.schema_version:s \
         promotion_plan.schema_version:s rollback_plan.schema_version:s \
         promotion_verification.schema_version:s policy.schema_version:s",
    ),
    (
        "/research",
        "schema_version:s mode:s available:b paper_only:b reports.hunt.schema_version:s \
         reports.edge.schema_version:s reports.convergence.schema_version:s \
         reports.thesis.schema_version:s reports.score.schema_version:s reports.meta.schema_version:s \
         reports.sharpen.schema_version:s summary.sample_size:u summary.candidate_count:u \
         summary.proposal_count:u report_hash:s rebuild:s",
    ),
    (
        "/memory",
        "schema_version:s stats.schema_version:s stats.total_entries:u stats.active_entries:u \
         stats.expired_entries:u stats.by_kind:o entries:a",
    ),
    (
        "/runtime/parity",
        "schema_version:s available:b ok:b mode:s cycles_requested:u cycles_run:u paper_only:b \
         places_live_orders:b paper.decisions:u paper.fills:u paper.rejections:u paper.open_positions:u \
         live_shadow.mode:s live_shadow.accepted:u live_shadow.refused:u \
         live_shadow.adapter_orders_placed:u live_shadow.records:a runtime_bus:o \
         feedback.schema_version:s feedback.cycles:u feedback.sample_size:u feedback.fills:u \
         feedback.rejections:u feedback.rejection_rate:n feedback.by_rejection_reason:o \
         feedback.by_rejection_symbol:o feedback.items:a checks:o claim_boundary:o parity_hash:s \
         certification.schema_version:s certification.passed:b certification.live_start_certified:b certification.drills:a",
    ),
    (
        "/audit/export",
        "schema_version:s mode:s limit:u decisions:a decisions[].trace_id:s metrics:o \
         memory.schema_version:s genesis.schema_version:s evolve.schema_version:s \
         research.schema_version:s deployment_claim.claim_hash:s deployment_heartbeat.heartbeat_hash:s \
         operator_actions:a immune.breakers:a recovery.durable:b retention.complete:b summary.decisions:u \
         summary.fills:u summary.rejections:u summary.open_positions:u journal.to_seq:u journal.head:s \
         audit_hash:s",
    ),
    (
        "/live/canary-policy",
        "schema_version:s policy_version:s mode:s summary.ready_for_canary:b summary.policy_armed:b \
         summary.live_order_attempted:b summary.live_order_accepted:b summary.receipts_accepted:u \
         summary.exchange_evidence_attached:b summary.publishable_canary_evidence:b \
         summary.refusal_evidence_qualified:b summary.qualified:b summary.next_step:s policy:o phases:a \
         phases[].name:s phases[].status:s phases[].detail:s recommendation.action:s \
         recommendation.risk_direction:s recommendation.reason:s privacy:o operator_context.operator_id:s \
         operator_context.handle:s operator_context.role:s operator_context.scope:s",
    ),
    (
        "/live/evidence",
        "schema_version:s mode:s live_mode:s ready:b risk_increasing_allowed:b summary:o artifacts:a \
         artifacts[].name:s artifacts[].schema_version:s artifacts[].status:s artifacts[].hash:s \
         artifacts[].included:s canary_rule:o privacy:o evidence_hash:s signature.status:s \
         signature.signer:s operator_context.operator_id:s operator_context.handle:s \
         operator_context.role:s operator_context.scope:s",
    ),
    (
        "/deployment/claim",
        "schema_version:s deployment.deployment_id:s deployment.version:s operator.handle:s \
         runtime.mode:s runtime.journal_durable:b evidence.decisions:u evidence.fills:u \
         evidence.rejections:u evidence.live_execution_count:u privacy:o claim_hash:s signature.status:s \
         signature.signed_claim_hash:s",
    ),
    (
        "/deployment/heartbeat",
        "schema_version:s deployment_claim_hash:s liveness.status:s liveness.dead_man_expired:b \
         liveness.live_executor_configured:b heartbeat_hash:s signature.status:s \
         signature.signed_heartbeat_hash:s",
    ),
    (
        "/network/profile",
        "schema_version:s mode:s profile.handle:s profile.display_name:s profile.publish_enabled:b \
         verification.status:s verification.badges:a verification.badges[].name:s \
         verification.badges[].status:s verification.deployment_claim_hash:s metrics.decisions:u \
         metrics.fills:u metrics.rejections:u deployment_claim.schema_version:s \
         deployment_heartbeat.schema_version:s privacy.included:a privacy.excluded:a",
    ),
    ("/network/leaderboard", "schema_version:s mode:s rows:a row_count:u rules.purpose:s rules.ranking:a"),
    (
        "/intelligence/catalog",
        "schema_version:s public.delayed_snapshots:o commercial.plans:a hosted_api_contract.endpoints:a \
         hosted_api_contract.rate_limit_headers:a data_rules.custody:s",
    ),
    (
        "/intelligence/commercial",
        "schema_version:s plans:a scopes:a datasets:a endpoints:a endpoints[].path:s \
         rate_limits.headers:a rate_limits.policy:a usage_events:a webhooks.event_types:a \
         exports.formats:a",
    ),
    (
        "/intelligence/snapshot",
        "schema_version:s access.class:s access.delay_s:n source.schema_version:s \
         privacy.decision_records_included:b commercial_unlocks:a",
    ),
    ("/intelligence/model-gateway", "schema_version:s mode:s routing:o providers:a usage.events:u privacy:o"),
    (
        "/intelligence/model-gateway/health",
        "schema_version:s status:s network_probe.performed:b checks:a checks[].status:s safety:o",
    ),
    (
        "/intelligence/model-gateway/audit",
        "schema_version:s health.schema_version:s usage:o controls:o evidence_requirements:a",
    ),
    (
        "/v1/intelligence/snapshots",
        "schema_version:s account.authenticated:b access.freshness:s access.public_delay_s:n \
         usage.metered:b data:a rate_limit.limit:u rate_limit.remaining:u rate_limit.reset:u \
         rate_limit.policy:s",
    ),
];

/// Names of which an object has at most one.
const PAIRS: &[(&str, &str)] = &[
    ("symbol", "coin"),
    ("side", "direction"),
    ("size", "size_coins"),
    ("entry", "entry_price"),
    ("items", "positions"),
];

fn fits(v: &Value, kind: &str) -> bool {
    match kind {
        "s" => v.is_string(),
        "b" => v.is_boolean(),
        "n" => v.is_number(),
        "u" => v.is_u64(),
        "a" => v.is_array(),
        "s?" => v.is_null() || v.is_string(),
        _ => v.is_object(),
    }
}

/// The breaches of one shape.
fn breaches(v: &Value, fields: &str) -> Vec<String> {
    fields
        .split_ascii_whitespace()
        .filter_map(|f| {
            let (path, kind) = f.split_once(':').unwrap();
            let mut at = vec![v];
            for word in path.split('.') {
                let (name, each) = word.strip_suffix("[]").map_or((word, false), |n| (n, true));
                let below = at.into_iter().map(|v| &v[name]);
                at = if each { below.flat_map(|v| v.as_array().unwrap()).collect() } else { below.collect() };
            }
            (!at.iter().all(|v| fits(v, kind))).then(|| f.to_owned())
        })
        .collect()
}

fn no_pairs(v: &Value, path: &str) {
    match v {
        Value::Object(o) => {
            for (a, b) in PAIRS {
                assert!(!(o.contains_key(*a) && o.contains_key(*b)), "{path}: {a} beside {b}");
            }
            o.values().for_each(|v| no_pairs(v, path));
        }
        Value::Array(a) => a.iter().for_each(|v| no_pairs(v, path)),
        _ => {}
    }
}

fn hold(run: &Loop) {
    for (path, fields) in SHAPES {
        let v = run.get(path).ok().json();
        assert_eq!(breaches(&v, fields), Vec::<String>::new(), "{path}: {v}");
        no_pairs(&v, path);
    }
    for row in TABLE {
        let Some(http) = row.http.filter(|h| {
            !["/market/quote", "/hl/account"].contains(&h.path) && h.stream.is_none() && h.method == "GET"
        }) else {
            continue;
        };
        let reply = run.get(&http.path.replace("{coin}", "BTC"));
        assert!(matches!(reply.status, 200), "{}: {reply:?}", http.path);
        assert_eq!(reply.json()["schema_version"], row.packet, "{}", http.path);
    }
    // No account is an answer, and an empty one would be another.
    let account = run.get("/hl/account");
    assert_eq!((account.status, account.json()["code"].as_str()), (400, Some("ZERO-API-060")));
}

#[test]
fn a_checker_that_sees_nothing_would_pass_so_it_must_see() {
    let v = serde_json::json!({"positions": [{"size": "1.0"}, {"size": 1}], "count": 1.5});
    assert_eq!(
        breaches(&v, "positions[].size:n count:u gone:s"),
        ["positions[].size:n", "count:u", "gone:s"]
    );
}

#[test]
fn every_get_has_the_contracts_shape_before_anything_happened() {
    let run = Loop::start(&["--speed", "0.001"]);
    hold(&run);
    assert_eq!(run.get("/positions").json()["count"], 0);
    assert_eq!(run.get("/market/quote?symbol=NOPE").status, 404);
    run.stop();
}

#[test]
fn every_get_has_the_contracts_shape_with_positions_and_with_a_breaker_open() {
    // Nobody lifts the kill within a minute and a half, however slow the asking is.
    let run = Loop::start(&["--speed", "360000", "--clear-halts-after", "400d"]);
    run.until(|r| r.get("/positions").json()["count"].as_u64() > Some(0));
    hold(&run);
    let quote = run.get("/market/quote?symbol=btc").ok().json();
    assert!(quote["price"].is_number() && quote["symbol"] == "BTC", "{quote}");
    assert!(!run.get("/journal?limit=3").json()["decisions"].as_array().unwrap().is_empty());
    // A recorded parity has the shape of one that was not.
    run.operator(&["--set", "http.listen=127.0.0.1:0", "parity", "--days", "20"]);
    assert_eq!(run.get("/runtime/parity").json()["available"], true);
    run.operator(&["operator", "kill", "--reason", "test"]);
    let open = run.until(|r| r.get("/immune").json()["summary"]["open"].as_u64() > Some(0));
    assert!(open);
    hold(&run);
    let cockpit = run.get("/live/cockpit").json();
    assert_eq!(cockpit["immune"]["risk_increasing_allowed"], false);
    assert!(!cockpit["immune"]["open_breakers"].as_array().unwrap().is_empty());
    assert_eq!(run.get("/risk").json()["global_halt"], true);
    run.stop();
}

#[test]
fn asking_changes_nothing_that_is_decided() {
    let args = ["--events", "4000", "--speed", "3600000"];
    let asked = Loop::start(&args);
    let mut n = 0;
    while let Some(reply) = asked.try_get("/journal?limit=200") {
        assert_eq!(reply.status, 200);
        n += 1;
    }
    assert!(n > 20, "only {n} requests were answered while it ran");
    let silent = Loop::run_silent(&args);
    assert_eq!(asked.digest(), silent);
    assert_eq!(silent.len(), 64);
}

#[test]
fn every_route_that_is_not_offered_says_so_in_the_one_error_shape() {
    let run = Loop::start(&["--speed", "1"]);
    for route in NOT_OFFERED {
        let path = route.path.replace("{coin}", "BTC");
        let head: &[(&str, &str)] =
            if route.method == "POST" { &[("Content-Type", "application/json")] } else { &[] };
        let reply = run.ask(route.method, &path, head, "");
        // A path that is not offered with two methods answers the other with 405.
        assert!(matches!(reply.status, 404 | 405), "{path}: {reply:?}");
        assert_error(&reply);
    }
    for (method, path, status) in [
        ("GET", "/nope", 404),
        ("GET", "/positions?x=1", 400),
        ("DELETE", "/positions", 405),
        ("PUT", "/", 405),
    ] {
        let reply = run.ask(method, path, &[], "");
        assert_eq!(reply.status, status, "{method} {path}");
        assert_error(&reply);
    }
    let text = run.ask("GET", "/metrics", &[("Accept", "text/plain")], "").ok().body;
    let names = zero_http::METRICS.iter().map(|m| m.name);
    for name in names {
        assert!(text.contains(&format!("# HELP {name} ")), "{name}");
    }
    for line in text.lines().filter(|l| !l.starts_with('#')) {
        let name = line.split(['{', ' ']).next().unwrap();
        let whole = ["_bucket", "_sum", "_count"].iter().find_map(|s| name.strip_suffix(s)).unwrap_or(name);
        let of = |m: &zero_http::Metric| match m.kind {
            zero_http::MetricKind::Histogram => m.name == whole && name != whole,
            _ => m.name == name,
        };
        assert!(zero_http::METRICS.iter().any(of), "{line} is in no registry");
    }
    run.stop();
}

fn assert_error(reply: &Reply) {
    let v = reply.json();
    assert_eq!(v["schema_version"], "zero.error.v1");
    for field in ["code", "cause", "hint"] {
        assert!(v[field].as_str().is_some_and(|s| !s.is_empty()), "{field}: {v}");
    }
}

#[test]
fn no_stranger_gets_an_answer_whatever_it_combines() {
    let run =
        Loop::start_with(&["--speed", "1"], &["http.read_auth=token", "http.requests_per_second=100000"]);
    let own = format!("127.0.0.1:{}", run.port());
    let token = format!("Bearer {}", run.token("observer"));
    let wrong = format!("Bearer {}", "0".repeat(64));
    let hosts = [own.as_str(), "evil.example", "127.0.0.1", "", "127.0.0.1.evil.example:80"];
    let own_origin = format!("http://{own}");
    let origins = [None, Some(own_origin.as_str()), Some("http://evil.example"), Some("null")];
    let tokens = [None, Some(token.as_str()), Some(wrong.as_str()), Some("Basic eDp5")];
    let methods = ["GET", "POST", "OPTIONS"];
    let kinds = [None, Some("application/json"), Some("text/plain")];
    let (mut asked, mut answered) = (0, 0);
    for host in hosts {
        for origin in origins {
            for auth in tokens {
                for method in methods {
                    for kind in kinds {
                        let mut head = vec![("Host", host)];
                        head.extend(origin.map(|o| ("Origin", o)));
                        head.extend(auth.map(|a| ("Authorization", a)));
                        head.extend(kind.map(|k| ("Content-Type", k)));
                        let reply = run.ask(method, "/v2/status", &head, "");
                        let expected = host == own
                            && origin.is_none_or(|o| o == own_origin)
                            && auth == Some(token.as_str())
                            && method == "GET"
                            && kind != Some("text/plain");
                        asked += 1;
                        answered += usize::from(reply.status == 200);
                        assert_eq!(reply.status == 200, expected, "{method} {head:?}: {reply:?}");
                        assert!(expected || (400..500).contains(&reply.status), "{reply:?}");
                    }
                }
            }
        }
    }
    assert!(asked >= 200 && answered == 4, "{asked} asked, {answered} answered");
    let long = "x".repeat(20_000);
    assert!(run.ask("GET", "/", &[("Host", &own), ("X-Long", &long)], "").status >= 400);
    let big = [("Host", own.as_str()), ("Authorization", &token), ("Content-Length", "99999999")];
    let json = [big.as_slice(), &[("Content-Type", "application/json")]].concat();
    assert_eq!(run.ask("POST", "/execute", &json, "").status, 413);
    run.stop();
}

#[test]
fn what_was_answered_a_moment_ago_is_told_to_no_stranger_and_to_each_role_its_own() {
    let run =
        Loop::start_with(&["--speed", "0.001"], &["http.read_auth=token", "http.requests_per_second=100000"]);
    let roles = ["observer", "agent", "operator"];
    let auths = roles.map(|r| format!("Bearer {}", run.token(r)));
    for _ in 0..100 {
        for (role, auth) in roles.iter().zip(&auths) {
            let cockpit = run.ask("GET", "/live/cockpit", &[("Authorization", auth)], "").ok().json();
            assert_eq!(cockpit["operator_context"]["role"], *role);
        }
        assert_eq!(run.get("/live/cockpit").status, 401);
        let foreign = [("Host", "evil.example"), ("Authorization", auths[0].as_str())];
        assert_eq!(run.ask("GET", "/live/cockpit", &foreign, "").status, 403);
        let asked = run.ask("GET", "/live/cockpit?x=1", &[("Authorization", &auths[0])], "");
        assert_eq!(asked.status, 400, "another question is another answer");
    }
    run.stop();
}

#[test]
fn the_rate_is_limited_and_says_when_to_come_back() {
    let run = Loop::start_with(&["--speed", "1"], &["http.requests_per_second=5"]);
    // An answer that is kept counts like one that is rendered.
    let path = |i| if i % 2 == 0 { "/livez" } else { "/v2/status" };
    let replies: Vec<Reply> = (0..20).map(|i| run.get(path(i))).collect();
    let refused: Vec<&Reply> = replies.iter().filter(|r| r.status == 429).collect();
    assert!((5..20).contains(&refused.len()), "{}", refused.len());
    assert!(refused[0].head.to_ascii_lowercase().contains("retry-after: 1"), "{:?}", refused[0]);
    run.stop();
}

#[test]
fn beyond_loopback_it_listens_only_when_told_to_and_never_without_tokens() {
    let refused = Loop::attempt(&["--set", "http.listen=0.0.0.0:0", "run", "--events", "10"]);
    assert!(refused.contains("ZERO-API-013") && refused.contains("http.remote is false"), "{refused}");
    let garbled = Loop::attempt(&["--set", "http.listen=nowhere", "run", "--events", "10"]);
    assert!(garbled.contains("ZERO-API-013"), "{garbled}");
    // `read_auth` is still `none`, which only loopback gets.
    let run = Loop::start_at("0.0.0.0:0", &["--speed", "1"], &["http.remote=true"]);
    assert_eq!(run.get("/v2/status").status, 401);
    let auth = format!("Bearer {}", run.token("agent"));
    assert_eq!(
        run.ask("GET", "/operator/context", &[("Authorization", &auth)], "").ok().json()["role"],
        "agent"
    );
    run.stop();
}

#[test]
fn a_taken_address_costs_the_surface_and_not_the_run() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = format!("http.listen={}", taken.local_addr().unwrap());
    let said = Loop::attempt(&["--set", &listen, "run", "--events", "10", "--speed", "0"]);
    assert!(said.contains("ZERO-API-014") && said.contains("digest"), "{said}");
}

#[test]
fn a_restarted_loop_still_shows_what_it_judged_before() {
    let mut run = Loop::start(&["--speed", "3600000", "--events", "4000"]);
    run.digest();
    run = run.again(&["--speed", "0.001"]);
    let seen = run.get("/journal?limit=5").ok().json();
    assert_eq!(seen["count"], 5, "{seen}");
    assert!(seen["judged"].as_u64() > Some(5));
    run.stop();
}

/// One word in two places over HTTP, before anything is known, with a snapshot in the middle, and at an end between closes and
/// their slice. The loop then stands still, so that both answers are of one publication.
#[test]
fn the_status_names_the_regime_that_the_regime_route_has_at_every_length_of_the_journal() {
    let mut seen = std::collections::BTreeSet::new();
    for (events, known) in [("40", false), ("9010", true), ("9023", true), ("20023", true), ("30010", true)] {
        let run = Loop::start(&["--speed", "0", "--events", events]);
        run.digest();
        let run = run.again(&["--speed", "0.001"]);
        let pair = || {
            let before = run.get("/v2/status").ok().json();
            let regime = run.get("/regime").ok().json();
            let after = run.get("/v2/status").ok().json();
            (before["journal_seq"] == after["journal_seq"]).then_some((after, regime))
        };
        let (status, regime) = (0..100).find_map(|_| pair()).expect("it never stood still");
        let word = &status["market"]["regime"];
        assert_eq!((word, word.is_string()), (&regime["regime"], known), "{events}: {status} {regime}");
        assert_eq!(word, &regime["dimensions"][0]["state"], "{events}");
        seen.insert(word.to_string());
        run.stop();
    }
    assert!(seen.len() > 1, "the word changes with the journal: {seen:?}");
}
