//! Decision cases as data, by the function and by the command; HL7's examples by the same two.

use salus_client::fhir::cases::Case;
use salus_primitives::consent::Reason;
use serde_json::{json, Value};
use std::{
	collections::BTreeSet,
	fs,
	path::{Path, PathBuf},
	process::Command,
};

const CASES: &str = include_str!("../cases/decisions.json");

fn cases() -> Vec<Case> {
	Case::load(CASES).unwrap()
}

/// The answer, or what refused it.
fn by_function(case: &Case) -> Value {
	case.answer().unwrap_or_else(|error| error.to_json())
}

/// What `salus consent decide` prints.
fn by_command(folder: &Path, consents: &[String], request: &str, now: &str) -> Value {
	let mut command = Command::new(env!("CARGO_BIN_EXE_salus"));
	command.env("SALUS_HOME", folder).args(["consent", "decide"]);
	for (number, consent) in consents.iter().enumerate() {
		let path = folder.join(format!("consent-{number}.json"));
		fs::write(&path, consent).unwrap();
		command.arg("--consent").arg(path);
	}
	let path = folder.join("request.json");
	fs::write(&path, request).unwrap();
	let output = command.arg("--request").arg(path).args(["--now", now]).output().unwrap();
	let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"));
	let refused = answer.get("error").is_some();
	assert_eq!(output.status.code(), Some(if refused { 2 } else { 0 }), "{output:?}");
	answer
}

/// Of a refusal, what is stable.
fn stable(answer: &Value) -> Value {
	match answer.get("error") {
		Some(error) => json!({"error": error, "at": answer["at"]}),
		None => answer.clone(),
	}
}

#[test]
fn every_case_is_decided_as_expected() {
	for case in cases() {
		assert_eq!(stable(&by_function(&case)), case.expected, "{}", case.name);
	}
}

#[test]
fn the_command_decides_every_case_the_same() {
	let folder = tempfile::tempdir().unwrap();
	let json: Value = serde_json::from_str(CASES).unwrap();
	for (case, written) in cases().iter().zip(json["cases"].as_array().unwrap()) {
		let consents: Vec<_> = case.consents.iter().map(Value::to_string).collect();
		let answer = by_command(folder.path(), &consents, &case.request.to_string(), written["now"].as_str().unwrap());
		assert_eq!(stable(&answer), case.expected, "{}", case.name);
	}
}

#[test]
fn the_cases_meet_every_reason_that_a_decision_has() {
	let cases = cases();
	assert!(cases.len() >= 40);
	let names: BTreeSet<_> = cases.iter().map(|case| case.name.as_str()).collect();
	assert_eq!(names.len(), cases.len(), "every case has a name of its own");
	let met: BTreeSet<_> = cases.iter().filter_map(|case| case.expected["reason"].as_str()).collect();
	// Whether a patient or record exists is for the chain to know; the decision is about those that do.
	let known = Reason::ALL.iter().filter(|reason| !matches!(reason, Reason::UnknownPatient | Reason::UnknownRecord));
	assert_eq!(met, known.map(|reason| reason.code()).collect());
	for member in ["obligations", "valid_until", "consent", "rule"] {
		let stated =
			|case: &&Case| !matches!(&case.expected[member], Value::Null) && case.expected[member] != json!([]);
		assert!(cases.iter().filter(stated).count() >= 5, "{member}");
	}
	let on_chain = cases.iter().filter(|case| case.not_on_chain.is_none()).count();
	assert!(on_chain >= 40, "{on_chain} cases can be brought about on a chain");
}

#[test]
fn a_file_of_cases_that_cannot_be_read_is_refused_where_it_stands() {
	let case = json!({"name": "x", "consents": [], "request": {}, "now": "2026-01-01T00:00:00Z", "expected": {}});
	for (member, value, at) in [
		("name", json!(1), "/cases/0/name"),
		("consents", json!(["nobody"]), "/cases/0/consents"),
		("now", json!("noon"), "/cases/0/now"),
		("chain", json!(false), "/cases/0/chain"),
	] {
		let mut case = case.clone();
		case[member] = value;
		let error = Case::load(&json!({ "cases": [case] }).to_string()).unwrap_err();
		assert_eq!(error.to_json()["at"], at);
	}
	assert_eq!(Case::load(&json!({ "cases": [case] }).to_string()).unwrap().len(), 1);
}

