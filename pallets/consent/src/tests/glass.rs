//! Emergency access: a clinician breaks the glass, the patient is told, the organisation reviews.

use super::*;
use crate::{
	types::{Awaiting, Glass, GLASS_PERIOD, GLASS_RETENTION, GLASS_REVIEW, MAX_AWAITING_REVIEW},
	AwaitingReview, GlassRates, Glasses,
};
use salus_primitives::consent::Finding::{self, Justified, Unjustified};

const REPORT: H256 = H256::repeat_byte(0x77);

fn try_break(who: AccountId, patient: PatientId) -> DispatchResult {
	Consent::break_glass(signed(who), patient, EmergencyReason::EmergencyTreatment, H256::repeat_byte(0x11))
}

fn break_glass(who: AccountId) {
	assert_ok!(try_break(who, P1));
}

fn review(who: AccountId, actor: AccountId, finding: Finding) -> DispatchResult {
	Consent::review_glass(signed(who), P1, actor, finding, REPORT)
}

fn object(who: AccountId, actor: AccountId) -> DispatchResult {
	Consent::object_to_glass(signed(who), P1, actor, H256::repeat_byte(0x22))
}

fn remove(who: AccountId, actor: AccountId) -> DispatchResult {
	Consent::remove_glass(signed(who), P1, actor)
}

/// The decision on reading P1's laboratory result in an emergency.
fn emergency(actor: AccountId) -> Decision {
	Consent::check_access(AccessQuery { purpose: Purpose::Btg, ..query(actor) }).decision
}

fn awaiting(actor: AccountId) -> Vec<Awaiting> {
	AwaitingReview::<Test>::get(actor).into_inner()
}

/// Registers a patient with its own pseudonym, one for each number.
fn patient(number: u8) -> PatientId {
	let patient = PatientId([number; 32]);
	let registered = Consent::register_patient(signed(BOB), patient, DefaultPolicy::Deny, BreakGlass::Allowed);
	assert_ok!(registered);
	patient
}

#[test]
fn a_clinician_reads_in_an_emergency_what_nobody_permitted() {
	run(|| {
		register_p1();
		assert_eq!(emergency(CHEN).reason, Reason::NoBreakGlass);
		break_glass(CHEN);
		let decision = emergency(CHEN);
		assert_eq!((decision.effect, decision.reason), (Effect::Permit, Reason::BreakGlass));
		assert_eq!(decision.obligations, ObligationSet::of(&[Obligation::Aod]));
		assert_eq!(decision.valid_until, Some(NOW + GLASS_PERIOD));
		assert_eq!(read_by(CHEN).reason, Reason::NoConsent, "for that purpose only");
		for other in [EMIN, DIAZ, STRANGER] {
			assert_eq!(emergency(other).reason, Reason::NoBreakGlass, "for that clinician only");
		}
	});
}

#[test]
fn the_patients_denial_does_not_stop_an_emergency_but_the_policy_does() {
	run(|| {
		register_p1();
		grant(opt_out());
		break_glass(CHEN);
		assert_eq!(emergency(CHEN).reason, Reason::BreakGlass);
		assert_ok!(Consent::set_policy(signed(ALICE), P1, DefaultPolicy::Deny, BreakGlass::Forbidden));
		assert_eq!(emergency(CHEN).reason, Reason::NoBreakGlass);
		assert_noop!(try_break(EMIN, P1), Error::<Test>::Forbidden);
	});
}

#[test]
fn breaking_the_glass_is_noticed_and_paid_for() {
	run(|| {
		register_p1();
		break_glass(CHEN);
		let (reason, until) = (EmergencyReason::EmergencyTreatment, NOW + 4 * HOUR);
		assert_last_events(vec![Event::GlassBroken { patient: P1, actor: CHEN, org: HOSPITAL, reason, until }]);
		let size = <(Glass<<Test as crate::Config>::Consideration>, Awaiting)>::max_encoded_len() as u128;
		assert_eq!((held(&CHEN), revision(P1)), (DEPOSIT_BASE + size, 2));
		assert_eq!(awaiting(CHEN), [(P1, NOW + 72 * HOUR)]);
	});
}

#[test]
fn an_emergency_is_over_after_four_hours() {
	run(|| {
		register_p1();
		break_glass(CHEN);
		set_time(NOW + 4 * HOUR - 1);
		assert_eq!(emergency(CHEN).reason, Reason::BreakGlass);
		assert_noop!(try_break(CHEN, P1), Error::<Test>::AlreadyOpen);
		set_time(NOW + 4 * HOUR);
		assert_eq!(emergency(CHEN).reason, Reason::NoBreakGlass);
	});
}

