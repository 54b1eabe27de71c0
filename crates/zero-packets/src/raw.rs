//! JSON text that is passed on as it is, digit for digit.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Any JSON value, as text. Numbers in it never pass through f64.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawJson(String);

impl RawJson {
    /// From text; `None` when it is not one JSON value.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        serde_json::from_str::<&RawValue>(text).ok().map(|v| Self(v.get().to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for RawJson {
    fn default() -> Self {
        Self("null".into())
    }
}

impl Serialize for RawJson {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.0.clone()).map_err(serde::ser::Error::custom)?.serialize(s)
    }
}

impl<'de> Deserialize<'de> for RawJson {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Ok(Self(Box::<RawValue>::deserialize(d)?.get().to_owned()))
    }
}

impl JsonSchema for RawJson {
    fn schema_name() -> Cow<'static, str> {
        "Json".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_beyond_an_f64_are_passed_on() {
        let text = r#"{"a":92233720368.54775807}"#;
        let raw = RawJson::of(text).unwrap();
        assert_eq!(serde_json::to_string(&raw).unwrap(), text);
        assert!(RawJson::of("{\"a\":}").is_none() && RawJson::of("1 2").is_none());
    }
}
