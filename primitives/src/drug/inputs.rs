//! Arguments of calls.

use super::{Load, StorageRule, UnitProof, UnitRange, MAX_DISPENSES, MAX_PACKED, MAX_RANGES};
use crate::{
	gs1::{Gtin, Lot},
	Moment, OrgId, H256,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::ConstU32;
use sp_runtime::BoundedVec;

/// Ranges of units.
pub type Ranges = BoundedVec<UnitRange, ConstU32<MAX_RANGES>>;
/// What goes into a unit of logistics.
pub type Contents = BoundedVec<Load, ConstU32<MAX_PACKED>>;
/// Dispenses of one call.
pub type Dispenses = BoundedVec<Dispense, ConstU32<MAX_DISPENSES>>;

/// A product to register.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct ProductInput {
	/// Its number.
	pub gtin: Gtin,
	/// Who holds the marketing authorisation.
	pub owner: OrgId,
	/// What it must be stored at.
	pub storage: Option<StorageRule>,
	/// Whether it is a medical device rather than a medicine.
	pub device: bool,
}

/// A packaging run to commission.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct BatchInput {
	/// Of this product.
	pub gtin: Gtin,
	/// Of this lot.
	pub lot: Lot,
	/// Which of the lot's runs: as many as there were before. The tree's leaves name it.
	pub run: u16,
	/// The first moment at which it is expired.
	pub expiry: Moment,
	/// How many units, from 1 to [`super::MAX_UNITS`].
	pub units: u32,
	/// Root of the tree over [`super::leaf`]s.
	pub root: H256,
	/// Salted hash of what else the producer states about the run.
	pub meta: H256,
	/// The EPCIS event of commissioning.
	pub event: H256,
}

/// A shipment.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct Shipment {
	/// What.
	pub load: Load,
	/// To whom.
	pub to: OrgId,
	/// Who drives it, if it is not the sender.
	pub carrier: Option<OrgId>,
	/// Whether it becomes the receiver's property.
	pub sale: bool,
	/// From when on the sender may take it back.
	pub deadline: Moment,
	/// Hash of the sealed package with the units' secrets that the receiver is given; zero if there is none.
	pub package: H256,
	/// The EPCIS event of shipping.
	pub event: H256,
}

/// A unit to dispense.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct Dispense {
	/// Of this batch.
	pub batch: super::BatchId,
	/// The unit.
	pub unit: UnitProof,
	/// When it was handed out, if that was before: of a pharmacy that had lost its line.
	pub at: Option<Moment>,
}

/// What a recall takes back.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub enum RecallScope {
	/// All of a product.
	Product(Gtin),
	/// All runs of a lot.
	Lot(Gtin, Lot),
	/// A packaging run.
	Batch(super::BatchId),
	/// Some units of a run.
	Units(UnitRange),
}

/// What may be removed from storage because nothing needs it any more.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub enum Prunable {
	/// Single dispenses that can no longer be undone.
	Dispenses {
		/// Of this batch.
		batch: super::BatchId,
		/// The units.
		units: BoundedVec<u32, ConstU32<MAX_DISPENSES>>,
	},
	/// A parcel of an expired batch whose units have all left the market.
	Parcel {
		/// Of this batch.
		batch: super::BatchId,
		/// Its last unit.
		last: u32,
	},
	/// An organisation's acknowledgement of a recall that was lifted.
	Acknowledgement {
		/// Of this batch.
		batch: super::BatchId,
		/// Who acknowledged.
		org: OrgId,
	},
}

/// When to order more of a product.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct ReorderInput {
	/// When there are fewer units than this; not zero.
	pub minimum: u32,
	/// As many as this; not zero.
	pub quantity: u32,
	/// From this organisation.
	pub supplier: OrgId,
}
