//! Medicines and devices: what a batch commits to, how custody is chained, and the verdict on a pack.
//!
//! A packaging run of `n` units is one *batch*: the root of a [`crate::merkle`] tree whose leaf `i` is unit `i`. Units
//! are numbered in the order of packing, so that every case and pallet is a range of indices, and moving one writes as
//! much as moving a unit. A serial never leaves its holder: the leaf holds a keyed hash of it, under a key of the unit's
//! own, because serials can be guessed.

mod custody;
mod inputs;
mod verdict;
mod views;

pub use custody::*;
pub use inputs::*;
pub use verdict::*;
pub use views::*;

use crate::{
	codes::codes,
	gs1::{Gtin, Lot},
	merkle, Moment, H256,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// A packaging run, counted from 0.
pub type BatchId = u32;
/// A case, pallet or other unit of logistics: a salted commitment to its SSCC, chosen by who packs it.
pub type UnitId = H256;
/// An order for more stock, counted from 0.
pub type OrderId = u32;
/// A report of suspicion, counted from 0.
pub type ReportId = u32;

/// Most units of a batch.
pub const MAX_UNITS: u32 = 1 << 20;
/// Longest proof: levels of the tree of a batch with [`MAX_UNITS`].
pub const MAX_PROOF: u32 = 20;
/// Units whose status bits lie in one entry of storage.
pub const CHUNK: u32 = 2_048;
/// Packaging runs of one lot.
pub const MAX_RUNS: u32 = 16;
/// Ranges that one call names: what is missing, what is recalled, what leaves the market.
pub const MAX_RANGES: u32 = 16;
/// Units that one call may decommission, destroy or split off within.
pub const MAX_RANGE_UNITS: u32 = 1 << 17;
/// Parcels that may be packed into one unit of logistics, those of the units within it included.
pub const MAX_PACKED: u32 = 64;
/// Levels of units of logistics: an item case, a shipping case, a pallet.
pub const MAX_DEPTH: u8 = 3;
/// Products in one unit of logistics.
pub const MAX_GOODS: u32 = 16;
/// Dispenses in one call.
pub const MAX_DISPENSES: u32 = 64;
/// Organisations that may commission a product for its owner.
pub const MAX_DELEGATES: u32 = 8;

codes! {
	/// How grave a recall is: the classes of the US FDA (21 CFR 7.3(m)) and of the EU's rapid alert procedure.
	RecallClass { I = "I", II = "II", III = "III", }
}

codes! {
	/// Why a recall was ordered.
	RecallReason {
		Quality = "quality", Contamination = "contamination", Labelling = "labelling", Stability = "stability",
		AdverseEvents = "adverse-events", Counterfeit = "counterfeit", FieldSafety = "field-safety",
		Documentation = "documentation",
	}
}

codes! {
	/// How a unit left the market otherwise than by being dispensed.
	RemovalKind {
		Decommissioned = "decommissioned", Destroyed = "destroyed", Exported = "exported", Sample = "sample",
	}
}

codes! {
	/// Where a unit is in its life.
	UnitStatus {
		Active = "active", Dispensed = "dispensed", Decommissioned = "decommissioned", Destroyed = "destroyed",
		Exported = "exported", Sample = "sample",
	}
}

impl From<RemovalKind> for UnitStatus {
	fn from(kind: RemovalKind) -> Self {
		match kind {
			RemovalKind::Decommissioned => Self::Decommissioned,
			RemovalKind::Destroyed => Self::Destroyed,
			RemovalKind::Exported => Self::Exported,
			RemovalKind::Sample => Self::Sample,
		}
	}
}

crate::codes::code_system! {
	/// What keeps goods from being sold, beside where they are.
	Hold,
	/// A set of holds.
	HoldSet(u8), 4 {
		Quarantined = "quarantined", Suspect = "suspect", Excursion = "excursion", Illegitimate = "illegitimate",
	}
}

/// Units of one batch, neighbours in the order of packing.
#[derive(
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Clone,
	Copy,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Debug,
	serde::Serialize,
	serde::Deserialize,
)]
pub struct UnitRange {
	/// The batch.
	pub batch: BatchId,
	/// The first unit.
	pub start: u32,
	/// How many there are, at least 1.
	pub len: u32,
}

