//! Patients' rights on a real node: minors and guardians, emergencies, recovery, agreements, sponsorship, custody,
//! shredding, export. Time is moved by the development chain's clock, on a node of the test's own.

use crate::support::*;
use salus_client::{
	chain::{calls, Call, Notice},
	cli::{consent_online::Grant, values::Statement},
	demo::stage,
	keys::Keys,
	plan::resources_of,
	Error,
};
use salus_primitives::{
	consent::{
		ActorRef, BreakGlass, DefaultPolicy, Effect, EmergencyReason, Finding, GuardianScope, Reason, RecordStatus,
		Relationship, Resource,
	},
	inputs::{Friend, GuardianInput},
	time::{DAY, HOUR},
	views::{AccessAnswer, AccessQuery, PatientEvent},
	Action, ActionSet, Confidentiality, Obligation, OrgId, PatientId, Purpose, PurposeSet, RecordId, ResourceType,
	SensitivitySet,
};
use serde_json::{json, Value};
use std::time::Duration;
use subxt_signer::sr25519::dev;

/// Half a second a block: as fast as tests go.
const FAST: u64 = 500;

/// Something that anyone may be asked about: an observation that the first hospital keeps.
fn observation(world: &World) -> Resource {
	Resource {
		record: None,
		resource_type: ResourceType::Observation,
		confidentiality: Some(Confidentiality::Normal),
		labels: Some(0),
		period: None,
		author: Some(world.first.clinician.account()),
		custodian: Some(world.first_org),
		episode: None,
	}
}

async fn ask(world: &World, patient: PatientId, who: &Keys, purpose: Purpose) -> AccessAnswer {
	let query = AccessQuery {
		actor: who.account(),
		patient,
		purpose,
		action: Action::Access,
		record: None,
		resource: Some(observation(world)),
	};
	world.chain.check_access(&query, None).await.unwrap()
}

async fn reason(world: &World, patient: PatientId, who: &Keys, purpose: Purpose) -> Reason {
	ask(world, patient, who, purpose).await.decision.reason
}

async fn does(world: &World, who: &Keys, call: &Call) -> Result<(), Error> {
	world.chain.submit(&who.signer, call).await.map(|_| ())
}

/// The call fails with this error of the runtime.
async fn fails(world: &World, who: &Keys, call: &Call, name: &str) {
	match does(world, who, call).await {
		Err(Error::TransactionFailed { pallet, error, .. }) => assert_eq!(format!("{pallet}.{error}"), name, "{call}"),
		other => panic!("{call} should fail with {name}: {other:?}"),
	}
}

/// A consent to treatment by an organisation.
fn treatment(org: OrgId) -> salus_primitives::inputs::ConsentInput {
	let grant = Grant {
		to: vec![ActorRef::Org(org)],
		purposes: PurposeSet::of(&[Purpose::Treat]),
		actions: ActionSet::of(&[Action::Access]),
		except: SensitivitySet::EMPTY,
		up_to: None,
		until: None,
		supersedes: None,
	};
	grant.input(None).unwrap()
}

