//! Steps of a parcel's life, and the EPCIS events that say the same.
//!
//! | step | event | action | business step | disposition | persistent |
//! |---|---|---|---|---|---|
//! | commission | ObjectEvent | ADD | commissioning | active | |
//! | pack | AggregationEvent | ADD | packing | | |
//! | unpack | AggregationEvent | DELETE | unpacking | | |
//! | ship | ObjectEvent | OBSERVE | shipping | in_transit | |
//! | receive | ObjectEvent | OBSERVE | receiving | in_progress | |
//! | refuse | ObjectEvent | OBSERVE | arriving | returned | |
//! | retract | ObjectEvent | OBSERVE | void_shipping | in_progress | |
//! | dispense | ObjectEvent | OBSERVE | dispensing | dispensed | |
//! | undo-dispense | ObjectEvent | OBSERVE | stocking | sellable_accessible | |
//! | decommission | ObjectEvent | DELETE | decommissioning | inactive | |
//! | destroy | ObjectEvent | DELETE | destroying | destroyed | |
//! | steal | ObjectEvent | OBSERVE | | stolen | |
//! | return | ObjectEvent | OBSERVE | shipping | returned | |
//! | hold, release | ObjectEvent | OBSERVE | holding, inspecting | | set, unset non_sellable_other |
//! | recall, lift-recall | ObjectEvent | OBSERVE | holding, inspecting | | set, unset recalled |
//! | excursion | ObjectEvent | OBSERVE | sensor_reporting | | |
//!
//! Things are named by the lot and their number, since that is what the chain knows, or by serial numbers where the holder
//! gives them; a logistic unit stands beside what is in it. Parties are owner and possessor at once, as the chain's
//! custody is. Names and expiry dates are master data in the document's header: what an organisation calls itself today
//! changes no hash of an event of last year.
//!
//! The same step is always the same event with the same hash: times are in UTC, and nothing of the moment of the export
//! goes into it.

use super::{
	context::{EPCIS_CONTEXT, GS1_VOCABULARY, SALUS},
	epc::{encode, has_check_digit, in_set_82, CANONICAL},
	hash,
	vocabulary::Vocabulary,
	Placed,
};
use crate::{fhir::pointer, Error, Result};
use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{json, Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What happened, as the chain tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
	/// A packaging run was made.
	Commission,
	/// Units or packages went into a logistic unit.
	Pack,
	/// They came out of it again.
	Unpack,
	/// They left for another holder.
	Ship,
	/// They arrived there.
	Receive,
	/// They arrived, and go back.
	Refuse,
	/// The sender took a shipment back that nobody received.
	Retract,
	/// They were given to a patient.
	Dispense,
	/// They were not, after all.
	UndoDispense,
	/// They left the supply chain: exported, a sample, lost.
	Decommission,
	/// They were destroyed.
	Destroy,
	/// They were stolen.
	Steal,
	/// They go back to the supplier, saleable.
	Return,
	/// They must not be sold for now.
	Hold,
	/// They may be sold again.
	Release,
	/// They are recalled.
	Recall,
	/// The recall is over.
	LiftRecall,
	/// They were too warm or too cold.
	Excursion,
}

/// Who gives or gets.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Party {
	/// Its name, as the chain has it. With a GLN it is told in the document's master data, so that no event's hash depends
	/// on it.
	pub name: String,
	/// Its Global Location Number of 13 digits, if it has one.
	#[serde(default)]
	pub gln: Option<String>,
}

/// How far from its storage rule something was.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sensor {
	/// The coldest, in degrees Celsius.
	pub min: f64,
	/// The warmest, in degrees Celsius.
	pub max: f64,
	/// For how long.
	pub minutes: u32,
}

