//! A small reference model. It keeps every unit by itself, counts stock by going through all of them, and says of each call
//! what it changes or for which reasons it must be refused. It has neither ranges nor indices nor counters.

mod holding_back;
mod leaving;
mod moving;
mod ordering;

use super::*;
use salus_primitives::drug::{ExcursionView, RecallView, UnitFacts};
use std::collections::{BTreeMap, BTreeSet};

/// Why a call must be refused: any one of these.
pub type Refused<T> = Result<T, Vec<DispatchError>>;

/// Reasons that are collected before the call is refused for one of them.
#[derive(Default)]
pub struct Faults(Vec<DispatchError>);

impl Faults {
	pub fn ensure(&mut self, holds: bool, refusal: Refusal) {
		if !holds {
			self.0.push(refusal.into());
		}
	}

	pub fn note<T>(&mut self, found: Refused<T>) -> Option<T> {
		found.map_err(|refusals| self.0.extend(refusals)).ok()
	}

	pub fn end(self) -> Refused<()> {
		if self.0.is_empty() {
			Ok(())
		} else {
			Err(self.0)
		}
	}
}

pub fn refuse_for<T>(refusal: Refusal) -> Refused<T> {
	Err(vec![refusal.into()])
}

/// Whose and where something is.
#[derive(Clone, PartialEq, Debug)]
pub struct Place {
	pub owner: OrgId,
	pub custodian: OrgId,
	pub source: Option<OrgId>,
	pub custody: Custody,
	pub package: H256,
	pub head: H256,
}

/// How a unit left: where, at which premises, when.
pub type Left = (OrgId, Option<salus_primitives::inputs::Gln>, Moment);

#[derive(Clone, PartialEq, Debug)]
pub struct Unit {
	pub status: UnitStatus,
	/// Forgotten once it is pruned.
	pub left: Option<Left>,
	pub counted: bool,
	pub holds: HoldSet,
	pub parent: Option<UnitId>,
	pub place: Place,
	/// Whether the next unit is another parcel's.
	pub cut: bool,
	/// Whether its parcel was removed.
	pub retired: bool,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Case {
	pub parent: Option<UnitId>,
	pub place: Place,
	pub holds: HoldSet,
	pub excursion: Option<ExcursionView>,
}

#[derive(Clone)]
pub struct ModelBatch {
	pub run: Run,
	pub units: Vec<Unit>,
	pub recall: Option<RecallView>,
	pub ranges: Vec<(u32, u32, RecallView)>,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Rule {
	pub minimum: u32,
	pub quantity: u32,
	pub supplier: OrgId,
	pub pending: Option<OrderId>,
}

/// What the chain should know.
#[derive(Clone, Default)]
pub struct Model {
	pub now: Moment,
	pub suspended: BTreeSet<OrgId>,
	pub batches: Vec<ModelBatch>,
	pub cases: BTreeMap<UnitId, Case>,
	pub products: BTreeMap<Gtin, Option<RecallView>>,
	pub lots: BTreeMap<(Gtin, Lot), RecallView>,
	pub excursions: BTreeMap<(BatchId, u32), ExcursionView>,
	pub acknowledged: BTreeMap<(BatchId, OrgId), Moment>,
	pub reports: BTreeMap<ReportId, (Load, OrgId, AccountId)>,
	pub reported: Vec<(OrgId, u64)>,
	pub rules: BTreeMap<(OrgId, Gtin), Rule>,
	pub orders: BTreeMap<OrderId, (OrgId, Order)>,
	pub ordered: OrderId,
	/// Of the latest call: what became of each dispense, `None` where the unit was handed out.
	pub judged: Vec<(u32, Option<Verdict>)>,
}

/// A buyer, a product, how many, and since when.
pub type Order = (OrgId, Gtin, u32, Moment);

/// A member's organisation and roles.
#[derive(Clone, Copy)]
pub struct Member {
	pub org: OrgId,
	pub operator: bool,
	pub quality: bool,
	pub pharmacist: bool,
}

/// Goods that a call names.
#[derive(Clone)]
pub struct Goods {
	pub load: Load,
	/// Batch and number of each of them.
	pub units: Vec<(BatchId, u32)>,
	pub case: Option<UnitId>,
	pub place: Place,
	pub holds: HoldSet,
}

impl Model {
	pub fn new() -> Self {
		let products = [DRUG, VACCINE, DEVICE].map(|gtin| (gtin, None)).into();
		Self { now: NOW, products, ..Default::default() }
	}

