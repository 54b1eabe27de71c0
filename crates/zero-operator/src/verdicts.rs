//! Verdicts of the engine, and what a person says that they made of them. A word counts for what stands behind it: that a
//! verdict was followed only where there is one, and once; that one was overridden at most once each where it is named.
//! So no statement makes the share of overrides smaller by being repeated, or by being about nothing.

use crate::conduct::{Conduct, push_bounded};
use zero_core::{OrderId, canon_struct};

/// Latest verdicts that can be answered.
pub const VERDICTS_KNOWN: usize = 64;
/// Latest answers that are kept.
const ANSWERS_MAX: usize = 50;

canon_struct! {
    /// A verdict of the engine that facts tell of: an entry that was ordered, or an order of the operator's own that gates refused.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Known {
        /// The decision.
        pub id: OrderId,
        /// A person said what they made of it.
        pub answered: bool,
    }
}

canon_struct! {
    /// What a person said about a verdict.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Answer {
        /// Which; `None` where they named none, which only an override may.
        pub verdict: Option<OrderId>,
        /// It was overridden; otherwise followed.
        pub overridden: bool,
    }
}

impl Conduct {
    /// The engine judged an intent. The same decision again is no new verdict.
    pub fn judged(&mut self, id: OrderId) {
        if !self.verdicts.iter().any(|v| v.id == id) {
            push_bounded(&mut self.verdicts, Known { id, answered: false }, VERDICTS_KNOWN);
        }
    }

    /// Takes a person's word on the verdict that the subject's first word names.
    pub(crate) fn answer(&mut self, subject: &str, overridden: bool) {
        let id = subject.split_whitespace().next().and_then(OrderId::parse_hex);
        let Some(known) = id.and_then(|id| self.verdicts.iter_mut().find(|v| v.id == id)) else {
            // Who overrides something unknown says that they override: it may raise a level. A followed nothing is nothing.
            if overridden {
                push_bounded(&mut self.answers, Answer { verdict: None, overridden }, ANSWERS_MAX);
            }
            return;
        };
        if !known.answered {
            known.answered = true;
            push_bounded(&mut self.answers, Answer { verdict: id, overridden }, ANSWERS_MAX);
        } else if overridden && let Some(answer) = self.answers.iter_mut().find(|a| a.verdict == id) {
            // Followed first and overridden after all. The other way round changes nothing.
            answer.overridden = true;
        }
    }
}
