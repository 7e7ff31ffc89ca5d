//! What names in documents stand for.
//!
//! Accounts, organisations and the like are no resources of a FHIR server, so documents name them by identifier:
//! `{"identifier": {"system": "urn:salus:account", "value": "5Grw…"}}` in place of a `reference`. Everywhere else, where a
//! name is one text, the two are joined: `urn:salus:account:5Grw…`.
//!
//! | system | value |
//! |---|---|
//! | `urn:salus:account` | an SS58 address, or `0x` and a public key |
//! | `urn:salus:organisation` | its number |
//! | `urn:salus:role` | what members do: `clinician`, `researcher` … |
//! | `urn:salus:record`, `urn:salus:patient` | `0x` and 32 bytes |
//! | `urn:salus:episode` | `0x` and 16 bytes |
//! | `urn:salus:consent` | the patient, `/`, the consent's number |

use crate::{
	crypto::{digest, LabelKey},
	Error, Result,
};
use salus_primitives::{AccountId, Episode, MemberRole, OrgId, PatientId, RecordId, SensitivitySet};
use serde_json::{json, Value};
use std::collections::{BTreeMap, HashMap};

/// What the systems begin with.
pub const SYSTEM: &str = "urn:salus:";

/// Something of the chain that a document names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Named {
	/// A person's or device's account.
	Account(AccountId),
	/// An organisation.
	Organisation(OrgId),
	/// Everyone with this role.
	Role(MemberRole),
	/// A record.
	Record(RecordId),
	/// An encounter or episode of care.
	Episode(Episode),
	/// A patient.
	Patient(PatientId),
}

impl Named {
	/// Reads an identifier's system and value.
	pub fn parse(system: &str, value: &str) -> Option<Self> {
		Some(match system.strip_prefix(SYSTEM)? {
			"account" => Self::Account(value.parse().ok()?),
			"organisation" => Self::Organisation(value.parse().ok()?),
			"role" => Self::Role(MemberRole::from_code(value)?),
			"record" => Self::Record(value.parse().ok()?),
			"episode" => Self::Episode(value.parse().ok()?),
			"patient" => Self::Patient(value.parse().ok()?),
			_ => return None,
		})
	}

	/// Reads the joined form.
	pub fn parse_joined(text: &str) -> Option<Self> {
		let (kind, value) = text.strip_prefix(SYSTEM)?.split_once(':')?;
		Self::parse(&format!("{SYSTEM}{kind}"), value)
	}

	/// A FHIR Reference that names it by identifier.
	pub fn reference(&self) -> Value {
		let (type_name, kind, value) = match self {
			Self::Account(account) => (None, "account", account.to_string()),
			Self::Organisation(org) => (Some("Organization"), "organisation", org.to_string()),
			Self::Role(role) => (Some("PractitionerRole"), "role", role.code().to_owned()),
			Self::Record(record) => (None, "record", record.to_string()),
			Self::Episode(episode) => (Some("Encounter"), "episode", episode.to_string()),
			Self::Patient(patient) => (Some("Patient"), "patient", patient.to_string()),
		};
		let identifier = json!({"system": format!("{SYSTEM}{kind}"), "value": value});
		match type_name {
			Some(type_name) => json!({"type": type_name, "identifier": identifier}),
			None => json!({"identifier": identifier}),
		}
	}
}

/// What names in a document stand for on a chain. `None` refuses the document.
///
/// Identifiers of the systems above stand for themselves and are not asked for.
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
	fn labels(&mut self, labels: SensitivitySet) -> Option<u32>;
	/// Labels that a document names as a chain has them, blinded.
	fn blinded(&mut self, labels: u32) -> Option<u32>;
}

/// Names as they are written, for decisions without a chain: accounts, records and encounters by their hash,
/// organisations counted downwards, so that they meet no real one. Labels are plain.
#[derive(Default)]
pub struct AsWritten {
	organisations: HashMap<String, OrgId>,
}

impl AsWritten {
	/// Stands for no organisation that a document names.
	pub const NO_ORGANISATION: OrgId = OrgId::MAX;

	/// Every organisation that was named, by its number.
	pub fn organisations(&self) -> BTreeMap<OrgId, &str> {
		self.organisations.iter().map(|(name, org)| (*org, name.as_str())).collect()
	}
}

impl Resolver for AsWritten {
	fn account(&mut self, reference: &str) -> Option<AccountId> {
		match Named::parse_joined(reference) {
			Some(Named::Account(account)) => Some(account),
			_ => Some(AccountId::new(digest(&[b"account", reference.as_bytes()]).0)),
		}
	}

	fn organisation(&mut self, reference: &str) -> Option<OrgId> {
		if let Some(Named::Organisation(org)) = Named::parse_joined(reference) {
			return Some(org);
		}
		let next = Self::NO_ORGANISATION - 1 - self.organisations.len() as OrgId;
		Some(*self.organisations.entry(reference.to_owned()).or_insert(next))
	}

	fn record(&mut self, reference: &str) -> Option<RecordId> {
		match Named::parse_joined(reference) {
			Some(Named::Record(record)) => Some(record),
			_ => Some(RecordId(digest(&[b"record", reference.as_bytes()]).0)),
		}
	}

