//! Reading through a custodian's gateway.

use super::http::{send, unreachable};
use crate::{
	chain::Chain,
	crypto::{self, DataKey, DataKeyContext, EncryptionSecret, LabelKey, LabelKeyContext},
	gateway::{
		now,
		receipts::{ReceiptsPage, SignedReceipt},
		request::{Request, SignedRequest},
		Health, LabelKeyRelease, Refusal, Release,
	},
	Error, Result,
};
use salus_primitives::{
	research::AccessRefusal,
	views::{AccessAnswer, ReceiptBatchView, RecordView},
	AccountId, Action, MemberRole, Moment, ObligationSet, PatientId, Purpose, RecordId, H256,
};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use subxt_signer::sr25519::Keypair;
use zeroize::Zeroizing;

/// How long a request is valid, in milliseconds.
const REQUEST_VALIDITY: Moment = 60_000;

/// Who reads, and with what.
pub struct Reader<'a> {
	/// The chain, as the reader's own node sees it.
	pub chain: &'a Chain,
	/// Who asks.
	pub signer: &'a Keypair,
	/// Secret of the encryption key that is registered for that account.
	pub secret: &'a EncryptionSecret,
	/// The gateway's address, such as `http://127.0.0.1:8080`.
	pub gateway: &'a str,
}

/// What [`Reader::unseal`] opened.
pub(super) struct Unsealed {
	/// The data key.
	pub key: DataKey,
	/// The ciphertext.
	pub object: Vec<u8>,
	/// The content.
	pub plaintext: Zeroizing<Vec<u8>>,
}

/// A record that was read.
#[derive(Debug)]
pub struct Read {
	/// Its anchor, as the reader's own node sees it.
	pub record: RecordView,
	/// The decision that gave it.
	pub answer: AccessAnswer,
	/// What the reader is obliged to.
	pub obligations: ObligationSet,
	/// The record.
	pub plaintext: Zeroizing<Vec<u8>>,
}

