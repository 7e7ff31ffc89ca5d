//! Events, by their type.

use super::{missing, Checker, Role};
use crate::{
	epcis::{not_a, vocabulary::Vocabulary, Placed},
	fhir::pointer,
	Error, Result,
};
use serde_json::{Map, Value};

/// Members that events of all types have.
const COMMON: &[&str] = &[
	"@context",
	"recordTime",
	"eventID",
	"certificationInfo",
	"errorDeclaration",
	"bizStep",
	"disposition",
	"persistentDisposition",
	"readPoint",
	"bizLocation",
	"bizTransactionList",
	"sourceList",
	"destinationList",
	"sensorElementList",
];

/// What an event of a type has beyond that.
struct Rules {
	required: &'static [&'static str],
	optional: &'static [&'static str],
	/// Its lists of things and of quantities of things.
	things: &'static [&'static str],
	/// Whether those may be left out, by action.
	without_things: fn(&Map<String, Value>) -> bool,
}

const OBJECT: Rules = Rules {
	required: &["action"],
	optional: &["ilmd"],
	things: &["epcList", "quantityList"],
	// A place may be observed by sensors alone.
	without_things: |event| has(event, "sensorElementList") && event.contains_key("readPoint"),
};
const AGGREGATION: Rules = Rules {
	required: &["action"],
	optional: &["parentID"],
	things: &["childEPCs", "childQuantityList"],
	without_things: is_delete,
};
const ASSOCIATION: Rules = Rules { required: &["action", "parentID"], optional: &[], ..AGGREGATION };
const TRANSACTION: Rules = Rules {
	required: &["action", "bizTransactionList"],
	optional: &["parentID"],
	things: &["epcList", "quantityList"],
	without_things: is_delete,
};
const TRANSFORMATION: Rules = Rules {
	required: &[],
	optional: &["transformationID", "ilmd"],
	things: &["inputEPCList", "inputQuantityList", "outputEPCList", "outputQuantityList"],
	without_things: |_| false,
};

fn is_delete(event: &Map<String, Value>) -> bool {
	event.get("action").is_some_and(|action| action == "DELETE")
}

/// Whether a list is there and says something.
fn has(event: &Map<String, Value>, name: &str) -> bool {
	event.get(name).and_then(Value::as_array).is_some_and(|items| !items.is_empty())
}

