//! Datasets that patients contribute to, requests to use them, grants, and what they owe.
//!
//! A dataset has consent groups, each with a data use ([`crate::duo::Group`]); a contribution belongs to one. A request
//! is judged group by group, and a grant reaches the contributors of the approved groups alone.

mod inputs;
mod policy;
mod rewards;
mod views;

pub use inputs::*;
pub use policy::tightens;
pub use rewards::{Rewards, SCALE};
pub use views::*;

use crate::{
	codes::codes,
	time::{Moment, DAY, HOUR},
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// A dataset: counted from 0.
pub type DatasetId = u32;
/// A request, and the grant that it led to: counted from 0.
pub type RequestId = u32;
/// Days since 1970-01-01 UTC.
pub type Day = u32;

/// Consent groups of a dataset, those that were loosened and closed among them.
pub const MAX_GROUPS: u32 = crate::duo::MAX_GROUPS;
/// Fewest contributors that count in the groups of a grant when it begins.
pub const COHORT: u32 = 21;
/// Days that one call catches up with.
pub const MAX_ROLL: u32 = 32;
/// Members of the committee that a steward names.
pub const MAX_COMMITTEE: u32 = 16;
/// Votes on a request.
pub const MAX_VOTES: u32 = 16;
/// Investigators who co-sign a request.
pub const MAX_CO_SIGNERS: u32 = 8;
/// Diseases that a request proves.
pub const MAX_CLOSURES: u32 = 8;
/// Obligations of a grant.
pub const MAX_OBLIGATIONS: u32 = 32;
/// Leaves of an ontology's tree.
pub const MAX_TERMS: u32 = 1 << 20;
/// How old an attestation may be when it is brought, in milliseconds.
pub const ATTESTATION_WINDOW: Moment = HOUR;
/// How long a contribution may count without being made anew.
pub const MAX_CONTRIBUTION: Moment = 5 * 366 * DAY;
/// How long a grant may last, in days.
pub const MAX_GRANT_DAYS: u32 = 3 * 366;
/// How far ahead an ethics approval may reach.
pub const MAX_APPROVAL: Moment = 5 * 366 * DAY;

/// The day that a moment falls on; moments beyond the last day fall on the last.
pub fn day_of(moment: Moment) -> Day {
	Day::try_from(moment / DAY).unwrap_or(Day::MAX)
}

codes! {
	/// Where a dataset is in its life.
	DatasetState {
		Draft = "draft", Open = "open", Suspended = "suspended", Retired = "retired",
	}
}

codes! {
	/// Where a contribution is in its life. That its time is over is computed, and stored when it is settled.
	ContributionState {
		Live = "live", Withdrawn = "withdrawn", Expired = "expired",
	}
}

codes! {
	/// Where a request is in its life. From `Active` on there is a grant.
	RequestState {
		AutoDenied = "auto-denied", AutoApproved = "auto-approved", InReview = "in-review", Approved = "approved",
		Rejected = "rejected", TimedOut = "timed-out", Withdrawn = "withdrawn", Active = "active", Expired = "expired",
		Revoked = "revoked", Closed = "closed",
	}
}

codes! {
	/// Why a grant was closed.
	CloseReason {
		Completed = "completed", MovedInstitution = "moved-institution", Transferred = "transferred",
		Superseded = "superseded",
	}
}

codes! {
	/// Why a grant was revoked.
	RevokeReason {
		Misuse = "misuse", TermsBroken = "terms-broken", EthicsWithdrawn = "ethics-withdrawn",
		DatasetEnded = "dataset-ended", Unspecified = "unspecified",
	}
}

codes! {
	/// Why a committee member voted so. `Acceptable` approves, all others reject.
	VoteReason {
		Acceptable = "acceptable", ScientificMerit = "scientific-merit", PrivacyRisk = "privacy-risk",
		OutsideConsent = "outside-consent", MissingSafeguards = "missing-safeguards", Incomplete = "incomplete",
	}
}

codes! {
	/// Where an obligation of a grant is.
	ObligationState {
		Due = "due", Met = "met", Late = "late", Waived = "waived",
	}
}

codes! {
	/// Why a gateway must not release a contribution under a grant.
	AccessRefusal {
		UnknownGrant = "unknown-grant", NotActive = "not-active", NotResearcher = "not-researcher",
		NotInStanding = "not-in-standing", DatasetClosed = "dataset-closed",
		UnknownContribution = "unknown-contribution", ContributionEnded = "contribution-ended",
		GroupNotGranted = "group-not-granted", PolicyTightened = "policy-tightened", EthicsEnded = "ethics-ended",
	}
}

codes! {
	/// Why a request cannot be judged.
	MatchRefusal {
		UnknownDataset = "unknown-dataset", NotResearcher = "not-researcher", InvalidClosure = "invalid-closure",
		UnknownRelease = "unknown-release", UnknownApproval = "unknown-approval",
		InvalidPurpose = "invalid-purpose",
	}
}

/// A set of a dataset's groups: bit `i` stands for group `i`.
#[derive(
	Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, Copy, PartialEq, Eq, Default, Debug,
)]
pub struct GroupSet(pub u8);

impl GroupSet {
	/// Every group that there can be.
	pub const ALL: Self = Self(u8::MAX);

	/// This set and one group more; groups that there cannot be are left out.
	pub const fn with(self, group: u8) -> Self {
		if (group as u32) < MAX_GROUPS {
			Self(self.0 | (1 << group))
		} else {
			self
		}
	}

	/// Whether the group is a member.
	pub const fn contains(self, group: u8) -> bool {
		(group as u32) < MAX_GROUPS && self.0 & (1 << group) != 0
	}

	/// Whether there is no member.
	pub const fn is_empty(self) -> bool {
		self.0 == 0
	}

	/// The members in their order.
	pub fn iter(self) -> impl Iterator<Item = u8> {
		(0..MAX_GROUPS as u8).filter(move |group| self.contains(*group))
	}
}

impl FromIterator<u8> for GroupSet {
	fn from_iter<I: IntoIterator<Item = u8>>(groups: I) -> Self {
		groups.into_iter().fold(Self::default(), Self::with)
	}
}

impl serde::Serialize for GroupSet {
	fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
		s.collect_seq(self.iter())
	}
}

impl<'de> serde::Deserialize<'de> for GroupSet {
	fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
		let groups = alloc::vec::Vec::<u8>::deserialize(d)?;
		match groups.iter().find(|group| u32::from(**group) >= MAX_GROUPS) {
			Some(group) => Err(serde::de::Error::custom(alloc::format!("no dataset has a group {group}"))),
			None => Ok(groups.into_iter().collect()),
		}
	}
}

#[cfg(test)]
mod tests;
