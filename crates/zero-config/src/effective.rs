//! The values in force and their digest.

use crate::value::Value;
use std::collections::BTreeMap;
use zero_core::cbor::{CborError, Decoder, Encoder};
use zero_core::{Canon, Digest32};

/// The configuration in force: every key that has a value, defaults included, by concrete path. Its canonical bytes
/// are what the journal records; equal configurations have equal bytes, however they were written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effective(BTreeMap<String, Value>);

/// Heads the encoding, so that its bytes cannot be mistaken for another record.
const SCHEMA: &str = "zero.config.v1";

impl Effective {
    /// A key's value; `None` where it is absent.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// Keys and values in bytewise order of the keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(k, v)| (k.as_str(), v))
    }

    pub(crate) fn insert(&mut self, key: String, value: Value) {
        self.0.insert(key, value);
    }

    /// SHA-256 over the canonical bytes.
    #[must_use]
    pub fn hash(&self) -> Digest32 {
        Digest32::of(&self.to_bytes())
    }
}

impl Canon for Effective {
    fn encode(&self, e: &mut Encoder) {
        e.array(1 + 2 * self.0.len());
        e.text(SCHEMA);
        for (key, value) in &self.0 {
            e.text(key);
            value.encode(e);
        }
    }

    fn decode(d: &mut Decoder<'_>) -> Result<Self, CborError> {
        let n = d.array()?;
        if n % 2 == 0 || d.text()? != SCHEMA {
            return Err(CborError::Tag);
        }
        let mut out = BTreeMap::new();
        for _ in 0..n / 2 {
            let key = d.text()?.to_owned();
            // Keys must ascend: one configuration has one encoding.
            if out.last_key_value().is_some_and(|(last, _)| *last >= key) {
                return Err(CborError::NotCanonical);
            }
            out.insert(key, Value::decode(d)?);
        }
        Ok(Self(out))
    }
}