/// Fresh keys in the world's ring, with means.
async fn endowed(world: &World, name: &str) -> Keys {
	let keys = world.ring.create(name).unwrap();
	let _council = COUNCIL.lock().await;
	stage::endow(&world.chain, &dev::alice(), &[&keys]).await.unwrap();
	keys
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mother_consents_for_her_infant_until_the_child_takes_over_at_majority() {
	let node = OwnNode::start(FAST);
	let world = World::on(node.connect().await).await;
	let (mother, child) = (endowed(&world, "mother").await, endowed(&world, "child").await);
	let clinician = &world.second.clinician;
	let patient = PatientId(rand::random());
	let majority = world.chain.time().await.unwrap() + 17 * 365 * DAY;
	let register = calls::register_minor(
		&patient,
		DefaultPolicy::Deny,
		BreakGlass::Allowed,
		&child.account(),
		majority,
		Relationship::Prn,
	);
	does(&world, &mother, &register).await.unwrap();
	let view = world.chain.patient(&patient).await.unwrap().unwrap();
	assert_eq!((view.minor_until, view.guardians[0].in_authority), (Some(majority), true));
	assert_eq!(view.guardians[0].period.until, Some(majority));

	// The child is nobody yet, the mother everything.
	let consent = calls::grant(&patient, &treatment(world.second_org));
	fails(&world, &child, &consent, "Consent.NotAuthorized").await;
	assert_eq!(reason(&world, patient, &child, Purpose::Patrqt).await, Reason::NoConsent);
	assert_eq!(reason(&world, patient, &mother, Purpose::Famrqt).await, Reason::Guardian);
	assert_eq!(reason(&world, patient, clinician, Purpose::Treat).await, Reason::NoConsent);
	does(&world, &mother, &consent).await.unwrap();
	let under = ask(&world, patient, clinician, Purpose::Treat).await.decision;
	assert_eq!((under.reason, under.consent), (Reason::Consent, Some(0)));
	assert_eq!(world.chain.consents(&patient).await.unwrap()[0].consent.guardianship, Some(0));

	// A licence does not last as long as a childhood.
	for org in [world.first_org, world.second_org] {
		let call = calls::renew_licence(org, majority + 10 * 365 * DAY);
		let council = [dev::alice(), dev::bob()];
		salus_client::chain::council::carry(&world.chain, &council, &call).await.unwrap();
	}
	advance_to(&world.chain, majority).await;

	// Without a transaction the mother is nobody, and what she permitted has ended.
	assert_eq!(reason(&world, patient, &mother, Purpose::Famrqt).await, Reason::NoConsent);
	fails(&world, &mother, &consent, "Consent.NotAuthorized").await;
	fails(&world, &mother, &calls::withdraw(&patient, 0), "Consent.NotAuthorized").await;
	assert_eq!(reason(&world, patient, clinician, Purpose::Treat).await, Reason::NoConsent);
	assert!(!world.chain.consents(&patient).await.unwrap()[0].in_force);

	// The child decides, and may ask the mother for help.
	assert_eq!(reason(&world, patient, &child, Purpose::Patrqt).await, Reason::Patient);
	does(&world, &child, &consent).await.unwrap();
	let under = ask(&world, patient, clinician, Purpose::Treat).await.decision;
	assert_eq!((under.reason, under.consent), (Reason::Consent, Some(1)));
	let guardian = GuardianInput {
		account: mother.account(),
		relationship: Relationship::Hpowatt,
		scope: GuardianScope::ReadOnly,
		from: None,
		until: None,
	};
	does(&world, &child, &calls::appoint_guardian(&patient, &guardian)).await.unwrap();
	assert_eq!(reason(&world, patient, &mother, Purpose::Famrqt).await, Reason::Guardian);
	fails(&world, &mother, &consent, "Consent.NotAuthorized").await;
	// A new appointment does not revive what ended.
	assert!(!world.chain.consents(&patient).await.unwrap().iter().find(|view| view.id == 0).unwrap().in_force);
	let number = world.chain.patient(&patient).await.unwrap().unwrap().guardians.last().unwrap().number;
	does(&world, &child, &calls::end_guardian(&patient, number)).await.unwrap();
	assert_eq!(reason(&world, patient, &mother, Purpose::Famrqt).await, Reason::NoConsent);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_read_is_told_to_the_patient_and_an_unreviewed_one_blocks_the_next() {
	let node = OwnNode::start(FAST);
	let world = World::on(node.connect().await).await;
	let clinician = &world.second.clinician;
	let patient = world.patient;
	let because = || Statement::of(b"unconscious").hash;
	let open = |patient| calls::break_glass(patient, EmergencyReason::EmergencyTreatment, because());

	assert_eq!(reason(&world, patient, clinician, Purpose::Btg).await, Reason::NoBreakGlass);
	let mut notices = world.chain.subscribe_patient(&patient).await.unwrap();
	does(&world, clinician, &open(&patient)).await.unwrap();
	let told: Notice = tokio::time::timeout(Duration::from_secs(60), notices.next()).await.unwrap().unwrap();
	assert!(!told.finalized, "at once");
	let PatientEvent::GlassBroken { actor, org, reason: why, until } = told.event.clone() else { panic!("{told:?}") };
	assert_eq!((actor, org), (clinician.account(), world.second_org));
	assert_eq!(why, EmergencyReason::EmergencyTreatment);
	let finalised = tokio::time::timeout(Duration::from_secs(60), notices.next()).await.unwrap().unwrap();
	assert_eq!(finalised, Notice { finalized: true, ..told });

	// For an emergency, and for nothing else; what is read is accounted for.
	let answer = ask(&world, patient, clinician, Purpose::Btg).await.decision;
	assert_eq!((answer.reason, answer.valid_until), (Reason::BreakGlass, Some(until)));
	assert!(answer.obligations.contains(Obligation::Aod));
	assert_eq!(reason(&world, patient, clinician, Purpose::Treat).await, Reason::NoConsent);
	assert_eq!(reason(&world, patient, &world.first.clinician, Purpose::Btg).await, Reason::NoBreakGlass);
	fails(&world, clinician, &open(&patient), "Consent.AlreadyOpen").await;
	let glass = &world.chain.glasses(&patient).await.unwrap()[0];
	assert_eq!((glass.until, glass.review.is_none()), (until, true));

	// It closes by itself; the review becomes overdue, and the member's next glass stays whole.
	advance_to(&world.chain, until).await;
	assert_eq!(reason(&world, patient, clinician, Purpose::Btg).await, Reason::NoBreakGlass);
	let due = glass.review_due;
	assert_eq!(due, glass.opened + 72 * HOUR);
	advance_to(&world.chain, due + 1).await;
	let other = PatientId(rand::random());
	let register = calls::register_patient(&other, DefaultPolicy::Deny, BreakGlass::Allowed);
	world.submit(&register).await;
	fails(&world, clinician, &open(&other), "Consent.Unreviewed").await;
	let review = calls::review_glass(&patient, &clinician.account(), Finding::Justified, because());
	fails(&world, clinician, &review, "Consent.SelfReview").await;
	fails(&world, &world.first.admin, &review, "Consent.NotAuthorized").await;
	does(&world, &world.second.admin, &review).await.unwrap();
	fails(&world, &world.second.admin, &review, "Consent.AlreadyReviewed").await;
	does(&world, clinician, &open(&other)).await.unwrap();
	assert_eq!(reason(&world, other, clinician, Purpose::Btg).await, Reason::BreakGlass);

	// The patient's objection closes it at once, and keeps it closed.
	world.submit(&calls::object_to_glass(&other, &clinician.account(), because())).await;
	assert_eq!(reason(&world, other, clinician, Purpose::Btg).await, Reason::NoBreakGlass);
	fails(&world, clinician, &open(&other), "Consent.Objected").await;

	// Nobody reads whose patient forbids it.
	world.submit(&calls::set_policy(&patient, DefaultPolicy::Deny, BreakGlass::Forbidden)).await;
	fails(&world, clinician, &open(&patient), "Consent.Forbidden").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_without_tokens_registers_consents_and_withdraws() {
	let world = World::new().await;
	let keys = world.ring.create("penniless").unwrap();
	let run = |args: String| {
		let world = &world;
		async move { world.salus(&words(&args)).await }
	};
	let tokens = || async { world.chain.tokens(&keys.account()).await.unwrap() };
	run("patient register --as penniless".into()).await.failed(10, "insufficient-funds");

	let org = world.first_org;
	run(format!("org sponsor {org} --per-account 1 --per-day 5 --as admin-1")).await.succeeded();
	run(format!("org enrol {org} penniless --as admin-1")).await.succeeded();
	let sponsorship = run("patient sponsorship penniless".into()).await;
	assert_eq!(sponsorship.succeeded()["sponsor"], org);
	assert_eq!(sponsorship.json["left_today"], "1000000000000");
	run("key register penniless".into()).await.succeeded();
	let registered = run("patient register --as penniless".into()).await;
	let patient = registered.succeeded()["patient"].as_str().unwrap().to_owned();
	let who = format!("--patient {patient} --as penniless");
	run(format!("patient open-care {who} --org {org} --recipient gateway-1")).await.succeeded();
	let granted = run(format!("consent grant {who} --permit-treatment --org {}", world.second_org)).await;
	let consent = granted.succeeded()["consent"].clone();
	assert_eq!(tokens().await, 0);
	let id = patient.parse().unwrap();
	assert_eq!(reason(&world, id, &world.second.clinician, Purpose::Treat).await, Reason::Consent);

	let paid = world.chain.sponsor(org).await.unwrap().unwrap();
	assert!(paid.spent_today > 0 && paid.enrolled == 1, "{paid:?}");
	let view = world.chain.sponsorship(&keys.account()).await.unwrap();
	assert!(view.left_today < 1_000_000_000_000 && view.storage > 0 && view.storage <= view.storage_limit, "{view:?}");

	// Without a sponsor nothing new, but the patient's own rights stay free.
	run(format!("org dismiss {org} penniless --as admin-1")).await.succeeded();
	let refused = run(format!("consent grant {who} --permit-treatment --org {org}")).await;
	assert!([10, 12].contains(&refused.code), "{refused:?}");
	run(format!("consent withdraw {who} {consent}")).await.succeeded();
	assert_eq!(reason(&world, id, &world.second.clinician, Purpose::Treat).await, Reason::NoConsent);
	let view = world.chain.sponsorship(&keys.account()).await.unwrap();
	assert_eq!((view.sponsor, view.left_today), (None, 0));
	assert_eq!(tokens().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shredded_record_is_unreadable_by_anyone() {
	let world = World::new().await;
	let added = world.add(&world.patient, &plan(BUNDLE)).await.unwrap();
	let (patient, record) = (world.patient, added.records[0]);
	let guardian = endowed(&world, "guardian").await;
	let input = GuardianInput {
		account: guardian.account(),
		relationship: Relationship::Guard,
		scope: GuardianScope::Full,
		from: None,
		until: None,
	};
	world.submit(&calls::appoint_guardian(&patient, &input)).await;
	for org in [world.first_org, world.second_org] {
		world.submit(&calls::grant(&patient, &treatment(org))).await;
	}
	let break_glass = calls::break_glass(&patient, EmergencyReason::EmergencyTreatment, Statement::of(b"").hash);
	does(&world, &world.second.clinician, &break_glass).await.unwrap();
	stage::register_keys(&world.chain, &[&guardian]).await.unwrap();
	let gateway = world.first.start_gateway(&world.chain).await.unwrap();
	let everyone = [
		(&world.patient_keys, Purpose::Patrqt),
		(&guardian, Purpose::Famrqt),
		(&world.first.clinician, Purpose::Treat),
		(&world.second.clinician, Purpose::Treat),
		(&world.second.clinician, Purpose::Btg),
	];
	for (keys, purpose) in everyone {
		world.reader(keys, &gateway).get(&patient, &record, purpose, Action::Access).await.unwrap();
	}
	// Someone kept the ciphertext, and the folder of the data keys as it is after the end.
	let view = world.chain.record(&patient, &record, None).await.unwrap().unwrap();
	let place = String::from_utf8(view.locator.clone()).unwrap();
	let store = world.first.store().unwrap();
	let kept = store.get(&place).await.unwrap();

	let shred = format!("record shred {record} --patient {patient} --as clinician-1");
	world.salus(&words(&shred)).await;
	let shredded = world.chain.record(&patient, &record, None).await.unwrap().unwrap();
	assert_eq!((shredded.status, shredded.locator.is_empty()), (RecordStatus::Shredded, true));
	for (keys, purpose) in everyone {
		let read = world.reader(keys, &gateway).get(&patient, &record, purpose, Action::Access).await;
		assert!(matches!(&read, Err(Error::Denied { reason, .. }) if reason == "shredded"), "{purpose}: {read:?}");
	}
	assert!(matches!(store.get(&place).await, Err(Error::CiphertextMissing { .. })));
	let data_keys = world.first.data_keys().unwrap();
	assert!(matches!(data_keys.get(&record, view.version), Err(Error::DataKeyMissing { .. })));
	// Back in its place, the ciphertext opens with no key that is left.
	store.put(&place, kept).await.unwrap();
	assert!(salus_client::records::open_kept(&store, &data_keys, &view).await.is_err());
	gateway.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn friends_give_a_patient_who_lost_the_key_another_account() {
	let node = OwnNode::start(FAST);
	let world = World::on(node.connect().await).await;
	let added = world.add(&world.patient, &plan(BUNDLE)).await.unwrap();
	let (patient, record) = (world.patient, added.records[0]);
	let (aunt, fresh) = (endowed(&world, "aunt").await, endowed(&world, "fresh").await);
	stage::register_keys(&world.chain, &[&fresh]).await.unwrap();
	let friends = [Friend::Account(aunt.account()), Friend::Org(world.first_org), Friend::Org(world.second_org)];
	world.submit(&calls::set_friends(&patient, &friends, 2, DAY)).await;
	let vouch = calls::vouch(&patient, &fresh.account());
	fails(&world, &fresh, &vouch, "Consent.NotAuthorized").await;
	let due = || async { world.chain.recovery(&patient).await.unwrap().unwrap().due };

	// One is not enough; two are, and the old key can object.
	does(&world, &aunt, &vouch).await.unwrap();
	assert_eq!(due().await, None);
	does(&world, &world.first.admin, &vouch).await.unwrap();
	assert_eq!(due().await.unwrap().0, fresh.account());
	let finish = calls::finish_recovery(&patient);
	fails(&world, &aunt, &finish, "Consent.NotDue").await;
	fails(&world, &aunt, &calls::stop_recovery(&patient), "Consent.NotAuthorized").await;
	world.submit(&calls::stop_recovery(&patient)).await;
	assert_eq!(due().await, None);

	// The key is lost indeed.
	does(&world, &aunt, &vouch).await.unwrap();
	does(&world, &world.second.admin, &vouch).await.unwrap();
	let (_, at) = due().await.unwrap();
	advance_to(&world.chain, at).await;
	does(&world, &world.first.clinician, &finish).await.unwrap();
	assert_eq!(world.chain.patient(&patient).await.unwrap().unwrap().controller, fresh.account());
	assert_eq!(reason(&world, patient, &world.patient_keys, Purpose::Patrqt).await, Reason::NoConsent);
	let consent = calls::grant(&patient, &treatment(world.second_org));
	fails(&world, &world.patient_keys, &consent, "Consent.NotAuthorized").await;
	does(&world, &fresh, &consent).await.unwrap();

	// Data keys are wrapped to the new account's key, and to the old one's no more.
	let gateway = world.first.start_gateway(&world.chain).await.unwrap();
	let read = |keys| {
		let reader = world.reader(keys, &gateway);
		async move { reader.get(&patient, &record, Purpose::Patrqt, Action::Access).await.map(|read| read.plaintext) }
	};
	let plaintext = read(&fresh).await.unwrap();
	assert_eq!(plaintext.as_slice(), plan(BUNDLE).records[0].plaintext.as_slice());
	assert!(matches!(read(&world.patient_keys).await, Err(Error::Denied { .. })));
	let args = format!("patient recovery label-key --patient {patient} --as fresh --gateway {}", gateway.url);
	salus_at(&node.url(), world.home.path(), &words(&args)).await.succeeded();
	let recovered = world.ring.label_key(&patient, 1).unwrap();
	assert_eq!(recovered.expose(), world.label_key.expose());
	gateway.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_custodian_requires_agreements_consent_is_not_enough() {
	let world = World::new().await;
	let (patient, first, second) = (world.patient, world.first_org, world.second_org);
	let clinician = &world.second.clinician;
	for org in [first, second] {
		world.submit(&calls::grant(&patient, &treatment(org))).await;
	}
	let run = |args: String| {
		let world = &world;
		async move { world.salus(&words(&args)).await }
	};
	assert_eq!(reason(&world, patient, clinician, Purpose::Treat).await, Reason::Consent);
	run(format!("org require-agreement {first} true --as admin-1")).await.succeeded();
	let refused = ask(&world, patient, clinician, Purpose::Treat).await.decision;
	assert_eq!((refused.effect, refused.reason), (Effect::Deny, Reason::NoAgreement));
	assert_eq!(reason(&world, patient, &world.first.clinician, Purpose::Treat).await, Reason::Consent, "its own");

	let terms = world.home.path().join("contract.txt");
	std::fs::write(&terms, "the two hospitals agree").unwrap();
	let sides = format!("--custodian {first} --recipient {second}");
	let propose = |purpose: &str| {
		format!(
			"org agreement propose {sides} --org {first} --as admin-1 --purpose {purpose} --type Observation \
			 --obligation NOREUSE --notice 0d --terms {}",
			terms.display()
		)
	};
	// One for another purpose does not cover it.
	let research = run(propose("HRESCH")).await;
	let research = research.succeeded()["agreement"].clone();
	run(format!("org agreement accept {research} {sides} --org {first} --as admin-1"))
		.await
		.failed(12, "transaction-failed");
	run(format!("org agreement accept {research} {sides} --org {second} --as admin-2")).await.succeeded();
	assert_eq!(reason(&world, patient, clinician, Purpose::Treat).await, Reason::NoAgreement);
	let treat = run(propose("TREAT")).await;
	let treat = treat.succeeded()["agreement"].clone();
	assert_eq!(reason(&world, patient, clinician, Purpose::Treat).await, Reason::NoAgreement, "not yet accepted");
	run(format!("org agreement accept {treat} {sides} --org {second} --as admin-2")).await.succeeded();
	let given = ask(&world, patient, clinician, Purpose::Treat).await.decision;
	assert_eq!(given.reason, Reason::Consent);
	assert!(given.obligations.contains(Obligation::Noreuse), "the agreement's obligations are added");
	let listed = run(format!("org agreement list {sides}")).await;
	assert_eq!(listed.succeeded().as_array().unwrap().iter().filter(|view| view["in_force"] == true).count(), 2);

	run(format!("org agreement end {treat} {sides} --org {second} --as admin-2")).await.succeeded();
	assert_eq!(reason(&world, patient, clinician, Purpose::Treat).await, Reason::NoAgreement);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_is_asked_for_given_as_a_document_and_comes_back_as_one() {
	let world = World::new().await;
	let (patient, second) = (world.patient, world.second_org);
	world.ring.save_label_key(&patient, 1, &world.label_key).unwrap();
	let run = |args: String| {
		let world = &world;
		async move { world.salus(&words(&args)).await }
	};
	let propose = format!("consent propose --patient {patient} --as clinician-2 --permit-treatment --org {second}");
	let mine = format!("--patient {patient} --as patient");
	let asked = run(propose.clone()).await;
	let asked = asked.succeeded()["consent"].clone();
	assert_eq!(world.chain.patient(&patient).await.unwrap().unwrap().proposals.len(), 1);
	assert_eq!(reason(&world, patient, &world.second.clinician, Purpose::Treat).await, Reason::NoConsent);
	run(format!("consent accept --patient {patient} --as clinician-2 {asked}")).await.failed(12, "transaction-failed");
	run(format!("consent accept {mine} {asked}")).await.succeeded();
	assert_eq!(reason(&world, patient, &world.second.clinician, Purpose::Treat).await, Reason::Consent);
	let again = run(propose).await;
	let again = again.succeeded()["consent"].clone();
	run(format!("consent reject {mine} {again}")).await.succeeded();
	assert!(world.chain.patient(&patient).await.unwrap().unwrap().proposals.is_empty());

	let document = world.home.path().join("consent.json");
	let coding = |system: &str, code: &str| json!({ "system": system, "code": code });
	let text = json!({
		"resourceType": "Consent", "status": "active",
		"scope": { "coding": [coding("http://terminology.hl7.org/CodeSystem/consentscope", "patient-privacy")] },
		"category": [{ "coding": [coding("http://loinc.org", "59284-0")] }],
		"patient": { "identifier": { "system": "urn:salus:patient", "value": patient.to_string() } },
		"provision": {
			"type": "deny",
			"provision": [{
				"type": "permit",
				"actor": [{
					"role": { "coding": [coding("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "PRCP")] },
					"reference": { "reference": "Organization/general" },
				}],
				"purpose": [coding("http://terminology.hl7.org/CodeSystem/v3-ActReason", "HRESCH")],
				"securityLabel": [coding("http://terminology.hl7.org/CodeSystem/v3-ActCode", "SUD")],
			}],
		},
	});
	std::fs::write(&document, text.to_string()).unwrap();
	let grant = format!("consent grant {mine} --fhir {}", document.display());
	// A name that stands for nothing is refused with its place.
	let refused = run(grant.clone()).await;
	assert_eq!((refused.code, refused.json["at"].is_string()), (2, true), "{refused:?}");
	let names = world.home.path().join("names.json");
	std::fs::write(&names, json!({ "Organization/general": format!("urn:salus:organisation:{second}") }).to_string())
		.unwrap();
	let given = run(format!("{grant} --names {}", names.display())).await;
	let number = given.succeeded()["consents"][0].clone();
	let stranger = PatientId([7; 32]);
	let other = grant.replace(&patient.to_string(), &stranger.to_string());
	run(other).await.failed(13, "not-found");

	let find = |number: &Value| {
		let number = number.as_u64().unwrap();
		let chain = &world.chain;
		async move {
			let consents = chain.consents(&patient).await.unwrap();
			consents.into_iter().find(|view| u64::from(view.id) == number).unwrap().consent
		}
	};
	let out = world.home.path().join("again.json");
	let exported = run(format!("consent export {patient} --consent {number}")).await;
	std::fs::write(&out, exported.succeeded().to_string()).unwrap();
	let back = run(format!("consent grant {mine} --fhir {}", out.display())).await;
	let (one, two) = (find(&number).await, find(&back.succeeded()["consents"][0]).await);
	assert_eq!((one.base, one.root, one.rules), (two.base, two.root, two.rules));
	let all = run(format!("consent export {patient}")).await;
	assert_eq!(all.succeeded()["entry"].as_array().unwrap().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_moves_to_another_hospital_with_three_agreements() {
	let world = World::new().await;
	let added = world.add(&world.patient, &plan(BUNDLE)).await.unwrap();
	let (patient, record, second) = (world.patient, added.records[0], world.second_org);
	let gateway = world.first.start_gateway(&world.chain).await.unwrap();
	let mine = format!("{record} --patient {patient} --as");
	let run = |args: String| {
		let world = &world;
		async move { world.salus(&words(&args)).await }
	};
	let (keys, their_home) = (world.home.path().join("keys"), world.home.path().join("second"));
	let accept = || {
		let args =
			format!("--keys {} record accept-custody {mine} gateway-2 --gateway {}", keys.display(), gateway.url);
		let their_home = &their_home;
		async move { salus_at(&node().url, their_home, &words(&args)).await }
	};
	let refused = accept().await;
	assert_ne!(refused.code, 0, "{refused:?}");
	run(format!("record offer {mine} clinician-2 --to {second}")).await.failed(12, "transaction-failed");
	run(format!("record offer {mine} clinician-1 --to {second}")).await.succeeded();
	accept().await.failed(13, "not-found");
	run(format!("patient custody approve {mine} patient --to {second}")).await.succeeded();
	assert_eq!(accept().await.succeeded()["custodian"], second);
	assert_eq!(accept().await.succeeded()["block"], Value::Null, "done already");
	let view = world.chain.record(&patient, &record, None).await.unwrap().unwrap();
	assert_eq!((view.custodian, view.version), (Some(second), 1));

	// The new custodian's gateway gives it, the old one's does not.
	let other = world.second.start_gateway(&world.chain).await.unwrap();
	let read = world.reader(&world.patient_keys, &other).get(&patient, &record, Purpose::Patrqt, Action::Access).await;
	assert_eq!(read.unwrap().plaintext.as_slice(), plan(BUNDLE).records[0].plaintext.as_slice());
	let old = world.reader(&world.patient_keys, &gateway).get(&patient, &record, Purpose::Patrqt, Action::Access).await;
	assert!(matches!(old, Err(Error::NotFound { .. })), "{old:?}");

	// An offer that the patient refuses is gone.
	let other_record = added.records[1];
	let theirs = format!("{other_record} --patient {patient} --as");
	run(format!("record offer {theirs} clinician-1 --to {second}")).await.succeeded();
	run(format!("patient custody refuse {theirs} patient")).await.succeeded();
	assert_eq!(world.chain.custody_offer(&patient, &other_record).await.unwrap(), None);
	gateway.stop().await.unwrap();
	other.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_takes_everything_along_in_one_bundle() {
	let world = World::new().await;
	let plan = plan(BUNDLE);
	let added = world.add(&world.patient, &plan).await.unwrap();
	let patient = world.patient;
	world.ring.save_label_key(&patient, 1, &world.label_key).unwrap();
	world.submit(&calls::grant(&patient, &treatment(world.second_org))).await;
	let gateway = world.first.start_gateway(&world.chain).await.unwrap();
	let run = |args: String| {
		let world = &world;
		async move { world.salus(&words(&args)).await }
	};

	// A diary of the patient's own, which no custodian keeps.
	let diary = world.home.path().join("diary.json");
	let observation = json!({
		"resourceType": "Observation", "id": "diary-1", "status": "final", "code": { "text": "slept well" },
		"subject": { "reference": "Patient/me" },
	});
	let me = json!({ "resourceType": "Patient", "id": "me" });
	let entries = [me, observation].map(|resource| json!({ "resource": resource }));
	let bundle = json!({ "resourceType": "Bundle", "type": "collection", "entry": entries });
	std::fs::write(&diary, bundle.to_string()).unwrap();
	let own = world.home.path().join("own");
	let keys = format!("--keys {}", world.home.path().join("keys").display());
	let at_home = |args: String| {
		let own = &own;
		async move { salus_at(&node().url, own, &words(&args)).await }
	};
	let wrote = at_home(format!("{keys} record add {} --patient {patient} --as patient", diary.display())).await;
	let own_records = wrote.succeeded()["anchored"].as_u64().unwrap();
	assert!(own_records > 0);
	let mine: RecordId = wrote.json["records"][0].as_str().unwrap().parse().unwrap();
	assert_eq!(world.chain.record(&patient, &mine, None).await.unwrap().unwrap().custodian, None);
	let read = at_home(format!("{keys} record get {mine} --patient {patient} --as patient")).await;
	assert_eq!(read.succeeded()["content"]["resourceType"], "Bundle");

	let clinician = world.reader(&world.second.clinician, &gateway);
	crate::support::read(&clinician, &patient, &added.records[0]).await.unwrap();
	wait_for_receipts(&clinician).await;
	let shredded = added.records[2];
	run(format!("record shred {shredded} --patient {patient} --as clinician-1")).await;

	let out = world.home.path().join("all.json");
	let export = format!(
		"{keys} patient export --patient {patient} --as patient --gateway {} --out {}",
		gateway.url,
		out.display()
	);
	let told = at_home(export.clone()).await;
	assert_eq!(told.succeeded()["records"].as_u64(), Some(added.total as u64 - 1 + own_records), "{told:?}");
	assert_eq!(told.json["missing"].as_array().unwrap().len(), 1);
	let text = std::fs::read_to_string(&out).unwrap();
	for record in plan.records.iter().enumerate().filter(|(number, _)| *number != 2).map(|(_, record)| record) {
		for resource in resources_of(&record.plaintext).unwrap() {
			assert!(text.contains(&resource.raw), "byte for byte");
		}
	}
	assert!(text.contains("slept well"));
	let bundle: Value = serde_json::from_str(&text).unwrap();
	let count = |name: &str| {
		let entries = bundle["entry"].as_array().unwrap();
		entries.iter().filter(|entry| entry["resource"]["resourceType"] == name).count()
	};
	assert_eq!(count("Consent"), 1);
	assert!(count("AuditEvent") >= 1 && count("Provenance") >= added.total, "{told:?}");
	assert_eq!(count("OperationOutcome"), 1);
	#[cfg(unix)]
	{
		use std::os::unix::fs::PermissionsExt;
		assert_eq!(std::fs::metadata(&out).unwrap().permissions().mode() & 0o777, 0o600);
	}
	at_home(export).await.failed(2, "already-exists");
	// Without a gateway it tells what is missing.
	let alone =
		at_home(format!("{keys} patient export --patient {patient} --as patient --out {}", own.display())).await;
	assert_eq!(alone.succeeded()["records"].as_u64(), Some(own_records), "{alone:?}");
	assert_eq!(alone.json["missing"].as_array().unwrap().len(), added.total);
	gateway.stop().await.unwrap();
}
