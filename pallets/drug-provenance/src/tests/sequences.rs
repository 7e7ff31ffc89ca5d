//! Random sequences of calls on the pallet and on the reference model, which must agree. `SALUS_PROPTEST_CASES` sets how
//! many sequences are tried.

use super::{
	model::{Model, Place, Unit},
	*,
};
use proptest::{
	collection::vec,
	prelude::*,
	sample::select,
	strategy::ValueTree,
	test_runner::{Config as ProptestConfig, TestRunner},
};
use std::collections::{BTreeMap, BTreeSet};

/// Calls by name, with what each answered.
type Tried = BTreeSet<(&'static str, Result<(), &'static str>)>;

/// How many batches there may be; the largest has 24 units.
const BATCHES: usize = 4;
const TRADERS: [OrgId; 6] = [MAKER, WHOLESALER, BRANCH, PHARMACY, RIVAL, CARRIER];
const SIGNERS: [AccountId; 13] = [
	INSPECTOR,
	MAKER_STAFF,
	MAKER_QP,
	WHOLESALE_STAFF,
	WHOLESALE_QP,
	BRANCH_STAFF,
	DRIVER,
	PHARMACIST,
	LOCUM,
	PHARMACY_QP,
	RIVAL_PHARMACIST,
	CLERK,
	STRANGER,
];

// -------------------------------------------------------------------------------------------------- what is tried

#[derive(Clone, Copy, PartialEq, Debug)]
enum Kind {
	Commission,
	Split,
	Merge,
	Pack,
	Unpack,
	Ship,
	Receive,
	ReceiveInPart,
	Refuse,
	Retract,
	Dispense,
	DispenseMany,
	Undo,
	Remove,
	Destroy,
	Stolen,
	Lost,
	Return,
	Suspect,
	Clear,
	Illegitimate,
	Recall,
	Lift,
	Acknowledge,
	ReleaseQuarantine,
	Log,
	ReleaseExcursion,
	SetRule,
	CancelOrder,
	FulfilOrder,
	PruneDispenses,
	PruneParcel,
	PruneAcknowledgement,
	/// Time passes.
	Wait,
	/// An organisation loses or regains its standing.
	Standing,
}

/// A call, which is made out of numbers when it is its turn: most are aimed at goods that it fits, by who may.
#[derive(Clone, Debug)]
struct Turn {
	kind: Kind,
	aimed: bool,
	signer: Option<AccountId>,
	picks: [u16; 5],
}

fn kinds() -> impl Strategy<Value = Kind> {
	use Kind::*;
	let weighted = [
		(3, Commission),
		(2, Split),
		(4, Merge),
		(7, Pack),
		(4, Unpack),
		(16, Ship),
		(12, Receive),
		(4, ReceiveInPart),
		(3, Refuse),
		(3, Retract),
		(8, Dispense),
		(3, DispenseMany),
		(3, Undo),
		(2, Remove),
		(3, Destroy),
		(2, Stolen),
		(2, Lost),
		(4, Return),
		(3, Suspect),
		(4, Clear),
		(1, Illegitimate),
		(3, Recall),
		(4, Lift),
		(4, Acknowledge),
		(3, ReleaseQuarantine),
		(2, Log),
		(3, ReleaseExcursion),
		(4, SetRule),
		(1, CancelOrder),
		(1, FulfilOrder),
		(3, PruneDispenses),
		(2, PruneParcel),
		(1, PruneAcknowledgement),
		(5, Wait),
		(1, Standing),
	];
	select(weighted.into_iter().flat_map(|(weight, kind)| std::iter::repeat_n(kind, weight)).collect::<Vec<_>>())
}

fn turns() -> impl Strategy<Value = Turn> {
	let signer = prop_oneof![7 => Just(None), 1 => select(SIGNERS.to_vec()).prop_map(Some)];
	(kinds(), prop::bool::weighted(0.85), signer, any::<[u16; 5]>())
		.prop_map(|(kind, aimed, signer, picks)| Turn { kind, aimed, signer, picks })
}

fn sequences() -> impl Strategy<Value = Vec<Turn>> {
	vec(turns(), 50..70)
}

fn pick<T: Clone>(from: &[T], n: u16) -> Option<T> {
	from.get(usize::from(n) % from.len().max(1)).cloned()
}

/// The first of some in three cases of four, and now and then another.
fn mostly<T: Clone>(from: &[T], n: u16) -> T {
	let place = usize::from(n) % (4 * from.len());
	from.get(place).unwrap_or(&from[0]).clone()
}

