use super::*;
use proptest::prelude::*;
use serde_json::{from_value, json, to_value};

const STREAM_A: StreamId = StreamId([0xa; 32]);
const STREAM_B: StreamId = StreamId([0xb; 32]);
const HOUR: Moment = crate::time::HOUR;

fn sample(n: u64) -> Sample {
	let from = n * HOUR;
	Sample { metric: Metric::HeartRate, value: 60_000 + n as i64, from, to: from + 1 }
}

fn salt(n: u64) -> [u8; 32] {
	let mut salt = [7; 32];
	salt[..8].copy_from_slice(&n.to_le_bytes());
	salt
}

fn document(n: u64) -> H256 {
	BlakeTwo256::hash(&n.to_le_bytes())
}

/// A stream whose batches have so many samples each.
struct Made {
	batches: Vec<Batch>,
	contents: Vec<Vec<Vec<u8>>>,
	samples: Vec<Vec<u64>>,
	range: Range,
}

impl Made {
	fn of(stream: &StreamId, sizes: &[u32]) -> Self {
		let mut made = Self { batches: Vec::new(), contents: Vec::new(), samples: Vec::new(), range: Range::default() };
		let mut next = 0;
		for (seq, size) in (0u64..).zip(sizes) {
			let numbers: Vec<_> = (next..next + u64::from(*size)).collect();
			next += u64::from(*size);
			let contents: Vec<_> =
				numbers.iter().map(|n| sample_content(stream, &salt(*n), &sample(*n), &document(*n))).collect();
			let batch = Batch {
				from: numbers[0] * HOUR,
				to: numbers[numbers.len() - 1] * HOUR,
				count: *size,
				root: merkle::root(&contents),
				revision: 5 + seq / 3,
			};
			assert_eq!(made.range.append(batch.leaf(stream, seq)), Some(seq));
			made.batches.push(batch);
			made.contents.push(contents);
			made.samples.push(numbers);
		}
		made
	}

	fn leaves(&self, stream: &StreamId) -> Vec<H256> {
		(0..).zip(&self.batches).map(|(seq, batch)| batch.leaf(stream, seq)).collect()
	}

	fn proof(&self, stream: &StreamId, seq: usize, index: usize) -> SampleProof {
		let n = self.samples[seq][index];
		SampleProof {
			stream: *stream,
			seq: seq as u64,
			batch: self.batches[seq],
			index: index as u32,
			sample: sample(n),
			salt: H256(salt(n)),
			document: document(n),
			batch_proof: merkle::proof(&self.contents[seq], index as u32).expect("the sample is in the batch"),
			range_proof: range_proof(&self.leaves(stream), seq as u64).expect("the batch is in the stream"),
		}
	}
}

fn leaves(count: u64) -> Vec<H256> {
	(0..count).map(|n| document(n + 1_000)).collect()
}

#[test]
fn the_forms_are_the_documented_ones() {
	let tagged = |parts: &[&[u8]]| BlakeTwo256::hash(&parts.concat());
	let (patient, nonce) = (PatientId([1; 32]), [2; 32]);
	assert_eq!(StreamId::of(&patient, &nonce).0, tagged(&[b"salus/stream/1", &[1; 32], &[2; 32]]).0);
	let batch = Batch { from: 1, to: 2, count: 3, root: H256([4; 32]), revision: 5 };
	let leaf = tagged(&[
		b"salus/stream-leaf/1",
		&[0xa; 32],
		&6u64.to_le_bytes(),
		&1u64.to_le_bytes(),
		&2u64.to_le_bytes(),
		&3u32.to_le_bytes(),
		&[4; 32],
		&5u64.to_le_bytes(),
	]);
	assert_eq!(batch.leaf(&STREAM_A, 6), leaf);
	// Metric and value, little-endian, then the two moments.
	let mut told = b"salus/sample/1".to_vec();
	told.extend([0xa; 32]);
	told.extend([9; 32]);
	told.extend([2]);
	told.extend(60_001i64.to_le_bytes());
	told.extend(HOUR.to_le_bytes());
	told.extend((HOUR + 1).to_le_bytes());
	told.extend([8; 32]);
	assert_eq!(sample_content(&STREAM_A, &[9; 32], &sample(1), &H256([8; 32])), told);
	let [a, b, c] = [1u8, 2, 3].map(|n| H256([n; 32]));
	let node = |left: H256, right: H256| tagged(&[b"salus/stream-node/1", left.as_bytes(), right.as_bytes()]);
	assert_eq!(Range::over(&[a]).peaks.into_inner(), [a]);
	assert_eq!(Range::over(&[a, b]).peaks.into_inner(), [node(a, b)]);
	assert_eq!(Range::over(&[a, b, c]).peaks.into_inner(), [node(a, b), c]);
	assert_eq!(Range::over(&[a, b, c, a]).peaks.into_inner(), [node(node(a, b), node(c, a))]);
}

