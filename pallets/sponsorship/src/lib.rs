//! # Sponsorship
//!
//! Patients need no tokens. An organisation pays the fees of the accounts it enrols, what they keep in storage counts
//! towards a quota instead of holding a deposit, and a patient's own rights cost nothing, with a sponsor or without.
//!
//! ## Terminology
//!
//! - *Sponsor*: an organisation that set *terms*: what it pays in a day for one account, and for all of them.
//! - *Payer*: the administrator who set the terms. The fees are taken from this account's balance, for as long as it
//!   administers the organisation.
//! - *Enrolled account*: one that a sponsor pays for. It needs no balance.
//! - *Paying*: a sponsor is, while the organisation is in good standing, has terms, and its payer is an administrator.
//!   Nothing is written when it ceases to be.
//! - *Right*: a call by which patients defend themselves, such as withdrawing a consent or restricting a record. The
//!   runtime lists them ([`Config::Rights`]).
//! - *Waiver*: a fee that nobody pays, because the call is a right of a patient for whom the sender acts.
//! - *Day*: of Coordinated Universal Time.
//!
//! ## The life of an enrolment
//!
//! 1. An administrator of a hospital sets its terms and so becomes the payer.
//! 2. At the reception desk a registrar enrols the account that the patient's telephone has just made. The account
//!    exists from now on, with a nonce and without a balance. It exists for good: if it were ever reaped its nonce would
//!    begin again at zero, and whoever kept the patient's old transactions could send them once more.
//! 3. The patient registers, gives consents, keeps records. Wallets sign these calls as ever; the fees are taken from
//!    the payer, deposits from the account's quota of storage.
//! 4. The organisation dismisses the account, or the account leaves. Another may enrol it then, or as soon as the
//!    sponsor is not paying any more. What the account keeps in storage stays as it is, and moves with it from the quota
//!    of one organisation to that of the next.
//!
//! ## Who pays
//!
//! For a transaction without a tip, the first of these that can; with a tip, always the sender, since priority comes
//! from the tip.
//!
//! 1. The sponsor: if the call is in [`Config::Sponsorable`], the sender is enrolled, the sponsor is paying, the fee
//!    fits into what is left today of the account's and of the organisation's allowance, and the payer can pay it and
//!    stay above the existential deposit. What the call turns out not to use goes back to the payer and into both
//!    allowances.
//! 2. Nobody: if the call is a right of a patient for whom the sender acts in any capacity, and the sender has used fewer
//!    than [`Config::WaiversPerDay`] today. The waiver is used up even if the call fails.
//! 3. The sender.
//!
//! Only the call itself counts. One inside a batch, a proxy's, a multisig's or a council's call is neither sponsored nor
//! waived, so that the allowances cannot be spent in anyone else's name. `TransactionPayment::TransactionFeePaid` names
//! the sender in any case; an event of this pallet right before it says when somebody else paid, or nobody.
//!
//! What this can cost is bounded: an organisation by its daily allowance, the chain by the waivers of accounts that act
//! for a patient, and each patient stands for a deposit or a part of a quota. Storage is bounded by
//! [`Config::MaxEnrolled`] accounts of each organisation with [`Config::StoragePerAccount`] each.
//!
//! ## Data structures
//!
//! [`Sponsors`] holds what organisations offer and how much they spent today, [`Accounts`] whom they enrolled. Neither
//! is ever removed: stopping, dismissing and beginning again win no allowance anew. [`Waivers`] are kept by day, and each
//! new entry takes the place of up to two of days that have passed.
//!
//! ## API
//!
//! The runtime charges fees through [`SponsoredFees`] with the weights of [`FeeWeights`], and the pallets that take
//! deposits take them as [`Sponsored`] tickets. Clients ask the runtime API `SponsorshipApi`, which
//! [`Pallet::sponsor_view`] and [`Pallet::sponsorship_view`] answer.

#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;

#[cfg(any(test, feature = "runtime-benchmarks"))]
pub mod benchmarking;
pub mod deposits;
pub mod fees;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "try-runtime"))]
mod try_state;
pub mod types;
pub mod weights;

pub use deposits::Sponsored;
pub use fees::{FeeWeights, Rights, SponsoredFees};
pub use pallet::*;
pub use weights::WeightInfo;

