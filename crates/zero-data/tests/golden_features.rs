//! Streaming features against vectors of independent Python libraries (TA-Lib, pandas, numpy; versions in the vectors,
//! recipe in `golden/generate.py`).
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests")]

use serde::Deserialize;
use zero_market::feature::{Atr, Ema, EwmaVol, FundingMean, Rma, TrendT};

#[derive(Deserialize)]
struct Golden {
    libraries: std::collections::BTreeMap<String, String>,
    n: usize,
    half_life: f64,
    k: usize,
    funding_n: usize,
    high: Vec<f64>,
    low: Vec<f64>,
    close: Vec<f64>,
    funding: Vec<f64>,
    ema: Vec<Option<f64>>,
    rma: Vec<Option<f64>>,
    atr: Vec<Option<f64>>,
    vol: Vec<Option<f64>>,
    trend: Vec<Option<f64>>,
    funding_mean: Vec<Option<f64>>,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("golden/features.json")).unwrap()
}

/// Relative 1e-12: a hundred times looser than the arithmetic, a thousand times tighter than any other convention.
fn same(name: &str, got: &[Option<f64>], want: &[Option<f64>], from: usize) -> Result<(), String> {
    if got.len() != want.len() {
        return Err(format!("{name}: {} against {}", got.len(), want.len()));
    }
    for (i, (g, w)) in got.iter().zip(want).enumerate() {
        let agree = match (g, w) {
            (Some(g), Some(w)) => (g - w).abs() <= 1e-12 * w.abs().max(1e-6),
            (None, None) => true,
            (None, Some(_)) => i < from,
            (Some(_), None) => false,
        };
        if !agree {
            return Err(format!("{name}[{i}]: {g:?} against {w:?}"));
        }
    }
    Ok(())
}

#[test]
fn every_feature_equals_its_independent_vector() {
    let g = golden();
    assert!(g.libraries.contains_key("TA-Lib") && g.libraries.contains_key("pandas"));
    let over = |f: &mut dyn FnMut(f64) -> Option<f64>| g.close.iter().map(|x| f(*x)).collect::<Vec<_>>();
    let mut ema = Ema::new(g.n);
    // pandas reports from the first value on; ours waits for its warm-up length.
    same("ema", &over(&mut |x| ema.step(x)), &g.ema, g.n - 1).unwrap();
    let mut rma = Rma::new(g.n);
    same("rma", &over(&mut |x| rma.step(x)), &g.rma, 0).unwrap();
    let mut vol = EwmaVol::new(g.half_life);
    same("vol", &over(&mut |x| vol.step(x)), &g.vol, 0).unwrap();
    let mut trend = TrendT::new(g.k, g.half_life);
    same("trend", &over(&mut |x| trend.step(x)), &g.trend, 0).unwrap();
    let mut atr = Atr::new(g.n);
    let bars = g.high.iter().zip(&g.low).zip(&g.close);
    let got: Vec<_> = bars.map(|((h, l), c)| atr.step(*h, *l, *c)).collect();
    same("atr", &got, &g.atr, 0).unwrap();
    let mut mean = FundingMean::new(g.funding_n);
    let got: Vec<_> = g.funding.iter().map(|r| mean.step(*r)).collect();
    same("funding mean", &got, &g.funding_mean, 0).unwrap();
}

#[test]
fn the_comparison_tells_another_convention_apart() {
    let g = golden();
    // Wilder's average taken for an exponential one, and an EMA seeded with a mean: both are common mistakes.
    let mut wilder_as_ema = Ema::new(g.n);
    let got: Vec<_> = g.close.iter().map(|x| wilder_as_ema.step(*x)).collect();
    assert!(same("rma", &got, &g.rma, 0).is_err());
    let mut late = Ema::new(g.n);
    let got: Vec<_> =
        g.close.iter().enumerate().map(|(i, x)| if i == 0 { None } else { late.step(*x) }).collect();
    assert!(same("ema", &got, &g.ema, g.n).is_err());
}
