//! Medicines from the factory to the patient, and what following them costs.

use super::{transactions::transaction, *};
use frame_support::{
	traits::fungible::InspectHold,
	weights::{constants::WEIGHT_REF_TIME_PER_SECOND, Weight},
};
use pallet_drug_provenance::Call as Drug;
use salus_primitives::{
	api::runtime_decl_for_drug_api::DrugApi,
	drug::{
		is_whole, leaf, BatchInput, Custody, Dispense, Load, ProductInput, RecallClass, RecallReason, RecallScope,
		RemovalKind, Shipment, StepKind, TracedStep, UnitProof, UnitQuery, UnitRange, UnitStatus, Verdict,
		MAX_DISPENSES, MAX_PACKED, MAX_PROOF, MAX_RANGES, MAX_RANGE_UNITS,
	},
	gs1::{Gtin, Lot},
	merkle, Moment,
};

use crate::configs::health::{DrugHoldReason, SuspicionHoldReason, SUSPICION_BOND};

const GTIN: Gtin = Gtin(9_506_000_134_352);
const EXPIRY: Moment = NOW + 300 * DAY;
const UNITS: u32 = 5;

/// An inspector (Ferdie), a manufacturer (Dave) and a pharmacy (Eve).
pub struct Supply {
	maker: OrgId,
	pharmacy: OrgId,
}

fn lot() -> Lot {
	b"A1-2027".to_vec().try_into().expect("short enough")
}

fn accredit(who: Sr25519Keyring, role: OrgRole, name: &[u8]) -> OrgId {
	let org = pallet_participants::NextOrg::<Runtime>::get();
	let input = OrganisationInput {
		roles: OrgRoleSet::of(&[role]),
		legal_entity: Hash::repeat_byte(org as u8 + 1),
		..hospital(name)
	};
	let who = who.to_account_id();
	assert_ok!(council(
		&[Alice, Bob],
		pallet_participants::Call::admit_organisation { org: input, admin: who.clone() }
	));
	let roles = MemberRoleSet::of(&[MemberRole::Logistics, MemberRole::Pharmacist, MemberRole::Quality]);
	assert_ok!(Participants::add_member(RuntimeOrigin::signed(who.clone()), org, who, roles, None, None));
	org
}

fn mac(index: u32) -> Hash {
	Hash::repeat_byte(index as u8 + 1)
}

fn leaves() -> Vec<Vec<u8>> {
	(0..UNITS).map(|index| leaf(GTIN, &lot(), 0, &mac(index))).collect()
}

fn unit(index: u32) -> UnitProof {
	let proof = merkle::proof(&leaves(), index).expect("the unit is in the batch");
	UnitProof { index, mac: mac(index), proof: proof.try_into().expect("few levels") }
}

fn scan(index: u32) -> UnitQuery {
	UnitQuery { gtin: GTIN, lot: lot(), run: 0, expiry: EXPIRY, unit: unit(index), other: None }
}

pub fn verdict(index: u32) -> Verdict {
	Runtime::verify_unit(scan(index)).verdict
}

fn everything() -> UnitRange {
	UnitRange { batch: 0, start: 0, len: UNITS }
}

fn shipment(to: OrgId) -> RuntimeCall {
	let shipment = Shipment {
		load: Load::Units(everything()),
		to,
		carrier: None,
		sale: true,
		deadline: NOW + 3 * DAY,
		package: Hash::zero(),
		event: Hash::repeat_byte(0xe2),
	};
	Drug::ship { shipment }.into()
}

fn receipt() -> RuntimeCall {
	let load = Load::Units(everything());
	Drug::receive { load, missing: Default::default(), event: Hash::repeat_byte(0xe3) }.into()
}

fn dispense(index: u32) -> RuntimeCall {
	Drug::dispense { dispense: Dispense { batch: 0, unit: unit(index), at: None } }.into()
}

fn recall() -> RuntimeCall {
	let scope = RecallScope::Batch(0);
	Drug::recall { scope, class: RecallClass::I, reason: RecallReason::Contamination }.into()
}

fn suspicion() -> RuntimeCall {
	Drug::report_suspect { load: Load::Units(UnitRange { batch: 0, start: 1, len: 1 }) }.into()
}

impl Supply {
	/// The batch is commissioned, and with its manufacturer.
	fn until_commissioned() -> Self {
		Self::of(Ferdie, Dave, Eve)
	}

