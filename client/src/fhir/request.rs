//! `salus consent decide`: the access decision on documents, without a chain.
//!
//! Names in documents and requests (`Practitioner/p1`, `Organization/o1`, `Observation/o9`, `Encounter/e1`) are compared
//! as they are written. Facts that a request leaves out are unknown to the decision: they fail permits and meet denials.
//!
//! The actor is a member of `actor.org` in good standing unless `context.standing` says otherwise, at an organisation
//! accredited as provider unless `context.org_roles` says otherwise. `actor.roles` may hold member roles (`clinician`,
//! `researcher` …), which then count, and FHIR participations (`PRCP`, `IRCP` …), which say nothing about a membership:
//! without a member role the actor counts as a clinician. Without `actor.org` and `context.standing` the actor never was
//! a member.
//!
//! | `context` | |
//! |---|---|
//! | `patient` | whether the actor is the patient |
//! | `guardian` | `scope`, `from`, `until`: the actor's guardianship |
//! | `glass` | `until`: the actor's open emergency access |
//! | `break_glass` | `allowed` (unless stated) or `forbidden` |
//! | `standing`, `member_until`, `org_roles` | the actor's membership |
//! | `default_policy` | `deny` (unless stated) or `normal-for-treatment` |
//! | `care` | `true`, or `until`: the care relationship with the actor's organisation |
//! | `status` | the record's: `active` (unless stated), `amended`, `restricted`, `entered-in-error`, `shredded` |
//! | `agreements` | the custodian shares under agreements only, and has these with the actor's organisation: `purposes`, `resource_types`, `obligations`, `from`, `until` |
//! | `authority` | by the consent's id, `from` and `until`: of the guardian who gave it |

use super::{
	consent::{import_json, Imported},
	names::{AsWritten, Resolver},
	parse_json, pointer,
	time::{parse_fhir, parse_rfc3339, to_rfc3339},
};
use crate::{Error, Result};
use salus_primitives::{
	consent::{
		decide as judge, BreakGlass, Candidate, Decision, DefaultPolicy, Facts, GuardianScope, Membership, Period,
		RecordStatus, Request, Resource, Sharing, Standing,
	},
	Action, Confidentiality, DataPeriod, MemberRole, MemberRoleSet, Moment, Obligation, ObligationSet, OrgId, OrgRole,
	OrgRoleSet, Purpose, PurposeSet, ResourceType, ResourceTypeSet, Sensitivity, SensitivitySet,
};
use serde_json::{json, Map, Value};
use std::collections::BTreeMap;

/// All that a decision takes but the moment, read from documents.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Setting {
	/// The request.
	pub request: Request,
	/// What is known besides the consents.
	pub facts: Facts,
	/// The consents, in the order of the documents.
	pub imported: Vec<Imported>,
	/// Of each consent, the grantor's authority, if a guardian granted it.
	pub authorities: Vec<Option<Period>>,
	/// Of each consent, which document it is from.
	documents: Vec<usize>,
}

impl Setting {
	/// Reads FHIR consents and a request.
	pub fn read(consents: &[Value], request: &Value, names: &mut impl Resolver) -> Result<Self> {
		let mut imported: Vec<Imported> = Vec::new();
		let mut documents = Vec::new();
		let mut count = 0;
		for (number, json) in consents.iter().enumerate() {
			let more = import_json(json, names).map_err(|e| in_file(e, number, consents.len()))?;
			for (position, consent) in more.iter().enumerate() {
				// One document may be several consents, one after the other.
				count += usize::from(position == 0 || consent.at != more[position - 1].at);
				documents.push(count - 1);
			}
			imported.extend(more);
		}
		let patients: Vec<_> =
			imported.iter().filter_map(|consent| Some((consent.patient.as_ref()?, &consent.at))).collect();
		if let Some((_, at)) = patients.iter().find(|(patient, _)| *patient != patients[0].0) {
			return Err(Error::refused(
				"AnotherPatient",
				pointer(at, "patient"),
				"all consents must be of one patient",
			));
		}
		let Asked { request, facts, mut authorities } = read_request(request, names)?;
		let found: Vec<_> =
			imported.iter().map(|consent| consent.id.as_ref().and_then(|id| authorities.get(id)).copied()).collect();
		authorities.retain(|id, _| !imported.iter().any(|consent| consent.id.as_ref() == Some(id)));
		if let Some(id) = authorities.keys().next() {
			let at = format!("/context/authority{}", pointer("", id));
			return Err(Error::refused("NotFound", at, "no consent has this id"));
		}
		Ok(Self { request, facts, imported, authorities: found, documents })
	}

