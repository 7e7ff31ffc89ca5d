//! Suspicion, excursions, recalls.

use super::{moving::joined, *};

fn without(holds: HoldSet, hold: Hold) -> HoldSet {
	holds.iter().filter(|other| *other != hold).collect()
}

impl Model {
	pub fn suspect(&mut self, who: &AccountId, load: Load) -> Refused<()> {
		let mut faults = Faults::default();
		let member = faults.note(self.member(who));
		let goods = faults.note(self.find(load));
		if let Some(goods) = &goods {
			faults.ensure(!goods.holds.contains(Hold::Suspect), Refusal::OnHold);
		}
		let today = self.now / DAY;
		if let Some(Member { org, .. }) = member {
			let made = self.reported.iter().filter(|report| **report == (org, today)).count();
			faults.ensure(made < REPORTS as usize, Refusal::TooManyReports);
		}
		faults.end()?;
		let (goods, Member { org, .. }) = goods.zip(member).expect("nothing is wrong with them");
		self.reports.insert(self.reported.len() as ReportId, (load, org, who.clone()));
		self.reported.push((org, today));
		self.change(&goods, |_| (), |holds| holds.with(Hold::Suspect));
		Ok(())
	}

	pub fn clear(&mut self, who: &AccountId, load: Load, report: Option<ReportId>) -> Refused<()> {
		let mut faults = Faults::default();
		faults.note(self.regulator(who));
		let goods = faults.note(self.find(load));
		if let Some(goods) = &goods {
			// A report may be settled after the hold is gone, so that no bond is stuck.
			faults.ensure(report.is_some() || goods.holds.contains(Hold::Suspect), Refusal::NotOnHold);
		}
		faults.ensure(report.is_none_or(|report| self.reports.contains_key(&report)), Refusal::NotFound);
		faults.end()?;
		let goods = goods.expect("nothing is wrong with them");
		if goods.holds.contains(Hold::Suspect) {
			self.change(&goods, |_| (), |holds| without(holds, Hold::Suspect));
		}
		if let Some(report) = report {
			self.reports.remove(&report);
		}
		Ok(())
	}

	pub fn illegitimate(&mut self, who: &AccountId, load: Load) -> Refused<()> {
		let mut faults = Faults::default();
		faults.note(self.regulator_or_owner(who));
		let goods = faults.note(self.find(load));
		if let Some(goods) = &goods {
			faults.ensure(!goods.holds.contains(Hold::Illegitimate), Refusal::OnHold);
		}
		faults.end()?;
		let goods = goods.expect("nothing is wrong with them");
		self.change(&goods, |_| (), |holds| holds.with(Hold::Illegitimate));
		Ok(())
	}

	// ------------------------------------------------------------------------------------------------------ recalls

	/// The recall of a scope, if there is such a scope.
	fn scope(&mut self, scope: &RecallScope) -> Refused<Option<RecallView>> {
		match scope {
			RecallScope::Product(gtin) => match self.products.get(gtin) {
				Some(recall) => Ok(*recall),
				None => refuse_for(Refusal::NotFound),
			},
			RecallScope::Lot(gtin, lot) => {
				let known = self.batches.iter().any(|batch| (batch.run.gtin, &batch.run.lot) == (*gtin, lot));
				if !known {
					return refuse_for(Refusal::NotFound);
				}
				Ok(self.lots.get(&(*gtin, lot.clone())).copied())
			}
			RecallScope::Batch(batch) => match self.batches.get(*batch as usize) {
				Some(batch) => Ok(batch.recall),
				None => refuse_for(Refusal::NotFound),
			},
			RecallScope::Units(UnitRange { batch, start, len }) => {
				let Some(batch) = self.batches.get(*batch as usize) else { return refuse_for(Refusal::NotFound) };
				let end = u64::from(*start) + u64::from(*len);
				if *len == 0 || end > batch.units.len() as u64 {
					return refuse_for(Refusal::InvalidRange);
				}
				let same = batch.ranges.iter().find(|range| (range.0, range.1) == (*start, *len));
				Ok(same.map(|range| range.2))
			}
		}
	}

	fn set_scope(&mut self, scope: RecallScope, recall: Option<RecallView>) {
		match scope {
			RecallScope::Product(gtin) => *self.products.get_mut(&gtin).expect("it is known") = recall,
			RecallScope::Lot(gtin, lot) => {
				self.lots.remove(&(gtin, lot.clone()));
				self.lots.extend(recall.map(|recall| ((gtin, lot), recall)));
			}
			RecallScope::Batch(batch) => self.batches[batch as usize].recall = recall,
			RecallScope::Units(UnitRange { batch, start, len }) => {
				let ranges = &mut self.batches[batch as usize].ranges;
				match (ranges.iter().position(|range| (range.0, range.1) == (start, len)), recall) {
					(Some(place), Some(recall)) => ranges[place].2 = recall,
					(Some(place), None) => drop(ranges.remove(place)),
					(None, recall) => ranges.extend(recall.map(|recall| (start, len, recall))),
				}
			}
		}
	}

	pub fn recall(
		&mut self,
		who: &AccountId,
		scope: RecallScope,
		class: RecallClass,
		reason: RecallReason,
	) -> Refused<()> {
		let mut faults = Faults::default();
		let by = faults.note(self.regulator_or_owner(who));
		let old = faults.note(self.scope(&scope));
		let (Some(by), Some(old)) = (by, old) else { return faults.end() };
		faults.ensure(by == REGULATOR || old.is_none_or(|old| old.by == by), Refusal::NotAuthorized);
		let recall = RecallView { class, reason, by, at: old.map_or(self.now, |old| old.at) };
		faults.ensure(old != Some(recall), Refusal::AlreadyExists);
		if let (RecallScope::Units(units), None) = (&scope, old) {
			faults.ensure(self.batches[units.batch as usize].ranges.len() < 16, Refusal::TooMany);
		}
		faults.end()?;
		self.set_scope(scope, Some(recall));
		Ok(())
	}

