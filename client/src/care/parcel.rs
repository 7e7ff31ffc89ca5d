//! Texts about a care plan, encrypted to one account: a rule on its way to who evaluates it, a finding on its way to who is
//! told. The same cryptography as for records: a fresh data key, wrapped to the recipient's registered key.

use crate::{
	crypto::{self, digest, DataKey, DataKeyContext, EncryptionSecret},
	Error, Result,
};
use salus_primitives::{care::CareRuleId, views::EncryptionKey, PatientId, RecordId, H256};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

const PARCEL: &[u8] = b"salus/care-parcel/1";

/// What a parcel is bound to: it opens for nothing else.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct About {
	/// Genesis hash of the chain.
	pub genesis: H256,
	/// The patient.
	pub patient: PatientId,
	/// The rule's commitment.
	pub rule: H256,
	/// The alert's commitment; zero for the rule itself.
	pub alert: H256,
	/// Hash of the signed request that it answers; zero if it answers none.
	pub request: H256,
}

/// An encrypted text.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields)]
pub struct Parcel {
	/// Epoch of the recipient's key.
	pub epoch: u32,
	/// Commitment to the ciphertext under the data key.
	pub commitment: H256,
	/// The data key, sealed to the recipient; hexadecimal.
	pub envelope: String,
	/// The ciphertext; hexadecimal.
	pub object: String,
}

impl About {
	/// A rule on its way to who evaluates it.
	pub fn rule(genesis: H256, patient: PatientId, rule: H256) -> Self {
		Self { genesis, patient, rule, alert: H256::zero(), request: H256::zero() }
	}

	fn name(&self) -> RecordId {
		RecordId(digest(&[PARCEL, &self.patient.0, self.rule.as_bytes(), self.alert.as_bytes()]).0)
	}

	fn context(&self, recipient: H256, epoch: u32, commitment: H256) -> DataKeyContext {
		let (genesis, record, request) = (self.genesis, self.name(), self.request);
		DataKeyContext { genesis, record, version: 1, commitment, recipient, epoch, request }
	}
}

impl Parcel {
	/// Encrypts a text to a registered key.
	pub fn seal(about: &About, recipient: &EncryptionKey, text: &[u8]) -> Result<Self> {
		let key = DataKey::random();
		let sealed = crypto::seal_content(&key, &about.name(), 1, text)?;
		let envelope = about.context(recipient.public_key, recipient.epoch, sealed.commitment).seal(&key)?;
		Ok(Self {
			epoch: recipient.epoch,
			commitment: sealed.commitment,
			envelope: hex::encode(envelope),
			object: hex::encode(sealed.object),
		})
	}

	/// Decrypts it.
	pub fn open(&self, about: &About, secret: &EncryptionSecret) -> Result<Zeroizing<Vec<u8>>> {
		let bytes =
			|text: &str| hex::decode(text).map_err(|_| Error::Corrupted("the parcel is not hexadecimal".into()));
		let context = about.context(secret.public(), self.epoch, self.commitment);
		let key = context.open(&bytes(&self.envelope)?, secret)?;
		crypto::open_content(&key, &about.name(), 1, &self.commitment, &bytes(&self.object)?)
	}
}

/// What a patient hands to the organisation that evaluates a rule.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields)]
pub struct HandedRule {
	/// Genesis hash of the chain.
	pub genesis: H256,
	/// The patient.
	pub patient: PatientId,
	/// The rule's number.
	pub rule: CareRuleId,
	/// Its commitment.
	pub commitment: H256,
	/// [`RuleText`], sealed to the gateway of who evaluates it.
	pub parcel: Parcel,
}

/// What the commitment to a rule opens to.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields)]
pub struct RuleText {
	/// The salt.
	pub salt: H256,
	/// The document, byte for byte.
	pub document: String,
}

/// What the commitment to an alert opens to, with the rule that it is under.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields)]
pub struct AlertText {
	/// The rule.
	pub rule: RuleText,
	/// The alert's salt.
	pub salt: H256,
	/// What was found, byte for byte: [`super::rule::Finding`]s as JSON.
	pub finding: String,
}

/// A text as it is encrypted.
pub(crate) fn to_bytes<T: Serialize>(text: &T) -> Result<Zeroizing<Vec<u8>>> {
	serde_json::to_vec(text).map(Zeroizing::new).map_err(|error| Error::unexpected("writing a parcel", error))
}

/// A text that was encrypted.
pub(crate) fn of_bytes<T: for<'de> Deserialize<'de>>(bytes: &[u8]) -> Result<T> {
	serde_json::from_slice(bytes).map_err(|error| Error::Corrupted(format!("the parcel decrypts, but: {error}")))
}

#[cfg(test)]
mod tests {
	use super::*;
	use salus_primitives::views::KeySuite;

	fn about() -> About {
		let hash = |byte| H256([byte; 32]);
		About { genesis: hash(1), patient: PatientId([2; 32]), rule: hash(3), alert: hash(4), request: hash(5) }
	}

	fn key(secret: &EncryptionSecret) -> EncryptionKey {
		EncryptionKey { epoch: 7, suite: KeySuite::HpkeX25519, public_key: secret.public() }
	}

	#[test]
	fn a_parcel_opens_for_whom_and_what_it_was_made_for_alone() {
		let secret = EncryptionSecret::random();
		let parcel = Parcel::seal(&about(), &key(&secret), b"text").unwrap();
		assert_eq!(*parcel.open(&about(), &secret).unwrap(), b"text");
		assert!(parcel.open(&about(), &EncryptionSecret::random()).is_err());
		let changes: [fn(&mut About); 5] = [
			|about| about.genesis = H256::zero(),
			|about| about.patient = PatientId([0; 32]),
			|about| about.rule = H256::zero(),
			|about| about.alert = H256::zero(),
			|about| about.request = H256::zero(),
		];
		for change in changes {
			let mut other = about();
			change(&mut other);
			assert!(parcel.open(&other, &secret).is_err(), "{other:?}");
		}
		let changes: [fn(&mut Parcel); 4] = [
			|parcel| parcel.epoch = 8,
			|parcel| parcel.commitment = H256::zero(),
			|parcel| parcel.object.replace_range(60..62, "zz"),
			|parcel| parcel.envelope = "00".into(),
		];
		for change in changes {
			let mut other = parcel.clone();
			change(&mut other);
			assert!(other.open(&about(), &secret).is_err(), "{other:?}");
		}
	}

	#[test]
	fn nothing_of_the_text_is_to_be_read() {
		let secret = EncryptionSecret::random();
		let text = to_bytes(&RuleText { salt: H256([9; 32]), document: "blood-glucose".into() }).unwrap();
		let parcel = Parcel::seal(&about(), &key(&secret), &text).unwrap();
		let written = serde_json::to_string(&parcel).unwrap();
		assert!(!written.contains("glucose") && !written.contains(&hex::encode("glucose")));
		let opened: RuleText = of_bytes(&parcel.open(&about(), &secret).unwrap()).unwrap();
		assert_eq!(opened.document, "blood-glucose");
	}
}
