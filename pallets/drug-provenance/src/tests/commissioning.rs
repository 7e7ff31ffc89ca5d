use super::*;

#[test]
fn a_run_begins_as_one_parcel_that_its_producer_owns_and_holds() {
	test(|| {
		System::set_block_number(9);
		let run = Run::of(100);
		let told = told(|| commission(&MAKER_STAFF, run.input()));
		let step = CustodyStep {
			kind: StepKind::Commissioned,
			load: units(0, 100),
			from: MAKER,
			to: MAKER,
			internal: true,
			at: NOW,
			event: ev(1),
			previous: Link::default(),
			via: None,
		};
		let [batch, custody] = &told[..] else { panic!("a batch and its first step: {told:?}") };
		let (gtin, lot) = (DRUG, run.lot.clone());
		assert_eq!(*batch, Event::BatchCommissioned { batch: 0, gtin, lot, run: 0, units: 100, producer: MAKER });
		let Event::Custody { head, step: told_step } = custody else { panic!("a step: {custody:?}") };
		// Whether the first step counts as internal says nothing: there is no other side.
		assert_eq!(*told_step, CustodyStep { internal: told_step.internal, ..step });

		let (last, parcel) = parcel(0);
		assert_eq!((last, parcel.start, parcel.inactive, parcel.counted), (99, 0, 0, true));
		assert!(parcel.holds.is_empty() && parcel.parent.is_none());
		let holding = parcel.holding;
		assert_eq!((holding.owner, holding.custodian, holding.source), (MAKER, MAKER, None));
		assert_eq!((holding.custody, holding.package), (Custody::Held, H256::zero()));
		assert_eq!(holding.chain, Link { head: *head, block: 9 });
		assert_eq!(stock(MAKER), 100);

		let stored = Batches::<Test>::get(0).expect("it is commissioned");
		assert_eq!((stored.gtin, stored.lot, stored.run, stored.expiry), (DRUG, run.lot.clone(), 0, EXPIRY));
		assert_eq!((stored.units, stored.producer, stored.retired, stored.block), (100, MAKER, 0, 9));
		assert_eq!((stored.root, stored.meta), (run.input().root, run.input().meta));
		assert_eq!(Lots::<Test>::get(DRUG, &run.lot).runs.into_inner(), [0]);
	});
}

#[test]
fn runs_of_a_lot_are_counted_and_expire_together() {
	test(|| {
		commissioned(4);
		let next = Run { run: 1, ..Run::of(6) };
		for run in [0, 2, u16::MAX] {
			assert_noop!(commission(&MAKER_STAFF, Run { run, ..next.clone() }.input()), Refusal::WrongRun);
		}
		let later = Run { expiry: EXPIRY + 1, ..next.clone() };
		assert_noop!(commission(&MAKER_STAFF, later.input()), Refusal::ExpiryMismatch);
		assert_ok!(commission(&MAKER_STAFF, next.input()));
		assert_eq!(Lots::<Test>::get(DRUG, &next.lot).runs.into_inner(), [0, 1]);
		// A lot of the same name of another product is another lot, and so is one of another name.
		assert_noop!(commission(&MAKER_STAFF, Run { lot: lot("L2"), ..next.clone() }.input()), Refusal::WrongRun);
		assert_ok!(commission(&MAKER_STAFF, Run { gtin: VACCINE, run: 0, ..later }.input()));
		assert_eq!(NextBatch::<Test>::get(), 3);
	});
}

#[test]
fn only_the_owner_and_its_delegates_commission() {
	test(|| {
		for who in [PACKER_STAFF, WHOLESALE_STAFF, INSPECTOR, PHARMACIST, STRANGER] {
			assert_noop!(commission(&who, Run::of(4).input()), Refusal::NotAuthorized);
		}
		set_active(MAKER, false);
		assert_noop!(commission(&MAKER_STAFF, Run::of(4).input()), Refusal::NotAuthorized);
	});
}

#[test]
fn an_owner_that_is_accredited_as_manufacturer_no_more_commissions_nothing() {
	test(|| {
		admit(MAKER, &[salus_primitives::OrgRole::Distributor], H256::zero());
		assert_noop!(commission(&MAKER_STAFF, Run::of(4).input()), Refusal::NotAuthorized);
	});
}

/// "Foreign GTIN": who owns one product commissions nothing under another's number.
#[test]
fn a_product_that_nobody_registered_is_commissioned_by_nobody() {
	test(|| {
		let foreign = Run { gtin: UNKNOWN, ..Run::of(4) };
		assert_noop!(commission(&MAKER_STAFF, foreign.input()), Refusal::NotFound);
	});
}

#[test]
fn a_run_has_a_lot_units_a_root_and_a_future() {
	test(|| {
		let by = |change: fn(&mut BatchInput)| {
			let mut input = Run::of(4).input();
			change(&mut input);
			commission(&MAKER_STAFF, input)
		};
		assert_noop!(by(|input| input.lot = lot("")), Refusal::InvalidLot);
		assert_noop!(by(|input| input.lot = lot("two words")), Refusal::InvalidLot);
		assert_noop!(by(|input| input.lot = Lot::truncate_from(vec![0xff; 3])), Refusal::InvalidLot);
		assert_noop!(by(|input| input.units = 0), Refusal::InvalidQuantity);
		assert_noop!(by(|input| input.units = (1 << 20) + 1), Refusal::InvalidQuantity);
		assert_noop!(by(|input| input.units = u32::MAX), Refusal::InvalidQuantity);
		assert_noop!(by(|input| input.root = H256::zero()), Refusal::InvalidRoot);
		assert_noop!(by(|input| input.expiry = NOW), Refusal::Expired);
		assert_ok!(by(|input| input.expiry = NOW + 1));
	});
}

#[test]
fn the_largest_run_is_a_million_units_in_one_parcel() {
	test(|| {
		assert_ok!(commission(&MAKER_STAFF, BatchInput { units: 1 << 20, ..Run::of(1).input() }));
		assert_eq!(parcels(), [(0, (1 << 20) - 1)]);
		assert_eq!(stock(MAKER), 1 << 20);
	});
}

#[test]
fn batches_end_with_their_numbers() {
	test(|| {
		NextBatch::<Test>::put(u32::MAX);
		assert_noop!(commission(&MAKER_STAFF, Run::of(4).input()), Refusal::Exhausted);
		NextBatch::<Test>::put(0);
	});
}
