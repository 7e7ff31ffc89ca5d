use crate::{mock::*, Agreements, Error, Event, NextAgreement, MAX_AGREEMENTS, MAX_NOTICE};
use frame_support::{assert_noop, assert_ok, hypothetically};
use salus_primitives::{
	consent::{Period, Sharing},
	inputs::AgreementInput,
	time::DAY,
	traits::Directory,
	views::AgreementView,
	AgreementId, Moment, Obligation, ObligationSet, OrgId, Purpose, PurposeSet, ResourceType, ResourceTypeSet, H256,
};
use sp_runtime::{traits::BadOrigin, DispatchResult};

/// The two sides of every agreement here. Their administrators are [`admin`] and [`their_admin`].
const CUSTODIAN: OrgId = 0;
const RECIPIENT: OrgId = 1;

fn their_admin() -> salus_primitives::AccountId {
	account(2)
}

/// Runs a test with the two organisations and a third one.
fn between(body: impl FnOnce()) {
	test(|| {
		admit();
		assert_ok!(Participants::admit_organisation(root(), hospital(), their_admin()));
		admit();
		body();
	});
}

fn propose(agreement: AgreementInput) -> DispatchResult {
	Participants::propose_agreement(signed(&admin()), CUSTODIAN, agreement)
}

fn accept(id: AgreementId) -> DispatchResult {
	Participants::accept_agreement(signed(&their_admin()), RECIPIENT, CUSTODIAN, RECIPIENT, id)
}

fn end(id: AgreementId) -> DispatchResult {
	Participants::end_agreement(signed(&admin()), CUSTODIAN, CUSTODIAN, RECIPIENT, id)
}

/// Proposes and accepts, and returns the number.
fn agree(agreement: AgreementInput) -> AgreementId {
	let id = NextAgreement::<Test>::get();
	assert_ok!(propose(agreement));
	assert_ok!(accept(id));
	id
}

fn periods() -> Vec<Period> {
	<Participants as Directory>::agreements(CUSTODIAN, RECIPIENT).into_iter().map(|sharing| sharing.period).collect()
}

fn ended(id: AgreementId, ends: Moment) -> Event<Test> {
	Event::AgreementEnded { custodian: CUSTODIAN, recipient: RECIPIENT, id, ends }
}

#[test]
fn an_agreement_is_proposed_by_one_side_and_in_force_once_the_other_accepts() {
	between(|| {
		let proposal = agreement();
		assert_ok!(propose(proposal.clone()));
		assert_eq!(
			last_event(),
			Event::AgreementProposed { custodian: CUSTODIAN, recipient: RECIPIENT, id: 0, awaits: RECIPIENT }
		);
		let mut view = AgreementView {
			id: 0,
			custodian: CUSTODIAN,
			recipient: RECIPIENT,
			awaits: Some(RECIPIENT),
			in_force: false,
			sharing: Sharing {
				purposes: proposal.purposes,
				resource_types: proposal.resource_types,
				obligations: proposal.obligations,
				period: Period { from: NOW, until: proposal.end },
			},
			notice: proposal.notice,
			terms: proposal.terms,
		};
		assert_eq!(Participants::agreements_view(CUSTODIAN, RECIPIENT), vec![view.clone()]);
		assert_eq!(periods(), vec![], "a proposal has no effect");

		set_time(NOW + DAY);
		assert_ok!(accept(0));
		assert_eq!(last_event(), Event::AgreementAccepted { custodian: CUSTODIAN, recipient: RECIPIENT, id: 0 });
		(view.awaits, view.in_force, view.sharing.period.from) = (None, true, NOW + DAY);
		assert_eq!(Participants::agreements_view(CUSTODIAN, RECIPIENT), vec![view.clone()]);
		assert_eq!(<Participants as Directory>::agreements(CUSTODIAN, RECIPIENT), vec![view.sharing]);
		// It has a direction.
		assert_eq!(<Participants as Directory>::agreements(RECIPIENT, CUSTODIAN), vec![]);
		assert_eq!(Participants::agreements_view(RECIPIENT, CUSTODIAN), vec![]);
	});
}

