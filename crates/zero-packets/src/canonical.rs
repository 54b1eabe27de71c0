//! What a packet's hash covers: its body as deterministic CBOR (RFC 8949, section 4.2.1), never its JSON text, in which
//! the same body can be written in many ways.
//!
//! The body is the packet without the hash itself and without `signature`, which is made over the hash. Numbers go by
//! their value and never through f64: a whole number within 64 bits is an integer, whether it was written `1`, `1.0` or
//! `1e0`; every other number is a decimal fraction (tag 4) whose mantissa does not end in zero. Keys stand in the bytewise
//! order of their encodings.

mod json;
mod number;

use crate::id::Packet;
use json::Members;
use std::fmt;
use zero_core::Digest32;

/// What a hash begins with.
const PREFIX: &str = "sha256:";
/// Made over the hash, so not under it.
const SIGNATURE: &str = "signature";

/// Command with which anybody computes a packet's hash again from the packet as a file.
pub const REBUILD: &str = "zero hash FILE";

/// A packet that carries the hash of its own body.
pub trait Sealed: Packet {
    /// Its field.
    const HASH: &'static str;

    /// The field.
    fn hash_mut(&mut self) -> &mut String;

    /// Fills the field in. A packet that cannot be encoded has an empty hash, which no verification accepts.
    #[must_use]
    fn sealed(mut self) -> Self
    where
        Self: Sized,
    {
        self.hash_mut().clear();
        let bytes = self.to_json().ok().and_then(|text| body(&text, Some(Self::HASH)).ok());
        *self.hash_mut() = bytes.map(|b| hash_of(&b)).unwrap_or_default();
        self
    }
}

/// Why a text has no canonical form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotCanonical(pub String);

impl fmt::Display for NotCanonical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotCanonical {}

fn not(why: impl Into<String>) -> NotCanonical {
    NotCanonical(why.into())
}

/// `sha256:` and the digest of these bytes, hexadecimal.
#[must_use]
pub fn hash_of(bytes: &[u8]) -> String {
    format!("{PREFIX}{}", Digest32::of(bytes))
}

/// The canonical bytes of any JSON value.
///
/// # Errors
/// [`NotCanonical`] for what is no JSON, is nested too deeply, names a member twice, or has a number out of range.
pub fn canonical(json: &str) -> Result<Vec<u8>, NotCanonical> {
    json::encode(json, Members::All)
}

/// The canonical bytes of a packet's body: without its hash, where it has one, and without its signature.
///
/// # Errors
/// [`NotCanonical`], also for what is no object.
pub fn body(json: &str, hash: Option<&str>) -> Result<Vec<u8>, NotCanonical> {
    json::encode(json, Members::But([hash.unwrap_or(SIGNATURE), SIGNATURE]))
}

/// The field in which a packet carries the hash of its own body, by its schema id.
#[must_use]
pub fn hash_field(schema_version: &str) -> Option<&'static str> {
    SEALED.iter().find(|(id, _)| *id == schema_version).map(|(_, field)| *field)
}

