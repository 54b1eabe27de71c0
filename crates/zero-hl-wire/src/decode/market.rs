//! Books, trades, mids and asset contexts.

use super::funding::lint_hourly;
use super::object::{Notes, Object, decimal, elements, implausible, malformed, parse};
use crate::error::WireError;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use zero_core::{Px, Rate, Sz, Ts};
use zero_market::Side;
use zero_market::event::Level;

const LEVELS_MAX: usize = 100;
const TRADES_MAX: usize = 10_000;

/// What the venue says about a perpetual right now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssetCtx {
    /// Predicted funding per hour as a fraction.
    pub funding: Rate,
    /// Open interest in coins.
    pub open_interest: Sz,
    /// Premium of the impact prices over the oracle as a fraction; absent on thin books.
    pub premium: Option<Rate>,
    /// Oracle price.
    pub oracle: Px,
    /// Mark price.
    pub mark: Px,
    /// Middle of the book; absent on thin books.
    pub mid: Option<Px>,
}

/// A snapshot of a book, best level first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookSnapshot {
    /// The venue's symbol.
    pub coin: String,
    /// The venue's time.
    pub time: Ts,
    /// Bids, strictly falling.
    pub bids: Vec<Level>,
    /// Asks, strictly rising.
    pub asks: Vec<Level>,
}

/// The best bid and ask; an empty side is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bbo {
    /// The venue's symbol.
    pub coin: String,
    /// The venue's time.
    pub time: Ts,
    /// Best bid.
    pub bid: Option<Level>,
    /// Best ask.
    pub ask: Option<Level>,
}

/// A public trade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicTrade {
    /// The venue's symbol.
    pub coin: String,
    /// The venue's time.
    pub time: Ts,
    /// Side of the aggressor.
    pub aggressor: Side,
    /// Price.
    pub px: Px,
    /// Size in coins.
    pub sz: Sz,
    /// Trade id, unique with time and coin.
    pub tid: u64,
}

/// One context.
///
/// # Errors
/// [`WireError::Malformed`], [`WireError::Implausible`].
pub fn asset_ctx(text: &str, notes: &mut Notes) -> Result<AssetCtx, WireError> {
    const WHAT: &str = "activeAssetCtx";
    const FIELDS: [&str; 10] = [
        "funding",
        "openInterest",
        "prevDayPx",
        "dayNtlVlm",
        "dayBaseVlm",
        "premium",
        "oraclePx",
        "markPx",
        "midPx",
        "impactPxs",
    ];
    let o = Object::read(text, WHAT, &FIELDS, notes)?;
    let funding = o.rate("funding")?;
    lint_hourly(WHAT, "funding", funding)?;
    let premium = o.optional_rate("premium")?;
    if premium.is_some_and(|p| p.abs() > Rate::whole(1)) {
        return Err(implausible(WHAT, "premium", "not a fraction within +-1".to_owned()));
    }
    Ok(AssetCtx {
        funding,
        open_interest: o.sz("openInterest")?,
        premium,
        oracle: o.px("oraclePx")?,
        mark: o.px("markPx")?,
        mid: o.optional_px("midPx")?,
    })
}

/// A book of `l2Book`, over either road.
///
/// # Errors
/// [`WireError::Malformed`], [`WireError::Implausible`]; `null`, the venue's answer for an unknown coin, is malformed.
pub fn book(text: &str, notes: &mut Notes) -> Result<BookSnapshot, WireError> {
    const WHAT: &str = "l2Book";
    let o = Object::read(text, WHAT, &["coin", "time", "levels", "spread", "fast"], notes)?;
    let sides = elements(o.raw("levels")?, WHAT, 2)?;
    let [bids, asks] = sides.as_slice() else {
        return Err(malformed(WHAT, format!("{} sides, not 2", sides.len())));
    };
    let book = BookSnapshot {
        coin: o.text("coin")?,
        time: o.time("time")?,
        bids: levels(WHAT, bids.get(), notes)?,
        asks: levels(WHAT, asks.get(), notes)?,
    };
    let sorted = book.bids.windows(2).all(|w| matches!(w, [a, b] if a.px > b.px))
        && book.asks.windows(2).all(|w| matches!(w, [a, b] if a.px < b.px));
    let crossed = matches!((book.bids.first(), book.asks.first()), (Some(b), Some(a)) if b.px >= a.px);
    if !sorted || crossed {
        return Err(implausible(WHAT, "levels", "out of order or crossed".to_owned()));
    }
    Ok(book)
}

