//! Medicines from the factory to the patient, on a real node.

use crate::supply::*;
use crate::support::*;
use salus_client::{
	chain::calls::{self, drug},
	crypto::digest,
	demo::stage,
	drug::{
		dispensing::{Judgement, Outcome, Scan},
		moving::Shipping,
		scans,
		sensing::{measure, read},
		tracing::{trace, Traced},
	},
	epcis::{
		event_hashes,
		export::{document_of, Kind},
		schema::Schema,
		validate::validate,
	},
	Error,
};
use salus_primitives::{
	drug::{
		is_whole, Custody, Hold, HoldSet, Load, ProductInput, Readings, RecallClass, RecallReason, RecallScope,
		ReorderInput, StepKind, UnitRange, UnitStatus, Verdict,
	},
	time::DAY,
	MemberRole, MemberRoleSet, OrgRole, H256,
};
use std::{
	collections::BTreeSet,
	path::{Path, PathBuf},
};

fn scan(label: &str) -> Scan {
	Scan { line: 1, text: Ok(label.to_owned()), at: None }
}

/// Dispenses one pack.
async fn dispense(supply: &Supply, firm: &Firm, label: &str) -> Judgement {
	let outcomes = firm.holder(&supply.chain).dispense(&[scan(label)], |_| ()).await.unwrap();
	let [Outcome { judgement, .. }] = outcomes.try_into().unwrap();
	judgement
}

#[track_caller]
fn alerted(judgement: Judgement) -> Verdict {
	match judgement {
		Judgement::Alert { verdict, .. } => verdict,
		other => panic!("{other:?}"),
	}
}

