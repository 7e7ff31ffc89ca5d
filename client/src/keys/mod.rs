//! A person's keys, a patient's label keys, and the gateway's data keys at rest.
//!
//! A key file holds an sr25519 key, which signs, and an X25519 key, which envelopes are sealed to. It is as secret as
//! the health data that it opens: encrypted as [`AtRest`] says, readable by its owner only, written whole or not at all.
//! Names that begin with `//` (`//Alice`) are the well-known development accounts and need no file.

mod at_rest;
mod data_keys;

pub use at_rest::{AtRest, CLEAR_TEXT, PASSPHRASE, PASSPHRASE_FILE};
pub use data_keys::DataKeyStore;

use crate::{
	crypto::{EncryptionSecret, LabelKey},
	Error, Result,
};
use at_rest::Identity;
use rand::{rngs::OsRng, RngCore};
use salus_primitives::{AccountId, PatientId, H256};
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

/// Version of files that hold their secrets as they are.
const CLEAR: u32 = 1;
/// Version of files whose secrets are encrypted to the folder's identity.
const SEALED: u32 = 2;

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

/// A key file whose secrets are encrypted: what is public stays readable without the passphrase.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SealedKeyFile {
	version: u32,
	address: String,
	encrypt_public: String,
	/// An age file around a [`KeyFile`], in hexadecimal.
	sealed: String,
}

/// A patient's label key as JSON, encrypted.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SealedLabelKeyFile {
	version: u32,
	label_epoch: u32,
	/// An age file around a [`LabelKeyFile`], in hexadecimal.
	sealed: String,
}

/// How a file is to be read.
#[derive(Deserialize)]
struct Version {
	version: u32,
}

/// What a key file tells without a passphrase.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PublicKeys {
	/// What they are called here.
	pub name: String,
	/// The account.
	pub account: AccountId,
	/// The X25519 public key.
	pub encryption: H256,
	/// Whether the secrets are encrypted.
	pub encrypted: bool,
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

/// The directory of key files. Files of either kind are read; new ones are written as [`AtRest`] says.
#[derive(Clone, Debug)]
pub struct KeyRing {
	dir: PathBuf,
	at_rest: AtRest,
	identity: Identity,
}

impl KeyRing {
	/// Of this directory, which is created when something is written. Secrets are encrypted as the environment says.
	pub fn new(dir: PathBuf) -> Self {
		Self::with(dir, AtRest::Environment)
	}

	/// Of this directory, with secrets as they are: for development.
	pub fn clear_text(dir: PathBuf) -> Self {
		Self::with(dir, AtRest::ClearText)
	}

