//! A packet as lines of keys and values, for those that need no other picture.

use serde_json::Value;
use zero_packets::Packet;

/// Every field on a line of its own, the fields of an object below their name.
pub(crate) fn plain<P: Packet>(packet: &P) -> String {
    let mut out = String::new();
    if let Ok(value) = serde_json::to_value(packet) {
        lines(&value, 0, &mut out);
    }
    out
}

fn lines(value: &Value, depth: usize, out: &mut String) {
    let Value::Object(fields) = value else { return };
    for (key, v) in fields.iter().filter(|(k, _)| *k != "schema_version") {
        let indent = "  ".repeat(depth);
        match v {
            Value::Object(m) if !m.is_empty() => {
                out.push_str(&format!("{indent}{key}\n"));
                lines(v, depth + 1, out);
            }
            Value::Array(items) if items.iter().any(Value::is_object) => {
                out.push_str(&format!("{indent}{key}\n"));
                for item in items {
                    out.push_str(&format!("{indent}  {}\n", one_line(item)));
                }
            }
            _ => out.push_str(&format!("{indent}{key:<28}{}\n", one_line(v))),
        }
    }
}

fn one_line(value: &Value) -> String {
    match value {
        Value::Null => "-".into(),
        Value::String(s) => s.clone(),
        Value::Array(a) if a.is_empty() => "none".into(),
        Value::Array(a) => a.iter().map(one_line).collect::<Vec<_>>().join(", "),
        Value::Object(m) if m.is_empty() => "none".into(),
        Value::Object(m) => {
            let pair = |(k, v): (&String, &Value)| format!("{k}: {}", one_line(v));
            m.iter().filter(|(k, _)| *k != "schema_version").map(pair).collect::<Vec<_>>().join("; ")
        }
        other => other.to_string(),
    }
}
