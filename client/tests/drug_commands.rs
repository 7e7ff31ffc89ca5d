//! Medicines on a real node, by the command line: from the factory over a wholesaler to a pharmacy.

mod support;

use salus_client::{
	chain::{calls, council, Chain},
	demo::stage,
	epcis::export::{document_of, read_steps, step_hash},
	gateway::now,
	keys::{KeyRing, Keys},
};
use salus_primitives::{
	inputs::OrganisationInput, time::DAY, MemberRole, MemberRoleSet, OrgId, OrgRole, OrgRoleSet, H256,
};
use serde_json::{json, Value};
use std::{path::PathBuf, process::Stdio, time::Duration};
use subxt_signer::sr25519::dev;
use support::{command, connect, free_port, node, salus, Answer, COUNCIL};
use tempfile::TempDir;

/// An organisation with a home of its own, in which the key of its one member is called `me`.
struct Trader {
	home: TempDir,
	keys: Keys,
	org: OrgId,
}

impl Trader {
	async fn new(chain: &Chain, name: &str, role: OrgRole, member: &[MemberRole]) -> Self {
		let home = tempfile::tempdir().unwrap();
		let keys = KeyRing::clear_text(home.path().join("keys")).create("me").unwrap();
		let admin = stage::fresh("admin").unwrap();
		let input = OrganisationInput {
			name: name.as_bytes().to_vec().try_into().unwrap(),
			country: *b"GB",
			roles: OrgRoleSet::of(&[role]),
			non_profit: false,
			gln: None,
			legal_entity: H256(rand::random()),
			licence_until: now() + 365 * DAY,
			requires_agreement: false,
		};
		let org = {
			let _council = COUNCIL.lock().await;
			stage::endow(chain, &dev::alice(), &[&admin, &keys]).await.unwrap();
			let call = calls::admit_organisation(&input, &admin.account());
			let included = council::carry(chain, &[dev::alice(), dev::bob()], &call).await.unwrap();
			included.event("Participants", "OrganisationAdmitted").unwrap().number("org").unwrap() as OrgId
		};
		let call = calls::add_member(org, &keys.account(), MemberRoleSet::of(member), None, None);
		chain.submit(&admin.signer, &call).await.unwrap();
		stage::register_keys(chain, &[&keys]).await.unwrap();
		Self { home, keys, org }
	}

	/// Runs a command with the member's key; `{…}` is the home.
	async fn drug(&self, line: &str) -> Answer {
		let mut args = vec!["drug"];
		args.extend(line.split_whitespace());
		if !["verify", "trace", "stock", "orders", "logistic", "lot"].contains(&args[1]) && !args.contains(&"show") {
			args.extend(["--as", "me"]);
		}
		salus(self.home.path(), &args).await
	}

	async fn done(&self, line: &str) -> Value {
		let answer = self.drug(line).await;
		assert_eq!(answer.code, 0, "{line}: {answer:?}");
		answer.json
	}

	fn file(&self, name: &str, text: &str) -> String {
		let path = self.path(name);
		std::fs::write(&path, text).unwrap();
		path.display().to_string()
	}

	fn path(&self, name: &str) -> PathBuf {
		self.home.path().join(name)
	}
}

/// A product of a test's own.
fn gtin() -> String {
	let digits = format!("0950600{:06}", rand::random::<u32>() % 1_000_000);
	let check = salus_primitives::gs1::check_digit(digits.as_bytes()).unwrap();
	format!("{digits}{}", char::from(check))
}

fn sscc(number: u32) -> String {
	let digits = format!("3950600{:010}", number);
	let check = salus_primitives::gs1::check_digit(digits.as_bytes()).unwrap();
	format!("{digits}{}", char::from(check))
}

struct World {
	regulator: Trader,
	maker: Trader,
	wholesaler: Trader,
	pharmacy: Trader,
	gtin: String,
}

const LOT: &str = "LOT-1";

