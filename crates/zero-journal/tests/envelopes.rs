//! The encoding that evidence is signed over, against the vector of its specification, signature included.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use std::collections::BTreeMap;
use zero_journal::dsse::pae;

const KIND: &str = "http://example.com/HelloWorld";
const SIGNATURE: &str =
    "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA==";
const X: &str = "67cd390f77aa359cb08c2235f652270493a9ed832b0abcc01f70954c0390d238";
const Y: &str = "0c782bd54e269125a44f4433aff1432ce94e12bca73aa67ac80cea12608ddf74";

/// Does the specification's P-256 key accept its signature over these bytes?
fn accepted(bytes: &[u8]) -> bool {
    let hex = |text: &str| -> Vec<u8> {
        (0..32).map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap()).collect()
    };
    let key = [vec![4], hex(X), hex(Y)].concat();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key)
        .verify(bytes, &STANDARD.decode(SIGNATURE).unwrap())
        .is_ok()
}

#[test]
fn the_published_signature_covers_this_encoding_and_no_other() {
    let encoded = pae(KIND, b"hello world");
    assert_eq!(encoded, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    assert!(accepted(&encoded));
    assert!(!accepted(b"hello world"), "the payload alone");
    assert!(!accepted(&pae("http://example.com/Helloworld", b"hello world")), "another kind");
    assert!(!accepted(&pae(KIND, b"hello worle")), "another payload");
}

#[test]
fn lengths_are_of_bytes_and_nothing_has_no_length() {
    assert_eq!(pae("", b""), b"DSSEv1 0  0 ");
    assert_eq!(pae("é", &[0xff, 0]), [&b"DSSEv1 2 \xc3\xa9 2 "[..], &[0xff, 0]].concat());
}

proptest! {
    /// A kind and a payload that run into each other, as `a b` and `c` against `a` and `b c`, are told apart.
    #[test]
    fn no_two_documents_share_an_encoding(documents in prop::collection::vec(("[ 0-9a]{0,4}", "[ 0-9a]{0,4}"), 2..200)) {
        let mut seen = BTreeMap::new();
        for d in documents {
            let before = seen.insert(pae(&d.0, d.1.as_bytes()), d.clone());
            prop_assert!(before.is_none_or(|b| b == d));
        }
    }
}
