//! A component as a lens.

use crate::description::LensDescription;
use crate::fault::{Fault, LoadError};
use crate::loaded::Loaded;
use crate::prepared::Answer;
use crate::reader::Reader;
use crate::seen::{Declared, record};
use crate::world;
use std::ops::Deref;
use std::sync::Arc;
use wasmtime::component::{ComponentExportIndex, Val};
use zero_core::obs::Fresh;
use zero_core::prng::Prng;
use zero_core::{CoinId, MissingReason, Observation, Ts, TsDiff};
use zero_market::Side;
use zero_strategy::lens::{Opinion, Provenance};
use zero_strategy::{Abstention, CoinView, FeatureBank, FeaturePlan, HostLens, Lens, LensOut, StrategySpec};

/// States in which a lens must answer, or say that it does not, before it is taken.
const TRIALS: u64 = 256;
/// Key of the trial: the states are the same in every run.
const TRIAL: u64 = 0x4c45_4e53;
/// When the trial takes place.
const TRIAL_TIME: Ts = Ts::from_ns(1_700_000_000_000_000_000);

/// A component that is a lens. Clones share it.
#[derive(Clone, Debug)]
pub struct LensComponent(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    loaded: Loaded<LensDescription>,
    evaluate: ComponentExportIndex,
}

impl LensComponent {
    /// Compiles, checks, asks it what it is, and tries it: a lens that gives no answer within its limits, or one that no lens may
    /// give, in any of the states of the trial is refused.
    ///
    /// # Errors
    /// [`LoadError`].
    pub fn load(bytes: &[u8]) -> Result<Self, LoadError> {
        let (loaded, exports) = Loaded::of(bytes, world::LENS, LensDescription::of)?;
        let lens = Self(Arc::new(Inner { loaded, evaluate: exports.export("evaluate")? }));
        lens.tried()?;
        Ok(lens)
    }

    fn tried(&self) -> Result<(), LoadError> {
        let mut plan = FeaturePlan::new();
        let lens = ComponentLens::new(self.clone(), &mut plan);
        let mut bank = FeatureBank::new(&plan);
        for i in 0..TRIALS {
            let mut draw = Prng::new(TRIAL, i);
            lens.inputs.iter().for_each(|input| input.sample(&mut draw, None, TRIAL_TIME, &mut bank));
            let view = CoinView {
                coin: CoinId(0),
                now: TRIAL_TIME,
                close: Observation::Missing(MissingReason::NeverSeen),
                funding: Observation::Missing(MissingReason::NeverSeen),
                interval: TsDiff::HOUR,
                bank: &bank,
                cross: None,
            };
            let _said = lens.ask(&view).map_err(LoadError::Trial)?;
        }
        Ok(())
    }
}

impl Deref for LensComponent {
    type Target = Loaded<LensDescription>;

    fn deref(&self) -> &Self::Target {
        &self.0.loaded
    }
}

impl HostLens for LensComponent {
    fn spec(&self) -> StrategySpec {
        self.identity()
    }

    fn build(&self, plan: &mut FeaturePlan) -> Box<dyn Lens> {
        Box::new(ComponentLens::new(self.clone(), plan))
    }

    fn faults(&self) -> Vec<(&'static str, u64)> {
        self.faults.named()
    }
}

/// A lens component with its inputs declared.
#[derive(Clone, Debug)]
pub struct ComponentLens {
    component: LensComponent,
    inputs: Vec<Declared>,
    max_age: TsDiff,
}

/// What a lens answers about a long, with the fuel that it took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Said {
    /// Mean and standard error, or why not.
    pub says: Result<(f64, f64), Abstention>,
    /// Fuel.
    pub fuel: u64,
}

impl ComponentLens {
    /// Declares its inputs.
    #[must_use]
    pub fn new(component: LensComponent, plan: &mut FeaturePlan) -> Self {
        let d = component.description();
        let inputs = d.inputs.iter().map(|f| Declared::on(plan, f)).collect();
        let max_age = TsDiff::secs(i64::from(d.max_age_seconds));
        Self { component, inputs, max_age }
    }

    /// Asks the component about a long. `Ok(Err(_))` where an input is missing or too old: then it is not asked.
    ///
    /// # Errors
    /// [`Fault`] where it gives no answer, or one that no lens may give.
    pub fn ask(&self, view: &CoinView<'_>) -> Result<Result<Said, MissingReason>, Fault> {
        let mut values = Vec::with_capacity(self.inputs.len());
        for input in &self.inputs {
            match input.not_over(self.max_age, view) {
                Fresh::Live(v) => values.push(Val::Float64(v)),
                Fresh::Stale(..) => return Ok(Err(MissingReason::Gap)),
                Fresh::Missing(why) => return Ok(Err(why)),
            }
        }
        let shown = record([("interval", Val::S64(view.interval.as_ns())), ("inputs", Val::List(values))]);
        let Answer { val, fuel } = self.component.call(&self.component.0.evaluate, &[shown])?;
        Ok(Ok(Said { says: said(&val)?, fuel }))
    }
}

fn said(answer: &Val) -> Result<Result<(f64, f64), Abstention>, Fault> {
    match Reader(answer).case().ok_or(Fault::Unreadable)? {
        ("abstain", why) => {
            let a = why.abstention().ok_or(Fault::Unreadable)?;
            if a.code > Abstention::LENS_CODE_MAX { Err(Fault::OutOfRange) } else { Ok(Err(a)) }
        }
        ("estimate", e) => {
            let number = |field: &str| e.field(field).number().ok_or(Fault::Unreadable);
            let (mean, stderr) = (number("mean")?, number("stderr")?);
            if mean.is_finite() && stderr.is_finite() && stderr > 0.0 {
                Ok(Ok((mean, stderr)))
            } else {
                Err(Fault::OutOfRange)
            }
        }
        _ => Err(Fault::Unreadable),
    }
}

impl Lens for ComponentLens {
    fn name(&self) -> &str {
        &self.component.description().name
    }

    fn version(&self) -> u16 {
        self.component.description().version
    }

    fn evaluate(&self, view: &CoinView<'_>, side: Side) -> LensOut {
        match self.ask(view) {
            // A short is expected the same with the other sign, so one answer serves both. Nothing here was measured.
            Ok(Ok(Said { says: Ok((mean, stderr)), .. })) => LensOut::Opinion(Opinion {
                mean: mean * side.sign() as f64,
                stderr,
                provenance: Provenance::Assumed,
            }),
            Ok(Ok(Said { says: Err(a), .. })) => LensOut::Withheld(a),
            Ok(Err(why)) => LensOut::Abstain(why),
            Err(fault) => {
                self.component.faults.count(fault);
                LensOut::Withheld(Abstention::of_host(fault.why()))
            }
        }
    }
}
