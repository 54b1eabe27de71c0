//! Who answers: this process from its own loop or a journal, or the runtime at its address.

use crate::place::Place;
use crate::remote::Remote;
use crate::trouble::Trouble;
use crate::{answer, complete};
use serde_json::{Map, Value};
use std::fmt::Debug;

/// Answers what the protocol asks. Blocking.
pub trait Backend: Debug + Send + Sync + 'static {
    /// A tool's answer.
    ///
    /// # Errors
    /// [`Trouble`].
    fn tool(&self, name: &str, arguments: Option<&Map<String, Value>>) -> Result<Value, Trouble>;

    /// A resource's content.
    ///
    /// # Errors
    /// [`Trouble`].
    fn resource(&self, uri: &str) -> Result<Value, Trouble>;

    /// Values of an argument.
    ///
    /// # Errors
    /// [`Trouble`].
    fn complete(&self, argument: &str, typed: &str) -> Result<Vec<String>, Trouble>;

    /// A number that is another one when what resources show may have changed; `None` when nothing more will come.
    fn stamp(&self) -> Option<u64>;
}

impl Backend for Place {
    fn tool(&self, name: &str, arguments: Option<&Map<String, Value>>) -> Result<Value, Trouble> {
        answer::tool(self, name, arguments)
    }

    fn resource(&self, uri: &str) -> Result<Value, Trouble> {
        answer::resource(self, uri)
    }

    fn complete(&self, argument: &str, typed: &str) -> Result<Vec<String>, Trouble> {
        complete::values(self, argument, typed)
    }

    fn stamp(&self) -> Option<u64> {
        self.now()
    }
}

/// The runtime where one serves, else the journal. Asked anew for every call: a loop may start or end in between.
#[derive(Debug)]
pub struct Front {
    /// The journal.
    pub place: Place,
    /// Read the journal even where a loop runs.
    pub at_rest: bool,
    /// Token of the agent's principal, where there is one.
    pub token: Option<String>,
}

impl Front {
    /// The runtime that serves this journal now.
    #[must_use]
    pub fn runtime(&self) -> Option<Remote> {
        if self.at_rest {
            return None;
        }
        Remote::of_journal(&self.place.journal, self.token.clone())
    }
}

impl Backend for Front {
    fn tool(&self, name: &str, arguments: Option<&Map<String, Value>>) -> Result<Value, Trouble> {
        match self.runtime() {
            Some(r) => r.tool(name, arguments),
            None => self.place.tool(name, arguments),
        }
    }

    fn resource(&self, uri: &str) -> Result<Value, Trouble> {
        match self.runtime() {
            Some(r) => r.resource(uri),
            None => self.place.resource(uri),
        }
    }

    fn complete(&self, argument: &str, typed: &str) -> Result<Vec<String>, Trouble> {
        match self.runtime() {
            Some(r) => r.complete(argument, typed),
            None => self.place.complete(argument, typed),
        }
    }

    /// By the files: they tell of a loop as soon as it made something durable, without asking it.
    fn stamp(&self) -> Option<u64> {
        self.place.now()
    }
}
