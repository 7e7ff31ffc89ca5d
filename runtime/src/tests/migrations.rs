//! Upgrades of a chain that holds something.

use super::{
	blocks::{block, empty_block, parent, Messages},
	medicines::{self, Supply},
	research,
	story::Story,
	transactions::{transaction, validate},
	*,
};
use frame_support::{
	migrations::{MultiStepMigrator, SteppedMigration, SteppedMigrationError},
	traits::{GetStorageVersion, OnRuntimeUpgrade, PalletInfoAccess, StorageVersion},
	weights::WeightMeter,
};
use frame_system::{LastRuntimeUpgrade, LastRuntimeUpgradeInfo};
use pallet_migrations::{Cursor, Event, Historic, MigrationCursor};
use salus_primitives::{
	api::{runtime_decl_for_drug_api::DrugApi, runtime_decl_for_research_api::ResearchApi},
	drug::Verdict,
	research::COHORT,
};
use sp_keyring::Sr25519Keyring::{AliceStash, BobStash, CharlieStash, DaveStash, EveStash};
use sp_runtime::ExtrinsicInclusionMode;

use crate::{
	migrations::{
		multi_block::{CensusCounts, Place},
		single_block::{CensusBegins, Unversioned},
		MAX_STEPS,
	},
	upgrades::{Census, CensusOf},
};

/// Patients, consents, records, medicines and a dataset, as the runtime before left them.
fn populated() -> Story {
	let story = Story::until_consent();
	for n in 1..4 {
		let patient = PatientId([n; 32]);
		let default_policy = DefaultPolicy::Deny;
		let register =
			pallet_consent::Call::register_patient { patient, default_policy, break_glass: BreakGlass::Allowed };
		assert_ok!(dispatch(Ferdie, register));
	}
	for n in 1..6 {
		assert_ok!(dispatch(Dave, pallet_health_records::Call::anchor { patient: story.patient, record: another(n) }));
	}
	Supply::of(AliceStash, BobStash, CharlieStash);
	research::populated_by(DaveStash, EveStash);
	before_the_upgrade();
	story
}

fn another(n: u8) -> RecordInput {
	RecordInput {
		id: RecordId([n; 32]),
		resource_type: ResourceType::Observation,
		confidentiality: Confidentiality::Normal,
		labels: 0,
		label_epoch: 1,
		data_from: Month(600),
		data_to: Month(600),
		episode: None,
		commitment: Hash::repeat_byte(6),
		locator: b"objects/2".to_vec().try_into().expect("short enough"),
	}
}

/// Puts back what the runtime before would have: its version, and that of its storage.
fn before_the_upgrade() {
	StorageVersion::new(1).put::<Upgrades>();
	let spec_version = codec::Compact(VERSION.spec_version - 1);
	LastRuntimeUpgrade::<Runtime>::put(LastRuntimeUpgradeInfo { spec_version, spec_name: VERSION.spec_name.clone() });
}

fn census() -> (OrgId, u64, u64) {
	let census = Census::<Runtime>::get().expect("it has begun");
	(census.organisations, census.patients, census.records)
}

/// What the populated chain holds: two hospitals, three companies and authorities, a hospital and a university; four
/// patients; six records.
const HELD: (OrgId, u64, u64) = (7, 4, 6);

/// What clients are told, before and after.
fn told(story: &Story) -> impl PartialEq + std::fmt::Debug {
	let decision = story.ask_for_eve().decision;
	let records = Runtime::records(story.patient, None, 10);
	let consents = Runtime::consents(story.patient, None, 10);
	let dataset = Runtime::dataset(0).expect("there is one");
	assert_eq!((records.items.len(), consents.items.len()), (6, 1));
	assert_eq!(dataset.contributors.from, COHORT);
	assert_eq!(medicines::verdict(2), Verdict::Genuine);
	(decision, records, consents, Runtime::patient(story.patient), Runtime::batch(0), dataset)
}

fn events() -> Vec<Event<Runtime>> {
	let of_migrations = |event| match event {
		RuntimeEvent::MultiBlockMigrations(event) => Some(event),
		_ => None,
	};
	System::events().into_iter().filter_map(|record| of_migrations(record.event)).collect()
}

