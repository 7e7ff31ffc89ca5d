//! Which codes make data sensitive.
//!
//! The table is text, one rule a line; `#` begins a comment line. A line
//!
//! `system NAME URI…`
//!
//! names a code system by all the URIs that it goes by; a line
//!
//! `LABEL[,LABEL…] NAME CODE [words]`
//!
//! gives a code its sensitivity labels (HL7 v3 ActCode). A code that ends in `*` stands for every code that begins so;
//! dots and case in codes do not count (`F10.2` is `f102`). A line
//!
//! `age LABEL FROM TO LABEL[,LABEL…]`
//!
//! gives the first label to what carries one of the others, or one below them, and is from when the patient was `FROM`
//! years old but not yet `TO`. The built-in table is `client/src/fhir/labels.txt`.

use super::time::Span;
use crate::{Error, Result};
use chrono::{DateTime, Months, Utc};
use salus_primitives::{Sensitivity, SensitivitySet};
use std::{collections::HashMap, path::Path};

/// The table that is built in.
pub const BUILT_IN: &str = include_str!("labels.txt");

/// Codes and their sensitivity labels.
#[derive(Clone, Debug, Default)]
pub struct LabelTable {
	/// URI of a system to its position.
	systems: HashMap<String, usize>,
	codes: HashMap<(usize, String), SensitivitySet>,
	prefixes: Vec<(usize, String, SensitivitySet)>,
	ages: Vec<AgeRule>,
}

/// What makes data sensitive because of the patient's age at the time.
#[derive(Clone, Debug)]
struct AgeRule {
	label: Sensitivity,
	/// In years; the end is not included.
	from: u32,
	to: u32,
	/// What carries one of these.
	of: SensitivitySet,
}

impl LabelTable {
	/// The table of a file, or the built-in one.
	pub fn from_option(file: Option<&Path>) -> Result<Self> {
		match file {
			None => Self::parse(BUILT_IN),
			Some(path) => Self::parse(&std::fs::read_to_string(path).map_err(|e| Error::file(path, e))?),
		}
	}

	/// The table of a text.
	pub fn parse(text: &str) -> Result<Self> {
		let mut table = Self::default();
		let mut names: HashMap<&str, usize> = HashMap::new();
		for (number, line) in text.lines().enumerate() {
			let refused =
				|what: &str| Error::usage("bad-label-table", format!("line {} of the label table: {what}", number + 1));
			let mut words = line.split_whitespace();
			let Some(first) = words.next().filter(|word| !word.starts_with('#')) else { continue };
			let name = words.next().ok_or_else(|| refused("the system is missing"))?;
			if first == "system" {
				let position = names.len();
				if names.insert(name, position).is_some() {
					return Err(refused(&format!("system {name} is defined twice")));
				}
				table.systems.extend(words.map(|uri| (uri.to_owned(), position)));
				continue;
			}
			let label =
				|code: &str| Sensitivity::from_code(code).ok_or_else(|| refused(&format!("unknown label {code}")));
			if first == "age" {
				let mut years = || words.next()?.parse::<u32>().ok().filter(|years| *years <= 150);
				let (from, to) = years().zip(years()).ok_or_else(|| refused("expected two ages in years"))?;
				if from >= to {
					return Err(refused("the ages end before they begin"));
				}
				let of = words.next().ok_or_else(|| refused("the labels are missing"))?;
				let of = of.split(',').map(label).collect::<Result<SensitivitySet>>()?.expanded();
				table.ages.push(AgeRule { label: label(name)?, from, to, of });
				continue;
			}
			let labels = first.split(',').map(label).collect::<Result<SensitivitySet>>()?;
			let system =
				*names.get(name).ok_or_else(|| refused(&format!("system {name} is not defined above this line")))?;
			let code = words.next().ok_or_else(|| refused("the code is missing"))?;
			match code.strip_suffix('*') {
				Some("") => return Err(refused("a lone * would label every code")),
				Some(prefix) => table.prefixes.push((system, normal(prefix), labels)),
				None => {
					let entry = table.codes.entry((system, normal(code))).or_default();
					*entry = entry.union(labels);
				}
			}
		}
		Ok(table)
	}

