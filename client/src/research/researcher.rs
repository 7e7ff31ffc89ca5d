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
