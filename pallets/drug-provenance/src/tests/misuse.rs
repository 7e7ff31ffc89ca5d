//! The threats that the design names, each where it is met.

use super::*;
use salus_primitives::{drug::MAX_RUNS, merkle, MemberRole, OrgRole};

fn alert(verdict: Verdict, index: u32, org: OrgId, who: &AccountId) -> Event<Test> {
	Event::Alert { batch: 0, index, verdict, org, who: who.clone(), at: now() }
}

fn root() -> Vec<u8> {
	sp_io::storage::root(sp_runtime::StateVersion::V1)
}

/// "Cloned serial at a second pharmacy": before the genuine pack is dispensed and after, it is told of and given to nobody.
#[test]
fn a_cloned_serial_is_told_of_at_a_second_pharmacy() {
	test(|| {
		let run = commissioned(20);
		sold(units(0, 10), &MAKER_STAFF, PHARMACY, &PHARMACIST);
		sold(units(10, 10), &MAKER_STAFF, RIVAL, &RIVAL_PHARMACIST);
		assert_eq!(
			told(|| dispense(&RIVAL_PHARMACIST, of(&run, 3))),
			[alert(Verdict::Genuine, 3, RIVAL, &RIVAL_PHARMACIST)]
		);
		dispensed(&run, 3);
		assert_eq!(
			told(|| dispense(&RIVAL_PHARMACIST, of(&run, 3))),
			[alert(Verdict::AlreadyDispensed, 3, RIVAL, &RIVAL_PHARMACIST)]
		);
		assert_eq!((stock(PHARMACY), stock(RIVAL)), (9, 10));
	});
}

/// "Cloned serial", five hundred times: one pack is given, and every other attempt is told of and changes nothing.
#[test]
fn of_500_who_dispense_one_serial_exactly_one_does() {
	test(|| {
		let run = at_pharmacy(10);
		let pharmacists: Vec<AccountId> = (0..500u16)
			.map(|n| {
				let mut bytes = [0xcc; 32];
				bytes[..2].copy_from_slice(&n.to_be_bytes());
				let who = AccountId::new(bytes);
				// One in four works at the pharmacy that has it; the first who tries does not.
				let org = if n % 4 == 3 { PHARMACY } else { RIVAL };
				enrol(&who, org, &[MemberRole::Pharmacist], Some(HIGH_STREET));
				fund(&who);
				who
			})
			.collect();
		let unit = of(&run, 7);
		let (mut given, mut refused) = (0, 0);
		for who in &pharmacists {
			System::reset_events();
			let before = root();
			assert_ok!(dispense(who, unit.clone()));
			let told = events();
			System::reset_events();
			match &told[..] {
				[Event::Dispensed { index: 7, org: PHARMACY, .. }] => given += 1,
				[Event::Alert { index: 7, verdict, .. }] => {
					let expected = if given == 0 { Verdict::Genuine } else { Verdict::AlreadyDispensed };
					assert_eq!(*verdict, expected);
					assert_eq!(root(), before, "an alert changes nothing");
					refused += 1;
				}
				other => panic!("{other:?}"),
			}
		}
		assert_eq!((given, refused, stock(PHARMACY)), (1, 499, 9));
	});
}

/// "The same unit under another index".
#[test]
fn a_unit_is_dispensed_under_no_other_index() {
	test(|| {
		let run = at_pharmacy(11);
		dispensed(&run, 3);
		for index in (0..40).chain([u32::MAX, 3 | 1 << 4, 3 | 1 << 31]).filter(|index| *index != 3) {
			let unit = UnitProof { index, ..run.unit(3) };
			assert_noop!(dispense(&PHARMACIST, Dispense { unit, ..of(&run, 3) }), Refusal::InvalidProof);
		}
		// Nor is a place in the padding anything: there are 11 leaves in a tree of 16.
		for index in 11..16 {
			let unit = UnitProof { index, mac: H256::zero(), proof: run.unit(10).proof };
			assert_noop!(dispense(&PHARMACIST, Dispense { unit, ..of(&run, 3) }), Refusal::InvalidProof);
		}
	});
}

