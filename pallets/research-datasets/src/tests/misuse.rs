//! Every row of the design's "Misuse to test", by its words.

use super::*;

/// "The same bytes under two accounts."
#[test]
fn the_same_bytes_do_not_earn_under_two_accounts() {
	test(|| {
		opened(&[gru(), gru()]);
		contributed(1, 1, 0);
		let again = ContributionInput { nullifier: contribution(1, 0).nullifier, ..contribution(2, 0) };
		assert_noop!(contribute(again.clone()), Refusal::AlreadyContributed);
		assert_noop!(contribute(ContributionInput { group: 1, ..again }), Refusal::AlreadyContributed);
		let named = ContributionInput { pseudonym: p(1), ..contribution(2, 0) };
		assert_noop!(contribute(named), Refusal::AlreadyExists);
	});
}

/// "A steward inflating shares just before funding": no call states shares, and what is contributed on the day of
/// funding does not count on it.
#[test]
fn a_steward_cannot_inflate_shares_just_before_funding() {
	test(|| {
		populated(&[gru()], 2);
		contributed(100, 50, 0);
		assert!(Contributions::<Test>::iter_values().all(|entry| entry.shares == Shares::get()));
		assert_ok!(fund(1_000));
		for (n, expected) in [(0, 500), (1, 500)] {
			assert_ok!(claim(n));
			assert_eq!(total(&contributor(n)), expected);
		}
		assert_noop!(claim(100), Refusal::BelowMinimum);
		wait(DAY);
		assert_ok!(fund(1_000));
		assert_ok!(claim(100));
		assert_eq!(total(&contributor(100)), 1_000 / 52);
	});
}

/// "Join, claim and leave in one block."
#[test]
fn who_joins_and_leaves_in_one_block_earns_nothing() {
	test(|| {
		populated(&[gru()], 1);
		contributed(7, 1, 0);
		assert_ok!(fund(1_000));
		assert_noop!(claim(7), Refusal::BelowMinimum);
		assert_ok!(withdraw(7));
		assert_noop!(claim(7), Refusal::BelowMinimum);
		assert_noop!(remove(7), Refusal::TooEarly);
		wait(DAY);
		assert_noop!(claim(7), Refusal::BelowMinimum);
		assert_eq!(entry(7).owed, U256::zero());
	});
}

/// "A steward voting on their own request", and naming who does.
#[test]
fn a_steward_does_not_decide_about_an_own_request() {
	test(|| {
		opened(&[gru_with(&[Modifier::Irb])]);
		let members = BoundedVec::truncate_from(vec![REGISTRAR, HOUSE, STRANGER]);
		assert_ok!(ResearchDatasets::set_committee(signed(&REGISTRAR), 0, members));
		for researcher in [HOUSE, FELLOW] {
			let (id, state) = submitted(&researcher, ask());
			assert_eq!(state, RequestState::InReview);
			for voter in [&REGISTRAR, &HOUSE, &STRANGER] {
				assert_noop!(vote(voter, id, VoteReason::Acceptable), Refusal::ConflictOfInterest);
			}
			assert_ok!(vote(&REVIEWERS[0], id, VoteReason::Acceptable));
		}
		let (id, _) = submitted(&CURIE, ask());
		assert_ok!(vote(&REGISTRAR, id, VoteReason::Acceptable));
	});
}

/// "Withdrawal between vote and activation": the cohort is counted when the grant begins.
#[test]
fn a_withdrawal_between_vote_and_activation_counts() {
	test(|| {
		populated(&[gru_with(&[Modifier::Irb])], COHORT);
		let (id, _) = submitted(&CURIE, ask());
		REVIEWERS[..3].iter().for_each(|who| {
			assert_ok!(vote(who, id, VoteReason::Acceptable));
		});
		assert_eq!(state(id), RequestState::Approved);
		hypothetically!({
			assert_ok!(activate(&CURIE, id));
		});
		assert_ok!(withdraw(0));
		assert_noop!(activate(&CURIE, id), Refusal::CohortTooSmall);
	});
}