/// Goods that are packed nowhere, with their place.
fn goods(model: &Model) -> Vec<(Load, Place)> {
	let mut all = Vec::new();
	for batch in 0..model.batches.len() as BatchId {
		for (start, last) in model.parcels(batch) {
			let Unit { parent, place, .. } = model.unit(batch, start);
			if parent.is_none() {
				all.push((Load::Units(UnitRange { batch, start, len: last - start + 1 }), place.clone()));
			}
		}
	}
	let roots = model.cases.iter().filter(|(_, case)| case.parent.is_none());
	all.extend(roots.map(|(id, case)| (Load::Logistic(*id), case.place.clone())));
	all
}

/// Half of the time, some of the units.
fn part(load: Load, n: u16) -> Load {
	match load {
		Load::Units(UnitRange { batch, start, len }) if n % 2 == 0 => {
			let from = u32::from(n / 2) % len;
			let len = 1 + u32::from(n / 64) % (len - from);
			Load::Units(UnitRange { batch, start: start + from, len })
		}
		load => load,
	}
}

/// A member of an organisation; for what only quality may, who answers for it.
fn member_of(org: OrgId, quality: bool) -> AccountId {
	match (org, quality) {
		(REGULATOR, _) => INSPECTOR,
		(MAKER, false) => MAKER_STAFF,
		(MAKER, true) => MAKER_QP,
		(WHOLESALER, false) => WHOLESALE_STAFF,
		(WHOLESALER, true) => WHOLESALE_QP,
		(BRANCH, _) => BRANCH_STAFF,
		(CARRIER, _) => DRIVER,
		(PHARMACY, false) => PHARMACIST,
		(PHARMACY, true) => PHARMACY_QP,
		(RIVAL, _) => RIVAL_PHARMACIST,
		_ => STRANGER,
	}
}

fn addressee(custody: Custody) -> Option<OrgId> {
	match custody {
		Custody::InTransit { to, .. } | Custody::Disputed { to, .. } | Custody::Returning { to, .. } => Some(to),
		Custody::Held | Custody::Lost { .. } => None,
	}
}

fn readings(n: u16) -> Readings {
	let kept = Readings { min: 25, max: 75, minutes: 0, longest_gap: 10 };
	[kept, Readings { max: 200, minutes: 30, ..kept }, Readings { min: -5, ..kept }, Readings { longest_gap: 21, ..kept }]
		[usize::from(n % 4)]
}

impl Turn {
	fn n(&self, which: usize) -> u16 {
		self.picks[which]
	}

	/// Goods that pass the test, or any numbers at all.
	fn load(&self, model: &Model, fits: impl Fn(&Load, &Place) -> bool) -> (Load, Option<Place>) {
		let fitting: Vec<_> = goods(model).into_iter().filter(|(load, place)| fits(load, place)).collect();
		match pick(&fitting, self.n(0)).filter(|_| self.aimed) {
			Some((load, place)) => (part(load, self.n(1)), Some(place)),
			None if self.n(0) % 3 == 0 => (Load::Logistic(lu(self.n(1) as u8 % 5)), None),
			None => {
				let (batch, start, len) = (self.n(0) % 3, self.n(1) % 26, self.n(2) % 8);
				(Load::Units(UnitRange { batch: batch.into(), start: start.into(), len: len.into() }), None)
			}
		}
	}

	fn held(&self, model: &Model) -> (Load, Option<Place>) {
		self.load(model, |_, place| place.custody == Custody::Held)
	}

	/// A range, whatever was found.
	fn range(load: Load) -> UnitRange {
		match load {
			Load::Units(range) => range,
			Load::Logistic(_) => UnitRange { batch: 0, start: 0, len: 3 },
		}
	}

	fn deadline(&self, model: &Model) -> Moment {
		model.now + mostly(&[TRIP, DAY, 1, 90 * DAY, 0, 91 * DAY], self.n(3))
	}

	fn dispense(&self, model: &Model, shift: u16) -> (Dispense, Option<OrgId>) {
		let here = |batch: BatchId, index: u32| {
			let place = model.effective(batch, index);
			let active = model.unit(batch, index).status == UnitStatus::Active || self.n(2) % 3 == 0;
			active && matches!(place.custodian, PHARMACY | RIVAL) && place.custody == Custody::Held
		};
		let mut fitting = model.all_units();
		if self.aimed {
			fitting.retain(|(batch, index)| here(*batch, *index));
		}
		let (batch, index) = pick(&fitting, self.n(0).wrapping_add(shift)).unwrap_or((0, 0));
		let org = model.batches.get(batch as usize).map(|_| model.effective(batch, index).custodian);
		let run = model.batches.get(batch as usize).map_or(Run::of(5), |batch| batch.run.clone());
		let mut unit = run.unit(index);
		if self.n(3) % 31 == 0 {
			unit.mac = run.mac(index + 1);
		}
		let offline = [0, DAY, OFFLINE, OFFLINE + 1].map(|time| Some(model.now - time));
		let moments = [&[None][..], &offline, &[Some(model.now + 1)]].concat();
		let at = mostly(&moments, self.n(4));
		(Dispense { batch, unit, at }, org)
	}

