//! Groups, purposes, facts.

use super::terms::{Country, Disease, Name, SensitiveSet, Term, UseSet};
use crate::Moment;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::ConstU32;
use sp_runtime::BoundedVec;

/// Groups of one dataset.
pub const MAX_GROUPS: u32 = 8;
/// Diseases of one group, and of one request.
pub const MAX_DISEASES: u32 = 8;
/// Modifiers of one group.
pub const MAX_MODIFIERS: u32 = 16;
/// Users, projects or institutions that one modifier names.
pub const MAX_NAMES: u32 = 16;
/// Countries that one modifier names: there are not many more.
pub const MAX_COUNTRIES: u32 = 250;
/// Co-signers of one request.
pub const MAX_CO_SIGNERS: u32 = 8;

/// Diseases of a group or a request.
pub type Diseases = BoundedVec<Disease, ConstU32<MAX_DISEASES>>;
/// Users, projects or institutions.
pub type Names = BoundedVec<Name, ConstU32<MAX_NAMES>>;
/// Countries.
pub type Countries = BoundedVec<Country, ConstU32<MAX_COUNTRIES>>;
/// Who co-signed.
pub type CoSigners = BoundedVec<Name, ConstU32<MAX_CO_SIGNERS>>;
/// The groups of a dataset.
pub type DataUse = BoundedVec<Group, ConstU32<MAX_GROUPS>>;

/// What a group allows before modifiers.
#[derive(
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Clone,
	Copy,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Debug,
	serde::Serialize,
	serde::Deserialize,
)]
pub enum Permission {
	/// NRES: everything, care too.
	#[serde(rename = "DUO:0000004")]
	Nres,
	/// GRU: research of any kind.
	#[serde(rename = "DUO:0000042")]
	Gru,
	/// HMB: biomedical research.
	#[serde(rename = "DUO:0000006")]
	Hmb,
	/// DS: biomedical research on the group's diseases.
	#[serde(rename = "DUO:0000007")]
	Ds,
	/// POA: research on population origins or ancestry only.
	#[serde(rename = "DUO:0000011")]
	Poa,
}

impl Permission {
	/// Its term.
	pub const fn term(self) -> Term {
		match self {
			Self::Nres => Term::Nres,
			Self::Gru => Term::Gru,
			Self::Hmb => Term::Hmb,
			Self::Ds => Term::Ds,
			Self::Poa => Term::Poa,
		}
	}
}

/// What a group adds to its permission: all but `Cc` restrict.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize), serde(tag = "term"))]
pub enum Modifier {
	/// CC: clinical care is allowed, too.
	#[cfg_attr(feature = "std", serde(rename = "DUO:0000043"))]
	Cc,
	/// RS: research of one kind, which people decide.
	#[cfg_attr(feature = "std", serde(rename = "DUO:0000012"))]
	Rs {
		/// Which kind, if it is named.
		research_type: Option<Name>,
	},
	/// NMDS: no development of methods in general.
	#[cfg_attr(feature = "std", serde(rename = "DUO:0000015"))]
	Nmds,
	/// GSO: genetic studies only.
	#[cfg_attr(feature = "std", serde(rename = "DUO:0000016"))]
	Gso,
	/// NPUNCU: organisations without profit only, and no commercial use.
	#[cfg_attr(feature = "std", serde(rename = "DUO:0000018"))]
	Npuncu,
	/// PUB: results must be published.
	#[cfg_attr(feature = "std", serde(rename = "DUO:0000019"))]
	Pub {
		/// By this moment; `None` is by the grant's end.
		deadline: Option<Moment>,
	},
	/// COL: in collaboration with an investigator.
	#[cfg_attr(feature = "std", serde(rename = "DUO:0000020"))]
	Col {
		/// Who must co-sign.
		account: Name,
	},
	/// IRB: an ethics committee approved.
	#[cfg_attr(feature = "std", serde(rename = "DUO:0000021"))]
	Irb,
	/// GS: in these countries only.
	#[cfg_attr(feature = "std", serde(rename = "DUO:0000022"))]
	Gs {
		/// Which.
		countries: Countries,
	},
	/// MOR: no publication before a date.
	#[cfg_attr(feature = "std", serde(rename = "DUO:0000024"))]
	Mor {
		/// From this moment on publication is allowed.
		date: Moment,
	},
	/// TS: for some months only.
	#[cfg_attr(feature = "std", serde(rename = "DUO:0000025"))]
	Ts {
		/// How many, from the grant's beginning.
		months: u16,
	},
	/// US: these users only.
	#[cfg_attr(feature = "std", serde(rename = "DUO:0000026"))]
	Us {
		/// Which.
		users: Names,
	},
	/// PS: these projects only.
	#[cfg_attr(feature = "std", serde(rename = "DUO:0000027"))]
	Ps {
		/// Which.
		projects: Names,
	},
	/// IS: these institutions only.
	#[cfg_attr(feature = "std", serde(rename = "DUO:0000028"))]
	Is {
		/// Which.
		institutions: Names,
	},
	/// RTN: results must be returned.
	#[cfg_attr(feature = "std", serde(rename = "DUO:0000029"))]
	Rtn {
		/// By this moment; `None` is by the grant's end.
		deadline: Option<Moment>,
	},
	/// NPOA: no research on population origins or ancestry.
	#[cfg_attr(feature = "std", serde(rename = "DUO:0000044"))]
	Npoa,
	/// NPU: organisations without profit only.
	#[cfg_attr(feature = "std", serde(rename = "DUO:0000045"))]
	Npu,
	/// NCU: no commercial use; a company may do it.
	#[cfg_attr(feature = "std", serde(rename = "DUO:0000046"))]
	Ncu,
}

