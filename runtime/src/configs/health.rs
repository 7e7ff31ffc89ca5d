//! The pallets of Salus, joined through the capability traits of `salus-primitives`.

use alloc::vec::Vec;

use frame_support::{
	parameter_types,
	traits::{fungible::HoldConsideration, ConstU128, ConstU32, ConstU64, ConstantStoragePrice, Contains},
	PalletId,
};
use salus_primitives::{care::CareAlertView, time::DAY, views::PatientEvent, PatientId};

use super::{
	governance::{AdmissionOrigin, OntologyOrigin},
	monetary::{StorageDeposit, StoragePrice},
};
use crate::{
	constants::currency::UNIT, AccountId, Balance, Balances, Consent, HealthRecords, Participants, Runtime,
	RuntimeCall, RuntimeEvent, RuntimeHoldReason, System, Timestamp,
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
	/// Why products, batches, parcels and what else follows medicines hold deposits.
	pub const DrugHoldReason: RuntimeHoldReason =
		RuntimeHoldReason::DrugProvenance(pallet_drug_provenance::HoldReason::Storage);
	/// Why a report of suspicion holds a bond.
	pub const SuspicionHoldReason: RuntimeHoldReason =
		RuntimeHoldReason::DrugProvenance(pallet_drug_provenance::HoldReason::Suspicion);
}

parameter_types! {
	/// Why datasets, contributions, requests and ethics approvals hold deposits.
	pub const ResearchHoldReason: RuntimeHoldReason =
		RuntimeHoldReason::ResearchDatasets(pallet_research_datasets::HoldReason::Storage);
	/// What the accounts of datasets are derived from.
	pub const DatasetsId: PalletId = PalletId(*b"slsdatas");
}

/// What stands for each result that must be returned and each moratorium: enough to be missed, little beside a study.
pub const RESEARCH_BOND: Balance = 100 * UNIT;

/// What a report of suspicion puts at stake: some hundred times the deposit for what it stores, so that nobody reports
/// a rival's goods idly, and little beside a batch that is falsified. It comes back unless the regulator finds the
/// report unfounded.
pub const SUSPICION_BOND: Balance = 10 * UNIT;

/// A bond of the reporter's own: a sponsor's quota cannot be lost, so that it deters nobody.
pub type SuspicionBond = HoldConsideration<
	AccountId,
	Balances,
	SuspicionHoldReason,
	ConstantStoragePrice<ConstU128<SUSPICION_BOND>, Balance>,
>;

/// A deposit of whoever stores something, or a part of what a sponsor grants them.
pub type HealthDeposit<Reason> = pallet_sponsorship::Sponsored<Runtime, StoragePrice, StorageDeposit<Reason>>;

impl pallet_participants::Config for Runtime {
	type AdmitOrigin = AdmissionOrigin;
	type KeyConsideration = HealthDeposit<EncryptionKeyHoldReason>;
	// Present and former members: a large hospital's staff over some years.
	type MaxMembers = ConstU32<50_000>;
	type Time = Timestamp;
	type WeightInfo = pallet_participants::weights::SubstrateWeight<Runtime>;
}

impl pallet_consent::Config for Runtime {
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::Helper;
	type Consideration = HealthDeposit<ConsentHoldReason>;
	type Directory = Participants;
	// A large hospital's emergency department.
	type GlassesPerDay = ConstU32<200>;
	type Records = HealthRecords;
	type Time = Timestamp;
	type WeightInfo = pallet_consent::weights::SubstrateWeight<Runtime>;
}

impl pallet_health_records::Config for Runtime {
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::Helper;
	type Consideration = HealthDeposit<RecordsHoldReason>;
	type Directory = Participants;
	type Patients = Consent;
	// Six years, for which patients may ask to whom their data was disclosed (45 CFR 164.528).
	type ReceiptRetention = ConstU64<{ 6 * 365 * DAY }>;
	type Time = Timestamp;
	type WeightInfo = pallet_health_records::weights::SubstrateWeight<Runtime>;
}

impl pallet_drug_provenance::Config for Runtime {
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::Helper;
	type Consideration = HealthDeposit<DrugHoldReason>;
	type Directory = Participants;
	// A long week-end without a line.
	type OfflineWindow = ConstU64<{ 7 * DAY }>;
	// More than a wholesaler finds in a day, and fewer than would stop a rival.
	type ReportsPerDay = ConstU32<20>;
	type SuspicionBond = SuspicionBond;
	type Time = Timestamp;
	// Delegated Regulation (EU) 2016/161, Article 13(1)(b).
	type UndoWindow = ConstU64<{ 10 * DAY }>;
	type WeightInfo = pallet_drug_provenance::weights::SubstrateWeight<Runtime>;
}