use alloc::vec::Vec;
use frame_support::{
	pallet_prelude::*,
	traits::{Contains, Time},
};
use frame_system::pallet_prelude::*;
use salus_primitives::{
	consent::Standing,
	inputs::SponsorTerms,
	traits::{Directory, OrgStanding, Patients},
	views::{SponsorView, SponsorshipView},
	AccountId, MemberRole, Moment, OrgId,
};
use types::{day_of, Account, Day, Offer, Spending, Sponsor};

/// Entries of [`Waivers`] of days that have passed that a new entry replaces. More than one, so that the past is
/// forgotten faster than it grows.
pub const EVICTED_WAIVERS: usize = 2;

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
		/// Who belongs to which organisation.
		type Directory: Directory;

		/// Who acts for which patient.
		type Patients: Patients;

		/// The time of the block, in unix milliseconds.
		type Time: Time<Moment = Moment>;

		/// Calls that sponsors pay for. None of them may contain another call.
		type Sponsorable: Contains<<Self as frame_system::Config>::RuntimeCall>;

		/// Calls that are a patient's own rights. None of them may contain another call.
		type Rights: Rights<<Self as frame_system::Config>::RuntimeCall>;

		/// Accounts that one organisation may have as present or former ones.
		#[pallet::constant]
		type MaxEnrolled: Get<u32>;

		/// What one account may keep in storage without a deposit of its own, at the price of the deposit.
		#[pallet::constant]
		type StoragePerAccount: Get<u128>;

		/// Fees that are waived for one account in one day.
		#[pallet::constant]
		type WaiversPerDay: Get<u32>;

		/// Weights of the calls, and of charging fees.
		type WeightInfo: WeightInfo;

		/// Prepares the runtime for benchmarks.
		#[cfg(any(test, feature = "runtime-benchmarks"))]
		type BenchmarkHelper: benchmarking::BenchmarkHelper;
	}

	/// Organisations that ever sponsored.
	#[pallet::storage]
	pub type Sponsors<T: Config> = StorageMap<_, Twox64Concat, OrgId, Sponsor>;

	/// Accounts that were ever enrolled.
	#[pallet::storage]
	pub type Accounts<T: Config> = StorageMap<_, Blake2_128Concat, AccountId, Account>;

	/// How many fees were waived, by day and account. The day is written big-endian and not hashed, so that the entries
	/// stand in the order of their days and those of the past are found first; nobody chooses a day.
	#[pallet::storage]
	pub type Waivers<T: Config> = StorageDoubleMap<_, Identity, [u8; 4], Blake2_128Concat, AccountId, u32, ValueQuery>;

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An organisation sponsors on these terms from now on.
		TermsSet {
			/// The organisation.
			org: OrgId,
			/// Whose balance pays.
			payer: AccountId,
			/// What it pays.
			terms: SponsorTerms,
		},
		/// An organisation stopped sponsoring.
		SponsoringEnded {
			/// The organisation.
			org: OrgId,
		},
		/// An organisation enrolled an account.
		Enrolled {
			/// The organisation.
			org: OrgId,
			/// The account.
			account: AccountId,
		},
		/// An organisation dismissed an account.
		Dismissed {
			/// The organisation.
			org: OrgId,
			/// The account.
			account: AccountId,
		},
		/// An account left its sponsor.
		Left {
			/// The sponsor.
			org: OrgId,
			/// The account.
			account: AccountId,
		},
		/// A sponsor paid the fee of a transaction.
		FeeSponsored {
			/// The sponsor.
			org: OrgId,
			/// Who signed.
			account: AccountId,
			/// How much.
			fee: u128,
		},
		/// Nobody paid the fee of a transaction: it was a patient's own right.
		FeeWaived {
			/// Who signed.
			account: AccountId,
		},
	}

	/// Why a call failed.
	#[pallet::error]
	#[derive(PartialEq, Eq)]
	pub enum Error<T> {
		/// There is no such organisation.
		NotFound,
		/// The caller is neither an administrator of the organisation nor, where that suffices, a registrar.
		NotAuthorized,
		/// The organisation is suspended or revoked, or its licence has ended.
		NotInStanding,
		/// The organisation has no terms, or its payer is not an administrator any more.
		NotSponsoring,
		/// A sponsor that is paying has enrolled the account.
		AlreadyEnrolled,
		/// The account is not enrolled, or not by this organisation.
		NotEnrolled,
		/// The organisation has as many present and former accounts as it may.
		TooManyEnrolled,
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
		/// Begin to sponsor, change the terms, or stop.
		///
		/// ## Dispatch Origin
		///
		/// Signed by an administrator of the organisation.
		///
		/// ## Details
		///
		/// With terms, the caller becomes the payer, in the place of an earlier one: fees are taken from the caller's
		/// free balance for as long as the caller administers the organisation. What was spent today counts towards the
		/// new terms. Stopping is possible whatever the organisation's status; accounts stay enrolled, but nobody pays
		/// for them until there are terms again or another organisation enrols them.
		///
		/// ## Parameters
		///
		/// - `org`: the organisation, in good standing unless it stops.
		/// - `terms`: what it pays; `None` stops.
		///
		/// ## Errors
		///
		/// - [`Error::NotFound`], [`Error::NotAuthorized`].
		/// - [`Error::NotInStanding`]: terms cannot be set now.
		/// - [`Error::NotSponsoring`]: there is nothing to stop.
		///
		/// ## Events
		///
		/// - [`Event::TermsSet`] or [`Event::SponsoringEnded`].
		///
		/// ## Deposit
		///
		/// None: there is one entry for each organisation, and only the consortium admits those.
		///
		/// ## Complexity
		///
		/// `O(1)`: administrators are bounded.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::set_terms())]
		pub fn set_terms(origin: OriginFor<T>, org: OrgId, terms: Option<SponsorTerms>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			let standing = T::Directory::organisation(org, T::Time::now()).ok_or(Error::<T>::NotFound)?;
			ensure!(T::Directory::is_admin(org, &who), Error::<T>::NotAuthorized);
			let sponsor = Sponsors::<T>::get(org);
			let Some(terms) = terms else {
				let sponsor = sponsor.filter(|sponsor| sponsor.offer.is_some()).ok_or(Error::<T>::NotSponsoring)?;
				Sponsors::<T>::insert(org, Sponsor { offer: None, ..sponsor });
				Self::deposit_event(Event::SponsoringEnded { org });
				return Ok(());
			};
			ensure!(standing.active, Error::<T>::NotInStanding);

			let offer = Some(Offer { payer: who.clone(), terms });
			Sponsors::<T>::insert(org, Sponsor { offer, ..sponsor.unwrap_or_default() });
			Self::deposit_event(Event::TermsSet { org, payer: who, terms });
			Ok(())
		}

		/// Enrol an account.
		///
		/// ## Dispatch Origin
		///
		/// Signed by an administrator of the organisation or by a member of it with the role Registrar.
		///
		/// ## Details
		///
		/// The account exists from now on and for good, with or without a balance. One that was dismissed or left may be
		/// enrolled again, by any organisation, and so may one whose sponsor is not paying at present. What it spent
		/// today and keeps in storage counts on.
		///
		/// ## Parameters
		///
		/// - `org`: an organisation that is paying.
		/// - `account`: the account.
		///
		/// ## Errors
		///
		/// - [`Error::NotFound`], [`Error::NotAuthorized`], [`Error::NotInStanding`], [`Error::NotSponsoring`].
		/// - [`Error::AlreadyEnrolled`]: by this organisation, or by another that is paying.
		/// - [`Error::TooManyEnrolled`]: the organisation has [`Config::MaxEnrolled`] present and former accounts.
		///
		/// ## Events
		///
		/// - [`Event::Enrolled`].
		///
		/// ## Deposit
		///
		/// None: accounts count towards the organisation's quota, [`Config::MaxEnrolled`].
		///
		/// ## Complexity
		///
		/// `O(1)`: administrators are bounded.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::enrol())]
		pub fn enrol(origin: OriginFor<T>, org: OrgId, account: AccountId) -> DispatchResult {
			let now = T::Time::now();
			let standing = Self::ensure_may_enrol(origin, org, now)?;
			ensure!(standing.active, Error::<T>::NotInStanding);
			let (mut sponsor, _) = Self::paying(org, now).ok_or(Error::<T>::NotSponsoring)?;
			let known = Accounts::<T>::get(&account);
			let present = known.as_ref().and_then(Account::sponsor);
			ensure!(present.is_none_or(|by| Self::paying(by, now).is_none()), Error::<T>::AlreadyEnrolled);

			let known_to = known.as_ref().map(|account| account.org);
			if known_to != Some(org) {
				ensure!(sponsor.enrolled < T::MaxEnrolled::get(), Error::<T>::TooManyEnrolled);
				sponsor.enrolled = sponsor.enrolled.saturating_add(1);
				Sponsors::<T>::insert(org, sponsor);
				if let Some(other) = known_to {
					Sponsors::<T>::mutate_extant(other, |other| other.enrolled = other.enrolled.saturating_sub(1));
				}
			}
			let (spent, storage) = match known {
				Some(known) => (known.spent, known.storage),
				None => {
					frame_system::Pallet::<T>::inc_sufficients(&account);
					(Spending::default(), 0)
				}
			};
			Accounts::<T>::insert(&account, Account { org, enrolled: true, spent, storage });
			Self::deposit_event(Event::Enrolled { org, account });
			Ok(())
		}

		/// Stop paying for an account.
		///
		/// ## Dispatch Origin
		///
		/// Signed by an administrator of the organisation or by a member of it with the role Registrar.
		///
		/// ## Details
		///
		/// Possible for administrators whatever the organisation's status. The account goes on existing, its rights go
		/// on being free, and what it keeps in storage stays.
		///
		/// ## Parameters
		///
		/// - `org`: the organisation.
		/// - `account`: an account that it enrolled.
		///
		/// ## Errors
		///
		/// - [`Error::NotFound`], [`Error::NotAuthorized`].
		/// - [`Error::NotEnrolled`]: the organisation does not sponsor the account.
		///
		/// ## Events
		///
		/// - [`Event::Dismissed`].
		///
		/// ## Deposit
		///
		/// None. The account goes on counting towards the quota, until another organisation enrols it.
		///
		/// ## Complexity
		///
		/// `O(1)`: administrators are bounded.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::dismiss())]
		pub fn dismiss(origin: OriginFor<T>, org: OrgId, account: AccountId) -> DispatchResult {
			Self::ensure_may_enrol(origin, org, T::Time::now())?;
			Self::end_enrolment(&account, |by| by == org)?;
			Self::deposit_event(Event::Dismissed { org, account });
			Ok(())
		}

		/// Leave the sponsor.
		///
		/// ## Dispatch Origin
		///
		/// Signed by an enrolled account.
		///
		/// ## Details
		///
		/// From now on the account pays for itself, except for its rights.
		///
		/// ## Parameters
		///
		/// None.
		///
		/// ## Errors
		///
		/// - [`Error::NotEnrolled`].
		///
		/// ## Events
		///
		/// - [`Event::Left`].
		///
		/// ## Deposit
		///
		/// None. The account goes on counting towards the sponsor's quota, until another organisation enrols it.
		///
		/// ## Complexity
		///
		/// `O(1)`.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::leave())]
		pub fn leave(origin: OriginFor<T>) -> DispatchResult {
			let account = ensure_signed(origin)?;
			let org = Self::end_enrolment(&account, |_| true)?;
			Self::deposit_event(Event::Left { org, account });
			Ok(())
		}
	}
}

