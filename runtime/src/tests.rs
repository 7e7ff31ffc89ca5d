//! Tests of the composition: what the pallets may do together, and what nobody may.

use codec::{Decode, Encode};
use cumulus_primitives_core::AggregateMessageOrigin;
use frame_support::{
	assert_noop, assert_ok,
	dispatch::{DispatchClass, GetDispatchInfo},
	traits::{
		Contains, EnqueueMessage, GetCallMetadata, OnInitialize, PalletsInfoAccess, ProcessMessageError,
		UnfilteredDispatchable,
	},
};
use salus_primitives::{
	api::{runtime_decl_for_consent_api::ConsentApi, runtime_decl_for_records_api::RecordsApi},
	consent::{ActorRef, BreakGlass, Conditions, DefaultPolicy, Effect, Reason},
	inputs::{ConsentInput, OrganisationInput, RecordInput},
	time::DAY,
	views::{AccessQuery, KeySuite, PatientEvent, SEALED_KEY_LEN},
	Action, Confidentiality, MemberRole, MemberRoleSet, Month, OrgId, OrgRole, OrgRoleSet, PatientId, Purpose,
	RecordId, ResourceType,
};
use sp_genesis_builder::runtime_decl_for_genesis_builder::GenesisBuilder;
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave, Eve, Ferdie};
use sp_runtime::{
	generic::Era,
	traits::{Dispatchable, Hash as _, TransactionExtension},
	transaction_validity::{InvalidTransaction, TransactionSource, TransactionValidityError},
	BoundedSlice, DispatchError, DispatchResult,
};

use crate::{
	configs::governance::{AlwaysAllowed, ALWAYS_ALLOWED},
	constants::currency::UNIT,
	*,
};

mod blocks;
mod governance;
mod medicines;
mod migrations;
mod research;
mod rights;
mod streams;

/// The time of the first block of a test: 2027-01-15.
const NOW: u64 = 1_800_000_000_000;

/// Puts `patch` over `base`, as the node does with a preset.
fn merge(base: &mut serde_json::Value, patch: serde_json::Value) {
	match (base, patch) {
		(serde_json::Value::Object(base), serde_json::Value::Object(patch)) => {
			for (key, value) in patch {
				merge(base.entry(key).or_insert(serde_json::Value::Null), value);
			}
		}
		(base, patch) => *base = patch,
	}
}

/// The state that a preset builds.
fn preset(name: &str) -> sp_io::TestExternalities {
	let read = |id| Runtime::get_preset(&id).map(|json| serde_json::from_slice(&json).expect("a preset is JSON"));
	let mut config: serde_json::Value = read(None).expect("there is a default");
	merge(&mut config, read(Some(name.into())).expect("the preset exists"));
	let mut ext = sp_io::TestExternalities::default();
	ext.execute_with(|| {
		Runtime::build_state(serde_json::to_vec(&config).expect("it was JSON")).expect("the preset builds");
		System::set_block_number(1);
		set_time(NOW);
	});
	ext
}

/// Sets the time, and the slot with it.
fn set_time(now: u64) {
	pallet_timestamp::Now::<Runtime>::put(now);
	pallet_aura::CurrentSlot::<Runtime>::put(sp_consensus_aura::Slot::from(now / constants::time::SLOT_DURATION));
}

/// Checks the state of every pallet, where that is compiled in.
fn is_sound() {
	#[cfg(feature = "try-runtime")]
	for info in AllPalletsWithSystem::infos() {
		let only = frame_try_runtime::TryStateSelect::Only(vec![info.name.as_bytes().to_vec()]);
		<AllPalletsWithSystem as frame_support::traits::TryState<BlockNumber>>::try_state(System::block_number(), only)
			.unwrap_or_else(|error| panic!("the state of {} is not sound: {error:?}", info.name));
	}
}

/// Runs a test on the development chain, and checks the state afterwards.
fn development(test: impl FnOnce()) {
	preset("development").execute_with(|| {
		test();
		is_sound();
	})
}

fn signed(who: Sr25519Keyring) -> RuntimeOrigin {
	RuntimeOrigin::signed(who.to_account_id())
}

