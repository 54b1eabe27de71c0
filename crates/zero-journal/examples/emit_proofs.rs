//! Writes what an outside verifier needs: `emit_proofs DIR`.
//!
//! ```text
//! DIR/vkey                  the log's public key
//! DIR/leaves                one record per line, hexadecimal
//! DIR/checkpoint            newest checkpoint
//! DIR/checkpoint.old        an older one
//! DIR/consistency           "old <size>", hashes, blank line, newest checkpoint
//! DIR/inclusion/<seq>.tlog-proof
//! DIR/journal/tile/...      hash tiles
//! ```

use ed25519_dalek::SigningKey;
use std::error::Error;
use std::path::Path;
use zero_journal::{Class, Journal, NewRecord, NoteKey, Options, RealDisk};

const RECORDS: u64 = 1000;
const OLD: u64 = 500;
const ORIGIN: &str = "zero.local/example/journal";

/// Emits a journal of 1,000 records with its proofs.
pub(crate) fn emit(dir: &Path) -> Result<(), Box<dyn Error>> {
    let key = SigningKey::from_bytes(&[1; 32]);
    let vkey = NoteKey { name: ORIGIN.into(), public: key.verifying_key().to_bytes() }.to_vkey();
    let options = Options::new(ORIGIN, dir.join("second"), "emit_proofs", Box::new(key));
    let (mut journal, _) = Journal::open(RealDisk, &dir.join("journal"), options)?;
    let mut leaves = String::new();
    for seq in 0..RECORDS {
        let bytes = format!("{{\"seq\":{seq},\"note\":\"{}\"}}", "x".repeat((seq % 97) as usize));
        journal.stage(NewRecord { class: Class::Fact, keep: false, bytes: bytes.as_bytes() })?;
        bytes.bytes().for_each(|b| leaves.push_str(&format!("{b:02x}")));
        leaves.push('\n');
        if seq % 20 == 19 {
            journal.commit()?;
        }
        if seq + 1 == OLD {
            journal.checkpoint()?;
            std::fs::copy(dir.join("journal/checkpoint"), dir.join("checkpoint.old"))?;
        }
    }
    journal.checkpoint()?;
    std::fs::create_dir_all(dir.join("inclusion"))?;
    for seq in [0, 1, 255, 256, 499, 500, 777, 998, 999] {
        std::fs::write(dir.join(format!("inclusion/{seq}.tlog-proof")), journal.prove(seq)?.text)?;
    }
    std::fs::copy(dir.join("journal/checkpoint"), dir.join("checkpoint"))?;
    std::fs::write(dir.join("consistency"), journal.prove_consistency(OLD)?)?;
    std::fs::write(dir.join("vkey"), vkey + "\n")?;
    std::fs::write(dir.join("leaves"), leaves)?;
    Ok(())
}

#[allow(dead_code, reason = "a test includes this file for `emit`")]
fn main() -> Result<(), Box<dyn Error>> {
    let dir = std::env::args_os().nth(1).ok_or("usage: emit_proofs DIR")?;
    emit(Path::new(&dir))
}
