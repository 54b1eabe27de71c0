//! Candles, as the `candle` channel and `candleSnapshot` send them: `{t, T, s, i, o, c, h, l, v, n}`.

use super::object::{Notes, Object, elements, implausible, malformed};
use crate::error::WireError;
use zero_core::{CoinId, Px, Sz, Ts, TsDiff};
use zero_market::Bar;

/// The venue keeps this many candles per coin and interval.
pub const CANDLES_MAX: usize = 5_000;
const WHAT: &str = "candle";
const FIELDS: [&str; 10] = ["t", "T", "s", "i", "o", "c", "h", "l", "v", "n"];

/// A candle length whose opens are multiples of it since 1970. The venue's `3d`, `1w` and `1M` are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Interval {
    name: &'static str,
    length: TsDiff,
}

impl Interval {
    /// One hour.
    pub const HOUR: Self = Self { name: "1h", length: TsDiff::HOUR };
    const ALL: [(&'static str, i64); 11] = [
        ("1m", 1),
        ("3m", 3),
        ("5m", 5),
        ("15m", 15),
        ("30m", 30),
        ("1h", 60),
        ("2h", 120),
        ("4h", 240),
        ("8h", 480),
        ("12h", 720),
        ("1d", 1_440),
    ];

    /// From the venue's word, such as `1h`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(name, _)| *name == text)
            .map(|(name, minutes)| Self { name, length: TsDiff::secs(minutes * 60) })
    }

    /// From a length.
    #[must_use]
    pub fn of(length: TsDiff) -> Option<Self> {
        Self::ALL.iter().map(|(name, _)| *name).filter_map(Self::parse).find(|i| i.length == length)
    }

    /// The venue's word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// Its length.
    #[must_use]
    pub const fn length(self) -> TsDiff {
        self.length
    }
}

/// A candle, complete or still forming: the message does not say which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candle {
    /// The venue's symbol.
    pub coin: String,
    /// Its length.
    pub interval: Interval,
    /// First trade price.
    pub open: Px,
    /// Highest trade price.
    pub high: Px,
    /// Lowest trade price.
    pub low: Px,
    /// Last trade price.
    pub close: Px,
    /// Volume in coins.
    pub volume: Sz,
    /// Number of trades; never falls while a candle forms.
    pub trades: u64,
    /// Open time.
    pub open_time: Ts,
}

impl Candle {
    /// When the next one opens.
    #[must_use]
    pub const fn close_time(&self) -> Ts {
        self.open_time.plus(self.interval.length())
    }

    /// As a bar.
    #[must_use]
    pub const fn bar(&self, coin: CoinId) -> Bar {
        Bar {
            coin,
            open_time: self.open_time,
            interval: self.interval.length(),
            open: self.open,
            high: self.high,
            low: self.low,
            close: self.close,
            volume: self.volume,
        }
    }
}

/// One candle.
///
/// # Errors
/// [`WireError::Malformed`], [`WireError::Implausible`].
pub fn candle(text: &str, notes: &mut Notes) -> Result<Candle, WireError> {
    let o = Object::read(text, WHAT, &FIELDS, notes)?;
    let word = o.text("i")?;
    let interval = Interval::parse(&word).ok_or_else(|| malformed(WHAT, format!("interval {word:?}")))?;
    let candle = Candle {
        coin: o.text("s")?,
        interval,
        open: o.px("o")?,
        high: o.px("h")?,
        low: o.px("l")?,
        close: o.px("c")?,
        volume: o.sz("v")?,
        trades: o.integer("n")?,
        open_time: o.time("t")?,
    };
    let end = o.time("T")?;
    if candle.open_time.floor(interval.length()) != candle.open_time {
        return Err(malformed(WHAT, format!("t {} is not on the {word} grid", candle.open_time)));
    }
    if end != candle.close_time().minus(TsDiff::ms(1)) {
        return Err(malformed(WHAT, format!("T {end} is not 1 ms before the end of the {word} from t")));
    }
    if !candle.bar(CoinId(0)).is_consistent() {
        let detail = format!("o {} h {} l {} c {}", candle.open, candle.high, candle.low, candle.close);
        return Err(implausible(WHAT, "range", detail));
    }
    Ok(candle)
}

/// The answer to `candleSnapshot`: candles by strictly rising open time, the last one perhaps still forming.
///
/// # Errors
/// [`WireError::Malformed`], [`WireError::Implausible`].
pub fn candles(text: &str, notes: &mut Notes) -> Result<Vec<Candle>, WireError> {
    let mut out: Vec<Candle> = Vec::new();
    for item in elements(text, "candleSnapshot", CANDLES_MAX + 1)? {
        let next = candle(item.get(), notes)?;
        if out.last().is_some_and(|last| last.open_time >= next.open_time) {
            return Err(malformed("candleSnapshot", format!("t {} does not rise", next.open_time)));
        }
        out.push(next);
    }
    Ok(out)
}
