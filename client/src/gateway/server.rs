//! The service itself.

use super::{
	anchor,
	journal::{lock, Journal, NonceError, Nonces},
	now,
	request::{RequestError, SignedRequest},
	GatewayError, Health, Release,
};
use crate::{chain::Chain, crypto, keys::DataKeyStore, store::Store, Error, Result};
use axum::{
	extract::{Path, State},
	http::{HeaderMap, Method, Uri},
	response::{IntoResponse, Response},
	routing::get,
	Json, Router,
};
use salus_primitives::{
	consent::{Decision, Effect, Reason},
	views::{AccessAnswer, AccessQuery, Receipt},
	AccountId, Action, MemberRole, Moment, OrgId, PatientId, Purpose, RecordId, H256,
};
use std::{
	collections::BTreeMap,
	future::Future,
	path::PathBuf,
	sync::{Arc, Mutex},
};
use subxt_signer::sr25519::Keypair;
use tokio::{net::TcpListener, sync::Notify};

/// How far the best block may be behind the clock, in milliseconds.
const MAX_BEHIND: Moment = 60_000;

/// What a gateway is made of.
pub struct Config {
	/// The chain that decides.
	pub chain: Chain,
	/// The gateway's account: a member of the custodian with the role `gateway`.
	pub signer: Keypair,
	/// Where ciphertext is.
	pub store: Store,
	/// The data keys of the records that the custodian keeps.
	pub keys: DataKeyStore,
	/// Folder for receipts and nonces.
	pub journal: PathBuf,
}

/// What a refusal is held for: the same request, whatever its nonce.
type Asked = (AccountId, PatientId, RecordId, Purpose, Action);

/// Refusals seen at best blocks that finality has not passed.
#[derive(Default)]
struct Held(BTreeMap<Asked, AccessAnswer>);

impl Held {
	/// What holds: a refusal at the best block, else one that is held, else what the finalised block says, and only if
	/// that permits what the best block does.
	fn judge(
		&mut self,
		asked: Asked,
		at_best: AccessAnswer,
		at_finalised: &AccessAnswer,
		finalised: u32,
	) -> AccessAnswer {
		self.0.retain(|_, answer| answer.block > finalised);
		if at_best.decision.effect == Effect::Deny {
			self.0.insert(asked, at_best.clone());
			return at_best;
		}
		match self.0.get(&asked) {
			Some(earlier) => earlier.clone(),
			None if at_finalised.decision.effect == Effect::Deny => at_finalised.clone(),
			None => at_best,
		}
	}
}

/// A custodian's gateway. Cheap to clone.
#[derive(Clone)]
pub struct Gateway {
	inner: Arc<Inner>,
}

struct Inner {
	chain: Chain,
	signer: Keypair,
	account: AccountId,
	org: OrgId,
	store: Store,
	keys: DataKeyStore,
	journal: Arc<Journal>,
	nonces: Nonces,
	held: Mutex<Held>,
	/// Tells of new receipts.
	wake: Arc<Notify>,
}

impl Gateway {
	/// Opens what the gateway keeps and checks that the chain knows it.
	pub async fn open(config: Config) -> Result<Self> {
		let account = AccountId::from(config.signer.public_key().0);
		let member = config.chain.member(&account).await?;
		let member = member.filter(|member| member.in_standing && member.roles.contains(MemberRole::Gateway));
		let member = member.ok_or_else(|| {
			let hint = "let an administrator run `salus org add-member` with the role `gateway`";
			Error::not_found(format!("a membership of {account} in good standing as a gateway"), hint)
		})?;
		let unusable = |error| Error::file(&config.journal, error);
		let journal = Journal::open(&config.journal).map_err(unusable)?;
		let nonces = Nonces::open(&config.journal, now()).map_err(unusable)?;
		let held = journal.take_refusals().into_iter().map(|entry| {
			let receipt = entry.receipt;
			let decision =
				Decision { consent: receipt.consent, rule: receipt.rule, ..Decision::refusal(receipt.reason, 0) };
			let key = (receipt.actor, entry.patient, receipt.record, receipt.purpose, receipt.action);
			(key, AccessAnswer { decision, block: entry.block, now: receipt.at })
		});
		let inner = Inner {
			chain: config.chain,
			signer: config.signer,
			account,
			org: member.org,
			store: config.store,
			keys: config.keys,
			held: Mutex::new(Held(held.collect())),
			journal: Arc::new(journal),
			nonces,
			wake: Arc::new(Notify::new()),
		};
		Ok(Self { inner: Arc::new(inner) })
	}

	/// The gateway's account.
	pub fn account(&self) -> &AccountId {
		&self.inner.account
	}

	/// The custodian.
	pub fn org(&self) -> OrgId {
		self.inner.org
	}

