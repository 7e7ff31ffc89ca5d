//! What a gateway must not forget: receipts until they are on the chain, and nonces until their requests expire.
//!
//! Both are appended to files and synchronised to the disk before anything is released.

use super::request::RequestError;
use salus_primitives::{
	consent::Effect, receipts::ReceiptLeaf, views::Receipt, AccountId, Moment, OrgId, PatientId, H256,
};
use serde::{Deserialize, Serialize};
use std::{
	collections::{HashMap, VecDeque},
	fs::{File, OpenOptions},
	io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write},
	path::{Path, PathBuf},
	sync::{Mutex, MutexGuard, PoisonError},
};

/// Expired nonces that may pile up before the file is written anew.
const STALE_NONCES: usize = 10_000;

/// Refusals that are remembered over a restart.
const RECENT_REFUSALS: usize = 1_000;

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
	// What the mutexes here guard is consistent between any two statements.
	mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the requester signed, and the signature.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Default, Debug)]
pub struct Evidence {
	/// The request's text: see [`super::request`].
	pub text: String,
	/// The sr25519 signature, in hexadecimal.
	pub signature: String,
}

/// A receipt that is to be written down.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Draft {
	/// Whose record was asked for.
	pub patient: PatientId,
	/// Height of the best block at which it was decided.
	pub block: u32,
	/// What was decided.
	pub receipt: Receipt,
}

/// A receipt with its place in the journal.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct Entry {
	/// Counted from 0.
	pub position: u64,
	/// Whose record was asked for.
	pub patient: PatientId,
	/// Height of the best block at which it was decided.
	pub block: u32,
	/// What was decided.
	pub receipt: Receipt,
	/// The signed request; empty in a journal from before it was kept.
	#[serde(default)]
	pub evidence: Evidence,
}

impl Entry {
	/// Whether a dataset's contribution was asked for.
	pub fn is_of_dataset(&self) -> bool {
		self.evidence.text.lines().any(|line| line.starts_with("request: GET /datasets/"))
	}

	/// The receipt as a batch holds it; of an unreadable signature, zeros, which verify nothing.
	pub fn leaf(&self) -> ReceiptLeaf {
		let mut signature = [0; 64];
		if hex::decode_to_slice(&self.evidence.signature, &mut signature).is_err() {
			signature = [0; 64];
		}
		ReceiptLeaf { patient: self.patient, receipt: self.receipt.clone(), signature }
	}
}

/// Receipts that went to the chain as one root.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
pub struct Batch {
	/// Position of the first.
	pub first: u64,
	/// How many they are.
	pub count: u32,
	/// The organisation that reported them.
	pub org: OrgId,
	/// The batch's number among the organisation's.
	pub index: u64,
	/// Root of the tree over them.
	pub root: H256,
}

impl Batch {
	/// Position after the last.
	pub fn end(&self) -> u64 {
		self.first + u64::from(self.count)
	}
}

/// A transaction that was about to be submitted, so that after a crash it is not made a second time: whoever takes the
/// same nonce again cannot be included besides it.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
pub struct Attempt {
	/// Nonce of the gateway's account.
	pub nonce: u64,
	/// Position after the last receipt in it.
	pub to: u64,
	/// If it is one batch: the organisation's batches before it had lower numbers than this.
	#[serde(default, skip_serializing_if = "Option::is_none")]
	pub batch_from: Option<u64>,
}

/// A receipt that the chain does not take.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct Failed {
	/// Its position.
	pub position: u64,
	/// What the chain said.
	pub error: String,
}

/// How far the journal has been anchored.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Default, Debug)]
pub struct Progress {
	/// The first position that is not settled.
	pub next: u64,
	/// The transaction under way.
	pub attempt: Option<Attempt>,
	/// Settled, but not on the chain.
	pub failed: Vec<Failed>,
}

/// The receipts of a gateway.
pub struct Journal {
	progress_path: PathBuf,
	state: Mutex<State>,
}

