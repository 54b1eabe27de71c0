//! A component: loaded and checked once, asked with a fresh instance each time.

use crate::description::Description;
use crate::engine::{HOST, engine};
use crate::fault::{Fault, LoadError};
use crate::limits::{ANSWER_MAX, COMPONENT_MAX, FUEL, MEMORY_MAX, Meter, STACK_MAX, TABLE_MAX};
use crate::strategy::ComponentStrategy;
use crate::world;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use wasmtime::Store;
use wasmtime::component::{ComponentExportIndex, InstancePre, Linker, Val};
use zero_core::Digest32;
use zero_strategy::{FeaturePlan, Host, Strategy, StrategySpec};

/// A component that is one of the world, and what it says of itself. Clones share it.
#[derive(Clone)]
pub struct Component(Arc<Inner>);

struct Inner {
    ready: InstancePre<Meter>,
    propose: ComponentExportIndex,
    description: Description,
    digest: Digest32,
    bytes: usize,
    faults: [AtomicU64; Fault::ALL.len()],
}

/// A call: its answer, and the fuel that it took.
pub(crate) struct Answer {
    pub(crate) val: Val,
    pub(crate) fuel: u64,
}

impl Component {
    /// Compiles, checks and asks it what it is.
    ///
    /// # Errors
    /// [`LoadError`] for anything that is not a component of the world, within the limits.
    pub fn load(bytes: &[u8]) -> Result<Self, LoadError> {
        if bytes.len() > COMPONENT_MAX {
            return Err(LoadError::TooLarge(bytes.len()));
        }
        let engine = engine().map_err(LoadError::NotAComponent)?;
        let no = |e: wasmtime::Error| LoadError::NotAComponent(one_line(&format!("{e:#}")));
        let component = wasmtime::component::Component::from_binary(&engine, bytes).map_err(no)?;
        let ty = component.component_type();
        if let Some(name) = world::first_import(&engine, &ty) {
            return Err(LoadError::Imports(one_line(&name)));
        }
        if let Some(what) = world::first_mismatch(&engine, &ty) {
            return Err(LoadError::OtherWorld(one_line(&what)));
        }
        let export = |name: &str| {
            component
                .get_export_index(None, name)
                .ok_or_else(|| LoadError::OtherWorld(format!("it does not export {name}")))
        };
        let (describe, propose) = (export("describe")?, export("propose")?);
        // Nothing is ever added to this linker: an import that got here would not be found.
        let ready = Linker::<Meter>::new(&engine).instantiate_pre(&component).map_err(no)?;
        let answer = call(&ready, &describe, &[]).map_err(LoadError::Mute)?;
        let description = Description::of(&answer.val).map_err(|e| LoadError::Description(one_line(&e)))?;
        Ok(Self(Arc::new(Inner {
            ready,
            propose,
            description,
            digest: Digest32::of(bytes),
            bytes: bytes.len(),
            faults: Default::default(),
        })))
    }

