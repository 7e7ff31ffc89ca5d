//! What is kept about contributions, in the folder `research` of the home of Salus.
//!
//! | what | where |
//! |---|---|
//! | one's own contributions: pseudonym, secret of the account, dataset, patient | `mine/…` |
//! | contributions that were attested here: what their commitments open to | `attested/…` |
//! | the keys of both, and those of nullifiers and of de-identification | `data-keys`, as a gateway keeps those of records |
//!
//! A file's name is a keyed hash, so that a look at the folder tells how many contributions there are and not which.

use super::{Attested, Mine};
use crate::{
	crypto::{digest, open_bytes, seal_bytes, DataKey},
	keys::{destroy_file, write_private, AtRest, DataKeyStore},
	Error, Result,
};
use codec::{Decode, Encode};
use salus_primitives::{research::DatasetId, Pseudonym, RecordId, H256};
use std::{
	fs, io,
	path::{Path, PathBuf},
};
use zeroize::Zeroizing;

const BOOK: &[u8] = b"salus/research-book/1";
const ENTRY: &[u8] = b"salus/research-entry/1";
const NULLIFIERS: &[u8] = b"salus/research-nullifiers/1";
const DEIDENTIFICATION: &[u8] = b"salus/research-deidentification/1";
const NULLIFIER: &[u8] = b"salus/research-nullifier/1";

/// Whose entries.
#[derive(Clone, Copy)]
enum Shelf {
	Mine,
	Attested,
}

impl Shelf {
	const fn name(self) -> &'static str {
		match self {
			Self::Mine => "mine",
			Self::Attested => "attested",
		}
	}
}

/// Everything that is kept.
pub struct Book {
	dir: PathBuf,
	keys: DataKeyStore,
}

impl Book {
	/// Of this home of Salus; the master key of its data keys is kept as the environment says.
	pub fn open(home: &Path) -> Result<Self> {
		Self::open_with(home, &AtRest::Environment)
	}

	/// Of this home of Salus; the master key of its data keys is kept in this way.
	pub fn open_with(home: &Path, at_rest: &AtRest) -> Result<Self> {
		let dir = home.join("research");
		let keys = DataKeyStore::open_with(&dir.join("data-keys"), at_rest)?;
		Ok(Self { dir, keys })
	}

	/// The folder.
	pub fn dir(&self) -> &Path {
		&self.dir
	}

	/// Keeps a contribution of one's own. It is flushed to disk before its account is told to anybody.
	pub fn keep(&self, mine: &Mine) -> Result<()> {
		self.write(Shelf::Mine, mine.dataset, &mine.pseudonym, &Zeroizing::new(mine.encode()))
	}

	/// A contribution of one's own.
	pub fn mine(&self, dataset: DatasetId, pseudonym: &Pseudonym) -> Result<Option<Mine>> {
		self.read(Shelf::Mine, dataset, pseudonym)
	}

	/// All contributions of one's own, by dataset.
	pub fn all_mine(&self) -> Result<Vec<Mine>> {
		let mut all: Vec<Mine> = self.all(Shelf::Mine)?;
		all.sort_by_key(|mine| (mine.dataset, mine.pseudonym));
		Ok(all)
	}

