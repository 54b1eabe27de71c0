//! Why a hosted part gave no answer: a typed reason and a bounded code. Nothing of it is a text of the part's author, so it can
//! be recorded and shown as it is.

use zero_core::{canon_struct, canon_tag};

canon_tag! {
    /// Why there is no answer. The host gives the first seven, the part itself the others.
    pub enum Unanswered {
        /// A declared input is missing or stale: the part was not asked.
        0 "input" Input,
        /// The call used all of its fuel.
        1 "out_of_fuel" OutOfFuel,
        /// The call wanted more memory than it may have.
        2 "too_much_memory" TooMuchMemory,
        /// Its calls nest too deeply.
        3 "too_deep" TooDeep,
        /// It trapped.
        4 "trapped" Trapped,
        /// Its answer cannot be read.
        5 "unreadable_answer" Unreadable,
        /// Its answer is none that a part of its kind may give.
        6 "answer_out_of_range" OutOfRange,
        /// It says: its arithmetic is undefined for these inputs.
        7 "undefined" Undefined,
        /// It says: the inputs are outside of what it was made for.
        8 "out_of_domain" OutOfDomain,
        /// It says: the inputs show too little yet.
        9 "not_ready" NotReady,
        /// It says: its own conditions speak for both sides.
        10 "undecided" Undecided,
        /// It says: another reason, which its code names.
        11 "other" Other,
    }
}

impl Unanswered {
    /// The reasons that a part itself may give, from here on.
    const OWN: u8 = Self::Undefined as u8;

    /// Did the part itself say it?
    #[must_use]
    pub const fn is_stated(self) -> bool {
        self as u8 >= Self::OWN
    }
}

canon_struct! {
    /// An abstention.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Abstention {
        /// Why.
        pub why: Unanswered,
        /// The part's own number for it; zero where the host gives the reason.
        pub code: u16,
    }
}

/// First byte in a lens's trace for a reason that the host gives; below are the reasons for a missing input.
const HOST_BYTE: u8 = 16;
/// First byte for a reason that the lens gives.
const OWN_BYTE: u8 = 32;

impl Abstention {
    /// Largest code of a lens: a trace keeps one byte for reason and code.
    pub const LENS_CODE_MAX: u16 = 31;

    /// For a reason that the host gives.
    #[must_use]
    pub const fn of_host(why: Unanswered) -> Self {
        Self { why, code: 0 }
    }

    /// As the byte of a lens's trace. A code over [`Self::LENS_CODE_MAX`] is no lens's: it becomes an answer out of range.
    #[must_use]
    pub const fn lens_byte(self) -> u8 {
        let why = self.why as u8;
        if !self.why.is_stated() {
            return HOST_BYTE + why;
        }
        if self.code > Self::LENS_CODE_MAX {
            return HOST_BYTE + Unanswered::OutOfRange as u8;
        }
        OWN_BYTE + (why - Unanswered::OWN) * (Self::LENS_CODE_MAX as u8 + 1) + self.code as u8
    }

    /// Of the byte of a lens's trace; `None` for one that means a missing input, or nothing.
    #[must_use]
    pub fn of_lens_byte(byte: u8) -> Option<Self> {
        let reason = |at: u8| Unanswered::ALL.get(usize::from(at)).copied();
        if byte >= OWN_BYTE {
            let (at, code) = ((byte - OWN_BYTE) / 32, (byte - OWN_BYTE) % 32);
            return Some(Self { why: reason(Unanswered::OWN + at)?, code: u16::from(code) });
        }
        let why = reason(byte.checked_sub(HOST_BYTE)?).filter(|w| !w.is_stated())?;
        Some(Self::of_host(why))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_of_a_trace_keeps_reason_and_code_and_no_two_share_one() {
        let mut seen = alloc::collections::BTreeMap::new();
        for why in Unanswered::ALL.iter().copied() {
            let codes = if why.is_stated() { 0..=Abstention::LENS_CODE_MAX } else { 0..=0 };
            for code in codes {
                let a = Abstention { why, code };
                assert_eq!(Abstention::of_lens_byte(a.lens_byte()), Some(a));
                assert_eq!(seen.insert(a.lens_byte(), a), None);
            }
        }
        for byte in 0..=u8::MAX {
            assert_eq!(Abstention::of_lens_byte(byte), seen.get(&byte).copied(), "{byte}");
        }
        let much = Abstention { why: Unanswered::Other, code: 32 };
        let read = Abstention::of_lens_byte(much.lens_byte());
        assert_eq!(read, Some(Abstention::of_host(Unanswered::OutOfRange)));
    }
}
