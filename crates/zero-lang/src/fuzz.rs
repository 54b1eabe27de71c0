//! Hostile texts, drawn by counter: byte noise, and mutations of documents that keep some structure. Every answer is a
//! document or an error with its place; nothing may panic, hang or grow.

use crate::bundled::BUNDLED;
use crate::file::{FILE_MAX, read};
use zero_core::prng::Prng;
use zero_strategy::lang::document::Document;
use zero_strategy::lang::parser::parse;

/// What a stretch of executions came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Texts that were read.
    pub executions: u64,
    /// Of these, accepted.
    pub accepted: u64,
    /// Largest text, in bytes.
    pub largest: usize,
}

/// Pieces of the grammar, and of what people write instead.
const PIECES: &[&str] = &[
    "close",
    "ema(",
    "rsi(14)",
    "trend_t(168)",
    "highest(20)[1]",
    "[",
    "]",
    "[-1]",
    "(",
    ")",
    "((((",
    "))))",
    " and ",
    " or ",
    "not ",
    " < ",
    " >= ",
    "==",
    "&&",
    "+",
    "-",
    "*",
    "/",
    "/ 0",
    ",",
    "%",
    "5%",
    "0.1pa",
    "48h",
    "7d",
    "999999999999999999",
    "0.000000000000000001",
    "1e9",
    "NaN",
    "inf",
    "if(",
    "vote(",
    "min(",
    "clamp(",
    "true",
    "none",
    "hours_held",
    "unrealised",
    "giveback",
    "\"",
    "'",
    "\"\"\"",
    "\n",
    "=",
    "[exit]",
    "[[test]]",
    "#",
    "\\",
    "\u{0}",
    "\u{1F4A5}",
    "share ",
    "fixed ",
    "*",
    "65536",
    "-0",
];

/// Reads `count` texts from `first` on; the same numbers give the same texts.
///
/// # Errors
/// In words, with the number of the text: an invariant that did not hold.
pub fn fuzz(seed: u64, first: u64, count: u64) -> Result<Tally, String> {
    let mut tally = Tally::default();
    for i in first..first.saturating_add(count) {
        let mut draw = Prng::new(seed, i);
        let accepted = match i % 4 {
            0 => whole(&noise(&mut draw, 400), &mut tally, i)?,
            1 => expression(&mut draw, &mut tally, i)?,
            _ => whole(&mutated(&mut draw), &mut tally, i)?,
        };
        tally.executions += 1;
        tally.accepted += u64::from(accepted);
    }
    Ok(tally)
}

fn noise(draw: &mut Prng, max: u64) -> Vec<u8> {
    let n = draw.below(max);
    (0..n).map(|_| draw.next_u64() as u8).collect()
}

fn pick<'a>(draw: &mut Prng, from: &[&'a str]) -> &'a str {
    from.get(draw.below(from.len().max(1) as u64) as usize).copied().unwrap_or("")
}

/// A bundled document after one to eight edits: bytes changed, cut, doubled, or pieces of the grammar put in.
fn mutated(draw: &mut Prng) -> Vec<u8> {
    let texts: Vec<&str> = BUNDLED.iter().map(|(_, t)| *t).collect();
    // Without its fixture: more of the edits meet expressions.
    let text = pick(draw, &texts).split("[[test]]").next().unwrap_or("");
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=draw.below(8) {
        let at = draw.below(bytes.len() as u64 + 1) as usize;
        let end = (at + draw.below(20) as usize).min(bytes.len());
        match draw.below(5) {
            0 => {
                if let Some(b) = bytes.get_mut(at) {
                    *b = draw.next_u64() as u8;
                }
            }
            1 => {
                bytes.drain(at..end);
            }
            2 => {
                let copy: Vec<u8> = bytes.get(at..end).unwrap_or(&[]).to_vec();
                bytes.splice(at..at, copy);
            }
            _ => {
                let piece = pick(draw, PIECES)
                    .repeat(1 + if draw.below(50) == 0 { draw.below(600) as usize } else { 0 });
                bytes.splice(at..at, piece.bytes());
            }
        }
    }
    bytes
}

fn whole(bytes: &[u8], tally: &mut Tally, i: u64) -> Result<bool, String> {
    tally.largest = tally.largest.max(bytes.len());
    match read(bytes) {
        Ok(f) => {
            // What is accepted survives its own normal form.
            let again =
                Document::from_spec(&f.document.spec()).map_err(|e| format!("text {i}: normal form: {e}"))?;
            if again == f.document {
                Ok(true)
            } else {
                Err(format!("text {i}: the normal form reads back as another"))
            }
        }
        Err(e) if e.hint.is_empty() || e.excerpt.len() > 4_096 || bytes.len() > FILE_MAX && e.line != 0 => {
            Err(format!("text {i}: an error without a hint or of any length: {e}"))
        }
        Err(_) => Ok(false),
    }
}

fn expression(draw: &mut Prng, tally: &mut Tally, i: u64) -> Result<bool, String> {
    let mut text = String::new();
    for _ in 0..=draw.below(24) {
        text.push_str(pick(draw, PIECES));
    }
    tally.largest = tally.largest.max(text.len());
    match parse(&text) {
        Ok(p) => {
            let printed = p.expr.to_string();
            match parse(&printed) {
                Ok(again) if again.expr == p.expr => Ok(true),
                _ => Err(format!("text {i}: {text:?} prints as {printed:?}, which is not the same")),
            }
        }
        Err(e) if e.span.start > e.span.end || e.span.end > text.len() => {
            Err(format!("text {i}: {text:?} has an error outside of it"))
        }
        Err(_) => Ok(false),
    }
}
