//! The running runtime, asked at its loopback address: the one connection that the process for agents opens.

use crate::trouble::Trouble;
use serde_json::{Map, Value, json};
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;
use zero_runtime::project::holder;

/// File beside the journal in which a serving loop leaves its address.
pub const ADDRESS_FILE: &str = "http";
/// Longest answer, bytes.
const ANSWER_MAX: u64 = 16 << 20;
/// Time for each step of a call.
const WITHIN: Duration = Duration::from_secs(10);
/// Protocol of the calls: without sessions, one request each.
const PROTOCOL: &str = "2026-07-28";

/// A runtime.
#[derive(Clone, PartialEq, Eq)]
pub struct Remote {
    address: SocketAddr,
    token: Option<String>,
}

impl std::fmt::Debug for Remote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Remote").field("address", &self.address).finish_non_exhaustive()
    }
}

/// What a loop writes into the address file: its port at a loopback address.
#[must_use]
pub fn address_text(listening: SocketAddr) -> String {
    let ip = if listening.ip().is_loopback() { listening.ip() } else { IpAddr::V4(Ipv4Addr::LOCALHOST) };
    format!("{}\n", SocketAddr::new(ip, listening.port()))
}

impl Remote {
    /// The runtime that writes this journal and serves. An address that its writer left behind does not count, nor one
    /// beyond loopback: a token is sent nowhere else.
    #[must_use]
    pub fn of_journal(dir: &Path, token: Option<String>) -> Option<Self> {
        holder(dir)?;
        let text = fs::read_to_string(dir.join(ADDRESS_FILE)).ok()?;
        let address: SocketAddr = text.trim().parse().ok()?;
        address.ip().is_loopback().then_some(Self { address, token })
    }

    pub(crate) fn tool(&self, name: &str, arguments: Option<&Map<String, Value>>) -> Result<Value, Trouble> {
        let params = json!({ "name": name, "arguments": arguments.cloned().unwrap_or_default() });
        let result = self.call("tools/call", Some(name), params)?;
        if result.get("isError").and_then(Value::as_bool) == Some(true) {
            return Err(Trouble::of_body(&refusal(&result)));
        }
        Ok(result.get("structuredContent").cloned().unwrap_or_default())
    }

    pub(crate) fn resource(&self, uri: &str) -> Result<Value, Trouble> {
        let result = self.call("resources/read", Some(uri), json!({ "uri": uri }))?;
        let text = result.pointer("/contents/0/text").and_then(Value::as_str).unwrap_or("");
        serde_json::from_str(text).map_err(|e| lost(format!("the runtime sent no JSON: {e}")))
    }

    pub(crate) fn complete(&self, argument: &str, typed: &str) -> Result<Vec<String>, Trouble> {
        let uri = "zero://decision/stack/{coin}";
        // The reference tells nothing beyond the argument's name, which means the same wherever it stands.
        let params = json!({ "ref": { "type": "ref/resource", "uri": uri },
                             "argument": { "name": argument, "value": typed } });
        let result = self.call("completion/complete", None, params)?;
        let values = result.pointer("/completion/values").and_then(Value::as_array);
        Ok(values.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect())
    }

    fn call(&self, method: &str, name: Option<&str>, mut params: Value) -> Result<Value, Trouble> {
        if name.is_some_and(|n| n.len() > 512 || !n.bytes().all(|b| b.is_ascii_graphic())) {
            return Err(Trouble::unknown("tool or resource", name.unwrap_or("")));
        }
        if let Some(p) = params.as_object_mut() {
            let info = json!({ "name": "zero-mcp", "version": env!("CARGO_PKG_VERSION") });
            p.insert(
                "_meta".into(),
                json!({ "io.modelcontextprotocol/protocolVersion": PROTOCOL,
                        "io.modelcontextprotocol/clientCapabilities": {}, "io.modelcontextprotocol/clientInfo": info }),
            );
        }
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        let mut head = format!(
            "POST /mcp HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
             Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: {PROTOCOL}\r\nMcp-Method: {method}\r\n\
             Content-Length: {}\r\nConnection: close\r\n",
            self.address,
            body.len()
        );
        if let Some(name) = name {
            head.push_str(&format!("Mcp-Name: {name}\r\n"));
        }
        if let Some(token) = &self.token {
            head.push_str(&format!("Authorization: Bearer {token}\r\n"));
        }
        let answer = self
            .exchange(&format!("{head}\r\n{body}"))
            .map_err(|e| lost(format!("a loop runs and does not answer at {}: {e}", self.address)))?;
        read_answer(&answer)
    }

