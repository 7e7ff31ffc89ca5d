//! Searching through the FHIR face of a gateway: what comes back sealed is opened here.

use super::reader::{Read, Reader};
use crate::{gateway::fhir, plan::resources_of, Error, Result};
use salus_primitives::{Action, PatientId, Purpose, ResourceType};
use serde_json::{json, value::RawValue, Value};
use std::collections::BTreeMap;

/// Most pages of one search.
const MAX_PAGES: usize = 200;

/// What a search found.
#[derive(Debug, Default)]
pub struct Found {
	/// The records that were given, verified and opened.
	pub read: Vec<Read>,
	/// How many records were withheld, by the reason's code.
	pub withheld: BTreeMap<String, u32>,
	/// What the gateway says of records that are permitted and that it cannot give.
	pub lost: Vec<String>,
}

impl Reader<'_> {
	/// Searches for all resources of a type that the gateway's custodian keeps of a patient, in pages of so many records
	/// or of as many as the gateway likes.
	pub async fn search(
		&self,
		patient: &PatientId,
		resource_type: ResourceType,
		purpose: Purpose,
		action: Action,
		page: Option<usize>,
	) -> Result<Found> {
		let mut found = Found::default();
		let base = fhir::search_target(resource_type, patient, purpose, action);
		let mut target = page.map_or(base.clone(), |page| format!("{base}&_count={page}"));
		for _ in 0..MAX_PAGES {
			let signed = self.sign_target(target, purpose, action).await?;
			let bundle: Value = self.ask(&signed).await?;
			for entry in bundle["entry"].as_array().into_iter().flatten() {
				if entry["search"]["mode"] == "outcome" {
					for issue in entry["resource"]["issue"].as_array().into_iter().flatten() {
						match fhir::withheld(issue) {
							Some((reason, count)) => *found.withheld.entry(reason).or_insert(0) += count,
							None => found.lost.push(issue["details"]["text"].as_str().unwrap_or("?").to_owned()),
						}
					}
					continue;
				}
				let unreadable = || Error::Corrupted("the gateway's searchset has an entry that is not sealed".into());
				let release = fhir::sealed(&entry["resource"]).ok_or_else(unreadable)?;
				let (record, of_type) = (release.record.id, release.record.resource_type);
				if of_type != resource_type {
					return Err(Error::Corrupted(format!("the gateway gave record {record} of type {of_type}")));
				}
				found.read.push(self.open(patient, &record, &signed, &release).await?);
			}
			let links = bundle["link"].as_array().into_iter().flatten();
			let mut next = links.filter(|link| link["relation"] == "next").filter_map(|link| link["url"].as_str());
			match next.next() {
				// Only another page of the same search is signed.
				Some(url) if url.starts_with(&base) => target = url.to_owned(),
				_ => return Ok(found),
			}
		}
		Err(Error::Corrupted("the gateway's searchset does not end".into()))
	}

	/// As [`Self::search`], as the searchset of FHIR resources that it stands for: the resources as they were when they
	/// were anchored, and an `OperationOutcome` about those that are withheld.
	pub async fn fhir_search(
		&self,
		patient: &PatientId,
		resource_type: ResourceType,
		purpose: Purpose,
		action: Action,
	) -> Result<String> {
		self.search(patient, resource_type, purpose, action, None).await?.to_bundle()
	}
}

impl Found {
	/// A searchset of the resources.
	pub fn to_bundle(&self) -> Result<String> {
		let writing = |error| Error::unexpected("writing a bundle", error);
		let mut entries: Vec<Box<RawValue>> = Vec::new();
		for read in &self.read {
			for resource in resources_of(&read.plaintext)? {
				let url = match &resource.full_url {
					Some(url) => format!("\"fullUrl\":{},", serde_json::to_string(url).map_err(writing)?),
					None => String::new(),
				};
				// The resource stays as it is, to the last digit.
				let text = format!("{{{url}\"resource\":{},\"search\":{{\"mode\":\"match\"}}}}", resource.raw);
				entries.push(RawValue::from_string(text).map_err(writing)?);
			}
		}
		let total = entries.len();
		let withheld = self.withheld.iter().map(|(reason, count)| fhir::suppressed(reason, *count));
		let lost = self
			.lost
			.iter()
			.map(|text| json!({ "severity": "error", "code": "incomplete", "details": { "text": text } }));
		let issues: Vec<_> = withheld.chain(lost).collect();
		if !issues.is_empty() {
			let outcome = json!({ "resourceType": "OperationOutcome", "issue": issues });
			let entry = json!({ "resource": outcome, "search": { "mode": "outcome" } });
			entries.push(RawValue::from_string(entry.to_string()).map_err(writing)?);
		}
		let entries = serde_json::to_string(&entries).map_err(writing)?;
		Ok(format!("{{\"resourceType\":\"Bundle\",\"type\":\"searchset\",\"total\":{total},\"entry\":{entries}}}"))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn what_is_withheld_is_counted_and_not_named() {
		let found = Found {
			withheld: [("denied".to_owned(), 2), ("restricted".to_owned(), 1)].into(),
			lost: vec!["record 0x01: gone".into()],
			..Found::default()
		};
		let bundle: Value = serde_json::from_str(&found.to_bundle().unwrap()).unwrap();
		assert_eq!((&bundle["type"], &bundle["total"]), (&json!("searchset"), &json!(0)));
		let entry = &bundle["entry"][0];
		assert_eq!(entry["search"]["mode"], "outcome");
		let issues = entry["resource"]["issue"].as_array().unwrap();
		assert_eq!(fhir::withheld(&issues[0]), Some(("denied".into(), 2)));
		assert_eq!(fhir::withheld(&issues[1]), Some(("restricted".into(), 1)));
		assert_eq!((issues.len(), fhir::withheld(&issues[2])), (3, None));
		assert_eq!(issues[0]["severity"], "information");
	}
}
