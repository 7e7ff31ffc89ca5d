//! Stock, and orders for more.

use super::*;
use access::BUYERS;
use alloc::vec::Vec;

impl<T: Config> Pallet<T> {
	/// Counts units that came to an organisation.
	pub(crate) fn add_stock(org: OrgId, goods: Vec<(Gtin, u32)>) -> Result<(), Error<T>> {
		for (gtin, units) in goods.into_iter().filter(|(_, units)| *units > 0) {
			Stock::<T>::try_mutate(org, gtin, |stock| {
				*stock = stock.checked_add(units).ok_or(Error::Exhausted)?;
				Ok::<_, Error<T>>(())
			})?;
		}
		Ok(())
	}

	/// Counts units that left an organisation, and orders more where the call is its own and a rule says so.
	pub(crate) fn take_stock(org: OrgId, goods: Vec<(Gtin, u32)>, caller: OrgId, now: Moment) {
		for (gtin, units) in goods.into_iter().filter(|(_, units)| *units > 0) {
			let left = Stock::<T>::mutate_exists(org, gtin, |stored| {
				// Every counted unit was added when it came.
				let left = stored.unwrap_or(0).saturating_sub(units);
				*stored = Some(left).filter(|left| *left > 0);
				left
			});
			if org == caller {
				Self::reorder(org, gtin, left, now);
			}
		}
	}

	/// Orders more of a product if less than the rule's minimum is left and no order is under way.
	fn reorder(buyer: OrgId, gtin: Gtin, left: u32, now: Moment) {
		let Some(rule) = ReorderRules::<T>::get(buyer, gtin) else { return };
		if left >= rule.minimum || rule.pending.is_some() {
			return;
		}
		let order = NextOrder::<T>::get();
		// Once numbers are used up nothing is ordered any more; goods still move.
		let Some(next) = order.checked_add(1) else { return };
		NextOrder::<T>::put(next);
		let ReorderRule { supplier, quantity, .. } = rule;
		Orders::<T>::insert(supplier, order, Order { buyer, gtin, quantity, at: now });
		ReorderRules::<T>::insert(buyer, gtin, ReorderRule { pending: Some(order), ..rule });
		Self::deposit_event(Event::OrderPlaced { order, buyer, supplier, gtin, quantity });
	}

	/// Sets when the signer's organisation orders more of a product, or that it does not.
	pub(crate) fn do_set_rule(who: AccountId, gtin: Gtin, input: Option<ReorderInput>) -> DispatchResult {
		let now = Self::now();
		let org = Self::operator(&who, now)?.org;
		ensure!(Products::<T>::contains_key(gtin), Error::<T>::NotFound);
		let old = ReorderRules::<T>::get(org, gtin);
		match &input {
			Some(rule) => {
				ensure!(rule.minimum > 0 && rule.quantity > 0, Error::<T>::InvalidQuantity);
				ensure!(rule.supplier != org, Error::<T>::NotAccredited);
				Self::accredited(rule.supplier, &BUYERS, now)?;
			}
			None => ensure!(old.is_some(), Error::<T>::NotFound),
		}

		let mut pending = None;
		if let Some(old) = old {
			old.ticket.drop(&old.by)?;
			let kept = input.as_ref().is_some_and(|rule| rule.supplier == old.supplier);
			match old.pending {
				Some(order) if !kept => {
					Orders::<T>::remove(old.supplier, order);
					Self::deposit_event(Event::OrderEnded { order, supplier: old.supplier, fulfilled: false });
				}
				order => pending = order,
			}
		}
		Self::deposit_event(Event::ReorderRuleSet { org, gtin, rule: input.clone() });
		match input {
			Some(ReorderInput { minimum, quantity, supplier }) => {
				let ticket = T::Consideration::new(&who, Self::rule_footprint())?;
				let rule = ReorderRule { minimum, quantity, supplier, pending, by: who, ticket };
				ReorderRules::<T>::insert(org, gtin, rule);
				Self::reorder(org, gtin, Stock::<T>::get(org, gtin), now);
			}
			None => ReorderRules::<T>::remove(org, gtin),
		}
		Ok(())
	}

	/// Ends an order.
	pub(crate) fn do_end_order(who: AccountId, supplier: OrgId, order: OrderId, fulfilled: bool) -> DispatchResult {
		let org = Self::operator(&who, Self::now())?.org;
		let stored = Orders::<T>::get(supplier, order).ok_or(Error::<T>::NotFound)?;
		ensure!(org == supplier || org == stored.buyer, Error::<T>::NotAuthorized);

		Orders::<T>::remove(supplier, order);
		ReorderRules::<T>::mutate(stored.buyer, stored.gtin, |rule| {
			if let Some(rule) = rule {
				rule.pending = None;
			}
		});
		Self::deposit_event(Event::OrderEnded { order, supplier, fulfilled });
		Ok(())
	}
}
