//! Care plan rules: who sets and ends them, whom they may alert, and what silences them.

use super::*;
use salus_primitives::{
	care::{Recipient, MAX_ALERTS_PER_DAY, MAX_CARE_RULES},
	consent::GuardianScope,
	views::PatientEvent,
};

pub const UNTIL: Moment = NOW + 100 * DAY;

pub fn rule(tell: Recipient) -> CareRuleInput {
	CareRuleInput { commitment: H256::repeat_byte(7), evaluator: CLINIC, tell, until: UNTIL }
}

pub fn alert(seq: u64) -> CareAlert {
	CareAlert { stream: sid(ADA, 1), seq, clinician: CLINICIAN, commitment: H256::repeat_byte(8) }
}

fn set(who: &AccountId, input: CareRuleInput) -> DispatchResult {
	HealthRecords::set_care_rule(signed(who), ADA, input)
}

fn raise(who: &AccountId, alert: CareAlert) -> DispatchResult {
	HealthRecords::raise_care_alert(signed(who), ADA, 0, alert)
}

fn end(who: &AccountId) -> DispatchResult {
	HealthRecords::end_care_rule(signed(who), ADA, 0)
}

/// A stream with two batches, a rule that tells the clinician, and the clinician's permit.
pub fn arrange() {
	assert_ok!(HealthRecords::open_stream(signed(&PATIENT), ADA, streams::input(1)));
	let batches = BoundedVec::truncate_from(vec![streams::batch(NOW - DAY, NOW - DAY), streams::batch(NOW, NOW)]);
	assert_ok!(HealthRecords::append_stream(signed(&PATIENT), ADA, sid(ADA, 1), batches));
	assert_ok!(set(&PATIENT, rule(Recipient::Account(CLINICIAN))));
	permit_access(ADA, &CLINICIAN);
}

#[test]
fn a_patient_lets_the_clinic_alert_a_clinician() {
	test(|| {
		let before = held(&PATIENT);
		arrange();
		let price = price(HealthRecords::care_rule_footprint());
		assert_eq!(held(&PATIENT) - before, price + self::price(HealthRecords::stream_footprint()));
		assert_eq!(last_event(), Event::CareRuleSet { patient: ADA, rule: 0 });
		let view = HealthRecords::care_rule_view(&ADA, 0).expect("the rule stands");
		assert_eq!((view.evaluator, view.until, view.in_force), (CLINIC, UNTIL, true));
		assert_eq!((view.tell, view.alerts_left), (Recipient::Account(CLINICIAN), MAX_ALERTS_PER_DAY));

		assert_ok!(raise(&GATEWAY, alert(1)));
		let event = last_event();
		assert_eq!(event, Event::CareAlertRaised { patient: ADA, rule: 0, org: CLINIC, alert: alert(1) });
		let told = HealthRecords::care_alert(&event).expect("it is an alert");
		assert_eq!((told.patient, told.rule, told.org, told.alert), (ADA, 0, CLINIC, alert(1)));
		assert_eq!(HealthRecords::care_rule_views(&ADA)[0].alerts_left, MAX_ALERTS_PER_DAY - 1);
		// Neither rule nor alert changes what decisions are made from.
		assert_eq!(revision(ADA), 0);
	});
}

#[test]
fn the_patients_subscribers_hear_of_rules_and_alerts_and_clinicians_of_alerts_alone() {
	test(|| {
		arrange();
		assert_ok!(raise(&GATEWAY, alert(0)));
		assert_ok!(end(&PATIENT));
		let told: Vec<_> = events()
			.iter()
			.filter_map(HealthRecords::patient_event)
			.map(|(of, event)| {
				assert_eq!(of, ADA);
				event
			})
			.collect();
		let CareAlert { stream, seq, clinician, .. } = alert(0);
		assert_eq!(
			told[told.len() - 3..],
			[
				PatientEvent::CareRuleSet { rule: 0 },
				PatientEvent::CareAlertRaised { rule: 0, stream, seq, clinician },
				PatientEvent::CareRuleEnded { rule: 0 },
			]
		);
		assert_eq!(events().iter().filter_map(HealthRecords::care_alert).count(), 1);
	});
}

#[test]
fn a_withdrawn_consent_silences_the_alert() {
	test(|| {
		arrange();
		assert_ok!(raise(&GATEWAY, alert(0)));
		forbid_access(ADA, &CLINICIAN);
		assert_noop!(raise(&GATEWAY, alert(1)), Refusal::Silenced);
		// A silenced alert does not count.
		permit_access(ADA, &CLINICIAN);
		assert_ok!(raise(&GATEWAY, alert(1)));
		assert_eq!(HealthRecords::care_rule_views(&ADA)[0].alerts_left, MAX_ALERTS_PER_DAY - 2);
	});
}

