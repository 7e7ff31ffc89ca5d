//! What the pallet does, by behaviour. Each test ends with a check of what always holds.

mod committees;
mod contributing;
mod datasets;
mod errors;
mod grants;
mod invariants;
mod misuse;
mod obligations;
mod requests;
mod rewards;
mod scale;
mod sequences;
mod views;
mod weights;

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, hypothetically};
use salus_primitives::{
	duo::{Closure, Disease, Leaf, Modifier, Permission, Purpose, Release, Use, UseSet},
	merkle,
	time::HOUR,
};

type Refusal = Error<Test>;

/// A moment of this day, at noon.
fn noon(day: Day) -> Moment {
	Moment::from(day) * DAY + 12 * HOUR
}

/// A pseudonym.
fn p(n: u32) -> Pseudonym {
	let mut bytes = [0; 32];
	bytes[..4].copy_from_slice(&n.to_le_bytes());
	Pseudonym(bytes)
}

/// A contributor's account.
fn contributor(n: u32) -> AccountId {
	let mut bytes = [200; 32];
	bytes[..4].copy_from_slice(&n.to_le_bytes());
	AccountId::new(bytes)
}

/// A hash that stands for something off chain.
fn h(n: u32) -> H256 {
	use sp_runtime::traits::{BlakeTwo256, Hash};
	BlakeTwo256::hash_of(&n)
}

fn mondo(number: u32) -> Disease {
	Disease { namespace: Namespace::Mondo, number }
}

/// Diseases of the tests: 1 is above 10 and 20, 10 above 100. Obsolete ones are not there.
fn leaves() -> Vec<Leaf> {
	let leaf = |number, ancestors: &[u32]| Leaf {
		disease: mondo(number),
		ancestors: BoundedVec::truncate_from(ancestors.to_vec()),
	};
	vec![leaf(1, &[]), leaf(10, &[1]), leaf(20, &[1]), leaf(100, &[1, 10])]
}

fn contents(leaves: &[Leaf]) -> Vec<Vec<u8>> {
	use codec::Encode;
	leaves.iter().map(Encode::encode).collect()
}

fn release(leaves: &[Leaf]) -> Release {
	Release { namespace: Namespace::Mondo, root: merkle::root(&contents(leaves)), count: leaves.len() as u32 }
}

fn post_release(release: Release) -> DispatchResult {
	ResearchDatasets::post_release(RuntimeOrigin::root(), release)
}

/// The proof of a disease.
fn closure(number: u32) -> Closure {
	let leaves = leaves();
	let index = leaves.iter().position(|leaf| leaf.disease.number == number).expect("a disease of the tests") as u32;
	let proof = merkle::proof(&contents(&leaves), index).expect("it is there");
	Closure { index, leaf: leaves[index as usize].clone(), proof: BoundedVec::truncate_from(proof) }
}

fn group(permission: Permission, diseases: &[u32], modifiers: &[Modifier]) -> Group {
	Group {
		permission,
		diseases: BoundedVec::truncate_from(diseases.iter().map(|number| mondo(*number)).collect()),
		modifiers: BoundedVec::truncate_from(modifiers.to_vec()),
	}
}

/// Research of any kind.
fn gru() -> Group {
	group(Permission::Gru, &[], &[])
}

/// Research of any kind, with modifiers.
fn gru_with(modifiers: &[Modifier]) -> Group {
	group(Permission::Gru, &[], modifiers)
}

/// Biomedical research.
fn purpose() -> Purpose {
	Purpose { uses: UseSet::of(&[Use::Biomedical]), commercial: Some(false), ..Default::default() }
}

fn input(groups: &[Group]) -> DatasetInput {
	DatasetInput { data_use: BoundedVec::truncate_from(groups.to_vec()), schema: h(1), content: h(2), fee: FEE }
}

fn create(groups: &[Group]) -> DispatchResult {
	ResearchDatasets::create_dataset(signed(&REGISTRAR), input(groups))
}

/// Creates dataset 0 with these groups and opens it.
fn opened(groups: &[Group]) {
	assert_ok!(create(groups));
	assert_ok!(ResearchDatasets::open_dataset(signed(&REGISTRAR), 0));
}

