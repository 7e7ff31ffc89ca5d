//! The clock of a development chain.
//!
//! Consents expire by the clock, so the time of a development chain follows the wall clock instead of counting
//! blocks. Three rules bind it, in this order:
//!
//! 1. time never goes back, neither within a run nor across restarts;
//! 2. a relay chain slot admits only so many blocks: when it is full, the next block belongs to the next slot and
//!    its time is the start of that slot, even if the wall clock is not there yet;
//! 3. otherwise time is the wall clock plus an offset, which is zero until somebody asks to advance the clock.
//!
//! Nothing here reads a clock or a database: the callers pass the time and the parent block, so that every rule can
//! be tested.

use std::fmt;

/// The length of a relay chain slot, in milliseconds.
pub const RELAY_SLOT_MILLIS: u64 = 6_000;

/// The last moment that a mocked relay chain can represent: its block number is its slot, which must fit an `u32`.
pub const LAST_MOMENT: u64 = u32::MAX as u64 * RELAY_SLOT_MILLIS;

/// How far, in milliseconds, a chain's last block may be ahead of the wall clock before somebody is told.
pub const TOLERANCE: u64 = 60_000;

/// When, and in which slot of the relay chain, the next block is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tick {
	/// Unix time in milliseconds.
	pub timestamp: u64,
	/// The slot of the relay chain that contains `timestamp`.
	pub relay_slot: u64,
}

/// Why the clock cannot be advanced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockError {
	/// The result lies after [`LAST_MOMENT`].
	TooFar,
}

impl fmt::Display for ClockError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::TooFar => write!(f, "the clock of a development chain cannot pass {LAST_MOMENT} ms (the year 2786)"),
		}
	}
}

impl std::error::Error for ClockError {}

/// What the chain's time is ahead of the wall clock, on request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChainClock {
	offset: u64,
}

impl ChainClock {
	/// The clock of a chain whose last block was made at `last`.
	///
	/// `saved` is the offset that an earlier run left behind. A chain without one (its blocks were imported) goes on
	/// from its last block, so that intervals continue where the chain is ahead of the wall clock.
	pub fn resume(saved: Option<u64>, wall: u64, last: u64) -> Self {
		Self { offset: saved.unwrap_or_else(|| last.saturating_sub(wall)) }
	}

	/// How far the chain was asked to run ahead of the wall clock, in milliseconds.
	pub fn offset(&self) -> u64 {
		self.offset
	}

	/// When the next block is made, on top of a block made at `last`.
	///
	/// `admits` tells whether the runtime accepts one more block in a slot of the relay chain. The slot after a full
	/// one is empty and is not asked about.
	pub fn next(&self, wall: u64, last: u64, admits: impl FnOnce(u64) -> bool) -> Tick {
		let timestamp = wall.saturating_add(self.offset).max(last).min(LAST_MOMENT);
		let relay_slot = timestamp / RELAY_SLOT_MILLIS;
		if admits(relay_slot) {
			return Tick { timestamp, relay_slot };
		}
		let relay_slot = relay_slot + 1;
		Tick { timestamp: relay_slot * RELAY_SLOT_MILLIS, relay_slot }
	}

	/// How far, in milliseconds, the last block is ahead of what the next one would be without it. A burst runs ahead by
	/// some slots; more than [`TOLERANCE`] tells of a wall clock that was set back.
	pub fn set_back(&self, wall: u64, last: u64) -> Option<u64> {
		let behind = last.saturating_sub(wall.saturating_add(self.offset));
		(behind > TOLERANCE).then_some(behind)
	}

