//! Decisions from FHIR consents: every dialect and condition, what is refused, and HL7's examples.

use salus_client::{fhir::request::decide, Error};
use serde_json::{json, Value};

const CONSENT: &str = include_str!("../../testdata/consent/treatment-but-not-psy-sud.json");
const REQUEST: &str = include_str!("../../testdata/consent/request-treatment.json");

/// 2026-06-15T12:00:00Z.
const NOW: u64 = 1_781_524_800_000;

fn ask(consents: &[&Value], request: &Value, now: u64) -> Result<Value, Error> {
	let consents: Vec<_> = consents.iter().map(|consent| consent.to_string()).collect();
	decide(&consents, &request.to_string(), now)
}

fn consent() -> Value {
	serde_json::from_str(CONSENT).unwrap()
}

/// A consent of the root-provision dialect.
fn of(provision: Value) -> Value {
	json!({"resourceType": "Consent", "id": "c", "status": "active", "provision": provision})
}

fn request() -> Value {
	serde_json::from_str(REQUEST).unwrap()
}

fn request_with(change: impl FnOnce(&mut Value)) -> Value {
	let mut request = request();
	change(&mut request);
	request
}

fn coding(system: &str, code: &str) -> Value {
	json!({"system": format!("http://terminology.hl7.org/CodeSystem/{system}"), "code": code})
}

fn actor(role: &str, reference: &str) -> Value {
	json!({"role": {"coding": [coding("v3-ParticipationType", role)]}, "reference": {"reference": reference}})
}

#[track_caller]
fn effect(consent: &Value, request: &Value) -> String {
	let answer = ask(&[consent], request, NOW).unwrap();
	format!("{} {}", answer["effect"].as_str().unwrap(), answer["reason"].as_str().unwrap())
}

#[track_caller]
fn refused(consent: &Value, code: &str, at: &str) {
	match ask(&[consent], &request(), NOW) {
		Err(error @ Error::Refused { .. }) => {
			assert_eq!((error.code(), error.to_json()["at"].as_str().unwrap()), (code, at), "{error}");
			assert_eq!(error.exit_code(), 2);
		}
		other => panic!("expected {code} at {at}, got {other:?}"),
	}
}

#[test]
fn the_answer_has_the_documented_form() {
	let answer = ask(&[&consent()], &request(), NOW).unwrap();
	assert_eq!(
		answer,
		json!({
			"effect": "permit",
			"reason": "consent",
			"consent": "treatment-but-not-psy-sud",
			"rule": 0,
			"obligations": ["NORELINK"],
			"valid_until": "2027-01-01T00:00:00Z",
		})
	);
	let labelled = request_with(|r| r["resource"]["labels"] = json!(["ETHUD"]));
	assert_eq!(
		ask(&[&consent()], &labelled, NOW).unwrap(),
		json!({
			"effect": "deny",
			"reason": "denied",
			"consent": "treatment-but-not-psy-sud",
			"rule": 1,
			"obligations": [],
			"valid_until": "2027-01-01T00:00:00Z",
		})
	);
	let other = request_with(|r| r["purpose"] = "HMARKT".into());
	let answer = ask(&[&consent()], &other, NOW).unwrap();
	assert_eq!((answer["reason"].as_str(), &answer["rule"]), (Some("not-permitted"), &Value::Null));
}

#[test]
fn a_consent_holds_within_its_period_only() {
	let (start, end) = (1_768_003_200_000, 1_798_761_600_000);
	for (now, reason) in
		[(start - 1, "no-consent"), (start, "consent"), (end - 1, "consent"), (end, "no-consent"), (0, "no-consent")]
	{
		assert_eq!(ask(&[&consent()], &request(), now).unwrap()["reason"], reason, "{now}");
	}
	assert_eq!(ask(&[&consent()], &request(), start - 1).unwrap()["valid_until"], "2026-01-10T00:00:00Z");
}

#[test]
fn a_nested_period_that_limits_nothing_is_taken() {
	let consent = of(json!({
		"type": "permit",
		"period": {"start": "2026", "end": "2026"},
		"provision": [{"type": "deny", "period": {"start": "2026-01-01"}, "purpose": [coding("v3-ActReason", "HMARKT")]}],
	}));
	assert_eq!(effect(&consent, &request()), "permit consent");
}

#[test]
fn a_consent_that_is_not_active_decides_nothing() {
	for status in ["draft", "proposed", "rejected", "inactive", "entered-in-error"] {
		let mut consent = consent();
		consent["status"] = status.into();
		assert_eq!(effect(&consent, &request()), "deny no-consent", "{status}");
	}
}

#[test]
fn what_a_request_leaves_out_fails_permits_and_meets_denials() {
	let without = |name: &str| {
		request_with(|r| {
			r["resource"].as_object_mut().unwrap().remove(name);
		})
	};
	assert_eq!(effect(&consent(), &without("labels")), "deny denied");
	// Unknown confidentiality counts as very restricted, which is above what is permitted.
	assert_eq!(effect(&consent(), &without("confidentiality")), "deny not-permitted");
	let permit = |more: Value| {
		let mut provision = json!({"type": "permit"});
		provision.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
		of(provision)
	};
	for (name, condition) in [
		("id", json!({"data": [{"meaning": "instance", "reference": {"reference": "Observation/ob-bp"}}]})),
		("encounter", json!({"data": [{"meaning": "related", "reference": {"reference": "Encounter/e-checkup"}}]})),
		("author", json!({"actor": [actor("AUT", "Practitioner/d-oru")]})),
		("author", json!({"data": [{"meaning": "authoredby", "reference": {"reference": "Practitioner/d-oru"}}]})),
		("to", json!({"dataPeriod": {"start": "2024", "end": "2024"}})),
	] {
		assert_eq!(effect(&permit(condition.clone()), &request()), "permit consent", "{condition}");
		assert_eq!(effect(&permit(condition.clone()), &without(name)), "deny no-consent", "{condition}");
		let mut denial = permit(condition.clone());
		denial["provision"]["type"] = "deny".into();
		assert_eq!(effect(&denial, &without(name)), "deny denied", "{condition}");
	}
}

