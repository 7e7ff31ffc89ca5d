//! Units of logistics: cases and pallets, and what is in them.

use super::*;
use alloc::vec::Vec;
use types::{Content, MAX_CONTENTS};
use units::Chunks;

/// A unit of logistics, with its identifier.
type Named<T> = (UnitId, LogisticUnit<TicketOf<T>>);
/// A parcel, with its batch and its last unit.
type Packed<T> = (BatchId, u32, Parcel<TicketOf<T>>);

impl<T: Config> Pallet<T> {
	/// The units of logistics around something, from the innermost.
	pub(crate) fn around(parent: Option<UnitId>) -> Vec<Named<T>> {
		let mut within = Vec::new();
		let mut parent = parent;
		// No unit is deeper than this.
		for _ in 0..MAX_DEPTH {
			let Some(id) = parent else { break };
			let Some(unit) = LogisticUnits::<T>::get(id) else { break };
			parent = unit.parent;
			within.push((id, unit));
		}
		within
	}

	/// The parcels in a unit of logistics, those of inner units included, and the holds of inner units.
	pub(crate) fn contents_of(unit: &LogisticUnit<TicketOf<T>>) -> (Vec<Packed<T>>, HoldSet) {
		let mut parcels = Vec::new();
		let mut holds = HoldSet::EMPTY;
		let mut contents = unit.contents.to_vec();
		// Each unit and parcel is in one unit only, and the outermost knows how many parcels there are at most.
		while let Some(content) = contents.pop() {
			match content {
				Content::Parcel { batch, last } => {
					parcels.extend(Parcels::<T>::get(batch, Last(last)).map(|parcel| (batch, last, parcel)))
				}
				Content::Logistic(id) => {
					if let Some(inner) = LogisticUnits::<T>::get(id) {
						holds = holds.union(inner.holds);
						contents.extend(inner.contents);
					}
				}
			}
		}
		(parcels, holds)
	}

	/// Packs goods into a unit of logistics, and tells how many entries of status bits that took to count.
	pub(crate) fn do_pack(who: AccountId, id: UnitId, loads: Contents, event: H256) -> Result<u32, DispatchError> {
		let now = Self::now();
		let org = Self::operator(&who, now)?.org;
		ensure!(!loads.is_empty(), Error::<T>::Empty);
		ensure!(!LogisticUnits::<T>::contains_key(id), Error::<T>::AlreadyExists);

		let mut chunks = Chunks::of_loads(&loads);
		let mut whose: Option<(OrgId, Option<OrgId>)> = None;
		let (mut depth, mut parcels) = (1, 0u32);
		let mut contents = Vec::new();
		let mut goods: Vec<(Gtin, u32)> = Vec::new();
		// Each load is packed before the next is looked at, so that none is packed twice.
		for load in loads {
			let found = Self::find(load)?;
			found.ensure_held_by(org)?;
			let Holding { owner, source, .. } = *found.holding();
			ensure!(*whose.get_or_insert((owner, source)) == (owner, source), Error::<T>::NotOwner);
			let mut found = found.carve(&who, &mut chunks)?;
			let content = match &mut found {
				Goods::Units(piece) => {
					ensure!(piece.parcel.inactive < piece.units.len, Error::<T>::NotActive);
					piece.parcel.parent = Some(id);
					parcels = parcels.saturating_add(1);
					Content::Parcel { batch: piece.units.batch, last: piece.last }
				}
				Goods::Logistic(inner, unit) => {
					unit.parent = Some(id);
					depth = depth.max(unit.depth.saturating_add(1));
					parcels = parcels.saturating_add(unit.parcels);
					Content::Logistic(*inner)
				}
			};
			ensure!(depth <= MAX_DEPTH && parcels <= MAX_PACKED, Error::<T>::TooMany);
			for (gtin, units) in found.counted() {
				match goods.iter_mut().find(|(other, _)| *other == gtin) {
					Some((_, sum)) => *sum = sum.checked_add(units).ok_or(Error::<T>::Exhausted)?,
					None => goods.push((gtin, units)),
				}
			}
			contents.push(content);
			found.store();
		}
		let (owner, source) = whose.ok_or(Error::<T>::Empty)?;

		let ticket = T::Consideration::new(&who, Self::logistic_footprint())?;
		let mut chain = Link::default();
		Self::record(&mut chain, Load::Logistic(id), Step::at(org, StepKind::Packed, event), now, None);
		let unit = LogisticUnit {
			parent: None,
			depth,
			parcels,
			contents: contents.try_into().map_err(|_| Error::<T>::TooMany)?,
			goods: goods.try_into().map_err(|_| Error::<T>::TooMany)?,
			holds: HoldSet::EMPTY,
			excursion: None,
			holding: Holding { owner, custodian: org, source, custody: Custody::Held, package: H256::zero(), chain },
			by: who,
			ticket,
		};
		LogisticUnits::<T>::insert(id, unit);
		Ok(chunks.used())
	}

