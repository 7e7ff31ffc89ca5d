use super::*;

fn of(permission: Permission, diseases: &[u32], modifiers: &[Modifier]) -> Group {
	group(permission, diseases, modifiers)
}

/// What comes of the university's request for a group with these terms.
fn outcome(terms: Group, change: impl FnOnce(&mut RequestInput)) -> RequestState {
	opened(&[terms]);
	let mut request = ask();
	change(&mut request);
	let (_, state) = submitted(&CURIE, request);
	state
}

fn in_test<T>(body: impl FnOnce() -> T) -> T {
	let mut result = None;
	test(|| result = Some(body()));
	result.expect("the test ran")
}

#[test]
fn what_the_terms_allow_is_approved_and_the_fee_is_held() {
	test(|| {
		opened(&[gru()]);
		let (id, state) = submitted(&CURIE, ask());
		assert_eq!(state, RequestState::AutoApproved);
		assert_eq!(held(&CURIE, HoldReason::Escrow), FEE);
		let granted = GroupSet::default().with(0);
		let events = take_events();
		assert_eq!(
			events[events.len() - 2..],
			[
				Event::RequestSubmitted { request: id, dataset: 0, org: UNIVERSITY },
				Event::RequestDecided { request: id, state, granted },
			]
		);
	});
}

#[test]
fn what_they_do_not_allow_is_denied_and_nothing_is_held() {
	test(|| {
		opened(&[of(Permission::Poa, &[], &[])]);
		let (id, state) = submitted(&CURIE, ask());
		assert_eq!(state, RequestState::AutoDenied);
		assert_eq!(held(&CURIE, HoldReason::Escrow), 0);
		let view = ResearchDatasets::request_view(id).expect("it is stored");
		assert_eq!(view.outcome.verdict(), Verdict::Deny);
		assert!(!view.outcome.groups[0].reasons.is_empty(), "the researcher is told why");
		assert_ok!(ResearchDatasets::remove_request(signed(&CURIE), id));
		assert_eq!(held(&CURIE, HoldReason::Storage), 0);
	});
}

#[test]
fn without_profit_is_what_the_directory_says() {
	let npu = || gru_with(&[Modifier::Npu]);
	assert_eq!(in_test(|| outcome(npu(), |_| ())), RequestState::AutoApproved);
	test(|| {
		opened(&[npu()]);
		assert_eq!(submitted(&VOGEL, ask()).1, RequestState::AutoDenied);
	});
}

#[test]
fn the_country_is_what_the_directory_says() {
	let british = || {
		let countries = BoundedVec::truncate_from(vec![salus_primitives::duo::Country(*b"GB")]);
		gru_with(&[Modifier::Gs { countries }])
	};
	assert_eq!(in_test(|| outcome(british(), |_| ())), RequestState::AutoApproved);
	test(|| {
		opened(&[british()]);
		assert_eq!(submitted(&VOGEL, ask()).1, RequestState::AutoDenied);
	});
}

#[test]
fn users_and_institutions_are_those_that_sign() {
	test(|| {
		let users = BoundedVec::truncate_from(vec![Name::account(&CURIE)]);
		let institutions = BoundedVec::truncate_from(vec![Name::organisation(UNIVERSITY)]);
		opened(&[gru_with(&[Modifier::Us { users }, Modifier::Is { institutions }])]);
		assert_eq!(submitted(&CURIE, ask()).1, RequestState::AutoApproved);
		assert_eq!(submitted(&PERRIN, ask()).1, RequestState::AutoDenied);
		assert_eq!(submitted(&VOGEL, ask()).1, RequestState::AutoDenied);
	});
}

