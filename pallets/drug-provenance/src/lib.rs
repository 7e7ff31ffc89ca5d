//! # Drug and device provenance

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod access;
#[cfg(any(test, feature = "runtime-benchmarks"))]
pub mod benchmarking;
mod deposits;
mod dispensing;
mod holds;
mod logistics;
#[cfg(test)]
mod mock;
mod moving;
mod parcels;
mod products;
mod pruning;
mod recalls;
mod stock;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "try-runtime"))]
mod try_state;
pub mod types;
mod units;
mod views;
pub mod weights;

pub use pallet::*;
pub use weights::WeightInfo;

use codec::Encode;
use frame_support::{
	dispatch::DispatchResult,
	ensure,
	traits::{Consideration, Footprint, Get, UnixTime},
	weights::Weight,
};
use parcels::{Goods, Step};
use salus_primitives::{
	consent::{Membership, Standing},
	drug::{
		BatchId, BatchInput, Contents, Custody, CustodyStep, Dispense, Dispenses, ExcursionView, Hold, HoldSet, Link,
		Load, OrderId, ProductInput, Prunable, Ranges, Readings, RecallClass, RecallReason, RecallScope, RecallView,
		RemovalKind, ReorderInput, ReportId, Shipment, StepKind, UnitFacts, UnitId, UnitRange, UnitStatus, Verdict,
		CHUNK, MAX_DEPTH, MAX_GOODS, MAX_PACKED, MAX_RANGES, MAX_RANGE_UNITS, MAX_RUNS, MAX_UNITS,
	},
	gs1::{is_valid_lot, Gtin, Lot},
	inputs::Gln,
	time::DAY,
	traits::{Directory, OrgStanding},
	AccountId, MemberRole, MemberRoleSet, Moment, OrgId, OrgRole, OrgRoleSet, H256,
};
use sp_runtime::{DispatchError, SaturatedConversion};
use types::{
	Acknowledgement, Batch, Chunk, Exception, Excursion, Holding, Last, LogisticUnit, LotRuns, Order, Parcel, Product,
	RecalledUnits, ReorderRule, Report, ReportCount, MAX_CONTENTS,
};
use units::MAX_CHUNKS;

