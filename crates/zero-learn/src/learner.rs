//! The learner: candidates and the market in, one case per decision out.

use crate::outcome::{Fate, Unjudged};
use crate::scout::{Scout, local};
use crate::shadow::Shadow;
use std::collections::{BTreeMap, BTreeSet};
use zero_core::{BookId, CoinId, Digest32, OrderId, Ts};
use zero_kernel::record::DecisionKind;
use zero_kernel::{CandidateTrace, GateTrace, TraceSink};
use zero_market::event::TimerKind;
use zero_market::{Event, EventBody, Side};
use zero_runtime::hosts::Hosts;
use zero_runtime::record::Manifest;
use zero_runtime::reopen;
use zero_strategy::Forecast;

/// Most cases that are kept; later candidates are counted and left out.
pub const CASES_MAX: usize = 200_000;
/// Most shadows open at once; a candidate beyond them is not judged, and says so.
pub const SHADOWS_MAX: usize = 20_000;
/// Most scouts, which is strategies times coins.
pub const SCOUTS_MAX: usize = 8_192;

/// A decision with its gates and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// The decision's identity.
    pub decision: OrderId,
    /// Event time.
    pub time: Ts,
    /// Book.
    pub book: BookId,
    /// Coin.
    pub coin: CoinId,
    /// Side.
    pub side: Side,
    /// All gates True.
    pub admitted: bool,
    /// Every gate, by its place in [`Learnt::gates`].
    pub gates: Vec<GateTrace>,
    /// What became of it in its own book.
    pub fate: Fate,
    /// What was said of it when it was judged.
    pub said: Said,
}

/// What was said of a candidate when it was judged.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said {
    /// Its place in [`Learnt::lens_tables`].
    pub table: usize,
    /// Mean of every lens's opinion, by its place in that table; `None` where it abstained.
    pub opinions: Vec<Option<f64>>,
    /// Stop distance: without one there is no unit of risk.
    pub stop: Option<f64>,
    /// Digest of the opinion model in force, and what it said.
    pub forecast: Option<(Digest32, Forecast)>,
}

impl Case {
    /// Gates that did not pass.
    pub fn failing(&self) -> impl Iterator<Item = &GateTrace> {
        self.gates.iter().filter(|g| !g.truth.is_true())
    }

    /// The one gate that alone kept it out.
    #[must_use]
    pub fn only_failing(&self) -> Option<&GateTrace> {
        let mut failing = self.failing();
        failing.next().filter(|_| failing.next().is_none())
    }
}

/// What was learnt.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Learnt {
    /// One per decision, in the order of their first appearance.
    pub cases: Vec<Case>,
    /// Candidates whose decision was there already.
    pub duplicates: u64,
    /// Candidates that are exits, and so have no shadow.
    pub exits: u64,
    /// Candidates beyond [`CASES_MAX`].
    pub left_out: u64,
    /// Names that the gates of cases index: those of every epoch, each once.
    pub gates: Vec<String>,
    /// Lenses of every epoch by name and version, each list once.
    pub lens_tables: Vec<Vec<(String, u16)>>,
    /// Time of the first and the last event.
    pub span: Option<(Ts, Ts)>,
}

/// Follows a run.
#[derive(Debug, Default)]
pub struct Learner {
    epochs: Vec<Digest32>,
    current: usize,
    counts_only: bool,
    /// The place among all names of each gate of the epoch in force.
    table: Vec<u8>,
    /// The place of the lenses in force among all lists.
    lens_table: usize,
    /// Digest of the opinion model in force.
    model: Option<Digest32>,
    scouts: Vec<Scout>,
    /// Coin of each scout.
    coins: Vec<CoinId>,
    /// Scout of (epoch, book, coin).
    places: BTreeMap<(usize, BookId, CoinId), usize>,
    waiting: Vec<CandidateTrace>,
    /// By coin.
    open: BTreeMap<CoinId, Vec<Shadow>>,
    seen: BTreeSet<OrderId>,
    /// The book of the operator's own orders, which teach nothing about strategies.
    own_book: Option<BookId>,
    learnt: Learnt,
}

impl Learner {
    /// For a run whose manifests are these: one per epoch, the first in force at the start. Every epoch's strategies follow
    /// the market from the start, so that a later epoch's features are warm when it begins.
    #[must_use]
    pub fn new(manifests: &[Manifest]) -> Self {
        Self::hosting(manifests, |_| Hosts::default())
    }

    /// As [`Self::new`], with the hosted parts at hand that `hosts` names for a manifest.
    #[must_use]
    pub fn hosting(manifests: &[Manifest], hosts: impl Fn(&Manifest) -> Hosts) -> Self {
        let mut out = Self::default();
        let mut made: BTreeMap<(Digest32, Digest32, CoinId), usize> = BTreeMap::new();
        for m in manifests {
            let epoch = epoch_of(m);
            if out.epochs.contains(&epoch) {
                continue;
            }
            out.epochs.push(epoch);
            let hosts = hosts(m);
            for (b, spec) in m.strategies.iter().enumerate() {
                // A person's orders are not of a strategy: nothing would leave their shadows.
                if m.kernel.own_book == Some(BookId(b as u16)) {
                    continue;
                }
                let Some(choice) = reopen::choice_hosting(spec, &hosts) else { continue };
                for c in 0..m.universe.len() {
                    let coin = CoinId(c as u16);
                    let key = (m.epoch.config, spec.digest(), coin);
                    let at = match made.get(&key) {
                        Some(at) => *at,
                        None if out.scouts.len() >= SCOUTS_MAX => continue,
                        None => {
                            let Some(scout) = Scout::new(m, coin, choice.clone()) else { continue };
                            out.scouts.push(scout);
                            out.coins.push(coin);
                            made.insert(key, out.scouts.len() - 1);
                            out.scouts.len() - 1
                        }
                    };
                    out.places.insert((out.epochs.len() - 1, BookId(b as u16), coin), at);
                }
            }
        }
        if let Some(first) = manifests.first() {
            out.start(first);
        }
        out
    }

