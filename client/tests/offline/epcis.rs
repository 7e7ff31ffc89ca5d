//! EPCIS: hashes against GS1's reference documents, checks, steps as events and back, the command line.
//!
//! GS1's schema, examples and reference documents are not part of the project: they are used where they are at hand, in the
//! folder that `SALUS_SHARED_DATA` names or beside the workspace.

use proptest::prelude::*;
use salus_client::{
	epcis::{
		context::Context,
		event_hashes,
		export::{self, Kind, Step},
		import::{import, steps_of, Imported},
		logger::{excursion_readings, excursions, read_table},
		schema::Schema,
		validate::validate,
	},
	Error,
};
use serde_json::{json, Value};
use std::{
	path::{Path, PathBuf},
	process::{Command, Output},
};

fn testdata(name: &str) -> PathBuf {
	Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/epcis").join(name)
}

fn shared(folder: &str) -> PathBuf {
	let data = std::env::var_os("SALUS_SHARED_DATA").map(PathBuf::from);
	data.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data")).join(folder)
}

/// Documents of a shared folder with their names; none where it is not at hand.
fn documents(folder: &str) -> Vec<(String, Value)> {
	let Ok(files) = std::fs::read_dir(shared(folder)) else { return Vec::new() };
	let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
	paths.retain(|path| path.extension().is_some_and(|extension| extension == "jsonld"));
	paths.sort();
	let read = |path: &PathBuf| (path.file_stem().unwrap().to_str().unwrap().to_owned(), read(path));
	paths.iter().map(read).collect()
}

