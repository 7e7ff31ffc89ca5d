//! # Participants
//!
//! Who takes part in the consortium: accredited organisations, the accounts that work for them, the public keys that
//! data is encrypted to, and the agreements under which organisations share data.
//!
//! ## Terminology
//!
//! - *Organisation*: a hospital, a manufacturer, a regulator … that the consortium has accredited for one or more
//!   roles, until its *licence* ends.
//! - *Administrator*: an account that manages the organisation's list of members. It is not a member by that.
//! - *Member*: an account that acts for one organisation, in *roles* such as clinician or gateway, at most until a
//!   stated moment. A *former member* stays known as one, so that access given to the account ends with the membership.
//! - *In good standing*: the membership has neither been removed nor ended, the organisation is active, its licence
//!   has not ended. Nothing is written when a licence or membership ends: standing is computed from the time of the
//!   block.
//! - *Encryption key*: a public key for key agreement that belongs to an account. Signing keys cannot do that job.
//! - *Agreement*: a contract about data sharing between two organisations, the *custodian* who keeps the data and the
//!   *recipient* to whose members it may go. It has a direction: sharing both ways takes two. It permits nothing by
//!   itself; a custodian that *requires agreements* lets nothing that a patient permitted go without one.
//! - *Proposal*: an agreement that one side has not accepted yet. It has no effect.
//! - *Notice*: how long an agreement goes on after either side ended it.
//!
//! ## The life of an organisation
//!
//! 1. The consortium admits it and names its first administrator.
//! 2. Administrators add members, and up to [`MAX_ADMINS`] administrators in all. Should none of them be left who can
//!    sign, the consortium names another.
//! 3. The consortium renews the licence before it ends, suspends the organisation when there is cause, reinstates it
//!    afterwards.
//! 4. Revocation is final. Members of a revoked organisation may be taken on by another.
//!
//! While an organisation is not in good standing its administrators can remove members and administrators and end
//! agreements, but add or change nothing.
//!
//! ## The life of an agreement
//!
//! 1. An administrator of either side proposes it: purposes, resource types, obligations, period, notice, and the hash
//!    of the contract that people signed.
//! 2. An administrator of the other side accepts exactly that proposal. It is in force from its start, and not before
//!    it was accepted.
//! 3. Access decisions about the custodian's data read it for as long as it is in force, and add its obligations.
//! 4. It ends at its end, without a transaction; or after its notice, once either side ended it. A proposal that is
//!    ended, whether rejected or taken back, is gone at once.
//!
//! ## Data structures
//!
//! [`Organisations`] holds what the consortium accredited; [`Admins`] and [`MemberCounts`] are apart from it because an
//! access decision reads organisations and needs neither. [`Members`] holds present and former members. Both count
//! towards [`Config::MaxMembers`], since neither is ever deleted: the quota is what bounds an organisation's use of
//! storage. [`EncryptionKeys`] are created by anyone, against a deposit. [`Agreements`] are found by custodian and
//! recipient with one read, at most [`MAX_AGREEMENTS`] of them; only the consortium makes organisations, so that their
//! pairs are bounded and need no deposit. Those that are over make room for the next proposal.
//!
//! ## API
//!
//! Other pallets read through `salus_primitives::traits::Directory`; clients through the runtime API
//! `ParticipantsApi`, which [`Pallet::organisation_view`], [`Pallet::member_view`], [`Pallet::encryption_key`] and
//! [`Pallet::agreements_view`] answer.

#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;

mod agreements;
#[cfg(any(test, feature = "runtime-benchmarks"))]
mod benchmarking;
mod directory;
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
pub use types::{Agreement, Member, Organisation, MAX_ADMINS, MAX_AGREEMENTS, MAX_NOTICE};
pub use weights::WeightInfo;

use frame_support::{
	pallet_prelude::*,
	traits::{Consideration, Footprint, Time},
};
use frame_system::pallet_prelude::*;
use salus_primitives::{
	gs1::is_valid_gln,
	inputs::{AgreementInput, Gln, OrganisationInput},
	views::{EncryptionKey, KeySuite, OrgStatus},
	AccountId, AgreementId, MemberRoleSet, Moment, OrgId, H256,
};

/// The pallet: storage, calls, events and errors.
#[frame_support::pallet]
pub mod pallet {
	use super::*;

	/// The version of what is stored.
	pub const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	/// The pallet.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What the runtime provides.
	#[pallet::config]
	pub trait Config: frame_system::Config<AccountId = AccountId> {
		/// Who speaks for the consortium: admits, suspends, reinstates and revokes organisations and renews licences.
		type AdmitOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// The time of the block, in unix milliseconds.
		type Time: Time<Moment = Moment>;

		/// Deposit for an encryption key.
		type KeyConsideration: Consideration<AccountId, Footprint>;

		/// Accounts that one organisation may have as present or former members.
		#[pallet::constant]
		type MaxMembers: Get<u32>;

