//! Consents written as FHIR R4 come back the same.

use proptest::{
	collection::{btree_set, vec},
	option,
	prelude::*,
};
use salus_client::{
	crypto::LabelKey,
	fhir::{
		consent::{import_json, to_inputs},
		export,
		names::ChainNames,
		request::decide,
	},
	Error,
};
use salus_primitives::{
	consent::{ActorRef, Conditions, Consent, ConsentStatus, Effect, Rule},
	AccountId, ActionSet, Confidentiality, Episode, MemberRole, ObligationSet, PatientId, PurposeSet, RecordId,
	ResourceTypeSet, Sensitivity, SensitivitySet, H256,
};
use serde_json::{json, Value};

const PATIENT: PatientId = PatientId([7; 32]);

fn account() -> impl Strategy<Value = AccountId> {
	any::<[u8; 32]>().prop_map(AccountId::new)
}

fn effect() -> impl Strategy<Value = Effect> {
	prop_oneof![Just(Effect::Permit), Just(Effect::Deny)]
}

fn actor() -> impl Strategy<Value = ActorRef> {
	prop_oneof![
		account().prop_map(ActorRef::Account),
		any::<u32>().prop_map(ActorRef::Org),
		proptest::sample::select(MemberRole::ALL).prop_map(ActorRef::Role),
	]
}

/// A moment between the years 1 and 9999.
fn moment() -> impl Strategy<Value = i64> {
	prop_oneof![
		-62_000_000_000_000..253_000_000_000_000i64,
		(-62_000_000_000..253_000_000_000i64).prop_map(|seconds| seconds * 1000)
	]
}

fn conditions() -> impl Strategy<Value = Conditions> {
	let who = (
		option::of(vec(actor(), 1..=8)),
		option::of(vec(any::<u32>(), 1..=4)),
		option::of(vec(account(), 1..=4)),
		option::of((1..1u64 << 59).prop_map(PurposeSet)),
		option::of((1..1u8 << 5).prop_map(ActionSet)),
	);
	let data = prop_oneof![
		Just((None, None)),
		vec(any::<[u8; 32]>(), 1..=16).prop_map(|ids| (Some(ids), None)),
		any::<[u8; 16]>().prop_map(|id| (None, Some(Episode(id)))),
	];
	let what = (
		option::of(proptest::sample::select(Confidentiality::ALL)),
		prop_oneof![Just(0), any::<u32>()],
		option::of((1..1u128 << 96).prop_map(ResourceTypeSet)),
		data,
		option::of(moment()),
		option::of(moment()),
	);
	(who, what).prop_map(|(who, what)| {
		let (actors, custodians, authors, purposes, actions) = who;
		let (confidentiality, labels, resource_types, (records, episode), from, to) = what;
		let (data_from, data_to) = match (from, to) {
			(Some(one), Some(two)) if one == two => (Some(one), None),
			(Some(one), Some(two)) => (Some(one.min(two)), Some(one.max(two))),
			sides => sides,
		};
		Conditions {
			actors: actors.map(|actors| actors.try_into().unwrap()),
			custodians: custodians.map(|custodians| custodians.try_into().unwrap()),
			authors: authors.map(|authors| authors.try_into().unwrap()),
			purposes,
			actions,
			confidentiality,
			labels,
			resource_types,
			records: records.map(|ids| ids.into_iter().map(RecordId).collect::<Vec<_>>().try_into().unwrap()),
			episode,
			data_from,
			data_to,
		}
	})
}

fn rule() -> impl Strategy<Value = Rule> {
	(effect(), conditions(), 0..1u16 << 11).prop_map(|(effect, conditions, obligations)| Rule {
		effect,
		conditions,
		obligations: ObligationSet(if effect == Effect::Permit { obligations } else { 0 }),
	})
}

fn status() -> impl Strategy<Value = ConsentStatus> {
	use ConsentStatus::*;
	proptest::sample::select(vec![Proposed, Active, Rejected, Withdrawn, Revoked, Superseded, EnteredInError])
}

fn hash() -> impl Strategy<Value = H256> {
	any::<[u8; 32]>().prop_map(H256)
}

