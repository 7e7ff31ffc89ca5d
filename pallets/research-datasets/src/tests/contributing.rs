use super::*;

/// A contribution that its own account brings, with the clinician's signature.
fn attested(input: &ContributionInput) -> Attestation {
	let signature = sign(&attester_keys(), &input.message(&ResearchDatasets::genesis()));
	Attestation { attester: attester(), signature }
}

fn bring(who: &AccountId, input: ContributionInput, attestation: Attestation) -> DispatchResult {
	ResearchDatasets::contribute(signed(who), input, Some(attestation))
}

#[test]
fn an_attester_contributes_for_a_patient() {
	test(|| {
		opened(&[gru()]);
		assert_ok!(contribute(contribution(1, 0)));
		let expected = Event::Contributed { dataset: 0, pseudonym: p(1), group: 0, org: HOSPITAL };
		assert_eq!(last_event(), expected);
		let made = entry(1);
		assert_eq!((made.start, made.end, made.state), (TODAY + 1, TODAY + 100, ContributionState::Live));
		assert_eq!(held(&attester(), HoldReason::Storage), u128::from(ResearchDatasets::contribution_footprint().size));
	});
}

#[test]
fn a_contributors_own_account_brings_what_the_attester_signed() {
	test(|| {
		opened(&[gru()]);
		fund_account(&contributor(1));
		let input = contribution(1, 0);
		let signature = attested(&input);
		assert_noop!(bring(&STRANGER, input.clone(), signature.clone()), Refusal::NotAuthorized);
		hypothetically!({
			assert_ok!(bring(&contributor(1), input.clone(), signature.clone()));
		});
		let message = input.message(&ResearchDatasets::genesis());
		let wrapped = [&b"<Bytes>"[..], message.as_bytes(), b"</Bytes>"].concat();
		let wrapped = sp_runtime::MultiSignature::Sr25519(sp_core::Pair::sign(&attester_keys(), &wrapped));
		assert_ok!(bring(&contributor(1), input, Attestation { signature: wrapped, ..signature }));
	});
}

#[test]
fn a_signature_is_of_the_whole_contribution_on_this_chain() {
	test(|| {
		opened(&[gru(), gru()]);
		fund_account(&contributor(1));
		let input = contribution(1, 0);
		let signature = attested(&input);
		let changes: [fn(&mut ContributionInput); 7] = [
			|input| input.group = 1,
			|input| input.until += 1,
			|input| input.permit = h(0),
			|input| input.commitment = h(0),
			|input| input.nullifier = h(0),
			|input| input.pseudonym = p(2),
			|input| input.at -= 1,
		];
		for change in changes {
			let mut changed = input.clone();
			change(&mut changed);
			assert_noop!(bring(&contributor(1), changed, signature.clone()), Refusal::InvalidAttestation);
		}
		let elsewhere = sign(&attester_keys(), &input.message(&h(9)));
		let elsewhere = Attestation { signature: elsewhere, ..signature.clone() };
		assert_noop!(bring(&contributor(1), input.clone(), elsewhere), Refusal::InvalidAttestation);
		let forged = Attestation { signature: sign(&investigator_keys(), &h(1)), ..signature };
		assert_noop!(bring(&contributor(1), input, forged), Refusal::InvalidAttestation);
	});
}

#[test]
fn an_attestation_lives_an_hour() {
	test(|| {
		opened(&[gru()]);
		let input = contribution(1, 0);
		wait(ATTESTATION_WINDOW);
		hypothetically!({
			assert_ok!(contribute(input.clone()));
		});
		wait(1);
		assert_noop!(contribute(input.clone()), Refusal::InvalidAttestation);
		let ahead = ContributionInput { at: now() + 1, ..input };
		assert_noop!(contribute(ahead), Refusal::InvalidAttestation);
	});
}

#[test]
fn only_providers_attest() {
	test(|| {
		opened(&[gru()]);
		for (who, refusal) in
			[(&STRANGER, Refusal::NotAuthorized), (&CURIE, Refusal::NotAccredited), (&DRIVER, Refusal::NotAccredited)]
		{
			assert_noop!(ResearchDatasets::contribute(signed(who), contribution(1, 0), None), refusal);
		}
		suspend_member(&attester());
		assert_noop!(contribute(contribution(1, 0)), Refusal::NotAuthorized);
	});
}

