//! The self-check: the server is spoken to over its own protocol, in both eras, and everything it lists is asked for.

use crate::backend::Backend;
use crate::catalog;
use crate::remote::refusal;
use crate::schema;
use crate::server::Agents;
use rmcp::service::ServiceExt as _;
use serde_json::{Value, json};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, ReadHalf, WriteHalf};
use zero_packets::mcp::McpCheck;
use zero_runtime::clock::Clock;

/// Time for one answer.
const WITHIN: Duration = Duration::from_secs(30);
/// Bytes that may be under way.
const PIPE: usize = 1 << 20;
/// Code of a run that is not there: a tool that says so has answered, and not by its schema.
const NOTHING: &str = "ZERO-MCP-004";

/// Asks for everything, once in each era.
///
/// # Errors
/// The system's, where no runtime can be had.
pub fn check(backend: &Arc<dyn Backend>, clock: &Arc<dyn Clock>) -> io::Result<McpCheck> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut out = McpCheck {
        schema_version: Default::default(),
        ok: false,
        read_from: "none".into(),
        tools: 0,
        resources: 0,
        templates: 0,
        prompts: 0,
        tools_digest: catalog::tools_digest().to_string(),
        unchecked: Vec::new(),
        problems: Vec::new(),
    };
    for modern in [false, true] {
        let (ours, theirs) = tokio::io::duplex(PIPE);
        let agents = Agents::new(Arc::clone(backend), Arc::clone(clock));
        runtime.block_on(async {
            let server = tokio::spawn(async move {
                if let Ok(running) = agents.serve(theirs).await {
                    let _ = running.waiting().await;
                }
            });
            let (read, write) = tokio::io::split(ours);
            let mut peer = Peer { read: BufReader::new(read), write, id: 0, modern };
            if let Err(e) = everything(&mut peer, &mut out).await {
                out.problems.push(e);
            }
            drop(peer);
            let _ = tokio::time::timeout(WITHIN, server).await;
        });
    }
    out.unchecked.sort_unstable();
    out.unchecked.dedup();
    out.ok = out.problems.is_empty();
    Ok(out)
}

struct Peer {
    read: BufReader<ReadHalf<DuplexStream>>,
    write: WriteHalf<DuplexStream>,
    id: u64,
    modern: bool,
}

impl Peer {
    async fn send(&mut self, mut message: Value) -> Result<(), String> {
        if self.modern
            && let Some(p) = message.get_mut("params").and_then(Value::as_object_mut)
        {
            p.insert(
                "_meta".into(),
                json!({ "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                        "io.modelcontextprotocol/clientCapabilities": {},
                        "io.modelcontextprotocol/clientInfo": { "name": "zero-check", "version": "1" } }),
            );
        }
        let line = format!("{message}\n");
        self.write.write_all(line.as_bytes()).await.map_err(|e| e.to_string())
    }

    async fn ask(&mut self, method: &str, params: Value) -> Result<Value, String> {
        self.id += 1;
        self.send(json!({ "jsonrpc": "2.0", "id": self.id, "method": method, "params": params })).await?;
        loop {
            let mut line = String::new();
            let read = tokio::time::timeout(WITHIN, self.read.read_line(&mut line)).await;
            match read {
                Ok(Ok(n)) if n > 0 => {}
                _ => return Err(format!("{method}: no answer")),
            }
            let v: Value = serde_json::from_str(&line).map_err(|e| format!("{method}: {e}"))?;
            if v.get("id").and_then(Value::as_u64) == Some(self.id) {
                return Ok(v);
            }
        }
    }
}

