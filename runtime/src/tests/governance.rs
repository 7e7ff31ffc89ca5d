//! Who may do what: every call of the runtime, by every origin.

use super::{
	blocks::{block, next_slot, parent, time_of, validation_data, Messages},
	transactions::validate,
	*,
};
use codec::DecodeAll;
use frame_metadata::{RuntimeMetadata, RuntimeMetadataPrefixed};
use frame_support::{
	storage::{unhashed, with_transaction},
	traits::fungible::Inspect,
};
use pallet_collective::{Instance1, RawOrigin};
use scale_info::{form::PortableForm, PortableRegistry, TypeDef};
use sp_runtime::TransactionOutcome;
use std::{any::TypeId, collections::BTreeSet};

use crate::configs::system::{ProxyType, RefuseMessages};

/// Who may make a call. Whoever may not is refused with `BadOrigin`, unless it says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum May {
	/// The author of a block, as an inherent.
	Author,
	/// Everybody: the call checks something else than the origin.
	Everybody,
	/// Everybody who says who they are: the call acts with the origin that it came with.
	Anybody,
	/// Any account; what else it must be is the pallet's to say.
	Account,
	/// Any account, and Root.
	AccountOrRoot,
	/// A member of the council; other accounts are refused with `NotMember`.
	Member,
	/// Any account, and more than half of the council.
	AccountOrMajority,
	/// Half of the council.
	Half,
	/// More than half of the council.
	Majority,
	/// Two thirds of the council.
	TwoThirds,
	/// Nobody: Root at most, and there is no Root.
	Nobody,
}

use May::*;

