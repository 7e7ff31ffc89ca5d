//! Making, splitting, packing and moving.

use super::*;

impl Model {
	pub fn commission(&mut self, who: &AccountId, input: BatchInput) -> Refused<()> {
		let mut faults = Faults::default();
		let org = faults.note(self.operator(who));
		faults.ensure(org.is_none_or(|org| org == MAKER), Refusal::NotAuthorized);
		let lot = |batch: &&ModelBatch| batch.run.gtin == input.gtin && batch.run.lot == input.lot;
		let runs = self.batches.iter().filter(lot).count();
		faults.ensure(usize::from(input.run) == runs, Refusal::WrongRun);
		let first = self.batches.iter().find(lot);
		faults.ensure(first.is_none_or(|first| first.run.expiry == input.expiry), Refusal::ExpiryMismatch);
		faults.ensure(input.expiry > self.now, Refusal::Expired);
		faults.end()?;
		let place = Place {
			owner: MAKER,
			custodian: MAKER,
			source: None,
			custody: Custody::Held,
			package: H256::zero(),
			head: self.step(StepKind::Commissioned, H256::zero(), (MAKER, MAKER), input.event, None),
		};
		let (status, holds) = (UnitStatus::Active, HoldSet::EMPTY);
		let unit = Unit { status, left: None, counted: true, holds, parent: None, place, cut: false, retired: false };
		let mut units = vec![unit; input.units as usize];
		units.last_mut().expect("a run has units").cut = true;
		let BatchInput { gtin, lot, run, expiry, units: count, .. } = input;
		let run = Run { gtin, lot, run, expiry, units: count };
		self.batches.push(ModelBatch { run, units, recall: None, ranges: Vec::new() });
		Ok(())
	}

	pub fn split(&mut self, who: &AccountId, units: UnitRange) -> Refused<()> {
		let mut faults = Faults::default();
		let org = faults.note(self.operator(who));
		self.held(&mut faults, Load::Units(units), org);
		faults.end()?;
		self.carve(Load::Units(units));
		Ok(())
	}

	pub fn merge(&mut self, who: &AccountId, batch: BatchId, last: u32) -> Refused<()> {
		let mut faults = Faults::default();
		let org = faults.note(self.operator(who));
		let entry = self.batches.get(batch as usize);
		let standing = |index| entry.and_then(|batch| batch.units.get(index as usize)).filter(|unit| !unit.retired);
		let lower = standing(last).filter(|unit| unit.cut);
		let (Some(lower), Some(upper)) = (lower, standing(last.saturating_add(1))) else {
			return refuse_for(Refusal::NotFound).or_else(|refused| {
				faults.note::<()>(Err(refused));
				faults.end()
			});
		};
		faults.ensure(lower.parent.is_none() && upper.parent.is_none(), Refusal::Packed);
		faults.ensure(org.is_none_or(|org| lower.place.custodian == org), Refusal::NotCustodian);
		let state = |unit: &Unit| (unit.place.clone(), unit.holds, unit.counted);
		faults.ensure(state(lower) == state(upper), Refusal::NotMergeable);
		faults.end()?;
		self.unit_mut(batch, last).cut = false;
		Ok(())
	}

