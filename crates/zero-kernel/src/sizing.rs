//! From a wish to a size on the venue's grid. Every step shrinks; nothing is ever rounded up.

use crate::config::KernelConfig;
use zero_core::{Px, Sz, Usd};
use zero_market::Instrument;
use zero_strategy::{Costs, Entry, Sizing};

/// A stop farther than this would be below any price.
pub(crate) const STOP_MAX: f64 = 0.9;

/// Size before modifiers: the fixed fraction of equity over (stop distance + round trip), capped by the share of
/// equity that one coin may take.
///
/// A size whose value cannot be expressed is no size.
pub(crate) fn base(
    cfg: &KernelConfig,
    costs: &Costs,
    ins: &Instrument,
    (entry, equity, px): (&Entry, Usd, Px),
) -> Sz {
    let sz = wanted(cfg, costs, ins, (entry, equity, px));
    if px.notional(sz).is_ok() { sz } else { Sz::ZERO }
}

fn wanted(cfg: &KernelConfig, costs: &Costs, ins: &Instrument, (entry, equity, px): (&Entry, Usd, Px)) -> Sz {
    match entry.sizing {
        Sizing::Fixed(sz) => ins.quantise_down(sz),
        Sizing::Share(share) => {
            let notional = equity.mul_rate(share).unwrap_or(Usd::ZERO);
            notional.size_at(px).map_or(Sz::ZERO, |sz| ins.quantise_down(sz))
        }
        Sizing::Risk => {
            let Some(stop) = entry.stop.filter(|s| s.is_finite() && *s > 0.0) else {
                return Sz::ZERO;
            };
            let at_risk = equity.to_f64() * cfg.limits.risk_per_trade.to_f64();
            let notional = at_risk / (stop.min(STOP_MAX) + costs.round_trip());
            let cap = equity.to_f64() * cfg.limits.max_position_share.to_f64();
            to_lots(ins, notional.min(cap), px)
        }
    }
}

/// A base size times the product of the modifiers' factors.
pub(crate) fn shrunk(ins: &Instrument, base: Sz, factor: f64) -> Sz {
    if factor >= 1.0 {
        return base;
    }
    Sz::from_f64_nearest(base.to_f64() * factor).map_or(Sz::ZERO, |sz| ins.quantise_down(sz.min(base)))
}

fn to_lots(ins: &Instrument, notional: f64, px: Px) -> Sz {
    Usd::from_f64_nearest(notional)
        .and_then(|usd| usd.size_at(px))
        .map_or(Sz::ZERO, |sz| ins.quantise_down(sz))
}
