//! What a component says that its entries wait for, held against what it proposes.

use crate::fault::Fault;
use crate::reader::Reader;
use std::borrow::Cow;
use wasmtime::component::Val;
use zero_core::Truth;
use zero_market::Side;
use zero_strategy::lang::document::is_name;
use zero_strategy::{Condition, Proposal, Reach, Turning, Unexplained};

/// Most conditions.
const CONDITIONS_MAX: usize = 32;

/// One condition of an entry, as the component states it.
#[derive(Clone, Debug, PartialEq)]
pub struct Stated {
    /// Name of the quantity.
    pub name: String,
    /// Side of the entry.
    pub side: Side,
    /// The quantity now.
    pub value: f64,
    /// Where the condition begins to hold.
    pub threshold: f64,
    /// Does it hold above, else below?
    pub above: bool,
    /// Unit of the quantity.
    pub unit: &'static str,
}

impl Stated {
    /// Does it hold?
    #[must_use]
    pub fn holds(&self) -> bool {
        if self.above { self.value >= self.threshold } else { self.value <= self.threshold }
    }

    /// As a condition of a strategy.
    pub(crate) fn condition(&self) -> Condition {
        let sign = if self.above { ">=" } else { "<=" };
        Condition {
            side: self.side,
            text: format!("{} {sign} {} {}", self.name, self.threshold, self.unit),
            truth: Truth::from(self.holds()),
            missing: Vec::new(),
            turn: Some(Turning {
                input: self.name.clone(),
                from: self.value,
                begins: self.threshold,
                above: self.above,
                step: None,
            }),
            unit: Some(self.unit),
        }
    }
}

/// Reads what `explain` returned.
///
/// # Errors
/// [`Fault::Unreadable`], or [`Fault::OutOfRange`] for too many conditions, a name that is none, a number that is none.
pub(crate) fn read(answer: &Val) -> Result<Vec<Stated>, Fault> {
    let items = Reader(answer).items().ok_or(Fault::Unreadable)?;
    if items.len() > CONDITIONS_MAX {
        return Err(Fault::OutOfRange);
    }
    items.iter().map(|v| stated(Reader(v))).collect()
}

fn stated(r: Reader<'_>) -> Result<Stated, Fault> {
    let name = r.field("name").text().ok_or(Fault::Unreadable)?;
    let side = match r.field("side").case() {
        Some(("long", _)) => Side::Buy,
        Some(("short", _)) => Side::Sell,
        _ => return Err(Fault::Unreadable),
    };
    let number = |field: &str| r.field(field).number().ok_or(Fault::Unreadable);
    let (value, threshold) = (number("value")?, number("threshold")?);
    let above = r.field("above").truth().ok_or(Fault::Unreadable)?;
    let unit = match r.field("unit").case() {
        Some(("number", _)) => "number",
        Some(("fraction", _)) => "fraction",
        Some(("sigmas", _)) => "sigmas",
        Some(("hours", _)) => "hours",
        Some(("bars", _)) => "bars",
        Some(("usd", _)) => "usd",
        _ => return Err(Fault::Unreadable),
    };
    if !is_name(&name) || !value.is_finite() || !threshold.is_finite() {
        return Err(Fault::OutOfRange);
    }
    Ok(Stated { name, side, value, threshold, above, unit })
}

/// A side is entered exactly where it has conditions and all of them hold.
///
/// # Errors
/// What contradicts what.
pub(crate) fn agrees(all: &[Stated], proposes: Proposal) -> Result<(), Unexplained> {
    let enters = match proposes {
        Proposal::Enter(e) => Some(e.side),
        _ => None,
    };
    for side in [Side::Buy, Side::Sell] {
        let mut mine = all.iter().filter(|c| c.side == side).peekable();
        let holds = mine.peek().is_some() && mine.all(Stated::holds);
        if holds != (enters == Some(side)) {
            let says = if holds { "every condition holds" } else { "a condition does not hold" };
            let does = if enters == Some(side) { "enters" } else { "does not enter" };
            return Err(untrue(format!("of a {} entry it says that {says}, and {does}", side.name())));
        }
    }
    Ok(())
}

/// What stands between the present and an entry on a side: its farthest condition.
pub(crate) fn reach(all: &[Stated], side: Side) -> Option<Reach> {
    let mine = || all.iter().filter(|c| c.side == side);
    let unmet = mine().filter(|c| !c.holds()).count() as u32;
    let of = |c: &Stated| Reach {
        name: c.name.clone().into(),
        value: c.value,
        threshold: c.threshold,
        above: c.above,
        side,
        step: None,
        unmet,
    };
    mine().map(of).min_by(|a, b| a.share().total_cmp(&b.share()))
}

pub(crate) const NOT_EXPORTED: Unexplained = Unexplained {
    code: "ZERO-STR-026",
    why: Cow::Borrowed("the component does not say what its entries wait for: it does not export `explain`"),
};

pub(crate) fn untrue(why: String) -> Unexplained {
    Unexplained { code: "ZERO-STR-027", why: Cow::Owned(why) }
}
