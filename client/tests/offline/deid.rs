//! De-identification of whole bundles.

use salus_client::{
	deid::Deidentifier,
	fhir::{labels::LabelTable, time::parse_fhir},
	plan::Plan,
};
use salus_primitives::{PatientId, Pseudonym};
use serde_json::Value;
use std::{collections::BTreeSet, path::PathBuf};

const BUNDLE: &str = include_str!("../../testdata/bundle.json");
/// 2026-01-15.
const NOW: u64 = 1_768_435_200_000;
/// What names, reaches or shows somebody.
const DEMOGRAPHIC: [&str; 6] = ["name", "address", "telecom", "identifier", "photo", "contact"];

/// Synthea's bundles, if they are at hand: in the folder that `SALUS_SHARED_DATA` names or beside the workspace.
fn synthea() -> Vec<String> {
	let data = std::env::var_os("SALUS_SHARED_DATA").map(PathBuf::from);
	let data = data.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"));
	let Ok(files) = std::fs::read_dir(data.join("fhir/synthea")) else { return Vec::new() };
	let paths = files.map(|file| file.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "json"));
	paths.map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

fn strings(value: &Value, found: &mut BTreeSet<String>) {
	match value {
		Value::String(text) => {
			found.insert(text.clone());
		}
		Value::Array(values) => values.iter().for_each(|value| strings(value, found)),
		Value::Object(fields) => fields.values().for_each(|value| strings(value, found)),
		_ => (),
	}
}

/// What must not be found in what is released: all text of people's demographic elements, ids, narrative, displays.
fn personal(bundle: &Value) -> BTreeSet<String> {
	let mut found = BTreeSet::new();
	for resource in bundle["entry"].as_array().unwrap().iter().map(|entry| &entry["resource"]) {
		strings(&resource["id"], &mut found);
		strings(&resource["text"], &mut found);
		strings(&resource["subject"], &mut found);
		let kind = resource["resourceType"].as_str().unwrap();
		if ["Patient", "Practitioner", "Organization", "RelatedPerson"].contains(&kind) {
			for name in DEMOGRAPHIC {
				strings(&resource[name], &mut found);
			}
			strings(&resource["birthDate"], &mut found);
		}
	}
	// Shorter ones, such as a state's two letters, are part of words that tell nothing.
	found.into_iter().filter(|text| text.len() >= 4 && !text.starts_with("http://")).collect()
}

/// The resources of a bundle as they are released, with the bundle's JSON.
fn released(text: &str) -> (Vec<Value>, String) {
	let plan = Plan::of_bundle(text, &LabelTable::from_option(None).unwrap()).unwrap();
	let deid = Deidentifier::new(&[5; 32], &PatientId([6; 32]), 1, NOW);
	let plaintexts = plan.records.iter().map(|record| record.plaintext.as_slice());
	let made = deid.bundle(&Pseudonym([7; 32]), plaintexts).unwrap();
	let json = String::from_utf8(made.bundle).unwrap();
	let bundle: Value = serde_json::from_str(&json).unwrap();
	let resources: Vec<_> = bundle["entry"].as_array().unwrap().iter().map(|entry| entry["resource"].clone()).collect();
	assert_eq!(resources.len(), made.kept as usize);
	(resources, json)
}

/// Fails if anything of [`personal`] is in what is released, or what research is about is not.
fn assert_clean(text: &str) {
	let original: Value = serde_json::from_str(text).unwrap();
	let (resources, _) = released(text);
	let mut told = BTreeSet::new();
	resources.iter().for_each(|resource| strings(resource, &mut told));
	for personal in personal(&original) {
		let whole = told.iter().find(|text| text.split(['/', ' ', ':', '#']).any(|part| part == personal));
		assert_eq!(whole, None, "{personal} got through");
		if personal.contains(' ') || personal.chars().any(char::is_alphabetic) && personal.len() > 5 {
			assert!(!told.iter().any(|text| text.contains(personal.as_str())), "{personal} got through");
		}
	}
	for resource in &resources {
		for name in DEMOGRAPHIC.into_iter().chain(["text", "note"]) {
			assert_eq!(resource.get(name), None, "{resource}");
		}
		assert!(!resource.to_string().contains("display"), "{resource}");
	}
	// What research is about is still there.
	let count = |resources: &[Value]| resources.iter().filter(|r| r["resourceType"] == "Observation").count();
	let before: Vec<_> = original["entry"].as_array().unwrap().iter().map(|entry| entry["resource"].clone()).collect();
	assert!(count(&before) > 0);
	assert_eq!(count(&resources), count(&before));
	assert!(resources
		.iter()
		.filter(|r| r["resourceType"] == "Observation")
		.all(|r| r["code"]["coding"][0].is_object()));
}

#[test]
fn nothing_of_who_it_is_about_is_left_in_the_projects_bundle() {
	assert_clean(BUNDLE);
}

#[test]
fn nothing_of_who_it_is_about_is_left_in_syntheas_bundles() {
	synthea().iter().for_each(|text| assert_clean(text));
}

/// The moments of all observations, in the order of the records.
fn moments<'v>(resources: impl Iterator<Item = &'v Value>) -> Vec<i64> {
	let observations = resources.filter(|resource| resource["resourceType"] == "Observation");
	let mut all: Vec<_> = observations
		.filter_map(|resource| Some(parse_fhir(resource["effectiveDateTime"].as_str()?).unwrap().from))
		.collect();
	all.sort_unstable();
	all
}

#[test]
fn intervals_are_kept_and_days_are_not() {
	for text in synthea().iter().map(String::as_str).chain([BUNDLE]) {
		let original: Value = serde_json::from_str(text).unwrap();
		let before = moments(original["entry"].as_array().unwrap().iter().map(|entry| &entry["resource"]));
		let (resources, _) = released(text);
		let after = moments(resources.iter());
		assert_eq!(before.len(), after.len());
		let moves: BTreeSet<_> = before.iter().zip(&after).map(|(before, after)| after - before).collect();
		assert_eq!(moves.len(), 1, "one move for all");
		let by = moves.first().unwrap();
		assert!(*by != 0 && by % 86_400_000 == 0);
	}
}

#[test]
fn references_still_lead_to_the_patient() {
	for text in synthea().iter().map(String::as_str).chain([BUNDLE]) {
		let (resources, json) = released(text);
		let bundle: Value = serde_json::from_str(&json).unwrap();
		let entries = bundle["entry"].as_array().unwrap();
		let patient = entries.iter().find(|entry| entry["resource"]["resourceType"] == "Patient").unwrap();
		let url = patient["fullUrl"].as_str().unwrap();
		let id = format!("Patient/{}", patient["resource"]["id"].as_str().unwrap());
		let conditions: Vec<_> = resources.iter().filter(|r| r["resourceType"] == "Condition").collect();
		assert!(conditions.iter().all(|r| [url, &id].contains(&r["subject"]["reference"].as_str().unwrap())));
	}
}