	/// What is called, and by whom as a rule.
	fn call(&self, model: &Model) -> (OrgId, bool, Call<Test>) {
		let event = ev(self.n(4) as u8 % 16);
		let by = |place: &Option<Place>| place.as_ref().map_or(MAKER, |place| place.custodian);
		let addressed = |place: &Option<Place>| place.as_ref().and_then(|place| addressee(place.custody)).unwrap_or(RIVAL);
		match self.kind {
			Kind::Commission => (MAKER, false, Call::commission { batch: self.batch(model) }),
			Kind::Split => {
				let (load, place) = self.load(model, |load, place| {
					matches!(load, Load::Units(_)) && place.custody == Custody::Held
				});
				(by(&place), false, Call::split { units: Self::range(load) })
			}
			Kind::Merge => {
				let (load, place) = self.load(model, |load, _| matches!(load, Load::Units(_)));
				let UnitRange { batch, start, len } = Self::range(load);
				// The end of a parcel that has an equal neighbour, if there is one.
				let ends: Vec<_> = (0..model.batches.len() as BatchId)
					.flat_map(|batch| model.parcels(batch).into_iter().map(move |(_, last)| (batch, last)))
					.filter(|(batch, last)| {
						let next = model.batches[*batch as usize].units.get(*last as usize + 1);
						let unit = model.unit(*batch, *last);
						unit.parent.is_none() && next.is_some_and(|next| next.parent.is_none() && next.place == unit.place)
					})
					.collect();
				match pick(&ends, self.n(0)).filter(|_| self.aimed) {
					Some((batch, last)) => {
						let org = model.unit(batch, last).place.custodian;
						(org, false, Call::merge { batch, last })
					}
					None => (by(&place), false, Call::merge { batch, last: start + len.saturating_sub(1) }),
				}
			}
			Kind::Pack => {
				let (first, place) = self.held(model);
				let mut loads = vec![first];
				let alike = |_: &Load, other: &Place| {
					let whose = |place: &Place| (place.owner, place.custodian, place.source, place.custody);
					place.as_ref().is_some_and(|place| whose(other) == whose(place))
				};
				for which in 1..=usize::from(self.n(2) % 3) {
					let other = Turn { picks: [self.n(which + 1), self.n(which), 1, 0, 0], ..self.clone() };
					let (load, _) = other.load(model, alike);
					if !loads.contains(&load) || self.n(3) % 7 == 0 {
						loads.push(load);
					}
				}
				let free = (0..5).map(lu).find(|id| !model.cases.contains_key(id)).filter(|_| self.n(3) % 11 > 0);
				let unit = free.unwrap_or(lu(0));
				(by(&place), false, Call::pack { unit, contents: contents(&loads), event })
			}
			Kind::Unpack => {
				let (load, place) = self.load(model, |load, place| {
					matches!(load, Load::Logistic(_)) && place.custody == Custody::Held
				});
				let unit = match load {
					Load::Logistic(id) => id,
					Load::Units(_) => lu(self.n(0) as u8 % 5),
				};
				(by(&place), false, Call::unpack { unit, event })
			}
			Kind::Ship => {
				let (load, place) = self.held(model);
				let to = pick(&TRADERS, self.n(2)).expect("there are some");
				let carrier = mostly(&[None, Some(CARRIER), Some(CARRIER), Some(RIVAL)], self.n(2) / 8);
				let package = [H256::zero(), ev(9)][usize::from(self.n(4) % 2)];
				let sale = self.n(4) % 4 > 0;
				let shipment = Shipment { load, to, carrier, sale, deadline: self.deadline(model), package, event };
				(by(&place), false, Call::ship { shipment })
			}
			Kind::Receive => {
				let (load, place) = self.load(model, |_, place| addressee(place.custody).is_some());
				(addressed(&place), false, Call::receive { load, missing: Ranges::new(), event })
			}
			Kind::ReceiveInPart => {
				let (load, place) = self.load(model, |_, place| addressee(place.custody).is_some());
				(addressed(&place), false, Call::receive { load, missing: self.missing(model, load), event })
			}
			Kind::Refuse => {
				let (load, place) = self.load(model, |_, place| matches!(place.custody, Custody::InTransit { .. }));
				(addressed(&place), false, Call::refuse { load, deadline: self.deadline(model), event })
			}
			Kind::Retract => {
				let (load, place) = self.load(model, |_, place| place.custody != Custody::Held);
				(by(&place), false, Call::retract { load, event })
			}
			Kind::Dispense => {
				let (dispense, org) = self.dispense(model, 0);
				(org.unwrap_or(PHARMACY), false, Call::dispense { dispense })
			}
			Kind::DispenseMany => {
				let all: Vec<_> = (0..self.n(2) % 4).map(|shift| self.dispense(model, shift)).collect();
				let org = all.first().and_then(|(_, org)| *org).unwrap_or(PHARMACY);
				let dispenses = Dispenses::truncate_from(all.into_iter().map(|(dispense, _)| dispense).collect());
				(org, false, Call::dispense_many { dispenses })
			}
			Kind::Undo => {
				let mut fitting = model.all_units();
				fitting.retain(|(batch, index)| {
					!self.aimed || model.unit(*batch, *index).status == UnitStatus::Dispensed
				});
				let (batch, index) = pick(&fitting, self.n(0)).unwrap_or((0, self.n(1).into()));
				let left = model.batches.get(batch as usize).and_then(|entry| entry.units.get(index as usize)?.left);
				(left.map_or(PHARMACY, |(org, ..)| org), false, Call::undo_dispense { batch, index })
			}
			Kind::Remove | Kind::Destroy => {
				let (load, place) = self.load(model, |load, place| {
					matches!(load, Load::Units(_)) && place.custody == Custody::Held
				});
				let mut ranges = vec![Self::range(load)];
				if self.n(2) % 3 == 0 {
					ranges.push(Self::range(self.load(model, |load, _| matches!(load, Load::Units(_))).0));
				}
				let ranges = Ranges::truncate_from(ranges);
				let kinds = [RemovalKind::Decommissioned, RemovalKind::Exported, RemovalKind::Sample];
				let kind = kinds[usize::from(self.n(3) % 3)];
				let call = match self.kind {
					Kind::Remove => Call::decommission_range { ranges, kind, event },
					_ => Call::destroy { ranges, event },
				};
				(by(&place), false, call)
			}
			Kind::Stolen => {
				let (load, place) = self.load(model, |_, _| true);
				let owner = place.as_ref().map_or(MAKER, |place| place.owner);
				(if self.n(2) % 2 == 0 { owner } else { by(&place) }, false, Call::report_stolen { load, event })
			}
			Kind::Lost => {
				let (load, place) = self.load(model, |_, place| addressee(place.custody).is_some());
				(if self.n(2) % 2 == 0 { addressed(&place) } else { by(&place) }, false, Call::report_lost { load, event })
			}
			Kind::Return => {
				let (load, place) =
					self.load(model, |_, place| place.custody == Custody::Held && place.source.is_some());
				(by(&place), false, Call::return_saleable { load, deadline: self.deadline(model), event })
			}
			Kind::Suspect => {
				let (load, _) = self.load(model, |_, _| true);
				(pick(&TRADERS, self.n(2)).expect("there are some"), false, Call::report_suspect { load })
			}
			Kind::Clear => {
				let (load, _) = self.load(model, |load, _| self.holds(model, *load).contains(Hold::Suspect));
				let open: Vec<_> = model.reports.keys().copied().map(Some).chain([None, Some(90)]).collect();
				let (report, unfounded) = (pick(&open, self.n(2)).flatten(), self.n(3) % 2 == 0);
				(REGULATOR, false, Call::clear_suspect { load, report, unfounded })
			}
			Kind::Illegitimate => {
				let (load, _) = self.load(model, |_, _| true);
				(if self.n(2) % 2 == 0 { REGULATOR } else { MAKER }, true, Call::mark_illegitimate { load })
			}
			Kind::Recall | Kind::Lift => {
				let scope = self.scope(model);
				let class = pick(RecallClass::ALL, self.n(3)).expect("there are some");
				let call = match self.kind {
					Kind::Recall => Call::recall { scope, class, reason: RecallReason::Quality },
					_ => Call::lift_recall { scope },
				};
				(if self.n(4) % 3 == 0 { REGULATOR } else { MAKER }, true, call)
			}
			Kind::Acknowledge => {
				let (load, place) = self.load(model, |load, place| match load {
					Load::Units(UnitRange { batch, start, .. }) => {
						place.custody == Custody::Held && !model.recalls(*batch, *start).is_empty()
					}
					Load::Logistic(_) => false,
				});
				(by(&place), false, Call::acknowledge_recall { units: Self::range(load) })
			}
			Kind::ReleaseQuarantine => {
				let fits = |load: &Load, place: &Place| {
					place.custody == Custody::Held && self.holds(model, *load).contains(Hold::Quarantined)
				};
				let (load, place) = self.load(model, fits);
				(by(&place), true, Call::release_quarantine { load })
			}
			Kind::Log => {
				let (load, place) = self.load(model, |load, _| match load {
					Load::Units(range) => model.batches[range.batch as usize].run.gtin == VACCINE,
					Load::Logistic(_) => true,
				});
				let org = if self.n(3) % 3 == 0 { addressed(&place) } else { by(&place) };
				(org, false, Call::log_excursion { load, readings: readings(self.n(2)), evidence: event })
			}
			Kind::ReleaseExcursion => {
				let (load, _) = self.load(model, |load, _| self.holds(model, *load).contains(Hold::Excursion));
				(MAKER, true, Call::release_excursion { load, evidence: event })
			}
			Kind::SetRule => {
				let supplier = pick(&TRADERS, self.n(0)).expect("there are some");
				let (minimum, quantity) = (u32::from(self.n(1) % 8), u32::from(self.n(2) % 9));
				let rule = Some(ReorderInput { minimum, quantity, supplier }).filter(|_| self.n(3) % 4 > 0);
				let gtin = mostly(&[DRUG, VACCINE, VACCINE, UNKNOWN], self.n(4));
				let org = pick(&[PHARMACY, RIVAL, WHOLESALER], self.n(3)).expect("there are some");
				(org, false, Call::set_reorder_rule { gtin, rule })
			}
			Kind::CancelOrder | Kind::FulfilOrder => {
				let open: Vec<_> = model.orders.iter().map(|(id, (supplier, order))| (*id, *supplier, order.0)).collect();
				let (order, supplier, buyer) = pick(&open, self.n(0)).unwrap_or((7, MAKER, PHARMACY));
				let by = if self.n(1) % 2 == 0 { supplier } else { buyer };
				let call = match self.kind {
					Kind::CancelOrder => Call::cancel_order { supplier, order },
					_ => Call::fulfil_order { supplier, order },
				};
				(by, false, call)
			}
			Kind::PruneDispenses => {
				let left = |unit: &Unit| unit.left.filter(|_| unit.status == UnitStatus::Dispensed || !self.aimed);
				let mut fitting = model.all_units();
				fitting.retain(|(batch, index)| {
					left(model.unit(*batch, *index)).is_some_and(|(.., at)| !self.aimed || at + UNDO <= model.now)
				});
				let batch = fitting.first().map_or(0, |(batch, _)| *batch);
				let of_batch = fitting.iter().filter(|(of, _)| *of == batch).map(|(_, index)| *index);
				let units = BoundedVec::truncate_from(of_batch.take(usize::from(self.n(0) % 4)).collect());
				(MAKER, false, Call::prune { what: Prunable::Dispenses { batch, units } })
			}
			Kind::PruneParcel => {
				let ends: Vec<_> = (0..model.batches.len() as BatchId)
					.flat_map(|batch| model.parcels(batch).into_iter().map(move |(start, last)| (batch, start, last)))
					.filter(|(batch, start, last)| {
						let gone = |index| model.unit(*batch, index).status != UnitStatus::Active;
						!self.aimed || (*start..=*last).all(gone)
					})
					.collect();
				let (batch, _, last) = pick(&ends, self.n(0)).unwrap_or((1, 0, 3));
				(MAKER, false, Call::prune { what: Prunable::Parcel { batch, last } })
			}
			Kind::PruneAcknowledgement => {
				let known: Vec<_> = model.acknowledged.keys().copied().collect();
				let (batch, org) = pick(&known, self.n(0)).unwrap_or((0, PHARMACY));
				(MAKER, false, Call::prune { what: Prunable::Acknowledgement { batch, org } })
			}
			Kind::Wait | Kind::Standing => unreachable!("these are no calls"),
		}
	}

