//! What other pallets read here.

use crate::{Admins, Agreements, Config, Members, Organisations, Pallet, WeightInfo};
use alloc::vec::Vec;
use frame_support::weights::Weight;
use salus_primitives::{
	consent::{Membership, Sharing, Standing},
	inputs::Gln,
	traits::{Directory, OrgStanding},
	AccountId, Moment, OrgId,
};

impl<T: Config> Directory for Pallet<T> {
	fn standing(who: &AccountId, now: Moment) -> Standing {
		let Some(member) = Members::<T>::get(who) else { return Standing::Never };
		let ended = member.removed || member.until.is_some_and(|until| until <= now);
		match Organisations::<T>::get(member.org) {
			Some(org) if !ended && org.in_standing(now) => Standing::Active(Membership {
				org: member.org,
				roles: member.roles,
				org_roles: org.roles,
				until: Some(member.until.unwrap_or(Moment::MAX).min(org.licence_until)),
			}),
			_ => Standing::Inactive,
		}
	}

	fn organisation(org: OrgId, now: Moment) -> Option<OrgStanding> {
		Organisations::<T>::get(org).map(|organisation| OrgStanding {
			roles: organisation.roles,
			active: organisation.in_standing(now),
			licence_until: organisation.licence_until,
			requires_agreement: organisation.requires_agreement,
			non_profit: organisation.non_profit,
			country: organisation.country,
			legal_entity: organisation.legal_entity,
		})
	}

	fn is_admin(org: OrgId, who: &AccountId) -> bool {
		Admins::<T>::get(org).contains(who)
	}

	fn premises(who: &AccountId) -> Option<Gln> {
		Members::<T>::get(who).and_then(|member| member.premises)
	}

	fn name(org: OrgId) -> Option<Vec<u8>> {
		Organisations::<T>::get(org).map(|organisation| organisation.name.into_inner())
	}

	fn agreements(custodian: OrgId, recipient: OrgId) -> Vec<Sharing> {
		let accepted = Agreements::<T>::get(custodian, recipient).into_iter().filter(|entry| entry.awaits.is_none());
		accepted.map(|agreement| agreement.sharing).collect()
	}

	fn standing_weight() -> Weight {
		T::WeightInfo::standing()
	}

	fn organisation_weight() -> Weight {
		T::WeightInfo::organisation()
	}

	fn is_admin_weight() -> Weight {
		T::WeightInfo::is_admin()
	}

	fn premises_weight() -> Weight {
		// One of the entries that `standing` reads.
		T::WeightInfo::standing()
	}

	fn agreements_weight() -> Weight {
		T::WeightInfo::agreements()
	}
}
