//! What a provision states, and what it inherits from the one around it.

use super::{
	node::{Node, Period, Referred},
	Dialect,
};
use crate::{
	fhir::{
		is_system,
		names::{Named, Resolver},
		pointer, ACT_CODE, ACT_REASON, CONFIDENTIALITY, CONSENT_ACTION, PARTICIPATION, RESOURCE_TYPES,
	},
	Error, Result,
};
use salus_primitives::{
	consent::{ActorRef, Conditions, Effect, MAX_ACTORS, MAX_AUTHORS, MAX_CUSTODIANS, MAX_RECORDS},
	AccountId, Action, ActionSet, Confidentiality, Episode, Obligation, ObligationSet, OrgId, Purpose, PurposeSet,
	RecordId, ResourceType, ResourceTypeSet, Sensitivity, SensitivitySet,
};

/// Modifier extension of a nested provision: of the condition that it names, any is meant. Without it the provision
/// would inherit that condition from the one around it.
pub(in crate::fhir) const ANY: &str = "urn:salus:any";
/// System of labels as a chain has them, blinded: `0x` and eight digits.
pub(in crate::fhir) const BLINDED: &str = "urn:salus:blinded-labels";

/// The conditions that [`ANY`] can speak of. Which data is meant, by record or by encounter, is one.
pub(in crate::fhir) const CONDITION_NAMES: [&str; 10] = [
	"actors",
	"custodians",
	"authors",
	"purposes",
	"actions",
	"confidentiality",
	"labels",
	"resource_types",
	"data",
	"data_period",
];

/// What a provision states, after inheritance.
#[derive(Clone, Default)]
pub(super) struct Stated {
	actors: Option<Vec<ActorRef>>,
	custodians: Option<Vec<OrgId>>,
	authors: Option<Vec<AccountId>>,
	purposes: Option<PurposeSet>,
	actions: Option<ActionSet>,
	/// Lowest and highest level named.
	confidentiality: Option<(Confidentiality, Confidentiality)>,
	labels: Option<Labels>,
	pub(super) obligations: ObligationSet,
	resource_types: Option<ResourceTypeSet>,
	records: Option<Vec<RecordId>>,
	episode: Option<Episode>,
	data: Option<Period>,
	/// Conditions of which any is meant, by their names.
	any: Vec<&'static str>,
}

/// Sensitivity labels.
#[derive(Clone, Copy)]
enum Labels {
	/// By their codes.
	Plain(SensitivitySet),
	/// As a chain has them.
	Blinded(u32),
}

/// The provision that another one lies in.
pub(super) struct Inside<'s> {
	/// Permits or denies.
	pub(super) effect: Effect,
	/// What it states.
	pub(super) stated: &'s Stated,
	/// Its rule; `None` is the root.
	pub(super) rule: Option<usize>,
	/// When it is in force.
	pub(super) period: Period,
}