/// Computed with Python's `hashlib.blake2b`.
#[test]
fn other_programs_find_the_same_peaks() {
	let leaves: Vec<_> = (1..=3u8).map(|n| H256([n; 32])).collect();
	let told = format!("{:?}", Range::over(&leaves).peaks[0]);
	assert_eq!(told, "0xc885e7eedf088ae3bb3c010eff373549b0025c7888256cb14e85489e33d30907");
}

#[test]
fn two_patients_never_have_the_same_stream() {
	let of = |patient: u8, nonce: u8| StreamId::of(&PatientId([patient; 32]), &[nonce; 32]);
	assert_eq!(of(1, 1), of(1, 1));
	assert_ne!(of(1, 1), of(2, 1));
	assert_ne!(of(1, 1), of(1, 2));
}

#[test]
fn there_are_as_many_peaks_as_bits_set() {
	let mut range = Range::default();
	for (n, leaf) in (0u64..).zip(leaves(300)) {
		assert_eq!(range.append(leaf), Some(n));
		assert_eq!(range.peaks.len(), (n + 1).count_ones() as usize);
		assert!(range.is_sound());
	}
}

#[test]
fn appended_one_by_one_or_at_once_the_range_is_the_same() {
	let all = leaves(70);
	for split in 0..all.len() {
		let mut range = Range::over(&all[..split]);
		all[split..].iter().for_each(|leaf| assert!(range.append(*leaf).is_some()));
		assert_eq!(range, Range::over(&all));
	}
}

#[test]
fn the_longest_range_takes_no_more() {
	let mut range =
		Range { batches: u64::MAX - 1, peaks: BoundedVec::truncate_from(vec![H256::zero(); MAX_PEAKS as usize - 1]) };
	assert_eq!(range.append(H256::zero()), Some(u64::MAX - 1));
	assert_eq!((range.batches, range.peaks.len()), (u64::MAX, 64));
	let full = range.clone();
	assert_eq!(range.append(H256::zero()), None);
	assert_eq!(range, full);
	// Its last leaf is a peak of its own; its first stands below the highest.
	assert!(range.verify(u64::MAX - 1, &H256::zero(), &[]));
	assert!(!range.verify(0, &H256::zero(), &[H256::zero(); 62]));
}

#[test]
fn every_leaf_is_proved_under_every_count() {
	for count in (1..=70).chain([127, 128, 129]) {
		let all = leaves(count);
		let range = Range::over(&all);
		for seq in 0..count {
			let proof = range_proof(&all, seq).expect("the leaf is in the range");
			assert!(range.verify(seq, &all[seq as usize], &proof), "{seq} of {count}");
		}
		assert_eq!(range_proof(&all, count), None);
		assert_eq!(range_proof(&all, u64::MAX), None);
	}
}

#[test]
fn no_batch_opens_under_another_number() {
	// Equal batches, so that only the number tells them apart.
	let batch = Made::of(&STREAM_A, &[1]).batches[0];
	for count in 1..=40u64 {
		let all: Vec<_> = (0..count).map(|seq| batch.leaf(&STREAM_A, seq)).collect();
		let range = Range::over(&all);
		for seq in 0..count {
			let proof = range_proof(&all, seq).expect("the leaf is in the range");
			for other in (0..count + 2).chain([u64::MAX]) {
				let opens = range.verify(other, &batch.leaf(&STREAM_A, other), &proof);
				assert_eq!(opens, other == seq, "{seq} as {other} of {count}");
				assert_eq!(range.verify(other, &all[seq as usize], &proof), other == seq);
			}
		}
	}
}

