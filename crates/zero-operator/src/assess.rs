//! From measures to a label with a level. Thresholds are fixed here and published by the friction contract.

use crate::vector::{Vector, limits};
use alloc::vec::Vec;
use zero_core::{TsDiff, canon_tag};

canon_tag! {
    /// How the operator is, by what they did.
    pub enum Label {
        /// Nothing was decided for four hours, or activity began less than half an hour ago.
        0 "fresh" Fresh,
        /// Active, and nothing stands out.
        1 "steady" Steady,
        /// One or two signs of haste.
        2 "elevated" Elevated,
        /// Three or more signs of haste.
        3 "tilt" Tilt,
        /// Too long without a break or a rest.
        4 "fatigued" Fatigued,
        /// No sign any more, and tilt was less than four hours ago without a rest since.
        5 "recovery" Recovery,
    }
}

canon_tag! {
    /// How much friction an increase meets.
    pub enum Level {
        /// None.
        0 "l0" L0,
        /// A short pause.
        1 "l1" L1,
        /// A pause and a typed phrase.
        2 "l2" L2,
        /// A long pause and a typed phrase.
        3 "l3" L3,
        /// Increases are refused.
        4 "l4" L4,
    }
}

canon_tag! {
    /// What a label rests on.
    pub enum Cause {
        /// Increases within 15 minutes of a loss.
        0 "re_entry" ReEntry,
        /// An increase within two minutes of a loss.
        1 "reflex" Reflex,
        /// Reactions at most a third of what they used to take.
        2 "faster_than_baseline" FasterThanBaseline,
        /// Decisions far more frequent than usual.
        3 "velocity" Velocity,
        /// Verdicts overridden.
        4 "overrides" Overrides,
        /// Long without a break.
        5 "no_break" NoBreak,
        /// Long activity.
        6 "long_activity" LongActivity,
        /// Long without a rest.
        7 "no_rest" NoRest,
        /// Tilt was not long ago.
        8 "recent_tilt" RecentTilt,
    }
}

/// A label with its level and what it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// The label.
    pub label: Label,
    /// The level.
    pub level: Level,
    /// Signs of haste.
    pub points: u32,
    /// What it rests on.
    pub causes: Vec<Cause>,
}

/// Judges a vector. Monotone: more of any sign never lowers the level.
#[must_use]
pub fn assess(v: &Vector) -> Assessment {
    let mut causes = Vec::new();
    let mut add = |points: u32, cause: Cause| {
        if points > 0 {
            causes.push(cause);
        }
        points
    };
    let points = add(v.re_entry_recent.min(limits::RE_ENTRIES_COUNTED), Cause::ReEntry)
        + add(v.reflexes.min(1), Cause::Reflex)
        + add(faster(v), Cause::FasterThanBaseline)
        + add(velocity(v), Cause::Velocity)
        + add(overrides(v), Cause::Overrides);
    let haste = match points {
        0 => Level::L0,
        1 => Level::L1,
        2 => Level::L2,
        3 | 4 => Level::L3,
        _ => Level::L4,
    };
    let tired = tired(v, &mut causes);
    let recovers = v.since_tilt.is_some_and(|d| d < limits::RECOVERY);
    let label = if points >= 3 {
        Label::Tilt
    } else if tired >= Level::L2 {
        Label::Fatigued
    } else if points >= 1 {
        Label::Elevated
    } else if tired >= Level::L1 {
        Label::Fatigued
    } else if recovers {
        Label::Recovery
    } else if v.last_4h == 0 || v.active < limits::FRESH {
        Label::Fresh
    } else {
        Label::Steady
    };
    let mut level = haste.max(tired);
    if recovers && points < 3 {
        causes.push(Cause::RecentTilt);
        level = level.max(Level::L1);
    }
    Assessment { label, level, points, causes }
}

fn faster(v: &Vector) -> u32 {
    let third = |b: TsDiff| v.reaction_median.is_some_and(|m| m.as_ns().saturating_mul(3) <= b.as_ns());
    u32::from(v.re_entry_recent > 0 && v.reaction_baseline.is_some_and(third))
}

fn velocity(v: &Vector) -> u32 {
    let usual = |times: u32| v.twice_baseline_1h.is_some_and(|b| v.last_1h * 2 >= b * times);
    if v.last_1h >= limits::VELOCITY_HIGH && usual(6) {
        2
    } else {
        u32::from(v.last_1h >= limits::VELOCITY_ANYWAY || (v.last_1h >= limits::VELOCITY && usual(3)))
    }
}

fn overrides(v: &Vector) -> u32 {
    limits::OVERRIDES.iter().filter(|n| v.overrides_last_10 >= **n).count() as u32
}

fn tired(v: &Vector, causes: &mut Vec<Cause>) -> Level {
    let mut level = Level::L0;
    let mut when = |holds: bool, at: Level, cause: Cause| {
        if holds {
            level = level.max(at);
            if !causes.contains(&cause) {
                causes.push(cause);
            }
        }
    };
    when(v.since_break >= limits::NO_BREAK, Level::L1, Cause::NoBreak);
    when(v.active >= limits::LONG_ACTIVITY, Level::L2, Cause::LongActivity);
    when(v.active >= limits::TOO_LONG_ACTIVITY, Level::L3, Cause::LongActivity);
    let awake = v.awake.unwrap_or(TsDiff::ZERO);
    when(awake >= limits::NO_REST, Level::L2, Cause::NoRest);
    when(awake >= limits::NO_REST_LONG, Level::L3, Cause::NoRest);
    when(awake >= limits::NO_REST_TOO_LONG, Level::L4, Cause::NoRest);
    level
}