/// Moves a call that these members of the council vote for, and tells how it ended.
fn council(ayes: &[Sr25519Keyring], call: impl Into<RuntimeCall>) -> DispatchResult {
	let call = call.into();
	let (length, weight) = (call.encoded_size() as u32, call.get_dispatch_info().call_weight);
	let hash = <Runtime as frame_system::Config>::Hashing::hash_of(&call);
	let index = pallet_collective::ProposalCount::<Runtime, pallet_collective::Instance1>::get();
	assert_ok!(Council::propose(signed(ayes[0]), ayes.len() as u32, Box::new(call), length));
	if ayes.len() > 1 {
		for member in ayes {
			assert_ok!(Council::vote(signed(*member), hash, index, true));
		}
		assert_ok!(Council::close(signed(ayes[0]), hash, index, weight, length));
	}
	let outcome = System::events().into_iter().rev().find_map(|record| match record.event {
		RuntimeEvent::Council(pallet_collective::Event::Executed { proposal_hash, result })
			if proposal_hash == hash =>
		{
			Some(result)
		}
		_ => None,
	});
	outcome.expect("a motion with enough votes is executed")
}

/// Dispatches a call as a transaction of this account would, through the filters.
fn dispatch(who: Sr25519Keyring, call: impl Into<RuntimeCall>) -> DispatchResult {
	call.into().dispatch(signed(who)).map(|_| ()).map_err(|error| error.error)
}

fn transfer() -> RuntimeCall {
	pallet_balances::Call::transfer_keep_alive { dest: Bob.to_account_id().into(), value: UNIT }.into()
}

fn hospital(name: &[u8]) -> OrganisationInput {
	OrganisationInput {
		name: name.to_vec().try_into().expect("short enough"),
		country: *b"GB",
		roles: OrgRoleSet::of(&[OrgRole::Provider]),
		non_profit: true,
		gln: None,
		legal_entity: Hash::repeat_byte(1),
		licence_until: NOW + 365 * DAY,
		requires_agreement: false,
	}
}

fn admission(admin: Sr25519Keyring) -> RuntimeCall {
	pallet_participants::Call::admit_organisation { org: hospital(b"St Salus"), admin: admin.to_account_id() }.into()
}

fn full_name(pallet: &str, call: &str) -> pallet_tx_pause::RuntimeCallNameOf<Runtime> {
	let bound = |name: &str| name.as_bytes().to_vec().try_into().expect("names are shorter than the bound");
	(bound(pallet), bound(call))
}

fn pause(pallet: &str, call: &str) -> RuntimeCall {
	pallet_tx_pause::Call::pause { full_name: full_name(pallet, call) }.into()
}

mod composition {
	use super::*;

	#[test]
	fn both_presets_build_and_name_their_collators_and_council() {
		assert_eq!(Runtime::preset_names(), ["development", "local_testnet"]);
		for (name, collators) in [("development", vec![Alice]), ("local_testnet", vec![Alice, Bob])] {
			preset(name).execute_with(|| {
				let mut expected: Vec<_> = collators.iter().map(|collator| collator.to_account_id()).collect();
				expected.sort();
				assert_eq!(pallet_collator_selection::Invulnerables::<Runtime>::get(), expected);
				assert_eq!(pallet_aura::Authorities::<Runtime>::get().len(), collators.len());
				assert_eq!(ParachainInfo::parachain_id(), genesis_config_presets::PARACHAIN_ID.into());
				let council = pallet_collective::Members::<Runtime, pallet_collective::Instance1>::get();
				assert_eq!(council.len(), 3);
				assert!([Alice, Bob, Charlie].iter().all(|member| council.contains(&member.to_account_id())));
				for account in Sr25519Keyring::well_known() {
					assert!(Balances::free_balance(account.to_account_id()) > 1_000 * UNIT);
				}
			});
		}
		assert_eq!(Runtime::get_preset(&Some("unknown".into())), None);
	}

	#[test]
	fn pallets_keep_their_indexes_and_sudo_is_not_among_them() {
		let pallets: Vec<_> = AllPalletsWithSystem::infos().into_iter().map(|info| (info.index, info.name)).collect();
		assert_eq!(
			pallets,
			[
				(0, "System"),
				(1, "ParachainSystem"),
				(2, "Timestamp"),
				(3, "ParachainInfo"),
				(4, "WeightReclaim"),
				(5, "MessageQueue"),
				(10, "Balances"),
				(11, "TransactionPayment"),
				(20, "Authorship"),
				(21, "CollatorSelection"),
				(22, "Session"),
				(23, "Aura"),
				(24, "AuraExt"),
				(30, "Council"),
				(31, "CouncilMembership"),
				(32, "Upgrades"),
				(33, "Scheduler"),
				(34, "Preimage"),
				(35, "TxPause"),
				(36, "SafeMode"),
				(37, "MultiBlockMigrations"),
				(40, "Utility"),
				(41, "Multisig"),
				(42, "Proxy"),
				(50, "Participants"),
				(51, "Consent"),
				(52, "HealthRecords"),
				(53, "DrugProvenance"),
				(54, "ResearchDatasets"),
				(55, "Sponsorship"),
			]
		);
	}

