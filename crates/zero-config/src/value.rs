//! Typed values: what a key may hold, how text becomes it, and its canonical text.

use std::fmt;
use zero_core::fixed::DecimalError;
use zero_core::{Rate, TsDiff, Usd, canon_enum};

canon_enum! {
    /// A value in force. Its canonical bytes do not depend on how the value was written.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub enum Value {
        /// True or false.
        1 "bool" Bool(bool),
        /// A whole number.
        2 "int" Int(i64),
        /// A decimal at 1e-12: fractions and pure numbers.
        3 "rate" Rate(Rate),
        /// An amount of quote currency at 1e-8.
        4 "usd" Usd(Usd),
        /// A length of time.
        5 "duration" Duration(TsDiff),
        /// A number of bytes.
        6 "bytes" Bytes(i64),
        /// Text: a choice, a name, a path.
        7 "text" Text(String),
        /// Several texts, in order.
        8 "list" List(Vec<String>),
    }
}

impl fmt::Display for Value {
    /// The canonical text, which parses back to the same value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(v) => write!(f, "{v}"),
            Self::Int(v) => write!(f, "{v}"),
            Self::Rate(v) => write!(f, "{v}"),
            Self::Usd(v) => write!(f, "{v}"),
            Self::Duration(v) => f.write_str(&duration_text(*v)),
            Self::Bytes(v) => f.write_str(&bytes_text(*v)),
            Self::Text(v) => f.write_str(v),
            Self::List(v) => f.write_str(&v.join(",")),
        }
    }
}

/// What a key may hold, its range included. Both ends of a range are allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int {
        /// Smallest.
        min: i64,
        /// Largest.
        max: i64,
    },
    /// A decimal, parsed exactly at 1e-12.
    Rate {
        /// Smallest.
        min: Rate,
        /// Largest.
        max: Rate,
    },
    /// An amount, parsed exactly at 1e-8.
    Usd {
        /// Smallest.
        min: Usd,
        /// Largest.
        max: Usd,
    },
    /// Whole numbers with units, largest first: `90s`, `1h30m`, `250ms`.
    Duration {
        /// Shortest.
        min: TsDiff,
        /// Longest.
        max: TsDiff,
    },
    /// A whole number of bytes with a unit: `64MiB`.
    Bytes {
        /// Fewest.
        min: i64,
        /// Most.
        max: i64,
    },
    /// One of these, ordered from the least to the most risk where the key's rule is about order.
    Choice(&'static [&'static str]),
    /// A short text.
    Text,
    /// A file or directory.
    Path,
    /// Short texts; separated by commas on the command line and in the environment.
    List,
}

/// Longest text, in bytes.
pub const TEXT_MAX: usize = 1_024;
/// Most items of a list.
pub const LIST_MAX: usize = 512;

/// What was written, before its key's kind gives it meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Raw {
    /// A number in TOML: its digits, never an f64.
    Number(String),
    /// A string in TOML.
    Text(String),
    /// A boolean in TOML.
    Bool(bool),
    /// An array in TOML.
    List(Vec<Raw>),
    /// Something no key takes, by its name.
    Other(&'static str),
    /// Text from the environment or the command line, where everything is text.
    Bare(String),
}

impl Raw {
    /// As a reader would recognise it in a message.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Number(t) | Self::Bare(t) => t.clone(),
            Self::Text(t) => format!("\"{t}\""),
            Self::Bool(v) => v.to_string(),
            Self::List(v) => format!("[{}]", v.iter().map(Self::shown).collect::<Vec<_>>().join(", ")),
            Self::Other(what) => (*what).to_owned(),
        }
    }
}

/// Which rule a text broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    Type,
    Unit,
    Range,
}

/// A refused text: the rule, in words.
pub(crate) type Refusal = (Broken, String);