impl World {
	/// Four organisations, and a product that is registered.
	async fn new() -> Self {
		let chain = connect().await;
		use MemberRole::{Logistics, Pharmacist, Quality};
		let regulator = Trader::new(&chain, "Agency", OrgRole::Regulator, &[Quality]).await;
		let maker = Trader::new(&chain, "Maker", OrgRole::Manufacturer, &[Logistics, Quality]).await;
		let wholesaler = Trader::new(&chain, "Wholesaler", OrgRole::Distributor, &[Logistics, Quality]).await;
		let pharmacy = Trader::new(&chain, "Pharmacy", OrgRole::Dispenser, &[Pharmacist, Logistics, Quality]).await;
		let gtin = gtin();
		let product = format!("product register {gtin} --owner {} --min 2 --max 8 --interval 10", maker.org);
		regulator.done(&product).await;
		Self { regulator, maker, wholesaler, pharmacy, gtin }
	}

	/// Commissions so many units; answers with the batch.
	async fn commission(&self, count: u32) -> u64 {
		let lines: String = (0..count).map(|number| format!("S{number},{LOT},2099-01-31\n")).collect();
		let file = self.maker.file("run.csv", &format!("serial,lot,expiry\n{lines}"));
		let line = format!("commission {file} --gtin {}", self.gtin);
		self.maker.done(&line).await["batch"].as_u64().unwrap()
	}

