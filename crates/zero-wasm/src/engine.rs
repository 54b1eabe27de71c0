//! The compiler and its settings: everything that could make two runs of a component differ is off.

use wasmtime::{Config, Engine};

/// Version of the host's meaning, in the identity of every component: what a call costs and how answers are read.
pub(crate) const HOST: u16 = 2;

/// An engine.
///
/// # Errors
/// In words, on a machine that has no compiler.
pub(crate) fn engine() -> Result<Engine, String> {
    let mut c = Config::new();
    // Fuel counts instructions. The other way to interrupt, an epoch, is a clock.
    c.consume_fuel(true);
    // The bits of a NaN are what arithmetic leaves to the machine; a component could read them.
    c.cranelift_nan_canonicalization(true);
    c.wasm_relaxed_simd(false);
    c.wasm_simd(false);
    c.wasm_multi_memory(false);
    c.wasm_memory64(false);
    c.wasm_tail_call(false);
    c.max_wasm_stack(crate::limits::STACK_MAX);
    // Checks in the code instead of faults of pages: no signal handlers in a process that trades, and memory that comes
    // from the allocator, which makes a fresh instance cheap. What this gives up is a defence against timing of
    // speculative execution, and a component has no clock to time anything with.
    c.signals_based_traps(false);
    c.memory_reservation(0);
    c.memory_reservation_for_growth(0);
    c.memory_guard_size(0);
    c.memory_init_cow(false);
    c.concurrency_support(false);
    c.wasm_backtrace_max_frames(None);
    Engine::new(&c).map_err(|e| format!("{e:#}"))
}