#[test]
fn every_condition_is_taken() {
	let cases = [
		(json!({"actor": [actor("PRCP", "Practitioner/p1")]}), json!({"actor": [actor("PRCP", "Practitioner/p2")]})),
		(json!({"actor": [actor("IRCP", "Organization/o1")]}), json!({"actor": [actor("IRCP", "Organization/o2")]})),
		(json!({"actor": [actor("CST", "Organization/o3")]}), json!({"actor": [actor("CST", "Organization/o1")]})),
		(json!({"purpose": [coding("v3-ActReason", "TREAT")]}), json!({"purpose": [coding("v3-ActReason", "HRESCH")]})),
		(
			json!({"action": [{"coding": [coding("consentaction", "access")]}]}),
			json!({"action": [{"coding": [coding("consentaction", "correct")]}]}),
		),
		(
			json!({"securityLabel": [coding("v3-Confidentiality", "N")]}),
			json!({"securityLabel": [coding("v3-Confidentiality", "L")]}),
		),
		(
			json!({"class": [{"system": "http://hl7.org/fhir/resource-types", "code": "Observation"}]}),
			json!({"class": [{"system": "http://hl7.org/fhir/resource-types", "code": "Condition"}]}),
		),
		(json!({"dataPeriod": {"start": "2024-02-12"}}), json!({"dataPeriod": {"end": "2024-02-11"}})),
	];
	let request = request_with(|r| r["resource"]["custodian"] = "Organization/o3".into());
	for (met, unmet) in cases {
		let permit = |mut conditions: Value| {
			conditions["type"] = "permit".into();
			of(conditions)
		};
		assert_eq!(effect(&permit(met.clone()), &request), "permit consent", "{met}");
		assert_eq!(effect(&permit(unmet.clone()), &request), "deny no-consent", "{unmet}");
	}
	// A permit that names labels covers data all of whose labels it names; what it subsumes included.
	let sud = of(json!({"type": "permit", "securityLabel": [coding("v3-ActCode", "SUD")]}));
	for (labels, expected) in [
		(json!(["OPIOIDUD"]), "permit consent"),
		(json!(["SUD", "ETHUD"]), "permit consent"),
		(json!(["SUD", "HIV"]), "deny no-consent"),
		(json!([]), "permit consent"),
	] {
		assert_eq!(effect(&sud, &request_with(|r| r["resource"]["labels"] = labels)), expected);
	}
}

#[test]
fn a_nested_provision_inherits_what_it_does_not_state_and_replaces_what_it_does() {
	let consent = of(json!({
		"type": "deny",
		"actor": [actor("PRCP", "Organization/o1")],
		"purpose": [coding("v3-ActReason", "TREAT")],
		"provision": [{"type": "permit", "purpose": [coding("v3-ActReason", "HPAYMT")]}],
	}));
	assert_eq!(effect(&consent, &request()), "deny not-permitted");
	let payment = request_with(|r| r["purpose"] = "HPAYMT".into());
	assert_eq!(effect(&consent, &payment), "permit consent");
	let elsewhere = request_with(|r| {
		r["purpose"] = "HPAYMT".into();
		r["actor"]["org"] = "Organization/o2".into();
	});
	assert_eq!(effect(&consent, &elsewhere), "deny no-consent");
}

#[test]
fn an_exception_within_a_permit_is_flattened_where_that_is_exact() {
	let class = |code: &str| json!([{"system": "http://hl7.org/fhir/resource-types", "code": code}]);
	let exception = json!({"type": "deny", "securityLabel": [coding("v3-ActCode", "HIV")]});
	let consent = of(json!({"type": "deny", "provision": [
		{"type": "permit", "class": class("Observation"), "provision": [exception]},
		{"type": "permit", "class": class("Condition")},
	]}));
	assert_eq!(effect(&consent, &request()), "permit consent");
	let hiv = request_with(|r| r["resource"]["labels"] = json!(["HIV"]));
	assert_eq!(ask(&[&consent], &hiv, NOW).unwrap()["rule"], 1);
	let condition = request_with(|r| {
		r["resource"]["labels"] = json!(["HIV"]);
		r["resource"]["type"] = "Condition".into();
	});
	assert_eq!(effect(&consent, &condition), "permit consent");

	let overlapping = of(json!({"type": "deny", "provision": [
		{"type": "permit", "class": class("Observation"), "provision": [exception]},
		{"type": "permit", "purpose": [coding("v3-ActReason", "TREAT")]},
	]}));
	refused(&overlapping, "TooDeep", "/provision/provision/0/provision/0");
	let back = of(json!({"type": "permit", "provision": [{"type": "deny", "provision": [{"type": "permit"}]}]}));
	refused(&back, "TooDeep", "/provision/provision/0/provision/0");
}