/// "Inner node passed as a leaf".
#[test]
fn an_inner_node_is_dispensed_as_no_unit() {
	test(|| {
		let run = at_pharmacy(8);
		let leaves = run.leaves();
		let proof = merkle::proof(&leaves, 0).expect("there is a first");
		for index in 0..4 {
			for mac in [proof[0], proof[1], merkle::root(&leaves)] {
				let shorter = UnitProof { index, mac, proof: BoundedVec::truncate_from(proof[1..].to_vec()) };
				let same = UnitProof { index, mac, proof: BoundedVec::truncate_from(proof.clone()) };
				for unit in [shorter, same] {
					assert_noop!(dispense(&PHARMACIST, Dispense { unit, ..of(&run, 0) }), Refusal::InvalidProof);
				}
			}
		}
	});
}

/// "Short or long proof".
#[test]
fn a_proof_has_its_length() {
	test(|| {
		let run = at_pharmacy(9);
		let sound = run.unit(8);
		for length in 0..sound.proof.len() {
			let proof = BoundedVec::truncate_from(sound.proof[..length].to_vec());
			let unit = UnitProof { proof, ..sound.clone() };
			assert_noop!(dispense(&PHARMACIST, Dispense { unit, ..of(&run, 8) }), Refusal::InvalidProof);
		}
		for more in [H256::zero(), merkle::root(&run.leaves())] {
			for at_end in [true, false] {
				let mut nodes = sound.proof.to_vec();
				nodes.insert(if at_end { nodes.len() } else { 0 }, more);
				let unit = UnitProof { proof: BoundedVec::truncate_from(nodes), ..sound.clone() };
				assert_noop!(dispense(&PHARMACIST, Dispense { unit, ..of(&run, 8) }), Refusal::InvalidProof);
			}
		}
	});
}

/// "Proof replayed on another run": even one with the same keyed hashes.
#[test]
fn a_proof_holds_in_its_own_run_alone() {
	test(|| {
		let run = at_pharmacy(8);
		let next = Run { run: 1, ..run.clone() };
		assert_ok!(commission(&MAKER_STAFF, next.input()));
		let second = Load::Units(UnitRange { batch: 1, start: 0, len: 8 });
		sold(second, &MAKER_STAFF, PHARMACY, &PHARMACIST);
		let replayed = Dispense { batch: 1, ..of(&run, 3) };
		assert_noop!(dispense(&PHARMACIST, replayed), Refusal::InvalidProof);
		// The lot again, with the first run's tree: its leaves name the first run.
		let copied = BatchInput { run: 2, ..run.input() };
		assert_ok!(commission(&MAKER_STAFF, copied));
		let third = Load::Units(UnitRange { batch: 2, start: 0, len: 8 });
		sold(third, &MAKER_STAFF, PHARMACY, &PHARMACIST);
		assert_noop!(dispense(&PHARMACIST, Dispense { batch: 2, ..of(&run, 3) }), Refusal::InvalidProof);
		dispensed(&run, 3);
	});
}

/// "Recall and dispense in one block": what comes first counts.
#[test]
fn a_recall_acts_within_its_block() {
	test(|| {
		let run = at_pharmacy(10);
		dispensed(&run, 0);
		assert_ok!(recall(&MAKER_QP, RecallScope::Batch(0), RecallClass::I, RecallReason::Contamination));
		assert_eq!(told(|| dispense(&PHARMACIST, of(&run, 1))), [alert(Verdict::Recalled, 1, PHARMACY, &PHARMACIST)]);
		// Nor does an earlier moment of the day help beyond what was so at that moment.
		let earlier = Dispense { at: Some(now()), ..of(&run, 1) };
		assert_eq!(told(|| dispense(&PHARMACIST, earlier)), [alert(Verdict::Recalled, 1, PHARMACY, &PHARMACIST)]);
		assert_noop!(ship(&PHARMACIST, shipment(units(1, 1), RIVAL)), Refusal::Recalled);
		assert_noop!(return_saleable(&PHARMACIST, units(1, 1), NOW + DAY, ev(4)), Refusal::Recalled);
		assert_noop!(undo_dispense(&PHARMACIST, 0, 0), Refusal::Recalled);
	});
}

