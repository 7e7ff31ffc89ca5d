//! Samples as devices and apps write them: Open mHealth, IEEE 1752, FHIR Observation.
//!
//! | form | what it is known by |
//! |---|---|
//! | Open mHealth body | one of `blood_glucose`, `body_temperature`, `heart_rate`, `step_count` |
//! | Open mHealth or IEEE 1752 data point | `header` and `body`; the header's `schema_id` must be that of the body |
//! | IEEE 1752.1 physical activity | such a body with `base_movement_quantity` in steps |
//! | FHIR R4 Observation, or a Bundle of them | `resourceType`; the LOINC code says what is measured, UCUM the unit |
//!
//! The schemas are blood-glucose 4.0, body-temperature 4.0, heart-rate 2.0 and step-count 3.0, and what of them other
//! versions share. Checked are the schema's identifier, every member that it constrains, the unit, the time frame, and
//! whether the value is possible at all. A file holds one document, an array of them, or one in each line.
//!
//! What is refused is told by a code, the file, the line where there are lines, and a JSON pointer:
//!
//! | code | when |
//! |---|---|
//! | `MalformedJson` | the text is no JSON, or there is none |
//! | `UnknownMeasure` | nothing that is known here is measured |
//! | `UnknownSchema` | the header names another schema than the body's, or a version that is not known |
//! | `MissingMember`, `WrongType` | a member that must be there is not, or is of another type |
//! | `UnknownCode` | a code that its value set does not have |
//! | `WrongUnit` | a unit that this is not measured in |
//! | `BadTimeFrame` | the time frame is none, or not of the kind that the measure needs |
//! | `OutOfRange` | no person has such a value |
//! | `NotAMeasurement` | a spread or a count of measurements is no measurement; neither is an observation that is not final |
//! | `InFuture` | it was measured later than now |

use crate::{
	fhir::time::{parse_fhir, parse_rfc3339},
	Error, Result,
};
use salus_primitives::{
	stream::{Metric, Sample},
	time::DAY,
	Moment,
};
use serde_json::{value::RawValue, Value};
use std::path::Path;

/// A sample, and the text that it was read from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Measured {
	/// The sample.
	pub sample: Sample,
	/// The whole document that tells of it, as it was written.
	pub document: String,
	/// Where it stands: the file, and the line or the pointer.
	pub place: String,
}

/// How far ahead a device's clock may be.
const AHEAD: Moment = 600_000;

/// What Open mHealth knows of a measure.
struct Schema {
	metric: Metric,
	/// The member that holds value and unit.
	member: &'static str,
	/// Major versions that have this form.
	versions: &'static [&'static str],
	/// Members with a value set.
	codes: &'static [(&'static str, &'static [&'static str])],
	/// Least and greatest value, in thousandths of the metric's unit.
	range: (i64, i64),
}

const STATISTIC: (&str, &[&str]) = (
	"descriptive_statistic",
	&[
		"average",
		"count",
		"maximum",
		"median",
		"minimum",
		"standard deviation",
		"sum",
		"variance",
		"20th percentile",
		"80th percentile",
		"lower quartile",
		"upper quartile",
		"quartile deviation",
		"1st quintile",
		"2nd quintile",
		"3rd quintile",
		"4th quintile",
	],
);
/// Statistics that are no value of what is measured.
const NO_VALUES: [&str; 4] = ["count", "standard deviation", "variance", "quartile deviation"];
const SLEEP: (&str, &[&str]) = ("temporal_relationship_to_sleep", &["before sleeping", "during sleep", "on waking"]);
const MEAL: (&str, &[&str]) = (
	"temporal_relationship_to_meal",
	&[
		"fasting",
		"not fasting",
		"before meal",
		"after meal",
		"before breakfast",
		"after breakfast",
		"before lunch",
		"after lunch",
		"before dinner",
		"after dinner",
		"2 hours postprandial",
		"not related to meals",
		"with meal",
		"with food",
	],
);
const SPECIMEN: (&str, &[&str]) = (
	"specimen_source",
	&[
		"interstitial fluid",
		"capillary blood",
		"plasma",
		"serum",
		"tears",
		"whole blood",
		"arterial blood",
		"venous blood",
		"urine",
		"saliva",
		"sweat",
		"breath",
		"lacrimal fluid",
	],
);
const EXERCISE: (&str, &[&str]) = (
	"temporal_relationship_to_physical_activity",
	&["at rest", "active", "before exercise", "after exercise", "during exercise"],
);
const LOCATION: (&str, &[&str]) = (
	"measurement_location",
	&[
		"axillary",
		"finger",
		"forehead",
		"oral",
		"rectal",
		"temporal artery",
		"toe",
		"tympanic",
		"wrist",
		"vagina",
		"vaginal",
	],
);

