//! Rules over every row of the table.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may panic as tests do")]

use std::collections::BTreeSet;
use zero_capability::{
    NOT_OFFERED, PACKETS, Producer, RiskDirection, Safety, Stream, TABLE, VERDICTS, by_command, by_tool,
    commands_markdown, find, openapi,
};

/// The commands that the main loop has.
const COMMANDS: &[&str] = &[
    "demo",
    "backtest",
    "run",
    "status",
    "positions",
    "risk",
    "decisions",
    "rejections",
    "near-misses",
    "learn gates",
    "learn lenses",
    "lenses",
    "execution",
    "health",
    "immune",
    "evaluate",
    "decision-stack",
    "why",
    "heat",
    "approaching",
    "regime",
    "brief",
    "pulse",
    "quote",
    "hl status",
    "hl reconcile",
    "live preflight",
    "live certification",
    "live receipts",
    "live cockpit",
    "doctor",
    "readiness",
    "parity",
    "lookahead",
    "data import",
    "data describe",
    "data synth",
    "journal verify",
    "journal tail",
    "journal export",
    "journal checkpoint",
    "journal prove",
    "journal prune",
    "init",
    "config show",
    "config get",
    "config check",
    "config reference",
    "config schema",
    "strategy new",
    "strategy check",
    "strategy explain",
    "strategy list",
    "strategy test",
    "keys create",
    "keys list",
    "keys rotate",
    "keys revoke",
    "operator pause",
    "operator resume",
    "operator flatten",
    "operator close",
    "operator kill",
    "operator clear",
    "operator heartbeat",
    "operator report",
    "operator break",
    "operator rest",
    "operator focus",
    "operator confirm",
    "operator ack",
    "operator override",
    "operator follow",
    "operator command",
    "session start",
    "session status",
    "session end",
    "session list",
    "session fork",
    "session resume",
    "session save",
    "session replay",
    "session share",
    "session wrap",
    "notify status",
    "notify test",
    "operator-state",
    "friction",
    "approve",
    "execute",
    "auto off",
    "auto on",
    "auto status",
    "mcp",
    "stats psr",
    "stats dsr",
    "stats mintrl",
    "stats diff",
    "stats ope",
    "stats minbtl",
    "stats pbo",
    "stats spa",
    "stats cpcv",
    "stats brier",
    "stats calibrate",
    "stats stack",
    "stats ewma",
    "stats lw",
    "stats bh",
    "stats elond",
    "stats evalue",
    "stats psi",
    "stats cusum",
    "stats bocpd",
    "stats vr",
    "stats scaling",
    "stats kelly",
    "completions",
    "docs",
    "openapi",
    "genesis",
    "evolve",
    "research",
    "memory",
    "audit export",
    "hl account",
    "live canary-policy",
    "live evidence",
    "deployment claim",
    "deployment heartbeat",
    "network profile",
    "network leaderboard",
    "hash",
];

/// POSTs that only answer: what is asked does not fit into a query, and nothing is kept.
const ASKS: &[&str] = &["network.publish", "network.ingest", "intelligence.export"];

fn unique<'a>(what: &str, names: impl Iterator<Item = &'a str>) {
    let mut seen = BTreeSet::new();
    for n in names {
        assert!(seen.insert(n.to_owned()), "{what} `{n}` twice");
    }
}

#[test]
fn no_name_means_two_things() {
    unique("id", TABLE.iter().map(|c| c.id));
    unique("path", TABLE.iter().filter_map(|c| c.http.map(|h| h.path)));
    unique("tool", TABLE.iter().filter_map(|c| c.mcp.map(|m| m.tool)));
    unique("resource", TABLE.iter().filter_map(|c| c.mcp.and_then(|m| m.resource)));
    let words: Vec<String> = TABLE
        .iter()
        .filter_map(|c| c.command)
        .flat_map(|c| std::iter::once(c.path.join(" ")).chain(c.aliases.iter().map(|a| (*a).to_owned())))
        .collect();
    unique("command", words.iter().map(String::as_str));
}

#[test]
fn every_command_is_a_row_and_every_row_with_a_command_is_known() {
    let have: BTreeSet<String> = TABLE.iter().filter_map(|c| c.command).map(|c| c.path.join(" ")).collect();
    let want: BTreeSet<String> = COMMANDS.iter().map(|c| (*c).to_owned()).collect();
    assert_eq!(have, want);
    assert_eq!(by_command("pos").unwrap().id, "positions");
    assert_eq!(by_command("journal verify").unwrap().id, "journal.verify");
    assert!(by_command("fly").is_none());
}

