//! Samples cut into batches, a batch's plaintext, its tree.

use super::samples::Measured;
use crate::{
	crypto::{derive_key, digest, DataKey},
	Error, Result,
};
use salus_primitives::{
	merkle,
	stream::{sample_content, Batch, Sample},
	time::DAY,
	Moment, StreamId, H256,
};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

const SAMPLE_SALT: &[u8] = b"salus/sample-salt/1";

/// Samples of one day, in the order of time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cut {
	/// No sample began earlier.
	pub from: Moment,
	/// When the last sample began.
	pub to: Moment,
	/// What the batch holds.
	pub content: Content,
}

/// A batch's plaintext, which is encrypted as JSON.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields)]
pub struct Content {
	/// The samples, in the order of the batch.
	pub samples: Vec<Kept>,
}

/// A sample, and the text that it was read from.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields)]
pub struct Kept {
	/// The sample.
	pub sample: Sample,
	/// The document that tells of it, as it was written.
	pub document: String,
}

impl From<Measured> for Kept {
	fn from(measured: Measured) -> Self {
		Self { sample: measured.sample, document: measured.document }
	}
}

/// Cuts samples into batches by the day (UTC) in which they began, the first after `last_time`.
///
/// A batch is told to begin with its day, or where the one before ended: the chain need not know when a person's day
/// began. It ends when its last sample began, so that later samples of that day can follow.
pub fn cut(mut samples: Vec<Measured>, last_time: Moment) -> Result<Vec<Cut>> {
	samples.sort_by_key(|measured| (measured.sample.from, measured.sample.to, measured.sample.metric));
	if let Some(early) = samples.first().filter(|measured| measured.sample.from < last_time) {
		return Err(Error::refused(
			"BackDated",
			"",
			format!(
				"{}: the stream already has samples from after this one: it grows in the order of time",
				early.place
			),
		));
	}
	let mut cuts: Vec<Cut> = Vec::new();
	let mut ended = last_time;
	for measured in samples {
		let (from, day) = (measured.sample.from, measured.sample.from / DAY);
		match cuts.last_mut().filter(|cut| cut.to / DAY == day) {
			Some(cut) => {
				cut.to = from;
				cut.content.samples.push(measured.into());
			}
			None => cuts.push(Cut {
				from: ended.max(day * DAY),
				to: from,
				content: Content { samples: vec![measured.into()] },
			}),
		}
		ended = from;
	}
	Ok(cuts)
}

impl Content {
	/// The plaintext.
	pub fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>> {
		serde_json::to_vec(self).map(Zeroizing::new).map_err(|error| Error::unexpected("writing a batch", error))
	}

	/// The content of a plaintext.
	pub fn of_bytes(bytes: &[u8]) -> Result<Self> {
		let broken = |error| Error::Corrupted(format!("the batch decrypts, but is no list of samples: {error}"));
		serde_json::from_slice(bytes).map_err(broken)
	}

	/// What the leaves of the batch's tree hold, under the batch's data key.
	pub fn leaves(&self, stream: &StreamId, key: &DataKey) -> Vec<Vec<u8>> {
		let leaf = |(index, kept): (u32, &Kept)| {
			sample_content(stream, &salt(key, index), &kept.sample, &kept.document_hash())
		};
		(0..).zip(&self.samples).map(leaf).collect()
	}
}

impl Cut {
	/// The batch as it is anchored.
	pub fn batch(&self, stream: &StreamId, key: &DataKey, revision: u64) -> Result<Batch> {
		let leaves = self.content.leaves(stream, key);
		let count = u32::try_from(leaves.len()).map_err(|_| Error::usage("too-many", "too many samples in one day"))?;
		Ok(Batch { from: self.from, to: self.to, count, root: merkle::root(&leaves), revision })
	}
}

impl Kept {
	/// Hash of the document.
	pub fn document_hash(&self) -> H256 {
		document_hash(&self.document)
	}
}

/// Hash of the text that a sample was read from.
pub fn document_hash(document: &str) -> H256 {
	digest(&[document.as_bytes()])
}

/// What the sample at this index is salted with: nobody without the batch's data key can guess a sample from its hash, and
/// a proof of one sample says nothing of another.
pub fn salt(key: &DataKey, index: u32) -> [u8; 32] {
	*derive_key(key.expose(), &[SAMPLE_SALT, &index.to_le_bytes()].concat())
}
