//! What EPCIS 2.0 and CBV 2.0 ask of a document, whether or not GS1's JSON Schema is at hand: which fields an event of
//! each type has, words of the vocabularies, identifiers, times.
//!
//! It goes beyond the schema where the standards do (rules between fields, check digits, classes in the place of
//! instances), and leaves room where they do: elements of other namespaces may be anywhere, as long as their prefix is
//! defined. JSON has no comments; a document may have `rdfs:comment` in an event, which is an element like others.
//!
//! | code | when |
//! |---|---|
//! | `Missing`, `Empty` | something required is not there, or a list that says nothing |
//! | `WrongType` | another JSON type than the field has |
//! | `UnknownMember`, `UndefinedPrefix` | a member that is neither the standard's nor of a namespace |
//! | `NotExpected` | a member that an event of this type or action does not have |
//! | `BadTime`, `BadOffset`, `BadInterval` | times |
//! | `BadUri`, `BadEpc`, `BadDigitalLink`, `BadCheckDigit` | identifiers |
//! | `ClassForInstance`, `InstanceForClass`, `NotALocation` | identifiers of another kind |
//! | `UnknownAction`, `UnknownWord`, `UnknownType` | words |
//! | `BadQuantity`, `BadUnit`, `BadValue` | numbers |
//! | `Duplicate` | twice the same in a set |
//! | `BadVersion` | another version of EPCIS |

mod event;
mod parts;

#[cfg(test)]
mod tests;

use super::{context::Context, epc, events, hash::bad_time, not_a, vocabulary::Vocabulary, Placed};
use crate::{fhir::pointer, Error, Result};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Members of a document, with those that it must have.
const DOCUMENT: (&[&str], &[&str]) = (
	&["@context", "type", "schemaVersion", "creationDate", "epcisBody"],
	&["id", "instanceIdentifier", "sender", "receiver", "epcisHeader"],
);
const QUERY_DOCUMENT: (&[&str], &[&str]) =
	(&["@context", "type", "epcisBody"], &["id", "schemaVersion", "creationDate"]);

/// Checks a document, an event or an array of events; how many events there are.
pub fn validate(document: &Value) -> Result<usize> {
	envelope_of(document)?;
	let events = events(document)?;
	events.iter().try_for_each(event)?;
	Ok(events.len())
}

/// Checks what an event says.
pub fn event(placed: &Placed<'_>) -> Result<()> {
	event::check(placed)
}

/// Checks what is around the events of a document.
pub fn envelope_of(document: &Value) -> Result<()> {
	match document.get("type").and_then(Value::as_str) {
		Some("EPCISDocument") => envelope(document, DOCUMENT)?,
		Some("EPCISQueryDocument") => query_envelope(document)?,
		// On its own an event has to say what its names mean.
		Some(_) => with_context(document, "")?,
		None => {
			for (number, event) in document.as_array().into_iter().flatten().enumerate() {
				with_context(event, &pointer("", number))?;
			}
		}
	}
	Ok(())
}

/// Whether the EPCIS context is named: without it no word in the document means anything.
fn with_context(value: &Value, at: &str) -> Result<()> {
	let at = pointer(at, "@context");
	let context = value.get("@context").ok_or_else(|| missing(&at))?;
	let checker = Checker { context: &Context::default() };
	let part = |part: &Value, at: &str| match part {
		Value::Object(_) => Ok(()),
		part => checker.uri(part, at),
	};
	match context {
		Value::Array(_) => drop(checker.each(context, &at, part)?),
		context => part(context, &at)?,
	}
	let names = |part: &Value| part.as_str().is_some_and(|part| part.contains("epcis-context"));
	if names(context) || context.as_array().is_some_and(|parts| parts.iter().any(names)) {
		return Ok(());
	}
	Err(Error::refused("Missing", at, "the context of EPCIS is not named"))
}

fn envelope(document: &Value, (required, optional): (&[&str], &[&str])) -> Result<()> {
	let context = Context::default().with(document.get("@context"), "")?;
	let checker = Checker { context: &context };
	let members = checker.members(document, required, optional, true, "")?;
	with_context(document, "")?;
	if let Some(version) = members.get("schemaVersion") {
		let right = version.as_str().is_some_and(|version| version == "2" || version.starts_with("2."));
		if !right {
			return Err(Error::refused("BadVersion", "/schemaVersion", "this is not a version of EPCIS 2"));
		}
	}
	checker.optional(members, "creationDate", "", Checker::time)?;
	checker.optional(members, "id", "", Checker::uri)?;
	for name in ["instanceIdentifier", "sender", "receiver"] {
		checker.optional(members, name, "", Checker::text)?;
	}
	checker.optional(members, "epcisHeader", "", Checker::header)
}

