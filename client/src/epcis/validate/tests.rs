use super::*;
use serde_json::json;

fn base(kind: &str) -> Value {
	let mut event = json!({
		"@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", {"ex": "https://ns.example.com/"}],
		"type": kind, "eventTime": "2026-01-31T12:00:00.000Z", "eventTimeZoneOffset": "+01:00", "action": "ADD",
	});
	let more = match kind {
		"ObjectEvent" => json!({"epcList": ["urn:epc:id:sgtin:4012345.011111.9876"], "ilmd": {"ex:a": {}}}),
		"TransactionEvent" => {
			json!({"epcList": ["https://id.gs1.org/01/04012345111118/21/1"], "bizTransactionList": [{"type": "po", "bizTransaction": "urn:x:1"}]})
		}
		"TransformationEvent" => json!({"inputEPCList": ["urn:epc:id:sgtin:4012345.011111.9876"],
			"outputQuantityList": [{"epcClass": "urn:epc:class:lgtin:4012345.012345.998877", "quantity": 1.5, "uom": "KGM"}]}),
		_ => json!({"parentID": "urn:epc:id:sscc:4012345.0000000111", "childEPCs": ["urn:epc:id:giai:4000001.111"]}),
	};
	for (name, value) in more.as_object().unwrap() {
		event[name] = value.clone();
	}
	if kind == "TransformationEvent" {
		event.as_object_mut().unwrap().remove("action");
	}
	event
}

const KINDS: [&str; 5] =
	["ObjectEvent", "AggregationEvent", "AssociationEvent", "TransactionEvent", "TransformationEvent"];

#[track_caller]
fn refused(event: &Value, code: &str, at: &str) {
	match validate(event) {
		Err(Error::Refused { code: found, at: Some(place), message }) => {
			assert_eq!((found, place.as_str()), (code, at), "{message}: {event}");
		}
		other => panic!("{code} at {at}: {other:?}: {event}"),
	}
}

#[test]
fn events_of_every_type_are_accepted() {
	for kind in KINDS {
		assert_eq!(validate(&base(kind)), Ok(1), "{kind}");
	}
	let events: Vec<_> = KINDS.iter().map(|kind| base(kind)).collect();
	assert_eq!(validate(&events.into()), Ok(5));
	let mut custom = base("ObjectEvent");
	custom["type"] = json!("ex:Event");
	custom["anything"] = json!(1);
	assert_eq!(validate(&custom), Ok(1));
}

