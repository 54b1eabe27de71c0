//! What every command works with: the operator's partition, the configuration, the clock, the keys.

use crate::cli::Cli;
use crate::failure::Failure;
use crate::program;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zero_config::{FileText, Home, KeyRing, Layer, OperatorId, Partition, Purpose, Resolved, Sources};
use zero_core::{Digest32, Ts};
use zero_journal::{NoteKey, NoteSigner, Options};
use zero_runtime::clock::{Clock, SystemClock};

/// The machine's configuration file.
const SYSTEM_CONFIG: &str = "/etc/zero/config.toml";

/// Everything around a command.
pub(crate) struct Context {
    pub home: Home,
    pub operator: OperatorId,
    pub partition: Partition,
    pub clock: Arc<dyn Clock>,
    set: Vec<String>,
}

impl Context {
    pub(crate) fn of(cli: &Cli) -> Result<Self, Failure> {
        let home = match &cli.home {
            Some(dir) => Home::at(std::path::absolute(dir).map_err(|e| Failure::io("resolve", dir, &e))?),
            None => Home::resolve(environment)?,
        };
        let operator = OperatorId::new(&cli.operator)?;
        let partition = home.partition(&operator);
        Ok(Self { home, operator, partition, clock: Arc::new(SystemClock), set: cli.set.clone() })
    }

    /// The configuration of all layers. Fees have no default: `extra` states them where a command may.
    pub(crate) fn config(&self, extra: &[&str]) -> Result<Resolved, Failure> {
        Ok(zero_config::load(&self.sources(extra)?)?)
    }

    /// The configuration with these keys set last of all: a variant of a sweep.
    pub(crate) fn variant(&self, values: &BTreeMap<String, String>) -> Result<Resolved, Failure> {
        Ok(zero_config::load(&self.sources(&[])?.swept(values.clone()))?)
    }

    /// Every layer, lowest first.
    pub(crate) fn sources(&self, extra: &[&str]) -> Result<Sources, Failure> {
        let mut sources = Sources::new();
        if let Some(file) = FileText::read(Layer::System, Path::new(SYSTEM_CONFIG))? {
            sources = sources.file(Layer::System, file);
        }
        if let Some(file) = self.partition.read_config()? {
            sources = sources.file(Layer::Operator, file);
        }
        let set = extra.iter().map(|s| (*s).to_owned()).chain(self.set.iter().cloned());
        Ok(sources.env(std::env::vars()).set(set))
    }

    /// Makes the partition when it is not there; says what it made.
    pub(crate) fn ensure_partition(&self) -> Result<bool, Failure> {
        let options = zero_config::home::InitOptions { keys: true, now: self.clock.now() };
        Ok(zero_config::home::init(&self.home, &self.operator, options)?.changed())
    }

    /// Options of a journal of this operator.
    pub(crate) fn journal_options(&self, name: &str, what: &str) -> Result<Options, Failure> {
        let ring = KeyRing::open(&self.partition)?;
        let key = ring.signing_key(Purpose::Journal)?;
        let origin = self.origin(name);
        let second = self.partition.dir().join("checkpoints").join(name);
        let holder = format!("zero {what}, started {}", self.clock.now());
        let mut options =
            Options::new(origin.clone(), second, holder, Box::new(key) as Box<dyn NoteSigner + Send>);
        options.former_keys = ring
            .list()
            .iter()
            .filter(|k| k.purpose == Purpose::Journal)
            .map(|k| NoteKey { name: origin.clone(), public: k.public.0 })
            .collect();
        Ok(options)
    }

    /// Identity of a journal in its checkpoints.
    pub(crate) fn origin(&self, name: &str) -> String {
        format!("zero.local/{}/{name}", self.operator)
    }

    /// Digest of this program's own file: the code of an epoch.
    pub(crate) fn code(&self) -> Result<Digest32, Failure> {
        program::digest(&self.partition)
    }

    /// The same for a question: taken from what the last writer noted, where that is this very file.
    pub(crate) fn known_code(&self) -> Result<Digest32, Failure> {
        program::known_digest(&self.partition)
    }

    /// A directory name from the present time, sortable.
    pub(crate) fn stamp(&self) -> String {
        stamp(self.clock.now())
    }

    /// Directory of the run's journal.
    pub(crate) fn run_journal(&self) -> PathBuf {
        self.partition.journal().join("run")
    }

    /// Directory of the registry of trials.
    pub(crate) fn trials(&self) -> PathBuf {
        self.partition.journal().join("trials")
    }
}

fn stamp(now: Ts) -> String {
    let text = now.to_string();
    text.chars().filter(|c| c.is_ascii_digit()).take(17).collect()
}

fn environment(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}
