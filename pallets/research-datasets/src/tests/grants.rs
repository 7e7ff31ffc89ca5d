use super::*;

#[test]
fn a_grant_begins_with_twenty_one_who_count_and_pays_them() {
	test(|| {
		populated(&[gru()], COHORT);
		let (id, _) = submitted(&CURIE, ask());
		assert_noop!(activate(&PERRIN, id), Refusal::NotAuthorized);
		assert_ok!(activate(&CURIE, id));
		assert_eq!(state(id), RequestState::Active);
		let groups = GroupSet::default().with(0);
		let expiry = now() + 30 * DAY;
		assert_eq!(last_event(), Event::GrantActivated { grant: id, dataset: 0, groups, expiry });
		assert_eq!((held(&CURIE, HoldReason::Escrow), dataset().funded), (0, FEE));
		assert_ok!(claim(0));
		assert_eq!(total(&contributor(0)), FEE / u128::from(COHORT));
		assert_noop!(activate(&CURIE, id), Refusal::WrongState);
	});
}

#[test]
fn contributors_who_do_not_count_yet_are_no_cohort() {
	test(|| {
		opened(&[gru()]);
		contributed(0, COHORT, 0);
		let (id, _) = submitted(&CURIE, ask());
		assert_noop!(activate(&CURIE, id), Refusal::CohortTooSmall);
		wait(DAY);
		assert_ok!(activate(&CURIE, id));
	});
}

#[test]
fn a_grant_ends_with_the_days_asked_for() {
	test(|| {
		let id = granted(gru());
		wait(30 * DAY - 1);
		assert!(ResearchDatasets::grant_access(id, &CURIE, &p(0)).is_ok());
		wait(1);
		assert_eq!(state(id), RequestState::Expired);
		assert_eq!(ResearchDatasets::grant_access(id, &CURIE, &p(0)), Err(AccessRefusal::NotActive));
		assert_noop!(ResearchDatasets::close_grant(signed(&CURIE), id, CloseReason::Completed), Refusal::NotActive);
		assert_ok!(ResearchDatasets::remove_request(signed(&CURIE), id));
		assert_eq!(Grants::<Test>::get(id), None);
	});
}

#[test]
fn a_time_limit_of_the_terms_and_the_ethics_approval_end_it_earlier() {
	test(|| {
		let id = granted(gru_with(&[Modifier::Ts { months: 1 }]));
		let grant = Grants::<Test>::get(id).expect("it began");
		assert_eq!(grant.expiry, salus_primitives::time::add_months(grant.start, 1).min(grant.start + 30 * DAY));
		let until = now() + 5 * DAY;
		assert_ok!(ResearchDatasets::approve_ethics(signed(&REVIEWERS[0]), h(1), CURIE, until));
		let (id, _) = submitted(&CURIE, RequestInput { ethics: Some(h(1)), ..ask() });
		assert_ok!(activate(&CURIE, id));
		assert_eq!(Grants::<Test>::get(id).expect("it began").expiry, until);
		assert!(ResearchDatasets::grant_access(id, &CURIE, &p(0)).is_ok());
		assert_ok!(ResearchDatasets::revoke_ethics(signed(&REVIEWERS[0]), h(1)));
		assert_eq!(ResearchDatasets::grant_access(id, &CURIE, &p(0)), Err(AccessRefusal::EthicsEnded));
	});
}

#[test]
fn an_approval_that_ended_before_the_activation_begins_no_grant() {
	test(|| {
		populated(&[gru_with(&[Modifier::Irb])], COHORT);
		let until = now() + DAY;
		assert_ok!(ResearchDatasets::approve_ethics(signed(&REVIEWERS[0]), h(1), CURIE, until));
		let (id, _) = submitted(&CURIE, RequestInput { ethics: Some(h(1)), ..ask() });
		hypothetically!({
			assert_ok!(ResearchDatasets::revoke_ethics(signed(&REVIEWERS[0]), h(1)));
			assert_noop!(activate(&CURIE, id), Refusal::UnknownApproval);
		});
		set_now(until);
		assert_noop!(activate(&CURIE, id), Refusal::Expired);
	});
}

