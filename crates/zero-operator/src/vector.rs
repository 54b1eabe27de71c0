//! Conduct measured at a moment. Everything is a count or a length of time; what was not observed is `None`.

use crate::conduct::Conduct;
use crate::hours::twice_median;
use alloc::vec::Vec;
use zero_core::{Ts, TsDiff};

/// Lengths of time that the measures rest on.
pub mod limits {
    use zero_core::TsDiff;

    const MINUTE: TsDiff = TsDiff::secs(60);
    /// An increase this soon after a loss is a fast re-entry.
    pub const RE_ENTRY: TsDiff = MINUTE.times(15);
    /// The middle class of re-entries.
    pub const RE_ENTRY_MIDDLE: TsDiff = MINUTE.times(30);
    /// Later than this, an increase has nothing to do with the loss.
    pub const RE_ENTRY_LONG: TsDiff = TsDiff::HOUR.times(2);
    /// An increase this soon after a loss is no decision but a reflex.
    pub const REFLEX: TsDiff = MINUTE.times(2);
    /// Silence this long is a break.
    pub const BREAK_SILENT: TsDiff = MINUTE.times(30);
    /// A declared break this long is one.
    pub const BREAK_DECLARED: TsDiff = MINUTE.times(5);
    /// Silence this long ends a stretch of activity.
    pub const ACTIVITY_ENDS: TsDiff = TsDiff::HOUR.times(4);
    /// Silence this long is a rest: the shortest that may have been a night.
    pub const REST: TsDiff = TsDiff::HOUR.times(5);
    /// How long fast re-entries weigh.
    pub const WEIGHS: TsDiff = TsDiff::HOUR.times(2);
    /// How long recovery lasts after the last sign of tilt.
    pub const RECOVERY: TsDiff = TsDiff::HOUR.times(4);
    /// Activity shorter than this is fresh.
    pub const FRESH: TsDiff = MINUTE.times(30);
    /// This long without a break: level 1.
    pub const NO_BREAK: TsDiff = TsDiff::HOUR.times(4);
    /// Activity this long: level 2.
    pub const LONG_ACTIVITY: TsDiff = TsDiff::HOUR.times(10);
    /// Activity this long: level 3.
    pub const TOO_LONG_ACTIVITY: TsDiff = TsDiff::HOUR.times(14);
    /// This long since the last rest: level 2.
    pub const NO_REST: TsDiff = TsDiff::HOUR.times(14);
    /// This long since the last rest: level 3.
    pub const NO_REST_LONG: TsDiff = TsDiff::HOUR.times(18);
    /// This long since the last rest: level 4.
    pub const NO_REST_TOO_LONG: TsDiff = TsDiff::DAY;
    /// Decisions in an hour that stand out whatever is usual: one sign of haste.
    pub const VELOCITY_ANYWAY: u32 = 30;
    /// At least so many decisions in an hour, and three times the usual: one sign.
    pub const VELOCITY: u32 = 6;
    /// At least so many, and six times the usual: two signs.
    pub const VELOCITY_HIGH: u32 = 12;
    /// Overrides among the last ten verdicts that are one sign, two signs, three signs.
    pub const OVERRIDES: [u32; 3] = [3, 5, 8];
    /// Fast re-entries count as a sign each, up to so many.
    pub const RE_ENTRIES_COUNTED: u32 = 3;
}

/// The measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vector {
    /// Decisions in the last hour.
    pub last_1h: u32,
    /// Decisions in the last four hours.
    pub last_4h: u32,
    /// Decisions in the last 24 hours.
    pub last_24h: u32,
    /// Twice the median of decisions per hour with any, over the last week; `None` before eight such hours.
    pub twice_baseline_1h: Option<u32>,
    /// Overridden verdicts among the last ten answered.
    pub overrides_last_10: u32,
    /// Answered verdicts, at most ten.
    pub verdicts_last_10: u32,
    /// Overridden verdicts among the last fifty answered.
    pub overrides_last_50: u32,
    /// Answered verdicts, at most fifty.
    pub verdicts_last_50: u32,
    /// Activity without its breaks.
    pub active: TsDiff,
    /// Longest time without a break.
    pub longest_focus: TsDiff,
    /// Since the last break, or since activity began.
    pub since_break: TsDiff,
    /// Median of the last ten reactions.
    pub reaction_median: Option<TsDiff>,
    /// Fastest reaction of this activity.
    pub reaction_fastest: Option<TsDiff>,
    /// Median of the reactions before the last ten; `None` before ten of them.
    pub reaction_baseline: Option<TsDiff>,
    /// Reactions that the median is of.
    pub reactions: u32,
    /// Increases within 15 minutes of a loss, last 24 hours.
    pub re_entry_15m: u32,
    /// Within 30 minutes.
    pub re_entry_30m: u32,
    /// Within two hours.
    pub re_entry_2h: u32,
    /// Increases within 15 minutes of a loss, last two hours.
    pub re_entry_recent: u32,
    /// Increases within two minutes of a loss, last hour.
    pub reflexes: u32,
    /// Since the last rest ended; zero while one lasts; `None` where none was seen.
    pub awake: Option<TsDiff>,
    /// A declared break or rest goes on.
    pub on_break: bool,
    /// Since the last event that showed tilt.
    pub since_tilt: Option<TsDiff>,
}

