//! What a component may use. The limits are part of its identity: another limit is another strategy.

use wasmtime::ResourceLimiter;

/// Largest component, in bytes. It also bounds the time of its compilation.
pub const COMPONENT_MAX: usize = 1 << 20;
/// Fuel of one call, about one unit per instruction of the component.
pub const FUEL: u64 = 1_000_000;
/// Memory of one call, all linear memories together, in bytes.
pub const MEMORY_MAX: usize = 4 << 20;
/// Elements of all tables together.
pub(crate) const TABLE_MAX: usize = 4_096;
/// Stack of one call, in bytes.
pub const STACK_MAX: usize = 256 << 10;
/// Core instances, memories and tables of a component, each.
pub(crate) const PARTS_MAX: usize = 16;
/// Bytes that an answer may make the host copy.
pub(crate) const ANSWER_MAX: usize = 64 << 10;

/// Counts memory and tables of one call. A growth beyond the limit ends the call: an allocator that sees a refusal might
/// go on with half of its data.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    memory: usize,
    table: usize,
    refused: bool,
}

impl Meter {
    /// Was a growth refused?
    pub(crate) const fn refused(&self) -> bool {
        self.refused
    }

    fn refuse(&mut self, what: &str) -> wasmtime::Result<bool> {
        self.refused = true;
        Err(wasmtime::Error::msg(format!("{what} beyond the limit")))
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let total = self.memory.saturating_add(desired.saturating_sub(current));
        if total > MEMORY_MAX {
            return self.refuse("memory");
        }
        self.memory = total;
        Ok(true)
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let total = self.table.saturating_add(desired.saturating_sub(current));
        if total > TABLE_MAX {
            return self.refuse("tables");
        }
        self.table = total;
        Ok(true)
    }

    fn instances(&self) -> usize {
        PARTS_MAX
    }

    fn tables(&self) -> usize {
        PARTS_MAX
    }

    fn memories(&self) -> usize {
        PARTS_MAX
    }
}
