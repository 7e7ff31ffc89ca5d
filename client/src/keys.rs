//! A person's keys, a patient's label keys, and the gateway's data keys at rest.
//!
//! A key file holds an sr25519 key, which signs, and an X25519 key, which envelopes are sealed to. It is as secret as
//! the health data that it opens: readable by its owner only, written whole or not at all. Names that begin with `//`
//! (`//Alice`) are the well-known development accounts and need no file.

use crate::{
	crypto::{digest, DataKey, EncryptionSecret, LabelKey, NONCE_LEN},
	Error, Result,
};
use chacha20poly1305::{
	aead::{Aead, Payload},
	KeyInit, XChaCha20Poly1305, XNonce,
};
use rand::{rngs::OsRng, RngCore};
use salus_primitives::{AccountId, PatientId, RecordId};
use serde::{Deserialize, Serialize};
use std::{
	fs,
	io::{self, Write},
	path::{Path, PathBuf},
	str::FromStr,
};
use subxt_signer::{
	sr25519::{self, Keypair},
	SecretUri,
};
use zeroize::{Zeroize, Zeroizing};

const BYTES_OPEN: &[u8] = b"<Bytes>";
const BYTES_CLOSE: &[u8] = b"</Bytes>";
const AT_REST: &[u8] = b"salus/data-key-at-rest/1";

/// A person's or a machine's keys.
#[derive(Clone)]
pub struct Keys {
	/// What it is called here.
	pub name: String,
	/// Signs transactions and requests.
	pub signer: Keypair,
	/// Opens envelopes.
	pub encryption: EncryptionSecret,
}

impl std::fmt::Debug for Keys {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		write!(f, "Keys({}, {})", self.name, self.address())
	}
}

impl Keys {
	/// The keys of a secret URI as Substrate's tools write it: `//Alice`, a mnemonic phrase, `0x` and a seed, each with
	/// derivations.
	pub fn of_uri(name: &str, uri: &str, encryption: EncryptionSecret) -> Result<Self> {
		Ok(Self { name: name.into(), signer: signer_of(uri)?, encryption })
	}

	/// The well-known keys of a development account such as `//Alice`.
	pub fn of_dev_uri(uri: &str) -> Result<Self> {
		Self::of_uri(uri, uri, EncryptionSecret::of_dev_uri(uri))
	}

	/// The account.
	pub fn account(&self) -> AccountId {
		AccountId::new(self.signer.public_key().0)
	}

	/// Its SS58 address.
	pub fn address(&self) -> String {
		// The SS58 form of subxt has prefix 42, which is the network's.
		self.signer.public_key().to_account_id().to_string()
	}

	/// Signs these bytes as they are.
	pub fn sign(&self, message: &[u8]) -> [u8; 64] {
		self.signer.sign(message).0
	}

	/// Signs these bytes as wallets do, between `<Bytes>` and `</Bytes>`.
	pub fn sign_wrapped(&self, message: &[u8]) -> [u8; 64] {
		self.sign(&wrapped(message))
	}
}

fn wrapped(message: &[u8]) -> Vec<u8> {
	[BYTES_OPEN, message, BYTES_CLOSE].concat()
}

/// Whether the account signed these bytes, as they are or as wallets wrap them.
pub fn verify_signature(account: &AccountId, message: &[u8], signature: &[u8; 64]) -> bool {
	let (signature, public) = (sr25519::Signature(*signature), sr25519::PublicKey(*AsRef::<[u8; 32]>::as_ref(account)));
	sr25519::verify(&signature, message, &public) || sr25519::verify(&signature, wrapped(message), &public)
}

fn signer_of(uri: &str) -> Result<Keypair> {
	let refused = |e: &dyn std::fmt::Display| {
		Error::usage("bad-secret", format!("expected a mnemonic phrase, 0x and a seed, or //NAME: {e}"))
	};
	let uri = SecretUri::from_str(uri).map_err(|e| refused(&e))?;
	Keypair::from_uri(&uri).map_err(|e| refused(&e))
}

