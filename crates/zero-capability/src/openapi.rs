//! OpenAPI 3.1, from the table and the packets' schemas.

use crate::contract::NOT_OFFERED;
use crate::row::{Capability, Http, Query, QueryKind, RiskDirection, Safety, Stream};
use crate::table::TABLE;
use serde_json::{Map, Value, json};
use zero_packets::{ErrorPacket, Packet as _};

/// Text without control characters.
const PLAIN: &str = r"^[^\u0000-\u001f\u007f-\u009f]*$";

/// Headers that say how much of a limit is left, on what is counted.
const LIMIT_HEADERS: [(&str, &str, &str); 4] = [
    ("x-zero-ratelimit-limit", "integer", "Readings of a window."),
    ("x-zero-ratelimit-remaining", "integer", "Readings that are left of this one."),
    ("x-zero-ratelimit-reset", "integer", "When the next one begins, Unix time in seconds."),
    ("x-zero-ratelimit-policy", "string", "The policy's name."),
];

/// Refusals of whatever is asked.
const ERRORS: &[(&str, &str)] = &[
    ("400", "A parameter of the query is wrong."),
    ("401", "A token is needed."),
    ("403", "Host or Origin is foreign, or the token may not do this."),
    ("404", "There is nothing of that name."),
    ("413", "The body is too large."),
    ("415", "The body is not JSON."),
    ("429", "Requests come too fast."),
    ("500", "The answer could not be rendered."),
    ("503", "The loop is not ready, or the server is full."),
];

/// The document.
#[must_use]
pub fn openapi(version: &str) -> Value {
    let mut schemas = Map::new();
    let mut paths = Map::new();
    put_schema(&mut schemas, ErrorPacket::ID, ErrorPacket::schema().to_value());
    for c in TABLE {
        let Some(http) = c.http else { continue };
        put_schema(&mut schemas, c.packet, (c.schema)().to_value());
        let item = paths.entry(http.path).or_insert_with(|| json!({}));
        item[http.method.to_ascii_lowercase()] = operation(c, http);
    }
    paths.insert("/metrics/prometheus".into(), json!({ "get": scrape() }));
    for route in NOT_OFFERED {
        let item = paths.entry(route.path).or_insert_with(|| json!({}));
        item[route.method.to_ascii_lowercase()] = refused(route.method, route.path, route.reason);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "ZERO",
            "version": version,
            "description": "What a running loop shows. Every answer is a projection of state that is already durable; an age in it may be up to 20 ms too small, or as many ms as `x-zero-reuse-ms` says, where that is more.",
            "license": { "name": "MIT OR Apache-2.0" }
        },
        "servers": [{ "url": "http://127.0.0.1:8765" }],
        "security": [{}, { "bearer": [] }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": { "bearer": { "type": "http", "scheme": "bearer" } }
        }
    })
}

/// A packet's schema with its definitions lifted out, each under the packet's name.
fn put_schema(schemas: &mut Map<String, Value>, packet: &str, mut schema: Value) {
    if schemas.contains_key(packet) {
        return;
    }
    let defs = schema.as_object_mut().and_then(|o| {
        o.remove("$schema");
        o.remove("$defs")
    });
    relink(&mut schema, packet);
    schemas.insert(packet.to_owned(), schema);
    if let Some(Value::Object(defs)) = defs {
        for (name, mut def) in defs {
            relink(&mut def, packet);
            schemas.insert(format!("{packet}.{name}"), def);
        }
    }
}

fn relink(v: &mut Value, packet: &str) {
    match v {
        Value::Object(o) => {
            if let Some(Value::String(r)) = o.get_mut("$ref")
                && let Some(name) = r.strip_prefix("#/$defs/")
            {
                *r = format!("#/components/schemas/{packet}.{name}");
            }
            o.values_mut().for_each(|v| relink(v, packet));
        }
        Value::Array(a) => a.iter_mut().for_each(|v| relink(v, packet)),
        _ => {}
    }
}

fn content(packet: &str) -> Value {
    json!({ "application/json": { "schema": { "$ref": format!("#/components/schemas/{packet}") } } })
}