#[test]
fn a_range_with_too_few_or_many_peaks_opens_nothing() {
	let all = leaves(7);
	let range = Range::over(&all);
	let proof = range_proof(&all, 0).expect("the leaf is in the range");
	let mut short = range.clone();
	short.peaks.pop();
	let mut long = range.clone();
	assert!(long.peaks.try_push(H256::zero()).is_ok());
	assert!(range.verify(0, &all[0], &proof));
	assert!(!short.verify(0, &all[0], &proof));
	assert!(!long.verify(0, &all[0], &proof));
	assert!(!Range::default().verify(0, &all[0], &[]));
}

/// "64-byte leaf": what is hashed as a node is neither a leaf of the range nor a sample.
#[test]
fn a_node_passes_for_no_leaf() {
	let all = leaves(4);
	let range = Range::over(&all);
	let proof = range_proof(&all, 0).expect("the leaf is in the range");
	let inner = node(&all[0], &all[1]);
	assert!(!range.verify(0, &inner, &proof[1..]));
	assert!(!range.verify(0, &inner, &proof));
	let made = Made::of(&STREAM_A, &[4]);
	let two = [made.contents[0][0].clone(), made.contents[0][1].clone()].concat();
	let siblings = merkle::proof(&made.contents[0], 0).expect("the sample is in the batch");
	assert!(!merkle::verify(&made.batches[0].root, 4, 0, &two, &siblings[1..]));
}

#[test]
fn a_batch_of_another_stream_passes_for_none_of_this() {
	let (a, b) = (Made::of(&STREAM_A, &[3, 3]), Made::of(&STREAM_B, &[3, 3]));
	let proof = a.proof(&STREAM_A, 1, 2);
	assert!(proof.is_in(&a.range));
	assert!(!proof.is_in(&b.range));
	assert!(!SampleProof { stream: STREAM_B, ..proof.clone() }.is_in(&a.range));
	assert!(!SampleProof { stream: STREAM_B, ..proof }.is_in(&b.range));
}

#[test]
fn a_sample_begins_in_the_time_of_its_batch() {
	let mut made = Made::of(&STREAM_A, &[2]);
	let batch = Batch { from: 0, to: 0, ..made.batches[0] };
	made.batches[0] = batch;
	made.range = Range::over(&made.leaves(&STREAM_A));
	assert!(made.proof(&STREAM_A, 0, 0).is_in(&made.range));
	assert!(!made.proof(&STREAM_A, 0, 1).is_in(&made.range));
}

#[test]
fn a_proof_and_a_sample_are_told_in_plain_json() {
	let made = Made::of(&STREAM_A, &[2, 1]);
	let proof = made.proof(&STREAM_A, 0, 1);
	let told = to_value(&proof).expect("plain data");
	assert_eq!(told["sample"], json!({ "metric": "heart-rate", "value": 60_001, "from": HOUR, "to": HOUR + 1 }));
	assert_eq!(told["batch"]["count"], json!(2));
	assert_eq!(from_value::<SampleProof>(told).expect("the same form"), proof);
	let view = StreamView {
		patient: PatientId([1; 32]),
		id: STREAM_A,
		device: DeviceClass::HomeMonitor,
		confidentiality: Confidentiality::Normal,
		custodian: None,
		author: AccountId::new([2; 32]),
		writer: None,
		range: made.range,
		last_time: 2 * HOUR,
		revision: 5,
		status: StreamStatus::Open,
	};
	let told = to_value(&view).expect("plain data");
	assert_eq!(
		(&told["batches"], &told["device"], &told["status"]),
		(&json!(2), &json!("home-monitor"), &json!("open"))
	);
	assert_eq!(told["peaks"].as_array().map(Vec::len), Some(1));
	assert_eq!(from_value::<StreamView>(told).expect("the same form"), view);
}

#[test]
fn codes_are_told_as_they_are_read() {
	for metric in Metric::ALL {
		assert_eq!(to_value(metric).expect("a string"), json!(metric.code()));
		assert!(!metric.unit().is_empty());
	}
	for device in DeviceClass::ALL {
		assert_eq!(from_value::<DeviceClass>(json!(device.code())).expect("a code"), *device);
	}
	assert_eq!(StreamStatus::ALL.iter().map(|status| status.code()).collect::<Vec<_>>(), ["open", "closed"]);
}

