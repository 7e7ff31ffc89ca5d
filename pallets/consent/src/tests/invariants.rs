//! Each invariant, broken: the check must see it.

use super::*;
use crate::{types::ActiveConsent, Cares, PatientOf};

type Stored = salus_primitives::consent::Consent;

/// Breaks a sound state that has two consents and a care relationship, and expects the check to say why.
fn broken(damage: impl FnOnce(), complaint: &'static str) {
	new_test_ext().execute_with(|| {
		register_p1();
		grant(treatment_by(CHEN));
		grant(opt_out());
		assert_ok!(open_care(HOSPITAL, CHEN, NOW + DAY));
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
	broken(|| Patients::<Test>::remove(P1), "a consent belongs to nobody");
	broken(
		|| {
			Patients::<Test>::remove(P1);
			let _ = Consents::<Test>::clear_prefix(P1, 9, None);
		},
		"a care relationship belongs to nobody",
	);
}

#[test]
fn counters_that_lag_behind() {
	broken(|| entry(|entry| entry.revision = 2), "a consent was given without a revision");
	broken(|| entry(|entry| entry.next_consent = 1), "a consent has a number that was not given");
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
