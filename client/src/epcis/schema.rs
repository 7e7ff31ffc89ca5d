//! JSON Schema, as far as GS1's schema of EPCIS needs it, where a copy of that is at hand.
//!
//! This is draft 07 with references within the schema and the formats `uri` and `date-time`, which GS1's rules on member
//! names are written with. A schema with anything else is refused, not half checked; nothing is ever fetched.

use crate::{fhir::pointer, Error, Result};
use chrono::DateTime;
use regex::Regex;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A schema that documents can be checked against.
#[derive(Debug)]
pub struct Schema {
	root: Value,
	patterns: BTreeMap<String, Pattern>,
}

/// What is wrong with a document, and where.
struct Wrong {
	at: String,
	message: String,
}

type Checked = std::result::Result<(), Wrong>;

fn wrong(at: &str, message: impl Into<String>) -> Checked {
	Err(Wrong { at: at.to_owned(), message: message.into() })
}

/// A regular expression. Of lookahead, which takes more than a regular language, only that at the start is known:
/// `^(?!…)…` is "does not begin with".
#[derive(Debug)]
struct Pattern {
	not: Option<Regex>,
	is: Regex,
}

impl Pattern {
	fn new(text: &str) -> Option<Self> {
		let Some(ahead) = text.strip_prefix("^(?!") else {
			return Some(Self { not: None, is: Regex::new(text).ok()? });
		};
		let (mut depth, mut escaped) = (1usize, false);
		let end = ahead.char_indices().find(|(_, c)| {
			match c {
				_ if escaped => {}
				'(' => depth += 1,
				')' => depth -= 1,
				_ => {}
			}
			escaped = *c == '\\' && !escaped;
			depth == 0
		});
		let (end, _) = end?;
		let not = Regex::new(&format!("^(?:{})", &ahead[..end])).ok()?;
		Some(Self { not: Some(not), is: Regex::new(&format!("^{}", &ahead[end + 1..])).ok()? })
	}

	fn matches(&self, text: &str) -> bool {
		!self.not.as_ref().is_some_and(|not| not.is_match(text)) && self.is.is_match(text)
	}
}

/// Keywords that say nothing about a document.
const ANNOTATIONS: [&str; 9] =
	["$schema", "$id", "$comment", "title", "description", "default", "examples", "readOnly", "writeOnly"];

/// How deep schemas may lead into each other before they count as endless.
const DEEPEST: usize = 512;

impl Schema {
	/// Takes a JSON Schema.
	pub fn new(schema: &Value) -> Result<Self> {
		let mut taken = Self { root: schema.clone(), patterns: BTreeMap::new() };
		taken.take(schema, "")?;
		Ok(taken)
	}

	/// Refuses a document where it is not as the schema says.
	pub fn check(&self, document: &Value) -> Result<()> {
		self.value(&self.root, document, "", 0).map_err(|wrong| {
			Error::refused("AgainstSchema", wrong.at, format!("the schema does not allow this: {}", wrong.message))
		})
	}

	/// Goes through a schema: every keyword has to be known, and to have a value that makes sense.
	fn take(&mut self, schema: &Value, at: &str) -> Result<()> {
		let Value::Object(keywords) = schema else {
			return if schema.is_boolean() { Ok(()) } else { Err(bad(at, "a schema is an object, true or false")) };
		};
		for (keyword, value) in keywords {
			let at = pointer(at, keyword);
			match (keyword.as_str(), value) {
				("properties" | "definitions", Value::Object(inner)) => {
					inner.iter().try_for_each(|(name, schema)| self.take(schema, &pointer(&at, name)))?;
				}
				("allOf" | "anyOf" | "oneOf", Value::Array(inner)) if !inner.is_empty() => {
					inner
						.iter()
						.enumerate()
						.try_for_each(|(number, schema)| self.take(schema, &pointer(&at, number)))?;
				}
				(
					"items" | "additionalProperties" | "propertyNames" | "not" | "if" | "then" | "else" | "contains",
					inner,
				) if !inner.is_array() => {
					self.take(inner, &at)?;
				}
				("pattern", Value::String(text)) => {
					let pattern =
						Pattern::new(text).ok_or_else(|| bad(&at, "this regular expression cannot be used"))?;
					self.patterns.insert(text.clone(), pattern);
				}
				("$ref", Value::String(to)) => {
					self.target(to).ok_or_else(|| bad(&at, "this leads nowhere within the schema"))?;
				}
				("format", Value::String(format)) if matches!(format.as_str(), "uri" | "date-time") => {}
				("type", Value::String(name)) if is_type(name) => {}
				("type", Value::Array(names)) if names.iter().all(|name| name.as_str().is_some_and(is_type)) => {}
				("required", Value::Array(names)) if names.iter().all(Value::is_string) => {}
				("enum", Value::Array(_)) | ("uniqueItems", Value::Bool(_)) | ("const", _) => {}
				("minItems" | "maxItems" | "minLength" | "maxLength", number) if number.is_u64() => {}
				("minimum" | "maximum", number) if number.is_number() => {}
				(other, _) if ANNOTATIONS.contains(&other) => {}
				_ => return Err(bad(&at, "this keyword, or this value of it, is not known here")),
			}
		}
		Ok(())
	}

