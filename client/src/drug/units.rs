//! What a holder knows of the units of one batch: serial numbers, keys, and what their proofs take.
//!
//! The manufacturer knows all of a batch; a trading partner knows the units that came with a package, and of the others
//! just so many nodes of the Merkle tree as lead from these units to the root. Nodes from [`KEPT`] levels above the leaves
//! upwards are kept, so that a proof hashes a few hundred leaves however large the batch.

use super::unit_keys::{child, Secret, Seeds};
use crate::{Error, Result};
use codec::{Decode, Encode};
use hkdf::hmac::{Hmac, Mac};
use salus_primitives::{
	drug::{leaf, unit_text, UnitProof, MAX_UNITS},
	gs1::{Gtin, Lot},
	merkle, Moment, H256,
};
use sha2::Sha256;
use std::{
	collections::{BTreeMap, HashMap},
	ops::Range,
};

/// The lowest level of which nodes are kept that could be computed again.
const KEPT: u8 = 8;

/// Units of a batch.
#[derive(Encode, Decode, Clone, PartialEq, Eq, Debug)]
pub struct Units {
	/// The product.
	pub gtin: Gtin,
	/// The lot.
	pub lot: Lot,
	/// Which of the lot's runs.
	pub run: u16,
	/// The first moment at which it is expired.
	pub expiry: Moment,
	/// Units of the batch, known here or not.
	pub count: u32,
	/// Root of the tree over all of them.
	pub root: H256,
	seeds: Seeds,
	/// Serial numbers by index.
	serials: BTreeMap<u32, Vec<u8>>,
	/// Nodes of the tree, by level above the leaves and place from the left.
	nodes: BTreeMap<(u8, u32), H256>,
	/// Indices by serial number.
	#[codec(skip)]
	indices: HashMap<Vec<u8>, u32>,
}

impl Units {
	/// A whole run, in the order of packing, with fresh keys. `step` is told of each unit.
	pub fn make(
		gtin: Gtin,
		lot: &Lot,
		run: u16,
		expiry: Moment,
		serials: &[String],
		mut step: impl FnMut(),
	) -> Result<Self> {
		let count = u32::try_from(serials.len()).ok().filter(|count| (1..=MAX_UNITS).contains(count));
		let count = count.ok_or_else(|| Error::usage("bad-quantity", format!("a run has 1 to {MAX_UNITS} units")))?;
		let serials: BTreeMap<_, _> = (0..).zip(serials.iter().map(|serial| serial.clone().into_bytes())).collect();
		let mut units = Self {
			gtin,
			lot: lot.clone(),
			run,
			expiry,
			count,
			root: H256::zero(),
			seeds: Seeds::random(depth(count)),
			serials,
			nodes: BTreeMap::new(),
			indices: HashMap::new(),
		};
		let leaves = units.leaves(&mut step)?;
		let tree = merkle::Tree::new(&leaves);
		units.root = tree.root();
		for level in KEPT..depth(count) {
			let row = (0..).map_while(|position| Some(((level, position), tree.node(level.into(), position)?)));
			units.nodes.extend(row);
		}
		units.index();
		Ok(units)
	}

	/// Contents of all leaves, of who knows all units.
	fn leaves(&self, step: &mut impl FnMut()) -> Result<Vec<Vec<u8>>> {
		let top = self.seeds.node(depth(self.count), 0).ok_or_else(|| self.lacking(0))?;
		let mut leaves = Vec::with_capacity(self.serials.len());
		self.each(depth(self.count), 0, &top, &mut |index, key| {
			leaves.push(leaf(self.gtin, &self.lot, self.run, &self.mac_with(&self.serials[&index], key)));
			step();
		});
		Ok(leaves)
	}

	/// Goes through the units below a node, in their order.
	fn each(&self, level: u8, position: u32, secret: &Secret, f: &mut impl FnMut(u32, &Secret)) {
		if position << level >= self.count {
			return;
		}
		match level.checked_sub(1) {
			None => f(position, secret),
			Some(below) => {
				for right in [false, true] {
					self.each(below, 2 * position + u32::from(right), &child(secret, right), f);
				}
			}
		}
	}

	fn mac_with(&self, serial: &[u8], key: &Secret) -> H256 {
		let mut mac = Hmac::<Sha256>::new_from_slice(&**key).expect("HMAC takes keys of any length; qed");
		mac.update(&unit_text(self.gtin, serial, &self.lot, self.expiry));
		H256(mac.finalize().into_bytes().into())
	}

	fn index(&mut self) {
		self.indices = self.serials.iter().map(|(index, serial)| (serial.clone(), *index)).collect();
	}

	/// Reads what [`Encode`] wrote.
	pub fn read(mut bytes: &[u8]) -> Option<Self> {
		let mut units = Self::decode(&mut bytes).ok()?;
		let known = units.serials.last_key_value().is_none_or(|(last, _)| *last < units.count);
		let in_tree = units.nodes.keys().all(|(level, _)| *level <= depth(MAX_UNITS));
		if !bytes.is_empty() || !known || !in_tree || !(1..=MAX_UNITS).contains(&units.count) {
			return None;
		}
		units.index();
		Some(units)
	}