const SCHEMAS: &[Schema] = &[
	Schema {
		metric: Metric::BloodGlucose,
		member: "blood_glucose",
		versions: &["1", "2", "3", "4"],
		codes: &[SPECIMEN, MEAL, SLEEP, STATISTIC],
		range: (1_000, 3_000_000),
	},
	Schema {
		metric: Metric::BodyTemperature,
		member: "body_temperature",
		versions: &["1", "2", "3", "4"],
		codes: &[LOCATION, SLEEP, STATISTIC],
		range: (10_000, 50_000),
	},
	Schema {
		metric: Metric::HeartRate,
		member: "heart_rate",
		versions: &["1", "2"],
		codes: &[EXERCISE, SLEEP, STATISTIC],
		range: (0, 400_000),
	},
	Schema {
		metric: Metric::StepCount,
		member: "step_count",
		versions: &["1", "2", "3"],
		codes: &[STATISTIC],
		range: (0, 10_000_000_000),
	},
];

impl Schema {
	fn of(metric: Metric) -> &'static Self {
		SCHEMAS.iter().find(|schema| schema.metric == metric).unwrap_or(&SCHEMAS[0])
	}
}

/// LOINC codes of what is measured.
const LOINC: &[(Metric, &[&str])] = &[
	(
		Metric::BloodGlucose,
		&[
			"2339-0", "2340-8", "2345-7", "14743-9", "14745-4", "14749-6", "15074-8", "32016-8", "41653-7", "74774-1",
			"99504-3",
		],
	),
	(Metric::BodyTemperature, &["8310-5", "8328-7", "8329-5", "8331-1", "8332-9", "8333-7", "8334-5", "75539-7"]),
	(Metric::HeartRate, &["8867-4", "8889-8", "40443-4", "69000-8", "76282-3"]),
	(Metric::StepCount, &["41950-7", "55423-8", "66334-4"]),
];

/// Thousandths of the metric's unit, of a value in a unit as Open mHealth, IEEE or UCUM writes it.
fn thousandths(metric: Metric, value: f64, unit: &str) -> Option<i64> {
	/// One mmol of glucose in mg, over the decilitres of a litre.
	const GLUCOSE: f64 = 18.0156;
	let value = match (metric, unit) {
		(Metric::BloodGlucose, "mg/dL") => value,
		(Metric::BloodGlucose, "mmol/L") => value * GLUCOSE,
		(Metric::BodyTemperature, "C" | "Cel") => value,
		(Metric::BodyTemperature, "F" | "[degF]") => (value - 32.0) / 1.8,
		(Metric::BodyTemperature, "K") => value - 273.15,
		(Metric::HeartRate, "beats/min" | "/min" | "{beats}/min" | "{Beats}/min" | "{beat}/min") => value,
		(Metric::StepCount, "steps" | "{steps}" | "{step}" | "{#}" | "1") => value,
		_ => return None,
	};
	Some((value * 1_000.0).round() as i64)
}

/// Reads the samples of files: all of them, or an error that says where the first bad one stands.
pub fn read_files(paths: &[impl AsRef<Path>], now: Moment) -> Result<Vec<Measured>> {
	let mut all = Vec::new();
	for path in paths {
		let path = path.as_ref();
		let text = std::fs::read_to_string(path).map_err(|error| Error::file(path, error))?;
		all.extend(read_text(&text, &path.display().to_string(), now)?);
	}
	Ok(all)
}