	fn target(&self, to: &str) -> Option<&Value> {
		self.root.pointer(&super::epc::decode(to.strip_prefix('#')?)?)
	}

	fn value(&self, schema: &Value, value: &Value, at: &str, depth: usize) -> Checked {
		let keywords = match schema {
			Value::Bool(true) => return Ok(()),
			Value::Object(keywords) => keywords,
			_ => return wrong(at, "nothing may be here"),
		};
		if depth > DEEPEST {
			return wrong(at, "the schema leads into itself");
		}
		let inner = |schema: &Value, value: &Value, at: &str| self.value(schema, value, at, depth + 1);
		// Beside a reference nothing else counts in draft 07.
		if let Some(to) = keywords.get("$ref").and_then(Value::as_str) {
			return self.target(to).map_or(Ok(()), |schema| inner(schema, value, at));
		}
		self.plain(keywords, value, at)?;
		match value {
			Value::Object(members) => self.members(keywords, members, at, depth)?,
			Value::Array(items) => self.items(keywords, items, at, depth)?,
			_ => {}
		}
		let list = |name: &str| keywords.get(name).and_then(Value::as_array).map(Vec::as_slice);
		for schema in list("allOf").unwrap_or_default() {
			inner(schema, value, at)?;
		}
		if let Some(schemas) = list("anyOf") {
			let mut failures = Vec::new();
			for schema in schemas {
				match inner(schema, value, at) {
					Ok(()) => break,
					Err(failure) => failures.push(failure),
				}
			}
			if failures.len() == schemas.len() {
				// The choice that went furthest is most likely the one that was meant.
				return failures.into_iter().rev().max_by_key(|failure| failure.at.len()).map_or(Ok(()), Err);
			}
		}
		if let Some(schemas) = list("oneOf") {
			let right = schemas.iter().filter(|schema| inner(schema, value, at).is_ok()).count();
			if right != 1 {
				return wrong(at, format!("this is as {right} of the choices ask, not as one"));
			}
		}
		if keywords.get("not").is_some_and(|schema| inner(schema, value, at).is_ok()) {
			return wrong(at, "this must not be here");
		}
		if let Some(condition) = keywords.get("if") {
			let name = if inner(condition, value, at).is_ok() { "then" } else { "else" };
			keywords.get(name).map_or(Ok(()), |schema| inner(schema, value, at))?;
		}
		Ok(())
	}

	/// Keywords about a value as such.
	fn plain(&self, keywords: &Map<String, Value>, value: &Value, at: &str) -> Checked {
		if let Some(types) = keywords.get("type") {
			let right = match types {
				Value::Array(names) => names.iter().filter_map(Value::as_str).any(|name| has_type(value, name)),
				name => name.as_str().is_some_and(|name| has_type(value, name)),
			};
			if !right {
				return wrong(at, format!("expected the type {types}"));
			}
		}
		if let Some(allowed) = keywords.get("enum").and_then(Value::as_array) {
			if !allowed.iter().any(|allowed| same(allowed, value)) {
				return wrong(at, "it is not one of the values that are listed");
			}
		}
		if keywords.get("const").is_some_and(|only| !same(only, value)) {
			return wrong(at, "it is not the only value that is allowed");
		}
		if let Value::String(text) = value {
			self.text(keywords, text, at)?;
		}
		if let Some(number) = value.as_f64() {
			let limit = |name: &str| keywords.get(name).and_then(Value::as_f64);
			if limit("minimum").is_some_and(|limit| number < limit)
				|| limit("maximum").is_some_and(|limit| number > limit)
			{
				return wrong(at, "this number is too small or too large");
			}
		}
		Ok(())
	}

