//! What is tried: calls made out of numbers, most of them aimed at goods that they fit, by who may.

use super::{super::*, Model, Place, Unit, SIGNERS, TRADERS};
use proptest::{collection::vec, prelude::*, sample::select};

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Kind {
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
pub struct Turn {
	pub kind: Kind,
	pub aimed: bool,
	pub signer: Option<AccountId>,
	pub picks: [u16; 5],
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
		(8, ReceiveInPart),
		(3, Refuse),
		(3, Retract),
		(8, Dispense),
		(3, DispenseMany),
		(3, Undo),
		(2, Remove),
		(3, Destroy),
		(3, Stolen),
		(2, Lost),
		(7, Return),
		(4, Suspect),
		(4, Clear),
		(1, Illegitimate),
		(3, Recall),
		(4, Lift),
		(4, Acknowledge),
		(3, ReleaseQuarantine),
		(4, Log),
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
	(kinds(), prop::bool::weighted(0.85), signer, any::<[u16; 5]>()).prop_map(|(kind, aimed, signer, picks)| Turn {
		kind,
		aimed,
		signer,
		picks,
	})
}

pub fn sequences() -> impl Strategy<Value = Vec<Turn>> {
	vec(turns(), 60..80)
}

pub fn pick<T: Clone>(from: &[T], n: u16) -> Option<T> {
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
		Load::Units(UnitRange { batch, start, len }) if n.is_multiple_of(2) => {
			let from = u32::from(n / 2) % len;
			let len = 1 + u32::from(n / 64) % (len - from);
			Load::Units(UnitRange { batch, start: start + from, len })
		}
		load => load,
	}
}

/// A member of an organisation; for what only quality may, who answers for it.
pub fn member_of(org: OrgId, quality: bool) -> AccountId {
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
	[
		kept,
		Readings { max: 200, minutes: 30, ..kept },
		Readings { min: -5, ..kept },
		Readings { longest_gap: 21, ..kept },
	][usize::from(n % 4)]
}

impl Turn {
	pub fn n(&self, which: usize) -> u16 {
		self.picks[which]
	}

	/// Whether something that happens once in so many times does now.
	fn one_in(&self, which: usize, times: u16) -> bool {
		self.n(which).is_multiple_of(times)
	}

