//! Cases of data use as data: a dataset, a purpose, a moment, and the answer that is expected.
//!
//! A file of cases is `{"ontologies": {NAME: TEXT, …}, "cases": [CASE, …]}`, and a case
//!
//! ```json
//! {"name": "…", "dataset": {"groups": […]}, "purpose": {"uses": […]}, "ontology": "NAME", "now": "2026-06-15T12:00:00Z",
//!  "expected": {"verdict": "approve", "reasons": […], "group": 0}}
//! ```
//!
//! `ontology` may be left out. The expected answer of what is refused is `{"error": CODE, "at": JSON-POINTER}`.

use super::answer;
use crate::{
	fhir::{parse_json, pointer, time::parse_rfc3339},
	Error, Result,
};
use salus_primitives::Moment;
use serde_json::Value;

/// A case.
#[derive(Clone, PartialEq, Debug)]
pub struct Case {
	/// What it shows.
	pub name: String,
	/// The dataset.
	pub dataset: Value,
	/// The purpose.
	pub purpose: Value,
	/// An OBO file or a parent table.
	pub ontology: Option<String>,
	/// The moment to judge at, RFC 3339.
	pub now: String,
	/// The answer, or the error's code and pointer.
	pub expected: Value,
}

impl Case {
	/// The cases of a file.
	pub fn load(text: &str) -> Result<Vec<Self>> {
		let json = parse_json(text)?;
		let cases = json.get("cases").and_then(Value::as_array);
		let cases = cases.ok_or_else(|| Error::refused("Missing", "", "`cases` is missing"))?;
		let read = |(number, case): (usize, &Value)| Self::read(case, &json, pointer("/cases", number));
		cases.iter().enumerate().map(read).collect()
	}

	fn read(case: &Value, file: &Value, at: String) -> Result<Self> {
		let refused = |name: &str, message: &str| Error::refused("Malformed", pointer(&at, name), message);
		let text = |name: &str| case.get(name).and_then(Value::as_str).ok_or_else(|| refused(name, "expected text"));
		let member = |name: &str| case.get(name).cloned().ok_or_else(|| refused(name, "this is missing"));
		let ontology = case.get("ontology").map(|name| {
			let found = name.as_str().and_then(|name| file.get("ontologies")?.get(name)?.as_str());
			found.map(str::to_owned).ok_or_else(|| refused("ontology", "there is no ontology of this name"))
		});
		Ok(Self {
			name: text("name")?.to_owned(),
			dataset: member("dataset")?,
			purpose: member("purpose")?,
			ontology: ontology.transpose()?,
			now: text("now")?.to_owned(),
			expected: member("expected")?,
		})
	}

	/// The answer.
	pub fn answer(&self) -> Result<Value> {
		let now = parse_rfc3339(&self.now).and_then(|now| Moment::try_from(now).ok());
		let now = now.ok_or_else(|| Error::refused("Malformed", "/now", "expected a moment as in RFC 3339"))?;
		answer(&self.dataset.to_string(), &self.purpose.to_string(), self.ontology.as_deref(), now, false)
	}
}
