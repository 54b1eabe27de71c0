//! Parity: the same market through a backtest, a journalled run, a run that is cut in the middle and recovered, and a
//! market that ends early must give the same decisions.
//!
//! Each path builds its engine afresh from a factory, which is told which path it is for: a part that depends on the
//! path, the wall clock, the future or a lossy copy of a number cannot give equal digests.

use crate::backtest;
use crate::driver::Driver;
use crate::engine::EngineError;
use crate::record::Manifest;
use crate::runner::{RunError, Runner};
use crate::snapshot::RunSnapshot;
use thiserror::Error;
use zero_core::{Digest32, Ts, canon_struct};
use zero_data::{DataError, Dataset, EventRange};
use zero_journal::{NoteSigner, Options, RealDisk};
use zero_kernel::DigestSink;
use zero_market::Event;
use zero_market::EventBody;
use zero_market::event::TimerKind;

/// Truncated markets that end where something was decided, and where nothing was.
const TRUNCATIONS_DECIDING: usize = 16;
const TRUNCATIONS_QUIET: usize = 8;

/// Why parity could not be judged.
#[derive(Debug, Error)]
pub enum ParityError {
    /// A path stopped.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The data.
    #[error(transparent)]
    Data(#[from] DataError),
    /// There is nothing to compare.
    #[error("the market has too few events for parity: {0}")]
    TooShort(u64),
}

impl From<EngineError> for ParityError {
    fn from(e: EngineError) -> Self {
        Self::Run(e.into())
    }
}

impl ParityError {
    /// Stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Run(e) => e.code(),
            Self::Data(e) => e.code(),
            Self::TooShort(_) => "ZERO-RUN-007",
        }
    }

    /// What to do.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Run(e) => e.hint(),
            Self::Data(e) => e.hint().to_owned(),
            Self::TooShort(_) => "give it a market of at least a hundred slices".into(),
        }
    }
}

/// A path through the same market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// In memory.
    Backtest,
    /// The same in memory, once more.
    BacktestAgain,
    /// Through the journal.
    Run,
    /// Through the journal, cut in the middle without a word, recovered from its snapshot.
    RestartedFromSnapshot,
    /// The same, recovered from the facts alone.
    RestartedFromFacts,
    /// Markets that end at one of many cuts: what comes later must not have been known.
    Truncated,
}

impl Path {
    /// Every path.
    pub const ALL: [Self; 6] = [
        Self::Backtest,
        Self::BacktestAgain,
        Self::Run,
        Self::RestartedFromSnapshot,
        Self::RestartedFromFacts,
        Self::Truncated,
    ];

    /// Name in packets.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Backtest => "backtest",
            Self::BacktestAgain => "backtest_again",
            Self::Run => "run",
            Self::RestartedFromSnapshot => "restarted_from_snapshot",
            Self::RestartedFromFacts => "restarted_from_facts",
            Self::Truncated => "truncated",
        }
    }
}

canon_struct! {
    /// Where a path stood at an instant.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Stand {
        /// The decision digest.
        pub digest: Digest32,
        /// Candidates judged.
        pub candidates: u64,
        /// Orders submitted.
        pub orders: u64,
        /// Fills booked.
        pub fills: u64,
        /// Digest of the whole durable state.
        pub state: Digest32,
    }
}

/// What one path gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathResult {
    /// Which.
    pub path: Path,
    /// At the cut.
    pub at_cut: Stand,
    /// At the end; equal to `at_cut` for the truncated market.
    pub at_end: Stand,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParityReport {
    /// Event time of the cut.
    pub cut: Ts,
    /// Source events.
    pub events: u64,
    /// By path.
    pub paths: Vec<PathResult>,
    /// Truncated markets that were run.
    pub truncations: u32,
    /// Ends of truncated markets at which decisions differ from those of the whole market.
    pub look_ahead: Vec<Ts>,
}