	/// Goods that pass the test, or any numbers at all.
	fn load(&self, model: &Model, fits: impl Fn(&Load, &Place) -> bool) -> (Load, Option<Place>) {
		let fitting: Vec<_> = goods(model).into_iter().filter(|(load, place)| fits(load, place)).collect();
		match pick(&fitting, self.n(0)).filter(|_| self.aimed) {
			Some((load, place)) => (part(load, self.n(1)), Some(place)),
			None if self.one_in(0, 3) => (Load::Logistic(lu(self.n(1) as u8 % 5)), None),
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
			let active = model.unit(batch, index).status == UnitStatus::Active || self.one_in(2, 3);
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
		if self.one_in(3, 31) {
			unit.mac = run.mac(index + 1);
		}
		let offline = [0, DAY, OFFLINE, OFFLINE + 1].map(|time| Some(model.now - time));
		let moments = [&[None][..], &offline, &[Some(model.now + 1)]].concat();
		let at = mostly(&moments, self.n(4));
		(Dispense { batch, unit, at }, org)
	}

	/// What is called, and by whom as a rule.
	pub fn call(&self, model: &Model) -> (OrgId, bool, Call<Test>) {
		let event = ev(self.n(4) as u8 % 16);
		let by = |place: &Option<Place>| place.as_ref().map_or(MAKER, |place| place.custodian);
		let addressed =
			|place: &Option<Place>| place.as_ref().and_then(|place| addressee(place.custody)).unwrap_or(RIVAL);
		match self.kind {
			Kind::Commission => (MAKER, false, Call::commission { batch: self.batch(model) }),
			Kind::Split => {
				let (load, place) =
					self.load(model, |load, place| matches!(load, Load::Units(_)) && place.custody == Custody::Held);
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
						unit.parent.is_none()
							&& next.is_some_and(|next| next.parent.is_none() && next.place == unit.place)
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
					if !loads.contains(&load) || self.one_in(3, 7) {
						loads.push(load);
					}
				}
				let free = (0..5).map(lu).find(|id| !model.cases.contains_key(id)).filter(|_| !self.one_in(3, 11));
				let unit = free.unwrap_or(lu(0));
				(by(&place), false, Call::pack { unit, contents: contents(&loads), event })
			}
			Kind::Unpack => {
				let (load, place) =
					self.load(model, |load, place| matches!(load, Load::Logistic(_)) && place.custody == Custody::Held);
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
				let sale = !self.one_in(4, 4);
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
				fitting
					.retain(|(batch, index)| !self.aimed || model.unit(*batch, *index).status == UnitStatus::Dispensed);
				let (batch, index) = pick(&fitting, self.n(0)).unwrap_or((0, self.n(1).into()));
				let left = model.batches.get(batch as usize).and_then(|entry| entry.units.get(index as usize)?.left);
				(left.map_or(PHARMACY, |(org, ..)| org), false, Call::undo_dispense { batch, index })
			}
			Kind::Remove | Kind::Destroy => {
				let (load, place) =
					self.load(model, |load, place| matches!(load, Load::Units(_)) && place.custody == Custody::Held);
				let mut ranges = vec![Self::range(load)];
				if self.one_in(2, 3) {
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
				(if self.one_in(2, 2) { owner } else { by(&place) }, false, Call::report_stolen { load, event })
			}
			Kind::Lost => {
				let (load, place) = self.load(model, |_, place| addressee(place.custody).is_some());
				(
					if self.one_in(2, 2) { addressed(&place) } else { by(&place) },
					false,
					Call::report_lost { load, event },
				)
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
				let (report, unfounded) = (pick(&open, self.n(2)).flatten(), self.one_in(3, 2));
				(REGULATOR, false, Call::clear_suspect { load, report, unfounded })
			}
			Kind::Illegitimate => {
				let (load, _) = self.load(model, |_, _| true);
				(if self.one_in(2, 2) { REGULATOR } else { MAKER }, true, Call::mark_illegitimate { load })
			}
			Kind::Recall | Kind::Lift => {
				let scope = self.scope(model);
				let class = pick(RecallClass::ALL, self.n(3)).expect("there are some");
				let call = match self.kind {
					Kind::Recall => Call::recall { scope, class, reason: RecallReason::Quality },
					_ => Call::lift_recall { scope },
				};
				(if self.one_in(4, 3) { REGULATOR } else { MAKER }, true, call)
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
				let org = if self.one_in(3, 3) { addressed(&place) } else { by(&place) };
				(org, false, Call::log_excursion { load, readings: readings(self.n(2)), evidence: event })
			}
			Kind::ReleaseExcursion => {
				let (load, _) = self.load(model, |load, _| self.holds(model, *load).contains(Hold::Excursion));
				(MAKER, true, Call::release_excursion { load, evidence: event })
			}
			Kind::SetRule => {
				let supplier = pick(&TRADERS, self.n(0)).expect("there are some");
				let (minimum, quantity) = (u32::from(self.n(1) % 8), u32::from(self.n(2) % 9));
				let rule = Some(ReorderInput { minimum, quantity, supplier }).filter(|_| !self.one_in(3, 4));
				let gtin = mostly(&[DRUG, VACCINE, VACCINE, UNKNOWN], self.n(4));
				let org = pick(&[PHARMACY, RIVAL, WHOLESALER], self.n(3)).expect("there are some");
				(org, false, Call::set_reorder_rule { gtin, rule })
			}
			Kind::CancelOrder | Kind::FulfilOrder => {
				let open: Vec<_> =
					model.orders.iter().map(|(id, (supplier, order))| (*id, *supplier, order.0)).collect();
				let (order, supplier, buyer) = pick(&open, self.n(0)).unwrap_or((7, MAKER, PHARMACY));
				let by = if self.one_in(1, 2) { supplier } else { buyer };
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
		let gtin = if self.one_in(0, 2) { DRUG } else { VACCINE };
		let lot = lot(["L1", "L2"][usize::from(self.n(1) % 2)]);
		let runs = model.batches.iter().filter(|batch| (batch.run.gtin, &batch.run.lot) == (gtin, &lot)).count();
		let run = runs as u16 + u16::from(self.one_in(2, 9));
		let expiry = NOW + [20, 60][usize::from(self.n(1) % 2)] * DAY + u64::from(self.one_in(3, 13));
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
			open.extend(
				model
					.products
					.iter()
					.filter(|(_, recall)| recall.is_some())
					.map(|(gtin, _)| RecallScope::Product(*gtin)),
			);
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
