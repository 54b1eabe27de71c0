//! What lies beside a run in its snapshot, so that neither a start nor a reader looks back through the journal.

use crate::session::CarriedSessions;
use std::sync::Arc;
use zero_core::canon::JsonText;
use zero_core::cbor::{CborError, Decoder, Encoder};
use zero_core::{Canon, Json, canon_struct};

canon_struct! {
    /// All of it.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct ForReaders {
        /// The latest records.
        pub recent: Carried,
        /// The sessions; `None` where there are more than may be carried.
        pub sessions: Option<CarriedSessions>,
    }
}

canon_struct! {
    /// The latest records.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct Carried {
        /// Each record once, oldest first.
        pub records: Vec<CarriedRecord>,
        /// A bit per kind of which there were more.
        pub more: u8,
    }
}

canon_struct! {
    /// A record.
    #[derive(Clone, Debug, PartialEq)]
    pub struct CarriedRecord {
        /// Its number.
        pub seq: u64,
        /// A bit per kind that it is kept as.
        pub rings: u8,
        /// As the journal has it.
        pub bytes: Bytes,
        /// Of a candidate that judges the operator's own order: that order's key.
        pub key: Option<String>,
    }
}

/// Bytes of a record: a byte string in CBOR, hexadecimal in JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bytes(pub(crate) Arc<[u8]>);

impl Canon for Bytes {
    fn encode(&self, e: &mut Encoder) {
        e.bytes(&self.0);
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, CborError> {
        d.bytes().map(|b| Self(b.into()))
    }
}

impl Json for Bytes {
    fn json(&self, out: &mut JsonText) {
        let hex: String = self.0.iter().map(|b| format!("{b:02x}")).collect();
        hex.json(out);
    }
}
