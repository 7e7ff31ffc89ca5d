//! What a holder keeps about medicines and devices, in the folder `drug` of the home of Salus.
//!
//! | what | where |
//! |---|---|
//! | units: serial numbers, keys, nodes for proofs | `units/GTIN-ROOT-PART`, each encrypted under the batch's data key |
//! | data keys of batches | `data-keys`, as a gateway keeps those of records |
//! | units of logistics: SSCC, salt, identifier on the chain | `logistics.jsonl` |
//! | events: what happened, by the hash that is on the chain | `events.jsonl` |
//!
//! What comes with a shipment is a part of its own, so nothing that is there is ever written over. The ledgers only grow:
//! a line that a power cut left half written is skipped.

use super::units::Units;
use crate::{
	crypto::{digest, open_bytes, seal_bytes, DataKey},
	epcis::export::Step,
	keys::{write_private, AtRest, DataKeyStore},
	Error, Result,
};
use codec::Encode;
use salus_primitives::{
	drug::UnitId,
	gs1::{Gtin, Sscc},
	RecordId, H256,
};
use serde::{de::DeserializeOwned, Deserialize, Serialize};
use std::{
	collections::BTreeMap,
	fs,
	io::{self, Read, Seek, SeekFrom, Write},
	path::{Path, PathBuf},
	str::FromStr,
};
use zeroize::Zeroizing;

const UNITS: &[u8] = b"salus/units/1";
const LOGISTIC: &[u8] = b"salus/sscc/1";

/// A unit of logistics whose SSCC is known here.
#[derive(Serialize, Deserialize, codec::Encode, codec::Decode, Clone, Copy, PartialEq, Eq, Debug)]
pub struct Logistic {
	/// The number on its label.
	pub sscc: Sscc,
	/// Salt of the commitment.
	pub salt: H256,
}

impl Logistic {
	/// With a fresh salt.
	pub fn new(sscc: Sscc) -> Self {
		Self { sscc, salt: H256(*DataKey::random().expose()) }
	}

	/// What the chain calls it: `BLAKE2b-256("salus/sscc/1" ‖ salt ‖ 18 digits)`. Who has the label but not the salt cannot
	/// find it there.
	pub fn unit(&self) -> UnitId {
		digest(&[LOGISTIC, self.salt.as_bytes(), self.sscc.to_string().as_bytes()])
	}
}

/// An event as it is on the chain.
#[derive(Serialize, Deserialize, Clone, PartialEq, Debug)]
pub struct Recorded {
	/// Its CBV 2.0 hash.
	pub hash: H256,
	/// What happened.
	pub step: Step,
}

/// Everything that is kept.
pub struct Book {
	dir: PathBuf,
	keys: DataKeyStore,
}

impl Book {
	/// Of this home of Salus; the master key of its data keys is kept as the environment says.
	pub fn open(home: &Path) -> Result<Self> {
		Self::open_with(home, &AtRest::Environment)
	}

	/// Of this home of Salus; the master key of its data keys is kept in this way.
	pub fn open_with(home: &Path, at_rest: &AtRest) -> Result<Self> {
		let dir = home.join("drug");
		let keys = DataKeyStore::open_with(&dir.join("data-keys"), at_rest)?;
		Ok(Self { dir, keys })
	}

	/// The folder.
	pub fn dir(&self) -> &Path {
		&self.dir
	}

	/// Keeps units of a batch, beside what is kept of it already.
	pub fn keep(&self, units: &Units) -> Result<()> {
		let plain = Zeroizing::new(units.encode());
		let part = digest(&[&plain]);
		let path =
			self.units().join(format!("{}-{}-{}", units.gtin, hex::encode(units.root), &hex::encode(part)[..16]));
		let sealed = seal_bytes(&self.keys.get_or_create(&RecordId(units.root.0), 1)?, &aad(&units.root), &plain)?;
		match write_private(&path, &sealed, false) {
			Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(Error::file(&path, error)),
			_ => Ok(()),
		}
	}

	/// All that is kept of the batch with this root.
	pub fn batch(&self, root: &H256) -> Result<Option<Units>> {
		Ok(self.read(|_, other| other == root)?.pop())
	}

