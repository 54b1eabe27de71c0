//! From bytes to something that can be called: compiled, of a world, without imports.

use crate::engine::engine;
use crate::fault::{Fault, LoadError};
use crate::limits::{ANSWER_MAX, COMPONENT_MAX, FUEL, Meter};
use crate::world::{self, World};
use wasmtime::Store;
use wasmtime::component::{ComponentExportIndex, InstancePre, Linker, Val};

/// A call: its answer, and the fuel that it took.
pub(crate) struct Answer {
    pub(crate) val: Val,
    pub(crate) fuel: u64,
}

/// A component that is one of a world and imports nothing.
pub(crate) struct Prepared {
    pub(crate) ready: InstancePre<Meter>,
    pub(crate) component: Exports,
}

/// Finds exports.
pub(crate) struct Exports(wasmtime::component::Component);

impl Exports {
    pub(crate) fn export(&self, name: &str) -> Result<ComponentExportIndex, LoadError> {
        self.get_export_index(None, name)
            .ok_or_else(|| LoadError::OtherWorld(format!("it does not export {name}")))
    }
}

impl std::ops::Deref for Exports {
    type Target = wasmtime::component::Component;
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl Prepared {
    pub(crate) fn of(bytes: &[u8], world: World) -> Result<Self, LoadError> {
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
        if let Some(what) = world::first_mismatch(&engine, &ty, world) {
            return Err(LoadError::OtherWorld(one_line(&what)));
        }
        // Nothing is ever added to this linker: an import that got here would not be found.
        let ready = Linker::<Meter>::new(&engine).instantiate_pre(&component).map_err(no)?;
        Ok(Self { ready, component: Exports(component) })
    }
}

/// One call in an instance of its own: nothing that the component writes outlives it.
pub(crate) fn call(
    ready: &InstancePre<Meter>,
    export: &ComponentExportIndex,
    params: &[Val],
) -> Result<Answer, Fault> {
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
pub(crate) fn one_line(text: &str) -> String {
    text.chars().take(300).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Does a component export a function of this name?
pub(crate) fn exports(bytes: &[u8], name: &str) -> bool {
    if bytes.len() > COMPONENT_MAX {
        return false;
    }
    let component = engine().ok().and_then(|e| wasmtime::component::Component::from_binary(&e, bytes).ok());
    component.is_some_and(|c| c.get_export_index(None, name).is_some())
}
