//! # Health records
//!
//! Anchors of patients' records, and receipts of who was given or refused them. The records themselves stay encrypted
//! and off chain: what is stored here are codes, blinded labels, months, salted commitments and opaque locators.
//!
//! ## Terminology
//!
//! - *Record*: resources of one patient, of one FHIR type, label set and encounter, encrypted as one object.
//! - *Anchor*: what the chain knows of a record.
//! - *Custodian*: the organisation that keeps the ciphertext and the data key. A record without one is the patient's.
//! - *Author*: the account that anchored a record, and that its deposit belongs to.
//! - *Keeper*: who may change a record: every member in standing of its custodian, or the patient of an own record.
//! - *Commitment*: salted hash of the ciphertext. The salt comes from the data key and goes with it.
//! - *Blinded labels*: a patient's sensitivity labels, permuted by the patient's label key. The *label epoch* counts
//!   these keys.
//! - *Receipt*: a gateway's report of one request and the decision about it.
//! - *Gateway*: a member with the role of the same name, whose account the custodian's service signs with.
//!
//! ## The life of a record
//!
//! 1. A patient opens a care relationship with a hospital, which may anchor from then on. Without one, the patient's
//!    consent to `collect` for treatment is asked, for the very record. The patient anchors own records without either.
//! 2. The hospital anchors: it encrypts, stores the ciphertext, and writes type, confidentiality, labels (blinded with
//!    the label key of the present epoch), months and commitment. It chose the identifier from the content under a key
//!    of its own, so anchoring the same again is refused as [`Error::AlreadyExists`] and not doubled.
//! 3. A correction is an amendment: the version grows by one, and the event tells the commitment that was replaced. The
//!    custodian may correct after the care relationship has ended, since it remains answerable for what it keeps.
//! 4. The patient may restrict a record: from then on only the patient reads it. The custodian may still amend it, or
//!    a wrong record would have to stay wrong; it stays restricted. When the restriction is lifted, the record is
//!    `Active` at its first version and `Amended` at any later one.
//! 5. A record that should never have been is entered in error: nobody is given it any more, and it stays known.
//! 6. Shredding is the end: the custodian has destroyed key and ciphertext. What is left is a tombstone, without locator,
//!    labels and episode, so that the identifier is never used again and the patient sees that there was something.
//! 7. Whenever a gateway gives or refuses a record, it logs a receipt, or the root of a batch of them, for the patient to
//!    list. After the retention period the organisation may prune its receipts.
//!
//! ## Data structures
//!
//! - [`Records`]: patient and record → [`types::Record`].
//! - [`Receipts`]: patient and number → [`types::StoredReceipt`]; [`ReceiptLogs`]: patient → the next number and the
//!   fingerprints of the latest receipts.
//! - [`ReceiptBatches`]: organisation and number → [`types::ReceiptBatch`]; [`BatchCounts`]: organisation → next number.
//!
//! Every call writes at most two of the maps, the patient's revision among them, besides deposits.
//!
//! **Deposits.** A ticket lies beside the value it pays for and belongs to the account that wrote the value. A record is
//! charged at its greatest length whatever its locator, so that an amendment by one member of a custodian never touches
//! the deposit of another. Shredding returns what a tombstone does not need; the rest stays for good, as the tombstone
//! does. A receipt's deposit returns when it is pruned. A batch is evidence that stays, with its deposit. Counters and
//! fingerprints are one bounded entry of a patient or an organisation that only accredited gateways can cause: not charged.
//!
//! **Receipts and the revision.** Every change to a record counts up the patient's revision. A receipt does not: no
//! decision depends on it, and reading would otherwise make every patient's entry contended.
//!
//! **Replays.** A receipt is refused if it is for the same record and the same signed request as one of the patient's
//! latest [`types::MAX_RECENT`]. This costs no further read, catches a gateway that sends its journal again, and is
//! bounded. It is a second line: the gateway refuses a replayed *request* itself, and such requests live for two minutes.
//!
//! **Labels of an older epoch** mean nothing under the present label key. [`salus_primitives::traits::Records::resource`]
//! tells them as unknown: a permit that names labels does not cover the record, a denial that names any does.
//!
//! ## API
//!
//! Keepers: `anchor`, `anchor_many`, `amend`, `enter_in_error`, `shred`. The patient: `restrict`, `lift_restriction`.
//! Gateways: `log_access`, `log_access_batch`, `prune_receipts`.
//! Reading: [`Pallet::record_view`], [`Pallet::records_page`], [`Pallet::receipts_page`], [`Pallet::patient_event`], and
//! [`salus_primitives::traits::Records`] for the access decision.

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
	consent::{Effect, Membership, Reason, RecordStatus, Request, Standing},
	inputs::RecordInput,
	time::{DAY, SECOND},
	traits::{Directory, Patients},
	views::{Receipt, MAX_LOCATOR},
	AccountId, Action, MemberRole, Moment, OrgId, OrgRole, PatientId, Purpose, RecordId, H256,
};
use sp_runtime::{DispatchError, SaturatedConversion};
use types::{Fingerprint, ReceiptBatch, ReceiptLog, Record, StoredReceipt, MAX_PRUNE};