impl Vector {
    pub(crate) fn of(c: &Conduct, t: Ts) -> Self {
        let decided = |span: TsDiff| c.decisions.iter().filter(|d| **d > t.minus(span)).count() as u32;
        let answered = |n: usize| {
            let from = c.answers.len().saturating_sub(n);
            let last = c.answers.get(from..).unwrap_or(&[]);
            (last.iter().filter(|a| a.overridden).count() as u32, last.len() as u32)
        };
        let ((overrides_last_10, verdicts_last_10), (overrides_last_50, verdicts_last_50)) =
            (answered(10), answered(50));
        let re_entered = |within: TsDiff, span: TsDiff| {
            c.re_entries.iter().filter(|r| r.after <= within && r.at > t.minus(span)).count() as u32
        };
        let split = c.reactions.len().saturating_sub(10);
        let (before, last) = c.reactions.split_at(split);
        let (active, longest_focus, since_break) = activity(c, t);
        Self {
            last_1h: decided(TsDiff::HOUR),
            last_4h: decided(TsDiff::HOUR.times(4)),
            last_24h: decided(TsDiff::DAY),
            twice_baseline_1h: twice_median(&c.hours, t),
            overrides_last_10,
            verdicts_last_10,
            overrides_last_50,
            verdicts_last_50,
            active,
            longest_focus,
            since_break,
            reaction_median: median(last),
            reaction_fastest: c.fastest.filter(|_| silence(c, t) < limits::ACTIVITY_ENDS),
            reaction_baseline: median(before).filter(|_| before.len() >= 10),
            reactions: last.len() as u32,
            re_entry_15m: re_entered(limits::RE_ENTRY, TsDiff::DAY),
            re_entry_30m: re_entered(limits::RE_ENTRY_MIDDLE, TsDiff::DAY),
            re_entry_2h: re_entered(limits::RE_ENTRY_LONG, TsDiff::DAY),
            re_entry_recent: re_entered(limits::RE_ENTRY, limits::WEIGHS),
            reflexes: re_entered(limits::REFLEX, TsDiff::HOUR),
            awake: awake(c, t),
            on_break: c.break_from != Ts::ZERO || t < c.break_until,
            since_tilt: (c.tilt_at != Ts::ZERO && !rests(c, t)).then(|| t.since(c.tilt_at)),
        }
    }
}

/// How long the present silence has lasted.
fn silence(c: &Conduct, t: Ts) -> TsDiff {
    t.since(if c.break_from == Ts::ZERO { c.last_act } else { c.break_from })
}

fn rests(c: &Conduct, t: Ts) -> bool {
    c.last_act != Ts::ZERO && silence(c, t) >= limits::REST
}

fn awake(c: &Conduct, t: Ts) -> Option<TsDiff> {
    if rests(c, t) {
        return Some(TsDiff::ZERO);
    }
    (c.rest_ended != Ts::ZERO).then(|| t.since(c.rest_ended))
}

/// Activity, longest focus and time since a break, the present silence judged as the next sign of life would judge it.
fn activity(c: &Conduct, t: Ts) -> (TsDiff, TsDiff, TsDiff) {
    let silence = silence(c, t);
    if c.last_act == Ts::ZERO || silence >= limits::ACTIVITY_ENDS {
        return (TsDiff::ZERO, TsDiff::ZERO, TsDiff::ZERO);
    }
    let away = c.break_from != Ts::ZERO || silence >= limits::BREAK_SILENT;
    let end = if away { t.minus(silence) } else { t };
    let active = TsDiff::ns(end.since(c.active_from).as_ns().saturating_sub(c.breaks.as_ns()).max(0));
    let focus = end.since(c.focus_from);
    (active, c.longest_focus.max(focus), if away { TsDiff::ZERO } else { focus })
}

/// The middle one, or the mean of the two in the middle, rounded down.
fn median(of: &[TsDiff]) -> Option<TsDiff> {
    let mut sorted: Vec<i64> = of.iter().map(|d| d.as_ns()).collect();
    sorted.sort_unstable();
    let n = sorted.len();
    let (low, high) = (sorted.get(n.checked_sub(1)? / 2)?, sorted.get(n / 2)?);
    Some(TsDiff::ns(low + (high - low) / 2))
}
