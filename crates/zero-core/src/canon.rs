//! One declaration gives a record its canonical bytes and its JSON: [`canon_struct!`](crate::canon_struct),
//! [`canon_enum!`](crate::canon_enum) and [`canon_tag!`](crate::canon_tag).
//!
//! A struct is a CBOR array of its fields in order; an enum is `[tag, payload]`; a plain tag is an integer. JSON is
//! for people and exports: amounts are JSON numbers in full precision, ids are hexadecimal text. Nothing hashes it.

use crate::cbor::{CborError, Decoder, Encoder};
use crate::hash::Digest32;
use crate::ids::{AccountId, BookId, CoinId, OrderId};
use crate::kleene::Truth;
use crate::time::{Ts, TsDiff};
use crate::units::{Px, Rate, Sz, Usd};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;

/// A value with exactly one byte encoding.
pub trait Canon: Sized {
    /// Appends the encoding.
    fn encode(&self, e: &mut Encoder);

    /// Reads it back.
    ///
    /// # Errors
    /// [`CborError`] for anything but the canonical encoding.
    fn decode(d: &mut Decoder<'_>) -> Result<Self, CborError>;

    /// The encoding alone.
    fn to_bytes(&self) -> Vec<u8> {
        let mut e = Encoder::new();
        self.encode(&mut e);
        e.into_bytes()
    }

    /// Reads a whole byte string.
    ///
    /// # Errors
    /// [`CborError`], also for bytes left over.
    fn from_bytes(bytes: &[u8]) -> Result<Self, CborError> {
        let mut d = Decoder::new(bytes);
        let v = Self::decode(&mut d)?;
        d.finish()?;
        Ok(v)
    }
}

/// A value that can be shown as JSON text.
pub trait Json {
    /// Appends JSON text.
    fn json(&self, out: &mut String);

