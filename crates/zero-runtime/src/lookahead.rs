//! The look-ahead detector: the market is ended at many times, and what was judged and seen up to there must be the same to the
//! byte as in the whole market. Whoever used the future cannot, where there is none.
//!
//! Compared are every judgement with every lens, gate and modifier, the decisions, and the features: a part that looks ahead
//! is found even where it has not yet changed a decision.

use crate::driver::Driver;
use crate::engine::EngineError;
use crate::study::StudyError;
use std::collections::BTreeMap;
use zero_core::cbor::Encoder;
use zero_core::{Canon, Digest32, Hasher, Ts};
use zero_data::{DataError, Dataset, EventRange};
use zero_kernel::TraceSink;
use zero_kernel::record::CandidateTrace;
use zero_market::event::TimerKind;
use zero_market::{Event, EventBody};

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

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookAhead {
    /// Every end that was tried, in the order of time.
    pub cuts: Vec<Cut>,
    /// Candidates judged in the whole market.
    pub candidates: u64,
    /// Slices of the whole market.
    pub slices: u64,
}

impl LookAhead {
    /// Nothing was known before its time.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        !self.cuts.is_empty() && self.cuts.iter().all(Cut::is_same)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stand {
    decisions: Digest32,
    features: Digest32,
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

/// Ends the market at `cuts` slices in which something was judged and at half as many others, evenly over the whole. `progress`
/// is told how many of how many markets are done.
///
/// # Errors
/// [`StudyError`] when a run stops or the market has no slice.
pub fn examine(
    data: &Dataset,
    suspect: &Suspect<'_>,
    cuts: usize,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<LookAhead, StudyError> {
    let (mut deciding, mut quiet, mut before) = (Vec::new(), Vec::new(), 0);
    let whole = drive(data, suspect, |time, _, chain| {
        let list = if chain.judged > before { &mut deciding } else { &mut quiet };
        list.push(time);
        before = chain.judged;
    })?;
    let slices = (deciding.len() + quiet.len()) as u64;
    let mut times: BTreeMap<Ts, bool> = BTreeMap::new();
    times.extend(spread(&quiet, cuts.div_ceil(2)).into_iter().map(|t| (t, false)));
    times.extend(spread(&deciding, cuts).into_iter().map(|t| (t, true)));
    let total = times.len() + 2;
    progress(1, total);
    let mut want: BTreeMap<Ts, Stand> = BTreeMap::new();
    drive(data, suspect, |time, driver, chain| {
        if times.contains_key(&time) {
            want.insert(time, stand(driver, chain));
        }
    })?;
    progress(2, total);
    let mut out = LookAhead { cuts: Vec::new(), candidates: whole, slices };
    for (i, (time, deciding)) in times.into_iter().enumerate() {
        let ended = data.truncated(time)?;
        let mut last = None;
        drive(&ended, suspect, |at, driver, chain| {
            if at == time {
                last = Some(stand(driver, chain));
            }
        })?;
        let (full, cut) = (want.get(&time).copied(), last);
        let same = |pick: fn(&Stand) -> Digest32| full.as_ref().map(pick) == cut.as_ref().map(pick);
        out.cuts.push(Cut {
            time,
            deciding,
            same_decisions: same(|s| s.decisions),
            same_features: same(|s| s.features),
        });
        progress(i + 3, total);
    }
    Ok(out)
}

fn spread(list: &[Ts], n: usize) -> Vec<Ts> {
    let step = list.len().div_ceil(n.max(1)).max(1);
    list.iter().skip(step / 2).step_by(step).copied().collect()
}

/// Candidates judged; `at_slice` sees every slice after its tick.
fn drive(
    data: &Dataset,
    suspect: &Suspect<'_>,
    mut at_slice: impl FnMut(Ts, &Driver, &Chain),
) -> Result<u64, StudyError> {
    let mut driver = (suspect.driver)(data)?;
    driver.drop_market_facts();
    let (mut chain, mut facts) = (Chain { judged: 0, digest: Digest32::ZERO }, Vec::new());
    for event in (suspect.events)(data) {
        let event = event?;
        driver.feed(&event, &mut chain, &mut facts)?;
        facts.clear();
        if matches!(event.body, EventBody::Timer(TimerKind::BarSlice)) {
            at_slice(event.time, &driver, &chain);
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