	/// How many units are known here.
	pub fn known(&self) -> usize {
		self.serials.len()
	}

	/// Whether all these units are known here.
	pub fn knows(&self, units: &Range<u32>) -> bool {
		self.serials.range(units.clone()).count() == units.len()
	}

	/// The serial number of a unit.
	pub fn serial(&self, index: u32) -> Option<&[u8]> {
		self.serials.get(&index).map(Vec::as_slice)
	}

	/// All serial numbers that are known here, in the order of units.
	pub fn serials(&self) -> impl Iterator<Item = &[u8]> {
		self.serials.values().map(Vec::as_slice)
	}

	/// The unit with a serial number.
	pub fn find(&self, serial: &str) -> Option<u32> {
		self.indices.get(serial.as_bytes()).copied()
	}

	/// Whether the other is of the same batch.
	pub fn is_of_same_batch(&self, other: &Self) -> bool {
		let of = |units: &Self| (units.gtin, units.lot.clone(), units.run, units.expiry, units.count, units.root);
		of(self) == of(other)
	}

	/// The keyed hash of a unit's serial number.
	pub fn mac(&self, index: u32) -> Result<H256> {
		let known = self.serials.get(&index).zip(self.seeds.node(0, index));
		known.map(|(serial, key)| self.mac_with(serial, &key)).ok_or_else(|| self.lacking(index))
	}

	/// The proof of a unit.
	pub fn proof(&self, index: u32) -> Result<UnitProof> {
		let mac = self.mac(index)?;
		let sibling = |level: u8| self.node(level, (index >> level) ^ 1);
		let proof: Option<Vec<_>> = (0..depth(self.count)).map(sibling).collect();
		let proof = proof.ok_or_else(|| self.lacking(index))?;
		let proof = proof.try_into().map_err(|_| Error::Unexpected("a proof came out too long".into()))?;
		Ok(UnitProof { index, mac, proof })
	}

	fn node(&self, level: u8, position: u32) -> Option<H256> {
		self.node_under(level, position, self.seeds.node(level, position), &mut |_, _, _| ())
	}

	/// A node from those that are kept and the leaves that are known; tells of each that it computes.
	fn node_under(
		&self,
		level: u8,
		position: u32,
		secret: Option<Secret>,
		told: &mut impl FnMut(u8, u32, H256),
	) -> Option<H256> {
		if let Some(kept) = self.nodes.get(&(level, position)) {
			return Some(*kept);
		}
		if position << level >= self.count {
			return Some(merkle::padding(level.into()));
		}
		let Some(below) = level.checked_sub(1) else {
			let mac = self.mac_with(self.serials.get(&position)?, &secret?);
			return Some(merkle::hash_leaf(position, &leaf(self.gtin, &self.lot, self.run, &mac)));
		};
		let mut side = |right: bool| {
			let at = 2 * position + u32::from(right);
			let secret = match &secret {
				Some(secret) => Some(child(secret, right)),
				None => self.seeds.node(below, at),
			};
			self.node_under(below, at, secret, told)
		};
		let node = merkle::hash_node(&side(false)?, &side(true)?);
		told(level, position, node);
		Some(node)
	}

	/// What somebody else needs to know of these units, and nothing about the others but nodes of the tree.
	pub fn part(&self, ranges: &[Range<u32>]) -> Result<Self> {
		let mut part = Self {
			seeds: Seeds::default(),
			serials: BTreeMap::new(),
			nodes: BTreeMap::new(),
			indices: HashMap::new(),
			..self.clone()
		};
		for units in ranges.iter().filter(|units| !units.is_empty()) {
			let seeds = self.seeds.narrow(units).filter(|_| self.knows(units));
			part.seeds.absorb(&seeds.ok_or_else(|| self.lacking(units.start))?);
			part.serials.extend(self.serials.range(units.clone()).map(|(index, serial)| (*index, serial.clone())));
			// The siblings of the nodes at either edge, level by level.
			for level in 0..depth(self.count) {
				let edges = [units.start >> level, (units.end - 1) >> level];
				let beside = [
					edges[0].checked_sub(1).filter(|_| edges[0] % 2 == 1),
					Some(edges[1] ^ 1).filter(|at| at % 2 == 1),
				];
				for at in beside.into_iter().flatten() {
					part.nodes.insert((level, at), self.node(level, at).ok_or_else(|| self.lacking(units.start))?);
				}
			}
		}
		part.index();
		Ok(part)
	}

	/// Adds what another part of the same batch knows.
	pub fn absorb(&mut self, other: &Self) -> Result<()> {
		if !self.is_of_same_batch(other) {
			return Err(Error::Unexpected("parts of two batches".into()));
		}
		self.seeds.absorb(&other.seeds);
		self.serials.extend(other.serials.iter().map(|(index, serial)| (*index, serial.clone())));
		self.nodes.extend(&other.nodes);
		self.index();
		Ok(())
	}