impl<T: Config> Pallet<T> {
	/// What the runtime API answers about an organisation that has terms, paying or not.
	pub fn sponsor_view(org: OrgId) -> Option<SponsorView> {
		let Sponsor { offer, spent, enrolled } = Sponsors::<T>::get(org)?;
		let Offer { payer, terms } = offer?;
		Some(SponsorView { org, payer, terms, spent_today: spent.on(day_of(T::Time::now())), enrolled })
	}

	/// What the runtime API answers about an account, at the time of the block.
	pub fn sponsorship_view(account: AccountId) -> SponsorshipView {
		let now = T::Time::now();
		let entry = Accounts::<T>::get(&account);
		let sponsor = entry.as_ref().and_then(Account::sponsor);
		let paying = sponsor.and_then(|org| Self::paying(org, now));
		let left_today = match (&entry, &paying) {
			(Some(entry), Some((sponsor, offer))) => Self::left(entry, sponsor, offer, day_of(now)),
			_ => 0,
		};
		SponsorshipView {
			sponsor,
			left_today,
			storage: entry.map_or(0, |entry| entry.storage),
			storage_limit: if paying.is_some() { T::StoragePerAccount::get() } else { 0 },
			waivers_left: Self::waivers_left(&account, day_of(now)),
		}
	}