impl pallet_research_datasets::Config for Runtime {
	// Time enough to fund an activated study, and to find that its cohort has become too small.
	type ActivationPeriod = ConstU64<{ 30 * DAY }>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::Helper;
	type Bond = ConstU128<RESEARCH_BOND>;
	type Consideration = HealthDeposit<ResearchHoldReason>;
	type Currency = Balances;
	type Directory = Participants;
	type OntologyOrigin = OntologyOrigin;
	type PalletId = DatasetsId;
	// Two agree, or a third decides.
	type Quorum = ConstU32<3>;
	// A committee meets once a month.
	type ReviewPeriod = ConstU64<{ 45 * DAY }>;
	type RuntimeHoldReason = RuntimeHoldReason;
	// All contributions count alike.
	type Shares = ConstU64<1>;
	type Time = Timestamp;
	type WeightInfo = pallet_research_datasets::weights::SubstrateWeight<Runtime>;
}

impl pallet_sponsorship::Config for Runtime {
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::Helper;
	type Directory = Participants;
	// The patients of a large hospital over some years.
	type MaxEnrolled = ConstU32<2_000_000>;
	type Patients = Consent;
	type Rights = OwnRights;
	type Sponsorable = PatientCalls;
	// A patient, consents, care relationships and friends at their largest, and some hundred records of their own.
	type StoragePerAccount = ConstU128<{ 10 * UNIT }>;
	type Time = Timestamp;
	type WaiversPerDay = ConstU32<10>;
	type WeightInfo = pallet_sponsorship::weights::SubstrateWeight<Runtime>;
}

/// What patients and their guardians do: what sponsors pay for.
pub struct PatientCalls;

impl Contains<RuntimeCall> for PatientCalls {
	fn contains(call: &RuntimeCall) -> bool {
		use pallet_consent::Call as C;
		use pallet_health_records::Call as R;
		use pallet_participants::Call as P;
		use pallet_research_datasets::Call as D;
		match call {
			// What clinicians, organisations and friends do is for themselves to pay.
			RuntimeCall::Consent(call) => !matches!(
				call,
				C::propose { .. }
					| C::break_glass { .. }
					| C::review_glass { .. }
					| C::remove_glass { .. }
					| C::vouch { .. }
			),
			RuntimeCall::HealthRecords(call) => {
				matches!(
					call,
					R::anchor { .. }
						| R::anchor_many { .. }
						| R::amend { .. } | R::restrict { .. }
						| R::lift_restriction { .. }
						| R::enter_in_error { .. }
						| R::shred { .. } | R::approve_custody { .. }
						| R::withdraw_offer { .. }
						| R::open_stream { .. }
						| R::append_stream { .. }
						| R::close_stream { .. }
						| R::set_care_rule { .. }
						| R::end_care_rule { .. }
				)
			}
			RuntimeCall::Participants(call) => {
				matches!(call, P::set_encryption_key { .. } | P::remove_encryption_key { .. })
			}
			RuntimeCall::ResearchDatasets(call) => {
				matches!(
					call,
					D::contribute { .. } | D::withdraw_contribution { .. } | D::claim { .. } | D::set_payee { .. }
				)
			}
			RuntimeCall::Sponsorship(call) => matches!(call, pallet_sponsorship::Call::leave {}),
			_ => false,
		}
	}
}

/// What ends or limits access: free for who acts for the patient, up to a daily number.
///
/// A contribution to research names no patient: withdrawing it takes no fee if it succeeds, by itself.
pub struct OwnRights;

impl pallet_sponsorship::Rights<RuntimeCall> for OwnRights {
	fn patient_of(call: &RuntimeCall) -> Option<PatientId> {
		use pallet_consent::Call as C;
		use pallet_health_records::Call as R;
		match call {
			RuntimeCall::Consent(
				C::withdraw { patient, .. }
				| C::close_care { patient, .. }
				| C::end_guardian { patient, .. }
				| C::reject { patient, .. }
				| C::object_to_glass { patient, .. }
				| C::stop_recovery { patient },
			)
			| RuntimeCall::HealthRecords(
				R::restrict { patient, .. }
				| R::withdraw_offer { patient, .. }
				| R::close_stream { patient, .. }
				| R::end_care_rule { patient, .. },
			) => Some(*patient),
			_ => None,
		}
	}
}

/// Whether a call belongs to the pallets of Salus.
pub fn is_health_call(call: &RuntimeCall) -> bool {
	matches!(
		call,
		RuntimeCall::Participants(..)
			| RuntimeCall::Consent(..)
			| RuntimeCall::HealthRecords(..)
			| RuntimeCall::DrugProvenance(..)
			| RuntimeCall::ResearchDatasets(..)
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

/// Who was told of patients' samples in this block.
pub fn care_alerts() -> Vec<CareAlertView> {
	System::read_events_no_consensus()
		.filter_map(|record| match record.event {
			RuntimeEvent::HealthRecords(event) => HealthRecords::care_alert(&event),
			_ => None,
		})
		.collect()
}

/// What happened to medicines in this block.
pub fn drug_events() -> impl Iterator<Item = pallet_drug_provenance::Event<Runtime>> {
	System::read_events_no_consensus().filter_map(|record| match record.event {
		RuntimeEvent::DrugProvenance(event) => Some(event),
		_ => None,
	})
}
