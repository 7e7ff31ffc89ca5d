//! Arguments of calls, and what is signed off chain.

use super::{DatasetId, GroupSet, RequestId, MAX_CLOSURES, MAX_CO_SIGNERS};
use crate::{
	duo::{Closure, DataUse, Purpose},
	AccountId, Moment, Pseudonym, H256,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::ConstU32;
use sp_runtime::{
	traits::{BlakeTwo256, Hash, Verify},
	BoundedVec, MultiSignature,
};

/// Diseases of a request with their proofs.
pub type Closures = BoundedVec<Closure, ConstU32<MAX_CLOSURES>>;

/// A dataset to create.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct DatasetInput {
	/// Its first groups; may be none while it is a draft.
	pub data_use: DataUse,
	/// Hash of the schema that contributions keep to.
	pub schema: H256,
	/// Salted commitment to the dataset's description.
	pub content: H256,
	/// What a request must hold in escrow, paid to the contributors when its grant begins.
	#[cfg_attr(feature = "std", serde(with = "crate::views::amount"))]
	pub fee: u128,
}

/// A contribution.
///
/// Whoever attests it has asked for the access decision (purpose HRESCH) at the best and at the finalised block, and
/// stands for `permit` and `until`.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct ContributionInput {
	/// To this dataset.
	pub dataset: DatasetId,
	/// Drawn at random for this contribution.
	pub pseudonym: Pseudonym,
	/// The consent group, open to contributions.
	pub group: u8,
	/// The contributor's fresh account: may withdraw, claim and name a payee.
	pub account: AccountId,
	/// Salted commitment to the data.
	pub commitment: H256,
	/// Salted commitment to patient, record and access decision.
	pub permit: H256,
	/// The `valid_until` of that decision, at most [`super::MAX_CONTRIBUTION`] ahead. It counts until the day before.
	pub until: Moment,
	/// Issued by the attester: equal for the same data in the same dataset, and telling nothing else.
	pub nullifier: H256,
	/// When it was attested.
	pub at: Moment,
}

impl ContributionInput {
	/// What an attester signs: BLAKE2b-256 of a tag, the hash of the chain's first block, and all of the contribution.
	pub fn message(&self, genesis: &H256) -> H256 {
		BlakeTwo256::hash_of(&(b"salus:research:contribution:1", genesis, self))
	}
}

/// An attester's signature of [`ContributionInput::message`].
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct Attestation {
	/// A member in standing of a provider.
	pub attester: AccountId,
	/// Of the 32 bytes of the message, or of these between `<Bytes>` and `</Bytes>`, as wallets sign.
	pub signature: MultiSignature,
}

/// A co-signer's signature of [`RequestInput::message`].
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct CoSignature {
	/// The investigator.
	pub account: AccountId,
	/// Of the 32 bytes of the message, or of these between `<Bytes>` and `</Bytes>`, as wallets sign.
	pub signature: MultiSignature,
}

/// Co-signatures of a request.
pub type CoSignatures = BoundedVec<CoSignature, ConstU32<MAX_CO_SIGNERS>>;

/// Whether the account signed the message, as it is or as wallets wrap it.
pub fn is_signed(message: &H256, signature: &MultiSignature, who: &AccountId) -> bool {
	signature.verify(message.as_bytes(), who)
		|| signature.verify(&[&b"<Bytes>"[..], message.as_bytes(), b"</Bytes>"].concat()[..], who)
}

/// A request to use a dataset.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct RequestInput {
	/// This dataset.
	pub dataset: DatasetId,
	/// What for.
	pub purpose: Purpose,
	/// The groups asked for; those that are denied are left out of the grant.
	pub groups: GroupSet,
	/// How many days the grant shall last, from 1 to [`super::MAX_GRANT_DAYS`].
	pub days: u32,
	/// Salted commitment to the protocol.
	pub protocol: H256,
	/// The document of an ethics approval that the chain knows.
	pub ethics: Option<H256>,
	/// A proof for each of the purpose's diseases, in any order.
	pub closures: Closures,
	/// Who co-signs.
	pub co_signatures: CoSignatures,
	/// The researcher's grant that this one renews: it is closed when this one begins.
	pub renews: Option<RequestId>,
}

impl RequestInput {
	/// What a co-signer signs: BLAKE2b-256 of a tag, the hash of the chain's first block, who asks, the dataset, the
	/// purpose and the protocol.
	pub fn message(&self, genesis: &H256, researcher: &AccountId) -> H256 {
		BlakeTwo256::hash_of(&(
			b"salus:research:co-signature:1",
			genesis,
			researcher,
			self.dataset,
			&self.purpose,
			self.protocol,
		))
	}
}
