//! Brings receipts from the journal to the chain, in order and exactly once, whenever the node allows.

use super::journal::{Attempt, Entry, Failed, Journal};
use crate::{
	chain::{calls, Chain},
	Error, Result,
};
use salus_primitives::{AccountId, H256};
use std::{collections::HashSet, sync::Arc, time::Duration};
use subxt_signer::sr25519::Keypair;
use tokio::sync::Notify;

/// Receipts in one transaction.
const BATCH: usize = 16;
/// Receipts of a patient among which those of an interrupted transaction are looked for.
const LOOK_BACK: usize = 1_000;
/// Pause after a failure.
const PAUSE: Duration = Duration::from_secs(5);

/// Anchors receipts as they come, for ever.
pub async fn run(chain: Chain, signer: Keypair, journal: Arc<Journal>, wake: Arc<Notify>) {
	loop {
		match step(&chain, &signer, &journal).await {
			Ok(0) => wake.notified().await,
			Ok(_) => (),
			Err(error) => {
				tracing::warn!("receipts are not on the chain yet: {error}");
				tokio::time::sleep(PAUSE).await;
			}
		}
	}
}

/// Settles the first receipts of the journal; returns how many.
pub async fn step(chain: &Chain, signer: &Keypair, journal: &Journal) -> Result<usize> {
	let mut entries = journal.pending(BATCH);
	let Some(first) = entries.first().map(|entry| entry.position) else { return Ok(0) };
	let account = AccountId::from(signer.public_key().0);
	let mut nonce = None;
	if let Some(attempt) = journal.progress().attempt {
		entries.retain(|entry| entry.position < attempt.to);
		let finalised = chain.finalised().await?;
		if chain.nonce_at(&account, finalised.hash).await? <= attempt.nonce {
			nonce = Some(attempt.nonce);
		} else if let Some(failed) = fate(chain, &entries).await? {
			settle(journal, attempt.to, failed)?;
			return Ok((attempt.to - first) as usize);
		}
	}
	let nonce = match nonce {
		Some(nonce) => nonce,
		None => chain.next_nonce(&account).await?,
	};
	let mut encoded = Vec::new();
	for entry in &entries {
		encoded.push(chain.encode_call(&calls::log_access(&entry.patient, &entry.receipt)).await?);
	}
	let to = first + entries.len() as u64;
	journal.begin(Attempt { nonce, to }).map_err(unwritten)?;
	let included = chain.submit_with_nonce(signer, &calls::force_batch(&encoded), Some(nonce)).await?;
	let items = included.events.iter().filter(|event| event.is("Utility", "ItemCompleted") || event.failure.is_some());
	let failed = entries.iter().zip(items).filter_map(|(entry, item)| match item.failure.as_ref()? {
		// The chain has it.
		Error::TransactionFailed { pallet, error, .. } if pallet == "HealthRecords" && error == "Replayed" => None,
		error => Some(Failed { position: entry.position, error: error.to_string() }),
	});
	settle(journal, to, failed.collect())?;
	Ok(entries.len())
}

/// What became of a transaction whose nonce is used: the receipts that it did not bring to the chain, or `None` if none
/// of its receipts is there, so that another transaction must have used the nonce.
async fn fate(chain: &Chain, entries: &[Entry]) -> Result<Option<Vec<Failed>>> {
	let mut known: HashSet<H256> = HashSet::new();
	let mut patients = HashSet::new();
	for entry in entries {
		if patients.insert(entry.patient.0) {
			let receipts = chain.receipts(&entry.patient, LOOK_BACK).await?;
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

fn settle(journal: &Journal, next: u64, failed: Vec<Failed>) -> Result<()> {
	for failure in &failed {
		tracing::warn!("the chain does not take receipt {}: {}", failure.position, failure.error);
	}
	journal.settle(next, failed).map_err(unwritten)
}

fn unwritten(error: std::io::Error) -> Error {
	Error::unexpected("writing the journal", error)
}