impl ParityReport {
    /// Are all decisions and states equal, at the cut and at the end?
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.differing().next().is_none() && !self.paths.is_empty()
    }

    /// Paths that differ from the backtest.
    pub fn differing(&self) -> impl Iterator<Item = &PathResult> {
        let first = self.paths.first().copied();
        let looks_ahead = !self.look_ahead.is_empty();
        self.paths.iter().filter(move |p| match p.path {
            Path::Truncated => looks_ahead,
            _ => first.is_some_and(|f| p.at_cut != f.at_cut || p.at_end != f.at_end),
        })
    }
}

/// What to compare, and how to build it.
pub struct Parity<'a> {
    /// The market. A factory for a truncated market is given only what lies before the cut.
    pub data: &'a Dataset,
    /// Builds the driver of a path over a market.
    pub driver: &'a dyn Fn(Path, &Dataset) -> Result<Driver, EngineError>,
    /// The manifest of the run.
    pub manifest: &'a Manifest,
    /// Journal options for a fresh directory.
    pub options: &'a dyn Fn(&std::path::Path) -> Options,
    /// A directory that may be filled.
    pub dir: &'a std::path::Path,
    /// What happens to a snapshot between writing and reading: nothing, unless a fault is planted.
    pub carry: &'a dyn Fn(RunSnapshot) -> RunSnapshot,
}

impl core::fmt::Debug for Parity<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Parity").field("dir", &self.dir).finish_non_exhaustive()
    }
}

