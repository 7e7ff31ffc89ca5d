//! What concerns one patient, alerts about medicines, and alerts to clinicians, as they happen.

use super::{error::Error, Salus};
use crate::service::Block;
use futures::{
	future::{self, Either},
	prelude::*,
	stream,
};
use jsonrpsee::{
	core::SubscriptionResult, proc_macros::rpc, PendingSubscriptionSink, SubscriptionMessage, SubscriptionSink,
};
use salus_primitives::{
	api::{CareApi, ConsentApi, DrugApi},
	care::CareAlertView,
	drug::AlertView,
	views::PatientEvent,
	AccountId, PatientId,
};
use salus_runtime::Hash;
use sc_client_api::{BlockImportNotification, BlockchainEvents, FinalityNotification};
use serde::{Deserialize, Serialize};
use sp_blockchain::HeaderBackend;
use std::{collections::HashMap, time::Duration};

/// How long a client may leave an item waiting before its subscription ends.
const PATIENCE: Duration = Duration::from_secs(30);

/// Something that happened.
///
/// Every event comes twice: with `finalized` false when its block becomes the best, and true when the block is final.
/// An event whose block is retracted never comes with `finalized` true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice<E> {
	/// The block's number.
	pub block: u32,
	/// The block's hash.
	pub hash: Hash,
	/// Whether the block is final.
	pub finalized: bool,
	/// What happened.
	pub event: E,
}

/// Follows patients and alerts.
#[rpc(client, server)]
pub trait SubscriptionRpc {
	/// Tells what happens to what is stored for the patient, from now on.
	#[subscription(
		name = "salus_subscribePatient" => "salus_patientEvent",
		unsubscribe = "salus_unsubscribePatient",
		item = Notice<PatientEvent>,
	)]
	async fn subscribe_patient(&self, patient: PatientId) -> SubscriptionResult;

	/// Tells who tries to dispense what must not be dispensed, from now on.
	#[subscription(
		name = "salus_subscribeAlerts" => "salus_alert",
		unsubscribe = "salus_unsubscribeAlerts",
		item = Notice<AlertView>,
	)]
	async fn subscribe_alerts(&self) -> SubscriptionResult;

	/// Tells an account of samples that meet the rules of patients' care plans, from now on.
	#[subscription(
		name = "salus_subscribeCareAlerts" => "salus_careAlert",
		unsubscribe = "salus_unsubscribeCareAlerts",
		item = Notice<CareAlertView>,
	)]
	async fn subscribe_care_alerts(&self, clinician: AccountId) -> SubscriptionResult;
}

/// A block and whether it became the best or final.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
	Best(u32, Hash),
	Final(u32, Hash),
}

/// Orders what the client tells about blocks: each is the best before it is final, once each.
#[derive(Debug, Default)]
struct Ledger {
	finalized: u32,
	/// Blocks above the last final one that were announced as the best.
	announced: HashMap<Hash, u32>,
}

impl Ledger {
	fn new(finalized: u32) -> Self {
		Self { finalized, announced: HashMap::new() }
	}

	/// Takes blocks that now belong to the best chain, oldest first.
	fn best(&mut self, blocks: impl IntoIterator<Item = (u32, Hash)>) -> Vec<Step> {
		let mut steps = Vec::new();
		for (number, hash) in blocks {
			if number > self.finalized && self.announced.insert(hash, number).is_none() {
				steps.push(Step::Best(number, hash));
			}
		}
		steps
	}

	/// Takes blocks that are now final, oldest first.
	fn finalized(&mut self, blocks: impl IntoIterator<Item = (u32, Hash)>) -> Vec<Step> {
		let mut steps = Vec::new();
		for (number, hash) in blocks {
			if number > self.finalized {
				// A block that is final at once may be told as final before it is told as the best.
				steps.extend(self.best([(number, hash)]));
				steps.push(Step::Final(number, hash));
				self.finalized = number;
				self.announced.retain(|_, announced| *announced > number);
			}
		}
		steps
	}
}

/// Asks the runtime what happened in a block.
trait Events<E>: Fn(&Salus, Hash) -> Result<Vec<E>, Error> + Send {}

impl<E, F: Fn(&Salus, Hash) -> Result<Vec<E>, Error> + Send> Events<E> for F {}

enum News {
	Imported(BlockImportNotification<Block>),
	Finalized(FinalityNotification<Block>),
}

impl Salus {
	fn number(&self, hash: Hash) -> Option<(u32, Hash)> {
		self.client.number(hash).ok().flatten().map(|number| (number, hash))
	}

	fn steps(&self, ledger: &mut Ledger, news: News) -> Vec<Step> {
		match news {
			News::Imported(block) if block.is_new_best => {
				let enacted = block.tree_route.iter().flat_map(|route| route.enacted());
				let enacted: Vec<_> = enacted.map(|block| (block.number, block.hash)).collect();
				ledger.best(enacted.into_iter().chain([(block.header.number, block.hash)]))
			}
			News::Imported(_) => Vec::new(),
			News::Finalized(block) => {
				let before: Vec<_> = block.tree_route.iter().filter_map(|hash| self.number(*hash)).collect();
				ledger.finalized(before.into_iter().chain([(block.header.number, block.hash)]))
			}
		}
	}