	fn text(&self, keywords: &Map<String, Value>, text: &str, at: &str) -> Checked {
		if let Some(pattern) = keywords.get("pattern").and_then(Value::as_str) {
			if !self.patterns.get(pattern).is_some_and(|known| known.matches(text)) {
				return wrong(at, format!("{text:?} does not match {pattern}"));
			}
		}
		let right = match keywords.get("format").and_then(Value::as_str) {
			Some("uri") => is_uri(text),
			Some("date-time") => DateTime::parse_from_rfc3339(text).is_ok() && !text.contains(' '),
			_ => true,
		};
		if !right {
			return wrong(at, format!("{text:?} is no {}", keywords["format"].as_str().unwrap_or_default()));
		}
		limits(keywords, text.chars().count(), ["minLength", "maxLength"], at)
	}

	fn members(&self, keywords: &Map<String, Value>, members: &Map<String, Value>, at: &str, depth: usize) -> Checked {
		for name in keywords.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
			if !members.contains_key(name) {
				return wrong(&pointer(at, name), "this is missing");
			}
		}
		let known = keywords.get("properties").and_then(Value::as_object);
		for (name, value) in members {
			let at = pointer(at, name);
			if let Some(schema) = keywords.get("propertyNames") {
				if self.value(schema, &Value::String(name.clone()), &at, depth + 1).is_err() {
					return wrong(&at, format!("no member may have the name {name:?}"));
				}
			}
			let schema = known.and_then(|known| known.get(name)).or_else(|| keywords.get("additionalProperties"));
			schema.map_or(Ok(()), |schema| self.value(schema, value, &at, depth + 1))?;
		}
		Ok(())
	}

	fn items(&self, keywords: &Map<String, Value>, items: &[Value], at: &str, depth: usize) -> Checked {
		limits(keywords, items.len(), ["minItems", "maxItems"], at)?;
		for (number, item) in items.iter().enumerate() {
			let at = pointer(at, number);
			keywords.get("items").map_or(Ok(()), |schema| self.value(schema, item, &at, depth + 1))?;
			let unique = keywords.get("uniqueItems") == Some(&Value::Bool(true));
			if unique && items[..number].iter().any(|before| same(before, item)) {
				return wrong(&at, "this is there twice");
			}
		}
		match keywords.get("contains") {
			Some(schema) if !items.iter().any(|item| self.value(schema, item, at, depth + 1).is_ok()) => {
				wrong(at, "an item that should be among these is not")
			}
			_ => Ok(()),
		}
	}
}

fn bad(at: &str, message: &str) -> Error {
	Error::refused("BadSchema", at, message)
}

fn limits(keywords: &Map<String, Value>, length: usize, [least, most]: [&str; 2], at: &str) -> Checked {
	let limit = |name: &str| keywords.get(name).and_then(Value::as_u64);
	let length = length as u64;
	if limit(least).is_some_and(|least| length < least) || limit(most).is_some_and(|most| length > most) {
		return wrong(at, "this is too short or too long");
	}
	Ok(())
}

fn is_type(name: &str) -> bool {
	["null", "boolean", "object", "array", "number", "integer", "string"].contains(&name)
}

fn has_type(value: &Value, name: &str) -> bool {
	match value {
		Value::Null => name == "null",
		Value::Bool(_) => name == "boolean",
		Value::Object(_) => name == "object",
		Value::Array(_) => name == "array",
		Value::String(_) => name == "string",
		Value::Number(_) => {
			name == "number" || (name == "integer" && value.as_f64().is_some_and(|number| number.fract() == 0.0))
		}
	}
}

/// Whether two values are equal as JSON Schema has it: 1.0 is 1.
fn same(one: &Value, other: &Value) -> bool {
	match (one, other) {
		(Value::Number(_), Value::Number(_)) => one == other || one.as_f64() == other.as_f64(),
		(Value::Array(one), Value::Array(other)) => {
			one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
		}
		(Value::Object(one), Value::Object(other)) => {
			let equal = |(name, value): (&String, &Value)| other.get(name).is_some_and(|other| same(value, other));
			one.len() == other.len() && one.iter().all(equal)
		}
		_ => one == other,
	}
}

/// A URI with its scheme, of the characters that RFC 3986 has.
pub(super) fn is_uri(text: &str) -> bool {
	let Some((scheme, rest)) = text.split_once(':') else { return false };
	let right = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte);
	let encoded = |part: &str| part.len() >= 2 && part.as_bytes()[..2].iter().all(u8::is_ascii_hexdigit);
	scheme.starts_with(|first: char| first.is_ascii_alphabetic())
		&& scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
		&& rest.bytes().all(right)
		&& rest.matches('#').count() <= 1
		&& rest.split('%').skip(1).all(encoded)
}

#[cfg(test)]
mod tests {
	use super::*;
	use serde_json::json;