    /// JSON text alone.
    fn to_json(&self) -> String {
        let mut s = String::new();
        self.json(&mut s);
        s
    }
}

/// Appends a JSON string literal.
pub fn json_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if (c as u32) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

macro_rules! via_i64 {
    ($($t:ty: $get:expr, $make:expr;)*) => {$(
        impl Canon for $t {
            fn encode(&self, e: &mut Encoder) {
                e.i64($get(*self));
            }
            fn decode(d: &mut Decoder<'_>) -> Result<Self, CborError> {
                d.i64().map($make)
            }
        }
    )*};
}

via_i64! {
    Px: Px::raw, Px::from_raw;
    Sz: Sz::raw, Sz::from_raw;
    Usd: Usd::raw, Usd::from_raw;
    Rate: Rate::raw, Rate::from_raw;
    Ts: Ts::as_ns, Ts::from_ns;
    TsDiff: TsDiff::as_ns, TsDiff::ns;
    i64: |v| v, |v| v;
}

macro_rules! via_u64 {
    ($($t:ty: $get:expr, $make:expr;)*) => {$(
        impl Canon for $t {
            fn encode(&self, e: &mut Encoder) {
                e.u64(u64::from($get(*self)));
            }
            fn decode(d: &mut Decoder<'_>) -> Result<Self, CborError> {
                d.u64()?.try_into().map($make).map_err(|_| CborError::Range)
            }
        }
    )*};
}

via_u64! {
    u8: |v| v, |v| v;
    u16: |v| v, |v| v;
    u32: |v| v, |v| v;
    u64: |v| v, |v: u64| v;
    CoinId: |v: CoinId| v.0, CoinId;
    BookId: |v: BookId| v.0, BookId;
    AccountId: |v: AccountId| v.0, AccountId;
}

macro_rules! json_number {
    ($($t:ty)*) => {$(
        impl Json for $t {
            fn json(&self, out: &mut String) {
                let _ = write!(out, "{self}");
            }
        }
    )*};
}

json_number!(Px Sz Usd Rate i64 u8 u16 u32 u64);

macro_rules! json_quoted {
    ($($t:ty)*) => {$(
        impl Json for $t {
            fn json(&self, out: &mut String) {
                let _ = write!(out, "\"{self}\"");
            }
        }
    )*};
}

json_quoted!(Ts Digest32 OrderId);

impl Json for TsDiff {
    fn json(&self, out: &mut String) {
        let _ = write!(out, "{}", self.as_ns());
    }
}

macro_rules! json_index {
    ($($t:ty)*) => {$(
        impl Json for $t {
            fn json(&self, out: &mut String) {
                let _ = write!(out, "{}", self.0);
            }
        }
    )*};
}

json_index!(CoinId BookId AccountId);

impl Canon for f64 {
    fn encode(&self, e: &mut Encoder) {
        e.f64(*self);
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, CborError> {
        d.f64()
    }
}

impl Json for f64 {
    /// Shortest text that reads back to the same bits; `null` for NaN and infinities, which JSON cannot say.
    fn json(&self, out: &mut String) {
        if self.is_finite() {
            let _ = write!(out, "{self:?}");
        } else {
            out.push_str("null");
        }
    }
}

impl Canon for bool {
    fn encode(&self, e: &mut Encoder) {
        e.bool(*self);
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, CborError> {
        d.bool()
    }
}

impl Json for bool {
    fn json(&self, out: &mut String) {
        out.push_str(if *self { "true" } else { "false" });
    }
}

impl Canon for String {
    fn encode(&self, e: &mut Encoder) {
        e.text(self);
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, CborError> {
        d.text().map(String::from)
    }
}

impl Json for String {
    fn json(&self, out: &mut String) {
        json_text(self, out);
    }
}

impl Canon for Digest32 {
    fn encode(&self, e: &mut Encoder) {
        e.bytes(&self.0);
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, CborError> {
        d.bytes_exact().map(Self)
    }
}

impl Canon for OrderId {
    fn encode(&self, e: &mut Encoder) {
        e.bytes(&self.0);
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, CborError> {
        d.bytes_exact().map(Self)
    }
}

impl Canon for Truth {
    fn encode(&self, e: &mut Encoder) {
        e.u64(*self as u64);
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, CborError> {
        match d.u64()? {
            0 => Ok(Self::False),
            1 => Ok(Self::Unknown),
            2 => Ok(Self::True),
            _ => Err(CborError::Tag),
        }
    }
}

impl Json for Truth {
    fn json(&self, out: &mut String) {
        json_text(self.name(), out);
    }
}

impl<T: Canon> Canon for Option<T> {
    fn encode(&self, e: &mut Encoder) {
        match self {
            Some(v) => v.encode(e),
            None => e.null(),
        }
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, CborError> {
        if d.null() { Ok(None) } else { T::decode(d).map(Some) }
    }
}

impl<T: Json> Json for Option<T> {
    fn json(&self, out: &mut String) {
        match self {
            Some(v) => v.json(out),
            None => out.push_str("null"),
        }
    }
}

impl<T: Canon> Canon for Box<T> {
    fn encode(&self, e: &mut Encoder) {
        T::encode(self, e);
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, CborError> {
        T::decode(d).map(Self::new)
    }
}

impl<T: Json> Json for Box<T> {
    fn json(&self, out: &mut String) {
        T::json(self, out);
    }
}

impl<T: Canon> Canon for Vec<T> {
    fn encode(&self, e: &mut Encoder) {
        e.array(self.len());
        for v in self {
            v.encode(e);
        }
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, CborError> {
        let n = d.array()?;
        // `array` has bounded n by the bytes left; the reservation is bounded again because items may be large.
        let mut out = Self::with_capacity(n.min(4_096));
        for _ in 0..n {
            out.push(T::decode(d)?);
        }
        Ok(out)
    }
}

impl<T: Json> Json for Vec<T> {
    fn json(&self, out: &mut String) {
        out.push('[');
        for (i, v) in self.iter().enumerate() {
            if i > 0 {
                out.push(',');
            }
            v.json(out);
        }
        out.push(']');
    }
}

/// Declares a struct with its canonical encoding (an array of the fields in order) and its JSON (an object).
#[macro_export]
macro_rules! canon_struct {
    ($(#[$meta:meta])* pub struct $name:ident { $($(#[$fmeta:meta])* pub $field:ident: $ty:ty),* $(,)? }) => {
        $(#[$meta])*
        pub struct $name { $($(#[$fmeta])* pub $field: $ty),* }

        impl $crate::Canon for $name {
            fn encode(&self, e: &mut $crate::cbor::Encoder) {
                e.array([$(stringify!($field)),*].len());
                $($crate::Canon::encode(&self.$field, e);)*
            }
            fn decode(d: &mut $crate::cbor::Decoder<'_>) -> Result<Self, $crate::cbor::CborError> {
                d.array_exact([$(stringify!($field)),*].len())?;
                Ok(Self { $($field: $crate::Canon::decode(d)?),* })
            }
        }

        impl $crate::Json for $name {
            fn json(&self, out: &mut $crate::canon::JsonText) {
                out.push('{');
                let mut first = true;
                $(
                    if !first { out.push(','); }
                    first = false;
                    out.push_str(concat!("\"", stringify!($field), "\":"));
                    $crate::Json::json(&self.$field, out);
                )*
                let _ = first;
                out.push('}');
            }
        }
    };
}

/// Declares an enum whose variants carry one payload each: `[tag, payload]` in CBOR, `{"kind":…, "body":…}` in JSON.
#[macro_export]
macro_rules! canon_enum {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$vmeta:meta])* $tag:literal $text:literal $variant:ident($ty:ty)),* $(,)? }) => {
        $(#[$meta])*
        pub enum $name { $($(#[$vmeta])* $variant($ty)),* }

        impl $name {
            /// The variant's name in JSON and in queries.
            #[must_use]
            pub const fn kind(&self) -> &'static str {
                match self { $(Self::$variant(_) => $text),* }
            }

            /// The variant's tag in the encoding. A tag is never reused.
            #[must_use]
            pub const fn tag(&self) -> u64 {
                match self { $(Self::$variant(_) => $tag),* }
            }
        }

        impl $crate::Canon for $name {
            fn encode(&self, e: &mut $crate::cbor::Encoder) {
                e.array(2);
                match self { $(Self::$variant(v) => { e.u64($tag); $crate::Canon::encode(v, e); })* }
            }
            fn decode(d: &mut $crate::cbor::Decoder<'_>) -> Result<Self, $crate::cbor::CborError> {
                d.array_exact(2)?;
                match d.u64()? {
                    $($tag => $crate::Canon::decode(d).map(Self::$variant),)*
                    _ => Err($crate::cbor::CborError::Tag),
                }
            }
        }

        impl $crate::Json for $name {
            fn json(&self, out: &mut $crate::canon::JsonText) {
                out.push_str("{\"kind\":\"");
                out.push_str(self.kind());
                out.push_str("\",\"body\":");
                match self { $(Self::$variant(v) => $crate::Json::json(v, out)),* }
                out.push('}');
            }
        }
    };
}

/// Declares an enum without payloads: an integer tag in CBOR, its name in JSON.
#[macro_export]
macro_rules! canon_tag {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$vmeta:meta])* $tag:literal $text:literal $variant:ident),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vmeta])* $variant),* }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Name in packets, configuration and traces.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            /// From its name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$variant),)* _ => None }
            }
        }