/// A key file as JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
	version: u32,
	address: String,
	/// Secret URI of the sr25519 key.
	sign: String,
	/// X25519 secret, `0x` and 64 hexadecimal digits.
	encrypt: String,
	/// X25519 public key.
	encrypt_public: String,
}

impl Drop for KeyFile {
	fn drop(&mut self) {
		self.sign.zeroize();
		self.encrypt.zeroize();
	}
}

/// A patient's label key as JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LabelKeyFile {
	version: u32,
	label_epoch: u32,
	label_key: String,
}

impl Drop for LabelKeyFile {
	fn drop(&mut self) {
		self.label_key.zeroize();
	}
}

/// Secrets of keys, as `salus key show --secret` tells them.
pub struct ExposedKeys {
	/// Secret URI of the sr25519 key.
	pub sign: Zeroizing<String>,
	/// X25519 secret, `0x` and hexadecimal digits.
	pub encrypt: Zeroizing<String>,
}

/// The directory of key files.
#[derive(Clone, Debug)]
pub struct KeyRing {
	dir: PathBuf,
}

impl KeyRing {
	/// Of this directory, which is created when something is written.
	pub fn new(dir: PathBuf) -> Self {
		Self { dir }
	}

	/// Its directory.
	pub fn dir(&self) -> &Path {
		&self.dir
	}

	/// Makes fresh keys under a name that is free.
	pub fn create(&self, name: &str) -> Result<Keys> {
		let mut seed = Zeroizing::new([0u8; 32]);
		OsRng.fill_bytes(&mut *seed);
		let uri = Zeroizing::new(hex_of(&*seed));
		self.import(name, &uri, EncryptionSecret::random())
	}

	/// Keeps keys under a name that is free.
	pub fn import(&self, name: &str, uri: &str, encryption: EncryptionSecret) -> Result<Keys> {
		let path = self.key_path(name)?;
		let keys = Keys::of_uri(name, uri, encryption)?;
		let file = KeyFile {
			version: 1,
			address: keys.address(),
			sign: uri.into(),
			encrypt: hex_of(keys.encryption.expose()),
			encrypt_public: hex_of(keys.encryption.public().as_bytes()),
		};
		write_new(&path, &file)?;
		Ok(keys)
	}

	/// The keys of a name, or of a development account (`//Alice`).
	pub fn load(&self, name: &str) -> Result<Keys> {
		if name.starts_with("//") {
			return Keys::of_dev_uri(name);
		}
		let (path, file) = self.read(name)?;
		let encryption = EncryptionSecret::from_bytes(*secret_of(&path, &file.encrypt)?);
		let keys = Keys::of_uri(name, &file.sign, encryption).map_err(|e| damaged(&path, e))?;
		if keys.address() != file.address || hex_of(keys.encryption.public().as_bytes()) != file.encrypt_public {
			return Err(damaged(&path, "its public and secret parts differ"));
		}
		Ok(keys)
	}

	/// The secrets of a name.
	pub fn expose(&self, name: &str) -> Result<ExposedKeys> {
		if name.starts_with("//") {
			let secret = EncryptionSecret::of_dev_uri(name);
			let (sign, encrypt) = (name.to_owned().into(), hex_of(secret.expose()).into());
			return Ok(ExposedKeys { sign, encrypt });
		}
		let (_, file) = self.read(name)?;
		Ok(ExposedKeys { sign: file.sign.clone().into(), encrypt: file.encrypt.clone().into() })
	}