impl Kind {
    /// Reads a raw value.
    pub(crate) fn parse(&self, raw: &Raw) -> Result<Value, Refusal> {
        let value = match (self, raw) {
            (Self::Bool, Raw::Bool(v)) => Value::Bool(*v),
            (Self::Bool, Raw::Bare(t)) if t == "true" || t == "false" => Value::Bool(t == "true"),
            (Self::Int { .. }, Raw::Number(t) | Raw::Bare(t)) => Value::Int(parse_int(t)?),
            (Self::Rate { .. }, Raw::Number(t) | Raw::Text(t) | Raw::Bare(t)) => {
                Value::Rate(Rate::parse(t).map_err(|e| decimal(e, t, 12))?)
            }
            (Self::Usd { .. }, Raw::Number(t) | Raw::Text(t) | Raw::Bare(t)) => {
                Value::Usd(Usd::parse(t).map_err(|e| decimal(e, t, 8))?)
            }
            (Self::Duration { .. }, Raw::Text(t) | Raw::Bare(t) | Raw::Number(t)) => {
                Value::Duration(parse_duration(t)?)
            }
            (Self::Bytes { .. }, Raw::Text(t) | Raw::Bare(t) | Raw::Number(t)) => {
                Value::Bytes(parse_bytes(t)?)
            }
            (Self::Choice(names), Raw::Text(t) | Raw::Bare(t)) => {
                if !names.contains(&t.as_str()) {
                    return Err((Broken::Range, format!("it must be one of {}", names.join(", "))));
                }
                Value::Text(t.clone())
            }
            (Self::Text | Self::Path, Raw::Text(t) | Raw::Bare(t)) => Value::Text(checked_text(t)?),
            (Self::List, Raw::Bare(t)) => {
                Value::List(checked_list(t.split(',').map(str::trim).filter(|s| !s.is_empty()))?)
            }
            (Self::List, Raw::List(items)) => {
                let mut texts = Vec::new();
                for item in items {
                    let Raw::Text(t) = item else {
                        return Err((Broken::Type, "every item must be a string".into()));
                    };
                    texts.push(t.as_str());
                }
                Value::List(checked_list(texts.into_iter())?)
            }
            _ => return Err((Broken::Type, format!("it must be {}", self.wants()))),
        };
        self.in_range(&value)?;
        Ok(value)
    }

    fn in_range(&self, value: &Value) -> Result<(), Refusal> {
        let inside = match (self, value) {
            (Self::Int { min, max }, Value::Int(v)) | (Self::Bytes { min, max }, Value::Bytes(v)) => {
                (min..=max).contains(&v)
            }
            (Self::Rate { min, max }, Value::Rate(v)) => (min..=max).contains(&v),
            (Self::Usd { min, max }, Value::Usd(v)) => (min..=max).contains(&v),
            (Self::Duration { min, max }, Value::Duration(v)) => (min..=max).contains(&v),
            _ => true,
        };
        if inside { Ok(()) } else { Err((Broken::Range, format!("it must be {}", self.wants()))) }
    }

    /// The type and range in words, as `it must be ...` continues.
    #[must_use]
    pub fn wants(&self) -> String {
        match self {
            Self::Bool => "true or false".into(),
            Self::Int { min, max } => format!("a whole number from {min} to {max}"),
            Self::Rate { min, max } => format!("a decimal from {min} to {max}, with at most 12 decimals"),
            Self::Usd { min, max } => format!("an amount from {min} to {max}, with at most 8 decimals"),
            Self::Duration { min, max } => {
                format!("a duration from {} to {}", duration_text(*min), duration_text(*max))
            }
            Self::Bytes { min, max } => format!("a size from {} to {}", bytes_text(*min), bytes_text(*max)),
            Self::Choice(names) => format!("one of {}", names.join(", ")),
            Self::Text => format!("a string of at most {TEXT_MAX} bytes"),
            Self::Path => "a path".into(),
            Self::List => format!("a list of at most {LIST_MAX} strings"),
        }
    }

    /// The type's name in the reference.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Bool => "boolean",
            Self::Int { .. } => "integer",
            Self::Rate { .. } => "decimal",
            Self::Usd { .. } => "amount",
            Self::Duration { .. } => "duration",
            Self::Bytes { .. } => "size",
            Self::Choice(_) => "choice",
            Self::Text => "text",
            Self::Path => "path",
            Self::List => "list",
        }
    }
}

