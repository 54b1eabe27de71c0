//! Hazards of keys: forged, reordered and torn statements, swapped and readable secrets, crashes in the middle.

use super::chain::{encode_line, verify_chain};
use super::secret::Seed;
use super::{ChainError, KeyError, KeyRing, KeyStatus, Purpose, Statement};
use crate::home::{Home, InitOptions, OperatorId, Partition, init};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use tempfile::TempDir;
use zero_core::Ts;
use zero_core::hash::decode_hex;

/// Secret and public keys of RFC 8032, section 7.1, tests 1 to 3.
const RFC_8032: [(&str, &str); 3] = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    ),
];

fn seed(n: usize) -> Seed {
    let mut out = [0; 32];
    assert!(decode_hex(RFC_8032[n].0, &mut out));
    Seed::published(out)
}

fn public(n: usize) -> [u8; 32] {
    let mut out = [0; 32];
    assert!(decode_hex(RFC_8032[n].1, &mut out));
    out
}

fn ts(s: i64) -> Ts {
    Ts::from_ns(s * 1_000_000_000)
}

fn partition() -> (TempDir, Partition) {
    let tmp = TempDir::new().unwrap();
    let home = Home::at(tmp.path().join("zero"));
    let options = InitOptions { keys: false, now: ts(0) };
    let report = init(&home, &OperatorId::new("ada").unwrap(), options).unwrap();
    (tmp, report.partition)
}

/// Created, rotated, revoked: a ring with two keys of RFC 8032 and its chain's text.
fn lived() -> (TempDir, Partition, String) {
    let (tmp, p) = partition();
    let mut ring = KeyRing::open(&p).unwrap();
    ring.create_from(Purpose::Journal, &seed(0), ts(1)).unwrap();
    ring.rotate_to(Purpose::Journal, &seed(1), ts(2)).unwrap();
    ring.revoke(Purpose::Journal, "laptop lost", ts(3)).unwrap();
    let text = fs::read_to_string(ring.chain_path(Purpose::Journal)).unwrap();
    (tmp, p, text)
}

#[test]
fn published_secrets_give_published_public_keys() {
    let (_tmp, p) = partition();
    let mut ring = KeyRing::open(&p).unwrap();
    let info = ring.create_from(Purpose::Proof, &seed(2), ts(5)).unwrap();
    assert_eq!(info.public.0, public(2));
    assert_eq!(ring.signing_key(Purpose::Proof).unwrap().verifying_key().to_bytes(), public(2));
    assert!(matches!(ring.signing_key(Purpose::Journal), Err(KeyError::NoKey(_))));
    assert!(matches!(ring.create(Purpose::Proof, ts(6)), Err(KeyError::Exists(_))));
}

#[test]
fn a_keys_life_is_read_back_from_its_statements_alone() {
    let (_tmp, p, text) = lived();
    let chain = verify_chain(Purpose::Journal, &text).unwrap();
    assert_eq!(chain.keys.len(), 2);
    assert_eq!(chain.keys[0].status, KeyStatus::Rotated { time: ts(2) });
    assert_eq!(chain.keys[1].status, KeyStatus::Revoked { time: ts(3), reason: "laptop lost".into() });
    assert_eq!((chain.keys[0].vouched, chain.keys[1].vouched), (false, true));
    assert!(chain.active().is_none());
    assert_eq!(KeyRing::open(&p).unwrap().list(), chain.keys);
}

#[test]
fn a_rotation_needs_the_signatures_of_both_keys() {
    let (_tmp, p) = partition();
    let mut ring = KeyRing::open(&p).unwrap();
    ring.create_from(Purpose::Journal, &seed(0), ts(1)).unwrap();
    let signed = ring.rotate_to(Purpose::Journal, &seed(1), ts(2)).unwrap();
    assert!(signed.verifies());
    for i in 0..2 {
        let mut less = signed.clone();
        less.signatures.remove(i);
        assert!(!less.verifies(), "without signature {i}");
        let mut other = signed.clone();
        other.signatures[i] = other.signatures[1 - i];
        assert!(!other.verifies(), "signature {i} replaced by the other");
    }
    let mut later = signed;
    if let Statement::Rotated(r) = &mut later.statement {
        r.time = ts(9);
    }
    assert!(!later.verifies(), "changed after signing");
}

