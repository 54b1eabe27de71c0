//! The fold: one call per recorded act.

use crate::assess::{Label, assess};
use crate::gate::{Hold, Ruling};
use crate::hours::{self, HourCount};
use crate::moment;
use crate::request::{Direction, direction};
use crate::vector::{Vector, limits};
use crate::verdicts::{Answer, Known};
use alloc::string::String;
use alloc::vec::Vec;
use zero_core::{Ts, TsDiff, canon_struct};
use zero_market::event::{OperatorAction, OperatorEvent};

/// Decisions of the last 24 hours that are kept.
const DECISIONS_MAX: usize = 2_048;
/// Re-entries of the last 24 hours that are kept.
const RE_ENTRIES_MAX: usize = 512;
/// Reactions that are kept: ten for the present, the rest for the baseline.
const REACTIONS_MAX: usize = 60;
/// Longest break that can be declared.
const BREAK_MAX_MIN: i64 = 24 * 60;
/// A declared break without a readable length.
const BREAK_MIN: i64 = 15;
/// Longest id of a session.
const NAME_MAX: usize = 64;

canon_struct! {
    /// An increase that was asked for after a realised loss.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct ReEntry {
        /// When.
        pub at: Ts,
        /// How long after the latest loss.
        pub after: TsDiff,
    }
}

canon_struct! {
    /// What the recorded events say about a person. [`Ts::ZERO`] stands for "not yet".
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Conduct {
        /// Latest time on the operator's clock.
        pub now: Ts,
        /// Acts of a person so far.
        pub version: u64,
        /// Latest sign of life.
        pub last_act: Ts,
        /// Begin of the stretch of activity that no long silence has ended.
        pub active_from: Ts,
        /// Breaks within it.
        pub breaks: TsDiff,
        /// End of the latest break, or the begin of activity.
        pub focus_from: Ts,
        /// Longest time without a break within the activity, up to the latest break.
        pub longest_focus: TsDiff,
        /// Begin of a declared break or rest that no sign of life has ended.
        pub break_from: Ts,
        /// Until when a declared break keeps increases away.
        pub break_until: Ts,
        /// End of the latest rest; never assumed.
        pub rest_ended: Ts,
        /// Times of decisions in the last 24 hours.
        pub decisions: Vec<Ts>,
        /// Decisions by hour, a week back.
        pub hours: Vec<HourCount>,
        /// The engine's latest verdicts.
        pub verdicts: Vec<Known>,
        /// What a person said about verdicts, the latest fifty.
        pub answers: Vec<Answer>,
        /// Losses realised so far.
        pub losses: u64,
        /// Of these, shown.
        pub losses_seen: u64,
        /// When the latest became visible.
        pub last_loss: Ts,
        /// No increase has been asked for since.
        pub loss_open: bool,
        /// Times from a loss to the first increase after it, where that was within two hours.
        pub reactions: Vec<TsDiff>,
        /// Shortest of them within the present activity.
        pub fastest: Option<TsDiff>,
        /// Increases within two hours of a loss, in the last 24 hours.
        pub re_entries: Vec<ReEntry>,
        /// Latest event at which the label was `tilt`, since the last rest.
        pub tilt_at: Ts,
        /// Increases that wait.
        pub holds: Vec<Hold>,
        /// The latest ruling of the gate.
        pub ruling: Option<Ruling>,
        /// Rulings so far.
        pub rulings: u64,
        /// Id of the open session; empty where none is open.
        pub session: String,
        /// Begin of the session that is open, or was open last.
        pub session_from: Ts,
        /// At its end, positions that a stop covers are left; otherwise all are closed.
        pub session_hands_over: bool,
    }
}

impl Default for Conduct {
    fn default() -> Self {
        Self::new()
    }
}

