//! # Health records
//!
//! Anchors of patients' records, receipts of who was given or refused them, and streams of what patients' devices measure.
//! The data itself stays encrypted and off chain: what is stored here are codes, blinded labels, months, salted
//! commitments, opaque locators and peaks.
//!
//! ## Terminology
//!
//! - *Record*: resources of one patient, of one FHIR type, label set and encounter, encrypted as one object.
//! - *Anchor*: what the chain knows of a record.
//! - *Custodian*: the organisation that keeps the ciphertext and the data key. A record without one is the patient's.
//! - *Author*: the account that anchored a record, and that its deposit belongs to.
//! - *The patient*: whoever may do everything the patient may, which a guardian in authority with full scope may, too.
//! - *Keeper*: who may change a record: every member in standing of its custodian, or the patient of an own record.
//! - *Commitment*: salted hash of the ciphertext. The salt comes from the data key and goes with it.
//! - *Blinded labels*: a patient's sensitivity labels, permuted by the patient's label key. The *label epoch* counts
//!   these keys.
//! - *Receipt*: a gateway's report of one request and the decision about it.
//! - *Gateway*: a member with the role of the same name, whose account the custodian's service signs with.
//! - *Stream*: a growing row of batches of samples of one patient and device, of which the chain keeps the peaks
//!   ([`salus_primitives::stream`]).
//! - *Writer*: an account that the patient named when opening a stream, which may append to it: a device's, a gateway's.
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
//! 7. A record moves to another custodian when three agree: the custodian offers it, the patient approves of this very
//!    organisation, and the organisation accepts once it holds ciphertext and data key, saying where. Any of the three
//!    can end the offer; an amendment ends it too, since what may have been handed over is another version, and so do
//!    entering in error and shredding.
//! 8. Whenever a gateway gives or refuses a record, it logs a receipt, or the root of a batch of them, for the patient to
//!    list. After the retention period the organisation may prune its receipts. After a record has moved, a gateway
//!    reports what it decided before in a batch.
//!
//! ## The life of a stream
//!
//! 1. The patient opens it and may name a writer; or a member of an organisation opens it, by a care relationship or a
//!    consent to `collect`, and any member of that organisation appends. It never changes hands.
//! 2. Who may, appends batches in the order of time. The right is asked for anew at every call: a device's own account
//!    needs to be the writer, and a member's organisation the care relationship or the consent, also where the patient
//!    named that very member. Besides, a batch names the patient's revision that it was made under, which must be the
//!    present one: whatever the patient withdraws, no batch from before comes in afterwards, whoever sends it and however
//!    late, and the revision stands in the leaf for good.
//! 3. The patient, the writer or the organisation closes it. Its peaks stay, so that its samples can still be proved.
//!
//! What a stream measures is not told: a glucose meter beside a pseudonym is a disease. A file that is read as a whole, as a
//! genome, is no stream but a record.
//!
//! ## Data structures
//!
//! - [`CarePlans`]: patient → [`types::CarePlan`]: the rules that stand.
//! - [`Streams`]: patient and stream → [`types::Stream`].
//! - [`Records`]: patient and record → [`types::Record`].
//! - [`CustodyOffers`]: patient and record → [`types::CustodyOffer`]: a record's only one, while there is one.
//! - [`Receipts`]: patient and number → [`types::StoredReceipt`]; [`ReceiptLogs`]: patient → the next number and the
//!   fingerprints of the latest receipts.
//! - [`ReceiptBatches`]: organisation and number → [`types::ReceiptBatch`]; [`BatchCounts`]: organisation → next number.
//!   The root is that of [`salus_primitives::merkle`] over [`salus_primitives::receipts::ReceiptLeaf`]s.
//!
//! Every call writes at most two of the maps, the patient's revision among them, besides deposits; a call that also ends
//! an offer writes a third.
//!
//! **Deposits.** A ticket lies beside the value it pays for and belongs to the account that wrote the value. A record is
//! charged at its greatest length whatever its locator, so that an amendment by one member of a custodian never touches
//! the deposit of another. Shredding returns what a tombstone does not need; the rest stays for good, as the tombstone
//! does. A record that moves keeps its author and the author's deposit: who wrote it is a fact that consents may name. The
//! deposits of an offer, a receipt and a batch return to who made it when it ends or is pruned. Counters and fingerprints
//! are one bounded entry of a patient or an organisation that only accredited gateways can cause: not charged. A stream is
//! charged at its greatest length to who opens it, so that appending costs no deposit; closing returns what its peaks do
//! not need, and the rest stays for good, as they do.
//!
//! A care plan rule is charged to who sets it, until it is ended or makes place for another after its time.
//!
//! **The revision.** Every change to a record counts up the patient's revision. A receipt does not: no decision depends on
//! it, and reading would otherwise make every patient's entry contended. Neither does an offer, until it is accepted, nor
//! anything about a stream, or no two of a patient's devices could append at once, nor a care plan: whether somebody is
//! alerted is decided by consents.
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
//! Keepers: `anchor`, `anchor_many`, `amend`, `enter_in_error`, `shred`, `offer_custody`, `accept_custody`. The patient:
//! `restrict`, `lift_restriction`, `approve_custody`. Any of them: `withdraw_offer`. Streams: `open_stream`,
//! `append_stream`, `close_stream`. Care plans: `set_care_rule`, `end_care_rule`, and by gateways `raise_care_alert`.
//! Gateways: `log_access`, `log_access_batch`, `prune_receipts`, `prune_batch`.
//! Reading: [`Pallet::stream_view`], [`Pallet::streams_page`], [`Pallet::record_view`], [`Pallet::records_page`], [`Pallet::receipts_page`], [`Pallet::receipt_batch_view`],
//! [`Pallet::custody_offer_view`], [`Pallet::patient_event`], and [`salus_primitives::traits::Records`] for the access
//! decision.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod access;
mod anchoring;
#[cfg(any(test, feature = "runtime-benchmarks"))]
pub mod benchmarking;
mod care;
mod custody;
mod deposits;
#[cfg(test)]
mod mock;
mod receipts;
mod status;
mod streams;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "try-runtime"))]
mod try_state;
pub mod types;
mod views;
pub mod weights;