	#[test]
	fn every_call_fits_into_a_block() {
		let weights = configs::system::RuntimeBlockWeights::get();
		let (mut known, mut decoded) = (0, 0);
		for info in AllPalletsWithSystem::infos() {
			if !RuntimeCall::get_module_names().contains(&info.name) {
				continue;
			}
			known += RuntimeCall::get_call_names(info.name).len();
			// Calls can be decoded from zeros: empty lists, the first variant, `System::remark` inside.
			for call in 0..=u8::MAX {
				let mut bytes = vec![0; 4096];
				bytes[..2].copy_from_slice(&[info.index as u8, call]);
				let Ok(call) = RuntimeCall::decode(&mut &bytes[..]) else { continue };
				decoded += 1;
				let dispatch = call.get_dispatch_info();
				if let Some(most) = weights.get(dispatch.class).max_extrinsic {
					assert!(dispatch.call_weight.all_lte(most), "{call:?} weighs {:?}", dispatch.call_weight);
				}
			}
		}
		assert_eq!(decoded, known);
	}

	#[test]
	fn the_longest_batch_of_records_fits_into_a_block() {
		// Pallet, call, patient; then 64 records in compact form, all zeros: type, labels, an empty locator.
		let mut bytes = vec![52, 1];
		bytes.extend([0; 32]);
		bytes.extend(codec::Compact(64u32).encode());
		bytes.extend([0; 64 * 512]);
		let call = RuntimeCall::decode(&mut &bytes[..]).expect("zeros are a record");
		assert!(matches!(
			&call,
			RuntimeCall::HealthRecords(pallet_health_records::Call::anchor_many { records, .. }) if records.len() == 64
		));
		let most = configs::system::RuntimeBlockWeights::get().get(DispatchClass::Normal).max_extrinsic;
		let weight = call.get_dispatch_info().call_weight;
		assert!(weight.all_lte(most.expect("normal transactions have a limit")), "{weight:?}");
	}

	#[test]
	fn a_message_from_the_relay_chain_is_refused_and_seen() {
		development(|| {
			let message = BoundedSlice::try_from(&b"do as you are told"[..]).expect("short enough");
			MessageQueue::enqueue_message(message, AggregateMessageOrigin::Parent);
			MessageQueue::on_initialize(2);
			assert!(System::events().iter().any(|record| matches!(
				record.event,
				RuntimeEvent::MessageQueue(pallet_message_queue::Event::ProcessingFailed {
					error: ProcessMessageError::Unsupported,
					..
				})
			)));
		})
	}
}

mod transactions {
	use super::*;

	/// A signed transaction as a wallet makes it.
	pub fn transaction(who: Sr25519Keyring, call: RuntimeCall) -> UncheckedExtrinsic {
		transaction_with_tip(who, call, 0)
	}

	/// The same with a tip.
	pub fn transaction_with_tip(who: Sr25519Keyring, call: RuntimeCall, tip: Balance) -> UncheckedExtrinsic {
		let extension = TxExtension::new((
			frame_system::CheckNonZeroSender::new(),
			frame_system::CheckSpecVersion::new(),
			frame_system::CheckTxVersion::new(),
			frame_system::CheckGenesis::new(),
			frame_system::CheckMortality::from(Era::Immortal),
			frame_system::CheckNonce::from(System::account_nonce(who.to_account_id())),
			frame_system::CheckWeight::new(),
			pallet_transaction_payment::ChargeTransactionPayment::from(tip),
			frame_metadata_hash_extension::CheckMetadataHash::new(false),
		));
		let payload = SignedPayload::new(call, extension).expect("nothing that is signed is missing");
		let signature = payload.using_encoded(|bytes| who.sign(bytes));
		let (call, extension, _) = payload.deconstruct();
		UncheckedExtrinsic::new_signed(call, who.to_account_id().into(), signature.into(), extension)
	}

