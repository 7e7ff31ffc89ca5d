//! What a gateway does with a signed request, whatever the path that it came by.

use super::{
	anchor::Anchor,
	contributions::HeldGrants,
	held::Held,
	http::{self, Limits, Tls},
	journal::{lock, Draft, Evidence, Journal, NonceError, Nonces},
	leaving::Leaving,
	metrics::{self, Counts},
	now,
	request::SignedRequest,
	GatewayError, Health, Release,
};
use crate::{
	chain::{BlockId, Chain},
	crypto::{self, EncryptionSecret},
	keys::DataKeyStore,
	research::Book,
	store::Store,
	Error, Result,
};
use salus_primitives::{
	consent::{Decision, Effect, Reason},
	views::{AccessAnswer, AccessQuery, EncryptionKey, Receipt, RecordView},
	AccountId, Action, MemberRole, Moment, ObligationSet, OrgId, PatientId, Purpose, RecordId, H256,
};
use std::{
	future::Future,
	path::PathBuf,
	sync::{Arc, Mutex},
	time::Duration,
};
use subxt_signer::sr25519::Keypair;
use tokio::{net::TcpListener, sync::Notify};

/// How far the best block may be behind the clock, in milliseconds.
const MAX_BEHIND: Moment = 60_000;
/// How often it is looked whether something is to be destroyed.
const SWEEP: Duration = Duration::from_secs(60);

/// What a gateway is made of.
pub struct Config {
	/// The chain that decides.
	pub chain: Chain,
	/// The gateway's account: a member of the custodian with the role `gateway`.
	pub signer: Keypair,
	/// Secret of the encryption key that is registered for that account: patients seal their label keys to it.
	pub secret: EncryptionSecret,
	/// Where ciphertext is.
	pub store: Store,
	/// The data keys of the records that the custodian keeps.
	pub keys: DataKeyStore,
	/// What contributions to research datasets that the custodian attested stand for.
	pub book: Book,
	/// Folder for receipts and nonces.
	pub journal: PathBuf,
	/// Folder for notes on what is to be destroyed.
	pub leaving: PathBuf,
	/// Folder of the books of streams that are held here.
	pub streams: PathBuf,
	/// Folder of what is kept about care plans.
	pub care: PathBuf,
	/// How long receipts are gathered before the root of a Merkle tree over them is anchored; zero anchors each.
	pub receipt_interval: Duration,
	/// What it takes at once.
	pub limits: Limits,
	/// How it proves who it is; without, it speaks HTTP in the clear.
	pub tls: Option<Tls>,
}

/// What a refusal is held for: the same request, whatever its nonce.
type Asked = (AccountId, PatientId, RecordId, Purpose, Action);

/// A custodian's gateway. Cheap to clone.
#[derive(Clone)]
pub struct Gateway {
	pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
	pub(super) chain: Chain,
	signer: Keypair,
	pub(super) secret: EncryptionSecret,
	pub(super) account: AccountId,
	pub(super) org: OrgId,
	pub(super) store: Store,
	pub(super) keys: DataKeyStore,
	pub(super) book: Book,
	journal: Arc<Journal>,
	pub(super) leaving: Leaving,
	pub(super) streams: PathBuf,
	pub(super) care: PathBuf,
	nonces: Nonces,
	held: Mutex<Held<Asked, AccessAnswer>>,
	pub(super) held_grants: Mutex<HeldGrants>,
	counts: Counts,
	/// Tells of new receipts.
	wake: Arc<Notify>,
	receipt_interval: Duration,
	limits: Limits,
	tls: Option<Tls>,
}

/// Who asks, once that is certain.
pub(super) struct Asker {
	/// The request, with a signature that fits, in time, and for the first time.
	pub(super) signed: SignedRequest,
	/// Its hash.
	pub(super) hash: H256,
	/// The key that the answer is sealed to.
	pub(super) key: EncryptionKey,
}