#[test]
fn an_exception_takes_all_that_it_describes_whatever_the_permit_around_it_reaches() {
	let consent = of(json!({
		"type": "permit",
		"securityLabel": [coding("v3-Confidentiality", "N")],
		"provision": [{"type": "deny", "securityLabel": [coding("v3-ActCode", "PSY")]}],
	}));
	for level in ["L", "N"] {
		let psy = request_with(|r| {
			r["resource"]["labels"] = json!(["PSY"]);
			r["resource"]["confidentiality"] = level.into();
		});
		assert_eq!(effect(&consent, &psy), "deny denied", "{level}");
	}
	assert_eq!(effect(&consent, &request()), "permit consent");
	let inexact = of(json!({
		"type": "deny",
		"securityLabel": [coding("v3-Confidentiality", "R")],
		"provision": [{"type": "permit", "purpose": [coding("v3-ActReason", "TREAT")]}],
	}));
	refused(&inexact, "InexactInheritance", "/provision/provision/0");
}

#[test]
fn opting_in_and_out_is_never_guessed() {
	let with_policy = |code: &str, provision: Value| {
		let mut consent = of(provision);
		consent["policyRule"] = json!({"coding": [coding("v3-ActCode", code)]});
		consent
	};
	assert_eq!(effect(&with_policy("OPTIN", json!({"period": {"start": "2020"}})), &request()), "permit consent");
	assert_eq!(effect(&with_policy("OPTOUT", json!({"period": {"start": "2020"}})), &request()), "deny denied");
	let except = json!({"provision": [{"type": "deny", "actor": [actor("PRCP", "Organization/o1")]}]});
	assert_eq!(effect(&with_policy("OPTIN", except), &request()), "deny denied");
	let only = json!({"provision": [{"type": "permit", "actor": [actor("PRCP", "Organization/o1")]}]});
	assert_eq!(effect(&with_policy("OPTOUT", only.clone()), &request()), "permit consent");

	refused(&with_policy("OPTIN", json!({"type": "deny"})), "AmbiguousBase", "/provision/type");
	refused(&with_policy("OPTOUT", json!({"type": "permit"})), "AmbiguousBase", "/provision/type");
	refused(&with_policy("OPTIN", only), "AmbiguousBase", "/provision/provision/0/type");
	refused(&of(json!({"period": {"start": "2020"}})), "NoBase", "/provision/type");
	refused(&json!({"resourceType": "Consent", "status": "active"}), "NoBase", "/policyRule");
	// A policy of ActCode that is neither changes what the consent means; one of another system is spelled out.
	refused(&with_policy("EMRGONLY", json!({"type": "permit"})), "UnknownCode", "/policyRule/coding/0");
	let mut elsewhere = with_policy("OPTIN", json!({"type": "permit"}));
	elsewhere["policyRule"]["coding"][0] = json!({"system": "urn:example:policies", "code": "cric"});
	assert_eq!(effect(&elsewhere, &request()), "permit consent");
	let mut both = with_policy("OPTIN", json!({"period": {"start": "2020"}}));
	both["policyRule"]["coding"].as_array_mut().unwrap().push(coding("v3-ActCode", "OPTOUT"));
	refused(&both, "AmbiguousBase", "/policyRule");
}

#[test]
fn an_untyped_root_limits_the_base_only_where_nothing_else_can_be_meant() {
	let with_policy = |code: &str, provision: Value| {
		let mut consent = of(provision);
		consent["policyRule"] = json!({"coding": [coding("v3-ActCode", code)]});
		consent
	};
	let at_o3 = request_with(|r| r["resource"]["custodian"] = "Organization/o3".into());
	let at_o4 = request_with(|r| r["resource"]["custodian"] = "Organization/o4".into());
	let custodian = json!([actor("CST", "Organization/o3")]);
	let treatment = json!([coding("v3-ActReason", "TREAT")]);
	let hiv = json!([coding("v3-ActCode", "HIV")]);

	// An opt-out of what one organisation keeps opens nothing.
	let out = with_policy("OPTOUT", json!({"actor": custodian}));
	assert_eq!(effect(&out, &at_o3), "deny denied");
	assert_eq!(effect(&out, &at_o4), "deny no-consent");
	// What is permitted within it shows that the root limits: the permit inherits the custodian.
	let but =
		with_policy("OPTOUT", json!({"actor": custodian, "provision": [{"type": "permit", "purpose": treatment}]}));
	assert_eq!(effect(&but, &at_o3), "permit consent");
	assert_eq!(effect(&but, &at_o4), "deny no-consent");
	let but_not_hiv = with_policy(
		"OPTIN",
		json!({
			"actor": custodian,
			"provision": [{"type": "deny", "securityLabel": hiv}],
		}),
	);
	assert_eq!(effect(&but_not_hiv, &at_o3), "permit consent");
	assert_eq!(effect(&but_not_hiv, &at_o4), "deny no-consent");

	// Permit what o3 keeps, or everything else? Deny what o3 keeps, or is that the exception?
	refused(&with_policy("OPTIN", json!({"actor": custodian})), "AmbiguousBase", "/provision/actor");
	let same =
		with_policy("OPTOUT", json!({"actor": custodian, "provision": [{"type": "deny", "purpose": treatment}]}));
	refused(&same, "AmbiguousBase", "/provision/actor");

	// Restrictions and exceptions must be there.
	assert_eq!(
		effect(&with_policy("OPTINR", json!({"provision": [{"type": "deny", "securityLabel": hiv}]})), &at_o3),
		"permit consent"
	);
	assert_eq!(
		effect(&with_policy("OPTOUTE", json!({"provision": [{"type": "permit", "purpose": treatment}]})), &at_o3),
		"permit consent"
	);
	refused(&with_policy("OPTINR", json!({"period": {"start": "2020"}})), "AmbiguousBase", "/policyRule/coding/0");
	refused(&with_policy("OPTOUTE", json!({"provision": [{"type": "deny"}]})), "AmbiguousBase", "/policyRule/coding/0");
}

