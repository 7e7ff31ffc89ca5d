//! The pallet as its users see it, by behaviour.

mod access;
mod agreements;
mod care;
mod ending;
mod errors;
mod glass;
mod granting;
mod guardians;
mod invariants;
mod minors;
mod misuse;
mod model;
mod patients;
mod proposals;
mod recovery;
mod sequences;
mod views;

use crate::{mock::*, Consents, Error, Event, Patients};
use codec::{Encode, MaxEncodedLen};
use frame_support::{assert_noop, assert_ok, dispatch::DispatchResult, hypothetically, hypothetically_ok};
use salus_primitives::{
	consent::{
		ActorRef, BreakGlass, Capacity, Conditions, ConsentStatus, Decision, DefaultPolicy, Effect, EmergencyReason,
		GuardianScope, Period, Reason, Relationship, Resource, Rule,
	},
	inputs::{ConsentInput, GuardianInput},
	time::{DAY, HOUR},
	traits::Patients as _,
	views::{AccessQuery, SealedKey},
	AccountId, Action, Confidentiality, ConsentId, GuardianshipId, MemberRole, Moment, Obligation, ObligationSet,
	OrgId, PatientId, Purpose, PurposeSet, ResourceType, H256,
};

fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

/// Registers P1 for ALICE, with default policy Deny.
fn register_p1() {
	assert_ok!(Consent::register_patient(signed(ALICE), P1, DefaultPolicy::Deny, BreakGlass::Allowed));
}

/// Registers P2 for BOB, with default policy Deny.
fn register_p2() {
	assert_ok!(Consent::register_patient(signed(BOB), P2, DefaultPolicy::Deny, BreakGlass::Allowed));
}

/// When P3 comes of age.
const MAJORITY: Moment = NOW + 18 * 365 * DAY;

/// MOTHER registers P3, who is CHILD and comes of age at [`MAJORITY`], with default policy Deny.
fn register_p3() {
	let (policy, glass) = (DefaultPolicy::Deny, BreakGlass::Allowed);
	assert_ok!(Consent::register_minor(signed(MOTHER), P3, policy, glass, CHILD, MAJORITY, Relationship::Prn));
}

/// A guardian from now on, without end.
fn guardian(account: AccountId, scope: GuardianScope) -> GuardianInput {
	GuardianInput { account, relationship: Relationship::Guard, scope, from: None, until: None }
}

/// ALICE appoints a guardian of P1 and gets the guardianship's number.
fn appoint(input: GuardianInput) -> GuardianshipId {
	let number = Patients::<Test>::get(P1).expect("P1 is registered").next_guardian;
	assert_ok!(Consent::appoint_guardian(signed(ALICE), P1, input));
	number
}

/// In what capacity somebody acts for the patient now.
fn capacity(patient: PatientId, who: AccountId) -> Option<Capacity> {
	Consent::capacity(&patient, &who, Consent::now())
}

fn naming(actors: &[ActorRef]) -> Conditions {
	Conditions { actors: Some(actors.to_vec().try_into().expect("few actors")), ..Default::default() }
}

/// A consent from now on, without end or rules.
fn consent(base: Effect, root: Conditions) -> ConsentInput {
	ConsentInput {
		base,
		root,
		rules: Default::default(),
		start: None,
		end: None,
		supersedes: None,
		policy: H256::repeat_byte(1),
		receipt: H256::repeat_byte(2),
		erase_by: None,
	}
}

/// Lets an account treat the patient.
fn treatment_by(who: AccountId) -> ConsentInput {
	let root = Conditions { purposes: Some(PurposeSet::of(&[Purpose::Treat])), ..naming(&[ActorRef::Account(who)]) };
	consent(Effect::Permit, root)
}

/// Denies everything to everybody.
fn opt_out() -> ConsentInput {
	consent(Effect::Deny, Conditions::default())
}

fn permit(conditions: Conditions) -> Rule {
	Rule { effect: Effect::Permit, conditions, obligations: ObligationSet::EMPTY }
}

fn with_rules(input: ConsentInput, rules: &[Rule]) -> ConsentInput {
	ConsentInput { rules: rules.to_vec().try_into().expect("few rules"), ..input }
}

/// ALICE grants for P1 and gets the consent's number.
fn grant(input: ConsentInput) -> ConsentId {
	let id = Patients::<Test>::get(P1).expect("P1 is registered").next_consent;
	assert_ok!(Consent::grant(signed(ALICE), P1, input));
	id
}

/// Somebody grants for a patient and gets the consent's number.
fn grant_by(who: AccountId, patient: PatientId, input: ConsentInput) -> ConsentId {
	let id = Patients::<Test>::get(patient).expect("the patient is registered").next_consent;
	assert_ok!(Consent::grant(signed(who), patient, input));
	id
}

fn try_grant(input: ConsentInput) -> DispatchResult {
	Consent::grant(signed(ALICE), P1, input)
}

fn status_of(consent: ConsentId) -> ConsentStatus {
	Consents::<Test>::get(P1, consent).expect("the consent is stored").0.status
}

fn revision(patient: PatientId) -> u64 {
	Patients::<Test>::get(patient).expect("the patient is registered").revision
}

fn active_ids() -> Vec<ConsentId> {
	Patients::<Test>::get(P1).expect("P1 is registered").active.iter().map(|active| active.id).collect()
}

fn sealed_key() -> SealedKey {
	vec![7; 80].try_into().expect("80 bytes")
}

fn open_care(org: OrgId, recipient: AccountId, until: Moment) -> DispatchResult {
	Consent::open_care(signed(ALICE), P1, org, until, recipient, sealed_key())
}

/// A laboratory result at HOSPITAL, normally confidential and without labels.
fn laboratory_result() -> Resource {
	Resource {
		record: None,
		resource_type: ResourceType::Observation,
		confidentiality: Some(Confidentiality::Normal),
		labels: Some(0),
		period: None,
		author: None,
		custodian: Some(HOSPITAL),
		episode: None,
	}
}

/// A query to read P1's laboratory result for treatment.
fn query(actor: AccountId) -> AccessQuery {
	AccessQuery {
		actor,
		patient: P1,
		purpose: Purpose::Treat,
		action: Action::Access,
		record: None,
		resource: Some(laboratory_result()),
	}
}

/// The decision on a laboratory result of some patient, for treatment, by somebody.
fn read_of(patient: PatientId, actor: AccountId) -> Decision {
	Consent::check_access(AccessQuery { patient, ..query(actor) }).decision
}

/// The decision on [`query`].
fn read_by(actor: AccountId) -> Decision {
	Consent::check_access(query(actor)).decision
}

fn assert_last_events(expected: Vec<Event<Test>>) {
	let events: Vec<RuntimeEvent> = System::events().into_iter().map(|record| record.event).collect();
	let expected: Vec<RuntimeEvent> = expected.into_iter().map(Into::into).collect();
	assert!(events.ends_with(&expected), "{events:?} does not end with {expected:?}");
}

/// What is stored by the pallet, by key.
fn stored() -> std::collections::BTreeMap<Vec<u8>, Vec<u8>> {
	let prefix = sp_io::hashing::twox_128(b"Consent").to_vec();
	let mut all = std::collections::BTreeMap::new();
	let mut key = prefix.clone();
	while let Some(next) = sp_io::storage::next_key(&key).filter(|next| next.starts_with(&prefix)) {
		all.insert(next.clone(), sp_io::storage::get(&next).expect("the key is there").to_vec());
		key = next;
	}
	all
}
