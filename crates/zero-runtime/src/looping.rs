//! The long-lived loop: source events in, durable batches out.

use crate::approval::{Admitted, ApprovalError, Presented};
use crate::clock::Clock;
use crate::command::{Command, Owed};
use crate::inbox::{Inbox, Taken};
use crate::runner::{RunError, Runner};
use crate::source::{Next, Source, SourceError};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use thiserror::Error;
use zero_core::Ts;
use zero_journal::{Committed, Disk, Reader};
use zero_market::event::{OperatorAction, OperatorEvent};
use zero_market::{Event, EventBody, OwnOrder};

/// How the loop is paced.
#[derive(Clone, Copy, Debug)]
pub struct LoopConfig {
    /// Longest time that a staged tick waits for company before it is committed.
    pub group_window: Duration,
    /// How often the inbox is looked at.
    pub inbox_every: Duration,
    /// How often the free disk budget is reported to the kernel.
    pub disk_every: Duration,
    /// Bytes that the journal may take in all; less than this is free when the file system has less.
    pub disk_budget: u64,
    /// Stop after this many source events.
    pub events_max: Option<u64>,
}

impl LoopConfig {
    /// Shipped settings.
    #[must_use]
    pub const fn standard() -> Self {
        Self {
            group_window: Duration::from_millis(20),
            inbox_every: Duration::from_millis(200),
            disk_every: Duration::from_secs(2),
            disk_budget: 8 << 30,
            events_max: None,
        }
    }
}

/// How the loop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoopEnd {
    /// The source has no more.
    SourceEnded,
    /// It was told to stop.
    Stopped,
    /// The stated number of events was processed.
    EventsMax,
    /// The journal's disk budget is used up. New risk stopped long before, at the breaker's reserve.
    DiskBudget,
}

impl LoopEnd {
    /// In words, for the journal.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::SourceEnded => "the source ended",
            Self::Stopped => "the operator stopped it",
            Self::EventsMax => "the stated number of events was processed",
            Self::DiskBudget => "the journal's disk budget is used up",
        }
    }
}

/// Why the loop stopped before its end.
#[derive(Debug, Error)]
pub enum LoopError {
    /// The run.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The source.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The inbox.
    #[error("the operator inbox cannot be read: {0}")]
    Inbox(#[from] std::io::Error),
}

impl LoopError {
    /// Stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Run(e) => e.code(),
            Self::Source(e) => e.code(),
            Self::Inbox(_) => "ZERO-RUN-008",
        }
    }

    /// What to do.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Run(e) => e.hint(),
            Self::Source(e) => e.hint(),
            Self::Inbox(_) => "check the directory's owner and mode".into(),
        }
    }
}

/// Told about the loop's progress.
pub trait Watch<D: Disk> {
    /// A batch is durable: everything in it is acknowledged by this call.
    fn committed(&mut self, committed: &Committed, runner: &Runner<D>);

    /// An act in the inbox was refused.
    fn refused(&mut self, why: &str);

    /// Acts of this process's own surface that wait.
    fn commands(&mut self) -> Vec<Command> {
        Vec::new()
    }

    /// Acts of [`Watch::commands`] are durable and will be answered now: whoever asks next must see them.
    fn acted(&mut self, _runner: &Runner<D>) {}

    /// Nothing is staged and the source has nothing to say.
    fn idle(&mut self, _runner: &Runner<D>) {}
}

