//! Every name that a surface lists as a component, a dependency, a breaker or a check is driven to both of its values by
//! breaking what it stands for. A name that cannot change says so here, with the reason.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

use std::collections::BTreeMap;
use std::sync::Arc;
use zero_core::{CoinId, Digest32, Px, Sz, Ts, TsDiff, Usd};
use zero_data::synth::{self, SynthSpec};
use zero_kernel::breakers::BREAKERS;
use zero_kernel::state::ReconState;
use zero_kernel::{Fact, KernelConfig, OrderPhase, apply};
use zero_market::event::{Bar, BarOpen};
use zero_market::venue::{OrderEnd, OrderEnded, VenueEvent};
use zero_market::{Event, EventBody, Purpose};
use zero_packets::canary::PHASES;
use zero_packets::evidence::LiveEvidence;
use zero_packets::live::OperatorContext;
use zero_paper::{FeeModel, PaperConfig};
use zero_runtime::project::{self, AuditParts, Holder, Reading};
use zero_runtime::record::Manifest;
use zero_runtime::replica::Replica;
use zero_runtime::view::{RunView, Start};
use zero_runtime::{OperatorPolicy, RunSpec};
use zero_strategy::Limits;
use zero_strategy::registry::StrategyChoice;
use zero_strategy::strategies::TrendParams;

/// A run that holds a position with a stop, with every coin fresh and the venue in agreement.
fn sound() -> Reading {
    let market = SynthSpec::seeded(6);
    let mut spec = RunSpec::standard(
        market.universe(),
        Usd::whole(10_000),
        PaperConfig::standard(FeeModel::HYPERLIQUID_BASE),
        &[("trend", StrategyChoice::Trend(TrendParams::standard()))],
    );
    spec.policy = OperatorPolicy::UNATTENDED;
    spec.kernel.dead_man_after = Some(TsDiff::HOUR.times(8));
    let mut driver = spec.driver().unwrap();
    let mut facts = Vec::new();
    let is_sound = |driver: &zero_runtime::Driver| {
        let s = driver.engine().kernel().state();
        let stops = s.orders.open().iter().any(|o| o.intent.purpose == Purpose::Stop);
        stops && s.open_breakers() == 0 && s.coins.iter().all(|c| c.close_time == s.now)
    };
    for event in synth::stream(&market).unwrap() {
        driver.feed(&event.unwrap(), &mut zero_kernel::DigestSink, &mut facts).unwrap();
        facts.clear();
        if is_sound(&driver) {
            break;
        }
    }
    let mut state = driver.engine().kernel().state().clone();
    state.accounts.iter_mut().for_each(|a| a.recon = ReconState::Agrees);
    let now = state.now;
    let start = Start::of(&state);
    let view = RunView {
        manifest: Arc::new(
            Manifest::of(&spec, Digest32::ZERO, Digest32::ZERO, "synthetic", Ts::ZERO).unwrap(),
        ),
        state,
        next_seq: 1,
        snapshot_seq: None,
        start: Some(start),
        ended: None,
        torn: false,
        place: None,
        regime: None,
    };
    Reading {
        view: Arc::new(view),
        holder: Some(Holder { text: "pid 1".into() }),
        wall: now,
        path: "here".into(),
        drills: Default::default(),
    }
}

fn who() -> OperatorContext {
    OperatorContext {
        identity_policy: Default::default(),
        schema_version: Default::default(),
        operator_id: "owner".into(),
        handle: "owner".into(),
        role: "observer".into(),
        scope: "read".into(),
        source: None,
    }
}

fn evidence(r: &Reading) -> LiveEvidence {
    project::live_evidence(r, who(), &project::audit(r, "owner", AuditParts::default()))
}

type Statuses = BTreeMap<String, String>;