	pub fn lift(&mut self, who: &AccountId, scope: RecallScope) -> Refused<()> {
		let mut faults = Faults::default();
		let by = faults.note(self.regulator_or_owner(who));
		let old = faults.note(self.scope(&scope));
		let (Some(by), Some(old)) = (by, old) else { return faults.end() };
		faults.ensure(old.is_some(), Refusal::NotRecalled);
		faults.ensure(by == REGULATOR || old.is_none_or(|old| old.by == by), Refusal::NotAuthorized);
		faults.end()?;
		self.set_scope(scope, None);
		Ok(())
	}

	pub fn acknowledge(&mut self, who: &AccountId, range: UnitRange) -> Refused<()> {
		let mut faults = Faults::default();
		let org = faults.note(self.operator(who));
		let goods = self.held(&mut faults, Load::Units(range), org);
		if let Some(goods) = &goods {
			let covered = goods.units.iter().all(|(batch, index)| !self.recalls(*batch, *index).is_empty());
			faults.ensure(covered, Refusal::NotRecalled);
			let apart = goods.holds.contains(Hold::Quarantined) && !self.unit(range.batch, range.start).counted;
			faults.ensure(!apart, Refusal::OnHold);
		}
		faults.end()?;
		let (goods, org) = goods.zip(org).expect("nothing is wrong with them");
		self.change(&goods, |_| (), |holds| holds.with(Hold::Quarantined));
		for (batch, index) in goods.units {
			self.unit_mut(batch, index).counted = false;
		}
		self.acknowledged.entry((range.batch, org)).or_insert(self.now);
		Ok(())
	}

	pub fn release_quarantine(&mut self, who: &AccountId, load: Load) -> Refused<()> {
		let mut faults = Faults::default();
		let org = faults.note(self.quality(who));
		let goods = self.held(&mut faults, load, org);
		if let Some(goods) = &goods {
			faults.ensure(goods.holds.contains(Hold::Quarantined), Refusal::NotOnHold);
			faults.ensure(!self.is_recalled(&goods.units), Refusal::Recalled);
		}
		faults.end()?;
		let goods = goods.expect("nothing is wrong with them");
		self.change(&goods, |_| (), |holds| without(holds, Hold::Quarantined));
		if goods.case.is_none() {
			for (batch, index) in goods.units {
				self.unit_mut(batch, index).counted = true;
			}
		}
		Ok(())
	}

	// --------------------------------------------------------------------------------------------------- excursions

	pub fn note_excursion(&mut self, batch: BatchId, start: u32, last: u32, excursion: ExcursionView) {
		let noted = ExcursionView { start, ..excursion };
		let before = self.excursions.remove(&(batch, last));
		self.excursions.extend(joined(before, Some(noted)).map(|excursion| ((batch, last), excursion)));
	}

	/// The products of some units.
	fn products_of(&self, units: &[(BatchId, u32)]) -> BTreeSet<Gtin> {
		units.iter().map(|(batch, _)| self.batches[*batch as usize].run.gtin).collect()
	}

	pub fn log(&mut self, who: &AccountId, load: Load, readings: Readings, evidence: H256) -> Refused<()> {
		let mut faults = Faults::default();
		let org = faults.note(self.operator(who));
		let goods = faults.note(self.find(load));
		if let Some(goods) = &goods {
			let parties = match goods.place.custody {
				Custody::InTransit { to, carrier, .. } => vec![Some(to), carrier],
				Custody::Returning { to, .. } | Custody::Disputed { to, .. } => vec![Some(to)],
				Custody::Held | Custody::Lost { .. } => vec![],
			};
			let has = |org| org == goods.place.custodian || parties.contains(&Some(org));
			faults.ensure(org.is_none_or(has), Refusal::NotCustodian);
			let cold = self.products_of(&goods.units).contains(&VACCINE);
			faults.ensure(cold && COLD.is_broken_by(&readings), Refusal::NoExcursion);
		}
		faults.end()?;
		let goods = goods.expect("nothing is wrong with them");
		let Readings { min, max, minutes, .. } = readings;
		let excursion = ExcursionView { start: 0, min, max, minutes, evidence };
		match load {
			Load::Units(UnitRange { batch, start, len }) => {
				self.note_excursion(batch, start, start + len - 1, excursion)
			}
			Load::Logistic(id) => {
				let case = self.cases.get_mut(&id).expect("it was found");
				case.excursion = joined(case.excursion, Some(excursion));
			}
		}
		self.change(&goods, |_| (), |holds| holds.with(Hold::Excursion));
		Ok(())
	}

	pub fn release_excursion(&mut self, who: &AccountId, load: Load) -> Refused<()> {
		let mut faults = Faults::default();
		let org = faults.note(self.quality(who));
		let goods = faults.note(self.find(load));
		// The maker owns every product; of a unit without goods anybody would.
		faults.ensure(org.is_none_or(|org| org == MAKER), Refusal::NotAuthorized);
		if let Some(goods) = &goods {
			faults.ensure(goods.holds.contains(Hold::Excursion), Refusal::NotOnHold);
		}
		faults.end()?;
		let goods = goods.expect("nothing is wrong with them");
		self.change(&goods, |_| (), |holds| without(holds, Hold::Excursion));
		Ok(())
	}
}
