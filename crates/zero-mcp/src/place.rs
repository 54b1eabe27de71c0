//! Where answers are read: what a running loop published, or the files of a journal. Takes no lock, writes nothing.

use crate::trouble::Trouble;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use zero_core::{Digest32, Ts};
use zero_journal::RealDisk;
use zero_runtime::at_rest::AtRest;
use zero_runtime::clock::Clock;
use zero_runtime::hosts::Hosts;
use zero_runtime::project::{Reading, holder, stamp};
use zero_runtime::publish::Published;

/// A loop in this process.
pub struct Live {
    /// Gives what it published last.
    pub load: Box<dyn Fn() -> Arc<Published> + Send + Sync>,
    /// Was it told to stop?
    pub stops: Box<dyn Fn() -> bool + Send + Sync>,
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Live")
    }
}

/// One run's place.
pub struct Place {
    /// Directory of the journal.
    pub journal: PathBuf,
    /// Directory of backtest reports.
    pub reports: PathBuf,
    /// Where the last recorded parity lies.
    pub parity: PathBuf,
    /// Whose runtime it is.
    pub operator: String,
    /// Digest of this program: features of a snapshot count for the program that wrote it.
    pub code: Digest32,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The loop, where it runs in this process.
    pub live: Option<Live>,
    /// Components of the run that are at hand.
    pub hosts: Hosts,
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place").field("journal", &self.journal).finish_non_exhaustive()
    }
}

/// A run as it is at one moment.
#[derive(Debug)]
pub(crate) struct Sight {
    pub(crate) reading: Reading,
    pub(crate) seen: Seen,
}

/// Where it was seen.
#[derive(Debug)]
pub(crate) enum Seen {
    /// The loop published it.
    Loop(Arc<Published>),
    /// The journal's files were folded.
    Files(Box<AtRest>),
}

impl Sight {
    /// When the loop published it; `None` where the files were folded.
    pub(crate) fn published_at(&self) -> Option<Ts> {
        match &self.seen {
            Seen::Loop(p) => Some(p.at),
            Seen::Files(_) => None,
        }
    }
}

impl Place {
    /// Looks. Whether somebody writes the journal is asked before it is read.
    pub(crate) fn look(&self) -> Result<Sight, Trouble> {
        let wall = self.clock.now();
        if let Some(live) = &self.live {
            let published = (live.load)();
            return Ok(Sight { reading: published.reading(wall), seen: Seen::Loop(published) });
        }
        self.at_rest(wall)
    }

    /// The journal itself, also beside a running loop: for what a loop does not publish.
    pub(crate) fn files(&self) -> Result<Sight, Trouble> {
        let mut sight = self.at_rest(self.clock.now())?;
        if let Some(live) = &self.live {
            sight.reading.holder = (live.load)().reading(Ts::ZERO).holder;
        }
        Ok(sight)
    }

    /// Another number whenever a look would show more, without looking; `None` when the loop ends.
    pub(crate) fn now(&self) -> Option<u64> {
        match &self.live {
            Some(live) if (live.stops)() => None,
            Some(live) => Some((live.load)().view.next_seq),
            None => Some(stamp(&self.journal)),
        }
    }

    fn at_rest(&self, wall: Ts) -> Result<Sight, Trouble> {
        let holder = holder(&self.journal);
        let at_rest = AtRest::load(&RealDisk, &self.journal)?;
        let reading = Reading::of_files(&self.journal, Arc::clone(&at_rest.view), holder, wall);
        Ok(Sight { reading, seen: Seen::Files(Box::new(at_rest)) })
    }
}
