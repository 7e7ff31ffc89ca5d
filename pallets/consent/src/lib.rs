//! # Consent
//!
//! Patients, their care relationships, their consents, and the answer to the one question that everything else asks:
//! may this actor do this with that data, for this purpose, now?
//!
//! ## Terminology
//!
//! - *Patient*: a random pseudonym of 32 bytes. Nothing about a person can be derived from it.
//! - *Controller*: the account that acts for the patient.
//! - *Care relationship*: what opens a patient to an organisation until a stated moment. It carries the patient's label
//!   key, sealed to one member of that organisation, without which the sensitivity labels of records mean nothing.
//! - *Consent*: what the patient permits and denies. Its *grantor* gave it; its *base* holds in its *root* where none of
//!   its *rules* speaks.
//! - *Active*: given and not ended. An active consent is *in force* within its period and *expired* after it; both are
//!   computed from the clock, and no transaction is needed for either.
//! - *Denial*: a consent with base Deny and no permitting rule: an opt-out.
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
//! 4. Dr Chen asks for a record. Whoever keeps it asks `check_access`, which reads only those of Alice's consents that can
//!    speak of Dr Chen and gets a permit that names consent, rule, obligations and how long it may hold.
//! 5. Alice changes her mind about laboratory results and calls `grant` again, superseding the first consent. There is
//!    no moment at which neither or both are active.
//! 6. She calls `withdraw`. The next decision, in the same block even, is a refusal.
//! 7. A year later she calls `remove_consent` for consents that have ended, and gets her deposits back.
//!
//! ## Data Structures
//!
//! Three maps: [`Patients`], [`Consents`] by patient and number, [`Cares`] by patient and organisation. A patient's entry
//! holds a short index of the active consents, since every call writes that entry anyway for its revision: a call on
//! consents so writes to two of these maps and no more. The index tells when a consent ends and whom it may speak of
//! ([`types::Concern`]), so that a decision reads no consent that cannot matter to it.
//!
//! Each stored thing holds a deposit by its size, beside the value it pays for, and returns it to whoever paid. Consents
//! are kept when they end, as evidence, until they are removed.
//!
//! ## API
//!
//! - *Calls*: see [`pallet::Call`]. All are the controller's.
//! - *Capability*: the pallet is the [`salus_primitives::traits::Patients`] of the other pallets. What it needs of them
//!   it takes through [`Directory`] and [`Records`].
//! - *Runtime API*: [`Pallet::check_access`], [`Pallet::patient_view`], [`Pallet::care_view`], [`Pallet::consents_page`],
//!   [`Pallet::patient_event`].
//!
//! The decision itself is [`salus_primitives::consent::decide`]; this pallet collects what it takes.

#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;

pub use pallet::*;
pub use weights::WeightInfo;

#[cfg(any(test, feature = "runtime-benchmarks"))]
mod benchmarking;
mod decision;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "try-runtime"))]
mod try_state;
pub mod types;
pub mod weights;

use frame_support::{
	dispatch::DispatchResult,
	ensure,
	pallet_prelude::*,
	traits::{Consideration, Footprint, UnixTime},
};
use frame_system::pallet_prelude::*;
use salus_primitives::{
	consent::{BreakGlass, Conditions, ConditionsError, Consent, ConsentStatus, DefaultPolicy, Standing},
	inputs::ConsentInput,
	traits::{Directory, Records},
	views::{SealedKey, SEALED_KEY_LEN},
	AccountId, ConsentId, Moment, ObligationSet, OrgId, PatientId,
};
use sp_runtime::ArithmeticError;
use types::{consent_from, ActiveConsent, Care, Deposit, Patient, MAX_ORDINARY_CONSENTS};

/// A deposit ticket and who paid for it.
pub type DepositOf<T> = Deposit<<T as Config>::Consideration>;
/// A patient, as stored.
pub type PatientOf<T> = Patient<<T as Config>::Consideration>;
/// A care relationship, as stored.
pub type CareOf<T> = Care<<T as Config>::Consideration>;