#[test]
fn the_recipient_may_propose_too_and_then_the_custodian_accepts() {
	between(|| {
		assert_ok!(Participants::propose_agreement(signed(&their_admin()), RECIPIENT, agreement()));
		assert_eq!(
			last_event(),
			Event::AgreementProposed { custodian: CUSTODIAN, recipient: RECIPIENT, id: 0, awaits: CUSTODIAN }
		);
		assert_noop!(accept(0), Error::<Test>::NotAwaited);
		assert_ok!(Participants::accept_agreement(signed(&admin()), CUSTODIAN, CUSTODIAN, RECIPIENT, 0));
		assert_eq!(periods().len(), 1);
	});
}

#[test]
fn nobody_accepts_their_own_proposal_or_one_twice() {
	between(|| {
		assert_ok!(propose(agreement()));
		assert_noop!(
			Participants::accept_agreement(signed(&admin()), CUSTODIAN, CUSTODIAN, RECIPIENT, 0),
			Error::<Test>::NotAwaited
		);
		assert_ok!(accept(0));
		assert_noop!(accept(0), Error::<Test>::NotAwaited);
		assert_eq!(periods(), vec![Period { from: NOW, until: agreement().end }]);
	});
}

#[test]
fn only_administrators_of_the_two_sides_propose_accept_and_end() {
	between(|| {
		assert_ok!(propose(agreement()));
		assert_ok!(join(CUSTODIAN, &account(5)));
		// A member, the administrator of the other side, a stranger.
		for (who, org) in [(account(5), CUSTODIAN), (their_admin(), CUSTODIAN), (account(9), RECIPIENT)] {
			let by = || signed(&who);
			assert_noop!(Participants::propose_agreement(by(), org, agreement()), Error::<Test>::NotAuthorized);
			assert_noop!(
				Participants::accept_agreement(by(), org, CUSTODIAN, RECIPIENT, 0),
				Error::<Test>::NotAuthorized
			);
			assert_noop!(Participants::end_agreement(by(), org, CUSTODIAN, RECIPIENT, 0), Error::<Test>::NotAuthorized);
		}
		// A third organisation is no party, even though its administrator is that of the custodian.
		let by = || signed(&admin());
		assert_noop!(Participants::propose_agreement(by(), 2, agreement()), Error::<Test>::NotParty);
		assert_noop!(Participants::accept_agreement(by(), 2, CUSTODIAN, RECIPIENT, 0), Error::<Test>::NotParty);
		assert_noop!(Participants::end_agreement(by(), 2, CUSTODIAN, RECIPIENT, 0), Error::<Test>::NotParty);
		for origin in [root(), RuntimeOrigin::none()] {
			assert_noop!(Participants::propose_agreement(origin.clone(), CUSTODIAN, agreement()), BadOrigin);
			assert_noop!(Participants::accept_agreement(origin.clone(), RECIPIENT, CUSTODIAN, RECIPIENT, 0), BadOrigin);
			assert_noop!(Participants::end_agreement(origin, CUSTODIAN, CUSTODIAN, RECIPIENT, 0), BadOrigin);
		}
	});
}

