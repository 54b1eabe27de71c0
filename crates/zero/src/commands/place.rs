//! Where a journal is, whose it is, and which keys count for it.

use crate::commands::run::journal_name;
use crate::context::Context;
use crate::failure::Failure;
use std::path::{Component, Path, PathBuf};
use zero_config::{KeyRing, Purpose};
use zero_journal::{JournalError, NoteKey, Options, Reader, RealDisk};
use zero_runtime::project::{Holder, holder};

/// A journal that exists.
pub(crate) struct Place {
    /// Its directory, absolute.
    pub dir: PathBuf,
    /// Identity in its checkpoints.
    pub origin: String,
    /// Directory of the second checkpoint; `None` for a journal of somebody else.
    pub second: Option<PathBuf>,
    /// Keys whose signatures count.
    pub keys: Vec<NoteKey>,
    name: String,
}

/// The directory that a command names, or the operator's run.
pub(crate) fn directory(ctx: &Context, dir: Option<&Path>) -> Result<PathBuf, Failure> {
    match dir {
        Some(d) => std::path::absolute(d).map_err(|e| Failure::io("resolve", d, &e)),
        None => Ok(ctx.run_journal()),
    }
}

impl Place {
    /// The operator's own journal in `dir`.
    pub(crate) fn own(ctx: &Context, dir: Option<&Path>) -> Result<Self, Failure> {
        let dir = directory(ctx, dir)?;
        let found = origin_in(&dir)?;
        let name = match known_name(ctx, &dir) {
            Some(name) => name,
            // A journal that was put somewhere else keeps its identity.
            None => match found.as_deref().map(|o| o.strip_prefix(&ctx.origin(""))) {
                Some(Some(name)) => name.to_owned(),
                Some(None) => {
                    let cause =
                        format!("the journal in {} is {}", dir.display(), found.as_deref().unwrap_or("?"));
                    return Err(Failure::new("ZERO-CLI-015", cause, "name its verifier key with --vkey"));
                }
                None => journal_name(ctx, &dir),
            },
        };
        let origin = ctx.origin(&name);
        if let Some(found) = found.filter(|f| *f != origin) {
            return Err(JournalError::Origin { found, wanted: origin }.into());
        }
        let ring = KeyRing::open(&ctx.partition)?;
        let journal_keys = ring.list().into_iter().filter(|k| k.purpose == Purpose::Journal);
        let keys = journal_keys.map(|k| NoteKey { name: origin.clone(), public: k.public.0 }).collect();
        let second = Some(second_place(ctx, &name));
        Ok(Self { dir, origin, second, keys, name })
    }

    /// Somebody's journal, with the verifier key that they gave.
    pub(crate) fn foreign(ctx: &Context, dir: Option<&Path>, vkey: &str) -> Result<Self, Failure> {
        let dir = directory(ctx, dir)?;
        let key = NoteKey::parse_vkey(vkey)
            .map_err(|e| Failure::new(e.code(), format!("the verifier key: {e}"), e.hint()))?;
        let origin = key.name.clone();
        if let Some(found) = origin_in(&dir)?.filter(|f| *f != origin) {
            return Err(JournalError::Origin { found, wanted: origin }.into());
        }
        Ok(Self { dir, origin, second: None, keys: vec![key], name: String::new() })
    }

    /// How its writer opens it.
    pub(crate) fn options(&self, ctx: &Context, what: &str) -> Result<Options, Failure> {
        let mut options = ctx.journal_options(&self.name, what)?;
        if let Some(second) = &self.second {
            options.second_place.clone_from(second);
        }
        if let Ok(resolved) = ctx.config(FEES) {
            options.segment_bytes = resolved.config.journal.segment_size;
            options.checkpoint_every = u64::from(resolved.config.journal.checkpoint_every);
        }
        Ok(options)
    }

    /// The verifier key of the newest signer.
    pub(crate) fn vkey(&self) -> String {
        self.keys.last().map(NoteKey::to_vkey).unwrap_or_default()
    }

    /// Who writes it now.
    pub(crate) fn holder(&self) -> Option<Holder> {
        holder(&self.dir)
    }
}

/// Reading a journal needs no fees; a configuration that lacks only those is good enough here.
pub(crate) const FEES: &[&str] = &["fees.taker=0", "fees.maker=0"];

/// The origin that the journal's first segment names.
fn origin_in(dir: &Path) -> Result<Option<String>, Failure> {
    let mut records = Reader::open(RealDisk, dir)?.records(0)?;
    for _ in 0..2 {
        // Damage is for the verification to report, with its place.
        if records.next().is_err() || records.origin().is_some() {
            break;
        }
    }
    Ok(records.origin().map(str::to_owned))
}

/// The name of a journal that lies where this program puts it.
fn known_name(ctx: &Context, dir: &Path) -> Option<String> {
    if dir == ctx.run_journal() {
        return Some("run".into());
    }
    if dir == ctx.trials() {
        return Some("trials".into());
    }
    let inside = dir.strip_prefix(ctx.partition.dir().join("demo")).ok()?;
    match inside.components().collect::<Vec<_>>().as_slice() {
        [Component::Normal(stamp), Component::Normal(last)] if *last == "journal" => {
            Some(format!("demo-{}", stamp.to_string_lossy()))
        }
        _ => None,
    }
}

fn second_place(ctx: &Context, name: &str) -> PathBuf {
    let is_run = name == "run" || name.starts_with("run-");
    let configured = ctx.config(FEES).ok().filter(|_| is_run).and_then(|r| r.config.journal.second_place);
    configured.map_or_else(|| ctx.partition.dir().join("checkpoints").join(name), PathBuf::from)
}
