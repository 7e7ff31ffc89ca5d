//! FHIR R4 `Consent` documents as consents of the chain. What cannot be taken exactly is refused, with a pointer.
//!
//! **The base.** `provision.type` of the root says whether the consent permits or denies what its root describes
//! (R4's text forbids it there, profiles and servers use it); else `policyRule` with OPTIN (also OPTINR) or OPTOUT (also
//! OPTOUTE) does, for everything. Both must not contradict each other. Without a `type`, conditions on the root could
//! limit the base or except from it, and a nested permit under OPTIN could narrow it: `AmbiguousBase`.
//!
//! **Rules.** Every nested provision becomes one rule, counted in document order. It inherits what it does not state
//! and replaces what it does. Denials win over permits here, so a permit within a nested denial is `TooDeep`, and so is a
//! denial within a nested permit that would reach into another permit.
//!
//! **Conditions.**
//!
//! | FHIR | condition |
//! |---|---|
//! | `actor`, role PRCP or IRCP | actors: a person or device by account, an `Organization` as a whole |
//! | `actor`, role CST | custodians (`Organization`) |
//! | `actor`, role AUT; `data.meaning` authoredby | authors |
//! | `purpose`, `action` | purposes of use, actions |
//! | `securityLabel`, v3-Confidentiality | confidentiality: a permit reaches up to the highest named, a denial from the lowest named |
//! | `securityLabel`, v3-ActCode | sensitivity labels, with all that they subsume; on a permit, obligations |
//! | `class`, resource types | resource types |
//! | `dataPeriod` | when the data is from |
//! | `data.meaning` instance; related, of an encounter | records; the encounter |
//! | `period` of the root | when the consent is in force |

use super::{
	check_shape, is_system, parse_json, pointer,
	time::{parse_fhir, Span},
	ACT_CODE, ACT_REASON, CONFIDENTIALITY,
};
use crate::{Error, Result};
use salus_primitives::{
	consent::{
		ActorRef, Conditions, Consent, ConsentStatus, Effect, Rule, MAX_ACTORS, MAX_AUTHORS, MAX_CUSTODIANS,
		MAX_RECORDS, MAX_RULES,
	},
	AccountId, Action, ActionSet, Confidentiality, Episode, Moment, Obligation, ObligationSet, OrgId, Purpose,
	PurposeSet, RecordId, ResourceType, ResourceTypeSet, Sensitivity, SensitivitySet, H256,
};
use serde_json::Value;

const PARTICIPATION: &str = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
const CONSENT_ACTION: &str = "http://terminology.hl7.org/CodeSystem/consentaction";
const RESOURCE_TYPES: [&str; 2] = ["http://hl7.org/fhir/resource-types", "http://hl7.org/fhir/fhir-types"];

/// What names in a document stand for on a chain. `None` refuses the document.
pub trait Resolver {
	/// The account of a person or device, from `Practitioner/p1` and the like.
	fn account(&mut self, reference: &str) -> Option<AccountId>;
	/// An organisation, from `Organization/o1`.
	fn organisation(&mut self, reference: &str) -> Option<OrgId>;
	/// A record, from `Observation/o1` and the like.
	fn record(&mut self, reference: &str) -> Option<RecordId>;
	/// An encounter, from `Encounter/e1`.
	fn episode(&mut self, reference: &str) -> Option<Episode>;
	/// Labels as the decision compares them.
	fn labels(&mut self, labels: SensitivitySet) -> u32;
}

/// A consent and where it came from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Imported {
	/// `Consent.id`.
	pub id: Option<String>,
	/// Whose consent it is, as `Consent.patient` refers to them.
	pub patient: Option<String>,
	/// Pointer to the document.
	pub at: String,
	/// The consent.
	pub consent: Consent,
}