impl Parity<'_> {
    /// Runs every path.
    ///
    /// # Errors
    /// [`ParityError`].
    pub fn compare(&self) -> Result<ParityReport, ParityError> {
        let (cut, events) = self.cut()?;
        let paths = Path::ALL.iter().map(|p| self.path(*p, cut)).collect::<Result<Vec<_>, _>>()?;
        let (truncations, look_ahead) = self.truncations()?;
        Ok(ParityReport { cut, events, paths, truncations, look_ahead })
    }

    /// Ends the market at slices where something was decided and at others, evenly over the whole, and compares what
    /// was decided up to there.
    fn truncations(&self) -> Result<(u32, Vec<Ts>), ParityError> {
        let mut driver = (self.driver)(Path::Backtest, self.data)?;
        let mut facts = Vec::new();
        let mut deciding = Vec::new();
        let mut quiet = Vec::new();
        let mut judged = 0;
        for event in self.data.events(&EventRange::all()) {
            let event = event?;
            driver.feed(&event, &mut DigestSink, &mut facts)?;
            facts.clear();
            if is_slice(&event) {
                let now = driver.engine().kernel().state().counters.candidates;
                let list = if now > judged { &mut deciding } else { &mut quiet };
                list.push((event.time, stand(&driver)));
                judged = now;
            }
        }
        let mut cuts = spread(&deciding, TRUNCATIONS_DECIDING);
        cuts.extend(spread(&quiet, TRUNCATIONS_QUIET));
        let mut look_ahead = Vec::new();
        for (time, want) in &cuts {
            let data = self.data.truncated(*time)?;
            let mut driver = (self.driver)(Path::Truncated, &data)?;
            backtest::drive::<ParityError, _>(&mut driver, data.events(&EventRange::all()), &mut DigestSink)?;
            if stand(&driver) != *want {
                look_ahead.push(*time);
            }
        }
        Ok((cuts.len() as u32, look_ahead))
    }

    /// The middle slice, and the number of source events.
    fn cut(&self) -> Result<(Ts, u64), ParityError> {
        let mut slices = Vec::new();
        let mut events = 0;
        for event in self.data.events(&EventRange::all()) {
            let event = event?;
            events += 1;
            if is_slice(&event) {
                slices.push(event.time);
            }
        }
        match slices.get(slices.len() / 2) {
            Some(t) if slices.len() >= 100 => Ok((*t, events)),
            _ => Err(ParityError::TooShort(events)),
        }
    }

    fn path(&self, path: Path, cut: Ts) -> Result<PathResult, ParityError> {
        let (at_cut, at_end) = match path {
            Path::Backtest | Path::BacktestAgain => self.in_memory(path, cut)?,
            Path::Truncated => {
                let data = self.data.truncated(cut)?;
                let mut driver = (self.driver)(path, &data)?;
                backtest::drive::<ParityError, _>(
                    &mut driver,
                    data.events(&EventRange::all()),
                    &mut DigestSink,
                )?;
                let stand = stand(&driver);
                (stand, stand)
            }
            Path::Run => self.journalled(path, cut, None)?,
            Path::RestartedFromSnapshot => self.journalled(path, cut, Some(true))?,
            Path::RestartedFromFacts => self.journalled(path, cut, Some(false))?,
        };
        Ok(PathResult { path, at_cut, at_end })
    }

    fn in_memory(&self, path: Path, cut: Ts) -> Result<(Stand, Stand), ParityError> {
        let mut driver = (self.driver)(path, self.data)?;
        let mut facts = Vec::new();
        let mut at_cut = None;
        for event in self.data.events(&EventRange::all()) {
            let event = event?;
            driver.feed(&event, &mut DigestSink, &mut facts)?;
            facts.clear();
            if is_slice(&event) && event.time == cut {
                at_cut = Some(stand(&driver));
            }
        }
        let end = stand(&driver);
        Ok((at_cut.unwrap_or(end), end))
    }

    /// Through a journal; `restart` cuts it without an orderly end and recovers, with or without the snapshot.
    fn journalled(&self, path: Path, cut: Ts, restart: Option<bool>) -> Result<(Stand, Stand), ParityError> {
        let dir = self.dir.join(path.name());
        let open =
            |driver| Runner::open(RealDisk, &dir, (self.options)(&dir), driver, self.manifest.clone(), 0);
        let (mut runner, _) = open((self.driver)(path, self.data)?)?;
        let mut at_cut = None;
        for event in self.data.events(&EventRange::all()) {
            let event = event?;
            runner.feed(&event)?;
            if runner.is_full() {
                runner.commit()?;
            }
            if !(is_slice(&event) && event.time == cut) {
                continue;
            }
            runner.commit()?;
            at_cut = Some(stand(runner.driver()));
            if let Some(from_snapshot) = restart {
                if from_snapshot {
                    let planted = (self.carry)(RunSnapshot::of(runner.driver(), self.manifest.clone()));
                    runner.snapshot_as(&planted)?;
                }
                // Dropped, not closed: what a power cut leaves.
                drop(runner);
                break;
            }
            // The same runner goes on below.
            return self.finish(runner, at_cut);
        }
        let (runner, _) = open((self.driver)(path, self.data)?)?;
        self.finish(runner, at_cut)
    }

    fn finish(
        &self,
        mut runner: Runner<RealDisk>,
        at_cut: Option<Stand>,
    ) -> Result<(Stand, Stand), ParityError> {
        let mut range = EventRange::all();
        if let Some(key) = runner.driver().last_market() {
            range = range.skip_after(key);
        }
        for event in self.data.events(&range) {
            runner.feed(&event?)?;
            if runner.is_full() {
                runner.commit()?;
            }
        }
        runner.commit()?;
        let end = stand(runner.driver());
        Ok((at_cut.unwrap_or(end), end))
    }
}

/// At most `n` of a list, evenly spread.
fn spread<T: Copy>(list: &[T], n: usize) -> Vec<T> {
    let step = list.len().div_ceil(n).max(1);
    list.iter().skip(step / 2).step_by(step).copied().collect()
}

/// A key for the throw-away journals of a comparison. It is the first published test key of RFC 8032 and vouches for
/// nothing: those journals are removed when the comparison is done.
#[must_use]
pub fn scratch_key() -> Box<dyn NoteSigner + Send> {
    const RFC_8032_TEST_1: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    let seed = Digest32::parse_hex(RFC_8032_TEST_1).unwrap_or(Digest32::ZERO);
    Box::new(ed25519_dalek::SigningKey::from_bytes(&seed.0))
}

fn is_slice(event: &Event) -> bool {
    matches!(event.body, EventBody::Timer(TimerKind::BarSlice))
}

fn stand(driver: &Driver) -> Stand {
    use zero_core::Canon as _;
    let state = driver.engine().kernel().state();
    let c = state.counters;
    Stand {
        digest: state.digest,
        candidates: c.candidates,
        orders: c.orders,
        fills: c.fills,
        state: Digest32::of(&state.to_bytes()),
    }
}
