//! A FHIR R4 bundle of one patient: each resource as it stands in the file, with what decides where it belongs.

use super::{
	check_shape, is_system,
	labels::LabelTable,
	parse_json, pointer,
	time::{parse_fhir, Span},
	ACT_CODE, CONFIDENTIALITY,
};
use crate::{Error, Result};
use salus_primitives::{Confidentiality, Month, Obligation, ResourceType, Sensitivity, SensitivitySet};
use serde::Deserialize;
use serde_json::{value::RawValue, Map, Value};
use std::collections::{BTreeSet, HashMap};

/// A bundle's resources, in its order.
#[derive(Debug)]
pub struct Bundle<'a> {
	/// `Bundle.type`.
	pub kind: String,
	/// What it holds.
	pub resources: Vec<Resource<'a>>,
	/// Security labels that are neither confidentiality nor sensitivity, as `system|code`: they travel inside the
	/// resources, and decide nothing here.
	pub ignored_labels: BTreeSet<String>,
}

/// A resource.
#[derive(Debug)]
pub struct Resource<'a> {
	/// Its place in the bundle.
	pub entry: usize,
	/// `entry.fullUrl`.
	pub full_url: Option<String>,
	/// `TYPE/ID`, if it has an id.
	pub reference: Option<String>,
	/// Its type.
	pub resource_type: ResourceType,
	/// As it or the bundle says, the stricter of the two; else normal.
	pub confidentiality: Confidentiality,
	/// As it and the bundle say, and as the table says of its codes and of what it refers to.
	pub labels: SensitivitySet,
	/// The one encounter that it belongs to: the full URL where the bundle has it, else the reference.
	pub encounter: Option<String>,
	/// First month the data is from; `None` is unknown.
	pub from: Option<Month>,
	/// Last month the data is from; `None` is unknown, or still going on.
	pub to: Option<Month>,
	/// The text of the resource in the file.
	pub raw: &'a str,
}

#[derive(Deserialize)]
struct RawBundle<'a> {
	#[serde(borrow, default)]
	entry: Vec<RawEntry<'a>>,
}

#[derive(Deserialize)]
struct RawEntry<'a> {
	#[serde(borrow)]
	resource: Option<&'a RawValue>,
}

const KINDS: [&str; 4] = ["transaction", "batch", "collection", "searchset"];

/// Members that R4 requires, of the types that bundles of patients are made of.
const REQUIRED: &[(ResourceType, &[&str])] = &[
	(ResourceType::AllergyIntolerance, &["patient"]),
	(ResourceType::CarePlan, &["status", "intent", "subject"]),
	(ResourceType::Condition, &["subject"]),
	(ResourceType::DiagnosticReport, &["status", "code"]),
	(ResourceType::DocumentReference, &["status", "content"]),
	(ResourceType::Encounter, &["status", "class"]),
	(ResourceType::FamilyMemberHistory, &["status", "patient", "relationship"]),
	(ResourceType::Goal, &["lifecycleStatus", "description", "subject"]),
	(ResourceType::ImagingStudy, &["status", "subject"]),
	(ResourceType::Immunization, &["status", "patient", "vaccineCode"]),
	(ResourceType::MedicationAdministration, &["status", "subject"]),
	(ResourceType::MedicationDispense, &["status"]),
	(ResourceType::MedicationRequest, &["status", "intent", "subject"]),
	(ResourceType::MedicationStatement, &["status", "subject"]),
	(ResourceType::Observation, &["status", "code"]),
	(ResourceType::Procedure, &["status", "subject"]),
	(ResourceType::ServiceRequest, &["status", "intent", "subject"]),
];

/// Members that are objects in each of those types; the first of them in every type.
const OBJECTS: &[&str] = &["meta", "code", "subject", "patient", "encounter", "context", "class", "vaccineCode"];