/// Reads a `Consent`, or a Bundle of them.
pub fn import(text: &str, names: &mut impl Resolver) -> Result<Vec<Imported>> {
	let json = parse_json(text.strip_prefix('\u{feff}').unwrap_or(text))?;
	match json.get("resourceType").and_then(Value::as_str) {
		Some("Consent") => Ok(vec![document(Node { value: &json, at: String::new() }, names)?]),
		Some("Bundle") => {
			let entries = json.get("entry").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
			let mut imported = Vec::new();
			for (number, entry) in entries.iter().enumerate() {
				let at = format!("/entry/{number}/resource");
				match entry.get("resource") {
					Some(value) if value.get("resourceType").and_then(Value::as_str) == Some("Consent") => {
						imported.push(document(Node { value, at }, names)?)
					}
					_ => return Err(Error::refused("NotAConsent", at, "expected a Consent")),
				}
			}
			Ok(imported)
		}
		_ => Err(Error::refused("NotAConsent", "/resourceType", "expected a FHIR Consent, or a Bundle of them")),
	}
}

/// A value and the pointer to it.
#[derive(Clone)]
struct Node<'a> {
	value: &'a Value,
	at: String,
}

impl<'a> Node<'a> {
	fn get(&self, name: &str) -> Option<Node<'a>> {
		self.value.get(name).map(|value| Node { value, at: pointer(&self.at, name) })
	}

	/// The items of an array member; none if it is missing.
	fn items(&self, name: &str) -> Result<Vec<Node<'a>>> {
		let Some(list) = self.get(name) else { return Ok(Vec::new()) };
		let items = list.value.as_array().ok_or_else(|| list.refused("Malformed", "expected an array"))?;
		let items = items.iter().enumerate();
		Ok(items.map(|(number, value)| Node { value, at: pointer(&list.at, number) }).collect())
	}

	fn text(&self) -> Result<&'a str> {
		self.value.as_str().ok_or_else(|| self.refused("Malformed", "expected text"))
	}

	fn required(&self, name: &str) -> Result<Node<'a>> {
		self.get(name).ok_or_else(|| self.refused("Missing", &format!("`{name}` is missing")))
	}

	/// System and code of a Coding.
	fn coding(&self) -> Result<(&'a str, &'a str)> {
		let system = self.get("system").map(|system| system.text()).transpose()?.unwrap_or_default();
		Ok((system, self.required("code")?.text()?))
	}

	/// The code of a CodeableConcept that belongs to a system; its other codings say the same in other systems.
	fn concept(&self, system: &str) -> Result<Node<'a>> {
		let codings = self.items("coding")?;
		let found = codings.iter().find(|coding| {
			let given = coding.value.get("system").and_then(Value::as_str);
			given.is_none_or(|given| is_system(given, system))
		});
		found
			.map(|coding| coding.required("code"))
			.unwrap_or_else(|| Err(self.refused("UnknownCode", &format!("expected a code of {system}"))))
	}

	/// Refuses members that are not known: one that is left out could narrow what is said.
	fn only(&self, known: &[&str]) -> Result<()> {
		let members = self.value.as_object().ok_or_else(|| self.refused("Malformed", "expected an object"))?;
		let stray = members.keys().find(|name| {
			let plain = name.strip_prefix('_').unwrap_or(name);
			!matches!(plain, "id" | "extension") && !known.contains(&plain)
		});
		match stray {
			None => Ok(()),
			Some(name) => Err(Error::refused(
				"UnsupportedElement",
				pointer(&self.at, name),
				format!("`{name}` cannot be taken here"),
			)),
		}
	}

	fn refused(&self, code: &'static str, message: &str) -> Error {
		Error::refused(code, self.at.clone(), message)
	}

	fn unknown_code(&self, code: &str) -> Error {
		self.refused("UnknownCode", &format!("{code:?} is no code that is known here"))
	}

	fn span(&self) -> Result<Span> {
		parse_fhir(self.text()?).ok_or_else(|| self.refused("Malformed", "expected a FHIR date or dateTime"))
	}

	/// A FHIR Period: both sides may be missing, the end is included as far as it is exact.
	fn period(&self) -> Result<(Option<i64>, Option<i64>)> {
		self.only(&["start", "end"])?;
		let start = self.get("start").map(|start| start.span()).transpose()?.map(|span| span.from);
		let end = self.get("end").map(|end| end.span()).transpose()?.map(|span| span.to);
		match (start, end) {
			(Some(start), Some(end)) if start >= end => {
				Err(self.refused("InvertedPeriod", "this period ends before it begins"))
			}
			_ => Ok((start, end)),
		}
	}

	/// The type and the text of a Reference within the same server.
	fn reference(&self) -> Result<(Option<ResourceType>, &'a str)> {
		self.only(&["reference", "type", "display", "identifier"])?;
		let refused = || {
			self.refused(
				"UnresolvableReference",
				"expected a relative reference like Practitioner/p1 or a URN with type",
			)
		};
		let name = self.get("reference").ok_or_else(refused)?.text()?;
		let stated = self.value.get("type").and_then(Value::as_str).and_then(ResourceType::from_code);
		if name.starts_with("urn:") {
			return stated.map(|stated| (Some(stated), name)).ok_or_else(refused);
		}
		match name.split_once('/') {
			Some((type_name, id)) if !id.is_empty() && !id.contains('/') && !type_name.contains(':') => {
				ResourceType::from_code(type_name).map(|found| (Some(found), name)).ok_or_else(refused)
			}
			_ => Err(refused()),
		}
	}
}

