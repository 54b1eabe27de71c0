//! The generator: one slice of bars of all coins at a time, from counter-based draws.
//!
//! Returns are `sigma_i * s_t * (b_i * z_t + sqrt(1 - b_i^2) * e_it)` with Student-t draws and one log volatility `s_t`
//! common to all coins, the sum of a fast and a slow autoregressive component (Taylor's stochastic volatility).

use super::premium::{Level, Premium};
use super::shape::Path;
use super::spec::{CoinSpec, Edge, EdgeKind, SynthSpec};
use crate::row::{BarRow, FundingRow};
use std::collections::VecDeque;
use zero_core::prng::Prng;
use zero_core::{Digest32, Ts, TsDiff};

const HOURS_PER_YEAR: f64 = 8_760.0;
/// Degrees of freedom of the draws, and the standard deviation of a t with eight.
const DF: u32 = 8;
const T8_SD: f64 = 1.154_700_538_379_251_5;
/// Draws beyond this many standard deviations are cut: they would come once in decades of hourly bars.
const DRAW_MAX: f64 = 12.0;
/// (hourly persistence, standard deviation) of the two components of log volatility.
const VOL: [(f64, f64); 2] = [(0.94, 0.34), (0.995, 0.33)];
/// What the crash adds to the fast component.
const CRASH_VOL: f64 = 1.3;
/// Pull of the log price to its start per hour: half-life of a year.
const PULL: f64 = std::f64::consts::LN_2 / HOURS_PER_YEAR;

/// Streams of one purpose; a coin's own streams also depend on its symbol.
#[derive(Clone, Copy)]
enum Stream {
    Factor = 1,
    Vol = 2,
    Premium = 3,
    Noise = 4,
    Shape = 5,
    CoinPremium = 6,
}

fn coin_stream(symbol: &str, s: Stream) -> u64 {
    let Digest32([a, b, c, d, e, f, g, _, ..]) = Digest32::of(symbol.as_bytes());
    u64::from_le_bytes([s as u8, a, b, c, d, e, f, g])
}

#[derive(Clone, Debug)]
struct CoinState {
    noise: Prng,
    shape: Prng,
    premium_draws: Prng,
    premium: Premium,
    close: f64,
    /// Latent log closes for the longest trend of an edge on this coin, oldest first.
    past: VecDeque<f64>,
    past_len: usize,
}

/// Bars of all coins over one interval, and the prints in it.
#[derive(Clone, Debug)]
pub(crate) struct Slice {
    pub(crate) open_time: Ts,
    pub(crate) bars: Vec<BarRow>,
    /// By hour, then coin: `prints[hour * coins + coin]`, for the hours in `(open, close]`.
    pub(crate) prints: Vec<FundingRow>,
}

impl Slice {
    pub(crate) const fn empty() -> Self {
        Self { open_time: Ts::ZERO, bars: Vec::new(), prints: Vec::new() }
    }
}

/// The state of a synthetic market after some number of bars. Its size does not grow.
#[derive(Clone, Debug)]
pub(crate) struct Market {
    spec: SynthSpec,
    bar: u64,
    factor: Prng,
    vol_draws: Prng,
    vol: [f64; 2],
    premium_draws: Prng,
    premium: Level,
    coins: Vec<CoinState>,
}

impl Market {
    /// The specification was checked.
    pub(crate) fn new(spec: &SynthSpec) -> Self {
        let own = |c: &CoinSpec, s| Prng::new(spec.seed, coin_stream(&c.instrument.symbol, s));
        let coins = spec.coins.iter().map(|c| CoinState {
            noise: own(c, Stream::Noise),
            shape: own(c, Stream::Shape),
            premium_draws: own(c, Stream::CoinPremium),
            premium: Premium::default(),
            close: 0.0,
            past: VecDeque::new(),
            past_len: spec
                .edges
                .iter()
                .filter(|e| concerns(e, c))
                .map(|e| e.lookback as usize)
                .max()
                .unwrap_or(0),
        });
        Self {
            bar: 0,
            factor: Prng::new(spec.seed, Stream::Factor as u64),
            vol_draws: Prng::new(spec.seed, Stream::Vol as u64),
            vol: [0.0; 2],
            premium_draws: Prng::new(spec.seed, Stream::Premium as u64),
            premium: Level::default(),
            coins: coins.collect(),
            spec: spec.clone(),
        }
    }

    pub(crate) fn bars_done(&self) -> u64 {
        self.bar
    }

