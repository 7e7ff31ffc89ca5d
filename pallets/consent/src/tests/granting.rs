//! Giving and superseding consents.

use super::*;
use frame_support::BoundedVec;
use salus_primitives::{ActionSet, ResourceTypeSet};
use sp_runtime::{ArithmeticError, TokenError};

#[test]
fn a_consent_starts_now_and_permits_what_it_says() {
	run(|| {
		register_p1();
		assert_eq!(read_by(CHEN).reason, Reason::NoConsent);
		let id = grant(treatment_by(CHEN));
		assert_last_events(vec![Event::ConsentGranted { patient: P1, consent: id, supersedes: None }]);
		let decision = read_by(CHEN);
		assert_eq!((decision.effect, decision.reason), (Effect::Permit, Reason::Consent));
		assert_eq!((decision.consent, decision.rule), (Some(id), None));
		assert_eq!(read_by(DIAZ).reason, Reason::NoConsent);
	});
}

#[test]
fn what_was_given_is_what_is_stored() {
	run(|| {
		register_p1();
		let obligations = ObligationSet::of(&[Obligation::Noreuse]);
		let rule = Rule { obligations, ..permit(naming(&[ActorRef::Org(CLINIC)])) };
		let input = ConsentInput {
			end: Some(NOW + DAY),
			erase_by: Some(NOW + 2 * DAY),
			..with_rules(treatment_by(CHEN), &[rule])
		};
		let id = grant(input.clone());
		let (consent, _) = Consents::<Test>::get(P1, id).expect("it was just given");
		assert_eq!((consent.grantor, consent.start, consent.end), (ALICE, NOW, Some(NOW + DAY)));
		assert_eq!((consent.base, consent.root, consent.rules), (input.base, input.root, input.rules));
		assert_eq!((consent.policy, consent.receipt, consent.erase_by), (input.policy, input.receipt, input.erase_by));
		assert_eq!((consent.status, consent.supersedes), (ConsentStatus::Active, None));
	});
}

#[test]
fn numbers_count_up_and_are_never_given_again() {
	run(|| {
		register_p1();
		assert_eq!([grant(treatment_by(CHEN)), grant(treatment_by(CHEN))], [0, 1]);
		assert_ok!(Consent::withdraw(signed(ALICE), P1, 1));
		assert_ok!(Consent::remove_consent(signed(ALICE), P1, 1));
		assert_eq!(grant(treatment_by(CHEN)), 2);
	});
}

#[test]
fn numbers_that_run_out_are_an_error() {
	run(|| {
		register_p1();
		Patients::<Test>::mutate(P1, |entry| {
			let entry = entry.as_mut().expect("P1 is registered");
			entry.next_consent = ConsentId::MAX;
			entry.revision = u64::MAX;
		});
		assert_noop!(try_grant(treatment_by(CHEN)), ArithmeticError::Overflow);
	});
}

#[test]
fn the_deposit_follows_the_size() {
	run(|| {
		register_p1();
		let before = held(&ALICE);
		let id = grant(treatment_by(CHEN));
		let size = Consents::<Test>::get(P1, id).expect("it was just given").0.encoded_size() as u128;
		assert_eq!(held(&ALICE), before + DEPOSIT_BASE + size);
		let rule = permit(naming(&[ActorRef::Org(CLINIC)]));
		let after = held(&ALICE);
		grant(with_rules(treatment_by(CHEN), &[rule.clone()]));
		assert_eq!(held(&ALICE), after + DEPOSIT_BASE + size + rule.encoded_size() as u128);
	});
}

#[test]
fn a_consent_that_cannot_be_paid_is_not_given() {
	run(|| {
		register_p1();
		Patients::<Test>::mutate(P1, |entry| entry.as_mut().expect("P1 is registered").controller = PAUPER);
		let refused = Consent::grant(signed(PAUPER), P1, treatment_by(CHEN));
		assert_noop!(refused, TokenError::FundsUnavailable);
	});
}

