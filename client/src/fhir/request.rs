//! `salus consent decide`: the access decision on documents, without a chain.
//!
//! Names in documents and requests (`Practitioner/p1`, `Organization/o1`, `Observation/o9`, `Encounter/e1`) are compared
//! as they are written. Facts that a request leaves out are unknown to the decision: they fail permits and meet denials.
//!
//! The actor is a member of `actor.org` in good standing unless `context.standing` says otherwise, at an organisation
//! accredited as provider. `actor.roles` may hold member roles (`clinician`, `researcher` …), which then count, and FHIR
//! participations (`PRCP`, `IRCP` …), which say nothing about a membership: without a member role the actor counts as a
//! clinician. Without `actor.org` and `context.standing` the actor never was a member.

use super::{
	consent::{import, Imported, Resolver},
	parse_json, pointer,
	time::{parse_fhir, parse_rfc3339, to_rfc3339},
};
use crate::{crypto::digest, Error, Result};
use salus_primitives::{
	consent::{
		decide as judge, BreakGlass, Candidate, DefaultPolicy, Facts, GuardianScope, Membership, Period, Request,
		Resource, Standing,
	},
	AccountId, Action, Confidentiality, DataPeriod, Episode, MemberRole, MemberRoleSet, Moment, OrgId, OrgRole,
	OrgRoleSet, Purpose, RecordId, ResourceType, Sensitivity, SensitivitySet,
};
use serde_json::{json, Map, Value};
use std::collections::HashMap;

/// Names as they are written: accounts, records and encounters by their hash, organisations counted.
#[derive(Default)]
struct AsWritten {
	organisations: HashMap<String, OrgId>,
}

impl Resolver for AsWritten {
	fn account(&mut self, reference: &str) -> Option<AccountId> {
		Some(AccountId::new(digest(&[b"account", reference.as_bytes()]).0))
	}

	fn organisation(&mut self, reference: &str) -> Option<OrgId> {
		let next = self.organisations.len() as OrgId;
		Some(*self.organisations.entry(reference.to_owned()).or_insert(next))
	}

	fn record(&mut self, reference: &str) -> Option<RecordId> {
		Some(RecordId(digest(&[b"record", reference.as_bytes()]).0))
	}

	fn episode(&mut self, reference: &str) -> Option<Episode> {
		let hash = digest(&[b"episode", reference.as_bytes()]).0;
		hash.first_chunk().copied().map(Episode)
	}

	fn labels(&mut self, labels: SensitivitySet) -> u32 {
		labels.0
	}
}

/// Decides a request (JSON) from FHIR consents (JSON each), at a moment. The answer is the JSON that
/// `salus consent decide` prints.
pub fn decide(consents: &[String], request: &str, now: Moment) -> Result<Value> {
	let mut names = AsWritten::default();
	let mut imported: Vec<Imported> = Vec::new();
	for (number, text) in consents.iter().enumerate() {
		let more = import(text, &mut names).map_err(|e| match e {
			Error::Refused { code, at, message } if consents.len() > 1 => {
				Error::Refused { code, at, message: format!("consent file {}: {message}", number + 1) }
			}
			e => e,
		})?;
		imported.extend(more);
	}
	let patients: Vec<_> =
		imported.iter().filter_map(|consent| Some((consent.patient.as_ref()?, &consent.at))).collect();
	if let Some((_, at)) = patients.iter().find(|(patient, _)| *patient != patients[0].0) {
		return Err(Error::refused("AnotherPatient", pointer(at, "patient"), "all consents must be of one patient"));
	}

	let (request, facts) = read_request(request, &mut names)?;
	let candidates: Vec<Candidate> = imported
		.iter()
		.enumerate()
		.map(|(id, from)| Candidate { id: id as u32, consent: from.consent.clone(), authority: None })
		.collect();
	let decision = judge(&request, &facts, &candidates, now);
	let consent = decision.consent.map(|id| {
		let named = imported.get(id as usize).and_then(|from| from.id.clone());
		named.map_or_else(|| json!(id), Value::String)
	});
	Ok(json!({
		"effect": decision.effect,
		"reason": decision.reason,
		"consent": consent,
		"rule": decision.rule,
		"obligations": decision.obligations,
		"valid_until": decision.valid_until.and_then(to_rfc3339),
	}))
}

