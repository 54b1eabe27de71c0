//! A sink behind a bounded queue, on a thread of its own.

use crate::desk::Message;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread;

/// Messages that may wait for one sink.
const QUEUE: usize = 64;

/// Delivers messages somewhere. It may take its time, and it must come back.
pub trait Sink: Send {
    /// Name in tallies.
    fn name(&self) -> &'static str;

    /// Delivers one.
    ///
    /// # Errors
    /// Why it was not delivered. It is counted and not tried again: the desk says what is critical anew by itself.
    fn deliver(&mut self, message: &Message) -> Result<(), String>;
}

/// How a sink fares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Delivered.
    pub delivered: u64,
    /// Not delivered.
    pub failed: u64,
    /// Not even queued, because the queue was full.
    pub dropped: u64,
}

#[derive(Debug, Default)]
struct Counts {
    delivered: AtomicU64,
    failed: AtomicU64,
    dropped: AtomicU64,
}

/// The way to a sink: never waits.
#[derive(Debug)]
pub struct Post {
    name: &'static str,
    queue: SyncSender<Message>,
    counts: Arc<Counts>,
}

impl Post {
    /// Gives a sink its thread. The thread ends when the post is dropped and what was queued is delivered.
    ///
    /// # Errors
    /// The machine's, when it gives no thread.
    pub fn open(mut sink: Box<dyn Sink>) -> std::io::Result<(Self, thread::JoinHandle<()>)> {
        let (queue, messages) = sync_channel::<Message>(QUEUE);
        let counts = Arc::new(Counts::default());
        let (name, told) = (sink.name(), Arc::clone(&counts));
        let handle = thread::Builder::new().name(format!("notify-{name}")).spawn(move || {
            for message in messages {
                let done = sink.deliver(&message).is_ok();
                let count = if done { &told.delivered } else { &told.failed };
                count.fetch_add(1, Ordering::Relaxed);
            }
        })?;
        Ok((Self { name, queue, counts }, handle))
    }

    /// Queues a message, or counts it as dropped.
    pub fn send(&self, message: &Message) {
        match self.queue.try_send(message.clone()) {
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                self.counts.dropped.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Name of the sink.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// How it fares.
    #[must_use]
    pub fn tally(&self) -> Tally {
        let read = |c: &AtomicU64| c.load(Ordering::Relaxed);
        Tally {
            delivered: read(&self.counts.delivered),
            failed: read(&self.counts.failed),
            dropped: read(&self.counts.dropped),
        }
    }
}
