//! Rows of a series: what files are read into and what stores hold. The coin and the interval are the series' own.

use zero_core::{CoinId, Px, Rate, Sz, Ts, TsDiff};
use zero_market::Bar;
use zero_market::event::FundingPrint;

/// A complete bar of some coin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BarRow {
    /// Open time.
    pub open_time: Ts,
    /// First trade price.
    pub open: Px,
    /// Highest trade price.
    pub high: Px,
    /// Lowest trade price.
    pub low: Px,
    /// Last trade price.
    pub close: Px,
    /// Traded volume in coins.
    pub volume: Sz,
}

impl BarRow {
    /// The bar when it had just opened: its open and nothing traded since.
    #[must_use]
    pub const fn opened(&self) -> Self {
        let px = self.open;
        Self { open_time: self.open_time, open: px, high: px, low: px, close: px, volume: Sz::ZERO }
    }

    /// As the event type, with the series' coin and interval.
    #[must_use]
    #[inline]
    pub const fn bar(&self, coin: CoinId, interval: TsDiff) -> Bar {
        Bar {
            coin,
            open_time: self.open_time,
            interval,
            open: self.open,
            high: self.high,
            low: self.low,
            close: self.close,
            volume: self.volume,
        }
    }
}

/// An hourly funding print of some coin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FundingRow {
    /// The hour it is paid at.
    pub time: Ts,
    /// Rate per hour as a fraction.
    pub rate: Rate,
    /// The hour's average premium as a fraction.
    pub premium: Rate,
}

impl FundingRow {
    /// A print of which only the hour is known.
    #[must_use]
    pub const fn unsaid(&self) -> Self {
        Self { time: self.time, rate: Rate::ZERO, premium: Rate::ZERO }
    }

    /// As the event type, with the series' coin.
    #[must_use]
    #[inline]
    pub const fn print(&self, coin: CoinId) -> FundingPrint {
        FundingPrint { coin, rate: self.rate, premium: self.premium }
    }
}

/// Bars or funding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Bars.
    Bars,
    /// Hourly funding prints.
    Funding,
}

impl Kind {
    /// Name in messages and file names.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bars => "bars",
            Self::Funding => "funding",
        }
    }
}

/// A row of fixed width on disk, ordered by its time.
pub(crate) trait Row: Copy {
    /// Bytes per row.
    const WIDTH: usize;
    const KIND: Kind;
    fn time(&self) -> Ts;
    fn put(&self, out: &mut Vec<u8>);
    /// `bytes` has exactly [`Row::WIDTH`] bytes.
    fn get(bytes: &[u8]) -> Self;
}

#[inline]
fn word(bytes: &[u8], i: usize) -> i64 {
    let mut w = [0u8; 8];
    if let Some(s) = bytes.get(i * 8..i * 8 + 8) {
        w.copy_from_slice(s);
    }
    i64::from_le_bytes(w)
}

impl Row for BarRow {
    const WIDTH: usize = 48;
    const KIND: Kind = Kind::Bars;

    #[inline]
    fn time(&self) -> Ts {
        self.open_time
    }

    fn put(&self, out: &mut Vec<u8>) {
        let px = [self.open, self.high, self.low, self.close];
        out.extend_from_slice(&self.open_time.as_ns().to_le_bytes());
        px.iter().for_each(|p| out.extend_from_slice(&p.raw().to_le_bytes()));
        out.extend_from_slice(&self.volume.raw().to_le_bytes());
    }

    #[inline]
    fn get(b: &[u8]) -> Self {
        let px = |i| Px::from_raw(word(b, i));
        Self {
            open_time: Ts::from_ns(word(b, 0)),
            open: px(1),
            high: px(2),
            low: px(3),
            close: px(4),
            volume: Sz::from_raw(word(b, 5)),
        }
    }
}

impl Row for FundingRow {
    const WIDTH: usize = 24;
    const KIND: Kind = Kind::Funding;

    #[inline]
    fn time(&self) -> Ts {
        self.time
    }

    fn put(&self, out: &mut Vec<u8>) {
        for v in [self.time.as_ns(), self.rate.raw(), self.premium.raw()] {
            out.extend_from_slice(&v.to_le_bytes());
        }
    }

    #[inline]
    fn get(b: &[u8]) -> Self {
        Self {
            time: Ts::from_ns(word(b, 0)),
            rate: Rate::from_raw(word(b, 1)),
            premium: Rate::from_raw(word(b, 2)),
        }
    }
}
