//! Benchmarks: every call, and what other pallets ask, at its worst.

use crate::{
	types::{
		GLASS_PERIOD, GLASS_RETENTION, MAX_AWAITING_REVIEW, MAX_FRIENDS, MAX_GUARDIANS, MAX_PROPOSALS, PROPOSAL_LIFE,
	},
	BenchmarkHelper, Call, Cares, Config, Consents, Event, Glasses, Pallet, PatientOf, Patients,
};
use alloc::{vec, vec::Vec};
use frame_benchmarking::v2::*;
use frame_support::{traits::ConstU32, BoundedVec};
use frame_system::RawOrigin;
use salus_primitives::{
	consent::{
		ActorRef, BreakGlass, Capacity, Conditions, ConsentStatus, DefaultPolicy, Effect, EmergencyReason, Finding,
		GuardianScope, Reason, RecordStatus, Relationship, Request, Resource, Rule, MAX_ACTIVE_CONSENTS, MAX_ACTORS,
		MAX_AUTHORS, MAX_CUSTODIANS, MAX_RECORDS, MAX_RULES,
	},
	inputs::{ConsentInput, Friend, GuardianInput},
	time::{DAY, HOUR},
	traits::Patients as PatientsApi,
	views::{SealedKey, SEALED_KEY_LEN},
	AccountId, Action, ActionSet, Confidentiality, ConsentId, DataPeriod, Episode, Moment, ObligationSet, OrgId,
	PatientId, Purpose, PurposeSet, RecordId, ResourceType, ResourceTypeSet, H256,
};

const NOW: Moment = 1_800_000_000_000;
const PATIENT: PatientId = PatientId([7; 32]);
const LIST: &str = "the list is as long as its bound";

fn assert_last_event<T: Config>(event: Event<T>) {
	frame_system::Pallet::<T>::assert_last_event(event.into());
}

/// A clinician whom the largest conditions name last.
fn clinician() -> AccountId {
	account("clinician", 0, 0)
}

/// Conditions with every part stated and every list full. They match [`request`] up to the data period, the last part
/// looked at.
fn largest_conditions() -> Conditions {
	let others = (1..MAX_ACTORS).map(|index| account("actor", index, 0));
	let authors: Vec<AccountId> = (0..MAX_AUTHORS).rev().map(|index| account("author", index, 0)).collect();
	let records: Vec<RecordId> = (0..MAX_RECORDS).rev().map(|index| RecordId([index as u8; 32])).collect();
	let actors: Vec<ActorRef> = others.chain([clinician()]).map(ActorRef::Account).collect();
	Conditions {
		actors: Some(actors.try_into().expect(LIST)),
		custodians: Some((0..MAX_CUSTODIANS).rev().collect::<Vec<OrgId>>().try_into().expect(LIST)),
		authors: Some(authors.try_into().expect(LIST)),
		purposes: Some(Purpose::ALL.iter().copied().collect::<PurposeSet>()),
		actions: Some(Action::ALL.iter().copied().collect::<ActionSet>()),
		confidentiality: Some(Confidentiality::Normal),
		labels: u32::MAX,
		resource_types: Some(ResourceType::ALL.iter().copied().collect::<ResourceTypeSet>()),
		records: Some(records.try_into().expect(LIST)),
		episode: Some(Episode([1; 16])),
		data_from: Some(0),
		data_to: Some(1),
	}
}

/// A consent with the largest conditions in its root and in as many rules. With base Deny it is a denial.
fn largest_consent(base: Effect, rules: u32, supersedes: Option<ConsentId>) -> ConsentInput {
	let rule = Rule { effect: base, conditions: largest_conditions(), obligations: ObligationSet::EMPTY };
	ConsentInput {
		base,
		root: largest_conditions(),
		rules: vec![rule; rules as usize].try_into().expect(LIST),
		start: None,
		end: Some(NOW + DAY),
		supersedes,
		policy: H256::repeat_byte(1),
		receipt: H256::repeat_byte(2),
		erase_by: Some(NOW + 2 * DAY),
	}
}

