//! FHIR `Consent` documents as consents of the chain. What cannot be taken exactly is refused, with a pointer.
//!
//! **The base** says whether the consent permits or denies what its root describes.
//!
//! | dialect | base | root |
//! |---|---|---|
//! | R4, root provision | `provision.type` (R4's text forbids it there, profiles and servers use it) | the conditions of `provision` |
//! | R4, `policyRule` | OPTIN, OPTINR: permit; OPTOUT, OPTOUTE: deny | the conditions of `provision`, where they can only be meant to limit |
//! | R5 | `decision` | everything; `provision[]` are exceptions |
//!
//! `policyRule` and `provision.type` must not contradict each other. Without a `type`, conditions on R4's root could
//! limit the base, or be an exception from it: HL7's own examples have both. They limit where that is the only reading
//! (a nested provision of the opposite effect is then the exception), and where it opens nothing (an opt-out with nothing
//! nested). Everything else is `AmbiguousBase`: so is a nested permit under OPTIN, which could be meant to narrow it, and
//! an opt-in "with restrictions" or an opt-out "with exceptions" that states none.
//!
//! **Rules.** Every nested provision becomes one rule, counted in document order. It inherits what it does not state
//! and replaces what it does. In R5 a provision is an exception from what is around it: permits and denials alternate.
//! Denials win over permits here, so a permit within a nested denial is `TooDeep`, and so is a denial within a nested
//! permit that would reach into another permit. Obligations of a permitting root become a last rule that permits the same.
//!
//! **Time.** A nested `period` that narrows makes a document several consents, one after the other, each with the rules
//! that are in force then; [`Imported::rules`] counts them as the document does.
//!
//! **Conditions.**
//!
//! | FHIR | condition |
//! |---|---|
//! | `actor`, role PRCP or IRCP | actors: a person or device by account, an `Organization` as a whole, a role by identifier |
//! | `actor`, role CST | custodians (`Organization`) |
//! | `actor`, role AUT; `data.meaning` authoredby | authors |
//! | `purpose`, `action` | purposes of use, actions |
//! | `securityLabel`, v3-Confidentiality | confidentiality: a permit reaches up to the highest named, a denial from the lowest named |
//! | `securityLabel`, v3-ActCode | sensitivity labels, with all that they subsume; on a permit, obligations |
//! | `class` (R4), `resourceType` (R5) | resource types |
//! | `dataPeriod` | when the data is from |
//! | `data.meaning` instance; related, of an encounter | records; the encounter |
//! | `period` of R4's root, of R5's `Consent` | when the consent is in force |
//!
//! What a chain knows beyond FHIR (who consented in what capacity, hashes, a rule that means any where the root is
//! limited) stands in extensions that [`super::export`] writes and this module reads.

mod flatten;
mod node;
mod provision;

use self::{
	flatten::{check_exceptions, flatten, Draft, Whole},
	node::{Node, Referred},
	provision::{state, Inside, Stated},
};
use super::{
	check_shape, is_system,
	names::{Named, Resolver},
	parse_json, pointer,
	time::parse_rfc3339,
	ACT_CODE,
};
use crate::{crypto::digest, Error, Result};
use salus_primitives::{
	consent::{Consent, ConsentStatus, Effect, Rule, MAX_RULES},
	inputs::ConsentInput,
	AccountId, ConsentId, Moment, ObligationSet, H256,
};
use serde_json::Value;

pub(super) use self::provision::{ANY, BLINDED};

/// Extension of a document with what a chain knows beyond FHIR: `status`, `guardianship`, `supersedes`, `policy`,
/// `receipt`, `erase-by`, each if there is one.
pub(super) const ON_CHAIN: &str = "urn:salus:consent";

/// A consent and where it came from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Imported {
	/// `Consent.id`.
	pub id: Option<String>,
	/// Whose consent it is, as the document refers to them.
	pub patient: Option<String>,
	/// Pointer to the document.
	pub at: String,
	/// The consent.
	pub consent: Consent,
	/// The place of each rule of the consent among the provisions of the document.
	pub rules: Vec<u8>,
}

