//! The last recorded parity as the run's own answer: only where it is of the same program and configuration.

use super::Reading;
use std::collections::BTreeMap;
use zero_packets::canonical::{self, REBUILD, Sealed as _};
use zero_packets::parity::{Feedback, LiveShadow, Parity, ParityPaper};

/// What was recorded, where it is intact and of this run's program and configuration; else why there is nothing.
/// `recorded` is the packet's text as `zero parity` left it.
#[must_use]
pub fn last_parity(r: &Reading, recorded: Option<&str>) -> Parity {
    match recorded.map(|text| accepted(r, text)) {
        Some(Ok(packet)) => packet,
        Some(Err(why)) => unavailable(r, why),
        None => unavailable(r, "no parity was recorded: run `zero parity`"),
    }
}

fn accepted(r: &Reading, text: &str) -> Result<Parity, &'static str> {
    let packet: Parity = serde_json::from_str(text).map_err(|_| "the recorded parity is not readable")?;
    let bytes =
        canonical::body(text, Some(Parity::HASH)).map_err(|_| "the recorded parity is not readable")?;
    if canonical::hash_of(&bytes) != packet.parity_hash {
        return Err("the recorded parity does not have the hash that it carries");
    }
    let epoch = &r.view.manifest.epoch;
    if packet.code.as_deref() != Some(&epoch.code.to_string()) {
        return Err("the recorded parity is of another program than this run's");
    }
    if packet.configuration.as_deref() != Some(&epoch.config.to_string()) {
        return Err("the recorded parity is of another configuration than this run's");
    }
    Ok(packet)
}

fn unavailable(r: &Reading, why: &str) -> Parity {
    let checks = [
        "decision_digests_equal",
        "decision_digests_equal_at_the_cut",
        "runtime_snapshot_consistent",
        "no_look_ahead",
    ];
    Parity {
        schema_version: Default::default(),
        available: false,
        ok: false,
        mode: "paper".into(),
        cycles_requested: 0,
        cycles_run: 0,
        paper_only: true,
        places_live_orders: false,
        paper: ParityPaper { decisions: 0, fills: 0, rejections: 0, open_positions: 0 },
        live_shadow: LiveShadow {
            mode: "not_built".into(),
            accepted: 0,
            refused: 0,
            adapter_orders_placed: 0,
            records: Vec::new(),
        },
        feedback: Feedback {
            schema_version: Default::default(),
            cycles: 0,
            sample_size: 0,
            fills: 0,
            rejections: 0,
            rejection_rate: 0.0,
            by_rejection_reason: BTreeMap::new(),
            by_rejection_symbol: BTreeMap::new(),
            items: Vec::new(),
            execution_quality: None,
        },
        checks: checks.iter().map(|c| ((*c).to_owned(), None)).collect(),
        not_run: checks.iter().map(|c| ((*c).to_owned(), why.to_owned())).collect(),
        certification: None,
        claim_boundary: serde_json::Map::new(),
        legs: Vec::new(),
        digest_fields: Vec::new(),
        phase_order: Vec::new(),
        source: None,
        generated_at: r.ts(),
        code: None,
        configuration: None,
        reason: Some(why.to_owned()),
        rebuild: REBUILD.into(),
        parity_hash: String::new(),
    }
    .sealed()
}