fn parse_int(text: &str) -> Result<i64, Refusal> {
    text.parse().map_err(|_| (Broken::Type, "it must be a whole number without a unit".into()))
}

fn decimal(e: DecimalError, text: &str, decimals: u32) -> Refusal {
    match e {
        DecimalError::Syntax if text.ends_with('%') => {
            (Broken::Unit, "percent is not a unit here: write the fraction, 0.5 % is 0.005".into())
        }
        DecimalError::Syntax => (Broken::Type, "it must be a decimal number".into()),
        DecimalError::TooPrecise => (Broken::Range, format!("it must have at most {decimals} decimals")),
        DecimalError::OutOfRange => (Broken::Range, "it is too large to hold".into()),
    }
}

fn checked_text(text: &str) -> Result<String, Refusal> {
    if text.len() > TEXT_MAX || text.chars().any(char::is_control) {
        return Err((
            Broken::Range,
            format!("it must be at most {TEXT_MAX} bytes without control characters"),
        ));
    }
    Ok(text.to_owned())
}

fn checked_list<'a>(items: impl Iterator<Item = &'a str>) -> Result<Vec<String>, Refusal> {
    let out = items.map(checked_text).collect::<Result<Vec<_>, _>>()?;
    if out.len() > LIST_MAX {
        return Err((Broken::Range, format!("it must have at most {LIST_MAX} items")));
    }
    if let Some(twice) = out.iter().enumerate().find(|(i, v)| out.iter().take(*i).any(|w| w == *v)) {
        return Err((Broken::Range, format!("{} is in it twice", twice.1)));
    }
    Ok(out)
}

