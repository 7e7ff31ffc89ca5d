//! How bundles are cut into records.

use salus_client::{
	crypto::{open_content, seal_content, DataKey, LabelKey},
	fhir::labels::LabelTable,
	plan::{resources_of, Plan, PlannedRecord},
	Error,
};
use salus_primitives::{Confidentiality, ResourceType, Sensitivity, SensitivitySet};
use serde::Deserialize;
use serde_json::{json, value::RawValue, Value};
use std::{collections::BTreeSet, path::PathBuf};

const BUNDLE: &str = include_str!("../../testdata/bundle.json");

fn plan(text: &str) -> Result<Plan, Error> {
	Plan::of_bundle(text, &LabelTable::from_option(None).unwrap())
}

/// The text of every resource, as it stands in the file.
fn originals(text: &str) -> Vec<String> {
	#[derive(Deserialize)]
	struct Entry<'a> {
		#[serde(borrow)]
		resource: &'a RawValue,
	}
	#[derive(Deserialize)]
	struct Bundle<'a> {
		#[serde(borrow)]
		entry: Vec<Entry<'a>>,
	}
	let bundle: Bundle = serde_json::from_str(text).unwrap();
	bundle.entry.iter().map(|entry| entry.resource.get().to_owned()).collect()
}

/// Every resource of a plan goes through encryption and comes back as it stands in the file, once each.
fn comes_back_byte_identical(text: &str) {
	let key = LabelKey::random();
	let plan = plan(text).unwrap();
	let mut ids = BTreeSet::new();
	let mut found = Vec::new();
	for record in &plan.records {
		let (id, data_key) = (record.id(&key), DataKey::random());
		assert!(ids.insert(id), "two records with one identifier");
		let sealed = seal_content(&data_key, &id, 1, &record.plaintext).unwrap();
		let plaintext = open_content(&data_key, &id, 1, &sealed.commitment, &sealed.object).unwrap();
		found.extend(resources_of(&plaintext).unwrap().into_iter().map(|resource| resource.raw));
	}
	let mut originals = originals(text);
	originals.sort();
	found.sort();
	assert_eq!(found, originals);
	for (again, record) in self::plan(text).unwrap().records.iter().zip(&plan.records) {
		assert_eq!(again.plaintext, record.plaintext, "the same file must give the same plaintexts");
	}
}

fn record_of<'p>(plan: &'p Plan, id: &str) -> &'p PlannedRecord {
	let holds = |record: &&PlannedRecord| {
		let resources = resources_of(&record.plaintext).unwrap();
		resources.iter().any(|resource| serde_json::from_str::<Value>(&resource.raw).unwrap()["id"] == id)
	};
	plan.records.iter().find(holds).unwrap()
}

#[test]
fn the_projects_bundle_comes_back_byte_identical() {
	// Numbers and escapes in it are written as no serialiser would.
	assert!(BUNDLE.contains("168.40") && BUNDLE.contains("Haapsal\\u0075"));
	comes_back_byte_identical(BUNDLE);
}

#[test]
fn synthea_bundles_come_back_byte_identical() {
	let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/fhir/synthea");
	let Ok(files) = std::fs::read_dir(folder) else { return };
	for file in files.map(|file| file.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "json")) {
		let text = std::fs::read_to_string(&file).unwrap();
		comes_back_byte_identical(&text);
		let records = plan(&text).unwrap().records.len();
		assert!((10..=64).contains(&records), "{}: {records} records", file.display());
	}
}