	/// The labels that data with these labels has besides, for its age: born within one span of time, from another.
	pub fn labels_of_age(&self, labels: SensitivitySet, born: Span, data: Span) -> SensitivitySet {
		let applies = |rule: &&AgeRule| {
			let (first, end) = (birthday(born.from, rule.from), birthday(born.to, rule.to));
			// Beyond the calendar nobody is of that age.
			let then = first.zip(end).is_some_and(|(first, end)| data.from < end && first < data.to);
			then && rule.of.intersects(labels)
		};
		self.ages.iter().filter(applies).map(|rule| rule.label).collect()
	}

	/// The labels of a code; none if the table does not name it.
	pub fn labels(&self, system: &str, code: &str) -> SensitivitySet {
		let Some(system) = self.systems.get(system).copied() else { return SensitivitySet::EMPTY };
		let code = normal(code);
		let by_prefix = self
			.prefixes
			.iter()
			.filter(|(of, prefix, _)| *of == system && code.starts_with(prefix.as_str()))
			.fold(SensitivitySet::EMPTY, |all, (_, _, labels)| all.union(*labels));
		self.codes.get(&(system, code)).copied().unwrap_or_default().union(by_prefix)
	}
}

/// The moment this many years later, in unix milliseconds.
fn birthday(born: i64, years: u32) -> Option<i64> {
	let born = DateTime::<Utc>::from_timestamp_millis(born)?;
	Some(born.checked_add_months(Months::new(12 * years))?.timestamp_millis())
}