#[test]
fn every_changed_digit_of_a_chain_is_noticed() {
    let (_tmp, _p, text) = lived();
    for i in (0..text.len()).filter(|i| text.as_bytes()[*i] != b'\n') {
        let mut bytes = text.clone().into_bytes();
        bytes[i] = if bytes[i] == b'0' { b'1' } else { b'0' };
        let changed = String::from_utf8(bytes).unwrap();
        assert!(verify_chain(Purpose::Journal, &changed).is_err(), "digit {i}");
    }
}

#[test]
fn dropped_swapped_and_repeated_statements_are_noticed() {
    let (_tmp, _p, text) = lived();
    let lines: Vec<&str> = text.lines().collect();
    let chain = |order: &[usize]| {
        let text: String = order.iter().map(|i| format!("{}\n", lines[*i])).collect();
        verify_chain(Purpose::Journal, &text).map(|_| ())
    };
    assert_eq!(chain(&[0, 1, 2]), Ok(()));
    for order in [&[1usize, 2][..], &[0, 2], &[1, 0, 2], &[0, 1, 1], &[0, 0], &[0, 1, 2, 0]] {
        assert!(matches!(chain(order), Err(ChainError::Link(_))), "{order:?}");
    }
    assert!(
        matches!(verify_chain(Purpose::Proof, &text), Err(ChainError::Order(1))),
        "another purpose's chain"
    );
}

#[test]
fn a_key_that_was_used_never_comes_back() {
    let (_tmp, p, _) = lived();
    let mut ring = KeyRing::open(&p).unwrap();
    let again = ring.create_from(Purpose::Journal, &seed(0), ts(4));
    assert!(matches!(again, Err(KeyError::Chain { source: ChainError::Order(_), .. })), "{again:?}");
    let info = ring.create_from(Purpose::Journal, &seed(2), ts(4)).unwrap();
    assert_eq!((info.number, info.vouched), (3, false));
}

#[test]
fn a_statement_torn_by_a_crash_is_left_out_and_written_over() {
    let (_tmp, p, text) = lived();
    let path = p.keys().join("journal.chain");
    let whole: Vec<usize> = text.match_indices('\n').map(|(i, _)| i + 1).collect();
    for cut in 1..text.len() {
        let kept = whole.iter().filter(|end| **end <= cut).count();
        let keys = verify_chain(Purpose::Journal, &text[..cut]).unwrap().keys.len();
        assert_eq!(keys, kept.min(2), "cut at {cut}");
    }
    // Torn in the middle of the revocation: the key is still active, and a new rotation replaces the torn bytes.
    fs::write(&path, &text[..whole[1] + 40]).unwrap();
    let mut ring = KeyRing::open(&p).unwrap();
    assert_eq!(ring.active(Purpose::Journal).unwrap().public.0, public(1));
    ring.rotate_to(Purpose::Journal, &seed(2), ts(7)).unwrap();
    assert_eq!(KeyRing::open(&p).unwrap().active(Purpose::Journal).unwrap().public.0, public(2));
}

#[test]
fn a_crash_between_secret_and_statement_leaves_the_old_key_and_no_dead_end() {
    let (_tmp, p) = partition();
    let mut ring = KeyRing::open(&p).unwrap();
    ring.create_from(Purpose::Journal, &seed(0), ts(1)).unwrap();
    let orphan = p.keys().join("journal.2.key");
    fs::write(&orphan, b"half a secret").unwrap();
    fs::set_permissions(&orphan, fs::Permissions::from_mode(0o600)).unwrap();
    let mut ring = KeyRing::open(&p).unwrap();
    assert_eq!(ring.active(Purpose::Journal).unwrap().public.0, public(0));
    ring.rotate_to(Purpose::Journal, &seed(1), ts(2)).unwrap();
    assert_eq!(ring.signing_key(Purpose::Journal).unwrap().verifying_key().to_bytes(), public(1));
}

