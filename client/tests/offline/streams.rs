//! Streams without a node: samples in every form, batches, proofs, genomes.
//!
//! Open mHealth's own data points are not part of the project: they are used where they are at hand, in the folder that
//! `SALUS_SHARED_DATA` names or beside the workspace.

use salus_client::{
	crypto::DataKey,
	plan::{month_text, resources_of},
	stream::{
		batch::{cut, document_hash, salt, Content},
		genome,
		proof::{Block, ProofFile},
		samples::{read_files, read_text, Measured},
	},
	Error,
};
use salus_primitives::{
	merkle,
	stream::{range_proof, Metric, Range, Sample, SampleProof},
	time::{DAY, HOUR},
	Confidentiality, Moment, PatientId, ResourceType, Sensitivity, StreamId, H256,
};
use serde_json::{json, Value};
use std::{
	fs,
	path::{Path, PathBuf},
	process::{Command, Output},
};

/// 2027-01-15T08:00:00Z.
const NOW: Moment = 1_800_000_000_000;
const STREAM: StreamId = StreamId([5; 32]);

fn read(document: &Value) -> Result<Vec<Measured>, Error> {
	read_text(&document.to_string(), "file", NOW)
}

#[track_caller]
fn one(document: &Value) -> Sample {
	let mut all = read(document).unwrap_or_else(|error| panic!("{error}: {document}"));
	assert_eq!(all.len(), 1, "{document}");
	all.remove(0).sample
}

#[track_caller]
fn refused(document: &Value) -> (&'static str, String) {
	match read(document) {
		Err(Error::Refused { code, at: Some(at), message }) => {
			assert!(message.starts_with("file"), "{message}");
			(code, at)
		}
		other => panic!("{other:?}: {document}"),
	}
}

fn at(text: &str) -> Value {
	json!({ "date_time": text })
}

fn between(from: &str, to: &str) -> Value {
	json!({ "time_interval": { "start_date_time": from, "end_date_time": to } })
}

fn glucose(value: Value, unit: &str) -> Value {
	json!({
		"blood_glucose": { "value": value, "unit": unit },
		"effective_time_frame": at("2026-03-01T07:25:00Z"),
	})
}

fn heart_rate(value: f64, time: &str) -> Value {
	json!({ "heart_rate": { "value": value, "unit": "beats/min" }, "effective_time_frame": at(time) })
}

fn steps(value: Value, frame: Value) -> Value {
	json!({ "step_count": { "value": value, "unit": "steps" }, "effective_time_frame": frame })
}

// Open mHealth.

#[test]
fn every_measure_is_read_in_its_own_unit() {
	let moment = 1_772_349_900_000;
	let sample = |metric, value| Sample { metric, value, from: moment, to: moment };
	assert_eq!(one(&glucose(json!(95), "mg/dL")), sample(Metric::BloodGlucose, 95_000));
	assert_eq!(one(&glucose(json!(5.5), "mmol/L")), sample(Metric::BloodGlucose, 99_086));
	let temperature = |value: f64, unit: &str| {
		one(&json!({
			"body_temperature": { "value": value, "unit": unit },
			"effective_time_frame": at("2026-03-01T08:25:00+01:00"),
			"measurement_location": "oral",
		}))
	};
	assert_eq!(temperature(98.6, "F"), sample(Metric::BodyTemperature, 37_000));
	assert_eq!(temperature(37.0, "C"), sample(Metric::BodyTemperature, 37_000));
	assert_eq!(temperature(310.15, "K"), sample(Metric::BodyTemperature, 37_000));
	assert_eq!(one(&heart_rate(67.5, "2026-03-01T07:25:00Z")), sample(Metric::HeartRate, 67_500));
	let hour = one(&steps(json!(1_200), between("2026-03-01T07:25:00Z", "2026-03-01T08:25:00Z")));
	assert_eq!(hour, Sample { metric: Metric::StepCount, value: 1_200_000, from: moment, to: moment + HOUR });
}