#[test]
fn a_consent_must_hold_for_a_whole_day_to_come() {
	test(|| {
		opened(&[gru()]);
		let until = |until| contribute(ContributionInput { until, ..contribution(1, 0) });
		for refused in [0, NOW, NOW + DAY, Moment::from(TODAY + 2) * DAY - 1, NOW + MAX_CONTRIBUTION + 1, Moment::MAX] {
			assert_noop!(until(refused), Refusal::InvalidPeriod);
		}
		hypothetically!({
			assert_ok!(until(NOW + MAX_CONTRIBUTION));
		});
		assert_ok!(until(Moment::from(TODAY + 2) * DAY));
		assert_eq!((entry(1).start, entry(1).end), (TODAY + 1, TODAY + 2));
	});
}

#[test]
fn it_counts_from_tomorrow_until_the_day_on_which_the_consent_ends() {
	test(|| {
		opened(&[gru()]);
		assert_ok!(contribute(ContributionInput { until: noon(TODAY + 3), ..contribution(1, 0) }));
		let mut counts = Vec::new();
		for _ in 0..5 {
			counts.push(dataset().groups[0].contributors);
			wait(DAY);
			assert_ok!(roll());
			ResearchDatasets::do_try_state().expect("every day is sound");
		}
		assert_eq!(counts, [0, 1, 1, 0, 0]);
	});
}

#[test]
fn a_withdrawal_ends_it_at_once_and_takes_no_fee() {
	test(|| {
		let id = granted(gru());
		assert!(ResearchDatasets::grant_access(id, &CURIE, &p(0)).is_ok());
		let done =
			ResearchDatasets::withdraw_contribution(signed(&contributor(0)), 0, p(0)).expect("it is their right");
		assert_eq!(done.pays_fee, Pays::No);
		assert_eq!(last_event(), Event::ContributionWithdrawn { dataset: 0, pseudonym: p(0), group: 0 });
		assert_eq!(ResearchDatasets::grant_access(id, &CURIE, &p(0)), Err(AccessRefusal::ContributionEnded));
		assert_eq!(dataset().groups[0].contributors, COHORT - 1);
		assert_noop!(withdraw(0), Refusal::NotLive);
	});
}

#[test]
fn the_attesting_organisation_withdraws_what_it_notices() {
	test(|| {
		opened(&[gru()]);
		contributed(1, 1, 0);
		let by = |who: &AccountId| {
			ResearchDatasets::withdraw_contribution(signed(who), 0, p(1)).map(|_| ()).map_err(|refusal| refusal.error)
		};
		assert_noop!(by(&STRANGER), Refusal::NotAuthorized);
		assert_noop!(by(&CLERK), Refusal::NotAuthorized);
		set_active(HOSPITAL, false);
		assert_noop!(by(&HOUSE), Refusal::NotAuthorized);
		hypothetically!({
			assert_ok!(withdraw(1));
		});
		set_active(HOSPITAL, true);
		assert_ok!(by(&HOUSE));
	});
}

#[test]
fn what_never_counted_is_withdrawn_without_a_trace() {
	test(|| {
		opened(&[gru()]);
		contributed(0, 2, 0);
		assert_ok!(withdraw(0));
		wait(DAY);
		assert_ok!(roll());
		assert_eq!((dataset().shares, dataset().groups[0].contributors), (1, 1));
		assert_eq!(entry(0).owed, U256::zero());
	});
}

#[test]
fn what_ended_is_removed_and_can_be_made_again() {
	test(|| {
		opened(&[gru()]);
		contributed(0, 1, 0);
		assert_noop!(remove(0), Refusal::WrongState);
		assert_ok!(withdraw(0));
		assert_noop!(remove(0), Refusal::TooEarly);
		wait(ATTESTATION_WINDOW + 1);
		assert_ok!(remove(0));
		assert_eq!(last_event(), Event::ContributionRemoved { dataset: 0, pseudonym: p(0) });
		assert_eq!(held(&attester(), HoldReason::Storage), 0);
		assert_ok!(contribute(contribution(0, 0)));
	});
}

#[test]
fn thirty_two_days_are_counted_in_at_once_and_more_by_rolling() {
	test(|| {
		populated(&[gru()], 1);
		wait(Moment::from(MAX_ROLL) * DAY);
		hypothetically!({
			assert_ok!(fund(100));
		});
		wait(DAY);
		assert_noop!(fund(100), Refusal::RollFirst);
		assert_ok!(roll());
		assert_eq!(last_event(), Event::Rolled { dataset: 0, day: TODAY + 1 + MAX_ROLL });
		assert_ok!(fund(100));
		assert_noop!(roll(), Refusal::NothingDue);
	});
}

#[test]
fn days_before_the_first_contribution_need_no_rolling() {
	test(|| {
		opened(&[gru()]);
		wait(1_000 * DAY);
		assert_ok!(contribute(contribution(0, 0)));
		wait(DAY);
		assert_ok!(fund(100));
	});
}
