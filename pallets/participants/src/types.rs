//! What is stored for an organisation, a member and an agreement, and what their fields must be like.

use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use salus_primitives::{
	consent::Sharing,
	inputs::{Gln, OrganisationInput},
	time::DAY,
	views::{OrgStatus, MAX_NAME},
	AgreementId, MemberRoleSet, Moment, OrgId, OrgRoleSet, H256,
};
use scale_info::TypeInfo;

/// Administrators of one organisation.
pub const MAX_ADMINS: u32 = 8;
/// Agreements and proposals between one custodian and one recipient.
pub const MAX_AGREEMENTS: u32 = 4;
/// Longest notice of an agreement: a year. A longer one would be no way out.
pub const MAX_NOTICE: Moment = 366 * DAY;

/// An organisation as the consortium accredited it.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct Organisation {
	/// Public name, UTF-8.
	pub name: BoundedVec<u8, ConstU32<MAX_NAME>>,
	/// ISO 3166-1 alpha-2 country code.
	pub country: [u8; 2],
	/// What it is accredited for.
	pub roles: OrgRoleSet,
	/// Whether it works without profit.
	pub non_profit: bool,
	/// GS1 Global Location Number.
	pub gln: Option<Gln>,
	/// Hash of its entry in the register of legal entities.
	pub legal_entity: H256,
	/// Its licence is valid until before this moment.
	pub licence_until: Moment,
	/// Where it is in its life. That its licence has ended is computed.
	pub status: OrgStatus,
	/// Whether it shares with other organisations under agreements only.
	pub requires_agreement: bool,
}

impl Organisation {
	/// A newly admitted organisation.
	pub fn admitted(input: OrganisationInput) -> Self {
		let OrganisationInput {
			name,
			country,
			roles,
			non_profit,
			gln,
			legal_entity,
			licence_until,
			requires_agreement,
		} = input;
		let status = OrgStatus::Active;
		Self { name, country, roles, non_profit, gln, legal_entity, licence_until, status, requires_agreement }
	}

	/// Whether it is active and its licence valid.
	pub fn in_standing(&self, now: Moment) -> bool {
		self.status == OrgStatus::Active && now < self.licence_until
	}
}

/// A present or former member of an organisation.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct Member {
	/// Of this organisation.
	pub org: OrgId,
	/// With these roles.
	pub roles: MemberRoleSet,
	/// GS1 Global Location Number of the premises.
	pub premises: Option<Gln>,
	/// Member until before this moment.
	pub until: Option<Moment>,
	/// Whether an administrator has ended the membership.
	pub removed: bool,
}

/// A data sharing agreement, or the proposal of one.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct Agreement {
	/// Its number.
	pub id: AgreementId,
	/// What it covers, and when. The start of a proposal may pass before it is accepted.
	pub sharing: Sharing,
	/// Who has to accept it; `None` if it is accepted.
	pub awaits: Option<OrgId>,
	/// How long before it either side gives notice, in milliseconds.
	pub notice: Moment,
	/// Salted hash of the contract.
	pub terms: H256,
}

impl Agreement {
	/// Whether it can be in force neither now nor later.
	pub fn is_over(&self, now: Moment) -> bool {
		let period = self.sharing.period;
		period.until.is_some_and(|until| until <= now.max(period.from))
	}
}

/// Whether these bytes can be the name of an organisation.
pub fn is_name(name: &[u8]) -> bool {
	!name.is_empty() && core::str::from_utf8(name).is_ok()
}

/// Whether these bytes have the form of an ISO 3166-1 alpha-2 country code.
pub fn is_country(country: &[u8; 2]) -> bool {
	country.iter().all(u8::is_ascii_uppercase)
}