/// Members that say when the data is from. A birth date is not among them: it would go on chain as a month.
const DATES: &[&str] = &[
	"abatementDateTime",
	"abatementPeriod",
	"assertedDate",
	"authored",
	"authoredOn",
	"billablePeriod",
	"created",
	"date",
	"dateAsserted",
	"dateTime",
	"effectiveDateTime",
	"effectiveInstant",
	"effectivePeriod",
	"end",
	"executionPeriod",
	"issued",
	"lastOccurrence",
	"occurrenceDateTime",
	"occurrencePeriod",
	"onsetDateTime",
	"onsetPeriod",
	"performedDateTime",
	"performedPeriod",
	"period",
	"received",
	"receivedTime",
	"recorded",
	"recordedDate",
	"sent",
	"servicedDate",
	"servicedPeriod",
	"start",
	"startDate",
	"started",
	"statusDate",
	"whenHandedOver",
	"whenPrepared",
];

/// Types that are about who and where, not about something that happened: their data is from any time, and what is
/// sensitive about data that refers to them is not sensitive about them.
const STANDING: &[ResourceType] = &[
	ResourceType::Device,
	ResourceType::Endpoint,
	ResourceType::Group,
	ResourceType::HealthcareService,
	ResourceType::Location,
	ResourceType::Organization,
	ResourceType::OrganizationAffiliation,
	ResourceType::Patient,
	ResourceType::Person,
	ResourceType::Practitioner,
	ResourceType::PractitionerRole,
	ResourceType::RelatedPerson,
];

/// Reads a bundle.
pub fn parse<'a>(text: &'a str, table: &LabelTable) -> Result<Bundle<'a>> {
	// A byte order mark is common in files and no part of JSON.
	let text = text.strip_prefix('\u{feff}').unwrap_or(text);
	let json = parse_json(text)?;
	let kind = bundle_kind(&json)?;
	let raw: RawBundle = serde_json::from_str(text)
		.map_err(|e| Error::refused("MalformedBundle", "/entry", format!("entries cannot be read: {e}")))?;
	let entries = json.get("entry").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
	let index = Index::of(entries);

	let mut found = Vec::new();
	// A label of the bundle holds for all that is in it.
	let whole = security_of(&json, "")?;
	let mut ignored_labels = BTreeSet::from_iter(whole.ignored);
	for (number, (entry, slice)) in entries.iter().zip(&raw.entry).enumerate() {
		let at = format!("/entry/{number}");
		if entry.pointer("/search/mode").and_then(Value::as_str) == Some("outcome") {
			continue;
		}
		check_method(entry, &at)?;
		let at = pointer(&at, "resource");
		let slice = slice
			.resource
			.filter(|_| entry.get("resource").is_some_and(Value::is_object))
			.ok_or_else(|| Error::refused("MalformedFhir", &at, "expected a resource here"))?;
		let reader = Reader { resource: &entry["resource"], at, index: &index, entries };
		let resource_type = reader.check()?;
		let mut security = security_of(&entry["resource"], &reader.at)?;
		// What is contained in a resource goes where that goes.
		let contained = entry["resource"].get("contained").and_then(Value::as_array).map(Vec::as_slice);
		for (number, resource) in contained.unwrap_or_default().iter().enumerate() {
			let inner = security_of(resource, &pointer(&pointer(&reader.at, "contained"), number))?;
			security.confidentiality = security.confidentiality.max(inner.confidentiality);
			security.labels = security.labels.union(inner.labels);
			security.ignored.extend(inner.ignored);
		}
		ignored_labels.extend(security.ignored);
		let period = reader.period(resource_type)?;
		found.push(Found {
			links: reader.links(),
			resource: Resource {
				entry: number,
				full_url: entry.get("fullUrl").and_then(Value::as_str).map(str::to_owned),
				reference: reference_of(&entry["resource"]),
				resource_type,
				confidentiality: security.confidentiality.max(whole.confidentiality).unwrap_or(Confidentiality::Normal),
				labels: reader.coded(table).union(security.labels).union(whole.labels),
				encounter: reader.encounter(number, resource_type)?,
				from: period.from,
				to: period.to,
				raw: slice.get(),
			},
		});
	}
	check_patient(&found, &index, entries)?;
	spread_labels(&mut found);
	label_by_patient(&mut found, entries, table)?;
	let resources = found.into_iter().map(|found| found.resource).collect();
	Ok(Bundle { kind, resources, ignored_labels })
}

