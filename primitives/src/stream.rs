//! Streams: what a patient's devices measure, anchored batch by batch.
//!
//! A *sample* is one measurement. A *batch* holds the samples of some time, encrypted off chain; its *root* is that of
//! [`crate::merkle`] over its samples. A *stream* is a growing row of batches of one patient and device. On chain stand
//! the stream's *peaks* alone: an append-only Merkle mountain range over its batches. Who holds the data proves a sample,
//! and anybody who knows the peaks verifies the proof, without a chain, a clock or a key.
//!
//! | what | how |
//! |---|---|
//! | stream | `BLAKE2b-256("salus/stream/1" ‖ patient ‖ nonce)`: no two patients have the same |
//! | sample | content of the batch tree's leaf: `"salus/sample/1" ‖ stream ‖ salt (32) ‖ SCALE of the sample ‖ document (32)` |
//! | leaf | `BLAKE2b-256("salus/stream-leaf/1" ‖ stream ‖ seq u64 ‖ from u64 ‖ to u64 ‖ count u32 ‖ root ‖ revision u64)` |
//! | node | `BLAKE2b-256("salus/stream-node/1" ‖ left ‖ right)` |
//!
//! Numbers are little-endian. The salt is secret to who holds the batch, and another one for each sample: health data has
//! little entropy, and a root over plain samples would answer a guess. `document` is the BLAKE2b-256 hash of the text that
//! the sample was read from.
//!
//! **The range.** `n` leaves stand under as many peaks as `n` has bits set: the first peak is over the greatest power of
//! two that fits, and so on. A proof has exactly as many siblings as its peak has levels, and the leaf's number decides at
//! each level which side it stands on, so that no leaf opens under another number; batch trees hash under other tags, so
//! that neither passes for the other.

use crate::{merkle, AccountId, Confidentiality, Moment, OrgId, PatientId, StreamId, H256};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::ConstU32;
use sp_runtime::{
	traits::{BlakeTwo256, Hash},
	BoundedVec,
};

/// Most peaks of a range: one for each bit of the number of its leaves.
pub const MAX_PEAKS: u32 = 64;
/// Batches in one `append_stream`.
pub const MAX_BATCHES: u32 = 64;

const STREAM: &[u8] = b"salus/stream/1";
const SAMPLE: &[u8] = b"salus/sample/1";
const LEAF: &[u8] = b"salus/stream-leaf/1";
const NODE: &[u8] = b"salus/stream-node/1";

/// Derives what every small enumeration of this module does.
macro_rules! code {
	($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal),* $(,)? }) => {
		$(#[$meta])*
		#[derive(
			Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, Copy, PartialEq, Eq, PartialOrd, Ord,
			Debug, serde::Serialize, serde::Deserialize,
		)]
		pub enum $name {
			$($(#[$doc])* #[serde(rename = $text)] $variant),*
		}

		impl $name {
			/// All of them.
			pub const ALL: &'static [Self] = &[$(Self::$variant),*];

			/// Its code.
			pub const fn code(self) -> &'static str {
				match self {
					$(Self::$variant => $text),*
				}
			}
		}
	};
}

code! {
	/// What carries the sensors. It is coarse: a glucose meter beside a pseudonym would tell a disease, so what a stream
	/// measures stays off chain.
	DeviceClass {
		/// Worn on the body.
		Wearable = "wearable",
		/// Used at home.
		HomeMonitor = "home-monitor",
		/// A telephone, or a program on it.
		Phone = "phone",
		/// Anything else.
		Other = "other",
	}
}

code! {
	/// What a sample measures. The code is that of the Open mHealth schema.
	Metric {
		/// Concentration of glucose, in mg/dL.
		BloodGlucose = "blood-glucose",
		/// Temperature of the body, in degrees Celsius.
		BodyTemperature = "body-temperature",
		/// Heart beats a minute.
		HeartRate = "heart-rate",
		/// Steps taken.
		StepCount = "step-count",
	}
}

impl Metric {
	/// The unit that samples are in, as UCUM writes it.
	pub const fn unit(self) -> &'static str {
		match self {
			Self::BloodGlucose => "mg/dL",
			Self::BodyTemperature => "Cel",
			Self::HeartRate => "/min",
			Self::StepCount => "{steps}",
		}
	}
}

