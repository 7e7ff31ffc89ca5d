//! # Research datasets
//!
//! Patients contribute data to datasets under terms of use that a machine can judge. Researchers ask, the terms answer,
//! a committee decides what the terms leave to people, and what is paid is divided among those who contributed.
//!
//! ## Terminology
//!
//! - *Dataset*: what one *steward*, an organisation, stands for. Registrars of the steward act for it.
//! - *Group*: contributors who agreed to one data use ([`salus_primitives::duo::Group`]). Groups divide the
//!   contributors; they are not alternatives for the same data.
//! - *Policy*: the groups of a dataset. Each change of one is a new *version*.
//! - *Contribution*: data of one patient under a *pseudonym* that is drawn for it alone and a fresh *account*. The
//!   chain knows neither the patient nor the record: beside a disease-specific dataset they would tell the disease.
//! - *Attester*: a member in standing of a provider, who has seen the patient's consent by asking for the access
//!   decision (purpose HRESCH), and states its `permit`, a salted commitment to patient, record and decision, and until
//!   when it holds.
//! - *Nullifier*: what an attester issues for the same data in the same dataset always alike.
//! - *Request*, *grant*: what a researcher asks, and what comes of it. A grant has the number of its request.
//! - *Committee*: reviewers of ethics committees, and whom the steward named.
//! - *Shares*: what a contribution counts for when rewards are divided; *parts*: [`SCALE`] to a unit of balance.
//! - *Turn*: what changes at the beginning of a day, by UTC.
//!
//! ## The life of a dataset
//!
//! 1. A registrar creates it as a draft, with groups, a schema and a fee, and opens it.
//! 2. Patients contribute: either the attester brings the contribution, or the contributor's own account with the
//!    attester's signature of all of it. It begins to count with the next day and stops with the day on which the
//!    consent ends, without a transaction. It can be withdrawn at any moment by its account, or by the attesting
//!    organisation, which notices a withdrawn consent. What it earned stays claimable.
//! 3. A researcher asks for groups, stating a purpose; diseases are proved against the latest ontology release. The
//!    verdict on each group is made in the same call from what the chain knows: whether the organisation works without
//!    profit, its country, an ethics approval that a committee put on chain, co-signatures. All denied: the request is
//!    denied. Any to be decided by people: the committee votes. Otherwise it is approved.
//! 4. An approved request becomes a grant when the researcher activates it: if its groups have [`COHORT`] contributors
//!    who count, and their terms are still those that were judged. The escrow is divided among the contributors.
//! 5. The custodian's gateway asks [`Pallet::grant_access`] at every read, and decides on the record besides.
//! 6. What a grant owes is met, late or waived. A bond stands for the return of results and for a moratorium; missed,
//!    it is divided among the contributors.
//! 7. To renew a grant, the researcher makes a new request that names it. It is judged by today's policy and facts.
//! 8. Anybody may pay in; contributors claim, to an account that they name.
//! 9. A retired dataset pays out what was earned, and leaves storage when nothing refers to it.
//!
//! ## Data structures
//!
//! - [`Datasets`]: number → [`types::Dataset`], with counts and rewards; [`Groups`]: dataset and group → its terms.
//! - [`Contributions`]: dataset and pseudonym → [`types::Contribution`]; [`Nullifiers`]: dataset and nullifier →
//!   pseudonym; [`Turns`]: dataset and day → [`types::Turn`].
//! - [`Requests`] and [`Grants`]: number → [`types::Request`], [`types::Grant`]; [`DatasetRequests`]: the requests of a
//!   dataset; [`Approvals`]: document → [`types::Approval`]; [`Releases`]: ontology → its latest release.
//!
//! **Policy.** Terms may be *tightened* in place: they then bind everybody in the group at once, and grants made before
//! are closed to it until they are renewed. *Loosening* closes the group to contributions and adds one with the looser
//! terms: whoever contributed under the stricter ones stays there.
//!
//! **Rewards.** `parts = units · SCALE + remainder; per_share += parts / shares; remainder = parts mod shares`. A
//! contribution is settled when it is touched: `owed += shares · (per_share then − per_share at its checkpoint)`. A
//! claim pays the whole units. Exact, for each dataset, in parts: `funded = paid + swept + owed + remainder`.
//!
//! **Days.** A call that needs totals counts in the turns since the last; more than [`MAX_ROLL`] days behind it fails
//! with [`Error::RollFirst`], and `roll`, which is open to all, comes first. No call and no hook loops over
//! contributors.
//!
//! **Shares** are a number of the runtime's configuration, the same for every contribution: nobody states them, so
//! nobody inflates them.
//!
//! **Deposits.** A ticket lies beside the value it pays for and belongs to the account that caused it. A request's pays
//! for its grant too; a contribution's for its two turns and its nullifier. A dataset's account is kept alive by a seed
//! of the existential deposit, which whoever created it gets back at the end.
//!
//! ## What is deliberate
//!
//! - **Attestations live an hour**, and a contribution can only be removed after that: an attestation of a consent that
//!   was withdrawn since cannot be brought again.
//! - **A withdrawal pays no fee** when it succeeds, and needs no day to be counted in: nothing stands in its way.
//! - **Escrow goes to the contributors when a grant begins**, and back to the researcher in every other case.
//! - **Who asks never decides**: nor a co-signer, nor anybody of the researcher's legal entity, nor, where the steward
//!   is of that entity, whom the steward named; neither does such a steward waive what is owed.
//! - **Removing a contribution with less than the existential deposit to claim is open to all**: it could never be
//!   claimed.
//! - **Exact counts are in the state**, which nodes keep; views tell buckets.
//!
//! ## API
//!
//! Stewards: `create_dataset`, `add_group`, `tighten_group`, `loosen_group`, `open_dataset`, `suspend_dataset`,
//! `retire_dataset`, `sweep`, `set_committee`, `revoke_grant`, `waive_obligation`. Contributors and attesters:
//! `contribute`, `withdraw_contribution`, `claim`, `set_payee`. Researchers: `submit_request`, `withdraw_request`,
//! `activate`, `close_grant`, `fulfil_obligation`, `remove_request`. Committees: `vote`, `approve_ethics`,
//! `revoke_ethics`, and `miss_obligation` of a moratorium. Everybody: `roll`, `fund`, `remove_contribution`,
//! `expire_request`, `miss_obligation`. Governance: `post_release`.
//!
//! Reading: [`Pallet::dataset_view`], [`Pallet::datasets_page`], [`Pallet::match_dataset`], [`Pallet::request_view`],
//! [`Pallet::requests_page`], [`Pallet::grant_view`], [`Pallet::contribution_view`], [`Pallet::contributions_page`],
//! [`Pallet::grant_access`], [`Pallet::approval_view`], [`Pallet::release_view`].

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod access;
#[cfg(any(test, feature = "runtime-benchmarks"))]
pub mod benchmarking;
mod contributions;
mod datasets;
mod days;
mod deposits;
mod grants;
mod judging;
#[cfg(test)]
mod mock;
mod requests;
mod rewards;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "try-runtime"))]
mod try_state;
pub mod types;
mod views;
pub mod weights;