/// A step of a parcel's life: one line of what `salus drug trace --json` prints.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
	/// What happened.
	pub kind: Kind,
	/// When, in unix milliseconds.
	pub at: u64,
	/// The product, 14 digits.
	pub gtin: String,
	/// The lot, 1 to 20 characters.
	pub lot: String,
	/// `YYYY-MM-DD`.
	#[serde(default)]
	pub expiry: Option<String>,
	/// How many units: what the chain knows. `None` where the step is about a whole lot or a whole logistic unit. With
	/// [`Step::serials`] it is their number or left out.
	#[serde(default)]
	pub quantity: Option<u64>,
	/// Serial numbers, where the holder knows them: the event then names instances, not the lot.
	#[serde(default, skip_serializing_if = "Vec::is_empty")]
	pub serials: Vec<String>,
	/// 18 digits: what was packed into or unpacked from, or the logistic unit that was moved.
	#[serde(default)]
	pub sscc: Option<String>,
	/// The logistic units within [`Step::sscc`] that were packed or unpacked.
	#[serde(default, skip_serializing_if = "Vec::is_empty")]
	pub child_ssccs: Vec<String>,
	/// Who gives.
	#[serde(default)]
	pub from: Option<Party>,
	/// Who gets.
	#[serde(default)]
	pub to: Option<Party>,
	/// The GLN of where it happened; the extension for a place within comes after a full stop (`4012345000115.DOCK-3`).
	#[serde(default)]
	pub place: Option<String>,
	/// The chain's code for why.
	#[serde(default)]
	pub reason: Option<String>,
	/// Of an excursion.
	#[serde(default)]
	pub sensor: Option<Sensor>,
	/// The order, delivery note or the like: a URI, or any text; CBV's word for its type and a blank may come before it
	/// (`po https://…`).
	#[serde(default)]
	pub transaction: Option<String>,
	/// The event's hash as the chain stores it, `0x` and 64 hexadecimal digits. No event has it; an export is refused
	/// where it is not the hash of the event.
	#[serde(default, skip_serializing_if = "Option::is_none")]
	pub event_hash: Option<String>,
	/// The block that the chain has the step in. No event has it.
	#[serde(default, skip_serializing_if = "Option::is_none")]
	pub block: Option<u32>,
}

/// What tells the events of one kind from others.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shape {
	pub kind: Kind,
	pub event: &'static str,
	pub action: &'static str,
	pub biz_step: Option<&'static str>,
	pub disposition: Option<&'static str>,
	pub set: Option<&'static str>,
	pub unset: Option<&'static str>,
}

const fn object(
	kind: Kind,
	action: &'static str,
	biz_step: Option<&'static str>,
	disposition: Option<&'static str>,
) -> Shape {
	Shape { kind, event: "ObjectEvent", action, biz_step, disposition, set: None, unset: None }
}

const fn lasting(kind: Kind, biz_step: &'static str, set: Option<&'static str>, unset: Option<&'static str>) -> Shape {
	Shape { set, unset, ..object(kind, "OBSERVE", Some(biz_step), None) }
}

const fn aggregation(kind: Kind, action: &'static str, biz_step: &'static str) -> Shape {
	Shape { event: "AggregationEvent", ..object(kind, action, Some(biz_step), None) }
}

/// The table at the head of this file.
pub(super) const SHAPES: [Shape; 18] = [
	object(Kind::Commission, "ADD", Some("commissioning"), Some("active")),
	aggregation(Kind::Pack, "ADD", "packing"),
	aggregation(Kind::Unpack, "DELETE", "unpacking"),
	object(Kind::Ship, "OBSERVE", Some("shipping"), Some("in_transit")),
	object(Kind::Receive, "OBSERVE", Some("receiving"), Some("in_progress")),
	object(Kind::Refuse, "OBSERVE", Some("arriving"), Some("returned")),
	object(Kind::Retract, "OBSERVE", Some("void_shipping"), Some("in_progress")),
	object(Kind::Dispense, "OBSERVE", Some("dispensing"), Some("dispensed")),
	object(Kind::UndoDispense, "OBSERVE", Some("stocking"), Some("sellable_accessible")),
	object(Kind::Decommission, "DELETE", Some("decommissioning"), Some("inactive")),
	object(Kind::Destroy, "DELETE", Some("destroying"), Some("destroyed")),
	object(Kind::Steal, "OBSERVE", None, Some("stolen")),
	object(Kind::Return, "OBSERVE", Some("shipping"), Some("returned")),
	lasting(Kind::Hold, "holding", Some("non_sellable_other"), None),
	lasting(Kind::Release, "inspecting", None, Some("non_sellable_other")),
	lasting(Kind::Recall, "holding", Some("recalled"), None),
	lasting(Kind::LiftRecall, "inspecting", None, Some("recalled")),
	object(Kind::Excursion, "OBSERVE", Some("sensor_reporting"), None),
];