/// The blocks that both have to permit.
#[derive(Clone, Copy)]
pub(super) struct Heads {
	/// The best one.
	pub(super) best: BlockId,
	/// The latest finalised one.
	pub(super) finalised: BlockId,
}

/// What holds for a record.
#[derive(Clone)]
pub(super) struct Judged {
	/// The record at the best block.
	pub(super) view: RecordView,
	/// The decision that holds.
	pub(super) answer: AccessAnswer,
	finalised: AccessAnswer,
}

impl Judged {
	/// What the reader is obliged to, by either decision.
	pub(super) fn obligations(&self) -> ObligationSet {
		self.answer.decision.obligations.union(self.finalised.decision.obligations)
	}

	/// What the journal is to hold of it.
	pub(super) fn draft(&self, asker: &Asker) -> Draft {
		let (decision, request) = (&self.answer.decision, &asker.signed.request);
		let receipt = Receipt {
			actor: request.account.clone(),
			record: self.view.id,
			version: self.view.version,
			purpose: request.purpose,
			action: request.action,
			effect: decision.effect,
			reason: decision.reason,
			consent: decision.consent,
			rule: decision.rule,
			at: self.answer.now,
			request: asker.hash,
		};
		Draft { patient: self.view.patient, block: self.answer.block, receipt }
	}
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
			(key, (entry.block, AccessAnswer { decision, block: entry.block, now: receipt.at }))
		});
		let inner = Inner {
			chain: config.chain,
			signer: config.signer,
			secret: config.secret,
			account,
			org: member.org,
			store: config.store,
			keys: config.keys,
			book: config.book,
			held: Mutex::new(held.collect()),
			held_grants: Default::default(),
			journal: Arc::new(journal),
			leaving: Leaving::new(config.leaving),
			streams: config.streams,
			care: config.care,
			nonces,
			counts: Counts::default(),
			wake: Arc::new(Notify::new()),
			receipt_interval: config.receipt_interval,
			limits: config.limits,
			tls: config.tls,
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

	/// What it has counted, as Prometheus reads it.
	pub fn metrics(&self) -> String {
		let journal = &self.inner.journal;
		let receipts = metrics::Receipts {
			pending: journal.pending_count(),
			oldest: journal.oldest_pending().map_or(0, |at| now().saturating_sub(at) / 1_000),
			failed: journal.progress().failed.len() as u64,
		};
		self.inner.counts.text(receipts)
	}

	/// Serves until `stop` is ready; brings receipts to the chain and destroys what has left meanwhile. Receipts that are
	/// left then are anchored after the next start.
	pub async fn serve(self, listener: TcpListener, stop: impl Future<Output = ()> + Send + 'static) -> Result<()> {
		let inner = self.inner.clone();
		let anchor = Anchor {
			chain: inner.chain.clone(),
			signer: inner.signer.clone(),
			org: inner.org,
			journal: inner.journal.clone(),
			interval: inner.receipt_interval,
		};
		let anchoring = tokio::spawn(anchor.run(inner.wake.clone()));
		let sweeping = tokio::spawn(sweep(inner.clone()));
		let served = http::serve(self, listener, stop, &inner.limits, inner.tls.as_ref()).await;
		anchoring.abort();
		sweeping.abort();
		served
	}

	/// Answers one signed request for a record.
	pub async fn release(
		&self,
		signed: SignedRequest,
		patient: PatientId,
		record: RecordId,
	) -> Result<Release, GatewayError> {
		let asker = self.authenticate(signed).await?;
		let heads = self.heads().await?;
		let judged = self.judge(&asker, heads, patient, record).await?;
		self.carry_out(&asker, judged).await
	}

	/// Gives a record or refuses it, and writes that down.
	pub(super) async fn carry_out(&self, asker: &Asker, judged: Judged) -> Result<Release, GatewayError> {
		if judged.answer.decision.effect == Effect::Deny {
			self.write_down(asker, vec![judged.draft(asker)]).await?;
			return Err(GatewayError::Denied(Box::new(judged.answer)));
		}
		// All that can fail comes before the receipt that says that the record was given.
		let mut release = self.prepare(asker, &judged).await?;
		release.receipt = self.write_down(asker, vec![judged.draft(asker)]).await?;
		Ok(release)
	}

	/// Makes sure who asks: checks the signature, takes the nonce, and finds the key to seal to.
	pub(super) async fn authenticate(&self, signed: SignedRequest) -> Result<Asker, GatewayError> {
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
		Ok(Asker { hash: signed.hash(), signed, key })
	}

	/// The best and the latest finalised block of a node that is not behind.
	pub(super) async fn heads(&self) -> Result<Heads, GatewayError> {
		let chain = &self.inner.chain;
		if chain.is_syncing().await.map_err(node)? {
			return Err(GatewayError::NodeBehind("it is syncing".into()));
		}
		let (best, finalised) = futures::try_join!(chain.best(), chain.finalised()).map_err(node)?;
		Ok(Heads { best, finalised })
	}

	/// Finds out what holds for a record that this gateway keeps. Writes nothing down.
	pub(super) async fn judge(
		&self,
		asker: &Asker,
		heads: Heads,
		patient: PatientId,
		record: RecordId,
	) -> Result<Judged, GatewayError> {
		let inner = &self.inner;
		let request = &asker.signed.request;
		let query = AccessQuery {
			actor: request.account.clone(),
			patient,
			purpose: request.purpose,
			action: request.action,
			record: Some(record),
			resource: None,
		};
		let view = async { inner.chain.record(&patient, &record, Some(heads.best.hash)).await.map_err(node) };
		let ((answer, at_finalised), view) = futures::try_join!(self.decide(heads, record, query), view)?;
		let view = view.ok_or(GatewayError::UnknownRecord)?;
		// What a patient wrote is kept by whichever provider they chose.
		if view.custodian.is_some_and(|custodian| custodian != inner.org) {
			return Err(GatewayError::NotCustodian);
		}
		Ok(Judged { view, answer, finalised: at_finalised })
	}

	/// The decision that holds for a query, and the one at the finalised block. `named` is what a refusal is held for.
	pub(super) async fn decide(
		&self,
		heads: Heads,
		named: RecordId,
		query: AccessQuery,
	) -> Result<(AccessAnswer, AccessAnswer), GatewayError> {
		let inner = &self.inner;
		let (at_best, at_finalised) = futures::try_join!(
			inner.chain.check_access(&query, Some(heads.best.hash)),
			inner.chain.check_access(&query, Some(heads.finalised.hash)),
		)
		.map_err(node)?;
		ensure_recent(at_best.now)?;
		let asked = (query.actor, query.patient, named, query.purpose, query.action);
		let heads = (heads.best.number, heads.finalised.number);
		let answer = lock(&inner.held).judge(asked, heads, by_effect(at_best), by_effect(at_finalised.clone()));
		let (Ok(answer) | Err(answer)) = answer;
		Ok((answer, at_finalised))
	}

	/// Seals a record that is permitted. The place of its receipt is not known yet.
	pub(super) async fn prepare(&self, asker: &Asker, judged: &Judged) -> Result<Release, GatewayError> {
		let of_patient = judged.answer.decision.reason == Reason::Patient;
		// The patient's own envelope outlives the request.
		let request = if of_patient { H256::zero() } else { asker.hash };
		let (envelope, ciphertext) = self.seal(asker, &judged.view, request).await?;
		Ok(Release {
			record: judged.view.clone(),
			obligations: judged.obligations(),
			finalised: judged.finalised.block,
			answer: judged.answer.clone(),
			envelope,
			ciphertext,
			request: asker.hash,
			receipt: 0,
		})
	}

	/// The data key of a record, sealed to who asks, and the ciphertext; both in hexadecimal.
	pub(super) async fn seal(
		&self,
		asker: &Asker,
		view: &RecordView,
		request: H256,
	) -> Result<(String, String), GatewayError> {
		let inner = &self.inner;
		let data_key = inner.keys.get(&view.id, view.version).map_err(|error| match error {
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
		let context = crypto::DataKeyContext {
			genesis: inner.chain.genesis(),
			record: view.id,
			version: view.version,
			commitment: view.commitment,
			recipient: asker.key.public_key,
			epoch: asker.key.epoch,
			request,
		};
		let envelope = context.seal(&data_key).map_err(|error| GatewayError::Storage(error.to_string()))?;
		Ok((hex::encode(envelope), hex::encode(ciphertext)))
	}

	/// Puts receipts of one request on the disk; returns the place of the first.
	pub(super) async fn write_down(&self, asker: &Asker, drafts: Vec<Draft>) -> Result<u64, GatewayError> {
		let journal = self.inner.journal.clone();
		let signed = &asker.signed;
		let evidence = Evidence { text: signed.request.text(), signature: hex::encode(signed.signature) };
		let (permitted, refused) = metrics::effects(&drafts);
		let position = blocking(move || journal.append(drafts, &evidence)).await?;
		self.inner.wake.notify_one();
		let position = position.map_err(|error| GatewayError::Storage(error.to_string()))?;
		self.inner.counts.count(permitted, refused);
		Ok(position)
	}

	pub(super) fn journal(&self) -> &Arc<Journal> {
		&self.inner.journal
	}
}

/// Refuses what a node says whose best block is old.
pub(super) fn ensure_recent(best: Moment) -> Result<(), GatewayError> {
	let behind = now().saturating_sub(best);
	if behind > MAX_BEHIND {
		return Err(GatewayError::NodeBehind(format!("its best block is {} s old", behind / 1000)));
	}
	Ok(())
}

/// Destroys what has left, for ever.
async fn sweep(inner: Arc<Inner>) {
	loop {
		match inner.leaving.settle(&inner.chain, &inner.store, &inner.keys).await {
			Ok(0) => (),
			Ok(count) => tracing::info!("{count} records have left: their keys and ciphertext are destroyed"),
			Err(error) => tracing::warn!("what has left is not destroyed yet: {error}"),
		}
		tokio::time::sleep(SWEEP).await;
	}
}

/// Runs what waits for the disk where it delays nobody else.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, GatewayError> {
	tokio::task::spawn_blocking(work).await.map_err(|error| GatewayError::Storage(error.to_string()))
}

/// A refusal as an error, for what treats the two apart.
fn by_effect(answer: AccessAnswer) -> Result<AccessAnswer, AccessAnswer> {
	if answer.decision.is_permit() {
		Ok(answer)
	} else {
		Err(answer)
	}
}

pub(super) fn node(error: Error) -> GatewayError {
	GatewayError::Node(error.to_string())
}

#[cfg(test)]
pub(super) mod tests {
	use super::*;
	use crate::gateway::leaving::tests::view;
	use salus_primitives::consent::RecordStatus;

	/// A record and what holds for it.
	pub(in crate::gateway) fn judged(effect: Effect, reason: Reason) -> Judged {
		let decision = Decision { effect, ..Decision::refusal(reason, 0) };
		let answer = AccessAnswer { decision, block: 9, now: 5 };
		Judged { view: view(RecordStatus::Active, None), finalised: answer.clone(), answer }
	}

	/// A receipt that is to be written down.
	pub(in crate::gateway) fn draft(effect: Effect) -> Draft {
		let receipt = Receipt {
			actor: AccountId::new([1; 32]),
			record: RecordId([3; 32]),
			version: 0,
			purpose: Purpose::Treat,
			action: Action::Access,
			effect,
			reason: if effect == Effect::Permit { Reason::Consent } else { Reason::NoConsent },
			consent: None,
			rule: None,
			at: 5,
			request: H256::zero(),
		};
		Draft { patient: PatientId([2; 32]), block: 9, receipt }
	}
}
