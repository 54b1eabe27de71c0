//! Answers that are kept for a moment: what was rendered for a question is given again to whoever asks the same in the same
//! role, while the loop has published nothing since and for as long as the table allows, so that no age in it is further off.
//!
//! Nothing is looked up before the guard let the request in. A refusal, an act or a stream is never kept.

use crate::guard::Who;
use axum::body::Bytes;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;
use zero_runtime::publish::Published;

/// Most answers.
const ENTRIES_MAX: usize = 256;
/// Most bytes of answers and questions together.
const BYTES_MAX: usize = 8 << 20;
/// Longest question, bytes of path and query; a longer one is answered anew.
const QUESTION_MAX: usize = 512;

/// Path and query as they were sent, and who asks: an answer may say the role and its scope.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Question {
    text: Box<str>,
    who: Who,
}

/// An answer, when the request came that it was rendered for, and how long it is given again.
#[derive(Clone, Debug)]
struct Entry {
    body: Bytes,
    made: Duration,
    reuse: Duration,
}

/// Answers of one publication.
#[derive(Debug, Default)]
struct Answers {
    /// Alive or not, its place in memory is no other's while this is held.
    of: Weak<Published>,
    entries: HashMap<Question, Entry>,
    bytes: usize,
}

impl Answers {
    fn clear(&mut self) {
        self.entries.clear();
        self.bytes = 0;
    }

    fn is_of(&self, p: &Arc<Published>) -> bool {
        std::ptr::eq(self.of.as_ptr(), Arc::as_ptr(p))
    }
}

/// The answers that are kept. Whoever asks renders nothing under the lock, so nobody waits for it.
#[derive(Debug, Default)]
pub(crate) struct Kept(Mutex<Answers>);

impl Kept {
    /// What was answered to the same question from the same publication, and may be given again at `now`.
    pub(crate) fn find(&self, p: &Arc<Published>, text: &str, who: Who, now: Duration) -> Option<Bytes> {
        if text.len() > QUESTION_MAX {
            return None;
        }
        let answers = self.0.lock().ok().filter(|a| a.is_of(p))?;
        let entry = answers.entries.get(&Question { text: text.into(), who })?;
        let age = now.checked_sub(entry.made)?;
        (age < entry.reuse).then(|| entry.body.clone())
    }

    /// Keeps an answer to a request that came at `made`, to be given again for less than `reuse`. Where there is no room, what is
    /// there gives way.
    pub(crate) fn put(
        &self,
        p: &Arc<Published>,
        text: &str,
        who: Who,
        (made, reuse): (Duration, Duration),
        body: &Bytes,
    ) {
        let size = text.len() + body.len();
        if text.len() > QUESTION_MAX || size > BYTES_MAX {
            return;
        }
        let Ok(mut answers) = self.0.lock() else { return };
        if !answers.is_of(p) {
            answers.clear();
            answers.of = Arc::downgrade(p);
        }
        let question = Question { text: text.into(), who };
        if let Some(old) = answers.entries.remove(&question) {
            answers.bytes -= text.len() + old.body.len();
        }
        if answers.entries.len() >= ENTRIES_MAX || answers.bytes + size > BYTES_MAX {
            answers.clear();
        }
        answers.bytes += size;
        answers.entries.insert(question, Entry { body: body.clone(), made, reuse });
    }

    /// Answers and bytes that are kept.
    #[cfg(test)]
    fn size(&self) -> (usize, usize) {
        let answers = self.0.lock().unwrap();
        let bytes = answers.entries.iter().map(|(q, e)| q.text.len() + e.body.len()).sum();
        assert_eq!(answers.bytes, bytes, "what is counted is what is there");
        (answers.entries.len(), bytes)
    }
}

#[cfg(test)]
mod tests;