impl Kind {
	pub(super) fn shape(self) -> &'static Shape {
		SHAPES.iter().find(|shape| shape.kind == self).expect("the table has every kind; a test goes through them; qed")
	}

	/// Whether things stay where the step happened.
	const fn stays(self) -> bool {
		matches!(self, Self::Commission | Self::Receive | Self::UndoDispense)
	}
}

/// What comes before the name of a party without a GLN, and before a transaction that is no URI.
pub(super) const PARTY: &str = "urn:salus:party:";
pub(super) const TRANSACTION: &str = "urn:salus:transaction:";

/// The vocabularies and attributes of master data that an export fills in.
pub(super) const PARTIES: &str = "urn:epcglobal:epcis:vtype:SourceDest";
pub(super) const CLASSES: &str = "urn:epcglobal:epcis:vtype:EPCClass";
pub(super) const NAME: &str = "cbvmda:name";
pub(super) const EXPIRY: &str = "cbvmda:itemExpirationDate";

/// The longest serial or lot number.
const LONGEST: usize = 20;

fn check(right: bool, at: &str, code: &'static str, message: impl FnOnce() -> String) -> Result<()> {
	if right {
		Ok(())
	} else {
		Err(Error::refused(code, at, message()))
	}
}

fn check_key(digits: &str, length: usize, at: &str) -> Result<()> {
	check(digits.len() == length && has_check_digit(digits), at, "BadKey", || {
		format!("{digits:?} is no GS1 key of {length} digits with the right check digit")
	})
}

fn check_text(text: &str, at: &str) -> Result<()> {
	let right = (1..=LONGEST).contains(&text.len()) && text.bytes().all(in_set_82);
	check(right, at, "BadText", || format!("{text:?} is not of 1 to {LONGEST} characters of GS1's set"))
}

