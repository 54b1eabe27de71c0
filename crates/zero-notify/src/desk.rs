//! What is said now, what waits for a digest, and what is said again until it is acknowledged. Pure: time comes in.

use crate::notice::{Notice, Urgency};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use zero_core::{Ts, TsDiff};

/// Most keys that are open at a time; further ones are counted together.
const OPEN_MAX: usize = 256;
/// Keys that a digest names.
const DIGEST_MAX: usize = 20;

/// Hours in which only what protects is said, in minutes of the UTC day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quiet {
    /// First minute.
    pub from: u32,
    /// First minute after it; less than `from` where it spans midnight.
    pub to: u32,
}

impl Quiet {
    /// Of a text such as `22:00-07:00`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let minute = |t: &str| {
            let (h, m) = t.trim().split_once(':')?;
            let (h, m): (u32, u32) = (h.parse().ok()?, m.parse().ok()?);
            (h < 24 && m < 60).then_some(h * 60 + m)
        };
        let (from, to) = text.split_once('-')?;
        Some(Self { from: minute(from)?, to: minute(to)? })
    }

    fn holds(self, t: Ts) -> bool {
        let minute = (t.as_ns().rem_euclid(TsDiff::DAY.as_ns()) / 60_000_000_000) as u32;
        if self.from <= self.to {
            (self.from..self.to).contains(&minute)
        } else {
            minute >= self.from || minute < self.to
        }
    }
}

/// How much is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Hours of silence, where there are any.
    pub quiet: Option<Quiet>,
    /// Less urgent notices go into digests alone.
    pub least: Urgency,
    /// Alerts per hour; what is beyond goes into the digest. What protects is not counted.
    pub alerts_per_hour: u32,
    /// At most one digest in this time.
    pub digest_every: TsDiff,
    /// A critical alert is said again when it was not acknowledged for this long.
    pub escalate_after: TsDiff,
    /// How often at most.
    pub escalations_max: u32,
}

/// An alert that nobody acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    /// How much it matters.
    pub urgency: Urgency,
    /// Latest words.
    pub text: String,
    /// First occurrence, nanoseconds since the epoch.
    pub first: i64,
    /// Occurrences.
    pub count: u64,
    /// Occurrences that were told.
    pub told: u64,
    /// An alert was delivered for it.
    pub alerted: bool,
    /// When it is said again, if nobody acknowledges it.
    pub again: Option<i64>,
    /// How often it was.
    pub escalations: u32,
}

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// It happened for the first time since the last acknowledgement.
    Alert,
    /// It ended by itself.
    Ended,
    /// It was not acknowledged within its deadline.
    Escalation,
    /// What happened since the last digest and was not said.
    Digest,
    /// Nothing happened: somebody tries the sinks.
    Test,
}

/// What a sink delivers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// What it is.
    pub what: What,
    /// Key to acknowledge; empty for a digest.
    pub key: String,
    /// How much it matters.
    pub urgency: Urgency,
    /// In words.
    pub text: String,
    /// Occurrences that it stands for.
    pub count: u64,
    /// Wall time, RFC 3339.
    pub at: String,
}

/// The desk.
#[derive(Clone, Debug)]
pub struct Desk {
    policy: Policy,
    open: BTreeMap<String, Open>,
    /// Times of the alerts of the last hour.
    alerts: Vec<Ts>,
    last_digest: Option<Ts>,
    /// Occurrences under keys beyond those that are kept.
    beyond: u64,
}

impl Desk {
    /// With alerts that an earlier process left open.
    #[must_use]
    pub const fn new(policy: Policy, open: BTreeMap<String, Open>) -> Self {
        Self { policy, open, alerts: Vec::new(), last_digest: None, beyond: 0 }
    }

    /// Alerts that nobody acknowledged, by key.
    #[must_use]
    pub const fn open(&self) -> &BTreeMap<String, Open> {
        &self.open
    }