/// A consent of R5.
fn r5(decision: &str, provisions: Value) -> Value {
	let mut consent = json!({
		"resourceType": "Consent",
		"id": "c",
		"status": "active",
		"subject": {"reference": "Patient/p-tamm"},
		"period": {"start": "2026", "end": "2026"},
		"decision": decision,
	});
	if provisions != json!([]) {
		consent["provision"] = provisions;
	}
	consent
}

#[test]
fn r5_says_its_base_by_decision_and_provisions_are_exceptions() {
	let treatment = json!([coding("v3-ActReason", "TREAT")]);
	let hiv = json!([coding("v3-ActCode", "HIV")]);
	let with_hiv = request_with(|r| r["resource"]["labels"] = json!(["HIV"]));
	assert_eq!(effect(&r5("permit", json!([])), &request()), "permit consent");
	assert_eq!(effect(&r5("deny", json!([])), &request()), "deny denied");
	let but = r5("permit", json!([{"securityLabel": hiv}]));
	assert_eq!((effect(&but, &request()), effect(&but, &with_hiv)), ("permit consent".into(), "deny denied".into()));
	// A permit from the denial, and an exception from that.
	let but = r5("deny", json!([{"purpose": treatment, "provision": [{"securityLabel": hiv}]}]));
	assert_eq!((effect(&but, &request()), effect(&but, &with_hiv)), ("permit consent".into(), "deny denied".into()));
	let research = request_with(|r| r["purpose"] = "HRESCH".into());
	assert_eq!(effect(&but, &research), "deny not-permitted");
	// Its period is that of the consent.
	assert_eq!(ask(&[&but], &request(), NOW).unwrap()["valid_until"], "2027-01-01T00:00:00Z");

	let types = |code: &str| {
		r5("deny", json!([{"resourceType": [{"system": "http://hl7.org/fhir/fhir-types", "code": code}]}]))
	};
	assert_eq!(effect(&types("Observation"), &request()), "permit consent");
	assert_eq!(effect(&types("Condition"), &request()), "deny not-permitted");
	for condition in [
		json!({"actor": [actor("PRCP", "Practitioner/p1")]}),
		json!({"action": [{"coding": [coding("consentaction", "access")]}]}),
		json!({"securityLabel": [coding("v3-Confidentiality", "N")]}),
		json!({"dataPeriod": {"start": "2024", "end": "2024"}}),
		json!({"data": [{"meaning": "instance", "reference": {"reference": "Observation/ob-bp"}}]}),
	] {
		assert_eq!(effect(&r5("deny", json!([condition])), &request()), "permit consent", "{condition}");
	}
	for (status, expected) in [
		("draft", "deny no-consent"),
		("inactive", "deny no-consent"),
		("not-done", "deny no-consent"),
		("entered-in-error", "deny no-consent"),
	] {
		let mut consent = r5("permit", json!([]));
		consent["status"] = status.into();
		assert_eq!(effect(&consent, &request()), expected, "{status}");
	}
}

#[test]
fn what_r5_says_beyond_that_is_refused_by_name() {
	for (provision, code, at) in [
		(
			json!({"expression": {"language": "text/cql", "expression": "true"}}),
			"UnsupportedElement",
			"/provision/0/expression",
		),
		(
			json!({"documentType": [{"system": "urn:ietf:bcp:13", "code": "application/hl7-cda+xml"}]}),
			"UnsupportedElement",
			"/provision/0/documentType",
		),
		(json!({"code": [{"text": "x"}]}), "UnsupportedElement", "/provision/0/code"),
		(json!({"type": "permit"}), "UnsupportedElement", "/provision/0/type"),
		(json!({"class": [{"code": "Observation"}]}), "UnsupportedElement", "/provision/0/class"),
		(json!({"actor": [{"reference": {"reference": "Practitioner/p1"}}]}), "Missing", "/provision/0/actor/0"),
		(json!({"resourceType": [{"code": "Horoscope"}]}), "UnknownCode", "/provision/0/resourceType/0"),
		(json!({"modifierExtension": [{"url": "urn:x"}]}), "UnsupportedElement", "/provision/0/modifierExtension/0"),
	] {
		refused(&r5("deny", json!([provision])), code, at);
	}
	let back = json!([{"purpose": [coding("v3-ActReason", "TREAT")], "provision": [{"actor": [actor("PRCP", "Organization/o1")]}]}]);
	refused(&r5("permit", back), "TooDeep", "/provision/0/provision/0");
	let mut undecided = r5("permit", json!([]));
	undecided.as_object_mut().unwrap().remove("decision");
	refused(&undecided, "NoBase", "/decision");
	let mut mixed = r5("permit", json!([]));
	mixed["policyRule"] = json!({"coding": [coding("v3-ActCode", "OPTIN")]});
	refused(&mixed, "UnsupportedElement", "/policyRule");
	let mut unknown = r5("permit", json!([]));
	unknown["status"] = "unknown".into();
	refused(&unknown, "UnknownCode", "/status");
	let mut group = r5("permit", json!([]));
	group["subject"] = json!({"reference": "Group/g1"});
	refused(&group, "UnsupportedSubject", "/subject");
}

