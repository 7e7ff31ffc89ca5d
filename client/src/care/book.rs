//! What an evaluating organisation keeps about care plans, in a folder: the rules that it was handed, how far it has
//! evaluated them, and what it alerted of. Rules and findings are sealed to the gateway's own key, as they were handed.

use super::parcel::{HandedRule, Parcel};
use crate::{keys::write_private, Error, Result};
use salus_primitives::{
	care::{CareAlert, CareRuleId},
	PatientId, StreamId, H256,
};
use serde::{de::DeserializeOwned, Deserialize, Serialize};
use std::{
	collections::BTreeMap,
	io,
	path::{Path, PathBuf},
};

/// A rule that was handed over, and how far it has been evaluated.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields)]
pub struct KeptRule {
	/// As it was handed over.
	pub handed: HandedRule,
	/// Of each stream the first batch that has not been evaluated.
	pub next: BTreeMap<StreamId, u64>,
}

/// An alert.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields)]
pub struct KeptAlert {
	/// The patient.
	pub patient: PatientId,
	/// The rule.
	pub rule: CareRuleId,
	/// Its commitment.
	pub rule_commitment: H256,
	/// As it went to the chain.
	pub alert: CareAlert,
	/// [`super::parcel::AlertText`], sealed to the gateway's own key.
	pub parcel: Parcel,
	/// Whether the chain has taken it.
	pub raised: bool,
}

/// The folder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CareBook {
	folder: PathBuf,
}

impl CareBook {
	/// In this folder.
	pub fn new(folder: PathBuf) -> Self {
		Self { folder }
	}

	/// Keeps a rule. When this returns, it is on the disk.
	pub fn keep_rule(&self, kept: &KeptRule) -> Result<()> {
		write(&self.rule_path(&kept.handed.patient, kept.handed.rule), kept)
	}

	/// A rule that is kept.
	pub fn rule(&self, patient: &PatientId, rule: CareRuleId) -> Result<Option<KeptRule>> {
		read(&self.rule_path(patient, rule))
	}

	/// All rules that are kept.
	pub fn rules(&self) -> Result<Vec<KeptRule>> {
		let folder = self.folder.join("rules");
		let entries = match std::fs::read_dir(&folder) {
			Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
			entries => entries.map_err(|error| Error::file(&folder, error))?,
		};
		let mut rules = Vec::new();
		for entry in entries {
			let path = entry.map_err(|error| Error::file(&folder, error))?.path();
			if path.extension().is_some_and(|extension| extension == "json") {
				rules.extend(read::<KeptRule>(&path)?);
			}
		}
		rules.sort_by_key(|kept| (kept.handed.patient, kept.handed.rule));
		Ok(rules)
	}

	/// Forgets a rule.
	pub fn forget_rule(&self, patient: &PatientId, rule: CareRuleId) -> Result<()> {
		let path = self.rule_path(patient, rule);
		match std::fs::remove_file(&path) {
			Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::file(&path, error)),
			_ => Ok(()),
		}
	}

	/// Keeps an alert. When this returns, it is on the disk.
	pub fn keep_alert(&self, kept: &KeptAlert) -> Result<()> {
		write(&self.alert_path(&kept.alert.commitment), kept)
	}

	/// An alert, by its commitment.
	pub fn alert(&self, commitment: &H256) -> Result<Option<KeptAlert>> {
		read(&self.alert_path(commitment))
	}

	fn rule_path(&self, patient: &PatientId, rule: CareRuleId) -> PathBuf {
		self.folder.join("rules").join(format!("{}-{rule}.json", hex::encode(patient.0)))
	}

	fn alert_path(&self, commitment: &H256) -> PathBuf {
		self.folder.join("alerts").join(format!("{}.json", hex::encode(commitment)))
	}
}

fn write<T: Serialize>(path: &Path, value: &T) -> Result<()> {
	let bytes = serde_json::to_vec(value).map_err(|error| Error::unexpected("writing about a care plan", error))?;
	write_private(path, &bytes, true).map_err(|error| Error::file(path, error))
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>> {
	match std::fs::read(path) {
		Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
		Err(error) => Err(Error::file(path, error)),
		Ok(bytes) => serde_json::from_slice(&bytes)
			.map(Some)
			.map_err(|error| Error::Corrupted(format!("{} is damaged: {error}. Restore it", path.display()))),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use salus_primitives::AccountId;

	fn parcel() -> Parcel {
		Parcel { epoch: 0, commitment: H256::zero(), envelope: "00".into(), object: "00".into() }
	}

	fn kept(patient: u8, rule: CareRuleId) -> KeptRule {
		let (genesis, commitment) = (H256([1; 32]), H256([2; 32]));
		let handed = HandedRule { genesis, patient: PatientId([patient; 32]), rule, commitment, parcel: parcel() };
		KeptRule { handed, next: BTreeMap::from([(StreamId([5; 32]), 9)]) }
	}

	#[test]
	fn rules_and_alerts_come_back_after_a_restart() {
		let folder = tempfile::tempdir().unwrap();
		let book = || CareBook::new(folder.path().join("care"));
		assert_eq!(book().rules().unwrap(), []);
		for (patient, rule) in [(2, 0), (1, 10), (1, 9)] {
			book().keep_rule(&kept(patient, rule)).unwrap();
		}
		assert_eq!(book().rules().unwrap(), [kept(1, 9), kept(1, 10), kept(2, 0)]);
		assert_eq!(book().rule(&PatientId([2; 32]), 0).unwrap(), Some(kept(2, 0)));
		book().forget_rule(&PatientId([1; 32]), 9).unwrap();
		book().forget_rule(&PatientId([1; 32]), 9).unwrap();
		assert_eq!(book().rules().unwrap(), [kept(1, 10), kept(2, 0)]);

		let commitment = H256([7; 32]);
		let alert = CareAlert { stream: StreamId([5; 32]), seq: 3, clinician: AccountId::new([6; 32]), commitment };
		let (patient, rule_commitment) = (PatientId([1; 32]), H256([2; 32]));
		let mut told = KeptAlert { patient, rule: 9, rule_commitment, alert, parcel: parcel(), raised: false };
		assert_eq!(book().alert(&commitment).unwrap(), None);
		book().keep_alert(&told).unwrap();
		told.raised = true;
		book().keep_alert(&told).unwrap();
		assert_eq!(book().alert(&commitment).unwrap(), Some(told));
	}

	#[test]
	fn a_damaged_file_is_no_rule_less() {
		let folder = tempfile::tempdir().unwrap();
		let book = CareBook::new(folder.path().to_owned());
		book.keep_rule(&kept(1, 0)).unwrap();
		std::fs::write(book.rule_path(&PatientId([1; 32]), 0), "{").unwrap();
		assert!(matches!(book.rules(), Err(Error::Corrupted(_))));
	}
}
