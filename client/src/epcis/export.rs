//! Steps of a parcel's life, and the EPCIS events that say the same.

use serde::{Deserialize, Serialize};

/// What happened, as the chain tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
	/// A packaging run was made.
	Commission,
	/// Units or packages went into a logistic unit.
	Pack,
	/// They came out of it again.
	Unpack,
	/// They left for another holder.
	Ship,
	/// They arrived there.
	Receive,
	/// They arrived, and go back.
	Refuse,
	/// The sender took a shipment back that nobody received.
	Retract,
	/// They were given to a patient.
	Dispense,
	/// They were not, after all.
	UndoDispense,
	/// They left the supply chain: exported, a sample, lost.
	Decommission,
	/// They were destroyed.
	Destroy,
	/// They were stolen.
	Steal,
	/// They go back to the supplier, saleable.
	Return,
	/// They must not be sold for now.
	Hold,
	/// They may be sold again.
	Release,
	/// They are recalled.
	Recall,
	/// The recall is over.
	LiftRecall,
	/// They were too warm or too cold.
	Excursion,
}

/// Who gives or gets.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Party {
	/// Its name, as the chain has it. With a GLN it is told in the document's master data, so that no event's hash depends
	/// on it.
	pub name: String,
	/// Its Global Location Number of 13 digits, if it has one.
	#[serde(default)]
	pub gln: Option<String>,
}

/// How far from its storage rule something was.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sensor {
	/// The coldest, in degrees Celsius.
	pub min: f64,
	/// The warmest, in degrees Celsius.
	pub max: f64,
	/// For how long.
	pub minutes: u32,
}

/// A step of a parcel's life: one line of what `salus drug trace --json` prints.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
	/// What happened.
	pub kind: Kind,
	/// When, in unix milliseconds.
	pub at: u64,
	/// The product, 14 digits.
	pub gtin: String,
	/// The lot, 1 to 20 characters.
	pub lot: String,
	/// `YYYY-MM-DD`.
	#[serde(default)]
	pub expiry: Option<String>,
	/// How many units: what the chain knows. `None` where the step is about a whole lot or a whole logistic unit. With
	/// [`Step::serials`] it is their number or left out.
	#[serde(default)]
	pub quantity: Option<u64>,
	/// Serial numbers, where the holder knows them: the event then names instances, not the lot.
	#[serde(default, skip_serializing_if = "Vec::is_empty")]
	pub serials: Vec<String>,
	/// 18 digits: what was packed into or unpacked from, or the logistic unit that was moved.
	#[serde(default)]
	pub sscc: Option<String>,
	/// The logistic units within [`Step::sscc`] that were packed or unpacked.
	#[serde(default, skip_serializing_if = "Vec::is_empty")]
	pub child_ssccs: Vec<String>,
	/// Who gives.
	#[serde(default)]
	pub from: Option<Party>,
	/// Who gets.
	#[serde(default)]
	pub to: Option<Party>,
	/// The GLN of where it happened.
	#[serde(default)]
	pub place: Option<String>,
	/// The chain's code for why.
	#[serde(default)]
	pub reason: Option<String>,
	/// Of an excursion.
	#[serde(default)]
	pub sensor: Option<Sensor>,
	/// The order, delivery note or the like: a URI, or any text.
	#[serde(default)]
	pub transaction: Option<String>,
	/// The event's hash as the chain stores it, `0x` and 64 hexadecimal digits. No event has it; an export is refused
	/// where it is not the hash of the event.
	#[serde(default, skip_serializing_if = "Option::is_none")]
	pub event_hash: Option<String>,
	/// The block that the chain has the step in. No event has it.
	#[serde(default, skip_serializing_if = "Option::is_none")]
	pub block: Option<u32>,
}
