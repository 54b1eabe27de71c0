//! The state of the cross-section and its step.

use super::dependence::{HORIZONS, fdr_cut, p_of_z};
use super::liquidity::Books;
use super::moments::{Moments, Shrunk};
use super::pack::{self, Pack, count, instant, series};
use super::principal::Principal;
use super::regime::{self, Posterior, STATES, ScaleFilter};
use super::scenarios::{SCENARIOS, Scenarios};
use super::track::{LOOK_BACK, Step, Track};
use crate::event::{Bar, Book};
use crate::instrument::Universe;
use alloc::vec::Vec;
use zero_core::{CoinId, MissingReason, Ts, TsDiff, canon_struct};

/// Half-life of the covariance, in steps: seven days of hours.
const COVARIANCE_HALF_LIFE: f64 = 168.0;
/// Returns before a coin's covariances are used.
const COVARIANCE_WARM_UP: u32 = 168;
/// Every how many steps serial dependence is judged.
pub const SERIAL_EVERY: u32 = 24;
/// Level of the false discovery rate over coins and horizons.
const FDR: f64 = 0.05;
/// Steps of the drift statistic and of breadth.
const DAY: usize = 24;

/// What the numbers of a [`CrossMemory`] are and in which order; raised whenever either changes.
const LAYOUT: u16 = 3;

canon_struct! {
    /// The cross-section in a snapshot: every number it carries, in the order of one walk.
    #[derive(Clone, Debug, PartialEq)]
    pub struct CrossMemory {
        /// What the numbers are: a program that counts otherwise does not take them.
        pub layout: u16,
        /// The numbers.
        pub numbers: Vec<f64>,
    }
}

/// The cross-section.
#[derive(Clone, Debug)]
pub struct CrossMarket {
    /// The coin named BTC; without one the mean of all coins takes its place.
    reference: Option<usize>,
    step: TsDiff,
    time: Ts,
    steps: u32,
    tracks: Vec<Track>,
    moments: Moments,
    scenarios: Scenarios,
    filter: ScaleFilter,
    volatility: Posterior,
    correlation: Posterior,
    books: Books,
    drift: Vec<f64>,
    /// Derived from the rest at every step and after a restore.
    usable: Vec<bool>,
    shrunk: Shrunk,
    principal: Principal,
    betas: Vec<f64>,
    factors: Vec<f64>,
    breadth: Option<f64>,
    weeks: Vec<f64>,
    mean_week: Option<f64>,
    counted_weeks: usize,
}

impl CrossMarket {
    /// Of these coins, before the first bar.
    #[must_use]
    pub fn new(universe: &Universe) -> Self {
        let n = universe.len();
        let reference = universe.iter().find(|(_, ins)| ins.symbol == "BTC").map(|(coin, _)| coin.index());
        Self {
            reference,
            step: TsDiff::HOUR,
            time: Ts::ZERO,
            steps: 0,
            tracks: alloc::vec![Track::new(); n],
            moments: Moments::new(n, COVARIANCE_HALF_LIFE),
            scenarios: Scenarios::new(n),
            filter: ScaleFilter::default(),
            volatility: Posterior::UNKNOWN,
            correlation: Posterior::UNKNOWN,
            books: Books::new(n),
            drift: alloc::vec![f64::NAN; DAY],
            usable: alloc::vec![false; n],
            shrunk: Shrunk::default(),
            principal: Principal::default(),
            betas: alloc::vec![f64::NAN; n],
            factors: alloc::vec![f64::NAN; n],
            breadth: None,
            weeks: alloc::vec![f64::NAN; n],
            mean_week: None,
            counted_weeks: 0,
        }
    }

    /// Takes a complete bar.
    pub fn on_bar(&mut self, bar: &Bar) {
        self.step = self.step.max(bar.interval);
        let time = bar.close_time();
        let on_grid = bar.interval >= TsDiff::HOUR || time.as_ns() % TsDiff::HOUR.as_ns() == 0;
        if on_grid && let Some(t) = self.tracks.get_mut(bar.coin.index()) {
            t.close(time, bar.close.to_f64());
        }
    }

    /// Takes a snapshot of an order book; it counts for the step in which it came.
    pub fn on_book(&mut self, book: &Book) {
        self.books.on_book(book);
    }

    /// A hole in a coin's data.
    pub fn on_gap(&mut self, coin: CoinId) {
        if let Some(t) = self.tracks.get_mut(coin.index()) {
            t.gap();
        }
    }