fn bundle_kind(json: &Value) -> Result<String> {
	match json.get("resourceType") {
		Some(Value::String(name)) if name == "Bundle" => {}
		Some(Value::String(name)) => {
			return Err(Error::refused("NotABundle", "/resourceType", format!("expected a Bundle, found {name}")))
		}
		_ => return Err(Error::refused("NotABundle", "/resourceType", "expected a FHIR Bundle as JSON")),
	}
	let kind = json.get("type").and_then(Value::as_str).unwrap_or_default();
	if !KINDS.contains(&kind) {
		let message = format!("bundles of type {} are taken, not {kind:?}", KINDS.join(", "));
		return Err(Error::refused("UnsupportedBundle", "/type", message));
	}
	match json.get("entry") {
		Some(Value::Array(entries)) if !entries.is_empty() => Ok(kind.to_owned()),
		_ => Err(Error::refused("MalformedFhir", "/entry", "expected an array of entries")),
	}
}

/// A transaction may also delete and patch; a record can only be made of what is there.
fn check_method(entry: &Value, at: &str) -> Result<()> {
	match entry.pointer("/request/method") {
		None => Ok(()),
		Some(method) if matches!(method.as_str(), Some("POST" | "PUT")) => Ok(()),
		Some(method) => {
			let at = pointer(&pointer(at, "request"), "method");
			Err(Error::refused("UnsupportedMethod", at, format!("POST and PUT are taken, not {method}")))
		}
	}
}

fn reference_of(resource: &Value) -> Option<String> {
	Some(format!("{}/{}", resource.get("resourceType")?.as_str()?, resource.get("id")?.as_str()?))
}

/// What references lead to which entry.
struct Index(HashMap<String, usize>);

impl Index {
	fn of(entries: &[Value]) -> Self {
		let mut index = HashMap::new();
		for (number, entry) in entries.iter().enumerate() {
			let full_url = entry.get("fullUrl").and_then(Value::as_str).map(str::to_owned);
			let local = entry.get("resource").and_then(reference_of);
			for name in full_url.into_iter().chain(local) {
				index.entry(name).or_insert(number);
			}
		}
		Self(index)
	}

	fn find(&self, reference: &str) -> Option<usize> {
		// A reference may name a version; the bundle has one of each.
		let reference = reference.split("/_history/").next().unwrap_or(reference);
		self.0.get(reference).copied()
	}
}

struct Found<'a> {
	resource: Resource<'a>,
	/// Entries that it refers to.
	links: BTreeSet<usize>,
}

struct Security {
	confidentiality: Option<Confidentiality>,
	labels: SensitivitySet,
	ignored: Vec<String>,
}

struct Period {
	from: Option<Month>,
	to: Option<Month>,
}

/// Reads one resource.
struct Reader<'a> {
	resource: &'a Value,
	at: String,
	index: &'a Index,
	entries: &'a [Value],
}

