//! Proofs: every one holds, and none holds for anything else.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests are tests")]

mod common;

use common::*;
use proptest::prelude::*;
use std::path::Path;
use std::sync::OnceLock;
use zero_core::Digest32;
use zero_journal::disk::SimDisk;
use zero_journal::merkle::{leaf_hash, root_of, verify_consistency, verify_inclusion};
use zero_journal::proof::{verify_consistency_text, verify_inclusion_text};
use zero_journal::{Checkpoint, Disk as _, Journal, NoteKey, Reader};

const SIZE: u64 = 1300;

fn log() -> &'static (SimDisk, Checkpoint, Vec<Digest32>) {
    static LOG: OnceLock<(SimDisk, Checkpoint, Vec<Digest32>)> = OnceLock::new();
    LOG.get_or_init(|| {
        let disk = closed(SIZE, 13, |_| {});
        let reader = Reader::open(disk.clone(), Path::new(DIR)).unwrap();
        let (checkpoint, _) = reader.checkpoint(&keys()).unwrap();
        let leaves = (0..SIZE).map(|s| leaf_hash(&record(s).2)).collect();
        (disk, checkpoint, leaves)
    })
}

fn reader() -> Reader<SimDisk> {
    Reader::open(log().0.clone(), Path::new(DIR)).unwrap()
}

fn hashes(text: &str) -> Vec<Digest32> {
    use base64::Engine as _;
    let (head, _) = text.split_once("\n\n").unwrap();
    let decode = |l: &str| base64::engine::general_purpose::STANDARD.decode(l).ok()?.try_into().ok();
    head.lines().filter_map(decode).map(Digest32).collect()
}

#[test]
fn the_checkpoint_is_the_root_of_the_records() {
    let (_, checkpoint, leaves) = log();
    assert_eq!((checkpoint.size, checkpoint.root), (SIZE, root_of(leaves)));
    for size in [0, 1, 2, 255, 256, 257, 511, 1024, 1299] {
        assert_eq!(reader().root_at(size).unwrap(), root_of(&leaves[..size as usize]), "{size}");
    }
}

#[test]
fn proofs_can_be_made_without_any_tile_on_disk() {
    let (disk, ..) = log();
    let disk = disk.fork(zero_core::prng::Prng::new(1, 1));
    for n in 0..SIZE / 256 {
        disk.remove_file(&Path::new(DIR).join(format!("tile/0/{n:03}"))).unwrap();
    }
    let reader = Reader::open(disk, Path::new(DIR)).unwrap();
    for seq in [0, 256, SIZE - 1] {
        verify_inclusion_text(&reader.prove(seq, &keys()).unwrap().text, &record(seq).2, &keys()).unwrap();
    }
}

#[test]
fn a_torn_tile_does_not_spoil_a_proof_and_the_writer_mends_it() {
    let disk = log().0.fork(zero_core::prng::Prng::new(1, 1));
    let tile = Path::new(DIR).join("tile/0/001");
    let mut good = Vec::new();
    disk.tamper(&tile, |b| {
        good.clone_from(b);
        b[4096..].fill(0);
    })
    .unwrap();
    let reader = Reader::open(disk.clone(), Path::new(DIR)).unwrap();
    verify_inclusion_text(&reader.prove(500, &keys()).unwrap().text, &record(500).2, &keys()).unwrap();
    verify_inclusion_text(&reader.prove(5, &keys()).unwrap().text, &record(5).2, &keys()).unwrap();
    Journal::open(disk.clone(), Path::new(DIR), options(SECOND)).unwrap().0.close().unwrap();
    disk.tamper(&tile, |b| assert_eq!(*b, good)).unwrap();
}

#[test]
fn every_altered_byte_of_a_proof_is_refused() {
    let proof = reader().prove(777, &keys()).unwrap();
    let leaf = record(777).2;
    assert_eq!(proof.leaf, leaf);
    assert_eq!(verify_inclusion_text(&proof.text, &leaf, &keys()).unwrap().0, 777);
    for i in 0..proof.text.len() {
        let mut bytes = proof.text.clone().into_bytes();
        bytes[i] ^= 1;
        let Ok(text) = String::from_utf8(bytes) else { continue };
        assert!(verify_inclusion_text(&text, &leaf, &keys()).is_err(), "byte {i}");
    }
    assert!(verify_inclusion_text(&proof.text, &record(778).2, &keys()).is_err());
    let stranger = [NoteKey { name: ORIGIN.into(), public: [3; 32] }];
    assert!(verify_inclusion_text(&proof.text, &leaf, &stranger).is_err());
}

