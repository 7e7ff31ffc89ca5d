//! Each invariant, broken: the check must see it.

use super::*;

/// Breaks a sound state and expects the check to say why: 21 contributors who count, one who will, one who withdrew, a
/// grant that owes results, a request in review with a vote.
fn broken(damage: impl FnOnce(), complaint: &'static str) {
	bare_ext().execute_with(|| {
		populate();
		populated(&[gru_with(&[Modifier::Rtn { deadline: None }])], COHORT + 1);
		contributed(100, 1, 0);
		let (id, _) = submitted(&CURIE, ask());
		assert_ok!(activate(&CURIE, id));
		assert_ok!(withdraw(COHORT));
		let strict = gru_with(&[Modifier::Rtn { deadline: None }, Modifier::Irb]);
		assert_ok!(ResearchDatasets::tighten_group(signed(&REGISTRAR), 0, 0, strict));
		let (id, state) = submitted(&CURIE, ask());
		assert_eq!((id, state), (1, RequestState::InReview));
		assert_ok!(vote(&REVIEWERS[0], id, VoteReason::Acceptable));
		assert_ok!(ResearchDatasets::do_try_state());
		damage();
		assert_eq!(ResearchDatasets::do_try_state(), Err(complaint.into()));
	});
}

fn change(change: impl FnOnce(&mut Dataset<TicketOf<Test>>)) {
	Datasets::<Test>::mutate(0, |slot| change(slot.as_mut().expect("it is created")));
}

fn entry_of(n: u32, change: impl FnOnce(&mut Contribution<TicketOf<Test>>)) {
	Contributions::<Test>::mutate(0, p(n), |slot| change(slot.as_mut().expect("it is made")));
}

fn turn(day: Day, change: impl FnOnce(&mut Turn)) {
	Turns::<Test>::mutate(0, day, |slot| change(slot.as_mut().expect("something changes on that day")));
}

fn request(id: RequestId, change: impl FnOnce(&mut Request<TicketOf<Test>>)) {
	Requests::<Test>::mutate(id, |slot| change(slot.as_mut().expect("it is made")));
}

fn grant(change: impl FnOnce(&mut Grant)) {
	Grants::<Test>::mutate(0, |slot| change(slot.as_mut().expect("it began")));
}

#[test]
fn datasets_and_groups() {
	broken(|| NextDataset::<Test>::put(0), "datasets are numbered below the next number");
	broken(|| change(|dataset| dataset.rolled += 1), "no day is counted in before it begins");
	broken(|| drop(Groups::<Test>::take(0, 0)), "a group has terms");
	broken(|| change(|dataset| dataset.groups[0].version = 9), "a group is of a known version");
	broken(|| change(|dataset| dataset.groups.clear()), "an open dataset has groups");
	let copy = |dataset, group| Groups::<Test>::insert(dataset, group, Groups::<Test>::get(0, 0).expect("it is there"));
	broken(|| copy(1, 0), "terms are of known datasets");
	broken(|| copy(0, 1), "terms are of known groups");
}

#[test]
fn contributions_and_turns() {
	let copy = || {
		let entry = Contributions::<Test>::get(0, p(0)).expect("it is made");
		Contributions::<Test>::insert(1, p(0), entry);
	};
	broken(copy, "contributions are to known datasets");
	broken(|| entry_of(0, |entry| entry.group = 1), "contributions are of known groups");
	broken(|| entry_of(0, |entry| entry.end = entry.start), "a contribution counts on some day");
	broken(|| entry_of(0, |entry| entry.nullifier = h(0)), "a nullifier names its contribution");
	broken(|| Nullifiers::<Test>::insert(0, h(0), p(0)), "a contribution has one nullifier");
	broken(|| change(|dataset| dataset.entries += 1), "a dataset counts its contributions");
	broken(|| change(|dataset| dataset.shares += 1), "a dataset's shares are those that count");
	broken(|| change(|dataset| dataset.groups[0].contributors += 1), "a group's contributors are those who count");
	broken(|| Turns::<Test>::insert(1, 0, Turn::default()), "turns are of known datasets");
	broken(|| Turns::<Test>::insert(0, 5, Turn::default()), "a turn is referred to");
	broken(|| turn(TODAY + 100, |turn| turn.refs += 1), "a turn counts who refers to it");
	broken(|| turn(TODAY + 1, |turn| turn.per_share = None), "a turn is fixed when it is counted in");
	broken(|| turn(TODAY + 100, |turn| turn.ending.shares += 1), "a turn to come is what will change");
	broken(|| Turns::<Test>::remove(0, TODAY + 100), "every turn that is referred to is known");
}

#[test]
fn rewards() {
	let conserved = "what was paid in is paid out, owed or nobody's yet";
	broken(|| change(|dataset| dataset.funded += 1), conserved);
	broken(|| change(|dataset| dataset.paid += 1), conserved);
	broken(|| change(|dataset| dataset.rewards.remainder += U256::one()), conserved);
	broken(|| change(|dataset| dataset.rewards.per_share += U256::one()), conserved);
	broken(|| entry_of(COHORT, |entry| entry.owed += U256::one()), conserved);
	let rob = || {
		let account = ResearchDatasets::account(0);
		assert_ok!(Balances::transfer(&account, &STRANGER, 1, Preservation::Preserve));
	};
	broken(rob, "a dataset's account has what it owes");
}

#[test]
fn requests_and_grants() {
	broken(|| NextRequest::<Test>::put(0), "requests are numbered below the next number");
	broken(|| DatasetRequests::<Test>::remove(0, 1), "a dataset lists its requests");
	broken(|| request(1, |request| request.granted = GroupSet(2)), "no more is granted than was asked");
	broken(|| request(0, |request| request.escrow = 1), "escrow is held while a request waits");
	broken(|| drop(Grants::<Test>::take(0)), "a grant is of a request that was activated");
	broken(
		|| request(1, |request| request.votes.try_push(request.votes[0].clone()).expect("there is room")),
		"nobody votes twice",
	);
	broken(|| request(1, |request| request.votes[0].member = CURIE), "nobody votes on an own request");
	broken(|| Grants::<Test>::insert(7, Grants::<Test>::get(0).expect("it began")), "grants are of known requests");
	broken(|| grant(|grant| grant.expiry = grant.start), "a grant holds for some time");
	broken(|| grant(|grant| grant.obligations[0].state = ObligationState::Met), "a bond is held for what is due");
	broken(|| DatasetRequests::<Test>::insert(0, 9, ()), "a dataset lists requests that there are");
	broken(|| change(|dataset| dataset.requests = 0), "a dataset counts its requests");
}

#[test]
fn what_is_held() {
	broken(|| request(1, |request| request.escrow += 1), "escrow is on hold");
	broken(|| grant(|grant| grant.obligations[0].bond += 1), "bonds are on hold");
	broken(|| pallet_balances::TotalIssuance::<Test>::put(1), "no unit is made");
}
