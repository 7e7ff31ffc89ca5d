//! The whole way on a real node: nothing here is simulated.

use crate::support::*;
use salus_client::{
	chain::{calls, Chain},
	demo::{self, Options},
	gateway::now,
	keys::{DataKeyStore, KeyRing},
	plan::resources_of,
	store::Store,
	Error,
};
use salus_primitives::{
	consent::{Effect, Reason, RecordStatus},
	views::AccessQuery,
	Action, PatientId, Purpose, RecordId, Sensitivity, SensitivitySet,
};
use serde::Deserialize;
use serde_json::{json, value::RawValue, Value};
use std::{
	collections::BTreeSet,
	path::{Path, PathBuf},
	process::Stdio,
	time::{Duration, Instant},
};
use subxt_signer::sr25519::{dev, Keypair};

/// What nobody may find: names, dates and numbers of the patient, texts of what they have.
fn secrets(bundle: &str) -> BTreeSet<String> {
	fn texts(value: &Value, into: &mut BTreeSet<String>) {
		match value {
			Value::String(text) => drop(into.insert(text.clone())),
			Value::Array(list) => list.iter().for_each(|item| texts(item, into)),
			Value::Object(map) => map.values().for_each(|item| texts(item, into)),
			_ => (),
		}
	}
	let bundle: Value = serde_json::from_str(bundle).unwrap();
	let mut found = BTreeSet::new();
	for entry in bundle["entry"].as_array().unwrap() {
		let resource = &entry["resource"];
		match resource["resourceType"].as_str() {
			Some("Patient") => {
				for field in ["name", "birthDate", "telecom", "address"] {
					texts(&resource[field], &mut found);
				}
				for identifier in resource["identifier"].as_array().into_iter().flatten() {
					texts(&identifier["value"], &mut found);
				}
			}
			Some("Condition") => texts(&resource["code"]["text"], &mut found),
			_ => (),
		}
	}
	// Codes such as `official` and short words stand in any program.
	found.retain(|text| text.len() >= 8 && !["official", "anonymous", "maiden"].contains(&text.as_str()));
	found
}

/// The first secret that stands in these bytes.
fn find<'a>(bytes: &[u8], secrets: &'a BTreeSet<String>) -> Option<&'a str> {
	let mut by_first: Vec<Vec<&str>> = vec![Vec::new(); 256];
	secrets.iter().for_each(|secret| by_first[secret.as_bytes()[0] as usize].push(secret));
	(0..bytes.len()).find_map(|at| {
		let candidates = &by_first[bytes[at] as usize];
		candidates.iter().copied().find(|secret| bytes[at..].starts_with(secret.as_bytes()))
	})
}

