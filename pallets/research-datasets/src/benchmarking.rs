//! Benchmarks of every call at its worst.
//!
//! The days since a dataset was last used are as many as one call counts in, and on each of them something changes.

use super::*;
use alloc::{vec, vec::Vec};
use frame_benchmarking::v2::*;
#[cfg(feature = "runtime-benchmarks")]
use frame_support::traits::EnsureOrigin;
use frame_support::traits::UnfilteredDispatchable;
use frame_system::RawOrigin;
use salus_primitives::{
	duo::{
		Country, Disease, Leaf, Modifier, Permission, Use, UseSet, MAX_ANCESTORS, MAX_DISEASES, MAX_MODIFIERS,
		MAX_NAMES,
	},
	merkle,
};
use sp_runtime::MultiSignature;

/// Arranges what the directory knows.
pub trait BenchmarkHelper {
	/// Admits one more organisation, in standing for years, that is accredited as these, a legal entity of its own,
	/// without profit, in Great Britain.
	fn organisation(roles: &[OrgRole]) -> OrgId;
	/// Makes an account a member of an organisation in standing, in these roles, with balance enough for any deposit.
	fn member(org: OrgId, who: &AccountId, roles: &[MemberRole]);
	/// Gives an account balance enough for any payment.
	fn fund(who: &AccountId);
	/// Sets the block's time.
	fn set_time(now: Moment);
}

const NOW: Moment = 20_000 * DAY;
/// When what the first of the contributions earn is reckoned: as many days later as one call counts in.
const LATER: Moment = NOW + MAX_ROLL as Moment * DAY;
/// Levels of an ontology's tree.
const LEVELS: u32 = 20;

struct Stage {
	/// Registers for the steward, and attests.
	staff: AccountId,
	researcher: AccountId,
	org: OrgId,
	reviewer: AccountId,
}

/// A call that is no part of what is measured, or one of several that are.
fn run<T: Config>(who: &AccountId, call: Call<T>) -> Result<(), BenchmarkError> {
	let done = call.dispatch_bypass_filter(RawOrigin::Signed(who.clone()).into());
	done.map(|_| ()).map_err(|refusal| refusal.error.into())
}

fn assert_last<T: Config>(event: Event<T>) {
	let event: <T as frame_system::Config>::RuntimeEvent = event.into();
	frame_system::Pallet::<T>::assert_last_event(event);
}

/// Who posts releases. Without the feature the benchmarks run as tests, where root does.
fn ontology_origin<T: Config>() -> Result<T::RuntimeOrigin, BenchmarkError> {
	#[cfg(feature = "runtime-benchmarks")]
	let origin = T::OntologyOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless);
	#[cfg(not(feature = "runtime-benchmarks"))]
	let origin = Ok(RawOrigin::Root.into());
	origin
}

fn stage<T: Config>() -> Stage {
	T::BenchmarkHelper::set_time(NOW);
	let join = |name, role, roles: &[MemberRole]| {
		let (org, who) = (T::BenchmarkHelper::organisation(&[role]), account(name, 0, 0));
		T::BenchmarkHelper::member(org, &who, roles);
		(org, who)
	};
	let (_, staff) = join("staff", OrgRole::Provider, &[MemberRole::Registrar, MemberRole::Clinician]);
	let (org, researcher) = join("researcher", OrgRole::ResearchBody, &[MemberRole::Researcher]);
	let (_, reviewer) = join("reviewer", OrgRole::EthicsCommittee, &[MemberRole::EthicsReviewer]);
	Stage { staff, researcher, org, reviewer }
}

fn disease(number: u32) -> Disease {
	Disease { namespace: Namespace::Mondo, number }
}

fn hash(n: u32) -> H256 {
	H256::from_low_u64_be(u64::from(n) + 1)
}

