//! A packet as lines of keys and values, for those that need no other picture.

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;
use zero_packets::Packet;

/// Names the packet; a person knows what was asked for.
const NOT_SHOWN: &str = "schema_version";

/// Every field on a line of its own, the fields of an object below their name, in the packet's own order. Numbers stand as
/// the packet writes them, to the last digit.
pub(crate) fn plain<P: Packet>(packet: &P) -> String {
    packet.to_json().map(|json| of_json(&json)).unwrap_or_default()
}

fn of_json(json: &str) -> String {
    let mut out = String::new();
    if let Shown::Fields(fields) = Shown::of(json) {
        lines(&fields, 0, &mut out);
    }
    out
}

/// A JSON value, taken apart by one level.
enum Shown<'a> {
    Text(Cow<'a, str>),
    List(Vec<&'a RawValue>),
    Fields(Vec<Field<'a>>),
    /// A number, true, false or null, as it is written.
    Plain(&'a str),
}

type Field<'a> = (Text<'a>, &'a RawValue);

impl<'a> Shown<'a> {
    /// Of the text of a whole JSON value. What cannot be taken apart is shown as it is written.
    fn of(json: &'a str) -> Self {
        let part = match json.as_bytes().first() {
            Some(b'{') => serde_json::from_str(json).map(|Fields(all)| Self::Fields(all)),
            Some(b'[') => serde_json::from_str(json).map(Self::List),
            Some(b'"') => serde_json::from_str(json).map(|Text(text)| Self::Text(text)),
            _ => return Self::Plain(json),
        };
        part.unwrap_or(Self::Plain(json))
    }
}

/// A text, borrowed where nothing in it is escaped.
#[derive(serde::Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// The members of an object that are shown, in their order.
struct Fields<'a>(Vec<Field<'a>>);

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Fields<'de>, M::Error> {
                let mut all = Vec::new();
                while let Some(field) = map.next_entry::<Text<'de>, _>()? {
                    if field.0.0 != NOT_SHOWN {
                        all.push(field);
                    }
                }
                Ok(Fields(all))
            }
        }
        d.deserialize_map(Members)
    }
}

fn lines(fields: &[Field], depth: usize, out: &mut String) {
    for (Text(key), value) in fields {
        let indent = "  ".repeat(depth);
        match Shown::of(value.get()) {
            Shown::Fields(below) if !below.is_empty() => {
                out.push_str(&format!("{indent}{key}\n"));
                lines(&below, depth + 1, out);
            }
            Shown::List(items) if items.iter().any(|item| item.get().starts_with('{')) => {
                out.push_str(&format!("{indent}{key}\n"));
                for item in items {
                    out.push_str(&indent);
                    out.push_str("  ");
                    one_line(&Shown::of(item.get()), out);
                    out.push('\n');
                }
            }
            value => {
                out.push_str(&format!("{indent}{key:<27} "));
                one_line(&value, out);
                out.push('\n');
            }
        }
    }
}

fn one_line(value: &Shown, out: &mut String) {
    match value {
        Shown::Plain("null") => out.push('-'),
        Shown::Plain(text) => out.push_str(text),
        Shown::Text(text) => out.push_str(text),
        Shown::List(items) if items.is_empty() => out.push_str("none"),
        Shown::List(items) => {
            for (i, item) in items.iter().enumerate() {
                out.push_str(if i > 0 { ", " } else { "" });
                one_line(&Shown::of(item.get()), out);
            }
        }
        Shown::Fields(fields) if fields.is_empty() => out.push_str("none"),
        Shown::Fields(fields) => {
            for (i, (Text(key), value)) in fields.iter().enumerate() {
                out.push_str(if i > 0 { "; " } else { "" });
                out.push_str(key);
                out.push_str(": ");
                one_line(&Shown::of(value.get()), out);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::of_json;

    #[test]
    fn every_field_is_shown_in_its_order_and_no_digit_is_lost() {
        let json = r#"{"schema_version":"zero.x.v1","z":92233720368.54775807,"a":null,"none":[],"also_none":{},
            "names":["one","t\"w\u006f"],"below":{"schema_version":"zero.y.v1","flag":true,"deep":{"n":-1e-9}},
            "a_name_that_is_longer_than_its_column":1,
            "items":[{"k":1,"schema_version":"zero.z.v1","list":[1,2]},{"k":{"in":"side"}}]}"#;
        let want = "\
z                           92233720368.54775807
a                           -
none                        none
also_none                   none
names                       one, t\"wo
below
  flag                        true
  deep
    n                           -1e-9
a_name_that_is_longer_than_its_column 1
items
  k: 1; list: 1, 2
  k: in: side
";
        assert_eq!(of_json(json), want);
    }

    #[test]
    fn what_is_no_object_shows_nothing_and_never_panics() {
        for json in ["", "1", "[1]", "{", "{\"a\"}", "\"x"] {
            assert_eq!(of_json(json), "", "{json}");
        }
    }
}