	// ------------------------------------------------------------------------------------------------ who may what

	pub fn member(&self, who: &AccountId) -> Refused<Member> {
		let (org, operator, quality, pharmacist) = match *who {
			INSPECTOR => (REGULATOR, false, false, false),
			MAKER_STAFF => (MAKER, true, false, false),
			MAKER_QP => (MAKER, true, true, false),
			WHOLESALE_STAFF => (WHOLESALER, true, false, false),
			WHOLESALE_QP => (WHOLESALER, true, true, false),
			BRANCH_STAFF => (BRANCH, true, false, false),
			DRIVER => (CARRIER, true, false, false),
			PHARMACIST | COLLEAGUE | LOCUM => (PHARMACY, true, false, true),
			PHARMACY_QP => (PHARMACY, true, true, false),
			CLERK => (PHARMACY, false, false, false),
			RIVAL_PHARMACIST => (RIVAL, true, true, true),
			_ => return refuse_for(Refusal::NotAuthorized),
		};
		if self.suspended.contains(&org) {
			return refuse_for(Refusal::NotAuthorized);
		}
		Ok(Member { org, operator, quality, pharmacist })
	}

	pub fn operator(&self, who: &AccountId) -> Refused<OrgId> {
		match self.member(who)? {
			Member { org, operator: true, .. } => Ok(org),
			_ => refuse_for(Refusal::NotAuthorized),
		}
	}

	pub fn quality(&self, who: &AccountId) -> Refused<OrgId> {
		match self.member(who)? {
			Member { org, quality: true, .. } => Ok(org),
			_ => refuse_for(Refusal::NotAuthorized),
		}
	}

	pub fn pharmacist(&self, who: &AccountId) -> Refused<OrgId> {
		match self.member(who)? {
			Member { org, pharmacist: true, .. } => Ok(org),
			_ => refuse_for(Refusal::NotAuthorized),
		}
	}

	pub fn regulator(&self, who: &AccountId) -> Refused<OrgId> {
		match self.member(who)? {
			Member { org: REGULATOR, .. } => Ok(REGULATOR),
			_ => refuse_for(Refusal::NotAuthorized),
		}
	}

	/// The maker owns every product of the sequences.
	pub fn regulator_or_owner(&self, who: &AccountId) -> Refused<OrgId> {
		self.regulator(who).or_else(|refused| match self.quality(who) {
			Ok(MAKER) => Ok(MAKER),
			_ => Err(refused),
		})
	}

	/// Whether goods may be sent there, or sold.
	pub fn is_partner(&self, org: OrgId, sale: bool) -> bool {
		let trades = matches!(org, MAKER | PACKER | WHOLESALER | BRANCH | PHARMACY | RIVAL | HOSPITAL);
		(trades || org == CARRIER && !sale) && !self.suspended.contains(&org)
	}

	pub fn one_entity(a: OrgId, b: OrgId) -> bool {
		let entity = |org| if org == BRANCH { WHOLESALER } else { org };
		entity(a) == entity(b)
	}

	pub fn deadline(&self, faults: &mut Faults, deadline: Moment) {
		faults.ensure(deadline > self.now && deadline <= self.now + 90 * DAY, Refusal::InvalidMoment);
	}

	// --------------------------------------------------------------------------------------------------- the goods

