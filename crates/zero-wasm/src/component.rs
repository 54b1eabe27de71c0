//! A component: loaded and checked once, asked with a fresh instance each time.

use crate::description::Description;
use crate::engine::HOST;
use crate::fault::{Fault, Faults, LoadError};
use crate::limits::{FUEL, MEMORY_MAX, Meter, STACK_MAX, TABLE_MAX};
use crate::prepared::{Answer, Prepared, call, one_line};
use crate::strategy::ComponentStrategy;
use crate::world;
use std::fmt;
use std::sync::Arc;
use wasmtime::component::{ComponentExportIndex, InstancePre, Val};
use zero_core::Digest32;
use zero_strategy::{FeaturePlan, Host, Strategy, StrategySpec};

/// A component that is one of the world, and what it says of itself. Clones share it.
#[derive(Clone)]
pub struct Component(Arc<Inner>);

struct Inner {
    ready: InstancePre<Meter>,
    propose: ComponentExportIndex,
    explain: Option<ComponentExportIndex>,
    description: Description,
    digest: Digest32,
    bytes: usize,
    faults: Faults,
}

impl Component {
    /// Compiles, checks and asks it what it is.
    ///
    /// # Errors
    /// [`LoadError`] for anything that is not a component of the world, within the limits.
    pub fn load(bytes: &[u8]) -> Result<Self, LoadError> {
        let Prepared { ready, component } = Prepared::of(bytes, world::STRATEGY)?;
        let (describe, propose) = (component.export("describe")?, component.export("propose")?);
        let answer = call(&ready, &describe, &[]).map_err(LoadError::Mute)?;
        let description = Description::of(&answer.val).map_err(|e| LoadError::Description(one_line(&e)))?;
        Ok(Self(Arc::new(Inner {
            ready,
            propose,
            explain: component.get_export_index(None, "explain"),
            description,
            digest: Digest32::of(bytes),
            bytes: bytes.len(),
            faults: Default::default(),
        })))
    }

    /// What it says of itself.
    #[must_use]
    pub fn description(&self) -> &Description {
        &self.0.description
    }

    /// SHA-256 of its bytes.
    #[must_use]
    pub fn digest(&self) -> Digest32 {
        self.0.digest
    }

    /// Its size in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.0.bytes
    }

    /// Identity: name and version as it says, its bytes and its limits.
    #[must_use]
    pub fn spec(&self) -> StrategySpec {
        let d = self.description();
        StrategySpec { name: d.name.clone(), version: d.version, params: identity(self.digest()) }
    }

    /// Calls that ended in each fault since it was loaded, in the order of [`Fault::ALL`]. Shared by its clones and read by
    /// nothing that decides.
    #[must_use]
    pub fn faults(&self) -> [(Fault, u64); Fault::ALL.len()] {
        self.0.faults.all()
    }

    pub(crate) fn count(&self, fault: Fault) {
        self.0.faults.count(fault);
    }

    /// Asks it what its entries wait for; `None` where it does not explain itself.
    pub(crate) fn explain(&self, view: Val) -> Option<Result<Answer, Fault>> {
        let explain = self.0.explain.as_ref()?;
        Some(call(&self.0.ready, explain, &[view]))
    }

    /// Does it export an explanation?
    #[must_use]
    pub fn explains(&self) -> bool {
        self.0.explain.is_some()
    }

    /// Asks it about a view.
    pub(crate) fn propose(&self, view: Val) -> Result<Answer, Fault> {
        call(&self.0.ready, &self.0.propose, &[view])
    }
}

/// What of an identity is neither name nor version: the bytes, and the limits under which they mean what they do.
pub(crate) fn identity(digest: Digest32) -> String {
    format!(
        "component={digest} host={HOST} fuel={FUEL} memory={MEMORY_MAX} table={TABLE_MAX} stack={STACK_MAX}"
    )
}

impl Host for Component {
    fn spec(&self) -> StrategySpec {
        Self::spec(self)
    }

    fn build(&self, plan: &mut FeaturePlan) -> Box<dyn Strategy> {
        Box::new(ComponentStrategy::new(self.clone(), plan))
    }

    fn faults(&self) -> Vec<(&'static str, u64)> {
        self.0.faults.named()
    }
}

impl fmt::Debug for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Component")
            .field("name", &self.description().name)
            .field("digest", &self.digest())
            .finish_non_exhaustive()
    }
}