/// "Receipt by a non-addressee": of a shipment, of a return and of what is in dispute.
#[test]
fn nobody_but_the_addressee_receives() {
	test(|| {
		commissioned(30);
		assert_ok!(ship(&MAKER_STAFF, Shipment { carrier: Some(CARRIER), ..shipment(units(0, 10), WHOLESALER) }));
		assert_ok!(ship(&MAKER_STAFF, shipment(units(10, 10), WHOLESALER)));
		assert_ok!(refuse(&WHOLESALE_STAFF, units(10, 10), NOW + DAY, ev(4)));
		assert_ok!(ship(&MAKER_STAFF, shipment(units(20, 10), WHOLESALER)));
		assert_ok!(receive(&WHOLESALE_STAFF, units(20, 10), ranges(&[(20, 5)]), ev(3)));
		for (load, addressee) in [(units(0, 10), WHOLESALER), (units(10, 10), MAKER), (units(20, 5), WHOLESALER)] {
			let others = [
				(MAKER_STAFF, MAKER),
				(WHOLESALE_STAFF, WHOLESALER),
				(BRANCH_STAFF, BRANCH),
				(DRIVER, CARRIER),
				(PHARMACIST, PHARMACY),
			];
			for (who, org) in others {
				if org != addressee {
					assert_noop!(receive_all(&who, load), Refusal::NotAddressee);
				}
			}
		}
	});
}

/// "Change of owner faked between accounts of one legal entity": a sale to oneself neither changes the owner nor makes a
/// source that goods could be returned to.
#[test]
fn a_sale_within_one_legal_entity_is_no_sale() {
	test(|| {
		at_wholesaler(10);
		System::reset_events();
		for (from, to, by) in [(WHOLESALE_STAFF, BRANCH, BRANCH_STAFF), (BRANCH_STAFF, WHOLESALER, WHOLESALE_STAFF)] {
			sold(units(0, 10), &from, to, &by);
			assert_eq!((holding(0).owner, holding(0).source), (WHOLESALER, Some(MAKER)));
		}
		assert!(steps().iter().all(|step| step.internal));
		// Whose licence is of the same entity by name alone is not of it.
		sold(units(0, 10), &WHOLESALE_STAFF, PHARMACY, &PHARMACIST);
		assert_eq!((last_step().internal, holding(0).owner), (false, PHARMACY));
	});
}

/// "Ship and never receive": neither side can dispense it, it counts nowhere, and after the deadline it shows as a gap.
#[test]
fn what_is_never_received_is_a_gap_until_it_is_settled() {
	test(|| {
		let run = at_pharmacy(10);
		assert_ok!(ship(&PHARMACIST, shipment(units(0, 10), RIVAL)));
		assert_eq!((stock(PHARMACY), stock(RIVAL)), (0, 0));
		let tried = |verdict| {
			for (who, org) in [(PHARMACIST, PHARMACY), (RIVAL_PHARMACIST, RIVAL)] {
				assert_eq!(told(|| dispense(&who, of(&run, 2))), [alert(verdict, 2, org, &who)]);
			}
		};
		tried(Verdict::InTransit);
		wait(TRIP);
		tried(Verdict::CustodyGap);
		hypothetically!({
			assert_ok!(receive_all(&RIVAL_PHARMACIST, units(0, 10)));
			assert_ok!(dispense(&RIVAL_PHARMACIST, of(&run, 2)));
			assert!(matches!(last_event(), Event::Dispensed { org: RIVAL, .. }));
		});
		assert_ok!(retract(&PHARMACIST, units(0, 10), ev(4)));
		dispensed(&run, 2);
	});
}