#[test]
fn a_nested_period_holds_for_its_provision_only() {
	let marketing = json!([coding("v3-ActReason", "HMARKT")]);
	let treatment = json!([coding("v3-ActReason", "TREAT")]);
	let consent = of(json!({
		"type": "permit",
		"period": {"start": "2026", "end": "2026"},
		"provision": [
			{"type": "deny", "purpose": marketing},
			{"type": "deny", "purpose": treatment, "period": {"start": "2026-03-01", "end": "2026-03-31"}},
		],
	}));
	let day = 86_400_000;
	let march = 1_772_323_200_000;
	for (now, reason, valid_until) in [
		(march - 1, "consent", "2026-03-01T00:00:00Z"),
		(march, "denied", "2026-04-01T00:00:00Z"),
		(march + 31 * day - 1, "denied", "2026-04-01T00:00:00Z"),
		(march + 31 * day, "consent", "2027-01-01T00:00:00Z"),
	] {
		let answer = ask(&[&consent], &request(), now).unwrap();
		assert_eq!((&answer["reason"], &answer["valid_until"]), (&json!(reason), &json!(valid_until)), "{now}");
		assert_eq!(answer["consent"], "c");
	}
	// Rules are counted as in the document, whichever are in force.
	assert_eq!(ask(&[&consent], &request(), march).unwrap()["rule"], 1);
	let marketed = request_with(|r| r["purpose"] = "HMARKT".into());
	assert_eq!(ask(&[&consent], &marketed, march).unwrap()["rule"], 0);

	// Without its only permit a denial would be an opt-out, which yields to nobody.
	let soft = of(json!({
		"type": "deny",
		"period": {"start": "2026", "end": "2026"},
		"provision": [{"type": "permit", "purpose": treatment, "period": {"start": "2026-03"}}],
	}));
	refused(&soft, "UnsupportedPeriod", "/provision/provision/0/period");
	let never = of(json!({
		"type": "permit",
		"period": {"start": "2026"},
		"provision": [{"type": "deny", "period": {"end": "2025"}}],
	}));
	refused(&never, "InvertedPeriod", "/provision/provision/0/period");
	let years: Vec<_> =
		(0..16).map(|n| json!({"type": "deny", "period": {"start": format!("{}", 2030 + n)}})).collect();
	refused(&of(json!({"type": "permit", "provision": years})), "TooMany", "/provision");
}

#[test]
fn at_every_moment_the_provisions_in_force_then_decide() {
	let purposes = ["TREAT", "HMARKT", "HRESCH", "HPAYMT"];
	// From and to, in days of June; a permit that always holds keeps the denial soft.
	let patterns: [(&str, &[(&str, &str, u64, u64)]); 3] = [
		("permit", &[("deny", "TREAT", 3, 10), ("deny", "HMARKT", 10, 20), ("deny", "HRESCH", 5, 12)]),
		("deny", &[("permit", "HPAYMT", 1, 30), ("permit", "TREAT", 3, 10), ("deny", "TREAT", 7, 8)]),
		("deny", &[("permit", "HPAYMT", 1, 30), ("permit", "TREAT", 2, 2), ("permit", "HRESCH", 2, 29)]),
	];
	for (base, provisions) in patterns {
		let of_them = |holds: &dyn Fn(u64, u64) -> bool, with_period: bool| {
			let nested = provisions.iter().filter(|(_, _, from, to)| holds(*from, *to));
			let nested = nested.map(|(effect, purpose, from, to)| {
				let mut provision = json!({"type": effect, "purpose": [coding("v3-ActReason", purpose)]});
				if with_period {
					let day = |day: &u64| format!("2026-06-{day:02}");
					provision["period"] = json!({"start": day(from), "end": day(to)});
				}
				provision
			});
			let mut root = json!({"type": base});
			let nested: Vec<_> = nested.collect();
			if !nested.is_empty() {
				root["provision"] = nested.into();
			}
			root["period"] = json!({"start": "2026-06-01", "end": "2026-06-30"});
			of(root)
		};
		let whole = of_them(&|_, _| true, true);
		for day in 1..=30 {
			let now = 1_780_272_000_000 + (day - 1) * 86_400_000;
			let then = of_them(&|from, to| from <= day && day <= to, false);
			for purpose in purposes {
				let request = request_with(|r| r["purpose"] = purpose.into());
				for now in [now, now + 86_399_999] {
					let reason = |consent: &Value| ask(&[consent], &request, now).unwrap()["reason"].clone();
					assert_eq!(reason(&whole), reason(&then), "{base} {purpose} on day {day}");
				}
			}
		}
	}
}

#[test]
fn obligations_of_a_permitting_root_bind_whoever_it_permits() {
	let consent = of(json!({
		"type": "permit",
		"securityLabel": [coding("v3-ActCode", "NORDSCLCD"), coding("v3-Confidentiality", "N")],
		"provision": [{"type": "deny", "purpose": [coding("v3-ActReason", "HMARKT")]}],
	}));
	let answer = ask(&[&consent], &request(), NOW).unwrap();
	assert_eq!((&answer["obligations"], &answer["rule"]), (&json!(["NORDSCLCD"]), &Value::Null));
	refused(
		&of(json!({"type": "deny", "securityLabel": [coding("v3-ActCode", "NORDSCLCD")]})),
		"UnsupportedObligation",
		"/provision/securityLabel/0",
	);
}