/// What a provision states, on top of what the one around it does.
pub(super) fn state(
	node: &Node,
	effect: Effect,
	inside: Option<&Inside>,
	dialect: Dialect,
	names: &mut impl Resolver,
) -> Result<Stated> {
	const COMMON: [&str; 8] =
		["period", "actor", "action", "securityLabel", "purpose", "dataPeriod", "data", "provision"];
	let (more, types) = match dialect {
		Dialect::R4 => (&["type", "class", "code"][..], "class"),
		Dialect::R5 => (&["documentType", "resourceType", "code", "expression"][..], "resourceType"),
	};
	let nested = if inside.is_some() { &["modifierExtension"][..] } else { &[] };
	node.only(&[&COMMON, more, nested].concat())?;
	for (name, instead) in [
		("code", "single codes in the data cannot be told apart: name resource types or sensitivity labels"),
		("documentType", "kinds of documents cannot be told apart: name resource types or sensitivity labels"),
		("expression", "expressions are not evaluated: state the conditions"),
	] {
		if let Some(element) = node.get(name) {
			return Err(element.refused("UnsupportedElement", instead));
		}
	}

	let mut own = Stated { any: state_any(node)?, ..Stated::default() };
	state_actors(node, &mut own, names)?;
	for action in node.items("action")? {
		let code = action.concept(CONSENT_ACTION)?;
		let text = code.text()?;
		let found = Action::from_code(text).ok_or_else(|| code.unknown_code(text))?;
		own.actions = Some(own.actions.unwrap_or_default().with(found));
	}
	for purpose in node.items("purpose")? {
		let (system, code) = purpose.coding()?;
		let found = Purpose::from_code(code).filter(|_| system.is_empty() || is_system(system, ACT_REASON));
		own.purposes = Some(own.purposes.unwrap_or_default().with(found.ok_or_else(|| purpose.unknown_code(code))?));
	}
	state_labels(node, effect, &mut own)?;
	for class in node.items(types)? {
		let (system, code) = class.coding()?;
		if !system.is_empty() && !RESOURCE_TYPES.contains(&system) {
			let message = format!("types of {} are taken, not of {system}", RESOURCE_TYPES[0]);
			return Err(class.refused("UnsupportedClass", &message));
		}
		let found = ResourceType::from_code(code).ok_or_else(|| class.unknown_code(code))?;
		own.resource_types = Some(own.resource_types.unwrap_or_default().with(found));
	}
	own.data = node.get("dataPeriod").map(|period| period.period()).transpose()?.filter(|data| *data != (None, None));
	state_data(node, &mut own, names)?;
	own.check_any(node)?;
	own.inherit(node, effect, inside)
}

fn state_any(node: &Node) -> Result<Vec<&'static str>> {
	let mut any = Vec::new();
	for extension in node.items("modifierExtension")? {
		extension.only(&["url", "valueCode"])?;
		if extension.required("url")?.text()? != ANY {
			return Err(extension.refused("UnsupportedElement", "this modifier extension cannot be taken"));
		}
		let code = extension.required("valueCode")?;
		let text = code.text()?;
		any.push(CONDITION_NAMES.into_iter().find(|name| *name == text).ok_or_else(|| code.unknown_code(text))?);
	}
	Ok(any)
}

