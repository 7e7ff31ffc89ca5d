use super::*;

/// A day well after the grants of these tests begin and before they end.
const DUE: Moment = NOW + 10 * DAY;

fn fulfil(id: RequestId, index: u32) -> DispatchResult {
	ResearchDatasets::fulfil_obligation(signed(&CURIE), id, index, h(5))
}

fn miss(who: &AccountId, id: RequestId, index: u32) -> DispatchResult {
	ResearchDatasets::miss_obligation(signed(who), id, index, h(6))
}

fn owed(id: RequestId) -> Vec<(ObligationKind, ObligationState, u128)> {
	let grant = Grants::<Test>::get(id).expect("it began");
	grant.obligations.iter().map(|owed| (owed.obligation.kind, owed.state, owed.bond)).collect()
}

fn returns() -> Group {
	gru_with(&[Modifier::Rtn { deadline: Some(DUE) }])
}

fn moratorium() -> Group {
	gru_with(&[Modifier::Mor { date: DUE }])
}

#[test]
fn results_returned_in_time_return_the_bond() {
	test(|| {
		let id = granted(returns());
		assert_eq!(owed(id), [(ObligationKind::ReturnResults, ObligationState::Due, BOND)]);
		assert_eq!(held(&CURIE, HoldReason::Bond), BOND);
		set_now(DUE);
		assert_noop!(miss(&STRANGER, id, 0), Refusal::TooEarly);
		assert_noop!(ResearchDatasets::fulfil_obligation(signed(&PERRIN), id, 0, h(5)), Refusal::NotAuthorized);
		assert_ok!(fulfil(id, 0));
		let state = ObligationState::Met;
		assert_eq!(last_event(), Event::ObligationSettled { grant: id, index: 0, state, evidence: h(5) });
		assert_eq!(held(&CURIE, HoldReason::Bond), 0);
		assert_noop!(fulfil(id, 0), Refusal::WrongState);
		assert_noop!(fulfil(id, 1), Refusal::NotFound);
	});
}

#[test]
fn results_that_are_late_cost_the_bond_which_contributors_share() {
	test(|| {
		let id = granted(returns());
		let before = dataset().funded;
		set_now(DUE + 1);
		hypothetically!({
			assert_ok!(fulfil(id, 0));
			assert_eq!(owed(id), [(ObligationKind::ReturnResults, ObligationState::Late, 0)]);
		});
		assert_ok!(miss(&STRANGER, id, 0));
		assert_eq!(last_event(), Event::BondSlashed { grant: id, dataset: 0, amount: BOND });
		assert_eq!((dataset().funded, held(&CURIE, HoldReason::Bond)), (before + BOND, 0));
		assert_ok!(claim(0));
		assert_eq!(total(&contributor(0)), (FEE + BOND) / u128::from(COHORT));
	});
}

#[test]
fn a_deadline_that_is_not_stated_is_the_grants_end() {
	test(|| {
		let id = granted(gru_with(&[Modifier::Pub { deadline: None }]));
		assert_eq!(owed(id), [(ObligationKind::Publish, ObligationState::Due, 0)], "no bond stands for publishing");
		wait(30 * DAY);
		hypothetically!({
			assert_ok!(fulfil(id, 0));
		});
		assert_noop!(ResearchDatasets::remove_request(signed(&CURIE), id), Refusal::NotSettled);
		wait(1);
		assert_ok!(miss(&STRANGER, id, 0));
		assert_ok!(ResearchDatasets::remove_request(signed(&CURIE), id));
	});
}

#[test]
fn a_moratorium_is_kept_by_waiting() {
	test(|| {
		let id = granted(moratorium());
		set_now(DUE - 1);
		assert_noop!(fulfil(id, 0), Refusal::TooEarly);
		set_now(DUE);
		assert_ok!(fulfil(id, 0));
		assert_eq!(held(&CURIE, HoldReason::Bond), 0);
	});
}

#[test]
fn a_moratorium_is_broken_by_the_word_of_the_committee() {
	test(|| {
		let id = granted(moratorium());
		assert_noop!(miss(&STRANGER, id, 0), Refusal::NotAuthorized);
		assert_noop!(miss(&DEAN, id, 0), Refusal::ConflictOfInterest);
		hypothetically!({
			set_now(DUE);
			assert_noop!(miss(&REVIEWERS[0], id, 0), Refusal::Expired);
		});
		assert_ok!(miss(&REVIEWERS[0], id, 0));
		assert_eq!(held(&CURIE, HoldReason::Bond), 0);
		assert_eq!(owed(id), [(ObligationKind::Moratorium, ObligationState::Late, 0)]);
	});
}

#[test]
fn the_steward_waives_for_others_and_not_for_its_own() {
	test(|| {
		let id = granted(returns());
		let waive = |who: &AccountId, id| ResearchDatasets::waive_obligation(signed(who), id, 0);
		assert_noop!(waive(&CLERK, id), Refusal::NotAuthorized);
		let (own, _) = submitted(&FELLOW, ask());
		assert_ok!(activate(&FELLOW, own));
		assert_noop!(waive(&REGISTRAR, own), Refusal::ConflictOfInterest);
		assert_ok!(waive(&REGISTRAR, id));
		assert_eq!(owed(id), [(ObligationKind::ReturnResults, ObligationState::Waived, 0)]);
		assert_eq!(held(&CURIE, HoldReason::Bond), 0);
	});
}

#[test]
fn what_two_groups_ask_alike_is_owed_once() {
	test(|| {
		populated(&[returns(), returns()], COHORT);
		let (id, _) = submitted(&CURIE, RequestInput { groups: GroupSet(0b11), ..ask() });
		assert_ok!(activate(&CURIE, id));
		assert_eq!(owed(id).len(), 1);
	});
}

#[test]
fn more_is_owed_than_fits_by_no_grant() {
	test(|| {
		let many = |first: u64| -> Group {
			let deadlines = (0..16).map(|n| Modifier::Pub { deadline: Some(DUE + first * 100 + n) });
			gru_with(&deadlines.collect::<Vec<_>>())
		};
		populated(&[many(0), many(1), many(2)], COHORT);
		let (id, _) = submitted(&CURIE, RequestInput { groups: GroupSet(0b111), ..ask() });
		assert_noop!(activate(&CURIE, id), Refusal::TooMany);
		let (id, _) = submitted(&CURIE, RequestInput { groups: GroupSet(0b11), ..ask() });
		assert_ok!(activate(&CURIE, id));
		assert_eq!(owed(id).len() as u32, MAX_OBLIGATIONS);
	});
}

#[test]
fn a_bond_of_a_dataset_without_contributors_waits_for_the_next() {
	test(|| {
		let id = granted(returns());
		(0..COHORT).for_each(|n| {
			assert_ok!(withdraw(n));
		});
		set_now(DUE + 1);
		assert_ok!(miss(&STRANGER, id, 0));
		assert!(dataset().rewards.remainder >= U256::from(BOND) * U256::from(SCALE));
		contributed(500, 1, 0);
		wait(DAY);
		assert_ok!(fund(10));
		assert_ok!(claim(500));
		assert!(total(&contributor(500)) >= BOND + 10);
	});
}