/// How a document says what it says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialect {
	R4,
	R5,
}

/// Reads a `Consent`, or a Bundle of them.
pub fn import(text: &str, names: &mut impl Resolver) -> Result<Vec<Imported>> {
	let json = parse_json(text.strip_prefix('\u{feff}').unwrap_or(text))?;
	import_json(&json, names)
}

/// [`import`] of what was read already.
pub fn import_json(json: &Value, names: &mut impl Resolver) -> Result<Vec<Imported>> {
	match json.get("resourceType").and_then(Value::as_str) {
		Some("Consent") => document(Node { value: json, at: String::new() }, names),
		Some("Bundle") => {
			let entries = json.get("entry").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
			let mut imported = Vec::new();
			for (number, entry) in entries.iter().enumerate() {
				let at = format!("/entry/{number}/resource");
				match entry.get("resource") {
					Some(value) if value.get("resourceType").and_then(Value::as_str) == Some("Consent") => {
						imported.extend(document(Node { value, at }, names)?)
					}
					_ => return Err(Error::refused("NotAConsent", at, "expected a Consent")),
				}
			}
			Ok(imported)
		}
		_ => Err(Error::refused("NotAConsent", "/resourceType", "expected a FHIR Consent, or a Bundle of them")),
	}
}

/// What to give the chain for a document that was imported: one consent, or several one after the other. The first
/// replaces `supersedes`.
///
/// What would have begun already begins now, and what is over is left out: `Expired` if that is all. The hashes of policy
/// and receipt that the document does not name are those of its text, with a salt that the patient keeps.
pub fn to_inputs(
	imported: &[Imported],
	document: &str,
	salt: &[u8; 32],
	mut supersedes: Option<ConsentId>,
	now: Moment,
) -> Result<Vec<ConsentInput>> {
	let mut inputs = Vec::new();
	for Imported { at, consent, .. } in imported {
		if !matches!(consent.status, ConsentStatus::Active | ConsentStatus::Proposed) {
			let message = "this consent is neither active nor proposed, so there is nothing to give";
			return Err(Error::refused("NotActive", pointer(at, "status"), message));
		}
		if consent.end.is_some_and(|end| end <= now) {
			continue;
		}
		let named = |hash: H256| (!hash.is_zero()).then_some(hash);
		let hash = |named: Option<H256>, what: &[u8]| {
			named.unwrap_or_else(|| digest(&[b"consent", what, salt, document.as_bytes()]))
		};
		inputs.push(ConsentInput {
			base: consent.base,
			root: consent.root.clone(),
			rules: consent.rules.clone(),
			start: Some(consent.start).filter(|start| now < *start),
			end: consent.end,
			supersedes: supersedes.take(),
			policy: hash(named(consent.policy), b"policy"),
			receipt: hash(named(consent.receipt), b"receipt"),
			erase_by: consent.erase_by,
		});
	}
	match (inputs.is_empty(), imported.first()) {
		(true, Some(Imported { at, .. })) => Err(Error::refused("Expired", at, "this consent is over")),
		(true, None) => Err(Error::refused("NotAConsent", "", "the bundle has no Consent")),
		_ => Ok(inputs),
	}
}

/// Members of a document that say nothing about what is permitted.
const DESCRIPTIVE: [&str; 11] = [
	"resourceType",
	"meta",
	"language",
	"text",
	"contained",
	"identifier",
	"status",
	"category",
	"sourceAttachment",
	"sourceReference",
	"verification",
];
/// The others of R4 that are read or say nothing.
const R4_MEMBERS: [&str; 8] =
	["scope", "patient", "dateTime", "performer", "organization", "policy", "policyRule", "provision"];
/// The others of R5 that are read or say nothing.
const R5_MEMBERS: [&str; 12] = [
	"subject",
	"date",
	"period",
	"grantor",
	"grantee",
	"manager",
	"controller",
	"regulatoryBasis",
	"policyBasis",
	"policyText",
	"decision",
	"provision",
];
/// Members of a provision that say what it applies to.
const CONDITIONS: [&str; 8] = ["actor", "action", "securityLabel", "purpose", "class", "code", "dataPeriod", "data"];

