//! Disease ontologies from OBO files and parent tables; releases of them, and proofs.
//!
//! A parent table has lines `child<TAB>parent`; empty lines, lines that begin with `#`, and a first line that is
//! `child<TAB>parent` are passed over. Of an OBO file (1.2 or 1.4) the terms count with their `is_a`; terms that are
//! `is_obsolete`, and identifiers that were merged into others (`alt_id`), are withdrawn. Terms of other ontologies
//! are passed over, also as parents. Relationships other than `is_a` put nothing above a disease.

use crate::{
	fhir::{parse_json, pointer},
	Error, Result,
};
use codec::Encode;
use salus_primitives::{
	duo::{Closure, Disease, Leaf, Namespace, Ontology, Release, MAX_ANCESTORS},
	merkle::Tree,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Diseases with what lies directly above them.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Taxonomy {
	parents: BTreeMap<Disease, BTreeSet<Disease>>,
	obsolete: BTreeSet<Disease>,
}

impl Taxonomy {
	/// Reads an OBO file or a parent table; an error points at the line, counted from 0.
	pub fn read(text: &str) -> Result<Self> {
		let obo = text.lines().any(|line| line.trim() == "[Term]");
		let mut read = if obo { Self::obo(text)? } else { Self::table(text)? };
		if read.parents.is_empty() {
			return Err(Error::refused("Empty", "", "no term of MONDO or DOID is in it"));
		}
		let live = &read.parents;
		read.obsolete.retain(|term| !live.contains_key(term));
		read.check_order()?;
		Ok(read)
	}

	fn table(text: &str) -> Result<Self> {
		let mut read = Self::default();
		for (number, line) in text.lines().enumerate() {
			let line = line.trim_end_matches('\r');
			let heading = number == 0 && line == "child\tparent";
			if line.trim().is_empty() || line.starts_with('#') || heading {
				continue;
			}
			let at = || pointer("", number);
			let (child, parent) =
				line.split_once('\t').filter(|(_, parent)| !parent.contains('\t')).ok_or_else(|| {
					Error::refused("Malformed", at(), format!("line {}: expected child<TAB>parent", number + 1))
				})?;
			let (child, parent) = (term(child, number)?, term(parent, number)?);
			for one in child.into_iter().chain(parent) {
				read.parents.entry(one).or_default();
			}
			read.link(child, parent);
		}
		Ok(read)
	}

	fn obo(text: &str) -> Result<Self> {
		let mut read = Self::default();
		let mut stanza: Option<Stanza> = None;
		for (number, line) in text.lines().enumerate() {
			let line = line.trim();
			if line.starts_with('[') {
				read.take(stanza.take())?;
				stanza = (line == "[Term]").then(|| Stanza { line: number, ..Stanza::default() });
				continue;
			}
			let (Some(stanza), Some((tag, value))) = (&mut stanza, line.split_once(':')) else { continue };
			// What follows an identifier is a comment, or says something about the statement.
			let value = value.split_whitespace().next().unwrap_or_default();
			let value = value.split(['!', '{']).next().unwrap_or_default();
			match tag {
				"id" => {
					if stanza.id.replace(term(value, number)?).is_some() {
						let message = format!("line {}: a term has one identifier", number + 1);
						return Err(Error::refused("Duplicate", pointer("", number), message));
					}
				}
				"is_a" => stanza.parents.extend(term(value, number)?),
				"alt_id" => stanza.merged.extend(term(value, number)?),
				"is_obsolete" => stanza.obsolete = value == "true",
				_ => {}
			}
		}
		read.take(stanza)?;
		Ok(read)
	}

	fn take(&mut self, stanza: Option<Stanza>) -> Result<()> {
		let Some(stanza) = stanza else { return Ok(()) };
		let id = stanza.id.ok_or_else(|| {
			let message = format!("line {}: a term without identifier", stanza.line + 1);
			Error::refused("Missing", pointer("", stanza.line), message)
		})?;
		self.obsolete.extend(stanza.merged);
		match id {
			Some(id) if stanza.obsolete => {
				self.obsolete.insert(id);
			}
			Some(id) => {
				self.parents.entry(id).or_default();
				for parent in stanza.parents {
					self.parents.entry(parent).or_default();
					self.link(Some(id), Some(parent));
				}
			}
			None => {}
		}
		Ok(())
	}

	/// Only terms of one ontology lie above each other.
	fn link(&mut self, child: Option<Disease>, parent: Option<Disease>) {
		if let (Some(child), Some(parent)) = (child, parent) {
			if child.namespace == parent.namespace {
				self.parents.entry(child).or_default().insert(parent);
			}
		}
	}

	/// No term lies above itself.
	fn check_order(&self) -> Result<()> {
		match self.parents.keys().find(|term| self.ancestors(term).contains(term)) {
			Some(term) => Err(Error::refused("Cycle", "", format!("{term} lies above itself"))),
			None => Ok(()),
		}
	}

	/// Whether the ontology has withdrawn the term.
	pub fn is_obsolete(&self, disease: &Disease) -> bool {
		self.obsolete.contains(disease)
	}

	/// All that lies above a term.
	pub fn ancestors(&self, disease: &Disease) -> BTreeSet<Disease> {
		let mut above = BTreeSet::new();
		let mut next: Vec<_> = self.parents.get(disease).into_iter().flatten().collect();
		while let Some(term) = next.pop() {
			if above.insert(*term) {
				next.extend(self.parents.get(term).into_iter().flatten());
			}
		}
		above
	}

	/// The release of one of its ontologies.
	pub fn release(&self, namespace: Namespace) -> Result<ReleaseFile> {
		let terms = self.parents.keys().filter(|term| term.namespace == namespace);
		let leaf = |disease: &Disease| {
			let ancestors: Vec<_> = self.ancestors(disease).into_iter().map(|term| term.number).collect();
			let ancestors = ancestors.try_into().map_err(|_| {
				let message = format!("more than {MAX_ANCESTORS} terms lie above {disease}");
				Error::refused("TooManyAncestors", "", message)
			})?;
			Ok(Leaf { disease: *disease, ancestors })
		};
		let terms = terms.map(leaf).collect::<Result<Vec<_>>>()?;
		if terms.is_empty() {
			return Err(Error::refused("Empty", "", format!("no term of {namespace} is in it")));
		}
		let tree = tree(&terms);
		Ok(ReleaseFile { release: Release { namespace, root: tree.root(), count: terms.len() as u32 }, terms })
	}
}

impl Ontology for Taxonomy {
	fn is_below(&self, disease: &Disease, ancestor: &Disease) -> Option<bool> {
		let known = self.parents.contains_key(disease) && self.parents.contains_key(ancestor);
		known.then(|| self.ancestors(disease).contains(ancestor))
	}
}

/// A term of an OBO file, as it is read.
#[derive(Default)]
struct Stanza {
	line: usize,
	id: Option<Option<Disease>>,
	parents: Vec<Disease>,
	merged: Vec<Disease>,
	obsolete: bool,
}

/// A term of MONDO or DOID; `None` if it is one of another ontology.
fn term(text: &str, line: usize) -> Result<Option<Disease>> {
	let text = text.trim();
	match text.parse() {
		Ok(disease) => Ok(Some(disease)),
		Err(wrong) => {
			let prefix = text.split_once(':').map(|(prefix, _)| prefix);
			let other = prefix.is_some_and(|prefix| !prefix.is_empty() && Namespace::from_code(prefix).is_none());
			if other {
				return Ok(None);
			}
			Err(Error::refused("BadDisease", pointer("", line), format!("line {}: {text}: {wrong}", line + 1)))
		}
	}
}

fn tree(terms: &[Leaf]) -> Tree {
	let contents: Vec<_> = terms.iter().map(Encode::encode).collect();
	Tree::new(&contents)
}

/// A release with all of its terms, from which proofs are made: what `salus ontology build --out` writes.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct ReleaseFile {
	/// What the chain is told.
	#[serde(flatten)]
	pub release: Release,
	/// Its leaves, in the order of their numbers.
	pub terms: Vec<Leaf>,
}