impl Modifier {
	/// Its term.
	pub const fn term(&self) -> Term {
		match self {
			Self::Cc => Term::Cc,
			Self::Rs { .. } => Term::Rs,
			Self::Nmds => Term::Nmds,
			Self::Gso => Term::Gso,
			Self::Npuncu => Term::Npuncu,
			Self::Pub { .. } => Term::Pub,
			Self::Col { .. } => Term::Col,
			Self::Irb => Term::Irb,
			Self::Gs { .. } => Term::Gs,
			Self::Mor { .. } => Term::Mor,
			Self::Ts { .. } => Term::Ts,
			Self::Us { .. } => Term::Us,
			Self::Ps { .. } => Term::Ps,
			Self::Is { .. } => Term::Is,
			Self::Rtn { .. } => Term::Rtn,
			Self::Npoa => Term::Npoa,
			Self::Npu => Term::Npu,
			Self::Ncu => Term::Ncu,
		}
	}
}

/// A consent group: what its contributors allow.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Group {
	/// Its one permission.
	pub permission: Permission,
	/// The diseases of [`Permission::Ds`]; empty with every other permission.
	pub diseases: Diseases,
	/// All of them hold.
	pub modifiers: BoundedVec<Modifier, ConstU32<MAX_MODIFIERS>>,
}

/// Why a group cannot be taken.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, Copy, PartialEq, Eq, Debug)]
pub enum GroupError {
	/// Specific to diseases, but it names none: nothing would be allowed.
	NoDisease,
	/// Names diseases that its permission does not look at.
	UnexpectedDiseases,
	/// A modifier with an empty list: nothing would be allowed.
	EmptyList,
	/// A time limit of no months.
	NoMonths,
	/// Two upper-case letters that are no country.
	UnknownCountry,
}

impl Group {
	/// Whether it says what its author can have meant. [`super::matches`] answers for every group, and denies more.
	pub fn check(&self) -> Result<(), GroupError> {
		match self.permission {
			Permission::Ds if self.diseases.is_empty() => return Err(GroupError::NoDisease),
			Permission::Ds => {}
			_ if !self.diseases.is_empty() => return Err(GroupError::UnexpectedDiseases),
			_ => {}
		}
		self.modifiers.iter().try_for_each(|modifier| match modifier {
			Modifier::Us { users: list } | Modifier::Ps { projects: list } | Modifier::Is { institutions: list }
				if list.is_empty() =>
			{
				Err(GroupError::EmptyList)
			}
			Modifier::Gs { countries } if countries.is_empty() => Err(GroupError::EmptyList),
			Modifier::Gs { countries } if !countries.iter().all(|country| country.is_known()) => {
				Err(GroupError::UnknownCountry)
			}
			Modifier::Ts { months: 0 } => Err(GroupError::NoMonths),
			_ => Ok(()),
		})
	}
}

/// What a request is for, as whoever asks states it. `None` is what is not stated.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Default, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Purpose {
	/// The uses that it names. A genetic study names [`super::Use::Genetic`], one of ancestry [`super::Use::Ancestry`].
	pub uses: UseSet,
	/// Whether it is for clinical care.
	pub care: bool,
	/// Whether it is commercial.
	pub commercial: Option<bool>,
	/// The diseases that it is about.
	pub diseases: Diseases,
	/// The kind of research.
	pub research_type: Option<Name>,
	/// The project.
	pub project: Option<Name>,
	/// What makes people decide, besides what the uses say.
	pub sensitive: SensitiveSet,
}

/// What is attested about a request. `None` is what is not known.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Default, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Facts {
	/// Now.
	pub now: Moment,
	/// Whether who asks belongs to an organisation without profit.
	pub nonprofit: Option<bool>,
	/// Where the data would be used.
	pub location: Option<Country>,
	/// Who asks.
	pub user: Option<Name>,
	/// The organisation they belong to.
	pub institution: Option<Name>,
	/// An ethics committee's approval holds until before this moment.
	pub ethics_until: Option<Moment>,
	/// Who signed the request besides who asks.
	pub co_signers: Option<CoSigners>,
}