	/// The same, with these as inspector, manufacturer and pharmacy.
	pub fn of(inspector: Sr25519Keyring, manufacturer: Sr25519Keyring, dispenser: Sr25519Keyring) -> Self {
		accredit(inspector, OrgRole::Regulator, b"Agency");
		let maker = accredit(manufacturer, OrgRole::Manufacturer, b"Maker");
		let pharmacy = accredit(dispenser, OrgRole::Dispenser, b"High Street Pharmacy");
		let product = ProductInput { gtin: GTIN, owner: maker, storage: None, device: false };
		assert_ok!(dispatch(inspector, Drug::register_product { product }));
		let batch = BatchInput {
			gtin: GTIN,
			lot: lot(),
			run: 0,
			expiry: EXPIRY,
			units: UNITS,
			root: merkle::root(&leaves()),
			meta: Hash::repeat_byte(0xee),
			event: Hash::repeat_byte(0xe1),
		};
		assert_ok!(dispatch(manufacturer, Drug::commission { batch }));
		Self { maker, pharmacy }
	}

	/// The batch is with the pharmacy.
	fn until_received() -> Self {
		let supply = Self::until_commissioned();
		assert_ok!(dispatch(Dave, shipment(supply.pharmacy)));
		assert_ok!(dispatch(Eve, receipt()));
		supply
	}
}

mod story {
	use super::*;

	#[test]
	fn a_pack_is_made_shipped_received_dispensed_and_never_dispensed_again() {
		development(|| {
			assert_eq!(verdict(2), Verdict::UnknownProduct);
			let supply = Supply::until_commissioned();
			let answer = Runtime::verify_unit(scan(2));
			assert_eq!(
				(answer.verdict, answer.batch, answer.custodian),
				(Verdict::Genuine, Some(0), Some(supply.maker))
			);
			assert_eq!((answer.custodian_name, answer.now), (Some(b"Maker".to_vec()), NOW));

			assert_ok!(dispatch(Dave, shipment(supply.pharmacy)));
			assert_eq!(verdict(2), Verdict::InTransit);
			assert_ok!(dispatch(Eve, receipt()));
			let answer = Runtime::verify_unit(scan(2));
			assert_eq!((answer.verdict, answer.custodian), (Verdict::Genuine, Some(supply.pharmacy)));
			assert_eq!(Runtime::stock(supply.pharmacy, None, 10).items[0].units, UNITS);

			assert_ok!(dispatch(Eve, dispense(2)));
			let answer = Runtime::verify_unit(scan(2));
			assert_eq!(answer.verdict, Verdict::AlreadyDispensed);
			let left = answer.left.expect("it left the market");
			assert_eq!((left.status, left.org, left.at), (UnitStatus::Dispensed, Some(supply.pharmacy), Some(NOW)));
			assert_eq!(Runtime::stock(supply.pharmacy, None, 10).items[0].units, UNITS - 1);
			assert_eq!(verdict(3), Verdict::Genuine);
			assert_eq!(Runtime::alerts(), []);

			// A clone of the same pack at the same counter: no error, or the alert would be undone with it.
			assert_ok!(dispatch(Eve, dispense(2)));
			let alerts = Runtime::alerts();
			assert_eq!((alerts.len(), alerts[0].batch, alerts[0].index), (1, 0, 2));
			assert_eq!((alerts[0].verdict, alerts[0].org), (Verdict::AlreadyDispensed, supply.pharmacy));
			assert_eq!(alerts[0].who, Eve.to_account_id());
		})
	}

	#[test]
	fn the_chain_of_custody_is_in_the_events_of_its_blocks() {
		development(|| {
			let supply = Supply::until_received();
			let parcel = Runtime::parcel(0, 4).expect("there is one");
			assert_eq!((parcel.units, parcel.custody, parcel.owner), (everything(), Custody::Held, supply.pharmacy));
			let (mut link, mut steps) = (parcel.chain, Vec::new());
			while link.head != Hash::zero() {
				let step = Runtime::custody_step(link.head).expect("all of it happened in this block");
				steps.push(TracedStep { within: None, block: link.block, step });
				link = step.previous;
			}
			let kinds: Vec<_> = steps.iter().map(|traced| traced.step.kind).collect();
			assert_eq!(kinds, [StepKind::Received, StepKind::Shipped, StepKind::Commissioned]);
			assert!(is_whole(&[parcel.chain.head], &steps));
			assert_eq!(Runtime::custody_step(Hash::repeat_byte(9)), None);
		})
	}