#[test]
fn only_a_clinician_in_standing_at_a_provider_breaks_the_glass() {
	run(|| {
		register_p1();
		let doctor = AccountId::new([77; 32]);
		enlist(&doctor, INSTITUTE, &[MemberRole::Clinician]);
		suspend(&DIAZ);
		for who in [QUINN, RAMOS, STRANGER, ADMIN, ALICE, doctor, DIAZ] {
			assert_noop!(try_break(who, P1), Error::<Test>::NotAuthorized);
		}
		assert_noop!(try_break(CHEN, NOBODY), Error::<Test>::PatientNotFound);
	});
}

#[test]
fn a_clinician_suspended_meanwhile_reads_nothing() {
	run(|| {
		register_p1();
		break_glass(CHEN);
		suspend(&CHEN);
		assert_eq!(emergency(CHEN).reason, Reason::NotInStanding);
	});
}

#[test]
fn a_clinician_who_cannot_pay_breaks_nothing() {
	run(|| {
		register_p1();
		enlist(&PAUPER, HOSPITAL, &[MemberRole::Clinician]);
		assert_noop!(try_break(PAUPER, P1), sp_runtime::TokenError::FundsUnavailable);
	});
}

#[test]
fn a_second_emergency_waits_for_the_review_of_the_first() {
	run(|| {
		register_p1();
		break_glass(CHEN);
		set_time(NOW + GLASS_PERIOD);
		assert_noop!(try_break(CHEN, P1), Error::<Test>::Unreviewed);
		assert_ok!(review(QUINN, CHEN, Justified));
		let before = held(&CHEN);
		break_glass(CHEN);
		assert_eq!(held(&CHEN), before, "it replaces the first");
		assert_eq!(emergency(CHEN).reason, Reason::BreakGlass);
		let view = &Consent::glasses_page(P1, None, 10).items[0];
		assert_eq!((view.opened, view.review, view.objection), (NOW + GLASS_PERIOD, None, None));
	});
}

/// Misuse: break-glass spam, after a review is overdue.
#[test]
fn an_overdue_review_blocks_every_other_emergency_of_that_member() {
	run(|| {
		register_p1();
		register_p2();
		let third = patient(3);
		break_glass(CHEN);
		set_time(NOW + GLASS_REVIEW - 1);
		hypothetically_ok!(try_break(CHEN, P2));
		set_time(NOW + GLASS_REVIEW);
		assert_noop!(try_break(CHEN, P2), Error::<Test>::Unreviewed);
		assert_ok!(try_break(EMIN, P2));
		assert_ok!(review(QUINN, CHEN, Justified));
		assert_ok!(try_break(CHEN, third));
	});
}

/// Misuse: break-glass spam, by one member.
#[test]
fn eight_emergencies_of_one_member_await_review_at_most() {
	run(|| {
		register_p1();
		break_glass(CHEN);
		for number in 1..MAX_AWAITING_REVIEW as u8 {
			assert_ok!(try_break(CHEN, patient(number)));
		}
		let last = patient(99);
		assert_noop!(try_break(CHEN, last), Error::<Test>::Unreviewed);
		assert_ok!(review(QUINN, CHEN, Justified));
		assert_ok!(try_break(CHEN, last));
	});
}

/// Misuse: break-glass spam, by all members of one organisation.
#[test]
fn an_organisation_opens_so_many_in_a_day() {
	run(|| {
		register_p1();
		GlassesPerDay::set(&2);
		assert_eq!(NOW % DAY, 8 * HOUR);
		let (second, third) = (patient(2), patient(3));
		break_glass(CHEN);
		assert_ok!(try_break(EMIN, second));
		assert_eq!(GlassRates::<Test>::get(HOSPITAL), ((NOW / DAY) as u32, 2));
		assert_noop!(try_break(EMIN, third), Error::<Test>::TooManyGlasses);
		assert_ok!(try_break(DIAZ, third));
		// A review makes no room; the next day (UTC) does.
		assert_ok!(review(QUINN, CHEN, Justified));
		set_time(NOW + 16 * HOUR - 1);
		assert_noop!(try_break(EMIN, third), Error::<Test>::TooManyGlasses);
		set_time(NOW + 16 * HOUR);
		assert_ok!(try_break(EMIN, third));
		assert_eq!(GlassRates::<Test>::get(HOSPITAL), ((NOW / DAY) as u32 + 1, 1));
	});
}