impl Step {
	/// Refuses what no event could say, with a pointer into the step.
	pub fn check(&self) -> Result<()> {
		check_key(&self.gtin, 14, "/gtin")?;
		check_text(&self.lot, "/lot")?;
		if let Some(expiry) = &self.expiry {
			let right = expiry.len() == 10 && NaiveDate::parse_from_str(expiry, "%Y-%m-%d").is_ok();
			check(right, "/expiry", "BadDate", || format!("{expiry:?} is no date such as 2027-01-31"))?;
		}
		check(self.quantity != Some(0), "/quantity", "BadQuantity", || "nothing happened to no units".into())?;
		for (number, serial) in self.serials.iter().enumerate() {
			check_text(serial, &pointer("/serials", number))?;
		}
		let distinct: BTreeSet<_> = self.serials.iter().collect();
		check(distinct.len() == self.serials.len(), "/serials", "Duplicate", || {
			"a serial number is there twice".into()
		})?;
		let counted =
			self.serials.is_empty() || self.quantity.is_none_or(|quantity| quantity == self.serials.len() as u64);
		check(counted, "/quantity", "BadQuantity", || "there are as many units as serial numbers".into())?;
		self.sscc.as_deref().map_or(Ok(()), |sscc| check_key(sscc, 18, "/sscc"))?;
		for (number, sscc) in self.child_ssccs.iter().enumerate() {
			check_key(sscc, 18, &pointer("/child_ssccs", number))?;
		}
		for (party, at) in [(&self.from, "/from"), (&self.to, "/to")] {
			if let Some(party) = party {
				check(!party.name.is_empty(), &pointer(at, "name"), "Missing", || "a party has a name".into())?;
				party.gln.as_deref().map_or(Ok(()), |gln| check_key(gln, 13, &pointer(at, "gln")))?;
			}
		}
		if let Some(place) = &self.place {
			let (gln, extension) = place_parts(place);
			check_key(gln, 13, "/place")?;
			extension.map_or(Ok(()), |extension| check_text(extension, "/place"))?;
		}
		for (text, at) in [(&self.reason, "/reason"), (&self.transaction, "/transaction")] {
			let right = text.as_deref().is_none_or(|text| !text.is_empty() && text.trim() == text);
			check(right, at, "BadText", || "an empty text, or blanks around one".into())?;
		}
		let packing = matches!(self.kind, Kind::Pack | Kind::Unpack);
		check(!packing || self.sscc.is_some(), "/sscc", "Missing", || "it is not said into or out of what".into())?;
		check(packing || self.child_ssccs.is_empty(), "/child_ssccs", "NotExpressible", || {
			"only packing and unpacking have units within units".into()
		})?;
		let excursion = self.kind == Kind::Excursion;
		check(excursion == self.sensor.is_some(), "/sensor", "NotExpressible", || {
			"an excursion has temperatures, and nothing else has".into()
		})?;
		if let Some(sensor) = &self.sensor {
			let right =
				sensor.min.is_finite() && sensor.max.is_finite() && sensor.min <= sensor.max && sensor.minutes > 0;
			check(right, "/sensor", "BadSensor", || "the coldest is above the warmest, or it was for no time".into())?;
		}
		if let Some(hash) = &self.event_hash {
			let right =
				hash.strip_prefix("0x").is_some_and(|digits| hex::decode_to_slice(digits, &mut [0; 32]).is_ok());
			check(right, "/event_hash", "BadHash", || format!("{hash:?} is not 0x and 64 hexadecimal digits"))?;
		}
		self.time().map(|_| ())
	}

	fn time(&self) -> Result<String> {
		let moment = i64::try_from(self.at).ok().and_then(DateTime::<Utc>::from_timestamp_millis);
		let moment = moment.filter(|moment| moment.year() <= 9999);
		let moment = moment.ok_or_else(|| Error::refused("BadTime", "/at", "this lies beyond the year 9999"))?;
		Ok(moment.to_rfc3339_opts(SecondsFormat::Millis, true))
	}

	/// The link of its lot.
	pub(super) fn class(&self) -> String {
		format!("{CANONICAL}/01/{}/10/{}", self.gtin, encode(&self.lot))
	}
}

/// A place's GLN and the extension for a place within.
fn place_parts(place: &str) -> (&str, Option<&str>) {
	place.split_once('.').map_or((place, None), |(gln, extension)| (gln, Some(extension)))
}

impl Party {
	/// What names it in events.
	pub(super) fn uri(&self) -> String {
		match &self.gln {
			Some(gln) => format!("{CANONICAL}/417/{gln}"),
			None => format!("{PARTY}{}", encode(&self.name)),
		}
	}
}

/// The type and identifier of a transaction.
fn transaction(text: &str) -> Value {
	let typed = text.split_once(' ').filter(|(word, rest)| Vocabulary::BizTransaction.has(word) && !rest.is_empty());
	let (kind, id) = typed.map_or((None, text), |(kind, id)| (Some(kind), id));
	let scheme = id.split_once(':').map(|(scheme, _)| scheme);
	let is_uri = scheme.is_some_and(|scheme| {
		scheme.starts_with(|first: char| first.is_ascii_alphabetic())
			&& scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
	}) && id.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte));
	let id =
		if is_uri && !id.starts_with(TRANSACTION) { id.to_owned() } else { format!("{TRANSACTION}{}", encode(id)) };
	match kind {
		Some(kind) => json!([{ "type": kind, "bizTransaction": id }]),
		None => json!([{ "bizTransaction": id }]),
	}
}