#[test]
fn every_kind_of_time_frame_is_read() {
	let of = |interval: Value| {
		let sample = one(&steps(json!(1), json!({ "time_interval": interval })));
		(sample.from, sample.to)
	};
	let (start, end) = (1_772_349_900_000, 1_772_353_500_000);
	let hour = json!({ "value": 60, "unit": "min" });
	assert_eq!(
		of(json!({ "start_date_time": "2026-03-01T07:25:00Z", "end_date_time": "2026-03-01T08:25:00Z" })),
		(start, end)
	);
	assert_eq!(of(json!({ "start_date_time": "2026-03-01T07:25:00Z", "duration": hour })), (start, end));
	assert_eq!(of(json!({ "end_date_time": "2026-03-01T08:25:00Z", "duration": hour })), (start, end));
	let day = 1_772_323_200_000;
	assert_eq!(of(json!({ "date": "2026-03-01", "part_of_day": "evening" })), (day, day + DAY - 1));
	// The schema does not order the two.
	assert_eq!(
		of(json!({ "start_date_time": "2026-03-01T08:25:00Z", "end_date_time": "2026-03-01T07:25:00Z" })),
		(start, end)
	);
}

#[test]
fn what_a_schema_forbids_is_refused_where_it_stands() {
	let with = |mut document: Value, member: &str, value: Value| {
		document[member] = value;
		document
	};
	let sound = || glucose(json!(95), "mg/dL");
	let without = |member: &str| {
		let mut document = sound();
		document.as_object_mut().unwrap().remove(member);
		document
	};
	let frame = |frame: Value| with(sound(), "effective_time_frame", frame);
	let time = "/effective_time_frame";
	for (document, code, place) in [
		(json!({}), "UnknownMeasure", ""),
		(json!(7), "WrongType", ""),
		(json!({ "blood_pressure": {} }), "UnknownMeasure", ""),
		(with(sound(), "heart_rate", json!({})), "UnknownMeasure", ""),
		(glucose(json!("95"), "mg/dL"), "WrongType", "/blood_glucose/value"),
		(glucose(json!(null), "mg/dL"), "WrongType", "/blood_glucose/value"),
		(glucose(json!(95), "mg/l"), "WrongUnit", "/blood_glucose/unit"),
		(glucose(json!(0), "mg/dL"), "OutOfRange", "/blood_glucose/value"),
		(glucose(json!(-5), "mmol/L"), "OutOfRange", "/blood_glucose/value"),
		(glucose(json!(1e300), "mg/dL"), "OutOfRange", "/blood_glucose/value"),
		(with(sound(), "blood_glucose", json!({ "unit": "mg/dL" })), "MissingMember", "/blood_glucose/value"),
		(with(sound(), "blood_glucose", json!({ "value": 1 })), "MissingMember", "/blood_glucose/unit"),
		(with(sound(), "blood_glucose", json!(95)), "WrongType", "/blood_glucose"),
		(with(sound(), "specimen_source", json!("fluid")), "UnknownCode", "/specimen_source"),
		(with(sound(), "specimen_source", json!(1)), "WrongType", "/specimen_source"),
		(
			with(sound(), "temporal_relationship_to_meal", json!("fsting")),
			"UnknownCode",
			"/temporal_relationship_to_meal",
		),
		(with(sound(), "descriptive_statistic", json!("minmum")), "UnknownCode", "/descriptive_statistic"),
		(with(sound(), "descriptive_statistic", json!("variance")), "NotAMeasurement", "/descriptive_statistic"),
		(without("effective_time_frame"), "MissingMember", time),
		(frame(json!({})), "BadTimeFrame", time),
		(frame(json!("2026-03-01")), "WrongType", time),
		(frame(at("2026-03-01T07:25:00")), "BadTimeFrame", "/effective_time_frame/date_time"),
		(frame(at("1969-12-31T23:59:59Z")), "BadTimeFrame", "/effective_time_frame/date_time"),
		(frame(json!({ "date_time": "2026-03-01T07:25:00Z", "time_interval": {} })), "BadTimeFrame", time),
		(frame(json!({ "time_interval": {} })), "BadTimeFrame", "/effective_time_frame/time_interval"),
		(
			frame(json!({ "time_interval": { "start_date_time": "2026-03-01T07:25:00Z" } })),
			"BadTimeFrame",
			"/effective_time_frame/time_interval",
		),
		(
			frame(
				json!({ "time_interval": { "start_date_time": "2026-03-01T07:25:00Z", "duration": { "value": 1, "unit": "Mo" } } }),
			),
			"WrongUnit",
			"/effective_time_frame/time_interval/duration/unit",
		),
		(
			frame(
				json!({ "time_interval": { "start_date_time": "2026-03-01T07:25:00Z", "duration": { "value": -1, "unit": "h" } } }),
			),
			"OutOfRange",
			"/effective_time_frame/time_interval/duration/value",
		),
		(
			frame(json!({ "time_interval": { "date": "2026-02-29", "part_of_day": "night" } })),
			"BadTimeFrame",
			"/effective_time_frame/time_interval/date",
		),
		(
			frame(json!({ "time_interval": { "date": "2026-02-28", "part_of_day": "noon" } })),
			"UnknownCode",
			"/effective_time_frame/time_interval/part_of_day",
		),
		(heart_rate(401.0, "2026-03-01T07:25:00Z"), "OutOfRange", "/heart_rate/value"),
		(steps(json!(6_000), at("2026-03-01T07:25:00Z")), "BadTimeFrame", time),
		(heart_rate(60.0, "2027-01-15T08:10:01Z"), "InFuture", ""),
		(steps(json!(1), between("2026-03-01T07:25:00Z", "2027-03-01T07:25:00Z")), "InFuture", ""),
	] {
		assert_eq!(refused(&document), (code, place.to_owned()), "{document}");
	}
	// A clock that is ten minutes ahead is taken.
	one(&heart_rate(60.0, "2027-01-15T08:10:00Z"));
}