pub(super) fn check(placed: &Placed<'_>) -> Result<()> {
	let (at, event) = (placed.at.as_str(), placed.event);
	let checker = Checker { context: &placed.context };
	let at_type = pointer(at, "type");
	let kind = event.get("type").ok_or_else(|| missing(&at_type))?;
	let kind = kind.as_str().ok_or_else(|| not_a(&at_type, "the type of an event"))?;
	let rules = match kind {
		"ObjectEvent" => OBJECT,
		"AggregationEvent" => AGGREGATION,
		"AssociationEvent" => ASSOCIATION,
		"TransactionEvent" => TRANSACTION,
		"TransformationEvent" => TRANSFORMATION,
		// A type of someone else's: what its members are only its owner knows.
		other if other.contains(':') => {
			checker.uri(&event["type"], &at_type)?;
			checker.extension(other, true, &at_type)?;
			return custom(&checker, event, at);
		}
		other => return Err(Error::refused("UnknownType", at_type, format!("{other:?} is no type of event"))),
	};
	let required: Vec<_> = ["type", "eventTime", "eventTimeZoneOffset"].iter().chain(rules.required).copied().collect();
	let optional: Vec<_> = COMMON.iter().chain(rules.optional).chain(rules.things).copied().collect();
	let members = event.as_object().ok_or_else(|| not_a(at, "an event"))?;
	let others = [OBJECT, AGGREGATION, TRANSACTION, TRANSFORMATION];
	let elsewhere = |name: &&String| {
		let known = |rules: &Rules| [rules.required, rules.optional, rules.things].concat().contains(&name.as_str());
		!required.contains(&name.as_str()) && !optional.contains(&name.as_str()) && others.iter().any(known)
	};
	if let Some(name) = members.keys().find(elsewhere) {
		return Err(Error::refused("NotExpected", pointer(at, name), format!("a {kind} has no {name}")));
	}
	checker.members(event, &required, &optional, true, at)?;
	common(&checker, members, at)?;

	let action = members.get("action").map(|action| {
		let known = action.as_str().filter(|action| ["ADD", "OBSERVE", "DELETE"].contains(action));
		known.ok_or_else(|| {
			Error::refused("UnknownAction", pointer(at, "action"), "an action is ADD, OBSERVE or DELETE")
		})
	});
	let action = action.transpose()?;
	for name in rules.things {
		checker.optional(members, name, at, |checker, value, at| {
			match name.ends_with("QuantityList") || *name == "quantityList" {
				true => checker.each(value, at, |item, at| checker.quantity(item, at)).map(|_| ()),
				false => checker.instances(value, at),
			}
		})?;
	}
	for name in ["parentID", "transformationID"] {
		let role = if name == "parentID" { Role::Instance } else { Role::Any };
		checker.optional(members, name, at, |checker, value, at| checker.identifier(value, role, at))?;
	}
	if kind == "TransformationEvent" {
		let side = |names: &[&str]| names.iter().any(|name| has(members, name));
		let (inputs, outputs) =
			(side(&["inputEPCList", "inputQuantityList"]), side(&["outputEPCList", "outputQuantityList"]));
		let whole = if members.contains_key("transformationID") { inputs || outputs } else { inputs && outputs };
		if !whole {
			let message = "a transformation has inputs and outputs, or one of them and a transformationID";
			return Err(Error::refused("Empty", at, message));
		}
	} else if !rules.things.iter().any(|name| has(members, name)) && !(rules.without_things)(members) {
		return Err(Error::refused("Empty", at, format!("nothing is named in {}", rules.things.join(" or "))));
	}
	if kind == "AggregationEvent" && action != Some("OBSERVE") && !members.contains_key("parentID") {
		return Err(missing(&pointer(at, "parentID")));
	}
	if kind == "TransactionEvent" && !has(members, "bizTransactionList") {
		return Err(Error::refused("Empty", pointer(at, "bizTransactionList"), "there is no transaction"));
	}
	if let Some(ilmd) = members.get("ilmd") {
		let at = pointer(at, "ilmd");
		if action.is_some_and(|action| action != "ADD") {
			return Err(Error::refused("NotExpected", at, "only things that begin have such data: action ADD"));
		}
		checker.members(ilmd, &[], &[], true, &at)?;
	}
	Ok(())
}

fn custom(checker: &Checker<'_>, event: &Value, at: &str) -> Result<()> {
	let members = event.as_object().ok_or_else(|| not_a(at, "an event"))?;
	if let Some(name) = ["eventTime", "eventTimeZoneOffset"].iter().find(|name| !members.contains_key(**name)) {
		return Err(missing(&pointer(at, name)));
	}
	common(checker, members, at)
}

fn common(checker: &Checker<'_>, members: &Map<String, Value>, at: &str) -> Result<()> {
	checker.optional(members, "eventTime", at, Checker::time)?;
	checker.optional(members, "recordTime", at, Checker::time)?;
	checker.optional(members, "eventTimeZoneOffset", at, Checker::offset)?;
	checker.optional(members, "eventID", at, Checker::uri)?;
	checker.optional(members, "certificationInfo", at, |checker, value, at| match value {
		Value::Array(_) => checker.each(value, at, |item, at| checker.uri(item, at)).map(|_| ()),
		value => checker.uri(value, at),
	})?;
	checker.optional(members, "errorDeclaration", at, Checker::error_declaration)?;
	checker.optional(members, "bizStep", at, |checker, value, at| checker.word(value, Vocabulary::BizStep, at))?;
	checker
		.optional(members, "disposition", at, |checker, value, at| checker.word(value, Vocabulary::Disposition, at))?;
	checker.optional(members, "persistentDisposition", at, Checker::persistent)?;
	for name in ["readPoint", "bizLocation"] {
		checker.optional(members, name, at, Checker::location)?;
	}
	for (list, name, kinds) in [
		("bizTransactionList", "bizTransaction", Vocabulary::BizTransaction),
		("sourceList", "source", Vocabulary::SourceDest),
		("destinationList", "destination", Vocabulary::SourceDest),
	] {
		checker.optional(members, list, at, |checker, value, at| {
			checker.each(value, at, |item, at| checker.typed(item, name, kinds, at)).map(|_| ())
		})?;
	}
	checker.optional(members, "sensorElementList", at, |checker, value, at| {
		checker.each(value, at, |item, at| checker.sensor_element(item, at)).map(|_| ())
	})
}
