//! `zero session ...`: a stretch of the journal that an operator began and ended, with what it came to.

use crate::Dec;
use crate::brief::PulseEvent;
use crate::id::packet_id;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

packet_id!(Session, SessionId = "zero.session.v1");
packet_id!(SessionList, SessionListId = "zero.session.list.v1");
packet_id!(SessionReplay, SessionReplayId = "zero.session.replay.v1");
packet_id!(SessionShare, SessionShareId = "zero.session.share.v1");

/// A session and what it came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Session {
    /// Schema id.
    pub schema_version: SessionId,
    /// What it is and what it came to; null where no session is open and none was named.
    pub session: Option<Summary>,
    /// Directory of the journal.
    pub journal_path: String,
}

/// Every session of a journal, oldest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SessionList {
    /// Schema id.
    pub schema_version: SessionListId,
    /// The sessions.
    pub sessions: Vec<Summary>,
    /// Directory of the journal.
    pub journal_path: String,
}

/// A session, computed from the journal's records between its acts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Its id: a digest of who began it and when.
    pub id: String,
    /// Its label; null where it has none.
    pub label: Option<String>,
    /// The session that it was forked from.
    pub origin: Option<String>,
    /// `open` or `ended`.
    pub state: String,
    /// `flatten` or `protected`: what its end does to positions.
    pub end_policy: String,
    /// Who began it.
    pub operator: String,
    /// When it was begun, wall time.
    pub from: String,
    /// When it ended last, wall time; null while it is open.
    pub to: Option<String>,
    /// Seconds in which it was open, pauses between an end and a resume left out.
    pub open_s: f64,
    /// How often it was begun: once, and once for every resume.
    pub parts: u32,
    /// Records from its first act to the last that counts: its end, or the fill that made it flat.
    pub records: RecordRange,
    /// What happened in it.
    pub result: SessionResult,
}

/// Places in the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecordRange {
    /// The first act.
    pub from: u64,
    /// After the last record.
    pub to: u64,
}

/// What happened while it was open, and until what it held at its end was closed. Money in USD.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SessionResult {
    /// Acts of persons.
    pub acts: u32,
    /// Candidates that were judged.
    pub candidates: u64,
    /// Candidates that were admitted.
    pub admitted: u64,
    /// Fills booked.
    pub fills: u64,
    /// Fills that closed something at a profit.
    pub wins: u32,
    /// Fills that closed something at a loss.
    pub losses: u32,
    /// Fills of stops.
    pub stops: u32,
    /// Breakers that opened.
    pub breakers_opened: u32,
    /// Increases that met friction and were not admitted.
    pub held_increases: u32,
    /// Profit realised by closing, before fees and funding; null where the journal's beginning was pruned.
    pub realised: Option<Dec>,
    /// Fees paid.
    pub fees: Option<Dec>,
    /// Funding received, negative where paid.
    pub funding: Option<Dec>,
    /// Change of equity while it was open, and until what it held at its end was closed: of its parts alone, and of nothing between an
    /// end and a resume.
    pub equity_change: Option<Dec>,
    /// Equity when it began first.
    pub equity_from: Option<Dec>,
    /// Equity when all of it was counted, or now.
    pub equity_to: Option<Dec>,
    /// Coins held then.
    pub positions: Option<u32>,
    /// `open`; `flat`: every fill that closed what it held is counted; `not yet flat`: what it holds is being closed, or was when
    /// the next session began or 100,000 records had passed; `handed over`: left with its stops, or to a session that
    /// was begun without its end; `unknown` where the
    /// journal's beginning was pruned.
    pub settlement: String,
}

/// The events of a session, oldest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SessionReplay {
    /// Schema id.
    pub schema_version: SessionReplayId,
    /// Its id.
    pub id: String,
    /// The events, market data and timers left out.
    pub events: Vec<PulseEvent>,
    /// How many there are; more than are shown where a limit was met.
    pub count: u64,
    /// Directory of the journal.
    pub journal_path: String,
}

/// A session for others: no names, reasons, labels, coins, amounts, times of day or places.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SessionShare {
    /// Schema id.
    pub schema_version: SessionShareId,
    /// Digest of the session's id and its records' range: it can be recognised by who has the journal, and by nobody else.
    pub reference: String,
    /// Day on which it began, UTC.
    pub day: String,
    /// Whole minutes in which it was open.
    pub open_min: u64,
    /// Change of equity in its parts alone, over the equity at its first beginning, in percent with four decimals; null where it is not known.
    pub return_pct: Option<Dec>,
    /// Fills booked.
    pub fills: u64,
    /// Fills that closed something at a profit.
    pub wins: u32,
    /// Fills that closed something at a loss.
    pub losses: u32,
    /// Candidates that were judged.
    pub candidates: u64,
    /// Candidates that were admitted.
    pub admitted: u64,
    /// Breakers that opened.
    pub breakers_opened: u32,
    /// `paper`.
    pub mode: String,
}
