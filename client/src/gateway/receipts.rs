//! Receipts that went to the chain in batches, given back to whom they concern, each with its proof.

use super::{
	journal::Journal,
	request::SignedRequest,
	server::{blocking, Gateway},
	GatewayError,
};
use salus_primitives::{merkle, receipts::ProvenReceipt, PatientId, H256};
use serde::{Deserialize, Serialize};

/// Most receipts in one answer.
pub const MAX_RECEIPTS: usize = 100;

/// A receipt, its proof, and what the requester signed.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct SignedReceipt {
	/// The receipt and its proof against the batch's root on the chain.
	#[serde(flatten)]
	pub proven: ProvenReceipt,
	/// The request that the requester signed: its BLAKE2b-256 hash together with the signature is the receipt's `request`.
	pub text: String,
}

impl SignedReceipt {
	/// Whether this very request was signed by whom the receipt names, for what the receipt says.
	pub fn is_signed(&self) -> bool {
		let leaf = &self.proven.leaf;
		let hash = sp_crypto_hashing::blake2_256(&[self.text.as_bytes(), &leaf.signature].concat());
		let says = |line: String| self.text.lines().any(|other| other == line);
		leaf.receipt.request == H256(hash)
			&& crate::keys::verify_signature(&leaf.receipt.actor, self.text.as_bytes(), &leaf.signature)
			&& says(format!("purpose: {}", leaf.receipt.purpose))
			&& says(format!("action: {}", leaf.receipt.action))
	}
}

/// The answer to `GET /receipts/{patient}`.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct ReceiptsPage {
	/// The receipts, oldest first.
	pub receipts: Vec<SignedReceipt>,
	/// Give this as `_cursor` to get the next page; `None` on the last.
	pub next: Option<u64>,
}

impl Gateway {
	/// Receipts of a patient that went to the chain in batches, for who acts for the patient.
	pub async fn receipts(
		&self,
		signed: SignedRequest,
		patient: PatientId,
		from: u64,
	) -> Result<ReceiptsPage, GatewayError> {
		let asker = self.authenticate(signed).await?;
		self.ensure_acts_for(&asker.signed.request.account, &patient).await?;
		let journal = self.journal().clone();
		let page = blocking(move || page(&journal, &patient, from, MAX_RECEIPTS)).await?;
		page.map_err(|error| GatewayError::Storage(error.to_string()))
	}
}

fn page(journal: &Journal, patient: &PatientId, from: u64, at_most: usize) -> std::io::Result<ReceiptsPage> {
	let mut found = journal.batched(patient, from, at_most + 1);
	let next = found.get(at_most).map(|(position, _)| *position);
	found.truncate(at_most);
	let mut receipts = Vec::with_capacity(found.len());
	for of_batch in found.chunk_by(|(_, one), (_, other)| one.first == other.first) {
		let batch = of_batch[0].1;
		let entries = journal.entries(&batch)?;
		let contents: Vec<_> = entries.iter().map(|entry| entry.leaf().content()).collect();
		for (position, _) in of_batch {
			let index = (position - batch.first) as u32;
			let missing = || std::io::Error::new(std::io::ErrorKind::InvalidData, "a batch is shorter than it was");
			let entry = entries.get(index as usize).ok_or_else(missing)?;
			receipts.push(SignedReceipt {
				proven: ProvenReceipt {
					org: batch.org,
					batch: batch.index,
					index,
					leaf: entry.leaf(),
					proof: merkle::proof(&contents, index).ok_or_else(missing)?,
				},
				text: entry.evidence.text.clone(),
			});
		}
	}
	Ok(ReceiptsPage { receipts, next })
}

#[cfg(test)]
mod tests {
	use super::{
		super::{
			journal::{Batch, Draft, Evidence},
			request::Request,
		},
		*,
	};
	use salus_primitives::{
		consent::{Effect, Reason},
		views::{Receipt, ReceiptBatchView},
		AccountId, Action, Purpose, RecordId,
	};
	use subxt_signer::sr25519::dev;

