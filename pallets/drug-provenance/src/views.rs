//! What runtime APIs answer.

use super::*;
use alloc::vec::Vec;
use frame_support::{Blake2_128Concat, StorageHasher};
use salus_primitives::{
	drug::{
		AlertView, BatchState, BatchView, LeftView, LogisticView, OrderView, ParcelView, ProductView, StockView,
		UnitQuery, UnitView, Verification,
	},
	views::{Page, MAX_PAGE},
};
use types::Content;
use units::Place;

impl<T: Config> Pallet<T> {
	/// What a pack is worth, as printed on it and with its proof.
	///
	/// Where the proof holds for the run that the query names as `other` and not for the printed one, batch and
	/// custodian are those of the other run.
	pub fn verify(query: &UnitQuery) -> Verification {
		let now = Self::now();
		let refused = |verdict| Verification {
			verdict,
			batch: None,
			custodian: None,
			custodian_name: None,
			recall: None,
			left: None,
			now,
		};
		if !Products::<T>::contains_key(query.gtin) {
			return refused(Verdict::UnknownProduct);
		}
		let printed = Lots::<T>::get(query.gtin, &query.lot).runs.get(usize::from(query.run)).copied();
		let Some(printed) = printed else { return refused(Verdict::UnknownLot) };
		let holds = |id: BatchId| {
			let batch = Batches::<T>::get(id).filter(|batch| batch.gtin == query.gtin)?;
			let holds = query.unit.holds(batch.gtin, &batch.lot, batch.run, &batch.root, batch.units);
			holds.then_some((id, batch))
		};
		let (mismatch, id, batch) = match (holds(printed), query.other.and_then(holds)) {
			(Some((id, batch)), _) => (false, id, batch),
			(None, Some((id, batch))) => (true, id, batch),
			(None, None) => return refused(Verdict::NotInRun),
		};

		let index = query.unit.index;
		let place = Self::place_of(id, index);
		let recall = Self::recalls_of(id, &batch).gravest(index, index, Moment::MAX);
		let (facts, exception) = Self::facts_of(id, &batch, index, recall.map(|recall| recall.class), place.as_ref());
		let facts = UnitFacts { expiry_matches: query.expiry == batch.expiry, ..facts };
		let custodian = place.as_ref().map(|place| place.holding().custodian);
		Verification {
			verdict: if mismatch { Verdict::LotMismatch } else { facts.verdict(now) },
			batch: Some(id),
			custodian,
			custodian_name: custodian.and_then(T::Directory::name),
			recall,
			left: Self::left(facts.status, exception),
			now,
		}
	}

	/// A product.
	pub fn product_view(gtin: Gtin) -> Option<ProductView> {
		let Product { owner, delegates, storage, device, recall, .. } = Products::<T>::get(gtin)?;
		Some(ProductView { gtin, owner, delegates: delegates.into_inner(), storage, device, recall })
	}

	/// A packaging run.
	pub fn batch_view(id: BatchId) -> Option<BatchView> {
		let batch = Batches::<T>::get(id)?;
		let recalls = Self::recalls_of(id, &batch);
		let recall = recalls.of_all();
		let state = if batch.retired == batch.units {
			BatchState::Closed
		} else if recall.is_some() {
			BatchState::Recalled
		} else if batch.expiry <= Self::now() {
			BatchState::Expired
		} else {
			BatchState::Active
		};
		let units = |(start, len, recall)| (UnitRange { batch: id, start, len }, recall);
		let Batch { gtin, lot, run, expiry, units: count, root, producer, meta, retired, block, .. } = batch;
		Some(BatchView {
			id,
			gtin,
			lot,
			run,
			expiry,
			units: count,
			root,
			producer,
			meta,
			retired,
			state,
			recall,
			recalled_units: recalls.units.into_iter().map(units).collect(),
			block,
		})
	}

	/// The packaging runs of a lot, in their order.
	pub fn lot_view(gtin: Gtin, lot: &Lot) -> Vec<BatchView> {
		Lots::<T>::get(gtin, lot).runs.into_iter().filter_map(Self::batch_view).collect()
	}