/// Fails if a secret is in a block, an event, the state, or a file.
async fn assert_hidden(chain: &Chain, secrets: &BTreeSet<String>, folders: &[&Path]) {
	assert!(secrets.len() >= 4, "too little to look for: {secrets:?}");
	let hidden = |bytes: &[u8], place: &str| assert_eq!(find(bytes, secrets), None, "found in {place}");
	let bytes = |json: &Value| hex::decode(json.as_str().unwrap_or("0x").trim_start_matches("0x")).unwrap();
	let events = "0x26aa394eea5630e07c48ae0c9558cef780d41e5e16056765bc8461851072c9d7";
	let best = chain.best().await.unwrap();
	let mut seen = 0;
	for number in 0..=best.number {
		let hash = chain.rpc("chain_getBlockHash", vec![number.into()]).await.unwrap();
		let block = chain.rpc("chain_getBlock", vec![hash.clone()]).await.unwrap();
		for extrinsic in block["block"]["extrinsics"].as_array().unwrap() {
			hidden(&bytes(extrinsic), &format!("a transaction of block {number}"));
			seen += 1;
		}
		let emitted = chain.rpc("state_getStorage", vec![events.into(), hash]).await.unwrap();
		hidden(&bytes(&emitted), &format!("the events of block {number}"));
	}
	assert!(seen > 0);
	let at: Value = format!("{:?}", best.hash).into();
	let mut last = Value::Null;
	loop {
		let page = vec!["0x".into(), 200.into(), last.clone(), at.clone()];
		let keys = chain.rpc("state_getKeysPaged", page).await.unwrap();
		let keys = keys.as_array().unwrap();
		let Some(key) = keys.last() else { break };
		last = key.clone();
		for key in keys {
			hidden(&bytes(key), "a key of the state");
			// `:code` is the runtime.
			if key != "0x3a636f6465" {
				let value = chain.rpc("state_getStorage", vec![key.clone(), at.clone()]).await.unwrap();
				hidden(&bytes(&value), "the state");
			}
		}
	}
	for file in folders.iter().flat_map(|folder| files(folder)) {
		hidden(&std::fs::read(&file).unwrap_or_default(), &file.display().to_string());
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demonstration_succeeds_and_nothing_of_the_patient_is_to_be_found() {
	// The story of research moves the clock.
	let node = OwnNode::start(500);
	let chain = node.connect().await;
	let folder = tempfile::tempdir().unwrap();
	let options = Options {
		chain: chain.clone(),
		plan: plan(BUNDLE),
		folder: folder.path().to_owned(),
		council: vec![dev::alice(), dev::bob()],
		payer: dev::alice(),
	};
	let mut told = 0;
	let story = demo::run(options, |_| told += 1).await.unwrap();
	assert_eq!(story.records, plan(BUNDLE).records.len());
	assert_eq!(story.given + story.withheld, story.records);
	assert!(story.given > 0 && story.withheld > 0);
	assert_eq!(told, story.steps.len());
	assert_eq!(story.emergencies, 1);
	assert!(story.sponsored > 0);
	let month = &story.measurements;
	assert_eq!((month.samples, month.batches, month.alerts, month.silenced), (31 * 48, 31, 1, 1));
	let research = &story.research;
	assert_eq!((research.contributors, research.withdrawn), (30, 2));
	assert_eq!((research.granted, research.reviewed, research.denied), (1, 1, 1));
	assert!(research.earned > 0);
	let reasons = [
		"no-consent",
		"no-break-glass",
		"break-glass",
		"consent",
		"denied",
		"patient",
		"not-permitted",
		"no-agreement",
		"CohortTooSmall",
		"ncu-commercial",
		"sensitive-stigmatising",
		"contribution-ended",
	];
	for reason in reasons {
		assert!(story.steps.iter().any(|step| step.reason.as_deref() == Some(reason)), "{reason}");
	}

	let secrets = secrets(BUNDLE);
	assert!(secrets.contains("1984-03-09") && secrets.contains("Major depressive disorder"), "{secrets:?}");
	assert!(find(BUNDLE.as_bytes(), &secrets).is_some(), "the search finds what is there");
	assert_hidden(&chain, &secrets, &[folder.path(), node.folder.path()]).await;
}

/// The texts of a bundle's resources, as they stand in the file.
fn resources(bundle: &str) -> Vec<String> {
	#[derive(Deserialize)]
	struct Bundle<'a> {
		#[serde(borrow)]
		entry: Vec<Entry<'a>>,
	}
	#[derive(Deserialize)]
	struct Entry<'a> {
		#[serde(borrow)]
		resource: &'a RawValue,
	}
	let bundle: Bundle = serde_json::from_str(bundle).unwrap();
	let mut all: Vec<_> = bundle.entry.iter().map(|entry| entry.resource.get().to_owned()).collect();
	all.sort();
	all
}

