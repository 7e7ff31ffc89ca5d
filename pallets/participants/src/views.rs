//! What the runtime API answers, at the time of the block.

use crate::{Admins, Agreements, Config, EncryptionKeys, Members, Organisations, Pallet};
use alloc::vec::Vec;
use frame_support::traits::Time;
use salus_primitives::{
	consent::Standing,
	traits::Directory,
	views::{AgreementView, EncryptionKey, MemberView, OrganisationView},
	AccountId, OrgId,
};

impl<T: Config> Pallet<T> {
	/// What the runtime API answers about an organisation.
	pub fn organisation_view(id: OrgId) -> Option<OrganisationView> {
		let org = Organisations::<T>::get(id)?;
		let in_standing = org.in_standing(T::Time::now());
		Some(OrganisationView {
			id,
			name: org.name.into_inner(),
			country: org.country.to_vec(),
			roles: org.roles,
			non_profit: org.non_profit,
			gln: org.gln.map(|gln| gln.to_vec()),
			licence_until: org.licence_until,
			status: org.status,
			in_standing,
			requires_agreement: org.requires_agreement,
			admins: Admins::<T>::get(id).into_inner(),
		})
	}

	/// What the runtime API answers about a present or past member.
	pub fn member_view(account: AccountId) -> Option<MemberView> {
		let member = Members::<T>::get(&account)?;
		let in_standing = matches!(Self::standing(&account, T::Time::now()), Standing::Active(_));
		Some(MemberView {
			account,
			org: member.org,
			roles: member.roles,
			premises: member.premises.map(|premises| premises.to_vec()),
			until: member.until,
			in_standing,
		})
	}

	/// What the runtime API answers about the encryption key of an account.
	pub fn encryption_key(account: AccountId) -> Option<EncryptionKey> {
		EncryptionKeys::<T>::get(account).map(|(key, _)| key)
	}

	/// What the runtime API answers about the agreements between two organisations, proposals and those that have ended
	/// but were not removed yet among them.
	pub fn agreements_view(custodian: OrgId, recipient: OrgId) -> Vec<AgreementView> {
		let now = T::Time::now();
		let view = |agreement: crate::Agreement| AgreementView {
			id: agreement.id,
			custodian,
			recipient,
			awaits: agreement.awaits,
			in_force: agreement.awaits.is_none() && agreement.sharing.period.contains(now),
			sharing: agreement.sharing,
			notice: agreement.notice,
			terms: agreement.terms,
		};
		Agreements::<T>::get(custodian, recipient).into_iter().map(view).collect()
	}
}
