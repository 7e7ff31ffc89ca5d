//! What is read off a pack: a unit of a medicine, the identification of a device.

use super::{date, rules::THIS_CENTURY, Date, Gs1Error, Gtin, Parsed};
use alloc::string::String;

/// A unit of a medicine, by the AIs that the laws of the EU and the US put on its pack.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct ScannedUnit {
	/// The product, AI (01).
	pub gtin: Gtin,
	/// The serial number, AI (21).
	pub serial: String,
	/// The lot, AI (10).
	pub lot: Option<String>,
	/// The last day on which it may be used, AI (17), taken to be of the years 2000 to 2099: no older pack has a serial
	/// number.
	pub expiry: Option<Date>,
}

impl ScannedUnit {
	/// Reads what was scanned. Without a product and a serial number it is no unit.
	pub fn of(parsed: &Parsed) -> Result<Self, Gs1Error> {
		Ok(Self {
			gtin: gtin(parsed)?,
			serial: parsed.get("21").ok_or(Gs1Error::MissingAi { ai: "21" })?.into(),
			lot: parsed.get("10").map(Into::into),
			expiry: day(parsed, "17")?,
		})
	}
}

/// The Unique Device Identification of a medical device as GS1 issues it: its device identifier and what it says about
/// the production.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct DeviceId {
	/// The device identifier (UDI-DI), AI (01).
	pub gtin: Gtin,
	/// The serial number, AI (21).
	pub serial: Option<String>,
	/// The lot, AI (10).
	pub lot: Option<String>,
	/// When it was made, AI (11).
	pub made: Option<Date>,
	/// The last day on which it may be used, AI (17).
	pub expiry: Option<Date>,
	/// The version of its software, AI (8012).
	pub version: Option<String>,
	/// The model that it belongs to: the Global Model Number (8013) that is its Basic UDI-DI, or the (8014) of a highly
	/// individualised device.
	pub model: Option<String>,
}

impl DeviceId {
	/// Reads what was scanned. Without a device identifier it is no device.
	pub fn of(parsed: &Parsed) -> Result<Self, Gs1Error> {
		let text = |ai| parsed.get(ai).map(Into::into);
		Ok(Self {
			gtin: gtin(parsed)?,
			serial: text("21"),
			lot: text("10"),
			made: day(parsed, "11")?,
			expiry: day(parsed, "17")?,
			version: text("8012"),
			model: text("8013").or_else(|| text("8014")),
		})
	}
}

fn gtin(parsed: &Parsed) -> Result<Gtin, Gs1Error> {
	parsed.get("01").ok_or(Gs1Error::MissingAi { ai: "01" })?.parse()
}

fn day(parsed: &Parsed, ai: &str) -> Result<Option<Date>, Gs1Error> {
	parsed.get(ai).map(|value| date(value.as_bytes(), THIS_CENTURY)).transpose()
}
