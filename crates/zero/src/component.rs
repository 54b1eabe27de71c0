//! Components as the program sees them, with and without the feature that runs them.

#[cfg(feature = "wasm")]
use crate::commands::strategy::folder;
use crate::context::Context;
use crate::failure::Failure;
#[cfg(not(feature = "wasm"))]
use std::borrow::Cow;
#[cfg(feature = "wasm")]
use std::collections::BTreeSet;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
#[cfg(feature = "wasm")]
use zero_config::StrategyConfig;
use zero_lang::{Case, read_cases};
#[cfg(feature = "wasm")]
use zero_runtime::hosts;
use zero_runtime::hosts::Hosts;
use zero_runtime::record::Manifest;
#[cfg(not(feature = "wasm"))]
use zero_strategy::Unexplained;
use zero_strategy::lang::catalog::Feature;
use zero_strategy::{Hosted, HostedLens};

/// A component that was loaded and checked.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) hosted: Hosted,
    pub(crate) name: String,
    pub(crate) version: u16,
    pub(crate) about: String,
    /// SHA-256 of its bytes.
    pub(crate) hash: String,
    pub(crate) inputs: Vec<Feature>,
    pub(crate) horizon_hours: u32,
    /// Fuel of one decision, at most.
    pub(crate) fuel: u64,
    /// What else it says of itself, and its limits.
    pub(crate) fields: Vec<(&'static str, String)>,
}

/// Does a name mean a component?
pub(crate) fn is_component(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|e| e == "wasm")
}

/// The fixture of a component, beside it: `trend.wasm` has `trend.test.toml`. Empty where there is none.
pub(crate) fn cases(path: &Path) -> Result<Vec<Case>, Failure> {
    let path = path.with_extension("test.toml");
    if !path.exists() {
        return Ok(Vec::new());
    }
    read_cases(&bytes(&path, zero_lang::FILE_MAX)?)
        .map_err(|e| Failure::new(e.code, format!("{}:{e}", path.display()), e.hint.clone()))
}

/// The file that a book or a command names: in the operator's folder where a bare name is there, else as a path.
pub(crate) fn place(folder: &Path, name: &str) -> PathBuf {
    let own = folder.join(name);
    let bare = Path::new(name).components().count() == 1;
    if bare && own.exists() { own } else { PathBuf::from(name) }
}

/// At most one byte more than allowed: a file of any size costs no more than that.
fn bytes(path: &Path, most: usize) -> Result<Vec<u8>, Failure> {
    crate::private::regular(path)?;
    let file = fs::File::open(path).map_err(|e| Failure::io("read", path, &e))?;
    let mut out = Vec::new();
    file.take(most as u64 + 1).read_to_end(&mut out).map_err(|e| Failure::io("read", path, &e))?;
    Ok(out)
}

/// Loads and checks.
#[cfg(feature = "wasm")]
pub(crate) fn load(path: &Path) -> Result<Loaded, Failure> {
    use zero_wasm::{COMPONENT_MAX, Component, FUEL, MEMORY_MAX, STACK_MAX, SizedBy};

    let component = Component::load(&bytes(path, COMPONENT_MAX)?)
        .map_err(|e| Failure::new(e.code(), format!("{}: {e}", path.display()), e.hint()))?;
    let d = component.description().clone();
    let sizing = match d.sizing {
        SizedBy::Risk => "risk".to_owned(),
        SizedBy::Share(rate) => format!("share {rate}"),
    };
    let coins = if d.coins.is_empty() { "all".to_owned() } else { d.coins.join(",") };
    let fields = vec![
        ("component.bytes", component.size().to_string()),
        ("cooldown.wait", format!("{}h", d.cooldown_hours)),
        ("limit.fuel", FUEL.to_string()),
        ("limit.memory", MEMORY_MAX.to_string()),
        ("limit.stack", STACK_MAX.to_string()),
        ("sizing.by", sizing),
        ("universe.coins", coins),
    ];
    Ok(Loaded {
        name: d.name,
        version: d.version,
        about: zero_lang::one_line(&d.about),
        hash: component.digest().to_string(),
        inputs: d.inputs,
        horizon_hours: d.horizon_hours,
        fuel: FUEL,
        fields,
        hosted: Hosted::new(std::sync::Arc::new(component)),
    })
}