fn request() -> Request {
	Request {
		actor: clinician(),
		purpose: Purpose::Treat,
		action: Action::Access,
		resource: Resource {
			record: Some(RecordId([0; 32])),
			resource_type: ResourceType::Observation,
			confidentiality: Some(Confidentiality::Normal),
			labels: Some(1),
			period: Some(DataPeriod { from: 1, to: 2 }),
			author: Some(account("author", 0, 0)),
			custodian: Some(0),
			episode: Some(Episode([1; 16])),
		},
	}
}

/// A registered patient with their controller.
fn register<T: Config>() -> AccountId {
	let controller: AccountId = whitelisted_caller();
	T::BenchmarkHelper::set_time(NOW);
	T::BenchmarkHelper::fund(&controller);
	let origin = RawOrigin::Signed(controller.clone()).into();
	Pallet::<T>::register_patient(origin, PATIENT, DefaultPolicy::NormalForTreatment, BreakGlass::Allowed)
		.expect("the controller has funds and the pseudonym is free");
	controller
}

/// The patient's entry.
fn entry<T: Config>() -> PatientOf<T> {
	Patients::<T>::get(PATIENT).expect("the patient is registered")
}

/// A registered patient with as many active consents, guardians and open proposals as there can be.
fn register_largest<T: Config>() -> AccountId {
	let controller = register::<T>();
	fill::<T>(&controller, MAX_ACTIVE_CONSENTS);
	appoint::<T>(&controller, MAX_GUARDIANS);
	propose_all::<T>(0);
	controller
}

fn guardian_input(index: u32) -> GuardianInput {
	GuardianInput {
		account: account("guardian", index, 0),
		relationship: Relationship::Guard,
		scope: GuardianScope::Full,
		from: None,
		until: Some(NOW + 90 * DAY),
	}
}

/// Appoints this many guardians.
fn appoint<T: Config>(controller: &AccountId, guardians: u32) {
	for index in 0..guardians {
		let origin = RawOrigin::Signed(controller.clone()).into();
		Pallet::<T>::appoint_guardian(origin, PATIENT, guardian_input(index)).expect("there is a place for it");
	}
}

/// A member of an organisation of its own, with funds.
fn proposer<T: Config>(index: u32) -> (AccountId, OrgId) {
	let who: AccountId = account("proposer", index, 0);
	let org = T::BenchmarkHelper::admit_member(&who);
	T::BenchmarkHelper::fund(&who);
	(who, org)
}

/// Makes as many proposals as there can be but some, and returns the last proposer and its organisation.
///
/// Each is of the largest size; one organisation makes two.
fn propose_all<T: Config>(but: u32) -> (AccountId, OrgId) {
	let mut last = proposer::<T>(0);
	for index in 0..MAX_PROPOSALS - but {
		if index > 0 && index % 2 == 0 {
			last = proposer::<T>(index);
		}
		let origin = RawOrigin::Signed(last.0.clone()).into();
		Pallet::<T>::propose(origin, PATIENT, largest_proposal()).expect("the patient has room for it");
	}
	last
}

/// A largest consent that may be proposed, which only denies so that it needs no ordinary slot.
fn largest_proposal() -> ConsentInput {
	ConsentInput { end: None, erase_by: None, ..largest_consent(Effect::Deny, MAX_RULES, None) }
}

/// The clinician opens as many emergency accesses as may await review, the first to the patient's records; returns
/// the organisation.
fn break_glasses<T: Config>(glasses: u32) -> OrgId {
	let org = T::BenchmarkHelper::admit_member(&clinician());
	T::BenchmarkHelper::fund(&clinician());
	let (reason, justification) = (EmergencyReason::EmergencyTreatment, H256::repeat_byte(1));
	for index in 0..glasses {
		let patient = if index == 0 { PATIENT } else { PatientId([100 + index as u8; 32]) };
		if index > 0 {
			let other: AccountId = account("other", index, 0);
			T::BenchmarkHelper::fund(&other);
			let (policy, allowed) = (DefaultPolicy::Deny, BreakGlass::Allowed);
			Pallet::<T>::register_patient(RawOrigin::Signed(other).into(), patient, policy, allowed)
				.expect("the pseudonym is free");
		}
		let origin = RawOrigin::Signed(clinician()).into();
		Pallet::<T>::break_glass(origin, patient, reason, justification).expect("it is allowed");
	}
	org
}

