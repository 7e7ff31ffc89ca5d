//! The gateway's data keys at rest.

use super::{
	at_rest::{self, AtRest},
	damaged, destroy_file, hex_of, secret_of, sync_dir, write_private,
};
use crate::{
	crypto::{digest, DataKey, NONCE_LEN},
	Error, Result,
};
use chacha20poly1305::{
	aead::{Aead, Payload},
	KeyInit, XChaCha20Poly1305, XNonce,
};
use rand::{rngs::OsRng, RngCore};
use salus_primitives::RecordId;
use std::{
	fs, io,
	path::{Path, PathBuf},
	sync::OnceLock,
};
use zeroize::Zeroizing;

const AT_REST: &[u8] = b"salus/data-key-at-rest/1";

/// The gateway's data keys, each in a file of its own, encrypted under a master key.
///
/// The master key lies beside them, encrypted under the passphrase (`master.age`), which is stretched once when the
/// store is opened; or, for development, as it is (`master.key`): then a copy of the directory is a copy of the keys.
pub struct DataKeyStore {
	dir: PathBuf,
	at_rest: AtRest,
	/// Under the master key; set when that is read, or made for the first data key.
	cipher: OnceLock<XChaCha20Poly1305>,
}

impl DataKeyStore {
	/// Opens a directory whose master key is kept as the environment says.
	pub fn open(dir: &Path) -> Result<Self> {
		Self::open_with(dir, &AtRest::Environment)
	}

	/// Opens a directory whose master key is kept in this way. If there is none, it is made for the first data key. One
	/// that is there as it is, from development, is read still.
	pub fn open_with(dir: &Path, at_rest: &AtRest) -> Result<Self> {
		let store = Self { dir: dir.to_owned(), at_rest: at_rest.clone(), cipher: OnceLock::new() };
		if store.sealed_master().exists() || store.clear_master().exists() {
			store.cipher()?;
		}
		Ok(store)
	}

	/// Opens a directory with a master key from elsewhere.
	pub fn with_master(dir: &Path, master: &[u8; 32]) -> Self {
		let cipher = OnceLock::from(XChaCha20Poly1305::new(master.into()));
		Self { dir: dir.to_owned(), at_rest: AtRest::Environment, cipher }
	}

	fn sealed_master(&self) -> PathBuf {
		self.dir.join("master.age")
	}

	fn clear_master(&self) -> PathBuf {
		self.dir.join("master.key")
	}

	/// The cipher under the master key, which is made if there is none.
	fn cipher(&self) -> Result<&XChaCha20Poly1305> {
		if let Some(cipher) = self.cipher.get() {
			return Ok(cipher);
		}
		let (sealed, clear) = (self.sealed_master(), self.clear_master());
		if !sealed.exists() && !clear.exists() {
			let fresh = Zeroizing::new(hex_of(DataKey::random().expose()));
			let (path, bytes) = match self.at_rest.is_clear_text() {
				true => (&clear, fresh.as_bytes().to_vec()),
				false => (&sealed, at_rest::seal(self.at_rest.require(&sealed)?, fresh.as_bytes())?),
			};
			let bytes = Zeroizing::new(bytes);
			match write_private(path, &bytes, false) {
				// Another process may have been first; what it wrote counts.
				Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(Error::file(path, e)),
				_ => {}
			}
		}
		let read = |path: &Path| fs::read(path).map(Zeroizing::new).map_err(|e| Error::file(path, e));
		let (path, text) = match sealed.exists() {
			true => (&sealed, at_rest::open(self.at_rest.require(&sealed)?, &sealed, &read(&sealed)?)?),
			false => (&clear, read(&clear)?),
		};
		let text = std::str::from_utf8(&text).map_err(|e| damaged(path, e))?;
		let cipher = XChaCha20Poly1305::new((&*secret_of(path, text)?).into());
		Ok(self.cipher.get_or_init(|| cipher))
	}

	/// The data key of a version; made and kept, flushed to disk, if there is none yet.
	///
	/// Work that was interrupted goes on with the key it began with.
	pub fn get_or_create(&self, record: &RecordId, version: u32) -> Result<DataKey> {
		match self.get(record, version) {
			Err(Error::DataKeyMissing { .. }) => {}
			kept => return kept,
		}
		match self.put(record, version, &DataKey::random()) {
			// Another process was first; what it wrote counts.
			Ok(()) | Err(Error::Refused { code: "already-exists", .. }) => self.get(record, version),
			Err(e) => Err(e),
		}
	}

