//! Decimals on the wire: JSON numbers whose digits are those of the fixed point value.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// A text that is not a plain decimal number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotANumber(pub String);

impl fmt::Display for NotANumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a plain decimal number", self.0)
    }
}

impl std::error::Error for NotANumber {}

/// A decimal number, held as its canonical text: no exponent, no leading or trailing zeros, no `-0`. Serialises as a
/// JSON number with exactly these digits.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Dec(Cow<'static, str>);

impl Dec {
    /// Zero.
    pub const ZERO: Self = Self(Cow::Borrowed("0"));

    /// From what a fixed point type prints, such as `Usd` or `Rate`.
    ///
    /// # Errors
    /// [`NotANumber`] for anything else.
    pub fn of(value: impl fmt::Display) -> Result<Self, NotANumber> {
        Self::parse(&value.to_string())
    }

    /// From plain decimal text.
    ///
    /// # Errors
    /// [`NotANumber`] for exponents, signs other than `-`, and everything that is no number.
    pub fn parse(text: &str) -> Result<Self, NotANumber> {
        canonical(text)
            .map(|t| Self(Cow::Owned(t)))
            .ok_or_else(|| NotANumber(text.chars().take(64).collect()))
    }

    /// From a scaled integer: `value / 10^decimals`, exactly.
    #[must_use]
    pub fn scaled(value: i64, decimals: u32) -> Self {
        let (sign, width) = (if value < 0 { "-" } else { "" }, decimals as usize + 1);
        let mut text = format!("{sign}{:0width$}", value.unsigned_abs());
        if decimals > 0 {
            text.insert(text.len() - decimals as usize, '.');
            text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
        }
        Self(Cow::Owned(text))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn canonical(text: &str) -> Option<String> {
    let (sign, body) = text.strip_prefix('-').map_or(("", text), |b| ("-", b));
    let (int, frac) = body.split_once('.').unwrap_or((body, "0"));
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if !digits(int) || !digits(frac) || text.len() > 64 {
        return None;
    }
    let int = int.trim_start_matches('0');
    let frac = frac.trim_end_matches('0');
    let int = if int.is_empty() { "0" } else { int };
    Some(match (int, frac) {
        ("0", "") => "0".to_owned(),
        (int, "") => format!("{sign}{int}"),
        (int, frac) => format!("{sign}{int}.{frac}"),
    })
}

impl fmt::Display for Dec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Dec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dec({})", self.0)
    }
}

impl From<u64> for Dec {
    fn from(v: u64) -> Self {
        Self(Cow::Owned(v.to_string()))
    }
}

impl From<i64> for Dec {
    fn from(v: i64) -> Self {
        Self(Cow::Owned(v.to_string()))
    }
}

impl Serialize for Dec {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        serde_json::from_str::<&RawValue>(&self.0).map_err(serde::ser::Error::custom)?.serialize(s)
    }
}

impl<'de> Deserialize<'de> for Dec {
    /// From a JSON number without exponent; a string is refused.
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(d)?;
        Self::parse(raw.get()).map_err(D::Error::custom)
    }
}

impl JsonSchema for Dec {
    fn schema_name() -> Cow<'static, str> {
        "Decimal".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn digits_beyond_an_f64_survive_the_wire() {
        let d = Dec::parse("92233720368.54775807").unwrap();
        let text = serde_json::to_string(&vec![d.clone()]).unwrap();
        assert_eq!(text, "[92233720368.54775807]");
        assert_eq!(serde_json::from_str::<Vec<Dec>>(&text).unwrap(), [d]);
    }

    #[test]
    fn strings_exponents_and_nan_are_refused() {
        for text in ["\"1.0\"", "1e5", "null", "true", "[1]"] {
            assert!(serde_json::from_str::<Dec>(text).is_err(), "{text}");
        }
        for text in ["", "-", "NaN", "inf", "+1", "1.", ".5", "1.2.3", "1_0", " 1"] {
            assert!(Dec::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn there_is_no_minus_zero_and_one_text_per_number() {
        for (text, want) in [("-0", "0"), ("-0.00", "0"), ("01.50", "1.5"), ("10", "10"), ("-0.05", "-0.05")]
        {
            assert_eq!(Dec::parse(text).unwrap().as_str(), want);
        }
    }

    #[test]
    fn a_contract_client_reads_it_as_f64() {
        for (d, want) in
            [(Dec::from(10_000u64), 10_000.0), (Dec::scaled(-1_250_000, 8), -0.0125), (Dec::ZERO, 0.0)]
        {
            let text = serde_json::to_string(&d).unwrap();
            assert_eq!(serde_json::from_str::<f64>(&text).unwrap(), want, "{text}");
        }
    }

    proptest! {
        #[test]
        fn scaled_integers_come_back_to_the_unit(v in any::<i64>(), decimals in 0u32..=12) {
            let d = Dec::scaled(v, decimals);
            let back: Dec = serde_json::from_str(&serde_json::to_string(&d).unwrap()).unwrap();
            prop_assert_eq!(&back, &d);
            let (int, frac) = back.as_str().split_once('.').unwrap_or((back.as_str(), ""));
            let text = format!("{int}{frac:0<width$}", width = decimals as usize);
            prop_assert_eq!(text.parse::<i128>().unwrap(), i128::from(v));
        }
    }
}