struct State {
	file: File,
	/// Where each line begins, by position, and last the end of the last whole line: a write that failed half-way is
	/// overwritten.
	lines: Vec<u64>,
	/// Positions of each patient's receipts.
	by_patient: HashMap<[u8; 32], Vec<u64>>,
	/// Batches on the chain, in order.
	batches: Vec<Batch>,
	batches_file: File,
	pending: VecDeque<Entry>,
	progress: Progress,
	/// The latest refusals that were found when the journal was opened.
	refusals: VecDeque<Entry>,
}

impl Journal {
	/// Opens or creates the journal in a folder. A line that a crash cut off is dropped: nothing was released for it.
	pub fn open(folder: &Path) -> io::Result<Self> {
		std::fs::create_dir_all(folder)?;
		let progress_path = folder.join("anchored.json");
		let progress: Progress = match std::fs::read(&progress_path) {
			Ok(bytes) => serde_json::from_slice(&bytes)?,
			Err(error) if error.kind() == io::ErrorKind::NotFound => Progress::default(),
			Err(error) => return Err(error),
		};
		let file = OpenOptions::new()
			.read(true)
			.write(true)
			.create(true)
			.truncate(false)
			.open(folder.join("receipts.jsonl"))?;
		let (mut lines, mut by_patient) = (vec![0], HashMap::<_, Vec<u64>>::new());
		let (mut pending, mut refusals) = (VecDeque::new(), VecDeque::new());
		let mut end = 0;
		let mut reader = BufReader::new(&file);
		let mut line = Vec::new();
		while reader.read_until(b'\n', &mut line)? > 0 && line.ends_with(b"\n") {
			let entry: Entry = serde_json::from_slice(&line)?;
			if entry.position != lines.len() as u64 - 1 {
				return Err(io::Error::new(io::ErrorKind::InvalidData, "a receipt is missing in the journal"));
			}
			end += line.len() as u64;
			lines.push(end);
			by_patient.entry(entry.patient.0).or_default().push(entry.position);
			if entry.receipt.effect == Effect::Deny {
				refusals.push_back(entry.clone());
				if refusals.len() > RECENT_REFUSALS {
					refusals.pop_front();
				}
			}
			if entry.position >= progress.next {
				pending.push_back(entry);
			}
			line.clear();
		}
		file.set_len(end)?;
		let (batches, batches_file) = open_batches(&folder.join("batches.jsonl"), progress.next)?;
		let state = State { file, lines, by_patient, batches, batches_file, pending, progress, refusals };
		Ok(Self { progress_path, state: Mutex::new(state) })
	}

	/// Writes receipts of one request down, all with one flush. When this returns, they are on the disk. Returns the
	/// position of the first.
	pub fn append(&self, drafts: Vec<Draft>, evidence: &Evidence) -> io::Result<u64> {
		let mut state = lock(&self.state);
		let first = state.lines.len() as u64 - 1;
		let start = state.lines.last().copied().unwrap_or(0);
		let (mut bytes, mut ends, mut entries) = (Vec::new(), Vec::new(), Vec::new());
		for (position, Draft { patient, block, receipt }) in (first..).zip(drafts) {
			let entry = Entry { position, patient, block, receipt, evidence: evidence.clone() };
			serde_json::to_writer(&mut bytes, &entry)?;
			bytes.push(b'\n');
			ends.push(start + bytes.len() as u64);
			entries.push(entry);
		}
		// Nothing may be left behind the new lines of a longer write that failed.
		state.file.set_len(start)?;
		state.file.seek(SeekFrom::Start(start))?;
		state.file.write_all(&bytes)?;
		state.file.sync_data()?;
		state.lines.extend(ends);
		for entry in entries {
			state.by_patient.entry(entry.patient.0).or_default().push(entry.position);
			state.pending.push_back(entry);
		}
		Ok(first)
	}

