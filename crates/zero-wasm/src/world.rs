//! The world that a component must be of: types of its exports as text, and what it imports.

use wasmtime::Engine;
use wasmtime::component::types::{Component, ComponentFunc, ComponentItem, Type};

/// Deepest type that is written out.
const DEPTH: usize = 8;

/// Name and type of every export.
pub(crate) const EXPORTS: [(&str, &str); 2] = [("describe", DESCRIBE), ("propose", PROPOSE)];

const DESCRIBE: &str = "func() -> record{name: string, version: u16, about: string, inputs: list<string>, \
    horizon-hours: u32, cooldown-hours: u32, sizing: variant{risk, share(u32)}, coins: list<string>}";

const PROPOSE: &str = "func(record{now: s64, interval: s64, inputs: list<f64>, position: option<record{\
    side: enum{long, short}, hours-held: f64, unrealised: f64}>}) -> variant{nothing, abstain, \
    enter(record{side: enum{long, short}, score: f64, stop: option<f64>, target: option<f64>}), \
    exit(enum{signal, kill})}";

/// The first thing that a component imports. Types that are only named are no imports of anything.
pub(crate) fn first_import(engine: &Engine, ty: &Component) -> Option<String> {
    ty.imports(engine).find_map(|(name, item)| match item.ty {
        ComponentItem::Type(_) => None,
        ComponentItem::ComponentInstance(i) => {
            let only_types = i.exports(engine).all(|(_, e)| matches!(e.ty, ComponentItem::Type(_)));
            (!only_types).then(|| name.to_owned())
        }
        _ => Some(name.to_owned()),
    })
}

/// The first export that is missing or has another type, in words.
pub(crate) fn first_mismatch(engine: &Engine, ty: &Component) -> Option<String> {
    EXPORTS.iter().find_map(|(name, wanted)| match ty.get_export(engine, name).map(|e| e.ty) {
        Some(ComponentItem::ComponentFunc(f)) => {
            let found = func(&f);
            (found != *wanted).then(|| format!("{name} is {found}, not {wanted}"))
        }
        _ => Some(format!("it does not export {name}")),
    })
}

fn func(f: &ComponentFunc) -> String {
    if f.async_() {
        return "async".into();
    }
    let list = |types: Vec<Type>| types.iter().map(|t| text(t, DEPTH)).collect::<Vec<_>>().join(", ");
    let params = list(f.params().map(|(_, t)| t).collect());
    let results = list(f.results().collect());
    format!("func({params}) -> {results}")
}

fn text(t: &Type, depth: usize) -> String {
    let Some(depth) = depth.checked_sub(1) else { return "...".into() };
    let case = |name: &str, t: Option<Type>| match t {
        Some(t) => format!("{name}({})", text(&t, depth)),
        None => name.to_owned(),
    };
    match t {
        Type::Bool => "bool".into(),
        Type::U8 => "u8".into(),
        Type::U16 => "u16".into(),
        Type::U32 => "u32".into(),
        Type::U64 => "u64".into(),
        Type::S64 => "s64".into(),
        Type::Float64 => "f64".into(),
        Type::String => "string".into(),
        Type::List(l) => format!("list<{}>", text(&l.ty(), depth)),
        Type::Option(o) => format!("option<{}>", text(&o.ty(), depth)),
        Type::Enum(e) => format!("enum{{{}}}", e.names().collect::<Vec<_>>().join(", ")),
        Type::Record(r) => {
            let fields = r.fields().map(|f| format!("{}: {}", f.name, text(&f.ty, depth)));
            format!("record{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
        Type::Variant(v) => {
            let cases = v.cases().map(|c| case(c.name, c.ty));
            format!("variant{{{}}}", cases.collect::<Vec<_>>().join(", "))
        }
        _ => "another type".into(),
    }
}
