//! Import: files are read, held against every rule and published as one store, or nothing is.

use crate::error::{DataError, Finding};
use crate::format::build::{Parsed, RawSeries, name_of, parse_interval};
use crate::format::{Format, TimeUnit};
use crate::row::Kind;
use crate::rule::Rule;
use crate::rules;
use crate::rules::bars::Ending;
use crate::store::Store;
use crate::store::file;
use crate::store::manifest::{CoinEntry, SeriesEntry, file_name};
use crate::store::write::{Existing, Staging};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use zero_core::{Digest32, Ts, TsDiff};
use zero_market::{Instrument, Universe};

/// Largest file read by default, in bytes.
pub const FILE_BYTES_MAX: u64 = 1 << 30;
/// Leverage of an inferred instrument: the venue's lowest tier, so that margin is never understated.
const INFERRED_LEVERAGE: u8 = 3;

/// Longer symbols are no symbols.
const SYMBOL_BYTES_MAX: usize = 32;

/// What to do with the last bar of a file.
///
/// The rule: a file that states when it was fetched (or an explicit `fetched_at`) loses its last candle if that ends
/// after the fetch. A wire download that states nothing loses its last candle, because the venue ends a snapshot with
/// the forming one. Other files keep it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LastBar {
    /// By the rule above.
    #[default]
    ByRule,
    /// Drop it.
    Drop,
    /// Keep it where no fetch time says otherwise.
    Keep,
}

/// How to import.
#[derive(Clone, Debug)]
pub struct ImportOptions {
    /// The format of every file; `None` detects it by content.
    pub format: Option<Format>,
    /// The coin of rows that name none; `None` takes the file's head, then the file's name up to `_`, `-` or `.`.
    pub coin: Option<String>,
    /// Length of a bar; `None` takes what the file states, then its name (`_1h`), then the most frequent step.
    pub interval: Option<TsDiff>,
    /// Unit of time stamps; `None` takes the format's, or finds it by magnitude.
    pub time_unit: Option<TimeUnit>,
    /// When the files were fetched, where they do not say.
    pub fetched_at: Option<Ts>,
    /// What to do with the last bar.
    pub last_bar: LastBar,
    /// Accept holes; they stay visible as gap events.
    pub allow_gaps: bool,
    /// Instruments that the reference universe lacks, or that replace its own.
    pub instruments: Vec<Instrument>,
    /// Infer size decimals from the volumes of an unknown coin, with a leverage of three.
    pub infer_instrument: bool,
    /// What to do when the destination exists.
    pub existing: Existing,
    /// Larger files are refused.
    pub file_bytes_max: u64,
}

impl Default for ImportOptions {
    fn default() -> Self {
        Self {
            format: None,
            coin: None,
            interval: None,
            time_unit: None,
            fetched_at: None,
            last_bar: LastBar::ByRule,
            allow_gaps: false,
            instruments: Vec::new(),
            infer_instrument: false,
            existing: Existing::Refuse,
            file_bytes_max: FILE_BYTES_MAX,
        }
    }
}

/// An import that was published.
#[derive(Debug)]
pub struct ImportReport {
    /// The store.
    pub store: Store,
    /// What was decided on the way, one sentence each: dropped candles, detected units and intervals, allowed gaps.
    pub notes: Vec<String>,
}

/// How far an import is.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// Files done.
    pub done: usize,
    /// Files in all.
    pub total: usize,
    /// The file in work.
    pub file: &'a Path,
}

/// Data files under the given paths: files as they are, directories by their `json`, `jsonl`, `ndjson`, `csv` and
/// `parquet` files in the order of names, not recursively.
///
/// # Errors
/// [`DataError::Io`], [`DataError::NoInput`].
pub fn collect_inputs(paths: &[PathBuf]) -> Result<Vec<PathBuf>, DataError> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let mut inside = Vec::new();
        for entry in std::fs::read_dir(path).map_err(|e| DataError::io(path, "list", &e))? {
            let file = entry.map_err(|e| DataError::io(path, "list", &e))?.path();
            let ext = file.extension().and_then(|e| e.to_str()).unwrap_or_default();
            if ["json", "jsonl", "ndjson", "csv", "parquet"].contains(&ext) && file.is_file() {
                inside.push(file);
            }
        }
        inside.sort();
        files.extend(inside);
    }
    if files.is_empty() { Err(DataError::NoInput) } else { Ok(files) }
}

