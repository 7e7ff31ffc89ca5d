//! Methods of development chains only. All of them are unsafe: they are refused on interfaces that are exposed.

use super::error::Error;
use crate::{
	dev_clock::{last_timestamp, AdvanceError, DevClock},
	service::Client,
};
use futures::{
	channel::{mpsc, oneshot},
	SinkExt,
};
use jsonrpsee::{core::async_trait, proc_macros::rpc, Extensions};
use salus_runtime::Hash;
use sc_consensus_manual_seal::CreatedBlock;
use sc_rpc_api::check_if_safe;
use serde::{Deserialize, Serialize};
use sp_blockchain::HeaderBackend;
use std::sync::Arc;

/// Asks for a block at once, and where to tell about it.
pub type Advance = oneshot::Sender<Result<CreatedBlock<Hash>, sc_consensus_manual_seal::Error>>;

/// The block that was made when the clock was advanced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advanced {
	/// Its number.
	pub block: u32,
	/// Its hash.
	pub hash: Hash,
	/// Its time in unix milliseconds: the chain's time from now on.
	pub now: u64,
}

/// Steers a development chain.
#[rpc(client, server)]
pub trait DevClockApi {
	/// Moves the chain's clock forward by a number of milliseconds and makes a block, whose time is at least that much
	/// after that of the block before. The chain stays ahead by as much. Time cannot be moved back.
	#[method(name = "dev_advanceTime", with_extensions)]
	async fn advance_time(&self, milliseconds: u64) -> Result<Advanced, Error>;
}

/// Serves [`DevClockApiServer`].
pub struct Dev {
	client: Arc<Client>,
	clock: Arc<DevClock>,
	seal: mpsc::Sender<Advance>,
}

impl Dev {
	/// Advances `clock` and asks through `seal` for blocks.
	pub fn new(client: Arc<Client>, clock: Arc<DevClock>, seal: mpsc::Sender<Advance>) -> Self {
		Self { client, clock, seal }
	}
}

#[async_trait]
impl DevClockApiServer for Dev {
	async fn advance_time(&self, extensions: &Extensions, milliseconds: u64) -> Result<Advanced, Error> {
		check_if_safe(extensions)?;
		self.clock.advance(milliseconds).map_err(|error| match error {
			AdvanceError::Clock(error) => Error::TimeOutOfRange(error.to_string()),
			AdvanceError::Failed(error) => Error::Seal(error),
		})?;
		let (sender, receiver) = oneshot::channel();
		let stopping = || Error::Seal("the node is stopping".into());
		self.seal.clone().send(sender).await.map_err(|_| stopping())?;
		let created = receiver.await.map_err(|_| stopping())?.map_err(|error| Error::Seal(error.to_string()))?;
		let seal = |error: &dyn std::fmt::Display| Error::Seal(error.to_string());
		let block = self
			.client
			.number(created.hash)
			.map_err(|error| seal(&error))?
			.ok_or_else(|| Error::UnknownBlock(created.hash))?;
		let now = last_timestamp(&self.client, created.hash).map_err(|error| seal(&error))?;
		Ok(Advanced { block, hash: created.hash, now })
	}
}
