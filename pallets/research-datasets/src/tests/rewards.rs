use super::*;

#[test]
fn what_is_paid_in_is_divided_among_who_counts() {
	test(|| {
		populated(&[gru()], 4);
		assert_ok!(fund(1_000));
		assert_eq!(last_event(), Event::Funded { dataset: 0, amount: 1_000 });
		assert_ok!(claim(0));
		assert_eq!(last_event(), Event::Claimed { dataset: 0, pseudonym: p(0), amount: 250 });
		assert_eq!(total(&contributor(0)), 250);
		assert_noop!(claim(0), Refusal::BelowMinimum);
		assert_noop!(ResearchDatasets::claim(signed(&STRANGER), 0, p(1)), Refusal::NotAuthorized);
	});
}

#[test]
fn a_contributor_names_who_is_paid() {
	test(|| {
		populated(&[gru()], 1);
		let set = |who: &AccountId| ResearchDatasets::set_payee(signed(who), 0, p(0), PENNILESS);
		assert_noop!(set(&STRANGER), Refusal::NotAuthorized);
		assert_noop!(ResearchDatasets::set_payee(signed(&STRANGER), 0, p(9), PENNILESS), Refusal::NotFound);
		assert_ok!(set(&contributor(0)));
		assert_eq!(last_event(), Event::PayeeSet { dataset: 0, pseudonym: p(0) });
		assert_ok!(fund(100));
		assert_ok!(claim(0));
		assert_eq!((total(&PENNILESS), total(&contributor(0))), (100, 0));
	});
}

#[test]
fn less_than_the_existential_deposit_waits_for_more() {
	test(|| {
		populated(&[gru()], 1);
		assert_ok!(fund(MINIMUM - 1));
		assert_noop!(claim(0), Refusal::BelowMinimum);
		assert_ok!(fund(1));
		assert_ok!(claim(0));
		assert_eq!(total(&contributor(0)), MINIMUM);
	});
}

#[test]
fn nobody_to_pay_and_nothing_to_pay_are_refused() {
	test(|| {
		opened(&[gru()]);
		assert_noop!(fund(100), Refusal::NoContributors);
		contributed(0, 1, 0);
		assert_noop!(fund(100), Refusal::NoContributors);
		wait(DAY);
		assert_noop!(fund(0), Refusal::InvalidAmount);
		assert!(fund(u128::MAX).is_err(), "nobody has so much");
		assert_ok!(fund(100));
	});
}

#[test]
fn what_was_earned_before_a_withdrawal_and_before_the_end_stays_claimable() {
	test(|| {
		opened(&[gru()]);
		assert_ok!(contribute(ContributionInput { until: noon(TODAY + 3), ..contribution(0, 0) }));
		contributed(1, 2, 0);
		wait(DAY);
		assert_ok!(fund(300));
		assert_ok!(withdraw(1));
		assert_ok!(fund(200));
		wait(2 * DAY);
		assert_ok!(fund(1_000));
		for (n, expected) in [(0, 200), (1, 100), (2, 1_200)] {
			assert_ok!(claim(n));
			assert_eq!(total(&contributor(n)), expected);
		}
	});
}

#[test]
fn shares_divide_in_proportion() {
	test(|| {
		opened(&[gru()]);
		Shares::set(3);
		contributed(0, 1, 0);
		Shares::set(1);
		contributed(1, 1, 0);
		wait(DAY);
		assert_ok!(fund(400));
		for (n, expected) in [(0, 300), (1, 100)] {
			assert_ok!(claim(n));
			assert_eq!(total(&contributor(n)), expected);
		}
	});
}

#[test]
fn a_steward_takes_the_dust_of_a_retired_dataset() {
	test(|| {
		populated(&[gru()], 3);
		assert_ok!(fund(100));
		let before = total(&REGISTRAR);
		assert_ok!(ResearchDatasets::retire_dataset(signed(&REGISTRAR), 0));
		assert_eq!(total(&REGISTRAR), before, "three times 33 and a third each is all of it but one part");
		for n in 0..3 {
			assert_ok!(claim(n));
			assert_ok!(remove(n));
		}
		assert_eq!(dataset().rewards.remainder, U256::from(SCALE), "what three thirds and the part make");
		assert_ok!(ResearchDatasets::sweep(signed(&REGISTRAR), 0));
		assert_eq!(Datasets::<Test>::get(0), None);
	});
}

#[test]
fn what_a_dataset_without_contributors_holds_goes_to_its_steward_when_it_retires() {
	test(|| {
		populated(&[gru_with(&[Modifier::Rtn { deadline: None }])], COHORT);
		let (id, _) = submitted(&CURIE, ask());
		assert_ok!(activate(&CURIE, id));
		(0..COHORT).for_each(|n| {
			assert_ok!(withdraw(n));
		});
		wait(30 * DAY + 1);
		assert_ok!(ResearchDatasets::miss_obligation(signed(&STRANGER), id, 0, h(1)));
		let before = total(&REGISTRAR);
		assert_ok!(ResearchDatasets::retire_dataset(signed(&REGISTRAR), 0));
		assert!(take_events().contains(&Event::DustSwept { dataset: 0, amount: BOND }));
		assert_eq!(total(&REGISTRAR), before + BOND);
	});
}
