//! What the pallet stores.

use codec::{Decode, DecodeWithMemTracking, Encode, EncodeLike, Error as CodecError, Input, MaxEncodedLen, Output};
use frame_support::{traits::ConstU32, BoundedVec};
use salus_primitives::{
	drug::{
		BatchId, Custody, ExcursionView, HoldSet, Link, Load, OrderId, RecallView, StorageRule, UnitId, UnitStatus,
		CHUNK, MAX_DELEGATES, MAX_GOODS, MAX_PACKED, MAX_RANGES, MAX_RUNS,
	},
	gs1::{Gtin, Lot},
	inputs::Gln,
	AccountId, Moment, OrgId, H256,
};
use scale_info::TypeInfo;

/// Most parcels in one unit of logistics: what was packed, and the pieces that a receipt with missing units leaves.
pub const MAX_CONTENTS: u32 = MAX_PACKED + 2 * MAX_RANGES;

/// Status bits of [`CHUNK`] units: a set one has left the market.
pub type Chunk = [u8; (CHUNK / 8) as usize];

/// The last unit of a range, as a key: big-endian, so that entries lie in the order of units and the range that a unit
/// is in is the first whose last unit is not before it.
#[derive(TypeInfo, MaxEncodedLen, DecodeWithMemTracking, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Last(pub u32);

impl Encode for Last {
	fn encode_to<O: Output + ?Sized>(&self, out: &mut O) {
		out.write(&self.0.to_be_bytes());
	}

	fn size_hint(&self) -> usize {
		4
	}
}

impl EncodeLike for Last {}

impl Decode for Last {
	fn decode<I: Input>(input: &mut I) -> Result<Self, CodecError> {
		<[u8; 4]>::decode(input).map(|bytes| Self(u32::from_be_bytes(bytes)))
	}
}

/// A product. Its number is the key it is stored under.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct Product<Ticket> {
	/// Who holds the marketing authorisation.
	pub owner: OrgId,
	/// Who else may commission it.
	pub delegates: BoundedVec<OrgId, ConstU32<MAX_DELEGATES>>,
	/// What it must be stored at.
	pub storage: Option<StorageRule>,
	/// Whether it is a medical device.
	pub device: bool,
	/// The recall of all of it.
	pub recall: Option<RecallView>,
	/// Who registered it, and whose deposit the ticket is.
	pub by: AccountId,
	/// Its deposit.
	pub ticket: Ticket,
}

/// A packaging run. Its number is the key it is stored under.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct Batch<Ticket> {
	/// Of this product.
	pub gtin: Gtin,
	/// Of this lot.
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
	/// The recall of all of it.
	pub recall: Option<RecallView>,
	/// The block that took it.
	pub block: u32,
	/// Who commissioned it, and whose deposit the ticket is.
	pub by: AccountId,
	/// Its deposit, which also pays for its status bits, its place in the lot and its recalled ranges.
	pub ticket: Ticket,
}

/// The packaging runs of a lot.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Default, Debug)]
pub struct LotRuns {
	/// In their order.
	pub runs: BoundedVec<BatchId, ConstU32<MAX_RUNS>>,
	/// The recall of all of them.
	pub recall: Option<RecallView>,
}

/// Recalled units of a batch: the first, how many, and the recall.
pub type RecalledUnits = BoundedVec<(u32, u32, RecallView), ConstU32<MAX_RANGES>>;

/// Whose goods are, where they are, and how they came there.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct Holding {
	/// Whose they are.
	pub owner: OrgId,
	/// Who has them, or has sent them.
	pub custodian: OrgId,
	/// Whom the owner bought them from; `None` of what the owner made.
	pub source: Option<OrgId>,
	/// Where they are.
	pub custody: Custody,
	/// Hash of the sealed package that came with the latest shipment; zero if there was none.
	pub package: H256,
	/// The end of the chain of custody.
	pub chain: Link,
}

/// Neighbouring units of a batch with one holding. The batch and its last unit are the key it is stored under.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct Parcel<Ticket> {
	/// The first unit.
	pub start: u32,
	/// How many of them have left the market.
	pub inactive: u32,
	/// Whether its active units count as its custodian's stock while they are held. Cleared by acknowledging a recall.
	pub counted: bool,
	/// What keeps them from being sold.
	pub holds: HoldSet,
	/// The unit of logistics that they are packed in. While there is one, the outermost has the holding, and here only
	/// the chain counts.
	pub parent: Option<UnitId>,
	/// Whose and where they are.
	pub holding: Holding,
	/// Who split it off or commissioned it, and whose deposit the ticket is.
	pub by: AccountId,
	/// Its deposit.
	pub ticket: Ticket,
}

