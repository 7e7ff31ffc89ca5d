//! Chains of custody, walked back from their ends with the events alone, as an archive node does.

use super::*;
use salus_primitives::drug::{is_whole, TracedStep};
use std::collections::BTreeMap;

/// The custody steps of every block, by block.
#[derive(Default)]
struct Archive(BTreeMap<u32, Vec<CustodyStep>>);

impl Archive {
	/// Ends the block.
	fn seal(&mut self) {
		let block = System::block_number();
		self.0.entry(block as u32).or_default().extend(steps());
		System::reset_events();
		System::set_block_number(block + 1);
	}

	fn step(&self, link: Link) -> CustodyStep {
		let steps = self.0.get(&link.block).expect("the block has steps");
		*steps.iter().find(|step| step.head() == link.head).expect("the block has the step")
	}

	/// All steps behind these ends, of which the outermost is the last: latest first.
	fn walk(&self, ends: &[(Option<UnitId>, Link)]) -> Vec<TracedStep> {
		let mut open = ends.to_vec();
		let mut walked = Vec::new();
		while let Some((within, link)) = open.pop() {
			let step = self.step(link);
			if step.previous.head != H256::zero() {
				open.push((within, step.previous));
			}
			open.extend(step.via.map(|via| (None, via)));
			walked.push(TracedStep { within, block: link.block, step });
		}
		walked
	}
}

/// The chains that a unit is in, its parcel's own first.
fn ends(index: u32) -> Vec<(Option<UnitId>, Link)> {
	let (_, parcel) = parcel(index);
	let mut ends = vec![(None, parcel.holding.chain)];
	let mut parent = parcel.parent;
	while let Some(id) = parent {
		let unit = LogisticUnits::<Test>::get(id).expect("what is packed is packed in a unit");
		ends.push((Some(id), unit.holding.chain));
		parent = unit.parent;
	}
	ends
}

/// What happened to a unit, in order, by what its chains tell.
fn history(archive: &Archive, index: u32) -> Vec<StepKind> {
	let ends = ends(index);
	let walked = archive.walk(&ends);
	let heads: Vec<_> = ends.iter().map(|(_, link)| link.head).collect();
	assert!(is_whole(&heads, &walked), "of unit {index}: {walked:#?}");
	walked.iter().rev().map(|traced| traced.step.kind).collect()
}

use StepKind::{
	Commissioned, Found, Lost, Missing, Packed, Received, Refused, Retracted, Returned, Shipped, Stolen, Unpacked,
};

fn each(archive: &mut Archive, calls: &[&dyn Fn() -> DispatchResult]) {
	for call in calls {
		assert_ok!(call());
		archive.seal();
	}
}

#[test]
fn a_parcels_whole_way_is_found_from_its_end() {
	test(|| {
		let mut archive = Archive::default();
		let (from_maker, load) = (MAKER_STAFF, units(0, 10));
		each(
			&mut archive,
			&[
				&|| commission(&from_maker, Run::of(100).input()),
				&|| ship(&from_maker, shipment(load, WHOLESALER)),
				&|| refuse(&WHOLESALE_STAFF, load, NOW + DAY, ev(4)),
				&|| receive_all(&from_maker, load),
				&|| ship(&from_maker, shipment(load, WHOLESALER)),
				&|| receive_all(&WHOLESALE_STAFF, load),
				&|| return_saleable(&WHOLESALE_STAFF, load, NOW + DAY, ev(4)),
				&|| {
					wait(DAY);
					retract(&WHOLESALE_STAFF, load, ev(4))
				},
				&|| ship(&WHOLESALE_STAFF, shipment(load, PHARMACY)),
				&|| {
					wait(TRIP);
					report_lost(&WHOLESALE_STAFF, load, ev(4))
				},
				&|| retract(&WHOLESALE_STAFF, load, ev(4)),
				&|| report_stolen(&WHOLESALE_STAFF, load, ev(4)),
			],
		);
		assert_eq!(
			history(&archive, 5),
			[
				Commissioned,
				Shipped,
				Refused,
				Received,
				Shipped,
				Received,
				Returned,
				Retracted,
				Shipped,
				Lost,
				Found,
				Stolen,
			]
		);
		// What stayed behind has its own short way.
		assert_eq!(history(&archive, 50), [Commissioned]);
	});
}