	/// The decision at a moment; it names consents by their position and rules by that in the consent.
	pub fn decide(&self, now: Moment) -> Decision {
		let candidates: Vec<Candidate> = self
			.imported
			.iter()
			.zip(&self.authorities)
			.enumerate()
			.map(|(id, (from, authority))| Candidate {
				id: id as u32,
				consent: from.consent.clone(),
				authority: *authority,
			})
			.collect();
		judge(&self.request, &self.facts, &candidates, now)
	}

	/// A decision as the documents name things: what `salus consent decide` prints.
	pub fn answer(&self, decision: &Decision) -> Value {
		let position = decision.consent.map(|id| id as usize);
		let from = position.and_then(|position| self.imported.get(position));
		let consent = position.map(|position| {
			let named = self.imported.get(position).and_then(|from| from.id.clone());
			named.map_or_else(|| json!(self.documents.get(position)), Value::String)
		});
		let rule =
			decision.rule.map(|rule| from.and_then(|from| from.rules.get(rule as usize)).copied().unwrap_or(rule));
		json!({
			"effect": decision.effect,
			"reason": decision.reason,
			"consent": consent,
			"rule": rule,
			"obligations": decision.obligations,
			"valid_until": decision.valid_until.and_then(to_rfc3339),
		})
	}
}

/// Decides a request (JSON) from FHIR consents (JSON each), at a moment. The answer is the JSON that
/// `salus consent decide` prints.
pub fn decide(consents: &[String], request: &str, now: Moment) -> Result<Value> {
	let parse = |text: &str| parse_json(text.strip_prefix('\u{feff}').unwrap_or(text));
	let parsed = consents.iter().enumerate();
	let parsed = parsed
		.map(|(number, text)| parse(text).map_err(|e| in_file(e, number, consents.len())))
		.collect::<Result<Vec<_>>>()?;
	let request = parse(request)?;
	let setting = Setting::read(&parsed, &request, &mut AsWritten::default())?;
	Ok(setting.answer(&setting.decide(now)))
}

/// Says which of several files was refused.
fn in_file(e: Error, number: usize, files: usize) -> Error {
	match e {
		Error::Refused { code, at, message } if files > 1 => {
			Error::Refused { code, at, message: format!("consent file {}: {message}", number + 1) }
		}
		e => e,
	}
}

/// What a request says.
struct Asked {
	request: Request,
	facts: Facts,
	/// The authority of guardians, by the id of what they consented to.
	authorities: BTreeMap<String, Period>,
}

