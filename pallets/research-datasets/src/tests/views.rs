use super::*;

#[test]
fn counts_are_told_in_buckets() {
	let told = |count| {
		let bucket = Bucket::of(count);
		(bucket.from, bucket.to)
	};
	for (count, expected) in [
		(0, (0, Some(20))),
		(20, (0, Some(20))),
		(21, (21, Some(49))),
		(49, (21, Some(49))),
		(50, (50, Some(99))),
		(999, (500, Some(999))),
		(10_000, (10_000, None)),
		(u32::MAX, (10_000, None)),
	] {
		assert_eq!(told(count), expected, "{count}");
	}
}

#[test]
fn a_dataset_is_told_as_of_today_without_a_transaction() {
	test(|| {
		opened(&[gru(), gru_with(&[Modifier::Npu])]);
		contributed(0, 30, 0);
		let of_group = || ResearchDatasets::dataset_view(0).expect("it is there").groups[0].contributors.from;
		assert_eq!(of_group(), 0);
		wait(DAY);
		assert_eq!(of_group(), 21);
		wait(100 * DAY);
		assert_eq!(of_group(), 0);
		let view = ResearchDatasets::dataset_view(0).expect("it is there");
		assert_eq!((view.steward, view.rolled, view.groups.len()), (HOSPITAL, TODAY, 2));
		assert_eq!(view.steward_name, Some(b"Organisation 1".to_vec()));
		assert_eq!(view.groups[1].terms, gru_with(&[Modifier::Npu]));
		assert_eq!(ResearchDatasets::dataset_view(1), None);
	});
}

#[test]
fn datasets_requests_and_contributions_come_in_pages() {
	test(|| {
		for _ in 0..5 {
			assert_ok!(create(&[gru()]));
		}
		assert_ok!(ResearchDatasets::retire_dataset(signed(&REGISTRAR), 2));
		assert_ok!(ResearchDatasets::sweep(signed(&REGISTRAR), 2));
		let (mut seen, mut cursor) = (Vec::new(), None);
		loop {
			let page = ResearchDatasets::datasets_page(cursor, 2);
			seen.extend(page.items.iter().map(|view| view.id));
			cursor = page.next;
			if cursor.is_none() {
				break;
			}
		}
		assert_eq!(seen, [0, 1, 3, 4]);

		assert_ok!(ResearchDatasets::open_dataset(signed(&REGISTRAR), 0));
		contributed(0, 5, 0);
		for _ in 0..5 {
			assert_ok!(submit(&CURIE, ask()));
		}
		let first = ResearchDatasets::requests_page(0, None, 3);
		let second = ResearchDatasets::requests_page(0, first.next, 3);
		assert_eq!((first.items.len(), second.items.len(), second.next), (3, 2, None));
		assert_eq!(ResearchDatasets::requests_page(1, None, 3).items.len(), 0);
		let first = ResearchDatasets::contributions_page(0, None, 3);
		let second = ResearchDatasets::contributions_page(0, first.next, 3);
		let mut all: Vec<_> = first.items.iter().chain(&second.items).map(|view| view.pseudonym).collect();
		all.sort();
		assert_eq!((all, second.next), ((0..5).map(p).collect(), None));
	});
}

#[test]
fn a_contribution_is_told_with_what_it_can_claim_and_its_time_considered() {
	test(|| {
		populated(&[gru()], 2);
		assert_ok!(fund(1_001));
		let view = ResearchDatasets::contribution_view(0, &p(0)).expect("it is there");
		assert_eq!((view.claimable, view.state), (500, ContributionState::Live));
		assert_eq!((view.from_day, view.until_day), (TODAY + 1, TODAY + 100));
		assert_eq!((view.account, view.payee), (contributor(0), contributor(0)));
		wait(100 * DAY);
		let view = ResearchDatasets::contribution_view(0, &p(0)).expect("it is there");
		assert_eq!((view.claimable, view.state), (500, ContributionState::Expired));
		assert_eq!(ResearchDatasets::contribution_view(0, &p(9)), None);
	});
}

#[test]
fn a_match_says_what_a_request_would_come_to() {
	test(|| {
		opened(&[gru_with(&[Modifier::Npu]), gru_with(&[Modifier::Irb])]);
		let query = |researcher: &AccountId| MatchQuery {
			dataset: 0,
			researcher: researcher.clone(),
			purpose: purpose(),
			ethics: None,
			closures: Default::default(),
			co_signers: Vec::new(),
		};
		let verdicts = |researcher| -> Vec<Verdict> {
			let answer = ResearchDatasets::match_dataset(query(researcher)).expect("it can be judged");
			answer.outcome.groups.iter().map(|group| group.verdict).collect()
		};
		assert_eq!(verdicts(&CURIE), [Verdict::Approve, Verdict::Manual]);
		assert_eq!(verdicts(&VOGEL), [Verdict::Deny, Verdict::Manual]);
		let refused = |query| ResearchDatasets::match_dataset(query).expect_err("it cannot be judged");
		assert_eq!(refused(query(&STRANGER)), MatchRefusal::NotResearcher);
		assert_eq!(refused(MatchQuery { dataset: 9, ..query(&CURIE) }), MatchRefusal::UnknownDataset);
		assert_eq!(refused(MatchQuery { ethics: Some(h(1)), ..query(&CURIE) }), MatchRefusal::UnknownApproval);
		let mut diseases = query(&CURIE);
		diseases.purpose.diseases = BoundedVec::truncate_from(vec![mondo(10)]);
		assert_eq!(refused(diseases.clone()), MatchRefusal::InvalidClosure);
		diseases.closures = BoundedVec::truncate_from(vec![closure(10)]);
		assert_eq!(refused(diseases), MatchRefusal::UnknownRelease);
		let mut unknown = query(&CURIE);
		unknown.purpose.uses = UseSet(u16::MAX);
		assert_eq!(refused(unknown), MatchRefusal::InvalidPurpose);
	});
}

#[test]
fn a_grant_tells_its_tightened_groups_and_what_it_owes() {
	test(|| {
		let id = granted(gru_with(&[Modifier::Pub { deadline: None }]));
		let view = ResearchDatasets::grant_view(id).expect("it began");
		assert_eq!((view.groups, view.tightened), (GroupSet(1), GroupSet(0)));
		assert_eq!(view.obligations.len(), 1);
		let strict = gru_with(&[Modifier::Pub { deadline: None }, Modifier::Npu]);
		assert_ok!(ResearchDatasets::tighten_group(signed(&REGISTRAR), 0, 0, strict));
		assert_eq!(ResearchDatasets::grant_view(id).expect("it began").tightened, GroupSet(1));
		assert_eq!(ResearchDatasets::grant_view(9), None);
		assert_ok!(ResearchDatasets::approve_ethics(signed(&REVIEWERS[0]), h(1), CURIE, now() + DAY));
		assert_eq!(ResearchDatasets::approval_view(h(1)).expect("it is there").org, ETHICS);
	});
}
