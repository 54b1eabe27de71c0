//! What a level puts before an increase. Reductions have no way in: see [`Increase`].

use crate::assess::{Assessment, Cause, Label, Level, assess};
use crate::conduct::Conduct;
use crate::request::{Control, Increase};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use zero_core::{Digest32, Hasher, Ts, TsDiff, canon_struct, canon_tag};
use zero_market::event::{OperatorAction, OperatorEvent};

/// Most increases that wait at a time; the oldest gives way.
pub const HOLDS_MAX: usize = 16;
/// How long after its pause a held increase may still be asked for again.
const WINDOW: TsDiff = TsDiff::secs(900);

/// What a level asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Friction {
    /// Between the first request and the one that is admitted.
    pub pause: TsDiff,
    /// The phrase of the held request must have been typed.
    pub phrase: bool,
    /// Nothing is admitted.
    pub refuses: bool,
    /// How long after the pause the request may be repeated.
    pub window: TsDiff,
}

/// What a level asks for.
#[must_use]
pub const fn friction(level: Level) -> Friction {
    let (pause, phrase, refuses) = match level {
        Level::L0 => (0, false, false),
        Level::L1 => (10, false, false),
        Level::L2 => (60, true, false),
        Level::L3 => (300, true, false),
        Level::L4 => (0, false, true),
    };
    Friction { pause: TsDiff::secs(pause), phrase, refuses, window: WINDOW }
}

canon_struct! {
    /// An increase that waits.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Hold {
        /// Which request.
        pub request: Digest32,
        /// When it was first made.
        pub since: Ts,
        /// What has to be typed where a phrase is asked for. New for every hold.
        pub phrase: String,
        /// It was typed.
        pub typed: bool,
    }
}

impl Hold {
    fn awaits(&self, phrase: &str, t: Ts) -> bool {
        self.phrase == phrase.trim() && t <= self.since.plus(friction(Level::L3).pause).plus(WINDOW)
    }
}

canon_tag! {
    /// What became of a request.
    pub enum Verdict {
        /// It takes effect.
        0 "admitted" Admitted,
        /// It was made for the first time: its pause begins.
        1 "held" Held,
        /// Its pause is not over.
        2 "too_early" TooEarly,
        /// Its phrase was not typed.
        3 "phrase_missing" PhraseMissing,
        /// The level refuses increases.
        4 "refused" Refused,
        /// A declared break goes on.
        5 "on_break" OnBreak,
    }
}

canon_struct! {
    /// A ruling of the gate, as it is journalled.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Ruling {
        /// On the operator's clock.
        pub time: Ts,
        /// Which control.
        pub control: Control,
        /// On what.
        pub subject: String,
        /// What became of it.
        pub verdict: Verdict,
        /// The label then.
        pub label: Label,
        /// The level then.
        pub level: Level,
        /// What the label rested on.
        pub causes: Vec<Cause>,
        /// From when on the request may be made again; the time itself where it is admitted.
        pub not_before: Ts,
        /// Until when; a later one begins a new pause.
        pub until: Ts,
        /// What has to be typed before; empty where nothing has.
        pub phrase: String,
    }
}

impl Ruling {
    /// Does the request take effect?
    #[must_use]
    pub const fn admits(&self) -> bool {
        matches!(self.verdict, Verdict::Admitted)
    }

    /// Was there anything to overcome? What met no friction is recorded by its event alone.
    #[must_use]
    pub const fn is_noted(&self) -> bool {
        !self.admits() || !matches!(self.level, Level::L0)
    }
}

