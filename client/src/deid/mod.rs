//! De-identification after the Safe Harbor method of HIPAA, 45 CFR 164.514(b)(2), of what is released for research.
//!
//! | what | becomes |
//! |---|---|
//! | an element that is not known to be safe ([`tables`]) | nothing |
//! | names, addresses, telecom, identifiers, photos, narrative, notes, `display` and `text` | nothing |
//! | codes of known systems, quantities in UCUM, statuses | themselves |
//! | ids and references | pseudonymous ids under a key of the patient and the grant |
//! | days and moments | moved by a number of whole days that is the patient's, within ±182 and never 0 |
//! | months | their year |
//! | a birth date | its year; of who is 90 or older, nothing but that |
//! | an age over 89 | at least 90 |
//! | days that alone tell of an age over 89 | nothing |
//! | a resource or element whose meaning an extension modifies | nothing |
//!
//! Intervals between days of a patient stay as they are. All of it is pure; `docs/DEIDENTIFICATION.md` says what is not
//! achieved.

mod mobile;
mod tables;

use crate::{crypto::digest, plan::resources_of, Error, Result};
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, SecondsFormat, Utc};
use salus_primitives::{research::RequestId, Moment, PatientId, Pseudonym};
use serde_json::{json, Map, Value};
use tables::{Element, Rule};
use zeroize::Zeroizing;

const IDS: &[u8] = b"salus/deid-ids/1";
const ID: &[u8] = b"salus/deid-id/1";
const DAYS: &[u8] = b"salus/deid-days/1";

/// Days are moved by at most so many.
pub const MAX_SHIFT: i64 = 182;
/// The youngest age that is told as a category only, in years.
const OLD: u32 = 90;
/// Where the category of an age stands.
pub const AGE_CATEGORY: &str = "urn:salus:age-category";
/// The one category of ages.
pub const OLD_CATEGORY: &str = "90 or older";
/// System of the pseudonym on a bundle.
pub const CONTRIBUTION: &str = "urn:salus:contribution";
const UCUM: &str = "http://unitsofmeasure.org";

/// How one patient's data is de-identified for one grant.
pub struct Deidentifier {
	ids: Zeroizing<[u8; 32]>,
	days: i64,
	now: DateTime<Utc>,
}

/// What [`Deidentifier::bundle`] made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deidentified {
	/// A FHIR Bundle of type `collection`, as JSON.
	pub bundle: Vec<u8>,
	/// Resources in it.
	pub kept: u32,
	/// Resources that nothing was left of.
	pub dropped: u32,
}

impl Deidentifier {
	/// Under a custodian's secret, at this moment (unix milliseconds), which ages are told by.
	///
	/// Days are moved the same for all grants: a different move for each would let who has several narrow down the true
	/// days. Ids differ from grant to grant.
	pub fn new(secret: &[u8; 32], patient: &PatientId, grant: RequestId, now: Moment) -> Self {
		let ids = Zeroizing::new(digest(&[IDS, secret, &patient.0, &grant.to_le_bytes()]).0);
		let drawn = digest(&[DAYS, secret, &patient.0]).0;
		let drawn = u64::from_le_bytes(drawn[..8].try_into().expect("8 bytes are 8 bytes; qed"));
		let days = (drawn % (2 * MAX_SHIFT as u64)) as i64 - MAX_SHIFT;
		let now = i64::try_from(now).ok().and_then(DateTime::from_timestamp_millis).unwrap_or(DateTime::<Utc>::MAX_UTC);
		// From -182 to 181; 0 is left out.
		Self { ids, days: if days < 0 { days } else { days + 1 }, now }
	}

