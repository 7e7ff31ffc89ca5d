//! The errors as clients see them, and that each is met.

use super::*;
use scale_info::{TypeDef, TypeInfo};
use sp_runtime::DispatchError;
use std::collections::BTreeSet;

/// The names of the errors in the order of their index, as the metadata tells them to clients.
fn names() -> Vec<String> {
	let TypeDef::Variant(errors) = Error::<Test>::type_info().type_def else { panic!("errors are an enum") };
	let mut variants: Vec<(u8, String)> =
		errors.variants.iter().map(|variant| (variant.index, variant.name.to_string())).collect();
	variants.retain(|(_, name)| !name.starts_with("__"));
	variants.sort();
	assert!(variants.iter().enumerate().all(|(position, (index, _))| position == usize::from(*index)));
	variants.into_iter().map(|(_, name)| name).collect()
}

/// Appending is the only change that clients survive.
#[test]
fn errors_keep_their_index() {
	let DispatchError::Module(module) = DispatchError::from(Error::<Test>::StillActive) else {
		panic!("an error of a pallet")
	};
	assert_eq!((module.error[0], module.message), (20, Some("StillActive")));
	let known = [
		"PatientNotFound",
		"ConsentNotFound",
		"OrganisationNotFound",
		"CareNotFound",
		"NotAuthorized",
		"AlreadyExists",
		"OrganisationNotActive",
		"RecipientNotMember",
		"WrongKeyLength",
		"EmptySet",
		"UnknownCode",
		"InvertedPeriod",
		"StartInPast",
		"StartInFuture",
		"EndInPast",
		"EndBeforeStart",
		"TooManyConsents",
		"SlotKeptForDenial",
		"NotActive",
		"Expired",
		"StillActive",
		"WrongMajority",
		"SelfGuardian",
		"TooManyGuardians",
		"GuardianNotFound",
		"CannotSupersede",
		"TooManyProposals",
		"NotProposed",
		"Forbidden",
		"AlreadyOpen",
		"Unreviewed",
		"Objected",
		"TooManyGlasses",
		"GlassNotFound",
		"SelfReview",
		"AlreadyReviewed",
		"AlreadyObjected",
		"StillRetained",
		"RecoveryNotFound",
		"DuplicateFriend",
		"WrongThreshold",
		"WrongDelay",
		"NotDue",
	];
	assert_eq!(names(), known);
}