#[test]
fn an_agreement_is_between_two_known_organisations_in_good_standing() {
	between(|| {
		let with = |custodian, recipient| AgreementInput { custodian, recipient, ..agreement() };
		assert_noop!(propose(with(CUSTODIAN, CUSTODIAN)), Error::<Test>::SameParty);
		assert_noop!(propose(with(CUSTODIAN, 3)), Error::<Test>::NotFound);
		assert_noop!(Participants::propose_agreement(signed(&admin()), 3, with(3, CUSTODIAN)), Error::<Test>::NotFound);
		assert_ok!(propose(agreement()));
		for org in [CUSTODIAN, RECIPIENT] {
			hypothetically!({
				assert_ok!(Participants::suspend_organisation(root(), org));
				assert_noop!(propose(agreement()), Error::<Test>::NotInStanding);
				assert_noop!(accept(0), Error::<Test>::NotInStanding);
			});
		}
		// A licence that has ended counts like a suspension.
		hypothetically!({
			assert_ok!(Participants::renew_licence(root(), RECIPIENT, NOW + DAY));
			hypothetically!({
				set_time(NOW + DAY - 1);
				assert_ok!(accept(0));
			});
			set_time(NOW + DAY);
			assert_noop!(accept(0), Error::<Test>::NotInStanding);
		});
	});
}

#[test]
fn a_proposal_with_a_wrong_field_is_refused() {
	let refused = |change: fn(&mut AgreementInput), expected: Error<Test>| {
		let mut proposal = agreement();
		change(&mut proposal);
		assert_noop!(propose(proposal), expected);
	};
	between(|| {
		refused(|input| input.purposes = Some(PurposeSet::EMPTY), Error::EmptySet);
		refused(|input| input.resource_types = Some(ResourceTypeSet::EMPTY), Error::EmptySet);
		refused(|input| input.purposes = Some(PurposeSet(1 << 63)), Error::UnknownCode);
		refused(|input| input.resource_types = Some(ResourceTypeSet(1 << 127)), Error::UnknownCode);
		refused(|input| input.obligations = ObligationSet(1 << 15), Error::UnknownCode);
		refused(|input| input.end = Some(0), Error::Expired);
		refused(|input| input.end = Some(NOW), Error::Expired);
		refused(|input| (input.start, input.end) = (Some(NOW + 2), Some(NOW + 1)), Error::InvertedPeriod);
		refused(|input| (input.start, input.end) = (Some(NOW + 1), Some(NOW + 1)), Error::InvertedPeriod);
		refused(|input| (input.start, input.end) = (Some(u64::MAX), Some(u64::MAX)), Error::InvertedPeriod);
		refused(|input| input.notice = MAX_NOTICE + 1, Error::InvalidNotice);
		refused(|input| input.notice = u64::MAX, Error::InvalidNotice);
		assert_eq!((NextAgreement::<Test>::get(), Agreements::<Test>::iter().count()), (0, 0));
	});
}

#[test]
fn what_is_left_out_means_anything_and_for_ever() {
	between(|| {
		let open = AgreementInput {
			purposes: None,
			resource_types: None,
			obligations: ObligationSet::EMPTY,
			start: None,
			end: None,
			notice: 0,
			..agreement()
		};
		agree(open);
		assert_eq!(
			<Participants as Directory>::agreements(CUSTODIAN, RECIPIENT),
			vec![Sharing {
				purposes: None,
				resource_types: None,
				obligations: ObligationSet::EMPTY,
				period: Period { from: NOW, until: None },
			}]
		);
	});
}

#[test]
fn an_agreement_starts_when_it_says_but_never_before_it_was_accepted() {
	between(|| {
		for (start, from) in [
			(None, NOW + DAY),
			(Some(0), NOW + DAY),
			(Some(NOW + DAY - 1), NOW + DAY),
			(Some(NOW + 2 * DAY), NOW + 2 * DAY),
		] {
			hypothetically!({
				assert_ok!(propose(AgreementInput { start, ..agreement() }));
				set_time(NOW + DAY);
				assert_ok!(accept(0));
				assert_eq!(periods()[0].from, from);
				let in_force = Participants::agreements_view(CUSTODIAN, RECIPIENT)[0].in_force;
				assert_eq!(in_force, from == NOW + DAY);
			});
		}
	});
}

#[test]
fn a_proposal_whose_end_has_passed_is_not_accepted_any_more() {
	between(|| {
		assert_ok!(propose(AgreementInput { end: Some(NOW + DAY), ..agreement() }));
		hypothetically!({
			set_time(NOW + DAY - 1);
			assert_ok!(accept(0));
		});
		set_time(NOW + DAY);
		assert_noop!(accept(0), Error::<Test>::Expired);
	});
}

