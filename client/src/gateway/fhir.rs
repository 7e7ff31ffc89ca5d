//! The FHIR R4 face of a gateway: read, search and a capability statement.
//!
//! A gateway does not hand out content that it could read: what leaves it is sealed to who asked. So a record is told as
//! a `DocumentReference` whose attachment, of type `application/vnd.salus.sealed+json`, is the [`Release`] of
//! `GET /records/…`: envelope, ciphertext, decision. The requester's client opens it and has the FHIR resources (see
//! [`crate::records::Reader::fhir_search`]).
//!
//! - `GET /fhir/{type}/{id}?patient=…`: one record; `id` is its identifier without `0x`.
//! - `GET /fhir/{type}?patient=…`: the patient's records of this type that this custodian keeps, as a searchset. Entries
//!   of mode `match` are those that the chain permits; one of mode `outcome` counts the others by reason. `_count` bounds
//!   a page, the link `next` leads to the one after; it is signed anew.
//!
//! Each record is decided and leaves a receipt of its own, under the one signed request. How many records of which type a
//! patient has, and what the chain answers about them, is public on the chain: the counts tell nothing new.

use super::{
	request::SignedRequest,
	server::{node, Asker, Gateway, Heads, Judged},
	GatewayError, Release,
};
use axum::{
	http::{header::CONTENT_TYPE, StatusCode},
	response::{IntoResponse, Response},
};
use base64::{engine::general_purpose::STANDARD as BASE64, Engine};
use futures::stream::{self, StreamExt};
use salus_primitives::{
	views::{Page, RecordView, MAX_PAGE},
	Action, PatientId, Purpose, RecordId, ResourceType,
};
use serde_json::{json, Value};
use std::collections::BTreeMap;

/// The attachment's type.
pub const SEALED: &str = "application/vnd.salus.sealed+json";
/// The media type of FHIR.
const FHIR_JSON: &str = "application/fhir+json; charset=utf-8";
/// System of the reasons of decisions.
pub const REASONS: &str = "urn:salus:reason";
/// System of the codes of refusals.
const ERRORS: &str = "urn:salus:gateway-error";
/// System of patients' pseudonyms.
pub const PATIENTS: &str = "urn:salus:patient";
const RESOURCE_TYPES: &str = "http://hl7.org/fhir/resource-types";
const CONFIDENTIALITY: &str = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";
const ACT_CODE: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";

/// Records of a page, unless fewer are asked for.
const DEFAULT_COUNT: usize = 20;
/// Most records of a page: their ciphertext is in the answer.
const MAX_COUNT: usize = 50;
/// Most anchors that one search looks at.
const MAX_PROBES: usize = 10 * MAX_PAGE as usize;
/// Records that are decided at the same time.
pub(super) const AT_ONCE: usize = 8;

impl Gateway {
	/// Answers `GET /fhir/{type}/{id}`.
	pub async fn read(
		&self,
		signed: SignedRequest,
		resource_type: ResourceType,
		patient: PatientId,
		record: RecordId,
	) -> Result<Value, GatewayError> {
		let asker = self.authenticate(signed).await?;
		let heads = self.heads().await?;
		let judged = self.judge(&asker, heads, patient, record).await?;
		if judged.view.resource_type != resource_type {
			return Err(GatewayError::UnknownRecord);
		}
		document(&self.carry_out(&asker, judged).await?)
	}

	/// Answers `GET /fhir/{type}`.
	pub async fn search(
		&self,
		signed: SignedRequest,
		resource_type: ResourceType,
		patient: PatientId,
		count: Option<usize>,
		cursor: Option<RecordId>,
	) -> Result<Value, GatewayError> {
		let asker = self.authenticate(signed).await?;
		let heads = self.heads().await?;
		let count = count.unwrap_or(DEFAULT_COUNT).clamp(1, MAX_COUNT);
		let (records, next) = self.list(heads, &patient, resource_type, count, cursor).await?;
		let results: Vec<_> = stream::iter(records)
			.map(|record| self.consider(&asker, heads, patient, record))
			.buffered(AT_ONCE)
			.collect()
			.await;

		let (mut entries, mut drafts, mut withheld, mut broken) = (Vec::new(), Vec::new(), BTreeMap::new(), Vec::new());
		for result in results {
			match result {
				Ok((judged, Some(release))) => {
					drafts.push(judged.draft(&asker));
					entries.push(release);
				}
				Ok((judged, None)) => {
					drafts.push(judged.draft(&asker));
					*withheld.entry(judged.answer.decision.reason).or_insert(0u32) += 1;
				}
				// One record that cannot be given does not keep the others back; a node or a disk that fails does.
				Err((record, error)) if error.is_of_record() => broken.push((record, error)),
				Err((_, error)) => return Err(error),
			}
		}
		if !drafts.is_empty() {
			let first = self.write_down(&asker, drafts.clone()).await?;
			for release in &mut entries {
				let place = drafts.iter().position(|draft| draft.receipt.record == release.record.id);
				release.receipt = first + place.unwrap_or(0) as u64;
			}
		}

		let mut links = vec![json!({ "relation": "self", "url": asker.signed.request.target })];
		let mut list = Vec::new();
		for release in &entries {
			list.push(json!({ "search": { "mode": "match" }, "resource": document(release)? }));
		}
		if !withheld.is_empty() || !broken.is_empty() {
			let issues = withheld.iter().map(|(reason, count)| suppressed(reason.code(), *count));
			let issues: Vec<_> = issues.chain(broken.iter().map(|(record, error)| lost(record, error))).collect();
			let outcome = json!({ "resourceType": "OperationOutcome", "issue": issues });
			list.push(json!({ "search": { "mode": "outcome" }, "resource": outcome }));
		}
		if let Some(next) = next {
			let request = &asker.signed.request;
			let url = next_target(resource_type, &patient, request.purpose, request.action, count, &next);
			links.push(json!({ "relation": "next", "url": url }));
		}
		Ok(json!({ "resourceType": "Bundle", "type": "searchset", "link": links, "entry": list }))
	}

