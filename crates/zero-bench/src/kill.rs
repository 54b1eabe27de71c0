//! Kills the real program with SIGKILL, over and over, and holds its journal against what it acknowledged and against a
//! run that nobody disturbed.
//!
//! An episode is one market with a journal of its own: start, kill, check, start again, until its share of kills is done;
//! then the last start runs to the end of the market, and everything that was recorded and the state that it folds to must
//! equal those of the undisturbed run. Times of receipt and reports of free disk space are the two things in a journal
//! that no two runs share; they are left out of the comparison.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::JoinHandle;
use std::time::Duration;
use zero_core::prng::Prng;
use zero_core::{Canon as _, Digest32, Hasher, OrderId, Ts};
use zero_journal::{Item, JournalError, Reader, RealDisk};
use zero_kernel::{Fact, State};
use zero_market::event::OperatorAction;
use zero_market::{EventBody, MarketKey, VenueEvent};
use zero_runtime::driver::is_market;
use zero_runtime::record::{self, Body};
use zero_runtime::view::RunView;

/// Kills per episode, at most.
const KILLS_PER_EPISODE: u64 = 16;
/// Markets in a row that may end before any kill.
const IDLE_EPISODES_MAX: u64 = 8;
/// A start that has not finished by then hangs, which is a failure.
const START_MAX: Duration = Duration::from_secs(120);

/// What a campaign did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct KillReport {
    /// Kills that found the program running.
    pub(crate) kills: u64,
    /// Markets run to their end.
    pub(crate) episodes: u64,
    /// Starts, the last ones of the episodes included.
    pub(crate) starts: u64,
    /// Kills before the start had acknowledged anything.
    pub(crate) before_first_ack: u64,
    /// Kills directly after an acknowledgement was read: snapshots, checkpoints and new segments are written then.
    pub(crate) after_an_ack: u64,
    /// Journals whose tail was torn by the kill.
    pub(crate) torn_tails: u64,
    /// Kills that left a half-written side file (a snapshot, checkpoint or tile on its way) behind.
    pub(crate) part_files: u64,
    /// Kills after which records were there that had not been acknowledged.
    pub(crate) beyond_acknowledged: u64,
    /// Records acknowledged over all episodes.
    pub(crate) acknowledged: u64,
    /// Fills in the finished journals.
    pub(crate) fills: u64,
    /// Segments in the finished journals.
    pub(crate) segments: u64,
}

/// Kills `program` (the `zero` binary) `kills` times, with markets and moments drawn from `seed`, in `dir`, which must
/// exist and be empty.
///
/// # Errors
/// The first broken promise, in one sentence that names its episode; its directory is left as it was found.
pub(crate) fn kill_campaign(program: &Path, dir: &Path, seed: u64, kills: u64) -> Result<KillReport, String> {
    let mut report = KillReport::default();
    let (mut episode, mut idle) = (0, 0);
    while report.kills < kills {
        let before = report.kills;
        let home = dir.join(format!("episode-{episode}"));
        let mut run = Episode::new(program, &home, Prng::new(seed, episode));
        let most = KILLS_PER_EPISODE.min(kills - report.kills);
        run.play(most, &mut report).map_err(|e| format!("episode {episode} of seed {seed}: {e}"))?;
        for done in [&run.home, &run.reference] {
            fs::remove_dir_all(done).map_err(|e| format!("{}: {e}", done.display()))?;
        }
        // A market as fast as it can may end before its first moment; many in a row mean that nothing is tested.
        idle = if report.kills == before { idle + 1 } else { 0 };
        if idle > IDLE_EPISODES_MAX {
            return Err(format!("{idle} markets of seed {seed} in a row ended before any kill"));
        }
        episode += 1;
    }
    Ok(report)
}

/// One market and its journal.
struct Episode<'a> {
    program: &'a Path,
    home: PathBuf,
    reference: PathBuf,
    prng: Prng,
    arguments: Vec<String>,
    /// How long an undisturbed run takes: kills are spread over it.
    whole: Duration,
    /// Digests of every record known to be durable.
    durable: Vec<Digest32>,
}

