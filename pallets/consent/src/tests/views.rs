//! Answers of the runtime API.

use super::*;
use salus_primitives::{
	consent::Finding,
	views::{PatientEvent, MAX_PAGE},
};

#[test]
fn a_patient_is_shown_as_stored() {
	run(|| {
		assert_eq!(Consent::patient_view(P1), None);
		register_p1();
		grant(treatment_by(CHEN));
		let view = Consent::patient_view(P1).expect("P1 is registered");
		assert_eq!((view.id, view.controller, view.revision), (P1, ALICE, 2));
		assert_eq!((view.break_glass, view.default_policy), (BreakGlass::Allowed, DefaultPolicy::Deny));
		assert_eq!((view.label_epoch, view.next_consent), (1, 1));
		assert_eq!((view.minor_until, view.guardians.len(), view.proposals.len()), (None, 0, 0));
	});
}

#[test]
fn care_is_shown_while_it_is_stored() {
	run(|| {
		register_p1();
		assert_eq!(Consent::care_view(P1, HOSPITAL), None);
		assert_ok!(open_care(HOSPITAL, CHEN, NOW + DAY));
		set_time(NOW + DAY);
		assert!(Consent::care_view(P1, HOSPITAL).is_some());
		assert_ok!(Consent::close_care(signed(ALICE), P1, HOSPITAL));
		assert_eq!(Consent::care_view(P1, HOSPITAL), None);
	});
}

/// The numbers of a page and where the next one begins.
fn page(cursor: Option<ConsentId>, limit: u32) -> (Vec<ConsentId>, Option<ConsentId>) {
	let page = Consent::consents_page(P1, cursor, limit);
	(page.items.iter().map(|item| item.id).collect(), page.next)
}

#[test]
fn consents_are_listed_latest_first_page_by_page() {
	run(|| {
		assert_eq!(page(None, 10), (vec![], None));
		register_p1();
		assert_eq!(page(None, 10), (vec![], None));
		for _ in 0..5 {
			grant(treatment_by(CHEN));
		}
		assert_eq!(page(None, 10), (vec![4, 3, 2, 1, 0], None));
		assert_eq!(page(None, 5), (vec![4, 3, 2, 1, 0], None));
		assert_eq!(page(None, 2), (vec![4, 3], Some(3)));
		assert_eq!(page(Some(3), 2), (vec![2, 1], Some(1)));
		assert_eq!(page(Some(1), 2), (vec![0], None));
		assert_eq!(page(Some(0), 2), (vec![], None));
		assert_eq!(page(Some(ConsentId::MAX), 1), (vec![4], Some(4)));
		assert_eq!(page(None, 0), (vec![4], Some(4)), "a page always gets on");
	});
}

#[test]
fn removed_consents_leave_no_trace_in_pages() {
	run(|| {
		register_p1();
		for id in 0..5 {
			grant(treatment_by(CHEN));
			if id != 3 {
				assert_ok!(Consent::withdraw(signed(ALICE), P1, id));
			}
		}
		for id in [0, 2, 4] {
			assert_ok!(Consent::remove_consent(signed(ALICE), P1, id));
		}
		assert_eq!(page(None, 1), (vec![3], Some(3)));
		assert_eq!(page(Some(3), 1), (vec![1], None), "there is nothing below");
	});
}

#[test]
fn a_page_holds_a_hundred_at_most_and_long_gaps_end_it_early() {
	run(|| {
		register_p1();
		for id in 0..120 {
			grant(treatment_by(CHEN));
			assert_ok!(Consent::withdraw(signed(ALICE), P1, id));
		}
		let (ids, next) = page(None, u32::MAX);
		assert_eq!((ids.len() as u32, next), (MAX_PAGE, Some(20)));
		Patients::<Test>::mutate(P1, |entry| {
			let entry = entry.as_mut().expect("P1 is registered");
			entry.next_consent = 5_000;
			entry.revision = 10_000;
		});
		let (mut cursor, mut found, mut pages) = (None, vec![], 0);
		loop {
			let (ids, next) = page(cursor, 100);
			found.extend(ids);
			pages += 1;
			match next {
				Some(next) => cursor = Some(next),
				None => break,
			}
		}
		assert_eq!((found, pages), ((0..120).rev().collect(), 6));
	});
}

#[test]
fn a_listed_consent_tells_whether_it_is_in_force() {
	run(|| {
		register_p1();
		grant(ConsentInput { start: Some(NOW + HOUR), end: Some(NOW + DAY), ..treatment_by(CHEN) });
		grant(treatment_by(CHEN));
		assert_ok!(Consent::withdraw(signed(ALICE), P1, 1));
		let in_force =
			|| Consent::consents_page(P1, None, 10).items.iter().map(|item| item.in_force).collect::<Vec<_>>();
		for (at, expected) in [(NOW, false), (NOW + HOUR, true), (NOW + DAY - 1, true), (NOW + DAY, false)] {
			set_time(at);
			assert_eq!(in_force(), [false, expected]);
		}
	});
}

