//! Data keys, content, commitments, envelopes, blinded labels.
//!
//! | what | how |
//! |---|---|
//! | content | XChaCha20-Poly1305 under the data key: `nonce (24) ‖ ciphertext ‖ tag (16)`, bound to record and version |
//! | commitment | `BLAKE2b-256("salus/commitment/1" ‖ salt ‖ BLAKE2b-256(object))`, `salt = HKDF-SHA256(data key, "salus/commitment-salt/1")` |
//! | envelope | the data key under HPKE base mode, 80 bytes: `encapsulated key (32) ‖ ciphertext (32) ‖ tag (16)` |
//! | record id | BLAKE2b-256 of the plaintext's digest, keyed by `HKDF-SHA256(label key, "salus/record-id/1")` |
//! | episode | BLAKE2b-128 of the encounter's reference, keyed by `HKDF-SHA256(label key, "salus/episode/1")` |
//! | labels | bits permuted by Fisher–Yates on the stream `HKDF-SHA256(label key, "salus/labels/1" ‖ counter u32)` |
//!
//! HKDF is used without salt. Numbers are little-endian. HPKE is RFC 9180's base mode with DHKEM(X25519, HKDF-SHA256),
//! HKDF-SHA256 and ChaCha20-Poly1305; what each envelope binds is told by [`DataKeyContext`] and [`LabelKeyContext`].
//!
//! **Guessing.** Health data has little entropy: who can hash a guess and compare it learns the answer. Neither the
//! commitment (its salt comes from the data key and goes with it) nor identifiers (keyed by the patient's label key) can
//! be computed from a guess of the content.

use crate::{Error, Result};
use blake2::{
	digest::{
		consts::{U16, U32},
		Mac,
	},
	Blake2b, Blake2bMac, Digest,
};
use chacha20poly1305::{
	aead::{Aead, Payload},
	KeyInit, XChaCha20Poly1305, XNonce,
};
use hkdf::Hkdf;
use hpke::{
	aead::ChaCha20Poly1305, kdf::HkdfSha256, kem::X25519HkdfSha256, Deserializable, Kem, OpModeR, OpModeS, Serializable,
};
use rand::{rngs::OsRng, RngCore};
use salus_primitives::{
	views::{SealedKey, SEALED_KEY_LEN},
	Episode, PatientId, RecordId, SensitivitySet, H256,
};
use sha2::Sha256;
use zeroize::Zeroizing;

const CONTENT: &[u8] = b"salus/content/1";
const COMMITMENT: &[u8] = b"salus/commitment/1";
const COMMITMENT_SALT: &[u8] = b"salus/commitment-salt/1";
const DATA_KEY_ENVELOPE: &[u8] = b"salus/data-key/1";
const LABEL_KEY_ENVELOPE: &[u8] = b"salus/label-key/1";
const RECORD_ID: &[u8] = b"salus/record-id/1";
const EPISODE: &[u8] = b"salus/episode/1";
const LABELS: &[u8] = b"salus/labels/1";
const DEV_ENCRYPTION_KEY: &[u8] = b"salus/dev-encryption-key/1";

/// Bytes of XChaCha20-Poly1305's nonce, with which a stored object begins.
pub const NONCE_LEN: usize = 24;

