//! The registries: what the stack is made of, by name. A part that is not here does not run.

use crate::feature::FeaturePlan;
use crate::layer::Layer;
use crate::layers::{CostLayer, FreshnessLayer, RiskBoundsLayer};
use crate::lens::Lens;
use crate::lenses::{CarryLens, TrendLens};
use crate::modifier::Modifier;
use crate::modifiers::{DrawdownModifier, VolTargetModifier};
use alloc::boxed::Box;
use alloc::vec::Vec;

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