/// Terms as long as they get that allow the researcher's request, with four obligations that no other group asks.
fn terms(stage: &Stage, group: u8) -> Group {
	let names = |last: Name| {
		let others = (1..MAX_NAMES).map(|n| Name(hash(n).0));
		BoundedVec::truncate_from(others.chain([last]).collect())
	};
	let letters = || b'A'..=b'Z';
	let all = letters().flat_map(|first| letters().map(move |second| Country([first, second])));
	let countries = BoundedVec::truncate_from(all.filter(Country::is_known).collect());
	let due = |n: Moment| NOW + 400 * DAY + Moment::from(group) * 10 + n;
	let mut modifiers = vec![
		Modifier::Rtn { deadline: Some(due(0)) },
		Modifier::Rtn { deadline: Some(due(1)) },
		Modifier::Mor { date: due(2) },
		Modifier::Pub { deadline: Some(due(3)) },
		Modifier::Gs { countries },
		Modifier::Npu,
		Modifier::Ncu,
		Modifier::Npoa,
	];
	while modifiers.len() + 2 <= MAX_MODIFIERS as usize {
		modifiers.push(Modifier::Us { users: names(Name::account(&stage.researcher)) });
		modifiers.push(Modifier::Is { institutions: names(Name::organisation(stage.org)) });
	}
	Group {
		permission: Permission::Ds,
		diseases: BoundedVec::truncate_from((1..=MAX_DISEASES).map(|n| disease(MAX_ANCESTORS - n)).collect()),
		modifiers: BoundedVec::truncate_from(modifiers),
	}
}

fn input(stage: &Stage, groups: u32) -> DatasetInput {
	let data_use = (0..groups as u8).map(|group| terms(stage, group)).collect();
	DatasetInput {
		data_use: BoundedVec::truncate_from(data_use),
		schema: hash(1),
		content: hash(2),
		fee: 1_000_000_000_000,
	}
}

/// An open dataset with so many groups.
fn dataset<T: Config>(stage: &Stage, groups: u32) -> Result<DatasetId, BenchmarkError> {
	let id = NextDataset::<T>::get();
	run::<T>(&stage.staff, Call::create_dataset { dataset: input(stage, groups) })?;
	run::<T>(&stage.staff, Call::open_dataset { dataset: id })?;
	Ok(id)
}

fn pseudonym(n: u32) -> Pseudonym {
	Pseudonym(hash(n).0)
}

fn contributor(n: u32) -> AccountId {
	account("contributor", n, 0)
}

fn contribution(id: DatasetId, n: u32, days: Moment) -> ContributionInput {
	ContributionInput {
		dataset: id,
		pseudonym: pseudonym(n),
		group: 0,
		account: contributor(n),
		commitment: hash(3),
		permit: hash(4),
		until: NOW + days * DAY,
		nullifier: hash(n),
		at: NOW,
	}
}

fn contribute<T: Config>(stage: &Stage, input: ContributionInput) -> Result<(), BenchmarkError> {
	run::<T>(&stage.staff, Call::contribute { contribution: input, attestation: None })
}

/// A dataset of so many groups with a cohort, and with contributions that end on each of the days to come.
fn crowd<T: Config>(stage: &Stage, groups: u32) -> Result<DatasetId, BenchmarkError> {
	let id = dataset::<T>(stage, groups)?;
	for n in 0..COHORT {
		contribute::<T>(stage, contribution(id, n, 300))?;
	}
	for n in 0..MAX_ROLL {
		contribute::<T>(stage, contribution(id, COHORT + n, Moment::from(n) + 2))?;
	}
	Ok(id)
}

/// A crowd that was paid, with all its days counted in.
fn paid<T: Config>(stage: &Stage) -> Result<DatasetId, BenchmarkError> {
	let id = crowd::<T>(stage, 1)?;
	T::BenchmarkHelper::set_time(LATER);
	T::BenchmarkHelper::fund(&stage.researcher);
	run::<T>(&stage.researcher, Call::fund { dataset: id, amount: 1_000_000_000_000_000 })?;
	Ok(id)
}