/// Declares a secret of 32 bytes that is wiped when dropped and never printed.
macro_rules! secret {
	($(#[$meta:meta])* $name:ident) => {
		$(#[$meta])*
		#[derive(Clone, PartialEq, Eq)]
		pub struct $name(Zeroizing<[u8; 32]>);

		impl $name {
			/// A fresh one from the system's randomness.
			pub fn random() -> Self {
				let mut bytes = Zeroizing::new([0; 32]);
				OsRng.fill_bytes(&mut *bytes);
				Self(bytes)
			}

			/// Of these bytes.
			pub fn from_bytes(bytes: [u8; 32]) -> Self {
				Self(Zeroizing::new(bytes))
			}

			/// The secret itself.
			pub fn expose(&self) -> &[u8; 32] {
				&self.0
			}
		}

		impl std::fmt::Debug for $name {
			fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
				f.write_str(concat!(stringify!($name), "(…)"))
			}
		}
	};
}

secret! {
	/// Encrypts one version of one record.
	DataKey
}
secret! {
	/// A patient's label key: blinds labels, and keys the identifiers of records and episodes.
	LabelKey
}
secret! {
	/// An X25519 secret key, to which envelopes are sealed.
	EncryptionSecret
}

impl EncryptionSecret {
	/// The public key to register on chain.
	pub fn public(&self) -> H256 {
		H256::from_slice(&X25519HkdfSha256::sk_to_pk(&self.private()).to_bytes())
	}

	/// The well-known secret of a development account such as `//Alice`. It protects nothing.
	pub fn of_dev_uri(uri: &str) -> Self {
		Self::from_bytes(digest(&[DEV_ENCRYPTION_KEY, uri.as_bytes()]).0)
	}

	fn private(&self) -> <X25519HkdfSha256 as Kem>::PrivateKey {
		Deserializable::from_bytes(self.expose()).expect("an X25519 secret is any 32 bytes; qed")
	}
}

/// BLAKE2b-256 of these parts in a row.
pub fn digest(parts: &[&[u8]]) -> H256 {
	let mut hasher = Blake2b::<U32>::new();
	parts.iter().for_each(|part| hasher.update(part));
	H256(hasher.finalize().into())
}

fn derive(secret: &[u8; 32], info: &[&[u8]], out: &mut [u8]) {
	Hkdf::<Sha256>::new(None, secret)
		.expand_multi_info(info, out)
		.expect("at most 255 blocks of 32 bytes are asked for; qed");
}

/// A secret that follows from another.
pub(crate) fn derive_key(secret: &[u8; 32], info: &[u8]) -> Zeroizing<[u8; 32]> {
	let mut key = Zeroizing::new([0; 32]);
	derive(secret, &[info], &mut *key);
	key
}

/// A record's content, encrypted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SealedContent {
	/// What the object store keeps.
	pub object: Vec<u8>,
	/// BLAKE2b-256 of the object.
	pub digest: H256,
	/// What the chain keeps.
	pub commitment: H256,
}

impl SealedContent {
	/// Where the object is stored: its digest in hexadecimal, which tells nothing and collides with nothing.
	pub fn locator(&self) -> String {
		hex::encode(self.digest)
	}
}

fn content_aad(record: &RecordId, version: u32) -> Vec<u8> {
	[CONTENT, &record.0, &version.to_le_bytes()].concat()
}

/// The commitment to an object under a data key.
pub fn commitment(key: &DataKey, object_digest: &H256) -> H256 {
	let salt = derive_key(key.expose(), COMMITMENT_SALT);
	digest(&[COMMITMENT, &*salt, object_digest.as_bytes()])
}

/// Encrypts a version of a record.
pub fn seal_content(key: &DataKey, record: &RecordId, version: u32, plaintext: &[u8]) -> Result<SealedContent> {
	let object = seal_bytes(key, &content_aad(record, version), plaintext)?;
	let object_digest = digest(&[&object]);
	let commitment = commitment(key, &object_digest);
	Ok(SealedContent { object, digest: object_digest, commitment })
}

/// Verifies an object against its commitment, and decrypts it.
pub fn open_content(
	key: &DataKey,
	record: &RecordId,
	version: u32,
	expected: &H256,
	object: &[u8],
) -> Result<Zeroizing<Vec<u8>>> {
	if commitment(key, &digest(&[object])) != *expected {
		return Err(Error::Corrupted(format!(
			"the ciphertext of record {record}, version {version}, is not the one that was anchored: restore it from a backup"
		)));
	}
	open_bytes(key, &content_aad(record, version), object).ok_or_else(|| {
		Error::Corrupted(format!("the ciphertext of record {record}, version {version}, does not decrypt"))
	})
}

