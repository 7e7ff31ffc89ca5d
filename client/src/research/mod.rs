//! Research datasets: what their contributors, attesters and researchers keep and compute.
//!
//! A contribution is known on the chain by a [`Pseudonym`](salus_primitives::Pseudonym) and a fresh account, both drawn
//! for it alone, so that nobody can tell from the chain who contributed to what. The contributor keeps the account's
//! secret; the custodian's member who attests the contribution keeps what the commitments on the chain open to.

mod attester;
mod book;
mod contributor;
mod download;
pub mod files;
mod researcher;
mod sealing;

pub use attester::{Attester, Signed, MAX_RECORDS};
pub use book::Book;
pub use contributor::{Mine, Offer};
pub use download::{research_contributions, research_download, Downloaded};
pub use researcher::Draft;
pub use sealing::ReleaseContext;

use crate::crypto::digest;
use codec::{Decode, Encode};
use salus_primitives::{consent::Decision, research::DatasetId, PatientId, Pseudonym, RecordId, H256};
use serde::Serialize;

const PERMIT: &[u8] = b"salus/research-permit/1";
const DATA: &[u8] = b"salus/research-data/1";

/// A record of a contribution, and the access decision that permits it.
#[derive(Encode, Decode, Serialize, Clone, PartialEq, Eq, Debug)]
pub struct AttestedRecord {
	/// The record.
	pub record: RecordId,
	/// Its version.
	pub version: u32,
	/// The decision at the best block.
	pub decision: Decision,
}

/// What the commitments of a contribution open to.
#[derive(Encode, Decode, Serialize, Clone, PartialEq, Eq, Debug)]
pub struct Attested {
	/// 32 random bytes, without which nothing can be guessed from the commitments.
	pub salt: H256,
	/// The dataset.
	pub dataset: DatasetId,
	/// The contribution.
	pub pseudonym: Pseudonym,
	/// Whose data it is.
	pub patient: PatientId,
	/// The records, in ascending order.
	pub records: Vec<AttestedRecord>,
	/// The best block that was asked for the decisions.
	pub block: u32,
	/// BLAKE2b-256 over the BLAKE2b-256 of each record's plaintext, in their order.
	pub data: H256,
}

impl Attested {
	/// `BLAKE2b-256("salus/research-permit/1" ‖ salt ‖ SCALE(dataset, pseudonym, patient, records, block))`.
	pub fn permit(&self) -> H256 {
		let told = (self.dataset, self.pseudonym, self.patient, &self.records, self.block).encode();
		digest(&[PERMIT, self.salt.as_bytes(), &told])
	}

	/// `BLAKE2b-256("salus/research-data/1" ‖ salt ‖ SCALE(dataset, pseudonym) ‖ data)`.
	pub fn commitment(&self) -> H256 {
		digest(&[DATA, self.salt.as_bytes(), &(self.dataset, self.pseudonym).encode(), self.data.as_bytes()])
	}
}

/// A signature of the kind that keys here make, as the chain takes it.
fn sr25519<T: Decode>(signature: [u8; 64]) -> T {
	// Of the kinds of signature sr25519 is the second.
	T::decode(&mut &(1u8, signature).encode()[..]).expect("any 64 bytes have the form of a signature; qed")
}
