//! The decision stack of a run: the parts and the tables that traces index.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use zero_core::Digest32;
use zero_strategy::feature::FeatureSpec;
use zero_strategy::layers::ExpectedValueLayer;
use zero_strategy::{FeaturePlan, HostedLens, Layer, Lens, Modifier, Opinions, Slot, Strategy, registry};

/// Gates that the kernel itself judges, after those of the layers.
pub const KERNEL_GATES: &[&str] =
    &["breakers", "order_rate", "cooldown", "unknown_order", "min_notional", "margin", "open_orders"];

/// Strategies by book, lenses, layers, modifiers, and the features they declared.
#[derive(Debug)]
pub struct Stack {
    /// By book id.
    pub strategies: Vec<Box<dyn Strategy>>,
    /// Digest of each strategy's specification.
    pub digests: Vec<Digest32>,
    /// Lenses.
    pub lenses: Vec<Box<dyn Lens>>,
    /// Layers.
    pub layers: Vec<Box<dyn Layer>>,
    /// Modifiers.
    pub modifiers: Vec<Box<dyn Modifier>>,
    /// Declared features.
    pub plan: FeaturePlan,
    /// The measured opinion model in force, if any.
    pub opinions: Option<Opinions>,
    /// The volatility that sizing uses; `None` in a stack without sized strategies.
    pub sigma: Option<Slot>,
    gates: Vec<&'static str>,
}

impl Stack {
    /// The full stack of the registries, with these strategies.
    #[must_use]
    pub fn standard(make: impl FnOnce(&mut FeaturePlan) -> Vec<Box<dyn Strategy>>) -> Self {
        Self::full(make, registry::lenses)
    }

    /// The full stack with these hosted lenses after those of the registry.
    ///
    /// # Errors
    /// Too many of them, or two lenses of one name.
    pub fn hosting(
        make: impl FnOnce(&mut FeaturePlan) -> Vec<Box<dyn Strategy>>,
        hosted: &[HostedLens],
    ) -> Result<Self, String> {
        let mut refused = None;
        let stack = Self::full(make, |plan| {
            registry::lenses_hosting(plan, hosted).unwrap_or_else(|why| {
                refused = Some(why);
                Vec::new()
            })
        });
        refused.map_or(Ok(stack), Err)
    }

    fn full(
        make: impl FnOnce(&mut FeaturePlan) -> Vec<Box<dyn Strategy>>,
        lenses: impl FnOnce(&mut FeaturePlan) -> Vec<Box<dyn Lens>>,
    ) -> Self {
        let mut plan = FeaturePlan::new();
        let strategies = make(&mut plan);
        let sigma = Some(plan.need(FeatureSpec::EwmaVol { half_life: 48 }));
        let lenses = lenses(&mut plan);
        let (layers, modifiers) = (registry::layers(&mut plan), registry::modifiers(&mut plan));
        Self::assemble(strategies, lenses, layers, modifiers, plan, sigma)
    }

    /// Strategies with the layers that need no history, without lenses and modifiers: validation against other engines.
    #[must_use]
    pub fn bare(make: impl FnOnce(&mut FeaturePlan) -> Vec<Box<dyn Strategy>>) -> Self {
        let mut plan = FeaturePlan::new();
        let strategies = make(&mut plan);
        Self::assemble(strategies, Vec::new(), registry::bare_layers(), Vec::new(), plan, None)
    }

    fn assemble(
        strategies: Vec<Box<dyn Strategy>>,
        lenses: Vec<Box<dyn Lens>>,
        layers: Vec<Box<dyn Layer>>,
        modifiers: Vec<Box<dyn Modifier>>,
        plan: FeaturePlan,
        sigma: Option<Slot>,
    ) -> Self {
        let digests = strategies.iter().map(|s| s.spec().digest()).collect();
        let gates = gates_of(&layers);
        Self { strategies, digests, lenses, layers, modifiers, plan, opinions: None, sigma, gates }
    }

    /// Puts a measured opinion model in force: its probability feeds the sizing, and its expected value becomes a gate. One
    /// without an edge is only told: nothing is sized or refused by it.
    ///
    /// # Errors
    /// Where its lenses are not those of this stack, in name, version and order.
    pub fn with_opinions(mut self, opinions: Opinions) -> Result<Self, String> {
        opinions.fits(&self.lenses)?;
        if self.opinions.is_none() && opinions.decides() {
            self.layers.push(Box::new(ExpectedValueLayer));
            self.gates = gates_of(&self.layers);
        }
        self.opinions = Some(opinions);
        Ok(self)
    }

    /// Names of all gates, in the order of a trace.
    #[must_use]
    pub fn gates(&self) -> &[&'static str] {
        &self.gates
    }
}

fn gates_of(layers: &[Box<dyn Layer>]) -> Vec<&'static str> {
    layers.iter().flat_map(|l| l.gates()).chain(KERNEL_GATES).copied().collect()
}