async fn everything(peer: &mut Peer, out: &mut McpCheck) -> Result<(), String> {
    if peer.modern {
        peer.ask("server/discover", json!({})).await?;
    } else {
        let hello = json!({ "protocolVersion": "2025-11-25", "capabilities": {},
                            "clientInfo": { "name": "zero-check", "version": "1" } });
        peer.ask("initialize", hello).await?;
        peer.send(json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await?;
    }
    let era = if peer.modern { "2026-07-28" } else { "2025-11-25" };
    let (mut tools, mut resources, mut prompts) = (0, 0, 0);
    for t in listed(peer, "tools/list", "tools").await? {
        let name = text(&t, "name");
        let a = peer.ask("tools/call", json!({ "name": name, "arguments": {} })).await?;
        tools += 1;
        match tool_verdict(&t, &a, &mut out.read_from) {
            Verdict::Fits => {}
            Verdict::Unchecked => out.unchecked.push(name),
            Verdict::Problem(why) => out.problems.push(format!("{era}: {name}: {why}")),
        }
    }
    for r in listed(peer, "resources/list", "resources").await? {
        let uri = text(&r, "uri");
        let a = peer.ask("resources/read", json!({ "uri": uri })).await?;
        resources += 1;
        let has_text =
            a.pointer("/result/contents/0/text").and_then(Value::as_str).is_some_and(|t| !t.is_empty());
        let says_so = a.pointer("/error/data/code").and_then(Value::as_str) == Some(NOTHING);
        if says_so {
            out.unchecked.push(uri);
        } else if !has_text {
            out.problems.push(format!("{era}: {uri}: {}", error(&a)));
        }
    }
    let templates = listed(peer, "resources/templates/list", "resourceTemplates").await?.len() as u32;
    for p in listed(peer, "prompts/list", "prompts").await? {
        let name = text(&p, "name");
        let mut given = serde_json::Map::new();
        for a in p.get("arguments").and_then(Value::as_array).into_iter().flatten() {
            // Digits that fit wherever an argument has a form.
            given.insert(text(a, "name"), json!("00000000"));
        }
        let a = peer.ask("prompts/get", json!({ "name": name, "arguments": given })).await?;
        prompts += 1;
        if a.pointer("/result/messages/0").is_none() {
            out.problems.push(format!("{era}: prompt {name}: {}", error(&a)));
        }
    }
    for (what, seen, want) in [
        ("tools", tools, catalog::tools().len()),
        ("resources", resources, catalog::resources().count()),
        ("prompts", prompts, crate::prompts::PROMPTS.len()),
    ] {
        if seen as usize != want {
            out.problems.push(format!("{era}: {seen} of {want} {what} are listed"));
        }
    }
    (out.tools, out.resources, out.templates, out.prompts) = (tools, resources, templates, prompts);
    Ok(())
}

async fn listed(peer: &mut Peer, method: &str, key: &str) -> Result<Vec<Value>, String> {
    let a = peer.ask(method, json!({})).await?;
    let items = a.pointer(&format!("/result/{key}")).and_then(Value::as_array).cloned();
    items.ok_or_else(|| format!("{method}: {}", error(&a)))
}

enum Verdict {
    Fits,
    /// There is no run whose answer could be held against the schema.
    Unchecked,
    Problem(String),
}

fn tool_verdict(t: &Value, a: &Value, read_from: &mut String) -> Verdict {
    let Some(result) = a.get("result") else { return Verdict::Problem(error(a)) };
    if result.get("isError").and_then(Value::as_bool) == Some(true) {
        if result.get("structuredContent").is_some() {
            return Verdict::Problem("a refusal is structured and does not fit the schema".into());
        }
        let why = refusal(result);
        let is_nothing = why.get("code").and_then(Value::as_str) == Some(NOTHING);
        return if is_nothing { Verdict::Unchecked } else { Verdict::Problem(why.to_string()) };
    }
    let body = result.get("structuredContent").cloned().unwrap_or_default();
    if body.pointer("/provenance/journal_seq").is_some_and(|s| !s.is_null())
        && let Some(from) = body.pointer("/provenance/read_from").and_then(Value::as_str)
    {
        // One answer from the runtime says that it is reached; folded parts come from the journal all the same.
        if read_from != "runtime" {
            *read_from = from.to_owned();
        }
    }
    let Some(schema) = t.get("outputSchema").and_then(Value::as_object) else {
        return Verdict::Problem("it has no output schema".into());
    };
    schema::fits(schema, &body).err().map_or(Verdict::Fits, Verdict::Problem)
}

fn text(v: &Value, key: &str) -> String {
    v.get(key).and_then(Value::as_str).unwrap_or("").to_owned()
}

fn error(v: &Value) -> String {
    v.get("error").map_or_else(|| "nothing came".into(), ToString::to_string)
}