	/// What it says of itself.
	pub fn health(&self) -> Health {
		let inner = &self.inner;
		Health {
			gateway: inner.account.clone(),
			org: inner.org,
			genesis: inner.chain.genesis(),
			receipts_pending: inner.journal.pending_count(),
			receipts_failed: inner.journal.progress().failed.len() as u64,
		}
	}

	/// Serves until `stop` is ready, and brings receipts to the chain meanwhile. Receipts that are left then are
	/// anchored after the next start.
	pub async fn serve(self, listener: TcpListener, stop: impl Future<Output = ()> + Send + 'static) -> Result<()> {
		let inner = &self.inner;
		let anchoring =
			anchor::run(inner.chain.clone(), inner.signer.clone(), inner.journal.clone(), inner.wake.clone());
		let anchoring = tokio::spawn(anchoring);
		let router = Router::new()
			.route("/health", get(|State(gateway): State<Gateway>| async move { Json(gateway.health()) }))
			.route("/records/{patient}/{record}", get(record))
			.with_state(self);
		let served = axum::serve(listener, router).with_graceful_shutdown(stop).await;
		anchoring.abort();
		served.map_err(|error| Error::unexpected("serving HTTP", error))
	}

	/// Answers one signed request for a record.
	pub async fn release(
		&self,
		signed: SignedRequest,
		patient: PatientId,
		record: RecordId,
	) -> Result<Release, GatewayError> {
		let inner = &self.inner;
		let request = &signed.request;
		let time = now();
		signed.check(inner.chain.genesis(), &inner.account, time)?;
		let (this, account, nonce, expires) = (self.clone(), request.account.clone(), request.nonce, request.expires);
		blocking(move || this.inner.nonces.take(&account, &nonce, expires, time)).await?.map_err(
			|error| match error {
				NonceError::Request(error) => GatewayError::Request(error),
				NonceError::Io(error) => GatewayError::Storage(error.to_string()),
			},
		)?;

		let key = inner.chain.encryption_key(&request.account).await.map_err(node)?;
		let key = key.ok_or(GatewayError::KeyNotRegistered)?;
		if key.epoch != request.key_epoch {
			return Err(GatewayError::KeyEpoch { actual: key.epoch });
		}
		let query = AccessQuery {
			actor: request.account.clone(),
			patient,
			purpose: request.purpose,
			action: request.action,
			record: Some(record),
			resource: None,
		};
		let (answer, finalised, at) = self.decide(&query).await?;
		let Some(view) = inner.chain.record(&patient, &record, Some(at)).await.map_err(node)? else {
			return Err(GatewayError::UnknownRecord);
		};
		// What a patient wrote is kept by whichever provider they chose.
		if view.custodian.is_some_and(|custodian| custodian != inner.org) {
			return Err(GatewayError::NotCustodian);
		}
		let request_hash = signed.hash();
		let receipt = Receipt {
			actor: request.account.clone(),
			record,
			version: view.version,
			purpose: request.purpose,
			action: request.action,
			effect: answer.decision.effect,
			reason: answer.decision.reason,
			consent: answer.decision.consent,
			rule: answer.decision.rule,
			at: answer.now,
			request: request_hash,
		};
		if answer.decision.effect == Effect::Deny {
			self.journal(patient, answer.block, receipt).await?;
			return Err(GatewayError::Denied(Box::new(answer)));
		}

		// All that can fail comes before the receipt that says that the record was given.
		let data_key = inner.keys.get(&record, view.version).map_err(|error| match error {
			Error::DataKeyMissing { version, .. } => GatewayError::DataKeyMissing { version },
			other => GatewayError::Storage(other.to_string()),
		})?;
		let locator = String::from_utf8_lossy(&view.locator).into_owned();
		let ciphertext = inner.store.get(&locator).await.map_err(|error| match error {
			Error::CiphertextMissing { .. } => GatewayError::CiphertextMissing,
			other => GatewayError::Storage(other.to_string()),
		})?;
		if crypto::commitment(&data_key, &crypto::digest(&[&ciphertext])) != view.commitment {
			return Err(GatewayError::CiphertextCorrupted);
		}
		let of_patient = answer.decision.reason == Reason::Patient;
		let envelope = crypto::DataKeyContext {
			genesis: inner.chain.genesis(),
			record,
			version: view.version,
			commitment: view.commitment,
			recipient: key.public_key,
			epoch: key.epoch,
			// The patient's own envelope outlives the request.
			request: if of_patient { H256::zero() } else { request_hash },
		};
		let envelope = envelope.seal(&data_key).map_err(|error| GatewayError::Storage(error.to_string()))?;
		let receipt = self.journal(patient, answer.block, receipt).await?;
		Ok(Release {
			record: view,
			obligations: answer.decision.obligations.union(finalised.decision.obligations),
			finalised: finalised.block,
			answer,
			envelope: hex::encode(envelope),
			ciphertext: hex::encode(ciphertext),
			request: request_hash,
			receipt,
		})
	}

