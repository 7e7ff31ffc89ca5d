//! What the pallet stores.

use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use salus_primitives::{
	duo::{Group, Outcome, Purpose},
	research::{
		CloseReason, ContributionState, DatasetId, DatasetState, Day, GroupSet, Owed, RequestId, RequestState,
		RevokeReason, Rewards, Vote, MAX_COMMITTEE, MAX_CO_SIGNERS, MAX_GROUPS, MAX_OBLIGATIONS, MAX_VOTES,
	},
	AccountId, Moment, OrgId, H256,
};
use scale_info::TypeInfo;
use sp_core::U256;

/// What of a group changes often. Its data use lies apart.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, Copy, PartialEq, Eq, Debug)]
pub struct GroupState {
	/// The version of the policy that brought its present data use.
	pub version: u32,
	/// Whether it takes contributions: one that was loosened does not.
	pub open: bool,
	/// Contributors who count.
	pub contributors: u32,
}

/// The members of a dataset's committee that its steward names.
pub type Committee = BoundedVec<AccountId, ConstU32<MAX_COMMITTEE>>;

/// A dataset. Its number is the key it is stored under.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct Dataset<Ticket> {
	/// Who stands for it.
	pub steward: OrgId,
	/// Where it is in its life.
	pub state: DatasetState,
	/// Hash of the schema that contributions keep to.
	pub schema: H256,
	/// Salted commitment to its description.
	pub content: H256,
	/// What a request must hold in escrow.
	pub fee: u128,
	/// Counted up by every change of a group, from 1.
	pub policy_version: u32,
	/// Its groups, by their numbers.
	pub groups: BoundedVec<GroupState, ConstU32<MAX_GROUPS>>,
	/// Shares that count.
	pub shares: u64,
	/// What the shares have earned.
	pub rewards: Rewards,
	/// Units that were ever paid in.
	pub funded: u128,
	/// Units that contributors have claimed.
	pub paid: u128,
	/// Units that its steward swept.
	pub swept: u128,
	/// The last day whose beginnings and endings are counted in.
	pub rolled: Day,
	/// Contributions in storage.
	pub entries: u32,
	/// Requests in storage.
	pub requests: u32,
	/// Units that keep its account alive, from who created it.
	pub seed: u128,
	/// Who decides about requests beside ethics committees.
	pub committee: Committee,
	/// Who created it, and whose deposit the ticket is.
	pub by: AccountId,
	/// Its deposit.
	pub ticket: Ticket,
}

/// A group's data use. The dataset and the group's number are the key it is stored under.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct Terms<Ticket> {
	/// What the data may be used for.
	pub group: Group,
	/// Who added the group, and whose deposit the ticket is.
	pub by: AccountId,
	/// Its deposit.
	pub ticket: Ticket,
}

/// A contribution. The dataset and the pseudonym are the key it is stored under.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct Contribution<Ticket> {
	/// Its group.
	pub group: u8,
	/// The contributor's account.
	pub account: AccountId,
	/// Who is paid instead of the account.
	pub payee: Option<AccountId>,
	/// Who attested it.
	pub attester: OrgId,
	/// Salted commitment to the data.
	pub commitment: H256,
	/// Salted commitment to patient, record and access decision.
	pub permit: H256,
	/// When that decision ends.
	pub until: Moment,
	/// Tells the data, and nothing else.
	pub nullifier: H256,
	/// When it was made.
	pub at: Moment,
	/// The first day that it counts.
	pub start: Day,
	/// The first day that it does not count any more.
	pub end: Day,
	/// Its shares.
	pub shares: u64,
	/// The parts of a share that are reckoned in already; `None` until its first day is counted.
	pub checkpoint: Option<U256>,
	/// Parts that it earned and did not claim.
	pub owed: U256,
	/// Where it is in its life.
	pub state: ContributionState,
	/// Who made it, and whose deposit the ticket is.
	pub by: AccountId,
	/// Its deposit.
	pub ticket: Ticket,
}

/// Contributors, by group, and their shares.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Count {
	/// How many, by group.
	pub groups: [u32; MAX_GROUPS as usize],
	/// Shares of all of them.
	pub shares: u64,
}

/// What changes at the beginning of a day. The dataset and the day are the key it is stored under.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Turn {
	/// Contributions that begin to count.
	pub starting: Count,
	/// Contributions that stop counting, some of which may have begun on the same day.
	pub ending: Count,
	/// Contributions that still have to know what a share had earned by then.
	pub refs: u32,
	/// The parts of a share when the day was counted in.
	pub per_share: Option<U256>,
}

/// A request. Its number is the key it is stored under.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct Request<Ticket> {
	/// For this dataset.
	pub dataset: DatasetId,
	/// Who asks, and whose deposit the ticket is.
	pub researcher: AccountId,
	/// Of this organisation.
	pub org: OrgId,
	/// Where it is in its life. That the time of its grant is over is computed.
	pub state: RequestState,
	/// What for.
	pub purpose: Purpose,
	/// The groups asked for.
	pub groups: GroupSet,
	/// Those of them that were not denied.
	pub granted: GroupSet,
	/// The policy that it was judged by.
	pub policy_version: u32,
	/// The verdict on each group.
	pub outcome: Outcome,
	/// Who co-signed.
	pub co_signers: BoundedVec<AccountId, ConstU32<MAX_CO_SIGNERS>>,
	/// Salted commitment to the protocol.
	pub protocol: H256,
	/// Document of the ethics approval.
	pub ethics: Option<H256>,
	/// How many days the grant shall last.
	pub days: u32,
	/// Units held.
	pub escrow: u128,
	/// When it was made.
	pub at: Moment,
	/// Until when it must be decided, or an approved one begin.
	pub deadline: Moment,
	/// Votes.
	pub votes: BoundedVec<Vote, ConstU32<MAX_VOTES>>,
	/// The grant that it renews.
	pub renews: Option<RequestId>,
	/// Why its grant was closed.
	pub closed: Option<CloseReason>,
	/// Why its grant was revoked.
	pub revoked: Option<RevokeReason>,
	/// Its deposit, which also pays for its grant.
	pub ticket: Ticket,
}

/// A grant. The number of its request is the key it is stored under.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct Grant {
	/// Its groups.
	pub groups: GroupSet,
	/// When it began.
	pub start: Moment,
	/// It holds until before this moment.
	pub expiry: Moment,
	/// The policy that it was judged by.
	pub policy_version: u32,
	/// What it owes.
	pub obligations: BoundedVec<Owed, ConstU32<MAX_OBLIGATIONS>>,
}

/// An ethics approval. The document is the key it is stored under.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct Approval<Ticket> {
	/// The ethics committee.
	pub org: OrgId,
	/// Whose research it approves.
	pub researcher: AccountId,
	/// It holds until before this moment.
	pub until: Moment,
	/// Who attested it, and whose deposit the ticket is.
	pub by: AccountId,
	/// Its deposit.
	pub ticket: Ticket,
}