/// A member of the clinician's organisation who reviews.
fn reviewer<T: Config>(org: OrgId) -> AccountId {
	let who: AccountId = account("reviewer", 0, 0);
	T::BenchmarkHelper::fund(&who);
	T::BenchmarkHelper::colleague(org, &who);
	who
}

fn review<T: Config>(org: OrgId, finding: Finding) {
	let origin = RawOrigin::Signed(reviewer::<T>(org)).into();
	Pallet::<T>::review_glass(origin, PATIENT, clinician(), finding, H256::zero()).expect("it awaits review");
}

/// The account that friends vouch for.
fn successor() -> AccountId {
	account("successor", 0, 0)
}

/// As many friends as there can be: people, and last the organisation that the account administers.
fn friends<T: Config>(admin: &AccountId) -> BoundedVec<Friend, ConstU32<MAX_FRIENDS>> {
	let org = T::BenchmarkHelper::admit_member(admin);
	let people = (1..MAX_FRIENDS).map(|index| Friend::Account(account("friend", index, 0)));
	people.chain([Friend::Org(org)]).collect::<Vec<_>>().try_into().expect(LIST)
}

/// Friends of the patient, all but the organisation of which vouched for the successor already.
fn befriend<T: Config>(controller: &AccountId, admin: &AccountId) {
	let origin = RawOrigin::Signed(controller.clone()).into();
	Pallet::<T>::set_friends(origin, PATIENT, friends::<T>(admin), MAX_FRIENDS as u8, DAY).expect("they are valid");
	for index in 1..MAX_FRIENDS {
		let origin = RawOrigin::Signed(account("friend", index, 0)).into();
		Pallet::<T>::vouch(origin, PATIENT, successor()).expect("they are friends");
	}
}

/// Gives the patient this many active consents of the largest size; the last that fits is a denial.
fn fill<T: Config>(controller: &AccountId, consents: u32) {
	for index in 0..consents {
		let base = if index + 1 == MAX_ACTIVE_CONSENTS { Effect::Deny } else { Effect::Permit };
		let origin = RawOrigin::Signed(controller.clone()).into();
		Pallet::<T>::grant(origin, PATIENT, largest_consent(base, MAX_RULES, None)).expect("there is a slot for it");
	}
}

fn sealed_key() -> SealedKey {
	vec![3; SEALED_KEY_LEN as usize].try_into().expect(LIST)
}

