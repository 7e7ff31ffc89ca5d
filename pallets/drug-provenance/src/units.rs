//! Single units: status bits, how they left the market, and what is known of them.

use super::*;
use alloc::vec::Vec;

/// Entries of status bits that one call may read to count those of what it splits.
pub const MAX_CHUNKS: u32 = MAX_RANGE_UNITS / CHUNK + 4;

/// Entries of status bits that a call has read to count, and may still read.
pub(crate) struct Chunks {
	left: u32,
	used: u32,
}

impl Default for Chunks {
	fn default() -> Self {
		Self { left: MAX_CHUNKS, used: 0 }
	}
}

impl Chunks {
	/// What a call may read that takes ranges of [`MAX_RANGE_UNITS`] together.
	pub fn of_ranges() -> Self {
		Self { left: MAX_RANGE_UNITS / CHUNK + 2 * MAX_RANGES, used: 0 }
	}

	/// What a call may read that packs these loads: for each as much again as its units lie in, so that beside them the
	/// shorter of two remainders of no more units can be counted. Where both remainders are longer, and units of the
	/// parcel have left the market, it is to be split first.
	pub fn of_loads(loads: &[Load]) -> Self {
		let chunks = |load: &Load| match load {
			Load::Units(units) => units.chunks().saturating_mul(2),
			Load::Logistic(_) => 0,
		};
		let left = loads.iter().fold(0u32, |sum, load| sum.saturating_add(chunks(load))).min(MAX_CHUNKS);
		Self { left, used: 0 }
	}

	/// How many may still be read.
	pub fn left(&self) -> u32 {
		self.left
	}

	/// How many were read.
	pub fn used(&self) -> u32 {
		self.used
	}

	/// Takes so many away.
	fn spend<T>(&mut self, chunks: u32) -> Result<(), Error<T>> {
		self.left = self.left.checked_sub(chunks).ok_or(Error::TooMany)?;
		self.used = self.used.saturating_add(chunks);
		Ok(())
	}
}

/// What a call took, of what it was charged for beforehand.
pub(crate) struct Used {
	/// Parcels in the load.
	pub parcels: u32,
	/// Products in the load.
	pub products: u32,
	/// Entries of status bits that were counted.
	pub chunks: u32,
}

/// Where a unit lies.
pub(crate) struct Place<T: Config> {
	/// The last unit of its parcel.
	pub last: u32,
	/// Its parcel.
	pub parcel: Parcel<TicketOf<T>>,
	/// The units of logistics around it, from the innermost.
	pub within: Vec<(UnitId, LogisticUnit<TicketOf<T>>)>,
}

impl<T: Config> Place<T> {
	/// Whose and where it is: the outermost unit of logistics tells.
	pub fn holding(&self) -> &Holding {
		self.within.last().map_or(&self.parcel.holding, |(_, unit)| &unit.holding)
	}

	/// What keeps it from being sold.
	pub fn holds(&self) -> HoldSet {
		self.within.iter().fold(self.parcel.holds, |holds, (_, unit)| holds.union(unit.holds))
	}
}

/// The chunks that the units from `start` to `last` lie in, each with the first and the last bit within.
fn chunks(start: u32, last: u32) -> impl Iterator<Item = (u16, u32, u32)> {
	(start / CHUNK..=last / CHUNK).map(move |chunk| {
		let from = if chunk == start / CHUNK { start % CHUNK } else { 0 };
		let to = if chunk == last / CHUNK { last % CHUNK } else { CHUNK - 1 };
		// A batch has at most 512 chunks.
		(chunk as u16, from, to)
	})
}

/// The bytes that the bits from `from` to `to` lie in, each with these bits set.
fn masks(from: u32, to: u32) -> impl Iterator<Item = (usize, u8)> {
	(from / 8..=to / 8).map(move |byte| {
		let low = if byte == from / 8 { u8::MAX << (from % 8) } else { u8::MAX };
		let high = if byte == to / 8 { u8::MAX >> (7 - to % 8) } else { u8::MAX };
		(byte as usize, low & high)
	})
}

