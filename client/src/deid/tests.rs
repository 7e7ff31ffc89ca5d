//! De-identification, rule by rule.

use super::*;
use proptest::prelude::*;

/// 2026-01-15.
const NOW: Moment = 1_768_435_200_000;

fn deid(secret: u8) -> Deidentifier {
	Deidentifier::new(&[secret; 32], &PatientId([7; 32]), 3, NOW)
}

fn told(resource: Value) -> Value {
	deid(1).resource(&resource).unwrap()
}

fn loinc(code: &str) -> Value {
	json!({"coding": [{"system": "http://loinc.org", "code": code, "display": "Glucose of Maria"}], "text": "Maria's"})
}

fn days_between(one: &str, other: &str) -> i64 {
	(day_of(other).unwrap() - day_of(one).unwrap()).num_days()
}

#[test]
fn codes_quantities_and_statuses_stay_and_free_text_goes() {
	let observation = told(json!({
		"resourceType": "Observation", "status": "final", "code": loinc("2339-0"),
		"text": {"status": "generated", "div": "<div>Maria Tamm</div>"},
		"note": [{"text": "Maria called"}], "valueString": "Maria", "identifier": [{"value": "MRN-1"}],
		"valueQuantity": {"value": 5.5, "unit": "mmol per litre", "system": UCUM, "code": "mmol/L"},
		"extension": [{"url": "urn:example:name", "valueString": "Maria"}],
		"madeUp": "Maria",
	}));
	assert_eq!(
		observation,
		json!({
			"resourceType": "Observation", "status": "final", "meta": {"security": [security()]},
			"code": {"coding": [{"system": "http://loinc.org", "code": "2339-0"}]},
			"valueQuantity": {"value": 5.5, "unit": "mmol/L", "system": UCUM, "code": "mmol/L"},
		})
	);
}

#[test]
fn a_resource_of_a_type_that_is_not_known_to_be_safe_goes_whole() {
	for kind in ["RelatedPerson", "DocumentReference", "Claim", "Communication", "QuestionnaireResponse", "Tamm", ""] {
		assert_eq!(deid(1).resource(&json!({"resourceType": kind, "id": "a", "status": "final"})), None, "{kind}");
	}
	assert_eq!(deid(1).resource(&json!("Patient")), None);
	let practitioner = told(json!({"resourceType": "Practitioner", "name": [{"family": "Tamm"}], "gender": "male"}));
	assert_eq!(practitioner, json!({"resourceType": "Practitioner", "meta": {"security": [security()]}}));
}

#[test]
fn codes_of_other_systems_and_of_other_forms_go() {
	let coding = |system: &str, code: &str| super::coding(&json!({"system": system, "code": code})).is_some();
	let hl7 = |name: &str| format!("http://terminology.hl7.org/CodeSystem/{name}");
	for (system, code) in [
		("http://loinc.org", "8302-2"),
		("http://snomed.info/sct", "444814009"),
		("http://www.nlm.nih.gov/research/umls/rxnorm", "562251"),
		("http://hl7.org/fhir/sid/icd-10-cm", "E11.9"),
		("http://www.whocc.no/atc", "A10BA02"),
		(&hl7("v3-ActCode"), "AMB"),
		(&hl7("observation-category"), "vital-signs"),
		(&hl7("condition-ver-status"), "confirmed"),
	] {
		assert!(coding(system, code), "{system} {code}");
	}
	for (system, code) in [
		("http://hospital.example/mrn", "1234567"),
		("http://loinc.org", "Tamm"),
		("http://loinc.org", "8302-2 Maria"),
		("http://snomed.info/sct", "Maria"),
		("http://loinc.org.example", "8302-2"),
		(&hl7("v3-ActCode"), "TAMM"),
		(&hl7("observation-category"), "tamm"),
		(&hl7("v2-0203"), "MR"),
	] {
		assert!(!coding(system, code), "{system} {code}");
	}
	for half in [json!({"code": "8302-2"}), json!({"system": "http://loinc.org", "display": "Maria"})] {
		assert_eq!(super::coding(&half), None, "{half}");
	}
}

#[test]
fn units_are_ucum_or_the_quantity_goes() {
	for unit in
		["mm[Hg]", "mg/dL", "10*3/uL", "kg/m2", "/min", "{score}", "%", "Cel", "[degF]", "mL/min/{1.73_m2}", "kg"]
	{
		assert_eq!(tables::is_ucum(unit), unit != "mL/min/{1.73_m2}", "{unit}");
	}
	for unit in ["Maria", "{Maria}", "Tamm/dL", "", "mg dL", "mm[Maria]"] {
		assert!(!tables::is_ucum(unit), "{unit}");
	}
	assert_eq!(quantity(&json!({"value": 1, "unit": "pill of Maria"})), None);
	assert_eq!(quantity(&json!({"value": 1, "comparator": "about"})), None);
	assert_eq!(quantity(&json!({"value": "Maria"})), None);
	assert_eq!(quantity(&json!({"value": 2, "comparator": "<"})), Some(json!({"value": 2, "comparator": "<"})));
}

