//! The RFC 6962 Merkle tree over SHA-256: hashes, and verification of proofs (RFC 9162 sections 2.1.3.2, 2.1.4.2).

use crate::error::ProofError;
use zero_core::{Digest32, Hasher};

/// Longest possible proof: one hash per level of a tree of 2^64 leaves, and the two ends.
pub const MAX_PROOF_LEN: usize = 66;

/// Hash of a leaf: `SHA-256(0x00 ‖ bytes)`.
#[must_use]
pub fn leaf_hash(bytes: &[u8]) -> Digest32 {
    let mut h = Hasher::new();
    h.update(&[0]);
    h.update(bytes);
    h.finish()
}

/// Hash of an inner node: `SHA-256(0x01 ‖ left ‖ right)`.
#[must_use]
pub fn node_hash(left: &Digest32, right: &Digest32) -> Digest32 {
    let mut b = [1u8; 65];
    b[1..33].copy_from_slice(&left.0);
    b[33..].copy_from_slice(&right.0);
    Digest32::of(&b)
}

/// Root of the empty tree: the hash of nothing.
#[must_use]
pub fn empty_root() -> Digest32 {
    Digest32::of(&[])
}

/// Root of a full tree over a power of two of hashes, reusing `scratch`; `None` for any other number.
pub(crate) fn full_root(hashes: &[Digest32], scratch: &mut Vec<Digest32>) -> Option<Digest32> {
    if !hashes.len().is_power_of_two() {
        return None;
    }
    scratch.clear();
    scratch.extend_from_slice(hashes);
    while scratch.len() > 1 {
        let half = scratch.len() / 2;
        for i in 0..half {
            scratch[i] = node_hash(&scratch[2 * i], &scratch[2 * i + 1]);
        }
        scratch.truncate(half);
    }
    scratch.first().copied()
}

/// Folds a run of hashes, split into full trees of falling size, onto what stands to their right.
pub(crate) fn fold_left_of(
    hashes: &[Digest32],
    right: Option<Digest32>,
    scratch: &mut Vec<Digest32>,
) -> Option<Digest32> {
    let (mut rest, mut acc) = (hashes, right);
    while !rest.is_empty() {
        let block = 1 << rest.len().trailing_zeros();
        let (head, tail) = rest.split_at(rest.len() - block);
        let root = full_root(tail, scratch)?;
        acc = Some(acc.map_or(root, |a| node_hash(&root, &a)));
        rest = head;
    }
    acc
}

/// Root over leaf hashes, in memory.
#[must_use]
pub fn root_of(leaves: &[Digest32]) -> Digest32 {
    fold_left_of(leaves, None, &mut Vec::new()).unwrap_or_else(empty_root)
}

/// Checks that `leaf` is number `index` of the tree of `size` leaves and root `root`.
///
/// # Errors
/// When it is not, or the numbers cannot be.
pub fn verify_inclusion(
    leaf: &Digest32,
    index: u64,
    size: u64,
    proof: &[Digest32],
    root: &Digest32,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::OutOfRange);
    }
    let (mut node, mut last, mut r) = (index, size - 1, *leaf);
    for p in proof {
        if last == 0 {
            return Err(ProofError::RootMismatch);
        }
        if node & 1 == 1 || node == last {
            r = node_hash(p, &r);
            if node & 1 == 0 {
                let up = node.trailing_zeros();
                node = node.checked_shr(up).unwrap_or(0);
                last = last.checked_shr(up).unwrap_or(0);
            }
        } else {
            r = node_hash(&r, p);
        }
        node >>= 1;
        last >>= 1;
    }
    if last == 0 && r == *root { Ok(()) } else { Err(ProofError::RootMismatch) }
}

/// Checks that the tree (`old_size`, `old_root`) is the beginning of (`size`, `root`).
///
/// # Errors
/// When it is not, or the numbers cannot be.
pub fn verify_consistency(
    old_size: u64,
    old_root: &Digest32,
    size: u64,
    root: &Digest32,
    proof: &[Digest32],
) -> Result<(), ProofError> {
    let done = |ok: bool| if ok { Ok(()) } else { Err(ProofError::RootMismatch) };
    if old_size > size {
        return Err(ProofError::OutOfRange);
    }
    if old_size == size {
        return done(proof.is_empty() && old_root == root);
    }
    if old_size == 0 {
        return done(proof.is_empty() && *old_root == empty_root());
    }
    let (first, rest) = if old_size.is_power_of_two() {
        (*old_root, proof)
    } else {
        let (head, rest) = proof.split_first().ok_or(ProofError::RootMismatch)?;
        (*head, rest)
    };
    let shift = (old_size - 1).trailing_ones();
    let (mut node, mut last) = ((old_size - 1) >> shift, (size - 1) >> shift);
    let (mut old, mut new) = (first, first);
    for p in rest {
        if last == 0 {
            return Err(ProofError::RootMismatch);
        }
        if node & 1 == 1 || node == last {
            old = node_hash(p, &old);
            new = node_hash(p, &new);
            if node & 1 == 0 {
                let up = node.trailing_zeros();
                node = node.checked_shr(up).unwrap_or(0);
                last = last.checked_shr(up).unwrap_or(0);
            }
        } else {
            new = node_hash(&new, p);
        }
        node >>= 1;
        last >>= 1;
    }
    done(last == 0 && old == *old_root && new == *root)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition of RFC 6962 section 2.1, by recursion: an oracle that shares nothing with `fold_left_of`.
    fn by_definition(leaves: &[Digest32]) -> Digest32 {
        match leaves.len() {
            0 => empty_root(),
            1 => leaves[0],
            n => {
                let k = n.next_power_of_two() / 2;
                node_hash(&by_definition(&leaves[..k]), &by_definition(&leaves[k..]))
            }
        }
    }

    #[test]
    fn roots_follow_the_definition() {
        let leaves: Vec<Digest32> = (0u32..600).map(|i| leaf_hash(&i.to_le_bytes())).collect();
        for n in 0..leaves.len() {
            assert_eq!(root_of(&leaves[..n]), by_definition(&leaves[..n]), "{n}");
        }
    }

    /// Roots published with the certificate-transparency project's test data for RFC 6962.
    #[test]
    fn roots_match_published_vectors() {
        let data: [&[u8]; 8] = [
            b"",
            b"\x00",
            b"\x10",
            b"\x20\x21",
            b"\x30\x31",
            b"\x40\x41\x42\x43",
            b"\x50\x51\x52\x53\x54\x55\x56\x57",
            b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
        ];
        let leaves: Vec<Digest32> = data.iter().map(|d| leaf_hash(d)).collect();
        let hex = |n: usize| root_of(&leaves[..n]).to_string();
        assert_eq!(hex(0), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(hex(1), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
        assert_eq!(hex(8), "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
    }
}
