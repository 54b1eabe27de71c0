//! The machine and the code that a figure comes from.

use serde::Serialize;
use std::fs;
use std::process::Command;

/// What matters about it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Machine {
    /// Model name of the first processor.
    pub cpu: String,
    /// Processors that this process may use.
    pub cores: usize,
    /// Memory in MiB.
    pub memory_mib: Option<u64>,
    /// Kernel name and release.
    pub kernel: String,
    /// Load over the last minute at the time of reading: other work disturbs figures.
    pub load: Option<f64>,
}

impl Machine {
    pub(crate) fn read() -> Self {
        let text = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let field = |all: &str, key: &str| {
            all.lines()
                .find(|l| l.starts_with(key))
                .and_then(|l| l.split_once(':'))
                .map(|(_, v)| v.trim().to_owned())
        };
        let kib =
            field(&text("/proc/meminfo"), "MemTotal").and_then(|m| m.split(' ').next()?.parse::<u64>().ok());
        Self {
            cpu: field(&text("/proc/cpuinfo"), "model name").unwrap_or_else(|| "unknown".into()),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_mib: kib.map(|k| k / 1024),
            kernel: format!("Linux {}", text("/proc/sys/kernel/osrelease").trim()),
            load: text("/proc/loadavg").split(' ').next().and_then(|l| l.parse().ok()),
        }
    }
}

/// The code that was measured, as far as the working directory tells.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Code {
    /// Commit; `unknown` outside a checkout.
    pub revision: String,
    /// No uncommitted change in what is compiled.
    pub clean: bool,
    /// Day of the measurement, UTC.
    pub date: String,
}

impl Code {
    pub(crate) fn read() -> Self {
        let changes = git(&["status", "--porcelain", "--", "crates", "Cargo.toml", "Cargo.lock"]);
        Self {
            revision: git(&["rev-parse", "HEAD"]).unwrap_or_else(|| "unknown".into()),
            clean: changes.is_some_and(|s| s.is_empty()),
            date: today(),
        }
    }
}

fn today() -> String {
    use zero_runtime::clock::Clock as _;
    zero_runtime::clock::SystemClock.now().to_string().chars().take(10).collect()
}

fn git(args: &[&str]) -> Option<String> {
    let out = Command::new("git").args(args).output().ok().filter(|o| o.status.success())?;
    Some(String::from_utf8_lossy(&out.stdout).trim().to_owned())
}

/// In one line.
pub(crate) fn words() -> String {
    let m = Machine::read();
    let memory = m.memory_mib.map_or_else(|| "unknown".to_owned(), |x| x.to_string());
    let load = m.load.map_or_else(|| "unknown".to_owned(), |x| x.to_string());
    let build = if cfg!(debug_assertions) { "debug build: do not quote" } else { "release build" };
    format!("{}, {} cores, {memory} MiB, {}, load {load}, {build}", m.cpu, m.cores, m.kernel)
}
