//! What every component is once it is loaded, whatever its world.

use crate::engine::HOST;
use crate::fault::{Fault, Faults, LoadError};
use crate::limits::{FUEL, MEMORY_MAX, Meter, STACK_MAX, TABLE_MAX};
use crate::prepared::{Answer, Exports, Prepared, call, one_line};
use crate::world::World;
use std::fmt;
use wasmtime::component::{ComponentExportIndex, InstancePre, Val};
use zero_core::Digest32;
use zero_strategy::StrategySpec;

/// What a component says of itself.
pub trait Described {
    /// Name.
    fn name(&self) -> &str;

    /// Version of its meaning.
    fn version(&self) -> u16;
}

/// A component that is one of a world, and what it says of itself.
pub struct Loaded<D> {
    ready: InstancePre<Meter>,
    description: D,
    digest: Digest32,
    bytes: usize,
    pub(crate) faults: Faults,
}

impl<D> Loaded<D> {
    /// Compiles, checks and asks it what it is; `read` reads the answer.
    pub(crate) fn of(
        bytes: &[u8],
        world: World,
        read: impl FnOnce(&Val) -> Result<D, String>,
    ) -> Result<(Self, Exports), LoadError> {
        let Prepared { ready, component } = Prepared::of(bytes, world)?;
        let answer = call(&ready, &component.export("describe")?, &[]).map_err(LoadError::Mute)?;
        let description = read(&answer.val).map_err(|e| LoadError::Description(one_line(&e)))?;
        let (digest, bytes) = (Digest32::of(bytes), bytes.len());
        Ok((Self { ready, description, digest, bytes, faults: Faults::default() }, component))
    }

    /// What it says of itself.
    pub const fn description(&self) -> &D {
        &self.description
    }

    /// SHA-256 of its bytes.
    pub const fn digest(&self) -> Digest32 {
        self.digest
    }

    /// Its size in bytes.
    pub const fn size(&self) -> usize {
        self.bytes
    }

    /// Calls that ended in each fault since it was loaded, in the order of [`Fault::ALL`]. Shared by its clones and read by
    /// nothing that decides.
    pub fn counted(&self) -> [(Fault, u64); Fault::ALL.len()] {
        self.faults.all()
    }

    /// Asks an export of it.
    pub(crate) fn call(&self, export: &ComponentExportIndex, params: &[Val]) -> Result<Answer, Fault> {
        call(&self.ready, export, params)
    }
}

impl<D: Described> Loaded<D> {
    /// Identity: name and version as it says, its bytes, and the limits under which they mean what they do.
    pub fn identity(&self) -> StrategySpec {
        let params = format!(
            "component={} host={HOST} fuel={FUEL} memory={MEMORY_MAX} table={TABLE_MAX} stack={STACK_MAX}",
            self.digest
        );
        StrategySpec { name: self.description.name().to_owned(), version: self.description.version(), params }
    }
}

impl<D: Described> fmt::Debug for Loaded<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loaded")
            .field("name", &self.description.name())
            .field("digest", &self.digest)
            .finish_non_exhaustive()
    }
}