/// Members of an event set to something, or with `null` taken away.
#[test]
fn each_rule_has_its_own_error() {
	let digital = |path: &str| format!("https://id.gs1.org/{path}");
	for (kind, changes, code, at) in [
		("ObjectEvent", json!({"eventTime": null}), "Missing", "/eventTime"),
		("ObjectEvent", json!({"eventTime": "2026-01-31T12:00:00"}), "BadTime", "/eventTime"),
		("ObjectEvent", json!({"eventTime": "2026-01-31 12:00:00Z"}), "BadTime", "/eventTime"),
		("ObjectEvent", json!({"eventTime": 7}), "WrongType", "/eventTime"),
		("ObjectEvent", json!({"recordTime": "now"}), "BadTime", "/recordTime"),
		("ObjectEvent", json!({"eventTimeZoneOffset": null}), "Missing", "/eventTimeZoneOffset"),
		("ObjectEvent", json!({"eventTimeZoneOffset": "Z"}), "BadOffset", "/eventTimeZoneOffset"),
		("ObjectEvent", json!({"eventTimeZoneOffset": "+14:01"}), "BadOffset", "/eventTimeZoneOffset"),
		("ObjectEvent", json!({"eventTimeZoneOffset": "+1:00"}), "BadOffset", "/eventTimeZoneOffset"),
		("ObjectEvent", json!({"@context": null}), "Missing", "/@context"),
		("ObjectEvent", json!({"@context": {"ex": "urn:x:"}}), "Missing", "/@context"),
		("ObjectEvent", json!({"type": "SomeEvent"}), "UnknownType", "/type"),
		("ObjectEvent", json!({"action": null}), "Missing", "/action"),
		("ObjectEvent", json!({"action": "add"}), "UnknownAction", "/action"),
		("ObjectEvent", json!({"epcList": null}), "Empty", ""),
		("ObjectEvent", json!({"epcList": [], "sensorElementList": []}), "Empty", ""),
		("ObjectEvent", json!({"epcList": "urn:x:1"}), "WrongType", "/epcList"),
		("ObjectEvent", json!({"epcList": ["no uri"]}), "BadUri", "/epcList/0"),
		("ObjectEvent", json!({"epcList": ["urn:epc:id:sgtin:4012345.11111.9876"]}), "BadEpc", "/epcList/0"),
		("ObjectEvent", json!({"epcList": [digital("01/04012345111117/21/1")]}), "BadCheckDigit", "/epcList/0"),
		("ObjectEvent", json!({"epcList": [digital("01/040123451111/22")]}), "BadDigitalLink", "/epcList/0"),
		("ObjectEvent", json!({"epcList": ["urn:epc:idpat:sgtin:4012345.098765.*"]}), "ClassForInstance", "/epcList/0"),
		("ObjectEvent", json!({"epcList": [digital("01/04012345111118/10/A")]}), "ClassForInstance", "/epcList/0"),
		(
			"ObjectEvent",
			json!({"epcList": [digital("01/04012345111118/21/1"), "urn:epc:id:sgtin:4012345.011111.1"]}),
			"Duplicate",
			"/epcList/1",
		),
		("ObjectEvent", json!({"quantityList": [{"quantity": 1}]}), "Missing", "/quantityList/0/epcClass"),
		(
			"ObjectEvent",
			json!({"quantityList": [{"epcClass": "urn:epc:id:sgtin:4012345.011111.1"}]}),
			"InstanceForClass",
			"/quantityList/0/epcClass",
		),
		(
			"ObjectEvent",
			json!({"quantityList": [{"epcClass": digital("01/04012345111118/21/1")}]}),
			"InstanceForClass",
			"/quantityList/0/epcClass",
		),
		(
			"ObjectEvent",
			json!({"quantityList": [{"epcClass": "urn:x:1", "quantity": 0}]}),
			"BadQuantity",
			"/quantityList/0/quantity",
		),
		(
			"ObjectEvent",
			json!({"quantityList": [{"epcClass": "urn:x:1", "quantity": 1.5}]}),
			"BadQuantity",
			"/quantityList/0/quantity",
		),
		(
			"ObjectEvent",
			json!({"quantityList": [{"epcClass": "urn:x:1", "quantity": "1"}]}),
			"WrongType",
			"/quantityList/0/quantity",
		),
		(
			"ObjectEvent",
			json!({"quantityList": [{"epcClass": "urn:x:1", "uom": "KGM"}]}),
			"BadUnit",
			"/quantityList/0/uom",
		),
		(
			"ObjectEvent",
			json!({"quantityList": [{"epcClass": "urn:x:1", "quantity": 1, "uom": "kg"}]}),
			"BadUnit",
			"/quantityList/0/uom",
		),
		(
			"ObjectEvent",
			json!({"quantityList": [{"epcClass": "urn:x:1", "ex:a": 1}]}),
			"UnknownMember",
			"/quantityList/0/ex:a",
		),
		("ObjectEvent", json!({"action": "OBSERVE"}), "NotExpected", "/ilmd"),
		("ObjectEvent", json!({"ilmd": {"lot": "1"}}), "UnknownMember", "/ilmd/lot"),
		("ObjectEvent", json!({"parentID": "urn:x:1"}), "NotExpected", "/parentID"),
		("ObjectEvent", json!({"colour": "red"}), "UnknownMember", "/colour"),
		("ObjectEvent", json!({"unknown:colour": "red"}), "UndefinedPrefix", "/unknown:colour"),
		("ObjectEvent", json!({"bizStep": "shiping"}), "UnknownWord", "/bizStep"),
		("ObjectEvent", json!({"bizStep": "urn:epcglobal:cbv:bizstep:shiping"}), "UnknownWord", "/bizStep"),
		("ObjectEvent", json!({"bizStep": "urn:epcglobal:cbv:bizstep:shipping"}), "UnknownWord", "/bizStep"),
		(
			"ObjectEvent",
			json!({"@context": ["https://ref.gs1.org/epcis-context.jsonld", 1]}),
			"WrongType",
			"/@context/1",
		),
		("ObjectEvent", json!({"type": "2026-01-31T12:00:00Z"}), "BadUri", "/type"),
		("ObjectEvent", json!({"type": "unknown:Event"}), "UndefinedPrefix", "/type"),
		("ObjectEvent", json!({"bizStep": "cbv:Disp-active"}), "UnknownWord", "/bizStep"),
		("ObjectEvent", json!({"disposition": "lost"}), "UnknownWord", "/disposition"),
		("ObjectEvent", json!({"persistentDisposition": {}}), "Empty", "/persistentDisposition"),
		("ObjectEvent", json!({"persistentDisposition": {"set": []}}), "Empty", "/persistentDisposition/set"),
		(
			"ObjectEvent",
			json!({"persistentDisposition": {"put": ["recalled"]}}),
			"UnknownMember",
			"/persistentDisposition/put",
		),
		(
			"ObjectEvent",
			json!({"persistentDisposition": {"set": ["recalled"], "unset": ["recalled"]}}),
			"Duplicate",
			"/persistentDisposition/unset/0",
		),
		("ObjectEvent", json!({"readPoint": {}}), "Missing", "/readPoint/id"),
		(
			"ObjectEvent",
			json!({"readPoint": {"id": "urn:epc:id:sscc:4012345.0000000111"}}),
			"NotALocation",
			"/readPoint/id",
		),
		(
			"ObjectEvent",
			json!({"bizLocation": {"id": digital("417/4012345000115")}}),
			"NotALocation",
			"/bizLocation/id",
		),
		(
			"ObjectEvent",
			json!({"bizTransactionList": [{"type": "po"}]}),
			"Missing",
			"/bizTransactionList/0/bizTransaction",
		),
		(
			"ObjectEvent",
			json!({"bizTransactionList": [{"type": "order", "bizTransaction": "urn:x:1"}]}),
			"UnknownWord",
			"/bizTransactionList/0/type",
		),
		("ObjectEvent", json!({"sourceList": [{"source": "urn:x:1"}]}), "Missing", "/sourceList/0/type"),
		(
			"ObjectEvent",
			json!({"destinationList": [{"type": "owner", "destination": "urn:x:1"}]}),
			"UnknownWord",
			"/destinationList/0/type",
		),
		("ObjectEvent", json!({"errorDeclaration": {}}), "Missing", "/errorDeclaration/declarationTime"),
		(
			"ObjectEvent",
			json!({"errorDeclaration": {"declarationTime": "2026-01-31T12:00:00Z", "reason": "whim"}}),
			"UnknownWord",
			"/errorDeclaration/reason",
		),
		("ObjectEvent", json!({"eventID": "17"}), "BadUri", "/eventID"),
		("ObjectEvent", json!({"certificationInfo": [1]}), "WrongType", "/certificationInfo/0"),
		("AggregationEvent", json!({"parentID": null}), "Missing", "/parentID"),
		("AggregationEvent", json!({"parentID": null, "action": "DELETE"}), "Missing", "/parentID"),
		("AggregationEvent", json!({"childEPCs": null}), "Empty", ""),
		("AggregationEvent", json!({"childEPCs": null, "action": "OBSERVE"}), "Empty", ""),
		("AggregationEvent", json!({"ilmd": {}}), "NotExpected", "/ilmd"),
		("AssociationEvent", json!({"parentID": null, "action": "OBSERVE"}), "Missing", "/parentID"),
		("AssociationEvent", json!({"childEPCs": []}), "Empty", ""),
		("TransactionEvent", json!({"bizTransactionList": null}), "Missing", "/bizTransactionList"),
		("TransactionEvent", json!({"bizTransactionList": []}), "Empty", "/bizTransactionList"),
		("TransactionEvent", json!({"epcList": null}), "Empty", ""),
		("TransformationEvent", json!({"action": "ADD"}), "NotExpected", "/action"),
		("TransformationEvent", json!({"inputEPCList": null}), "Empty", ""),
		("TransformationEvent", json!({"outputQuantityList": []}), "Empty", ""),
	] {
		refused(&changed(kind, &changes), code, at);
	}
}