	/// The resources of these records' plaintexts in one bundle, under the contribution's pseudonym.
	pub fn bundle<'p>(
		&self,
		pseudonym: &Pseudonym,
		plaintexts: impl IntoIterator<Item = &'p [u8]>,
	) -> Result<Deidentified> {
		let (mut entries, mut dropped) = (Vec::new(), 0);
		for plaintext in plaintexts {
			for stored in resources_of(plaintext)? {
				let resource: Value = serde_json::from_str(&stored.raw)
					.map_err(|_| Error::Corrupted("a resource of the record is no JSON".into()))?;
				let Some(resource) = self.resource(&resource) else {
					dropped += 1;
					continue;
				};
				let url =
					stored.full_url.as_deref().and_then(|url| url.rsplit(['/', ':']).next()).filter(|id| is_id(id));
				let id = url.map(|id| self.id(id)).or_else(|| Some(resource["id"].as_str()?.to_owned()));
				let mut entry = Map::new();
				if let Some(id) = id {
					entry.insert("fullUrl".into(), format!("urn:uuid:{id}").into());
				}
				entry.insert("resource".into(), resource);
				entries.push(Value::Object(entry));
			}
		}
		let kept = entries.len() as u32;
		let bundle = json!({
			"resourceType": "Bundle",
			"meta": {"security": [security()]},
			"identifier": {"system": CONTRIBUTION, "value": pseudonym.to_string()},
			"type": "collection",
			"entry": entries,
		});
		let bundle = serde_json::to_vec(&bundle).map_err(|error| Error::unexpected("writing a bundle", error))?;
		Ok(Deidentified { bundle, kept, dropped })
	}

	/// What may be told of a FHIR R4 resource; `None` if nothing may.
	pub fn resource(&self, resource: &Value) -> Option<Value> {
		let mut told = self.bare(resource)?;
		told.insert("meta".into(), json!({"security": [security()]}));
		let contained = resource["contained"].as_array().map(Vec::as_slice).unwrap_or_default();
		let contained: Vec<_> =
			contained.iter().filter_map(|resource| self.bare(resource)).map(Value::Object).collect();
		if !contained.is_empty() {
			told.insert("contained".into(), contained.into());
		}
		Some(Value::Object(told))
	}

	/// A resource without its metadata and what it contains.
	fn bare(&self, resource: &Value) -> Option<Map<String, Value>> {
		let kind = resource["resourceType"].as_str()?;
		let mut told = self.elements(resource, tables::elements(kind)?)?;
		told.insert("resourceType".into(), kind.into());
		if let Some(id) = resource["id"].as_str().filter(|id| is_id(id)) {
			told.insert("id".into(), self.id(id).into());
		}
		if kind == "Patient" {
			told.extend(self.birth(resource));
		}
		Some(told)
	}

	/// The elements that may stay; `None` if an extension modifies what they mean.
	fn elements(&self, value: &Value, elements: &[Element]) -> Option<Map<String, Value>> {
		let value = value.as_object()?;
		if value.contains_key("modifierExtension") {
			return None;
		}
		let told =
			elements.iter().filter_map(|(name, rule)| Some((name.to_string(), self.all(value.get(*name)?, rule)?)));
		Some(told.collect())
	}

	/// A value, or each of several; `None` if nothing of it may stay.
	fn all(&self, value: &Value, rule: &Rule) -> Option<Value> {
		let Value::Array(values) = value else { return self.one(value, rule) };
		let told: Vec<_> = values.iter().filter_map(|value| self.one(value, rule)).collect();
		(!told.is_empty()).then(|| told.into())
	}

	fn one(&self, value: &Value, rule: &Rule) -> Option<Value> {
		match rule {
			Rule::Bool => value.is_boolean().then(|| value.clone()),
			Rule::Number => value.is_number().then(|| value.clone()),
			Rule::Word => tables::WORDS.contains(&value.as_str()?).then(|| value.clone()),
			Rule::Date => self.date(value.as_str()?).map(Value::String),
			Rule::Coding => coding(value),
			Rule::Concept => {
				let codings: Vec<_> = value["coding"].as_array()?.iter().filter_map(coding).collect();
				(!codings.is_empty()).then(|| json!({"coding": codings}))
			}
			Rule::Quantity => quantity(value),
			Rule::Reference => Some(json!({"reference": self.reference(value["reference"].as_str()?)?})),
			Rule::Group(elements) => {
				let told = self.elements(value, elements)?;
				(!told.is_empty()).then_some(Value::Object(told))
			}
		}
	}

	/// The year of birth, or the category of who is old.
	fn birth(&self, patient: &Value) -> Option<(String, Value)> {
		let text = patient["birthDate"].as_str()?;
		let year = year_of(text)?;
		// Of a partial date the earliest day: who may be old counts as old.
		let born = day_of(text).or_else(|| NaiveDate::from_ymd_opt(year, 1, 1))?;
		let death = patient["deceasedDateTime"].as_str();
		let until = death.and_then(latest_day).unwrap_or(NaiveDate::MAX).min(self.now.date_naive());
		// Whoever is born on 29 February is a year older on 1 March at the latest, on 28 February here.
		let old = born.checked_add_months(Months::new(12 * OLD)).is_none_or(|birthday| birthday <= until);
		Some(match old {
			true => ("extension".into(), json!([{"url": AGE_CATEGORY, "valueString": OLD_CATEGORY}])),
			false => ("birthDate".into(), format!("{year:04}").into()),
		})
	}

	/// A date of FHIR, moved: a day as a day, a moment as a moment in UTC; a month as its year. `None` for what is no
	/// date, and for days so long ago that who was there then is old.
	pub fn date(&self, text: &str) -> Option<String> {
		let oldest = self.now.date_naive().checked_sub_months(Months::new(12 * OLD))?;
		match text.len() {
			4 | 7 => {
				let year = year_of(text)?;
				(year > oldest.year()).then(|| format!("{year:04}"))
			}
			10 => {
				let day = day_of(text).filter(|day| *day > oldest)?;
				Some(self.moved(day)?.format("%Y-%m-%d").to_string())
			}
			_ => {
				let moment = DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&Utc);
				let day = self.moved(Some(moment.date_naive()).filter(|day| *day > oldest)?)?;
				let moment = day.and_time(moment.time()).and_utc();
				Some(moment.to_rfc3339_opts(SecondsFormat::AutoSi, true))
			}
		}
	}

	fn moved(&self, day: NaiveDate) -> Option<NaiveDate> {
		let days = Days::new(self.days.unsigned_abs());
		let moved = if self.days < 0 { day.checked_sub_days(days) } else { day.checked_add_days(days) };
		moved.filter(|day| (1..=9999).contains(&day.year()))
	}

	/// A reference to a resource of a type that may be told of; `None` for what names a resource otherwise.
	fn reference(&self, text: &str) -> Option<String> {
		let id = |id: &str| is_id(id).then(|| self.id(id));
		if let Some(local) = text.strip_prefix('#') {
			return Some(format!("#{}", id(local)?));
		}
		if let Some(uuid) = text.strip_prefix("urn:uuid:") {
			return Some(format!("urn:uuid:{}", id(uuid)?));
		}
		let path = text.split_once("/_history/").map_or(text, |(path, _)| path);
		let (before, last) = path.rsplit_once('/')?;
		let kind = before.rsplit('/').next()?;
		tables::elements(kind)?;
		Some(format!("{kind}/{}", id(last)?))
	}

	/// An id in the form of a UUID, under the key of this patient and grant.
	fn id(&self, id: &str) -> String {
		let mut bytes = [0; 16];
		bytes.copy_from_slice(&digest(&[ID, &*self.ids, id.as_bytes()]).0[..16]);
		// Version 8 is for what is made in a way of one's own.
		bytes[6] = bytes[6] & 0x0f | 0x80;
		bytes[8] = bytes[8] & 0x3f | 0x80;
		let hex = hex::encode(bytes);
		[&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
	}
}