#[test]
fn an_ethics_approval_counts_while_a_committee_stands_for_it() {
	test(|| {
		opened(&[gru_with(&[Modifier::Irb])]);
		let with = |ethics| RequestInput { ethics, ..ask() };
		assert_eq!(submitted(&CURIE, with(None)).1, RequestState::InReview);
		assert_noop!(submit(&CURIE, with(Some(h(1)))), Refusal::UnknownApproval);
		let approve = |who: &AccountId, researcher: &AccountId, until| {
			ResearchDatasets::approve_ethics(signed(who), h(1), researcher.clone(), until)
		};
		assert_noop!(approve(&SECRETARY, &CURIE, NOW + DAY), Refusal::NotAuthorized);
		assert_noop!(approve(&DEAN, &CURIE, NOW + DAY), Refusal::ConflictOfInterest);
		assert_noop!(approve(&REVIEWERS[0], &CURIE, NOW), Refusal::InvalidPeriod);
		assert_noop!(approve(&REVIEWERS[0], &CURIE, NOW + MAX_APPROVAL + 1), Refusal::InvalidPeriod);
		assert_ok!(approve(&REVIEWERS[0], &CURIE, NOW + DAY));
		assert_eq!(last_event(), Event::EthicsApproved { document: h(1), org: ETHICS, until: NOW + DAY });
		assert_noop!(approve(&REVIEWERS[0], &CURIE, NOW + DAY), Refusal::AlreadyExists);
		assert_eq!(submitted(&CURIE, with(Some(h(1)))).1, RequestState::AutoApproved);
		assert_noop!(submit(&PERRIN, with(Some(h(1)))), Refusal::UnknownApproval);
		set_now(NOW + DAY);
		assert_eq!(submitted(&CURIE, with(Some(h(1)))).1, RequestState::InReview);
		assert_noop!(ResearchDatasets::revoke_ethics(signed(&DEAN), h(1)), Refusal::NotAuthorized);
		assert_ok!(ResearchDatasets::revoke_ethics(signed(&REVIEWERS[1]), h(1)));
		assert_eq!(last_event(), Event::EthicsRevoked { document: h(1), org: ETHICS });
		assert_eq!(held(&REVIEWERS[0], HoldReason::Storage), 0);
		assert_noop!(ResearchDatasets::revoke_ethics(signed(&REVIEWERS[1]), h(1)), Refusal::NotFound);
	});
}

#[test]
fn an_investigator_co_signs_this_very_request() {
	test(|| {
		let investigator: AccountId = sp_core::Pair::public(&investigator_keys()).into();
		opened(&[gru_with(&[Modifier::Col { account: Name::account(&investigator) }])]);
		let with = |message: H256| {
			let signature = sign(&investigator_keys(), &message);
			let co_signature = CoSignature { account: investigator.clone(), signature };
			RequestInput { co_signatures: BoundedVec::truncate_from(vec![co_signature]), ..ask() }
		};
		let message = ask().message(&ResearchDatasets::genesis(), &CURIE);
		assert_eq!(submitted(&CURIE, with(message)).1, RequestState::AutoApproved);
		assert_eq!(submitted(&CURIE, ask()).1, RequestState::AutoDenied);
		assert_noop!(submit(&PERRIN, with(message)), Refusal::InvalidCoSignature);
		assert_noop!(submit(&CURIE, with(h(1))), Refusal::InvalidCoSignature);
		let mut twice = with(message);
		twice.co_signatures.try_push(twice.co_signatures[0].clone()).expect("there is room");
		assert_noop!(submit(&CURIE, twice), Refusal::InvalidCoSignature);
		let changed = RequestInput { protocol: h(8), ..with(message) };
		assert_noop!(submit(&CURIE, changed), Refusal::InvalidCoSignature);
	});
}