	/// The organisation, if the origin is signed by one of its administrators or registrars.
	fn ensure_may_enrol(origin: OriginFor<T>, org: OrgId, now: Moment) -> Result<OrgStanding, DispatchError> {
		let who = ensure_signed(origin)?;
		let standing = T::Directory::organisation(org, now).ok_or(Error::<T>::NotFound)?;
		let is_registrar = || match T::Directory::standing(&who, now) {
			Standing::Active(member) => member.org == org && member.roles.contains(MemberRole::Registrar),
			_ => false,
		};
		ensure!(T::Directory::is_admin(org, &who) || is_registrar(), Error::<T>::NotAuthorized);
		Ok(standing)
	}

	/// Ends an enrolment by an organisation that is the right one, and returns which it was.
	fn end_enrolment(account: &AccountId, by: impl FnOnce(OrgId) -> bool) -> Result<OrgId, Error<T>> {
		Accounts::<T>::try_mutate(account, |entry| {
			let entry = entry.as_mut().ok_or(Error::<T>::NotEnrolled)?;
			let org = entry.sponsor().filter(|org| by(*org)).ok_or(Error::<T>::NotEnrolled)?;
			entry.enrolled = false;
			Ok(org)
		})
	}

	/// The organisation with its offer, if it is paying.
	fn paying(org: OrgId, now: Moment) -> Option<(Sponsor, Offer)> {
		let sponsor = Sponsors::<T>::get(org)?;
		let offer = sponsor.offer.clone()?;
		let active = T::Directory::organisation(org, now).is_some_and(|standing| standing.active);
		(active && T::Directory::is_admin(org, &offer.payer)).then_some((sponsor, offer))
	}