impl UnitRange {
	/// The last unit; `None` if there is none or the numbers are used up.
	pub fn last(&self) -> Option<u32> {
		self.start.checked_add(self.len.checked_sub(1)?)
	}

	/// Entries of status bits that the range lies in; none if the numbers are used up.
	pub fn chunks(&self) -> u32 {
		self.last().map_or(0, |last| last / CHUNK - self.start / CHUNK + 1)
	}
}

/// What is moved, held or recalled: units by number, or a unit of logistics with all that is in it.
#[derive(
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	serde::Serialize,
	serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Load {
	/// Units that lie in one parcel; they are split off it where they are not all of it.
	Units(UnitRange),
	/// A unit of logistics that is in no other.
	Logistic(UnitId),
}

/// What a product must be stored at.
#[derive(
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	serde::Serialize,
	serde::Deserialize,
)]
pub struct StorageRule {
	/// Lowest temperature, in tenths of a degree Celsius.
	pub min: i16,
	/// Highest temperature, in tenths of a degree Celsius.
	pub max: i16,
	/// Minutes between two readings. A gap of more than twice as long counts as an excursion.
	pub interval: u32,
}

/// What a logger measured on one leg.
#[derive(
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	serde::Serialize,
	serde::Deserialize,
)]
pub struct Readings {
	/// Lowest temperature, in tenths of a degree Celsius.
	pub min: i16,
	/// Highest temperature, in tenths of a degree Celsius.
	pub max: i16,
	/// Minutes outside the storage rule.
	pub minutes: u32,
	/// The longest time between two readings, in minutes.
	pub longest_gap: u32,
}

impl StorageRule {
	/// Whether the rule can be kept: the lowest is below the highest, and the interval is not zero.
	pub fn is_valid(&self) -> bool {
		self.min < self.max && self.interval > 0
	}

	/// Whether these readings, or what they leave out, break the rule.
	pub fn is_broken_by(&self, readings: &Readings) -> bool {
		readings.min < self.min
			|| readings.max > self.max
			|| readings.longest_gap > self.interval.saturating_mul(2)
			|| readings.minutes > 0
	}
}

/// What the leaf of a unit holds; [`crate::merkle`] adds the index and the tag.
///
/// `gtin, u64 ‖ length of the lot, u8 ‖ lot ‖ run, u16 ‖ mac`, integers little-endian.
pub fn leaf(gtin: Gtin, lot: &[u8], run: u16, mac: &H256) -> Vec<u8> {
	let length = lot.len().min(u8::MAX as usize) as u8;
	[&gtin.0.to_le_bytes()[..], &[length], lot, &run.to_le_bytes(), mac.as_bytes()].concat()
}

/// A unit of a batch, with the proof that it is one.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct UnitProof {
	/// Its number in the batch.
	pub index: u32,
	/// `HMAC-SHA256(key of the unit, SCALE(gtin, serial, lot, expiry))`.
	pub mac: H256,
	/// Siblings from the leaf upwards.
	pub proof: sp_runtime::BoundedVec<H256, sp_core::ConstU32<MAX_PROOF>>,
}

impl UnitProof {
	/// Whether the unit is in the run of this lot that has this root and number of units.
	pub fn holds(&self, gtin: Gtin, lot: &Lot, run: u16, root: &H256, units: u32) -> bool {
		merkle::verify(root, units, self.index, &leaf(gtin, lot, run, &self.mac), &self.proof)
	}
}

/// What a unit's keyed hash is over: `SCALE(gtin, serial, lot, expiry)`.
pub fn unit_text(gtin: Gtin, serial: &[u8], lot: &[u8], expiry: Moment) -> Vec<u8> {
	(gtin, serial, lot, expiry).encode()
}

#[cfg(test)]
mod tests;
