//! What events are made of.

use super::{Checker, Role};
use crate::{
	epcis::{not_a, vocabulary::Vocabulary},
	fhir::pointer,
	Error, Result,
};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

const METADATA_TIMES: [&str; 3] = ["time", "startTime", "endTime"];
const METADATA_URIS: [&str; 5] = ["deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules"];
const REPORT_URIS: [&str; 9] = [
	"deviceID",
	"deviceMetadata",
	"rawData",
	"dataProcessingMethod",
	"bizRules",
	"microorganism",
	"chemicalSubstance",
	"coordinateReferenceSystem",
	"uriValue",
];
const REPORT_NUMBERS: [&str; 7] = ["value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue"];
const REPORT_OTHERS: [&str; 7] =
	["exception", "time", "component", "stringValue", "booleanValue", "hexBinaryValue", "uom"];

impl Checker<'_> {
	/// `+hh:mm` or `-hh:mm`, up to fourteen hours.
	pub(super) fn offset(&self, value: &Value, at: &str) -> Result<()> {
		let text = value.as_str().ok_or_else(|| not_a(at, "an offset"))?;
		let minutes = || {
			let (hours, minutes) = text.strip_prefix(['+', '-'])?.split_once(':')?;
			let number = |part: &str| -> Option<u32> {
				let digits = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
				digits.then(|| part.parse().ok()).flatten()
			};
			number(minutes).filter(|minutes| *minutes < 60).and_then(|minutes| Some(number(hours)? * 60 + minutes))
		};
		let right = minutes().is_some_and(|minutes| minutes <= 14 * 60);
		right
			.then_some(())
			.ok_or_else(|| Error::refused("BadOffset", at, format!("{text:?} is no offset such as +01:00")))
	}

	pub(super) fn instances(&self, value: &Value, at: &str) -> Result<()> {
		self.each(value, at, |item, at| self.identifier(item, Role::Instance, at))?;
		self.distinct(value.as_array().into_iter().flatten(), at)
	}

	pub(super) fn quantity(&self, value: &Value, at: &str) -> Result<()> {
		let members = self.members(value, &["epcClass"], &["quantity", "uom"], false, at)?;
		self.optional(members, "epcClass", at, |checker, value, at| checker.identifier(value, Role::Class, at))?;
		let unit = match members.get("uom") {
			Some(unit) => {
				let right = unit.as_str().is_some_and(|unit| {
					(2..=3).contains(&unit.len())
						&& unit.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
				});
				if !right || !members.contains_key("quantity") {
					let message = "a unit is a code of UN/CEFACT Recommendation 20 such as KGM, beside a quantity";
					return Err(Error::refused("BadUnit", pointer(at, "uom"), message));
				}
				true
			}
			None => false,
		};
		self.optional(members, "quantity", at, |checker, value, at| {
			checker.number(value, at)?;
			let amount = value.as_f64().unwrap_or_default();
			if amount <= 0.0 || (!unit && amount.fract() != 0.0) {
				return Err(Error::refused(
					"BadQuantity",
					at,
					"a quantity is positive, and without a unit a whole number",
				));
			}
			Ok(())
		})
	}

	pub(super) fn location(&self, value: &Value, at: &str) -> Result<()> {
		let members = self.members(value, &["id"], &[], true, at)?;
		self.optional(members, "id", at, |checker, value, at| checker.identifier(value, Role::Location, at))
	}

	/// A business transaction, a source or a destination.
	pub(super) fn typed(&self, value: &Value, name: &str, kinds: Vocabulary, at: &str) -> Result<()> {
		// Only transactions may leave open what they are.
		let (required, optional) = match kinds {
			Vocabulary::BizTransaction => (vec![name], vec!["type"]),
			_ => (vec!["type", name], vec![]),
		};
		let members = self.members(value, &required, &optional, false, at)?;
		self.optional(members, "type", at, |checker, value, at| checker.word(value, kinds, at))?;
		self.optional(members, name, at, Self::uri)
	}

	pub(super) fn persistent(&self, value: &Value, at: &str) -> Result<()> {
		let members = self.members(value, &[], &["set", "unset"], false, at)?;
		if members.is_empty() {
			return Err(Error::refused("Empty", at, "nothing is set or unset"));
		}
		let mut seen = BTreeSet::new();
		for (name, words) in members {
			let at = pointer(at, name);
			let count = self.each(words, &at, |word, at| self.word(word, Vocabulary::Disposition, at))?;
			if count == 0 {
				return Err(Error::refused("Empty", at, "a list without dispositions"));
			}
			for (number, word) in words.as_array().into_iter().flatten().enumerate() {
				let full = Vocabulary::Disposition.full(word.as_str().unwrap_or_default(), self.context);
				if !seen.insert(full) {
					return Err(Error::refused("Duplicate", pointer(&at, number), "this disposition is named twice"));
				}
			}
		}
		Ok(())
	}

	pub(super) fn error_declaration(&self, value: &Value, at: &str) -> Result<()> {
		let members = self.members(value, &["declarationTime"], &["reason", "correctiveEventIDs"], true, at)?;
		self.optional(members, "declarationTime", at, Self::time)?;
		self.optional(members, "reason", at, |checker, value, at| checker.word(value, Vocabulary::ErrorReason, at))?;
		self.optional(members, "correctiveEventIDs", at, |checker, value, at| {
			checker.each(value, at, |item, at| checker.uri(item, at)).map(|_| ())
		})
	}

	pub(super) fn sensor_element(&self, value: &Value, at: &str) -> Result<()> {
		let members = self.members(value, &["sensorReport"], &["sensorMetadata"], true, at)?;
		self.optional(members, "sensorMetadata", at, Self::sensor_metadata)?;
		let at = pointer(at, "sensorReport");
		if self.each(&members["sensorReport"], &at, |report, at| self.sensor_report(report, at))? == 0 {
			return Err(Error::refused("Empty", at, "a sensor that reports nothing"));
		}
		Ok(())
	}

	fn sensor_metadata(&self, value: &Value, at: &str) -> Result<()> {
		let known = [&METADATA_TIMES[..], &METADATA_URIS].concat();
		let members = self.members(value, &[], &known, true, at)?;
		METADATA_URIS.iter().try_for_each(|name| self.optional(members, name, at, Self::uri))?;
		let time = |name: &str| members.get(name).map(|value| self.moment(value, &pointer(at, name))).transpose();
		time("time")?;
		match (time("startTime")?, time("endTime")?) {
			(Some(start), Some(end)) if start > end => {
				Err(Error::refused("BadInterval", pointer(at, "endTime"), "this is before the start"))
			}
			_ => Ok(()),
		}
	}

	fn sensor_report(&self, value: &Value, at: &str) -> Result<()> {
		let known = [&REPORT_URIS[..], &REPORT_NUMBERS, &REPORT_OTHERS].concat();
		let members = self.members(value, &["type"], &known, true, at)?;
		self.optional(members, "type", at, |checker, value, at| checker.word(value, Vocabulary::Measurement, at))?;
		self.optional(members, "exception", at, |checker, value, at| checker.word(value, Vocabulary::Alert, at))?;
		self.optional(members, "component", at, |checker, value, at| checker.word(value, Vocabulary::Component, at))?;
		self.optional(members, "time", at, Self::time)?;
		REPORT_URIS.iter().try_for_each(|name| self.optional(members, name, at, Self::uri))?;
		REPORT_NUMBERS.iter().try_for_each(|name| self.optional(members, name, at, Self::number))?;
		self.optional(members, "stringValue", at, Self::text)?;
		self.optional(members, "uom", at, Self::text)?;
		self.optional(members, "booleanValue", at, |_, value, at| {
			value.as_bool().map(|_| ()).ok_or_else(|| not_a(at, "true or false"))
		})?;
		self.optional(members, "hexBinaryValue", at, |_, value, at| {
			let right =
				value.as_str().is_some_and(|text| !text.is_empty() && text.bytes().all(|b| b.is_ascii_hexdigit()));
			right.then_some(()).ok_or_else(|| Error::refused("BadValue", at, "this is not made of hexadecimal digits"))
		})?;
		self.plausible(members, at)
	}

	/// Rules between the fields of a report.
	fn plausible(&self, members: &Map<String, Value>, at: &str) -> Result<()> {
		let number = |name: &str| members.get(name).and_then(Value::as_f64);
		if let (Some(min), Some(max)) = (number("minValue"), number("maxValue")) {
			if min > max {
				return Err(Error::refused("BadValue", pointer(at, "maxValue"), "the largest is below the smallest"));
			}
		}
		let warmth = members["type"].as_str().and_then(|kind| Vocabulary::Measurement.word(kind, self.context));
		let measured = ["value", "minValue", "maxValue", "meanValue"].iter().any(|name| number(name).is_some());
		let unit = members.get("uom").and_then(Value::as_str);
		if warmth == Some("Temperature") && measured && !matches!(unit, Some("CEL" | "FAH" | "KEL")) {
			return Err(Error::refused("BadUnit", pointer(at, "uom"), "temperatures are in CEL, FAH or KEL"));
		}
		Ok(())
	}

	pub(super) fn header(&self, value: &Value, at: &str) -> Result<()> {
		let members = self.members(value, &[], &["epcisMasterData"], true, at)?;
		self.optional(members, "epcisMasterData", at, |checker, data, at| {
			let members = checker.members(data, &[], &["vocabularyList"], true, at)?;
			checker.optional(members, "vocabularyList", at, |checker, list, at| {
				checker.each(list, at, |vocabulary, at| checker.vocabulary(vocabulary, at)).map(|_| ())
			})
		})
	}

	fn vocabulary(&self, value: &Value, at: &str) -> Result<()> {
		let members = self.members(value, &["type"], &["vocabularyElementList"], true, at)?;
		self.optional(members, "type", at, Self::uri)?;
		self.optional(members, "vocabularyElementList", at, |checker, list, at| {
			let element = |element: &Value, at: &str| {
				let members = checker.members(element, &["id"], &["attributes", "children"], true, at)?;
				checker.optional(members, "id", at, Self::uri)?;
				checker.optional(members, "children", at, |checker, list, at| {
					checker.each(list, at, |child, at| checker.uri(child, at)).map(|_| ())
				})?;
				checker.optional(members, "attributes", at, |checker, list, at| {
					let attribute = |attribute: &Value, at: &str| {
						let members = checker.members(attribute, &["id"], &["attribute"], true, at)?;
						checker.optional(members, "id", at, Self::uri)?;
						checker.optional(members, "attribute", at, |_, value, at| match value {
							Value::String(_) | Value::Number(_) | Value::Object(_) => Ok(()),
							_ => Err(not_a(at, "text, a number or an object")),
						})
					};
					checker.each(list, at, attribute).map(|_| ())
				})
			};
			checker.each(list, at, element).map(|_| ())
		})
	}
}
