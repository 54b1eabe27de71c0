//! Fixtures: inputs of one decision and what the document must say to them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use toml::Spanned;
use toml::de::DeValue;
use zero_core::{CoinId, MissingReason, Observation, Px, Sz, Ts, TsDiff, Usd};
use zero_market::Side;
use zero_strategy::lang::ast::Expr;
use zero_strategy::lang::catalog::Feature;
use zero_strategy::lang::strategy::features;
use zero_strategy::lang::{Document, DocumentStrategy};
use zero_strategy::{CoinView, FeatureBank, FeaturePlan, FeatureSpec, Holding, Proposal, Strategy};

/// A case: inputs by their normal text (`trend_t(168, 48)`); those that are not named are missing.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Values of features.
    pub set: BTreeMap<String, f64>,
    /// `flat`, `long` or `short`.
    pub holds: String,
    /// Hours since the position was opened.
    pub hours: f64,
    /// Return of the position.
    pub unrealised: f64,
    /// What it gave back of its best price.
    pub giveback: f64,
    /// `enter long`, `enter short`, `exit`, `nothing` or `abstain`.
    pub says: String,
}

/// How a case went.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// What was expected.
    pub expected: String,
    /// What the document said.
    pub said: String,
}

impl Outcome {
    /// Did it go as expected?
    #[must_use]
    pub fn holds(&self) -> bool {
        self.expected == self.said
    }
}

/// Instant of every case: the full hour that a bar closed at.
const NOW: Ts = Ts::from_ns(1_767_225_600_000_000_000);

/// What a case may hold.
const HOLDS: &[&str] = &["flat", "long", "short"];
/// What may be expected of a document.
const SAYS: &[&str] = &["enter long", "enter short", "exit", "nothing", "abstain"];

fn one_of(key: &str, value: &DeValue<'_>, words: &[&str]) -> Result<String, String> {
    match value {
        DeValue::String(s) if words.contains(&s.as_ref()) => Ok(s.to_string()),
        _ => Err(format!("{key} is one of {}", words.join(", "))),
    }
}

impl Case {
    pub(crate) fn read(value: &Spanned<DeValue<'_>>) -> Result<Self, (Range<usize>, String)> {
        let DeValue::Table(table) = value.get_ref() else { return Err((value.span(), "not a table".into())) };
        let mut case = Self {
            set: BTreeMap::new(),
            holds: "flat".into(),
            hours: 1.0,
            unrealised: 0.0,
            giveback: 0.0,
            says: String::new(),
        };
        for (key, value) in table {
            let number = |v: &Spanned<DeValue<'_>>| number(v.get_ref()).map_err(|m| (v.span(), m));
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("set", DeValue::Table(values)) => {
                    for (k, v) in values {
                        case.set.insert(k.get_ref().to_string(), number(v)?);
                    }
                }
                ("set", _) => return Err((value.span(), "set is a table of inputs".into())),
                ("hours", _) => case.hours = number(value)?,
                ("unrealised", _) => case.unrealised = number(value)?,
                ("giveback", _) => case.giveback = number(value)?,
                ("holds", v) => case.holds = one_of("holds", v, HOLDS).map_err(|m| (value.span(), m))?,
                ("says", v) => case.says = one_of("says", v, SAYS).map_err(|m| (value.span(), m))?,
                (other, _) => {
                    let message = format!("{other} is none of set, holds, hours, unrealised, giveback, says");
                    return Err((key.span(), message));
                }
            }
        }
        if case.says.is_empty() {
            return Err((value.span(), format!("says is missing: one of {}", SAYS.join(", "))));
        }
        Ok(case)
    }

    /// Puts the case to a document.
    ///
    /// # Errors
    /// In words: the case names an input that the document does not have.
    pub fn run(&self, document: &Document) -> Result<Outcome, String> {
        let mut plan = FeaturePlan::new();
        let strategy = DocumentStrategy::new(document.clone(), &mut plan);
        self.put(&strategy, &mut plan, &features(document))
    }

    /// Puts the case to any strategy whose inputs are these features, declared on the plan.
    ///
    /// # Errors
    /// In words: the case names an input that the strategy does not have.
    pub fn put(
        &self,
        strategy: &dyn Strategy,
        plan: &mut FeaturePlan,
        inputs: &[Feature],
    ) -> Result<Outcome, String> {
        let mut bank = FeatureBank::new(plan);
        let mut known = BTreeSet::new();
        for f in inputs {
            let f = *f;
            let text = Expr::Feature(f).to_string();
            if let Some(v) = self.set.get(&text) {
                bank.set(plan.need(f.spec()), *v, NOW);
            }
            known.insert(text);
        }
        if let Some(stranger) = self.set.keys().find(|k| !known.contains(*k)) {
            let all: Vec<String> = known.into_iter().collect();
            return Err(format!("{stranger:?} is no input of the strategy; it has {}", all.join(", ")));
        }
        // Enough history unless the case is about something else: a fixture has no bars.
        for spec in plan.specs().to_vec() {
            if matches!(spec, FeatureSpec::History { .. }) {
                bank.set(plan.need(spec), 1.0, NOW);
            }
        }
        let entry = 100.0;
        let sign = match self.holds.as_str() {
            "long" => 1,
            "short" => -1,
            _ => 0,
        };
        let close = entry * (1.0 + self.unrealised * f64::from(sign));
        let view = CoinView {
            coin: CoinId(0),
            now: NOW,
            close: Px::from_f64_nearest(close).map_or(
                Observation::Missing(MissingReason::Undefined),
                |value| Observation::At { value, time: NOW },
            ),
            funding: Observation::Missing(MissingReason::NeverSeen),
            interval: TsDiff::HOUR,
            bank: &bank,
            cross: None,
        };
        let since = NOW.minus(TsDiff::ns((self.hours * 3.6e12) as i64));
        let best = Px::from_f64_nearest(close / (1.0 - self.giveback * f64::from(sign)));
        let cost = Usd::whole(100 * sign);
        let holding = (sign != 0).then(|| Holding { szi: Sz::whole(sign), cost, since, best });
        let said = match strategy.propose(&view, holding.as_ref()) {
            Proposal::Nothing => "nothing",
            Proposal::Abstain | Proposal::Withheld(_) => "abstain",
            Proposal::Exit(_) => "exit",
            Proposal::Enter(e) if e.side == Side::Buy => "enter long",
            Proposal::Enter(_) => "enter short",
        };
        Ok(Outcome { expected: self.says.clone(), said: said.to_owned() })
    }
}

fn number(v: &DeValue<'_>) -> Result<f64, String> {
    let text = match v {
        DeValue::Float(f) => f.as_str().to_owned(),
        DeValue::Integer(i) => {
            return i64::from_str_radix(i.as_str(), i.radix())
                .map(|n| n as f64)
                .map_err(|_| format!("{} is not a number of 64 bits", i.as_str()));
        }
        _ => return Err("a number is expected".into()),
    };
    text.parse().map_err(|_| format!("{text} is not a number"))
}
