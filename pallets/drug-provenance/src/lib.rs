//! # Drug and device provenance
//!
//! Follows medicines and devices from the factory to the patient: who has them and whose they are, what holds them
//! back, what has left the market and how. A pack is judged by one verdict, the same for a pharmacy, a wholesaler and
//! a patient.
//!
//! ## Terminology
//!
//! - *Product*: what one GTIN stands for. Its *owner* holds the marketing authorisation; *delegates* make it for the
//!   owner.
//! - *Batch*: a packaging run of `n` units, committed to as the root of a [`salus_primitives::merkle`] tree over
//!   [`salus_primitives::drug::leaf`]s. A *lot* has up to 16 runs, which expire together.
//! - *Unit*: one pack, known by its number in the order of packing. Its serial stays with who holds the pack; the
//!   chain sees a keyed hash of it, and a proof.
//! - *Active*: a unit that has not left the market. An *exception* says how others left: dispensed, decommissioned,
//!   destroyed, exported, as a sample.
//! - *Parcel*: neighbouring units of a batch that share a *holding*: whose they are, who has them (the *custodian*),
//!   whom they were bought from (the *source*), and where they are (their *custody*).
//! - *Unit of logistics*: a case or a pallet, with parcels and other units of logistics in it. The outermost, the
//!   *root*, has the holding of all that is in it.
//! - *Load*: what a call is about: units of one parcel, or a root.
//! - *Hold*: what keeps goods from being sold, wherever they are: quarantine, suspicion, an excursion from the storage
//!   rule, illegitimacy.
//! - *Chain of custody*: hashes over the steps that goods took, each with the block of the one before.
//! - *Stock*: active units that lie with an organisation and are *counted*, which recalled ones are not once they are
//!   set apart.
//! - *Operator*: a member with role `Logistics`, `Pharmacist` or `Quality`.
//!
//! ## The way of a pack
//!
//! 1. A regulator registers the product; its owner lets contract packers commission it.
//! 2. The manufacturer commissions a run: one write, whatever its size. All of it is one parcel.
//! 3. It packs cases and pallets. Because units are numbered in the order of packing, each is a range or a few.
//! 4. It ships a pallet to a wholesaler, who alone can receive it, without what is missing, or refuse it. What is
//!    missing is disputed between the two; what is overdue shows as a gap of custody, and nobody dispenses from it.
//!    The sender takes it back, or one of them reports it lost; what was lost may be found. A sale makes the receiver
//!    the owner; a carrier never is one; between branches of one legal entity nothing is sold.
//! 5. The wholesaler unpacks the pallet. What was in it goes on with a chain of its own, which names the pallet's.
//! 6. A pharmacy dispenses: the proof shows that the unit is in the run, and one bit is set. The second time, or if
//!    anything else speaks against it, the call ends well, changes nothing and raises an alert.
//! 7. What was bought and may still be sold is returned to its seller, one step and not along the chain.
//! 8. A recall is one write and in force in the same block. Holders set their goods apart; they can only go back or be
//!    destroyed. A cold chain that broke, a suspicion, a quarantine hold goods back in the same way, until who is
//!    answerable releases them.
//! 9. When stock falls below what its holder has set, one order is placed with the supplier.
//! 10. After the run has expired, what has left the market is pruned.
//!
//! ## Data structures
//!
//! - [`Products`]: GTIN → [`types::Product`]; [`Lots`]: GTIN and lot → [`types::LotRuns`]; [`Batches`]: number →
//!   [`types::Batch`]; [`Recalls`]: batch → recalled ranges.
//! - [`Parcels`]: batch and *last* unit, big-endian → [`types::Parcel`]. The parcel of a unit is the first whose last
//!   unit is not before it: one key is looked up, and none is listed.
//! - [`Inactive`]: batch and chunk → 2,048 status bits. [`Exceptions`]: batch and last unit → [`types::Exception`]:
//!   how one unit or a range of them left. A set bit without one is a dispense that was pruned.
//! - [`LogisticUnits`]: identifier → [`types::LogisticUnit`], with how much of which product is in the whole of it:
//!   moving it touches nothing in it.
//! - [`Excursions`]: batch and last unit → [`types::Excursion`]; [`Acknowledgements`]: batch and organisation →
//!   [`types::Acknowledgement`]; [`Reports`]: number → [`types::Report`]; [`ReportCounts`]: organisation → today's.
//! - [`Stock`]: organisation and product → units; [`ReorderRules`]: the same → [`types::ReorderRule`]; [`Orders`]:
//!   supplier and number → [`types::Order`].
//!
//! **What always holds.** The lengths of a batch's parcels and what was retired are its units: no call makes or loses
//! one. A parcel's count of inactive units is that of its set bits. Stock is what lies with an organisation and is
//! counted. A unit of logistics and what is in it name each other. An order under way and its rule do.
//!
//! **Deposits.** A ticket lies beside the value it pays for and belongs to the account that caused it, at the greatest
//! length. Whoever splits a parcel pays for the pieces, also where the goods are another's: a reporter of suspicion
//! does. The piece that keeps the parcel's last unit keeps its ticket. A batch's pays for its status bits and its
//! recalled ranges too. Counters, stock and counts of reports are small, and bounded by organisations and products:
//! not charged.
//!
//! **Bounds.** A call is charged for the most that its load may hold, and what it did not need is refunded. Counting
//! status bits is needed where a parcel is split of which some units have left the market: the longest of the pieces
//! is inferred, and the rest may have [`MAX_RANGE_UNITS`] units or so. A unit of logistics has at most [`MAX_PACKED`]
//! parcels when it is packed, and [`MAX_CONTENTS`] pieces after receipts with missing units.
//!
//! ## What is deliberate
//!
//! - **A second dispense is no error.** An error would undo its own event; the alert is what is wanted. Who dispenses
//!   a clone before the genuine pack is not told from the genuine one: no register can.
//! - **Holds are flags beside custody**, copied to every piece that is split off and to everything that is unpacked:
//!   splitting a parcel does not launder an excursion. They can be set in transit.
//! - **Recalls are not copied** to what they cover, but looked up: this makes them one write.
//! - **A step's hash is without the goods it is about**, so that pieces which went the same way at once can be merged.
//!   The step in the event names them.
//! - **The chain trusts the sender of readings** to send them all; a gap of more than twice the rule's interval counts
//!   as an excursion, so that leaving out hot readings does not help.
//! - **Found goods are quarantined, and counted**: they are the holder's to release.
//! - **The depth of a unit of logistics is not lowered** when what was deepest in it is missing: it bounds, and needs
//!   no walk.
//!
//! ## API
//!
//! Regulators: `register_product`, `clear_suspect`; with the product's owner: `recall`, `lift_recall`,
//! `mark_illegitimate`. The owner: `delegate`, `release_excursion`; with delegates: `commission`. Custodians: `split`,
//! `merge`, `pack`, `unpack`, `ship`, `retract`, `decommission_range`, `destroy`, `return_saleable`,
//! `acknowledge_recall`, `release_quarantine`. Addressees: `receive`, `refuse`, `dispute_package`. Several of them:
//! `report_stolen`, `report_lost`, `log_excursion`. Dispensers: `dispense`, `dispense_many`, `undo_dispense`. Every
//! member: `report_suspect`. Holders of stock and their suppliers: `set_reorder_rule`, `cancel_order`, `fulfil_order`.
//! Everybody: `prune`.
//!
//! Reading: [`Pallet::verify`], [`Pallet::product_view`], [`Pallet::batch_view`], [`Pallet::lot_view`],
//! [`Pallet::parcel_view`], [`Pallet::parcels_page`], [`Pallet::unit_view`], [`Pallet::logistic_view`],
//! [`Pallet::stock_page`], [`Pallet::orders_page`]; of events: [`Pallet::custody_step_of`], [`Pallet::alert_of`].

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
pub use units::MAX_CHUNKS;
pub use weights::WeightInfo;