    /// The decision timer: a step, if any coin closed on the grid now.
    pub fn on_slice(&mut self, time: Ts) {
        if time <= self.time || !self.tracks.iter().any(|t| t.time() == time) {
            return;
        }
        // Steps that nobody saw are still steps: the rings are rings of time.
        let passed =
            if self.time == Ts::ZERO { 1 } else { time.since(self.time).as_ns() / self.step.as_ns().max(1) };
        let blanks = (passed - 1).clamp(0, LOOK_BACK as i64 + 1);
        for i in 0..blanks {
            let at = time.minus(self.step.times(blanks - i));
            self.advance(at);
        }
        self.advance(time);
        self.derive();
        self.judge();
        self.books.step();
    }

    fn advance(&mut self, time: Ts) {
        self.time = time;
        self.steps = self.steps.wrapping_add(1);
        let (slot, steps, step) = (self.slot(), self.steps, self.step);
        for (i, t) in self.tracks.iter_mut().enumerate() {
            if t.step(time, step, slot, steps) == Step::New {
                self.moments.forget(i);
                self.scenarios.forget(i);
            }
        }
        self.moments.step(self.tracks.iter().map(|t| t.ret));
        self.scenarios.step(self.tracks.iter().map(|t| t.z));
    }

    fn slot(&self) -> usize {
        self.steps as usize % (LOOK_BACK + 1)
    }

    /// What follows from the numbers alone.
    fn derive(&mut self) {
        let n = self.tracks.len();
        for ((u, t), i) in self.usable.iter_mut().zip(&self.tracks).zip(0..n) {
            *u = t.is_live()
                && self.moments.seen(i) >= COVARIANCE_WARM_UP
                && t.sigma().is_some_and(|s| s > 0.0);
        }
        self.moments.shrink(&self.usable, &mut self.shrunk);
        self.principal.of(&self.shrunk.correlation, n);
        self.derive_exposures(n);
        let slot = self.slot();
        let changes = || self.tracks.iter().filter_map(|t| t.change(slot, DAY));
        let counted = changes().count();
        self.breadth = (counted > 0).then(|| changes().filter(|c| *c > 0.0).count() as f64 / counted as f64);
        let (mut sum, mut weeks) = (0.0, 0usize);
        for (week, t) in self.weeks.iter_mut().zip(&self.tracks) {
            *week = t.momentum(slot, LOOK_BACK).unwrap_or(f64::NAN);
            if !week.is_nan() {
                sum += *week;
                weeks += 1;
            }
        }
        self.mean_week = (weeks > 0).then(|| sum / weeks as f64);
        self.counted_weeks = weeks;
    }

    fn derive_exposures(&mut self, n: usize) {
        let Self { shrunk: s, usable: on, reference, .. } = self;
        let coins = f64::from(s.usable);
        let rows = s.covariance.chunks_exact(n.max(1));
        for (with, row) in self.betas.iter_mut().zip(rows) {
            *with = match *reference {
                Some(r) => row.get(r).copied().unwrap_or(0.0),
                None => row.iter().sum::<f64>() / coins,
            };
        }
        let own = match *reference {
            Some(r) => self.betas.get(r).copied().unwrap_or(0.0),
            None => self.betas.iter().sum::<f64>() / coins,
        };
        let mean_sigma = s.sigma.iter().sum::<f64>() / coins;
        let of = on.iter().zip(&self.principal.loadings).zip(&s.sigma);
        for ((beta, factor), ((on, loading), sigma)) in self.betas.iter_mut().zip(&mut self.factors).zip(of) {
            *beta = if *on && own > 0.0 { *beta / own } else { f64::NAN };
            *factor = if *on { libm::sqrt(coins) * loading * sigma / mean_sigma } else { f64::NAN };
        }
    }

    /// The regimes of this step.
    fn judge(&mut self) {
        let n = self.tracks.len();
        let (mut sum, mut live) = (0.0, 0usize);
        for r in self.tracks.iter().filter_map(|t| t.ret) {
            sum += r;
            live += 1;
        }
        let known = 2 * live >= n && live > 0;
        if known {
            let common = sum / live as f64;
            match self.filter.step(common) {
                Some(p) => self.volatility.update(p),
                None => self.volatility.lose(),
            }
            if let Some(slot) = self.drift.get_mut(self.steps as usize % DAY) {
                *slot = common;
            }
        } else {
            self.volatility.lose();
            self.drift.fill(f64::NAN);
        }
        let seen = (0..n).filter(|i| self.usable.get(*i) == Some(&true)).map(|i| self.moments.seen(i)).min();
        let enough = 2 * self.shrunk.usable as usize >= n;
        let effective = self.moments.effective(seen.unwrap_or(0));
        match regime::correlation(self.principal.share, self.shrunk.usable, effective) {
            Some(p) if enough => self.correlation.update(p),
            _ => self.correlation.lose(),
        }
        if self.steps.is_multiple_of(SERIAL_EVERY) {
            self.judge_serial();
        }
    }

