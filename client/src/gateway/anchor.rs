//! Brings receipts from the journal to the chain, in order and exactly once, whenever the node allows: each by itself,
//! or many as the root of a Merkle tree.

use super::journal::{Attempt, Batch, Entry, Failed, Journal};
use crate::{
	chain::{calls, Chain},
	Error, Result,
};
use codec::{Decode, Encode};
use salus_primitives::{merkle, views::ReceiptBatchView, AccountId, OrgId, H256};
use std::{collections::HashSet, sync::Arc, time::Duration};
use subxt_signer::sr25519::Keypair;
use tokio::sync::Notify;

/// Receipts in one transaction.
const TOGETHER: usize = 16;
/// Receipts in one batch.
pub const MAX_LEAVES: usize = 1_024;
/// Receipts of a patient among which those of an interrupted transaction are looked for.
const LOOK_BACK: usize = 1_000;
/// Pause after a failure.
const PAUSE: Duration = Duration::from_secs(5);

/// Brings receipts to the chain.
pub struct Anchor {
	/// The chain.
	pub chain: Chain,
	/// The gateway's account.
	pub signer: Keypair,
	/// The custodian.
	pub org: OrgId,
	/// Where the receipts are.
	pub journal: Arc<Journal>,
	/// How long receipts are gathered for one batch; zero anchors each by itself, but those of a dataset under a root: on
	/// the chain a patient beside a researcher would tell what is studied about the patient.
	pub interval: Duration,
}

impl Anchor {
	/// Anchors receipts as they come, for ever.
	pub async fn run(self, wake: Arc<Notify>) {
		loop {
			match self.step().await {
				Ok(0) if self.interval.is_zero() => wake.notified().await,
				// What is left after a full batch does not wait.
				Ok(count) if !self.interval.is_zero() && count < MAX_LEAVES => tokio::time::sleep(self.interval).await,
				Ok(_) => (),
				Err(error) => {
					tracing::warn!("receipts are not on the chain yet: {error}");
					// A batch that the chain refuses costs its fee each time.
					tokio::time::sleep(PAUSE.max(self.interval)).await;
				}
			}
		}
	}

	/// Settles the first receipts of the journal; returns how many.
	pub async fn step(&self) -> Result<usize> {
		// What was begun is ended in the way it was begun.
		let batched = match self.journal.progress().attempt {
			Some(attempt) => attempt.batch_from.is_some(),
			None => !self.interval.is_zero() || self.journal.pending(1).first().is_some_and(Entry::is_of_dataset),
		};
		if batched {
			self.anchor_batch().await
		} else {
			self.anchor_each().await
		}
	}

	fn account(&self) -> AccountId {
		AccountId::from(self.signer.public_key().0)
	}

	/// The nonce of a transaction that was begun if it can still be included, or else `None`.
	async fn open_nonce(&self, attempt: &Attempt) -> Result<Option<u64>> {
		let finalised = self.chain.finalised().await?;
		let used = self.chain.nonce_at(&self.account(), finalised.hash).await?;
		Ok((used <= attempt.nonce).then_some(attempt.nonce))
	}

	async fn anchor_each(&self) -> Result<usize> {
		let mut entries = self.journal.pending(TOGETHER);
		let Some(first) = entries.first().map(|entry| entry.position) else { return Ok(0) };
		let mut nonce = None;
		if let Some(attempt) = self.journal.progress().attempt {
			entries.retain(|entry| entry.position < attempt.to);
			nonce = self.open_nonce(&attempt).await?;
			if nonce.is_none() {
				if let Some(failed) = self.fate(&entries).await? {
					self.settle(attempt.to, failed)?;
					return Ok((attempt.to - first) as usize);
				}
			}
		} else if let Some(end) = entries.iter().position(Entry::is_of_dataset) {
			entries.truncate(end);
			if end == 0 {
				return Ok(0);
			}
		}
		let nonce = match nonce {
			Some(nonce) => nonce,
			None => self.chain.next_nonce(&self.account()).await?,
		};
		let mut encoded = Vec::new();
		for entry in &entries {
			encoded.push(self.chain.encode_call(&calls::log_access(&entry.patient, &entry.receipt)).await?);
		}
		let to = first + entries.len() as u64;
		self.journal.begin(Attempt { nonce, to, batch_from: None }).map_err(unwritten)?;
		let included = self.chain.submit_with_nonce(&self.signer, &calls::force_batch(&encoded), Some(nonce)).await?;
		let items =
			included.events.iter().filter(|event| event.is("Utility", "ItemCompleted") || event.failure.is_some());
		let failed = entries.iter().zip(items).filter_map(|(entry, item)| match item.failure.as_ref()? {
			// The chain has it.
			Error::TransactionFailed { pallet, error, .. } if pallet == "HealthRecords" && error == "Replayed" => None,
			error => Some(Failed { position: entry.position, error: error.to_string() }),
		});
		self.settle(to, failed.collect())?;
		Ok(entries.len())
	}