use codec::Encode;
use frame_support::{
	dispatch::{DispatchResult, DispatchResultWithPostInfo},
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
		/// Destruction has a call of its own.
		WrongKind,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Registers a product.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing of a regulator.
		///
		/// # Details
		/// What it must be stored at cannot be changed: another rule is another product.
		///
		/// # Parameters
		/// - `product`: its number, who holds the marketing authorisation, what it must be stored at, whether it is a
		///   device.
		///
		/// # Errors
		/// `NotAuthorized`, `InvalidGtin`, `InvalidRule`, `AlreadyExists`, `NotAccredited` (the owner is not a
		/// manufacturer in standing); what the deposit refuses.
		///
		/// # Events
		/// [`Event::ProductRegistered`].
		///
		/// # Deposit
		/// For the product with all its delegates, held from the signer for good.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::register_product().saturating_add(Pallet::<T>::directory_weight(1)))]
		pub fn register_product(origin: OriginFor<T>, product: ProductInput) -> DispatchResult {
			Self::do_register(ensure_signed(origin)?, product)
		}

		/// Lets an organisation commission a product for its owner, or no longer.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing, with role `Quality`, of the product's owner.
		///
		/// # Details
		/// What the organisation has commissioned stays as it is.
		///
		/// # Parameters
		/// - `gtin`: the product.
		/// - `org`: the organisation.
		/// - `allowed`: whether it may from now on.
		///
		/// # Errors
		/// `NotAuthorized`, `NotFound` (the product, or the delegate to be removed), `AlreadyExists` (also of the
		/// owner itself), `NotAccredited` (not a manufacturer in standing), `TooMany`.
		///
		/// # Events
		/// [`Event::DelegateChanged`].
		///
		/// # Deposit
		/// Unchanged.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::delegate().saturating_add(Pallet::<T>::directory_weight(1)))]
		pub fn delegate(origin: OriginFor<T>, gtin: Gtin, org: OrgId, allowed: bool) -> DispatchResult {
			Self::do_delegate(ensure_signed(origin)?, gtin, org, allowed)
		}

		/// Commissions a packaging run.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing, with role `Logistics`, `Pharmacist` or `Quality`, of the product's owner or a
		/// delegate, accredited as manufacturer.
		///
		/// # Details
		/// The run becomes one parcel with the signer's organisation. It is the product owner's, whoever made it. A
		/// run of a product or lot that is recalled is recalled from the start.
		///
		/// # Parameters
		/// - `batch`: product, lot and run, expiry, how many units, and the root that commits to them.
		///
		/// # Errors
		/// `NotAuthorized`, `NotFound` (no such product), `InvalidLot`, `InvalidQuantity`, `Expired`, `InvalidRoot`,
		/// `TooManyRuns`, `WrongRun`, `ExpiryMismatch`, `Exhausted`; what the deposits refuse.
		///
		/// # Events
		/// [`Event::BatchCommissioned`], then [`Event::Custody`].
		///
		/// # Deposit
		/// For the batch with its status bits, its place in the lot and its recalled ranges, for good; for the parcel.
		/// Both are held from the signer.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::commission().saturating_add(Pallet::<T>::directory_weight(0)))]
		pub fn commission(origin: OriginFor<T>, batch: BatchInput) -> DispatchResult {
			Self::do_commission(ensure_signed(origin)?, batch)
		}

		/// Makes units a parcel of their own.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing, with role `Logistics`, `Pharmacist` or `Quality`, of the custodian.
		///
		/// # Details
		/// Every other call that names units does the same first. Nothing but the parcels' borders changes. Of what is
		/// a parcel already, nothing at all.
		///
		/// # Parameters
		/// - `units`: units that lie in one parcel.
		///
		/// # Errors
		/// `NotAuthorized`, `NotFound`, `InvalidRange`, `SpansParcels`, `Packed`, `NotCustodian`, `WrongCustody` (not
		/// held), `TooMany` (more status bits to count than one call may: split nearer to an end of the parcel first);
		/// what the deposit refuses.
		///
		/// # Events
		/// None.
		///
		/// # Deposit
		/// Splitting off units asks the signer for each parcel that is new, at most two; it is held until a parcel is
		/// merged with its neighbour or pruned.
		///
		/// # Complexity
		/// Constant; for units of a parcel of which some have left the market, linear in the status bits that are
		/// counted: at most [`MAX_CHUNKS`] entries.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::split(MAX_CHUNKS).saturating_add(Pallet::<T>::directory_weight(0)))]
		pub fn split(origin: OriginFor<T>, units: UnitRange) -> DispatchResultWithPostInfo {
			let chunks = Self::do_split(ensure_signed(origin)?, units)?;
			Self::weighed(T::WeightInfo::split(chunks), 0)
		}

		/// Joins a parcel with the next one.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing, with role `Logistics`, `Pharmacist` or `Quality`, of the custodian.
		///
		/// # Details
		/// They must agree in everything: whose and where they are, how they came there, holds, and whether they count
		/// as stock. Goods on the way can be merged too.
		///
		/// # Parameters
		/// - `batch`: the batch.
		/// - `last`: the last unit of the lower parcel.
		///
		/// # Errors
		/// `NotAuthorized`, `NotFound` (no parcel ends there, or none begins after it), `Packed`, `NotCustodian`,
		/// `NotMergeable`.
		///
		/// # Events
		/// None.
		///
		/// # Deposit
		/// The lower parcel's returns to who made it.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::merge().saturating_add(Pallet::<T>::directory_weight(0)))]
		pub fn merge(origin: OriginFor<T>, batch: BatchId, last: u32) -> DispatchResult {
			Self::do_merge(ensure_signed(origin)?, batch, last)
		}

		/// Packs goods into a unit of logistics.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing, with role `Logistics`, `Pharmacist` or `Quality`, of the custodian.
		///
		/// # Details
		/// All must be held, and be one owner's, bought from one seller. From now on they move together: the outermost
		/// unit alone has a holding. Holds stay where they are and count for the whole.
		///
		/// # Parameters
		/// - `unit`: a salted commitment to the unit's SSCC, not used at present.
		/// - `contents`: units and units of logistics, not empty.
		/// - `event`: the EPCIS event.
		///
		/// # Errors
		/// `NotAuthorized`, `Empty`, `AlreadyExists`, `NotFound`, `InvalidRange`, `SpansParcels`, `Packed` (also of
		/// what is given twice), `NotCustodian`, `WrongCustody`, `NotOwner` (not all one owner's, from one seller),
		/// `NotActive` (none of the units is), `TooMany` (parcels, products, levels, or status bits to count: if units
		/// have left the market in a parcel of which more is left on either side than is packed, `split` comes first);
		/// what the deposits refuse.
		///
		/// # Events
		/// [`Event::Custody`].
		///
		/// # Deposit
		/// For the unit of logistics at its greatest length, held from the signer until it is unpacked; for new
		/// parcels as for `split`.
		///
		/// # Complexity
		/// Linear in what is packed, and in the status bits that are counted: at most twice the entries that the units
		/// lie in, and [`MAX_CHUNKS`].
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::pack(contents.len() as u32, units::Chunks::of_loads(contents).left())
			.saturating_add(Pallet::<T>::directory_weight(0)))]
		pub fn pack(origin: OriginFor<T>, unit: UnitId, contents: Contents, event: H256) -> DispatchResultWithPostInfo {
			let loads = contents.len() as u32;
			let chunks = Self::do_pack(ensure_signed(origin)?, unit, contents, event)?;
			Self::weighed(T::WeightInfo::pack(loads, chunks), 0)
		}

		/// Takes everything out of a unit of logistics, which ceases to be.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing, with role `Logistics`, `Pharmacist` or `Quality`, of the custodian.
		///
		/// # Details
		/// What was in it gets its holding, its holds and its excursion, and a step in its own chain that names the
		/// unit's chain. Units of logistics in it stay packed themselves.
		///
		/// # Parameters
		/// - `unit`: a unit of logistics that is in no other.
		/// - `event`: the EPCIS event.
		///
		/// # Errors
		/// `NotAuthorized`, `NotFound`, `Packed`, `NotCustodian`, `WrongCustody`; what the deposit refuses.
		///
		/// # Events
		/// [`Event::Custody`] for each parcel or unit that was directly in it.
		///
		/// # Deposit
		/// The unit's returns to who packed it. If it has an excursion, that is put on record for each parcel, with a
		/// deposit of the signer's.
		///
		/// # Complexity
		/// Linear in what is directly in the unit.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::unpack(MAX_CONTENTS).saturating_add(Pallet::<T>::directory_weight(0)))]
		pub fn unpack(origin: OriginFor<T>, unit: UnitId, event: H256) -> DispatchResultWithPostInfo {
			let contents = Self::do_unpack(ensure_signed(origin)?, unit, event)?;
			Self::weighed(T::WeightInfo::unpack(contents), 0)
		}

		/// Sends goods to another organisation.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing, with role `Logistics`, `Pharmacist` or `Quality`, of the custodian, which is
		/// accredited as manufacturer, distributor, dispenser, provider or carrier.
		///
		/// # Details
		/// Goods on hold, recalled or expired only go back: to whom they were bought from, or to who owns or made all
		/// of them. Between branches of one legal entity nothing is sold whatever `sale` says. Units that have left
		/// the market travel as such.
		///
		/// # Parameters
		/// - `shipment`: what, to whom and by whom, whether it is sold, until when it should arrive, and what came
		///   with it.
		///
		/// # Errors
		/// `NotAuthorized`, `NotAccredited` (the receiver or the carrier; the sender itself; a carrier that is to own
		/// the goods), `InvalidMoment` (a deadline that has passed, or beyond [`MAX_TRANSIT`]), `NotFound`,
		/// `InvalidRange`, `SpansParcels`, `Packed`, `NotCustodian`, `WrongCustody`, `NotOwner`, `OnHold`, `Recalled`,
		/// `Expired`, `TooMany` (as for `split`); what the deposit refuses.
		///
		/// # Events
		/// [`Event::Custody`]; [`Event::PackageCommitted`] if a package came along; [`Event::OrderPlaced`] if stock
		/// fell below a minimum.
		///
		/// # Deposit
		/// For new parcels as for `split`.
		///
		/// # Complexity
		/// Linear in the parcels of a unit of logistics; for units as for `split`.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::ship(parcels(&shipment.load), chunks(&shipment.load))
			.saturating_add(Pallet::<T>::directory_weight(6)))]
		pub fn ship(origin: OriginFor<T>, shipment: Shipment) -> DispatchResultWithPostInfo {
			let used = Self::do_ship(ensure_signed(origin)?, shipment)?;
			Self::weighed(T::WeightInfo::ship(used.parcels, used.chunks), 6)
		}

		/// Takes goods in that were sent to the signer's organisation.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing, with role `Logistics`, `Pharmacist` or `Quality`, of the addressee, and
		/// nobody else.
		///
		/// # Details
		/// After the deadline too, as long as nobody took the goods back. What is missing stays the sender's,
		/// disputed, and comes out of the unit of logistics it was packed in; it can be received later by its own.
		/// Sold goods become the receiver's, bought from their owner before; returned for sale they become the
		/// seller's again.
		///
		/// # Parameters
		/// - `load`: what arrived; part of what was sent may arrive first.
		/// - `missing`: units of the load that did not arrive. If all are missing, wait, refuse, or report them lost.
		/// - `event`: the EPCIS event.
		///
		/// # Errors
		/// `NotAuthorized`, `NotFound`, `InvalidRange`, `SpansParcels`, `Packed` (also of what is missing;
		/// `InvalidRange` if everything is), `WrongCustody` (not on the way), `NotAddressee`, `TooMany` (pieces in a
		/// unit, or as for `split`), `Exhausted`; what the deposit refuses.
		///
		/// # Events
		/// [`Event::Custody`] for each missing range, for the whole load last. What is missing from an inner unit of
		/// logistics is unpacked of it first.
		///
		/// # Deposit
		/// For new parcels as for `split`, each missing range included. That of an inner unit of logistics that became
		/// empty returns.
		///
		/// # Complexity
		/// Linear in the missing ranges and in the products of the load, and in the status bits that are counted.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::receive(goods(load), missing.len() as u32, MAX_CHUNKS)
			.saturating_add(Pallet::<T>::directory_weight(2)))]
		pub fn receive(origin: OriginFor<T>, load: Load, missing: Ranges, event: H256) -> DispatchResultWithPostInfo {
			let lacking = missing.len() as u32;
			let used = Self::do_receive(ensure_signed(origin)?, load, missing, event)?;
			Self::weighed(T::WeightInfo::receive(used.products, lacking, used.chunks), 2)
		}

		/// Sends goods back that were sent to the signer's organisation.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing, with role `Logistics`, `Pharmacist` or `Quality`, of the addressee.
		///
		/// # Details
		/// They stay the owner's, and the sender receives them.
		///
		/// # Parameters
		/// - `load`: what is refused; part of what was sent may be.
		/// - `deadline`: from when on the sender may take them back without receiving them.
		/// - `event`: the EPCIS event.
		///
		/// # Errors
		/// `NotAuthorized`, `InvalidMoment`, `NotFound`, `InvalidRange`, `SpansParcels`, `Packed`, `WrongCustody` (not
		/// in transit), `NotAddressee`, `TooMany` (as for `split`); what the deposit refuses.
		///
		/// # Events
		/// [`Event::Custody`].
		///
		/// # Deposit
		/// For new parcels as for `split`.
		///
		/// # Complexity
		/// Constant; for units of a parcel of which some have left the market, linear in the status bits that are
		/// counted: at most [`MAX_CHUNKS`] entries.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::refuse(chunks(load)).saturating_add(Pallet::<T>::directory_weight(2)))]
		pub fn refuse(origin: OriginFor<T>, load: Load, deadline: Moment, event: H256) -> DispatchResultWithPostInfo {
			let used = Self::do_refuse(ensure_signed(origin)?, load, deadline, event)?;
			Self::weighed(T::WeightInfo::refuse(used.chunks), 2)
		}

		/// Takes goods back that did not arrive, or that were found.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing, with role `Logistics`, `Pharmacist` or `Quality`, of the custodian, which
		/// sent or lost them.
		///
		/// # Details
		/// What is on the way: once its deadline has passed, or its addressee is not in standing any more. What is
		/// disputed or lost: at any time. Found goods are quarantined until a quality release; they count as stock at
		/// once.
		///
		/// # Parameters
		/// - `load`: what is taken back.
		/// - `event`: the EPCIS event.
		///
		/// # Errors
		/// `NotAuthorized`, `NotFound`, `InvalidRange`, `SpansParcels`, `Packed`, `NotCustodian`, `WrongCustody`
		/// (held), `NotOverdue`, `TooMany` (as for `split`), `Exhausted`; what the deposit refuses.
		///
		/// # Events
		/// [`Event::Custody`]; [`Event::HoldsChanged`] of what was found.
		///
		/// # Deposit
		/// For new parcels as for `split`.
		///
		/// # Complexity
		/// Linear in the products of the load; for units as for `split`.
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::retract(goods(load), chunks(load))
			.saturating_add(Pallet::<T>::directory_weight(1)))]
		pub fn retract(origin: OriginFor<T>, load: Load, event: H256) -> DispatchResultWithPostInfo {
			let used = Self::do_retract(ensure_signed(origin)?, load, event)?;
			Self::weighed(T::WeightInfo::retract(used.products, used.chunks), 1)
		}

		/// Dispenses a unit, or raises an alert.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing, with role `Pharmacist`, of an organisation accredited as dispenser.
		///
		/// # Details
		/// The proof must hold. Then the unit is judged at the moment given, by what is known now; of recalls, those
		/// count that were in force then. Only what is genuine and lies with the signer's organisation is dispensed.
		/// Anything else ends well and changes nothing, and the alert tells why: an error would erase it.
		///
		/// # Parameters
		/// - `dispense`: the batch, the unit with its proof, and when it was handed out if that was before.
		///
		/// # Errors
		/// `NotAuthorized`, `NotFound` (no such batch), `InvalidProof`, `InvalidMoment` (in the future, or longer ago
		/// than the window for dispenses without a line), `Packed` (with the organisation, but in a unit of
		/// logistics); what the deposit refuses.
		///
		/// # Events
		/// [`Event::Dispensed`], and [`Event::OrderPlaced`] if stock fell below a minimum; or [`Event::Alert`].
		///
		/// # Deposit
		/// For how the unit left the market, held from the signer until it is undone or pruned.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::dispense().saturating_add(Pallet::<T>::pharmacist_weight()))]
		pub fn dispense(origin: OriginFor<T>, dispense: Dispense) -> DispatchResult {
			Self::do_dispense(ensure_signed(origin)?, dispense)
		}

		/// Dispenses units, or raises alerts: of a pharmacy that had lost its line.
		///
		/// # Dispatch Origin
		/// As for `dispense`.
		///
		/// # Details
		/// Each is judged by itself, in the order given; of a unit given twice the second is an alert. An error of one
		/// refuses all.
		///
		/// # Parameters
		/// - `dispenses`: not empty.
		///
		/// # Errors
		/// As for `dispense`; `Empty`.
		///
		/// # Events
		/// As for `dispense`, for each.
		///
		/// # Deposit
		/// As for `dispense`, for each that is dispensed.
		///
		/// # Complexity
		/// Linear in the number of dispenses.
		#[pallet::call_index(12)]
		#[pallet::weight(T::WeightInfo::dispense_many(dispenses.len() as u32)
			.saturating_add(Pallet::<T>::pharmacist_weight()))]
		pub fn dispense_many(origin: OriginFor<T>, dispenses: Dispenses) -> DispatchResult {
			Self::do_dispense_many(ensure_signed(origin)?, dispenses)
		}

		/// Takes a dispense back.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing, with role `Pharmacist`, of an organisation accredited as dispenser.
		///
		/// # Details
		/// Only where it was dispensed: at the same organisation and the same premises, within the window for undoing,
		/// which counts from when it was handed out. The unit must lie with the organisation still.
		///
		/// # Parameters
		/// - `batch`: the batch.
		/// - `index`: the unit.
		///
		/// # Errors
		/// `NotAuthorized`, `NotFound`, `InvalidRange`, `NotUndoable`, `Expired`, `Recalled`, `Packed`,
		/// `NotCustodian`, `WrongCustody`.
		///
		/// # Events
		/// [`Event::DispenseUndone`].
		///
		/// # Deposit
		/// The dispense's returns to who dispensed.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(13)]
		#[pallet::weight(T::WeightInfo::undo_dispense().saturating_add(Pallet::<T>::pharmacist_weight()))]
		pub fn undo_dispense(origin: OriginFor<T>, batch: BatchId, index: u32) -> DispatchResult {
			Self::do_undo(ensure_signed(origin)?, batch, index)
		}

		/// Takes units off the market: as samples, exported, or decommissioned.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing, with role `Logistics`, `Pharmacist` or `Quality`, of the custodian.
		///
		/// # Details
		/// All must be active. Samples and exports must be free of holds and recalls; decommissioning passes under
		/// both. Parcels are not split. What is done here cannot be undone.
		///
		/// # Parameters
		/// - `ranges`: not empty, apart, each in one parcel; together at most [`MAX_RANGE_UNITS`] units.
		/// - `kind`: how they leave.
		/// - `event`: the EPCIS event.
		///
		/// # Errors
		/// `NotAuthorized`, `WrongKind` (`Destroyed`), `Empty`, `NotFound`, `InvalidRange`, `SpansParcels`, `Packed`,
		/// `TooMany`, `NotCustodian`, `WrongCustody`, `OnHold`, `Recalled`, `NotActive`; what the deposit refuses.
		///
		/// # Events
		/// [`Event::UnitsRemoved`] for each range, in the order of units; [`Event::OrderPlaced`] if stock fell below a
		/// minimum.
		///
		/// # Deposit
		/// For each range, held from the signer for good: how these units ended is kept.
		///
		/// # Complexity
		/// Linear in the ranges, and in the status bits of their units.
		#[pallet::call_index(14)]
		#[pallet::weight(T::WeightInfo::decommission_range(ranges.len() as u32, bits(ranges))
			.saturating_add(Pallet::<T>::pharmacist_weight()))]
		pub fn decommission_range(
			origin: OriginFor<T>,
			ranges: Ranges,
			kind: RemovalKind,
			event: H256,
		) -> DispatchResult {
			Self::do_decommission(ensure_signed(origin)?, ranges, kind, event)
		}

		/// Takes units off the market that were destroyed.
		///
		/// # Dispatch Origin
		/// As for `decommission_range`.
		///
		/// # Details
		/// As for `decommission_range`; it passes under holds and recalls.
		///
		/// # Parameters
		/// - `ranges`: not empty, apart, each in one parcel; together at most [`MAX_RANGE_UNITS`] units.
		/// - `event`: the EPCIS event.
		///
		/// # Errors
		/// As for `decommission_range`, but for `WrongKind`, `OnHold` and `Recalled`.
		///
		/// # Events
		/// As for `decommission_range`.
		///
		/// # Deposit
		/// As for `decommission_range`.
		///
		/// # Complexity
		/// As for `decommission_range`.
		#[pallet::call_index(15)]
		#[pallet::weight(T::WeightInfo::destroy(ranges.len() as u32, bits(ranges))
			.saturating_add(Pallet::<T>::pharmacist_weight()))]
		pub fn destroy(origin: OriginFor<T>, ranges: Ranges, event: H256) -> DispatchResult {
			Self::do_remove(ensure_signed(origin)?, ranges, RemovalKind::Destroyed, event)
		}

		/// Says that goods were stolen.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing, with role `Logistics`, `Pharmacist` or `Quality`, of the custodian or of the
		/// owner.
		///
		/// # Details
		/// Wherever they are. They leave the custodian's stock; an order is only placed if the call is the custodian's
		/// own. The custodian may say that they were found: see `retract`.
		///
		/// # Parameters
		/// - `load`: what was stolen.
		/// - `event`: the EPCIS event.
		///
		/// # Errors
		/// `NotAuthorized`, `NotFound`, `InvalidRange`, `SpansParcels`, `Packed`, `NotCustodian` (neither custodian
		/// nor owner), `WrongCustody` (stolen already), `TooMany` (as for `split`); what the deposit refuses.
		///
		/// # Events
		/// [`Event::Custody`]; [`Event::OrderPlaced`] if stock fell below a minimum.
		///
		/// # Deposit
		/// For new parcels as for `split`.
		///
		/// # Complexity
		/// Linear in the products of the load; for units as for `split`.
		#[pallet::call_index(16)]
		#[pallet::weight(T::WeightInfo::report_stolen(goods(load), chunks(load))
			.saturating_add(Pallet::<T>::directory_weight(0)))]
		pub fn report_stolen(origin: OriginFor<T>, load: Load, event: H256) -> DispatchResultWithPostInfo {
			let used = Self::do_report_stolen(ensure_signed(origin)?, load, event)?;
			Self::weighed(T::WeightInfo::report_stolen(used.products, used.chunks), 0)
		}

		/// Says that goods which did not arrive are lost.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing, with role `Logistics`, `Pharmacist` or `Quality`, of the sender or of the
		/// addressee.
		///
		/// # Details
		/// Possible once they are overdue or disputed. The sender may say that they were found: see `retract`.
		///
		/// # Parameters
		/// - `load`: what is lost.
		/// - `event`: the EPCIS event.
		///
		/// # Errors
		/// `NotAuthorized`, `NotFound`, `InvalidRange`, `SpansParcels`, `Packed`, `WrongCustody` (held, or lost
		/// already), `NotCustodian` (neither sender nor addressee), `NotOverdue`, `TooMany` (as for `split`); what the
		/// deposit refuses.
		///
		/// # Events
		/// [`Event::Custody`].
		///
		/// # Deposit
		/// For new parcels as for `split`.
		///
		/// # Complexity
		/// Constant; for units of a parcel of which some have left the market, linear in the status bits that are
		/// counted: at most [`MAX_CHUNKS`] entries.
		#[pallet::call_index(17)]
		#[pallet::weight(T::WeightInfo::report_lost(chunks(load)).saturating_add(Pallet::<T>::directory_weight(0)))]
		pub fn report_lost(origin: OriginFor<T>, load: Load, event: H256) -> DispatchResultWithPostInfo {
			let used = Self::do_report_lost(ensure_signed(origin)?, load, event)?;
			Self::weighed(T::WeightInfo::report_lost(used.chunks), 0)
		}

		/// Sends goods back to whom they were bought from, to be sold again.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing, with role `Logistics`, `Pharmacist` or `Quality`, of the custodian, which
		/// owns them.
		///
		/// # Details
		/// They become the seller's again when it receives them. What may not be sold is not returned for sale: it is
		/// shipped back.
		///
		/// # Parameters
		/// - `load`: what goes back.
		/// - `deadline`: from when on the signer's organisation may take them back.
		/// - `event`: the EPCIS event.
		///
		/// # Errors
		/// `NotAuthorized`, `InvalidMoment`, `NotFound`, `InvalidRange`, `SpansParcels`, `Packed`, `NotCustodian`,
		/// `WrongCustody`, `NotOwner`, `NotBought`, `NotAccredited` (the seller is not in standing), `OnHold`,
		/// `Recalled`, `Expired`, `TooMany` (as for `split`); what the deposit refuses.
		///
		/// # Events
		/// [`Event::Custody`]; [`Event::OrderPlaced`] if stock fell below a minimum.
		///
		/// # Deposit
		/// For new parcels as for `split`.
		///
		/// # Complexity
		/// Linear in the parcels of a unit of logistics; for units as for `split`.
		#[pallet::call_index(18)]
		#[pallet::weight(T::WeightInfo::return_saleable(parcels(load), chunks(load))
			.saturating_add(Pallet::<T>::directory_weight(3)))]
		pub fn return_saleable(
			origin: OriginFor<T>,
			load: Load,
			deadline: Moment,
			event: H256,
		) -> DispatchResultWithPostInfo {
			let used = Self::do_return(ensure_signed(origin)?, load, deadline, event)?;
			Self::weighed(T::WeightInfo::return_saleable(used.parcels, used.chunks), 3)
		}

		/// Reports suspicion that goods are falsified, diverted or stolen.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing of any organisation.
		///
		/// # Details
		/// Wherever they are, and whosesoever. They are held back until a regulator clears them. The bond and the
		/// number of reports a day keep it from being a weapon.
		///
		/// # Parameters
		/// - `load`: what is suspected.
		///
		/// # Errors
		/// `NotAuthorized`, `NotFound`, `InvalidRange`, `SpansParcels`, `Packed`, `OnHold` (suspected already),
		/// `TooManyReports`, `TooMany` (as for `split`), `Exhausted`; what bond and deposit refuse.
		///
		/// # Events
		/// [`Event::HoldsChanged`], then [`Event::SuspicionReported`].
		///
		/// # Deposit
		/// The bond, until the report is settled; for new parcels as for `split`.
		///
		/// # Complexity
		/// Constant; for units of a parcel of which some have left the market, linear in the status bits that are
		/// counted: at most [`MAX_CHUNKS`] entries.
		#[pallet::call_index(19)]
		#[pallet::weight(T::WeightInfo::report_suspect(chunks(load)).saturating_add(Pallet::<T>::directory_weight(0)))]
		pub fn report_suspect(origin: OriginFor<T>, load: Load) -> DispatchResultWithPostInfo {
			let used = Self::do_report_suspect(ensure_signed(origin)?, load)?;
			Self::weighed(T::WeightInfo::report_suspect(used.chunks), 0)
		}

		/// Clears suspicion, and settles a report of it.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing of a regulator.
		///
		/// # Details
		/// A report may be about goods that were split since: the regulator clears them piece by piece, and names the
		/// report with the last. That report and goods belong together is the regulator's to know. Of goods that are
		/// cleared already, the report is settled all the same: nobody's bond is stuck.
		///
		/// # Parameters
		/// - `load`: what is cleared.
		/// - `report`: a report to settle with it.
		/// - `unfounded`: whether its bond is burnt; else it returns.
		///
		/// # Errors
		/// `NotAuthorized`, `NotFound`, `InvalidRange`, `SpansParcels`, `Packed` (`NotFound` also of the report),
		/// `NotOnHold` (where no report is named), `TooMany` (as for `split`); what the deposit refuses.
		///
		/// # Events
		/// [`Event::HoldsChanged`] if they were on hold; [`Event::ReportSettled`] if a report is named.
		///
		/// # Deposit
		/// The bond returns to who reported, or is burnt; for new parcels as for `split`.
		///
		/// # Complexity
		/// Constant; for units of a parcel of which some have left the market, linear in the status bits that are
		/// counted: at most [`MAX_CHUNKS`] entries.
		#[pallet::call_index(20)]
		#[pallet::weight(T::WeightInfo::clear_suspect(chunks(load)).saturating_add(Pallet::<T>::directory_weight(0)))]
		pub fn clear_suspect(
			origin: OriginFor<T>,
			load: Load,
			report: Option<ReportId>,
			unfounded: bool,
		) -> DispatchResultWithPostInfo {
			let used = Self::do_clear_suspect(ensure_signed(origin)?, load, report, unfounded)?;
			Self::weighed(T::WeightInfo::clear_suspect(used.chunks), 0)
		}

		/// Holds goods back for good.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing of a regulator; or, with role `Quality`, of the owner of every product in the
		/// load.
		///
		/// # Details
		/// Nothing clears this hold. The goods can go back to who owns the product or made them, and be destroyed.
		///
		/// # Parameters
		/// - `load`: what is illegitimate.
		///
		/// # Errors
		/// `NotAuthorized`, `NotFound`, `InvalidRange`, `SpansParcels`, `Packed`, `OnHold` (marked already), `TooMany`
		/// (as for `split`); what the deposit refuses.
		///
		/// # Events
		/// [`Event::HoldsChanged`].
		///
		/// # Deposit
		/// For new parcels as for `split`.
		///
		/// # Complexity
		/// Linear in the parcels of a unit of logistics; for units as for `split`.
		#[pallet::call_index(21)]
		#[pallet::weight(T::WeightInfo::mark_illegitimate(parcels(load), chunks(load))
			.saturating_add(Pallet::<T>::directory_weight(0)))]
		pub fn mark_illegitimate(origin: OriginFor<T>, load: Load) -> DispatchResultWithPostInfo {
			let used = Self::do_mark_illegitimate(ensure_signed(origin)?, load)?;
			Self::weighed(T::WeightInfo::mark_illegitimate(used.parcels, used.chunks), 0)
		}

		/// Recalls a product, a lot, a run or some units of one.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing of a regulator; or, with role `Quality`, of the product's owner.
		///
		/// # Details
		/// In force at once, whoever has the goods: they are not sold, dispensed or returned for sale any more.
		/// Another class or reason replaces the recall of the same scope, which still counts from when it was first
		/// ordered; a regulator's is replaced by a regulator only. Of several recalls of a unit the gravest is told.
		///
		/// # Parameters
		/// - `scope`: what is recalled.
		/// - `class`: how grave it is.
		/// - `reason`: why.
		///
		/// # Errors
		/// `NotFound`, `NotAuthorized`, `InvalidRange`, `AlreadyExists`, `TooMany` (recalled ranges of a batch: recall
		/// all of it).
		///
		/// # Events
		/// [`Event::Recalled`].
		///
		/// # Deposit
		/// None: it is a part of what the product's and the batch's deposits pay for.
		///
		/// # Complexity
		/// Constant.
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

		/// Ends a recall.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing of a regulator; or, with role `Quality`, of the product's owner if it ordered
		/// the recall.
		///
		/// # Details
		/// Only this scope's: what another one covers stays recalled. What was set apart stays quarantined until a
		/// quality release.
		///
		/// # Parameters
		/// - `scope`: exactly what was recalled.
		///
		/// # Errors
		/// `NotFound`, `NotAuthorized`, `InvalidRange`, `NotRecalled`.
		///
		/// # Events
		/// [`Event::RecallLifted`].
		///
		/// # Deposit
		/// None.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(23)]
		#[pallet::weight(T::WeightInfo::lift_recall().saturating_add(Pallet::<T>::directory_weight(0)))]
		pub fn lift_recall(origin: OriginFor<T>, scope: RecallScope) -> DispatchResult {
			Self::do_lift(ensure_signed(origin)?, scope)
		}

		/// Says that recalled goods were set apart.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing, with role `Logistics`, `Pharmacist` or `Quality`, of the custodian.
		///
		/// # Details
		/// They are quarantined, and leave the count of stock.
		///
		/// # Parameters
		/// - `units`: recalled units that lie in one parcel.
		///
		/// # Errors
		/// `NotAuthorized`, `NotFound`, `InvalidRange`, `SpansParcels`, `Packed`, `NotCustodian`, `WrongCustody`,
		/// `NotRecalled` (not all of them are), `OnHold` (set apart already), `TooMany` (as for `split`); what the
		/// deposits refuse.
		///
		/// # Events
		/// [`Event::HoldsChanged`], then [`Event::RecallAcknowledged`]; [`Event::OrderPlaced`] if stock fell below a
		/// minimum.
		///
		/// # Deposit
		/// For the organisation's first acknowledgement of a batch, held from the signer until it is pruned; for new
		/// parcels as for `split`.
		///
		/// # Complexity
		/// Constant; for units of a parcel of which some have left the market, linear in the status bits that are
		/// counted: at most [`MAX_CHUNKS`] entries.
		#[pallet::call_index(24)]
		#[pallet::weight(T::WeightInfo::acknowledge_recall(MAX_CHUNKS)
			.saturating_add(Pallet::<T>::directory_weight(0)))]
		pub fn acknowledge_recall(origin: OriginFor<T>, units: UnitRange) -> DispatchResultWithPostInfo {
			let chunks = Self::do_acknowledge(ensure_signed(origin)?, units)?;
			Self::weighed(T::WeightInfo::acknowledge_recall(chunks), 0)
		}

		/// Ends a quarantine.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing, with role `Quality`, of the custodian.
		///
		/// # Details
		/// Units count as stock again. Of a unit of logistics only its own hold is cleared; those of parcels in it,
		/// once it is unpacked.
		///
		/// # Parameters
		/// - `load`: what is released.
		///
		/// # Errors
		/// `NotAuthorized`, `NotFound`, `InvalidRange`, `SpansParcels`, `Packed`, `NotCustodian`, `WrongCustody`,
		/// `NotOnHold`, `Recalled`, `TooMany` (as for `split`), `Exhausted`; what the deposit refuses.
		///
		/// # Events
		/// [`Event::HoldsChanged`].
		///
		/// # Deposit
		/// For new parcels as for `split`.
		///
		/// # Complexity
		/// Linear in the parcels of a unit of logistics; for units as for `split`.
		#[pallet::call_index(25)]
		#[pallet::weight(T::WeightInfo::release_quarantine(parcels(load), chunks(load))
			.saturating_add(Pallet::<T>::directory_weight(0)))]
		pub fn release_quarantine(origin: OriginFor<T>, load: Load) -> DispatchResultWithPostInfo {
			let used = Self::do_release_quarantine(ensure_signed(origin)?, load)?;
			Self::weighed(T::WeightInfo::release_quarantine(used.parcels, used.chunks), 0)
		}

		/// Reports readings that broke the storage rule, or left gaps.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing, with role `Logistics`, `Pharmacist` or `Quality`, of the custodian, of the
		/// addressee, or of the carrier that was named.
		///
		/// # Details
		/// The goods are held back until a quality release. Readings of the same goods are joined with those on
		/// record. In a unit of logistics the rule of any product counts, and all of it is held back.
		///
		/// # Parameters
		/// - `load`: what was measured.
		/// - `readings`: what was measured, and how long nothing was.
		/// - `evidence`: hash of the readings.
		///
		/// # Errors
		/// `NotAuthorized`, `NotFound`, `InvalidRange`, `SpansParcels`, `Packed`, `NotCustodian`, `NoExcursion` (no
		/// product has a rule, or the readings keep them all), `TooMany` (as for `split`); what the deposits refuse.
		///
		/// # Events
		/// [`Event::HoldsChanged`] if they were not on hold for it, then [`Event::ExcursionLogged`].
		///
		/// # Deposit
		/// For the excursion of units, held from the signer until their parcel is pruned; in a unit of logistics there
		/// is room for it. For new parcels as for `split`.
		///
		/// # Complexity
		/// Linear in the products of the load; for units as for `split`.
		#[pallet::call_index(26)]
		#[pallet::weight(T::WeightInfo::log_excursion(goods(load), chunks(load))
			.saturating_add(Pallet::<T>::directory_weight(0)))]
		pub fn log_excursion(
			origin: OriginFor<T>,
			load: Load,
			readings: Readings,
			evidence: H256,
		) -> DispatchResultWithPostInfo {
			let used = Self::do_log_excursion(ensure_signed(origin)?, load, readings, evidence)?;
			Self::weighed(T::WeightInfo::log_excursion(used.products, used.chunks), 0)
		}

		/// Releases goods after an excursion.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing, with role `Quality`, of the owner of every product in the load.
		///
		/// # Details
		/// Wherever they are. The excursion stays on record. Of a unit of logistics only its own hold is cleared.
		///
		/// # Parameters
		/// - `load`: what is released.
		/// - `evidence`: hash of the assessment. The block keeps it with the call; nothing is stored.
		///
		/// # Errors
		/// `NotAuthorized`, `NotFound`, `InvalidRange`, `SpansParcels`, `Packed`, `NotOnHold`, `TooMany` (as for
		/// `split`); what the deposit refuses.
		///
		/// # Events
		/// [`Event::HoldsChanged`].
		///
		/// # Deposit
		/// For new parcels as for `split`.
		///
		/// # Complexity
		/// Linear in the products of the load; for units as for `split`.
		#[pallet::call_index(27)]
		#[pallet::weight(T::WeightInfo::release_excursion(goods(load), chunks(load))
			.saturating_add(Pallet::<T>::directory_weight(0)))]
		pub fn release_excursion(origin: OriginFor<T>, load: Load, evidence: H256) -> DispatchResultWithPostInfo {
			let used = Self::do_release_excursion(ensure_signed(origin)?, load, evidence)?;
			Self::weighed(T::WeightInfo::release_excursion(used.products, used.chunks), 0)
		}

		/// Sets when the signer's organisation orders more of a product, or that it does not.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing, with role `Logistics`, `Pharmacist` or `Quality`.
		///
		/// # Details
		/// An order is placed when stock falls below the minimum by one of the organisation's own calls, and at once
		/// if it is below already; only one is under way at a time. A new rule keeps it if the supplier is the same,
		/// else it is cancelled.
		///
		/// # Parameters
		/// - `gtin`: the product.
		/// - `rule`: the minimum, how much to order, and from whom; none removes the rule.
		///
		/// # Errors
		/// `NotAuthorized`, `NotFound` (no such product, or no rule to remove), `InvalidQuantity`, `NotAccredited`
		/// (the supplier is the organisation itself, not in standing, or does not trade), `Exhausted`; what the
		/// deposit refuses.
		///
		/// # Events
		/// [`Event::OrderEnded`] of one that is cancelled; [`Event::ReorderRuleSet`]; [`Event::OrderPlaced`].
		///
		/// # Deposit
		/// For the rule and one order, held from the signer until the rule is replaced or removed.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(28)]
		#[pallet::weight(T::WeightInfo::set_reorder_rule().saturating_add(Pallet::<T>::directory_weight(1)))]
		pub fn set_reorder_rule(origin: OriginFor<T>, gtin: Gtin, rule: Option<ReorderInput>) -> DispatchResult {
			Self::do_set_rule(ensure_signed(origin)?, gtin, rule)
		}

		/// Cancels an order.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing, with role `Logistics`, `Pharmacist` or `Quality`, of the buyer or the
		/// supplier.
		///
		/// # Details
		/// The next fall of stock may order again.
		///
		/// # Parameters
		/// - `supplier`: who was to deliver.
		/// - `order`: the order.
		///
		/// # Errors
		/// `NotAuthorized`, `NotFound`.
		///
		/// # Events
		/// [`Event::OrderEnded`].
		///
		/// # Deposit
		/// Unchanged: the rule's pays for its order.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(29)]
		#[pallet::weight(T::WeightInfo::cancel_order().saturating_add(Pallet::<T>::directory_weight(0)))]
		pub fn cancel_order(origin: OriginFor<T>, supplier: OrgId, order: OrderId) -> DispatchResult {
			Self::do_end_order(ensure_signed(origin)?, supplier, order, false)
		}

		/// Says that an order was delivered.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing, with role `Logistics`, `Pharmacist` or `Quality`, of the buyer or the
		/// supplier.
		///
		/// # Details
		/// The goods come by a shipment of their own. The next fall of stock may order again.
		///
		/// # Parameters
		/// - `supplier`: who delivered.
		/// - `order`: the order.
		///
		/// # Errors
		/// `NotAuthorized`, `NotFound`.
		///
		/// # Events
		/// [`Event::OrderEnded`].
		///
		/// # Deposit
		/// Unchanged: the rule's pays for its order.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(30)]
		#[pallet::weight(T::WeightInfo::fulfil_order().saturating_add(Pallet::<T>::directory_weight(0)))]
		pub fn fulfil_order(origin: OriginFor<T>, supplier: OrgId, order: OrderId) -> DispatchResult {
			Self::do_end_order(ensure_signed(origin)?, supplier, order, true)
		}

		/// Removes what nothing needs any more.
		///
		/// # Dispatch Origin
		/// Signed: any account.
		///
		/// # Details
		/// Dispenses that can no longer be undone: the units stay dispensed, and where is forgotten. A parcel of an
		/// expired batch whose units have all left the market, with the excursion on record for its last unit, unless
		/// it is suspected. An acknowledgement, once no recall covers any of the batch.
		///
		/// # Parameters
		/// - `what`: what is removed; of dispenses, all or none.
		///
		/// # Errors
		/// `NotFound`, `Empty`, `NotPrunable`.
		///
		/// # Events
		/// [`Event::Pruned`].
		///
		/// # Deposit
		/// Returned for each entry, to the account that paid it.
		///
		/// # Complexity
		/// Linear in the entries.
		#[pallet::call_index(31)]
		#[pallet::weight(T::WeightInfo::prune(entries(what)))]
		pub fn prune(origin: OriginFor<T>, what: Prunable) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_prune(what)
		}

		/// Says that the package which came is another one than the sender committed to.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing, with role `Logistics`, `Pharmacist` or `Quality`, of the addressee, or of the
		/// custodian after receipt.
		///
		/// # Details
		/// Changes nothing: it is said in public, and the event names both hashes. After receipt the sender is told as
		/// the seller of what the custodian owns, else as the owner.
		///
		/// # Parameters
		/// - `load`: what was shipped, or a part.
		/// - `found`: hash of the package that came.
		///
		/// # Errors
		/// `NotAuthorized`, `NotFound`, `InvalidRange`, `SpansParcels`, `Packed`, `WrongCustody` (going back, or
		/// lost), `NotAddressee`, `NotDisputable`.
		///
		/// # Events
		/// [`Event::PackageDisputed`].
		///
		/// # Deposit
		/// None.
		///
		/// # Complexity
		/// Constant.
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
