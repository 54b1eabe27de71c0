//! A line: time, level, target, message and fields. Redaction is by type: only what is [`Loggable`] can be a field.

use crate::sections::LogLevel;
use std::fmt::Write as _;
use zero_core::{AccountId, BookId, CoinId, Digest32, OrderId, Ts, TsDiff};

/// Importance of a line.
pub type Level = LogLevel;

/// A value that may stand in a log. Prices, sizes, amounts, secrets and free text are not: implement it only for what
/// may be shown to anyone who is sent the log.
pub trait Loggable {
    /// Appends plain text; quoting is the line's business.
    fn log(&self, out: &mut String);
}

/// Text that its writer vouches for: a name from a registry, a path, an error's cause.
#[derive(Clone, Copy, Debug)]
pub struct Plain<'a>(pub &'a str);

impl Loggable for Plain<'_> {
    fn log(&self, out: &mut String) {
        out.push_str(self.0);
    }
}

macro_rules! loggable {
    ($($t:ty)*) => {$(
        impl Loggable for $t {
            fn log(&self, out: &mut String) {
                let _ = write!(out, "{self}");
            }
        }
    )*};
}

loggable!(bool u8 u16 u32 u64 usize i32 i64 Ts Digest32 OrderId);

impl Loggable for &'static str {
    fn log(&self, out: &mut String) {
        out.push_str(self);
    }
}

impl Loggable for TsDiff {
    fn log(&self, out: &mut String) {
        out.push_str(&crate::value::duration_text(*self));
    }
}

macro_rules! loggable_index {
    ($($t:ty)*) => {$(
        impl Loggable for $t {
            fn log(&self, out: &mut String) {
                let _ = write!(out, "{}", self.0);
            }
        }
    )*};
}

loggable_index!(CoinId BookId AccountId);

/// A line under construction: `time level target: message key=value ...`.
#[derive(Clone, Debug)]
pub struct LogLine {
    text: String,
}

impl LogLine {
    /// Begins a line. The message is fixed text, so that nothing private can be formatted into it.
    #[must_use]
    pub fn new(time: Ts, level: Level, target: &'static str, message: &'static str) -> Self {
        Self { text: format!("{time} {:<5} {target}: {message}", level.name()) }
    }

    /// Adds a field.
    #[must_use]
    pub fn field(mut self, key: &'static str, value: &dyn Loggable) -> Self {
        let mut text = String::new();
        value.log(&mut text);
        let _ = write!(self.text, " {key}=");
        let plain = !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic() && c != '"' && c != '=');
        if plain {
            self.text.push_str(&text);
        } else {
            zero_core::canon::json_text(&text, &mut self.text);
        }
        self
    }

    /// The line with its end. Control characters cannot be in it, so one line is always one line.
    #[must_use]
    pub fn finish(self) -> String {
        let mut out: String = self.text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        out.push('\n');
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_cannot_forge_a_second_line_or_another_field() {
        let line = LogLine::new(Ts::ZERO, Level::Warn, "feed", "a coin went silent")
            .field("coin", &Plain("BTC\n1970-01-01T00:00:00Z error forged: x"))
            .field("note", &Plain("a=b \u{1b}[31m\u{85}"))
            .field("age", &TsDiff::secs(90))
            .finish();
        assert_eq!(line.matches('\n').count(), 1);
        assert!(
            line.starts_with("1970-01-01T00:00:00Z warn  feed: a coin went silent coin=\"BTC\\n1970"),
            "{line}"
        );
        assert!(line.contains("note=\"a=b ") && line.ends_with("age=1m30s\n"), "{line}");
        assert!(!line.trim_end().chars().any(char::is_control));
    }

    /// Does not compile when one of these becomes loggable: `Ambiguous` would have two answers.
    #[test]
    fn amounts_prices_sizes_and_free_text_are_not_loggable() {
        trait Ambiguous<A> {
            fn check() {}
        }
        impl<T> Ambiguous<()> for T {}
        struct CanBeLogged;
        impl<T: Loggable> Ambiguous<CanBeLogged> for T {}
        <zero_core::Usd as Ambiguous<_>>::check();
        <zero_core::Px as Ambiguous<_>>::check();
        <zero_core::Sz as Ambiguous<_>>::check();
        <zero_core::Rate as Ambiguous<_>>::check();
        <String as Ambiguous<_>>::check();
        <f64 as Ambiguous<_>>::check();
        <ed25519_dalek::SigningKey as Ambiguous<_>>::check();
    }
}