#[test]
fn names_follow_their_surfaces_rules() {
    let word = |s: &str| {
        !s.is_empty()
            && s.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
    };
    for c in TABLE {
        assert!(c.id.split('.').all(word), "{}", c.id);
        if let Some(cmd) = c.command {
            assert!(cmd.path.iter().all(|w| word(w)), "{}", c.id);
            assert_eq!(cmd.path.join("."), c.id, "a command's words are its id");
        }
        if let Some(path) = c.http.map(|h| h.path).filter(|p| *p != "/") {
            let part = |p: &str| word(p) || p == "{coin}";
            assert!(path.strip_prefix('/').is_some_and(|p| p.split('/').all(part)), "{path}");
        }
        if let Some(m) = c.mcp {
            assert!(m.tool.strip_prefix("zero_").is_some_and(word), "{}", m.tool);
            let resource = m.resource.unwrap_or("zero://none");
            assert!(resource.strip_prefix("zero://").is_some_and(|p| p.split('/').all(word)), "{resource}");
        }
        assert!(c.packet.starts_with("zero.") && c.packet.ends_with(".v1"), "{}", c.packet);
        assert!(
            c.summary.ends_with('.') && c.summary.chars().next().is_some_and(char::is_uppercase),
            "{}",
            c.id
        );
    }
}

#[test]
fn every_packet_has_a_schema_that_says_its_id() {
    for c in TABLE {
        let v = serde_json::to_value((c.schema)()).unwrap();
        assert_eq!(v["type"], "object", "{}: an output schema needs an object at its root", c.id);
        assert_eq!(v["properties"]["schema_version"]["const"], c.packet, "{}", c.id);
        let required: Vec<&str> =
            v["required"].as_array().unwrap().iter().filter_map(|r| r.as_str()).collect();
        assert!(required.contains(&"schema_version"), "{}", c.id);
        described(&v, c.id);
    }
}

/// Every property says what it is.
fn described(schema: &serde_json::Value, id: &str) {
    for (name, p) in schema["properties"].as_object().into_iter().flatten() {
        assert!(p["description"].is_string() || p["$ref"].is_string(), "{id}: {name} has no description");
    }
    for (_, d) in schema["$defs"].as_object().into_iter().flatten() {
        described(d, id);
    }
}

#[test]
fn what_only_reads_is_neutral_and_what_agents_read_changes_nothing() {
    for c in TABLE {
        if c.safety == Safety::ReadOnly {
            assert_eq!(c.risk, RiskDirection::Neutral, "{}", c.id);
        }
        if c.risk == RiskDirection::Increases || c.risk == RiskDirection::Unknown {
            assert!(
                c.http.is_none_or(|h| h.method == "POST") && c.mcp.is_none(),
                "{}: an increase is an act, and on no surface of agents",
                c.id
            );
        }
        if let Some(m) = c.mcp {
            assert!(m.tool.starts_with("zero_get_") || m.tool.starts_with("zero_list_"), "{}", m.tool);
            assert_eq!(c.safety, Safety::ReadOnly, "{}: a read tool writes nothing", c.id);
        }
        if let Some(http) = c.http {
            let reads = c.safety == Safety::ReadOnly;
            let asks = http.method == "GET" || ASKS.contains(&c.id);
            assert_eq!(reads, asks, "{}: a GET writes nothing, a POST acts", c.id);
        }
    }
    for id in [
        "status",
        "positions",
        "risk",
        "decisions",
        "rejections",
        "journal.verify",
        "config.show",
        "keys.list",
    ] {
        assert_eq!(find(id).unwrap().safety, Safety::ReadOnly, "{id}");
    }
    for id in ["keys.rotate", "keys.revoke", "init", "journal.checkpoint"] {
        assert_eq!(find(id).unwrap().safety, Safety::WritesPartition, "{id}");
    }
    assert_eq!(find("run").unwrap().risk, RiskDirection::Increases);
}

#[test]
fn what_shows_a_running_state_says_how_old_it_may_be() {
    for c in TABLE.iter().filter(|c| c.http.is_some_and(|h| h.method == "GET")) {
        assert!(c.max_age_s.is_some(), "{}", c.id);
    }
}

#[test]
fn the_reference_has_every_command_and_alias() {
    let text = commands_markdown();
    let (text, exits) = text.split_once("\n## Exit codes").unwrap();
    for v in VERDICTS {
        let path = find(v.id).unwrap().command.unwrap().path.join(" ");
        assert!(exits.contains(&format!("| `zero {path}` | {} | {} |", v.code, v.when)), "{v:?}");
    }
    for c in TABLE.iter().filter_map(|c| c.command) {
        assert!(text.contains(&format!("`zero {}", c.path.join(" "))), "{:?}", c.path);
        assert!(c.aliases.iter().all(|a| text.contains(&format!("`{a}`"))), "{:?}", c.aliases);
    }
    // One row, one line: an unescaped bar would split it.
    let rows = text.lines().filter(|l| l.starts_with("| `zero")).count();
    assert_eq!(rows, COMMANDS.len());
    for l in text.lines().filter(|l| l.starts_with("| `zero")) {
        assert_eq!(l.replace("\\|", "").matches('|').count(), 6, "{l}");
    }
}

const IDS: &str = include_str!("fixtures/contract_packets.txt");
const ROUTES: &str = include_str!("fixtures/contract_routes.txt");