	pub fn pack(&mut self, who: &AccountId, id: UnitId, loads: &[Load], event: H256) -> Refused<()> {
		let mut faults = Faults::default();
		let org = faults.note(self.operator(who));
		faults.ensure(!loads.is_empty(), Refusal::Empty);
		if self.cases.contains_key(&id) {
			faults.ensure(false, Refusal::AlreadyExists);
			return faults.end();
		}
		let mut whose = None;
		let mut packed = Vec::new();
		for load in loads {
			if *load == Load::Logistic(id) {
				faults.ensure(false, Refusal::NotFound);
				continue;
			}
			let Some(goods) = self.held(&mut faults, *load, org) else { continue };
			let place = &goods.place;
			let first = *whose.get_or_insert((place.owner, place.source));
			faults.ensure(first == (place.owner, place.source), Refusal::NotOwner);
			self.carve(*load);
			match goods.case {
				Some(inner) => self.cases.get_mut(&inner).expect("it was found").parent = Some(id),
				None => {
					let active =
						goods.units.iter().any(|(batch, index)| self.unit(*batch, *index).status == UnitStatus::Active);
					faults.ensure(active, Refusal::NotActive);
					for (batch, index) in &goods.units {
						self.unit_mut(*batch, *index).parent = Some(id);
					}
				}
			}
			// So that a load that is named twice is found to be packed.
			let case = Case { parent: None, place: goods.place.clone(), holds: HoldSet::EMPTY, excursion: None };
			self.cases.entry(id).or_insert(case);
			packed.push(goods);
		}
		if let Some(goods) = packed.first() {
			let org = goods.place.custodian;
			let head = self.step(StepKind::Packed, H256::zero(), (org, org), event, None);
			let case = self.cases.get_mut(&id).expect("it was just made");
			case.place = Place { package: H256::zero(), head, ..goods.place.clone() };
			faults.ensure(self.depth(id) <= 3, Refusal::TooMany);
		}
		faults.end()
	}

	/// Levels of units of logistics.
	pub fn depth(&self, id: UnitId) -> usize {
		let inner = self.cases.iter().filter(|(_, case)| case.parent == Some(id));
		1 + inner.map(|(inner, _)| self.depth(*inner)).max().unwrap_or(0)
	}

	pub fn unpack(&mut self, who: &AccountId, id: UnitId, event: H256) -> Refused<()> {
		let mut faults = Faults::default();
		let org = faults.note(self.operator(who));
		self.held(&mut faults, Load::Logistic(id), org);
		faults.end()?;
		let case = self.cases.remove(&id).expect("it was found");
		let org = case.place.custodian;
		let loose = |model: &Self, own: H256| Place {
			head: model.step(StepKind::Unpacked, own, (org, org), event, Some(case.place.head)),
			..case.place.clone()
		};
		let mut units = self.all_units();
		units.retain(|(batch, index)| self.unit(*batch, *index).parent == Some(id));
		for (batch, start, last) in self.parcels_of(&units) {
			if let Some(excursion) = case.excursion {
				self.note_excursion(batch, start, last, excursion);
			}
		}
		for (batch, index) in units {
			let place = loose(self, self.unit(batch, index).place.head);
			let unit = self.unit_mut(batch, index);
			unit.place = place;
			unit.holds = unit.holds.union(case.holds);
			unit.parent = None;
		}
		let inner: Vec<_> =
			self.cases.iter().filter(|(_, inner)| inner.parent == Some(id)).map(|(id, _)| *id).collect();
		for inner in inner {
			let place = loose(self, self.cases[&inner].place.head);
			let entry = self.cases.get_mut(&inner).expect("it is listed");
			entry.place = place;
			entry.holds = entry.holds.union(case.holds);
			entry.excursion = joined(entry.excursion, case.excursion);
			entry.parent = None;
		}
		Ok(())
	}

	pub fn ship(&mut self, who: &AccountId, shipment: Shipment) -> Refused<()> {
		let Shipment { load, to, carrier, sale, deadline, package, event } = shipment;
		let mut faults = Faults::default();
		let org = faults.note(self.operator(who));
		faults.ensure(org.is_none_or(|org| org != REGULATOR), Refusal::NotAuthorized);
		faults.ensure(self.is_partner(to, sale) && org != Some(to), Refusal::NotAccredited);
		let drives = |carrier| carrier == CARRIER && !self.suspended.contains(&CARRIER);
		faults.ensure(carrier.is_none_or(drives), Refusal::NotAccredited);
		self.deadline(&mut faults, deadline);
		let goods = self.held(&mut faults, load, org);
		if let Some((goods, org)) = goods.as_ref().zip(org) {
			faults.ensure(!sale || Self::one_entity(org, goods.place.owner), Refusal::NotOwner);
			// The maker owns every product, and made every batch.
			let back = goods.place.source == Some(to) || to == MAKER;
			if !back {
				self.saleable(&mut faults, goods);
			}
		}
		faults.end()?;
		let (goods, org) = goods.zip(org).expect("nothing is wrong with them");
		let head = self.step(StepKind::Shipped, goods.place.head, (org, to), event, None);
		self.change(
			&goods,
			|place| {
				place.custody = Custody::InTransit { to, carrier, sale, deadline };
				(place.package, place.head) = (package, head);
			},
			|holds| holds,
		);
		Ok(())
	}

