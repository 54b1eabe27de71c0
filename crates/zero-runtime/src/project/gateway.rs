//! `zero.model_gateway....v1`: models that this program calls. It calls none.

use zero_packets::gateway::{
    GatewayAudit, GatewayCheck, GatewayHealth, GatewayPrivacy, GatewayProbe, GatewayRouting, GatewaySafety,
    GatewayStatus, GatewayUsage,
};

const NO_MODEL: &str = "no model is called from here";

const fn safety() -> GatewaySafety {
    GatewaySafety { advisory_only: true, fail_closed: true }
}

const fn usage() -> GatewayUsage {
    GatewayUsage { events: 0, total_estimated_cost_usd: 0.0 }
}

/// Models that are called: none.
#[must_use]
pub fn gateway_status() -> GatewayStatus {
    GatewayStatus {
        schema_version: Default::default(),
        mode: "fail_closed".into(),
        reason: NO_MODEL.into(),
        default_provider: "none".into(),
        providers: Vec::new(),
        routing: GatewayRouting {
            chat: None,
            fast_reasoning: None,
            hard_reasoning: None,
            structured_output: None,
        },
        usage: usage(),
        privacy: GatewayPrivacy {
            contains_api_keys: false,
            prompts_included: false,
            raw_model_outputs_included: false,
        },
    }
}

/// Whether they answer. A probe is refused, since there is nobody to ask.
#[must_use]
pub fn gateway_health(probe: bool) -> GatewayHealth {
    GatewayHealth {
        schema_version: Default::default(),
        status: "failed_closed".into(),
        selected_provider: None,
        checks: vec![GatewayCheck {
            provider: "none".into(),
            status: "unavailable".into(),
            configured: false,
            reasons: vec![NO_MODEL.into()],
        }],
        network_probe: GatewayProbe {
            requested: probe,
            performed: false,
            status: if probe { "no_provider" } else { "not_requested" }.into(),
            reason: NO_MODEL.into(),
        },
        safety: safety(),
    }
}

/// Both.
#[must_use]
pub fn gateway_audit() -> GatewayAudit {
    GatewayAudit {
        schema_version: Default::default(),
        status: gateway_status(),
        health: gateway_health(false),
        usage: usage(),
        controls: safety(),
        evidence_requirements: [
            "a provider that the operator configured",
            "that no answer of it reaches a decision",
        ]
        .map(str::to_owned)
        .to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_is_told_apart_from_none_and_asks_nobody() {
        let (asked, silent) = (gateway_health(true).network_probe, gateway_health(false).network_probe);
        assert!(asked.requested && !silent.requested && !asked.performed && !silent.performed);
        assert_ne!(asked.status, silent.status);
    }
}
