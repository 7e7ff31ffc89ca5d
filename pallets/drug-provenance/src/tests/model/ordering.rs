//! Reorder rules and orders.

use super::*;

impl Model {
	/// Orders more if there is too little and nothing is under way.
	pub fn reorder(&mut self, org: OrgId, gtin: Gtin) {
		let stock = self.stock(org, gtin);
		let Some(rule) = self.rules.get_mut(&(org, gtin)) else { return };
		if stock < rule.minimum && rule.pending.is_none() {
			rule.pending = Some(self.ordered);
			self.orders.insert(self.ordered, (rule.supplier, (org, gtin, rule.quantity, self.now)));
			self.ordered += 1;
		}
	}

	pub fn set_rule(&mut self, who: &AccountId, gtin: Gtin, input: Option<ReorderInput>) -> Refused<()> {
		let mut faults = Faults::default();
		let org = faults.note(self.operator(who));
		faults.ensure(self.products.contains_key(&gtin), Refusal::NotFound);
		let Some(org) = org else { return faults.end() };
		let old = self.rules.get(&(org, gtin)).cloned();
		match &input {
			Some(rule) => {
				faults.ensure(rule.minimum > 0 && rule.quantity > 0, Refusal::InvalidQuantity);
				faults.ensure(self.is_partner(rule.supplier, true) && rule.supplier != org, Refusal::NotAccredited);
			}
			None => faults.ensure(old.is_some(), Refusal::NotFound),
		}
		faults.end()?;
		self.rules.remove(&(org, gtin));
		let pending = old.and_then(|old| {
			let order = old.pending?;
			if input.as_ref().is_some_and(|rule| rule.supplier == old.supplier) {
				return Some(order);
			}
			self.orders.remove(&order);
			None
		});
		if let Some(ReorderInput { minimum, quantity, supplier }) = input {
			self.rules.insert((org, gtin), Rule { minimum, quantity, supplier, pending });
		}
		Ok(())
	}

	pub fn end_order(&mut self, who: &AccountId, supplier: OrgId, order: OrderId) -> Refused<()> {
		let mut faults = Faults::default();
		let org = faults.note(self.operator(who));
		let found = self.orders.get(&order).filter(|(of, _)| *of == supplier).cloned();
		let Some((_, (buyer, gtin, ..))) = found else {
			faults.ensure(false, Refusal::NotFound);
			return faults.end();
		};
		faults.ensure(org.is_none_or(|org| org == supplier || org == buyer), Refusal::NotAuthorized);
		faults.end()?;
		self.orders.remove(&order);
		self.rules.get_mut(&(buyer, gtin)).expect("an order is a rule's").pending = None;
		Ok(())
	}
}
