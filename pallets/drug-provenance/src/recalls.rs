//! Recalls: ordering, lifting and acknowledging them.

use super::*;
use alloc::vec::Vec;
use units::Chunks;

/// The recalls that concern a batch.
pub(crate) struct RecallsOf {
	/// Of all of it: the product's, the lot's, its own.
	whole: Vec<RecallView>,
	/// Of some of its units.
	pub units: RecalledUnits,
}

impl RecallsOf {
	/// The gravest one of any unit from the first to the last that was in force at a moment; of equally grave ones the
	/// earliest.
	pub fn gravest(&self, start: u32, last: u32, at: Moment) -> Option<RecallView> {
		let meets = |(first, len, _): &&(u32, u32, RecallView)| *first <= last && start - (*first).min(start) < *len;
		let units = self.units.iter().filter(meets).map(|(_, _, recall)| recall);
		self.whole
			.iter()
			.chain(units)
			.filter(|recall| recall.at <= at)
			.min_by_key(|recall| (recall.class, recall.at))
			.copied()
	}

	/// The gravest one of all of it.
	pub fn of_all(&self) -> Option<RecallView> {
		self.whole.iter().min_by_key(|recall| (recall.class, recall.at)).copied()
	}

	/// Whether each unit from the first to the last is recalled.
	pub fn cover(&self, start: u32, last: u32) -> bool {
		let mut ranges: Vec<_> = self.units.iter().map(|(first, len, _)| (*first, *len)).collect();
		ranges.sort_unstable();
		let next =
			ranges.into_iter().fold(
				start,
				|next, (first, len)| {
					if first <= next {
						next.max(first.saturating_add(len))
					} else {
						next
					}
				},
			);
		!self.whole.is_empty() || next > last
	}

	/// Whether there is none.
	pub fn is_empty(&self) -> bool {
		self.whole.is_empty() && self.units.is_empty()
	}
}

impl<T: Config> Pallet<T> {
	/// The recalls that concern a batch.
	pub(crate) fn recalls_of(id: BatchId, batch: &Batch<TicketOf<T>>) -> RecallsOf {
		let product = Products::<T>::get(batch.gtin).and_then(|product| product.recall);
		let lot = Lots::<T>::get(batch.gtin, &batch.lot).recall;
		RecallsOf { whole: [product, lot, batch.recall].into_iter().flatten().collect(), units: Recalls::<T>::get(id) }
	}

	/// Recalls goods.
	pub(crate) fn do_recall(
		who: AccountId,
		scope: RecallScope,
		class: RecallClass,
		reason: RecallReason,
	) -> DispatchResult {
		let now = Self::now();
		let member = Self::recaller(&who, &scope, now)?;
		let by = member.org;
		let regulates = member.org_roles.contains(OrgRole::Regulator);
		Self::change_recall(&scope, |old| {
			let recall = RecallView { class, reason, by, at: old.map_or(now, |old| old.at) };
			ensure!(old != Some(recall), Error::AlreadyExists);
			ensure!(regulates || old.is_none_or(|old| old.by == by), Error::NotAuthorized);
			Ok(Some(recall))
		})?;
		Self::deposit_event(Event::Recalled { scope, class, reason, by });
		Ok(())
	}

	/// Ends a recall.
	pub(crate) fn do_lift(who: AccountId, scope: RecallScope) -> DispatchResult {
		let member = Self::recaller(&who, &scope, Self::now())?;
		let by = member.org;
		let regulates = member.org_roles.contains(OrgRole::Regulator);
		Self::change_recall(&scope, |old| {
			let old = old.ok_or(Error::NotRecalled)?;
			ensure!(regulates || old.by == by, Error::NotAuthorized);
			Ok(None)
		})?;
		Self::deposit_event(Event::RecallLifted { scope, by });
		Ok(())
	}