	/// Positions of a patient's receipts from `from` on that are in a batch, lowest first, with their batches.
	pub fn batched(&self, patient: &PatientId, from: u64, at_most: usize) -> Vec<(u64, Batch)> {
		let state = lock(&self.state);
		let Some(positions) = state.by_patient.get(&patient.0) else { return Vec::new() };
		let start = positions.partition_point(|position| *position < from);
		let batch_of = |position: u64| {
			let after = state.batches.partition_point(|batch| batch.end() <= position);
			state.batches.get(after).copied().filter(|batch| batch.first <= position)
		};
		let found = positions[start..].iter().filter_map(|position| Some((*position, batch_of(*position)?)));
		found.take(at_most).collect()
	}

	/// The receipts of a batch, from the disk.
	pub fn entries(&self, batch: &Batch) -> io::Result<Vec<Entry>> {
		let mut state = lock(&self.state);
		let missing = || io::Error::new(io::ErrorKind::InvalidData, "a batch goes beyond the journal");
		let start = *state.lines.get(batch.first as usize).ok_or_else(missing)?;
		let end = *state.lines.get(batch.end() as usize).ok_or_else(missing)?;
		let mut bytes = vec![0; (end - start) as usize];
		state.file.seek(SeekFrom::Start(start))?;
		state.file.read_exact(&mut bytes)?;
		let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
		lines.map(|line| serde_json::from_slice(line).map_err(io::Error::from)).collect()
	}

	/// The latest refusals that were found when the journal was opened, once: those that still hold are to be kept.
	pub fn take_refusals(&self) -> VecDeque<Entry> {
		std::mem::take(&mut lock(&self.state).refusals)
	}

	/// How many receipts are not settled.
	pub fn pending_count(&self) -> u64 {
		lock(&self.state).pending.len() as u64
	}

	/// When the oldest receipt that is not settled was decided.
	pub fn oldest_pending(&self) -> Option<Moment> {
		lock(&self.state).pending.front().map(|entry| entry.receipt.at)
	}

	/// The first receipts that are not settled.
	pub fn pending(&self, at_most: usize) -> Vec<Entry> {
		lock(&self.state).pending.iter().take(at_most).cloned().collect()
	}

	/// How far the journal has been anchored.
	pub fn progress(&self) -> Progress {
		lock(&self.state).progress.clone()
	}

	/// Notes the transaction that is about to be submitted.
	pub fn begin(&self, attempt: Attempt) -> io::Result<()> {
		let mut state = lock(&self.state);
		let progress = Progress { attempt: Some(attempt), ..state.progress.clone() };
		self.write(&mut state, progress)
	}

	/// Settles all receipts before `next`; those in `failed` will not be on the chain.
	pub fn settle(&self, next: u64, failed: Vec<Failed>) -> io::Result<()> {
		let mut state = lock(&self.state);
		let mut progress = Progress { next, attempt: None, failed: state.progress.failed.clone() };
		progress.failed.extend(failed);
		self.write(&mut state, progress)?;
		while state.pending.front().is_some_and(|entry| entry.position < next) {
			state.pending.pop_front();
		}
		Ok(())
	}

	/// Settles the receipts of a batch that is on the chain.
	pub fn settle_batch(&self, batch: Batch) -> io::Result<()> {
		{
			let mut state = lock(&self.state);
			let mut line = serde_json::to_vec(&batch)?;
			line.push(b'\n');
			// First the batch: without it the receipts would count as settled and be proved by nobody. If the next step
			// fails, the line is dropped when the journal is opened, and the batch is found on the chain again.
			if state.batches.last() != Some(&batch) {
				state.batches_file.write_all(&line)?;
				state.batches_file.sync_data()?;
				state.batches.push(batch);
			}
		}
		self.settle(batch.end(), Vec::new())
	}

	fn write(&self, state: &mut State, progress: Progress) -> io::Result<()> {
		replace(&self.progress_path, &serde_json::to_vec(&progress)?)?;
		state.progress = progress;
		Ok(())
	}
}

