//! What a fill costs: spread and impact on the venue's grid, fees, capacity.

use crate::state::PaperCoin;
use crate::venue::PaperVenue;
use zero_core::fixed::div_half_even;
use zero_core::{CoinId, Overflow, Px, Rate, Sz, Ts, TsDiff, Usd};
use zero_market::{Bar, Instrument, Liquidity, Side};

/// Bars over which volatility and volume are averaged for impact.
const HALF_LIFE_BARS: f64 = 48.0;
/// A worse slippage than this is not believed but capped: the bar's own range already holds the move.
const SLIPPAGE_MAX: f64 = 0.05;

impl PaperVenue {
    /// The price at which a taker fills near `px`: worse by half a spread, impact and the cost of arriving late, rounded
    /// against the taker. With none of them, the market's own price unchanged.
    pub(crate) fn taker_px(
        &self,
        ins: &Instrument,
        (id, coin): (CoinId, &PaperCoin),
        px: Px,
        (side, sz): (Side, Sz),
        (delay, time): (f64, Ts),
    ) -> Result<Px, Overflow> {
        let late = Rate::from_f64_nearest(delay).ok_or(Overflow)?;
        let measured = match self.costs.is_empty() {
            true => None,
            false => self.costs.rate(id, time, px.notional(sz)?),
        };
        let slip = match measured {
            Some(rate) => rate,
            None => self.slippage(coin, px, sz)?.plus(late)?,
        };
        if slip.raw() == 0 {
            return Ok(px);
        }
        let factor = i128::from(Rate::ONE_RAW) + i128::from(side.sign() * slip.raw());
        let raw = div_half_even(i128::from(px.raw()) * factor, i128::from(Rate::ONE_RAW));
        let worse = Px::from_raw(i64::try_from(raw).map_err(|_| Overflow)?.max(1));
        Ok(ins.round_px_adverse(worse, side))
    }

    /// What an order pays for arriving late inside a bar, of which only the open is known: one standard deviation of the
    /// price over the delay, always against it. Zero without latency.
    pub(crate) fn delay_cost(&self, coin: &PaperCoin) -> f64 {
        let share = self.cfg.latency.as_ns() as f64 / (coin.interval.as_ns().max(1) as f64);
        if share <= 0.0 { 0.0 } else { libm::sqrt(coin.variance * share.min(1.0)).min(SLIPPAGE_MAX) }
    }

    fn slippage(&self, coin: &PaperCoin, px: Px, sz: Sz) -> Result<Rate, Overflow> {
        let impact = self.cfg.impact.to_f64();
        if impact <= 0.0 || coin.mean_turnover <= 0.0 || coin.variance <= 0.0 {
            return Ok(self.cfg.half_spread);
        }
        let bars_per_day = 86_400e9 / (coin.interval.as_ns().max(1) as f64);
        let daily_sigma = libm::sqrt(coin.variance * bars_per_day);
        let share = px.notional(sz)?.to_f64() / (coin.mean_turnover * bars_per_day);
        let extra = (impact * daily_sigma * libm::sqrt(share)).min(SLIPPAGE_MAX);
        self.cfg.half_spread.plus(Rate::from_f64_nearest(extra).ok_or(Overflow)?)
    }

    /// Fee of a notional.
    pub(crate) fn fee(&self, notional: Usd, liquidity: Liquidity) -> Result<Usd, Overflow> {
        notional.mul_rate(match liquidity {
            Liquidity::Taker => self.cfg.fees.taker,
            Liquidity::Maker => self.cfg.fees.maker,
        })
    }

    /// The most that one order may take now: a share of the previous bar's volume, whole lots.
    pub(crate) fn capacity(&self, ins: &Instrument, coin: &PaperCoin) -> Sz {
        match self.cfg.participation {
            Some(share) => coin.volume.mul_rate(share).map_or(Sz::MAX, |sz| ins.quantise_down(sz)),
            None => Sz::MAX,
        }
    }

    /// Folds a complete bar into the coin's averages.
    pub(crate) fn learn_bar(&self, coin: &mut PaperCoin, bar: &Bar) {
        if self.cfg.impact.raw() > 0 || self.cfg.latency > TsDiff::ZERO {
            let weight = 1.0 - libm::exp2(-1.0 / HALF_LIFE_BARS);
            let traded = bar.close.to_f64() * bar.volume.to_f64();
            match coin.close {
                Some(last) => {
                    let r = libm::log(bar.close.to_f64() / last.to_f64());
                    coin.variance += weight * (r * r - coin.variance);
                    coin.mean_turnover += weight * (traded - coin.mean_turnover);
                }
                None => coin.mean_turnover = traded,
            }
        }
        coin.px = Some(bar.close);
        coin.close = Some(bar.close);
        coin.volume = bar.volume;
        coin.interval = bar.interval;
    }
}
