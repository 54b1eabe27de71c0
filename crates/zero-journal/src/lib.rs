//! The log on disk: segments, hash chain, Merkle tree, checkpoints, snapshots, locks. Knows nothing of trading.
