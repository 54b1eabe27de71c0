//! The operator's registered public keys, as the loop asks for them: read anew every time, so that a revocation counts at
//! once. No secret is read here.

use zero_config::keys::KeyStatus;
use zero_config::{KeyRing, Partition, Purpose};
use zero_runtime::approval::{ApproverKey, Approvers};

/// The keys of a partition.
pub(crate) struct Registered(pub Partition);

impl Approvers for Registered {
    fn keys(&self) -> Result<Vec<ApproverKey>, String> {
        let ring = KeyRing::open(&self.0).map_err(|e| e.to_string())?;
        let all = ring.list().into_iter().filter(|k| k.purpose == Purpose::Operator);
        Ok(all
            .map(|k| ApproverKey {
                fingerprint: k.fingerprint.0,
                public: k.public.0,
                is_active: k.status == KeyStatus::Active,
                is_vouched: k.vouched,
            })
            .collect())
    }
}
