//! Why something is not answered.

use serde_json::{Map, Value, json};

/// A refusal with a stable code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// `ZERO-MCP-nnn`, or the code of what failed beneath.
    pub code: String,
    /// What happened, cleaned of control characters.
    pub cause: String,
    /// Time to wait, where waiting helps.
    pub retry_after_ms: Option<u64>,
}

impl Trouble {
    pub(crate) fn new(code: &str, cause: impl AsRef<str>) -> Self {
        Self { code: code.into(), cause: crate::clean::text(cause.as_ref()), retry_after_ms: None }
    }

    pub(crate) fn unknown(what: &str, name: &str) -> Self {
        Self::new("ZERO-MCP-001", format!("there is no {what} {name:?}"))
    }

    pub(crate) fn arguments(why: impl AsRef<str>) -> Self {
        Self::new("ZERO-MCP-002", why)
    }

    pub(crate) fn missing(why: impl AsRef<str>) -> Self {
        Self::new("ZERO-MCP-007", why)
    }

    /// What to do, from the registry of codes.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        zero_packets::errors::find(&self.code).map_or("", |e| e.hint)
    }

    /// As agents see it.
    #[must_use]
    pub fn body(&self) -> Value {
        let mut m = Map::new();
        m.insert("code".into(), json!(self.code));
        m.insert("cause".into(), json!(self.cause));
        m.insert("hint".into(), json!(self.hint()));
        if let Some(ms) = self.retry_after_ms {
            m.insert("retry_after_ms".into(), json!(ms));
        }
        Value::Object(m)
    }

    /// Read back from another process's answer.
    pub(crate) fn of_body(v: &Value) -> Self {
        let text = |k: &str| v.get(k).and_then(Value::as_str);
        Self {
            code: text("code").map_or_else(|| "ZERO-MCP-006".into(), crate::clean::text),
            cause: crate::clean::text(text("cause").unwrap_or("the runtime refused")),
            retry_after_ms: v.get("retry_after_ms").and_then(Value::as_u64),
        }
    }
}

impl From<zero_runtime::runner::RunError> for Trouble {
    fn from(e: zero_runtime::runner::RunError) -> Self {
        let code =
            if matches!(e.code(), "ZERO-JRN-009" | "ZERO-RUN-006") { "ZERO-MCP-004" } else { "ZERO-MCP-008" };
        Self::new(code, format!("{}: {e}", e.code()))
    }
}