/// "Foreign GTIN": an owner does with another's product nothing that its owner may.
#[test]
fn an_owner_has_no_say_over_anothers_product() {
	test(|| {
		let own = ProductInput { gtin: UNKNOWN, owner: PACKER, storage: Some(COLD), device: false };
		assert_ok!(register_product(&INSPECTOR, own));
		let run = Run { gtin: VACCINE, ..Run::of(10) };
		assert_noop!(commission(&PACKER_STAFF, run.input()), Refusal::NotAuthorized);
		assert_ok!(commission(&MAKER_STAFF, run.input()));
		assert_ok!(log_excursion(&MAKER_STAFF, units(0, 10), hot(), ev(8)));
		assert_noop!(delegate(&PACKER_STAFF, VACCINE, PACKER, true), Refusal::NotAuthorized);
		assert_noop!(release_excursion(&PACKER_STAFF, units(0, 10), ev(9)), Refusal::NotAuthorized);
		assert_noop!(mark_illegitimate(&PACKER_STAFF, units(0, 10)), Refusal::NotAuthorized);
		for scope in [
			RecallScope::Product(VACCINE),
			RecallScope::Lot(VACCINE, run.lot.clone()),
			RecallScope::Batch(0),
			RecallScope::Units(range(0, 1)),
		] {
			let refusal = recall(&PACKER_STAFF, scope, RecallClass::III, RecallReason::Labelling);
			assert_noop!(refusal, Refusal::NotAuthorized);
		}
	});
}

fn hot() -> Readings {
	Readings { min: 20, max: 300, minutes: 60, longest_gap: 10 }
}

/// "A 17th run of a lot".
#[test]
fn a_lot_has_sixteen_runs() {
	test(|| {
		for run in 0..MAX_RUNS as u16 {
			assert_ok!(commission(&MAKER_STAFF, Run { run, ..Run::of(2) }.input()));
		}
		let next = Run { run: MAX_RUNS as u16, ..Run::of(2) };
		assert_noop!(commission(&MAKER_STAFF, next.input()), Refusal::TooManyRuns);
		assert_ok!(commission(&MAKER_STAFF, Run { lot: lot("L2"), run: 0, ..next }.input()));
	});
}

/// "Licence suspended in transit (goods can go back)".
#[test]
fn goods_on_the_way_to_who_lost_its_licence_go_back() {
	test(|| {
		commissioned(10);
		assert_ok!(ship(&MAKER_STAFF, shipment(units(0, 10), WHOLESALER)));
		assert_noop!(retract(&MAKER_STAFF, units(0, 10), ev(4)), Refusal::NotOverdue);
		set_active(WHOLESALER, false);
		assert_noop!(receive_all(&WHOLESALE_STAFF, units(0, 10)), Refusal::NotAuthorized);
		assert_noop!(refuse(&WHOLESALE_STAFF, units(0, 10), NOW + DAY, ev(4)), Refusal::NotAuthorized);
		assert_ok!(retract(&MAKER_STAFF, units(0, 10), ev(4)));
		assert_eq!((custody(0), stock(MAKER)), (Custody::Held, 10));
		// And the other way: a sender that lost its licence does not keep the goods from who bought them.
		set_active(WHOLESALER, true);
		assert_ok!(ship(&MAKER_STAFF, shipment(units(0, 10), WHOLESALER)));
		set_active(MAKER, false);
		assert_noop!(retract(&MAKER_STAFF, units(0, 10), ev(4)), Refusal::NotAuthorized);
		assert_ok!(receive_all(&WHOLESALE_STAFF, units(0, 10)));
		assert_eq!(holding(0).owner, WHOLESALER);
	});
}

