//! HMAC-SHA256 (RFC 2104), so that the receiver of a webhook can tell who sent it.

use zero_core::{Digest32, Hasher};

const BLOCK: usize = 64;

/// The code of a message under a key of any length.
#[must_use]
pub fn hmac_sha256(key: &[u8], message: &[u8]) -> Digest32 {
    let mut block = [0u8; BLOCK];
    let hashed = Digest32::of(key);
    let short = if key.len() > BLOCK { &hashed.0[..] } else { key };
    for (slot, byte) in block.iter_mut().zip(short) {
        *slot = *byte;
    }
    let pass = |pad: u8, text: &[u8]| {
        let mut h = Hasher::new();
        h.update(&block.map(|b| b ^ pad));
        h.update(text);
        h.finish()
    };
    pass(0x5c, &pass(0x36, message).0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test cases 1, 2, 3 and 6.
    #[test]
    fn the_published_vectors_hold() {
        for (key, message, want) in [
            (
                vec![0x0b; 20],
                b"Hi There".to_vec(),
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            ),
            (
                b"Jefe".to_vec(),
                b"what do ya want for nothing?".to_vec(),
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                vec![0xaa; 20],
                vec![0xdd; 50],
                "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
            ),
            (
                vec![0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First".to_vec(),
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ] {
            assert_eq!(hmac_sha256(&key, &message).to_string(), want);
        }
    }
}