#[test]
fn a_patients_guardians_and_open_proposals_are_shown() {
	run(|| {
		register_p1();
		let later = GuardianInput { from: Some(NOW + HOUR), ..guardian(BOB, GuardianScope::ReadOnly) };
		let number = appoint(GuardianInput { until: Some(NOW + DAY), ..later });
		assert_ok!(Consent::propose(signed(CHEN), P1, treatment_by(CHEN)));
		for (at, in_authority, open) in
			[(NOW, false, true), (NOW + HOUR, true, true), (NOW + DAY, false, true), (NOW + 30 * DAY, false, false)]
		{
			set_time(at);
			let view = Consent::patient_view(P1).expect("P1 is registered");
			let shown = &view.guardians[0];
			assert_eq!((shown.number, shown.account.clone(), shown.in_authority), (number, BOB, in_authority));
			assert_eq!(view.proposals, if open { vec![0] } else { vec![] });
		}
	});
}

#[test]
fn a_consent_of_an_ended_guardianship_is_not_in_force() {
	run(|| {
		register_p1();
		let number = appoint(guardian(BOB, GuardianScope::ConsentOnly));
		grant_by(BOB, P1, treatment_by(CHEN));
		let in_force = || Consent::consents_page(P1, None, 10).items[0].in_force;
		assert!(in_force());
		assert_ok!(Consent::end_guardian(signed(ALICE), P1, number));
		assert!(!in_force());
	});
}

#[test]
fn events_tell_the_patient_they_are_about() {
	let told = |event: Event<Test>| Consent::patient_event(&event);
	let (patient, consent, org, until) = (P1, 3, HOSPITAL, NOW);
	assert_eq!(
		told(Event::PatientRegistered { patient, controller: ALICE }),
		Some((P1, PatientEvent::Registered { controller: ALICE }))
	);
	let (default_policy, break_glass) = (DefaultPolicy::Deny, BreakGlass::Allowed);
	assert_eq!(
		told(Event::PolicyChanged { patient, default_policy, break_glass }),
		Some((P1, PatientEvent::PolicyChanged))
	);
	assert_eq!(told(Event::CareOpened { patient, org, until }), Some((P1, PatientEvent::CareOpened { org, until })));
	assert_eq!(told(Event::CareClosed { patient, org }), Some((P1, PatientEvent::CareClosed { org })));
	let supersedes = Some(2);
	assert_eq!(
		told(Event::ConsentGranted { patient, consent, supersedes }),
		Some((P1, PatientEvent::ConsentGranted { consent, supersedes }))
	);
	let status = ConsentStatus::Withdrawn;
	assert_eq!(
		told(Event::ConsentEnded { patient, consent, status }),
		Some((P1, PatientEvent::ConsentEnded { consent }))
	);
	assert_eq!(told(Event::ConsentRemoved { patient, consent }), None);
	let (number, actor, account) = (4, CHEN, BOB);
	assert_eq!(
		told(Event::GuardianAppointed { patient, number, account: BOB }),
		Some((P1, PatientEvent::GuardianAppointed { number, account: BOB }))
	);
	assert_eq!(told(Event::GuardianEnded { patient, number }), Some((P1, PatientEvent::GuardianEnded { number })));
	assert_eq!(
		told(Event::ConsentProposed { patient, consent, org }),
		Some((P1, PatientEvent::ConsentProposed { consent, org }))
	);
	let reason = EmergencyReason::ThirdPartySafety;
	assert_eq!(
		told(Event::GlassBroken { patient, actor: CHEN, org, reason, until }),
		Some((P1, PatientEvent::GlassBroken { actor: CHEN, org, reason, until }))
	);
	let finding = Finding::Unjustified;
	assert_eq!(
		told(Event::GlassReviewed { patient, actor: CHEN, finding }),
		Some((P1, PatientEvent::GlassReviewed { actor: CHEN, finding }))
	);
	assert_eq!(
		told(Event::GlassObjected { patient, actor: CHEN }),
		Some((P1, PatientEvent::GlassObjected { actor: CHEN }))
	);
	assert_eq!(told(Event::GlassRemoved { patient, actor }), None);
	assert_eq!(told(Event::FriendsChanged { patient }), Some((P1, PatientEvent::FriendsChanged)));
	let due = Some(until);
	assert_eq!(
		told(Event::RecoveryVouched { patient, account: BOB, due }),
		Some((P1, PatientEvent::RecoveryVouched { account: BOB, due }))
	);
	assert_eq!(told(Event::RecoveryStopped { patient }), Some((P1, PatientEvent::RecoveryStopped)));
	assert_eq!(
		told(Event::ControllerChanged { patient, controller: account }),
		Some((P1, PatientEvent::ControllerChanged { controller: BOB }))
	);
}
