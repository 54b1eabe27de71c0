//! A component as a strategy.

use crate::component::{Component, Reader};
use crate::description::SizedBy;
use crate::fault::Fault;
use wasmtime::component::Val;
use zero_core::obs::Fresh;
use zero_core::prng::Prng;
use zero_core::{CoinId, MissingReason, Observation, Ts, TsDiff};
use zero_market::Side;
use zero_strategy::lang::program::{At, Inputs as _};
use zero_strategy::{
    CoinView, Entry, ExitWhy, FeatureBank, FeaturePlan, FeatureSpec, Holding, Input, Proposal, Sizing, Slot,
    Strategy, StrategySpec,
};

/// States that are tried before a component counts as one whose entry cannot be named.
const TRIES: u64 = 1_000;
/// Calls that may fail in the search: each may take all of its fuel.
const FAILED_MAX: u32 = 32;
/// Key of the search: the states that are tried are the same in every run.
const SEARCH: u64 = 0x5741_534d;

/// A component with its inputs declared.
#[derive(Clone, Debug)]
pub struct ComponentStrategy {
    component: Component,
    spec: StrategySpec,
    inputs: Vec<Declared>,
    /// By coin, once the universe is known; `None` trades every coin.
    trades: Option<Vec<bool>>,
}

#[derive(Clone, Copy, Debug)]
struct Declared {
    name: &'static str,
    slot: Slot,
    of: FeatureSpec,
    samples: &'static [f64],
}

impl Declared {
    fn seen(&self, view: &CoinView<'_>) -> Fresh<f64> {
        match self.of {
            FeatureSpec::FundingMean { .. } | FeatureSpec::FundingZ { .. } => view.funding_feature(self.slot),
            _ => view.feature(self.slot),
        }
    }
}

/// What a call gives, with the fuel that it took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Asked {
    /// The proposal.
    pub proposal: Proposal,
    /// Fuel.
    pub fuel: u64,
}

impl ComponentStrategy {
    /// Declares its inputs.
    #[must_use]
    pub fn new(component: Component, plan: &mut FeaturePlan) -> Self {
        let declare = |f: &zero_strategy::lang::catalog::Feature| Declared {
            name: f.entry().name,
            slot: plan.need(f.spec()),
            of: f.spec(),
            samples: f.entry().samples,
        };
        let inputs = component.description().inputs.iter().map(declare).collect();
        Self { spec: component.spec(), component, inputs, trades: None }
    }

    /// Asks the component. `None` where an input or the position's return is missing: then it is not asked, for an input
    /// that is not known has no value to stand for it.
    ///
    /// # Errors
    /// [`Fault`] where it gives no answer, or one that no strategy may give.
    pub fn ask(&self, view: &CoinView<'_>, holding: Option<&Holding>) -> Result<Option<Asked>, Fault> {
        let values: Option<Vec<Val>> =
            self.inputs.iter().map(|i| i.seen(view).live().map(Val::Float64)).collect();
        let Some(values) = values else { return Ok(None) };
        let at = At { view, holding };
        let position = match holding {
            None => None,
            Some(h) => {
                let (Some(hours), Some(unrealised)) = (at.hours_held(), at.unrealised()) else {
                    return Ok(None);
                };
                Some(Box::new(record([
                    ("side", Val::Enum(if h.szi.signum() < 0 { "short" } else { "long" }.into())),
                    ("hours-held", Val::Float64(hours)),
                    ("unrealised", Val::Float64(unrealised)),
                ])))
            }
        };
        let answer = self.component.propose(record([
            ("now", Val::S64(view.now.as_ns())),
            ("interval", Val::S64(view.interval.as_ns())),
            ("inputs", Val::List(values)),
            ("position", Val::Option(position)),
        ]))?;
        Ok(Some(Asked { proposal: self.read(&answer.val)?, fuel: answer.fuel }))
    }

    fn read(&self, answer: &Val) -> Result<Proposal, Fault> {
        match Reader(answer).case().ok_or(Fault::Unreadable)? {
            ("nothing", _) => Ok(Proposal::Nothing),
            ("abstain", _) => Ok(Proposal::Abstain),
            ("exit", why) => match why.case() {
                Some(("signal", _)) => Ok(Proposal::Exit(ExitWhy::Signal)),
                Some(("kill", _)) => Ok(Proposal::Exit(ExitWhy::Kill)),
                _ => Err(Fault::Unreadable),
            },
            ("enter", e) => self.entry(e).map(Proposal::Enter),
            _ => Err(Fault::Unreadable),
        }
    }

