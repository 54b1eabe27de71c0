//! A component as a strategy of the registry: loaded and checked once, asked with a fresh instance each time.

use crate::description::Description;
use crate::fault::{Fault, LoadError};
use crate::loaded::Loaded;
use crate::prepared::Answer;
use crate::strategy::ComponentStrategy;
use crate::world;
use std::ops::Deref;
use std::sync::Arc;
use wasmtime::component::{ComponentExportIndex, Val};
use zero_strategy::{FeaturePlan, Host, Strategy, StrategySpec};

/// A component that is a strategy. Clones share it.
#[derive(Clone, Debug)]
pub struct Component(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    loaded: Loaded<Description>,
    propose: ComponentExportIndex,
    explain: Option<ComponentExportIndex>,
}

impl Component {
    /// Compiles, checks and asks it what it is.
    ///
    /// # Errors
    /// [`LoadError`] for anything that is not a component of the world, within the limits.
    pub fn load(bytes: &[u8]) -> Result<Self, LoadError> {
        let (loaded, exports) = Loaded::of(bytes, world::STRATEGY, Description::of)?;
        let propose = exports.export("propose")?;
        Ok(Self(Arc::new(Inner { loaded, propose, explain: exports.get_export_index(None, "explain") })))
    }

    /// Asks it what its entries wait for; `None` where it does not explain itself.
    pub(crate) fn explain(&self, view: Val) -> Option<Result<Answer, Fault>> {
        let explain = self.0.explain.as_ref()?;
        Some(self.call(explain, &[view]))
    }

    /// Does it export an explanation?
    #[must_use]
    pub fn explains(&self) -> bool {
        self.0.explain.is_some()
    }

    /// Asks it about a view.
    pub(crate) fn propose(&self, view: Val) -> Result<Answer, Fault> {
        self.call(&self.0.propose, &[view])
    }
}

impl Deref for Component {
    type Target = Loaded<Description>;

    fn deref(&self) -> &Self::Target {
        &self.0.loaded
    }
}

impl Host for Component {
    fn spec(&self) -> StrategySpec {
        self.identity()
    }

    fn build(&self, plan: &mut FeaturePlan) -> Box<dyn Strategy> {
        Box::new(ComponentStrategy::new(self.clone(), plan))
    }

    fn faults(&self) -> Vec<(&'static str, u64)> {
        self.faults.named()
    }
}