fn document(node: Node, names: &mut impl Resolver) -> Result<Vec<Imported>> {
	check_shape(node.value, &node.at)?;
	let r5 = node.get("decision").is_some()
		|| node.get("subject").is_some()
		|| node.value.get("provision").is_some_and(Value::is_array);
	let dialect = if r5 { Dialect::R5 } else { Dialect::R4 };
	match dialect {
		Dialect::R4 => node.only(&[&DESCRIPTIVE[..], &R4_MEMBERS].concat())?,
		Dialect::R5 => node.only(&[&DESCRIPTIVE[..], &R5_MEMBERS].concat())?,
	}
	if let Some(scope) = node.get("scope") {
		let code = scope.concept("http://terminology.hl7.org/CodeSystem/consentscope")?;
		if !matches!(code.text()?, "patient-privacy" | "research") {
			let message = "consents to the use of data are taken: patient-privacy, research";
			return Err(code.refused("UnsupportedScope", message));
		}
	}
	let whole = match dialect {
		Dialect::R4 => r4(&node, names)?,
		Dialect::R5 => r5_whole(&node, names)?,
	};
	check_exceptions(&whole.rules)?;
	if whole.rules.len() > MAX_RULES as usize {
		let message = format!("a consent has at most {MAX_RULES} rules");
		return Err(Error::refused("TooManyRules", pointer(&whole.at, "provision"), message));
	}
	let root = whole.root.conditions(whole.base, &whole.at, names)?;
	let rules = whole
		.rules
		.iter()
		.map(|draft| {
			let conditions = draft.stated.conditions(draft.effect, &draft.at, names)?;
			Ok(Rule { effect: draft.effect, conditions, obligations: draft.stated.obligations })
		})
		.collect::<Result<Vec<_>>>()?;
	let patient = patient(&node, dialect)?;
	let on_chain = on_chain(&node)?;
	let grantor = match (grantor(&node), &patient) {
		(Some(grantor), _) => grantor,
		(None, Some(patient)) => names.account(patient).unwrap_or_else(|| AccountId::new([0; 32])),
		(None, None) => AccountId::new([0; 32]),
	};
	let id = node.value.get("id").and_then(Value::as_str).map(str::to_owned);
	let status = status(&node.required("status")?, dialect)?;
	let consent = Consent {
		grantor,
		guardianship: on_chain.guardianship,
		base: whole.base,
		root,
		rules: Default::default(),
		start: 0,
		end: None,
		status: on_chain.status.unwrap_or(status),
		supersedes: on_chain.supersedes,
		policy: on_chain.policy,
		receipt: on_chain.receipt,
		erase_by: on_chain.erase_by,
	};
	let in_force = whole.stretches()?.into_iter().map(|((start, end), numbers)| {
		let rules: Vec<_> = numbers.iter().map(|number| rules[*number].clone()).collect();
		let rules = rules.try_into().map_err(|_| node.refused("TooManyRules", "a consent has at most 16 rules"))?;
		// What lies before 1970 cannot be asked for.
		let moment = |millis: i64| Moment::try_from(millis).unwrap_or(0);
		let consent = Consent { rules, start: start.map_or(0, moment), end: end.map(moment), ..consent.clone() };
		let numbers = numbers.into_iter().map(|number| number as u8).collect();
		Ok(Imported { id: id.clone(), patient: patient.clone(), at: node.at.clone(), consent, rules: numbers })
	});
	in_force.collect()
}

