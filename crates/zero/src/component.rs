//! Components as the program sees them, with and without the feature that runs them.

use crate::failure::Failure;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use zero_lang::{Case, read_cases};
use zero_strategy::Hosted;
use zero_strategy::lang::catalog::Feature;

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
        about: d.about,
        hash: component.digest().to_string(),
        inputs: d.inputs,
        horizon_hours: d.horizon_hours,
        fuel: FUEL,
        fields,
        hosted: Hosted::new(std::sync::Arc::new(component)),
    })
}

/// Refuses: there is nothing that could run it.
#[cfg(not(feature = "wasm"))]
pub(crate) fn load(path: &Path) -> Result<Loaded, Failure> {
    let cause = format!("{} is a component, and this program was built without components", path.display());
    Err(Failure::new("ZERO-STR-025", cause, "build it with `--features wasm`"))
}