/// Who may make each call of the runtime.
const RIGHTS: &[(&str, &[(May, &[&str])])] = &[
	(
		"System",
		&[
			(Everybody, &["remark", "apply_authorized_upgrade"]),
			(Account, &["remark_with_event"]),
			(
				Nobody,
				&[
					"set_heap_pages",
					"set_code",
					"set_code_without_checks",
					"set_storage",
					"kill_storage",
					"kill_prefix",
					"authorize_upgrade",
					"authorize_upgrade_without_checks",
				],
			),
		],
	),
	("ParachainSystem", &[(Author, &["set_validation_data"]), (Nobody, &["sudo_send_upward_message"])]),
	("Timestamp", &[(Author, &["set"])]),
	("MessageQueue", &[(Account, &["reap_page", "execute_overweight"])]),
	(
		"Balances",
		&[
			(Account, &["transfer_allow_death", "transfer_keep_alive", "transfer_all", "upgrade_accounts", "burn"]),
			(Nobody, &["force_transfer", "force_unreserve", "force_set_balance", "force_adjust_total_issuance"]),
		],
	),
	(
		"CollatorSelection",
		&[
			(
				Majority,
				&[
					"set_invulnerables",
					"set_desired_candidates",
					"set_candidacy_bond",
					"add_invulnerable",
					"remove_invulnerable",
				],
			),
			(Account, &["register_as_candidate", "leave_intent", "update_bond", "take_candidate_slot"]),
		],
	),
	("Session", &[(Account, &["set_keys", "purge_keys"])]),
	(
		"Council",
		&[
			(Nobody, &["set_members"]),
			(Member, &["execute", "propose", "vote"]),
			(Account, &["close"]),
			(AccountOrRoot, &["release_proposal_cost"]),
			(TwoThirds, &["disapprove_proposal", "kill"]),
		],
	),
	(
		"CouncilMembership",
		&[
			(TwoThirds, &["add_member", "remove_member", "swap_member", "reset_members", "set_prime", "clear_prime"]),
			(Account, &["change_key"]),
		],
	),
	("Upgrades", &[(TwoThirds, &["authorize"])]),
	(
		"Scheduler",
		&[(
			Majority,
			&[
				"schedule",
				"cancel",
				"schedule_named",
				"cancel_named",
				"schedule_after",
				"schedule_named_after",
				"set_retry",
				"set_retry_named",
				"cancel_retry",
				"cancel_retry_named",
			],
		)],
	),
	(
		"Preimage",
		&[
			(AccountOrMajority, &["note_preimage", "unnote_preimage"]),
			(Majority, &["request_preimage", "unrequest_preimage"]),
			(Account, &["ensure_updated"]),
		],
	),
	("TxPause", &[(Half, &["pause"]), (Majority, &["unpause"])]),
	(
		"SafeMode",
		&[
			(Account, &["enter", "extend", "release_deposit"]),
			(Half, &["force_enter"]),
			(Majority, &["force_extend", "force_exit", "force_slash_deposit", "force_release_deposit"]),
		],
	),
	(
		"MultiBlockMigrations",
		&[(Nobody, &["force_set_cursor", "force_set_active_cursor", "force_onboard_mbms", "clear_historic"])],
	),
	(
		"Utility",
		&[
			(Anybody, &["batch", "batch_all", "force_batch", "if_else"]),
			(Account, &["as_derivative"]),
			(Nobody, &["dispatch_as", "dispatch_as_fallible", "with_weight"]),
		],
	),
	(
		"Multisig",
		&[(Account, &["as_multi_threshold_1", "as_multi", "approve_as_multi", "cancel_as_multi", "poke_deposit"])],
	),
	(
		"Proxy",
		&[(
			Account,
			&[
				"proxy",
				"add_proxy",
				"remove_proxy",
				"remove_proxies",
				"create_pure",
				"kill_pure",
				"announce",
				"remove_announcement",
				"reject_announcement",
				"proxy_announced",
				"poke_deposit",
			],
		)],
	),
	(
		"Participants",
		&[
			(
				Majority,
				&[
					"admit_organisation",
					"suspend_organisation",
					"reinstate_organisation",
					"revoke_organisation",
					"renew_licence",
				],
			),
			(AccountOrMajority, &["add_admin", "remove_admin"]),
			(
				Account,
				&[
					"set_requires_agreement",
					"add_member",
					"remove_member",
					"set_encryption_key",
					"remove_encryption_key",
					"propose_agreement",
					"accept_agreement",
					"end_agreement",
				],
			),
		],
	),
	(
		"Consent",
		&[(
			Account,
			&[
				"register_patient",
				"set_policy",
				"open_care",
				"close_care",
				"grant",
				"withdraw",
				"enter_consent_in_error",
				"remove_consent",
				"register_minor",
				"appoint_guardian",
				"end_guardian",
				"propose",
				"accept",
				"reject",
				"break_glass",
				"review_glass",
				"object_to_glass",
				"remove_glass",
				"set_friends",
				"vouch",
				"stop_recovery",
				"finish_recovery",
			],
		)],
	),
	(
		"HealthRecords",
		&[(
			Account,
			&[
				"anchor",
				"anchor_many",
				"amend",
				"restrict",
				"lift_restriction",
				"enter_in_error",
				"shred",
				"log_access",
				"log_access_batch",
				"prune_receipts",
				"offer_custody",
				"approve_custody",
				"accept_custody",
				"withdraw_offer",
				"prune_batch",
				"open_stream",
				"append_stream",
				"close_stream",
				"set_care_rule",
				"end_care_rule",
				"raise_care_alert",
			],
		)],
	),
	(
		"DrugProvenance",
		&[(
			Account,
			&[
				"register_product",
				"delegate",
				"commission",
				"split",
				"merge",
				"pack",
				"unpack",
				"ship",
				"receive",
				"refuse",
				"retract",
				"dispense",
				"dispense_many",
				"undo_dispense",
				"decommission_range",
				"destroy",
				"report_stolen",
				"report_lost",
				"return_saleable",
				"report_suspect",
				"clear_suspect",
				"mark_illegitimate",
				"recall",
				"lift_recall",
				"acknowledge_recall",
				"release_quarantine",
				"log_excursion",
				"release_excursion",
				"set_reorder_rule",
				"cancel_order",
				"fulfil_order",
				"prune",
				"dispute_package",
			],
		)],
	),
	(
		"ResearchDatasets",
		&[
			(Majority, &["post_release"]),
			(
				Account,
				&[
					"create_dataset",
					"add_group",
					"tighten_group",
					"loosen_group",
					"open_dataset",
					"suspend_dataset",
					"retire_dataset",
					"sweep",
					"set_committee",
					"contribute",
					"withdraw_contribution",
					"remove_contribution",
					"roll",
					"submit_request",
					"vote",
					"withdraw_request",
					"expire_request",
					"activate",
					"close_grant",
					"revoke_grant",
					"fulfil_obligation",
					"waive_obligation",
					"miss_obligation",
					"remove_request",
					"approve_ethics",
					"revoke_ethics",
					"fund",
					"claim",
					"set_payee",
				],
			),
		],
	),
	("Sponsorship", &[(Account, &["set_terms", "enrol", "dismiss", "leave"])]),
];