		/// Weights of the calls.
		type WeightInfo: WeightInfo;
	}

	/// Why this pallet holds funds.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// Deposit for an encryption key.
		#[codec(index = 0)]
		EncryptionKey,
	}

	/// The number of the next organisation.
	#[pallet::storage]
	pub type NextOrg<T: Config> = StorageValue<_, OrgId, ValueQuery>;

	/// Organisations that were ever admitted.
	#[pallet::storage]
	pub type Organisations<T: Config> = StorageMap<_, Twox64Concat, OrgId, Organisation>;

	/// Administrators of each organisation; never empty.
	#[pallet::storage]
	pub type Admins<T: Config> =
		StorageMap<_, Twox64Concat, OrgId, BoundedVec<AccountId, ConstU32<MAX_ADMINS>>, ValueQuery>;

	/// How many entries of [`Members`] name each organisation.
	#[pallet::storage]
	pub type MemberCounts<T: Config> = StorageMap<_, Twox64Concat, OrgId, u32, ValueQuery>;

	/// Present and former members, by account.
	#[pallet::storage]
	pub type Members<T: Config> = StorageMap<_, Blake2_128Concat, AccountId, Member>;

	/// Encryption keys, by account, each beside the ticket of its deposit.
	#[pallet::storage]
	pub type EncryptionKeys<T: Config> =
		StorageMap<_, Blake2_128Concat, AccountId, (EncryptionKey, T::KeyConsideration)>;

	/// The number of the next agreement.
	#[pallet::storage]
	pub type NextAgreement<T: Config> = StorageValue<_, AgreementId, ValueQuery>;

	/// Agreements and proposals, by custodian and recipient; no entry is empty.
	#[pallet::storage]
	pub type Agreements<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		OrgId,
		Twox64Concat,
		OrgId,
		BoundedVec<Agreement, ConstU32<MAX_AGREEMENTS>>,
		ValueQuery,
	>;

	/// What happened. Names and registers of organisations are read from storage, never from events.
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// The consortium admitted an organisation.
		OrganisationAdmitted {
			/// Its number.
			org: OrgId,
			/// Its first administrator.
			admin: AccountId,
		},
		/// The consortium suspended an organisation.
		OrganisationSuspended {
			/// Its number.
			org: OrgId,
		},
		/// The consortium ended a suspension.
		OrganisationReinstated {
			/// Its number.
			org: OrgId,
		},
		/// The consortium ended an accreditation for good.
		OrganisationRevoked {
			/// Its number.
			org: OrgId,
		},
		/// A licence now ends at another moment.
		LicenceRenewed {
			/// The organisation.
			org: OrgId,
			/// When its licence ends.
			licence_until: Moment,
		},
		/// An organisation changed whether it shares under agreements only.
		RequiresAgreementSet {
			/// The organisation.
			org: OrgId,
			/// Whether it shares with other organisations under agreements only.
			required: bool,
		},
		/// An organisation has one more administrator.
		AdminAdded {
			/// The organisation.
			org: OrgId,
			/// The administrator.
			who: AccountId,
		},
		/// An organisation has one administrator less.
		AdminRemoved {
			/// The organisation.
			org: OrgId,
			/// The former administrator.
			who: AccountId,
		},
		/// An account became a member.
		MemberAdded {
			/// Of this organisation.
			org: OrgId,
			/// The account.
			who: AccountId,
			/// With these roles.
			roles: MemberRoleSet,
		},
		/// A present member's roles, premises or end changed.
		MemberUpdated {
			/// Of this organisation.
			org: OrgId,
			/// The account.
			who: AccountId,
			/// With these roles.
			roles: MemberRoleSet,
		},
		/// A member became a former member.
		MemberRemoved {
			/// Of this organisation.
			org: OrgId,
			/// The account.
			who: AccountId,
		},
		/// An account set or rotated its encryption key.
		EncryptionKeySet {
			/// The account.
			who: AccountId,
			/// Counts rotations.
			epoch: u32,
		},
		/// An account removed its encryption key.
		EncryptionKeyRemoved {
			/// The account.
			who: AccountId,
		},
		/// An organisation proposed an agreement.
		AgreementProposed {
			/// Who keeps the data.
			custodian: OrgId,
			/// To whose members it may go.
			recipient: OrgId,
			/// The agreement.
			id: AgreementId,
			/// Who has to accept it.
			awaits: OrgId,
		},
		/// Both sides agree.
		AgreementAccepted {
			/// Who keeps the data.
			custodian: OrgId,
			/// To whose members it may go.
			recipient: OrgId,
			/// The agreement.
			id: AgreementId,
		},
		/// One side ended an agreement or a proposal.
		AgreementEnded {
			/// Who keeps the data.
			custodian: OrgId,
			/// To whose members it may go.
			recipient: OrgId,
			/// The agreement.
			id: AgreementId,
			/// In force until before this moment: when the notice is over, or earlier.
			ends: Moment,
		},
	}

	/// Why a call failed.
	#[pallet::error]
	#[derive(PartialEq, Eq)]
	pub enum Error<T> {
		/// There is no such organisation or agreement.
		NotFound,
		/// The caller is not an administrator of the organisation.
		NotAuthorized,
		/// The organisation is suspended or revoked, or its licence has ended.
		NotInStanding,
		/// The organisation's status does not allow this step.
		InvalidStatus,
		/// A name must be UTF-8 and not empty.
		InvalidName,
		/// A country is two upper-case letters (ISO 3166-1 alpha-2).
		InvalidCountry,
		/// A Global Location Number is 13 digits, the last a check digit.
		InvalidGln,
		/// At least one role is needed.
		NoRoles,
		/// A role that is not known.
		UnknownRole,
		/// The moment must lie in the future, and the proposal must not have ended.
		Expired,
		/// There are no numbers left for organisations.
		TooManyOrganisations,
		/// The organisation has as many administrators as it may.
		TooManyAdmins,
		/// The organisation has as many present and former members as it may.
		TooManyMembers,
		/// The account is an administrator already, or the key is the present one.
		AlreadyExists,
		/// The account is not an administrator of the organisation.
		NotAdmin,
		/// An organisation keeps at least one administrator.
		LastAdmin,
		/// The account is not a present member of the organisation.
		NotMember,
		/// The account is a member of another organisation.
		MemberElsewhere,
		/// The account has no encryption key.
		NoKey,
		/// A public key of zeros agrees on no secret.
		InvalidKey,
		/// The organisation is neither the custodian nor the recipient.
		NotParty,
		/// An organisation needs no agreement with itself.
		SameParty,
		/// A set of codes must not be empty; to mean any code, leave it out.
		EmptySet,
		/// A code that is not known.
		UnknownCode,
		/// An agreement must end after it starts.
		InvertedPeriod,
		/// A notice is at most [`MAX_NOTICE`].
		InvalidNotice,
		/// The two organisations have as many agreements and proposals as they may.
		TooManyAgreements,
		/// The agreement does not wait for this organisation to accept it.
		NotAwaited,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Admit an organisation to the consortium.
		///
		/// ## Dispatch Origin
		///
		/// [`Config::AdmitOrigin`].
		///
		/// ## Details
		///
		/// The organisation is active from now on, under the next number. `admin` becomes its only administrator, and
		/// is not a member by that.
		///
		/// ## Parameters
		///
		/// - `org`: what it is accredited as.
		/// - `admin`: its first administrator.
		///
		/// ## Errors
		///
		/// - [`Error::InvalidName`], [`Error::InvalidCountry`], [`Error::InvalidGln`], [`Error::NoRoles`],
		///   [`Error::UnknownRole`]: a field cannot be taken.
		/// - [`Error::Expired`]: the licence has ended already.
		/// - [`Error::TooManyOrganisations`]: the numbers are used up.
		///
		/// ## Events
		///
		/// - [`Event::OrganisationAdmitted`].
		///
		/// ## Deposit
		///
		/// None: admission is the consortium's.
		///
		/// ## Complexity
		///
		/// `O(1)`: the name and the administrators are bounded.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::admit_organisation())]
		pub fn admit_organisation(origin: OriginFor<T>, org: OrganisationInput, admin: AccountId) -> DispatchResult {
			T::AdmitOrigin::ensure_origin(origin)?;
			ensure!(types::is_name(&org.name), Error::<T>::InvalidName);
			ensure!(types::is_country(&org.country), Error::<T>::InvalidCountry);
			ensure!(org.gln.as_ref().is_none_or(is_valid_gln), Error::<T>::InvalidGln);
			ensure!(!org.roles.is_empty(), Error::<T>::NoRoles);
			ensure!(org.roles.is_known(), Error::<T>::UnknownRole);
			ensure!(org.licence_until > T::Time::now(), Error::<T>::Expired);
			let id = NextOrg::<T>::get();
			let next = id.checked_add(1).ok_or(Error::<T>::TooManyOrganisations)?;

			NextOrg::<T>::put(next);
			Organisations::<T>::insert(id, Organisation::admitted(org));
			let mut admins = BoundedVec::new();
			admins.try_push(admin.clone()).map_err(|_| Error::<T>::TooManyAdmins)?;
			Admins::<T>::insert(id, admins);
			Self::deposit_event(Event::OrganisationAdmitted { org: id, admin });
			Ok(())
		}

		/// Suspend an organisation.
		///
		/// ## Dispatch Origin
		///
		/// [`Config::AdmitOrigin`].
		///
		/// ## Details
		///
		/// From now on none of its members is in good standing, and its administrators can only remove.
		///
		/// ## Parameters
		///
		/// - `org`: an active organisation; its licence may have ended.
		///
		/// ## Errors
		///
		/// - [`Error::NotFound`]: there is no such organisation.
		/// - [`Error::InvalidStatus`]: it is suspended or revoked already.
		///
		/// ## Events
		///
		/// - [`Event::OrganisationSuspended`].
		///
		/// ## Deposit
		///
		/// None.
		///
		/// ## Complexity
		///
		/// `O(1)`.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::suspend_organisation())]
		pub fn suspend_organisation(origin: OriginFor<T>, org: OrgId) -> DispatchResult {
			T::AdmitOrigin::ensure_origin(origin)?;
			Self::change_status(org, OrgStatus::Suspended, |status| status == OrgStatus::Active)?;
			Self::deposit_event(Event::OrganisationSuspended { org });
			Ok(())
		}

		/// End the suspension of an organisation.
		///
		/// ## Dispatch Origin
		///
		/// [`Config::AdmitOrigin`].
		///
		/// ## Details
		///
		/// Its members are in good standing again, if its licence has not ended meanwhile.
		///
		/// ## Parameters
		///
		/// - `org`: a suspended organisation.
		///
		/// ## Errors
		///
		/// - [`Error::NotFound`]: there is no such organisation.
		/// - [`Error::InvalidStatus`]: it is not suspended.
		///
		/// ## Events
		///
		/// - [`Event::OrganisationReinstated`].
		///
		/// ## Deposit
		///
		/// None.
		///
		/// ## Complexity
		///
		/// `O(1)`.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::reinstate_organisation())]
		pub fn reinstate_organisation(origin: OriginFor<T>, org: OrgId) -> DispatchResult {
			T::AdmitOrigin::ensure_origin(origin)?;
			Self::change_status(org, OrgStatus::Active, |status| status == OrgStatus::Suspended)?;
			Self::deposit_event(Event::OrganisationReinstated { org });
			Ok(())
		}

		/// End the accreditation of an organisation for good.
		///
		/// ## Dispatch Origin
		///
		/// [`Config::AdmitOrigin`].
		///
		/// ## Details
		///
		/// Nothing brings it back; its members may be taken on by another organisation.
		///
		/// ## Parameters
		///
		/// - `org`: an active or suspended organisation.
		///
		/// ## Errors
		///
		/// - [`Error::NotFound`]: there is no such organisation.
		/// - [`Error::InvalidStatus`]: it is revoked already.
		///
		/// ## Events
		///
		/// - [`Event::OrganisationRevoked`].
		///
		/// ## Deposit
		///
		/// None.
		///
		/// ## Complexity
		///
		/// `O(1)`.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::revoke_organisation())]
		pub fn revoke_organisation(origin: OriginFor<T>, org: OrgId) -> DispatchResult {
			T::AdmitOrigin::ensure_origin(origin)?;
			Self::change_status(org, OrgStatus::Revoked, |status| status != OrgStatus::Revoked)?;
			Self::deposit_event(Event::OrganisationRevoked { org });
			Ok(())
		}

		/// Set when an organisation's licence ends.
		///
		/// ## Dispatch Origin
		///
		/// [`Config::AdmitOrigin`].
		///
		/// ## Details
		///
		/// A licence that has ended is valid again from now on. A suspension stays.
		///
		/// ## Parameters
		///
		/// - `org`: an active or suspended organisation.
		/// - `licence_until`: a moment in the future, in unix milliseconds; it may be earlier than the present one.
		///
		/// ## Errors
		///
		/// - [`Error::Expired`]: the moment does not lie in the future.
		/// - [`Error::NotFound`]: there is no such organisation.
		/// - [`Error::InvalidStatus`]: it is revoked.
		///
		/// ## Events
		///
		/// - [`Event::LicenceRenewed`].
		///
		/// ## Deposit
		///
		/// None.
		///
		/// ## Complexity
		///
		/// `O(1)`.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::renew_licence())]
		pub fn renew_licence(origin: OriginFor<T>, org: OrgId, licence_until: Moment) -> DispatchResult {
			T::AdmitOrigin::ensure_origin(origin)?;
			ensure!(licence_until > T::Time::now(), Error::<T>::Expired);
			Organisations::<T>::try_mutate(org, |organisation| {
				let organisation = organisation.as_mut().ok_or(Error::<T>::NotFound)?;
				ensure!(organisation.status != OrgStatus::Revoked, Error::<T>::InvalidStatus);
				organisation.licence_until = licence_until;
				Ok::<_, Error<T>>(())
			})?;
			Self::deposit_event(Event::LicenceRenewed { org, licence_until });
			Ok(())
		}

		/// Set whether an organisation shares data with others under agreements only.
		///
		/// ## Dispatch Origin
		///
		/// Signed by an administrator of the organisation.
		///
		/// ## Details
		///
		/// It holds for the very next access decision. Setting what is set already is not an error.
		///
		/// ## Parameters
		///
		/// - `org`: an organisation in good standing.
		/// - `required`: whether an agreement is needed.
		///
		/// ## Errors
		///
		/// - [`Error::NotFound`], [`Error::NotAuthorized`], [`Error::NotInStanding`].
		///
		/// ## Events
		///
		/// - [`Event::RequiresAgreementSet`].
		///
		/// ## Deposit
		///
		/// None.
		///
		/// ## Complexity
		///
		/// `O(1)`: administrators are bounded.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::set_requires_agreement())]
		pub fn set_requires_agreement(origin: OriginFor<T>, org: OrgId, required: bool) -> DispatchResult {
			let mut organisation = Self::ensure_admin_in_standing(origin, org, T::Time::now())?;
			organisation.requires_agreement = required;
			Organisations::<T>::insert(org, organisation);
			Self::deposit_event(Event::RequiresAgreementSet { org, required });
			Ok(())
		}

		/// Make an account an administrator of an organisation.
		///
		/// ## Dispatch Origin
		///
		/// Signed by an administrator of the organisation, or [`Config::AdmitOrigin`].
		///
		/// ## Details
		///
		/// An account may administer several organisations, and need not be a member of any. The consortium can name an
		/// administrator whatever the organisation's status: one whose only administrator lost the key would have nobody
		/// left to remove members or to end agreements.
		///
		/// ## Parameters
		///
		/// - `org`: an organisation, in good standing if its administrator calls.
		/// - `who`: the new administrator.
		///
		/// ## Errors
		///
		/// - [`Error::NotFound`], [`Error::NotAuthorized`], [`Error::NotInStanding`].
		/// - [`Error::AlreadyExists`]: the account is an administrator already.
		/// - [`Error::TooManyAdmins`]: there are [`MAX_ADMINS`].
		///
		/// ## Events
		///
		/// - [`Event::AdminAdded`].
		///
		/// ## Deposit
		///
		/// None: the list is bounded.
		///
		/// ## Complexity
		///
		/// `O(a)` in the number of administrators, at most [`MAX_ADMINS`].
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::add_admin())]
		pub fn add_admin(origin: OriginFor<T>, org: OrgId, who: AccountId) -> DispatchResult {
			match T::AdmitOrigin::try_origin(origin) {
				Ok(_) => ensure!(Organisations::<T>::contains_key(org), Error::<T>::NotFound),
				Err(origin) => {
					Self::ensure_admin_in_standing(origin, org, T::Time::now())?;
				}
			}
			Admins::<T>::try_mutate(org, |admins| {
				ensure!(!admins.contains(&who), Error::<T>::AlreadyExists);
				admins.try_push(who.clone()).map_err(|_| Error::<T>::TooManyAdmins)
			})?;
			Self::deposit_event(Event::AdminAdded { org, who });
			Ok(())
		}

		/// Take an account from the administrators of an organisation.
		///
		/// ## Dispatch Origin
		///
		/// Signed by an administrator of the organisation, who may remove their own account; while the organisation is
		/// suspended, [`Config::AdmitOrigin`] instead.
		///
		/// ## Details
		///
		/// A suspension may be for a key of an administrator that was stolen: whoever has it shall not remove the others,
		/// nor the one that the consortium named instead. A membership of the account stays as it is.
		///
		/// ## Parameters
		///
		/// - `org`: the organisation.
		/// - `who`: the administrator to remove.
		///
		/// ## Errors
		///
		/// - [`Error::NotFound`], [`Error::NotAuthorized`].
		/// - [`Error::InvalidStatus`]: the organisation is suspended, and an administrator calls; or it is not, and the
		///   consortium does.
		/// - [`Error::NotAdmin`]: the account is not an administrator.
		/// - [`Error::LastAdmin`]: it is the only one.
		///
		/// ## Events
		///
		/// - [`Event::AdminRemoved`].
		///
		/// ## Deposit
		///
		/// None.
		///
		/// ## Complexity
		///
		/// `O(a)` in the number of administrators, at most [`MAX_ADMINS`].
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::remove_admin())]
		pub fn remove_admin(origin: OriginFor<T>, org: OrgId, who: AccountId) -> DispatchResult {
			let (organisation, by_consortium) = match T::AdmitOrigin::try_origin(origin) {
				Ok(_) => (Organisations::<T>::get(org).ok_or(Error::<T>::NotFound)?, true),
				Err(origin) => (Self::ensure_admin(origin, org)?, false),
			};
			ensure!((organisation.status == OrgStatus::Suspended) == by_consortium, Error::<T>::InvalidStatus);
			Admins::<T>::try_mutate(org, |admins| {
				let position = admins.iter().position(|admin| *admin == who).ok_or(Error::<T>::NotAdmin)?;
				ensure!(admins.len() > 1, Error::<T>::LastAdmin);
				admins.remove(position);
				Ok::<_, Error<T>>(())
			})?;
			Self::deposit_event(Event::AdminRemoved { org, who });
			Ok(())
		}

		/// Make an account a member of an organisation, or change its membership.
		///
		/// ## Dispatch Origin
		///
		/// Signed by an administrator of the organisation.
		///
		/// ## Details
		///
		/// Roles, premises and end of a member of this organisation are replaced. A member of another organisation
		/// cannot be taken on before that membership has been removed or has ended, or that organisation is revoked.
		///
		/// ## Parameters
		///
		/// - `org`: an organisation in good standing.
		/// - `who`: the account.
		/// - `roles`: what it does there; at least one role.
		/// - `premises`: the Global Location Number of where it does so.
		/// - `until`: the end of the membership (unix milliseconds), in the future; `None` has no end.
		///
		/// ## Errors
		///
		/// - [`Error::NotFound`], [`Error::NotAuthorized`], [`Error::NotInStanding`].
		/// - [`Error::NoRoles`], [`Error::UnknownRole`], [`Error::InvalidGln`]: a field cannot be taken.
		/// - [`Error::Expired`]: `until` does not lie in the future.
		/// - [`Error::MemberElsewhere`]: the account is a member of another organisation.
		/// - [`Error::TooManyMembers`]: the organisation knows [`Config::MaxMembers`] present and former members.
		///
		/// ## Events
		///
		/// - [`Event::MemberAdded`], or [`Event::MemberUpdated`] for a present member of this organisation.
		///
		/// ## Deposit
		///
		/// None: members count towards the organisation's quota, [`Config::MaxMembers`].
		///
		/// ## Complexity
		///
		/// `O(1)`: administrators are bounded.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::add_member())]
		pub fn add_member(
			origin: OriginFor<T>,
			org: OrgId,
			who: AccountId,
			roles: MemberRoleSet,
			premises: Option<Gln>,
			until: Option<Moment>,
		) -> DispatchResult {
			let now = T::Time::now();
			Self::ensure_admin_in_standing(origin, org, now)?;
			ensure!(!roles.is_empty(), Error::<T>::NoRoles);
			ensure!(roles.is_known(), Error::<T>::UnknownRole);
			ensure!(premises.as_ref().is_none_or(is_valid_gln), Error::<T>::InvalidGln);
			ensure!(until.is_none_or(|until| until > now), Error::<T>::Expired);

			let known = Members::<T>::get(&who);
			let present = known.as_ref().is_some_and(|member| Self::is_present(member, now));
			let known_by = known.map(|member| member.org);
			if known_by != Some(org) {
				ensure!(!present, Error::<T>::MemberElsewhere);
				let count = MemberCounts::<T>::get(org);
				ensure!(count < T::MaxMembers::get(), Error::<T>::TooManyMembers);
				MemberCounts::<T>::insert(org, count.saturating_add(1));
				if let Some(other) = known_by {
					MemberCounts::<T>::mutate(other, |count| *count = count.saturating_sub(1));
				}
			}
			Members::<T>::insert(&who, Member { org, roles, premises, until, removed: false });
			Self::deposit_event(if present {
				Event::MemberUpdated { org, who, roles }
			} else {
				Event::MemberAdded { org, who, roles }
			});
			Ok(())
		}

		/// End a membership.
		///
		/// ## Dispatch Origin
		///
		/// Signed by an administrator of the organisation.
		///
		/// ## Details
		///
		/// Possible whatever the organisation's status. The account stays known as a former member: it is not in good
		/// standing, and nothing that was allowed to it by name holds, until an organisation adds it again.
		///
		/// ## Parameters
		///
		/// - `org`: the organisation.
		/// - `who`: the member.
		///
		/// ## Errors
		///
		/// - [`Error::NotFound`], [`Error::NotAuthorized`].
		/// - [`Error::NotMember`]: the account is not a member of it, or was removed already.
		///
		/// ## Events
		///
		/// - [`Event::MemberRemoved`].
		///
		/// ## Deposit
		///
		/// None. The former member goes on counting towards the quota, until another organisation takes it on.
		///
		/// ## Complexity
		///
		/// `O(1)`: administrators are bounded.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::remove_member())]
		pub fn remove_member(origin: OriginFor<T>, org: OrgId, who: AccountId) -> DispatchResult {
			Self::ensure_admin(origin, org)?;
			Members::<T>::try_mutate(&who, |member| {
				let member = member
					.as_mut()
					.filter(|member| member.org == org && !member.removed)
					.ok_or(Error::<T>::NotMember)?;
				member.removed = true;
				Ok::<_, Error<T>>(())
			})?;
			Self::deposit_event(Event::MemberRemoved { org, who });
			Ok(())
		}

		/// Set or rotate the caller's encryption key.
		///
		/// ## Dispatch Origin
		///
		/// Signed, by anyone.
		///
		/// ## Details
		///
		/// The first key has epoch 0 and each rotation the next one. What was encrypted to an earlier key cannot be
		/// encrypted to the new one by the chain: the owner keeps old private keys for as long as they need them.
		/// After a removal the epochs begin at 0 again, so envelopes bind the public key besides its epoch.
		///
		/// ## Parameters
		///
		/// - `suite`: what the key is used with.
		/// - `public_key`: the key; not all zeros.
		///
		/// ## Errors
		///
		/// - [`Error::InvalidKey`]: the key is all zeros.
		/// - [`Error::AlreadyExists`]: it is the present key.
		/// - Whatever [`Config::KeyConsideration`] refuses with, such as insufficient funds.
		///
		/// ## Events
		///
		/// - [`Event::EncryptionKeySet`].
		///
		/// ## Deposit
		///
		/// One from the caller while there is a key, taken with the first and kept over rotations.
		///
		/// ## Complexity
		///
		/// `O(1)`.
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::set_encryption_key())]
		pub fn set_encryption_key(origin: OriginFor<T>, suite: KeySuite, public_key: H256) -> DispatchResult {
			let who = ensure_signed(origin)?;
			ensure!(!public_key.is_zero(), Error::<T>::InvalidKey);
			let (epoch, ticket) = match EncryptionKeys::<T>::get(&who) {
				Some((key, ticket)) => {
					ensure!((key.suite, key.public_key) != (suite, public_key), Error::<T>::AlreadyExists);
					(key.epoch.wrapping_add(1), ticket.update(&who, Self::key_footprint())?)
				}
				None => (0, T::KeyConsideration::new(&who, Self::key_footprint())?),
			};
			EncryptionKeys::<T>::insert(&who, (EncryptionKey { epoch, suite, public_key }, ticket));
			Self::deposit_event(Event::EncryptionKeySet { who, epoch });
			Ok(())
		}

		/// Remove the caller's encryption key.
		///
		/// ## Dispatch Origin
		///
		/// Signed, by the owner of the key.
		///
		/// ## Details
		///
		/// Nothing can be released to the account until it sets a key again.
		///
		/// ## Parameters
		///
		/// None.
		///
		/// ## Errors
		///
		/// - [`Error::NoKey`]: there is none.
		///
		/// ## Events
		///
		/// - [`Event::EncryptionKeyRemoved`].
		///
		/// ## Deposit
		///
		/// Returned to the caller.
		///
		/// ## Complexity
		///
		/// `O(1)`.
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::remove_encryption_key())]
		pub fn remove_encryption_key(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			let (_, ticket) = EncryptionKeys::<T>::take(&who).ok_or(Error::<T>::NoKey)?;
			ticket.drop(&who)?;
			Self::deposit_event(Event::EncryptionKeyRemoved { who });
			Ok(())
		}

		/// Propose a data sharing agreement to another organisation.
		///
		/// ## Dispatch Origin
		///
		/// Signed by an administrator of `org`.
		///
		/// ## Details
		///
		/// The proposal has no effect until the other side accepts it. It cannot be changed: what is accepted is what was
		/// proposed. Agreements and proposals between the two that have ended make room for it.
		///
		/// ## Parameters
		///
		/// - `org`: the organisation that proposes; the agreement's custodian or its recipient.
		/// - `agreement`: what it covers. Both sides are in good standing.
		///
		/// ## Errors
		///
		/// - [`Error::NotParty`], [`Error::SameParty`]: `org` is neither side, or both.
		/// - [`Error::NotFound`], [`Error::NotAuthorized`]: of `org`; [`Error::NotFound`] also if the other side is unknown.
		/// - [`Error::NotInStanding`]: one of the two is not in good standing.
		/// - [`Error::EmptySet`], [`Error::UnknownCode`], [`Error::InvalidNotice`]: a field cannot be taken.
		/// - [`Error::InvertedPeriod`], [`Error::Expired`]: it would end before it starts, or before now.
		/// - [`Error::TooManyAgreements`]: the two have [`MAX_AGREEMENTS`], proposals included, or the numbers are used up.
		///
		/// ## Events
		///
		/// - [`Event::AgreementProposed`].
		///
		/// ## Deposit
		///
		/// None: only the consortium makes organisations, and a pair of them has at most [`MAX_AGREEMENTS`].
		///
		/// ## Complexity
		///
		/// `O(a)` in the number of agreements between the two, at most [`MAX_AGREEMENTS`].
		#[pallet::call_index(12)]
		#[pallet::weight(T::WeightInfo::propose_agreement())]
		pub fn propose_agreement(origin: OriginFor<T>, org: OrgId, agreement: AgreementInput) -> DispatchResult {
			Self::do_propose_agreement(origin, org, agreement, T::Time::now())
		}

		/// Accept an agreement that the other side proposed.
		///
		/// ## Dispatch Origin
		///
		/// Signed by an administrator of `org`.
		///
		/// ## Details
		///
		/// It is in force from its start, or from now on if that has passed or was not stated. It holds for the very
		/// next access decision.
		///
		/// ## Parameters
		///
		/// - `org`: the organisation that accepts: the side that did not propose.
		/// - `custodian`, `recipient`: between whom. Both are in good standing.
		/// - `id`: the proposal.
		///
		/// ## Errors
		///
		/// - [`Error::NotParty`]: `org` is neither side.
		/// - [`Error::NotFound`], [`Error::NotAuthorized`]: of `org`; [`Error::NotFound`] also without such a proposal.
		/// - [`Error::NotInStanding`]: one of the two is not in good standing.
		/// - [`Error::NotAwaited`]: `org` proposed it, or it is accepted already.
		/// - [`Error::Expired`]: its end has passed.
		///
		/// ## Events
		///
		/// - [`Event::AgreementAccepted`].
		///
		/// ## Deposit
		///
		/// None.
		///
		/// ## Complexity
		///
		/// `O(a)` in the number of agreements between the two, at most [`MAX_AGREEMENTS`].
		#[pallet::call_index(13)]
		#[pallet::weight(T::WeightInfo::accept_agreement())]
		pub fn accept_agreement(
			origin: OriginFor<T>,
			org: OrgId,
			custodian: OrgId,
			recipient: OrgId,
			id: AgreementId,
		) -> DispatchResult {
			Self::do_accept_agreement(origin, org, (custodian, recipient), id, T::Time::now())
		}

		/// End an agreement, reject a proposal, or take one back.
		///
		/// ## Dispatch Origin
		///
		/// Signed by an administrator of `org`.
		///
		/// ## Details
		///
		/// Possible whatever the status of either side. A proposal is removed at once. An agreement in force ends when
		/// its notice is over, counted from now, unless it ends earlier anyway; ending it again never prolongs it. What
		/// cannot come into force any more is removed.
		///
		/// ## Parameters
		///
		/// - `org`: the organisation that ends it; either side.
		/// - `custodian`, `recipient`: between whom.
		/// - `id`: the agreement or proposal.
		///
		/// ## Errors
		///
		/// - [`Error::NotParty`]: `org` is neither side.
		/// - [`Error::NotFound`], [`Error::NotAuthorized`]: of `org`; [`Error::NotFound`] also without such an agreement.
		///
		/// ## Events
		///
		/// - [`Event::AgreementEnded`].
		///
		/// ## Deposit
		///
		/// None.
		///
		/// ## Complexity
		///
		/// `O(a)` in the number of agreements between the two, at most [`MAX_AGREEMENTS`].
		#[pallet::call_index(14)]
		#[pallet::weight(T::WeightInfo::end_agreement())]
		pub fn end_agreement(
			origin: OriginFor<T>,
			org: OrgId,
			custodian: OrgId,
			recipient: OrgId,
			id: AgreementId,
		) -> DispatchResult {
			Self::do_end_agreement(origin, org, (custodian, recipient), id, T::Time::now())
		}
	}
}

