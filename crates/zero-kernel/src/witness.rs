//! The start-up proof: for every strategy there must be an admissible order, else the run refuses to start. Limits that
//! contradict each other show up here and not as weeks without a trade.

use crate::breaker::Breaker;
use crate::breakers::BREAKERS;
use crate::candidates::{Desk, Wish, judge_one};
use crate::exposure::{Exposure, MarginTerms};
use crate::kernel::Kernel;
use crate::portfolio::RiskTerms;
use crate::record::CandidateTrace;
use crate::state::{Fault, State};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;
use zero_core::{AccountId, BookId, CoinId, OrderId, Px, Sz, Truth, Ts, TsDiff, Usd};
use zero_market::Side;
use zero_market::cross::CrossMarket;
use zero_strategy::{Entry, FeatureBank, Proposal, Sizing};

/// Volatilities that the witness assumes, per hour: the first of the order of the recorded panel's, then calmer ones, for a limit
/// on risk may refuse at the first what it admits on a quiet day.
const HOURLY_SIGMAS: [f64; 3] = [0.01, 0.003, 0.001];
/// Stop of the ordinary entry: three daily volatilities.
const STOP: f64 = 3.0 * HOURLY_SIGMAS[0] * 4.898_979_485_566_356;

/// An admissible order of one strategy.
#[derive(Clone, Debug, PartialEq)]
pub struct Witness {
    /// Book.
    pub book: BookId,
    /// Coin.
    pub coin: CoinId,
    /// Side.
    pub side: Side,
    /// Size.
    pub sz: Sz,
    /// Price.
    pub px: Px,
    /// Its identity, as it would be at that instant.
    pub id: OrderId,
}

impl Kernel {
    /// Finds one admissible order per book at these prices (by coin; `None` where no price is known).
    ///
    /// # Errors
    /// [`Fault::Config`] naming the strategy and the gates that fail in the most favourable state.
    pub fn witness(&self, prices: &[Option<Px>], interval: TsDiff, now: Ts) -> Result<Vec<Witness>, Fault> {
        let mut found = Vec::new();
        for b in 0..self.cfg.books.len() {
            let book = BookId(b as u16);
            let mut failing = None;
            for sigma in HOURLY_SIGMAS {
                let mut trial = Trial::new(self, prices, (interval, sigma), now);
                match trial.admits(self, book, prices, now)? {
                    Ok(w) => {
                        found.push(w);
                        failing = None;
                        break;
                    }
                    Err(why) => failing = failing.or(Some(why)),
                }
            }
            if let Some(why) = failing {
                let name = self.cfg.books.get(b).map_or("?", |s| s.name.as_str());
                return Err(Fault::Config(alloc::format!(
                    "book {name} can never place an order: in its most favourable state, at any of several volatilities, these gates fail: {why}"
                )));
            }
        }
        Ok(found)
    }
}

/// The initial state with these prices as fresh closes, and empty features.
struct Trial {
    state: State,
    banks: Vec<FeatureBank>,
    cross: Option<CrossMarket>,
    exposures: Vec<(AccountId, Exposure)>,
    /// Per bar.
    sigma: f64,
}

impl Trial {
    fn new(kernel: &Kernel, prices: &[Option<Px>], (interval, hourly): (TsDiff, f64), now: Ts) -> Self {
        let mut state = State::new(&kernel.cfg, kernel.universe.len(), BREAKERS.len());
        state.now = now;
        state.last_operator = now;
        for (coin, px) in state.coins.iter_mut().zip(prices) {
            coin.mark = *px;
            coin.close = *px;
            coin.close_time = now;
            coin.interval = interval;
        }
        let banks = (0..kernel.universe.len()).map(|_| FeatureBank::new(&kernel.stack.plan)).collect();
        let terms = MarginTerms { universe: &kernel.universe, leverage: kernel.cfg.leverage };
        let hours = interval.as_ns() as f64 / TsDiff::HOUR.as_ns() as f64;
        let sigma = hourly * libm::sqrt(hours);
        // The cross-section has no step shorter than an hour.
        let step_sigma = hourly * libm::sqrt(hours.max(1.0));
        let cross = kernel
            .cross
            .is_some()
            .then(|| CrossMarket::ordinary(&kernel.universe, interval, now, step_sigma));
        let mut exposures = Vec::new();
        for a in &state.accounts {
            let mut e = Exposure::default();
            e.rebuild(&state, a.account, terms);
            if let Some(cross) = &cross {
                let terms = RiskTerms { cross, limits: &kernel.cfg.limits, crash: &kernel.crash };
                e.rebuild_risk(&state, a.equity.unwrap_or(Usd::ZERO), &terms);
            }
            exposures.push((a.account, e));
        }
        Self { state, banks, cross, exposures, sigma }
    }

