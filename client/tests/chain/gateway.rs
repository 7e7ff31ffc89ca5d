//! Gateways on a real node: search, receipts in batches, TLS, back-pressure, exchange between two hospitals, change of
//! custody, shredding, and what a patient gets back who lost the key.

use crate::support::*;
use salus_client::{
	chain::{calls, Chain},
	demo::stage::{Hospital, Running},
	gateway::{leaving::Leaving, request::SignedRequest, Config, Limits, Tls},
	keys::Keys,
	plan::resources_of,
	records::{self, Reader},
	Error,
};
use salus_primitives::{
	consent::{Effect, Reason, RecordStatus},
	inputs::Friend,
	time::DAY,
	views::{ReceiptBatchView, RecordView},
	Action, OrgId, Purpose, RecordId, ResourceType, Sensitivity, SensitivitySet,
};
use serde_json::{json, Value};
use std::{
	collections::{BTreeMap, BTreeSet},
	path::{Path, PathBuf},
	process::Stdio,
	time::{Duration, Instant},
};
use tokio::io::{AsyncBufReadExt, BufReader};

/// Sends a signed request as any program would.
async fn send(gateway: &Running, signed: &SignedRequest) -> reqwest::Response {
	let mut request = reqwest::Client::new().get(format!("{}{}", gateway.url, signed.request.target));
	for (name, value) in signed.headers() {
		request = request.header(name, value);
	}
	request.send().await.unwrap()
}

async fn get(gateway: &Running, target: &str) -> (u16, Value) {
	let response = reqwest::get(format!("{}{target}", gateway.url)).await.unwrap();
	(response.status().as_u16(), response.json().await.unwrap())
}