/// Opens a care relationship with the clinician's organisation.
fn open_care<T: Config>(controller: &AccountId) -> OrgId {
	let org = T::BenchmarkHelper::admit_member(&clinician());
	let origin = RawOrigin::Signed(controller.clone()).into();
	Pallet::<T>::open_care(origin, PATIENT, org, NOW + HOUR, clinician(), sealed_key())
		.expect("the clinician is a member of an active organisation");
	org
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn register_patient() {
		let controller: AccountId = whitelisted_caller();
		T::BenchmarkHelper::set_time(NOW);
		T::BenchmarkHelper::fund(&controller);

		#[extrinsic_call]
		_(RawOrigin::Signed(controller.clone()), PATIENT, DefaultPolicy::Deny, BreakGlass::Allowed);

		assert_last_event::<T>(Event::PatientRegistered { patient: PATIENT, controller });
	}

	#[benchmark]
	fn set_policy() {
		let controller = register_largest::<T>();
		let (policy, glass) = (DefaultPolicy::Deny, BreakGlass::Forbidden);

		#[extrinsic_call]
		_(RawOrigin::Signed(controller), PATIENT, policy, glass);

		let changed = Event::PolicyChanged { patient: PATIENT, default_policy: policy, break_glass: glass };
		assert_last_event::<T>(changed);
	}

	/// The relationship replaces one that another paid for.
	#[benchmark]
	fn open_care() {
		let first = register_largest::<T>();
		let org = super::open_care::<T>(&first);
		let controller = successor();
		T::BenchmarkHelper::fund(&controller);
		Patients::<T>::mutate(PATIENT, |entry| {
			if let Some(entry) = entry {
				entry.controller = controller.clone();
			}
		});
		let until = NOW + DAY;

		#[extrinsic_call]
		_(RawOrigin::Signed(controller), PATIENT, org, until, clinician(), sealed_key());

		assert_last_event::<T>(Event::CareOpened { patient: PATIENT, org, until });
	}

	#[benchmark]
	fn close_care() {
		let controller = register_largest::<T>();
		let org = super::open_care::<T>(&controller);

		#[extrinsic_call]
		_(RawOrigin::Signed(controller), PATIENT, org);

		assert!(!Cares::<T>::contains_key(PATIENT, org));
		assert_last_event::<T>(Event::CareClosed { patient: PATIENT, org });
	}

	/// Every slot is taken, and a largest consent is superseded.
	#[benchmark]
	fn grant(r: Linear<0, MAX_RULES>) {
		let controller = register_largest::<T>();
		let consent = entry::<T>().next_consent;
		let supersedes = Some(0);
		let input = largest_consent(Effect::Permit, r, supersedes);

		#[extrinsic_call]
		_(RawOrigin::Signed(controller), PATIENT, input);

		assert_last_event::<T>(Event::ConsentGranted { patient: PATIENT, consent, supersedes });
	}

	#[benchmark]
	fn withdraw() {
		let controller = register_largest::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(controller), PATIENT, 0);

		let status = ConsentStatus::Withdrawn;
		assert_last_event::<T>(Event::ConsentEnded { patient: PATIENT, consent: 0, status });
	}

	#[benchmark]
	fn enter_consent_in_error() {
		let controller = register_largest::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(controller), PATIENT, 0);

		let status = ConsentStatus::EnteredInError;
		assert_last_event::<T>(Event::ConsentEnded { patient: PATIENT, consent: 0, status });
	}

	/// The consent has expired and is indexed still.
	#[benchmark]
	fn remove_consent() {
		let controller = register_largest::<T>();
		T::BenchmarkHelper::set_time(NOW + DAY);

		#[extrinsic_call]
		_(RawOrigin::Signed(controller), PATIENT, 0);

		assert!(!Consents::<T>::contains_key(PATIENT, 0));
		assert_last_event::<T>(Event::ConsentRemoved { patient: PATIENT, consent: 0 });
	}

	#[benchmark]
	fn register_minor() {
		let guardian: AccountId = whitelisted_caller();
		T::BenchmarkHelper::set_time(NOW);
		T::BenchmarkHelper::fund(&guardian);
		let (policy, glass, majority) = (DefaultPolicy::Deny, BreakGlass::Allowed, NOW + DAY);

		#[extrinsic_call]
		_(RawOrigin::Signed(guardian.clone()), PATIENT, policy, glass, successor(), majority, Relationship::Prn);

		assert_last_event::<T>(Event::GuardianAppointed { patient: PATIENT, number: 0, account: guardian });
	}

	/// Every other guardianship has ended.
	#[benchmark]
	fn appoint_guardian() {
		let controller = register_largest::<T>();
		T::BenchmarkHelper::set_time(NOW + 90 * DAY);
		let guardian = GuardianInput { until: None, ..guardian_input(99) };
		let (number, account) = (MAX_GUARDIANS, guardian.account.clone());

		#[extrinsic_call]
		_(RawOrigin::Signed(controller), PATIENT, guardian);

		assert_eq!(entry::<T>().guardians.len(), 1);
		assert_last_event::<T>(Event::GuardianAppointed { patient: PATIENT, number, account });
	}

	/// By the guardian who was appointed last.
	#[benchmark]
	fn end_guardian() {
		register_largest::<T>();
		let number = MAX_GUARDIANS - 1;
		let guardian = guardian_input(number).account;

		#[extrinsic_call]
		_(RawOrigin::Signed(guardian), PATIENT, number);

		assert_last_event::<T>(Event::GuardianEnded { patient: PATIENT, number });
	}

	/// Every other proposal has expired and is evicted.
	#[benchmark]
	fn propose(r: Linear<0, MAX_RULES>) {
		register_largest::<T>();
		let (who, org) = proposer::<T>(99);
		let consent = entry::<T>().next_consent;
		T::BenchmarkHelper::set_time(NOW + PROPOSAL_LIFE);
		let rules = largest_proposal().rules.into_iter().take(r as usize).collect::<Vec<_>>();
		let input = ConsentInput { rules: rules.try_into().expect(LIST), ..largest_proposal() };

		#[extrinsic_call]
		_(RawOrigin::Signed(who), PATIENT, input);

		assert_eq!(entry::<T>().proposals.len(), 1);
		assert_last_event::<T>(Event::ConsentProposed { patient: PATIENT, consent, org });
	}

	/// The last of the proposals, for the last of the slots.
	#[benchmark]
	fn accept() {
		let controller = register::<T>();
		fill::<T>(&controller, MAX_ACTIVE_CONSENTS - 1);
		appoint::<T>(&controller, MAX_GUARDIANS);
		propose_all::<T>(0);
		let consent = entry::<T>().next_consent - 1;

		#[extrinsic_call]
		_(RawOrigin::Signed(controller), PATIENT, consent);

		assert_last_event::<T>(Event::ConsentGranted { patient: PATIENT, consent, supersedes: None });
	}

	/// Its organisation takes back the last of the proposals.
	#[benchmark]
	fn reject() {
		let controller = register::<T>();
		fill::<T>(&controller, MAX_ACTIVE_CONSENTS);
		appoint::<T>(&controller, MAX_GUARDIANS);
		let (who, _) = propose_all::<T>(0);
		let consent = entry::<T>().next_consent - 1;

		#[extrinsic_call]
		_(RawOrigin::Signed(who), PATIENT, consent);

		let status = ConsentStatus::Rejected;
		assert_last_event::<T>(Event::ConsentEnded { patient: PATIENT, consent, status });
	}

	/// It replaces a reviewed one, as the last that may await review.
	#[benchmark]
	fn break_glass() {
		register_largest::<T>();
		let org = break_glasses::<T>(MAX_AWAITING_REVIEW);
		review::<T>(org, Finding::Justified);
		let now = NOW + GLASS_PERIOD;
		T::BenchmarkHelper::set_time(now);
		let reason = EmergencyReason::ProfessionalJudgment;

		#[extrinsic_call]
		_(RawOrigin::Signed(clinician()), PATIENT, reason, H256::repeat_byte(2));

		let until = now + GLASS_PERIOD;
		assert_last_event::<T>(Event::GlassBroken { patient: PATIENT, actor: clinician(), org, reason, until });
	}

	#[benchmark]
	fn review_glass() {
		register_largest::<T>();
		let org = break_glasses::<T>(MAX_AWAITING_REVIEW);
		let (who, finding) = (reviewer::<T>(org), Finding::Unjustified);

		#[extrinsic_call]
		_(RawOrigin::Signed(who), PATIENT, clinician(), finding, H256::repeat_byte(3));

		assert_last_event::<T>(Event::GlassReviewed { patient: PATIENT, actor: clinician(), finding });
	}

	#[benchmark]
	fn object_to_glass() {
		let controller = register_largest::<T>();
		break_glasses::<T>(MAX_AWAITING_REVIEW);

		#[extrinsic_call]
		_(RawOrigin::Signed(controller), PATIENT, clinician(), H256::repeat_byte(3));

		assert_last_event::<T>(Event::GlassObjected { patient: PATIENT, actor: clinician() });
	}

	#[benchmark]
	fn remove_glass() {
		register_largest::<T>();
		let org = break_glasses::<T>(1);
		review::<T>(org, Finding::Justified);
		T::BenchmarkHelper::set_time(NOW + GLASS_RETENTION);

		#[extrinsic_call]
		_(RawOrigin::Signed(clinician()), PATIENT, clinician());

		assert!(!Glasses::<T>::contains_key(PATIENT, clinician()));
		assert_last_event::<T>(Event::GlassRemoved { patient: PATIENT, actor: clinician() });
	}

	/// They replace others whom a guardian paid for.
	#[benchmark]
	fn set_friends() {
		let controller = register_largest::<T>();
		let guardian = guardian_input(0).account;
		T::BenchmarkHelper::fund(&guardian);
		befriend::<T>(&guardian, &account("admin", 0, 0));
		let friends = friends::<T>(&account("admin", 1, 0));

		#[extrinsic_call]
		_(RawOrigin::Signed(controller), PATIENT, friends, MAX_FRIENDS as u8, 2 * DAY);

		assert_last_event::<T>(Event::FriendsChanged { patient: PATIENT });
	}

	/// The last friend that it takes is the organisation.
	#[benchmark]
	fn vouch() {
		let controller = register_largest::<T>();
		let admin: AccountId = account("admin", 0, 0);
		befriend::<T>(&controller, &admin);
		let account = successor();

		#[extrinsic_call]
		_(RawOrigin::Signed(admin), PATIENT, account.clone());

		let due = Some(NOW + DAY);
		assert_last_event::<T>(Event::RecoveryVouched { patient: PATIENT, account, due });
	}

	#[benchmark]
	fn stop_recovery() {
		let controller = register_largest::<T>();
		befriend::<T>(&controller, &account("admin", 0, 0));

		#[extrinsic_call]
		_(RawOrigin::Signed(controller), PATIENT);

		assert_last_event::<T>(Event::RecoveryStopped { patient: PATIENT });
	}

	#[benchmark]
	fn finish_recovery() {
		let controller = register_largest::<T>();
		let admin: AccountId = account("admin", 0, 0);
		befriend::<T>(&controller, &admin);
		Pallet::<T>::vouch(RawOrigin::Signed(admin).into(), PATIENT, successor()).expect("it is a friend");
		T::BenchmarkHelper::set_time(NOW + DAY);

		#[extrinsic_call]
		_(RawOrigin::Signed(controller), PATIENT);

		assert_last_event::<T>(Event::ControllerChanged { patient: PATIENT, controller: successor() });
	}

	/// Every part of every condition is looked at: only the last, the data period, is not met. What emergencies need is
	/// read besides: for their purpose a decision reads it and looks at no condition.
	#[benchmark]
	fn decide(c: Linear<0, MAX_ACTIVE_CONSENTS>) {
		let controller = register::<T>();
		fill::<T>(&controller, c);
		appoint::<T>(&controller, MAX_GUARDIANS);
		super::open_care::<T>(&controller);
		let request = request();

		let (glass, decision);
		#[block]
		{
			glass = Glasses::<T>::get(PATIENT, clinician());
			decision = <Pallet<T> as PatientsApi>::decide(&PATIENT, &request, RecordStatus::Active, NOW);
		}

		assert_eq!((glass, decision.reason), (None, Reason::NoConsent));
	}

	#[benchmark]
	fn lookup() {
		let controller = register_largest::<T>();

		let found;
		#[block]
		{
			found = <Pallet<T> as PatientsApi>::capacity(&PATIENT, &controller, NOW);
		}

		assert_eq!(found, Some(Capacity::Patient));
	}

	#[benchmark]
	fn in_care() {
		let controller = register::<T>();
		let org = super::open_care::<T>(&controller);

		let open;
		#[block]
		{
			open = <Pallet<T> as PatientsApi>::in_care(&PATIENT, org, NOW);
		}

		assert!(open);
	}

	#[benchmark]
	fn touch() {
		let controller = register_largest::<T>();

		let before = entry::<T>().revision;

		let revision;
		#[block]
		{
			revision = <Pallet<T> as PatientsApi>::touch(&PATIENT);
		}

		assert_eq!((revision, entry::<T>().controller), (Ok(before + 1), controller));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
