//! A run as its journal describes it: what is needed to act on it when no loop runs and no configuration is at hand.

use crate::hosts::Hosts;
use crate::record::Manifest;
use crate::spec::RunSpec;
use std::collections::BTreeMap;
use std::sync::Arc;
use zero_core::{Rate, Sz};
use zero_market::Universe;
use zero_strategy::lang::Document;
use zero_strategy::registry::StrategyChoice;
use zero_strategy::strategies::{CarryParams, TrendParams};
use zero_strategy::{FeaturePlan, StrategySpec};

/// The run of a manifest. A strategy that this program cannot build again is replaced by one that never trades: the
/// acts that are taken this way only need the account, and the epoch then says that the strategies differ.
#[must_use]
pub fn run_spec(m: &Manifest) -> RunSpec {
    run_spec_hosting(m, &Hosts::default())
}

/// The run of a manifest, with these hosted parts at hand.
#[must_use]
pub fn run_spec_hosting(m: &Manifest, hosts: &Hosts) -> RunSpec {
    let strategy = |s| choice_hosting(s, hosts).unwrap_or(StrategyChoice::Flat);
    RunSpec {
        kernel: m.kernel.clone(),
        paper: m.paper,
        universe: Universe::new(m.universe.clone()),
        strategies: m.strategies.iter().map(strategy).collect(),
        lenses: m.hosted_lenses.iter().map(|s| hosts.lens(s)).collect(),
        full_stack: !m.lenses.is_empty(),
        costs: m.costs.clone(),
        opinion_model: m.opinion_model.clone(),
        policy: m.policy,
    }
}

/// As [`choice`], with these hosted parts at hand.
#[must_use]
pub fn choice_hosting(spec: &StrategySpec, hosts: &Hosts) -> Option<StrategyChoice> {
    choice(spec).or_else(|| hosts.strategy(spec).cloned().map(StrategyChoice::Hosted))
}

/// The strategy of a specification, if building it gives that very specification.
#[must_use]
pub fn choice(spec: &StrategySpec) -> Option<StrategyChoice> {
    if let Ok(document) = Document::from_spec(spec) {
        return Some(StrategyChoice::Document(Arc::new(document)));
    }
    let params: BTreeMap<&str, &str> =
        spec.params.split_whitespace().filter_map(|p| p.split_once('=')).collect();
    let text = |key: &str| params.get(key).copied();
    let rate = |key: &str| Rate::parse(text(key)?).ok();
    let choice = match spec.name.as_str() {
        "trend" => StrategyChoice::Trend(TrendParams {
            lookback: text("lookback")?.parse().ok()?,
            entry_z: rate("entry_z")?,
            exit_z: rate("exit_z")?,
            stop_sigmas: rate("stop_sigmas")?,
            horizon_hours: text("horizon_hours")?.parse().ok()?,
        }),
        "carry" => StrategyChoice::Carry(CarryParams {
            window_hours: text("window_hours")?.parse().ok()?,
            entry_annual: rate("entry_annual")?,
            exit_annual: rate("exit_annual")?,
            stop_sigmas: rate("stop_sigmas")?,
            horizon_hours: text("horizon_hours")?.parse().ok()?,
        }),
        "random_entry" => StrategyChoice::RandomEntry(
            text("seed")?.parse().ok()?,
            rate("rate")?,
            TrendParams {
                stop_sigmas: rate("stop_sigmas")?,
                horizon_hours: text("horizon_hours")?.parse().ok()?,
                ..TrendParams::standard()
            },
        ),
        "ema_cross" => StrategyChoice::EmaCross(
            text("fast")?.parse().ok()?,
            text("slow")?.parse().ok()?,
            Sz::parse(text("size")?).ok()?,
        ),
        "hold" => StrategyChoice::Hold(rate("share")?),
        "flat" => StrategyChoice::Flat,
        _ => return None,
    };
    (choice.clone().build(&mut FeaturePlan::new()).spec() == *spec).then_some(choice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strategy_comes_back_from_its_specification_or_not_at_all() {
        let mut params = CarryParams::standard();
        params.exit_annual = Rate::bps(-7);
        for c in [
            StrategyChoice::Trend(TrendParams::standard()),
            StrategyChoice::Carry(params),
            StrategyChoice::RandomEntry(7, Rate::bps(1_500), TrendParams::standard()),
            StrategyChoice::EmaCross(12, 26, Sz::whole(3)),
            StrategyChoice::Hold(Rate::bps(2_500)),
            StrategyChoice::Flat,
        ] {
            let spec = c.clone().build(&mut FeaturePlan::new()).spec();
            assert_eq!(choice(&spec), Some(c));
            let newer = StrategySpec { version: spec.version + 1, ..spec.clone() };
            assert_eq!(choice(&newer), None, "another version is another meaning");
        }
        let trend = StrategyChoice::Trend(TrendParams::standard()).build(&mut FeaturePlan::new()).spec();
        let more = StrategySpec { params: format!("{} extra=1", trend.params), ..trend };
        assert_eq!(choice(&more), None, "a parameter that is not understood");
    }
}
