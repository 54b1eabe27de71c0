//! The JSON Schema of a document, from the same table that reads it.

use serde_json::{Map, Value, json};
use zero_strategy::lang::TEXT_MAX;
use zero_strategy::lang::document::{BARS_MAX, COINS_MAX, FIELDS, Kind};

/// Hours from 1 to 8784, as a pattern.
const HOURS: &str = "[1-9][0-9]{0,2}|[1-7][0-9]{3}|8[0-6][0-9]{2}|87[0-7][0-9]|878[0-4]";
/// Days from 1 to 366.
const DAYS: &str = "[1-9][0-9]?|[12][0-9]{2}|3[0-5][0-9]|36[0-6]";
/// A coin's name.
const COIN: &str = "[A-Za-z0-9]{1,24}";

/// Draft 2020-12. Expressions are texts to it: their grammar is checked by `zero strategy check`.
#[must_use]
pub fn json_schema() -> Value {
    let mut tables: Map<String, Value> = Map::new();
    for f in FIELDS {
        let mut value = match f.kind {
            Kind::Condition | Kind::ExitCondition | Kind::Score | Kind::Distance => {
                json!({ "type": "string", "maxLength": TEXT_MAX })
            }
            Kind::Hours => json!({ "type": "string", "pattern": format!("^(({HOURS})h|({DAYS})d)$") }),
            Kind::Wait => json!({ "type": "string", "pattern": format!("^((0|{HOURS})h|(0|{DAYS})d)$") }),
            Kind::OnUnknown => json!({ "enum": ["hold", "leave"] }),
            Kind::Sizing => json!({
                "type": "string",
                "pattern": "^(risk|share (0\\.[0-9]{1,12}|1(\\.0{1,12})?)|fixed (0|[1-9][0-9]{0,9})(\\.[0-9]{1,8})?)$",
                "not": { "pattern": "^(share|fixed) [0.]+$" },
            }),
            Kind::Coins => json!({ "anyOf": [
                { "type": "string",
                  "pattern": format!("^(\\*|{COIN}(, ?{COIN}){{0,{}}})$", COINS_MAX - 1) },
                { "type": "array", "minItems": 1, "maxItems": COINS_MAX,
                  "items": { "type": "string", "pattern": format!("^{COIN}$") } }
            ] }),
            Kind::Bars => json!({ "type": "integer", "minimum": 0, "maximum": BARS_MAX }),
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