fn query_envelope(document: &Value) -> Result<()> {
	envelope(document, QUERY_DOCUMENT)?;
	let context = Context::default().with(document.get("@context"), "")?;
	let checker = Checker { context: &context };
	for (at, required, optional) in [
		("/epcisBody", &["queryResults"][..], &[][..]),
		("/epcisBody/queryResults", &["queryName", "resultsBody"], &["subscriptionID"]),
		("/epcisBody/queryResults/resultsBody", &["eventList"], &["vocabularyList"]),
	] {
		let part = document.pointer(at).ok_or_else(|| missing(at))?;
		checker.members(part, required, optional, true, at)?;
	}
	Ok(())
}

fn missing(at: &str) -> Error {
	Error::refused("Missing", at, "this is required here")
}

/// Where an identifier stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
	Instance,
	Class,
	Location,
	Any,
}

/// Checks values; `at` is always where the value stands.
struct Checker<'c> {
	context: &'c Context,
}

impl Checker<'_> {
	/// An object that has all of `required`, and else only `optional` and, where there may be any, elements of namespaces.
	fn members<'v>(
		&self,
		value: &'v Value,
		required: &[&str],
		optional: &[&str],
		extensible: bool,
		at: &str,
	) -> Result<&'v Map<String, Value>> {
		let members = value.as_object().ok_or_else(|| not_a(at, "an object"))?;
		if let Some(name) = required.iter().find(|name| !members.contains_key(**name)) {
			return Err(missing(&pointer(at, name)));
		}
		let other =
			members.keys().filter(|name| !required.contains(&name.as_str()) && !optional.contains(&name.as_str()));
		for name in other {
			self.extension(name, extensible, &pointer(at, name))?;
		}
		Ok(members)
	}

	fn extension(&self, name: &str, allowed: bool, at: &str) -> Result<()> {
		let Some((prefix, local)) = name.split_once(':').filter(|(_, local)| allowed && !local.is_empty()) else {
			return Err(Error::refused("UnknownMember", at, "EPCIS has no such member here, and it has no namespace"));
		};
		let absolute = prefix == "urn" || local.starts_with("//");
		if !absolute && self.context.namespace(prefix).is_none() {
			return Err(Error::refused("UndefinedPrefix", at, format!("no @context says what {prefix:?} stands for")));
		}
		Ok(())
	}

	fn optional(
		&self,
		members: &Map<String, Value>,
		name: &str,
		at: &str,
		check: impl Fn(&Self, &Value, &str) -> Result<()>,
	) -> Result<()> {
		members.get(name).map_or(Ok(()), |value| check(self, value, &pointer(at, name)))
	}

	/// Every item of a list; how many there are.
	fn each(&self, value: &Value, at: &str, check: impl Fn(&Value, &str) -> Result<()>) -> Result<usize> {
		let items = value.as_array().ok_or_else(|| not_a(at, "a list"))?;
		items.iter().enumerate().try_for_each(|(number, item)| check(item, &pointer(at, number)))?;
		Ok(items.len())
	}

	fn text(&self, value: &Value, at: &str) -> Result<()> {
		value.as_str().map(|_| ()).ok_or_else(|| not_a(at, "text"))
	}

	fn time(&self, value: &Value, at: &str) -> Result<()> {
		self.moment(value, at).map(|_| ())
	}

	/// A moment in unix milliseconds.
	fn moment(&self, value: &Value, at: &str) -> Result<i64> {
		let text = value.as_str().ok_or_else(|| not_a(at, "a moment"))?;
		// RFC 3339 allows a blank for the T, ISO 8601 does not.
		let moment = crate::fhir::time::parse_rfc3339(text).filter(|_| text.as_bytes().get(10) == Some(&b'T'));
		moment.ok_or_else(|| bad_time(at, text))
	}

	fn uri(&self, value: &Value, at: &str) -> Result<()> {
		self.identifier(value, Role::Any, at)
	}

	/// A URI; where it claims to be an EPC or a link of GS1's it has to be a right one.
	fn identifier(&self, value: &Value, role: Role, at: &str) -> Result<()> {
		let text = value.as_str().ok_or_else(|| not_a(at, "a URI"))?;
		let (scheme, rest) = text.split_once(':').unwrap_or(("", text));
		let right = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
			&& scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
			&& !rest.is_empty()
			&& !text.chars().any(|c| c.is_whitespace() || c.is_control() || "<>\"{}|\\^`".contains(c));
		if !right {
			return Err(Error::refused("BadUri", at, format!("{text:?} is no URI")));
		}
		if epc::is_urn(text) {
			epc::link_of_urn(text).map_err(|bad| Error::refused("BadEpc", at, bad.0))?;
			return match (role, epc::form(text)) {
				(Role::Instance, Some(epc::Form::Class)) => Err(class_for_instance(at)),
				(Role::Class, Some(epc::Form::Instance)) => Err(instance_for_class(at)),
				(Role::Location, _) if !text.starts_with("urn:epc:id:sgln:") => Err(not_a_location(at)),
				_ => Ok(()),
			};
		}
		let host = rest.strip_prefix("//").and_then(|rest| rest.split('/').next()).unwrap_or_default();
		let of_gs1 = host.eq_ignore_ascii_case("id.gs1.org");
		let Some(link) = epc::canonical(text) else {
			return match of_gs1 {
				true => Err(Error::refused("BadDigitalLink", at, format!("{text:?} is no Digital Link of a GS1 key"))),
				false => Ok(()),
			};
		};
		let path = link.trim_start_matches(epc::CANONICAL);
		let mut segments = path.split('/').skip(1);
		let (key, number) = (segments.next().unwrap_or_default(), segments.next().unwrap_or_default());
		if of_gs1 && !right_check_digit(key, number) {
			return Err(Error::refused("BadCheckDigit", at, format!("the check digit in {text:?} is wrong")));
		}
		match (role, is_class(key, number, segments.next())) {
			(Role::Instance, true) => Err(class_for_instance(at)),
			(Role::Class, false) => Err(instance_for_class(at)),
			(Role::Location, _) if key != "414" => Err(not_a_location(at)),
			_ => Ok(()),
		}
	}

	fn distinct<'v>(&self, values: impl Iterator<Item = &'v Value>, at: &str) -> Result<()> {
		let mut seen = BTreeSet::new();
		for (number, value) in values.enumerate() {
			let text = value.as_str().unwrap_or_default();
			if !seen.insert(epc::canonical(text).unwrap_or_else(|| text.to_owned())) {
				return Err(Error::refused("Duplicate", pointer(at, number), format!("{text:?} is there twice")));
			}
		}
		Ok(())
	}

	/// A word of a list, or a URI of someone else's.
	fn word(&self, value: &Value, list: Vocabulary, at: &str) -> Result<()> {
		let text = value.as_str().ok_or_else(|| not_a(at, "a word"))?;
		// In XML the URN is right; in JSON the standard wants the word alone.
		let of_xml = text.starts_with("urn:epcglobal:cbv:");
		if !of_xml && list.word(text, self.context).is_some() {
			return Ok(());
		}
		let full = list.full(text, self.context);
		let standard =
			["urn:epcglobal:cbv:", "https://ref.gs1.org/cbv/", "http://ns.gs1.org/cbv/", "https://ns.gs1.org/cbv/"];
		if !text.contains(':') || standard.iter().any(|start| full.starts_with(start)) {
			let message = format!(
				"{text:?} is not one of the {} of CBV 2.0 as JSON has them, nor a URI of another list",
				list.title()
			);
			return Err(Error::refused("UnknownWord", at, message));
		}
		self.uri(value, at)
	}

	fn number(&self, value: &Value, at: &str) -> Result<()> {
		value.as_f64().filter(|number| number.is_finite()).map(|_| ()).ok_or_else(|| not_a(at, "a number"))
	}
}

fn class_for_instance(at: &str) -> Error {
	Error::refused("ClassForInstance", at, "this names a class of things; one thing belongs here")
}

fn instance_for_class(at: &str) -> Error {
	Error::refused("InstanceForClass", at, "this names one thing; a class of things belongs here")
}

fn not_a_location(at: &str) -> Error {
	Error::refused("NotALocation", at, "this identifies something else than a location")
}

/// Whether a key's check digit is right, for keys that have one.
fn right_check_digit(key: &str, number: &str) -> bool {
	let with_check = match key {
		"00" | "01" | "402" | "414" | "417" | "8017" | "8018" => number.len(),
		"253" | "255" => 13,
		"8003" | "8006" => 14,
		_ => return true,
	};
	number.get(..with_check).is_some_and(epc::has_check_digit)
}

/// Whether a canonical link names a class of things.
fn is_class(key: &str, number: &str, qualifier: Option<&str>) -> bool {
	match key {
		"01" | "8006" => !matches!(qualifier, Some("21" | "235")),
		"8010" => qualifier.is_none(),
		"253" | "255" => number.len() == 13,
		"8003" => number.len() == 14,
		_ => false,
	}
}
