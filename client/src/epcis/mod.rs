//! EPCIS 2.0 and CBV 2.0, GS1's language for what happens to things.
//!
//! | module | job |
//! |---|---|
//! | [`hash`] | the CBV event hash: one number for one event, however it is written |
//! | [`validate`] | what EPCIS and CBV ask of a document |
//! | [`schema`] | GS1's own JSON Schema, where it is at hand |
//! | [`export`] | what the chain knows of a parcel, as events |
//! | [`import`] | events as what the chain knows of a parcel |
//! | [`logger`] | temperatures, and when they were outside a storage rule |
//! | [`epc`] | EPC URNs and GS1 Digital Links, and the one spelling that both have |
//! | [`vocabulary`] | the lists of the Core Business Vocabulary |
//! | [`context`] | what prefixes in a document stand for |

pub mod context;
pub mod epc;
pub mod export;
pub mod hash;
pub mod import;
pub mod logger;
pub mod schema;
pub mod validate;
pub mod vocabulary;

pub use hash::{event_hashes, EventHash};

use crate::{fhir::pointer, Error, Result};
use context::Context;
use serde_json::Value;

/// An event where it stands in its document.
#[derive(Debug)]
pub struct Placed<'a> {
	/// JSON pointer to it.
	pub at: String,
	/// The event.
	pub event: &'a Value,
	/// What prefixes stand for in it.
	pub context: Context,
}

/// The events of a document in its order: of an `EPCISDocument`, an `EPCISQueryDocument`, an array of events, or a
/// single one.
pub fn events(document: &Value) -> Result<Vec<Placed<'_>>> {
	let outer = Context::default().with(document.get("@context"), "")?;
	let (list, at) = match document {
		Value::Array(list) => (list, String::new()),
		Value::Object(_) => match document.get("type").and_then(Value::as_str) {
			Some(kind @ ("EPCISDocument" | "EPCISQueryDocument")) => {
				let at = match kind {
					"EPCISDocument" => "/epcisBody/eventList",
					_ => "/epcisBody/queryResults/resultsBody/eventList",
				};
				let list =
					document.pointer(at).ok_or_else(|| Error::refused("Missing", at, "there is no list of events"))?;
				let list = list.as_array().ok_or_else(|| not_a(at, "a list of events"))?;
				(list, at.to_owned())
			}
			Some(_) => return Ok(vec![Placed { at: String::new(), event: document, context: outer }]),
			None => return Err(Error::refused("Missing", "/type", "neither a document nor an event says its type")),
		},
		_ => return Err(not_a("", "an EPCIS document, an event or an array of events")),
	};
	let place = |(number, event): (usize, &'_ Value)| -> Result<(String, Context)> {
		let at = pointer(&at, number);
		if !event.is_object() {
			return Err(not_a(&at, "an event"));
		}
		let context = outer.with(event.get("@context"), &at)?;
		Ok((at, context))
	};
	let placed = list.iter().enumerate().map(|(number, event)| {
		let (at, context) = place((number, event))?;
		Ok(Placed { at, event, context })
	});
	placed.collect()
}

/// Something of another shape than what belongs there.
fn not_a(at: &str, what: &str) -> Error {
	Error::refused("WrongType", at, format!("expected {what}"))
}
