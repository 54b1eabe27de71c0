//! What changed between two configurations, and which way each change moves risk.

use crate::books;
use crate::effective::Effective;
use crate::key::{self, KeySpec, RiskRule};
use crate::value::{Kind, Value};
use std::cmp::Ordering;
use std::collections::BTreeSet;

zero_core::canon_tag! {
    /// Which way a change moves risk.
    pub enum RiskDirection {
        /// Permits less.
        0 "reduces" Reduces,
        /// No effect on exposure.
        1 "neutral" Neutral,
        /// Permits more.
        2 "increases" Increases,
        /// Cannot be told.
        3 "unknown" Unknown,
    }
}

impl RiskDirection {
    /// Whether the change needs what an increase needs. Unknown does.
    #[must_use]
    pub const fn counts_as_increase(self) -> bool {
        matches!(self, Self::Increases | Self::Unknown)
    }
}

/// A key whose value differs; `None` where it is absent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Concrete path.
    pub key: String,
    /// Before.
    pub old: Option<Value>,
    /// After.
    pub new: Option<Value>,
    /// Which way it moves risk.
    pub risk_direction: RiskDirection,
}

/// Every difference, by key.
#[must_use]
pub fn diff(old: &Effective, new: &Effective) -> Vec<Change> {
    let keys: BTreeSet<&str> = old.iter().chain(new.iter()).map(|(k, _)| k).collect();
    let (old_books, new_books) = (book_names(old), book_names(new));
    let mut out = Vec::new();
    for key in keys {
        let (a, b) = (old.get(key), new.get(key));
        if a == b {
            continue;
        }
        let known_book = books::book_of(key).is_none_or(|n| old_books.contains(n) && new_books.contains(n));
        let risk_direction = match key::find(key) {
            // A book that comes or goes moves the others' share of the cash too.
            Some(spec) if known_book => direction(spec, a, b),
            _ => RiskDirection::Unknown,
        };
        out.push(Change { key: key.to_owned(), old: a.cloned(), new: b.cloned(), risk_direction });
    }
    out
}

fn book_names(values: &Effective) -> BTreeSet<&str> {
    values.iter().filter_map(|(k, _)| books::book_of(k)).collect()
}

/// The direction of a whole change: the worst of its parts.
#[must_use]
pub fn worst(changes: &[Change]) -> RiskDirection {
    let rank = |d: RiskDirection| match d {
        RiskDirection::Reduces => 0,
        RiskDirection::Neutral => 1,
        RiskDirection::Increases => 2,
        RiskDirection::Unknown => 3,
    };
    // A change that lowers one limit and leaves the rest is a reduction; with any increase in it, it is none.
    let has_effect = changes.iter().map(|c| c.risk_direction).filter(|d| *d != RiskDirection::Neutral);
    has_effect.max_by_key(|d| rank(*d)).unwrap_or(RiskDirection::Neutral)
}

fn direction(spec: &KeySpec, old: Option<&Value>, new: Option<&Value>) -> RiskDirection {
    let more = match spec.risk {
        RiskRule::Neutral => return RiskDirection::Neutral,
        RiskRule::Unknown => return RiskDirection::Unknown,
        RiskRule::MoreIsRiskier => true,
        RiskRule::LessIsRiskier => false,
    };
    match (amount(&spec.kind, old), amount(&spec.kind, new)) {
        (Some(a), Some(b)) => match (a.cmp(&b), more) {
            (Ordering::Equal, _) => RiskDirection::Neutral,
            (Ordering::Less, true) | (Ordering::Greater, false) => RiskDirection::Increases,
            _ => RiskDirection::Reduces,
        },
        _ => RiskDirection::Unknown,
    }
}

/// A value's place in its key's order; an absent limit is one that never binds.
fn amount(kind: &Kind, value: Option<&Value>) -> Option<i128> {
    Some(match value {
        None => i128::MAX,
        Some(Value::Bool(v)) => i128::from(*v),
        Some(Value::Int(v) | Value::Bytes(v)) => i128::from(*v),
        Some(Value::Rate(v)) => i128::from(v.raw()),
        Some(Value::Usd(v)) => i128::from(v.raw()),
        Some(Value::Duration(v)) => i128::from(v.as_ns()),
        Some(Value::Text(t)) => match kind {
            Kind::Choice(names) => names.iter().position(|n| n == t).and_then(|i| i128::try_from(i).ok())?,
            _ => return None,
        },
        Some(Value::List(_)) => return None,
    })
}
