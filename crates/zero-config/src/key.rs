//! What a key declares about itself, and the registry of all keys.

use crate::books;
use crate::sections;
use crate::value::{Kind, Raw, Value};

/// How a change of a key's value moves risk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RiskRule {
    /// A larger value, a later choice or an absent value permits more risk.
    MoreIsRiskier,
    /// A smaller value permits more risk.
    LessIsRiskier,
    /// No effect on exposure.
    Neutral,
    /// Cannot be told from the value alone: any change counts as an increase.
    Unknown,
}

impl RiskRule {
    /// In the words of the reference.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::MoreIsRiskier => "raising it increases risk",
            Self::LessIsRiskier => "lowering it increases risk",
            Self::Neutral => "neutral",
            Self::Unknown => "any change counts as an increase",
        }
    }
}

/// What holds where no layer says anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fallback {
    /// This text, parsed like any other.
    Value(&'static str),
    /// Nothing: the key is optional, and `none` unsets it.
    Absent,
    /// An error: the operator has to say it.
    Required,
}

/// A key, declared once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeySpec {
    /// Dotted path; `*` stands for a name that the operator chooses.
    pub path: &'static str,
    /// Type and range.
    pub kind: Kind,
    /// What holds where nothing is said.
    pub fallback: Fallback,
    /// How a change moves risk.
    pub risk: RiskRule,
    /// Meaning and unit.
    pub doc: &'static str,
    /// First version that had it.
    pub since: &'static str,
}

impl KeySpec {
    /// The default as a value; `None` for optional and required keys.
    #[must_use]
    pub fn default_value(&self) -> Option<Value> {
        match self.fallback {
            Fallback::Value(text) => self.kind.parse(&Raw::Bare(text.into())).ok(),
            Fallback::Absent | Fallback::Required => None,
        }
    }

    /// The environment variable of a concrete key: `ZERO_<SECTION>__<KEY>`, dots as two underscores.
    #[must_use]
    pub fn env_name(key: &str) -> String {
        format!("ZERO_{}", key.replace('.', "__").to_ascii_uppercase())
    }

    /// Whether a concrete path is this key.
    #[must_use]
    pub fn matches(&self, key: &str) -> bool {
        let mut want = self.path.split('.');
        let mut have = key.split('.');
        loop {
            match (want.next(), have.next()) {
                (None, None) => return true,
                (Some("*"), Some(name)) if books::is_name(name) => {}
                (Some(w), Some(h)) if w == h && w != "*" => {}
                _ => return false,
            }
        }
    }
}

/// A section of keys.
#[derive(Clone, Copy, Debug)]
pub struct SectionSpec {
    /// Dotted name of its table.
    pub name: &'static str,
    /// What it is about.
    pub doc: &'static str,
    /// Its keys.
    pub keys: &'static [KeySpec],
}

/// Every section, in the order of the reference.
#[must_use]
pub fn all_sections() -> Vec<SectionSpec> {
    sections::ALL.iter().chain(books::ALL).copied().collect()
}

/// Every key, in the order of the reference.
pub fn all_keys() -> impl Iterator<Item = &'static KeySpec> {
    sections::ALL.iter().chain(books::ALL).flat_map(|s| s.keys)
}

/// The declaration of a concrete key.
#[must_use]
pub fn find(key: &str) -> Option<&'static KeySpec> {
    all_keys().find(|k| k.matches(key))
}

/// An environment variable that is not a configuration key.
#[derive(Clone, Copy, Debug)]
pub struct EnvSpec {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub doc: &'static str,
}

/// Every other environment variable that is read.
pub const OTHER_ENV: &[EnvSpec] = &[
    EnvSpec {
        name: "ZERO_HOME",
        doc: "root of all state; default `$XDG_STATE_HOME/zero`, else `~/.local/state/zero`",
    },
    EnvSpec { name: "ZERO_OPERATOR", doc: "operator whose partition is used; default `default`" },
    EnvSpec { name: "ZERO_SHARED_DATA", doc: "folder of recorded market data for the tests that need it" },
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_default_obeys_its_own_rule() {
        for k in all_keys() {
            if let Fallback::Value(text) = k.fallback {
                assert!(k.default_value().is_some(), "{} = {text}: {}", k.path, k.kind.wants());
            }
        }
    }

    #[test]
    fn every_key_is_declared_once_and_says_what_it_is() {
        let mut paths = BTreeSet::new();
        for k in all_keys() {
            assert!(paths.insert(k.path), "{} twice", k.path);
            assert!(k.doc.trim().len() > 10 && k.doc.trim_end().ends_with('.'), "{}: {:?}", k.path, k.doc);
            assert!(!k.path.contains("__"), "{}: the environment name would be ambiguous", k.path);
        }
    }

    #[test]
    fn environment_names_of_different_keys_differ() {
        let names: BTreeSet<String> = all_keys().map(|k| KeySpec::env_name(k.path)).collect();
        assert_eq!(names.len(), all_keys().count());
    }

    #[test]
    fn a_pattern_matches_names_only() {
        assert!(find("books.momentum.trend.lookback").is_some());
        assert!(find("books.Momentum.trend.lookback").is_none());
        assert!(find("books.a__b.trend.lookback").is_none());
        assert!(find("books.*.strategy").is_none());
        assert!(find("limits").is_none());
    }
}
