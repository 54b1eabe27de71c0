//! Proofs as text that a stranger can check offline with the log's public key: inclusion as c2sp.org/tlog-proof@v1,
//! consistency in the form of a c2sp.org/tlog-witness request.

use crate::checkpoint::{Checkpoint, parse_decimal};
use crate::error::ProofError;
use crate::merkle::{MAX_PROOF_LEN, leaf_hash, verify_consistency, verify_inclusion};
use crate::note::{NoteKey, from_base64, to_base64};
use zero_core::Digest32;

const TLOG_PROOF: &str = "c2sp.org/tlog-proof@v1\n";

/// A record and the proof that a signed checkpoint covers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InclusionProof {
    /// The record's position.
    pub seq: u64,
    /// The record's bytes, the leaf.
    pub leaf: Vec<u8>,
    /// The `c2sp.org/tlog-proof@v1` text.
    pub text: String,
}

/// The proof text of a path and a signed checkpoint.
#[must_use]
pub fn inclusion_text(seq: u64, path: &[Digest32], checkpoint: &str) -> String {
    let mut out = format!("{TLOG_PROOF}index {seq}\n");
    push_hashes(&mut out, path);
    out.push('\n');
    out.push_str(checkpoint);
    out
}

/// `old <size>`, the hashes, a blank line and the newer checkpoint.
#[must_use]
pub fn consistency_text(old_size: u64, path: &[Digest32], checkpoint: &str) -> String {
    let mut out = format!("old {old_size}\n");
    push_hashes(&mut out, path);
    out.push('\n');
    out.push_str(checkpoint);
    out
}

/// Checks a `tlog-proof` for exactly these record bytes; the index and checkpoint it proves.
///
/// # Errors
/// When any part does not hold.
pub fn verify_inclusion_text(
    text: &str,
    leaf: &[u8],
    keys: &[NoteKey],
) -> Result<(u64, Checkpoint), ProofError> {
    let rest = text.strip_prefix(TLOG_PROOF).ok_or(ProofError::Malformed("not a tlog-proof"))?;
    let rest = match rest.strip_prefix("extra ") {
        Some(r) => r.split_once('\n').ok_or(ProofError::Malformed("cut after extra"))?.1,
        None => rest,
    };
    let rest = rest.strip_prefix("index ").ok_or(ProofError::Malformed("no index line"))?;
    let (seq, path, note) = split_proof(rest)?;
    let checkpoint = Checkpoint::open(note, keys)?;
    verify_inclusion(&leaf_hash(leaf), seq, checkpoint.size, &path, &checkpoint.root)?;
    Ok((seq, checkpoint))
}

/// Checks that `old` is the beginning of the log at the newer checkpoint inside the text, which is returned.
///
/// # Errors
/// When any part does not hold.
pub fn verify_consistency_text(
    text: &str,
    old: &Checkpoint,
    keys: &[NoteKey],
) -> Result<Checkpoint, ProofError> {
    let rest = text.strip_prefix("old ").ok_or(ProofError::Malformed("no old line"))?;
    let (old_size, path, note) = split_proof(rest)?;
    let new = Checkpoint::open(note, keys)?;
    if new.origin != old.origin {
        return Err(ProofError::OtherOrigin(new.origin));
    }
    if old_size != old.size {
        return Err(ProofError::OutOfRange);
    }
    verify_consistency(old.size, &old.root, new.size, &new.root, &path)?;
    Ok(new)
}

fn push_hashes(out: &mut String, path: &[Digest32]) {
    for h in path {
        out.push_str(&to_base64(h));
        out.push('\n');
    }
}

fn split_proof(rest: &str) -> Result<(u64, Vec<Digest32>, &str), ProofError> {
    let (number, mut rest) = rest.split_once('\n').ok_or(ProofError::Malformed("cut after the number"))?;
    let number = parse_decimal(number).ok_or(ProofError::Malformed("not a decimal number"))?;
    let mut path = Vec::new();
    loop {
        let (line, after) = rest.split_once('\n').ok_or(ProofError::Malformed("no blank line"))?;
        rest = after;
        if line.is_empty() {
            return Ok((number, path, rest));
        }
        if path.len() == MAX_PROOF_LEN {
            return Err(ProofError::Malformed("more hashes than any tree has levels"));
        }
        path.push(from_base64(line).ok_or(ProofError::Malformed("a hash is 32 bytes in base64"))?);
    }
}