fn read(path: &Path) -> Value {
	let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
	serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn lines(path: &Path) -> Vec<String> {
	std::fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect()
}

fn schema() -> Option<Schema> {
	let path = shared("epcis").join("EPCIS-JSON-Schema.json");
	path.is_file().then(|| Schema::new(&read(&path)).unwrap())
}

fn steps() -> Vec<Step> {
	export::read_steps(&read(&testdata("steps.json"))).unwrap()
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, Error>) -> (&'static str, String) {
	match result {
		Err(Error::Refused { code, at: Some(at), .. }) => (code, at),
		other => panic!("{other:?}"),
	}
}

// Hashes.

#[test]
fn reference_documents_have_their_reference_hashes() {
	for (name, document) in documents("epcis-event-hash") {
		let hashes = event_hashes(&document).unwrap();
		let folder = shared("epcis-event-hash");
		let prehashes: Vec<_> = hashes.iter().map(|hash| hash.prehash.clone()).collect();
		assert_eq!(prehashes, lines(&folder.join(format!("{name}.prehashes"))), "{name}");
		let uris: Vec<_> = hashes.iter().map(|hash| hash.uri()).collect();
		assert_eq!(uris, lines(&folder.join(format!("{name}.hashes"))), "{name}");
	}
}

#[test]
fn our_own_documents_have_the_hashes_that_they_had() {
	let hashes = event_hashes(&read(&testdata("events.json"))).unwrap();
	let prehashes: Vec<_> = hashes.into_iter().map(|hash| hash.prehash).collect();
	assert_eq!(prehashes, lines(&testdata("events.prehashes")));
}

#[test]
fn every_way_of_packing_events_gives_the_same_hashes() {
	let document = read(&testdata("events.json"));
	let hashes = event_hashes(&document).unwrap();
	let mut query = document.clone();
	query["type"] = json!("EPCISQueryDocument");
	query["epcisBody"] = json!({"queryResults": {"queryName": "all", "resultsBody": document["epcisBody"]}});
	assert_eq!(event_hashes(&query).unwrap(), hashes);
	let with_context = |event: &Value| {
		let mut event = event.clone();
		event["@context"] = document["@context"].clone();
		event
	};
	let events: Vec<_> = document["epcisBody"]["eventList"].as_array().unwrap().iter().map(with_context).collect();
	for (event, hash) in events.iter().zip(&hashes) {
		assert_eq!(event_hashes(event).unwrap(), std::slice::from_ref(hash));
	}
	assert_eq!(event_hashes(&events.into()).unwrap(), hashes);
}

/// One event, written as plainly as can be.
fn plain_event(serials: &[u32], quantity: u32, minutes: u32, word: &str) -> Value {
	let time = format!("2026-01-{:02}T{:02}:{:02}:00.5Z", 1 + minutes / 1440, minutes / 60 % 24, minutes % 60);
	let epcs: Vec<_> =
		serials.iter().map(|serial| format!("https://id.gs1.org/01/04012345111118/21/{serial}")).collect();
	json!({
		"@context": {"ex": "https://ns.example.com/"},
		"type": "ObjectEvent", "action": "ADD", "eventTime": time, "eventTimeZoneOffset": "+00:00",
		"bizStep": "receiving", "disposition": "in_progress",
		"epcList": epcs,
		"quantityList": [{"epcClass": "https://id.gs1.org/01/04012345123456/10/998877", "quantity": quantity, "uom": "KGM"}],
		"readPoint": {"id": "https://id.gs1.org/414/4012345000115/254/987", "ex:door": word},
		"bizTransactionList": [{"type": "po", "bizTransaction": "https://id.gs1.org/253/4012345111118123"},
			{"type": "inv", "bizTransaction": "urn:x:2"}],
		"sourceList": [{"type": "owning_party", "source": "https://id.gs1.org/417/4000001000005"}],
		"sensorElementList": [{"sensorMetadata": {"time": "2026-01-01T00:00:00Z"}, "sensorReport": [
			{"type": "Temperature", "value": quantity, "uom": "CEL"}, {"type": "Speed", "booleanValue": true}]}],
		"ilmd": {"cbvmda:lotNumber": word},
		"ex:list": [{"ex:a": word, "ex:b": "2"}, "z"],
	})
}

/// The event in other words: lists turned round, members in another order, other spellings.
fn respelled(event: &Value, by_hours: i32, domain: &str) -> String {
	fn turn(value: &mut Value) {
		match value {
			Value::Array(items) => {
				items.reverse();
				items.iter_mut().for_each(turn);
			}
			Value::Object(members) => {
				members.iter_mut().filter(|(name, _)| *name != "@context").for_each(|(_, value)| turn(value))
			}
			_ => {}
		}
	}
	fn write(value: &Value, text: &mut String) {
		let separated = |count: usize, text: &mut String| {
			if count > 0 {
				text.push(',');
			}
		};
		match value {
			Value::Object(members) => {
				text.push('{');
				for (count, (name, value)) in members.iter().rev().enumerate() {
					separated(count, text);
					text.push_str(&format!("{} : ", json!(name)));
					write(value, text);
				}
				text.push('}');
			}
			Value::Array(items) => {
				text.push('[');
				for (count, item) in items.iter().enumerate() {
					separated(count, text);
					write(item, text);
				}
				text.push(']');
			}
			Value::Number(number) => text.push_str(&format!("{number}.00")),
			other => text.push_str(&other.to_string()),
		}
	}
	let mut event = event.clone();
	turn(&mut event);
	let moment = chrono::DateTime::parse_from_rfc3339(event["eventTime"].as_str().unwrap()).unwrap();
	let zone = chrono::FixedOffset::east_opt(by_hours * 3600).unwrap();
	event["eventTime"] = json!(moment.with_timezone(&zone).to_rfc3339());
	event["bizStep"] = json!("https://ref.gs1.org/cbv/BizStep-receiving");
	event["disposition"] = json!("cbv:Disp-in_progress");
	event["readPoint"]["id"] = json!("urn:epc:id:sgln:4012345.00011.987");
	event["sourceList"][0]["source"] = json!("urn:epc:id:pgln:4000001.00000");
	event["bizTransactionList"][1]["type"] = json!("urn:epcglobal:cbv:btt:po");
	event["@context"] = json!([{"other": "https://ns.example.com/"}]);
	event["eventID"] = json!("urn:uuid:5a105000-0000-4000-8000-0000000000e1");
	for (number, epc) in event["epcList"].as_array_mut().unwrap().iter_mut().enumerate() {
		let serial = epc.as_str().unwrap().rsplit('/').next().unwrap().to_owned();
		*epc = match number % 2 {
			0 => json!(format!("urn:epc:id:sgtin:4012345.011111.{serial}")),
			_ => json!(format!("https://{domain}/some/gtin/4012345111118/lot/7/ser/{serial}?17=271130")),
		};
	}
	let mut text = String::new();
	write(&event, &mut text);
	text.replace("\"ex:", "\"other:")
}

/// Pointers to all that an event says and its hash has.
fn places(value: &Value, at: String, found: &mut Vec<String>) {
	match value {
		Value::Object(members) => {
			for (name, value) in members.iter().filter(|(name, _)| *name != "@context") {
				places(value, format!("{at}/{name}"), found);
			}
		}
		Value::Array(items) => {
			items.iter().enumerate().for_each(|(number, item)| places(item, format!("{at}/{number}"), found));
		}
		_ => found.push(at),
	}
}

proptest! {
	#[test]
	fn the_hash_is_of_what_is_said_not_of_how(
		serials in prop::collection::btree_set(1u32..100_000, 1..6),
		quantity in 1u32..10_000,
		minutes in 0u32..40_000,
		word in "[a-zA-Z][a-zA-Z0-9 ]{0,10}[a-z]",
		hours in -12i32..=14,
		domain in "[a-z]{1,8}\\.(com|example)",
	) {
		let serials: Vec<_> = serials.into_iter().collect();
		let event = plain_event(&serials, quantity, minutes, &word);
		let hash = event_hashes(&event).unwrap();
		let other = serde_json::from_str(&respelled(&event, hours, &domain)).unwrap();
		prop_assert_eq!(&hash, &event_hashes(&other).unwrap());
	}

	#[test]
	fn any_change_changes_the_hash(
		serials in prop::collection::btree_set(1u32..100_000, 1..6),
		quantity in 1u32..10_000,
		minutes in 0u32..40_000,
		word in "[a-zA-Z][a-zA-Z0-9 ]{0,10}[a-z]",
		chosen in any::<prop::sample::Index>(),
		remove in any::<bool>(),
	) {
		let serials: Vec<_> = serials.into_iter().collect();
		let event = plain_event(&serials, quantity, minutes, &word);
		let mut all = Vec::new();
		places(&event, String::new(), &mut all);
		let place = chosen.get(&all);
		let mut other = event.clone();
		let removable = remove && place != "/type";
		if let (true, Some((parent, name))) = (removable, place.rsplit_once('/')) {
			match other.pointer_mut(parent).unwrap() {
				Value::Object(members) => drop(members.remove(name)),
				Value::Array(items) => drop(items.remove(name.parse().unwrap())),
				_ => unreachable!(),
			}
		} else {
			let value = other.pointer_mut(place).unwrap();
			*value = match (&*value, place.ends_with("ime")) {
				(Value::String(text), true) => json!(text.replacen("2026", "2025", 1)),
				(Value::String(text), false) => json!(format!("{text}x")),
				(Value::Bool(value), _) => json!(!value),
				(value, _) => json!(value.as_f64().unwrap() + 0.001),
			};
		}
		prop_assert_ne!(event_hashes(&event).unwrap(), event_hashes(&other).unwrap(), "{}", place);
	}
}

// Checks.

#[test]
fn gs1s_examples_are_accepted_by_both() {
	let schema = schema();
	let examples = documents("epcis");
	for (name, document) in examples.iter().chain(&documents("epcis-event-hash")) {
		let events = document["epcisBody"]["eventList"].as_array().unwrap().len();
		assert_eq!(validate(document), Ok(events), "{name}");
		schema.as_ref().unwrap().check(document).unwrap_or_else(|e| panic!("{name}: {e}"));
		event_hashes(document).unwrap_or_else(|e| panic!("{name}: {e}"));
	}
}

#[test]
fn our_own_document_is_accepted_by_both() {
	let mut document = read(&testdata("events.json"));
	assert_eq!(validate(&document), Ok(6));
	if let Some(schema) = schema() {
		schema.check(&document).unwrap();
		document["epcisBody"]["eventList"][0]["eventTime"] = json!("2026-01-31");
		assert_eq!(refused(schema.check(&document)), ("AgainstSchema", "/epcisBody/eventList/0/eventTime".into()));
	}
}

/// Every event of GS1's examples with something broken, and what is said of it.
#[test]
fn broken_examples_are_refused_each_with_its_own_error() {
	let schema = schema();
	for (name, document) in documents("epcis") {
		for number in 0..document["epcisBody"]["eventList"].as_array().unwrap().len() {
			let at = format!("/epcisBody/eventList/{number}");
			for (member, value, code, by_schema) in [
				("eventTime", Value::Null, "Missing", true),
				("eventTimeZoneOffset", Value::Null, "Missing", true),
				("type", Value::Null, "Missing", true),
				("eventTime", json!("2026-01-31T12:00:00"), "BadTime", true),
				("eventTimeZoneOffset", json!("+25:00"), "BadOffset", true),
				("bizStep", json!("exampling"), "UnknownWord", true),
				("disposition", json!("gone"), "UnknownWord", true),
				("eventID", json!("no uri"), "BadUri", true),
				("undefined", json!(1), "UnknownMember", true),
				("readPoint", json!("urn:epc:id:sgln:4012345.00001.0"), "WrongType", true),
				// What only goes beyond the schema.
				("nowhere:field", json!(1), "UndefinedPrefix", false),
				("eventID", json!("urn:epc:id:sgtin:1.2.3"), "BadEpc", false),
				("certificationInfo", json!("https://id.gs1.org/01/04012345111117"), "BadCheckDigit", false),
			] {
				let mut broken = document.clone();
				let event = broken.pointer_mut(&at).unwrap().as_object_mut().unwrap();
				match &value {
					Value::Null => drop(event.remove(member)),
					value => drop(event.insert(member.to_owned(), value.clone())),
				}
				assert_eq!(refused(validate(&broken)), (code, format!("{at}/{member}")), "{name}: {member}");
				let found = schema.as_ref().unwrap().check(&broken).is_err();
				assert_eq!(found, by_schema, "{name}: {member} {value}");
			}
		}
	}
}

// Steps.

#[test]
fn every_kind_of_step_becomes_an_event_that_both_accept() {
	let steps = steps();
	let kinds: std::collections::BTreeSet<_> = steps.iter().map(|step| step.kind).collect();
	assert_eq!(kinds.len(), 18, "{kinds:?}");
	let document = export::document_of(&steps).unwrap();
	assert_eq!(validate(&document), Ok(steps.len()));
	if let Some(schema) = schema() {
		schema.check(&document).unwrap();
	}
	// The same again, to the byte.
	assert_eq!(export::document_of(&steps).unwrap().to_string(), document.to_string());
	for (number, step) in steps.iter().enumerate() {
		let event = export::event(step).unwrap();
		let alone = export::document(vec![event.clone()]);
		assert_eq!(validate(&alone), Ok(1), "{number}");
		// In its document, in another, and on its own it has the hash that the chain stores.
		let hash = export::step_hash(step).unwrap();
		for place in [&document["epcisBody"]["eventList"][number], &alone["epcisBody"]["eventList"][0], &event] {
			assert_eq!(place["eventID"], salus_client::epcis::hash::uri(&hash));
		}
		assert_eq!(event_hashes(&event).unwrap()[0].digest, hash);
		assert_eq!(event_hashes(&alone).unwrap()[0].digest, hash);
		assert_eq!(event_hashes(&document).unwrap()[number].digest, hash);
	}
}

#[test]
fn steps_have_the_hashes_that_they_had() {
	let hashes: Vec<_> = steps().iter().map(|step| hex(&export::step_hash(step).unwrap())).collect();
	assert_eq!(hashes, lines(&testdata("steps.hashes")));
}

fn hex(bytes: &[u8]) -> String {
	bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a document of steps tells: a lot's expiry is told of the lot, so that every step of it has it.
fn as_told(mut steps: Vec<Step>) -> Vec<Step> {
	let expiry = steps.iter().find_map(|step| step.expiry.clone());
	steps.iter_mut().for_each(|step| step.expiry = expiry.clone());
	steps
}

#[test]
fn everything_exported_comes_back() {
	let steps = steps();
	let back = steps_of(&export::document_of(&steps).unwrap()).unwrap();
	assert_eq!(back, as_told(steps));
	for (step, once) in steps_of(&export::document_of(&back).unwrap()).unwrap().iter().zip(&back) {
		assert_eq!(step, once);
		assert_eq!(export::step_hash(step), export::step_hash(once));
	}
}

#[test]
fn names_and_expiry_change_no_hash_but_everything_else_does() {
	let step = steps().into_iter().find(|step| step.kind == Kind::Ship).unwrap();
	let hash = export::step_hash(&step).unwrap();
	let with = |change: &dyn Fn(&mut Step)| {
		let mut step = step.clone();
		change(&mut step);
		export::step_hash(&step).unwrap()
	};
	assert_eq!(hash, with(&|step| step.from.as_mut().unwrap().name = "Renamed".into()));
	assert_eq!(hash, with(&|step| step.expiry = Some("2027-01-31".into())));
	assert_eq!(hash, with(&|step| step.block = Some(7)));
	let changes: [&dyn Fn(&mut Step); 10] = [
		&|step| step.kind = Kind::Receive,
		&|step| step.at += 1,
		&|step| step.gtin = "04012345222227".into(),
		&|step| step.lot.push('x'),
		&|step| step.quantity = Some(1),
		&|step| step.sscc = None,
		&|step| step.from = step.to.take(),
		&|step| step.place = None,
		&|step| step.reason = Some("other".into()),
		&|step| step.transaction = None,
	];
	for (number, change) in changes.into_iter().enumerate() {
		assert_ne!(hash, with(change), "change {number}");
	}
}

#[test]
fn a_step_that_no_event_can_say_is_refused() {
	let base = json!({"kind": "ship", "at": 1767225600000u64, "gtin": "04012345111118", "lot": "A"});
	for (changes, code, at) in [
		(json!({"gtin": "04012345111117"}), "BadKey", "/1/gtin"),
		(json!({"gtin": "4012345111118"}), "BadKey", "/1/gtin"),
		(json!({"lot": ""}), "BadText", "/1/lot"),
		(json!({"lot": "A B"}), "BadText", "/1/lot"),
		(json!({"expiry": "2027-02-30"}), "BadDate", "/1/expiry"),
		(json!({"quantity": 0}), "BadQuantity", "/1/quantity"),
		(json!({"quantity": 3, "serials": ["1", "2"]}), "BadQuantity", "/1/quantity"),
		(json!({"serials": ["1", "1"]}), "Duplicate", "/1/serials"),
		(json!({"serials": ["1", "ü"]}), "BadText", "/1/serials/1"),
		(json!({"sscc": "040123450000001113"}), "BadKey", "/1/sscc"),
		(json!({"child_ssccs": ["040123450000001112"]}), "NotExpressible", "/1/child_ssccs"),
		(json!({"kind": "pack"}), "Missing", "/1/sscc"),
		(json!({"from": {"name": ""}}), "Missing", "/1/from/name"),
		(json!({"to": {"name": "x", "gln": "4012345000008"}}), "BadKey", "/1/to/gln"),
		(json!({"place": "x"}), "BadKey", "/1/place"),
		(json!({"place": "4012345000115."}), "BadText", "/1/place"),
		(json!({"reason": " x"}), "BadText", "/1/reason"),
		(json!({"transaction": ""}), "BadText", "/1/transaction"),
		(json!({"kind": "excursion"}), "NotExpressible", "/1/sensor"),
		(json!({"kind": "excursion", "sensor": {"min": 5, "max": 4, "minutes": 1}}), "BadSensor", "/1/sensor"),
		(json!({"at": u64::MAX}), "BadTime", "/1/at"),
		(json!({"event_hash": "0x12"}), "BadHash", "/1/event_hash"),
		(json!({"event_hash": format!("0x{}", "00".repeat(32))}), "AnotherHash", "/1/event_hash"),
		(json!({"expiry": "2027-01-31"}), "TwoExpiries", "/1/expiry"),
		(json!({"kind": "send"}), "BadStep", "/1"),
		(json!({"colour": "red"}), "BadStep", "/1"),
	] {
		let mut first = base.clone();
		first["expiry"] = json!("2027-01-01");
		let mut second = base.clone();
		changes.as_object().unwrap().iter().for_each(|(name, value)| second[name] = value.clone());
		let steps = export::read_steps(&json!([first, second]));
		assert_eq!(refused(steps.and_then(|steps| export::document_of(&steps))), (code, at.to_owned()), "{changes}");
	}
}

#[test]
fn the_chains_hash_is_compared() {
	for mut step in steps() {
		step.event_hash = Some(format!("0x{}", hex(&export::step_hash(&step).unwrap())));
		export::event(&step).unwrap();
		step.at += 1;
		assert_eq!(refused(export::event(&step)), ("AnotherHash", "/event_hash".into()));
	}
}

#[test]
fn events_of_others_are_taken_or_refused() {
	let event = |changes: Value| {
		let mut event = json!({"type": "ObjectEvent", "eventTime": "2026-01-31T12:00:00+01:00",
			"eventTimeZoneOffset": "+01:00", "action": "OBSERVE", "bizStep": "shipping", "disposition": "in_transit",
			"quantityList": [{"epcClass": "urn:epc:class:lgtin:4012345.012345.998877", "quantity": 200.0}],
			"sourceList": [{"type": "possessing_party", "source": "urn:epc:id:sgln:4012345.00001.0"}]});
		changes.as_object().unwrap().iter().for_each(|(name, value)| event[name] = value.clone());
		event
	};
	let step = steps_of(&event(json!({"bizTransactionList": [{"type": "po", "bizTransaction": "urn:x:1"}]})))
		.unwrap()
		.remove(0);
	assert_eq!((step.gtin.as_str(), step.lot.as_str(), step.quantity), ("04012345123456", "998877", Some(200)));
	assert_eq!(step.from.unwrap().gln.as_deref(), Some("4012345000016"));
	assert_eq!(step.transaction.as_deref(), Some("po urn:x:1"));
	assert_eq!(steps_of(&event(json!({"eventTime": "1970-01-01T00:00:00.0015Z"}))).unwrap()[0].at, 2);
	for (changes, code, at) in [
		(json!({"disposition": "damaged"}), "NotMapped", ""),
		(json!({"action": "ADD"}), "NotMapped", ""),
		(json!({"quantityList": []}), "Missing", ""),
		(
			json!({"quantityList": [{"epcClass": "urn:epc:idpat:sgtin:4012345.098765.*"}]}),
			"NotMapped",
			"/quantityList/0/epcClass",
		),
		(
			json!({"quantityList": [{"epcClass": "urn:epc:class:lgtin:4012345.012345.9", "quantity": 2, "uom": "KGM"}]}),
			"NotMapped",
			"/quantityList/0/uom",
		),
		(json!({"epcList": ["urn:epc:id:sgtin:4012345.011111.1"]}), "NotMapped", "/quantityList/0"),
		(json!({"epcList": ["urn:epc:id:grai:4012345.66666.87"]}), "NotMapped", "/epcList/0"),
		(
			json!({"sourceList": [{"type": "location", "source": "urn:epc:id:sgln:4012345.00001.0"}]}),
			"NotMapped",
			"/sourceList/0",
		),
		(
			json!({"sourceList": [{"type": "owning_party", "source": "urn:epc:id:pgln:4012345.00001"},
				{"type": "possessing_party", "source": "urn:epc:id:pgln:4000001.00000"}]}),
			"TwoParties",
			"/sourceList/1",
		),
		(json!({"readPoint": {"id": "geo:47.5,11.1"}}), "NotMapped", "/readPoint"),
		(
			json!({"quantityList": [{"epcClass": "urn:epc:class:lgtin:4012345.012345.9", "quantity": 2},
				{"epcClass": "urn:epc:class:lgtin:4012345.012345.9", "quantity": 3}]}),
			"TwoProducts",
			"/quantityList/1",
		),
		(json!({"errorDeclaration": {"declarationTime": "2026-02-01T00:00:00Z"}}), "NotMapped", "/errorDeclaration"),
		(json!({"ex:anything": 1}), "NotMapped", "/ex:anything"),
		(json!({"eventTime": "2026-01-31"}), "BadTime", "/eventTime"),
		(json!({"ilmd": {"cbvmda:lotNumber": "998877"}}), "NotMapped", "/ilmd"),
		(json!({"persistentDisposition": {"put": ["recalled"]}}), "NotMapped", "/persistentDisposition/put"),
		(
			json!({"action": "ADD", "bizStep": "commissioning", "disposition": "active", "ilmd": {"cbvmda:lotNumber": "other"}}),
			"TwoProducts",
			"/ilmd/cbvmda:lotNumber",
		),
	] {
		assert_eq!(refused(steps_of(&event(changes.clone()))), (code, at.to_owned()), "{changes}");
	}
}

/// What came of an event in one line: `kind GTIN lot quantity place moment`, with `as told` where the step is the very
/// event, or the code and the place of the refusal.
fn line(imported: &Imported) -> String {
	match &imported.step {
		Ok(step) => {
			let quantity = step.quantity.map(|quantity| quantity.to_string()).unwrap_or_default();
			let words = [&step.gtin, &step.lot, &quantity, step.place.as_deref().unwrap_or("-"), &step.at.to_string()];
			let same = if imported.same { " as told" } else { "" };
			format!("{} {}{same}", serde_json::to_value(step.kind).unwrap().as_str().unwrap(), words.join(" "))
		}
		Err(Error::Refused { code, at, .. }) => format!("{code} {}", at.as_deref().unwrap()),
		Err(other) => panic!("{other:?}"),
	}
}

fn lines_of(document: &Value, lot: Option<&str>) -> Vec<String> {
	let imported = import(document, lot).unwrap();
	assert_eq!(imported.len(), salus_client::epcis::events(document).unwrap().len());
	assert!(
		imported.iter().all(|event| event.step.is_err() || event.hash.is_some()),
		"a step is of an event with a hash"
	);
	imported.iter().map(line).collect()
}

/// GS1's examples, where they are at hand: what comes of each of their events if the units are said to be of lot L1.
const OF_GS1: [(&str, &[&str]); 12] = [
	// Neither are trays, nor is anything transformed on this chain.
	("AssociationEvent-a", &["NotMapped /epcisBody/eventList/0"]),
	("ErrorDeclarationAndCorrectiveEvent", &["NotMapped /epcisBody/eventList/0", "NotMapped /epcisBody/eventList/1"]),
	("Example_9.6.1-ObjectEvent-with-pseudo-SBDH-headers", &[SHIPPED, TWO_PLACES]),
	("Example_9.6.1-ObjectEvent", &[SHIPPED, TWO_PLACES]),
	(
		"Example_9.6.1-ObjectEventWithDigitalLink",
		&["ship 70614141123451 L1 2 0614141073467.1234 1112582011116", TWO_PLACES],
	),
	("Example_9.6.1-with-comment", &[SHIPPED, TWO_PLACES]),
	// Kilograms are no number of units.
	("Example_9.6.2-ObjectEvent", &["NotMapped /epcisBody/eventList/0/quantityList/0/uom"]),
	// A case that is seen is neither packed nor unpacked.
	("Example_9.6.3-AggregationEvent", &["NotMapped /epcisBody/eventList/0"]),
	("Example_9.6.4-TransformationEvent", &["NotMapped /epcisBody/eventList/0"]),
	// Readings are no excursion before a storage rule judges them.
	("SensorDataExample1", &["NotMapped /epcisBody/eventList/0"]),
	("SensorDataExample2", &["NotMapped /epcisBody/eventList/0"]),
	("SensorDataExample3", &["NotMapped /epcisBody/eventList/0"]),
];
const SHIPPED: &str = "ship 10614141073464 L1 2 0614141073467.1234 1112582011116";
const TWO_PLACES: &str = "NotMapped /epcisBody/eventList/1/bizLocation";

#[test]
fn each_of_gs1s_events_is_the_step_it_says_or_refused_for_what_no_step_says() {
	let documents = documents("epcis");
	for (name, document) in &documents {
		let (_, expected) = OF_GS1.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("{name} is new"));
		assert_eq!(lines_of(document, Some("L1")), *expected, "{name}");
		// None of them tells the lot of a serial number.
		let without = expected.iter().map(|line| match *line {
			TWO_PLACES => "Missing /epcisBody/eventList/1",
			line if line.starts_with("ship") => "Missing /epcisBody/eventList/0",
			line => line,
		});
		let without: Vec<_> = without.collect();
		assert_eq!(lines_of(document, None), without, "{name}");
		let hashes: Vec<_> = import(document, None).unwrap().into_iter().map(|event| event.hash.unwrap()).collect();
		assert_eq!(hashes, event_hashes(document).unwrap(), "{name}");
	}
	assert!(documents.is_empty() || documents.len() == OF_GS1.len(), "{} documents", documents.len());
}

/// What a system that is none of ours writes: each event with the step it says, or why none does.
const FOREIGN: [&str; 13] = [
	"commission 04012345111118 B26 2 4012345000115.LINE-4 1772432100500",
	// What is packed is of the lot that it was commissioned in.
	"pack 04012345111118 B26 2 - 1772434800000",
	// The link tells the lot.
	"ship 04012345111118 C7 1 - 1772517600000",
	"receive 04012345111118 B26 40 4000001987658 1772618400000",
	"Missing /epcisBody/eventList/4",
	"TwoProducts /epcisBody/eventList/5/epcList/1",
	"NotMapped /epcisBody/eventList/6/quantityList/0/uom",
	"NotMapped /epcisBody/eventList/7/erp:voucher",
	// Sent, or sent back: without its disposition nobody knows.
	"NotMapped /epcisBody/eventList/8",
	"NotMapped /epcisBody/eventList/9",
	"BadEpc /epcisBody/eventList/10/epcList/0",
	"BadTime /epcisBody/eventList/11/eventTime",
	"UnknownType /epcisBody/eventList/12/type",
];

#[test]
fn each_event_of_another_system_is_the_step_it_says_or_refused_for_what_no_step_says() {
	let document = read(&testdata("foreign.json"));
	assert_eq!(lines_of(&document, None), FOREIGN);
	let mut with_lot = FOREIGN;
	with_lot[4] = "dispense 04012345111118 D9 1 - 1772704800000";
	assert_eq!(lines_of(&document, Some("D9")), with_lot, "a stated lot is of those units alone that have no other");
	let imported = import(&document, None).unwrap();
	let step = |number: usize| imported[number].step.as_ref().unwrap();
	assert_eq!(step(0).expiry.as_deref(), Some("2028-02-29"));
	assert_eq!(
		(step(0).serials.as_slice(), step(1).sscc.as_deref()),
		(&["A1".into(), "A2".into()][..], Some("040123450000001112"))
	);
	let glns = [&step(2).from, &step(2).to].map(|party| party.as_ref().unwrap().gln.clone().unwrap());
	assert_eq!(glns, ["4012345000009", "4000001000005"]);
	assert_eq!(step(2).transaction.as_deref(), Some("desadv https://erp.example.com/da/88"));
	// Each step is an event again, and a right one.
	let steps: Vec<_> = imported.iter().filter_map(|event| event.step.clone().ok()).collect();
	assert_eq!(validate(&export::document_of(&steps).unwrap()), Ok(4));
}

#[test]
fn the_events_of_our_own_export_are_taken_as_told() {
	let document = export::document_of(&steps()).unwrap();
	for (imported, step) in import(&document, Some("another")).unwrap().iter().zip(steps()) {
		assert!(imported.same, "{:?}", imported.at);
		assert_eq!(imported.hash.as_ref().unwrap().digest, export::step_hash(&step).unwrap());
	}
}

#[test]
fn a_unit_that_is_commissioned_in_two_lots_is_of_neither() {
	let event = |step: &str, disposition: &str, action: &str, lot: Option<&str>| {
		let mut event = json!({"@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
			"type": "ObjectEvent", "eventTime": "2026-01-31T12:00:00Z", "eventTimeZoneOffset": "+00:00", "action": action,
			"bizStep": step, "disposition": disposition, "epcList": ["urn:epc:id:sgtin:4012345.011111.A1"]});
		if let Some(lot) = lot {
			event["ilmd"] = json!({ "cbvmda:lotNumber": lot });
		}
		event
	};
	let shipped = || event("shipping", "in_transit", "OBSERVE", None);
	let begun = |lot| event("commissioning", "active", "ADD", Some(lot));
	let last = |document: Value| import(&document, None).unwrap().pop().unwrap().step;
	assert_eq!(last(json!([begun("A"), begun("A"), shipped()])).unwrap().lot, "A");
	assert_eq!(refused(last(json!([begun("A"), begun("B"), shipped()]))), ("Missing", "/2".into()));
	assert_eq!(refused(last(json!([begun("A"), begun("B"), begun("A"), shipped()]))), ("Missing", "/3".into()));
}

prop_compose! {
	fn any_step()(
		kind in 0usize..18,
		at in 0u64..253_402_300_800_000,
		lot in "[A-Za-z0-9/%&+_.-]{1,20}",
		units in prop_oneof![
			Just((None, vec![])),
			(1u64..1_000_000).prop_map(|quantity| (Some(quantity), vec![])),
			prop::collection::btree_set("[A-Za-z0-9/%*-]{1,20}", 1..4)
				.prop_map(|serials| (Some(serials.len() as u64), serials.into_iter().collect::<Vec<_>>())),
		],
		inside in any::<bool>(),
		place in prop_oneof![
			Just(None), Just(Some("4012345000115".to_owned())), "4012345000115[.][A-Za-z0-9/%.-]{1,20}".prop_map(Some),
		],
		name in "[\\PC]{1,30}",
		gln in any::<bool>(),
		parties in (any::<bool>(), any::<bool>()),
		reason in prop::option::of("[a-z]{1,12}"),
		transaction in prop::option::of(prop_oneof!["[a-z]{3,9}://[a-z0-9/]{1,20}", "(po|desadv) [A-Za-z0-9/ #]{0,8}[A-Z]", "[A-Z0-9-]{1,12}"]),
		warmth in (-400i32..400, 0i32..400, 1u32..100_000),
	) -> Step {
		let kind: Kind = serde_json::from_value(json!(KINDS[kind])).unwrap();
		let packing = matches!(kind, Kind::Pack | Kind::Unpack);
		let party = export::Party { name, gln: gln.then(|| "4000001000005".into()) };
		Step {
			kind, at, gtin: "04012345111118".into(), lot, expiry: Some("2027-11-30".into()), quantity: units.0, serials: units.1,
			sscc: (packing || inside).then(|| "040123450000001112".into()),
			child_ssccs: if packing && inside { vec!["040123450000002225".into()] } else { vec![] },
			from: parties.0.then(|| party.clone()), to: parties.1.then_some(party), place,
			reason, transaction,
			sensor: (kind == Kind::Excursion).then(|| export::Sensor {
				min: f64::from(warmth.0) / 10.0, max: f64::from(warmth.0 + warmth.1) / 10.0, minutes: warmth.2,
			}),
			event_hash: None, block: None,
		}
	}
}

const KINDS: [&str; 18] = [
	"commission",
	"pack",
	"unpack",
	"ship",
	"receive",
	"refuse",
	"retract",
	"dispense",
	"undo-dispense",
	"decommission",
	"destroy",
	"steal",
	"return",
	"hold",
	"release",
	"recall",
	"lift-recall",
	"excursion",
];

proptest! {
	#[test]
	fn any_step_is_a_right_event_and_comes_back(step in any_step()) {
		let document = export::document_of(std::slice::from_ref(&step)).unwrap();
		prop_assert_eq!(validate(&document), Ok(1));
		prop_assert_eq!(steps_of(&document).unwrap(), vec![step.clone()]);
		let written: Step = serde_json::from_str(&serde_json::to_string(&step).unwrap()).unwrap();
		prop_assert_eq!(export::step_hash(&written), export::step_hash(&step));
	}
}

// Temperatures.

#[test]
fn a_loggers_table_and_the_same_as_events_have_the_same_excursions() {
	let readings = read_table(&std::fs::read_to_string(testdata("logger.csv")).unwrap()).unwrap();
	let event = |(number, reading): (usize, &salus_client::epcis::logger::Reading)| {
		let time = chrono::DateTime::from_timestamp_millis(reading.at as i64).unwrap().to_rfc3339();
		let fahrenheit = reading.celsius * 9.0 / 5.0 + 32.0;
		let (value, unit) = if number % 2 == 0 { (reading.celsius, "CEL") } else { (fahrenheit, "FAH") };
		json!({"type": "ObjectEvent", "eventTime": time, "sensorElementList": [{"sensorReport": [
			{"type": "Temperature", "value": value, "uom": unit}]}]})
	};
	let events: Vec<_> = readings.iter().enumerate().map(event).collect();
	assert_eq!(excursion_readings(&events.into()).unwrap(), readings);
	let found = excursions(&readings, 2.0, 8.0, 600_000);
	let start = readings[0].at;
	let shown: Vec<_> =
		found.iter().map(|e| ((e.from - start) / 60_000, (e.to - start) / 60_000, e.min, e.max, e.minutes)).collect();
	assert_eq!(shown, [(20, 30, 8.75, 9.25, 20), (40, 100, 4.5, 6.0, 60)]);
	assert_eq!(excursion_readings(&read(&testdata("events.json"))).unwrap().len(), 2);
}

// The command line.

fn run(args: &[&str]) -> Output {
	let mut command = Command::new(env!("CARGO_BIN_EXE_salus"));
	for name in ["SALUS_NODE", "SALUS_GENESIS", "SALUS_KEYS", "SALUS_STORE", "SALUS_HOME"] {
		command.env_remove(name);
	}
	command.arg("epcis").args(args).output().unwrap()
}

#[track_caller]
fn printed(output: &Output, exit: i32) -> Value {
	assert_eq!(output.status.code(), Some(exit), "{output:?}");
	serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"))
}

fn file(folder: &tempfile::TempDir, content: &Value) -> String {
	let path = folder.path().join("file.json");
	std::fs::write(&path, content.to_string()).unwrap();
	path.to_str().unwrap().to_owned()
}

#[test]
fn hashes_are_printed_line_by_line_or_as_json() {
	let path = testdata("events.json");
	let path = path.to_str().unwrap();
	let hashes = event_hashes(&read(Path::new(path))).unwrap();
	let uris: Vec<_> = hashes.iter().map(|hash| hash.uri()).collect();
	let output = run(&["hash", path]);
	assert_eq!(output.status.code(), Some(0));
	assert_eq!(String::from_utf8(output.stdout).unwrap().lines().collect::<Vec<_>>(), uris);
	assert_eq!(printed(&run(&["hash", path, "--json"]), 0), json!(uris));
	let output = run(&["hash", "--prehash", path]);
	assert_eq!(
		String::from_utf8(output.stdout).unwrap(),
		std::fs::read_to_string(testdata("events.prehashes")).unwrap()
	);
	let folder = tempfile::tempdir().unwrap();
	let broken = file(&folder, &json!({"type": "ObjectEvent", "eventTime": "now"}));
	let error = printed(&run(&["--json", "hash", &broken]), 2);
	assert_eq!((error["error"].as_str(), error["at"].as_str()), (Some("BadTime"), Some("/eventTime")));
	let output = run(&["hash", &broken]);
	assert_eq!((output.status.code(), output.stdout.is_empty()), (Some(2), true));
}

#[test]
fn documents_are_validated() {
	let folder = tempfile::tempdir().unwrap();
	let path = testdata("events.json");
	let path = path.to_str().unwrap();
	assert_eq!(printed(&run(&["validate", path]), 0), json!({"valid": true, "events": 6, "schema": false}));
	let strict = file(&folder, &json!({"properties": {"epcisBody": {"properties": {"eventList": {"maxItems": 1}}}}}));
	let error = printed(&run(&["validate", path, "--schema", &strict]), 2);
	assert_eq!((error["error"].as_str(), error["at"].as_str()), (Some("AgainstSchema"), Some("/epcisBody/eventList")));
	let lax = file(&folder, &json!({"type": "object"}));
	assert_eq!(printed(&run(&["validate", path, "--schema", &lax]), 0)["schema"], true);
	let unknown = file(&folder, &json!({"surprise": 1}));
	assert_eq!(printed(&run(&["validate", path, "--schema", &unknown]), 2)["error"], "BadSchema");
	let broken = file(&folder, &json!({"type": "EPCISDocument"}));
	assert_eq!(printed(&run(&["validate", &broken]), 2)["at"], "/@context");
	assert_eq!(printed(&run(&["validate", "nowhere.json"]), 13)["error"], "not-found");
	std::fs::write(&broken, "{\"a\": 1, \"a\": 2}").unwrap();
	assert_eq!(printed(&run(&["validate", &broken]), 2)["error"], "MalformedJson");
}

#[test]
fn steps_are_exported() {
	let folder = tempfile::tempdir().unwrap();
	let document = printed(&run(&["export", testdata("steps.json").to_str().unwrap()]), 0);
	assert_eq!(document, export::document_of(&steps()).unwrap());
	let exported = file(&folder, &document);
	assert_eq!(printed(&run(&["validate", &exported]), 0)["events"], steps().len());
	let broken = file(&folder, &json!([{"kind": "ship", "at": 1, "gtin": "1", "lot": "A"}]));
	let error = printed(&run(&["export", &broken]), 2);
	assert_eq!((error["error"].as_str(), error["at"].as_str()), (Some("BadKey"), Some("/0/gtin")));
}

#[test]
fn events_are_imported_one_by_one() {
	let path = testdata("foreign.json");
	let path = path.to_str().unwrap();
	let answer = printed(&run(&["import", path]), 0);
	assert_eq!((&answer["taken"], &answer["refused"]), (&json!(4), &json!(9)));
	let imported = import(&read(Path::new(path)), None).unwrap();
	let told = answer["events"].as_array().unwrap();
	assert_eq!(told.len(), imported.len());
	for (told, event) in told.iter().zip(&imported) {
		assert_eq!(told["at"], event.at.as_str());
		assert_eq!(told["hash"], json!(event.hash.as_ref().map(|hash| format!("0x{}", hex(&hash.digest)))));
		match &event.step {
			Ok(step) => {
				assert_eq!((&told["step"], &told["same"]), (&serde_json::to_value(step).unwrap(), &json!(event.same)));
				assert!(told.get("refused").is_none());
			}
			Err(Error::Refused { code, at, .. }) => {
				assert_eq!((&told["refused"]["error"], &told["refused"]["at"]), (&json!(code), &json!(at)));
				assert!(told.get("step").is_none() && told["refused"]["message"].is_string());
			}
			Err(other) => panic!("{other:?}"),
		}
	}
	assert_eq!(printed(&run(&["import", path, "--lot", "D9"]), 0)["taken"], 5);
	// The steps are what `export` reads.
	let folder = tempfile::tempdir().unwrap();
	let steps: Vec<_> = told.iter().filter_map(|event| event.get("step").cloned()).collect();
	let exported = printed(&run(&["export", &file(&folder, &json!(steps))]), 0);
	assert_eq!(exported["epcisBody"]["eventList"].as_array().unwrap().len(), 4);
	// Twice the same is the same.
	assert_eq!(run(&["import", path]).stdout, run(&["import", path]).stdout);
}

#[test]
fn a_document_of_which_nothing_is_taken_is_refused() {
	let folder = tempfile::tempdir().unwrap();
	let document = |events: Value| {
		json!({"@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"], "type": "EPCISDocument",
			"schemaVersion": "2.0", "creationDate": "2026-02-01T00:00:00Z", "epcisBody": {"eventList": events}})
	};
	let event = |changes: Value| {
		let mut event = json!({"type": "ObjectEvent", "eventTime": "2026-01-31T12:00:00Z", "eventTimeZoneOffset": "+00:00",
			"action": "OBSERVE", "bizStep": "receiving", "disposition": "in_progress",
			"quantityList": [{"epcClass": "urn:epc:class:lgtin:4012345.012345.998877", "quantity": 2}]});
		changes.as_object().unwrap().iter().for_each(|(name, value)| event[name] = value.clone());
		event
	};
	assert_eq!(printed(&run(&["import", &file(&folder, &document(json!([event(json!({}))])))]), 0)["taken"], 1);
	assert_eq!(printed(&run(&["import", &file(&folder, &document(json!([])))]), 0)["taken"], 0);

	// One event that is wrong or says no step.
	for (changes, code, at) in [
		(json!({"type": "ObservationEvent"}), "UnknownType", "/type"),
		(json!({"type": "AssociationEvent"}), "NotExpected", "/quantityList"),
		(json!({"eventTime": "2026-01-31T12:00:00"}), "BadTime", "/eventTime"),
		(json!({"eventTime": "yesterday"}), "BadTime", "/eventTime"),
		(json!({"eventTimeZoneOffset": "+1"}), "BadOffset", "/eventTimeZoneOffset"),
		(json!({"epcList": ["urn:epc:id:sgtin:4012345.1.1"]}), "BadEpc", "/epcList/0"),
		(json!({"epcList": ["https://id.gs1.org/01/04012345111117/21/1"]}), "BadCheckDigit", "/epcList/0"),
		(json!({"epcList": ["urn:epc:id:grai:4012345.66666.87"]}), "NotMapped", "/epcList/0"),
		(json!({"epcList": "urn:epc:id:sgtin:4012345.011111.1"}), "WrongType", "/epcList"),
		(json!({"bizStep": "teleporting"}), "UnknownWord", "/bizStep"),
		(json!({"bizStep": "picking"}), "NotMapped", ""),
		(json!({"action": "MOVE"}), "UnknownAction", "/action"),
		(
			json!({"quantityList": [{"epcClass": "urn:epc:class:lgtin:4012345.012345.9", "quantity": 1.5}]}),
			"BadQuantity",
			"/quantityList/0/quantity",
		),
		(
			json!({"quantityList": [{"epcClass": "urn:epc:class:lgtin:4012345.012345.9", "quantity": -2}]}),
			"BadQuantity",
			"/quantityList/0/quantity",
		),
		(json!({"readPoint": {"id": "geo:47.5,11.1"}}), "NotMapped", "/readPoint"),
		(json!({"who": "me"}), "UnknownMember", "/who"),
		(json!({"ex:who": "me"}), "UndefinedPrefix", "/ex:who"),
	] {
		let answer = printed(&run(&["import", &file(&folder, &document(json!([event(changes.clone())])))]), 2);
		assert_eq!(
			(answer["error"].as_str(), &answer["taken"], &answer["refused"]),
			(Some("nothing-taken"), &json!(0), &json!(1))
		);
		let refused = &answer["events"][0]["refused"];
		let at = format!("/epcisBody/eventList/0{at}");
		assert_eq!((refused["error"].as_str(), refused["at"].as_str()), (Some(code), Some(at.as_str())), "{changes}");
	}

	// No document at all.
	let without = |name: &str| {
		let mut document = document(json!([event(json!({}))]));
		document.as_object_mut().unwrap().remove(name);
		document
	};
	for (broken, code, at) in [
		(json!({"resourceType": "Bundle"}), "Missing", "/type"),
		(json!(7), "WrongType", ""),
		(json!([7]), "Missing", "/0/@context"),
		(without("@context"), "Missing", "/@context"),
		(without("epcisBody"), "Missing", "/epcisBody"),
		(without("schemaVersion"), "Missing", "/schemaVersion"),
		(document(json!({})), "WrongType", "/epcisBody/eventList"),
		(document(json!([7])), "WrongType", "/epcisBody/eventList/0"),
		(event(json!({})), "Missing", "/@context"),
	] {
		let error = printed(&run(&["import", &file(&folder, &broken)]), 2);
		assert_eq!((error["error"].as_str(), error["at"].as_str()), (Some(code), Some(at)), "{broken}");
		assert!(error.get("events").is_none());
	}
	let path = folder.path().join("text");
	for text in ["", "not JSON", "<epcis:EPCISDocument/>", "{\"type\": \"EPCISDocument\"", "[] []"] {
		std::fs::write(&path, text).unwrap();
		assert_eq!(printed(&run(&["import", path.to_str().unwrap()]), 2)["error"], "MalformedJson", "{text}");
	}
	assert_eq!(printed(&run(&["import", "nowhere.json"]), 13)["error"], "not-found");
}

#[test]
fn prefixes_that_gs1_knows_need_no_definition() {
	let context = Context::default();
	for prefix in ["gs1", "cbv", "epcis", "cbvmda", "salus"] {
		assert!(context.namespace(prefix).is_some(), "{prefix}");
	}
}
