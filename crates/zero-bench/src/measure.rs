//! Time and memory of this process.

use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;
use zero_runtime::clock::{Clock as _, SystemClock};

/// What something took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Took {
    /// Wall time in seconds.
    pub wall: f64,
    /// CPU time of all threads of this process, in seconds.
    pub cpu: f64,
}

/// Runs and measures.
pub(crate) fn time<T, E>(work: impl FnOnce() -> Result<T, E>) -> Result<(T, Took), E> {
    let (wall, cpu) = (SystemClock.monotonic(), cpu());
    let out = work()?;
    let took =
        Took { wall: (SystemClock.monotonic() - wall).as_secs_f64(), cpu: (self::cpu() - cpu).as_secs_f64() };
    Ok((out, took))
}

fn cpu() -> Duration {
    let t = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(t.tv_sec.unsigned_abs(), t.tv_nsec.unsigned_abs() as u32)
}

/// Largest resident memory of this process so far (`VmHWM`), in MiB; `None` where the system does not say.
pub(crate) fn peak_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024.0)
}