#[test]
fn an_agreement_is_found_under_its_parties_and_number_only() {
	between(|| {
		assert_ok!(propose(agreement()));
		for (custodian, recipient, id) in [(CUSTODIAN, RECIPIENT, 1), (RECIPIENT, CUSTODIAN, 0), (2, RECIPIENT, 0)] {
			let by = || signed(&their_admin());
			assert_noop!(
				Participants::accept_agreement(by(), RECIPIENT, custodian, recipient, id),
				Error::<Test>::NotFound
			);
			assert_noop!(
				Participants::end_agreement(by(), RECIPIENT, custodian, recipient, id),
				Error::<Test>::NotFound
			);
		}
	});
}

#[test]
fn a_proposal_is_taken_back_or_rejected_at_once() {
	between(|| {
		assert_ok!(propose(agreement()));
		hypothetically!({
			assert_ok!(end(0));
			assert_eq!(last_event(), ended(0, NOW));
			assert!(!Agreements::<Test>::contains_key(CUSTODIAN, RECIPIENT), "nothing is left in storage");
			assert_noop!(accept(0), Error::<Test>::NotFound);
		});
		assert_ok!(Participants::end_agreement(signed(&their_admin()), RECIPIENT, CUSTODIAN, RECIPIENT, 0));
		assert_eq!(last_event(), ended(0, NOW));
		assert_noop!(accept(0), Error::<Test>::NotFound);
	});
}

#[test]
fn an_agreement_ends_when_its_notice_is_over() {
	between(|| {
		let id = agree(AgreementInput { notice: 30 * DAY, ..agreement() });
		set_time(NOW + 5 * DAY);
		for (who, org) in [(admin(), CUSTODIAN), (their_admin(), RECIPIENT)] {
			hypothetically!({
				assert_ok!(Participants::end_agreement(signed(&who), org, CUSTODIAN, RECIPIENT, id));
				assert_eq!(last_event(), ended(id, NOW + 35 * DAY));
				assert_eq!(periods(), vec![Period { from: NOW, until: Some(NOW + 35 * DAY) }]);
				let in_force = || Participants::agreements_view(CUSTODIAN, RECIPIENT)[0].in_force;
				set_time(NOW + 35 * DAY - 1);
				assert!(in_force());
				set_time(NOW + 35 * DAY);
				assert!(!in_force());
			});
		}
	});
}

#[test]
fn notice_never_prolongs_an_agreement() {
	between(|| {
		let id = agree(AgreementInput { notice: 30 * DAY, end: Some(NOW + 10 * DAY), ..agreement() });
		assert_ok!(end(id));
		assert_eq!(last_event(), ended(id, NOW + 10 * DAY));
		let id = agree(AgreementInput { notice: 30 * DAY, end: None, ..agreement() });
		assert_ok!(end(id));
		// Given again a day later, the first notice goes on running.
		set_time(NOW + DAY);
		assert_ok!(end(id));
		assert_eq!(last_event(), ended(id, NOW + 30 * DAY));
	});
}

#[test]
fn what_cannot_come_into_force_any_more_is_removed() {
	between(|| {
		let is_empty = || !Agreements::<Test>::contains_key(CUSTODIAN, RECIPIENT);
		// Without notice.
		let id = agree(AgreementInput { notice: 0, ..agreement() });
		assert_ok!(end(id));
		assert_eq!(last_event(), ended(id, NOW));
		assert!(is_empty());
		// The notice is over before it would have started.
		let id = agree(AgreementInput { notice: DAY, start: Some(NOW + DAY), ..agreement() });
		assert_ok!(end(id));
		assert_eq!(last_event(), ended(id, NOW + DAY));
		assert!(is_empty());
		// It ended by itself.
		let id = agree(AgreementInput { notice: DAY, end: Some(NOW + DAY), ..agreement() });
		set_time(NOW + 2 * DAY);
		assert_ok!(end(id));
		assert_eq!(last_event(), ended(id, NOW + DAY));
		assert!(is_empty());
		assert_noop!(end(id), Error::<Test>::NotFound);
	});
}

