//! What the runtime API answers.

use super::{
	is_whole, BatchId, Custody, HoldSet, Link, Load, OrderId, RecallClass, RecallReason, StorageRule, TracedStep,
	UnitId, UnitProof, UnitRange, UnitStatus, Verdict,
};
#[cfg(feature = "std")]
use crate::views::optional_text;
use crate::{
	gs1::{Gtin, Lot},
	inputs::Gln,
	AccountId, Moment, OrgId, H256,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// What is asked about a pack: what is printed on it, and the proof that its manufacturer or a trading partner gave.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct UnitQuery {
	/// Its product.
	pub gtin: Gtin,
	/// Its lot.
	#[cfg_attr(feature = "std", serde(with = "lot_text"))]
	pub lot: Lot,
	/// The lot's run it was packed in.
	pub run: u16,
	/// Its expiry: the first moment at which it is expired.
	pub expiry: Moment,
	/// Which unit, and its proof.
	#[cfg_attr(feature = "std", serde(flatten))]
	pub unit: UnitProof,
	/// A batch of the same product that the proof may belong to instead: tells a pack with a wrong lot from a forgery.
	pub other: Option<BatchId>,
}

/// The verdict on a pack.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Verification {
	/// What it is worth.
	pub verdict: Verdict,
	/// The batch, where the proof holds.
	pub batch: Option<BatchId>,
	/// Who has it, where the proof holds.
	pub custodian: Option<OrgId>,
	/// The custodian's public name.
	#[cfg_attr(feature = "std", serde(with = "optional_text"))]
	pub custodian_name: Option<Vec<u8>>,
	/// The gravest recall that covers it.
	pub recall: Option<RecallView>,
	/// How it left the market, if it did.
	pub left: Option<LeftView>,
	/// The block's time at which this is so.
	pub now: Moment,
}

/// A product.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct ProductView {
	/// Its number.
	pub gtin: Gtin,
	/// Who holds the marketing authorisation.
	pub owner: OrgId,
	/// Who else may commission it.
	pub delegates: Vec<OrgId>,
	/// What it must be stored at.
	pub storage: Option<StorageRule>,
	/// Whether it is a medical device.
	pub device: bool,
	/// The recall of the whole product.
	pub recall: Option<RecallView>,
}

/// A recall.
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
pub struct RecallView {
	/// How grave.
	pub class: RecallClass,
	/// Why.
	pub reason: RecallReason,
	/// Who ordered it.
	pub by: OrgId,
	/// Since when.
	pub at: Moment,
}

/// How and when a unit left the market.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct LeftView {
	/// How.
	pub status: UnitStatus,
	/// Where, if that is still kept.
	pub org: Option<OrgId>,
	/// At which premises (GLN), if that is still kept.
	#[cfg_attr(feature = "std", serde(with = "optional_gln"))]
	pub premises: Option<Gln>,
	/// When, if that is still kept.
	pub at: Option<Moment>,
}

/// A packaging run.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct BatchView {
	/// Its number.
	pub id: BatchId,
	/// Of this product.
	pub gtin: Gtin,
	/// Of this lot.
	#[cfg_attr(feature = "std", serde(with = "lot_text"))]
	pub lot: Lot,
	/// Which of the lot's runs.
	pub run: u16,
	/// The first moment at which it is expired.
	pub expiry: Moment,
	/// How many units.
	pub units: u32,
	/// Root of the tree over the units.
	pub root: H256,
	/// Who made it.
	pub producer: OrgId,
	/// Salted hash of what else the producer states.
	pub meta: H256,
	/// Units whose parcel was removed after all of it had left the market.
	pub retired: u32,
	/// `active`, `recalled`, `expired` or `closed` at the block asked.
	pub state: BatchState,
	/// The recall of all of it: its own, its lot's or its product's, the gravest.
	pub recall: Option<RecallView>,
	/// Recalls of some of its units.
	pub recalled_units: Vec<(UnitRange, RecallView)>,
	/// The block that took it.
	pub block: u32,
}

crate::codes::codes! {
	/// Where a batch is in its life.
	BatchState { Active = "active", Recalled = "recalled", Expired = "expired", Closed = "closed", }
}

/// Goods that lie together: units of one batch, neighbours, with one custodian.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct ParcelView {
	/// Which units.
	pub units: UnitRange,
	/// How many of them have left the market.
	pub inactive: u32,
	/// Whose they are.
	pub owner: OrgId,
	/// Who has them.
	pub custodian: OrgId,
	/// Whom the owner bought them from.
	pub source: Option<OrgId>,
	/// Where they are.
	pub custody: Custody,
	/// Hash of the sealed package that came with the latest shipment; zero if there was none.
	pub package: H256,
	/// What keeps them from being sold.
	pub holds: HoldSet,
	/// The units of logistics they are packed in, from the innermost.
	pub within: Vec<UnitId>,
	/// The end of the parcel's own chain of custody.
	pub chain: Link,
	/// The ends of the chains of `within`, in the same order.
	pub chains: Vec<Link>,
	/// Excursion on record for the last unit's range.
	pub excursion: Option<ExcursionView>,
}