#[test]
fn a_readable_linked_or_swapped_secret_is_refused() {
    let (_tmp, p) = partition();
    let mut ring = KeyRing::open(&p).unwrap();
    ring.create_from(Purpose::Journal, &seed(0), ts(1)).unwrap();
    ring.create_from(Purpose::Proof, &seed(1), ts(1)).unwrap();
    let file = p.keys().join("journal.1.key");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o7777, 0o600);
    for mode in [0o640, 0o604, 0o660, 0o601] {
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        let e = ring.signing_key(Purpose::Journal).unwrap_err();
        assert_eq!(e.code(), "ZERO-CFG-022", "mode {mode:o}");
    }
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    fs::hard_link(&file, p.dir().join("second-name")).unwrap();
    assert_eq!(ring.signing_key(Purpose::Journal).unwrap_err().code(), "ZERO-CFG-024");
    fs::remove_file(p.dir().join("second-name")).unwrap();
    assert!(ring.signing_key(Purpose::Journal).is_ok());
    // Another purpose's secret, and another key's of the same purpose.
    fs::copy(p.keys().join("proof.1.key"), &file).unwrap();
    assert_eq!(ring.signing_key(Purpose::Journal).unwrap_err().code(), "ZERO-CFG-043");
    let (_tmp2, other) = partition();
    KeyRing::open(&other).unwrap().create_from(Purpose::Journal, &seed(2), ts(1)).unwrap();
    fs::copy(other.keys().join("journal.1.key"), &file).unwrap();
    assert_eq!(
        ring.signing_key(Purpose::Journal).unwrap_err().code(),
        "ZERO-CFG-043",
        "a good secret of another key"
    );
    fs::remove_file(&file).unwrap();
    std::os::unix::fs::symlink(p.keys().join("proof.1.key"), &file).unwrap();
    assert_eq!(ring.signing_key(Purpose::Journal).unwrap_err().code(), "ZERO-CFG-021");
}

#[test]
fn two_processes_do_not_change_a_key_at_once() {
    let (_tmp, p) = partition();
    let mut ring = KeyRing::open(&p).unwrap();
    ring.create_from(Purpose::Journal, &seed(0), ts(1)).unwrap();
    let other =
        fs::OpenOptions::new().read(true).write(true).open(ring.chain_path(Purpose::Journal)).unwrap();
    assert!(crate::home::guard::try_lock(&other, p.dir().as_path()).unwrap());
    assert!(matches!(ring.rotate(Purpose::Journal, ts(2)), Err(KeyError::Busy(_))));
    drop(other);
    assert!(ring.rotate(Purpose::Journal, ts(2)).is_ok());
}

#[test]
fn a_stale_ring_does_not_fork_the_chain() {
    let (_tmp, p) = partition();
    let mut first = KeyRing::open(&p).unwrap();
    first.create_from(Purpose::Journal, &seed(0), ts(1)).unwrap();
    let mut stale = KeyRing::open(&p).unwrap();
    first.rotate_to(Purpose::Journal, &seed(1), ts(2)).unwrap();
    stale.rotate_to(Purpose::Journal, &seed(2), ts(3)).unwrap();
    let ring = KeyRing::open(&p).unwrap();
    assert_eq!(ring.list().len(), 3);
    assert_eq!(ring.active(Purpose::Journal).unwrap().public.0, public(2));
}

#[test]
fn a_reason_is_one_short_line() {
    let (_tmp, p, _) = lived();
    let mut ring = KeyRing::open(&p).unwrap();
    for reason in ["", "two\nlines", &"x".repeat(201)] {
        assert!(matches!(ring.revoke(Purpose::Journal, reason, ts(9)), Err(KeyError::Reason)));
    }
}