	/// Forgets a contribution of one's own: what it has not claimed is lost.
	pub fn forget(&self, dataset: DatasetId, pseudonym: &Pseudonym) -> Result<()> {
		let path = self.path(Shelf::Mine, dataset, pseudonym)?;
		match destroy_file(&path) {
			Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::file(&path, error)),
			_ => Ok(()),
		}
	}

	/// Keeps what a contribution's commitments open to.
	pub fn keep_attested(&self, attested: &Attested) -> Result<()> {
		self.write(Shelf::Attested, attested.dataset, &attested.pseudonym, &attested.encode())
	}

	/// What a contribution's commitments open to, if it was attested here.
	pub fn attested(&self, dataset: DatasetId, pseudonym: &Pseudonym) -> Result<Option<Attested>> {
		self.read(Shelf::Attested, dataset, pseudonym)
	}

	/// All that was attested here.
	pub fn all_attested(&self) -> Result<Vec<Attested>> {
		self.all(Shelf::Attested)
	}

	/// What data is known by in a dataset: a hash under a secret of the attesting organisation.
	///
	/// It is equal for the same data, so that the chain takes it once; who has not the secret cannot guess the data from it, nor tell
	/// that two datasets hold the same.
	pub fn nullifier(&self, dataset: DatasetId, data: &H256) -> Result<H256> {
		let key = self.keys.get_or_create(&RecordId(digest(&[NULLIFIERS]).0), 1)?;
		Ok(digest(&[NULLIFIER, key.expose(), &dataset.to_le_bytes(), data.as_bytes()]))
	}

	/// The secret that pseudonymous ids and moves of days follow from: see [`crate::deid`].
	pub fn deidentification(&self) -> Result<DataKey> {
		self.keys.get_or_create(&RecordId(digest(&[DEIDENTIFICATION]).0), 1)
	}

	fn key(&self) -> Result<DataKey> {
		self.keys.get_or_create(&RecordId(digest(&[BOOK]).0), 1)
	}

	fn path(&self, shelf: Shelf, dataset: DatasetId, pseudonym: &Pseudonym) -> Result<PathBuf> {
		let name = digest(&[ENTRY, self.key()?.expose(), &dataset.to_le_bytes(), &pseudonym.0]);
		Ok(self.dir.join(shelf.name()).join(hex::encode(&name.0[..16])))
	}

	fn write(&self, shelf: Shelf, dataset: DatasetId, pseudonym: &Pseudonym, plain: &[u8]) -> Result<()> {
		let path = self.path(shelf, dataset, pseudonym)?;
		let sealed = seal_bytes(&self.key()?, &aad(shelf, &path), plain)?;
		write_private(&path, &sealed, true).map_err(|error| Error::file(&path, error))
	}

	fn read<T: Decode>(&self, shelf: Shelf, dataset: DatasetId, pseudonym: &Pseudonym) -> Result<Option<T>> {
		// Who keeps nothing needs no passphrase.
		if !self.dir.join(shelf.name()).exists() {
			return Ok(None);
		}
		let path = self.path(shelf, dataset, pseudonym)?;
		match path.exists() {
			true => self.open_entry(shelf, &path).map(Some),
			false => Ok(None),
		}
	}

	fn all<T: Decode>(&self, shelf: Shelf) -> Result<Vec<T>> {
		let dir = self.dir.join(shelf.name());
		let entries = match fs::read_dir(&dir) {
			Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
			entries => entries.map_err(|error| Error::file(&dir, error))?,
		};
		let mut all = Vec::new();
		for entry in entries {
			let path = entry.map_err(|error| Error::file(&dir, error))?.path();
			// What is being written has a name that begins with a point.
			if path.file_name().and_then(|name| name.to_str()).is_some_and(|name| !name.starts_with('.')) {
				all.push(self.open_entry(shelf, &path)?);
			}
		}
		Ok(all)
	}

	fn open_entry<T: Decode>(&self, shelf: Shelf, path: &Path) -> Result<T> {
		let sealed = fs::read(path).map_err(|error| Error::file(path, error))?;
		let plain = open_bytes(&self.key()?, &aad(shelf, path), &sealed);
		let entry = plain.and_then(|plain| T::decode(&mut plain.as_slice()).ok());
		entry.ok_or_else(|| Error::Corrupted(format!("{} is damaged: restore it from a backup", path.display())))
	}
}

/// An entry is bound to its place.
fn aad(shelf: Shelf, path: &Path) -> Vec<u8> {
	let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
	[ENTRY, shelf.name().as_bytes(), name.as_bytes()].concat()
}