	fn episode(&mut self, reference: &str) -> Option<Episode> {
		if let Some(Named::Episode(episode)) = Named::parse_joined(reference) {
			return Some(episode);
		}
		let hash = digest(&[b"episode", reference.as_bytes()]).0;
		hash.first_chunk().copied().map(Episode)
	}

	fn labels(&mut self, labels: SensitivitySet) -> Option<u32> {
		Some(labels.0)
	}

	fn blinded(&mut self, _: u32) -> Option<u32> {
		// Plain labels cannot be compared with blinded ones.
		None
	}
}

/// Names on a chain: what a list says of the names in a document, and labels blinded with the patient's label key.
///
/// The list is a JSON object from the name in the document to one in the joined form:
/// `{"Practitioner/p1": "urn:salus:account:5Grw…", "Organization/o1": "urn:salus:organisation:3"}`. Encounters that it
/// does not name are those of the records that the label key made.
#[derive(Default)]
pub struct ChainNames<'k> {
	list: BTreeMap<String, Named>,
	label_key: Option<&'k LabelKey>,
}

impl<'k> ChainNames<'k> {
	/// With a list (JSON), if there is one, and the patient's label key, if it is there.
	pub fn new(list: Option<&str>, label_key: Option<&'k LabelKey>) -> Result<Self> {
		let mut names = Self { list: BTreeMap::new(), label_key };
		let Some(text) = list else { return Ok(names) };
		let json = super::parse_json(text.strip_prefix('\u{feff}').unwrap_or(text))?;
		let members = json.as_object().ok_or_else(|| Error::refused("Malformed", "", "expected an object of names"))?;
		for (name, value) in members {
			let named = value.as_str().and_then(Named::parse_joined).ok_or_else(|| {
				let at = super::pointer("", name);
				Error::refused("Malformed", at, "expected a name like urn:salus:account:5Grw…")
			})?;
			names.list.insert(name.clone(), named);
		}
		Ok(names)
	}

	fn find(&self, reference: &str) -> Option<Named> {
		Named::parse_joined(reference).or_else(|| self.list.get(reference).cloned())
	}
}

impl Resolver for ChainNames<'_> {
	fn account(&mut self, reference: &str) -> Option<AccountId> {
		match self.find(reference)? {
			Named::Account(account) => Some(account),
			_ => None,
		}
	}

	fn organisation(&mut self, reference: &str) -> Option<OrgId> {
		match self.find(reference)? {
			Named::Organisation(org) => Some(org),
			_ => None,
		}
	}

	fn record(&mut self, reference: &str) -> Option<RecordId> {
		match self.find(reference)? {
			Named::Record(record) => Some(record),
			_ => None,
		}
	}

	fn episode(&mut self, reference: &str) -> Option<Episode> {
		match self.find(reference) {
			Some(Named::Episode(episode)) => Some(episode),
			Some(_) => None,
			None => self.label_key.map(|key| key.episode(reference)),
		}
	}

	fn labels(&mut self, labels: SensitivitySet) -> Option<u32> {
		self.label_key.map(|key| key.permutation().blind(labels))
	}

	fn blinded(&mut self, labels: u32) -> Option<u32> {
		Some(labels)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn names_come_back_as_they_were_written() {
		for named in [
			Named::Account(AccountId::new([7; 32])),
			Named::Organisation(3),
			Named::Role(MemberRole::EthicsReviewer),
			Named::Record(RecordId([8; 32])),
			Named::Episode(Episode([9; 16])),
			Named::Patient(PatientId([1; 32])),
		] {
			let reference = named.reference();
			let text = |name: &str| reference["identifier"][name].as_str().unwrap().to_owned();
			let (system, value) = (text("system"), text("value"));
			assert_eq!(Named::parse(&system, &value), Some(named.clone()));
			assert_eq!(Named::parse_joined(&format!("{system}:{value}")), Some(named));
		}
		for wrong in ["urn:salus:account:5Grw", "urn:salus:planet:3", "urn:salus:organisation:-1", "Organization/3"] {
			assert_eq!(Named::parse_joined(wrong), None, "{wrong}");
		}
	}

	#[test]
	fn a_list_gives_the_names_of_a_chain() {
		let key = LabelKey::random();
		let list = r#"{"Organization/o1": "urn:salus:organisation:3", "Encounter/e1": "urn:salus:organisation:3"}"#;
		let mut names = ChainNames::new(Some(list), Some(&key)).unwrap();
		assert_eq!(names.organisation("Organization/o1"), Some(3));
		assert_eq!(names.organisation("urn:salus:organisation:4"), Some(4));
		assert_eq!((names.organisation("Organization/o2"), names.account("Organization/o1")), (None, None));
		assert_eq!((names.episode("Encounter/e1"), names.record("Encounter/e1")), (None, None));
		assert_eq!(names.episode("Encounter/e2"), Some(key.episode("Encounter/e2")));
		let mut keyless = ChainNames::new(None, None).unwrap();
		assert_eq!((keyless.labels(SensitivitySet(1)), keyless.blinded(5)), (None, Some(5)));
		for wrong in ["[]", r#"{"a/b": "Organization/o1"}"#] {
			assert!(matches!(ChainNames::new(Some(wrong), None), Err(Error::Refused { code: "Malformed", .. })));
		}
	}
}