#[test]
fn what_an_extension_modifies_goes() {
	let modified = json!([{"url": "urn:example:not", "valueBoolean": true}]);
	let whole = json!({"resourceType": "Observation", "status": "final", "modifierExtension": modified});
	assert_eq!(deid(1).resource(&whole), None);
	let part = told(json!({
		"resourceType": "Observation", "status": "final",
		"component": [{"code": loinc("8480-6"), "modifierExtension": modified}, {"code": loinc("8462-4")}],
	}));
	assert_eq!(part["component"].as_array().unwrap().len(), 1);
}

#[test]
fn references_and_ids_lead_to_each_other_and_to_nobody() {
	let patient = told(json!({"resourceType": "Patient", "id": "p-tamm"}));
	let subject = |reference: &str| {
		let observation =
			json!({"resourceType": "Observation", "subject": {"reference": reference, "display": "Tamm"}});
		told(observation).get("subject").map(|subject| subject["reference"].as_str().unwrap().to_owned())
	};
	let id = patient["id"].as_str().unwrap();
	assert!(is_id(id) && !id.contains("tamm"));
	let known = Some(format!("Patient/{id}"));
	assert_eq!(subject("Patient/p-tamm"), known);
	assert_eq!(subject("https://hospital.example/fhir/Patient/p-tamm/_history/2"), known);
	assert_eq!(subject("urn:uuid:p-tamm"), Some(format!("urn:uuid:{id}")));
	assert_eq!(subject("#p-tamm"), Some(format!("#{id}")));
	for other in
		["Patient?identifier=mrn|1", "Patient/Maria Tamm", "Maria", "RelatedPerson/1", "urn:oid:1.2.3", "#", ""]
	{
		assert_eq!(subject(other), None, "{other}");
	}
	let identifier = json!({"resourceType": "Observation", "subject": {"identifier": {"value": "MRN-1"}}});
	assert_eq!(told(identifier).get("subject"), None);
}

#[test]
fn contained_resources_are_told_as_others_are() {
	let request = told(json!({
		"resourceType": "MedicationRequest", "medicationReference": {"reference": "#med"},
		"contained": [
			{"resourceType": "Medication", "id": "med", "status": "active", "identifier": [{"value": "1"}]},
			{"resourceType": "RelatedPerson", "id": "mother", "name": [{"family": "Tamm"}]},
		],
	}));
	let contained = request["contained"].as_array().unwrap();
	assert_eq!(contained.len(), 1);
	assert_eq!(request["medicationReference"]["reference"], format!("#{}", contained[0]["id"].as_str().unwrap()));
	assert_eq!(contained[0].as_object().unwrap().len(), 3);
}

#[test]
fn ids_differ_from_grant_to_grant_and_moves_of_days_do_not() {
	let of = |secret: u8, patient: u8, grant| Deidentifier::new(&[secret; 32], &PatientId([patient; 32]), grant, NOW);
	let (one, other) = (of(1, 7, 3), of(1, 7, 4));
	assert_ne!(one.id("x"), other.id("x"));
	assert_eq!(one.days, other.days);
	assert_ne!(one.id("x"), of(1, 8, 3).id("x"));
	assert_ne!(one.id("x"), of(2, 7, 3).id("x"));
	let moves: std::collections::BTreeSet<_> = (0..=255).map(|patient| of(1, patient, 0).days).collect();
	assert!(moves.len() > 128 && moves.iter().any(|days| *days < 0) && moves.iter().any(|days| *days > 0));
}

#[test]
fn days_and_moments_are_moved_and_months_become_years() {
	let deid = deid(1);
	let moved = deid.date("2020-02-29").unwrap();
	assert_eq!(days_between("2020-02-29", &moved), deid.days);
	let moment = deid.date("2020-02-29T23:30:00.250-05:00").unwrap();
	assert_eq!(days_between("2020-03-01", &moment), deid.days);
	assert_eq!(&moment[10..], "T04:30:00.250Z");
	assert_eq!(deid.date("2020-02").as_deref(), Some("2020"));
	assert_eq!(deid.date("2020").as_deref(), Some("2020"));
	for other in ["", "Tamm", "Maria Tamm", "2020-02-30", "2020-13", "29 February 2020", "2020-02-29T25:00:00Z"] {
		assert_eq!(deid.date(other), None, "{other}");
	}
}