    /// Counts candidates and simulates none.
    #[must_use]
    pub fn counting() -> Self {
        Self { counts_only: true, ..Self::default() }
    }

    /// A start of the run: from here on, this manifest is in force.
    pub fn start(&mut self, m: &Manifest) {
        let epoch = epoch_of(m);
        if let Some(at) = self.epochs.iter().position(|e| *e == epoch) {
            self.current = at;
        }
        self.own_book = m.kernel.own_book;
        self.model = m.opinion_model.as_ref().map(|model| model.digest());
        let lenses: Vec<(String, u16)> =
            m.lenses.iter().cloned().zip(m.lens_versions.iter().copied()).collect();
        let tables = &mut self.learnt.lens_tables;
        self.lens_table = tables.iter().position(|t| *t == lenses).unwrap_or_else(|| {
            tables.push(lenses);
            tables.len() - 1
        });
        self.table.clear();
        for name in &m.gates {
            let at = self.learnt.gates.iter().position(|n| n == name).unwrap_or_else(|| {
                self.learnt.gates.push(name.clone());
                self.learnt.gates.len() - 1
            });
            // A trace has room for 256 gates, and so have all epochs together.
            self.table.push(u8::try_from(at).unwrap_or(u8::MAX));
        }
    }

    /// Takes a judged candidate. It enters its shadow book once the market of its instant is complete.
    pub fn candidate(&mut self, t: &CandidateTrace) {
        if self.own_book == Some(t.book) {
            return;
        }
        if t.kind != DecisionKind::Entry {
            self.learnt.exits += 1;
        } else if self.seen.contains(&t.decision) {
            self.learnt.duplicates += 1;
        } else if self.learnt.cases.len() + self.waiting.len() >= CASES_MAX {
            self.learnt.left_out += 1;
        } else {
            self.seen.insert(t.decision);
            let mut t = t.clone();
            for g in &mut t.gates {
                g.gate = self.table.get(usize::from(g.gate)).copied().unwrap_or(u8::MAX);
            }
            self.waiting.push(t);
        }
    }

    /// Takes an event of the run, in order. What is not market data or a timer changes nothing here.
    pub fn event(&mut self, event: &Event) {
        let late = |t: &CandidateTrace| {
            event.time > t.time || matches!(event.body, EventBody::BarOpened(_)) && event.time == t.time
        };
        if self.waiting.first().is_some_and(late) {
            self.start_waiting();
        }
        let is_timer = matches!(event.body, EventBody::Timer(_));
        if !is_timer && event.body.coin().is_none() || matches!(event.body, EventBody::Venue(_)) {
            return;
        }
        let span = self.learnt.span.get_or_insert((event.time, event.time));
        span.1 = event.time;
        for (scout, coin) in self.scouts.iter_mut().zip(&self.coins) {
            if let Some(own) = local(event, *coin) {
                scout.event(&own);
            }
        }
        let cases = &mut self.learnt.cases;
        for (coin, shadows) in &mut self.open {
            let Some(own) = local(event, *coin) else { continue };
            shadows.retain_mut(|s| match s.event(&own) {
                Some(fate) => {
                    if let Some(case) = cases.get_mut(s.case) {
                        case.fate = fate;
                    }
                    false
                }
                None => true,
            });
        }
        if matches!(event.body, EventBody::Timer(TimerKind::BarSlice)) {
            self.start_waiting();
        }
    }

    fn start_waiting(&mut self) {
        for t in core::mem::take(&mut self.waiting) {
            let open: usize = self.open.values().map(Vec::len).sum();
            let case = self.learnt.cases.len();
            let scout = self.places.get(&(self.current, t.book, t.coin)).and_then(|at| self.scouts.get(*at));
            let fate = match scout {
                None if self.counts_only => Fate::Unjudged(Unjudged::NotAsked),
                None => Fate::Unjudged(Unjudged::StrategyUnknown),
                Some(_) if open >= SHADOWS_MAX => Fate::Unjudged(Unjudged::Full),
                Some(scout) => match Shadow::enter(case, scout, &t) {
                    Ok(shadow) => {
                        self.open.entry(t.coin).or_default().push(shadow);
                        Fate::Unresolved
                    }
                    Err(fate) => fate,
                },
            };
            self.learnt.cases.push(Case {
                decision: t.decision,
                time: t.time,
                book: t.book,
                coin: t.coin,
                side: t.side,
                admitted: t.admitted,
                gates: t.gates,
                fate,
                said: Said {
                    table: self.lens_table,
                    opinions: t.lenses.iter().map(|l| l.opinion.map(|o| o.mean)).collect(),
                    stop: t.stop,
                    forecast: self.model.zip(t.forecast),
                },
            });
        }
    }

    /// What was learnt up to the last event. Positions that are open then stay unresolved.
    #[must_use]
    pub fn finish(mut self) -> Learnt {
        self.start_waiting();
        self.learnt
    }
}

impl TraceSink for Learner {
    fn candidate(&mut self, trace: &CandidateTrace) {
        Self::candidate(self, trace);
    }
}

/// What a shadow depends on: configuration and strategies. Another build of the program is the same epoch here.
fn epoch_of(m: &Manifest) -> Digest32 {
    let mut h = zero_core::Hasher::new();
    h.update(&m.epoch.config.0);
    h.update(&m.epoch.strategies.0);
    h.finish()
}
