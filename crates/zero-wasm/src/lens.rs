//! A component as a lens.

use crate::component::identity;
use crate::description::LensDescription;
use crate::fault::{Fault, Faults, LoadError};
use crate::limits::Meter;
use crate::prepared::{Answer, Prepared, call, one_line};
use crate::reader::Reader;
use crate::seen::{Declared, record};
use crate::world;
use std::fmt;
use std::sync::Arc;
use wasmtime::component::{ComponentExportIndex, InstancePre, Val};
use zero_core::obs::Fresh;
use zero_core::prng::Prng;
use zero_core::{CoinId, Digest32, MissingReason, Observation, Ts, TsDiff};
use zero_market::Side;
use zero_strategy::lens::{Opinion, Provenance};
use zero_strategy::{Abstention, CoinView, FeatureBank, FeaturePlan, HostLens, Lens, LensOut, StrategySpec};

/// States in which a lens must answer, or say that it does not, before it is taken.
const TRIALS: u64 = 256;
/// Key of the trial: the states are the same in every run.
const TRIAL: u64 = 0x4c45_4e53;
/// When the trial takes place.
const TRIAL_TIME: Ts = Ts::from_ns(1_700_000_000_000_000_000);

/// A component that is a lens, and what it says of itself. Clones share it.
#[derive(Clone)]
pub struct LensComponent(Arc<Inner>);

struct Inner {
    ready: InstancePre<Meter>,
    evaluate: ComponentExportIndex,
    description: LensDescription,
    digest: Digest32,
    bytes: usize,
    faults: Faults,
}

impl LensComponent {
    /// Compiles, checks, asks it what it is, and tries it: a lens that gives no answer within its limits, or one that no lens may
    /// give, in any of the states of the trial is refused.
    ///
    /// # Errors
    /// [`LoadError`].
    pub fn load(bytes: &[u8]) -> Result<Self, LoadError> {
        let Prepared { ready, component } = Prepared::of(bytes, world::LENS)?;
        let (describe, evaluate) = (component.export("describe")?, component.export("evaluate")?);
        let answer = call(&ready, &describe, &[]).map_err(LoadError::Mute)?;
        let description =
            LensDescription::of(&answer.val).map_err(|e| LoadError::Description(one_line(&e)))?;
        let faults = Faults::default();
        let (digest, bytes) = (Digest32::of(bytes), bytes.len());
        let lens = Self(Arc::new(Inner { ready, evaluate, description, digest, bytes, faults }));
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

    /// What it says of itself.
    #[must_use]
    pub fn description(&self) -> &LensDescription {
        &self.0.description
    }

    /// SHA-256 of its bytes.
    #[must_use]
    pub fn digest(&self) -> Digest32 {
        self.0.digest
    }

    /// Its size in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.0.bytes
    }

    /// Calls that ended in each fault since it was loaded, in the order of [`Fault::ALL`].
    #[must_use]
    pub fn faults(&self) -> [(Fault, u64); Fault::ALL.len()] {
        self.0.faults.all()
    }

    /// Identity: name and version as it says, its bytes and its limits.
    #[must_use]
    pub fn spec(&self) -> StrategySpec {
        let d = self.description();
        StrategySpec { name: d.name.clone(), version: d.version, params: identity(self.digest()) }
    }
}

impl HostLens for LensComponent {
    fn spec(&self) -> StrategySpec {
        Self::spec(self)
    }

    fn build(&self, plan: &mut FeaturePlan) -> Box<dyn Lens> {
        Box::new(ComponentLens::new(self.clone(), plan))
    }

    fn faults(&self) -> Vec<(&'static str, u64)> {
        self.0.faults.named()
    }
}

impl fmt::Debug for LensComponent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.description().name;
        f.debug_struct("LensComponent")
            .field("name", name)
            .field("digest", &self.digest())
            .finish_non_exhaustive()
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
        let inner = &self.component.0;
        let Answer { val, fuel } = call(&inner.ready, &inner.evaluate, &[shown])?;
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
                self.component.0.faults.count(fault);
                LensOut::Withheld(Abstention::of_host(fault.why()))
            }
        }
    }
}