    /// A notice at `now`; what is to be said at once.
    pub fn take(&mut self, notice: &Notice, now: Ts) -> Option<Message> {
        let key = notice.key();
        if notice.ends {
            let was = self.open.remove(&key)?;
            return was.alerted.then(|| message(What::Ended, &key, &notice.text, (Urgency::Info, 1), now));
        }
        if !self.open.contains_key(&key) && self.open.len() >= OPEN_MAX && !self.make_room(notice) {
            self.beyond += 1;
            return None;
        }
        let says = !self.open.get(&key).is_some_and(|o| o.alerted) && self.may_say(notice, now);
        let again = now.plus(self.policy.escalate_after).as_ns();
        let open = self.open.entry(key.clone()).or_insert_with(|| Open {
            urgency: notice.urgency,
            text: String::new(),
            first: now.as_ns(),
            count: 0,
            told: 0,
            alerted: false,
            again: (notice.urgency == Urgency::Critical).then_some(again),
            escalations: 0,
        });
        open.count += 1;
        open.urgency = open.urgency.max(notice.urgency);
        open.text.clone_from(&notice.text);
        if !says {
            return None;
        }
        open.alerted = true;
        open.told = open.count;
        Some(message(What::Alert, &key, &notice.text, (notice.urgency, open.count), now))
    }

    /// What is due at `now`: a digest, escalations.
    pub fn tick(&mut self, now: Ts) -> Vec<Message> {
        let mut out = Vec::new();
        for (key, open) in &mut self.open {
            let due = open.again.is_some_and(|t| t <= now.as_ns());
            if due && open.escalations < self.policy.escalations_max {
                open.escalations += 1;
                open.alerted = true;
                open.told = open.count;
                open.again = Some(now.plus(self.policy.escalate_after).as_ns());
                let text = format!(
                    "not acknowledged ({} of {}): {}",
                    open.escalations, self.policy.escalations_max, open.text
                );
                out.push(message(What::Escalation, key, &text, (open.urgency, open.count), now));
            }
        }
        let first = *self.last_digest.get_or_insert(now);
        let quiet = self.policy.quiet.is_some_and(|q| q.holds(now));
        if now.since(first) >= self.policy.digest_every && !quiet {
            self.last_digest = Some(now);
            out.extend(self.digest(now));
        }
        out
    }

    /// Somebody has seen it: a key, or `*` for everything. It may be said anew when it happens again.
    pub fn acknowledge(&mut self, key: &str) {
        if key == "*" {
            self.open.clear();
        } else {
            self.open.remove(key);
        }
    }

    fn may_say(&mut self, notice: &Notice, now: Ts) -> bool {
        if notice.protects {
            return true;
        }
        if notice.urgency < self.policy.least || self.policy.quiet.is_some_and(|q| q.holds(now)) {
            return false;
        }
        self.alerts.retain(|t| *t > now.minus(TsDiff::HOUR));
        let room = self.alerts.len() < self.policy.alerts_per_hour as usize;
        if room {
            self.alerts.push(now);
        }
        room
    }

    /// Something less urgent gives way to what protects.
    fn make_room(&mut self, notice: &Notice) -> bool {
        let least =
            self.open.iter().min_by_key(|(_, o)| (o.urgency, o.first)).map(|(k, o)| (k.clone(), o.urgency));
        match least {
            Some((key, urgency)) if notice.protects && urgency < Urgency::Critical => {
                if let Some(gone) = self.open.remove(&key) {
                    self.beyond += gone.count - gone.told;
                }
                true
            }
            _ => false,
        }
    }

    fn digest(&mut self, now: Ts) -> Option<Message> {
        let mut lines = Vec::new();
        let (mut count, mut urgency, mut keys) = (self.beyond, Urgency::Info, 0usize);
        for (key, open) in &mut self.open {
            let news = open.count - open.told;
            if news == 0 {
                continue;
            }
            open.told = open.count;
            keys += 1;
            count += news;
            urgency = urgency.max(open.urgency);
            if lines.len() < DIGEST_MAX {
                lines.push(format!("{key} {news} times, last: {}", open.text));
            }
        }
        if count == 0 {
            return None;
        }
        if keys > lines.len() || self.beyond > 0 {
            lines.push(format!("and {} more under other keys", keys - lines.len() + self.beyond as usize));
        }
        self.beyond = 0;
        // What only ever goes into digests has been said with this one.
        self.open.retain(|_, o| o.alerted || o.urgency == Urgency::Critical || o.count > o.told);
        Some(message(What::Digest, "", &lines.join("\n"), (urgency, count), now))
    }
}

fn message(what: What, key: &str, text: &str, (urgency, count): (Urgency, u64), now: Ts) -> Message {
    Message { what, key: key.into(), urgency, text: text.into(), count, at: now.to_string() }
}
