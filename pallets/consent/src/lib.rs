//! # Consent
//!
//! Patients and who acts for them, their care relationships, their consents, emergency access, and the answer to the
//! one question that everything else asks: may this actor do this with that data, for this purpose, now?
//!
//! ## Terminology
//!
//! - *Patient*: a random pseudonym of 32 bytes. Nothing about a person can be derived from it.
//! - *Controller*: the account that acts as the patient.
//! - *Minor*: a patient whose majority is yet to come. Until then nobody acts as the patient; the controller, called
//!   the *ward*, begins to at that moment, without a transaction.
//! - *Guardian*: an account that acts for the patient within a *scope* and a period: full (everything that the patient
//!   may), consent-only, or read-only. A *guardianship* has a number that is never given again. Consents that were given
//!   under it end with it; care relationships, settings and friends stay until somebody changes them.
//! - *Capacity*: as what an account acts for a patient at one moment: as the patient or as a guardian in authority.
//! - *Care relationship*: what opens a patient to an organisation until a stated moment. It carries the patient's
//!   label key, sealed to one member of that organisation, without which the sensitivity labels of records mean
//!   nothing.
//! - *Consent*: what the patient permits and denies. Its *grantor* gave it; its *base* holds in its *root* where none
//!   of its *rules* speaks.
//! - *Proposal*: a consent that a member of an organisation asks for. It permits nothing until it is accepted.
//! - *Active*: given and not ended. An active consent is *in force* within its period and its grantor's authority, and
//!   *over* once it can never be in force again; both are computed from the clock, and no transaction is needed for
//!   either.
//! - *Denial*: a consent with base Deny and no permitting rule: an opt-out.
//! - *Glass*: an emergency access of one clinician to one patient's records, which the clinician opens alone
//!   ("breaks") and answers for: it is open for hours, it is an event, and the organisation *reviews* it within days.
//!   The patient may *object*.
//! - *Friend*: a person or organisation that may *vouch* for another account of a patient who lost the controller's
//!   key.
//! - *Revision*: counts every change to what is stored for a patient. It orders and names decisions.
//!
//! ## Scenario: a second opinion
//!
//! 1. Alice draws a random pseudonym and calls `register_patient`. Her account is its controller now, and holds the
//!    deposit for the entry.
//! 2. She opens a care relationship with her hospital for a year (`open_care`) and seals her label key to the
//!    registrar there, so that the hospital can label what it writes and read what she labels.
//! 3. She wants the opinion of Dr Chen at another hospital and calls `grant`: treatment, everything up to normally
//!    confidential, nothing that carries the labels of her psychiatric notes, for one month.
//! 4. Dr Chen asks for a record. Whoever keeps it asks `check_access`, which reads only those of Alice's consents that
//!    can speak of Dr Chen and gets a permit that names consent, rule, obligations and how long it may hold.
//! 5. Alice changes her mind about laboratory results and calls `grant` again, superseding the first consent. There is
//!    no moment at which neither or both are active.
//! 6. She calls `withdraw`. The next decision, in the same block even, is a refusal.
//! 7. Dr Chen's hospital runs a study and asks her to take part (`propose`). She calls `accept`, and pays the deposit
//!    from then on; or `reject`; or does nothing, and in thirty days the proposal has lapsed.
//! 8. A year later she calls `remove_consent` for consents that have ended, and gets her deposits back.
//!
//! ## Scenario: growing up
//!
//! 1. A mother registers her infant (`register_minor`), names an account that the child is to have, and becomes the
//!    first guardian. She consents to vaccinations and appoints the father (`appoint_guardian`), read-only.
//! 2. On the eighteenth birthday the authority of both ends, and so do the consents that she gave. From that very
//!    millisecond the child is the patient and alone decides.
//! 3. Much later the child, grown old, appoints a daughter with a health care power of attorney. Whoever of the two
//!    wants it ended calls `end_guardian`.
//!
//! ## Scenario: an emergency
//!
//! 1. Bob, who has consented to nothing, is brought in unconscious. Dr Diaz calls `break_glass` and reads for four
//!    hours. Bob's telephone shows it at once.
//! 2. The quality department calls `review_glass` the next day: justified. Had nobody done so within 72 hours, Dr Diaz
//!    could not have broken another glass.
//! 3. Had Bob been at home in good health, he would have called `object_to_glass`: closed at once, and closed to Dr
//!    Diaz until a review finds that there was an emergency. Or he forbids emergency access beforehand (`set_policy`).
//!
//! ## Scenario: a lost key
//!
//! 1. Alice names three friends, two of whom must agree, and a delay of a week (`set_friends`).
//! 2. She loses her telephone and makes a new account. Two friends recognise her and `vouch` for it. A thief with the
//!    old key, or she herself if the friends were deceived, could `stop_recovery` for a week.
//! 3. Then anybody calls `finish_recovery`, and the new account is the controller. Custodians wrap keys for it anew.
//!
//! ## Data Structures
//!
//! [`Patients`], [`Consents`] by patient and number, [`Cares`] by patient and organisation, [`Glasses`] by patient and
//! actor, [`Recoveries`] by patient. A patient's entry holds a short index of the active consents, the guardians and
//! the open proposals, since every call writes that entry anyway for its revision: a call on consents so writes to two
//! of these maps and no more. The index tells when a consent ends, under which guardianship it was given and whom it
//! may speak of ([`types::Concern`]), so that a decision reads no consent that cannot matter to it.
//!
//! [`AwaitingReview`] lists each member's glasses that block the next if they are not reviewed in time, and
//! [`GlassRates`] counts those of an organisation on one day.
//!
//! Each stored thing holds a deposit by its size, beside the value it pays for, and returns it to whoever paid.
//! Consents are kept when they end, as evidence, until they are removed; glasses for a year at least.
//!
//! ## API
//!
//! - *Calls*: see [`pallet::Call`]. Most are the patient's and take a capacity: `set_policy`, `object_to_glass` and
//!   `set_friends` everything that a patient may; care relationships, consents and answers to proposals a scope that
//!   may consent; `appoint_guardian` the patient or, for a minor, a full guardian. Members of organisations call
//!   `propose`, `reject`, `break_glass`, `review_glass` and `remove_glass`, friends `vouch`, and anyone
//!   `finish_recovery`.
//! - *Capability*: the pallet is the [`salus_primitives::traits::Patients`] of the other pallets. What it needs of
//!   them it takes through [`Directory`] and [`Records`].
//! - *Runtime API*: [`Pallet::check_access`], [`Pallet::patient_view`], [`Pallet::care_view`],
//!   [`Pallet::consents_page`], [`Pallet::glasses_page`], [`Pallet::recovery_view`], [`Pallet::patient_event`].
//!
//! The decision itself is [`salus_primitives::consent::decide`]; this pallet collects what it takes.
//!
//! ## Code
//!
//! `lib.rs` has what others see: storage, events, errors and calls with their documentation. What the calls do is in
//! modules by meaning: `patients`, `guardians`, `consents`, `proposals`, `glass`, `recovery`; `decision` collects the
//! facts, `views` answers.

