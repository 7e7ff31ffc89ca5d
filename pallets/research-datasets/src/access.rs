//! Who may do what.

use super::*;

/// Who may stand for a dataset: whoever is accredited for one of these.
const STEWARDS: [OrgRole; 3] = [OrgRole::Provider, OrgRole::ResearchBody, OrgRole::PatientOrganisation];

impl<T: Config> Pallet<T> {
	/// Membership of an account in standing.
	pub(crate) fn member(who: &AccountId, now: Moment) -> Result<Membership, Error<T>> {
		match T::Directory::standing(who, now) {
			Standing::Active(member) if member.until.is_none_or(|until| now < until) => Ok(member),
			_ => Err(Error::NotAuthorized),
		}
	}

	/// The organisation of an account that registers for one that may stand for datasets.
	pub(crate) fn founder(who: &AccountId, now: Moment) -> Result<OrgId, Error<T>> {
		let member = Self::member(who, now)?;
		ensure!(member.roles.contains(MemberRole::Registrar), Error::NotAuthorized);
		ensure!(member.org_roles.intersects(OrgRoleSet::of(&STEWARDS)), Error::NotAccredited);
		Ok(member.org)
	}

	/// Refuses who does not register for the dataset's steward.
	pub(crate) fn ensure_steward(who: &AccountId, steward: OrgId, now: Moment) -> Result<(), Error<T>> {
		let member = Self::member(who, now)?;
		ensure!(member.org == steward && member.roles.contains(MemberRole::Registrar), Error::NotAuthorized);
		Ok(())
	}

	/// The organisation of a researcher in standing.
	pub(crate) fn researcher(who: &AccountId, now: Moment) -> Result<OrgId, Error<T>> {
		let member = Self::member(who, now)?;
		ensure!(member.roles.contains(MemberRole::Researcher), Error::NotAuthorized);
		Ok(member.org)
	}

	/// The provider of a member in standing.
	pub(crate) fn attester(who: &AccountId, now: Moment) -> Result<OrgId, Error<T>> {
		let member = Self::member(who, now)?;
		ensure!(member.org_roles.contains(OrgRole::Provider), Error::NotAccredited);
		Ok(member.org)
	}

	/// The ethics committee of a reviewer in standing.
	pub(crate) fn ethics_reviewer(who: &AccountId, now: Moment) -> Result<OrgId, Error<T>> {
		let member = Self::member(who, now)?;
		let reviews =
			member.roles.contains(MemberRole::EthicsReviewer) && member.org_roles.contains(OrgRole::EthicsCommittee);
		ensure!(reviews, Error::NotAuthorized);
		Ok(member.org)
	}

	/// Refuses who may not decide about a request, and whose interests it touches: who asks or co-signs, members of the
	/// researcher's legal entity, and, where the steward is of that entity, whoever the steward named.
	pub(crate) fn ensure_reviewer(
		who: &AccountId,
		dataset: &Dataset<TicketOf<T>>,
		request: &Request<TicketOf<T>>,
		now: Moment,
	) -> DispatchResult {
		let standing = T::Directory::standing(who, now);
		let reviews = Self::ethics_reviewer(who, now).is_ok();
		let named = dataset.committee.contains(who) && standing != Standing::Inactive;
		ensure!(reviews || named, Error::<T>::NotAuthorized);

		let theirs = *who == request.researcher || request.co_signers.contains(who);
		let colleague = match standing {
			Standing::Active(member) => Self::one_entity(member.org, request.org, now),
			_ => false,
		};
		let partial = !reviews && Self::one_entity(dataset.steward, request.org, now);
		ensure!(!theirs && !colleague && !partial, Error::<T>::ConflictOfInterest);
		Ok(())
	}

	/// Whether two organisations are one legal entity.
	pub(crate) fn one_entity(a: OrgId, b: OrgId, now: Moment) -> bool {
		let entity = |org| T::Directory::organisation(org, now).map(|standing| standing.legal_entity);
		a == b || entity(a).is_some_and(|first| entity(b) == Some(first))
	}

	/// Weight of telling who signs and about so many other organisations.
	pub(crate) fn directory_weight(organisations: u64) -> Weight {
		T::Directory::standing_weight()
			.saturating_add(T::Directory::organisation_weight().saturating_mul(organisations))
	}

	/// Weight of telling whether somebody may decide about a request: who signs, twice, and up to four organisations.
	pub(crate) fn reviewer_weight() -> Weight {
		Self::directory_weight(4).saturating_add(T::Directory::standing_weight())
	}
}