/// Posts an ontology of so many levels in which all leaves but the first few are unknown, and proves these.
fn closures<T: Config>(count: u32) -> Closures {
	use codec::Encode;
	let leaf = |n: u32| Leaf {
		disease: disease(1_000 + n),
		ancestors: BoundedVec::truncate_from((0..MAX_ANCESTORS).collect()),
	};
	let leaves: Vec<Leaf> = (0..MAX_CLOSURES).map(leaf).collect();
	let contents: Vec<Vec<u8>> = leaves.iter().map(Encode::encode).collect();
	let below = merkle::depth(MAX_CLOSURES);
	let above: Vec<H256> = (below..LEVELS).map(hash).collect();
	let root = above.iter().fold(merkle::root(&contents), |left, right| merkle::hash_node(&left, right));
	let release = Release { namespace: Namespace::Mondo, root, count: 1 << LEVELS };
	Releases::<T>::insert(Namespace::Mondo, ReleaseView { id: 0, release, at: NOW });
	let prove = |(index, leaf): (u32, Leaf)| {
		let own = merkle::proof(&contents, index).unwrap_or_default();
		Closure { index, leaf, proof: BoundedVec::truncate_from([own, above.clone()].concat()) }
	};
	BoundedVec::truncate_from((0..count).zip(leaves).map(prove).collect())
}

/// A request for all groups that is approved if it has diseases, of an approved study.
fn request<T: Config>(stage: &Stage, id: DatasetId, diseases: u32) -> Result<RequestInput, BenchmarkError> {
	let document = hash(5);
	let (researcher, until) = (stage.researcher.clone(), NOW + 1_000 * DAY);
	if !Approvals::<T>::contains_key(document) {
		run::<T>(&stage.reviewer, Call::approve_ethics { document, researcher, until })?;
	}
	let closures = closures::<T>(diseases);
	let named = closures.iter().map(|closure| closure.leaf.disease).collect();
	let groups = Datasets::<T>::get(id).map_or(0, |dataset| dataset.groups.len() as u8);
	Ok(RequestInput {
		dataset: id,
		purpose: Purpose {
			uses: UseSet::of(&[Use::Biomedical, Use::Genetic, Use::Disease]),
			commercial: Some(false),
			diseases: BoundedVec::truncate_from(named),
			..Default::default()
		},
		groups: (0..groups).collect(),
		days: 200,
		protocol: hash(6),
		ethics: Some(document),
		closures,
		co_signatures: Default::default(),
		renews: None,
	})
}

/// An approved request for eight groups.
fn approved<T: Config>(stage: &Stage, id: DatasetId) -> Result<RequestId, BenchmarkError> {
	let asked = NextRequest::<T>::get();
	let input = request::<T>(stage, id, MAX_CLOSURES)?;
	run::<T>(&stage.researcher, Call::submit_request { request: input })?;
	Ok(asked)
}

/// A request that people decide about.
fn in_review<T: Config>(stage: &Stage, id: DatasetId) -> Result<RequestId, BenchmarkError> {
	let asked = NextRequest::<T>::get();
	let mut input = request::<T>(stage, id, MAX_CLOSURES)?;
	input.purpose.sensitive = salus_primitives::duo::SensitiveSet::of(salus_primitives::duo::Sensitive::ALL);
	run::<T>(&stage.researcher, Call::submit_request { request: input })?;
	Ok(asked)
}

/// A grant on eight groups that owes as much as it can.
fn granted<T: Config>(stage: &Stage) -> Result<RequestId, BenchmarkError> {
	let id = crowd::<T>(stage, MAX_GROUPS)?;
	T::BenchmarkHelper::set_time(NOW + DAY);
	let request = approved::<T>(stage, id)?;
	run::<T>(&stage.researcher, Call::activate { request })?;
	Ok(request)
}

/// Verifies signatures that do not hold, each as it is and as wallets wrap it: nothing is dearer.
fn verify_signatures(count: u32) {
	// Alice's key, and a signature whose parts are a point and a number.
	let who = AccountId::new([
		0xd4, 0x35, 0x93, 0xc7, 0x15, 0xfd, 0xd3, 0x1c, 0x61, 0x14, 0x1a, 0xbd, 0x04, 0xa9, 0x9f, 0xd6, 0x82, 0x2c,
		0x85, 0x58, 0x85, 0x4c, 0xcd, 0xe3, 0x9a, 0x56, 0x84, 0xe7, 0xa5, 0x6d, 0xa2, 0x7d,
	]);
	let mut bytes = [0; 64];
	bytes[63] = 128;
	let signature = MultiSignature::Sr25519(bytes.into());
	for n in 0..count {
		assert!(!is_signed(&hash(n), &signature, &who));
	}
}

#[benchmarks]
mod benches {
	use super::*;