    /// An admissible order of the book, or the gates that stand in the way on the last coin.
    fn admits(
        &mut self,
        kernel: &Kernel,
        book: BookId,
        prices: &[Option<Px>],
        now: Ts,
    ) -> Result<Result<Witness, String>, Fault> {
        // A breaker that is open even here, with fresh data and nothing lost, will never close.
        let always_open = self.open_breakers(kernel, now);
        let open_bits = always_open.iter().fold(0u32, |bits, i| bits | 1 << i);
        let mut failing = String::from("no coin has a price");
        for (coin, _) in kernel.universe.iter() {
            if prices.get(coin.index()).copied().flatten().is_none() {
                continue;
            }
            let Some(entry) = self.favourable_entry(kernel, book, coin, now) else {
                failing = String::from(
                    "the strategy proposes no entry in its own favourable state, on any coin: does it name one of this market's, and can one side hold without the other?",
                );
                continue;
            };
            let mut trace = CandidateTrace::blank();
            let wish = Wish { book, coin, entry, exit_of: None, own: None };
            let order = judge_one(&self.desk(kernel), &wish, (now, open_bits, 0), &mut trace)?;
            if let Some(o) = order {
                let (side, sz, px) = (o.intent.side, o.intent.sz, trace.px);
                return Ok(Ok(Witness { book, coin, side, sz, px, id: o.intent.id }));
            }
            failing.clear();
            for g in trace.failing() {
                let name = kernel.stack.gates().get(usize::from(g.gate)).copied().unwrap_or("?");
                let _ = write!(failing, "{name} ({} against {}), ", g.value, g.limit);
            }
            for name in always_open.iter().filter_map(|i| BREAKERS.get(*i)).map(|b| b.name()) {
                let _ = write!(failing, "breaker {name} is always open, ");
            }
            let _ = write!(failing, "on {}", kernel.universe.symbol(coin));
        }
        Ok(Err(failing))
    }

    fn open_breakers(&self, kernel: &Kernel, now: Ts) -> Vec<usize> {
        let trips = |b: &&dyn Breaker| b.read(&self.state, &kernel.cfg, now).tripped != Truth::False;
        BREAKERS.iter().enumerate().filter(|(_, b)| trips(b)).map(|(i, _)| i).collect()
    }

    fn desk<'a>(&'a self, kernel: &'a Kernel) -> Desk<'a> {
        Desk {
            cfg: &kernel.cfg,
            stack: &kernel.stack,
            universe: &kernel.universe,
            state: &self.state,
            banks: &self.banks,
            exposures: &self.exposures,
            costs: &kernel.costs,
            cross: self.cross.as_ref(),
            crash: &kernel.crash,
            favourable: true,
        }
    }

    /// What the strategy asks for in the state that it names as favourable. A strategy whose entry is drawn, and so
    /// has no such state, is judged by an ordinary sized entry.
    fn favourable_entry(&mut self, kernel: &Kernel, book: BookId, coin: CoinId, now: Ts) -> Option<Entry> {
        let strategy = kernel.stack.strategies.get(book.index())?;
        let bank = self.banks.get_mut(coin.index())?;
        let drawn = !strategy.favourable(self.sigma, now, bank);
        if let Some(slot) = kernel.stack.sigma {
            bank.set(slot, self.sigma, now);
        }
        if drawn {
            return Some(Entry {
                side: Side::Buy,
                stop: Some(STOP),
                target: None,
                horizon: TsDiff::DAY,
                score: 0.0,
                sizing: Sizing::Risk,
            });
        }
        let view = self.desk(kernel).view(coin, now)?;
        match strategy.propose(&view, None) {
            Proposal::Enter(entry) => Some(entry),
            _ => None,
        }
    }
}