#[test]
fn open_mhealths_own_data_points_pass_or_fail_as_they_should() {
	let data = std::env::var_os("SALUS_SHARED_DATA").map(PathBuf::from);
	let folder = data.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data")).join("omh");
	let mut tried = 0;
	for (measure, version) in
		[("blood-glucose", "4.0"), ("body-temperature", "4.0"), ("heart-rate", "2.0"), ("step-count", "3.0")]
	{
		for (kind, passes) in [("shouldPass", true), ("shouldFail", false)] {
			let Ok(files) = fs::read_dir(folder.join(measure).join(version).join(kind)) else { continue };
			for path in files.map(|file| file.unwrap().path()) {
				let name = path.display();
				match read_files(&[&path], NOW) {
					Ok(samples) => {
						assert!(passes && samples.len() == 1, "{name} should be refused");
						assert_eq!(samples[0].sample.metric.code(), measure, "{name}");
					}
					Err(Error::Refused { code, at: Some(_), message }) => {
						assert!(!passes, "{name} is refused: {code}: {message}");
						assert!(message.contains(&*path.to_string_lossy()), "{message}");
					}
					Err(other) => panic!("{name}: {other:?}"),
				}
				tried += 1;
			}
		}
	}
	assert!(tried == 0 || tried == 32, "{tried} data points");
}

// IEEE 1752 and data points.

fn data_point(namespace: &str, name: &str, version: &str, body: Value) -> Value {
	json!({
		"header": {
			"uuid": "3f2b6f1e-6a0f-4a53-9a4e-0c1f6a2e9b11",
			"schema_id": { "namespace": namespace, "name": name, "version": version },
			"source_creation_date_time": "2026-03-01T07:30:00Z",
			"modality": "sensed",
		},
		"body": body,
	})
}

#[test]
fn data_points_of_open_mhealth_and_ieee_are_read() {
	let body = || heart_rate(60.0, "2026-03-01T07:25:00Z");
	let mut open = data_point("omh", "heart-rate", "2.0", body());
	open["header"] = json!({
		"id": "243c773b-8936-407e-9c23-270d0ea49cc4",
		"creation_date_time": "2026-03-01T07:30:00-08:00",
		"schema_id": { "namespace": "omh", "name": "heart-rate", "version": "1.1" },
	});
	assert_eq!(one(&open), one(&body()));
	assert_eq!(one(&data_point("ieee", "heart-rate", "1.0", body())), one(&body()));
	let glucose = glucose(json!(95), "mg/dL");
	assert_eq!(one(&data_point("ieee", "blood-glucose", "1.0", glucose.clone())), one(&glucose));
	let two = data_point("ieee", "heart-rate", "1.0", json!([body(), heart_rate(61.0, "2026-03-01T07:26:00Z")]));
	assert_eq!(read(&two).unwrap().iter().map(|m| m.sample.value).collect::<Vec<_>>(), [60_000, 61_000]);
	let walk = json!({
		"activity_name": "walking",
		"effective_time_frame": between("2026-03-01T07:25:00Z", "2026-03-01T08:25:00Z"),
		"base_movement_quantity": { "unit": "steps", "value": 1_200 },
	});
	assert_eq!(one(&data_point("ieee", "physical-activity", "1.0", walk)).value, 1_200_000);
}

