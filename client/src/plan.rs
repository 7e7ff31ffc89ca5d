//! How a bundle becomes records, and what a record's plaintext is.
//!
//! A record groups the resources of one type, confidentiality, label set and encounter. Its plaintext is a FHIR Bundle of
//! type `collection` around the text of those resources as they stand in the file, byte for byte, so that the same file
//! always gives the same plaintexts, and each resource comes back as it was.

use crate::{
	crypto::LabelKey,
	fhir::{
		bundle::{self, Resource},
		labels::LabelTable,
	},
	Error, Result,
};
use salus_primitives::{Confidentiality, Episode, Month, RecordId, ResourceType, SensitivitySet};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::{borrow::Cow, collections::HashMap};
use zeroize::Zeroizing;

/// The records of a bundle, in the order in which each one's first resource stands there.
#[derive(Debug)]
pub struct Plan {
	/// `Bundle.type`.
	pub kind: String,
	/// What is to be anchored.
	pub records: Vec<PlannedRecord>,
	/// Security labels that decide nothing here, as `system|code`.
	pub ignored_labels: Vec<String>,
}

/// The first month that can be told. Data from an unknown time is from the first to the last: a permit for a period never
/// covers it, and a denial for a period always does.
pub const FIRST_MONTH: Month = Month(i16::MIN);
/// The last month that can be told.
pub const LAST_MONTH: Month = Month(i16::MAX - 1);

/// A record to be.
#[derive(Debug)]
pub struct PlannedRecord {
	/// FHIR type of its resources.
	pub resource_type: ResourceType,
	/// Their confidentiality.
	pub confidentiality: Confidentiality,
	/// Their sensitivity labels, in the plain.
	pub labels: SensitivitySet,
	/// The encounter they belong to.
	pub encounter: Option<String>,
	/// First month the data is from; [`FIRST_MONTH`] if that is unknown.
	pub data_from: Month,
	/// Last month the data is from; [`LAST_MONTH`] if that is unknown, or the data still grows.
	pub data_to: Month,
	/// How the resources are named in the bundle: full URL, else reference, else pointer.
	pub resources: Vec<String>,
	/// What is encrypted.
	pub plaintext: Zeroizing<Vec<u8>>,
}

/// A resource of a record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredResource {
	/// Its full URL in the bundle that it came from.
	pub full_url: Option<String>,
	/// Its text, as it was there.
	pub raw: String,
}

/// A record's plaintext.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Container<'a> {
	#[serde(rename = "resourceType", borrow)]
	resource_type: Cow<'a, str>,
	#[serde(rename = "type", borrow)]
	kind: Cow<'a, str>,
	#[serde(borrow)]
	entry: Vec<ContainerEntry<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ContainerEntry<'a> {
	#[serde(rename = "fullUrl", borrow, skip_serializing_if = "Option::is_none", default)]
	full_url: Option<Cow<'a, str>>,
	#[serde(borrow)]
	resource: &'a RawValue,
}

impl Plan {
	/// Cuts the text of a bundle into records.
	pub fn of_bundle(text: &str, table: &LabelTable) -> Result<Self> {
		let bundle = bundle::parse(text, table)?;
		let mut groups: Vec<Vec<&Resource>> = Vec::new();
		let mut known = HashMap::new();
		for resource in &bundle.resources {
			let key =
				(resource.resource_type, resource.confidentiality, resource.labels.0, resource.encounter.as_deref());
			let group = *known.entry((key.0 as u8, key.1 as u8, key.2, key.3)).or_insert_with(|| {
				groups.push(Vec::new());
				groups.len() - 1
			});
			groups[group].push(resource);
		}
		let records = groups.iter().map(|group| PlannedRecord::of(group)).collect::<Result<_>>()?;
		Ok(Self { kind: bundle.kind, records, ignored_labels: bundle.ignored_labels.into_iter().collect() })
	}