#[test]
fn a_researcher_who_left_begins_no_grant_and_reads_nothing() {
	test(|| {
		let id = granted(gru());
		let (next, _) = submitted(&CURIE, ask());
		enrol(&CURIE, COMPANY, &[MemberRole::Researcher]);
		assert_noop!(activate(&CURIE, next), Refusal::NotAuthorized);
		assert_eq!(ResearchDatasets::grant_access(id, &CURIE, &p(0)), Err(AccessRefusal::NotInStanding));
		suspend_member(&CURIE);
		assert_eq!(ResearchDatasets::grant_access(id, &CURIE, &p(0)), Err(AccessRefusal::NotInStanding));
	});
}

#[test]
fn the_steward_revokes_and_the_researcher_closes() {
	test(|| {
		let id = granted(gru());
		let revoke = |who: &AccountId| ResearchDatasets::revoke_grant(signed(who), id, RevokeReason::Misuse);
		let close = |reason| ResearchDatasets::close_grant(signed(&CURIE), id, reason);
		assert_noop!(revoke(&CLERK), Refusal::NotAuthorized);
		assert_noop!(close(CloseReason::Superseded), Refusal::InvalidReason);
		hypothetically!({
			assert_ok!(close(CloseReason::MovedInstitution));
			let view = ResearchDatasets::grant_view(id).expect("it is stored");
			assert_eq!((view.state, view.closed), (RequestState::Closed, Some(CloseReason::MovedInstitution)));
			assert_eq!(ResearchDatasets::grant_access(id, &CURIE, &p(0)), Err(AccessRefusal::NotActive));
		});
		assert_ok!(revoke(&REGISTRAR));
		assert_eq!(last_event(), Event::GrantRevoked { grant: id, reason: RevokeReason::Misuse });
		assert_noop!(revoke(&REGISTRAR), Refusal::NotActive);
		assert_noop!(close(CloseReason::Completed), Refusal::NotActive);
		assert_eq!(ResearchDatasets::grant_access(id, &CURIE, &p(0)), Err(AccessRefusal::NotActive));
	});
}

#[test]
fn a_renewal_is_judged_anew_and_takes_the_place_of_what_it_renews() {
	test(|| {
		let id = granted(gru());
		let renewal = || RequestInput { renews: Some(id), ..ask() };
		assert_noop!(submit(&PERRIN, renewal()), Refusal::NotAuthorized);
		let strict = gru_with(&[Modifier::Npu]);
		assert_ok!(ResearchDatasets::tighten_group(signed(&REGISTRAR), 0, 0, strict));
		assert_eq!(ResearchDatasets::grant_access(id, &CURIE, &p(0)), Err(AccessRefusal::PolicyTightened));
		let (next, state_of_next) = submitted(&CURIE, renewal());
		assert_eq!(state_of_next, RequestState::AutoApproved);
		assert_eq!(state(id), RequestState::Active);
		assert_ok!(activate(&CURIE, next));
		let view = ResearchDatasets::grant_view(id).expect("it is stored");
		assert_eq!((view.state, view.closed), (RequestState::Closed, Some(CloseReason::Superseded)));
		assert!(ResearchDatasets::grant_access(next, &CURIE, &p(0)).is_ok());
		assert_noop!(submit(&CURIE, renewal()), Refusal::NotActive);
	});
}

#[test]
fn a_group_tightened_after_the_verdict_begins_no_grant() {
	test(|| {
		populated(&[gru()], COHORT);
		let (id, _) = submitted(&CURIE, ask());
		assert_ok!(ResearchDatasets::tighten_group(signed(&REGISTRAR), 0, 0, gru_with(&[Modifier::Npu])));
		assert_noop!(activate(&CURIE, id), Refusal::PolicyChanged);
	});
}

#[test]
fn a_gateway_is_told_what_to_release_and_until_when() {
	test(|| {
		let id = granted(gru());
		let access = ResearchDatasets::grant_access(id, &CURIE, &p(0)).expect("the grant is in force");
		assert_eq!((access.dataset, access.group, access.attester, access.org), (0, 0, HOSPITAL, UNIVERSITY));
		assert_eq!((access.permit, access.commitment), (h(1_000_000), h(0)));
		assert_eq!(access.until, now() + 30 * DAY);
		assert_eq!(ResearchDatasets::grant_access(9, &CURIE, &p(0)), Err(AccessRefusal::UnknownGrant));
		assert_eq!(ResearchDatasets::grant_access(id, &PERRIN, &p(0)), Err(AccessRefusal::NotResearcher));
		assert_eq!(ResearchDatasets::grant_access(id, &CURIE, &p(900)), Err(AccessRefusal::UnknownContribution));
	});
}
