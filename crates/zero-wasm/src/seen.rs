//! Inputs of a component: declared on the plan, seen through a view.

use wasmtime::component::Val;
use zero_core::obs::Fresh;
use zero_core::prng::Prng;
use zero_core::{Ts, TsDiff};
use zero_strategy::lang::catalog::Feature;
use zero_strategy::{CoinView, FeatureBank, FeaturePlan, FeatureSpec, Slot};

/// A declared input.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Declared {
    pub(crate) name: &'static str,
    slot: Slot,
    of: FeatureSpec,
    samples: &'static [f64],
}

impl Declared {
    pub(crate) fn on(plan: &mut FeaturePlan, f: &Feature) -> Self {
        Self { name: f.entry().name, slot: plan.need(f.spec()), of: f.spec(), samples: f.entry().samples }
    }

    /// As the run tolerates it.
    pub(crate) fn seen(&self, view: &CoinView<'_>) -> Fresh<f64> {
        match self.of {
            FeatureSpec::FundingMean { .. } | FeatureSpec::FundingZ { .. } => view.funding_feature(self.slot),
            _ => view.feature(self.slot),
        }
    }

    /// As the run tolerates it, and not over an age.
    pub(crate) fn not_over(&self, age: TsDiff, view: &CoinView<'_>) -> Fresh<f64> {
        match self.seen(view) {
            Fresh::Live(_) => view.bank.get(self.slot).fresh(view.now, age),
            other => other,
        }
    }

    /// Puts one of the values into a bank that its feature is tried with; its volatility is `sigma`, where that is given.
    pub(crate) fn sample(&self, draw: &mut Prng, sigma: Option<f64>, now: Ts, bank: &mut FeatureBank) {
        let at = draw.below(self.samples.len().max(1) as u64) as usize;
        let own = self.samples.get(at).copied().unwrap_or(0.0);
        let is_vol = matches!(self.of, FeatureSpec::EwmaVol { .. });
        bank.set(self.slot, sigma.filter(|_| is_vol).unwrap_or(own), now);
    }
}

pub(crate) fn record<const N: usize>(fields: [(&str, Val); N]) -> Val {
    Val::Record(fields.map(|(name, v)| (name.to_owned(), v)).into())
}