/// That ids are pseudonymous.
fn security() -> Value {
	json!({"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "PSEUDED"})
}

fn coding(value: &Value) -> Option<Value> {
	let (system, code) = (value["system"].as_str()?, value["code"].as_str()?);
	tables::is_code(system, code).then(|| json!({"system": system, "code": code}))
}

/// A number with a unit of UCUM, or without any; ages over 89 are told as that.
fn quantity(value: &Value) -> Option<Value> {
	let number = value.get("value").filter(|number| number.is_number())?;
	let comparator = value["comparator"].as_str().filter(|sign| ["<", "<=", ">=", ">"].contains(sign));
	if value.get("comparator").is_some() && comparator.is_none() {
		return None;
	}
	let mut told = Map::new();
	told.insert("value".into(), number.clone());
	if let Some(comparator) = comparator {
		told.insert("comparator".into(), comparator.into());
	}
	if ["unit", "code", "system"].iter().any(|name| value.get(name).is_some()) {
		let code = value["code"].as_str().filter(|code| value["system"] == UCUM && tables::is_ucum(code))?;
		let of_a_year = match code {
			"a" | "a_j" | "a_g" | "a_t" => 1.0,
			"mo" | "mo_j" | "mo_g" | "mo_s" => 12.0,
			"wk" => 52.0,
			"d" => 365.0,
			"h" => 24.0 * 365.0,
			_ => f64::INFINITY,
		};
		if number.as_f64()? / of_a_year >= f64::from(OLD) {
			return Some(json!({"value": OLD, "comparator": ">=", "unit": "a", "system": UCUM, "code": "a"}));
		}
		told.extend([("unit", code), ("system", UCUM), ("code", code)].map(|(name, text)| (name.into(), text.into())));
	}
	Some(Value::Object(told))
}

/// An id of FHIR.
fn is_id(text: &str) -> bool {
	(1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte))
}

/// The year that a date of FHIR begins with, if it has the form of one.
fn year_of(text: &str) -> Option<i32> {
	crate::fhir::time::parse_fhir(text)?;
	text.get(..4)?.parse().ok()
}

fn day_of(text: &str) -> Option<NaiveDate> {
	NaiveDate::parse_from_str(text.get(..10)?, "%Y-%m-%d").ok()
}

/// The last day that a date of FHIR may stand for.
fn latest_day(text: &str) -> Option<NaiveDate> {
	let span = crate::fhir::time::parse_fhir(text)?;
	Some(DateTime::from_timestamp_millis(span.to - 1)?.date_naive())
}

#[cfg(test)]
mod tests;