fn read_request(json: &Value, names: &mut impl Resolver) -> Result<Asked> {
	let root = Object::of(json, String::new(), &["actor", "purpose", "action", "resource", "context"])?;
	let actor = root.object("actor", &["id", "org", "roles"])?.ok_or_else(|| root.missing("actor"))?;
	let org = actor.name("org", |name| names.organisation(name))?;
	let mut roles = MemberRoleSet::EMPTY;
	for (number, role) in actor.list("roles")?.iter().flatten().enumerate() {
		match MemberRole::from_code(role) {
			Some(role) => roles = roles.with(role),
			// HL7's participations are capitals.
			None if !role.is_empty() && role.bytes().all(|b| b.is_ascii_uppercase()) => {}
			None => return Err(unknown_code(&pointer(&pointer(&actor.at, "roles"), number), role)),
		}
	}
	if roles.is_empty() {
		roles = MemberRoleSet::of(&[MemberRole::Clinician]);
	}

	let described = root
		.object(
			"resource",
			&["id", "type", "confidentiality", "labels", "from", "to", "author", "custodian", "encounter"],
		)?
		.ok_or_else(|| root.missing("resource"))?;
	let labels: Option<SensitivitySet> = described.codes("labels", Sensitivity::from_code)?;
	let unresolvable = || {
		let message = "labels cannot be compared here: it takes the patient's label key";
		Error::refused("UnresolvableLabels", pointer(&described.at, "labels"), message)
	};
	let resource = Resource {
		record: described.name("id", |name| names.record(name))?,
		resource_type: described.code("type", ResourceType::from_code)?.ok_or_else(|| described.missing("type"))?,
		confidentiality: described.code("confidentiality", Confidentiality::from_code)?,
		labels: labels.map(|labels| names.labels(labels).ok_or_else(unresolvable)).transpose()?,
		period: data_period(&described)?,
		author: described.name("author", |name| names.account(name))?,
		custodian: described.name("custodian", |name| names.organisation(name))?,
		episode: described.name("encounter", |name| names.episode(name))?,
	};
	let request = Request {
		actor: actor.name("id", |name| names.account(name))?.ok_or_else(|| actor.missing("id"))?,
		purpose: root.code("purpose", Purpose::from_code)?.ok_or_else(|| root.missing("purpose"))?,
		action: root.code("action", Action::from_code)?.ok_or_else(|| root.missing("action"))?,
		resource,
	};
	let context = root.object(
		"context",
		&[
			"patient",
			"guardian",
			"glass",
			"break_glass",
			"standing",
			"member_until",
			"org_roles",
			"default_policy",
			"care",
			"status",
			"agreements",
			"authority",
		],
	)?;
	let (facts, authorities) = read_context(context.as_ref(), org, roles)?;
	Ok(Asked { request, facts, authorities })
}

/// Data whose beginning or end is not known is from an unknown time.
fn data_period(described: &Object) -> Result<Option<DataPeriod>> {
	let side = |name: &str| {
		let text = described.text(name)?;
		let refused = || Error::refused("Malformed", pointer(&described.at, name), "expected a FHIR date or dateTime");
		text.map(|text| parse_fhir(text).ok_or_else(refused)).transpose()
	};
	match (side("from")?, side("to")?) {
		(Some(from), Some(to)) if from.from >= to.to => {
			Err(Error::refused("InvertedPeriod", pointer(&described.at, "to"), "the data ends before it begins"))
		}
		(Some(from), Some(to)) => Ok(Some(DataPeriod { from: from.from, to: to.to })),
		_ => Ok(None),
	}
}