	pub fn unit(&self, batch: BatchId, index: u32) -> &Unit {
		&self.batches[batch as usize].units[index as usize]
	}

	pub fn unit_mut(&mut self, batch: BatchId, index: u32) -> &mut Unit {
		&mut self.batches[batch as usize].units[index as usize]
	}

	pub fn all_units(&self) -> Vec<(BatchId, u32)> {
		let batches = self.batches.iter().enumerate();
		batches.flat_map(|(id, batch)| (0..batch.units.len() as u32).map(move |index| (id as BatchId, index))).collect()
	}

	/// The units of logistics around something, from the innermost.
	pub fn around(&self, parent: Option<UnitId>) -> Vec<UnitId> {
		std::iter::successors(parent, |id| self.cases[id].parent).collect()
	}

	/// Whose and where a unit is, by the outermost unit of logistics.
	pub fn effective(&self, batch: BatchId, index: u32) -> &Place {
		let unit = self.unit(batch, index);
		self.around(unit.parent).last().map_or(&unit.place, |root| &self.cases[root].place)
	}

	pub fn effective_holds(&self, batch: BatchId, index: u32) -> HoldSet {
		let unit = self.unit(batch, index);
		self.around(unit.parent).iter().fold(unit.holds, |holds, id| holds.union(self.cases[id].holds))
	}

	/// All units in a unit of logistics, at any level.
	pub fn inside(&self, case: UnitId) -> Vec<(BatchId, u32)> {
		let mut units = self.all_units();
		units.retain(|(batch, index)| self.around(self.unit(*batch, *index).parent).contains(&case));
		units
	}

	/// The first and the last unit of every parcel.
	pub fn parcels(&self, batch: BatchId) -> Vec<(u32, u32)> {
		let mut parcels = Vec::new();
		let mut start = 0;
		for (index, unit) in (0..).zip(&self.batches[batch as usize].units) {
			if unit.cut {
				if !unit.retired {
					parcels.push((start, index));
				}
				start = index + 1;
			}
		}
		parcels
	}

	/// The parcels among some units: batch, first and last.
	pub fn parcels_of(&self, units: &[(BatchId, u32)]) -> Vec<(BatchId, u32, u32)> {
		let ids: BTreeSet<BatchId> = units.iter().map(|(batch, _)| *batch).collect();
		let all =
			ids.into_iter().flat_map(|id| self.parcels(id).into_iter().map(move |(start, last)| (id, start, last)));
		all.filter(|(batch, start, _)| units.contains(&(*batch, *start))).collect()
	}

	/// The units of a range, which must lie in one parcel.
	pub fn in_one_parcel(&self, range: UnitRange) -> Refused<Vec<(BatchId, u32)>> {
		let Some(batch) = self.batches.get(range.batch as usize) else { return refuse_for(Refusal::NotFound) };
		let end = u64::from(range.start) + u64::from(range.len);
		if range.len == 0 || end > batch.units.len() as u64 {
			return refuse_for(Refusal::InvalidRange);
		}
		let indices = range.start..end as u32;
		if self.unit(range.batch, range.start).retired {
			return refuse_for(Refusal::NotFound);
		}
		let cut = indices.clone().take(range.len as usize - 1).any(|index| self.unit(range.batch, index).cut);
		if cut {
			return refuse_for(Refusal::SpansParcels);
		}
		Ok(indices.map(|index| (range.batch, index)).collect())
	}

	pub fn find(&self, load: Load) -> Refused<Goods> {
		match load {
			Load::Units(range) => {
				let units = self.in_one_parcel(range)?;
				let unit = self.unit(range.batch, range.start);
				if unit.parent.is_some() {
					return refuse_for(Refusal::Packed);
				}
				Ok(Goods { load, units, case: None, place: unit.place.clone(), holds: unit.holds })
			}
			Load::Logistic(id) => {
				let Some(case) = self.cases.get(&id) else { return refuse_for(Refusal::NotFound) };
				if case.parent.is_some() {
					return refuse_for(Refusal::Packed);
				}
				let (place, holds) = (case.place.clone(), case.holds);
				Ok(Goods { load, units: self.inside(id), case: Some(id), place, holds })
			}
		}
	}