#[test]
fn what_is_named_by_identifier_is_the_chains() {
	let by = |role: &str, system: &str, value: &str| {
		let coding = coding("v3-ParticipationType", role);
		json!({"role": {"coding": [coding]}, "reference": {"identifier": {"system": format!("urn:salus:{system}"), "value": value}}})
	};
	let alice = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
	let permit = |actor: Value| of(json!({"type": "permit", "actor": [actor]}));
	let asks = request_with(|r| {
		r["actor"] = json!({"id": format!("urn:salus:account:{alice}"), "org": "urn:salus:organisation:3", "roles": ["clinician"]})
	});
	for (consent, expected) in [
		(permit(by("PRCP", "account", alice)), "permit consent"),
		(permit(by("PRCP", "organisation", "3")), "permit consent"),
		(permit(by("PRCP", "organisation", "4")), "deny no-consent"),
		(permit(by("IRCP", "role", "clinician")), "permit consent"),
		(permit(by("IRCP", "role", "researcher")), "deny no-consent"),
	] {
		assert_eq!(effect(&consent, &asks), expected, "{consent}");
	}
	refused(&permit(by("CST", "account", alice)), "UnsupportedActor", "/provision/actor/0/reference");
	refused(&permit(by("PRCP", "account", "5Grw")), "UnresolvableReference", "/provision/actor/0/reference");
	let blinded =
		of(json!({"type": "deny", "securityLabel": [{"system": "urn:salus:blinded-labels", "code": "0x00000004"}]}));
	refused(&blinded, "UnresolvableLabels", "/provision");
}

#[test]
fn a_rule_may_mean_any_where_the_root_is_limited() {
	let consent =
		|nested: Value| of(json!({"type": "deny", "actor": [actor("PRCP", "Organization/o2")], "provision": [nested]}));
	let treatment = json!([coding("v3-ActReason", "TREAT")]);
	let narrow = consent(json!({"type": "permit", "purpose": treatment}));
	assert_eq!(effect(&narrow, &request()), "deny no-consent");
	let any = |name: &str| json!([{"url": "urn:salus:any", "valueCode": name}]);
	let wide = consent(json!({"type": "permit", "purpose": treatment, "modifierExtension": any("actors")}));
	assert_eq!(effect(&wide, &request()), "permit consent");
	let at = "/provision/provision/0/modifierExtension";
	refused(
		&consent(json!({"type": "permit", "purpose": treatment, "modifierExtension": any("purposes")})),
		"Malformed",
		at,
	);
	let unknown = consent(json!({"type": "permit", "modifierExtension": any("moods")}));
	refused(&unknown, "UnknownCode", &format!("{at}/0/valueCode"));
}

#[test]
fn what_cannot_be_taken_exactly_is_refused_where_it_stands() {
	let permit = |more: Value| {
		let mut provision = json!({"type": "permit"});
		provision.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
		of(provision)
	};
	for (conditions, code, at) in [
		(json!({"actor": [actor("GRANTEE", "Organization/o1")]}), "UnsupportedActorRole", "/provision/actor/0/role"),
		(json!({"actor": [actor("CST", "Practitioner/p1")]}), "UnsupportedActor", "/provision/actor/0/reference"),
		(json!({"actor": [actor("PRCP", "Group/g1")]}), "UnsupportedActor", "/provision/actor/0/reference"),
		(
			json!({"actor": [actor("PRCP", "https://a.example/Practitioner/p1")]}),
			"UnresolvableReference",
			"/provision/actor/0/reference",
		),
		(json!({"purpose": [coding("v3-ActReason", "FUN")]}), "UnknownCode", "/provision/purpose/0"),
		(json!({"purpose": [coding("elsewhere", "TREAT")]}), "UnknownCode", "/provision/purpose/0"),
		(
			json!({"action": [{"coding": [coding("consentaction", "sell")]}]}),
			"UnknownCode",
			"/provision/action/0/coding/0/code",
		),
		(json!({"securityLabel": [coding("v3-ActCode", "FLU")]}), "UnknownCode", "/provision/securityLabel/0"),
		(
			json!({"class": [{"system": "urn:ietf:bcp:13", "code": "text/plain"}]}),
			"UnsupportedClass",
			"/provision/class/0",
		),
		(
			json!({"class": [{"system": "http://hl7.org/fhir/resource-types", "code": "Horoscope"}]}),
			"UnknownCode",
			"/provision/class/0",
		),
		(json!({"code": [{"text": "x"}]}), "UnsupportedElement", "/provision/code"),
		(json!({"purposes": ["x"]}), "UnsupportedElement", "/provision/purposes"),
		(json!({"purpose": []}), "MalformedFhir", "/provision/purpose"),
		(
			json!({"data": [{"meaning": "dependents", "reference": {"reference": "Task/t"}}]}),
			"UnsupportedMeaning",
			"/provision/data/0/meaning",
		),
		(json!({"dataPeriod": {"start": "2024", "end": "2023"}}), "InvertedPeriod", "/provision/dataPeriod"),
		(json!({"period": {"start": "then"}}), "Malformed", "/provision/period/start"),
		(json!({"provision": [{"type": "maybe"}]}), "UnknownCode", "/provision/provision/0/type"),
		(json!({"provision": [{}, {"type": "deny"}]}), "MalformedFhir", "/provision/provision/0"),
		(json!({"provision": [{"actor": [actor("PRCP", "Organization/o1")]}]}), "Missing", "/provision/provision/0"),
		(json!({"provision": vec![json!({"type": "deny"}); 17]}), "TooManyRules", "/provision/provision"),
		(
			json!({"actor": (0..9).map(|n| actor("PRCP", &format!("Practitioner/{n}"))).collect::<Vec<_>>()}),
			"TooMany",
			"/provision",
		),
	] {
		refused(&permit(conditions), code, at);
	}
	let mut consent = consent();
	consent["modifierExtension"] = json!([{"url": "urn:x"}]);
	refused(&consent, "UnsupportedElement", "/modifierExtension");
	refused(
		&json!({"resourceType": "Consent", "status": "active", "implicitRules": "urn:x", "provision": {"type": "permit"}}),
		"UnsupportedElement",
		"/implicitRules",
	);
	refused(
		&json!({"resourceType": "Consent", "status": "on", "provision": {"type": "permit"}}),
		"UnknownCode",
		"/status",
	);
	refused(&json!({"resourceType": "Patient"}), "NotAConsent", "/resourceType");
	refused(
		&json!({"resourceType": "Bundle", "entry": [{"resource": of(json!({"type": "permit", "code": [1]}))}]}),
		"UnsupportedElement",
		"/entry/0/resource/provision/code",
	);
}

