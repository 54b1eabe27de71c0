//! What source text may not contain.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Longest source file, in lines.
pub const LINES_MAX: usize = 600;

/// Calls that give other bits on other machines, or an order that is not fixed. Banned on the `no_std` floors.
pub const BANNED: &[(&str, &str)] = &[
    (".powi(", "its bits differ between machines: multiply, or use libm::pow"),
    (".powf(", "use libm::pow"),
    (".ln()", "use libm::log"),
    (".exp()", "use libm::exp"),
    (".sqrt()", "use libm::sqrt"),
    ("HashMap", "its order is not fixed: use BTreeMap or a dense table"),
    ("HashSet", "its order is not fixed: use BTreeSet"),
    ("std::", "this floor has no standard library"),
    ("thread_rng", "randomness is a function of (seed, stream, counter)"),
];

/// Names that hold money, prices or sizes: never typed f64.
const MONEY: &[&str] = &[
    "px", "sz", "szi", "price", "size", "notional", "cash", "equity", "fee", "fees", "funding", "realised",
    "amount",
];

/// All `.rs` files below a directory, sorted.
///
/// # Errors
/// The disk's.
pub fn rust_files(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    let mut todo = vec![dir.to_owned()];
    while let Some(dir) = todo.pop() {
        for entry in fs::read_dir(&dir)? {
            let path = entry?.path();
            if path.is_dir() {
                todo.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                out.push(path);
            }
        }
    }
    out.sort();
    Ok(out)
}

/// The part of a file that ships: everything before its test module, comments removed.
fn shipped(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let end = text.find("#[cfg(test)]").unwrap_or(text.len());
    text.get(..end)
        .unwrap_or(text)
        .lines()
        .enumerate()
        .map(|(i, line)| (i + 1, line.split("//").next().unwrap_or("")))
}

/// Banned calls in shipped code of a `no_std` floor: `file:line: what (why)`.
#[must_use]
pub fn banned(file: &str, text: &str) -> Vec<String> {
    let mut out = Vec::new();
    for (n, line) in shipped(text) {
        for (what, why) in BANNED {
            if line.contains(what) {
                out.push(format!("{file}:{n}: {what} ({why})"));
            }
        }
    }
    out
}

/// Struct fields that hold money as f64.
#[must_use]
pub fn f64_money(file: &str, text: &str) -> Vec<String> {
    let mut out = Vec::new();
    for (n, line) in shipped(text) {
        let Some((name, ty)) = line.trim().trim_start_matches("pub ").split_once(':') else { continue };
        if MONEY.contains(&name.trim()) && ty.trim().trim_end_matches(',') == "f64" {
            out.push(format!("{file}:{n}: {} is money and an f64", name.trim()));
        }
    }
    out
}

/// Files longer than one concept should need.
#[must_use]
pub fn too_long(file: &str, text: &str) -> Option<String> {
    let lines = text.lines().count();
    (lines > LINES_MAX).then(|| format!("{file}: {lines} lines, at most {LINES_MAX}"))
}

/// Names of tests in a page (`backticked_like_this`) that no source text defines as a function.
#[must_use]
pub fn untested_claims(page: &str, sources: &[String]) -> Vec<String> {
    let is_test = |name: &str| {
        name.contains('_') && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    let defined = |name: &str| {
        let head = format!("fn {name}(");
        sources.iter().any(|text| text.contains(&head))
    };
    let inside_ticks = page.split('`').skip(1).step_by(2);
    inside_ticks.filter(|name| is_test(name) && !defined(name)).map(str::to_owned).collect()
}