	/// The holds that a load itself has.
	fn holds(&self, model: &Model, load: Load) -> HoldSet {
		model.find(load).map_or(HoldSet::EMPTY, |goods| goods.holds)
	}

	fn batch(&self, model: &Model) -> BatchInput {
		let gtin = if self.n(0) % 2 == 0 { DRUG } else { VACCINE };
		let lot = lot(["L1", "L2"][usize::from(self.n(1) % 2)]);
		let runs = model.batches.iter().filter(|batch| (batch.run.gtin, &batch.run.lot) == (gtin, &lot)).count();
		let run = runs as u16 + u16::from(self.n(2) % 9 == 0);
		let expiry = NOW + [20, 60][usize::from(self.n(1) % 2)] * DAY + u64::from(self.n(3) % 13 == 0);
		Run { gtin, lot, run, expiry, units: 3 + u32::from(self.n(4)) % 22 }.input()
	}

	fn missing(&self, model: &Model, load: Load) -> Ranges {
		let Ok(goods) = model.find(load) else { return ranges(&[(0, 1)]) };
		let one = |n: u16| {
			let (batch, start) = pick(&goods.units, n)?;
			let len = 1 + u32::from(n / 97 % 3);
			Some(UnitRange { batch, start, len })
		};
		let count = 1 + usize::from(self.n(2) % 3);
		Ranges::truncate_from((0..count).filter_map(|which| one(self.n(which + 1))).collect())
	}