/// Reads the samples of a text. `name` is told where something is wrong.
pub fn read_text(text: &str, name: &str, now: Moment) -> Result<Vec<Measured>> {
	let whole = match serde_json::from_str::<&RawValue>(text) {
		Ok(document) => return read_document(document, now).map_err(|e| at(e, name)).map(|all| placed(all, name)),
		Err(error) => error,
	};
	let lines: Vec<_> = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()).collect();
	let mut all = Vec::new();
	for (number, line) in &lines {
		let place = format!("{name}, line {number}");
		let document = match serde_json::from_str::<&RawValue>(line) {
			Ok(document) => document,
			// Not one document a line either: what is wrong with the whole is more to the point.
			Err(_) if *number == lines[0].0 => {
				return Err(Error::refused("MalformedJson", "", format!("{name}: {whole}")));
			}
			Err(error) => return Err(Error::refused("MalformedJson", "", format!("{place}: {error}"))),
		};
		all.extend(placed(read_document(document, now).map_err(|error| at(error, &place))?, &place));
	}
	match all.is_empty() {
		true => Err(Error::refused("MalformedJson", "", format!("{name}: there is no document"))),
		false => Ok(all),
	}
}

/// Says which file, or line of one, an error is about.
fn at(error: Error, place: &str) -> Error {
	match error {
		Error::Refused { code, at, message } => Error::Refused { code, at, message: format!("{place}: {message}") },
		other => other,
	}
}

fn placed(mut all: Vec<Measured>, place: &str) -> Vec<Measured> {
	all.iter_mut().for_each(|measured| measured.place = format!("{place}{}", measured.place));
	all
}

/// The samples of one document, or of an array or a Bundle of them.
fn read_document(raw: &RawValue, now: Moment) -> Result<Vec<Measured>> {
	let text = raw.get();
	if text.starts_with('[') {
		let items: Vec<&RawValue> =
			serde_json::from_str(text).map_err(|error| Error::refused("MalformedJson", "", error.to_string()))?;
		return each(items.into_iter().enumerate().map(|(index, item)| (format!("/{index}"), item)), now);
	}
	if let Ok(bundle) = serde_json::from_str::<RawBundle>(text) {
		if bundle.resource_type == "Bundle" {
			let mut resources = Vec::new();
			for (index, entry) in bundle.entry.into_iter().enumerate() {
				let place = format!("/entry/{index}/resource");
				let resource = entry.resource.ok_or_else(|| missing(&place))?;
				resources.push((place, resource));
			}
			return each(resources.into_iter(), now);
		}
	}
	each([(String::new(), raw)].into_iter(), now)
}

#[derive(serde::Deserialize)]
struct RawBundle<'a> {
	#[serde(rename = "resourceType")]
	resource_type: String,
	#[serde(borrow, default)]
	entry: Vec<RawEntry<'a>>,
}

#[derive(serde::Deserialize)]
struct RawEntry<'a> {
	#[serde(borrow)]
	resource: Option<&'a RawValue>,
}

fn each<'a>(items: impl Iterator<Item = (String, &'a RawValue)>, now: Moment) -> Result<Vec<Measured>> {
	let mut all = Vec::new();
	for (place, raw) in items {
		let value: Value = serde_json::from_str(raw.get())
			.map_err(|error| Error::refused("MalformedJson", place.clone(), error.to_string()))?;
		for sample in samples_of(&value, &place)? {
			if sample.to.max(sample.from) > now.saturating_add(AHEAD) {
				return Err(Error::refused("InFuture", place, "the measurement is from later than now"));
			}
			all.push(Measured { sample, document: raw.get().to_owned(), place: place.clone() });
		}
	}
	Ok(all)
}