/// Runs until the source ends, `stop` is set or the stated number of events is reached. Everything fed is committed
/// when it returns; the runner is not closed.
///
/// # Errors
/// [`LoopError`].
pub fn run<D: Disk>(
    runner: &mut Runner<D>,
    source: &mut dyn Source,
    inbox: Option<&Inbox>,
    (clock, config): (&dyn Clock, LoopConfig),
    stop: &AtomicBool,
    watch: &mut dyn Watch<D>,
) -> Result<LoopEnd, LoopError> {
    let mut pace = Pace::new(clock);
    let mut events = 0u64;
    let mut pending: Vec<Taken> = Vec::new();
    let mut owed = Owed::default();
    let end = loop {
        if stop.load(Ordering::Relaxed) {
            break LoopEnd::Stopped;
        }
        if config.events_max.is_some_and(|max| events >= max) {
            break LoopEnd::EventsMax;
        }
        let now = clock.monotonic();
        if pace.is_due(Due::Disk, now, config.disk_every)
            && report_disk(runner, config.disk_budget, clock.now())? == 0
        {
            break LoopEnd::DiskBudget;
        }
        if let Some(inbox) = inbox
            && pending.is_empty()
            && pace.is_due(Due::Inbox, now, config.inbox_every)
        {
            pending = take(runner, inbox, clock.now(), watch)?;
        }
        if owed.is_empty() {
            obey(runner, clock, &mut owed, watch)?;
        }
        if !owed.is_empty() {
            // Who waits for an answer does not wait for the market.
            commit(runner, inbox, (&mut pending, &mut owed), (clock, &mut *watch))?;
        }
        match source.next(config.group_window)? {
            Next::Event(event) => {
                let began = clock.monotonic();
                runner.feed(&event)?;
                let took = clock.monotonic().saturating_sub(began);
                runner.rim_mut().decide.took(took);
                events += 1;
            }
            Next::Idle => {
                runner.rim_mut().feed = source.health();
                commit(runner, inbox, (&mut pending, &mut owed), (clock, &mut *watch))?;
                watch.idle(runner);
            }
            Next::End => break LoopEnd::SourceEnded,
        }
        show_losses(runner, clock)?;
        let waited = runner.has_staged() && pace.is_due(Due::Commit, now, config.group_window);
        if runner.is_full() || waited || !pending.is_empty() {
            runner.rim_mut().feed = source.health();
            commit(runner, inbox, (&mut pending, &mut owed), (clock, &mut *watch))?;
        }
    };
    commit(runner, inbox, (&mut pending, &mut owed), (clock, watch))?;
    Ok(end)
}

fn commit<D: Disk>(
    runner: &mut Runner<D>,
    inbox: Option<&Inbox>,
    (pending, owed): (&mut Vec<Taken>, &mut Owed),
    (clock, watch): (&dyn Clock, &mut dyn Watch<D>),
) -> Result<(), LoopError> {
    if runner.has_staged() {
        let began = clock.monotonic();
        let committed = runner.commit()?;
        let took = clock.monotonic().saturating_sub(began);
        let rim = runner.rim_mut();
        rim.sync.took(took);
        rim.synced_records += committed.range.end.saturating_sub(committed.range.start);
        watch.committed(&committed, runner);
    }
    if !owed.is_empty() {
        watch.acted(runner);
        owed.settle(runner.journal().next_seq());
    }
    if let Some(inbox) = inbox {
        for taken in pending.drain(..) {
            inbox.done(&taken)?;
        }
    }
    Ok(())
}

/// Feeds the acts of this process's own surface; their answers are owed until the batch is durable.
fn obey<D: Disk>(
    runner: &mut Runner<D>,
    clock: &dyn Clock,
    owed: &mut Owed,
    watch: &mut dyn Watch<D>,
) -> Result<(), RunError> {
    for command in watch.commands() {
        let rulings = runner.driver().engine().kernel().state().conduct.rulings;
        let (mut first, mut key, mut refused) = (None, None, None);
        for act in command.acts {
            key = own_order(&act).map(|o| o.key_digest()).or(key);
            let now = clock.now();
            let act = OperatorEvent { at: now, ..act };
            match let_in(runner, act, Ok(command.approval.as_ref()), now)? {
                Ok(at) => first = first.or(at),
                Err(why) => {
                    watch.refused(&format!("{}: {why}", why.code()));
                    refused = Some(why);
                    break;
                }
            }
        }
        owed.owe(command.answer, runner, (rulings, first), (key, refused));
    }
    Ok(())
}

/// Feeds the acts of the inbox; their files stay until the batch is durable.
fn take<D: Disk>(
    runner: &mut Runner<D>,
    inbox: &Inbox,
    now: Ts,
    watch: &mut dyn Watch<D>,
) -> Result<Vec<Taken>, LoopError> {
    let all = inbox.take()?;
    for taken in &all {
        let act = match &taken.act {
            Ok(act) => OperatorEvent { at: now, ..act.clone() },
            Err(why) => {
                watch.refused(why);
                continue;
            }
        };
        let presented = taken.approval.as_ref().map(Option::as_ref).map_err(Clone::clone);
        if let Err(why) = let_in(runner, act, presented, now)? {
            inbox.refuse(taken, why.code(), &why.to_string())?;
            watch.refused(&format!("{}: {why}", why.code()));
        }
    }
    Ok(all)
}