/// "Overlapping splits and u32 overflow", at every call that takes ranges.
#[test]
fn ranges_that_overlap_or_overflow_are_refused_everywhere() {
	test(|| {
		let run = at_pharmacy(100);
		assert_ok!(split(&PHARMACIST, range(10, 10)));
		assert_noop!(split(&PHARMACIST, range(15, 10)), Refusal::SpansParcels);
		assert_noop!(split(&PHARMACIST, range(5, 10)), Refusal::SpansParcels);
		for (start, len) in [(0, 0), (50, u32::MAX), (u32::MAX, 1), (u32::MAX, u32::MAX), (99, 2), (1, u32::MAX)] {
			let load = units(start, len);
			let bad = DispatchError::from(Refusal::InvalidRange);
			assert_noop!(split(&PHARMACIST, range(start, len)), bad);
			assert_noop!(pack(&PHARMACIST, lu(1), contents(&[load]), ev(5)), bad);
			assert_noop!(ship(&PHARMACIST, shipment(load, RIVAL)), bad);
			assert_noop!(receive_all(&PHARMACIST, load), bad);
			assert_noop!(refuse(&PHARMACIST, load, NOW + DAY, ev(4)), bad);
			assert_noop!(retract(&PHARMACIST, load, ev(4)), bad);
			assert_noop!(report_stolen(&PHARMACIST, load, ev(4)), bad);
			assert_noop!(report_lost(&PHARMACIST, load, ev(4)), bad);
			assert_noop!(return_saleable(&PHARMACIST, load, NOW + DAY, ev(4)), bad);
			assert_noop!(report_suspect(&PHARMACIST, load), bad);
			assert_noop!(clear_suspect(&INSPECTOR, load, None, false), bad);
			assert_noop!(mark_illegitimate(&INSPECTOR, load), bad);
			assert_noop!(release_quarantine(&PHARMACY_QP, load), bad);
			assert_noop!(log_excursion(&PHARMACIST, load, hot(), ev(8)), bad);
			assert_noop!(release_excursion(&MAKER_QP, load, ev(8)), bad);
			assert_noop!(dispute_package(&PHARMACIST, load, ev(8)), bad);
			assert_noop!(acknowledge_recall(&PHARMACIST, range(start, len)), bad);
			// Where it does not overflow, such a range has more units than one call removes.
			let removal = if start == 1 { Refusal::TooMany.into() } else { bad };
			assert_noop!(destroy(&PHARMACIST, ranges(&[(start, len)]), ev(9)), removal);
			let kind = RemovalKind::Decommissioned;
			assert_noop!(decommission_range(&PHARMACIST, ranges(&[(start, len)]), kind, ev(9)), removal);
			let scope = RecallScope::Units(range(start, len));
			assert_noop!(recall(&INSPECTOR, scope, RecallClass::I, RecallReason::Quality), bad);
		}
		dispensed(&run, 15);
	});
}

/// "Splitting a parcel to launder an excursion": before and after, in hand and under way.
#[test]
fn no_piece_of_what_was_too_hot_is_free_of_it() {
	test(|| {
		commissioned_vaccine(20);
		sold(units(0, 20), &MAKER_STAFF, WHOLESALER, &WHOLESALE_STAFF);
		assert_ok!(log_excursion(&WHOLESALE_STAFF, units(0, 20), hot(), ev(8)));
		let launder = |range: UnitRange| {
			let load = Load::Units(range);
			assert_noop!(ship(&WHOLESALE_STAFF, shipment(load, PHARMACY)), Refusal::OnHold);
			assert_noop!(return_saleable(&WHOLESALE_STAFF, load, NOW + DAY, ev(4)), Refusal::OnHold);
		};
		[(0, 1), (5, 5), (19, 1), (0, 20)].iter().for_each(|(start, len)| launder(range(*start, *len)));
		assert_ok!(split(&WHOLESALE_STAFF, range(5, 5)));
		[(0, 5), (5, 5), (10, 10)].iter().for_each(|(start, len)| launder(range(*start, *len)));
		// Packing does not help, nor unpacking, nor a trip within the entity, nor merging with what is sound.
		assert_ok!(pack(&WHOLESALE_STAFF, lu(1), contents(&[units(5, 5)]), ev(5)));
		assert_noop!(ship(&WHOLESALE_STAFF, shipment(logistic(1), PHARMACY)), Refusal::OnHold);
		assert_noop!(ship(&WHOLESALE_STAFF, shipment(logistic(1), BRANCH)), Refusal::OnHold);
		assert_ok!(unpack(&WHOLESALE_STAFF, lu(1), ev(6)));
		launder(range(5, 5));
		assert_ok!(release_excursion(&MAKER_QP, units(10, 10), ev(12)));
		assert_noop!(merge(&WHOLESALE_STAFF, 0, 9), Refusal::NotMergeable);
		launder(range(5, 5));
	});
}

