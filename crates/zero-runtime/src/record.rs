//! What a journal record of a run is: a version, then one of these.

use crate::approval::Used;
use crate::driver::OperatorPolicy;
use crate::engine::EngineError;
use crate::spec::{Epoch, RunSpec};
use zero_core::cbor::{CborError, Decoder, Encoder};
use zero_core::{Canon, Digest32, Ts, Usd, canon_enum, canon_struct};
use zero_kernel::record::{Abstained, CandidateTrace};
use zero_kernel::{Cycle, Fact, KernelConfig};
use zero_market::{CostTable, Instrument};
use zero_paper::PaperConfig;
use zero_strategy::{HostedLens, OpinionModel, StrategySpec};

/// How the words for a synthetic market begin; its seed follows.
const SYNTHETIC: &str = "synthetic market, seed ";

/// A synthetic market in words, as a manifest names its source.
#[must_use]
pub fn synthetic_source(seed: u64) -> String {
    format!("{SYNTHETIC}{seed}")
}

/// What a source says of the synthetic market that it is, or that its store was made of: its seed and what was planted in it. Its
/// length does not count: as far as it goes, it is the same market.
#[must_use]
pub fn synthetic_market(source: &str) -> Option<String> {
    let words = source.get(source.rfind(SYNTHETIC)?..)?;
    Some(words.split(", ").filter(|part| !part.ends_with(" days")).collect::<Vec<_>>().join(", "))
}

/// Version of the records that this program writes. It reads every version that was ever released.
pub const RECORD_VERSION: u64 = 1;

canon_struct! {
    /// The run manifest: opens an epoch. Everything needed to read the records that follow, and to run them again.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Manifest {
        /// Digests of code, configuration and strategies.
        pub epoch: Epoch,
        /// Number of the epoch in its journal, from one. The runner sets it.
        pub epoch_number: u64,
        /// Program name and version.
        pub program: String,
        /// Where the market comes from, in words.
        pub source: String,
        /// Wall clock at the start, read at the rim.
        pub started: Ts,
        /// Identity of the journal, from its first start: what an approval is good in. The runner sets it.
        pub journal: Digest32,
        /// It was started for a live venue.
        pub live_capable: bool,
        /// This start is live-capable, or one before it in the journal was: increases of risk need a signed approval from then on,
        /// or a start in paper would lift what a live-capable one may not. The runner sets it.
        pub guarded: bool,
        /// Digest of the operator's effective configuration.
        pub settings: Digest32,
        /// Its canonical bytes in hexadecimal, so that the next start can say what changed; empty where there is none.
        pub settings_hex: String,
        /// Instruments; the place in this list is the coin's id.
        pub universe: Vec<Instrument>,
        /// Kernel configuration, books included.
        pub kernel: KernelConfig,
        /// Paper venue.
        pub paper: PaperConfig,
        /// Measured costs in force, with the digest of their document.
        pub costs: CostTable,
        /// Measured opinion model in force.
        pub opinion_model: Option<Box<OpinionModel>>,
        /// Policy for latches and reconciliation.
        pub policy: OperatorPolicy,
        /// Strategies, in the order of books.
        pub strategies: Vec<StrategySpec>,
        /// Names that traces index.
        pub gates: Vec<String>,
        /// Names that traces index.
        pub lenses: Vec<String>,
        /// Version of each lens.
        pub lens_versions: Vec<u16>,
        /// Hosted lenses: the last of those.
        pub hosted_lenses: Vec<StrategySpec>,
        /// Names that traces index.
        pub modifiers: Vec<String>,
        /// Names in the order of a trace's breaker bits.
        pub breakers: Vec<String>,
    }
}

