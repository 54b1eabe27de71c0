//! The look-ahead detector: the market is ended at many times, and what was judged and seen up to there must be the same to the
//! byte as in the whole market. Whoever used the future cannot, where there is none.
//!
//! It is ended after slices, and inside instants: bars of ten coins close at one time, and after the first of them the others
//! have not been heard. There every part of the stack is asked too, because a run would ask it at the slice only, when all
//! have closed.
//!
//! Compared are every judgement with every lens, gate and modifier, the decisions, and the features: a part that looks ahead
//! is found even where it has not yet changed a decision.

mod inside;

pub use inside::Inside;

use crate::driver::Driver;
use crate::engine::EngineError;
use crate::study::StudyError;
use core::ops::ControlFlow;
use std::collections::{BTreeMap, BTreeSet};
use zero_core::cbor::Encoder;
use zero_core::{Canon, Digest32, Hasher, Ts};
use zero_data::{DataError, Dataset, EventRange};
use zero_kernel::TraceSink;
use zero_kernel::record::CandidateTrace;
use zero_market::event::TimerKind;
use zero_market::{Event, EventBody, MarketKey};

/// A market's events in order.
pub type Events<'a> = Box<dyn Iterator<Item = Result<Event, DataError>> + 'a>;

/// What is examined: a driver and a source of events, each built anew over whatever market it is given.
pub struct Suspect<'a> {
    /// Builds the driver over a market.
    pub driver: &'a dyn Fn(&Dataset) -> Result<Driver, EngineError>,
    /// Reads a market's events.
    pub events: &'a dyn for<'d> Fn(&'d Dataset) -> Events<'d>,
}

impl core::fmt::Debug for Suspect<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Suspect")
    }
}

/// The events of a market as its store gives them.
#[must_use]
pub fn stored(data: &Dataset) -> Events<'_> {
    Box::new(data.events(&EventRange::all()))
}

/// One end of the market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The last slice before the end.
    pub time: Ts,
    /// Was a candidate judged in it?
    pub deciding: bool,
    /// Are judgements and decisions up to it the same?
    pub same_decisions: bool,
    /// Are the features the same?
    pub same_features: bool,
}

impl Cut {
    /// Nothing differs.
    #[must_use]
    pub const fn is_same(&self) -> bool {
        self.same_decisions && self.same_features
    }
}

/// What an examination shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Candidates were judged, and nothing was known before its time.
    Clean,
    /// An end of the market changed what was judged or seen before it.
    Found,
    /// Nothing was judged or no end could be tried, so nothing is shown.
    NothingJudged,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookAhead {
    /// Every end that was tried, in the order of time.
    pub cuts: Vec<Cut>,
    /// Every end inside an instant that was tried, in the order of events.
    pub inside: Vec<Inside>,
    /// Candidates judged in the whole market.
    pub candidates: u64,
    /// Slices of the whole market.
    pub slices: u64,
}

impl LookAhead {
    /// What it shows: a difference is one however little was judged; without one, nothing is shown where nothing was judged.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        if !(self.cuts.iter().all(Cut::is_same) && self.inside.iter().all(Inside::is_same)) {
            Verdict::Found
        } else if self.candidates == 0 || self.cuts.is_empty() {
            Verdict::NothingJudged
        } else {
            Verdict::Clean
        }
    }

    /// Nothing was known before its time.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        !self.cuts.is_empty() && self.cuts.iter().all(Cut::is_same) && self.inside.iter().all(Inside::is_same)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stand {
    decisions: Digest32,
    features: Digest32,
}

impl Stand {
    /// Are decisions, and features, those of the ended market?
    fn against(&self, ended: Option<&Self>) -> (bool, bool) {
        (
            ended.is_some_and(|e| e.decisions == self.decisions),
            ended.is_some_and(|e| e.features == self.features),
        )
    }
}

/// Chains the canonical bytes of every judgement.
#[derive(Debug)]
struct Chain {
    judged: u64,
    digest: Digest32,
}

impl TraceSink for Chain {
    fn candidate(&mut self, trace: &CandidateTrace) {
        let mut e = Encoder::append_to(self.digest.0.to_vec());
        trace.encode(&mut e);
        self.digest = Digest32::of(&e.into_bytes());
        self.judged += 1;
    }
}

/// One instant is ended after each of its events for so many ends after slices.
const ENDS_PER_INSTANT: usize = 8;

/// Where inside instants the market is ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Instants {
    /// In an eighth as many instants as there are ends after deciding slices, and in one more.
    #[default]
    Sampled,
    /// In every instant: after each event of the market one more market is run up to there, so the work grows with the square of
    /// its events.
    Every,
}