#[test]
fn a_reviewer_or_an_administrator_of_the_organisation_reviews() {
	run(|| {
		register_p1();
		break_glass(CHEN);
		let elsewhere = AccountId::new([78; 32]);
		enlist(&elsewhere, CLINIC, &[MemberRole::Quality]);
		for who in [EMIN, DIAZ, elsewhere, CLINIC_ADMIN, ALICE, STRANGER] {
			assert_noop!(review(who, CHEN, Justified), Error::<Test>::NotAuthorized);
		}
		for who in [QUINN, ADMIN] {
			hypothetically!({
				assert_ok!(review(who, CHEN, Justified));
				assert_last_events(vec![Event::GlassReviewed { patient: P1, actor: CHEN, finding: Justified }]);
				assert_eq!(awaiting(CHEN), []);
				assert_eq!(emergency(CHEN).reason, Reason::BreakGlass, "it stays open");
			});
		}
		suspend(&QUINN);
		assert_noop!(review(QUINN, CHEN, Justified), Error::<Test>::NotAuthorized);
		assert_noop!(review(ADMIN, EMIN, Justified), Error::<Test>::GlassNotFound);
		assert_noop!(
			Consent::review_glass(signed(ADMIN), NOBODY, CHEN, Justified, REPORT),
			Error::<Test>::PatientNotFound
		);
	});
}

#[test]
fn nobody_reviews_their_own_emergency() {
	run(|| {
		register_p1();
		enlist(&CHEN, HOSPITAL, &[MemberRole::Clinician, MemberRole::Quality]);
		administer(HOSPITAL, &CHEN);
		break_glass(CHEN);
		assert_noop!(review(CHEN, CHEN, Justified), Error::<Test>::SelfReview);
	});
}

#[test]
fn a_review_is_made_once_and_may_be_late() {
	run(|| {
		register_p1();
		break_glass(CHEN);
		set_time(NOW + GLASS_REVIEW + 9 * DAY);
		assert_ok!(review(QUINN, CHEN, Unjustified));
		for finding in [Justified, Unjustified] {
			assert_noop!(review(ADMIN, CHEN, finding), Error::<Test>::AlreadyReviewed);
		}
		let view = &Consent::glasses_page(P1, None, 10).items[0];
		assert_eq!((view.review, view.until), (Some((Unjustified, REPORT)), NOW + GLASS_PERIOD));
		break_glass(CHEN);
	});
}

#[test]
fn an_emergency_found_unjustified_closes_at_once() {
	run(|| {
		register_p1();
		break_glass(CHEN);
		set_time(NOW + HOUR);
		assert_ok!(review(QUINN, CHEN, Unjustified));
		assert_eq!(emergency(CHEN).reason, Reason::NoBreakGlass);
		assert_eq!(Glasses::<Test>::get(P1, CHEN).expect("it is stored").until, NOW + HOUR);
	});
}

#[test]
fn the_patient_objects_and_the_emergency_is_over() {
	run(|| {
		register_p1();
		break_glass(CHEN);
		set_time(NOW + HOUR);
		assert_ok!(object(ALICE, CHEN));
		assert_last_events(vec![Event::GlassObjected { patient: P1, actor: CHEN }]);
		assert_eq!((emergency(CHEN).reason, awaiting(CHEN)), (Reason::NoBreakGlass, vec![]));
		assert_noop!(object(ALICE, CHEN), Error::<Test>::AlreadyObjected);
		assert_noop!(object(ALICE, EMIN), Error::<Test>::GlassNotFound);
		let view = &Consent::glasses_page(P1, None, 10).items[0];
		assert_eq!((view.objection, view.until), (Some(H256::repeat_byte(0x22)), NOW + HOUR));
	});
}

#[test]
fn who_was_objected_to_is_shut_out_until_a_review_finds_for_them() {
	run(|| {
		register_p1();
		register_p2();
		break_glass(CHEN);
		assert_ok!(object(ALICE, CHEN));
		assert_noop!(try_break(CHEN, P1), Error::<Test>::Objected);
		hypothetically_ok!(try_break(CHEN, P2));
		hypothetically_ok!(try_break(EMIN, P1));
		set_time(NOW + GLASS_REVIEW);
		// The objection is on record: the review that is missing blocks this patient's records only.
		hypothetically_ok!(try_break(CHEN, P2));
		hypothetically!({
			assert_ok!(review(QUINN, CHEN, Unjustified));
			assert_noop!(try_break(CHEN, P1), Error::<Test>::Objected);
		});
		assert_ok!(review(QUINN, CHEN, Justified));
		assert_ok!(try_break(CHEN, P1));
	});
}

