//! What the log holds: bytes with a class and a retention flag.

use crate::error::JournalError;

/// Facts are folded at recovery; traces are hash-checked and decoded only when someone reads them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Recovery applies it.
    Fact,
    /// Explains a fact; recovery skips it.
    Trace,
}

/// A record to append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewRecord<'a> {
    /// Fact or trace.
    pub class: Class,
    /// Retention never drops it.
    pub keep: bool,
    /// The Merkle leaf: exactly these bytes.
    pub bytes: &'a [u8],
}

/// A record as read back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// Position in the log, from 0.
    pub seq: u64,
    /// Fact or trace.
    pub class: Class,
    /// Retention never drops it.
    pub keep: bool,
    /// Exactly the bytes that were appended.
    pub bytes: &'a [u8],
}

const TRACE: u8 = 1;
const KEEP: u8 = 2;

pub(crate) const fn flags_of(class: Class, keep: bool) -> u8 {
    let class = match class {
        Class::Fact => 0,
        Class::Trace => TRACE,
    };
    if keep { class | KEEP } else { class }
}

pub(crate) const fn flags_known(flags: u8) -> bool {
    flags & !(TRACE | KEEP) == 0
}

pub(crate) const fn class_of(flags: u8) -> Class {
    if flags & TRACE == 0 { Class::Fact } else { Class::Trace }
}

pub(crate) const fn keep_of(flags: u8) -> bool {
    flags & KEEP != 0
}

pub(crate) fn check_size(bytes: usize, limit: u32) -> Result<(), JournalError> {
    if bytes as u64 > u64::from(limit) {
        return Err(JournalError::TooLarge {
            what: "a record",
            bytes: bytes as u64,
            limit: u64::from(limit),
        });
    }
    Ok(())
}