	/// All that is kept of a product, batch by batch.
	pub fn product(&self, gtin: Gtin) -> Result<Vec<Units>> {
		self.read(|other, _| *other == gtin)
	}

	/// Everything.
	pub fn all(&self) -> Result<Vec<Units>> {
		self.read(|_, _| true)
	}

	/// Changes whenever units are added.
	pub fn version(&self) -> Result<usize> {
		Ok(self.parts()?.len())
	}

	fn units(&self) -> PathBuf {
		self.dir.join("units")
	}

	/// Product, root and path of every part.
	fn parts(&self) -> Result<Vec<(Gtin, H256, PathBuf)>> {
		let dir = self.units();
		let entries = match fs::read_dir(&dir) {
			Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
			entries => entries.map_err(|error| Error::file(&dir, error))?,
		};
		let mut parts = Vec::new();
		for entry in entries {
			let path = entry.map_err(|error| Error::file(&dir, error))?.path();
			let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
			let mut words = name.split('-');
			let named = words
				.next()
				.and_then(|gtin| gtin.parse().ok())
				.zip(words.next().and_then(|root| H256::from_str(root).ok()));
			parts.extend(named.map(|(gtin, root)| (gtin, root, path.clone())));
		}
		parts.sort();
		Ok(parts)
	}

	fn read(&self, wanted: impl Fn(&Gtin, &H256) -> bool) -> Result<Vec<Units>> {
		let mut batches = BTreeMap::<H256, Units>::new();
		for (_, root, path) in self.parts()?.into_iter().filter(|(gtin, root, _)| wanted(gtin, root)) {
			let sealed = fs::read(&path).map_err(|error| Error::file(&path, error))?;
			let key = self.keys.get(&RecordId(root.0), 1)?;
			let plain = open_bytes(&key, &aad(&root), &sealed);
			let units = plain.and_then(|plain| Units::read(&plain)).filter(|units| units.root == root);
			let units = units.ok_or_else(|| damaged(&path))?;
			match batches.get_mut(&root) {
				Some(known) => known.absorb(&units)?,
				None => {
					batches.insert(root, units);
				}
			}
		}
		Ok(batches.into_values().collect())
	}

	/// Keeps units of logistics.
	pub fn keep_logistics(&self, units: &[Logistic]) -> Result<()> {
		append(&self.dir.join("logistics.jsonl"), units)
	}

	/// Every unit of logistics that is known here, by what the chain calls it.
	pub fn logistics(&self) -> Result<BTreeMap<UnitId, Logistic>> {
		let lines: Vec<Logistic> = lines(&self.dir.join("logistics.jsonl"))?;
		Ok(lines.into_iter().map(|unit| (unit.unit(), unit)).collect())
	}

	/// The units of logistics that have carried this number, the latest first.
	pub fn labelled(&self, sscc: Sscc) -> Result<Vec<UnitId>> {
		let lines: Vec<Logistic> = lines(&self.dir.join("logistics.jsonl"))?;
		Ok(lines.iter().rev().filter(|unit| unit.sscc == sscc).map(Logistic::unit).collect())
	}

	/// Keeps events.
	pub fn record(&self, events: &[Recorded]) -> Result<()> {
		append(&self.dir.join("events.jsonl"), events)
	}

	/// Every event that is known here, by its hash.
	pub fn events(&self) -> Result<BTreeMap<H256, Step>> {
		let lines: Vec<Recorded> = lines(&self.dir.join("events.jsonl"))?;
		Ok(lines.into_iter().map(|event| (event.hash, event.step)).collect())
	}
}

fn aad(root: &H256) -> Vec<u8> {
	[UNITS, root.as_bytes()].concat()
}

fn damaged(path: &Path) -> Error {
	Error::Corrupted(format!("{} is damaged: restore it from a backup", path.display()))
}