/// How goods came to where they are: the chain of custody of a parcel, replayed from the blocks that hold its steps.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct CustodyTrace {
	/// The ends of the chains that the steps lead back from: of the parcel's own, then of the units of logistics that it
	/// is in, the outermost last.
	pub ends: Vec<H256>,
	/// The steps, latest first, in the order that [`is_whole`] follows.
	pub steps: Vec<TracedStep>,
	/// Whether these are all steps, or only as many as were asked for.
	pub complete: bool,
}

impl CustodyTrace {
	/// Whether the steps are the whole of the chains. Who knows the ends need trust no node for what came before.
	pub fn is_whole(&self) -> bool {
		is_whole(&self.ends, &self.steps)
	}
}

/// An excursion from the storage rule.
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
pub struct ExcursionView {
	/// The first unit it concerns.
	pub start: u32,
	/// Lowest temperature, in tenths of a degree Celsius.
	pub min: i16,
	/// Highest temperature, in tenths of a degree Celsius.
	pub max: i16,
	/// Minutes outside the rule.
	pub minutes: u32,
	/// Hash of the readings.
	pub evidence: H256,
}

/// A unit of a batch.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct UnitView {
	/// Where it is in its life.
	pub status: UnitStatus,
	/// How it left the market, if it did.
	pub left: Option<LeftView>,
	/// The gravest recall that covers it.
	pub recall: Option<RecallView>,
	/// What it lies in.
	pub parcel: Option<ParcelView>,
}

/// A unit of logistics.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct LogisticView {
	/// Its number.
	pub id: UnitId,
	/// The unit it is packed in.
	pub parent: Option<UnitId>,
	/// What is in it, directly.
	pub contents: Vec<Load>,
	/// Units that may be sold, by product; those within inner units included.
	pub goods: Vec<(Gtin, u32)>,
	/// Whose it is.
	pub owner: OrgId,
	/// Who has it.
	pub custodian: OrgId,
	/// Where it is, and with it all that is in it.
	pub custody: Custody,
	/// Hash of the sealed package that came with the latest shipment; zero if there was none.
	pub package: H256,
	/// What keeps what is in it from being sold.
	pub holds: HoldSet,
	/// The end of its chain of custody.
	pub chain: Link,
}

/// An order for more stock.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct OrderView {
	/// Its number.
	pub id: OrderId,
	/// Who needs it.
	pub buyer: OrgId,
	/// Who is to deliver.
	pub supplier: OrgId,
	/// What.
	pub gtin: Gtin,
	/// How many.
	pub quantity: u32,
	/// When it was made.
	pub at: Moment,
}

/// What an organisation has of a product, and when it orders more.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct StockView {
	/// The product.
	pub gtin: Gtin,
	/// Units that it may sell.
	pub units: u32,
	/// It orders when there are fewer than this.
	pub minimum: Option<u32>,
	/// As many as this.
	pub quantity: Option<u32>,
	/// From this organisation.
	pub supplier: Option<OrgId>,
	/// The order under way.
	pub pending: Option<OrderId>,
}

/// Somebody tried to dispense what must not be dispensed: a clone, a double, recalled or expired goods.
#[derive(Encode, Decode, DecodeWithMemTracking, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct AlertView {
	/// The batch.
	pub batch: BatchId,
	/// The unit.
	pub index: u32,
	/// Why it was not dispensed. `genuine` means that the one who tried does not have it: a clone, or goods that were
	/// never received.
	pub verdict: Verdict,
	/// The organisation that tried.
	pub org: OrgId,
	/// Its member.
	pub who: AccountId,
	/// When, as the member says.
	pub at: Moment,
}

#[cfg(feature = "std")]
mod lot_text {
	//! A lot as a string.
	use crate::gs1::Lot;
	use serde::{de::Error, Deserialize, Deserializer, Serializer};

	pub fn serialize<S: Serializer>(lot: &Lot, s: S) -> Result<S::Ok, S::Error> {
		s.serialize_str(&String::from_utf8_lossy(lot))
	}

	pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Lot, D::Error> {
		let text = String::deserialize(d)?;
		Lot::try_from(text.into_bytes()).map_err(|_| D::Error::custom("a lot has at most 20 characters"))
	}
}

#[cfg(feature = "std")]
mod optional_gln {
	//! A GLN as a string or null.
	use crate::inputs::Gln;
	use serde::{de::Error, Deserialize, Deserializer, Serialize, Serializer};

	pub fn serialize<S: Serializer>(gln: &Option<Gln>, s: S) -> Result<S::Ok, S::Error> {
		gln.as_ref().map(|digits| String::from_utf8_lossy(digits)).serialize(s)
	}

	pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Gln>, D::Error> {
		let text = Option::<String>::deserialize(d)?;
		text.map(|digits| Gln::try_from(digits.as_bytes()).map_err(|_| D::Error::custom("a GLN has 13 digits")))
			.transpose()
	}
}