#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;

pub use pallet::*;
pub use weights::WeightInfo;

#[cfg(any(test, feature = "runtime-benchmarks"))]
mod benchmarking;
mod consents;
mod decision;
mod glass;
mod guardians;
#[cfg(test)]
mod mock;
mod patients;
mod proposals;
mod recovery;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "try-runtime"))]
mod try_state;
pub mod types;
mod views;
pub mod weights;

use frame_support::{
	dispatch::DispatchResult,
	pallet_prelude::*,
	traits::{Consideration, Footprint, UnixTime},
};
use frame_system::pallet_prelude::*;
use salus_primitives::{
	consent::{
		BreakGlass, Capacity, ConditionsError, Consent, ConsentStatus, DefaultPolicy, EmergencyReason, Finding,
		Relationship,
	},
	inputs::{ConsentInput, Friend, GuardianInput},
	traits::{Directory, Records},
	views::SealedKey,
	AccountId, ConsentId, GuardianshipId, Moment, OrgId, PatientId, H256,
};
use types::{Awaiting, Care, Deposit, Glass, Patient, Recovery, MAX_AWAITING_REVIEW, MAX_FRIENDS};

/// A deposit ticket and who paid for it.
pub type DepositOf<T> = Deposit<<T as Config>::Consideration>;
/// A patient, as stored.
pub type PatientOf<T> = Patient<<T as Config>::Consideration>;
/// A care relationship, as stored.
pub type CareOf<T> = Care<<T as Config>::Consideration>;
/// An emergency access, as stored.
pub type GlassOf<T> = Glass<<T as Config>::Consideration>;
/// Who may help with a lost key, as stored.
pub type RecoveryOf<T> = Recovery<<T as Config>::Consideration>;

/// What benchmarks need of the runtime around the pallet.
#[cfg(any(test, feature = "runtime-benchmarks"))]
pub trait BenchmarkHelper {
	/// Makes this the time of the block.
	fn set_time(now: Moment);
	/// Gives the account enough for any deposits.
	fn fund(who: &AccountId);
	/// Admits a provider that the account administers and is a clinician of, in good standing until long after the time
	/// set.
	fn admit_member(who: &AccountId) -> OrgId;
	/// Makes another account a member of it, who reviews emergency accesses.
	fn colleague(org: OrgId, who: &AccountId);
}

/// Storage, calls, events and errors.
#[frame_support::pallet]
pub mod pallet {
	use super::*;

	/// The version of what is stored.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	/// The pallet.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What the pallet needs of its runtime.
	#[pallet::config]
	pub trait Config: frame_system::Config<AccountId = AccountId> {
		/// Who belongs to which organisation.
		type Directory: Directory;
		/// What is known of anchored records.
		type Records: Records;
		/// The clock.
		type Time: UnixTime;
		/// Deposit for what is stored.
		type Consideration: Consideration<AccountId, Footprint>;
		/// Emergency accesses that the members of one organisation may open in a day (UTC).
		#[pallet::constant]
		type GlassesPerDay: Get<u32>;
		/// Weights of the calls and of what other pallets ask.
		type WeightInfo: WeightInfo;
		/// Prepares the runtime for benchmarks.
		#[cfg(any(test, feature = "runtime-benchmarks"))]
		type BenchmarkHelper: BenchmarkHelper;
	}

