//! Random sequences of calls against a small reference model, which keeps every consent in a list, has no index, and
//! decides over all of them.

use super::*;
use crate::types::{Care, Patient};
use proptest::{collection::vec, option, prelude::*, sample::select, test_runner::Config as ProptestConfig};
use salus_primitives::{
	consent::{self, Candidate, Facts, RecordStatus, Request, Standing},
	traits::Patients as _,
	ActionSet, DataPeriod, MemberRole, RecordId, ResourceTypeSet,
};
use std::collections::BTreeMap;

type Stored = salus_primitives::consent::Consent;
type Ticket = <Test as crate::Config>::Consideration;

/// An organisation that shares under agreements only.
const STRICT: OrgId = 3;

// ------------------------------------------------------------------------------------------------------- the model

struct Model {
	now: Moment,
	patients: BTreeMap<PatientId, ModelPatient>,
	held: BTreeMap<AccountId, u128>,
}

struct ModelPatient {
	controller: AccountId,
	revision: u64,
	default_policy: DefaultPolicy,
	break_glass: BreakGlass,
	given: ConsentId,
	consents: BTreeMap<ConsentId, Stored>,
	cares: BTreeMap<OrgId, Moment>,
}

fn deposit(size: usize) -> u128 {
	DEPOSIT_BASE + size as u128
}

fn only_denies(consent: &Stored) -> bool {
	consent.base == Effect::Deny && !consent.rules.iter().any(|rule| rule.effect == Effect::Permit)
}

impl Model {
	fn is_live(&self, consent: &Stored) -> bool {
		consent.status == ConsentStatus::Active && consent.end.is_none_or(|end| self.now < end)
	}