/// Who tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
	/// Who signs nothing: an inherent, or a transaction that anybody could have made up.
	Unsigned,
	/// An account that is nothing else.
	Outsider,
	/// A member of the council, by their own signature.
	Member,
	/// A collator.
	Collator,
	/// A member of the council, through `Council::execute`.
	Alone,
	/// So many of so many members of the council.
	Council(u32, u32),
	/// Root. Nobody is, so this must be of no use either.
	Root,
}

const OUTSIDER: Sr25519Keyring = Dave;
const MEMBER: Sr25519Keyring = Charlie;
const COLLATOR: Sr25519Keyring = Eve;

impl Who {
	const ALL: [Self; 11] = [
		Self::Unsigned,
		Self::Outsider,
		Self::Member,
		Self::Collator,
		Self::Alone,
		Self::Council(1, 3),
		// Exactly half, then more than half and less than two thirds, then exactly two thirds.
		Self::Council(2, 4),
		Self::Council(3, 5),
		Self::Council(2, 3),
		Self::Council(3, 3),
		Self::Root,
	];

	fn origin(self) -> RuntimeOrigin {
		match self {
			Self::Unsigned => RuntimeOrigin::none(),
			Self::Outsider => signed(OUTSIDER),
			Self::Member => signed(MEMBER),
			Self::Collator => signed(COLLATOR),
			Self::Alone => RawOrigin::<AccountId, Instance1>::Member(MEMBER.to_account_id()).into(),
			Self::Council(ayes, all) => RawOrigin::<AccountId, Instance1>::Members(ayes, all).into(),
			Self::Root => RuntimeOrigin::root(),
		}
	}
}

impl May {
	fn allows(self, who: Who) -> bool {
		let account = matches!(who, Who::Outsider | Who::Member | Who::Collator);
		let council = |holds: fn(u32, u32) -> bool| match who {
			Who::Council(ayes, all) => holds(ayes, all),
			_ => false,
		};
		let majority = council(|ayes, all| 2 * ayes > all);
		match self {
			Author => who == Who::Unsigned,
			Everybody => true,
			Anybody => who != Who::Unsigned,
			Account => account,
			AccountOrRoot => account || who == Who::Root,
			Member => who == Who::Member,
			AccountOrMajority => account || majority,
			Half => council(|ayes, all| 2 * ayes >= all),
			Majority => majority,
			TwoThirds => council(|ayes, all| 3 * ayes >= 2 * all),
			Nobody => false,
		}
	}
}

/// Who may make a call; a call that the table does not tell of, or tells of twice, fails the test.
fn may(pallet: &str, call: &str) -> May {
	let rows: Vec<_> = RIGHTS
		.iter()
		.filter(|(name, _)| *name == pallet)
		.flat_map(|(_, rows)| rows.iter())
		.filter(|(_, calls)| calls.contains(&call))
		.collect();
	assert_eq!(rows.len(), 1, "{pallet}.{call} needs one row that says who may make it");
	rows[0].0
}

