//! A measured cost model in force: the paper venue charges it, decisions assume it, and a run without one is what it was.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, dead_code, reason = "tests")]

mod support;

use std::collections::BTreeMap;
use support::{events, free, manifest, market, paper, run};
use zero_core::{Digest32, OrderId, Rate, TsDiff};
use zero_data::Dataset;
use zero_kernel::{CandidateTrace, TraceSink};
use zero_learn::execution::{Executions, Recorder};
use zero_learn::project::{cost_model, cost_table};
use zero_learn::{Fate, Learnt};
use zero_market::CostTable;
use zero_packets::Dec;
use zero_runtime::RunSpec;
use zero_strategy::registry::StrategyChoice;
use zero_strategy::strategies::TrendParams;

const COINS: [&str; 3] = ["BTC", "DOGE", "SUI"];

fn spec(data: &Dataset) -> RunSpec {
    let exits = TrendParams { stop_sigmas: Rate::bps(8_000), horizon_hours: 12, ..TrendParams::standard() };
    let mut venue = paper();
    venue.latency = TsDiff::ms(250);
    free(data, venue, StrategyChoice::RandomEntry(3, Rate::bps(1_500), exits))
}

fn traded(spec: &RunSpec, data: &Dataset) -> (Learnt, Executions) {
    let (learnt, facts) = run(spec, &events(data));
    let mut recorder = Recorder::default();
    recorder.start(&manifest(spec));
    facts.iter().for_each(|f| recorder.fact(f));
    (learnt, recorder.finish())
}

/// The table that a run's own orders give, by way of the document.
fn measured(spec: &RunSpec, data: &Dataset) -> CostTable {
    let document = cost_model(&manifest(spec), &traded(spec, data).1).unwrap();
    let text = zero_packets::Packet::to_json(&document).unwrap();
    let symbols: Vec<&str> = spec.universe.iter().map(|(_, i)| i.symbol.as_str()).collect();
    cost_table(&document, Digest32::of(text.as_bytes()), &symbols).unwrap()
}

#[derive(Default)]
struct Keep(BTreeMap<OrderId, CandidateTrace>);

impl TraceSink for Keep {
    fn candidate(&mut self, t: &CandidateTrace) {
        self.0.insert(t.decision, t.clone());
    }
}

fn traces(spec: &RunSpec, data: &Dataset) -> BTreeMap<OrderId, CandidateTrace> {
    let (mut driver, mut sink, mut facts) = (spec.driver().unwrap(), Keep::default(), Vec::new());
    for event in &events(data) {
        driver.feed(event, &mut sink, &mut facts).unwrap();
    }
    sink.0
}

#[test]
fn the_paper_venue_charges_what_was_measured_and_nothing_else() {
    let data = market(5, &COINS, 1_200);
    let mut with = spec(&data);
    with.costs = measured(&with, &data);
    let (_, all) = traded(&with, &data);
    let mut checked = 0;
    for e in all.judged() {
        for f in &e.fills {
            let value = f.mid.notional(f.sz).unwrap();
            let rate = with.costs.rate(e.coin, f.time, value).unwrap().to_f64();
            let paid = e.side.sign() as f64 * (f.px.to_f64() / f.mid.to_f64() - 1.0);
            let tick = with.universe.get(e.coin).unwrap().tick(f.px).to_f64() / f.mid.to_f64();
            // Rounded against the taker on the venue's grid, never for it.
            assert!(paid >= rate - 1e-12 && paid < rate + tick + 1e-12, "{paid} {rate} {tick}");
            checked += 1;
        }
    }
    assert!(checked > 300, "{checked}");
}

#[test]
fn decisions_assume_the_measured_cost() {
    let data = market(5, &COINS, 600);
    let without = spec(&data);
    let mut with = without.clone();
    with.costs = measured(&without, &data);
    let gate = manifest(&without).gates.iter().position(|g| g == "cost_share").unwrap();
    let (before, after) = (traces(&without, &data), traces(&with, &data));
    let mut checked = 0;
    for (id, b) in &before {
        let Some(a) = after.get(id).filter(|a| a.stop == b.stop && a.px == b.px) else { continue };
        let value = a.px.notional(a.base_sz).unwrap();
        let rate = with.costs.rate(a.coin, a.time, value).unwrap().to_f64();
        let more = 2.0 * (rate - without.kernel.costs.half_spread.to_f64()) / a.stop.unwrap();
        let found = a.gates[gate].value - b.gates[gate].value;
        assert!((found - more).abs() < 1e-12, "{found} {more}");
        checked += 1;
    }
    assert!(checked > 30, "{checked}");
}

#[test]
fn an_epoch_names_the_document_and_a_run_without_one_keeps_its_digest() {
    let data = market(5, &COINS, 600);
    let without = spec(&data);
    let mut with = without.clone();
    with.costs = measured(&without, &data);
    let mut other = with.clone();
    other.costs.document = Digest32([9; 32]);
    let digests = [without.config_digest(), with.config_digest(), other.config_digest()];
    assert!(digests[0] != digests[1] && digests[1] != digests[2]);
    assert_eq!(manifest(&with).costs, with.costs);
}

#[test]
fn a_shadow_pays_the_measured_cost_as_its_real_book_does() {
    let data = market(5, &COINS, 900);
    let mut with = spec(&data);
    with.costs = measured(&with, &data);
    let (learnt, all) = traded(&with, &data);
    let fees: BTreeMap<OrderId, i64> =
        all.list.iter().map(|e| (e.order, e.fills.iter().map(|f| f.fee.raw()).sum())).collect();
    let mut closed = 0;
    for case in learnt.cases.iter().filter(|c| c.admitted) {
        let Fate::Closed(c) = case.fate else { continue };
        let real = all.list.iter().find(|e| e.order == case.decision).unwrap();
        let notional: i64 = real.fills.iter().map(|f| f.notional.raw()).sum();
        let fills: i64 = real.fills.iter().map(|f| f.sz.raw()).sum();
        assert_eq!(c.sz.raw(), fills);
        assert_eq!(c.entry_px, zero_core::Usd::from_raw(notional).per_coin(c.sz).unwrap());
        assert!(c.fees.raw() > fees[&case.decision]);
        closed += 1;
    }
    assert!(closed > 100, "{closed}");
}

#[test]
fn a_document_that_cannot_be_true_is_refused() {
    let data = market(5, &COINS, 600);
    let spec = spec(&data);
    let good = cost_model(&manifest(&spec), &traded(&spec, &data).1).unwrap();
    let read = |d| cost_table(&d, Digest32::ZERO, &["BTC", "NEW"]);
    let table = read(good.clone()).unwrap();
    assert_eq!(table.rates.len(), 2 * table.cells_per_coin());
    let (mut negative, mut dear, mut unsorted, mut empty) =
        (good.clone(), good.clone(), good.clone(), good.clone());
    negative.cells[1].cost = Dec::parse("-0.0001").unwrap();
    dear.cells[1].cost = Dec::parse("0.2").unwrap();
    unsorted.size_edges_usd.reverse();
    empty.cells.remove(0);
    for bad in [negative, dear, unsorted, empty] {
        assert!(read(bad).is_err());
    }
    // A coin that was never traded costs what the whole does.
    let whole = Rate::parse(good.cells[0].cost.as_str()).unwrap();
    assert_eq!(table.rates[table.cells_per_coin()], whole);
}