	/// The plan as `salus record plan` prints it.
	pub fn summary(&self) -> serde_json::Value {
		let records: Vec<_> = self.records.iter().map(PlannedRecord::summary).collect();
		serde_json::json!({
			"bundle": self.kind,
			"resources": self.records.iter().map(|record| record.resources.len()).sum::<usize>(),
			"records": records,
			"ignored_labels": self.ignored_labels,
		})
	}
}

impl PlannedRecord {
	fn of(group: &[&Resource]) -> Result<Self> {
		let first = group.first().ok_or_else(|| Error::Unexpected("a record without resources was planned".into()))?;
		let name = |resource: &&Resource| {
			let named = resource.full_url.clone().or_else(|| resource.reference.clone());
			named.unwrap_or_else(|| format!("/entry/{}/resource", resource.entry))
		};
		// An unknown side of one resource is an unknown side of all.
		let side = |of: fn(&Resource) -> Option<Month>, pick: fn(Month, Month) -> Month| {
			group.iter().map(|resource| of(resource)).reduce(|a, b| Some(pick(a?, b?))).flatten()
		};
		Ok(Self {
			resource_type: first.resource_type,
			confidentiality: first.confidentiality,
			labels: first.labels,
			encounter: first.encounter.clone(),
			data_from: side(|resource| resource.from, Month::min).unwrap_or(FIRST_MONTH),
			data_to: side(|resource| resource.to, Month::max).unwrap_or(LAST_MONTH),
			resources: group.iter().map(name).collect(),
			plaintext: container(group)?,
		})
	}

	/// Its identifier under a patient's label key.
	pub fn id(&self, key: &LabelKey) -> RecordId {
		key.record_id(&self.plaintext)
	}

	/// Its blinded encounter under a patient's label key.
	pub fn episode(&self, key: &LabelKey) -> Option<Episode> {
		self.encounter.as_deref().map(|encounter| key.episode(encounter))
	}

	fn summary(&self) -> serde_json::Value {
		serde_json::json!({
			"type": self.resource_type,
			"confidentiality": self.confidentiality,
			"labels": self.labels,
			"encounter": self.encounter,
			"from": month_text(self.data_from),
			"to": month_text(self.data_to),
			"resources": self.resources,
			"bytes": self.plaintext.len(),
		})
	}
}

/// A month as `YYYY-MM`; `None` if it stands for an unknown time.
pub fn month_text(month: Month) -> Option<String> {
	let months = i32::from(month.0);
	let known = FIRST_MONTH < month && month < LAST_MONTH;
	known.then(|| format!("{:04}-{:02}", 1970 + months.div_euclid(12), months.rem_euclid(12) + 1))
}

fn container(group: &[&Resource]) -> Result<Zeroizing<Vec<u8>>> {
	let failed = |e| Error::unexpected("writing a record", e);
	let entry = group
		.iter()
		.map(|resource| {
			let full_url = resource.full_url.as_deref().map(Cow::Borrowed);
			Ok(ContainerEntry { full_url, resource: serde_json::from_str(resource.raw).map_err(failed)? })
		})
		.collect::<Result<_>>()?;
	let container = Container { resource_type: "Bundle".into(), kind: "collection".into(), entry };
	serde_json::to_vec(&container).map(Zeroizing::new).map_err(failed)
}

/// The resources of a record's plaintext, each as it was in the bundle that it came from.
pub fn resources_of(plaintext: &[u8]) -> Result<Vec<StoredResource>> {
	let broken = || Error::Corrupted("the record decrypts, but is no bundle of resources".into());
	let container: Container = serde_json::from_slice(plaintext).map_err(|_| broken())?;
	if container.resource_type != "Bundle" || container.kind != "collection" {
		return Err(broken());
	}
	let stored = |entry: ContainerEntry| StoredResource {
		full_url: entry.full_url.map(Cow::into_owned),
		raw: entry.resource.get().to_owned(),
	};
	Ok(container.entry.into_iter().map(stored).collect())
}