impl Reader<'_> {
	/// Fetches, verifies and decrypts a record.
	pub async fn get(&self, patient: &PatientId, record: &RecordId, purpose: Purpose, action: Action) -> Result<Read> {
		let signed = self.sign(patient, record, purpose, action).await?;
		let release = self.fetch(&signed).await?;
		self.open(patient, record, &signed, &release).await
	}

	/// The receipts of a patient that went to the chain in batches, oldest first: for who acts for the patient. Each is
	/// verified against the root that the chain has, and against the requester's signature.
	pub async fn receipts(&self, patient: &PatientId) -> Result<Vec<SignedReceipt>> {
		let mut batches: BTreeMap<_, Option<ReceiptBatchView>> = BTreeMap::new();
		let (mut all, mut cursor) = (Vec::new(), 0);
		loop {
			let target = format!("/receipts/{patient}?purpose=PATRQT&action=access&_cursor={cursor}");
			let signed = self.sign_target(target, Purpose::Patrqt, Action::Access).await?;
			let page: ReceiptsPage = self.ask(&signed).await?;
			for receipt in page.receipts {
				let key = (receipt.proven.org, receipt.proven.batch);
				if !batches.contains_key(&key) {
					batches.insert(key, self.chain.call_api("RecordsApi_receipt_batch", key, None).await?);
				}
				let (org, batch) = key;
				let known = batches.get(&key).and_then(Option::as_ref);
				let proven = known.is_some_and(|batch| receipt.proven.is_in(batch));
				if !proven || receipt.proven.leaf.patient != *patient || !receipt.is_signed() {
					return Err(Error::Corrupted(format!(
						"the gateway tells a receipt that batch {batch} of organisation {org} does not prove"
					)));
				}
				all.push(receipt);
			}
			match page.next {
				Some(next) if next > cursor => cursor = next,
				_ => return Ok(all),
			}
		}
	}

	/// The patient's label key, from the gateway that it was sealed to: for who acts for the patient and does not have it,
	/// because the key was lost and the account recovered. Returns its epoch, too.
	pub async fn label_key(&self, patient: &PatientId) -> Result<(u32, LabelKey)> {
		let target = format!("/label-key/{patient}?purpose=PATRQT&action=access");
		let signed = self.sign_target(target, Purpose::Patrqt, Action::Access).await?;
		let release: LabelKeyRelease = self.ask(&signed).await?;
		let context = LabelKeyContext {
			genesis: self.chain.genesis(),
			patient: *patient,
			label_epoch: release.label_epoch,
			recipient: self.secret.public(),
			epoch: signed.request.key_epoch,
		};
		let envelope = hex::decode(&release.envelope).map_err(|_| not_hexadecimal())?;
		Ok((release.label_epoch, context.open(&envelope, self.secret)?))
	}

	/// Makes and signs a request for a record.
	pub async fn sign(
		&self,
		patient: &PatientId,
		record: &RecordId,
		purpose: Purpose,
		action: Action,
	) -> Result<SignedRequest> {
		let target = format!("/records/{patient}/{record}?purpose={purpose}&action={action}");
		self.sign_target(target, purpose, action).await
	}

	/// Makes and signs a request for a path that has these in its query.
	pub async fn sign_target(&self, target: String, purpose: Purpose, action: Action) -> Result<SignedRequest> {
		let health = self.health().await?;
		if health.genesis != self.chain.genesis() {
			return Err(Error::WrongGenesis {
				expected: format!("{:?}", self.chain.genesis()),
				found: format!("{:?} (of the gateway)", health.genesis),
			});
		}
		let account = AccountId::from(self.signer.public_key().0);
		let key = self.chain.encryption_key(&account).await?;
		let key = key.ok_or_else(|| Error::KeyNotRegistered { account: account.to_string() })?;
		if key.public_key != self.secret.public() {
			return Err(Error::KeyMismatch { account: account.to_string() });
		}
		let request = Request {
			genesis: self.chain.genesis(),
			gateway: health.gateway,
			method: "GET".into(),
			target,
			body: H256(sp_crypto_hashing::blake2_256(b"")),
			purpose,
			action,
			account,
			key_epoch: key.epoch,
			nonce: rand::random(),
			expires: now() + REQUEST_VALIDITY,
		};
		Ok(request.sign(self.signer))
	}

	/// What the gateway says of itself.
	pub async fn health(&self) -> Result<Health> {
		let response = send(self.gateway, "/health", &[]).await?;
		response.json().await.map_err(|error| unreachable(self.gateway, &error))
	}

	/// Sends a signed request for a record.
	pub async fn fetch(&self, signed: &SignedRequest) -> Result<Release> {
		self.ask(signed).await
	}

	/// Sends a signed request.
	pub(crate) async fn ask<T: DeserializeOwned>(&self, signed: &SignedRequest) -> Result<T> {
		let response = send(self.gateway, &signed.request.target, &signed.headers()).await?;
		if response.status().is_success() {
			return response.json().await.map_err(|error| unreachable(self.gateway, &error));
		}
		let told: serde_json::Value = response.json().await.map_err(|error| unreachable(self.gateway, &error))?;
		// FHIR's paths tell the same in their own form.
		let diagnostics = told["issue"][0]["diagnostics"].as_str();
		let refusal: Result<Refusal, _> = match diagnostics {
			Some(text) => serde_json::from_str(text),
			None => serde_json::from_value(told.clone()),
		};
		let foreign = |_| Error::GatewayUnreachable { url: self.gateway.into(), reason: "it answers otherwise".into() };
		Err(self.refused(signed, refusal.map_err(foreign)?))
	}

	/// Verifies and decrypts what a gateway released.
	pub async fn open(
		&self,
		patient: &PatientId,
		record: &RecordId,
		signed: &SignedRequest,
		release: &Release,
	) -> Result<Read> {
		let view = self.chain.record(patient, record, None).await?;
		let view = view.ok_or_else(|| Error::not_found(format!("record {record}"), ""))?;
		if (release.record.version, release.record.commitment) != (view.version, view.commitment) {
			return Err(Error::Corrupted(format!(
				"the gateway released version {} of record {record}, but the chain has version {}: ask again",
				release.record.version, view.version
			)));
		}
		self.verify_gateway(&view, &signed.request.gateway).await?;
		let of_patient = release.answer.decision.reason == salus_primitives::consent::Reason::Patient;
		let request = if of_patient { H256::zero() } else { signed.hash() };
		let sealed = self.unseal(&view, signed.request.key_epoch, request, &release.envelope, &release.ciphertext)?;
		let plaintext = sealed.plaintext;
		Ok(Read { record: view, answer: release.answer.clone(), obligations: release.obligations, plaintext })
	}

	/// Opens what a gateway sealed to the reader for this request: it must be what the chain has an anchor of.
	pub(super) fn unseal(
		&self,
		view: &RecordView,
		key_epoch: u32,
		request: H256,
		envelope: &str,
		ciphertext: &str,
	) -> Result<Unsealed> {
		let context = DataKeyContext {
			genesis: self.chain.genesis(),
			record: view.id,
			version: view.version,
			commitment: view.commitment,
			recipient: self.secret.public(),
			epoch: key_epoch,
			request,
		};
		let envelope = hex::decode(envelope).map_err(|_| not_hexadecimal())?;
		let object = hex::decode(ciphertext).map_err(|_| not_hexadecimal())?;
		let key = context.open(&envelope, self.secret)?;
		let plaintext = crypto::open_content(&key, &view.id, view.version, &view.commitment, &object)?;
		Ok(Unsealed { key, object, plaintext })
	}

	/// Checks who answered: the gateway must belong to the custodian. (That the anchor's author signed it, as a member of
	/// who was the custodian then, is what the chain itself verified.)
	async fn verify_gateway(&self, view: &RecordView, gateway: &AccountId) -> Result<()> {
		let Some(custodian) = view.custodian else { return Ok(()) };
		match self.chain.member(gateway).await? {
			Some(member) if member.org == custodian && member.roles.contains(MemberRole::Gateway) => Ok(()),
			_ => Err(Error::Corrupted(format!(
				"gateway {gateway} does not belong to custodian {custodian} of record {}",
				view.id
			))),
		}
	}

	/// What a gateway's refusal means here.
	fn refused(&self, signed: &SignedRequest, refusal: Refusal) -> Error {
		let account = signed.request.account.to_string();
		let target = signed.request.target.split('?').next().unwrap_or_default().to_string();
		match (refusal.error.as_str(), refusal.answer) {
			("denied", Some(AccessAnswer { decision, .. })) => {
				Error::Denied { reason: decision.reason.code().into(), consent: decision.consent, rule: decision.rule }
			}
			("expired" | "valid-too-long", _) => Error::RequestExpired { reason: refusal.message },
			("replayed", _) => Error::RequestReplayed,
			("wrong-genesis", _) => Error::WrongGenesis {
				expected: format!("{:?}", signed.request.genesis),
				found: "another (of the gateway)".into(),
			},
			("not-for-patient" | "not-offered" | "not-recipient", _) => {
				Error::Denied { reason: refusal.error.clone(), consent: None, rule: None }
			}
			(code, _) if AccessRefusal::from_code(code).is_some() => {
				Error::Denied { reason: code.into(), consent: None, rule: None }
			}
			("busy" | "timeout", _) => Error::GatewayUnreachable { url: self.gateway.into(), reason: refusal.message },
			(
				"unknown-record"
				| "unknown-alert"
				| "not-custodian"
				| "no-label-key"
				| "unknown-type"
				| "unknown-path"
				| "contribution-missing"
				| "contribution-changed",
				_,
			) => Error::not_found(target, refusal.message),
			("key-not-registered", _) => Error::KeyNotRegistered { account },
			("key-epoch", _) => Error::KeyMismatch { account },
			("data-key-missing", _) => Error::DataKeyMissing { record: target, version: 0 },
			("ciphertext-missing", _) => Error::CiphertextMissing { locator: target },
			("ciphertext-corrupted" | "bad-signature" | "wrong-gateway", _) => Error::Corrupted(refusal.message),
			("node-unreachable", _) => Error::NodeUnreachable { url: self.gateway.into(), reason: refusal.message },
			("node-behind", _) => Error::NodeBehind { reason: refusal.message },
			(code, _) => Error::Unexpected(format!("the gateway answered {code}: {}", refusal.message)),
		}
	}
}

pub(super) fn not_hexadecimal() -> Error {
	Error::Corrupted("the gateway's answer is not hexadecimal".into())
}