	/// Takes everything out of a unit of logistics, which ceases to be, and tells how much was directly in it.
	pub(crate) fn do_unpack(who: AccountId, id: UnitId, event: H256) -> Result<u32, DispatchError> {
		let now = Self::now();
		let org = Self::operator(&who, now)?.org;
		let goods = Self::find(Load::Logistic(id))?;
		goods.ensure_held_by(org)?;
		let Goods::Logistic(_, unit) = goods else { return Err(Error::<T>::NotFound.into()) };

		LogisticUnits::<T>::remove(id);
		unit.ticket.clone().drop(&unit.by)?;
		for content in &unit.contents {
			let step = Step::at(org, StepKind::Unpacked, event);
			match *content {
				Content::Parcel { batch, last } => {
					let mut parcel = Parcels::<T>::get(batch, Last(last)).ok_or(Error::<T>::NotFound)?;
					if let Some(excursion) = unit.excursion {
						Self::note_excursion(&who, batch, parcel.start, last, excursion)?;
					}
					let load = Self::load_of(batch, last, &parcel);
					Self::leave(&mut parcel.holding, &unit, load, step, now);
					parcel.parent = None;
					parcel.holds = parcel.holds.union(unit.holds);
					Parcels::<T>::insert(batch, Last(last), parcel);
				}
				Content::Logistic(inner) => {
					let mut child = LogisticUnits::<T>::get(inner).ok_or(Error::<T>::NotFound)?;
					Self::leave(&mut child.holding, &unit, Load::Logistic(inner), step, now);
					child.parent = None;
					child.holds = child.holds.union(unit.holds);
					child.excursion = joined(child.excursion, unit.excursion);
					LogisticUnits::<T>::insert(inner, child);
				}
			}
		}
		Ok(unit.contents.len() as u32)
	}

	/// Gives what was in a unit of logistics the unit's holding, and a chain of its own that names the unit's.
	fn leave(holding: &mut Holding, unit: &LogisticUnit<TicketOf<T>>, load: Load, step: Step, now: Moment) {
		let mut chain = holding.chain;
		Self::record(&mut chain, load, step, now, Some(unit.holding.chain));
		*holding = Holding { chain, ..unit.holding.clone() };
	}

	/// Takes units that did not arrive out of a unit of logistics, as disputed.
	pub(crate) fn take_out(
		who: &AccountId,
		root: UnitId,
		units: UnitRange,
		custody: Custody,
		step: Step,
		now: Moment,
		chunks: &mut Chunks,
	) -> DispatchResult {
		let piece = Self::locate(units)?;
		let around = Self::around(piece.parcel.parent);
		ensure!(around.last().is_some_and(|(id, _)| *id == root), Error::<T>::InvalidRange);

		let old = Content::Parcel { batch: units.batch, last: piece.parcel_last };
		let below = (piece.parcel.start < units.start)
			.then(|| Content::Parcel { batch: units.batch, last: units.start.saturating_sub(1) });
		let above = (piece.last < piece.parcel_last).then_some(old);
		let remainders: Vec<_> = below.into_iter().chain(above).collect();
		let mut piece = piece.carve(who, chunks)?;
		let (gtin, counted) = (piece.batch.gtin, piece.counted());

		// What the unit at hand does not contain any more, and what it contains instead.
		let (mut gone, mut kept) = (Some(old), remainders.clone());
		let mut chain = piece.parcel.holding.chain;
		for (id, mut unit) in around {
			piece.parcel.holds = piece.parcel.holds.union(unit.holds);
			if let Some(excursion) = unit.excursion {
				Self::note_excursion(who, units.batch, units.start, piece.last, excursion)?;
			}
			if id == root {
				Self::record(&mut chain, Load::Units(units), step, now, Some(unit.holding.chain));
				piece.parcel.holding = Holding { custody, chain, ..unit.holding.clone() };
			} else {
				let step = Step::at(step.from, StepKind::Unpacked, step.event);
				Self::record(&mut chain, Load::Units(units), step, now, Some(unit.holding.chain));
			}

			let mut contents = unit.contents.into_inner();
			contents.retain(|content| Some(*content) != gone);
			contents.append(&mut kept);
			unit.parcels = unit.parcels.saturating_add(remainders.len() as u32).saturating_sub(1);
			ensure!(unit.parcels <= MAX_CONTENTS, Error::<T>::TooMany);
			for (_, sum) in unit.goods.iter_mut().filter(|(product, _)| *product == gtin) {
				*sum = sum.saturating_sub(counted);
			}
			if contents.is_empty() {
				ensure!(id != root, Error::<T>::InvalidRange);
				LogisticUnits::<T>::remove(id);
				unit.ticket.drop(&unit.by)?;
				gone = Some(Content::Logistic(id));
			} else {
				gone = None;
				unit.contents = contents.try_into().map_err(|_| Error::<T>::TooMany)?;
				LogisticUnits::<T>::insert(id, unit);
			}
		}
		piece.parcel.parent = None;
		piece.store();
		Ok(())
	}

	/// The name of a parcel.
	pub(crate) fn load_of(batch: BatchId, last: u32, parcel: &Parcel<TicketOf<T>>) -> Load {
		let len = last.saturating_sub(parcel.start).saturating_add(1);
		Load::Units(UnitRange { batch, start: parcel.start, len })
	}
}

/// Two excursions of the same goods, the later one second, as one.
pub(crate) fn joined(first: Option<ExcursionView>, second: Option<ExcursionView>) -> Option<ExcursionView> {
	match (first, second) {
		(Some(first), Some(second)) => Some(ExcursionView {
			start: first.start.min(second.start),
			min: first.min.min(second.min),
			max: first.max.max(second.max),
			minutes: first.minutes.saturating_add(second.minutes),
			evidence: second.evidence,
		}),
		(first, second) => second.or(first),
	}
}