#[test]
fn a_start_may_be_now_or_later_but_not_past() {
	run(|| {
		register_p1();
		let starting = |start| ConsentInput { start: Some(start), ..treatment_by(CHEN) };
		for start in [0, NOW - 1] {
			assert_noop!(try_grant(starting(start)), Error::<Test>::StartInPast);
		}
		hypothetically!({
			grant(starting(NOW));
			assert_eq!(read_by(CHEN).reason, Reason::Consent);
		});
		grant(starting(NOW + HOUR));
		let early = read_by(CHEN);
		assert_eq!((early.reason, early.valid_until), (Reason::NoConsent, Some(NOW + HOUR)));
		set_time(NOW + HOUR - 1);
		assert_eq!(read_by(CHEN).reason, Reason::NoConsent);
		set_time(NOW + HOUR);
		assert_eq!(read_by(CHEN).reason, Reason::Consent);
	});
}

#[test]
fn a_consent_that_starts_at_the_end_of_time_is_taken_and_never_in_force() {
	run(|| {
		register_p1();
		let input = ConsentInput { start: Some(Moment::MAX), ..treatment_by(CHEN) };
		let endless = ConsentInput { end: Some(Moment::MAX), ..input.clone() };
		assert_noop!(try_grant(endless), Error::<Test>::EndBeforeStart);
		grant(input);
		assert_eq!(read_by(CHEN).reason, Reason::NoConsent);
		grant(ConsentInput { end: Some(Moment::MAX), erase_by: Some(Moment::MAX), ..treatment_by(CHEN) });
		assert_eq!(read_by(CHEN).reason, Reason::Consent);
	});
}

#[test]
fn an_end_lies_after_now_and_after_the_start() {
	run(|| {
		register_p1();
		let within = |start, end| ConsentInput { start, end: Some(end), ..treatment_by(CHEN) };
		for end in [0, NOW - 1, NOW] {
			assert_noop!(try_grant(within(None, end)), Error::<Test>::EndInPast);
		}
		for end in [NOW + 1, NOW + HOUR] {
			assert_noop!(try_grant(within(Some(NOW + HOUR), end)), Error::<Test>::EndBeforeStart);
		}
		hypothetically_ok!(try_grant(within(None, NOW + 1)));
		hypothetically_ok!(try_grant(within(Some(NOW + HOUR), NOW + HOUR + 1)));
	});
}

#[test]
fn a_consent_is_in_force_up_to_its_end_and_not_at_it() {
	run(|| {
		register_p1();
		grant(ConsentInput { end: Some(NOW + DAY), ..treatment_by(CHEN) });
		set_time(NOW + DAY - 1);
		let last = read_by(CHEN);
		assert_eq!((last.reason, last.valid_until), (Reason::Consent, Some(NOW + DAY)));
		set_time(NOW + DAY);
		assert_eq!(read_by(CHEN).reason, Reason::NoConsent);
	});
}

#[test]
fn a_set_without_members_is_refused_wherever_it_stands() {
	run(|| {
		register_p1();
		let empty: Vec<Conditions> = vec![
			Conditions { actors: Some(BoundedVec::new()), ..Default::default() },
			Conditions { custodians: Some(BoundedVec::new()), ..Default::default() },
			Conditions { authors: Some(BoundedVec::new()), ..Default::default() },
			Conditions { records: Some(BoundedVec::new()), ..Default::default() },
			Conditions { purposes: Some(PurposeSet::EMPTY), ..Default::default() },
			Conditions { actions: Some(ActionSet::EMPTY), ..Default::default() },
			Conditions { resource_types: Some(ResourceTypeSet::EMPTY), ..Default::default() },
		];
		for conditions in empty {
			assert_noop!(try_grant(consent(Effect::Deny, conditions.clone())), Error::<Test>::EmptySet);
			let in_last_rule = with_rules(opt_out(), &[permit(Conditions::default()), permit(conditions)]);
			assert_noop!(try_grant(in_last_rule), Error::<Test>::EmptySet);
		}
	});
}

