//! F1: limits that contradict each other refuse to start and say which; every shipped preset can trade.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

mod support;

use std::sync::Arc;
use support::config;
use zero_core::{Px, Rate, Sz, TsDiff, Usd};
use zero_kernel::{Kernel, KernelConfig, Stack};
use zero_market::Universe;
use zero_strategy::lang::{Document, LangError, shipped};
use zero_strategy::registry::StrategyChoice;
use zero_strategy::strategies::{CarryParams, TrendParams};

/// Prices of the order of the reference panel, by coin.
const PRICES: [&str; 10] = ["0.5", "25.5", "110000", "0.22", "4300", "13.5", "23.4", "2.45", "200", "3.4"];

fn presets() -> Vec<(&'static str, StrategyChoice)> {
    vec![
        ("trend", StrategyChoice::Trend(TrendParams::standard())),
        ("carry", StrategyChoice::Carry(CarryParams::standard())),
        ("trend document", document(shipped::trend(&TrendParams::standard()))),
        ("carry document", document(shipped::carry(&CarryParams::standard()))),
        ("ema_cross", StrategyChoice::EmaCross(10, 20, Sz::whole(1))),
        ("random_entry", StrategyChoice::RandomEntry(7, Rate::bps(100), TrendParams::standard())),
        ("hold", StrategyChoice::Hold(Rate::bps(500))),
        ("flat", StrategyChoice::Flat),
    ]
}

fn document(d: Result<Document, LangError>) -> StrategyChoice {
    StrategyChoice::Document(Arc::new(d.unwrap()))
}

fn kernel(cfg: KernelConfig, choice: StrategyChoice) -> Kernel {
    Kernel::new(cfg, Universe::reference(), Stack::standard(|plan| vec![choice.build(plan)])).unwrap()
}

fn prices() -> Vec<Option<Px>> {
    PRICES.iter().map(|p| Some(Px::parse(p).unwrap())).collect()
}

#[test]
fn every_shipped_preset_has_a_witness_at_every_bar_length() {
    for (name, choice) in presets() {
        for interval in [TsDiff::secs(60), TsDiff::HOUR, TsDiff::DAY] {
            let k = kernel(config(&[0]), choice.clone());
            let found =
                k.witness(&prices(), interval, support::START).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert_eq!(found.len(), 1);
            let w = &found[0];
            let ins = k.universe().get(w.coin).unwrap();
            assert!(ins.is_valid_sz(w.sz) && w.px.notional(w.sz).unwrap() >= Usd::whole(10), "{name}");
        }
    }
}

#[test]
fn contradictory_limits_refuse_to_start_and_name_the_gates() {
    type Spoil = fn(&mut KernelConfig);
    let cases: [(&str, Spoil); 15] = [
        ("min_notional", |c| c.limits.risk_per_trade = Rate::from_raw(1_000)),
        ("min_notional", |c| c.limits.max_position_share = Rate::from_raw(100_000_000)),
        ("min_notional", |c| c.books[0].initial = Usd::whole(5)),
        ("min_notional", |c| c.limits.vol_target_annual = Rate::ZERO),
        ("min_notional", |c| c.limits.max_drawdown = Rate::ZERO),
        ("cost_share", |c| c.limits.max_cost_share = Rate::ZERO),
        ("cost_share", |c| c.costs.taker = Rate::bps(5_000)),
        ("open_positions", |c| c.limits.max_open_positions = 0),
        ("gross_leverage", |c| c.limits.max_gross_leverage = Rate::from_raw(1_000_000)),
        ("order_rate", |c| c.limits.orders_per_hour = 0),
        ("breaker daily_loss", |c| c.limits.daily_loss = Rate::ZERO),
        ("breaker fee_burn", |c| c.limits.fee_burn_per_day = Rate::ZERO),
        ("breaker exchange_error", |c| c.rejects_per_hour = 0),
        ("breaker dead_man", |c| c.dead_man_after = Some(TsDiff::ZERO)),
        ("breaker stale_market_data", |c| c.limits.stale_after = TsDiff::ZERO),
    ];
    for (gate, spoil) in cases {
        let mut cfg = config(&[0]);
        spoil(&mut cfg);
        let k = kernel(cfg, StrategyChoice::Trend(TrendParams::standard()));
        let err = k.witness(&prices(), TsDiff::HOUR, support::START).expect_err(gate);
        assert_eq!(err.code(), "ZERO-KRN-005");
        assert!(err.to_string().contains(gate), "{gate}: {err}");
        assert!(err.to_string().contains("book0"), "{err}");
    }
}

#[test]
fn one_book_that_can_never_trade_is_enough_to_refuse() {
    let mut cfg = config(&[0, 1]);
    cfg.books[1].initial = Usd::whole(5);
    let trend = || StrategyChoice::Trend(TrendParams::standard());
    let stack = Stack::standard(|plan| vec![trend().build(plan), trend().build(plan)]);
    let k = Kernel::new(cfg, Universe::reference(), stack).unwrap();
    let err = k.witness(&prices(), TsDiff::HOUR, support::START).unwrap_err().to_string();
    assert!(err.contains("book1"), "{err}");
}

#[test]
fn without_a_price_there_is_no_witness() {
    let k = kernel(config(&[0]), StrategyChoice::Trend(TrendParams::standard()));
    assert!(k.witness(&[None; 10], TsDiff::HOUR, support::START).is_err());
    assert!(k.witness(&[], TsDiff::HOUR, support::START).is_err());
}

#[test]
fn a_configuration_of_the_wrong_shape_is_refused() {
    let stack = |n: usize| Stack::bare(|plan| (0..n).map(|_| StrategyChoice::Flat.build(plan)).collect());
    let u = Universe::reference;
    assert!(Kernel::new(config(&[]), u(), stack(0)).is_err());
    assert!(Kernel::new(config(&[0]), u(), stack(2)).is_err());
    assert!(Kernel::new(config(&[0]), Universe::new(vec![]), stack(1)).is_err());
    let mut holes = config(&[0, 0]);
    holes.books[1].book = zero_core::BookId(5);
    assert!(Kernel::new(holes, u(), stack(2)).is_err());
    assert!(Kernel::new(config(&[0; 257]), u(), stack(257)).is_err());
}
