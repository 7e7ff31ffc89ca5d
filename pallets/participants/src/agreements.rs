//! Agreements between organisations.

use crate::{Agreement, Agreements, Config, Error, Event, NextAgreement, Organisations, Pallet, MAX_NOTICE};
use frame_support::{ensure, pallet_prelude::DispatchResult};
use frame_system::pallet_prelude::OriginFor;
use salus_primitives::{
	consent::{Period, Sharing},
	inputs::AgreementInput,
	AgreementId, Moment, OrgId, PurposeSet, ResourceTypeSet,
};

/// A custodian and a recipient.
type Parties = (OrgId, OrgId);

impl<T: Config> Pallet<T> {
	pub(crate) fn do_propose_agreement(
		origin: OriginFor<T>,
		org: OrgId,
		input: AgreementInput,
		now: Moment,
	) -> DispatchResult {
		let AgreementInput { custodian, recipient, notice, terms, .. } = input;
		let awaits = Self::other_party(org, (custodian, recipient))?;
		ensure!(awaits != org, Error::<T>::SameParty);
		Self::ensure_admin_in_standing(origin, org, now)?;
		Self::ensure_in_standing(awaits, now)?;
		ensure!(notice <= MAX_NOTICE, Error::<T>::InvalidNotice);
		let sharing = Self::sharing(input, now)?;
		let id = NextAgreement::<T>::get();
		let next = id.checked_add(1).ok_or(Error::<T>::TooManyAgreements)?;

		Agreements::<T>::try_mutate(custodian, recipient, |agreements| {
			agreements.retain(|agreement| !agreement.is_over(now));
			agreements
				.try_push(Agreement { id, sharing, awaits: Some(awaits), notice, terms })
				.map_err(|_| Error::<T>::TooManyAgreements)
		})?;
		NextAgreement::<T>::put(next);
		Self::deposit_event(Event::AgreementProposed { custodian, recipient, id, awaits });
		Ok(())
	}

	pub(crate) fn do_accept_agreement(
		origin: OriginFor<T>,
		org: OrgId,
		parties: Parties,
		id: AgreementId,
		now: Moment,
	) -> DispatchResult {
		let proposer = Self::other_party(org, parties)?;
		Self::ensure_admin_in_standing(origin, org, now)?;
		let (custodian, recipient) = parties;
		Agreements::<T>::try_mutate(custodian, recipient, |agreements| {
			let agreement = agreements.iter_mut().find(|agreement| agreement.id == id).ok_or(Error::<T>::NotFound)?;
			ensure!(agreement.awaits == Some(org), Error::<T>::NotAwaited);
			ensure!(!agreement.is_over(now), Error::<T>::Expired);
			// A side that could not propose it now cannot be bound by it now either.
			Self::ensure_in_standing(proposer, now)?;
			agreement.awaits = None;
			// Nothing that was decided before is justified afterwards.
			agreement.sharing.period.from = agreement.sharing.period.from.max(now);
			Ok::<_, Error<T>>(())
		})?;
		Self::deposit_event(Event::AgreementAccepted { custodian, recipient, id });
		Ok(())
	}

	pub(crate) fn do_end_agreement(
		origin: OriginFor<T>,
		org: OrgId,
		parties: Parties,
		id: AgreementId,
		now: Moment,
	) -> DispatchResult {
		Self::other_party(org, parties)?;
		Self::ensure_admin(origin, org)?;
		let (custodian, recipient) = parties;
		let ends = Agreements::<T>::try_mutate_exists(custodian, recipient, |entry| {
			let agreements = entry.as_mut().ok_or(Error::<T>::NotFound)?;
			let position = agreements.iter().position(|agreement| agreement.id == id).ok_or(Error::<T>::NotFound)?;
			let agreement = &mut agreements[position];
			let noticed = if agreement.awaits.is_some() { now } else { now.saturating_add(agreement.notice) };
			let ends = agreement.sharing.period.until.map_or(noticed, |until| until.min(noticed));
			agreement.sharing.period.until = Some(ends);
			if agreement.awaits.is_some() || agreement.is_over(now) {
				agreements.remove(position);
			}
			if agreements.is_empty() {
				*entry = None;
			}
			Ok::<_, Error<T>>(ends)
		})?;
		Self::deposit_event(Event::AgreementEnded { custodian, recipient, id, ends });
		Ok(())
	}

	/// The other side of an agreement, if `org` is one.
	fn other_party(org: OrgId, (custodian, recipient): Parties) -> Result<OrgId, Error<T>> {
		match org {
			_ if org == custodian => Ok(recipient),
			_ if org == recipient => Ok(custodian),
			_ => Err(Error::NotParty),
		}
	}

	fn ensure_in_standing(org: OrgId, now: Moment) -> Result<(), Error<T>> {
		let organisation = Organisations::<T>::get(org).ok_or(Error::<T>::NotFound)?;
		ensure!(organisation.in_standing(now), Error::<T>::NotInStanding);
		Ok(())
	}

	/// What a well-formed proposal covers. Without a start it is in force once it is accepted, which is not before now.
	fn sharing(input: AgreementInput, now: Moment) -> Result<Sharing, Error<T>> {
		let AgreementInput { purposes, resource_types, obligations, start, end, .. } = input;
		ensure!(purposes != Some(PurposeSet::EMPTY), Error::<T>::EmptySet);
		ensure!(resource_types != Some(ResourceTypeSet::EMPTY), Error::<T>::EmptySet);
		let known = purposes.is_none_or(PurposeSet::is_known)
			&& resource_types.is_none_or(ResourceTypeSet::is_known)
			&& obligations.is_known();
		ensure!(known, Error::<T>::UnknownCode);
		ensure!(end.is_none_or(|end| end > now), Error::<T>::Expired);
		let from = start.unwrap_or(now);
		ensure!(end.is_none_or(|end| end > from), Error::<T>::InvertedPeriod);
		Ok(Sharing { purposes, resource_types, obligations, period: Period { from, until: end } })
	}
}
