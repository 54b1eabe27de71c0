//! Strategies and lenses that are not written in this crate: a crate above hosts them, the registry builds them like its own.

use crate::feature::FeaturePlan;
use crate::lens::{Lens, LensOut};
use crate::strategy::{Strategy, StrategySpec};
use crate::view::CoinView;
use alloc::boxed::Box;
use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt::Debug;
use zero_core::MissingReason;
use zero_market::Side;

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

/// What hosts a lens: as [`Host`], for a lens.
pub trait HostLens: Debug + Send + Sync {
    /// Identity. Equal identities say alike.
    fn spec(&self) -> StrategySpec;

    /// Builds the lens: its inputs are declared on the plan, and its name and version are those of [`HostLens::spec`].
    fn build(&self, plan: &mut FeaturePlan) -> Box<dyn Lens>;

    /// Calls that gave no answer so far, by the stable name of the reason. For people: nothing that decides reads it.
    fn faults(&self) -> Vec<(&'static str, u64)> {
        Vec::new()
    }
}

/// Most hosted lenses of a run.
pub const HOSTED_LENSES_MAX: usize = 8;

/// A hosted lens as the registry holds it.
#[derive(Clone, Debug)]
pub struct HostedLens(Arc<dyn HostLens>);

impl HostedLens {
    /// Of a host.
    #[must_use]
    pub fn new(host: Arc<dyn HostLens>) -> Self {
        Self(host)
    }

    /// In place of a lens that is not at hand: it declares nothing and never speaks. It has the name and version, and an identity
    /// of its own: a run with it is another.
    #[must_use]
    pub fn stand_in(spec: StrategySpec) -> Self {
        let params = format!("absent {}", spec.params);
        Self(Arc::new(StandIn(StrategySpec { params, ..spec })))
    }

    /// Identity.
    #[must_use]
    pub fn spec(&self) -> StrategySpec {
        self.0.spec()
    }

    /// Builds the lens: its inputs are declared on the plan.
    #[must_use]
    pub fn build(&self, plan: &mut FeaturePlan) -> Box<dyn Lens> {
        self.0.build(plan)
    }

    /// Calls that gave no answer so far, by the stable name of the reason.
    #[must_use]
    pub fn faults(&self) -> Vec<(&'static str, u64)> {
        self.0.faults()
    }
}

/// Two are one when their identities are.
impl PartialEq for HostedLens {
    fn eq(&self, other: &Self) -> bool {
        self.spec() == other.spec()
    }
}

impl Eq for HostedLens {}

#[derive(Clone, Debug)]
struct StandIn(StrategySpec);

impl HostLens for StandIn {
    fn spec(&self) -> StrategySpec {
        self.0.clone()
    }

    fn build(&self, _plan: &mut FeaturePlan) -> Box<dyn Lens> {
        Box::new(self.clone())
    }
}

impl Lens for StandIn {
    fn name(&self) -> &str {
        &self.0.name
    }

    fn version(&self) -> u16 {
        self.0.version
    }

    fn evaluate(&self, _view: &CoinView<'_>, _side: Side) -> LensOut {
        LensOut::Abstain(MissingReason::NeverSeen)
    }
}