/// What a provision states, after inheritance.
#[derive(Clone, Default)]
struct Stated {
	actors: Option<Vec<ActorRef>>,
	custodians: Option<Vec<OrgId>>,
	authors: Option<Vec<AccountId>>,
	purposes: Option<PurposeSet>,
	actions: Option<ActionSet>,
	/// Lowest and highest level named.
	confidentiality: Option<(Confidentiality, Confidentiality)>,
	labels: Option<SensitivitySet>,
	obligations: ObligationSet,
	resource_types: Option<ResourceTypeSet>,
	records: Option<Vec<RecordId>>,
	episode: Option<Episode>,
	data: Option<(Option<i64>, Option<i64>)>,
}

/// Members of a provision that say what it applies to.
const CONDITIONS: [&str; 8] = ["actor", "action", "securityLabel", "purpose", "class", "code", "dataPeriod", "data"];

fn document(node: Node, names: &mut impl Resolver) -> Result<Imported> {
	check_shape(node.value, &node.at)?;
	if node.get("modifierExtension").is_some() {
		return Err(pointed(&node, "modifierExtension", "UnsupportedElement", "modifier extensions cannot be taken"));
	}
	if node.get("decision").is_some() || node.value.get("provision").is_some_and(Value::is_array) {
		let at = if node.get("decision").is_some() { "decision" } else { "provision" };
		return Err(pointed(&node, at, "UnsupportedDialect", "this is a Consent of FHIR R5; R4 is taken"));
	}
	if let Some(scope) = node.get("scope") {
		let code = scope.concept("http://terminology.hl7.org/CodeSystem/consentscope")?;
		if !matches!(code.text()?, "patient-privacy" | "research") {
			return Err(
				code.refused("UnsupportedScope", "consents to the use of data are taken: patient-privacy, research")
			);
		}
	}
	let status = status(&node.required("status")?)?;
	let policy = policy(&node)?;
	let root = node.get("provision");
	let base = base(&node, root.as_ref(), policy)?;

	let mut stated = Stated::default();
	let (mut start, mut end) = (None, None);
	let mut rules = Vec::new();
	if let Some(root) = &root {
		stated = state(root, base, None, names)?;
		if !stated.obligations.is_empty() {
			return Err(root.refused("UnsupportedObligation", "obligations are taken on a nested permit"));
		}
		if let Some(period) = root.get("period") {
			(start, end) = period.period()?;
		}
		let inside = Inside { effect: base, stated: &stated, nested: None, period: (start, end) };
		flatten(root, &inside, names, &mut rules)?;
	}
	check_exceptions(&rules)?;
	if rules.len() > MAX_RULES as usize {
		let at = root.as_ref().map(|root| pointer(&root.at, "provision")).unwrap_or_default();
		return Err(Error::refused("TooManyRules", at, format!("a consent has at most {MAX_RULES} rules")));
	}
	let at = root.as_ref().map_or(node.at.as_str(), |root| root.at.as_str());
	let conditions = conditions(&stated, base, at, names)?;
	let rules = rules
		.iter()
		.map(|rule| {
			let conditions = conditions_of(rule, names)?;
			Ok(Rule { effect: rule.effect, conditions, obligations: rule.stated.obligations })
		})
		.collect::<Result<Vec<_>>>()?;
	let patient = node.get("patient").and_then(|patient| patient.value.get("reference")).and_then(Value::as_str);
	let end = match end.map(Moment::try_from) {
		None => None,
		Some(Ok(end)) => Some(end),
		// Over before 1970: never in force at a time that can be asked for.
		Some(Err(_)) => Some(0),
	};
	let consent = Consent {
		grantor: patient.and_then(|patient| names.account(patient)).unwrap_or_else(|| AccountId::new([0; 32])),
		guardianship: None,
		base,
		root: conditions,
		rules: rules.try_into().map_err(|_| node.refused("TooManyRules", "a consent has at most 16 rules"))?,
		start: start.map_or(0, |start| Moment::try_from(start).unwrap_or(0)),
		end,
		status,
		supersedes: None,
		policy: H256::zero(),
		receipt: H256::zero(),
		erase_by: None,
	};
	Ok(Imported {
		id: node.value.get("id").and_then(Value::as_str).map(str::to_owned),
		patient: patient.map(str::to_owned),
		at: node.at,
		consent,
	})
}