#[test]
fn a_header_is_checked_against_its_body() {
	let point =
		|namespace, name, version| data_point(namespace, name, version, heart_rate(60.0, "2026-03-01T07:25:00Z"));
	let without = |member: &str| {
		let mut document = point("ieee", "heart-rate", "1.0");
		document["header"].as_object_mut().unwrap().remove(member);
		document
	};
	let mut bad_modality = point("ieee", "heart-rate", "1.0");
	bad_modality["header"]["modality"] = json!("guessed");
	let mut headless = point("omh", "heart-rate", "2.0");
	headless.as_object_mut().unwrap().remove("header");
	let far = data_point("omh", "heart-rate", "2.0", json!([{}, heart_rate(60.0, "2026-03-01T07:25:00Z")]));
	let empty = data_point("omh", "heart-rate", "2.0", json!([]));
	for (document, code, place) in [
		(point("omh", "body-weight", "2.0"), "UnknownSchema", "/header/schema_id/name"),
		(point("omh", "blood-glucose", "2.0"), "UnknownSchema", "/header/schema_id/name"),
		(point("omh", "heart-rate", "3.0"), "UnknownSchema", "/header/schema_id/version"),
		(point("granola", "heart-rate", "2.0"), "UnknownSchema", "/header/schema_id/namespace"),
		(without("uuid"), "MissingMember", "/header/uuid"),
		(without("schema_id"), "MissingMember", "/header/schema_id"),
		(without("source_creation_date_time"), "MissingMember", "/header/source_creation_date_time"),
		(without("modality"), "MissingMember", "/header/modality"),
		(bad_modality, "UnknownCode", "/header/modality"),
		(headless, "MissingMember", "/header"),
		(far, "UnknownMeasure", "/body/0"),
		(empty, "UnknownMeasure", "/body"),
	] {
		assert_eq!(refused(&document), (code, place.to_owned()), "{document}");
	}
}

// FHIR.

fn observation(loinc: &str, value: f64, unit: &str) -> Value {
	json!({
		"resourceType": "Observation",
		"status": "final",
		"code": { "coding": [{ "system": "http://loinc.org", "code": loinc }] },
		"effectiveDateTime": "2026-03-01T07:25:00Z",
		"valueQuantity": { "value": value, "system": "http://unitsofmeasure.org", "code": unit },
	})
}

#[test]
fn observations_are_read_by_loinc_code_and_ucum_unit() {
	let value = |loinc, value, unit| one(&observation(loinc, value, unit));
	assert_eq!(value("8867-4", 61.0, "/min").value, 61_000);
	assert_eq!(value("2339-0", 95.0, "mg/dL").metric, Metric::BloodGlucose);
	assert_eq!(value("15074-8", 5.5, "mmol/L").value, 99_086);
	assert_eq!(value("8310-5", 98.6, "[degF]").value, 37_000);
	assert_eq!(value("8310-5", 37.0, "Cel").value, 37_000);
	let mut walked = observation("55423-8", 900.0, "{steps}");
	walked.as_object_mut().unwrap().remove("effectiveDateTime");
	walked["effectivePeriod"] = json!({ "start": "2026-03-01T07:00:00Z", "end": "2026-03-01T08:00:00Z" });
	let sample = one(&walked);
	assert_eq!((sample.metric, sample.to - sample.from), (Metric::StepCount, HOUR));
	// A bundle of them.
	let bundle = json!({
		"resourceType": "Bundle",
		"type": "collection",
		"entry": [{ "resource": observation("8867-4", 61.0, "/min") }, { "resource": walked }],
	});
	assert_eq!(read(&bundle).unwrap().len(), 2);
}