    fn exchange(&self, request: &str) -> std::io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect_timeout(&self.address, WITHIN)?;
        stream.set_read_timeout(Some(WITHIN))?;
        stream.set_write_timeout(Some(WITHIN))?;
        stream.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        stream.take(ANSWER_MAX).read_to_end(&mut answer)?;
        Ok(answer)
    }
}

/// What a tool that refused says: JSON in its text.
pub(crate) fn refusal(result: &Value) -> Value {
    let text = result.pointer("/content/0/text").and_then(Value::as_str).unwrap_or("");
    serde_json::from_str(text).unwrap_or_default()
}

fn lost(why: impl AsRef<str>) -> Trouble {
    Trouble::new("ZERO-MCP-006", why)
}

/// The result in an HTTP answer, or the refusal that it carries.
fn read_answer(bytes: &[u8]) -> Result<Value, Trouble> {
    let cut =
        bytes.windows(4).position(|w| w == b"\r\n\r\n").ok_or_else(|| lost("the runtime sent no answer"))?;
    let (head, body) = bytes.split_at(cut);
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let body = body.get(4..).unwrap_or_default();
    let body = if head.contains("transfer-encoding: chunked") { unchunked(body) } else { body.to_vec() };
    let text = String::from_utf8_lossy(&body);
    // A stream of events ends with the answer.
    let text = if head.contains("content-type: text/event-stream") {
        let last = text.lines().rev().find_map(|l| l.strip_prefix("data:").filter(|d| !d.trim().is_empty()));
        last.unwrap_or("").to_owned()
    } else {
        text.into_owned()
    };
    let v: Value = serde_json::from_str(&text).map_err(|_| {
        lost(format!("the runtime answered with {}", head.lines().next().unwrap_or("nothing")))
    })?;
    if let Some(result) = v.get("result") {
        return Ok(result.clone());
    }
    match v.get("error") {
        Some(e) => Err(e.get("data").filter(|d| d.get("code").is_some()).map_or_else(
            || lost(e.get("message").and_then(Value::as_str).unwrap_or("the runtime refused")),
            Trouble::of_body,
        )),
        // The guard's refusal has the shape of every error over HTTP.
        None => Err(Trouble::of_body(&v)),
    }
}

fn unchunked(mut rest: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    while let Some(end) = rest.windows(2).position(|w| w == b"\r\n") {
        let (line, after) = rest.split_at(end);
        let size = std::str::from_utf8(line)
            .ok()
            .and_then(|l| usize::from_str_radix(l.split(';').next()?.trim(), 16).ok());
        let (Some(size), Some(after)) = (size.filter(|s| *s > 0), after.get(2..)) else { break };
        out.extend(after.get(..size).unwrap_or(after));
        rest = after.get(size + 2..).unwrap_or_default();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_whole_in_pieces_and_as_events() {
        let plain = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"result\":1}";
        assert_eq!(read_answer(plain).unwrap(), json!(1));
        let pieces =
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"res\r\n7\r\nult\":2}\r\n0\r\n\r\n";
        assert_eq!(read_answer(pieces).unwrap(), json!(2));
        let events =
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata:\n\ndata: {\"result\":3}\n\n";
        assert_eq!(read_answer(events).unwrap(), json!(3));
    }

    #[test]
    fn a_refusal_keeps_its_code_and_noise_is_a_lost_runtime() {
        let guard = b"HTTP/1.1 401 Unauthorized\r\n\r\n{\"code\":\"ZERO-API-005\",\"cause\":\"no token\"}";
        assert_eq!(read_answer(guard).unwrap_err().code, "ZERO-API-005");
        for noise in [&b""[..], b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n<html>", b"\r\n\r\n"] {
            assert_eq!(read_answer(noise).unwrap_err().code, "ZERO-MCP-006");
        }
    }

    #[test]
    fn an_address_that_nobody_holds_or_that_is_not_loopback_is_not_asked() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(ADDRESS_FILE), "127.0.0.1:9\n").unwrap();
        assert_eq!(Remote::of_journal(dir.path(), None), None, "nobody holds the lock");
        let _lock =
            zero_journal::Disk::lock(&zero_journal::RealDisk, &dir.path().join("LOCK"), "pid 1").unwrap();
        assert!(Remote::of_journal(dir.path(), None).is_some());
        fs::write(dir.path().join(ADDRESS_FILE), "192.0.2.1:80\n").unwrap();
        assert_eq!(Remote::of_journal(dir.path(), None), None);
        assert_eq!(address_text("0.0.0.0:81".parse().unwrap()), "127.0.0.1:81\n");
    }
}