	/// The next records of a type that this custodian may keep, and the cursor of the page after.
	async fn list(
		&self,
		heads: Heads,
		patient: &PatientId,
		resource_type: ResourceType,
		count: usize,
		mut cursor: Option<RecordId>,
	) -> Result<(Vec<RecordId>, Option<RecordId>), GatewayError> {
		let inner = &self.inner;
		let (mut found, mut probes) = (Vec::new(), 0);
		loop {
			let page: Page<RecordView, RecordId> = inner
				.chain
				.call_api("RecordsApi_records", (patient, cursor, MAX_PAGE), Some(heads.best.hash))
				.await
				.map_err(node)?;
			for view in page.items {
				probes += 1;
				let kept = view.custodian.is_none_or(|custodian| custodian == inner.org);
				if kept && view.resource_type == resource_type {
					if found.len() == count {
						return Ok((found.clone(), found.last().copied()));
					}
					found.push(view.id);
				}
			}
			cursor = page.next;
			if cursor.is_none() || probes >= MAX_PROBES {
				return Ok((found, cursor));
			}
		}
	}

	/// Decides about one record and seals it if that is permitted.
	async fn consider(
		&self,
		asker: &Asker,
		heads: Heads,
		patient: PatientId,
		record: RecordId,
	) -> Result<(Judged, Option<Release>), (RecordId, GatewayError)> {
		let judged = self.judge(asker, heads, patient, record).await.map_err(|error| (record, error))?;
		if !judged.answer.decision.is_permit() {
			return Ok((judged, None));
		}
		let release = self.prepare(asker, &judged).await.map_err(|error| (record, error))?;
		Ok((judged, Some(release)))
	}
}

impl GatewayError {
	/// Whether it concerns one record only.
	pub(super) fn is_of_record(&self) -> bool {
		matches!(
			self,
			Self::UnknownRecord
				| Self::NotCustodian
				| Self::DataKeyMissing { .. }
				| Self::CiphertextMissing
				| Self::CiphertextCorrupted
				| Self::ContributionChanged
		)
	}
}

/// Path and query of a search.
pub fn search_target(resource_type: ResourceType, patient: &PatientId, purpose: Purpose, action: Action) -> String {
	format!("/fhir/{resource_type}?patient={patient}&purpose={purpose}&action={action}")
}

fn next_target(
	resource_type: ResourceType,
	patient: &PatientId,
	purpose: Purpose,
	action: Action,
	count: usize,
	cursor: &RecordId,
) -> String {
	format!("{}&_count={count}&_cursor={cursor}", search_target(resource_type, patient, purpose, action))
}

/// The FHIR type that a path names.
pub fn resource_type(name: &str) -> Result<ResourceType, GatewayError> {
	ResourceType::from_code(name).ok_or(GatewayError::UnknownType)
}

/// A record as a `DocumentReference`.
fn document(release: &Release) -> Result<Value, GatewayError> {
	let view = &release.record;
	let sealed = serde_json::to_vec(release).map_err(|error| GatewayError::Storage(error.to_string()))?;
	let mut labels = vec![json!({ "coding": [{ "system": CONFIDENTIALITY, "code": view.confidentiality }] })];
	if !release.obligations.is_empty() {
		let codes = release.obligations.iter().map(|code| json!({ "system": ACT_CODE, "code": code }));
		labels.push(json!({ "coding": codes.collect::<Vec<_>>() }));
	}
	Ok(json!({
		"resourceType": "DocumentReference",
		"id": hex::encode(view.id.0),
		"meta": { "versionId": view.version.to_string() },
		"status": "current",
		"type": { "coding": [{ "system": RESOURCE_TYPES, "code": view.resource_type }] },
		"subject": { "identifier": { "system": PATIENTS, "value": view.patient } },
		"securityLabel": labels,
		"content": [{ "attachment": { "contentType": SEALED, "data": BASE64.encode(&sealed) } }],
	}))
}