#[test]
fn a_request_that_cannot_be_read_is_refused_where_it_stands() {
	for (change, code, at) in [
		(json!({"purpose": "FUN"}), "UnknownCode", "/purpose"),
		(json!({"action": null}), "Missing", ""),
		(json!({"actor": {"id": "Practitioner/p1", "roles": ["boss"]}}), "UnknownCode", "/actor/roles/0"),
		(json!({"resource": {"type": "Horoscope"}}), "UnknownCode", "/resource/type"),
		(json!({"resource": {"type": "Observation", "labels": ["FLU"]}}), "UnknownCode", "/resource/labels/0"),
		(json!({"resource": {"type": "Observation", "from": "2024", "to": "2023"}}), "InvertedPeriod", "/resource/to"),
		(json!({"context": {"standing": "sitting"}}), "UnknownCode", "/context/standing"),
		(json!({"context": {"glass": {"until": "soon"}}}), "Malformed", "/context/glass/until"),
		(json!({"extra": 1}), "UnsupportedElement", "/extra"),
	] {
		let request = request_with(|r| r.as_object_mut().unwrap().extend(change.as_object().unwrap().clone()));
		match ask(&[&consent()], &request, NOW) {
			Err(error @ Error::Refused { .. }) => {
				assert_eq!((error.code(), error.to_json()["at"].as_str().unwrap()), (code, at), "{error}")
			}
			other => panic!("{change}: {other:?}"),
		}
	}
}

#[test]
fn the_context_of_a_request_counts() {
	let with = |context: Value| request_with(|r| r["context"] = context);
	let none = of(json!({"type": "permit", "actor": [actor("PRCP", "Practitioner/nobody")]}));
	for (context, expected) in [
		(json!({}), "deny no-consent"),
		(json!({"patient": true}), "permit patient"),
		(json!({"standing": "inactive"}), "deny not-in-standing"),
		(json!({"guardian": {"scope": "full", "until": "2027-01-01T00:00:00Z"}}), "permit guardian"),
		(json!({"guardian": {"scope": "full", "until": "2026-01-01T00:00:00Z"}}), "deny no-consent"),
		(json!({"guardian": {"scope": "consent-only"}}), "deny no-consent"),
		(json!({"guardian": null, "glass": null}), "deny no-consent"),
		(json!({"default_policy": "normal-for-treatment", "care": true}), "permit default-policy"),
		(json!({"default_policy": "normal-for-treatment", "care": false}), "deny no-consent"),
		(json!({"default_policy": "deny", "care": true}), "deny no-consent"),
	] {
		assert_eq!(effect(&none, &with(context.clone())), expected, "{context}");
	}
	let glass = |until: &str| {
		request_with(|r| {
			r["purpose"] = "BTG".into();
			r["context"] = json!({"glass": {"until": until}});
		})
	};
	let answer = ask(&[], &glass("2026-06-15T16:00:00Z"), NOW).unwrap();
	assert_eq!(answer["reason"], "break-glass");
	assert_eq!((&answer["obligations"], &answer["valid_until"]), (&json!(["AOD"]), &json!("2026-06-15T16:00:00Z")));
	assert_eq!(ask(&[], &glass("2026-06-15T12:00:00Z"), NOW).unwrap()["reason"], "no-break-glass");
}

#[test]
fn who_never_was_a_member_matches_by_account_only() {
	let stranger = request_with(|r| drop(r["actor"].as_object_mut().unwrap().remove("org")));
	let by_org = of(json!({"type": "permit", "actor": [actor("PRCP", "Organization/o1")]}));
	let by_account = of(json!({"type": "permit", "actor": [actor("PRCP", "Practitioner/p1")]}));
	assert_eq!(effect(&by_org, &stranger), "deny no-consent");
	assert_eq!(effect(&by_account, &stranger), "permit consent");
}

