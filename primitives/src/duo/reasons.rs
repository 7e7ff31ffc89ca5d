//! Every outcome of every row of the tables in `docs/DUO.md`, with its code.

use crate::codes::codes;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Reasons that an answer gives for one group.
pub const MAX_REASONS: u32 = 16;

codes! {
	/// What is said of one group; later ones are stricter.
	Verdict { Approve = "approve", Manual = "manual", Deny = "deny", }
}

codes! {
	/// Why a group has its verdict. The order is that of the tables; what each means is in `docs/DUO.md`.
	Reason {
		EmptyRequest = "empty-request", UntaggedDataset = "untagged-dataset",
		NresMet = "nres-met",
		GruMet = "gru-met", GruCare = "gru-care",
		HmbMet = "hmb-met", HmbUse = "hmb-use", HmbNotBiomedical = "hmb-not-biomedical", HmbCare = "hmb-care",
		DsMet = "ds-met", DsUse = "ds-use", DsNotBiomedical = "ds-not-biomedical", DsCare = "ds-care",
		DsNoDisease = "ds-no-disease", DsOtherDisease = "ds-other-disease", DsUnknownDisease = "ds-unknown-disease",
		PoaMet = "poa-met", PoaUse = "poa-use", PoaCare = "poa-care",
		CcMet = "cc-met",
		RsReview = "rs-review",
		NmdsMet = "nmds-met", NmdsMethods = "nmds-methods", NmdsReview = "nmds-review",
		GsoMet = "gso-met", GsoNotGenetic = "gso-not-genetic",
		NpuncuMet = "npuncu-met", NpuncuForProfit = "npuncu-for-profit", NpuncuCommercial = "npuncu-commercial",
		NpuncuUnknownOrganisation = "npuncu-unknown-organisation", NpuncuUnknownUse = "npuncu-unknown-use",
		PubOwed = "pub-owed",
		ColMet = "col-met", ColNotSigned = "col-not-signed", ColUnknown = "col-unknown",
		IrbMet = "irb-met", IrbMissing = "irb-missing", IrbExpired = "irb-expired",
		GsMet = "gs-met", GsOutside = "gs-outside", GsUnknown = "gs-unknown",
		MorOwed = "mor-owed",
		TsLimited = "ts-limited",
		UsMet = "us-met", UsNotMember = "us-not-member", UsUnknown = "us-unknown",
		PsMet = "ps-met", PsNotMember = "ps-not-member", PsUnknown = "ps-unknown",
		IsMet = "is-met", IsNotMember = "is-not-member", IsUnknown = "is-unknown",
		RtnOwed = "rtn-owed",
		NpoaMet = "npoa-met", NpoaAncestry = "npoa-ancestry",
		NpuMet = "npu-met", NpuForProfit = "npu-for-profit", NpuUnknown = "npu-unknown",
		NcuMet = "ncu-met", NcuCommercial = "ncu-commercial", NcuUnknown = "ncu-unknown",
		SensitivePaediatric = "sensitive-paediatric", SensitiveVulnerable = "sensitive-vulnerable",
		SensitiveGender = "sensitive-gender", SensitivePopulation = "sensitive-population",
		SensitiveControls = "sensitive-controls", SensitiveIllegalBehaviour = "sensitive-illegal-behaviour",
		SensitiveSexualDisease = "sensitive-sexual-disease",
		SensitivePsychologicalTraits = "sensitive-psychological-traits",
		SensitiveStigmatising = "sensitive-stigmatising", SensitiveNonHealth = "sensitive-non-health",
	}
}

const _: () = assert!(Reason::ALL.len() <= u128::BITS as usize);

impl Reason {
	/// The verdict that it speaks for.
	pub const fn verdict(self) -> Verdict {
		use Reason::*;
		match self {
			NresMet | GruMet | HmbMet | DsMet | PoaMet | CcMet | NmdsMet | GsoMet | NpuncuMet | PubOwed | ColMet
			| IrbMet | GsMet | MorOwed | TsLimited | UsMet | PsMet | IsMet | RtnOwed | NpoaMet | NpuMet | NcuMet => {
				Verdict::Approve
			}
			RsReview
			| NmdsReview
			| NpuncuUnknownOrganisation
			| NpuncuUnknownUse
			| ColUnknown
			| IrbMissing
			| IrbExpired
			| GsUnknown
			| UsUnknown
			| PsUnknown
			| IsUnknown
			| NpuUnknown
			| NcuUnknown
			| SensitivePaediatric
			| SensitiveVulnerable
			| SensitiveGender
			| SensitivePopulation
			| SensitiveControls
			| SensitiveIllegalBehaviour
			| SensitiveSexualDisease
			| SensitivePsychologicalTraits
			| SensitiveStigmatising
			| SensitiveNonHealth => Verdict::Manual,
			EmptyRequest | UntaggedDataset | GruCare | HmbUse | HmbNotBiomedical | HmbCare | DsUse
			| DsNotBiomedical | DsCare | DsNoDisease | DsOtherDisease | DsUnknownDisease | PoaUse | PoaCare
			| NmdsMethods | GsoNotGenetic | NpuncuForProfit | NpuncuCommercial | ColNotSigned | GsOutside
			| UsNotMember | PsNotMember | IsNotMember | NpoaAncestry | NpuForProfit | NcuCommercial => Verdict::Deny,
		}
	}
}

/// A set of reasons: while a group is judged, so that the order of what is met first does not matter.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct ReasonSet(u128);

impl ReasonSet {
	/// One reason more.
	pub fn add(&mut self, reason: Reason) {
		self.0 |= 1 << (reason as u8);
	}

	/// The reasons of either set.
	pub const fn union(self, other: Self) -> Self {
		Self(self.0 | other.0)
	}

	/// Whether the reason is there.
	pub const fn contains(self, reason: Reason) -> bool {
		self.0 & (1 << (reason as u8)) != 0
	}

	/// The reasons, in the order of the tables.
	pub fn iter(self) -> impl Iterator<Item = Reason> {
		Reason::ALL.iter().copied().filter(move |reason| self.contains(*reason))
	}

	/// The strictest verdict that a reason speaks for. Nothing speaks for an approval of no reason.
	pub fn verdict(self) -> Verdict {
		self.iter().map(Reason::verdict).max().unwrap_or(Verdict::Deny)
	}
}
