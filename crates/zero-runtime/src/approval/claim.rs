//! What is signed: a request in its canonical form, for whom, from when, until when.

use super::ApprovalError;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde_json::Value;
use std::fmt::Write as _;
use zero_core::canon::JsonText;
use zero_core::cbor::{CborError, Decoder, Encoder};
use zero_core::{Canon, Digest32, Json, Ts, TsDiff, canon_struct};
use zero_kernel::operator::Control;
use zero_market::event::{OperatorAction, OperatorEvent};

/// Longest time for which an approval may be good.
pub const LIFETIME_MAX: TsDiff = TsDiff::secs(3_600);

/// What is signed begins with this, so that the signature can never pass for one over anything else.
const DOMAIN: &[u8] = b"zero.approval.v1\n";
/// Method of an act that comes through no route: a command's.
const ACT: &str = "ACT";
/// Longest approval as text, bytes.
const TEXT_MAX: usize = 4_096;

canon_struct! {
    /// A request as it is approved.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Asked {
        /// `POST`, or `ACT` for a command.
        pub method: String,
        /// The route's path, or `/` and the act's name.
        pub path: String,
        /// Digest of the body in its canonical form.
        pub body: Digest32,
    }
}

impl Asked {
    /// Of a request with this body.
    #[must_use]
    pub fn of(method: &str, path: &str, body: &Value) -> Self {
        Self { method: method.into(), path: path.into(), body: Digest32::of(&canonical(body)) }
    }

    /// Of a command's act.
    #[must_use]
    pub fn of_act(act: &OperatorEvent) -> Self {
        Self::of(ACT, &format!("/{}", act.action.name()), &Self::body_of_act(act))
    }

    /// What the body of an act is.
    #[must_use]
    pub fn body_of_act(act: &OperatorEvent) -> Value {
        serde_json::json!({ "subject": act.subject, "reason": act.reason })
    }

    /// The increase that the request asks for, if it is one.
    #[must_use]
    pub fn control(&self) -> Option<Control> {
        match (self.method.as_str(), self.path.as_str()) {
            ("POST", "/live/resume") => Some(Control::ResumeEntries),
            ("POST", "/auto/toggle") => Some(Control::AutoOn),
            ("POST", "/execute") => Some(Control::Execute),
            (ACT, path) => Control::of_action(OperatorAction::from_name(path.strip_prefix('/')?)?),
            _ => None,
        }
    }
}

canon_struct! {
    /// What is signed.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Claim {
        /// Which request.
        pub asked: Asked,
        /// Fingerprint of the key that signs.
        pub key: Digest32,
        /// Random, so that the same request can be approved again.
        pub nonce: Digest32,
        /// From when on it is good.
        pub not_before: Ts,
        /// From when on it is not.
        pub expires: Ts,
        /// The journal that it is good in.
        pub journal: Digest32,
    }
}

impl Claim {
    fn message(&self) -> Vec<u8> {
        let mut out = DOMAIN.to_vec();
        out.extend_from_slice(&self.to_bytes());
        out
    }

    /// Digest of everything that is signed.
    #[must_use]
    pub fn digest(&self) -> Digest32 {
        Digest32::of(&self.message())
    }
}

/// A signature's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignatureBytes([u8; 64]);

impl Canon for SignatureBytes {
    fn encode(&self, e: &mut Encoder) {
        e.bytes(&self.0);
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, CborError> {
        d.bytes_exact().map(Self)
    }
}

impl Json for SignatureBytes {
    fn json(&self, out: &mut JsonText) {
        let _ = write!(out, "\"{}\"", hex(&self.0));
    }
}

canon_struct! {
    /// A claim with its signature: what a person hands over. Nothing follows from it before it is verified.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Signed {
        /// What is claimed.
        pub claim: Claim,
        /// By the claim's key.
        pub signature: SignatureBytes,
    }
}

/// Signs a claim.
#[must_use]
pub fn sign(claim: Claim, key: &SigningKey) -> Signed {
    let signature = SignatureBytes(key.sign(&claim.message()).to_bytes());
    Signed { claim, signature }
}

impl Signed {
    /// As text: its canonical bytes in hexadecimal.
    #[must_use]
    pub fn to_text(&self) -> String {
        hex(&self.to_bytes())
    }

    /// From text.
    ///
    /// # Errors
    /// [`ApprovalError::Unreadable`].
    pub fn parse(text: &str) -> Result<Self, ApprovalError> {
        let text = text.trim();
        if text.len() > TEXT_MAX || !text.len().is_multiple_of(2) {
            return Err(ApprovalError::Unreadable);
        }
        let mut bytes = vec![0u8; text.len() / 2];
        if !zero_core::hash::decode_hex(text, &mut bytes) {
            return Err(ApprovalError::Unreadable);
        }
        Self::from_bytes(&bytes).map_err(|_| ApprovalError::Unreadable)
    }

    /// Strict: small-order keys and malleable signatures fail.
    pub(super) fn is_by(&self, public: &[u8; 32]) -> bool {
        let signature = Signature::from_bytes(&self.signature.0);
        VerifyingKey::from_bytes(public)
            .is_ok_and(|k| k.verify_strict(&self.claim.message(), &signature).is_ok())
    }
}

/// An approval with the request that it came with. A command's request is its act and needs no telling.
#[derive(Clone, Debug)]
pub struct Presented {
    pub(super) asked: Option<Asked>,
    pub(super) signed: Signed,
}

impl Presented {
    /// With a request of a route.
    #[must_use]
    pub const fn with(asked: Asked, signed: Signed) -> Self {
        Self { asked: Some(asked), signed }
    }

    /// With a command's act.
    #[must_use]
    pub const fn with_act(signed: Signed) -> Self {
        Self { asked: None, signed }
    }
}

/// A JSON value in canonical CBOR: names of an object in the order of their encoding, whole numbers as integers.
#[must_use]
pub fn canonical(value: &Value) -> Vec<u8> {
    let mut e = Encoder::new();
    encode(value, &mut e);
    e.into_bytes()
}

fn encode(value: &Value, e: &mut Encoder) {
    match value {
        Value::Null => e.null(),
        Value::Bool(b) => e.bool(*b),
        Value::Number(n) => match (n.as_u64(), n.as_i64()) {
            (Some(v), _) => e.u64(v),
            (None, Some(v)) => e.i64(v),
            (None, None) => e.f64(n.as_f64().unwrap_or(f64::NAN)),
        },
        Value::String(s) => e.text(s),
        Value::Array(all) => {
            e.array(all.len());
            all.iter().for_each(|v| encode(v, e));
        }
        Value::Object(all) => {
            let mut names: Vec<&String> = all.keys().collect();
            names.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
            e.map(names.len());
            for name in names {
                e.text(name);
                encode(all.get(name).unwrap_or(&Value::Null), e);
            }
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut s, b| {
        let _ = write!(s, "{b:02x}");
        s
    })
}