	#[benchmark]
	fn create_dataset(g: Linear<0, MAX_GROUPS>) -> Result<(), BenchmarkError> {
		let stage = stage::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.staff.clone()), input(&stage, g));

		assert_eq!(Groups::<T>::iter_prefix(0).count() as u32, g);
		Ok(())
	}

	#[benchmark]
	fn add_group() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		let id = dataset::<T>(&stage, MAX_GROUPS - 1)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.staff.clone()), id, terms(&stage, 7));

		assert_last::<T>(Event::PolicyChanged { dataset: id, version: 2 });
		Ok(())
	}

	#[benchmark]
	fn tighten_group() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		let id = dataset::<T>(&stage, MAX_GROUPS)?;
		let mut strict = terms(&stage, 7);
		strict.diseases.pop();

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.staff), id, 7, strict);

		assert_last::<T>(Event::PolicyChanged { dataset: id, version: 2 });
		Ok(())
	}

	#[benchmark]
	fn loosen_group() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		let id = dataset::<T>(&stage, MAX_GROUPS - 1)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.staff.clone()), id, 0, terms(&stage, 7));

		assert_last::<T>(Event::PolicyChanged { dataset: id, version: 2 });
		Ok(())
	}

	#[benchmark]
	fn open_dataset() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		run::<T>(&stage.staff, Call::create_dataset { dataset: input(&stage, MAX_GROUPS) })?;

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.staff), 0);

		assert_last::<T>(Event::DatasetStateChanged { dataset: 0, state: DatasetState::Open });
		Ok(())
	}

	#[benchmark]
	fn suspend_dataset() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		let id = dataset::<T>(&stage, MAX_GROUPS)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.staff), id);

		assert_last::<T>(Event::DatasetStateChanged { dataset: id, state: DatasetState::Suspended });
		Ok(())
	}

	#[benchmark]
	fn retire_dataset() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		let id = paid::<T>(&stage)?;
		// A contributor without enough to claim leaves dust that is swept.
		Datasets::<T>::mutate(id, |slot| {
			if let Some(dataset) = slot {
				dataset.rewards.remainder = U256::from(SCALE);
				dataset.funded += 1;
			}
		});

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.staff), id);

		assert_last::<T>(Event::DatasetStateChanged { dataset: id, state: DatasetState::Retired });
		Ok(())
	}

	#[benchmark]
	fn sweep() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		let id = dataset::<T>(&stage, MAX_GROUPS)?;
		run::<T>(&stage.staff, Call::retire_dataset { dataset: id })?;
		// Somebody sent a gift.
		T::BenchmarkHelper::fund(&Pallet::<T>::account(id));

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.staff), id);

		assert_last::<T>(Event::DatasetRemoved { dataset: id });
		Ok(())
	}

	#[benchmark]
	fn set_committee() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		let id = dataset::<T>(&stage, MAX_GROUPS)?;
		let members = BoundedVec::truncate_from((0..MAX_COMMITTEE).map(contributor).collect());

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.staff), id, members);

		assert_last::<T>(Event::CommitteeSet { dataset: id });
		Ok(())
	}

	#[benchmark]
	fn contribute() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		let id = crowd::<T>(&stage, MAX_GROUPS)?;
		let input = contribution(id, 900, 299);

		#[block]
		{
			verify_signatures(1);
			super::contribute::<T>(&stage, input)?;
		}

		assert!(Contributions::<T>::contains_key(id, pseudonym(900)));
		Ok(())
	}

	#[benchmark]
	fn withdraw_contribution() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		let id = paid::<T>(&stage)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(contributor(0)), id, pseudonym(0));

		assert_last::<T>(Event::ContributionWithdrawn { dataset: id, pseudonym: pseudonym(0), group: 0 });
		Ok(())
	}

	#[benchmark]
	fn remove_contribution() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		let id = crowd::<T>(&stage, 1)?;
		T::BenchmarkHelper::set_time(LATER);
		run::<T>(&stage.staff, Call::roll { dataset: id })?;

		// It ended, and was not touched since.
		#[extrinsic_call]
		_(RawOrigin::Signed(stage.staff), id, pseudonym(COHORT));

		assert_last::<T>(Event::ContributionRemoved { dataset: id, pseudonym: pseudonym(COHORT) });
		Ok(())
	}

	#[benchmark]
	fn roll() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		let id = crowd::<T>(&stage, MAX_GROUPS)?;
		T::BenchmarkHelper::set_time(LATER);

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.staff), id);

		assert_last::<T>(Event::Rolled { dataset: id, day: day_of(LATER) });
		Ok(())
	}

	#[benchmark]
	fn submit_request(d: Linear<0, MAX_CLOSURES>, s: Linear<0, MAX_CO_SIGNERS>) -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		let renewed = granted::<T>(&stage)?;
		let input = RequestInput { renews: Some(renewed), ..request::<T>(&stage, 0, d)? };

		#[block]
		{
			verify_signatures(s);
			run::<T>(&stage.researcher, Call::submit_request { request: input })?;
		}

		let state = if d == 0 { RequestState::AutoDenied } else { RequestState::AutoApproved };
		assert_eq!(Requests::<T>::get(renewed + 1).map(|request| request.state), Some(state));
		Ok(())
	}

	#[benchmark]
	fn vote() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		let id = dataset::<T>(&stage, MAX_GROUPS)?;
		let members = BoundedVec::truncate_from((0..MAX_COMMITTEE).map(contributor).collect());
		run::<T>(&stage.staff, Call::set_committee { dataset: id, members })?;
		let request = in_review::<T>(&stage, id)?;
		for n in 1..T::Quorum::get() {
			run::<T>(&contributor(n), Call::vote { request, reason: VoteReason::PrivacyRisk })?;
		}

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.reviewer), request, VoteReason::PrivacyRisk);

		let granted = GroupSet::default();
		assert_last::<T>(Event::RequestDecided { request, state: RequestState::Rejected, granted });
		Ok(())
	}

	#[benchmark]
	fn withdraw_request() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		let id = dataset::<T>(&stage, MAX_GROUPS)?;
		let request = approved::<T>(&stage, id)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.researcher), request);

		let granted = GroupSet::default();
		assert_last::<T>(Event::RequestDecided { request, state: RequestState::Withdrawn, granted });
		Ok(())
	}

	#[benchmark]
	fn expire_request() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		let id = dataset::<T>(&stage, MAX_GROUPS)?;
		let request = approved::<T>(&stage, id)?;
		T::BenchmarkHelper::set_time(NOW + T::ActivationPeriod::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.staff), request);

		let granted = GroupSet::default();
		assert_last::<T>(Event::RequestDecided { request, state: RequestState::TimedOut, granted });
		Ok(())
	}

	#[benchmark]
	fn activate() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		let renewed = granted::<T>(&stage)?;
		// As many days later as one call counts in; the request is made when it can still be activated.
		T::BenchmarkHelper::set_time(NOW + DAY + Moment::from(MAX_ROLL) * DAY);
		let request = renewed + 1;
		let input = RequestInput { renews: Some(renewed), ..super::request::<T>(&stage, 0, MAX_CLOSURES)? };
		run::<T>(&stage.researcher, Call::submit_request { request: input })?;

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.researcher), request);

		let grant = Grants::<T>::get(request).ok_or("it began")?;
		assert_eq!(grant.obligations.len() as u32, MAX_OBLIGATIONS);
		Ok(())
	}

	#[benchmark]
	fn close_grant() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		let grant = granted::<T>(&stage)?;
		let reason = CloseReason::Completed;

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.researcher), grant, reason);

		assert_last::<T>(Event::GrantClosed { grant, reason });
		Ok(())
	}

	#[benchmark]
	fn revoke_grant() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		let grant = granted::<T>(&stage)?;
		let reason = RevokeReason::Misuse;

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.staff), grant, reason);

		assert_last::<T>(Event::GrantRevoked { grant, reason });
		Ok(())
	}

	#[benchmark]
	fn fulfil_obligation() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		let (grant, index) = overdue::<T>(&stage)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.researcher), grant, index, hash(9));

		assert_last::<T>(Event::BondSlashed { grant, dataset: 0, amount: T::Bond::get() });
		Ok(())
	}

	#[benchmark]
	fn waive_obligation() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		let grant = granted::<T>(&stage)?;
		let index = bonded::<T>(grant);

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.staff), grant, index);

		assert_eq!(Grants::<T>::get(grant).map(|grant| grant.obligations[index as usize].bond), Some(0));
		Ok(())
	}

	#[benchmark]
	fn miss_obligation() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		let (grant, index) = overdue::<T>(&stage)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.reviewer), grant, index, hash(9));

		assert_last::<T>(Event::BondSlashed { grant, dataset: 0, amount: T::Bond::get() });
		Ok(())
	}

	#[benchmark]
	fn remove_request() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		let request = granted::<T>(&stage)?;
		run::<T>(&stage.researcher, Call::close_grant { grant: request, reason: CloseReason::Completed })?;
		for index in 0..MAX_OBLIGATIONS {
			run::<T>(&stage.staff, Call::waive_obligation { grant: request, index })?;
		}

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.researcher), request);

		assert_last::<T>(Event::RequestRemoved { request });
		Ok(())
	}

	#[benchmark]
	fn approve_ethics() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		let (document, until) = (hash(1), NOW + DAY);

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.reviewer), document, stage.researcher, until);

		assert!(Approvals::<T>::contains_key(document));
		Ok(())
	}

	#[benchmark]
	fn revoke_ethics() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		let (document, until) = (hash(1), NOW + DAY);
		run::<T>(&stage.reviewer, Call::approve_ethics { document, researcher: stage.researcher, until })?;

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.reviewer), document);

		assert!(!Approvals::<T>::contains_key(document));
		Ok(())
	}

	#[benchmark]
	fn fund() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		let id = crowd::<T>(&stage, MAX_GROUPS)?;
		T::BenchmarkHelper::set_time(LATER);
		T::BenchmarkHelper::fund(&stage.researcher);
		let amount = 1_000_000_000_007;

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.researcher), id, amount);

		assert_last::<T>(Event::Funded { dataset: id, amount });
		Ok(())
	}

	#[benchmark]
	fn claim() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		let id = paid::<T>(&stage)?;
		let (claimant, payee) = (contributor(0), account("payee", 0, 0));
		run::<T>(&claimant, Call::set_payee { dataset: id, pseudonym: pseudonym(0), payee })?;

		#[extrinsic_call]
		_(RawOrigin::Signed(claimant), id, pseudonym(0));

		assert!(Datasets::<T>::get(id).is_some_and(|dataset| dataset.paid > 0));
		Ok(())
	}

	#[benchmark]
	fn set_payee() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		let id = crowd::<T>(&stage, 1)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(contributor(0)), id, pseudonym(0), stage.staff);

		assert_last::<T>(Event::PayeeSet { dataset: id, pseudonym: pseudonym(0) });
		Ok(())
	}

	#[benchmark]
	fn post_release() -> Result<(), BenchmarkError> {
		closures::<T>(0);
		let origin = ontology_origin::<T>()?;
		let release = Release { namespace: Namespace::Mondo, root: hash(1), count: MAX_TERMS };

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, release);

		assert_last::<T>(Event::ReleasePosted { namespace: Namespace::Mondo, id: 1, root: hash(1) });
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::bare_ext(), crate::mock::Test);
}

/// Which of a grant's obligations has a bond and a day on which it is due.
fn bonded<T: Config>(grant: RequestId) -> u32 {
	let owed = Grants::<T>::get(grant).map(|grant| grant.obligations.into_inner()).unwrap_or_default();
	let returns = |owed: &Owed| owed.obligation.kind == ObligationKind::ReturnResults;
	owed.iter().position(returns).unwrap_or_default() as u32
}

/// A grant with an obligation that is overdue, and as many days to be counted in as one call may.
fn overdue<T: Config>(stage: &Stage) -> Result<(RequestId, u32), BenchmarkError> {
	let grant = granted::<T>(stage)?;
	let index = bonded::<T>(grant);
	// Results were due on the day that the grant began, and contributions end on the days since.
	Grants::<T>::mutate(grant, |slot| {
		if let Some(grant) = slot {
			grant.obligations[index as usize].obligation.due = NOW + DAY;
		}
	});
	T::BenchmarkHelper::set_time(NOW + DAY + Moment::from(MAX_ROLL) * DAY);
	Ok((grant, index))
}
