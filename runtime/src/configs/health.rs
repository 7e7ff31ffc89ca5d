//! The pallets of Salus, joined through the capability traits of `salus-primitives`.

use alloc::vec::Vec;

use frame_support::{
	parameter_types,
	traits::{ConstU32, ConstU64},
};
use salus_primitives::{time::DAY, views::PatientEvent, PatientId};

use super::{governance::AdmissionOrigin, monetary::StorageDeposit};
use crate::{
	Consent, HealthRecords, Participants, Runtime, RuntimeCall, RuntimeEvent, RuntimeHoldReason, System, Timestamp,
};

parameter_types! {
	/// Why an encryption key holds a deposit.
	pub const EncryptionKeyHoldReason: RuntimeHoldReason =
		RuntimeHoldReason::Participants(pallet_participants::HoldReason::EncryptionKey);
	/// Why patients, consents and care relationships hold deposits.
	pub const ConsentHoldReason: RuntimeHoldReason =
		RuntimeHoldReason::Consent(pallet_consent::HoldReason::Storage);
	/// Why records and receipts hold deposits.
	pub const RecordsHoldReason: RuntimeHoldReason =
		RuntimeHoldReason::HealthRecords(pallet_health_records::HoldReason::Storage);
}

impl pallet_participants::Config for Runtime {
	type AdmitOrigin = AdmissionOrigin;
	type KeyConsideration = StorageDeposit<EncryptionKeyHoldReason>;
	// Present and former members: a large hospital's staff over some years.
	type MaxMembers = ConstU32<50_000>;
	type Time = Timestamp;
	type WeightInfo = pallet_participants::weights::SubstrateWeight<Runtime>;
}

impl pallet_consent::Config for Runtime {
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::Helper;
	type Consideration = StorageDeposit<ConsentHoldReason>;
	type Directory = Participants;
	type Records = HealthRecords;
	type Time = Timestamp;
	type WeightInfo = pallet_consent::weights::SubstrateWeight<Runtime>;
}

impl pallet_health_records::Config for Runtime {
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::Helper;
	type Consideration = StorageDeposit<RecordsHoldReason>;
	type Directory = Participants;
	type Patients = Consent;
	// Six years, for which patients may ask to whom their data was disclosed (45 CFR 164.528).
	type ReceiptRetention = ConstU64<{ 6 * 365 * DAY }>;
	type Time = Timestamp;
	type WeightInfo = pallet_health_records::weights::SubstrateWeight<Runtime>;
}

/// Whether a call belongs to the pallets of Salus.
pub fn is_health_call(call: &RuntimeCall) -> bool {
	matches!(
		call,
		RuntimeCall::Participants(..)
			| RuntimeCall::Consent(..)
			| RuntimeCall::HealthRecords(..)
			| RuntimeCall::Sponsorship(..)
	)
}

/// What happened to a patient in this block.
pub fn patient_events(patient: &PatientId) -> Vec<PatientEvent> {
	System::read_events_no_consensus()
		.filter_map(|record| match record.event {
			RuntimeEvent::Consent(event) => Consent::patient_event(&event),
			RuntimeEvent::HealthRecords(event) => HealthRecords::patient_event(&event),
			_ => None,
		})
		.filter_map(|(of, event)| (of == *patient).then_some(event))
		.collect()
}