	/// Refuses what may not be sold.
	pub fn saleable(&self, faults: &mut Faults, goods: &Goods) {
		let held_back = goods.units.iter().any(|(batch, index)| !self.effective_holds(*batch, *index).is_empty());
		faults.ensure(!held_back && goods.holds.is_empty(), Refusal::OnHold);
		faults.ensure(!self.is_recalled(&goods.units), Refusal::Recalled);
		let expired = goods.units.iter().any(|(batch, _)| self.batches[*batch as usize].run.expiry <= self.now);
		faults.ensure(!expired, Refusal::Expired);
	}

	pub fn receive(&mut self, who: &AccountId, load: Load, missing: Vec<UnitRange>, event: H256) -> Refused<()> {
		let mut faults = Faults::default();
		let org = faults.note(self.operator(who));
		let goods = faults.note(self.find(load));
		let mut lacking: Vec<(BatchId, u32)> = Vec::new();
		for range in &missing {
			let end = u64::from(range.start) + u64::from(range.len);
			faults.ensure(range.len > 0 && end <= u64::from(u32::MAX), Refusal::InvalidRange);
			for index in range.start..end.min(100) as u32 {
				faults.ensure(!lacking.contains(&(range.batch, index)), Refusal::InvalidRange);
				lacking.push((range.batch, index));
			}
			if goods.as_ref().is_some_and(|goods| goods.case.is_some()) {
				faults.note(self.in_one_parcel(*range));
			}
		}
		let Some(goods) = goods else { return faults.end() };
		let (to, sale, returns) = match goods.place.custody {
			Custody::InTransit { to, sale, .. } => (to, sale, false),
			Custody::Returning { to, sale, .. } => (to, sale, true),
			Custody::Disputed { to, sale } => (to, sale, goods.place.source == Some(to)),
			Custody::Held | Custody::Lost { .. } => {
				faults.ensure(false, Refusal::WrongCustody);
				return faults.end();
			}
		};
		faults.ensure(org.is_none_or(|org| org == to), Refusal::NotAddressee);
		faults.ensure(lacking.iter().all(|unit| goods.units.contains(unit)), Refusal::InvalidRange);
		faults.ensure(goods.units.iter().any(|unit| !lacking.contains(unit)), Refusal::InvalidRange);
		faults.end()?;

		self.carve(load);
		let (from, before) = (goods.place.custodian, goods.place.clone());
		for range in missing {
			self.carve(Load::Units(range));
			let custody = Custody::Disputed { to, sale };
			for index in range.start..range.start + range.len {
				self.miss(range, index, custody, from, to, event);
			}
		}
		// Inner units of which nothing is left cease to be.
		while let Some(empty) = self.cases.keys().find(|id| Some(**id) != goods.case && self.inside(**id).is_empty()) {
			let empty = *empty;
			self.cases.remove(&empty);
		}

		let sold = sale && !Self::one_entity(from, to);
		let (owner, source) = match (sold, returns) {
			(false, _) => (before.owner, before.source),
			(true, true) => (to, None),
			(true, false) => (to, Some(before.owner)),
		};
		let package = match before.custody {
			Custody::Returning { .. } => H256::zero(),
			_ => before.package,
		};
		let head = self.step(StepKind::Received, before.head, (from, to), event, None);
		let place = Place { owner, custodian: to, source, custody: Custody::Held, package, head };
		match goods.case {
			Some(id) => self.cases.get_mut(&id).expect("some of it arrived").place = place,
			None => {
				for (batch, index) in goods.units.iter().filter(|unit| !lacking.contains(unit)) {
					self.unit_mut(*batch, *index).place = place.clone();
				}
			}
		}
		Ok(())
	}

