//! What happens, as the node tells it: `salus_subscribePatient`, `salus_subscribeCareAlerts`.

use super::{unfit, Chain};
use crate::Result;
use salus_primitives::{care::CareAlertView, views::PatientEvent, AccountId, PatientId, H256};
use serde::{de::DeserializeOwned, Deserialize, Serialize};
use serde_json::Value as Json;
use std::marker::PhantomData;
use subxt::rpcs::{
	client::{RpcParams, RpcSubscription},
	rpc_params,
};

/// Something that happened. It comes when its block becomes the best, and again when it is final.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct Notice<E = PatientEvent> {
	/// The block's height.
	pub block: u32,
	/// The block.
	pub hash: H256,
	/// Whether the block is final.
	pub finalized: bool,
	/// What happened.
	pub event: E,
}

/// Notices as they come. The subscription ends when this is dropped.
pub struct Notices<E = PatientEvent> {
	chain: Chain,
	subscription: RpcSubscription<Json>,
	events: PhantomData<fn() -> E>,
}

impl Chain {
	/// Subscribes to what concerns a patient, from the next block on.
	pub async fn subscribe_patient(&self, patient: &PatientId) -> Result<Notices> {
		self.notices("salus_subscribePatient", rpc_params![patient], "salus_unsubscribePatient").await
	}

	/// Subscribes to alerts that tell an account of patients' samples, from the next block on.
	pub async fn subscribe_care_alerts(&self, clinician: &AccountId) -> Result<Notices<CareAlertView>> {
		self.notices("salus_subscribeCareAlerts", rpc_params![clinician], "salus_unsubscribeCareAlerts").await
	}

	async fn notices<E>(&self, method: &str, params: RpcParams, end: &str) -> Result<Notices<E>> {
		let subscription = self.link().await.rpc.subscribe(method, params, end).await;
		let subscription = subscription.map_err(|error| self.unreachable(error))?;
		Ok(Notices { chain: self.clone(), subscription, events: PhantomData })
	}
}

impl<E: DeserializeOwned> Notices<E> {
	/// The next notice; waits for it.
	pub async fn next(&mut self) -> Result<Notice<E>> {
		let next = self.subscription.next().await;
		let next = next.ok_or_else(|| self.chain.unreachable("the subscription ended"))?;
		let json = next.map_err(|error| self.chain.unreachable(error))?;
		serde_json::from_value(json).map_err(unfit)
	}
}