	/// What funds are held for.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// Deposit for what is stored for a patient.
		#[codec(index = 0)]
		Storage,
	}

	/// Patients.
	#[pallet::storage]
	pub type Patients<T: Config> = StorageMap<_, Blake2_128Concat, PatientId, PatientOf<T>>;

	/// Consents of a patient, proposed ones too and ended ones until they are removed, each with its deposit.
	#[pallet::storage]
	pub type Consents<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, PatientId, Twox64Concat, ConsentId, (Consent, DepositOf<T>)>;

	/// Care relationships of a patient, ended ones too until they are closed.
	#[pallet::storage]
	pub type Cares<T: Config> = StorageDoubleMap<_, Blake2_128Concat, PatientId, Twox64Concat, OrgId, CareOf<T>>;

	/// The last emergency access of each actor to a patient's records, until it is removed.
	#[pallet::storage]
	pub type Glasses<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, PatientId, Blake2_128Concat, AccountId, GlassOf<T>>;

	/// Emergency accesses of a member that were neither reviewed nor objected to, in the order in which they were opened.
	#[pallet::storage]
	pub type AwaitingReview<T: Config> =
		StorageMap<_, Blake2_128Concat, AccountId, BoundedVec<Awaiting, ConstU32<MAX_AWAITING_REVIEW>>, ValueQuery>;

	/// The last day (UTC, since 1970) on which members of an organisation opened emergency accesses, and how many.
	#[pallet::storage]
	pub type GlassRates<T: Config> = StorageMap<_, Twox64Concat, OrgId, (u32, u32), ValueQuery>;

	/// Who may help a patient who lost the controller's key, and what is under way.
	#[pallet::storage]
	pub type Recoveries<T: Config> = StorageMap<_, Blake2_128Concat, PatientId, RecoveryOf<T>>;

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A patient registered.
		PatientRegistered {
			/// The pseudonym.
			patient: PatientId,
			/// Who controls the records; of a minor, from majority on.
			controller: AccountId,
		},
		/// A patient changed the default policy or emergency access.
		PolicyChanged {
			/// The patient.
			patient: PatientId,
			/// What holds without consent.
			default_policy: DefaultPolicy,
			/// Whether emergency access is allowed.
			break_glass: BreakGlass,
		},
		/// A care relationship opened, or was prolonged or replaced.
		CareOpened {
			/// The patient.
			patient: PatientId,
			/// With this organisation.
			org: OrgId,
			/// Until before this moment.
			until: Moment,
		},
		/// A care relationship closed.
		CareClosed {
			/// The patient.
			patient: PatientId,
			/// With this organisation.
			org: OrgId,
		},
		/// A consent was given.
		ConsentGranted {
			/// The patient.
			patient: PatientId,
			/// The consent.
			consent: ConsentId,
			/// The consent that it replaced.
			supersedes: Option<ConsentId>,
		},
		/// A consent ended.
		ConsentEnded {
			/// The patient.
			patient: PatientId,
			/// The consent.
			consent: ConsentId,
			/// How it ended.
			status: ConsentStatus,
		},
		/// A consent that had ended or expired, or a proposal that had expired, was removed from storage.
		ConsentRemoved {
			/// The patient.
			patient: PatientId,
			/// The consent.
			consent: ConsentId,
		},
		/// A guardian was appointed.
		GuardianAppointed {
			/// The patient.
			patient: PatientId,
			/// The guardianship.
			number: GuardianshipId,
			/// Who.
			account: AccountId,
		},
		/// A guardianship was ended.
		GuardianEnded {
			/// The patient.
			patient: PatientId,
			/// The guardianship.
			number: GuardianshipId,
		},
		/// An organisation asked for a consent.
		ConsentProposed {
			/// The patient.
			patient: PatientId,
			/// The consent.
			consent: ConsentId,
			/// The organisation.
			org: OrgId,
		},
		/// A clinician opened an emergency access.
		GlassBroken {
			/// The patient.
			patient: PatientId,
			/// The clinician.
			actor: AccountId,
			/// As a member of this organisation.
			org: OrgId,
			/// Why.
			reason: EmergencyReason,
			/// Open until before this moment.
			until: Moment,
		},
		/// An organisation reviewed an emergency access of its member.
		GlassReviewed {
			/// The patient.
			patient: PatientId,
			/// Who had opened it.
			actor: AccountId,
			/// What was found.
			finding: Finding,
		},
		/// The patient objected to an emergency access, which closed it.
		GlassObjected {
			/// The patient.
			patient: PatientId,
			/// Who had opened it.
			actor: AccountId,
		},
		/// An old emergency access was removed from storage.
		GlassRemoved {
			/// The patient.
			patient: PatientId,
			/// Who had opened it.
			actor: AccountId,
		},
		/// A patient chose who may help with a lost key.
		FriendsChanged {
			/// The patient.
			patient: PatientId,
		},
		/// A friend vouched for an account.
		RecoveryVouched {
			/// The patient.
			patient: PatientId,
			/// The account.
			account: AccountId,
			/// From when on it can take over; `None` as long as more friends are needed.
			due: Option<Moment>,
		},
		/// A recovery was stopped.
		RecoveryStopped {
			/// The patient.
			patient: PatientId,
		},
		/// Another account controls the records.
		ControllerChanged {
			/// The patient.
			patient: PatientId,
			/// The account.
			controller: AccountId,
		},
	}

	/// Why a call failed.
	#[pallet::error]
	pub enum Error<T> {
		/// There is no such patient.
		PatientNotFound,
		/// The patient has no such consent.
		ConsentNotFound,
		/// The organisation was never admitted.
		OrganisationNotFound,
		/// The patient has no care relationship with the organisation.
		CareNotFound,
		/// The signer does not act for the patient, or not far enough, or lacks the role that this takes.
		NotAuthorized,
		/// The pseudonym is taken, or the account is a guardian already.
		AlreadyExists,
		/// The organisation is suspended or revoked, or its licence has ended.
		OrganisationNotActive,
		/// The recipient is not a member in good standing of the organisation.
		RecipientNotMember,
		/// A sealed label key has 80 bytes.
		WrongKeyLength,
		/// A condition states a set without members.
		EmptySet,
		/// A condition or obligation has a bit that names no known code.
		UnknownCode,
		/// A condition's data period ends before it begins.
		InvertedPeriod,
		/// A consent or guardianship cannot start before now.
		StartInPast,
		/// A consent that replaces another must start now, or there would be a gap.
		StartInFuture,
		/// The end is not after now.
		EndInPast,
		/// The end is not after the start.
		EndBeforeStart,
		/// The patient has as many active consents as one can have.
		TooManyConsents,
		/// The last free slot is kept for a denial.
		SlotKeptForDenial,
		/// The consent has ended.
		NotActive,
		/// The consent or proposal has expired, or the authority of the guardian who gave the consent has ended.
		Expired,
		/// The consent is active and has not expired, or is a proposal.
		StillActive,
		/// Majority is not in the future, or too far ahead.
		WrongMajority,
		/// Nobody is their own guardian.
		SelfGuardian,
		/// The patient has as many guardians as one can have.
		TooManyGuardians,
		/// The patient has no such guardian.
		GuardianNotFound,
		/// A proposal cannot replace a consent.
		CannotSupersede,
		/// The patient, or the organisation, has as many unanswered proposals as there may be.
		TooManyProposals,
		/// The consent is not a proposal.
		NotProposed,
		/// The patient does not allow emergency access.
		Forbidden,
		/// The emergency access is still open.
		AlreadyOpen,
		/// An emergency access has not been reviewed.
		Unreviewed,
		/// The patient objected, and no review has found the emergency access justified.
		Objected,
		/// The organisation opened as many emergency accesses today as it may.
		TooManyGlasses,
		/// There is no such emergency access.
		GlassNotFound,
		/// Nobody reviews their own emergency access.
		SelfReview,
		/// The emergency access was reviewed already.
		AlreadyReviewed,
		/// The patient objected already.
		AlreadyObjected,
		/// The emergency access is still kept as evidence.
		StillRetained,
		/// The patient chose no friends, or no recovery is under way.
		RecoveryNotFound,
		/// A friend is named twice.
		DuplicateFriend,
		/// The threshold is not from 1 to the number of friends.
		WrongThreshold,
		/// The delay is not from 1 to 90 days.
		WrongDelay,
		/// Not enough friends vouched for any account, or the patient can still object.
		NotDue,
	}

	/// Hooks.
	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	/// Calls.
	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Registers a patient under a pseudonym.
		///
		/// ## Dispatch Origin
		///
		/// Signed. The signer becomes the patient's controller.
		///
		/// ## Details
		///
		/// Draw the pseudonym at random; never derive it from a name, a number or a date. The revision begins with 1,
		/// the label key's epoch too.
		///
		/// ## Parameters
		///
		/// - `patient`: the pseudonym.
		/// - `default_policy`: what holds without consent.
		/// - `break_glass`: whether a clinician may read without consent in an emergency.
		///
		/// ## Errors
		///
		/// - [`Error::AlreadyExists`]: the pseudonym is taken.
		/// - Errors of the deposit, if the signer cannot pay it.
		///
		/// ## Events
		///
		/// - [`Event::PatientRegistered`].
		///
		/// ## Deposit
		///
		/// Taken from the signer for the entry at its largest, with all the consents, guardians and proposals that it
		/// can list.
		///
		/// ## Complexity
		///
		/// Constant.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::register_patient())]
		pub fn register_patient(
			origin: OriginFor<T>,
			patient: PatientId,
			default_policy: DefaultPolicy,
			break_glass: BreakGlass,
		) -> DispatchResult {
			Self::do_register(ensure_signed(origin)?, patient, default_policy, break_glass)
		}

		/// Changes what holds without consent.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the patient, or a guardian whose scope is full.
		///
		/// ## Details
		///
		/// Both settings are replaced and hold from the next decision on.
		///
		/// ## Parameters
		///
		/// - `patient`: the patient.
		/// - `default_policy`: what holds without consent.
		/// - `break_glass`: whether a clinician may read without consent in an emergency.
		///
		/// ## Errors
		///
		/// - [`Error::PatientNotFound`]: there is no such patient.
		/// - [`Error::NotAuthorized`]: the signer is neither the patient nor a guardian with full scope.
		///
		/// ## Events
		///
		/// - [`Event::PolicyChanged`].
		///
		/// ## Deposit
		///
		/// Unchanged.
		///
		/// ## Complexity
		///
		/// Constant.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::set_policy())]
		pub fn set_policy(
			origin: OriginFor<T>,
			patient: PatientId,
			default_policy: DefaultPolicy,
			break_glass: BreakGlass,
		) -> DispatchResult {
			Self::do_set_policy(ensure_signed(origin)?, patient, default_policy, break_glass)
		}

		/// Opens a care relationship with an organisation, or replaces the one there is.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the patient, or a guardian whose scope is full or consent-only.
		///
		/// ## Details
		///
		/// An open care relationship lets the organisation anchor records, and, under the default policy
		/// `normal-for-treatment`, its clinicians read. It ends at `until` without a transaction. The sealed key is
		/// taken to be of the patient's current label epoch.
		///
		/// ## Parameters
		///
		/// - `patient`: the patient.
		/// - `org`: the organisation, active and with a valid licence.
		/// - `until`: the moment before which the relationship is open (unix milliseconds).
		/// - `recipient`: the member in good standing to whose encryption key the label key is sealed.
		/// - `sealed_label_key`: the label key, sealed: 80 bytes.
		///
		/// ## Errors
		///
		/// - [`Error::PatientNotFound`]: there is no such patient.
		/// - [`Error::NotAuthorized`]: the signer is neither the patient nor a guardian who may consent.
		/// - [`Error::EndInPast`]: `until` is not after now.
		/// - [`Error::WrongKeyLength`]: the sealed key has not 80 bytes.
		/// - [`Error::OrganisationNotFound`]: the organisation was never admitted.
		/// - [`Error::OrganisationNotActive`]: the organisation is suspended or revoked, or its licence has ended.
		/// - [`Error::RecipientNotMember`]: the recipient is not a member in good standing of the organisation.
		/// - Errors of the deposit, if the signer cannot pay it.
		///
		/// ## Events
		///
		/// - [`Event::CareOpened`].
		///
		/// ## Deposit
		///
		/// Taken from the signer by size; that of a replaced relationship is returned to whoever paid it.
		///
		/// ## Complexity
		///
		/// Constant.
		#[pallet::call_index(2)]
		#[pallet::weight(
			T::WeightInfo::open_care()
				.saturating_add(T::Directory::organisation_weight())
				.saturating_add(T::Directory::standing_weight())
		)]
		pub fn open_care(
			origin: OriginFor<T>,
			patient: PatientId,
			org: OrgId,
			until: Moment,
			recipient: AccountId,
			sealed_label_key: SealedKey,
		) -> DispatchResult {
			Self::do_open_care(ensure_signed(origin)?, patient, org, until, recipient, sealed_label_key)
		}

		/// Closes a care relationship, open or ended.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the patient, or a guardian whose scope is full or consent-only.
		///
		/// ## Details
		///
		/// The entry is removed. What the organisation has learnt of the label key it keeps.
		///
		/// ## Parameters
		///
		/// - `patient`: the patient.
		/// - `org`: the organisation.
		///
		/// ## Errors
		///
		/// - [`Error::PatientNotFound`]: there is no such patient.
		/// - [`Error::NotAuthorized`]: the signer is neither the patient nor a guardian who may consent.
		/// - [`Error::CareNotFound`]: there is no care relationship with the organisation.
		///
		/// ## Events
		///
		/// - [`Event::CareClosed`].
		///
		/// ## Deposit
		///
		/// Returned to whoever paid it.
		///
		/// ## Complexity
		///
		/// Constant.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::close_care())]
		pub fn close_care(origin: OriginFor<T>, patient: PatientId, org: OrgId) -> DispatchResult {
			Self::do_close_care(ensure_signed(origin)?, patient, org)
		}

		/// Gives a consent, which may replace an active one.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the patient, or a guardian whose scope is full or consent-only. The signer becomes the grantor.
		///
		/// ## Details
		///
		/// The consent gets the patient's next number. A replaced consent becomes superseded in the same call, so that
		/// at no moment neither or both are active; therefore a successor starts now. Consents that are over leave the
		/// index and stay stored. Of the 16 active consents at most 15 are other than denials. A consent that a
		/// guardian gives ends with the guardianship at the latest.
		///
		/// ## Parameters
		///
		/// - `patient`: the patient.
		/// - `consent`: the consent. Its labels are blinded with the patient's label key.
		///
		/// ## Errors
		///
		/// - [`Error::PatientNotFound`]: there is no such patient.
		/// - [`Error::NotAuthorized`]: the signer is neither the patient nor a guardian who may consent.
		/// - [`Error::EmptySet`], [`Error::UnknownCode`], [`Error::InvertedPeriod`]: conditions that cannot be meant.
		/// - [`Error::StartInPast`]: the start is before now.
		/// - [`Error::EndInPast`]: the end is not after now.
		/// - [`Error::EndBeforeStart`]: the end is not after the start.
		/// - [`Error::StartInFuture`]: the consent replaces another and does not start now.
		/// - [`Error::ConsentNotFound`], [`Error::NotActive`], [`Error::Expired`]: what it is to replace is not an
		///   active consent of this patient.
		/// - [`Error::TooManyConsents`]: the patient has 16 active consents.
		/// - [`Error::SlotKeptForDenial`]: the patient has 15 active consents that are not denials, nor is this one.
		/// - [`ArithmeticError::Overflow`](sp_runtime::ArithmeticError::Overflow): the patient's consents have run out
		///   of numbers.
		/// - Errors of the deposit, if the signer cannot pay it.
		///
		/// ## Events
		///
		/// - [`Event::ConsentEnded`], with status superseded, for a replaced consent.
		/// - [`Event::ConsentGranted`].
		///
		/// ## Deposit
		///
		/// Taken from the signer by the consent's encoded size. That of a replaced consent stays until it is removed.
		///
		/// ## Complexity
		///
		/// Linear in the number of rules, at most 16.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::grant(consent.rules.len() as u32))]
		pub fn grant(origin: OriginFor<T>, patient: PatientId, consent: ConsentInput) -> DispatchResult {
			Self::do_grant(ensure_signed(origin)?, patient, consent)
		}

		/// Ends a consent.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the patient, or a guardian whose scope is full or consent-only.
		///
		/// ## Details
		///
		/// It holds from the next decision on, in the same block too. What was read under the consent stays read. A
		/// consent that the patient ends is withdrawn, one that a guardian ends is revoked.
		///
		/// ## Parameters
		///
		/// - `patient`: the patient.
		/// - `consent`: an active consent, in force or yet to start.
		///
		/// ## Errors
		///
		/// - [`Error::PatientNotFound`]: there is no such patient.
		/// - [`Error::NotAuthorized`]: the signer is neither the patient nor a guardian who may consent.
		/// - [`Error::ConsentNotFound`]: the patient has no such consent.
		/// - [`Error::NotActive`]: the consent has ended already, or is a proposal.
		/// - [`Error::Expired`]: the consent has expired already, or the authority of the guardian who gave it has
		///   ended.
		///
		/// ## Events
		///
		/// - [`Event::ConsentEnded`], with status withdrawn or revoked.
		///
		/// ## Deposit
		///
		/// Stays until the consent is removed.
		///
		/// ## Complexity
		///
		/// Constant.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::withdraw())]
		pub fn withdraw(origin: OriginFor<T>, patient: PatientId, consent: ConsentId) -> DispatchResult {
			Self::do_withdraw(ensure_signed(origin)?, patient, consent)
		}

		/// Marks a consent as one that should never have been.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the patient, or a guardian whose scope is full or consent-only.
		///
		/// ## Details
		///
		/// An expired consent can still be marked: that it was never meant remains worth saying. Decisions that were
		/// made under it are not undone.
		///
		/// ## Parameters
		///
		/// - `patient`: the patient.
		/// - `consent`: a consent that has not ended otherwise.
		///
		/// ## Errors
		///
		/// - [`Error::PatientNotFound`]: there is no such patient.
		/// - [`Error::NotAuthorized`]: the signer is neither the patient nor a guardian who may consent.
		/// - [`Error::ConsentNotFound`]: the patient has no such consent.
		/// - [`Error::NotActive`]: the consent has ended already, or is a proposal.
		///
		/// ## Events
		///
		/// - [`Event::ConsentEnded`], with status entered in error.
		///
		/// ## Deposit
		///
		/// Stays until the consent is removed.
		///
		/// ## Complexity
		///
		/// Constant.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::enter_consent_in_error())]
		pub fn enter_consent_in_error(origin: OriginFor<T>, patient: PatientId, consent: ConsentId) -> DispatchResult {
			Self::do_enter_in_error(ensure_signed(origin)?, patient, consent)
		}

		/// Removes a consent that has ended or expired.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the patient, or a guardian whose scope is full or consent-only.
		///
		/// ## Details
		///
		/// The evidence that it was given remains in the chain's history only. Its number is not given again.
		///
		/// ## Parameters
		///
		/// - `patient`: the patient.
		/// - `consent`: the consent.
		///
		/// ## Errors
		///
		/// - [`Error::PatientNotFound`]: there is no such patient.
		/// - [`Error::NotAuthorized`]: the signer is neither the patient nor a guardian who may consent.
		/// - [`Error::ConsentNotFound`]: the patient has no such consent.
		/// - [`Error::StillActive`]: the consent has neither ended nor expired, or is a proposal.
		///
		/// ## Events
		///
		/// - [`Event::ConsentRemoved`].
		///
		/// ## Deposit
		///
		/// Returned to whoever paid it.
		///
		/// ## Complexity
		///
		/// Constant.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::remove_consent())]
		pub fn remove_consent(origin: OriginFor<T>, patient: PatientId, consent: ConsentId) -> DispatchResult {
			Self::do_remove_consent(ensure_signed(origin)?, patient, consent)
		}

		/// Registers a minor under a pseudonym.
		///
		/// ## Dispatch Origin
		///
		/// Signed. The signer becomes the first guardian, with full scope until majority.
		///
		/// ## Details
		///
		/// Until majority nobody acts as the patient, the ward neither. From then on the ward does, and the authority
		/// of every guardian of the minor is over, without a transaction. Draw the pseudonym at random, and leave the
		/// majority's day as coarse as the law allows: it tells an age.
		///
		/// ## Parameters
		///
		/// - `patient`: the pseudonym.
		/// - `default_policy`: what holds without consent.
		/// - `break_glass`: whether a clinician may read without consent in an emergency.
		/// - `ward`: the account that is to control the records from majority on.
		/// - `majority`: that moment (unix milliseconds), at most 25 years ahead.
		/// - `relationship`: what the signer is to the minor.
		///
		/// ## Errors
		///
		/// - [`Error::AlreadyExists`]: the pseudonym is taken.
		/// - [`Error::SelfGuardian`]: the signer is the ward.
		/// - [`Error::WrongMajority`]: majority is not in the future, or more than 25 years ahead.
		/// - Errors of the deposit, if the signer cannot pay it.
		///
		/// ## Events
		///
		/// - [`Event::PatientRegistered`], with the ward as controller.
		/// - [`Event::GuardianAppointed`].
		///
		/// ## Deposit
		///
		/// Taken from the signer for the entry at its largest.
		///
		/// ## Complexity
		///
		/// Constant.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::register_minor())]
		pub fn register_minor(
			origin: OriginFor<T>,
			patient: PatientId,
			default_policy: DefaultPolicy,
			break_glass: BreakGlass,
			ward: AccountId,
			majority: Moment,
			relationship: Relationship,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_register_minor(who, patient, default_policy, break_glass, ward, majority, relationship)
		}

		/// Appoints a guardian.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the patient; of a minor, by a guardian whose scope is full.
		///
		/// ## Details
		///
		/// Authority begins and ends by the clock, for a minor with majority at the latest. Guardianships whose time
		/// has passed leave the list. One that is to become different is ended first: the consents that were given
		/// under it end with it.
		///
		/// ## Parameters
		///
		/// - `patient`: the patient.
		/// - `guardian`: whom, what they are to the patient, how far their authority reaches and when.
		///
		/// ## Errors
		///
		/// - [`Error::PatientNotFound`]: there is no such patient.
		/// - [`Error::NotAuthorized`]: the signer is not the patient, nor a guardian of a minor with full scope.
		/// - [`Error::SelfGuardian`]: the account is the controller.
		/// - [`Error::AlreadyExists`]: the account has a guardianship that has not ended.
		/// - [`Error::StartInPast`]: authority would begin before now.
		/// - [`Error::EndInPast`]: authority would not end after now.
		/// - [`Error::EndBeforeStart`]: authority would not end after it begins, at majority perhaps.
		/// - [`Error::TooManyGuardians`]: the patient has 8 guardians.
		/// - [`ArithmeticError::Overflow`](sp_runtime::ArithmeticError::Overflow): guardianships have run out of
		///   numbers.
		///
		/// ## Events
		///
		/// - [`Event::GuardianAppointed`].
		///
		/// ## Deposit
		///
		/// Unchanged: the patient's entry has paid for its guardians.
		///
		/// ## Complexity
		///
		/// Constant.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::appoint_guardian())]
		pub fn appoint_guardian(origin: OriginFor<T>, patient: PatientId, guardian: GuardianInput) -> DispatchResult {
			Self::do_appoint_guardian(ensure_signed(origin)?, patient, guardian)
		}

		/// Ends a guardianship.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the patient, by the guardian, or by the guardian with full scope who appointed the guardian.
		///
		/// ## Details
		///
		/// It holds from the next decision on. The consents that were given under the guardianship end with it; care
		/// relationships, settings and friends stay until somebody changes them. A minor who is left without guardians
		/// has nobody who acts for them until majority.
		///
		/// ## Parameters
		///
		/// - `patient`: the patient.
		/// - `number`: the guardianship.
		///
		/// ## Errors
		///
		/// - [`Error::PatientNotFound`]: there is no such patient.
		/// - [`Error::GuardianNotFound`]: there is no such guardianship.
		/// - [`Error::NotAuthorized`]: the signer is neither the patient nor the guardian, nor appointed the guardian
		///   and has full scope still.
		///
		/// ## Events
		///
		/// - [`Event::GuardianEnded`].
		///
		/// ## Deposit
		///
		/// Unchanged.
		///
		/// ## Complexity
		///
		/// Constant.
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::end_guardian())]
		pub fn end_guardian(origin: OriginFor<T>, patient: PatientId, number: GuardianshipId) -> DispatchResult {
			Self::do_end_guardian(ensure_signed(origin)?, patient, number)
		}

		/// Asks a patient for a consent.
		///
		/// ## Dispatch Origin
		///
		/// Signed by a member in good standing of any organisation.
		///
		/// ## Details
		///
		/// The consent gets the patient's next number and is stored as proposed: it permits nothing until it is
		/// accepted, for which there are 30 days. A patient has at most 8 unanswered proposals, at most 2 of them by
		/// the same organisation; expired ones are removed first and do not count. A proposal without start starts
		/// when it is accepted.
		///
		/// ## Parameters
		///
		/// - `patient`: the patient.
		/// - `consent`: the consent. It supersedes nothing. Labels it can only name if the proposer knows the
		///   patient's label key.
		///
		/// ## Errors
		///
		/// - [`Error::NotAuthorized`]: the signer is not a member in good standing.
		/// - [`Error::PatientNotFound`]: there is no such patient.
		/// - [`Error::CannotSupersede`]: the consent would replace another.
		/// - [`Error::EmptySet`], [`Error::UnknownCode`], [`Error::InvertedPeriod`], [`Error::StartInPast`],
		///   [`Error::EndInPast`], [`Error::EndBeforeStart`]: as for [`grant`](Call::grant).
		/// - [`Error::TooManyProposals`]: the patient, or the organisation, has as many unanswered proposals as there
		///   may be.
		/// - [`ArithmeticError::Overflow`](sp_runtime::ArithmeticError::Overflow): the patient's consents have run out
		///   of numbers.
		/// - Errors of the deposit, if the signer cannot pay it.
		///
		/// ## Events
		///
		/// - [`Event::ConsentRemoved`], for each expired proposal.
		/// - [`Event::ConsentProposed`].
		///
		/// ## Deposit
		///
		/// Taken from the signer by the consent's encoded size, until the proposal is answered, taken back or removed.
		///
		/// ## Complexity
		///
		/// Linear in the number of rules, at most 16, and of expired proposals, at most 8.
		#[pallet::call_index(11)]
		#[pallet::weight(
			T::WeightInfo::propose(consent.rules.len() as u32)
				.saturating_add(T::Directory::standing_weight())
		)]
		pub fn propose(origin: OriginFor<T>, patient: PatientId, consent: ConsentInput) -> DispatchResult {
			Self::do_propose(ensure_signed(origin)?, patient, consent)
		}

		/// Accepts a proposal.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the patient, or a guardian whose scope is full or consent-only. The signer becomes the grantor.
		///
		/// ## Details
		///
		/// The consent is active now, as if granted; it starts now if its stated start has passed.
		///
		/// ## Parameters
		///
		/// - `patient`: the patient.
		/// - `consent`: the proposal.
		///
		/// ## Errors
		///
		/// - [`Error::PatientNotFound`]: there is no such patient.
		/// - [`Error::NotAuthorized`]: the signer is neither the patient nor a guardian who may consent.
		/// - [`Error::ConsentNotFound`]: the patient has no such consent.
		/// - [`Error::NotProposed`]: the consent is not a proposal.
		/// - [`Error::Expired`]: the proposal, or the consent that it asks for, has expired.
		/// - [`Error::TooManyConsents`], [`Error::SlotKeptForDenial`]: as for [`grant`](Call::grant).
		/// - Errors of the deposit, if the signer cannot pay it.
		///
		/// ## Events
		///
		/// - [`Event::ConsentGranted`].
		///
		/// ## Deposit
		///
		/// Taken from the signer by the consent's encoded size; the proposer's is returned.
		///
		/// ## Complexity
		///
		/// Constant; the weight is that of 16 rules.
		#[pallet::call_index(12)]
		#[pallet::weight(T::WeightInfo::accept())]
		pub fn accept(origin: OriginFor<T>, patient: PatientId, consent: ConsentId) -> DispatchResult {
			Self::do_accept(ensure_signed(origin)?, patient, consent)
		}

		/// Rejects a proposal, or takes it back.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the patient, a guardian whose scope is full or consent-only, or a member in good standing of the
		/// organisation that made the proposal.
		///
		/// ## Details
		///
		/// The proposal is removed from storage, expired or not.
		///
		/// ## Parameters
		///
		/// - `patient`: the patient.
		/// - `consent`: the proposal.
		///
		/// ## Errors
		///
		/// - [`Error::PatientNotFound`]: there is no such patient.
		/// - [`Error::ConsentNotFound`]: the patient has no such consent.
		/// - [`Error::NotProposed`]: the consent is not a proposal.
		/// - [`Error::NotAuthorized`]: the signer is none of those who may.
		///
		/// ## Events
		///
		/// - [`Event::ConsentEnded`], with status rejected.
		///
		/// ## Deposit
		///
		/// Returned to the proposer.
		///
		/// ## Complexity
		///
		/// Constant.
		#[pallet::call_index(13)]
		#[pallet::weight(T::WeightInfo::reject().saturating_add(T::Directory::standing_weight()))]
		pub fn reject(origin: OriginFor<T>, patient: PatientId, consent: ConsentId) -> DispatchResult {
			Self::do_reject(ensure_signed(origin)?, patient, consent)
		}

		/// Opens an emergency access to the records of a patient: breaks the glass.
		///
		/// ## Dispatch Origin
		///
		/// Signed by a clinician in good standing at a provider.
		///
		/// ## Details
		///
		/// For 4 hours the signer may read, for the purpose `BTG`, what is neither shredded, entered in error nor
		/// restricted. The event is the notice that the patient gets. The organisation reviews the access within 72
		/// hours. Of each pair of clinician and patient the last access is stored; a new one replaces it once it is
		/// reviewed.
		///
		/// ## Parameters
		///
		/// - `patient`: the patient.
		/// - `reason`: why consent is overridden.
		/// - `justification`: salted hash of the justification, which the organisation keeps.
		///
		/// ## Errors
		///
		/// - [`Error::NotAuthorized`]: the signer is not a clinician in good standing at a provider.
		/// - [`Error::PatientNotFound`]: there is no such patient.
		/// - [`Error::Forbidden`]: the patient does not allow emergency access.
		/// - [`Error::AlreadyOpen`]: the last access of this pair is still open.
		/// - [`Error::Unreviewed`]: an access of the signer is overdue for review, 8 of them await it, or the last one
		///   of this pair does.
		/// - [`Error::Objected`]: the patient objected to the last access of this pair, and no review has found it
		///   justified.
		/// - [`Error::TooManyGlasses`]: the organisation has opened as many as it may today (UTC).
		/// - Errors of the deposit, if the signer cannot pay it.
		///
		/// ## Events
		///
		/// - [`Event::GlassBroken`].
		///
		/// ## Deposit
		///
		/// Taken from the signer, until the access is removed; one that replaces another keeps its deposit.
		///
		/// ## Complexity
		///
		/// Constant.
		#[pallet::call_index(14)]
		#[pallet::weight(T::WeightInfo::break_glass().saturating_add(T::Directory::standing_weight()))]
		pub fn break_glass(
			origin: OriginFor<T>,
			patient: PatientId,
			reason: EmergencyReason,
			justification: H256,
		) -> DispatchResult {
			Self::do_break_glass(ensure_signed(origin)?, patient, reason, justification)
		}

		/// Reviews an emergency access.
		///
		/// ## Dispatch Origin
		///
		/// Signed by a member in good standing of the organisation with the role `quality`, or by an administrator of
		/// the organisation. Never by who opened the access.
		///
		/// ## Details
		///
		/// A late review counts, too. An access that is found unjustified closes at once.
		///
		/// ## Parameters
		///
		/// - `patient`: the patient.
		/// - `actor`: who opened the access.
		/// - `finding`: what was found.
		/// - `report`: salted hash of the report, which the organisation keeps.
		///
		/// ## Errors
		///
		/// - [`Error::PatientNotFound`]: there is no such patient.
		/// - [`Error::GlassNotFound`]: there is no such emergency access.
		/// - [`Error::SelfReview`]: the signer opened it.
		/// - [`Error::NotAuthorized`]: the signer does not review for the organisation.
		/// - [`Error::AlreadyReviewed`]: it was reviewed.
		///
		/// ## Events
		///
		/// - [`Event::GlassReviewed`].
		///
		/// ## Deposit
		///
		/// Unchanged.
		///
		/// ## Complexity
		///
		/// Constant.
		#[pallet::call_index(15)]
		#[pallet::weight(
			T::WeightInfo::review_glass()
				.saturating_add(T::Directory::standing_weight())
				.saturating_add(T::Directory::is_admin_weight())
		)]
		pub fn review_glass(
			origin: OriginFor<T>,
			patient: PatientId,
			actor: AccountId,
			finding: Finding,
			report: H256,
		) -> DispatchResult {
			Self::do_review_glass(ensure_signed(origin)?, patient, actor, finding, report)
		}

		/// Objects to an emergency access.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the patient, or a guardian whose scope is full.
		///
		/// ## Details
		///
		/// The access closes at once. Its actor can open no other to the records of this patient until a review found
		/// this one justified. The access no longer blocks its actor otherwise: that it was questioned is on record.
		///
		/// ## Parameters
		///
		/// - `patient`: the patient.
		/// - `actor`: who opened the access.
		/// - `objection`: salted hash of the objection, which the patient keeps.
		///
		/// ## Errors
		///
		/// - [`Error::PatientNotFound`]: there is no such patient.
		/// - [`Error::NotAuthorized`]: the signer is neither the patient nor a guardian with full scope.
		/// - [`Error::GlassNotFound`]: there is no such emergency access.
		/// - [`Error::AlreadyObjected`]: the patient objected already.
		///
		/// ## Events
		///
		/// - [`Event::GlassObjected`].
		///
		/// ## Deposit
		///
		/// Unchanged.
		///
		/// ## Complexity
		///
		/// Constant.
		#[pallet::call_index(16)]
		#[pallet::weight(T::WeightInfo::object_to_glass())]
		pub fn object_to_glass(
			origin: OriginFor<T>,
			patient: PatientId,
			actor: AccountId,
			objection: H256,
		) -> DispatchResult {
			Self::do_object_to_glass(ensure_signed(origin)?, patient, actor, objection)
		}

		/// Removes an old emergency access.
		///
		/// ## Dispatch Origin
		///
		/// Signed by who opened the access.
		///
		/// ## Details
		///
		/// It is kept for 365 days after it was opened, and longer if it was not reviewed.
		///
		/// ## Parameters
		///
		/// - `patient`: the patient.
		/// - `actor`: who opened the access: the signer.
		///
		/// ## Errors
		///
		/// - [`Error::NotAuthorized`]: the signer did not open it.
		/// - [`Error::PatientNotFound`]: there is no such patient.
		/// - [`Error::GlassNotFound`]: there is no such emergency access.
		/// - [`Error::Unreviewed`]: it was not reviewed.
		/// - [`Error::StillRetained`]: it was opened less than 365 days ago.
		///
		/// ## Events
		///
		/// - [`Event::GlassRemoved`].
		///
		/// ## Deposit
		///
		/// Returned to who opened the access.
		///
		/// ## Complexity
		///
		/// Constant.
		#[pallet::call_index(17)]
		#[pallet::weight(T::WeightInfo::remove_glass())]
		pub fn remove_glass(origin: OriginFor<T>, patient: PatientId, actor: AccountId) -> DispatchResult {
			Self::do_remove_glass(ensure_signed(origin)?, patient, actor)
		}

		/// Chooses who may help if the key of the controller is lost.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the patient, or a guardian whose scope is full.
		///
		/// ## Details
		///
		/// Replaces the friends there were and cancels a recovery that is under way. No friends means that nobody may
		/// help; threshold and delay do not matter then.
		///
		/// ## Parameters
		///
		/// - `patient`: the patient.
		/// - `friends`: accounts, and organisations whose administrators speak for them.
		/// - `threshold`: how many of them must vouch for the same account.
		/// - `delay`: how long the patient can object then, from 1 to 90 days in milliseconds.
		///
		/// ## Errors
		///
		/// - [`Error::PatientNotFound`]: there is no such patient.
		/// - [`Error::NotAuthorized`]: the signer is neither the patient nor a guardian with full scope.
		/// - [`Error::RecoveryNotFound`]: there are no friends to remove.
		/// - [`Error::DuplicateFriend`]: a friend is named twice.
		/// - [`Error::WrongThreshold`]: the threshold is not from 1 to the number of friends.
		/// - [`Error::WrongDelay`]: the delay is not from 1 to 90 days.
		/// - [`Error::OrganisationNotFound`]: an organisation was never admitted.
		/// - Errors of the deposit, if the signer cannot pay it.
		///
		/// ## Events
		///
		/// - [`Event::FriendsChanged`].
		///
		/// ## Deposit
		///
		/// Taken from the signer for the entry at its largest; that of a replaced or removed one is returned to
		/// whoever paid it.
		///
		/// ## Complexity
		///
		/// Linear in the number of friends, at most 8.
		#[pallet::call_index(18)]
		#[pallet::weight(
			T::WeightInfo::set_friends()
				.saturating_add(T::Directory::organisation_weight().saturating_mul(friends.len() as u64))
		)]
		pub fn set_friends(
			origin: OriginFor<T>,
			patient: PatientId,
			friends: BoundedVec<Friend, ConstU32<MAX_FRIENDS>>,
			threshold: u8,
			delay: Moment,
		) -> DispatchResult {
			Self::do_set_friends(ensure_signed(origin)?, patient, friends, threshold, delay)
		}

		/// Vouches that an account is the patient who lost the key.
		///
		/// ## Dispatch Origin
		///
		/// Signed by a friend: the account, or an administrator of the organisation in good standing.
		///
		/// ## Details
		///
		/// A friend has one voice, and the last call counts. As soon as enough friends vouched for the same account,
		/// the delay begins in which the patient can stop the recovery; it goes on until it is stopped or enough
		/// voices have moved elsewhere. A friend takes the voice back by vouching for the present controller. Who
		/// speaks for several friends speaks for all of them.
		///
		/// ## Parameters
		///
		/// - `patient`: the patient.
		/// - `account`: the account that is to take over.
		///
		/// ## Errors
		///
		/// - [`Error::PatientNotFound`]: there is no such patient.
		/// - [`Error::RecoveryNotFound`]: the patient chose no friends.
		/// - [`Error::NotAuthorized`]: the signer is not a friend.
		///
		/// ## Events
		///
		/// - [`Event::RecoveryVouched`]; once more for another account that so becomes due.
		///
		/// ## Deposit
		///
		/// Unchanged.
		///
		/// ## Complexity
		///
		/// Linear in the number of friends, at most 8.
		#[pallet::call_index(19)]
		#[pallet::weight(
			T::WeightInfo::vouch()
				.saturating_add(T::Directory::is_admin_weight().saturating_add(T::Directory::organisation_weight()).saturating_mul(MAX_FRIENDS.into()))
		)]
		pub fn vouch(origin: OriginFor<T>, patient: PatientId, account: AccountId) -> DispatchResult {
			Self::do_vouch(ensure_signed(origin)?, patient, account)
		}

		/// Stops a recovery.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the present controller, the ward of a minor too; of a minor, also by a guardian whose scope is
		/// full.
		///
		/// ## Details
		///
		/// Forgets for whom the friends vouched. They stay friends, and may vouch again.
		///
		/// ## Parameters
		///
		/// - `patient`: the patient.
		///
		/// ## Errors
		///
		/// - [`Error::PatientNotFound`]: there is no such patient.
		/// - [`Error::NotAuthorized`]: the signer is none of those who may.
		/// - [`Error::RecoveryNotFound`]: nobody vouched for anybody.
		///
		/// ## Events
		///
		/// - [`Event::RecoveryStopped`].
		///
		/// ## Deposit
		///
		/// Unchanged.
		///
		/// ## Complexity
		///
		/// Constant.
		#[pallet::call_index(20)]
		#[pallet::weight(T::WeightInfo::stop_recovery())]
		pub fn stop_recovery(origin: OriginFor<T>, patient: PatientId) -> DispatchResult {
			Self::do_stop_recovery(ensure_signed(origin)?, patient)
		}

		/// Lets the account that the friends vouched for take over.
		///
		/// ## Dispatch Origin
		///
		/// Signed by anyone.
		///
		/// ## Details
		///
		/// The account becomes the controller, of a minor the ward. Friends and everything else stay as they are; for
		/// whom the friends vouched is forgotten.
		///
		/// ## Parameters
		///
		/// - `patient`: the patient.
		///
		/// ## Errors
		///
		/// - [`Error::PatientNotFound`]: there is no such patient.
		/// - [`Error::RecoveryNotFound`]: the patient chose no friends.
		/// - [`Error::NotDue`]: not enough friends vouched for any account, or the delay is not over.
		///
		/// ## Events
		///
		/// - [`Event::ControllerChanged`].
		///
		/// ## Deposit
		///
		/// Unchanged: returned to whoever paid, when the time comes.
		///
		/// ## Complexity
		///
		/// Constant.
		#[pallet::call_index(21)]
		#[pallet::weight(T::WeightInfo::finish_recovery())]
		pub fn finish_recovery(origin: OriginFor<T>, patient: PatientId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_finish_recovery(patient)
		}
	}
}