#[test]
fn every_packet_of_the_contract_has_a_producer_or_a_reason() {
    let want: Vec<&str> = IDS.lines().collect();
    let have: Vec<&str> = PACKETS.iter().map(|p| p.packet).collect();
    assert_eq!(have, want);
    for p in PACKETS {
        match p.producer {
            Producer::Row(id) => assert_eq!(find(id).unwrap().packet, p.packet, "{id}"),
            Producer::Part(id) => {
                let schema = serde_json::to_string(&(find(id).unwrap().schema)()).unwrap();
                assert!(schema.contains(&format!("\"const\":\"{}\"", p.packet)), "{id}: {}", p.packet);
            }
            Producer::Tool(name) => {
                assert_eq!(by_tool(name).unwrap().mcp.unwrap().packet, p.packet, "{name}");
            }
            Producer::NotOffered(reason) => {
                assert!(reason.len() > 10, "{}", p.packet);
                assert!(TABLE.iter().all(|c| c.packet != p.packet), "{} is made by a row", p.packet);
            }
        }
    }
}

#[test]
fn every_route_of_the_contract_is_a_row_or_says_why_not() {
    let row = |method: &str, path: &str| {
        TABLE.iter().filter_map(|c| c.http).filter(|h| h.method == method && h.path == path).count()
    };
    let refused = |method: &str, path: &str| {
        NOT_OFFERED.iter().filter(|n| n.method == method && n.path == path).count()
    };
    for line in ROUTES.lines() {
        let (method, path) = line.split_once(' ').unwrap();
        assert_eq!(row(method, path) + refused(method, path), 1, "{line}");
    }
    for n in NOT_OFFERED {
        assert!(ROUTES.lines().any(|l| l == format!("{} {}", n.method, n.path)), "{}", n.path);
    }
}

/// A packet whose hash covers its own body says so in its schema, serves that body, and is known to `zero hash`.
#[test]
fn every_packet_with_a_hash_of_its_own_body_serves_that_body() {
    use zero_packets::canonical::{SEALED, hash_field};
    let mut served = BTreeSet::new();
    for c in TABLE {
        let v = serde_json::to_value((c.schema)()).unwrap();
        let has = |name: &str| v["properties"][name].is_object();
        let Some(field) = hash_field(c.packet) else {
            assert!(!has("rebuild") && !c.is_sealed(), "{}: a hash that nobody can compute again", c.id);
            continue;
        };
        assert!(has(field) && has("rebuild"), "{}", c.id);
        if c.http.is_some() {
            assert!(c.is_sealed(), "{}", c.id);
            served.insert(c.packet);
        }
    }
    assert_eq!(served, SEALED.iter().map(|(id, _)| *id).collect());
}

#[test]
fn the_openapi_document_has_every_route_and_no_loose_reference() {
    let doc = openapi("0.0.0");
    for h in TABLE.iter().filter_map(|c| c.http) {
        let status = if h.stream == Some(Stream::Socket) { "101" } else { "200" };
        assert!(
            doc["paths"][h.path][h.method.to_ascii_lowercase()]["responses"][status].is_object(),
            "{}",
            h.path
        );
    }
    let text = doc.to_string();
    assert!(!text.contains("#/$defs/"));
    for part in text.split("\"#/components/schemas/").skip(1) {
        let name = part.split('"').next().unwrap();
        assert!(doc["components"]["schemas"][name].is_object(), "{name}");
    }
}

#[test]
fn the_openapi_document_promises_no_answer_that_a_route_cannot_give_and_hides_no_header() {
    let doc = openapi("0.0.0");
    let mut conflicts = Vec::new();
    for (path, item) in doc["paths"].as_object().unwrap() {
        for (method, op) in item.as_object().unwrap() {
            let responses = op["responses"].as_object().unwrap();
            let has = |status: &str| responses.contains_key(status);
            if has("409") {
                conflicts.push(format!("{method} {path}"));
            }
            assert!(method == "post" || !(has("408") || has("504")), "{method} {path}");
            assert!(responses["429"]["headers"]["Retry-After"].is_object(), "{method} {path}");
            let is_sealed = op["parameters"].as_array().unwrap().iter().any(|p| p["name"] == "canonical");
            assert_eq!(
                responses.get("200").is_some_and(|r| r["headers"]["x-zero-hash"].is_object()),
                is_sealed
            );
        }
    }
    assert_eq!(conflicts, ["post /execute"]);
    let socket = &doc["paths"]["/ws"]["get"]["responses"];
    assert!(socket["101"].is_object() && socket["200"].is_null());
    let scrape = &doc["paths"]["/metrics/prometheus"]["get"]["responses"]["200"]["content"];
    assert_eq!(scrape.as_object().unwrap().keys().collect::<Vec<_>>(), ["text/plain"]);
    let order = doc["paths"]["/execute"]["post"]["parameters"].as_array().unwrap();
    assert!(order.iter().any(|p| p["name"] == "X-Zero-Mode" && p["in"] == "header"));
    let limited = &doc["paths"]["/v1/intelligence/snapshots"]["get"]["responses"];
    for (status, count) in [("200", 4), ("429", 5)] {
        assert_eq!(limited[status]["headers"].as_object().unwrap().len(), count, "{status}");
    }
}