/// A contribution to a group of dataset 0, for a hundred days.
fn contribution(n: u32, group: u8) -> ContributionInput {
	ContributionInput {
		dataset: 0,
		pseudonym: p(n),
		group,
		account: contributor(n),
		commitment: h(n),
		permit: h(n + 1_000_000),
		until: now() + 100 * DAY,
		nullifier: h(n + 2_000_000),
		at: now(),
	}
}

/// The hospital's clinician brings a contribution.
fn contribute(input: ContributionInput) -> DispatchResult {
	ResearchDatasets::contribute(signed(&attester()), input, None)
}

/// So many contributions to a group of dataset 0, from this number on.
fn contributed(first: u32, count: u32, group: u8) {
	(first..first + count).for_each(|n| {
		assert_ok!(contribute(contribution(n, group)));
	});
}

fn withdraw(n: u32) -> DispatchResult {
	ResearchDatasets::withdraw_contribution(signed(&contributor(n)), 0, p(n))
		.map(|_| ())
		.map_err(|refusal| refusal.error)
}

fn remove(n: u32) -> DispatchResult {
	ResearchDatasets::remove_contribution(signed(&STRANGER), 0, p(n))
}

fn claim(n: u32) -> DispatchResult {
	ResearchDatasets::claim(signed(&contributor(n)), 0, p(n))
}

fn fund(amount: u128) -> DispatchResult {
	ResearchDatasets::fund(signed(&SPONSOR), 0, amount)
}

fn roll() -> DispatchResult {
	ResearchDatasets::roll(signed(&STRANGER), 0)
}

fn dataset() -> Dataset<TicketOf<Test>> {
	Datasets::<Test>::get(0).expect("it is created")
}

fn entry(n: u32) -> Contribution<TicketOf<Test>> {
	Contributions::<Test>::get(0, p(n)).expect("it is made")
}

/// A request for group 0 of dataset 0, for thirty days.
fn ask() -> RequestInput {
	RequestInput {
		dataset: 0,
		purpose: purpose(),
		groups: GroupSet::default().with(0),
		days: 30,
		protocol: h(7),
		ethics: None,
		closures: Default::default(),
		co_signatures: Default::default(),
		renews: None,
	}
}

fn submit(who: &AccountId, request: RequestInput) -> DispatchResult {
	ResearchDatasets::submit_request(signed(who), request)
}

/// Submits, and tells the request's number and where it is.
fn submitted(who: &AccountId, request: RequestInput) -> (RequestId, RequestState) {
	assert_ok!(submit(who, request));
	let id = NextRequest::<Test>::get() - 1;
	(id, state(id))
}

fn state(id: RequestId) -> RequestState {
	ResearchDatasets::request_view(id).expect("it is made").state
}

fn activate(who: &AccountId, id: RequestId) -> DispatchResult {
	ResearchDatasets::activate(signed(who), id)
}

fn vote(who: &AccountId, id: RequestId, reason: VoteReason) -> DispatchResult {
	ResearchDatasets::vote(signed(who), id, reason)
}

/// Dataset 0 with these groups, so many contributors of each who count, on the day after [`TODAY`].
fn populated(groups: &[Group], count: u32) {
	opened(groups);
	for index in 0..groups.len() as u8 {
		contributed(u32::from(index) * 1_000, count, index);
	}
	wait(DAY);
	assert_ok!(roll());
}

/// A grant on group 0 with these terms, of the university, with a cohort that is just large enough.
fn granted(terms: Group) -> RequestId {
	populated(&[terms], COHORT);
	let (id, state) = submitted(&CURIE, ask());
	assert_eq!(state, RequestState::AutoApproved);
	assert_ok!(activate(&CURIE, id));
	id
}

/// The last event of the pallet.
fn last_event() -> Event<Test> {
	let events = System::events().into_iter().rev();
	let mut own = events.filter_map(|record| match record.event {
		RuntimeEvent::ResearchDatasets(event) => Some(event),
		_ => None,
	});
	own.next().expect("something happened")
}

/// Events of the pallet since the last call of this.
fn take_events() -> Vec<Event<Test>> {
	let events = System::events().into_iter().filter_map(|record| match record.event {
		RuntimeEvent::ResearchDatasets(event) => Some(event),
		_ => None,
	});
	let events = events.collect();
	System::reset_events();
	events
}