code! {
	/// Where a stream is in its life.
	StreamStatus {
		/// It takes batches.
		Open = "open",
		/// It takes none any more; what it has is still proved.
		Closed = "closed",
	}
}

/// One measurement.
#[derive(
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	serde::Serialize,
	serde::Deserialize,
)]
pub struct Sample {
	/// What was measured.
	pub metric: Metric,
	/// Thousandths of [`Metric::unit`].
	pub value: i64,
	/// When it began (unix milliseconds).
	pub from: Moment,
	/// When it ended; a measurement at one moment ends as it begins.
	pub to: Moment,
}

/// A stream to open.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct StreamInput {
	/// Chosen at random; with the patient it makes the stream's identifier.
	pub nonce: [u8; 32],
	/// What carries the sensors.
	pub device: DeviceClass,
	/// Confidentiality of its data.
	pub confidentiality: Confidentiality,
	/// An account that may append besides the patient: a device's, a gateway's.
	pub writer: Option<AccountId>,
}

/// A batch as it is anchored.
#[derive(
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	serde::Serialize,
	serde::Deserialize,
)]
pub struct Batch {
	/// No sample began earlier (unix milliseconds).
	pub from: Moment,
	/// No sample began later.
	pub to: Moment,
	/// Its samples; at least one.
	pub count: u32,
	/// Root of the tree over them.
	pub root: H256,
	/// The patient's revision that it was anchored under.
	pub revision: u64,
}

/// A stream, as runtime APIs tell of it.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct StreamView {
	/// Whose it is.
	pub patient: PatientId,
	/// The stream.
	pub id: StreamId,
	/// What carries the sensors.
	pub device: DeviceClass,
	/// Confidentiality of its data.
	pub confidentiality: Confidentiality,
	/// The organisation that opened it and whose members append; `None` is the patient's own.
	pub custodian: Option<OrgId>,
	/// Who opened it.
	pub author: AccountId,
	/// Who may append besides.
	pub writer: Option<AccountId>,
	/// Batches, with the peaks over them.
	#[cfg_attr(feature = "std", serde(flatten))]
	pub range: Range,
	/// The end of the latest batch; 0 before the first.
	pub last_time: Moment,
	/// The patient's revision when it last grew, or was opened.
	pub revision: u64,
	/// Where it is in its life.
	pub status: StreamStatus,
}

impl StreamId {
	/// The stream that a patient's nonce names.
	pub fn of(patient: &PatientId, nonce: &[u8; 32]) -> Self {
		Self(hash(&[STREAM, &patient.0, nonce]).0)
	}
}

impl Batch {
	/// The leaf that it is in the range of a stream, at this number from 0.
	pub fn leaf(&self, stream: &StreamId, seq: u64) -> H256 {
		hash(&[
			LEAF,
			&stream.0,
			&seq.to_le_bytes(),
			&self.from.to_le_bytes(),
			&self.to.to_le_bytes(),
			&self.count.to_le_bytes(),
			self.root.as_bytes(),
			&self.revision.to_le_bytes(),
		])
	}
}

/// What the batch tree's leaf of a sample holds.
pub fn sample_content(stream: &StreamId, salt: &[u8; 32], sample: &Sample, document: &H256) -> Vec<u8> {
	[SAMPLE, &stream.0, salt, &sample.encode(), document.as_bytes()].concat()
}

/// An append-only Merkle mountain range: how many leaves it has, and the peaks over them, the highest first.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Default, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Range {
	/// Leaves.
	pub batches: u64,
	/// As many as `batches` has bits set.
	pub peaks: BoundedVec<H256, ConstU32<MAX_PEAKS>>,
}

impl Range {
	/// Adds a leaf and returns its number; `None` if the numbers are used up.
	pub fn append(&mut self, leaf: H256) -> Option<u64> {
		let (seq, count) = (self.batches, self.batches.checked_add(1)?);
		let mut top = leaf;
		// Every bit that is set below the first unset one is a peak that the new leaf completes.
		for _ in 0..seq.trailing_ones() {
			top = node(&self.peaks.pop()?, &top);
		}
		self.peaks.try_push(top).ok()?;
		self.batches = count;
		Some(seq)
	}