/// When to kill.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// This long after the start.
    After(Duration),
    /// This long after the nth acknowledgement of this start.
    Ack(u64, Duration),
}

impl<'a> Episode<'a> {
    fn new(program: &'a Path, home: &Path, mut prng: Prng) -> Self {
        let days = 10 + prng.below(11);
        let mut arguments: Vec<String> =
            ["--set=fees.taker=0.00045", "--set=fees.maker=0.00015", "--set=journal.segment_size=64KiB"]
                .map(str::to_owned)
                .to_vec();
        arguments.push(format!("--set=runtime.snapshot_every={}", 20 + prng.below(600)));
        arguments.push(format!("--set=journal.checkpoint_every={}", 10 + prng.below(300)));
        // Overrides stand together before the command: given on both sides of it, only the later ones would count.
        arguments.extend(
            ["run", "--source=synthetic", "--clear-halts-after=3d", "--print-acks"].map(str::to_owned),
        );
        arguments.push(format!("--seed={}", prng.below(1 << 32)));
        arguments.push(format!("--days={days}"));
        // Paced so that a run takes a second or two in many small batches; sometimes as fast as it can, in few large ones.
        if prng.below(4) > 0 {
            arguments.push(format!("--speed={}", 600_000 + prng.below(1_000_000)));
        }
        let reference = home.with_extension("reference");
        Self {
            program,
            home: home.to_owned(),
            reference,
            prng,
            arguments,
            whole: Duration::ZERO,
            durable: Vec::new(),
        }
    }

    fn play(&mut self, most: u64, report: &mut KillReport) -> Result<(), String> {
        let clock = zero_runtime::clock::SystemClock;
        let began = zero_runtime::clock::Clock::monotonic(&clock);
        self.start(&self.reference)?.finish()?;
        self.whole = zero_runtime::clock::Clock::monotonic(&clock) - began;
        let mut kills = 0;
        while kills < most {
            let moment = self.moment();
            let started = self.start(&self.home)?;
            report.starts += 1;
            let (acknowledged, killed) = started.kill_at(moment)?;
            if !killed {
                break;
            }
            kills += 1;
            report.kills += 1;
            report.before_first_ack += u64::from(acknowledged.is_none());
            report.after_an_ack += u64::from(matches!(moment, Moment::Ack(..)) && acknowledged.is_some());
            self.check(acknowledged.unwrap_or(0), report)?;
        }
        let last = self.start(&self.home)?.finish()?;
        report.starts += 1;
        self.check(last, report)?;
        report.acknowledged += last;
        report.episodes += 1;
        self.compare(report)
    }

    fn moment(&mut self) -> Moment {
        let whole = u64::try_from(self.whole.as_micros()).unwrap_or(u64::MAX).max(1_000);
        match self.prng.below(8) {
            0 => Moment::After(Duration::from_micros(self.prng.below(whole / 5))),
            1..=3 => Moment::After(Duration::from_micros(self.prng.below(whole * 2 / 3))),
            _ => {
                let delay = if self.prng.below(2) == 0 { 0 } else { self.prng.below(25_000) };
                Moment::Ack(1 + self.prng.below(6), Duration::from_micros(delay))
            }
        }
    }

