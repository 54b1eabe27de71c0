//! The registries: what the stack is made of, by name. A part that is not here does not run.

use crate::feature::FeaturePlan;
use crate::hosted::{HOSTED_LENSES_MAX, Hosted, HostedLens};
use crate::lang::{Document, DocumentStrategy};
use crate::layer::Layer;
use crate::layers::{CostLayer, FreshnessLayer, RiskBoundsLayer};
use crate::lens::Lens;
use crate::modifier::Modifier;
use crate::strategies::{
    Carry, CarryParams, EmaCross, Flat, Hold, RandomDocument, RandomEntry, Trend, TrendParams,
};
use crate::strategy::Strategy;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use zero_core::{Rate, Sz, TsDiff};

pub use crate::layers::LAYERS;
pub use crate::lenses::LENSES;
pub use crate::modifiers::MODIFIERS;

/// One row per part: its file, which is also its name, and its type.
macro_rules! parts {
    ($(#[$meta:meta])* $table:ident: $maker:ty; $($file:ident => $part:ident),* $(,)?) => {
        $(mod $file;)*
        $(pub use $file::$part;)*

        $(#[$meta])*
        pub const $table: &[(&str, $maker)] =
            &[$((stringify!($file), |plan| Box::new($part::new(plan)))),*];
    };
}
pub(crate) use parts;

/// How a lens is built: it declares its inputs on the plan.
pub type LensMaker = fn(&mut FeaturePlan) -> Box<dyn Lens>;
/// How a layer is built: it declares its inputs on the plan.
pub type LayerMaker = fn(&mut FeaturePlan) -> Box<dyn Layer>;
/// How a modifier is built: it declares its inputs on the plan.
pub type ModifierMaker = fn(&mut FeaturePlan) -> Box<dyn Modifier>;

/// Every lens, built.
#[must_use]
pub fn lenses(plan: &mut FeaturePlan) -> Vec<Box<dyn Lens>> {
    LENSES.iter().map(|(_, make)| make(plan)).collect()
}

/// Every lens, built, and after them the hosted ones.
///
/// # Errors
/// Too many of them, or two lenses of one name.
pub fn lenses_hosting(plan: &mut FeaturePlan, hosted: &[HostedLens]) -> Result<Vec<Box<dyn Lens>>, String> {
    if hosted.len() > HOSTED_LENSES_MAX {
        return Err(format!("{} hosted lenses; at most {HOSTED_LENSES_MAX}", hosted.len()));
    }
    let mut all = lenses(plan);
    for h in hosted {
        let lens = h.build(plan);
        if all.iter().any(|l| l.name() == lens.name()) {
            return Err(format!("two lenses are called {}", lens.name()));
        }
        all.push(lens);
    }
    Ok(all)
}

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

/// Every modifier, built.
#[must_use]
pub fn modifiers(plan: &mut FeaturePlan) -> Vec<Box<dyn Modifier>> {
    MODIFIERS.iter().map(|(_, make)| make(plan)).collect()
}

/// A strategy and its parameters, before its inputs are declared: what configuration names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StrategyChoice {
    /// A strategy document.
    Document(Arc<Document>),
    /// Trend follower in Rust: what the shipped document is held against.
    Trend(TrendParams),
    /// Funding carry in Rust: what the shipped document is held against.
    Carry(CarryParams),
    /// EMA crossover of a fixed size: fast and slow length in bars, size in coins.
    EmaCross(u16, u16, Sz),
    /// Random entries with a trend follower's exits: seed, probability per flat coin-bar, exits.
    RandomEntry(u64, Rate, TrendParams),
    /// Random entries with the exits of a document: seed, probability per flat coin-bar, what
    /// [`exits_of`](crate::strategies::exits_of) gives.
    RandomDocument(u64, Rate, Arc<Document>),
    /// Buy and hold this share of equity in each coin.
    Hold(Rate),
    /// Never trades.
    Flat,
    /// A strategy that a crate above hosts.
    Hosted(Hosted),
}

impl StrategyChoice {
    /// How long after a decision its outcome is known at the latest: the length that cross-validation purges by. `None` where
    /// nothing ends a thesis.
    #[must_use]
    pub fn label_horizon(&self) -> Option<TsDiff> {
        let hours = match self {
            Self::Document(d) | Self::RandomDocument(_, _, d) => d.horizon_hours(),
            Self::Trend(p) | Self::RandomEntry(_, _, p) => p.horizon_hours,
            Self::Carry(p) => p.horizon_hours,
            Self::Flat => 0,
            Self::EmaCross(..) | Self::Hold(_) | Self::Hosted(_) => return None,
        };
        Some(TsDiff::HOUR.times(i64::from(hours)))
    }

    /// Builds it: its inputs are declared on the plan.
    #[must_use]
    pub fn build(self, plan: &mut FeaturePlan) -> Box<dyn Strategy> {
        match self {
            Self::Document(d) => Box::new(DocumentStrategy::new(Document::clone(&d), plan)),
            Self::Trend(p) => Box::new(Trend::new(p, plan)),
            Self::Carry(p) => Box::new(Carry::new(p, plan)),
            Self::EmaCross(fast, slow, size) => Box::new(EmaCross::new(fast, slow, size, plan)),
            Self::RandomEntry(seed, rate, exits) => Box::new(RandomEntry::new(seed, rate, exits, plan)),
            Self::RandomDocument(seed, rate, exits) => {
                Box::new(RandomDocument::new(seed, rate, Document::clone(&exits), plan))
            }
            Self::Hold(share) => Box::new(Hold::new(share)),
            Self::Flat => Box::new(Flat),
            Self::Hosted(h) => h.build(plan),
        }
    }
}
