//! The registries: what the stack is made of, by name. A part that is not here does not run.

use crate::feature::FeaturePlan;
use crate::lang::{Document, DocumentStrategy};
use crate::layer::Layer;
use crate::layers::{CostLayer, FreshnessLayer, RiskBoundsLayer};
use crate::lens::Lens;
use crate::lenses::{CarryLens, TrendLens};
use crate::modifier::Modifier;
use crate::modifiers::{DrawdownModifier, VolTargetModifier};
use crate::strategies::{Carry, CarryParams, EmaCross, Flat, Hold, RandomEntry, Trend, TrendParams};
use crate::strategy::Strategy;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use zero_core::{Rate, Sz};

/// How a lens is built: it declares its inputs on the plan.
pub type LensMaker = fn(&mut FeaturePlan) -> Box<dyn Lens>;

/// Every lens.
pub const LENSES: &[(&str, LensMaker)] =
    &[("trend", |plan| Box::new(TrendLens::new(plan))), ("carry", |plan| Box::new(CarryLens::new(plan)))];

/// Every layer, in the order of its gates in a trace.
#[must_use]
pub fn layers() -> Vec<Box<dyn Layer>> {
    alloc::vec![Box::new(FreshnessLayer), Box::new(CostLayer), Box::new(RiskBoundsLayer)]
}

/// Every modifier, in the order of its factor in a trace.
#[must_use]
pub fn modifiers() -> Vec<Box<dyn Modifier>> {
    alloc::vec![Box::new(VolTargetModifier), Box::new(DrawdownModifier)]
}

/// Every lens, built.
#[must_use]
pub fn lenses(plan: &mut FeaturePlan) -> Vec<Box<dyn Lens>> {
    LENSES.iter().map(|(_, make)| make(plan)).collect()
}

/// A strategy and its parameters, before its inputs are declared: what configuration names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StrategyChoice {
    /// A strategy document.
    Document(Arc<Document>),
    /// Trend follower.
    Trend(TrendParams),
    /// Funding carry.
    Carry(CarryParams),
    /// EMA crossover of a fixed size: fast and slow length in bars, size in coins.
    EmaCross(u16, u16, Sz),
    /// Random entries with a trend follower's exits: seed, probability per flat coin-bar, exits.
    RandomEntry(u64, Rate, TrendParams),
    /// Buy and hold this share of equity in each coin.
    Hold(Rate),
    /// Never trades.
    Flat,
}

impl StrategyChoice {
    /// The strategies that an operator may run, by name; the others are baselines and validation.
    pub const NAMES: &'static [&'static str] = &["trend", "carry", "ema_cross", "hold", "flat"];

    /// Builds it: its inputs are declared on the plan.
    #[must_use]
    pub fn build(self, plan: &mut FeaturePlan) -> Box<dyn Strategy> {
        match self {
            Self::Document(d) => Box::new(DocumentStrategy::new(Document::clone(&d), plan)),
            Self::Trend(p) => Box::new(Trend::new(p, plan)),
            Self::Carry(p) => Box::new(Carry::new(p, plan)),
            Self::EmaCross(fast, slow, size) => Box::new(EmaCross::new(fast, slow, size, plan)),
            Self::RandomEntry(seed, rate, exits) => Box::new(RandomEntry::new(seed, rate, exits, plan)),
            Self::Hold(share) => Box::new(Hold::new(share)),
            Self::Flat => Box::new(Flat),
        }
    }
}