    fn start(&self, home: &Path) -> Result<Started, String> {
        let mut child = Command::new(self.program)
            .arg("--home")
            .arg(home)
            .args(&self.arguments)
            .env_remove("ZERO_HOME")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|e| format!("{} does not start: {e}", self.program.display()))?;
        let (send, acks) = channel();
        let lines = child.stdout.take().map(BufReader::new);
        let reader = std::thread::spawn(move || {
            // A line without its end was not acknowledged: the kill came before.
            let mut line = String::new();
            let Some(mut lines) = lines else { return };
            while lines.read_line(&mut line).is_ok_and(|n| n > 0) && line.ends_with('\n') {
                if let Ok(seq) = line.trim().parse::<u64>() {
                    let _ = send.send(seq);
                }
                line.clear();
            }
        });
        let errors = child.stderr.take().map(BufReader::new);
        let errors = std::thread::spawn(move || {
            errors.map_or_else(String::new, |e| std::io::read_to_string(e).unwrap_or_default())
        });
        Ok(Started { child, acks, reader, errors })
    }

    /// What must hold after every end, whatever ended it.
    fn check(&mut self, acknowledged: u64, report: &mut KillReport) -> Result<(), String> {
        let journal = journal(&self.home);
        let seen = match read(&journal) {
            Ok(seen) => seen,
            Err(JournalError::NoJournal { .. }) if acknowledged == 0 && self.durable.is_empty() => {
                return Ok(());
            }
            Err(e) => return Err(format!("the journal does not open: {e}")),
        };
        report.torn_tails += u64::from(seen.torn);
        report.part_files += u64::from(part_files(&journal));
        let there = seen.records.len() as u64;
        if there < acknowledged {
            return Err(format!("{acknowledged} records were acknowledged, {there} are there"));
        }
        report.beyond_acknowledged += u64::from(there > acknowledged);
        for (seq, (now, then)) in seen.records.iter().zip(&self.durable).enumerate() {
            if now != then {
                return Err(format!("the bytes of record {seq} changed after it was durable"));
            }
        }
        if seen.records.len() < self.durable.len() {
            return Err(format!("{} records were durable, {there} are there", self.durable.len()));
        }
        seen.once()?;
        // Nothing on disk may vanish either: the process died, not the machine.
        self.durable = seen.records;
        Ok(())
    }

    fn compare(&self, report: &mut KillReport) -> Result<(), String> {
        let (killed, whole) = (journal(&self.home), journal(&self.reference));
        let error = |e: JournalError| e.to_string();
        let (a, b) = (read(&killed).map_err(error)?, read(&whole).map_err(error)?);
        if let Some(at) = (0..a.story.len().max(b.story.len())).find(|i| a.story.get(*i) != b.story.get(*i)) {
            return Err(format!(
                "decision or event {at} differs from the undisturbed run ({} and {} in all)",
                a.story.len(),
                b.story.len()
            ));
        }
        let (a, b) = (end_state(&killed)?, end_state(&whole)?);
        if a.digest != b.digest {
            return Err(format!("decision digest {} instead of {}", a.digest, b.digest));
        }
        if a.to_bytes() != b.to_bytes() {
            return Err("the folded state differs from the undisturbed run's".into());
        }
        report.fills += a.counters.fills;
        report.segments += fs::read_dir(&killed).map_or(0, |d| {
            d.flatten().filter(|e| e.path().extension().is_some_and(|x| x == "seg")).count() as u64
        });
        Ok(())
    }
}

/// A running program.
struct Started {
    child: Child,
    acks: Receiver<u64>,
    reader: JoinHandle<()>,
    errors: JoinHandle<String>,
}

impl Started {
    /// Waits for the moment, kills, and says what was acknowledged last; `false` when it ended by itself before.
    fn kill_at(mut self, moment: Moment) -> Result<(Option<u64>, bool), String> {
        let mut last = None;
        match moment {
            Moment::After(delay) => std::thread::sleep(delay),
            Moment::Ack(n, delay) => {
                for _ in 0..n {
                    match self.acks.recv_timeout(START_MAX) {
                        Ok(seq) => last = Some(seq),
                        Err(RecvTimeoutError::Disconnected) => break,
                        Err(RecvTimeoutError::Timeout) => {
                            let _ = self.child.kill();
                            return Err("the program hangs".into());
                        }
                    }
                }
                std::thread::sleep(delay);
            }
        }
        let ended = self.child.try_wait().map_err(|e| e.to_string())?;
        self.child.kill().map_err(|e| e.to_string())?;
        let status = self.child.wait().map_err(|e| e.to_string())?;
        let said = self.errors.join().unwrap_or_default();
        let _ = self.reader.join();
        last = self.acks.try_iter().last().or(last);
        let killed = ended.is_none() && !status.success();
        if status.code().is_some_and(|c| c != 0) {
            return Err(format!("it ended with {status}: {said}"));
        }
        Ok((last, killed))
    }