	/// What a scanner reads off a pack.
	fn scan(&self, unit: u32) -> String {
		format!("(01){}(10){LOT}(17)990131(21)S{unit}", self.gtin)
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pack_goes_from_the_factory_to_the_patient_and_no_further() {
	let world = World::new().await;
	let World { maker, wholesaler, pharmacy, .. } = &world;
	let batch = world.commission(300).await;
	let again = maker.done(&format!("commission {} --gtin {}", maker.path("run.csv").display(), world.gtin)).await;
	assert_eq!((again["batch"].as_u64(), again["present"].as_bool()), (Some(batch), Some(true)));

	// Three cases on a pallet, which is sold to the wholesaler.
	let first = sscc(rand::random::<u32>() / 2);
	let pack = format!("pack --batch {batch} --case-size 100 --pallet-size 3 --sscc {first}");
	let packed = maker.done(&pack).await;
	let labels: Vec<_> = packed["units"].as_array().unwrap().iter().map(|unit| unit[0].as_str().unwrap()).collect();
	assert_eq!((labels.len(), labels[0]), (4, first.as_str()));
	let again = maker.done(&pack).await;
	assert_eq!(again["present"], 4);
	let pallet = labels[3];
	let package = maker.path("pallet.package");
	let ship = |goods: &str, to: &Trader, file: &PathBuf| {
		format!("ship {goods} --to {} --sale --recipient {} --package {}", to.org, to.keys.address(), file.display())
	};
	let shipped = maker.done(&ship(&format!("--logistic {pallet}"), wholesaler, &package)).await;
	assert!(shipped["package"].as_str().is_some_and(|hash| hash.starts_with("0x")));

	// Another package than the one that was committed to is refused, and can be disputed.
	let wrong = std::fs::read(&package).map(|mut bytes| {
		bytes[200] ^= 1;
		bytes
	});
	std::fs::write(maker.path("wrong.package"), wrong.unwrap()).unwrap();
	let unit = packed["units"][3][1].as_str().unwrap();
	let wrong = format!("--logistic {unit} --package {}", maker.path("wrong.package").display());
	wholesaler.drug(&format!("receive {wrong}")).await.failed(7, "package-mismatch");
	wholesaler.done(&format!("dispute {wrong}")).await;
	let received = wholesaler.done(&format!("receive --package {}", package.display())).await;
	assert_eq!(
		(received["imported"]["units"].as_u64(), received["imported"]["logistics"].as_u64()),
		(Some(300), Some(4))
	);

	// The wholesaler sells one case on.
	wholesaler.done(&format!("unpack {pallet}")).await;
	let package = wholesaler.path("case.package");
	wholesaler.done(&ship(&format!("--logistic {}", labels[1]), pharmacy, &package)).await;
	let in_transit = pharmacy.drug(&format!("verify {}", world.scan(120))).await;
	in_transit.failed(13, "not-found");
	pharmacy.done(&format!("receive --sscc {} --package {}", labels[1], package.display())).await;
	assert_eq!(pharmacy.done(&format!("verify {}", world.scan(120))).await["verdict"], "genuine");
	pharmacy.drug(&format!("dispense {}", world.scan(120))).await.failed(12, "transaction-failed");
	pharmacy.done(&format!("unpack {}", labels[1])).await;

	// A pack is dispensed once.
	let dispensed = pharmacy.done(&format!("dispense {}", world.scan(120))).await;
	assert_eq!(dispensed["dispensed"], 1);
	let twice = pharmacy.drug(&format!("dispense {}", world.scan(120))).await;
	twice.failed(17, "not-genuine");
	assert_eq!(twice.json["packs"][0]["verdict"], "already-dispensed");
	let verified = pharmacy.drug(&format!("verify {}", world.scan(120))).await;
	verified.failed(17, "not-genuine");
	assert_eq!(verified.json["verdict"], "already-dispensed");
	pharmacy.done(&format!("undo {}", world.scan(120))).await;
	assert_eq!(pharmacy.done(&format!("verify {}", world.scan(120))).await["verdict"], "genuine");

	// Other packs: of another lot, of another case, unknown.
	let other_lot = world.scan(121).replace(LOT, "LOT-2");
	let scans = [world.scan(121), world.scan(121), other_lot, world.scan(5), "nonsense".into(), world.scan(122)];
	let file = pharmacy.file("scans", &scans.join("\n"));
	let many = pharmacy.drug(&format!("dispense --file {file}")).await;
	many.failed(17, "not-genuine");
	let outcomes: Vec<_> = many.json["packs"].as_array().unwrap().iter().map(|pack| &pack["outcome"]).collect();
	assert_eq!(outcomes, ["dispensed", "alert", "contradiction", "failed", "failed", "dispensed"]);

	// What was dispensed without a line is uploaded later; again, and nothing has to be looked into.
	let earlier = chrono::DateTime::from_timestamp_millis(now() as i64 - 60_000).unwrap();
	let earlier = earlier.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
	let file = pharmacy.file("offline", &format!("{},{earlier}\n{},{earlier}\n", world.scan(130), world.scan(131)));
	assert_eq!(pharmacy.done(&format!("upload {file}")).await["dispensed"], 2);
	let again = pharmacy.done(&format!("upload {file}")).await;
	assert_eq!(again["packs"][0]["outcome"], "dispensed-before");

	// Every event of the pack's way is at hand, with the hash that the chain has.
	let traced = pharmacy.done(&format!("trace --batch {batch} --unit 140")).await;
	assert_eq!(traced["whole"], true);
	let steps = read_steps(&traced).unwrap();
	assert!(steps.iter().all(|step| step.event_hash.is_some() && step_hash(step).is_ok()), "{traced}");
	let kinds: Vec<_> = traced["steps"].as_array().unwrap().iter().map(|step| step["kind"].as_str().unwrap()).collect();
	assert_eq!(kinds.first(), Some(&"commission"));
	for kind in ["pack", "ship", "receive", "unpack"] {
		assert!(kinds.contains(&kind), "{kind}: {kinds:?}");
	}
	document_of(&steps).unwrap();

	// A recall stops the rest at once.
	maker.done(&format!("recall --batch {batch} --class I --reason quality")).await;
	let recalled = pharmacy.drug(&format!("dispense {}", world.scan(150))).await;
	recalled.failed(17, "not-genuine");
	assert_eq!(recalled.json["packs"][0]["verdict"], "recalled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_is_proven_by_its_manufacturers_endpoint() {
	let world = World::new().await;
	world.commission(40).await;
	let port = free_port();
	let listen = format!("127.0.0.1:{port}");
	let args = ["--node", &node().url, "drug", "serve", "--as", "me", "--listen", &listen];
	let mut serving =
		command(world.maker.home.path(), &args).kill_on_drop(true).stdout(Stdio::piped()).spawn().unwrap();
	let url = format!("http://{listen}");
	let start = std::time::Instant::now();
	while tokio::net::TcpStream::connect(&listen).await.is_err() {
		assert!(start.elapsed() < Duration::from_secs(60), "the endpoint does not answer");
		tokio::time::sleep(Duration::from_millis(100)).await;
	}
	let verify = |scan: String| {
		let (pharmacy, url) = (&world.pharmacy, &url);
		async move { pharmacy.drug(&format!("verify {scan} --from {url}")).await }
	};
	assert_eq!(verify(world.scan(7)).await.succeeded()["verdict"], "genuine");
	for (scan, verdict) in [
		(world.scan(99), "not-in-run"),
		(world.scan(7).replace(LOT, "LOT-2"), "lot-mismatch"),
		(world.scan(7).replace("990131", "990130"), "expiry-mismatch"),
		(world.scan(7).replace(&world.gtin, &gtin()), "unknown-product"),
	] {
		let answer = verify(scan.clone()).await;
		answer.failed(17, "not-genuine");
		assert_eq!(answer.json["verdict"], verdict, "{scan}");
	}
	serving.kill().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn readings_outside_the_rule_hold_goods_until_quality_releases_them() {
	let world = World::new().await;
	let batch = world.commission(10).await;
	let goods = format!("--batch {batch} --units 0..10");
	let file = |celsius: &str| {
		world.maker.file("log.csv", &format!("time,celsius\n1000000,5\n1600000,{celsius}\n2200000,5\n"))
	};
	let import = format!("excursions import {} {goods}", file("8"));
	assert_eq!(world.maker.done(&import).await["excursion"], json!(null));
	let import = format!("excursions import {} {goods}", file("11.5"));
	assert_eq!(world.maker.done(&import).await["excursion"]["max"], 115);
	let ship = format!("ship {goods} --to {} --sale", world.wholesaler.org);
	world.maker.drug(&ship).await.failed(12, "transaction-failed");
	world.maker.done(&format!("release {goods} --excursion-because within-stability-data")).await;
	world.maker.done(&ship).await;
	world.wholesaler.done(&format!("receive {goods}")).await;
	let stock = world.wholesaler.done(&format!("stock {}", world.wholesaler.org)).await;
	assert_eq!(stock[0]["units"], 10);

	// Suspicion holds goods as well, until a regulator clears it.
	let report = world.pharmacy.done(&format!("suspect {goods}")).await["report"].as_u64().unwrap();
	world
		.wholesaler
		.drug(&format!("ship {goods} --to {} --sale", world.pharmacy.org))
		.await
		.failed(12, "transaction-failed");
	world.regulator.done(&format!("clear {goods} --report {report}")).await;
	world.wholesaler.done(&format!("ship {goods} --to {} --sale", world.pharmacy.org)).await;
	world.pharmacy.done(&format!("refuse {goods}")).await;
	world.wholesaler.done(&format!("receive {goods}")).await;
	world.wholesaler.done(&format!("return {goods}")).await;
	world.maker.done(&format!("receive {goods}")).await;
	world.maker.done(&format!("remove --batch {batch} --units 0..2 5 --kind sample")).await;
	world.maker.done(&format!("destroy --batch {batch} --units 8..10")).await;
	let stock = world.maker.done(&format!("stock {}", world.maker.org)).await;
	assert_eq!(stock[0]["units"], 5);
}