impl Reader<'_> {
	fn malformed(&self, path: &str, message: &str) -> Error {
		Error::refused("MalformedFhir", format!("{}{path}", self.at), message)
	}

	/// Checks what every resource must be, and answers its type.
	fn check(&self) -> Result<ResourceType> {
		let name = self
			.resource
			.get("resourceType")
			.and_then(Value::as_str)
			.ok_or_else(|| self.malformed("/resourceType", "expected the name of a resource type"))?;
		let resource_type = ResourceType::from_code(name).ok_or_else(|| {
			let message = format!("{name:?} is no FHIR R4 resource type that can be in a patient's records");
			Error::refused("UnknownResourceType", format!("{}/resourceType", self.at), message)
		})?;
		check_shape(self.resource, &self.at)?;
		if let Some(id) = self.resource.get("id") {
			let valid = id.as_str().is_some_and(|id| {
				id.len() <= 64 && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'))
			});
			if !valid {
				return Err(self.malformed("/id", "expected at most 64 letters, digits, hyphens and dots"));
			}
		}
		let known = REQUIRED.iter().find(|(of, _)| *of == resource_type);
		let objects = if known.is_some() { OBJECTS } else { &OBJECTS[..1] };
		if let Some(name) =
			objects.iter().find(|name| self.resource.get(**name).is_some_and(|value| !value.is_object()))
		{
			return Err(self.malformed(&format!("/{name}"), "expected an object"));
		}
		let required = known.map_or(&[][..], |(_, names)| names);
		match required.iter().find(|name| self.resource.get(*name).is_none()) {
			Some(missing) => Err(self.malformed("", &format!("this {name} lacks `{missing}`, which R4 requires"))),
			None => Ok(resource_type),
		}
	}

	/// The labels of every coding in the resource: the table's, and codings that are labels themselves.
	fn coded(&self, table: &LabelTable) -> SensitivitySet {
		let mut labels = SensitivitySet::EMPTY;
		walk(self.resource, &mut |object| {
			if let (Some(Value::String(system)), Some(Value::String(code))) = (object.get("system"), object.get("code"))
			{
				labels = labels.union(table.labels(system, code));
				if let Some(label) = Sensitivity::from_code(code).filter(|_| is_system(system, ACT_CODE)) {
					labels = labels.with(label);
				}
			}
		});
		labels
	}

	fn links(&self) -> BTreeSet<usize> {
		let mut links = BTreeSet::new();
		walk(self.resource, &mut |object| {
			links.extend(object.get("reference").and_then(Value::as_str).and_then(|name| self.index.find(name)));
		});
		links
	}

	fn encounter(&self, number: usize, resource_type: ResourceType) -> Result<Option<String>> {
		let own = (resource_type == ResourceType::Encounter).then(|| self.named(number)).flatten();
		if own.is_some() {
			return Ok(own);
		}
		let mut found = BTreeSet::new();
		let mut take = |reference: Option<&Value>, path: &str| -> Result<()> {
			let Some(reference) = reference else { return Ok(()) };
			let Some(name) = reference.get("reference") else { return Ok(()) };
			let name = name
				.as_str()
				.ok_or_else(|| self.malformed(&format!("{path}/reference"), "expected a reference as text"))?;
			match self.index.find(name) {
				Some(target) if self.type_of(target) == Some(ResourceType::Encounter.code()) => {
					found.extend(self.named(target));
				}
				Some(_) => {}
				None if type_in(name).is_none_or(|type_name| type_name == ResourceType::Encounter.code()) => {
					found.insert(name.to_owned());
				}
				None => {}
			}
			Ok(())
		};
		take(self.resource.get("encounter"), "/encounter")?;
		take(self.resource.get("context"), "/context")?;
		let lists = [("/context/encounter", ""), ("/item", "/encounter")];
		for (list, inner) in lists {
			let items = self.resource.pointer(list).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
			for (number, item) in items.iter().enumerate() {
				let path = format!("{list}/{number}{inner}");
				match if inner.is_empty() { Some(item) } else { item.get("encounter") } {
					Some(Value::Array(several)) => {
						several.iter().try_for_each(|reference| take(Some(reference), &path))?
					}
					reference => take(reference, &path)?,
				}
			}
		}
		// What belongs to several encounters belongs to none of them alone.
		Ok(if found.len() == 1 { found.pop_first() } else { None })
	}

	/// How an entry is referred to.
	fn named(&self, entry: usize) -> Option<String> {
		let entry = self.entries.get(entry)?;
		let full_url = entry.get("fullUrl").and_then(Value::as_str).map(str::to_owned);
		full_url.or_else(|| entry.get("resource").and_then(reference_of))
	}

	fn type_of(&self, entry: usize) -> Option<&str> {
		self.entries.get(entry)?.pointer("/resource/resourceType")?.as_str()
	}

	fn period(&self, resource_type: ResourceType) -> Result<Period> {
		let unknown = Period { from: None, to: None };
		if STANDING.contains(&resource_type) {
			return Ok(unknown);
		}
		let mut spans = Vec::new();
		for name in DATES {
			let path = format!("/{name}");
			match self.resource.get(*name) {
				Some(Value::String(text)) => spans.push(self.date(text, &path)?),
				Some(Value::Object(period)) => spans.extend(self.period_of(period, &path)?),
				_ => {}
			}
		}
		let (Some(from), Some(to)) = (spans.iter().map(|span| span.from).min(), spans.iter().map(|span| span.to).max())
		else {
			return Ok(unknown);
		};
		Ok(Period {
			from: (from != i64::MIN).then(|| Month::containing(from)),
			to: (to != i64::MAX).then(|| Month::containing(to - 1)),
		})
	}

	fn period_of(&self, period: &Map<String, Value>, path: &str) -> Result<Option<Span>> {
		let side = |name: &str| match period.get(name) {
			Some(Value::String(text)) => self.date(text, &format!("{path}/{name}")).map(Some),
			Some(_) => Err(self.malformed(&format!("{path}/{name}"), "expected a date")),
			None => Ok(None),
		};
		let (start, end) = (side("start")?, side("end")?);
		if start.is_none() && end.is_none() {
			return Ok(None);
		}
		let span = Span { from: start.map_or(i64::MIN, |s| s.from), to: end.map_or(i64::MAX, |e| e.to) };
		if span.from >= span.to {
			return Err(self.malformed(path, "this period ends before it begins"));
		}
		Ok(Some(span))
	}

	fn date(&self, text: &str, path: &str) -> Result<Span> {
		parse_fhir(text).ok_or_else(|| self.malformed(path, "expected a FHIR date or dateTime"))
	}
}

