//! Events as steps of a parcel's life: the way back from [`super::export`].
//!
//! A step says what its event says, or the event is refused with a pointer to what has no place in a step. What the chain
//! does not tell apart is not kept: the zone of a place's clock, whether a party was owner or possessor where the event
//! names only one of them, and a disposition that the business step implies. Such an event, exported again, has another
//! hash, and [`Imported::same`] says so. Comments are not kept either; no hash has them.
//!
//! A step is about one product and lot. An event that names serial numbers alone is of the lot that a link among them, or
//! an event of the same document that commissions them, tells, else of the lot that the caller states.
//!
//! | code | when |
//! |---|---|
//! | `NotMapped` | no step says this: a type of event, a combination of words, a member, a thing or a place |
//! | `Missing` | a step needs this: a product, a lot, temperatures |
//! | `TwoProducts` | the event is of several products or lots |
//! | `TwoParties` | owner and possessor differ |
//!
//! and what [`super::validate`] and [`Step::check`] refuse.

use super::{
	context::{Context, RDFS},
	epc, events,
	export::{step_hash, Kind, Party, Sensor, Shape, Step, CLASSES, EXPIRY, NAME, PARTIES, PARTY, SHAPES, TRANSACTION},
	hash::{bad_time, event_hash, moment, EventHash},
	not_a, validate,
	vocabulary::Vocabulary,
	Placed,
};
use crate::{fhir::pointer, Error, Result};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The steps that a document's events say.
pub fn steps_of(document: &Value) -> Result<Vec<Step>> {
	let events = events(document)?;
	let known = Known::of(document, &events, None);
	events.iter().map(|placed| step_of(placed, &known)).collect()
}

/// What came of an event.
#[derive(Debug)]
pub struct Imported {
	/// JSON pointer to it.
	pub at: String,
	/// Its hash; `None` if the event is wrong, so that it has none.
	pub hash: Option<EventHash>,
	/// The step that it says, or why it says none.
	pub step: Result<Step>,
	/// Whether the step, exported again, is an event of the same hash.
	pub same: bool,
}

/// Reads a document's events one by one, in its order; only a document that is none is refused as a whole. `lot` is that
/// of units whose lot the document does not tell.
pub fn import(document: &Value, lot: Option<&str>) -> Result<Vec<Imported>> {
	validate::envelope_of(document)?;
	let events = events(document)?;
	let known = Known::of(document, &events, lot);
	let read = |placed: &Placed<'_>| {
		let hash = validate::event(placed).and_then(|()| event_hash(placed));
		let step = hash.as_ref().map_err(Clone::clone).and_then(|_| step_of(placed, &known));
		let again = step.as_ref().ok().and_then(|step| step_hash(step).ok());
		let hash = hash.ok();
		let same = again.is_some() && again == hash.as_ref().map(|hash| hash.digest);
		Imported { at: placed.at.clone(), hash, step, same }
	};
	Ok(events.iter().map(read).collect())
}

/// What is known beside an event: what the document's header tells of parties and lots, by canonical identifier, and
/// the lots of units.
struct Known {
	names: BTreeMap<String, String>,
	expiries: BTreeMap<String, String>,
	/// By GTIN and serial number; `None` where the document tells of two.
	lots: BTreeMap<(String, String), Option<String>>,
	/// The lot of all others.
	lot: Option<String>,
}