#[test]
fn an_observation_that_is_no_measurement_is_refused() {
	let sound = || observation("8867-4", 61.0, "/min");
	let with = |pointer: &str, value: Value| {
		let mut document = sound();
		*document.pointer_mut(pointer).unwrap() = value;
		document
	};
	let mut beyond = sound();
	beyond["valueQuantity"]["comparator"] = json!(">");
	let mut timeless = sound();
	timeless.as_object_mut().unwrap().remove("effectiveDateTime");
	let mut backwards = timeless.clone();
	backwards["effectivePeriod"] = json!({ "start": "2026-03-01T07:00:00Z", "end": "2026-03-01T06:00:00Z" });
	let bundle = json!({ "resourceType": "Bundle", "entry": [{ "resource": sound() }, { "fullUrl": "urn:x" }] });
	for (document, code, place) in [
		(with("/resourceType", json!("Condition")), "UnknownMeasure", "/resourceType"),
		(with("/status", json!("preliminary")), "NotAMeasurement", "/status"),
		(with("/status", json!("entered-in-error")), "NotAMeasurement", "/status"),
		(with("/code/coding/0/code", json!("29463-7")), "UnknownMeasure", "/code"),
		(with("/code/coding/0/system", json!("http://snomed.info/sct")), "UnknownMeasure", "/code"),
		(with("/valueQuantity/code", json!("mg/dL")), "WrongUnit", "/valueQuantity/code"),
		(with("/valueQuantity/system", json!("urn:units")), "WrongUnit", "/valueQuantity/system"),
		(with("/valueQuantity/value", json!("61")), "WrongType", "/valueQuantity/value"),
		(with("/valueQuantity/value", json!(4_000)), "OutOfRange", "/valueQuantity/value"),
		(with("/effectiveDateTime", json!("2026-03")), "BadTimeFrame", "/effectiveDateTime"),
		(with("/valueQuantity", json!(null)), "WrongType", "/valueQuantity"),
		(beyond, "NotAMeasurement", "/valueQuantity/comparator"),
		(timeless, "BadTimeFrame", ""),
		(backwards, "BadTimeFrame", "/effectivePeriod"),
		(observation("55423-8", 900.0, "{steps}"), "BadTimeFrame", "/effectiveDateTime"),
		(bundle, "MissingMember", "/entry/1/resource"),
	] {
		assert_eq!(refused(&document), (code, place.to_owned()), "{document}");
	}
}

// Files.

#[test]
fn a_file_is_a_document_an_array_or_one_a_line() {
	let documents = [heart_rate(60.0, "2026-03-01T07:25:00Z"), heart_rate(61.0, "2026-03-01T07:26:00Z")];
	let lines = format!("{}\n\n{}\n", documents[0], documents[1]);
	let by_line = read_text(&lines, "file", NOW).unwrap();
	let in_array = read(&json!(documents)).unwrap();
	let samples = |all: &[Measured]| all.iter().map(|measured| measured.sample).collect::<Vec<_>>();
	assert_eq!(samples(&by_line), samples(&in_array));
	// Each document is kept as it was written.
	assert_eq!(by_line[1].document, documents[1].to_string());
	assert_eq!((&*by_line[1].place, &*in_array[1].place), ("file, line 3", "file/1"));
	let pretty = serde_json::to_string_pretty(&documents[0]).unwrap();
	assert_eq!(read_text(&pretty, "file", NOW).unwrap()[0].document, pretty);
}

