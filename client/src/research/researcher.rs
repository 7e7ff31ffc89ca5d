//! The researcher's side: a request that others co-sign before it is made.

use crate::{keys::Keys, Error, Result};
use codec::{Decode, Encode};
use salus_primitives::{
	research::{CoSignature, RequestInput},
	AccountId, H256,
};
use serde::{Deserialize, Serialize};

/// A request that is not made yet, as a file goes from co-signer to co-signer.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields)]
pub struct Draft {
	/// Who asks.
	pub researcher: AccountId,
	/// What the commitment to the protocol is salted with.
	pub salt: H256,
	/// The request as SCALE, in hexadecimal, with the co-signatures so far.
	request: String,
}

impl Draft {
	/// Of this request.
	pub fn new(request: &RequestInput, researcher: AccountId, salt: H256) -> Self {
		Self { researcher, salt, request: text_of(request) }
	}

	/// The request.
	pub fn input(&self) -> Result<RequestInput> {
		let bytes = self.request.strip_prefix("0x").and_then(|digits| hex::decode(digits).ok());
		let input = bytes.and_then(|bytes| {
			let mut rest = bytes.as_slice();
			RequestInput::decode(&mut rest).ok().filter(|_| rest.is_empty())
		});
		input.ok_or_else(|| Error::refused("bad-draft", "/request", "this is no request of this version of Salus"))
	}

	/// Co-signs it, for the chain with this genesis hash. Tells how many have.
	pub fn co_sign(&mut self, keys: &Keys, genesis: &H256) -> Result<usize> {
		let mut input = self.input()?;
		let account = keys.account();
		if account == self.researcher || input.co_signatures.iter().any(|signed| signed.account == account) {
			return Err(Error::usage("already-signed", format!("{} has signed, or asks", keys.address())));
		}
		let message = input.message(genesis, &self.researcher);
		let signature = super::sr25519(keys.sign(message.as_bytes()));
		let full = input.co_signatures.try_push(CoSignature { account, signature }).is_err();
		if full {
			return Err(Error::usage("too-many", "eight have co-signed already"));
		}
		self.request = text_of(&input);
		Ok(input.co_signatures.len())
	}
}

fn text_of(request: &RequestInput) -> String {
	format!("0x{}", hex::encode(request.encode()))
}

#[cfg(test)]
mod tests {
	use super::*;
	use salus_primitives::research::{is_signed, GroupSet};

	fn draft() -> Draft {
		let input = RequestInput {
			dataset: 1,
			purpose: Default::default(),
			groups: GroupSet::default().with(0),
			days: 30,
			protocol: H256([1; 32]),
			ethics: None,
			closures: Default::default(),
			co_signatures: Default::default(),
			renews: None,
		};
		Draft::new(&input, Keys::of_dev_uri("//Alice").unwrap().account(), H256([2; 32]))
	}

	#[test]
	fn co_signatures_are_of_this_request_and_each_counts_once() {
		let (mut draft, genesis) = (draft(), H256([3; 32]));
		let bob = Keys::of_dev_uri("//Bob").unwrap();
		assert_eq!(draft.co_sign(&bob, &genesis), Ok(1));
		let input = draft.input().unwrap();
		let signed = &input.co_signatures[0];
		let message = input.message(&genesis, &draft.researcher);
		assert!(is_signed(&message, &signed.signature, &bob.account()));
		let elsewhere = input.message(&H256([4; 32]), &draft.researcher);
		assert!(!is_signed(&elsewhere, &signed.signature, &bob.account()));
		for again in ["//Bob", "//Alice"] {
			let refused = draft.co_sign(&Keys::of_dev_uri(again).unwrap(), &genesis);
			assert!(matches!(refused, Err(Error::Refused { code: "already-signed", .. })), "{again}");
		}
	}

	#[test]
	fn what_is_no_request_is_refused() {
		let mut draft = draft();
		draft.request += "00";
		assert!(matches!(draft.input(), Err(Error::Refused { code: "bad-draft", .. })));
	}
}