/// A sample of every call of the runtime: decoded from zeros, which are empty lists, the first variant of everything,
/// and `System::remark` where there is a call inside; the inherents as a collator makes them.
fn samples() -> Vec<(&'static str, &'static str, RuntimeCall)> {
	let mut samples = Vec::new();
	for info in AllPalletsWithSystem::infos() {
		if !RuntimeCall::get_module_names().contains(&info.name) {
			continue;
		}
		let mut missing: BTreeSet<_> = RuntimeCall::get_call_names(info.name).iter().copied().collect();
		for index in 0..=u8::MAX {
			let mut bytes = vec![0; 4096];
			bytes[..2].copy_from_slice(&[info.index as u8, index]);
			let Ok(mut call) = RuntimeCall::decode(&mut &bytes[..]) else { continue };
			let name = call.get_call_metadata().function_name;
			match &mut call {
				RuntimeCall::Timestamp(_) => call = time_of(next_slot()),
				RuntimeCall::ParachainSystem(cumulus_pallet_parachain_system::Call::set_validation_data { .. }) => {
					call = validation_data(next_slot(), &parent(), Messages::default())
				}
				// Asks who the parties are before it asks who proposes.
				RuntimeCall::Participants(pallet_participants::Call::propose_agreement { agreement, .. }) => {
					agreement.recipient = 1
				}
				_ => (),
			}
			assert!(missing.remove(name), "{}.{name} has two indexes", info.name);
			samples.push((info.name, name, call));
		}
		assert!(missing.is_empty(), "{} has calls without a sample: {missing:?}", info.name);
	}
	samples
}

/// What comes of something, none of which is kept.
fn tried<R>(attempt: impl FnOnce() -> R) -> R {
	let tried = with_transaction(|| TransactionOutcome::Rollback(Ok::<_, DispatchError>(attempt())));
	tried.expect("the attempt returned")
}

/// Runs a test in which Eve is a collator, too, and the inherents of the next block may come.
fn with_everybody(test: impl FnOnce()) {
	development(|| {
		pallet_collator_selection::Invulnerables::<Runtime>::mutate(|collators| {
			collators.try_push(COLLATOR.to_account_id()).expect("there is room");
			collators.sort();
		});
		let slot = pallet_aura::CurrentSlot::<Runtime>::get();
		pallet_aura::CurrentSlot::<Runtime>::put(sp_consensus_aura::Slot::from(next_slot()));
		test();
		pallet_aura::CurrentSlot::<Runtime>::put(slot);
	})
}

#[test]
fn every_call_is_open_to_exactly_those_whom_the_table_names() {
	with_everybody(|| {
		let not_member: DispatchError = pallet_collective::Error::<Runtime, Instance1>::NotMember.into();
		let mut checked = 0;
		for (pallet, name, call) in samples() {
			let may = may(pallet, name);
			for who in Who::ALL {
				// What Root could do does not matter, as long as nobody is Root.
				if (may, who) == (Nobody, Who::Root) {
					continue;
				}
				let done = tried(|| call.clone().dispatch_bypass_filter(who.origin())).map_err(|error| error.error);
				let refused = match done {
					Err(DispatchError::BadOrigin) => true,
					Err(error) => may == Member && error == not_member,
					Ok(_) => false,
				};
				assert_eq!(refused, !may.allows(who), "{pallet}.{name}, which is for {may:?}, by {who:?}: {done:?}");
				checked += 1;
			}
		}
		println!("{checked} pairs of a call and an origin");
	})
}

#[test]
fn the_table_names_no_call_that_does_not_exist() {
	for (pallet, rows) in RIGHTS {
		let known = RuntimeCall::get_call_names(pallet);
		for call in rows.iter().flat_map(|(_, calls)| calls.iter()) {
			assert!(known.contains(call), "there is no {pallet}.{call}");
		}
	}
}

#[test]
fn no_call_reaches_a_block_without_a_signature_but_inherents() {
	with_everybody(|| {
		for (pallet, name, call) in samples() {
			let transaction = UncheckedExtrinsic::new_bare(call);
			assert!(tried(|| validate(transaction)).is_err(), "{pallet}.{name} is taken by the pool unsigned");
		}
	})
}

