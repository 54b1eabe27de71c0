//! Situations that layers and modifiers are put into, from fixtures and at random.

use super::strategy::view;
use super::{Case, NOW, layers, modifiers};
use proptest::prelude::*;
use zero_core::{MissingReason, Observation, Px, Rate, Sz, Truth, TsDiff, Usd};
use zero_market::cross::CrossMarket;
use zero_market::{Instrument, Side, Universe};
use zero_strategy::lens::{Opinion, Provenance};
use zero_strategy::{
    CandidateCtx, CoinView, Costs, Entry, FeatureBank, FeaturePlan, Limits, Portfolio, PortfolioRisk, Sizing,
};

/// What a layer or a modifier may look at, as plain numbers.
#[derive(Clone, Debug)]
pub(crate) struct Situation {
    age_s: Option<f64>,
    funding: Option<(f64, f64)>,
    sigma: Option<f64>,
    stop: Option<f64>,
    equity: f64,
    peak: f64,
    gross: f64,
    coin: f64,
    open: u32,
    pub(crate) notional: f64,
    taker: f64,
    pub(crate) sell: bool,
    exit: bool,
    risk: PortfolioRisk,
    /// Is there a cross-section, and which volatility state has it?
    cross: bool,
    volatility: Option<u8>,
    evidence: Option<(f64, f64)>,
    refuses: u8,
}

const RISK: PortfolioRisk = PortfolioRisk {
    vol: 0.1,
    beta: 0.1,
    factor: 0.1,
    share: 0.1,
    shortfall: 0.001,
    correlated_vol: 0.1,
    crash: 0.01,
    correlation: 0.5,
    used: 0.1,
};

impl Situation {
    fn ordinary() -> Self {
        Self {
            age_s: Some(0.0),
            funding: None,
            sigma: Some(0.01),
            stop: Some(0.05),
            equity: 10_000.0,
            peak: 10_000.0,
            gross: 1_000.0,
            coin: 1_000.0,
            open: 1,
            notional: 1_000.0,
            taker: 0.00045,
            sell: false,
            exit: false,
            risk: RISK,
            cross: true,
            volatility: Some(1),
            evidence: None,
            refuses: 1,
        }
    }

    pub(crate) fn of(case: &Case) -> Self {
        let mut s = Self { exit: case.exit, ..Self::ordinary() };
        for (k, v) in &case.set {
            match k.as_str() {
                "age_s" => s.age_s = Some(*v),
                "funding" => s.funding = Some((*v, s.funding.map_or(0.0, |f| f.1))),
                "funding_age_s" => s.funding = Some((s.funding.map_or(0.0, |f| f.0), *v)),
                "sigma" => s.sigma = Some(*v),
                "stop" => s.stop = Some(*v),
                "equity" => s.equity = *v,
                "peak" => s.peak = *v,
                "gross" => s.gross = *v,
                "coin" => s.coin = *v,
                "open" => s.open = *v as u32,
                "notional" => s.notional = *v,
                "vol" => s.risk.vol = *v,
                "beta" => s.risk.beta = *v,
                "factor" => s.risk.factor = *v,
                "share" => s.risk.share = *v,
                "shortfall" => s.risk.shortfall = *v,
                "correlated_vol" => s.risk.correlated_vol = *v,
                "crash" => s.risk.crash = *v,
                "correlation" => s.risk.correlation = *v,
                "used" => s.risk.used = *v,
                "volatility" => s.volatility = Some(*v as u8),
                "refuses" => s.refuses = *v as u8,
                "mean" => s.evidence = Some((*v, s.evidence.map_or(0.0, |e| e.1))),
                "stderr" => s.evidence = Some((s.evidence.map_or(0.0, |e| e.0), *v)),
                other => panic!("a case sets {other}"),
            }
        }
        for k in &case.missing {
            match k.as_str() {
                "close" => s.age_s = None,
                "sigma" => s.sigma = None,
                "risk" => s.risk = PortfolioRisk::UNKNOWN,
                "cross" => s.cross = false,
                "volatility" => s.volatility = None,
                other => panic!("a case takes {other} away"),
            }
        }
        s
    }