fn issue(outcome: &Value) -> (&str, &str) {
	assert_eq!(outcome["resourceType"], "OperationOutcome", "{outcome}");
	let issue = &outcome["issue"][0];
	(issue["code"].as_str().unwrap(), issue["details"]["coding"][0]["code"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_gives_what_is_permitted_and_counts_the_rest() {
	let world = World::new().await;
	let plan = plan(BUNDLE);
	let added = world.add(&world.patient, &plan).await.unwrap();
	let gateway = world.first.start_gateway(&world.chain).await.unwrap();
	let reader = world.reader(&world.second.clinician, &gateway);
	let patient = world.patient;
	let types: BTreeSet<_> = plan.records.iter().map(|record| record.resource_type).collect();
	let search = |of_type, page| reader.search(&patient, of_type, Purpose::Treat, Action::Access, page);

	// Without consent: nothing but numbers.
	let mut expected_receipts = 0;
	for of_type in &types {
		let count = plan.records.iter().filter(|record| record.resource_type == *of_type).count();
		let found = search(*of_type, None).await.unwrap();
		assert!(found.read.is_empty());
		assert_eq!(found.withheld, BTreeMap::from([("no-consent".to_owned(), count as u32)]));
		expected_receipts += count;
	}

	// With consent: what it permits, byte for byte, and the number of what it does not.
	world.consent().await;
	let except = SensitivitySet::of(&[Sensitivity::Psy, Sensitivity::Sud]).expanded();
	for of_type in &types {
		let records = plan.records.iter().filter(|record| record.resource_type == *of_type);
		let (denied, open): (Vec<_>, Vec<_>) = records.partition(|record| record.labels.intersects(except));
		// A page of one record each, so that several are needed.
		let found = search(*of_type, Some(1)).await.unwrap();
		let read: BTreeSet<_> = found.read.iter().map(|read| read.plaintext.to_vec()).collect();
		assert_eq!(read, open.iter().map(|record| record.plaintext.to_vec()).collect());
		assert_eq!(found.withheld.get("denied").copied().unwrap_or(0), denied.len() as u32);
		expected_receipts += open.len() + denied.len();

		let bundle = reader.fhir_search(&patient, *of_type, Purpose::Treat, Action::Access).await.unwrap();
		expected_receipts += open.len() + denied.len();
		for record in &open {
			for resource in resources_of(&record.plaintext).unwrap() {
				assert!(bundle.contains(&resource.raw), "a resource comes back as it was");
			}
		}
		let bundle: Value = serde_json::from_str(&bundle).unwrap();
		assert_eq!((&bundle["resourceType"], &bundle["type"]), (&json!("Bundle"), &json!("searchset")));
		let entries = bundle["entry"].as_array().unwrap();
		let matches = entries.iter().filter(|entry| entry["search"]["mode"] == "match");
		assert!(matches.clone().all(|entry| entry["resource"]["resourceType"] == json!(of_type)));
		assert_eq!(bundle["total"], matches.count());
		let outcomes: Vec<_> = entries.iter().filter(|entry| entry["search"]["mode"] == "outcome").collect();
		assert_eq!(outcomes.len(), usize::from(!denied.is_empty()));
		for outcome in outcomes {
			assert_eq!(issue(&outcome["resource"]), ("suppressed", "denied"));
			// How many, not which.
			let text = outcome.to_string();
			assert!(added.records.iter().all(|id| !text.contains(&hex::encode(id.0))));
		}
	}

	// What leaves the gateway is sealed.
	let sealed_type = *types.first().unwrap();
	let target = format!("/fhir/{sealed_type}?patient={patient}&purpose=PATRQT&action=access");
	let own = world.reader(&world.patient_keys, &gateway);
	let signed = own.sign_target(target, Purpose::Patrqt, Action::Access).await.unwrap();
	let response = send(&gateway, &signed).await;
	assert!(response.headers()["content-type"].to_str().unwrap().starts_with("application/fhir+json"));
	let bundle: Value = response.json().await.unwrap();
	let document = &bundle["entry"][0]["resource"];
	assert_eq!(document["resourceType"], "DocumentReference");
	assert_eq!(document["content"][0]["attachment"]["contentType"], "application/vnd.salus.sealed+json");
	expected_receipts += bundle["entry"].as_array().unwrap().len();

	// One record by its identifier, which FHIR's rules for identifiers admit.
	let record = &plan.records[0];
	let id = hex::encode(added.records[0].0);
	let read = |of_type: ResourceType, id: String| {
		let own = &own;
		async move {
			let target = format!("/fhir/{of_type}/{id}?patient={patient}&purpose=PATRQT&action=access");
			own.sign_target(target, Purpose::Patrqt, Action::Access).await.unwrap()
		}
	};
	let response = send(&gateway, &read(record.resource_type, id.clone()).await).await;
	assert_eq!(response.status(), 200);
	assert_eq!(response.json::<Value>().await.unwrap()["id"], id.as_str());
	expected_receipts += 1;
	let other = types.iter().find(|other| **other != record.resource_type).unwrap();
	let response = send(&gateway, &read(*other, id.clone()).await).await;
	assert_eq!(response.status(), 404);
	assert_eq!(issue(&response.json().await.unwrap()), ("not-found", "unknown-record"));

	// Refusals in FHIR's form.
	let (status, capabilities) = get(&gateway, "/fhir/metadata").await;
	assert_eq!((status, &capabilities["resourceType"]), (200, &json!("CapabilityStatement")));
	assert_eq!(capabilities["rest"][0]["resource"].as_array().unwrap().len(), ResourceType::ALL.len());
	let (status, told) = get(&gateway, "/fhir/Wish?patient=0x01").await;
	assert_eq!((status, issue(&told)), (404, ("not-supported", "unknown-type")));
	let (status, told) = get(&gateway, &format!("/fhir/{sealed_type}?patient={patient}")).await;
	assert_eq!((status, issue(&told)), (400, ("invalid", "bad-request")));
	let (status, told) = get(&gateway, "/nothing").await;
	assert_eq!((status, &told["error"]), (404, &json!("unknown-path")));
	let stranger = world.reader(&world.first.clinician, &gateway);
	let target = format!("/fhir/{}/{id}?patient={patient}&purpose=HMARKT&action=access", record.resource_type);
	let signed = stranger.sign_target(target, Purpose::Hmarkt, Action::Access).await.unwrap();
	let response = send(&gateway, &signed).await;
	assert_eq!(response.status(), 403);
	assert_eq!(issue(&response.json().await.unwrap()), ("forbidden", "denied"));
	expected_receipts += 1;
	assert_eq!(send(&gateway, &signed).await.status(), 401, "a replayed request");

	// A receipt for each decision.
	let health = wait_for_receipts(&reader).await;
	assert_eq!(health.receipts_failed, 0);
	assert_eq!(world.chain.receipts(&patient, usize::MAX).await.unwrap().len(), expected_receipts);
	gateway.stop().await.unwrap();
}

async fn batch(chain: &Chain, org: OrgId, index: u64) -> Option<ReceiptBatchView> {
	chain.call_api("RecordsApi_receipt_batch", (org, index), None).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn receipts_in_batches_are_proved_and_anchored_once_whatever_interrupts() {
	let world = World::new().await;
	let added = world.add(&world.patient, &plan(BUNDLE)).await.unwrap();
	let start = |interval| {
		let config = world.first.gateway_config(&world.chain).unwrap();
		Running::start(Config { receipt_interval: interval, ..config })
	};
	let gateway = start(Duration::from_secs(1)).await.unwrap();
	let clinician = world.reader(&world.second.clinician, &gateway);
	let own = world.reader(&world.patient_keys, &gateway);
	let mut asked = BTreeSet::new();
	for id in &added.records {
		let signed = clinician.sign(&world.patient, id, Purpose::Treat, Action::Access).await.unwrap();
		assert!(matches!(clinician.fetch(&signed).await, Err(Error::Denied { .. })));
		asked.insert((*id, signed.hash()));
		let signed = own.sign(&world.patient, id, Purpose::Patrqt, Action::Access).await.unwrap();
		own.fetch(&signed).await.unwrap();
		asked.insert((*id, signed.hash()));
	}
	let other = world.new_patient().await;
	wait_for_receipts(&own).await;
	let told = |receipts: &[salus_client::gateway::receipts::SignedReceipt]| {
		let receipts = receipts.iter().map(|receipt| &receipt.proven.leaf.receipt);
		receipts.map(|receipt| (receipt.record, receipt.request)).collect::<BTreeSet<_>>()
	};
	let receipts = own.receipts(&world.patient).await.unwrap();
	assert_eq!(receipts.len(), asked.len());
	assert_eq!(told(&receipts), asked);
	assert!(receipts.iter().any(|receipt| receipt.proven.leaf.receipt.effect == Effect::Deny));
	assert!(receipts.iter().any(|receipt| receipt.proven.leaf.receipt.effect == Effect::Permit));
	assert!(world.chain.receipts(&world.patient, usize::MAX).await.unwrap().is_empty(), "none by itself");
	let mut batches = receipts.iter().map(|receipt| receipt.proven.batch).max().unwrap() + 1;
	assert!((batches as usize) < receipts.len());
	assert_eq!(batch(&world.chain, world.first_org, batches).await, None);
	assert_eq!(own.receipts(&other).await.unwrap(), []);

	// They are the patient's to see.
	let refused = clinician.receipts(&world.patient).await;
	assert!(matches!(refused, Err(Error::Denied { reason, .. }) if reason == "not-for-patient"));
	gateway.stop().await.unwrap();

	// What was gathered when the gateway ended is anchored after the next start.
	let gateway = start(Duration::from_secs(3_600)).await.unwrap();
	let clinician = world.reader(&world.second.clinician, &gateway);
	// The first interval begins at once.
	tokio::time::sleep(Duration::from_millis(500)).await;
	let signed = clinician.sign(&world.patient, &added.records[0], Purpose::Treat, Action::Access).await.unwrap();
	assert!(matches!(clinician.fetch(&signed).await, Err(Error::Denied { .. })));
	asked.insert((added.records[0], signed.hash()));
	assert_eq!(clinician.health().await.unwrap().receipts_pending, 1);
	gateway.stop().await.unwrap();
	let before = std::fs::read(world.first.folders.journal().join("anchored.json")).unwrap();
	let finalised = world.chain.finalised().await.unwrap();
	let nonce = world.chain.nonce_at(&world.first.gateway.account(), finalised.hash).await.unwrap();
	let gateway = start(Duration::from_secs(1)).await.unwrap();
	let own = world.reader(&world.patient_keys, &gateway);
	wait_for_receipts(&own).await;
	assert_eq!(told(&own.receipts(&world.patient).await.unwrap()), asked);
	batches += 1;
	gateway.stop().await.unwrap();

	// As if it had crashed when the batch was on the chain and that was not noted yet.
	let mut progress: Value = serde_json::from_slice(&before).unwrap();
	let to = progress["next"].as_u64().unwrap() + 1;
	progress["attempt"] = json!({ "nonce": nonce, "to": to, "batch_from": batches - 1 });
	std::fs::write(world.first.folders.journal().join("anchored.json"), progress.to_string()).unwrap();
	let gateway = start(Duration::from_secs(1)).await.unwrap();
	let own = world.reader(&world.patient_keys, &gateway);
	assert_eq!(wait_for_receipts(&own).await.receipts_failed, 0);
	assert_eq!(told(&own.receipts(&world.patient).await.unwrap()), asked);
	assert_eq!(batch(&world.chain, world.first_org, batches).await, None, "no batch is anchored twice");
	gateway.stop().await.unwrap();
}

fn certificates() -> PathBuf {
	Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/tls")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_with_a_certificate_is_trusted_by_those_who_trust_its_root() {
	let world = World::new().await;
	let added = world.add(&world.patient, &plan(BUNDLE)).await.unwrap();
	let (certificate, key) = (certificates().join("gateway.pem"), certificates().join("gateway-key.pem"));
	assert!(matches!(Tls::read(&key, &key), Err(Error::Refused { code: "bad-certificate", .. })));
	assert!(matches!(Tls::read(&certificate, &certificate), Err(Error::Refused { code: "bad-certificate", .. })));
	let config = world.first.gateway_config(&world.chain).unwrap();
	let config = Config { tls: Some(Tls::read(&certificate, &key).unwrap()), ..config };
	let gateway = Running::start(config).await.unwrap();
	assert!(gateway.url.starts_with("https://"));

	let own = world.reader(&world.patient_keys, &gateway);
	let ask = || own.get(&world.patient, &added.records[0], Purpose::Patrqt, Action::Access);
	assert!(matches!(ask().await, Err(Error::GatewayUnreachable { .. })), "nobody knows this root");
	assert!(reqwest::get(gateway.url.replace("https", "http") + "/health").await.is_err(), "nothing in the clear");

	let root = certificates().join("root.pem").display().to_string();
	let (patient, record) = (world.patient.to_string(), added.records[0].to_string());
	let args = ["record", "get", &record, "--patient", &patient, "--as", "patient", "--purpose", "PATRQT"];
	let args = [&args[..], &["--gateway", &gateway.url]].concat();
	world.salus(&args).await.failed(14, "gateway-unreachable");
	let content = world.salus(&[&args[..], &["--gateway-ca", &root]].concat()).await;
	assert_eq!(content.succeeded()["content"]["resourceType"], "Bundle");

	records::trust_gateway_ca(Path::new(&root)).unwrap();
	ask().await.unwrap();
	gateway.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_gateway_says_so_and_loses_nothing() {
	let world = World::new().await;
	let added = world.add(&world.patient, &plan(BUNDLE)).await.unwrap();
	let limits = Limits { in_flight: 2, ..Limits::default() };
	let config = Config { limits, ..world.first.gateway_config(&world.chain).unwrap() };
	let gateway = Running::start(config).await.unwrap();
	let own = world.reader(&world.patient_keys, &gateway);
	let record = added.records[0];

	let mut waiting = Vec::new();
	for _ in 0..40 {
		waiting.push(own.sign(&world.patient, &record, Purpose::Patrqt, Action::Access).await.unwrap());
	}
	let (mut given, mut busy) = (0, 0);
	let start = Instant::now();
	while !waiting.is_empty() {
		assert!(start.elapsed() < Duration::from_secs(50), "{} requests are never served", waiting.len());
		let answers = futures::future::join_all(waiting.iter().map(|signed| send(&gateway, signed))).await;
		let mut again = Vec::new();
		for (signed, answer) in waiting.into_iter().zip(answers) {
			match answer.status().as_u16() {
				200 => given += 1,
				503 => {
					assert_eq!(answer.headers()["retry-after"], "1");
					assert_eq!(answer.json::<Value>().await.unwrap()["error"], "busy");
					busy += 1;
					// A request that was not looked at is not used up.
					again.push(signed);
				}
				other => panic!("{other}: {}", answer.text().await.unwrap()),
			}
		}
		waiting = again;
	}
	assert_eq!(given, 40);
	assert!(busy > 0);
	// The client waits by itself.
	let reads = (0..6).map(|_| own.get(&world.patient, &record, Purpose::Patrqt, Action::Access));
	let read = futures::future::join_all(reads).await.into_iter().filter(Result::is_ok).count();
	assert!(read > 0);

	// What it never takes.
	let signed = own.sign(&world.patient, &record, Purpose::Patrqt, Action::Access).await.unwrap();
	let url = format!("{}{}", gateway.url, signed.request.target);
	let client = reqwest::Client::new();
	let answer = client.get(&url).body("something").send().await.unwrap();
	assert_eq!((answer.status().as_u16(), &answer.json::<Value>().await.unwrap()["error"]), (413, &json!("body")));
	let answer = client.get(&url).header("x-salus-nonce", "0".repeat(20_000)).send().await.unwrap();
	assert_eq!(answer.status().as_u16(), 431);

	wait_for_receipts(&own).await;
	let receipts = world.chain.receipts(&world.patient, usize::MAX).await.unwrap();
	assert_eq!(receipts.len(), given + read, "one for each answer");
	gateway.stop().await.unwrap();

	// An answer that takes too long is not waited for.
	let limits = Limits { timeout: Duration::from_nanos(1), ..Limits::default() };
	let config = Config { limits, ..world.first.gateway_config(&world.chain).unwrap() };
	let gateway = Running::start(config).await.unwrap();
	let own = world.reader(&world.patient_keys, &gateway);
	let signed = own.sign(&world.patient, &record, Purpose::Patrqt, Action::Access).await.unwrap();
	let answer = send(&gateway, &signed).await;
	assert_eq!((answer.status().as_u16(), &answer.json::<Value>().await.unwrap()["error"]), (504, &json!("timeout")));
	gateway.stop().await.unwrap();
}

async fn view(world: &World, record: &RecordId) -> RecordView {
	world.chain.record(&world.patient, record, None).await.unwrap().unwrap()
}

/// Runs a gateway only for as long as it takes to destroy what has left.
async fn sweep(world: &World, hospital: &Hospital) {
	let (store, keys) = (hospital.store().unwrap(), hospital.data_keys().unwrap());
	Leaving::new(hospital.folders.leaving()).settle(&world.chain, &store, &keys).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hospitals_exchange_a_patients_data_until_the_patient_withdraws() {
	let world = World::new().await;
	let plan = plan(BUNDLE);
	let added = world.add(&world.patient, &plan).await.unwrap();
	let first = world.first.start_gateway(&world.chain).await.unwrap();
	let second = world.second.start_gateway(&world.chain).await.unwrap();
	let patient = world.patient;
	let except = SensitivitySet::of(&[Sensitivity::Psy, Sensitivity::Sud]).expanded();
	let open: Vec<_> = added.records.iter().zip(&plan.records).filter(|(_, r)| !r.labels.intersects(except)).collect();
	let consent = world.consent().await;

	// The second hospital's people, its gateway among them, ask the gateway of the first.
	for keys in [&world.second.clinician, &world.second.gateway] {
		let reader = world.reader(keys, &first);
		for (id, planned) in &open {
			let read = read(&reader, &patient, id).await.unwrap();
			assert_eq!(read.plaintext.as_slice(), planned.plaintext.as_slice());
			assert_eq!(read.answer.decision.consent, Some(consent));
		}
	}
	// Its own gateway does not keep them.
	let elsewhere = world.reader(&world.second.clinician, &second);
	assert!(matches!(read(&elsewhere, &patient, open[0].0).await, Err(Error::NotFound { .. })));

	let block = world.submit(&calls::withdraw(&patient, consent)).await.block.number;
	for keys in [&world.second.clinician, &world.second.gateway] {
		let reader = world.reader(keys, &first);
		match read(&reader, &patient, open[0].0).await {
			Err(Error::Denied { reason, .. }) => assert_eq!(reason, Reason::NoConsent.code()),
			other => panic!("after block {block}: {other:?}"),
		}
		let found = reader.search(&patient, open[0].1.resource_type, Purpose::Treat, Action::Access, None).await;
		let found = found.unwrap();
		assert!(found.read.is_empty() && found.withheld.keys().eq(["no-consent"]));
	}
	first.stop().await.unwrap();
	second.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_changes_its_custodian_with_the_agreement_of_three() {
	let world = World::new().await;
	let plan = plan(BUNDLE);
	let added = world.add(&world.patient, &plan).await.unwrap();
	let patient = world.patient;
	let [moved, stays, ..] = added.records[..] else { panic!("too few records") };
	let first = world.first.start_gateway(&world.chain).await.unwrap();
	let second = world.second.start_gateway(&world.chain).await.unwrap();
	let by_gateway = world.reader(&world.second.gateway, &first);
	let (store, keys) = (world.second.store().unwrap(), world.second.data_keys().unwrap());
	let take = |record| records::take_over(&by_gateway, &store, &keys, &patient, record);
	let not_offered = |result: Result<_, Error>| {
		assert!(matches!(&result, Err(Error::Denied { reason, .. }) if reason == "not-offered"), "{result:?}");
	};

	not_offered(take(&moved).await);
	let offer = calls::offer_custody(&patient, &moved, world.second_org);
	world.chain.submit(&world.first.clinician.signer, &offer).await.unwrap();
	not_offered(take(&moved).await);
	world.submit(&calls::approve_custody(&patient, &moved, world.second_org)).await;
	// Only the gateway of the very organisation takes it, and only this record.
	let by_clinician = world.reader(&world.second.clinician, &first);
	not_offered(records::take_over(&by_clinician, &store, &keys, &patient, &moved).await);
	let by_former = world.reader(&world.first.clinician, &first);
	let target = format!("/custody/{patient}/{moved}?purpose=RECORDMGT&action=disclose");
	let signed = by_former.sign_target(target, Purpose::Recordmgt, Action::Disclose).await.unwrap();
	assert_eq!(send(&first, &signed).await.status(), 403);
	not_offered(take(&stays).await);

	let before = view(&world, &moved).await;
	let taken = take(&moved).await.unwrap();
	assert_eq!((taken.custodian, taken.block.is_some()), (world.second_org, true));
	assert_eq!(take(&moved).await.unwrap().block, None, "again changes nothing");
	let after = view(&world, &moved).await;
	assert_eq!(
		(after.custodian, after.version, after.commitment),
		(Some(world.second_org), before.version, before.commitment)
	);

	// From now on the second hospital's gateway gives it, and the first one's does not.
	let own = world.reader(&world.patient_keys, &second);
	let read = own.get(&patient, &moved, Purpose::Patrqt, Action::Access).await.unwrap();
	assert_eq!(read.plaintext.as_slice(), plan.records[0].plaintext.as_slice());
	let former = world.reader(&world.patient_keys, &first);
	let refused = former.get(&patient, &moved, Purpose::Patrqt, Action::Access).await;
	assert!(matches!(refused, Err(Error::NotFound { .. })), "{:?}", refused.map(|_| ()));
	former.get(&patient, &stays, Purpose::Patrqt, Action::Access).await.unwrap();

	// The first hospital keeps nothing of it.
	let (old_store, old_keys) = (world.first.store().unwrap(), world.first.data_keys().unwrap());
	let locator = String::from_utf8(before.locator).unwrap();
	sweep(&world, &world.first).await;
	assert!(matches!(old_keys.get(&moved, 1), Err(Error::DataKeyMissing { .. })));
	assert!(!old_store.contains(&locator).await.unwrap());
	assert!(old_keys.get(&stays, 1).is_ok());
	assert!(own.get(&patient, &moved, Purpose::Patrqt, Action::Access).await.is_ok());
	first.stop().await.unwrap();
	second.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shredded_record_is_destroyed_also_when_that_was_interrupted() {
	let world = World::new().await;
	let added = world.add(&world.patient, &plan(BUNDLE)).await.unwrap();
	let patient = world.patient;
	let [whole, interrupted, refused, ..] = added.records[..] else { panic!("too few records") };
	let (store, keys) = (world.first.store().unwrap(), world.first.data_keys().unwrap());
	let leaving = Leaving::new(world.first.folders.leaving());
	let locator = |view: RecordView| String::from_utf8(view.locator).unwrap();
	let shred = |signer: &Keys, record: RecordId| {
		let (signer, chain, store, keys, leaving) = (signer.signer.clone(), &world.chain, &store, &keys, &leaving);
		async move { records::shred(chain, &signer, store, keys, leaving, &patient, &record).await }
	};

	let place = locator(view(&world, &whole).await);
	assert!(shred(&world.first.clinician, whole).await.unwrap().is_some());
	assert_eq!(view(&world, &whole).await.status, RecordStatus::Shredded);
	assert!(matches!(keys.get(&whole, 1), Err(Error::DataKeyMissing { .. })));
	assert!(!store.contains(&place).await.unwrap());
	assert_eq!(shred(&world.first.clinician, whole).await.unwrap(), None, "again changes nothing");

	// Who may not shred destroys nothing, then or later.
	assert!(matches!(shred(&world.second.clinician, refused).await, Err(Error::TransactionFailed { .. })));
	assert!(files(&world.first.folders.leaving()).is_empty());
	assert!(keys.get(&refused, 1).is_ok());

	// Interrupted between the chain and the disk.
	let anchor = view(&world, &interrupted).await;
	leaving.note(&anchor).unwrap();
	assert_eq!(leaving.settle(&world.chain, &store, &keys).await.unwrap(), 0, "not before the chain says so");
	let call = calls::shred(&patient, &interrupted);
	world.chain.submit(&world.first.clinician.signer, &call).await.unwrap();
	assert!(keys.get(&interrupted, 1).is_ok() && store.contains(&locator(anchor.clone())).await.unwrap());
	let gateway = world.first.start_gateway(&world.chain).await.unwrap();
	let start = Instant::now();
	while !files(&world.first.folders.leaving()).is_empty() {
		assert!(start.elapsed() < Duration::from_secs(30), "what is shredded stays");
		tokio::time::sleep(Duration::from_millis(100)).await;
	}
	assert!(matches!(keys.get(&interrupted, 1), Err(Error::DataKeyMissing { .. })));
	assert!(!store.contains(&locator(anchor)).await.unwrap());
	for keys in [&world.patient_keys, &world.first.clinician] {
		let reader = world.reader(keys, &gateway);
		let read = reader.get(&patient, &interrupted, Purpose::Patrqt, Action::Access).await;
		assert!(matches!(read, Err(Error::Denied { reason, .. }) if reason == "shredded"));
	}
	gateway.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn after_recovery_the_new_key_opens_records_and_labels_and_the_old_one_nothing() {
	let node = OwnNode::start(PACE);
	let world = World::on(node.connect().await).await;
	let plan = plan(BUNDLE);
	let added = world.add(&world.patient, &plan).await.unwrap();
	let patient = world.patient;
	let friend = &world.second.clinician;
	let friends = [Friend::Account(friend.account())];
	world.submit(&calls::set_friends(&patient, &friends, 1, DAY)).await;

	let gateway = world.first.start_gateway(&world.chain).await.unwrap();
	let fresh = world.ring.create("fresh").unwrap();
	salus_client::demo::stage::endow(&world.chain, &subxt_signer::sr25519::dev::alice(), &[&fresh]).await.unwrap();
	salus_client::demo::stage::register_keys(&world.chain, &[&fresh]).await.unwrap();
	let renewed = world.reader(&fresh, &gateway);
	let refused = renewed.label_key(&patient).await;
	assert!(matches!(refused, Err(Error::Denied { reason, .. }) if reason == "not-for-patient"));

	world.chain.submit(&friend.signer, &calls::vouch(&patient, &fresh.account())).await.unwrap();
	world.chain.rpc("dev_advanceTime", vec![(DAY + 1_000).into()]).await.unwrap();
	world.chain.submit(&friend.signer, &calls::finish_recovery(&patient)).await.unwrap();
	assert_eq!(world.chain.patient(&patient).await.unwrap().unwrap().controller, fresh.account());

	let (epoch, label_key) = renewed.label_key(&patient).await.unwrap();
	let expected = world.chain.patient(&patient).await.unwrap().unwrap().label_epoch;
	assert_eq!((epoch, label_key), (expected, world.label_key.clone()));
	for (id, planned) in added.records.iter().zip(&plan.records) {
		let read = renewed.get(&patient, id, Purpose::Patrqt, Action::Access).await.unwrap();
		assert_eq!(read.answer.decision.reason, Reason::Patient);
		assert_eq!(read.plaintext.as_slice(), planned.plaintext.as_slice());
	}
	let lost: Reader<'_> = world.reader(&world.patient_keys, &gateway);
	let refused = lost.get(&patient, &added.records[0], Purpose::Patrqt, Action::Access).await;
	assert!(matches!(refused, Err(Error::Denied { .. })));
	assert!(matches!(lost.label_key(&patient).await, Err(Error::Denied { .. })));
	gateway.stop().await.unwrap();
}

/// The metrics of Salus' own that a text names: their names are lower-case and begin alike.
fn named_metrics(text: &str) -> BTreeSet<&str> {
	let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
	words.filter(|word| word.starts_with("salus_gateway_")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_counts_for_its_operators_on_an_address_of_its_own() {
	let world = World::new().await;
	let added = world.add(&world.patient, &plan(BUNDLE)).await.unwrap();
	let url = &node().url;
	let args = ["--node", url, "gateway", "run", "--as", "gateway-1", "--listen", "127.0.0.1:0"];
	let args = [&args[..], &["--metrics-listen", "127.0.0.1:0", "--receipt-interval", "3600"]].concat();
	let mut serving = command(world.home.path(), &args)
		.stdout(Stdio::piped())
		.kill_on_drop(true)
		.spawn()
		.expect("the program starts");
	let mut told = String::new();
	let mut output = BufReader::new(serving.stdout.take().unwrap());
	while serde_json::from_str::<Value>(&told).is_err() {
		assert!(output.read_line(&mut told).await.unwrap() > 0, "{told}");
	}
	let told: Value = serde_json::from_str(&told).unwrap();
	let (url, metrics) = (told["url"].as_str().unwrap(), told["metrics"].as_str().unwrap());
	// The first interval begins at once; what comes later waits for the next.
	tokio::time::sleep(Duration::from_millis(500)).await;

	let ask = |keys: &'_ Keys, purpose| {
		let keys = keys.clone();
		let (chain, patient, record) = (&world.chain, &world.patient, &added.records[0]);
		async move {
			let reader = Reader { chain, signer: &keys.signer, secret: &keys.encryption, gateway: url };
			reader.get(patient, record, purpose, Action::Access).await
		}
	};
	ask(&world.patient_keys, Purpose::Patrqt).await.unwrap();
	for _ in 0..2 {
		assert!(matches!(ask(&world.second.clinician, Purpose::Treat).await, Err(Error::Denied { .. })));
	}

	let text = reqwest::get(metrics).await.unwrap().text().await.unwrap();
	for line in [
		"salus_gateway_decisions_total{effect=\"permit\"} 1",
		"salus_gateway_decisions_total{effect=\"deny\"} 2",
		"salus_gateway_receipts_written_total 3",
		"salus_gateway_receipts_pending 3",
		"salus_gateway_receipts_failed 0",
	] {
		assert!(text.lines().any(|there| there == line), "{line} is not in\n{text}");
	}
	// Whom it was about is not told.
	for secret in [world.patient.to_string(), added.records[0].to_string(), world.patient_keys.account().to_string()] {
		assert!(!text.contains(secret.trim_start_matches("0x")), "{secret} is in\n{text}");
	}

	// What operators are told to watch is there.
	let operators = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
	for file in ["scripts/operators/alerts.yml", "docs/OPERATORS.md"] {
		let named = std::fs::read_to_string(operators.join(file)).unwrap();
		let named = named_metrics(&named);
		assert!(!named.is_empty(), "{file} names no metric of a gateway");
		for name in named {
			assert!(text.contains(&format!("# TYPE {name} ")), "{file} names {name}, which is not in\n{text}");
		}
	}

	// Where patients ask, nobody is told; where operators ask, nobody is given anything.
	let refused = reqwest::get(format!("{url}/metrics")).await.unwrap();
	assert_eq!(
		(refused.status().as_u16(), &refused.json::<Value>().await.unwrap()["error"]),
		(404, &json!("unknown-path"))
	);
	for path in ["/health", "/receipts/0x00", "/"] {
		let elsewhere = metrics.replace("/metrics", path);
		assert_eq!(reqwest::get(elsewhere).await.unwrap().status().as_u16(), 404, "{path}");
	}
}