fn read_request(text: &str, names: &mut AsWritten) -> Result<(Request, Facts)> {
	let json = parse_json(text.strip_prefix('\u{feff}').unwrap_or(text))?;
	let root = Object::of(&json, String::new(), &["actor", "purpose", "action", "resource", "context"])?;
	let actor = root.object("actor", &["id", "org", "roles"])?.ok_or_else(|| root.missing("actor"))?;
	let id = actor.text("id")?.ok_or_else(|| actor.missing("id"))?;
	let org = actor.text("org")?.and_then(|name| names.organisation(name));
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
	let labels = described
		.list("labels")?
		.map(|codes| {
			let label = |(number, code): (usize, &&str)| {
				let at = pointer(&pointer(&described.at, "labels"), number);
				Sensitivity::from_code(code).ok_or_else(|| unknown_code(&at, code))
			};
			codes.iter().enumerate().map(label).collect::<Result<SensitivitySet>>()
		})
		.transpose()?;
	let resource = Resource {
		record: described.text("id")?.and_then(|id| names.record(id)),
		resource_type: described.code("type", ResourceType::from_code)?.ok_or_else(|| described.missing("type"))?,
		confidentiality: described.code("confidentiality", Confidentiality::from_code)?,
		labels: labels.map(|labels| labels.0),
		period: data_period(&described)?,
		author: described.text("author")?.and_then(|name| names.account(name)),
		custodian: described.text("custodian")?.and_then(|name| names.organisation(name)),
		episode: described.text("encounter")?.and_then(|name| names.episode(name)),
	};
	let request = Request {
		actor: names.account(id).ok_or_else(|| actor.missing("id"))?,
		purpose: root.code("purpose", Purpose::from_code)?.ok_or_else(|| root.missing("purpose"))?,
		action: root.code("action", Action::from_code)?.ok_or_else(|| root.missing("action"))?,
		resource,
	};

	let members = ["patient", "guardian", "glass", "standing", "default_policy", "care"];
	let context = root.object("context", &members)?;
	let facts = read_facts(context.as_ref(), org, roles)?;
	Ok((request, facts))
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

fn read_facts(context: Option<&Object>, org: Option<OrgId>, roles: MemberRoleSet) -> Result<Facts> {
	// Nobody else is a member of an organisation that was not named.
	let membership = |org: Option<OrgId>| Membership {
		org: org.unwrap_or(OrgId::MAX),
		roles,
		org_roles: OrgRoleSet::of(&[OrgRole::Provider]),
		until: None,
	};
	let mut facts = Facts { break_glass: BreakGlass::Allowed, ..Facts::none() };
	if org.is_some() {
		facts.standing = Standing::Active(membership(org));
	}
	let Some(context) = context else { return Ok(facts) };
	match context.text("standing")? {
		None => {}
		Some("active") => facts.standing = Standing::Active(membership(org)),
		Some("inactive") => facts.standing = Standing::Inactive,
		Some("none") => facts.standing = Standing::Never,
		Some(code) => return Err(unknown_code(&pointer(&context.at, "standing"), code)),
	}
	facts.is_patient = context.flag("patient")?.unwrap_or(false);
	if let Some(guardian) = context.object("guardian", &["scope", "until"])? {
		let scope = guardian
			.code("scope", |code| match code {
				"full" => Some(GuardianScope::Full),
				"consent-only" => Some(GuardianScope::ConsentOnly),
				"read-only" => Some(GuardianScope::ReadOnly),
				_ => None,
			})?
			.ok_or_else(|| guardian.missing("scope"))?;
		facts.guardian = Some((scope, Period { from: 0, until: guardian.moment("until")? }));
	}
	if let Some(glass) = context.object("glass", &["until"])? {
		facts.glass = Some(glass.moment("until")?.ok_or_else(|| glass.missing("until"))?);
	}
	facts.default_policy = context
		.code("default_policy", |code| match code {
			"deny" => Some(DefaultPolicy::Deny),
			"normal-for-treatment" => Some(DefaultPolicy::NormalForTreatment),
			_ => None,
		})?
		.unwrap_or_default();
	// How long it stays open is not told; an end beyond all time is none to report.
	facts.care = context.flag("care")?.unwrap_or(false).then_some(Moment::MAX);
	Ok(facts)
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

	fn moment(&self, name: &str) -> Result<Option<Moment>> {
		let Some(text) = self.text(name)? else { return Ok(None) };
		let moment = parse_rfc3339(text).and_then(|moment| Moment::try_from(moment).ok());
		moment.map(Some).ok_or_else(|| self.malformed(name, "a moment as in RFC 3339, not before 1970"))
	}
}

fn unknown_code(at: &str, code: &str) -> Error {
	Error::refused("UnknownCode", at, format!("{code:?} is no code that is known here"))
}