	fn scope(&self, model: &Model) -> RecallScope {
		let batch = u32::from(self.n(0)) % model.batches.len().max(1) as u32;
		// What is recalled, so that it is lifted or changed.
		if self.aimed && self.kind == Kind::Lift {
			let mut open: Vec<_> = model.lots.keys().map(|(gtin, lot)| RecallScope::Lot(*gtin, lot.clone())).collect();
			open.extend(model.products.iter().filter(|(_, recall)| recall.is_some()).map(|(gtin, _)| RecallScope::Product(*gtin)));
			for (batch, entry) in (0..).zip(&model.batches) {
				open.extend(entry.recall.map(|_| RecallScope::Batch(batch)));
				let units = entry.ranges.iter().map(|(start, len, _)| UnitRange { batch, start: *start, len: *len });
				open.extend(units.map(RecallScope::Units));
			}
			if let Some(scope) = pick(&open, self.n(1)) {
				return scope;
			}
		}
		let (start, len) = (u32::from(self.n(1) % 20), u32::from(self.n(2) % 6));
		let lot = lot(mostly(&["L1", "L2", "L2", "L3"], self.n(1)));
		match self.n(3) % 8 {
			0 => RecallScope::Product(DRUG),
			1 | 2 => RecallScope::Lot(DRUG, lot),
			3 | 4 => RecallScope::Batch(batch),
			_ => RecallScope::Units(UnitRange { batch, start, len }),
		}
	}
}