/// The sealed record in a `DocumentReference`; `None` if it is none of this gateway's.
pub fn sealed(document: &Value) -> Option<Release> {
	let attachment = &document["content"][0]["attachment"];
	if attachment["contentType"] != SEALED {
		return None;
	}
	serde_json::from_slice(&BASE64.decode(attachment["data"].as_str()?).ok()?).ok()
}

/// An issue that says how many records are withheld and why.
pub fn suppressed(reason: &str, count: u32) -> Value {
	let text = match count {
		1 => format!("1 record is withheld: {reason}"),
		count => format!("{count} records are withheld: {reason}"),
	};
	json!({
		"severity": "information",
		"code": "suppressed",
		"details": { "coding": [{ "system": REASONS, "code": reason }], "text": text },
		"extension": [{ "url": "urn:salus:count", "valueUnsignedInt": count }],
	})
}

/// How many records an issue says are withheld, and why.
pub fn withheld(issue: &Value) -> Option<(String, u32)> {
	let coding = &issue["details"]["coding"][0];
	let count = issue["extension"][0]["valueUnsignedInt"].as_u64()?.try_into().ok()?;
	(issue["code"] == "suppressed" && coding["system"] == REASONS).then_some(())?;
	Some((coding["code"].as_str()?.to_owned(), count))
}

/// An issue about a record that is permitted and cannot be given.
fn lost(record: &RecordId, error: &GatewayError) -> Value {
	json!({
		"severity": "error",
		"code": "incomplete",
		"details": {
			"coding": [{ "system": ERRORS, "code": error.code() }],
			"text": format!("record {record}: {error}"),
		},
	})
}

/// A refusal as an `OperationOutcome`.
pub fn outcome(error: &GatewayError) -> Value {
	let code = match error {
		GatewayError::Denied(_)
		| GatewayError::NotForPatient
		| GatewayError::NotOffered
		| GatewayError::NotRecipient
		| GatewayError::NotGranted(_) => "forbidden",
		GatewayError::Request(super::RequestError::Field(_)) | GatewayError::Body => "invalid",
		GatewayError::Request(super::RequestError::Expired | super::RequestError::ValidTooLong) => "expired",
		GatewayError::Request(super::RequestError::Replayed) => "duplicate",
		GatewayError::Request(_) => "security",
		GatewayError::UnknownRecord
		| GatewayError::UnknownAlert
		| GatewayError::NoLabelKey
		| GatewayError::NotCustodian => "not-found",
		GatewayError::UnknownType | GatewayError::UnknownPath => "not-supported",
		GatewayError::KeyNotRegistered | GatewayError::KeyEpoch { .. } | GatewayError::ContributionChanged => {
			"conflict"
		}
		GatewayError::DataKeyMissing { .. } | GatewayError::CiphertextMissing | GatewayError::ContributionMissing => {
			"deleted"
		}
		GatewayError::CiphertextCorrupted | GatewayError::Storage(_) => "exception",
		GatewayError::Busy => "throttled",
		GatewayError::Timeout => "timeout",
		GatewayError::Node(_) | GatewayError::NodeBehind(_) => "transient",
	};
	let mut coding = vec![json!({ "system": ERRORS, "code": error.code() })];
	if let GatewayError::Denied(answer) = error {
		coding.push(json!({ "system": REASONS, "code": answer.decision.reason.code() }));
	}
	json!({
		"resourceType": "OperationOutcome",
		"issue": [{
			"severity": "error",
			"code": code,
			"details": { "coding": coding, "text": error.to_string() },
			"diagnostics": serde_json::to_string(&error.refusal()).unwrap_or_default(),
		}],
	})
}

/// What the gateway can do, as FHIR asks it to be told.
pub fn capabilities() -> Value {
	let resource = |kind: &ResourceType| {
		json!({
			"type": kind,
			"interaction": [{ "code": "read" }, { "code": "search-type" }],
			"searchParam": [
				{ "name": "patient", "type": "reference", "documentation": "The pseudonym; required." },
				{ "name": "purpose", "type": "token", "documentation": "Purpose of use, HL7 v3 ActReason; required." },
				{ "name": "action", "type": "token", "documentation": "collect, access, use, disclose, correct; required." },
			],
		})
	};
	json!({
		"resourceType": "CapabilityStatement",
		"status": "active",
		"date": "2026-11-22",
		"kind": "instance",
		"implementation": { "description": "Salus gateway: records under the patient's own consent" },
		"fhirVersion": "4.0.1",
		"format": ["application/fhir+json"],
		"rest": [{
			"mode": "server",
			"documentation": "Records come as DocumentReference, sealed to the requester: application/vnd.salus.sealed+json.",
			"security": {
				"description": "Each request is signed by the requester's account; each record is decided by the chain.",
			},
			"resource": ResourceType::ALL.iter().map(resource).collect::<Vec<_>>(),
		}],
	})
}

/// An answer in FHIR's media type.
pub fn response(resource: Value) -> Response {
	(StatusCode::OK, [(CONTENT_TYPE, FHIR_JSON)], resource.to_string()).into_response()
}