/// How far ahead the deadline of a shipment may be.
pub const MAX_TRANSIT: Moment = 90 * DAY;

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
	pub type Lots<T: Config> = StorageDoubleMap<_, Blake2_128Concat, Gtin, Blake2_128Concat, Lot, LotRuns, ValueQuery>;

	/// Recalls of some units of a batch, by batch.
	#[pallet::storage]
	pub type Recalls<T: Config> = StorageMap<_, Twox64Concat, BatchId, RecalledUnits, ValueQuery>;

	/// Parcels, by batch and last unit: in the order of units.
	#[pallet::storage]
	pub type Parcels<T: Config> = StorageDoubleMap<_, Twox64Concat, BatchId, Identity, Last, Parcel<TicketOf<T>>>;

	/// Status bits of units, by batch and chunk; the least significant bit of a byte is the lowest unit's.
	#[pallet::storage]
	pub type Inactive<T: Config> = StorageDoubleMap<_, Twox64Concat, BatchId, Twox64Concat, u16, Chunk>;

	/// How units left the market, by batch and last unit: in the order of units, never overlapping.
	#[pallet::storage]
	pub type Exceptions<T: Config> = StorageDoubleMap<_, Twox64Concat, BatchId, Identity, Last, Exception<TicketOf<T>>>;

	/// Units of logistics. The key is chosen by users.
	#[pallet::storage]
	pub type LogisticUnits<T: Config> = StorageMap<_, Blake2_128Concat, UnitId, LogisticUnit<TicketOf<T>>>;

	/// Excursions, by batch and last unit.
	#[pallet::storage]
	pub type Excursions<T: Config> = StorageDoubleMap<_, Twox64Concat, BatchId, Identity, Last, Excursion<TicketOf<T>>>;

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

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// `register_product`: see the specification.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::register_product().saturating_add(Pallet::<T>::directory_weight(1)))]
		pub fn register_product(origin: OriginFor<T>, product: ProductInput) -> DispatchResult {
			Self::do_register(ensure_signed(origin)?, product)
		}

		/// `delegate`: see the specification.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::delegate().saturating_add(Pallet::<T>::directory_weight(1)))]
		pub fn delegate(origin: OriginFor<T>, gtin: Gtin, org: OrgId, allowed: bool) -> DispatchResult {
			Self::do_delegate(ensure_signed(origin)?, gtin, org, allowed)
		}

		/// `commission`: see the specification.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::commission().saturating_add(Pallet::<T>::directory_weight(0)))]
		pub fn commission(origin: OriginFor<T>, batch: BatchInput) -> DispatchResult {
			Self::do_commission(ensure_signed(origin)?, batch)
		}

		/// `split`: see the specification.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::split(MAX_CHUNKS).saturating_add(Pallet::<T>::directory_weight(0)))]
		pub fn split(origin: OriginFor<T>, units: UnitRange) -> DispatchResult {
			Self::do_split(ensure_signed(origin)?, units)
		}

		/// `merge`: see the specification.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::merge().saturating_add(Pallet::<T>::directory_weight(0)))]
		pub fn merge(origin: OriginFor<T>, batch: BatchId, last: u32) -> DispatchResult {
			Self::do_merge(ensure_signed(origin)?, batch, last)
		}

		/// `pack`: see the specification.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::pack(contents.len() as u32, MAX_CHUNKS).saturating_add(Pallet::<T>::directory_weight(0)))]
		pub fn pack(origin: OriginFor<T>, unit: UnitId, contents: Contents, event: H256) -> DispatchResult {
			Self::do_pack(ensure_signed(origin)?, unit, contents, event)
		}

		/// `unpack`: see the specification.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::unpack(MAX_CONTENTS).saturating_add(Pallet::<T>::directory_weight(0)))]
		pub fn unpack(origin: OriginFor<T>, unit: UnitId, event: H256) -> DispatchResult {
			Self::do_unpack(ensure_signed(origin)?, unit, event)
		}

		/// `ship`: see the specification.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::ship(parcels(&shipment.load), chunks(&shipment.load)).saturating_add(Pallet::<T>::directory_weight(6)))]
		pub fn ship(origin: OriginFor<T>, shipment: Shipment) -> DispatchResult {
			Self::do_ship(ensure_signed(origin)?, shipment)
		}

		/// `receive`: see the specification.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::receive(goods(load), missing.len() as u32, MAX_CHUNKS).saturating_add(Pallet::<T>::directory_weight(2)))]
		pub fn receive(origin: OriginFor<T>, load: Load, missing: Ranges, event: H256) -> DispatchResult {
			Self::do_receive(ensure_signed(origin)?, load, missing, event)
		}

		/// `refuse`: see the specification.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::refuse(chunks(load)).saturating_add(Pallet::<T>::directory_weight(2)))]
		pub fn refuse(origin: OriginFor<T>, load: Load, deadline: Moment, event: H256) -> DispatchResult {
			Self::do_refuse(ensure_signed(origin)?, load, deadline, event)
		}

		/// `retract`: see the specification.
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::retract(goods(load), chunks(load)).saturating_add(Pallet::<T>::directory_weight(1)))]
		pub fn retract(origin: OriginFor<T>, load: Load, event: H256) -> DispatchResult {
			Self::do_retract(ensure_signed(origin)?, load, event)
		}

		/// `dispense`: see the specification.
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::dispense().saturating_add(Pallet::<T>::pharmacist_weight()))]
		pub fn dispense(origin: OriginFor<T>, dispense: Dispense) -> DispatchResult {
			Self::do_dispense(ensure_signed(origin)?, dispense)
		}

		/// `dispense_many`: see the specification.
		#[pallet::call_index(12)]
		#[pallet::weight(T::WeightInfo::dispense_many(dispenses.len() as u32).saturating_add(Pallet::<T>::pharmacist_weight()))]
		pub fn dispense_many(origin: OriginFor<T>, dispenses: Dispenses) -> DispatchResult {
			Self::do_dispense_many(ensure_signed(origin)?, dispenses)
		}

		/// `undo_dispense`: see the specification.
		#[pallet::call_index(13)]
		#[pallet::weight(T::WeightInfo::undo_dispense().saturating_add(Pallet::<T>::pharmacist_weight()))]
		pub fn undo_dispense(origin: OriginFor<T>, batch: BatchId, index: u32) -> DispatchResult {
			Self::do_undo(ensure_signed(origin)?, batch, index)
		}

		/// `decommission_range`: see the specification.
		#[pallet::call_index(14)]
		#[pallet::weight(T::WeightInfo::decommission_range(ranges.len() as u32, bits(ranges)).saturating_add(Pallet::<T>::pharmacist_weight()))]
		pub fn decommission_range(
			origin: OriginFor<T>,
			ranges: Ranges,
			kind: RemovalKind,
			event: H256,
		) -> DispatchResult {
			Self::do_remove(ensure_signed(origin)?, ranges, kind, event)
		}

		/// `destroy`: see the specification.
		#[pallet::call_index(15)]
		#[pallet::weight(T::WeightInfo::destroy(ranges.len() as u32, bits(ranges)).saturating_add(Pallet::<T>::pharmacist_weight()))]
		pub fn destroy(origin: OriginFor<T>, ranges: Ranges, event: H256) -> DispatchResult {
			Self::do_remove(ensure_signed(origin)?, ranges, RemovalKind::Destroyed, event)
		}

		/// `report_stolen`: see the specification.
		#[pallet::call_index(16)]
		#[pallet::weight(T::WeightInfo::report_stolen(goods(load), chunks(load)).saturating_add(Pallet::<T>::directory_weight(0)))]
		pub fn report_stolen(origin: OriginFor<T>, load: Load, event: H256) -> DispatchResult {
			Self::do_report_stolen(ensure_signed(origin)?, load, event)
		}

		/// `report_lost`: see the specification.
		#[pallet::call_index(17)]
		#[pallet::weight(T::WeightInfo::report_lost(chunks(load)).saturating_add(Pallet::<T>::directory_weight(0)))]
		pub fn report_lost(origin: OriginFor<T>, load: Load, event: H256) -> DispatchResult {
			Self::do_report_lost(ensure_signed(origin)?, load, event)
		}

		/// `return_saleable`: see the specification.
		#[pallet::call_index(18)]
		#[pallet::weight(T::WeightInfo::return_saleable(parcels(load), chunks(load)).saturating_add(Pallet::<T>::directory_weight(3)))]
		pub fn return_saleable(origin: OriginFor<T>, load: Load, deadline: Moment, event: H256) -> DispatchResult {
			Self::do_return(ensure_signed(origin)?, load, deadline, event)
		}

		/// `report_suspect`: see the specification.
		#[pallet::call_index(19)]
		#[pallet::weight(T::WeightInfo::report_suspect(chunks(load)).saturating_add(Pallet::<T>::directory_weight(0)))]
		pub fn report_suspect(origin: OriginFor<T>, load: Load) -> DispatchResult {
			Self::do_report_suspect(ensure_signed(origin)?, load)
		}

		/// `clear_suspect`: see the specification.
		#[pallet::call_index(20)]
		#[pallet::weight(T::WeightInfo::clear_suspect(chunks(load)).saturating_add(Pallet::<T>::directory_weight(0)))]
		pub fn clear_suspect(
			origin: OriginFor<T>,
			load: Load,
			report: Option<ReportId>,
			unfounded: bool,
		) -> DispatchResult {
			Self::do_clear_suspect(ensure_signed(origin)?, load, report, unfounded)
		}

		/// `mark_illegitimate`: see the specification.
		#[pallet::call_index(21)]
		#[pallet::weight(T::WeightInfo::mark_illegitimate(parcels(load), chunks(load)).saturating_add(Pallet::<T>::directory_weight(0)))]
		pub fn mark_illegitimate(origin: OriginFor<T>, load: Load) -> DispatchResult {
			Self::do_mark_illegitimate(ensure_signed(origin)?, load)
		}

		/// `recall`: see the specification.
		#[pallet::call_index(22)]
		#[pallet::weight(T::WeightInfo::recall().saturating_add(Pallet::<T>::directory_weight(0)))]
		pub fn recall(
			origin: OriginFor<T>,
			scope: RecallScope,
			class: RecallClass,
			reason: RecallReason,
		) -> DispatchResult {
			Self::do_recall(ensure_signed(origin)?, scope, class, reason)
		}

		/// `lift_recall`: see the specification.
		#[pallet::call_index(23)]
		#[pallet::weight(T::WeightInfo::lift_recall().saturating_add(Pallet::<T>::directory_weight(0)))]
		pub fn lift_recall(origin: OriginFor<T>, scope: RecallScope) -> DispatchResult {
			Self::do_lift(ensure_signed(origin)?, scope)
		}

		/// `acknowledge_recall`: see the specification.
		#[pallet::call_index(24)]
		#[pallet::weight(T::WeightInfo::acknowledge_recall(MAX_CHUNKS).saturating_add(Pallet::<T>::directory_weight(0)))]
		pub fn acknowledge_recall(origin: OriginFor<T>, units: UnitRange) -> DispatchResult {
			Self::do_acknowledge(ensure_signed(origin)?, units)
		}

		/// `release_quarantine`: see the specification.
		#[pallet::call_index(25)]
		#[pallet::weight(T::WeightInfo::release_quarantine(parcels(load), chunks(load)).saturating_add(Pallet::<T>::directory_weight(0)))]
		pub fn release_quarantine(origin: OriginFor<T>, load: Load) -> DispatchResult {
			Self::do_release_quarantine(ensure_signed(origin)?, load)
		}

		/// `log_excursion`: see the specification.
		#[pallet::call_index(26)]
		#[pallet::weight(T::WeightInfo::log_excursion(goods(load), chunks(load)).saturating_add(Pallet::<T>::directory_weight(0)))]
		pub fn log_excursion(origin: OriginFor<T>, load: Load, readings: Readings, evidence: H256) -> DispatchResult {
			Self::do_log_excursion(ensure_signed(origin)?, load, readings, evidence)
		}

		/// `release_excursion`: see the specification.
		#[pallet::call_index(27)]
		#[pallet::weight(T::WeightInfo::release_excursion(goods(load), chunks(load)).saturating_add(Pallet::<T>::directory_weight(0)))]
		pub fn release_excursion(origin: OriginFor<T>, load: Load, evidence: H256) -> DispatchResult {
			Self::do_release_excursion(ensure_signed(origin)?, load, evidence)
		}

		/// `set_reorder_rule`: see the specification.
		#[pallet::call_index(28)]
		#[pallet::weight(T::WeightInfo::set_reorder_rule().saturating_add(Pallet::<T>::directory_weight(1)))]
		pub fn set_reorder_rule(origin: OriginFor<T>, gtin: Gtin, rule: Option<ReorderInput>) -> DispatchResult {
			Self::do_set_rule(ensure_signed(origin)?, gtin, rule)
		}

		/// `cancel_order`: see the specification.
		#[pallet::call_index(29)]
		#[pallet::weight(T::WeightInfo::cancel_order().saturating_add(Pallet::<T>::directory_weight(0)))]
		pub fn cancel_order(origin: OriginFor<T>, supplier: OrgId, order: OrderId) -> DispatchResult {
			Self::do_end_order(ensure_signed(origin)?, supplier, order, false)
		}

		/// `fulfil_order`: see the specification.
		#[pallet::call_index(30)]
		#[pallet::weight(T::WeightInfo::fulfil_order().saturating_add(Pallet::<T>::directory_weight(0)))]
		pub fn fulfil_order(origin: OriginFor<T>, supplier: OrgId, order: OrderId) -> DispatchResult {
			Self::do_end_order(ensure_signed(origin)?, supplier, order, true)
		}

		/// `prune`: see the specification.
		#[pallet::call_index(31)]
		#[pallet::weight(T::WeightInfo::prune(entries(what)))]
		pub fn prune(origin: OriginFor<T>, what: Prunable) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_prune(what)
		}

		/// `dispute_package`: see the specification.
		#[pallet::call_index(32)]
		#[pallet::weight(T::WeightInfo::dispute_package().saturating_add(Pallet::<T>::directory_weight(0)))]
		pub fn dispute_package(origin: OriginFor<T>, load: Load, found: H256) -> DispatchResult {
			Self::do_dispute_package(ensure_signed(origin)?, load, found)
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}
}

