//! Medicines in numbers, on a real node: what a large batch costs, and what happens when everyone wants the same pack.
//!
//! The figures are printed (`-- --nocapture`).

use crate::supply::*;
use crate::support::*;
use futures::{stream, StreamExt};
use salus_client::{
	chain::{
		calls::{self, drug},
		Chain,
	},
	demo::stage,
	drug::{dispensing::Scan, table::cut, table::Run},
	keys::Keys,
};
use salus_primitives::{
	drug::{BatchId, Load, ParcelView, UnitQuery, UnitStatus, Verdict, CHUNK, MAX_DISPENSES},
	MemberRole, MemberRoleSet, OrgRole, H256,
};
use std::{
	collections::{BTreeMap, BTreeSet},
	time::{Duration, Instant},
};
use subxt_signer::sr25519::dev;

/// Each test has the node to itself, or its figures would be the other's.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Units of the batch.
const UNITS: u32 = 100_000;
/// Units of a case.
const CASE: u32 = 100;
/// Cases of a pallet.
const PALLET: u32 = 50;
/// Units that are dispensed.
const DISPENSED: usize = 2_000;
/// Transactions of one firm that are under way at the same time.
const UNDER_WAY: usize = 10;

/// Steps of a firm, one for each of these, some at the same time.
async fn each<T, F: std::future::Future<Output = ()>>(items: &[T], step: impl Fn(usize, &T) -> F) {
	let steps: Vec<_> = items.iter().enumerate().map(|(number, item)| step(number, item)).collect();
	stream::iter(steps).buffer_unordered(UNDER_WAY).collect::<Vec<_>>().await;
}

/// Stages and how long they took.
struct Stages {
	began: Instant,
	told: Vec<(String, Duration, u32)>,
	block: u32,
}

impl Stages {
	async fn new(chain: &Chain) -> Self {
		Self { began: Instant::now(), told: Vec::new(), block: chain.best().await.unwrap().number }
	}

	async fn end(&mut self, chain: &Chain, stage: impl Into<String>) {
		let block = chain.best().await.unwrap().number;
		self.told.push((stage.into(), self.began.elapsed(), block - self.block));
		(self.began, self.block) = (Instant::now(), block);
	}
}

/// Entries of storage, and the bytes of their keys and values.
#[derive(Clone, Copy, Default)]
struct Size {
	entries: usize,
	keys: usize,
	values: usize,
}

impl Size {
	fn of(entries: &BTreeMap<Vec<u8>, Vec<u8>>) -> Self {
		let keys = entries.keys().map(Vec::len).sum();
		Self { entries: entries.len(), keys, values: entries.values().map(Vec::len).sum() }
	}

	fn bytes(&self) -> usize {
		self.keys + self.values
	}

