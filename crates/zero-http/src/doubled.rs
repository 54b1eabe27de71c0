//! Members that stand twice in an object. Readers of JSON differ in which of them counts (RFC 8259, 4), so what asks for more
//! risk may have none.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::collections::HashSet;
use std::fmt;

/// Says which member of an object in the text stands there twice; nothing about a text that is no JSON.
pub(crate) fn doubled(text: &[u8]) -> Option<String> {
    let e = serde_json::from_slice::<Once>(text).err()?;
    let words = e.to_string();
    let at = words.find(TWICE)?;
    words.get(..at + TWICE.len()).map(str::to_owned)
}

const TWICE: &str = " is given twice";

/// Any value of which no object has a member twice.
struct Once;

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(Walk)
    }
}

struct Walk;

impl<'de> Visitor<'de> for Walk {
    type Value = Once;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Once, A::Error> {
        let mut seen: HashSet<String> = HashSet::new();
        while let Some(key) = map.next_key::<String>()? {
            if seen.contains(&key) {
                let key: String = key.chars().take(40).collect();
                return Err(A::Error::custom(format!("{key:?}{TWICE}")));
            }
            seen.insert(key);
            map.next_value::<Once>()?;
        }
        Ok(Once)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Once, A::Error> {
        while seq.next_element::<Once>()?.is_some() {}
        Ok(Once)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_str<E>(self, _: &str) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_unit<E>(self) -> Result<Once, E> {
        Ok(Once)
    }
}

#[cfg(test)]
mod tests {
    use super::doubled;

    #[test]
    fn a_member_that_stands_twice_is_found_at_any_depth_and_however_it_is_written() {
        for (text, found) in [
            (r#"{"enabled":false,"enabled":true}"#, Some(r#""enabled" is given twice"#)),
            (r#"{"a":1,"\u0061":2}"#, Some(r#""a" is given twice"#)),
            (r#"{"a":[{"b":1},{"b":{"c":1.5,"c":null}}]}"#, Some(r#""c" is given twice"#)),
            (r#"{"a":[{"b":1},{"b":-2}],"b":"a"}"#, None),
            ("", None),
            (r#"{"a":1,"a""#, Some(r#""a" is given twice"#)),
            ("[[[", None),
        ] {
            assert_eq!(doubled(text.as_bytes()).as_deref(), found, "{text}");
        }
    }
}
