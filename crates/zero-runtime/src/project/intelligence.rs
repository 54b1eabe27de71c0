//! `zero.intelligence....v1`: what the public sees of a run, late and in counts; what is sold elsewhere and not here.

use super::seconds;
use zero_core::{Ts, TsDiff};
use zero_packets::intelligence::{
    Aggregates, Catalog, CatalogCommercial, CatalogPublic, Commercial, DataRules, DelayedSnapshots, Exports,
    HostedAccess, HostedAccount, HostedContract, HostedEndpoint, HostedSnapshots, HostedUsage,
    IntelligenceExport, IntelligenceSnapshot, RateLimit, RateLimits, Signals, SnapshotAccess,
    SnapshotPrivacy, SnapshotSource, Webhooks,
};

/// Scope of the one reading that is offered.
const SCOPE: &str = "intelligence:read:delayed";
const NOT_SOLD: &str =
    "fresh, historical and compared data are a commercial service, which is not part of this program";
const REFUSED: &str = "ZERO-API-010";
const NOT_OFFERED: &str = "not_offered";
/// Headers of a limited route.
pub const RATE_HEADERS: [&str; 4] = [
    "x-zero-ratelimit-limit",
    "x-zero-ratelimit-remaining",
    "x-zero-ratelimit-reset",
    "x-zero-ratelimit-policy",
];

/// Counts of a published state: what of it the public may see once it is old enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Wall time of the publication.
    pub at: Ts,
    /// Journal sequence.
    pub journal_seq: u64,
    judged: u64,
    admitted: u64,
    fills: u64,
    positions: u64,
    breakers: u64,
}

impl Counted {
    /// Of a state that was published at this wall time.
    #[must_use]
    pub fn of(view: &crate::view::RunView, at: Ts) -> Self {
        let c = &view.state.counters;
        Self {
            at,
            journal_seq: view.next_seq,
            judged: c.candidates,
            admitted: c.admitted,
            fills: c.fills,
            positions: crate::view::held_coins(&view.state) as u64,
            breakers: view.state.breakers.iter().filter(|b| b.open).count() as u64,
        }
    }

    fn aggregates(&self) -> Aggregates {
        let share = |n: u64| (self.judged > 0).then(|| n as f64 / self.judged as f64);
        Aggregates {
            decisions: self.judged,
            fills: self.fills,
            rejections: self.judged - self.admitted,
            open_positions: self.positions,
            open_breakers: self.breakers,
            acceptance_rate: share(self.admitted),
            rejection_rate: share(self.judged - self.admitted),
        }
    }

    fn signals(&self) -> Signals {
        let thirds = |n: u64, low: &str, middle: &str, high: &str| {
            let word = match self.judged {
                0 => "unknown",
                all if n * 3 < all => low,
                all if n * 3 >= 2 * all => high,
                _ => middle,
            };
            word.to_owned()
        };
        Signals {
            activity_level: match self.judged {
                0 => "none",
                1..10 => "low",
                10..100 => "moderate",
                _ => "high",
            }
            .into(),
            execution_pressure: thirds(self.admitted, "low", "moderate", "high"),
            rejection_discipline: thirds(self.judged - self.admitted, "loose", "balanced", "strict"),
            journal_quality: "durable".into(),
            live_observed: false,
        }
    }
}

/// The state as the public sees it; `counted` is one that was published `delay` ago or earlier.
#[must_use]
pub fn intelligence_snapshot(counted: Option<Counted>, delay: TsDiff) -> IntelligenceSnapshot {
    IntelligenceSnapshot {
        schema_version: Default::default(),
        available: counted.is_some(),
        reason: counted
            .is_none()
            .then(|| format!("this process has published no state that is {} s old yet", seconds(delay))),
        access: SnapshotAccess {
            class: "public_delayed".into(),
            delay_s: seconds(delay),
            commercial_history: false,
            commercial_realtime: false,
            commercial_redistribution: false,
        },
        aggregates: counted.as_ref().map(Counted::aggregates),
        signals: counted.as_ref().map(Counted::signals),
        source: SnapshotSource {
            schema_version: "zero.status.v1".into(),
            mode: "paper".into(),
            journal_seq: counted.map(|c| c.journal_seq),
            verification_status: "unverified".into(),
        },
        privacy: SnapshotPrivacy {
            default: "aggregate-only".into(),
            contains_exchange_credentials: false,
            contains_private_notes: false,
            contains_amounts: false,
            decision_records_included: false,
        },
        commercial_unlocks: Vec::new(),
        generated_at: counted.map(|c| c.at.to_string()),
    }
}