fn state_actors(node: &Node, own: &mut Stated, names: &mut impl Resolver) -> Result<()> {
	use ResourceType::{Device, Organization, Patient, Practitioner, PractitionerRole, RelatedPerson};
	for actor in node.items("actor")? {
		actor.only(&["role", "reference"])?;
		let code = participation(&actor.required("role")?)?;
		let reference = actor.required("reference")?;
		let named = match reference.reference()? {
			Referred::Chain(named) => Some(named),
			Referred::Written(Organization, name) => {
				Some(Named::Organisation(names.organisation(name).ok_or_else(|| reference.unresolved(name))?))
			}
			Referred::Written(Practitioner | PractitionerRole | Patient | RelatedPerson | Device, name) => {
				Some(Named::Account(names.account(name).ok_or_else(|| reference.unresolved(name))?))
			}
			Referred::Written(..) => None,
		};
		match (code, named) {
			("CST", Some(Named::Organisation(org))) => own.custodians.get_or_insert_default().push(org),
			("AUT", Some(Named::Account(account))) => own.authors.get_or_insert_default().push(account),
			("PRCP" | "IRCP", Some(Named::Organisation(org))) => {
				own.actors.get_or_insert_default().push(ActorRef::Org(org))
			}
			("PRCP" | "IRCP", Some(Named::Account(account))) => {
				own.actors.get_or_insert_default().push(ActorRef::Account(account))
			}
			("PRCP" | "IRCP", Some(Named::Role(role))) => own.actors.get_or_insert_default().push(ActorRef::Role(role)),
			_ => {
				let message = format!("this cannot be an actor of role {code}");
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
		if system == BLINDED {
			let digits = code.strip_prefix("0x").filter(|digits| digits.len() == 8);
			let blinded = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()).filter(|labels| *labels != 0);
			let blinded =
				blinded.ok_or_else(|| label.refused("Malformed", "expected 0x and eight digits, not all 0"))?;
			if own.labels.replace(Labels::Blinded(blinded)).is_some() {
				return Err(label.refused("TooMany", "blinded labels are named once, and no others beside them"));
			}
		} else if let Some(level) = level {
			let (low, high) = own.confidentiality.unwrap_or((level, level));
			own.confidentiality = Some((low.min(level), high.max(level)));
		} else if let Some(found) = Sensitivity::from_code(code).filter(|_| act_code) {
			let before = match own.labels {
				None => SensitivitySet::EMPTY,
				Some(Labels::Plain(labels)) => labels,
				Some(Labels::Blinded(_)) => {
					return Err(label.refused("TooMany", "blinded labels are named once, and no others beside them"))
				}
			};
			own.labels = Some(Labels::Plain(before.with(found)));
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
		let referred = reference.reference()?;
		let unfit = || reference.refused("UnsupportedActor", "this is not what data of this meaning refers to");
		match meaning.text()? {
			"instance" => own.records.get_or_insert_default().push(match referred {
				Referred::Chain(Named::Record(record)) => record,
				Referred::Chain(_) => return Err(unfit()),
				Referred::Written(_, name) => names.record(name).ok_or_else(|| reference.unresolved(name))?,
			}),
			"authoredby" => own.authors.get_or_insert_default().push(match referred {
				Referred::Chain(Named::Account(account)) => account,
				Referred::Chain(_) => return Err(unfit()),
				Referred::Written(_, name) => names.account(name).ok_or_else(|| reference.unresolved(name))?,
			}),
			code @ ("related" | "dependents") => {
				let episode = match referred {
					Referred::Chain(Named::Episode(episode)) if code == "related" => Some(episode),
					Referred::Written(ResourceType::Encounter, name) if code == "related" => {
						Some(names.episode(name).ok_or_else(|| reference.unresolved(name))?)
					}
					_ => None,
				};
				let message = format!("data that is {code} cannot be told, but for what is related to an Encounter");
				let episode = episode.ok_or_else(|| meaning.refused("UnsupportedMeaning", &message))?;
				if own.episode.replace(episode).is_some_and(|other| other != episode) {
					return Err(reference.refused("TooMany", "one encounter can be named"));
				}
			}
			code => return Err(meaning.unknown_code(code)),
		}
	}
	if own.episode.is_some() && own.records.is_some() {
		let at = pointer(&node.at, "data");
		return Err(Error::refused("UnsupportedElement", at, "records or an encounter can be named, not both"));
	}
	Ok(())
}

impl Stated {
	/// Refuses a condition that is stated and of which any is meant.
	fn check_any(&self, node: &Node) -> Result<()> {
		let stated = self.any.iter().find(|name| match **name {
			"actors" => self.actors.is_some(),
			"custodians" => self.custodians.is_some(),
			"authors" => self.authors.is_some(),
			"purposes" => self.purposes.is_some(),
			"actions" => self.actions.is_some(),
			"confidentiality" => self.confidentiality.is_some(),
			"labels" => self.labels.is_some(),
			"resource_types" => self.resource_types.is_some(),
			"data" => self.records.is_some() || self.episode.is_some(),
			_ => self.data.is_some(),
		});
		match stated {
			Some(name) => {
				let at = pointer(&node.at, "modifierExtension");
				Err(Error::refused("Malformed", at, format!("any is meant of {name}, but some are stated")))
			}
			None => Ok(()),
		}
	}

	/// Fills in from around what the provision does not state itself.
	fn inherit(self, node: &Node, effect: Effect, inside: Option<&Inside>) -> Result<Self> {
		let Some(inside) = inside else { return Ok(self) };
		let mut around = inside.stated.clone();
		for name in &self.any {
			match *name {
				"actors" => around.actors = None,
				"custodians" => around.custodians = None,
				"authors" => around.authors = None,
				"purposes" => around.purposes = None,
				"actions" => around.actions = None,
				"confidentiality" => around.confidentiality = None,
				"labels" => around.labels = None,
				"resource_types" => around.resource_types = None,
				"data" => (around.records, around.episode) = (None, None),
				_ => around.data = None,
			}
		}
		if inside.effect != effect {
			let levels = self.confidentiality.is_none() && around.confidentiality.is_some();
			let labels = self.labels.is_none() && around.labels.is_some();
			if effect == Effect::Permit && (levels || labels) {
				let message = "a permit reaches down to what is less sensitive, so it cannot inherit the labels of a \
					denial: state them";
				return Err(node.refused("InexactInheritance", message));
			}
			// A denial reaches up to what is more sensitive: an exception from a permit takes all of it that is described.
			around.confidentiality = None;
			around.labels = None;
		}
		// Which data is meant is one statement, by record or by encounter.
		let names_data = self.records.is_some() || self.episode.is_some();
		Ok(Self {
			actors: self.actors.or(around.actors),
			custodians: self.custodians.or(around.custodians),
			authors: self.authors.or(around.authors),
			purposes: self.purposes.or(around.purposes),
			actions: self.actions.or(around.actions),
			confidentiality: self.confidentiality.or(around.confidentiality),
			labels: self.labels.or(around.labels),
			obligations: match effect {
				Effect::Permit if self.obligations.is_empty() => around.obligations,
				_ => self.obligations,
			},
			resource_types: self.resource_types.or(around.resource_types),
			records: if names_data { self.records } else { around.records },
			episode: if names_data { self.episode } else { around.episode },
			data: self.data.or(around.data),
			any: Vec::new(),
		})
	}

	/// Whether the two certainly have nothing in common.
	pub(super) fn disjoint(&self, other: &Self) -> bool {
		fn apart<T: PartialEq>(one: &Option<Vec<T>>, other: &Option<Vec<T>>) -> bool {
			matches!((one, other), (Some(one), Some(other)) if !one.iter().any(|item| other.contains(item)))
		}
		apart(&self.custodians, &other.custodians)
			|| apart(&self.authors, &other.authors)
			|| apart(&self.records, &other.records)
			|| matches!((self.resource_types, other.resource_types), (Some(one), Some(other)) if !one.intersects(other))
			|| matches!((self.actions, other.actions), (Some(one), Some(other)) if !one.intersects(other))
			|| matches!((self.episode, other.episode), (Some(one), Some(other)) if one != other)
	}

	/// The conditions of a rule or base of this effect.
	pub(super) fn conditions(&self, effect: Effect, at: &str, names: &mut impl Resolver) -> Result<Conditions> {
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
		let (data_from, data_to) = self.data.unwrap_or((None, None));
		let labels = match self.labels {
			None => Some(0),
			Some(Labels::Plain(labels)) => names.labels(labels.expanded()),
			Some(Labels::Blinded(labels)) => names.blinded(labels),
		};
		let message =
			"these labels cannot be compared here: it takes the patient's label key to blind plain ones, and \
			blinded ones mean something on their chain only";
		Ok(Conditions {
			actors: bounded(&self.actors, at, MAX_ACTORS, "actors")?,
			custodians: bounded(&self.custodians, at, MAX_CUSTODIANS, "custodians")?,
			authors: bounded(&self.authors, at, MAX_AUTHORS, "authors")?,
			purposes: self.purposes,
			actions: self.actions,
			confidentiality: self.confidentiality.map(|(low, high)| if effect == Effect::Permit { high } else { low }),
			labels: labels.ok_or_else(|| Error::refused("UnresolvableLabels", at, message))?,
			resource_types: self.resource_types,
			records: bounded(&self.records, at, MAX_RECORDS, "records")?,
			episode: self.episode,
			data_from,
			data_to,
		})
	}
}