	/// Whether the pool takes it.
	pub fn validate(transaction: UncheckedExtrinsic) -> Result<(), TransactionValidityError> {
		let genesis = System::block_hash(0);
		Executive::validate_transaction(TransactionSource::External, transaction, genesis).map(|_| ())
	}

	#[test]
	fn extensions_are_those_that_wallets_know() {
		let identifiers: Vec<_> = TxExtension::metadata().into_iter().map(|extension| extension.identifier).collect();
		assert_eq!(
			identifiers,
			[
				"CheckNonZeroSender",
				"CheckSpecVersion",
				"CheckTxVersion",
				"CheckGenesis",
				"CheckMortality",
				"CheckNonce",
				"CheckWeight",
				"ChargeTransactionPayment",
				"CheckMetadataHash",
				"WeightReclaim",
			]
		);
	}

	#[test]
	fn extensions_add_era_nonce_tip_and_mode_and_no_other_byte() {
		development(|| {
			let transaction = transaction(Alice, transfer());
			// Length, version, address, signature with its scheme, then the extensions, then the call.
			let call = transfer().encode();
			let encoded = transaction.encode();
			let body = encoded.len() - codec::Compact::<u32>::decode(&mut &encoded[..]).map(|_| 2).expect("a length");
			assert_eq!(body, 1 + 33 + 65 + 4 + call.len());
			assert!(encoded.ends_with(&call));
		})
	}

	#[test]
	fn a_signed_transaction_is_valid_and_a_forged_one_is_not() {
		development(|| {
			assert_ok!(validate(transaction(Alice, transfer())));
			let mut forged = transaction(Alice, transfer());
			forged.function =
				pallet_balances::Call::transfer_all { dest: Bob.to_account_id().into(), keep_alive: false }.into();
			assert_eq!(validate(forged), Err(InvalidTransaction::BadProof.into()));
		})
	}

	#[test]
	fn fees_reach_the_pot_of_the_collators() {
		development(|| {
			let pot = CollatorSelection::account_id();
			let before = (Balances::free_balance(&pot), Balances::free_balance(Alice.to_account_id()));
			// Without a header there is no author, whom the pot would pay.
			assert_ok!(Executive::apply_extrinsic(transaction(Alice, transfer())));
			let paid = before.1 - Balances::free_balance(Alice.to_account_id()) - UNIT;
			assert!(paid > 0);
			assert_eq!(Balances::free_balance(&pot), before.0 + paid);
		})
	}
}

mod pausing {
	use super::*;

	fn enter_safe_mode() {
		assert_ok!(council(&[Alice, Bob], pallet_safe_mode::Call::force_enter {}));
	}

	#[test]
	fn the_council_pauses_a_call_and_lets_it_go_on() {
		development(|| {
			assert_noop!(dispatch(Alice, pause("Balances", "transfer_keep_alive")), DispatchError::BadOrigin);
			assert_ok!(council(&[Alice, Bob], pause("Balances", "transfer_keep_alive")));
			assert_noop!(dispatch(Alice, transfer()), frame_system::Error::<Runtime>::CallFiltered);
			assert_ok!(council(
				&[Bob, Charlie],
				pallet_tx_pause::Call::unpause { ident: full_name("Balances", "transfer_keep_alive") }
			));
			assert_ok!(dispatch(Alice, transfer()));
		})
	}

	#[test]
	fn what_is_always_allowed_exists_and_cannot_be_paused() {
		development(|| {
			let pallets: Vec<_> = AllPalletsWithSystem::infos().into_iter().map(|info| info.name).collect();
			for (pallet, calls) in ALWAYS_ALLOWED {
				assert!(pallets.contains(pallet), "there is no pallet {pallet}");
				let known = RuntimeCall::get_call_names(pallet);
				assert!(calls.iter().all(|call| known.contains(call)), "{pallet} lacks one of {calls:?}");
				for call in known.iter().filter(|call| calls.is_empty() || calls.contains(call)) {
					assert_eq!(
						council(&[Alice, Bob, Charlie], pause(pallet, call)),
						Err(pallet_tx_pause::Error::<Runtime>::Unpausable.into()),
						"{pallet}.{call}"
					);
				}
			}
		})
	}