fn pointed(node: &Node, name: &str, code: &'static str, message: &str) -> Error {
	Error::refused(code, pointer(&node.at, name), message)
}

fn status(node: &Node) -> Result<ConsentStatus> {
	Ok(match node.text()? {
		"active" => ConsentStatus::Active,
		"draft" | "proposed" => ConsentStatus::Proposed,
		"rejected" => ConsentStatus::Rejected,
		"inactive" => ConsentStatus::Withdrawn,
		"entered-in-error" => ConsentStatus::EnteredInError,
		code => return Err(node.unknown_code(code)),
	})
}

/// What `policyRule` says of the base, if it is one of the codes that say something.
fn policy(node: &Node) -> Result<Option<Effect>> {
	let Some(rule) = node.get("policyRule") else { return Ok(None) };
	let mut found = None;
	for coding in rule.items("coding")? {
		let effect = match coding.value.get("code").and_then(Value::as_str) {
			Some("OPTIN" | "OPTINR") => Effect::Permit,
			Some("OPTOUT" | "OPTOUTE") => Effect::Deny,
			_ => continue,
		};
		if found.is_some_and(|found| found != effect) {
			return Err(rule.refused("AmbiguousBase", "it opts in and out at once"));
		}
		found = Some(effect);
	}
	Ok(found)
}

fn effect(node: &Node) -> Result<Effect> {
	match node.text()? {
		"permit" => Ok(Effect::Permit),
		"deny" => Ok(Effect::Deny),
		code => Err(node.unknown_code(code)),
	}
}

fn base(node: &Node, root: Option<&Node>, policy: Option<Effect>) -> Result<Effect> {
	let typed = root.and_then(|root| root.get("type"));
	let Some(typed) = typed else {
		let Some(policy) = policy else {
			let at = root.map_or("policyRule".to_owned(), |_| "provision/type".to_owned());
			let at = format!("{}/{at}", node.at);
			return Err(Error::refused(
				"NoBase",
				at,
				"neither a policyRule of OPTIN or OPTOUT nor provision.type says what holds",
			));
		};
		let Some(root) = root else { return Ok(policy) };
		if let Some(name) = CONDITIONS.into_iter().find(|name| root.get(name).is_some()) {
			let message = "without provision.type this could limit the base or be an exception from it";
			return Err(pointed(root, name, "AmbiguousBase", message));
		}
		for nested in root.items("provision")? {
			if policy == Effect::Permit && nested.value.get("type").and_then(Value::as_str) == Some("permit") {
				let message = "everything is permitted already, so this permit could be meant to narrow it";
				return Err(pointed(&nested, "type", "AmbiguousBase", message));
			}
		}
		return Ok(policy);
	};
	let base = effect(&typed)?;
	if policy.is_some_and(|policy| policy != base) {
		return Err(typed.refused("AmbiguousBase", "policyRule says the opposite"));
	}
	Ok(base)
}

/// The provision that another one lies in.
struct Inside<'s> {
	effect: Effect,
	stated: &'s Stated,
	/// Its rule; `None` is the root.
	nested: Option<usize>,
	/// When the consent is in force.
	period: (Option<i64>, Option<i64>),
}

/// A rule before it is written down.
struct Draft {
	at: String,
	effect: Effect,
	stated: Stated,
	/// The rule that it lies in.
	parent: Option<usize>,
}