fn changed(kind: &str, changes: &Value) -> Value {
	let mut event = base(kind);
	for (name, value) in changes.as_object().unwrap() {
		match value {
			Value::Null => drop(event.as_object_mut().unwrap().remove(name)),
			value => event[name] = value.clone(),
		}
	}
	event
}

#[test]
fn what_the_standard_allows_is_accepted() {
	for (kind, changes) in [
		("AggregationEvent", json!({"action": "OBSERVE", "parentID": null})),
		("AggregationEvent", json!({"action": "DELETE", "childEPCs": null})),
		("TransformationEvent", json!({"inputEPCList": null, "transformationID": "urn:x:1"})),
		(
			"ObjectEvent",
			json!({"epcList": [], "readPoint": {"id": "geo:47.5,11.1", "ex:a": 1},
			"sensorElementList": [{"sensorReport": [{"type": "Temperature", "value": 5, "uom": "CEL"}]}]}),
		),
		(
			"ObjectEvent",
			json!({"bizStep": "https://example.com/steps/waiting", "https://example.com/a": 1, "urn:x:b": 2}),
		),
		("ObjectEvent", json!({"bizStep": "cbv:BizStep-shipping", "eventTimeZoneOffset": "-14:00"})),
		(
			"ObjectEvent",
			json!({"epcList": ["https://example.com/anything"], "bizTransactionList": [{"bizTransaction": "urn:x:1"}]}),
		),
	] {
		assert_eq!(validate(&changed(kind, &changes)), Ok(1), "{changes}");
	}
}

