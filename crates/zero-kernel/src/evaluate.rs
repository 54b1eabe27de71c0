//! Questions about the present state, answered by the code that decides: what a strategy proposes, and how a candidate
//! would be judged. Nothing here takes part in a run; a reader asks it of a kernel that it rebuilt from the journal.

use crate::candidates::{self, Desk, Leaving, Wish, judge_one};
use crate::exposure::Exposure;
use crate::kernel::Kernel;
use crate::ooda::Decided;
use crate::record::{CandidateTrace, TraceSink};
use crate::state::{Fault, State};
use crate::{KernelConfig, breakers::BREAKERS};
use alloc::vec::Vec;
use zero_core::{AccountId, BookId, CoinId, Sz, Truth, Ts};
use zero_market::cross::CrossMarket;
use zero_market::event::TimerKind;
use zero_market::{Event, EventBody, Side};
use zero_strategy::{CoinView, Condition, Entry, FeatureBank, Holding, Input, Proposal, Reach, Unexplained};

/// Why a strategy is not asked about a coin in a slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// No bar of the coin closed at the slice, and nothing is held.
    NoClose,
    /// An entry order of the book is still open.
    Entering,
    /// A close of the book's position is under way.
    Leaving,
    /// The operator closes the coin, and nothing is entered in it until it is out of every book.
    Closing,
}

impl Silence {
    /// In words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::NoClose => "no bar of the coin closed at this slice",
            Self::Entering => "an entry order of the book is still open",
            Self::Leaving => "a close of the book's position is under way",
            Self::Closing => "the operator closes this coin, and it is not out of every book yet",
        }
    }
}

/// Whether a book's strategy is asked about a coin, and what it says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ask {
    /// Not asked.
    Silent(Silence),
    /// Asked.
    Says {
        /// What it says.
        proposal: Proposal,
        /// What the book holds, signed.
        szi: Sz,
        /// Is an entry order of the book open?
        entering: bool,
        /// The holding is past its horizon: it is left whatever the strategy says, at the latest for that.
        overdue: bool,
    },
}

/// A candidate in its place in a batch, with everything that its judgement reads beside the kernel: it can be judged again,
/// and with something changed.
#[derive(Clone, Debug)]
pub struct Question {
    /// Book.
    pub book: BookId,
    /// Coin.
    pub coin: CoinId,
    /// What is wanted.
    pub entry: Entry,
    /// Event time of the judgement.
    pub now: Ts,
    /// Bit per open breaker.
    pub open_breakers: u32,
    /// Risk-increasing orders admitted before it in its batch.
    pub batch: u32,
    exit_of: Option<Leaving>,
    exposures: Vec<(AccountId, Exposure)>,
}

impl Question {
    /// The account's equity became another by this factor of old over new: what is held weighs that much more.
    pub(crate) fn rescale(&mut self, account: AccountId, factor: f64) {
        for (_, exposure) in self.exposures.iter_mut().filter(|(a, _)| *a == account) {
            exposure.risk.rescale(factor);
        }
    }

    /// Is it an exit that needs permission?
    #[must_use]
    pub const fn is_exit(&self) -> bool {
        self.exit_of.is_some()
    }
}

/// What a question is judged against when something is changed: parts of its own in place of the kernel's.
#[derive(Clone, Debug)]
pub(crate) struct Instead {
    pub cfg: KernelConfig,
    pub state: State,
    pub question: Question,
    /// `None` for the kernel's own features and cross-section.
    later: Option<(Vec<FeatureBank>, Option<CrossMarket>)>,
}

impl Instead {
    pub(crate) fn of(kernel: &Kernel, q: &Question) -> Self {
        Self { cfg: kernel.cfg.clone(), state: kernel.state.clone(), question: q.clone(), later: None }
    }

    pub(crate) fn judge(&self, kernel: &Kernel) -> Result<CandidateTrace, Fault> {
        let (banks, cross) = match &self.later {
            Some((banks, cross)) => (banks.as_slice(), cross.as_ref()),
            None => (kernel.banks.as_slice(), kernel.cross.as_ref()),
        };
        judge_on(kernel, (&self.cfg, &self.state, banks, cross), &self.question)
    }

