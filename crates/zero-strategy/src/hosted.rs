//! Strategies that are not written in this crate: a crate above hosts them, the registry builds them like its own.

use crate::feature::FeaturePlan;
use crate::strategy::{Strategy, StrategySpec};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt::Debug;

/// What hosts a strategy: a program that is loaded and checked, before its inputs are declared.
pub trait Host: Debug + Send + Sync {
    /// Identity. Equal identities decide alike.
    fn spec(&self) -> StrategySpec;

    /// Builds the strategy: its inputs are declared on the plan, and its identity is [`Host::spec`].
    fn build(&self, plan: &mut FeaturePlan) -> Box<dyn Strategy>;

    /// Calls that gave no answer so far, by the stable name of the reason. For people: nothing that decides reads it.
    fn faults(&self) -> Vec<(&'static str, u64)> {
        Vec::new()
    }
}

/// A hosted strategy as the registry holds it.
#[derive(Clone, Debug)]
pub struct Hosted(Arc<dyn Host>);

impl Hosted {
    /// Of a host.
    #[must_use]
    pub fn new(host: Arc<dyn Host>) -> Self {
        Self(host)
    }

    /// Identity.
    #[must_use]
    pub fn spec(&self) -> StrategySpec {
        self.0.spec()
    }

    /// Builds the strategy: its inputs are declared on the plan.
    #[must_use]
    pub fn build(&self, plan: &mut FeaturePlan) -> Box<dyn Strategy> {
        self.0.build(plan)
    }

    /// Calls that gave no answer so far, by the stable name of the reason.
    #[must_use]
    pub fn faults(&self) -> Vec<(&'static str, u64)> {
        self.0.faults()
    }
}

/// Two are one when their identities are: an identity covers everything that decides.
impl PartialEq for Hosted {
    fn eq(&self, other: &Self) -> bool {
        self.spec() == other.spec()
    }
}

impl Eq for Hosted {}