impl Manifest {
    /// Of a run.
    ///
    /// # Errors
    /// [`EngineError::Kernel`] for a configuration that cannot work.
    pub fn of(
        spec: &RunSpec,
        code: Digest32,
        settings: Digest32,
        source: &str,
        started: Ts,
    ) -> Result<Self, EngineError> {
        let engine = spec.engine()?;
        let stack = engine.kernel().stack();
        let names = |n: Vec<&str>| n.into_iter().map(str::to_owned).collect();
        Ok(Self {
            epoch: spec.epoch(code)?,
            epoch_number: 1,
            program: concat!("zero ", env!("CARGO_PKG_VERSION")).to_owned(),
            source: source.to_owned(),
            started,
            journal: Digest32::ZERO,
            live_capable: false,
            guarded: false,
            settings,
            settings_hex: String::new(),
            universe: spec.universe.iter().map(|(_, i)| i.clone()).collect(),
            kernel: spec.kernel.clone(),
            paper: spec.paper,
            costs: spec.costs.clone(),
            opinion_model: spec.opinion_model.clone(),
            policy: spec.policy,
            strategies: stack.strategies.iter().map(|s| s.spec()).collect(),
            gates: names(stack.gates().to_vec()),
            lenses: names(stack.lenses.iter().map(|l| l.name()).collect()),
            lens_versions: stack.lenses.iter().map(|l| l.version()).collect(),
            hosted_lenses: spec.lenses.iter().map(HostedLens::spec).collect(),
            modifiers: names(stack.modifiers.iter().map(|m| m.name()).collect()),
            breakers: names(zero_kernel::breakers::BREAKERS.iter().map(|b| b.name()).collect()),
        })
    }
}

canon_struct! {
    /// A change of the operator's settings, with its risk direction.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct SettingsChange {
        /// Digest before.
        pub before: Digest32,
        /// Digest after.
        pub after: Digest32,
        /// Keys that changed, as `key: old -> new (direction)`.
        pub changes: Vec<String>,
        /// Does any of them increase risk?
        pub increases: bool,
    }
}

canon_struct! {
    /// One run of a backtest: every one is counted, whatever its result.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Trial {
        /// Wall clock, read at the rim.
        pub time: Ts,
        /// Digests of code, configuration and strategies.
        pub epoch: Epoch,
        /// Digest of the data.
        pub data: Digest32,
        /// The decision digest.
        pub digest: Digest32,
        /// Strategies, as text.
        pub strategies: String,
        /// Start and end of the data.
        pub from: Ts,
        /// Last event.
        pub to: Ts,
        /// Equity at the start and the end.
        pub initial: Usd,
        /// Equity at the end.
        pub last: Usd,
        /// Annualised Sharpe ratio of the net returns; NaN where undefined.
        pub sharpe: f64,
        /// Returns that it was computed from.
        pub returns: u64,
    }
}

canon_struct! {
    /// The run ended in an orderly way.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct RunEnd {
        /// Wall clock, read at the rim.
        pub time: Ts,
        /// Why.
        pub reason: String,
    }
}

canon_enum! {
    /// A record's body.
    #[derive(Clone, Debug, PartialEq)]
    pub enum Body {
        /// Opens an epoch.
        1 "manifest" Manifest(Box<Manifest>),
        /// A fact of the kernel.
        2 "fact" Fact(Fact),
        /// A judged candidate, for reading only.
        3 "candidate" Candidate(Box<CandidateTrace>),
        /// The five phases of a deciding cycle, for reading only.
        4 "cycle" Cycle(Box<Cycle>),
        /// A backtest.
        5 "trial" Trial(Box<Trial>),
        /// A change of settings.
        6 "settings" Settings(Box<SettingsChange>),
        /// An orderly end.
        7 "end" End(RunEnd),
        /// An approval was used.
        8 "approval" Approval(Box<Used>),
        /// A hosted strategy that gave no answer, for reading only.
        9 "abstained" Abstained(Abstained),
    }
}

/// Appends a record's bytes: `[version, body]`.
pub fn encode(body: &Body, out: Vec<u8>) -> Vec<u8> {
    let mut e = Encoder::append_to(out);
    e.array(2);
    e.u64(RECORD_VERSION);
    body.encode(&mut e);
    e.into_bytes()
}