	/// Takes a unit that did not arrive out of all that it was in. It is one of a range that lacks as a whole.
	fn miss(&mut self, range: UnitRange, index: u32, custody: Custody, from: OrgId, to: OrgId, event: H256) {
		let batch = range.batch;
		let around = self.around(self.unit(batch, index).parent);
		let mut head = self.unit(batch, index).place.head;
		let mut place = self.unit(batch, index).place.clone();
		let mut holds = self.unit(batch, index).holds;
		for (level, id) in around.iter().enumerate() {
			let case = self.cases[id].clone();
			holds = holds.union(case.holds);
			if let (Some(excursion), true) = (case.excursion, index == range.start) {
				self.note_excursion(batch, range.start, range.start + range.len - 1, excursion);
			}
			if level + 1 == around.len() {
				place = case.place.clone();
				head = self.step(StepKind::Missing, head, (from, to), event, Some(case.place.head));
			} else {
				head = self.step(StepKind::Unpacked, head, (from, from), event, Some(case.place.head));
			}
		}
		if around.is_empty() {
			head = self.step(StepKind::Missing, head, (from, to), event, None);
		}
		let unit = self.unit_mut(batch, index);
		unit.place = Place { custody, head, ..place };
		unit.holds = holds;
		unit.parent = None;
	}

	pub fn refuse(&mut self, who: &AccountId, load: Load, deadline: Moment, event: H256) -> Refused<()> {
		let mut faults = Faults::default();
		let org = faults.note(self.operator(who));
		self.deadline(&mut faults, deadline);
		let goods = faults.note(self.find(load));
		if let Some(goods) = &goods {
			match goods.place.custody {
				Custody::InTransit { to, .. } => {
					faults.ensure(org.is_none_or(|org| org == to), Refusal::NotAddressee);
				}
				_ => faults.ensure(false, Refusal::WrongCustody),
			}
		}
		faults.end()?;
		let (goods, org) = goods.zip(org).expect("nothing is wrong with them");
		let to = goods.place.custodian;
		let head = self.step(StepKind::Refused, goods.place.head, (org, to), event, None);
		let custody = Custody::Returning { to, sale: false, deadline };
		self.change(&goods, |place| (place.custody, place.head) = (custody, head), |holds| holds);
		Ok(())
	}

	pub fn retract(&mut self, who: &AccountId, load: Load, event: H256) -> Refused<()> {
		let mut faults = Faults::default();
		let org = faults.note(self.operator(who));
		let goods = faults.note(self.find(load));
		let mut found = false;
		if let Some(goods) = &goods {
			faults.ensure(org.is_none_or(|org| goods.place.custodian == org), Refusal::NotCustodian);
			match goods.place.custody {
				Custody::Held => faults.ensure(false, Refusal::WrongCustody),
				Custody::InTransit { to, deadline, .. } | Custody::Returning { to, deadline, .. } => {
					let back = deadline <= self.now || self.suspended.contains(&to);
					faults.ensure(back, Refusal::NotOverdue);
				}
				Custody::Disputed { .. } => {}
				Custody::Lost { .. } => found = true,
			}
		}
		faults.end()?;
		let (goods, org) = goods.zip(org).expect("nothing is wrong with them");
		let kind = if found { StepKind::Found } else { StepKind::Retracted };
		let head = self.step(kind, goods.place.head, (org, org), event, None);
		self.change(
			&goods,
			|place| {
				place.custody = Custody::Held;
				(place.package, place.head) = (H256::zero(), head);
			},
			|holds| if found { holds.with(Hold::Quarantined) } else { holds },
		);
		Ok(())
	}