    /// Time passes and nothing else: data keep coming and say what they said, nothing fills. Breakers that were open and do
    /// not latch are read again.
    pub(crate) fn wait_until(&mut self, kernel: &Kernel, time: Ts) -> Result<(), Fault> {
        let by = time.since(self.question.now);
        let mut banks = kernel.banks.clone();
        for bank in &mut banks {
            bank.age_less(by);
        }
        let mut cross = kernel.cross.clone();
        if let Some(cross) = &mut cross {
            cross.age_less(by);
        }
        self.later = Some((banks, cross));
        for coin in &mut self.state.coins {
            coin.close_time = coin.close_time.plus(by);
            coin.funding_time = coin.funding_time.plus(by);
        }
        let timer = Event::at(time, EventBody::Timer(TimerKind::BarSlice));
        crate::apply::apply_event(&mut self.state, &self.cfg, &timer)?;
        self.question.now = time;
        for (i, b) in BREAKERS.iter().enumerate() {
            let bit = 1u32 << i;
            let holds = b.latches() || b.read(&self.state, &self.cfg, time).tripped != Truth::False;
            if self.question.open_breakers & bit != 0 && !holds {
                self.question.open_breakers &= !bit;
            }
        }
        Ok(())
    }
}

fn judge_on(
    kernel: &Kernel,
    (cfg, state, banks, cross): (&KernelConfig, &State, &[FeatureBank], Option<&CrossMarket>),
    q: &Question,
) -> Result<CandidateTrace, Fault> {
    let Kernel { stack, universe, costs, crash, .. } = kernel;
    let favourable = false;
    let desk =
        Desk { cfg, stack, universe, state, banks, exposures: &q.exposures, costs, cross, crash, favourable };
    let wish = Wish { book: q.book, coin: q.coin, entry: q.entry, exit_of: q.exit_of, own: None };
    let mut trace = CandidateTrace::blank();
    judge_one(&desk, &wish, (q.now, q.open_breakers, q.batch), &mut trace)?;
    Ok(trace)
}

/// Keeps traces.
#[derive(Debug, Default)]
struct Kept(Vec<CandidateTrace>);

impl TraceSink for Kept {
    fn candidate(&mut self, trace: &CandidateTrace) {
        self.0.push(trace.clone());
    }
}

impl Kernel {
    /// Is a book's strategy asked about a coin in a slice at `now`, and what does it say? The code that a slice runs.
    ///
    /// # Errors
    /// [`Fault::Unknown`] for a book that is not there.
    pub fn ask(&self, book: BookId, coin: CoinId, now: Ts) -> Result<Ask, Fault> {
        candidates::ask(self, book, coin, now)
    }

    /// What a strategy would say now whether or not a slice would ask it; `None` for a book or coin that is not there.
    #[must_use]
    pub fn opinion(&self, book: BookId, coin: CoinId, now: Ts) -> Option<Proposal> {
        let holding = self.holding(book, coin);
        Some(self.stack.strategies.get(book.index())?.propose(&self.view(coin, now)?, holding.as_ref()))
    }

    /// What a book holds of a coin; `None` when flat.
    #[must_use]
    #[inline]
    pub fn holding(&self, book: BookId, coin: CoinId) -> Option<Holding> {
        let p = self.state.ledger.books.get(book.index())?.position(coin);
        let best = || self.state.thesis(book, coin).best;
        (p.szi.raw() != 0).then(|| Holding { szi: p.szi, cost: p.cost, since: p.since, best: best() })
    }

