//! Scans: which unit a pack says it is, and what proves it.

use super::{units::Units, Book};
use crate::{
	chain::Chain,
	fhir::time::parse_rfc3339,
	records::http::{send, unreachable},
	Error, Result,
};
use salus_primitives::{
	drug::{BatchId, BatchView, UnitProof, UnitQuery, Verdict, Verification},
	gs1::{self, Date, Gtin, Lot, ScannedUnit},
	Moment,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Reads what was scanned: raw, with brackets, or a Digital Link.
pub fn read(text: &str) -> Result<ScannedUnit> {
	let parsed = gs1::parse(text.trim_matches([' ', '\t', '\r', '\n'])).map_err(Error::Gs1)?;
	ScannedUnit::of(&parsed).map_err(Error::Gs1)
}

/// Reads a line of a file of dispenses that were made without a line: the scan, a comma, and when (RFC 3339).
pub fn read_with_time(line: &str) -> Result<(&str, Moment)> {
	// A scan may have commas in it, a moment has none.
	let parts = line.rsplit_once(',');
	let timed = parts.and_then(|(scan, time)| Some((scan, u64::try_from(parse_rfc3339(time.trim())?).ok()?)));
	timed.ok_or_else(|| Error::usage("bad-line", "expected a scan, a comma and a moment such as 2027-01-31T12:00:00Z"))
}

/// What proves a unit: from the book, or as the manufacturer's endpoint answers it.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct Proven {
	/// The batch on the chain.
	pub batch: BatchId,
	/// The product.
	pub gtin: Gtin,
	/// The lot that it was commissioned in.
	pub lot: String,
	/// Which of the lot's runs.
	pub run: u16,
	/// The first moment at which it is expired.
	pub expiry: Moment,
	/// Which unit, and its proof.
	#[serde(flatten)]
	pub unit: UnitProof,
}

impl Proven {
	pub(super) fn of(units: &Units, index: u32, batch: BatchId) -> Result<Self> {
		let unit = units.proof(index)?;
		Ok(Self { batch, gtin: units.gtin, lot: units.lot_text(), run: units.run, expiry: units.expiry, unit })
	}

	/// What the pack says otherwise than the batch that its serial number is of.
	pub fn contradiction(&self, scanned: &ScannedUnit) -> Option<Verdict> {
		if scanned.lot.as_ref().is_some_and(|lot| *lot != self.lot) {
			return Some(Verdict::LotMismatch);
		}
		scanned.expiry.is_some_and(|expiry| expiry.end() != self.expiry).then_some(Verdict::ExpiryMismatch)
	}

	/// What the chain is asked about a pack.
	pub fn query(&self, scanned: &ScannedUnit) -> Result<UnitQuery> {
		let lot = scanned.lot.as_ref().unwrap_or(&self.lot);
		Ok(UnitQuery {
			gtin: scanned.gtin,
			lot: lot_of(lot)?,
			run: self.run,
			expiry: scanned.expiry.map_or(self.expiry, Date::end),
			unit: self.unit.clone(),
			other: Some(self.batch),
		})
	}
}

/// A lot from its text.
pub fn lot_of(text: &str) -> Result<Lot> {
	let lot = Lot::try_from(text.as_bytes().to_vec()).ok().filter(|lot| gs1::is_valid_lot(lot));
	lot.ok_or_else(|| Error::usage("bad-lot", format!("{text:?} is no lot: 1 to 20 characters of GS1's set 82")))
}

/// What was read from the book and the chain, so that many scans ask for it once.
pub struct Shelf<'a> {
	chain: &'a Chain,
	book: &'a Book,
	products: BTreeMap<Gtin, Vec<Units>>,
	lots: BTreeMap<(Gtin, Lot), Vec<BatchView>>,
}

impl<'a> Shelf<'a> {
	/// An empty one.
	pub fn new(chain: &'a Chain, book: &'a Book) -> Self {
		Self { chain, book, products: BTreeMap::new(), lots: BTreeMap::new() }
	}