// --------------------------------------------------------------------------------------------------------- the test

fn check_place(expected: &Place, holding: &types::Holding) {
	let types::Holding { owner, custodian, source, custody, package, chain } = holding.clone();
	assert_eq!(*expected, Place { owner, custodian, source, custody, package, head: chain.head });
}

fn check_batch(model: &Model, batch: BatchId) {
	let entry = &model.batches[batch as usize];
	let stored: Vec<_> = Parcels::<Test>::iter_prefix(batch).collect();
	let ranges: Vec<_> = stored.iter().map(|(last, parcel)| (parcel.start, last.0)).collect();
	assert_eq!(ranges, model.parcels(batch), "parcels of batch {batch}");
	for (last, parcel) in stored {
		let mut inactive = 0;
		for index in parcel.start..=last.0 {
			let unit = model.unit(batch, index);
			assert_eq!((unit.counted, unit.holds, unit.parent), (parcel.counted, parcel.holds, parcel.parent), "{index}");
			if index == parcel.start || unit.place != entry.units[index as usize - 1].place {
				// While it is packed, only the chain counts.
				match unit.parent {
					None => check_place(&unit.place, &parcel.holding),
					Some(_) => assert_eq!(unit.place.head, parcel.holding.chain.head),
				}
			}
			inactive += u32::from(unit.status != UnitStatus::Active);
		}
		assert_eq!(parcel.inactive, inactive);
	}
	let bits = Inactive::<Test>::get(batch, 0).unwrap_or([0; 256]);
	let mut kept = vec![None; entry.units.len()];
	for (last, exception) in Exceptions::<Test>::iter_prefix(batch) {
		for index in exception.start..=last.0 {
			kept[index as usize] = Some((exception.status, (exception.org, exception.premises, exception.at)));
		}
	}
	for (index, unit) in entry.units.iter().enumerate() {
		let gone = bits[index / 8] & 1 << (index % 8) != 0;
		assert_eq!(gone, unit.status != UnitStatus::Active, "unit {index}");
		assert_eq!(kept[index], unit.left.map(|left| (unit.status, left)), "unit {index}");
	}
	let stored = Batches::<Test>::get(batch).expect("the model has it");
	assert_eq!((stored.recall, stored.units), (entry.recall, entry.units.len() as u32));
	assert_eq!(stored.retired as usize, entry.units.iter().filter(|unit| unit.retired).count());
	assert_eq!(Recalls::<Test>::get(batch).into_inner(), entry.ranges);
	assert_eq!(Lots::<Test>::get(stored.gtin, &stored.lot).recall, model.lots.get(&(stored.gtin, stored.lot)).copied());
}