    /// What every part of the stack sees of a coin.
    #[must_use]
    pub fn view(&self, coin: CoinId, now: Ts) -> Option<CoinView<'_>> {
        self.desk().view(coin, now)
    }

    /// A strategy's inputs as it sees them, and how far its entry thresholds are.
    #[must_use]
    pub fn distances(&self, book: BookId, coin: CoinId, now: Ts) -> (Vec<Input>, Vec<Reach>) {
        match (self.stack.strategies.get(book.index()), self.view(coin, now)) {
            (Some(s), Some(view)) => (s.inputs(&view), s.reach(&view)),
            _ => (Vec::new(), Vec::new()),
        }
    }

    /// The conditions of a strategy's entries, one by one, on both sides.
    #[must_use]
    pub fn conditions(&self, book: BookId, coin: CoinId, now: Ts) -> Vec<Condition> {
        match (self.stack.strategies.get(book.index()), self.view(coin, now)) {
            (Some(s), Some(view)) => s.conditions(&view),
            _ => Vec::new(),
        }
    }

    /// Can the thresholds and conditions of a book's strategy be told?
    ///
    /// # Errors
    /// [`Unexplained`] where they cannot.
    pub fn explains(&self, book: BookId, coin: CoinId, now: Ts) -> Result<(), Unexplained> {
        match (self.stack.strategies.get(book.index()), self.view(coin, now)) {
            (Some(s), Some(view)) => s.explains(&view),
            _ => Ok(()),
        }
    }

    /// The entry that a book's strategy would ask for on this side if its own condition held and nothing else were
    /// different: its stop, horizon and sizing at the coin's present volatility. `None` where that volatility is unknown or
    /// the strategy has no such state.
    #[must_use]
    pub fn hypothetical(&self, book: BookId, coin: CoinId, side: Side, now: Ts) -> Option<Entry> {
        let strategy = self.stack.strategies.get(book.index())?;
        let view = self.view(coin, now)?;
        let sigma = match self.stack.sigma {
            Some(slot) => view.feature(slot).live()?,
            None => 0.0,
        };
        let mut bank = self.banks.get(coin.index())?.clone();
        if !strategy.favourable(sigma, now, &mut bank) {
            return None;
        }
        match strategy.propose(&CoinView { bank: &bank, ..view }, None) {
            Proposal::Enter(entry) => Some(Entry { side, score: 0.0, ..entry }),
            _ => None,
        }
    }

    /// An entry as the first and only candidate of a slice at `now`, in the present state.
    #[must_use]
    pub fn question(&self, book: BookId, coin: CoinId, entry: Entry, now: Ts) -> Question {
        let parts = (&self.cfg, &self.universe, &self.state);
        let exposures = self
            .state
            .accounts
            .iter()
            .map(|a| {
                let mut e = Exposure::default();
                let market = (self.cross.as_ref(), self.crash.as_slice());
                candidates::rebuild_exposure((&mut e, a.account), parts, market, now);
                (a.account, e)
            })
            .collect();
        let open_breakers = self.state.open_breakers();
        Question { book, coin, entry, now, open_breakers, batch: 0, exit_of: None, exposures }
    }

    /// Judges a question, by the code that judges in a slice.
    ///
    /// # Errors
    /// [`Fault`] as in a slice.
    pub fn judge(&self, q: &Question) -> Result<CandidateTrace, Fault> {
        judge_on(self, (&self.cfg, &self.state, &self.banks, self.cross.as_ref()), q)
    }

    /// Decides the slice at `now` once more, on a kernel that stands right before that decision: every candidate in its
    /// place, with its judgement. For a rebuilt kernel that is thrown away afterwards; its state is left as it is.
    ///
    /// # Errors
    /// [`Fault`] as in a slice.
    pub fn decide_again(&mut self, now: Ts) -> Result<Vec<(Question, CandidateTrace)>, Fault> {
        let mut decided = Decided { asked: 0, abstained: 0, exits: 0, candidates: 0, admitted: 0 };
        let open_breakers = self.state.open_breakers();
        let (mut questions, mut kept) = (Vec::new(), Kept::default());
        candidates::collect(self, now, &mut kept, &mut decided)?;
        candidates::judge(self, now, open_breakers, &mut kept, &mut decided, &mut |desk, wish, batch| {
            questions.push(Question {
                book: wish.book,
                coin: wish.coin,
                entry: wish.entry,
                now,
                open_breakers,
                batch,
                exit_of: wish.exit_of,
                exposures: desk.exposures.to_vec(),
            });
        })?;
        self.scratch.orders.clear();
        self.scratch.cancels.clear();
        self.scratch.decided.clear();
        Ok(questions.into_iter().zip(kept.0).collect())
    }
}
