//! Patients and their care relationships.

use crate::{types::Guardian, CareOf, Cares, Config, Error, Event, Pallet, PatientOf, Patients};
use frame_support::{dispatch::DispatchResult, ensure, traits::Footprint};
use salus_primitives::{
	consent::{BreakGlass, Capacity, DefaultPolicy, Standing},
	traits::Directory,
	views::{SealedKey, SEALED_KEY_LEN},
	AccountId, Moment, OrgId, PatientId,
};

use crate::types::{Care, Patient};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_register(
		controller: AccountId,
		patient: PatientId,
		default_policy: DefaultPolicy,
		break_glass: BreakGlass,
	) -> DispatchResult {
		Self::insert_patient(&controller, patient, controller.clone(), default_policy, break_glass, None)?;
		Self::deposit_event(Event::PatientRegistered { patient, controller });
		Ok(())
	}

	/// Stores a patient; a minor with their first guardian and until when they are a minor.
	pub(crate) fn insert_patient(
		payer: &AccountId,
		patient: PatientId,
		controller: AccountId,
		default_policy: DefaultPolicy,
		break_glass: BreakGlass,
		minority: Option<(Guardian, Moment)>,
	) -> DispatchResult {
		ensure!(!Patients::<T>::contains_key(patient), Error::<T>::AlreadyExists);
		let deposit = Self::take_deposit(payer, Footprint::from_mel::<PatientOf<T>>())?;
		let mut entry = Patient {
			controller,
			minor_until: None,
			revision: 1,
			break_glass,
			default_policy,
			label_epoch: 1,
			next_consent: 0,
			active: Default::default(),
			guardians: Default::default(),
			next_guardian: 0,
			proposals: Default::default(),
			deposit,
		};
		if let Some((guardian, majority)) = minority {
			entry.minor_until = Some(majority);
			entry.next_guardian = guardian.number.saturating_add(1);
			entry.guardians.try_push(guardian).map_err(|_| Error::<T>::TooManyGuardians)?;
		}
		Patients::<T>::insert(patient, entry);
		Ok(())
	}

	pub(crate) fn do_set_policy(
		who: AccountId,
		patient: PatientId,
		default_policy: DefaultPolicy,
		break_glass: BreakGlass,
	) -> DispatchResult {
		Self::change_as(&who, &patient, Self::now(), Capacity::is_full, |_, entry| {
			entry.default_policy = default_policy;
			entry.break_glass = break_glass;
			Ok(())
		})?;
		Self::deposit_event(Event::PolicyChanged { patient, default_policy, break_glass });
		Ok(())
	}

	pub(crate) fn do_open_care(
		who: AccountId,
		patient: PatientId,
		org: OrgId,
		until: Moment,
		recipient: AccountId,
		sealed_label_key: SealedKey,
	) -> DispatchResult {
		let now = Self::now();
		Self::change_as(&who, &patient, now, Capacity::may_consent, |_, entry| {
			ensure!(now < until, Error::<T>::EndInPast);
			ensure!(sealed_label_key.len() == SEALED_KEY_LEN as usize, Error::<T>::WrongKeyLength);
			let standing = T::Directory::organisation(org, now).ok_or(Error::<T>::OrganisationNotFound)?;
			ensure!(standing.active, Error::<T>::OrganisationNotActive);
			ensure!(
				matches!(T::Directory::standing(&recipient, now), Standing::Active(member) if member.org == org),
				Error::<T>::RecipientNotMember
			);

			let replaced = Cares::<T>::get(patient, org).map(|care| care.deposit);
			let deposit = Self::replace_deposit(replaced, &who, Footprint::from_mel::<CareOf<T>>())?;
			let label_epoch = entry.label_epoch;
			Cares::<T>::insert(patient, org, Care { until, label_epoch, recipient, sealed_label_key, deposit });
			Ok(())
		})?;
		Self::deposit_event(Event::CareOpened { patient, org, until });
		Ok(())
	}

	pub(crate) fn do_close_care(who: AccountId, patient: PatientId, org: OrgId) -> DispatchResult {
		Self::change_as(&who, &patient, Self::now(), Capacity::may_consent, |_, _| {
			let care = Cares::<T>::get(patient, org).ok_or(Error::<T>::CareNotFound)?;
			Self::return_deposit(care.deposit)?;
			Cares::<T>::remove(patient, org);
			Ok(())
		})?;
		Self::deposit_event(Event::CareClosed { patient, org });
		Ok(())
	}
}