	/// The clock after it was moved forward by `by` milliseconds: the next block is made at least that much after
	/// `last`, the time of the last block.
	pub fn advanced(&self, wall: u64, last: u64, by: u64) -> Result<Self, ClockError> {
		let offset = self.offset.max(last.saturating_sub(wall)).checked_add(by).ok_or(ClockError::TooFar)?;
		match wall.checked_add(offset) {
			Some(moment) if moment < LAST_MOMENT => Ok(Self { offset }),
			_ => Err(ClockError::TooFar),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	/// Some moment of 2026 at the start of a slot.
	const NOW: u64 = 1_795_000_002_000 / RELAY_SLOT_MILLIS * RELAY_SLOT_MILLIS;
	/// What the runtime's consensus hook admits: its velocity of three, and one more.
	const PER_SLOT: u32 = 4;
	const DAY: u64 = 86_400_000;

	/// A chain that admits `PER_SLOT` blocks a slot, as the runtime does.
	#[derive(Default)]
	struct Chain {
		clock: ChainClock,
		last: u64,
		slot: u64,
		authored: u32,
	}

	impl Chain {
		fn seal(&mut self, wall: u64) -> Tick {
			let (slot, authored) = (self.slot, self.authored);
			let tick = self.clock.next(wall, self.last, |s| s > slot || authored < PER_SLOT);
			assert!(tick.timestamp >= self.last, "time went back");
			assert_eq!(tick.relay_slot, tick.timestamp / RELAY_SLOT_MILLIS);
			assert!(tick.relay_slot >= self.slot, "the slot went back");
			self.authored = if tick.relay_slot == self.slot { self.authored + 1 } else { 1 };
			assert!(self.authored <= PER_SLOT, "too many blocks in a slot");
			self.slot = tick.relay_slot;
			self.last = tick.timestamp;
			tick
		}
	}

	#[test]
	fn first_block_has_the_time_of_the_wall_clock() {
		assert_eq!(Chain::default().seal(NOW + 17).timestamp, NOW + 17);
	}

	#[test]
	fn two_second_blocks_never_drift() {
		let mut chain = Chain::default();
		for n in 0..10_000 {
			let wall = NOW + 500 + n * 2_000;
			assert_eq!(chain.seal(wall).timestamp, wall);
		}
	}

	#[test]
	fn two_second_blocks_with_jitter_never_drift() {
		let mut chain = Chain::default();
		for n in 0..10_000 {
			let wall = NOW + n * 2_000 + (n * 7_919) % 400;
			assert_eq!(chain.seal(wall).timestamp, wall);
		}
	}

	#[test]
	fn a_burst_runs_ahead_by_no_more_than_the_slots_it_fills() {
		let mut chain = Chain::default();
		let wall = NOW + 3_000;
		for _ in 0..PER_SLOT {
			assert_eq!(chain.seal(wall).timestamp, wall);
		}
		assert_eq!(chain.seal(wall), Tick { timestamp: NOW + 6_000, relay_slot: NOW / RELAY_SLOT_MILLIS + 1 });
		for _ in 0..3 {
			chain.seal(wall);
		}
		assert_eq!(chain.seal(wall).timestamp, NOW + 12_000);
	}

	#[test]
	fn the_wall_clock_catches_up_after_a_burst() {
		let mut chain = Chain::default();
		for _ in 0..38 {
			chain.seal(NOW);
		}
		assert_eq!(chain.last, NOW + 54_000);
		assert_eq!(chain.seal(NOW + 54_001).timestamp, NOW + 54_001);
		assert_eq!(chain.clock.offset(), 0);
	}

	#[test]
	fn a_wall_clock_set_back_holds_the_chain_still() {
		let mut chain = Chain::default();
		chain.seal(NOW + 5_000);
		assert_eq!(chain.seal(NOW - DAY).timestamp, NOW + 5_000);
	}

	#[test]
	fn a_wall_clock_set_back_is_told_and_a_burst_is_not() {
		let mut chain = Chain::default();
		for _ in 0..38 {
			chain.seal(NOW);
		}
		assert_eq!(chain.clock.set_back(NOW, chain.last), None);
		assert_eq!(chain.clock.set_back(NOW - DAY, chain.last), Some(chain.last - NOW + DAY));
		// An hour behind the clock is as good as a chain that stood still.
		assert_eq!(chain.clock.set_back(NOW + DAY, chain.last), None);
		// What was asked for is no mistake.
		chain.clock = chain.clock.advanced(NOW, chain.last, DAY).unwrap();
		chain.seal(NOW);
		assert_eq!(chain.clock.set_back(NOW, chain.last), None);
	}

	#[test]
	fn advancing_moves_the_next_block_and_keeps_the_intervals() {
		let mut chain = Chain::default();
		chain.seal(NOW);
		chain.clock = chain.clock.advanced(NOW + 1_000, chain.last, DAY).unwrap();
		assert_eq!(chain.seal(NOW + 2_000).timestamp, NOW + DAY + 2_000);
		assert_eq!(chain.seal(NOW + 4_000).timestamp, NOW + DAY + 4_000);
	}

	#[test]
	fn advancing_after_a_burst_counts_from_the_last_block() {
		let mut chain = Chain::default();
		for _ in 0..38 {
			chain.seal(NOW);
		}
		let last = chain.last;
		chain.clock = chain.clock.advanced(NOW, last, 1_000).unwrap();
		assert_eq!(chain.seal(NOW).timestamp, last + 1_000);
	}

	#[test]
	fn advancing_twice_adds_up() {
		let clock = ChainClock::default().advanced(NOW, NOW, DAY).unwrap().advanced(NOW, NOW + DAY, DAY).unwrap();
		assert_eq!(clock.offset(), 2 * DAY);
	}

	#[test]
	fn advancing_past_the_last_moment_is_refused() {
		let clock = ChainClock::default();
		assert_eq!(clock.advanced(NOW, NOW, u64::MAX), Err(ClockError::TooFar));
		assert_eq!(clock.advanced(NOW, NOW, LAST_MOMENT - NOW), Err(ClockError::TooFar));
		assert!(clock.advanced(NOW, NOW, LAST_MOMENT - NOW - 1).is_ok());
	}

	#[test]
	fn a_restart_keeps_the_offset_and_not_the_lead_of_a_burst() {
		let mut chain = Chain::default();
		for _ in 0..40 {
			chain.seal(NOW);
		}
		let saved = Some(chain.clock.offset());
		chain.clock = ChainClock::resume(saved, NOW + 1_000, chain.last);
		assert_eq!(chain.seal(NOW + 60_000).timestamp, NOW + 60_000);

		chain.clock = chain.clock.advanced(NOW + 60_000, chain.last, DAY).unwrap();
		chain.clock = ChainClock::resume(Some(chain.clock.offset()), NOW + 90_000, chain.last);
		assert_eq!(chain.seal(NOW + 90_000).timestamp, NOW + 90_000 + DAY);
	}

	#[test]
	fn imported_blocks_from_the_future_are_continued() {
		let mut chain = Chain { last: NOW + DAY, ..Default::default() };
		chain.clock = ChainClock::resume(None, NOW, chain.last);
		assert_eq!(chain.seal(NOW + 2_000).timestamp, NOW + DAY + 2_000);
	}

	#[test]
	fn imported_blocks_from_the_past_leave_no_offset() {
		assert_eq!(ChainClock::resume(None, NOW, NOW - DAY).offset(), 0);
	}
}
