//! Streams in numbers, on a real node: a thousand streams of thirty days, every sample of them proved; what is out of order,
//! altered or too late is refused.
//!
//! The figures are printed (`-- --nocapture`).

use crate::support::*;
use futures::{stream, StreamExt, TryStreamExt};
use rand::Rng;
use salus_client::{
	chain::calls::{self, Call},
	crypto::DataKey,
	demo::stage::YEAR,
	gateway::now,
	keys::Keys,
	records,
	stream::{
		batch::{cut, salt, Content},
		samples::read_text,
	},
	Error,
};
use salus_primitives::{
	consent::{BreakGlass, DefaultPolicy},
	merkle,
	stream::{range_proof, Batch, DeviceClass, Range, SampleProof, StreamInput},
	time::DAY,
	Confidentiality, Moment, PatientId, StreamId, H256,
};
use std::{collections::BTreeMap, time::Instant};
use subxt_signer::sr25519::dev;

const PATIENTS: usize = 20;
const STREAMS: usize = 50;
const DAYS: u64 = 30;
/// Samples of a day.
const SAMPLES: u64 = 4;
/// Streams that one transaction opens, or grows by thirty days: of more, the weight that is set aside for decisions, and
/// given back where there is a care relationship, would not fit into a block.
const AT_ONCE: usize = 16;
/// Transactions that are under way at the same time.
const UNDER_WAY: usize = 16;
/// The smallest unit's number in one SLS.
const SLS: u128 = 1_000_000_000_000;

/// A stream as its holder knows it.
struct Held {
	patient: PatientId,
	input: StreamInput,
	id: StreamId,
	days: Vec<(Content, DataKey, Batch)>,
}

impl Held {
	/// A month of heart rates, from the documents of a device.
	fn new(patient: PatientId, start: Moment, revision: u64) -> Self {
		let (device, confidentiality) = (DeviceClass::Wearable, Confidentiality::Normal);
		let input = StreamInput { nonce: rand::random(), device, confidentiality, writer: None };
		let id = StreamId::of(&patient, &input.nonce);
		let mut random = rand::thread_rng();
		let mut documents = String::new();
		for hour in 0..DAYS * SAMPLES {
			let moment = salus_client::fhir::time::to_rfc3339(start + hour * (DAY / SAMPLES)).unwrap();
			let rate = random.gen_range(45..150);
			documents += &format!(
				"{{\"heart_rate\":{{\"value\":{rate},\"unit\":\"beats/min\"}},\"effective_time_frame\":{{\"date_time\":\"{moment}\"}}}}\n"
			);
		}
		let samples = read_text(&documents, "device", now()).unwrap();
		let seal = |cut: salus_client::stream::batch::Cut| {
			let key = DataKey::random();
			let batch = cut.batch(&id, &key, revision).unwrap();
			(cut.content, key, batch)
		};
		let days: Vec<_> = cut(samples, 0).unwrap().into_iter().map(seal).collect();
		assert_eq!(days.len() as u64, DAYS);
		Self { patient, input, id, days }
	}

	fn batches(&self) -> Vec<Batch> {
		self.days.iter().map(|(.., batch)| *batch).collect()
	}

	fn leaves(&self) -> Vec<H256> {
		(0..).zip(&self.days).map(|(seq, (.., batch))| batch.leaf(&self.id, seq)).collect()
	}

	fn proof(&self, seq: u64, index: u32) -> SampleProof {
		let (content, key, batch) = &self.days[seq as usize];
		let kept = &content.samples[index as usize];
		SampleProof {
			stream: self.id,
			seq,
			batch: *batch,
			index,
			sample: kept.sample,
			salt: H256(salt(key, index)),
			document: kept.document_hash(),
			batch_proof: merkle::proof(&content.leaves(&self.id, key), index).unwrap(),
			range_proof: range_proof(&self.leaves(), seq).unwrap(),
		}
	}
}

/// Makes calls in transactions of [`AT_ONCE`], several accounts at the same time. All of them succeed.
async fn make(world: &World, signers: &[&Keys], all: &[Call]) -> usize {
	let chunks: Vec<_> = all.chunks(AT_ONCE).enumerate().collect();
	let transactions = chunks.len();
	let submit = |(number, chunk): (usize, &[Call])| {
		let (signer, chunk) = (signers[number % signers.len()], chunk.to_vec());
		async move {
			let encoded =
				stream::iter(&chunk).then(|call| world.chain.encode_call(call)).try_collect::<Vec<_>>().await?;
			world.chain.submit(&signer.signer, &calls::batch_all(&encoded)).await
		}
	};
	let submitted: Vec<_> = chunks.into_iter().map(submit).collect();
	let done = stream::iter(submitted).buffer_unordered(UNDER_WAY).collect::<Vec<_>>().await;
	done.into_iter().for_each(|included| drop(included.unwrap()));
	transactions
}

