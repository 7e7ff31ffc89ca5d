//! Step 9 of the decision: what a custodian that requires agreements shares with other organisations.

use super::*;
use salus_primitives::{
	consent::{Membership, Sharing, Standing},
	ResourceTypeSet,
};

/// An agreement about everything, from now on.
fn everything() -> Sharing {
	Sharing {
		purposes: None,
		resource_types: None,
		obligations: ObligationSet::EMPTY,
		period: Period { from: NOW, until: None },
	}
}

/// P1 permits treatment by DIAZ of the clinic; the hospital shares under agreements only.
fn prepare() {
	register_p1();
	grant(treatment_by(DIAZ));
	admit(HOSPITAL, true);
}

fn share(sharing: Sharing) {
	agree(HOSPITAL, CLINIC, sharing);
}

#[test]
fn without_an_agreement_a_consent_does_not_suffice() {
	run(|| {
		prepare();
		let decision = read_by(DIAZ);
		assert_eq!((decision.effect, decision.reason), (Effect::Deny, Reason::NoAgreement));
		share(everything());
		let decision = read_by(DIAZ);
		assert_eq!((decision.reason, decision.consent), (Reason::Consent, Some(0)));
	});
}

#[test]
fn an_agreement_permits_nothing_by_itself() {
	run(|| {
		prepare();
		share(everything());
		assert_ok!(Consent::withdraw(signed(ALICE), P1, 0));
		assert_eq!(read_by(DIAZ).reason, Reason::NoConsent);
	});
}

#[test]
fn an_agreement_covers_what_it_names() {
	run(|| {
		prepare();
		let purposes = |purposes: &[Purpose]| Some(PurposeSet::of(purposes));
		let types = |types: &[ResourceType]| Some(ResourceTypeSet::of(types));
		for (sharing, covers) in [
			(Sharing { purposes: purposes(&[Purpose::Treat]), ..everything() }, true),
			(Sharing { purposes: purposes(&[Purpose::Hresch, Purpose::Treat]), ..everything() }, true),
			(Sharing { purposes: purposes(&[Purpose::Hresch]), ..everything() }, false),
			(Sharing { purposes: purposes(&[Purpose::Coc]), ..everything() }, false),
			(Sharing { resource_types: types(&[ResourceType::Observation]), ..everything() }, true),
			(Sharing { resource_types: types(&[ResourceType::Condition]), ..everything() }, false),
			(Sharing { period: Period { from: NOW + 1, until: None }, ..everything() }, false),
			(Sharing { period: Period { from: NOW - 1, until: Some(NOW) }, ..everything() }, false),
			(Sharing { period: Period { from: NOW, until: Some(NOW + 1) }, ..everything() }, true),
		] {
			hypothetically!({
				share(sharing.clone());
				let expected = if covers { Reason::Consent } else { Reason::NoAgreement };
				assert_eq!(read_by(DIAZ).reason, expected, "{sharing:?}");
			});
		}
	});
}

#[test]
fn the_obligations_of_the_agreements_are_added() {
	run(|| {
		prepare();
		let obliging = |obligation| Sharing { obligations: ObligationSet::of(&[obligation]), ..everything() };
		share(obliging(Obligation::Noreuse));
		share(obliging(Obligation::Encrypt));
		share(Sharing { purposes: Some(PurposeSet::of(&[Purpose::Hresch])), ..obliging(Obligation::Mask) });
		assert_eq!(read_by(DIAZ).obligations, ObligationSet::of(&[Obligation::Noreuse, Obligation::Encrypt]));
	});
}

#[test]
fn a_decision_is_valid_until_an_agreement_begins_or_ends() {
	run(|| {
		prepare();
		share(Sharing { period: Period { from: NOW + HOUR, until: Some(NOW + DAY) }, ..everything() });
		assert_eq!(read_by(DIAZ).valid_until, Some(NOW + HOUR));
		set_time(NOW + HOUR);
		let decision = read_by(DIAZ);
		assert_eq!((decision.reason, decision.valid_until), (Reason::Consent, Some(NOW + DAY)));
		set_time(NOW + DAY);
		assert_eq!(read_by(DIAZ).reason, Reason::NoAgreement);
	});
}

#[test]
fn an_agreement_with_another_or_the_other_way_round_covers_nothing() {
	run(|| {
		prepare();
		agree(CLINIC, HOSPITAL, everything());
		agree(HOSPITAL, INSTITUTE, everything());
		assert_eq!(read_by(DIAZ).reason, Reason::NoAgreement);
	});
}

#[test]
fn the_default_policy_is_bound_by_agreements_too() {
	run(|| {
		prepare();
		let policy = DefaultPolicy::NormalForTreatment;
		assert_ok!(Consent::set_policy(signed(ALICE), P1, policy, BreakGlass::Allowed));
		assert_ok!(Consent::withdraw(signed(ALICE), P1, 0));
		assert_ok!(open_care(CLINIC, DIAZ, NOW + DAY));
		assert_eq!(read_by(DIAZ).reason, Reason::NoAgreement);
		share(everything());
		assert_eq!(read_by(DIAZ).reason, Reason::DefaultPolicy);
	});
}

#[test]
fn patients_guardians_and_emergencies_need_no_agreement() {
	run(|| {
		prepare();
		appoint(guardian(BOB, GuardianScope::ReadOnly));
		assert_eq!((read_by(ALICE).reason, read_by(BOB).reason), (Reason::Patient, Reason::Guardian));
		let reason = EmergencyReason::EmergencyTreatment;
		assert_ok!(Consent::break_glass(signed(DIAZ), P1, reason, H256::zero()));
		let emergency = AccessQuery { purpose: Purpose::Btg, ..query(DIAZ) };
		assert_eq!(Consent::check_access(emergency).decision.reason, Reason::BreakGlass);
	});
}

#[test]
fn a_member_moves_and_the_agreements_of_the_new_organisation_count() {
	run(|| {
		prepare();
		share(everything());
		assert_eq!(read_by(DIAZ).reason, Reason::Consent);
		enlist(&DIAZ, INSTITUTE, &[MemberRole::Researcher]);
		assert_eq!(read_by(DIAZ).reason, Reason::NoAgreement);
		assert!(matches!(&Standings::get()[&DIAZ], Standing::Active(Membership { org: INSTITUTE, .. })));
	});
}
