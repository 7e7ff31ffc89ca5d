//! All that is kept of a patient in one FHIR R4 Bundle of type `collection`: data portability.
//!
//! | entry | from |
//! |---|---|
//! | the resources of every record that was read | byte for byte as they were added |
//! | a `Provenance` for each of those records | its anchor: author, custodian, version, commitment |
//! | a `Consent` for each consent | the chain |
//! | an `AuditEvent` for each receipt | the chain, or a gateway with proofs |
//! | an `OperationOutcome`, if there is need of one | what could not be read, and why |
//!
//! Accounts, organisations, records and patients are named by identifier, as in [`crate::fhir`]'s documents
//! (`urn:salus:account` and the like). Entries without a URL of their own get a `urn:uuid` that follows from what they
//! are, so that two exports of the same state differ in their time only.

use crate::{
	fhir::{
		names::{Named, SYSTEM},
		time::to_rfc3339,
	},
	plan::{resources_of, StoredResource},
	Error, Result,
};
use salus_primitives::{
	consent::Effect,
	views::{Receipt, RecordView},
	Action, Moment, OrgId, PatientId, Purpose,
};
use serde::Serialize;
use serde_json::{json, value::RawValue, Value};
use std::collections::BTreeSet;
use zeroize::Zeroizing;

/// What goes into the bundle.
pub struct Contents {
	/// Whose it is.
	pub patient: PatientId,
	/// When it was put together.
	pub at: Moment,
	/// Records that were read, with their plaintexts.
	pub records: Vec<(RecordView, Zeroizing<Vec<u8>>)>,
	/// FHIR Consents.
	pub consents: Vec<Value>,
	/// Who was given or refused what, with the organisation whose gateway reported it.
	pub receipts: Vec<(OrgId, Receipt)>,
	/// What could not be read or written.
	pub missing: Vec<Missing>,
}

/// Something that is not in the bundle.
#[derive(Serialize, Clone, PartialEq, Eq, Debug)]
pub struct Missing {
	/// What, such as `record 0x…` or `consent 3`.
	pub what: String,
	/// A code of FHIR's `issue-type`.
	pub code: &'static str,
	/// Why, in words.
	pub why: String,
}

impl Missing {
	/// Something that this error keeps out of the bundle.
	pub fn because_of(what: impl Into<String>, error: &Error) -> Self {
		let code = match error {
			Error::Denied { reason, .. } if reason == "shredded" => "deleted",
			Error::Denied { .. } => "forbidden",
			Error::CiphertextMissing { .. } | Error::DataKeyMissing { .. } | Error::NotFound { .. } => "not-found",
			Error::Refused { .. } => "not-supported",
			Error::GatewayUnreachable { .. } | Error::NodeUnreachable { .. } | Error::NodeBehind { .. } => "transient",
			_ => "exception",
		};
		Self { what: what.into(), code, why: error.to_string() }
	}
}

#[derive(Serialize)]
struct Bundle {
	#[serde(rename = "resourceType")]
	resource_type: &'static str,
	#[serde(rename = "type")]
	kind: &'static str,
	timestamp: String,
	entry: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
	#[serde(rename = "fullUrl")]
	full_url: String,
	resource: Box<RawValue>,
}

/// The entries so far; no URL stands for two of them.
#[derive(Default)]
struct Entries {
	list: Vec<Entry>,
	urls: BTreeSet<String>,
}

impl Entries {
	/// Adds a resource under its own URL, or one that follows from its text if it has none or another has it.
	fn add(&mut self, url: Option<String>, resource: Box<RawValue>) -> String {
		let mut url = url.unwrap_or_else(|| uuid(&[resource.get()]));
		let mut count = 0u32;
		while !self.urls.insert(url.clone()) {
			count += 1;
			url = uuid(&[resource.get(), &count.to_string()]);
		}
		self.list.push(Entry { full_url: url.clone(), resource });
		url
	}

	fn add_value(&mut self, url: String, resource: &Value) -> Result<()> {
		let raw =
			serde_json::value::to_raw_value(resource).map_err(|error| Error::unexpected("writing JSON", error))?;
		self.add(Some(url), raw);
		Ok(())
	}
}