	/// Every name, sorted.
	pub fn names(&self) -> Result<Vec<String>> {
		let entries = match fs::read_dir(&self.dir) {
			Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
			entries => entries.map_err(|e| Error::file(&self.dir, e))?,
		};
		let mut names = Vec::new();
		for entry in entries {
			let path = entry.map_err(|e| Error::file(&self.dir, e))?.path();
			if path.extension().is_some_and(|extension| extension == "json") {
				names.extend(path.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned));
			}
		}
		names.sort();
		Ok(names)
	}

	/// Keeps a patient's label key; the one of an epoch is never replaced by another.
	pub fn save_label_key(&self, patient: &PatientId, label_epoch: u32, key: &LabelKey) -> Result<()> {
		let path = self.label_key_path(patient, label_epoch);
		let file = LabelKeyFile { version: 1, label_epoch, label_key: hex_of(key.expose()) };
		match self.label_key(patient, label_epoch) {
			Ok(kept) if kept == *key => Ok(()),
			Ok(_) => Err(Error::usage("already-exists", format!("{} holds another label key", path.display()))),
			Err(Error::NotFound { .. }) => write_new(&path, &file),
			Err(e) => Err(e),
		}
	}

	/// A patient's label key of an epoch.
	pub fn label_key(&self, patient: &PatientId, label_epoch: u32) -> Result<LabelKey> {
		let path = self.label_key_path(patient, label_epoch);
		let file: LabelKeyFile = read_json(&path).map_err(|e| match e {
			Error::NotFound { .. } => Error::not_found(
				format!("the label key of patient {patient}, epoch {label_epoch}"),
				"only the patient, and organisations of an open care relationship, have it",
			),
			e => e,
		})?;
		Ok(LabelKey::from_bytes(*secret_of(&path, &file.label_key)?))
	}

	fn key_path(&self, name: &str) -> Result<PathBuf> {
		let plain = !name.is_empty()
			&& name.len() <= 64
			&& name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
		if !plain {
			return Err(Error::usage(
				"bad-name",
				format!("{name:?}: a key's name is at most 64 letters, digits, hyphens and underscores"),
			));
		}
		Ok(self.dir.join(format!("{name}.json")))
	}

	fn label_key_path(&self, patient: &PatientId, label_epoch: u32) -> PathBuf {
		self.dir.join("labels").join(format!("{}.{label_epoch}.json", hex::encode(patient.0)))
	}

	fn read(&self, name: &str) -> Result<(PathBuf, KeyFile)> {
		let path = self.key_path(name)?;
		let file = read_json(&path).map_err(|e| match e {
			Error::NotFound { .. } => Error::not_found(
				format!("key {name:?}"),
				format!("`salus key list` tells those in {}, `salus key new {name}` makes it", self.dir.display()),
			),
			e => e,
		})?;
		Ok((path, file))
	}
}

/// `0x` and hexadecimal digits.
fn hex_of(bytes: &[u8]) -> String {
	format!("0x{}", hex::encode(bytes))
}

/// Reads a secret of 32 bytes: `0x` and 64 hexadecimal digits.
pub fn parse_secret(text: &str) -> Option<Zeroizing<[u8; 32]>> {
	let mut secret = Zeroizing::new([0; 32]);
	hex::decode_to_slice(text.trim().strip_prefix("0x")?, &mut *secret).ok()?;
	Some(secret)
}

fn secret_of(path: &Path, text: &str) -> Result<Zeroizing<[u8; 32]>> {
	parse_secret(text).ok_or_else(|| damaged(path, "a secret is not 32 bytes in hexadecimal"))
}

fn damaged(path: &Path, reason: impl std::fmt::Display) -> Error {
	Error::Corrupted(format!("{} is damaged: {reason}. Restore it from a backup", path.display()))
}

fn read_json<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<T> {
	let text = Zeroizing::new(fs::read(path).map_err(|e| Error::file(path, e))?);
	serde_json::from_slice(&text).map_err(|e| damaged(path, e))
}

fn write_new<T: Serialize>(path: &Path, value: &T) -> Result<()> {
	let mut text = Zeroizing::new(serde_json::to_vec_pretty(value).map_err(|e| Error::unexpected("writing JSON", e))?);
	text.push(b'\n');
	write_private(path, &text, false).map_err(|e| match e.kind() {
		io::ErrorKind::AlreadyExists => {
			Error::usage("already-exists", format!("{} exists, and keys are never overwritten", path.display()))
		}
		_ => Error::file(path, e),
	})
}