	/// The parcel that a unit lies in; `None` if there is no such unit or its parcel was removed.
	pub fn parcel_view(batch: BatchId, index: u32) -> Option<ParcelView> {
		Self::place_of(batch, index).map(|place| Self::view_place(batch, place))
	}

	/// The parcels of a batch in the order of units, those after the one with this last unit; from 1 to [`MAX_PAGE`] of
	/// them.
	pub fn parcels_page(batch: BatchId, cursor: Option<u32>, limit: u32) -> Page<ParcelView, u32> {
		let mut stored = match cursor {
			Some(last) => Parcels::<T>::iter_prefix_from(batch, Parcels::<T>::hashed_key_for(batch, Last(last))),
			None => Parcels::<T>::iter_prefix(batch),
		};
		let mut end = None;
		let mut items = Vec::new();
		for (Last(last), parcel) in stored.by_ref().take(limit.clamp(1, MAX_PAGE) as usize) {
			end = Some(last);
			let within = Self::around(parcel.parent);
			items.push(Self::view_place(batch, Place { last, parcel, within }));
		}
		let next = stored.next().and(end);
		Page { items, next }
	}

	/// A unit of a batch.
	pub fn unit_view(id: BatchId, index: u32) -> Option<UnitView> {
		let batch = Batches::<T>::get(id).filter(|batch| index < batch.units)?;
		let (status, exception) = Self::status_of(id, index);
		Some(UnitView {
			status,
			left: Self::left(status, exception),
			recall: Self::recalls_of(id, &batch).gravest(index, index, Moment::MAX),
			parcel: Self::parcel_view(id, index),
		})
	}

	/// A unit of logistics. Of one within another, owner, custodian and custody are the outermost's, and holds are
	/// those on it and on what it is in.
	pub fn logistic_view(id: &UnitId) -> Option<LogisticView> {
		let unit = LogisticUnits::<T>::get(id)?;
		let around = Self::around(unit.parent);
		let holding = around.last().map_or(&unit.holding, |(_, outer)| &outer.holding);
		let holds = around.iter().fold(unit.holds, |holds, (_, outer)| holds.union(outer.holds));
		let content = |content: &Content| match *content {
			Content::Parcel { batch, last } => {
				Parcels::<T>::get(batch, Last(last)).map(|parcel| Self::load_of(batch, last, &parcel))
			}
			Content::Logistic(inner) => Some(Load::Logistic(inner)),
		};
		Some(LogisticView {
			id: *id,
			parent: unit.parent,
			contents: unit.contents.iter().filter_map(content).collect(),
			goods: unit.goods.to_vec(),
			owner: holding.owner,
			custodian: holding.custodian,
			custody: holding.custody,
			package: holding.package,
			holds,
			chain: unit.holding.chain,
		})
	}

	/// The step of a chain of custody that leads to this head, if the event is it.
	pub fn custody_step_of(event: &Event<T>, head: &H256) -> Option<CustodyStep> {
		match event {
			Event::Custody { head: found, step } if found == head => Some(*step),
			_ => None,
		}
	}

