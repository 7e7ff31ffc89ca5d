//! A supply chain on a real node: who makes medicines, who trades them, who hands them out, and who watches over it.

// Each file of tests takes what it needs.
#![allow(dead_code)]

use crate::support::{salus, Answer, COUNCIL};
use salus_client::{
	chain::{
		calls::{self, drug},
		council, Call, Chain, Included,
	},
	demo::stage,
	drug::{moving::Shipping, scans, serve::Endpoint, table::Run, Book, Holder, Units},
	gateway::Limits,
	keys::{AtRest, KeyRing, Keys},
	Error,
};
use salus_primitives::{
	drug::{AlertView, BatchId, Dispense, Load, ProductInput, StorageRule, UnitRange, Verdict, Verification},
	gs1::{check_digit, Gtin},
	inputs::OrganisationInput,
	time::DAY,
	MemberRole, MemberRoleSet, Moment, OrgId, OrgRole, OrgRoleSet, H256,
};
use serde_json::{json, Value};
use std::{
	collections::BTreeMap,
	ops::{Range, RangeInclusive},
	path::{Path, PathBuf},
	str::FromStr,
};
use subxt_signer::sr25519::dev;
use tempfile::TempDir;

/// What a member starts with: the deposits for a thousand cases are among what it pays.
pub const MEANS: u128 = 20 * stage::ENDOWMENT;
/// The day that all batches of these tests are good until.
pub const EXPIRY: &str = "2029-12-31";
/// What a fridge is for.
pub const COLD: StorageRule = StorageRule { min: 20, max: 80, interval: 10 };

/// A GS1 key: random digits and their check digit.
pub fn random_key<K: FromStr<Err: std::fmt::Debug>>(length: usize) -> K {
	let mut digits: String = (1..length).map(|_| char::from(b'0' + rand::random::<u8>() % 10)).collect();
	// A GTIN of 14 digits that begins with 9 is of variable measure, and no medicine.
	digits.replace_range(..1, "0");
	digits.push(char::from(check_digit(digits.as_bytes()).unwrap()));
	digits.parse().unwrap()
}

/// An organisation with one member, who may do whatever its organisation may.
pub struct Firm {
	pub name: String,
	pub org: OrgId,
	pub gln: String,
	pub home: PathBuf,
	pub admin: Keys,
	pub keys: Keys,
	pub book: Book,
}

impl Firm {
	pub fn holder<'a>(&'a self, chain: &'a Chain) -> Holder<'a> {
		Holder { chain, keys: &self.keys, book: &self.book }
	}

	/// Runs the command line as this firm does, where its keys and books are.
	pub async fn salus(&self, args: &[&str]) -> Answer {
		salus(&self.home, args).await
	}

	pub fn book(&self) -> Book {
		Book::open_with(&self.home, &AtRest::ClearText).unwrap()
	}
}

/// A regulator, a manufacturer with one product, a wholesaler, and two pharmacies.
pub struct Supply {
	pub chain: Chain,
	pub home: TempDir,
	pub regulator: Firm,
	pub maker: Firm,
	pub wholesaler: Firm,
	pub pharmacy: Firm,
	pub rival: Firm,
	pub gtin: Gtin,
}

impl Supply {
	pub async fn new(chain: Chain, storage: Option<StorageRule>) -> Self {
		let home = tempfile::tempdir().unwrap();
		let roles: [(&str, &[OrgRole]); 5] = [
			("Medicines Agency", &[OrgRole::Regulator]),
			("Maker", &[OrgRole::Manufacturer]),
			("Wholesaler", &[OrgRole::Distributor]),
			("High Street Pharmacy", &[OrgRole::Dispenser]),
			("Corner Pharmacy", &[OrgRole::Dispenser]),
		];
		let firms = admit(&chain, home.path(), &roles).await;
		let [regulator, maker, wholesaler, pharmacy, rival] = firms.try_into().unwrap_or_else(|_| panic!("five firms"));
		let gtin = random_key(14);
		let supply = Self { chain, home, regulator, maker, wholesaler, pharmacy, rival, gtin };
		let product = ProductInput { gtin, owner: supply.maker.org, storage, device: false };
		supply.submit(&supply.regulator, &drug::register_product(&product)).await;
		supply
	}

	pub async fn attempt(&self, firm: &Firm, call: &Call) -> Result<Included, Error> {
		self.chain.submit(&firm.keys.signer, call).await
	}

	pub async fn submit(&self, firm: &Firm, call: &Call) -> Included {
		self.attempt(firm, call).await.unwrap()
	}

	/// The deadline of a shipment: three days from now.
	pub async fn deadline(&self) -> Moment {
		self.chain.time().await.unwrap() + 3 * DAY
	}

	/// A run with the serial numbers of these units.
	pub async fn commission(&self, lot: &str, units: Range<u32>) -> BatchId {
		let run = Run::read(&csv(lot, units), self.gtin, None).unwrap();
		self.maker.holder(&self.chain).commission(&run, H256::zero(), || ()).await.unwrap().batch
	}