/// Puts the bundle together; the answer is its JSON.
pub fn bundle(contents: &Contents) -> Result<Zeroizing<String>> {
	let at = instant(contents.at)?;
	let mut entries = Entries::default();
	for (view, plaintext) in &contents.records {
		let mut targets = Vec::new();
		for StoredResource { full_url, raw } in resources_of(plaintext)? {
			let broken = |error| Error::Corrupted(format!("record {} holds no JSON: {error}", view.id));
			targets.push(entries.add(full_url, RawValue::from_string(raw).map_err(broken)?));
		}
		entries.add_value(uuid(&["Provenance", &view.id.to_string()]), &provenance(view, &targets, &at))?;
	}
	for (number, consent) in contents.consents.iter().enumerate() {
		let name = consent["id"].as_str().map_or_else(|| number.to_string(), str::to_owned);
		entries.add_value(uuid(&["Consent", &contents.patient.to_string(), &name]), consent)?;
	}
	for (org, receipt) in &contents.receipts {
		let url = uuid(&["AuditEvent", &format!("{:?}", receipt.request), &receipt.record.to_string()]);
		entries.add_value(url, &audit_event(&contents.patient, *org, receipt)?)?;
	}
	if !contents.missing.is_empty() {
		entries.add_value(uuid(&["OperationOutcome", &contents.patient.to_string()]), &outcome(&contents.missing))?;
	}
	let bundle = Bundle { resource_type: "Bundle", kind: "collection", timestamp: at, entry: entries.list };
	serde_json::to_string(&bundle).map(Zeroizing::new).map_err(|error| Error::unexpected("writing JSON", error))
}

/// Where a record's resources come from.
fn provenance(view: &RecordView, targets: &[String], at: &str) -> Value {
	let participant = |code: &str, who: Value| {
		let system = "http://terminology.hl7.org/CodeSystem/provenance-participant-type";
		json!({ "type": { "coding": [{ "system": system, "code": code }] }, "who": who })
	};
	let mut agents = vec![participant("author", Named::Account(view.author.clone()).reference())];
	agents.extend(view.custodian.map(|org| participant("custodian", Named::Organisation(org).reference())));
	let mut source = Named::Record(view.id).reference();
	source["display"] = format!("version {}, commitment {:?}", view.version, view.commitment).into();
	json!({
		"resourceType": "Provenance",
		"target": targets.iter().map(|url| json!({ "reference": url })).collect::<Vec<_>>(),
		"recorded": at,
		"agent": agents,
		"entity": [{ "role": "source", "what": source }],
	})
}

/// Who was given or refused a record.
fn audit_event(patient: &PatientId, org: OrgId, receipt: &Receipt) -> Result<Value> {
	let action = match receipt.action {
		Action::Collect => "C",
		Action::Access | Action::Disclose => "R",
		Action::Use => "E",
		Action::Correct => "U",
	};
	let role = |code: &str, display: &str| json!({ "system": "http://terminology.hl7.org/CodeSystem/object-role", "code": code, "display": display });
	let detail = |kind: &str, value: String| json!({ "type": kind, "valueString": value });
	let mut entities = vec![
		json!({ "what": Named::Patient(*patient).reference(), "role": role("1", "Patient") }),
		json!({
			"what": Named::Record(receipt.record).reference(),
			"role": role("3", "Report"),
			"detail": [
				detail("version", receipt.version.to_string()),
				detail("request", format!("{:?}", receipt.request)),
			],
		}),
	];
	if let Some(consent) = receipt.consent {
		let identifier = json!({ "system": format!("{SYSTEM}consent"), "value": format!("{patient}/{consent}") });
		let mut entity = json!({ "what": { "type": "Consent", "identifier": identifier } });
		if let Some(rule) = receipt.rule {
			entity["detail"] = json!([detail("rule", rule.to_string())]);
		}
		entities.push(entity);
	}
	let (outcome, given) = match receipt.effect {
		Effect::Permit => ("0", "given"),
		Effect::Deny => ("4", "refused"),
	};
	Ok(json!({
		"resourceType": "AuditEvent",
		"type": { "system": "http://terminology.hl7.org/CodeSystem/audit-event-type", "code": "rest" },
		"subtype": [{
			"system": "http://terminology.hl7.org/CodeSystem/consentaction", "code": receipt.action,
		}],
		"action": action,
		"recorded": instant(receipt.at)?,
		"outcome": outcome,
		"outcomeDesc": format!("{given}: {}", receipt.reason.code()),
		"purposeOfEvent": [purpose(receipt.purpose)],
		"agent": [{ "who": Named::Account(receipt.actor.clone()).reference(), "requestor": true, "purposeOfUse": [purpose(receipt.purpose)] }],
		"source": { "observer": Named::Organisation(org).reference() },
		"entity": entities,
	}))
}