/// A lens component that was loaded, checked and tried.
#[derive(Debug)]
pub(crate) struct LoadedLens {
    pub(crate) hosted: HostedLens,
    pub(crate) name: String,
    pub(crate) version: u16,
    pub(crate) about: String,
    pub(crate) hash: String,
    pub(crate) inputs: Vec<Feature>,
    pub(crate) fuel: u64,
    pub(crate) fields: Vec<(&'static str, String)>,
}

/// Loads, checks and tries a lens.
#[cfg(feature = "wasm")]
pub(crate) fn load_lens(path: &Path) -> Result<LoadedLens, Failure> {
    use zero_wasm::{COMPONENT_MAX, FUEL, LensComponent, MEMORY_MAX, STACK_MAX};

    let lens = LensComponent::load(&bytes(path, COMPONENT_MAX)?)
        .map_err(|e| Failure::new(e.code(), format!("{}: {e}", path.display()), e.hint()))?;
    let d = lens.description().clone();
    let fields = vec![
        ("component.bytes", lens.size().to_string()),
        ("component.kind", "lens".into()),
        ("inputs.max_age", format!("{}s", d.max_age_seconds)),
        ("limit.fuel", FUEL.to_string()),
        ("limit.memory", MEMORY_MAX.to_string()),
        ("limit.stack", STACK_MAX.to_string()),
    ];
    Ok(LoadedLens {
        name: d.name,
        version: d.version,
        about: zero_lang::one_line(&d.about),
        hash: lens.digest().to_string(),
        inputs: d.inputs,
        fuel: FUEL,
        fields,
        hosted: HostedLens::new(std::sync::Arc::new(lens)),
    })
}

/// Is the file a lens, by what it exports? False where it is no component at all: loading it as a strategy says why.
#[cfg(feature = "wasm")]
pub(crate) fn is_lens(path: &Path) -> bool {
    bytes(path, zero_wasm::COMPONENT_MAX).is_ok_and(|b| zero_wasm::is_lens(&b))
}

/// Nobody looks into it.
#[cfg(not(feature = "wasm"))]
pub(crate) fn is_lens(_path: &Path) -> bool {
    false
}

/// Refuses: there is nothing that could run it.
#[cfg(not(feature = "wasm"))]
pub(crate) fn load_lens(path: &Path) -> Result<LoadedLens, Failure> {
    Err(refused(path))
}

/// Refuses: there is nothing that could run it.
#[cfg(not(feature = "wasm"))]
pub(crate) fn load(path: &Path) -> Result<Loaded, Failure> {
    Err(refused(path))
}

#[cfg(not(feature = "wasm"))]
fn refused(path: &Path) -> Failure {
    let cause = format!("{} is a component, and this program was built without components", path.display());
    Failure::new("ZERO-STR-025", cause, "build it with `--features wasm`")
}

/// Most files that are looked through for a component of a run.
#[cfg(feature = "wasm")]
const LOOKED_AT_MAX: usize = 256;

/// The components of a run that are at hand, by the digests in its manifest: files of the operator's strategies, and those that
/// the configuration names.
#[cfg(feature = "wasm")]
pub(crate) fn hosts(ctx: &Context, m: &Manifest) -> Hosts {
    let specs = || m.strategies.iter().chain(&m.hosted_lenses);
    let mut wanted: BTreeSet<&str> = specs().filter_map(hosts::component).collect();
    let mut out = Hosts::default();
    if wanted.is_empty() {
        return out;
    }
    for path in places(ctx) {
        let Ok(read) = bytes(&path, zero_wasm::COMPONENT_MAX) else { continue };
        // One that does not load any more is not at hand either.
        if wanted.remove(zero_core::Digest32::of(&read).to_string().as_str()) {
            if let Ok(loaded) = load(&path) {
                out.strategies.push(loaded.hosted);
            } else if let Ok(loaded) = load_lens(&path) {
                out.lenses.push(loaded.hosted);
            }
        }
        if wanted.is_empty() {
            break;
        }
    }
    out
}

#[cfg(feature = "wasm")]
fn places(ctx: &Context) -> Vec<PathBuf> {
    let own = folder(ctx);
    let mut paths: Vec<PathBuf> = match fs::read_dir(&own) {
        Ok(found) => found.filter_map(Result::ok).map(|f| f.path()).take(LOOKED_AT_MAX).collect(),
        Err(_) => Vec::new(),
    };
    paths.sort();
    // Without a valid configuration the operator's own folder is still there.
    if let Ok(c) = ctx.config(&[]) {
        let named = c.config.enabled_books().filter_map(|b| match &b.strategy {
            StrategyConfig::Document(d) => Some(place(&own, &d.name)),
            _ => None,
        });
        paths.extend(named);
        paths.extend(c.config.paper.lens_components.iter().map(|name| place(&own, name)));
    }
    paths.retain(|p| p.to_str().is_some_and(is_component));
    paths
}

/// None: there is nothing that could run one.
#[cfg(not(feature = "wasm"))]
pub(crate) fn hosts(_ctx: &Context, _m: &Manifest) -> Hosts {
    let why = Cow::Borrowed("it is a component, and this program was built without components");
    Hosts { absent: Some(Unexplained { code: "ZERO-STR-025", why }), ..Hosts::default() }
}