	/// The signer, who regulates or owns the product of the scope.
	fn recaller(who: &AccountId, scope: &RecallScope, now: Moment) -> Result<Membership, Error<T>> {
		let gtin = match scope {
			RecallScope::Product(gtin) | RecallScope::Lot(gtin, _) => *gtin,
			RecallScope::Batch(batch) | RecallScope::Units(UnitRange { batch, .. }) => {
				Batches::<T>::get(batch).ok_or(Error::NotFound)?.gtin
			}
		};
		let owner = Products::<T>::get(gtin).ok_or(Error::NotFound)?.owner;
		Self::regulator_or_owner(who, now, |org| org == owner)
	}

	/// Replaces the recall of a scope by what `change` makes of it.
	fn change_recall(
		scope: &RecallScope,
		change: impl FnOnce(Option<RecallView>) -> Result<Option<RecallView>, Error<T>>,
	) -> Result<(), Error<T>> {
		match scope {
			RecallScope::Product(gtin) => Products::<T>::try_mutate(gtin, |product| {
				let product = product.as_mut().ok_or(Error::NotFound)?;
				product.recall = change(product.recall)?;
				Ok(())
			}),
			RecallScope::Lot(gtin, lot) => Lots::<T>::try_mutate(gtin, lot, |lot| {
				ensure!(!lot.runs.is_empty(), Error::NotFound);
				lot.recall = change(lot.recall)?;
				Ok(())
			}),
			RecallScope::Batch(id) => Batches::<T>::try_mutate(id, |batch| {
				let batch = batch.as_mut().ok_or(Error::NotFound)?;
				batch.recall = change(batch.recall)?;
				Ok(())
			}),
			RecallScope::Units(units) => {
				let batch = Batches::<T>::get(units.batch).ok_or(Error::NotFound)?;
				ensure!(units.last().is_some_and(|last| last < batch.units), Error::InvalidRange);
				Recalls::<T>::try_mutate_exists(units.batch, |stored| {
					let mut ranges = stored.take().unwrap_or_default();
					let place = ranges.iter().position(|(start, len, _)| (*start, *len) == (units.start, units.len));
					match (place, change(place.map(|place| ranges[place].2))?) {
						(Some(place), Some(recall)) => ranges[place].2 = recall,
						(Some(place), None) => {
							ranges.remove(place);
						}
						(None, Some(recall)) => {
							let range = (units.start, units.len, recall);
							ranges.try_push(range).map_err(|_| Error::TooMany)?;
						}
						(None, None) => {}
					}
					*stored = Some(ranges).filter(|ranges| !ranges.is_empty());
					Ok(())
				})
			}
		}
	}

	/// Sets recalled goods apart, and tells how many entries of status bits that took to count.
	pub(crate) fn do_acknowledge(who: AccountId, units: UnitRange) -> Result<u32, DispatchError> {
		let now = Self::now();
		let org = Self::operator(&who, now)?.org;
		let goods = Self::find(Load::Units(units))?;
		goods.ensure_held_by(org)?;
		let Goods::Units(piece) = goods else { return Err(Error::<T>::NotFound.into()) };
		let recalls = Self::recalls_of(units.batch, &piece.batch);
		ensure!(recalls.cover(units.start, piece.last), Error::<T>::NotRecalled);
		let apart = piece.parcel.holds.contains(Hold::Quarantined) && !piece.parcel.counted;
		ensure!(!apart, Error::<T>::OnHold);

		let mut chunks = Chunks::default();
		let mut piece = piece.carve(&who, &mut chunks)?;
		let (gtin, counted) = (piece.batch.gtin, piece.counted());
		piece.parcel.counted = false;
		let mut goods = Goods::Units(piece);
		goods.set_holds(goods.holds().with(Hold::Quarantined), org);
		goods.store();
		if !Acknowledgements::<T>::contains_key(units.batch, org) {
			let ticket = T::Consideration::new(&who, Self::acknowledgement_footprint())?;
			Acknowledgements::<T>::insert(units.batch, org, Acknowledgement { at: now, by: who, ticket });
		}
		Self::deposit_event(Event::RecallAcknowledged { units, org });
		Self::take_stock(org, [(gtin, counted)].into(), org, now);
		Ok(chunks.used())
	}
}