	#[test]
	fn safe_mode_stops_ordinary_calls_and_only_the_council_enters_and_leaves_it() {
		development(|| {
			assert!(SafeMode::enter(signed(Alice)).is_err());
			assert_noop!(dispatch(Alice, pallet_safe_mode::Call::force_enter {}), DispatchError::BadOrigin);
			enter_safe_mode();
			assert_noop!(dispatch(Alice, transfer()), frame_system::Error::<Runtime>::CallFiltered);
			assert_noop!(dispatch(Alice, pallet_safe_mode::Call::force_exit {}), DispatchError::BadOrigin);
			assert_ok!(council(&[Alice, Bob], pallet_safe_mode::Call::force_exit {}));
			assert_ok!(dispatch(Alice, transfer()));
		})
	}

	#[test]
	fn in_safe_mode_a_patient_still_withdraws_and_restricts() {
		development(|| {
			let story = story::Story::until_consent();
			enter_safe_mode();
			assert_noop!(
				dispatch(
					Ferdie,
					pallet_consent::Call::open_care {
						patient: story.patient,
						org: story.first,
						until: NOW + DAY,
						recipient: Dave.to_account_id(),
						sealed_label_key: vec![0; SEALED_KEY_LEN as usize].try_into().expect("its length"),
					}
				),
				frame_system::Error::<Runtime>::CallFiltered
			);
			assert!(story.eve_may_read());
			assert_ok!(dispatch(Ferdie, pallet_consent::Call::withdraw { patient: story.patient, consent: 0 }));
			assert!(!story.eve_may_read());
			assert_ok!(dispatch(
				Ferdie,
				pallet_health_records::Call::restrict { patient: story.patient, record: story.record }
			));
		})
	}

	#[test]
	fn a_wrapper_carries_nothing_past_the_filter() {
		development(|| {
			assert_ok!(Proxy::add_proxy(signed(Alice), Bob.to_account_id().into(), configs::system::ProxyType::Any, 0));
			enter_safe_mode();
			let proxied = pallet_proxy::Call::proxy {
				real: Alice.to_account_id().into(),
				force_proxy_type: None,
				call: Box::new(transfer()),
			};
			let before = Balances::free_balance(Alice.to_account_id());
			assert_ok!(dispatch(Bob, proxied));
			let multisig = pallet_multisig::Call::as_multi_threshold_1 {
				other_signatories: vec![Bob.to_account_id()],
				call: Box::new(transfer()),
			};
			assert_noop!(dispatch(Alice, multisig), frame_system::Error::<Runtime>::CallFiltered);
			assert_eq!(Balances::free_balance(Alice.to_account_id()), before);
			System::assert_has_event(RuntimeEvent::Proxy(pallet_proxy::Event::ProxyExecuted {
				result: Err(frame_system::Error::<Runtime>::CallFiltered.into()),
			}));
		})
	}

	#[test]
	fn inherents_pass_in_safe_mode() {
		development(|| {
			enter_safe_mode();
			let now: RuntimeCall = pallet_timestamp::Call::set { now: NOW + 6_000 }.into();
			assert!(AlwaysAllowed::contains(&now));
			assert!(<Runtime as frame_system::Config>::BaseCallFilter::contains(&now));
		})
	}
}

mod story {
	use super::*;

	/// Two hospitals, a clinician in each (Dave and Eve), and a patient (Ferdie) with one record at the first.
	pub struct Story {
		pub first: OrgId,
		pub second: OrgId,
		pub patient: PatientId,
		pub record: RecordId,
	}

	impl Story {
		/// The record is anchored and nobody else may read it.
		pub fn until_record() -> Self {
			for clinician in [Dave, Eve] {
				assert_ok!(council(&[Alice, Bob], admission(clinician)));
			}
			let (first, second, patient, record) = (0, 1, PatientId([9; 32]), RecordId([8; 32]));
			for (org, clinician) in [(first, Dave), (second, Eve)] {
				assert_ok!(dispatch(
					clinician,
					pallet_participants::Call::add_member {
						org,
						who: clinician.to_account_id(),
						roles: MemberRoleSet::of(&[MemberRole::Clinician]),
						premises: None,
						until: None,
					}
				));
				assert_ok!(dispatch(
					clinician,
					pallet_participants::Call::set_encryption_key {
						suite: KeySuite::HpkeX25519,
						public_key: Hash::repeat_byte(5),
					}
				));
			}
			assert_ok!(dispatch(
				Ferdie,
				pallet_consent::Call::register_patient {
					patient,
					default_policy: DefaultPolicy::Deny,
					break_glass: BreakGlass::Forbidden,
				}
			));
			assert_ok!(dispatch(
				Ferdie,
				pallet_consent::Call::open_care {
					patient,
					org: first,
					until: NOW + DAY,
					recipient: Dave.to_account_id(),
					sealed_label_key: vec![1; SEALED_KEY_LEN as usize].try_into().expect("its length"),
				}
			));
			let input = RecordInput {
				id: record,
				resource_type: ResourceType::Observation,
				confidentiality: Confidentiality::Normal,
				labels: 0,
				label_epoch: 1,
				data_from: Month(600),
				data_to: Month(600),
				episode: None,
				commitment: Hash::repeat_byte(6),
				locator: b"objects/1".to_vec().try_into().expect("short enough"),
			};
			assert_ok!(dispatch(Dave, pallet_health_records::Call::anchor { patient, record: input }));
			Self { first, second, patient, record }
		}