fn r4(node: &Node, names: &mut impl Resolver) -> Result<Whole> {
	let policy = policy(node)?;
	let root = node.get("provision");
	let base = base(node, root.as_ref(), policy)?;
	let Some(root) = root else {
		return Ok(Whole {
			base,
			at: node.at.clone(),
			root: Stated::default(),
			rules: Vec::new(),
			period: (None, None),
		});
	};
	let mut stated = state(&root, base, None, Dialect::R4, names)?;
	if base == Effect::Deny && !stated.obligations.is_empty() {
		return Err(root.refused("UnsupportedObligation", "a denial obliges to nothing"));
	}
	let period = root.get("period").map(|period| period.period()).transpose()?.unwrap_or_default();
	let mut rules = Vec::new();
	let inside = Inside { effect: base, stated: &stated, rule: None, period };
	flatten(&root, &inside, Dialect::R4, names, &mut rules)?;
	if !stated.obligations.is_empty() {
		// Whenever the base permits, so does this, and its obligations are those of the permit.
		let at = root.at.clone();
		rules.push(Draft { at, effect: base, stated: stated.clone(), parent: None, period });
	}
	stated.obligations = ObligationSet::EMPTY;
	Ok(Whole { base, at: root.at, root: stated, rules, period })
}

fn r5_whole(node: &Node, names: &mut impl Resolver) -> Result<Whole> {
	let Some(decision) = node.get("decision") else {
		let at = pointer(&node.at, "decision");
		return Err(Error::refused("NoBase", at, "`decision` does not say what holds where no provision speaks"));
	};
	let base = effect(&decision)?;
	let period = node.get("period").map(|period| period.period()).transpose()?.unwrap_or_default();
	let mut rules = Vec::new();
	let stated = Stated::default();
	let inside = Inside { effect: base, stated: &stated, rule: None, period };
	flatten(node, &inside, Dialect::R5, names, &mut rules)?;
	Ok(Whole { base, at: node.at.clone(), root: stated, rules, period })
}

fn pointed(node: &Node, name: &str, code: &'static str, message: &str) -> Error {
	Error::refused(code, pointer(&node.at, name), message)
}

fn status(node: &Node, dialect: Dialect) -> Result<ConsentStatus> {
	Ok(match (node.text()?, dialect) {
		("active", _) => ConsentStatus::Active,
		("draft", _) | ("proposed", Dialect::R4) => ConsentStatus::Proposed,
		("rejected", Dialect::R4) | ("not-done", Dialect::R5) => ConsentStatus::Rejected,
		("inactive", _) => ConsentStatus::Withdrawn,
		("entered-in-error", _) => ConsentStatus::EnteredInError,
		(code, _) => return Err(node.unknown_code(code)),
	})
}

/// Whose consent it is.
fn patient(node: &Node, dialect: Dialect) -> Result<Option<String>> {
	let Some(patient) = node.get(if dialect == Dialect::R4 { "patient" } else { "subject" }) else { return Ok(None) };
	let part = |name: &str| patient.value.get("identifier")?.get(name)?.as_str();
	let reference = patient.value.get("reference").and_then(Value::as_str).map(str::to_owned);
	let name = reference.or_else(|| Some(format!("{}:{}", part("system")?, part("value")?)));
	if dialect == Dialect::R5 && name.as_ref().is_some_and(|name| name.starts_with("Group/")) {
		return Err(patient.refused("UnsupportedSubject", "a consent is one patient's"));
	}
	Ok(name)
}

/// The account that consented, if the document names one.
fn grantor(node: &Node) -> Option<AccountId> {
	let performers = node.items("performer").ok()?;
	performers.iter().find_map(|performer| match performer.reference() {
		Ok(Referred::Chain(Named::Account(account))) => Some(account),
		_ => None,
	})
}

/// What a chain knows beyond FHIR.
#[derive(Default)]
struct OnChain {
	status: Option<ConsentStatus>,
	guardianship: Option<u32>,
	supersedes: Option<ConsentId>,
	policy: H256,
	receipt: H256,
	erase_by: Option<Moment>,
}