    /// Robust z over coins and horizons; a coin is called dependent only if the false discovery rate of all of them together
    /// allows it.
    fn judge_serial(&mut self) {
        let mut ps = Vec::with_capacity(HORIZONS.len() * self.tracks.len());
        for t in self.tracks.iter().filter(|t| t.is_live()) {
            ps.extend(HORIZONS.iter().filter_map(|q| t.variance_ratio(*q)).map(|(_, z)| p_of_z(z)));
        }
        let cut = fdr_cut(&mut ps, FDR);
        for t in &mut self.tracks {
            let mut zs = [0.0; HORIZONS.len()];
            let mut known = t.is_live();
            for (z, q) in zs.iter_mut().zip(HORIZONS) {
                match t.dependence.ratio(q) {
                    Some((_, found)) => *z = found,
                    None => known = false,
                }
            }
            if !known {
                t.serial.lose();
                continue;
            }
            let shown = cut.is_some_and(|c| zs.iter().any(|z| p_of_z(*z) <= c));
            let p = regime::dependence(&zs);
            // What is not shown is not believed, however likely; what is likely is told all the same.
            t.serial.update(if shown { p } else { NOTHING_SHOWN });
            t.serial.p = p;
        }
    }

    /// Time of the latest step.
    #[must_use]
    pub const fn time(&self) -> Ts {
        self.time
    }

    /// Length of a step.
    #[must_use]
    pub const fn step(&self) -> TsDiff {
        self.step
    }

    /// May it be used at `now`? Only until the next step is due.
    #[must_use]
    pub fn is_fresh(&self, now: Ts) -> bool {
        let age = now.since(self.time);
        age >= TsDiff::ZERO && age < self.step
    }

    /// Dates the last step later by this much: for a question about a later instant at which nothing has changed.
    pub fn age_less(&mut self, by: TsDiff) {
        self.time = self.time.plus(by);
    }

    /// The earliest instant at which a regime's state may be another.
    #[must_use]
    pub fn earliest_change(&self, p: &Posterior) -> Ts {
        self.time.plus(self.step.times(i64::from(p.updates_to_leave())))
    }

    /// Steps per year of 365 days.
    #[must_use]
    pub fn steps_per_year(&self) -> f64 {
        365.0 * TsDiff::DAY.as_ns() as f64 / self.step.as_ns().max(1) as f64
    }

    /// One coin's part.
    #[must_use]
    pub fn track(&self, coin: CoinId) -> Option<&Track> {
        self.tracks.get(coin.index())
    }

    /// Is the coin's covariance with the others known at this step?
    #[must_use]
    pub fn is_usable(&self, coin: CoinId) -> bool {
        self.usable.get(coin.index()).copied().unwrap_or(false)
    }

    /// The shrunk covariance of the usable coins.
    #[must_use]
    pub const fn covariance(&self) -> &Shrunk {
        &self.shrunk
    }

    /// First principal component of the shrunk correlation.
    #[must_use]
    pub const fn principal(&self) -> &Principal {
        &self.principal
    }

    /// Beta to BTC (to the mean of all coins where BTC is not among them); NaN when unknown.
    #[must_use]
    pub fn beta(&self, coin: CoinId) -> f64 {
        self.betas.get(coin.index()).copied().unwrap_or(f64::NAN)
    }

    /// Exposure to the first component of a holding worth one unit, where the average coin's is near one; NaN when unknown.
    #[must_use]
    pub fn factor(&self, coin: CoinId) -> f64 {
        self.factors.get(coin.index()).copied().unwrap_or(f64::NAN)
    }

    /// Share of coins whose last 24 steps rose.
    #[must_use]
    pub const fn breadth(&self) -> Option<f64> {
        self.breadth
    }

    /// A coin's change over the last week of steps in units of its volatility.
    #[must_use]
    pub fn week(&self, coin: CoinId) -> Option<f64> {
        self.weeks.get(coin.index()).copied().filter(|w| !w.is_nan())
    }

    /// Mean of [`CrossMarket::week`] over the coins that have one.
    #[must_use]
    pub const fn mean_week(&self) -> Option<f64> {
        self.mean_week
    }

    /// Number of those coins.
    #[must_use]
    pub const fn coins_with_week(&self) -> usize {
        self.counted_weeks
    }

    /// The last 24 common returns over their long-run volatility: the drift's z.
    #[must_use]
    pub fn drift_z(&self) -> Option<f64> {
        let z = self.drift.iter().sum::<f64>() / (self.filter.sigma() * libm::sqrt(DAY as f64));
        z.is_finite().then_some(z)
    }