		/// The patient lets the second hospital read for treatment.
		pub fn until_consent() -> Self {
			let story = Self::until_record();
			let consent = ConsentInput {
				base: Effect::Permit,
				root: Conditions {
					actors: Some(vec![ActorRef::Org(story.second)].try_into().expect("one actor")),
					..Default::default()
				},
				rules: Default::default(),
				start: None,
				end: Some(NOW + 30 * DAY),
				supersedes: None,
				policy: Hash::repeat_byte(2),
				receipt: Hash::repeat_byte(3),
				erase_by: None,
			};
			assert_ok!(dispatch(Ferdie, pallet_consent::Call::grant { patient: story.patient, consent }));
			story
		}

		/// What the chain says to the second hospital's clinician.
		pub fn ask_for_eve(&self) -> salus_primitives::views::AccessAnswer {
			Runtime::check_access(AccessQuery {
				actor: Eve.to_account_id(),
				patient: self.patient,
				purpose: Purpose::Treat,
				action: Action::Access,
				record: Some(self.record),
				resource: None,
			})
		}

		pub fn eve_may_read(&self) -> bool {
			self.ask_for_eve().decision.is_permit()
		}
	}

	#[test]
	fn a_clinician_reads_under_consent_and_is_refused_once_it_is_withdrawn() {
		development(|| {
			let story = Story::until_record();
			assert_eq!(story.ask_for_eve().decision.reason, Reason::NoConsent);
		});
		development(|| {
			let story = Story::until_consent();
			let answer = story.ask_for_eve();
			assert!(answer.decision.is_permit());
			assert_eq!((answer.decision.reason, answer.decision.consent), (Reason::Consent, Some(0)));
			assert_eq!((answer.block, answer.now), (1, NOW));

			assert_ok!(dispatch(Ferdie, pallet_consent::Call::withdraw { patient: story.patient, consent: 0 }));
			let answer = story.ask_for_eve();
			assert_eq!((answer.decision.effect, answer.decision.reason), (Effect::Deny, Reason::NoConsent));
			assert_eq!(Runtime::records(story.patient, None, 10).items.len(), 1);
		})
	}

	#[test]
	fn a_suspended_hospitals_clinician_is_refused_at_once() {
		development(|| {
			let story = Story::until_consent();
			assert_ok!(council(&[Alice, Bob], pallet_participants::Call::suspend_organisation { org: story.second }));
			assert!(!story.eve_may_read());
		})
	}

	#[test]
	fn a_patient_is_told_what_happened_in_a_block_and_nothing_of_others() {
		development(|| {
			let story = Story::until_consent();
			assert_ok!(dispatch(
				Eve,
				pallet_consent::Call::register_patient {
					patient: PatientId([1; 32]),
					default_policy: DefaultPolicy::Deny,
					break_glass: BreakGlass::Forbidden,
				}
			));
			assert_eq!(
				Runtime::patient_events(story.patient),
				[
					PatientEvent::Registered { controller: Ferdie.to_account_id() },
					PatientEvent::CareOpened { org: story.first, until: NOW + DAY },
					PatientEvent::RecordAnchored { record: story.record, version: 1 },
					PatientEvent::ConsentGranted { consent: 0, supersedes: None },
				]
			);
		})
	}

	#[test]
	fn what_is_stored_holds_a_deposit() {
		development(|| {
			Story::until_record();
			for who in [Dave, Ferdie] {
				assert!(Balances::reserved_balance(who.to_account_id()) > 0);
			}
		})
	}
}