#[test]
fn a_bit_that_names_no_code_is_refused_wherever_it_stands() {
	run(|| {
		register_p1();
		let unknown: Vec<Conditions> = vec![
			Conditions { purposes: Some(PurposeSet(1 << 63)), ..Default::default() },
			Conditions { actions: Some(ActionSet(1 << 7)), ..Default::default() },
			Conditions { resource_types: Some(ResourceTypeSet(1 << 127)), ..Default::default() },
		];
		for conditions in unknown {
			assert_noop!(try_grant(consent(Effect::Deny, conditions.clone())), Error::<Test>::UnknownCode);
			let in_rule = with_rules(opt_out(), &[permit(conditions)]);
			assert_noop!(try_grant(in_rule), Error::<Test>::UnknownCode);
		}
		let rule = Rule { obligations: ObligationSet(1 << 15), ..permit(Conditions::default()) };
		assert_noop!(try_grant(with_rules(opt_out(), &[rule])), Error::<Test>::UnknownCode);
	});
}

#[test]
fn an_inverted_data_period_is_refused() {
	run(|| {
		register_p1();
		for (from, to) in [(2, 1), (1, 1), (i64::MAX, i64::MIN)] {
			let conditions = Conditions { data_from: Some(from), data_to: Some(to), ..Default::default() };
			assert_noop!(try_grant(consent(Effect::Deny, conditions)), Error::<Test>::InvertedPeriod);
		}
	});
}

#[test]
fn a_successor_takes_over_without_a_gap() {
	run(|| {
		register_p1();
		let old = grant(treatment_by(CHEN));
		let new = grant(ConsentInput { supersedes: Some(old), ..treatment_by(DIAZ) });
		assert_eq!((status_of(old), status_of(new)), (ConsentStatus::Superseded, ConsentStatus::Active));
		assert_eq!(active_ids(), [new]);
		assert_last_events(vec![
			Event::ConsentEnded { patient: P1, consent: old, status: ConsentStatus::Superseded },
			Event::ConsentGranted { patient: P1, consent: new, supersedes: Some(old) },
		]);
		assert_eq!((read_by(CHEN).reason, read_by(DIAZ).reason), (Reason::NoConsent, Reason::Consent));
	});
}

#[test]
fn a_successor_starts_now() {
	run(|| {
		register_p1();
		let old = grant(treatment_by(CHEN));
		let successor = |start| ConsentInput { start, supersedes: Some(old), ..treatment_by(CHEN) };
		assert_noop!(try_grant(successor(Some(NOW + 1))), Error::<Test>::StartInFuture);
		hypothetically_ok!(try_grant(successor(Some(NOW))));
		assert_ok!(try_grant(successor(None)));
	});
}

#[test]
fn only_an_active_consent_can_be_superseded() {
	run(|| {
		register_p1();
		let successor = |old| ConsentInput { supersedes: Some(old), ..treatment_by(CHEN) };
		assert_noop!(try_grant(successor(0)), Error::<Test>::ConsentNotFound);
		assert_noop!(try_grant(successor(ConsentId::MAX)), Error::<Test>::ConsentNotFound);
		let withdrawn = grant(treatment_by(CHEN));
		assert_ok!(Consent::withdraw(signed(ALICE), P1, withdrawn));
		assert_noop!(try_grant(successor(withdrawn)), Error::<Test>::NotActive);
		let superseded = grant(treatment_by(CHEN));
		grant(successor(superseded));
		assert_noop!(try_grant(successor(superseded)), Error::<Test>::NotActive);
		let short = grant(ConsentInput { end: Some(NOW + 1), ..treatment_by(CHEN) });
		hypothetically_ok!(try_grant(successor(short)));
		set_time(NOW + 1);
		assert_noop!(try_grant(successor(short)), Error::<Test>::Expired);
	});
}

#[test]
fn a_consent_that_has_not_started_can_be_superseded() {
	run(|| {
		register_p1();
		let later = grant(ConsentInput { start: Some(NOW + DAY), ..treatment_by(CHEN) });
		grant(ConsentInput { supersedes: Some(later), ..treatment_by(CHEN) });
		assert_eq!(status_of(later), ConsentStatus::Superseded);
	});
}