fn operation(c: &Capability, http: Http) -> Value {
    let mut ok = content(c.packet);
    if c.id == "metrics" {
        ok["text/plain"] = json!({ "schema": { "type": "string" } });
    }
    if c.is_sealed() {
        ok["application/cbor"] = json!({ "schema": { "type": "string", "format": "binary" } });
    }
    let mut responses = errors();
    if http.method == "POST" {
        put_error(&mut responses, "408", "The body did not come in time.");
        if c.safety != Safety::ReadOnly {
            put_error(&mut responses, "504", "The loop did not answer in time.");
        }
    }
    if c.id == "execute" {
        put_error(&mut responses, "409", "The idempotency key belongs to another order.");
    }
    match c.http.and_then(|h| h.stream) {
        Some(Stream::Events) => {
            let text = json!({ "type": "string", "description": "Events named `snapshot` and `delta`; the data of each is a packet." });
            ok = json!({ "text/event-stream": { "schema": text } });
        }
        Some(Stream::Socket) => {
            let frames = format!("Frames of text follow, each a `{}`.", c.packet);
            let frame = json!({ "$ref": format!("#/components/schemas/{}", c.packet) });
            responses.insert("101".into(), json!({ "description": frames, "x-zero-frames": frame }));
        }
        None => {}
    }
    if http.stream != Some(Stream::Socket) {
        responses.insert("200".into(), json!({ "description": c.summary, "content": ok }));
    }
    if c.is_sealed() {
        let hash = json!({ "x-zero-hash": {
            "description": "Where the canonical form was asked for: the hash of the body's bytes.",
            "schema": { "type": "string", "pattern": "^sha256:[0-9a-f]{64}$" }
        } });
        put_headers(&mut responses, "200", hash);
    }
    if c.id == "intelligence.snapshots" {
        put_headers(&mut responses, "200", limits(true));
        put_headers(&mut responses, "429", limits(false));
    }
    if c.id == "readyz" {
        responses
            .insert("503".into(), json!({ "description": "A check fails.", "content": content(c.packet) }));
    }
    let in_path = in_path(http.path).into_iter().map(|n| {
        json!({ "name": n, "in": "path", "required": true, "description": "A coin of the run.", "schema": coin() })
    });
    let approval = (c.risk == RiskDirection::Increases).then(approval);
    let mode = (c.id == "execute").then(mode);
    let parameters = in_path.chain(http.query.iter().map(parameter)).chain(approval).chain(mode);
    let mut out = json!({
        "operationId": c.id,
        "summary": c.summary,
        "parameters": parameters.collect::<Vec<_>>(),
        "responses": responses,
        "x-zero-stream": c.http.and_then(|h| h.stream).is_some(),
        "x-zero-safety": c.safety.name(),
        "x-zero-risk": c.risk.name(),
        "x-zero-max-age-s": c.max_age_s,
        "x-zero-reuse-ms": c.reuse.as_millis() as u64,
    });
    if c.http.is_some_and(|h| h.method == "POST") {
        let schema = act(c.id);
        // Where nothing must be said, nothing need be sent.
        let required = schema["required"].as_array().is_some_and(|names| !names.is_empty());
        out["requestBody"] =
            json!({ "required": required, "content": { "application/json": { "schema": schema } } });
        if c.safety != Safety::ReadOnly {
            out["security"] = json!([{ "bearer": [] }]);
        }
    }
    out
}

/// What a live-capable runtime wants before an increase of risk.
fn approval() -> Value {
    json!({
        "name": "X-Zero-Approval",
        "in": "header",
        "required": false,
        "description": "What `zero approve` printed for this request; a live-capable runtime wants it.",
        "schema": { "type": "string", "pattern": "^([0-9a-f]{2})+$", "maxLength": 4096 },
    })
}

/// Which runtime an order is for.
fn mode() -> Value {
    json!({
        "name": "X-Zero-Mode",
        "in": "header",
        "required": false,
        "description": "`live` asks for a live executor, which this runtime has none of: such an order is answered and not accepted.",
        "schema": { "type": "string", "enum": ["paper", "live"], "default": "paper" },
    })
}

/// The metrics as text alone, for a scraper that asks for no media type.
fn scrape() -> Value {
    let mut responses = errors();
    let text = json!({ "text/plain": { "schema": { "type": "string" } } });
    let summary = "Show the runtime's counters in the text format of Prometheus.";
    responses.insert("200".into(), json!({ "description": summary, "content": text }));
    json!({
        "operationId": "metrics.prometheus",
        "summary": summary,
        "parameters": [],
        "responses": responses,
        "x-zero-stream": false,
        "x-zero-safety": Safety::ReadOnly.name(),
        "x-zero-risk": RiskDirection::Neutral.name(),
    })
}

/// Members that the body of a row's POST may have, as its schema says; `None` where it may have any.
#[must_use]
pub fn body_members(id: &str) -> Option<Vec<String>> {
    let schema = act(id);
    let closed = schema["additionalProperties"] == json!(false);
    closed.then(|| {
        schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect()
    })
}