#[track_caller]
fn refused(done: Result<salus_client::chain::Included, Error>, with: &str) {
	match done {
		Err(Error::TransactionFailed { error, .. }) => assert_eq!(error, with),
		other => panic!("{other:?}"),
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_streams_of_thirty_days_are_anchored_and_any_sample_is_proved() {
	let begun = Instant::now();
	let world = World::new().await;
	let chain = &world.chain;
	let signers = [&world.first.gateway, &world.first.clinician, &world.patient_keys];
	{
		let _council = COUNCIL.lock().await;
		let mut transfers = Vec::new();
		for keys in signers {
			transfers.push(chain.encode_call(&calls::transfer(&keys.account(), 500 * SLS)).await.unwrap());
		}
		chain.submit(&dev::alice(), &calls::batch_all(&transfers)).await.unwrap();
	}
	let members = &signers[..2];

	// Patients in the care of a hospital.
	let patients: Vec<_> = (0..PATIENTS).map(|_| PatientId(rand::random())).collect();
	let register = |patient| calls::register_patient(patient, DefaultPolicy::Deny, BreakGlass::Forbidden);
	make(&world, &[&world.patient_keys], &patients.iter().map(register).collect::<Vec<_>>()).await;
	let recipient = world.first.gateway.account();
	let mut care = Vec::new();
	for patient in &patients {
		let sealed = records::seal_label_key(chain, patient, &recipient, &world.label_key).await.unwrap();
		care.push(calls::open_care(patient, world.first_org, now() + YEAR, &recipient, &sealed));
	}
	make(&world, &[&world.patient_keys], &care).await;
	let mut revisions = BTreeMap::new();
	for patient in &patients {
		revisions.insert(*patient, chain.patient(patient).await.unwrap().unwrap().revision);
	}

	eprintln!("a node, hospitals, {PATIENTS} patients in care: {:?}", begun.elapsed());

	let begun = Instant::now();
	let start = (now() / DAY - DAYS) * DAY;
	let held: Vec<_> = patients
		.iter()
		.flat_map(|patient| (0..STREAMS).map(|_| Held::new(*patient, start, revisions[patient])))
		.collect();
	let batches = held.iter().map(|held| held.days.len()).sum::<usize>();
	let samples = held.iter().flat_map(|held| &held.days).map(|(content, ..)| content.samples.len()).sum::<usize>();
	eprintln!("{} streams, {batches} batches of {samples} samples made: {:?}", held.len(), begun.elapsed());

	let (begun, first) = (Instant::now(), chain.best().await.unwrap().number);
	let open: Vec<_> = held.iter().map(|held| calls::open_stream(&held.patient, &held.input)).collect();
	let opened = make(&world, members, &open).await;
	eprintln!("opened in {opened} transactions: {:?}", begun.elapsed());
	let anchoring = Instant::now();
	let append: Vec<_> =
		held.iter().map(|held| calls::append_stream(&held.patient, &held.id, &held.batches())).collect();
	let appended = make(&world, members, &append).await;
	let (took, blocks) = (anchoring.elapsed(), chain.best().await.unwrap().number - first);
	eprintln!("{batches} batches anchored in {appended} transactions: {took:?}; {blocks} blocks altogether");
	eprintln!("{:.0} batches a second", batches as f64 / took.as_secs_f64());

	// The chain has the peaks of every stream, and any sample is proved against them.
	let mut ranges: BTreeMap<StreamId, Range> = BTreeMap::new();
	for patient in &patients {
		let views = chain.streams(patient).await.unwrap();
		assert_eq!(views.len(), STREAMS);
		ranges.extend(views.into_iter().map(|view| (view.id, view.range)));
	}
	let mut random = rand::thread_rng();
	let begun = Instant::now();
	for held in &held {
		let range = &ranges[&held.id];
		assert_eq!(*range, Range::over(&held.leaves()));
		let proof = held.proof(random.gen_range(0..DAYS), random.gen_range(0..SAMPLES as u32));
		assert!(proof.is_in(range));
		let mut altered = proof.clone();
		altered.sample.value += 1_000;
		assert!(!altered.is_in(range));
		let other = SampleProof { seq: (proof.seq + 1) % DAYS, ..proof };
		assert!(!other.is_in(range));
	}
	eprintln!("a sample of each proved, altered and moved ones refused: {:?}", begun.elapsed());

	// What is back-dated or out of order is refused whole.
	let (one, gateway) = (&held[0], &world.first.gateway.signer);
	let moment = chain.time().await.unwrap();
	let batch = |from, to| Batch { from, to, ..one.days[0].2 };
	let append = |batches: &[Batch]| calls::append_stream(&one.patient, &one.id, batches);
	refused(chain.submit(gateway, &append(&one.batches())).await, "BackDated");
	let reordered = [batch(moment - 1, moment), batch(moment - 3, moment - 2)];
	refused(chain.submit(gateway, &append(&reordered)).await, "BackDated");
	// After the patient has ended the care, nothing from before comes in, nor anything new.
	let before = [batch(moment, moment)];
	world.submit(&calls::close_care(&one.patient, world.first_org)).await;
	refused(chain.submit(gateway, &append(&before)).await, "StaleRevision");
	let revision = chain.patient(&one.patient).await.unwrap().unwrap().revision;
	let after = [Batch { revision, ..before[0] }];
	refused(chain.submit(gateway, &append(&after)).await, "NotPermitted");
	assert_eq!(chain.stream(&one.patient, &one.id, None).await.unwrap().unwrap().range, ranges[&one.id]);
}
