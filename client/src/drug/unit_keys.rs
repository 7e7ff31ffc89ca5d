//! The keys of a batch's units, all of which follow from one secret, and those of neighbours from a few.
//!
//! Keys stand at the leaves of a binary tree of the shape of the batch's Merkle tree. Each node's secret gives those of
//! its two children: `HKDF-SHA256(secret, "salus/unit-key/1" ‖ 0 or 1)`. So the keys of a whole batch are kept in 32
//! bytes, and those of any range of units can be handed on as at most two secrets a level, from which no other unit's key
//! follows (Goldreich, Goldwasser and Micali 1986).

use crate::crypto::derive_key;
use codec::{Decode, Encode};
use rand::{rngs::OsRng, RngCore};
use std::{collections::BTreeMap, ops::Range};
use zeroize::{Zeroize, Zeroizing};

const CHILD: [&[u8]; 2] = [b"salus/unit-key/1\0", b"salus/unit-key/1\x01"];

/// The secret of one node; of a leaf it is the unit's key.
pub type Secret = Zeroizing<[u8; 32]>;

/// Secrets of nodes, by level above the leaves and place from the left.
#[derive(Encode, Decode, Clone, PartialEq, Eq, Default)]
pub struct Seeds(BTreeMap<(u8, u32), [u8; 32]>);

impl std::fmt::Debug for Seeds {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		write!(f, "Seeds({})", self.0.len())
	}
}

impl Drop for Seeds {
	fn drop(&mut self) {
		self.0.values_mut().for_each(Zeroize::zeroize);
	}
}

/// The secret of the left or right child.
pub fn child(secret: &Secret, right: bool) -> Secret {
	derive_key(secret, CHILD[usize::from(right)])
}

impl Seeds {
	/// A fresh one for a whole tree.
	pub fn random(depth: u8) -> Self {
		let mut secret = Zeroizing::new([0; 32]);
		OsRng.fill_bytes(&mut *secret);
		Self(BTreeMap::from([((depth, 0), *secret)]))
	}

	/// The secret of a node, if it follows from those here.
	pub fn node(&self, level: u8, position: u32) -> Option<Secret> {
		let ancestor = |up: u8| self.0.get(&(level + up, position >> up));
		let (up, secret) = (0..u32::BITS as u8).find_map(|up| Some((up, ancestor(up)?)))?;
		let turns = (0..up).rev().map(|bit| (position >> bit) & 1 == 1);
		Some(turns.fold(Zeroizing::new(*secret), |secret, right| child(&secret, right)))
	}

	/// Few secrets that give the keys of these units and of no others; `None` if not all follow from those here.
	pub fn narrow(&self, units: &Range<u32>) -> Option<Self> {
		let mut narrow = Self::default();
		let (mut first, mut end, mut level) = (units.start, units.end, 0);
		// From the leaves upwards, what has no sibling in the range stands for itself.
		while first < end {
			if first % 2 == 1 {
				self.hand_on(level, first, &mut narrow)?;
				first += 1;
			}
			if end % 2 == 1 && first < end {
				end -= 1;
				self.hand_on(level, end, &mut narrow)?;
			}
			(first, end, level) = (first / 2, end / 2, level + 1);
		}
		Some(narrow)
	}

	/// Adds the secret of a node, or, of what came in parts, those of the nodes below it.
	fn hand_on(&self, level: u8, position: u32, to: &mut Self) -> Option<()> {
		if let Some(secret) = self.node(level, position) {
			to.0.insert((level, position), *secret);
			return Some(());
		}
		let below = level.checked_sub(1)?;
		self.hand_on(below, 2 * position, to)?;
		self.hand_on(below, 2 * position + 1, to)
	}

	/// Adds secrets.
	pub fn absorb(&mut self, other: &Self) {
		self.0.extend(&other.0);
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn keys(seeds: &Seeds, units: Range<u32>) -> Vec<Option<[u8; 32]>> {
		units.map(|unit| seeds.node(0, unit).map(|key| *key)).collect()
	}

	#[test]
	fn a_range_hands_on_its_keys_and_no_others() {
		let all = Seeds::random(4);
		let whole = keys(&all, 0..16);
		assert!(whole.iter().all(Option::is_some) && all.node(0, 16).is_none());
		for start in 0..16 {
			for end in start..=16 {
				let part = all.narrow(&(start..end)).unwrap();
				assert!(part.0.len() <= 8);
				for (unit, key) in (0..).zip(keys(&part, 0..16)) {
					let expected = if (start..end).contains(&unit) { whole[unit as usize] } else { None };
					assert_eq!(key, expected, "unit {unit} of {start}..{end}");
				}
			}
		}
	}

	#[test]
	fn what_came_in_parts_is_handed_on_as_one() {
		let all = Seeds::random(3);
		let mut parts = all.narrow(&(0..3)).unwrap();
		assert!(parts.narrow(&(2..5)).is_none());
		parts.absorb(&all.narrow(&(3..6)).unwrap());
		assert_eq!(keys(&parts.narrow(&(2..5)).unwrap(), 2..5), keys(&all, 2..5));
	}
}
