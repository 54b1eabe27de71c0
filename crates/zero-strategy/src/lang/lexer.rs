//! Text to tokens.

use super::error::{LangError, Span};
use alloc::vec::Vec;

/// A token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// Digits with at most one point, without sign or unit.
    Number(&'a str),
    /// A name, a keyword, or the unit that follows a number.
    Word(&'a str),
    /// An operator or a bracket.
    Sign(&'static str),
    /// The end of the text.
    End,
}

/// Longest first, so that `<=` is not read as `<`.
const SIGNS: &[&str] = &[
    "<=", ">=", "==", "!=", "&&", "||", "<", ">", "+", "-", "*", "/", "(", ")", "[", "]", ",", "%", "=", "!",
];

/// All tokens with their places; the last one is [`Token::End`].
///
/// # Errors
/// [`LangError`] at a character that no token begins with.
pub fn tokens(text: &str) -> Result<Vec<(Token<'_>, Span)>, LangError> {
    if text.len() > super::TEXT_MAX {
        return Err(LangError::new(
            LangError::BOUND,
            Span::new(super::TEXT_MAX, text.len()),
            alloc::format!("an expression has at most {} bytes", super::TEXT_MAX),
            "split it into simpler conditions",
        ));
    }
    let bytes = text.as_bytes();
    let run = |from: usize, ok: fn(u8) -> bool| {
        from + bytes.get(from..).unwrap_or(&[]).iter().take_while(|b| ok(**b)).count()
    };
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(&b) = bytes.get(at) {
        let (token, end) = if b.is_ascii_whitespace() {
            at += 1;
            continue;
        } else if b.is_ascii_digit() || b == b'.' {
            let end = run(at, |b| b.is_ascii_digit() || b == b'.');
            (Token::Number(text.get(at..end).unwrap_or("")), end)
        } else if b.is_ascii_alphabetic() || b == b'_' {
            let end = run(at, |b| b.is_ascii_alphanumeric() || b == b'_');
            (Token::Word(text.get(at..end).unwrap_or("")), end)
        } else if let Some(s) =
            SIGNS.iter().find(|s| bytes.get(at..).is_some_and(|r| r.starts_with(s.as_bytes())))
        {
            (Token::Sign(s), at + s.len())
        } else {
            let c = text.get(at..).and_then(|t| t.chars().next()).unwrap_or(' ');
            return Err(LangError::new(
                LangError::SYNTAX,
                Span::new(at, at + c.len_utf8()),
                alloc::format!("{c:?} is no part of the language"),
                "use names, numbers, + - * / ( ) [ ] , < <= > >= and, or, not",
            ));
        };
        out.push((token, Span::new(at, end)));
        at = end;
    }
    out.push((Token::End, Span::new(text.len(), text.len())));
    Ok(out)
}