impl<T: Config> From<ConditionsError> for Error<T> {
	fn from(error: ConditionsError) -> Self {
		match error {
			ConditionsError::EmptySet => Self::EmptySet,
			ConditionsError::UnknownCode => Self::UnknownCode,
			ConditionsError::InvertedPeriod => Self::InvertedPeriod,
		}
	}
}

impl<T: Config> Pallet<T> {
	/// The time of this block, in unix milliseconds.
	pub(crate) fn now() -> Moment {
		T::Time::now().as_millis().try_into().unwrap_or(Moment::MAX)
	}

	/// Changes a patient's entry and counts the change. The change must write nothing if it fails.
	fn change<R>(
		patient: &PatientId,
		change: impl FnOnce(&mut PatientOf<T>) -> Result<R, DispatchError>,
	) -> Result<R, DispatchError> {
		Patients::<T>::try_mutate(patient, |entry| {
			let entry = entry.as_mut().ok_or(Error::<T>::PatientNotFound)?;
			let result = change(entry)?;
			entry.revision = entry.revision.saturating_add(1);
			Ok(result)
		})
	}

	/// The same, for who acts for the patient in a capacity that is enough.
	fn change_as<R>(
		who: &AccountId,
		patient: &PatientId,
		now: Moment,
		is_enough: impl FnOnce(&Capacity) -> bool,
		change: impl FnOnce(Capacity, &mut PatientOf<T>) -> Result<R, DispatchError>,
	) -> Result<R, DispatchError> {
		Self::change(patient, |entry| {
			let capacity = entry.capacity(who, now).filter(is_enough).ok_or(Error::<T>::NotAuthorized)?;
			change(capacity, entry)
		})
	}

	fn take_deposit(payer: &AccountId, footprint: Footprint) -> Result<DepositOf<T>, DispatchError> {
		Ok(Deposit { ticket: T::Consideration::new(payer, footprint)?, payer: payer.clone() })
	}

	/// The payer's deposit in place of the one there may be, which returns to whoever paid it.
	fn replace_deposit(
		replaced: Option<DepositOf<T>>,
		payer: &AccountId,
		footprint: Footprint,
	) -> Result<DepositOf<T>, DispatchError> {
		match replaced {
			Some(Deposit { payer: same, ticket }) if same == *payer => {
				Ok(Deposit { ticket: ticket.update(payer, footprint)?, payer: same })
			}
			replaced => {
				let deposit = Self::take_deposit(payer, footprint)?;
				replaced.map_or(Ok(()), Self::return_deposit)?;
				Ok(deposit)
			}
		}
	}

	fn return_deposit(deposit: DepositOf<T>) -> DispatchResult {
		deposit.ticket.drop(&deposit.payer)
	}
}
