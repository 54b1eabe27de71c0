//! The liquidity of the market: what it costs to take 10,000 USD from the visible books, against the coins' own past.

use super::pack::{Pack, count};
use super::regime::{Posterior, STATES, predicted};
use crate::event::{Book, Level};
use alloc::vec::Vec;
use zero_core::MissingReason;

/// What is taken, USD.
pub const TAKEN: f64 = 10_000.0;
/// Where the mean cost over the coins lies in each state, in standard deviations of a coin's own past.
pub const LOCATIONS: [f64; STATES] = [-1.5, 0.0, 2.0];
/// Steps with books before a state is believed: one week.
pub const WARM_UP: u32 = 168;
/// Half-life of a coin's own past, in steps: 30 days.
const HALF_LIFE: f64 = 720.0;
/// What is further away than this moves the past as if it were this far, in standard deviations.
const CAP: f64 = 5.0;

/// States of the liquidity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Liquidity {
    /// Taking is cheap.
    Deep,
    /// The usual.
    Usual,
    /// Taking is dear.
    Thin,
}

/// Cost of taking [`TAKEN`] at once, as a share of the mid, mean of buying and selling. What the visible levels do not hold counts
/// as taken at the last of them, so it is then a lower bound. `None` where a side is missing or the book is crossed.
#[must_use]
pub fn cost_of_taking(book: &Book) -> Option<f64> {
    let best = |side: &[Level]| side.first().map(|l| l.px.to_f64());
    let (bid, ask) = (best(&book.bids)?, best(&book.asks)?);
    if !(bid > 0.0 && ask > bid) {
        return None;
    }
    let mid = 0.5 * (bid + ask);
    Some(0.5 * (mean_price(&book.asks)? - mean_price(&book.bids)?) / mid)
}

/// Mean price at which a side gives [`TAKEN`].
fn mean_price(side: &[Level]) -> Option<f64> {
    let (mut left, mut coins) = (TAKEN, 0.0);
    for level in side {
        let (px, sz) = (level.px.to_f64(), level.sz.to_f64());
        let taken = (px * sz).min(left);
        coins += taken / px;
        left -= taken;
        if left <= 0.0 {
            break;
        }
    }
    coins += left / side.last()?.px.to_f64();
    Some(TAKEN / coins).filter(|p| p.is_finite())
}

/// One coin: its books of this step, and the mean and variance of the logarithm of its cost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Depth {
    sum: f64,
    books: u32,
    seen: u32,
    mean: f64,
    variance: f64,
}

impl Depth {
    /// Ends a step; how far its cost lay from the coin's own past before it.
    fn step(&mut self, alpha: f64) -> Option<f64> {
        let books = core::mem::take(&mut self.books);
        let sum = core::mem::take(&mut self.sum);
        if books == 0 {
            return None;
        }
        let mut off = sum / f64::from(books) - self.mean;
        let sd = libm::sqrt(self.variance);
        let z = (self.seen >= WARM_UP / 2 && sd > 0.0).then(|| off / sd);
        if z.is_some() {
            off = off.clamp(-CAP * sd, CAP * sd);
        }
        self.seen = self.seen.saturating_add(1);
        let a = alpha.max(1.0 / f64::from(self.seen));
        self.mean += a * off;
        self.variance = (1.0 - a) * (self.variance + a * off * off);
        z
    }
}

impl Pack for Depth {
    fn pack(&mut self, visit: &mut dyn FnMut(&mut f64)) {
        visit(&mut self.sum);
        count(&mut self.books, visit);
        count(&mut self.seen, visit);
        visit(&mut self.mean);
        visit(&mut self.variance);
    }
}

/// All coins: a Hamilton (1989) filter on the mean over the coins, with Student-t emissions of four degrees of freedom around
/// [`LOCATIONS`]. Its parameters are fixed and stated, not fitted.
#[derive(Clone, Debug)]
pub(crate) struct Books {
    coins: Vec<Depth>,
    alpha: f64,
    seen: u32,
    p: [f64; STATES],
    state: Posterior,
    /// Had enough coins a book in the latest step?
    live: bool,
}

impl Books {
    pub(crate) fn new(coins: usize) -> Self {
        Self {
            coins: alloc::vec![Depth::default(); coins],
            alpha: 1.0 - libm::exp2(-1.0 / HALF_LIFE),
            seen: 0,
            p: [0.2, 0.7, 0.1],
            state: Posterior::UNKNOWN,
            live: false,
        }
    }

    pub(crate) fn on_book(&mut self, book: &Book) {
        let cost = cost_of_taking(book).filter(|c| *c > 0.0);
        if let (Some(coin), Some(cost)) = (self.coins.get_mut(book.coin.index()), cost) {
            coin.sum += libm::log(cost);
            coin.books = coin.books.saturating_add(1);
        }
    }

    /// Ends a step. Half of the coins must have had a book in it.
    pub(crate) fn step(&mut self) {
        let (mut sum, mut with, mut known) = (0.0, 0usize, 0usize);
        for coin in &mut self.coins {
            with += usize::from(coin.books > 0);
            if let Some(z) = coin.step(self.alpha) {
                sum += z;
                known += 1;
            }
        }
        self.live = 2 * with >= self.coins.len() && with > 0;
        if !self.live {
            self.state.lose();
            return;
        }
        self.seen = self.seen.saturating_add(1);
        if 2 * known >= self.coins.len() {
            // Deeper than deep is deep, thinner than thin is thin: with these tails it would say nothing.
            let [deep, _, thin] = LOCATIONS;
            let z = (sum / known as f64).clamp(deep, thin);
            let mut p = predicted(&self.p);
            for (p, at) in p.iter_mut().zip(&LOCATIONS) {
                let a = 1.0 + (z - at) * (z - at) / 2.0;
                *p *= 1.0 / (a * a * libm::sqrt(a));
            }
            let total: f64 = p.iter().sum();
            if total > 0.0 && total.is_finite() {
                self.p = p.map(|x| x / total);
            }
            if self.seen >= WARM_UP {
                self.state.update(self.p);
            }
        } else {
            self.state.lose();
        }
    }

    /// Steps with enough books.
    pub(crate) const fn seen(&self) -> u32 {
        self.seen
    }

    pub(crate) fn posterior(&self) -> Result<Posterior, MissingReason> {
        if self.coins.iter().all(|c| c.seen == 0 && c.books == 0) {
            return Err(MissingReason::NeverSeen);
        }
        match (self.seen >= WARM_UP, self.live) {
            (_, false) if self.seen > 0 => Err(MissingReason::Gap),
            (false, _) => Err(MissingReason::WarmUp),
            (true, _) => Ok(self.state),
        }
    }
}

impl Pack for Books {
    fn pack(&mut self, visit: &mut dyn FnMut(&mut f64)) {
        self.coins.iter_mut().for_each(|c| c.pack(visit));
        count(&mut self.seen, visit);
        self.p.iter_mut().for_each(&mut *visit);
        self.state.pack(visit);
        let mut live = u32::from(self.live);
        count(&mut live, visit);
        self.live = live == 1;
    }
}
