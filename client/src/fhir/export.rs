//! Consents of the chain as FHIR R4 `Consent` documents, such that importing one gives the same consent again.
//!
//! Written in the root-provision dialect with a `policyRule` that says the same. Accounts, organisations and the like are
//! named by identifier ([`super::names`]). Labels are written by their codes where the label key is there and they are all
//! that the codes subsume; else as the chain has them, blinded. A rule that means any where the root is limited says so in
//! a modifier extension, since it would inherit the root's condition; what FHIR has no place for stands in an extension.

use super::{
	consent::{import_json, ANY, BLINDED, ON_CHAIN},
	names::{ChainNames, Named, SYSTEM},
	time::to_rfc3339,
	ACT_CODE, ACT_REASON, CONFIDENTIALITY, CONSENT_ACTION, PARTICIPATION, RESOURCE_TYPES,
};
use crate::{crypto::LabelKey, Error, Result};
use chrono::{DateTime, SecondsFormat, Utc};
use salus_primitives::{
	consent::{ActorRef, Conditions, Consent, ConsentStatus, Effect},
	ConsentId, ObligationSet, PatientId,
};
use serde_json::{json, Map, Value};

/// The document of a consent.
///
/// `NotExpressible` refuses what cannot be written so that it comes back: a condition on records and on an encounter
/// at once, obligations of a denial, moments beyond the years 1 to 9999.
pub fn consent(patient: &PatientId, id: ConsentId, consent: &Consent, label_key: Option<&LabelKey>) -> Result<Value> {
	let writer = Writer { label_key };
	let (status, precise) = match consent.status {
		ConsentStatus::Proposed => ("proposed", None),
		ConsentStatus::Active => ("active", None),
		ConsentStatus::Rejected => ("rejected", None),
		ConsentStatus::Withdrawn => ("inactive", None),
		ConsentStatus::Revoked => ("inactive", Some("revoked")),
		ConsentStatus::Superseded => ("inactive", Some("superseded")),
		ConsentStatus::EnteredInError => ("entered-in-error", None),
	};
	let mut on_chain = Vec::new();
	if let Some(precise) = precise {
		on_chain.push(json!({"url": "status", "valueString": precise}));
	}
	if let Some(number) = consent.guardianship {
		on_chain.push(json!({"url": "guardianship", "valueUnsignedInt": number}));
	}
	if let Some(number) = consent.supersedes {
		on_chain.push(json!({"url": "supersedes", "valueUnsignedInt": number}));
	}
	for (url, hash) in [("policy", consent.policy), ("receipt", consent.receipt)] {
		if !hash.is_zero() {
			on_chain.push(json!({"url": url, "valueString": format!("{hash:#x}")}));
		}
	}
	if let Some(moment) = consent.erase_by {
		on_chain.push(json!({"url": "erase-by", "valueInstant": to_rfc3339(moment)}));
	}

	let mut root = writer.conditions(&consent.root, ObligationSet::EMPTY);
	root.insert("type".into(), json!(consent.base));
	let start = i64::try_from(consent.start).ok().filter(|start| *start != 0);
	let end = consent.end.map(|end| i64::try_from(end).unwrap_or(i64::MAX));
	if let Some(period) = period(start, end) {
		root.insert("period".into(), period);
	}
	let rules: Vec<_> = consent
		.rules
		.iter()
		.map(|rule| {
			let mut nested = writer.conditions(&rule.conditions, rule.obligations);
			nested.insert("type".into(), json!(rule.effect));
			let any: Vec<_> = widened(&consent.root, consent.base, &rule.conditions, rule.effect)
				.map(|name| json!({"url": ANY, "valueCode": name}))
				.collect();
			if !any.is_empty() {
				nested.insert("modifierExtension".into(), any.into());
			}
			Value::Object(nested)
		})
		.collect();
	if !rules.is_empty() {
		root.insert("provision".into(), rules.into());
	}

	let policy = match consent.base {
		Effect::Permit => "OPTIN",
		Effect::Deny => "OPTOUT",
	};
	let mut document = json!({
		"resourceType": "Consent",
		"id": format!("consent-{id}"),
		"identifier": [{"system": format!("{SYSTEM}consent"), "value": format!("{patient}/{id}")}],
		"status": status,
		"scope": {"coding": [{
			"system": "http://terminology.hl7.org/CodeSystem/consentscope",
			"code": "patient-privacy",
		}]},
		"category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
		"patient": Named::Patient(*patient).reference(),
		"performer": [Named::Account(consent.grantor.clone()).reference()],
		"policyRule": {"coding": [{"system": ACT_CODE, "code": policy}]},
		"provision": root,
	});
	if !on_chain.is_empty() {
		document["extension"] = json!([{"url": ON_CHAIN, "extension": on_chain}]);
	}
	if let Some(start) = start {
		document["dateTime"] = first(start).into();
	}
	let again = import_json(&document, &mut ChainNames::new(None, label_key)?);
	match again.as_deref() {
		Ok([imported]) if imported.consent == *consent => Ok(document),
		_ => {
			let message = format!("consent {id} says something that a FHIR Consent cannot be made to say");
			Err(Error::usage("NotExpressible", message))
		}
	}
}