	/// The goods, if they lie with the organisation.
	pub fn held(&self, faults: &mut Faults, load: Load, org: Option<OrgId>) -> Option<Goods> {
		let goods = faults.note(self.find(load))?;
		faults.ensure(org.is_none_or(|org| goods.place.custodian == org), Refusal::NotCustodian);
		faults.ensure(goods.place.custody == Custody::Held, Refusal::WrongCustody);
		Some(goods)
	}

	/// Makes the units of a range a parcel of their own.
	pub fn carve(&mut self, load: Load) {
		if let Load::Units(range) = load {
			if let Some(before) = range.start.checked_sub(1) {
				self.unit_mut(range.batch, before).cut = true;
			}
			self.unit_mut(range.batch, range.start + range.len - 1).cut = true;
		}
	}

	/// Changes what is known of the goods, which are carved for it.
	pub fn change(&mut self, goods: &Goods, place: impl Fn(&mut Place), holds: impl Fn(HoldSet) -> HoldSet) {
		self.carve(goods.load);
		match goods.case {
			Some(id) => {
				let case = self.cases.get_mut(&id).expect("it was found");
				place(&mut case.place);
				case.holds = holds(case.holds);
			}
			None => {
				for (batch, index) in &goods.units {
					let unit = self.unit_mut(*batch, *index);
					place(&mut unit.place);
					unit.holds = holds(unit.holds);
				}
			}
		}
	}

	/// The head after a step.
	pub fn step(
		&self,
		kind: StepKind,
		previous: H256,
		(from, to): (OrgId, OrgId),
		event: H256,
		via: Option<H256>,
	) -> H256 {
		let link = |head| Link { head, block: 0 };
		let (internal, previous, via) = (Self::one_entity(from, to), link(previous), via.map(link));
		// What it was done to is not under the hash.
		CustodyStep { kind, load: units(0, 1), from, to, internal, at: self.now, event, previous, via }.head()
	}

	// ------------------------------------------------------------------------------------------------------ recalls

	/// The recalls that cover a unit.
	pub fn recalls(&self, batch: BatchId, index: u32) -> Vec<RecallView> {
		let ModelBatch { run, recall, ranges, .. } = &self.batches[batch as usize];
		let product = self.products.get(&run.gtin).copied().flatten();
		let lot = self.lots.get(&(run.gtin, run.lot.clone())).copied();
		let of_units = ranges.iter().filter(|(start, len, _)| (*start..start + len).contains(&index));
		let of_units = of_units.map(|(_, _, recall)| *recall);
		product.into_iter().chain(lot).chain(*recall).chain(of_units).collect()
	}

	pub fn is_recalled(&self, units: &[(BatchId, u32)]) -> bool {
		units.iter().any(|(batch, index)| !self.recalls(*batch, *index).is_empty())
	}

	// -------------------------------------------------------------------------------------------------------- stock

	/// How many units of a product an organisation holds and may sell.
	pub fn stock(&self, org: OrgId, gtin: Gtin) -> u32 {
		let counts = |(batch, index): &(BatchId, u32)| {
			let unit = self.unit(*batch, *index);
			let place = self.effective(*batch, *index);
			let here = place.custodian == org && place.custody == Custody::Held;
			self.batches[*batch as usize].run.gtin == gtin
				&& here && unit.counted
				&& unit.status == UnitStatus::Active
				&& !unit.retired
		};
		self.all_units().iter().filter(|unit| counts(unit)).count() as u32
	}

	// -------------------------------------------------------------------------------------------------------- calls

