//! The manifest: what a store holds and where it came from. Canonical CBOR in `manifest.cbor`.

use crate::row::Kind;
use zero_core::{Digest32, Hasher, Ts, TsDiff, canon_struct};
use zero_market::{Instrument, Universe};

/// Version of the layout that this build writes and reads.
pub const STORE_VERSION: u32 = 1;

canon_struct! {
    /// A hole that was explicitly allowed.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Hole {
        /// First missing instant.
        pub from: Ts,
        /// First instant that is there again.
        pub to: Ts,
    }
}

canon_struct! {
    /// One stored series and its source.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct SeriesEntry {
        /// File name inside the store.
        pub file: String,
        /// SHA-256 of that file.
        pub sha256: Digest32,
        /// Rows.
        pub count: u64,
        /// Open time of the first bar, or the first print's hour.
        pub first: Ts,
        /// Open time of the last bar, or the last print's hour.
        pub last: Ts,
        /// Name of the source file.
        pub source: String,
        /// SHA-256 of the source file as it was read.
        pub source_sha256: Digest32,
        /// Format it was read as.
        pub format: String,
        /// Open time of the still-forming candle that was dropped, if one was.
        pub dropped_forming: Option<Ts>,
        /// Largest distance of a funding stamp from its hour; zero for bars.
        pub jitter: TsDiff,
        /// Allowed holes, in order.
        pub gaps: Vec<Hole>,
    }
}

canon_struct! {
    /// One coin: its instrument and its series.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct CoinEntry {
        /// Grid and tiers, so that the store stands alone.
        pub instrument: Instrument,
        /// True when size decimals and leverage were inferred from the data.
        pub inferred: bool,
        /// Its bars, if any.
        pub bars: Option<SeriesEntry>,
        /// Its funding prints, if any.
        pub funding: Option<SeriesEntry>,
    }
}

canon_struct! {
    /// A store's table of contents. Coins are sorted by symbol; a coin's index is its id.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Manifest {
        /// [`STORE_VERSION`].
        pub version: u32,
        /// Length of every bar; zero when the store holds no bars.
        pub interval: TsDiff,
        /// The coins.
        pub coins: Vec<CoinEntry>,
    }
}

impl Manifest {
    /// The instruments by id.
    #[must_use]
    pub fn universe(&self) -> Universe {
        Universe::new(self.coins.iter().map(|c| c.instrument.clone()).collect())
    }

    /// Digest of the market data alone: symbols, interval and rows, without sources. Equal data in a store and in
    /// memory have equal digests.
    #[must_use]
    pub fn content_digest(&self) -> Digest32 {
        content_digest(
            self.interval,
            self.coins.iter().map(|c| {
                let sha = |s: &Option<SeriesEntry>| s.as_ref().map(|s| s.sha256);
                (c.instrument.symbol.as_str(), sha(&c.bars), sha(&c.funding))
            }),
        )
    }
}

pub(crate) fn content_digest<'a>(
    interval: TsDiff,
    coins: impl Iterator<Item = (&'a str, Option<Digest32>, Option<Digest32>)>,
) -> Digest32 {
    let mut h = Hasher::new();
    h.update(b"zero.data.content.v1\0");
    h.update(&interval.as_ns().to_le_bytes());
    for (symbol, bars, funding) in coins {
        h.update(&(symbol.len() as u64).to_le_bytes());
        h.update(symbol.as_bytes());
        h.update(&bars.unwrap_or(Digest32::ZERO).0);
        h.update(&funding.unwrap_or(Digest32::ZERO).0);
    }
    h.finish()
}

/// The file of a series. Symbols that are not plain are written as hexadecimal, so no symbol can leave the store.
pub(crate) fn file_name(symbol: &str, kind: Kind) -> String {
    let is_plain = symbol.bytes().all(|b| b.is_ascii_alphanumeric()) && !symbol.is_empty();
    let stem = if is_plain {
        symbol.to_owned()
    } else {
        symbol.bytes().fold(String::from("x-"), |s, b| s + &format!("{b:02x}"))
    };
    format!("{stem}.{}", kind.name())
}
