//! What always holds of the pallet's storage.

use super::*;
use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec::Vec,
};
use sp_runtime::TryRuntimeError;
use types::Content;

impl<T: Config> Pallet<T> {
	/// Checks every invariant.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_lots()?;
		Self::check_parcels()?;
		Self::check_exceptions()?;
		Self::check_units()?;
		Self::check_stock()?;
		Self::check_orders()?;
		Self::check_numbers()
	}

	/// Batches and lots name each other, and runs of a lot expire together.
	fn check_lots() -> Result<(), TryRuntimeError> {
		let next = NextBatch::<T>::get();
		for (id, batch) in Batches::<T>::iter() {
			ensure!(id < next, "batches are numbered below the next number");
			ensure!(batch.units > 0 && batch.units <= MAX_UNITS, "a batch has units");
			ensure!(Products::<T>::contains_key(batch.gtin), "batches are of known products");
			let runs = Lots::<T>::get(batch.gtin, &batch.lot).runs;
			ensure!(runs.get(usize::from(batch.run)) == Some(&id), "a batch is its lot's run");
			ensure!(
				runs.iter().all(|run| Batches::<T>::get(run).is_some_and(|other| other.expiry == batch.expiry)),
				"runs of a lot are known and expire together"
			);
		}
		for (_, _, lot) in Lots::<T>::iter() {
			ensure!(lot.runs.iter().all(Batches::<T>::contains_key), "runs are known batches");
		}
		for (id, ranges) in Recalls::<T>::iter() {
			let batch = Batches::<T>::get(id).ok_or("recalled units are of known batches")?;
			let within = |(start, len, _): &(u32, u32, RecallView)| {
				*len > 0 && start.checked_add(*len).is_some_and(|end| end <= batch.units)
			};
			ensure!(!ranges.is_empty() && ranges.iter().all(within), "recalled ranges lie in their batch");
		}
		Ok(())
	}

	/// Parcels of a batch are disjoint, and together with what was retired they are all of it.
	fn check_parcels() -> Result<(), TryRuntimeError> {
		let mut lengths: BTreeMap<BatchId, u32> = BTreeMap::new();
		for (id, Last(last), parcel) in Parcels::<T>::iter() {
			let batch = Batches::<T>::get(id).ok_or("parcels are of known batches")?;
			ensure!(parcel.start <= last && last < batch.units, "a parcel lies in its batch");
			let len = last - parcel.start + 1;
			*lengths.entry(id).or_default() += len;
			ensure!(
				Self::find_parcel(id, parcel.start).is_some_and(|(found, _)| found == last),
				"parcels of a batch are disjoint"
			);
			ensure!(Self::count_bits(id, parcel.start, last) == parcel.inactive, "a parcel knows its inactive units");
			ensure!(parcel.holds.is_known(), "holds are known");
			if let Some(parent) = parcel.parent {
				let unit = LogisticUnits::<T>::get(parent).ok_or("parcels are in known units of logistics")?;
				let content = Content::Parcel { batch: id, last };
				ensure!(unit.contents.contains(&content), "a unit of logistics knows the parcels in it");
			}
		}
		for (id, batch) in Batches::<T>::iter() {
			let parcels = lengths.get(&id).copied().unwrap_or(0);
			ensure!(parcels.checked_add(batch.retired) == Some(batch.units), "no unit is lost and none is made");
		}
		Ok(())
	}

	/// Exceptions are disjoint, and their units have left the market.
	fn check_exceptions() -> Result<(), TryRuntimeError> {
		for (id, Last(last), exception) in Exceptions::<T>::iter() {
			let batch = Batches::<T>::get(id).ok_or("exceptions are of known batches")?;
			ensure!(exception.start <= last && last < batch.units, "an exception lies in its batch");
			ensure!(exception.status != UnitStatus::Active, "an exception is not active");
			ensure!(
				Self::exception_of(id, exception.start).is_some_and(|(found, _)| found == last),
				"exceptions of a batch are disjoint"
			);
			let len = last - exception.start + 1;
			ensure!(Self::count_bits(id, exception.start, last) == len, "units of exceptions are inactive");
		}
		for (id, chunk, bits) in Inactive::<T>::iter() {
			let batch = Batches::<T>::get(id).ok_or("status bits are of known batches")?;
			ensure!(bits.iter().any(|byte| *byte != 0), "status bits that are all clear are not stored");
			let first = u32::from(chunk) * CHUNK;
			ensure!(first < batch.units, "status bits are of units");
			let last = batch.units.min(first + CHUNK) - 1;
			let set: u32 = bits.iter().map(|byte| byte.count_ones()).sum();
			ensure!(Self::count_bits(id, first, last) == set, "no status bit is set beyond the batch");
		}
		for (id, Last(last), excursion) in Excursions::<T>::iter() {
			let batch = Batches::<T>::get(id).ok_or("excursions are of known batches")?;
			ensure!(excursion.excursion.start <= last && last < batch.units, "an excursion lies in its batch");
		}
		Ok(())
	}

	/// Units of logistics and what is in them name each other, and what they say of it is so.
	fn check_units() -> Result<(), TryRuntimeError> {
		for (id, unit) in LogisticUnits::<T>::iter() {
			ensure!(!unit.contents.is_empty(), "a unit of logistics is not empty");
			let distinct: BTreeSet<_> = unit.contents.iter().map(Encode::encode).collect();
			ensure!(distinct.len() == unit.contents.len(), "nothing is in a unit of logistics twice");
			ensure!(unit.depth >= 1 && unit.depth <= MAX_DEPTH, "units of logistics have few levels");
			ensure!(unit.holds.is_known(), "holds are known");
			if let Some(parent) = unit.parent {
				let outer = LogisticUnits::<T>::get(parent).ok_or("units of logistics are in known ones")?;
				ensure!(outer.contents.contains(&Content::Logistic(id)), "a unit of logistics knows the units in it");
			}

			let mut parcels = 0;
			let mut goods: BTreeMap<Gtin, u32> = BTreeMap::new();
			for content in &unit.contents {
				match *content {
					Content::Parcel { batch, last } => {
						let parcel = Parcels::<T>::get(batch, Last(last)).ok_or("packed parcels are known")?;
						ensure!(parcel.parent == Some(id), "a packed parcel knows what it is in");
						parcels += 1;
						let gtin = Batches::<T>::get(batch).ok_or("packed parcels are of known batches")?.gtin;
						*goods.entry(gtin).or_default() += Self::saleable(&parcel, last);
					}
					Content::Logistic(inner) => {
						let child = LogisticUnits::<T>::get(inner).ok_or("packed units of logistics are known")?;
						ensure!(child.parent == Some(id), "a packed unit of logistics knows what it is in");
						// Each level is below the next, so there is no circle.
						ensure!(child.depth < unit.depth, "a unit of logistics is deeper than what is in it");
						parcels += child.parcels;
						for (gtin, units) in &child.goods {
							*goods.entry(*gtin).or_default() += units;
						}
					}
				}
			}
			ensure!(parcels == unit.parcels && parcels <= MAX_CONTENTS, "a unit of logistics counts its parcels");
			let listed: BTreeMap<_, _> = unit.goods.iter().copied().collect();
			ensure!(listed.len() == unit.goods.len(), "a unit of logistics lists each product once");
			ensure!(goods.iter().all(|(gtin, units)| listed.get(gtin) == Some(units)), "its goods are what is in it");
			let rest = listed.iter().filter(|(gtin, _)| !goods.contains_key(gtin));
			ensure!(rest.map(|(_, units)| units).sum::<u32>() == 0, "its goods are in it");
		}
		Ok(())
	}

	/// Counted active units of a parcel.
	fn saleable(parcel: &Parcel<TicketOf<T>>, last: u32) -> u32 {
		if parcel.counted {
			last - parcel.start + 1 - parcel.inactive
		} else {
			0
		}
	}

	/// Stock is what lies with an organisation.
	fn check_stock() -> Result<(), TryRuntimeError> {
		let mut sums: BTreeMap<(OrgId, Gtin), u32> = BTreeMap::new();
		for (id, Last(last), parcel) in Parcels::<T>::iter() {
			let units = Self::saleable(&parcel, last);
			let around = Self::around(parcel.parent);
			let holding = around.last().map_or(&parcel.holding, |(_, unit)| &unit.holding);
			if units > 0 && holding.custody == Custody::Held {
				let gtin = Batches::<T>::get(id).ok_or("parcels are of known batches")?.gtin;
				*sums.entry((holding.custodian, gtin)).or_default() += units;
			}
		}
		let stored: BTreeMap<_, _> = Stock::<T>::iter().map(|(org, gtin, units)| ((org, gtin), units)).collect();
		ensure!(stored == sums, "stock is what is held and counted");
		Ok(())
	}

	/// Rules and orders under way name each other.
	fn check_orders() -> Result<(), TryRuntimeError> {
		let next = NextOrder::<T>::get();
		for (supplier, order, stored) in Orders::<T>::iter() {
			ensure!(order < next, "orders are numbered below the next number");
			let rule = ReorderRules::<T>::get(stored.buyer, stored.gtin).ok_or("orders are by a rule")?;
			ensure!(rule.pending == Some(order) && rule.supplier == supplier, "a rule knows its order");
		}
		for (buyer, gtin, rule) in ReorderRules::<T>::iter() {
			ensure!(rule.minimum > 0 && rule.quantity > 0, "a rule orders something");
			if let Some(order) = rule.pending {
				let stored = Orders::<T>::get(rule.supplier, order).ok_or("an order under way is known")?;
				ensure!(stored.buyer == buyer && stored.gtin == gtin, "an order is the rule's");
			}
		}
		Ok(())
	}

	/// Reports and acknowledgements are of what there is.
	fn check_numbers() -> Result<(), TryRuntimeError> {
		let next = NextReport::<T>::get();
		ensure!(Reports::<T>::iter_keys().all(|report| report < next), "reports are numbered below the next number");
		let batches: Vec<_> = Acknowledgements::<T>::iter_keys().map(|(batch, _)| batch).collect();
		ensure!(batches.iter().all(Batches::<T>::contains_key), "acknowledgements are of known batches");
		Ok(())
	}
}