	/// Of this directory, with secrets encrypted in this way.
	pub fn with(dir: PathBuf, at_rest: AtRest) -> Self {
		let identity = Identity::new(dir.join("identity.age"), at_rest.clone());
		Self { dir, at_rest, identity }
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
			version: CLEAR,
			address: keys.address(),
			sign: uri.into(),
			encrypt: hex_of(keys.encryption.expose()),
			encrypt_public: hex_of(keys.encryption.public().as_bytes()),
		};
		if self.at_rest.is_clear_text() {
			write_new(&path, &file)?;
		} else if path.exists() {
			return Err(exists(&path));
		} else {
			let (address, encrypt_public) = (file.address.clone(), file.encrypt_public.clone());
			write_new(&path, &SealedKeyFile { version: SEALED, address, encrypt_public, sealed: self.seal(&file)? })?;
		}
		Ok(keys)
	}

	/// An account and its public keys, which takes no passphrase.
	pub fn public(&self, name: &str) -> Result<PublicKeys> {
		let (path, text) = self.text(name)?;
		let (address, encryption, encrypted) = match version_of(&path, &text)? {
			SEALED => {
				let file: SealedKeyFile = parse(&path, &text)?;
				(file.address, file.encrypt_public, true)
			}
			_ => {
				let file: KeyFile = parse(&path, &text)?;
				(file.address.clone(), file.encrypt_public.clone(), false)
			}
		};
		let account = address.parse().map_err(|_| damaged(&path, "its address is none"))?;
		let encryption = H256(*secret_of(&path, &encryption)?);
		Ok(PublicKeys { name: name.into(), account, encryption, encrypted })
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
		let file = LabelKeyFile { version: CLEAR, label_epoch, label_key: hex_of(key.expose()) };
		match self.label_key(patient, label_epoch) {
			Ok(kept) if kept == *key => Ok(()),
			Ok(_) => Err(Error::usage("already-exists", format!("{} holds another label key", path.display()))),
			Err(Error::NotFound { .. }) if self.at_rest.is_clear_text() => write_new(&path, &file),
			Err(Error::NotFound { .. }) => {
				write_new(&path, &SealedLabelKeyFile { version: SEALED, label_epoch, sealed: self.seal(&file)? })
			}
			Err(e) => Err(e),
		}
	}

	/// A patient's label key of an epoch.
	pub fn label_key(&self, patient: &PatientId, label_epoch: u32) -> Result<LabelKey> {
		let path = self.label_key_path(patient, label_epoch);
		let text = read_private(&path).map_err(|e| match e {
			Error::NotFound { .. } => Error::not_found(
				format!("the label key of patient {patient}, epoch {label_epoch}"),
				"only the patient, and organisations of an open care relationship, have it",
			),
			e => e,
		})?;
		let file: LabelKeyFile = match version_of(&path, &text)? {
			SEALED => self.unseal(&path, &parse::<SealedLabelKeyFile>(&path, &text)?.sealed)?,
			_ => parse(&path, &text)?,
		};
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
		let (path, text) = self.text(name)?;
		let file: KeyFile = match version_of(&path, &text)? {
			SEALED => {
				let outer: SealedKeyFile = parse(&path, &text)?;
				let file: KeyFile = self.unseal(&path, &outer.sealed)?;
				if (&file.address, &file.encrypt_public) != (&outer.address, &outer.encrypt_public) {
					return Err(damaged(&path, "its public and secret parts differ"));
				}
				file
			}
			_ => parse(&path, &text)?,
		};
		Ok((path, file))
	}

	fn text(&self, name: &str) -> Result<(PathBuf, Zeroizing<Vec<u8>>)> {
		let path = self.key_path(name)?;
		let text = read_private(&path).map_err(|e| match e {
			Error::NotFound { .. } => Error::not_found(
				format!("key {name:?}"),
				format!("`salus key list` tells those in {}, `salus key new {name}` makes it", self.dir.display()),
			),
			e => e,
		})?;
		Ok((path, text))
	}

	fn seal<T: Serialize>(&self, file: &T) -> Result<String> {
		let text = serde_json::to_vec(file).map_err(|e| Error::unexpected("writing JSON", e))?;
		Ok(hex::encode(self.identity.seal(&Zeroizing::new(text))?))
	}

	fn unseal<T: for<'de> Deserialize<'de>>(&self, path: &Path, sealed: &str) -> Result<T> {
		let sealed = hex::decode(sealed).map_err(|e| damaged(path, e))?;
		parse(path, &self.identity.open(path, &sealed)?)
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

fn exists(path: &Path) -> Error {
	Error::usage("already-exists", format!("{} exists, and keys are never overwritten", path.display()))
}

fn read_private(path: &Path) -> Result<Zeroizing<Vec<u8>>> {
	fs::read(path).map(Zeroizing::new).map_err(|e| Error::file(path, e))
}

fn parse<T: for<'de> Deserialize<'de>>(path: &Path, text: &[u8]) -> Result<T> {
	serde_json::from_slice(text).map_err(|e| damaged(path, e))
}

fn version_of(path: &Path, text: &[u8]) -> Result<u32> {
	match parse::<Version>(path, text)?.version {
		version @ (CLEAR | SEALED) => Ok(version),
		version => Err(damaged(path, format!("version {version} is not known here"))),
	}
}

fn write_new<T: Serialize>(path: &Path, value: &T) -> Result<()> {
	let mut text = Zeroizing::new(serde_json::to_vec_pretty(value).map_err(|e| Error::unexpected("writing JSON", e))?);
	text.push(b'\n');
	write_private(path, &text, false).map_err(|e| match e.kind() {
		io::ErrorKind::AlreadyExists => exists(path),
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

/// Destroys a file: overwritten, flushed, removed.
pub(crate) fn destroy_file(path: &Path) -> io::Result<()> {
	let mut file = fs::OpenOptions::new().write(true).open(path)?;
	let length = file.metadata()?.len();
	file.write_all(&vec![0; length as usize])?;
	file.sync_all()?;
	fs::remove_file(path)
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

#[cfg(test)]
mod tests {
	use super::*;

	fn ring() -> (tempfile::TempDir, KeyRing) {
		let dir = tempfile::tempdir().unwrap();
		let ring = KeyRing::clear_text(dir.path().join("keys"));
		(dir, ring)
	}

	#[test]
	fn secrets_at_rest_open_with_their_passphrase_only() {
		let dir = tempfile::tempdir().unwrap();
		let ring = |passphrase: &str| KeyRing::with(dir.path().into(), AtRest::passphrase(passphrase));
		let made = ring("correct horse").create("one").unwrap();
		let (patient, label_key) = (PatientId([3; 32]), LabelKey::random());
		ring("correct horse").save_label_key(&patient, 4, &label_key).unwrap();

		let right = ring("correct horse");
		assert_eq!(right.load("one").unwrap().account(), made.account());
		assert_eq!(right.load("one").unwrap().encryption, made.encryption);
		assert_eq!(right.label_key(&patient, 4).unwrap(), label_key);
		let secrets = right.expose("one").unwrap();
		for wrong in [ring("battery staple"), ring("")] {
			assert!(matches!(wrong.load("one"), Err(Error::Refused { code: "wrong-passphrase", .. })));
			assert!(matches!(wrong.create("two"), Err(Error::Refused { code: "wrong-passphrase", .. })));
		}
		let clear = KeyRing::clear_text(dir.path().into());
		assert!(matches!(clear.load("one"), Err(Error::Refused { code: "no-passphrase", .. })));
		assert!(matches!(clear.label_key(&patient, 4), Err(Error::Refused { code: "no-passphrase", .. })));
		// What is public takes no passphrase, and nothing else is to be found.
		let public = clear.public("one").unwrap();
		let (account, encryption) = (made.account(), made.encryption.public());
		assert_eq!(public, PublicKeys { name: "one".into(), account, encryption, encrypted: true });
		for entry in fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file())
		{
			let text = String::from_utf8_lossy(&fs::read(&entry).unwrap()).into_owned();
			for secret in [&secrets.sign, &secrets.encrypt] {
				assert!(!text.contains(&secret[2..]), "{}", entry.display());
			}
		}
	}

	#[test]
	fn clear_and_encrypted_files_lie_side_by_side() {
		let (dir, clear) = ring();
		let old = clear.create("old").unwrap();
		let ring = KeyRing::with(dir.path().join("keys"), AtRest::passphrase("correct horse"));
		assert_eq!(ring.load("old").unwrap().account(), old.account());
		assert!(!ring.public("old").unwrap().encrypted);
		ring.create("new").unwrap();
		assert!(matches!(ring.create("old"), Err(Error::Refused { code: "already-exists", .. })));
		assert_eq!(ring.names().unwrap(), ["new", "old"]);
	}

	#[test]
	fn a_sealed_file_under_another_name_of_its_public_part_is_not_used() {
		let dir = tempfile::tempdir().unwrap();
		let ring = KeyRing::with(dir.path().into(), AtRest::passphrase("correct horse"));
		let (one, two) = (ring.create("one").unwrap(), ring.create("two").unwrap());
		let path = dir.path().join("one.json");
		let text = fs::read_to_string(&path).unwrap().replace(&one.address(), &two.address());
		fs::write(&path, text).unwrap();
		assert!(matches!(ring.load("one"), Err(Error::Corrupted(_))));
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
}