	#[test]
	fn a_recall_holds_in_the_block_that_takes_it() {
		development(|| {
			Supply::until_received();
			assert_ok!(dispatch(Dave, recall()));
			assert_eq!(verdict(1), Verdict::Recalled);
			assert_ok!(dispatch(Eve, dispense(1)));
			assert_eq!(Runtime::alerts()[0].verdict, Verdict::Recalled);
			assert_eq!(Runtime::unit(0, 1).expect("it is in the batch").status, UnitStatus::Active);
		})
	}

	#[test]
	fn in_safe_mode_medicines_are_still_recalled_and_suspected_but_not_moved() {
		development(|| {
			let supply = Supply::until_commissioned();
			assert_ok!(council(&[Alice, Bob], pallet_safe_mode::Call::force_enter {}));
			assert_noop!(dispatch(Dave, shipment(supply.pharmacy)), frame_system::Error::<Runtime>::CallFiltered);
			assert_ok!(dispatch(Eve, suspicion()));
			assert_eq!(verdict(1), Verdict::Suspect);
			assert_ok!(dispatch(Dave, recall()));
			assert_eq!(verdict(0), Verdict::Recalled);
			// What lets goods back into trade waits.
			let lift = Drug::lift_recall { scope: RecallScope::Batch(0) };
			assert_noop!(dispatch(Dave, lift), frame_system::Error::<Runtime>::CallFiltered);
		})
	}

	#[test]
	fn a_report_of_suspicion_is_bonded_and_an_unfounded_one_costs_the_bond() {
		development(|| {
			Supply::until_commissioned();
			let eve = Eve.to_account_id();
			assert!(Balances::balance_on_hold(&DrugHoldReason::get(), &Dave.to_account_id()) > 0);
			assert_ok!(dispatch(Eve, suspicion()));
			assert_eq!(Balances::balance_on_hold(&SuspicionHoldReason::get(), &eve), SUSPICION_BOND);
			let issued = Balances::total_issuance();
			let load = Load::Units(UnitRange { batch: 0, start: 1, len: 1 });
			assert_ok!(dispatch(Ferdie, Drug::clear_suspect { load, report: Some(0), unfounded: true }));
			assert_eq!(Balances::balance_on_hold(&SuspicionHoldReason::get(), &eve), 0);
			assert_eq!(Balances::total_issuance(), issued - SUSPICION_BOND);
		})
	}

	#[test]
	fn a_health_proxy_acts_for_a_pharmacy_too() {
		use configs::system::ProxyType;
		use frame_support::traits::InstanceFilter;
		assert!(ProxyType::Health.filter(&dispense(0)));
		assert!(!ProxyType::Council.filter(&dispense(0)));
	}
}

mod weights {
	use super::*;

	fn weight(call: impl Into<RuntimeCall>) -> Weight {
		call.into().get_dispatch_info().call_weight
	}

	fn longest_proof() -> UnitProof {
		UnitProof { index: 0, mac: mac(0), proof: vec![Hash::zero(); MAX_PROOF as usize].try_into().expect("the most") }
	}

	fn list<T: Clone, S: frame_support::traits::Get<u32>>(item: T, count: u32) -> sp_runtime::BoundedVec<T, S> {
		vec![item; count as usize].try_into().unwrap_or_else(|_| panic!("{count} are too many"))
	}