    pub(crate) fn next_slice(&mut self, out: &mut Slice) {
        let (spec, bar) = (&self.spec, self.bar);
        let hours = spec.interval.as_ns() as f64 / TsDiff::HOUR.as_ns() as f64;
        let is_crash = spec.crash_bar == Some(bar);
        out.open_time = spec.start.plus(spec.interval.times(bar as i64));
        out.bars.clear();
        out.prints.clear();

        let vol = step_vol(&mut self.vol, &mut self.vol_draws, hours);
        let z = heavy(&mut self.factor);
        for (c, state) in spec.coins.iter().zip(&mut self.coins) {
            // Every draw is taken in every bar, so a crash or an edge moves no other draw.
            let e = heavy(&mut state.noise);
            let seam = c.seam / 0.674_5 * vol * state.noise.normal();
            let activity = state.noise.normal();
            let sigma = c.annual_vol * libm::sqrt(hours / HOURS_PER_YEAR);
            let unit = c.loading * z + libm::sqrt(1.0 - c.loading * c.loading) * e;
            let drift = spec.edges.iter().map(|edge| edge_drift(edge, c, state, bar)).sum::<f64>() * sigma;
            let open = state.close + seam.clamp(-0.05, 0.05);
            let ret = (sigma * vol * unit + drift - PULL * hours * state.close).clamp(-1.0, 1.0);
            let calm = Path::bridge(open, ret, sigma * sigma * vol * vol, &mut state.shape);
            let path = if is_crash { Path::crash(open, state.close, c) } else { calm };
            let burst = if is_crash { 10.0 } else { 0.6 + 0.5 * unit.abs() * vol };
            let volume = c.volume * hours * burst * libm::exp(0.6 * activity);
            out.bars.push(path.on_grid(out.open_time, c, volume.min(1e10)));
            state.close = path.close.clamp(-6.0, 6.0);
            if state.past_len > 0 {
                if state.past.len() > state.past_len {
                    state.past.pop_front();
                }
                state.past.push_back(state.close);
            }
            if is_crash {
                state.premium.crash(c);
            }
        }
        if is_crash && let [fast, _] = &mut self.vol {
            *fast += CRASH_VOL;
        }
        self.step_prints(out);
        self.bar += 1;
    }

    fn step_prints(&mut self, out: &mut Slice) {
        let close = out.open_time.plus(self.spec.interval);
        let mut hour = out.open_time.floor(TsDiff::HOUR).plus(TsDiff::HOUR);
        while hour <= close {
            let common = self.premium.step(&mut self.premium_draws);
            for (c, state) in self.spec.coins.iter().zip(&mut self.coins) {
                out.prints.push(state.premium.step(hour, c, common, &mut state.premium_draws));
            }
            hour = hour.plus(TsDiff::HOUR);
        }
    }
}

/// A Student-t draw of unit variance.
fn heavy(draws: &mut Prng) -> f64 {
    (draws.student_t(DF) / T8_SD).clamp(-DRAW_MAX, DRAW_MAX)
}

/// One step of the common volatility; its mean square is one.
fn step_vol(state: &mut [f64; 2], draws: &mut Prng, hours: f64) -> f64 {
    let mut log_vol = 0.0;
    for (x, (hourly, sd)) in state.iter_mut().zip(VOL) {
        let keep = libm::pow(hourly, hours);
        *x = keep * *x + libm::sqrt(1.0 - keep * keep) * sd * draws.normal();
        log_vol += *x - sd * sd;
    }
    libm::exp(log_vol.clamp(-3.0, 3.0))
}

fn concerns(e: &Edge, c: &CoinSpec) -> bool {
    e.coins.is_empty() || e.coins.contains(&c.instrument.symbol)
}

/// The edge's expected return in units of sigma.
fn edge_drift(e: &Edge, c: &CoinSpec, state: &CoinState, bar: u64) -> f64 {
    if !concerns(e, c) || bar < e.from_bar || e.to_bar.is_some_and(|to| bar >= to) {
        return 0.0;
    }
    let trend = || {
        let k = e.lookback as usize;
        let then = state.past.len().checked_sub(k + 1).and_then(|i| state.past.get(i));
        let sigma = c.annual_vol * libm::sqrt(k as f64 / HOURS_PER_YEAR);
        then.map_or(0.0, |then| if sigma > 0.0 { (state.close - then) / sigma } else { 0.0 })
    };
    let signal = match e.kind {
        EdgeKind::Momentum => trend(),
        EdgeKind::Reversal => -trend(),
        EdgeKind::Carry => -state.premium.signal(c),
    };
    e.strength * libm::tanh(signal)
}