	/// What the call must answer; the model changes only if that is a success.
	fn apply(&mut self, call: &Op, who: &AccountId) -> Result<(), Error<Test>> {
		let now = self.now;
		let mut paid: i128 = 0;
		if let Op::Register { patient, default_policy, break_glass } = call {
			if self.patients.contains_key(patient) {
				return Err(Error::AlreadyExists);
			}
			let entry = ModelPatient {
				controller: who.clone(),
				revision: 1,
				default_policy: *default_policy,
				break_glass: *break_glass,
				given: 0,
				consents: BTreeMap::new(),
				cares: BTreeMap::new(),
			};
			self.patients.insert(*patient, entry);
			*self.held.entry(who.clone()).or_default() += deposit(Patient::<Ticket>::max_encoded_len());
			return Ok(());
		}

		let patient = call.patient();
		let entry = self.patients.get(&patient).ok_or(Error::PatientNotFound)?;
		if entry.controller != *who && !matches!(call, Op::Touch { .. }) {
			return Err(Error::NotAuthorized);
		}
		let care_deposit = deposit(Care::<Ticket>::max_encoded_len()) as i128;
		let stored = |id: &ConsentId| entry.consents.get(id).ok_or(Error::ConsentNotFound);
		let live = |id: &ConsentId| {
			let consent = stored(id)?;
			match consent.status {
				ConsentStatus::Active if self.is_live(consent) => Ok(()),
				ConsentStatus::Active => Err(Error::Expired),
				_ => Err(Error::NotActive),
			}
		};
		// Each arm refuses, or returns what is to be done to the entry.
		type Change = Box<dyn FnOnce(&mut ModelPatient)>;
		let change: Change = match call.clone() {
			Op::Register { .. } => unreachable!("handled above"),
			Op::Touch { .. } => Box::new(|_| ()),
			Op::SetPolicy { default_policy, break_glass, .. } => Box::new(move |entry| {
				entry.default_policy = default_policy;
				entry.break_glass = break_glass;
			}),
			Op::OpenCare { org, until, recipient, key_length, .. } => {
				if until <= now {
					return Err(Error::EndInPast);
				}
				if key_length != 80 {
					return Err(Error::WrongKeyLength);
				}
				match Organisations::get().get(&org) {
					None => return Err(Error::OrganisationNotFound),
					Some((false, _)) => return Err(Error::OrganisationNotActive),
					Some((true, _)) => {}
				}
				match Standings::get().get(&recipient) {
					Some(Standing::Active(member)) if member.org == org => {}
					_ => return Err(Error::RecipientNotMember),
				}
				paid = if entry.cares.contains_key(&org) { 0 } else { care_deposit };
				Box::new(move |entry| {
					entry.cares.insert(org, until);
				})
			}
			Op::CloseCare { org, .. } => {
				entry.cares.get(&org).ok_or(Error::CareNotFound)?;
				paid = -care_deposit;
				Box::new(move |entry| {
					entry.cares.remove(&org);
				})
			}
			Op::Grant { input, .. } => {
				for conditions in std::iter::once(&input.root).chain(input.rules.iter().map(|rule| &rule.conditions)) {
					conditions.validate().map_err(Error::from)?;
				}
				let start = input.start.unwrap_or(now);
				if start < now {
					return Err(Error::StartInPast);
				}
				if input.end.is_some_and(|end| end <= now) {
					return Err(Error::EndInPast);
				}
				if input.end.is_some_and(|end| end <= start) {
					return Err(Error::EndBeforeStart);
				}
				if input.supersedes.is_some() && start != now {
					return Err(Error::StartInFuture);
				}
				if let Some(old) = &input.supersedes {
					live(old)?;
				}
				let consent = Stored {
					grantor: who.clone(),
					base: input.base,
					root: input.root,
					rules: input.rules,
					start,
					end: input.end,
					status: ConsentStatus::Active,
					supersedes: input.supersedes,
					policy: input.policy,
					receipt: input.receipt,
					erase_by: input.erase_by,
				};
				let others: Vec<&Stored> = entry
					.consents
					.iter()
					.filter(|(id, consent)| self.is_live(consent) && Some(**id) != input.supersedes)
					.map(|(_, consent)| consent)
					.collect();
				if others.len() >= 16 {
					return Err(Error::TooManyConsents);
				}
				if !only_denies(&consent) && others.iter().filter(|consent| !only_denies(consent)).count() >= 15 {
					return Err(Error::SlotKeptForDenial);
				}
				paid = deposit(consent.encoded_size()) as i128;
				Box::new(move |entry| {
					if let Some(old) = consent.supersedes.and_then(|old| entry.consents.get_mut(&old)) {
						old.status = ConsentStatus::Superseded;
					}
					entry.consents.insert(entry.given, consent);
					entry.given += 1;
				})
			}
			Op::Withdraw { id, .. } => {
				live(&id)?;
				Box::new(move |entry| {
					entry.consents.entry(id).and_modify(|consent| consent.status = ConsentStatus::Withdrawn);
				})
			}
			Op::EnterInError { id, .. } => {
				if stored(&id)?.status != ConsentStatus::Active {
					return Err(Error::NotActive);
				}
				Box::new(move |entry| {
					entry.consents.entry(id).and_modify(|consent| consent.status = ConsentStatus::EnteredInError);
				})
			}
			Op::Remove { id, .. } => {
				let consent = stored(&id)?;
				if self.is_live(consent) {
					return Err(Error::StillActive);
				}
				paid = -(deposit(consent.encoded_size()) as i128);
				Box::new(move |entry| {
					entry.consents.remove(&id);
				})
			}
		};
		let entry = self.patients.get_mut(&patient).expect("it was found above");
		change(entry);
		entry.revision += 1;
		let held = self.held.entry(who.clone()).or_default();
		*held = held.checked_add_signed(paid).expect("deposits are never negative");
		Ok(())
	}

