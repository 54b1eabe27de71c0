//! The last recorded parity as the run's own answer: only where it is of the same program and configuration.

use super::Reading;
use crate::parity::{ParityReport, Path, PathResult};
use std::collections::BTreeMap;
use zero_core::Digest32;
use zero_packets::canonical::{self, REBUILD, Sealed as _};
use zero_packets::parity::{Feedback, LiveShadow, Parity, ParityPaper, RuntimeBus};

const NO_LIVE: &str = "the live path does not exist yet";
/// Checks that are made.
const MADE: [&str; 7] = [
    "decision_digests_equal",
    "decision_digests_equal_at_the_cut",
    "runtime_snapshot_consistent",
    "no_look_ahead",
    "something_was_decided",
    "paper_cycle_count",
    "paper_boundary",
];
/// Checks that cannot be made, and why.
const NOT_RUN: [(&str, &str); 9] = [
    ("live_adapter_no_orders", NO_LIVE),
    ("live_shadow_count", NO_LIVE),
    ("live_shadow_fail_closed", NO_LIVE),
    ("dry_run_live_certification", NO_LIVE),
    ("operator_owned_canary_required", NO_LIVE),
    ("shared_idempotency_keys", NO_LIVE),
    ("protected_live_code_mutation_blocked", "nothing in this program changes code"),
    ("phase_order", "one function calls the phases one after another; no run of it is measured"),
    ("runtime_bus_integrity", "there is no bus; `zero journal verify` checks what carries the facts"),
];

/// Every check by name: held, broken, or `None` where `NOT_RUN` says why it was not made.
#[must_use]
pub fn parity_checks(report: &ParityReport) -> BTreeMap<String, Option<bool>> {
    let first = report.paths.first();
    let whole = || report.paths.iter().filter(|p| p.path != Path::Truncated);
    let equal = |pick: fn(&PathResult) -> Digest32| whole().all(|p| Some(pick(p)) == first.map(pick));
    let same_counts = whole().all(|p| {
        let counts = |p: &PathResult| (p.at_end.candidates, p.at_end.orders, p.at_end.fills);
        Some(counts(p)) == first.map(counts)
    });
    let holds = [
        equal(|p| p.at_end.digest),
        equal(|p| p.at_cut.digest),
        equal(|p| p.at_end.state),
        report.look_ahead.is_empty(),
        first.is_some_and(|p| p.at_end.candidates > 0),
        first.is_some() && same_counts,
        // Paths are run against the paper venue by type: there is no other to give them.
        true,
    ];
    let made = MADE.into_iter().zip(holds).map(|(name, holds)| (name.to_owned(), Some(holds)));
    made.chain(NOT_RUN.map(|(name, _)| (name.to_owned(), None))).collect()
}

/// Why each check that was not made was not.
#[must_use]
pub fn parity_not_run() -> BTreeMap<String, String> {
    NOT_RUN.map(|(name, why)| (name.to_owned(), why.to_owned())).into_iter().collect()
}

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
    let m = &r.view.manifest;
    if packet.code.as_deref() != Some(&m.epoch.code.to_string()) {
        return Err("the recorded parity is of another program than this run's");
    }
    if packet.configuration.as_deref() != Some(&m.settings.to_string()) {
        return Err("the recorded parity is of another configuration than this run's");
    }
    Ok(packet)
}

fn unavailable(r: &Reading, why: &str) -> Parity {
    let names = || MADE.into_iter().chain(NOT_RUN.map(|(name, _)| name)).map(str::to_owned);
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
        live_shadow: LiveShadow::not_built(),
        runtime_bus: RuntimeBus::none(),
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
        checks: names().map(|c| (c, None)).collect(),
        not_run: names().map(|c| (c, why.to_owned())).collect(),
        certification: super::certification(r),
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
