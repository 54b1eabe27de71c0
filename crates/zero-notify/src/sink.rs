//! A sink on a thread of its own, behind what waits for it.

use crate::desk::Message;
use crate::outbox::{Dead, Outbox, Waiting};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread;
use zero_core::Ts;

/// Delivers messages somewhere. It may take its time, and it must come back.
pub trait Sink: Send {
    /// Name in tallies; one of a kind.
    fn name(&self) -> &'static str;

    /// Delivers one.
    ///
    /// # Errors
    /// Why it was not delivered. It is tried again later.
    fn deliver(&mut self, message: &Message) -> Result<(), String>;
}

/// The way to a sink: never waits.
#[derive(Debug)]
pub struct Post {
    name: &'static str,
    outbox: Outbox,
    work: SyncSender<Message>,
    done: Receiver<Result<(), String>>,
    /// What the sink has now.
    trying: Option<Message>,
}

impl Post {
    /// Gives a sink its thread, which ends when the post is dropped and the sink comes back. `outbox` is what waited for it
    /// before.
    ///
    /// # Errors
    /// The machine's, when it gives no thread.
    pub fn open(mut sink: Box<dyn Sink>, outbox: Outbox) -> std::io::Result<(Self, thread::JoinHandle<()>)> {
        let (work, messages) = sync_channel::<Message>(1);
        let (tell, done) = sync_channel(1);
        let name = sink.name();
        let handle = thread::Builder::new().name(format!("notify-{name}")).spawn(move || {
            for message in messages {
                if tell.send(sink.deliver(&message)).is_err() {
                    return;
                }
            }
        })?;
        Ok((Self { name, outbox: outbox.resumed(), work, done, trying: None }, handle))
    }

    /// A message for it; the one that gave way, if there was no room.
    pub fn put(&mut self, message: &Message) -> Option<Dead> {
        let gone = self.outbox.put(message.clone());
        gone.map(|w| self.dead(w, "too many wait"))
    }

    /// Takes what the sink has done and gives it what is due; a message that was given up.
    pub fn pump(&mut self, now: Ts) -> Option<Dead> {
        let mut dead = None;
        if let Some(message) = &self.trying {
            let result = match self.done.try_recv() {
                Ok(result) => result,
                Err(TryRecvError::Empty) => return None,
                Err(TryRecvError::Disconnected) => Err("its thread has ended".into()),
            };
            let gone = self.outbox.settle(message, result.is_ok(), now);
            dead = gone.map(|w| self.dead(w, result.as_ref().err().map_or("", String::as_str)));
            self.trying = None;
        }
        if let Some(message) = self.outbox.due(now).cloned() {
            match self.work.try_send(message.clone()) {
                Ok(()) => self.trying = Some(message),
                Err(_) => {
                    let gone = self.outbox.settle(&message, false, now);
                    dead = dead.or_else(|| gone.map(|w| self.dead(w, "its thread has ended")));
                }
            }
        }
        dead
    }

    /// Does the sink have something to do at this moment?
    #[must_use]
    pub const fn is_busy(&self) -> bool {
        self.trying.is_some()
    }

    /// What waits, and how it fares.
    #[must_use]
    pub const fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// Name of the sink.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    fn dead(&self, waiting: Waiting, cause: &str) -> Dead {
        Dead { sink: self.name.into(), cause: cause.into(), waiting }
    }
}