	/// The decision over every stored consent, whatever its state.
	fn decide(&self, patient: &PatientId, request: &Request, status: RecordStatus, claimed: bool) -> Decision {
		let Some(entry) = self.patients.get(patient) else { return Decision::refusal(Reason::UnknownPatient, 0) };
		let is_patient = entry.controller == request.actor;
		let mut standing = Standings::get().remove(&request.actor).unwrap_or(Standing::Never);
		if is_patient && standing == Standing::Inactive {
			standing = Standing::Never;
		}
		let org = if let Standing::Active(member) = &standing { Some(member.org) } else { None };
		let requires = match request.resource.custodian {
			Some(custodian) => Organisations::get().get(&custodian).is_none_or(|(_, requires)| *requires),
			None => claimed,
		};
		let facts = Facts {
			standing,
			is_patient,
			status,
			break_glass: entry.break_glass,
			default_policy: entry.default_policy,
			care: org.and_then(|org| entry.cares.get(&org).copied()),
			agreement_required: requires,
			revision: entry.revision,
			..Facts::none()
		};
		let all: Vec<Candidate> = entry
			.consents
			.iter()
			.map(|(id, consent)| Candidate { id: *id, consent: consent.clone(), authority: None })
			.collect();
		consent::decide(request, &facts, &all, self.now)
	}
}

// ------------------------------------------------------------------------------------------------------- the calls

#[derive(Clone, Debug)]
enum Op {
	Register { patient: PatientId, default_policy: DefaultPolicy, break_glass: BreakGlass },
	SetPolicy { patient: PatientId, default_policy: DefaultPolicy, break_glass: BreakGlass },
	OpenCare { patient: PatientId, org: OrgId, until: Moment, recipient: AccountId, key_length: usize },
	CloseCare { patient: PatientId, org: OrgId },
	Grant { patient: PatientId, input: ConsentInput },
	Withdraw { patient: PatientId, id: ConsentId },
	EnterInError { patient: PatientId, id: ConsentId },
	Remove { patient: PatientId, id: ConsentId },
	Touch { patient: PatientId },
}

impl Op {
	fn patient(&self) -> PatientId {
		match self {
			Op::Register { patient, .. }
			| Op::SetPolicy { patient, .. }
			| Op::OpenCare { patient, .. }
			| Op::CloseCare { patient, .. }
			| Op::Grant { patient, .. }
			| Op::Withdraw { patient, .. }
			| Op::EnterInError { patient, .. }
			| Op::Remove { patient, .. }
			| Op::Touch { patient } => *patient,
		}
	}

	fn run(self, who: AccountId) -> DispatchResult {
		let origin = signed(who);
		match self {
			Op::Register { patient, default_policy, break_glass } => {
				Consent::register_patient(origin, patient, default_policy, break_glass)
			}
			Op::SetPolicy { patient, default_policy, break_glass } => {
				Consent::set_policy(origin, patient, default_policy, break_glass)
			}
			Op::OpenCare { patient, org, until, recipient, key_length } => {
				let key = vec![0; key_length].try_into().expect("at most 80 bytes");
				Consent::open_care(origin, patient, org, until, recipient, key)
			}
			Op::CloseCare { patient, org } => Consent::close_care(origin, patient, org),
			Op::Grant { patient, input } => Consent::grant(origin, patient, input),
			Op::Withdraw { patient, id } => Consent::withdraw(origin, patient, id),
			Op::EnterInError { patient, id } => Consent::enter_consent_in_error(origin, patient, id),
			Op::Remove { patient, id } => Consent::remove_consent(origin, patient, id),
			Op::Touch { patient } => Consent::touch(&patient).map(|_| ()),
		}
	}
}

#[derive(Clone, Debug)]
enum Step {
	/// A call by the patient's controller.
	Own(Op),
	/// A call by whomever.
	By(AccountId, Op),
	/// Time passes.
	Wait(Moment),
	/// A clinician changes standing.
	Standing(AccountId, bool),
	/// An organisation is suspended or admitted.
	Organisation(OrgId, bool),
}

/// The controller that each patient registers with.
fn controller_of(patient: PatientId) -> AccountId {
	if patient == P1 {
		ALICE
	} else {
		BOB
	}
}