/// The best bid and ask.
///
/// # Errors
/// [`WireError::Malformed`], [`WireError::Implausible`].
pub fn bbo(text: &str, notes: &mut Notes) -> Result<Bbo, WireError> {
    const WHAT: &str = "bbo";
    let o = Object::read(text, WHAT, &["coin", "time", "bbo"], notes)?;
    let sides = elements(o.raw("bbo")?, WHAT, 2)?;
    let [bid, ask] = sides.as_slice() else {
        return Err(malformed(WHAT, format!("{} sides, not 2", sides.len())));
    };
    let mut side = |raw: &str| if raw == "null" { Ok(None) } else { level(WHAT, raw, notes).map(Some) };
    let (bid, ask) = (side(bid.get())?, side(ask.get())?);
    if matches!((bid, ask), (Some(b), Some(a)) if b.px >= a.px) {
        return Err(implausible(WHAT, "bbo", "crossed".to_owned()));
    }
    Ok(Bbo { coin: o.text("coin")?, time: o.time("time")?, bid, ask })
}

/// A list of trades.
///
/// # Errors
/// [`WireError::Malformed`], [`WireError::Implausible`].
pub fn trades(text: &str, notes: &mut Notes) -> Result<Vec<PublicTrade>, WireError> {
    const WHAT: &str = "trades";
    const FIELDS: [&str; 8] = ["coin", "side", "px", "sz", "time", "hash", "tid", "users"];
    let mut out = Vec::new();
    for item in elements(text, WHAT, TRADES_MAX)? {
        let o = Object::read(item.get(), WHAT, &FIELDS, notes)?;
        let aggressor = match o.text("side")?.as_str() {
            "B" => Side::Buy,
            "A" => Side::Sell,
            other => return Err(malformed(WHAT, format!("side {other:?}"))),
        };
        let sz = o.sz("sz")?;
        if sz == Sz::ZERO {
            return Err(implausible(WHAT, "sz", "zero".to_owned()));
        }
        out.push(PublicTrade {
            coin: o.text("coin")?,
            time: o.time("time")?,
            aggressor,
            px: o.px("px")?,
            sz,
            tid: o.integer("tid")?,
        });
    }
    Ok(out)
}

/// Mids of the perpetuals; the spot pairs that come in the same map are left out.
///
/// # Errors
/// [`WireError::Malformed`].
pub fn mids(text: &str) -> Result<BTreeMap<String, Px>, WireError> {
    const WHAT: &str = "allMids";
    let all: BTreeMap<String, &RawValue> = parse(text, WHAT)?;
    all.into_iter()
        .filter(|(name, _)| !name.starts_with(['@', '#']) && !name.contains('/'))
        .map(|(name, raw)| match decimal(WHAT, "mid", raw.get(), Px::parse)? {
            px if px.raw() > 0 => Ok((name, px)),
            px => Err(implausible(WHAT, "mid", format!("{name} {px} is not positive"))),
        })
        .collect()
}

fn levels(what: &'static str, text: &str, notes: &mut Notes) -> Result<Vec<Level>, WireError> {
    elements(text, what, LEVELS_MAX)?.iter().map(|item| level(what, item.get(), notes)).collect()
}

fn level(what: &'static str, text: &str, notes: &mut Notes) -> Result<Level, WireError> {
    let o = Object::read(text, what, &["px", "sz", "n"], notes)?;
    Ok(Level { px: o.px("px")?, sz: o.sz("sz")? })
}