pub use pallet::*;
pub use weights::WeightInfo;

use frame_support::{
	dispatch::{DispatchResult, DispatchResultWithPostInfo, Pays},
	ensure,
	traits::{
		fungible::{Inspect, Mutate, MutateHold},
		tokens::{Fortitude, Precision, Preservation, Restriction},
		Consideration, ConstU32, Footprint, Get, UnixTime,
	},
	weights::Weight,
	BoundedVec, PalletId,
};
use frame_system::pallet_prelude::BlockNumberFor;
use judging::verdict_of;
#[cfg(any(test, feature = "try-runtime"))]
use requests::is_pending;
use salus_primitives::{
	consent::{Membership, Standing},
	duo::{
		Closure, ClosureError, Facts, Group, Name, Namespace, Obligation, ObligationKind, Outcome, Proved, Purpose,
		Release, Verdict,
	},
	research::*,
	time::DAY,
	traits::Directory,
	AccountId, MemberRole, Moment, OrgId, OrgRole, OrgRoleSet, Pseudonym, H256,
};
use sp_core::U256;
use sp_runtime::{
	traits::{AccountIdConversion, Zero},
	ArithmeticError, DispatchError, SaturatedConversion,
};
use types::{Approval, Committee, Contribution, Count, Dataset, Grant, GroupState, Request, Terms, Turn};

