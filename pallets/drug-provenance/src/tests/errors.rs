//! Every error that the pallet declares is met by a call.

use super::*;
use salus_primitives::drug::MAX_RUNS;
use scale_info::{TypeDef, TypeInfo};
use std::collections::BTreeSet;

fn commission_with(change: fn(&mut BatchInput)) -> DispatchResult {
	let mut input = Run { run: 1, ..Run::of(4) }.input();
	change(&mut input);
	commission(&MAKER_STAFF, input)
}

fn register(gtin: Gtin, owner: OrgId) -> DispatchResult {
	register_product(&INSPECTOR, ProductInput { gtin, owner, storage: None, device: false })
}

fn send(load: Load) -> DispatchResult {
	ship(&PHARMACIST, shipment(load, RIVAL))
}

/// One refused call for each error, where the pharmacy bought all ten units of batch 0 from the maker.
fn calls() -> Vec<(Refusal, fn() -> DispatchResult)> {
	vec![
		(Refusal::NotFound, || unpack(&PHARMACIST, lu(1), ev(6))),
		(Refusal::AlreadyExists, || register(DRUG, MAKER)),
		(Refusal::NotAuthorized, || split(&STRANGER, range(0, 1))),
		(Refusal::NotAccredited, || register(UNKNOWN, PHARMACY)),
		(Refusal::NotCustodian, || split(&RIVAL_PHARMACIST, range(0, 1))),
		(Refusal::NotOwner, || {
			assert_ok!(ship(&PHARMACIST, Shipment { sale: false, ..shipment(units(0, 10), RIVAL) }));
			assert_ok!(receive_all(&RIVAL_PHARMACIST, units(0, 10)));
			ship(&RIVAL_PHARMACIST, shipment(units(0, 10), WHOLESALER))
		}),
		(Refusal::NotAddressee, || {
			assert_ok!(send(units(0, 10)));
			receive_all(&WHOLESALE_STAFF, units(0, 10))
		}),
		(Refusal::InvalidGtin, || register(Gtin(1), MAKER)),
		(Refusal::InvalidLot, || commission_with(|input| input.lot = lot(" "))),
		(Refusal::InvalidRule, || {
			let storage = Some(salus_primitives::drug::StorageRule { interval: 0, ..COLD });
			register_product(&INSPECTOR, ProductInput { gtin: UNKNOWN, owner: MAKER, storage, device: false })
		}),
		(Refusal::InvalidRange, || split(&PHARMACIST, range(9, 2))),
		(Refusal::InvalidQuantity, || commission_with(|input| input.units = 0)),
		(Refusal::WrongRun, || commission_with(|input| input.run = 5)),
		(Refusal::ExpiryMismatch, || commission_with(|input| input.expiry += 1)),
		(Refusal::InvalidMoment, || ship(&PHARMACIST, Shipment { deadline: 0, ..shipment(units(0, 1), RIVAL) })),
		(Refusal::Expired, || commission_with(|input| input.expiry = NOW)),
		(Refusal::InvalidRoot, || commission_with(|input| input.root = H256::zero())),
		(Refusal::InvalidProof, || {
			let unit = UnitProof { mac: H256::zero(), ..Run::of(10).unit(0) };
			dispense(&PHARMACIST, Dispense { unit, ..of(&Run::of(10), 0) })
		}),
		(Refusal::SpansParcels, || {
			assert_ok!(split(&PHARMACIST, range(0, 5)));
			split(&PHARMACIST, range(4, 2))
		}),
		(Refusal::Packed, || {
			assert_ok!(pack(&PHARMACIST, lu(1), contents(&[units(0, 10)]), ev(5)));
			split(&PHARMACIST, range(4, 2))
		}),
		(Refusal::NotMergeable, || {
			assert_ok!(report_suspect(&CLERK, units(0, 5)));
			merge(&PHARMACIST, 0, 4)
		}),
		(Refusal::WrongCustody, || receive_all(&PHARMACIST, units(0, 10))),
		(Refusal::NotOverdue, || {
			assert_ok!(send(units(0, 10)));
			retract(&PHARMACIST, units(0, 10), ev(4))
		}),
		(Refusal::OnHold, || {
			assert_ok!(report_suspect(&CLERK, units(0, 5)));
			send(units(0, 5))
		}),
		(Refusal::NotOnHold, || clear_suspect(&INSPECTOR, units(0, 5), None, false)),
		(Refusal::Recalled, || {
			assert_ok!(recall(&MAKER_QP, RecallScope::Batch(0), RecallClass::I, RecallReason::Quality));
			send(units(0, 5))
		}),
		(Refusal::NotRecalled, || lift_recall(&MAKER_QP, RecallScope::Batch(0))),
		(Refusal::NotActive, || {
			assert_ok!(destroy(&PHARMACIST, ranges(&[(0, 1)]), ev(9)));
			destroy(&PHARMACIST, ranges(&[(0, 1)]), ev(9))
		}),
		(Refusal::NotUndoable, || undo_dispense(&PHARMACIST, 0, 0)),
		(Refusal::NotBought, || {
			assert_ok!(commission_with(|_| ()));
			let made = Load::Units(UnitRange { batch: 1, start: 0, len: 1 });
			return_saleable(&MAKER_STAFF, made, NOW + DAY, ev(4))
		}),
		(Refusal::NoExcursion, || {
			let readings = Readings { min: 0, max: 0, minutes: 9, longest_gap: 0 };
			log_excursion(&PHARMACIST, units(0, 10), readings, ev(8))
		}),
		(Refusal::NotDisputable, || dispute_package(&PHARMACIST, units(0, 10), ev(8))),
		(Refusal::Empty, || destroy(&PHARMACIST, Ranges::new(), ev(9))),
		(Refusal::TooManyRuns, || {
			for run in 1..MAX_RUNS as u16 {
				assert_ok!(commission(&MAKER_STAFF, Run { run, ..Run::of(4) }.input()));
			}
			commission(&MAKER_STAFF, Run { run: MAX_RUNS as u16, ..Run::of(4) }.input())
		}),
		(Refusal::TooMany, || {
			for n in 1..=3 {
				let load = if n == 1 { units(0, 10) } else { logistic(n - 1) };
				assert_ok!(pack(&PHARMACIST, lu(n), contents(&[load]), ev(5)));
			}
			pack(&PHARMACIST, lu(4), contents(&[logistic(3)]), ev(5))
		}),
		(Refusal::TooManyReports, || (0..10).try_for_each(|n| report_suspect(&CLERK, units(n, 1)))),
		(Refusal::Exhausted, || {
			NextBatch::<Test>::put(u32::MAX);
			commission_with(|_| ())
		}),
		(Refusal::NotPrunable, || prune(&STRANGER, Prunable::Parcel { batch: 0, last: 9 })),
		(Refusal::WrongKind, || decommission_range(&PHARMACIST, ranges(&[(0, 1)]), RemovalKind::Destroyed, ev(9))),
	]
}

/// Every variant that the metadata tells clients of.
fn declared() -> Vec<&'static str> {
	match Refusal::type_info().type_def {
		TypeDef::Variant(variants) => variants.variants.iter().map(|variant| variant.name).collect(),
		other => panic!("errors are variants, not {other:?}"),
	}
}

#[test]
fn every_declared_error_refuses_some_call() {
	let mut met = BTreeSet::new();
	for (expected, call) in calls() {
		bare_ext().execute_with(|| {
			populate();
			at_pharmacy(10);
			let refusal = call().expect_err("the call is refused");
			assert_eq!(refusal, expected.into());
			met.insert(<&'static str>::from(refusal));
		});
	}
	assert_eq!(met, declared().into_iter().collect());
}

/// Clients decode errors by their number: appending is the only change that they survive.
#[test]
fn errors_keep_their_index() {
	for (index, (error, _)) in calls().into_iter().enumerate() {
		let DispatchError::Module(module) = DispatchError::from(error) else { panic!("an error of a pallet") };
		assert_eq!(usize::from(module.error[0]), index, "{:?}", module.message);
	}
}