impl Known {
	fn of(document: &Value, events: &[Placed<'_>], lot: Option<&str>) -> Self {
		let mut known = Self::told_by(document);
		let begun = events.iter().filter_map(|placed| step_of(placed, &known).ok());
		let begun: Vec<_> = begun.filter(|step| step.kind == Kind::Commission).collect();
		for step in begun {
			for serial in step.serials {
				let lot = known.lots.entry((step.gtin.clone(), serial)).or_insert_with(|| Some(step.lot.clone()));
				*lot = lot.take().filter(|lot| *lot == step.lot);
			}
		}
		known.lot = lot.map(str::to_owned);
		known
	}

	/// The lot that all of these are of.
	fn lot_of(&self, gtin: &str, serials: &[String]) -> Option<String> {
		let mut lots = serials.iter().map(|serial| self.lots.get(&(gtin.to_owned(), serial.clone())));
		let first = lots.next()??.as_ref()?;
		lots.all(|lot| lot.and_then(Option::as_ref) == Some(first)).then(|| first.clone())
	}

	fn told_by(document: &Value) -> Self {
		let list = document.pointer("/epcisHeader/epcisMasterData/vocabularyList").and_then(Value::as_array);
		let find = |kind: &str, attribute: &str| {
			let vocabularies = list.into_iter().flatten().filter(|vocabulary| vocabulary["type"] == kind);
			let elements =
				vocabularies.filter_map(|vocabulary| vocabulary["vocabularyElementList"].as_array()).flatten();
			let found = elements.filter_map(|element| {
				let attributes = element["attributes"].as_array()?;
				let value = attributes.iter().find(|found| found["id"] == attribute)?["attribute"].as_str()?;
				Some((canonical(element["id"].as_str()?), value.to_owned()))
			});
			found.collect()
		};
		Self { names: find(PARTIES, NAME), expiries: find(CLASSES, EXPIRY), lots: BTreeMap::new(), lot: None }
	}
}

fn canonical(text: &str) -> String {
	epc::canonical(text).unwrap_or_else(|| text.to_owned())
}

/// What a canonical link names, as keys and values.
fn path_of(text: &str) -> Option<Vec<(String, String)>> {
	let link = epc::canonical(text)?;
	let segments: Vec<_> = link.strip_prefix(epc::CANONICAL)?.split('/').skip(1).collect();
	segments.chunks(2).map(|pair| Some((pair[0].to_owned(), epc::decode(pair.get(1)?)?))).collect()
}

/// A place's GLN, with its extension after a full stop.
fn place_of(text: &str) -> Option<String> {
	match path_of(text)?.as_slice() {
		[(key, gln)] if key == "414" => Some(gln.clone()),
		[(key, gln), (qualifier, extension)] if key == "414" && qualifier == "254" => {
			Some(format!("{gln}.{extension}"))
		}
		_ => None,
	}
}

/// A party's GLN, if that is all that it is.
fn gln_of(text: &str, keys: &[&str]) -> Option<String> {
	match path_of(text)?.as_slice() {
		[(key, gln)] if keys.contains(&key.as_str()) => Some(gln.clone()),
		_ => None,
	}
}

/// Reads an event's members one by one; what is left over has no place.
struct Reader<'e> {
	at: &'e str,
	left: Map<String, Value>,
	context: &'e Context,
}

impl Reader<'_> {
	fn take(&mut self, name: &str) -> Option<(Value, String)> {
		self.left.remove(name).map(|value| (value, pointer(self.at, name)))
	}

	fn text(&mut self, name: &str) -> Result<Option<(String, String)>> {
		let Some((value, at)) = self.take(name) else { return Ok(None) };
		let text = value.as_str().ok_or_else(|| not_a(&at, "text"))?;
		Ok(Some((text.to_owned(), at)))
	}

	fn list(&mut self, name: &str) -> Result<Vec<(Value, String)>> {
		let Some((value, at)) = self.take(name) else { return Ok(Vec::new()) };
		let Value::Array(items) = value else { return Err(not_a(&at, "a list")) };
		Ok(items.into_iter().enumerate().map(|(number, item)| (item, pointer(&at, number))).collect())
	}

	fn word(&mut self, name: &str, list: Vocabulary) -> Result<Option<&'static str>> {
		let Some((text, at)) = self.text(name)? else { return Ok(None) };
		list.word(&text, self.context).map(Some).ok_or_else(|| not_mapped(&at))
	}

	/// The member of our namespace, whatever its prefix here.
	fn own(&mut self, local: &str) -> Result<Option<String>> {
		let ours = |member: &&String| {
			self.context.name(member).is_some_and(|(space, name)| space == super::context::SALUS && name == local)
		};
		let member = self.left.keys().find(ours).cloned();
		Ok(member.map(|member| self.text(&member)).transpose()?.flatten().map(|(text, _)| text))
	}

	fn finish(self) -> Result<()> {
		match self.left.keys().next() {
			Some(member) => Err(not_mapped(&pointer(self.at, member))),
			None => Ok(()),
		}
	}
}

fn not_mapped(at: &str) -> Error {
	Error::refused("NotMapped", at, "no step of a parcel says this")
}

fn missing(at: &str, what: &str) -> Error {
	Error::refused("Missing", at, format!("a step needs {what}"))
}

/// The things of an event.
#[derive(Default)]
struct Things {
	gtin: Option<String>,
	lot: Option<String>,
	/// Whether they are named by their lot.
	whole: bool,
	quantity: Option<u64>,
	serials: Vec<String>,
	units: Vec<(String, String)>,
}