	/// What to send for a block.
	fn notices<E>(&self, step: Step, events: &impl Events<E>) -> Vec<Notice<E>> {
		let (block, hash, finalized) = match step {
			Step::Best(block, hash) => (block, hash, false),
			Step::Final(block, hash) => (block, hash, true),
		};
		match events(self, hash) {
			Ok(events) => events.into_iter().map(|event| Notice { block, hash, finalized, event }).collect(),
			Err(error) => {
				log::warn!(target: "rpc", "no events of block {hash:?} for a subscription: {error}");
				Vec::new()
			}
		}
	}

	/// Accepts a subscription and serves it in a task of its own.
	async fn serve<E: Serialize + Send + 'static>(
		&self,
		task: &'static str,
		pending: PendingSubscriptionSink,
		events: impl Events<E> + 'static,
	) -> SubscriptionResult {
		let sink = pending.accept().await?;
		self.executor.spawn(task, Some("rpc"), self.clone().follow(sink, events).boxed());
		Ok(())
	}

	/// Sends what happens until the client leaves.
	async fn follow<E: Serialize>(self, sink: SubscriptionSink, events: impl Events<E>) {
		let imported = self.client.import_notification_stream().map(News::Imported);
		let finalized = self.client.finality_notification_stream().map(News::Finalized);
		let mut news = stream::select(imported, finalized);
		let mut ledger = Ledger::new(self.client.info().finalized_number);
		loop {
			let closed = std::pin::pin!(sink.closed());
			let next = match future::select(closed, news.next()).await {
				Either::Left(_) | Either::Right((None, _)) => return,
				Either::Right((Some(next), _)) => next,
			};
			for step in self.steps(&mut ledger, next) {
				for notice in self.notices(step, &events) {
					let sent = match SubscriptionMessage::from_json(&notice) {
						Ok(message) => sink.send_timeout(message, PATIENCE).await.is_ok(),
						Err(_) => false,
					};
					if !sent {
						return;
					}
				}
			}
		}
	}
}

#[jsonrpsee::core::async_trait]
impl SubscriptionRpcServer for Salus {
	async fn subscribe_patient(&self, pending: PendingSubscriptionSink, patient: PatientId) -> SubscriptionResult {
		self.serve("salus-patient-subscription", pending, move |salus: &Salus, at| {
			salus.call::<dyn ConsentApi<Block>, _>(Some(at), |api, at| api.patient_events(at, patient))
		})
		.await
	}

	async fn subscribe_alerts(&self, pending: PendingSubscriptionSink) -> SubscriptionResult {
		self.serve("salus-alert-subscription", pending, |salus: &Salus, at| {
			salus.call::<dyn DrugApi<Block>, _>(Some(at), |api, at| api.alerts(at))
		})
		.await
	}

	async fn subscribe_care_alerts(
		&self,
		pending: PendingSubscriptionSink,
		clinician: AccountId,
	) -> SubscriptionResult {
		self.serve("salus-care-subscription", pending, move |salus: &Salus, at| {
			let alerts = salus.call::<dyn CareApi<Block>, _>(Some(at), |api, at| api.care_alerts(at))?;
			Ok(alerts.into_iter().filter(|told| told.alert.clinician == clinician).collect())
		})
		.await
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn hash(n: u8) -> Hash {
		Hash::repeat_byte(n)
	}

	#[test]
	fn a_block_is_the_best_and_then_final() {
		let mut ledger = Ledger::new(5);
		assert_eq!(ledger.best([(6, hash(6))]), [Step::Best(6, hash(6))]);
		assert_eq!(ledger.finalized([(6, hash(6))]), [Step::Final(6, hash(6))]);
	}

	#[test]
	fn a_block_that_is_final_at_once_is_told_as_the_best_first_and_once() {
		let mut ledger = Ledger::new(5);
		assert_eq!(ledger.finalized([(6, hash(6))]), [Step::Best(6, hash(6)), Step::Final(6, hash(6))]);
		assert_eq!(ledger.best([(6, hash(6))]), []);
	}

	#[test]
	fn a_retracted_block_is_never_final() {
		let mut ledger = Ledger::new(5);
		ledger.best([(6, hash(1))]);
		assert_eq!(ledger.best([(6, hash(2)), (7, hash(3))]), [Step::Best(6, hash(2)), Step::Best(7, hash(3))]);
		assert_eq!(ledger.finalized([(6, hash(2)), (7, hash(3))]), [Step::Final(6, hash(2)), Step::Final(7, hash(3))]);
		assert!(ledger.announced.is_empty());
	}

	#[test]
	fn a_block_that_becomes_the_best_again_is_not_repeated() {
		let mut ledger = Ledger::new(5);
		ledger.best([(6, hash(1))]);
		ledger.best([(6, hash(2)), (7, hash(3))]);
		assert_eq!(
			ledger.best([(6, hash(1)), (7, hash(4)), (8, hash(5))]),
			[Step::Best(7, hash(4)), Step::Best(8, hash(5))]
		);
	}

	#[test]
	fn what_was_final_before_is_not_told() {
		let mut ledger = Ledger::new(5);
		assert_eq!(ledger.best([(5, hash(5))]), []);
		assert_eq!(ledger.finalized([(4, hash(4)), (5, hash(5))]), []);
	}
}
