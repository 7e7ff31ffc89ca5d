//! FHIR: text, JSON and vocabulary.

pub mod bundle;
pub mod cases;
pub mod consent;
pub mod export;
pub mod labels;
pub mod names;
pub mod request;
pub mod time;

use crate::{Error, Result};
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::{cell::RefCell, fmt};

/// The v3 confidentiality code system.
pub const CONFIDENTIALITY: &str = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";
/// The v3 code system of sensitivity, obligation and refrain policies.
pub const ACT_CODE: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
/// The v3 code system of purposes of use.
pub const ACT_REASON: &str = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
/// The v3 code system of participations, such as PRCP and CST.
pub const PARTICIPATION: &str = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
/// FHIR's code system of what a consent permits or denies to do.
pub const CONSENT_ACTION: &str = "http://terminology.hl7.org/CodeSystem/consentaction";
/// FHIR's code systems of resource types, of R4 and of R5.
pub const RESOURCE_TYPES: [&str; 2] = ["http://hl7.org/fhir/resource-types", "http://hl7.org/fhir/fhir-types"];

/// Whether a system is this one of HL7's terminology, by its present URI or the one it had before R4.
pub(crate) fn is_system(system: &str, present: &str) -> bool {
	let old = present
		.strip_prefix("http://terminology.hl7.org/CodeSystem/")
		.and_then(|name| name.strip_prefix("v3-"))
		.and_then(|name| system.strip_prefix("http://hl7.org/fhir/v3/").map(|old| old == name));
	let consent_action = present.ends_with("/consentaction") && system == "http://hl7.org/fhir/consentaction";
	system == present || old == Some(true) || consent_action
}

/// A pointer (RFC 6901) one step further.
pub(crate) fn pointer(base: &str, step: impl fmt::Display) -> String {
	format!("{base}/{}", step.to_string().replace('~', "~0").replace('/', "~1"))
}

/// Reads JSON strictly: a member that is given twice is refused, since readers disagree on which one counts.
pub(crate) fn parse_json(text: &str) -> Result<Value> {
	let path = RefCell::new(Vec::new());
	let mut reader = serde_json::Deserializer::from_str(text);
	let value = Strict(&path).deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
	value.map_err(|e| {
		let at = path.borrow().iter().fold(String::new(), |at, step: &String| pointer(&at, step));
		Error::refused("MalformedJson", at, format!("this is no JSON that can be read: {e}"))
	})
}

/// Reads a value; when it fails, the path to the place is left over.
struct Strict<'p>(&'p RefCell<Vec<String>>);

impl<'de> DeserializeSeed<'de> for Strict<'_> {
	type Value = Value;

	fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
		reader.deserialize_any(self)
	}
}

impl<'de> Visitor<'de> for Strict<'_> {
	type Value = Value;

	fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str("JSON")
	}

	fn visit_unit<E>(self) -> Result<Value, E> {
		Ok(Value::Null)
	}

	fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
		Ok(value.into())
	}

	fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
		Ok(value.into())
	}

	fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
		Ok(value.into())
	}

	fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
		Ok(value.into())
	}

	fn visit_str<E>(self, value: &str) -> Result<Value, E> {
		Ok(value.into())
	}

	fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
		let mut array = Vec::new();
		loop {
			self.0.borrow_mut().push(array.len().to_string());
			let item = items.next_element_seed(Strict(self.0))?;
			self.0.borrow_mut().pop();
			match item {
				Some(item) => array.push(item),
				None => return Ok(Value::Array(array)),
			}
		}
	}

	fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
		let mut object = Map::new();
		// Built with exact numbers, the reader gives a number that is no small integer as a map of this one member.
		const NUMBER: &str = "$serde_json::private::Number";
		while let Some(name) = members.next_key::<String>()? {
			if name == NUMBER && object.is_empty() {
				let number: serde_json::Number = members.next_value::<String>()?.parse().map_err(A::Error::custom)?;
				return Ok(Value::Number(number));
			}
			self.0.borrow_mut().push(name.clone());
			if object.contains_key(&name) {
				return Err(A::Error::custom("this member is given twice"));
			}
			let value = members.next_value_seed(Strict(self.0))?;
			self.0.borrow_mut().pop();
			object.insert(name, value);
		}
		Ok(Value::Object(object))
	}
}

/// FHIR has no empty values: what is not known is left out.
pub(crate) fn check_shape(value: &Value, at: &str) -> Result<()> {
	let empty = match value {
		Value::Null => true,
		Value::String(text) => text.is_empty(),
		Value::Array(items) => items.is_empty(),
		Value::Object(members) => members.is_empty(),
		_ => false,
	};
	if empty {
		return Err(Error::refused("MalformedFhir", at, "FHIR has no empty values: leave out what is not known"));
	}
	match value {
		// In arrays of primitive values `null` keeps the place of one that has an extension only.
		Value::Array(items) => items
			.iter()
			.enumerate()
			.filter(|(_, item)| !item.is_null())
			.try_for_each(|(number, item)| check_shape(item, &pointer(at, number))),
		Value::Object(members) => members.iter().try_for_each(|(name, member)| check_shape(member, &pointer(at, name))),
		_ => Ok(()),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn what_is_wrong_in_json_is_told_by_pointer() {
		for (text, at) in [
			(r#"{"a": [1, {"b": tru}]}"#, "/a/1/b"),
			(r#"{"a": {"x/y": 1, "x/y": 2}}"#, "/a/x~1y"),
			("{} {}", ""),
			("", ""),
			(r#"{"a": "#, "/a"),
		] {
			match parse_json(text) {
				Err(Error::Refused { code: "MalformedJson", at: Some(found), .. }) => assert_eq!(found, at, "{text}"),
				other => panic!("{text}: {other:?}"),
			}
		}
	}

	#[test]
	fn json_is_read_as_it_stands() {
		let text = r#"{"a":[1,-2,2.5,true,null,"x\u00e9"],"b":{}}"#;
		assert_eq!(parse_json(text).unwrap(), serde_json::from_str::<Value>(text).unwrap());
	}

	#[test]
	fn systems_are_known_by_old_uris_too() {
		assert!(is_system(CONFIDENTIALITY, CONFIDENTIALITY));
		assert!(is_system("http://hl7.org/fhir/v3/ActCode", ACT_CODE));
		assert!(!is_system("http://hl7.org/fhir/v3/ActReason", ACT_CODE));
		assert!(!is_system("http://loinc.org", ACT_CODE));
	}
}