fn read_context(
	context: Option<&Object>,
	org: Option<OrgId>,
	roles: MemberRoleSet,
) -> Result<(Facts, BTreeMap<String, Period>)> {
	let mut facts = Facts { break_glass: BreakGlass::Allowed, ..Facts::none() };
	let mut membership = Membership {
		// Nobody else is a member of an organisation that was not named.
		org: org.unwrap_or(AsWritten::NO_ORGANISATION),
		roles,
		org_roles: OrgRoleSet::of(&[OrgRole::Provider]),
		until: None,
	};
	let Some(context) = context else {
		if org.is_some() {
			facts.standing = Standing::Active(membership);
		}
		return Ok((facts, BTreeMap::new()));
	};
	membership.until = context.moment("member_until")?;
	membership.org_roles = context.codes("org_roles", OrgRole::from_code)?.unwrap_or(membership.org_roles);
	facts.standing = match context.text("standing")? {
		None if org.is_none() => Standing::Never,
		None | Some("active") => Standing::Active(membership),
		Some("inactive") => Standing::Inactive,
		Some("none") => Standing::Never,
		Some(code) => return Err(unknown_code(&pointer(&context.at, "standing"), code)),
	};
	facts.is_patient = context.flag("patient")?.unwrap_or(false);
	if let Some(guardian) = context.object("guardian", &["scope", "from", "until"])? {
		let scope = guardian
			.code("scope", |code| match code {
				"full" => Some(GuardianScope::Full),
				"consent-only" => Some(GuardianScope::ConsentOnly),
				"read-only" => Some(GuardianScope::ReadOnly),
				_ => None,
			})?
			.ok_or_else(|| guardian.missing("scope"))?;
		facts.guardian = Some((scope, guardian.period()?));
	}
	if let Some(glass) = context.object("glass", &["until"])? {
		facts.glass = Some(glass.moment("until")?.ok_or_else(|| glass.missing("until"))?);
	}
	facts.break_glass = context
		.code("break_glass", |code| match code {
			"allowed" => Some(BreakGlass::Allowed),
			"forbidden" => Some(BreakGlass::Forbidden),
			_ => None,
		})?
		.unwrap_or(facts.break_glass);
	facts.default_policy = context
		.code("default_policy", |code| match code {
			"deny" => Some(DefaultPolicy::Deny),
			"normal-for-treatment" => Some(DefaultPolicy::NormalForTreatment),
			_ => None,
		})?
		.unwrap_or_default();
	facts.care = match context.get("care") {
		None | Some(Value::Bool(false)) => None,
		// How long it stays open is not told; an end beyond all time is none to report.
		Some(Value::Bool(true)) => Some(Moment::MAX),
		Some(value) => {
			let care = Object::of(value, pointer(&context.at, "care"), &["until"])?;
			Some(care.moment("until")?.unwrap_or(Moment::MAX))
		}
	};
	facts.status = context
		.code("status", |code| match code {
			"active" => Some(RecordStatus::Active),
			"amended" => Some(RecordStatus::Amended),
			"restricted" => Some(RecordStatus::Restricted),
			"entered-in-error" => Some(RecordStatus::EnteredInError),
			"shredded" => Some(RecordStatus::Shredded),
			_ => None,
		})?
		.unwrap_or(RecordStatus::Active);
	if let Some(value) = context.get("agreements") {
		let items = value.as_array().ok_or_else(|| context.malformed("agreements", "a list of agreements"))?;
		facts.agreement_required = true;
		for (number, item) in items.iter().enumerate() {
			let at = pointer(&pointer(&context.at, "agreements"), number);
			let agreement = Object::of(item, at, &["purposes", "resource_types", "obligations", "from", "until"])?;
			facts.agreements.push(Sharing {
				purposes: agreement.codes::<_, PurposeSet>("purposes", Purpose::from_code)?,
				resource_types: agreement.codes::<_, ResourceTypeSet>("resource_types", ResourceType::from_code)?,
				obligations: agreement
					.codes::<_, ObligationSet>("obligations", Obligation::from_code)?
					.unwrap_or_default(),
				period: agreement.period()?,
			});
		}
	}
	let mut authorities = BTreeMap::new();
	if let Some(value) = context.get("authority") {
		let members = value.as_object().ok_or_else(|| context.malformed("authority", "an object by consent"))?;
		for (id, value) in members {
			let at = pointer(&pointer(&context.at, "authority"), id);
			authorities.insert(id.clone(), Object::of(value, at, &["from", "until"])?.period()?);
		}
	}
	Ok((facts, authorities))
}

/// An object whose members are all known.
struct Object<'a> {
	members: &'a Map<String, Value>,
	at: String,
}

