//! Rules over every packet's JSON and schema.

use crate::examples;
use serde_json::Value;
use zero_packets::{Packet, cycle, parity};

/// Of each pair an object may have one.
const ALIASES: &[&[&str]] = &[
    &["symbol", "coin"],
    &["side", "direction"],
    &["size", "size_coins"],
    &["entry", "entry_price"],
    &["items", "positions"],
    &["items", "approaching"],
    &["items", "rejections"],
    &["pulse", "events"],
    &["pulse", "items"],
    &["events", "items"],
];

/// Names that are a list in one shape and a count in another.
const COUNTS: &[&str] = &["items", "positions", "approaching", "rejections", "events"];

fn walk(v: &Value, visit: &mut impl FnMut(&Value)) {
    visit(v);
    match v {
        Value::Object(m) => m.values().for_each(|v| walk(v, visit)),
        Value::Array(a) => a.iter().for_each(|v| walk(v, visit)),
        _ => {}
    }
}

fn values() -> Vec<(&'static str, Value)> {
    fn value<P: Packet>(p: &P) -> (&'static str, Value) {
        (P::ID, serde_json::from_str(&p.to_json().unwrap()).unwrap())
    }
    [true, false]
        .iter()
        .flat_map(|full| {
            [
                value(&examples::status(*full)),
                value(&examples::positions(*full)),
                value(&examples::risk(*full)),
                value(&examples::rejections(*full)),
                value(&examples::health(*full)),
                value(&examples::immune(*full)),
                value(&examples::parity(*full)),
            ]
        })
        .collect()
}

#[test]
fn no_object_has_both_of_an_alias_pair() {
    let check = |v: &Value| -> bool {
        let mut fine = true;
        walk(v, &mut |v| {
            if let Value::Object(m) = v {
                // A count may share its name with a list: the contract's own feedback has `rejections` and `items`.
                let has = |k: &&str| m.get(*k).is_some_and(|v| !(v.is_number() && COUNTS.contains(k)));
                fine &= ALIASES.iter().all(|pair| pair.iter().filter(|k| has(k)).count() < 2);
            }
        });
        fine
    };
    for (id, v) in values() {
        assert!(check(&v), "{id}");
    }
    assert!(!check(&serde_json::json!({"a": [{"coin": 1, "symbol": 1}]})), "the check can fail");
}

#[test]
fn a_packet_begins_with_its_id_and_refuses_another() {
    for (id, v) in values() {
        assert_eq!(v["schema_version"], id);
    }
    let text = examples::immune(true).to_json().unwrap();
    assert!(text.starts_with(r#"{"schema_version":"zero.immune.v1","#));
    let other = text.replace("zero.immune.v1", "zero.immune.v2");
    assert!(serde_json::from_str::<zero_packets::immune::Immune>(&other).is_err());
}

#[test]
fn amounts_leave_with_their_own_digits_and_come_back() {
    let text = examples::status(true).to_json().unwrap();
    assert!(text.contains(r#""equity":92233720368.54775807"#), "{text}");
    let back: zero_packets::status::Status = serde_json::from_str(&text).unwrap();
    assert_eq!(back, examples::status(true));
    assert_eq!(
        serde_json::from_str::<parity::Parity>(&examples::parity(true).to_json().unwrap()).unwrap(),
        examples::parity(true)
    );
}

#[test]
fn schemas_have_an_object_at_the_root_and_numbers_for_amounts() {
    let schema = zero_packets::positions::Positions::schema();
    let text = serde_json::to_string(&schema).unwrap();
    let v: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(v["type"], "object");
    assert_eq!(v["$defs"]["Position"]["properties"]["size"]["type"], "number");
    assert_eq!(v["properties"]["schema_version"]["const"], "zero.positions.v1");
    assert!(!text.contains("NaN"));
    let v = serde_json::to_value(cycle::Cycle::schema()).unwrap();
    assert_eq!(v["properties"]["cycle_id"]["type"], "integer");
}