	/// What the manufacturer knows of a batch.
	pub async fn units(&self, batch: BatchId) -> Units {
		let view = self.chain.batch(batch).await.unwrap().unwrap();
		self.maker.book.batch(&view.root).unwrap().unwrap()
	}

	/// What is printed on a pack.
	pub fn label(&self, lot: &str, index: u32) -> String {
		format!("(01){}(21){}(10){lot}(17)291231", self.gtin, serial(index))
	}

	/// Ships goods with a package for the receiver. Returns where it is.
	pub async fn ship(&self, from: &Firm, to: &Firm, load: Load, sale: bool) -> PathBuf {
		let package = self.home.path().join(format!("{:016x}.package", rand::random::<u64>()));
		self.ship_with(from, to, load, sale, self.deadline().await, &package).await;
		package
	}

	pub async fn ship_with(&self, from: &Firm, to: &Firm, load: Load, sale: bool, deadline: Moment, package: &Path) {
		let transaction = Some("po 4711".into());
		let shipping = Shipping { load, to: to.org, carrier: None, sale, deadline, transaction };
		let recipient = to.keys.account();
		from.holder(&self.chain).ship(&shipping, Some((&recipient, package))).await.unwrap();
	}

	/// Ships goods, which arrive.
	pub async fn hand_over(&self, from: &Firm, to: &Firm, load: Load, sale: bool) {
		let package = self.ship(from, to, load, sale).await;
		to.holder(&self.chain).receive(&load, &[], Some(&package)).await.unwrap();
	}

	/// Units that a firm may sell.
	pub async fn stock(&self, firm: &Firm) -> u32 {
		let stock = self.chain.stock(firm.org).await.unwrap();
		stock.iter().find(|view| view.gtin == self.gtin).map_or(0, |view| view.units)
	}

	/// What somebody is told who knows nothing but the pack and the manufacturer's endpoint.
	pub async fn verify(&self, endpoint: &str, label: &str) -> Verification {
		let nobody = tempfile::tempdir().unwrap();
		let book = Book::open_with(nobody.path(), &AtRest::ClearText).unwrap();
		scans::verify(&self.chain, &book, label, Some(endpoint)).await.unwrap()
	}

	pub async fn verdict(&self, endpoint: &str, label: &str) -> Verdict {
		self.verify(endpoint, label).await.verdict
	}

	/// What proves a unit, from the manufacturer's book.
	pub async fn proven(&self, batch: BatchId, index: u32) -> Dispense {
		Dispense { batch, unit: self.units(batch).await.proof(index).unwrap(), at: None }
	}

	/// The manufacturer's endpoint, on a free port.
	pub async fn serve(&self) -> Served {
		let endpoint = Endpoint::open(self.chain.clone(), self.maker.book(), self.maker.org).await.unwrap();
		let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
		let url = format!("http://{}", listener.local_addr().unwrap());
		let task = tokio::spawn(async move {
			endpoint.serve(listener, std::future::pending(), Limits::default(), None).await.unwrap();
		});
		Served { url, task }
	}
}

/// An endpoint that runs until this is dropped.
pub struct Served {
	pub url: String,
	task: tokio::task::JoinHandle<()>,
}

impl Drop for Served {
	fn drop(&mut self) {
		self.task.abort();
	}
}

/// Has the council admit organisations, and each of them take a member.
pub async fn admit(chain: &Chain, home: &Path, roles: &[(&str, &[OrgRole])]) -> Vec<Firm> {
	let mut firms = Vec::new();
	let (mut transfers, mut admissions) = (Vec::new(), Vec::new());
	for (name, roles) in roles {
		let home = home.join(name.to_lowercase().replace(' ', "-"));
		let ring = KeyRing::clear_text(home.join("keys"));
		let (admin, keys) = (ring.create("admin").unwrap(), ring.create("staff").unwrap());
		let book = Book::open_with(&home, &AtRest::ClearText).unwrap();
		let gln: String = random_key(13);
		let name = format!("{name} {:04x}", rand::random::<u16>());
		let input = OrganisationInput {
			name: name.clone().into_bytes().try_into().unwrap(),
			country: *b"GB",
			roles: OrgRoleSet::of(roles),
			non_profit: false,
			gln: Some(gln.as_bytes().try_into().unwrap()),
			legal_entity: H256(rand::random()),
			licence_until: chain.time().await.unwrap() + stage::YEAR,
			requires_agreement: false,
		};
		for (account, amount) in [(admin.account(), stage::ENDOWMENT), (keys.account(), MEANS)] {
			transfers.push(chain.encode_call(&calls::transfer(&account, amount)).await.unwrap());
		}
		admissions.push(chain.encode_call(&calls::admit_organisation(&input, &admin.account())).await.unwrap());
		firms.push(Firm { name, org: 0, gln, home, admin, keys, book });
	}
	let admitted = {
		let _council = COUNCIL.lock().await;
		let council = [dev::alice(), dev::bob()];
		chain.submit(&dev::alice(), &calls::batch_all(&transfers)).await.unwrap();
		council::carry(chain, &council, &calls::batch_all(&admissions)).await.unwrap()
	};
	let events = admitted.events.iter().filter(|event| event.is("Participants", "OrganisationAdmitted"));
	let orgs: Vec<_> = events.map(|event| event.number("org").unwrap() as OrgId).collect();
	assert_eq!(orgs.len(), firms.len());
	for (firm, org) in firms.iter_mut().zip(orgs) {
		firm.org = org;
	}
	futures::future::join_all(firms.iter().map(|firm| async {
		let roles = MemberRoleSet::of(&[MemberRole::Logistics, MemberRole::Pharmacist, MemberRole::Quality]);
		let premises = firm.gln.as_bytes().try_into().ok();
		let member = calls::add_member(firm.org, &firm.keys.account(), roles, premises, None);
		chain.submit(&firm.admin.signer, &member).await.unwrap();
		let key = calls::set_encryption_key(firm.keys.encryption.public().0);
		chain.submit(&firm.keys.signer, &key).await.unwrap();
	}))
	.await;
	firms
}