impl Conduct {
    /// Before the first act.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            now: Ts::ZERO,
            version: 0,
            last_act: Ts::ZERO,
            active_from: Ts::ZERO,
            breaks: TsDiff::ZERO,
            focus_from: Ts::ZERO,
            longest_focus: TsDiff::ZERO,
            break_from: Ts::ZERO,
            break_until: Ts::ZERO,
            rest_ended: Ts::ZERO,
            decisions: Vec::new(),
            hours: Vec::new(),
            verdicts: Vec::new(),
            answers: Vec::new(),
            losses: 0,
            losses_seen: 0,
            last_loss: Ts::ZERO,
            loss_open: false,
            reactions: Vec::new(),
            fastest: None,
            re_entries: Vec::new(),
            tilt_at: Ts::ZERO,
            holds: Vec::new(),
            ruling: None,
            rulings: 0,
            session: String::new(),
            session_from: Ts::ZERO,
            session_hands_over: false,
        }
    }

    /// Moves the operator's clock to an act's [`moment`]; it never goes back, and an act without one leaves it.
    pub fn clock(&mut self, act: &OperatorEvent, event_time: Ts) -> Ts {
        self.now = self.now.max(moment(act, event_time).unwrap_or(self.now));
        self.now
    }

    /// Realised losses became visible at `t`. Without one that was not shown before, nothing did.
    pub fn loss_seen(&mut self, t: Ts) {
        if self.losses > self.losses_seen {
            self.losses_seen = self.losses;
            self.last_loss = t;
            self.loss_open = true;
        }
    }

    /// Were losses realised that nobody could see yet?
    #[must_use]
    pub const fn has_unseen_loss(&self) -> bool {
        self.losses > self.losses_seen
    }

    /// A person's act at `t`: that they are there, and what it says. An act that asks for an increase counts as a decision
    /// when it is put before the gate, not here.
    pub fn act(&mut self, act: &OperatorEvent, t: Ts) {
        let t = self.now.max(t);
        self.now = t;
        self.version += 1;
        self.be_there(t);
        match act.action {
            OperatorAction::Break => self.leave(t, minutes(&act.subject)),
            OperatorAction::Rest => self.leave(t, TsDiff::ZERO),
            OperatorAction::Override => self.answer(&act.subject, true),
            OperatorAction::Follow => self.answer(&act.subject, false),
            OperatorAction::Confirm => self.typed(&act.subject, t),
            OperatorAction::SessionStart => {
                let mut words = act.subject.split_whitespace();
                self.session = words.next().unwrap_or("").chars().take(NAME_MAX).collect();
                // Only the word that says so leaves positions where they are.
                self.session_hands_over = words.next() == Some("protected");
                self.session_from = t;
            }
            OperatorAction::Command => match direction(act) {
                Direction::Increases => self.decide(t, true),
                Direction::Reduces => self.decide(t, false),
                Direction::Neutral => {}
            },
            OperatorAction::PauseEntries
            | OperatorAction::Flatten
            | OperatorAction::Close
            | OperatorAction::Kill
            | OperatorAction::Reduce
            | OperatorAction::AutoOff => self.decide(t, false),
            _ => {}
        }
        self.settle(t);
    }

    /// Remembers that the label was `tilt`.
    pub(crate) fn settle(&mut self, t: Ts) {
        if assess(&self.vector(t)).label == Label::Tilt {
            self.tilt_at = t;
        }
    }

    /// Counts a decision; an increase may be a reaction to a loss.
    pub(crate) fn decide(&mut self, t: Ts, increases: bool) {
        self.decisions.push(t);
        let old = self.decisions.iter().take_while(|d| **d <= t.minus(TsDiff::DAY)).count();
        let surplus = self.decisions.len().saturating_sub(DECISIONS_MAX);
        self.decisions.drain(..old.max(surplus));
        hours::count(&mut self.hours, t);
        if !increases || self.last_loss == Ts::ZERO {
            return;
        }
        let after = t.since(self.last_loss);
        if after > limits::RE_ENTRY_LONG {
            return;
        }
        self.re_entries.push(ReEntry { at: t, after });
        let old = self.re_entries.iter().take_while(|r| r.at <= t.minus(TsDiff::DAY)).count();
        let surplus = self.re_entries.len().saturating_sub(RE_ENTRIES_MAX);
        self.re_entries.drain(..old.max(surplus));
        if self.loss_open {
            self.loss_open = false;
            push_bounded(&mut self.reactions, after, REACTIONS_MAX);
            self.fastest = Some(self.fastest.map_or(after, |f| f.min(after)));
        }
    }

    /// A sign of life at `t` ends the silence before it, whatever that was: nothing, a break, the end of a stretch of
    /// activity, a rest.
    fn be_there(&mut self, t: Ts) {
        let left = self.break_from != Ts::ZERO;
        let silence = t.since(if left { self.break_from } else { self.last_act });
        if self.last_act == Ts::ZERO {
            self.begin(t);
        } else if silence >= limits::REST {
            self.rest_ended = t;
            self.tilt_at = Ts::ZERO;
            self.begin(t);
        } else if silence >= limits::ACTIVITY_ENDS {
            self.begin(t);
        } else if silence >= if left { limits::BREAK_DECLARED } else { limits::BREAK_SILENT } {
            let from = t.minus(silence);
            self.longest_focus = self.longest_focus.max(from.since(self.focus_from));
            self.breaks = TsDiff::ns(self.breaks.as_ns().saturating_add(silence.as_ns()));
            self.focus_from = t;
        }
        self.break_from = Ts::ZERO;
        self.last_act = t;
    }

    fn begin(&mut self, t: Ts) {
        self.active_from = t;
        self.focus_from = t;
        self.breaks = TsDiff::ZERO;
        self.longest_focus = TsDiff::ZERO;
        self.fastest = None;
    }

    fn leave(&mut self, t: Ts, length: TsDiff) {
        self.break_from = t;
        self.break_until = self.break_until.max(t.plus(length));
    }

    /// The vector at `t`, which may be later than the latest event.
    #[must_use]
    pub fn vector(&self, t: Ts) -> Vector {
        Vector::of(self, self.now.max(t))
    }
}

pub(crate) fn push_bounded<T>(list: &mut Vec<T>, item: T, max: usize) {
    list.push(item);
    if list.len() > max {
        list.remove(0);
    }
}

/// Minutes of a declared break, at most a day.
fn minutes(subject: &str) -> TsDiff {
    let n = subject.trim().parse::<i64>().unwrap_or(BREAK_MIN);
    TsDiff::secs(60).times(n.clamp(1, BREAK_MAX_MIN))
}