#[test]
fn a_proof_with_extra_data_is_read() {
    let proof = reader().prove(5, &keys()).unwrap();
    let text = proof.text.replacen("index", "extra QUJD\nindex", 1);
    assert!(verify_inclusion_text(&text, &record(5).2, &keys()).is_ok());
}

#[test]
fn a_consistency_proof_binds_the_older_checkpoint() {
    let disk = sim();
    let (mut journal, _) = Journal::open(disk, Path::new(DIR), options(SECOND)).unwrap();
    append(&mut journal, 300, 10).unwrap();
    let old = journal.checkpoint().unwrap();
    append(&mut journal, 400, 10).unwrap();
    let new = journal.checkpoint().unwrap();
    let text = journal.prove_consistency(old.size).unwrap();
    assert_eq!(verify_consistency_text(&text, &old, &keys()).unwrap(), new);
    let forged = Checkpoint { root: Digest32::of(b"x"), ..old.clone() };
    assert!(verify_consistency_text(&text, &forged, &keys()).is_err());
    let renamed = Checkpoint { origin: "other".into(), ..old };
    assert!(verify_consistency_text(&text, &renamed, &keys()).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn inclusion_holds_for_its_leaf_index_size_and_root_only(seq in 0..SIZE, other in 0..SIZE, flip in any::<prop::sample::Index>()) {
        let (_, checkpoint, leaves) = log();
        let path = hashes(&reader().prove(seq, &keys()).unwrap().text);
        let (leaf, root) = (leaves[seq as usize], checkpoint.root);
        prop_assert!(verify_inclusion(&leaf, seq, SIZE, &path, &root).is_ok());
        prop_assert!(other == seq || verify_inclusion(&leaf, other, SIZE, &path, &root).is_err());
        prop_assert!(other == seq || verify_inclusion(&leaves[other as usize], seq, SIZE, &path, &root).is_err());
        let mut bad = path.clone();
        bad[flip.index(path.len())].0[7] ^= 1;
        prop_assert!(verify_inclusion(&leaf, seq, SIZE, &bad, &root).is_err());
        prop_assert!(verify_inclusion(&leaf, seq, SIZE, &path[1..], &root).is_err());
        bad = path;
        bad.push(leaf);
        prop_assert!(verify_inclusion(&leaf, seq, SIZE, &bad, &root).is_err());
    }

    #[test]
    fn consistency_holds_for_its_sizes_and_roots_only(old in 0..=SIZE, other in 0..=SIZE) {
        let (_, checkpoint, leaves) = log();
        let path = hashes(&reader().prove_consistency(old, &keys()).unwrap());
        let root_at = |n: u64| root_of(&leaves[..n as usize]);
        let new = &checkpoint.root;
        prop_assert!(verify_consistency(old, &root_at(old), SIZE, new, &path).is_ok());
        prop_assert!(other == old || verify_consistency(old, &root_at(other), SIZE, new, &path).is_err());
        // RFC 6962: every tree is consistent with the empty one, so size 0 binds no root.
        let holds = verify_consistency(old, &root_at(old), SIZE, &root_at(old), &path).is_ok();
        prop_assert_eq!(holds, old == 0 || old == SIZE);
        if let Some((_, rest)) = path.split_first() {
            prop_assert!(verify_consistency(old, &root_at(old), SIZE, new, rest).is_err());
            let mut bad = path.clone();
            bad[0].0[3] ^= 1;
            prop_assert!(verify_consistency(old, &root_at(old), SIZE, new, &bad).is_err());
        }
    }

    #[test]
    fn verifiers_never_panic(index in any::<u64>(), size in any::<u64>(), n in 0usize..80, text in "\\PC{0,120}") {
        let path = vec![Digest32::ZERO; n];
        let _ = verify_inclusion(&Digest32::ZERO, index, size, &path, &Digest32::ZERO);
        let _ = verify_consistency(index, &Digest32::ZERO, size, &Digest32::ZERO, &path);
        let _ = verify_inclusion_text(&format!("c2sp.org/tlog-proof@v1\nindex {text}"), b"", &keys());
    }
}