/// The conditions of a rule that mean any, where it would inherit the root's.
fn widened<'c>(
	root: &'c Conditions,
	base: Effect,
	rule: &'c Conditions,
	effect: Effect,
) -> impl Iterator<Item = &'static str> + 'c {
	let of_labels = effect == base || effect == Effect::Permit;
	let data = |conditions: &Conditions| conditions.records.is_some() || conditions.episode.is_some();
	let period = |conditions: &Conditions| conditions.data_from.is_some() || conditions.data_to.is_some();
	[
		("actors", root.actors.is_some() && rule.actors.is_none()),
		("custodians", root.custodians.is_some() && rule.custodians.is_none()),
		("authors", root.authors.is_some() && rule.authors.is_none()),
		("purposes", root.purposes.is_some() && rule.purposes.is_none()),
		("actions", root.actions.is_some() && rule.actions.is_none()),
		("confidentiality", of_labels && root.confidentiality.is_some() && rule.confidentiality.is_none()),
		("labels", of_labels && root.labels != 0 && rule.labels == 0),
		("resource_types", root.resource_types.is_some() && rule.resource_types.is_none()),
		("data", data(root) && !data(rule)),
		("data_period", period(root) && !period(rule)),
	]
	.into_iter()
	.filter_map(|(name, widened)| widened.then_some(name))
}

struct Writer<'k> {
	label_key: Option<&'k LabelKey>,
}

impl Writer<'_> {
	/// The members of a provision that say what it applies to.
	fn conditions(&self, conditions: &Conditions, obligations: ObligationSet) -> Map<String, Value> {
		let mut provision = Map::new();
		let mut put = |name: &str, items: Vec<Value>| {
			if !items.is_empty() {
				provision.insert(name.into(), items.into());
			}
		};
		let actor = |role: &str, named: Named| {
			let coding = json!({"system": PARTICIPATION, "code": role});
			json!({"role": {"coding": [coding]}, "reference": named.reference()})
		};
		let actors = conditions.actors.iter().flatten().map(|named| {
			let named = match named {
				ActorRef::Account(account) => Named::Account(account.clone()),
				ActorRef::Org(org) => Named::Organisation(*org),
				ActorRef::Role(role) => Named::Role(*role),
			};
			actor("PRCP", named)
		});
		let custodians = conditions.custodians.iter().flatten().map(|org| actor("CST", Named::Organisation(*org)));
		let authors = conditions.authors.iter().flatten().map(|who| actor("AUT", Named::Account(who.clone())));
		put("actor", actors.chain(custodians).chain(authors).collect());
		let actions = conditions.actions.iter().flat_map(|actions| actions.iter());
		let actions = actions.map(|action| json!({"coding": [{"system": CONSENT_ACTION, "code": action}]}));
		put("action", actions.collect());
		let purposes = conditions.purposes.iter().flat_map(|purposes| purposes.iter());
		put("purpose", purposes.map(|purpose| json!({"system": ACT_REASON, "code": purpose})).collect());
		let types = conditions.resource_types.iter().flat_map(|types| types.iter());
		put("class", types.map(|kind| json!({"system": RESOURCE_TYPES[0], "code": kind})).collect());

		let level = conditions.confidentiality.map(|level| json!({"system": CONFIDENTIALITY, "code": level}));
		let obligations = obligations.iter().map(|code| json!({"system": ACT_CODE, "code": code}));
		put("securityLabel", level.into_iter().chain(self.labels(conditions.labels)).chain(obligations).collect());
		let records = conditions.records.iter().flatten();
		let records =
			records.map(|record| json!({"meaning": "instance", "reference": Named::Record(*record).reference()}));
		let episode = conditions
			.episode
			.map(|episode| json!({"meaning": "related", "reference": Named::Episode(episode).reference()}));
		put("data", records.chain(episode).collect());
		if let Some(period) = period(conditions.data_from, conditions.data_to) {
			provision.insert("dataPeriod".into(), period);
		}
		provision
	}

	fn labels(&self, labels: u32) -> Vec<Value> {
		if labels == 0 {
			return Vec::new();
		}
		if let Some(key) = self.label_key {
			let permutation = key.permutation();
			let plain = permutation.reveal(labels);
			if permutation.blind(plain) == labels && plain.expanded() == plain {
				return plain.iter().map(|label| json!({"system": ACT_CODE, "code": label})).collect();
			}
		}
		vec![json!({"system": BLINDED, "code": format!("0x{labels:08x}")})]
	}
}

/// A FHIR Period, if any side is stated.
fn period(from: Option<i64>, to: Option<i64>) -> Option<Value> {
	let mut period = Map::new();
	period.extend(from.map(|from| ("start".to_owned(), first(from).into())));
	period.extend(to.map(|to| ("end".to_owned(), last(to).into())));
	(!period.is_empty()).then_some(Value::Object(period))
}

/// A dateTime that begins with this millisecond.
fn first(millis: i64) -> String {
	date_time(millis, if millis % 1000 == 0 { SecondsFormat::Secs } else { SecondsFormat::Millis })
}

/// A dateTime that ends before this millisecond: the whole second before it, or the one millisecond.
fn last(millis: i64) -> String {
	match millis % 1000 {
		0 => date_time(millis.saturating_sub(1000), SecondsFormat::Secs),
		_ => date_time(millis.saturating_sub(1), SecondsFormat::Millis),
	}
}

/// What lies beyond the calendar is no text, and no dateTime either.
fn date_time(millis: i64, format: SecondsFormat) -> String {
	let moment = DateTime::<Utc>::from_timestamp_millis(millis);
	moment.map(|moment| moment.to_rfc3339_opts(format, true)).unwrap_or_default()
}