#[test]
fn days_that_alone_tell_of_an_age_over_89_go() {
	let deid = deid(1);
	for old in ["1936-01-15", "1936", "1936-12", "1935-06-01T10:00:00Z", "0001-01-01"] {
		assert_eq!(deid.date(old), None, "{old}");
	}
	assert!(deid.date("1936-01-16").is_some() && deid.date("1937").is_some());
}

#[test]
fn a_birth_date_becomes_its_year_and_who_is_90_becomes_a_category() {
	let patient = |birth: &str, death: Option<&str>| {
		let mut patient = json!({"resourceType": "Patient", "birthDate": birth});
		if let Some(death) = death {
			patient["deceasedDateTime"] = death.into();
		}
		let told = told(patient);
		(told.get("birthDate").cloned(), told.get("extension").map(|told| told[0]["valueString"].clone()))
	};
	let old = (None, Some(json!(OLD_CATEGORY)));
	let born = |year: &str| (Some(json!(year)), None);
	assert_eq!(patient("1984-07-02", None), born("1984"));
	assert_eq!(patient("1936-01-16", None), born("1936"));
	assert_eq!(patient("1936-01-15", None), old);
	assert_eq!(patient("1936-02", None), old);
	assert_eq!(patient("1936", None), old);
	assert_eq!(patient("1937", None), born("1937"));
	assert_eq!(patient("1900-05-01", None), old);
	assert_eq!(patient("1920-05-01", Some("1990-01-01")), born("1920"));
	assert_eq!(patient("1920-05-01", Some("2010")), old);
	assert_eq!(patient("Maria", None), (None, None));
}

#[test]
fn ages_over_89_become_at_least_90_in_whatever_unit() {
	let capped = json!({"value": 90, "comparator": ">=", "unit": "a", "system": UCUM, "code": "a"});
	for (value, unit) in [(90.0, "a"), (102.5, "a"), (1_100.0, "mo"), (4_800.0, "wk"), (36_000.0, "d")] {
		let age = json!({"value": value, "system": UCUM, "code": unit});
		assert_eq!(quantity(&age), Some(capped.clone()), "{value} {unit}");
	}
	let condition = told(json!({
		"resourceType": "Condition",
		"onsetAge": {"value": 94, "unit": "a", "system": UCUM, "code": "a"},
		"abatementAge": {"value": 89, "unit": "a", "system": UCUM, "code": "a"},
	}));
	assert_eq!(condition["onsetAge"], capped);
	assert_eq!(condition["abatementAge"]["value"], 89);
}

#[test]
fn a_bundle_holds_the_pseudonym_and_counts_what_went() {
	let plaintext = json!({"resourceType": "Bundle", "type": "collection", "entry": [
		{"fullUrl": "urn:uuid:0b", "resource": {"resourceType": "Observation", "id": "o", "status": "final",
			"subject": {"reference": "urn:uuid:0a"}}},
		{"fullUrl": "urn:uuid:0a", "resource": {"resourceType": "Patient", "id": "p"}},
		{"resource": {"resourceType": "Claim", "id": "c"}},
	]})
	.to_string();
	let made = deid(1).bundle(&Pseudonym([9; 32]), [plaintext.as_bytes()]).unwrap();
	assert_eq!((made.kept, made.dropped), (2, 1));
	let bundle: Value = serde_json::from_slice(&made.bundle).unwrap();
	assert_eq!(bundle["identifier"]["value"], Pseudonym([9; 32]).to_string());
	assert_eq!(bundle["entry"][0]["resource"]["subject"]["reference"], bundle["entry"][1]["fullUrl"]);
	assert!(matches!(deid(1).bundle(&Pseudonym([9; 32]), [&b"no bundle"[..]]), Err(Error::Corrupted(_))));
}

#[test]
fn data_points_keep_measures_and_move_moments() {
	let deid = deid(1);
	let point = json!({
		"header": {
			"id": "243c773b-8936-407e-9c23-270d0ea49cc4", "creation_date_time": "2020-02-05T07:25:00Z", "user_id": "maria",
			"schema_id": {"namespace": "omh", "name": "blood-glucose", "version": "4.0"},
			"acquisition_provenance": {"source_name": "Maria's meter", "modality": "sensed"},
		},
		"body": {
			"blood_glucose": {"unit": "mg/dL", "value": 95}, "specimen_source": "capillary blood",
			"temporal_relationship_to_meal": "Maria", "user_notes": "Maria",
			"effective_time_frame": {"time_interval": {"start_date_time": "2020-02-05T07:25:00+01:00",
				"duration": {"unit": "min", "value": 5}}},
		},
	});
	let told = deid.data_point(&point).unwrap();
	assert_eq!(
		told,
		json!({
			"header": {
				"schema_id": {"namespace": "omh", "name": "blood-glucose", "version": "4.0"}, "modality": "sensed",
				"creation_date_time": deid.date("2020-02-05T07:25:00Z").unwrap(),
			},
			"body": {
				"blood_glucose": {"unit": "mg/dL", "value": 95}, "specimen_source": "capillary blood",
				"effective_time_frame": {"time_interval": {
					"start_date_time": deid.date("2020-02-05T06:25:00Z").unwrap(),
					"duration": {"unit": "min", "value": 5}}},
			},
		})
	);
	assert_eq!(deid.data_point(&point["body"]).unwrap(), told["body"]);
	for nothing in [json!({}), json!({"body": {}}), json!({"heart_rate": "Maria"}), json!({"name": "Maria"}), json!([])]
	{
		assert_eq!(deid.data_point(&nothing), None, "{nothing}");
	}
}