/// What an act takes.
fn act(id: &str) -> Value {
    let text =
        |doc: &str| json!({ "type": "string", "maxLength": 200, "pattern": PLAIN, "description": doc });
    let mut schema = json!({
        "type": "object",
        "properties": { "reason": text("Why; recorded with the act.") },
    });
    match id {
        "auto.toggle" => {
            schema["properties"]["enabled"] = json!({ "type": "boolean", "description": "On or off." });
            schema["required"] = json!(["enabled"]);
        }
        "execute" => {
            let number = |doc: &str| json!({ "type": "number", "exclusiveMinimum": 0, "description": doc });
            let own = json!({
                "coin": coin(),
                "side": { "type": "string", "enum": ["buy", "sell"], "description": "Which way." },
                "size": number("In coins, on the venue's grid; read digit for digit."),
                "price": number("It must not be worse than this; without one, whatever the market's next price is."),
                "reduce_only": { "type": "boolean", "description": "Taken only if it reduces; what an agent sends always is." },
                "idempotency_key": { "type": "string", "pattern": "^[!-~]{1,128}$", "description": "The order is made once per key; a key is kept for a day, of the latest 4096." },
            });
            for (name, field) in own.as_object().into_iter().flatten() {
                schema["properties"][name] = field.clone();
            }
            schema["required"] = json!(["coin", "side", "size"]);
        }
        "operator.events" => {
            let one = json!({
                "type": "object",
                "properties": {
                    "action": text("confirm, break, rest, focus, override, follow, acknowledge, command or heartbeat."),
                    "subject": text("On what: a phrase, minutes, a verdict, an alert's key, a direction and a name."),
                    "reason": text("Why."),
                }
            });
            schema["properties"]["events"] = json!({ "type": "array", "items": one, "maxItems": 64 });
        }
        "network.publish" | "intelligence.export" => {
            schema["properties"] = json!({
                "consent": { "type": "boolean", "description": "Consent of the operator, without which nothing is told." }
            });
            if id == "network.publish" {
                for name in ["handle", "display_name"] {
                    schema["properties"][name] = text("Taken and not used: the name is the operator's id.");
                }
            }
        }
        "network.ingest" => {
            let profile = json!({ "type": "object", "description": "A `zero.network.profile.v1`." });
            schema["properties"] = json!({
                "profile": profile,
                "profiles": { "type": "array", "items": profile, "maxItems": 64 }
            });
            schema["not"] = json!({ "required": ["profile", "profiles"] });
        }
        // Nothing about a reason holds up a reduction.
        "live.pause" | "live.kill" | "live.flatten" => {
            schema["properties"]["reason"] = json!({
                "description": "Why: of a text the first 200 characters that are none of control are recorded with the act."
            });
        }
        _ => {}
    }
    // An event may carry more than is read.
    if id != "operator.events" {
        schema["additionalProperties"] = json!(false);
    }
    schema
}

fn errors() -> Map<String, Value> {
    let mut out = Map::new();
    ERRORS.iter().for_each(|(status, words)| put_error(&mut out, status, words));
    let header = |kind: &str, words: &str| json!({ "description": words, "schema": { "type": kind } });
    for status in ["429", "503"] {
        let wait = header("integer", "Seconds to wait, where waiting helps.");
        put_headers(&mut out, status, json!({ "Retry-After": wait }));
    }
    put_headers(&mut out, "401", json!({ "WWW-Authenticate": header("string", "`Bearer`.") }));
    out
}

fn put_error(responses: &mut Map<String, Value>, status: &str, words: &str) {
    let refusal = json!({ "description": words, "content": content(ErrorPacket::ID) });
    responses.insert(status.into(), refusal);
}

fn put_headers(responses: &mut Map<String, Value>, status: &str, more: Value) {
    let Some(Value::Object(response)) = responses.get_mut(status) else { return };
    let have = response.entry("headers").or_insert_with(|| json!({}));
    if let (Value::Object(have), Value::Object(more)) = (have, more) {
        have.extend(more);
    }
}

fn limits(required: bool) -> Value {
    let one = |(name, kind, words): &(&str, &str, &str)| {
        let header = json!({ "description": words, "required": required, "schema": { "type": kind } });
        ((*name).to_owned(), header)
    };
    Value::Object(LIMIT_HEADERS.iter().map(one).collect())
}

/// Names in braces.
fn in_path(path: &str) -> Vec<&str> {
    path.split('/').filter_map(|s| s.strip_prefix('{')?.strip_suffix('}')).collect()
}

fn coin() -> Value {
    json!({ "type": "string", "pattern": "^[A-Za-z0-9@:/_-]{1,32}$" })
}

fn parameter(q: &Query) -> Value {
    let coin = coin();
    let (required, schema) = match q.kind {
        QueryKind::Coin { required } => (required, coin),
        QueryKind::Coins => (false, json!({ "type": "array", "items": coin, "maxItems": 16 })),
        QueryKind::Count { default, max } => {
            (false, json!({ "type": "integer", "minimum": 1, "maximum": max, "default": default }))
        }
        QueryKind::Choice(words) => (false, json!({ "type": "string", "enum": words })),
    };
    json!({ "name": q.name, "in": "query", "required": required, "description": q.doc, "schema": schema })
}

fn refused(method: &str, path: &str, reason: &str) -> Value {
    let parameters: Vec<Value> = in_path(path)
        .into_iter()
        .map(|n| json!({ "name": n, "in": "path", "required": true, "schema": { "type": "string", "minLength": 1 } }))
        .collect();
    let id: String = path.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let mut out = json!({
        "operationId": format!("not_offered.{}{id}", method.to_ascii_lowercase()),
        "summary": format!("Not offered here: {reason}."),
        "parameters": parameters,
        "responses": errors(),
        "x-zero-offered": false,
    });
    if method == "POST" {
        out["requestBody"] = json!({ "required": true, "content": { "application/json": { "schema": { "type": "object" } } } });
    }
    out
}