/// The event of a step, named by its own hash.
pub fn event(step: &Step) -> Result<Value> {
	let (mut event, hash) = hashed(step)?;
	event.insert("eventID".into(), hash.uri().into());
	Ok(Value::Object(event))
}

/// The hash of a step's event: what the chain stores of it.
pub fn step_hash(step: &Step) -> Result<[u8; 32]> {
	hashed(step).map(|(_, hash)| hash.digest)
}

fn hashed(step: &Step) -> Result<(Map<String, Value>, hash::EventHash)> {
	step.check()?;
	let event = Value::Object(members(step)?);
	let hash = hash::event_hash(&Placed { at: String::new(), event: &event, context: Default::default() })?;
	if let Some(known) = &step.event_hash {
		let found = format!("0x{}", hex::encode(hash.digest));
		check(known.eq_ignore_ascii_case(&found), "/event_hash", "AnotherHash", || {
			format!("the chain has {known}, but this step's event has {found}: the step is not what was recorded")
		})?;
	}
	match event {
		Value::Object(members) => Ok((members, hash)),
		_ => Err(Error::Unexpected("an event is an object".into())),
	}
}

fn members(step: &Step) -> Result<Map<String, Value>> {
	let shape = step.kind.shape();
	let mut event = Map::new();
	let mut put = |name: &str, value: Value| event.insert(name.to_owned(), value);
	put("type", shape.event.into());
	put("eventTime", step.time()?.into());
	put("eventTimeZoneOffset", "+00:00".into());
	put("action", shape.action.into());
	shape.biz_step.map(|word| put("bizStep", word.into()));
	shape.disposition.map(|word| put("disposition", word.into()));
	for (name, word) in [("set", shape.set), ("unset", shape.unset)] {
		word.map(|word| put("persistentDisposition", json!({ name: [word] })));
	}
	let packing = shape.event == "AggregationEvent";
	let unit = |sscc: &String| format!("{CANONICAL}/00/{sscc}");
	let mut things: Vec<String> =
		if packing { &step.child_ssccs[..] } else { step.sscc.as_slice() }.iter().map(unit).collect();
	things.extend(step.serials.iter().map(|serial| format!("{CANONICAL}/01/{}/21/{}", step.gtin, encode(serial))));
	if let Some(sscc) = step.sscc.as_ref().filter(|_| packing) {
		put("parentID", unit(sscc).into());
	}
	if !things.is_empty() {
		put(if packing { "childEPCs" } else { "epcList" }, things.into());
	}
	if step.serials.is_empty() {
		let mut class = json!({ "epcClass": step.class() });
		if let Some(quantity) = step.quantity {
			class["quantity"] = quantity.into();
		}
		put(if packing { "childQuantityList" } else { "quantityList" }, json!([class]));
	} else if step.kind != Kind::Commission {
		put("salus:lot", step.lot.as_str().into());
	}
	if step.kind == Kind::Commission {
		let mut ilmd = json!({ "cbvmda:lotNumber": step.lot });
		if let Some(expiry) = &step.expiry {
			ilmd[EXPIRY] = expiry.as_str().into();
		}
		put("ilmd", ilmd);
	}
	if let Some(place) = &step.place {
		let (gln, extension) = place_parts(place);
		let within = extension.map(|extension| format!("/254/{}", encode(extension))).unwrap_or_default();
		let place = json!({ "id": format!("{CANONICAL}/414/{gln}{within}") });
		if step.kind.stays() {
			put("bizLocation", place.clone());
		}
		put("readPoint", place);
	}
	for (party, list, name) in [(&step.from, "sourceList", "source"), (&step.to, "destinationList", "destination")] {
		if let Some(party) = party {
			let parties = ["owning_party", "possessing_party"].map(|kind| json!({ "type": kind, name: party.uri() }));
			put(list, parties.to_vec().into());
		}
	}
	step.transaction.as_deref().map(|text| put("bizTransactionList", transaction(text)));
	if let Some(sensor) = &step.sensor {
		let reports = json!([
			{ "type": "Temperature", "minValue": sensor.min, "maxValue": sensor.max, "uom": "CEL" },
			{ "type": "Time", "value": sensor.minutes, "uom": "MIN" },
		]);
		put("sensorElementList", json!([{ "sensorReport": reports }]));
	}
	step.reason.as_deref().map(|reason| put("salus:reason", reason.into()));
	Ok(event)
}