	#[test]
	fn the_heaviest_calls_fit_into_a_block() {
		let (load, event) = (Load::Units(everything()), Hash::zero());
		let range = UnitRange { batch: 0, start: 0, len: MAX_RANGE_UNITS };
		let one = Dispense { batch: 0, unit: longest_proof(), at: Some(NOW) };
		let case = Load::Logistic(Hash::zero());
		let calls: [(&str, Drug<Runtime>); 8] = [
			("pack", Drug::pack { unit: Hash::zero(), contents: list(load, MAX_PACKED), event }),
			("unpack", Drug::unpack { unit: Hash::zero(), event }),
			(
				"ship",
				Drug::ship {
					shipment: Shipment {
						load: case,
						to: 0,
						carrier: Some(0),
						sale: true,
						deadline: NOW,
						package: event,
						event,
					},
				},
			),
			("receive", Drug::receive { load: case, missing: list(everything(), MAX_RANGES), event }),
			("dispense_many", Drug::dispense_many { dispenses: list(one, MAX_DISPENSES) }),
			(
				"decommission_range",
				Drug::decommission_range { ranges: list(range, 1), kind: RemovalKind::Decommissioned, event },
			),
			("destroy", Drug::destroy { ranges: list(range, 1), event }),
			(
				"recall",
				Drug::recall { scope: RecallScope::Units(range), class: RecallClass::I, reason: RecallReason::Quality },
			),
		];
		let most = configs::system::RuntimeBlockWeights::get().get(DispatchClass::Normal).max_extrinsic;
		let most = most.expect("normal transactions have a limit");
		for (name, call) in calls {
			let weight = weight(call);
			println!("{name}: {weight:?} of {most:?}");
			assert!(weight.all_lte(most), "{name} weighs {weight:?}, and a transaction at most {most:?}");
		}
	}

	/// An estimate until the weights are generated on the machines that the chain is for.
	/// As a plan of cases is submitted: a hundred packs in each, one after the other.
	#[test]
	fn two_hundred_cases_are_packed_in_one_transaction() {
		development(|| {
			Supply::until_commissioned();
			let (cases, packs) = (200, 100);
			let batch = BatchInput {
				gtin: GTIN,
				lot: lot(),
				run: 1,
				expiry: EXPIRY,
				units: cases * packs,
				root: Hash::repeat_byte(1),
				meta: Hash::repeat_byte(0xee),
				event: Hash::repeat_byte(0xe1),
			};
			assert_ok!(dispatch(Dave, Drug::commission { batch }));
			let pack = |case: u32| -> RuntimeCall {
				let load = Load::Units(UnitRange { batch: 1, start: case * packs, len: packs });
				let unit = Hash::from_low_u64_be(case.into());
				Drug::pack { unit, contents: list(load, 1), event: Hash::repeat_byte(0xe4) }.into()
			};
			let all: RuntimeCall = pallet_utility::Call::batch_all { calls: (0..cases).map(pack).collect() }.into();
			let most = configs::system::RuntimeBlockWeights::get().get(DispatchClass::Normal).max_extrinsic;
			let most = most.expect("normal transactions have a limit");
			let declared = transaction(Dave, all.clone()).get_dispatch_info().total_weight();
			assert!(declared.all_lte(most), "{declared:?} of {most:?}");

			let done = all.dispatch(RuntimeOrigin::signed(Dave.to_account_id())).expect("all are packed");
			assert!(done.actual_weight.expect("it is told").all_lt(declared));
			let last = Runtime::parcel(1, cases * packs - 1).expect("there is one");
			assert_eq!(last.units, UnitRange { batch: 1, start: (cases - 1) * packs, len: packs });
		})
	}

	#[test]
	fn a_core_dispenses_five_hundred_packs_a_second() {
		development(|| {
			let call = Drug::dispense { dispense: Dispense { batch: 0, unit: longest_proof(), at: None } };
			let own = weight(call.clone()).ref_time();
			let info = transaction(Eve, call.into()).get_dispatch_info();
			let base = configs::system::RuntimeBlockWeights::get().get(info.class).base_extrinsic;
			let whole = info.total_weight().saturating_add(base).ref_time();
			let a_second = |time: u64| WEIGHT_REF_TIME_PER_SECOND / time;
			println!("estimate: {} dispenses a second, {} as transactions", a_second(own), a_second(whole));
			assert!(a_second(own) >= 500, "{} dispenses a second", a_second(own));
		})
	}

	/// An estimate until the weights are generated on the machines that the chain is for.
	#[test]
	fn a_core_decommissions_a_hundred_thousand_packs_a_second() {
		let range = UnitRange { batch: 0, start: 0, len: MAX_RANGE_UNITS };
		let call =
			Drug::decommission_range { ranges: list(range, 1), kind: RemovalKind::Decommissioned, event: Hash::zero() };
		let time = u128::from(weight(call).ref_time());
		let a_second = u128::from(MAX_RANGE_UNITS) * u128::from(WEIGHT_REF_TIME_PER_SECOND) / time;
		println!("estimate: {a_second} units a second decommissioned by range");
		assert!(a_second >= 100_000, "{a_second} units a second");
	}
}