#[test]
fn fifteen_consents_fit_and_the_last_slot_is_kept_for_a_denial() {
	run(|| {
		register_p1();
		for _ in 0..15 {
			grant(treatment_by(CHEN));
		}
		assert_noop!(try_grant(treatment_by(CHEN)), Error::<Test>::SlotKeptForDenial);
		// Not a denial: it has a rule that permits.
		let soft = with_rules(opt_out(), &[permit(naming(&[ActorRef::Account(CHEN)]))]);
		assert_noop!(try_grant(soft), Error::<Test>::SlotKeptForDenial);
		assert_eq!(read_by(CHEN).reason, Reason::Consent);
		grant(opt_out());
		assert_eq!(read_by(CHEN).reason, Reason::Denied);
	});
}

#[test]
fn a_denial_that_does_not_fit_must_replace_another_consent() {
	run(|| {
		register_p1();
		for _ in 0..15 {
			grant(treatment_by(CHEN));
		}
		let first = grant(opt_out());
		assert_noop!(try_grant(opt_out()), Error::<Test>::TooManyConsents);
		assert_noop!(try_grant(treatment_by(CHEN)), Error::<Test>::TooManyConsents);
		hypothetically!(grant(ConsentInput { supersedes: Some(0), ..opt_out() }));
		hypothetically!(grant(ConsentInput { supersedes: Some(first), ..opt_out() }));
		// One of the fifteen may be exchanged, the denial only for a denial.
		hypothetically!(grant(ConsentInput { supersedes: Some(0), ..treatment_by(CHEN) }));
		let instead_of_denial = ConsentInput { supersedes: Some(first), ..treatment_by(CHEN) };
		assert_noop!(try_grant(instead_of_denial), Error::<Test>::SlotKeptForDenial);
	});
}

#[test]
fn denials_may_take_every_slot() {
	run(|| {
		register_p1();
		for _ in 0..16 {
			grant(opt_out());
		}
		assert_noop!(try_grant(opt_out()), Error::<Test>::TooManyConsents);
	});
}

#[test]
fn a_grant_makes_room_by_dropping_expired_consents_from_the_index() {
	run(|| {
		register_p1();
		for _ in 0..15 {
			grant(ConsentInput { end: Some(NOW + DAY), ..treatment_by(CHEN) });
		}
		assert_noop!(try_grant(treatment_by(CHEN)), Error::<Test>::SlotKeptForDenial);
		set_time(NOW + DAY);
		assert_eq!(grant(treatment_by(CHEN)), 15);
		assert_eq!(active_ids(), [15]);
		assert_eq!(status_of(0), ConsentStatus::Active, "expiry is computed, not stored");
	});
}

#[test]
fn a_call_on_consents_writes_to_two_maps_at_most() {
	run(|| {
		register_p1();
		let maps_written = |call: &dyn Fn() -> DispatchResult| {
			let before = stored();
			assert_ok!(call());
			let after = stored();
			let changed = before.iter().filter(|(key, value)| after.get(*key) != Some(value)).map(|(key, _)| key);
			let added = after.keys().filter(|key| !before.contains_key(*key));
			changed.chain(added).map(|key| key[..32].to_vec()).collect::<std::collections::BTreeSet<_>>().len()
		};
		assert_eq!(maps_written(&|| try_grant(treatment_by(CHEN))), 2);
		assert_eq!(maps_written(&|| try_grant(ConsentInput { supersedes: Some(0), ..treatment_by(CHEN) })), 2);
		assert_eq!(maps_written(&|| Consent::withdraw(signed(ALICE), P1, 1)), 2);
		assert_eq!(maps_written(&|| Consent::remove_consent(signed(ALICE), P1, 1)), 2);
		assert_eq!(maps_written(&|| open_care(HOSPITAL, CHEN, NOW + DAY)), 2);
		assert_eq!(maps_written(&|| Consent::close_care(signed(ALICE), P1, HOSPITAL)), 2);
	});
}