/// Takes the provisions within one, in document order, each before those within it.
fn flatten(node: &Node, inside: &Inside, names: &mut impl Resolver, rules: &mut Vec<Draft>) -> Result<()> {
	for nested in node.items("provision")? {
		let effect = effect(&nested.required("type")?)?;
		if let Some(period) = nested.get("period") {
			let (from, to) = period.period()?;
			let (start, end) = inside.period;
			let narrower = from.is_some_and(|from| start.is_none_or(|start| from > start))
				|| to.is_some_and(|to| end.is_none_or(|end| to < end));
			if narrower {
				let message = "only the whole consent can be limited in time, by the period of the root";
				return Err(period.refused("UnsupportedElement", message));
			}
		}
		if inside.nested.is_some() && inside.effect == Effect::Deny && effect == Effect::Permit {
			return Err(
				nested.refused("TooDeep", "a denial wins over every permit, so nothing can be permitted within one")
			);
		}
		let stated = state(&nested, effect, Some(inside), names)?;
		let number = rules.len();
		rules.push(Draft { at: nested.at.clone(), effect, stated: stated.clone(), parent: inside.nested });
		flatten(
			&nested,
			&Inside { effect, stated: &stated, nested: Some(number), period: inside.period },
			names,
			rules,
		)?;
	}
	Ok(())
}

/// A denial within a permit is an exception from that one; as a rule it reaches every permit. That is the same only
/// where the others share no data with it.
fn check_exceptions(rules: &[Draft]) -> Result<()> {
	for exception in rules.iter().filter(|rule| rule.effect == Effect::Deny && rule.parent.is_some()) {
		let mut above = Vec::new();
		let mut next = exception.parent;
		while let Some(number) = next {
			above.push(number);
			next = rules[number].parent;
		}
		let reached = rules.iter().enumerate().find(|(number, rule)| {
			rule.effect == Effect::Permit && !above.contains(number) && !disjoint(&rule.stated, &exception.stated)
		});
		if let Some((_, permit)) = reached {
			let message = format!("as a rule this exception would also reach the permit at {:?}", permit.at);
			return Err(Error::refused("TooDeep", exception.at.clone(), message));
		}
	}
	Ok(())
}

/// Whether two provisions certainly have nothing in common.
fn disjoint(one: &Stated, other: &Stated) -> bool {
	fn apart<T: PartialEq>(one: &Option<Vec<T>>, other: &Option<Vec<T>>) -> bool {
		matches!((one, other), (Some(one), Some(other)) if !one.iter().any(|item| other.contains(item)))
	}
	apart(&one.custodians, &other.custodians)
		|| apart(&one.authors, &other.authors)
		|| apart(&one.records, &other.records)
		|| matches!((one.resource_types, other.resource_types), (Some(one), Some(other)) if !one.intersects(other))
		|| matches!((one.actions, other.actions), (Some(one), Some(other)) if !one.intersects(other))
		|| matches!((one.episode, other.episode), (Some(one), Some(other)) if one != other)
}

/// What a provision states, on top of what the one around it does.
fn state(node: &Node, effect: Effect, inside: Option<&Inside>, names: &mut impl Resolver) -> Result<Stated> {
	node.only(&[
		"type",
		"period",
		"actor",
		"action",
		"securityLabel",
		"purpose",
		"class",
		"code",
		"dataPeriod",
		"data",
		"provision",
	])?;
	let mut own = Stated::default();
	state_actors(node, &mut own, names)?;
	for action in node.items("action")? {
		let code = action.concept(CONSENT_ACTION)?;
		let found =
			Action::from_code(code.text()?).ok_or_else(|| code.unknown_code(code.text().unwrap_or_default()))?;
		own.actions = Some(own.actions.unwrap_or_default().with(found));
	}
	for purpose in node.items("purpose")? {
		let (system, code) = purpose.coding()?;
		let found = Purpose::from_code(code).filter(|_| system.is_empty() || is_system(system, ACT_REASON));
		own.purposes = Some(own.purposes.unwrap_or_default().with(found.ok_or_else(|| purpose.unknown_code(code))?));
	}
	state_labels(node, effect, &mut own)?;
	for class in node.items("class")? {
		let (system, code) = class.coding()?;
		if !system.is_empty() && !RESOURCE_TYPES.contains(&system) {
			let message = format!("classes of {} are taken, not of {system}", RESOURCE_TYPES[0]);
			return Err(class.refused("UnsupportedClass", &message));
		}
		let found = ResourceType::from_code(code).ok_or_else(|| class.unknown_code(code))?;
		own.resource_types = Some(own.resource_types.unwrap_or_default().with(found));
	}
	if let Some(code) = node.get("code") {
		return Err(code.refused(
			"UnsupportedElement",
			"single codes in the data cannot be told apart: use class or securityLabel",
		));
	}
	own.data = node.get("dataPeriod").map(|period| period.period()).transpose()?.filter(|data| *data != (None, None));
	state_data(node, &mut own, names)?;
	inherit(node, own, effect, inside)
}