prop_compose! {
	fn consent()(
		(grantor, guardianship, supersedes) in (account(), option::of(any::<u32>()), option::of(any::<u32>())),
		(base, root, rules) in (effect(), conditions(), vec(rule(), 0..=16)),
		(start, length) in (0..250_000_000_000_000u64, option::of(1..1_000_000_000_000u64)),
		status in status(),
		(policy, receipt, erase_by) in (hash(), hash(), option::of(0..253_000_000_000_000u64)),
	) -> Consent {
		Consent {
			grantor,
			guardianship,
			base,
			root,
			rules: rules.try_into().unwrap(),
			start,
			end: length.map(|length| start + length),
			status,
			supersedes,
			policy,
			receipt,
			erase_by,
		}
	}
}

fn import(document: &Value, key: Option<&LabelKey>) -> Consent {
	let imported = import_json(document, &mut ChainNames::new(None, key).unwrap()).unwrap();
	assert_eq!(imported.len(), 1);
	imported[0].consent.clone()
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(512))]

	#[test]
	fn what_is_written_comes_back(consent in consent(), key in any::<[u8; 32]>(), with_key in any::<bool>()) {
		let key = with_key.then(|| LabelKey::from_bytes(key));
		let document = export::consent(&PATIENT, 7, &consent, key.as_ref()).unwrap();
		prop_assert_eq!(import(&document, key.as_ref()), consent);
		// As text, too.
		let again: Value = serde_json::from_str(&document.to_string()).unwrap();
		prop_assert_eq!(again, document);
	}

	#[test]
	fn plain_labels_are_written_by_their_codes(labels in btree_set(proptest::sample::select(Sensitivity::ALL), 1..25)) {
		let key = LabelKey::random();
		let plain = labels.into_iter().collect::<SensitivitySet>().expanded();
		let mut consent = simple();
		consent.root.labels = key.permutation().blind(plain);
		let document = export::consent(&PATIENT, 7, &consent, Some(&key)).unwrap();
		let written = document.pointer("/provision/securityLabel").and_then(Value::as_array).unwrap();
		let codes: Vec<_> = written.iter().map(|label| label["code"].as_str().unwrap()).collect();
		prop_assert_eq!(codes, plain.iter().map(Sensitivity::code).collect::<Vec<_>>());
	}
}

fn simple() -> Consent {
	Consent {
		grantor: AccountId::new([1; 32]),
		guardianship: None,
		base: Effect::Permit,
		root: Conditions::default(),
		rules: Default::default(),
		start: 1_767_225_600_000,
		end: Some(1_798_761_600_000),
		status: ConsentStatus::Active,
		supersedes: None,
		policy: H256([2; 32]),
		receipt: H256([3; 32]),
		erase_by: None,
	}
}

#[test]
fn a_document_has_what_r4_requires() {
	let document = export::consent(&PATIENT, 7, &simple(), None).unwrap();
	assert_eq!(document["id"], "consent-7");
	assert_eq!(document["status"], "active");
	assert_eq!(document["scope"]["coding"][0]["code"], "patient-privacy");
	assert_eq!(document["category"][0]["coding"][0]["code"], "59284-0");
	assert_eq!(document["patient"]["identifier"]["value"], PATIENT.to_string());
	assert_eq!(document["policyRule"]["coding"][0]["code"], "OPTIN");
	assert_eq!(document["dateTime"], "2026-01-01T00:00:00Z");
	let period = json!({"start": "2026-01-01T00:00:00Z", "end": "2026-12-31T23:59:59Z"});
	assert_eq!(document["provision"], json!({"type": "permit", "period": period}));
	let identifier = &document["performer"][0]["identifier"];
	assert_eq!(identifier["value"], simple().grantor.to_string());
}

#[test]
fn what_was_written_is_decided_like_any_other() {
	let mut consent = simple();
	consent.root.actors = Some(vec![ActorRef::Org(3)].try_into().unwrap());
	let document = export::consent(&PATIENT, 7, &consent, None).unwrap().to_string();
	let ask = |org: &str| {
		let request = json!({
			"actor": {"id": "Practitioner/p1", "org": org},
			"purpose": "TREAT",
			"action": "access",
			"resource": {"type": "Observation"},
		});
		decide(std::slice::from_ref(&document), &request.to_string(), 1_781_524_800_000).unwrap()
	};
	let answer = ask("urn:salus:organisation:3");
	assert_eq!((&answer["reason"], &answer["consent"]), (&json!("consent"), &json!("consent-7")));
	assert_eq!(ask("urn:salus:organisation:4")["reason"], "no-consent");
	assert_eq!(ask("Organization/o1")["reason"], "no-consent");
}