	/// Products that an organisation has or has a reorder rule for, in the order of storage, those after the cursor;
	/// from 1 to [`MAX_PAGE`] of them.
	pub fn stock_page(org: OrgId, cursor: Option<Gtin>, limit: u32) -> Page<StockView, Gtin> {
		let stock = match cursor {
			Some(gtin) => Stock::<T>::iter_prefix_from(org, Stock::<T>::hashed_key_for(org, gtin)),
			None => Stock::<T>::iter_prefix(org),
		};
		let rules = match cursor {
			Some(gtin) => ReorderRules::<T>::iter_prefix_from(org, ReorderRules::<T>::hashed_key_for(org, gtin)),
			None => ReorderRules::<T>::iter_prefix(org),
		};
		let (mut stock, mut rules) = (stock.peekable(), rules.peekable());
		// Both maps have the same keys under the same hash, so that they are read side by side.
		let mut next_product = || {
			let key = |gtin: &Gtin| (Blake2_128Concat::hash(&gtin.encode()), *gtin);
			let first = match (stock.peek().map(|(gtin, _)| key(gtin)), rules.peek().map(|(gtin, _)| key(gtin))) {
				(Some(left), Some(right)) => left.min(right),
				(left, right) => left.or(right)?,
			};
			let units = stock.next_if(|(gtin, _)| *gtin == first.1).map_or(0, |(_, units)| units);
			let rule = rules.next_if(|(gtin, _)| *gtin == first.1).map(|(_, rule)| rule);
			Some(StockView {
				gtin: first.1,
				units,
				minimum: rule.as_ref().map(|rule| rule.minimum),
				quantity: rule.as_ref().map(|rule| rule.quantity),
				supplier: rule.as_ref().map(|rule| rule.supplier),
				pending: rule.as_ref().and_then(|rule| rule.pending),
			})
		};
		let limit = limit.clamp(1, MAX_PAGE) as usize;
		let items: Vec<_> = core::iter::from_fn(&mut next_product).take(limit).collect();
		let next = next_product().and(items.last().map(|view| view.gtin));
		Page { items, next }
	}

	/// Orders with a supplier, in the order of storage, those after the cursor; from 1 to [`MAX_PAGE`] of them.
	pub fn orders_page(supplier: OrgId, cursor: Option<OrderId>, limit: u32) -> Page<OrderView, OrderId> {
		let mut stored = match cursor {
			Some(order) => Orders::<T>::iter_prefix_from(supplier, Orders::<T>::hashed_key_for(supplier, order)),
			None => Orders::<T>::iter_prefix(supplier),
		};
		let limit = limit.clamp(1, MAX_PAGE) as usize;
		let view = |(id, Order { buyer, gtin, quantity, at })| OrderView { id, buyer, supplier, gtin, quantity, at };
		let items: Vec<_> = stored.by_ref().take(limit).map(view).collect();
		let next = stored.next().and(items.last().map(|order| order.id));
		Page { items, next }
	}

	/// What an event tells who watches for falsified goods.
	pub fn alert_of(event: &Event<T>) -> Option<AlertView> {
		let Event::Alert { batch, index, verdict, org, who, at } = event else { return None };
		Some(AlertView { batch: *batch, index: *index, verdict: *verdict, org: *org, who: who.clone(), at: *at })
	}

	fn view_place(batch: BatchId, place: Place<T>) -> ParcelView {
		let Holding { owner, custodian, source, custody, package, .. } = *place.holding();
		let len = place.last.saturating_sub(place.parcel.start).saturating_add(1);
		ParcelView {
			units: UnitRange { batch, start: place.parcel.start, len },
			inactive: place.parcel.inactive,
			owner,
			custodian,
			source,
			custody,
			package,
			holds: place.holds(),
			within: place.within.iter().map(|(id, _)| *id).collect(),
			chain: place.parcel.holding.chain,
			chains: place.within.iter().map(|(_, unit)| unit.holding.chain).collect(),
			excursion: Self::excursion_of(batch, place.last),
		}
	}

	/// The excursion on record whose range ends soonest at or after a unit and covers it.
	fn excursion_of(batch: BatchId, index: u32) -> Option<ExcursionView> {
		let stored = Excursions::<T>::get(batch, Last(index)).or_else(|| {
			let after = Excursions::<T>::hashed_key_for(batch, Last(index));
			Excursions::<T>::iter_prefix_from(batch, after).next().map(|(_, excursion)| excursion)
		})?;
		Some(stored.excursion).filter(|excursion| excursion.start <= index)
	}

	fn left(status: UnitStatus, exception: Option<Exception<TicketOf<T>>>) -> Option<LeftView> {
		(status != UnitStatus::Active).then(|| LeftView {
			status,
			org: exception.as_ref().map(|exception| exception.org),
			premises: exception.as_ref().and_then(|exception| exception.premises),
			at: exception.as_ref().map(|exception| exception.at),
		})
	}
}
