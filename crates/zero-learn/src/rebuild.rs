//! A recorded strategy, built again: from its specification in the manifest, and only when the digests are equal.

use zero_core::{Rate, Sz};
use zero_strategy::registry::StrategyChoice;
use zero_strategy::strategies::{CarryParams, TrendParams};
use zero_strategy::{FeaturePlan, StrategySpec};

/// The strategy that the specification names; `None` when this program has none with exactly this identity.
#[must_use]
pub fn choice(spec: &StrategySpec) -> Option<StrategyChoice> {
    let found = read(spec)?;
    let built = found.build(&mut FeaturePlan::new());
    (built.spec().digest() == spec.digest()).then_some(found)
}

fn read(spec: &StrategySpec) -> Option<StrategyChoice> {
    let text = |key: &str| {
        spec.params
            .split(' ')
            .find_map(|pair| pair.split_once('=').filter(|(k, _)| *k == key).map(|(_, v)| v))
    };
    let rate = |key: &str| Rate::parse(text(key)?).ok();
    Some(match spec.name.as_str() {
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
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_strategy_comes_back_from_its_own_specification_and_no_other_does() {
        let all = [
            StrategyChoice::Trend(TrendParams {
                lookback: 24,
                entry_z: Rate::bps(15_000),
                ..TrendParams::standard()
            }),
            StrategyChoice::Carry(CarryParams { window_hours: 24, ..CarryParams::standard() }),
            StrategyChoice::RandomEntry(7, Rate::bps(1_500), TrendParams::standard()),
            StrategyChoice::EmaCross(12, 26, Sz::whole(3)),
            StrategyChoice::Hold(Rate::bps(2_500)),
            StrategyChoice::Flat,
        ];
        for one in all {
            let spec = one.build(&mut FeaturePlan::new()).spec();
            let back = choice(&spec).unwrap();
            assert_eq!(back.build(&mut FeaturePlan::new()).spec(), spec);
            assert_eq!(choice(&StrategySpec { version: 99, ..spec.clone() }), None, "another version");
            assert_eq!(choice(&StrategySpec { name: "else".into(), ..spec }), None);
        }
    }
}