#[test]
fn a_record_groups_one_type_label_set_confidentiality_and_encounter() {
	let plan = plan(BUNDLE).unwrap();
	let vitals = record_of(&plan, "ob-bp");
	assert_eq!(vitals.resources.len(), 4);
	assert_eq!(vitals.resource_type, ResourceType::Observation);
	assert_eq!(vitals.labels, SensitivitySet::EMPTY);
	assert_eq!(vitals.encounter.as_deref(), Some("urn:uuid:5a105000-0000-4000-8000-00000000000a"));
	assert_eq!((vitals.data_from.0, vitals.data_to.0), (649, 649));
	assert_ne!(record_of(&plan, "ob-phq9").resources, vitals.resources);
	let resources: usize = plan.records.iter().map(|record| record.resources.len()).sum();
	assert_eq!(resources, 26);
}

#[test]
fn labels_come_from_meta_security_from_the_table_and_along_references() {
	use Sensitivity::*;
	let plan = plan(BUNDLE).unwrap();
	for (id, labels) in [
		("co-depression", &[Mh, Psy][..]),
		("ob-phq9", &[Mh]),
		("me-sertraline", &[Mh, Psy]),
		("mr-sertraline", &[Mh, Psy]),
		("pr-cbt", &[Mh, Psy, Psythpn]),
		("co-alcohol", &[Eth, Ethud]),
		("mr-acamprosate", &[Eth, Ethud]),
		("e-psych", &[Mh, Psy]),
		("e-infectious", &[Hiv]),
		("ob-viral-load", &[Hiv]),
		("dr-viral-load", &[Hiv]),
		("mr-hctz", &[]),
		("p-tamm", &[]),
	] {
		assert_eq!(record_of(&plan, id).labels, SensitivitySet::of(labels), "{id}");
	}
	assert_eq!(record_of(&plan, "co-hiv").confidentiality, Confidentiality::Restricted);
	assert_eq!(record_of(&plan, "dr-viral-load").confidentiality, Confidentiality::Normal);
}

#[test]
fn labels_of_a_custodian_count_wherever_they_stand() {
	use Sensitivity::*;
	let act_code = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
	// On the resource, on something contained in it, or inline on an element.
	for label in Sensitivity::ALL {
		let coding = json!({"system": act_code, "code": label.code()});
		let labelled = [
			with(|b| b["entry"][7]["resource"]["meta"] = json!({"security": [coding]})),
			with(|b| {
				let contained = json!({"resourceType": "Observation", "id": "c", "meta": {"security": [coding]}});
				b["entry"][7]["resource"]["contained"] = json!([contained]);
			}),
			with(|b| {
				let inline = json!([{"url": "urn:example:inline-label", "valueCoding": coding}]);
				b["entry"][7]["resource"]["code"]["extension"] = inline;
			}),
		];
		for text in labelled {
			assert!(record_of(&plan(&text).unwrap(), "ob-height").labels.contains(*label), "{label}");
		}
	}
	let contained = with(|b| {
		let security = json!({"security": [{"code": "V"}, {"code": "SDV"}]});
		b["entry"][7]["resource"]["contained"] = json!([{"resourceType": "Observation", "id": "c", "meta": security}]);
	});
	let contained = plan(&contained).unwrap();
	let record = record_of(&contained, "ob-height");
	assert_eq!(record.confidentiality, Confidentiality::VeryRestricted);
	assert!(record.labels.contains(Sdv));
	// What is known of a celebrity is sensitive, whatever it says.
	let celebrity = with(|b| b["entry"][0]["resource"]["meta"] = json!({"security": [{"code": "CEL"}]}));
	assert!(plan(&celebrity).unwrap().records.iter().all(|record| record.labels.contains(Cel)));
}

#[test]
fn what_is_sensitive_about_an_adolescent_is_told_by_the_birth_date() {
	let born = |date: &str| with(|b| b["entry"][0]["resource"]["birthDate"] = date.into());
	let adolescent = |text: &str, id: &str| record_of(&plan(text).unwrap(), id).labels.contains(Sensitivity::Adol);
	assert!(adolescent(&born("2010-05-01"), "ob-phq9"));
	assert!(!adolescent(&born("2010-05-01"), "ob-height"));
	assert!(!adolescent(BUNDLE, "ob-phq9"));
	refused(&born("soon"), "MalformedFhir", "/entry/0/resource/birthDate");
}

