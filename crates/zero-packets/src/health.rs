//! `/health`: components, dependencies, breakers, recovery.

use crate::Dec;
use crate::id::packet_id;
use crate::immune::Immune;
use crate::status::Recovery;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

packet_id!(Health, HealthId = "zero.health.v1");

/// Health of the runtime.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Health {
    /// Schema id.
    pub schema_version: HealthId,
    /// `ok`, `degraded` or `down`.
    pub status: String,
    /// By name.
    pub components: BTreeMap<String, Component>,
    /// By name, in one word each.
    pub dependencies: BTreeMap<String, String>,
    /// `open` or `closed`, by name.
    pub circuit_breakers: BTreeMap<String, String>,
    /// Equity and kill switch.
    pub risk: HealthRisk,
    /// What start-up recovered.
    pub recovery: Recovery,
    /// Every breaker.
    pub immune: Immune,
    /// Open WebSocket connections.
    pub ws_connections: u64,
}

/// A component's health.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Component {
    /// `healthy`, `stale`, `dead` or `unknown`.
    pub status: String,
    /// Event time of the latest record that it took, RFC 3339.
    pub last_seen: Option<String>,
    /// Seconds of wall time since; null where the market is no live feed, whose event time has no age: `/readyz` says how old the
    /// loop's last publication is.
    pub age_s: Option<f64>,
    /// Its mode, where it has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
}

/// Equity and kill switch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HealthRisk {
    /// Equity, USD; null where a mark is missing.
    pub equity: Option<Dec>,
    /// Fall from the peak, percent.
    pub drawdown_pct: Option<Dec>,
    /// The kill switch is thrown.
    pub kill_all: bool,
}
