//! The benchmarks of the runtime's pallets, and what those of Salus need arranged.

use alloc::{string::String, vec::Vec};

use codec::Encode;
use cumulus_pallet_session_benchmarking::Pallet as SessionBench;
use frame_benchmarking::{define_benchmarks, BenchmarkBatch, BenchmarkConfig, BenchmarkList};
use frame_support::traits::{fungible::Mutate, EnsureOrigin, StorageInfo, StorageInfoTrait, WhitelistedStorageKeys};
use frame_system::RawOrigin;
use frame_system_benchmarking::{extensions::Pallet as SystemExtensionsBench, Pallet as SystemBench};
use salus_primitives::{
	consent::{ActorRef, BreakGlass, Conditions, DefaultPolicy, Effect, MAX_ACTIVE_CONSENTS},
	inputs::{ConsentInput, Gln, OrganisationInput},
	time::DAY,
	MemberRole, MemberRoleSet, Moment, OrgId, OrgRole, OrgRoleSet, PatientId, H256,
};

use crate::{configs::governance::AdmissionOrigin, constants::currency::UNIT, *};

define_benchmarks!(
	[frame_system, SystemBench::<Runtime>]
	[frame_system_extensions, SystemExtensionsBench::<Runtime>]
	[cumulus_pallet_parachain_system, ParachainSystem]
	[cumulus_pallet_weight_reclaim, WeightReclaim]
	[pallet_balances, Balances]
	[pallet_collator_selection, CollatorSelection]
	[pallet_collective, Council]
	[pallet_consent, Consent]
	[pallet_drug_provenance, DrugProvenance]
	[pallet_health_records, HealthRecords]
	[pallet_membership, CouncilMembership]
	[pallet_message_queue, MessageQueue]
	[pallet_migrations, MultiBlockMigrations]
	[pallet_multisig, Multisig]
	[pallet_participants, Participants]
	[pallet_preimage, Preimage]
	[pallet_proxy, Proxy]
	[pallet_research_datasets, ResearchDatasets]
	[pallet_safe_mode, SafeMode]
	[pallet_scheduler, Scheduler]
	[pallet_sponsorship, Sponsorship]
	[pallet_session, SessionBench::<Runtime>]
	[pallet_timestamp, Timestamp]
	[pallet_transaction_payment, TransactionPayment]
	[pallet_tx_pause, TxPause]
	[pallet_utility, Utility]
);

/// What there is to benchmark.
pub fn metadata(extra: bool) -> (Vec<BenchmarkList>, Vec<StorageInfo>) {
	let mut list = Vec::<BenchmarkList>::new();
	list_benchmarks!(list, extra);
	(list, AllPalletsWithSystem::storage_info())
}

/// Runs benchmarks.
pub fn dispatch(config: BenchmarkConfig) -> Result<Vec<BenchmarkBatch>, String> {
	let whitelist = AllPalletsWithSystem::whitelisted_storage_keys();
	let mut batches = Vec::<BenchmarkBatch>::new();
	let params = (&config, &whitelist);
	add_benchmarks!(params, batches);
	Ok(batches)
}

impl frame_system_benchmarking::Config for Runtime {}

impl pallet_transaction_payment::BenchmarkConfig for Runtime {}

impl cumulus_pallet_session_benchmarking::Config for Runtime {
	fn generate_session_keys_and_proof(owner: AccountId) -> (SessionKeys, Vec<u8>) {
		let generated = SessionKeys::generate(&owner.encode(), None);
		(generated.keys, generated.proof.encode())
	}
}

/// Arranges organisations, members and patients for the benchmarks of Salus' pallets.
pub struct Helper;

impl Helper {
	fn set_time(now: Moment) {
		pallet_timestamp::Now::<Runtime>::put(now);
	}

	fn fund(who: &AccountId) {
		Balances::set_balance(who, 1_000_000 * UNIT);
	}

	/// Admits an organisation with these roles that the account administers, a legal entity of its own.
	fn admit(admin: &AccountId, roles: &[OrgRole]) -> OrgId {
		let org = pallet_participants::NextOrg::<Runtime>::get();
		let council = AdmissionOrigin::try_successful_origin().expect("the council has members");
		let input = OrganisationInput {
			name: b"Benchmark".to_vec().try_into().expect("shorter than a name may be"),
			country: *b"GB",
			roles: OrgRoleSet::of(roles),
			non_profit: true,
			gln: None,
			legal_entity: H256::from_low_u64_be(u64::from(org) + 1),
			licence_until: Moment::MAX,
			requires_agreement: false,
		};
		Participants::admit_organisation(council, input, admin.clone()).expect("the input is valid");
		org
	}

