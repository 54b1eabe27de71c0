//! A registry of random rules: strategy documents drawn from a grammar, run on markets without an edge, with one rule of a
//! real edge among them where that is asked for, and judged by the statistics that `backtest --sweep` judges with.

use std::error::Error;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use zero_core::prng::Prng;
use zero_core::{Rate, Usd};
use zero_data::Dataset;
use zero_data::synth::{Edge, EdgeKind, SynthSpec, generate};
use zero_lang::read;
use zero_paper::{FeeModel, PaperConfig};
use zero_runtime::sweep::{self, Admissions, Evidence};
use zero_runtime::{OperatorPolicy, RunSpec};
use zero_strategy::registry::StrategyChoice;

/// Level of every judgement.
pub(crate) const LEVEL: f64 = 0.05;
/// Expected return of an hour in units of its deviation where an edge is planted.
const STRENGTH: f64 = 0.2;
/// The rule that the planted edge is for.
const REAL: &str = "name = \"real\"\nversion = 1\nabout = \"Follows the planted momentum.\"\n\n[entry]\nlong = \"trend_t(72) > 0.5\"\nshort = \"trend_t(72) < -0.5\"\n\n[exit]\nstop = \"4 * daily_vol()\"\nhorizon = \"7d\"\nsignal_long = \"trend_t(72) < 0\"\nsignal_short = \"trend_t(72) > 0\"\n";

/// What trading costs in a registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Costs {
    /// Nothing: chance admits most easily.
    None,
    /// The venue's base tier, spread and impact.
    Venue,
}

/// One registry: its market and its rules.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Registry {
    pub seed: u64,
    pub rules: u64,
    pub bars: u64,
    pub costs: Costs,
    /// Is one more rule among them, whose market really has the momentum that it follows? An edge that many rules of a family share
    /// would widen the spread of their ratios, and with it the benchmark of all.
    pub planted: bool,
}

/// What was admitted of it.
pub(crate) struct Judged {
    pub admissions: Admissions,
    pub evidence: Evidence,
    /// Rules that traded.
    pub active: usize,
    pub fills: u64,
}

impl Registry {
    /// Runs every rule and judges all of them.
    pub(crate) fn judge(&self, threads: usize) -> Result<Judged, Box<dyn Error>> {
        let data = self.market(false)?;
        let variants = (0..self.rules)
            .map(|i| {
                let text = rule(self.seed, i);
                let document = read(text.as_bytes()).map_err(|e| format!("{e}\n{text}"))?.document;
                Ok((format!("rule {i}"), self.spec(&data, StrategyChoice::Document(Arc::new(document)))))
            })
            .collect::<Result<Vec<_>, String>>()?;
        let stop = AtomicBool::new(false);
        let mut ran = sweep::run(&data, &variants, threads, &stop, &|_, _| ())?;
        if self.planted {
            let data = self.market(true)?;
            let document = read(REAL.as_bytes()).map_err(|e| e.to_string())?.document;
            let spec = self.spec(&data, StrategyChoice::Document(Arc::new(document)));
            ran.extend(sweep::run(&data, &[("real".to_owned(), spec)], 1, &stop, &|_, _| ())?);
        }
        Ok(Judged {
            admissions: sweep::admissions(&ran, self.rules, LEVEL)?,
            evidence: sweep::judge(
                &ran,
                &sweep::Tried::first(self.rules),
                self.seed,
                sweep::label_days(variants.iter().map(|v| &v.1)),
            ),
            active: ran.iter().filter(|r| r.ratio().is_some()).count(),
            fills: ran.iter().map(|r| r.outcome.fills).sum(),
        })
    }

    fn market(&self, edge: bool) -> Result<Dataset, Box<dyn Error>> {
        market(self.seed, self.bars, if edge { STRENGTH } else { 0.0 })
    }

    fn spec(&self, data: &Dataset, choice: StrategyChoice) -> RunSpec {
        spec(data, choice, self.costs)
    }
}

/// A market of three coins with a momentum of three days of this strength.
pub(crate) fn market(seed: u64, bars: u64, strength: f64) -> Result<Dataset, Box<dyn Error>> {
    let mut market = SynthSpec::seeded(seed).only(&["BTC", "ETH", "SOL"]);
    market.bars = Some(bars);
    if strength > 0.0 {
        market.edges.push(Edge {
            kind: EdgeKind::Momentum,
            coins: Vec::new(),
            from_bar: 0,
            to_bar: None,
            lookback: 72,
            strength,
        });
    }
    Ok(generate(&market)?)
}

/// One rule's run.
pub(crate) fn spec(data: &Dataset, choice: StrategyChoice, costs: Costs) -> RunSpec {
    let paper = match costs {
        Costs::Venue => PaperConfig::standard(FeeModel::HYPERLIQUID_BASE),
        Costs::None => PaperConfig {
            half_spread: Rate::ZERO,
            impact: Rate::ZERO,
            ..PaperConfig::standard(FeeModel::NONE)
        },
    };
    let mut spec = RunSpec::standard(data.universe().clone(), Usd::whole(10_000), paper, &[("rule", choice)]);
    spec.policy = OperatorPolicy::UNATTENDED;
    spec
}

