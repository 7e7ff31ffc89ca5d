//! Streams: what a patient's devices measure, cut into batches, encrypted, stored, anchored, and proved sample by sample.
//!
//! | module | job |
//! |---|---|
//! | [`samples`] | Open mHealth, IEEE 1752 and FHIR Observations as samples, each checked |
//! | [`batch`] | samples cut by day, a batch's plaintext and tree |
//! | [`proof`] | the proof of one sample as a file |
//! | [`genome`] | a VCF file, which becomes a record |
//!
//! The **holder** of a stream keeps what the chain does not: the ciphertext in the object store, the data key of each batch
//! beside those of records (a batch is version `seq + 1` under the stream's identifier), and a *book* of the stream, one
//! file that lists its batches. Without the book nothing can be proved any more; it holds no secret.
//!
//! **Adding** is safe to interrupt. What is under way is noted in the book before the first transaction; the next command
//! compares with the peaks on the chain, and keeps what has arrived. Samples that the stream has already are passed over, so
//! that the same command again completes what is missing.

pub mod batch;
pub mod genome;
pub mod proof;
pub mod samples;

use crate::{
	chain::{calls, Chain},
	crypto::{self, DataKey},
	gateway::now,
	keys::{write_private, DataKeyStore},
	store::Store,
	Error, Result,
};
use batch::{Content, Cut, Kept};
use proof::ProofFile;
use salus_primitives::{
	merkle,
	stream::{range_proof, Batch, Range, SampleProof, StreamInput, StreamStatus, StreamView, MAX_BATCHES},
	Moment, PatientId, RecordId, StreamId, H256,
};
use samples::Measured;
use serde::{Deserialize, Serialize};
use std::{
	collections::BTreeMap,
	path::{Path, PathBuf},
};
use subxt_signer::sr25519::Keypair;

/// What streams are held with.
pub struct Holder<'a> {
	/// The chain.
	pub chain: &'a Chain,
	/// Where ciphertext goes.
	pub store: &'a Store,
	/// Data keys.
	pub keys: &'a DataKeyStore,
	/// Folder of the books.
	pub books: PathBuf,
}

/// What is known of a stream here.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Default, Debug)]
#[serde(deny_unknown_fields)]
pub struct Book {
	/// Batches that are anchored, in their order.
	pub batches: Vec<Entry>,
	/// Batches that were sent and of which it is not known whether they are anchored.
	pub under_way: Vec<Entry>,
}

/// A batch in a book.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields)]
pub struct Entry {
	/// As it is anchored.
	pub batch: Batch,
	/// Where its ciphertext is.
	pub locator: String,
	/// Commitment to the ciphertext.
	pub commitment: H256,
}

impl Book {
	fn leaves(&self, stream: &StreamId) -> Vec<H256> {
		leaves(&self.batches, stream)
	}

	fn end(&self) -> Moment {
		self.batches.last().map_or(0, |entry| entry.batch.to)
	}
}

fn leaves(entries: &[Entry], stream: &StreamId) -> Vec<H256> {
	(0..).zip(entries).map(|(seq, entry)| entry.batch.leaf(stream, seq)).collect()
}

/// How far adding has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
	/// One more batch is encrypted and stored.
	Stored,
	/// So many more batches are anchored.
	Anchored(usize),
}

/// What adding did.
#[derive(Serialize, Clone, PartialEq, Eq, Default, Debug)]
pub struct Added {
	/// Samples that were given.
	pub samples: usize,
	/// Those of them that the stream had already.
	pub present: usize,
	/// Batches that are anchored now.
	pub batches: usize,
	/// Batches of the stream altogether.
	pub total: u64,
	/// The blocks that took them.
	pub blocks: Vec<u32>,
}

/// Which sample to prove.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Which {
	/// By its place: the batch, and where in it.
	Place(u64, u32),
	/// The first that began and ended around this moment.
	At(Moment),
}