	/// Keeps the data key of a version that has none yet.
	pub fn put(&self, record: &RecordId, version: u32, key: &DataKey) -> Result<()> {
		let path = self.path(record, version);
		let mut nonce = [0; NONCE_LEN];
		OsRng.fill_bytes(&mut nonce);
		let payload = Payload { msg: key.expose(), aad: &aad(record, version) };
		let sealed = self
			.cipher()?
			.encrypt(XNonce::from_slice(&nonce), payload)
			.map_err(|_| Error::Unexpected("a data key could not be encrypted".into()))?;
		write_private(&path, &[&nonce[..], &sealed].concat(), false).map_err(|e| match e.kind() {
			io::ErrorKind::AlreadyExists => {
				Error::usage("already-exists", format!("record {record}, version {version}, already has a data key"))
			}
			io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
				Error::StoreFull { place: self.dir.display().to_string() }
			}
			_ => Error::file(&path, e),
		})
	}

	/// The data key of a version.
	pub fn get(&self, record: &RecordId, version: u32) -> Result<DataKey> {
		let path = self.path(record, version);
		let sealed = match fs::read(&path) {
			Err(e) if e.kind() == io::ErrorKind::NotFound => {
				return Err(Error::DataKeyMissing { record: record.to_string(), version })
			}
			sealed => sealed.map_err(|e| Error::file(&path, e))?,
		};
		let cipher = self.cipher()?;
		let open = || {
			let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN)?;
			let payload = Payload { msg: sealed, aad: &aad(record, version) };
			let key = Zeroizing::new(cipher.decrypt(XNonce::from_slice(nonce), payload).ok()?);
			Some(DataKey::from_bytes(key.as_slice().try_into().ok()?))
		};
		open().ok_or_else(|| damaged(&path, "it does not decrypt under the master key"))
	}

	/// Destroys the data keys of every version of a record: overwritten, flushed, removed. What they encrypted is
	/// unreadable from then on. Whether there were any does not matter.
	pub fn destroy(&self, record: &RecordId) -> Result<()> {
		let dir = self.dir.join(hex::encode(record.0));
		let entries = match fs::read_dir(&dir) {
			Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
			entries => entries.map_err(|e| Error::file(&dir, e))?,
		};
		for entry in entries {
			let path = entry.map_err(|e| Error::file(&dir, e))?.path();
			destroy_file(&path).map_err(|e| Error::file(&path, e))?;
		}
		sync_dir(&dir)
			.and_then(|()| fs::remove_dir(&dir))
			.and_then(|()| sync_dir(&self.dir))
			.map_err(|e| Error::file(&dir, e))
	}

	fn path(&self, record: &RecordId, version: u32) -> PathBuf {
		self.dir.join(hex::encode(record.0)).join(format!("{version}.key"))
	}
}

fn aad(record: &RecordId, version: u32) -> [u8; 32] {
	digest(&[AT_REST, &record.0, &version.to_le_bytes()]).0
}

#[cfg(test)]
mod tests {
	use super::*;

	const RECORD: RecordId = RecordId([7; 32]);

	#[test]
	fn a_data_key_survives_a_restart_and_not_its_destruction() {
		let dir = tempfile::tempdir().unwrap();
		let key = DataKeyStore::open_with(dir.path(), &AtRest::ClearText).unwrap().get_or_create(&RECORD, 1).unwrap();
		let store = DataKeyStore::open_with(dir.path(), &AtRest::ClearText).unwrap();
		assert_eq!(store.get_or_create(&RECORD, 1).unwrap(), key);
		assert_ne!(store.get_or_create(&RECORD, 2).unwrap(), key);
		assert!(store.put(&RECORD, 1, &DataKey::random()).is_err());
		store.destroy(&RECORD).unwrap();
		store.destroy(&RECORD).unwrap();
		assert_eq!(store.get(&RECORD, 1), Err(Error::DataKeyMissing { record: RECORD.to_string(), version: 1 }));
	}

	#[test]
	fn a_data_key_at_rest_is_encrypted_and_bound_to_its_place() {
		let dir = tempfile::tempdir().unwrap();
		let store = DataKeyStore::with_master(dir.path(), &[1; 32]);
		let key = store.get_or_create(&RECORD, 1).unwrap();
		let file = store.path(&RECORD, 1);
		let bytes = fs::read(&file).unwrap();
		assert!(!bytes.windows(32).any(|window| window == key.expose()));
		fs::write(store.path(&RECORD, 2), &bytes).unwrap();
		assert!(matches!(store.get(&RECORD, 2), Err(Error::Corrupted(_))));
		assert!(matches!(DataKeyStore::with_master(dir.path(), &[2; 32]).get(&RECORD, 1), Err(Error::Corrupted(_))));
	}

	#[test]
	fn a_master_key_opens_with_its_passphrase_only() {
		let dir = tempfile::tempdir().unwrap();
		let open = |at_rest: &AtRest| DataKeyStore::open_with(dir.path(), at_rest);
		let key = open(&AtRest::passphrase("correct horse")).unwrap().get_or_create(&RECORD, 1).unwrap();
		assert_eq!(open(&AtRest::passphrase("correct horse")).unwrap().get(&RECORD, 1).unwrap(), key);
		let wrong = open(&AtRest::passphrase("battery staple"));
		assert!(matches!(wrong.map(|_| ()), Err(Error::Refused { code: "wrong-passphrase", .. })));
		assert!(matches!(open(&AtRest::ClearText).map(|_| ()), Err(Error::Refused { code: "no-passphrase", .. })));
		assert!(!dir.path().join("master.key").exists());
	}

	#[test]
	fn who_keeps_nothing_needs_no_passphrase() {
		let dir = tempfile::tempdir().unwrap();
		let store = DataKeyStore::open_with(dir.path(), &AtRest::passphrase("correct horse")).unwrap();
		assert!(matches!(store.get(&RECORD, 1), Err(Error::DataKeyMissing { .. })));
		store.destroy(&RECORD).unwrap();
		assert!(fs::read_dir(dir.path()).unwrap().next().is_none(), "nothing is made before it is needed");
	}
}