/// "Withdrawal … between activation and renewal."
#[test]
fn a_withdrawal_between_activation_and_renewal_counts() {
	test(|| {
		let id = granted(gru());
		assert_ok!(withdraw(0));
		assert_eq!(state(id), RequestState::Active);
		assert_eq!(ResearchDatasets::grant_access(id, &CURIE, &p(0)), Err(AccessRefusal::ContributionEnded));
		assert!(ResearchDatasets::grant_access(id, &CURIE, &p(1)).is_ok());
		let (next, _) = submitted(&CURIE, RequestInput { renews: Some(id), ..ask() });
		assert_noop!(activate(&CURIE, next), Refusal::CohortTooSmall);
		assert_eq!(state(id), RequestState::Active, "what was granted goes on for those who stay");
	});
}

/// "Consent that ended yesterday still counted."
#[test]
fn a_consent_that_ended_yesterday_neither_counts_nor_earns_nor_is_read() {
	test(|| {
		opened(&[gru()]);
		contributed(1, COHORT - 1, 0);
		assert_ok!(contribute(ContributionInput { until: noon(TODAY + 3), ..contribution(0, 0) }));
		wait(2 * DAY);
		let (id, _) = submitted(&CURIE, ask());
		assert_ok!(activate(&CURIE, id));
		assert!(ResearchDatasets::grant_access(id, &CURIE, &p(0)).is_ok());
		let (next, _) = submitted(&CURIE, ask());
		// Two days on, without any transaction about the contribution.
		wait(2 * DAY);
		assert_eq!(ResearchDatasets::grant_access(id, &CURIE, &p(0)), Err(AccessRefusal::ContributionEnded));
		assert_noop!(activate(&CURIE, next), Refusal::CohortTooSmall);
		assert_ok!(fund(2_000));
		assert_ok!(claim(0));
		assert_eq!(total(&contributor(0)), FEE / u128::from(COHORT));
	});
}

fn diseases(numbers: &[u32]) -> RequestInput {
	let mut request = ask();
	request.purpose.diseases = BoundedVec::truncate_from(numbers.iter().map(|number| mondo(*number)).collect());
	request.closures = BoundedVec::truncate_from(numbers.iter().map(|number| closure(*number)).collect());
	request
}

fn specific() {
	opened(&[group(Permission::Ds, &[10], &[])]);
	assert_ok!(post_release(release(&leaves())));
}

/// "Empty disease list."
#[test]
fn an_empty_disease_list_is_denied_what_is_specific_to_diseases() {
	test(|| {
		specific();
		assert_eq!(submitted(&CURIE, ask()).1, RequestState::AutoDenied);
	});
}

/// "Parent disease."
#[test]
fn a_parent_of_the_disease_is_denied_and_a_child_approved() {
	test(|| {
		specific();
		assert_eq!(submitted(&CURIE, diseases(&[10])).1, RequestState::AutoApproved);
		assert_eq!(submitted(&CURIE, diseases(&[100])).1, RequestState::AutoApproved);
		assert_eq!(submitted(&CURIE, diseases(&[1])).1, RequestState::AutoDenied);
	});
}

/// "Mixed allowed and disallowed diseases."
#[test]
fn one_disease_that_is_not_allowed_denies_the_others() {
	test(|| {
		specific();
		assert_eq!(submitted(&CURIE, diseases(&[100, 20])).1, RequestState::AutoDenied);
	});
}

