//! The proof of one sample as a file: what a patient hands to somebody who is to believe a measurement, and nothing more.

use super::batch::document_hash;
use crate::{chain::BlockId, Error, Result};
use salus_primitives::{
	stream::{Range, SampleProof},
	PatientId, H256,
};
use serde::{Deserialize, Serialize};

/// A sample's proof, with the peaks that it is against.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields)]
pub struct ProofFile {
	/// Genesis hash of the chain.
	pub genesis: H256,
	/// Whose stream it is.
	pub patient: PatientId,
	/// The block whose state has the peaks.
	pub block: Block,
	/// The stream's batches, as their number and the peaks over them.
	pub range: Range,
	/// The sample and its proof.
	pub proof: SampleProof,
	/// The text that the sample was read from.
	pub document: String,
}

/// A block.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields)]
pub struct Block {
	/// Its number.
	pub number: u32,
	/// Its hash.
	pub hash: H256,
}

impl From<BlockId> for Block {
	fn from(block: BlockId) -> Self {
		Self { number: block.number, hash: block.hash }
	}
}

impl ProofFile {
	/// Reads a proof.
	pub fn read(text: &str) -> Result<Self> {
		serde_json::from_str(text).map_err(|error| Error::refused("MalformedProof", "", error.to_string()))
	}

	/// Whether the stream of these peaks holds the sample, and the document is the one it was read from. Needs neither
	/// chain nor clock.
	pub fn verify(&self, range: &Range) -> Result<()> {
		if document_hash(&self.document) != self.proof.document {
			return Err(Error::Corrupted("the document is not the one that the sample was read from".into()));
		}
		if range.batches != self.range.batches {
			return Err(Error::Corrupted(format!(
				"the proof is against a stream of {} batches, the peaks are of {}: ask for a new proof, or for the peaks at \
				 block {}",
				self.range.batches, range.batches, self.block.number
			)));
		}
		if !self.proof.is_in(range) {
			return Err(Error::Corrupted("the stream of these peaks does not hold this sample".into()));
		}
		Ok(())
	}
}
