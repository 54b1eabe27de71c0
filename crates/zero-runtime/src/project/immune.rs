//! `zero.immune.v1`: every breaker, measured now, and as it was last recorded.

use super::{Reading, finite};
use serde_json::{Map, Value, json};
use zero_kernel::breakers;
use zero_kernel::{Breaker, Severity, breaker::BreakerState};
use zero_packets::immune::{Breaker as Row, Immune, ImmuneSummary};

/// The packet.
#[must_use]
pub fn immune(r: &Reading) -> Immune {
    let breakers: Vec<Row> = breakers::states(&r.view.state).map(|(b, s)| row(r, b, s)).collect();
    let count = |keep: &dyn Fn(&Row) -> bool| breakers.iter().filter(|b| keep(b)).count() as u32;
    Immune {
        schema_version: Default::default(),
        generated_at: r.ts(),
        mode: "paper".into(),
        risk_increasing_allowed: r.risk_increasing_allowed(),
        summary: ImmuneSummary {
            total: count(&|_| true),
            open: count(&|b| b.status == "open"),
            closed: count(&|b| b.status == "closed"),
            warning: count(&|b| b.status == "open" && b.severity == Severity::Warning.name()),
            risk_blocking: count(&|b| b.blocks_risk),
        },
        breakers,
    }
}

fn row(r: &Reading, b: &dyn Breaker, s: &BreakerState) -> Row {
    let state = &r.view.state;
    let reading = b.read(state, &r.view.manifest.kernel, state.now);
    let known = |v: f64| finite(v).map_or(Value::Null, |v| json!(v));
    let mut evidence = Map::new();
    evidence.insert("measured".into(), known(reading.value));
    evidence.insert("limit".into(), known(reading.limit));
    evidence.insert("holds".into(), json!(reading.tripped.name()));
    evidence.insert("latches".into(), json!(b.latches()));
    let since = (s.since != zero_core::Ts::ZERO).then(|| s.since.to_string());
    evidence.insert("since".into(), json!(since));
    evidence.insert("recorded".into(), if s.open { known(s.value) } else { Value::Null });
    Row {
        name: b.name().into(),
        status: if s.open { "open" } else { "closed" }.into(),
        blocks_risk: s.open,
        severity: b.severity().name().into(),
        reason: b.reason().into(),
        evidence,
    }
}