	/// Makes sure that every unit known here is in the batch with this root, by its own serial number and key.
	pub fn check(&mut self) -> Result<()> {
		let serials = &self.serials;
		// A node that stands for a unit known here would hide whether its leaf is right.
		self.nodes.retain(|(level, position), _| {
			let below = (u64::from(*position) << level)..(u64::from(*position) + 1) << level;
			let within = u32::try_from(below.start).is_ok_and(|start| {
				let end = u32::try_from(below.end).unwrap_or(u32::MAX);
				serials.range(start..end).next().is_some()
			});
			!within
		});
		let mut kept = Vec::new();
		let top = depth(self.count);
		let root = self.node_under(top, 0, self.seeds.node(top, 0), &mut |level, position, node| {
			if level >= KEPT {
				kept.push(((level, position), node));
			}
		});
		match root {
			Some(root) if root == self.root => {}
			Some(_) => {
				let message = "serial numbers or keys are not those that the batch was commissioned with";
				return Err(Error::Corrupted(format!("lot {}, run {}: {message}", self.lot_text(), self.run)));
			}
			None => return Err(self.lacking(self.serials.keys().next().copied().unwrap_or(0))),
		}
		self.nodes.extend(kept);
		Ok(())
	}

	/// The lot as text.
	pub fn lot_text(&self) -> String {
		String::from_utf8_lossy(&self.lot).into_owned()
	}

	fn lacking(&self, index: u32) -> Error {
		let what = format!("what proves unit {index} of run {} of lot {}", self.run, self.lot_text());
		Error::not_found(what, "it comes with the package of a shipment: `salus drug receive --package FILE`")
	}
}

/// Levels above the leaves.
fn depth(count: u32) -> u8 {
	merkle::depth(count) as u8
}

#[cfg(test)]
mod tests {
	use super::*;

	pub(crate) fn made(count: u32) -> Units {
		let serials: Vec<_> = (0..count).map(|number| format!("S{number}")).collect();
		let lot = Lot::try_from(b"ABC".to_vec()).unwrap();
		Units::make(Gtin(9506000134352), &lot, 3, 1_800_000_000_000, &serials, || ()).unwrap()
	}

	fn holds(units: &Units, index: u32) -> bool {
		units.proof(index).unwrap().holds(units.gtin, &units.lot, units.run, &units.root, units.count)
	}

	#[test]
	fn every_unit_of_a_run_has_a_proof_that_holds() {
		for count in [1, 2, 3, 255, 256, 257, 1_000] {
			let units = made(count);
			assert!((0..count).all(|index| holds(&units, index)), "{count}");
			assert!(units.proof(count).is_err());
			assert_eq!((units.find("S0"), units.find("S")), (Some(0), None));
		}
	}

	#[test]
	fn keys_are_fresh_for_every_run() {
		assert_ne!(made(3).root, made(3).root);
	}

	#[test]
	fn a_part_proves_its_units_and_knows_no_others() {
		let units = made(700);
		for ranges in [vec![0..700], vec![0..1], vec![699..700], vec![250..262], vec![3..5, 5..6, 300..513]] {
			let mut part = units.part(&ranges).unwrap();
			part.check().unwrap();
			for index in 0..700 {
				let has = ranges.iter().any(|range| range.contains(&index));
				assert_eq!(part.mac(index).is_ok(), has, "{index} of {ranges:?}");
				assert_eq!(part.serial(index).is_some(), has);
				assert!(!has || holds(&part, index), "{index} of {ranges:?}");
			}
		}
	}

	#[test]
	fn parts_grow_together_and_are_handed_on() {
		let units = made(700);
		let mut part = units.part(&[10..20, 400..500]).unwrap();
		part.check().unwrap();
		part.absorb(&units.part(&[20..400]).unwrap()).unwrap();
		part.check().unwrap();
		assert!(part.knows(&(10..500)) && !part.knows(&(9..12)));
		let mut on = part.part(&[15..450]).unwrap();
		on.check().unwrap();
		assert!((15..450).all(|index| holds(&on, index)));
		assert!(part.part(&[5..15]).is_err());
	}

	#[test]
	fn a_part_that_was_tampered_with_is_refused() {
		let units = made(40);
		let good = units.part(&[10..20]).unwrap();
		let mut serial = good.clone();
		serial.serials.insert(12, b"OTHER".to_vec());
		assert!(matches!(serial.check(), Err(Error::Corrupted(_))));
		let mut hidden = serial.clone();
		hidden.nodes.insert((2, 3), units.node(2, 3).unwrap());
		assert!(matches!(hidden.check(), Err(Error::Corrupted(_))), "a node must not stand for a leaf that is known");
		let mut lacking = good.clone();
		lacking.nodes.clear();
		assert!(matches!(lacking.check(), Err(Error::NotFound { .. })));
		let mut foreign = good.clone();
		foreign.root = made(40).root;
		assert!(matches!(foreign.check(), Err(Error::Corrupted(_))));
	}

	#[test]
	fn what_is_written_is_read_and_small() {
		let units = made(5_000);
		let bytes = units.encode();
		assert_eq!(Units::read(&bytes).unwrap(), units);
		assert!(bytes.len() < 5_000 * 12, "{}", bytes.len());
		assert!(Units::read(&bytes[1..]).is_none());
	}
}