/// Encrypts: `nonce ‖ ciphertext ‖ tag`, bound to what goes with it.
pub(crate) fn seal_bytes(key: &DataKey, aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>> {
	let mut nonce = [0; NONCE_LEN];
	OsRng.fill_bytes(&mut nonce);
	let ciphertext = XChaCha20Poly1305::new(key.expose().into())
		.encrypt(XNonce::from_slice(&nonce), Payload { msg: plaintext, aad })
		.map_err(|_| Error::Unexpected("the content is too large to encrypt".into()))?;
	Ok([&nonce[..], &ciphertext].concat())
}

/// Decrypts what [`seal_bytes`] made; `None` if it is something else.
pub(crate) fn open_bytes(key: &DataKey, aad: &[u8], object: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
	let (nonce, ciphertext) = object.split_at_checked(NONCE_LEN)?;
	let cipher = XChaCha20Poly1305::new(key.expose().into());
	let plaintext = cipher.decrypt(XNonce::from_slice(nonce), Payload { msg: ciphertext, aad }).ok()?;
	Some(Zeroizing::new(plaintext))
}

/// What an envelope around a data key is bound to.
///
/// `info = "salus/data-key/1" ‖ genesis (32) ‖ record (32) ‖ version (4) ‖ commitment (32) ‖ recipient (32) ‖ epoch (4)`;
/// the additional data is the hash of the signed request that it answers (32), zeros in the patient's own envelope.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DataKeyContext {
	/// Genesis hash of the chain.
	pub genesis: H256,
	/// The record.
	pub record: RecordId,
	/// Its version.
	pub version: u32,
	/// The commitment to its content.
	pub commitment: H256,
	/// Public key of the recipient.
	pub recipient: H256,
	/// Epoch of that key.
	pub epoch: u32,
	/// Hash of the signed request.
	pub request: H256,
}

impl DataKeyContext {
	fn info(&self) -> Vec<u8> {
		[
			DATA_KEY_ENVELOPE,
			self.genesis.as_bytes(),
			&self.record.0,
			&self.version.to_le_bytes(),
			self.commitment.as_bytes(),
			self.recipient.as_bytes(),
			&self.epoch.to_le_bytes(),
		]
		.concat()
	}

	/// Wraps the data key to the recipient.
	pub fn seal(&self, key: &DataKey) -> Result<SealedKey> {
		seal_key(&self.recipient, &self.info(), &self.request.0, key.expose())
	}

	/// Unwraps the data key with the recipient's secret.
	pub fn open(&self, sealed: &[u8], secret: &EncryptionSecret) -> Result<DataKey> {
		open_key(secret, &self.info(), &self.request.0, sealed).map(DataKey)
	}
}

/// What an envelope around a patient's label key is bound to.
///
/// `info = "salus/label-key/1" ‖ genesis (32) ‖ patient (32) ‖ label epoch (4) ‖ recipient (32) ‖ epoch (4)`; no
/// additional data.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LabelKeyContext {
	/// Genesis hash of the chain.
	pub genesis: H256,
	/// The patient.
	pub patient: PatientId,
	/// Epoch of the label key.
	pub label_epoch: u32,
	/// Public key of the recipient.
	pub recipient: H256,
	/// Epoch of that key.
	pub epoch: u32,
}

impl LabelKeyContext {
	fn info(&self) -> Vec<u8> {
		[
			LABEL_KEY_ENVELOPE,
			self.genesis.as_bytes(),
			&self.patient.0,
			&self.label_epoch.to_le_bytes(),
			self.recipient.as_bytes(),
			&self.epoch.to_le_bytes(),
		]
		.concat()
	}

	/// Wraps the label key to the recipient.
	pub fn seal(&self, key: &LabelKey) -> Result<SealedKey> {
		seal_key(&self.recipient, &self.info(), &[], key.expose())
	}

	/// Unwraps the label key with the recipient's secret.
	pub fn open(&self, sealed: &[u8], secret: &EncryptionSecret) -> Result<LabelKey> {
		open_key(secret, &self.info(), &[], sealed).map(LabelKey)
	}
}

/// The system's randomness as `hpke` wants it.
struct SystemRandom;

impl hpke::rand_core::RngCore for SystemRandom {
	fn next_u32(&mut self) -> u32 {
		OsRng.next_u32()
	}

	fn next_u64(&mut self) -> u64 {
		OsRng.next_u64()
	}

	fn fill_bytes(&mut self, bytes: &mut [u8]) {
		OsRng.fill_bytes(bytes)
	}
}

impl hpke::rand_core::CryptoRng for SystemRandom {}