#[test]
fn each_group_has_its_own_verdict_and_a_grant_the_approved_ones() {
	test(|| {
		opened(&[gru(), of(Permission::Poa, &[], &[]), gru_with(&[Modifier::Irb])]);
		let (id, state) = submitted(&CURIE, RequestInput { groups: GroupSet(0b11), ..ask() });
		assert_eq!(state, RequestState::AutoApproved);
		assert_eq!(ResearchDatasets::request_view(id).expect("it is stored").granted, GroupSet(0b01));
		let (id, state) = submitted(&CURIE, RequestInput { groups: GroupSet(0b111), ..ask() });
		assert_eq!(state, RequestState::InReview, "people decide where any group is theirs to decide");
		assert_eq!(ResearchDatasets::request_view(id).expect("it is stored").granted, GroupSet(0b101));
		assert_eq!(submitted(&CURIE, RequestInput { groups: GroupSet(0b10), ..ask() }).1, RequestState::AutoDenied);
	});
}

#[test]
fn what_cannot_be_asked_is_refused() {
	test(|| {
		opened(&[gru()]);
		assert_noop!(submit(&STRANGER, ask()), Refusal::NotAuthorized);
		assert_noop!(submit(&REGISTRAR, ask()), Refusal::NotAuthorized);
		assert_noop!(submit(&CURIE, RequestInput { dataset: 1, ..ask() }), Refusal::NotFound);
		for days in [0, MAX_GRANT_DAYS + 1] {
			assert_noop!(submit(&CURIE, RequestInput { days, ..ask() }), Refusal::InvalidPeriod);
		}
		for groups in [GroupSet(0), GroupSet(0b10), GroupSet::ALL] {
			assert_noop!(submit(&CURIE, RequestInput { groups, ..ask() }), Refusal::InvalidGroup);
		}
		let mut unknown = ask();
		unknown.purpose.uses = UseSet(1 << 15);
		assert_noop!(submit(&CURIE, unknown), Refusal::InvalidPurpose);
		assert_noop!(submit(&CURIE, RequestInput { renews: Some(5), ..ask() }), Refusal::NotFound);
	});
}

#[test]
fn a_request_taken_back_returns_the_fee() {
	test(|| {
		opened(&[gru()]);
		let (id, _) = submitted(&CURIE, ask());
		assert_noop!(ResearchDatasets::withdraw_request(signed(&PERRIN), id), Refusal::NotAuthorized);
		assert_noop!(ResearchDatasets::remove_request(signed(&CURIE), id), Refusal::WrongState);
		assert_ok!(ResearchDatasets::withdraw_request(signed(&CURIE), id));
		assert_eq!((state(id), held(&CURIE, HoldReason::Escrow)), (RequestState::Withdrawn, 0));
		assert_noop!(ResearchDatasets::withdraw_request(signed(&CURIE), id), Refusal::WrongState);
		assert_noop!(ResearchDatasets::remove_request(signed(&STRANGER), id), Refusal::NotAuthorized);
		assert_ok!(ResearchDatasets::remove_request(signed(&CURIE), id));
		assert_eq!(last_event(), Event::RequestRemoved { request: id });
	});
}

#[test]
fn an_approved_request_that_is_not_activated_in_time_returns_the_fee() {
	test(|| {
		populated(&[gru()], COHORT);
		let (id, _) = submitted(&CURIE, ask());
		let expire = || ResearchDatasets::expire_request(signed(&STRANGER), id);
		wait(ACTIVATION - 1);
		assert_noop!(expire(), Refusal::TooEarly);
		hypothetically!({
			assert_ok!(activate(&CURIE, id));
		});
		wait(1);
		assert_noop!(activate(&CURIE, id), Refusal::Expired);
		assert_ok!(expire());
		assert_eq!((state(id), held(&CURIE, HoldReason::Escrow)), (RequestState::TimedOut, 0));
		assert_noop!(expire(), Refusal::WrongState);
	});
}

#[test]
fn a_fee_that_cannot_be_held_is_a_request_that_is_not_made() {
	test(|| {
		opened(&[gru()]);
		enrol(&PENNILESS, UNIVERSITY, &[MemberRole::Researcher]);
		assert!(submit(&PENNILESS, ask()).is_err());
		assert_eq!(Requests::<Test>::iter().count(), 0);
	});
}