impl Things {
	fn product(&mut self, gtin: String, at: &str) -> Result<()> {
		match self.gtin.replace(gtin.clone()) {
			Some(other) if other != gtin => {
				Err(Error::refused("TwoProducts", at, "a step is about one product and lot: split the event"))
			}
			_ => Ok(()),
		}
	}

	fn of_lot(&mut self, lot: String, at: &str) -> Result<()> {
		match self.lot.replace(lot.clone()) {
			Some(other) if other != lot => {
				Err(Error::refused("TwoProducts", at, "a step is about one product and lot: split the event"))
			}
			_ => Ok(()),
		}
	}

	fn add(&mut self, epc: &Value, at: &str) -> Result<()> {
		if let Some(lot) = epc.as_str().and_then(epc::lot_of) {
			self.of_lot(lot, at)?;
		}
		let path = epc.as_str().and_then(path_of).unwrap_or_default();
		match path.as_slice() {
			[(key, sscc)] if key == "00" => self.units.push((sscc.clone(), at.to_owned())),
			[(key, gtin), (qualifier, serial)] if key == "01" && qualifier == "21" => {
				self.product(gtin.clone(), at)?;
				self.serials.push(serial.clone());
			}
			_ => return Err(not_mapped(at)),
		}
		Ok(())
	}

	fn add_class(&mut self, element: &Value, at: &str) -> Result<()> {
		let path = element["epcClass"].as_str().and_then(path_of).unwrap_or_default();
		let [(key, gtin), (qualifier, lot)] = path.as_slice() else { return Err(not_mapped(&pointer(at, "epcClass"))) };
		if key != "01" || qualifier != "10" || !self.serials.is_empty() {
			return Err(not_mapped(at));
		}
		if std::mem::replace(&mut self.whole, true) {
			return Err(Error::refused("TwoProducts", at, "a step is about one product and lot: split the event"));
		}
		self.of_lot(lot.clone(), at)?;
		if element.get("uom").is_some() {
			return Err(not_mapped(&pointer(at, "uom")));
		}
		if let Some(quantity) = element.get("quantity") {
			// A whole number, however it is written.
			let whole = quantity.as_u64().or_else(|| {
				quantity
					.as_f64()
					.filter(|number| number.fract() == 0.0 && (0.0..=9e15).contains(number))
					.map(|number| number as u64)
			});
			self.quantity = Some(whole.ok_or_else(|| not_mapped(&pointer(at, "quantity")))?);
		}
		self.product(gtin.clone(), at)
	}
}