/// The errors that a small sequence of calls meets, each call as a client makes it.
#[test]
fn every_error_is_met() {
	let mut met: BTreeSet<String> = BTreeSet::new();
	run(|| {
		let mut fails = |result: DispatchResult| match result {
			Err(DispatchError::Module(module)) => {
				met.insert(module.message.expect("an error in a native call has its name").to_string());
			}
			other => panic!("expected an error of the pallet, got {other:?}"),
		};
		let (policy, allowed) = (DefaultPolicy::Deny, BreakGlass::Allowed);
		let (h, reason) = (H256::zero(), EmergencyReason::EmergencyTreatment);
		let minor = |who, patient, ward, majority| {
			Consent::register_minor(signed(who), patient, policy, allowed, ward, majority, Relationship::Prn)
		};
		let friends = |list: &[salus_primitives::inputs::Friend], threshold, delay| {
			let list = list.to_vec().try_into().expect("few");
			Consent::set_friends(signed(ALICE), P1, list, threshold, delay)
		};
		let friend = salus_primitives::inputs::Friend::Account(BOB);
		let care =
			|org, recipient, until, key: SealedKey| Consent::open_care(signed(ALICE), P1, org, until, recipient, key);
		let break_glass = |who, patient| Consent::break_glass(signed(who), patient, reason, h);
		let review =
			|who| Consent::review_glass(signed(who), P1, CHEN, salus_primitives::consent::Finding::Justified, h);
		let full = GuardianScope::Full;

		fails(Consent::withdraw(signed(ALICE), P1, 0));
		register_p1();
		register_p2();
		fails(Consent::register_patient(signed(BOB), P1, policy, allowed));
		fails(Consent::withdraw(signed(BOB), P1, 0));
		fails(Consent::withdraw(signed(ALICE), P1, 0));

		fails(care(NOWHERE, CHEN, NOW + DAY, sealed_key()));
		fails(care(HOSPITAL, DIAZ, NOW + DAY, sealed_key()));
		fails(care(HOSPITAL, CHEN, NOW, sealed_key()));
		fails(care(HOSPITAL, CHEN, NOW + DAY, Default::default()));
		fails(Consent::close_care(signed(ALICE), P1, HOSPITAL));
		hypothetically!({
			suspend_org(HOSPITAL);
			fails(care(HOSPITAL, CHEN, NOW + DAY, sealed_key()));
		});

		let actors = Some(Default::default());
		fails(try_grant(consent(Effect::Deny, Conditions { actors, ..Default::default() })));
		let purposes = Some(PurposeSet(1 << 63));
		fails(try_grant(consent(Effect::Deny, Conditions { purposes, ..Default::default() })));
		let inverted = Conditions { data_from: Some(1), data_to: Some(0), ..Default::default() };
		fails(try_grant(consent(Effect::Deny, inverted)));
		fails(try_grant(ConsentInput { start: Some(NOW - 1), ..opt_out() }));
		fails(try_grant(ConsentInput { start: Some(NOW + 1), end: Some(NOW + 1), ..opt_out() }));
		let first = grant(ConsentInput { end: Some(NOW + 1), ..treatment_by(CHEN) });
		fails(try_grant(ConsentInput { start: Some(NOW + 1), supersedes: Some(first), ..opt_out() }));
		fails(Consent::remove_consent(signed(ALICE), P1, first));
		fails(Consent::accept(signed(ALICE), P1, first));
		hypothetically!({
			assert_ok!(Consent::withdraw(signed(ALICE), P1, first));
			fails(Consent::withdraw(signed(ALICE), P1, first));
		});
		hypothetically!({
			set_time(NOW + 1);
			fails(Consent::withdraw(signed(ALICE), P1, first));
		});
		hypothetically!({
			for _ in 0..14 {
				grant(treatment_by(CHEN));
			}
			fails(try_grant(treatment_by(CHEN)));
			grant(opt_out());
			fails(try_grant(opt_out()));
		});

		fails(minor(MOTHER, P3, CHILD, NOW));
		fails(minor(MOTHER, P3, MOTHER, MAJORITY));
		fails(Consent::end_guardian(signed(ALICE), P1, 0));
		hypothetically!({
			for byte in 100..108 {
				appoint(guardian(AccountId::new([byte; 32]), full));
			}
			fails(Consent::appoint_guardian(signed(ALICE), P1, guardian(BOB, full)));
		});

		fails(Consent::propose(signed(CHEN), P1, ConsentInput { supersedes: Some(first), ..opt_out() }));
		hypothetically!({
			assert_ok!(Consent::propose(signed(CHEN), P1, opt_out()));
			assert_ok!(Consent::propose(signed(CHEN), P1, opt_out()));
			fails(Consent::propose(signed(CHEN), P1, opt_out()));
		});

		fails(review(QUINN));
		hypothetically!({
			assert_ok!(Consent::set_policy(signed(ALICE), P1, policy, BreakGlass::Forbidden));
			fails(break_glass(CHEN, P1));
		});
		GlassesPerDay::set(&1);
		assert_ok!(break_glass(CHEN, P1));
		fails(break_glass(CHEN, P1));
		fails(break_glass(EMIN, P2));
		fails(review(CHEN));
		fails(Consent::remove_glass(signed(CHEN), P1, CHEN));
		hypothetically!({
			assert_ok!(review(QUINN));
			fails(review(QUINN));
			fails(Consent::remove_glass(signed(CHEN), P1, CHEN));
		});
		assert_ok!(Consent::object_to_glass(signed(ALICE), P1, CHEN, h));
		fails(Consent::object_to_glass(signed(ALICE), P1, CHEN, h));
		fails(break_glass(CHEN, P1));

		fails(Consent::finish_recovery(signed(STRANGER), P1));
		fails(friends(&[friend.clone(), friend.clone()], 1, DAY));
		fails(friends(&[friend.clone()], 2, DAY));
		fails(friends(&[friend.clone()], 1, 0));
		assert_ok!(friends(&[friend], 1, DAY));
		fails(Consent::finish_recovery(signed(STRANGER), P1));
	});
	assert_eq!(met, names().into_iter().collect());
}