fn version<P>() -> (&'static str, StorageVersion, StorageVersion)
where
	P: GetStorageVersion<InCodeStorageVersion = StorageVersion> + PalletInfoAccess,
{
	(P::name(), P::in_code_storage_version(), P::on_chain_storage_version())
}

#[test]
fn every_pallet_of_ours_has_a_storage_version_and_writes_it_at_genesis() {
	development(|| {
		let ours = [
			version::<Upgrades>(),
			version::<Participants>(),
			version::<Consent>(),
			version::<HealthRecords>(),
			version::<DrugProvenance>(),
			version::<ResearchDatasets>(),
			version::<Sponsorship>(),
		];
		for (name, in_code, on_chain) in ours {
			assert!(in_code >= 1, "{name} has no version");
			assert_eq!(in_code, on_chain, "{name}");
		}
		// None is left out: the crates of this workspace share a version that no pallet of the SDK has.
		let infos = AllPalletsWithSystem::infos().into_iter();
		let expected: Vec<_> = infos
			.filter(|info| info.crate_version == frame_support::crate_to_crate_version!())
			.map(|info| info.name)
			.collect();
		assert_eq!(ours.map(|(name, ..)| name).to_vec(), expected);
	})
}

#[test]
fn a_new_chain_runs_no_migration() {
	development(|| {
		let (_, mode) = empty_block(&parent());
		assert_eq!(mode, ExtrinsicInclusionMode::AllExtrinsics);
		assert_eq!(Census::<Runtime>::get(), None);
		assert_eq!(events(), []);
	})
}

#[test]
fn try_runtime_upgrade() {
	development(|| {
		let story = populated();
		let before = told(&story);
		is_sound();
		let (begun, counted) = (Unversioned::before(), CensusCounts::before());

		#[cfg(feature = "try-runtime")]
		assert_ok!(Executive::try_runtime_upgrade(frame_try_runtime::UpgradeCheckSelect::All));
		#[cfg(not(feature = "try-runtime"))]
		Executive::execute_on_runtime_upgrade();
		assert_ok!(Unversioned::check(begun));
		assert_eq!(Upgrades::on_chain_storage_version(), 2);
		assert_eq!(told(&story), before);

		let mut blocks = 0;
		while MultiBlockMigrations::ongoing() {
			assert!(story.eve_may_read());
			MultiBlockMigrations::step();
			blocks += 1;
			System::set_block_number(System::block_number() + 1);
		}
		assert!((2..MAX_STEPS).contains(&blocks), "{blocks} blocks");
		assert_ok!(CensusCounts::check(counted));
		assert_eq!(census(), HELD);
		is_sound();
		// The time of an answer is that of its block, which is no part of what was compared.
		assert_eq!(told(&story), before);

		// A second time neither does anything.
		let root = || sp_io::storage::root(VERSION.state_version());
		System::reset_events();
		let state = root();
		CensusBegins::on_runtime_upgrade();
		assert_eq!(root(), state);
		MultiBlockMigrations::on_runtime_upgrade();
		MultiBlockMigrations::step();
		assert_eq!(events()[1..], [Event::MigrationSkipped { index: 0 }, Event::UpgradeCompleted]);
		assert!(!MultiBlockMigrations::ongoing());
		System::reset_events();
		assert_eq!(root(), state);
	})
}

#[test]
fn a_chain_upgrades_within_blocks_that_take_no_transaction_until_it_is_done() {
	development(|| {
		let story = populated();
		let withdrawal =
			transaction(Ferdie, pallet_consent::Call::withdraw { patient: story.patient, consent: 0 }.into());

		// The first block of the new runtime counts patients, the next one records, the third finds that all is done.
		let (first, mode) = empty_block(&parent());
		assert_eq!(mode, ExtrinsicInclusionMode::OnlyInherents);
		assert_eq!(events(), [Event::UpgradeStarted { migrations: 1 }, Event::MigrationAdvanced { index: 0, took: 1 }]);
		let spec_version = LastRuntimeUpgrade::<Runtime>::get().expect("it is noted").spec_version;
		assert_eq!(spec_version.0, VERSION.spec_version);
		assert_eq!(census(), (HELD.0, HELD.1, 0));
		// A withdrawal waits in the pool, and until it is in a block the consent holds.
		// (The pool asks on a state of its own.)
		assert_ok!(frame_support::hypothetically!(validate(withdrawal.clone())));
		assert!(story.eve_may_read());

		let (second, mode) = empty_block(&first);
		assert_eq!(mode, ExtrinsicInclusionMode::OnlyInherents);
		assert_eq!(events(), [Event::MigrationCompleted { index: 0, took: 2 }, Event::UpgradeCompleted]);
		assert_eq!(census(), HELD);
		assert_eq!(Historic::<Runtime>::iter().count(), 1);

		block(&second, Messages::default(), |mode| {
			assert_eq!(mode, ExtrinsicInclusionMode::AllExtrinsics);
			assert_eq!(Executive::apply_extrinsic(withdrawal), Ok(Ok(())));
		});
		assert!(!story.eve_may_read());
		assert_eq!(census(), HELD);
	})
}

#[test]
fn a_step_that_is_out_of_weight_goes_on_where_it_stopped() {
	development(|| {
		populated();
		CensusBegins::on_runtime_upgrade();
		let room = |entries: u64| {
			WeightMeter::with_limit(CensusCounts::base_weight() + CensusCounts::entry_weight() * entries)
		};

		let required = CensusCounts::base_weight() + CensusCounts::entry_weight();
		let refused = Err(SteppedMigrationError::InsufficientWeight { required });
		assert_eq!(CensusCounts::transactional_step(None, &mut room(0)), refused);
		assert_eq!(census(), (HELD.0, 0, 0));

		// One entry in each step; the step after the last entry finds that there are no more.
		let (mut cursor, mut steps, mut seen) = (None, 0, Vec::new());
		loop {
			let mut meter = room(1);
			cursor = CensusCounts::transactional_step(cursor, &mut meter).expect("there is weight for one entry");
			assert!(meter.consumed().all_lte(meter.limit()));
			steps += 1;
			let (_, patients, records) = census();
			assert!(patients + records <= steps);
			match &cursor {
				None => break,
				Some(place) => assert!(!seen.contains(place), "{place:?} again"),
			}
			seen.extend(cursor.clone());
		}
		assert_eq!((census(), steps), (HELD, HELD.1 + 1 + HELD.2 + 1));

		// As many as there are, in one step.
		Census::<Runtime>::mutate(|census| census.as_mut().expect("it is there").patients = 0);
		let after = CensusCounts::transactional_step(None, &mut room(100));
		assert_eq!((after, census().1), (Ok(Some(Place::Records(None))), HELD.1));
	})
}

#[test]
fn a_census_that_has_not_begun_is_not_counted() {
	development(|| {
		populated();
		let step = CensusCounts::transactional_step(None, &mut WeightMeter::new());
		assert_eq!(step, Err(SteppedMigrationError::Failed));
	})
}

#[test]
fn what_the_checks_after_an_upgrade_look_for_they_find() {
	development(|| {
		populated();
		let (begun, counted) = (Unversioned::before(), CensusCounts::before());
		assert!(Unversioned::check(begun.clone()).is_err());
		assert!(CensusCounts::check(counted.clone()).is_err());
		CensusBegins::on_runtime_upgrade();
		assert_ok!(Unversioned::check(begun));
		assert!(CensusCounts::check(counted.clone()).is_err());
		let (_, patients, records) = HELD;
		Census::<Runtime>::put(CensusOf { at: 1, organisations: 7, patients, records });
		assert_ok!(CensusCounts::check(counted.clone()));
		frame_support::hypothetically!({
			pallet_consent::Patients::<Runtime>::remove(PatientId([1; 32]));
			assert!(CensusCounts::check(counted).is_err());
		});
	})
}

/// Under `try-runtime` a migration that fails stops the program, so that it is seen.
#[cfg(not(feature = "try-runtime"))]
#[test]
fn after_a_migration_that_failed_what_nobody_can_stop_goes_through_and_the_council_repairs() {
	development(|| {
		let story = populated();
		MultiBlockMigrations::on_runtime_upgrade();
		assert!(MultiBlockMigrations::ongoing());
		// Without the single-block migration before it, there is no census to count into.
		MultiBlockMigrations::step();
		assert!(events().contains(&Event::UpgradeFailed));
		assert!(!MultiBlockMigrations::ongoing() && SafeMode::is_entered());
		assert_eq!(Historic::<Runtime>::iter().count(), 0);

		assert_noop!(dispatch(Alice, transfer()), frame_system::Error::<Runtime>::CallFiltered);
		assert_ok!(dispatch(Ferdie, pallet_consent::Call::withdraw { patient: story.patient, consent: 0 }));
		assert!(!story.eve_may_read());
		let repaired = crate::upgrades::Call::authorize { code_hash: Hash::repeat_byte(7) };
		assert_ok!(council(&[Alice, Bob], repaired));
		System::set_block_number(1_000_000_000);
		SafeMode::on_initialize(1_000_000_000);
		assert!(SafeMode::is_entered());
		assert_ok!(council(&[Alice, Bob], pallet_safe_mode::Call::force_exit {}));
		assert_ok!(dispatch(Alice, transfer()));
	})
}

#[cfg(not(feature = "try-runtime"))]
#[test]
fn a_migration_that_fails_in_safe_mode_extends_it() {
	development(|| {
		assert_ok!(council(&[Alice, Bob], pallet_safe_mode::Call::force_enter {}));
		unreadable_cursor();
		MultiBlockMigrations::step();
		assert_eq!(pallet_safe_mode::EnteredUntil::<Runtime>::get(), Some(BlockNumber::MAX));
	})
}

/// Nobody can do with the cursor what an upgrade does, not even the whole council, and what is running is not started
/// again.
#[test]
fn the_council_forces_no_migration() {
	development(|| {
		for call in
			[pallet_migrations::Call::force_set_cursor { cursor: None }, pallet_migrations::Call::force_onboard_mbms {}]
		{
			assert_eq!(council(&[Alice, Bob, Charlie], call), Err(DispatchError::BadOrigin));
		}
		unreadable_cursor();
		assert_noop!(
			MultiBlockMigrations::force_onboard_mbms(RuntimeOrigin::root()),
			pallet_migrations::Error::<Runtime>::Ongoing
		);
		Cursor::<Runtime>::kill();
	})
}

/// A migration is running, from a cursor that it cannot read.
fn unreadable_cursor() {
	let inner_cursor = Some(vec![0xff].try_into().expect("short enough"));
	let active = pallet_migrations::ActiveCursor { index: 0, inner_cursor, started_at: 1 };
	Cursor::<Runtime>::put(MigrationCursor::Active(active));
}