fn patients() -> impl Strategy<Value = PatientId> {
	prop_oneof![20 => Just(P1), 4 => Just(P2), 1 => Just(NOBODY)]
}

fn policies() -> impl Strategy<Value = (DefaultPolicy, BreakGlass)> {
	(
		select(vec![DefaultPolicy::Deny, DefaultPolicy::NormalForTreatment]),
		select(vec![BreakGlass::Allowed, BreakGlass::Forbidden]),
	)
}

fn moments() -> impl Strategy<Value = Moment> {
	prop_oneof![30 => (NOW - 5)..(NOW + 100), 1 => Just(0), 1 => Just(Moment::MAX)]
}

/// Consents' numbers, mostly of consents that there are.
fn numbers() -> impl Strategy<Value = ConsentId> {
	prop_oneof![3 => 0..6u32, 1 => 0..24u32]
}

fn actors() -> impl Strategy<Value = ActorRef> {
	prop_oneof![
		select(vec![CHEN, DIAZ, STRANGER, ALICE]).prop_map(ActorRef::Account),
		any::<[u8; 32]>().prop_map(|bytes| ActorRef::Account(AccountId::new(bytes))),
		select(vec![HOSPITAL, CLINIC, STRICT]).prop_map(ActorRef::Org),
		select(vec![MemberRole::Clinician, MemberRole::Researcher]).prop_map(ActorRef::Role),
	]
}

fn purposes() -> impl Strategy<Value = Purpose> {
	select(vec![Purpose::Treat, Purpose::Coc, Purpose::Hresch, Purpose::Clintrch, Purpose::Btg])
}

/// Conditions that are often met by [`requests`], and now and then cannot be taken.
fn conditions() -> impl Strategy<Value = Conditions> {
	(
		option::weighted(0.8, prop_oneof![40 => vec(actors(), 1..4), 1 => Just(Vec::new())]),
		option::weighted(0.2, vec(select(vec![HOSPITAL, STRICT]), 1..3)),
		option::weighted(0.5, vec(purposes(), 1..3)),
		option::weighted(0.3, prop_oneof![9 => 1..32u8, 1 => any::<u8>()].prop_map(ActionSet)),
		option::weighted(0.3, select(Confidentiality::ALL)),
		prop_oneof![3 => Just(0u32), 1 => 1..4u32],
		option::weighted(0.3, select(vec![ResourceType::Observation, ResourceType::Condition])),
		option::weighted(0.1, Just(RecordId([1; 32]))),
		(option::weighted(0.2, -5..5i64), option::weighted(0.2, -4..8i64)),
	)
		.prop_map(|(actors, custodians, purposes, actions, confidentiality, labels, kind, record, period)| {
			Conditions {
				actors: actors.map(|list| list.try_into().expect("few")),
				custodians: custodians.map(|list| list.try_into().expect("few")),
				authors: None,
				purposes: purposes.map(|list| list.into_iter().collect()),
				actions,
				confidentiality,
				labels,
				resource_types: kind.map(|kind| ResourceTypeSet::of(&[kind])),
				records: record.map(|record| vec![record].try_into().expect("one")),
				episode: None,
				data_from: period.0,
				data_to: period.1,
			}
		})
}

fn rules() -> impl Strategy<Value = Rule> {
	(select(vec![Effect::Permit, Effect::Permit, Effect::Deny]), conditions(), 0..4u16).prop_map(
		|(effect, conditions, obligations)| Rule { effect, conditions, obligations: ObligationSet(obligations) },
	)
}

fn inputs() -> impl Strategy<Value = ConsentInput> {
	(
		select(vec![Effect::Permit, Effect::Deny]),
		conditions(),
		vec(rules(), 0..3),
		option::weighted(0.2, moments()),
		option::weighted(0.5, moments()),
		option::weighted(0.3, numbers()),
	)
		.prop_map(|(base, root, rules, start, end, supersedes)| ConsentInput {
			start,
			end,
			supersedes,
			..with_rules(consent(base, root), &rules)
		})
}

