//! What a run is made of, and the digests that name it.

use crate::driver::{Driver, OperatorPolicy};
use crate::engine::{Engine, EngineError};
use zero_core::{AccountId, Canon, Digest32, Hasher, Usd, canon_struct};
use zero_kernel::{BookSpec, Fault, Kernel, KernelConfig, Stack};
use zero_market::{CostTable, Instrument, Universe};
use zero_paper::{PaperConfig, PaperVenue};
use zero_strategy::registry::StrategyChoice;
use zero_strategy::{HostedLens, OpinionModel, Opinions};

/// A whole run: everything that decides what it decides, apart from the market.
#[derive(Clone, Debug)]
pub struct RunSpec {
    /// Kernel configuration, books included.
    pub kernel: KernelConfig,
    /// Paper venue.
    pub paper: PaperConfig,
    /// Instruments.
    pub universe: Universe,
    /// One strategy per book.
    pub strategies: Vec<StrategyChoice>,
    /// Hosted lenses, after those of the registry; only in a run with lenses.
    pub lenses: Vec<HostedLens>,
    /// With lenses and modifiers; without, only layers and kernel gates judge (validation against other engines).
    pub full_stack: bool,
    /// Measured costs in force; [`CostTable::NONE`] leaves it to the configurations of kernel and venue.
    pub costs: CostTable,
    /// Measured opinion model in force; only in a run with lenses.
    pub opinion_model: Option<Box<OpinionModel>>,
    /// Who clears latched breakers, and how often the venue is reconciled.
    pub policy: OperatorPolicy,
}

canon_struct! {
    /// An epoch: re-deciding is claimed to give the same decisions only where all three digests are equal.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Epoch {
        /// The program.
        pub code: Digest32,
        /// Kernel, venue and universe configuration.
        pub config: Digest32,
        /// All strategies.
        pub strategies: Digest32,
    }
}

impl RunSpec {
    /// One account, these strategies as equal books of it, everything else as shipped.
    #[must_use]
    pub fn standard(
        universe: Universe,
        cash: Usd,
        paper: PaperConfig,
        strategies: &[(&str, StrategyChoice)],
    ) -> Self {
        let n = strategies.len().max(1) as i64;
        let share = Usd::from_raw(cash.raw() / n);
        let books = strategies
            .iter()
            .enumerate()
            .map(|(i, (name, _))| BookSpec {
                book: zero_core::BookId(i as u16),
                account: AccountId(0),
                name: (*name).to_owned(),
                // The first book takes what an equal split leaves over.
                initial: if i == 0 { Usd::from_raw(cash.raw() - share.raw() * (n - 1)) } else { share },
            })
            .collect();
        let mut kernel = KernelConfig::standard(books);
        kernel.costs.taker = paper.fees.taker;
        kernel.costs.half_spread = paper.half_spread;
        kernel.leverage = paper.leverage;
        let strategies = strategies.iter().map(|(_, s)| s.clone()).collect();
        Self {
            kernel,
            paper,
            universe,
            strategies,
            lenses: Vec::new(),
            full_stack: true,
            costs: CostTable::NONE,
            opinion_model: None,
            policy: OperatorPolicy::PERSON,
        }
    }

    /// With a book for the operator's own orders, after the others: without cash of its own, on the first book's account, and
    /// without a strategy.
    #[must_use]
    pub fn with_own_book(mut self) -> Self {
        let account = self.kernel.books.first().map_or(AccountId(0), |b| b.account);
        let book = zero_core::BookId(self.kernel.books.len() as u16);
        self.kernel.books.push(BookSpec { book, account, name: "own-orders".into(), initial: Usd::ZERO });
        self.kernel.own_book = Some(book);
        self.strategies.push(StrategyChoice::Flat);
        self
    }

    /// A driver before the first event.
    ///
    /// # Errors
    /// [`EngineError::Kernel`] for a configuration that cannot work.
    pub fn driver(&self) -> Result<Driver, EngineError> {
        Ok(Driver::new(self.engine()?, self.policy))
    }

    /// An engine before the first event.
    ///
    /// # Errors
    /// [`EngineError::Kernel`] for a configuration that cannot work.
    pub fn engine(&self) -> Result<Engine<PaperVenue>, EngineError> {
        let choices = self.strategies.clone();
        let make =
            |plan: &mut zero_strategy::FeaturePlan| choices.into_iter().map(|c| c.build(plan)).collect();
        let mut stack = if self.full_stack {
            Stack::hosting(make, &self.lenses).map_err(Fault::Config)?
        } else {
            Stack::bare(make)
        };
        if let Some(model) = &self.opinion_model {
            let opinions = Opinions::new((**model).clone());
            stack = opinions.and_then(|o| stack.with_opinions(o)).map_err(Fault::Config)?;
        }
        self.engine_with(stack)
    }

    /// An engine with a stack of the caller's own: tests plant faults this way.
    ///
    /// # Errors
    /// [`EngineError::Kernel`] for a configuration that cannot work.
    pub fn engine_with(&self, stack: Stack) -> Result<Engine<PaperVenue>, EngineError> {
        let kernel =
            Kernel::new(self.kernel.clone(), self.universe.clone(), stack)?.with_costs(self.costs.clone());
        let books: Vec<_> = self.kernel.books.iter().map(|b| (b.account, b.initial)).collect();
        let venue = PaperVenue::new(self.paper, self.universe.clone(), &books).with_costs(self.costs.clone());
        Ok(Engine::new(kernel, venue))
    }

    /// Digest of the configuration.
    #[must_use]
    pub fn config_digest(&self) -> Digest32 {
        let mut h = Hasher::new();
        h.update(&self.kernel.to_bytes());
        h.update(&self.paper.to_bytes());
        let instruments: Vec<Instrument> = self.universe.iter().map(|(_, i)| i.clone()).collect();
        h.update(&instruments.to_bytes());
        h.update(&[u8::from(self.full_stack)]);
        h.update(&self.policy.to_bytes());
        // A run without a measurement keeps the digest that it had before there were any.
        if !self.costs.is_empty() {
            h.update(&self.costs.to_bytes());
        }
        if let Some(model) = &self.opinion_model {
            h.update(&model.digest().0);
        }
        for lens in &self.lenses {
            h.update(&lens.spec().digest().0);
        }
        h.finish()
    }

    /// Digest of all strategies, in the order of books.
    ///
    /// # Errors
    /// [`EngineError::Kernel`] for a configuration that cannot work.
    pub fn strategies_digest(&self) -> Result<Digest32, EngineError> {
        let engine = self.engine()?;
        let mut h = Hasher::new();
        for d in &engine.kernel().stack().digests {
            h.update(&d.0);
        }
        Ok(h.finish())
    }

    /// The epoch of this program, configuration and strategies.
    ///
    /// # Errors
    /// [`EngineError::Kernel`] for a configuration that cannot work.
    pub fn epoch(&self, code: Digest32) -> Result<Epoch, EngineError> {
        Ok(Epoch { code, config: self.config_digest(), strategies: self.strategies_digest()? })
    }
}