impl<'a> Object<'a> {
	fn of(value: &'a Value, at: String, known: &[&str]) -> Result<Self> {
		let Some(members) = value.as_object() else {
			return Err(Error::refused("Malformed", at, "expected an object"));
		};
		match members.keys().find(|name| !known.contains(&name.as_str())) {
			Some(stray) => {
				let message = format!("`{stray}` is no member of a request: {} are", known.join(", "));
				Err(Error::refused("UnsupportedElement", pointer(&at, stray), message))
			}
			None => Ok(Self { members, at }),
		}
	}

	/// A member; `null` is as if it were left out.
	fn get(&self, name: &str) -> Option<&'a Value> {
		self.members.get(name).filter(|value| !value.is_null())
	}

	fn malformed(&self, name: &str, expected: &str) -> Error {
		Error::refused("Malformed", pointer(&self.at, name), format!("expected {expected}"))
	}

	fn missing(&self, name: &str) -> Error {
		Error::refused("Missing", self.at.clone(), format!("`{name}` is missing"))
	}

	fn object(&self, name: &str, known: &[&str]) -> Result<Option<Object<'a>>> {
		self.get(name).map(|value| Object::of(value, pointer(&self.at, name), known)).transpose()
	}

	fn text(&self, name: &str) -> Result<Option<&'a str>> {
		self.get(name).map(|value| value.as_str().ok_or_else(|| self.malformed(name, "text"))).transpose()
	}

	fn flag(&self, name: &str) -> Result<Option<bool>> {
		self.get(name).map(|value| value.as_bool().ok_or_else(|| self.malformed(name, "true or false"))).transpose()
	}

	fn list(&self, name: &str) -> Result<Option<Vec<&'a str>>> {
		let Some(value) = self.get(name) else { return Ok(None) };
		let items = value.as_array().and_then(|items| items.iter().map(Value::as_str).collect::<Option<Vec<_>>>());
		items.map(Some).ok_or_else(|| self.malformed(name, "a list of codes"))
	}

	fn code<T>(&self, name: &str, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>> {
		let Some(code) = self.text(name)? else { return Ok(None) };
		parse(code).map(Some).ok_or_else(|| unknown_code(&pointer(&self.at, name), code))
	}

	/// A set of codes; an empty list is an empty set.
	fn codes<T, S: FromIterator<T>>(&self, name: &str, parse: impl Fn(&str) -> Option<T>) -> Result<Option<S>> {
		let Some(codes) = self.list(name)? else { return Ok(None) };
		let at = |number: usize| pointer(&pointer(&self.at, name), number);
		let found =
			codes.iter().enumerate().map(|(number, code)| parse(code).ok_or_else(|| unknown_code(&at(number), code)));
		found.collect::<Result<S>>().map(Some)
	}

	/// What a name stands for.
	fn name<T>(&self, name: &str, resolve: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>> {
		let Some(text) = self.text(name)? else { return Ok(None) };
		let unresolved = || {
			let message = format!("{text} is not known here");
			Error::refused("UnresolvableReference", pointer(&self.at, name), message)
		};
		resolve(text).map(Some).ok_or_else(unresolved)
	}

	/// The members `from` and `until`.
	fn period(&self) -> Result<Period> {
		let period = Period { from: self.moment("from")?.unwrap_or(0), until: self.moment("until")? };
		match period.until {
			Some(until) if until <= period.from => {
				Err(Error::refused("InvertedPeriod", pointer(&self.at, "until"), "this period ends before it begins"))
			}
			_ => Ok(period),
		}
	}

	fn moment(&self, name: &str) -> Result<Option<Moment>> {
		let Some(text) = self.text(name)? else { return Ok(None) };
		let moment = parse_rfc3339(text).and_then(|moment| Moment::try_from(moment).ok());
		moment.map(Some).ok_or_else(|| self.malformed(name, "a moment as in RFC 3339, not before 1970"))
	}
}

fn unknown_code(at: &str, code: &str) -> Error {
	Error::refused("UnknownCode", at, format!("{code:?} is no code that is known here"))
}
