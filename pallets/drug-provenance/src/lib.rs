//! # Drug and device provenance

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(any(test, feature = "runtime-benchmarks"))]
pub mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "try-runtime"))]
mod try_state;
pub mod types;
mod views;
pub mod weights;

pub use pallet::*;
pub use weights::WeightInfo;

use frame_support::{
	dispatch::{DispatchResult, DispatchResultWithPostInfo},
	ensure,
	traits::{Consideration, Footprint, Get, UnixTime},
	weights::Weight,
};
use salus_primitives::{
	drug::{
		BatchId, BatchInput, Contents, CustodyStep, Dispense, Dispenses, HoldSet, Load, OrderId, ProductInput, Prunable,
		Ranges, Readings, RecallClass, RecallReason, RecallScope, RemovalKind, ReorderInput, ReportId, Shipment,
		UnitId, UnitRange, UnitStatus, Verdict,
	},
	gs1::{Gtin, Lot},
	traits::Directory,
	AccountId, Moment, OrgId, H256,
};
use types::{
	Acknowledgement, Batch, Chunk, Exception, Excursion, Last, LogisticUnit, LotRuns, Order, Parcel, Product,
	RecalledUnits, ReorderRule, Report, ReportCount,
};

/// A deposit's ticket.
pub type TicketOf<T> = <T as Config>::Consideration;
/// A bond's ticket.
pub type BondOf<T> = <T as Config>::SuspicionBond;

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use frame_support::pallet_prelude::*;
	use frame_system::pallet_prelude::*;

	/// The version of what is stored.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	/// Follows medicines and devices from the factory to the patient.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What the pallet needs.
	#[pallet::config]
	pub trait Config: frame_system::Config<AccountId = AccountId, RuntimeEvent: From<Event<Self>>> {
		/// Organisations and their members.
		type Directory: Directory;

		/// The block's time.
		type Time: UnixTime;

		/// What is asked for storage.
		type Consideration: Consideration<AccountId, Footprint>;

		/// What is asked of who reports suspicion, and burnt if the report is unfounded.
		type SuspicionBond: Consideration<AccountId, Footprint>;

		/// How long a dispense can be undone, in milliseconds.
		#[pallet::constant]
		type UndoWindow: Get<Moment>;

		/// How long ago a dispense that is uploaded later may have been, in milliseconds.
		#[pallet::constant]
		type OfflineWindow: Get<Moment>;

		/// Reports of suspicion that one organisation may make in a day.
		#[pallet::constant]
		type ReportsPerDay: Get<u32>;

		/// Weights of the calls.
		type WeightInfo: WeightInfo;

		/// Arranges organisations and members for benchmarks.
		#[cfg(any(test, feature = "runtime-benchmarks"))]
		type BenchmarkHelper: benchmarking::BenchmarkHelper;
	}

	/// Why balance is held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// For a product, batch, parcel, unit of logistics, dispense, excursion, acknowledgement or reorder rule.
		#[codec(index = 0)]
		Storage,
		/// For a report of suspicion.
		#[codec(index = 1)]
		Suspicion,
	}

	/// Products, by number.
	#[pallet::storage]
	pub type Products<T: Config> = StorageMap<_, Blake2_128Concat, Gtin, Product<TicketOf<T>>>;

	/// The next batch's number.
	#[pallet::storage]
	pub type NextBatch<T: Config> = StorageValue<_, BatchId, ValueQuery>;

	/// Batches, by number.
	#[pallet::storage]
	pub type Batches<T: Config> = StorageMap<_, Twox64Concat, BatchId, Batch<TicketOf<T>>>;

	/// Lots, by product and name.
	#[pallet::storage]
	pub type Lots<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, Gtin, Blake2_128Concat, Lot, LotRuns, ValueQuery>;

	/// Recalls of some units of a batch, by batch.
	#[pallet::storage]
	pub type Recalls<T: Config> = StorageMap<_, Twox64Concat, BatchId, RecalledUnits, ValueQuery>;

	/// Parcels, by batch and last unit: in the order of units.
	#[pallet::storage]
	pub type Parcels<T: Config> =
		StorageDoubleMap<_, Twox64Concat, BatchId, Identity, Last, Parcel<TicketOf<T>>>;

	/// Status bits of units, by batch and chunk; the least significant bit of a byte is the lowest unit's.
	#[pallet::storage]
	pub type Inactive<T: Config> = StorageDoubleMap<_, Twox64Concat, BatchId, Twox64Concat, u16, Chunk>;

	/// How units left the market, by batch and last unit: in the order of units, never overlapping.
	#[pallet::storage]
	pub type Exceptions<T: Config> =
		StorageDoubleMap<_, Twox64Concat, BatchId, Identity, Last, Exception<TicketOf<T>>>;

	/// Units of logistics. The key is chosen by users.
	#[pallet::storage]
	pub type LogisticUnits<T: Config> = StorageMap<_, Blake2_128Concat, UnitId, LogisticUnit<TicketOf<T>>>;

	/// Excursions, by batch and last unit.
	#[pallet::storage]
	pub type Excursions<T: Config> =
		StorageDoubleMap<_, Twox64Concat, BatchId, Identity, Last, Excursion<TicketOf<T>>>;

	/// Who acknowledged the recall of a batch, by batch and organisation.
	#[pallet::storage]
	pub type Acknowledgements<T: Config> =
		StorageDoubleMap<_, Twox64Concat, BatchId, Twox64Concat, OrgId, Acknowledgement<TicketOf<T>>>;

	/// The next report's number.
	#[pallet::storage]
	pub type NextReport<T: Config> = StorageValue<_, ReportId, ValueQuery>;

	/// Reports of suspicion that nobody has settled.
	#[pallet::storage]
	pub type Reports<T: Config> = StorageMap<_, Twox64Concat, ReportId, Report<BondOf<T>>>;

	/// Reports of the latest day, by organisation.
	#[pallet::storage]
	pub type ReportCounts<T: Config> = StorageMap<_, Twox64Concat, OrgId, ReportCount, ValueQuery>;

	/// Counted active units that an organisation holds, by organisation and product.
	#[pallet::storage]
	pub type Stock<T: Config> = StorageDoubleMap<_, Twox64Concat, OrgId, Blake2_128Concat, Gtin, u32, ValueQuery>;

	/// When an organisation orders more, by organisation and product.
	#[pallet::storage]
	pub type ReorderRules<T: Config> =
		StorageDoubleMap<_, Twox64Concat, OrgId, Blake2_128Concat, Gtin, ReorderRule<TicketOf<T>>>;

	/// The next order's number.
	#[pallet::storage]
	pub type NextOrder<T: Config> = StorageValue<_, OrderId, ValueQuery>;

	/// Orders under way, by supplier and number.
	#[pallet::storage]
	pub type Orders<T: Config> = StorageDoubleMap<_, Twox64Concat, OrgId, Twox64Concat, OrderId, Order>;

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A regulator registered a product.
		ProductRegistered {
			/// Its number.
			gtin: Gtin,
			/// Who holds the marketing authorisation.
			owner: OrgId,
		},
		/// The owner let an organisation commission a product, or no longer.
		DelegateChanged {
			/// The product.
			gtin: Gtin,
			/// The organisation.
			org: OrgId,
			/// Whether it may.
			allowed: bool,
		},
		/// A packaging run was commissioned. Its custody step comes beside.
		BatchCommissioned {
			/// Its number.
			batch: BatchId,
			/// Of this product.
			gtin: Gtin,
			/// Of this lot.
			lot: Lot,
			/// Which of the lot's runs.
			run: u16,
			/// How many units.
			units: u32,
			/// Who made it.
			producer: OrgId,
		},
		/// A step of a chain of custody.
		Custody {
			/// The chain after it.
			head: H256,
			/// The step.
			step: CustodyStep,
		},
		/// A shipment came with a sealed package of the units' secrets.
		PackageCommitted {
			/// What was shipped.
			load: Load,
			/// Hash of the package.
			package: H256,
		},
		/// The receiver says that the package which came is another one.
		PackageDisputed {
			/// What was shipped.
			load: Load,
			/// Who sent it.
			from: OrgId,
			/// Who received it.
			by: OrgId,
			/// Hash of the package that was committed to.
			committed: H256,
			/// Hash of the package that came.
			found: H256,
		},
		/// A unit was dispensed.
		Dispensed {
			/// The batch.
			batch: BatchId,
			/// The unit.
			index: u32,
			/// Where.
			org: OrgId,
			/// When.
			at: Moment,
		},
		/// Somebody tried to dispense what must not be dispensed. Nothing changed.
		Alert {
			/// The batch.
			batch: BatchId,
			/// The unit.
			index: u32,
			/// Why not. `Genuine`: the organisation does not have it.
			verdict: Verdict,
			/// The organisation that tried.
			org: OrgId,
			/// Its member.
			who: AccountId,
			/// When, as the member says.
			at: Moment,
		},
		/// A dispense was undone.
		DispenseUndone {
			/// The batch.
			batch: BatchId,
			/// The unit.
			index: u32,
			/// Where.
			org: OrgId,
		},
		/// Units left the market otherwise than by being dispensed.
		UnitsRemoved {
			/// Which.
			units: UnitRange,
			/// How.
			kind: RemovalKind,
			/// Where.
			org: OrgId,
			/// The EPCIS event.
			event: H256,
		},
		/// What holds goods back changed.
		HoldsChanged {
			/// Which goods.
			load: Load,
			/// What holds them back now.
			holds: HoldSet,
			/// Who changed it.
			by: OrgId,
		},
		/// Somebody reported suspicion.
		SuspicionReported {
			/// The report.
			report: ReportId,
			/// Of what.
			load: Load,
			/// Whose member.
			by: OrgId,
		},
		/// A regulator settled a report.
		ReportSettled {
			/// The report.
			report: ReportId,
			/// Whether it was unfounded, so that the bond is burnt.
			unfounded: bool,
		},
		/// A recall is in force.
		Recalled {
			/// Of what.
			scope: RecallScope,
			/// How grave.
			class: RecallClass,
			/// Why.
			reason: RecallReason,
			/// Who ordered it.
			by: OrgId,
		},
		/// A recall ended.
		RecallLifted {
			/// Of what.
			scope: RecallScope,
			/// Who lifted it.
			by: OrgId,
		},
		/// A holder acknowledged a recall and set goods apart.
		RecallAcknowledged {
			/// Which goods.
			units: UnitRange,
			/// The holder.
			org: OrgId,
		},
		/// A logger's readings broke the storage rule, or left gaps.
		ExcursionLogged {
			/// Of which goods.
			load: Load,
			/// What was measured.
			readings: Readings,
			/// Hash of the readings.
			evidence: H256,
			/// Who reported it.
			by: OrgId,
		},
		/// An organisation orders when stock falls below a minimum, or no longer.
		ReorderRuleSet {
			/// The organisation.
			org: OrgId,
			/// The product.
			gtin: Gtin,
			/// The rule.
			rule: Option<ReorderInput>,
		},
		/// Stock fell below the minimum.
		OrderPlaced {
			/// The order.
			order: OrderId,
			/// Who needs it.
			buyer: OrgId,
			/// Who is to deliver.
			supplier: OrgId,
			/// What.
			gtin: Gtin,
			/// How many.
			quantity: u32,
		},
		/// An order ended.
		OrderEnded {
			/// The order.
			order: OrderId,
			/// Who is to have delivered.
			supplier: OrgId,
			/// Whether it was fulfilled; else it was cancelled.
			fulfilled: bool,
		},
		/// What nothing needs any more was removed.
		Pruned {
			/// The batch.
			batch: BatchId,
			/// How many entries.
			entries: u32,
		},
	}

	/// Why a call was refused.
	#[pallet::error]
	pub enum Error<T> {
		/// There is no such product, batch, parcel, unit of logistics, report or order.
		NotFound,
		/// There is one already.
		AlreadyExists,
		/// The signer is not a member in standing of an organisation that may do this, or lacks the role.
		NotAuthorized,
		/// The other organisation is not in standing, or not accredited for this.
		NotAccredited,
		/// The signer's organisation does not have these goods.
		NotCustodian,
		/// The goods are not the signer's organisation's to sell.
		NotOwner,
		/// These goods were not sent to the signer's organisation.
		NotAddressee,
		/// The GTIN's check digit is wrong, or it has more than 14 digits.
		InvalidGtin,
		/// The lot is empty or has characters outside GS1's set 82.
		InvalidLot,
		/// The storage rule cannot be kept.
		InvalidRule,
		/// A range is empty, ends after the batch or overlaps another one given.
		InvalidRange,
		/// A number is zero or too large.
		InvalidQuantity,
		/// The run is not the lot's next.
		WrongRun,
		/// Runs of one lot expire together.
		ExpiryMismatch,
		/// The moment is in the past where it must not be, or too far from now.
		InvalidMoment,
		/// The batch, or what it commits to, is expired.
		Expired,
		/// The root commits to nothing.
		InvalidRoot,
		/// The proof does not show that the unit is in the batch.
		InvalidProof,
		/// The units do not lie in one parcel.
		SpansParcels,
		/// The units are packed in a unit of logistics: unpack it first.
		Packed,
		/// The parcels differ in more than their units.
		NotMergeable,
		/// The goods are somewhere else than this needs.
		WrongCustody,
		/// The deadline of the shipment has not passed.
		NotOverdue,
		/// A hold is on the goods.
		OnHold,
		/// There is no such hold on the goods.
		NotOnHold,
		/// A recall covers the goods.
		Recalled,
		/// No such recall is in force.
		NotRecalled,
		/// Some of the units have left the market.
		NotActive,
		/// The unit was not dispensed, not here, or too long ago.
		NotUndoable,
		/// The goods were not bought from anybody.
		NotBought,
		/// The readings keep the storage rule, or there is none.
		NoExcursion,
		/// The package is the one that was committed to, or none was.
		NotDisputable,
		/// Nothing was given to do.
		Empty,
		/// The lot's runs are used up.
		TooManyRuns,
		/// More parcels, products, ranges, delegates or levels than fit.
		TooMany,
		/// The organisation has made its reports for today.
		TooManyReports,
		/// Numbers are used up.
		Exhausted,
		/// Something still needs it.
		NotPrunable,
	}
}
