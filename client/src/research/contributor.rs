//! The contributor's side: a pseudonym and an account for each contribution.

use crate::{Error, Result};
use codec::{Decode, Encode};
use salus_primitives::{research::DatasetId, AccountId, PatientId, Pseudonym, RecordId};
use serde::{Deserialize, Serialize};
use subxt_signer::sr25519::Keypair;
use zeroize::{Zeroize, Zeroizing};

/// A contribution of one's own.
#[derive(Encode, Decode, Clone, PartialEq, Eq)]
pub struct Mine {
	/// To this dataset.
	pub dataset: DatasetId,
	/// Under these terms.
	pub group: u8,
	/// Under this pseudonym.
	pub pseudonym: Pseudonym,
	/// Whose data it is.
	pub patient: PatientId,
	/// The records, in ascending order.
	pub records: Vec<RecordId>,
	/// Seed of the account's sr25519 key.
	secret: [u8; 32],
}

impl std::fmt::Debug for Mine {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		write!(f, "Mine({}, {})", self.dataset, self.pseudonym)
	}
}

impl Drop for Mine {
	fn drop(&mut self) {
		self.secret.zeroize();
	}
}

/// What a contributor hands to the custodian of the data.
///
/// It names the patient beside the pseudonym: it is for the custodian's eyes only.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields)]
pub struct Offer {
	/// To this dataset.
	pub dataset: DatasetId,
	/// Under these terms.
	pub group: u8,
	/// Under this pseudonym.
	pub pseudonym: Pseudonym,
	/// The account that may withdraw and claim.
	pub account: AccountId,
	/// Whose data it is.
	pub patient: PatientId,
	/// The records.
	pub records: Vec<RecordId>,
}

impl Mine {
	/// Draws a pseudonym and an account.
	pub fn draw(dataset: DatasetId, group: u8, patient: PatientId, mut records: Vec<RecordId>) -> Self {
		records.sort_unstable();
		records.dedup();
		Self { dataset, group, pseudonym: Pseudonym(rand::random()), patient, records, secret: rand::random() }
	}

	/// Signs for the account.
	pub fn signer(&self) -> Result<Keypair> {
		let seed = Zeroizing::new(self.secret);
		Keypair::from_secret_key(*seed).map_err(|error| Error::unexpected("making a contributor's key", error))
	}

	/// The account.
	pub fn account(&self) -> AccountId {
		let signer = self.signer().expect("any 32 bytes are a seed of sr25519; qed");
		AccountId::new(signer.public_key().0)
	}

	/// What the custodian is told.
	pub fn offer(&self) -> Offer {
		Offer {
			dataset: self.dataset,
			group: self.group,
			pseudonym: self.pseudonym,
			account: self.account(),
			patient: self.patient,
			records: self.records.clone(),
		}
	}
}