/// The block that calls see.
impl<T: Config> Pallet<T> {
	fn now() -> Moment {
		T::Time::now().as_millis().saturated_into()
	}

	fn block() -> u32 {
		frame_system::Pallet::<T>::block_number().saturated_into()
	}
}

/// Parcels that a load is reckoned to have.
fn parcels(load: &Load) -> u32 {
	match load {
		Load::Units(_) => 1,
		Load::Logistic(_) => MAX_CONTENTS,
	}
}

/// Products that a load is reckoned to have.
fn goods(load: &Load) -> u32 {
	match load {
		Load::Units(_) => 1,
		Load::Logistic(_) => MAX_GOODS,
	}
}

/// Entries of status bits that splitting a load off may have to read.
fn chunks(load: &Load) -> u32 {
	match load {
		Load::Units(_) => MAX_CHUNKS,
		Load::Logistic(_) => 0,
	}
}

/// Entries of status bits that ranges lie in.
fn bits(ranges: &[UnitRange]) -> u32 {
	ranges
		.iter()
		.fold(0u32, |sum, range| sum.saturating_add(range.chunks()))
		.min(MAX_RANGE_UNITS / CHUNK + 2 * MAX_RANGES)
}

/// Entries that pruning removes.
fn entries(what: &Prunable) -> u32 {
	match what {
		Prunable::Dispenses { units, .. } => units.len() as u32,
		Prunable::Parcel { .. } => 2,
		Prunable::Acknowledgement { .. } => 1,
	}
}