fn check_cases(model: &Model) {
	assert_eq!(LogisticUnits::<Test>::iter().count(), model.cases.len());
	for (id, case) in &model.cases {
		let stored = LogisticUnits::<Test>::get(id).expect("the model has it");
		assert_eq!((stored.parent, stored.holds, stored.excursion), (case.parent, case.holds, case.excursion));
		match case.parent {
			None => check_place(&case.place, &stored.holding),
			Some(_) => assert_eq!(case.place.head, stored.holding.chain.head),
		}
		assert!(usize::from(stored.depth) >= model.depth(*id));
		let inside = model.inside(*id);
		assert_eq!(stored.parcels as usize, model.parcels_of(&inside).len());
		let goods = [DRUG, VACCINE].map(|gtin| {
			let sellable = inside.iter().filter(|(batch, index)| {
				let unit = model.unit(*batch, *index);
				model.batches[*batch as usize].run.gtin == gtin && unit.counted && unit.status == UnitStatus::Active
			});
			(gtin, sellable.count() as u32)
		});
		for (gtin, units) in goods {
			let told = stored.goods.iter().find(|(other, _)| *other == gtin).map_or(0, |(_, units)| *units);
			assert_eq!(told, units);
		}
	}
}

fn check_lists(model: &Model) {
	for org in TRADERS {
		for gtin in [DRUG, VACCINE] {
			assert_eq!(Stock::<Test>::get(org, gtin), model.stock(org, gtin), "stock of {org}");
		}
	}
	let orders: BTreeMap<_, _> = Orders::<Test>::iter()
		.map(|(supplier, id, order)| (id, (supplier, (order.buyer, order.gtin, order.quantity, order.at))))
		.collect();
	assert_eq!(orders, model.orders);
	let rules: BTreeMap<_, _> = ReorderRules::<Test>::iter()
		.map(|(org, gtin, rule)| ((org, gtin), (rule.minimum, rule.quantity, rule.supplier, rule.pending)))
		.collect();
	let expected = model.rules.iter();
	let expected: BTreeMap<_, _> =
		expected.map(|(key, rule)| (*key, (rule.minimum, rule.quantity, rule.supplier, rule.pending))).collect();
	assert_eq!(rules, expected);
	let excursions: BTreeMap<_, _> =
		Excursions::<Test>::iter().map(|(batch, last, entry)| ((batch, last.0), entry.excursion)).collect();
	assert_eq!(excursions, model.excursions);
	let acknowledged: BTreeMap<_, _> =
		Acknowledgements::<Test>::iter().map(|(batch, org, entry)| ((batch, org), entry.at)).collect();
	assert_eq!(acknowledged, model.acknowledged);
	let reports: BTreeMap<_, _> =
		Reports::<Test>::iter().map(|(id, report)| (id, (report.load, report.org, report.by))).collect();
	assert_eq!(reports, model.reports);
	let products: BTreeMap<_, _> = Products::<Test>::iter().map(|(gtin, product)| (gtin, product.recall)).collect();
	assert_eq!(products, model.products);
}

/// Every account has on deposit what its entries cost, no more and no less.
fn check_deposits() {
	let mut owed: BTreeMap<AccountId, u128> = BTreeMap::new();
	let mut owe = |by: AccountId, footprint: Footprint| *owed.entry(by).or_default() += price(footprint);
	Products::<Test>::iter_values().for_each(|entry| owe(entry.by, DrugProvenance::product_footprint()));
	Batches::<Test>::iter_values().for_each(|entry| owe(entry.by, DrugProvenance::batch_footprint(entry.units)));
	Parcels::<Test>::iter_values().for_each(|entry| owe(entry.by, DrugProvenance::parcel_footprint()));
	LogisticUnits::<Test>::iter_values().for_each(|entry| owe(entry.by, DrugProvenance::logistic_footprint()));
	Exceptions::<Test>::iter_values().for_each(|entry| owe(entry.by, DrugProvenance::exception_footprint()));
	Excursions::<Test>::iter_values().for_each(|entry| owe(entry.by, DrugProvenance::excursion_footprint()));
	let acknowledgement = DrugProvenance::acknowledgement_footprint();
	Acknowledgements::<Test>::iter_values().for_each(|entry| owe(entry.by, acknowledgement));
	ReorderRules::<Test>::iter_values().for_each(|entry| owe(entry.by, DrugProvenance::rule_footprint()));
	let mut reports: BTreeMap<AccountId, u128> = BTreeMap::new();
	Reports::<Test>::iter_values().for_each(|report| *reports.entry(report.by).or_default() += BOND);
	for who in &SIGNERS {
		assert_eq!(held(who), owed.get(who).copied().unwrap_or_default(), "deposits of {who}");
		assert_eq!(bonded(who), reports.get(who).copied().unwrap_or_default(), "bonds of {who}");
	}
}

fn check(model: &Model) {
	assert_eq!(NextBatch::<Test>::get() as usize, model.batches.len());
	(0..model.batches.len() as BatchId).for_each(|batch| check_batch(model, batch));
	check_cases(model);
	check_lists(model);
	DrugProvenance::do_try_state().expect("what always holds of the storage holds");
}

