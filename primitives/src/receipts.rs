//! Receipts that a gateway keeps, and proves against the root that it reported of their batch.
//!
//! The batch's tree is [`crate::merkle`]'s, over [`ReceiptLeaf::content`] in the order of the batch.

use crate::{
	merkle,
	views::{Receipt, ReceiptBatchView},
	OrgId, PatientId, H256,
};
use alloc::vec::Vec;
use codec::{Decode, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// A receipt in a batch: whose record was asked for, what was decided, and the requester's signature.
///
/// [`Receipt::request`] is the BLAKE2b-256 hash of the request's text followed by this signature, so who holds the text can
/// check that this very account asked for this.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct ReceiptLeaf {
	/// Whose record was asked for.
	pub patient: PatientId,
	/// Who asked for what, and what was decided.
	#[cfg_attr(feature = "std", serde(flatten))]
	pub receipt: Receipt,
	/// The requester's sr25519 signature of the request, `0x` and hexadecimal digits in JSON.
	#[cfg_attr(feature = "std", serde(with = "hex_signature"))]
	pub signature: [u8; 64],
}

impl ReceiptLeaf {
	/// What the tree's leaf holds: its SCALE encoding.
	pub fn content(&self) -> Vec<u8> {
		self.encode()
	}
}

/// A receipt with the proof that it is in a batch.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct ProvenReceipt {
	/// The organisation whose gateway reported the batch.
	pub org: OrgId,
	/// The batch's number among the organisation's.
	pub batch: u64,
	/// Where in the batch the receipt stands, from 0.
	pub index: u32,
	/// The receipt.
	#[cfg_attr(feature = "std", serde(flatten))]
	pub leaf: ReceiptLeaf,
	/// Siblings from the leaf upwards.
	pub proof: Vec<H256>,
}

impl ProvenReceipt {
	/// Whether the batch, as the chain knows it, holds the receipt, decided when the batch says.
	pub fn is_in(&self, batch: &ReceiptBatchView) -> bool {
		(self.org, self.batch) == (batch.org, batch.index)
			&& (batch.from..=batch.to).contains(&self.leaf.receipt.at)
			&& merkle::verify(&batch.root, batch.count, self.index, &self.leaf.content(), &self.proof)
	}
}

#[cfg(feature = "std")]
mod hex_signature {
	//! A signature as `0x` and hexadecimal digits.
	use serde::{de::Error, Deserialize, Deserializer, Serializer};
	use sp_core::bytes::{from_hex, to_hex};

	pub fn serialize<S: Serializer>(bytes: &[u8; 64], s: S) -> Result<S::Ok, S::Error> {
		s.serialize_str(&to_hex(bytes, false))
	}

	pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<[u8; 64], D::Error> {
		let bytes = from_hex(&alloc::string::String::deserialize(d)?).map_err(D::Error::custom)?;
		bytes.try_into().map_err(|_| D::Error::custom("expected 64 bytes"))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		consent::{Effect, Reason},
		AccountId, Action, Purpose, RecordId,
	};
	use serde_json::{from_value, json, to_value};

	fn leaf(n: u8) -> ReceiptLeaf {
		ReceiptLeaf {
			patient: PatientId([1; 32]),
			receipt: Receipt {
				actor: AccountId::new([2; 32]),
				record: RecordId([3; 32]),
				version: 1,
				purpose: Purpose::Treat,
				action: Action::Access,
				effect: Effect::Permit,
				reason: Reason::Consent,
				consent: Some(4),
				rule: None,
				at: 1_000 + u64::from(n),
				request: H256::repeat_byte(n),
			},
			signature: [n; 64],
		}
	}

	fn proven(count: u8) -> (ReceiptBatchView, Vec<ProvenReceipt>) {
		let contents: Vec<_> = (0..count).map(|n| leaf(n).content()).collect();
		let batch = ReceiptBatchView {
			org: 5,
			index: 6,
			root: merkle::root(&contents),
			count: count.into(),
			from: 1_000,
			to: 1_000 + u64::from(count) - 1,
			block: 7,
		};
		let receipts = (0..count)
			.map(|n| {
				let proof = merkle::proof(&contents, n.into()).expect("there are so many");
				ProvenReceipt { org: 5, batch: 6, index: n.into(), leaf: leaf(n), proof }
			})
			.collect();
		(batch, receipts)
	}

	#[test]
	fn a_receipt_is_proved_with_its_signature() {
		let (batch, receipts) = proven(5);
		assert!(receipts.iter().all(|receipt| receipt.is_in(&batch)));
		let other_signature = |mut receipt: ProvenReceipt| {
			receipt.leaf.signature[63] ^= 1;
			receipt
		};
		let other_patient = |mut receipt: ProvenReceipt| {
			receipt.leaf.patient = PatientId([9; 32]);
			receipt
		};
		let other_effect = |mut receipt: ProvenReceipt| {
			receipt.leaf.receipt.effect = Effect::Deny;
			receipt
		};
		for receipt in receipts {
			assert!(!other_signature(receipt.clone()).is_in(&batch));
			assert!(!other_patient(receipt.clone()).is_in(&batch));
			assert!(!other_effect(receipt.clone()).is_in(&batch));
			assert!(!ProvenReceipt { index: (receipt.index + 1) % 5, ..receipt.clone() }.is_in(&batch));
		}
	}

	#[test]
	fn a_receipt_is_of_one_batch_and_its_period() {
		let (batch, receipts) = proven(3);
		for receipt in &receipts {
			assert!(!ProvenReceipt { org: 6, ..receipt.clone() }.is_in(&batch));
			assert!(!ProvenReceipt { batch: 5, ..receipt.clone() }.is_in(&batch));
		}
		assert!(!receipts[0].is_in(&ReceiptBatchView { from: 1_001, ..batch.clone() }));
		assert!(!receipts[2].is_in(&ReceiptBatchView { to: 1_001, ..batch.clone() }));
		assert!(!receipts[2].is_in(&ReceiptBatchView { count: 2, ..batch }));
	}

	#[test]
	fn a_leaf_is_its_fields_in_scale() {
		let leaf = leaf(7);
		let content = (leaf.patient, leaf.receipt.clone(), leaf.signature).encode();
		assert_eq!(leaf.content(), content);
		assert_eq!(ReceiptLeaf::decode(&mut &content[..]), Ok(leaf));
	}

	#[test]
	fn a_proven_receipt_is_told_flat() {
		let (_, mut receipts) = proven(2);
		let receipt = receipts.remove(1);
		let told = to_value(&receipt).expect("plain data");
		let expected = json!({
			"org": 5, "batch": 6, "index": 1, "patient": PatientId([1; 32]).to_string(),
			"actor": AccountId::new([2; 32]).to_string(), "record": RecordId([3; 32]).to_string(), "version": 1,
			"purpose": "TREAT", "action": "access", "effect": "permit", "reason": "consent", "consent": 4, "rule": null,
			"at": 1_001, "request": format!("0x{}", "01".repeat(32)), "signature": format!("0x{}", "01".repeat(64)),
			"proof": [format!("{:?}", receipt.proof[0])],
		});
		assert_eq!(told, expected);
		assert_eq!(from_value::<ProvenReceipt>(told.clone()).expect("the same form"), receipt);
		for wrong in ["", "0x", &"01".repeat(63), &format!("0x{}", "01".repeat(65)), &format!("0x{}", "0g".repeat(64))]
		{
			let mut told = told.clone();
			told["signature"] = json!(wrong);
			assert!(from_value::<ProvenReceipt>(told).is_err(), "{wrong}");
		}
	}
}