/// [`examine_at`] with sampled instants.
///
/// # Errors
/// [`StudyError`] when a run stops or the market has no slice.
pub fn examine(
    data: &Dataset,
    suspect: &Suspect<'_>,
    cuts: usize,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<LookAhead, StudyError> {
    examine_at(data, suspect, (cuts, Instants::Sampled), progress)
}

/// Ends the market at `cuts` slices in which something was judged and at half as many others, evenly over the whole, and after
/// each event of the instants that are asked for. `progress` is told how many of how many markets are done.
///
/// # Errors
/// [`StudyError`] when a run stops or the market has no slice.
pub fn examine_at(
    data: &Dataset,
    suspect: &Suspect<'_>,
    (cuts, which): (usize, Instants),
    progress: &mut dyn FnMut(usize, usize),
) -> Result<LookAhead, StudyError> {
    let (mut deciding, mut quiet, mut before) = (Vec::new(), Vec::new(), 0);
    let whole = drive(data, suspect, |event, _, chain| {
        if is_slice(event) {
            let list = if chain.judged > before { &mut deciding } else { &mut quiet };
            list.push(event.time);
            before = chain.judged;
        }
        ControlFlow::Continue(())
    })?;
    let slices = (deciding.len() + quiet.len()) as u64;
    let mut times: BTreeMap<Ts, bool> = BTreeMap::new();
    times.extend(spread(&quiet, cuts.div_ceil(2)).into_iter().map(|t| (t, false)));
    times.extend(spread(&deciding, cuts).into_iter().map(|t| (t, true)));
    let mut instants: BTreeSet<Ts> = spread(&deciding, cuts.div_ceil(ENDS_PER_INSTANT)).into_iter().collect();
    instants.extend(spread(&quiet, 1));
    progress(1, times.len() + 2);
    let (mut want, mut want_inside) = (BTreeMap::new(), Vec::new());
    drive(data, suspect, |event, driver, chain| {
        if is_slice(event) && times.contains_key(&event.time) {
            want.insert(event.key(), stand(driver, chain));
        }
        if which == Instants::Every || instants.contains(&event.time) {
            want_inside.push((event.body.kind(), event.key(), inside::asked(driver, chain, event.time)));
        }
        ControlFlow::Continue(())
    })?;
    let total = times.len() + want_inside.len() + 2;
    progress(2, total);
    let mut out = LookAhead { cuts: Vec::new(), inside: Vec::new(), candidates: whole, slices };
    for (i, (key, full)) in want.into_iter().enumerate() {
        let cut = stand_at(data, suspect, key, &|driver, chain| stand(driver, chain))?;
        let deciding = times.get(&key.time).copied().unwrap_or_default();
        let (same_decisions, same_features) = full.against(cut.as_ref());
        out.cuts.push(Cut { time: key.time, deciding, same_decisions, same_features });
        progress(i + 3, total);
    }
    for (kind, key, full) in want_inside {
        let cut = stand_at(data, suspect, key, &|driver, chain| inside::asked(driver, chain, key.time))?;
        let (same_decisions, same_features) = full.against(cut.as_ref());
        out.inside.push(Inside { key, kind, same_decisions, same_features });
        progress(out.cuts.len() + out.inside.len() + 2, total);
    }
    Ok(out)
}

/// The stand after the event `key` in a market that ends with it; `None` where it has no such event.
fn stand_at(
    data: &Dataset,
    suspect: &Suspect<'_>,
    key: MarketKey,
    stand: &dyn Fn(&Driver, &Chain) -> Stand,
) -> Result<Option<Stand>, StudyError> {
    let mut last = None;
    drive(&data.heard(key)?, suspect, |event, driver, chain| {
        if event.key() < key {
            return ControlFlow::Continue(());
        }
        last = (event.key() == key).then(|| stand(driver, chain));
        ControlFlow::Break(())
    })?;
    Ok(last)
}

const fn is_slice(event: &Event) -> bool {
    matches!(event.body, EventBody::Timer(TimerKind::BarSlice))
}

fn spread(list: &[Ts], n: usize) -> Vec<Ts> {
    let step = list.len().div_ceil(n.max(1)).max(1);
    list.iter().skip(step / 2).step_by(step).copied().collect()
}

/// Candidates judged; `after` sees every event after its tick and says whether to go on.
fn drive(
    data: &Dataset,
    suspect: &Suspect<'_>,
    mut after: impl FnMut(&Event, &Driver, &Chain) -> ControlFlow<()>,
) -> Result<u64, StudyError> {
    let mut driver = (suspect.driver)(data)?;
    driver.drop_market_facts();
    let (mut chain, mut facts) = (Chain { judged: 0, digest: Digest32::ZERO }, Vec::new());
    for event in (suspect.events)(data) {
        let event = event?;
        driver.feed(&event, &mut chain, &mut facts)?;
        facts.clear();
        if after(&event, &driver, &chain).is_break() {
            break;
        }
    }
    Ok(chain.judged)
}

fn stand(driver: &Driver, chain: &Chain) -> Stand {
    let snapshot = driver.engine().kernel().snapshot();
    let mut h = Hasher::new();
    h.update(&chain.digest.0);
    h.update(&snapshot.state.digest.0);
    h.update(&snapshot.state.to_bytes());
    let mut features = Hasher::new();
    features.update(&snapshot.banks.to_bytes());
    features.update(&snapshot.cross.to_bytes());
    Stand { decisions: h.finish(), features: features.finish() }
}