/// Every packet with a hash of its own body. A test holds this against the schemas.
pub const SEALED: &[(&str, &str)] = &[
    ("zero.audit.v1", "audit_hash"),
    ("zero.deployment.claim.v1", "claim_hash"),
    ("zero.deployment.heartbeat.v1", "heartbeat_hash"),
    ("zero.live_evidence.v1", "evidence_hash"),
    ("zero.live_execution_receipts.v1", "receipts_hash"),
    ("zero.research.snapshot.v1", "report_hash"),
    ("zero.runtime.production_parity.v1", "parity_hash"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hex(json: &str) -> String {
        canonical(json).unwrap().iter().map(|b| format!("{b:02x}")).collect()
    }

    /// Values of RFC 8949, appendix A; decimal fractions after its section 3.4.4 (273.15 is 27315 by ten to the -2).
    #[test]
    fn encodings_are_those_of_the_standard() {
        for (json, want) in [
            ("0", "00"),
            ("23", "17"),
            ("24", "1818"),
            ("1000000", "1a000f4240"),
            ("18446744073709551615", "1bffffffffffffffff"),
            ("-1", "20"),
            ("-1000", "3903e7"),
            ("273.15", "c48221196ab3"),
            ("\"\u{fc}\"", "62c3bc"),
            ("[]", "80"),
            ("{\"a\":1,\"b\":[2,3]}", "a26161016162820203"),
            ("[true,false,null]", "83f5f4f6"),
        ] {
            assert_eq!(hex(json), want, "{json}");
        }
    }

    #[test]
    fn one_value_has_one_encoding_however_it_is_written() {
        for (a, b) in [
            ("1", "1.0"),
            ("1", "1e0"),
            ("100", "1E2"),
            ("0.5", "5e-1"),
            ("-0.50", "-0.5"),
            ("0", "-0.0"),
            ("{\"b\":1,\"a\":2}", " { \"a\" : 2 , \"b\" : 1 } "),
            ("\"\\u0041\"", "\"A\""),
            ("\"\\ud83d\\ude00\\/\\\"\"", "\"\u{1f600}/\\\"\""),
            ("100000000000000000000", "1e20"),
            ("18446744073709551615", "1844674407370955161.5e1"),
            ("{\"\\u0061\":[ ]}", "{\"a\":[]}"),
            ("{\"bb\":1,\"c\":2}", "{\"c\":2,\"bb\":1}"),
        ] {
            assert_eq!(hex(a), hex(b), "{a} {b}");
        }
        assert_ne!(hex("0.1"), hex("0.10000000000000001"), "an f64 cannot tell them apart");
    }

    #[test]
    fn what_has_no_one_meaning_is_refused() {
        let deep = "[".repeat(70) + &"]".repeat(70);
        let twice = "{\"a\":1,\"a\":2}";
        for bad in [
            "",
            "nul",
            "tru",
            "1x",
            "01",
            "1e999",
            "1e400",
            "{\"a\":}",
            "1 2",
            twice,
            &deep,
            "123456789012345678901.5",
            "18446744073709551616",
            "184467440737095516160",
            "[1,]",
            "[,1]",
            "{\"a\":1,}",
            "{\"a\":1,\"\\u0061\":2}",
            "{\"a\" 1}",
            "[1}",
            "\"\\ud800\"",
            "\"\n\"",
            "\u{a0}1",
        ] {
            assert!(canonical(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_body_has_neither_its_hash_nor_its_signature_and_everything_else() {
        let of = |t: &str| body(t, Some("x_hash")).unwrap();
        let plain = of("{\"a\":1}");
        assert_eq!(of("{\"a\":1,\"x_hash\":\"anything\",\"signature\":{\"status\":\"unsigned\"}}"), plain);
        assert!(
            body("{\"a\":1,\"x_hash\":\"1\",\"x_hash\":\"2\"}", Some("x_hash")).is_err(),
            "two claims are none"
        );
        assert_ne!(of("{\"a\":1,\"y_hash\":\"\"}"), plain, "the hash of another packet is content");
        assert_ne!(of("{\"a\":{\"signature\":1}}"), of("{\"a\":{}}"), "only its own signature");
    }

    /// The encoding by the rules, from a tree whose numbers are whole: built from the leaves up, in its own way.
    fn by_the_rules(v: &serde_json::Value) -> Vec<u8> {
        use serde_json::Value::{Array, Bool, Null, Number, Object, String};
        let head = |major: u8, n: u64| {
            let bytes = n.to_be_bytes();
            match n {
                0..=23 => vec![major << 5 | n as u8],
                24..=0xff => vec![major << 5 | 24, n as u8],
                0x100..=0xffff => [&[major << 5 | 25][..], &bytes[6..]].concat(),
                0x1_0000..=0xffff_ffff => [&[major << 5 | 26][..], &bytes[4..]].concat(),
                _ => [&[major << 5 | 27][..], &bytes[..]].concat(),
            }
        };
        let text = |s: &str| [head(3, s.len() as u64), s.as_bytes().to_vec()].concat();
        match v {
            Null => vec![0xf6],
            Bool(b) => vec![0xf4 + u8::from(*b)],
            Number(n) => match (n.as_u64(), n.as_i64()) {
                (Some(n), _) => head(0, n),
                (_, Some(n)) => head(1, !n as u64),
                _ => panic!("not whole"),
            },
            String(s) => text(s),
            Array(all) => [head(4, all.len() as u64), all.iter().flat_map(by_the_rules).collect()].concat(),
            Object(all) => {
                let mut pairs: Vec<_> = all.iter().map(|(k, v)| (text(k), by_the_rules(v))).collect();
                pairs.sort();
                let pairs = pairs.into_iter().flat_map(|(k, v)| [k, v].concat());
                [head(5, all.len() as u64), pairs.collect()].concat()
            }
        }
    }

    fn any_value() -> impl Strategy<Value = serde_json::Value> {
        use serde_json::Value;
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            (0u64..300).prop_map(Value::from),
            ".{0,40}".prop_map(Value::from),
        ];
        leaf.prop_recursive(5, 60, 8, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
                proptest::collection::vec((".{0,30}", inner), 0..8)
                    .prop_map(|all| Value::Object(all.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_tree_has_the_encoding_of_the_rules_whether_it_is_written_tightly_or_spread_out(v in any_value()) {
            let want = by_the_rules(&v);
            prop_assert_eq!(&canonical(&v.to_string()).unwrap(), &want);
            prop_assert_eq!(&canonical(&serde_json::to_string_pretty(&v).unwrap()).unwrap(), &want);
        }

        #[test]
        fn what_a_json_reader_refuses_is_refused(v in any_value(), at in any::<prop::sample::Index>(), put in "[\\[\\]{},:\"0-9a\\\\ ]") {
            let mut text: Vec<char> = v.to_string().chars().collect();
            let at = at.index(text.len());
            text[at] = put.chars().next().unwrap();
            let text: String = text.into_iter().collect();
            let read = serde_json::from_str::<serde_json::Value>(&text);
            prop_assert!(read.is_ok() || canonical(&text).is_err(), "{}", text);
        }

        #[test]
        fn a_fixed_point_number_keeps_every_digit(v in any::<i64>(), d in 0u32..12) {
            let dec = crate::Dec::scaled(v, d);
            let bytes = canonical(dec.as_str()).unwrap();
            let again = canonical(&format!("{}{}", dec.as_str(), if dec.as_str().contains('.') { "000" } else { ".000" })).unwrap();
            prop_assert_eq!(&bytes, &again);
            let other = crate::Dec::scaled(v ^ 1, d);
            prop_assert_ne!(bytes, canonical(other.as_str()).unwrap());
        }

        #[test]
        fn no_text_whatever_makes_it_panic(text in ".{0,60}") {
            let _ = canonical(&text);
        }
    }
}
