//! Running the program in a home of its own.

use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// A budget that any disk has room for: how much is free where the tests run is no part of what they say.
pub(crate) const SMALL: [&str; 3] =
    ["--set=journal.disk_budget=64MiB", "--set=journal.segment_size=16MiB", "--set=breakers.disk_min=1MiB"];

/// A home that goes away with the test.
pub(crate) struct Home(pub tempfile::TempDir);

/// How a command ended.
pub(crate) struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// The one packet on standard output.
    pub(crate) fn packet(&self) -> Value {
        assert_eq!(self.out.lines().count(), 1, "one line of JSON: {:?} {:?}", self.out, self.err);
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {}", self.out))
    }

    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code, 0, "out: {}\nerr: {}", self.out, self.err);
        self
    }

    /// Failed with this exit code and this error code.
    #[track_caller]
    pub(crate) fn failed(self, code: i32, error: &str) -> Self {
        assert_eq!(self.code, code, "out: {}\nerr: {}", self.out, self.err);
        assert!(self.err.contains(&format!("error[{error}]")), "{}", self.err);
        assert!(self.err.contains("hint: "), "{}", self.err);
        self
    }
}

impl Home {
    /// Nothing in it yet.
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// After `zero init`.
    pub(crate) fn ready() -> Self {
        let home = Self::new();
        home.run(&["init", "--no-input"]).ok();
        home
    }

    /// After a run of so many events.
    pub(crate) fn with_run(events: u32) -> Self {
        let home = Self::ready();
        home.run(&["run", "--speed", "0", "--events", &events.to_string()]).ok();
        home
    }

    /// Where commands are run.
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// The root of all state.
    pub(crate) fn root(&self) -> PathBuf {
        self.path().join("state")
    }

    pub(crate) fn partition(&self) -> PathBuf {
        self.root().join("operators/default")
    }

    pub(crate) fn run_journal(&self) -> PathBuf {
        self.partition().join("journal/run")
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut c = Command::new(env!("CARGO_BIN_EXE_zero"));
        for (name, _) in std::env::vars_os().filter(|(n, _)| n.to_string_lossy().starts_with("ZERO_")) {
            c.env_remove(name);
        }
        c.env("ZERO_HOME", self.root()).current_dir(self.path()).stdin(Stdio::null()).args(args);
        // The doctor has a hint for this locale: what it prints does not hang on that of the machine.
        c.env("LC_ALL", "C");
        c
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        ran(&self.command(args).output().unwrap())
    }

    /// A loop that runs; returns when its first batch is durable.
    pub(crate) fn spawn_run(&self, args: &[&str]) -> Running {
        let mut all = vec!["run", "--print-acks"];
        all.extend(args);
        let mut child = self.command(&all).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut acks = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        acks.read_line(&mut first).unwrap();
        assert!(first.trim().parse::<u64>().is_ok(), "an acknowledged record: {first:?}");
        // Somebody has to read on, or the loop would block.
        let reader = std::thread::spawn(move || acks.lines().map_while(Result::ok).count());
        Running { child: Some(child), reader: Some(reader) }
    }
}

pub(crate) fn ran(o: &Output) -> Ran {
    Ran {
        code: o.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&o.stdout).into_owned(),
        err: String::from_utf8_lossy(&o.stderr).into_owned(),
    }
}

/// A loop in the background; killed if the test ends before it does.
pub(crate) struct Running {
    child: Option<Child>,
    reader: Option<std::thread::JoinHandle<usize>>,
}

impl Running {
    pub(crate) fn pid(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    /// Ctrl-C, and what came of it.
    pub(crate) fn interrupt(mut self) -> Ran {
        let pid = self.pid().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        let out = self.child.take().unwrap().wait_with_output().unwrap();
        self.reader.take().unwrap().join().unwrap();
        ran(&out)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
