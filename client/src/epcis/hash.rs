//! The event hash of CBV 2.0, section 8.9: a canonical string of an event, its SHA-256, and the `ni` URI of both.
//!
//! What the string is made of:
//! - fields in the standard's order, each as `name=value`, with nothing between them; lists and what repeats within them
//!   are sorted by their own strings; what is empty is left out;
//! - `recordTime`, `eventID`, `errorDeclaration` and `certificationInfo` have no part in it: an event keeps its hash when
//!   it is stored, named, declared wrong or certified;
//! - times are in UTC with milliseconds, rounded half up; numbers have no zeros that say nothing;
//! - identifiers are canonical Digital Links ([`super::epc`]), vocabulary words full URIs ([`super::vocabulary`]);
//! - elements of other namespaces are `{namespace}name=value`, sorted, at the end of what encloses them. A comment
//!   (`rdfs:comment`) says something about the event and is not part of it: it is left out, as GS1's reference
//!   implementation does. Text in them that is a decimal number counts as the number, since XML cannot tell them apart;
//!   zeros before it stay, since only those after it say nothing in a serial or lot number.

use super::{
	context::{Context, RDFS},
	epc, events, not_a,
	vocabulary::Vocabulary,
	Placed,
};
use crate::{fhir::pointer, Error, Result};
use chrono::{DateTime, SecondsFormat, TimeDelta, Timelike, Utc};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// The hash of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventHash {
	/// The canonical string.
	pub prehash: String,
	/// Its SHA-256.
	pub digest: [u8; 32],
}

impl EventHash {
	fn of(prehash: String) -> Self {
		let digest = Sha256::digest(&prehash).into();
		Self { prehash, digest }
	}

	/// `ni:///sha-256;…?ver=CBV2.0`: fit for an `eventID`.
	pub fn uri(&self) -> String {
		uri(&self.digest)
	}
}

/// The `ni` URI of a digest.
pub fn uri(digest: &[u8; 32]) -> String {
	format!("ni:///sha-256;{}?ver=CBV2.0", hex::encode(digest))
}

/// The hashes of a document's events, in its order. See [`events`] for what a document may be.
pub fn event_hashes(document: &Value) -> Result<Vec<EventHash>> {
	events(document)?.iter().map(event_hash).collect()
}

/// The hash of one event.
pub fn event_hash(placed: &Placed<'_>) -> Result<EventHash> {
	let writer = Writer { context: &placed.context };
	let event = placed.event.as_object().ok_or_else(|| not_a(&placed.at, "an event"))?;
	writer.event(event, &placed.at).map(EventHash::of)
}

/// How a field's value is written.
#[derive(Clone, Copy)]
enum Kind {
	/// As it stands, but for blanks around it.
	Text,
	/// A moment.
	Time,
	/// An identifier or another URI.
	Uri,
	/// A word of a list.
	Word(Vocabulary),
	/// A list of them, under one name each.
	List(&'static str, &'static Kind),
	/// Fields of its own, in this order.
	Fields(&'static [(&'static str, Kind)]),
}

use Kind::{Fields, List, Text, Time, Uri, Word};

const EPCS: Kind = List("epc", &Uri);
const QUANTITY: Kind = Fields(&[("epcClass", Uri), ("quantity", Text), ("uom", Text)]);
const QUANTITIES: Kind = List("quantityElement", &QUANTITY);
const DISPOSITION: Kind = Word(Vocabulary::Disposition);
const PLACE: Kind = Fields(&[("id", Uri)]);

const METADATA: &[(&str, Kind)] = &[
	("time", Time),
	("startTime", Time),
	("endTime", Time),
	("deviceID", Uri),
	("deviceMetadata", Uri),
	("rawData", Uri),
	("dataProcessingMethod", Uri),
	("bizRules", Uri),
];

const REPORT: &[(&str, Kind)] = &[
	("type", Word(Vocabulary::Measurement)),
	("exception", Word(Vocabulary::Alert)),
	("deviceID", Uri),
	("deviceMetadata", Uri),
	("rawData", Uri),
	("dataProcessingMethod", Uri),
	("time", Time),
	("microorganism", Uri),
	("chemicalSubstance", Uri),
	("value", Text),
	("component", Word(Vocabulary::Component)),
	("stringValue", Text),
	("booleanValue", Text),
	("hexBinaryValue", Text),
	("uriValue", Uri),
	("minValue", Text),
	("maxValue", Text),
	("meanValue", Text),
	("sDev", Text),
	("percRank", Text),
	("percValue", Text),
	("uom", Text),
	("coordinateReferenceSystem", Uri),
];