/// A request of a person at one organisation for what another keeps.
fn request(actor: &str, org: &str, action: &str, custodian: Option<&str>) -> String {
	let mut resource = json!({"type": "Observation", "confidentiality": "N", "labels": []});
	if let Some(custodian) = custodian {
		resource["custodian"] = custodian.into();
	}
	json!({"actor": {"id": actor, "org": org}, "purpose": "TREAT", "action": action, "resource": resource}).to_string()
}

/// HL7's examples are not part of the project: they are decided where they are at hand.
#[test]
fn hl7s_examples_are_taken_exactly_or_refused_with_a_reason() {
	let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/fhir/consent");
	let home = tempfile::tempdir().unwrap();
	let (f001, f002) = ("Organization/f001", "Organization/f002");
	let clinician = |custodian| request("Practitioner/13", f002, "access", custodian);
	let permit = |reason: &str, id: &str, until: &str| json!({"effect": "permit", "reason": reason, "consent": id, "rule": null, "obligations": [], "valid_until": until});
	let deny = |reason: &str, id: Option<&str>| json!({"effect": "deny", "reason": reason, "consent": id, "rule": null, "obligations": [], "valid_until": null});
	let refused = |code: &str, at: &str| json!({"error": code, "at": at});
	let (in_force, over) = ("2015-12-24T18:00:00Z", "2026-06-15T12:00:00Z");
	let cases = [
		// Everything is permitted, until the end of 1 January 2016.
		("basic", clinician(Some(f001)), in_force, permit("consent", "consent-example-basic", "2016-01-02T00:00:00Z")),
		(
			"basic",
			clinician(None),
			"2016-01-01T23:59:59Z",
			permit("consent", "consent-example-basic", "2016-01-02T00:00:00Z"),
		),
		("basic", clinician(Some(f001)), "2016-01-02T00:00:00Z", deny("no-consent", None)),
		("basic", clinician(Some(f001)), over, deny("no-consent", None)),
		// An opt-out whose untyped root names a custodian: it limits the opt-out, which opens nothing.
		("Out", clinician(Some(f001)), over, deny("denied", Some("consent-example-Out"))),
		("Out", clinician(Some(f002)), over, deny("no-consent", None)),
		("Out", clinician(None), over, deny("denied", Some("consent-example-Out"))),
		// OPTIN, but the root denies.
		("notOrg", clinician(None), over, refused("AmbiguousBase", "/provision/type")),
		// OPTIN with an untyped root about some data: by its narrative that is withheld, by R4's definition the base is
		// limited to it. (What is related to a Task could not be told either.)
		("notThis", clinician(None), over, refused("AmbiguousBase", "/provision/data")),
		// OPTOUT with an untyped root and a denial within it: its narrative says both that emergencies are withheld, and
		// that they are the exception.
		("Emergency", clinician(None), over, refused("AmbiguousBase", "/provision/actor")),
		// OPTIN with an untyped root that names a recipient, and a permit within it that names one kind of document: more
		// than the recipient's, or only that? (Single codes in documents could not be told apart either.)
		("signature", clinician(None), over, refused("AmbiguousBase", "/provision/actor")),
	];
	let mut met = BTreeSet::new();
	for (name, request, now, expected) in cases {
		let Ok(text) = fs::read_to_string(folder.join(format!("consent-example-{name}.json"))) else { continue };
		met.insert(name);
		assert_eq!(stable(&by_command(home.path(), &[text], &request, now)), expected, "{name} at {now}");
	}
	let there = fs::read_dir(&folder).map_or(0, |entries| entries.count());
	assert_eq!(met.len(), there, "every example there is was decided");
}