/// The labels that a resource, or the whole bundle, says it has.
fn security_of(resource: &Value, at: &str) -> Result<Security> {
	let mut security = Security { confidentiality: None, labels: SensitivitySet::EMPTY, ignored: Vec::new() };
	let Some(labels) = resource.pointer("/meta/security") else { return Ok(security) };
	let at = format!("{at}/meta/security");
	let labels = labels.as_array().ok_or_else(|| Error::refused("MalformedFhir", &at, "expected an array"))?;
	for (number, label) in labels.iter().enumerate() {
		let at = pointer(&at, number);
		let Some(code) = label.get("code").and_then(Value::as_str) else {
			return Err(Error::refused("MalformedFhir", at, "expected a coding with a code"));
		};
		let system = label.get("system").and_then(Value::as_str).unwrap_or_default();
		let unknown = || {
			let message =
				format!("{code:?} is no code of {system} that can be kept: leaving it out would open the data");
			Error::refused("UnknownCode", pointer(&at, "code"), message)
		};
		let (level, sensitivity) = (Confidentiality::from_code(code), Sensitivity::from_code(code));
		// A label without a system counts if it reads as one: to overlook it would open the data.
		let bare = system.is_empty();
		if is_system(system, CONFIDENTIALITY) || bare && level.is_some() {
			security.confidentiality = security.confidentiality.max(Some(level.ok_or_else(unknown)?));
		} else if is_system(system, ACT_CODE) || bare && sensitivity.is_some() {
			match sensitivity {
				Some(label) => security.labels = security.labels.with(label),
				None if Obligation::from_code(code).is_some() => security.ignored.push(format!("{system}|{code}")),
				None => return Err(unknown()),
			}
		} else {
			security.ignored.push(format!("{system}|{code}"));
		}
	}
	Ok(security)
}

/// Visits every object in a value.
fn walk(value: &Value, visit: &mut impl FnMut(&Map<String, Value>)) {
	match value {
		Value::Object(members) => {
			visit(members);
			members.values().for_each(|member| walk(member, visit));
		}
		Value::Array(items) => items.iter().for_each(|item| walk(item, visit)),
		_ => {}
	}
}

/// The resource type in a relative or absolute reference; a URN has none.
fn type_in(reference: &str) -> Option<&str> {
	let mut steps = reference.split("/_history/").next().unwrap_or(reference).rsplit('/');
	let (_, type_name) = (steps.next()?, steps.next()?);
	ResourceType::from_code(type_name).map(|_| type_name)
}