	pub fn stolen(&mut self, who: &AccountId, load: Load, event: H256) -> Refused<()> {
		let mut faults = Faults::default();
		let org = faults.note(self.operator(who));
		let goods = faults.note(self.find(load));
		if let Some(goods) = &goods {
			let Place { owner, custodian, custody, .. } = goods.place;
			faults.ensure(org.is_none_or(|org| org == custodian || org == owner), Refusal::NotCustodian);
			faults.ensure(custody != Custody::Lost { stolen: true }, Refusal::WrongCustody);
		}
		faults.end()?;
		let goods = goods.expect("nothing is wrong with them");
		self.lose(&goods, true, event);
		Ok(())
	}

	fn lose(&mut self, goods: &Goods, stolen: bool, event: H256) {
		let org = goods.place.custodian;
		let kind = if stolen { StepKind::Stolen } else { StepKind::Lost };
		let head = self.step(kind, goods.place.head, (org, org), event, None);
		let custody = Custody::Lost { stolen };
		self.change(goods, |place| (place.custody, place.head) = (custody, head), |holds| holds);
	}

	pub fn lost(&mut self, who: &AccountId, load: Load, event: H256) -> Refused<()> {
		let mut faults = Faults::default();
		let org = faults.note(self.operator(who));
		let goods = faults.note(self.find(load));
		if let Some(goods) = &goods {
			let known = match goods.place.custody {
				Custody::Held | Custody::Lost { .. } => None,
				Custody::InTransit { to, deadline, .. } | Custody::Returning { to, deadline, .. } => {
					Some((to, deadline <= self.now))
				}
				Custody::Disputed { to, .. } => Some((to, true)),
			};
			match known {
				None => faults.ensure(false, Refusal::WrongCustody),
				Some((to, overdue)) => {
					let side = |org| org == to || org == goods.place.custodian;
					faults.ensure(org.is_none_or(side), Refusal::NotCustodian);
					faults.ensure(overdue, Refusal::NotOverdue);
				}
			}
		}
		faults.end()?;
		let goods = goods.expect("nothing is wrong with them");
		self.lose(&goods, false, event);
		Ok(())
	}

	pub fn give_back(&mut self, who: &AccountId, load: Load, deadline: Moment, event: H256) -> Refused<()> {
		let mut faults = Faults::default();
		let org = faults.note(self.operator(who));
		self.deadline(&mut faults, deadline);
		let goods = self.held(&mut faults, load, org);
		if let Some(goods) = &goods {
			faults.ensure(org.is_none_or(|org| goods.place.owner == org), Refusal::NotOwner);
			match goods.place.source {
				None => faults.ensure(false, Refusal::NotBought),
				Some(seller) => faults.ensure(self.is_partner(seller, true), Refusal::NotAccredited),
			}
			self.saleable(&mut faults, goods);
		}
		faults.end()?;
		let (goods, org) = goods.zip(org).expect("nothing is wrong with them");
		let to = goods.place.source.expect("they were bought");
		let head = self.step(StepKind::Returned, goods.place.head, (org, to), event, None);
		self.change(
			&goods,
			|place| {
				place.custody = Custody::Returning { to, sale: true, deadline };
				(place.package, place.head) = (H256::zero(), head);
			},
			|holds| holds,
		);
		Ok(())
	}
}

/// Two excursions as one, the later one second.
pub fn joined(first: Option<ExcursionView>, second: Option<ExcursionView>) -> Option<ExcursionView> {
	let Some((first, second)) = first.zip(second) else { return first.or(second) };
	Some(ExcursionView {
		start: first.start.min(second.start),
		min: first.min.min(second.min),
		max: first.max.max(second.max),
		minutes: first.minutes + second.minutes,
		evidence: second.evidence,
	})
}