/// Organisations, mostly with one of their members.
fn cares() -> impl Strategy<Value = (OrgId, AccountId)> {
	prop_oneof![
		6 => Just((HOSPITAL, CHEN)),
		2 => Just((CLINIC, DIAZ)),
		1 => (select(vec![HOSPITAL, STRICT, NOWHERE]), select(vec![CHEN, DIAZ, STRANGER])),
	]
}

fn calls() -> impl Strategy<Value = Op> {
	let orgs = || select(vec![HOSPITAL, CLINIC, STRICT, NOWHERE]);
	prop_oneof![
		1 => (patients(), policies()).prop_map(|(patient, (default_policy, break_glass))| {
			Op::Register { patient, default_policy, break_glass }
		}),
		1 => (patients(), policies()).prop_map(|(patient, (default_policy, break_glass))| {
			Op::SetPolicy { patient, default_policy, break_glass }
		}),
		3 => (patients(), cares(), moments(), prop_oneof![9 => Just(80usize), 1 => 0..80usize])
			.prop_map(|(patient, (org, recipient), until, key_length)| {
				Op::OpenCare { patient, org, until, recipient, key_length }
			}),
		1 => (patients(), orgs()).prop_map(|(patient, org)| Op::CloseCare { patient, org }),
		8 => (patients(), inputs()).prop_map(|(patient, input)| Op::Grant { patient, input }),
		2 => (patients(), numbers()).prop_map(|(patient, id)| Op::Withdraw { patient, id }),
		1 => (patients(), numbers()).prop_map(|(patient, id)| Op::EnterInError { patient, id }),
		2 => (patients(), numbers()).prop_map(|(patient, id)| Op::Remove { patient, id }),
		1 => patients().prop_map(|patient| Op::Touch { patient }),
	]
}

fn steps() -> impl Strategy<Value = Step> {
	prop_oneof![
		16 => calls().prop_map(Step::Own),
		1 => (select(vec![ALICE, BOB, CHEN]), calls()).prop_map(|(who, call)| Step::By(who, call)),
		3 => (0..25u64).prop_map(Step::Wait),
		1 => (select(vec![CHEN, DIAZ]), any::<bool>()).prop_map(|(who, active)| Step::Standing(who, active)),
		1 => (select(vec![HOSPITAL, CLINIC]), any::<bool>()).prop_map(|(org, active)| Step::Organisation(org, active)),
	]
}

/// Either from nothing, or after grants that nearly fill or fill the slots.
fn sequences() -> impl Strategy<Value = Vec<Step>> {
	let valid = conditions().prop_filter("valid", |conditions| conditions.validate().is_ok());
	let bases = prop_oneof![30 => Just(Effect::Permit), 1 => Just(Effect::Deny)];
	let endless =
		(valid, bases).prop_map(|(root, base)| Step::Own(Op::Grant { patient: P1, input: consent(base, root) }));
	let first = prop_oneof![Just(Vec::new()), vec(endless, 12..17)];
	(first, vec(steps(), 20..60)).prop_map(|(first, then)| [first, then].concat())
}

fn requests() -> impl Strategy<Value = Request> {
	(
		select(vec![CHEN, CHEN, DIAZ, STRANGER, ALICE]),
		purposes(),
		select(vec![Action::Access, Action::Access, Action::Use, Action::Collect]),
		select(vec![ResourceType::Observation, ResourceType::Condition]),
		option::weighted(0.8, select(Confidentiality::ALL)),
		option::weighted(0.8, 0..4u32),
		option::weighted(0.8, (-6..6i64, 1..6i64)),
		option::weighted(0.9, select(vec![HOSPITAL, CLINIC, STRICT, NOWHERE])),
	)
		.prop_map(|(actor, purpose, action, resource_type, confidentiality, labels, period, custodian)| Request {
			actor,
			purpose,
			action,
			resource: Resource {
				record: None,
				resource_type,
				confidentiality,
				labels,
				period: period.map(|(from, length)| DataPeriod { from, to: from + length }),
				author: None,
				custodian,
				episode: None,
			},
		})
}

