//! A part of a packet that later work fills: it says that it is not there and why, in the shape of its schema id.

/// Declares a part that has its own schema id and so far only says that nothing is there.
macro_rules! part {
    ($($name:ident, $id:ident = $text:literal, $doc:literal;)*) => {$(
        $crate::id::packet_id!($name, $id = $text);

        #[doc = $doc]
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        pub struct $name {
            /// Schema id.
            pub schema_version: $id,
            /// `not_built`: nothing in this program makes one.
            pub status: String,
            /// Why there is nothing.
            pub reason: String,
        }

        impl $name {
            /// One that is not there, for this reason.
            #[must_use]
            pub fn not_built(reason: &str) -> Self {
                Self { schema_version: Default::default(), status: "not_built".into(), reason: reason.into() }
            }
        }
    )*};
}
pub(crate) use part;
