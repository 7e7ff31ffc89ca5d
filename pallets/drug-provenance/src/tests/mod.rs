//! What the pallet does, by behaviour. Each test ends with a check of what always holds.

mod calls;
mod commissioning;
mod deposits;
mod dispensing;
mod errors;
mod excursions;
mod invariants;
mod logistics;
mod missing;
mod misuse;
mod model;
mod moving;
mod parcels;
mod products;
mod pruning;
mod recalls;
mod removal;
mod replay;
mod returns;
mod sequences;
mod size;
mod stock;
mod suspicion;
mod verdicts;
mod views;
mod weights;

use crate::{mock::*, types::Content, *};
use calls::*;
use frame_support::{assert_noop, assert_ok, hypothetically, BoundedVec};
use salus_primitives::{
	drug::{Custody, Hold, Link, StepKind, UnitProof},
	time::DAY,
};

type Refusal = Error<Test>;

/// How long a shipment may take.
const TRIP: Moment = 7 * DAY;

fn range(start: u32, len: u32) -> UnitRange {
	UnitRange { batch: 0, start, len }
}

/// Units of batch 0.
fn units(start: u32, len: u32) -> Load {
	Load::Units(range(start, len))
}

fn logistic(n: u8) -> Load {
	Load::Logistic(lu(n))
}

fn ranges(ranges: &[(u32, u32)]) -> Ranges {
	Ranges::truncate_from(ranges.iter().map(|(start, len)| range(*start, *len)).collect())
}

fn contents(loads: &[Load]) -> Contents {
	Contents::truncate_from(loads.to_vec())
}

/// Commissions the first run of a lot, so many units, as the next batch.
fn commissioned(units: u32) -> Run {
	let run = Run::of(units);
	assert_ok!(commission(&MAKER_STAFF, run.input()));
	run
}

/// Commissions a run of the vaccine.
fn commissioned_vaccine(units: u32) -> Run {
	let run = Run { gtin: VACCINE, ..Run::of(units) };
	assert_ok!(commission(&MAKER_STAFF, run.input()));
	run
}

/// A sale that may take [`TRIP`].
fn shipment(load: Load, to: OrgId) -> Shipment {
	let (deadline, package) = (now() + TRIP, H256::zero());
	Shipment { load, to, carrier: None, sale: true, deadline, package, event: ev(2) }
}

fn all(load: Load) -> (Load, Ranges, H256) {
	(load, Ranges::new(), ev(3))
}

/// Receives all of it.
fn receive_all(who: &AccountId, load: Load) -> DispatchResult {
	let (load, missing, event) = all(load);
	receive(who, load, missing, event)
}

/// Sells and receives.
fn sold(load: Load, from: &AccountId, to: OrgId, by: &AccountId) {
	assert_ok!(ship(from, shipment(load, to)));
	assert_ok!(receive_all(by, load));
}

/// A run of so many units that the pharmacy bought from the maker.
fn at_pharmacy(count: u32) -> Run {
	let run = commissioned(count);
	sold(units(0, count), &MAKER_STAFF, PHARMACY, &PHARMACIST);
	run
}

/// A run of so many units that the wholesaler bought from the maker.
fn at_wholesaler(count: u32) -> Run {
	let run = commissioned(count);
	sold(units(0, count), &MAKER_STAFF, WHOLESALER, &WHOLESALE_STAFF);
	run
}

/// A unit of batch 0 to be dispensed now.
fn of(run: &Run, index: u32) -> Dispense {
	Dispense { batch: 0, unit: run.unit(index), at: None }
}

/// The pharmacy dispenses a unit of batch 0.
fn dispensed(run: &Run, index: u32) {
	assert_ok!(dispense(&PHARMACIST, of(run, index)));
	assert_eq!(last_event(), Event::Dispensed { batch: 0, index, org: PHARMACY, at: now() });
}

/// The parcel of batch 0 that a unit lies in, with its last unit.
fn parcel(index: u32) -> (u32, types::Parcel<TicketOf<Test>>) {
	Parcels::<Test>::iter_prefix(0)
		.map(|(last, parcel)| (last.0, parcel))
		.find(|(last, parcel)| (parcel.start..=*last).contains(&index))
		.expect("the unit lies in a parcel")
}

/// The parcels of batch 0, by their first and last units.
fn parcels() -> Vec<(u32, u32)> {
	Parcels::<Test>::iter_prefix(0).map(|(last, parcel)| (parcel.start, last.0)).collect()
}

fn holding(index: u32) -> types::Holding {
	parcel(index).1.holding
}

fn custody(index: u32) -> Custody {
	holding(index).custody
}

fn holds(index: u32) -> HoldSet {
	parcel(index).1.holds
}

fn unit_of(n: u8) -> types::LogisticUnit<TicketOf<Test>> {
	LogisticUnits::<Test>::get(lu(n)).expect("the unit of logistics is there")
}

/// How much of the medicine an organisation counts.
fn stock(org: OrgId) -> u32 {
	Stock::<Test>::get(org, DRUG)
}

fn hold_set(holds: &[Hold]) -> HoldSet {
	HoldSet::of(holds)
}

fn events() -> Vec<Event<Test>> {
	System::events()
		.into_iter()
		.filter_map(|record| match record.event {
			RuntimeEvent::DrugProvenance(event) => Some(event),
			_ => None,
		})
		.collect()
}

fn last_event() -> Event<Test> {
	events().pop().expect("the pallet told of something")
}

/// The custody steps that were told of.
fn steps() -> Vec<CustodyStep> {
	let steps = events().into_iter().filter_map(|event| match event {
		Event::Custody { head, step } => {
			assert_eq!(head, step.head(), "the head told is the step's");
			Some(step)
		}
		_ => None,
	});
	steps.collect()
}

fn last_step() -> CustodyStep {
	steps().pop().expect("something moved")
}

/// The call would be taken; it is taken back.
fn would(call: impl FnOnce() -> DispatchResult) {
	hypothetically!({
		assert_ok!(call());
	});
}

/// The events of a call.
fn told(call: impl FnOnce() -> DispatchResult) -> Vec<Event<Test>> {
	System::reset_events();
	assert_ok!(call());
	events()
}
