//! GS1's JSON Schema of EPCIS 2.0, where a copy is at hand.

use crate::{Error, Result};
use serde_json::Value;

/// A schema that documents can be checked against.
#[derive(Debug)]
pub struct Schema(jsonschema::Validator);

impl Schema {
	/// Takes a JSON Schema. Nothing is ever fetched: what it refers to must be within it.
	pub fn new(schema: &Value) -> Result<Self> {
		// `format` says nothing by itself in later drafts, but GS1's rules on member names are written with it.
		let validator = jsonschema::options().should_validate_formats(true).build(schema);
		validator.map(Self).map_err(|error| {
			Error::refused("BadSchema", error.instance_path().to_string(), format!("this is no JSON Schema that can be used: {error}"))
		})
	}

	/// Refuses a document at the first place where it is not as the schema says.
	pub fn check(&self, document: &Value) -> Result<()> {
		self.0.validate(document).map_err(|error| {
			let at = error.instance_path().to_string();
			// The whole instance is in the message, however large it is.
			let masked = error.masked().to_string();
			Error::refused("AgainstSchema", at, format!("the schema does not allow this: {masked}"))
		})
	}
}
