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
                    out.push_str(&format!("{indent}  "));
                    one_line(item, out);
                    out.push('\n');
                }
            }
            _ => {
                out.push_str(&format!("{indent}{key:<28}"));
                one_line(v, out);
                out.push('\n');
            }
        }
    }
}

fn one_line(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push('-'),
        Value::String(s) => out.push_str(s),
        Value::Array(a) if a.is_empty() => out.push_str("none"),
        Value::Array(a) => {
            for (i, v) in a.iter().enumerate() {
                out.push_str(if i > 0 { ", " } else { "" });
                one_line(v, out);
            }
        }
        Value::Object(m) if m.is_empty() => out.push_str("none"),
        Value::Object(m) => {
            for (i, (k, v)) in m.iter().filter(|(k, _)| *k != "schema_version").enumerate() {
                out.push_str(if i > 0 { "; " } else { "" });
                out.push_str(k);
                out.push_str(": ");
                one_line(v, out);
            }
        }
        other => out.push_str(&other.to_string()),
    }
}
