//! Sessions: stretches of the journal between the acts that begin and end them, with what they came to. Everything is
//! folded from records; nothing about a session is kept anywhere else.

mod fold;

pub(crate) use fold::Fold;

use crate::carried::ForReaders;
use crate::past::each;
use crate::runner::RunError;
use crate::snapshot::RunSnapshot;
use std::path::Path;
use zero_core::{Canon, Ts, TsDiff, Usd, canon_struct, canon_tag};
use zero_journal::{Disk, Reader, Trust};

canon_tag! {
    /// What a session's end left of what was held.
    pub enum Settlement {
        /// It has not ended.
        0 "open" Open,
        /// Nothing is held: the result counts every fill that led there.
        1 "flat" Flat,
        /// What is held is being closed, or was when the next session began or as many records had passed as may. The result
        /// counts what was filled until then.
        2 "not yet flat" NotYetFlat,
        /// What it held was left: covered by stops, as its policy says, or because the next session began without its end.
        3 "handed over" HandedOver,
        /// The journal's beginning was pruned.
        4 "unknown" Unknown,
    }
}

canon_struct! {
    /// Money of all books.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Money {
        /// Profit realised by closing, before fees and funding.
        pub realised: Usd,
        /// Fees paid.
        pub fees: Usd,
        /// Funding.
        pub funding: Usd,
    }
}

canon_struct! {
    /// What was counted up to a moment.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Totals {
        /// Acts of persons.
        pub acts: u32,
        /// Candidates judged.
        pub candidates: u64,
        /// Candidates admitted.
        pub admitted: u64,
        /// Fills booked.
        pub fills: u64,
        /// Fills that realised a profit.
        pub wins: u32,
        /// Fills that realised a loss.
        pub losses: u32,
        /// Fills of stops.
        pub stops: u32,
        /// Breakers that opened.
        pub breakers_opened: u32,
        /// Increases that met friction and were not admitted.
        pub held: u32,
        /// Money; `None` where it is not known.
        pub money: Option<Money>,
        /// Equity, and of a stretch its change; `None` where it is not known.
        pub equity: Option<Usd>,
    }
}

canon_struct! {
    /// Records from one on to before another.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Span {
        /// The first.
        pub from: u64,
        /// The one after the last.
        pub to: u64,
    }
}

canon_struct! {
    /// A session.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Session {
        /// Its id.
        pub id: String,
        /// Its label; empty where it has none.
        pub label: String,
        /// The session that it was forked from; empty where from none.
        pub origin: String,
        /// At its end what is held is left, if stops cover all of it.
        pub hands_over: bool,
        /// Who began it.
        pub operator: String,
        /// When it was begun.
        pub from: Ts,
        /// When it ended last.
        pub to: Option<Ts>,
        /// Time in which it was open, up to its latest end.
        pub open: TsDiff,
        /// How often it was begun.
        pub parts: u32,
        /// Its first act and the record after its last.
        pub records: Span,
        /// What was counted while it was open, and until what it held was closed.
        pub totals: Totals,
        /// Equity when it was begun.
        pub equity_from: Option<Usd>,
        /// Equity when all was counted, or at the journal's end.
        pub equity_to: Option<Usd>,
        /// Coins held then.
        pub positions: Option<u32>,
        /// What its end left.
        pub settlement: Settlement,
        /// When it was begun last.
        pub begun: Ts,
        /// What had been counted then.
        pub before: Totals,
        /// What it came to in the parts before that.
        pub so_far: Totals,
    }
}

canon_struct! {
    /// The sessions of a run as a snapshot carries them.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    pub struct CarriedSessions {
        /// Oldest first.
        pub found: Vec<Session>,
        /// What was counted while one of them was looked after.
        pub totals: Totals,
        /// The one that ended and is not settled.
        pub settling: Option<Settling>,
    }
}

canon_struct! {
    /// A session that ended and is not settled.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Settling {
        /// Its place among the sessions.
        pub session: u32,
        /// The record of its end.
        pub end: u64,
    }
}

impl Session {
    /// Is it open?
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.to.is_none()
    }

    /// Time in which it was open, up to `now` where it still is.
    #[must_use]
    pub fn open_at(&self, now: Ts) -> TsDiff {
        let more = if self.is_open() { now.since(self.begun).as_ns().max(0) } else { 0 };
        TsDiff::ns(self.open.as_ns().saturating_add(more))
    }
}

/// Every session of a journal, oldest first: of its newest snapshot and what came after, else from its first record.
///
/// # Errors
/// [`RunError`].
pub fn sessions<D: Disk>(disk: &D, dir: &Path) -> Result<Vec<Session>, RunError> {
    let reader = Reader::open(disk.clone(), dir)?;
    let carried = reader.find_snapshot(Trust::Unsigned, |s, beside| {
        let sessions = ForReaders::from_bytes(&beside.read()?).ok()?.sessions?;
        Some((s.anchor, Fold::resumed(sessions, &RunSnapshot::from_bytes(&s.bytes).ok()?)))
    })?;
    let (mut fold, mut next, records) = match carried {
        Some((anchor, fold)) => (fold, anchor.seq, reader.records_after(anchor)?),
        // Without its beginning, the state cannot be folded: what needs it stays unknown.
        None => (Fold::beginning(reader.pruned()?.is_empty()), 0, reader.records(0)?),
    };
    each(records.facts_only(), |seq, body| {
        fold.take(seq, &body)?;
        next = seq + 1;
        Ok(true)
    })?;
    fold.finish(next);
    Ok(fold.into_found())
}
