//! Prefixes of a JSON-LD document.
//!
//! Contexts by address are never fetched: what GS1's own context defines is known here, and others cannot be told.

use super::not_a;
use crate::{fhir::pointer, Result};
use serde_json::Value;
use std::collections::BTreeMap;

/// The address of the context that every EPCIS 2.0 document names.
pub const EPCIS_CONTEXT: &str = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld";
/// The namespace of the GS1 Web Vocabulary, as CBV 2.0 has it.
pub const GS1_VOCABULARY: &str = "https://gs1.org/voc/";
/// The namespace of the Core Business Vocabulary.
pub const CBV: &str = "https://ref.gs1.org/cbv/";
/// The namespace of `rdfs:comment`.
pub const RDFS: &str = "http://www.w3.org/2000/01/rdf-schema#";

/// The namespace of what steps of the chain say and EPCIS has no element for. Its prefix `salus` is known everywhere, so
/// that an event on its own has the hash that it has in a document.
pub const SALUS: &str = "urn:salus:epcis:";

/// What prefixes and terms stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
	prefixes: BTreeMap<String, String>,
	default: Option<String>,
}

impl Default for Context {
	/// What GS1's context defines, and `salus`.
	fn default() -> Self {
		let known = [
			("gs1", GS1_VOCABULARY),
			("cbv", CBV),
			("epcis", "https://ref.gs1.org/epcis/"),
			("cbvmda", "urn:epcglobal:cbv:mda:"),
			("rdfs", RDFS),
			("salus", SALUS),
			("xsd", "http://www.w3.org/2001/XMLSchema#"),
		];
		let prefixes = known.map(|(prefix, namespace)| (prefix.to_owned(), namespace.to_owned()));
		Self { prefixes: prefixes.into(), default: None }
	}
}

impl Context {
	/// This one with what an `@context` adds. `at` is where the object that has it stands.
	pub fn with(&self, added: Option<&Value>, at: &str) -> Result<Self> {
		let mut all = self.clone();
		if let Some(added) = added {
			all.add(added, &pointer(at, "@context"))?;
		}
		Ok(all)
	}

	fn add(&mut self, added: &Value, at: &str) -> Result<()> {
		match added {
			Value::String(_) | Value::Null => {}
			Value::Array(parts) => {
				for (number, part) in parts.iter().enumerate() {
					self.add(part, &pointer(at, number))?;
				}
			}
			Value::Object(terms) => {
				for (term, meaning) in terms {
					let meaning = meaning.get("@id").unwrap_or(meaning).as_str();
					match (term.as_str(), meaning) {
						("@vocab", Some(meaning)) => self.default = Some(meaning.to_owned()),
						(term, Some(meaning)) if !term.starts_with('@') => {
							let meaning = self.expand(meaning).unwrap_or_else(|| meaning.to_owned());
							self.prefixes.insert(term.to_owned(), meaning);
						}
						_ => {}
					}
				}
			}
			_ => return Err(not_a(at, "an address, an object of prefixes, or a list of those")),
		}
		Ok(())
	}

	/// What a prefix stands for.
	pub fn namespace(&self, prefix: &str) -> Option<&str> {
		self.prefixes.get(prefix).map(String::as_str)
	}

	/// A compact URI (`example:thing`) in full; `None` if it is none.
	pub fn expand(&self, text: &str) -> Option<String> {
		let (prefix, local) = text.split_once(':')?;
		// In JSON-LD what begins with `//` after the colon is an absolute address, whatever its scheme.
		if local.starts_with("//") {
			return None;
		}
		Some(format!("{}{local}", self.namespace(prefix)?))
	}

	/// The namespace and local name of a member; `None` for those that are neither prefixed nor defined.
	pub fn name<'n>(&self, member: &'n str) -> Option<(String, &'n str)> {
		if let Some((prefix, local)) = member.split_once(':') {
			if let Some(namespace) = self.namespace(prefix).filter(|_| !local.starts_with("//")) {
				return Some((namespace.to_owned(), local));
			}
			// A full URI as a name: what follows its last separator is local.
			let end = member.rfind(['/', '#', ':']).map(|at| at + 1).filter(|at| *at < member.len())?;
			return Some((member[..end].to_owned(), &member[end..]));
		}
		if let Some(meaning) = self.namespace(member) {
			return meaning.strip_suffix(member).filter(|rest| !rest.is_empty()).map(|rest| (rest.to_owned(), member));
		}
		self.default.as_ref().map(|namespace| (namespace.clone(), member))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use serde_json::json;

	#[test]
	fn prefixes_are_those_of_the_document_and_of_gs1() {
		let context = json!([EPCIS_CONTEXT, {"ex": "https://ns.example.com/"}, {"term": {"@id": "ex:term"}}]);
		let context = Context::default().with(Some(&context), "").unwrap();
		assert_eq!(context.expand("ex:a").as_deref(), Some("https://ns.example.com/a"));
		assert_eq!(context.expand("gs1:Temperature").as_deref(), Some("https://gs1.org/voc/Temperature"));
		assert_eq!(context.expand("urn:epc:id:sscc:1"), None);
		assert_eq!(context.expand("ex://a"), None);
		assert_eq!(context.name("ex:a"), Some(("https://ns.example.com/".into(), "a")));
		assert_eq!(context.name("https://ns.example.com/a"), context.name("ex:a"));
		assert_eq!(context.name("term"), Some(("https://ns.example.com/".into(), "term")));
		assert_eq!(context.name("other"), None);
	}

	#[test]
	fn an_event_may_say_more() {
		let outer = Context::default().with(Some(&json!({"a": "urn:a:"})), "").unwrap();
		let inner = outer.with(Some(&json!({"a": "urn:b:", "@vocab": "urn:v:"})), "/epcisBody").unwrap();
		assert_eq!((outer.namespace("a"), inner.namespace("a")), (Some("urn:a:"), Some("urn:b:")));
		assert_eq!(inner.name("x"), Some(("urn:v:".into(), "x")));
		assert!(outer.with(Some(&json!(7)), "").is_err());
	}
}