/// Appends a fact's record without moving the fact.
pub fn encode_fact(fact: &Fact, out: Vec<u8>) -> Vec<u8> {
    encode_tagged(2, fact, out)
}

/// A candidate's tag.
const CANDIDATE: u64 = 3;

/// Appends a candidate's record without moving the trace.
pub fn encode_candidate(trace: &CandidateTrace, out: Vec<u8>) -> Vec<u8> {
    encode_tagged(CANDIDATE, trace, out)
}

/// Appends an abstention's record.
pub fn encode_abstained(what: &Abstained, out: Vec<u8>) -> Vec<u8> {
    encode_tagged(9, what, out)
}

/// Appends a cycle's record.
pub fn encode_cycle(cycle: &Cycle, out: Vec<u8>) -> Vec<u8> {
    encode_tagged(4, cycle, out)
}

fn encode_tagged(tag: u64, body: &impl Canon, out: Vec<u8>) -> Vec<u8> {
    let mut e = Encoder::append_to(out);
    e.array(2);
    e.u64(RECORD_VERSION);
    e.array(2);
    e.u64(tag);
    body.encode(&mut e);
    e.into_bytes()
}

/// Is it a candidate's record? Looks at its head alone.
pub(crate) fn is_candidate(bytes: &[u8]) -> bool {
    let mut d = Decoder::new(bytes);
    let mut head = || {
        d.array_exact(2)?;
        d.u64()?;
        d.array_exact(2)?;
        d.u64()
    };
    head().is_ok_and(|tag| tag == CANDIDATE)
}

/// Is a candidate's record that of a refused one? Whether it was admitted is the last thing that is said of it.
pub(crate) fn is_refused(bytes: &[u8]) -> bool {
    const FALSE: u8 = 0xf4;
    bytes.last() == Some(&FALSE)
}

/// Reads a record.
///
/// # Errors
/// [`CborError`]; [`CborError::Tag`] for a version or kind that this program does not know.
pub fn decode(bytes: &[u8]) -> Result<Body, CborError> {
    let mut d = Decoder::new(bytes);
    d.array_exact(2)?;
    if d.u64()? != RECORD_VERSION {
        return Err(CborError::Tag);
    }
    let body = Body::decode(&mut d)?;
    d.finish()?;
    Ok(body)
}

/// Must retention keep it for ever? Manifests, settings, trials, ends, approvals, operators' acts and breaker changes: what later
/// claims rest on.
#[must_use]
pub fn is_kept(body: &Body) -> bool {
    match body {
        Body::Fact(f) => is_kept_fact(f),
        Body::Candidate(_) | Body::Cycle(_) | Body::Abstained(_) => false,
        Body::Manifest(_) | Body::Trial(_) | Body::Settings(_) | Body::End(_) | Body::Approval(_) => true,
    }
}

/// Must retention keep this fact?
#[must_use]
pub const fn is_kept_fact(fact: &Fact) -> bool {
    match fact {
        Fact::Breaker(_) | Fact::Friction(_) | Fact::Execution(_) => true,
        Fact::Event(e) => {
            matches!(e.body, zero_market::EventBody::Operator(_) | zero_market::EventBody::Transfer(_))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zero_market::event::TimerKind;
    use zero_market::{Event, EventBody};

    #[test]
    fn encoding_without_moving_gives_the_same_bytes_as_the_body() {
        let fact = Fact::Event(Event::at(Ts::from_ns(5), EventBody::Timer(TimerKind::BarSlice)));
        assert_eq!(encode_fact(&fact, Vec::new()), encode(&Body::Fact(fact.clone()), Vec::new()));
        let bytes = encode_fact(&fact, Vec::new());
        assert_eq!(decode(&bytes).unwrap(), Body::Fact(fact));
    }

    #[test]
    fn a_record_of_an_unknown_version_is_refused_not_guessed() {
        let mut bytes = encode(&Body::End(RunEnd { time: Ts::ZERO, reason: String::new() }), Vec::new());
        bytes[1] = 2;
        assert_eq!(decode(&bytes), Err(CborError::Tag));
    }
}
