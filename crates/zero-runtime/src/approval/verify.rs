//! The one place in which an approval becomes something that the loop acts on.

use super::claim::{Asked, LIFETIME_MAX, Presented};
use super::refusal::ApprovalError;
use zero_core::{Digest32, Ts, TsDiff, canon_struct};
use zero_kernel::operator::Control;
use zero_market::event::OperatorEvent;

/// Used approvals that are remembered at a time. One that is not expired is never forgotten: beyond them nothing is approved.
pub const USED_MAX: usize = 1_024;

canon_struct! {
    /// An approval that was used: a record of the journal.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Used {
        /// Digest of what was signed.
        pub claim: Digest32,
        /// What makes it unique.
        pub nonce: Digest32,
        /// Fingerprint of the key that signed.
        pub key: Digest32,
        /// For what.
        pub asked: Asked,
        /// Until when it would have been good.
        pub expires: Ts,
        /// When it was used, on the rim's wall clock.
        pub time: Ts,
    }
}

canon_struct! {
    /// What a journal remembers of approvals.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Approvals {
        /// The latest time at which one was used: a clock that is set back does not bring an expired one to life.
        pub latest: Ts,
        /// Fingerprint of the key that approved last. Later ones must follow from it.
        pub approver: Option<Digest32>,
        /// Those that are not expired.
        pub used: Vec<Used>,
    }
}

impl Approvals {
    /// None was used.
    #[must_use]
    pub const fn none() -> Self {
        Self { latest: Ts::ZERO, approver: None, used: Vec::new() }
    }

    /// One was used.
    pub fn note(&mut self, used: Used) {
        self.latest = self.latest.max(used.time);
        self.approver = Some(used.key);
        let latest = self.latest;
        self.used.retain(|u| u.expires > latest);
        self.used.push(used);
    }
}

/// A key that may approve, or might once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApproverKey {
    /// Its fingerprint: the digest of the public key.
    pub fingerprint: Digest32,
    /// The public key.
    pub public: [u8; 32],
    /// It was neither revoked nor replaced.
    pub is_active: bool,
    /// The key before it vouched for it.
    pub is_vouched: bool,
}

/// Where the registered public keys come from. Asked at every request, so that a revocation counts at once.
pub trait Approvers: Send {
    /// Every key, in the order in which they took over.
    ///
    /// # Errors
    /// In words, why they cannot be told: then nothing is approved.
    fn keys(&self) -> Result<Vec<ApproverKey>, String>;
}

/// A verified approval of one request.
///
/// Only the verifier makes one:
///
/// ```compile_fail
/// # use zero_runtime::approval::*;
/// # fn f(used: Used) {
/// let forged = Approval { used };
/// # }
/// ```
#[derive(Debug)]
pub struct Approval {
    used: Used,
}

impl Approval {
    /// What was approved.
    #[must_use]
    pub const fn used(&self) -> &Used {
        &self.used
    }
}

/// An act that the loop takes: one that increases nothing, one in paper, or a live increase with its [`Approval`].
///
/// An act alone is none, and none can be made up:
///
/// ```compile_fail
/// # use zero_runtime::approval::*;
/// # fn f(act: zero_market::event::OperatorEvent) {
/// let forged = Admitted { act, approval: None };
/// # }
/// ```
///
/// ```compile_fail
/// # use zero_runtime::{looping::operate, runner::Runner};
/// # fn f(runner: &mut Runner<zero_journal::RealDisk>, act: zero_market::event::OperatorEvent) {
/// operate(runner, act);
/// # }
/// ```
///
/// ```
/// # use zero_runtime::{approval::Admitted, looping::operate, runner::Runner};
/// # fn f(runner: &mut Runner<zero_journal::RealDisk>, act: Admitted) {
/// operate(runner, act);
/// # }
/// ```
#[derive(Debug)]
pub struct Admitted {
    act: OperatorEvent,
    approval: Option<Approval>,
}

impl Admitted {
    pub(crate) fn into_parts(self) -> (OperatorEvent, Option<Used>) {
        (self.act, self.approval.map(|a| a.used))
    }
}

/// Who may increase risk in a run.
pub struct Authority {
    is_live: bool,
    journal: Digest32,
    table: Approvals,
    keys: Option<Box<dyn Approvers>>,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority").field("is_live", &self.is_live).finish_non_exhaustive()
    }
}

