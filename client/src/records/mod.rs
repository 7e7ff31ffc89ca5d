//! Adding and reading records: plan, keys, store, chain and gateway together.
//!
//! **Adding** is safe to interrupt. A record's identifier follows from its content, so a second run finds what the
//! first one anchored. What is under way is noted beside the data keys before the ciphertext is stored, so a second run
//! finds that too and stores nothing twice. All ciphertext is stored before the first record is anchored; records are
//! anchored in transactions of up to 64, each all or nothing.
//!
//! **Reading** trusts the gateway with nothing: the commitment is the one on the chain as the reader's own node sees
//! it, and the envelope opens only for the record, version, request and key that it was asked for.

mod alerts;
pub(crate) mod http;
mod leave;
mod reader;
mod search;

pub use alerts::Alerted;
pub use http::trust_gateway_ca;
pub use leave::{shred, take_over, TakenOver};
pub use reader::{Read, Reader};
pub use search::Found;

use crate::{
	chain::{calls, Chain},
	crypto::{self, EncryptionSecret, LabelKey, LabelKeyContext},
	gateway::now,
	keys::{write_private, DataKeyStore},
	plan::{Plan, PlannedRecord},
	store::Store,
	Error, Result,
};
use salus_primitives::{
	consent::RecordStatus,
	inputs::{RecordInput, MAX_ANCHORS},
	views::{CareView, Locator, RecordView},
	AccountId, OrgId, PatientId, RecordId, H256,
};
use serde::{Deserialize, Serialize};
use std::{
	collections::BTreeMap,
	path::{Path, PathBuf},
};
use subxt_signer::sr25519::Keypair;
use zeroize::Zeroizing;

/// Rotations of the recipient's key that a sealed label key may be behind.
const EPOCHS_BACK: u32 = 8;

/// Who keeps records, and with what.
pub struct Custodian<'a> {
	/// The chain.
	pub chain: &'a Chain,
	/// Who anchors: a member of the custodian.
	pub author: &'a Keypair,
	/// Secret of the account to which patients seal their label keys.
	pub label_secret: &'a EncryptionSecret,
	/// Where ciphertext goes.
	pub store: &'a Store,
	/// The custodian's data keys.
	pub keys: &'a DataKeyStore,
	/// Folder for notes on what is under way.
	pub notes: PathBuf,
}

/// How far adding has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
	/// One more record is encrypted and stored.
	Stored,
	/// So many more records are anchored.
	Anchored(usize),
}

/// What adding did.
#[derive(Serialize, Clone, PartialEq, Eq, Debug, Default)]
pub struct Added {
	/// Records in the plan.
	pub total: usize,
	/// Those that were there already.
	pub present: usize,
	/// Those that are anchored now.
	pub anchored: usize,
	/// Those whose key or ciphertext was lost, and which have a new version now.
	pub repaired: usize,
	/// The blocks that took them.
	pub blocks: Vec<u32>,
	/// All records of the plan, in its order.
	pub records: Vec<RecordId>,
}

/// What is under way for a record.
#[derive(Serialize, Deserialize)]
struct Note {
	version: u32,
	locator: String,
	commitment: H256,
}