#[test]
fn agreements_are_ended_whatever_the_status_of_either_side() {
	between(|| {
		let id = agree(AgreementInput { notice: DAY, ..agreement() });
		assert_ok!(Participants::suspend_organisation(root(), CUSTODIAN));
		assert_ok!(Participants::revoke_organisation(root(), RECIPIENT));
		hypothetically!({
			assert_ok!(end(id));
		});
		assert_ok!(Participants::end_agreement(signed(&their_admin()), RECIPIENT, CUSTODIAN, RECIPIENT, id));
		assert_eq!(last_event(), ended(id, NOW + DAY));
	});
}

#[test]
fn two_organisations_have_at_most_four_agreements_and_those_that_are_over_make_room() {
	between(|| {
		agree(AgreementInput { end: Some(NOW + DAY), ..agreement() });
		assert_ok!(propose(AgreementInput { end: Some(NOW + 2 * DAY), ..agreement() }));
		for _ in 2..MAX_AGREEMENTS {
			agree(agreement());
		}
		assert_noop!(propose(agreement()), Error::<Test>::TooManyAgreements);
		// The other direction has its own.
		assert_ok!(propose(AgreementInput { custodian: RECIPIENT, recipient: CUSTODIAN, ..agreement() }));

		let ids =
			|| Agreements::<Test>::get(CUSTODIAN, RECIPIENT).iter().map(|agreement| agreement.id).collect::<Vec<_>>();
		assert_eq!(ids(), vec![0, 1, 2, 3]);
		set_time(NOW + DAY);
		assert_ok!(propose(agreement()));
		assert_eq!(ids(), vec![1, 2, 3, 5], "the agreement that ended");
		assert_noop!(propose(agreement()), Error::<Test>::TooManyAgreements);
		set_time(NOW + 2 * DAY);
		assert_ok!(propose(agreement()));
		assert_eq!(ids(), vec![2, 3, 5, 6], "the proposal that nobody answered");
	});
}

#[test]
fn numbers_of_agreements_are_never_given_twice() {
	new_test_ext().execute_with(|| {
		admit();
		assert_ok!(Participants::admit_organisation(root(), hospital(), their_admin()));
		NextAgreement::<Test>::put(u32::MAX);
		assert_noop!(propose(agreement()), Error::<Test>::TooManyAgreements);
	});
}

#[test]
fn events_and_storage_hold_no_more_than_the_hash_of_the_contract() {
	between(|| {
		let terms = H256::repeat_byte(0xcd);
		agree(AgreementInput { terms, ..agreement() });
		assert_eq!(Agreements::<Test>::get(CUSTODIAN, RECIPIENT)[0].terms, terms);
		let told = format!("{:?}", System::events());
		assert!(!told.contains("cdcd"), "{told}");
	});
}

#[test]
fn an_agreement_names_what_a_decision_compares() {
	between(|| {
		agree(AgreementInput {
			purposes: Some(PurposeSet::of(&[Purpose::Treat, Purpose::Hresch])),
			resource_types: Some(ResourceTypeSet::of(&[ResourceType::Observation])),
			obligations: ObligationSet::of(&[Obligation::Deid]),
			..agreement()
		});
		let sharing = <Participants as Directory>::agreements(CUSTODIAN, RECIPIENT).remove(0);
		assert!(sharing.purposes.is_some_and(|set| set.contains(Purpose::Hresch) && !set.contains(Purpose::Hmarkt)));
		assert!(sharing.resource_types.is_some_and(|set| !set.contains(ResourceType::Condition)));
		assert_eq!(sharing.obligations, ObligationSet::of(&[Obligation::Deid]));
	});
}