impl Authority {
    /// Of a run in this journal. Without keys a live-capable one approves nothing.
    #[must_use]
    pub const fn new(is_live: bool, journal: Digest32, table: Approvals) -> Self {
        Self { is_live, journal, table, keys: None }
    }

    /// From now on these keys may approve.
    pub fn trust(&mut self, keys: Box<dyn Approvers>) {
        self.keys = Some(keys);
    }

    /// What is remembered.
    #[must_use]
    pub const fn table(&self) -> &Approvals {
        &self.table
    }

    /// May this act be fed without more? Everything in paper, and what increases nothing.
    pub(crate) fn is_free(&self, act: &OperatorEvent) -> bool {
        !self.is_live || Control::of(act).is_none()
    }

    /// Lets an act in, and uses its approval up where it needs one.
    ///
    /// # Errors
    /// [`ApprovalError`]: nothing has changed.
    pub fn admit(
        &mut self,
        act: OperatorEvent,
        presented: Option<&Presented>,
        now: Ts,
    ) -> Result<Admitted, ApprovalError> {
        if self.is_free(&act) {
            return Ok(Admitted { act, approval: None });
        }
        let presented = presented.ok_or(ApprovalError::Missing)?;
        // A request of a route names no subject, unless it is an order; one that is named belongs to an act, which is then
        // what was signed.
        let is_order = Control::of(&act) == Some(Control::Execute);
        let asked = match &presented.asked {
            Some(asked) if act.subject.is_empty() || is_order => asked.clone(),
            _ => Asked::of_act(&act),
        };
        if asked.control() != Control::of(&act) {
            return Err(ApprovalError::OtherRequest);
        }
        let approval = self.verify(&asked, presented, now)?;
        self.table.note(approval.used.clone());
        Ok(Admitted { act, approval: Some(approval) })
    }

    fn verify(&self, asked: &Asked, presented: &Presented, now: Ts) -> Result<Approval, ApprovalError> {
        let signed = &presented.signed;
        let claim = &signed.claim;
        let public = self.key(claim.key)?;
        if !signed.is_by(&public) {
            return Err(ApprovalError::Signature);
        }
        if claim.journal != self.journal {
            return Err(ApprovalError::OtherJournal);
        }
        if claim.asked != *asked {
            return Err(ApprovalError::OtherRequest);
        }
        let lifetime = claim.expires.since(claim.not_before);
        if lifetime <= TsDiff::ZERO || lifetime > LIFETIME_MAX {
            return Err(ApprovalError::Lifetime);
        }
        if now < claim.not_before {
            return Err(ApprovalError::NotYetValid);
        }
        if now.max(self.table.latest) >= claim.expires {
            return Err(ApprovalError::Expired);
        }
        if self.table.used.iter().any(|u| u.nonce == claim.nonce) {
            return Err(ApprovalError::Used);
        }
        if self.table.used.len() >= USED_MAX {
            return Err(ApprovalError::Full);
        }
        let used = Used {
            claim: claim.digest(),
            nonce: claim.nonce,
            key: claim.key,
            asked: asked.clone(),
            expires: claim.expires,
            time: now,
        };
        Ok(Approval { used })
    }

    /// The public key, if it may approve now.
    fn key(&self, fingerprint: Digest32) -> Result<[u8; 32], ApprovalError> {
        let unknown = |why: &str| ApprovalError::UnknownKey(why.into());
        let source = self.keys.as_ref().ok_or_else(|| unknown("none is registered"))?;
        let keys = source.keys().map_err(ApprovalError::UnknownKey)?;
        let place = |f: Digest32| keys.iter().position(|k| k.fingerprint == f);
        let at = place(fingerprint).ok_or_else(|| unknown("it is not registered"))?;
        let key = keys.get(at).ok_or_else(|| unknown("it is not registered"))?;
        if !key.is_active {
            return Err(ApprovalError::KeyEnded);
        }
        if let Some(former) = self.table.approver {
            // Whoever can write files can make a chain of their own: it does not lead back to the key that approved here.
            let from = place(former).ok_or_else(|| unknown("the key that approved before is gone"))?;
            let later = keys.get(from + 1..=at).unwrap_or(&[]);
            if at < from || !later.iter().all(|k| k.is_vouched) {
                return Err(unknown("the key that approved before did not vouch for it"));
            }
        }
        Ok(key.public)
    }
}
