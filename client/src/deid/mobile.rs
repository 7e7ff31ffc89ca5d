//! Data points of Open mHealth.

use super::{tables, Deidentifier};
use serde_json::{Map, Value};

impl Deidentifier {
	/// What may be told of a data point of Open mHealth, or of the body of one; `None` if nothing may.
	///
	/// The header keeps the schema's name and version; ids, user and source are left out. Moments are moved.
	pub fn data_point(&self, point: &Value) -> Option<Value> {
		let Some(body) = point.get("body") else { return self.measures(point).map(Value::Object) };
		let mut told = Map::new();
		if let Some(header) = self.header(&point["header"]) {
			told.insert("header".into(), header.into());
		}
		told.insert("body".into(), self.measures(body)?.into());
		Some(Value::Object(told))
	}

	fn header(&self, header: &Value) -> Option<Map<String, Value>> {
		let mut told = Map::new();
		let schema = &header["schema_id"];
		let name =
			|name: &&str| tables::MEASURES.contains(&name.replace('-', "_").as_str()) || *name == "blood-pressure";
		let known = schema["namespace"].as_str().filter(|space| ["omh", "ieee"].contains(space));
		let version = schema["version"].as_str().filter(|version| is_version(version));
		if let (Some(space), Some(name), Some(version)) = (known, schema["name"].as_str().filter(name), version) {
			told.insert("schema_id".into(), serde_json::json!({"namespace": space, "name": name, "version": version}));
		}
		if let Some(modality) = header["acquisition_provenance"]["modality"].as_str().or(header["modality"].as_str()) {
			if ["sensed", "self-reported"].contains(&modality) {
				told.insert("modality".into(), modality.into());
			}
		}
		for name in ["creation_date_time", "source_creation_date_time"] {
			if let Some(moment) = header[name].as_str().and_then(|moment| self.date(moment)) {
				told.insert(name.into(), moment.into());
			}
		}
		(!told.is_empty()).then_some(told)
	}

	/// A body: at least one measure must be left, or there is nothing to tell.
	fn measures(&self, body: &Value) -> Option<Map<String, Value>> {
		let body = body.as_object()?;
		let mut told = Map::new();
		for name in tables::MEASURES {
			if let Some(measure) = body.get(*name).and_then(measure) {
				told.insert((*name).into(), measure);
			}
		}
		if told.is_empty() {
			return None;
		}
		for (name, words) in tables::MEASURE_WORDS {
			let word = body.get(*name).and_then(Value::as_str);
			if let Some(word) = word.filter(|word| words.contains(word)) {
				told.insert((*name).into(), word.into());
			}
		}
		if let Some(frame) = body.get("effective_time_frame").and_then(|frame| self.frame(frame)) {
			told.insert("effective_time_frame".into(), frame.into());
		}
		Some(told)
	}

	fn frame(&self, frame: &Value) -> Option<Map<String, Value>> {
		let mut told = Map::new();
		if let Some(moment) = frame["date_time"].as_str() {
			told.insert("date_time".into(), self.date(moment)?.into());
		}
		if let Some(interval) = frame["time_interval"].as_object() {
			let mut moved = Map::new();
			for name in ["start_date_time", "end_date_time", "date"] {
				if let Some(moment) = interval.get(name).and_then(Value::as_str) {
					moved.insert(name.into(), self.date(moment)?.into());
				}
			}
			if let Some(duration) = interval.get("duration").and_then(measure) {
				moved.insert("duration".into(), duration);
			}
			let parts = tables::MEASURE_WORDS.iter().find(|(name, _)| *name == "part_of_day").map(|(_, words)| *words);
			let part = interval.get("part_of_day").and_then(Value::as_str);
			if let Some(part) = part.filter(|part| parts.is_some_and(|parts| parts.contains(part))) {
				moved.insert("part_of_day".into(), part.into());
			}
			told.insert("time_interval".into(), moved.into());
		}
		(!told.is_empty()).then_some(told)
	}
}

/// A bare number, or one with a unit that is known.
fn measure(value: &Value) -> Option<Value> {
	if value.is_number() {
		return Some(value.clone());
	}
	let number = value.get("value").filter(|number| number.is_number())?;
	let unit = value["unit"].as_str().filter(|unit| tables::MEASURE_UNITS.contains(unit))?;
	Some(serde_json::json!({"value": number, "unit": unit}))
}

/// Numbers with a point between them.
fn is_version(text: &str) -> bool {
	text.len() <= 8 && text.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}
