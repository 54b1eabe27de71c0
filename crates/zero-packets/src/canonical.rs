//! What a packet's hash covers: its body as deterministic CBOR (RFC 8949, section 4.2.1), never its JSON text, in which
//! the same body can be written in many ways.
//!
//! The body is the packet without the hash itself and without `signature`, which is made over the hash. Numbers go by
//! their value and never through f64: a whole number within 64 bits is an integer, whether it was written `1`, `1.0` or
//! `1e0`; every other number is a decimal fraction (tag 4) whose mantissa does not end in zero. Keys stand in the bytewise
//! order of their encodings.

use crate::id::Packet;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;
use zero_core::Digest32;
use zero_core::cbor::Encoder;

/// Deepest nesting.
const DEPTH_MAX: usize = 64;
/// Largest magnitude of an exponent, and most digits of a mantissa.
const EXPONENT_MAX: i64 = 400;
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
    let mut e = Encoder::new();
    value(json.trim(), DEPTH_MAX, &mut e)?;
    Ok(e.into_bytes())
}

/// The canonical bytes of a packet's body: without its hash, where it has one, and without its signature.
///
/// # Errors
/// [`NotCanonical`], also for what is no object.
pub fn body(json: &str, hash: Option<&str>) -> Result<Vec<u8>, NotCanonical> {
    let mut e = Encoder::new();
    object(json.trim(), DEPTH_MAX, &mut e, |key| Some(key) != hash && key != SIGNATURE)?;
    Ok(e.into_bytes())
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

fn value(text: &str, depth: usize, e: &mut Encoder) -> Result<(), NotCanonical> {
    let Some(below) = depth.checked_sub(1) else { return Err(not("it is nested too deeply")) };
    match text.as_bytes().first() {
        Some(b'{') => object(text, depth, e, |_| true),
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text).map_err(|e| not(e.to_string()))?;
            e.array(items.len());
            items.iter().try_for_each(|v| value(v.get(), below, e))
        }
        Some(b'"') => {
            let words: String = serde_json::from_str(text).map_err(|e| not(e.to_string()))?;
            e.text(&words);
            Ok(())
        }
        Some(b't' | b'f' | b'n') => {
            match text {
                "true" => e.bool(true),
                "false" => e.bool(false),
                "null" => e.null(),
                _ => return Err(not("it is no JSON")),
            }
            Ok(())
        }
        Some(_) => number(text, e),
        None => Err(not("it is empty")),
    }
}

fn object(
    text: &str,
    depth: usize,
    e: &mut Encoder,
    keep: impl Fn(&str) -> bool,
) -> Result<(), NotCanonical> {
    let Some(below) = depth.checked_sub(1) else { return Err(not("it is nested too deeply")) };
    let Members(mut members) = serde_json::from_str(text).map_err(|e| not(e.to_string()))?;
    // Of two texts the shorter encoding is the smaller one, for its length comes first.
    members.sort_by(|(a, _), (b, _)| a.len().cmp(&b.len()).then_with(|| a.as_bytes().cmp(b.as_bytes())));
    if members.windows(2).any(|w| matches!(w, [a, b] if a.0 == b.0)) {
        return Err(not("a member is named twice"));
    }
    // Only now: what is left out may not be named twice either.
    members.retain(|(key, _)| keep(key));
    e.map(members.len());
    for (key, v) in members {
        e.text(&key);
        value(v.get(), below, e)?;
    }
    Ok(())
}

/// Members in their order, twice-named ones included.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Vec<(String, &'de RawValue)>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut out = Vec::new();
                while let Some(member) = map.next_entry()? {
                    out.push(member);
                }
                Ok(out)
            }
        }
        d.deserialize_map(All).map(Members)
    }
}

fn number(text: &str, e: &mut Encoder) -> Result<(), NotCanonical> {
    // serde_json knows what a number looks like.
    serde_json::from_str::<&RawValue>(text).map_err(|e| not(e.to_string()))?;
    let out_of_range = || not(format!("the number {text:.40} is out of range"));
    let (negative, rest) = text.strip_prefix('-').map_or((false, text), |r| (true, r));
    let (digits, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
    let (int, frac) = digits.split_once('.').unwrap_or((digits, ""));
    let all = format!("{int}{frac}");
    let mantissa = all.trim_start_matches('0');
    let kept = mantissa.trim_end_matches('0');
    let shift: i64 = exponent.parse().map_err(|_| out_of_range())?;
    let exponent = shift
        .checked_sub(frac.len() as i64)
        .and_then(|x| x.checked_add((mantissa.len() - kept.len()) as i64))
        .filter(|x| x.abs() <= EXPONENT_MAX)
        .ok_or_else(out_of_range)?;
    if !text.parse::<f64>().is_ok_and(f64::is_finite) {
        return Err(out_of_range());
    }
    if kept.is_empty() {
        e.u64(0);
        return Ok(());
    }
    if exponent >= 0 && kept.len() + exponent as usize <= 20 {
        let whole = format!("{kept}{}", "0".repeat(exponent as usize));
        if let Ok(n) = whole.parse::<u64>() {
            integer(negative, n, e);
            return Ok(());
        }
    }
    let n = kept.parse::<u64>().map_err(|_| out_of_range())?;
    e.tag(4);
    e.array(2);
    e.i64(exponent);
    integer(negative, n, e);
    Ok(())
}

fn integer(negative: bool, n: u64, e: &mut Encoder) {
    match n.checked_sub(1).filter(|_| negative) {
        Some(below) => e.negative(below),
        None => e.u64(n),
    }
}

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

    proptest! {
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