/// A deposit's ticket.
pub type TicketOf<T> = <T as Config>::Consideration;

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use frame_support::pallet_prelude::*;
	use frame_system::pallet_prelude::*;

	/// The version of what is stored.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	/// Datasets, requests, grants and rewards.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What the pallet needs.
	#[pallet::config]
	pub trait Config:
		frame_system::Config<AccountId = AccountId, Hash = H256, RuntimeEvent: From<Event<Self>>>
	{
		/// Organisations and their members.
		type Directory: Directory;

		/// The block's time.
		type Time: UnixTime;

		/// Balances, and why they are held.
		type Currency: Inspect<AccountId, Balance = u128>
			+ Mutate<AccountId>
			+ MutateHold<AccountId, Reason = Self::RuntimeHoldReason>;

		/// Why balance is held, for the whole runtime.
		type RuntimeHoldReason: From<HoldReason>;

		/// What is asked for storage.
		type Consideration: Consideration<AccountId, Footprint>;

		/// Posts releases of disease ontologies.
		type OntologyOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// What the accounts of datasets are derived from.
		#[pallet::constant]
		type PalletId: Get<PalletId>;

		/// Shares of a contribution, from 1 to `u32::MAX`.
		#[pallet::constant]
		type Shares: Get<u64>;

		/// Votes that decide about a request, from 1 to [`MAX_VOTES`].
		#[pallet::constant]
		type Quorum: Get<u32>;

		/// How long a committee has, in milliseconds.
		#[pallet::constant]
		type ReviewPeriod: Get<Moment>;

		/// How long an approved request can be activated, in milliseconds.
		#[pallet::constant]
		type ActivationPeriod: Get<Moment>;

		/// Units that stand for each obligation with a bond.
		#[pallet::constant]
		type Bond: Get<u128>;

		/// Weights of the calls.
		type WeightInfo: WeightInfo;

		/// Arranges organisations and members for benchmarks.
		#[cfg(any(test, feature = "runtime-benchmarks"))]
		type BenchmarkHelper: benchmarking::BenchmarkHelper;
	}

	/// Why balance is held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// For a dataset, group, contribution, request or ethics approval.
		#[codec(index = 0)]
		Storage,
		/// For the fee of a request.
		#[codec(index = 1)]
		Escrow,
		/// For what a grant owes.
		#[codec(index = 2)]
		Bond,
	}

	/// The next dataset's number.
	#[pallet::storage]
	pub type NextDataset<T: Config> = StorageValue<_, DatasetId, ValueQuery>;

	/// Datasets, by number.
	#[pallet::storage]
	pub type Datasets<T: Config> = StorageMap<_, Twox64Concat, DatasetId, Dataset<TicketOf<T>>>;

	/// Data uses, by dataset and group.
	#[pallet::storage]
	pub type Groups<T: Config> = StorageDoubleMap<_, Twox64Concat, DatasetId, Twox64Concat, u8, Terms<TicketOf<T>>>;

	/// Contributions, by dataset and pseudonym.
	#[pallet::storage]
	pub type Contributions<T: Config> =
		StorageDoubleMap<_, Twox64Concat, DatasetId, Blake2_128Concat, Pseudonym, Contribution<TicketOf<T>>>;

	/// Pseudonyms of contributions, by dataset and nullifier.
	#[pallet::storage]
	pub type Nullifiers<T: Config> = StorageDoubleMap<_, Twox64Concat, DatasetId, Blake2_128Concat, H256, Pseudonym>;

	/// What changes at the beginning of a day, by dataset and day.
	#[pallet::storage]
	pub type Turns<T: Config> = StorageDoubleMap<_, Twox64Concat, DatasetId, Twox64Concat, Day, Turn>;

	/// The next request's number.
	#[pallet::storage]
	pub type NextRequest<T: Config> = StorageValue<_, RequestId, ValueQuery>;

	/// Requests, by number.
	#[pallet::storage]
	pub type Requests<T: Config> = StorageMap<_, Twox64Concat, RequestId, Request<TicketOf<T>>>;

	/// Requests, by dataset.
	#[pallet::storage]
	pub type DatasetRequests<T: Config> = StorageDoubleMap<_, Twox64Concat, DatasetId, Twox64Concat, RequestId, ()>;

	/// Grants, by the number of their request.
	#[pallet::storage]
	pub type Grants<T: Config> = StorageMap<_, Twox64Concat, RequestId, Grant>;

	/// Ethics approvals, by the hash of their document.
	#[pallet::storage]
	pub type Approvals<T: Config> = StorageMap<_, Blake2_128Concat, H256, Approval<TicketOf<T>>>;

	/// The latest release of each disease ontology.
	#[pallet::storage]
	pub type Releases<T: Config> = StorageMap<_, Twox64Concat, Namespace, ReleaseView>;

	/// What happened. Numbers, states, verdicts and reasons alone.
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A dataset was created, as a draft.
		DatasetCreated {
			/// Its number.
			dataset: DatasetId,
			/// Who stands for it.
			steward: OrgId,
		},
		/// A group was added, tightened or loosened.
		PolicyChanged {
			/// Of this dataset.
			dataset: DatasetId,
			/// The policy's version now.
			version: u32,
		},
		/// A dataset was opened, suspended or retired.
		DatasetStateChanged {
			/// Which.
			dataset: DatasetId,
			/// Where it is now.
			state: DatasetState,
		},
		/// A dataset left storage.
		DatasetRemoved {
			/// Which.
			dataset: DatasetId,
		},
		/// The steward named the dataset's committee.
		CommitteeSet {
			/// Of this dataset.
			dataset: DatasetId,
		},
		/// What divided among nobody went to the steward.
		DustSwept {
			/// Of this dataset.
			dataset: DatasetId,
			/// Units.
			amount: u128,
		},
		/// A contribution was made.
		Contributed {
			/// To this dataset.
			dataset: DatasetId,
			/// Its pseudonym.
			pseudonym: Pseudonym,
			/// Its group.
			group: u8,
			/// Who attested it.
			org: OrgId,
		},
		/// A contribution ended before its time: who uses it under a grant of its group has to stop.
		ContributionWithdrawn {
			/// To this dataset.
			dataset: DatasetId,
			/// Its pseudonym.
			pseudonym: Pseudonym,
			/// Its group.
			group: u8,
		},
		/// A contribution left storage.
		ContributionRemoved {
			/// To this dataset.
			dataset: DatasetId,
			/// Its pseudonym.
			pseudonym: Pseudonym,
		},
		/// Days were counted in.
		Rolled {
			/// Of this dataset.
			dataset: DatasetId,
			/// Up to this day.
			day: Day,
		},
		/// A request was made.
		RequestSubmitted {
			/// Its number.
			request: RequestId,
			/// For this dataset.
			dataset: DatasetId,
			/// The researcher's organisation.
			org: OrgId,
		},
		/// A request entered another state.
		RequestDecided {
			/// Which.
			request: RequestId,
			/// Where it is now.
			state: RequestState,
			/// The groups that are, or can be, granted.
			granted: GroupSet,
		},
		/// A member of a committee voted.
		Voted {
			/// On this request.
			request: RequestId,
			/// How, and why.
			reason: VoteReason,
		},
		/// A request left storage, with its grant.
		RequestRemoved {
			/// Which.
			request: RequestId,
		},
		/// A grant began.
		GrantActivated {
			/// Its number.
			grant: RequestId,
			/// Of this dataset.
			dataset: DatasetId,
			/// Its groups.
			groups: GroupSet,
			/// It holds until before this moment.
			expiry: Moment,
		},
		/// A grant was closed.
		GrantClosed {
			/// Which.
			grant: RequestId,
			/// Why.
			reason: CloseReason,
		},
		/// The steward revoked a grant.
		GrantRevoked {
			/// Which.
			grant: RequestId,
			/// Why.
			reason: RevokeReason,
		},
		/// An obligation was met, missed or waived.
		ObligationSettled {
			/// Of this grant.
			grant: RequestId,
			/// Which of its obligations.
			index: u32,
			/// Where it is now.
			state: ObligationState,
			/// Hash of what shows it.
			evidence: H256,
		},
		/// A bond went to the contributors.
		BondSlashed {
			/// Of this grant.
			grant: RequestId,
			/// To this dataset.
			dataset: DatasetId,
			/// Units.
			amount: u128,
		},
		/// An ethics committee approved of a researcher's work.
		EthicsApproved {
			/// Hash of the document.
			document: H256,
			/// The committee.
			org: OrgId,
			/// Until before when.
			until: Moment,
		},
		/// An ethics committee took an approval back.
		EthicsRevoked {
			/// Hash of the document.
			document: H256,
			/// The committee.
			org: OrgId,
		},
		/// Units were paid in for the contributors.
		Funded {
			/// Of this dataset.
			dataset: DatasetId,
			/// Units.
			amount: u128,
		},
		/// A contributor was paid.
		Claimed {
			/// Of this dataset.
			dataset: DatasetId,
			/// Under this pseudonym.
			pseudonym: Pseudonym,
			/// Units.
			amount: u128,
		},
		/// A contributor named who is paid.
		PayeeSet {
			/// Of this dataset.
			dataset: DatasetId,
			/// Under this pseudonym.
			pseudonym: Pseudonym,
		},
		/// A release of a disease ontology took the place of the one before.
		ReleasePosted {
			/// Of this ontology.
			namespace: Namespace,
			/// Its number.
			id: u32,
			/// Root of the tree over its terms.
			root: H256,
		},
	}

	/// Why a call was refused.
	#[pallet::error]
	pub enum Error<T> {
		/// There is no such dataset, contribution, request, grant, obligation or approval.
		NotFound,
		/// The pseudonym, the document or the member of the committee is there already.
		AlreadyExists,
		/// The signer may not do this.
		NotAuthorized,
		/// The organisation is not accredited for this.
		NotAccredited,
		/// The dataset, request, contribution or obligation is in a state that does not allow this.
		WrongState,
		/// The dataset has no such group, none, or it takes no contributions.
		InvalidGroup,
		/// The data use contradicts itself, or uses an obsolete or abstract term.
		InvalidTerms,
		/// The data use would allow something that it does not allow now.
		NotTighter,
		/// There are as many as there can be.
		TooMany,
		/// Numbers are used up.
		Exhausted,
		/// A period is empty, too long, or ends too soon.
		InvalidPeriod,
		/// The attestation is not of this contribution, not by its attester, or older than an hour.
		InvalidAttestation,
		/// The same data is in the dataset already.
		AlreadyContributed,
		/// The contribution has ended already.
		NotLive,
		/// What has to pass first has not passed.
		TooEarly,
		/// What has been earned must be claimed first.
		Unclaimed,
		/// More than [`MAX_ROLL`] days are to be counted in first.
		RollFirst,
		/// There is nothing to do.
		NothingDue,
		/// Nobody counts who could be paid.
		NoContributors,
		/// Nothing cannot be paid in.
		InvalidAmount,
		/// There is less to claim than the existential deposit.
		BelowMinimum,
		/// The time for this is over.
		Expired,
		/// A disease is not proved by the latest release: forged, of an earlier one, or obsolete.
		InvalidClosure,
		/// There is no release of a disease's ontology.
		UnknownRelease,
		/// A co-signature is not of this request, or is the researcher's, or there twice.
		InvalidCoSignature,
		/// There is no such ethics approval of this researcher.
		UnknownApproval,
		/// The signer's interests are touched.
		ConflictOfInterest,
		/// The signer has voted.
		AlreadyVoted,
		/// A group was tightened since the request was judged.
		PolicyChanged,
		/// The groups have fewer than [`COHORT`] contributors who count.
		CohortTooSmall,
		/// The grant is not in force.
		NotActive,
		/// This reason is given by the chain alone.
		InvalidReason,
		/// The grant owes something still.
		NotSettled,
		/// The purpose names uses or flags that there are not.
		InvalidPurpose,
		/// The release has no root, or as many leaves as there cannot be.
		InvalidRelease,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Creates a dataset, as a draft.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing, with role `Registrar`, of a provider, a research body or a patient
		/// organisation.
		///
		/// # Details
		/// The signer's organisation becomes the steward. Groups are numbered from 0 in their order.
		///
		/// # Parameters
		/// - `dataset`: its groups, which may be none, schema, description and fee.
		///
		/// # Errors
		/// `NotAuthorized`, `NotAccredited`, `InvalidTerms`, `Exhausted`; what the deposit and the seed refuse.
		///
		/// # Events
		/// [`Event::DatasetCreated`].
		///
		/// # Deposit
		/// For the dataset and each group, held from the signer; and the existential deposit, transferred to the
		/// dataset's account. They return when it leaves storage.
		///
		/// # Complexity
		/// Linear in the groups.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::create_dataset(dataset.data_use.len() as u32)
			.saturating_add(T::Directory::standing_weight()))]
		pub fn create_dataset(origin: OriginFor<T>, dataset: DatasetInput) -> DispatchResult {
			Self::do_create(ensure_signed(origin)?, dataset)
		}

		/// Adds a group.
		///
		/// # Dispatch Origin
		/// Signed: a registrar of the dataset's steward, in standing.
		///
		/// # Details
		/// The policy's version grows by one.
		///
		/// # Parameters
		/// - `dataset`: which.
		/// - `terms`: the group's data use.
		///
		/// # Errors
		/// `NotFound`, `NotAuthorized`, `WrongState` (retired), `InvalidTerms`, `TooMany` ([`MAX_GROUPS`]),
		/// `Exhausted`; what the deposit refuses.
		///
		/// # Events
		/// [`Event::PolicyChanged`].
		///
		/// # Deposit
		/// For the group, held from the signer until the dataset leaves storage.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::add_group().saturating_add(T::Directory::standing_weight()))]
		pub fn add_group(origin: OriginFor<T>, dataset: DatasetId, terms: Group) -> DispatchResult {
			Self::do_add_group(ensure_signed(origin)?, dataset, terms)
		}

		/// Makes a group's data use stricter, at once.
		///
		/// # Dispatch Origin
		/// Signed: a registrar of the dataset's steward, in standing.
		///
		/// # Details
		/// Binds everybody in the group. Grants that were judged before are closed to it until they are renewed;
		/// approved requests for it cannot be activated any more. Nothing may be allowed that was not, by
		/// [`salus_primitives::research::tightens`].
		///
		/// # Parameters
		/// - `dataset`: which.
		/// - `group`: the group.
		/// - `terms`: its data use from now on.
		///
		/// # Errors
		/// `NotFound`, `NotAuthorized`, `WrongState` (retired), `InvalidGroup`, `InvalidTerms`, `NotTighter`,
		/// `Exhausted`.
		///
		/// # Events
		/// [`Event::PolicyChanged`].
		///
		/// # Deposit
		/// For the group as long as it is now, held from the signer; what was held before returns.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::tighten_group().saturating_add(T::Directory::standing_weight()))]
		pub fn tighten_group(origin: OriginFor<T>, dataset: DatasetId, group: u8, terms: Group) -> DispatchResult {
			Self::do_tighten(ensure_signed(origin)?, dataset, group, terms)
		}

		/// Closes a group to contributions and adds one with another data use in its place.
		///
		/// # Dispatch Origin
		/// Signed: a registrar of the dataset's steward, in standing.
		///
		/// # Details
		/// Contributors of the closed group stay under its terms. The new group has the next number.
		///
		/// # Parameters
		/// - `dataset`: which.
		/// - `group`: a group that takes contributions.
		/// - `terms`: the data use of the new one.
		///
		/// # Errors
		/// `NotFound`, `NotAuthorized`, `WrongState` (retired), `InvalidGroup`, `InvalidTerms`, `TooMany`,
		/// `Exhausted`; what the deposit refuses.
		///
		/// # Events
		/// [`Event::PolicyChanged`].
		///
		/// # Deposit
		/// For the new group, held from the signer until the dataset leaves storage.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::loosen_group().saturating_add(T::Directory::standing_weight()))]
		pub fn loosen_group(origin: OriginFor<T>, dataset: DatasetId, group: u8, terms: Group) -> DispatchResult {
			Self::do_loosen(ensure_signed(origin)?, dataset, group, terms)
		}

		/// Opens a draft or a suspended dataset.
		///
		/// # Dispatch Origin
		/// Signed: a registrar of the dataset's steward, in standing.
		///
		/// # Details
		/// It takes contributions and requests from now on.
		///
		/// # Parameters
		/// - `dataset`: which.
		///
		/// # Errors
		/// `NotFound`, `NotAuthorized`, `WrongState` (open or retired), `InvalidGroup` (it has none).
		///
		/// # Events
		/// [`Event::DatasetStateChanged`].
		///
		/// # Deposit
		/// Unchanged.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::open_dataset().saturating_add(T::Directory::standing_weight()))]
		pub fn open_dataset(origin: OriginFor<T>, dataset: DatasetId) -> DispatchResult {
			Self::do_open(ensure_signed(origin)?, dataset)
		}

		/// Suspends a dataset.
		///
		/// # Dispatch Origin
		/// Signed: a registrar of the dataset's steward, in standing.
		///
		/// # Details
		/// No contributions, requests, activations or reads until it is opened. Contributions go on counting, and can
		/// be withdrawn; rewards can be paid in and claimed.
		///
		/// # Parameters
		/// - `dataset`: which.
		///
		/// # Errors
		/// `NotFound`, `NotAuthorized`, `WrongState` (not open).
		///
		/// # Events
		/// [`Event::DatasetStateChanged`].
		///
		/// # Deposit
		/// Unchanged.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::suspend_dataset().saturating_add(T::Directory::standing_weight()))]
		pub fn suspend_dataset(origin: OriginFor<T>, dataset: DatasetId) -> DispatchResult {
			Self::do_suspend(ensure_signed(origin)?, dataset)
		}

		/// Ends a dataset for good.
		///
		/// # Dispatch Origin
		/// Signed: a registrar of the dataset's steward, in standing.
		///
		/// # Details
		/// What was earned stays claimable. What is nobody's, less than a unit for each share, goes to the signer.
		///
		/// # Parameters
		/// - `dataset`: which.
		///
		/// # Errors
		/// `NotFound`, `NotAuthorized`, `WrongState` (retired already).
		///
		/// # Events
		/// [`Event::DustSwept`] if there was any; [`Event::DatasetStateChanged`].
		///
		/// # Deposit
		/// Unchanged, until `sweep`.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::retire_dataset().saturating_add(T::Directory::standing_weight()))]
		pub fn retire_dataset(origin: OriginFor<T>, dataset: DatasetId) -> DispatchResult {
			Self::do_retire(ensure_signed(origin)?, dataset)
		}

		/// Takes what is nobody's from a retired dataset, and removes one that nothing refers to.
		///
		/// # Dispatch Origin
		/// Signed: a registrar of the dataset's steward, in standing.
		///
		/// # Details
		/// Contributions that were removed leave parts of units behind. When no contribution and no request is left,
		/// the dataset and its groups leave storage, and its account is closed.
		///
		/// # Parameters
		/// - `dataset`: which.
		///
		/// # Errors
		/// `NotFound`, `NotAuthorized`, `WrongState` (not retired), `NothingDue`.
		///
		/// # Events
		/// [`Event::DustSwept`], [`Event::DatasetRemoved`].
		///
		/// # Deposit
		/// Returned with the removal, the seed to who created the dataset.
		///
		/// # Complexity
		/// Linear in the groups, at most [`MAX_GROUPS`].
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::sweep().saturating_add(T::Directory::standing_weight()))]
		pub fn sweep(origin: OriginFor<T>, dataset: DatasetId) -> DispatchResult {
			Self::do_sweep(ensure_signed(origin)?, dataset)
		}

		/// Names who decides about requests beside ethics committees.
		///
		/// # Dispatch Origin
		/// Signed: a registrar of the dataset's steward, in standing.
		///
		/// # Details
		/// Replaces who was named before; votes that were cast stay. They need be no members of an organisation.
		///
		/// # Parameters
		/// - `dataset`: which.
		/// - `members`: who, each once.
		///
		/// # Errors
		/// `NotFound`, `NotAuthorized`, `WrongState` (retired), `AlreadyExists` (named twice).
		///
		/// # Events
		/// [`Event::CommitteeSet`].
		///
		/// # Deposit
		/// Unchanged: the dataset's is for the most there can be.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::set_committee().saturating_add(T::Directory::standing_weight()))]
		pub fn set_committee(origin: OriginFor<T>, dataset: DatasetId, members: Committee) -> DispatchResult {
			Self::do_set_committee(ensure_signed(origin)?, dataset, members)
		}

		/// Contributes to a dataset.
		///
		/// # Dispatch Origin
		/// Signed: without attestation, the attester, a member in standing of a provider; with one, the contributor's
		/// account that the contribution names.
		///
		/// # Details
		/// The attester stands for permit, end and nullifier. It counts from tomorrow until the day on which `until`
		/// lies.
		///
		/// # Parameters
		/// - `contribution`: all of it.
		/// - `attestation`: the attester's signature of [`ContributionInput::message`].
		///
		/// # Errors
		/// `NotAuthorized`, `NotAccredited`, `InvalidAttestation`, `NotFound`, `WrongState` (not open),
		/// `InvalidGroup`, `InvalidPeriod`, `AlreadyExists` (the pseudonym), `AlreadyContributed`, `Exhausted`; what
		/// the deposit refuses.
		///
		/// # Events
		/// [`Event::Contributed`].
		///
		/// # Deposit
		/// For the contribution, held from the signer until it is removed.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::contribute().saturating_add(T::Directory::standing_weight()))]
		pub fn contribute(
			origin: OriginFor<T>,
			contribution: ContributionInput,
			attestation: Option<Attestation>,
		) -> DispatchResult {
			Self::do_contribute(ensure_signed(origin)?, contribution, attestation)
		}

		/// Ends a contribution, at once.
		///
		/// # Dispatch Origin
		/// Signed: its account, whatever else is paused or suspended; or a member in standing of the organisation
		/// that attested it.
		///
		/// # Details
		/// It stops counting and gateways refuse it from this block on. The event tells who uses it to stop. What it
		/// earned stays claimable. No fee is taken.
		///
		/// # Parameters
		/// - `dataset`: which.
		/// - `pseudonym`: the contribution's.
		///
		/// # Errors
		/// `NotFound`, `NotAuthorized`, `NotLive`.
		///
		/// # Events
		/// [`Event::ContributionWithdrawn`].
		///
		/// # Deposit
		/// Unchanged, until it is removed.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::withdraw_contribution().saturating_add(T::Directory::standing_weight()))]
		pub fn withdraw_contribution(
			origin: OriginFor<T>,
			dataset: DatasetId,
			pseudonym: Pseudonym,
		) -> DispatchResultWithPostInfo {
			Self::do_withdraw(ensure_signed(origin)?, dataset, pseudonym)
		}

		/// Removes a contribution that has ended, or is of a retired dataset.
		///
		/// # Dispatch Origin
		/// Signed: anybody.
		///
		/// # Details
		/// The same data can be contributed again. What is left of its reward, less than the existential deposit,
		/// becomes nobody's.
		///
		/// # Parameters
		/// - `dataset`: which.
		/// - `pseudonym`: the contribution's.
		///
		/// # Errors
		/// `NotFound`, `WrongState` (it counts still), `TooEarly` (within an hour after it was made), `Unclaimed`.
		///
		/// # Events
		/// [`Event::ContributionRemoved`].
		///
		/// # Deposit
		/// Returned to the account that made it.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::remove_contribution())]
		pub fn remove_contribution(origin: OriginFor<T>, dataset: DatasetId, pseudonym: Pseudonym) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_remove_contribution(dataset, pseudonym)
		}

		/// Counts in the days since the dataset was last used.
		///
		/// # Dispatch Origin
		/// Signed: anybody.
		///
		/// # Details
		/// At most [`MAX_ROLL`] days; any other call that needs totals does as much by itself.
		///
		/// # Parameters
		/// - `dataset`: which.
		///
		/// # Errors
		/// `NotFound`, `NothingDue`.
		///
		/// # Events
		/// [`Event::Rolled`].
		///
		/// # Deposit
		/// None.
		///
		/// # Complexity
		/// Linear in the days, at most [`MAX_ROLL`].
		#[pallet::call_index(12)]
		#[pallet::weight(T::WeightInfo::roll())]
		pub fn roll(origin: OriginFor<T>, dataset: DatasetId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_roll(dataset)
		}

		/// Asks to use a dataset.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing with role `Researcher`.
		///
		/// # Details
		/// Judged at once, group by group, from what the request states and the chain knows. All groups asked for are
		/// denied: `AutoDenied`. Any of the others is for people to decide: `InReview`. Else `AutoApproved`.
		///
		/// # Parameters
		/// - `request`: all of it.
		///
		/// # Errors
		/// `NotAuthorized`, `NotFound`, `WrongState` (not open), `InvalidPeriod`, `InvalidGroup`, `NotActive` (the
		/// grant to renew), `InvalidCoSignature`, `InvalidPurpose`, `UnknownApproval`, `InvalidClosure`,
		/// `UnknownRelease`, `TooMany`, `Exhausted`; what the deposit and the escrow refuse.
		///
		/// # Events
		/// [`Event::RequestSubmitted`], [`Event::RequestDecided`].
		///
		/// # Deposit
		/// For the request and its grant, held from the signer until it is removed. The fee is held in escrow unless
		/// it is denied.
		///
		/// # Complexity
		/// Linear in groups, diseases and co-signers.
		#[pallet::call_index(13)]
		#[pallet::weight(T::WeightInfo::submit_request(
				request.closures.len() as u32,
				request.co_signatures.len() as u32,
			)
			.saturating_add(Pallet::<T>::directory_weight(1)))]
		pub fn submit_request(origin: OriginFor<T>, request: RequestInput) -> DispatchResult {
			Self::do_submit(ensure_signed(origin)?, request)
		}

		/// Votes on a request.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing, with role `EthicsReviewer`, of an ethics committee; or whom the steward
		/// named, unless suspended by their organisation.
		///
		/// # Details
		/// `Acceptable` approves, any other reason rejects. The majority decides once as many have voted as the
		/// configuration asks; in a tie, the next vote does.
		///
		/// # Parameters
		/// - `request`: which.
		/// - `reason`: how, and why.
		///
		/// # Errors
		/// `NotFound`, `NotAuthorized`, `ConflictOfInterest`, `WrongState` (not in review), `Expired`,
		/// `AlreadyVoted`, `TooMany`.
		///
		/// # Events
		/// [`Event::Voted`]; [`Event::RequestDecided`] if it decides.
		///
		/// # Deposit
		/// Unchanged. The escrow returns if the request is rejected.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(14)]
		#[pallet::weight(T::WeightInfo::vote().saturating_add(Pallet::<T>::reviewer_weight()))]
		pub fn vote(origin: OriginFor<T>, request: RequestId, reason: VoteReason) -> DispatchResult {
			Self::do_vote(ensure_signed(origin)?, request, reason)
		}

		/// Takes a request back.
		///
		/// # Dispatch Origin
		/// Signed: who made it.
		///
		/// # Details
		/// Possible until its grant begins.
		///
		/// # Parameters
		/// - `request`: which.
		///
		/// # Errors
		/// `NotFound`, `NotAuthorized`, `WrongState`.
		///
		/// # Events
		/// [`Event::RequestDecided`].
		///
		/// # Deposit
		/// The escrow returns; the deposit stays until it is removed.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(15)]
		#[pallet::weight(T::WeightInfo::withdraw_request())]
		pub fn withdraw_request(origin: OriginFor<T>, request: RequestId) -> DispatchResult {
			Self::do_withdraw_request(ensure_signed(origin)?, request)
		}

		/// Ends a request that nobody decided, or that was approved and not activated, in time.
		///
		/// # Dispatch Origin
		/// Signed: anybody.
		///
		/// # Details
		/// Of a retired dataset, at any time.
		///
		/// # Parameters
		/// - `request`: which.
		///
		/// # Errors
		/// `NotFound`, `WrongState`, `TooEarly`.
		///
		/// # Events
		/// [`Event::RequestDecided`].
		///
		/// # Deposit
		/// The escrow returns.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(16)]
		#[pallet::weight(T::WeightInfo::expire_request())]
		pub fn expire_request(origin: OriginFor<T>, request: RequestId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_expire_request(request)
		}

		/// Begins the grant of an approved request.
		///
		/// # Dispatch Origin
		/// Signed: who made it, a researcher in standing of the same organisation still.
		///
		/// # Details
		/// The groups' terms must be those that were judged, the ethics approval still hold, and at least [`COHORT`]
		/// contributors count in the groups. The grant ends with the days asked for, with the ethics approval, or
		/// when the terms say, whichever is first. A grant that it renews is closed.
		///
		/// # Parameters
		/// - `request`: which.
		///
		/// # Errors
		/// `NotFound`, `NotAuthorized`, `WrongState`, `Expired`, `PolicyChanged`, `UnknownApproval`, `RollFirst`,
		/// `CohortTooSmall`, `TooMany`; what the bonds refuse.
		///
		/// # Events
		/// [`Event::Funded`] of the escrow, [`Event::GrantClosed`] of a renewed grant, [`Event::GrantActivated`].
		///
		/// # Deposit
		/// Bonds are held from the signer for what is bonded; the escrow goes to the contributors.
		///
		/// # Complexity
		/// Linear in days, groups and obligations, all bounded; not in contributors.
		#[pallet::call_index(17)]
		#[pallet::weight(T::WeightInfo::activate().saturating_add(T::Directory::standing_weight()))]
		pub fn activate(origin: OriginFor<T>, request: RequestId) -> DispatchResult {
			Self::do_activate(ensure_signed(origin)?, request)
		}

		/// Closes a grant before its time.
		///
		/// # Dispatch Origin
		/// Signed: the researcher.
		///
		/// # Details
		/// What it owes stays owed.
		///
		/// # Parameters
		/// - `grant`: which.
		/// - `reason`: why; not `Superseded`.
		///
		/// # Errors
		/// `NotFound`, `NotAuthorized`, `InvalidReason`, `NotActive`.
		///
		/// # Events
		/// [`Event::GrantClosed`].
		///
		/// # Deposit
		/// Unchanged.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(18)]
		#[pallet::weight(T::WeightInfo::close_grant())]
		pub fn close_grant(origin: OriginFor<T>, grant: RequestId, reason: CloseReason) -> DispatchResult {
			Self::do_close(ensure_signed(origin)?, grant, reason)
		}

		/// Revokes a grant.
		///
		/// # Dispatch Origin
		/// Signed: a registrar of the dataset's steward, in standing.
		///
		/// # Details
		/// What it owes stays owed.
		///
		/// # Parameters
		/// - `grant`: which.
		/// - `reason`: why.
		///
		/// # Errors
		/// `NotFound`, `NotAuthorized`, `NotActive`.
		///
		/// # Events
		/// [`Event::GrantRevoked`].
		///
		/// # Deposit
		/// Unchanged.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(19)]
		#[pallet::weight(T::WeightInfo::revoke_grant().saturating_add(T::Directory::standing_weight()))]
		pub fn revoke_grant(origin: OriginFor<T>, grant: RequestId, reason: RevokeReason) -> DispatchResult {
			Self::do_revoke(ensure_signed(origin)?, grant, reason)
		}

		/// Shows that an obligation was met.
		///
		/// # Dispatch Origin
		/// Signed: the researcher.
		///
		/// # Details
		/// After it was due it is late, and its bond is lost. A moratorium is met when it is over.
		///
		/// # Parameters
		/// - `grant`: which.
		/// - `index`: which of its obligations, from 0.
		/// - `evidence`: hash of what shows it.
		///
		/// # Errors
		/// `NotFound`, `NotAuthorized`, `WrongState` (settled already), `TooEarly` (a moratorium), `RollFirst`.
		///
		/// # Events
		/// [`Event::ObligationSettled`]; [`Event::BondSlashed`].
		///
		/// # Deposit
		/// The bond returns, or goes to the contributors.
		///
		/// # Complexity
		/// Linear in the days, at most [`MAX_ROLL`].
		#[pallet::call_index(20)]
		#[pallet::weight(T::WeightInfo::fulfil_obligation())]
		pub fn fulfil_obligation(origin: OriginFor<T>, grant: RequestId, index: u32, evidence: H256) -> DispatchResult {
			Self::do_fulfil(ensure_signed(origin)?, grant, index, evidence)
		}

		/// Waives an obligation.
		///
		/// # Dispatch Origin
		/// Signed: a registrar of the dataset's steward, in standing.
		///
		/// # Details
		/// Not for a researcher of the steward's own legal entity.
		///
		/// # Parameters
		/// - `grant`: which.
		/// - `index`: which of its obligations, from 0.
		///
		/// # Errors
		/// `NotFound`, `NotAuthorized`, `ConflictOfInterest`, `WrongState` (settled already).
		///
		/// # Events
		/// [`Event::ObligationSettled`].
		///
		/// # Deposit
		/// The bond returns to the researcher.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(21)]
		#[pallet::weight(T::WeightInfo::waive_obligation().saturating_add(Pallet::<T>::directory_weight(2)))]
		pub fn waive_obligation(origin: OriginFor<T>, grant: RequestId, index: u32) -> DispatchResult {
			Self::do_waive(ensure_signed(origin)?, grant, index)
		}

		/// Shows that an obligation was missed.
		///
		/// # Dispatch Origin
		/// Signed: anybody, once it is overdue; of a moratorium, who may decide about the request, before it is over.
		///
		/// # Details
		/// Its bond is divided among the contributors.
		///
		/// # Parameters
		/// - `grant`: which.
		/// - `index`: which of its obligations, from 0.
		/// - `evidence`: hash of what shows it.
		///
		/// # Errors
		/// `NotFound`, `WrongState` (settled already), `TooEarly`, `RollFirst`; of a moratorium `NotAuthorized`,
		/// `ConflictOfInterest`, `Expired`.
		///
		/// # Events
		/// [`Event::ObligationSettled`]; [`Event::BondSlashed`].
		///
		/// # Deposit
		/// The bond goes to the contributors.
		///
		/// # Complexity
		/// Linear in the days, at most [`MAX_ROLL`].
		#[pallet::call_index(22)]
		#[pallet::weight(T::WeightInfo::miss_obligation().saturating_add(Pallet::<T>::reviewer_weight()))]
		pub fn miss_obligation(origin: OriginFor<T>, grant: RequestId, index: u32, evidence: H256) -> DispatchResult {
			Self::do_miss(ensure_signed(origin)?, grant, index, evidence)
		}

		/// Removes a request that has ended, and its grant.
		///
		/// # Dispatch Origin
		/// Signed: who made it; anybody, of a retired dataset.
		///
		/// # Details
		/// Nothing may be owed any more.
		///
		/// # Parameters
		/// - `request`: which.
		///
		/// # Errors
		/// `NotFound`, `NotAuthorized`, `WrongState` (it waits, or its grant is in force), `NotSettled`.
		///
		/// # Events
		/// [`Event::RequestRemoved`].
		///
		/// # Deposit
		/// Returned to the researcher.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(23)]
		#[pallet::weight(T::WeightInfo::remove_request())]
		pub fn remove_request(origin: OriginFor<T>, request: RequestId) -> DispatchResult {
			Self::do_remove_request(ensure_signed(origin)?, request)
		}

		/// Puts an ethics approval on chain.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing, with role `EthicsReviewer`, of an ethics committee.
		///
		/// # Details
		/// Not for a researcher of the committee's own legal entity.
		///
		/// # Parameters
		/// - `document`: salted hash of the approval.
		/// - `researcher`: whose work it approves.
		/// - `until`: it holds until before this moment, at most [`MAX_APPROVAL`] ahead.
		///
		/// # Errors
		/// `NotAuthorized`, `ConflictOfInterest`, `InvalidPeriod`, `AlreadyExists`; what the deposit refuses.
		///
		/// # Events
		/// [`Event::EthicsApproved`].
		///
		/// # Deposit
		/// For the approval, held from the signer until it is revoked.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(24)]
		#[pallet::weight(T::WeightInfo::approve_ethics().saturating_add(Pallet::<T>::directory_weight(2))
			.saturating_add(T::Directory::standing_weight()))]
		pub fn approve_ethics(
			origin: OriginFor<T>,
			document: H256,
			researcher: AccountId,
			until: Moment,
		) -> DispatchResult {
			Self::do_approve_ethics(ensure_signed(origin)?, document, researcher, until)
		}

		/// Takes an ethics approval back, or removes one that is over.
		///
		/// # Dispatch Origin
		/// Signed: a member in standing, with role `EthicsReviewer`, of the same ethics committee.
		///
		/// # Details
		/// Grants that rest on it are refused by gateways from this block on.
		///
		/// # Parameters
		/// - `document`: salted hash of the approval.
		///
		/// # Errors
		/// `NotAuthorized`, `NotFound`.
		///
		/// # Events
		/// [`Event::EthicsRevoked`].
		///
		/// # Deposit
		/// Returned to who attested it.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(25)]
		#[pallet::weight(T::WeightInfo::revoke_ethics().saturating_add(T::Directory::standing_weight()))]
		pub fn revoke_ethics(origin: OriginFor<T>, document: H256) -> DispatchResult {
			Self::do_revoke_ethics(ensure_signed(origin)?, document)
		}

		/// Pays in for the contributors.
		///
		/// # Dispatch Origin
		/// Signed: anybody.
		///
		/// # Details
		/// Divided at once among those who count today.
		///
		/// # Parameters
		/// - `dataset`: which.
		/// - `amount`: units.
		///
		/// # Errors
		/// `NotFound`, `WrongState` (retired), `InvalidAmount`, `RollFirst`, `NoContributors`; what the transfer
		/// refuses.
		///
		/// # Events
		/// [`Event::Funded`].
		///
		/// # Deposit
		/// None.
		///
		/// # Complexity
		/// Linear in the days, at most [`MAX_ROLL`]; not in contributors.
		#[pallet::call_index(26)]
		#[pallet::weight(T::WeightInfo::fund())]
		pub fn fund(origin: OriginFor<T>, dataset: DatasetId, amount: u128) -> DispatchResult {
			Self::do_fund(ensure_signed(origin)?, dataset, amount)
		}

		/// Pays out what a contribution has earned.
		///
		/// # Dispatch Origin
		/// Signed: its account.
		///
		/// # Details
		/// Whole units, at least the existential deposit, to the payee; parts of a unit stay for the next claim.
		/// Possible in every state of contribution and dataset.
		///
		/// # Parameters
		/// - `dataset`: which.
		/// - `pseudonym`: the contribution's.
		///
		/// # Errors
		/// `NotFound`, `NotAuthorized`, `BelowMinimum`; what the transfer refuses.
		///
		/// # Events
		/// [`Event::Claimed`].
		///
		/// # Deposit
		/// None.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(27)]
		#[pallet::weight(T::WeightInfo::claim())]
		pub fn claim(origin: OriginFor<T>, dataset: DatasetId, pseudonym: Pseudonym) -> DispatchResult {
			Self::do_claim(ensure_signed(origin)?, dataset, pseudonym)
		}

		/// Names who is paid.
		///
		/// # Dispatch Origin
		/// Signed: the contribution's account.
		///
		/// # Details
		/// The account itself, until another is named.
		///
		/// # Parameters
		/// - `dataset`: which.
		/// - `pseudonym`: the contribution's.
		/// - `payee`: who is paid.
		///
		/// # Errors
		/// `NotFound`, `NotAuthorized`.
		///
		/// # Events
		/// [`Event::PayeeSet`].
		///
		/// # Deposit
		/// Unchanged.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(28)]
		#[pallet::weight(T::WeightInfo::set_payee())]
		pub fn set_payee(
			origin: OriginFor<T>,
			dataset: DatasetId,
			pseudonym: Pseudonym,
			payee: AccountId,
		) -> DispatchResult {
			Self::do_set_payee(ensure_signed(origin)?, dataset, pseudonym, payee)
		}

		/// Posts a release of a disease ontology.
		///
		/// # Dispatch Origin
		/// Governance.
		///
		/// # Details
		/// It takes the place of the one before: requests prove their diseases against the latest.
		///
		/// # Parameters
		/// - `release`: ontology, root and leaves.
		///
		/// # Errors
		/// `InvalidRelease`, `Exhausted`; a bad origin.
		///
		/// # Events
		/// [`Event::ReleasePosted`].
		///
		/// # Deposit
		/// None.
		///
		/// # Complexity
		/// Constant.
		#[pallet::call_index(29)]
		#[pallet::weight(T::WeightInfo::post_release())]
		pub fn post_release(origin: OriginFor<T>, release: Release) -> DispatchResult {
			T::OntologyOrigin::ensure_origin(origin)?;
			Self::do_post_release(release)
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			assert!(
				(1..=u64::from(u32::MAX)).contains(&T::Shares::get()),
				"a contribution has shares, and they add up"
			);
			assert!((1..=MAX_VOTES).contains(&T::Quorum::get()), "as many can vote as must");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}
}

/// The time that calls see.
impl<T: Config> Pallet<T> {
	pub(crate) fn now() -> Moment {
		T::Time::now().as_millis().saturated_into()
	}
}
