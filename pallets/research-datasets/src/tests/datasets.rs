use super::*;

#[test]
fn a_registrar_of_a_provider_creates_a_draft_and_opens_it() {
	test(|| {
		assert_ok!(create(&[gru(), gru_with(&[Modifier::Npu])]));
		assert_eq!(last_event(), Event::DatasetCreated { dataset: 0, steward: HOSPITAL });
		assert_eq!(dataset().state, DatasetState::Draft);
		assert_eq!((dataset().policy_version, dataset().groups.len()), (1, 2));
		assert_noop!(contribute(contribution(0, 0)), Refusal::WrongState);
		assert_ok!(ResearchDatasets::open_dataset(signed(&REGISTRAR), 0));
		assert_eq!(last_event(), Event::DatasetStateChanged { dataset: 0, state: DatasetState::Open });
		assert_ok!(contribute(contribution(0, 0)));
	});
}

#[test]
fn only_registrars_of_accredited_organisations_create() {
	test(|| {
		for (who, refusal) in [
			(&STRANGER, Refusal::NotAuthorized),
			(&HOUSE, Refusal::NotAuthorized),
			(&DRIVER, Refusal::NotAccredited),
			(&SECRETARY, Refusal::NotAccredited),
		] {
			assert_noop!(ResearchDatasets::create_dataset(signed(who), input(&[gru()])), refusal);
		}
		set_active(HOSPITAL, false);
		assert_noop!(create(&[gru()]), Refusal::NotAuthorized);
	});
}

#[test]
fn only_the_steward_acts_for_a_dataset() {
	test(|| {
		opened(&[gru()]);
		let other = || signed(&CLERK);
		assert_noop!(ResearchDatasets::add_group(other(), 0, gru()), Refusal::NotAuthorized);
		assert_noop!(ResearchDatasets::tighten_group(other(), 0, 0, gru()), Refusal::NotAuthorized);
		assert_noop!(ResearchDatasets::loosen_group(other(), 0, 0, gru()), Refusal::NotAuthorized);
		assert_noop!(ResearchDatasets::suspend_dataset(other(), 0), Refusal::NotAuthorized);
		assert_noop!(ResearchDatasets::retire_dataset(other(), 0), Refusal::NotAuthorized);
		assert_noop!(ResearchDatasets::sweep(other(), 0), Refusal::NotAuthorized);
		assert_noop!(ResearchDatasets::set_committee(other(), 0, Default::default()), Refusal::NotAuthorized);
		assert_noop!(ResearchDatasets::open_dataset(other(), 0), Refusal::NotAuthorized);
	});
}

#[test]
fn terms_that_contradict_themselves_are_refused() {
	test(|| {
		assert_noop!(create(&[group(Permission::Ds, &[], &[])]), Refusal::InvalidTerms);
		assert_ok!(create(&[]));
		assert_noop!(ResearchDatasets::open_dataset(signed(&REGISTRAR), 0), Refusal::InvalidGroup);
		let wrong = gru_with(&[Modifier::Ts { months: 0 }]);
		assert_noop!(ResearchDatasets::add_group(signed(&REGISTRAR), 0, wrong), Refusal::InvalidTerms);
	});
}

#[test]
fn a_dataset_has_eight_groups() {
	test(|| {
		assert_ok!(create(&vec![gru(); 7]));
		assert_ok!(ResearchDatasets::add_group(signed(&REGISTRAR), 0, gru()));
		assert_eq!(last_event(), Event::PolicyChanged { dataset: 0, version: 2 });
		assert_noop!(ResearchDatasets::add_group(signed(&REGISTRAR), 0, gru()), Refusal::TooMany);
		assert_noop!(ResearchDatasets::loosen_group(signed(&REGISTRAR), 0, 0, gru()), Refusal::TooMany);
	});
}

#[test]
fn a_tightened_group_keeps_its_number_and_a_loosened_one_does_not() {
	test(|| {
		opened(&[gru()]);
		contributed(0, 1, 0);
		let strict = gru_with(&[Modifier::Npu]);
		assert_noop!(
			ResearchDatasets::tighten_group(signed(&REGISTRAR), 0, 0, group(Permission::Nres, &[], &[])),
			Refusal::NotTighter
		);
		assert_ok!(ResearchDatasets::tighten_group(signed(&REGISTRAR), 0, 0, strict.clone()));
		assert_eq!(Groups::<Test>::get(0, 0).expect("the group is there").group, strict);
		assert_eq!(dataset().groups[0].version, 2);
		assert_noop!(ResearchDatasets::tighten_group(signed(&REGISTRAR), 0, 0, gru()), Refusal::NotTighter);

		assert_ok!(ResearchDatasets::loosen_group(signed(&REGISTRAR), 0, 0, gru()));
		assert_eq!(Groups::<Test>::get(0, 0).expect("the group is there").group, strict);
		assert_eq!(Groups::<Test>::get(0, 1).expect("the new group is there").group, gru());
		assert_eq!(dataset().policy_version, 3);
		assert_noop!(contribute(contribution(1, 0)), Refusal::InvalidGroup);
		assert_ok!(contribute(contribution(1, 1)));
		assert_noop!(ResearchDatasets::loosen_group(signed(&REGISTRAR), 0, 0, gru()), Refusal::InvalidGroup);
		assert_eq!(entry(0).group, 0, "who contributed under the stricter terms stays there");
	});
}