/// A bundle is of one patient: it has one `Patient`, and nothing in it is about another.
fn check_patient(found: &[Found], index: &Index, entries: &[Value]) -> Result<()> {
	let mut patients = found.iter().filter(|found| found.resource.resource_type == ResourceType::Patient);
	if patients.next().is_none() {
		return Err(Error::refused("NoPatient", "/entry", "the bundle has no Patient: exactly one is needed"));
	}
	if let Some(second) = patients.next() {
		let at = format!("/entry/{}/resource", second.resource.entry);
		return Err(Error::refused(
			"SeveralPatients",
			at,
			"the bundle has a second Patient: split it, one patient each",
		));
	}
	for entry in found.iter().map(|found| found.resource.entry) {
		for name in ["subject", "patient", "beneficiary"] {
			let path = format!("/{name}/reference");
			let Some(reference) = entries[entry].get("resource").and_then(|resource| resource.pointer(&path)) else {
				continue;
			};
			let at = format!("/entry/{entry}/resource{path}");
			let Some(reference) = reference.as_str() else {
				return Err(Error::refused("MalformedFhir", at, "expected a reference as text"));
			};
			// The one Patient, or something else that is in the bundle or in the resource itself.
			let known = reference.starts_with('#') || index.find(reference).is_some();
			if !known && type_in(reference).is_none_or(|type_name| type_name == ResourceType::Patient.code()) {
				let message = format!("{reference:?} is not the patient of this bundle");
				return Err(Error::refused("AnotherPatient", at, message));
			}
		}
	}
	Ok(())
}

/// What makes data sensitive because of whose it is: labels that the patient carries for all of it, and their age.
fn label_by_patient(found: &mut [Found], entries: &[Value], table: &LabelTable) -> Result<()> {
	let patient = found.iter().find(|found| found.resource.resource_type == ResourceType::Patient);
	let Some(patient) = patient.map(|found| &found.resource) else { return Ok(()) };
	let celebrity = patient.labels.contains(Sensitivity::Cel);
	let at = format!("/entry/{}/resource/birthDate", patient.entry);
	let born = match entries[patient.entry].pointer("/resource/birthDate") {
		None => None,
		Some(date) => {
			let date = date.as_str().and_then(parse_fhir);
			Some(date.ok_or_else(|| Error::refused("MalformedFhir", at, "expected a FHIR date"))?)
		}
	};
	for resource in found.iter_mut().map(|found| &mut found.resource) {
		if celebrity {
			resource.labels = resource.labels.with(Sensitivity::Cel);
		}
		// Data from an unknown time may be from any.
		let from = resource.from.map_or(i64::MIN, Month::start);
		let to = resource.to.map_or(i64::MAX, |month| Month(month.0.saturating_add(1)).start());
		if let Some(born) = born.filter(|_| resource.from.is_some() || resource.to.is_some()) {
			let by_age = table.labels_of_age(resource.labels, born, Span { from, to });
			resource.labels = resource.labels.union(by_age);
		}
	}
	Ok(())
}

/// What refers to something sensitive tells of it: a report of its results, a claim of its diagnosis, a request of its
/// medication. An encounter is referred to by all that happened in it, so labels do not flow out of it.
fn spread_labels(found: &mut [Found]) {
	let by_entry: HashMap<usize, usize> =
		found.iter().enumerate().map(|(position, found)| (found.resource.entry, position)).collect();
	let flows = |resource_type| {
		!STANDING.contains(&resource_type)
			&& !matches!(resource_type, ResourceType::Encounter | ResourceType::EpisodeOfCare | ResourceType::CareTeam)
	};
	loop {
		let mut changed = false;
		for position in 0..found.len() {
			if STANDING.contains(&found[position].resource.resource_type) {
				continue;
			}
			let labels = found[position]
				.links
				.iter()
				.filter_map(|entry| by_entry.get(entry).map(|target| &found[*target].resource))
				.filter(|target| flows(target.resource_type))
				.fold(found[position].resource.labels, |labels, target| labels.union(target.labels));
			changed |= labels != found[position].resource.labels;
			found[position].resource.labels = labels;
		}
		if !changed {
			return;
		}
	}
}