/// The same as the hosted route shows it.
#[must_use]
pub fn hosted_snapshots(
    now: Ts,
    counted: Option<Counted>,
    delay: TsDiff,
    rate_limit: RateLimit,
) -> HostedSnapshots {
    let age = counted.map(|c| (now.since(c.at).as_ns() / 1_000_000).max(0).unsigned_abs());
    HostedSnapshots {
        schema_version: Default::default(),
        account: HostedAccount {
            authenticated: false,
            id: "public".into(),
            plan: "free".into(),
            scopes: vec![SCOPE.into()],
        },
        access: HostedAccess {
            freshness: "delayed".into(),
            public_delay_s: seconds(delay),
            runtime_required: true,
            scope: SCOPE.into(),
        },
        data: counted.map(|c| intelligence_snapshot(Some(c), delay)).into_iter().collect(),
        rate_limit,
        usage: HostedUsage {
            account_id: "public".into(),
            billable: false,
            metered: false,
            dataset: "delayed_public_snapshot".into(),
            name: "snapshot.delayed.read".into(),
            scope: SCOPE.into(),
            freshness_ms: age,
            timestamp: now.to_string(),
        },
        generated_at: now.to_string(),
    }
}

/// A request to export: refused, with or without consent.
#[must_use]
pub fn intelligence_export(counted: Option<Counted>, delay: TsDiff, consent: bool) -> IntelligenceExport {
    IntelligenceExport {
        schema_version: Default::default(),
        ok: false,
        exported: false,
        reason: if consent { NOT_SOLD } else { "explicit consent required" }.into(),
        path: None,
        snapshot: intelligence_snapshot(counted, delay),
    }
}

fn endpoints() -> Vec<HostedEndpoint> {
    let one = |path: &str, offered: bool| HostedEndpoint {
        path: path.into(),
        offered,
        error_code: (!offered).then(|| REFUSED.to_owned()),
    };
    vec![
        one("GET /v1/intelligence/snapshots?freshness=delayed", true),
        one("GET /v1/intelligence/snapshots?freshness=realtime", false),
        one("GET /v1/intelligence/history", false),
        one("GET /v1/intelligence/cohorts", false),
        one("GET /v1/intelligence/benchmarks", false),
        one("POST /v1/intelligence/webhooks", false),
        one("POST /v1/intelligence/exports", false),
    ]
}

fn headers() -> Vec<String> {
    RATE_HEADERS.map(str::to_owned).to_vec()
}

/// What there is, here and elsewhere.
#[must_use]
pub fn catalog(delay: TsDiff) -> Catalog {
    let words = |all: &[&str]| all.iter().map(|w| (*w).to_owned()).collect();
    Catalog {
        schema_version: Default::default(),
        positioning:
            "a runtime on the operator's own machine; what it shows to the public is late and in counts"
                .into(),
        public: CatalogPublic {
            runtime: "open-source".into(),
            delayed_snapshots: DelayedSnapshots {
                delay_s: seconds(delay),
                endpoint: "GET /intelligence/snapshot".into(),
                schema_version: "zero.intelligence.snapshot.v1".into(),
            },
            network_profiles: "unverified".into(),
            leaderboards: "empty".into(),
        },
        commercial: CatalogCommercial {
            offered: false,
            reason: NOT_SOLD.into(),
            metered_by: Vec::new(),
            not_metered_by: words(&["use of the runtime", "paper", "self-custody"]),
            plans: Vec::new(),
        },
        hosted_api_contract: HostedContract {
            schema_version: "zero.intelligence.commercial.v1".into(),
            endpoints: endpoints(),
            rate_limit_headers: headers(),
        },
        data_rules: DataRules {
            custody: "never transferred".into(),
            exchange_credentials: "never collected".into(),
            raw_operator_data: "never shown: a snapshot has no field for it".into(),
            source: "states that this runtime published, once they are old enough".into(),
        },
    }
}

/// The commercial service, route by route: none of it is here.
#[must_use]
pub fn commercial(rate_limit: RateLimit) -> Commercial {
    Commercial {
        schema_version: Default::default(),
        offered: false,
        reason: NOT_SOLD.into(),
        plans: Vec::new(),
        scopes: vec![SCOPE.into()],
        datasets: Vec::new(),
        endpoints: endpoints(),
        rate_limits: RateLimits { headers: headers(), policy: vec![rate_limit] },
        usage_events: Vec::new(),
        webhooks: Webhooks { delivery: NOT_OFFERED.into(), event_types: Vec::new() },
        exports: Exports { contents: NOT_OFFERED.into(), formats: Vec::new() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(judged: u64, admitted: u64) -> Counted {
        Counted { at: Ts::ZERO, journal_seq: 1, judged, admitted, fills: 0, positions: 0, breakers: 0 }
    }

    #[test]
    fn words_change_at_their_stated_counts() {
        let of = |judged, admitted| {
            let s = counted(judged, admitted).signals();
            (s.activity_level, s.execution_pressure, s.rejection_discipline)
        };
        let words = |a: &str, e: &str, r: &str| (a.to_owned(), e.to_owned(), r.to_owned());
        assert_eq!(of(0, 0), words("none", "unknown", "unknown"));
        assert_eq!(of(9, 2), words("low", "low", "strict"));
        assert_eq!(of(9, 3), words("low", "moderate", "strict"));
        assert_eq!(of(99, 50), words("moderate", "moderate", "balanced"));
        assert_eq!(of(300, 200), words("high", "high", "balanced"));
        assert_eq!(of(300, 201), words("high", "high", "loose"));
    }
}