#[test]
fn a_bad_sample_is_named_by_file_line_and_pointer() {
	let told = |text: &str| match read_text(text, "a.json", NOW) {
		Err(Error::Refused { code, at: Some(at), message }) => (code, at, message),
		other => panic!("{other:?}"),
	};
	let (sound, bad) = (heart_rate(60.0, "2026-03-01T07:25:00Z"), heart_rate(900.0, "2026-03-01T07:25:00Z"));
	let (code, at, message) = told(&format!("{sound}\n{bad}\n{sound}"));
	assert_eq!((code, &*at), ("OutOfRange", "/heart_rate/value"));
	assert!(message.starts_with("a.json, line 2: "), "{message}");
	let (code, at, _) = told(&json!([sound, bad]).to_string());
	assert_eq!((code, &*at), ("OutOfRange", "/1/heart_rate/value"));
	for (text, place) in
		[("", "a.json: "), ("{", "a.json: "), ("no json", "a.json: "), (&*format!("{sound}\n{{"), "a.json, line 2: ")]
	{
		let (code, at, message) = told(text);
		assert_eq!((code, &*at), ("MalformedJson", ""), "{text}");
		assert!(message.starts_with(place), "{message}");
	}
}

// Batches and proofs.

/// Samples at these moments, in the order given.
fn measured(moments: &[Moment]) -> Vec<Measured> {
	let sample = |(n, from): (usize, &Moment)| {
		let sample = Sample { metric: Metric::HeartRate, value: 60_000 + n as i64, from: *from, to: *from };
		Measured { sample, document: format!("{{\"n\":{n}}}"), place: format!("file/{n}") }
	};
	moments.iter().enumerate().map(sample).collect()
}

#[test]
fn samples_are_cut_by_day_in_the_order_of_time() {
	let day = NOW / DAY * DAY;
	let cuts = cut(measured(&[day + 3 * HOUR, day - DAY + HOUR, day + HOUR, day + DAY - 1]), 0).unwrap();
	let told: Vec<_> = cuts.iter().map(|cut| (cut.from, cut.to, cut.content.samples.len())).collect();
	// A batch begins with its day and ends with its last sample.
	assert_eq!(told, [(day - DAY, day - DAY + HOUR, 1), (day, day + DAY - 1, 3)]);
	let values: Vec<_> = cuts[1].content.samples.iter().map(|kept| kept.sample.from - day).collect();
	assert_eq!(values, [HOUR, 3 * HOUR, DAY - 1]);
	// It does not begin before the one before has ended.
	let later = cut(measured(&[day + 2 * HOUR]), day + HOUR).unwrap();
	assert_eq!((later[0].from, later[0].to), (day + HOUR, day + 2 * HOUR));
	assert!(cut(Vec::new(), 0).unwrap().is_empty());
}

/// "Back-dated": a sample from before what the stream has refuses them all, and is named.
#[test]
fn a_back_dated_sample_is_refused_by_name() {
	match cut(measured(&[NOW, NOW - HOUR]), NOW - HOUR + 1) {
		Err(Error::Refused { code: "BackDated", message, .. }) => assert!(message.starts_with("file/1: "), "{message}"),
		other => panic!("{other:?}"),
	}
}

/// A stream of some days, and its proofs.
struct Held {
	keys: Vec<DataKey>,
	contents: Vec<Content>,
	batches: Vec<salus_primitives::stream::Batch>,
}

impl Held {
	fn new(days: u64) -> Self {
		let moments: Vec<_> = (0..days).flat_map(|day| [1, 5, 9].map(|hour| day * DAY + hour * HOUR)).collect();
		let cuts = cut(measured(&moments), 0).unwrap();
		let keys: Vec<_> = cuts.iter().map(|_| DataKey::random()).collect();
		let batches = cuts.iter().zip(&keys).map(|(cut, key)| cut.batch(&STREAM, key, 4).unwrap()).collect();
		Self { keys, contents: cuts.into_iter().map(|cut| cut.content).collect(), batches }
	}

	fn leaves(&self) -> Vec<H256> {
		(0..).zip(&self.batches).map(|(seq, batch)| batch.leaf(&STREAM, seq)).collect()
	}

	fn range(&self) -> Range {
		Range::over(&self.leaves())
	}

	fn proof(&self, seq: usize, index: u32) -> ProofFile {
		let (content, key) = (&self.contents[seq], &self.keys[seq]);
		let kept = &content.samples[index as usize];
		let proof = SampleProof {
			stream: STREAM,
			seq: seq as u64,
			batch: self.batches[seq],
			index,
			sample: kept.sample,
			salt: H256(salt(key, index)),
			document: kept.document_hash(),
			batch_proof: merkle::proof(&content.leaves(&STREAM, key), index).unwrap(),
			range_proof: range_proof(&self.leaves(), seq as u64).unwrap(),
		};
		ProofFile {
			genesis: H256::zero(),
			patient: PatientId([1; 32]),
			block: Block { number: 7, hash: H256::zero() },
			range: self.range(),
			proof,
			document: kept.document.clone(),
		}
	}
}