#[test]
fn sensors_are_checked() {
	let with = |element: Value| changed("ObjectEvent", &json!({"sensorElementList": [element]}));
	let at = |rest: &str| format!("/sensorElementList/0/{rest}");
	refused(&with(json!({})), "Missing", &at("sensorReport"));
	refused(&with(json!({"sensorReport": []})), "Empty", &at("sensorReport"));
	refused(&with(json!({"sensorReport": [{}]})), "Missing", &at("sensorReport/0/type"));
	for (name, value, code) in [
		("type", json!("Warmth"), "UnknownWord"),
		("value", json!("5"), "WrongType"),
		("booleanValue", json!("true"), "WrongType"),
		("hexBinaryValue", json!("xy"), "BadValue"),
		("time", json!("today"), "BadTime"),
		("uom", json!("DEG"), "BadUnit"),
		("component", json!("w"), "UnknownWord"),
		("exception", json!("ALARM"), "UnknownWord"),
		("deviceID", json!("urn:epc:id:giai:1.2"), "BadEpc"),
		("colour", json!("red"), "UnknownMember"),
		("maxValue", json!(4), "BadValue"),
	] {
		let mut report = json!({"type": "Temperature", "value": 5, "minValue": 5, "uom": "CEL"});
		assert_eq!(validate(&with(json!({"sensorReport": [report]}))), Ok(1));
		report[name] = value;
		refused(&with(json!({"sensorReport": [report]})), code, &at(&format!("sensorReport/0/{name}")));
	}
	let metadata = json!({"startTime": "2026-01-31T12:00:00Z", "endTime": "2026-01-31T11:00:00Z"});
	let element = json!({"sensorMetadata": metadata, "sensorReport": [{"type": "Speed"}]});
	refused(&with(element), "BadInterval", &at("sensorMetadata/endTime"));
}

#[test]
fn documents_are_checked_around_their_events() {
	let mut event = base("ObjectEvent");
	let context = event.as_object_mut().unwrap().remove("@context").unwrap();
	let document = json!({"@context": context, "type": "EPCISDocument", "schemaVersion": "2.0",
		"creationDate": "2026-01-31T12:00:00Z", "epcisBody": {"eventList": [event]}});
	assert_eq!(validate(&document), Ok(1));
	for (name, value, code, at) in [
		("@context", json!(null), "Missing", "/@context"),
		("@context", json!([{"ex": "urn:x:"}]), "Missing", "/@context"),
		("schemaVersion", json!("1.2"), "BadVersion", "/schemaVersion"),
		("creationDate", json!("2026"), "BadTime", "/creationDate"),
		("creationDate", json!(null), "Missing", "/creationDate"),
		("id", json!("document 1"), "BadUri", "/id"),
		("epcisBody", json!({}), "Missing", "/epcisBody/eventList"),
		("epcisBody", json!({"eventList": {}}), "WrongType", "/epcisBody/eventList"),
		("epcisBody", json!({"eventList": [{"type": "ObjectEvent"}]}), "Missing", "/epcisBody/eventList/0/eventTime"),
		("comment", json!("x"), "UnknownMember", "/comment"),
		(
			"epcisHeader",
			json!({"epcisMasterData": {"vocabularyList": [{"type": "x"}]}}),
			"BadUri",
			"/epcisHeader/epcisMasterData/vocabularyList/0/type",
		),
	] {
		let mut document = document.clone();
		match value {
			Value::Null => drop(document.as_object_mut().unwrap().remove(name)),
			value => document[name] = value,
		}
		refused(&document, code, at);
	}
	let mut query = document.clone();
	query["type"] = json!("EPCISQueryDocument");
	query["epcisBody"] = json!({"queryResults": {"queryName": "all", "resultsBody": document["epcisBody"]}});
	assert_eq!(validate(&query), Ok(1));
	query["epcisBody"]["queryResults"].as_object_mut().unwrap().remove("queryName");
	refused(&query, "Missing", "/epcisBody/queryResults/queryName");
	refused(&json!(17), "WrongType", "");
	refused(&json!({}), "Missing", "/type");
}