	/// What the allowances leave for the account today.
	fn left(account: &Account, sponsor: &Sponsor, offer: &Offer, today: Day) -> u128 {
		let of_account = offer.terms.per_account.saturating_sub(account.spent.on(today));
		let of_sponsor = offer.terms.per_day.saturating_sub(sponsor.spent.on(today));
		of_account.min(of_sponsor)
	}

	/// The sponsor whose allowances cover a fee of the account, and whose balance is to pay it.
	pub(crate) fn sponsor_for_fee(who: &AccountId, fee: u128, now: Moment) -> Option<(OrgId, AccountId)> {
		let account = Accounts::<T>::get(who)?;
		let org = account.sponsor()?;
		let (sponsor, offer) = Self::paying(org, now)?;
		(fee <= Self::left(&account, &sponsor, &offer, day_of(now))).then_some((org, offer.payer))
	}

	/// Charges a fee to the allowances of an account and of its sponsor.
	pub(crate) fn spend(who: &AccountId, org: OrgId, day: Day, fee: u128) {
		Accounts::<T>::mutate_extant(who, |account| account.spent.spend(day, fee));
		Sponsors::<T>::mutate_extant(org, |sponsor| sponsor.spent.spend(day, fee));
	}

	/// Gives back to both allowances what a call did not use of its fee.
	pub(crate) fn give_back(who: &AccountId, org: OrgId, day: Day, unused: u128) {
		if unused > 0 {
			Accounts::<T>::mutate_extant(who, |account| account.spent.give_back(day, unused));
			Sponsors::<T>::mutate_extant(org, |sponsor| sponsor.spent.give_back(day, unused));
		}
	}

	/// Fees that may still be waived for the account on this day.
	pub(crate) fn waivers_left(who: &AccountId, day: Day) -> u32 {
		T::WaiversPerDay::get().saturating_sub(Waivers::<T>::get(day.to_be_bytes(), who))
	}

	/// Counts a waiver of today, and forgets some of days that have passed.
	pub(crate) fn use_waiver(who: &AccountId, today: Day) {
		Waivers::<T>::mutate(today.to_be_bytes(), who, |used| *used = used.saturating_add(1));
		let oldest: Vec<_> = Waivers::<T>::iter_keys().take(EVICTED_WAIVERS).collect();
		for (day, account) in oldest.into_iter().filter(|(day, _)| Day::from_be_bytes(*day) < today) {
			Waivers::<T>::remove(day, account);
		}
	}

	/// Charges a price to the account's quota of storage, if a sponsor grants it and it fits. Says whether it did.
	pub(crate) fn charge_storage(who: &AccountId, price: u128) -> bool {
		Accounts::<T>::mutate_extant(who, |account| {
			let granted = account.sponsor().is_some_and(|org| Self::paying(org, T::Time::now()).is_some());
			let storage = account.storage.checked_add(price).filter(|sum| *sum <= T::StoragePerAccount::get());
			match storage {
				Some(storage) if granted => {
					account.storage = storage;
					true
				}
				_ => false,
			}
		})
	}

	/// Gives a price back to the account's quota of storage.
	pub(crate) fn release_storage(who: &AccountId, price: u128) {
		Accounts::<T>::mutate_extant(who, |account| account.storage = account.storage.saturating_sub(price));
	}
}
