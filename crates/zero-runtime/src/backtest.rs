//! A backtest: the driver over a data set, with a collector that keeps what a report needs.

use crate::collect::Collector;
use crate::driver::Driver;
use crate::engine::EngineError;
use zero_core::Digest32;
use zero_kernel::record::CandidateTrace;
use zero_kernel::{Fact, TraceSink};
use zero_market::Event;

/// How a drive over events ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The source has no more.
    Complete,
    /// It was told to stop.
    Interrupted,
}

/// Drives over events; only the decision digest and the final state remain.
///
/// # Errors
/// [`EngineError`], or the source's own error.
pub fn drive<E, S>(
    driver: &mut Driver,
    events: impl Iterator<Item = Result<Event, S>>,
    sink: &mut impl TraceSink,
) -> Result<Digest32, E>
where
    E: From<EngineError> + From<S>,
{
    let mut facts: Vec<Fact> = Vec::new();
    for event in events {
        driver.feed(&event?, sink, &mut facts)?;
        facts.clear();
    }
    Ok(driver.engine().kernel().state().digest)
}

/// Drives over events and collects. `go_on` is asked at every slice; it also sees how far the run is.
///
/// # Errors
/// [`EngineError`], or the source's own error.
pub fn collect<E, S>(
    driver: &mut Driver,
    events: impl Iterator<Item = Result<Event, S>>,
    collector: &mut Collector,
    mut go_on: impl FnMut(&Event) -> bool,
) -> Result<Ended, E>
where
    E: From<EngineError> + From<S>,
{
    let mut facts: Vec<Fact> = Vec::new();
    for event in events {
        let event = event?;
        driver.feed(&event, collector, &mut facts)?;
        collector.after_tick(driver.engine().kernel(), &event, &facts)?;
        facts.clear();
        if collector.is_slice(&event) && !go_on(&event) {
            return Ok(Ended::Interrupted);
        }
    }
    collector.finish(driver.engine().kernel())?;
    Ok(Ended::Complete)
}

impl TraceSink for Collector {
    fn candidate(&mut self, trace: &CandidateTrace) {
        self.count_gates(trace);
    }
}

/// Encodes every trace into memory and keeps the bytes' count: the full sink of the speed table.
#[derive(Debug, Default)]
pub struct EncodingSink {
    buffer: Vec<u8>,
    /// Bytes encoded.
    pub bytes: u64,
    /// Traces seen.
    pub traces: u64,
}

impl TraceSink for EncodingSink {
    fn candidate(&mut self, trace: &CandidateTrace) {
        use zero_core::Canon as _;
        let mut e = zero_core::cbor::Encoder::reuse(core::mem::take(&mut self.buffer));
        trace.encode(&mut e);
        self.buffer = e.into_bytes();
        self.bytes += self.buffer.len() as u64;
        self.traces += 1;
    }
}