impl Custodian<'_> {
	/// Encrypts, stores and anchors the records of a plan that are not there yet.
	pub async fn add(&self, patient: &PatientId, plan: &Plan, step: impl FnMut(Step)) -> Result<Added> {
		let author = AccountId::from(self.author.public_key().0);
		let member = self.chain.member(&author).await?;
		let member = member.ok_or_else(|| {
			Error::not_found(format!("a membership of {author}"), "records are anchored by members of a custodian")
		})?;
		let care = open_care(self.chain, patient, member.org).await?;
		let label_key = unseal_label_key(self.chain, patient, &care, self.label_secret).await?;
		self.add_with(patient, plan, &label_key, care.label_epoch, step).await
	}

	/// As [`Self::add`], for who has the label key of this epoch: a patient adds records of their own so, and keeps them.
	pub async fn add_with(
		&self,
		patient: &PatientId,
		plan: &Plan,
		label_key: &LabelKey,
		label_epoch: u32,
		mut step: impl FnMut(Step),
	) -> Result<Added> {
		let on_chain: BTreeMap<_, _> =
			self.chain.records(patient).await?.into_iter().map(|view| (view.id, view)).collect();

		let mut added = Added { total: plan.records.len(), ..Added::default() };
		let (mut anchors, mut amendments) = (Vec::new(), Vec::new());
		for record in &plan.records {
			let id = label_key.record_id(&record.plaintext);
			added.records.push(id);
			match on_chain.get(&id) {
				Some(view) if self.is_whole(view).await? => {
					self.settle_note(view).await?;
					added.present += 1;
				}
				Some(view) => {
					amendments.push(self.prepare(record, id, view.version + 1, label_key, label_epoch).await?);
				}
				None => anchors.push(self.prepare(record, id, 1, label_key, label_epoch).await?),
			}
			step(Step::Stored);
		}
		step(Step::Anchored(added.present));

		for chunk in anchors.chunks(MAX_ANCHORS as usize) {
			let call = calls::anchor_many(patient, chunk);
			let block = self.submit(&added, &call).await?;
			added.anchored += chunk.len();
			added.blocks.push(block);
			self.forget_notes(chunk)?;
			step(Step::Anchored(chunk.len()));
		}
		for record in &amendments {
			let block = self.submit(&added, &calls::amend(patient, record)).await?;
			added.repaired += 1;
			added.blocks.push(block);
			self.forget_notes(std::slice::from_ref(record))?;
			step(Step::Anchored(1));
		}
		Ok(added)
	}

	async fn submit(&self, added: &Added, call: &calls::Call) -> Result<u32> {
		let done = added.present + added.anchored + added.repaired;
		match self.chain.submit(self.author, call).await {
			Ok(included) => Ok(included.block.number),
			// Nothing was done by this run: the cause speaks for itself.
			Err(error) if added.anchored + added.repaired == 0 => Err(error),
			Err(error) => Err(Error::Incomplete { done, total: added.total, reason: error.to_string() }),
		}
	}

	/// Whether key and ciphertext of an anchored record are there and fit. Destroyed on purpose is whole.
	async fn is_whole(&self, view: &RecordView) -> Result<bool> {
		if view.status == RecordStatus::Shredded {
			return Ok(true);
		}
		let key = match self.keys.get(&view.id, view.version) {
			Ok(key) => key,
			Err(Error::DataKeyMissing { .. }) => return Ok(false),
			Err(error) => return Err(error),
		};
		match self.store.get(&String::from_utf8_lossy(&view.locator)).await {
			Ok(object) => Ok(crypto::commitment(&key, &crypto::digest(&[&object])) == view.commitment),
			Err(Error::CiphertextMissing { .. }) => Ok(false),
			Err(error) => Err(error),
		}
	}

	/// Encrypts and stores one version of a record, unless an interrupted run already has.
	async fn prepare(
		&self,
		record: &PlannedRecord,
		id: RecordId,
		version: u32,
		label_key: &LabelKey,
		label_epoch: u32,
	) -> Result<RecordInput> {
		let note = match self.finished(&id, version, &record.plaintext).await? {
			Some(note) => note,
			None => {
				let key = self.keys.get_or_create(&id, version)?;
				let sealed = crypto::seal_content(&key, &id, version, &record.plaintext)?;
				let note = Note { version, locator: sealed.locator(), commitment: sealed.commitment };
				self.discard(&id).await?;
				write_note(&self.note_path(&id), &note)?;
				self.store.put(&note.locator, sealed.object).await?;
				note
			}
		};
		let locator = Locator::try_from(note.locator.into_bytes());
		Ok(RecordInput {
			id,
			resource_type: record.resource_type,
			confidentiality: record.confidentiality,
			labels: label_key.permutation().blind(record.labels),
			label_epoch,
			data_from: record.data_from,
			data_to: record.data_to,
			episode: record.encounter.as_ref().map(|encounter| label_key.episode(encounter)),
			commitment: note.commitment,
			locator: locator.map_err(|_| Error::Unexpected("a locator came out too long".into()))?,
		})
	}

	/// What an interrupted run noted, if key and ciphertext are there and hold this content.
	async fn finished(&self, id: &RecordId, version: u32, plaintext: &[u8]) -> Result<Option<Note>> {
		let Some(note) = read_note(&self.note_path(id))?.filter(|note| note.version == version) else {
			return Ok(None);
		};
		let key = match self.keys.get(id, version) {
			Ok(key) => key,
			Err(Error::DataKeyMissing { .. }) => return Ok(None),
			Err(error) => return Err(error),
		};
		let object = match self.store.get(&note.locator).await {
			Ok(object) => object,
			Err(Error::CiphertextMissing { .. }) => return Ok(None),
			Err(error) => return Err(error),
		};
		let content = crypto::open_content(&key, id, version, &note.commitment, &object);
		Ok(content.is_ok_and(|content| content.as_slice() == plaintext).then_some(note))
	}

	/// Forgets what a run noted that ended after its transaction was sent; what it stored and did not anchor goes too.
	async fn settle_note(&self, view: &RecordView) -> Result<()> {
		let Some(note) = read_note(&self.note_path(&view.id))? else { return Ok(()) };
		if note.locator.as_bytes() != view.locator.as_slice() {
			self.store.delete(&note.locator).await?;
		}
		self.forget_note(&view.id)
	}

	/// Removes what an interrupted run left half-done.
	async fn discard(&self, id: &RecordId) -> Result<()> {
		if let Some(note) = read_note(&self.note_path(id))? {
			self.store.delete(&note.locator).await?;
		}
		Ok(())
	}

	fn note_path(&self, id: &RecordId) -> PathBuf {
		self.notes.join(hex::encode(id.0))
	}

	fn forget_notes(&self, records: &[RecordInput]) -> Result<()> {
		records.iter().try_for_each(|record| self.forget_note(&record.id))
	}

	fn forget_note(&self, id: &RecordId) -> Result<()> {
		let path = self.note_path(id);
		match std::fs::remove_file(&path) {
			Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::file(&path, error)),
			_ => Ok(()),
		}
	}
}