/// What benchmarks need of the runtime around the pallet.
#[cfg(any(test, feature = "runtime-benchmarks"))]
pub trait BenchmarkHelper {
	/// Makes this the time of the block.
	fn set_time(now: Moment);
	/// Gives the account enough for any deposits.
	fn fund(who: &AccountId);
	/// Admits an organisation of which the account is a member in good standing, until long after the time set.
	fn admit_member(who: &AccountId) -> OrgId;
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
		/// Weights of the calls and of what other pallets ask.
		type WeightInfo: WeightInfo;
		/// Prepares the runtime for benchmarks.
		#[cfg(any(test, feature = "runtime-benchmarks"))]
		type BenchmarkHelper: BenchmarkHelper;
	}

	/// What funds are held for.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// Deposit for a patient, a consent or a care relationship.
		#[codec(index = 0)]
		Storage,
	}

	/// Patients.
	#[pallet::storage]
	pub type Patients<T: Config> = StorageMap<_, Blake2_128Concat, PatientId, PatientOf<T>>;

	/// Consents of a patient, ended ones too until they are removed, each with its deposit.
	#[pallet::storage]
	pub type Consents<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, PatientId, Twox64Concat, ConsentId, (Consent, DepositOf<T>)>;

	/// Care relationships of a patient, ended ones too until they are closed.
	#[pallet::storage]
	pub type Cares<T: Config> = StorageDoubleMap<_, Blake2_128Concat, PatientId, Twox64Concat, OrgId, CareOf<T>>;

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A patient registered.
		PatientRegistered {
			/// The pseudonym.
			patient: PatientId,
			/// Who controls the records.
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
		/// A consent that had ended or expired was removed from storage.
		ConsentRemoved {
			/// The patient.
			patient: PatientId,
			/// The consent.
			consent: ConsentId,
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
		/// Only the patient's controller may do this.
		NotAuthorized,
		/// The pseudonym is taken.
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
		/// A consent cannot start before now.
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
		/// The consent has expired.
		Expired,
		/// The consent is active and has not expired.
		StillActive,
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
		/// Draw the pseudonym at random; never derive it from a name, a number or a date. The revision begins with 1, the
		/// label key's epoch too.
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
		/// Taken from the signer for the entry at its largest, index of active consents included.
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
			let controller = ensure_signed(origin)?;
			ensure!(!Patients::<T>::contains_key(patient), Error::<T>::AlreadyExists);
			let deposit = Self::take_deposit(&controller, Footprint::from_mel::<PatientOf<T>>())?;
			let entry = Patient {
				controller: controller.clone(),
				revision: 1,
				break_glass,
				default_policy,
				label_epoch: 1,
				next_consent: 0,
				active: Default::default(),
				deposit,
			};
			Patients::<T>::insert(patient, entry);
			Self::deposit_event(Event::PatientRegistered { patient, controller });
			Ok(())
		}

		/// Changes what holds without consent.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the patient's controller.
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
		/// - [`Error::NotAuthorized`]: the signer is not the controller.
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
			Self::as_controller(origin, &patient, |_, entry| {
				entry.default_policy = default_policy;
				entry.break_glass = break_glass;
				Ok(())
			})?;
			Self::deposit_event(Event::PolicyChanged { patient, default_policy, break_glass });
			Ok(())
		}

		/// Opens a care relationship with an organisation, or replaces the one there is.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the patient's controller.
		///
		/// ## Details
		///
		/// An open care relationship lets the organisation anchor records, and, under the default policy
		/// `normal-for-treatment`, its clinicians read. It ends at `until` without a transaction. The sealed key is taken to
		/// be of the patient's current label epoch.
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
		/// - [`Error::NotAuthorized`]: the signer is not the controller.
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
			Self::as_controller(origin, &patient, |controller, entry| {
				let now = Self::now();
				ensure!(now < until, Error::<T>::EndInPast);
				ensure!(sealed_label_key.len() == SEALED_KEY_LEN as usize, Error::<T>::WrongKeyLength);
				let standing = T::Directory::organisation(org, now).ok_or(Error::<T>::OrganisationNotFound)?;
				ensure!(standing.active, Error::<T>::OrganisationNotActive);
				ensure!(
					matches!(T::Directory::standing(&recipient, now), Standing::Active(member) if member.org == org),
					Error::<T>::RecipientNotMember
				);

				let footprint = Footprint::from_mel::<CareOf<T>>();
				let deposit = match Cares::<T>::get(patient, org).map(|care| care.deposit) {
					Some(Deposit { payer, ticket }) if payer == *controller => {
						Deposit { ticket: ticket.update(controller, footprint)?, payer }
					}
					replaced => {
						let deposit = Self::take_deposit(controller, footprint)?;
						replaced.map_or(Ok(()), Self::return_deposit)?;
						deposit
					}
				};
				let label_epoch = entry.label_epoch;
				Cares::<T>::insert(patient, org, Care { until, label_epoch, recipient, sealed_label_key, deposit });
				Ok(())
			})?;
			Self::deposit_event(Event::CareOpened { patient, org, until });
			Ok(())
		}

		/// Closes a care relationship, open or ended.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the patient's controller.
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
		/// - [`Error::NotAuthorized`]: the signer is not the controller.
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
			Self::as_controller(origin, &patient, |_, _| {
				let care = Cares::<T>::get(patient, org).ok_or(Error::<T>::CareNotFound)?;
				Self::return_deposit(care.deposit)?;
				Cares::<T>::remove(patient, org);
				Ok(())
			})?;
			Self::deposit_event(Event::CareClosed { patient, org });
			Ok(())
		}

		/// Gives a consent, which may replace an active one.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the patient's controller, who becomes the grantor.
		///
		/// ## Details
		///
		/// The consent gets the patient's next number. A replaced consent becomes superseded in the same call, so that at
		/// no moment neither or both are active; therefore a successor starts now. Expired consents leave the index and
		/// stay stored. Of the 16 active consents at most 15 are other than denials.
		///
		/// ## Parameters
		///
		/// - `patient`: the patient.
		/// - `consent`: the consent. Its labels are blinded with the patient's label key.
		///
		/// ## Errors
		///
		/// - [`Error::PatientNotFound`]: there is no such patient.
		/// - [`Error::NotAuthorized`]: the signer is not the controller.
		/// - [`Error::EmptySet`], [`Error::UnknownCode`], [`Error::InvertedPeriod`]: conditions that cannot be meant.
		/// - [`Error::StartInPast`]: the start is before now.
		/// - [`Error::EndInPast`]: the end is not after now.
		/// - [`Error::EndBeforeStart`]: the end is not after the start.
		/// - [`Error::StartInFuture`]: the consent replaces another and does not start now.
		/// - [`Error::ConsentNotFound`], [`Error::NotActive`], [`Error::Expired`]: what it is to replace is not an active
		///   consent of this patient.
		/// - [`Error::TooManyConsents`]: the patient has 16 active consents.
		/// - [`Error::SlotKeptForDenial`]: the patient has 15 active consents that are not denials, nor is this one.
		/// - [`ArithmeticError::Overflow`]: the patient's consents have run out of numbers.
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
			let supersedes = consent.supersedes;
			let id = Self::as_controller(origin, &patient, |controller, entry| {
				let now = Self::now();
				let start = Self::check_input(&consent, now)?;
				let superseded = supersedes.map(|old| Self::active_consent(&patient, old, now)).transpose()?;

				let id = entry.next_consent;
				entry.next_consent = id.checked_add(1).ok_or(ArithmeticError::Overflow)?;
				let consent = consent_from(consent, controller.clone(), start);
				entry.active.retain(|active| !active.is_expired(now) && Some(active.id) != supersedes);
				let active = ActiveConsent::of(id, &consent);
				let ordinary = entry.active.iter().filter(|active| !active.is_denial).count();
				entry.active.try_push(active).map_err(|_| Error::<T>::TooManyConsents)?;
				ensure!(active.is_denial || ordinary < MAX_ORDINARY_CONSENTS, Error::<T>::SlotKeptForDenial);

				let deposit = Self::take_deposit(controller, Footprint::from_encodable(&consent))?;
				if let Some((old, (superseded, deposit))) = supersedes.zip(superseded) {
					let superseded = Consent { status: ConsentStatus::Superseded, ..superseded };
					Consents::<T>::insert(patient, old, (superseded, deposit));
				}
				Consents::<T>::insert(patient, id, (consent, deposit));
				Ok(id)
			})?;
			if let Some(consent) = supersedes {
				let status = ConsentStatus::Superseded;
				Self::deposit_event(Event::ConsentEnded { patient, consent, status });
			}
			Self::deposit_event(Event::ConsentGranted { patient, consent: id, supersedes });
			Ok(())
		}

		/// Withdraws a consent.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the patient's controller.
		///
		/// ## Details
		///
		/// It holds from the next decision on, in the same block too. What was read under the consent stays read.
		///
		/// ## Parameters
		///
		/// - `patient`: the patient.
		/// - `consent`: an active consent, in force or yet to start.
		///
		/// ## Errors
		///
		/// - [`Error::PatientNotFound`]: there is no such patient.
		/// - [`Error::NotAuthorized`]: the signer is not the controller.
		/// - [`Error::ConsentNotFound`]: the patient has no such consent.
		/// - [`Error::NotActive`]: the consent has ended already.
		/// - [`Error::Expired`]: the consent has expired already.
		///
		/// ## Events
		///
		/// - [`Event::ConsentEnded`], with status withdrawn.
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
			let status = ConsentStatus::Withdrawn;
			Self::as_controller(origin, &patient, |_, entry| {
				let ending = Self::active_consent(&patient, consent, Self::now())?;
				Self::end(&patient, entry, consent, ending, status);
				Ok(())
			})?;
			Self::deposit_event(Event::ConsentEnded { patient, consent, status });
			Ok(())
		}

		/// Marks a consent as one that should never have been.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the patient's controller.
		///
		/// ## Details
		///
		/// An expired consent can still be marked: that it was never meant remains worth saying. Decisions that were made
		/// under it are not undone.
		///
		/// ## Parameters
		///
		/// - `patient`: the patient.
		/// - `consent`: a consent that has not ended otherwise.
		///
		/// ## Errors
		///
		/// - [`Error::PatientNotFound`]: there is no such patient.
		/// - [`Error::NotAuthorized`]: the signer is not the controller.
		/// - [`Error::ConsentNotFound`]: the patient has no such consent.
		/// - [`Error::NotActive`]: the consent has ended already.
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
			let status = ConsentStatus::EnteredInError;
			Self::as_controller(origin, &patient, |_, entry| {
				let ending = Consents::<T>::get(patient, consent).ok_or(Error::<T>::ConsentNotFound)?;
				ensure!(ending.0.status == ConsentStatus::Active, Error::<T>::NotActive);
				Self::end(&patient, entry, consent, ending, status);
				Ok(())
			})?;
			Self::deposit_event(Event::ConsentEnded { patient, consent, status });
			Ok(())
		}

		/// Removes a consent that has ended or expired.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the patient's controller.
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
		/// - [`Error::NotAuthorized`]: the signer is not the controller.
		/// - [`Error::ConsentNotFound`]: the patient has no such consent.
		/// - [`Error::StillActive`]: the consent has neither ended nor expired.
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
			Self::as_controller(origin, &patient, |_, entry| {
				let (stored, deposit) = Consents::<T>::get(patient, consent).ok_or(Error::<T>::ConsentNotFound)?;
				let expired = stored.end.is_some_and(|end| end <= Self::now());
				ensure!(stored.status != ConsentStatus::Active || expired, Error::<T>::StillActive);
				Self::return_deposit(deposit)?;
				entry.active.retain(|active| active.id != consent);
				Consents::<T>::remove(patient, consent);
				Ok(())
			})?;
			Self::deposit_event(Event::ConsentRemoved { patient, consent });
			Ok(())
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

	/// Lets the controller change the patient's entry and counts the change. The change must write nothing if it fails.
	fn as_controller<R>(
		origin: OriginFor<T>,
		patient: &PatientId,
		change: impl FnOnce(&AccountId, &mut PatientOf<T>) -> Result<R, DispatchError>,
	) -> Result<R, DispatchError> {
		let who = ensure_signed(origin)?;
		Patients::<T>::try_mutate(patient, |entry| {
			let entry = entry.as_mut().ok_or(Error::<T>::PatientNotFound)?;
			ensure!(entry.controller == who, Error::<T>::NotAuthorized);
			let result = change(&who, entry)?;
			entry.revision = entry.revision.saturating_add(1);
			Ok(result)
		})
	}

	/// Checks what can be checked without storage, and returns when the consent starts.
	fn check_input(input: &ConsentInput, now: Moment) -> Result<Moment, DispatchError> {
		let check = |conditions: &Conditions| conditions.validate().map_err(Error::<T>::from);
		check(&input.root)?;
		for rule in &input.rules {
			check(&rule.conditions)?;
			ensure!(ObligationSet::is_known(rule.obligations), Error::<T>::UnknownCode);
		}
		let start = input.start.unwrap_or(now);
		ensure!(now <= start, Error::<T>::StartInPast);
		if let Some(end) = input.end {
			ensure!(now < end, Error::<T>::EndInPast);
			ensure!(start < end, Error::<T>::EndBeforeStart);
		}
		ensure!(input.supersedes.is_none() || start == now, Error::<T>::StartInFuture);
		Ok(start)
	}

	/// An active consent that has not expired.
	fn active_consent(
		patient: &PatientId,
		consent: ConsentId,
		now: Moment,
	) -> Result<(Consent, DepositOf<T>), DispatchError> {
		let found = Consents::<T>::get(patient, consent).ok_or(Error::<T>::ConsentNotFound)?;
		ensure!(found.0.status == ConsentStatus::Active, Error::<T>::NotActive);
		ensure!(found.0.end.is_none_or(|end| now < end), Error::<T>::Expired);
		Ok(found)
	}

	/// Ends an active consent.
	fn end(
		patient: &PatientId,
		entry: &mut PatientOf<T>,
		id: ConsentId,
		(consent, deposit): (Consent, DepositOf<T>),
		status: ConsentStatus,
	) {
		entry.active.retain(|active| active.id != id);
		Consents::<T>::insert(patient, id, (Consent { status, ..consent }, deposit));
	}

	fn take_deposit(payer: &AccountId, footprint: Footprint) -> Result<DepositOf<T>, DispatchError> {
		Ok(Deposit { ticket: T::Consideration::new(payer, footprint)?, payer: payer.clone() })
	}

	fn return_deposit(deposit: DepositOf<T>) -> DispatchResult {
		deposit.ticket.drop(&deposit.payer)
	}
}