	/// What became of a transaction whose nonce is used: the receipts that it did not bring to the chain, or `None` if
	/// none of its receipts is there, so that another transaction must have used the nonce.
	async fn fate(&self, entries: &[Entry]) -> Result<Option<Vec<Failed>>> {
		let mut known: HashSet<H256> = HashSet::new();
		let mut patients = HashSet::new();
		for entry in entries {
			if patients.insert(entry.patient.0) {
				let receipts = self.chain.receipts(&entry.patient, LOOK_BACK).await?;
				known.extend(receipts.into_iter().map(|view| view.receipt.request));
			}
		}
		let missing: Vec<_> = entries.iter().filter(|entry| !known.contains(&entry.receipt.request)).collect();
		if missing.len() == entries.len() {
			return Ok(None);
		}
		let failed = |entry: &&Entry| Failed { position: entry.position, error: "not on the chain".into() };
		Ok(Some(missing.iter().map(failed).collect()))
	}

	async fn anchor_batch(&self) -> Result<usize> {
		let mut entries = self.journal.pending(MAX_LEAVES);
		let Some(first) = entries.first().map(|entry| entry.position) else { return Ok(0) };
		let attempt = self.journal.progress().attempt;
		if let Some(attempt) = &attempt {
			entries.retain(|entry| entry.position < attempt.to);
		}
		let contents: Vec<_> = entries.iter().map(|entry| entry.leaf().content()).collect();
		let (root, count) = (merkle::root(&contents), contents.len() as u32);
		let settle = |index| {
			self.journal.settle_batch(Batch { first, count, org: self.org, index, root }).map_err(unwritten)?;
			Ok(entries.len())
		};
		let (mut nonce, mut from) = (None, None);
		if let Some(attempt) = &attempt {
			from = attempt.batch_from;
			nonce = self.open_nonce(attempt).await?;
			if nonce.is_none() {
				if let Some(index) = self.find(root, from.unwrap_or(0)).await? {
					return settle(index);
				}
			}
		}
		let from = match from {
			Some(from) => from,
			None => self.batch_count().await?,
		};
		let nonce = match nonce {
			Some(nonce) => nonce,
			None => self.chain.next_nonce(&self.account()).await?,
		};
		let to = first + entries.len() as u64;
		self.journal.begin(Attempt { nonce, to, batch_from: Some(from) }).map_err(unwritten)?;
		let times = || entries.iter().map(|entry| entry.receipt.at);
		let (earliest, latest) = (times().min().unwrap_or(0), times().max().unwrap_or(0));
		let call = calls::log_access_batch(root, count, earliest, latest);
		match self.chain.submit_with_nonce(&self.signer, &call, Some(nonce)).await {
			Ok(included) => {
				let event = included.event("HealthRecords", "AccessBatchLogged");
				let index = event.and_then(|event| event.number("index")).and_then(|index| index.try_into().ok());
				settle(index.ok_or_else(|| Error::Unexpected("a batch of receipts came to no number".into()))?)
			}
			// A later try would be later still.
			Err(Error::TransactionFailed { pallet, error, docs })
				if pallet == "HealthRecords" && error == "Expired" =>
			{
				let error = Error::TransactionFailed { pallet, error, docs }.to_string();
				let failed = entries.iter().map(|entry| Failed { position: entry.position, error: error.clone() });
				self.settle(to, failed.collect())?;
				Ok(entries.len())
			}
			Err(error) => Err(error),
		}
	}

	/// The number of the organisation's batch with this root, among those from `from` on that are final.
	async fn find(&self, root: H256, from: u64) -> Result<Option<u64>> {
		let finalised = Some(self.chain.finalised().await?.hash);
		for index in from..self.batch_count().await? {
			let view: Option<ReceiptBatchView> =
				self.chain.call_api("RecordsApi_receipt_batch", (self.org, index), finalised).await?;
			if view.is_some_and(|view| view.root == root) {
				return Ok(Some(index));
			}
		}
		Ok(None)
	}

	/// How many batches of the organisation are final, those that are pruned included.
	async fn batch_count(&self) -> Result<u64> {
		let key = self.org.encode();
		let key = [
			&sp_crypto_hashing::twox_128(b"HealthRecords")[..],
			&sp_crypto_hashing::twox_128(b"BatchCounts"),
			&sp_crypto_hashing::twox_64(&key),
			&key,
		]
		.concat();
		let at = self.chain.finalised().await?.hash;
		let params = vec![format!("0x{}", hex::encode(key)).into(), format!("{at:?}").into()];
		let answer = self.chain.rpc("state_getStorage", params).await?;
		let Some(text) = answer.as_str() else { return Ok(0) };
		let bytes = hex::decode(text.trim_start_matches("0x")).unwrap_or_default();
		u64::decode(&mut &bytes[..]).map_err(|error| Error::unexpected("reading the number of batches", error))
	}

	fn settle(&self, next: u64, failed: Vec<Failed>) -> Result<()> {
		for failure in &failed {
			tracing::warn!("the chain does not take receipt {}: {}", failure.position, failure.error);
		}
		self.journal.settle(next, failed).map_err(unwritten)
	}
}

fn unwritten(error: std::io::Error) -> Error {
	Error::unexpected("writing the journal", error)
}
