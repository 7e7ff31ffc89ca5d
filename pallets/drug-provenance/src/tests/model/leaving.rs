//! Units that leave the market, and what is forgotten of them.

use super::*;

/// The premises that a pharmacist works at.
fn premises(who: &AccountId) -> Option<salus_primitives::inputs::Gln> {
	match *who {
		PHARMACIST | COLLEAGUE | CLERK | PHARMACY_QP => Some(HIGH_STREET),
		LOCUM | RIVAL_PHARMACIST => Some(STATION),
		_ => None,
	}
}

impl Model {
	pub fn dispense(&mut self, who: &AccountId, dispenses: &[Dispense]) -> Refused<()> {
		let mut faults = Faults::default();
		let org = faults.note(self.pharmacist(who));
		faults.ensure(!dispenses.is_empty(), Refusal::Empty);
		for Dispense { batch, unit, at } in dispenses {
			let at = at.unwrap_or(self.now);
			faults.ensure(at <= self.now && at + OFFLINE >= self.now, Refusal::InvalidMoment);
			let Some(entry) = self.batches.get(*batch as usize) else {
				faults.ensure(false, Refusal::NotFound);
				continue;
			};
			// Proofs in the sequences are right, or have a keyed hash of another unit.
			let proved = unit.index < entry.run.units && unit.mac == entry.run.mac(unit.index);
			faults.ensure(proved, Refusal::InvalidProof);
			let Some(org) = org.filter(|_| proved) else { continue };
			let verdict = self.verdict(*batch, unit.index, at);
			let here = !self.unit(*batch, unit.index).retired && self.effective(*batch, unit.index).custodian == org;
			if verdict != Verdict::Genuine || !here {
				self.judged.push((unit.index, Some(verdict)));
				continue;
			}
			faults.ensure(self.unit(*batch, unit.index).parent.is_none(), Refusal::Packed);
			let entry = self.unit_mut(*batch, unit.index);
			entry.status = UnitStatus::Dispensed;
			entry.left = Some((org, premises(who), at));
			self.judged.push((unit.index, None));
		}
		faults.end()
	}

	pub fn undo(&mut self, who: &AccountId, batch: BatchId, index: u32) -> Refused<()> {
		let mut faults = Faults::default();
		let org = faults.note(self.pharmacist(who));
		let entry = self.batches.get(batch as usize);
		faults.ensure(entry.is_some(), Refusal::NotFound);
		let unit = entry.and_then(|entry| entry.units.get(index as usize)).cloned();
		faults.ensure(entry.is_none() || unit.is_some(), Refusal::InvalidRange);
		let Some(unit) = unit else { return faults.end() };
		let recent = unit.left.is_some_and(|(at_org, at_premises, at)| {
			org.is_none_or(|org| at_org == org) && at_premises == premises(who) && self.now < at + UNDO
		});
		faults.ensure(unit.status == UnitStatus::Dispensed && recent, Refusal::NotUndoable);
		faults.ensure(self.now < self.batches[batch as usize].run.expiry, Refusal::Expired);
		faults.ensure(self.recalls(batch, index).is_empty(), Refusal::Recalled);
		let one = UnitRange { batch, start: index, len: 1 };
		self.held(&mut faults, Load::Units(one), org);
		faults.end()?;
		let unit = self.unit_mut(batch, index);
		(unit.status, unit.left) = (UnitStatus::Active, None);
		Ok(())
	}

	pub fn remove(&mut self, who: &AccountId, ranges: Vec<UnitRange>, kind: RemovalKind) -> Refused<()> {
		let mut faults = Faults::default();
		let org = faults.note(self.operator(who));
		faults.ensure(!ranges.is_empty(), Refusal::Empty);
		let mut all = Vec::new();
		for range in ranges {
			// Whether they are there or not, there are some, and none is named twice.
			faults.ensure(range.len > 0, Refusal::InvalidRange);
			for index in range.start..range.start.saturating_add(range.len.min(100)) {
				faults.ensure(!all.contains(&(range.batch, index)), Refusal::InvalidRange);
				all.push((range.batch, index));
			}
			let Some(goods) = self.held(&mut faults, Load::Units(range), org) else { continue };
			if matches!(kind, RemovalKind::Sample | RemovalKind::Exported) {
				faults.ensure(goods.holds.is_empty(), Refusal::OnHold);
				faults.ensure(!self.is_recalled(&goods.units), Refusal::Recalled);
			}
			for (batch, index) in goods.units {
				faults.ensure(self.unit(batch, index).status == UnitStatus::Active, Refusal::NotActive);
			}
		}
		faults.end()?;
		let org = org.expect("nothing is wrong");
		for (batch, index) in all {
			let now = self.now;
			let unit = self.unit_mut(batch, index);
			unit.status = kind.into();
			unit.left = Some((org, premises(who), now));
		}
		Ok(())
	}

	pub fn prune(&mut self, what: Prunable) -> Refused<()> {
		let mut faults = Faults::default();
		match what {
			Prunable::Dispenses { batch, units } => {
				faults.ensure(!units.is_empty(), Refusal::Empty);
				for index in units {
					let now = self.now;
					let entry = self.batches.get_mut(batch as usize);
					let unit = entry.and_then(|entry| entry.units.get_mut(index as usize));
					let due = unit.filter(|unit| unit.status == UnitStatus::Dispensed);
					let due = due.filter(|unit| unit.left.is_some_and(|(_, _, at)| now >= at + UNDO));
					match due {
						Some(unit) => unit.left = None,
						None => faults.ensure(false, Refusal::NotPrunable),
					}
				}
				faults.end()
			}
			Prunable::Parcel { batch, last } => {
				if self.batches.get(batch as usize).is_none() {
					return refuse_for(Refusal::NotFound);
				}
				let Some((start, _)) = self.parcels(batch).into_iter().find(|(_, end)| *end == last) else {
					return refuse_for(Refusal::NotFound);
				};
				let expiry = self.batches[batch as usize].run.expiry;
				faults.ensure(expiry <= self.now, Refusal::NotPrunable);
				for index in start..=last {
					let unit = self.unit(batch, index);
					faults.ensure(unit.parent.is_none() && !unit.holds.contains(Hold::Suspect), Refusal::NotPrunable);
					faults.ensure(unit.status != UnitStatus::Active, Refusal::NotPrunable);
				}
				faults.end()?;
				for index in start..=last {
					self.unit_mut(batch, index).retired = true;
				}
				self.excursions.remove(&(batch, last));
				Ok(())
			}
			Prunable::Acknowledgement { batch, org } => {
				let Some(entry) = self.batches.get(batch as usize) else { return refuse_for(Refusal::NotFound) };
				faults.ensure(self.acknowledged.contains_key(&(batch, org)), Refusal::NotFound);
				let recalled = !entry.ranges.is_empty() || !self.recalls(batch, 0).is_empty();
				faults.ensure(!recalled, Refusal::NotPrunable);
				faults.end()?;
				self.acknowledged.remove(&(batch, org));
				Ok(())
			}
		}
	}
}