/// Imports files into a new store at `dest`.
///
/// # Errors
/// The first [`DataError`]; then nothing was imported and `dest` is as it was.
pub fn import(
    files: &[PathBuf],
    dest: &Path,
    options: &ImportOptions,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<ImportReport, DataError> {
    if files.is_empty() {
        return Err(DataError::NoInput);
    }
    let staging = Staging::begin(dest, options.existing)?;
    let mut run = Run { options, staging, coins: BTreeMap::new(), interval: None, notes: Vec::new() };
    for (done, path) in files.iter().enumerate() {
        progress(Progress { done, total: files.len(), file: path });
        run.file(path)?;
    }
    run.publish()
}

/// One coin while files are read.
#[derive(Debug, Default)]
struct Coin {
    bars: Option<(PathBuf, SeriesEntry)>,
    funding: Option<(PathBuf, SeriesEntry)>,
    /// Decimals of the volumes seen, for inference.
    sz_decimals: u8,
}

struct Run<'o> {
    options: &'o ImportOptions,
    staging: Staging,
    coins: BTreeMap<String, Coin>,
    /// The store's interval and the file that decided it.
    interval: Option<(TsDiff, PathBuf)>,
    notes: Vec<String>,
}

impl Run<'_> {
    fn file(&mut self, path: &Path) -> Result<(), DataError> {
        let bytes = read_bounded(path, self.options.file_bytes_max)?;
        let sha = Digest32::of(&bytes);
        let format = match self.options.format {
            Some(f) => f,
            None => Format::detect(path, &bytes)?,
        };
        let mut parsed = format.read(path, bytes, self.options.time_unit)?;
        if let Some(unit) = parsed.found_unit {
            self.notes.push(format!("{}: time stamps read as {}", path.display(), unit.name()));
        }
        let all = std::mem::take(&mut parsed.series);
        if all.is_empty() {
            std::mem::take(&mut parsed.findings).verdict(path)?;
            return Err(DataError::refused(path, Finding::whole(Rule::Empty, "", "the file has no rows")));
        }
        let mut checked = Vec::new();
        for ((symbol, kind), series) in all {
            let symbol = self.symbol(path, symbol)?;
            checked.push((symbol, kind, self.check(path, kind, series, &mut parsed)?));
        }
        // Only now: a file is refused with all of its findings, not with those of its first series.
        std::mem::take(&mut parsed.findings).verdict(path)?;
        for (symbol, kind, c) in checked {
            self.stage(path, symbol, kind, c, sha, format)?;
        }
        Ok(())
    }

    fn symbol(&self, path: &Path, stated: Option<String>) -> Result<String, DataError> {
        let stem = || {
            let name = path.file_stem()?.to_str()?;
            let stem = name.split(['_', '-', '.']).next()?;
            (!stem.is_empty() && stem.bytes().all(|b| b.is_ascii_alphanumeric())).then(|| stem.to_owned())
        };
        let no = |detail: &str| DataError::refused(path, Finding::whole(Rule::NoSymbol, "", detail));
        let symbol = self.options.coin.clone().or(stated).or_else(stem).filter(|s| !s.is_empty());
        let symbol = symbol.ok_or_else(|| {
            no("neither the rows, nor the file's head, nor its name say which coin this is")
        })?;
        if symbol.len() > SYMBOL_BYTES_MAX || symbol.contains(char::is_control) {
            return Err(no("the coin's name is longer than 32 bytes or holds control characters"));
        }
        Ok(symbol)
    }

    fn interval_of(&mut self, path: &Path, series: &RawSeries, parsed: &Parsed) -> Result<TsDiff, DataError> {
        if let Some(i) = self.options.interval {
            return Ok(i);
        }
        if let Some(stated) = series.interval.as_ref().or(parsed.interval.as_ref()) {
            return parse_interval(stated).ok_or_else(|| {
                let detail =
                    format!("{:?} is not an interval of at most a day", crate::format::cells::shown(stated));
                DataError::refused(path, Finding::whole(Rule::IntervalMismatch, "interval", detail))
            });
        }
        let name = path.file_stem().and_then(|s| s.to_str()).unwrap_or_default();
        if let Some(i) = name.split(['_', '-']).skip(1).find_map(parse_interval) {
            return Ok(i);
        }
        let usual = rules::bars::usual_step(series).ok_or_else(|| {
            let detail = "one bar does not tell its interval; state it";
            DataError::refused(path, Finding::whole(Rule::IntervalMismatch, "", detail))
        })?;
        self.notes.push(format!("{}: interval {} found from its steps", path.display(), name_of(usual)));
        Ok(usual)
    }

    fn check(
        &mut self,
        path: &Path,
        kind: Kind,
        mut series: RawSeries,
        parsed: &mut Parsed,
    ) -> Result<Checked, DataError> {
        let fetched = parsed.fetched.or(self.options.fetched_at);
        let (interval, dropped, jitter, holes);
        match kind {
            Kind::Bars => {
                interval = self.interval_of(path, &series, parsed)?;
                let guess =
                    fetched.is_none() && parsed.last_may_form && self.options.last_bar == LastBar::ByRule;
                let ending = Ending { fetched, drop_last: guess || self.options.last_bar == LastBar::Drop };
                dropped = rules::bars::drop_forming(&mut series, interval, ending, &mut parsed.findings);
                if let Some(t) = dropped {
                    let why = match fetched {
                        Some(f) if t.plus(interval) > f => {
                            format!("it was still forming when fetched at {f}")
                        }
                        _ if guess => "no fetch time is known, so it may have been still forming".to_owned(),
                        _ => "as asked".to_owned(),
                    };
                    self.notes.push(format!("{}: dropped the last bar, at {t}: {why}", path.display()));
                }
                jitter = TsDiff::ZERO;
                holes = rules::bars::check(&series, interval, self.options.allow_gaps, &mut parsed.findings);
            }
            Kind::Funding => {
                interval = TsDiff::HOUR;
                dropped = None;
                (jitter, holes) = rules::funding::check(
                    &mut series,
                    fetched,
                    self.options.allow_gaps,
                    &mut parsed.findings,
                );
            }
        }
        if !holes.is_empty() && self.options.allow_gaps {
            self.notes.push(format!(
                "{}: {} gaps in {}, as allowed",
                path.display(),
                holes.len(),
                kind.name()
            ));
        }
        Ok(Checked { series, interval, dropped, jitter, holes })
    }

    fn stage(
        &mut self,
        path: &Path,
        symbol: String,
        kind: Kind,
        c: Checked,
        source_sha256: Digest32,
        format: Format,
    ) -> Result<(), DataError> {
        let empty = || {
            let detail = format!("no complete {} of {symbol} are left", kind.name());
            DataError::refused(path, Finding::whole(Rule::Empty, "", detail))
        };
        let coin = self.coins.entry(symbol.clone()).or_default();
        let held = if kind == Kind::Bars { &coin.bars } else { &coin.funding };
        if let Some((first, _)) = held {
            let (first, second) = (first.clone(), path.to_owned());
            return Err(DataError::DuplicateSeries { first, second, symbol, kind: kind.name() });
        }
        let name = file_name(&symbol, kind);
        let target = self.staging.path(&name);
        let (sha256, count, first, last) = match kind {
            Kind::Bars => {
                match &self.interval {
                    Some((i, first)) if *i != c.interval => {
                        let (here, there) = (name_of(c.interval), name_of(*i));
                        let detail = format!("bars of {here} here and of {there} in {}", first.display());
                        let f = Finding::whole(Rule::IntervalMismatch, "interval", detail);
                        return Err(DataError::refused(path, f));
                    }
                    Some(_) => {}
                    None => self.interval = Some((c.interval, path.to_owned())),
                }
                let rows = &c.series.bars;
                coin.sz_decimals = rows.iter().map(|b| decimals(b.volume.raw())).max().unwrap_or(0);
                let ends = rows.first().zip(rows.last()).ok_or_else(empty)?;
                let sha = file::write(&target, rows, c.interval)?;
                (sha, rows.len(), ends.0.open_time, ends.1.open_time)
            }
            Kind::Funding => {
                let rows = &c.series.prints;
                let ends = rows.first().zip(rows.last()).ok_or_else(empty)?;
                (file::write(&target, rows, TsDiff::HOUR)?, rows.len(), ends.0.time, ends.1.time)
            }
        };
        let entry = SeriesEntry {
            file: name,
            sha256,
            count: count as u64,
            first,
            last,
            source: path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default(),
            source_sha256,
            format: format.name().to_owned(),
            dropped_forming: c.dropped,
            jitter: c.jitter,
            gaps: c.holes,
        };
        let slot = if kind == Kind::Bars { &mut coin.bars } else { &mut coin.funding };
        *slot = Some((path.to_owned(), entry));
        Ok(())
    }

    fn publish(mut self) -> Result<ImportReport, DataError> {
        let reference = Universe::reference();
        let mut entries = Vec::with_capacity(self.coins.len());
        for (symbol, coin) in std::mem::take(&mut self.coins) {
            let given = self.options.instruments.iter().find(|i| i.symbol == symbol).cloned();
            let known = given.or_else(|| reference.find(&symbol).and_then(|id| reference.get(id)).cloned());
            let inferred = known.is_none();
            let instrument = match known {
                Some(i) => i,
                None if self.options.infer_instrument && coin.bars.is_some() => {
                    let i = Instrument::new(&symbol, coin.sz_decimals, INFERRED_LEVERAGE);
                    let (d, lev) = (i.sz_decimals, INFERRED_LEVERAGE);
                    self.notes.push(format!("{symbol}: inferred {d} size decimals, leverage set to {lev}"));
                    i
                }
                None => return Err(DataError::UnknownInstrument { symbol }),
            };
            let entry = |s: Option<(PathBuf, SeriesEntry)>| s.map(|(_, e)| e);
            entries.push(CoinEntry {
                instrument,
                inferred,
                bars: entry(coin.bars),
                funding: entry(coin.funding),
            });
        }
        let interval = self.interval.map_or(TsDiff::ZERO, |(i, _)| i);
        Ok(ImportReport { store: self.staging.publish(interval, entries)?, notes: self.notes })
    }
}

/// A series that was held against the rules.
struct Checked {
    series: RawSeries,
    interval: TsDiff,
    dropped: Option<Ts>,
    jitter: TsDiff,
    holes: Vec<crate::store::manifest::Hole>,
}

/// Decimals of a volume, at most six: the venue has no finer lot.
fn decimals(raw: i64) -> u8 {
    let mut d = 8;
    let mut v = raw;
    while d > 0 && v % 10 == 0 {
        v /= 10;
        d -= 1;
    }
    d.min(6)
}

fn read_bounded(path: &Path, max: u64) -> Result<Vec<u8>, DataError> {
    use std::io::Read as _;
    let io = |e: std::io::Error| DataError::io(path, "read", &e);
    let file = std::fs::File::open(path).map_err(io)?;
    let mut bytes = Vec::new();
    file.take(max.saturating_add(1)).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > max {
        let detail = format!("the file has more than {max} bytes");
        return Err(DataError::refused(path, Finding::whole(Rule::TooLarge, "", detail)));
    }
    Ok(bytes)
}
