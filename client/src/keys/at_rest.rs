//! How secrets lie on the disk: encrypted under a passphrase, or, for development, as they are.
//!
//! A passphrase is stretched once per process (scrypt, as the [age format](https://age-encryption.org/v1) has it) and
//! opens an [`Identity`]; each secret is encrypted to that. The files are age files: whoever has the passphrase can open
//! them with any program that knows the format, also when Salus is gone.

use super::{damaged, write_private};
use crate::{Error, Result};
use age::{scrypt, secrecy::ExposeSecret, secrecy::SecretString, x25519, DecryptError};
use std::{
	fs, io,
	path::{Path, PathBuf},
	str::FromStr,
	sync::OnceLock,
};
use zeroize::Zeroizing;

/// Environment variable with the passphrase.
pub const PASSPHRASE: &str = "SALUS_PASSPHRASE";
/// Environment variable with the name of a file whose first line is the passphrase.
pub const PASSPHRASE_FILE: &str = "SALUS_PASSPHRASE_FILE";
/// Environment variable that, set to `1`, lets secrets be written as they are.
pub const CLEAR_TEXT: &str = "SALUS_CLEAR_TEXT";

/// Work of scrypt, as a power of two: half a second and 128 MiB.
const WORK: u8 = 17;
/// The most work that a file may ask for: more is an attack on this machine, not protection.
const MAX_WORK: u8 = 22;

/// How secrets are written.
#[derive(Clone)]
pub enum AtRest {
	/// As the environment says: see [`PASSPHRASE`], [`PASSPHRASE_FILE`] and [`CLEAR_TEXT`]. If it says nothing, nothing is
	/// written.
	Environment,
	/// Encrypted under this passphrase.
	Passphrase(SecretString),
	/// As they are, readable by the owner of the file only. For development.
	ClearText,
}

impl std::fmt::Debug for AtRest {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.write_str(match self {
			Self::Environment => "Environment",
			Self::Passphrase(_) => "Passphrase(…)",
			Self::ClearText => "ClearText",
		})
	}
}

impl AtRest {
	/// Encrypted under this passphrase.
	pub fn passphrase(text: impl Into<String>) -> Self {
		Self::Passphrase(SecretString::from(text.into()))
	}

	/// Whether new secrets are to be written as they are.
	pub(super) fn is_clear_text(&self) -> bool {
		match self {
			Self::ClearText => true,
			Self::Passphrase(_) => false,
			Self::Environment => {
				let named = |name| std::env::var_os(name).is_some();
				std::env::var_os(CLEAR_TEXT).is_some_and(|value| value == "1")
					&& !named(PASSPHRASE)
					&& !named(PASSPHRASE_FILE)
			}
		}
	}

	/// The passphrase that `path` is encrypted under, or is to be.
	pub(super) fn require(&self, path: &Path) -> Result<SecretString> {
		if let Self::Passphrase(passphrase) = self {
			return Ok(passphrase.clone());
		}
		let found = match (std::env::var(PASSPHRASE), std::env::var_os(PASSPHRASE_FILE)) {
			_ if matches!(self, Self::ClearText) => None,
			(Ok(passphrase), _) => Some(Zeroizing::new(passphrase)),
			(Err(_), Some(file)) => {
				let file = PathBuf::from(file);
				let text = fs::read_to_string(&file).map(Zeroizing::new).map_err(|error| Error::file(&file, error))?;
				Some(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned()))
			}
			(Err(_), None) => None,
		};
		match found {
			Some(passphrase) if !passphrase.is_empty() => Ok(SecretString::from(passphrase.as_str())),
			_ => Err(Error::usage(
				"no-passphrase",
				format!(
					"{} is kept under a passphrase: set {PASSPHRASE}, or {PASSPHRASE_FILE} to a file with it ({CLEAR_TEXT}=1 \
					 writes new development keys without one)",
					path.display()
				),
			)),
		}
	}
}

/// Encrypts under a passphrase.
pub(super) fn seal(passphrase: SecretString, secret: &[u8]) -> Result<Vec<u8>> {
	let mut recipient = scrypt::Recipient::new(passphrase);
	recipient.set_work_factor(WORK);
	age::encrypt(&recipient, secret).map_err(|error| Error::unexpected("encrypting under the passphrase", error))
}

/// Decrypts what [`seal`] made.
pub(super) fn open(passphrase: SecretString, path: &Path, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
	let mut identity = scrypt::Identity::new(passphrase);
	identity.set_max_work_factor(MAX_WORK);
	age::decrypt(&identity, sealed).map(Zeroizing::new).map_err(|error| match error {
		// The stanza's tag does not verify. An altered stanza cannot be told from another passphrase.
		DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed | DecryptError::NoMatchingKeys => {
			Error::usage("wrong-passphrase", format!("the passphrase does not open {}", path.display()))
		}
		error => damaged(path, error),
	})
}

/// The key that the secrets of one folder are encrypted to. It lies in the folder, encrypted under the passphrase, and
/// is opened when it is first needed.
#[derive(Clone, Debug)]
pub(super) struct Identity {
	path: PathBuf,
	at_rest: AtRest,
	opened: std::sync::Arc<OnceLock<Opened>>,
}

struct Opened(x25519::Identity);

impl std::fmt::Debug for Opened {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.write_str("Opened(…)")
	}
}

impl Identity {
	/// In this file.
	pub(super) fn new(path: PathBuf, at_rest: AtRest) -> Self {
		Self { path, at_rest, opened: Default::default() }
	}

	/// Encrypts to it; it is made if there is none.
	pub(super) fn seal(&self, secret: &[u8]) -> Result<Vec<u8>> {
		let identity = self.get(true)?;
		age::encrypt(&identity.to_public(), secret).map_err(|error| Error::unexpected("encrypting a secret", error))
	}

	/// Decrypts what lies at `path`.
	pub(super) fn open(&self, path: &Path, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
		age::decrypt(self.get(false)?, sealed).map(Zeroizing::new).map_err(|error| damaged(path, error))
	}

	fn get(&self, make: bool) -> Result<&x25519::Identity> {
		if let Some(opened) = self.opened.get() {
			return Ok(&opened.0);
		}
		let passphrase = self.at_rest.require(&self.path)?;
		let sealed = match fs::read(&self.path) {
			Err(error) if error.kind() == io::ErrorKind::NotFound && make => {
				let fresh = x25519::Identity::generate();
				let sealed = seal(passphrase.clone(), fresh.to_string().expose_secret().as_bytes())?;
				match write_private(&self.path, &sealed, false) {
					// Another process was first; what it wrote counts.
					Err(error) if error.kind() == io::ErrorKind::AlreadyExists => fs::read(&self.path),
					written => written.map(|()| sealed),
				}
			}
			read => read,
		};
		let sealed = sealed.map_err(|error| Error::file(&self.path, error))?;
		let text = open(passphrase, &self.path, &sealed)?;
		let text = std::str::from_utf8(&text).map_err(|error| damaged(&self.path, error))?;
		let identity = x25519::Identity::from_str(text.trim()).map_err(|error| damaged(&self.path, error))?;
		Ok(&self.opened.get_or_init(|| Opened(identity)).0)
	}
}