/// Lets an act in and feeds it, or says why not. An order whose key is in use is the order that was made then: it is
/// answered from what is recorded, records nothing and spends no approval. The number of the act's record.
fn let_in<D: Disk>(
    runner: &mut Runner<D>,
    act: OperatorEvent,
    presented: Result<Option<&Presented>, ApprovalError>,
    now: Ts,
) -> Result<Result<Option<u64>, ApprovalError>, RunError> {
    let state = runner.driver().engine().kernel().state();
    if own_order(&act).is_some_and(|o| state.executions.find(o.key_digest()).is_some()) {
        return Ok(Ok(None));
    }
    // What needs no approval is not held up by one that cannot be read.
    let admitted = match presented {
        Ok(presented) => runner.admit(act, presented, now),
        Err(why) => {
            runner.admit(act, None, now).map_err(|e| if e == ApprovalError::Missing { why } else { e })
        }
    };
    match admitted {
        Ok(act) => operate(runner, act).map(|at| Ok(Some(at))),
        Err(why) => Ok(Err(why)),
    }
}

fn own_order(act: &OperatorEvent) -> Option<OwnOrder> {
    matches!(act.action, OperatorAction::Execute | OperatorAction::Reduce)
        .then(|| OwnOrder::parse(&act.subject))
        .flatten()
}

/// One operator act at the run's own time, and the number of its record. Its `at` is the wall clock, read by whoever took it.
///
/// # Errors
/// [`RunError`].
pub fn operate<D: Disk>(runner: &mut Runner<D>, act: Admitted) -> Result<u64, RunError> {
    runner.operate(act)
}

/// What the program itself reports: never an increase.
fn report<D: Disk>(runner: &mut Runner<D>, act: OperatorEvent) -> Result<(), RunError> {
    let time = runner.driver().engine().kernel().state().now;
    runner.feed(&Event::at(time, EventBody::Operator(Box::new(act))))
}

/// What a person can react to is a loss that they can see: the moment is recorded, once for all that came together.
fn show_losses<D: Disk>(runner: &mut Runner<D>, clock: &dyn Clock) -> Result<(), RunError> {
    if !runner.driver().engine().kernel().state().conduct.has_unseen_loss() {
        return Ok(());
    }
    let act = OperatorEvent {
        action: OperatorAction::LossSeen,
        subject: String::new(),
        operator: zero_kernel::operator::PROGRAM_NAME.into(),
        reason: "a loss was realised".into(),
        at: clock.now(),
    };
    report(runner, act)
}

/// Tells the kernel what is left of the budget, and the caller too.
fn report_disk<D: Disk>(runner: &mut Runner<D>, budget: u64, at: Ts) -> Result<u64, RunError> {
    let usage = Reader::open(runner.disk().clone(), runner.journal().dir())?.disk_usage()?;
    let free = usage.free.min(budget.saturating_sub(usage.total));
    let act = OperatorEvent {
        action: OperatorAction::DiskReport,
        subject: i64::try_from(free).unwrap_or(i64::MAX).to_string(),
        operator: zero_kernel::operator::PROGRAM_NAME.into(),
        reason: "free bytes of the journal's budget".into(),
        at,
    };
    report(runner, act)?;
    Ok(free)
}

#[derive(Clone, Copy)]
enum Due {
    Disk,
    Inbox,
    Commit,
}

/// When things were last done.
struct Pace {
    last: [Option<Duration>; 3],
}

impl Pace {
    fn new(clock: &dyn Clock) -> Self {
        let now = clock.monotonic();
        Self { last: [None, None, Some(now)] }
    }

    fn is_due(&mut self, what: Due, now: Duration, every: Duration) -> bool {
        let Some(slot) = self.last.get_mut(what as usize) else { return false };
        let due = slot.is_none_or(|t| now.saturating_sub(t) >= every);
        if due {
            *slot = Some(now);
        }
        due
    }
}