impl Holder<'_> {
	/// Opens a stream, and tells its identifier and the block.
	pub async fn open(&self, signer: &Keypair, patient: &PatientId, input: &StreamInput) -> Result<(StreamId, u32)> {
		let included = self.chain.submit(signer, &calls::open_stream(patient, input)).await?;
		let stream = StreamId::of(patient, &input.nonce);
		self.write(&stream, &Book::default())?;
		Ok((stream, included.block.number))
	}

	/// Encrypts, stores and anchors samples, each day's in a batch of its own. All samples are sound; one that is older
	/// than what the stream has, and not in it, refuses them all.
	pub async fn add(
		&self,
		signer: &Keypair,
		patient: &PatientId,
		stream: &StreamId,
		samples: Vec<Measured>,
		mut step: impl FnMut(Step),
	) -> Result<Added> {
		let view = self.view(patient, stream, None).await?;
		if view.status == StreamStatus::Closed {
			return Err(Error::usage("stream-closed", format!("stream {stream} is closed: open another one")));
		}
		let mut book = self.settled(&view)?;
		self.discard(stream, &mut book).await?;
		let given = samples.len();
		let fresh = self.without_known(stream, &book, samples).await?;
		let mut added = Added { samples: given, present: given - fresh.len(), ..Added::default() };
		let cuts = batch::cut(fresh, view.last_time.max(book.end()))?;

		let revision = self.chain.patient(patient).await?.map_or(0, |patient| patient.revision);
		let first = book.batches.len() as u64;
		for (seq, cut) in (first..).zip(&cuts) {
			let (entry, object) = self.seal(stream, seq, cut, revision)?;
			book.under_way.push(entry);
			// What is stored is known before it is, so that an interrupted run leaves nothing behind.
			self.write(stream, &book)?;
			let locator = book.under_way.last().map(|entry| entry.locator.clone()).unwrap_or_default();
			self.store.put(&locator, object).await?;
			step(Step::Stored);
		}
		let total = cuts.len();
		while !book.under_way.is_empty() {
			let count = book.under_way.len().min(MAX_BATCHES as usize);
			let chunk: Vec<_> = book.under_way[..count].iter().map(|entry| entry.batch).collect();
			let included = match self.chain.submit(signer, &calls::append_stream(patient, stream, &chunk)).await {
				Ok(included) => included,
				// Nothing was done by this run: the cause speaks for itself.
				Err(error) if added.batches == 0 => return Err(error),
				Err(error) => {
					return Err(Error::Incomplete { done: added.batches, total, reason: error.to_string() });
				}
			};
			let arrived = book.under_way.drain(..count).collect::<Vec<_>>();
			book.batches.extend(arrived);
			self.write(stream, &book)?;
			added.batches += count;
			added.blocks.push(included.block.number);
			step(Step::Anchored(count));
		}
		added.total = book.batches.len() as u64;
		Ok(added)
	}

	/// Proves one sample against the stream's present peaks.
	pub async fn prove(&self, patient: &PatientId, stream: &StreamId, which: Which) -> Result<ProofFile> {
		let block = self.chain.best().await?;
		let view = self.view(patient, stream, Some(block.hash)).await?;
		let book = self.settled(&view)?;
		let (seq, index, content, key) = self.find(stream, &book, which).await?;
		let kept = &content.samples[index as usize];
		let contents = content.leaves(stream, &key);
		let none = || Error::Unexpected("the sample is not where it was found".into());
		let proof = SampleProof {
			stream: *stream,
			seq,
			batch: book.batches[seq as usize].batch,
			index,
			sample: kept.sample,
			salt: H256(batch::salt(&key, index)),
			document: kept.document_hash(),
			batch_proof: merkle::proof(&contents, index).ok_or_else(none)?,
			range_proof: range_proof(&book.leaves(stream), seq).ok_or_else(none)?,
		};
		let file = ProofFile {
			genesis: self.chain.genesis(),
			patient: *patient,
			block: block.into(),
			range: view.range,
			proof,
			document: kept.document.clone(),
		};
		file.verify(&file.range)?;
		Ok(file)
	}

	async fn view(&self, patient: &PatientId, stream: &StreamId, at: Option<H256>) -> Result<StreamView> {
		let view = self.chain.stream(patient, stream, at).await?;
		view.ok_or_else(|| {
			Error::not_found(format!("stream {stream} of patient {patient}"), "open one with `salus stream open`")
		})
	}

	/// The book, once it is known which of the batches under way have arrived; those that have not stay under way.
	fn settled(&self, view: &StreamView) -> Result<Book> {
		let mut book = self.read(&view.id)?;
		let known = book.batches.len()..=book.batches.len() + book.under_way.len();
		if let Some(arrived) = usize::try_from(view.range.batches).ok().filter(|count| known.contains(count)) {
			let moved: Vec<_> = book.under_way.drain(..arrived - book.batches.len()).collect();
			book.batches.extend(moved);
		}
		if Range::over(&book.leaves(&view.id)) == view.range {
			return Ok(book);
		}
		Err(Error::Corrupted(format!(
			"the book {} does not list the batches that are anchored: another holder appends to this stream, or the file is \
			 old. Use the book that is complete",
			self.path(&view.id).display()
		)))
	}

	/// Whether there is a book of the stream here.
	pub fn holds(&self, stream: &StreamId) -> bool {
		self.path(stream).exists()
	}

	/// The batches of a stream that the chain knows, in their order.
	pub fn entries(&self, view: &StreamView) -> Result<Vec<Entry>> {
		Ok(self.settled(view)?.batches)
	}

	/// Removes what an interrupted run stored and did not anchor.
	async fn discard(&self, stream: &StreamId, book: &mut Book) -> Result<()> {
		for entry in &book.under_way {
			self.store.delete(&entry.locator).await?;
		}
		book.under_way.clear();
		self.write(stream, book)
	}

	/// The samples that the stream does not hold yet.
	async fn without_known(&self, stream: &StreamId, book: &Book, samples: Vec<Measured>) -> Result<Vec<Measured>> {
		let mut opened: BTreeMap<u64, Content> = BTreeMap::new();
		let mut fresh = Vec::new();
		for measured in samples {
			let from = measured.sample.from;
			let mut known = false;
			// Batches lie in the order of time: those that can hold the sample are neighbours.
			let first = book.batches.partition_point(|entry| entry.batch.to < from);
			for (seq, entry) in (first as u64..).zip(&book.batches[first..]).take_while(|(_, e)| e.batch.from <= from) {
				if let std::collections::btree_map::Entry::Vacant(vacant) = opened.entry(seq) {
					vacant.insert(self.content(stream, seq, entry).await?.0);
				}
				let same = |kept: &Kept| kept.sample == measured.sample && kept.document == measured.document;
				known |= opened[&seq].samples.iter().any(same);
			}
			if !known {
				fresh.push(measured);
			}
		}
		Ok(fresh)
	}

	fn seal(&self, stream: &StreamId, seq: u64, cut: &Cut, revision: u64) -> Result<(Entry, Vec<u8>)> {
		let (id, version) = key_name(stream, seq)?;
		let key = self.keys.get_or_create(&id, version)?;
		let sealed = crypto::seal_content(&key, &id, version, &cut.content.to_bytes()?)?;
		let batch = cut.batch(stream, &key, revision)?;
		Ok((Entry { batch, locator: sealed.locator(), commitment: sealed.commitment }, sealed.object))
	}

	/// What a batch holds, and its key.
	pub(crate) async fn content(&self, stream: &StreamId, seq: u64, entry: &Entry) -> Result<(Content, DataKey)> {
		let (id, version) = key_name(stream, seq)?;
		let key = self.keys.get(&id, version)?;
		let object = self.store.get(&entry.locator).await?;
		let plaintext = crypto::open_content(&key, &id, version, &entry.commitment, &object)?;
		Ok((Content::of_bytes(&plaintext)?, key))
	}

	async fn find(&self, stream: &StreamId, book: &Book, which: Which) -> Result<(u64, u32, Content, DataKey)> {
		let hint = "`salus stream list` tells how many batches there are";
		match which {
			Which::Place(seq, index) => {
				let none = || Error::not_found(format!("sample {index} of batch {seq}"), hint);
				let entry = usize::try_from(seq).ok().and_then(|seq| book.batches.get(seq)).ok_or_else(none)?;
				let (content, key) = self.content(stream, seq, entry).await?;
				if index as usize >= content.samples.len() {
					return Err(none());
				}
				Ok((seq, index, content, key))
			}
			Which::At(moment) => {
				for (seq, entry) in (0..).zip(&book.batches).take_while(|(_, entry)| entry.batch.from <= moment) {
					let (content, key) = self.content(stream, seq, entry).await?;
					let around = |kept: &Kept| (kept.sample.from..=kept.sample.to).contains(&moment);
					if let Some(index) = content.samples.iter().position(around) {
						return Ok((seq, index as u32, content, key));
					}
				}
				Err(Error::not_found(format!("a sample at {moment}"), hint))
			}
		}
	}

	fn path(&self, stream: &StreamId) -> PathBuf {
		self.books.join(hex::encode(stream.0))
	}

	fn read(&self, stream: &StreamId) -> Result<Book> {
		read_book(&self.path(stream))
	}

	fn write(&self, stream: &StreamId, book: &Book) -> Result<()> {
		let path = self.path(stream);
		let bytes = serde_json::to_vec(book).map_err(|error| Error::unexpected("writing a book", error))?;
		write_private(&path, &bytes, true).map_err(|error| Error::file(&path, error))
	}
}

/// A book; empty if there is none.
fn read_book(path: &Path) -> Result<Book> {
	match std::fs::read(path) {
		Ok(bytes) => serde_json::from_slice(&bytes)
			.map_err(|error| Error::Corrupted(format!("{} is damaged: {error}. Restore it", path.display()))),
		Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Book::default()),
		Err(error) => Err(Error::file(path, error)),
	}
}

/// Under what a batch's data key is kept.
pub(crate) fn key_name(stream: &StreamId, seq: u64) -> Result<(RecordId, u32)> {
	let version = u32::try_from(seq + 1).map_err(|_| Error::usage("too-many", "the stream has too many batches"))?;
	Ok((RecordId(stream.0), version))
}

/// Reads samples from files, as of now.
pub fn read(paths: &[PathBuf]) -> Result<Vec<Measured>> {
	samples::read_files(paths, now())
}