#[test]
fn any_sample_of_a_held_stream_is_proved() {
	let held = Held::new(11);
	for seq in 0..11 {
		for index in 0..3 {
			held.proof(seq, index).verify(&held.range()).unwrap();
		}
	}
}

#[test]
fn nobody_without_the_data_key_can_check_a_guess_of_a_sample() {
	let held = Held::new(1);
	let guess = &held.contents[0];
	assert_ne!(merkle::root(&guess.leaves(&STREAM, &DataKey::random())), held.batches[0].root);
	assert_eq!(merkle::root(&guess.leaves(&STREAM, &held.keys[0])), held.batches[0].root);
	// A proof of one sample has another salt than its neighbour.
	assert_ne!(salt(&held.keys[0], 0), salt(&held.keys[0], 1));
}

#[test]
fn a_proof_with_another_document_or_against_other_peaks_is_refused() {
	let held = Held::new(5);
	let (proof, range) = (held.proof(2, 1), held.range());
	let refused = |proof: &ProofFile, range: &Range, why: &str| match proof.verify(range) {
		Err(Error::Corrupted(message)) => assert!(message.contains(why), "{message}"),
		other => panic!("{other:?}"),
	};
	let other = ProofFile { document: "{\"n\":9}".into(), ..proof.clone() };
	refused(&other, &range, "not the one");
	let mut renamed = other.clone();
	renamed.proof.document = document_hash(&renamed.document);
	refused(&renamed, &range, "does not hold");
	let mut forged = proof.clone();
	forged.proof.sample.value += 1;
	refused(&forged, &range, "does not hold");
	refused(&proof, &Held::new(5).range(), "does not hold");
	refused(&proof, &Held::new(6).range(), "of 5 batches, the peaks are of 6");
}

#[test]
fn a_batch_comes_back_from_its_plaintext() {
	let content = &Held::new(1).contents[0];
	assert_eq!(&Content::of_bytes(&content.to_bytes().unwrap()).unwrap(), content);
	assert!(matches!(Content::of_bytes(b"{}"), Err(Error::Corrupted(_))));
}

// Genomes.

const VCF: &str =
	"##fileformat=VCFv4.2\n##fileDate=20260301\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tNA1\n\
	20\t14370\trs6054257\tG\tA\t29\tPASS\tDP=14\tGT\t0|1\n20\t17330\t.\tT\tA\t.\t.\t.\tGT\t0|0\n";

#[test]
fn a_genome_becomes_one_restricted_record_and_comes_back() {
	assert_eq!(genome::check(VCF).unwrap().variants, 2);
	let (plan, again) = (genome::to_plan(VCF).unwrap(), genome::to_plan(VCF).unwrap());
	assert_eq!(plan.records[0].plaintext, again.records[0].plaintext);
	let [record] = &plan.records[..] else { panic!("{plan:?}") };
	assert_eq!(
		(record.resource_type, record.confidentiality),
		(ResourceType::DocumentReference, Confidentiality::Restricted)
	);
	assert!(record.labels.contains(Sensitivity::Gdis));
	assert_eq!(month_text(record.data_from).as_deref(), Some("2026-03"));
	assert_eq!(record.data_from, record.data_to);
	// Of a genome from an unknown time, no permit for a period covers it.
	let undated = genome::to_plan(&VCF.replace("##fileDate=20260301\n", "")).unwrap();
	assert_eq!(month_text(undated.records[0].data_from), None);
	assert_eq!(resources_of(&record.plaintext).unwrap().len(), 1);
	assert_eq!(genome::of_bundle(std::str::from_utf8(&record.plaintext).unwrap()).unwrap(), VCF);
	assert!(matches!(genome::of_bundle("{}"), Err(Error::Corrupted(_))));
}