#[test]
fn what_a_guardian_gave_is_decided_within_their_authority_only() {
	let consent = Consent { guardianship: Some(0), ..simple() };
	let document = export::consent(&PATIENT, 7, &consent, None).unwrap().to_string();
	let ask = |context: Value| {
		let request = json!({
			"actor": {"id": "Practitioner/p1"},
			"purpose": "TREAT",
			"action": "access",
			"resource": {"type": "Observation"},
			"context": context,
		});
		decide(std::slice::from_ref(&document), &request.to_string(), 1_781_524_800_000)
	};
	assert_eq!(ask(json!({})).unwrap_err().to_json()["at"], "/context/authority");
	let authority = |until: &str| json!({"authority": {"consent-7": {"until": until}}});
	assert_eq!(ask(authority("2026-07-01T00:00:00Z")).unwrap()["reason"], "consent");
	assert_eq!(ask(authority("2026-06-01T00:00:00Z")).unwrap()["reason"], "no-consent");
}

#[test]
fn what_fhir_cannot_be_made_to_say_is_refused() {
	let mut both = simple();
	both.root.records = Some(vec![RecordId([1; 32])].try_into().unwrap());
	both.root.episode = Some(Episode([2; 16]));
	let mut obliged = simple();
	let denial = Rule { effect: Effect::Deny, conditions: Conditions::default(), obligations: ObligationSet(1) };
	obliged.rules = vec![denial].try_into().unwrap();
	let mut late = simple();
	late.end = Some(u64::MAX);
	let mut early = simple();
	early.root.data_from = Some(i64::MIN);
	let mut empty = simple();
	empty.root.actors = Some(Vec::new().try_into().unwrap());
	for consent in [both, obliged, late, early, empty] {
		let refused = export::consent(&PATIENT, 7, &consent, None);
		assert!(matches!(refused, Err(Error::Refused { code: "NotExpressible", .. })), "{refused:?}");
	}
}

#[test]
fn a_document_is_given_to_the_chain_from_now_on() {
	const NOW: u64 = 1_781_524_800_000;
	let give = |document: &Value, now: u64| {
		let text = document.to_string();
		let imported = import_json(document, &mut ChainNames::new(None, None).unwrap())?;
		to_inputs(&imported, &text, &[9; 32], Some(4), now)
	};
	let mut document = json!({"resourceType": "Consent", "status": "active", "provision": {
		"type": "permit",
		"period": {"start": "2026", "end": "2026"},
		"provision": [{"type": "deny", "period": {"start": "2026-07", "end": "2026-07"}}],
	}});
	let inputs = give(&document, NOW).unwrap();
	let (july, august, end) = (1_782_864_000_000, 1_785_542_400_000, 1_798_761_600_000);
	let periods: Vec<_> = inputs.iter().map(|input| (input.start, input.end, input.rules.len())).collect();
	assert_eq!(periods, [(None, Some(july), 0), (Some(july), Some(august), 1), (Some(august), Some(end), 0)]);
	assert_eq!(inputs.iter().map(|input| input.supersedes).collect::<Vec<_>>(), [Some(4), None, None]);
	let hashes = |input: &salus_primitives::inputs::ConsentInput| (input.policy, input.receipt);
	assert!(hashes(&inputs[0]).0 != hashes(&inputs[0]).1 && hashes(&inputs[0]) == hashes(&inputs[1]));
	assert_eq!(give(&document, august).unwrap().len(), 1);
	assert!(matches!(give(&document, end), Err(Error::Refused { code: "Expired", .. })));
	document["status"] = "inactive".into();
	assert!(matches!(give(&document, NOW), Err(Error::Refused { code: "NotActive", .. })));
	// What a document of the chain names is kept.
	let exported = export::consent(&PATIENT, 7, &simple(), None).unwrap();
	assert_eq!(hashes(&give(&exported, NOW).unwrap()[0]), (simple().policy, simple().receipt));
	let empty = json!({"resourceType": "Bundle", "entry": []});
	assert!(matches!(give(&empty, NOW), Err(Error::Refused { code: "NotAConsent", .. })));
	// Plain labels take the patient's label key.
	let labelled = json!({"resourceType": "Consent", "status": "active", "provision": {
		"type": "deny",
		"securityLabel": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "HIV"}],
	}});
	assert!(matches!(give(&labelled, NOW), Err(Error::Refused { code: "UnresolvableLabels", .. })));
}