/// Demographic text: words that are in no table, so that finding one means that it got through.
fn personal() -> impl Strategy<Value = String> {
	"[A-Z][a-z]{3,8}qx[a-z]{0,3}( [A-Z][a-z]{3,8})?"
}

/// All strings within.
fn strings(value: &Value, found: &mut Vec<String>) {
	match value {
		Value::String(text) => found.push(text.clone()),
		Value::Array(values) => values.iter().for_each(|value| strings(value, found)),
		Value::Object(fields) => fields.values().for_each(|value| strings(value, found)),
		_ => (),
	}
}

proptest! {
	#[test]
	fn no_text_of_the_patient_gets_through_wherever_it_stands(
		words in prop::collection::vec(personal(), 6),
		phone in "\\+372 5[0-9]{7}",
		number in "[0-9]{11}x",
		turn in 0usize..7,
		secret: [u8; 32],
	) {
		let deid = Deidentifier::new(&secret, &PatientId([1; 32]), 0, NOW);
		let word = |index: usize| words[index % words.len()].as_str();
		// Every element that any table knows, and some that none does, filled with text in every shape.
		let mut names: Vec<String> = Vec::new();
		for kind in KINDS {
			names.extend(tables::elements(kind).unwrap().iter().map(|(name, _)| name.to_string()));
		}
		names.extend(["name", "address", "telecom", "identifier", "photo", "note", "text", "contact", "language",
			"birthDate", "extension", "implicitRules", "generalPractitioner", "communication"].map(String::from));
		for kind in KINDS {
			let mut resource = json!({"resourceType": kind, "id": word(0)});
			for (index, name) in names.iter().enumerate() {
				resource[name] = match (index + turn) % 7 {
					0 => word(index).into(),
					1 => json!({"text": word(index), "coding": [{"system": word(1), "code": word(2), "display": word(3)}]}),
					2 => json!({"reference": format!("Patient/{}", word(index)), "display": word(index)}),
					3 => json!({"value": 1, "unit": word(index), "system": UCUM, "code": word(index)}),
					4 => json!([{"system": "phone", "value": phone}, {"value": number}, {"line": [word(index)]}]),
					5 => json!({"coding": [{"system": "http://loinc.org", "code": number, "display": word(index)}]}),
					_ => json!({"start": word(index), "end": phone, "low": {"value": number}, "text": word(0)}),
				};
			}
			let told = deid.resource(&resource).unwrap();
			let mut found = Vec::new();
			strings(&told, &mut found);
			for text in found {
				for personal in words.iter().chain([&phone, &number]) {
					prop_assert!(!text.contains(personal.as_str()), "{kind}: {text}");
				}
			}
		}
	}

	#[test]
	fn intervals_between_days_stay(secret: [u8; 32], patient: [u8; 32], one in 15_000i32..20_000, apart in 0u64..3_000) {
		let deid = Deidentifier::new(&secret, &PatientId(patient), 0, NOW);
		prop_assert!(deid.days != 0 && deid.days.abs() <= MAX_SHIFT);
		let day = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap() + Days::new(one as u64);
		let (first, second) = (day.to_string(), (day + Days::new(apart)).to_string());
		let (moved, later) = (deid.date(&first).unwrap(), deid.date(&second).unwrap());
		prop_assert_eq!(days_between(&moved, &later), apart as i64);
		prop_assert_eq!(days_between(&first, &moved), deid.days);
		let moment = deid.date(&format!("{second}T12:00:00Z")).unwrap();
		prop_assert_eq!(moment, format!("{later}T12:00:00Z"));
	}
}

const KINDS: [&str; 17] = [
	"Patient",
	"Observation",
	"Condition",
	"Procedure",
	"MedicationRequest",
	"MedicationStatement",
	"MedicationAdministration",
	"MedicationDispense",
	"Medication",
	"Immunization",
	"AllergyIntolerance",
	"DiagnosticReport",
	"Specimen",
	"Encounter",
	"CarePlan",
	"ServiceRequest",
	"Organization",
];