/// "Return of something never bought": one's own make, goods in consignment, and another's.
#[test]
fn nothing_is_returned_that_was_not_bought() {
	test(|| {
		commissioned(20);
		let back = |who: &AccountId, start| return_saleable(who, units(start, 5), NOW + DAY, ev(4));
		assert_noop!(back(&MAKER_STAFF, 0), Refusal::NotBought);
		assert_ok!(ship(&MAKER_STAFF, Shipment { sale: false, ..shipment(units(0, 10), PHARMACY) }));
		assert_ok!(receive_all(&PHARMACIST, units(0, 10)));
		assert!(back(&PHARMACIST, 0).is_err());
		assert_noop!(back(&PHARMACIST, 10), Refusal::NotCustodian);
		assert_eq!((stock(PHARMACY), stock(MAKER)), (10, 10));
	});
}

/// "Hot readings omitted": who leaves them out leaves a gap, and the gap counts.
#[test]
fn readings_that_were_left_out_count_as_an_excursion() {
	test(|| {
		commissioned_vaccine(20);
		let silent = Readings { min: 40, max: 60, minutes: 0, longest_gap: 2 * COLD.interval + 1 };
		assert_ok!(log_excursion(&MAKER_STAFF, units(0, 20), silent, ev(8)));
		assert_eq!(holds(0), hold_set(&[Hold::Excursion]));
		// Minutes outside the rule give away extremes that are stated within it.
		let inconsistent = Readings { minutes: 3, longest_gap: 10, ..silent };
		assert_ok!(log_excursion(&MAKER_STAFF, units(0, 20), inconsistent, ev(8)));
	});
}

/// "Suspect reports as a weapon against a rival": few a day, dearly bonded, settled by a regulator, and each costs the
/// reporter the split of the rival's goods.
#[test]
fn a_rival_cannot_stop_a_pharmacy_by_reports() {
	test(|| {
		let run = at_pharmacy(50);
		let owed = held(&PHARMACIST);
		for n in 0..REPORTS {
			assert_ok!(report_suspect(&RIVAL_PHARMACIST, units(2 * n, 1)));
		}
		let one_more = report_suspect(&RIVAL_PHARMACIST, units(20, 1));
		assert_noop!(one_more, Refusal::TooManyReports);
		assert_eq!(bonded(&RIVAL_PHARMACIST), u128::from(REPORTS) * BOND);
		assert_eq!(held(&PHARMACIST), owed, "the pieces are the reporter's to pay for");
		assert!(held(&RIVAL_PHARMACIST) > 0);
		dispensed(&run, 20);
		let before = total(&RIVAL_PHARMACIST);
		for n in 0..REPORTS {
			assert_ok!(clear_suspect(&INSPECTOR, units(2 * n, 1), Some(n), true));
			dispensed(&run, 2 * n);
		}
		assert_eq!(total(&RIVAL_PHARMACIST), before - u128::from(REPORTS) * BOND);
	});
}

/// Not in the list: who holds goods in another's name neither sells nor returns them, whatever it is accredited for.
#[test]
fn a_carrier_never_owns() {
	test(|| {
		admit(CARRIER, &[OrgRole::Carrier, OrgRole::Distributor], H256::from_low_u64_be(6));
		commissioned(10);
		assert_ok!(ship(&MAKER_STAFF, Shipment { sale: false, ..shipment(units(0, 10), CARRIER) }));
		assert_ok!(receive_all(&DRIVER, units(0, 10)));
		assert_noop!(ship(&DRIVER, shipment(units(0, 10), PHARMACY)), Refusal::NotOwner);
		assert!(return_saleable(&DRIVER, units(0, 10), NOW + DAY, ev(4)).is_err());
		assert_eq!(holding(0).owner, MAKER);
	});
}
