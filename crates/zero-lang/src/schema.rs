//! The JSON Schema of a document, from the same table that reads it.

use serde_json::{Map, Value, json};
use zero_strategy::lang::TEXT_MAX;
use zero_strategy::lang::document::{COINS_MAX, FIELDS, Kind};

/// Draft 2020-12. Expressions are texts to it: their grammar is checked by `zero strategy check`.
#[must_use]
pub fn json_schema() -> Value {
    let mut tables: Map<String, Value> = Map::new();
    for f in FIELDS {
        let mut value = match f.kind {
            Kind::Condition | Kind::ExitCondition | Kind::Score | Kind::Distance => {
                json!({ "type": "string", "maxLength": TEXT_MAX })
            }
            Kind::Hours => json!({ "type": "string", "pattern": "^[0-9]+[hd]$" }),
            Kind::OnUnknown => json!({ "enum": ["hold", "leave"] }),
            Kind::Sizing => json!({ "type": "string", "pattern": "^(risk|share [0-9.]+|fixed [0-9.]+)$" }),
            Kind::Coins => json!({ "anyOf": [
                { "const": "*" },
                { "type": "array", "minItems": 1, "maxItems": COINS_MAX,
                  "items": { "type": "string", "pattern": "^[A-Za-z0-9]{1,24}$" } }
            ] }),
            Kind::Bars => json!({ "type": "integer", "minimum": 0, "maximum": 10_000 }),
        };
        if let Some(v) = value.as_object_mut() {
            v.insert("description".into(), json!(f.about));
            if let Some(d) = f.default {
                let d = if f.kind == Kind::Bars { json!(0) } else { json!(d) };
                v.insert("default".into(), d);
            }
        }
        insert(&mut tables, f.key, value, f.default.is_none());
    }
    let number = json!({ "type": "number" });
    tables.insert("name".into(), json!({ "type": "string", "pattern": "^[a-z][a-z0-9_]{0,31}$" }));
    tables.insert("version".into(), json!({ "type": "integer", "minimum": 0, "maximum": 65_535 }));
    tables.insert("about".into(), json!({ "type": "string" }));
    tables.insert(
        "test".into(),
        json!({ "type": "array", "items": {
            "type": "object", "additionalProperties": false, "required": ["says"],
            "properties": {
                "set": { "type": "object", "additionalProperties": number },
                "holds": { "enum": ["flat", "long", "short"] },
                "hours": number, "unrealised": number, "giveback": number,
                "says": { "enum": ["enter long", "enter short", "exit", "nothing", "abstain"] }
            } } }),
    );
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Strategy document",
        "type": "object",
        "additionalProperties": false,
        "required": ["name", "version", "entry", "exit"],
        "properties": tables,
    })
}

/// Puts a field into its table, and that into its own.
fn insert(into: &mut Map<String, Value>, key: &str, value: Value, required: bool) {
    let Some((table, rest)) = key.split_once('.') else {
        into.insert(key.to_owned(), value);
        return;
    };
    let inner = into
        .entry(table)
        .or_insert_with(|| json!({ "type": "object", "additionalProperties": false, "properties": {} }));
    if required && let Some(o) = inner.as_object_mut() {
        o.insert("required".into(), json!([rest]));
    }
    if let Some(properties) = inner.get_mut("properties").and_then(Value::as_object_mut) {
        insert(properties, rest, value, false);
    }
}