/// The text of a random rule. Its sides are drawn apart, so a rule may like both, and the book then takes neither.
pub(crate) fn rule(seed: u64, number: u64) -> String {
    let mut d = Prng::new(seed, (1 << 32) | number);
    let mut out = format!("name = \"rule_{number}\"\nversion = 1\nabout = \"Random.\"\n\n[entry]\n");
    let (long, short) = (condition(&mut d), condition(&mut d));
    let _ = write!(out, "long = \"{long}\"\nshort = \"{short}\"\n\n[exit]\n");
    let stop = 1 + d.below(4);
    let horizon = one(&mut d, &["12h", "24h", "48h", "4d", "7d"]);
    let _ = write!(out, "stop = \"{stop} * daily_vol()\"\nhorizon = \"{horizon}\"\n");
    if d.below(2) == 0 {
        let (long, short) = (comparison(&mut d), comparison(&mut d));
        let _ = write!(out, "signal_long = \"{long}\"\nsignal_short = \"{short}\"\n");
    }
    out
}

fn condition(d: &mut Prng) -> String {
    let first = comparison(d);
    match d.below(3) {
        0 => first,
        1 => format!("{first} and {}", comparison(d)),
        _ => format!("{first} or {}", comparison(d)),
    }
}

/// One comparison of a feature with what it is measured in.
fn comparison(d: &mut Prng) -> String {
    let op = one(d, &["<", ">", "<=", ">="]);
    let bars = one(d, &["12", "24", "48", "72", "168"]);
    let tenths = |d: &mut Prng, from: i64, to: i64| {
        let x = from + d.below((to - from) as u64 + 1) as i64;
        format!("{}{}.{}", if x < 0 { "-" } else { "" }, x.abs() / 10, x.abs() % 10)
    };
    match d.below(8) {
        0 | 1 => format!("trend_t({bars}) {op} {}", tenths(d, -20, 20)),
        2 => format!("zscore({bars}) {op} {}", tenths(d, -25, 25)),
        3 => format!("rsi(14) {op} {}", 20 + d.below(61)),
        4 => format!("return({bars}) {op} {} * vol()", tenths(d, -60, 60)),
        5 => format!("close {op} ema({bars})"),
        6 => format!("vol(12) {op} {} * vol(168)", tenths(d, 6, 16)),
        _ => format!("close {op} {}({bars})[1]", one(d, &["highest", "lowest"])),
    }
}

pub(crate) fn one<'a>(d: &mut Prng, from: &[&'a str]) -> &'a str {
    from.get(d.below(from.len() as u64) as usize).copied().unwrap_or("")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Each text is a document, and nearly all of their entries differ.
    #[track_caller]
    pub(crate) fn are_documents_and_few_alike(texts: &[String]) {
        for t in texts {
            let read = read(t.as_bytes());
            assert!(read.is_ok(), "{:?}\n{t}", read.err().map(|e| e.to_string()));
        }
        let bodies: std::collections::BTreeSet<&str> =
            texts.iter().filter_map(|t| t.split_once("[entry]")).map(|t| t.1).collect();
        assert!(bodies.len() * 100 > texts.len() * 96, "{} of {}", bodies.len(), texts.len());
    }

    #[test]
    fn every_random_rule_is_a_document_and_few_are_the_same() {
        are_documents_and_few_alike(&(0..500).map(|i| rule(1, i)).collect::<Vec<_>>());
    }

    /// A twentieth of what the campaign runs: registries of random rules on markets without an edge, without costs, so that
    /// chance has it easiest.
    #[test]
    fn random_rules_are_admitted_no_more_often_than_alpha() {
        let (mut rules, mut admitted, mut alone, mut families) = (0, 0, 0, 0);
        const MARKETS: u64 = 10;
        for seed in 1..=MARKETS {
            let r = Registry { seed, rules: 25, bars: 1_200, costs: Costs::None, planted: false };
            let j = r.judge(1).unwrap();
            assert!(j.active >= 20 && j.fills > 500, "{} of 25 traded, {} fills", j.active, j.fills);
            rules += r.rules;
            admitted += j.admissions.deflated as u64;
            alone += j.admissions.alone as u64;
            families += u64::from(j.evidence.stands_out(LEVEL) == Some(true));
        }
        println!("{admitted} of {rules} admitted, {alone} by themselves, {families} of {MARKETS} families");
        assert!(admitted as f64 <= LEVEL * rules as f64, "{admitted} of {rules}");
        assert!(families <= 1, "{families} of {MARKETS}");
    }

    #[test]
    fn a_rule_with_a_real_edge_is_admitted_among_random_ones() {
        let r = Registry { seed: 1, rules: 60, bars: 2_400, costs: Costs::None, planted: true };
        let j = r.judge(1).unwrap();
        assert_eq!(j.evidence.best, Some(60), "the real one comes last");
        assert_eq!(j.admissions.deflated, 1, "{:?}", j.admissions);
        assert!(j.evidence.superior.unwrap().p_consistent <= LEVEL);
    }
}