const DURATION_UNITS: &[(&str, i64)] = &[
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

fn parse_duration(text: &str) -> Result<TsDiff, Refusal> {
    let unit_rule = || {
        (
            Broken::Unit,
            "it must be whole numbers with units (d, h, m, s, ms, us, ns), such as 90s or 1h30m".into(),
        )
    };
    let mut rest = text;
    let mut total: i64 = 0;
    let mut from = 0;
    if rest.is_empty() {
        return Err(unit_rule());
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (number, tail) = rest.split_at(digits);
        let letters = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(letters);
        let at = DURATION_UNITS.iter().position(|(name, _)| *name == unit).ok_or_else(unit_rule)?;
        // Largest unit first and each once: one meaning, and `1m1h` is a typing error rather than a sum.
        if at < from {
            return Err(unit_rule());
        }
        from = at + 1;
        let number: i64 = number.parse().map_err(|_| unit_rule())?;
        let scale = DURATION_UNITS.get(at).map_or(1, |u| u.1);
        total = number
            .checked_mul(scale)
            .and_then(|v| total.checked_add(v))
            .ok_or((Broken::Range, "it is longer than 292 years".to_owned()))?;
        rest = tail;
    }
    Ok(TsDiff::ns(total))
}

/// The canonical text of a duration: largest units first.
#[must_use]
pub fn duration_text(d: TsDiff) -> String {
    let mut rest = d.as_ns().unsigned_abs();
    if rest == 0 {
        return "0s".into();
    }
    let mut out = String::new();
    for (unit, scale) in DURATION_UNITS {
        let n = rest / scale.unsigned_abs();
        rest %= scale.unsigned_abs();
        if n > 0 {
            out.push_str(&format!("{n}{unit}"));
        }
    }
    out
}

const BYTE_UNITS: &[(&str, u32)] = &[("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10), ("B", 0)];

fn parse_bytes(text: &str) -> Result<i64, Refusal> {
    let unit_rule = || {
        (Broken::Unit, "it must be a whole number with a unit (B, KiB, MiB, GiB, TiB), such as 64MiB".into())
    };
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let shift = BYTE_UNITS.iter().find(|(name, _)| *name == unit).map(|(_, s)| *s).ok_or_else(unit_rule)?;
    let number: i64 = number.parse().map_err(|_| unit_rule())?;
    number.checked_mul(1 << shift).ok_or_else(|| (Broken::Range, "it is too large to hold".into()))
}

/// The canonical text of a size: the largest unit that is exact.
#[must_use]
pub fn bytes_text(v: i64) -> String {
    let (unit, shift) =
        BYTE_UNITS.iter().find(|(_, shift)| v != 0 && v % (1i64 << shift) == 0).copied().unwrap_or(("B", 0));
    format!("{}{unit}", v >> shift)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use zero_core::Canon as _;

    const ANY: Kind = Kind::Duration { min: TsDiff::ZERO, max: TsDiff::ns(i64::MAX) };
    const SIZE: Kind = Kind::Bytes { min: 0, max: i64::MAX };
    const FRACTION: Kind = Kind::Rate { min: Rate::ZERO, max: Rate::whole(1) };

    fn bare(kind: &Kind, text: &str) -> Result<Value, Broken> {
        kind.parse(&Raw::Bare(text.into())).map_err(|(b, _)| b)
    }

    #[test]
    fn a_number_without_its_unit_is_never_guessed() {
        for text in ["90", "", "1.5h", "1m1h", "1h1h", "h", "5 s", "-5s", "1y"] {
            assert_eq!(bare(&ANY, text), Err(Broken::Unit), "{text}");
        }
        for text in ["64", "64MB", "64 MiB", "1.5GiB", "MiB"] {
            assert_eq!(bare(&SIZE, text), Err(Broken::Unit), "{text}");
        }
        assert_eq!(bare(&FRACTION, "0.5%"), Err(Broken::Unit));
        assert_eq!(bare(&ANY, "999999999999d"), Err(Broken::Range));
    }

    #[test]
    fn nan_infinity_and_digits_that_would_be_lost_are_refused() {
        for text in ["nan", "inf", "", "1,5"] {
            assert_eq!(bare(&FRACTION, text), Err(Broken::Type), "{text}");
        }
        assert_eq!(bare(&FRACTION, "0.0000000000001"), Err(Broken::Range));
        assert_eq!(bare(&FRACTION, "1.000000000001"), Err(Broken::Range));
        assert_eq!(bare(&FRACTION, "1"), Ok(Value::Rate(Rate::whole(1))));
    }

    #[test]
    fn writing_a_value_differently_gives_the_same_bytes() {
        let bytes = |kind: &Kind, t: &str| bare(kind, t).unwrap().to_bytes();
        assert_eq!(bytes(&ANY, "90m"), bytes(&ANY, "1h30m"));
        assert_eq!(bytes(&ANY, "5400s"), bytes(&ANY, "5400000ms"));
        assert_eq!(bytes(&SIZE, "1024KiB"), bytes(&SIZE, "1MiB"));
        assert_eq!(bytes(&FRACTION, "0.005"), bytes(&FRACTION, "5e-3"));
        assert_ne!(bytes(&FRACTION, "0.005"), bytes(&FRACTION, "0.0050001"));
    }

    #[test]
    fn a_list_names_nothing_twice() {
        assert_eq!(bare(&Kind::List, "BTC, ETH"), Ok(Value::List(vec!["BTC".into(), "ETH".into()])));
        assert_eq!(bare(&Kind::List, "BTC,ETH,BTC"), Err(Broken::Range));
    }

    proptest! {
        #[test]
        fn canonical_text_reads_back_to_the_same_value(ns in 0i64..=i64::MAX, size in 0i64..=i64::MAX) {
            let d = Value::Duration(TsDiff::ns(ns));
            prop_assert_eq!(bare(&ANY, &d.to_string()), Ok(d));
            let b = Value::Bytes(size);
            prop_assert_eq!(bare(&SIZE, &b.to_string()), Ok(b));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,24}") {
            for kind in [ANY, SIZE, FRACTION, Kind::Bool, Kind::List, Kind::Text, Kind::Choice(&["a"])] {
                let _ = bare(&kind, &text);
            }
        }
    }
}