fn statuses(r: &Reading) -> Statuses {
    let health = project::health(r);
    let component =
        |(k, c): (&String, &zero_packets::health::Component)| (format!("component {k}"), c.status.clone());
    let mut out: Statuses = health.components.iter().map(component).collect();
    out.extend(health.dependencies.iter().map(|(k, v)| (format!("dependency {k}"), v.clone())));
    out.extend(health.circuit_breakers.iter().map(|(k, v)| (format!("breaker {k}"), v.clone())));
    let checks = project::preflight(r).checks;
    out.extend(checks.into_iter().map(|c| (format!("preflight {}", c.name), c.status)));
    let (evidence, claim) = (evidence(r), project::claim(r, "owner"));
    out.extend(evidence.artifacts.iter().map(|a| (format!("evidence {}", a.name), a.status.clone())));
    let phases = project::canary_policy(r, who(), &evidence).phases;
    out.extend(phases.into_iter().map(|p| (format!("canary {}", p.name), p.status)));
    let drills = project::certification(r).drills;
    out.extend(drills.into_iter().map(|d| (format!("drill {}", d.name), d.status)));
    let badges = project::network_profile(r, "owner").verification.badges;
    out.extend(badges.into_iter().map(|b| (format!("badge {}", b.name), b.status)));
    out.insert("claim signature".into(), claim.signature.status);
    let liveness = project::deployment_heartbeat(r, "owner").liveness;
    out.insert("heartbeat status".into(), liveness.status);
    out.insert("heartbeat dead_man_expired".into(), liveness.dead_man_expired.to_string());
    out.insert("confidence".into(), project::status(r).confidence.level.unwrap_or_default());
    out.insert("protection".into(), project::is_unprotected(r).to_string());
    out.insert("reconciliation".into(), project::reconciliation(r).status);
    out
}

/// What cannot change yet, and why.
const CONSTANT: &[(&str, &str)] = &[
    ("component memory", "there is no memory"),
    ("dependency exchange", "the venue is the paper venue"),
    ("dependency memory", "there is no memory"),
    ("dependency secrets", "paper needs none"),
    ("dependency live_preflight", "nothing can send a live order"),
    ("preflight live_executor", "nothing can send a live order"),
    ("preflight wallet_address", "no wallet is read"),
    ("preflight api_private_key", "no key is read"),
    ("preflight account_read", "no account is read"),
    ("preflight emergency_controls", "there is no live order to cancel"),
    ("evidence live_preflight", "nothing can send a live order"),
    ("evidence live_cockpit", "nothing can send a live order"),
    ("evidence live_execution_receipts", "nothing can send a live order"),
    ("evidence live_certification", "one drill has nothing to drill before there is a live venue"),
    ("evidence audit_export", "an audit is made for every evidence"),
    ("evidence deployment_claim", "a claim is made for every evidence"),
    ("canary readiness", "nothing can send a live order; evidence that says otherwise is handed in below"),
    ("canary policy_arm", "arming is not built"),
    ("canary bounded_launch_window", "a window needs an armed policy"),
    ("canary evidence_export", "evidence always has a hash; one without is handed in below"),
    ("canary shadow_review", "nobody reviews evidence"),
    (
        "canary qualification",
        "one drill has nothing to drill; evidence that says otherwise is handed in below",
    ),
    ("canary follow_through_review", "no live order was tried; evidence of one is handed in below"),
    ("drill rejected_exchange_dead_man_blocks_entries", "there is no live venue"),
    ("badge durable_journal", "what is published is durable"),
    ("claim signature", "a runtime has no identity to sign with"),
];

fn change(r: &mut Reading, f: impl FnOnce(&mut RunView)) {
    let mut view = (*r.view).clone();
    f(&mut view);
    r.view = Arc::new(view);
}

/// Another configuration in force, with drills of its own.
fn limits(r: &mut Reading, f: impl FnOnce(&mut KernelConfig)) {
    change(r, |v| {
        let mut m = (*v.manifest).clone();
        f(&mut m.kernel);
        v.manifest = Arc::new(m);
    });
    r.drills = Default::default();
}