pub use anchoring::valid_locator;
pub use pallet::*;
pub use weights::WeightInfo;

use alloc::vec::Vec;
use frame_support::{
	dispatch::{DispatchResult, DispatchResultWithPostInfo},
	ensure,
	traits::{Consideration, Footprint, Get, UnixTime},
	weights::Weight,
};
use salus_primitives::{
	care::{CareAlert, CareAlertView, CareRuleId, CareRuleInput, CareRuleView},
	consent::{Effect, Membership, Reason, RecordStatus, Request, Standing},
	inputs::RecordInput,
	stream::{Batch, StreamInput, StreamStatus, MAX_BATCHES},
	time::{DAY, SECOND},
	traits::{Directory, Patients},
	views::{Locator, Receipt, MAX_LOCATOR},
	AccountId, Action, MemberRole, Moment, OrgId, OrgRole, OrgRoleSet, PatientId, Purpose, RecordId, StreamId, H256,
};
use sp_runtime::{DispatchError, SaturatedConversion};
use types::{
	CarePlan, CareRule, CareRules, CustodyOffer, Fingerprint, ReceiptBatch, ReceiptLog, Record, StoredReceipt, Stream,
	MAX_PRUNE,
};

/// How far ahead of the block's time a device's clock may be.
pub const SAMPLE_AHEAD: Moment = 600 * SECOND;
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
		/// For a record, an offer of one, a stream, a receipt or a batch of receipts.
		#[codec(index = 0)]
		Storage,
	}

	/// Records, by patient. Both keys are chosen by users.
	#[pallet::storage]
	pub type Records<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, PatientId, Blake2_128Concat, RecordId, Record<TicketOf<T>>>;

	/// Records that were offered to another custodian, by patient.
	#[pallet::storage]
	pub type CustodyOffers<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, PatientId, Blake2_128Concat, RecordId, CustodyOffer<TicketOf<T>>>;

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

	/// Streams, by patient. Both keys are chosen by users.
	#[pallet::storage]
	pub type Streams<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, PatientId, Blake2_128Concat, StreamId, Stream<TicketOf<T>>>;

	/// Care plans, by patient.
	#[pallet::storage]
	pub type CarePlans<T: Config> = StorageMap<_, Blake2_128Concat, PatientId, CarePlan<TicketOf<T>>, ValueQuery>;

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
		/// An organisation removed the root of a batch of its own after the retention period.
		BatchPruned {
			/// The organisation.
			org: OrgId,
			/// The batch's number.
			index: u64,
		},
		/// A custodian offered a record to another organisation.
		CustodyOffered {
			/// Whose.
			patient: PatientId,
			/// The record.
			record: RecordId,
			/// Who keeps it.
			from: OrgId,
			/// Who would keep it.
			to: OrgId,
		},
		/// The patient approved that the organisation keep the record.
		CustodyApproved {
			/// Whose.
			patient: PatientId,
			/// The record.
			record: RecordId,
			/// Who would keep it.
			to: OrgId,
		},
		/// Another organisation keeps a record.
		CustodyChanged {
			/// Whose.
			patient: PatientId,
			/// The record.
			record: RecordId,
			/// Who kept it.
			from: OrgId,
			/// Who keeps it now.
			to: OrgId,
		},
		/// An offer was taken back, refused or replaced, or is of a record that changed since.
		CustodyOfferEnded {
			/// Whose.
			patient: PatientId,
			/// The record.
			record: RecordId,
			/// Who would have kept it.
			to: OrgId,
		},
		/// A stream was opened.
		StreamOpened {
			/// Whose.
			patient: PatientId,
			/// The stream.
			stream: StreamId,
		},
		/// Batches were added to a stream.
		StreamGrown {
			/// Whose.
			patient: PatientId,
			/// The stream.
			stream: StreamId,
			/// How many it has now.
			batches: u64,
		},
		/// A stream takes no batches any more.
		StreamClosed {
			/// Whose.
			patient: PatientId,
			/// The stream.
			stream: StreamId,
		},
		/// A patient set a care plan rule.
		CareRuleSet {
			/// Whose.
			patient: PatientId,
			/// Its number among the patient's.
			rule: CareRuleId,
		},
		/// A patient ended a care plan rule.
		CareRuleEnded {
			/// Whose.
			patient: PatientId,
			/// Its number among the patient's.
			rule: CareRuleId,
		},
		/// An organisation that evaluates a rule found that samples meet it, and somebody who may see them is told.
		CareAlertRaised {
			/// Whose samples they are.
			patient: PatientId,
			/// The rule.
			rule: CareRuleId,
			/// The organisation.
			org: OrgId,
			/// Which samples, and who is told.
			alert: CareAlert,
		},
	}

	/// Why a call was refused.
	#[pallet::error]
	pub enum Error<T> {
		/// There is no such patient.
		UnknownPatient,
		/// The patient has no such record or stream.
		NotFound,
		/// The patient has such a record or stream already, or had.
		AlreadyExists,
		/// The signer is not a member in standing of the organisation that may do this, lacks the role, or is not the
		/// patient.
		NotAuthorized,
		/// The organisation that would keep the record or fill the stream is not in standing, or accredited neither as provider nor as
		/// dispenser.
		NotAccredited,
		/// No care relationship is open, and the patient's consents do not permit to collect this record or these samples;
		/// or the patient has not approved of the record's new custodian.
		NotPermitted,
		/// The labels were not blinded with the patient's present label key.
		WrongLabelEpoch,
		/// A period ends before it begins.
		InvertedPeriod,
		/// The locator is empty or has characters other than printable ASCII.
		InvalidLocator,
		/// The record's status does not allow this, or the stream is closed.
		WrongStatus,
		/// The record's versions are used up.
		TooManyVersions,
		/// The receipt contradicts itself: its reason belongs to the other effect, or needs a consent that is not named, or
		/// a rule is named of no consent.
		InvalidReceipt,
		/// The receipt names a version that the record never had.
		UnknownVersion,
		/// The receipt or batch, of receipts or samples, is from later than the block's time and the tolerance.
		InFuture,
		/// The receipt or batch is too old to be logged.
		Expired,
		/// The same request for the same record was logged already.
		Replayed,
		/// Nothing was given to do.
		Empty,
		/// More than one call may take, or than can be numbered.
		TooMany,
		/// Neither a receipt in the range nor the batch is the organisation's and past its retention.
		NothingToPrune,
		/// The organisation keeps the record already.
		SameCustodian,
		/// The record is not on offer, or not to this organisation.
		NotOffered,
		/// The batch begins before the one that came before it has ended.
		BackDated,
		/// The batch was made under another than the patient's present revision: something changed, perhaps the permission.
		StaleRevision,
		/// The patient has no such care plan rule, or no more.
		UnknownRule,
		/// The rule's time is over, or would be when it is set.
		RuleEnded,
		/// As many care plan rules stand as fit.
		TooManyRules,
		/// The rule does not tell this account.
		NotRecipient,
		/// The stream has no such batch.
		UnknownBatch,
		/// The rule has caused as many alerts today as it may.
		TooManyAlerts,
		/// The patient does not let who would be told see the samples: a consent is missing, or was withdrawn.
		Silenced,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Anchors a record.
		///
		/// # Dispatch Origin
		/// Signed: the patient, whose own record it becomes; or a member in standing of an organisation
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
		/// Signed: a member in standing of the record's custodian; the patient for an own record.
		///
		/// # Details
		/// Everything but custodian and author is replaced, and the version grows by one. A restricted record stays
		/// restricted; any other becomes `Amended`. No care relationship is needed. An offer of the record ends.
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
		/// [`Event::CustodyOfferEnded`] if it was on offer; [`Event::RecordAmended`], with the commitment that was replaced.
		///
		/// # Deposit
		/// Unchanged; an offer's returns.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::amend()
			.saturating_add(Pallet::<T>::keeper_weight())
			.saturating_add(T::Patients::lookup_weight())
			.saturating_add(T::Patients::touch_weight()))]
		pub fn amend(origin: OriginFor<T>, patient: PatientId, record: RecordInput) -> DispatchResult {
			Self::do_amend(ensure_signed(origin)?, patient, record)
		}

		/// Keeps a record from everybody but the patient.
		///
		/// # Dispatch Origin
		/// Signed: the patient.
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
			.saturating_add(Pallet::<T>::patient_weight())
			.saturating_add(T::Patients::touch_weight()))]
		pub fn restrict(origin: OriginFor<T>, patient: PatientId, record: RecordId) -> DispatchResult {
			Self::do_restrict(ensure_signed(origin)?, patient, record)
		}

		/// Ends a record's restriction.
		///
		/// # Dispatch Origin
		/// Signed: the patient.
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
			.saturating_add(Pallet::<T>::patient_weight())
			.saturating_add(T::Patients::touch_weight()))]
		pub fn lift_restriction(origin: OriginFor<T>, patient: PatientId, record: RecordId) -> DispatchResult {
			Self::do_lift_restriction(ensure_signed(origin)?, patient, record)
		}

		/// Marks a record as one that should never have been.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing of the record's custodian; the patient for an own record.
		///
		/// # Details
		/// Nobody is given it any more. It cannot be taken back; the record can still be shredded. An offer of it ends.
		///
		/// # Parameters
		/// - `patient`: whose record it is.
		/// - `record`: the record.
		///
		/// # Errors
		/// `NotFound`, `NotAuthorized`, `UnknownPatient`, `WrongStatus` (already in error, or shredded).
		///
		/// # Events
		/// [`Event::RecordStatusChanged`]; [`Event::CustodyOfferEnded`] if it was on offer.
		///
		/// # Deposit
		/// Unchanged; an offer's returns.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::enter_in_error()
			.saturating_add(Pallet::<T>::keeper_weight())
			.saturating_add(T::Patients::touch_weight()))]
		pub fn enter_in_error(origin: OriginFor<T>, patient: PatientId, record: RecordId) -> DispatchResult {
			Self::do_enter_in_error(ensure_signed(origin)?, patient, record)
		}

		/// Leaves a record's tombstone, its data key and ciphertext being destroyed.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing of the record's custodian; the patient for an own record.
		///
		/// # Details
		/// Final. Locator, labels and episode are removed; type, confidentiality, months, version and commitment stay, of
		/// which the commitment says nothing without the destroyed key. An offer of the record ends.
		///
		/// # Parameters
		/// - `patient`: whose record it is.
		/// - `record`: the record.
		///
		/// # Errors
		/// `NotFound`, `NotAuthorized`, `UnknownPatient`, `WrongStatus` (already shredded).
		///
		/// # Events
		/// [`Event::RecordStatusChanged`]; [`Event::CustodyOfferEnded`] if it was on offer.
		///
		/// # Deposit
		/// The author's shrinks to what a tombstone needs; an offer's returns.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::shred()
			.saturating_add(Pallet::<T>::keeper_weight())
			.saturating_add(T::Patients::touch_weight()))]
		pub fn shred(origin: OriginFor<T>, patient: PatientId, record: RecordId) -> DispatchResult {
			Self::do_shred(ensure_signed(origin)?, patient, record)
		}

		/// Stores the receipt of one request.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing, with role `Gateway`, of the record's custodian; for a patient's own record, of
		/// any provider.
		///
		/// # Details
		/// Records of any status take receipts: that a shredded record was asked for and refused is worth knowing. The
		/// patient's revision does not grow. A batch of a stream is reported under the stream's identifier, as the version
		/// after its number; as reporter, the organisation that opened the stream counts as custodian.
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
			Self::do_log_access(ensure_signed(origin)?, patient, receipt)
		}

		/// Stores the root of a batch of receipts.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing with role `Gateway`.
		///
		/// # Details
		/// The gateway keeps the receipts and proves each against the root. The receipts may be about records of any patient
		/// and custodian, also of one that has changed since.
		///
		/// # Parameters
		/// - `root`: of the Merkle tree over the receipts, as [`salus_primitives::merkle`] makes it.
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
		/// For the batch, held from the signer until it is pruned.
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
			Self::do_log_batch(ensure_signed(origin)?, root, count, from, to)
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
			Self::do_prune_receipts(ensure_signed(origin)?, patient, from_index, count)
		}

		/// Offers a record to another custodian.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing of the record's custodian. A patient's own record has none.
		///
		/// # Details
		/// Replaces any earlier offer of the record, and what the patient said about it. The custodian stays answerable
		/// until the offer is accepted; ciphertext and data key are handed over off chain.
		///
		/// # Parameters
		/// - `patient`: whose record it is.
		/// - `record`: the record.
		/// - `to`: another organisation in standing, accredited as provider or dispenser.
		///
		/// # Errors
		/// `NotFound`, `NotAuthorized`, `WrongStatus` (entered in error or shredded), `SameCustodian`, `NotAccredited`; what
		/// the deposit refuses.
		///
		/// # Events
		/// [`Event::CustodyOfferEnded`] of an earlier offer; [`Event::CustodyOffered`].
		///
		/// # Deposit
		/// For the offer, held from the signer until it ends. That of an earlier one returns.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::offer_custody()
			.saturating_add(T::Directory::standing_weight())
			.saturating_add(T::Directory::organisation_weight()))]
		pub fn offer_custody(origin: OriginFor<T>, patient: PatientId, record: RecordId, to: OrgId) -> DispatchResult {
			Self::do_offer(ensure_signed(origin)?, patient, record, to)
		}

		/// Approves of a record's new custodian.
		///
		/// # Dispatch Origin
		/// Signed: the patient.
		///
		/// # Details
		/// The organisation is named, so that an offer that was replaced meanwhile is not approved unseen. To approve again
		/// changes nothing.
		///
		/// # Parameters
		/// - `patient`: whose record it is.
		/// - `record`: the record.
		/// - `to`: the organisation that it was offered to.
		///
		/// # Errors
		/// `UnknownPatient`, `NotAuthorized`, `NotOffered`.
		///
		/// # Events
		/// [`Event::CustodyApproved`].
		///
		/// # Deposit
		/// Unchanged.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::approve_custody().saturating_add(Pallet::<T>::patient_weight()))]
		pub fn approve_custody(
			origin: OriginFor<T>,
			patient: PatientId,
			record: RecordId,
			to: OrgId,
		) -> DispatchResult {
			Self::do_approve(ensure_signed(origin)?, patient, record, to)
		}

		/// Takes over a record that was offered, with the patient's approval.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing of the organisation that it was offered to, which must still be accredited as
		/// provider or dispenser.
		///
		/// # Details
		/// Custodian and locator change; everything else of the record stays, its author and version among it.
		///
		/// # Parameters
		/// - `patient`: whose record it is.
		/// - `record`: the record.
		/// - `locator`: where the new custodian has put the ciphertext.
		///
		/// # Errors
		/// `NotOffered`, `NotAuthorized`, `NotAccredited`, `NotPermitted` (not approved), `InvalidLocator`.
		///
		/// # Events
		/// [`Event::CustodyChanged`].
		///
		/// # Deposit
		/// The offer's returns; the record's stays with its author.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(12)]
		#[pallet::weight(T::WeightInfo::accept_custody()
			.saturating_add(T::Directory::standing_weight())
			.saturating_add(T::Patients::touch_weight()))]
		pub fn accept_custody(
			origin: OriginFor<T>,
			patient: PatientId,
			record: RecordId,
			locator: Locator,
		) -> DispatchResult {
			Self::do_accept(ensure_signed(origin)?, patient, record, locator)
		}

		/// Takes an offer of a record back, or refuses it.
		///
		/// # Dispatch Origin
		/// Signed: the patient, or a member in standing of the record's custodian or of the organisation that it was
		/// offered to.
		///
		/// # Details
		/// Possible until the offer is accepted, also after it was approved.
		///
		/// # Parameters
		/// - `patient`: whose record it is.
		/// - `record`: the record.
		///
		/// # Errors
		/// `NotOffered`, `NotAuthorized`.
		///
		/// # Events
		/// [`Event::CustodyOfferEnded`].
		///
		/// # Deposit
		/// The offer's returns.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(13)]
		#[pallet::weight(T::WeightInfo::withdraw_offer()
			.saturating_add(T::Patients::lookup_weight())
			.saturating_add(T::Directory::standing_weight()))]
		pub fn withdraw_offer(origin: OriginFor<T>, patient: PatientId, record: RecordId) -> DispatchResult {
			Self::do_withdraw_offer(ensure_signed(origin)?, patient, record)
		}

		/// Removes the root of a batch of the signer's organisation that is past its retention.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing with role `Gateway`.
		///
		/// # Details
		/// The retention counts from when the batch's last receipt was decided. The number is not used again.
		///
		/// # Parameters
		/// - `index`: the batch's number among the organisation's.
		///
		/// # Errors
		/// `NotAuthorized`, `NothingToPrune`.
		///
		/// # Events
		/// [`Event::BatchPruned`].
		///
		/// # Deposit
		/// Returned to the account that logged the batch.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(14)]
		#[pallet::weight(T::WeightInfo::prune_batch().saturating_add(T::Directory::standing_weight()))]
		pub fn prune_batch(origin: OriginFor<T>, index: u64) -> DispatchResult {
			Self::do_prune_batch(ensure_signed(origin)?, index)
		}

		/// Opens a stream of what a device measures.
		///
		/// # Dispatch Origin
		/// Signed: the patient, whose own stream it becomes; or a member in standing of an organisation that is accredited
		/// as provider or dispenser, which becomes the custodian.
		///
		/// # Details
		/// An organisation needs an open care relationship or a permit to `collect` observations of this confidentiality for
		/// treatment; only the patient names a writer. The stream's identifier follows from patient and nonce
		/// ([`StreamId::of`]). The patient's revision does not grow. The weight of a decision that was not needed is
		/// refunded.
		///
		/// # Parameters
		/// - `patient`: whose stream it is.
		/// - `stream`: a random nonce, what carries the sensors, the confidentiality, and who may append besides.
		///
		/// # Errors
		/// `UnknownPatient`, `NotAuthorized` (also for an organisation that names a writer), `NotAccredited`, `NotPermitted`,
		/// `AlreadyExists`; what the deposit refuses.
		///
		/// # Events
		/// [`Event::StreamOpened`].
		///
		/// # Deposit
		/// For a stream with as many peaks as there can be, held from the signer until it is closed; the part for its peaks
		/// stays.
		///
		/// # Complexity
		/// Constant, and one access decision.
		#[pallet::call_index(15)]
		#[pallet::weight(T::WeightInfo::open_stream().saturating_add(Pallet::<T>::appending_weight(true, true)))]
		pub fn open_stream(
			origin: OriginFor<T>,
			patient: PatientId,
			stream: StreamInput,
		) -> DispatchResultWithPostInfo {
			let spent = Self::do_open_stream(ensure_signed(origin)?, patient, stream)?;
			Ok(Some(T::WeightInfo::open_stream().saturating_add(spent)).into())
		}

		/// Adds up to 64 batches to a stream, all or none.
		///
		/// # Dispatch Origin
		/// Signed: the patient; the stream's writer; a member in standing of its custodian.
		///
		/// # Details
		/// A custodian's member, and a writer who is a member of an organisation, need an open care relationship of that
		/// organisation or a permit to `collect` observations of the whole time of the batches; a former member appends
		/// nothing. A writer who never was a member needs no more than to be named. The patient's revision does not grow.
		/// The weight of a decision that was not needed is refunded.
		///
		/// # Parameters
		/// - `patient`: whose stream it is.
		/// - `stream`: the stream.
		/// - `batches`: not empty, in the order of time; each begins no earlier than the one before has ended, and names the
		///   patient's present revision.
		///
		/// # Errors
		/// `NotFound`, `NotAuthorized`, `WrongStatus` (closed), `NotAccredited`, `UnknownPatient`, `Empty` (no batch, or one
		/// without samples), `StaleRevision`, `InvertedPeriod`, `BackDated`, `InFuture` (by more than [`SAMPLE_AHEAD`]),
		/// `NotPermitted`, `TooMany` (the numbers are used up).
		///
		/// # Events
		/// [`Event::StreamGrown`].
		///
		/// # Deposit
		/// Unchanged.
		///
		/// # Complexity
		/// Linear in the number of batches, and one access decision.
		#[pallet::call_index(16)]
		#[pallet::weight(T::WeightInfo::append_stream(batches.len() as u32)
			.saturating_add(Pallet::<T>::appending_weight(true, true)))]
		pub fn append_stream(
			origin: OriginFor<T>,
			patient: PatientId,
			stream: StreamId,
			batches: BoundedVec<Batch, ConstU32<MAX_BATCHES>>,
		) -> DispatchResultWithPostInfo {
			let count = batches.len() as u32;
			let spent = Self::do_append_stream(ensure_signed(origin)?, patient, stream, &batches)?;
			Ok(Some(T::WeightInfo::append_stream(count).saturating_add(spent)).into())
		}

		/// Closes a stream for good.
		///
		/// # Dispatch Origin
		/// Signed: the patient; the stream's writer; a member in standing of its custodian.
		///
		/// # Details
		/// It takes no batches any more. Its peaks stay, so that its samples can still be proved.
		///
		/// # Parameters
		/// - `patient`: whose stream it is.
		/// - `stream`: the stream.
		///
		/// # Errors
		/// `NotFound`, `NotAuthorized`, `WrongStatus` (closed already).
		///
		/// # Events
		/// [`Event::StreamClosed`].
		///
		/// # Deposit
		/// That of who opened it shrinks to what its peaks need.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(17)]
		#[pallet::weight(T::WeightInfo::close_stream()
			.saturating_add(T::Patients::lookup_weight())
			.saturating_add(T::Directory::standing_weight()))]
		pub fn close_stream(origin: OriginFor<T>, patient: PatientId, stream: StreamId) -> DispatchResult {
			Self::do_close_stream(ensure_signed(origin)?, patient, stream)
		}

		/// Lets an organisation evaluate a rule over the patient's samples and alert somebody.
		///
		/// # Dispatch Origin
		/// Signed: the patient.
		///
		/// # Details
		/// The rule permits nobody to see anything: when an alert is raised, consents decide whether who would be told may.
		/// The document is handed to the organisation off chain. Rules whose time is over make place.
		///
		/// # Parameters
		/// - `patient`: whose samples are evaluated.
		/// - `rule`: the document's salted hash, who evaluates, who is told, and until when.
		///
		/// # Errors
		/// `UnknownPatient`, `NotAuthorized`, `RuleEnded` (`until` is not in the future), `NotAccredited` (the evaluating
		/// organisation), `TooManyRules`; what the deposit refuses.
		///
		/// # Events
		/// [`Event::CareRuleSet`], with the rule's number.
		///
		/// # Deposit
		/// For the rule, held from the signer until it ends. Those of rules that made place return.
		///
		/// # Complexity
		/// Linear in the rules of the patient, at most [`salus_primitives::care::MAX_CARE_RULES`].
		#[pallet::call_index(40)]
		#[pallet::weight(T::WeightInfo::set_care_rule()
			.saturating_add(Pallet::<T>::patient_weight())
			.saturating_add(T::Directory::organisation_weight()))]
		pub fn set_care_rule(origin: OriginFor<T>, patient: PatientId, rule: CareRuleInput) -> DispatchResult {
			Self::do_set_care_rule(ensure_signed(origin)?, patient, rule)
		}

		/// Ends a rule: nobody is alerted under it any more.
		///
		/// # Dispatch Origin
		/// Signed: the patient.
		///
		/// # Details
		/// Possible after the rule's time, too, for the deposit.
		///
		/// # Parameters
		/// - `patient`: whose rule it is.
		/// - `rule`: its number.
		///
		/// # Errors
		/// `UnknownPatient`, `NotAuthorized`, `UnknownRule`.
		///
		/// # Events
		/// [`Event::CareRuleEnded`].
		///
		/// # Deposit
		/// The rule's returns to who set it.
		///
		/// # Complexity
		/// Linear in the rules of the patient.
		#[pallet::call_index(41)]
		#[pallet::weight(T::WeightInfo::end_care_rule().saturating_add(Pallet::<T>::patient_weight()))]
		pub fn end_care_rule(origin: OriginFor<T>, patient: PatientId, rule: CareRuleId) -> DispatchResult {
			Self::do_end_care_rule(ensure_signed(origin)?, patient, rule)
		}

		/// Tells a clinician that samples meet a rule of the patient's care plan.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing, with role `Gateway`, of the organisation that evaluates the rule.
		///
		/// # Details
		/// The access decision is made for who would be told, at this moment: to access samples as new as the stream's latest,
		/// kept by the evaluating organisation, for treatment. A consent that was withdrawn silences the alert. What is told
		/// are identifiers and a commitment; the clinician reads the samples at the gateway, which decides again.
		///
		/// # Parameters
		/// - `patient`: whose samples they are.
		/// - `rule`: the rule's number.
		/// - `alert`: the stream and batch, who is told, and a salted hash of what was found.
		///
		/// # Errors
		/// `NotAuthorized`, `UnknownRule`, `RuleEnded`, `NotRecipient`, `NotFound` (no such stream), `UnknownBatch`,
		/// `TooManyAlerts` (more than [`salus_primitives::care::MAX_ALERTS_PER_DAY`] of the rule in a day), `Silenced`.
		///
		/// # Events
		/// [`Event::CareAlertRaised`].
		///
		/// # Deposit
		/// None.
		///
		/// # Complexity
		/// Linear in the rules of the patient, and one access decision.
		#[pallet::call_index(42)]
		#[pallet::weight(T::WeightInfo::raise_care_alert()
			.saturating_add(T::Directory::standing_weight().saturating_mul(2))
			.saturating_add(T::Patients::decide_weight()))]
		pub fn raise_care_alert(
			origin: OriginFor<T>,
			patient: PatientId,
			rule: CareRuleId,
			alert: CareAlert,
		) -> DispatchResult {
			Self::do_raise_care_alert(ensure_signed(origin)?, patient, rule, alert)
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