	/// Takes a call, or says why it must be refused; then the model is as before.
	pub fn take(&mut self, who: &AccountId, call: &Call<Test>) -> Refused<()> {
		let mut next = self.clone();
		next.judged.clear();
		next.dispatch(who, call)?;
		if let Ok(Member { org, .. }) = self.member(who) {
			for gtin in [DRUG, VACCINE] {
				let fell = next.stock(org, gtin) < self.stock(org, gtin);
				let set = matches!(call, Call::set_reorder_rule { gtin: of, rule: Some(_) } if *of == gtin);
				if fell || set {
					next.reorder(org, gtin);
				}
			}
		}
		*self = next;
		Ok(())
	}

	/// May leave the model half changed if it fails.
	fn dispatch(&mut self, who: &AccountId, call: &Call<Test>) -> Refused<()> {
		match call.clone() {
			Call::commission { batch } => self.commission(who, batch),
			Call::split { units } => self.split(who, units),
			Call::merge { batch, last } => self.merge(who, batch, last),
			Call::pack { unit, contents, event } => self.pack(who, unit, &contents, event),
			Call::unpack { unit, event } => self.unpack(who, unit, event),
			Call::ship { shipment } => self.ship(who, shipment),
			Call::receive { load, missing, event } => self.receive(who, load, missing.into_inner(), event),
			Call::refuse { load, deadline, event } => self.refuse(who, load, deadline, event),
			Call::retract { load, event } => self.retract(who, load, event),
			Call::dispense { dispense } => self.dispense(who, &[dispense]),
			Call::dispense_many { dispenses } => self.dispense(who, &dispenses),
			Call::undo_dispense { batch, index } => self.undo(who, batch, index),
			Call::decommission_range { ranges, kind, .. } => self.remove(who, ranges.into_inner(), kind),
			Call::destroy { ranges, .. } => self.remove(who, ranges.into_inner(), RemovalKind::Destroyed),
			Call::report_stolen { load, event } => self.stolen(who, load, event),
			Call::report_lost { load, event } => self.lost(who, load, event),
			Call::return_saleable { load, deadline, event } => self.give_back(who, load, deadline, event),
			Call::report_suspect { load } => self.suspect(who, load),
			Call::clear_suspect { load, report, .. } => self.clear(who, load, report),
			Call::mark_illegitimate { load } => self.illegitimate(who, load),
			Call::recall { scope, class, reason } => self.recall(who, scope, class, reason),
			Call::lift_recall { scope } => self.lift(who, scope),
			Call::acknowledge_recall { units } => self.acknowledge(who, units),
			Call::release_quarantine { load } => self.release_quarantine(who, load),
			Call::log_excursion { load, readings, evidence } => self.log(who, load, readings, evidence),
			Call::release_excursion { load, .. } => self.release_excursion(who, load),
			Call::set_reorder_rule { gtin, rule } => self.set_rule(who, gtin, rule),
			Call::cancel_order { supplier, order } | Call::fulfil_order { supplier, order } => {
				self.end_order(who, supplier, order)
			}
			Call::prune { what } => self.prune(what),
			other => unreachable!("the sequences do not make {other:?}"),
		}
	}

	/// What is known of a unit, and the verdict at a moment.
	pub fn verdict(&self, batch: BatchId, index: u32, at: Moment) -> Verdict {
		let unit = self.unit(batch, index);
		let recall = self.recalls(batch, index).into_iter().filter(|recall| recall.at <= at).map(|recall| recall.class);
		let (holds, custody) = if unit.retired {
			(HoldSet::EMPTY, Custody::Held)
		} else {
			(self.effective_holds(batch, index), self.effective(batch, index).custody)
		};
		let facts = UnitFacts {
			expiry_matches: true,
			expiry: self.batches[batch as usize].run.expiry,
			status: unit.status,
			recall: recall.min(),
			holds,
			custody,
		};
		facts.verdict(at)
	}
}