/// The samples that one document tells of.
fn samples_of(document: &Value, place: &str) -> Result<Vec<Sample>> {
	if document.get("resourceType").is_some() {
		return observation(document, place).map(|sample| vec![sample]);
	}
	match document.get("body") {
		None => body(document, place).map(|sample| vec![sample]),
		Some(inner) => {
			let schema = header(document, place)?;
			let place = format!("{place}/body");
			let bodies: Vec<_> = match inner {
				Value::Array(items) => {
					items.iter().enumerate().map(|(index, item)| (format!("{place}/{index}"), item)).collect()
				}
				one => vec![(place.clone(), one)],
			};
			if bodies.is_empty() {
				return Err(Error::refused("UnknownMeasure", place, "the body has no measurement"));
			}
			bodies.into_iter().map(|(place, item)| body_of(&schema, item, &place)).collect()
		}
	}
}

/// A schema's name and major version, as a header states them.
struct Stated {
	name: String,
	version: String,
	place: String,
}

/// What the header of a data point says of its body.
fn header(document: &Value, place: &str) -> Result<Stated> {
	let place = format!("{place}/header");
	let header = object(document.get("header"), &place)?;
	let id = format!("{place}/schema_id");
	let schema = object(header.get("schema_id"), &id)?;
	let text = |name: &str| string(schema.get(name), &format!("{id}/{name}"));
	let (namespace, name, version) = (text("namespace")?, text("name")?, text("version")?);
	let moment = |name: &str, required: bool| {
		let place = format!("{place}/{name}");
		match header.get(name) {
			None if !required => Ok(()),
			value => instant(value, &place).map(|_| ()),
		}
	};
	match namespace {
		"omh" => {
			string(header.get("id").or(header.get("uuid")), &format!("{place}/id"))?;
			moment("creation_date_time", false)?;
			moment("source_creation_date_time", false)?;
		}
		"ieee" | "ieee-1752" => {
			string(header.get("uuid"), &format!("{place}/uuid"))?;
			moment("source_creation_date_time", true)?;
			let modality = format!("{place}/modality");
			let known = ["sensed", "self-reported"];
			code(string(header.get("modality"), &modality)?, &known, &modality)?;
		}
		other => {
			let message = format!("the namespace {other:?} is neither omh nor ieee");
			return Err(Error::refused("UnknownSchema", format!("{id}/namespace"), message));
		}
	}
	let version = version.split('.').next().unwrap_or_default().to_owned();
	Ok(Stated { name: name.to_owned(), version, place: id })
}

/// The sample of a body whose header names its schema.
fn body_of(stated: &Stated, value: &Value, place: &str) -> Result<Sample> {
	if stated.name == "physical-activity" {
		return activity(value, place);
	}
	let found = object(Some(value), place).and_then(|_| schema_of(value, place))?;
	if found.metric.code() != stated.name {
		let message = format!("the header says {}, the body is {}", stated.name, found.metric.code());
		return Err(Error::refused("UnknownSchema", format!("{}/name", stated.place), message));
	}
	// IEEE counts its own versions, from 1.
	if !found.versions.contains(&stated.version.as_str()) {
		let message = format!("version {} of {} is not known", stated.version, stated.name);
		return Err(Error::refused("UnknownSchema", format!("{}/version", stated.place), message));
	}
	body(value, place)
}

/// Which of the known measures a body has.
fn schema_of(value: &Value, place: &str) -> Result<&'static Schema> {
	let mut found = SCHEMAS.iter().filter(|schema| value.get(schema.member).is_some());
	match (found.next(), found.next()) {
		(Some(schema), None) => Ok(schema),
		(None, _) => {
			let known: Vec<_> = SCHEMAS.iter().map(|schema| schema.member).collect();
			Err(Error::refused("UnknownMeasure", place, format!("none of {} is here", known.join(", "))))
		}
		_ => Err(Error::refused("UnknownMeasure", place, "two measures in one document")),
	}
}