#[test]
fn a_rule_alone_opens_nothing() {
	test(|| {
		arrange();
		let colleague = CareAlert { clinician: HOSPITAL_GATEWAY, ..alert(0) };
		assert_noop!(raise(&GATEWAY, colleague.clone()), Refusal::NotRecipient);
		assert_ok!(set(&PATIENT, rule(Recipient::Org(HOSPITAL))));
		let raise = |alert| HealthRecords::raise_care_alert(signed(&GATEWAY), ADA, 1, alert);
		assert_noop!(raise(colleague.clone()), Refusal::Silenced);
		permit_access(ADA, &HOSPITAL_GATEWAY);
		assert_ok!(raise(colleague.clone()));
		// Who left the organisation is not told for it, whatever consents say.
		suspend(&HOSPITAL_GATEWAY);
		assert_noop!(raise(colleague), Refusal::NotRecipient);
		assert_noop!(raise(alert(0)), Refusal::NotRecipient);
	});
}

#[test]
fn only_the_evaluating_organisations_gateway_alerts() {
	test(|| {
		arrange();
		for who in [PATIENT, CLINICIAN, HOSPITAL_GATEWAY, CARRIER_GATEWAY, STRANGER, RETIRED] {
			assert_noop!(raise(&who, alert(0)), Refusal::NotAuthorized);
		}
		suspend(&GATEWAY);
		assert_noop!(raise(&GATEWAY, alert(0)), Refusal::NotAuthorized);
	});
}

#[test]
fn an_alert_is_about_a_batch_of_the_patients_streams() {
	test(|| {
		arrange();
		assert_noop!(raise(&GATEWAY, alert(2)), Refusal::UnknownBatch);
		assert_noop!(raise(&GATEWAY, alert(u64::MAX)), Refusal::UnknownBatch);
		assert_noop!(raise(&GATEWAY, CareAlert { stream: sid(BEN, 1), ..alert(0) }), Refusal::NotFound);
		assert_noop!(HealthRecords::raise_care_alert(signed(&GATEWAY), BEN, 0, alert(0)), Refusal::UnknownRule);
		assert_noop!(HealthRecords::raise_care_alert(signed(&GATEWAY), ADA, 1, alert(0)), Refusal::UnknownRule);
	});
}

#[test]
fn a_rule_causes_so_many_alerts_a_day() {
	test(|| {
		arrange();
		for _ in 0..MAX_ALERTS_PER_DAY {
			assert_ok!(raise(&GATEWAY, alert(0)));
		}
		assert_noop!(raise(&GATEWAY, alert(1)), Refusal::TooManyAlerts);
		assert_eq!(HealthRecords::care_rule_views(&ADA)[0].alerts_left, 0);
		// Another rule has alerts of its own.
		assert_ok!(set(&PATIENT, rule(Recipient::Account(CLINICIAN))));
		assert_ok!(HealthRecords::raise_care_alert(signed(&GATEWAY), ADA, 1, alert(1)));
		set_now((NOW / DAY + 1) * DAY);
		assert_eq!(HealthRecords::care_rule_views(&ADA)[0].alerts_left, MAX_ALERTS_PER_DAY);
		assert_ok!(raise(&GATEWAY, alert(1)));
	});
}

#[test]
fn an_ended_rule_alerts_nobody_and_pays_back() {
	test(|| {
		arrange();
		let before = held(&PATIENT);
		for who in [GATEWAY, CLINICIAN, STRANGER, PROXY, READER] {
			assert_noop!(end(&who), Refusal::NotAuthorized);
		}
		assert_ok!(end(&GUARDIAN));
		assert_eq!(last_event(), Event::CareRuleEnded { patient: ADA, rule: 0 });
		assert_eq!(before - held(&PATIENT), price(HealthRecords::care_rule_footprint()));
		assert_noop!(raise(&GATEWAY, alert(0)), Refusal::UnknownRule);
		assert_noop!(end(&PATIENT), Refusal::UnknownRule);
		assert_eq!(HealthRecords::care_rule_view(&ADA, 0), None);
		// Numbers are not used again.
		assert_ok!(set(&PATIENT, rule(Recipient::Account(CLINICIAN))));
		assert_eq!(last_event(), Event::CareRuleSet { patient: ADA, rule: 1 });
	});
}