impl Conduct {
    /// Judges an increase at `t`, and remembers what it waits for. The first request of its kind counts as a decision of the
    /// person who makes it; repeating it does not.
    pub fn request(&mut self, increase: &Increase, t: Ts, is_person: bool) -> Ruling {
        let t = self.now.max(t);
        self.now = t;
        let request = increase.digest();
        self.holds.retain(|h| t <= h.since.plus(friction(Level::L3).pause).plus(WINDOW));
        let held = self.holds.iter().position(|h| h.request == request);
        if held.is_none() && is_person {
            self.decide(t, true);
        }
        let vector = self.vector(t);
        let Assessment { label, level, causes, .. } = assess(&vector);
        let ask = friction(level);
        let mut ruling = Ruling {
            time: t,
            control: increase.control(),
            subject: increase.subject().into(),
            verdict: Verdict::Admitted,
            label,
            level,
            causes,
            not_before: t,
            until: t,
            phrase: String::new(),
        };
        if t < self.break_until {
            (ruling.verdict, ruling.not_before) = (Verdict::OnBreak, self.break_until);
        } else if ask.refuses {
            ruling.verdict = Verdict::Refused;
        } else if ask.pause > TsDiff::ZERO {
            self.rule(&mut ruling, (held, request), ask, increase);
        }
        if ruling.admits() {
            self.holds.retain(|h| h.request != request);
        }
        self.settle(t);
        self.ruling = Some(ruling.clone());
        self.rulings += 1;
        ruling
    }

    /// What an increase would meet that a person asks for at `t` and that does not wait yet: this gate's own ruling, on a copy.
    /// That it is asked for is a sign of life and a decision, and what was lost is shown before it is taken.
    #[must_use]
    pub fn next_request(&self, t: Ts) -> Ruling {
        let t = self.now.max(t);
        let mut copy = self.clone();
        copy.loss_seen(t);
        let ask = Increase::new(Control::Execute, "");
        let act = OperatorEvent {
            action: OperatorAction::Execute,
            subject: ask.subject().into(),
            operator: String::new(),
            reason: String::new(),
            at: t,
        };
        copy.act(&act, t);
        copy.request(&ask, t, true)
    }

    fn rule(
        &mut self,
        ruling: &mut Ruling,
        (held, request): (Option<usize>, Digest32),
        ask: Friction,
        increase: &Increase,
    ) {
        let t = ruling.time;
        let over = |h: &Hold| h.since.plus(ask.pause).plus(ask.window);
        // One whose window has passed is a new request.
        let live = held.and_then(|i| self.holds.get(i)).filter(|h| t <= over(h)).cloned();
        let hold = match live {
            Some(hold) => {
                ruling.verdict = if t < hold.since.plus(ask.pause) {
                    Verdict::TooEarly
                } else if ask.phrase && !hold.typed {
                    Verdict::PhraseMissing
                } else {
                    Verdict::Admitted
                };
                hold
            }
            None => {
                ruling.verdict = Verdict::Held;
                self.holds.retain(|h| h.request != request);
                if self.holds.len() >= HOLDS_MAX {
                    self.holds.remove(0);
                }
                let hold = Hold { request, since: t, phrase: phrase(increase, t), typed: false };
                self.holds.push(hold.clone());
                hold
            }
        };
        ruling.not_before = hold.since.plus(ask.pause);
        ruling.until = over(&hold);
        if ask.phrase && !hold.typed {
            ruling.phrase = hold.phrase;
        }
    }

    /// A phrase was typed. One that belongs to no waiting request changes nothing.
    pub(crate) fn typed(&mut self, phrase: &str, t: Ts) {
        for hold in self.holds.iter_mut().filter(|h| h.awaits(phrase, t)) {
            hold.typed = true;
        }
    }

    /// Does a request wait for this phrase at `t`?
    #[must_use]
    pub fn awaits(&self, phrase: &str, t: Ts) -> bool {
        self.holds.iter().any(|h| h.awaits(phrase, t))
    }
}

/// Control, subject and six characters that no other hold has: it can be typed for this request alone.
fn phrase(increase: &Increase, t: Ts) -> String {
    let mut h = Hasher::new();
    h.update(&increase.digest().0);
    h.update(&t.as_ns().to_be_bytes());
    let whole = format!("{}", h.finish());
    let tail = whole.get(..6).unwrap_or("");
    let words = increase.control().name().replace('_', " ");
    if increase.subject().is_empty() {
        format!("{words} {tail}")
    } else {
        format!("{words} {} {tail}", increase.subject())
    }
}