/// The calls that have a call inside, found in the metadata.
fn wrappers_in_metadata() -> BTreeSet<(String, String)> {
	fn holds_call(registry: &PortableRegistry, ty: u32, call: u32) -> bool {
		let within = |ty: u32| holds_call(registry, ty, call);
		ty == call
			|| match &registry.resolve(ty).expect("the type is known").type_def {
				TypeDef::Sequence(list) => within(list.type_param.id),
				TypeDef::Array(list) => within(list.type_param.id),
				TypeDef::Tuple(tuple) => tuple.fields.iter().any(|field| within(field.id)),
				_ => false,
			}
	}
	let bytes: sp_core::OpaqueMetadata = Runtime::metadata_at_version(14).expect("version 14 is known");
	let RuntimeMetadata::V14(metadata) =
		RuntimeMetadataPrefixed::decode_all(&mut &bytes[..]).expect("it is metadata").1
	else {
		panic!("version 14 was asked for")
	};
	let call = metadata.types.types.iter().find(|ty| {
		let path: &scale_info::Path<PortableForm> = &ty.ty.path;
		path.segments.last().is_some_and(|name| name == "RuntimeCall")
	});
	let call = call.expect("the runtime has calls").id;
	let mut wrappers = BTreeSet::new();
	for pallet in &metadata.pallets {
		let Some(calls) = &pallet.calls else { continue };
		let TypeDef::Variant(calls) = &metadata.types.resolve(calls.ty.id).expect("the type is known").type_def else {
			panic!("the calls of {} are no variants", pallet.name)
		};
		for variant in &calls.variants {
			if variant.fields.iter().any(|field| holds_call(&metadata.types, field.ty.id, call)) {
				wrappers.insert((pallet.name.clone(), variant.name.clone()));
			}
		}
	}
	wrappers
}

/// Every way to carry `inner`, as somebody would who wants it to be carried out for them.
fn wrappers(inner: &RuntimeCall) -> Vec<RuntimeCall> {
	use frame_system::RawOrigin::Root;
	let one = || Box::new(inner.clone());
	let root = || Box::new(OriginCaller::system(Root));
	let when = System::block_number() + 1;
	let length_bound = inner.encoded_size() as u32;
	let real = MEMBER.to_account_id();
	vec![
		pallet_utility::Call::batch { calls: vec![*one()] }.into(),
		pallet_utility::Call::batch_all { calls: vec![*one()] }.into(),
		pallet_utility::Call::force_batch { calls: vec![*one()] }.into(),
		pallet_utility::Call::if_else { main: one(), fallback: one() }.into(),
		pallet_utility::Call::as_derivative { index: 0, call: one() }.into(),
		pallet_utility::Call::dispatch_as { as_origin: root(), call: one() }.into(),
		pallet_utility::Call::dispatch_as_fallible { as_origin: root(), call: one() }.into(),
		pallet_utility::Call::with_weight { call: one(), weight: Default::default() }.into(),
		pallet_multisig::Call::as_multi_threshold_1 { other_signatories: vec![real.clone()], call: one() }.into(),
		pallet_multisig::Call::as_multi {
			threshold: 2,
			other_signatories: vec![COLLATOR.to_account_id()],
			maybe_timepoint: Some(Multisig::timepoint()),
			call: one(),
			max_weight: inner.get_dispatch_info().call_weight,
		}
		.into(),
		pallet_proxy::Call::proxy { real: real.clone().into(), force_proxy_type: None, call: one() }.into(),
		pallet_proxy::Call::proxy_announced {
			delegate: OUTSIDER.to_account_id().into(),
			real: real.into(),
			force_proxy_type: None,
			call: one(),
		}
		.into(),
		pallet_collective::Call::<Runtime, Instance1>::execute { proposal: one(), length_bound }.into(),
		pallet_collective::Call::<Runtime, Instance1>::propose { threshold: 1, proposal: one(), length_bound }.into(),
		pallet_scheduler::Call::schedule { when, maybe_periodic: None, priority: 0, call: one() }.into(),
		pallet_scheduler::Call::schedule_named { id: [7; 32], when, maybe_periodic: None, priority: 0, call: one() }
			.into(),
		pallet_scheduler::Call::schedule_after { after: 0, maybe_periodic: None, priority: 0, call: one() }.into(),
		pallet_scheduler::Call::schedule_named_after {
			id: [8; 32],
			after: 0,
			maybe_periodic: None,
			priority: 0,
			call: one(),
		}
		.into(),
	]
}

/// Lets the outsider act for the member as a proxy, at once and by announcement, and with the collator as a multisig.
fn lend(inner: &RuntimeCall) {
	let outsider = || OUTSIDER.to_account_id();
	assert_ok!(Proxy::add_proxy(signed(MEMBER), outsider().into(), ProxyType::Any, 0));
	let hash = <Runtime as frame_system::Config>::Hashing::hash_of(inner);
	assert_ok!(Proxy::announce(signed(OUTSIDER), MEMBER.to_account_id().into(), hash));
	let weight = inner.get_dispatch_info().call_weight;
	assert_ok!(Multisig::approve_as_multi(
		signed(COLLATOR),
		2,
		vec![outsider()],
		None,
		inner.using_encoded(sp_io::hashing::blake2_256),
		weight
	));
}