// --------------------------------------------------------------------------------------------------------- the test

fn check(model: &Model, requests: &[Request]) {
	for who in [ALICE, BOB, CHEN] {
		assert_eq!(held(&who), model.held.get(&who).copied().unwrap_or_default(), "deposits of {who}");
	}
	assert_eq!(Patients::<Test>::iter().count(), model.patients.len());
	for (patient, expected) in &model.patients {
		let entry = Patients::<Test>::get(patient).expect("the model has it");
		assert_eq!(entry.revision, expected.revision);
		assert_eq!(entry.next_consent, expected.given);
		let consents: BTreeMap<ConsentId, Stored> =
			Consents::<Test>::iter_prefix(patient).map(|(id, (consent, _))| (id, consent)).collect();
		assert_eq!(consents, expected.consents);
		let cares: BTreeMap<OrgId, Moment> =
			crate::Cares::<Test>::iter_prefix(patient).map(|(org, care)| (org, care.until)).collect();
		assert_eq!(cares, expected.cares);
	}
	for request in requests {
		for patient in [P1, P2] {
			let status = RecordStatus::Amended;
			let expected = model.decide(&patient, request, status, false);
			assert_eq!(Consent::decide(&patient, request, status, model.now), expected);
			let Request { actor, purpose, action, resource } = request.clone();
			let query = AccessQuery { actor, patient, purpose, action, record: None, resource: Some(resource) };
			let expected = model.decide(&patient, request, RecordStatus::Active, true);
			assert_eq!(Consent::check_access(query).decision, expected);
		}
	}
	Consent::do_try_state().expect("the state is sound");
}

fn play(steps: Vec<Step>, requests: &[Request]) {
	new_test_ext().execute_with(|| {
		admit(STRICT, true);
		let mut model = Model { now: NOW, patients: BTreeMap::new(), held: BTreeMap::new() };
		let (default_policy, break_glass) = (DefaultPolicy::NormalForTreatment, BreakGlass::Allowed);
		let registrations = [P1, P2].map(|patient| Step::Own(Op::Register { patient, default_policy, break_glass }));
		for step in registrations.into_iter().chain(steps) {
			let (who, call) = match step {
				Step::Own(call) => (controller_of(call.patient()), call),
				Step::By(who, call) => (who, call),
				Step::Wait(time) => {
					model.now += time;
					set_time(model.now);
					continue;
				}
				Step::Standing(who, true) => {
					let org = if who == CHEN { HOSPITAL } else { CLINIC };
					enlist(&who, org, &[MemberRole::Clinician]);
					continue;
				}
				Step::Standing(who, false) => {
					suspend(&who);
					continue;
				}
				Step::Organisation(org, true) => {
					admit(org, false);
					continue;
				}
				Step::Organisation(org, false) => {
					suspend_org(org);
					continue;
				}
			};
			let before = sp_io::storage::root(sp_runtime::StateVersion::V1);
			let expected = model.apply(&call, &who).map_err(Into::into);
			assert_eq!(call.clone().run(who), expected, "{call:?}");
			if expected.is_err() {
				let after = sp_io::storage::root(sp_runtime::StateVersion::V1);
				assert_eq!(before, after, "a refused call changes nothing: {call:?}");
			}
			check(&model, requests);
		}
	});
}

/// Sequences to try; `SALUS_PROPTEST_CASES` asks for more.
fn cases() -> u32 {
	std::env::var("SALUS_PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(256)
}

proptest! {
	#![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

	#[test]
	fn every_sequence_of_calls_agrees_with_the_model(steps in sequences(), requests in vec(requests(), 4)) {
		play(steps, &requests);
	}
}