/// The sample of an Open mHealth body.
fn body(value: &Value, place: &str) -> Result<Sample> {
	object(Some(value), place)?;
	let schema = schema_of(value, place)?;
	let value_in_unit = unit_value(schema.metric, value.get(schema.member), &format!("{place}/{}", schema.member))?;
	for (member, known) in schema.codes {
		if let Some(stated) = value.get(*member) {
			let place = format!("{place}/{member}");
			let stated = string(Some(stated), &place)?;
			code(stated, known, &place)?;
			if *member == STATISTIC.0 && NO_VALUES.contains(&stated) {
				let message = format!("a {stated} is no {}", schema.metric.code());
				return Err(Error::refused("NotAMeasurement", place, message));
			}
		}
	}
	if let Some(denominator) = value.get("descriptive_statistic_denominator") {
		string(Some(denominator), &format!("{place}/descriptive_statistic_denominator"))?;
	}
	let (from, to) = time_frame(schema.metric, value, place)?;
	Ok(Sample { metric: schema.metric, value: value_in_unit, from, to })
}

/// The steps of an IEEE 1752.1 physical activity.
fn activity(value: &Value, place: &str) -> Result<Sample> {
	object(Some(value), place)?;
	string(value.get("activity_name"), &format!("{place}/activity_name"))?;
	let member = format!("{place}/base_movement_quantity");
	let steps = unit_value(Metric::StepCount, value.get("base_movement_quantity"), &member)?;
	let (from, to) = time_frame(Metric::StepCount, value, place)?;
	Ok(Sample { metric: Metric::StepCount, value: steps, from, to })
}

/// A value with its unit, in thousandths of the metric's.
fn unit_value(metric: Metric, value: Option<&Value>, place: &str) -> Result<i64> {
	object(value, place)?;
	let member = |name: &str| value.and_then(|value| value.get(name));
	let number = number(member("value"), &format!("{place}/value"))?;
	let unit = string(member("unit"), &format!("{place}/unit"))?;
	measured(metric, number, unit, &format!("{place}/value"), &format!("{place}/unit"))
}

/// A value in a unit, if there can be such a one.
fn measured(metric: Metric, value: f64, unit: &str, at_value: &str, at_unit: &str) -> Result<i64> {
	let wrong = || format!("{unit:?} is no unit of {}", metric.code());
	let value = thousandths(metric, value, unit).ok_or_else(|| Error::refused("WrongUnit", at_unit, wrong()))?;
	let (least, greatest) = Schema::of(metric).range;
	if !(least..=greatest).contains(&value) {
		let (least, greatest) = (least / 1_000, greatest / 1_000);
		let message = format!("{} lies between {least} and {greatest} {}", metric.code(), metric.unit());
		return Err(Error::refused("OutOfRange", at_value, message));
	}
	Ok(value)
}

/// When a measurement began and ended.
fn time_frame(metric: Metric, value: &Value, place: &str) -> Result<(Moment, Moment)> {
	let place = format!("{place}/effective_time_frame");
	let frame = object(value.get("effective_time_frame"), &place)?;
	let wrong = |place: &str, message: &str| Err(Error::refused("BadTimeFrame", place, message));
	match (frame.get("date_time"), frame.get("time_interval")) {
		(Some(_), None) if metric == Metric::StepCount => {
			wrong(&place, "steps are counted over a time_interval, not at a date_time")
		}
		(Some(moment), None) => {
			let moment = instant(Some(moment), &format!("{place}/date_time"))?;
			Ok((moment, moment))
		}
		(None, Some(interval)) => time_interval(interval, &format!("{place}/time_interval")),
		(Some(_), Some(_)) => wrong(&place, "there is a date_time and a time_interval"),
		(None, None) => wrong(&place, "there is neither a date_time nor a time_interval"),
	}
}

