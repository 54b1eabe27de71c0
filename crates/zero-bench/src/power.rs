//! The power of the judgement of registries where a whole family of rules shares one edge. Their ratios then rise together, so that
//! their spread, which the benchmark of the deflated ratio grows with, says nothing of it: how many are admitted is measured
//! against how large the edge is, and printed whatever it is.

use crate::campaign::Found;
use crate::rules::{Costs, LEVEL, market, one, spec};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use zero_core::prng::Prng;
use zero_data::Dataset;
use zero_lang::read;
use zero_runtime::RunSpec;
use zero_runtime::sweep::{self, Admissions, Ran};
use zero_strategy::registry::StrategyChoice;

/// Expected return of an hour in units of its deviation, from none to what no market is known to give.
const STRENGTHS: [f64; 7] = [0.0, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3];
/// Bars of a market: a hundred days.
const BARS: u64 = 2_400;
/// Markets on which a family's true ratio is measured, and rules of it on each.
const OTHERS: u64 = 10;
const PROBED: u64 = 25;

/// A family on one market with an edge that all of its rules follow.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Family {
    pub seed: u64,
    pub rules: u64,
    pub strength: f64,
}

/// What became of a family.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Power {
    /// Mean annual ratio of the family's rules on other markets with this edge.
    pub planted: f64,
    /// Mean annual ratio on the market that is judged.
    pub found: f64,
    pub admissions: Admissions,
    /// Does the sweep claim its best?
    pub claims: Option<bool>,
    /// Of superior predictive ability, for the family as a whole; none where it cannot be computed.
    pub superior: Option<f64>,
}

impl Family {
    pub(crate) fn judge(&self, threads: usize) -> Result<Power, Box<dyn Error>> {
        let data = market(self.seed, BARS, self.strength)?;
        let variants = self.variants(&data, self.rules)?;
        let ran = sweep::run(&data, &variants, threads, &AtomicBool::new(false), &|_, _| ())?;
        let mut others = Vec::new();
        for k in 1..=OTHERS {
            let data = market(self.seed + 10_000 * k, BARS, self.strength)?;
            let variants = self.variants(&data, self.rules.min(PROBED))?;
            others.extend(sweep::run(&data, &variants, threads, &AtomicBool::new(false), &|_, _| ())?);
        }
        let label = sweep::label_days(variants.iter().map(|v| &v.1));
        let evidence = sweep::judge(&ran, &sweep::Tried::first(self.rules), self.seed, label);
        Ok(Power {
            planted: annual(&others),
            found: annual(&ran),
            admissions: sweep::admissions(&ran, self.rules, LEVEL)?,
            claims: evidence.stands_out(LEVEL),
            superior: evidence.superior.ok().map(|s| s.p_consistent),
        })
    }

    fn variants(&self, data: &Dataset, n: u64) -> Result<Vec<(String, RunSpec)>, Box<dyn Error>> {
        (0..n)
            .map(|i| {
                let text = member(self.seed, i);
                let document = read(text.as_bytes()).map_err(|e| format!("{e}\n{text}"))?.document;
                let choice = StrategyChoice::Document(Arc::new(document));
                Ok((format!("rule {i}"), spec(data, choice, Costs::None)))
            })
            .collect()
    }
}

/// Mean annual ratio; none of rules that never traded.
fn annual(ran: &[Ran]) -> f64 {
    let ratios: Vec<f64> = ran.iter().filter_map(Ran::ratio).collect();
    ratios.iter().sum::<f64>() / ratios.len().max(1) as f64 * 365f64.sqrt()
}

