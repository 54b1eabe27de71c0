//! The operator's inbox: one small file per act, taken in the order of their names by whoever owns the journal, and
//! removed only when the act is durable. A file that is gone is an act that is recorded.

use crate::approval::{ApprovalError, Presented, Signed};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use zero_core::Ts;
use zero_kernel::breakers;
use zero_market::OwnOrder;
use zero_market::event::{OperatorAction, OperatorEvent, close_of};

/// Most acts taken at a time.
const TAKE_MAX: usize = 64;
/// Longest file.
const BYTES_MAX: u64 = 8_192;
/// Ending of the file that says why an act was refused; whoever left the act takes it away.
const REFUSED: &str = "refused";
/// Most of those that wait; beyond them an act is refused without a word.
const REFUSED_MAX: usize = 1_024;

/// An act as a file holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// Name of an [`OperatorAction`].
    pub action: String,
    /// On what; empty when the action says it all.
    pub subject: String,
    /// Who.
    pub operator: String,
    /// Why.
    pub reason: String,
    /// The approval as text, where there is one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub approval: String,
}

impl Act {
    /// As an event, if it is one that a person may cause.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn event(&self) -> Result<OperatorEvent, String> {
        let action = OperatorAction::from_name(&self.action)
            .ok_or_else(|| format!("there is no operator action named {:?}", self.action))?;
        if action == OperatorAction::ClearLatch && breakers::find(&self.subject).is_none() {
            return Err(format!("there is no breaker named {:?}", self.subject));
        }
        if action == OperatorAction::Close && close_of(&self.subject).is_none() {
            return Err(format!("{:?} names no coin", self.subject));
        }
        if action == OperatorAction::LossSeen {
            return Err("only the program itself says that".into());
        }
        let is_order = matches!(action, OperatorAction::Execute | OperatorAction::Reduce);
        if is_order && OwnOrder::parse(&self.subject).is_none() {
            return Err(format!("{:?} is no order", self.subject));
        }
        if self.operator.trim().is_empty() || self.reason.trim().is_empty() {
            return Err("an act needs a name and a reason".into());
        }
        if !zero_kernel::operator::is_person(&self.operator) {
            return Err(format!("{:?} is a name that the program keeps to itself", self.operator));
        }
        Ok(OperatorEvent {
            action,
            subject: self.subject.clone(),
            operator: self.operator.clone(),
            reason: self.reason.clone(),
            at: Ts::ZERO,
        })
    }

    /// The approval that came with it.
    ///
    /// # Errors
    /// [`ApprovalError::Unreadable`].
    pub fn presented(&self) -> Result<Option<Presented>, ApprovalError> {
        if self.approval.is_empty() {
            return Ok(None);
        }
        Signed::parse(&self.approval).map(|s| Some(Presented::with_act(s)))
    }
}

/// The inbox of one run.
#[derive(Clone, Debug)]
pub struct Inbox {
    dir: PathBuf,
}

/// An act taken from the inbox.
#[derive(Clone, Debug)]
pub struct Taken {
    path: PathBuf,
    /// The event, or why it is none.
    pub act: Result<OperatorEvent, String>,
    /// The approval that came with it.
    pub approval: Result<Option<Presented>, ApprovalError>,
}