/// What is not in the bundle.
fn outcome(missing: &[Missing]) -> Value {
	let issue = |missing: &Missing| {
		json!({
			"severity": if missing.code == "deleted" { "information" } else { "error" },
			"code": missing.code,
			"diagnostics": format!("{}: {}", missing.what, missing.why),
		})
	};
	json!({ "resourceType": "OperationOutcome", "issue": missing.iter().map(issue).collect::<Vec<_>>() })
}

fn purpose(purpose: Purpose) -> Value {
	json!({ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": purpose }] })
}

fn instant(moment: Moment) -> Result<String> {
	to_rfc3339(moment).ok_or_else(|| Error::Unexpected(format!("{moment} lies beyond the year 9999")))
}

/// A UUID of version 8 (RFC 9562) that follows from these texts.
fn uuid(texts: &[&str]) -> String {
	let mut bytes = Vec::new();
	for text in texts {
		bytes.extend((text.len() as u64).to_le_bytes());
		bytes.extend(text.as_bytes());
	}
	let mut hash = sp_crypto_hashing::blake2_128(&bytes);
	hash[6] = 0x80 | (hash[6] & 0x0f);
	hash[8] = 0x80 | (hash[8] & 0x3f);
	let hex = hex::encode(hash);
	format!("urn:uuid:{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[cfg(test)]
mod tests {
	use super::*;
	use salus_primitives::{
		consent::{Reason, RecordStatus},
		AccountId, Confidentiality, Month, RecordId, ResourceType, H256,
	};

	const PATIENT: PatientId = PatientId([9; 32]);
	const AT: Moment = 1_767_225_600_000;

	fn record(number: u8, plaintext: &str) -> (RecordView, Zeroizing<Vec<u8>>) {
		let view = RecordView {
			patient: PATIENT,
			id: RecordId([number; 32]),
			custodian: (number > 1).then_some(3),
			author: AccountId::new([number; 32]),
			resource_type: ResourceType::Observation,
			confidentiality: Confidentiality::Normal,
			labels: 0,
			label_epoch: 1,
			data_from: Month(600),
			data_to: Month(600),
			episode: None,
			version: 2,
			commitment: H256([number; 32]),
			locator: Vec::new(),
			status: RecordStatus::Amended,
		};
		(view, Zeroizing::new(plaintext.as_bytes().to_vec()))
	}

	fn receipt(index: u64, effect: Effect, consent: Option<u32>) -> (OrgId, Receipt) {
		let receipt = Receipt {
			actor: AccountId::new([5; 32]),
			record: RecordId([1; 32]),
			version: 2,
			purpose: Purpose::Treat,
			action: Action::Access,
			effect,
			reason: if effect == Effect::Permit { Reason::Consent } else { Reason::Restricted },
			consent,
			rule: consent.map(|_| 1),
			at: AT + index,
			request: H256([index as u8; 32]),
		};
		(3, receipt)
	}

	fn contents() -> Contents {
		let resource = r#"{"resourceType":"Observation","id":"o1","valueQuantity":{"value":1.50}}"#;
		let one = format!(
			r#"{{"resourceType":"Bundle","type":"collection","entry":[{{"fullUrl":"urn:uuid:1","resource":{resource}}},{{"resource":{resource}}}]}}"#
		);
		let two = format!(
			r#"{{"resourceType":"Bundle","type":"collection","entry":[{{"fullUrl":"urn:uuid:1","resource":{resource}}}]}}"#
		);
		let gone = Error::Denied { reason: "shredded".into(), consent: None, rule: None };
		Contents {
			patient: PATIENT,
			at: AT,
			records: vec![record(1, &one), record(2, &two)],
			consents: vec![json!({ "resourceType": "Consent", "id": "0" })],
			receipts: vec![receipt(1, Effect::Deny, None), receipt(0, Effect::Permit, Some(4))],
			missing: vec![
				Missing::because_of("record 4", &gone),
				Missing::because_of("record 5", &Error::Unexpected("no luck".into())),
			],
		}
	}

	fn parsed(contents: &Contents) -> Value {
		serde_json::from_str(&bundle(contents).unwrap()).unwrap()
	}

	fn of_type<'a>(bundle: &'a Value, resource_type: &str) -> Vec<&'a Value> {
		let entries = bundle["entry"].as_array().unwrap().iter().map(|entry| &entry["resource"]);
		entries.filter(|resource| resource["resourceType"] == resource_type).collect()
	}

	#[test]
	fn a_bundle_holds_all_there_is() {
		let bundle = parsed(&contents());
		assert_eq!((&bundle["resourceType"], &bundle["type"]), (&json!("Bundle"), &json!("collection")));
		assert_eq!(bundle["timestamp"], "2026-01-01T00:00:00Z");
		let counted = ["Observation", "Provenance", "Consent", "AuditEvent", "OperationOutcome"]
			.map(|resource_type| of_type(&bundle, resource_type).len());
		assert_eq!(counted, [3, 2, 1, 2, 1]);
		let urls: BTreeSet<_> =
			bundle["entry"].as_array().unwrap().iter().map(|entry| entry["fullUrl"].as_str().unwrap()).collect();
		assert_eq!(urls.len(), bundle["entry"].as_array().unwrap().len(), "no URL stands for two entries");
		assert!(urls.iter().all(|url| url.starts_with("urn:uuid:")));
	}

	#[test]
	fn resources_stay_as_they_were_written() {
		let text = super::bundle(&contents()).unwrap();
		assert_eq!(
			text.matches(r#"{"resourceType":"Observation","id":"o1","valueQuantity":{"value":1.50}}"#).count(),
			3
		);
	}

	#[test]
	fn every_record_tells_where_it_comes_from() {
		let bundle = parsed(&contents());
		let urls: Vec<_> = bundle["entry"].as_array().unwrap().iter().map(|entry| &entry["fullUrl"]).collect();
		for (provenance, agents, targets) in of_type(&bundle, "Provenance")
			.into_iter()
			.zip([1, 2])
			.zip([2, 1])
			.map(|((one, two), three)| (one, two, three))
		{
			// Required by FHIR R4: target, recorded, agent.who.
			assert_eq!(provenance["target"].as_array().unwrap().len(), targets);
			assert!(provenance["target"].as_array().unwrap().iter().all(|target| urls.contains(&&target["reference"])));
			assert_eq!(provenance["recorded"], "2026-01-01T00:00:00Z");
			assert_eq!(provenance["agent"].as_array().unwrap().len(), agents);
			for agent in provenance["agent"].as_array().unwrap() {
				assert!(agent["who"]["identifier"]["value"].is_string());
			}
			assert_eq!(provenance["entity"][0]["role"], "source");
		}
	}

	#[test]
	fn every_receipt_is_an_audit_event() {
		let bundle = parsed(&contents());
		let events = of_type(&bundle, "AuditEvent");
		for event in &events {
			// Required by FHIR R4: type, recorded, agent.requestor, source.observer.
			assert!(event["type"]["code"].is_string() && event["recorded"].is_string());
			assert_eq!(event["agent"][0]["requestor"], true);
			assert_eq!(event["source"]["observer"]["identifier"]["value"], "3");
			assert_eq!(event["purposeOfEvent"][0]["coding"][0]["code"], "TREAT");
		}
		assert_eq!((&events[0]["outcome"], &events[0]["outcomeDesc"]), (&json!("4"), &json!("refused: restricted")));
		assert_eq!((&events[1]["outcome"], &events[1]["outcomeDesc"]), (&json!("0"), &json!("given: consent")));
		assert_eq!(
			(events[0]["entity"].as_array().unwrap().len(), events[1]["entity"].as_array().unwrap().len()),
			(2, 3)
		);
		assert_eq!(events[1]["entity"][2]["detail"][0], json!({ "type": "rule", "valueString": "1" }));
	}

	#[test]
	fn what_could_not_be_read_is_told() {
		let bundle = parsed(&contents());
		let issues = &of_type(&bundle, "OperationOutcome")[0]["issue"];
		assert_eq!((&issues[0]["severity"], &issues[0]["code"]), (&json!("information"), &json!("deleted")));
		assert_eq!((&issues[1]["severity"], &issues[1]["code"]), (&json!("error"), &json!("exception")));
		let complete = parsed(&Contents { missing: Vec::new(), ..contents() });
		assert!(of_type(&complete, "OperationOutcome").is_empty());
	}

	#[test]
	fn a_record_that_is_no_bundle_is_refused() {
		let broken = Contents { records: vec![record(1, "{}")], ..contents() };
		assert!(matches!(super::bundle(&broken), Err(Error::Corrupted(_))));
	}

	#[test]
	fn an_export_of_the_same_state_is_the_same() {
		assert_eq!(*super::bundle(&contents()).unwrap(), *super::bundle(&contents()).unwrap());
	}
}
