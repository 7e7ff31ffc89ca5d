//! A JSON document, read step by step: every value knows the pointer to it.

use crate::{
	fhir::{
		is_system,
		names::Named,
		pointer,
		time::{parse_fhir, Span},
	},
	Error, Result,
};
use salus_primitives::ResourceType;
use serde_json::Value;

/// A period in unix milliseconds, the end not included; a side that is missing is open.
pub(super) type Period = (Option<i64>, Option<i64>);

/// A value and the pointer to it.
#[derive(Clone)]
pub(super) struct Node<'a> {
	/// The value.
	pub(super) value: &'a Value,
	/// Pointer to it.
	pub(super) at: String,
}

impl<'a> Node<'a> {
	pub(super) fn get(&self, name: &str) -> Option<Node<'a>> {
		self.value.get(name).map(|value| Node { value, at: pointer(&self.at, name) })
	}

	/// The items of an array member; none if it is missing.
	pub(super) fn items(&self, name: &str) -> Result<Vec<Node<'a>>> {
		let Some(list) = self.get(name) else { return Ok(Vec::new()) };
		let items = list.value.as_array().ok_or_else(|| list.refused("Malformed", "expected an array"))?;
		let items = items.iter().enumerate();
		Ok(items.map(|(number, value)| Node { value, at: pointer(&list.at, number) }).collect())
	}

	pub(super) fn text(&self) -> Result<&'a str> {
		self.value.as_str().ok_or_else(|| self.refused("Malformed", "expected text"))
	}

	pub(super) fn required(&self, name: &str) -> Result<Node<'a>> {
		self.get(name).ok_or_else(|| self.refused("Missing", &format!("`{name}` is missing")))
	}

	/// System and code of a Coding.
	pub(super) fn coding(&self) -> Result<(&'a str, &'a str)> {
		let system = self.get("system").map(|system| system.text()).transpose()?.unwrap_or_default();
		Ok((system, self.required("code")?.text()?))
	}

	/// The code of a CodeableConcept that belongs to a system; its other codings say the same in other systems.
	pub(super) fn concept(&self, system: &str) -> Result<Node<'a>> {
		let codings = self.items("coding")?;
		let found = codings.iter().find(|coding| {
			let given = coding.value.get("system").and_then(Value::as_str);
			given.is_none_or(|given| is_system(given, system))
		});
		found
			.map(|coding| coding.required("code"))
			.unwrap_or_else(|| Err(self.refused("UnknownCode", &format!("expected a code of {system}"))))
	}

	/// Refuses members that are not known: one that is left out could narrow what is said.
	pub(super) fn only(&self, known: &[&str]) -> Result<()> {
		let members = self.value.as_object().ok_or_else(|| self.refused("Malformed", "expected an object"))?;
		let stray = members.keys().find(|name| {
			let plain = name.strip_prefix('_').unwrap_or(name);
			!matches!(plain, "id" | "extension") && !known.contains(&plain)
		});
		match stray {
			None => Ok(()),
			Some(name) => Err(Error::refused(
				"UnsupportedElement",
				pointer(&self.at, name),
				format!("`{name}` cannot be taken here"),
			)),
		}
	}

	pub(super) fn refused(&self, code: &'static str, message: &str) -> Error {
		Error::refused(code, self.at.clone(), message)
	}

	pub(super) fn unknown_code(&self, code: &str) -> Error {
		self.refused("UnknownCode", &format!("{code:?} is no code that is known here"))
	}

	pub(super) fn unresolved(&self, name: &str) -> Error {
		self.refused("UnresolvableReference", &format!("{name} is not known here"))
	}

	pub(super) fn span(&self) -> Result<Span> {
		parse_fhir(self.text()?).ok_or_else(|| self.refused("Malformed", "expected a FHIR date or dateTime"))
	}

	/// A FHIR Period: both sides may be missing, the end is included as far as it is exact.
	pub(super) fn period(&self) -> Result<Period> {
		self.only(&["start", "end"])?;
		let start = self.get("start").map(|start| start.span()).transpose()?.map(|span| span.from);
		let end = self.get("end").map(|end| end.span()).transpose()?.map(|span| span.to);
		match (start, end) {
			(Some(start), Some(end)) if start >= end => {
				Err(self.refused("InvertedPeriod", "this period ends before it begins"))
			}
			_ => Ok((start, end)),
		}
	}

	/// The type and the name in a Reference: relative, or by an identifier of the chain.
	pub(super) fn reference(&self) -> Result<Referred<'a>> {
		self.only(&["reference", "type", "display", "identifier"])?;
		let refused = || {
			let message = "expected a relative reference like Practitioner/p1, a URN with type, or an identifier of a \
				system that begins with urn:salus:";
			self.refused("UnresolvableReference", message)
		};
		let stated = self.value.get("type").and_then(Value::as_str).and_then(ResourceType::from_code);
		let Some(name) = self.get("reference") else {
			let part = |name: &str| self.value.get("identifier")?.get(name)?.as_str();
			let (system, value) = part("system").zip(part("value")).ok_or_else(refused)?;
			return Named::parse(system, value).map(Referred::Chain).ok_or_else(refused);
		};
		let name = name.text()?;
		if name.starts_with("urn:") {
			return stated.map(|kind| Referred::Written(kind, name)).ok_or_else(refused);
		}
		match name.split_once('/') {
			Some((type_name, id)) if !id.is_empty() && !id.contains('/') && !type_name.contains(':') => {
				ResourceType::from_code(type_name).map(|kind| Referred::Written(kind, name)).ok_or_else(refused)
			}
			_ => Err(refused()),
		}
	}
}

/// What a Reference leads to.
pub(super) enum Referred<'a> {
	/// A resource of this type, by the text that refers to it.
	Written(ResourceType, &'a str),
	/// Something of the chain.
	Chain(Named),
}
