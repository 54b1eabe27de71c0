//! Frames of the WebSocket: `{"channel": c, "data": d}`.

use super::candle::{Candle, candle};
use super::market::{AssetCtx, Bbo, BookSnapshot, PublicTrade, asset_ctx, bbo, book, mids, trades};
use super::object::{Notes, Object, cut, malformed, parse};
use crate::error::WireError;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use zero_core::Px;

/// What a frame says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// A candle, complete or forming.
    Candle(Candle),
    /// Mark, oracle and funding of one coin.
    AssetCtx(String, AssetCtx),
    /// Public trades; the first after subscribing is recent history.
    Trades(Vec<PublicTrade>),
    /// A full book.
    Book(BookSnapshot),
    /// Best bid and ask.
    Bbo(Bbo),
    /// Mids of all perpetuals.
    Mids(BTreeMap<String, Px>),
    /// The venue accepted a subscription, as it normalised it.
    Subscribed {
        /// The subscription's `type`.
        kind: String,
        /// The coin, when it names one.
        coin: Option<String>,
    },
    /// The answer to a ping, or the greeting of the connection.
    Alive,
    /// The venue's error text.
    Error(String),
    /// A channel that no decoder reads.
    Unknown(String),
}

/// Decodes one text frame.
///
/// # Errors
/// [`WireError::Malformed`], [`WireError::Implausible`] for a known channel with bad content, and for what is not JSON.
pub fn frame(text: &str, notes: &mut Notes) -> Result<Frame, WireError> {
    if text.starts_with("Websocket connection established") {
        return Ok(Frame::Alive);
    }
    let mut outer: BTreeMap<String, &RawValue> = parse(text, "frame")?;
    let channel = outer
        .get("channel")
        .ok_or_else(|| malformed("frame", format!("no channel in {}", cut(text))))
        .and_then(|raw| parse::<String>(raw.get(), "frame"))?;
    let data = || {
        let missing = || malformed("frame", format!("no data on channel {}", cut(&channel)));
        outer.get("data").map(|d| d.get()).ok_or_else(missing)
    };
    let decoded = match channel.as_str() {
        "candle" => Frame::Candle(candle(data()?, notes)?),
        "activeAssetCtx" => {
            let o = Object::read(data()?, "activeAssetCtx", &["coin", "ctx"], notes)?;
            Frame::AssetCtx(o.text("coin")?, asset_ctx(o.raw("ctx")?, notes)?)
        }
        "trades" => Frame::Trades(trades(data()?, notes)?),
        "l2Book" => Frame::Book(book(data()?, notes)?),
        "bbo" => Frame::Bbo(bbo(data()?, notes)?),
        "allMids" => {
            let o = Object::read(data()?, "allMids", &["mids", "dex"], notes)?;
            Frame::Mids(mids(o.raw("mids")?)?)
        }
        "subscriptionResponse" => subscribed(data()?, notes)?,
        "pong" => Frame::Alive,
        "error" => Frame::Error(cut(&parse::<String>(data()?, "error")?)),
        other => {
            notes.unknown_channels = notes.unknown_channels.saturating_add(1);
            Frame::Unknown(cut(other))
        }
    };
    outer.retain(|k, _| k != "channel" && k != "data");
    notes.unknown_fields = notes.unknown_fields.saturating_add(outer.len() as u64);
    Ok(decoded)
}

fn subscribed(text: &str, notes: &mut Notes) -> Result<Frame, WireError> {
    const WHAT: &str = "subscriptionResponse";
    let o = Object::read(text, WHAT, &["method", "subscription"], notes)?;
    let s: BTreeMap<String, &RawValue> = parse(o.raw("subscription")?, WHAT)?;
    let kind = s.get("type").ok_or_else(|| malformed(WHAT, "no type".to_owned()))?;
    let coin = s.get("coin").map(|c| parse::<String>(c.get(), WHAT)).transpose()?;
    Ok(Frame::Subscribed { kind: parse(kind.get(), WHAT)?, coin })
}
