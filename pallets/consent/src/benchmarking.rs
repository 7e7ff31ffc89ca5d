//! Benchmarks: every call, and what other pallets ask, at its worst.

use crate::{BenchmarkHelper, Call, Cares, Config, Consents, Event, Pallet, Patients};
use alloc::{vec, vec::Vec};
use frame_benchmarking::v2::*;
use frame_system::RawOrigin;
use salus_primitives::{
	consent::{
		ActorRef, BreakGlass, Conditions, ConsentStatus, DefaultPolicy, Effect, Reason, RecordStatus, Request,
		Resource, Rule, MAX_ACTIVE_CONSENTS, MAX_ACTORS, MAX_AUTHORS, MAX_CUSTODIANS, MAX_RECORDS, MAX_RULES,
	},
	inputs::ConsentInput,
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
		let controller = register::<T>();
		fill::<T>(&controller, MAX_ACTIVE_CONSENTS);
		let (default_policy, break_glass) = (DefaultPolicy::Deny, BreakGlass::Forbidden);

		#[extrinsic_call]
		_(RawOrigin::Signed(controller), PATIENT, default_policy, break_glass);

		assert_last_event::<T>(Event::PolicyChanged { patient: PATIENT, default_policy, break_glass });
	}

	/// The relationship replaces one that another paid for.
	#[benchmark]
	fn open_care() {
		let first = register::<T>();
		fill::<T>(&first, MAX_ACTIVE_CONSENTS);
		let org = super::open_care::<T>(&first);
		let controller: AccountId = account("successor", 0, 0);
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
		let controller = register::<T>();
		fill::<T>(&controller, MAX_ACTIVE_CONSENTS);
		let org = super::open_care::<T>(&controller);

		#[extrinsic_call]
		_(RawOrigin::Signed(controller), PATIENT, org);

		assert!(!Cares::<T>::contains_key(PATIENT, org));
		assert_last_event::<T>(Event::CareClosed { patient: PATIENT, org });
	}

	/// Every slot is taken, and a largest consent is superseded.
	#[benchmark]
	fn grant(r: Linear<0, MAX_RULES>) {
		let controller = register::<T>();
		fill::<T>(&controller, MAX_ACTIVE_CONSENTS);
		let supersedes = Some(0);
		let input = largest_consent(Effect::Permit, r, supersedes);

		#[extrinsic_call]
		_(RawOrigin::Signed(controller), PATIENT, input);

		let consent = MAX_ACTIVE_CONSENTS;
		assert_last_event::<T>(Event::ConsentGranted { patient: PATIENT, consent, supersedes });
	}

	#[benchmark]
	fn withdraw() {
		let controller = register::<T>();
		fill::<T>(&controller, MAX_ACTIVE_CONSENTS);

		#[extrinsic_call]
		_(RawOrigin::Signed(controller), PATIENT, 0);

		let status = ConsentStatus::Withdrawn;
		assert_last_event::<T>(Event::ConsentEnded { patient: PATIENT, consent: 0, status });
	}

	#[benchmark]
	fn enter_consent_in_error() {
		let controller = register::<T>();
		fill::<T>(&controller, MAX_ACTIVE_CONSENTS);

		#[extrinsic_call]
		_(RawOrigin::Signed(controller), PATIENT, 0);

		let status = ConsentStatus::EnteredInError;
		assert_last_event::<T>(Event::ConsentEnded { patient: PATIENT, consent: 0, status });
	}

	/// The consent has expired and is indexed still.
	#[benchmark]
	fn remove_consent() {
		let controller = register::<T>();
		fill::<T>(&controller, MAX_ACTIVE_CONSENTS);
		T::BenchmarkHelper::set_time(NOW + DAY);

		#[extrinsic_call]
		_(RawOrigin::Signed(controller), PATIENT, 0);

		assert!(!Consents::<T>::contains_key(PATIENT, 0));
		assert_last_event::<T>(Event::ConsentRemoved { patient: PATIENT, consent: 0 });
	}

	/// Every part of every condition is looked at: only the last, the data period, is not met.
	#[benchmark]
	fn decide(c: Linear<0, MAX_ACTIVE_CONSENTS>) {
		let controller = register::<T>();
		fill::<T>(&controller, c);
		super::open_care::<T>(&controller);
		let request = request();

		let decision;
		#[block]
		{
			decision = <Pallet<T> as PatientsApi>::decide(&PATIENT, &request, RecordStatus::Active, NOW);
		}

		assert_eq!(decision.reason, Reason::NoConsent);
	}

	#[benchmark]
	fn read_controller() {
		let controller = register::<T>();
		fill::<T>(&controller, MAX_ACTIVE_CONSENTS);

		let found;
		#[block]
		{
			found = <Pallet<T> as PatientsApi>::controller(&PATIENT, NOW);
		}

		assert_eq!(found, Some(controller));
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
		let controller = register::<T>();
		fill::<T>(&controller, MAX_ACTIVE_CONSENTS);

		let revision;
		#[block]
		{
			revision = <Pallet<T> as PatientsApi>::touch(&PATIENT);
		}

		assert_eq!(revision, Ok(u64::from(MAX_ACTIVE_CONSENTS) + 2));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