/// The serial number of a unit.
pub fn serial(index: u32) -> String {
	format!("SN{index:06}")
}

/// A file of a manufacturer's: serial number, lot and expiry of each unit.
pub fn csv(lot: &str, units: Range<u32>) -> String {
	let mut text = String::from("serial,lot,expiry\n");
	for index in units {
		text += &format!("{},{lot},{EXPIRY}\n", serial(index));
	}
	text
}

/// A load of units.
pub fn units(batch: BatchId, units: Range<u32>) -> Load {
	Load::Units(range(batch, units))
}

pub fn range(batch: BatchId, units: Range<u32>) -> UnitRange {
	UnitRange { batch, start: units.start, len: units.len() as u32 }
}

/// Alerts about a batch, block by block.
pub async fn alerts(chain: &Chain, blocks: RangeInclusive<u32>, batch: BatchId) -> Vec<AlertView> {
	let mut found = Vec::new();
	for block in blocks {
		let hash = chain.block_hash(block).await.unwrap();
		found.extend(chain.alerts(hash).await.unwrap().into_iter().filter(|alert| alert.batch == batch));
	}
	found
}

/// What the pallet says of a call that it refuses.
#[track_caller]
pub fn refused<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
	match result {
		Err(Error::TransactionFailed { pallet, error, .. }) if pallet == "DrugProvenance" => error,
		other => panic!("{other:?}"),
	}
}

/// Maps of the pallet whose first key is the batch.
pub const BY_BATCH: [&str; 7] =
	["Acknowledgements", "Batches", "Excursions", "Exceptions", "Inactive", "Parcels", "Recalls"];

/// The beginning of the keys of a map of the pallet.
pub fn prefix(map: &str) -> Vec<u8> {
	[sp_crypto_hashing::twox_128(b"DrugProvenance"), sp_crypto_hashing::twox_128(map.as_bytes())].concat()
}

/// The beginning of the keys of a map, under a key that is hashed as counters are.
pub fn prefix_of(map: &str, number: u32) -> Vec<u8> {
	let number = number.to_le_bytes();
	[prefix(map), sp_crypto_hashing::twox_64(&number).to_vec(), number.to_vec()].concat()
}

/// Everything in storage under a prefix, at the best block or another one: key and value.
pub async fn storage(chain: &Chain, prefix: &[u8], at: Option<H256>) -> BTreeMap<Vec<u8>, Vec<u8>> {
	const PAGE: usize = 1_000;
	let at = match at {
		Some(at) => at,
		None => chain.best().await.unwrap().hash,
	};
	let bytes = |json: &Value| hex::decode(json.as_str().unwrap().trim_start_matches("0x")).unwrap();
	let mut found = BTreeMap::new();
	let mut last = Value::Null;
	loop {
		let asked = vec![json!(format!("0x{}", hex::encode(prefix))), json!(PAGE), last.clone(), json!(at)];
		let keys = chain.rpc("state_getKeysPaged", asked).await.unwrap();
		let values = chain.rpc("state_queryStorageAt", vec![keys.clone(), json!(at)]).await.unwrap();
		for change in values[0]["changes"].as_array().into_iter().flatten() {
			found.insert(bytes(&change[0]), bytes(&change[1]));
		}
		let keys = keys.as_array().unwrap();
		match keys.last() {
			Some(key) if keys.len() == PAGE => last = key.clone(),
			_ => return found,
		}
	}
}

/// Everything in storage about a batch, by map and key.
pub async fn entries(chain: &Chain, batch: BatchId) -> BTreeMap<(&'static str, Vec<u8>), Vec<u8>> {
	let mut all = BTreeMap::new();
	for map in BY_BATCH {
		let found = storage(chain, &prefix_of(map, batch), None).await;
		all.extend(found.into_iter().map(|(key, value)| ((map, key), value)));
	}
	all
}