/// How far ahead of the block's time a gateway's clock may be.
pub const RECEIPT_AHEAD: Moment = 600 * SECOND;
/// How old a receipt may be when it is logged.
pub const RECEIPT_BEHIND: Moment = 7 * DAY;
/// Numbers of receipts looked at for one page, since pruned ones leave gaps.
pub const MAX_PROBES: u64 = 1_000;

/// A deposit's ticket.
pub type TicketOf<T> = <T as Config>::Consideration;

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use frame_support::{pallet_prelude::*, traits::ConstU32};
	use frame_system::pallet_prelude::*;
	use salus_primitives::inputs::MAX_ANCHORS;

	/// The version of what is stored.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	/// Anchors records and keeps receipts.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What the pallet needs.
	#[pallet::config]
	pub trait Config: frame_system::Config<AccountId = AccountId, RuntimeEvent: From<Event<Self>>> {
		/// Organisations and their members.
		type Directory: Directory;

		/// Patients and what they allow.
		type Patients: Patients;

		/// The block's time.
		type Time: UnixTime;

		/// What is asked for storage.
		type Consideration: Consideration<AccountId, Footprint>;

		/// How long after the decision a receipt is kept, in milliseconds.
		#[pallet::constant]
		type ReceiptRetention: Get<Moment>;

		/// Weights of the calls.
		type WeightInfo: WeightInfo;

		/// Arranges members and patients for benchmarks.
		#[cfg(any(test, feature = "runtime-benchmarks"))]
		type BenchmarkHelper: benchmarking::BenchmarkHelper;
	}

	/// Why balance is held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// For a record, a receipt or a batch of receipts.
		#[codec(index = 0)]
		Storage,
	}

	/// Records, by patient. Both keys are chosen by users.
	#[pallet::storage]
	pub type Records<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, PatientId, Blake2_128Concat, RecordId, Record<TicketOf<T>>>;

	/// Receipts, by patient and number.
	#[pallet::storage]
	pub type Receipts<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, PatientId, Twox64Concat, u64, StoredReceipt<TicketOf<T>>>;

	/// The next receipt's number and the latest fingerprints, by patient.
	#[pallet::storage]
	pub type ReceiptLogs<T: Config> = StorageMap<_, Blake2_128Concat, PatientId, ReceiptLog, ValueQuery>;

	/// Batches of receipts, by organisation and number.
	#[pallet::storage]
	pub type ReceiptBatches<T: Config> =
		StorageDoubleMap<_, Twox64Concat, OrgId, Twox64Concat, u64, ReceiptBatch<TicketOf<T>>>;

	/// The next batch's number, by organisation.
	#[pallet::storage]
	pub type BatchCounts<T: Config> = StorageMap<_, Twox64Concat, OrgId, u64, ValueQuery>;

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A record was anchored, at version 1.
		RecordAnchored {
			/// Whose.
			patient: PatientId,
			/// The record.
			record: RecordId,
			/// Who keeps it; `None` is the patient.
			custodian: Option<OrgId>,
			/// Who anchored it.
			author: AccountId,
			/// Commitment to the ciphertext.
			commitment: H256,
		},
		/// A record was amended.
		RecordAmended {
			/// Whose.
			patient: PatientId,
			/// The record.
			record: RecordId,
			/// Its version now.
			version: u32,
			/// Who amended it.
			by: AccountId,
			/// The commitment that was replaced.
			replaced: H256,
			/// The commitment now.
			commitment: H256,
		},
		/// A record was restricted, freed, entered in error or shredded.
		RecordStatusChanged {
			/// Whose.
			patient: PatientId,
			/// The record.
			record: RecordId,
			/// Its status now.
			status: RecordStatus,
		},
		/// A gateway reported a request and the decision about it.
		AccessLogged {
			/// Whose record was asked for.
			patient: PatientId,
			/// The receipt's number.
			index: u64,
			/// The gateway's organisation.
			org: OrgId,
			/// Who asked.
			actor: AccountId,
			/// For which record.
			record: RecordId,
			/// Given or refused.
			effect: Effect,
			/// Why.
			reason: Reason,
		},
		/// A gateway reported many requests by the root of their receipts.
		AccessBatchLogged {
			/// The gateway's organisation.
			org: OrgId,
			/// The batch's number.
			index: u64,
			/// Root of the tree over the receipts.
			root: H256,
			/// Its leaves.
			count: u32,
			/// When the first was decided.
			from: Moment,
			/// When the last was decided.
			to: Moment,
		},
		/// An organisation removed receipts of its own after the retention period.
		ReceiptsPruned {
			/// Whose.
			patient: PatientId,
			/// The organisation.
			org: OrgId,
			/// The first number looked at.
			from_index: u64,
			/// Receipts removed.
			count: u32,
		},
	}

	/// Why a call was refused.
	#[pallet::error]
	pub enum Error<T> {
		/// There is no such patient.
		UnknownPatient,
		/// The patient has no such record.
		NotFound,
		/// The patient has such a record already, or had.
		AlreadyExists,
		/// The signer is not a member in standing of the organisation that may do this, lacks the role, or is not the
		/// patient.
		NotAuthorized,
		/// The signer's organisation is accredited neither as provider nor as dispenser.
		NotAccredited,
		/// No care relationship is open, and the patient's consents do not permit to collect this record.
		NotPermitted,
		/// The labels were not blinded with the patient's present label key.
		WrongLabelEpoch,
		/// A period ends before it begins.
		InvertedPeriod,
		/// The locator is empty or has characters other than printable ASCII.
		InvalidLocator,
		/// The record's status does not allow this.
		WrongStatus,
		/// The record's versions are used up.
		TooManyVersions,
		/// The receipt contradicts itself: its reason belongs to the other effect, or needs a consent that is not named, or
		/// a rule is named of no consent.
		InvalidReceipt,
		/// The receipt names a version that the record never had.
		UnknownVersion,
		/// The receipt or batch is from later than the block's time and the tolerance.
		InFuture,
		/// The receipt or batch is too old to be logged.
		Expired,
		/// The same request for the same record was logged already.
		Replayed,
		/// Nothing was given to do.
		Empty,
		/// More than one call may take.
		TooMany,
		/// None of the receipts in the range is the organisation's and past its retention.
		NothingToPrune,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Anchors a record.
		///
		/// # Dispatch Origin
		/// Signed: the patient's controller, whose own record it becomes; or a member in standing of an organisation
		/// that is accredited as provider or dispenser, which becomes the custodian.
		///
		/// # Details
		/// An organisation needs an open care relationship or, for this very record, a permit to `collect` for
		/// treatment. The weight of decisions that were not needed is refunded.
		///
		/// # Parameters
		/// - `patient`: whose record it is.
		/// - `record`: its facts, commitment and locator.
		///
		/// # Errors
		/// `UnknownPatient`, `NotAuthorized`, `NotAccredited`, `NotPermitted`, `AlreadyExists`, `WrongLabelEpoch`,
		/// `InvertedPeriod`, `InvalidLocator`; what the deposit refuses.
		///
		/// # Events
		/// [`Event::RecordAnchored`].
		///
		/// # Deposit
		/// For a record at its greatest length, held from the signer until the record is shredded; a smaller part stays.
		///
		/// # Complexity
		/// Constant, and one access decision.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::anchor().saturating_add(Pallet::<T>::anchoring_weight(true, 1)))]
		pub fn anchor(origin: OriginFor<T>, patient: PatientId, record: RecordInput) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			let spent = Self::do_anchor(who, patient, [record].into_iter())?;
			Ok(Some(T::WeightInfo::anchor().saturating_add(spent)).into())
		}

		/// Anchors up to 64 records of one patient, all or none.
		///
		/// # Dispatch Origin
		/// As for `anchor`.
		///
		/// # Details
		/// Who signs, the patient and the care relationship are read once. Without a care relationship each record
		/// needs its own permit. The patient's revision counts the batch as one change.
		///
		/// # Parameters
		/// - `patient`: whose records they are.
		/// - `records`: not empty, no identifier twice.
		///
		/// # Errors
		/// As for `anchor`; `Empty`.
		///
		/// # Events
		/// [`Event::RecordAnchored`] for each, in the order given.
		///
		/// # Deposit
		/// As for `anchor`, for each.
		///
		/// # Complexity
		/// Linear in the number of records; as many access decisions, over consents that are read once.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::anchor_many(records.len() as u32)
			.saturating_add(Pallet::<T>::anchoring_weight(true, records.len() as u32)))]
		pub fn anchor_many(
			origin: OriginFor<T>,
			patient: PatientId,
			records: BoundedVec<RecordInput, ConstU32<MAX_ANCHORS>>,
		) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			let count = records.len() as u32;
			ensure!(count > 0, Error::<T>::Empty);
			let spent = Self::do_anchor(who, patient, records.into_iter())?;
			Ok(Some(T::WeightInfo::anchor_many(count).saturating_add(spent)).into())
		}

		/// Replaces what a record says by its next version.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing of the record's custodian; the patient's controller for an own record.
		///
		/// # Details
		/// Everything but custodian and author is replaced, and the version grows by one. A restricted record stays
		/// restricted; any other becomes `Amended`. No care relationship is needed.
		///
		/// # Parameters
		/// - `patient`: whose record it is.
		/// - `record`: the new version, under the same identifier.
		///
		/// # Errors
		/// `NotFound`, `NotAuthorized`, `UnknownPatient`, `WrongStatus` (entered in error or shredded),
		/// `WrongLabelEpoch`, `InvertedPeriod`, `InvalidLocator`, `TooManyVersions`.
		///
		/// # Events
		/// [`Event::RecordAmended`], with the commitment that was replaced.
		///
		/// # Deposit
		/// Unchanged.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::amend()
			.saturating_add(Pallet::<T>::keeper_weight())
			.saturating_add(T::Patients::controller_weight())
			.saturating_add(T::Patients::touch_weight()))]
		pub fn amend(origin: OriginFor<T>, patient: PatientId, record: RecordInput) -> DispatchResult {
			let who = ensure_signed(origin)?;
			let mut stored = Records::<T>::get(patient, record.id).ok_or(Error::<T>::NotFound)?;
			Self::ensure_keeper(&who, &patient, &stored, Self::now())?;
			ensure!(
				!matches!(stored.status, RecordStatus::EnteredInError | RecordStatus::Shredded),
				Error::<T>::WrongStatus
			);
			let epoch = T::Patients::label_epoch(&patient).ok_or(Error::<T>::UnknownPatient)?;
			Self::ensure_valid(&record, epoch)?;
			let version = stored.version.checked_add(1).ok_or(Error::<T>::TooManyVersions)?;

			let (id, replaced, commitment) = (record.id, stored.commitment, record.commitment);
			let restricted = stored.status == RecordStatus::Restricted;
			stored = Record { version, ..Record::new(record, stored.custodian, stored.author, stored.ticket) };
			stored.status = if restricted { RecordStatus::Restricted } else { stored.unrestricted_status() };
			Records::<T>::insert(patient, id, stored);
			T::Patients::touch(&patient)?;
			Self::deposit_event(Event::RecordAmended { patient, record: id, version, by: who, replaced, commitment });
			Ok(())
		}

		/// Keeps a record from everybody but the patient.
		///
		/// # Dispatch Origin
		/// Signed: the patient's controller.
		///
		/// # Details
		/// Consents do not open a restricted record, not even in an emergency.
		///
		/// # Parameters
		/// - `patient`: whose record it is.
		/// - `record`: the record.
		///
		/// # Errors
		/// `UnknownPatient`, `NotAuthorized`, `NotFound`, `WrongStatus` (unless `Active` or `Amended`).
		///
		/// # Events
		/// [`Event::RecordStatusChanged`].
		///
		/// # Deposit
		/// Unchanged.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::restrict()
			.saturating_add(T::Patients::controller_weight())
			.saturating_add(T::Patients::touch_weight()))]
		pub fn restrict(origin: OriginFor<T>, patient: PatientId, record: RecordId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::ensure_patient(&who, &patient, Self::now())?;
			Self::change_status(patient, record, |stored| {
				ensure!(matches!(stored.status, RecordStatus::Active | RecordStatus::Amended), Error::<T>::WrongStatus);
				Ok(RecordStatus::Restricted)
			})
		}

		/// Ends a record's restriction.
		///
		/// # Dispatch Origin
		/// Signed: the patient's controller.
		///
		/// # Details
		/// The record is `Active` again at its first version, `Amended` at a later one, also if it was amended while
		/// restricted.
		///
		/// # Parameters
		/// - `patient`: whose record it is.
		/// - `record`: the record.
		///
		/// # Errors
		/// `UnknownPatient`, `NotAuthorized`, `NotFound`, `WrongStatus` (unless restricted).
		///
		/// # Events
		/// [`Event::RecordStatusChanged`].
		///
		/// # Deposit
		/// Unchanged.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::lift_restriction()
			.saturating_add(T::Patients::controller_weight())
			.saturating_add(T::Patients::touch_weight()))]
		pub fn lift_restriction(origin: OriginFor<T>, patient: PatientId, record: RecordId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::ensure_patient(&who, &patient, Self::now())?;
			Self::change_status(patient, record, |stored| {
				ensure!(stored.status == RecordStatus::Restricted, Error::<T>::WrongStatus);
				Ok(stored.unrestricted_status())
			})
		}

		/// Marks a record as one that should never have been.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing of the record's custodian; the patient's controller for an own record.
		///
		/// # Details
		/// Nobody is given it any more. It cannot be taken back; the record can still be shredded.
		///
		/// # Parameters
		/// - `patient`: whose record it is.
		/// - `record`: the record.
		///
		/// # Errors
		/// `NotFound`, `NotAuthorized`, `UnknownPatient`, `WrongStatus` (already in error, or shredded).
		///
		/// # Events
		/// [`Event::RecordStatusChanged`].
		///
		/// # Deposit
		/// Unchanged.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::enter_in_error()
			.saturating_add(Pallet::<T>::keeper_weight())
			.saturating_add(T::Patients::touch_weight()))]
		pub fn enter_in_error(origin: OriginFor<T>, patient: PatientId, record: RecordId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::change_status(patient, record, |stored| {
				Self::ensure_keeper(&who, &patient, stored, Self::now())?;
				ensure!(
					!matches!(stored.status, RecordStatus::EnteredInError | RecordStatus::Shredded),
					Error::<T>::WrongStatus
				);
				Ok(RecordStatus::EnteredInError)
			})
		}

		/// Leaves a record's tombstone, its data key and ciphertext being destroyed.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing of the record's custodian; the patient's controller for an own record.
		///
		/// # Details
		/// Final. Locator, labels and episode are removed; type, confidentiality, months, version and commitment stay, of
		/// which the commitment says nothing without the destroyed key.
		///
		/// # Parameters
		/// - `patient`: whose record it is.
		/// - `record`: the record.
		///
		/// # Errors
		/// `NotFound`, `NotAuthorized`, `UnknownPatient`, `WrongStatus` (already shredded).
		///
		/// # Events
		/// [`Event::RecordStatusChanged`].
		///
		/// # Deposit
		/// The author's shrinks to what a tombstone needs.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::shred()
			.saturating_add(Pallet::<T>::keeper_weight())
			.saturating_add(T::Patients::touch_weight()))]
		pub fn shred(origin: OriginFor<T>, patient: PatientId, record: RecordId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::change_status(patient, record, |stored| {
				Self::ensure_keeper(&who, &patient, stored, Self::now())?;
				ensure!(stored.status != RecordStatus::Shredded, Error::<T>::WrongStatus);
				stored.ticket = stored.ticket.clone().update(&stored.author, Self::tombstone_footprint())?;
				stored.locator = Default::default();
				stored.labels = 0;
				stored.episode = None;
				Ok(RecordStatus::Shredded)
			})
		}

		/// Stores the receipt of one request.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing, with role `Gateway`, of the record's custodian; for a patient's own record, of
		/// any provider.
		///
		/// # Details
		/// Records of any status take receipts: that a shredded record was asked for and refused is worth knowing. The
		/// patient's revision does not grow.
		///
		/// # Parameters
		/// - `patient`: whose record was asked for.
		/// - `receipt`: who asked for what, and what was decided.
		///
		/// # Errors
		/// `NotFound`, `NotAuthorized`, `InvalidReceipt`, `UnknownVersion`, `InFuture` (by more than
		/// [`RECEIPT_AHEAD`]), `Expired` (older than [`RECEIPT_BEHIND`]), `Replayed`; what the deposit refuses.
		///
		/// # Events
		/// [`Event::AccessLogged`].
		///
		/// # Deposit
		/// For the receipt, held from the signer until it is pruned.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::log_access().saturating_add(T::Directory::standing_weight()))]
		pub fn log_access(origin: OriginFor<T>, patient: PatientId, receipt: Receipt) -> DispatchResult {
			let who = ensure_signed(origin)?;
			let now = Self::now();
			let org = Self::gateway(&who, now)?;
			let record = Records::<T>::get(patient, receipt.record).ok_or(Error::<T>::NotFound)?;
			let may_report = match record.custodian {
				Some(custodian) => custodian == org.org,
				None => org.org_roles.contains(OrgRole::Provider),
			};
			ensure!(may_report, Error::<T>::NotAuthorized);
			ensure!(types::is_consistent(&receipt), Error::<T>::InvalidReceipt);
			ensure!((1..=record.version).contains(&receipt.version), Error::<T>::UnknownVersion);
			Self::ensure_recent(receipt.at, now)?;

			let index = ReceiptLogs::<T>::try_mutate(patient, |log| {
				log.admit(Self::fingerprint(&receipt)).ok_or(Error::<T>::Replayed)
			})?;
			let ticket = T::Consideration::new(&who, Self::receipt_footprint())?;
			let event = Event::AccessLogged {
				patient,
				index,
				org: org.org,
				actor: receipt.actor.clone(),
				record: receipt.record,
				effect: receipt.effect,
				reason: receipt.reason,
			};
			let stored = StoredReceipt { org: org.org, gateway: who, block: Self::block(), receipt, ticket };
			Receipts::<T>::insert(patient, index, stored);
			Self::deposit_event(event);
			Ok(())
		}

		/// Stores the root of a batch of receipts.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing with role `Gateway`.
		///
		/// # Details
		/// The gateway keeps the receipts and proves each against the root. Batches stay.
		///
		/// # Parameters
		/// - `root`: of the Merkle tree over the receipts.
		/// - `count`: its leaves, at least one.
		/// - `from`, `to`: when the first and the last were decided.
		///
		/// # Errors
		/// `NotAuthorized`, `Empty`, `InvertedPeriod`, and, of `to`, `InFuture` and `Expired` as for `log_access`; what
		/// the deposit refuses.
		///
		/// # Events
		/// [`Event::AccessBatchLogged`].
		///
		/// # Deposit
		/// For the batch, held from the signer.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::log_access_batch().saturating_add(T::Directory::standing_weight()))]
		pub fn log_access_batch(
			origin: OriginFor<T>,
			root: H256,
			count: u32,
			from: Moment,
			to: Moment,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			let now = Self::now();
			let org = Self::gateway(&who, now)?.org;
			ensure!(count > 0, Error::<T>::Empty);
			ensure!(from <= to, Error::<T>::InvertedPeriod);
			Self::ensure_recent(to, now)?;

			let index = BatchCounts::<T>::get(org);
			let next = index.checked_add(1).ok_or(Error::<T>::TooMany)?;
			let ticket = T::Consideration::new(&who, Self::batch_footprint())?;
			let batch = ReceiptBatch { root, count, from, to, gateway: who, block: Self::block(), ticket };
			ReceiptBatches::<T>::insert(org, index, batch);
			BatchCounts::<T>::insert(org, next);
			Self::deposit_event(Event::AccessBatchLogged { org, index, root, count, from, to });
			Ok(())
		}

		/// Removes receipts of the signer's organisation that are past their retention.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing with role `Gateway`.
		///
		/// # Details
		/// Receipts of other organisations, younger ones and those that are gone already are passed over. The retention
		/// counts from when the gateway decided.
		///
		/// # Parameters
		/// - `patient`: whose receipts.
		/// - `from_index`: the first number to look at.
		/// - `count`: how many numbers to look at, at most [`MAX_PRUNE`].
		///
		/// # Errors
		/// `NotAuthorized`, `Empty`, `TooMany`, `NothingToPrune`.
		///
		/// # Events
		/// [`Event::ReceiptsPruned`].
		///
		/// # Deposit
		/// Returned for each receipt, to the account that logged it.
		///
		/// # Complexity
		/// Linear in `count`.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::prune_receipts(*count).saturating_add(T::Directory::standing_weight()))]
		pub fn prune_receipts(origin: OriginFor<T>, patient: PatientId, from_index: u64, count: u32) -> DispatchResult {
			let who = ensure_signed(origin)?;
			let now = Self::now();
			let org = Self::gateway(&who, now)?.org;
			ensure!(count > 0, Error::<T>::Empty);
			ensure!(count <= MAX_PRUNE, Error::<T>::TooMany);

			let mut removed = 0;
			for index in from_index..from_index.saturating_add(count.into()) {
				let Some(stored) = Receipts::<T>::get(patient, index) else { continue };
				let kept_until = stored.receipt.at.saturating_add(T::ReceiptRetention::get());
				if stored.org != org || now < kept_until {
					continue;
				}
				stored.ticket.drop(&stored.gateway)?;
				Receipts::<T>::remove(patient, index);
				removed += 1;
			}
			ensure!(removed > 0, Error::<T>::NothingToPrune);
			Self::deposit_event(Event::ReceiptsPruned { patient, org, from_index, count: removed });
			Ok(())
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

/// Checks, and what calls share.
impl<T: Config> Pallet<T> {
	fn now() -> Moment {
		T::Time::now().as_millis().saturated_into()
	}

	fn block() -> u32 {
		frame_system::Pallet::<T>::block_number().saturated_into()
	}

	/// Membership of an account in standing.
	fn member(who: &AccountId, now: Moment) -> Result<Membership, Error<T>> {
		match T::Directory::standing(who, now) {
			Standing::Active(member) if member.until.is_none_or(|until| now < until) => Ok(member),
			_ => Err(Error::NotAuthorized),
		}
	}

	/// Membership of an account in standing that is a gateway's.
	fn gateway(who: &AccountId, now: Moment) -> Result<Membership, Error<T>> {
		let member = Self::member(who, now)?;
		ensure!(member.roles.contains(MemberRole::Gateway), Error::NotAuthorized);
		Ok(member)
	}

	fn ensure_patient(who: &AccountId, patient: &PatientId, now: Moment) -> Result<(), Error<T>> {
		let controller = T::Patients::controller(patient, now).ok_or(Error::UnknownPatient)?;
		ensure!(controller == *who, Error::NotAuthorized);
		Ok(())
	}

	fn ensure_keeper(
		who: &AccountId,
		patient: &PatientId,
		record: &Record<TicketOf<T>>,
		now: Moment,
	) -> Result<(), Error<T>> {
		match record.custodian {
			Some(org) => {
				ensure!(Self::member(who, now)?.org == org, Error::NotAuthorized);
				Ok(())
			}
			None => Self::ensure_patient(who, patient, now),
		}
	}

	fn ensure_valid(record: &RecordInput, label_epoch: u32) -> Result<(), Error<T>> {
		ensure!(record.label_epoch == label_epoch, Error::WrongLabelEpoch);
		ensure!(record.data_from <= record.data_to, Error::InvertedPeriod);
		ensure!(valid_locator(&record.locator), Error::InvalidLocator);
		Ok(())
	}

	/// Whether a gateway decided this neither after now nor too long ago.
	fn ensure_recent(at: Moment, now: Moment) -> Result<(), Error<T>> {
		ensure!(at <= now.saturating_add(RECEIPT_AHEAD), Error::InFuture);
		ensure!(at >= now.saturating_sub(RECEIPT_BEHIND), Error::Expired);
		Ok(())
	}

	/// Tells a signed request for a record from every other.
	fn fingerprint(receipt: &Receipt) -> Fingerprint {
		let mut bytes = [0; 64];
		bytes[..32].copy_from_slice(&receipt.record.0);
		bytes[32..].copy_from_slice(receipt.request.as_bytes());
		sp_io::hashing::blake2_128(&bytes)
	}

	/// Anchors records and tells what that really cost the capability traits.
	fn do_anchor(
		who: AccountId,
		patient: PatientId,
		inputs: impl Iterator<Item = RecordInput>,
	) -> Result<Weight, DispatchError> {
		let now = Self::now();
		let controller = T::Patients::controller(&patient, now).ok_or(Error::<T>::UnknownPatient)?;
		let label_epoch = T::Patients::label_epoch(&patient).ok_or(Error::<T>::UnknownPatient)?;
		let custodian = if controller == who {
			None
		} else {
			let member = Self::member(&who, now)?;
			ensure!(
				member.org_roles.contains(OrgRole::Provider) || member.org_roles.contains(OrgRole::Dispenser),
				Error::<T>::NotAccredited
			);
			Some(member.org)
		};
		let permit_needed = custodian.is_some_and(|org| !T::Patients::in_care(&patient, org, now));

		let mut decisions = 0;
		for input in inputs {
			let (record, commitment) = (input.id, input.commitment);
			Self::ensure_valid(&input, label_epoch)?;
			ensure!(!Records::<T>::contains_key(patient, record), Error::<T>::AlreadyExists);
			let anchored = Record::new(input, custodian, who.clone(), ());
			if permit_needed {
				let request = Request {
					actor: who.clone(),
					purpose: Purpose::Treat,
					action: Action::Collect,
					resource: anchored.resource(record, Some(label_epoch)),
				};
				decisions += 1;
				let decision = T::Patients::decide(&patient, &request, anchored.status, now);
				ensure!(decision.is_permit(), Error::<T>::NotPermitted);
			}
			let ticket = T::Consideration::new(&who, Self::record_footprint())?;
			Records::<T>::insert(patient, record, anchored.with_ticket(ticket));
			Self::deposit_event(Event::RecordAnchored { patient, record, custodian, author: who.clone(), commitment });
		}
		T::Patients::touch(&patient)?;

		Ok(Self::anchoring_weight(custodian.is_some(), decisions))
	}

	/// Changes a record and its status as `change` says, or leaves everything as it was.
	fn change_status(
		patient: PatientId,
		record: RecordId,
		change: impl FnOnce(&mut Record<TicketOf<T>>) -> Result<RecordStatus, DispatchError>,
	) -> DispatchResult {
		let status = Records::<T>::try_mutate(patient, record, |stored| {
			let stored = stored.as_mut().ok_or(Error::<T>::NotFound)?;
			stored.status = change(stored)?;
			Ok::<_, DispatchError>(stored.status)
		})?;
		T::Patients::touch(&patient)?;
		Self::deposit_event(Event::RecordStatusChanged { patient, record, status });
		Ok(())
	}
}

/// Whether a locator can be: not empty, printable ASCII without spaces.
pub fn valid_locator(locator: &[u8]) -> bool {
	!locator.is_empty() && locator.iter().all(u8::is_ascii_graphic)
}

/// Weights that calls are composed of.
impl<T: Config> Pallet<T> {
	/// What anchoring asks of the capability traits, for an organisation or the patient, with so many decisions.
	///
	/// The decisions are about one patient and one actor, so they read the same entries and the proof holds these once.
	fn anchoring_weight(by_organisation: bool, decisions: u32) -> Weight {
		// The label epoch is a fact of the same entry as the controller, at the same price.
		let mut weight = T::Patients::controller_weight().saturating_mul(2).saturating_add(T::Patients::touch_weight());
		if by_organisation {
			weight.saturating_accrue(T::Directory::standing_weight().saturating_add(T::Patients::in_care_weight()));
		}
		if decisions > 0 {
			let decide = T::Patients::decide_weight();
			let again = Weight::from_parts(decide.ref_time(), 0).saturating_mul(u64::from(decisions) - 1);
			weight.saturating_accrue(decide.saturating_add(again));
		}
		weight
	}

	/// Telling whether the signer keeps a record.
	fn keeper_weight() -> Weight {
		T::Directory::standing_weight().max(T::Patients::controller_weight())
	}
}

/// What deposits are asked for.
impl<T: Config> Pallet<T> {
	/// A record, at its greatest length.
	pub fn record_footprint() -> Footprint {
		Footprint::from_mel::<Record<TicketOf<T>>>()
	}

	/// What is left of a shredded record: without locator and episode.
	pub fn tombstone_footprint() -> Footprint {
		let record = Self::record_footprint();
		let removed = u64::from(MAX_LOCATOR) + 16;
		Footprint { size: record.size.saturating_sub(removed), ..record }
	}

	/// A receipt.
	pub fn receipt_footprint() -> Footprint {
		Footprint::from_mel::<StoredReceipt<TicketOf<T>>>()
	}

	/// A batch of receipts.
	pub fn batch_footprint() -> Footprint {
		Footprint::from_mel::<ReceiptBatch<TicketOf<T>>>()
	}
}
