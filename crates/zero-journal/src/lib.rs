//! The log on disk: segments, hash chain, Merkle tree, checkpoints, snapshots, locks. Knows nothing of trading.
//!
//! A record is a class, a retention flag and bytes. The bytes on disk are described in [`mod@format`].
//!
//! What it relies on: a sector that is overwritten with the same bytes keeps them through a power cut, and
//! `fdatasync` that returned success made the data durable.

pub mod campaign;
pub mod disk;
pub mod dsse;
pub mod format;
mod hashing;
pub mod merkle;
pub mod note;
pub mod proof;

mod checkpoint;
mod claimed;
mod error;
mod layout;
mod options;
mod prover;
mod reader;
mod record;
mod recover;
mod retention;
mod scan;
mod second;
mod snapshot;
mod stream;
mod tile;
mod tree;
mod usage;
mod verify;
mod writer;

pub use checkpoint::Checkpoint;
pub use claimed::Claimed;
pub use disk::{Disk, RealDisk};
pub use error::{Damage, JournalError, ProofError};
pub use layout::PrunedRange;
pub use note::{NoteKey, NoteSigner};
pub use options::{OpenCheck, Options};
pub use reader::{End, Item, Reader, Records};
pub use record::{Class, NewRecord, Record};
pub use recover::Opened;
pub use retention::PruneReport;
pub use scan::{Anchor, Position, Torn};
pub use snapshot::{Beside, Snapshot, Trust};
pub use tile::{tile_path, tile_width};
pub use usage::DiskUsage;
pub use verify::{CheckpointVerdict, VerifyOptions, VerifyReport, verify};
pub use writer::{Committed, Journal};