/// Writes a file that only its owner can read, whole or not at all, and flushes it to disk.
pub fn write_private(path: &Path, bytes: &[u8], replace: bool) -> io::Result<()> {
	let dir = path.parent().unwrap_or(Path::new("."));
	create_private_dir(dir)?;
	// `tempfile` creates with owner-only permissions.
	let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(dir)?;
	file.write_all(bytes)?;
	file.as_file().sync_all()?;
	if replace {
		file.persist(path).map_err(|e| e.error)?;
	} else {
		file.persist_noclobber(path).map_err(|e| e.error)?;
	}
	sync_dir(dir)
}

fn create_private_dir(dir: &Path) -> io::Result<()> {
	let mut builder = fs::DirBuilder::new();
	builder.recursive(true);
	#[cfg(unix)]
	std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
	builder.create(dir)
}

fn sync_dir(dir: &Path) -> io::Result<()> {
	if cfg!(unix) {
		fs::File::open(dir)?.sync_all()?;
	}
	Ok(())
}

/// The gateway's data keys, each in a file of its own, encrypted under a master key.
///
/// The master key comes from outside, or lies beside them (readable by the owner only): then a copy of the directory is
/// a copy of the keys.
pub struct DataKeyStore {
	dir: PathBuf,
	cipher: XChaCha20Poly1305,
}

impl DataKeyStore {
	/// Opens a directory with the master key in its `master.key`, which is made if it is missing.
	pub fn open(dir: &Path) -> Result<Self> {
		let path = dir.join("master.key");
		let unusable = |e| Error::file(&path, e);
		if !path.exists() {
			let fresh = Zeroizing::new(hex_of(DataKey::random().expose()));
			match write_private(&path, fresh.as_bytes(), false) {
				Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(unusable(e)),
				_ => {}
			}
		}
		let text = Zeroizing::new(fs::read_to_string(&path).map_err(unusable)?);
		Ok(Self::with_master(dir, &*secret_of(&path, &text)?))
	}