const SENSOR: Kind = Fields(&[("sensorMetadata", Fields(METADATA)), ("sensorReport", Fields(REPORT))]);
const TRANSACTION: Kind = Fields(&[("type", Word(Vocabulary::BizTransaction)), ("bizTransaction", Uri)]);
const SOURCE: Kind = Fields(&[("type", Word(Vocabulary::SourceDest)), ("source", Uri)]);
const DESTINATION: Kind = Fields(&[("type", Word(Vocabulary::SourceDest)), ("destination", Uri)]);

/// The canonical order. A list whose parts have no name of their own has an empty one.
const EVENT: &[(&str, Kind)] = &[
	("eventTime", Time),
	("eventTimeZoneOffset", Text),
	("epcList", EPCS),
	("parentID", Uri),
	("inputEPCList", EPCS),
	("childEPCs", EPCS),
	("quantityList", QUANTITIES),
	("childQuantityList", QUANTITIES),
	("inputQuantityList", QUANTITIES),
	("outputEPCList", EPCS),
	("outputQuantityList", QUANTITIES),
	("action", Text),
	("transformationID", Uri),
	("bizStep", Word(Vocabulary::BizStep)),
	("disposition", DISPOSITION),
	("persistentDisposition", Fields(&[("set", DISPOSITION), ("unset", DISPOSITION)])),
	("readPoint", PLACE),
	("bizLocation", PLACE),
	("bizTransactionList", List("", &TRANSACTION)),
	("sourceList", List("", &SOURCE)),
	("destinationList", List("", &DESTINATION)),
	("sensorElementList", List("sensorElement", &SENSOR)),
	("ilmd", Fields(&[])),
];

/// Fields of an event without a part in its hash.
const LEFT_OUT: [&str; 6] = ["@context", "type", "recordTime", "eventID", "errorDeclaration", "certificationInfo"];

struct Writer<'c> {
	context: &'c Context,
}