/// "Stale ontology."
#[test]
fn a_disease_is_proved_against_the_latest_release() {
	test(|| {
		opened(&[group(Permission::Ds, &[10], &[])]);
		assert_noop!(submit(&CURIE, diseases(&[100])), Refusal::UnknownRelease);
		assert_ok!(post_release(release(&leaves())));
		hypothetically!({
			assert_ok!(submit(&CURIE, diseases(&[100])));
		});
		// The next release moves the disease from below 10 to below 20.
		let mut moved = leaves();
		moved[3].ancestors = BoundedVec::truncate_from(vec![1, 20]);
		assert_ok!(post_release(release(&moved)));
		assert_noop!(submit(&CURIE, diseases(&[100])), Refusal::InvalidClosure);
	});
}

/// "Missing non-profit attestation": what the directory does not say is not taken from the request.
#[test]
fn without_a_non_profit_attestation_a_group_for_non_profits_is_closed() {
	test(|| {
		opened(&[gru_with(&[Modifier::Npu])]);
		let mut claims = ask();
		claims.purpose.commercial = Some(false);
		assert_eq!(submitted(&VOGEL, claims).1, RequestState::AutoDenied);
	});
}

/// "A contributor of a strict group reached through a lax group's grant."
#[test]
fn a_grant_on_a_lax_group_does_not_reach_a_strict_one() {
	test(|| {
		populated(&[gru(), group(Permission::Poa, &[], &[])], COHORT);
		let (id, _) = submitted(&CURIE, RequestInput { groups: GroupSet(0b11), ..ask() });
		assert_ok!(activate(&CURIE, id));
		assert_eq!(Grants::<Test>::get(id).expect("it began").groups, GroupSet(0b01));
		assert!(ResearchDatasets::grant_access(id, &CURIE, &p(0)).is_ok());
		assert_eq!(ResearchDatasets::grant_access(id, &CURIE, &p(1_000)), Err(AccessRefusal::GroupNotGranted));
		// Contributors who agreed to strict terms stay under them when the group is loosened.
		assert_ok!(ResearchDatasets::loosen_group(signed(&REGISTRAR), 0, 1, gru()));
		let (id, _) = submitted(&CURIE, RequestInput { groups: GroupSet(0b111), ..ask() });
		assert_ok!(activate(&CURIE, id));
		assert_eq!(ResearchDatasets::grant_access(id, &CURIE, &p(1_000)), Err(AccessRefusal::GroupNotGranted));
	});
}

/// "Cohort falling under 21."
#[test]
fn twenty_contributors_are_too_few_even_with_those_of_other_groups() {
	test(|| {
		populated(&[gru(), group(Permission::Poa, &[], &[])], COHORT - 1);
		let (id, _) = submitted(&CURIE, RequestInput { groups: GroupSet(0b11), ..ask() });
		assert_noop!(activate(&CURIE, id), Refusal::CohortTooSmall);
		contributed(500, 1, 0);
		wait(DAY);
		assert_ok!(activate(&CURIE, id));
	});
}

/// "Merkle: 64-byte leaf, wrong index, truncated proof."
#[test]
fn a_disease_is_not_proved_by_a_node_another_index_or_half_a_proof() {
	test(|| {
		specific();
		let refused = |change: fn(&mut Closure)| {
			let mut request = diseases(&[100]);
			change(&mut request.closures[0]);
			assert_noop!(submit(&CURIE, request), Refusal::InvalidClosure);
		};
		refused(|closure| closure.index = 0);
		refused(|closure| closure.index = 4);
		refused(|closure| closure.index = 1 << 31);
		refused(|closure| {
			closure.proof.pop();
		});
		refused(|closure| closure.proof.try_push(h(0)).expect("there is room"));
		refused(|closure| closure.leaf.ancestors = BoundedVec::truncate_from(vec![10, 1]));
		refused(|closure| closure.leaf.ancestors = BoundedVec::truncate_from(vec![1, 10, 20]));
		// An inner node of 64 bytes is nobody's leaf: the first byte of what is hashed tells them apart.
		let whole = contents(&leaves());
		let pair = [merkle::hash_leaf(0, &whole[0]).0, merkle::hash_leaf(1, &whole[1]).0].concat();
		assert_eq!(pair.len(), 64);
		let release = release(&leaves());
		let above = merkle::proof(&whole, 0).expect("it is there");
		assert!(!merkle::verify(&release.root, 2, 0, &pair, &above[1..]));
		assert!(!merkle::verify(&release.root, release.count, 0, &pair, &above));
		let mut missing = diseases(&[100]);
		missing.closures = Default::default();
		assert_noop!(submit(&CURIE, missing), Refusal::InvalidClosure);
	});
}