impl<T: Config> Pallet<T> {
	/// Whether a unit has left the market.
	pub(crate) fn is_inactive(batch: BatchId, index: u32) -> bool {
		Self::count_bits(batch, index, index) == 1
	}

	/// How many units of a range have left the market.
	pub(crate) fn count_inactive(batch: BatchId, start: u32, last: u32, counted: &mut Chunks) -> Result<u32, Error<T>> {
		counted.spend(last / CHUNK - start / CHUNK + 1)?;
		Ok(Self::count_bits(batch, start, last))
	}

	/// How many status bits are set from the first to the last unit.
	pub(crate) fn count_bits(batch: BatchId, start: u32, last: u32) -> u32 {
		let count = |(chunk, from, to)| {
			let bits = Inactive::<T>::get(batch, chunk)?;
			Some(masks(from, to).map(|(byte, mask)| (bits[byte] & mask).count_ones()).sum::<u32>())
		};
		chunks(start, last).filter_map(count).sum()
	}

	/// Says of the units from the first to the last whether they have left the market.
	pub(crate) fn set_inactive(batch: BatchId, start: u32, last: u32, inactive: bool) {
		for (chunk, from, to) in chunks(start, last) {
			Inactive::<T>::mutate_exists(batch, chunk, |stored| {
				let mut bits = stored.unwrap_or([0; (CHUNK / 8) as usize]);
				for (byte, mask) in masks(from, to) {
					bits[byte] = if inactive { bits[byte] | mask } else { bits[byte] & !mask };
				}
				*stored = Some(bits).filter(|bits| bits.iter().any(|byte| *byte != 0));
			});
		}
	}

	/// How a unit left the market, if that is still kept, and the last unit that left with it.
	pub(crate) fn exception_of(batch: BatchId, index: u32) -> Option<(u32, Exception<TicketOf<T>>)> {
		let found = match Exceptions::<T>::get(batch, Last(index)) {
			Some(exception) => (Last(index), exception),
			None => {
				Exceptions::<T>::iter_prefix_from(batch, Exceptions::<T>::hashed_key_for(batch, Last(index))).next()?
			}
		};
		Some((found.0 .0, found.1)).filter(|(_, exception)| exception.start <= index)
	}

	/// Where a unit is in its life, and how it left the market if that is still kept.
	pub(crate) fn status_of(batch: BatchId, index: u32) -> (UnitStatus, Option<Exception<TicketOf<T>>>) {
		if !Self::is_inactive(batch, index) {
			return (UnitStatus::Active, None);
		}
		match Self::exception_of(batch, index) {
			Some((_, exception)) => (exception.status, Some(exception)),
			None => (UnitStatus::Dispensed, None),
		}
	}

	/// Where a unit lies; `None` if its parcel was removed.
	pub(crate) fn place_of(batch: BatchId, index: u32) -> Option<Place<T>> {
		let (last, parcel) = Self::find_parcel(batch, index)?;
		let within = Self::around(parcel.parent);
		Some(Place { last, parcel, within })
	}

	/// What is known of a unit in a batch, with the recall that is to count.
	pub(crate) fn facts_of(
		id: BatchId,
		batch: &Batch<TicketOf<T>>,
		index: u32,
		recall: Option<RecallClass>,
		place: Option<&Place<T>>,
	) -> (UnitFacts, Option<Exception<TicketOf<T>>>) {
		let (status, exception) = Self::status_of(id, index);
		let facts = UnitFacts {
			expiry_matches: true,
			expiry: batch.expiry,
			status,
			recall,
			holds: place.map_or(HoldSet::EMPTY, Place::holds),
			// What was removed with its parcel had left the market: the status says how.
			custody: place.map_or(Custody::Held, |place| place.holding().custody),
		};
		(facts, exception)
	}
}