/// Wraps a key to a recipient.
pub(crate) fn seal_key(recipient: &H256, info: &[u8], aad: &[u8], key: &[u8; 32]) -> Result<SealedKey> {
	let refused =
		|| Error::usage("bad-encryption-key", format!("{recipient:?} is no X25519 key that can be sealed to"));
	let public = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(recipient.as_bytes()).map_err(|_| refused())?;
	let (encapsulated, ciphertext) = hpke::single_shot_seal::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256, _>(
		&OpModeS::Base,
		&public,
		info,
		key,
		aad,
		&mut SystemRandom,
	)
	.map_err(|_| refused())?;
	let sealed = [&encapsulated.to_bytes()[..], &ciphertext].concat();
	SealedKey::try_from(sealed).map_err(|_| Error::Unexpected("an envelope came out too long".into()))
}

/// Unwraps what [`seal_key`] made.
pub(crate) fn open_key(
	secret: &EncryptionSecret,
	info: &[u8],
	aad: &[u8],
	sealed: &[u8],
) -> Result<Zeroizing<[u8; 32]>> {
	let broken = || {
		Error::Corrupted(
			"the envelope does not open: it was altered, or sealed for another key, record, version or request".into(),
		)
	};
	if sealed.len() != SEALED_KEY_LEN as usize {
		return Err(broken());
	}
	let (encapsulated, ciphertext) = sealed.split_at(32);
	let encapsulated = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(encapsulated).map_err(|_| broken())?;
	let key = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
		&OpModeR::Base,
		&secret.private(),
		&encapsulated,
		info,
		ciphertext,
		aad,
	)
	.map(Zeroizing::new)
	.map_err(|_| broken())?;
	let key: [u8; 32] = key.as_slice().try_into().map_err(|_| broken())?;
	Ok(Zeroizing::new(key))
}

/// The permutation of label bits that a label key stands for: `order[plain bit] = blinded bit`.
#[derive(Clone, PartialEq, Eq)]
pub struct LabelPermutation([u8; 32]);

impl LabelPermutation {
	fn of(key: &LabelKey) -> Self {
		let mut order: [u8; 32] = core::array::from_fn(|bit| bit as u8);
		let mut counter = 0u32;
		let mut stream = Vec::new().into_iter();
		for last in (1..32usize).rev() {
			// Draws that would favour small numbers are thrown away: 256 is no multiple of every size.
			let size = last as u16 + 1;
			let fair = 256 - 256 % size;
			let pick = loop {
				match stream.next() {
					Some(byte) if u16::from(byte) < fair => break u16::from(byte) % size,
					Some(_) => {}
					None => {
						let mut block = vec![0u8; 64];
						derive(key.expose(), &[LABELS, &counter.to_le_bytes()], &mut block);
						counter += 1;
						stream = block.into_iter();
					}
				}
			};
			order.swap(last, pick as usize);
		}
		Self(order)
	}

	/// Labels as the chain keeps them.
	pub fn blind(&self, labels: SensitivitySet) -> u32 {
		(0..32).filter(|bit| labels.0 & (1 << bit) != 0).fold(0, |blinded, bit| blinded | 1 << self.0[bit])
	}

	/// Labels in the plain, as the chain keeps them blinded. Bits that stand for no code are dropped.
	pub fn reveal(&self, blinded: u32) -> SensitivitySet {
		let plain = (0..32).filter(|bit| blinded & (1 << self.0[*bit]) != 0).fold(0, |plain, bit| plain | 1 << bit);
		SensitivitySet(plain & SensitivitySet::of(salus_primitives::Sensitivity::ALL).0)
	}
}

impl LabelKey {
	/// The permutation of label bits.
	pub fn permutation(&self) -> LabelPermutation {
		LabelPermutation::of(self)
	}

	/// The identifier of a record with this plaintext: the same content is found again, and nobody without the key can
	/// tell whether a content that they guess is there.
	pub fn record_id(&self, plaintext: &[u8]) -> RecordId {
		let key = derive_key(self.expose(), RECORD_ID);
		let mac = <Blake2bMac<U32> as Mac>::new_from_slice(&*key).expect("BLAKE2b takes keys up to 64 bytes; qed");
		RecordId(mac.chain_update(digest(&[plaintext])).finalize().into_bytes().into())
	}