    /// Standardised returns of the last steps.
    #[must_use]
    pub const fn scenarios(&self) -> &Scenarios {
        &self.scenarios
    }

    /// Posterior of the volatility state, by [`regime::Volatility`].
    #[must_use]
    pub const fn volatility(&self) -> &Posterior {
        &self.volatility
    }

    /// Posterior of the correlation state, by [`regime::Correlation`].
    #[must_use]
    pub const fn correlation(&self) -> &Posterior {
        &self.correlation
    }

    /// Posterior of the liquidity state, by [`Liquidity`](super::Liquidity).
    ///
    /// # Errors
    /// Why it is not known: no order book was ever seen, not for long enough, or not in this step.
    pub fn liquidity(&self) -> Result<Posterior, MissingReason> {
        self.books.posterior()
    }

    /// Steps in which at least half of the coins had an order book.
    #[must_use]
    pub const fn steps_with_books(&self) -> u32 {
        self.books.seen()
    }

    /// Why a coin has no value here.
    #[must_use]
    pub fn missing(&self, coin: CoinId) -> MissingReason {
        match self.track(coin) {
            _ if self.time == Ts::ZERO => MissingReason::NeverSeen,
            Some(t) if !t.is_live() => MissingReason::Gap,
            Some(_) => MissingReason::WarmUp,
            None => MissingReason::NeverSeen,
        }
    }

    /// An ordinary market without history: every coin with volatility `sigma` per step, correlations of 0.8, scenarios of
    /// all sizes. For the start-up witness and for fixtures.
    #[must_use]
    pub fn ordinary(universe: &Universe, step: TsDiff, now: Ts, sigma: f64) -> Self {
        const RHO: f64 = 0.8;
        let mut out = Self::new(universe);
        let n = out.tracks.len();
        (out.step, out.time, out.steps) = (step.max(TsDiff::HOUR), now, 1);
        out.tracks.iter_mut().for_each(|t| t.assume(now, sigma));
        for k in 0..COVARIANCE_WARM_UP {
            // Alternating signs of two sizes: variance sigma^2, correlation as stated.
            let common = if k % 2 == 0 { 1.0 } else { -1.0 } * sigma * libm::sqrt(RHO);
            let own = |i: usize| {
                let sign = if (k as usize >> (1 + i % 5)).is_multiple_of(2) { 1.0 } else { -1.0 };
                sign * sigma * libm::sqrt(1.0 - RHO)
            };
            out.moments.step((0..n).map(|i| Some(common + own(i))));
        }
        for at in 0..SCENARIOS {
            let z = 3.0 * (2.0 * (at as f64 + 0.5) / SCENARIOS as f64 - 1.0);
            (0..n).for_each(|i| out.scenarios.set(i, at, z));
        }
        out.derive();
        out.volatility = Posterior { p: [0.0, 1.0, 0.0], state: Some(1), ..Posterior::UNKNOWN };
        out.correlation = Posterior { p: [0.0, 1.0, 0.0], state: Some(1), ..Posterior::UNKNOWN };
        out
    }

    /// Puts a volatility state in the place of the present one: for fixtures.
    pub const fn assume_volatility(&mut self, state: Option<u8>) {
        self.volatility.state = state;
    }

    /// For a snapshot.
    #[must_use]
    pub fn memory(&self) -> CrossMemory {
        CrossMemory { layout: LAYOUT, numbers: pack::save(&mut self.clone()) }
    }

    /// Back from a snapshot of the same coins; false when it is another's.
    #[must_use]
    pub fn restore(&mut self, m: &CrossMemory) -> bool {
        if m.layout != LAYOUT || !pack::load(self, &m.numbers) {
            return false;
        }
        self.derive();
        true
    }
}

/// What is believed of a coin for which no dependence is shown.
const NOTHING_SHOWN: [f64; STATES] = [0.0, 1.0, 0.0];

impl Pack for CrossMarket {
    fn pack(&mut self, visit: &mut dyn FnMut(&mut f64)) {
        let mut step = Ts::from_ns(self.step.as_ns());
        instant(&mut step, visit);
        self.step = TsDiff::ns(step.as_ns());
        instant(&mut self.time, visit);
        count(&mut self.steps, visit);
        self.tracks.iter_mut().for_each(|t| t.pack(visit));
        self.moments.pack(visit);
        self.scenarios.pack(visit);
        self.filter.pack(visit);
        self.volatility.pack(visit);
        self.correlation.pack(visit);
        self.books.pack(visit);
        series(&mut self.drift, visit);
    }
}