/// Has `who` send a wrapper, and the scheduler do what is on its list.
fn carry(wrapper: &RuntimeCall, who: Who) {
	let _ = wrapper.clone().dispatch_bypass_filter(who.origin());
	let next = System::block_number() + 1;
	System::set_block_number(next);
	Scheduler::on_initialize(next);
}

const PROBE: &[u8] = b"only Root could write this";

#[test]
fn every_call_that_carries_a_call_is_known() {
	with_everybody(|| {
		let known: BTreeSet<_> = wrappers(&transfer())
			.iter()
			.map(|wrapper| wrapper.get_call_metadata())
			.map(|metadata| (metadata.pallet_name.to_string(), metadata.function_name.to_string()))
			.collect();
		assert_eq!(known, wrappers_in_metadata());
	})
}

#[test]
fn no_call_that_carries_a_call_lends_anybody_root() {
	with_everybody(|| {
		let probe: RuntimeCall =
			frame_system::Call::set_storage { items: vec![(PROBE.to_vec(), b"written".to_vec())] }.into();
		// The probe works, or it would prove nothing.
		assert!(tried(|| {
			assert_ok!(probe.clone().dispatch_bypass_filter(RuntimeOrigin::root()));
			unhashed::exists(PROBE)
		}));
		lend(&probe);
		for wrapper in wrappers(&probe) {
			for who in Who::ALL.into_iter().filter(|who| *who != Who::Root) {
				let written = tried(|| {
					carry(&wrapper, who);
					unhashed::exists(PROBE)
				});
				assert!(!written, "{who:?} is Root through {wrapper:?}");
			}
		}
	})
}

/// What the test above tries does reach the call inside, or it would prove nothing.
#[test]
fn calls_that_carry_a_call_carry_it_for_somebody_unless_they_are_for_root() {
	with_everybody(|| {
		let inner: RuntimeCall = frame_system::Call::remark_with_event { remark: b"I was here".to_vec() }.into();
		lend(&inner);
		for wrapper in wrappers(&inner) {
			let metadata = wrapper.get_call_metadata();
			let carried = Who::ALL.into_iter().filter(|who| *who != Who::Root).any(|who| {
				tried(|| {
					System::reset_events();
					carry(&wrapper, who);
					System::events().iter().any(|record| {
						matches!(
							record.event,
							RuntimeEvent::System(frame_system::Event::Remarked { .. })
								| RuntimeEvent::Council(pallet_collective::Event::Executed { .. })
								| RuntimeEvent::Council(pallet_collective::Event::MemberExecuted { .. })
								| RuntimeEvent::Scheduler(pallet_scheduler::Event::Dispatched { .. })
						)
					})
				})
			});
			let for_root = may(metadata.pallet_name, metadata.function_name) == Nobody;
			assert_eq!(carried, !for_root, "{wrapper:?}");
		}
	})
}

#[test]
fn there_is_neither_sudo_nor_xcm() {
	for name in RuntimeCall::get_module_names() {
		let name = name.to_lowercase();
		assert!(!name.contains("sudo") && !name.contains("xcm"), "{name}");
	}
	type Source = <Runtime as cumulus_pallet_parachain_system::Config>::OutboundXcmpMessageSource;
	type Handler = <Runtime as cumulus_pallet_parachain_system::Config>::XcmpMessageHandler;
	assert_eq!(TypeId::of::<Source>(), TypeId::of::<()>());
	assert_eq!(TypeId::of::<Handler>(), TypeId::of::<()>());
	#[cfg(not(feature = "runtime-benchmarks"))]
	assert_eq!(
		TypeId::of::<<Runtime as pallet_message_queue::Config>::MessageProcessor>(),
		TypeId::of::<RefuseMessages>()
	);
}

