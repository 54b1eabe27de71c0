//! The growing tree in memory: only its right edge, as the partial tile of each level, and the full tiles not yet
//! written out.

use crate::merkle::{empty_root, fold_left_of, full_root};
use zero_core::Digest32;

/// Hashes in a full tile.
pub(crate) const TILE_WIDTH: usize = 256;

/// A full tile that is not on disk yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FullTile {
    pub(crate) level: u8,
    pub(crate) index: u64,
    pub(crate) hashes: Vec<Digest32>,
}

/// The right edge of an RFC 6962 tree.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    size: u64,
    edge: Vec<Vec<Digest32>>,
    full: Vec<FullTile>,
    scratch: Vec<Digest32>,
}

impl Tree {
    /// With `size` leaves and the given partial tiles, lowest level first.
    pub(crate) fn from_edge(size: u64, edge: Vec<Vec<Digest32>>) -> Self {
        Self { size, edge, full: Vec::new(), scratch: Vec::new() }
    }

    pub(crate) const fn size(&self) -> u64 {
        self.size
    }

    pub(crate) fn push(&mut self, leaf: Digest32) {
        self.size += 1;
        let mut carry = Some(leaf);
        let mut level = 0;
        while let Some(hash) = carry.take() {
            if self.edge.len() == level {
                self.edge.push(Vec::with_capacity(TILE_WIDTH));
            }
            let tile = &mut self.edge[level];
            tile.push(hash);
            if tile.len() == TILE_WIDTH {
                carry = full_root(tile, &mut self.scratch);
                let index = (self.size >> (8 * (level + 1))) - 1;
                let hashes = std::mem::replace(tile, Vec::with_capacity(TILE_WIDTH));
                self.full.push(FullTile { level: level as u8, index, hashes });
            }
            level += 1;
        }
    }

    pub(crate) fn root(&mut self) -> Digest32 {
        let mut acc = None;
        for tile in &self.edge {
            acc = fold_left_of(tile, acc, &mut self.scratch);
        }
        acc.unwrap_or_else(empty_root)
    }

    /// Partial tiles, lowest level first; some may be empty.
    pub(crate) fn edge(&self) -> &[Vec<Digest32>] {
        &self.edge
    }

    /// Full tiles since the last [`Self::forget_full`].
    pub(crate) fn full(&self) -> &[FullTile] {
        &self.full
    }

    pub(crate) fn forget_full(&mut self) {
        self.full.clear();
    }

    /// Hands over the full tiles since the last time.
    pub(crate) fn take_full(&mut self) -> Vec<FullTile> {
        std::mem::take(&mut self.full)
    }

    /// Puts tiles back that are still to be written.
    pub(crate) fn put_back_full(&mut self, tiles: Vec<FullTile>) {
        self.full = tiles;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle::{leaf_hash, root_of};

    #[test]
    fn the_right_edge_gives_every_root() {
        let leaves: Vec<Digest32> = (0u32..70_000).map(|i| leaf_hash(&i.to_le_bytes())).collect();
        let mut tree = Tree::default();
        for (i, leaf) in leaves.iter().enumerate() {
            if i < 600 || (65_500..65_600).contains(&i) {
                assert_eq!(tree.root(), root_of(&leaves[..i]), "{i}");
            }
            tree.push(*leaf);
        }
        assert_eq!(tree.root(), root_of(&leaves));
        // The example of the tlog-tiles specification: 273 full and one of 112; one full and one of 17; one of 1.
        let full = |l: u8| tree.full().iter().filter(|t| t.level == l).count();
        assert_eq!((full(0), full(1)), (273, 1));
        assert_eq!(tree.edge().iter().map(Vec::len).collect::<Vec<_>>(), [112, 17, 1]);
    }
}
