//! Packet ids as types: a field that can hold one text only.

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;

/// Room for writing that a thread keeps, bytes; what a longer packet took is given back.
const ROOM_MAX: usize = 1 << 20;

thread_local! {
    /// Where packets are written. Growing there, and not in the text that is given out, a text takes its own length and no more,
    /// and texts that many answers hold for a while leave no holes of many sizes in memory.
    static ROOM: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// A packet.
pub trait Packet: Serialize + JsonSchema {
    /// Its schema id.
    const ID: &'static str;

    /// One line of JSON, in as much memory as it needs.
    ///
    /// # Errors
    /// Only what the serialiser reports; no packet has a map with keys that are not text.
    fn to_json(&self) -> Result<String, serde_json::Error> {
        let mut room = ROOM.take();
        room.clear();
        serde_json::to_writer(&mut room, self)?;
        let text = std::str::from_utf8(&room).map_err(serde::ser::Error::custom)?.to_owned();
        if room.capacity() <= ROOM_MAX {
            ROOM.set(room);
        }
        Ok(text)
    }

    /// Its JSON Schema (draft 2020-12), with an object at the root.
    #[must_use]
    fn schema() -> Schema
    where
        Self: Sized,
    {
        SchemaGenerator::new(SchemaSettings::draft2020_12()).into_root_schema_for::<Self>()
    }
}

/// Where a packet's content was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A running loop.
    Running,
    /// The journal of a loop that does not run.
    AtRest,
}

/// Declares an id type and ties it to its packet.
macro_rules! packet_id {
    ($packet:ident, $id:ident = $text:literal) => {
        #[doc = concat!("The text `", $text, "`.")]
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $id;

        impl serde::Serialize for $id {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str($text)
            }
        }

        impl<'de> serde::Deserialize<'de> for $id {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(d)?;
                if text == $text {
                    Ok(Self)
                } else {
                    Err(serde::de::Error::custom(format_args!("expected the schema id {}, found {text}", $text)))
                }
            }
        }

        impl schemars::JsonSchema for $id {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($id).into()
            }
            fn inline_schema() -> bool {
                true
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "const": $text })
            }
        }

        impl $crate::id::Packet for $packet {
            const ID: &'static str = $text;
        }
    };
}
pub(crate) use packet_id;

#[cfg(test)]
mod tests {
    use super::{Packet as _, ROOM, ROOM_MAX};
    use crate::hash::Hash;

    fn named(path: String) -> Hash {
        Hash {
            schema_version: Default::default(),
            path,
            format: "json".into(),
            packet: None,
            field: None,
            bytes: 0,
            hash: String::new(),
            claimed: None,
            matches: None,
        }
    }

    #[test]
    fn a_packet_is_the_text_that_the_serialiser_makes_of_it_and_takes_no_more_memory() {
        for n in [0, 10_000, 3, 2 * ROOM_MAX, 100] {
            let packet = named("\u{e4}\"".repeat(n));
            let text = packet.to_json().unwrap();
            assert_eq!(text, serde_json::to_string(&packet).unwrap());
            assert_eq!(text.capacity(), text.len());
            let kept = ROOM.with_borrow(Vec::capacity);
            assert!(kept <= ROOM_MAX, "{kept} bytes are kept");
        }
    }
}
