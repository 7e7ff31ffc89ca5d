//! Each invariant, broken: the check must see it.

use super::*;
use crate::{
	types::{ActiveConsent, Guardian, Proposal},
	AwaitingReview, Cares, GlassOf, GlassRates, Glasses, PatientOf, Recoveries, RecoveryOf,
};
use salus_primitives::{consent::Finding, inputs::Friend};

type Stored = salus_primitives::consent::Consent;

/// Breaks a sound state that has two consents, a care relationship, a proposal, two guardians, an emergency access and
/// three friends of whom one has vouched, and expects the check to say why.
fn broken(damage: impl FnOnce(), complaint: &'static str) {
	new_test_ext().execute_with(|| {
		register_p1();
		grant(treatment_by(CHEN));
		grant(opt_out());
		assert_ok!(open_care(HOSPITAL, CHEN, NOW + DAY));
		assert_ok!(Consent::propose(signed(CHEN), P1, opt_out()));
		appoint(guardian(BOB, GuardianScope::Full));
		appoint(GuardianInput { until: Some(NOW + DAY), ..guardian(STRANGER, GuardianScope::ReadOnly) });
		assert_ok!(Consent::break_glass(signed(CHEN), P1, EmergencyReason::PublicSafety, H256::zero()));
		let friends = FRIENDS.map(Friend::Account).to_vec().try_into().expect("three friends");
		assert_ok!(Consent::set_friends(signed(ALICE), P1, friends, 2, DAY));
		assert_ok!(Consent::vouch(signed(FRIENDS[0].clone()), P1, ALICE_AGAIN));
		assert_ok!(Consent::do_try_state());
		damage();
		assert_eq!(Consent::do_try_state(), Err(complaint.into()));
	});
}

fn entry(change: impl FnOnce(&mut PatientOf<Test>)) {
	Patients::<Test>::mutate(P1, |entry| change(entry.as_mut().expect("P1 is registered")));
}

fn second(change: impl FnOnce(&mut Stored)) {
	Consents::<Test>::mutate(P1, 1, |stored| change(&mut stored.as_mut().expect("two were given").0));
}

#[test]
fn what_belongs_to_nobody() {
	let without_consents = || {
		Patients::<Test>::remove(P1);
		let _ = Consents::<Test>::clear_prefix(P1, 9, None);
	};
	let without_care = || {
		without_consents();
		Cares::<Test>::remove(P1, HOSPITAL);
	};
	let without_glass = || {
		without_care();
		Glasses::<Test>::remove(P1, CHEN);
		AwaitingReview::<Test>::remove(CHEN);
	};
	broken(|| Patients::<Test>::remove(P1), "a consent belongs to nobody");
	broken(without_consents, "a care relationship belongs to nobody");
	broken(without_care, "an emergency access to nobody's records");
	broken(without_glass, "friends of nobody");
}

#[test]
fn counters_that_lag_behind() {
	broken(|| entry(|entry| entry.revision = 2), "a consent was given without a revision");
	broken(|| entry(|entry| entry.next_consent = 1), "a consent has a number that was not given");
	broken(|| entry(|entry| entry.next_guardian = 1), "a guardianship has a number that was not given");
	broken(|| entry(|entry| entry.next_guardian = 99), "a guardian was appointed without a revision");
	broken(|| entry(|entry| entry.label_epoch = 0), "label epochs begin with 1");
}

#[test]
fn an_index_that_differs_from_what_is_stored() {
	broken(|| entry(|entry| entry.active.as_mut().swap(0, 1)), "the index is out of order");
	broken(|| Consents::<Test>::remove(P1, 1), "an indexed consent is not stored");
	broken(|| second(|consent| consent.status = ConsentStatus::Withdrawn), "an indexed consent has ended");
	broken(|| second(|consent| consent.base = Effect::Permit), "the index misdescribes a consent");
	broken(|| second(|consent| consent.end = Some(NOW + 1)), "the index misdescribes a consent");
	broken(|| second(|consent| consent.root = naming(&[ActorRef::Org(1)])), "the index misdescribes a consent");
	broken(|| entry(|entry| entry.active.truncate(1)), "a live consent is not indexed");
}

#[test]
fn consents_that_cannot_have_been_given() {
	let reindex = || {
		entry(|entry| entry.active[1] = ActiveConsent::of(1, &Consents::<Test>::get(P1, 1).expect("two were given").0))
	};
	broken(
		|| {
			second(|consent| consent.end = Some(consent.start));
			reindex();
		},
		"a consent ends before it starts",
	);
	broken(|| second(|consent| consent.supersedes = Some(1)), "a consent supersedes a later one");
	broken(
		|| {
			second(|consent| consent.guardianship = Some(9));
			reindex();
		},
		"a consent was given under a guardianship that there never was",
	);
}

#[test]
fn an_index_without_a_slot_for_a_denial() {
	let overfill = || {
		entry(|entry| {
			let ordinary = entry.active[0];
			let more = (2..16).map(|id| ActiveConsent { id, ..ordinary });
			entry.active = [ordinary, ActiveConsent { id: 1, ..ordinary }]
				.into_iter()
				.chain(more)
				.collect::<Vec<_>>()
				.try_into()
				.expect("sixteen fit");
		})
	};
	broken(overfill, "no slot is kept for a denial");
}

