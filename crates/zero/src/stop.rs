//! Ctrl-C and termination: the first asks for an orderly end, the second ends at once.

use crate::failure::Failure;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// A flag that is set when the process is asked to stop.
pub(crate) fn on_signal() -> Result<Arc<AtomicBool>, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        // Registered first, so that it sees the flag as the first signal left it.
        let second = signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&stop));
        let first = second.and_then(|_| signal_hook::flag::register(signal, Arc::clone(&stop)));
        first.map_err(|e| {
            Failure::new("ZERO-CLI-004", format!("cannot watch for signals: {e}"), "report it")
        })?;
    }
    Ok(stop)
}