/// What breaks, the names that it must change, and how.
type Breakage = (&'static str, Vec<String>, Box<dyn Fn(&mut Reading)>);

fn breakages() -> Vec<Breakage> {
    let names = |list: &[&str]| list.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
    let mut out: Vec<Breakage> = vec![
        (
            "nobody writes the journal",
            names(&[
                "component paper_engine",
                "heartbeat status",
                "evidence deployment_heartbeat",
                "badge running",
            ]),
            Box::new(|r| r.holder = None),
        ),
        (
            "nothing was ever filled",
            names(&["badge paper_traded"]),
            Box::new(|r| change(r, |v| v.state.counters.fills = 0)),
        ),
        (
            "no dead-man",
            names(&["drill heartbeat_arms_dead_man", "drill risk_increase_requires_heartbeat"]),
            Box::new(|r| limits(r, |k| k.dead_man_after = None)),
        ),
        (
            "no limits",
            names(&["drill rate_limit_blocks_second_order", "drill daily_loss_limit_blocks_entries"]),
            Box::new(|r| limits(r, |k| k.limits = Limits::unbounded())),
        ),
        (
            "limits under which nothing can be entered",
            names(&[
                "drill pause_blocks_entries",
                "drill exchange_submit_outage_fails_closed_without_retry",
                "preflight dry_run_order",
            ]),
            Box::new(|r| limits(r, |k| k.limits.max_open_positions = 0)),
        ),
        (
            "an unexplained change",
            names(&["component risk"]),
            Box::new(|r| change(r, |v| v.state.data_fault = true)),
        ),
        (
            "nothing says how the run started",
            names(&["component recovery"]),
            Box::new(|r| change(r, |v| (v.start, v.snapshot_seq) = (None, None))),
        ),
        (
            "prices grow old",
            names(&["dependency market_data", "preflight market_data", "confidence"]),
            Box::new(|r| {
                change(r, |v| v.state.now = v.state.now.plus(TsDiff::DAY.times(2)));
                r.wall = r.view.state.now;
            }),
        ),
        (
            "a torn tail",
            names(&["dependency journal"]),
            Box::new(|r| {
                r.holder = None;
                change(r, |v| v.torn = true);
            }),
        ),
        (
            "money from nowhere",
            names(&["preflight journal"]),
            Box::new(|r| change(r, |v| v.state.ledger.books[0].cash = Usd::whole(1))),
        ),
        (
            "the venue says something else",
            names(&["preflight reconciliation", "reconciliation", "evidence hl_reconcile"]),
            Box::new(|r| change(r, |v| v.state.accounts[0].recon = ReconState::Differs)),
        ),
        (
            "no limit on the day's loss",
            names(&["preflight risk_limits"]),
            Box::new(|r| limits(r, |k| k.limits.daily_loss = zero_core::Rate::ZERO)),
        ),
        ("a stop that ends without a fill", names(&["protection"]), Box::new(|r| change(r, lose_stops))),
    ];
    for (i, b) in BREAKERS.iter().enumerate() {
        let mut own = vec![format!("breaker {}", b.name()), "preflight immune_breakers".into()];
        if b.name() == "dead_man" {
            own.push("heartbeat dead_man_expired".into());
        }
        out.push((b.name(), own, Box::new(move |r| change(r, |v| v.state.breakers[i].open = true))));
    }
    out
}

/// The venue ends every stop, and nobody answers: a fold alone, without the kernel that would close the position at once.
fn lose_stops(v: &mut RunView) {
    let stops: Vec<_> =
        v.state.orders.open().iter().filter(|o| o.intent.purpose == Purpose::Stop).cloned().collect();
    assert!(stops.iter().all(|o| o.phase != OrderPhase::Unknown));
    for o in stops {
        let i = &o.intent;
        let ended = OrderEnded {
            order: i.id,
            account: i.account,
            coin: i.coin,
            why: OrderEnd::IocCancelled,
            unfilled: i.sz,
        };
        let event = Event::at(v.state.now, EventBody::Venue(VenueEvent::Ended(ended)));
        apply(&mut v.state, &v.manifest.kernel, &Fact::Event(event)).unwrap();
    }
}

#[test]
fn every_name_on_a_surface_changes_when_what_it_stands_for_breaks() {
    let whole = statuses(&sound());
    let mut moved: BTreeMap<String, &str> = BTreeMap::new();
    for (what, names, breaks) in breakages() {
        let mut r = sound();
        breaks(&mut r);
        let broken = statuses(&r);
        for name in &names {
            assert_ne!(whole.get(name), broken.get(name), "{what}: {name} did not change");
        }
        let differing = broken.iter().filter(|(k, v)| whole.get(*k) != Some(*v));
        moved.extend(differing.map(|(k, _)| (k.clone(), what)));
    }
    let constant: Vec<&str> = CONSTANT.iter().map(|c| c.0).collect();
    let still: Vec<&String> =
        whole.keys().filter(|k| !moved.contains_key(*k) && !constant.contains(&k.as_str())).collect();
    assert!(still.is_empty(), "{still:?} never changed");
    for name in constant {
        assert!(whole.contains_key(name) && !moved.contains_key(name), "{name} is not constant any more");
    }
}

/// Phases follow from the evidence that is handed in; of the rest it is said why it does not move.
#[test]
fn every_phase_of_a_canary_moves_with_its_evidence_or_says_why_it_cannot() {
    let r = sound();
    let phases = |e: &LiveEvidence| -> BTreeMap<String, String> {
        project::canary_policy(&r, who(), e).phases.into_iter().map(|p| (p.name, p.status)).collect()
    };
    let plain = evidence(&r);
    let mut refusal = plain.clone();
    refusal.summary.certification_passed = true;
    let mut ready = refusal.clone();
    (ready.summary.preflight_ready, ready.risk_increasing_allowed) = (true, true);
    let mut tried = ready.clone();
    tried.summary.live_records_total = 1;
    let mut without = plain.clone();
    without.evidence_hash.clear();
    let drivers: [(&str, &LiveEvidence, &LiveEvidence, [&str; 2]); 4] = [
        ("readiness", &plain, &ready, ["blocked", "ready"]),
        ("evidence_export", &plain, &without, ["captured", "not_captured"]),
        ("qualification", &plain, &refusal, ["blocked", "pass"]),
        ("follow_through_review", &ready, &tried, ["not_required", "blocked"]),
    ];
    for (name, before, after, says) in drivers {
        assert_eq!([phases(before)[name].as_str(), phases(after)[name].as_str()], says, "{name}");
    }
    assert_eq!(phases(&tried)["qualification"], "blocked", "an order that was tried is no refusal");
    let still = ["policy_arm", "bounded_launch_window", "shadow_review"];
    for name in PHASES {
        let driven = drivers.iter().any(|d| d.0 == name);
        assert!(driven != still.contains(&name), "{name} has no driver");
        let said = CONSTANT.iter().any(|c| c.0 == format!("canary {name}"));
        assert!(said, "{name}: what a runtime without a live venue says of it");
    }
}

#[test]
fn a_sound_run_is_called_sound() {
    let r = sound();
    let s = statuses(&r);
    assert_eq!(s["confidence"], "ok", "{s:#?}");
    assert_eq!(s["dependency market_data"], "fresh");
    assert_eq!(s["protection"], "false");
    assert!(r.view.symbol(CoinId(0)) != "?");
}

/// A second book on the same account, on the other side of what the first one holds.
fn opposed(size: impl Fn(Sz) -> Sz, price: impl Fn(Px) -> Px) -> (Reading, CoinId) {
    let mut r = sound();
    let coin = (0..r.view.state.coins.len())
        .map(|c| CoinId(c as u16))
        .find(|c| r.view.state.ledger.books[0].position(*c).szi.raw() != 0)
        .unwrap();
    change(&mut r, |v| {
        let mut second = v.state.ledger.books[0].clone();
        for (i, p) in second.positions.iter_mut().enumerate() {
            if i == coin.index() {
                let px = price(p.entry_px());
                p.szi = size(p.szi).negated();
                p.cost = px.notional(p.szi).unwrap();
            } else {
                (p.szi, p.cost) = (Sz::ZERO, Usd::ZERO);
            }
        }
        v.state.ledger.books.push(second);
        let slice = EventBody::Timer(zero_market::event::TimerKind::BarSlice);
        let measured = Fact::Event(Event::at(v.state.now, slice));
        apply(&mut v.state, &v.manifest.kernel, &measured).unwrap();
    });
    (r, coin)
}

#[test]
fn the_entry_of_opposed_books_explains_their_profit_and_loss() {
    let half = |s: Sz| Sz::from_raw(s.raw() / 2);
    let (r, _) = opposed(half, |p| Px::from_raw(p.raw() / 10 * 9));
    let packet = project::positions(&r, None);
    let p = packet.positions.iter().find(|p| p.books.len() == 2).unwrap();
    let n = |d: &zero_packets::Dec| d.to_string().parse::<f64>().unwrap();
    let sign = if p.side == "long" { 1.0 } else { -1.0 };
    let (entry, mark) = (n(p.entry.as_ref().unwrap()), n(p.mark.as_ref().unwrap()));
    let explained = sign * n(&p.size) * (mark - entry);
    let said = n(p.unrealized_pnl.as_ref().unwrap());
    assert!((explained - said).abs() < 1e-4 * said.abs().max(1.0), "{explained} against {said}: {p:?}");
    assert!(said.abs() > 1.0, "a mean over one side alone would not be told apart: {said}");
}

/// A market that is no feed has event time of its own: what lies between it and the wall clock is nobody's age.
#[test]
fn a_component_has_an_age_only_where_the_market_runs_by_the_wall_clock() {
    let mut r = sound();
    r.wall = r.view.state.now.plus(TsDiff::secs(7));
    let ages = |r: &Reading| -> Vec<Option<f64>> {
        let all = project::health(r).components;
        ["paper_engine", "risk", "recovery"].map(|name| all[name].age_s).to_vec()
    };
    assert_eq!(ages(&r), [None; 3]);
    change(&mut r, |v| Arc::make_mut(&mut v.manifest).source = "the venue's public data, BTC".into());
    assert_eq!(ages(&r), [Some(7.0); 3]);
}

#[test]
fn a_price_says_whether_it_is_a_close_or_the_mark_and_before_a_close_every_packet_has_the_mark() {
    let at_rest = sound();
    let mut replica = Replica::before_events((*at_rest.view.manifest).clone()).unwrap();
    let coin = CoinId(0);
    let shown = |replica: &Replica| {
        let r = replica.reading(&at_rest);
        let price = project::decision_stack(&r, replica, coin, None).unwrap().price;
        let evaluated = project::evaluation(&r, replica, coin, None).unwrap().price;
        assert_eq!(evaluated, price.last);
        let quote = project::quote(&r, coin);
        let number = |d: zero_packets::Dec| d.to_string().parse::<f64>().unwrap();
        assert!(quote.as_ref().is_none_or(|q| q.basis == "mark"));
        (price.basis, price.last.map(number), quote.map(|q| number(q.price)))
    };
    let bar = |open: i32, close: i32| Bar {
        coin,
        open_time: Ts::from_ns(0),
        interval: TsDiff::HOUR,
        open: Px::whole(open),
        high: Px::whole(close.max(open)),
        low: Px::whole(close.min(open)),
        close: Px::whole(close),
        volume: Sz::whole(1),
    };
    let opens = |px: i32, time: Ts| {
        let open = BarOpen { coin, open_time: time, interval: TsDiff::HOUR, open: Px::whole(px) };
        Fact::Event(Event::at(time, EventBody::BarOpened(open)))
    };
    let hour = Ts::from_ns(0).plus(TsDiff::HOUR);
    assert_eq!(shown(&replica), ("none".into(), None, None));
    replica.kernel.replay(&opens(100, Ts::from_ns(1))).unwrap();
    assert_eq!(shown(&replica), ("mark".into(), Some(100.0), Some(100.0)));
    replica.kernel.replay(&Fact::Event(Event::at(hour, EventBody::BarClosed(bar(100, 110))))).unwrap();
    assert_eq!(shown(&replica), ("close".into(), Some(110.0), Some(110.0)));
    replica.kernel.replay(&opens(120, hour)).unwrap();
    assert_eq!(shown(&replica), ("close".into(), Some(110.0), Some(120.0)), "and each says which it is");
}

#[test]
fn a_certification_names_six_requirements_and_each_once() {
    let all = project::certification(&sound()).evidence_requirements;
    let distinct: std::collections::BTreeSet<&String> = all.iter().collect();
    assert_eq!((all.len(), distinct.len()), (6, 6), "{all:?}");
}

#[test]
fn legs_that_cancel_out_have_no_entry_price_and_say_why() {
    let (r, _) = opposed(|s| s, |p| p);
    let packet = project::positions(&r, None);
    let p = packet.positions.iter().find(|p| p.books.len() == 2).unwrap();
    assert_eq!((p.side.as_str(), p.entry.as_ref()), ("flat", None));
    assert!(p.entry_unknown.as_ref().unwrap().contains("cancel out"), "{p:?}");
    // Long one of two at a price, short the other far above it: what is left has no price that could be paid.
    let (r, _) = opposed(|s| Sz::from_raw(s.raw() / 4 * 3), |p| Px::from_raw(p.raw() * 2));
    let packet = project::positions(&r, None);
    let p = packet.positions.iter().find(|p| p.books.len() == 2).unwrap();
    assert!(p.entry.is_none() && p.entry_unknown.as_ref().unwrap().contains("both sides"), "{p:?}");
}

#[test]
fn gross_exposure_is_never_above_its_own_worst_case_at_the_instant_of_that() {
    for part in [1, 2, 4] {
        let (r, _) = opposed(|s| Sz::from_raw(s.raw() / part), |p| p);
        let replica = Replica::before_events((*r.view.manifest).clone()).unwrap();
        let e = project::brief(&r, &replica, &[], None).exposure;
        let n = |d: &zero_packets::Dec| d.to_string().parse::<f64>().unwrap();
        let (gross, worst) = (n(e.gross_usd.as_ref().unwrap()), n(&e.worst_gross_usd));
        assert!(gross <= worst, "1/{part}: {gross} above {worst}");
    }
}

#[test]
fn a_status_says_where_what_it_does_not_ask_is_to_be_had() {
    let s = project::status(&sound());
    assert!(s.approaching.is_empty());
    let said = s.blind_spots.iter().filter_map(|b| b.as_str()).collect::<Vec<_>>().join("; ");
    assert!(said.contains("zero approaching") && said.contains("zero near-misses"), "{said}");
    assert!(!said.contains("not computed: signal, prediction, trades and wins of the day, near"), "{said}");
}
