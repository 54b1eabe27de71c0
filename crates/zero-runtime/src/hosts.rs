//! Hosted parts that are at hand. A journal holds a component's digest and not its bytes: who wants a run's kernel back brings
//! the parts, and what is not brought is named with its reason.

use std::borrow::Cow;
use zero_strategy::{Hosted, HostedLens, StrategySpec, Unexplained};

/// Parameters of a hosted part begin with this, and its digest follows.
const MARK: &str = "component=";

/// Why a component of a run cannot be asked, unless whoever brings the parts says it better.
const NOT_AT_HAND: Unexplained = Unexplained {
    code: "ZERO-STR-028",
    why: Cow::Borrowed("the journal holds a component's digest, and no component with it is at hand"),
};

/// Why a strategy in Rust or a document of a run cannot be asked.
const OTHER_MEANING: Unexplained = Unexplained {
    code: "ZERO-STR-030",
    why: Cow::Borrowed("this program cannot build the strategy that the run uses"),
};

/// Hosted parts, to rebuild runs with.
#[derive(Clone, Debug, Default)]
pub struct Hosts {
    /// Strategies.
    pub strategies: Vec<Hosted>,
    /// Lenses.
    pub lenses: Vec<HostedLens>,
    /// Why there are not more of them, where that is not that none was found.
    pub absent: Option<Unexplained>,
}

impl Hosts {
    /// The strategy of this identity.
    #[must_use]
    pub fn strategy(&self, spec: &StrategySpec) -> Option<&Hosted> {
        self.strategies.iter().find(|h| h.spec() == *spec)
    }

    /// The lens of this identity, or what stands in its place.
    pub(crate) fn lens(&self, spec: &StrategySpec) -> HostedLens {
        self.lenses
            .iter()
            .find(|h| h.spec() == *spec)
            .cloned()
            .unwrap_or_else(|| HostedLens::stand_in(spec.clone()))
    }

    /// Why a lens of these is missing; `None` where all are at hand.
    #[must_use]
    pub fn missing_lens(&self, of: &[StrategySpec]) -> Option<Unexplained> {
        let missing = of.iter().find(|s| !self.lenses.iter().any(|h| h.spec() == **s))?;
        let Unexplained { code, why } = self.absence(missing);
        Some(Unexplained { code, why: format!("of lens {}: {why}", missing.name).into() })
    }

    /// Why the strategy of this identity cannot be built.
    #[must_use]
    pub fn absence(&self, spec: &StrategySpec) -> Unexplained {
        match component(spec) {
            Some(_) => self.absent.clone().unwrap_or(NOT_AT_HAND),
            None => OTHER_MEANING,
        }
    }
}

/// The digest of the component, hexadecimal, that an identity names; `None` where it names none.
#[must_use]
pub fn component(spec: &StrategySpec) -> Option<&str> {
    spec.params.strip_prefix(MARK)?.split(' ').next()
}