#[test]
fn a_rule_ends_with_its_time() {
	test(|| {
		arrange();
		set_now(UNTIL - 1);
		assert_ok!(raise(&GATEWAY, alert(0)));
		set_now(UNTIL);
		assert_noop!(raise(&GATEWAY, alert(0)), Refusal::RuleEnded);
		assert!(!HealthRecords::care_rule_views(&ADA)[0].in_force);
		for until in [0, UNTIL] {
			let over = CareRuleInput { until, ..rule(Recipient::Account(CLINICIAN)) };
			assert_noop!(set(&PATIENT, over), Refusal::RuleEnded);
		}
		let endless = CareRuleInput { until: u64::MAX, ..rule(Recipient::Account(CLINICIAN)) };
		assert_ok!(set(&PATIENT, endless));
	});
}

#[test]
fn the_sixteenth_rule_fits_and_what_is_over_makes_place() {
	test(|| {
		let short = CareRuleInput { until: NOW + 1, ..rule(Recipient::Account(CLINICIAN)) };
		assert_ok!(set(&GUARDIAN, short));
		let of_guardian = held(&GUARDIAN);
		for _ in 1..MAX_CARE_RULES {
			assert_ok!(set(&PATIENT, rule(Recipient::Org(CLINIC))));
		}
		assert_noop!(set(&PATIENT, rule(Recipient::Org(CLINIC))), Refusal::TooManyRules);
		set_now(NOW + 1);
		assert_ok!(set(&PATIENT, rule(Recipient::Org(CLINIC))));
		assert_eq!((of_guardian > 0, held(&GUARDIAN)), (true, 0));
		let numbers: Vec<_> = HealthRecords::care_rule_views(&ADA).iter().map(|rule| rule.id).collect();
		assert_eq!(numbers, (1..=MAX_CARE_RULES).collect::<Vec<_>>());
	});
}

#[test]
fn who_may_not_do_everything_sets_no_rule() {
	test(|| {
		set_guardian(ADA, &STRANGER, GuardianScope::ConsentOnly, 0, None);
		for who in [PROXY, READER, STRANGER, GATEWAY, OTHER_PATIENT] {
			assert_noop!(set(&who, rule(Recipient::Account(CLINICIAN))), Refusal::NotAuthorized);
		}
		let unknown = HealthRecords::set_care_rule(signed(&PATIENT), NOBODY, rule(Recipient::Org(CLINIC)));
		assert_noop!(unknown, Refusal::UnknownPatient);
		let unknown = HealthRecords::end_care_rule(signed(&PATIENT), NOBODY, 0);
		assert_noop!(unknown, Refusal::UnknownPatient);
		assert_ok!(set(&GUARDIAN, rule(Recipient::Account(CLINICIAN))));
	});
}

#[test]
fn who_evaluates_is_accredited_to_keep_records() {
	test(|| {
		for evaluator in [CARRIER, CLOSED, 99] {
			let wrong = CareRuleInput { evaluator, ..rule(Recipient::Account(CLINICIAN)) };
			assert_noop!(set(&PATIENT, wrong), Refusal::NotAccredited);
		}
		assert_ok!(set(&PATIENT, CareRuleInput { evaluator: PHARMACY, ..rule(Recipient::Org(CLINIC)) }));
	});
}

#[test]
fn a_rule_without_deposit_is_not_set() {
	test(|| {
		set_controller(BEN, &PENNILESS);
		let refused = HealthRecords::set_care_rule(signed(&PENNILESS), BEN, rule(Recipient::Org(CLINIC)));
		assert!(refused.is_err());
		assert_eq!(CarePlans::<Test>::get(BEN), Default::default());
	});
}

#[test]
fn a_batch_that_was_given_leaves_a_receipt_under_the_streams_identifier() {
	test(|| {
		arrange();
		let given = |version| Receipt { record: RecordId(sid(ADA, 1).0), version, ..receipt(0, version as u8) };
		let log = |who: &AccountId, version| HealthRecords::log_access(signed(who), ADA, given(version));
		for version in [1, 2] {
			assert_ok!(log(&GATEWAY, version));
		}
		assert_noop!(log(&GATEWAY, 0), Refusal::UnknownVersion);
		assert_noop!(log(&GATEWAY, 3), Refusal::UnknownVersion);
		assert_noop!(log(&CARRIER_GATEWAY, 1), Refusal::NotAuthorized);
		assert_ok!(HealthRecords::open_stream(signed(&CLINICIAN), ADA, streams::input(2)));
		let batches = BoundedVec::truncate_from(vec![streams::batch(NOW, NOW)]);
		assert_ok!(HealthRecords::append_stream(signed(&CLINICIAN), ADA, sid(ADA, 2), batches));
		let of_clinic = Receipt { record: RecordId(sid(ADA, 2).0), ..receipt(0, 9) };
		let log = |who: &AccountId| HealthRecords::log_access(signed(who), ADA, of_clinic.clone());
		assert_noop!(log(&HOSPITAL_GATEWAY), Refusal::NotAuthorized);
		assert_ok!(log(&GATEWAY));
	});
}
