//! The world that a component must be of: types of its exports as text, and what it imports.

use wasmtime::Engine;
use wasmtime::component::types::{Component, ComponentFunc, ComponentItem, Type};

/// Deepest type that is written out.
const DEPTH: usize = 8;

/// The exports of a kind of component, by name and type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct World {
    /// Those that it must have.
    pub(crate) needs: &'static [(&'static str, &'static str)],
    /// Those that it may have.
    pub(crate) may: &'static [(&'static str, &'static str)],
}

/// Strategies, with and without an explanation.
pub(crate) const STRATEGY: World =
    World { needs: &[("describe", DESCRIBE), ("propose", PROPOSE)], may: &[("explain", EXPLAIN)] };

/// Lenses.
pub(crate) const LENS: World =
    World { needs: &[("describe", DESCRIBE_LENS), ("evaluate", EVALUATE)], may: &[] };

const DESCRIBE: &str = "func() -> record{name: string, version: u16, about: string, inputs: list<string>, \
    horizon-hours: u32, cooldown-hours: u32, sizing: variant{risk, share(u32)}, coins: list<string>}";

const PROPOSE: &str = "func(record{now: s64, interval: s64, inputs: list<f64>, position: option<record{\
    side: enum{long, short}, hours-held: f64, unrealised: f64}>}) -> variant{nothing, \
    abstain(record{why: enum{undefined, out-of-domain, not-ready, undecided, other}, code: u16}), enter(record{side: enum{long, short}, score: f64, stop: option<f64>, target: option<f64>}), \
    exit(enum{signal, kill})}";

const EXPLAIN: &str = "func(record{now: s64, interval: s64, inputs: list<f64>, position: option<record{\
    side: enum{long, short}, hours-held: f64, unrealised: f64}>}) -> list<record{name: string, \
    side: enum{long, short}, value: f64, threshold: f64, above: bool, \
    unit: enum{number, fraction, sigmas, hours, bars, usd}}>";

const DESCRIBE_LENS: &str = "func() -> record{name: string, version: u16, about: string, inputs: list<string>, \
    max-age-seconds: u32}";

const EVALUATE: &str = "func(record{interval: s64, inputs: list<f64>}) -> variant{\
    abstain(record{why: enum{undefined, out-of-domain, not-ready, undecided, other}, code: u16}), \
    estimate(record{mean: f64, stderr: f64})}";

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
pub(crate) fn first_mismatch(engine: &Engine, ty: &Component, world: World) -> Option<String> {
    let found = |name: &str| match ty.get_export(engine, name).map(|e| e.ty) {
        Some(ComponentItem::ComponentFunc(f)) => Some(func(&f)),
        Some(_) => Some("no function".to_owned()),
        None => None,
    };
    let differs = |(name, wanted): &(&str, &str)| {
        found(name).filter(|f| f != wanted).map(|f| where_they_differ(name, &f, wanted))
    };
    let missing = |(name, wanted): &(&str, &str)| match found(name) {
        None => Some(format!("it does not export {name}")),
        Some(_) => differs(&(*name, *wanted)),
    };
    world.needs.iter().find_map(missing).or_else(|| world.may.iter().find_map(differs))
}

/// What is found and what is wanted, from the field or case on at which they part.
fn where_they_differ(name: &str, found: &str, wanted: &str) -> String {
    let same = found.bytes().zip(wanted.bytes()).take_while(|(a, b)| a == b).count();
    let from = found.get(..same).and_then(|s| s.rfind([',', '{', '('])).map_or(0, |at| at + 1);
    let part = |s: &str| s.get(from..).unwrap_or(s).trim_start().chars().take(80).collect::<String>();
    format!("{name} has `{}` where `{}` belongs", part(found), part(wanted))
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