	/// Receipts of two patients in turn, each request with two records, in batches of four requests.
	fn journal(folder: &std::path::Path) -> (Journal, Vec<ReceiptBatchView>) {
		let journal = Journal::open(folder).unwrap();
		let mut views = Vec::new();
		for number in 0..8u8 {
			let account = AccountId::from(dev::alice().public_key().0);
			let request = Request {
				genesis: H256([1; 32]),
				gateway: account.clone(),
				method: "GET".into(),
				target: "/fhir/Observation".into(),
				body: H256([2; 32]),
				purpose: Purpose::Treat,
				action: Action::Access,
				account: account.clone(),
				key_epoch: 0,
				nonce: [number; 16],
				expires: 9,
			};
			let signed = request.sign(&dev::alice());
			let draft = |record| Draft {
				patient: PatientId([number % 2; 32]),
				block: 7,
				receipt: Receipt {
					actor: account.clone(),
					record: RecordId([record; 32]),
					version: 1,
					purpose: Purpose::Treat,
					action: Action::Access,
					effect: Effect::Permit,
					reason: Reason::Consent,
					consent: Some(1),
					rule: None,
					at: 1_000 + u64::from(number),
					request: signed.hash(),
				},
			};
			let evidence = Evidence { text: signed.request.text(), signature: hex::encode(signed.signature) };
			let first = journal.append(vec![draft(10), draft(11)], &evidence).unwrap();
			if number % 4 == 3 {
				let first = first - 6;
				let mut batch = Batch { first, count: 8, org: 5, index: views.len() as u64, root: H256::zero() };
				let entries = journal.entries(&batch).unwrap();
				batch.root = merkle::root(&entries.iter().map(|entry| entry.leaf().content()).collect::<Vec<_>>());
				journal.settle_batch(batch).unwrap();
				let Batch { org, index, root, count, .. } = batch;
				views.push(ReceiptBatchView { org, index, root, count, from: 1_000, to: 1_007, block: 9 });
			}
		}
		(journal, views)
	}

	#[test]
	fn every_receipt_of_a_patient_comes_once_with_its_proof() {
		let folder = tempfile::tempdir().unwrap();
		let (journal, views) = journal(folder.path());
		let (mut from, mut all) = (0, Vec::new());
		loop {
			let page = page(&journal, &PatientId([1; 32]), from, 3).unwrap();
			assert!(page.receipts.len() <= 3);
			all.extend(page.receipts);
			match page.next {
				Some(next) => from = next,
				None => break,
			}
		}
		assert_eq!(all.len(), 8);
		for receipt in &all {
			assert_eq!(receipt.proven.leaf.patient, PatientId([1; 32]));
			assert!(receipt.proven.is_in(&views[receipt.proven.batch as usize]));
			assert!(receipt.is_signed());
		}
		let mut places: Vec<_> = all.iter().map(|receipt| (receipt.proven.batch, receipt.proven.index)).collect();
		places.dedup();
		assert_eq!(places.len(), 8);
		assert_eq!(page(&journal, &PatientId([9; 32]), 0, 3).unwrap(), ReceiptsPage { receipts: vec![], next: None });
	}

	#[test]
	fn a_receipt_that_the_requester_did_not_sign_is_told() {
		let folder = tempfile::tempdir().unwrap();
		let (journal, _) = journal(folder.path());
		let good = page(&journal, &PatientId([1; 32]), 0, 1).unwrap().receipts.remove(0);
		let changes: [fn(&mut SignedReceipt); 5] = [
			|receipt| receipt.text.push('x'),
			|receipt| receipt.proven.leaf.signature[0] ^= 1,
			|receipt| receipt.proven.leaf.receipt.actor = AccountId::from(dev::bob().public_key().0),
			|receipt| receipt.proven.leaf.receipt.request = H256::zero(),
			|receipt| receipt.proven.leaf.receipt.purpose = Purpose::Hresch,
		];
		for change in changes {
			let mut changed = good.clone();
			change(&mut changed);
			assert!(!changed.is_signed());
		}
		let told = serde_json::to_value(&good).unwrap();
		assert_eq!(serde_json::from_value::<SignedReceipt>(told).unwrap(), good);
	}
}