#[track_caller]
fn dispensed(judgement: Judgement) -> u32 {
	match judgement {
		Judgement::Dispensed { block } => block,
		other => panic!("{other:?}"),
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pack_goes_from_the_factory_to_a_patient_who_can_tell_whose_it_was() {
	let supply = Supply::new(connect().await, None).await;
	let Supply { chain, maker, wholesaler, pharmacy, rival, .. } = &supply;
	let batch = supply.commission("A1", 0..40).await;
	let endpoint = supply.serve().await;
	let label = supply.label("A1", 7);
	let told = || async {
		let told = supply.verify(&endpoint.url, &label).await;
		(told.verdict, String::from_utf8(told.custodian_name.unwrap()).unwrap())
	};
	assert_eq!(told().await, (Verdict::Genuine, maker.name.clone()));
	assert_eq!(supply.stock(maker).await, 40);

	let load = units(batch, 0..40);
	let package = supply.ship(maker, wholesaler, load, true).await;
	assert_eq!(told().await, (Verdict::InTransit, maker.name.clone()));
	let thief = rival.holder(chain).receive(&load, &[], None).await;
	assert_eq!(refused(thief), "NotAddressee");
	let received = wholesaler.holder(chain).receive(&load, &[], Some(&package)).await.unwrap();
	assert_eq!(received.imported.unwrap().units, 40);
	assert_eq!(told().await, (Verdict::Genuine, wholesaler.name.clone()));

	supply.hand_over(wholesaler, pharmacy, units(batch, 0..20), true).await;
	assert_eq!(told().await, (Verdict::Genuine, pharmacy.name.clone()));
	assert_eq!((supply.stock(maker).await, supply.stock(wholesaler).await, supply.stock(pharmacy).await), (0, 20, 20));
	// The pharmacy proves its packs itself, and no others.
	assert_eq!(scans::verify(chain, &pharmacy.book, &label, None).await.unwrap().verdict, Verdict::Genuine);
	let other = scans::verify(chain, &pharmacy.book, &supply.label("A1", 20), None).await;
	assert!(matches!(other, Err(Error::NotFound { .. })), "{other:?}");

	dispensed(dispense(&supply, pharmacy, &label).await);
	let told = supply.verify(&endpoint.url, &label).await;
	assert_eq!(told.verdict, Verdict::AlreadyDispensed);
	let left = told.left.unwrap();
	assert_eq!((left.status, left.org), (UnitStatus::Dispensed, Some(pharmacy.org)));
	assert_eq!(left.premises.as_ref().map(|gln| &gln[..]), Some(pharmacy.gln.as_bytes()));
	assert_eq!(supply.stock(pharmacy).await, 19);
	assert_eq!(supply.verdict(&endpoint.url, &supply.label("A1", 8)).await, Verdict::Genuine);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_never_made_is_told_from_what_was() {
	let supply = Supply::new(connect().await, None).await;
	supply.commission("A1", 0..5).await;
	let endpoint = supply.serve().await;
	let genuine = supply.label("A1", 3);
	assert_eq!(supply.verdict(&endpoint.url, &genuine).await, Verdict::Genuine);
	let other_product = genuine.replace(&supply.gtin.to_string(), &random_key::<String>(14));
	for (forged, verdict) in [
		(other_product, Verdict::UnknownProduct),
		(genuine.replace("(10)A1", "(10)B2"), Verdict::UnknownLot),
		(supply.label("A1", 5), Verdict::NotInRun),
		(genuine.replace("(17)291231", "(17)301231"), Verdict::ExpiryMismatch),
	] {
		assert_eq!(supply.verdict(&endpoint.url, &forged).await, verdict, "{forged}");
	}
	// Of another lot that there is.
	supply.commission("B2", 100..105).await;
	assert_eq!(supply.verdict(&endpoint.url, &genuine.replace("(10)A1", "(10)B2")).await, Verdict::LotMismatch);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clone_at_a_second_pharmacy_raises_an_alert_and_costs_the_first_nothing() {
	let supply = Supply::new(connect().await, None).await;
	let Supply { chain, maker, pharmacy, rival, .. } = &supply;
	let batch = supply.commission("A1", 0..10).await;
	supply.hand_over(maker, pharmacy, units(batch, 0..6), true).await;
	supply.hand_over(maker, rival, units(batch, 6..10), true).await;
	let endpoint = supply.serve().await;

	// Its label leads to no pack that the second pharmacy has bought: it is not even put to the chain.
	let label = supply.label("A1", 2);
	assert!(matches!(dispense(&supply, rival, &label).await, Judgement::Failed { error, .. } if error == "not-found"));
	// With the manufacturer's proof it is, and the pharmacy that has the genuine one is not disturbed.
	for (index, dispensed_before) in [(2, false), (3, true)] {
		let label = supply.label("A1", index);
		if dispensed_before {
			dispensed(dispense(&supply, pharmacy, &label).await);
		}
		let stocks = (supply.stock(pharmacy).await, supply.stock(rival).await);
		let before = chain.unit(batch, index).await.unwrap().unwrap();
		let clone = [scan(&label)];
		let outcomes = rival.holder(chain).dispense_asking(&clone, Some(&endpoint.url), |_| ()).await.unwrap();
		let Judgement::Alert { block, .. } = outcomes[0].judgement else { panic!("{outcomes:?}") };

		let [alert] = alerts(chain, block..=block, batch).await.try_into().unwrap();
		let verdict = if dispensed_before { Verdict::AlreadyDispensed } else { Verdict::Genuine };
		assert_eq!((alert.index, alert.verdict, alert.org), (index, verdict, rival.org));
		assert_eq!(alert.who, rival.keys.account());
		assert_eq!(chain.unit(batch, index).await.unwrap().unwrap(), before);
		assert_eq!((supply.stock(pharmacy).await, supply.stock(rival).await), stocks);
	}
	// The genuine one is still handed out.
	dispensed(dispense(&supply, pharmacy, &label).await);
	assert_eq!(alerted(dispense(&supply, pharmacy, &label).await), Verdict::AlreadyDispensed);
}

#[tokio::test(flavor = "multi_thread")]
async fn packs_missing_from_a_case_are_disputed_until_they_are_found() {
	let supply = Supply::new(connect().await, None).await;
	let Supply { chain, maker, wholesaler, .. } = &supply;
	let batch = supply.commission("A1", 0..12).await;
	let endpoint = supply.serve().await;
	let (case, _) = maker.holder(chain).pack(random_key(18), &[units(batch, 0..10)]).await.unwrap();
	let load = Load::Logistic(case);
	let package = supply.ship(maker, wholesaler, load, true).await;
	let missing = range(batch, 3..6);
	wholesaler.holder(chain).receive(&load, &[missing], Some(&package)).await.unwrap();

	assert_eq!((supply.stock(maker).await, supply.stock(wholesaler).await), (2, 7));
	let unit = chain.logistic_unit(&case).await.unwrap().unwrap();
	assert_eq!(unit.contents, [units(batch, 0..3), units(batch, 6..10)]);
	assert_eq!((unit.goods, unit.custodian), (vec![(supply.gtin, 7)], wholesaler.org));
	let parcel = chain.parcel(batch, 4, None).await.unwrap().unwrap();
	assert_eq!((parcel.units, parcel.custodian, parcel.within), (missing, maker.org, vec![]));
	assert_eq!(parcel.custody, Custody::Disputed { to: wholesaler.org, sale: true });
	let verdicts = |indices: [u32; 2]| {
		let (supply, url) = (&supply, &endpoint.url);
		async move {
			let labels = indices.map(|index| supply.label("A1", index));
			[supply.verdict(url, &labels[0]).await, supply.verdict(url, &labels[1]).await]
		}
	};
	assert_eq!(verdicts([2, 4]).await, [Verdict::Genuine, Verdict::CustodyGap]);

	// Two lay in the warehouse all the time.
	maker.holder(chain).retract(&units(batch, 3..5)).await.unwrap();
	assert_eq!(verdicts([3, 5]).await, [Verdict::Genuine, Verdict::CustodyGap]);
	assert_eq!(supply.stock(maker).await, 4);
	// The third is given up, and turns up later: nobody knows where it was, so it is looked at first.
	let third = units(batch, 5..6);
	wholesaler.holder(chain).lost(&third).await.unwrap();
	assert_eq!(verdicts([4, 5]).await, [Verdict::Genuine, Verdict::CustodyGap]);
	maker.holder(chain).retract(&third).await.unwrap();
	assert_eq!(verdicts([4, 5]).await, [Verdict::Genuine, Verdict::Quarantined]);
	supply.submit(maker, &drug::release_quarantine(&third)).await;
	assert_eq!(verdicts([4, 5]).await, [Verdict::Genuine, Verdict::Genuine]);
	assert_eq!((supply.stock(maker).await, supply.stock(wholesaler).await), (5, 7));
	assert_eq!(refused(maker.holder(chain).retract(&third).await), "WrongCustody");

	let kinds = |traced: Traced| traced.trace.iter().rev().map(|traced| traced.step.kind).collect::<Vec<_>>();
	use StepKind::*;
	let found = trace(chain, &maker.book, batch, 5).await.unwrap();
	assert!(found.whole);
	assert_eq!(kinds(found), [Commissioned, Packed, Shipped, Missing, Lost, Found]);
	let arrived = trace(chain, &wholesaler.book, batch, 2).await.unwrap();
	assert!(arrived.whole);
	assert_eq!(kinds(arrived), [Commissioned, Packed, Shipped, Received]);
}

#[tokio::test(flavor = "multi_thread")]
async fn goods_that_were_too_warm_are_held_until_their_owner_releases_them() {
	let supply = Supply::new(connect().await, Some(COLD)).await;
	let Supply { chain, maker, pharmacy, .. } = &supply;
	let batch = supply.commission("A1", 0..8).await;
	let endpoint = supply.serve().await;
	let label = supply.label("A1", 1);
	let load = units(batch, 0..8);
	let package = supply.ship(maker, pharmacy, load, true).await;

	// The logger's table, as it came with the goods.
	let table = "time,celsius\n2026-11-20T08:00:00Z,4.5\n2026-11-20T08:10:00Z,9.5\n2026-11-20T08:20:00Z,12.5\n\
		2026-11-20T08:30:00Z,7.5\n2026-11-20T08:40:00Z,5\n";
	let readings = measure(&read(table).unwrap(), &COLD);
	assert_eq!(readings, Readings { min: 45, max: 125, minutes: 20, longest_gap: 10 });
	let evidence = digest(&[table.as_bytes()]);
	let good = Readings { max: 75, minutes: 0, ..readings };
	assert_eq!(refused(pharmacy.holder(chain).excursion(&load, &good, evidence).await), "NoExcursion");
	pharmacy.holder(chain).excursion(&load, &readings, evidence).await.unwrap();
	pharmacy.holder(chain).receive(&load, &[], Some(&package)).await.unwrap();

	let parcel = chain.parcel(batch, 1, None).await.unwrap().unwrap();
	assert_eq!(parcel.holds, HoldSet::of(&[Hold::Excursion]));
	let excursion = parcel.excursion.unwrap();
	assert_eq!((excursion.min, excursion.max, excursion.minutes, excursion.evidence), (45, 125, 20, evidence));
	assert_eq!(supply.verdict(&endpoint.url, &label).await, Verdict::Quarantined);
	assert_eq!(alerted(dispense(&supply, pharmacy, &label).await), Verdict::Quarantined);
	// Neither by splitting them off nor by its own word does the pharmacy get rid of the hold.
	let part = units(batch, 1..2);
	supply.submit(pharmacy, &drug::split(range(batch, 1..2))).await;
	assert_eq!(supply.verdict(&endpoint.url, &label).await, Verdict::Quarantined);
	let release = drug::release_excursion(&part, evidence);
	assert_eq!(refused(supply.attempt(pharmacy, &release).await), "NotAuthorized");

	supply.submit(maker, &release).await;
	assert_eq!(supply.verdict(&endpoint.url, &label).await, Verdict::Genuine);
	assert_eq!(supply.verdict(&endpoint.url, &supply.label("A1", 2)).await, Verdict::Quarantined);
	dispensed(dispense(&supply, pharmacy, &label).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recall_is_one_write_and_stops_dispensing_in_its_own_block() {
	let chain = connect().await;
	let supply = Supply::new(chain, None).await;
	let chain = &supply.chain;
	// A hospital that makes a medicine for its own patients: both calls are its own, so that one transaction has them.
	let roles: &[OrgRole] = &[OrgRole::Manufacturer, OrgRole::Dispenser];
	let [hospital] = admit(chain, supply.home.path(), &[("Hospital Pharmacy", roles)]).await.try_into().ok().unwrap();
	let supply = Supply { maker: hospital, gtin: random_key(14), ..supply };
	let Supply { chain, maker: hospital, regulator, pharmacy, .. } = &supply;
	let product = ProductInput { gtin: supply.gtin, owner: hospital.org, storage: None, device: false };
	supply.submit(regulator, &drug::register_product(&product)).await;
	let batch = supply.commission("A1", 0..30).await;
	supply.hand_over(hospital, pharmacy, units(batch, 20..30), true).await;
	let endpoint = supply.serve().await;

	let scope = RecallScope::Batch(batch);
	let recall = drug::recall(&scope, RecallClass::I, RecallReason::Contamination);
	let before = entries(chain, batch).await;
	let mut encoded = Vec::new();
	for call in [drug::dispense(&supply.proven(batch, 0).await), recall, drug::dispense(&supply.proven(batch, 1).await)]
	{
		encoded.push(chain.encode_call(&call).await.unwrap());
	}
	let included = supply.submit(hospital, &calls::force_batch(&encoded)).await;
	let ours = included.events.iter().filter(|event| event.pallet == "DrugProvenance");
	let names: Vec<_> = ours.map(|event| event.name.as_str()).collect();
	assert_eq!(names, ["Dispensed", "Recalled", "Alert"]);
	let block = included.block.number;
	let [alert] = alerts(chain, block..=block, batch).await.try_into().unwrap();
	assert_eq!((alert.index, alert.verdict), (1, Verdict::Recalled));

	// What else has changed in that block is the one unit that was handed out before.
	let after = entries(chain, batch).await;
	let changed: Vec<_> =
		after.iter().filter(|(key, value)| before.get(*key) != Some(value)).map(|(key, _)| key.0).collect();
	assert_eq!(changed, ["Batches", "Exceptions", "Inactive", "Parcels"]);
	let left = |index| async move { chain.unit(batch, index).await.unwrap().unwrap().status };
	assert_eq!((left(0).await, left(1).await), (UnitStatus::Dispensed, UnitStatus::Active));

	// It holds wherever the packs are.
	let told = supply.verify(&endpoint.url, &supply.label("A1", 25)).await;
	let told_recall = told.recall.unwrap();
	assert_eq!(
		(told.verdict, told_recall.class, told_recall.reason),
		(Verdict::Recalled, RecallClass::I, RecallReason::Contamination)
	);
	assert_eq!(alerted(dispense(&supply, pharmacy, &supply.label("A1", 25)).await), Verdict::Recalled);
	let back = supply.deadline().await;
	let goods = units(batch, 20..30);
	assert_eq!(refused(pharmacy.holder(chain).return_saleable(&goods, back).await), "Recalled");
	let on =
		Shipping { load: goods, to: supply.rival.org, carrier: None, sale: true, deadline: back, transaction: None };
	assert_eq!(refused(pharmacy.holder(chain).ship(&on, None).await), "Recalled");

	// The holder sets its packs apart, which then are no stock, and sends them back.
	assert_eq!(supply.stock(pharmacy).await, 10);
	supply.submit(pharmacy, &drug::acknowledge_recall(range(batch, 20..30))).await;
	assert_eq!(supply.stock(pharmacy).await, 0);
	supply.hand_over(pharmacy, hospital, goods, false).await;
	assert_eq!(chain.parcel(batch, 25, None).await.unwrap().unwrap().custodian, hospital.org);

	// Others than the owner and the regulator neither order nor lift one.
	assert_eq!(refused(supply.attempt(pharmacy, &drug::lift_recall(&scope)).await), "NotAuthorized");
	supply.submit(regulator, &drug::lift_recall(&scope)).await;
	assert_eq!(supply.verdict(&endpoint.url, &supply.label("A1", 1)).await, Verdict::Genuine);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_order_is_placed_when_stock_falls_and_the_next_one_after_it_has_ended() {
	let supply = Supply::new(connect().await, None).await;
	let Supply { chain, maker, wholesaler, pharmacy, .. } = &supply;
	let batch = supply.commission("A1", 0..12).await;
	supply.hand_over(maker, pharmacy, units(batch, 0..12), true).await;
	let rule = ReorderInput { minimum: 10, quantity: 50, supplier: wholesaler.org };
	supply.submit(pharmacy, &drug::set_reorder_rule(supply.gtin, Some(&rule))).await;
	let sell = |index| {
		let supply = &supply;
		async move { dispensed(dispense(supply, &supply.pharmacy, &supply.label("A1", index)).await) }
	};
	let orders = || async { chain.orders(wholesaler.org).await.unwrap() };

	sell(0).await;
	sell(1).await;
	assert_eq!((supply.stock(pharmacy).await, orders().await.len()), (10, 0));
	sell(2).await;
	let [first] = orders().await.try_into().unwrap();
	assert_eq!((first.buyer, first.gtin, first.quantity), (pharmacy.org, supply.gtin, 50));
	// Stock falls further, however many are sold at once: there is one order already.
	sell(3).await;
	let many: Vec<_> = (4..7).map(|index| scan(&supply.label("A1", index))).collect();
	let outcomes = pharmacy.holder(chain).dispense(&many, |_| ()).await.unwrap();
	assert!(outcomes.iter().all(|outcome| outcome.judgement.is_good()), "{outcomes:?}");
	assert_eq!((supply.stock(pharmacy).await, orders().await), (5, vec![first.clone()]));

	let stranger = drug::fulfil_order(wholesaler.org, first.id);
	assert_eq!(refused(supply.attempt(maker, &stranger).await), "NotAuthorized");
	supply.submit(wholesaler, &drug::fulfil_order(wholesaler.org, first.id)).await;
	assert_eq!(orders().await, []);
	sell(7).await;
	let [second] = orders().await.try_into().unwrap();
	assert_ne!(second.id, first.id);
	supply.submit(pharmacy, &drug::cancel_order(wholesaler.org, second.id)).await;
	assert_eq!(orders().await, []);
	let pending = || async { chain.stock(pharmacy.org).await.unwrap()[0].pending };
	assert_eq!(pending().await, None);
	sell(8).await;
	let [third] = orders().await.try_into().unwrap();
	assert_eq!(pending().await, Some(third.id));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_bought_goes_back_to_its_seller_saleable() {
	let supply = Supply::new(connect().await, None).await;
	let Supply { chain, maker, wholesaler, pharmacy, .. } = &supply;
	let batch = supply.commission("A1", 0..20).await;
	supply.hand_over(maker, wholesaler, units(batch, 0..20), true).await;
	supply.hand_over(wholesaler, pharmacy, units(batch, 0..10), true).await;
	let endpoint = supply.serve().await;
	let back = units(batch, 2..6);
	let deadline = supply.deadline().await;
	pharmacy.holder(chain).return_saleable(&back, deadline).await.unwrap();
	assert_eq!(supply.verdict(&endpoint.url, &supply.label("A1", 3)).await, Verdict::InTransit);
	assert_eq!(supply.stock(pharmacy).await, 6);
	assert_eq!(refused(maker.holder(chain).receive(&back, &[], None).await), "NotAddressee");
	wholesaler.holder(chain).receive(&back, &[], None).await.unwrap();

	let parcel = chain.parcel(batch, 3, None).await.unwrap().unwrap();
	assert_eq!((parcel.owner, parcel.custodian, parcel.custody), (wholesaler.org, wholesaler.org, Custody::Held));
	assert_eq!((supply.stock(pharmacy).await, supply.stock(wholesaler).await), (6, 14));
	assert_eq!(supply.verdict(&endpoint.url, &supply.label("A1", 3)).await, Verdict::Genuine);
	// They are sold again.
	supply.hand_over(wholesaler, &supply.rival, back, true).await;
	dispensed(dispense(&supply, &supply.rival, &supply.label("A1", 3)).await);
	// What was made was bought from nobody.
	let made = supply.commission("B2", 100..105).await;
	assert_eq!(refused(maker.holder(chain).return_saleable(&units(made, 0..5), deadline).await), "NotBought");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_that_was_tampered_with_is_neither_opened_nor_kept_and_is_disputed() {
	let supply = Supply::new(connect().await, None).await;
	let Supply { chain, maker, pharmacy, rival, .. } = &supply;
	let batch = supply.commission("A1", 0..10).await;
	let load = units(batch, 0..10);
	let package = supply.ship(maker, pharmacy, load, true).await;
	let genuine = std::fs::read(&package).unwrap();
	let committed = chain.parcel(batch, 0, None).await.unwrap().unwrap().package;
	assert_eq!(committed, digest(&[&genuine]));
	// No serial number is in it for others to read.
	assert!(!genuine.windows(8).any(|window| window == b"SN000003"));
	let mut tampered = genuine.clone();
	let middle = tampered.len() / 2;
	tampered[middle] ^= 1;
	let path = supply.home.path().join("tampered");
	std::fs::write(&path, &tampered).unwrap();

	match pharmacy.holder(chain).receive(&load, &[], Some(&path)).await {
		Err(Error::PackageMismatch { committed: told, found }) => {
			assert_eq!((told, found), (format!("{committed:?}"), format!("{:?}", digest(&[&tampered]))));
		}
		other => panic!("{other:?}"),
	}
	let parcel = chain.parcel(batch, 0, None).await.unwrap().unwrap();
	assert!(matches!(parcel.custody, Custody::InTransit { .. }), "nothing was received");
	assert_eq!(pharmacy.book.all().unwrap(), []);

	let block = pharmacy.holder(chain).dispute(&load, &path).await.unwrap();
	let included = supply.attempt(rival, &drug::dispute_package(&load, digest(&[&tampered]))).await;
	assert_eq!(refused(included), "NotAddressee");
	assert!(block > 0);
	let same = pharmacy.holder(chain).dispute(&load, &package).await;
	assert_eq!(refused(same), "NotDisputable");

	// The right one is no use to others, and opens for whom it is for.
	let stolen = rival.holder(chain).import(&load, &package).await;
	assert!(matches!(stolen, Err(Error::Refused { code: "not-recipient", .. })), "{stolen:?}");
	assert_eq!(pharmacy.holder(chain).receive(&load, &[], Some(&package)).await.unwrap().imported.unwrap().units, 10);
	dispensed(dispense(&supply, pharmacy, &supply.label("A1", 9)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn packs_handed_out_without_a_line_are_uploaded_with_their_times_and_conflicts_come_back_one_by_one() {
	let supply = Supply::new(connect().await, None).await;
	let Supply { chain, maker, pharmacy, rival, .. } = &supply;
	let batch = supply.commission("A1", 0..30).await;
	supply.hand_over(maker, pharmacy, units(batch, 0..20), true).await;
	// While the line was down, a few units were recalled.
	let recalled = RecallScope::Units(UnitRange { batch, start: 4, len: 2 });
	supply.submit(maker, &drug::recall(&recalled, RecallClass::II, RecallReason::Labelling)).await;
	let recall = chain.unit(batch, 4).await.unwrap().unwrap().recall.unwrap();
	let now = chain.time().await.unwrap();
	assert!(recall.at <= now);

	let label = |index| supply.label("A1", index);
	let lines = [
		(label(0), now - 2 * DAY),
		(label(1), now - 1),
		(label(0), now - DAY),
		(label(4), recall.at - 1),
		(label(5), recall.at),
		(label(25), now - DAY),
		(label(2), now - 8 * DAY),
		(label(3), now + DAY),
		(label(6).replace("(10)A1", "(10)A2"), now - DAY),
		(label(7).replace("(21)", "(22)"), now - DAY),
		(label(8), now - 3 * DAY),
	];
	let packs: Vec<_> =
		(1..).zip(&lines).map(|(line, (label, at))| Scan { line, text: Ok(label.clone()), at: Some(*at) }).collect();
	let outcomes = pharmacy.holder(chain).dispense(&packs, |_| ()).await.unwrap();
	let told: Vec<_> = outcomes.iter().map(|outcome| (outcome.line, short(&outcome.judgement))).collect();
	let expected = [
		"dispensed",
		"dispensed",
		"alert already-dispensed",
		// Before the recall it was right.
		"dispensed",
		"alert recalled",
		"failed not-found",
		"failed transaction-failed",
		"failed transaction-failed",
		"contradiction lot-mismatch",
		"failed MissingAi",
		"dispensed",
	];
	assert_eq!(told, (1..).zip(expected.map(str::to_owned)).collect::<Vec<_>>());
	// Those outside the window say so.
	for place in [6, 7] {
		let Judgement::Failed { message, .. } = &outcomes[place].judgement else { panic!("{:?}", outcomes[place]) };
		assert!(message.contains("InvalidMoment"), "{message}");
	}
	let left = chain.unit(batch, 0).await.unwrap().unwrap().left.unwrap();
	assert_eq!((left.at, left.org), (Some(now - 2 * DAY), Some(pharmacy.org)));
	assert_eq!(supply.stock(pharmacy).await, 16);

	// The same file again raises no alarm about itself, and changes nothing.
	let before = entries(chain, batch).await;
	let again = pharmacy.holder(chain).dispense(&packs[..2], |_| ()).await.unwrap();
	assert!(again.iter().all(|outcome| outcome.judgement == Judgement::DispensedBefore), "{again:?}");
	assert_eq!(entries(chain, batch).await, before);
	assert_eq!(supply.stock(rival).await, 0);
}

/// An outcome in a word or two.
fn short(judgement: &Judgement) -> String {
	match judgement {
		Judgement::Dispensed { .. } => "dispensed".into(),
		Judgement::DispensedBefore => "before".into(),
		Judgement::Alert { verdict, .. } => format!("alert {}", verdict.code()),
		Judgement::Contradiction { verdict } => format!("contradiction {}", verdict.code()),
		Judgement::Failed { error, .. } => format!("failed {error}"),
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dispense_is_undone_only_where_it_was_made() {
	let supply = Supply::new(connect().await, None).await;
	let Supply { chain, maker, pharmacy, rival, .. } = &supply;
	let batch = supply.commission("A1", 0..4).await;
	supply.hand_over(maker, pharmacy, units(batch, 0..4), true).await;
	let endpoint = supply.serve().await;
	let label = supply.label("A1", 2);
	// A branch of the same pharmacy.
	let branch = stage::fresh("branch").unwrap();
	let transfer = calls::transfer(&branch.account(), stage::ENDOWMENT);
	supply.submit(pharmacy, &transfer).await;
	let place: String = random_key(13);
	let roles = MemberRoleSet::of(&[MemberRole::Pharmacist]);
	let member = calls::add_member(pharmacy.org, &branch.account(), roles, place.as_bytes().try_into().ok(), None);
	chain.submit(&pharmacy.admin.signer, &member).await.unwrap();

	let undo = drug::undo_dispense(batch, 2);
	assert_eq!(refused(supply.attempt(pharmacy, &undo).await), "NotUndoable");
	dispensed(dispense(&supply, pharmacy, &label).await);
	assert_eq!(refused(chain.submit(&branch.signer, &undo).await), "NotUndoable");
	assert_eq!(refused(supply.attempt(rival, &undo).await), "NotUndoable");
	assert_eq!(supply.verdict(&endpoint.url, &label).await, Verdict::AlreadyDispensed);

	pharmacy.holder(chain).undo(&label).await.unwrap();
	assert_eq!(supply.verdict(&endpoint.url, &label).await, Verdict::Genuine);
	assert_eq!(supply.stock(pharmacy).await, 4);
	assert_eq!(refused(pharmacy.holder(chain).undo(&label).await), "NotUndoable");
	dispensed(dispense(&supply, pharmacy, &label).await);
	assert_eq!(supply.stock(pharmacy).await, 3);
}

/// Where GS1's schema is, if it is at hand: in the folder that `SALUS_SHARED_DATA` names or beside the workspace.
fn schema() -> Option<Schema> {
	let data = std::env::var_os("SALUS_SHARED_DATA").map(PathBuf::from);
	let data = data.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"));
	let text = std::fs::read_to_string(data.join("epcis/EPCIS-JSON-Schema.json")).ok()?;
	Some(Schema::new(&serde_json::from_str(&text).unwrap()).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_is_the_whole_chain_of_custody_and_its_events_are_those_that_the_chain_has_the_hashes_of() {
	let supply = Supply::new(connect().await, None).await;
	let Supply { chain, maker, wholesaler, pharmacy, .. } = &supply;
	let batch = supply.commission("A1", 0..30).await;
	let (case, _) = maker.holder(chain).pack(random_key(18), &[units(batch, 0..10)]).await.unwrap();
	supply.hand_over(maker, wholesaler, Load::Logistic(case), true).await;
	wholesaler.holder(chain).unpack(case).await.unwrap();
	supply.hand_over(wholesaler, pharmacy, units(batch, 2..6), true).await;

	let traced = trace(chain, &pharmacy.book, batch, 4).await.unwrap();
	assert!(traced.whole);
	use StepKind::*;
	let kinds: Vec<_> = traced.trace.iter().rev().map(|traced| traced.step.kind).collect();
	assert_eq!(kinds, [Commissioned, Packed, Shipped, Received, Unpacked, Shipped, Received]);
	let firms = [maker, maker, wholesaler, wholesaler, wholesaler, pharmacy, pharmacy].map(|firm| firm.org);
	assert_eq!(traced.trace.iter().rev().map(|traced| traced.step.to).collect::<Vec<_>>(), firms);
	for firm in [maker, wholesaler, pharmacy] {
		assert_eq!(traced.names[&firm.org], firm.name);
	}

	// The node tells the same.
	let told = chain.rpc("salus_custody", vec![batch.into(), 4.into()]).await.unwrap();
	assert_eq!(told["complete"], true);
	assert_eq!(told["steps"], serde_json::to_value(&traced.trace).unwrap());

	// A trace that lacks a step, has another order or tells of another holder is found out.
	let parcel = chain.parcel(batch, 4, None).await.unwrap().unwrap();
	assert_eq!(parcel.chains, []);
	let is_whole_with = |steps: &[_]| is_whole(&[parcel.chain.head], steps);
	assert!(is_whole_with(&traced.trace));
	for left_out in 0..traced.trace.len() {
		let mut shortened = traced.trace.clone();
		shortened.remove(left_out);
		assert!(!is_whole_with(&shortened), "without step {left_out}");
		let mut forged = traced.trace.clone();
		forged[left_out].step.to = supply.rival.org;
		assert!(!is_whole_with(&forged), "another holder at step {left_out}");
		let mut late = traced.trace.clone();
		late[left_out].step.at += 1;
		assert!(!is_whole_with(&late), "another time at step {left_out}");
	}
	let mut swapped = traced.trace.clone();
	swapped.swap(1, 2);
	assert!(!is_whole_with(&swapped));

	// Every event came with the packages: the exported ones have the very hashes that the chain was told.
	let document = document_of(&traced.steps).unwrap();
	assert_eq!(validate(&document).unwrap(), traced.steps.len());
	if let Some(schema) = schema() {
		schema.check(&document).unwrap();
	}
	let exported: Vec<_> = event_hashes(&document).unwrap().into_iter().map(|hash| H256(hash.digest)).collect();
	let on_chain: Vec<_> = traced.trace.iter().rev().map(|traced| traced.step.event).collect();
	assert_eq!(exported, on_chain);
	assert_eq!(on_chain.iter().collect::<BTreeSet<_>>().len(), on_chain.len());

	// Once it is dispensed the document ends with that, and what is on the chain is still the same.
	dispensed(dispense(&supply, pharmacy, &supply.label("A1", 4)).await);
	let later = trace(chain, &pharmacy.book, batch, 4).await.unwrap();
	assert_eq!((&later.trace, later.whole), (&traced.trace, true));
	assert_eq!(later.steps.last().unwrap().kind, Kind::Dispense);
	let document = document_of(&later.steps).unwrap();
	validate(&document).unwrap();
	if let Some(schema) = schema() {
		schema.check(&document).unwrap();
	}
	// Who was not there knows when and between whom, and nothing false.
	let outsider = trace(chain, &supply.rival.book, batch, 4).await.unwrap();
	assert!(outsider.whole && outsider.trace == later.trace);
	assert!(outsider.steps.iter().all(|step| step.event_hash.is_none()));
	validate(&document_of(&outsider.steps).unwrap()).unwrap();
}
