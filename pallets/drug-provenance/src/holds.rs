//! What keeps goods from being sold: suspicion, quarantine, excursions.

use super::*;
use logistics::joined;
use parcels::without;
use units::{Chunks, Used};

impl<T: Config> Pallet<T> {
	/// Reports suspicion.
	pub(crate) fn do_report_suspect(who: AccountId, load: Load) -> Result<Used, DispatchError> {
		let now = Self::now();
		let org = Self::member(&who, now)?.org;
		let goods = Self::find(load)?;
		ensure!(!goods.holds().contains(Hold::Suspect), Error::<T>::OnHold);
		let today = (now / DAY).saturated_into();
		let ReportCount { day, count } = ReportCounts::<T>::get(org);
		let count = if day == today { count } else { 0 };
		ensure!(count < T::ReportsPerDay::get(), Error::<T>::TooManyReports);
		let report = NextReport::<T>::get();
		let next = report.checked_add(1).ok_or(Error::<T>::Exhausted)?;

		NextReport::<T>::put(next);
		ReportCounts::<T>::insert(org, ReportCount { day: today, count: count.saturating_add(1) });
		let bond = T::SuspicionBond::new(&who, Self::report_footprint())?;
		Reports::<T>::insert(report, Report { load, org, at: now, by: who.clone(), bond });
		let mut chunks = Chunks::default();
		let mut goods = goods.carve(&who, &mut chunks)?;
		let used = goods.used(&chunks);
		goods.set_holds(goods.holds().with(Hold::Suspect), org);
		goods.store();
		Self::deposit_event(Event::SuspicionReported { report, load, by: org });
		Ok(used)
	}

	/// Clears suspicion, and settles a report of it.
	pub(crate) fn do_clear_suspect(
		who: AccountId,
		load: Load,
		report: Option<ReportId>,
		unfounded: bool,
	) -> Result<Used, DispatchError> {
		let org = Self::regulator(&who, Self::now())?.org;
		let goods = Self::find(load)?;
		let held = goods.holds().contains(Hold::Suspect);
		ensure!(held || report.is_some(), Error::<T>::NotOnHold);
		let settled = match report {
			Some(report) => Some((report, Reports::<T>::get(report).ok_or(Error::<T>::NotFound)?)),
			None => None,
		};

		let mut chunks = Chunks::default();
		let mut used = goods.used(&chunks);
		if held {
			let mut goods = goods.carve(&who, &mut chunks)?;
			used.chunks = chunks.used();
			goods.set_holds(without(goods.holds(), Hold::Suspect), org);
			goods.store();
		}
		if let Some((report, Report { by, bond, .. })) = settled {
			Reports::<T>::remove(report);
			if unfounded {
				bond.burn(&by);
			} else {
				bond.drop(&by)?;
			}
			Self::deposit_event(Event::ReportSettled { report, unfounded });
		}
		Ok(used)
	}

	/// Holds goods back for good.
	pub(crate) fn do_mark_illegitimate(who: AccountId, load: Load) -> Result<Used, DispatchError> {
		let goods = Self::find(load)?;
		let makers = goods.condition()?.makers;
		let owns = |org| makers.iter().all(|(owner, _)| *owner == org);
		let org = Self::regulator_or_owner(&who, Self::now(), owns)?.org;
		ensure!(!goods.holds().contains(Hold::Illegitimate), Error::<T>::OnHold);

		let mut chunks = Chunks::default();
		let mut goods = goods.carve(&who, &mut chunks)?;
		let used = goods.used(&chunks);
		goods.set_holds(goods.holds().with(Hold::Illegitimate), org);
		goods.store();
		Ok(used)
	}

