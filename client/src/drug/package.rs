//! What goes with a shipment: serial numbers, keys and proofs of the units, numbers of the units of logistics, and the
//! events so far, sealed for one account of the receiver. The chain keeps the hash of the file.
//!
//! A file is `"salus/package/1"` and in SCALE: genesis hash, recipient (account), epoch of its encryption key, envelope
//! (80 bytes: a data key under HPKE, as in [`crate::crypto`]), object (the contents under XChaCha20-Poly1305). The
//! envelope's `info` is `"salus/package-key/1" ‖ genesis ‖ account ‖ public key ‖ epoch (4) ‖ BLAKE2b-256 of the object`.

use super::{
	book::{Logistic, Recorded},
	Units,
};
use crate::{
	crypto::{digest, open_bytes, open_key, seal_bytes, seal_key, DataKey, EncryptionSecret},
	Error, Result,
};
use codec::{Decode, Encode};
use salus_primitives::{
	drug::Load,
	views::{EncryptionKey, SealedKey},
	AccountId, H256,
};
use zeroize::Zeroizing;

const MAGIC: &[u8] = b"salus/package/1";
const ENVELOPE: &[u8] = b"salus/package-key/1";

/// What the receiver is given.
#[derive(Clone, PartialEq, Debug)]
pub struct Contents {
	/// What was shipped.
	pub load: Load,
	/// The units, batch by batch.
	pub units: Vec<Units>,
	/// The units of logistics that they are packed in.
	pub logistics: Vec<Logistic>,
	/// What happened to them.
	pub events: Vec<Recorded>,
}

/// The contents as SCALE.
#[derive(Encode, Decode)]
struct Plain {
	load: Load,
	units: Vec<Vec<u8>>,
	logistics: Vec<Logistic>,
	/// JSON.
	events: Vec<u8>,
}

/// The file behind its magic bytes.
#[derive(Encode, Decode)]
struct Sealed {
	genesis: H256,
	recipient: AccountId,
	epoch: u32,
	envelope: SealedKey,
	object: Vec<u8>,
}

impl Sealed {
	fn info(&self, public_key: &H256) -> Vec<u8> {
		[
			ENVELOPE,
			self.genesis.as_bytes(),
			self.recipient.as_ref(),
			public_key.as_bytes(),
			&self.epoch.to_le_bytes(),
			digest(&[&self.object]).as_bytes(),
		]
		.concat()
	}
}

/// The hash of a package: what the chain keeps of it.
pub fn hash(file: &[u8]) -> H256 {
	digest(&[file])
}

/// Seals for an account.
pub fn seal(contents: &Contents, genesis: H256, recipient: &AccountId, key: &EncryptionKey) -> Result<Vec<u8>> {
	let plain = Plain {
		load: contents.load,
		units: contents.units.iter().map(Encode::encode).collect(),
		logistics: contents.logistics.clone(),
		events: serde_json::to_vec(&contents.events).map_err(|error| Error::unexpected("writing JSON", error))?,
	};
	let data_key = DataKey::random();
	let object = seal_bytes(&data_key, MAGIC, &Zeroizing::new(plain.encode()))?;
	let mut sealed =
		Sealed { genesis, recipient: recipient.clone(), epoch: key.epoch, envelope: SealedKey::default(), object };
	sealed.envelope = seal_key(&key.public_key, &sealed.info(&key.public_key), &[], data_key.expose())?;
	Ok([MAGIC, &sealed.encode()].concat())
}