impl ReleaseFile {
	/// Reads a file, and checks that root and count are those of its terms.
	pub fn read(text: &str) -> Result<Self> {
		let json = parse_json(text)?;
		let read: Self = serde_json::from_value(json)
			.map_err(|error| Error::refused("Malformed", "", format!("this is no release of an ontology: {error}")))?;
		let ordered = read.terms.is_sorted_by(|one, next| one.disease < next.disease);
		let sound = read.terms.iter().all(|leaf| leaf.is_sound() && leaf.disease.namespace == read.release.namespace);
		if !ordered || !sound {
			return Err(Error::refused("Malformed", "/terms", "terms and ancestors are ordered, and of one ontology"));
		}
		if tree(&read.terms).root() != read.release.root || read.terms.len() != read.release.count as usize {
			return Err(Error::Corrupted("the root or count of the release is not that of its terms".into()));
		}
		Ok(read)
	}

	/// Proofs of what lies above these diseases, as a request carries them.
	pub fn prove(&self, diseases: &[Disease]) -> Result<Vec<Closure>> {
		let tree = tree(&self.terms);
		let prove = |disease: &Disease| {
			let index = self.terms.binary_search_by_key(disease, |leaf| leaf.disease).map_err(|_| {
				let message =
					format!("{disease} is not in this release of {}: unknown, or withdrawn", self.release.namespace);
				Error::usage("UnknownDisease", message)
			})?;
			let proof = tree.proof(index as u32).unwrap_or_default();
			let proof = proof.try_into().map_err(|_| Error::Unexpected("a proof is too long".into()))?;
			Ok(Closure { index: index as u32, leaf: self.terms[index].clone(), proof })
		};
		diseases.iter().map(prove).collect()
	}
}
