//! What can go wrong with a component: at a call, which is an abstention, and when it is loaded, which is refused.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use wasmtime::Trap;
use zero_strategy::Unanswered;

/// Why a call gave no answer. The same component, view and position give the same fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// It used all of its fuel.
    OutOfFuel,
    /// It wanted more memory or larger tables than it may have.
    TooMuchMemory,
    /// Its calls nest too deeply.
    TooDeep,
    /// It trapped: unreachable, an access out of bounds, a division by zero.
    Trapped,
    /// Its answer cannot be read: a pointer out of its memory, a case that does not exist, text that is no UTF-8.
    Unreadable,
    /// Its answer is none that a strategy may give: a stop that is not above zero, a score that is no number.
    OutOfRange,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 6] = [
        Self::OutOfFuel,
        Self::TooMuchMemory,
        Self::TooDeep,
        Self::Trapped,
        Self::Unreadable,
        Self::OutOfRange,
    ];

    /// Stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.why().name()
    }

    /// As a reason for an abstention.
    #[must_use]
    pub const fn why(self) -> Unanswered {
        match self {
            Self::OutOfFuel => Unanswered::OutOfFuel,
            Self::TooMuchMemory => Unanswered::TooMuchMemory,
            Self::TooDeep => Unanswered::TooDeep,
            Self::Trapped => Unanswered::Trapped,
            Self::Unreadable => Unanswered::Unreadable,
            Self::OutOfRange => Unanswered::OutOfRange,
        }
    }

    /// Of a call that failed.
    pub(crate) fn of(error: &wasmtime::Error, memory_refused: bool) -> Self {
        if memory_refused {
            return Self::TooMuchMemory;
        }
        match error.downcast_ref::<Trap>() {
            Some(Trap::OutOfFuel) => Self::OutOfFuel,
            Some(Trap::StackOverflow) => Self::TooDeep,
            Some(_) => Self::Trapped,
            None => Self::Unreadable,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Calls that ended in each fault. Read by nothing that decides.
#[derive(Debug, Default)]
pub(crate) struct Faults([AtomicU64; Fault::ALL.len()]);

impl Faults {
    pub(crate) fn count(&self, fault: Fault) {
        if let Some(n) = self.0.get(fault as usize) {
            n.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// In the order of [`Fault::ALL`].
    pub(crate) fn all(&self) -> [(Fault, u64); Fault::ALL.len()] {
        let mut out = Fault::ALL.map(|f| (f, 0));
        for (slot, n) in out.iter_mut().zip(&self.0) {
            slot.1 = n.load(Ordering::Relaxed);
        }
        out
    }

    /// Those that happened, by name.
    pub(crate) fn named(&self) -> Vec<(&'static str, u64)> {
        self.all().into_iter().filter(|(_, n)| *n > 0).map(|(f, n)| (f.name(), n)).collect()
    }
}

/// Why a component was refused when it was loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// Larger than [`crate::COMPONENT_MAX`] bytes.
    TooLarge(usize),
    /// Not a component that this host can compile.
    NotAComponent(String),
    /// It imports something: its name.
    Imports(String),
    /// An export is missing or has another type: which, and what it should be.
    OtherWorld(String),
    /// It could not say what it is.
    Mute(Fault),
    /// What it says of itself is not possible: the field, and what is wrong.
    Description(String),
    /// A lens that gave no answer in a state that a market can be in.
    Trial(Fault),
}

impl LoadError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotAComponent(_) => "ZERO-STR-020",
            Self::Imports(_) => "ZERO-STR-021",
            Self::OtherWorld(_) => "ZERO-STR-022",
            Self::Mute(_) | Self::Description(_) => "ZERO-STR-023",
            Self::TooLarge(_) => "ZERO-STR-024",
            Self::Trial(_) => "ZERO-STR-029",
        }
    }

    /// What to do.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::NotAComponent(_) => "build a component, not a core module; see docs/components.md",
            Self::Imports(_) => {
                "a strategy has no clock, randomness or I/O: build it for wasm32-unknown-unknown, without WASI"
            }
            Self::OtherWorld(_) => "build it for the world in wit/strategy.wit of zero-wasm",
            Self::Mute(_) | Self::Description(_) => "correct what `describe` returns",
            Self::TooLarge(_) => "build it with optimisation for size and without debug information",
            Self::Trial(_) => {
                "a lens answers or abstains within its limits, whatever its inputs: correct `evaluate`"
            }
        }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge(n) => {
                write!(f, "{n} bytes; a component has at most {}", crate::COMPONENT_MAX)
            }
            Self::NotAComponent(why) => write!(f, "not a component: {why}"),
            Self::Imports(what) => write!(f, "imports {what}; a strategy imports nothing"),
            Self::OtherWorld(what) => write!(f, "of no world of zero:strategy: {what}"),
            Self::Mute(fault) => write!(f, "describe gave no answer: {fault}"),
            Self::Description(what) => write!(f, "describe: {what}"),
            Self::Trial(fault) => write!(f, "evaluate gave no answer in its trial: {fault}"),
        }
    }
}

impl std::error::Error for LoadError {}