fn on_chain(node: &Node) -> Result<OnChain> {
	let mut found = OnChain::default();
	let extensions = node.items("extension")?;
	let Some(extension) =
		extensions.iter().find(|extension| extension.value.get("url").and_then(Value::as_str) == Some(ON_CHAIN))
	else {
		return Ok(found);
	};
	for part in extension.items("extension")? {
		let url = part.required("url")?.text()?;
		let refused = || part.refused("Malformed", "this is not what the extension has here");
		let number = || part.value.get("valueUnsignedInt").and_then(Value::as_u64).ok_or_else(refused);
		let text = || part.required("valueString")?.text();
		let hash = || text()?.parse::<H256>().map_err(|_| refused());
		match url {
			"status" => {
				let ended = match text()? {
					"revoked" => ConsentStatus::Revoked,
					"superseded" => ConsentStatus::Superseded,
					_ => return Err(refused()),
				};
				if node.value.get("status").and_then(Value::as_str) != Some("inactive") {
					return Err(part.refused("Malformed", "a consent that ended is inactive"));
				}
				found.status = Some(ended);
			}
			"guardianship" => found.guardianship = Some(number()?.try_into().map_err(|_| refused())?),
			"supersedes" => found.supersedes = Some(number()?.try_into().map_err(|_| refused())?),
			"policy" => found.policy = hash()?,
			"receipt" => found.receipt = hash()?,
			"erase-by" => {
				let moment = parse_rfc3339(part.required("valueInstant")?.text()?).ok_or_else(refused)?;
				found.erase_by = Some(moment.try_into().map_err(|_| refused())?);
			}
			_ => return Err(refused()),
		}
	}
	Ok(found)
}

/// What `policyRule` says of the base.
fn policy(node: &Node) -> Result<Option<Effect>> {
	let Some(rule) = node.get("policyRule") else { return Ok(None) };
	let mut found = None;
	for coding in rule.items("coding")? {
		let (system, code) = coding.coding()?;
		let (effect, opposite) = match code {
			"OPTIN" => (Effect::Permit, None),
			"OPTINR" => (Effect::Permit, Some("deny")),
			"OPTOUT" => (Effect::Deny, None),
			"OPTOUTE" => (Effect::Deny, Some("permit")),
			// What the codes of other systems stand for is a policy elsewhere, which the provisions spell out.
			_ if !system.is_empty() && !is_system(system, ACT_CODE) => continue,
			_ => return Err(coding.unknown_code(code)),
		};
		if found.is_some_and(|found| found != effect) {
			return Err(rule.refused("AmbiguousBase", "it opts in and out at once"));
		}
		let root = node.get("provision");
		let states = |root: &Node| CONDITIONS.into_iter().any(|name| root.get(name).is_some());
		let excepts = |root: &Node, effect: &str| {
			let nested = root.items("provision").unwrap_or_default();
			nested.iter().any(|nested| nested.value.get("type").and_then(Value::as_str) == Some(effect))
		};
		if let Some(opposite) = opposite {
			if !root.is_some_and(|root| states(&root) || excepts(&root, opposite)) {
				let message = format!("{code} has restrictions or exceptions, but no provision states them");
				return Err(coding.refused("AmbiguousBase", &message));
			}
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
	if let Some(typed) = root.and_then(|root| root.get("type")) {
		let base = effect(&typed)?;
		return match policy {
			Some(policy) if policy != base => Err(typed.refused("AmbiguousBase", "policyRule says the opposite")),
			_ => Ok(base),
		};
	}
	let Some(policy) = policy else {
		let at = root.map_or("policyRule".to_owned(), |_| "provision/type".to_owned());
		let at = format!("{}/{at}", node.at);
		let message = "neither a policyRule of OPTIN or OPTOUT nor provision.type says what holds";
		return Err(Error::refused("NoBase", at, message));
	};
	let Some(root) = root else { return Ok(policy) };
	let nested = root.items("provision")?;
	let has =
		|effect: &str| nested.iter().find(|nested| nested.value.get("type").and_then(Value::as_str) == Some(effect));
	let limits = match policy {
		Effect::Permit => has("deny").is_some(),
		Effect::Deny => has("permit").is_some() || nested.is_empty(),
	};
	if let Some(name) = CONDITIONS.into_iter().find(|name| !limits && root.get(name).is_some()) {
		let message = "without provision.type this could limit the base or be an exception from it";
		return Err(pointed(root, name, "AmbiguousBase", message));
	}
	match has("permit") {
		Some(permit) if policy == Effect::Permit => {
			let message = "it is permitted already, so this permit could be meant to narrow that";
			Err(pointed(permit, "type", "AmbiguousBase", message))
		}
		_ => Ok(policy),
	}
}