    /// Lets it run; what was acknowledged last.
    fn finish(mut self) -> Result<u64, String> {
        let _ = self.reader.join();
        let status = self.child.wait().map_err(|e| e.to_string())?;
        let said = self.errors.join().unwrap_or_default();
        if !status.success() {
            return Err(format!("an undisturbed start ended with {status}: {said}"));
        }
        Ok(self.acks.try_iter().last().unwrap_or(0))
    }
}

/// A journal as it is read.
#[derive(Default)]
struct Seen {
    /// Digest of each record's bytes.
    records: Vec<Digest32>,
    /// Digests of the facts and traces that every run of this market must have, in order.
    story: Vec<Digest32>,
    markets: Vec<MarketKey>,
    trades: Vec<u64>,
    orders: Vec<OrderId>,
    torn: bool,
    broken: Option<String>,
}

impl Seen {
    fn take(&mut self, seq: u64, bytes: &[u8]) {
        self.records.push(Digest32::of(bytes));
        match record::decode(bytes) {
            Ok(Body::Fact(fact)) => self.fact(fact),
            Ok(Body::Candidate(_) | Body::Cycle(_)) => self.story.push(Digest32::of(bytes)),
            // Starts and ends are as many as there were.
            Ok(_) => {}
            Err(e) => self.broken = Some(format!("record {seq} cannot be read: {e}")),
        }
    }

    fn fact(&mut self, mut fact: Fact) {
        match &mut fact {
            Fact::Event(e) => {
                match &mut e.body {
                    EventBody::Operator(o) if o.action == OperatorAction::DiskReport => return,
                    // Both runs saw the same losses; when a clock on the wall showed them is no part of the story.
                    EventBody::Operator(o) => o.at = Ts::ZERO,
                    EventBody::Venue(VenueEvent::Fill(f)) => self.trades.push(f.tid),
                    body if is_market(&*body) => self.markets.push(e.key()),
                    _ => {}
                }
                e.received = Ts::ZERO;
            }
            Fact::Order(o) => self.orders.push(o.intent.id),
            _ => {}
        }
        let mut h = Hasher::new();
        h.update(&fact.to_bytes());
        self.story.push(h.finish());
    }

    /// Nothing is there twice.
    fn once(&self) -> Result<(), String> {
        if let Some(why) = &self.broken {
            return Err(why.clone());
        }
        if let Some(w) = self.markets.windows(2).find(|w| w[0] >= w[1]) {
            return Err(format!("market event {:?} came after {:?}", w[1], w[0]));
        }
        if let Some(w) = self.trades.windows(2).find(|w| w[0] >= w[1]) {
            return Err(format!("trade {} was booked after trade {}", w[1], w[0]));
        }
        let mut orders = self.orders.clone();
        orders.sort_unstable();
        match orders.windows(2).find(|w| w[0] == w[1]) {
            Some(w) => Err(format!("order {} was placed twice", w[0])),
            None => Ok(()),
        }
    }
}

fn read(journal: &Path) -> Result<Seen, JournalError> {
    let mut records = Reader::open(RealDisk, journal)?.records(0)?;
    let mut seen = Seen::default();
    while let Some(item) = records.next()? {
        match item {
            Item::Record(r) => seen.take(r.seq, r.bytes),
            Item::Pruned { first, .. } => seen.broken = Some(format!("record {first} was pruned")),
        }
    }
    seen.torn = records.end().is_some_and(|e| e.torn.is_some());
    Ok(seen)
}

/// Without what depends on how often the program started.
fn end_state(journal: &Path) -> Result<State, String> {
    let mut state = RunView::load(&RealDisk, journal).map_err(|e| e.to_string())?.state;
    state.counters.events = 0;
    state.disk_free = None;
    // Its clock is the wall's.
    state.conduct = Default::default();
    Ok(state)
}

fn journal(home: &Path) -> PathBuf {
    home.join("operators/default/journal/run")
}

fn part_files(dir: &Path) -> bool {
    let Ok(entries) = fs::read_dir(dir) else { return false };
    entries.flatten().any(|e| {
        let path = e.path();
        let part = path.extension().is_some_and(|x| x == "tmp");
        part || (path.is_dir() && part_files(&path))
    })
}
