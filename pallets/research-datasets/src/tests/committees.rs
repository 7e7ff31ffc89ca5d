use super::*;

const YES: VoteReason = VoteReason::Acceptable;
const NO: VoteReason = VoteReason::PrivacyRisk;

/// A request of the university that is for people to decide.
fn in_review() -> RequestId {
	opened(&[gru_with(&[Modifier::Irb])]);
	let (id, state) = submitted(&CURIE, ask());
	assert_eq!(state, RequestState::InReview);
	id
}

fn name(members: &[AccountId]) {
	let members = BoundedVec::truncate_from(members.to_vec());
	assert_ok!(ResearchDatasets::set_committee(signed(&REGISTRAR), 0, members));
}

#[test]
fn a_majority_of_the_quorum_approves() {
	test(|| {
		let id = in_review();
		assert_ok!(vote(&REVIEWERS[0], id, YES));
		assert_eq!(last_event(), Event::Voted { request: id, reason: YES });
		assert_ok!(vote(&REVIEWERS[1], id, NO));
		assert_eq!(state(id), RequestState::InReview);
		assert_ok!(vote(&REVIEWERS[2], id, YES));
		assert_eq!(state(id), RequestState::Approved);
		assert_eq!(held(&CURIE, HoldReason::Escrow), FEE);
		assert_noop!(vote(&REVIEWERS[3], id, YES), Refusal::WrongState);
	});
}

#[test]
fn a_majority_against_rejects_and_returns_the_fee() {
	test(|| {
		let id = in_review();
		for (reviewer, reason) in REVIEWERS.iter().zip([NO, YES, VoteReason::Incomplete]) {
			assert_ok!(vote(reviewer, id, reason));
		}
		assert_eq!((state(id), held(&CURIE, HoldReason::Escrow)), (RequestState::Rejected, 0));
		assert_noop!(activate(&CURIE, id), Refusal::WrongState);
	});
}

#[test]
fn nobody_votes_twice_and_only_the_committee_does() {
	test(|| {
		let id = in_review();
		assert_ok!(vote(&REVIEWERS[0], id, NO));
		assert_noop!(vote(&REVIEWERS[0], id, YES), Refusal::AlreadyVoted);
		assert_noop!(vote(&SECRETARY, id, YES), Refusal::NotAuthorized);
		assert_noop!(vote(&STRANGER, id, YES), Refusal::NotAuthorized);
		name(&[STRANGER, HOUSE]);
		assert_ok!(vote(&STRANGER, id, YES));
		suspend_member(&HOUSE);
		assert_noop!(vote(&HOUSE, id, YES), Refusal::NotAuthorized);
	});
}

#[test]
fn who_has_an_interest_does_not_decide() {
	test(|| {
		let id = in_review();
		name(&[CURIE, PERRIN, STRANGER]);
		assert_noop!(vote(&CURIE, id, YES), Refusal::ConflictOfInterest);
		assert_noop!(vote(&PERRIN, id, YES), Refusal::ConflictOfInterest);
		assert_noop!(vote(&DEAN, id, YES), Refusal::ConflictOfInterest);
		assert_ok!(vote(&STRANGER, id, YES));
	});
}

#[test]
fn a_co_signer_does_not_decide() {
	test(|| {
		opened(&[gru_with(&[Modifier::Irb])]);
		let investigator: AccountId = sp_core::Pair::public(&investigator_keys()).into();
		let message = ask().message(&ResearchDatasets::genesis(), &CURIE);
		let co_signature =
			CoSignature { account: investigator.clone(), signature: sign(&investigator_keys(), &message) };
		let request = RequestInput { co_signatures: BoundedVec::truncate_from(vec![co_signature]), ..ask() };
		let (id, _) = submitted(&CURIE, request);
		name(&[investigator.clone()]);
		assert_noop!(vote(&investigator, id, YES), Refusal::ConflictOfInterest);
	});
}

#[test]
fn a_committee_is_named_once_each_and_replaced() {
	test(|| {
		let id = in_review();
		let twice = BoundedVec::truncate_from(vec![STRANGER, STRANGER]);
		assert_noop!(ResearchDatasets::set_committee(signed(&REGISTRAR), 0, twice), Refusal::AlreadyExists);
		name(&[STRANGER]);
		assert_eq!(last_event(), Event::CommitteeSet { dataset: 0 });
		name(&[SPONSOR]);
		assert_noop!(vote(&STRANGER, id, YES), Refusal::NotAuthorized);
	});
}

#[test]
fn what_nobody_decides_in_time_returns_the_fee() {
	test(|| {
		let id = in_review();
		assert_ok!(vote(&REVIEWERS[0], id, YES));
		wait(REVIEW);
		assert_noop!(vote(&REVIEWERS[1], id, YES), Refusal::Expired);
		assert_ok!(ResearchDatasets::expire_request(signed(&STRANGER), id));
		assert_eq!((state(id), held(&CURIE, HoldReason::Escrow)), (RequestState::TimedOut, 0));
	});
}