#[test]
fn entropy_gives_a_new_key_each_time() {
    let (_tmp, p) = partition();
    let mut ring = KeyRing::open(&p).unwrap();
    let first = ring.create(Purpose::Proof, ts(1)).unwrap();
    ring.rotate(Purpose::Proof, ts(2)).unwrap();
    assert_ne!(ring.active(Purpose::Proof).unwrap().public, first.public);
    let line = encode_line(&ring.rotate(Purpose::Proof, ts(3)).unwrap());
    assert!(fs::read_to_string(ring.chain_path(Purpose::Proof)).unwrap().ends_with(&line));
}

/// Fails to compile when a secret becomes printable or comparable by accident: `Ambiguous` would have two answers.
#[test]
fn a_secret_cannot_be_printed_or_cloned() {
    trait Ambiguous<A> {
        fn check() {}
    }
    impl<T: ?Sized> Ambiguous<()> for T {}
    struct Printable;
    impl<T: ?Sized + std::fmt::Debug> Ambiguous<Printable> for T {}
    struct Shown;
    impl<T: ?Sized + std::fmt::Display> Ambiguous<Shown> for T {}
    struct Copied;
    impl<T: Clone> Ambiguous<Copied> for T {}
    <Seed as Ambiguous<_>>::check();
}

#[test]
fn the_secret_is_in_no_file_but_its_own_and_in_no_message() {
    let (_tmp, p, text) = lived();
    let ring = KeyRing::open(&p).unwrap();
    let mut bytes = [0; 32];
    assert!(decode_hex(RFC_8032[0].0, &mut bytes));
    assert!(fs::read(p.keys().join("journal.1.key")).unwrap().windows(32).any(|w| w == bytes));
    let shown = format!("{ring:?} {:?} {text}", ring.list());
    for secret in [RFC_8032[0].0, RFC_8032[1].0] {
        assert!(!shown.contains(secret));
    }
    assert!(!shown.contains(&format!("{bytes:?}")));
}

#[test]
fn an_operators_key_is_never_made_open_and_serves_nobody_without_its_passphrase() {
    let (_tmp, p) = partition();
    let mut ring = KeyRing::open(&p).unwrap();
    assert!(matches!(ring.create(Purpose::Operator, ts(1)), Err(KeyError::Sealed(_))));
    let secret = |t: &str| crate::Secret::new(t.as_bytes().to_vec());
    let (right, wrong) = (secret("correct horse battery"), secret("incorrect horse battery"));
    let lock = (&right, super::seal::Cost::LEAST);
    ring.make(Purpose::Operator, &seed(0), Some(lock), ts(1)).unwrap();
    assert!(matches!(ring.signing_key(Purpose::Operator), Err(KeyError::Sealed(_))));
    assert!(matches!(ring.unlock(Purpose::Operator, &wrong), Err(KeyError::Passphrase(_))));
    assert_eq!(ring.unlock(Purpose::Operator, &right).unwrap().verifying_key().to_bytes(), public(0));
    assert!(matches!(ring.revoke(Purpose::Operator, "x", ts(2)), Err(KeyError::Sealed(_))));
    assert!(matches!(ring.rotate(Purpose::Operator, ts(2)), Err(KeyError::Sealed(_))));
    ring.revoke_sealed(Purpose::Operator, "laptop lost", &right, ts(2)).unwrap();
    assert!(matches!(ring.unlock(Purpose::Operator, &right), Err(KeyError::NoKey(_))));
    assert!(ring.list().iter().any(|k| k.purpose == Purpose::Operator && k.status.name() == "revoked"));
    assert!(
        matches!(ring.make(Purpose::Journal, &seed(1), Some(lock), ts(3)), Err(KeyError::Sealed(_))),
        "a key that a process needs cannot be sealed from it"
    );
}
