//! A Merkle tree that says of each leaf at which index it stands, and cannot be opened in any other way.
//!
//! - leaf = `BLAKE2b-256(0x00 ‖ index, u32 little-endian ‖ content)`
//! - node = `BLAKE2b-256(0x01 ‖ left ‖ right)`
//! - `n` leaves are padded with 32 zero bytes each to `2^k`, the least power of two that is not below `n`; the root is
//!   the node at the top, or the leaf itself if it is the only one.
//!
//! A proof is the `k` siblings from the leaf upwards, never more and never fewer, and an index is below `n`. The first
//! byte tells leaves from nodes, so neither passes for the other; the index is part of the leaf and decides at each
//! level which side it stands on, so no leaf opens under a second index; the padding is no hash of anything known, and
//! indices from `n` on are refused besides. A root is known together with its `n`: whoever stores one stores both.

use crate::H256;
use alloc::vec::Vec;
use sp_runtime::traits::{BlakeTwo256, Hash};

const LEAF: u8 = 0;
const NODE: u8 = 1;
/// Stands where there is no leaf.
const PADDING: H256 = H256::zero();

/// Levels above the leaves of a tree of so many leaves: the length of every proof.
pub const fn depth(count: u32) -> u32 {
	match count {
		0 => 0,
		count => u32::BITS - (count - 1).leading_zeros(),
	}
}

/// Root of the tree over these leaves' contents; of none it is 32 zero bytes, which nothing opens.
pub fn root<L: AsRef<[u8]>>(leaves: &[L]) -> H256 {
	climb(leaves, |_, _| ())
}

/// The siblings of a leaf from below; `None` if there is no leaf at this index.
pub fn proof<L: AsRef<[u8]>>(leaves: &[L], index: u32) -> Option<Vec<H256>> {
	if index as usize >= leaves.len() {
		return None;
	}
	let (mut position, mut siblings) = (index as usize, Vec::new());
	climb(leaves, |level, padding| {
		siblings.push(level.get(position ^ 1).copied().unwrap_or(padding));
		position /= 2;
	});
	Some(siblings)
}

/// Whether a leaf of this content stands at this index among `count` leaves under the root.
pub fn verify(root: &H256, count: u32, index: u32, leaf: &[u8], proof: &[H256]) -> bool {
	if index >= count || proof.len() != depth(count) as usize {
		return false;
	}
	let mut position = index;
	let top = proof.iter().fold(hash_leaf(index, leaf), |hash, sibling| {
		let parent = if position.is_multiple_of(2) { hash_node(&hash, sibling) } else { hash_node(sibling, &hash) };
		position /= 2;
		parent
	});
	top == *root
}

/// A whole tree: for proofs of many leaves, none of which hashes anything again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tree {
	count: u32,
	/// From the leaves up to the root; without the nodes above padding alone.
	levels: Vec<Vec<H256>>,
}

impl Tree {
	/// Over these leaves' contents.
	pub fn new<L: AsRef<[u8]>>(leaves: &[L]) -> Self {
		let mut levels = Vec::new();
		let root = climb(leaves, |level, _| levels.push(level.to_vec()));
		levels.push(Vec::from([root]));
		Self { count: leaves.len() as u32, levels }
	}

	/// Its root.
	pub fn root(&self) -> H256 {
		self.node(depth(self.count), 0).unwrap_or(PADDING)
	}

	/// The siblings of a leaf from below; `None` if there is no leaf at this index.
	pub fn proof(&self, index: u32) -> Option<Vec<H256>> {
		let sibling = |level: u32| self.node(level, (index >> level) ^ 1).unwrap_or_else(|| padding(level));
		(index < self.count).then(|| (0..depth(self.count)).map(sibling).collect())
	}

	/// A node, by its level above the leaves and its place from the left; `None` where there is padding alone.
	pub fn node(&self, level: u32, position: u32) -> Option<H256> {
		self.levels.get(level as usize)?.get(position as usize).copied()
	}
}

/// The node over padding alone at this level.
pub fn padding(level: u32) -> H256 {
	(0..level).fold(PADDING, |below, _| hash_node(&below, &below))
}

/// Shows every level below the root, with what pads it, and returns the root.
///
/// Only the nodes above a leaf are kept; all those above padding alone are equal in one level.
fn climb<L: AsRef<[u8]>>(leaves: &[L], mut show: impl FnMut(&[H256], H256)) -> H256 {
	let mut level: Vec<_> = (0..).zip(leaves).map(|(index, leaf)| hash_leaf(index, leaf.as_ref())).collect();
	let mut padding = PADDING;
	while level.len() > 1 {
		show(&level, padding);
		level = level.chunks(2).map(|pair| hash_node(&pair[0], pair.get(1).unwrap_or(&padding))).collect();
		padding = hash_node(&padding, &padding);
	}
	level.first().copied().unwrap_or(PADDING)
}

/// The hash of a leaf.
pub fn hash_leaf(index: u32, content: &[u8]) -> H256 {
	BlakeTwo256::hash(&[&[LEAF], &index.to_le_bytes()[..], content].concat())
}

/// The node above two.
pub fn hash_node(left: &H256, right: &H256) -> H256 {
	let mut bytes = [NODE; 65];
	bytes[1..33].copy_from_slice(left.as_bytes());
	bytes[33..].copy_from_slice(right.as_bytes());
	BlakeTwo256::hash(&bytes)
}

#[cfg(test)]
mod tests;