/// What is in a unit of logistics.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Content {
	/// A parcel.
	Parcel {
		/// Of this batch.
		batch: BatchId,
		/// Its last unit.
		last: u32,
	},
	/// Another unit of logistics.
	Logistic(UnitId),
}

/// A unit of logistics. Its identifier is the key it is stored under.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct LogisticUnit<Ticket> {
	/// The unit that it is packed in. While there is one, the outermost has the holding, and here only the chain
	/// counts.
	pub parent: Option<UnitId>,
	/// Levels, from 1: one more than the deepest unit that was packed into it, whether or not that is missing since.
	pub depth: u8,
	/// Parcels in it, those within inner units included.
	pub parcels: u32,
	/// What is directly in it.
	pub contents: BoundedVec<Content, ConstU32<MAX_CONTENTS>>,
	/// Counted active units in it, by product; those within inner units included. Every product that was packed is
	/// listed, with none of its units if none is counted.
	pub goods: BoundedVec<(Gtin, u32), ConstU32<MAX_GOODS>>,
	/// What keeps all that is in it from being sold, beside what is held of each parcel.
	pub holds: HoldSet,
	/// The excursion it was in.
	pub excursion: Option<ExcursionView>,
	/// Whose and where it is.
	pub holding: Holding,
	/// Who packed it, and whose deposit the ticket is.
	pub by: AccountId,
	/// Its deposit.
	pub ticket: Ticket,
}

/// Units that have left the market, all in one way. The batch and the last unit are the key it is stored under. A set
/// status bit without such an entry means dispensed.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct Exception<Ticket> {
	/// The first unit.
	pub start: u32,
	/// How they left; never `Active`.
	pub status: UnitStatus,
	/// Where.
	pub org: OrgId,
	/// At which premises.
	pub premises: Option<Gln>,
	/// When.
	pub at: Moment,
	/// Who did it, and whose deposit the ticket is.
	pub by: AccountId,
	/// Its deposit.
	pub ticket: Ticket,
}

/// An excursion from the storage rule. The batch and the last unit are the key it is stored under.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct Excursion<Ticket> {
	/// What was measured.
	pub excursion: ExcursionView,
	/// Who reported it first, and whose deposit the ticket is.
	pub by: AccountId,
	/// Its deposit.
	pub ticket: Ticket,
}

/// That an organisation knows of a recall. The batch and the organisation are the key it is stored under.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct Acknowledgement<Ticket> {
	/// When it first acknowledged.
	pub at: Moment,
	/// Who, and whose deposit the ticket is.
	pub by: AccountId,
	/// Its deposit.
	pub ticket: Ticket,
}

/// A report of suspicion. Its number is the key it is stored under.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct Report<Bond> {
	/// Of what.
	pub load: Load,
	/// Whose member reported.
	pub org: OrgId,
	/// When.
	pub at: Moment,
	/// Who, and whose bond it is.
	pub by: AccountId,
	/// What is burnt if the report turns out unfounded.
	pub bond: Bond,
}

/// Reports of suspicion of one organisation on one day.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct ReportCount {
	/// The day, counted from 1970-01-01 UTC.
	pub day: u32,
	/// How many.
	pub count: u32,
}

/// When an organisation orders more of a product. Both are the key it is stored under.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct ReorderRule<Ticket> {
	/// It orders when there are fewer than this.
	pub minimum: u32,
	/// As many as this.
	pub quantity: u32,
	/// From this organisation.
	pub supplier: OrgId,
	/// The order under way.
	pub pending: Option<OrderId>,
	/// Who set it, and whose deposit the ticket is.
	pub by: AccountId,
	/// Its deposit, which also pays for one order.
	pub ticket: Ticket,
}

/// An order under way. The supplier and its number are the key it is stored under.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct Order {
	/// Who needs it.
	pub buyer: OrgId,
	/// What.
	pub gtin: Gtin,
	/// How many.
	pub quantity: u32,
	/// When it was made.
	pub at: Moment,
}
