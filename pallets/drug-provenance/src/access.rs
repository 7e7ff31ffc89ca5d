//! Who may do what.

use super::*;

/// Who may have goods: whoever is accredited for one of these.
pub(crate) const TRADE: [OrgRole; 5] =
	[OrgRole::Manufacturer, OrgRole::Distributor, OrgRole::Dispenser, OrgRole::Provider, OrgRole::Carrier];
/// Who may own goods that it did not make.
pub(crate) const BUYERS: [OrgRole; 4] =
	[OrgRole::Manufacturer, OrgRole::Distributor, OrgRole::Dispenser, OrgRole::Provider];

impl<T: Config> Pallet<T> {
	/// Membership of an account in standing.
	pub(crate) fn member(who: &AccountId, now: Moment) -> Result<Membership, Error<T>> {
		match T::Directory::standing(who, now) {
			Standing::Active(member) if member.until.is_none_or(|until| now < until) => Ok(member),
			_ => Err(Error::NotAuthorized),
		}
	}

	/// Membership of an account in standing that handles goods.
	pub(crate) fn operator(who: &AccountId, now: Moment) -> Result<Membership, Error<T>> {
		let member = Self::member(who, now)?;
		let operators = MemberRoleSet::of(&[MemberRole::Logistics, MemberRole::Pharmacist, MemberRole::Quality]);
		ensure!(member.roles.intersects(operators), Error::NotAuthorized);
		Ok(member)
	}

	/// Membership of an account in standing that answers for quality.
	pub(crate) fn quality(who: &AccountId, now: Moment) -> Result<Membership, Error<T>> {
		let member = Self::member(who, now)?;
		ensure!(member.roles.contains(MemberRole::Quality), Error::NotAuthorized);
		Ok(member)
	}

	/// Membership of an account in standing of a regulator.
	pub(crate) fn regulator(who: &AccountId, now: Moment) -> Result<Membership, Error<T>> {
		let member = Self::member(who, now)?;
		ensure!(member.org_roles.contains(OrgRole::Regulator), Error::NotAuthorized);
		Ok(member)
	}

	/// Membership of an account in standing that dispenses for a dispenser.
	pub(crate) fn pharmacist(who: &AccountId, now: Moment) -> Result<Membership, Error<T>> {
		let member = Self::member(who, now)?;
		let dispenses = member.roles.contains(MemberRole::Pharmacist) && member.org_roles.contains(OrgRole::Dispenser);
		ensure!(dispenses, Error::NotAuthorized);
		Ok(member)
	}

	/// Membership of a regulator, or of who answers for quality at an organisation that `owns` says owns the product.
	pub(crate) fn regulator_or_owner(
		who: &AccountId,
		now: Moment,
		owns: impl FnOnce(OrgId) -> bool,
	) -> Result<Membership, Error<T>> {
		let member = Self::member(who, now)?;
		let regulates = member.org_roles.contains(OrgRole::Regulator);
		ensure!(regulates || member.roles.contains(MemberRole::Quality) && owns(member.org), Error::NotAuthorized);
		Ok(member)
	}

	/// Another organisation, in standing and accredited for one of the roles.
	pub(crate) fn accredited(org: OrgId, roles: &[OrgRole], now: Moment) -> Result<OrgStanding, Error<T>> {
		let standing = T::Directory::organisation(org, now).ok_or(Error::NotAccredited)?;
		ensure!(standing.active && standing.roles.intersects(OrgRoleSet::of(roles)), Error::NotAccredited);
		Ok(standing)
	}

	/// Whether two organisations are one legal entity.
	pub(crate) fn one_entity(a: OrgId, b: OrgId, now: Moment) -> bool {
		let entity = |org| T::Directory::organisation(org, now).map(|standing| standing.legal_entity);
		a == b || entity(a).is_some_and(|first| entity(b) == Some(first))
	}

	/// Refuses a deadline that has passed or is too far away.
	pub(crate) fn ensure_deadline(deadline: Moment, now: Moment) -> Result<(), Error<T>> {
		ensure!(deadline > now && deadline - now <= MAX_TRANSIT, Error::InvalidMoment);
		Ok(())
	}

	/// Weight of telling who signs and about so many other organisations.
	pub(crate) fn directory_weight(organisations: u64) -> Weight {
		T::Directory::standing_weight()
			.saturating_add(T::Directory::organisation_weight().saturating_mul(organisations))
	}

	/// What a call really weighed, which told who signs and about so many other organisations.
	pub(crate) fn weighed(weight: Weight, organisations: u64) -> DispatchResultWithPostInfo {
		Ok(Some(weight.saturating_add(Self::directory_weight(organisations))).into())
	}

	/// Weight of telling who signs and where they work.
	pub(crate) fn pharmacist_weight() -> Weight {
		T::Directory::standing_weight().saturating_add(T::Directory::premises_weight())
	}
}
