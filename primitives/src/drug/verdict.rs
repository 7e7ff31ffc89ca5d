//! What a pack is worth: one verdict, in an order of precedence that regulators ask for.

use super::{Custody, Hold, HoldSet, RecallClass, UnitStatus};
use crate::{codes::codes, Moment};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

codes! {
	/// The verdict on a unit, the first that applies in this order.
	Verdict {
		UnknownProduct = "unknown-product", UnknownLot = "unknown-lot", LotMismatch = "lot-mismatch",
		NotInRun = "not-in-run", ExpiryMismatch = "expiry-mismatch", Stolen = "stolen",
		Decommissioned = "decommissioned", Destroyed = "destroyed", Exported = "exported", Sample = "sample",
		Recalled = "recalled", AlreadyDispensed = "already-dispensed", Illegitimate = "illegitimate",
		Suspect = "suspect", Quarantined = "quarantined", CustodyGap = "custody-gap", Expired = "expired",
		InTransit = "in-transit", Genuine = "genuine",
	}
}

/// What is known of a unit whose proof holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnitFacts {
	/// Whether the pack states the expiry that the batch has.
	pub expiry_matches: bool,
	/// The first moment at which it is expired.
	pub expiry: Moment,
	/// Where it is in its life.
	pub status: UnitStatus,
	/// The gravest recall that covers it.
	pub recall: Option<RecallClass>,
	/// What keeps it from being sold.
	pub holds: HoldSet,
	/// Where it is.
	pub custody: Custody,
}

impl UnitFacts {
	/// The verdict at a moment: anything but [`Verdict::Genuine`] must not be given to a patient.
	pub fn verdict(&self, now: Moment) -> Verdict {
		if !self.expiry_matches {
			return Verdict::ExpiryMismatch;
		}
		if self.custody == (Custody::Lost { stolen: true }) {
			return Verdict::Stolen;
		}
		match self.status {
			UnitStatus::Decommissioned => return Verdict::Decommissioned,
			UnitStatus::Destroyed => return Verdict::Destroyed,
			UnitStatus::Exported => return Verdict::Exported,
			UnitStatus::Sample => return Verdict::Sample,
			UnitStatus::Active | UnitStatus::Dispensed => {}
		}
		if self.recall.is_some() {
			return Verdict::Recalled;
		}
		if self.status == UnitStatus::Dispensed {
			return Verdict::AlreadyDispensed;
		}
		if self.holds.contains(Hold::Illegitimate) {
			return Verdict::Illegitimate;
		}
		if self.holds.contains(Hold::Suspect) {
			return Verdict::Suspect;
		}
		if !self.holds.is_empty() {
			return Verdict::Quarantined;
		}
		let (overdue, moving) = match self.custody {
			Custody::Held => (false, false),
			Custody::InTransit { deadline, .. } | Custody::Returning { deadline, .. } => (deadline <= now, true),
			Custody::Disputed { .. } | Custody::Lost { .. } => (true, false),
		};
		if overdue {
			Verdict::CustodyGap
		} else if self.expiry <= now {
			Verdict::Expired
		} else if moving {
			Verdict::InTransit
		} else {
			Verdict::Genuine
		}
	}
}