#[test]
fn another_table_changes_the_labels() {
	let table = LabelTable::parse("system l http://loinc.org\nSEX l 8302-2").unwrap();
	let plan = Plan::of_bundle(BUNDLE, &table).unwrap();
	assert_eq!(record_of(&plan, "ob-height").labels, SensitivitySet::of(&[Sensitivity::Sex]));
	assert_eq!(record_of(&plan, "co-alcohol").labels, SensitivitySet::EMPTY);
}

#[test]
fn data_is_from_the_months_it_names_and_a_birth_date_is_none_of_them() {
	let plan = plan(BUNDLE).unwrap();
	let months = |id| {
		let summary = plan.summary();
		let record = record_of(&plan, id);
		let at = plan.records.iter().position(|other| std::ptr::eq(other, record)).unwrap();
		let described = &summary["records"][at];
		(described["from"].clone(), described["to"].clone())
	};
	assert_eq!(months("co-depression"), (json!("2024-04"), json!("2024-05")));
	// Still going on.
	assert_eq!(months("pr-cbt"), (json!("2024-06"), Value::Null));
	assert_eq!(months("p-tamm"), (Value::Null, Value::Null));
	assert!(!plan.summary().to_string().contains("1984"));
}

/// The project's bundle with something changed.
fn with(change: impl FnOnce(&mut Value)) -> String {
	let mut bundle: Value = serde_json::from_str(BUNDLE).unwrap();
	change(&mut bundle);
	bundle.to_string()
}

#[track_caller]
fn refused(text: &str, code: &str, at: &str) {
	match plan(text) {
		Err(error @ Error::Refused { .. }) => {
			assert_eq!(error.exit_code(), 2);
			assert_eq!((error.code(), error.to_json()["at"].as_str().unwrap()), (code, at), "{error}");
		}
		other => panic!("expected {code} at {at}, got {other:?}"),
	}
}