        impl $crate::Canon for $name {
            fn encode(&self, e: &mut $crate::cbor::Encoder) {
                e.u64(match self { $(Self::$variant => $tag),* });
            }
            fn decode(d: &mut $crate::cbor::Decoder<'_>) -> Result<Self, $crate::cbor::CborError> {
                match d.u64()? {
                    $($tag => Ok(Self::$variant),)*
                    _ => Err($crate::cbor::CborError::Tag),
                }
            }
        }

        impl $crate::Json for $name {
            fn json(&self, out: &mut $crate::canon::JsonText) {
                $crate::canon::json_text(self.name(), out);
            }
        }
    };
}

/// The text that JSON is appended to (named here so that macros need no `alloc` at their use).
pub type JsonText = String;

#[cfg(test)]
#[expect(unreachable_pub, reason = "the macros declare public items")]
mod tests {
    use super::*;
    use alloc::vec;

    canon_tag! {
        /// A tag.
        pub enum Colour { 0 "red" Red, 3 "blue" Blue }
    }
    canon_struct! {
        /// A struct.
        #[derive(Clone, Debug, PartialEq)]
        pub struct Sample { /// a
            pub a: Px, /// b
            pub b: Option<String>, /// c
            pub c: Vec<Colour> }
    }
    canon_enum! {
        /// An enum.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Either { /// l
            1 "left" Left(Sample), /// r
            2 "right" Right(u64) }
    }

    #[test]
    fn a_record_survives_its_bytes_and_shows_as_json() {
        let v = Either::Left(Sample {
            a: Px::parse("1.5").unwrap(),
            b: Some("q\"\n".into()),
            c: vec![Colour::Red, Colour::Blue],
        });
        assert_eq!(Either::from_bytes(&v.to_bytes()).unwrap(), v);
        assert_eq!((v.tag(), Either::Right(1).tag()), (1, 2));
        assert!(Colour::ALL.iter().all(|c| Colour::from_name(c.name()) == Some(*c)));
        assert_eq!(v.to_json(), r#"{"kind":"left","body":{"a":1.5,"b":"q\"\n","c":["red","blue"]}}"#);
    }

    #[test]
    fn an_unknown_tag_and_a_missing_field_are_errors() {
        assert_eq!(Either::from_bytes(&[0x82, 9, 0]), Err(CborError::Tag));
        assert_eq!(Sample::from_bytes(&[0x82, 0, 0xf6]), Err(CborError::Type));
    }
}
