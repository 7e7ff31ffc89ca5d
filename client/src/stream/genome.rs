//! A genome: a VCF file, sealed and anchored as a whole.
//!
//! It is no stream. Nobody proves a line of it to anybody, and it is read as one under the access decision; so it becomes a
//! record like any other, of type `DocumentReference` around the file's own bytes, restricted and labelled as genetic. All
//! that holds for records holds for it: consents, gateways, receipts, amendments, shredding.

use crate::{
	fhir::time::parse_fhir,
	plan::{Plan, PlannedRecord, FIRST_MONTH, LAST_MONTH},
	Error, Result,
};
use base64::{engine::general_purpose::STANDARD as BASE64, Engine};
use salus_primitives::{Confidentiality, Month, ResourceType, Sensitivity, SensitivitySet};
use serde_json::json;
use std::collections::BTreeSet;
use zeroize::Zeroizing;

const COLUMNS: [&str; 8] = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO"];

/// What a VCF file holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Genome {
	/// Its version, as `4.2`.
	pub version: String,
	/// Lines of variants.
	pub variants: usize,
	/// `##fileDate`, as `YYYY-MM-DD`.
	date: Option<String>,
}

/// Checks a VCF file of one person: its header, and the columns of every line.
pub fn check(text: &str) -> Result<Genome> {
	let refused = |line: usize, message: &str| Error::Refused {
		code: "MalformedVcf",
		at: None,
		message: format!("line {line}: {message}"),
	};
	let mut lines = (1..).zip(text.lines());
	let version = lines.next().and_then(|(_, line)| line.strip_prefix("##fileformat=VCFv4."));
	let version = version.ok_or_else(|| refused(1, "a VCF file begins with ##fileformat=VCFv4"))?;
	let (mut date, mut columns, mut variants) = (None, None, 0);
	for (number, line) in lines {
		let fields: Vec<_> = line.split('\t').collect();
		if line.starts_with("##") && columns.is_none() {
			let stated = line.strip_prefix("##fileDate=").map(|date| date.replace('-', ""));
			date = date.or(stated.filter(|date| date.len() == 8 && date.bytes().all(|b| b.is_ascii_digit())));
		} else if line.starts_with('#') {
			if columns.is_some() {
				return Err(refused(number, "the columns are named twice"));
			}
			if fields.len() < COLUMNS.len() || fields[..COLUMNS.len()] != COLUMNS {
				return Err(refused(number, "the columns are #CHROM POS ID REF ALT QUAL FILTER INFO, by tabs"));
			}
			match fields.len() {
				8 => {}
				10 if fields[8] == "FORMAT" => {}
				_ => return Err(refused(number, "a genome is of one person: FORMAT and one sample, or neither")),
			}
			columns = Some(fields.len());
		} else {
			let expected = columns.ok_or_else(|| refused(number, "the line with #CHROM must come first"))?;
			variant(&fields, expected).map_err(|message| refused(number, message))?;
			variants += 1;
		}
	}
	columns.ok_or_else(|| refused(text.lines().count(), "there is no line with #CHROM"))?;
	let date = date.map(|date: String| format!("{}-{}-{}", &date[..4], &date[4..6], &date[6..]));
	Ok(Genome { version: format!("4.{version}"), variants, date })
}

fn variant(fields: &[&str], expected: usize) -> Result<(), &'static str> {
	if fields.len() != expected {
		return Err("there are more or fewer columns than are named");
	}
	if fields.iter().any(|field| field.is_empty()) {
		return Err("a column is empty: what is missing is a dot");
	}
	if fields[1].parse::<u64>().is_err() {
		return Err("POS is a number");
	}
	let bases: BTreeSet<_> = fields[3].bytes().map(|base| base.to_ascii_uppercase()).collect();
	if !bases.iter().all(|base| b"ACGTNRYKMSWBDHV".contains(base)) {
		return Err("REF is of the letters A, C, G, T, N");
	}
	if fields[5] != "." && fields[5].parse::<f64>().is_err() {
		return Err("QUAL is a number or a dot");
	}
	Ok(())
}

/// A checked VCF file as the one record that it becomes. The same file is always the same record, so that it is anchored
/// once.
pub fn to_plan(text: &str) -> Result<Plan> {
	let genome = check(text)?;
	let label = |system: &str, code: &str| json!({ "system": format!("http://terminology.hl7.org/CodeSystem/{system}"), "code": code });
	let mut resource = json!({
		"resourceType": "DocumentReference",
		"meta": { "security": [label("v3-Confidentiality", "R"), label("v3-ActCode", "GDIS")] },
		"status": "current",
		"description": format!("Variants of a genome, VCF {}", genome.version),
		"content": [{ "attachment": { "contentType": "text/x-vcf", "data": BASE64.encode(text) } }],
	});
	let day = genome.date.as_deref().and_then(parse_fhir);
	if let (Some(date), Some(_)) = (&genome.date, day) {
		resource["date"] = format!("{date}T00:00:00Z").into();
	}
	let bundle = json!({ "resourceType": "Bundle", "type": "collection", "entry": [{ "resource": resource }] });
	let month = day.map(|day| Month::containing(day.from));
	let record = PlannedRecord {
		resource_type: ResourceType::DocumentReference,
		confidentiality: Confidentiality::Restricted,
		labels: SensitivitySet::of(&[Sensitivity::Gdis]),
		encounter: None,
		data_from: month.unwrap_or(FIRST_MONTH),
		data_to: month.unwrap_or(LAST_MONTH),
		resources: vec!["genome".into()],
		plaintext: Zeroizing::new(bundle.to_string().into_bytes()),
	};
	Ok(Plan { kind: "collection".into(), records: vec![record], ignored_labels: Vec::new() })
}

/// The VCF file in a record's plaintext.
pub fn of_bundle(bundle: &str) -> Result<String> {
	let broken = || Error::Corrupted("the record is no genome".into());
	let bundle: serde_json::Value = serde_json::from_str(bundle).map_err(|_| broken())?;
	let data = bundle.pointer("/entry/0/resource/content/0/attachment/data").and_then(|data| data.as_str());
	let bytes = BASE64.decode(data.ok_or_else(broken)?).map_err(|_| broken())?;
	String::from_utf8(bytes).map_err(|_| broken())
}