#[tokio::test(flavor = "multi_thread")]
async fn every_resource_comes_back_byte_for_byte() {
	let shared = std::env::var_os("SALUS_SHARED_DATA").map(PathBuf::from).unwrap_or_else(|| {
		let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the client is in a workspace");
		workspace.join("../shared/data")
	});
	let mut bundles = vec![BUNDLE.to_owned()];
	let mut real: Vec<_> = files(&shared.join("fhir/synthea"));
	real.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
	bundles.extend(real.iter().map(|path| std::fs::read_to_string(path).unwrap()));
	eprintln!("{} bundles", bundles.len());

	let world = World::new().await;
	let gateway = world.first.start_gateway(&world.chain).await.unwrap();
	let reader = world.reader(&world.patient_keys, &gateway);
	let mut hidden = BTreeSet::new();
	for bundle in &bundles {
		let patient = world.new_patient().await;
		let plan = plan(bundle);
		let added = world.add(&patient, &plan).await.unwrap();
		assert_eq!((added.anchored, added.present, added.total), (plan.records.len(), 0, plan.records.len()));
		let again = world.add(&patient, &plan).await.unwrap();
		assert_eq!((again.anchored, again.present, again.repaired), (0, plan.records.len(), 0));
		assert_eq!(again.records, added.records);

		let mut found = Vec::new();
		for id in &added.records {
			let read = reader.get(&patient, id, Purpose::Patrqt, Action::Access).await.unwrap();
			assert_eq!(read.answer.decision.reason, Reason::Patient);
			found.extend(resources_of(&read.plaintext).unwrap().into_iter().map(|resource| resource.raw));
		}
		found.sort();
		assert!(found == resources(bundle), "not every resource came back as it was");
		hidden.extend(secrets(bundle));
	}
	wait_for_receipts(&reader).await;
	gateway.stop().await.unwrap();
	assert_hidden(&world.chain, &hidden, &[world.home.path(), &node().folder]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_tells_each_failure_by_its_own_code() {
	let chain = connect().await;
	let folder = tempfile::tempdir().unwrap();
	let home = folder.path();
	let file = |name: &str, text: &str| {
		let path = home.join(name);
		std::fs::write(&path, text).unwrap();
		path.display().to_string()
	};
	let patient = PatientId([7; 32]).to_string();
	let run = |args: Vec<String>| async move {
		let args: Vec<_> = args.iter().map(String::as_str).collect();
		salus(home, &args).await
	};
	let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();

	let nobody = answer(command(home, &["--node", "ws://127.0.0.1:1", "org", "show", "0"]).output().await.unwrap());
	nobody.failed(3, "node-unreachable");
	let genesis = format!("0x{}", "01".repeat(32));
	run(words(&format!("--genesis {genesis} org show 0"))).await.failed(4, "wrong-genesis");
	let right = format!("{:?}", chain.genesis());
	run(words(&format!("--genesis {right} org show 4000000000"))).await.failed(13, "not-found");

	for (name, text) in [
		("malformed.json", "{\"resourceType\": \"Bundle\", \"entry\": ["),
		(
			"unknown.json",
			r#"{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Wish"}}]}"#,
		),
		("patient.json", r#"{"resourceType":"Patient"}"#),
	] {
		let path = file(name, text);
		let refused = run(words(&format!("record add {path} --patient {patient} --as //Alice"))).await;
		assert_eq!(refused.code, 2, "{name}: {refused:?}");
		assert!(refused.json["error"].is_string() && refused.json["at"].is_string(), "{name}: {refused:?}");
	}

	let ring = KeyRing::clear_text(home.join("keys"));
	ring.create("poor").unwrap();
	run(words("patient register --as poor")).await.failed(10, "insufficient-funds");
	let little = calls::transfer(&ring.load("poor").unwrap().account(), 20_000_000_000);
	{
		let _council = COUNCIL.lock().await;
		chain.submit(&dev::alice(), &little).await.unwrap();
	}
	// Enough for the fee, not for the deposit.
	run(words("patient register --as poor")).await.failed(10, "insufficient-funds");
	run(words("patient register --as nobody")).await.failed(13, "not-found");
	run(words(&format!("patient show {patient}"))).await.failed(13, "not-found");
	// An account that may not: the pallet's own error, by name.
	let refused = run(words("org add-admin 0 //Bob --as //Eve")).await;
	refused.failed(12, "transaction-failed");
	assert_eq!(refused.json["pallet"], "Participants");

	let record = RecordId([7; 32]).to_string();
	let get = format!("record get {record} --patient {patient} --as //Dave --gateway http://127.0.0.1:1");
	run(words(&get)).await.failed(14, "gateway-unreachable");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_releases_nothing_that_it_should_not() {
	let world = World::new().await;
	let added = world.add(&world.patient, &plan(BUNDLE)).await.unwrap();
	let consent = world.consent().await;
	let gateway = world.first.start_gateway(&world.chain).await.unwrap();
	let other = world.second.start_gateway(&world.chain).await.unwrap();
	let clinician = &world.second.clinician;
	let reader = world.reader(clinician, &gateway);
	let plan = plan(BUNDLE);
	let except = SensitivitySet::of(&[Sensitivity::Psy, Sensitivity::Sud]).expanded();
	let open: Vec<_> = added
		.records
		.iter()
		.zip(&plan.records)
		.filter(|(_, r)| !r.labels.intersects(except))
		.map(|(id, _)| *id)
		.collect();
	let [good, missing, corrupt, keyless, shredded, restricted, ..] = open[..] else { panic!("too few records") };
	let patient = world.patient;

	// A request that is good, once.
	let signed = reader.sign(&patient, &good, Purpose::Treat, Action::Access).await.unwrap();
	let release = reader.fetch(&signed).await.unwrap();
	assert_eq!(reader.fetch(&signed).await, Err(Error::RequestReplayed));
	let elsewhere = world.reader(clinician, &other);
	assert!(matches!(elsewhere.fetch(&signed).await, Err(Error::Corrupted(_))), "replayed at another gateway");
	// Its answer opens for nobody else, and as nothing else.
	let opened = reader.open(&patient, &good, &signed, &release).await.unwrap();
	assert_eq!(opened.answer.decision.consent, Some(consent));
	let stranger = world.reader(&world.first.clinician, &gateway);
	assert!(matches!(stranger.open(&patient, &good, &signed, &release).await, Err(Error::Corrupted(_))));
	assert!(matches!(reader.open(&patient, &missing, &signed, &release).await, Err(Error::Corrupted(_))));
	let later = reader.sign(&patient, &good, Purpose::Treat, Action::Access).await.unwrap();
	assert!(matches!(reader.open(&patient, &good, &later, &release).await, Err(Error::Corrupted(_))));

	// Requests that are not taken.
	let fresh = || reader.sign(&patient, &good, Purpose::Treat, Action::Access);
	let key = &clinician.signer;
	let resign = |change: fn(&mut salus_client::gateway::request::Request), signed_by: &Keypair| {
		let (signed_by, mut request) = (signed_by.clone(), signed.request.clone());
		request.nonce = rand::random();
		request.expires = now() + 60_000;
		change(&mut request);
		request.sign(&signed_by)
	};
	let expired = resign(|request| request.expires = now() - 1, key);
	assert!(matches!(reader.fetch(&expired).await, Err(Error::RequestExpired { .. })));
	let long = resign(|request| request.expires = now() + 130_000, key);
	assert!(matches!(reader.fetch(&long).await, Err(Error::RequestExpired { .. })));
	let genesis = resign(|request| request.genesis.0[0] ^= 1, key);
	assert!(matches!(reader.fetch(&genesis).await, Err(Error::WrongGenesis { .. })));
	let epoch = resign(|request| request.key_epoch += 1, key);
	assert!(matches!(reader.fetch(&epoch).await, Err(Error::KeyMismatch { .. })));
	let forged = resign(|_| (), &world.first.clinician.signer);
	assert!(matches!(reader.fetch(&forged).await, Err(Error::Corrupted(_))));
	let mut tampered = fresh().await.unwrap();
	tampered.request.target = tampered.request.target.replace("TREAT", "HRESCH");
	assert!(matches!(reader.fetch(&tampered).await, Err(Error::Corrupted(_))));
	let mut wrapped = fresh().await.unwrap();
	wrapped.signature = clinician.sign_wrapped(wrapped.request.text().as_bytes());
	reader.fetch(&wrapped).await.unwrap();

	// Someone without an encryption key, by the command line.
	let url = gateway.url.clone();
	let get = |record: RecordId, who: &'static str| {
		let (record, patient, url) = (record.to_string(), patient.to_string(), url.clone());
		let world = &world;
		async move { world.salus(&["record", "get", &record, "--patient", &patient, "--as", who, "--gateway", &url]).await }
	};
	world.ring.create("keyless").unwrap();
	get(good, "keyless").await.failed(9, "key-not-registered");

	// What is stored and lost.
	let locator = |id: RecordId| {
		let chain = &world.chain;
		async move {
			let view = chain.record(&patient, &id, None).await.unwrap().unwrap();
			String::from_utf8(view.locator).unwrap()
		}
	};
	let store: Store = world.first.store().unwrap();
	store.delete(&locator(missing).await).await.unwrap();
	get(missing, "clinician-2").await.failed(6, "ciphertext-missing");
	let place = locator(corrupt).await;
	let mut object = store.get(&place).await.unwrap();
	let middle = object.len() / 2;
	object[middle] ^= 1;
	store.put(&place, object).await.unwrap();
	get(corrupt, "clinician-2").await.failed(7, "corrupted");
	let keys: DataKeyStore = world.first.data_keys().unwrap();
	keys.destroy(&keyless).unwrap();
	get(keyless, "clinician-2").await.failed(6, "data-key-missing");
	get(RecordId([1; 32]), "clinician-2").await.failed(13, "not-found");
	let content = get(good, "clinician-2").await;
	assert_eq!(content.succeeded()["content"]["resourceType"], "Bundle");

	// What the patient and the custodian mark.
	let mark = |command: &'static str, record: RecordId, who: &'static str| {
		let (record, patient) = (record.to_string(), patient.to_string());
		let world = &world;
		async move { world.salus(&["record", command, &record, "--patient", &patient, "--as", who]).await }
	};
	mark("restrict", restricted, "clinician-2").await.failed(12, "transaction-failed");
	mark("restrict", restricted, "patient").await.succeeded();
	let refused = get(restricted, "clinician-2").await;
	refused.failed(5, "denied");
	assert_eq!(refused.json["reason"], "restricted");
	get(restricted, "patient").await.succeeded();
	mark("lift-restriction", restricted, "patient").await.succeeded();
	get(restricted, "clinician-2").await.succeeded();
	mark("shred", shredded, "clinician-1").await;
	assert_eq!(world.chain.record(&patient, &shredded, None).await.unwrap().unwrap().status, RecordStatus::Shredded);
	assert!(matches!(keys.get(&shredded, 1), Err(Error::DataKeyMissing { .. })));
	for who in ["clinician-2", "patient"] {
		assert_eq!(get(shredded, who).await.json["reason"], "shredded");
	}

	// Adding again repairs what was lost, and leaves alone what was shredded.
	let repaired = world.add(&patient, &plan).await.unwrap();
	assert_eq!((repaired.repaired, repaired.anchored), (3, 0));
	for record in [missing, corrupt, keyless] {
		let read = read(&reader, &patient, &record).await.unwrap();
		assert_eq!((read.record.version, read.record.status), (2, RecordStatus::Amended));
	}

	// The end of the consent.
	let consent = consent.to_string();
	let patient_text = patient.to_string();
	world.salus(&["consent", "withdraw", "--patient", &patient_text, "--as", "patient", &consent]).await.succeeded();
	let refused = get(good, "clinician-2").await;
	refused.failed(5, "denied");
	assert_eq!(refused.json["reason"], "no-consent");

	wait_for_receipts(&reader).await;
	let receipts = world.salus(&["patient", "receipts", &patient_text]).await;
	let receipts = receipts.succeeded().as_array().unwrap();
	assert!(receipts.iter().any(|receipt| receipt["reason"] == "restricted" && receipt["effect"] == "deny"));
	assert!(receipts.iter().any(|receipt| receipt["reason"] == "shredded" && receipt["effect"] == "deny"));
	assert_eq!(receipts[0]["reason"], "no-consent");
	gateway.stop().await.unwrap();
	other.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_add_that_ended_early_is_completed_by_the_next_and_duplicates_nothing() {
	let world = World::new().await;
	let bundle = world.home.path().join("bundle.json");
	std::fs::write(&bundle, BUNDLE).unwrap();
	let (bundle, patient) = (bundle.display().to_string(), world.patient.to_string());
	let total = plan(BUNDLE).records.len();
	let args = |who: &'static str| {
		[
			"--node",
			&node().url,
			"record",
			"add",
			&bundle,
			"--patient",
			&patient,
			"--as",
			who,
			"--label-recipient",
			"gateway-1",
		]
		.map(str::to_owned)
	};
	let run = |who: &'static str, limit: Option<&'static str>| {
		let args = args(who);
		let home = world.home.path();
		async move {
			let args: Vec<_> = args.iter().map(String::as_str).collect();
			let mut command = command(home, &args);
			if let Some(limit) = limit {
				command.env("LIMIT", limit);
			}
			answer(command.output().await.unwrap())
		}
	};
	let store = world.first.folders.store();
	let anchored = || async { world.chain.records(&world.patient).await.unwrap().len() };

	// A store without room: nothing is anchored, and the cause is told.
	run("clinician-1", Some("1")).await.failed(8, "store-full");
	assert_eq!(anchored().await, 0);

	// Killed in the middle.
	let words = args("clinician-1");
	let words: Vec<_> = words.iter().map(String::as_str).collect();
	let mut child = command(world.home.path(), &words).stdout(Stdio::null()).spawn().unwrap();
	while objects(&store).len() < 5 && child.try_wait().unwrap().is_none() {
		tokio::time::sleep(Duration::from_millis(1)).await;
	}
	child.kill().await.unwrap();

	// A member who cannot pay: everything is stored, nothing is anchored.
	let poor = world.ring.create("poor").unwrap();
	let roles = salus_primitives::MemberRoleSet::of(&[salus_primitives::MemberRole::Registrar]);
	let call = calls::add_member(world.first_org, &poor.account(), roles, None, None);
	world.chain.submit(&world.first.admin.signer, &call).await.unwrap();
	if anchored().await == 0 {
		run("poor", None).await.failed(10, "insufficient-funds");
		assert_eq!(anchored().await, 0);
	}

	let done = run("clinician-1", None).await;
	let json = done.succeeded();
	assert_eq!(json["anchored"].as_u64().unwrap() + json["present"].as_u64().unwrap(), total as u64);
	assert_eq!(anchored().await, total);
	assert_eq!(objects(&store).len(), total, "one object a record");
	assert!(files(&world.first.folders.under_way()).is_empty(), "nothing is under way");
	let again = run("clinician-1", None).await;
	assert_eq!((&again.succeeded()["anchored"], &again.json["present"]), (&json!(0), &json!(total)));
	assert_eq!(objects(&store).len(), total);

	// Killed after its transaction was sent: the notes are there, and so are the records. One note names an object that
	// was stored and never anchored.
	let views = world.chain.records(&world.patient).await.unwrap();
	for (view, orphan) in views.iter().zip([false, true]) {
		let anchored = String::from_utf8(view.locator.to_vec()).unwrap();
		let locator = if orphan { "00ff00ff".to_owned() } else { anchored };
		let note = json!({"version": view.version, "locator": locator, "commitment": view.commitment});
		let path = world.first.folders.under_way().join(hex::encode(view.id.0));
		std::fs::write(path, note.to_string()).unwrap();
	}
	Store::directory(&store).unwrap().put("00ff00ff", vec![0]).await.unwrap();
	let after = run("clinician-1", None).await;
	assert_eq!((&after.succeeded()["anchored"], &after.json["present"]), (&json!(0), &json!(total)));
	assert!(files(&world.first.folders.under_way()).is_empty(), "nothing is under way");
	assert_eq!(objects(&store).len(), total, "what was never anchored is gone");

	let gateway = world.first.start_gateway(&world.chain).await.unwrap();
	let reader = world.reader(&world.patient_keys, &gateway);
	for view in world.chain.records(&world.patient).await.unwrap() {
		reader.get(&world.patient, &view.id, Purpose::Patrqt, Action::Access).await.unwrap();
	}
	gateway.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_starts_again_forgets_neither_receipts_nor_nonces() {
	let world = World::new().await;
	let added = world.add(&world.patient, &plan(BUNDLE)).await.unwrap();
	let mut asked = BTreeSet::new();
	let mut last = None;
	for _ in 0..3 {
		let gateway = world.first.start_gateway(&world.chain).await.unwrap();
		let reader = world.reader(&world.second.clinician, &gateway);
		if let Some(signed) = &last {
			assert_eq!(reader.fetch(signed).await, Err(Error::RequestReplayed));
		}
		for id in added.records.iter().take(7) {
			let signed = reader.sign(&world.patient, id, Purpose::Treat, Action::Access).await.unwrap();
			assert!(matches!(reader.fetch(&signed).await, Err(Error::Denied { .. })));
			asked.insert(signed.hash());
			last = Some(signed);
		}
		// Its receipts are on their way, or not yet.
		gateway.stop().await.unwrap();
	}
	let gateway = world.first.start_gateway(&world.chain).await.unwrap();
	let reader = world.reader(&world.second.clinician, &gateway);
	let health = wait_for_receipts(&reader).await;
	assert_eq!(health.receipts_failed, 0);
	gateway.stop().await.unwrap();
	let receipts = world.chain.receipts(&world.patient, usize::MAX).await.unwrap();
	assert_eq!(receipts.len(), asked.len(), "each once");
	assert_eq!(receipts.iter().map(|view| view.receipt.request).collect::<BTreeSet<_>>(), asked);
	assert!(receipts.iter().all(|view| view.receipt.effect == Effect::Deny));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_refuses_while_its_node_stalls_and_goes_on_when_it_is_back() {
	let mut node = OwnNode::start(PACE);
	let world = World::on(node.connect().await).await;
	let added = world.add(&world.patient, &plan(BUNDLE)).await.unwrap();
	let record = added.records[0];
	let gateway = world.first.start_gateway(&world.chain).await.unwrap();
	let own = world.reader(&world.patient_keys, &gateway);
	let ask = || own.get(&world.patient, &record, Purpose::Patrqt, Action::Access);
	ask().await.unwrap();
	wait_for_receipts(&own).await;

	let signed = own.sign(&world.patient, &record, Purpose::Patrqt, Action::Access).await.unwrap();
	node.stop();
	assert!(matches!(own.fetch(&signed).await, Err(Error::NodeUnreachable { .. })));

	node.restart(STALL).await;
	let query = AccessQuery {
		actor: world.patient_keys.account(),
		patient: world.patient,
		purpose: Purpose::Patrqt,
		action: Action::Access,
		record: Some(record),
		resource: None,
	};
	let last_block = world.chain.check_access(&query, None).await.unwrap().now;
	tokio::time::sleep(Duration::from_millis((last_block + 61_000).saturating_sub(now()))).await;
	assert!(matches!(ask().await, Err(Error::NodeBehind { .. })));

	node.stop();
	node.restart(PACE).await;
	let start = Instant::now();
	while let Err(Error::NodeBehind { .. }) = ask().await {
		assert!(start.elapsed() < Duration::from_secs(60), "the node does not go on");
		tokio::time::sleep(Duration::from_millis(300)).await;
	}
	ask().await.unwrap();
	wait_for_receipts(&own).await;
	let receipts = world.chain.receipts(&world.patient, usize::MAX).await.unwrap();
	assert_eq!(receipts.len(), 3, "each answer once, and none for what was not decided");
	gateway.stop().await.unwrap();
}