#[test]
fn what_is_no_genome_of_one_person_is_refused_by_line() {
	let refused = |text: &str, line: usize| match genome::check(text) {
		Err(Error::Refused { code: "MalformedVcf", message, .. }) => {
			assert!(message.starts_with(&format!("line {line}: ")), "{message}");
		}
		other => panic!("{other:?}: {text}"),
	};
	refused("", 1);
	refused("##fileformat=VCFv3.3\n", 1);
	refused("##fileformat=VCFv4.2\n##source=x\n", 2);
	refused(&VCF.replace("#CHROM\tPOS", "#CHROM\tPLACE"), 3);
	refused(&VCF.replace("\tNA1\n", "\tNA1\tNA2\n"), 3);
	refused(&VCF.replace("\t14370", "\there"), 4);
	refused(&VCF.replace("\tG\tA", "\tX\tA"), 4);
	refused(&VCF.replace("\t29\t", "\thigh\t"), 4);
	refused(&VCF.replace("\tDP=14", ""), 4);
	refused(&VCF.replace("\tDP=14", "\t"), 4);
}

// The command line.

fn salus(args: &[&str]) -> Output {
	Command::new(env!("CARGO_BIN_EXE_salus")).env("SALUS_CLEAR_TEXT", "1").args(args).output().unwrap()
}

#[track_caller]
fn answer(output: &Output, exit: i32) -> Value {
	assert_eq!(output.status.code(), Some(exit), "{output:?}");
	serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

#[test]
fn samples_are_checked_without_a_node() {
	let folder = tempfile::tempdir().unwrap();
	let file = |name: &str, text: String| {
		let path = folder.path().join(name);
		fs::write(&path, text).unwrap();
		path.to_str().unwrap().to_owned()
	};
	let sound = file("sound.json", heart_rate(60.0, "2026-03-01T07:25:00Z").to_string());
	let bad = file("bad.json", json!([{ "heart_rate": {} }]).to_string());
	let moment = 1_772_349_900_000_u64;
	let expected = json!([{ "metric": "heart-rate", "value": 60_000, "from": moment, "to": moment }]);
	assert_eq!(answer(&salus(&["stream", "check", &sound]), 0), expected);
	let error = answer(&salus(&["stream", "check", &sound, &bad]), 2);
	assert_eq!((&error["error"], &error["at"]), (&json!("MissingMember"), &json!("/0/heart_rate/value")));
	assert!(error["message"].as_str().unwrap().contains("bad.json"));
}

#[test]
fn a_proof_is_verified_without_a_node() {
	let folder = tempfile::tempdir().unwrap();
	let file = |name: &str, value: &Value| {
		let path = folder.path().join(name);
		fs::write(&path, value.to_string()).unwrap();
		path.to_str().unwrap().to_owned()
	};
	let held = Held::new(3);
	let proof = serde_json::to_value(held.proof(1, 2)).unwrap();
	let path = file("proof.json", &proof);
	let told = answer(&salus(&["--json", "stream", "verify", &path, "--offline"]), 0);
	assert_eq!((&told["verified"], &told["against"], &told["batches"]), (&json!(true), &json!("proof"), &json!(3)));
	// Peaks from elsewhere, with whatever else `salus_stream` tells.
	let mut view = serde_json::to_value(held.range()).unwrap();
	view["status"] = json!("open");
	let peaks = file("peaks.json", &view);
	let told = answer(&salus(&["--json", "stream", "verify", &path, "--peaks", &peaks]), 0);
	assert_eq!(told["against"], json!("file"));
	let other = file("other.json", &serde_json::to_value(Held::new(3).range()).unwrap());
	let error = answer(&salus(&["--json", "stream", "verify", &path, "--peaks", &other]), 7);
	assert_eq!(error["error"], json!("corrupted"));
	let mut forged = proof;
	forged["proof"]["sample"]["value"] = json!(1);
	let forged = file("forged.json", &forged);
	answer(&salus(&["--json", "stream", "verify", &forged, "--offline"]), 7);
	let malformed = file("malformed.json", &json!({ "proof": 1 }));
	let error = answer(&salus(&["--json", "stream", "verify", &malformed, "--offline"]), 2);
	assert_eq!(error["error"], json!("MalformedProof"));
}