impl Writer<'_> {
	fn event(&self, event: &Map<String, Value>, at: &str) -> Result<String> {
		let missing = || Error::refused("Missing", pointer(at, "type"), "an event says its type");
		let kind = event.get("type").ok_or_else(missing)?;
		let kind = kind.as_str().ok_or_else(|| not_a(&pointer(at, "type"), "the type of an event"))?.trim();
		let kind = self.context.expand(kind).unwrap_or_else(|| kind.to_owned());
		let rest = event.iter().filter(|(name, _)| !LEFT_OUT.contains(&name.as_str()));
		Ok(format!("eventType={kind}{}", self.fields(rest, EVENT, at)?))
	}

	/// Known fields in their order, then everything else, sorted.
	fn fields<'v>(
		&self,
		members: impl Iterator<Item = (&'v String, &'v Value)>,
		order: &[(&str, Kind)],
		at: &str,
	) -> Result<String> {
		let members: Vec<_> = members.collect();
		let mut text = String::new();
		for (name, kind) in order {
			if let Some((_, value)) = members.iter().find(|(found, _)| found.as_str() == *name) {
				text.push_str(&self.field(name, *kind, value, &pointer(at, name))?);
			}
		}
		let other = members.into_iter().filter(|(name, _)| !order.iter().any(|(known, _)| known == name));
		text.push_str(&self.extensions(other, at)?);
		Ok(text)
	}

	/// One field with its name; nothing if it is empty.
	fn field(&self, name: &str, kind: Kind, value: &Value, at: &str) -> Result<String> {
		match (kind, value) {
			(_, Value::Null) => Ok(String::new()),
			(List(part, inner), Value::Array(items)) => {
				let items =
					items.iter().enumerate().map(|(number, item)| self.field(part, *inner, item, &pointer(at, number)));
				let text = sorted(items.collect::<Result<_>>()?);
				Ok(if text.is_empty() { text } else { format!("{name}{text}") })
			}
			(List(..), _) => Err(not_a(at, "a list")),
			// Several of one name: sensor reports, set and unset dispositions.
			(_, Value::Array(items)) => {
				let items =
					items.iter().enumerate().map(|(number, item)| self.field(name, kind, item, &pointer(at, number)));
				Ok(sorted(items.collect::<Result<_>>()?))
			}
			(Fields(order), Value::Object(members)) => {
				let text = self.fields(members.iter(), order, at)?;
				Ok(if text.is_empty() { text } else { format!("{name}{text}") })
			}
			(Fields(_), _) => Err(not_a(at, "an object")),
			(_, Value::Object(_)) => Err(not_a(at, "a value")),
			(_, value) => {
				let text = self.value(kind, value, at)?;
				Ok(if text.is_empty() { text } else { format!("{name}={text}") })
			}
		}
	}

	fn value(&self, kind: Kind, value: &Value, at: &str) -> Result<String> {
		let text = match value {
			Value::String(text) => text.trim(),
			Value::Number(number) => return Ok(decimal(&number.to_string()).unwrap_or_else(|| number.to_string())),
			Value::Bool(value) => return Ok(value.to_string()),
			_ => return Err(not_a(at, "a value")),
		};
		match kind {
			Time => utc(text).ok_or_else(|| bad_time(at, text)),
			Uri => Ok(self.uri(text)),
			Word(list) => Ok(list.full(text, self.context)),
			_ => Ok(text.to_owned()),
		}
	}

	fn uri(&self, text: &str) -> String {
		let text = self.context.expand(text).unwrap_or_else(|| text.to_owned());
		epc::canonical(&text).unwrap_or(text)
	}

	/// Elements of other namespaces, and such fields as the standard gives no place.
	fn extensions<'v>(&self, members: impl Iterator<Item = (&'v String, &'v Value)>, at: &str) -> Result<String> {
		let mut texts = Vec::new();
		for (member, value) in members {
			let name = match self.context.name(member) {
				Some((namespace, "comment")) if namespace == RDFS => continue,
				Some((namespace, local)) => format!("{{{namespace}}}{local}"),
				None => member.clone(),
			};
			self.extension(&name, value, &pointer(at, member), &mut texts)?;
		}
		Ok(sorted(texts))
	}

	fn extension(&self, name: &str, value: &Value, at: &str, texts: &mut Vec<String>) -> Result<()> {
		match value {
			Value::Null => {}
			Value::Array(items) => {
				for (number, item) in items.iter().enumerate() {
					self.extension(name, item, &pointer(at, number), texts)?;
				}
			}
			// A typed value of JSON-LD.
			Value::Object(members) if members.contains_key("@value") => {
				self.extension(name, &members["@value"], &pointer(at, "@value"), texts)?;
			}
			Value::Object(members) => texts.push(format!("{name}{}", self.extensions(members.iter(), at)?)),
			Value::String(text) => {
				let text = text.trim();
				let text = trailing(text).map(str::to_owned).unwrap_or_else(|| self.uri(&self.word(text)));
				texts.push(if text.is_empty() { name.to_owned() } else { format!("{name}={text}") });
			}
			value => texts.push(format!("{name}={}", self.value(Text, value, at)?)),
		}
		Ok(())
	}

	/// Words of the vocabularies where they are told by their EPCIS 1 URN.
	fn word(&self, text: &str) -> String {
		use Vocabulary::{BizStep, BizTransaction, Disposition, ErrorReason, SourceDest};
		let lists = [BizStep, Disposition, BizTransaction, SourceDest, ErrorReason];
		let written = lists.into_iter().map(|list| list.full(text, self.context));
		// A bare word means nothing outside of its field.
		let urn = text.starts_with("urn:epcglobal:cbv:");
		written.filter(|_| urn).find(|full| full != text).unwrap_or_else(|| text.to_owned())
	}
}

fn sorted(mut texts: Vec<String>) -> String {
	texts.sort_unstable();
	texts.concat()
}

/// What cannot be read as a moment.
pub(super) fn bad_time(at: &str, text: &str) -> Error {
	Error::refused("BadTime", at, format!("{text:?} is no moment with a time zone, such as 2026-01-31T12:00:00.000Z"))
}

/// A moment to the millisecond; half of one counts as a whole one.
pub(super) fn moment(text: &str) -> Option<DateTime<Utc>> {
	let moment = DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&Utc);
	let below = i64::from(moment.nanosecond() % 1_000_000);
	moment.checked_add_signed(TimeDelta::nanoseconds(if below >= 500_000 { 1_000_000 - below } else { -below }))
}

fn utc(text: &str) -> Option<String> {
	moment(text).map(|moment| moment.to_rfc3339_opts(SecondsFormat::Millis, true))
}

