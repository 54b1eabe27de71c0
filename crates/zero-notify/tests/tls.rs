//! A webhook over TLS: delivered to a receiver whose authority is trusted, and to no other.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use zero_notify::{Message, Shape, Sink as _, Urgency, Webhook, What, authorities, hmac_sha256};

fn message() -> Message {
    Message {
        what: What::Test,
        key: "test/tls".into(),
        urgency: Urgency::Critical,
        text: "a secret of the operator".into(),
        count: 1,
        at: "2025-09-05T16:00:00Z".into(),
    }
}

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// Answers one connection over TLS; its port, and what the receiver read, or why there was nothing.
fn receiver(
    names: &[&str],
    by: &CertifiedIssuer<'static, KeyPair>,
) -> (u16, Receiver<Result<Vec<u8>, String>>) {
    let key = KeyPair::generate().unwrap();
    let names: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
    let leaf = CertificateParams::new(names).unwrap().signed_by(&key, by).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tell, told) = channel();
    std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let mut tls = ServerConnection::new(Arc::new(config)).unwrap();
        let mut stream = Stream::new(&mut tls, &mut socket);
        let (mut bytes, mut part) = (Vec::new(), [0; 4096]);
        let read = loop {
            match stream.read(&mut part) {
                Ok(0) => break Err("closed".to_owned()),
                Ok(n) => bytes.extend_from_slice(&part[..n]),
                Err(e) => break Err(e.to_string()),
            }
            let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length = head.lines().find_map(|l| l.strip_prefix("content-length: ")).unwrap();
            if body.len() >= length.parse::<usize>().unwrap() {
                stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").unwrap();
                break Ok(());
            }
        };
        let _ = tell.send(read.map(|()| bytes));
    });
    (port, told)
}

fn send(port: u16, trusted: &CertifiedIssuer<'static, KeyPair>) -> Result<(), String> {
    let trusted = authorities(trusted.pem().as_bytes());
    assert_eq!(trusted.len(), 1);
    let url = format!("https://localhost:{port}/hook");
    Webhook::trusting(url, Some(b"key".to_vec()), Shape::Plain, Some(trusted)).deliver(&message())
}

#[test]
fn a_signed_message_goes_through_tls_to_a_receiver_of_a_trusted_authority() {
    let ours = authority("ours");
    let (port, heard) = receiver(&["localhost"], &ours);
    send(port, &ours).unwrap();
    let bytes = heard.recv().unwrap().unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert_eq!(serde_json::from_str::<Message>(body).unwrap(), message());
    let signature = format!("sha256={}", hmac_sha256(b"key", body.as_bytes()));
    assert!(head.to_ascii_lowercase().contains(&format!("x-zero-signature: {signature}")), "{head}");
}

#[test]
fn nothing_is_told_to_a_receiver_of_another_authority_or_name_or_of_none() {
    let (ours, theirs) = (authority("ours"), authority("theirs"));
    for (names, by) in [(["localhost"], &theirs), (["elsewhere.example"], &ours)] {
        let (port, heard) = receiver(&names, by);
        assert!(send(port, &ours).is_err());
        assert!(heard.recv().unwrap().is_err(), "the receiver read something");
    }
    // Without an authority named, the public ones count, and they did not sign this.
    let (port, heard) = receiver(&["localhost"], &ours);
    let url = format!("https://localhost:{port}/hook");
    assert!(Webhook::new(url, None, Shape::Plain).deliver(&message()).is_err());
    assert!(heard.recv().unwrap().is_err());
    assert!(authorities(b"no certificate").is_empty());
}
