//! Products, who may make them, and what was made.

use super::*;

impl<T: Config> Pallet<T> {
	/// Registers a product.
	pub(crate) fn do_register(who: AccountId, input: ProductInput) -> DispatchResult {
		let now = Self::now();
		Self::regulator(&who, now)?;
		let ProductInput { gtin, owner, storage, device } = input;
		ensure!(gtin.is_valid(), Error::<T>::InvalidGtin);
		ensure!(storage.is_none_or(|rule| rule.is_valid()), Error::<T>::InvalidRule);
		ensure!(!Products::<T>::contains_key(gtin), Error::<T>::AlreadyExists);
		Self::accredited(owner, &[OrgRole::Manufacturer], now)?;

		let ticket = T::Consideration::new(&who, Self::product_footprint())?;
		let product = Product { owner, delegates: Default::default(), storage, device, recall: None, by: who, ticket };
		Products::<T>::insert(gtin, product);
		Self::deposit_event(Event::ProductRegistered { gtin, owner });
		Ok(())
	}

	/// Lets an organisation commission a product, or no longer.
	pub(crate) fn do_delegate(who: AccountId, gtin: Gtin, org: OrgId, allowed: bool) -> DispatchResult {
		let now = Self::now();
		let member = Self::quality(&who, now)?;
		let mut product = Products::<T>::get(gtin).ok_or(Error::<T>::NotFound)?;
		ensure!(product.owner == member.org, Error::<T>::NotAuthorized);
		let place = product.delegates.iter().position(|delegate| *delegate == org);
		if allowed {
			ensure!(place.is_none() && org != product.owner, Error::<T>::AlreadyExists);
			Self::accredited(org, &[OrgRole::Manufacturer], now)?;
			product.delegates.try_push(org).map_err(|_| Error::<T>::TooMany)?;
		} else {
			product.delegates.remove(place.ok_or(Error::<T>::NotFound)?);
		}

		Products::<T>::insert(gtin, product);
		Self::deposit_event(Event::DelegateChanged { gtin, org, allowed });
		Ok(())
	}

	/// Commissions a packaging run.
	pub(crate) fn do_commission(who: AccountId, input: BatchInput) -> DispatchResult {
		let now = Self::now();
		let member = Self::operator(&who, now)?;
		let producer = member.org;
		let BatchInput { gtin, lot, run, expiry, units, root, meta, event } = input;
		let product = Products::<T>::get(gtin).ok_or(Error::<T>::NotFound)?;
		let may = product.owner == producer || product.delegates.contains(&producer);
		ensure!(may && member.org_roles.contains(OrgRole::Manufacturer), Error::<T>::NotAuthorized);
		ensure!(is_valid_lot(&lot), Error::<T>::InvalidLot);
		ensure!(units > 0 && units <= MAX_UNITS, Error::<T>::InvalidQuantity);
		ensure!(expiry > now, Error::<T>::Expired);
		ensure!(root != H256::zero(), Error::<T>::InvalidRoot);
		let mut lots = Lots::<T>::get(gtin, &lot);
		ensure!((lots.runs.len() as u32) < MAX_RUNS, Error::<T>::TooManyRuns);
		ensure!(usize::from(run) == lots.runs.len(), Error::<T>::WrongRun);
		if let Some(first) = lots.runs.first() {
			let first = Batches::<T>::get(first).ok_or(Error::<T>::NotFound)?;
			ensure!(first.expiry == expiry, Error::<T>::ExpiryMismatch);
		}
		let id = NextBatch::<T>::get();
		let next = id.checked_add(1).ok_or(Error::<T>::Exhausted)?;
		lots.runs.try_push(id).map_err(|_| Error::<T>::TooManyRuns)?;

		let parcel_ticket = T::Consideration::new(&who, Self::parcel_footprint())?;
		let ticket = T::Consideration::new(&who, Self::batch_footprint(units))?;
		Self::add_stock(producer, [(gtin, units)].into())?;
		NextBatch::<T>::put(next);
		Lots::<T>::insert(gtin, &lot, lots);
		Self::deposit_event(Event::BatchCommissioned { batch: id, gtin, lot: lot.clone(), run, units, producer });
		let mut chain = Link::default();
		let load = Load::Units(UnitRange { batch: id, start: 0, len: units });
		Self::record(&mut chain, load, Step::at(producer, StepKind::Commissioned, event), now, None);
		let holding = Holding {
			owner: product.owner,
			custodian: producer,
			source: None,
			custody: Custody::Held,
			package: H256::zero(),
			chain,
		};
		let parcel = Parcel {
			start: 0,
			inactive: 0,
			counted: true,
			holds: HoldSet::EMPTY,
			parent: None,
			holding,
			by: who.clone(),
			ticket: parcel_ticket,
		};
		Parcels::<T>::insert(id, Last(units - 1), parcel);
		let batch = Batch {
			gtin,
			lot,
			run,
			expiry,
			units,
			root,
			producer,
			meta,
			retired: 0,
			recall: None,
			block: Self::block(),
			by: who,
			ticket,
		};
		Batches::<T>::insert(id, batch);
		Ok(())
	}
}
