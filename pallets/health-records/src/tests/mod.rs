//! What the pallet does, by behaviour. Each test ends with a check of what always holds.

mod amending;
mod anchoring;
mod batches;
mod care;
mod custody;
mod deposits;
mod errors;
mod guardians;
mod misuse;
mod receipts;
mod sequences;
mod status;
mod streams;
mod views;
mod weights;

use crate::{mock::*, types::Record, *};
use frame_support::{assert_noop, assert_ok, hypothetically, BoundedVec};

type Refusal = Error<Test>;

/// Anchors a record of [`ADA`]'s at the clinic.
fn anchored(n: u8) {
	assert_ok!(HealthRecords::anchor(signed(&CLINICIAN), ADA, input(n)));
}

/// Anchors an own record of [`ADA`]'s.
fn anchored_by_patient(n: u8) {
	assert_ok!(HealthRecords::anchor(signed(&PATIENT), ADA, input(n)));
}

fn stored(n: u8) -> Record<TicketOf<Test>> {
	Records::<Test>::get(ADA, rid(n)).expect("the record is anchored")
}

fn status(n: u8) -> RecordStatus {
	stored(n).status
}

fn events() -> Vec<Event<Test>> {
	System::events()
		.into_iter()
		.filter_map(|record| match record.event {
			RuntimeEvent::HealthRecords(event) => Some(event),
			_ => None,
		})
		.collect()
}

fn last_event() -> Event<Test> {
	events().pop().expect("the pallet told of something")
}
