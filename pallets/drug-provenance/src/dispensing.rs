//! Units leaving the market: dispensed, undone, decommissioned, destroyed.

use super::*;
use alloc::vec::Vec;
use units::{Chunks, Place};

impl<T: Config> Pallet<T> {
	/// Dispenses a unit, or raises an alert.
	pub(crate) fn do_dispense(who: AccountId, dispense: Dispense) -> DispatchResult {
		let now = Self::now();
		let member = Self::pharmacist(&who, now)?;
		let premises = T::Directory::premises(&who);
		Self::judge(&who, member.org, premises, dispense, now)
	}

	/// Dispenses units, each judged by itself.
	pub(crate) fn do_dispense_many(who: AccountId, dispenses: Dispenses) -> DispatchResult {
		let now = Self::now();
		let member = Self::pharmacist(&who, now)?;
		ensure!(!dispenses.is_empty(), Error::<T>::Empty);
		let premises = T::Directory::premises(&who);
		dispenses.into_iter().try_for_each(|dispense| Self::judge(&who, member.org, premises, dispense, now))
	}

	/// Dispenses a unit if it is genuine and lies with the organisation; else raises an alert.
	fn judge(who: &AccountId, org: OrgId, premises: Option<Gln>, dispense: Dispense, now: Moment) -> DispatchResult {
		let Dispense { batch: id, unit, at } = dispense;
		let at = at.unwrap_or(now);
		let batch = Batches::<T>::get(id).ok_or(Error::<T>::NotFound)?;
		ensure!(unit.holds(batch.gtin, &batch.lot, batch.run, &batch.root, batch.units), Error::<T>::InvalidProof);
		ensure!(at <= now && now - at <= T::OfflineWindow::get(), Error::<T>::InvalidMoment);
		let index = unit.index;
		let place = Self::place_of(id, index);
		let recall = Self::recalls_of(id, &batch).gravest(index, index, at).map(|recall| recall.class);
		let (facts, _) = Self::facts_of(id, &batch, index, recall, place.as_ref());
		let verdict = facts.verdict(at);
		let here = |place: &Place<T>| place.holding().custodian == org;
		let Some(place) = place.filter(|place| verdict == Verdict::Genuine && here(place)) else {
			Self::deposit_event(Event::Alert { batch: id, index, verdict, org, who: who.clone(), at });
			return Ok(());
		};
		ensure!(place.within.is_empty(), Error::<T>::Packed);

		let Place { last, mut parcel, .. } = place;
		let counted = u32::from(parcel.counted);
		parcel.inactive = parcel.inactive.saturating_add(1);
		Parcels::<T>::insert(id, Last(last), parcel);
		Self::except(who, org, premises, UnitRange { batch: id, start: index, len: 1 }, UnitStatus::Dispensed, at)?;
		Self::deposit_event(Event::Dispensed { batch: id, index, org, at });
		Self::take_stock(org, [(batch.gtin, counted)].into(), org, now);
		Ok(())
	}

	/// Marks units as having left the market, and writes down how.
	fn except(
		who: &AccountId,
		org: OrgId,
		premises: Option<Gln>,
		units: UnitRange,
		status: UnitStatus,
		at: Moment,
	) -> DispatchResult {
		let last = units.last().ok_or(Error::<T>::InvalidRange)?;
		Self::set_inactive(units.batch, units.start, last, true);
		let ticket = T::Consideration::new(who, Self::exception_footprint())?;
		let exception = Exception { start: units.start, status, org, premises, at, by: who.clone(), ticket };
		Exceptions::<T>::insert(units.batch, Last(last), exception);
		Ok(())
	}

	/// Takes a dispense back.
	pub(crate) fn do_undo(who: AccountId, id: BatchId, index: u32) -> DispatchResult {
		let now = Self::now();
		let org = Self::pharmacist(&who, now)?.org;
		let batch = Batches::<T>::get(id).ok_or(Error::<T>::NotFound)?;
		ensure!(index < batch.units, Error::<T>::InvalidRange);
		let exception = Exceptions::<T>::get(id, Last(index)).ok_or(Error::<T>::NotUndoable)?;
		let undoable = exception.status == UnitStatus::Dispensed
			&& exception.org == org
			&& exception.premises == T::Directory::premises(&who)
			&& now < exception.at.saturating_add(T::UndoWindow::get());
		ensure!(undoable, Error::<T>::NotUndoable);
		ensure!(now < batch.expiry, Error::<T>::Expired);
		let recall = Self::recalls_of(id, &batch).gravest(index, index, Moment::MAX);
		ensure!(recall.is_none(), Error::<T>::Recalled);
		let goods = Self::find(Load::Units(UnitRange { batch: id, start: index, len: 1 }))?;
		goods.ensure_held_by(org)?;
		let Goods::Units(mut piece) = goods else { return Err(Error::<T>::NotFound.into()) };

		Self::set_inactive(id, index, index, false);
		piece.parcel.inactive = piece.parcel.inactive.saturating_sub(1);
		let counted = u32::from(piece.parcel.counted);
		piece.store();
		Exceptions::<T>::remove(id, Last(index));
		exception.ticket.drop(&exception.by)?;
		Self::deposit_event(Event::DispenseUndone { batch: id, index, org });
		Self::add_stock(org, [(batch.gtin, counted)].into())?;
		Ok(())
	}

	/// Takes units off the market otherwise than by dispensing or destroying them.
	pub(crate) fn do_decommission(who: AccountId, ranges: Ranges, kind: RemovalKind, event: H256) -> DispatchResult {
		ensure!(kind != RemovalKind::Destroyed, Error::<T>::WrongKind);
		Self::do_remove(who, ranges, kind, event)
	}

	/// Takes units off the market otherwise than by dispensing them.
	pub(crate) fn do_remove(who: AccountId, ranges: Ranges, kind: RemovalKind, event: H256) -> DispatchResult {
		let now = Self::now();
		let org = Self::operator(&who, now)?.org;
		ensure!(!ranges.is_empty(), Error::<T>::Empty);
		let ranges = Self::disjoint(ranges)?;
		let total: u64 = ranges.iter().map(|range| u64::from(range.len)).sum();
		ensure!(total <= u64::from(MAX_RANGE_UNITS), Error::<T>::TooMany);
		let outbound = matches!(kind, RemovalKind::Sample | RemovalKind::Exported);
		let mut chunks = Chunks::of_ranges();
		for units in &ranges {
			let goods = Self::find(Load::Units(*units))?;
			goods.ensure_held_by(org)?;
			if outbound {
				let condition = goods.condition()?;
				ensure!(condition.holds.is_empty(), Error::<T>::OnHold);
				ensure!(!condition.recalled, Error::<T>::Recalled);
			}
			if let Goods::Units(piece) = goods {
				let active = piece.parcel.inactive == 0
					|| Self::count_inactive(units.batch, units.start, piece.last, &mut chunks)? == 0;
				ensure!(active, Error::<T>::NotActive);
			}
		}

		let premises = T::Directory::premises(&who);
		let mut counted = Vec::new();
		for units in ranges {
			// Several ranges may lie in one parcel, so each is read after the one before is written.
			let mut piece = Self::locate_loose(units)?;
			piece.parcel.inactive = piece.parcel.inactive.saturating_add(units.len);
			if piece.parcel.counted {
				counted.push((piece.batch.gtin, units.len));
			}
			piece.store();
			Self::except(&who, org, premises, units, kind.into(), now)?;
			Self::deposit_event(Event::UnitsRemoved { units, kind, org, event });
		}
		Self::take_stock(org, counted, org, now);
		Ok(())
	}
}