fn flip(hash: &mut H256, bit: usize) {
	hash.0[bit / 8 % 32] ^= 1 << (bit % 8);
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

	#[test]
	fn whatever_is_appended_is_proved(
		sizes in prop::collection::vec(1..6u32, 1..40),
		(which, place) in (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
	) {
		let made = Made::of(&STREAM_A, &sizes);
		let seq = which.index(sizes.len());
		let proof = made.proof(&STREAM_A, seq, place.index(sizes[seq] as usize));
		prop_assert!(proof.is_in(&made.range));
	}

	#[test]
	fn a_proof_of_anything_else_never_verifies(
		sizes in prop::collection::vec(1..6u32, 1..40),
		(which, place) in (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
		(bit, by) in (0..256usize, 1..1_000u64),
	) {
		let made = Made::of(&STREAM_A, &sizes);
		let seq = which.index(sizes.len());
		let index = place.index(sizes[seq] as usize);
		let proof = made.proof(&STREAM_A, seq, index);
		let mut wrong = Vec::new();
		let mut alter = |change: &dyn Fn(&mut SampleProof)| {
			let mut altered = proof.clone();
			change(&mut altered);
			if altered != proof {
				wrong.push(altered);
			}
		};
		// Altered.
		alter(&|p| p.sample.value += by as i64);
		alter(&|p| p.sample.value = -p.sample.value);
		alter(&|p| p.sample.metric = Metric::StepCount);
		alter(&|p| p.sample.from += by);
		alter(&|p| p.sample.to += by);
		alter(&|p| flip(&mut p.salt, bit));
		alter(&|p| flip(&mut p.document, bit));
		alter(&|p| p.batch.from = p.batch.from.wrapping_sub(by));
		alter(&|p| p.batch.to += by);
		alter(&|p| p.batch.count += 1);
		alter(&|p| p.batch.count -= 1);
		alter(&|p| flip(&mut p.batch.root, bit));
		alter(&|p| p.batch.revision += by);
		// Another place.
		alter(&|p| p.index += 1);
		alter(&|p| p.index ^= 1);
		alter(&|p| p.seq += by);
		alter(&|p| p.seq ^= 1);
		// Another stream.
		alter(&|p| p.stream = STREAM_B);
		// Reordered, truncated, extended.
		for siblings in [
			(|p: &mut SampleProof| &mut p.batch_proof) as fn(&mut SampleProof) -> &mut Vec<H256>,
			|p| &mut p.range_proof,
		] {
			alter(&|p| siblings(p).reverse());
			alter(&|p| {
				siblings(p).pop();
			});
			alter(&|p| if !siblings(p).is_empty() { siblings(p).remove(0); });
			alter(&|p| siblings(p).push(H256::zero()));
			alter(&|p| siblings(p).insert(0, document(by)));
			alter(&|p| siblings(p).iter_mut().for_each(|sibling| flip(sibling, bit)));
		}
		for altered in wrong {
			prop_assert!(!altered.is_in(&made.range), "{altered:?}");
		}
	}

	#[test]
	fn a_range_of_other_batches_holds_nothing_of_this(
		sizes in prop::collection::vec(1..4u32, 2..40),
		(one, other) in (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
	) {
		let made = Made::of(&STREAM_A, &sizes);
		let (one, other) = (one.index(sizes.len()), other.index(sizes.len()));
		let proof = made.proof(&STREAM_A, one, 0);
		let mut leaves = made.leaves(&STREAM_A);
		// Reordered.
		leaves.swap(one, other);
		prop_assert_eq!(proof.is_in(&Range::over(&leaves)), one == other);
		leaves.swap(one, other);
		// Truncated before the batch.
		prop_assert!(!proof.is_in(&Range::over(&leaves[..one])));
		// Altered.
		flip(&mut leaves[other], one);
		prop_assert!(other != one || !proof.is_in(&Range::over(&leaves)));
	}

	#[test]
	fn a_batch_is_proved_anew_however_the_stream_has_grown(first in 1..60usize, more in 1..60usize) {
		let all = leaves((first + more) as u64);
		let range = Range::over(&all);
		for seq in 0..first {
			let proof = range_proof(&all, seq as u64).expect("the leaf is in the range");
			prop_assert!(range.verify(seq as u64, &all[seq], &proof));
		}
	}
}
