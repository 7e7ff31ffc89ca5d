//! Records that leave a custodian: shredded, or handed over to another.
//!
//! Key and ciphertext are destroyed once the chain says so, and not before. The chain forgets where the ciphertext of a
//! shredded record is, so it is noted here before the chain is told: whatever interrupts the work, it is completed later.

use super::now;
use crate::{
	chain::Chain,
	keys::{write_private, DataKeyStore},
	store::Store,
	Error, Result,
};
use salus_primitives::{consent::RecordStatus, time::DAY, views::RecordView, Moment, OrgId, PatientId, RecordId};
use serde::{Deserialize, Serialize};
use std::{
	io,
	path::{Path, PathBuf},
};

/// How long the chain may take to say that a record has left.
const PATIENCE: Moment = 30 * DAY;

/// What is to be destroyed.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
struct Note {
	patient: PatientId,
	record: RecordId,
	locator: String,
	/// Who kept it.
	custodian: Option<OrgId>,
	since: Moment,
}

/// The records that are about to leave.
#[derive(Clone, Debug)]
pub struct Leaving {
	folder: PathBuf,
}

impl Leaving {
	/// Noted in this folder.
	pub fn new(folder: PathBuf) -> Self {
		Self { folder }
	}

	/// Notes a record. When this returns, it is on the disk.
	pub fn note(&self, view: &RecordView) -> Result<()> {
		let note = Note {
			patient: view.patient,
			record: view.id,
			locator: String::from_utf8_lossy(&view.locator).into_owned(),
			custodian: view.custodian,
			since: now(),
		};
		let path = self.path(&view.id);
		let bytes = serde_json::to_vec(&note).map_err(|error| Error::unexpected("writing a note", error))?;
		write_private(&path, &bytes, true).map_err(|error| Error::file(&path, error))
	}

	/// Destroys what has left by the latest finalised block; returns how many records that were.
	pub async fn settle(&self, chain: &Chain, store: &Store, keys: &DataKeyStore) -> Result<usize> {
		let mut gone = 0;
		let notes = self.notes()?;
		if notes.is_empty() {
			return Ok(0);
		}
		let at = Some(chain.finalised().await?.hash);
		for note in notes {
			let view = chain.record(&note.patient, &note.record, at).await?;
			if view.is_some_and(|view| has_left(&view, note.custodian)) {
				keys.destroy(&note.record)?;
				store.delete(&note.locator).await?;
				self.forget(&note.record)?;
				gone += 1;
			} else if now().saturating_sub(note.since) > PATIENCE {
				self.forget(&note.record)?;
			}
		}
		Ok(gone)
	}

	fn notes(&self) -> Result<Vec<Note>> {
		let entries = match std::fs::read_dir(&self.folder) {
			Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
			entries => entries.map_err(|error| Error::file(&self.folder, error))?,
		};
		let mut notes = Vec::new();
		for entry in entries {
			let path = entry.map_err(|error| Error::file(&self.folder, error))?.path();
			if path.extension().is_none_or(|extension| extension != "json") {
				continue;
			}
			let bytes = std::fs::read(&path).map_err(|error| Error::file(&path, error))?;
			let note = serde_json::from_slice(&bytes).map_err(|error| {
				Error::Corrupted(format!("{} is damaged: {error}. Shred the record again", path.display()))
			})?;
			notes.push(note);
		}
		Ok(notes)
	}

	/// Takes a note back.
	pub fn forget(&self, record: &RecordId) -> Result<()> {
		let path = self.path(record);
		match std::fs::remove_file(&path) {
			Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::file(&path, error)),
			_ => Ok(()),
		}
	}

	fn path(&self, record: &RecordId) -> PathBuf {
		Path::new(&self.folder).join(format!("{}.json", hex::encode(record.0)))
	}
}

/// Whether key and ciphertext of a record have no business with who kept it any more.
fn has_left(view: &RecordView, kept_by: Option<OrgId>) -> bool {
	view.status == RecordStatus::Shredded || view.custodian != kept_by
}

#[cfg(test)]
pub(super) mod tests {
	use super::*;
	use salus_primitives::{AccountId, Confidentiality, Month, ResourceType, H256};

	pub(in crate::gateway) fn view(status: RecordStatus, custodian: Option<OrgId>) -> RecordView {
		RecordView {
			patient: PatientId([1; 32]),
			id: RecordId([2; 32]),
			custodian,
			author: AccountId::new([3; 32]),
			resource_type: ResourceType::ALL[0],
			confidentiality: Confidentiality::Normal,
			labels: 0,
			label_epoch: 0,
			data_from: Month(0),
			data_to: Month(0),
			episode: None,
			version: 1,
			commitment: H256::zero(),
			locator: b"abcdef".to_vec(),
			status,
		}
	}

	#[test]
	fn a_record_has_left_when_it_is_shredded_or_kept_by_another() {
		assert!(!has_left(&view(RecordStatus::Active, Some(1)), Some(1)));
		assert!(!has_left(&view(RecordStatus::EnteredInError, Some(1)), Some(1)));
		assert!(!has_left(&view(RecordStatus::Restricted, None), None));
		assert!(has_left(&view(RecordStatus::Active, Some(2)), Some(1)));
		assert!(has_left(&view(RecordStatus::Shredded, Some(1)), Some(1)));
		assert!(has_left(&view(RecordStatus::Shredded, None), None));
	}

	#[test]
	fn a_note_is_found_until_it_is_taken_back() {
		let folder = tempfile::tempdir().unwrap();
		let leaving = Leaving::new(folder.path().join("leaving"));
		assert_eq!(leaving.notes().unwrap(), []);
		leaving.note(&view(RecordStatus::Active, Some(1))).unwrap();
		leaving.note(&view(RecordStatus::Active, Some(1))).unwrap();
		let notes = Leaving::new(folder.path().join("leaving")).notes().unwrap();
		assert_eq!(notes.len(), 1);
		assert_eq!((notes[0].record, notes[0].locator.as_str()), (RecordId([2; 32]), "abcdef"));
		leaving.forget(&RecordId([2; 32])).unwrap();
		leaving.forget(&RecordId([2; 32])).unwrap();
		assert_eq!(leaving.notes().unwrap(), []);
	}
}
