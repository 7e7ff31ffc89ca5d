//! What a gateway must not forget: receipts until they are on the chain, and nonces until their requests expire.
//!
//! Both are appended to files and synchronised to the disk before anything is released.

use super::request::RequestError;
use salus_primitives::{consent::Effect, views::Receipt, AccountId, Moment, PatientId};
use serde::{Deserialize, Serialize};
use std::{
	collections::{HashMap, VecDeque},
	fs::{File, OpenOptions},
	io::{self, BufRead, BufReader, Seek, SeekFrom, Write},
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
}

/// A transaction that was about to be submitted, so that after a crash it is not made a second time: whoever takes the
/// same nonce again cannot be included besides it.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
pub struct Attempt {
	/// Nonce of the gateway's account.
	pub nonce: u64,
	/// Position after the last receipt in it.
	pub to: u64,
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
	/// The end of the last whole line: a write that failed half-way is overwritten.
	end: u64,
	next: u64,
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
		let (mut end, mut next, mut pending, mut refusals) = (0, 0, VecDeque::new(), VecDeque::new());
		let mut reader = BufReader::new(&file);
		let mut line = Vec::new();
		while reader.read_until(b'\n', &mut line)? > 0 && line.ends_with(b"\n") {
			let entry: Entry = serde_json::from_slice(&line)?;
			end += line.len() as u64;
			next = entry.position + 1;
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
		Ok(Self { progress_path, state: Mutex::new(State { file, end, next, pending, progress, refusals }) })
	}

	/// Writes a receipt down. When this returns, it is on the disk.
	pub fn append(&self, patient: PatientId, block: u32, receipt: Receipt) -> io::Result<u64> {
		let mut state = lock(&self.state);
		let entry = Entry { position: state.next, patient, block, receipt };
		let mut line = serde_json::to_vec(&entry)?;
		line.push(b'\n');
		let end = state.end;
		state.file.seek(SeekFrom::Start(end))?;
		state.file.write_all(&line)?;
		state.file.sync_data()?;
		state.end += line.len() as u64;
		state.next += 1;
		state.pending.push_back(entry);
		Ok(state.next - 1)
	}

	/// The latest refusals that were found when the journal was opened, once: those that still hold are to be kept.
	pub fn take_refusals(&self) -> VecDeque<Entry> {
		std::mem::take(&mut lock(&self.state).refusals)
	}

	/// How many receipts are not settled.
	pub fn pending_count(&self) -> u64 {
		lock(&self.state).pending.len() as u64
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

	fn write(&self, state: &mut State, progress: Progress) -> io::Result<()> {
		replace(&self.progress_path, &serde_json::to_vec(&progress)?)?;
		state.progress = progress;
		Ok(())
	}
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
			at: 5,
			request: H256([number; 32]),
		}
	}

	fn positions(journal: &Journal) -> Vec<u64> {
		journal.pending(100).iter().map(|entry| entry.position).collect()
	}

	#[test]
	fn a_reopened_journal_goes_on_where_it_was() {
		let folder = tempfile::tempdir().unwrap();
		let journal = Journal::open(folder.path()).unwrap();
		for number in 0..3 {
			assert_eq!(journal.append(PatientId([9; 32]), 7, receipt(number)).unwrap(), number as u64);
		}
		journal.begin(Attempt { nonce: 4, to: 2 }).unwrap();
		drop(journal);
		let journal = Journal::open(folder.path()).unwrap();
		assert_eq!(journal.progress().attempt, Some(Attempt { nonce: 4, to: 2 }));
		assert_eq!(positions(&journal), [0, 1, 2]);
		journal.settle(2, vec![Failed { position: 1, error: "NotFound".into() }]).unwrap();
		assert_eq!(positions(&journal), [2]);
		drop(journal);
		let journal = Journal::open(folder.path()).unwrap();
		assert_eq!(positions(&journal), [2]);
		assert_eq!((journal.progress().next, journal.progress().failed.len()), (2, 1));
		assert_eq!(journal.append(PatientId([9; 32]), 8, receipt(3)).unwrap(), 3);
		assert_eq!(journal.pending(100)[1].receipt, receipt(3));
	}

	#[test]
	fn a_line_that_a_crash_cut_off_is_dropped() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("receipts.jsonl");
		Journal::open(folder.path()).unwrap().append(PatientId([9; 32]), 7, receipt(0)).unwrap();
		let whole = std::fs::read(&path).unwrap();
		std::fs::write(&path, [&whole[..], b"{\"position\":1,"].concat()).unwrap();
		let journal = Journal::open(folder.path()).unwrap();
		assert_eq!(positions(&journal), [0]);
		assert_eq!(std::fs::read(&path).unwrap(), whole);
		assert_eq!(journal.append(PatientId([9; 32]), 7, receipt(1)).unwrap(), 1);
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