    fn entry(&self, e: Reader<'_>) -> Result<Entry, Fault> {
        let side = match e.field("side").case() {
            Some(("long", _)) => Side::Buy,
            Some(("short", _)) => Side::Sell,
            _ => return Err(Fault::Unreadable),
        };
        let score = e.field("score").number().ok_or(Fault::Unreadable)?;
        let stop = e.field("stop").maybe().ok_or(Fault::Unreadable)?;
        let target = e.field("target").maybe().ok_or(Fault::Unreadable)?;
        let d = self.component.description();
        let sizing = match d.sizing {
            SizedBy::Risk => Sizing::Risk,
            SizedBy::Share(rate) => Sizing::Share(rate),
        };
        let possible = |x: Option<f64>| x.is_none_or(|x| x.is_finite() && x > 0.0);
        if !score.is_finite()
            || !possible(stop)
            || !possible(target)
            || (sizing == Sizing::Risk && stop.is_none())
        {
            return Err(Fault::OutOfRange);
        }
        let horizon = TsDiff::HOUR.times(i64::from(d.horizon_hours));
        Ok(Entry { side, stop, target, horizon, score, sizing })
    }
}

impl Strategy for ComponentStrategy {
    fn spec(&self) -> StrategySpec {
        self.spec.clone()
    }

    fn propose(&self, view: &CoinView<'_>, holding: Option<&Holding>) -> Proposal {
        let traded = self.trades.as_ref().is_none_or(|t| t.get(view.coin.index()).copied().unwrap_or(false));
        if holding.is_none() && !traded {
            return Proposal::Nothing;
        }
        match self.ask(view, holding) {
            Ok(Some(Asked { proposal: Proposal::Enter(_), .. })) if !traded => {
                Proposal::Exit(ExitWhy::Signal)
            }
            Ok(Some(a)) => a.proposal,
            Ok(None) => Proposal::Abstain,
            Err(fault) => {
                self.component.count(fault);
                Proposal::Abstain
            }
        }
    }

    fn bind(&mut self, symbols: &[&str]) {
        let coins = &self.component.description().coins;
        self.trades =
            (!coins.is_empty()).then(|| symbols.iter().map(|s| coins.iter().any(|c| c == s)).collect());
    }

    fn cooldown(&self) -> TsDiff {
        TsDiff::HOUR.times(i64::from(self.component.description().cooldown_hours))
    }

    fn favourable(&self, sigma: f64, now: Ts, bank: &mut FeatureBank) -> bool {
        let mut failed = 0;
        for i in 0..TRIES {
            let mut draw = Prng::new(SEARCH, i);
            for input in &self.inputs {
                let at = draw.below(input.samples.len().max(1) as u64) as usize;
                let is_vol = matches!(input.of, FeatureSpec::EwmaVol { .. });
                let value = if is_vol { sigma } else { input.samples.get(at).copied().unwrap_or(0.0) };
                bank.set(input.slot, value, now);
            }
            let view = CoinView {
                coin: CoinId(0),
                now,
                close: Observation::Missing(MissingReason::NeverSeen),
                funding: Observation::Missing(MissingReason::NeverSeen),
                interval: TsDiff::HOUR,
                bank,
                cross: None,
            };
            match self.ask(&view, None) {
                Ok(Some(Asked { proposal: Proposal::Enter(_), .. })) => return true,
                Err(_) => failed += 1,
                _ => {}
            }
            if failed >= FAILED_MAX {
                break;
            }
        }
        false
    }

    /// Its inputs; when all are there and the component gives no answer, what is missing is the answer, under the fault's
    /// name. The position is not known here: a fault that needs one is not seen.
    fn inputs(&self, view: &CoinView<'_>) -> Vec<Input> {
        let mut out: Vec<Input> =
            self.inputs.iter().map(|i| Input { name: i.name.into(), seen: i.seen(view) }).collect();
        if let Err(fault) = self.ask(view, None) {
            out.push(Input { name: fault.name().into(), seen: Fresh::Missing(MissingReason::Undefined) });
        }
        out
    }
}

fn record<const N: usize>(fields: [(&str, Val); N]) -> Val {
    Val::Record(fields.map(|(name, v)| (name.to_owned(), v)).into())
}
