//! Reads answers. Their types were checked when the component was loaded.

use wasmtime::component::Val;
use zero_strategy::{Abstention, Unanswered};

/// Reads a value whose type was checked when the component was loaded.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a>(pub(crate) &'a Val);

impl<'a> Reader<'a> {
    /// Stands for a field that is not there: nothing can be read from it.
    const NOTHING: Val = Val::Option(None);

    pub(crate) fn field(self, name: &str) -> Self {
        match self.0 {
            Val::Record(fields) => {
                Self(fields.iter().find(|(n, _)| n == name).map_or(&Self::NOTHING, |f| &f.1))
            }
            _ => Self(&Self::NOTHING),
        }
    }

    pub(crate) fn text(self) -> Option<String> {
        match self.0 {
            Val::String(s) => Some(s.clone()),
            _ => None,
        }
    }

    pub(crate) fn texts(self) -> Option<Vec<String>> {
        match self.0 {
            Val::List(items) => items.iter().map(|v| Reader(v).text()).collect(),
            _ => None,
        }
    }

    pub(crate) const fn count(self) -> Option<u32> {
        match self.0 {
            Val::U16(n) => Some(*n as u32),
            Val::U32(n) => Some(*n),
            _ => None,
        }
    }

    pub(crate) fn items(self) -> Option<&'a [Val]> {
        match self.0 {
            Val::List(items) => Some(items),
            _ => None,
        }
    }

    pub(crate) const fn truth(self) -> Option<bool> {
        match self.0 {
            Val::Bool(b) => Some(*b),
            _ => None,
        }
    }

    pub(crate) const fn number(self) -> Option<f64> {
        match self.0 {
            Val::Float64(x) => Some(*x),
            _ => None,
        }
    }

    /// An optional number: `None` where it cannot be read, `Some(None)` where it was left out.
    pub(crate) fn maybe(self) -> Option<Option<f64>> {
        match self.0 {
            Val::Option(None) => Some(None),
            Val::Option(Some(v)) => Reader(v).number().map(Some),
            _ => None,
        }
    }

    pub(crate) fn case(self) -> Option<(&'a str, Self)> {
        match self.0 {
            Val::Variant(name, payload) => Some((name, Self(payload.as_deref().unwrap_or(&Self::NOTHING)))),
            Val::Enum(name) => Some((name, Self(&Self::NOTHING))),
            _ => None,
        }
    }

    /// What a component says of its silence; `None` where it cannot be read.
    pub(crate) fn abstention(self) -> Option<Abstention> {
        let why = match self.field("why").case()?.0 {
            "undefined" => Unanswered::Undefined,
            "out-of-domain" => Unanswered::OutOfDomain,
            "not-ready" => Unanswered::NotReady,
            "undecided" => Unanswered::Undecided,
            "other" => Unanswered::Other,
            _ => return None,
        };
        Some(Abstention { why, code: u16::try_from(self.field("code").count()?).ok()? })
    }
}