fn kind_of(reader: &mut Reader<'_>) -> Result<&'static Shape> {
	let at = reader.at;
	let event = reader.text("type")?.map(|(text, _)| text).unwrap_or_default();
	let action = reader.text("action")?.map(|(text, _)| text).unwrap_or_default();
	let biz_step = reader.word("bizStep", Vocabulary::BizStep)?;
	let disposition = reader.word("disposition", Vocabulary::Disposition)?;
	let (mut set, mut unset) = (None, None);
	if let Some((lasting, at)) = reader.take("persistentDisposition") {
		let members = lasting.as_object().ok_or_else(|| not_a(&at, "an object"))?;
		if let Some((name, _)) =
			members.iter().find(|(name, words)| !["set", "unset"].contains(&name.as_str()) || !words.is_array())
		{
			return Err(not_mapped(&pointer(&at, name)));
		}
		for (name, place) in [("set", &mut set), ("unset", &mut unset)] {
			let words: Vec<_> = lasting[name].as_array().into_iter().flatten().collect();
			*place = match words.as_slice() {
				[] => None,
				[word] => {
					let word = word.as_str().and_then(|word| Vocabulary::Disposition.word(word, reader.context));
					Some(word.ok_or_else(|| not_mapped(&pointer(&at, name)))?)
				}
				_ => return Err(not_mapped(&pointer(&at, name))),
			};
		}
	}
	let found = SHAPES.iter().find(|shape| {
		let Shape { kind: _, event: e, action: a, biz_step: b, disposition: d, set: s, unset: u } = shape;
		(*e, *a, *b, *s, *u) == (event.as_str(), action.as_str(), biz_step, set, unset)
			&& (*d == disposition || is_implied(shape.kind, disposition))
	});
	found.ok_or_else(|| {
		Error::refused("NotMapped", at, "no step has this combination of type, action, business step and dispositions")
	})
}

/// Whether a step is told by its business step alone, so that it may be said without its disposition, or, of what has
/// none, with the one that goods have in the normal course.
fn is_implied(kind: Kind, disposition: Option<&str>) -> bool {
	match disposition {
		None => matches!(kind, Kind::Commission | Kind::Receive | Kind::Dispense | Kind::Decommission | Kind::Destroy),
		Some(word) => word == "in_progress" && matches!(kind, Kind::Pack | Kind::Unpack),
	}
}

fn step_of(placed: &Placed<'_>, known: &Known) -> Result<Step> {
	let at = placed.at.as_str();
	let left = placed.event.as_object().cloned().unwrap_or_default();
	let mut reader = Reader { at, left, context: &placed.context };
	reader.left.retain(|member, _| {
		!placed.context.name(member).is_some_and(|(space, local)| space == RDFS && local == "comment")
	});
	for told_elsewhere in ["@context", "eventID", "recordTime", "eventTimeZoneOffset"] {
		reader.take(told_elsewhere);
	}
	let shape = kind_of(&mut reader)?;
	let (time, place) = reader.text("eventTime")?.ok_or_else(|| missing(&pointer(at, "eventTime"), "its time"))?;
	let millis = moment(&time).and_then(|moment| u64::try_from(moment.timestamp_millis()).ok());
	let time = millis.ok_or_else(|| bad_time(&place, &time))?;

	let packing = shape.event == "AggregationEvent";
	let (epcs, classes) = if packing { ("childEPCs", "childQuantityList") } else { ("epcList", "quantityList") };
	let mut things = Things::default();
	for (epc, at) in reader.list(epcs)? {
		things.add(&epc, &at)?;
	}
	for (element, at) in reader.list(classes)? {
		things.add_class(&element, &at)?;
	}
	let mut ilmd = BTreeMap::new();
	let begins = shape.kind == Kind::Commission;
	if let Some((members, at)) = begins.then(|| reader.take("ilmd")).flatten() {
		for (member, value) in members.as_object().ok_or_else(|| not_a(&at, "an object"))? {
			let at = pointer(&at, member);
			let name = placed.context.name(member).map(|(space, local)| format!("{space}{local}"));
			let text = value.as_str().ok_or_else(|| not_mapped(&at))?.to_owned();
			ilmd.insert(name.unwrap_or_default(), (text, at));
		}
	}
	let mut of_lot = |name: &str| ilmd.remove(&format!("urn:epcglobal:cbv:mda:{name}"));
	let in_ilmd = of_lot("lotNumber");
	let expiry = of_lot("itemExpirationDate").map(|(text, _)| text);
	if let Some((_, at)) = ilmd.into_values().next() {
		return Err(not_mapped(&at));
	}
	if let (Some((lot, at)), Some(other)) = (&in_ilmd, &things.lot) {
		if lot != other {
			return Err(Error::refused("TwoProducts", at, "this is not the lot that the event names"));
		}
	}
	let gtin = things.gtin.take().ok_or_else(|| missing(at, "a product with its GTIN"))?;
	let lot = things.lot.take().or(in_ilmd.map(|(lot, _)| lot)).or(reader.own("lot")?);
	let lot = lot.or_else(|| known.lot_of(&gtin, &things.serials)).or_else(|| known.lot.clone());
	let sscc = if packing {
		let (parent, at) = reader.text("parentID")?.ok_or_else(|| missing(&pointer(at, "parentID"), "an SSCC"))?;
		match path_of(&parent).unwrap_or_default().as_slice() {
			[(key, sscc)] if key == "00" => Some(sscc.clone()),
			_ => return Err(not_mapped(&at)),
		}
	} else {
		if let Some((_, at)) = things.units.get(1) {
			return Err(not_mapped(at));
		}
		things.units.pop().map(|(sscc, _)| sscc)
	};

	let mut step = Step {
		kind: shape.kind,
		at: time,
		gtin,
		lot: lot.ok_or_else(|| missing(at, "a lot, which serial numbers do not tell: state it"))?,
		expiry,
		quantity: if things.serials.is_empty() { things.quantity } else { Some(things.serials.len() as u64) },
		serials: things.serials,
		sscc,
		child_ssccs: things.units.into_iter().map(|(sscc, _)| sscc).collect(),
		from: party(&mut reader, known, "sourceList", "source")?,
		to: party(&mut reader, known, "destinationList", "destination")?,
		place: location(&mut reader)?,
		reason: reader.own("reason")?,
		sensor: (shape.kind == Kind::Excursion).then(|| sensor(&mut reader)).transpose()?,
		transaction: transaction(&mut reader)?,
		event_hash: None,
		block: None,
	};
	reader.finish()?;
	if step.expiry.is_none() {
		step.expiry = known.expiries.get(&step.class()).cloned();
	}
	step.check().map_err(|error| match error {
		Error::Refused { code, message, .. } => Error::refused(code, at, message),
		other => other,
	})?;
	Ok(step)
}

fn party(reader: &mut Reader<'_>, known: &Known, list: &str, name: &str) -> Result<Option<Party>> {
	let mut found: Option<Party> = None;
	for (entry, at) in reader.list(list)? {
		let kind = entry["type"].as_str().and_then(|kind| Vocabulary::SourceDest.word(kind, reader.context));
		let id = entry[name].as_str().ok_or_else(|| missing(&pointer(&at, name), "who it is"))?;
		if !matches!(kind, Some("owning_party" | "possessing_party")) {
			return Err(not_mapped(&at));
		}
		let party = match (gln_of(id, &["417", "414"]), id.strip_prefix(PARTY).and_then(epc::decode)) {
			(Some(gln), _) => {
				let name = known.names.get(&canonical(id)).cloned().unwrap_or_else(|| gln.clone());
				Party { name, gln: Some(gln) }
			}
			(None, Some(name)) => Party { name, gln: None },
			(None, None) => return Err(not_mapped(&pointer(&at, name))),
		};
		match &found {
			Some(other) if *other != party => {
				return Err(Error::refused("TwoParties", at, "owner and possessor differ: no step says this"));
			}
			_ => found = Some(party),
		}
	}
	Ok(found)
}

fn location(reader: &mut Reader<'_>) -> Result<Option<String>> {
	let mut found: Option<String> = None;
	for name in ["readPoint", "bizLocation"] {
		let Some((place, at)) = reader.take(name) else { continue };
		let alone = place.as_object().is_some_and(|members| members.len() == 1);
		let place = place["id"].as_str().filter(|_| alone).and_then(place_of);
		let place = place.ok_or_else(|| not_mapped(&at))?;
		if found.replace(place.clone()).is_some_and(|other| other != place) {
			return Err(not_mapped(&at));
		}
	}
	Ok(found)
}

fn transaction(reader: &mut Reader<'_>) -> Result<Option<String>> {
	let mut list = reader.list("bizTransactionList")?;
	let Some((entry, at)) = list.pop() else { return Ok(None) };
	if !list.is_empty() {
		return Err(not_mapped(&at));
	}
	let id = entry["bizTransaction"].as_str().ok_or_else(|| missing(&at, "a transaction"))?;
	let id = id.strip_prefix(TRANSACTION).and_then(epc::decode).unwrap_or_else(|| id.to_owned());
	let Some(kind) = entry.get("type") else { return Ok(Some(id)) };
	let word = kind.as_str().and_then(|kind| Vocabulary::BizTransaction.word(kind, reader.context));
	Ok(Some(format!("{} {id}", word.ok_or_else(|| not_mapped(&pointer(&at, "type")))?)))
}

/// The temperatures of an excursion, as an export writes them.
fn sensor(reader: &mut Reader<'_>) -> Result<Sensor> {
	let mut elements = reader.list("sensorElementList")?;
	let Some((element, at)) = elements.pop() else {
		return Err(missing(&pointer(reader.at, "sensorElementList"), "temperatures"));
	};
	let reports = element["sensorReport"].as_array().map(Vec::as_slice);
	let (Some([first, second]), true, 1) = (reports, elements.is_empty(), element.as_object().map_or(0, Map::len))
	else {
		return Err(not_mapped(&at));
	};
	let kind = |report: &Value| {
		report["type"].as_str().and_then(|kind| Vocabulary::Measurement.word(kind, reader.context)).unwrap_or_default()
	};
	let (warmth, time) = if kind(first) == "Temperature" { (first, second) } else { (second, first) };
	let right = kind(warmth) == "Temperature" && kind(time) == "Time" && warmth["uom"] == "CEL" && time["uom"] == "MIN";
	let sensor = || {
		let minutes =
			time["value"].as_f64().filter(|minutes| minutes.fract() == 0.0 && (1.0..=4e9).contains(minutes))?;
		Some(Sensor { min: warmth["minValue"].as_f64()?, max: warmth["maxValue"].as_f64()?, minutes: minutes as u32 })
	};
	let lengths = [warmth, time].map(|report| report.as_object().map_or(0, Map::len));
	sensor().filter(|_| right && lengths == [4, 3]).ok_or_else(|| not_mapped(&at))
}