	fn and(self, other: Self) -> Self {
		let Self { entries, keys, values } = other;
		Self { entries: self.entries + entries, keys: self.keys + keys, values: self.values + values }
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_units_take_a_fifth_of_a_byte_each() {
	let _alone = ALONE.lock().await;
	let supply = Supply::new(connect().await, None).await;
	let Supply { chain, maker, pharmacy, .. } = &supply;
	let file = supply.home.path().join("run.csv");
	std::fs::write(&file, csv("A1", 0..UNITS)).unwrap();
	let mut stages = Stages::new(chain).await;

	let run = Run::read(&std::fs::read_to_string(&file).unwrap(), supply.gtin, None).unwrap();
	stages.end(chain, "read the file of 100,000").await;
	let batch = maker.holder(chain).commission(&run, H256::zero(), || ()).await.unwrap().batch;
	stages.end(chain, "make keys and tree, commission").await;

	// A proof has one hash a level.
	let view = chain.batch(batch).await.unwrap().unwrap();
	let known = supply.units(batch).await;
	assert_eq!((view.units, known.known()), (UNITS, UNITS as usize));
	for index in [0, 1, 65_535, 65_536, UNITS - 1] {
		let unit = known.proof(index).unwrap();
		assert_eq!(unit.proof.len() * 32, 544);
		assert!(unit.holds(view.gtin, &view.lot, view.run, &view.root, view.units));
	}
	let commissioned = size_of_batch(&supply, batch).await;

	stages.end(chain, "5 proofs").await;
	let plan = cut(UNITS, CASE, Some(PALLET), random_key(18)).unwrap();
	let packed = maker.holder(chain).pack_plan(batch, &plan, |_| ()).await.unwrap();
	let transactions = packed.blocks.len();
	assert_eq!((packed.units.len(), packed.present), (1_020, 0));
	stages.end(chain, format!("pack 1,000 cases and 20 pallets ({transactions} transactions)")).await;
	let (cases, pallets) = packed.units.split_at((UNITS / CASE) as usize);
	assert_eq!(supply.stock(maker).await, UNITS);
	let logistics_packed = size_of_logistics(chain).await;
	assert_eq!(logistics_packed.entries, plan.len());

	// Every pallet is one step.
	let packages: Vec<_> =
		(0..pallets.len()).map(|number| supply.home.path().join(format!("{number}.package"))).collect();
	let deadline = supply.deadline().await;
	each(pallets, |number, (_, pallet)| {
		let (supply, package, load) = (&supply, &packages[number], Load::Logistic(*pallet));
		async move { supply.ship_with(&supply.maker, &supply.pharmacy, load, true, deadline, package).await }
	})
	.await;
	assert_eq!(supply.stock(maker).await, 0);
	stages.end(chain, "ship 20 pallets with their packages").await;
	each(pallets, |number, (_, pallet)| {
		let (chain, pharmacy, package, load) = (chain, pharmacy, &packages[number], Load::Logistic(*pallet));
		async move {
			let received = pharmacy.holder(chain).receive(&load, &[], Some(package)).await.unwrap();
			assert_eq!(received.imported.unwrap().units, (PALLET * CASE) as usize);
		}
	})
	.await;
	assert_eq!(supply.stock(pharmacy).await, UNITS);
	stages.end(chain, "receive 20 pallets, check and import packages").await;

	// One case for each entry of status bits, so that all entries there can be come to be, and one more.
	let opened: Vec<_> = (0..UNITS.div_ceil(CHUNK)).map(|chunk| (chunk * CHUNK).div_ceil(CASE) as usize).collect();
	let opened: Vec<_> = opened.into_iter().chain([cases.len() - 1]).collect();
	assert_eq!(opened.iter().collect::<BTreeSet<_>>().len(), 50);
	for units in [pallets.iter().map(|(_, unit)| *unit).collect(), opened.iter().map(|case| cases[*case].1).collect()] {
		let units: Vec<_> = units;
		each(&units, |_, unit| {
			let (chain, pharmacy, unit) = (chain, pharmacy, *unit);
			async move {
				pharmacy.holder(chain).unpack(unit).await.unwrap();
			}
		})
		.await;
	}
	stages.end(chain, "unpack 20 pallets and 50 cases").await;
	let before = size_of_batch(&supply, batch).await;
	let logistics_before = size_of_logistics(chain).await;
	stages.end(chain, "measure").await;

	let of_case = |case: &usize| {
		let first = *case as u32 * CASE;
		first..first + (DISPENSED / opened.len()) as u32
	};
	let handed_out: BTreeSet<_> = opened.iter().flat_map(of_case).collect();
	let scan = |(line, index): (usize, &u32)| Scan { line, text: Ok(supply.label("A1", *index)), at: None };
	let packs: Vec<_> = (1..).zip(&handed_out).map(scan).collect();
	assert_eq!(packs.len(), DISPENSED);
	let outcomes = pharmacy.holder(chain).dispense(&packs, |_| ()).await.unwrap();
	assert!(
		outcomes.iter().all(|outcome| outcome.judgement.is_good()),
		"{:?}",
		outcomes.iter().find(|outcome| !outcome.judgement.is_good())
	);
	let calls = DISPENSED.div_ceil(MAX_DISPENSES as usize);
	stages.end(chain, format!("dispense 2,000 packs of a file ({calls} transactions)")).await;
	assert_eq!(supply.stock(pharmacy).await, UNITS - DISPENSED as u32);

	// What a pharmacy asks at its counter.
	let mut waits = Vec::new();
	for index in (0..UNITS).step_by(311) {
		let unit = known.proof(index).unwrap();
		let (gtin, lot, run, expiry) = (view.gtin, view.lot.clone(), view.run, view.expiry);
		let query = UnitQuery { gtin, lot, run, expiry, unit, other: None };
		let asked = Instant::now();
		let told = chain.verify_unit(&query).await.unwrap();
		waits.push(asked.elapsed());
		let out = handed_out.contains(&index);
		assert_eq!(told.verdict, if out { Verdict::AlreadyDispensed } else { Verdict::Genuine }, "{index}");
	}
	waits.sort_unstable();
	let wait = waits[waits.len() * 95 / 100];

	let after = size_of_batch(&supply, batch).await;
	let fixed = |sizes: &BTreeMap<&str, Size>| sizes["Batches"].and(sizes["Lots"]).and(sizes["Inactive"]);
	println!("\n{:62} {:>8} {:>7}", "stage", "seconds", "blocks");
	for (stage, time, blocks) in &stages.told {
		println!("{stage:62} {:8.1} {blocks:7}", time.as_secs_f64());
	}
	let columns = ["entries", "keys", "values", "B an entry", "B a unit"];
	println!(
		"\n{:62} {:>8} {:>9} {:>9} {:>11} {:>9}",
		"state on the chain", columns[0], columns[1], columns[2], columns[3], columns[4]
	);
	let show = |what: &str, size: Size| {
		let Size { entries, keys, values } = size;
		let bytes = size.bytes() as f64;
		let (an_entry, a_unit) = (bytes / entries as f64, bytes / f64::from(UNITS));
		println!("{what:62} {entries:8} {keys:9} {values:9} {an_entry:11.1} {a_unit:9.4}");
	};
	show("batch and lot, commissioned", fixed(&commissioned));
	for map in ["Batches", "Lots", "Inactive"] {
		show(map, after[map]);
	}
	show("batch, lot and all status bits", fixed(&after));
	show("parcels: 950 cases, 50 open ones", after["Parcels"]);
	show("units of logistics: 1,000 cases and 20 pallets", logistics_packed);
	show("units of logistics left: 950 cases", logistics_before);
	show("exceptions: 2,000 single dispenses", after["Exceptions"]);
	println!("\nproof of a unit: 17 hashes, 544 B");
	println!("verdict over RPC: 95 of 100 within {:.1} ms, of {}\n", wait.as_secs_f64() * 1e3, waits.len());

	// What the issue asks for: a fifth of a byte, keys included, with all entries of status bits there.
	assert_eq!(after["Inactive"].entries, UNITS.div_ceil(CHUNK) as usize);
	assert_eq!((after["Batches"].entries, after["Lots"].entries), (1, 1));
	assert!(fixed(&after).bytes() as f64 <= 0.2 * f64::from(UNITS), "{} B", fixed(&after).bytes());
	assert_eq!((before["Inactive"].entries, before["Exceptions"].entries), (0, 0));
	assert_eq!(after["Exceptions"].entries, DISPENSED);
	// What the EU's verification systems must keep to (300 ms for 95 % of queries).
	assert!(wait < Duration::from_millis(300), "{wait:?}");
	// Dispensing splits no parcel.
	assert_eq!(after["Parcels"].entries, (UNITS / CASE) as usize);
	assert_eq!((before["Parcels"].entries, logistics_before.entries), (1_000, 950));
}

/// State about a batch, by map; the lot is its product's only one.
async fn size_of_batch(supply: &Supply, batch: BatchId) -> BTreeMap<&'static str, Size> {
	let gtin = supply.gtin.0.to_le_bytes();
	let lots = [prefix("Lots"), sp_crypto_hashing::blake2_128(&gtin).to_vec(), gtin.to_vec()].concat();
	let mut sizes = BTreeMap::from([("Lots", Size::of(&storage(&supply.chain, &lots, None).await))]);
	for map in BY_BATCH {
		sizes.insert(map, Size::of(&storage(&supply.chain, &prefix_of(map, batch), None).await));
	}
	sizes
}

/// All units of logistics of the chain.
async fn size_of_logistics(chain: &Chain) -> Size {
	Size::of(&storage(chain, &prefix("LogisticUnits"), None).await)
}

/// Pharmacies that want the pack, and members of each.
const PHARMACIES: usize = 5;
const MEMBERS: usize = 100;

#[tokio::test(flavor = "multi_thread")]
async fn of_five_hundred_who_dispense_one_pack_at_once_one_succeeds_and_the_others_change_nothing() {
	let _alone = ALONE.lock().await;
	let supply = Supply::new(connect().await, None).await;
	let Supply { chain, maker, .. } = &supply;
	let roles: &[OrgRole] = &[OrgRole::Dispenser];
	let names = ["North", "East", "South", "West", "Central"].map(|name| (name, roles));
	let pharmacies = admit(chain, supply.home.path(), &names).await;
	assert_eq!(pharmacies.len(), PHARMACIES);
	let staff: Vec<Vec<Keys>> =
		(0..PHARMACIES).map(|_| (0..MEMBERS).map(|_| stage::fresh("member").unwrap()).collect()).collect();
	futures::future::join_all(pharmacies.iter().zip(&staff).map(|(firm, members)| async move {
		let mut joining = Vec::new();
		for member in members {
			let roles = MemberRoleSet::of(&[MemberRole::Pharmacist]);
			joining.push(
				chain.encode_call(&calls::add_member(firm.org, &member.account(), roles, None, None)).await.unwrap(),
			);
		}
		for part in joining.chunks(25) {
			chain.submit(&firm.admin.signer, &calls::batch_all(part)).await.unwrap();
		}
	}))
	.await;
	let everyone: Vec<_> = pharmacies
		.iter()
		.zip(&staff)
		.flat_map(|(firm, members)| members.iter().map(move |keys| (firm.org, keys)))
		.collect();
	for part in everyone.chunks(MEMBERS) {
		let mut transfers = Vec::new();
		for (_, keys) in part {
			transfers.push(chain.encode_call(&calls::transfer(&keys.account(), stage::ENDOWMENT / 10)).await.unwrap());
		}
		chain.submit(&dev::alice(), &calls::batch_all(&transfers)).await.unwrap();
	}

	// Each has some of the batch; the pack that everyone wants lies with the first.
	let batch = supply.commission("A1", 0..50).await;
	for (number, firm) in (0..).zip(&pharmacies) {
		supply.hand_over(maker, firm, units(batch, number * 10..number * 10 + 10), true).await;
	}
	const WANTED: u32 = 3;
	let holder = pharmacies[0].org;
	let call = drug::dispense(&supply.proven(batch, WANTED).await);
	let first = chain.best().await.unwrap();
	let before = chain.unit(batch, WANTED).await.unwrap().unwrap();
	assert_eq!((before.status, before.parcel.as_ref().unwrap().custodian), (UnitStatus::Active, holder));

	// A connection of its own for every ten of them: through one, they would stand in line.
	let lines = everyone.chunks(10).map(|_| Chain::connect(chain.url(), None));
	let lines = futures::future::try_join_all(lines).await.unwrap();
	let began = Instant::now();
	let submitted = everyone.chunks(10).zip(&lines).flat_map(|(part, line)| {
		let call = &call;
		part.iter().map(move |(org, keys)| async move {
			let included = line.submit(&keys.signer, call).await.unwrap();
			let ours: Vec<_> = included.events.iter().filter(|event| event.pallet == "DrugProvenance").collect();
			let [event] = ours.as_slice() else { panic!("{ours:?}") };
			(*org, included.block, event.name.clone())
		})
	});
	let answers = futures::future::join_all(submitted).await;
	let took = began.elapsed();

	let successes: Vec<_> = answers.iter().filter(|(_, _, name)| name == "Dispensed").collect();
	let [(winner, won, _)] = successes.as_slice() else { panic!("{successes:?}") };
	assert_eq!(*winner, holder);
	assert_eq!(answers.iter().filter(|(_, _, name)| name == "Alert").count(), PHARMACIES * MEMBERS - 1);

	// The blocks tell the same: one alert for each of the others, with its name.
	let last = answers.iter().map(|(_, block, _)| block.number).max().unwrap();
	let alerts = alerts(chain, first.number + 1..=last, batch).await;
	assert_eq!(alerts.len(), 499);
	let accounts: BTreeSet<_> = alerts.iter().map(|alert| alert.who.clone()).collect();
	assert_eq!(accounts.len(), 499);
	assert!(accounts.iter().all(|account| everyone.iter().any(|(_, keys)| keys.account() == *account)));
	// Before it was dispensed, the others were told that they do not have it; since then, that it is dispensed.
	assert!(alerts.iter().all(|alert| alert.index == WANTED));
	let (own, others): (Vec<_>, Vec<_>) = alerts.iter().partition(|alert| alert.org == holder);
	assert_eq!((own.len(), others.len()), (MEMBERS - 1, (PHARMACIES - 1) * MEMBERS));
	assert!(own.iter().all(|alert| alert.verdict == Verdict::AlreadyDispensed));
	assert!(others.iter().all(|alert| [Verdict::Genuine, Verdict::AlreadyDispensed].contains(&alert.verdict)));

	// Over all those blocks the state of the batch and the stocks changed once: where it was dispensed.
	let mut changes = Vec::new();
	let mut state = state_of(chain, batch, &pharmacies, first.hash).await;
	for number in first.number + 1..=last {
		let now = state_of(chain, batch, &pharmacies, chain.block_hash(number).await.unwrap()).await;
		if now != state {
			let changed: BTreeSet<_> =
				now.iter().filter(|(key, value)| state.get(*key) != Some(value)).map(|((map, _), _)| *map).collect();
			changes.push((number, changed));
		}
		state = now;
	}
	let maps = BTreeSet::from(["Exceptions", "Inactive", "Parcels", "Stock"]);
	assert_eq!(changes, [(won.number, maps)]);

	// And what changed then is what one dispense changes.
	let after = chain.unit(batch, WANTED).await.unwrap().unwrap();
	let left = after.left.as_ref().unwrap();
	assert_eq!((after.status, left.org), (UnitStatus::Dispensed, Some(holder)));
	let (was, is) = (before.parcel.unwrap(), after.parcel.unwrap());
	assert_eq!((was.inactive, is.inactive), (0, 1));
	assert_eq!(ParcelView { inactive: 0, ..is }, was);
	for (number, firm) in pharmacies.iter().enumerate() {
		assert_eq!(supply.stock(firm).await, if number == 0 { 9 } else { 10 });
	}
	let blocks: BTreeSet<_> = answers.iter().map(|(_, block, _)| block.number).collect();
	println!(
		"\n500 accounts, one pack: 1 dispensed, 499 alerts, in {} blocks and {:.1} s\n",
		blocks.len(),
		took.as_secs_f64()
	);
}

/// All that is stored about a batch, and the stocks of these firms, in a block.
async fn state_of(
	chain: &Chain,
	batch: BatchId,
	firms: &[Firm],
	at: H256,
) -> BTreeMap<(&'static str, Vec<u8>), Vec<u8>> {
	let mut all = BTreeMap::new();
	for map in BY_BATCH {
		let found = storage(chain, &prefix_of(map, batch), Some(at)).await;
		all.extend(found.into_iter().map(|(key, value)| ((map, key), value)));
	}
	for firm in firms {
		let found = storage(chain, &prefix_of("Stock", firm.org), Some(at)).await;
		all.extend(found.into_iter().map(|(key, value)| (("Stock", key), value)));
	}
	all
}