    fn with<T>(&self, f: impl FnOnce(&CandidateCtx<'_>) -> T) -> T {
        let usd = |x: f64| Usd::from_f64_nearest(x).unwrap();
        let ago = |s: f64| NOW.minus(TsDiff::ns((s * 1e9) as i64));
        let bank = FeatureBank::new(&FeaturePlan::new());
        let universe = Universe::new(vec![Instrument::new("BTC", 2, 50), Instrument::new("ETH", 2, 50)]);
        let mut market = CrossMarket::ordinary(&universe, TsDiff::HOUR, NOW, 0.01);
        market.assume_volatility(self.volatility);
        let mut limits = Limits::standard();
        limits.refuse_turbulent = self.refuses & 1 != 0;
        limits.refuse_one_bet = self.refuses & 2 != 0;
        limits.refuse_illiquid = self.refuses & 4 != 0;
        let view = CoinView {
            cross: self.cross.then_some(&market),
            close: match self.age_s {
                Some(s) => Observation::At { value: Px::whole(100), time: ago(s) },
                None => Observation::Missing(MissingReason::Gap),
            },
            funding: match self.funding {
                Some((r, s)) => Observation::At { value: Rate::from_f64_nearest(r).unwrap(), time: ago(s) },
                None => Observation::Missing(MissingReason::NeverSeen),
            },
            ..view(&bank)
        };
        let entry = Entry {
            side: if self.sell { Side::Sell } else { Side::Buy },
            stop: self.stop,
            target: None,
            horizon: TsDiff::DAY,
            score: 1.0,
            sizing: Sizing::Risk,
        };
        let before = Portfolio {
            equity: usd(self.equity),
            peak: usd(self.peak),
            gross: usd(self.gross),
            coin: usd(self.coin),
            open: self.open,
        };
        f(&CandidateCtx {
            view: &view,
            entry: &entry,
            px: Px::whole(100),
            sz: Sz::from_f64_nearest(self.notional / 100.0).unwrap(),
            notional: usd(self.notional),
            sigma: self.sigma,
            before: &before,
            after: &before,
            limits: &limits,
            risk: &self.risk,
            evidence: self.evidence.map(|(mean, stderr)| Opinion {
                mean,
                stderr,
                provenance: Provenance::Measured,
            }),
            forecast: None,
            is_exit: self.exit,
            costs: &Costs { taker: Rate::from_f64_nearest(self.taker).unwrap(), half_spread: Rate::bps(1) },
        })
    }

    pub(crate) fn judge(&self, name: &str) -> Vec<Truth> {
        let layers = layers();
        let layer = layers.iter().find(|l| l.name() == name).unwrap();
        let mut out = Vec::new();
        self.with(|ctx| layer.judge(ctx, &mut |j| out.push(j)));
        // A distance says the same as the outcome.
        for j in &out {
            match j.truth {
                Truth::Unknown => assert!(j.value.is_nan(), "{name} {j:?}"),
                _ => assert!(!j.value.is_nan() && !j.distance().is_nan(), "{name} {j:?}"),
            }
        }
        out.into_iter().map(|j| j.truth).collect()
    }

    pub(crate) fn shrink(&self, name: &str) -> f64 {
        let all = modifiers();
        let m = all.iter().find(|m| m.name() == name).unwrap();
        self.with(|ctx| m.shrink(ctx).factor())
    }
}

/// Any of them.
pub(crate) fn situation() -> impl Strategy<Value = Situation> {
    let money = || 0.0f64..1e6;
    (
        (
            prop::option::weighted(0.9, -10.0f64..20_000.0),
            prop::option::of((-0.01f64..0.01, 0.0f64..10_000.0)),
        ),
        (prop::option::weighted(0.9, 0.0f64..0.2), prop::option::weighted(0.9, -0.1f64..0.9)),
        (-1_000.0f64..1e6, money(), money(), money(), 0u32..40, money(), 0.0f64..0.01, any::<bool>()),
        (
            prop::collection::vec(0.0f64..1.0, 9),
            prop::option::of(0u8..3),
            prop::option::of((-1.0f64..1.0, 0.0f64..1.0)),
        ),
        (any::<bool>(), 0u8..8, any::<bool>()),
    )
        .prop_map(
            |(
                (age_s, funding),
                (sigma, stop),
                (equity, peak, gross, coin, open, notional, taker, sell),
                (r, volatility, evidence),
                (cross, refuses, exit),
            )| {
                Situation {
                    risk: PortfolioRisk {
                        vol: r[0],
                        beta: r[1],
                        factor: r[2],
                        share: r[3],
                        shortfall: r[4] / 10.0,
                        correlated_vol: r[5],
                        crash: r[6],
                        correlation: 2.0 * r[7] - 1.0,
                        used: 2.0 * r[8],
                    },
                    cross,
                    volatility,
                    evidence,
                    refuses,
                    exit,
                    age_s,
                    funding,
                    sigma,
                    stop,
                    equity,
                    peak,
                    gross,
                    coin,
                    open,
                    notional,
                    taker,
                    sell,
                }
            },
        )
}

/// The same situation with more risk in every input a gate looks at.
pub(crate) fn riskier(s: &Situation, by: f64) -> Situation {
    Situation {
        age_s: s.age_s.map(|x| if x < 0.0 { x } else { x + by * 1_000.0 }),
        stop: s.stop.map(|x| x / (1.0 + by)),
        equity: s.equity - by * 100.0,
        gross: s.gross + by * 100.0,
        coin: s.coin + by * 100.0,
        open: s.open + by as u32,
        notional: s.notional * (1.0 + by),
        sigma: s.sigma.map(|x| x * (1.0 + by)),
        taker: s.taker + by * 1e-4,
        funding: s.funding.map(|(r, age)| (r + by * 1e-4 * if s.sell { -1.0 } else { 1.0 }, age)),
        risk: PortfolioRisk {
            vol: s.risk.vol + by,
            beta: s.risk.beta + by,
            factor: s.risk.factor + by,
            share: s.risk.share + by,
            shortfall: s.risk.shortfall + by,
            correlated_vol: s.risk.correlated_vol + by,
            crash: s.risk.crash + by,
            correlation: s.risk.correlation + by,
            used: s.risk.used + by,
        },
        evidence: s.evidence.map(|(m, e)| (m - by, e + by)),
        volatility: if by > 2.5 { Some(2) } else { s.volatility },
        ..s.clone()
    }
}