/// Beginning and end of an interval. The schemas do not order the two, so the earlier one is taken as the beginning.
fn time_interval(interval: &Value, place: &str) -> Result<(Moment, Moment)> {
	object(Some(interval), place)?;
	let has = |name: &str| interval.get(name).is_some();
	let moment = |name: &str| instant(interval.get(name), &format!("{place}/{name}"));
	let duration = || length(interval.get("duration"), &format!("{place}/duration"));
	let known = ["start_date_time", "end_date_time", "duration", "date", "part_of_day"];
	let stated: Vec<_> = known.into_iter().filter(|name| has(name)).collect();
	match stated[..] {
		["start_date_time", "end_date_time"] => {
			let (start, end) = (moment("start_date_time")?, moment("end_date_time")?);
			Ok((start.min(end), start.max(end)))
		}
		["start_date_time", "duration"] => {
			let start = moment("start_date_time")?;
			Ok((start, start.saturating_add(duration()?)))
		}
		["end_date_time", "duration"] => {
			let end = moment("end_date_time")?;
			Ok((end.saturating_sub(duration()?), end))
		}
		["date", "part_of_day"] => {
			let part = format!("{place}/part_of_day");
			code(string(interval.get("part_of_day"), &part)?, &["morning", "afternoon", "evening", "night"], &part)?;
			let at = format!("{place}/date");
			let date = string(interval.get("date"), &at)?;
			let day = Some(date).filter(|date| date.len() == 10).and_then(parse_fhir);
			let day = day.and_then(|day| Moment::try_from(day.from).ok());
			let day = day.ok_or_else(|| Error::refused("BadTimeFrame", at, format!("{date:?} is no date")))?;
			// Which hours a part of a day has is nowhere said: it lies within the day.
			Ok((day, day + DAY - 1))
		}
		_ => {
			let message = "an interval has two of start_date_time, end_date_time and duration, or date and part_of_day";
			Err(Error::refused("BadTimeFrame", place, message))
		}
	}
}

/// A duration in milliseconds.
fn length(value: Option<&Value>, place: &str) -> Result<Moment> {
	object(value, place)?;
	let member = |name: &str| value.and_then(|value| value.get(name));
	let number = number(member("value"), &format!("{place}/value"))?;
	let at_unit = format!("{place}/unit");
	let unit = string(member("unit"), &at_unit)?;
	let millis = match unit {
		"ms" => 1.0,
		"sec" | "s" => 1_000.0,
		"min" => 60_000.0,
		"h" => 3_600_000.0,
		"d" => 86_400_000.0,
		"wk" => 604_800_000.0,
		_ => return Err(Error::refused("WrongUnit", at_unit, format!("{unit:?} is no unit of an exact duration"))),
	};
	let length = number * millis;
	if !(0.0..=4e12).contains(&length) {
		return Err(Error::refused("OutOfRange", format!("{place}/value"), "a duration is from 0 to a hundred years"));
	}
	Ok(length.round() as Moment)
}

/// The sample of a FHIR Observation.
fn observation(value: &Value, place: &str) -> Result<Sample> {
	let kind = string(value.get("resourceType"), &format!("{place}/resourceType"))?;
	if kind != "Observation" {
		let message = format!("a {kind} is no Observation");
		return Err(Error::refused("UnknownMeasure", format!("{place}/resourceType"), message));
	}
	let at_status = format!("{place}/status");
	let status = string(value.get("status"), &at_status)?;
	if !["final", "amended", "corrected"].contains(&status) {
		return Err(Error::refused(
			"NotAMeasurement",
			at_status,
			format!("an observation that is {status} is not final"),
		));
	}
	let metric = loinc_metric(value, place)?;
	let at_quantity = format!("{place}/valueQuantity");
	let quantity = value.get("valueQuantity");
	object(quantity, &at_quantity)?;
	let member = |name: &str| quantity.and_then(|quantity| quantity.get(name));
	if member("comparator").is_some() {
		let message = "a value beyond the range of the device is no measurement";
		return Err(Error::refused("NotAMeasurement", format!("{at_quantity}/comparator"), message));
	}
	let at_system = format!("{at_quantity}/system");
	if string(member("system"), &at_system)? != "http://unitsofmeasure.org" {
		return Err(Error::refused("WrongUnit", at_system, "units are codes of http://unitsofmeasure.org (UCUM)"));
	}
	let (at_value, at_unit) = (format!("{at_quantity}/value"), format!("{at_quantity}/code"));
	let number = number(member("value"), &at_value)?;
	let number = measured(metric, number, string(member("code"), &at_unit)?, &at_value, &at_unit)?;
	let (from, to) = effective(metric, value, place)?;
	Ok(Sample { metric, value: number, from, to })
}