#[test]
fn no_text_makes_it_panic() {
	for (at, text) in mutations(CONSENT) {
		if let Err(error) = decide(&[text], REQUEST, NOW) {
			assert!(matches!(error, Error::Refused { .. }), "byte {at}: {error:?}");
		}
	}
	let r5 = r5(
		"deny",
		json!([{
			"period": {"start": "2026-02", "end": "2026-11-30"},
			"purpose": [coding("v3-ActReason", "TREAT")],
			"modifierExtension": [{"url": "urn:salus:any", "valueCode": "actors"}],
			"provision": [{"securityLabel": [{"system": "urn:salus:blinded-labels", "code": "0x00000001"}]}],
		}]),
	);
	for (at, text) in mutations(&r5.to_string()) {
		if let Err(error) = decide(&[text], REQUEST, NOW) {
			assert!(matches!(error, Error::Refused { .. }), "byte {at}: {error:?}");
		}
	}
	for (at, text) in mutations(REQUEST) {
		if let Err(error) = decide(&[CONSENT.to_owned()], &text, NOW) {
			assert!(matches!(error, Error::Refused { .. }), "byte {at}: {error:?}");
		}
	}
}

/// A text with one character replaced, or cut off there.
fn mutations(text: &str) -> impl Iterator<Item = (usize, String)> + '_ {
	const WITH: [&str; 8] = ["", "\"", "{", "]", "é", "9", ",", "null"];
	(0..text.len()).filter(|at| text.is_char_boundary(*at) && text.is_char_boundary(at + 1)).map(move |at| {
		let put = WITH[at % WITH.len()];
		let rest = if at % 11 == 0 { "" } else { &text[at + 1..] };
		(at, format!("{}{put}{rest}", &text[..at]))
	})
}

#[test]
fn several_consents_are_decided_together_and_in_any_order() {
	let permit = of(json!({"type": "permit"}));
	let mut deny = of(json!({"type": "deny", "actor": [actor("PRCP", "Organization/o1")]}));
	deny["id"] = "d".into();
	for order in [[&permit, &deny], [&deny, &permit]] {
		let answer = ask(&order, &request(), NOW).unwrap();
		assert_eq!((answer["effect"].as_str(), answer["consent"].as_str()), (Some("deny"), Some("d")));
	}
	let bundle = json!({"resourceType": "Bundle", "entry": [{"resource": permit}, {"resource": deny}]});
	assert_eq!(ask(&[&bundle], &request(), NOW).unwrap()["consent"], "d");
	let mut another = permit.clone();
	another["patient"] = json!({"reference": "Patient/other"});
	assert!(matches!(
		ask(&[&consent(), &another], &request(), NOW),
		Err(Error::Refused { code: "AnotherPatient", .. })
	));
	assert_eq!(ask(&[], &request(), NOW).unwrap()["reason"], "no-consent");
}

#[test]
fn the_context_says_what_a_chain_would_know() {
	let with = |context: Value| request_with(|r| r["context"] = context);
	let permit = of(json!({"type": "permit"}));
	for (context, expected) in [
		(json!({"status": "amended"}), "permit consent"),
		(json!({"status": "restricted"}), "deny restricted"),
		(json!({"status": "restricted", "patient": true}), "permit patient"),
		(json!({"status": "shredded", "patient": true}), "deny shredded"),
		(json!({"status": "entered-in-error", "patient": true}), "deny entered-in-error"),
		(json!({"member_until": "2026-06-15T12:00:00Z"}), "deny not-in-standing"),
		(json!({"agreements": []}), "deny no-agreement"),
		(json!({"agreements": [{"purposes": ["HPAYMT"]}]}), "deny no-agreement"),
		(json!({"agreements": [{"purposes": ["TREAT"], "resource_types": ["Observation"]}]}), "permit consent"),
		(json!({"agreements": [{"until": "2026-06-15T12:00:00Z"}]}), "deny no-agreement"),
		(json!({"authority": {"c": {"until": "2026-06-15T12:00:00Z"}}}), "deny no-consent"),
		(json!({"authority": {"c": {"from": "2026-06-15T12:00:00Z"}}}), "permit consent"),
	] {
		assert_eq!(effect(&permit, &with(context.clone())), expected, "{context}");
	}
	for (context, code, at) in [
		(json!({"status": "lost"}), "UnknownCode", "/context/status"),
		(json!({"break_glass": "maybe"}), "UnknownCode", "/context/break_glass"),
		(json!({"org_roles": ["bakery"]}), "UnknownCode", "/context/org_roles/0"),
		(json!({"agreements": [{"purposes": ["FUN"]}]}), "UnknownCode", "/context/agreements/0/purposes/0"),
		(json!({"agreements": {}}), "Malformed", "/context/agreements"),
		(json!({"authority": {"other": {}}}), "NotFound", "/context/authority/other"),
		(json!({"care": "yes"}), "Malformed", "/context/care"),
		(
			json!({"guardian": {"scope": "full", "from": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}}),
			"InvertedPeriod",
			"/context/guardian/until",
		),
	] {
		match ask(&[&permit], &with(context.clone()), NOW) {
			Err(error @ Error::Refused { .. }) => {
				assert_eq!((error.code(), error.to_json()["at"].as_str().unwrap()), (code, at), "{error}")
			}
			other => panic!("{context}: {other:?}"),
		}
	}
}