#[test]
fn a_suspended_dataset_takes_nothing_and_gives_back_what_is_owed() {
	test(|| {
		let id = granted(gru());
		assert_ok!(fund(2_100));
		assert_ok!(ResearchDatasets::suspend_dataset(signed(&REGISTRAR), 0));
		assert_noop!(contribute(contribution(100, 0)), Refusal::WrongState);
		assert_noop!(submit(&CURIE, ask()), Refusal::WrongState);
		assert_eq!(ResearchDatasets::grant_access(id, &CURIE, &p(0)), Err(AccessRefusal::DatasetClosed));
		assert_noop!(ResearchDatasets::suspend_dataset(signed(&REGISTRAR), 0), Refusal::WrongState);
		assert_ok!(claim(0));
		assert_ok!(withdraw(1));
		assert_ok!(ResearchDatasets::open_dataset(signed(&REGISTRAR), 0));
		assert!(ResearchDatasets::grant_access(id, &CURIE, &p(0)).is_ok());
		assert_noop!(ResearchDatasets::open_dataset(signed(&REGISTRAR), 0), Refusal::WrongState);
	});
}

#[test]
fn a_retired_dataset_pays_what_was_earned_and_leaves_nothing_behind() {
	test(|| {
		let before = total(&REGISTRAR);
		populated(&[gru()], 3);
		assert_ok!(fund(1_000));
		assert_ok!(claim(0));
		assert_ok!(ResearchDatasets::retire_dataset(signed(&REGISTRAR), 0));
		assert_noop!(fund(1_000), Refusal::WrongState);
		assert_noop!(ResearchDatasets::retire_dataset(signed(&REGISTRAR), 0), Refusal::WrongState);
		assert_noop!(ResearchDatasets::sweep(signed(&REGISTRAR), 0), Refusal::NothingDue);
		assert_noop!(remove(1), Refusal::Unclaimed);
		for n in [1, 2] {
			assert_ok!(claim(n));
		}
		for n in 0..3 {
			assert_eq!(total(&contributor(n)), 333);
			assert_ok!(remove(n));
		}
		assert_ok!(ResearchDatasets::sweep(signed(&REGISTRAR), 0));
		assert!(take_events().contains(&Event::DatasetRemoved { dataset: 0 }));
		assert_eq!(
			Datasets::<Test>::iter().count() + Groups::<Test>::iter().count() + Turns::<Test>::iter().count(),
			0
		);
		assert_eq!(total(&ResearchDatasets::account(0)), 0);
		assert_eq!(total(&REGISTRAR), before + 1, "the seed is back, and the unit that three could not divide");
		assert_eq!(held(&REGISTRAR, HoldReason::Storage), 0);
		assert_eq!(held(&attester(), HoldReason::Storage), 0);
	});
}

#[test]
fn a_retired_dataset_stays_while_a_request_does() {
	test(|| {
		populated(&[gru()], COHORT);
		let (id, _) = submitted(&CURIE, ask());
		assert_ok!(ResearchDatasets::retire_dataset(signed(&REGISTRAR), 0));
		(0..COHORT).for_each(|n| {
			assert_ok!(remove(n));
		});
		assert_noop!(ResearchDatasets::sweep(signed(&REGISTRAR), 0), Refusal::NothingDue);
		assert_ok!(ResearchDatasets::expire_request(signed(&STRANGER), id));
		assert_eq!(held(&CURIE, HoldReason::Escrow), 0);
		assert_ok!(ResearchDatasets::remove_request(signed(&STRANGER), id));
		assert_ok!(ResearchDatasets::sweep(signed(&REGISTRAR), 0));
		assert_eq!(Datasets::<Test>::get(0), None);
	});
}

#[test]
fn releases_are_numbered_and_governance_posts_them() {
	test(|| {
		let first = release(&leaves());
		assert_noop!(ResearchDatasets::post_release(signed(&REGISTRAR), first), DispatchError::BadOrigin);
		assert_ok!(post_release(first));
		assert_ok!(post_release(Release { count: 3, ..first }));
		let view = ResearchDatasets::release_view(Namespace::Mondo).expect("it is posted");
		assert_eq!((view.id, view.release.count), (1, 3));
		assert_noop!(post_release(Release { count: 0, ..first }), Refusal::InvalidRelease);
		assert_noop!(post_release(Release { count: MAX_TERMS + 1, ..first }), Refusal::InvalidRelease);
		assert_noop!(post_release(Release { root: H256::zero(), ..first }), Refusal::InvalidRelease);
	});
}
