//! Random entries with a document's own exits: the baseline that a document's entry rule has to beat.
//!
//! Of the document remain its coins, its sizing, its cooldown, and what ends a position: stop, target, horizon, kill and trail.
//! Its signal exits go with its entry: they say that the entry's reason is gone, and a random entry has none.

use crate::feature::{FeatureBank, FeaturePlan};
use crate::lang::{Document, DocumentStrategy, Field, LangError};
use crate::strategy::{Entry, ExitWhy, Holding, Proposal, Strategy, StrategySpec};
use crate::view::CoinView;
use alloc::string::String;
use alloc::vec::Vec;
use zero_core::prng::Prng;
use zero_core::{Rate, Ts, TsDiff};
use zero_market::Side;

/// The document with an entry wherever its distances are known, and without its signal exits.
///
/// # Errors
/// [`LangError`] where that is no document.
pub fn exits_of(document: &Document) -> Result<Document, LangError> {
    let own: Vec<(&'static str, String)> = document.normal().collect();
    let fields: Vec<Field<'_>> = own
        .iter()
        .map(|(key, text)| Field {
            key,
            text: match *key {
                "regime.when" | "entry.long" => "true",
                "entry.short" | "exit.signal_long" | "exit.signal_short" => "false",
                "entry.score" => "0",
                _ => text,
            },
        })
        .collect();
    Document::new(document.name(), document.version(), &fields)
}

/// The strategy.
#[derive(Clone, Debug)]
pub struct RandomDocument {
    seed: u64,
    /// Probability of an entry per flat coin and bar.
    rate: Rate,
    /// What [`exits_of`] gives.
    exits: DocumentStrategy,
    horizon: TsDiff,
}

impl RandomDocument {
    /// Enters either side with equal chance, `rate` times per flat coin-bar on average; `exits` is what [`exits_of`] gives.
    #[must_use]
    pub fn new(seed: u64, rate: Rate, exits: Document, plan: &mut FeaturePlan) -> Self {
        let horizon = TsDiff::HOUR.times(i64::from(exits.horizon_hours()));
        Self { seed, rate, exits: DocumentStrategy::new(exits, plan), horizon }
    }
}

impl Strategy for RandomDocument {
    fn spec(&self) -> StrategySpec {
        let exits = self.exits.spec().params;
        StrategySpec {
            name: "random_document".into(),
            version: 1,
            params: alloc::format!("seed={}; rate={}; {exits}", self.seed, self.rate),
        }
    }

    fn propose(&self, view: &CoinView<'_>, holding: Option<&Holding>) -> Proposal {
        if let Some(h) = holding {
            return match self.exits.propose(view, holding) {
                exit @ Proposal::Exit(_) => exit,
                _ if view.now.since(h.since) >= self.horizon => Proposal::Exit(ExitWhy::Time),
                other => other,
            };
        }
        let mut draw = Prng::at(self.seed, u64::from(view.coin.0), view.now.as_ns() as u64);
        if draw.uniform() >= self.rate.to_f64() {
            return Proposal::Nothing;
        }
        let side = if draw.uniform() < 0.5 { Side::Buy } else { Side::Sell };
        match self.exits.propose(view, None) {
            Proposal::Enter(e) => Proposal::Enter(Entry { side, ..e }),
            other => other,
        }
    }

    fn bind(&mut self, symbols: &[&str]) {
        self.exits.bind(symbols);
    }

    fn cooldown(&self) -> TsDiff {
        self.exits.cooldown()
    }

    fn favourable(&self, sigma: f64, now: Ts, bank: &mut FeatureBank) -> bool {
        self.exits.favourable(sigma, now, bank);
        // The entry itself is drawn; the witness only needs the stack's inputs.
        false
    }
}