fn normal(code: &str) -> String {
	code.chars().filter(|c| *c != '.').map(|c| c.to_ascii_uppercase()).collect()
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::fhir::time::parse_fhir;
	use Sensitivity::*;

	#[test]
	fn the_built_in_table_covers_what_it_says() {
		let table = LabelTable::parse(BUILT_IN).unwrap();
		let labels = |system, code| table.labels(system, code);
		for (system, code, expected) in [
			("http://snomed.info/sct", "370143000", SensitivitySet::of(&[Mh, Psy])),
			("http://hl7.org/fhir/sid/icd-10-cm", "F33.1", SensitivitySet::of(&[Mh, Psy])),
			("http://hl7.org/fhir/sid/icd-10", "F10.2", SensitivitySet::of(&[Eth, Ethud])),
			("http://hl7.org/fhir/sid/icd-10", "f112", SensitivitySet::of(&[Eth, Opioidud])),
			("http://hl7.org/fhir/sid/icd-10", "F17.2", SensitivitySet::EMPTY),
			("http://hl7.org/fhir/sid/icd-10", "E84.0", SensitivitySet::of(&[Gdis])),
			("http://hl7.org/fhir/sid/icd-10", "D57.1", SensitivitySet::of(&[Sca, Sickle, Gdis])),
			("http://hl7.org/fhir/sid/icd-10", "D57.3", SensitivitySet::of(&[Sickle, Gdis])),
			("http://hl7.org/fhir/sid/icd-10-cm", "Y07.01", SensitivitySet::of(&[Sdv, Vio])),
			("http://hl7.org/fhir/sid/icd-10-cm", "X93", SensitivitySet::of(&[Vio])),
			("http://snomed.info/sct", "103735009", SensitivitySet::of(&[Tboo])),
			("http://hl7.org/fhir/sid/icd-10", "B20", SensitivitySet::of(&[Hiv])),
			("http://hl7.org/fhir/sid/icd-10", "A51.0", SensitivitySet::of(&[Std])),
			("http://www.nlm.nih.gov/research/umls/rxnorm", "6813", SensitivitySet::of(&[Eth, Opioidud])),
			("http://loinc.org", "25836-8", SensitivitySet::of(&[Hiv])),
			("http://loinc.org", "44249-1", SensitivitySet::of(&[Mh])),
			("http://loinc.org", "718-7", SensitivitySet::EMPTY),
			("http://hl7.org/fhir/sid/icd-10", "I10", SensitivitySet::EMPTY),
			("http://elsewhere.example", "B20", SensitivitySet::EMPTY),
		] {
			assert_eq!(labels(system, code), expected, "{system} {code}");
		}
	}

	#[test]
	fn every_label_is_told_by_a_code_or_an_age_or_said_by_the_custodian() {
		let table = LabelTable::parse(BUILT_IN).unwrap();
		let by_code = table.codes.values().chain(table.prefixes.iter().map(|(_, _, labels)| labels));
		let told = by_code.fold(SensitivitySet::EMPTY, |all, labels| all.union(*labels));
		let told = table.ages.iter().fold(told, |all, rule| all.with(rule.label));
		let said: SensitivitySet = Sensitivity::ALL.iter().copied().filter(|label| !told.contains(*label)).collect();
		assert_eq!(said, SensitivitySet::of(&[Mst, Cel, Prs]));
		// The table names those, so that nobody looks for them in vain.
		for label in said.iter() {
			assert!(BUILT_IN.contains(&format!("#   {label}   ")), "{label}");
		}
	}

	#[test]
	fn sensitive_data_of_adolescents_is_told_by_their_age() {
		let table = LabelTable::parse(BUILT_IN).unwrap();
		let span = |text: &str| parse_fhir(text).unwrap();
		let of = |labels: &[Sensitivity], born: &str, data: &str| {
			table.labels_of_age(SensitivitySet::of(labels), span(born), span(data))
		};
		let adolescent = SensitivitySet::of(&[Adol]);
		for (born, data, expected) in [
			("2000-02-29", "2012-02-28", SensitivitySet::EMPTY),
			("2000-02-29", "2012-02-29", adolescent),
			("2000-02-29", "2018-02-27", adolescent),
			("2000-02-29", "2018-03-01", SensitivitySet::EMPTY),
			("2000", "2012", adolescent),
			("2000", "2018-12-31", adolescent),
			("2000", "2019-01-01", SensitivitySet::EMPTY),
			("2000", "2011", SensitivitySet::EMPTY),
		] {
			assert_eq!(of(&[Sex], born, data), expected, "{born} {data}");
		}
		assert_eq!(of(&[Opioidud], "2000", "2015"), adolescent);
		assert_eq!(of(&[Gdis], "2000", "2015"), SensitivitySet::EMPTY);
	}

	#[test]
	fn another_table_replaces_it() {
		let table =
			LabelTable::parse("# ours\nsystem local urn:a urn:b\n\nHIV,STD local X.1* all of it\nSEX local X12")
				.unwrap();
		assert_eq!(table.labels("urn:b", "x12"), SensitivitySet::of(&[Hiv, Std, Sex]));
		assert_eq!(table.labels("urn:a", "X2"), SensitivitySet::EMPTY);
		assert_eq!(table.labels("http://loinc.org", "25836-8"), SensitivitySet::EMPTY);
	}

	#[test]
	fn a_line_that_cannot_be_read_is_named() {
		for (text, line) in [
			("HIV local X", 1),
			("\nsystem a urn:a\nFLU a X", 3),
			("system a urn:a\nHIV a", 2),
			("system a urn:a\nHIV a *", 2),
			("system a urn:a\nsystem a urn:b", 2),
			("HIV", 1),
			("age ADOL 12 SEX", 1),
			("age ADOL 18 12 SEX", 1),
			("age ADOL 12 18", 1),
			("age YOUNG 12 18 SEX", 1),
			("age ADOL 12 18 FLU", 1),
		] {
			match LabelTable::parse(text) {
				Err(Error::Refused { code: "bad-label-table", message, .. }) => {
					assert!(message.starts_with(&format!("line {line} ")), "{message}")
				}
				other => panic!("{text}: {other:?}"),
			}
		}
	}
}