	/// What proves a unit; `None` if nothing is known of it here.
	pub async fn find(&mut self, scanned: &ScannedUnit) -> Result<Option<Proven>> {
		if !self.products.contains_key(&scanned.gtin) {
			self.products.insert(scanned.gtin, self.book.product(scanned.gtin)?);
		}
		let known = self.products[&scanned.gtin].iter().filter_map(|units| Some((units, units.find(&scanned.serial)?)));
		for (units, index) in known {
			let key = (units.gtin, units.lot.clone());
			if !self.lots.contains_key(&key) {
				let runs = self.chain.lot(units.gtin, &units.lot).await?;
				self.lots.insert(key.clone(), runs);
			}
			// One that is not on the chain was never commissioned: the serial number may be in another that was.
			if let Some(view) = self.lots[&key].iter().find(|view| view.root == units.root) {
				return Proven::of(units, index, view.id).map(Some);
			}
		}
		Ok(None)
	}

	/// As [`Self::find`]; what nothing is known of here is asked of an endpoint. Its answer must be about this product and
	/// prove a unit of it, or it would be another unit that is dispensed.
	pub(super) async fn find_or_ask(
		&mut self,
		scanned: &ScannedUnit,
		scan: &str,
		endpoint: Option<&str>,
	) -> Result<Option<Proven>> {
		let known = self.find(scanned).await?;
		let (None, Some(endpoint)) = (&known, endpoint) else { return Ok(known) };
		let Some(asked) = ask(endpoint, scan).await? else { return Ok(None) };
		let view = self.chain.batch(asked.batch).await?;
		let proves = |view: &BatchView| {
			let Proven { gtin, lot, run, expiry, unit, .. } = &asked;
			(view.gtin, &view.lot[..], view.run, view.expiry) == (*gtin, lot.as_bytes(), *run, *expiry)
				&& view.gtin == scanned.gtin
				&& unit.holds(view.gtin, &view.lot, view.run, &view.root, view.units)
		};
		match view.as_ref().is_some_and(proves) {
			true => Ok(Some(asked)),
			false => Err(Error::Corrupted(format!("the answer of {endpoint} does not prove this pack"))),
		}
	}
}

/// The endpoint's answer to a serial number that it does not know.
pub(super) const UNKNOWN_UNIT: &str = "unknown-unit";

/// Asks a manufacturer's endpoint; `None` if it knows no such unit.
pub async fn ask(endpoint: &str, scan: &str) -> Result<Option<Proven>> {
	#[derive(Deserialize)]
	struct Refusal {
		error: String,
		message: String,
	}
	let response = send(endpoint, &format!("/scan?scan={}", crate::epcis::epc::encode(scan)), &[]).await?;
	let status = response.status();
	let bytes = response.bytes().await.map_err(|error| unreachable(endpoint, &error))?;
	let strange = |reason: &dyn std::fmt::Display| Error::GatewayUnreachable {
		url: endpoint.into(),
		reason: format!("the answer is not that of `salus drug serve`: {reason}"),
	};
	if status.is_success() {
		return serde_json::from_slice(&bytes).map(Some).map_err(|error| strange(&error));
	}
	let refusal: Refusal = serde_json::from_slice(&bytes).map_err(|_| strange(&status))?;
	if refusal.error == UNKNOWN_UNIT {
		return Ok(None);
	}
	Err(Error::GatewayUnreachable { url: endpoint.into(), reason: format!("{}: {}", refusal.error, refusal.message) })
}