fn read_note(path: &Path) -> Result<Option<Note>> {
	match std::fs::read(path) {
		Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| {
			Error::Corrupted(format!("{} is damaged: {error}. Remove it and run the command again", path.display()))
		}),
		Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
		Err(error) => Err(Error::file(path, error)),
	}
}

fn write_note(path: &Path, note: &Note) -> Result<()> {
	let bytes = serde_json::to_vec(note).map_err(|error| Error::unexpected("writing a note", error))?;
	write_private(path, &bytes, true).map_err(|error| Error::file(path, error))
}

/// Decrypts a record that is kept here.
pub async fn open_kept(store: &Store, keys: &DataKeyStore, view: &RecordView) -> Result<Zeroizing<Vec<u8>>> {
	let key = keys.get(&view.id, view.version)?;
	let object = store.get(&String::from_utf8_lossy(&view.locator)).await?;
	crypto::open_content(&key, &view.id, view.version, &view.commitment, &object)
}

/// The open care relationship of a patient with an organisation.
pub async fn open_care(chain: &Chain, patient: &PatientId, org: OrgId) -> Result<CareView> {
	if chain.patient(patient).await?.is_none() {
		return Err(Error::not_found(format!("patient {patient}"), "register with `salus patient register`"));
	}
	let care = chain.care(patient, org).await?.filter(|care| care.until > now());
	care.ok_or_else(|| {
		let hint = "the patient opens one with `salus patient open-care`";
		Error::not_found(format!("an open care relationship with organisation {org}"), hint)
	})
}

/// Opens the label key that a patient sealed to an organisation.
pub async fn unseal_label_key(
	chain: &Chain,
	patient: &PatientId,
	care: &CareView,
	secret: &EncryptionSecret,
) -> Result<LabelKey> {
	let key = chain.encryption_key(&care.recipient).await?;
	let key = key.ok_or_else(|| Error::KeyNotRegistered { account: care.recipient.to_string() })?;
	let context = LabelKeyContext {
		genesis: chain.genesis(),
		patient: *patient,
		label_epoch: care.label_epoch,
		recipient: secret.public(),
		epoch: key.epoch,
	};
	// The key may have been sealed before the recipient registered the same or another key again.
	let epochs = (key.epoch.saturating_sub(EPOCHS_BACK)..=key.epoch).rev();
	let mut opened = epochs.map(|epoch| LabelKeyContext { epoch, ..context }.open(&care.sealed_label_key, secret));
	opened.find(Result::is_ok).unwrap_or_else(|| Err(Error::KeyMismatch { account: care.recipient.to_string() }))
}

/// Seals a patient's label key to the account of an organisation that is to read it.
pub async fn seal_label_key(
	chain: &Chain,
	patient: &PatientId,
	recipient: &AccountId,
	label_key: &LabelKey,
) -> Result<salus_primitives::views::SealedKey> {
	let key = chain.encryption_key(recipient).await?;
	let key = key.ok_or_else(|| Error::KeyNotRegistered { account: recipient.to_string() })?;
	let view = chain.patient(patient).await?;
	let view = view.ok_or_else(|| Error::not_found(format!("patient {patient}"), ""))?;
	let context = LabelKeyContext {
		genesis: chain.genesis(),
		patient: *patient,
		label_epoch: view.label_epoch,
		recipient: key.public_key,
		epoch: key.epoch,
	};
	context.seal(label_key)
}