	/// Ends a quarantine.
	pub(crate) fn do_release_quarantine(who: AccountId, load: Load) -> Result<Used, DispatchError> {
		let now = Self::now();
		let org = Self::quality(&who, now)?.org;
		let goods = Self::find(load)?;
		goods.ensure_held_by(org)?;
		ensure!(goods.holds().contains(Hold::Quarantined), Error::<T>::NotOnHold);
		ensure!(!goods.condition()?.recalled, Error::<T>::Recalled);

		let mut chunks = Chunks::default();
		let mut goods = goods.carve(&who, &mut chunks)?;
		let used = goods.used(&chunks);
		let mut again = Default::default();
		if let Goods::Units(piece) = &mut goods {
			if !piece.parcel.counted {
				piece.parcel.counted = true;
				again = [(piece.batch.gtin, piece.counted())].into();
			}
		}
		goods.set_holds(without(goods.holds(), Hold::Quarantined), org);
		goods.store();
		Self::add_stock(org, again)?;
		Ok(used)
	}

	/// Writes down readings that broke the storage rule.
	pub(crate) fn do_log_excursion(
		who: AccountId,
		load: Load,
		readings: Readings,
		evidence: H256,
	) -> Result<Used, DispatchError> {
		let org = Self::operator(&who, Self::now())?.org;
		let goods = Self::find(load)?;
		let Holding { custodian, custody, .. } = *goods.holding();
		let has = org == custodian
			|| match custody {
				Custody::InTransit { to, carrier, .. } => org == to || carrier == Some(org),
				Custody::Returning { to, .. } | Custody::Disputed { to, .. } => org == to,
				Custody::Held | Custody::Lost { .. } => false,
			};
		ensure!(has, Error::<T>::NotCustodian);
		let rules = goods.products().into_iter().filter_map(|gtin| Products::<T>::get(gtin)?.storage);
		let broken = rules.into_iter().any(|rule| rule.is_broken_by(&readings));
		ensure!(broken, Error::<T>::NoExcursion);

		let Readings { min, max, minutes, .. } = readings;
		let excursion = ExcursionView { start: 0, min, max, minutes, evidence };
		let mut chunks = Chunks::default();
		let mut goods = goods.carve(&who, &mut chunks)?;
		let used = goods.used(&chunks);
		match &mut goods {
			Goods::Units(piece) => {
				Self::note_excursion(&who, piece.units.batch, piece.units.start, piece.last, excursion)?
			}
			Goods::Logistic(_, unit) => unit.excursion = joined(unit.excursion, Some(excursion)),
		}
		goods.set_holds(goods.holds().with(Hold::Excursion), org);
		goods.store();
		Self::deposit_event(Event::ExcursionLogged { load, readings, evidence, by: org });
		Ok(used)
	}

	/// Puts an excursion of some units on record, with one of the same last unit if there is one.
	pub(crate) fn note_excursion(
		who: &AccountId,
		batch: BatchId,
		start: u32,
		last: u32,
		excursion: ExcursionView,
	) -> DispatchResult {
		let excursion = ExcursionView { start, ..excursion };
		let stored = match Excursions::<T>::get(batch, Last(last)) {
			Some(Excursion { excursion: old, by, ticket }) => {
				let excursion = joined(Some(old), Some(excursion)).unwrap_or(excursion);
				Excursion { excursion, by, ticket }
			}
			None => {
				let ticket = T::Consideration::new(who, Self::excursion_footprint())?;
				Excursion { excursion, by: who.clone(), ticket }
			}
		};
		Excursions::<T>::insert(batch, Last(last), stored);
		Ok(())
	}

	/// Releases goods after an excursion.
	///
	/// The evidence is in the call, which the block keeps.
	pub(crate) fn do_release_excursion(who: AccountId, load: Load, _evidence: H256) -> Result<Used, DispatchError> {
		let org = Self::quality(&who, Self::now())?.org;
		let goods = Self::find(load)?;
		let owns = |gtin| Products::<T>::get(gtin).is_some_and(|product| product.owner == org);
		ensure!(goods.products().into_iter().all(owns), Error::<T>::NotAuthorized);
		ensure!(goods.holds().contains(Hold::Excursion), Error::<T>::NotOnHold);

		let mut chunks = Chunks::default();
		let mut goods = goods.carve(&who, &mut chunks)?;
		let used = goods.used(&chunks);
		goods.set_holds(without(goods.holds(), Hold::Excursion), org);
		goods.store();
		Ok(used)
	}
}