	/// Opens a directory with a master key from elsewhere.
	pub fn with_master(dir: &Path, master: &[u8; 32]) -> Self {
		Self { dir: dir.to_owned(), cipher: XChaCha20Poly1305::new(master.into()) }
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
			.cipher
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
		let open = || {
			let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN)?;
			let payload = Payload { msg: sealed, aad: &aad(record, version) };
			let key = Zeroizing::new(self.cipher.decrypt(XNonce::from_slice(nonce), payload).ok()?);
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
		let destroy = |path: &Path| {
			let mut file = fs::OpenOptions::new().write(true).open(path)?;
			let length = file.metadata()?.len();
			file.write_all(&vec![0; length as usize])?;
			file.sync_all()?;
			fs::remove_file(path)
		};
		for entry in entries {
			let path = entry.map_err(|e| Error::file(&dir, e))?.path();
			destroy(&path).map_err(|e| Error::file(&path, e))?;
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

	fn ring() -> (tempfile::TempDir, KeyRing) {
		let dir = tempfile::tempdir().unwrap();
		let ring = KeyRing::new(dir.path().join("keys"));
		(dir, ring)
	}

	#[test]
	fn keys_come_back_as_they_were_made() {
		let (_dir, ring) = ring();
		let made = ring.create("dr-jones").unwrap();
		let loaded = ring.load("dr-jones").unwrap();
		assert_eq!(made.account(), loaded.account());
		assert_eq!(made.encryption, loaded.encryption);
		assert_eq!(ring.names().unwrap(), ["dr-jones"]);
		let secrets = ring.expose("dr-jones").unwrap();
		let secret = EncryptionSecret::from_bytes(*parse_secret(&secrets.encrypt).unwrap());
		assert_eq!(ring.import("copy", &secrets.sign, secret).unwrap().account(), made.account());
	}

	#[test]
	fn a_key_is_never_overwritten() {
		let (_dir, ring) = ring();
		let made = ring.create("one").unwrap();
		assert!(matches!(ring.create("one"), Err(Error::Refused { code: "already-exists", .. })));
		assert_eq!(ring.load("one").unwrap().account(), made.account());
	}

	#[cfg(unix)]
	#[test]
	fn only_the_owner_can_read_a_key_file() {
		use std::os::unix::fs::PermissionsExt;
		let (_dir, ring) = ring();
		ring.create("one").unwrap();
		let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
		assert_eq!(mode(&ring.dir().join("one.json")), 0o600);
		assert_eq!(mode(ring.dir()), 0o700);
	}

	#[test]
	fn development_accounts_are_the_well_known_ones() {
		let (_dir, ring) = ring();
		let alice = ring.load("//Alice").unwrap();
		assert_eq!(alice.address(), "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY");
		assert_eq!(alice.encryption, ring.load("//Alice").unwrap().encryption);
		assert_ne!(alice.encryption, ring.load("//Bob").unwrap().encryption);
	}

	#[test]
	fn a_name_that_is_unknown_or_would_leave_the_directory_is_refused() {
		let (_dir, ring) = ring();
		assert!(matches!(ring.load("nobody"), Err(Error::NotFound { .. })));
		for name in ["", "../x", "a b", "a.json"] {
			assert!(matches!(ring.create(name), Err(Error::Refused { code: "bad-name", .. })), "{name}");
		}
		assert!(matches!(
			ring.import("x", "not a phrase", EncryptionSecret::random()),
			Err(Error::Refused { code: "bad-secret", .. })
		));
	}

	#[test]
	fn a_damaged_key_file_is_not_used() {
		let (_dir, ring) = ring();
		ring.create("one").unwrap();
		let path = ring.dir().join("one.json");
		let text = fs::read_to_string(&path).unwrap();
		let public = hex_of(ring.load("one").unwrap().encryption.public().as_bytes());
		fs::write(&path, text.replace(&public, &hex_of(&[1; 32]))).unwrap();
		assert!(matches!(ring.load("one"), Err(Error::Corrupted(_))));
		fs::write(&path, "{").unwrap();
		assert!(matches!(ring.load("one"), Err(Error::Corrupted(_))));
	}

	#[test]
	fn signatures_verify_plain_and_wrapped_for_their_account_and_message_only() {
		let (alice, bob) = (Keys::of_dev_uri("//Alice").unwrap(), Keys::of_dev_uri("//Bob").unwrap());
		for signature in [alice.sign(b"m"), alice.sign_wrapped(b"m")] {
			assert!(verify_signature(&alice.account(), b"m", &signature));
			assert!(!verify_signature(&bob.account(), b"m", &signature));
			assert!(!verify_signature(&alice.account(), b"n", &signature));
		}
	}

	#[test]
	fn a_label_key_is_kept_by_patient_and_epoch() {
		let (_dir, ring) = ring();
		let (patient, key) = (PatientId([3; 32]), LabelKey::random());
		ring.save_label_key(&patient, 0, &key).unwrap();
		ring.save_label_key(&patient, 0, &key).unwrap();
		assert_eq!(ring.label_key(&patient, 0).unwrap(), key);
		assert!(ring.save_label_key(&patient, 0, &LabelKey::random()).is_err());
		assert!(matches!(ring.label_key(&patient, 1), Err(Error::NotFound { .. })));
	}

	#[test]
	fn a_data_key_survives_a_restart_and_not_its_destruction() {
		let dir = tempfile::tempdir().unwrap();
		let key = DataKeyStore::open(dir.path()).unwrap().get_or_create(&RECORD, 1).unwrap();
		let store = DataKeyStore::open(dir.path()).unwrap();
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
}
