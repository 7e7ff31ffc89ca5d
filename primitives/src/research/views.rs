//! What the runtime API answers.
//!
//! Of contributors it tells [`Bucket`]s. Exact counts are in the state that nodes keep.

use super::{
	CloseReason, Closures, ContributionState, DatasetId, DatasetState, Day, GroupSet, ObligationState, RequestId,
	RequestState, RevokeReason, VoteReason, COHORT,
};
use crate::{
	duo::{Group, Obligation, Outcome, Purpose, Release},
	AccountId, Moment, OrgId, Pseudonym, H256,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// How many contributors there are, roughly.
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
	Debug,
	serde::Serialize,
	serde::Deserialize,
)]
pub struct Bucket {
	/// At least so many.
	pub from: u32,
	/// At most so many; `None` has no end.
	pub to: Option<u32>,
}

impl Bucket {
	/// Lower ends of the buckets.
	const FROM: [u32; 8] = [0, COHORT, 50, 100, 500, 1_000, 5_000, 10_000];

	/// The bucket of a count.
	pub fn of(count: u32) -> Self {
		let next = Self::FROM.iter().position(|from| count < *from);
		let at = next.unwrap_or(Self::FROM.len()) - 1;
		Self { from: Self::FROM[at], to: next.map(|next| Self::FROM[next] - 1) }
	}
}

/// A consent group.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct GroupView {
	/// Its number in the dataset.
	pub index: u8,
	/// Its data use.
	pub terms: Group,
	/// The version of the policy that brought its present data use.
	pub version: u32,
	/// Whether it takes contributions.
	pub open: bool,
	/// How many contributors count today.
	pub contributors: Bucket,
}

/// A dataset.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct DatasetView {
	/// Its number.
	pub id: DatasetId,
	/// Who stands for it.
	pub steward: OrgId,
	/// The steward's public name.
	#[cfg_attr(feature = "std", serde(with = "crate::views::optional_text"))]
	pub steward_name: Option<Vec<u8>>,
	/// Where it is in its life.
	pub state: DatasetState,
	/// Hash of the schema.
	pub schema: H256,
	/// Salted commitment to the description.
	pub content: H256,
	/// Counted up by every change of a group.
	pub policy_version: u32,
	/// Its groups.
	pub groups: Vec<GroupView>,
	/// How many contributors count today.
	pub contributors: Bucket,
	/// What a request must hold in escrow.
	#[cfg_attr(feature = "std", serde(with = "crate::views::amount"))]
	pub fee: u128,
	/// Units that were ever paid in for the contributors.
	#[cfg_attr(feature = "std", serde(with = "crate::views::amount"))]
	pub funded: u128,
	/// Units that contributors have claimed.
	#[cfg_attr(feature = "std", serde(with = "crate::views::amount"))]
	pub paid: u128,
	/// The last day that is counted. More than 32 days behind, `roll` comes first.
	pub rolled: Day,
	/// Who else decides about requests, named by the steward.
	pub committee: Vec<AccountId>,
}

/// A contribution.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct ContributionView {
	/// To this dataset.
	pub dataset: DatasetId,
	/// Its pseudonym.
	pub pseudonym: Pseudonym,
	/// Its group.
	pub group: u8,
	/// Where it is in its life, its time considered.
	pub state: ContributionState,
	/// The contributor's account.
	pub account: AccountId,
	/// Who is paid.
	pub payee: AccountId,
	/// Who attested it.
	pub attester: OrgId,
	/// Salted commitment to the data.
	pub commitment: H256,
	/// Salted commitment to patient, record and decision.
	pub permit: H256,
	/// When the decision ends.
	pub until: Moment,
	/// The first day that it counts.
	pub from_day: Day,
	/// The first day that it does not count any more.
	pub until_day: Day,
	/// Units that can be claimed.
	#[cfg_attr(feature = "std", serde(with = "crate::views::amount"))]
	pub claimable: u128,
}

/// A vote on a request.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Vote {
	/// Who voted.
	pub member: AccountId,
	/// How, and why.
	pub reason: VoteReason,
}