	fn add_member_with(org: OrgId, who: &AccountId, roles: &[MemberRole], premises: Option<Gln>) {
		let admin = pallet_participants::Admins::<Runtime>::get(org)[0].clone();
		let roles = MemberRoleSet::of(roles);
		Participants::add_member(RawOrigin::Signed(admin).into(), org, who.clone(), roles, premises, None)
			.expect("the account is no member yet");
		Self::fund(who);
	}

	fn add_member(org: OrgId, who: &AccountId) {
		Self::add_member_with(org, who, &[MemberRole::Clinician, MemberRole::Gateway, MemberRole::Quality], None)
	}

	fn admit_with_member(who: &AccountId) -> OrgId {
		let org = Self::admit(who, &[OrgRole::Provider]);
		Self::add_member(org, who);
		org
	}
}

impl pallet_consent::BenchmarkHelper for Helper {
	fn set_time(now: Moment) {
		Helper::set_time(now)
	}

	fn fund(who: &AccountId) {
		Helper::fund(who)
	}

	fn admit_member(who: &AccountId) -> OrgId {
		Helper::admit_with_member(who)
	}

	fn colleague(org: OrgId, who: &AccountId) {
		Helper::add_member(org, who)
	}
}

impl pallet_sponsorship::benchmarking::BenchmarkHelper for Helper {
	fn set_time(now: Moment) {
		Helper::set_time(now)
	}

	fn admit(admin: &AccountId) -> OrgId {
		Self::fund(admin);
		Helper::admit(admin, &[OrgRole::Provider])
	}
}

impl pallet_health_records::benchmarking::BenchmarkHelper for Helper {
	fn provider(who: &AccountId) -> OrgId {
		Helper::admit_with_member(who)
	}

	fn colleague(org: OrgId, who: &AccountId) {
		Helper::add_member(org, who)
	}

	fn patient(patient: &PatientId, controller: &AccountId, org: OrgId) {
		Self::fund(controller);
		let origin = || RuntimeOrigin::signed(controller.clone());
		Consent::register_patient(origin(), *patient, DefaultPolicy::Deny, BreakGlass::Forbidden)
			.expect("the pseudonym is free");
		let now = pallet_timestamp::Now::<Runtime>::get();
		let consent = |base, actor| ConsentInput {
			base,
			root: Conditions { actors: Some([actor].to_vec().try_into().expect("one actor")), ..Default::default() },
			rules: Default::default(),
			start: None,
			end: Some(now + DAY),
			supersedes: None,
			policy: H256::repeat_byte(2),
			receipt: H256::repeat_byte(3),
			erase_by: None,
		};
		// The last slot is kept for a denial.
		for _ in 1..MAX_ACTIVE_CONSENTS {
			Consent::grant(origin(), *patient, consent(Effect::Permit, ActorRef::Org(org))).expect("a slot is free");
		}
		let other = ActorRef::Role(MemberRole::Logistics);
		Consent::grant(origin(), *patient, consent(Effect::Deny, other)).expect("the last slot is free");
	}

	fn set_time(now: Moment) {
		Helper::set_time(now)
	}
}

impl pallet_drug_provenance::benchmarking::BenchmarkHelper for Helper {
	fn organisation(roles: &[OrgRole]) -> OrgId {
		let org = pallet_participants::NextOrg::<Runtime>::get();
		Helper::admit(&frame_benchmarking::account("administrator", org, 0), roles)
	}

	fn member(org: OrgId, who: &AccountId, roles: &[MemberRole]) {
		Helper::add_member_with(org, who, roles, Some(*b"9506000134369"))
	}

	fn set_time(now: Moment) {
		Helper::set_time(now)
	}
}

impl pallet_research_datasets::benchmarking::BenchmarkHelper for Helper {
	fn organisation(roles: &[OrgRole]) -> OrgId {
		let org = pallet_participants::NextOrg::<Runtime>::get();
		Helper::admit(&frame_benchmarking::account("administrator", org, 0), roles)
	}

	fn member(org: OrgId, who: &AccountId, roles: &[MemberRole]) {
		Helper::add_member_with(org, who, roles, None)
	}

	fn fund(who: &AccountId) {
		Helper::fund(who)
	}

	fn set_time(now: Moment) {
		Helper::set_time(now)
	}
}
