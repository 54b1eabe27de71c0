//! A run journal of every released record version opens for ever. `ZERO_WRITE_FIXTURE=1` writes the one of this version,
//! once, when a version is released.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};
use zero_core::{Canon as _, Digest32, Ts, Usd};
use zero_data::synth::{SynthSpec, generate};
use zero_data::{Dataset, EventRange};
use zero_journal::{Options, RealDisk, VerifyOptions, verify};
use zero_paper::{FeeModel, PaperConfig};
use zero_runtime::parity::scratch_key;
use zero_runtime::record::{Manifest, RECORD_VERSION};
use zero_runtime::runner::Runner;
use zero_runtime::view::{RunView, last_candidates};
use zero_runtime::{OperatorPolicy, RunSpec};
use zero_strategy::registry::StrategyChoice;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn market() -> Dataset {
    let mut spec = SynthSpec::seeded(5).only(&["BTC", "SUI"]);
    spec.bars = Some(600);
    generate(&spec).unwrap()
}

fn spec(data: &Dataset) -> RunSpec {
    let paper = PaperConfig::standard(FeeModel::HYPERLIQUID_BASE);
    let document = |name| {
        let file = zero_lang::read(zero_lang::bundled(name).unwrap().as_bytes()).unwrap();
        StrategyChoice::Document(std::sync::Arc::new(file.document))
    };
    let books = [("trend", document("trend")), ("carry", document("carry"))];
    let mut spec = RunSpec::standard(data.universe().clone(), Usd::whole(10_000), paper, &books);
    spec.policy = OperatorPolicy::UNATTENDED;
    spec
}

/// Writes a journal in `dir` as this program does.
fn write(dir: &Path, second: &Path) {
    let data = market();
    let spec = spec(&data);
    let manifest = Manifest::of(&spec, Digest32::ZERO, Digest32::ZERO, "fixture", Ts::ZERO).unwrap();
    let options = Options::new("zero.test/fixture/run", second, "fixture", scratch_key());
    let (mut runner, _) = Runner::open(RealDisk, dir, options, spec.driver().unwrap(), manifest, 0).unwrap();
    for event in data.events(&EventRange::all()) {
        runner.feed(&event.unwrap()).unwrap();
        if runner.is_full() {
            runner.commit().unwrap();
        }
    }
    runner.commit().unwrap();
    drop(runner);
}

/// What a reader of the journal must arrive at: fills, trial balance and the decision digest, as text.
fn told(dir: &Path) -> String {
    let view = RunView::load(&RealDisk, dir).unwrap();
    let c = view.state.counters;
    let books: Vec<String> = view
        .state
        .ledger
        .books
        .iter()
        .map(|b| format!("cash {} fees {} funding {} realised {}", b.cash, b.fees, b.funding, b.realised))
        .collect();
    format!(
        "records {}\nevents {}\ncandidates {}\norders {}\nfills {}\ndigest {}\n{}\n",
        view.next_seq,
        c.events,
        c.candidates,
        c.orders,
        c.fills,
        view.state.digest,
        books.join("\n")
    )
}

#[test]
fn a_run_journal_of_every_released_version_opens_and_tells_the_same() {
    let current = fixtures().join(format!("v{RECORD_VERSION}"));
    if std::env::var_os("ZERO_WRITE_FIXTURE").is_some() && !current.exists() {
        let second = tempfile::tempdir().unwrap();
        write(&current.join("journal"), second.path());
        fs::remove_file(current.join("journal/LOCK")).unwrap();
        fs::write(current.join("told.txt"), told(&current.join("journal"))).unwrap();
    }
    let mut seen = 0;
    for entry in fs::read_dir(fixtures()).unwrap() {
        let dir = entry.unwrap().path();
        let journal = dir.join("journal");
        let report = verify(&RealDisk, &journal, VerifyOptions { keys: &[], second_place: None }).unwrap();
        assert!(report.damage.is_none(), "{}: {:?}", dir.display(), report.damage);
        assert_eq!(told(&journal), fs::read_to_string(dir.join("told.txt")).unwrap(), "{}", dir.display());
        assert!(!last_candidates(&RealDisk, &journal, 5, |_| true).unwrap().is_empty());
        seen += 1;
    }
    assert!(seen >= RECORD_VERSION, "{seen} fixtures for {RECORD_VERSION} versions");
}

#[test]
fn recovery_from_facts_gives_the_state_of_the_run_that_wrote_them() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, second) = (dir.path().join("journal"), dir.path().join("second"));
    write(&journal, &second);
    let data = market();
    let spec = spec(&data);
    let mut memory = spec.driver().unwrap();
    let mut facts = Vec::new();
    for event in data.events(&EventRange::all()) {
        memory.feed(&event.unwrap(), &mut zero_kernel::DigestSink, &mut facts).unwrap();
        facts.clear();
    }
    let view = RunView::load(&RealDisk, &journal).unwrap();
    assert_eq!(view.state.to_bytes(), memory.engine().kernel().state().to_bytes());
}