	/// The decision that holds, the one at the latest finalised block, and the best block's hash.
	async fn decide(&self, query: &AccessQuery) -> Result<(AccessAnswer, AccessAnswer, H256), GatewayError> {
		let chain = &self.inner.chain;
		if chain.is_syncing().await.map_err(node)? {
			return Err(GatewayError::NodeBehind("it is syncing".into()));
		}
		let (best, finalised) = futures::try_join!(chain.best(), chain.finalised()).map_err(node)?;
		let (at_best, at_finalised) = futures::try_join!(
			chain.check_access(query, Some(best.hash)),
			chain.check_access(query, Some(finalised.hash)),
		)
		.map_err(node)?;
		let behind = now().saturating_sub(at_best.now);
		if behind > MAX_BEHIND {
			return Err(GatewayError::NodeBehind(format!("its best block is {} s old", behind / 1000)));
		}
		let record = query.record.expect("the gateway asks for records only; qed");
		let key = (query.actor.clone(), query.patient, record, query.purpose, query.action);
		let answer = lock(&self.inner.held).judge(key, at_best, &at_finalised, finalised.number);
		Ok((answer, at_finalised, best.hash))
	}

	async fn journal(&self, patient: PatientId, block: u32, receipt: Receipt) -> Result<u64, GatewayError> {
		let journal = self.inner.journal.clone();
		let position = blocking(move || journal.append(patient, block, receipt)).await?;
		self.inner.wake.notify_one();
		position.map_err(|error| GatewayError::Storage(error.to_string()))
	}
}

/// Runs what waits for the disk where it delays nobody else.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, GatewayError> {
	tokio::task::spawn_blocking(work).await.map_err(|error| GatewayError::Storage(error.to_string()))
}

fn node(error: Error) -> GatewayError {
	GatewayError::Node(error.to_string())
}

async fn record(
	State(gateway): State<Gateway>,
	Path((patient, record)): Path<(String, String)>,
	method: Method,
	uri: Uri,
	headers: HeaderMap,
) -> Response {
	let target = uri.path_and_query().map_or(uri.path(), |target| target.as_str());
	let header = |name: &'static str| headers.get(name).and_then(|value| value.to_str().ok());
	let answer = async {
		let signed = SignedRequest::read(method.as_str(), target, b"", header)?;
		let patient = patient.parse().map_err(|_| RequestError::Field("patient"))?;
		let record = record.parse().map_err(|_| RequestError::Field("record"))?;
		gateway.release(signed, patient, record).await
	};
	match answer.await {
		Ok(release) => Json(release).into_response(),
		Err(error) => (error.status(), Json(error.refusal())).into_response(),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn asked(purpose: Purpose) -> Asked {
		(AccountId::new([1; 32]), PatientId([2; 32]), RecordId([3; 32]), purpose, Action::Access)
	}

	fn answer(effect: Effect, block: u32) -> AccessAnswer {
		let reason = if effect == Effect::Permit { Reason::Consent } else { Reason::NoConsent };
		AccessAnswer { decision: Decision { effect, ..Decision::refusal(reason, 0) }, block, now: 0 }
	}

	/// The answer with the best block at one height, the finalised one at another.
	fn judge(held: &mut Held, best: (Effect, u32), finalised: (Effect, u32)) -> (Effect, u32) {
		let (at_best, at_finalised) = (answer(best.0, best.1), answer(finalised.0, finalised.1));
		let held = held.judge(asked(Purpose::Treat), at_best, &at_finalised, finalised.1);
		(held.decision.effect, held.block)
	}

	use Effect::{Deny, Permit};

	#[test]
	fn a_new_consent_waits_for_finality() {
		let mut held = Held::default();
		assert_eq!(judge(&mut held, (Permit, 9), (Deny, 7)), (Deny, 7));
		assert_eq!(judge(&mut held, (Permit, 10), (Permit, 9)), (Permit, 10));
	}

	#[test]
	fn the_end_of_a_consent_works_at_once() {
		assert_eq!(judge(&mut Held::default(), (Deny, 9), (Permit, 7)), (Deny, 9));
	}

	#[test]
	fn a_refusal_survives_the_block_that_it_was_seen_in() {
		let mut held = Held::default();
		assert_eq!(judge(&mut held, (Deny, 9), (Permit, 7)), (Deny, 9));
		// Block 9 is retracted; what takes its place permits.
		assert_eq!(judge(&mut held, (Permit, 9), (Permit, 8)), (Deny, 9));
		let other = held.judge(asked(Purpose::Hresch), answer(Permit, 9), &answer(Permit, 8), 8);
		assert_eq!(other.decision.effect, Permit);
		assert_eq!(judge(&mut held, (Permit, 11), (Permit, 9)), (Permit, 11));
	}
}