/// What became of the dispenses of a call, by the events.
fn judged() -> Vec<(u32, Option<Verdict>)> {
	let judged = events().into_iter().filter_map(|event| match event {
		Event::Dispensed { index, .. } => Some((index, None)),
		Event::Alert { index, verdict, .. } => Some((index, Some(verdict))),
		_ => None,
	});
	judged.collect()
}

fn message(error: DispatchError) -> &'static str {
	let DispatchError::Module(module) = error else { panic!("an error of the pallet, not {error:?}") };
	module.message.expect("an error in a native call has its name")
}

fn name(call: &Call<Test>) -> &'static str {
	use frame_support::traits::GetCallName;
	call.get_call_name()
}

/// Orders that a call placed for two products at once are numbered in no order that matters.
fn adopt_numbers(model: &mut Model, before: OrderId) {
	let placed: Vec<_> = model.orders.range(before..).map(|(id, order)| (*id, *order)).collect();
	if placed.len() < 2 {
		return;
	}
	for (id, (_, (buyer, gtin, ..))) in &placed {
		model.orders.remove(id);
		model.rules.get_mut(&(*buyer, *gtin)).expect("an order is a rule's").pending = None;
	}
	for (_, order) in placed {
		let (supplier, (buyer, gtin, ..)) = order;
		let same = |(of, _, stored): &(OrgId, OrderId, types::Order)| {
			*of == supplier && (stored.buyer, stored.gtin) == (buyer, gtin)
		};
		let (_, id, _) = Orders::<Test>::iter().find(same).expect("the order was placed");
		model.orders.insert(id, order);
		model.rules.get_mut(&(buyer, gtin)).expect("an order is a rule's").pending = Some(id);
	}
}

/// Plays a sequence, and returns what was tried with what result.
fn play(turns: Vec<Turn>) -> Tried {
	let mut tried = Tried::new();
	bare_ext().execute_with(|| {
		populate();
		let mut model = Model::new();
		let first = |kind| Turn { kind, aimed: true, signer: None, picks: [0, 0, 1, 1, 20] };
		for turn in [first(Kind::Commission)].into_iter().chain(turns) {
			match turn.kind {
				Kind::Wait => {
					model.now += [1, DAY, DAY, TRIP, UNDO][usize::from(turn.n(0) % 5)];
					set_now(model.now);
					continue;
				}
				Kind::Standing => {
					let org = pick(&TRADERS, turn.n(0)).expect("there are some");
					let active = model.suspended.remove(&org);
					if !active {
						model.suspended.insert(org);
					}
					set_active(org, active);
					continue;
				}
				Kind::Commission if model.batches.len() == BATCHES => continue,
				_ => {}
			}
			let (org, quality, call) = turn.call(&model);
			let who = turn.signer.clone().unwrap_or_else(|| member_of(org, quality));
			let before = model.ordered;
			let expected = model.take(&who, &call);
			System::reset_events();
			let done = take(&who, call.clone());
			match (&done, &expected) {
				(Ok(()), Ok(())) => {
					adopt_numbers(&mut model, before);
					assert_eq!(judged(), model.judged, "{call:?}");
				}
				(Err(error), Err(reasons)) => {
					assert!(reasons.contains(error), "{error:?} is none of {reasons:?}: {call:?} by {who}");
				}
				_ => panic!("{done:?}, not {expected:?}: {call:?} by {who}"),
			}
			tried.insert((name(&call), done.map_err(message)));
			check(&model);
		}
		check_deposits();
	});
	tried
}

/// Sequences to try; `SALUS_PROPTEST_CASES` asks for more.
fn cases() -> u32 {
	std::env::var("SALUS_PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(1_000)
}

proptest! {
	#![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

	#[test]
	fn every_sequence_of_calls_agrees_with_the_model(turns in sequences()) {
		play(turns);
	}
}

/// Were the sequences refused throughout, they would prove little.
#[test]
fn the_sequences_meet_every_call_in_success_and_most_errors() {
	let mut runner = TestRunner::deterministic();
	let mut tried = Tried::new();
	for _ in 0..100 {
		let turns = sequences().new_tree(&mut runner).expect("nothing is filtered away").current();
		tried.extend(play(turns));
	}
	let succeeded: BTreeSet<_> = tried.iter().filter(|(_, result)| result.is_ok()).map(|(name, _)| *name).collect();
	use frame_support::traits::GetCallName;
	let left_out = ["register_product", "delegate", "dispute_package"];
	let missing: Vec<_> = Call::<Test>::get_call_names()
		.iter()
		.filter(|name| !succeeded.contains(*name) && !left_out.contains(name))
		.collect();
	assert!(missing.is_empty(), "never in success: {missing:?}");
	let refusals: BTreeSet<_> = tried.iter().filter_map(|(_, result)| result.err()).collect();
	assert!(refusals.len() >= 24, "met only {refusals:?}");
}