/// What an observation measures, by its LOINC codes.
fn loinc_metric(value: &Value, place: &str) -> Result<Metric> {
	let place = format!("{place}/code");
	object(value.get("code"), &place)?;
	let coding = value.pointer("/code/coding").and_then(Value::as_array);
	let loinc = coding.into_iter().flatten().filter(|coding| coding["system"].as_str() == Some("http://loinc.org"));
	let known = |coding: &Value| {
		let code = coding["code"].as_str()?;
		LOINC.iter().find(|(_, codes)| codes.contains(&code)).map(|(metric, _)| *metric)
	};
	let mut metrics: Vec<_> = loinc.filter_map(known).collect();
	metrics.dedup();
	match metrics[..] {
		[metric] => Ok(metric),
		[] => Err(Error::refused("UnknownMeasure", place, "no LOINC code of a measure that is known here")),
		_ => Err(Error::refused("UnknownMeasure", place, "LOINC codes of two measures")),
	}
}

/// When an observation was made.
fn effective(metric: Metric, value: &Value, place: &str) -> Result<(Moment, Moment)> {
	let moment = |pointer: &str| -> Result<Option<Moment>> {
		let Some(stated) = value.pointer(pointer) else { return Ok(None) };
		instant(Some(stated), &format!("{place}{pointer}")).map(Some)
	};
	let at = match moment("/effectiveDateTime")? {
		None => moment("/effectiveInstant")?,
		at => at,
	};
	let (start, end) = (moment("/effectivePeriod/start")?, moment("/effectivePeriod/end")?);
	match (at, start, end) {
		(Some(_), None, None) if metric == Metric::StepCount => Err(Error::refused(
			"BadTimeFrame",
			format!("{place}/effectiveDateTime"),
			"steps are counted over an effectivePeriod",
		)),
		(Some(at), None, None) => Ok((at, at)),
		(None, Some(start), Some(end)) if start <= end => Ok((start, end)),
		(None, Some(_), Some(_)) => {
			Err(Error::refused("BadTimeFrame", format!("{place}/effectivePeriod"), "it ends before it begins"))
		}
		_ => Err(Error::refused(
			"BadTimeFrame",
			place,
			"an observation has an effectiveDateTime, an effectiveInstant, or an effectivePeriod with start and end",
		)),
	}
}

fn missing(place: &str) -> Error {
	Error::refused("MissingMember", place, "this must be here")
}

fn wrong_type(place: &str, expected: &str) -> Error {
	Error::refused("WrongType", place, format!("this must be {expected}"))
}

fn object<'a>(value: Option<&'a Value>, place: &str) -> Result<&'a serde_json::Map<String, Value>> {
	let value = value.ok_or_else(|| missing(place))?;
	value.as_object().ok_or_else(|| wrong_type(place, "an object"))
}

fn string<'a>(value: Option<&'a Value>, place: &str) -> Result<&'a str> {
	let value = value.ok_or_else(|| missing(place))?;
	value.as_str().ok_or_else(|| wrong_type(place, "a string"))
}

fn number(value: Option<&Value>, place: &str) -> Result<f64> {
	let value = value.ok_or_else(|| missing(place))?;
	value.as_f64().ok_or_else(|| wrong_type(place, "a number"))
}

fn code(stated: &str, known: &[&str], place: &str) -> Result<()> {
	if known.contains(&stated) {
		return Ok(());
	}
	Err(Error::refused("UnknownCode", place, format!("{stated:?} is none of: {}", known.join(", "))))
}

/// A moment with a time zone, since 1970.
fn instant(value: Option<&Value>, place: &str) -> Result<Moment> {
	let text = string(value, place)?;
	let moment = parse_rfc3339(text).and_then(|moment| Moment::try_from(moment).ok());
	moment.ok_or_else(|| {
		let message = format!("{text:?} is no moment since 1970 with a time zone, as 2026-01-31T08:00:00Z");
		Error::refused("BadTimeFrame", place, message)
	})
}