#[test]
fn what_is_malformed_is_refused_where_it_stands() {
	refused("{", "MalformedJson", "");
	refused(&BUNDLE[..BUNDLE.find("1984-03-09").unwrap()], "MalformedJson", "/entry/0/resource/birthDate");
	refused("[]", "NotABundle", "/resourceType");
	refused(r#"{"resourceType":"Patient"}"#, "NotABundle", "/resourceType");
	refused(&with(|b| b["type"] = "history".into()), "UnsupportedBundle", "/type");
	refused(&with(|b| b["entry"] = json!([])), "MalformedFhir", "/entry");
	refused(&with(|b| b["entry"][4]["resource"] = json!(7)), "MalformedFhir", "/entry/4/resource");
	refused(
		&with(|b| drop(b["entry"][4].as_object_mut().unwrap().remove("resource"))),
		"MalformedFhir",
		"/entry/4/resource",
	);
	refused(
		&with(|b| b["entry"][7]["resource"]["resourceType"] = "Horoscope".into()),
		"UnknownResourceType",
		"/entry/7/resource/resourceType",
	);
	refused(&with(|b| b["entry"][7]["resource"]["subject"] = json!({})), "MalformedFhir", "/entry/7/resource/subject");
	refused(&with(|b| b["entry"][7]["resource"]["code"] = "x".into()), "MalformedFhir", "/entry/7/resource/code");
	refused(
		&with(|b| drop(b["entry"][7]["resource"].as_object_mut().unwrap().remove("status"))),
		"MalformedFhir",
		"/entry/7/resource",
	);
	refused(
		&with(|b| b["entry"][7]["resource"]["effectiveDateTime"] = "soon".into()),
		"MalformedFhir",
		"/entry/7/resource/effectiveDateTime",
	);
	refused(
		&with(|b| b["entry"][3]["resource"]["period"]["end"] = "2001".into()),
		"MalformedFhir",
		"/entry/3/resource/period",
	);
	refused(&with(|b| b["entry"][7]["resource"]["id"] = "a b".into()), "MalformedFhir", "/entry/7/resource/id");
	refused(
		&with(|b| b["entry"][7]["request"]["method"] = "DELETE".into()),
		"UnsupportedMethod",
		"/entry/7/request/method",
	);
}

#[test]
fn a_security_label_that_cannot_be_kept_is_refused_by_name() {
	let label = |system: &str, code: &str| {
		with(|b| {
			b["entry"][7]["resource"]["meta"] = json!({"security": [{"system": format!("http://terminology.hl7.org/CodeSystem/{system}"), "code": code}]})
		})
	};
	refused(&label("v3-ActCode", "FLU"), "UnknownCode", "/entry/7/resource/meta/security/0/code");
	refused(&label("v3-Confidentiality", "X"), "UnknownCode", "/entry/7/resource/meta/security/0/code");
	let bare = with(|b| b["entry"][7]["resource"]["meta"] = json!({"security": [{"code": "V"}, {"code": "VIO"}]}));
	let bare_plan = plan(&bare).unwrap();
	let record = record_of(&bare_plan, "ob-height");
	let found = (record.confidentiality, record.labels);
	assert_eq!(found, (Confidentiality::VeryRestricted, SensitivitySet::of(&[Sensitivity::Vio])));
	let whole = with(|b| b["meta"] = json!({"security": [{"code": "R"}, {"code": "VIO"}]}));
	let strict = |record: &PlannedRecord| record.confidentiality == Confidentiality::Restricted;
	assert!(plan(&whole).unwrap().records.iter().all(|r| strict(r) && r.labels.contains(Sensitivity::Vio)));
	let plan = plan(&label("v3-ActReason", "HTEST")).unwrap();
	assert_eq!(plan.ignored_labels, ["http://terminology.hl7.org/CodeSystem/v3-ActReason|HTEST"]);
}

#[test]
fn a_bundle_is_of_one_patient() {
	refused(&with(|b| drop(b["entry"].as_array_mut().unwrap().remove(0))), "NoPatient", "/entry");
	refused(
		&with(|b| {
			let mut second = b["entry"][0].clone();
			second["fullUrl"] = "urn:uuid:another".into();
			b["entry"].as_array_mut().unwrap().push(second);
		}),
		"SeveralPatients",
		"/entry/26/resource",
	);
	for other in ["Patient/somebody-else", "urn:uuid:5a105000-0000-4000-8000-00000000ffff"] {
		refused(
			&with(|b| b["entry"][7]["resource"]["subject"]["reference"] = other.into()),
			"AnotherPatient",
			"/entry/7/resource/subject/reference",
		);
	}
	let local = with(|b| b["entry"][7]["resource"]["subject"]["reference"] = "Patient/p-tamm".into());
	assert!(plan(&local).is_ok());
}

#[test]
fn a_member_given_twice_is_refused() {
	let twice = BUNDLE.replacen("\"gender\": \"female\"", "\"gender\": \"female\", \"gender\": \"male\"", 1);
	refused(&twice, "MalformedJson", "/entry/0/resource/gender");
}

#[test]
fn no_text_makes_it_panic() {
	const WITH: [&str; 8] = ["", "\"", "{", "]", "é", "9", ",", "null"];
	for at in (0..BUNDLE.len()).step_by(37).filter(|at| BUNDLE.is_char_boundary(*at) && BUNDLE.is_char_boundary(at + 1))
	{
		let rest = if at % 11 == 0 { "" } else { &BUNDLE[at + 1..] };
		let text = format!("{}{}{rest}", &BUNDLE[..at], WITH[at % WITH.len()]);
		if let Err(error) = plan(&text) {
			assert!(matches!(error, Error::Refused { at: Some(_), .. }), "byte {at}: {error:?}");
		}
	}
}