impl Inbox {
    /// In this directory, which is made when it is not there.
    ///
    /// # Errors
    /// The disk's.
    pub fn open(dir: &Path) -> io::Result<Self> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
        Ok(Self { dir: dir.to_owned() })
    }

    /// Forgets refusals that nobody came for: for the loop, when it starts.
    ///
    /// # Errors
    /// The disk's.
    pub fn tidy(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.dir)? {
            let path = entry?.path();
            if path.extension().is_some_and(|e| e == REFUSED) {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    /// The act was refused: its place says why, as a code and a cause, until [`refusal_of`] is asked.
    ///
    /// # Errors
    /// The disk's.
    pub fn refuse(&self, taken: &Taken, code: &str, cause: &str) -> io::Result<()> {
        let is_refusal = |e: &fs::DirEntry| e.path().extension().is_some_and(|e| e == REFUSED);
        if fs::read_dir(&self.dir)?.filter_map(Result::ok).filter(is_refusal).count() >= REFUSED_MAX {
            return Ok(());
        }
        let mut options = fs::OpenOptions::new();
        let mut file = options
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(taken.path.with_extension(REFUSED))?;
        file.write_all(format!("{code} {cause}").as_bytes())
    }

    /// Leaves an act; its file.
    ///
    /// # Errors
    /// The disk's.
    pub fn put(&self, act: &Act, now: Ts) -> io::Result<PathBuf> {
        let name = format!("{:020}-{}", now.as_ns(), std::process::id());
        let part = self.dir.join(format!(".{name}"));
        let whole = self.dir.join(format!("{name}.json"));
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part)?;
        file.write_all(&serde_json::to_vec(act)?)?;
        file.sync_all()?;
        fs::rename(&part, &whole)?;
        fs::File::open(&self.dir)?.sync_all()?;
        Ok(whole)
    }

    /// The acts that are there, oldest first. They stay until [`Inbox::done`].
    ///
    /// # Errors
    /// The disk's.
    pub fn take(&self) -> io::Result<Vec<Taken>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.dir)? {
            let path = entry?.path();
            if path.extension().is_some_and(|e| e == "json") {
                names.push(path);
            }
        }
        names.sort();
        names.truncate(TAKE_MAX);
        let taken = |path: PathBuf| match read(&path) {
            Ok(written) => Taken { act: written.event(), approval: written.presented(), path },
            Err(why) => Taken { act: Err(why), approval: Ok(None), path },
        };
        Ok(names.into_iter().map(taken).collect())
    }

    /// The act is durable, or refused: its file goes.
    ///
    /// # Errors
    /// The disk's.
    pub fn done(&self, taken: &Taken) -> io::Result<()> {
        match fs::remove_file(&taken.path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }
}

/// Why the act that was left in this file was refused: a code and a cause. Asking takes it away.
#[must_use]
pub fn refusal_of(file: &Path) -> Option<(String, String)> {
    let path = file.with_extension(REFUSED);
    let text = fs::read_to_string(&path).ok()?;
    // It is told once; one that cannot be removed goes with the next start of the loop.
    let _ = fs::remove_file(&path);
    text.split_once(' ').map(|(code, cause)| (code.to_owned(), cause.to_owned()))
}

fn read(path: &Path) -> Result<Act, String> {
    let len = fs::metadata(path).map_err(|e| e.to_string())?.len();
    if len > BYTES_MAX {
        return Err(format!("an act of {len} bytes is longer than {BYTES_MAX}"));
    }
    let bytes = fs::read(path).map_err(|e| e.to_string())?;
    serde_json::from_slice(&bytes).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn act(action: &str, subject: &str) -> Act {
        Act {
            action: action.into(),
            subject: subject.into(),
            operator: "ana".into(),
            reason: "test".into(),
            approval: String::new(),
        }
    }

    #[test]
    fn an_act_stays_until_it_is_done_and_junk_is_refused_not_lost_silently() {
        let dir = tempfile::tempdir().unwrap();
        let inbox = Inbox::open(&dir.path().join("inbox")).unwrap();
        inbox.put(&act("pause_entries", ""), Ts::from_ns(1)).unwrap();
        inbox.put(&act("clear_latch", "nonsense"), Ts::from_ns(2)).unwrap();
        let first = inbox.take().unwrap();
        assert_eq!(first.len(), 2);
        assert_eq!(first[0].act.as_ref().unwrap().action, OperatorAction::PauseEntries);
        assert!(first[1].act.as_ref().unwrap_err().contains("nonsense"));
        assert_eq!(inbox.take().unwrap().len(), 2, "taking removes nothing");
        inbox.done(&first[0]).unwrap();
        inbox.done(&first[0]).unwrap();
        assert_eq!(inbox.take().unwrap().len(), 1);
    }
}