	fn allows(schema: Value, value: Value) -> bool {
		Schema::new(&schema).unwrap().check(&value).is_ok()
	}

	#[test]
	fn each_keyword_is_checked() {
		for (schema, right, bad) in [
			(json!({"type": "integer"}), json!(1.0), json!(1.5)),
			(json!({"type": ["string", "null"]}), json!(null), json!(false)),
			(json!({"enum": [1, "a"]}), json!("a"), json!("b")),
			(json!({"const": {"a": [1]}}), json!({"a": [1.0]}), json!({"a": [1], "b": 1})),
			(json!({"required": ["a"]}), json!({"a": 1}), json!({"b": 1})),
			(json!({"properties": {"a": {"type": "string"}}}), json!({"a": "x", "b": 1}), json!({"a": 1})),
			(json!({"properties": {"a": {}}, "additionalProperties": false}), json!({"a": 1}), json!({"b": 1})),
			(json!({"propertyNames": {"format": "uri"}}), json!({"ex:a": 1}), json!({"a": 1})),
			(json!({"items": {"type": "string"}}), json!(["a"]), json!(["a", 1])),
			(json!({"minItems": 1, "maxItems": 2}), json!([1]), json!([1, 2, 3])),
			(json!({"uniqueItems": true}), json!([1, 2]), json!([1, 2, 1.0])),
			(json!({"contains": {"const": 1}}), json!([2, 1]), json!([2])),
			(json!({"minLength": 2, "maxLength": 2}), json!("äö"), json!("a")),
			(json!({"minimum": 1, "maximum": 2}), json!(2), json!(2.5)),
			(json!({"pattern": "^[A-Z0-9]{2,3}$"}), json!("KGM"), json!("kg")),
			(json!({"pattern": r"^(?!(urn:x|https?:\/\/a\.b\/))"}), json!("urn:y"), json!("http://a.b/c")),
			(json!({"pattern": r"^(?!a\)b)[a-z].$"}), json!("a)"), json!("a)b")),
			(json!({"format": "date-time"}), json!("2026-01-31T12:00:00.5+01:00"), json!("2026-01-31")),
			(json!({"format": "uri"}), json!("urn:a:%20"), json!("urn:a:%2")),
			(json!({"allOf": [{"type": "number"}, {"minimum": 1}]}), json!(1), json!(0)),
			(json!({"anyOf": [{"type": "string"}, {"minimum": 1}]}), json!(1), json!(0)),
			(json!({"oneOf": [{"type": "number"}, {"minimum": 1}]}), json!(0), json!(1)),
			(json!({"not": {"type": "string"}}), json!(1), json!("a")),
			(
				json!({"if": {"type": "string"}, "then": {"minLength": 2}, "else": {"minimum": 2}}),
				json!("ab"),
				json!(1),
			),
			(json!({"definitions": {"a@b": {"type": "string"}}, "$ref": "#/definitions/a%40b"}), json!("a"), json!(1)),
			(json!({"properties": {"a": false}}), json!({}), json!({"a": 1})),
		] {
			assert!(allows(schema.clone(), right.clone()), "{schema} {right}");
			assert!(!allows(schema.clone(), bad.clone()), "{schema} {bad}");
		}
	}

	#[test]
	fn what_is_not_known_is_refused() {
		for (schema, at) in [
			(json!({"$ref": "https://example.com/schema"}), "/$ref"),
			(json!({"$ref": "#/definitions/none"}), "/$ref"),
			(json!({"properties": {"a": {"dependentRequired": {}}}}), "/properties/a/dependentRequired"),
			(json!({"allOf": [{"pattern": "(?=a)b"}]}), "/allOf/0/pattern"),
			(json!({"format": "email"}), "/format"),
			(json!({"type": "text"}), "/type"),
			(json!(1), ""),
		] {
			match Schema::new(&schema) {
				Err(Error::Refused { code: "BadSchema", at: Some(found), .. }) => assert_eq!(found, at),
				other => panic!("{schema}: {other:?}"),
			}
		}
		let endless = Schema::new(&json!({"allOf": [{"$ref": "#"}]})).unwrap();
		assert!(endless.check(&json!(1)).is_err());
	}

	#[test]
	fn the_place_is_told() {
		let inner = json!({"properties": {"a": {"items": {"type": "string"}}}});
		let schema = Schema::new(&json!({"anyOf": [{"type": "string"}, inner]})).unwrap();
		match schema.check(&json!({"a": ["x", 1]})) {
			Err(Error::Refused { code: "AgainstSchema", at: Some(at), .. }) => assert_eq!(at, "/a/1"),
			other => panic!("{other:?}"),
		}
	}
}
