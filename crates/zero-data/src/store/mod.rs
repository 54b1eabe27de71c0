//! The point-in-time store: a directory with one binary file per (coin, kind) and a manifest.
//!
//! A store is written once, whole, and never changed; readers take no lock.

pub(crate) mod file;
pub mod manifest;
pub(crate) mod write;

use crate::error::DataError;
use crate::merge::{Lane, Merge};
use crate::range::EventRange;
use crate::row::{BarRow, FundingRow, Row};
use file::SeriesReader;
use manifest::{CoinEntry, Manifest, STORE_VERSION, SeriesEntry};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use zero_core::{Canon as _, CoinId, Digest32, Hasher, Ts, TsDiff};
use zero_market::event::FundingPrint;
use zero_market::{Bar, Event, Universe};

/// Name of the manifest inside a store.
pub const MANIFEST_FILE: &str = "manifest.cbor";
/// A manifest is small: ten thousand coins with a thousand gaps each stay far below this.
const MANIFEST_BYTES_MAX: u64 = 256 << 20;

/// An open store. Cheap to clone; reads open files of their own.
#[derive(Clone, Debug)]
pub struct Store {
    dir: PathBuf,
    manifest: Manifest,
}

impl Store {
    /// Opens a store and checks its manifest. The series are checked block by block as they are read;
    /// [`Store::verify`] checks them all.
    ///
    /// # Errors
    /// [`DataError::NotAStore`], [`DataError::Io`].
    pub fn open(dir: impl AsRef<Path>) -> Result<Self, DataError> {
        let dir = dir.as_ref().to_owned();
        let path = dir.join(MANIFEST_FILE);
        let not = |reason: String| DataError::NotAStore { path: dir.clone(), reason };
        let file = std::fs::File::open(&path).map_err(|e| not(format!("{MANIFEST_FILE}: {e}")))?;
        let mut bytes = Vec::new();
        file.take(MANIFEST_BYTES_MAX)
            .read_to_end(&mut bytes)
            .map_err(|e| DataError::io(&path, "read", &e))?;
        let manifest = Manifest::from_bytes(&bytes).map_err(|e| not(format!("{MANIFEST_FILE}: {e}")))?;
        if manifest.version != STORE_VERSION {
            return Err(not(format!(
                "its version is {}, this build reads {STORE_VERSION}",
                manifest.version
            )));
        }
        let has_bars = manifest.coins.iter().any(|c| c.bars.is_some());
        if manifest.interval < TsDiff::ZERO || (has_bars && manifest.interval == TsDiff::ZERO) {
            return Err(not("its interval is not positive".into()));
        }
        if manifest.coins.len() > usize::from(u16::MAX) {
            return Err(not("it lists too many coins".into()));
        }
        let escapes = |s: &SeriesEntry| Path::new(&s.file).file_name().is_none_or(|f| f != s.file.as_str());
        if manifest.coins.iter().flat_map(|c| [&c.bars, &c.funding]).flatten().any(escapes) {
            return Err(not("a file of it lies outside".into()));
        }
        Ok(Self { dir, manifest })
    }

    /// Where it lies.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What it holds and from where.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Its instruments; a coin's id is its place.
    #[must_use]
    pub fn universe(&self) -> Universe {
        self.manifest.universe()
    }

    /// Length of a bar.
    #[must_use]
    pub const fn interval(&self) -> TsDiff {
        self.manifest.interval
    }

    /// Digest of its market data; see [`Manifest::content_digest`].
    #[must_use]
    pub fn content_digest(&self) -> Digest32 {
        self.manifest.content_digest()
    }