	/// The blinded identifier of an encounter, from its reference in the bundle.
	pub fn episode(&self, encounter: &str) -> Episode {
		let key = derive_key(self.expose(), EPISODE);
		let mac = <Blake2bMac<U16> as Mac>::new_from_slice(&*key).expect("BLAKE2b takes keys up to 64 bytes; qed");
		Episode(mac.chain_update(encounter).finalize().into_bytes().into())
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use salus_primitives::Sensitivity;

	const RECORD: RecordId = RecordId([7; 32]);

	fn context(secret: &EncryptionSecret) -> DataKeyContext {
		DataKeyContext {
			genesis: H256([1; 32]),
			record: RECORD,
			version: 1,
			commitment: H256([2; 32]),
			recipient: secret.public(),
			epoch: 3,
			request: H256([4; 32]),
		}
	}

	#[test]
	fn content_opens_with_its_key_record_and_version_only() {
		let key = DataKey::random();
		let sealed = seal_content(&key, &RECORD, 1, b"a diagnosis").unwrap();
		assert_eq!(sealed.object.len(), NONCE_LEN + 11 + 16);
		assert_eq!(
			open_content(&key, &RECORD, 1, &sealed.commitment, &sealed.object).unwrap().as_slice(),
			b"a diagnosis"
		);
		for (key, record, version) in [(&DataKey::random(), RECORD, 1), (&key, RecordId([8; 32]), 1), (&key, RECORD, 2)]
		{
			let opened = open_content(key, &record, version, &sealed.commitment, &sealed.object);
			assert!(matches!(opened, Err(Error::Corrupted(_))));
		}
	}

	#[test]
	fn a_changed_ciphertext_is_not_the_one_committed_to() {
		let key = DataKey::random();
		let sealed = seal_content(&key, &RECORD, 1, b"a diagnosis").unwrap();
		for at in 0..sealed.object.len() {
			let mut object = sealed.object.clone();
			object[at] ^= 1;
			assert!(open_content(&key, &RECORD, 1, &sealed.commitment, &object).is_err(), "byte {at}");
		}
		assert!(open_content(&key, &RECORD, 1, &sealed.commitment, &sealed.object[..10]).is_err());
	}

	#[test]
	fn an_object_that_was_never_sealed_does_not_decrypt_even_if_committed_to() {
		let key = DataKey::random();
		for object in [&b"short"[..], &[0; 64]] {
			let commitment = commitment(&key, &digest(&[object]));
			assert!(matches!(open_content(&key, &RECORD, 1, &commitment, object), Err(Error::Corrupted(_))));
		}
	}

	#[test]
	fn a_guess_of_the_content_cannot_be_checked_against_commitment_or_identifier() {
		// Who guesses the plaintext, and even sees the stored object, lacks the data key that salts the commitment and
		// the label key that keys the identifier.
		let (key, label_key) = (DataKey::random(), LabelKey::random());
		let sealed = seal_content(&key, &RECORD, 1, b"HIV positive").unwrap();
		assert_ne!(sealed.commitment, digest(&[COMMITMENT, sealed.digest.as_bytes()]));
		assert_ne!(sealed.commitment, commitment(&DataKey::random(), &sealed.digest));
		assert_ne!(seal_content(&key, &RECORD, 1, b"HIV positive").unwrap().commitment, sealed.commitment);
		assert_eq!(label_key.record_id(b"HIV positive"), label_key.record_id(b"HIV positive"));
		assert_ne!(label_key.record_id(b"HIV positive"), LabelKey::random().record_id(b"HIV positive"));
	}

	#[test]
	fn an_envelope_is_80_bytes_and_opens_for_its_recipient() {
		let (key, secret) = (DataKey::random(), EncryptionSecret::random());
		let sealed = context(&secret).seal(&key).unwrap();
		assert_eq!(sealed.len(), 80);
		assert_eq!(context(&secret).open(&sealed, &secret).unwrap(), key);
	}

	#[test]
	fn an_envelope_for_anything_else_does_not_open() {
		let (key, secret) = (DataKey::random(), EncryptionSecret::random());
		let good = context(&secret);
		let sealed = good.seal(&key).unwrap();
		let wrong = [
			DataKeyContext { genesis: H256([9; 32]), ..good },
			DataKeyContext { record: RecordId([9; 32]), ..good },
			DataKeyContext { version: 2, ..good },
			DataKeyContext { commitment: H256([9; 32]), ..good },
			DataKeyContext { epoch: 2, ..good },
			DataKeyContext { request: H256([9; 32]), ..good },
			DataKeyContext { recipient: H256([9; 32]), ..good },
		];
		for context in wrong {
			assert!(matches!(context.open(&sealed, &secret), Err(Error::Corrupted(_))));
		}
		assert!(good.open(&sealed, &EncryptionSecret::random()).is_err());
		assert!(good.open(&sealed[..79], &secret).is_err());
		for at in 0..80 {
			let mut altered = sealed.to_vec();
			altered[at] ^= 1;
			assert!(good.open(&altered, &secret).is_err(), "byte {at}");
		}
	}

	#[test]
	fn nothing_is_sealed_to_a_key_of_low_order() {
		let key = DataKey::random();
		let context = DataKeyContext { recipient: H256::zero(), ..context(&EncryptionSecret::random()) };
		assert!(matches!(context.seal(&key), Err(Error::Refused { code: "bad-encryption-key", .. })));
	}

	#[test]
	fn a_label_key_envelope_is_bound_to_patient_and_epochs() {
		let (key, secret) = (LabelKey::random(), EncryptionSecret::random());
		let good = LabelKeyContext {
			genesis: H256([1; 32]),
			patient: PatientId([5; 32]),
			label_epoch: 0,
			recipient: secret.public(),
			epoch: 1,
		};
		let sealed = good.seal(&key).unwrap();
		assert_eq!(good.open(&sealed, &secret).unwrap(), key);
		for wrong in [
			LabelKeyContext { patient: PatientId([6; 32]), ..good },
			LabelKeyContext { label_epoch: 1, ..good },
			LabelKeyContext { epoch: 2, ..good },
		] {
			assert!(wrong.open(&sealed, &secret).is_err());
		}
	}

	#[test]
	fn labels_come_back_from_their_permutation_and_differ_between_patients() {
		let (one, other) = (LabelKey::from_bytes([1; 32]).permutation(), LabelKey::from_bytes([2; 32]).permutation());
		assert!(one != other);
		let mut sorted = one.0;
		sorted.sort_unstable();
		assert_eq!(sorted, core::array::from_fn(|bit| bit as u8));
		for labels in [
			SensitivitySet::EMPTY,
			SensitivitySet::of(&[Sensitivity::Hiv]),
			SensitivitySet::of(&[Sensitivity::Psy, Sensitivity::Sud]).expanded(),
			SensitivitySet::of(Sensitivity::ALL),
		] {
			assert_eq!(one.reveal(one.blind(labels)), labels);
			assert_eq!(one.blind(labels).count_ones(), labels.0.count_ones());
		}
		assert_eq!(one.reveal(u32::MAX), SensitivitySet::of(Sensitivity::ALL));
	}

	#[test]
	fn secrets_are_not_printed() {
		let secret = EncryptionSecret::from_bytes([0xab; 32]);
		assert_eq!(format!("{secret:?}"), "EncryptionSecret(…)");
	}

	/// The first key pair of RFC 7748, section 6.1.
	fn known_secret() -> EncryptionSecret {
		let secret = hex::decode("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a").unwrap();
		EncryptionSecret::from_bytes(secret.try_into().unwrap())
	}

	#[test]
	fn the_public_key_is_that_of_rfc_7748() {
		let public = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a";
		assert_eq!(hex::encode(known_secret().public()), public);
	}

	#[test]
	fn an_envelope_that_javascript_sealed_opens() {
		// Made by @hpke/core 1.9.0 for the context of these tests, around 32 bytes of 0x5a.
		let sealed = hex::decode(concat!(
			"8b7e7b1cbfd4f13f5c92acd55be340023a23cb50f996edceda0b528cc181ec256bf1c17f7b077414",
			"bf527b0ea9ebda735507533ea7c7930b735bfec243543f09f78c8513cd0309e8941ed6c57ceea2ae"
		))
		.unwrap();
		let key = context(&known_secret()).open(&sealed, &known_secret()).unwrap();
		assert_eq!(key.expose(), &[0x5a; 32]);
	}
}
