//! One series against another, and one policy against what it did not do.

use super::packet;
use super::table::Table;
use crate::args::{DiffArgs, OpeArgs};
use crate::failure::Failure;
use zero_packets::stats::{DifferenceResult, OffPolicyResult, Stats, StatsResult};
use zero_stats::{Occasion, StatsError, off_policy, sharpe_difference};

pub(super) fn diff(a: &DiffArgs) -> Result<Stats, Failure> {
    let table = Table::read(&a.file)?;
    let columns = table.columns(&[a.first.clone(), a.second.clone()])?;
    let d = sharpe_difference(columns.first(), columns.second()).map_err(|e| table.explain(e))?;
    let result = DifferenceResult {
        n: columns.first().len() as u64,
        difference: d.difference,
        standard_error: d.standard_error,
        z: d.z,
        p: d.p,
        correlation: d.correlation,
    };
    let method = "difference of Sharpe ratios (Jobson and Korkie 1981, corrected by Memmel 2003)";
    Ok(packet(Some(columns.input), method, StatsResult::Difference(result)))
}

pub(super) fn ope(a: &OpeArgs) -> Result<Stats, Failure> {
    let table = Table::read(&a.file)?;
    let names = [&a.propensity, &a.taken, &a.reward, &a.modelled].map(String::clone);
    let columns = table.columns(&names)?;
    let found = occasions(&columns.values).and_then(|o| off_policy(&o, a.cap.unwrap_or(f64::INFINITY)));
    let o = found.map_err(|e| table.explain(e))?;
    let result = OffPolicyResult {
        n: columns.first().len() as u64,
        taken: o.taken,
        effective_n: o.effective_n,
        ips: o.ips,
        snips: o.snips,
        direct: o.direct,
        doubly_robust: o.doubly_robust,
        capped: o.capped,
    };
    let method = "inverse propensity, self-normalised, direct and doubly robust estimates (Dudik, Langford and Li 2011)";
    Ok(packet(Some(columns.input), method, StatsResult::OffPolicy(result)))
}

fn occasions(columns: &[Vec<f64>]) -> Result<Vec<Occasion>, StatsError> {
    let [propensity, taken, reward, modelled] = columns else { return Ok(Vec::new()) };
    let rows = propensity.iter().zip(taken).zip(reward.iter().zip(modelled)).enumerate();
    rows.map(|(index, ((propensity, taken), (reward, modelled)))| {
        let reward = match *taken {
            1.0 => Some(*reward),
            0.0 => None,
            _ => return Err(StatsError::Outside { index, rule: "0 or 1 for whether the action was taken" }),
        };
        Ok(Occasion { propensity: *propensity, reward, modelled: *modelled })
    })
    .collect()
}
