//! What deposits are asked for.

use super::*;
use salus_primitives::stream::{Range, MAX_PEAKS};

impl<T: Config> Pallet<T> {
	/// A record, at its greatest length.
	pub fn record_footprint() -> Footprint {
		Footprint::from_mel::<Record<TicketOf<T>>>()
	}

	/// What is left of a shredded record: without locator and episode.
	pub fn tombstone_footprint() -> Footprint {
		let record = Self::record_footprint();
		let removed = u64::from(MAX_LOCATOR) + 16;
		Footprint { size: record.size.saturating_sub(removed), ..record }
	}

	/// An offer of a record to another custodian.
	pub fn offer_footprint() -> Footprint {
		Footprint::from_mel::<CustodyOffer<TicketOf<T>>>()
	}

	/// A stream, with as many peaks as there can be.
	pub fn stream_footprint() -> Footprint {
		Footprint::from_mel::<Stream<TicketOf<T>>>()
	}

	/// A care plan rule.
	pub fn care_rule_footprint() -> Footprint {
		Footprint::from_mel::<CareRule<TicketOf<T>>>()
	}

	/// A closed stream: with the peaks that it has.
	pub fn closed_stream_footprint(range: &Range) -> Footprint {
		let stream = Self::stream_footprint();
		let removed = u64::from(MAX_PEAKS).saturating_sub(range.peaks.len() as u64) * 32;
		Footprint { size: stream.size.saturating_sub(removed), ..stream }
	}

	/// A receipt.
	pub fn receipt_footprint() -> Footprint {
		Footprint::from_mel::<StoredReceipt<TicketOf<T>>>()
	}

	/// A batch of receipts.
	pub fn batch_footprint() -> Footprint {
		Footprint::from_mel::<ReceiptBatch<TicketOf<T>>>()
	}
}
