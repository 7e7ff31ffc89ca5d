//! The signed request to a custodian's gateway.
//!
//! What is signed is a text of eleven lines that a wallet can show to its owner:
//!
//! ```text
//! salus gateway request 1
//! genesis: 0x…                  the chain's genesis hash
//! gateway: 5…                   the gateway's account (SS58)
//! request: GET /records/…?…     method and target, as sent
//! body: 0x…                     BLAKE2b-256 of the body
//! purpose: TREAT
//! action: access
//! account: 5…                   who asks (SS58)
//! key-epoch: 0                  epoch of the encryption key that the answer is to be sealed to
//! nonce: 0x…                    16 random bytes
//! expires: 1750000000000        unix milliseconds, at most 120 s ahead
//! ```
//!
//! Lines end with a line feed; the signature is sr25519 over the text, or over the text between `<Bytes>` and
//! `</Bytes>`, which is what browser wallets make. Purpose and action travel in the query, what HTTP does not carry
//! otherwise in the headers of [`SignedRequest::headers`].

use crate::chain::to_hex;
use salus_primitives::{AccountId, Action, Moment, Purpose, H256};
use std::str::FromStr;
use subxt_signer::sr25519::{verify, Keypair, PublicKey, Signature};

/// Longest time from signing to expiry, in milliseconds.
pub const MAX_VALIDITY: Moment = 120_000;

const TITLE: &str = "salus gateway request 1";

/// Why a request is not taken, before anything is asked of the chain. The codes are stable.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RequestError {
	/// A header or a parameter of the query is missing or unreadable.
	#[error("`{0}` is missing or unreadable")]
	Field(&'static str),
	/// Signed for another chain.
	#[error("the request is for another chain")]
	WrongGenesis,
	/// Signed for another gateway.
	#[error("the request is for another gateway")]
	WrongGateway,
	/// The signature does not fit.
	#[error("the signature does not fit the request")]
	BadSignature,
	/// It has expired.
	#[error("the request has expired")]
	Expired,
	/// It would be valid for too long.
	#[error("the request is valid for more than {} s", MAX_VALIDITY / 1000)]
	ValidTooLong,
	/// It was made before.
	#[error("the request was made before")]
	Replayed,
}

impl RequestError {
	/// The stable code.
	pub const fn code(&self) -> &'static str {
		match self {
			Self::Field(_) => "bad-request",
			Self::WrongGenesis => "wrong-genesis",
			Self::WrongGateway => "wrong-gateway",
			Self::BadSignature => "bad-signature",
			Self::Expired => "expired",
			Self::ValidTooLong => "valid-too-long",
			Self::Replayed => "replayed",
		}
	}
}

/// What is asked of a gateway.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
	/// Genesis hash of the chain that decides.
	pub genesis: H256,
	/// Account of the gateway.
	pub gateway: AccountId,
	/// HTTP method, upper case.
	pub method: String,
	/// Path and query, as sent.
	pub target: String,
	/// BLAKE2b-256 of the body.
	pub body: H256,
	/// What for.
	pub purpose: Purpose,
	/// To do what.
	pub action: Action,
	/// Who asks.
	pub account: AccountId,
	/// Epoch of the encryption key that the answer is to be sealed to.
	pub key_epoch: u32,
	/// Random.
	pub nonce: [u8; 16],
	/// Not valid from this moment on.
	pub expires: Moment,
}

impl Request {
	/// The text that is signed.
	pub fn text(&self) -> String {
		format!(
			"{TITLE}\ngenesis: {}\ngateway: {}\nrequest: {} {}\nbody: {}\npurpose: {}\naction: {}\naccount: {}\n\
			 key-epoch: {}\nnonce: {}\nexpires: {}\n",
			to_hex(&self.genesis.0),
			self.gateway,
			self.method,
			self.target,
			to_hex(&self.body.0),
			self.purpose,
			self.action,
			self.account,
			self.key_epoch,
			to_hex(&self.nonce),
			self.expires,
		)
	}