/// A request.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct RequestView {
	/// Its number.
	pub id: RequestId,
	/// For this dataset.
	pub dataset: DatasetId,
	/// Who asks.
	pub researcher: AccountId,
	/// Of this organisation.
	pub org: OrgId,
	/// Where it is in its life; that a grant's time is over is computed.
	pub state: RequestState,
	/// What for.
	pub purpose: Purpose,
	/// The groups asked for.
	pub groups: GroupSet,
	/// Those that are, or can be, granted.
	pub granted: GroupSet,
	/// The policy that it was judged by.
	pub policy_version: u32,
	/// The verdict on each group, and why.
	pub outcome: Outcome,
	/// Salted commitment to the protocol.
	pub protocol: H256,
	/// Document of the ethics approval.
	pub ethics: Option<H256>,
	/// How many days the grant shall last.
	pub days: u32,
	/// Units held.
	#[cfg_attr(feature = "std", serde(with = "crate::views::amount"))]
	pub escrow: u128,
	/// When it was made.
	pub at: Moment,
	/// Until when it must be decided, or an approved one begin.
	pub deadline: Moment,
	/// Votes so far.
	pub votes: Vec<Vote>,
	/// The grant that it renews.
	pub renews: Option<RequestId>,
}

/// An obligation of a grant.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Owed {
	/// What, and when.
	pub obligation: Obligation,
	/// Where it is.
	pub state: ObligationState,
	/// Units held until it is met or waived.
	#[cfg_attr(feature = "std", serde(with = "crate::views::amount"))]
	pub bond: u128,
}

/// A grant.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct GrantView {
	/// Its number: that of its request.
	pub id: RequestId,
	/// Of this dataset.
	pub dataset: DatasetId,
	/// To whom.
	pub researcher: AccountId,
	/// Of this organisation.
	pub org: OrgId,
	/// `Active`, `Expired`, `Revoked` or `Closed`.
	pub state: RequestState,
	/// Its groups.
	pub groups: GroupSet,
	/// Its groups whose policy was tightened since: closed to it until it is renewed.
	pub tightened: GroupSet,
	/// When it began.
	pub start: Moment,
	/// It holds until before this moment.
	pub expiry: Moment,
	/// The policy that it was judged by.
	pub policy_version: u32,
	/// What it owes.
	pub obligations: Vec<Owed>,
	/// Why it was closed.
	pub closed: Option<CloseReason>,
	/// Why it was revoked.
	pub revoked: Option<RevokeReason>,
}

/// What a gateway needs to release a contribution under a grant.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct GrantAccess {
	/// The dataset.
	pub dataset: DatasetId,
	/// The contribution's group.
	pub group: u8,
	/// Salted commitment to patient, record and decision: the gateway opens it.
	pub permit: H256,
	/// Salted commitment to the data.
	pub commitment: H256,
	/// Who attested it.
	pub attester: OrgId,
	/// The researcher's organisation.
	pub org: OrgId,
	/// Until before when this holds, if nothing changes: grant and contribution considered.
	pub until: Moment,
	/// What the grant's purpose is.
	pub purpose: Purpose,
}

/// An ethics approval.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct ApprovalView {
	/// Hash of the document.
	pub document: H256,
	/// The ethics committee.
	pub org: OrgId,
	/// Whose research it approves.
	pub researcher: AccountId,
	/// It holds until before this moment.
	pub until: Moment,
}

/// A release of a disease ontology.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct ReleaseView {
	/// Its number: counted for each ontology from 0.
	pub id: u32,
	/// Ontology, root and terms.
	#[cfg_attr(feature = "std", serde(flatten))]
	pub release: Release,
	/// When it was posted.
	pub at: Moment,
}

/// What would be judged.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct MatchQuery {
	/// For this dataset.
	pub dataset: DatasetId,
	/// Who would ask.
	pub researcher: AccountId,
	/// What for.
	pub purpose: Purpose,
	/// The document of an ethics approval.
	pub ethics: Option<H256>,
	/// A proof for each of the purpose's diseases.
	pub closures: Closures,
	/// Who would co-sign.
	pub co_signers: Vec<AccountId>,
}

/// How it would be judged.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct MatchAnswer {
	/// The verdict on each group, and why.
	pub outcome: Outcome,
	/// The policy that it was judged by.
	pub policy_version: u32,
	/// The block's time at which this is so.
	pub now: Moment,
}
