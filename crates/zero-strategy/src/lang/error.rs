//! What is wrong with a text, and where.

use alloc::string::{String, ToString as _};

/// A range of bytes of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// From one byte to another.
    #[must_use]
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// From the beginning of one to the end of the other.
    #[must_use]
    pub const fn to(self, other: Self) -> Self {
        Self { start: self.start, end: other.end }
    }
}

/// Why a text is not an expression or a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LangError {
    /// Stable code, `ZERO-STR-nnn`.
    pub code: &'static str,
    /// Which field of a document; empty for an expression alone.
    pub field: String,
    /// Where, inside the field's text.
    pub span: Span,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
}

impl LangError {
    /// Not an expression of the grammar.
    pub const SYNTAX: &'static str = "ZERO-STR-001";
    /// A name that the language does not have.
    pub const NAME: &'static str = "ZERO-STR-002";
    /// Units that do not go together.
    pub const UNIT: &'static str = "ZERO-STR-003";
    /// A number outside its range: lengths, lags, constants.
    pub const RANGE: &'static str = "ZERO-STR-004";
    /// Beyond a bound on size, depth or work.
    pub const BOUND: &'static str = "ZERO-STR-005";
    /// A field that a document does not have, or lacks.
    pub const FIELD: &'static str = "ZERO-STR-006";

    /// An error at a span.
    #[must_use]
    pub fn new(code: &'static str, span: Span, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code, field: String::new(), span, message: message.into(), hint: hint.into() }
    }

    /// The same, in a field of a document.
    #[must_use]
    pub fn in_field(self, field: &str) -> Self {
        Self { field: field.to_string(), ..self }
    }
}

impl core::fmt::Display for LangError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        if self.field.is_empty() {
            write!(f, "{}", self.message)
        } else {
            write!(f, "{}: {}", self.field, self.message)
        }
    }
}

impl core::error::Error for LangError {}

/// The name among `names` that was probably meant: at most two edits away, and fewer than half of the word.
#[must_use]
pub fn nearest<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let word: String = word.chars().take(40).collect();
    names
        .map(|n| (distance(&word, n), n))
        .filter(|(d, n)| *d <= 2 && 2 * d < n.len().max(3))
        .min_by_key(|(d, n)| (*d, *n))
        .map(|(_, n)| n)
}

/// Edit distance by bytes: insertion, deletion, replacement.
fn distance(a: &str, b: &str) -> usize {
    let mut row: alloc::vec::Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut corner = i;
        let mut left = i + 1;
        for (y, cell) in b.bytes().zip(row.iter_mut().skip(1)) {
            let up = *cell;
            left = (up + 1).min(left + 1).min(corner + usize::from(x != y));
            corner = up;
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(a.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_levenshtein() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(nearest("trend", ["trend_t", "ema"].into_iter()), Some("trend_t"));
        assert_eq!(nearest("xyz", ["ema", "rsi"].into_iter()), None);
    }
}
