//! A route's query, read by its declaration: what is not declared is refused.

use crate::refusal::Refusal;
use axum::http::Uri;
use zero_capability::{Http, Query, QueryKind};
use zero_core::CoinId;
use zero_runtime::project::Reading;

/// Most parameters of one query.
const PARAMETERS_MAX: usize = 16;
/// Longest query, bytes.
const BYTES_MAX: usize = 2_048;
/// Longest symbol.
const SYMBOL_MAX: usize = 32;

/// What a query said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    /// Coins that were named.
    pub(crate) coins: Vec<CoinId>,
    /// The count, or its default; 0 where none is declared.
    pub(crate) count: usize,
    /// Words that were chosen, by their parameter.
    choices: Vec<(&'static str, &'static str)>,
}

impl Asked {
    /// The word that was chosen.
    pub(crate) fn choice(&self, name: &str) -> Option<&'static str> {
        self.choices.iter().find(|(n, _)| *n == name).map(|(_, word)| *word)
    }
}

/// The coin that a path names where the row's path has a place for one, then the query.
pub(crate) fn read(uri: &Uri, route: &Http, r: &Reading) -> Result<Asked, Refusal> {
    let (text, declared) = (uri.query(), route.query);
    let mut asked = Asked::default();
    if let Some((before, _)) = route.path.split_once("{coin}") {
        asked.coins.push(coin(uri.path().strip_prefix(before).unwrap_or(""), r)?);
    }
    let text = text.unwrap_or("");
    if text.len() > BYTES_MAX {
        return Err(Refusal::Query(format!("the query is longer than {BYTES_MAX} bytes")));
    }
    let mut seen: Vec<&str> = Vec::new();
    for pair in text.split('&').filter(|p| !p.is_empty()) {
        if seen.len() == PARAMETERS_MAX {
            return Err(Refusal::Query(format!("there are more than {PARAMETERS_MAX} parameters")));
        }
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let q = declared.iter().find(|q| q.name == name).ok_or_else(|| unknown(name, declared))?;
        if seen.contains(&name) && q.kind != QueryKind::Coins {
            return Err(Refusal::Query(format!("{name} is given twice")));
        }
        seen.push(q.name);
        let text = || decoded(value).ok_or_else(|| Refusal::Query(format!("{name} is no text")));
        match q.kind {
            QueryKind::Count { max, .. } => asked.count = count(name, &text()?, max)?,
            QueryKind::Choice(words) => asked.choices.push((q.name, choice(name, &text()?, words)?)),
            QueryKind::Coin { .. } | QueryKind::Coins => asked.coins.push(coin(value, r)?),
        }
    }
    for q in declared {
        match q.kind {
            QueryKind::Count { default, .. } if !seen.contains(&q.name) => asked.count = default as usize,
            QueryKind::Coin { required: true } if !seen.contains(&q.name) => {
                return Err(Refusal::Query(format!("{} is needed", q.name)));
            }
            _ => {}
        }
    }
    Ok(asked)
}

/// The query of what takes none.
pub(crate) fn none(uri: &Uri) -> Result<(), Refusal> {
    match uri.query().unwrap_or("").split('&').find(|p| !p.is_empty()) {
        None => Ok(()),
        Some(pair) => Err(unknown(pair.split_once('=').map_or(pair, |(name, _)| name), &[])),
    }
}

fn unknown(name: &str, declared: &[Query]) -> Refusal {
    let name: String = name.chars().take(40).collect();
    let names: Vec<&str> = declared.iter().map(|q| q.name).collect();
    let have =
        if names.is_empty() { "none is taken".into() } else { format!("there is {}", names.join(", ")) };
    Refusal::Query(format!("there is no parameter {name:?}; {have}"))
}

fn choice(name: &str, value: &str, words: &'static [&'static str]) -> Result<&'static str, Refusal> {
    let found = words.iter().find(|w| **w == value).copied();
    found.ok_or_else(|| Refusal::Query(format!("{name} is one of {}", words.join(", "))))
}

fn count(name: &str, value: &str, max: u32) -> Result<usize, Refusal> {
    let plain = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
    match value.parse::<u32>() {
        Ok(n) if plain && (1..=max).contains(&n) => Ok(n as usize),
        _ => Err(Refusal::Query(format!("{name} is no whole number from 1 to {max}"))),
    }
}

/// A symbol of the run, whatever its case.
fn coin(value: &str, r: &Reading) -> Result<CoinId, Refusal> {
    let symbol = decoded(value);
    let Some(symbol) = symbol.filter(|s| (1..=SYMBOL_MAX).contains(&s.chars().count())) else {
        return Err(Refusal::Query(format!("a coin has 1 to {SYMBOL_MAX} characters")));
    };
    let at = r.view.manifest.universe.iter().position(|i| i.symbol.eq_ignore_ascii_case(&symbol));
    at.map(|i| CoinId(i as u16)).ok_or(Refusal::Coin(symbol))
}

/// The text behind percent signs; `None` where it is none.
fn decoded(value: &str) -> Option<String> {
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(b) = rest.next() {
        out.push(match b {
            b'%' => {
                let digit = |b: Option<u8>| char::from(b?).to_digit(16);
                u8::try_from(digit(rest.next())? * 16 + digit(rest.next())?).ok()?
            }
            b'+' => b' ',
            other => other,
        });
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn percent_signs_are_read_and_broken_ones_are_no_text() {
        assert_eq!(decoded("PURR%2fUSDC").as_deref(), Some("PURR/USDC"));
        assert_eq!(decoded("a+b").as_deref(), Some("a b"));
        for broken in ["%", "%2", "%zz", "%ff", "%+1"] {
            assert_eq!(decoded(broken), None, "{broken}");
        }
    }
}
