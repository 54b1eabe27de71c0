//! What a signature of a DSSE envelope covers (secure-systems-lab/dsse, `protocol.md`): evidence is signed together with its
//! kind, so that no signature of one kind of document counts for another.

/// The pre-authentication encoding of a payload and its type: lengths in bytes, as decimals, come before what they measure.
#[must_use]
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut out = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len()).into_bytes();
    out.extend_from_slice(payload);
    out
}
