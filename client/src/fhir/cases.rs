//! Decision cases as data: consents, a request, a moment, and the answer that is expected.
//!
//! A file of cases is `{"consents": {NAME: CONSENT, …}, "cases": [CASE, …]}`, and a case
//!
//! ```json
//! {"name": "…", "consents": ["NAME", {"resourceType": "Consent", …}], "request": {…}, "now": "2026-06-15T12:00:00Z",
//!  "expected": {"effect": "permit", "reason": "consent", "consent": "…", "rule": 0, "obligations": [], "valid_until": null},
//!  "chain": "why a chain cannot be brought there, if it cannot"}
//! ```
//!
//! Requests are those of `salus consent decide` ([`super::request`]). The same file is decided by the function, by the
//! command and on a chain; for the latter a resolver of its own names accounts, organisations and records as they are
//! there, and [`Setting::facts`] say what must hold.

use super::{
	names::{AsWritten, Resolver},
	parse_json, pointer,
	request::Setting,
	time::parse_rfc3339,
};
use crate::{Error, Result};
use salus_primitives::Moment;
use serde_json::Value;

/// A case.
#[derive(Clone, PartialEq, Debug)]
pub struct Case {
	/// What it shows.
	pub name: String,
	/// FHIR consents.
	pub consents: Vec<Value>,
	/// The request.
	pub request: Value,
	/// The moment to decide at, unix milliseconds.
	pub now: Moment,
	/// The answer, or the error's code and pointer.
	pub expected: Value,
	/// Why a chain cannot be brought into this setting; `None` if it can.
	pub not_on_chain: Option<String>,
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
		let listed = case.get("consents").and_then(Value::as_array);
		let listed = listed.ok_or_else(|| refused("consents", "expected a list of consents"))?;
		let consents = listed.iter().map(|consent| match consent {
			Value::String(name) => {
				let shared = file.get("consents").and_then(|shared| shared.get(name)).cloned();
				shared.ok_or_else(|| refused("consents", &format!("no consent is named {name:?}")))
			}
			inline => Ok(inline.clone()),
		});
		let now = parse_rfc3339(text("now")?).and_then(|now| Moment::try_from(now).ok());
		Ok(Self {
			name: text("name")?.to_owned(),
			consents: consents.collect::<Result<_>>()?,
			request: member("request")?,
			now: now.ok_or_else(|| refused("now", "expected a moment as in RFC 3339, not before 1970"))?,
			expected: member("expected")?,
			not_on_chain: match case.get("chain") {
				None => None,
				Some(why) => Some(why.as_str().ok_or_else(|| refused("chain", "expected a reason"))?.to_owned()),
			},
		})
	}

	/// What the decision takes, with names as the resolver has them.
	pub fn setting(&self, names: &mut impl Resolver) -> Result<Setting> {
		Setting::read(&self.consents, &self.request, names)
	}

	/// The answer of the decision itself, names as they are written.
	pub fn answer(&self) -> Result<Value> {
		let setting = self.setting(&mut AsWritten::default())?;
		Ok(setting.answer(&setting.decide(self.now)))
	}
}