/// The verdict on a pack, with the proof from the book or, where that has none, from an endpoint.
pub async fn verify(chain: &Chain, book: &Book, scan: &str, endpoint: Option<&str>) -> Result<Verification> {
	let scanned = read(scan)?;
	let known = Shelf::new(chain, book).find(&scanned).await?;
	let asked = match (&known, endpoint) {
		(None, Some(endpoint)) => ask(endpoint, scan).await?,
		_ => None,
	};
	if let Some(proven) = known.or(asked) {
		return chain.verify_unit(&proven.query(&scanned)?).await;
	}
	// Without a proof the chain still knows whether there is such a product and lot. A manufacturer that has no such serial
	// number says that the unit is in none of its runs.
	let without_lot = || Error::usage("no-lot", "nothing is known here of this pack, and it does not say its lot");
	let query = UnitQuery {
		gtin: scanned.gtin,
		lot: lot_of(scanned.lot.as_deref().ok_or_else(without_lot)?)?,
		run: 0,
		expiry: scanned.expiry.map_or(0, Date::end),
		unit: UnitProof { index: 0, mac: Default::default(), proof: Default::default() },
		other: None,
	};
	let verification = chain.verify_unit(&query).await?;
	match verification.verdict {
		Verdict::UnknownProduct | Verdict::UnknownLot => Ok(verification),
		_ if endpoint.is_some() => Ok(Verification { verdict: Verdict::NotInRun, ..verification }),
		_ => Err(Error::not_found(
			format!("what proves serial number {:?}", scanned.serial),
			"name the manufacturer's endpoint with --from, or import the package of the shipment",
		)),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	const RAW: &str = "010950600013435221SER1\u{1d}10ABC\u{1d}17270131";

	#[test]
	fn three_forms_say_the_same() {
		let links = "https://example.com/some/01/09506000134352/10/ABC/21/SER1?17=270131";
		let expected = read(RAW).unwrap();
		for text in ["(01)09506000134352(21)SER1(10)ABC(17)270131", links, &format!("]d2{RAW}"), &format!(" {RAW}\r\n")]
		{
			assert_eq!(read(text).unwrap(), expected, "{text}");
		}
		assert_eq!((expected.serial.as_str(), expected.lot.as_deref()), ("SER1", Some("ABC")));
		for wrong in ["", "(01)09506000134353(21)SER1", "(01)09506000134352(10)ABC", "hello"] {
			assert!(matches!(read(wrong), Err(Error::Gs1(_))), "{wrong}");
		}
	}

	#[test]
	fn a_scan_with_commas_still_has_its_time() {
		let line = "(01)09506000134352(21)A,B,2027-01-31T12:00:00Z";
		let (scan, at) = read_with_time(line).unwrap();
		assert_eq!((read(scan).unwrap().serial.as_str(), at), ("A,B", 1_801_396_800_000));
		for wrong in ["(01)09506000134352(21)A", "(01)09506000134352(21)A,yesterday", ""] {
			assert!(read_with_time(wrong).is_err(), "{wrong}");
		}
	}

	#[test]
	fn a_pack_that_says_otherwise_than_its_batch_is_found_out() {
		let lot = lot_of("ABC").unwrap();
		let expiry = Date::new(2027, 1, 31).unwrap().end();
		let units = Units::make(Gtin(9506000134352), &lot, 0, expiry, &["SER1".into()], || ()).unwrap();
		let proven = Proven::of(&units, 0, 7).unwrap();
		assert_eq!(proven.contradiction(&read(RAW).unwrap()), None);
		assert_eq!(proven.contradiction(&read("(01)09506000134352(21)SER1").unwrap()), None);
		let other = |text: &str| proven.contradiction(&read(text).unwrap());
		assert_eq!(other("(01)09506000134352(21)SER1(10)ABD"), Some(Verdict::LotMismatch));
		assert_eq!(other("(01)09506000134352(21)SER1(17)270130"), Some(Verdict::ExpiryMismatch));
		let query = proven.query(&read("(01)09506000134352(21)SER1(10)ABD").unwrap()).unwrap();
		assert_eq!((query.lot.as_slice(), query.expiry, query.other), (&b"ABD"[..], expiry, Some(7)));
		// Answers of the endpoint are read as they are written.
		let json = serde_json::to_string(&proven).unwrap();
		assert_eq!(serde_json::from_str::<Proven>(&json).unwrap(), proven);
	}
}