/// The longest number that is written out.
const LONGEST: i64 = 400;

/// A JSON number without an exponent and without zeros that say nothing; `None` if it is too long to be written out.
fn decimal(text: &str) -> Option<String> {
	let (sign, unsigned) = match text.strip_prefix('-') {
		Some(rest) => ("-", rest),
		None => ("", text.strip_prefix('+').unwrap_or(text)),
	};
	let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
		Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
		None => (unsigned, 0),
	};
	let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
	let digits = format!("{whole}{fraction}");
	let point = i64::try_from(whole.len()).ok()?.checked_add(exponent)?;
	if !(-LONGEST..=LONGEST).contains(&point) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
		return None;
	}
	let (whole, fraction) = match usize::try_from(point) {
		Ok(point) if point <= digits.len() => (digits[..point].to_owned(), digits[point..].to_owned()),
		Ok(point) => (format!("{digits:0<point$}"), String::new()),
		Err(_) => (String::new(), format!("{}{digits}", "0".repeat(point.unsigned_abs() as usize))),
	};
	let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
	let whole = if whole.is_empty() { "0" } else { whole };
	Some(match (whole, fraction) {
		("0", "") => "0".into(),
		(whole, "") => format!("{sign}{whole}"),
		(whole, fraction) => format!("{sign}{whole}.{fraction}"),
	})
}