/// Opens a package, and makes sure that each unit in it is in its batch by its own serial number and key. Whether that is
/// a batch of the chain is for the caller to see.
pub fn open(file: &[u8], genesis: H256, account: &AccountId, secret: &EncryptionSecret) -> Result<Contents> {
	let broken = |reason: &str| Error::Corrupted(format!("the package does not open: {reason}"));
	let mut rest = file.strip_prefix(MAGIC).ok_or_else(|| broken("this is no package of a shipment"))?;
	let sealed = Sealed::decode(&mut rest).ok().filter(|_| rest.is_empty());
	let sealed = sealed.ok_or_else(|| broken("it is cut off or damaged"))?;
	if sealed.genesis != genesis {
		return Err(broken("it belongs to another chain"));
	}
	if sealed.recipient != *account {
		let recipient = &sealed.recipient;
		return Err(Error::usage("not-recipient", format!("the package is sealed for {recipient}: use that key")));
	}
	let key = open_key(secret, &sealed.info(&secret.public()), &[], &sealed.envelope)
		.map_err(|_| Error::KeyMismatch { account: account.to_string() })?;
	let plain = open_bytes(&DataKey::from_bytes(*key), MAGIC, &sealed.object);
	let plain = plain.ok_or_else(|| broken("its contents do not decrypt"))?;
	let plain = Plain::decode(&mut plain.as_slice()).map_err(|_| broken("its contents have another form"))?;
	let mut units = Vec::with_capacity(plain.units.len());
	for bytes in plain.units.into_iter().map(Zeroizing::new) {
		let mut part = Units::read(&bytes).ok_or_else(|| broken("its units have another form"))?;
		part.check()?;
		units.push(part);
	}
	let events: Vec<Recorded> =
		serde_json::from_slice(&plain.events).map_err(|_| broken("its events have another form"))?;
	Ok(Contents { load: plain.load, units, logistics: plain.logistics, events })
}

#[cfg(test)]
mod tests {
	use super::*;
	use salus_primitives::{
		gs1::{Gtin, Lot, Sscc},
		views::KeySuite,
	};

	const GENESIS: H256 = H256([9; 32]);

	fn contents() -> Contents {
		let serials: Vec<_> = (0..50).map(|number| format!("S{number}")).collect();
		let lot = Lot::try_from(b"ABC".to_vec()).unwrap();
		let units = Units::make(Gtin(9506000134352), &lot, 0, 1_800_000_000_000, &serials, || ()).unwrap();
		let logistics = vec![Logistic::new(Sscc(395_060_001_343_520_018))];
		let load = Load::Logistic(logistics[0].unit());
		Contents { load, units: vec![units.part(&[10..20]).unwrap()], logistics, events: Vec::new() }
	}

	fn sealed(secret: &EncryptionSecret, account: &AccountId) -> Vec<u8> {
		let key = EncryptionKey { epoch: 2, suite: KeySuite::HpkeX25519, public_key: secret.public() };
		seal(&contents(), GENESIS, account, &key).unwrap()
	}

	#[test]
	fn a_package_opens_for_its_recipient_only() {
		let (secret, account) = (EncryptionSecret::random(), AccountId::new([5; 32]));
		let file = sealed(&secret, &account);
		let opened = open(&file, GENESIS, &account, &secret).unwrap();
		assert_eq!(opened.load, Load::Logistic(opened.logistics[0].unit()));
		assert!(opened.units[0].knows(&(10..20)) && opened.units[0].known() == 10);
		assert!(!file.windows(3).any(|window| window == b"S12"));
		let other = open(&file, GENESIS, &AccountId::new([6; 32]), &secret);
		assert!(matches!(other, Err(Error::Refused { code: "not-recipient", .. })));
		assert!(matches!(open(&file, GENESIS, &account, &EncryptionSecret::random()), Err(Error::KeyMismatch { .. })));
		assert!(matches!(open(&file, H256([8; 32]), &account, &secret), Err(Error::Corrupted(_))));
	}

	#[test]
	fn a_package_that_was_altered_does_not_open() {
		let (secret, account) = (EncryptionSecret::random(), AccountId::new([5; 32]));
		let file = sealed(&secret, &account);
		for place in (0..file.len()).step_by(97).chain([file.len() - 1]) {
			let mut altered = file.clone();
			altered[place] ^= 1;
			assert!(open(&altered, GENESIS, &account, &secret).is_err(), "{place}");
			assert_ne!(hash(&altered), hash(&file));
		}
		assert!(open(&file[..file.len() - 1], GENESIS, &account, &secret).is_err());
		assert!(open(&[&file[..], &[0]].concat(), GENESIS, &account, &secret).is_err());
	}
}