	/// Whether the leaf stands at this number, by the siblings up to its peak.
	pub fn verify(&self, seq: u64, leaf: &H256, siblings: &[H256]) -> bool {
		let Some(mountain) = Mountain::over(self.batches, seq) else { return false };
		if !self.is_sound() || siblings.len() != mountain.height as usize {
			return false;
		}
		let mut position = seq - mountain.start;
		let top = siblings.iter().fold(*leaf, |hash, sibling| {
			let parent = if position.is_multiple_of(2) { node(&hash, sibling) } else { node(sibling, &hash) };
			position /= 2;
			parent
		});
		self.peaks.get(mountain.peak) == Some(&top)
	}

	/// Whether there are as many peaks as so many leaves have.
	pub fn is_sound(&self) -> bool {
		self.peaks.len() == self.batches.count_ones() as usize
	}

	/// The range over these leaves.
	pub fn over(leaves: &[H256]) -> Self {
		leaves.iter().fold(Self::default(), |mut range, leaf| {
			// There are fewer leaves in memory than numbers.
			range.append(*leaf);
			range
		})
	}
}

/// The siblings of a leaf up to its peak, from below; `None` if there is no leaf at this number.
pub fn range_proof(leaves: &[H256], seq: u64) -> Option<Vec<H256>> {
	let mountain = Mountain::over(leaves.len() as u64, seq)?;
	let start = mountain.start as usize;
	let mut level = leaves.get(start..start + (1 << mountain.height))?.to_vec();
	let (mut position, mut siblings) = (seq as usize - start, Vec::new());
	while level.len() > 1 {
		siblings.push(level[position ^ 1]);
		level = level.chunks(2).map(|pair| node(&pair[0], &pair[1])).collect();
		position /= 2;
	}
	Some(siblings)
}

/// The perfect tree that a leaf stands in.
struct Mountain {
	/// The number of its first leaf.
	start: u64,
	/// Levels above the leaves.
	height: u32,
	/// Which peak is its top.
	peak: usize,
}

impl Mountain {
	/// Of `count` leaves, the one over this number.
	fn over(count: u64, seq: u64) -> Option<Self> {
		if seq >= count {
			return None;
		}
		// Up to the highest bit in which the two differ they are equal, and `count` has it set: the mountains before are
		// the higher bits of `count`.
		let height = (count ^ seq).ilog2();
		let before = count.checked_shr(height + 1).unwrap_or(0);
		Some(Self { start: before.checked_shl(height + 1).unwrap_or(0), height, peak: before.count_ones() as usize })
	}
}

fn node(left: &H256, right: &H256) -> H256 {
	hash(&[NODE, left.as_bytes(), right.as_bytes()])
}

fn hash(parts: &[&[u8]]) -> H256 {
	BlakeTwo256::hash(&parts.concat())
}

/// A sample with the proof that a stream holds it.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct SampleProof {
	/// The stream.
	pub stream: StreamId,
	/// The batch's number in the stream, from 0.
	pub seq: u64,
	/// The batch.
	pub batch: Batch,
	/// Where in the batch the sample stands, from 0.
	pub index: u32,
	/// The sample.
	pub sample: Sample,
	/// What its leaf is salted with.
	pub salt: H256,
	/// BLAKE2b-256 hash of the text that it was read from.
	pub document: H256,
	/// Siblings from the sample up to the batch's root.
	pub batch_proof: Vec<H256>,
	/// Siblings from the batch up to its peak.
	pub range_proof: Vec<H256>,
}

impl SampleProof {
	/// Whether the stream of these peaks holds the sample, at its place, begun in the time of its batch.
	pub fn is_in(&self, range: &Range) -> bool {
		let content = sample_content(&self.stream, &self.salt.0, &self.sample, &self.document);
		let batch = &self.batch;
		(batch.from..=batch.to).contains(&self.sample.from)
			&& self.sample.from <= self.sample.to
			&& merkle::verify(&batch.root, batch.count, self.index, &content, &self.batch_proof)
			&& range.verify(self.seq, &batch.leaf(&self.stream, self.seq), &self.range_proof)
	}
}

#[cfg(test)]
mod tests;
