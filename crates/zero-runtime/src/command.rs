//! Acts that reach a running loop from a surface of its own process: a bounded queue in, an answer out once the act is
//! durable. The loop never waits for whoever asked.

use crate::approval::{ApprovalError, Presented};
use crate::runner::Runner;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use zero_core::Digest32;
use zero_journal::Disk;
use zero_kernel::operator::Ruling;
use zero_kernel::{Executed, OpenOrder, State};
use zero_market::Purpose;
use zero_market::event::OperatorEvent;

/// Acts that wait for the loop; beyond them a caller is told to come back.
const WAITING_MAX: usize = 64;
/// Acts taken before the loop turns to its source again.
const TAKE_MAX: usize = 16;
/// Closing orders that an answer names.
const ORDERS_MAX: usize = 512;

/// What the act left in force. Handed out when its batch is durable.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Number of the first act's record; `None` where none was recorded.
    pub act_seq: Option<u64>,
    /// Number of the journal's next record.
    pub journal_seq: u64,
    /// Entries are paused.
    pub paused: bool,
    /// Automatic entries are off.
    pub auto_off: bool,
    /// The kill switch is thrown.
    pub killed: bool,
    /// A flatten is not complete.
    pub flattening: bool,
    /// Closing orders under way, by their time.
    pub closing: Vec<OpenOrder>,
    /// How the last act was ruled on; `None` where none of them met the gate.
    pub ruling: Option<Ruling>,
    /// Why an act was not taken; those after it were not either.
    pub refused: Option<ApprovalError>,
    /// What became of the order of the operator's own among them, now or when its key was first used.
    pub executed: Option<Executed>,
}

/// Takes the answer. Must not block: it runs in the loop.
pub type Answer = Box<dyn FnOnce(Outcome) + Send>;

/// Acts that belong together: durable together, answered together.
pub struct Command {
    /// What to record, in this order; the loop sets the time of each.
    pub acts: Vec<OperatorEvent>,
    /// The approval that came with them.
    pub approval: Option<Presented>,
    /// Who waits.
    pub answer: Answer,
}

impl core::fmt::Debug for Command {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Command").field("acts", &self.acts).finish_non_exhaustive()
    }
}

/// The surface's end.
#[derive(Clone, Debug)]
pub struct Commands(SyncSender<Command>);

/// Why a command was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// As many wait as may.
    Full,
    /// The loop is gone.
    Ended,
}

/// The loop's end.
#[derive(Debug)]
pub struct Orders(Receiver<Command>);

/// A queue.
#[must_use]
pub fn commands() -> (Commands, Orders) {
    let (tell, waiting) = sync_channel(WAITING_MAX);
    (Commands(tell), Orders(waiting))
}

impl Commands {
    /// Leaves a command for the loop.
    ///
    /// # Errors
    /// [`NotTaken`].
    pub fn put(&self, command: Command) -> Result<(), NotTaken> {
        self.0.try_send(command).map_err(|e| match e {
            TrySendError::Full(_) => NotTaken::Full,
            TrySendError::Disconnected(_) => NotTaken::Ended,
        })
    }
}

impl Orders {
    /// What waits, up to a bound; never blocks.
    pub fn take(&self) -> impl Iterator<Item = Command> + '_ {
        self.0.try_iter().take(TAKE_MAX)
    }
}

/// Answers that wait for their batch.
#[derive(Default)]
pub struct Owed(Vec<(Answer, Outcome)>);

impl core::fmt::Debug for Owed {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("Owed").field(&self.0.len()).finish()
    }
}

impl Owed {
    /// The state right after the acts of a command; `rulings` is how many there were before them, `act_seq` the number of the
    /// first one's record, `key` that of an order of the operator's own among them, `refused` why one of them was not taken.
    pub(crate) fn owe<D: Disk>(
        &mut self,
        answer: Answer,
        runner: &Runner<D>,
        (rulings, act_seq): (u64, Option<u64>),
        (key, refused): (Option<Digest32>, Option<ApprovalError>),
    ) {
        let state = runner.driver().engine().kernel().state();
        let executed = key.and_then(|k| state.executions.find(k)).cloned();
        self.0.push((answer, Outcome { executed, refused, act_seq, ..outcome(state, rulings) }));
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The batch is durable.
    pub(crate) fn settle(&mut self, journal_seq: u64) {
        for (answer, outcome) in self.0.drain(..) {
            answer(Outcome { journal_seq, ..outcome });
        }
    }
}

fn outcome(state: &State, rulings: u64) -> Outcome {
    let closing = |o: &&OpenOrder| o.intent.purpose == Purpose::Emergency;
    Outcome {
        act_seq: None,
        journal_seq: 0,
        paused: state.paused,
        auto_off: state.auto_off,
        killed: state.killed,
        flattening: state.flattening,
        closing: state.orders.open().iter().filter(closing).take(ORDERS_MAX).cloned().collect(),
        refused: None,
        ruling: (state.conduct.rulings != rulings).then(|| state.conduct.ruling.clone()).flatten(),
        executed: None,
    }
}