#[test]
fn sealed_keys_that_cannot_be_opened() {
	let care = |change: fn(&mut crate::CareOf<Test>)| {
		Cares::<Test>::mutate(P1, HOSPITAL, |care| change(care.as_mut().expect("care is open")))
	};
	broken(|| care(|care| care.sealed_label_key.truncate(79)), "a sealed key has a wrong length");
	broken(|| care(|care| care.label_epoch = 2), "a label key is of an epoch to come");
}

#[test]
fn proposals_that_are_not_as_listed() {
	let third = |change: fn(&mut Stored)| {
		Consents::<Test>::mutate(P1, 2, |stored| change(&mut stored.as_mut().expect("it was proposed").0))
	};
	let list = |proposals: &'static [(ConsentId, OrgId)]| {
		entry(|entry| {
			let listed = proposals.iter().map(|(id, org)| Proposal { id: *id, org: *org, until: NOW + DAY });
			entry.proposals = listed.collect::<Vec<_>>().try_into().expect("few");
		})
	};
	broken(|| list(&[]), "proposals are not as listed");
	broken(|| list(&[(1, HOSPITAL), (2, HOSPITAL)]), "proposals are not as listed");
	broken(|| list(&[(2, HOSPITAL), (1, HOSPITAL)]), "proposals are out of order");
	broken(|| third(|consent| consent.status = ConsentStatus::Withdrawn), "proposals are not as listed");
	broken(|| third(|consent| consent.status = ConsentStatus::Rejected), "a rejected proposal is stored");
	broken(|| third(|consent| consent.guardianship = Some(0)), "a proposal has a guardian's authority");
	broken(|| third(|consent| consent.supersedes = Some(0)), "a proposal replaces a consent");
	let crowd = || {
		for id in 0..3 {
			Consents::<Test>::mutate(P1, id, |stored| {
				stored.as_mut().expect("three are stored").0.status = ConsentStatus::Proposed
			});
		}
		entry(|entry| entry.active = Default::default());
		list(&[(0, HOSPITAL), (1, HOSPITAL), (2, HOSPITAL)]);
	};
	broken(crowd, "too many proposals of an organisation");
}

#[test]
fn guardians_who_cannot_have_been_appointed() {
	let second = |change: fn(&mut Guardian)| entry(|entry| change(&mut entry.guardians[1]));
	broken(|| entry(|entry| entry.guardians.as_mut().swap(0, 1)), "guardians are out of order");
	broken(|| second(|guardian| guardian.account = BOB), "an account has two guardianships at a time");
	broken(|| second(|guardian| guardian.period.until = Some(NOW)), "a guardianship ends before it begins");
	for minor_until in [NOW + DAY - 1, NOW + DAY] {
		// One of them has no end, the other ends after a day.
		broken(move || entry(|entry| entry.minor_until = Some(minor_until)), "a guardianship outlives the minority");
	}
}

#[test]
fn emergencies_that_cannot_have_been() {
	let glass = |change: fn(&mut GlassOf<Test>)| {
		Glasses::<Test>::mutate(P1, CHEN, |glass| change(glass.as_mut().expect("it was opened")))
	};
	broken(|| glass(|glass| glass.opened = NOW + 1), "an emergency access is of the future");
	broken(|| glass(|glass| glass.until += 1), "an emergency access is open too long");
	broken(|| glass(|glass| glass.review_due += 1), "a review is due at a wrong time");
	broken(|| glass(|glass| glass.deposit.payer = ALICE), "another paid for an emergency access");
	let open = "an emergency access that was objected to or unjustified is open";
	broken(|| glass(|glass| glass.objection = Some(H256::zero())), open);
	broken(|| glass(|glass| glass.review = Some((Finding::Unjustified, H256::zero()))), open);
	let list = "a list differs from what awaits review";
	broken(|| glass(|glass| glass.review = Some((Finding::Justified, H256::zero()))), list);
	broken(|| AwaitingReview::<Test>::mutate(CHEN, |awaiting| awaiting[0].1 += 1), list);
	broken(
		|| AwaitingReview::<Test>::mutate(CHEN, |awaiting| *awaiting = Default::default()),
		"an empty list is stored",
	);
	broken(|| AwaitingReview::<Test>::remove(CHEN), "an emergency access awaits review on no list");
	broken(|| GlassRates::<Test>::remove(HOSPITAL), "emergency accesses of a day were not counted");
	let today = (NOW / DAY) as u32;
	broken(|| GlassRates::<Test>::insert(HOSPITAL, (today, 0)), "an emergency access was not counted");
}

#[test]
fn recoveries_that_cannot_be_under_way() {
	let recovery = |change: fn(&mut RecoveryOf<Test>)| {
		Recoveries::<Test>::mutate(P1, |recovery| change(recovery.as_mut().expect("P1 has friends")))
	};
	let threshold = "it takes more friends than there are, or none";
	broken(|| recovery(|recovery| recovery.friends[1] = recovery.friends[0].clone()), "friends are not distinct");
	broken(|| recovery(|recovery| recovery.threshold = 0), threshold);
	broken(|| recovery(|recovery| recovery.threshold = 4), threshold);
	broken(|| recovery(|recovery| recovery.delay = DAY - 1), "the patient cannot object in time");
	broken(|| recovery(|recovery| recovery.votes.truncate(2)), "votes are not as many as friends");
	broken(|| recovery(|recovery| recovery.votes[1] = Some(ALICE)), "a friend vouched for the controller");
	broken(|| recovery(|recovery| recovery.due = Some((ALICE_AGAIN, NOW))), "an account is due without enough friends");
	broken(|| recovery(|recovery| recovery.threshold = 1), "an account with enough friends is not due");
}