#[test]
fn messages_in_the_inherent_are_dropped_without_effect_and_none_is_sent() {
	development(|| {
		let balances = || Sr25519Keyring::well_known().map(|who| Balances::total_balance(&who.to_account_id()));
		let before: Vec<_> = balances().collect();
		let messages = Messages {
			downward: vec![b"do as you are told".to_vec()],
			horizontal: vec![(2_000.into(), b"and you, too".to_vec())],
		};
		let first = block(&parent(), messages, |_| {
			System::assert_has_event(RuntimeEvent::ParachainSystem(
				cumulus_pallet_parachain_system::Event::DownwardMessagesReceived { count: 1 },
			));
		});
		// The queue is emptied at the start of the block after.
		block(&first, Messages::default(), |_| {
			assert!(System::events().iter().any(|record| matches!(
				record.event,
				RuntimeEvent::MessageQueue(pallet_message_queue::Event::ProcessingFailed {
					error: ProcessMessageError::Unsupported,
					..
				})
			)));
		});
		assert_eq!(pallet_message_queue::Pages::<Runtime>::iter().count(), 0);
		assert_eq!(before, balances().collect::<Vec<_>>());
		assert!(cumulus_pallet_parachain_system::UpwardMessages::<Runtime>::get().is_empty());
		assert!(cumulus_pallet_parachain_system::HrmpOutboundMessages::<Runtime>::get().is_empty());
	})
}

#[test]
fn with_everything_paused_and_in_safe_mode_what_nobody_can_stop_goes_through_and_nothing_else() {
	with_everybody(|| {
		let half = || Who::Council(2, 4).origin();
		let mut pausable = 0;
		for (pallet, name, _) in samples() {
			let paused = TxPause::pause(half(), full_name(pallet, name));
			let unpausable = Err(pallet_tx_pause::Error::<Runtime>::Unpausable.into());
			let always = configs::governance::is_always_allowed(pallet.as_bytes(), name.as_bytes());
			assert_eq!(paused, if always { unpausable } else { Ok(()) }, "{pallet}.{name}");
			pausable += u32::from(!always);
		}
		assert!(pausable > 100);
		assert_ok!(SafeMode::force_enter(half()));

		let filtered: DispatchError = frame_system::Error::<Runtime>::CallFiltered.into();
		for (pallet, name, call) in samples() {
			let always = configs::governance::is_always_allowed(pallet.as_bytes(), name.as_bytes());
			for who in [Who::Unsigned, Who::Outsider, Who::Council(3, 3)] {
				let done = tried(|| call.clone().dispatch(who.origin())).map_err(|error| error.error);
				assert_eq!(done == Err(filtered), !always, "{pallet}.{name} by {who:?}: {done:?}");
			}
		}

		// Half of the council stops, and more than half lets go on.
		let name = || full_name("Balances", "transfer_keep_alive");
		assert_noop!(TxPause::unpause(half(), name()), DispatchError::BadOrigin);
		assert_noop!(SafeMode::force_exit(half()), DispatchError::BadOrigin);
		let majority = || Who::Council(3, 5).origin();
		assert_ok!(SafeMode::force_exit(majority()));
		assert_noop!(dispatch(Alice, transfer()), frame_system::Error::<Runtime>::CallFiltered);
		assert_ok!(TxPause::unpause(majority(), name()));
		assert_ok!(dispatch(Alice, transfer()));
	})
}

#[test]
fn the_council_admits_an_organisation_and_nobody_else_does() {
	development(|| {
		assert_noop!(dispatch(Alice, admission(Dave)), DispatchError::BadOrigin);
		assert_noop!(
			admission(Dave).dispatch_bypass_filter(RuntimeOrigin::root()).map_err(|error| error.error),
			DispatchError::BadOrigin
		);
		assert_eq!(council(&[Alice], admission(Dave)), Err(DispatchError::BadOrigin));
		assert_ok!(council(&[Alice, Bob], admission(Dave)));
		assert!(Participants::organisation_view(0).expect("it was admitted").in_standing);
	})
}

#[test]
fn who_is_not_in_the_council_moves_nothing() {
	development(|| {
		let call = Box::new(admission(Dave));
		let length = call.encoded_size() as u32;
		assert_noop!(
			Council::propose(signed(Dave), 2, call, length),
			pallet_collective::Error::<Runtime, pallet_collective::Instance1>::NotMember
		);
	})
}