#[test]
fn splitting_keeps_the_way_that_the_pieces_share() {
	test(|| {
		let mut archive = Archive::default();
		each(
			&mut archive,
			&[
				&|| commission(&MAKER_STAFF, Run::of(30).input()),
				&|| ship(&MAKER_STAFF, shipment(units(0, 30), WHOLESALER)),
				&|| receive(&WHOLESALE_STAFF, units(0, 30), ranges(&[(10, 2)]), ev(3)),
				&|| split(&WHOLESALE_STAFF, range(20, 5)),
				&|| ship(&WHOLESALE_STAFF, shipment(units(22, 1), PHARMACY)),
			],
		);
		assert_eq!(history(&archive, 0), [Commissioned, Shipped, Received]);
		assert_eq!(history(&archive, 10), [Commissioned, Shipped, Missing]);
		assert_eq!(history(&archive, 20), [Commissioned, Shipped, Received]);
		assert_eq!(history(&archive, 22), [Commissioned, Shipped, Received, Shipped]);
	});
}

#[test]
fn what_happened_to_a_unit_of_logistics_is_found_from_what_was_in_it() {
	test(|| {
		let mut archive = Archive::default();
		each(
			&mut archive,
			&[
				&|| commission(&MAKER_STAFF, Run::of(100).input()),
				&|| pack(&MAKER_STAFF, lu(1), contents(&[units(0, 10)]), ev(5)),
				&|| pack(&MAKER_STAFF, lu(2), contents(&[logistic(1), units(20, 10)]), ev(6)),
				&|| ship(&MAKER_STAFF, shipment(logistic(2), WHOLESALER)),
				&|| receive_all(&WHOLESALE_STAFF, logistic(2)),
			],
		);
		let packed = [Commissioned, Packed, Packed, Shipped, Received];
		assert_eq!(history(&archive, 0), packed);
		assert_eq!(history(&archive, 20), [Commissioned, Packed, Shipped, Received]);
		each(&mut archive, &[&|| unpack(&WHOLESALE_STAFF, lu(2), ev(7))]);
		assert_eq!(history(&archive, 20), [Commissioned, Packed, Shipped, Received, Unpacked]);
		assert_eq!(history(&archive, 0), [Commissioned, Packed, Packed, Shipped, Received, Unpacked]);
		each(
			&mut archive,
			&[
				&|| ship(&WHOLESALE_STAFF, shipment(logistic(1), PHARMACY)),
				&|| receive_all(&PHARMACIST, logistic(1)),
				&|| unpack(&PHARMACIST, lu(1), ev(7)),
				// The same number again, for another case.
				&|| pack(&PHARMACIST, lu(1), contents(&[units(0, 5)]), ev(8)),
			],
		);
		let on = [Commissioned, Packed, Packed, Shipped, Received, Unpacked, Shipped, Received, Unpacked];
		assert_eq!(history(&archive, 7), on);
		assert_eq!(history(&archive, 3), [&on[..], &[Packed]].concat());
	});
}

#[test]
fn what_is_missing_of_a_unit_keeps_the_way_it_shared_with_it() {
	test(|| {
		let mut archive = Archive::default();
		each(
			&mut archive,
			&[
				&|| commission(&MAKER_STAFF, Run::of(100).input()),
				&|| pack(&MAKER_STAFF, lu(1), contents(&[units(0, 10)]), ev(5)),
				&|| pack(&MAKER_STAFF, lu(2), contents(&[logistic(1), units(20, 10)]), ev(6)),
				&|| ship(&MAKER_STAFF, shipment(logistic(2), WHOLESALER)),
				&|| receive(&WHOLESALE_STAFF, logistic(2), ranges(&[(3, 2), (20, 1)]), ev(3)),
				&|| retract(&MAKER_STAFF, units(20, 1), ev(4)),
			],
		);
		let way = history(&archive, 3);
		assert_eq!((way.first(), way.last()), (Some(&Commissioned), Some(&Missing)));
		assert!(way.contains(&Shipped) && !way.contains(&Received), "{way:?}");
		let way = history(&archive, 20);
		assert_eq!((way.first(), way.last()), (Some(&Commissioned), Some(&Retracted)));
		assert!(way.contains(&Missing) && way.contains(&Shipped), "{way:?}");
		assert_eq!(history(&archive, 0).last(), Some(&Received));
	});
}

#[test]
fn two_steps_of_one_block_are_told_apart() {
	test(|| {
		let mut archive = Archive::default();
		commissioned(10);
		sold(units(0, 10), &MAKER_STAFF, WHOLESALER, &WHOLESALE_STAFF);
		sold(units(0, 10), &WHOLESALE_STAFF, PHARMACY, &PHARMACIST);
		archive.seal();
		assert_eq!(history(&archive, 0), [Commissioned, Shipped, Received, Shipped, Received]);
	});
}
