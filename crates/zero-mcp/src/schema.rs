//! JSON Schemas of arguments and answers, and whether a value fits one.

use schemars::Schema;
use serde_json::{Map, Value, json};

/// Deepest nesting that is looked into.
const DEPTH_MAX: usize = 64;

/// The input schema of a tool that takes nothing.
#[must_use]
pub(crate) fn nothing() -> Map<String, Value> {
    object(json!({ "type": "object", "properties": {}, "additionalProperties": false }))
}

/// A packet's schema as agents get it: formats of numbers are taken out, since clients know none of them.
#[must_use]
pub(crate) fn published(schema: &Schema) -> Map<String, Value> {
    let mut v = serde_json::to_value(schema).unwrap_or_default();
    plain(&mut v);
    object(v)
}

fn object(v: Value) -> Map<String, Value> {
    if let Value::Object(m) = v { m } else { Map::new() }
}

/// Also spells what some clients cannot read: `true` in the place of a schema, and a list of types.
fn plain(v: &mut Value) {
    match v {
        Value::Object(m) => {
            let numeric =
                |f: &str| f.starts_with("uint") || f.starts_with("int") || f == "float" || f == "double";
            if m.get("format").and_then(Value::as_str).is_some_and(numeric) {
                m.remove("format");
            }
            let types = m.get("type").and_then(Value::as_array).cloned();
            if let Some(types) = types.filter(|_| !m.contains_key("anyOf")) {
                m.remove("type");
                let each: Vec<Value> = types.iter().map(|t| json!({ "type": t })).collect();
                m.insert("anyOf".into(), Value::from(each));
            }
            if let Some(items) = m.get_mut("items").filter(|i| **i == Value::Bool(true)) {
                *items = json!({ "type": ["object", "array", "string", "number", "boolean", "null"] });
            }
            m.values_mut().for_each(plain);
        }
        Value::Array(a) => a.iter_mut().for_each(plain),
        _ => {}
    }
}

/// The first thing that does not fit, with its place.
///
/// # Errors
/// That thing.
pub fn fits(schema: &Map<String, Value>, v: &Value) -> Result<(), String> {
    check(&Value::Object(schema.clone()), schema, v, "", 0)
}

fn check(s: &Value, root: &Map<String, Value>, v: &Value, at: &str, depth: usize) -> Result<(), String> {
    if depth > DEPTH_MAX {
        return Err(format!("{at} is nested too deeply"));
    }
    let s = match s {
        Value::Bool(true) => return Ok(()),
        Value::Object(m) => m,
        _ => return Err(format!("{at} may not be there")),
    };
    let go = |s: &Value, v: &Value, at: &str| check(s, root, v, at, depth + 1);
    if let Some(name) = s.get("$ref").and_then(Value::as_str) {
        let found = name.strip_prefix("#/$defs/").and_then(|n| root.get("$defs")?.get(n));
        go(found.ok_or_else(|| format!("the schema has no {name}"))?, v, at)?;
    }
    if let Some(t) = s.get("type") {
        let wanted = |t: &Value| t.as_str().is_some_and(|t| is_of(t, v));
        if !t.as_array().map_or_else(|| wanted(t), |all| all.iter().any(wanted)) {
            return Err(format!("{at} is not of type {t}"));
        }
    }
    if s.get("const").is_some_and(|c| c != v)
        || s.get("enum").and_then(Value::as_array).is_some_and(|e| !e.contains(v))
    {
        return Err(format!("{at} is not one of the values that it may have"));
    }
    if let (Some(min), Some(n)) = (s.get("minimum").and_then(Value::as_f64), v.as_f64())
        && n < min
    {
        return Err(format!("{at} is below {min}"));
    }
    if let (Some(max), Some(n)) = (s.get("maximum").and_then(Value::as_f64), v.as_f64())
        && n > max
    {
        return Err(format!("{at} is above {max}"));
    }
    for part in s.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        go(part, v, at)?;
    }
    if let Some(any) = s.get("anyOf").and_then(Value::as_array)
        && !any.iter().any(|p| go(p, v, at).is_ok())
    {
        return Err(format!("{at} fits none of the alternatives"));
    }
    if let Some(one) = s.get("oneOf").and_then(Value::as_array)
        && one.iter().filter(|p| go(p, v, at).is_ok()).count() != 1
    {
        return Err(format!("{at} does not fit exactly one of the alternatives"));
    }
    match v {
        Value::Object(m) => members(s, m, at, &go),
        Value::Array(items) => match s.get("items") {
            Some(each) => items.iter().enumerate().try_for_each(|(i, v)| go(each, v, &format!("{at}/{i}"))),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

fn members(
    s: &Map<String, Value>,
    m: &Map<String, Value>,
    at: &str,
    go: &dyn Fn(&Value, &Value, &str) -> Result<(), String>,
) -> Result<(), String> {
    for name in s.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        if !m.contains_key(name) {
            return Err(format!("{at}/{name} is missing"));
        }
    }
    let known = s.get("properties").and_then(Value::as_object);
    for (name, v) in m {
        let below = format!("{at}/{name}");
        match (known.and_then(|k| k.get(name)), s.get("additionalProperties")) {
            (Some(p), _) => go(p, v, &below)?,
            (None, Some(rest)) => go(rest, v, &below)?,
            (None, None) => {}
        }
    }
    Ok(())
}

fn is_of(t: &str, v: &Value) -> bool {
    match t {
        "null" => v.is_null(),
        "boolean" => v.is_boolean(),
        "string" => v.is_string(),
        "object" => v.is_object(),
        "array" => v.is_array(),
        "number" => v.is_number(),
        "integer" => v.is_i64() || v.is_u64() || v.as_f64().is_some_and(|f| f.fract() == 0.0),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_misfit_is_found() {
        let s = object(json!({
            "type": "object", "required": ["a"], "additionalProperties": false,
            "properties": { "a": { "$ref": "#/$defs/n" }, "b": { "type": ["string", "null"] },
                            "c": { "type": "array", "items": { "enum": ["x", "y"] } },
                            "d": { "anyOf": [{ "type": "null" }, { "const": 3 }] } },
            "$defs": { "n": { "type": "integer", "minimum": 0 } }
        }));
        for good in [json!({"a": 0}), json!({"a": 1, "b": null, "c": ["x"], "d": 3})] {
            assert_eq!(fits(&s, &good), Ok(()));
        }
        for bad in [
            json!({}),
            json!({"a": -1}),
            json!({"a": 1.5}),
            json!({"a": 1, "z": 1}),
            json!({"a": 1, "b": 2}),
            json!({"a": 1, "c": ["z"]}),
            json!({"a": 1, "d": 4}),
            json!([]),
        ] {
            assert!(fits(&s, &bad).is_err(), "{bad}");
        }
    }
}
