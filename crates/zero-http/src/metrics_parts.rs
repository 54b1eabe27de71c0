//! What of the metrics follows from a publication alone, rendered once for it. Everything that the server counts, and every age, is
//! made for each request.

use crate::answer::fault;
use crate::refusal::Refusal;
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, Weak};
use zero_packets::metrics::{ApiMetrics, MetricsId, RuntimeMetrics};
use zero_runtime::project::{self, Reading};
use zero_runtime::publish::Published;

/// The metrics packet with its steady parts as text: field by field that of [`zero_packets::metrics::Metrics`].
#[derive(Debug, Serialize)]
pub(crate) struct Shown<'a> {
    pub(crate) schema_version: MetricsId,
    pub(crate) runtime: RuntimeMetrics,
    pub(crate) api: ApiMetrics,
    pub(crate) engine: &'a RawValue,
    pub(crate) immune: &'a RawValue,
    pub(crate) recovery: &'a RawValue,
    pub(crate) memory: &'a RawValue,
    pub(crate) genesis: &'a RawValue,
    pub(crate) evolve: &'a RawValue,
    pub(crate) research: &'a RawValue,
    pub(crate) values: BTreeMap<String, f64>,
}

/// The steady parts of one publication.
#[derive(Debug)]
pub(crate) struct Steady {
    pub(crate) engine: Box<RawValue>,
    pub(crate) immune: Box<RawValue>,
    pub(crate) recovery: Box<RawValue>,
    pub(crate) memory: Box<RawValue>,
    pub(crate) genesis: Box<RawValue>,
    pub(crate) evolve: Box<RawValue>,
    pub(crate) research: Box<RawValue>,
}

/// Those of the latest publication that was asked about. The server's thread alone asks.
#[derive(Debug, Default)]
pub(crate) struct SteadyParts(Mutex<Option<(Weak<Published>, Arc<Steady>)>>);

impl SteadyParts {
    /// Of this publication, read as `r`: none of them says a time of the reader.
    pub(crate) fn of(&self, p: &Arc<Published>, r: &Reading) -> Result<Arc<Steady>, Refusal> {
        let mut held = self.0.lock().map_err(fault)?;
        if let Some((of, steady)) = held.as_ref().filter(|(of, _)| std::ptr::eq(of.as_ptr(), Arc::as_ptr(p)))
        {
            debug_assert!(of.strong_count() > 0, "the one that asks holds it");
            return Ok(Arc::clone(steady));
        }
        let raw = |e: serde_json::Error| Refusal::Render(format!("metrics cannot be rendered: {e}"));
        let steady = Arc::new(Steady {
            engine: serde_json::value::to_raw_value(&project::engine_metrics(r)).map_err(raw)?,
            immune: serde_json::value::to_raw_value(&project::immune(r)).map_err(raw)?,
            recovery: serde_json::value::to_raw_value(&project::recovery(r)).map_err(raw)?,
            memory: serde_json::value::to_raw_value(&project::memory_stats(r)).map_err(raw)?,
            genesis: serde_json::value::to_raw_value(&project::genesis_stats()).map_err(raw)?,
            evolve: serde_json::value::to_raw_value(&project::promotion()).map_err(raw)?,
            research: serde_json::value::to_raw_value(&project::research_summary(r)).map_err(raw)?,
        });
        *held = Some((Arc::downgrade(p), Arc::clone(&steady)));
        Ok(steady)
    }
}

#[cfg(test)]
mod tests {
    use crate::metrics::{METRICS, body, packet};
    use crate::test_run::TestRun;
    use std::time::Duration;
    use zero_packets::Packet as _;

    #[test]
    fn the_metrics_put_together_from_parts_are_the_packet_of_this_moment() {
        let mut run = TestRun::begin();
        for round in 0..40usize {
            for _ in 0..2 {
                run.hand.turn(Duration::from_millis(7));
                run.shared.requests.count(
                    &axum::http::Method::GET,
                    Some(round % 5),
                    200,
                    Duration::from_micros(3),
                    crate::test_run::FIRST,
                );
                let p = run.shared.load();
                let r = p.reading(run.shared.clock.0.now());
                let whole = packet(&run.shared, &p, &r).to_json().unwrap();
                assert_eq!(body(&run.shared, &p, &r).unwrap(), whole);
            }
            run.go_on(100 + round);
        }
    }

    #[test]
    fn a_metric_is_found_by_its_name_because_the_registry_is_sorted() {
        assert!(METRICS.is_sorted_by(|a, b| a.name < b.name));
    }
}