/// "1 unit over 10^6 shares."
#[test]
fn one_unit_over_a_million_shares_is_not_lost() {
	test(|| {
		opened(&[gru()]);
		Shares::set(500_000);
		contributed(0, 2, 0);
		wait(DAY);
		assert_ok!(fund(1));
		assert_eq!(dataset().shares, 1_000_000);
		let owed = ResearchDatasets::accrued(0, &dataset(), &entry(0)).expect("it fits");
		assert_eq!(owed, U256::from(SCALE / 2));
		assert_noop!(claim(0), Refusal::BelowMinimum);
		for _ in 0..19 {
			assert_ok!(fund(1));
		}
		assert_ok!(claim(0));
		assert_eq!(total(&contributor(0)), 10);
	});
}

/// "`u128::MAX`."
#[test]
fn the_greatest_amounts_divide_exactly_and_overflow_nothing() {
	for shares in [1, 2, 3, 7, 1_000_000, u64::MAX] {
		let mut rewards = Rewards::default();
		rewards.distribute(u128::MAX, shares).expect("it fits");
		rewards.distribute(u128::MAX, shares).expect("it fits");
		let earned = Rewards::earned(shares, U256::zero(), rewards.per_share).expect("it fits");
		let parts = U256::from(u128::MAX) * U256::from(SCALE) * U256::from(2);
		assert_eq!(earned + rewards.remainder, parts);
	}
	test(|| {
		// All the balance that there can be.
		populated(&[gru()], 3);
		let room = u128::MAX - pallet_balances::TotalIssuance::<Test>::get();
		assert_ok!(Balances::mint_into(&SPONSOR, room));
		let amount = total(&SPONSOR) - MINIMUM;
		assert_ok!(fund(amount));
		for n in 0..3 {
			assert_ok!(claim(n));
			assert_eq!(total(&contributor(n)), amount / 3);
		}
	});
}

/// An attestation is brought again after the patient withdrew and everything was removed.
#[test]
fn an_attestation_of_a_withdrawn_consent_cannot_be_brought_again() {
	test(|| {
		opened(&[gru()]);
		let input = contribution(0, 0);
		assert_ok!(contribute(input.clone()));
		assert_ok!(withdraw(0));
		for _ in 0..4 {
			wait(ATTESTATION_WINDOW / 4);
			assert_noop!(remove(0), Refusal::TooEarly);
			assert_noop!(contribute(input.clone()), Refusal::AlreadyExists);
		}
		wait(1);
		assert_ok!(remove(0));
		assert_noop!(contribute(input), Refusal::InvalidAttestation);
	});
}

/// Events tell numbers, states, verdicts and reasons: no account, purpose, disease, permit, commitment or nullifier.
#[test]
fn events_link_no_pseudonym_to_an_account_or_a_patient() {
	use codec::Encode;
	test(|| {
		populated(&[gru()], COHORT);
		let (id, _) = submitted(&CURIE, ask());
		assert_ok!(activate(&CURIE, id));
		assert_ok!(claim(0));
		assert_ok!(withdraw(1));
		let told: Vec<u8> = take_events().encode();
		let secrets = (0..COHORT).flat_map(|n| {
			let input = contribution(n, 0);
			[input.account.encode(), input.permit.encode(), input.commitment.encode(), input.nullifier.encode()]
		});
		for secret in secrets {
			assert!(!told.windows(secret.len()).any(|window| window == secret));
		}
	});
}