impl<T: Config> Pallet<T> {
	/// What the deposit for an encryption key is for.
	pub fn key_footprint() -> Footprint {
		Footprint::from_mel::<(AccountId, EncryptionKey)>()
	}

	/// The organisation, if the origin is signed by one of its administrators.
	fn ensure_admin(origin: OriginFor<T>, org: OrgId) -> Result<Organisation, DispatchError> {
		let who = ensure_signed(origin)?;
		let organisation = Organisations::<T>::get(org).ok_or(Error::<T>::NotFound)?;
		ensure!(Admins::<T>::get(org).contains(&who), Error::<T>::NotAuthorized);
		Ok(organisation)
	}

	/// The organisation, if the origin is signed by one of its administrators and it is in good standing.
	fn ensure_admin_in_standing(origin: OriginFor<T>, org: OrgId, now: Moment) -> Result<Organisation, DispatchError> {
		let organisation = Self::ensure_admin(origin, org)?;
		ensure!(organisation.in_standing(now), Error::<T>::NotInStanding);
		Ok(organisation)
	}

	/// Whether the account still belongs to the organisation that the entry names, in good standing or not.
	fn is_present(member: &Member, now: Moment) -> bool {
		!member.removed
			&& member.until.is_none_or(|until| now < until)
			&& Organisations::<T>::get(member.org).is_some_and(|org| org.status != OrgStatus::Revoked)
	}

	fn change_status(org: OrgId, to: OrgStatus, from: impl FnOnce(OrgStatus) -> bool) -> DispatchResult {
		Organisations::<T>::try_mutate(org, |organisation| {
			let organisation = organisation.as_mut().ok_or(Error::<T>::NotFound)?;
			ensure!(from(organisation.status), Error::<T>::InvalidStatus);
			organisation.status = to;
			Ok(())
		})
	}
}