    /// What it says of itself.
    #[must_use]
    pub fn description(&self) -> &Description {
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

    /// Identity: name and version as it says, its bytes and its limits.
    #[must_use]
    pub fn spec(&self) -> StrategySpec {
        let d = self.description();
        StrategySpec {
            name: d.name.clone(),
            version: d.version,
            params: format!(
                "component={} host={HOST} fuel={FUEL} memory={MEMORY_MAX} table={TABLE_MAX} stack={STACK_MAX}",
                self.digest()
            ),
        }
    }

    /// Calls that ended in each fault since it was loaded, in the order of [`Fault::ALL`]. Shared by its clones and read by
    /// nothing that decides.
    #[must_use]
    pub fn faults(&self) -> [(Fault, u64); Fault::ALL.len()] {
        let mut out = Fault::ALL.map(|f| (f, 0));
        for (slot, n) in out.iter_mut().zip(&self.0.faults) {
            slot.1 = n.load(Ordering::Relaxed);
        }
        out
    }

    pub(crate) fn count(&self, fault: Fault) {
        if let Some(n) = self.0.faults.get(fault as usize) {
            n.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Asks it about a view.
    pub(crate) fn propose(&self, view: Val) -> Result<Answer, Fault> {
        call(&self.0.ready, &self.0.propose, &[view])
    }
}

/// One call in an instance of its own: nothing that the component writes outlives it.
fn call(ready: &InstancePre<Meter>, export: &ComponentExportIndex, params: &[Val]) -> Result<Answer, Fault> {
    let mut store = Store::new(ready.engine(), Meter::default());
    store.limiter(|m| m);
    store.set_hostcall_fuel(ANSWER_MAX);
    let mut results = [Val::Bool(false)];
    let mut run = || {
        store.set_fuel(FUEL)?;
        let instance = ready.instantiate(&mut store)?;
        let func =
            instance.get_func(&mut store, export).ok_or_else(|| wasmtime::Error::msg("no such export"))?;
        func.call(&mut store, params, &mut results)
    };
    let outcome = run();
    match outcome {
        Ok(()) => {
            let fuel = FUEL.saturating_sub(store.get_fuel().unwrap_or(0));
            let [val] = results;
            Ok(Answer { val, fuel })
        }
        Err(e) => Err(Fault::of(&e, store.data().refused())),
    }
}

/// At most 300 characters, without control characters: it may have been written by whoever made the component.
fn one_line(text: &str) -> String {
    text.chars().take(300).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

impl Host for Component {
    fn spec(&self) -> StrategySpec {
        Self::spec(self)
    }

    fn build(&self, plan: &mut FeaturePlan) -> Box<dyn Strategy> {
        Box::new(ComponentStrategy::new(self.clone(), plan))
    }

    fn faults(&self) -> Vec<(&'static str, u64)> {
        Self::faults(self).into_iter().filter(|(_, n)| *n > 0).map(|(f, n)| (f.name(), n)).collect()
    }
}

impl fmt::Debug for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Component")
            .field("name", &self.description().name)
            .field("digest", &self.digest())
            .finish_non_exhaustive()
    }
}

/// Reads a value whose type was checked when the component was loaded.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a>(pub(crate) &'a Val);

impl<'a> Reader<'a> {
    /// Stands for a field that is not there: nothing can be read from it.
    const NOTHING: Val = Val::Option(None);

    pub(crate) fn field(self, name: &str) -> Self {
        match self.0 {
            Val::Record(fields) => {
                Self(fields.iter().find(|(n, _)| n == name).map_or(&Self::NOTHING, |f| &f.1))
            }
            _ => Self(&Self::NOTHING),
        }
    }

    pub(crate) fn text(self) -> Option<String> {
        match self.0 {
            Val::String(s) => Some(s.clone()),
            _ => None,
        }
    }

    pub(crate) fn texts(self) -> Option<Vec<String>> {
        match self.0 {
            Val::List(items) => items.iter().map(|v| Reader(v).text()).collect(),
            _ => None,
        }
    }

    pub(crate) const fn count(self) -> Option<u32> {
        match self.0 {
            Val::U16(n) => Some(*n as u32),
            Val::U32(n) => Some(*n),
            _ => None,
        }
    }

    pub(crate) const fn number(self) -> Option<f64> {
        match self.0 {
            Val::Float64(x) => Some(*x),
            _ => None,
        }
    }

    /// An optional number: `None` where it cannot be read, `Some(None)` where it was left out.
    pub(crate) fn maybe(self) -> Option<Option<f64>> {
        match self.0 {
            Val::Option(None) => Some(None),
            Val::Option(Some(v)) => Reader(v).number().map(Some),
            _ => None,
        }
    }

    pub(crate) fn case(self) -> Option<(&'a str, Self)> {
        match self.0 {
            Val::Variant(name, payload) => Some((name, Self(payload.as_deref().unwrap_or(&Self::NOTHING)))),
            Val::Enum(name) => Some((name, Self(&Self::NOTHING))),
            _ => None,
        }
    }
}
