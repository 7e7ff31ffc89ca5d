//! Medicines on the command line: what people type, and the exit codes that scripts go by.

use crate::supply::*;
use crate::support::*;
use salus_client::{epcis::event_hashes, Error};
use salus_primitives::gs1::Lot;
use serde_json::Value;
use std::{path::PathBuf, process::Stdio};
use tokio::io::{AsyncBufReadExt, BufReader};

/// A pack that must not be given to a patient.
const NOT_GENUINE: i32 = 17;

impl Firm {
	async fn types(&self, text: &str) -> Answer {
		self.salus(&words(text)).await
	}

	/// As [`Self::types`], as the firm's member.
	async fn does(&self, text: &str) -> Answer {
		self.types(&format!("drug {text} --as staff")).await
	}
}

fn file(supply: &Supply, name: &str, text: &str) -> PathBuf {
	let path = supply.home.path().join(name);
	std::fs::write(&path, text).unwrap();
	path
}

/// Somebody who has nothing but the pack: a patient with a telephone, say.
struct Patient {
	home: tempfile::TempDir,
}

impl Patient {
	fn new() -> Self {
		Self { home: tempfile::tempdir().unwrap() }
	}

	async fn verifies(&self, label: &str, endpoint: &str) -> Answer {
		salus(self.home.path(), &["drug", "verify", label, "--from", endpoint]).await
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_line_among_a_hundred_thousand_is_named_and_nothing_is_commissioned() {
	let supply = Supply::new(connect().await, None).await;
	let Supply { chain, maker, gtin, .. } = &supply;
	let good = csv("A1", 0..99_999);
	let bad = file(&supply, "bad.csv", &format!("{good}SN 99999,A1,{EXPIRY}\n"));
	let refused = maker.does(&format!("commission {} --gtin {gtin}", bad.display())).await;
	refused.failed(2, "bad-lines");
	// The header is line 1.
	let message = refused.json["message"].as_str().unwrap();
	assert!(message.contains("line 100001: \"SN 99999\"") && message.matches("line ").count() == 1, "{message}");
	let lot = Lot::try_from(b"A1".to_vec()).unwrap();
	assert_eq!(chain.lot(*gtin, &lot).await.unwrap(), []);
	assert_eq!((maker.book().all().unwrap(), supply.stock(maker).await), (vec![], 0));

	// What is wrong with a file is told without a node.
	let nowhere = salus_at(
		"ws://127.0.0.1:1",
		&maker.home,
		&words(&format!("drug commission {} --gtin {gtin} --as staff", bad.display())),
	)
	.await;
	nowhere.failed(2, "bad-lines");

	// The line mended, the same command does it; and once more, it finds it done.
	let mended = file(&supply, "mended.csv", &csv("A1", 0..100_000));
	let commission = format!("commission {} --gtin {gtin}", mended.display());
	let done = maker.does(&commission).await.succeeded().clone();
	assert_eq!((&done["units"], &done["present"]), (&100_000.into(), &false.into()));
	assert_eq!(supply.stock(maker).await, 100_000);
	let again = maker.does(&commission).await.succeeded().clone();
	assert_eq!((&again["batch"], &again["present"]), (&done["batch"], &true.into()));
	assert_eq!(chain.lot(*gtin, &lot).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pack_goes_from_a_file_to_a_patient_by_commands() {
	let supply = Supply::new(connect().await, None).await;
	let Supply { maker, pharmacy, rival, gtin, .. } = &supply;
	let run = file(&supply, "run.csv", &csv("A1", 0..20));
	let commissioned = maker.does(&format!("commission {} --gtin {gtin}", run.display())).await.succeeded().clone();
	let batch = commissioned["batch"].as_u64().unwrap();
	let sscc: String = random_key(18);
	let packed = maker.does(&format!("pack --batch {batch} --case-size 10 --sscc {sscc}")).await.succeeded().clone();
	assert_eq!(packed["units"].as_array().unwrap().len(), 2);

	let package = supply.home.path().join("package");
	let (package, recipient) = (package.display(), pharmacy.keys.address());
	let ship =
		format!("ship --logistic {sscc} --to {} --sale --recipient {recipient} --package {package}", pharmacy.org);
	maker.does(&ship).await.succeeded();
	// What the pharmacy has is a box with a number that it does not know yet.
	let unit = packed["units"][0][1].as_str().unwrap();
	let received = pharmacy.does(&format!("receive --logistic {unit} --package {package}")).await.succeeded().clone();
	assert_eq!(received["imported"]["units"], 10);
	pharmacy.does(&format!("unpack {sscc}")).await.succeeded();
	let stock = pharmacy.types(&format!("drug stock {}", pharmacy.org)).await.succeeded().clone();
	assert!(stock.to_string().contains("\"units\":10"), "{stock}");

	let label = supply.label("A1", 3);
	let verified = pharmacy.types(&format!("drug verify {label}")).await.succeeded().clone();
	assert_eq!(
		(&verified["verdict"], &verified["custodian_name"]),
		(&"genuine".into(), &pharmacy.name.as_str().into())
	);
	let dispensed = pharmacy.does(&format!("dispense {label}")).await.succeeded().clone();
	assert_eq!((&dispensed["dispensed"], &dispensed["packs"][0]["outcome"]), (&1.into(), &"dispensed".into()));

	// A copy of it.
	let copy = pharmacy.does(&format!("dispense {label}")).await;
	copy.failed(NOT_GENUINE, "not-genuine");
	let told = &copy.json["packs"][0];
	assert_eq!((&told["outcome"], &told["verdict"]), (&"alert".into(), &"already-dispensed".into()));
	assert!(told["block"].as_u64().is_some(), "{told}");
	let verified = pharmacy.types(&format!("drug verify {label}")).await;
	verified.failed(NOT_GENUINE, "not-genuine");
	assert_eq!(verified.json["verdict"], "already-dispensed");
	let elsewhere = rival.does(&format!("dispense {label}")).await;
	elsewhere.failed(NOT_GENUINE, "not-genuine");
	assert_eq!(elsewhere.json["packs"][0]["error"], "not-found");

	pharmacy.does(&format!("undo {label}")).await.succeeded();
	pharmacy.types(&format!("drug verify {label}")).await.succeeded();
	pharmacy.does(&format!("undo {label}")).await.failed(12, "transaction-failed");

	// A recall, and the list of what is wrong with a file.
	pharmacy
		.does(&format!("recall --batch {batch} --class I --reason contamination"))
		.await
		.failed(12, "transaction-failed");
	maker.does(&format!("recall --batch {batch} --units 5..7 --class II --reason labelling")).await.succeeded();
	let recalled = pharmacy.types(&format!("drug verify {}", supply.label("A1", 5))).await;
	recalled.failed(NOT_GENUINE, "not-genuine");
	assert_eq!((&recalled.json["verdict"], &recalled.json["recall"]["class"]), (&"recalled".into(), &"II".into()));
	let scans: String = [3, 5, 4].map(|index| supply.label("A1", index) + "\n").concat();
	let scans = file(&supply, "scans", &scans);
	let by_file = pharmacy.does(&format!("dispense --file {}", scans.display())).await;
	by_file.failed(NOT_GENUINE, "not-genuine");
	assert_eq!((&by_file.json["dispensed"], &by_file.json["conflicts"]), (&2.into(), &1.into()));
	let outcomes: Vec<_> = by_file.json["packs"]
		.as_array()
		.unwrap()
		.iter()
		.map(|pack| (pack["line"].as_u64().unwrap(), pack["outcome"].as_str().unwrap()))
		.collect();
	assert_eq!(outcomes, [(1, "dispensed"), (2, "alert"), (3, "dispensed")]);

	// Handed out while there was no line.
	let upload = file(
		&supply,
		"upload",
		&format!("{},{}\n{},yesterday\n", supply.label("A1", 8), hours_ago(5), supply.label("A1", 9)),
	);
	let uploaded = pharmacy.does(&format!("upload {}", upload.display())).await;
	uploaded.failed(NOT_GENUINE, "not-genuine");
	let outcomes: Vec<_> =
		uploaded.json["packs"].as_array().unwrap().iter().map(|pack| pack["outcome"].as_str().unwrap()).collect();
	assert_eq!(outcomes, ["dispensed", "failed"]);
	assert_eq!(uploaded.json["packs"][1]["error"], "bad-line");

	// Its trace is what `epcis export` takes, whose document `epcis validate` takes, with the hashes that the chain has.
	let traced = pharmacy.types(&format!("drug trace --batch {batch} --unit 3")).await.succeeded().clone();
	assert_eq!(traced["whole"], true);
	let trace = file(&supply, "trace.json", &traced.to_string());
	let document = pharmacy.types(&format!("epcis export {}", trace.display())).await.succeeded().clone();
	let path = file(&supply, "document.json", &document.to_string());
	pharmacy.types(&format!("epcis validate {}", path.display())).await.succeeded();
	let on_chain: Vec<_> =
		traced["trace"].as_array().unwrap().iter().rev().map(|step| step["event"].as_str().unwrap()).collect();
	let hashes: Vec<_> =
		event_hashes(&document).unwrap().iter().map(|hash| format!("0x{}", hex::encode(hash.digest))).collect();
	assert_eq!(hashes[..on_chain.len()], on_chain);
}

fn hours_ago(hours: i64) -> String {
	(chrono::Utc::now() - chrono::Duration::hours(hours)).to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_with_nothing_but_the_pack_asks_the_manufacturers_endpoint() {
	let supply = Supply::new(connect().await, None).await;
	let Supply { chain, maker, pharmacy, rival, .. } = &supply;
	let batch = supply.commission("A1", 0..10).await;
	supply.commission("B2", 20..21).await;
	supply.hand_over(maker, pharmacy, units(batch, 0..10), true).await;

	let args = ["--node", &node().url, "drug", "serve", "--listen", "127.0.0.1:0", "--as", "staff"];
	let mut serving = command(&maker.home, &args).stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
	let mut told = String::new();
	let mut output = BufReader::new(serving.stdout.take().unwrap());
	while serde_json::from_str::<Value>(&told).is_err() {
		assert!(output.read_line(&mut told).await.unwrap() > 0, "{told}");
	}
	let told: Value = serde_json::from_str(&told).unwrap();
	assert_eq!((&told["org"], &told["batches"], &told["units"]), (&maker.org.into(), &2.into(), &11.into()));
	let url = told["url"].as_str().unwrap();

	// As any program asks.
	let client = reqwest::Client::new();
	let get = |scan: String| {
		let request = client.get(format!("{url}/scan")).query(&[("scan", scan)]);
		async move {
			let response = request.send().await.unwrap();
			(response.status().as_u16(), response.json::<Value>().await.unwrap())
		}
	};
	let label = supply.label("A1", 4);
	let (status, proven) = get(label.clone()).await;
	assert_eq!((status, &proven["batch"], &proven["index"]), (200, &batch.into(), &4.into()));
	let unit = supply.units(batch).await.proof(4).unwrap();
	assert_eq!(proven["proof"], serde_json::to_value(&unit.proof).unwrap());
	// Nothing secret is in it: neither the key, from which others would follow, nor other serial numbers.
	let mut names: Vec<_> = proven.as_object().unwrap().keys().map(String::as_str).collect();
	names.sort_unstable();
	assert_eq!(names, ["batch", "expiry", "gtin", "index", "lot", "mac", "proof", "run"]);
	let (status, refusal) = get(supply.label("A1", 10)).await;
	assert_eq!((status, &refusal["error"]), (404, &"unknown-unit".into()));
	assert_eq!(get("(01)123".into()).await.0, 400);

	let patient = Patient::new();
	let verified = patient.verifies(&label, url).await.succeeded().clone();
	assert_eq!(
		(&verified["verdict"], &verified["custodian_name"]),
		(&"genuine".into(), &pharmacy.name.as_str().into())
	);
	for (forged, verdict) in [
		(supply.label("A1", 10), "not-in-run"),
		(label.replace("(10)A1", "(10)A9"), "unknown-lot"),
		(label.replace("(10)A1", "(10)B2"), "lot-mismatch"),
		(label.replace(&supply.gtin.to_string(), &random_key::<String>(14)), "unknown-product"),
		(label.replace("(17)291231", "(17)291130"), "expiry-mismatch"),
	] {
		let verified = patient.verifies(&forged, url).await;
		verified.failed(NOT_GENUINE, "not-genuine");
		assert_eq!(verified.json["verdict"], verdict);
	}
	// A copy at a pharmacy that never had it: without the proof it is refused, and with it the chain raises an alert.
	let copy = rival.does(&format!("dispense {label}")).await;
	copy.failed(NOT_GENUINE, "not-genuine");
	assert_eq!(copy.json["packs"][0]["error"], "not-found");
	let copy = rival.does(&format!("dispense {label} --from {url}")).await;
	copy.failed(NOT_GENUINE, "not-genuine");
	let told = &copy.json["packs"][0];
	assert_eq!((&told["outcome"], &told["verdict"], &told["index"]), (&"alert".into(), &"genuine".into(), &4.into()));
	let block = told["block"].as_u64().unwrap() as u32;
	let [alert] = alerts(chain, block..=block, batch).await.try_into().unwrap();
	assert_eq!((alert.index, alert.org), (4, rival.org));

	let digital_link = format!("https://example.com/01/{}/10/A1/21/{}?17=291231", supply.gtin, serial(4));
	patient.verifies(&digital_link, url).await.succeeded();
	pharmacy.does(&format!("dispense {label}")).await.succeeded();
	let verified = patient.verifies(&label, url).await;
	verified.failed(NOT_GENUINE, "not-genuine");
	assert_eq!(verified.json["verdict"], "already-dispensed");

	// What is no pack, no answer and no node have codes of their own.
	patient.verifies("(01)123", url).await.failed(2, "WrongLength");
	salus(patient.home.path(), &["drug", "verify", &label]).await.failed(13, "not-found");
	let nobody = patient.verifies(&label, "http://127.0.0.1:1").await;
	nobody.failed(
		Error::GatewayUnreachable { url: String::new(), reason: String::new() }.exit_code().into(),
		"gateway-unreachable",
	);
	let offline = salus_at("ws://127.0.0.1:1", patient.home.path(), &["drug", "verify", &label, "--from", url]).await;
	offline.failed(3, "node-unreachable");
	serving.kill().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loggers_table_holds_goods_back_until_quality_releases_them() {
	let supply = Supply::new(connect().await, Some(COLD)).await;
	let Supply { maker, pharmacy, .. } = &supply;
	let batch = supply.commission("A1", 0..10).await;
	supply.hand_over(maker, pharmacy, units(batch, 0..10), true).await;
	let label = supply.label("A1", 3);
	let good = file(&supply, "good.csv", "time,celsius\n2026-11-20T08:00:00Z,4.5\n2026-11-20T08:10:00Z,5.5\n");
	let warm = file(&supply, "warm.csv", "time,celsius\n2026-11-20T08:00:00Z,4.5\n2026-11-20T08:10:00Z,9.5\n");
	let bad = file(&supply, "bad.csv", "time,celsius\n2026-11-20T08:00:00Z,warm\n");
	let import = |path: &PathBuf| format!("excursions import {} --batch {batch}", path.display());
	pharmacy.does(&import(&bad)).await.failed(2, "bad-reading");
	let within = pharmacy.does(&import(&good)).await;
	assert_eq!(within.code, 0, "{within:?}");
	pharmacy.types(&format!("drug verify {label}")).await.succeeded();
	pharmacy.does(&import(&warm)).await.succeeded();
	let held = pharmacy.types(&format!("drug verify {label}")).await;
	held.failed(NOT_GENUINE, "not-genuine");
	assert_eq!(held.json["verdict"], "quarantined");
	let release = format!("release --batch {batch} --excursion-because stable");
	pharmacy.does(&release).await.failed(12, "transaction-failed");
	pharmacy.types(&format!("drug verify {label}")).await.failed(NOT_GENUINE, "not-genuine");
	maker.does(&release).await.succeeded();
	pharmacy.types(&format!("drug verify {label}")).await.succeeded();
}

#[tokio::test(flavor = "multi_thread")]
async fn goods_are_disputed_suspected_sent_back_and_taken_off_the_market_by_commands() {
	let supply = Supply::new(connect().await, None).await;
	let Supply { regulator, maker, wholesaler, pharmacy, .. } = &supply;
	let batch = supply.commission("A1", 0..10).await;
	let goods = format!("--batch {batch} --units 0..10");
	let sell = |to: &Firm| format!("ship {goods} --to {} --sale", to.org);

	// Another package than the one that was committed to is refused, and can be disputed.
	let package = supply.ship(maker, wholesaler, units(batch, 0..10), true).await;
	let mut bytes = std::fs::read(&package).unwrap();
	bytes[200] ^= 1;
	let wrong = supply.home.path().join("wrong");
	std::fs::write(&wrong, bytes).unwrap();
	let with_wrong = format!("{goods} --package {}", wrong.display());
	wholesaler.does(&format!("receive {with_wrong}")).await.failed(7, "package-mismatch");
	wholesaler.does(&format!("dispute {with_wrong}")).await.succeeded();
	wholesaler.does(&format!("dispute {goods} --package {}", package.display())).await.failed(12, "transaction-failed");
	wholesaler.does(&format!("receive {goods} --package {}", package.display())).await.succeeded();

	// What anybody suspects is not sold until a regulator clears it.
	let report = pharmacy.does(&format!("suspect {goods}")).await.succeeded()["report"].as_u64().unwrap();
	wholesaler.does(&sell(pharmacy)).await.failed(12, "transaction-failed");
	wholesaler.does(&format!("clear {goods} --report {report}")).await.failed(12, "transaction-failed");
	regulator.does(&format!("clear {goods} --report {report}")).await.succeeded();

	// What is refused comes back, and what was bought goes back to whom it was bought from.
	wholesaler.does(&sell(pharmacy)).await.succeeded();
	pharmacy.does(&format!("refuse {goods}")).await.succeeded();
	wholesaler.does(&format!("receive {goods}")).await.succeeded();
	assert_eq!((supply.stock(pharmacy).await, supply.stock(wholesaler).await), (0, 10));
	wholesaler.does(&format!("return {goods}")).await.succeeded();
	maker.does(&format!("receive {goods}")).await.succeeded();

	maker.does(&format!("remove --batch {batch} --units 0..2 5 --kind sample")).await.succeeded();
	maker.does(&format!("destroy --batch {batch} --units 8..10")).await.succeeded();
	assert_eq!((supply.stock(wholesaler).await, supply.stock(maker).await), (0, 5));
	let sample = maker.types(&format!("drug verify {}", supply.label("A1", 5))).await;
	sample.failed(NOT_GENUINE, "not-genuine");
	assert_eq!(sample.json["verdict"], "sample");
}
