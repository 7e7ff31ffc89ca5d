//! What concerns one patient, as the node tells it: `salus_subscribePatient`.

use super::{unfit, Chain};
use crate::Result;
use salus_primitives::{views::PatientEvent, PatientId, H256};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use subxt::rpcs::{client::RpcSubscription, rpc_params};

/// Something that happened to a patient. It comes when its block becomes the best, and again when it is final.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct Notice {
	/// The block's height.
	pub block: u32,
	/// The block.
	pub hash: H256,
	/// Whether the block is final.
	pub finalized: bool,
	/// What happened.
	pub event: PatientEvent,
}

/// A patient's notices as they come. The subscription ends when this is dropped.
pub struct Notices {
	chain: Chain,
	subscription: RpcSubscription<Json>,
}

impl Chain {
	/// Subscribes to what concerns a patient, from the next block on.
	pub async fn subscribe_patient(&self, patient: &PatientId) -> Result<Notices> {
		let subscription = self
			.link()
			.await
			.rpc
			.subscribe("salus_subscribePatient", rpc_params![patient], "salus_unsubscribePatient")
			.await
			.map_err(|error| self.unreachable(error))?;
		Ok(Notices { chain: self.clone(), subscription })
	}
}

impl Notices {
	/// The next notice; waits for it.
	pub async fn next(&mut self) -> Result<Notice> {
		let next = self.subscription.next().await;
		let next = next.ok_or_else(|| self.chain.unreachable("the subscription ended"))?;
		let json = next.map_err(|error| self.chain.unreachable(error))?;
		serde_json::from_value(json).map_err(unfit)
	}
}