/// Adds lines of JSON to a file in one write, and flushes it to disk.
fn append<T: Serialize>(path: &Path, values: &[T]) -> Result<()> {
	let mut text = Vec::new();
	for value in values {
		serde_json::to_writer(&mut text, value).map_err(|error| Error::unexpected("writing JSON", error))?;
		text.push(b'\n');
	}
	if !path.exists() {
		return match write_private(path, &text, false) {
			// Another process was first.
			Err(error) if error.kind() == io::ErrorKind::AlreadyExists => append(path, values),
			written => written.map_err(|error| Error::file(path, error)),
		};
	}
	let mut add = || {
		let mut file = fs::OpenOptions::new().read(true).append(true).open(path)?;
		let mut last = [b'\n'];
		if file.seek(SeekFrom::End(0))? > 0 {
			file.seek(SeekFrom::End(-1))?;
			file.read_exact(&mut last)?;
		}
		if last != *b"\n" {
			text.insert(0, b'\n');
		}
		file.write_all(&text)?;
		file.sync_all()
	};
	add().map_err(|error| Error::file(path, error))
}

/// The lines of JSON of a file; none if there is no file.
fn lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>> {
	let text = match fs::read_to_string(path) {
		Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
		text => text.map_err(|error| Error::file(path, error))?,
	};
	let whole = |line: &str| serde_json::from_str::<serde::de::IgnoredAny>(line).is_ok();
	let lines = text.lines().filter(|line| whole(line));
	lines.map(|line| serde_json::from_str(line).map_err(|_| damaged(path))).collect()
}

#[cfg(test)]
mod tests {
	use super::*;
	use salus_primitives::gs1::Lot;

	fn book() -> (tempfile::TempDir, Book) {
		let home = tempfile::tempdir().unwrap();
		let book = Book::open_with(home.path(), &AtRest::ClearText).unwrap();
		(home, book)
	}

	fn units(prefix: &str) -> Units {
		let serials: Vec<_> = (0..30).map(|number| format!("{prefix}{number}")).collect();
		let lot = Lot::try_from(b"ABC".to_vec()).unwrap();
		Units::make(Gtin(9506000134352), &lot, 0, 1_800_000_000_000, &serials, || ()).unwrap()
	}

	#[test]
	fn parts_of_a_batch_come_back_as_one() {
		let (_home, book) = book();
		let (one, two) = (units("A"), units("B"));
		book.keep(&one.part(&[3..9]).unwrap()).unwrap();
		book.keep(&one.part(&[3..9]).unwrap()).unwrap();
		book.keep(&one.part(&[9..12]).unwrap()).unwrap();
		book.keep(&two).unwrap();
		let kept = book.batch(&one.root).unwrap().unwrap();
		assert!(kept.knows(&(3..12)) && kept.known() == 9);
		assert!((3..12).all(|index| kept.proof(index).unwrap() == one.proof(index).unwrap()));
		assert_eq!((book.product(one.gtin).unwrap().len(), book.all().unwrap().len()), (2, 2));
		assert!(book.product(Gtin(5)).unwrap().is_empty());
	}

	#[test]
	fn no_serial_number_lies_on_the_disk_in_the_clear() {
		let (home, book) = book();
		book.keep(&units("SERIAL")).unwrap();
		for entry in fs::read_dir(home.path().join("drug/units")).unwrap() {
			let path = entry.unwrap().path();
			let mut bytes = fs::read(&path).unwrap();
			assert!(!bytes.windows(6).any(|window| window == b"SERIAL"));
			bytes[40] ^= 1;
			fs::write(&path, bytes).unwrap();
		}
		assert!(matches!(book.all(), Err(Error::Corrupted(_))));
	}

	#[test]
	fn ledgers_grow_and_skip_what_is_half_written() {
		let (_home, book) = book();
		let unit = |number| Logistic::new(Sscc(number));
		let (one, again, two) = (unit(395_060_001_343_520_018), unit(395_060_001_343_520_018), unit(7));
		assert_ne!(one.unit(), again.unit());
		book.keep_logistics(&[one]).unwrap();
		let path = book.dir().join("logistics.jsonl");
		fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"sscc\":\"0").unwrap();
		// The SSCC of the last is none, so that reading it is refused.
		book.keep_logistics(&[again]).unwrap();
		assert_eq!(book.labelled(one.sscc).unwrap(), [again.unit(), one.unit()]);
		assert_eq!(book.logistics().unwrap().len(), 2);
		book.keep_logistics(&[two]).unwrap();
		assert!(matches!(book.logistics(), Err(Error::Corrupted(_))));
	}
}