#[test]
fn the_patient_may_object_after_a_review() {
	run(|| {
		register_p1();
		break_glass(CHEN);
		assert_ok!(review(QUINN, CHEN, Justified));
		assert_ok!(object(ALICE, CHEN));
		assert_eq!(emergency(CHEN).reason, Reason::NoBreakGlass);
	});
}

#[test]
fn the_patient_and_a_full_guardian_object_and_nobody_else() {
	run(|| {
		register_p1();
		register_p3();
		break_glass(CHEN);
		appoint(guardian(BOB, GuardianScope::Full));
		appoint(guardian(STRANGER, GuardianScope::ConsentOnly));
		for who in [STRANGER, CHEN, QUINN, ADMIN, MALLORY, MOTHER] {
			assert_noop!(object(who, CHEN), Error::<Test>::NotAuthorized);
		}
		assert_ok!(object(BOB, CHEN));
		assert_ok!(try_break(CHEN, P3));
		let of_child = |who| Consent::object_to_glass(signed(who), P3, CHEN, H256::zero());
		assert_noop!(of_child(CHILD), Error::<Test>::NotAuthorized);
		assert_ok!(of_child(MOTHER));
		assert_noop!(
			Consent::object_to_glass(signed(ALICE), NOBODY, CHEN, H256::zero()),
			Error::<Test>::PatientNotFound
		);
	});
}

#[test]
fn an_emergency_stays_on_record_for_a_year_after_it() {
	run(|| {
		register_p1();
		break_glass(CHEN);
		assert_noop!(remove(CHEN, CHEN), Error::<Test>::Unreviewed);
		assert_ok!(review(QUINN, CHEN, Justified));
		set_time(NOW + GLASS_RETENTION - 1);
		assert_noop!(remove(CHEN, CHEN), Error::<Test>::StillRetained);
		set_time(NOW + GLASS_RETENTION);
		for who in [ALICE, QUINN, ADMIN, EMIN] {
			assert_noop!(remove(who, CHEN), Error::<Test>::NotAuthorized);
		}
		assert_ok!(remove(CHEN, CHEN));
		assert_last_events(vec![Event::GlassRemoved { patient: P1, actor: CHEN }]);
		assert_eq!((held(&CHEN), Consent::glasses_page(P1, None, 10).items.len()), (0, 0));
		assert_noop!(remove(CHEN, CHEN), Error::<Test>::GlassNotFound);
		assert_noop!(Consent::remove_glass(signed(CHEN), NOBODY, CHEN), Error::<Test>::PatientNotFound);
	});
}

#[test]
fn an_unreviewed_emergency_is_never_removed_however_old() {
	run(|| {
		register_p1();
		break_glass(CHEN);
		assert_ok!(object(ALICE, CHEN));
		set_time(NOW + 9 * GLASS_RETENTION);
		assert_noop!(remove(CHEN, CHEN), Error::<Test>::Unreviewed);
		assert_ok!(review(QUINN, CHEN, Unjustified));
		assert_ok!(remove(CHEN, CHEN));
	});
}

#[test]
fn emergencies_are_listed_page_by_page() {
	run(|| {
		register_p1();
		for who in [CHEN, EMIN, DIAZ] {
			break_glass(who);
		}
		let mut all: Vec<AccountId> =
			Consent::glasses_page(P1, None, 10).items.into_iter().map(|item| item.actor).collect();
		let (mut found, mut cursor, mut pages) = (vec![], None, 0);
		loop {
			let page = Consent::glasses_page(P1, cursor, 1);
			assert!(page.items.len() <= 1);
			found.extend(page.items.into_iter().map(|item| item.actor));
			pages += 1;
			cursor = page.next;
			if cursor.is_none() {
				break;
			}
		}
		assert_eq!((&found, pages), (&all, 3));
		all.sort();
		assert_eq!(all, [CHEN, DIAZ, EMIN]);
		assert_eq!(Consent::glasses_page(P2, None, 10).items.len(), 0);
		let view = &Consent::glasses_page(P1, None, 10).items[0];
		assert_eq!((view.reason, view.justification), (EmergencyReason::EmergencyTreatment, H256::repeat_byte(0x11)));
		assert_eq!((view.opened, view.until, view.review_due), (NOW, NOW + GLASS_PERIOD, NOW + GLASS_REVIEW));
	});
}
