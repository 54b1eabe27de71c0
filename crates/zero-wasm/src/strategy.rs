//! A component as a strategy.

use crate::component::Component;
use crate::description::SizedBy;
use crate::explain::{self, Stated};
use crate::fault::Fault;
use crate::reader::Reader;
use crate::seen::{Declared, record};
use wasmtime::component::Val;
use zero_core::obs::Fresh;
use zero_core::prng::Prng;
use zero_core::{CoinId, MissingReason, Observation, Truth, Ts, TsDiff};
use zero_market::Side;
use zero_strategy::lang::program::{At, Inputs as _};
use zero_strategy::{
    Abstention, CoinView, Condition, Entry, ExitWhy, FeatureBank, FeaturePlan, Holding, Input, Proposal,
    Reach, Sizing, Strategy, StrategySpec, Unanswered, Unexplained,
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
        let inputs = component.description().inputs.iter().map(|f| Declared::on(plan, f)).collect();
        Self { spec: component.identity(), component, inputs, trades: None }
    }

    /// Asks the component. `None` where an input or the position's return is missing: then it is not asked, for an input
    /// that is not known has no value to stand for it.
    ///
    /// # Errors
    /// [`Fault`] where it gives no answer, or one that no strategy may give.
    pub fn ask(&self, view: &CoinView<'_>, holding: Option<&Holding>) -> Result<Option<Asked>, Fault> {
        let Some(shown) = self.shown(view, holding) else { return Ok(None) };
        let answer = self.component.propose(shown)?;
        Ok(Some(Asked { proposal: self.read(&answer.val)?, fuel: answer.fuel }))
    }

    /// What its entries wait for, in the words of the component and true of what it does: a side is entered exactly where
    /// all of its conditions hold.
    ///
    /// # Errors
    /// [`Unexplained`].
    pub fn explain(&self, view: &CoinView<'_>) -> Result<Vec<Stated>, Unexplained> {
        if !self.component.explains() {
            return Err(explain::NOT_EXPORTED);
        }
        let unknown = || explain::untrue("an input is missing or stale: the component is not asked".into());
        let shown = self.shown(view, None).ok_or_else(unknown)?;
        let answer = self.component.explain(shown).ok_or(explain::NOT_EXPORTED)?;
        let faulty = |f: Fault| explain::untrue(format!("`explain` gave no answer: {f}"));
        let all = explain::read(&answer.map_err(faulty)?.val).map_err(faulty)?;
        let silent = |f: Fault| explain::untrue(format!("`propose` gave no answer: {f}"));
        let asked = self.ask(view, None).map_err(silent)?.ok_or_else(unknown)?;
        explain::agrees(&all, asked.proposal)?;
        Ok(all)
    }

    /// The view as the component gets it; `None` where an input or the position's return is missing.
    fn shown(&self, view: &CoinView<'_>, holding: Option<&Holding>) -> Option<Val> {
        let values: Vec<Val> =
            self.inputs.iter().map(|i| i.seen(view).live().map(Val::Float64)).collect::<Option<_>>()?;
        let at = At { view, holding };
        let position = match holding {
            None => None,
            Some(h) => Some(Box::new(record([
                ("side", Val::Enum(if h.szi.signum() < 0 { "short" } else { "long" }.into())),
                ("hours-held", Val::Float64(at.hours_held()?)),
                ("unrealised", Val::Float64(at.unrealised()?)),
            ]))),
        };
        Some(record([
            ("now", Val::S64(view.now.as_ns())),
            ("interval", Val::S64(view.interval.as_ns())),
            ("inputs", Val::List(values)),
            ("position", Val::Option(position)),
        ]))
    }

    fn is_traded(&self, coin: CoinId) -> bool {
        self.trades.as_ref().is_none_or(|t| t.get(coin.index()).copied().unwrap_or(false))
    }

    fn read(&self, answer: &Val) -> Result<Proposal, Fault> {
        match Reader(answer).case().ok_or(Fault::Unreadable)? {
            ("nothing", _) => Ok(Proposal::Nothing),
            ("abstain", why) => Ok(Proposal::Withheld(why.abstention().ok_or(Fault::Unreadable)?)),
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
        let traded = self.is_traded(view.coin);
        if holding.is_none() && !traded {
            return Proposal::Nothing;
        }
        match self.ask(view, holding) {
            Ok(Some(Asked { proposal: Proposal::Enter(_), .. })) if !traded => {
                Proposal::Exit(ExitWhy::Signal)
            }
            Ok(Some(a)) => a.proposal,
            Ok(None) => Proposal::Withheld(Abstention::of_host(Unanswered::Input)),
            Err(fault) => {
                self.component.faults.count(fault);
                Proposal::Withheld(Abstention::of_host(fault.why()))
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
                input.sample(&mut draw, Some(sigma), now, bank);
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
    /// name, and when it says that it abstains, its reason. The position is not known here: a fault that needs one is not seen.
    fn inputs(&self, view: &CoinView<'_>) -> Vec<Input> {
        let mut out: Vec<Input> =
            self.inputs.iter().map(|i| Input { name: i.name.into(), seen: i.seen(view) }).collect();
        let silent = match self.ask(view, None) {
            Err(fault) => Some(fault.why()),
            Ok(Some(Asked { proposal: Proposal::Withheld(a), .. })) => Some(a.why),
            Ok(_) => None,
        };
        if let Some(why) = silent {
            out.push(Input { name: why.name().into(), seen: Fresh::Missing(MissingReason::Undefined) });
        }
        out
    }

    fn reach(&self, view: &CoinView<'_>) -> Vec<Reach> {
        let all = self.explain(view).unwrap_or_default();
        let sides = [Side::Buy, Side::Sell].into_iter().filter(|_| self.is_traded(view.coin));
        sides.filter_map(|side| explain::reach(&all, side)).collect()
    }

    fn conditions(&self, view: &CoinView<'_>) -> Vec<Condition> {
        let all = self.explain(view).unwrap_or_default();
        let mut out: Vec<Condition> = all.iter().map(Stated::condition).collect();
        if !self.is_traded(view.coin) {
            let not_traded = |side| Condition {
                side,
                text: "the component trades the coin".into(),
                truth: Truth::False,
                missing: Vec::new(),
                turn: None,
                unit: None,
            };
            out.extend([Side::Buy, Side::Sell].map(not_traded));
        }
        out
    }

    fn explains(&self, view: &CoinView<'_>) -> Result<(), Unexplained> {
        self.explain(view).map(|_| ())
    }
}