	/// Signs it.
	pub fn sign(self, key: &Keypair) -> SignedRequest {
		let signature = key.sign(self.text().as_bytes()).0;
		SignedRequest { request: self, signature }
	}
}

/// A request and its signature.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedRequest {
	/// What is asked.
	pub request: Request,
	/// The requester's signature.
	pub signature: [u8; 64],
}

impl SignedRequest {
	/// The headers that carry it.
	pub fn headers(&self) -> [(&'static str, String); 7] {
		let request = &self.request;
		[
			("x-salus-genesis", to_hex(&request.genesis.0)),
			("x-salus-gateway", request.gateway.to_string()),
			("x-salus-account", request.account.to_string()),
			("x-salus-key-epoch", request.key_epoch.to_string()),
			("x-salus-nonce", to_hex(&request.nonce)),
			("x-salus-expires", request.expires.to_string()),
			("x-salus-signature", to_hex(&self.signature)),
		]
	}

	/// Reads it from what HTTP carried.
	pub fn read<'a>(
		method: &str,
		target: &str,
		body: &[u8],
		header: impl Fn(&'static str) -> Option<&'a str>,
	) -> Result<Self, RequestError> {
		fn parsed<T: FromStr>(name: &'static str, text: Option<&str>) -> Result<T, RequestError> {
			text.and_then(|text| text.parse().ok()).ok_or(RequestError::Field(name))
		}
		fn bytes<const N: usize>(name: &'static str, text: Option<&str>) -> Result<[u8; N], RequestError> {
			let mut bytes = [0; N];
			text.and_then(|text| hex::decode_to_slice(text.strip_prefix("0x")?, &mut bytes).ok())
				.ok_or(RequestError::Field(name))?;
			Ok(bytes)
		}
		let pairs = || target.split_once('?').map_or("", |(_, query)| query).split('&');
		let query = |name| {
			pairs().find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name)).map(|(_, value)| value)
		};
		let account = |name| parsed::<AccountId>(name, header(name));
		let request = Request {
			genesis: H256(bytes("x-salus-genesis", header("x-salus-genesis"))?),
			gateway: account("x-salus-gateway")?,
			method: method.into(),
			target: target.into(),
			body: H256(sp_crypto_hashing::blake2_256(body)),
			purpose: query("purpose").and_then(Purpose::from_code).ok_or(RequestError::Field("purpose"))?,
			action: query("action").and_then(Action::from_code).ok_or(RequestError::Field("action"))?,
			account: account("x-salus-account")?,
			key_epoch: parsed("x-salus-key-epoch", header("x-salus-key-epoch"))?,
			nonce: bytes("x-salus-nonce", header("x-salus-nonce"))?,
			expires: parsed("x-salus-expires", header("x-salus-expires"))?,
		};
		Ok(Self { request, signature: bytes("x-salus-signature", header("x-salus-signature"))? })
	}

	/// Checks that it is for this chain and gateway, in time, and signed by who asks.
	pub fn check(&self, genesis: H256, gateway: &AccountId, now: Moment) -> Result<(), RequestError> {
		let request = &self.request;
		if request.genesis != genesis {
			return Err(RequestError::WrongGenesis);
		}
		if request.gateway != *gateway {
			return Err(RequestError::WrongGateway);
		}
		let text = request.text();
		let public = PublicKey(*AsRef::<[u8; 32]>::as_ref(&request.account));
		let signature = Signature(self.signature);
		let wrapped = format!("<Bytes>{text}</Bytes>");
		if !verify(&signature, text.as_bytes(), &public) && !verify(&signature, wrapped.as_bytes(), &public) {
			return Err(RequestError::BadSignature);
		}
		if request.expires <= now {
			return Err(RequestError::Expired);
		}
		if request.expires > now.saturating_add(MAX_VALIDITY) {
			return Err(RequestError::ValidTooLong);
		}
		Ok(())
	}

	/// Hash of the request with its signature: names it in receipts, and binds the envelope of the answer to it.
	pub fn hash(&self) -> H256 {
		H256(sp_crypto_hashing::blake2_256(&[self.request.text().as_bytes(), &self.signature].concat()))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use subxt_signer::sr25519::dev;

	const NOW: Moment = 1_750_000_000_000;

	fn account(key: &Keypair) -> AccountId {
		AccountId::from(key.public_key().0)
	}

	fn request() -> Request {
		Request {
			genesis: H256([1; 32]),
			gateway: account(&dev::bob()),
			method: "GET".into(),
			target: "/records/a/b?purpose=TREAT&action=access".into(),
			body: H256(sp_crypto_hashing::blake2_256(b"")),
			purpose: Purpose::Treat,
			action: Action::Access,
			account: account(&dev::alice()),
			key_epoch: 3,
			nonce: [7; 16],
			expires: NOW + 60_000,
		}
	}

	fn check(signed: &SignedRequest) -> Result<(), RequestError> {
		signed.check(H256([1; 32]), &account(&dev::bob()), NOW)
	}

	#[test]
	fn a_signed_request_survives_its_headers() {
		let signed = request().sign(&dev::alice());
		let headers = signed.headers();
		let header = |name| headers.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str());
		let read = SignedRequest::read("GET", &signed.request.target, b"", header).unwrap();
		assert_eq!(read, signed);
		assert_eq!(check(&read), Ok(()));
		let read = SignedRequest::read("GET", &signed.request.target, b"other body", header).unwrap();
		assert_eq!(check(&read), Err(RequestError::BadSignature));
		let without = |name| if name == "x-salus-nonce" { None } else { header(name) };
		let read = SignedRequest::read("GET", &signed.request.target, b"", without);
		assert_eq!(read, Err(RequestError::Field("x-salus-nonce")));
	}

	#[test]
	fn the_form_that_wallets_sign_is_taken() {
		let request = request();
		let signature = dev::alice().sign(format!("<Bytes>{}</Bytes>", request.text()).as_bytes()).0;
		assert_eq!(check(&SignedRequest { request, signature }), Ok(()));
	}

	#[test]
	fn a_change_of_anything_that_is_signed_breaks_the_signature() {
		let signed = request().sign(&dev::alice());
		let changes: [fn(&mut Request); 8] = [
			|r| r.method = "POST".into(),
			|r| r.target.push('x'),
			|r| r.body = H256([9; 32]),
			|r| r.purpose = Purpose::Hresch,
			|r| r.action = Action::Disclose,
			|r| r.account = account(&dev::eve()),
			|r| r.key_epoch = 4,
			|r| r.nonce[0] = 0,
		];
		for change in changes {
			let mut changed = signed.clone();
			change(&mut changed.request);
			assert_eq!(check(&changed), Err(RequestError::BadSignature));
			assert_ne!(changed.hash(), signed.hash());
		}
	}

	#[test]
	fn another_chain_another_gateway_and_another_time_are_refused() {
		let signed = request().sign(&dev::alice());
		let bob = account(&dev::bob());
		assert_eq!(signed.check(H256([2; 32]), &bob, NOW), Err(RequestError::WrongGenesis));
		assert_eq!(signed.check(H256([1; 32]), &account(&dev::dave()), NOW), Err(RequestError::WrongGateway));
		assert_eq!(signed.check(H256([1; 32]), &bob, NOW + 59_999), Ok(()));
		assert_eq!(signed.check(H256([1; 32]), &bob, NOW + 60_000), Err(RequestError::Expired));
		assert_eq!(signed.check(H256([1; 32]), &bob, NOW - 60_000), Ok(()));
		assert_eq!(signed.check(H256([1; 32]), &bob, NOW - 60_001), Err(RequestError::ValidTooLong));
	}
}
