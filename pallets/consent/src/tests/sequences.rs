//! Random sequences of calls on the pallet and on the reference model, which must agree.

use super::{
	model::{Model, Op, Stored, REASON},
	*,
};
use crate::{types::Awaiting, AwaitingReview, Cares, GlassRates, Glasses, Recoveries};
use proptest::{
	collection::vec,
	option,
	prelude::*,
	sample::select,
	strategy::ValueTree,
	test_runner::{Config as ProptestConfig, TestRunner},
};
use salus_primitives::{
	consent::{Finding, RecordStatus, Request, Sharing},
	inputs::Friend,
	ActionSet, DataPeriod, RecordId, ResourceTypeSet,
};
use sp_runtime::DispatchError;
use std::collections::{BTreeMap, BTreeSet};

/// Calls by name, with what each answered.
type Tried = BTreeSet<(String, Result<(), &'static str>)>;

/// An organisation that shares under agreements only.
const STRICT: OrgId = 3;
/// When P3 comes of age in the sequences.
const SOON: Moment = NOW + 12 * DAY;
/// Opened by one organisation in a day.
const GLASSES: u32 = 3;
/// Everybody who may pay for something.
const PAYERS: [AccountId; 14] =
	[ALICE, BOB, CHEN, DIAZ, STRANGER, EMIN, QUINN, ADMIN, CLINIC_ADMIN, MOTHER, CHILD, RAMOS, MALLORY, ALICE_AGAIN];

// ------------------------------------------------------------------------------------------------------- the calls

/// Something that happens around the pallet.
#[derive(Clone, Debug)]
enum Around {
	/// Time passes.
	Wait(Moment),
	/// A clinician changes standing.
	Standing(AccountId, bool),
	/// An organisation is suspended or admitted.
	Organisation(OrgId, bool),
	/// An organisation agrees to share with another until so much later.
	Agreement(OrgId, OrgId, Moment),
}

/// Who calls.
#[derive(Clone, Debug)]
enum Who {
	/// Whoever may do most for the patient: the controller, of a minor the first guardian's account.
	Own,
	/// An account.
	Account(AccountId),
}

#[derive(Clone, Debug)]
struct Turn {
	before: Option<Around>,
	who: Who,
	patient: PatientId,
	op: Op,
}

/// Makes a call whose moments were meant as of [`NOW`] one whose moments are as of another time.
fn at(now: Moment, op: Op) -> Op {
	let later = |moment: Moment| match moment {
		0 | Moment::MAX => moment,
		moment => moment + now - NOW,
	};
	let of_consent =
		|input: ConsentInput| ConsentInput { start: input.start.map(later), end: input.end.map(later), ..input };
	match op {
		Op::RegisterMinor { ward, majority } => Op::RegisterMinor { ward, majority: later(majority) },
		Op::OpenCare { org, until, recipient, key_length } => {
			Op::OpenCare { org, until: later(until), recipient, key_length }
		}
		Op::Grant(input) => Op::Grant(of_consent(input)),
		Op::Propose(input) => Op::Propose(of_consent(input)),
		Op::Appoint(input) => {
			Op::Appoint(GuardianInput { from: input.from.map(later), until: input.until.map(later), ..input })
		}
		op => op,
	}
}

fn run_op(who: AccountId, patient: PatientId, op: Op) -> DispatchResult {
	let origin = signed(who);
	match op {
		Op::Register { default_policy, break_glass } => {
			Consent::register_patient(origin, patient, default_policy, break_glass)
		}
		Op::RegisterMinor { ward, majority } => {
			let (policy, glass) = (DefaultPolicy::Deny, BreakGlass::Allowed);
			Consent::register_minor(origin, patient, policy, glass, ward, majority, Relationship::Prn)
		}
		Op::SetPolicy { default_policy, break_glass } => {
			Consent::set_policy(origin, patient, default_policy, break_glass)
		}
		Op::OpenCare { org, until, recipient, key_length } => {
			let key = vec![0; key_length].try_into().expect("at most 80 bytes");
			Consent::open_care(origin, patient, org, until, recipient, key)
		}
		Op::CloseCare { org } => Consent::close_care(origin, patient, org),
		Op::Grant(input) => Consent::grant(origin, patient, input),
		Op::Withdraw(id) => Consent::withdraw(origin, patient, id),
		Op::EnterInError(id) => Consent::enter_consent_in_error(origin, patient, id),
		Op::Remove(id) => Consent::remove_consent(origin, patient, id),
		Op::Appoint(input) => Consent::appoint_guardian(origin, patient, input),
		Op::EndGuardian(number) => Consent::end_guardian(origin, patient, number),
		Op::Propose(input) => Consent::propose(origin, patient, input),
		Op::Accept(id) => Consent::accept(origin, patient, id),
		Op::Reject(id) => Consent::reject(origin, patient, id),
		Op::BreakGlass => Consent::break_glass(origin, patient, REASON, H256::zero()),
		Op::Review { actor, finding } => Consent::review_glass(origin, patient, actor, finding, H256::zero()),
		Op::Object { actor } => Consent::object_to_glass(origin, patient, actor, H256::zero()),
		Op::RemoveGlass { actor } => Consent::remove_glass(origin, patient, actor),
		Op::SetFriends { friends, threshold, delay } => {
			Consent::set_friends(origin, patient, friends.try_into().expect("few friends"), threshold, delay)
		}
		Op::Vouch(account) => Consent::vouch(origin, patient, account),
		Op::StopRecovery => Consent::stop_recovery(origin, patient),
		Op::FinishRecovery => Consent::finish_recovery(origin, patient),
		Op::Touch => Consent::touch(&patient).map(|_| ()),
	}
}

// -------------------------------------------------------------------------------------------------- what is tried

fn patients() -> impl Strategy<Value = PatientId> {
	prop_oneof![24 => Just(P1), 12 => Just(P3), 5 => Just(P2), 1 => Just(NOBODY)]
}

fn policies() -> impl Strategy<Value = (DefaultPolicy, BreakGlass)> {
	(
		select(vec![DefaultPolicy::Deny, DefaultPolicy::NormalForTreatment]),
		select(vec![BreakGlass::Allowed, BreakGlass::Allowed, BreakGlass::Forbidden]),
	)
}

/// Moments around now: within the blink of an eye, within days, and where the clock begins and ends.
fn moments() -> impl Strategy<Value = Moment> {
	prop_oneof![
		15 => (NOW - 5)..(NOW + 100),
		15 => (1..40u64).prop_map(|days| NOW + days * DAY),
		1 => Just(0),
		1 => Just(Moment::MAX),
	]
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

fn guardians() -> impl Strategy<Value = GuardianInput> {
	(
		select(vec![BOB, STRANGER, MOTHER, CHEN, ALICE, CHILD, MALLORY]),
		select(vec![GuardianScope::Full, GuardianScope::Full, GuardianScope::ConsentOnly, GuardianScope::ReadOnly]),
		option::weighted(0.2, moments()),
		option::weighted(0.5, moments()),
	)
		.prop_map(|(account, scope, from, until)| GuardianInput { from, until, ..guardian(account, scope) })
}

fn friends() -> impl Strategy<Value = Op> {
	let friend = prop_oneof![
		3 => select(FRIENDS.to_vec()).prop_map(Friend::Account),
		1 => select(vec![HOSPITAL, CLINIC]).prop_map(Friend::Org),
		1 => select(vec![Friend::Org(NOWHERE), Friend::Account(BOB)]),
	];
	let all = FRIENDS.map(Friend::Account).into_iter().chain([Friend::Org(HOSPITAL)]).collect::<Vec<_>>();
	let lists = prop_oneof![3 => Just(all), 1 => vec(friend, 0..5)];
	(lists, prop_oneof![9 => 1..3u8, 1 => 0..6u8], prop_oneof![9 => Just(DAY), 1 => select(vec![0, 90 * DAY + 1])])
		.prop_map(|(friends, threshold, delay)| Op::SetFriends { friends, threshold, delay })
}

/// Calls that are the patient's, or made for the patient.
fn own() -> impl Strategy<Value = Op> {
	let orgs = || select(vec![HOSPITAL, CLINIC, STRICT, NOWHERE]);
	prop_oneof![
		1 => policies().prop_map(|(default_policy, break_glass)| Op::Register { default_policy, break_glass }),
		1 => (select(vec![CHILD, BOB, ALICE]), moments())
			.prop_map(|(ward, majority)| Op::RegisterMinor { ward, majority }),
		2 => policies().prop_map(|(default_policy, break_glass)| Op::SetPolicy { default_policy, break_glass }),
		6 => (cares(), moments(), prop_oneof![9 => Just(80usize), 1 => 0..80usize]).prop_map(
			|((org, recipient), until, key_length)| Op::OpenCare { org, until, recipient, key_length }
		),
		2 => orgs().prop_map(|org| Op::CloseCare { org }),
		20 => inputs().prop_map(Op::Grant),
		6 => numbers().prop_map(Op::Withdraw),
		2 => numbers().prop_map(Op::EnterInError),
		5 => numbers().prop_map(Op::Remove),
		8 => guardians().prop_map(Op::Appoint),
		4 => (0..5u32).prop_map(Op::EndGuardian),
		6 => numbers().prop_map(Op::Accept),
		3 => numbers().prop_map(Op::Reject),
		3 => select(vec![CHEN, EMIN, DIAZ]).prop_map(|actor| Op::Object { actor }),
		4 => friends(),
		2 => Just(Op::StopRecovery),
		1 => Just(Op::Touch),
	]
}

/// Calls that others make.
fn others() -> impl Strategy<Value = (AccountId, Op)> {
	let clinicians = || select(vec![CHEN, CHEN, EMIN, DIAZ]);
	prop_oneof![
		6 => (select(vec![CHEN, EMIN, DIAZ, RAMOS, STRANGER]), inputs()).prop_map(|(who, input)| {
			let supersedes = input.supersedes.filter(|number| *number == 0);
			(who, Op::Propose(ConsentInput { supersedes, ..input }))
		}),
		2 => (select(vec![CHEN, DIAZ, RAMOS]), numbers()).prop_map(|(who, id)| (who, Op::Reject(id))),
		7 => prop_oneof![9 => clinicians(), 1 => select(vec![QUINN, RAMOS, STRANGER])].prop_map(|who| (who, Op::BreakGlass)),
		6 => (
			select(vec![QUINN, QUINN, ADMIN, CLINIC_ADMIN, CHEN, RAMOS]),
			clinicians(),
			select(vec![Finding::Justified, Finding::Justified, Finding::Unjustified]),
		)
			.prop_map(|(who, actor, finding)| (who, Op::Review { actor, finding })),
		2 => (clinicians(), clinicians()).prop_map(|(who, actor)| (who, Op::RemoveGlass { actor })),
		1 => clinicians().prop_map(|who| (who.clone(), Op::RemoveGlass { actor: who })),
		8 => (
			select(FRIENDS.into_iter().chain([ADMIN, CLINIC_ADMIN, BOB]).collect::<Vec<_>>()),
			select(vec![ALICE_AGAIN, ALICE_AGAIN, MALLORY, ALICE, MOTHER]),
		)
			.prop_map(|(who, account)| (who, Op::Vouch(account))),
		4 => select(vec![STRANGER, MALLORY]).prop_map(|who| (who, Op::FinishRecovery)),
	]
}

fn around() -> impl Strategy<Value = Around> {
	prop_oneof![
		4 => (0..25u64).prop_map(Around::Wait),
		3 => select(vec![HOUR, 4 * HOUR, DAY, DAY, 3 * DAY, 30 * DAY, 365 * DAY]).prop_map(Around::Wait),
		2 => (select(vec![CHEN, DIAZ]), any::<bool>()).prop_map(|(who, active)| Around::Standing(who, active)),
		2 => (select(vec![HOSPITAL, CLINIC]), any::<bool>()).prop_map(|(org, on)| Around::Organisation(org, on)),
		1 => (select(vec![HOSPITAL, STRICT]), select(vec![HOSPITAL, CLINIC]), 1..40 * DAY)
			.prop_map(|(custodian, recipient, until)| Around::Agreement(custodian, recipient, until)),
	]
}

fn turns() -> impl Strategy<Value = Turn> {
	let someone = select(vec![BOB, MOTHER, STRANGER, CHILD, ALICE, ALICE_AGAIN, CHEN, MALLORY]);
	let calls = prop_oneof![
		12 => own().prop_map(|op| (Who::Own, op)),
		4 => (someone, own()).prop_map(|(who, op)| (Who::Account(who), op)),
		9 => others().prop_map(|(who, op)| (Who::Account(who), op)),
	];
	(option::weighted(0.35, around()), calls, patients()).prop_map(|(before, (who, op), patient)| Turn {
		before,
		who,
		patient,
		op,
	})
}

/// Fifty calls or more: from nothing, or after as many that nearly fill or fill the slots.
fn sequences() -> impl Strategy<Value = Vec<Turn>> {
	let valid = conditions().prop_filter("valid", |conditions| conditions.validate().is_ok());
	let bases = prop_oneof![30 => Just(Effect::Permit), 1 => Just(Effect::Deny)];
	let endless = (valid, bases).prop_map(|(root, base)| Turn {
		before: None,
		who: Who::Own,
		patient: P1,
		op: Op::Grant(consent(base, root)),
	});
	let first = prop_oneof![2 => Just(Vec::new()), 1 => vec(endless, 12..17)];
	(first, vec(turns(), 50..70)).prop_map(|(first, then)| [first, then].concat())
}

fn requests() -> impl Strategy<Value = Request> {
	(
		select(vec![CHEN, CHEN, DIAZ, STRANGER, ALICE, BOB, MOTHER, CHILD]),
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
	for who in PAYERS.iter().chain(&FRIENDS) {
		assert_eq!(held(who), model.held.get(who).copied().unwrap_or_default(), "deposits of {who}");
	}
	assert_eq!(Patients::<Test>::iter().count(), model.patients.len());
	for (patient, expected) in &model.patients {
		let entry = Patients::<Test>::get(patient).expect("the model has it");
		assert_eq!((&entry.controller, entry.revision), (&expected.controller, expected.revision));
		assert_eq!((entry.next_consent, entry.next_guardian as usize), (expected.given, expected.guardianships.len()));
		let listed: Vec<usize> = entry.guardians.iter().map(|guardian| guardian.number as usize).collect();
		let guardianships = expected.guardianships.iter().enumerate();
		let unended: Vec<usize> = guardianships.filter(|(_, held)| !held.unlisted).map(|(number, _)| number).collect();
		assert_eq!(listed, unended);
		for who in &PAYERS {
			assert_eq!(capacity(*patient, who.clone()), expected.capacity(who, model.now), "of {who}");
		}
		let proposals: BTreeMap<ConsentId, (OrgId, Moment)> =
			entry.proposals.iter().map(|proposal| (proposal.id, (proposal.org, proposal.until))).collect();
		assert_eq!(proposals, expected.proposals);
		let consents: BTreeMap<ConsentId, (Stored, AccountId)> = Consents::<Test>::iter_prefix(patient)
			.map(|(id, (consent, deposit))| (id, (consent, deposit.payer)))
			.collect();
		assert_eq!(consents, expected.consents);
		let cares: BTreeMap<OrgId, (Moment, AccountId)> =
			Cares::<Test>::iter_prefix(patient).map(|(org, care)| (org, (care.until, care.deposit.payer))).collect();
		assert_eq!(cares, expected.cares);
		let recovery = Recoveries::<Test>::get(patient);
		assert_eq!(recovery.is_some(), expected.friends.is_some());
		if let Some((stored, expected)) = recovery.zip(expected.friends.as_ref()) {
			let votes: Vec<_> = stored.friends.into_iter().zip(stored.votes).collect();
			assert_eq!((votes, stored.due), (expected.votes.clone(), expected.due.clone()));
		}
	}
	check_glasses(model);
	for request in requests {
		for patient in [P1, P3] {
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

fn check_glasses(model: &Model) {
	let kept = || model.glasses.iter().filter(|glass| !glass.gone);
	assert_eq!(Glasses::<Test>::iter().count(), kept().count());
	for expected in kept() {
		let glass = Glasses::<Test>::get(expected.patient, &expected.actor).expect("the model has it");
		assert_eq!((glass.org, glass.opened, glass.until), (expected.org, expected.opened, expected.until));
		let review = glass.review.map(|(finding, _)| finding);
		assert_eq!((review, glass.objection.is_some()), (expected.review, expected.objected));
	}
	for actor in [CHEN, EMIN, DIAZ] {
		let awaiting = kept().filter(|glass| glass.actor == actor && glass.awaits_review());
		let expected: Vec<Awaiting> = awaiting.map(|glass| (glass.patient, glass.opened + 72 * HOUR)).collect();
		assert_eq!(AwaitingReview::<Test>::get(&actor), expected);
	}
	for org in [HOSPITAL, CLINIC] {
		let days = || model.glasses.iter().filter(|glass| glass.org == org).map(|glass| (glass.opened / DAY) as u32);
		if let Some(last) = days().max() {
			assert_eq!(GlassRates::<Test>::get(org), (last, days().filter(|day| *day == last).count() as u32));
		}
	}
}

fn happen(model: &mut Model, around: Around) {
	match around {
		Around::Wait(time) => {
			model.now += time;
			set_time(model.now);
		}
		Around::Standing(who, true) => {
			let org = if who == CHEN { HOSPITAL } else { CLINIC };
			enlist(&who, org, &[MemberRole::Clinician]);
		}
		Around::Standing(who, false) => suspend(&who),
		Around::Organisation(org, true) => admit(org, false),
		Around::Organisation(org, false) => suspend_org(org),
		Around::Agreement(custodian, recipient, length) => {
			let period = Period { from: model.now, until: Some(model.now + length) };
			let obligations = ObligationSet::of(&[Obligation::Noreuse]);
			agree(custodian, recipient, Sharing { purposes: None, resource_types: None, obligations, period });
		}
	}
}

/// The call's name.
fn name(op: &Op) -> String {
	format!("{op:?}").split(|character: char| !character.is_alphanumeric()).next().unwrap_or_default().to_string()
}

fn message(error: DispatchError) -> &'static str {
	let DispatchError::Module(module) = error else { panic!("an error of the pallet") };
	module.message.expect("an error in a native call has its name")
}

/// Plays a sequence, and returns what was tried with what result.
fn play(turns: Vec<Turn>, requests: &[Request]) -> Tried {
	let mut tried = Tried::new();
	new_test_ext().execute_with(|| {
		admit(STRICT, true);
		GlassesPerDay::set(&GLASSES);
		let mut model = Model::new();
		let (default_policy, break_glass) = (DefaultPolicy::NormalForTreatment, BreakGlass::Allowed);
		let registrations = [
			(ALICE, P1, Op::Register { default_policy, break_glass }),
			(BOB, P2, Op::Register { default_policy, break_glass }),
			(MOTHER, P3, Op::RegisterMinor { ward: CHILD, majority: SOON }),
		]
		.map(|(who, patient, op)| Turn { before: None, who: Who::Account(who), patient, op });
		for Turn { before, who, patient, op } in registrations.into_iter().chain(turns) {
			if let Some(before) = before {
				happen(&mut model, before);
			}
			let op = at(model.now, op);
			let who = match (who, model.patients.get(&patient)) {
				(Who::Account(who), _) => who,
				(Who::Own, Some(entry)) if entry.is_minor(model.now) => MOTHER,
				(Who::Own, Some(entry)) => entry.controller.clone(),
				(Who::Own, None) => MALLORY,
			};
			let expected = model.apply(&who, patient, &op);
			let root = || expected.is_err().then(|| sp_io::storage::root(sp_runtime::StateVersion::V1));
			let before = root();
			assert_eq!(run_op(who.clone(), patient, op.clone()), expected, "{op:?} by {who}");
			assert_eq!(before, root(), "a refused call changes nothing: {op:?}");
			tried.insert((name(&op), expected.map_err(message)));
			check(&model, requests);
		}
	});
	tried
}

/// Sequences to try; `SALUS_PROPTEST_CASES` asks for more.
fn cases() -> u32 {
	std::env::var("SALUS_PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(1_000)
}

proptest! {
	#![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

	#[test]
	fn every_sequence_of_calls_agrees_with_the_model(turns in sequences(), requests in vec(requests(), 3)) {
		play(turns, &requests);
	}
}

/// Were the sequences refused throughout, they would prove little.
#[test]
fn the_sequences_meet_every_call_in_success_and_most_errors() {
	let mut runner = TestRunner::deterministic();
	let mut tried = Tried::new();
	for _ in 0..60 {
		let turns = sequences().new_tree(&mut runner).expect("nothing is filtered away").current();
		tried.extend(play(turns, &[]));
	}
	let succeeded: BTreeSet<&str> =
		tried.iter().filter(|(_, result)| result.is_ok()).map(|(name, _)| name.as_str()).collect();
	let expected = [
		"Accept",
		"Appoint",
		"BreakGlass",
		"CloseCare",
		"EndGuardian",
		"EnterInError",
		"FinishRecovery",
		"Grant",
		"Object",
		"OpenCare",
		"Propose",
		"Register",
		"RegisterMinor",
		"Reject",
		"Remove",
		"Review",
		"SetFriends",
		"SetPolicy",
		"StopRecovery",
		"Touch",
		"Vouch",
		"Withdraw",
	];
	let missing: Vec<_> = expected.iter().filter(|name| !succeeded.contains(*name)).collect();
	assert!(missing.is_empty(), "never in success: {missing:?}");
	let refusals: BTreeSet<&str> = tried.iter().filter_map(|(_, result)| result.err()).collect();
	assert!(refusals.len() >= 35, "met only {refusals:?}");
}