/// A document of events. It is dated by the latest of them, so that the same events always make the same document.
pub fn document(events: Vec<Value>) -> Value {
	let time = |event: &Value| event["eventTime"].as_str().and_then(|time| DateTime::parse_from_rfc3339(time).ok());
	let latest = events.iter().filter_map(time).max().unwrap_or_default().with_timezone(&Utc);
	json!({
		"@context": [EPCIS_CONTEXT, { "gs1": GS1_VOCABULARY, "cbvmda": "urn:epcglobal:cbv:mda:", "salus": SALUS }],
		"type": "EPCISDocument",
		"schemaVersion": "2.0",
		"creationDate": latest.to_rfc3339_opts(SecondsFormat::Millis, true),
		"epcisBody": { "eventList": events },
	})
}

/// A document of steps, with the names of parties and the expiry of lots as its master data. Pointers of what is refused
/// lead into the list of steps.
pub fn document_of(steps: &[Step]) -> Result<Value> {
	let mut events = Vec::with_capacity(steps.len());
	let (mut parties, mut classes) = (BTreeMap::new(), BTreeMap::new());
	for (number, step) in steps.iter().enumerate() {
		let at = pointer("", number);
		events.push(event(step).map_err(|error| within(error, &at))?);
		for party in step.from.iter().chain(&step.to) {
			// Without a GLN the name is the identifier, and a GLN in place of a name says nothing.
			if party.gln.as_ref().is_some_and(|gln| *gln != party.name) {
				parties.insert(party.uri(), party.name.as_str());
			}
		}
		if let Some(expiry) = &step.expiry {
			let before = classes.insert(step.class(), expiry.as_str());
			check(before.is_none_or(|before| before == expiry), &pointer(&at, "expiry"), "TwoExpiries", || {
				format!("lot {} expires on two days", step.lot)
			})?;
		}
	}
	let mut document = document(events);
	let vocabulary = |kind: &str, attribute: &str, elements: BTreeMap<String, &str>| {
		let element = |(id, value)| json!({ "id": id, "attributes": [{ "id": attribute, "attribute": value }] });
		let elements: Vec<_> = elements.into_iter().map(element).collect();
		(!elements.is_empty()).then(|| json!({ "type": kind, "vocabularyElementList": elements }))
	};
	let all = [vocabulary(PARTIES, NAME, parties), vocabulary(CLASSES, EXPIRY, classes)];
	let all: Vec<_> = all.into_iter().flatten().collect();
	if !all.is_empty() {
		document["epcisHeader"] = json!({ "epcisMasterData": { "vocabularyList": all } });
	}
	Ok(document)
}

/// Something refused, in something larger.
fn within(error: Error, base: &str) -> Error {
	match error {
		Error::Refused { code, at: Some(at), message } => Error::refused(code, format!("{base}{at}"), message),
		other => other,
	}
}

/// Reads steps from JSON: an array of them, a single one, or what `salus drug trace --json` prints, which has them under
/// `steps`.
pub fn read_steps(document: &Value) -> Result<Vec<Step>> {
	let read = |value: &Value, at: &str| {
		Step::deserialize(value).map_err(|error| Error::refused("BadStep", at, format!("this is no step: {error}")))
	};
	match document {
		Value::Array(steps) => {
			steps.iter().enumerate().map(|(number, step)| read(step, &pointer("", number))).collect()
		}
		Value::Object(traced) if traced.get("steps").is_some_and(Value::is_array) => {
			read_steps(&traced["steps"]).map_err(|error| within(error, "/steps"))
		}
		step => Ok(vec![read(step, "")?]),
	}
}
