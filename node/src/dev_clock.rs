//! The clock of a running development chain: reads the wall clock and the last block for [`crate::clock`], and keeps
//! in the database how far it was advanced.

use crate::{
	clock::{ChainClock, ClockError, Tick},
	service::Client,
};
use codec::{Decode, Encode};
use cumulus_primitives_aura::{AuraUnincludedSegmentApi, Slot};
use salus_runtime::Hash;
use sc_client_api::{AuxStore, StorageProvider};
use sc_service::Error;
use sp_api::ProvideRuntimeApi;
use sp_blockchain::HeaderBackend;
use sp_core::storage::StorageKey;
use std::{
	sync::{Arc, Mutex, PoisonError},
	time::{SystemTime, UNIX_EPOCH},
};

/// Where the database keeps how far the chain's clock was advanced.
const CLOCK_OFFSET: &[u8] = b"salus:dev:clock-offset";

/// The clock of a running chain, shared by those who seal and those who advance it.
pub struct DevClock {
	client: Arc<Client>,
	clock: Mutex<ChainClock>,
}

impl DevClock {
	/// Takes up the clock where the chain's last run left it.
	pub fn new(client: Arc<Client>) -> Result<Self, Error> {
		let saved = client.get_aux(CLOCK_OFFSET)?.and_then(|bytes| u64::decode(&mut &bytes[..]).ok());
		let last = last_timestamp(&client, client.info().best_hash)?;
		let clock = ChainClock::resume(saved, wall_clock(), last);
		if clock.offset() > 0 {
			log::info!("⏩ The chain's clock is {} s ahead of the wall clock", clock.offset() / 1_000);
		}
		warn_if_set_back(&clock, last);
		let this = Self { client, clock: Mutex::new(clock) };
		this.save(clock)?;
		Ok(this)
	}

	fn save(&self, clock: ChainClock) -> Result<(), Error> {
		let offset = clock.offset().encode();
		self.client.insert_aux(&[(CLOCK_OFFSET, &offset[..])], &[]).map_err(Into::into)
	}

	/// Moves the clock forward, from the next block on.
	pub fn advance(&self, by: u64) -> Result<(), AdvanceError> {
		let failed = |error: String| AdvanceError::Failed(error);
		let mut clock = self.clock.lock().unwrap_or_else(PoisonError::into_inner);
		let last = last_timestamp(&self.client, self.client.info().best_hash).map_err(|e| failed(e.to_string()))?;
		let advanced = clock.advanced(wall_clock(), last, by).map_err(AdvanceError::Clock)?;
		self.save(advanced).map_err(|e| failed(e.to_string()))?;
		*clock = advanced;
		Ok(())
	}

	/// When the block on top of `parent` is made.
	pub fn next(&self, parent: Hash) -> Result<Tick, Error> {
		let last = last_timestamp(&self.client, parent)?;
		let clock = *self.clock.lock().unwrap_or_else(PoisonError::into_inner);
		let mut answer = Ok(true);
		let tick = clock.next(wall_clock(), last, |slot| {
			answer = self.client.runtime_api().can_build_upon(parent, parent, Slot::from(slot));
			*answer.as_ref().unwrap_or(&true)
		});
		answer.map_err(|error| Error::Other(format!("the runtime does not tell which slots it admits: {error}")))?;
		Ok(tick)
	}
}

/// Why the clock of a running chain could not be advanced.
#[derive(Debug)]
pub enum AdvanceError {
	/// It would go too far.
	Clock(ClockError),
	/// The database or the runtime did not answer.
	Failed(String),
}

/// Tells of a wall clock that is behind the last block, which was made at `last`.
fn warn_if_set_back(clock: &ChainClock, last: u64) {
	if let Some(behind) = clock.set_back(wall_clock(), last) {
		log::warn!(
			"🕰  This machine's clock is {} s behind the chain's last block: the chain's time stands still until it has \
			 caught up, and consents do not end. Set the clock, and keep it with chrony or systemd-timesyncd",
			behind / 1_000,
		);
	}
}

/// Tells of a wall clock that is behind the best block of a network.
#[cfg_attr(not(feature = "collator"), allow(dead_code))]
pub fn warn_if_behind_network(client: &Client) -> Result<(), Error> {
	warn_if_set_back(&ChainClock::default(), last_timestamp(client, client.info().best_hash)?);
	Ok(())
}

/// The wall clock, in unix milliseconds.
fn wall_clock() -> u64 {
	SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_millis() as u64)
}

/// The time of a block, zero for the first.
pub fn last_timestamp(client: &Client, block: Hash) -> Result<u64, Error> {
	let key = [sp_crypto_hashing::twox_128(b"Timestamp"), sp_crypto_hashing::twox_128(b"Now")].concat();
	match client.storage(block, &StorageKey(key))? {
		Some(bytes) => u64::decode(&mut &bytes.0[..])
			.map_err(|error| Error::Other(format!("the time of block {block:?} cannot be read: {error}"))),
		None => Ok(0),
	}
}