fn state_actors(node: &Node, own: &mut Stated, names: &mut impl Resolver) -> Result<()> {
	for actor in node.items("actor")? {
		actor.only(&["role", "reference"])?;
		let code = participation(&actor.required("role")?)?;
		let reference = actor.required("reference")?;
		let (found, name) = reference.reference()?;
		let organisation = found == Some(ResourceType::Organization);
		let person = matches!(
			found,
			Some(
				ResourceType::Practitioner
					| ResourceType::PractitionerRole
					| ResourceType::Patient
					| ResourceType::RelatedPerson
					| ResourceType::Device
			)
		);
		let unresolved = || reference.refused("UnresolvableReference", &format!("{name} is not known here"));
		match code {
			"CST" if organisation => {
				own.custodians.get_or_insert_default().push(names.organisation(name).ok_or_else(unresolved)?)
			}
			"AUT" if person => own.authors.get_or_insert_default().push(names.account(name).ok_or_else(unresolved)?),
			"PRCP" | "IRCP" if organisation => {
				let org = names.organisation(name).ok_or_else(unresolved)?;
				own.actors.get_or_insert_default().push(ActorRef::Org(org));
			}
			"PRCP" | "IRCP" if person => {
				let account = names.account(name).ok_or_else(unresolved)?;
				own.actors.get_or_insert_default().push(ActorRef::Account(account));
			}
			_ => {
				let message = format!("{name} cannot be an actor of role {code}");
				return Err(reference.refused("UnsupportedActor", &message));
			}
		}
	}
	Ok(())
}

/// The participation that an actor has.
fn participation<'a>(role: &Node<'a>) -> Result<&'a str> {
	let mut others = Vec::new();
	for coding in role.items("coding")? {
		let (system, code) = coding.coding()?;
		let known = matches!(code, "PRCP" | "IRCP" | "CST" | "AUT");
		if known && (system.is_empty() || is_system(system, PARTICIPATION)) {
			return Ok(code);
		}
		others.push(code);
	}
	let message = format!("actors of role {:?} cannot be taken: PRCP, IRCP, CST and AUT can", others.join(", "));
	Err(role.refused("UnsupportedActorRole", &message))
}

fn state_labels(node: &Node, effect: Effect, own: &mut Stated) -> Result<()> {
	for label in node.items("securityLabel")? {
		let (system, code) = label.coding()?;
		let level =
			Confidentiality::from_code(code).filter(|_| system.is_empty() || is_system(system, CONFIDENTIALITY));
		let act_code = system.is_empty() || is_system(system, ACT_CODE);
		if let Some(level) = level {
			let (low, high) = own.confidentiality.unwrap_or((level, level));
			own.confidentiality = Some((low.min(level), high.max(level)));
		} else if let Some(found) = Sensitivity::from_code(code).filter(|_| act_code) {
			own.labels = Some(own.labels.unwrap_or_default().with(found));
		} else if let Some(found) = Obligation::from_code(code).filter(|_| act_code) {
			if effect == Effect::Deny {
				return Err(label.refused("UnsupportedObligation", "a denial obliges to nothing"));
			}
			own.obligations = own.obligations.with(found);
		} else {
			return Err(label.unknown_code(code));
		}
	}
	Ok(())
}

