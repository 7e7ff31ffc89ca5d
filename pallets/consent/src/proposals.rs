//! Consents that organisations ask for.

use crate::{
	types::{consent_from, Proposal, MAX_PROPOSALS, MAX_PROPOSALS_OF_ORG, PROPOSAL_LIFE},
	Config, Consents, DepositOf, Error, Event, Pallet, PatientOf,
};
use alloc::vec::Vec;
use frame_support::{dispatch::DispatchResult, ensure, traits::Footprint};
use salus_primitives::{
	consent::{Capacity, Consent, ConsentStatus, Standing},
	inputs::ConsentInput,
	traits::Directory,
	AccountId, ConsentId, Moment, PatientId,
};
use sp_runtime::DispatchError;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_propose(who: AccountId, patient: PatientId, input: ConsentInput) -> DispatchResult {
		let now = Self::now();
		let Standing::Active(member) = T::Directory::standing(&who, now) else {
			return Err(Error::<T>::NotAuthorized.into());
		};
		let org = member.org;
		let (id, expired) = Self::change(&patient, |entry| {
			ensure!(input.supersedes.is_none(), Error::<T>::CannotSupersede);
			let start = Self::check_input(&input, now)?;
			let open = || entry.proposals.iter().filter(|proposal| now < proposal.until);
			ensure!(open().count() < MAX_PROPOSALS as usize, Error::<T>::TooManyProposals);
			let of_org = open().filter(|proposal| proposal.org == org).count();
			ensure!(of_org < MAX_PROPOSALS_OF_ORG, Error::<T>::TooManyProposals);

			let expired = Self::evict_proposals(&patient, entry, now)?;
			let id = Self::next_consent(entry)?;
			let proposal = Proposal { id, org, until: now.saturating_add(PROPOSAL_LIFE) };
			entry.proposals.try_push(proposal).map_err(|_| Error::<T>::TooManyProposals)?;
			let consent = consent_from(input, who.clone(), None, start, ConsentStatus::Proposed);
			let deposit = Self::take_deposit(&who, Footprint::from_encodable(&consent))?;
			Consents::<T>::insert(patient, id, (consent, deposit));
			Ok((id, expired))
		})?;
		for consent in expired {
			Self::deposit_event(Event::ConsentRemoved { patient, consent });
		}
		Self::deposit_event(Event::ConsentProposed { patient, consent: id, org });
		Ok(())
	}

	pub(crate) fn do_accept(who: AccountId, patient: PatientId, consent: ConsentId) -> DispatchResult {
		let now = Self::now();
		Self::change_as(&who, &patient, now, Capacity::may_consent, |capacity, entry| {
			let (proposal, proposed, deposit) = Self::proposal(&patient, entry, consent)?;
			let expired = proposal.until <= now || proposed.end.is_some_and(|end| end <= now);
			ensure!(!expired, Error::<T>::Expired);
			let accepted = Consent {
				start: proposed.start.max(now),
				grantor: who.clone(),
				guardianship: capacity.guardianship(),
				status: ConsentStatus::Active,
				..proposed
			};
			Self::activate(entry, consent, &accepted, now)?;
			entry.proposals.retain(|proposal| proposal.id != consent);
			let deposit = Self::replace_deposit(Some(deposit), &who, Footprint::from_encodable(&accepted))?;
			Consents::<T>::insert(patient, consent, (accepted, deposit));
			Ok(())
		})?;
		Self::deposit_event(Event::ConsentGranted { patient, consent, supersedes: None });
		Ok(())
	}

	pub(crate) fn do_reject(who: AccountId, patient: PatientId, consent: ConsentId) -> DispatchResult {
		let now = Self::now();
		Self::change(&patient, |entry| {
			let (proposal, _, deposit) = Self::proposal(&patient, entry, consent)?;
			let may_reject = entry.capacity(&who, now).is_some_and(|capacity| capacity.may_consent())
				|| matches!(T::Directory::standing(&who, now), Standing::Active(member) if member.org == proposal.org);
			ensure!(may_reject, Error::<T>::NotAuthorized);
			Self::return_deposit(deposit)?;
			entry.proposals.retain(|proposal| proposal.id != consent);
			Consents::<T>::remove(patient, consent);
			Ok(())
		})?;
		Self::deposit_event(Event::ConsentEnded { patient, consent, status: ConsentStatus::Rejected });
		Ok(())
	}

	/// A proposal, expired or not, with the consent and its deposit.
	fn proposal(
		patient: &PatientId,
		entry: &PatientOf<T>,
		consent: ConsentId,
	) -> Result<(Proposal, Consent, DepositOf<T>), DispatchError> {
		let (stored, deposit) = Consents::<T>::get(patient, consent).ok_or(Error::<T>::ConsentNotFound)?;
		let listed = entry.proposals.iter().find(|proposal| proposal.id == consent);
		Ok((*listed.ok_or(Error::<T>::NotProposed)?, stored, deposit))
	}

	/// Removes expired proposals, and tells which.
	fn evict_proposals(
		patient: &PatientId,
		entry: &mut PatientOf<T>,
		now: Moment,
	) -> Result<Vec<ConsentId>, DispatchError> {
		let is_expired = |proposal: &Proposal| proposal.until <= now;
		let expired: Vec<ConsentId> =
			entry.proposals.iter().filter(|proposal| is_expired(proposal)).map(|proposal| proposal.id).collect();
		entry.proposals.retain(|proposal| !is_expired(proposal));
		for id in &expired {
			if let Some((_, deposit)) = Consents::<T>::take(patient, id) {
				Self::return_deposit(deposit)?;
			}
		}
		Ok(expired)
	}
}
