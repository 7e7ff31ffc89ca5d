//! How a released contribution is sealed to the researcher.

use crate::{
	crypto::{digest, open_bytes, open_key, seal_bytes, seal_key, DataKey, EncryptionSecret},
	Error, Result,
};
use salus_primitives::{
	research::{DatasetId, RequestId},
	Pseudonym, H256,
};
use zeroize::Zeroizing;

const RELEASE: &[u8] = b"salus/research-release/1";
const CONTENT: &[u8] = b"salus/research-content/1";

/// What a release is bound to.
///
/// The content is XChaCha20-Poly1305 under a key drawn for it alone, with the additional data `"salus/research-content/1"
/// ‖ dataset (4) ‖ pseudonym (32) ‖ grant (4)`. The key is sealed by HPKE as data keys are, `info =
/// "salus/research-release/1" ‖ genesis (32) ‖ dataset (4) ‖ pseudonym (32) ‖ grant (4) ‖ BLAKE2b-256 of the ciphertext
/// (32) ‖ recipient (32) ‖ epoch (4)`; the additional data is the hash of the signed request (32). Numbers are
/// little-endian.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReleaseContext {
	/// Genesis hash of the chain.
	pub genesis: H256,
	/// The dataset.
	pub dataset: DatasetId,
	/// The contribution.
	pub pseudonym: Pseudonym,
	/// The grant.
	pub grant: RequestId,
	/// Public key of the researcher.
	pub recipient: H256,
	/// Epoch of that key.
	pub epoch: u32,
	/// Hash of the signed request.
	pub request: H256,
}

impl ReleaseContext {
	fn bound(&self) -> Vec<u8> {
		[&self.dataset.to_le_bytes()[..], &self.pseudonym.0, &self.grant.to_le_bytes()].concat()
	}

	fn content(&self) -> Vec<u8> {
		[CONTENT, &self.bound()].concat()
	}

	fn info(&self, object: &[u8]) -> Vec<u8> {
		let epoch = self.epoch.to_le_bytes();
		let object = digest(&[object]);
		let parts = [RELEASE, &self.genesis.0, &self.bound(), &object.0, &self.recipient.0, &epoch];
		parts.concat()
	}

	/// Encrypts under a fresh key, and seals the key: envelope and ciphertext in hexadecimal.
	pub fn seal(&self, content: &[u8]) -> Result<(String, String)> {
		let key = DataKey::random();
		let object = seal_bytes(&key, &self.content(), content)?;
		let envelope = seal_key(&self.recipient, &self.info(&object), &self.request.0, key.expose())?;
		Ok((hex::encode(envelope), hex::encode(object)))
	}

	/// Opens what [`Self::seal`] made.
	pub fn open(&self, envelope: &str, ciphertext: &str, secret: &EncryptionSecret) -> Result<Zeroizing<Vec<u8>>> {
		let bytes =
			|text| hex::decode(text).map_err(|_| Error::Corrupted("the gateway's answer is not hexadecimal".into()));
		let (envelope, object) = (bytes(envelope)?, bytes(ciphertext)?);
		let key = open_key(secret, &self.info(&object), &self.request.0, &envelope)?;
		open_bytes(&DataKey::from_bytes(*key), &self.content(), &object)
			.ok_or_else(|| Error::Corrupted("the contribution that was released does not decrypt".into()))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_release_opens_for_its_researcher_grant_contribution_and_request_only() {
		let secret = EncryptionSecret::random();
		let context = ReleaseContext {
			genesis: H256([1; 32]),
			dataset: 2,
			pseudonym: Pseudonym([3; 32]),
			grant: 4,
			recipient: secret.public(),
			epoch: 5,
			request: H256([6; 32]),
		};
		let (envelope, ciphertext) = context.seal(b"{}").unwrap();
		assert_eq!(context.open(&envelope, &ciphertext, &secret).unwrap().as_slice(), b"{}");
		assert_ne!(context.seal(b"{}").unwrap().1, ciphertext, "a key of its own each time");
		let others = [
			ReleaseContext { genesis: H256::zero(), ..context },
			ReleaseContext { dataset: 0, ..context },
			ReleaseContext { pseudonym: Pseudonym([0; 32]), ..context },
			ReleaseContext { grant: 0, ..context },
			ReleaseContext { epoch: 0, ..context },
			ReleaseContext { request: H256::zero(), ..context },
		];
		for other in others {
			assert!(matches!(other.open(&envelope, &ciphertext, &secret), Err(Error::Corrupted(_))));
		}
		assert!(context.open(&envelope, &ciphertext, &EncryptionSecret::random()).is_err());
		let mut changed = hex::decode(&ciphertext).unwrap();
		changed[30] ^= 1;
		assert!(context.open(&envelope, &hex::encode(changed), &secret).is_err());
		assert!(context.open("no digits", &ciphertext, &secret).is_err());
	}
}
