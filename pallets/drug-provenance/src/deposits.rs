//! What deposits are asked for: the greatest length of what is stored.

use super::*;
use codec::MaxEncodedLen;

impl<T: Config> Pallet<T> {
	/// A product.
	pub fn product_footprint() -> Footprint {
		Footprint::from_mel::<Product<TicketOf<T>>>()
	}

	/// A batch of so many units, with their status bits, its place in the lot and its recalled ranges.
	pub fn batch_footprint(units: u32) -> Footprint {
		let batch = Footprint::from_mel::<Batch<TicketOf<T>>>();
		let beside = RecalledUnits::max_encoded_len().saturating_add(BatchId::max_encoded_len()) as u64;
		Footprint { size: batch.size.saturating_add(beside).saturating_add(u64::from(units.div_ceil(8))), ..batch }
	}

	/// A parcel.
	pub fn parcel_footprint() -> Footprint {
		Footprint::from_mel::<Parcel<TicketOf<T>>>()
	}

	/// A unit of logistics.
	pub fn logistic_footprint() -> Footprint {
		Footprint::from_mel::<LogisticUnit<TicketOf<T>>>()
	}

	/// Units that have left the market in one way.
	pub fn exception_footprint() -> Footprint {
		Footprint::from_mel::<Exception<TicketOf<T>>>()
	}

	/// An excursion.
	pub fn excursion_footprint() -> Footprint {
		Footprint::from_mel::<Excursion<TicketOf<T>>>()
	}

	/// An acknowledgement of a recall.
	pub fn acknowledgement_footprint() -> Footprint {
		Footprint::from_mel::<Acknowledgement<TicketOf<T>>>()
	}

	/// A reorder rule, and its order under way.
	pub fn rule_footprint() -> Footprint {
		let rule = Footprint::from_mel::<ReorderRule<TicketOf<T>>>();
		Footprint { size: rule.size.saturating_add(Order::max_encoded_len() as u64), ..rule }
	}

	/// A report of suspicion.
	pub fn report_footprint() -> Footprint {
		Footprint::from_mel::<Report<BondOf<T>>>()
	}
}