/// The text of a rule of the family: a trend follower with parameters of its own.
fn member(seed: u64, number: u64) -> String {
    let mut d = Prng::new(seed, (2 << 32) | number);
    let bars = one(&mut d, &["48", "60", "72", "84", "96", "120"]);
    let (enter, leave) = (1 + d.below(150), d.below(50));
    let text = |hundredths: u64| format!("{}.{:02}", hundredths / 100, hundredths % 100);
    let (enter, leave) = (text(enter.max(leave + 1)), text(leave));
    let stop = 2 + d.below(4);
    let horizon = one(&mut d, &["2d", "4d", "7d"]);
    let mut out = format!("name = \"member_{number}\"\nversion = 1\nabout = \"Trend.\"\n\n[entry]\n");
    let _ = write!(
        out,
        "long = \"trend_t({bars}) > {enter}\"\nshort = \"trend_t({bars}) < -{enter}\"\n\n[exit]\n"
    );
    let _ = write!(out, "stop = \"{stop} * daily_vol()\"\nhorizon = \"{horizon}\"\n");
    let _ = write!(
        out,
        "signal_long = \"trend_t({bars}) < {leave}\"\nsignal_short = \"trend_t({bars}) > -{leave}\"\n"
    );
    out
}

/// A line of the report.
fn told(p: &Power, rules: u64) -> String {
    let share = |n: usize| 100.0 * n as f64 / rules as f64;
    let a = p.admissions;
    let claims = match p.claims {
        Some(true) => "claimed",
        Some(false) => "not claimed",
        None => "not judged",
    };
    format!(
        "planted annual ratio {:.2}, found {:.2}; of {} judged {:.1} % look significant alone, {:.1} % after Benjamini and Hochberg, \
         {:.1} % admitted against the registry's count; the best is {claims}; superior ability p {}",
        p.planted,
        p.found,
        a.judged,
        share(a.alone),
        share(a.discovered),
        share(a.deflated),
        p.superior.map_or_else(|| "unknown".into(), |p| format!("{p:.3}")),
    )
}

pub(crate) fn campaign(seed: u64, count: u64) -> Result<Found, Box<dyn Error>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut figures: BTreeMap<String, Value> = BTreeMap::new();
    let (mut holds, mut smallest) = (true, None);
    for strength in STRENGTHS {
        let p = Family { seed, rules: count, strength }.judge(threads)?;
        figures.insert(format!("strength {strength:.3}"), json!(told(&p, count)));
        let share = p.admissions.deflated as f64 / count as f64;
        if strength == 0.0 {
            holds = share <= LEVEL;
        } else if share >= 0.5 && smallest.is_none() {
            smallest = Some(format!("annual ratio {:.2}, strength {strength}", p.planted));
        }
    }
    let half = smallest.unwrap_or_else(|| "none of these".into());
    figures.insert("smallest edge of which half of the family is admitted".into(), json!(half));
    figures.insert("rules in each family".into(), json!(count));
    figures.insert("days of each market".into(), json!(BARS / 24));
    Ok(Found {
        name: "power",
        claim: "Of a family of rules that all follow one trend at most 5 % are admitted where there is none. Where there is one, \
                the shares that are admitted are measured against its size; what they are is no part of the claim.",
        count,
        holds,
        figures,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_member_of_the_family_is_a_document_and_few_are_the_same() {
        let members: Vec<String> = (0..500).map(|i| member(1, i)).collect();
        crate::rules::tests::are_documents_and_few_alike(&members);
    }

    #[test]
    fn what_is_planted_is_found_in_order_and_without_an_edge_nothing_is_admitted() {
        let judged = |strength| Family { seed: 1, rules: 30, strength }.judge(1).unwrap();
        let (none, strong) = (judged(0.0), judged(0.3));
        println!("{}\n{}", told(&none, 30), told(&strong, 30));
        assert!(none.planted.abs() < 2.0 && strong.planted > none.planted + 2.0);
        assert!(none.admissions.deflated as f64 <= LEVEL * 30.0, "{:?}", none.admissions);
        assert!(strong.admissions.alone > none.admissions.alone, "{:?}", strong.admissions);
        assert!(strong.admissions.alone >= strong.admissions.deflated);
    }
}