/// Reads the batches that are settled, and drops the line of one that is not, or that a crash cut off.
fn open_batches(path: &Path, settled: u64) -> io::Result<(Vec<Batch>, File)> {
	let text = match std::fs::read_to_string(path) {
		Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
		read => read?,
	};
	let whole = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
	let mut batches = whole.map(serde_json::from_str).collect::<Result<Vec<Batch>, _>>()?;
	batches.retain(|batch| batch.end() <= settled);
	let mut kept = Vec::new();
	for batch in &batches {
		serde_json::to_writer(&mut kept, batch)?;
		kept.push(b'\n');
	}
	replace(path, &kept)?;
	Ok((batches, OpenOptions::new().append(true).open(path)?))
}

/// Replaces a file so that a crash leaves the old one or the new one.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
	let folder = path.parent().expect("the paths here are files in a folder; qed");
	let mut fresh = tempfile::NamedTempFile::new_in(folder)?;
	fresh.write_all(bytes)?;
	fresh.as_file().sync_data()?;
	fresh.persist(path)?;
	File::open(folder)?.sync_all()
}

/// Nonces of requests that have not expired.
pub struct Nonces {
	path: PathBuf,
	state: Mutex<(File, HashMap<[u8; 48], Moment>)>,
}

impl Nonces {
	/// Opens or creates the list in a folder.
	pub fn open(folder: &Path, now: Moment) -> io::Result<Self> {
		std::fs::create_dir_all(folder)?;
		let path = folder.join("nonces");
		let mut known = HashMap::new();
		match File::open(&path) {
			Ok(file) => {
				for line in BufReader::new(file).lines() {
					// A line that a crash cut off belongs to a request that was not answered.
					if let Some((nonce, expires)) = parse(&line?).filter(|(_, expires)| *expires > now) {
						known.insert(nonce, expires);
					}
				}
			}
			Err(error) if error.kind() == io::ErrorKind::NotFound => (),
			Err(error) => return Err(error),
		}
		let file = rewrite(&path, &known)?;
		Ok(Self { path, state: Mutex::new((file, known)) })
	}

	/// Takes a nonce of an account, once. When this returns, it is on the disk.
	pub fn take(&self, account: &AccountId, nonce: &[u8; 16], expires: Moment, now: Moment) -> Result<(), NonceError> {
		let mut key = [0; 48];
		key[..32].copy_from_slice(account.as_ref());
		key[32..].copy_from_slice(nonce);
		let mut state = lock(&self.state);
		let (file, known) = &mut *state;
		if known.contains_key(&key) {
			return Err(NonceError::Request(RequestError::Replayed));
		}
		if known.len() >= STALE_NONCES && known.values().filter(|expires| **expires <= now).count() * 2 > known.len() {
			known.retain(|_, expires| *expires > now);
			*file = rewrite(&self.path, known)?;
		}
		// Begins with a line feed: what a failed write left is then a line of its own.
		file.write_all(format!("\n{} {expires}\n", hex::encode(key)).as_bytes())?;
		file.sync_data()?;
		known.insert(key, expires);
		Ok(())
	}
}