    /// Number of rows of all series.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.manifest.coins.iter().flat_map(|c| [&c.bars, &c.funding]).flatten().map(|s| s.count).sum()
    }

    /// First and last instant of its events: the first open or print, the last close or print.
    #[must_use]
    pub fn span(&self) -> Option<(Ts, Ts)> {
        let interval = self.manifest.interval;
        let bars = self.manifest.coins.iter().filter_map(|c| c.bars.as_ref());
        let prints = self.manifest.coins.iter().filter_map(|c| c.funding.as_ref());
        let spans: Vec<(Ts, Ts)> =
            bars.map(|s| (s.first, s.last.plus(interval))).chain(prints.map(|s| (s.first, s.last))).collect();
        Some((spans.iter().map(|s| s.0).min()?, spans.iter().map(|s| s.1).max()?))
    }

    /// All events of a range, merged over coins in the order (time, phase, coin), streamed with one block per series
    /// in memory. After an error the stream ends.
    ///
    /// # Errors
    /// [`DataError`] when a file cannot be opened or is not what the manifest says.
    pub fn events(
        &self,
        range: &EventRange,
    ) -> Result<impl Iterator<Item = Result<Event, DataError>> + Send + use<>, DataError> {
        let start = range.start();
        let mut lanes = Vec::with_capacity(self.manifest.coins.len());
        for (i, c) in self.manifest.coins.iter().enumerate() {
            let coin = CoinId(i as u16);
            if !range.has_coin(coin) {
                continue;
            }
            // A bar that opened before the range may close inside it; a print's hole starts an hour after it.
            let bars =
                self.reader::<BarRow>(c.bars.as_ref(), start.map(|t| t.minus(self.manifest.interval)))?;
            let prints =
                self.reader::<FundingRow>(c.funding.as_ref(), start.map(|t| t.minus(TsDiff::HOUR)))?;
            lanes.push(Lane::new(coin, self.manifest.interval, bars, prints)?);
        }
        Ok(Merge::new(lanes, range))
    }

    /// The bars of a coin that may be seen at `as_of`: those with `close_time <= as_of`, oldest first.
    ///
    /// # Errors
    /// [`DataError`].
    pub fn bars_as_of(
        &self,
        coin: CoinId,
        as_of: Ts,
    ) -> Result<impl Iterator<Item = Result<Bar, DataError>> + Send + use<>, DataError> {
        let interval = self.manifest.interval;
        let rows = self.reader::<BarRow>(self.entry(coin)?.bars.as_ref(), None)?;
        Ok(rows
            .map(move |r| r.map(|r| r.bar(coin, interval)))
            .take_while(move |r| !matches!(r, Ok(b) if b.close_time() > as_of)))
    }

    /// The funding prints of a coin that may be seen at `as_of`, with their hours, oldest first.
    ///
    /// # Errors
    /// [`DataError`].
    pub fn funding_as_of(
        &self,
        coin: CoinId,
        as_of: Ts,
    ) -> Result<impl Iterator<Item = Result<(Ts, FundingPrint), DataError>> + Send + use<>, DataError> {
        let rows = self.reader::<FundingRow>(self.entry(coin)?.funding.as_ref(), None)?;
        Ok(rows
            .map(move |r| r.map(|r| (r.time, r.print(coin))))
            .take_while(move |r| !matches!(r, Ok((t, _)) if *t > as_of)))
    }

    /// Reads every file and compares it with the manifest's digest.
    ///
    /// # Errors
    /// [`DataError::Damaged`] names the first file that differs.
    pub fn verify(&self) -> Result<(), DataError> {
        for s in self.manifest.coins.iter().flat_map(|c| [&c.bars, &c.funding]).flatten() {
            let path = self.dir.join(&s.file);
            let mut file = std::fs::File::open(&path).map_err(|e| DataError::io(&path, "read", &e))?;
            let mut h = Hasher::new();
            let mut buf = vec![0u8; 64 << 10];
            loop {
                let n = file.read(&mut buf).map_err(|e| DataError::io(&path, "read", &e))?;
                match buf.get(..n) {
                    Some(part) if n > 0 => h.update(part),
                    _ => break,
                }
            }
            if h.finish() != s.sha256 {
                let reason = "its SHA-256 differs from the manifest's".into();
                return Err(DataError::Damaged { path, reason });
            }
        }
        Ok(())
    }

    pub(crate) fn entry(&self, coin: CoinId) -> Result<&CoinEntry, DataError> {
        self.manifest.coins.get(coin.index()).ok_or(DataError::UnknownCoin { index: coin.0 })
    }

    pub(crate) fn reader<R: Row>(
        &self,
        entry: Option<&SeriesEntry>,
        from: Option<Ts>,
    ) -> Result<SeriesReader<R>, DataError> {
        match entry {
            Some(s) => SeriesReader::open(
                &self.dir.join(&s.file),
                s.count,
                interval_of::<R>(self.manifest.interval),
                from,
            ),
            None => Ok(SeriesReader::empty()),
        }
    }
}

/// The interval that a series' file names: funding is hourly whatever the bars are.
pub(crate) fn interval_of<R: Row>(bars: TsDiff) -> TsDiff {
    match R::KIND {
        crate::row::Kind::Bars => bars,
        crate::row::Kind::Funding => TsDiff::HOUR,
    }
}
