//! The registries: what the stack is made of, by name. A part that is not here does not run.

use crate::feature::FeaturePlan;
use crate::hosted::Hosted;
use crate::lang::{Document, DocumentStrategy};
use crate::layer::Layer;
use crate::layers::{CostLayer, FreshnessLayer, PortfolioLayer, RegimeLayer, RiskBoundsLayer};
use crate::lens::Lens;
use crate::lenses::{
    BreadthLens, CarryLens, CrossMomentumLens, CrowdingLens, LadderLens, MemoryLens, ReversionLens,
    TrendLens, VolatilityLens,
};
use crate::modifier::Modifier;
use crate::modifiers::{CorrelationModifier, DrawdownModifier, KellyModifier, VolTargetModifier};
use crate::strategies::{Carry, CarryParams, EmaCross, Flat, Hold, RandomEntry, Trend, TrendParams};
use crate::strategy::Strategy;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use zero_core::{Rate, Sz};

/// How a lens is built: it declares its inputs on the plan.
pub type LensMaker = fn(&mut FeaturePlan) -> Box<dyn Lens>;

/// Every lens.
pub const LENSES: &[(&str, LensMaker)] = &[
    ("trend", |plan| Box::new(TrendLens::new(plan))),
    ("carry", |plan| Box::new(CarryLens::new(plan))),
    ("ladder", |plan| Box::new(LadderLens::new(plan))),
    ("reversion", |plan| Box::new(ReversionLens::new(plan))),
    ("cross_momentum", |plan| Box::new(CrossMomentumLens::new(plan))),
    ("crowding", |plan| Box::new(CrowdingLens::new(plan))),
    ("volatility", |plan| Box::new(VolatilityLens::new(plan))),
    ("breadth", |plan| Box::new(BreadthLens::new(plan))),
    ("memory", |_| Box::new(MemoryLens)),
];

/// How a layer is built: it declares its inputs on the plan.
pub type LayerMaker = fn(&mut FeaturePlan) -> Box<dyn Layer>;

/// Every layer, in the order of its gates in a trace.
pub const LAYERS: &[(&str, LayerMaker)] = &[
    ("freshness", |_| Box::new(FreshnessLayer)),
    ("cost", |_| Box::new(CostLayer)),
    ("risk_bounds", |_| Box::new(RiskBoundsLayer)),
    ("portfolio", |plan| Box::new(PortfolioLayer::new(plan))),
    ("regime", |plan| Box::new(RegimeLayer::new(plan))),
];

/// Every layer, built.
#[must_use]
pub fn layers(plan: &mut FeaturePlan) -> Vec<Box<dyn Layer>> {
    LAYERS.iter().map(|(_, make)| make(plan)).collect()
}

/// The layers that need no history: for validation against other engines.
#[must_use]
pub fn bare_layers() -> Vec<Box<dyn Layer>> {
    alloc::vec![Box::new(FreshnessLayer), Box::new(CostLayer), Box::new(RiskBoundsLayer)]
}

/// How a modifier is built.
pub type ModifierMaker = fn(&mut FeaturePlan) -> Box<dyn Modifier>;

/// Every modifier, in the order of its factor in a trace.
pub const MODIFIERS: &[(&str, ModifierMaker)] = &[
    ("vol_target", |_| Box::new(VolTargetModifier)),
    ("drawdown", |_| Box::new(DrawdownModifier)),
    ("correlation", |plan| Box::new(CorrelationModifier::new(plan))),
    ("kelly", |_| Box::new(KellyModifier)),
];

/// Every modifier, built.
#[must_use]
pub fn modifiers(plan: &mut FeaturePlan) -> Vec<Box<dyn Modifier>> {
    MODIFIERS.iter().map(|(_, make)| make(plan)).collect()
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
    /// A strategy that a crate above hosts.
    Hosted(Hosted),
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
            Self::Hosted(h) => h.build(plan),
        }
    }
}