/// Why a nonce cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum NonceError {
	/// It was taken before.
	#[error(transparent)]
	Request(#[from] RequestError),
	/// It cannot be written down.
	#[error(transparent)]
	Io(#[from] io::Error),
}

fn parse(line: &str) -> Option<([u8; 48], Moment)> {
	let (key, expires) = line.split_once(' ')?;
	let mut nonce = [0; 48];
	hex::decode_to_slice(key, &mut nonce).ok()?;
	Some((nonce, expires.parse().ok()?))
}

fn rewrite(path: &Path, known: &HashMap<[u8; 48], Moment>) -> io::Result<File> {
	let text: String = known.iter().map(|(nonce, expires)| format!("{} {expires}\n", hex::encode(nonce))).collect();
	replace(path, text.as_bytes())?;
	OpenOptions::new().append(true).open(path)
}

#[cfg(test)]
mod tests {
	use super::*;
	use salus_primitives::{consent::Reason, Action, Purpose, RecordId, H256};

	fn receipt(number: u8) -> Receipt {
		Receipt {
			actor: AccountId::new([1; 32]),
			record: RecordId([2; 32]),
			version: 1,
			purpose: Purpose::Treat,
			action: Action::Access,
			effect: Effect::Deny,
			reason: Reason::NoConsent,
			consent: None,
			rule: None,
			at: 5 + Moment::from(number),
			request: H256([number; 32]),
		}
	}

	fn evidence() -> Evidence {
		Evidence { text: "salus gateway request 1".into(), signature: "07".repeat(64) }
	}

	fn append(journal: &Journal, block: u32, number: u8) -> u64 {
		let draft = Draft { patient: PatientId([9; 32]), block, receipt: receipt(number) };
		journal.append(vec![draft], &evidence()).unwrap()
	}

	fn positions(journal: &Journal) -> Vec<u64> {
		journal.pending(100).iter().map(|entry| entry.position).collect()
	}

	#[test]
	fn a_reopened_journal_goes_on_where_it_was() {
		let folder = tempfile::tempdir().unwrap();
		let journal = Journal::open(folder.path()).unwrap();
		for number in 0..3 {
			assert_eq!(append(&journal, 7, number), number as u64);
		}
		journal.begin(Attempt { nonce: 4, to: 2, batch_from: None }).unwrap();
		drop(journal);
		let journal = Journal::open(folder.path()).unwrap();
		assert_eq!(journal.progress().attempt, Some(Attempt { nonce: 4, to: 2, batch_from: None }));
		assert_eq!(positions(&journal), [0, 1, 2]);
		assert_eq!(journal.oldest_pending(), Some(receipt(0).at));
		journal.settle(2, vec![Failed { position: 1, error: "NotFound".into() }]).unwrap();
		assert_eq!(positions(&journal), [2]);
		assert_eq!(journal.oldest_pending(), Some(receipt(2).at));
		drop(journal);
		let journal = Journal::open(folder.path()).unwrap();
		assert_eq!(positions(&journal), [2]);
		assert_eq!((journal.progress().next, journal.progress().failed.len()), (2, 1));
		assert_eq!(append(&journal, 8, 3), 3);
		assert_eq!(journal.pending(100)[1].receipt, receipt(3));
		journal.settle(4, Vec::new()).unwrap();
		assert_eq!(journal.oldest_pending(), None);
	}

	#[test]
	fn a_request_for_a_contribution_is_told_by_what_was_signed() {
		let folder = tempfile::tempdir().unwrap();
		let journal = Journal::open(folder.path()).unwrap();
		for (target, of_dataset) in [
			("/datasets/3/contributions/0x01?grant=4", true),
			("/records/0x01/0x02?x=/datasets/", false),
			("/fhir/Observation", false),
		] {
			let text = format!("salus gateway request 1\nrequest: GET {target}\npurpose: HRESCH\n");
			let draft = Draft { patient: PatientId([1; 32]), block: 7, receipt: receipt(0) };
			journal.append(vec![draft], &Evidence { text, ..evidence() }).unwrap();
			let last = journal.pending(9).pop().unwrap();
			assert_eq!(last.is_of_dataset(), of_dataset, "{target}");
		}
	}

	#[test]
	fn receipts_of_a_batch_are_found_by_their_patient_after_a_restart_too() {
		let folder = tempfile::tempdir().unwrap();
		let journal = Journal::open(folder.path()).unwrap();
		let draft =
			|patient: u8, number: u8| Draft { patient: PatientId([patient; 32]), block: 7, receipt: receipt(number) };
		assert_eq!(journal.append(vec![draft(1, 0), draft(2, 1), draft(1, 2)], &evidence()).unwrap(), 0);
		assert_eq!(journal.append(vec![draft(1, 3), draft(1, 4)], &evidence()).unwrap(), 3);
		let (one, two) = (PatientId([1; 32]), PatientId([2; 32]));
		assert_eq!(journal.batched(&one, 0, 9), []);
		// The first went to the chain by itself.
		journal.settle(1, vec![]).unwrap();
		let batch = Batch { first: 1, count: 3, org: 5, index: 0, root: H256([1; 32]) };
		journal.begin(Attempt { nonce: 4, to: 4, batch_from: Some(0) }).unwrap();
		journal.settle_batch(batch).unwrap();
		let check = |journal: &Journal| {
			assert_eq!(journal.batched(&one, 0, 9), [(2, batch), (3, batch)]);
			assert_eq!(journal.batched(&one, 3, 9), [(3, batch)]);
			assert_eq!(journal.batched(&one, 0, 1), [(2, batch)]);
			assert_eq!(journal.batched(&two, 0, 9), [(1, batch)]);
			let entries = journal.entries(&batch).unwrap();
			assert_eq!(entries.iter().map(|entry| entry.position).collect::<Vec<_>>(), [1, 2, 3]);
			assert_eq!(entries[0].leaf().signature, [7; 64]);
			assert_eq!(positions(journal), [4]);
		};
		check(&journal);
		drop(journal);
		check(&Journal::open(folder.path()).unwrap());
	}

	#[test]
	fn a_batch_that_was_noted_and_not_settled_is_looked_for_again() {
		let folder = tempfile::tempdir().unwrap();
		let journal = Journal::open(folder.path()).unwrap();
		append(&journal, 7, 0);
		let attempt = Attempt { nonce: 4, to: 1, batch_from: Some(3) };
		journal.begin(attempt).unwrap();
		drop(journal);
		let batch = Batch { first: 0, count: 1, org: 5, index: 3, root: H256([1; 32]) };
		let line = serde_json::to_string(&batch).unwrap();
		std::fs::write(folder.path().join("batches.jsonl"), format!("{line}\n{{\"first\":")).unwrap();
		let journal = Journal::open(folder.path()).unwrap();
		assert_eq!((journal.progress().attempt, positions(&journal)), (Some(attempt), vec![0]));
		assert_eq!(journal.batched(&PatientId([9; 32]), 0, 9), []);
		journal.settle_batch(batch).unwrap();
		let journal = Journal::open(folder.path()).unwrap();
		assert_eq!(journal.batched(&PatientId([9; 32]), 0, 9), [(0, batch)]);
		assert_eq!(journal.progress().attempt, None);
	}

	#[test]
	fn a_line_that_a_crash_cut_off_is_dropped() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("receipts.jsonl");
		append(&Journal::open(folder.path()).unwrap(), 7, 0);
		let whole = std::fs::read(&path).unwrap();
		std::fs::write(&path, [&whole[..], b"{\"position\":1,"].concat()).unwrap();
		let journal = Journal::open(folder.path()).unwrap();
		assert_eq!(positions(&journal), [0]);
		assert_eq!(std::fs::read(&path).unwrap(), whole);
		assert_eq!(append(&journal, 7, 1), 1);
		assert_eq!(positions(&Journal::open(folder.path()).unwrap()), [0, 1]);
	}

	#[test]
	fn a_nonce_is_taken_once_and_not_forgotten_by_a_restart() {
		let folder = tempfile::tempdir().unwrap();
		let alice = AccountId::new([1; 32]);
		let nonces = Nonces::open(folder.path(), 0).unwrap();
		nonces.take(&alice, &[1; 16], 100, 0).unwrap();
		assert!(matches!(nonces.take(&alice, &[1; 16], 100, 0), Err(NonceError::Request(RequestError::Replayed))));
		nonces.take(&AccountId::new([2; 32]), &[1; 16], 100, 0).unwrap();
		nonces.take(&alice, &[2; 16], 50, 0).unwrap();
		drop(nonces);
		let nonces = Nonces::open(folder.path(), 50).unwrap();
		assert!(nonces.take(&alice, &[1; 16], 100, 50).is_err());
		// Its request has expired, which is refused before nonces are looked at.
		nonces.take(&alice, &[2; 16], 100, 50).unwrap();
	}
}
