//! Forms that are stable: JSON, codes, SCALE indices.

use super::*;
use serde_json::{from_value, json, to_value};

#[test]
fn reasons_have_stable_codes_and_indices() {
	for (index, reason) in Reason::ALL.into_iter().enumerate() {
		assert_eq!(to_value(reason).expect("a string"), json!(reason.code()));
		assert_eq!(from_value::<Reason>(json!(reason.code())).expect("its code"), reason);
		assert_eq!(reason.encode(), [index as u8]);
	}
	assert!(from_value::<Reason>(json!("because")).is_err());
}

#[test]
fn a_decision_is_told_in_codes() {
	let case = Case::new()
		.rules([Rule { obligations: ObligationSet::of(&[Obligation::Encrypt, Obligation::Aod]), ..permit(any()) }])
		.with(|case| case.facts.care = Some(2_000));
	let decision = case.decide();
	let expected = json!({
		"effect": "permit", "reason": "consent", "consent": 10, "rule": 0, "obligations": ["AOD", "ENCRYPT"],
		"valid_until": 2_000, "revision": 5,
	});
	assert_eq!(to_value(&decision).expect("plain data"), expected);
	assert_eq!(from_value::<Decision>(expected).expect("the same form"), decision);
	let refusal = to_value(Decision::refusal(Reason::UnknownPatient, 0)).expect("plain data");
	assert_eq!((&refusal["effect"], &refusal["consent"]), (&json!("deny"), &json!(null)));
}

#[test]
fn conditions_are_stated_in_codes_and_default_to_any() {
	assert_eq!(from_value::<Conditions>(json!({})).expect("all optional"), any());
	let stated = json!({ "purposes": ["TREAT", "COC"], "confidentiality": "N", "actors": [{ "org": 3 }] });
	let conditions = Conditions {
		confidentiality: Some(Confidentiality::Normal),
		actors: bounded([ActorRef::Org(3)]),
		..purposes(&[Purpose::Treat, Purpose::Coc])
	};
	assert_eq!(from_value::<Conditions>(stated).expect("known codes"), conditions);
	for wrong in [json!({ "purposes": ["treat"] }), json!({ "actions": ["ACCESS"] }), json!({ "confidentiality": "X" })]
	{
		assert!(from_value::<Conditions>(wrong).is_err());
	}
}

#[test]
fn consents_survive_json_and_scale() {
	let full = Conditions {
		actors: bounded([ActorRef::Account(account(1)), ActorRef::Org(2), ActorRef::Role(MemberRole::EthicsReviewer)]),
		custodians: bounded([1, 2]),
		authors: bounded([account(3)]),
		purposes: Some(PurposeSet::of(Purpose::ALL)),
		actions: Some(ActionSet::of(Action::ALL)),
		confidentiality: Some(Confidentiality::VeryRestricted),
		labels: u32::MAX,
		resource_types: Some(ResourceTypeSet::of(ResourceType::ALL)),
		records: bounded([RecordId([9; 32])]),
		episode: Some(Episode([8; 16])),
		data_from: Some(i64::MIN),
		data_to: Some(i64::MAX),
	};
	let consent = Consent {
		end: Some(Moment::MAX),
		supersedes: Some(3),
		erase_by: Some(5),
		..consent(Effect::Permit, full.clone(), [permit(full.clone()), deny(full)])
	};
	let told = to_value(&consent).expect("plain data");
	assert_eq!(from_value::<Consent>(told).expect("the same form"), consent);
	assert_eq!(Consent::decode(&mut &consent.encode()[..]).expect("the same form"), consent);
}

#[test]
fn more_rules_or_names_than_fit_are_not_decoded() {
	let rules = vec![permit(any()); MAX_RULES as usize + 1];
	assert!(BoundedVec::<Rule, ConstU32<MAX_RULES>>::decode(&mut &rules.encode()[..]).is_err());
	let told = json!({ "custodians": [1, 2, 3, 4, 5] });
	assert!(from_value::<Conditions>(told).is_err());
}

#[test]
fn the_data_asked_for_needs_its_type_only() {
	let resource: Resource = from_value(json!({ "type": "Observation" })).expect("all else is optional");
	assert_eq!((resource.resource_type, resource.labels), (ResourceType::Observation, None));
	assert!(from_value::<Resource>(json!({ "labels": 0 })).is_err());
}