#[test]
fn two_thirds_of_the_council_authorise_an_upgrade() {
	development(|| {
		let authorize = || crate::upgrades::Call::authorize { code_hash: Hash::repeat_byte(7) };
		assert_noop!(dispatch(Alice, authorize()), DispatchError::BadOrigin);
		assert_noop!(Upgrades::authorize(RuntimeOrigin::root(), Hash::zero()), DispatchError::BadOrigin);
		assert_eq!(council(&[Alice], authorize()), Err(DispatchError::BadOrigin));
		assert_ok!(council(&[Alice, Charlie], authorize()));
		System::assert_has_event(RuntimeEvent::System(frame_system::Event::UpgradeAuthorized {
			code_hash: Hash::repeat_byte(7),
			check_version: true,
		}));
		// Only the code with that hash.
		let other = System::apply_authorized_upgrade(signed(Dave), vec![1, 2, 3]).map_err(|error| error.error);
		assert_eq!(other, Err(frame_system::Error::<Runtime>::Unauthorized.into()));
	})
}

#[test]
fn the_whole_council_cannot_do_what_is_reserved_for_root() {
	development(|| {
		let everyone = [Alice, Bob, Charlie];
		let set_code: RuntimeCall = frame_system::Call::set_code { code: vec![1] }.into();
		let set_balance: RuntimeCall =
			pallet_balances::Call::force_set_balance { who: Dave.to_account_id().into(), new_free: 0 }.into();
		let as_root: RuntimeCall = pallet_utility::Call::dispatch_as {
			as_origin: Box::new(OriginCaller::system(frame_system::RawOrigin::Root)),
			call: Box::new(set_balance.clone()),
		}
		.into();
		for call in [set_code, set_balance.clone(), as_root] {
			assert_eq!(council(&everyone, call), Err(DispatchError::BadOrigin));
		}
		// Neither does the scheduler lend its own authority.
		assert_ok!(council(
			&everyone,
			pallet_scheduler::Call::schedule {
				when: 2,
				maybe_periodic: None,
				priority: 0,
				call: Box::new(set_balance)
			}
		));
		System::set_block_number(2);
		Scheduler::on_initialize(2);
		assert!(Balances::free_balance(Dave.to_account_id()) > 0);
		assert!(System::events().iter().any(|record| matches!(
			record.event,
			RuntimeEvent::Scheduler(pallet_scheduler::Event::Dispatched { result: Err(DispatchError::BadOrigin), .. })
		)));
	})
}

#[test]
fn the_council_changes_itself_by_two_thirds_only() {
	development(|| {
		let add = || pallet_membership::Call::<Runtime, pallet_membership::Instance1>::add_member {
			who: Dave.to_account_id().into(),
		};
		assert_eq!(council(&[Alice], add()), Err(DispatchError::BadOrigin));
		assert_ok!(council(&[Alice, Bob], add()));
		assert!(Council::is_member(&Dave.to_account_id()));
		// Two of four are a half, neither two thirds nor a majority.
		assert_eq!(council(&[Alice, Bob], admission(Dave)), Err(DispatchError::BadOrigin));
		assert_ok!(council(&[Alice, Bob, Dave], admission(Dave)));
	})
}

#[test]
fn collators_come_and_go_by_the_council_and_never_by_themselves() {
	preset("local_testnet").execute_with(|| {
		assert_noop!(
			CollatorSelection::register_as_candidate(signed(Dave)),
			pallet_collator_selection::Error::<Runtime>::TooManyCandidates
		);
		let remove = || pallet_collator_selection::Call::remove_invulnerable { who: Bob.to_account_id() };
		assert_noop!(dispatch(Bob, remove()), DispatchError::BadOrigin);
		assert_ok!(council(&[Alice, Charlie], remove()));
		assert_eq!(pallet_collator_selection::Invulnerables::<Runtime>::get().len(), 1);
		let add = pallet_collator_selection::Call::add_invulnerable { who: Bob.to_account_id() };
		assert_ok!(council(&[Alice, Charlie], add));
		assert_eq!(pallet_collator_selection::Invulnerables::<Runtime>::get().len(), 2);
	})
}