fn state_data(node: &Node, own: &mut Stated, names: &mut impl Resolver) -> Result<()> {
	for data in node.items("data")? {
		data.only(&["meaning", "reference"])?;
		let meaning = data.required("meaning")?;
		let reference = data.required("reference")?;
		let (found, name) = reference.reference()?;
		let unresolved = || reference.refused("UnresolvableReference", &format!("{name} is not known here"));
		match meaning.text()? {
			"instance" => own.records.get_or_insert_default().push(names.record(name).ok_or_else(unresolved)?),
			"authoredby" => own.authors.get_or_insert_default().push(names.account(name).ok_or_else(unresolved)?),
			"related" if found == Some(ResourceType::Encounter) => {
				let episode = names.episode(name).ok_or_else(unresolved)?;
				if own.episode.replace(episode).is_some_and(|other| other != episode) {
					return Err(reference.refused("TooMany", "one encounter can be named"));
				}
			}
			code @ ("related" | "dependents") => {
				let message = format!("data that is {code} cannot be told, but for what is related to an Encounter");
				return Err(meaning.refused("UnsupportedMeaning", &message));
			}
			code => return Err(meaning.unknown_code(code)),
		}
	}
	if own.episode.is_some() && own.records.is_some() {
		return Err(pointed(node, "data", "UnsupportedElement", "records or an encounter can be named, not both"));
	}
	Ok(())
}

/// Fills in from around what a provision does not state itself.
fn inherit(node: &Node, own: Stated, effect: Effect, inside: Option<&Inside>) -> Result<Stated> {
	let Some(inside) = inside else { return Ok(own) };
	let mut around = inside.stated.clone();
	if inside.effect != effect {
		let levels = own.confidentiality.is_none() && around.confidentiality.is_some();
		let labels = own.labels.is_none() && around.labels.is_some();
		if effect == Effect::Permit && (levels || labels) {
			let message = "a permit reaches down to what is less sensitive, so it cannot inherit the labels of a denial: state them";
			return Err(node.refused("InexactInheritance", message));
		}
		// A denial reaches up to what is more sensitive: an exception from a permit takes all of it that is described.
		around.confidentiality = None;
		around.labels = None;
	}
	// Which data is meant is one statement, by record or by encounter.
	let names_data = own.records.is_some() || own.episode.is_some();
	Ok(Stated {
		actors: own.actors.or(around.actors),
		custodians: own.custodians.or(around.custodians),
		authors: own.authors.or(around.authors),
		purposes: own.purposes.or(around.purposes),
		actions: own.actions.or(around.actions),
		confidentiality: own.confidentiality.or(around.confidentiality),
		labels: own.labels.or(around.labels),
		obligations: match effect {
			Effect::Permit if own.obligations.is_empty() => around.obligations,
			_ => own.obligations,
		},
		resource_types: own.resource_types.or(around.resource_types),
		records: if names_data { own.records } else { around.records },
		episode: if names_data { own.episode } else { around.episode },
		data: own.data.or(around.data),
	})
}

fn conditions_of(rule: &Draft, names: &mut impl Resolver) -> Result<Conditions> {
	conditions(&rule.stated, rule.effect, &rule.at, names)
}

fn conditions(stated: &Stated, effect: Effect, at: &str, names: &mut impl Resolver) -> Result<Conditions> {
	fn bounded<T: Clone, B: TryFrom<Vec<T>>>(
		items: &Option<Vec<T>>,
		at: &str,
		most: u32,
		what: &str,
	) -> Result<Option<B>> {
		let Some(items) = items else { return Ok(None) };
		let refused = |_| Error::refused("TooMany", at, format!("at most {most} {what} can be named"));
		items.clone().try_into().map(Some).map_err(refused)
	}
	let (data_from, data_to) = stated.data.unwrap_or((None, None));
	Ok(Conditions {
		actors: bounded(&stated.actors, at, MAX_ACTORS, "actors")?,
		custodians: bounded(&stated.custodians, at, MAX_CUSTODIANS, "custodians")?,
		authors: bounded(&stated.authors, at, MAX_AUTHORS, "authors")?,
		purposes: stated.purposes,
		actions: stated.actions,
		confidentiality: stated.confidentiality.map(|(low, high)| if effect == Effect::Permit { high } else { low }),
		labels: stated.labels.map_or(0, |labels| names.labels(labels.expanded())),
		resource_types: stated.resource_types,
		records: bounded(&stated.records, at, MAX_RECORDS, "records")?,
		episode: stated.episode,
		data_from,
		data_to,
	})
}