/// Text that is a decimal number with a fraction, without the zeros at its end; `None` for other text.
fn trailing(text: &str) -> Option<&str> {
	let (whole, fraction) = text.strip_prefix('-').unwrap_or(text).split_once('.')?;
	let number =
		[whole, fraction].iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
	number.then(|| text.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
	use super::*;
	use serde_json::json;

	fn prehash(event: Value) -> String {
		let mut whole = json!({
			"type": "ObjectEvent", "eventTime": "2020-03-04T11:00:30+01:00", "eventTimeZoneOffset": "+01:00",
			"@context": {"example": "https://ns.example.com/epcis/"},
		});
		for (name, value) in event.as_object().unwrap() {
			whole[name] = value.clone();
		}
		let hash = event_hashes(&whole).unwrap().remove(0);
		let start = "eventType=ObjectEventeventTime=2020-03-04T10:00:30.000ZeventTimeZoneOffset=+01:00";
		hash.prehash.strip_prefix(start).unwrap().to_owned()
	}

	#[test]
	fn moments_are_utc_with_milliseconds() {
		for (text, expected) in [
			("2005-04-03T20:33:31.116000-06:00", "2005-04-04T02:33:31.116Z"),
			("2023-02-02T11:04:03.1415Z", "2023-02-02T11:04:03.142Z"),
			("2023-02-02T11:04:03.1414999Z", "2023-02-02T11:04:03.141Z"),
			("2023-12-31T23:59:59.9996Z", "2024-01-01T00:00:00.000Z"),
			("2020-01-14T00:00:00+01:00", "2020-01-13T23:00:00.000Z"),
		] {
			assert_eq!(utc(text).as_deref(), Some(expected), "{text}");
		}
		for text in ["2020-01-14T00:00:00", "2020-01-14", "", "now"] {
			assert_eq!(utc(text), None, "{text}");
		}
	}

	#[test]
	fn numbers_have_no_zeros_that_say_nothing() {
		for (text, expected) in [
			("1.0", "1"),
			("0.3434000", "0.3434"),
			("-0.0", "0"),
			("-12.50", "-12.5"),
			("1e3", "1000"),
			("1.5E-3", "0.0015"),
			("12345678901234567890.10", "12345678901234567890.1"),
			("0.1e1", "1"),
			("100", "100"),
		] {
			assert_eq!(decimal(text).as_deref(), Some(expected), "{text}");
		}
		assert_eq!(decimal("1e999999999"), None);
		assert_eq!((trailing("23.0"), trailing("3.50"), trailing("-1.00")), (Some("23"), Some("3.5"), Some("-1")));
		for text in ["0012", "1.2.3", "1.", ".5", "P3Y", "1e3", "100"] {
			assert_eq!(trailing(text), None, "{text}");
		}
	}

	#[test]
	fn lists_are_sorted_and_named_once() {
		let event = json!({
			"epcList": ["urn:epc:id:sgtin:0614141.107346.2018", "urn:epc:id:sgtin:0614141.107346.2017"],
			"quantityList": [{"uom": "KGM", "quantity": 200.0, "epcClass": "urn:epc:class:lgtin:4012345.012345.998877"},
				{"epcClass": "urn:epc:idpat:sgtin:4012345.066666.*"}],
			"bizTransactionList": [{"type": "po", "bizTransaction": "http://transaction.acme.com/po/12345678"},
				{"bizTransaction": "urn:epcglobal:cbv:bt:0614141073467:1152", "type": "desadv"}],
		});
		assert_eq!(
			prehash(event),
			"epcListepc=https://id.gs1.org/01/10614141073464/21/2017epc=https://id.gs1.org/01/10614141073464/21/2018\
			 quantityListquantityElementepcClass=https://id.gs1.org/01/04012345123456/10/998877quantity=200uom=KGM\
			 quantityElementepcClass=https://id.gs1.org/01/04012345666663\
			 bizTransactionListtype=https://ref.gs1.org/cbv/BTT-desadvbizTransaction=urn:epcglobal:cbv:bt:0614141073467:1152\
			 type=https://ref.gs1.org/cbv/BTT-pobizTransaction=http://transaction.acme.com/po/12345678"
		);
	}

	#[test]
	fn extensions_come_at_the_end_of_what_encloses_them() {
		let event = json!({
			"readPoint": {"example:b2": "x", "example:b": " y ", "id": "urn:epc:id:sgln:4012345.00011.0"},
			"disposition": "in_transit",
			"example:a": [{"example:z": 1, "example:y": [true, "2.50"]}, "cbv:BizStep-packing"],
			"ilmd": {"cbvmda:lotNumber": "0012", "example:empty": ""},
			"rdfs:comment": "left out",
		});
		assert_eq!(
			prehash(event),
			"disposition=https://ref.gs1.org/cbv/Disp-in_transit\
			 readPointid=https://id.gs1.org/414/4012345000115{https://ns.example.com/epcis/}b2=x{https://ns.example.com/epcis/}b=y\
			 ilmd{https://ns.example.com/epcis/}empty{urn:epcglobal:cbv:mda:}lotNumber=0012\
			 {https://ns.example.com/epcis/}a=https://ref.gs1.org/cbv/BizStep-packing\
			 {https://ns.example.com/epcis/}a{https://ns.example.com/epcis/}y=2.5{https://ns.example.com/epcis/}y=true\
			 {https://ns.example.com/epcis/}z=1"
		);
	}

	#[test]
	fn what_happens_to_an_event_later_leaves_its_hash() {
		let later = json!({
			"eventID": "urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8", "recordTime": "2021-01-01T00:00:00Z",
			"certificationInfo": "https://example.org/certificate", "epcList": [], "disposition": null,
			"errorDeclaration": {"declarationTime": "2021-01-01T00:00:00Z", "reason": "incorrect_data"},
		});
		assert_eq!(prehash(later), prehash(json!({})));
	}

	#[test]
	fn what_cannot_be_hashed_is_refused_by_pointer() {
		let event = json!({"type": "ObjectEvent", "eventTime": "2020-03-04T11:00:30+01:00"});
		let document = |event: Value| json!({"type": "EPCISDocument", "epcisBody": {"eventList": [event]}});
		let with = |name: &str, value: Value| {
			let mut event = event.clone();
			event[name] = value;
			document(event)
		};
		for (document, code, at) in [
			(with("eventTime", json!("2020-03-04")), "BadTime", "/epcisBody/eventList/0/eventTime"),
			(with("epcList", json!("urn:x")), "WrongType", "/epcisBody/eventList/0/epcList"),
			(with("epcList", json!([{}])), "WrongType", "/epcisBody/eventList/0/epcList/0"),
			(with("readPoint", json!("urn:x")), "WrongType", "/epcisBody/eventList/0/readPoint"),
			(with("type", json!(1)), "WrongType", "/epcisBody/eventList/0/type"),
			(document(json!(1)), "WrongType", "/epcisBody/eventList/0"),
			(json!({"type": "EPCISDocument"}), "Missing", "/epcisBody/eventList"),
			(json!({}), "Missing", "/type"),
			(json!("x"), "WrongType", ""),
			(json!([event, {}]), "Missing", "/1/type"),
		] {
			match event_hashes(&document) {
				Err(Error::Refused { code: found, at: Some(place), .. }) => {
					assert_eq!((found, place.as_str()), (code, at))
				}
				other => panic!("{document}: {other:?}"),
			}
		}
	}
}
