//! Approvals of increases of risk in a live-capable run: what the operator signs, and who checks it.
//!
//! An approval is good for one request, for a short time, in one journal, and once. The run knows public keys alone; that it
//! was used is a record of the journal, in the same batch as the act, so that neither a restart nor a crash brings it back.

mod claim;
mod refusal;
mod verify;

pub use claim::{Asked, Claim, LIFETIME_MAX, Presented, Signed, canonical, sign};
pub use refusal::ApprovalError;
pub use verify::{Admitted, Approval, Approvals, ApproverKey, Approvers, Authority, USED_MAX, Used};
