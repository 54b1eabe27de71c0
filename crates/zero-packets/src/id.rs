//! Packet ids as types: a field that can hold one text only.

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};
use serde::{Deserialize, Serialize};

/// A packet.
pub trait Packet: Serialize + JsonSchema {
    /// Its schema id.
    const ID: &'static str;

    /// One line of JSON.
    ///
    /// # Errors
    /// Only what the serialiser reports; no packet has a map with keys that are not text.
    fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
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
