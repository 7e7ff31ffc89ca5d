//! The numbered steps of the decision, in their order.

use super::*;

const ALL_STATUS: [ConsentStatus; 7] = [
	ConsentStatus::Proposed,
	ConsentStatus::Active,
	ConsentStatus::Rejected,
	ConsentStatus::Withdrawn,
	ConsentStatus::Revoked,
	ConsentStatus::Superseded,
	ConsentStatus::EnteredInError,
];

/// A case in which everything would permit: consent, guardian, glass, default policy.
fn generous() -> Case {
	Case::new().consent(consent(Effect::Permit, any(), [permit(any())])).with(|case| {
		case.facts.break_glass = BreakGlass::Allowed;
		case.facts.glass = Some(NOW + 1);
		case.facts.guardian = Some((GuardianScope::Full, period(0, None)));
		case.facts.default_policy = DefaultPolicy::NormalForTreatment;
		case.facts.care = Some(NOW + 1);
	})
}

#[test]
fn step_0_who_is_not_in_standing_is_refused_before_anything_else() {
	let inactive = generous().with(|case| {
		case.facts.standing = Standing::Inactive;
		case.facts.is_patient = true;
		case.facts.status = RecordStatus::Shredded;
	});
	inactive.denies(Reason::NotInStanding);
	inactive.clone().with(|case| case.request.purpose = Purpose::Btg).denies(Reason::NotInStanding);
}

#[test]
fn step_0_a_membership_that_has_ended_is_not_standing() {
	let ends = |until| {
		generous().with(|case| {
			let Standing::Active(member) = &mut case.facts.standing else { unreachable!() };
			member.until = Some(until);
		})
	};
	ends(NOW).denies(Reason::NotInStanding);
	ends(0).denies(Reason::NotInStanding);
	assert!(ends(NOW + 1).decide().is_permit());
	assert!(ends(Moment::MAX).decide().is_permit());
}

#[test]
fn step_0_someone_who_never_was_a_member_matches_by_account_only() {
	let stranger = |named: ActorRef| {
		Case::new()
			.rules([permit(Conditions { actors: bounded([named]), ..any() })])
			.with(|case| case.facts.standing = Standing::Never)
	};
	stranger(ActorRef::Account(account(1))).is(Effect::Permit, Reason::Consent, Some(10), Some(0));
	stranger(ActorRef::Org(HOSPITAL)).denies(Reason::NoConsent);
	stranger(ActorRef::Role(MemberRole::Clinician)).denies(Reason::NoConsent);
}

#[test]
fn step_1_a_record_that_is_gone_is_refused_to_everyone() {
	for (status, reason) in
		[(RecordStatus::Shredded, Reason::Shredded), (RecordStatus::EnteredInError, Reason::EnteredInError)]
	{
		for is_patient in [true, false] {
			let case = generous().with(|case| {
				case.facts.status = status;
				case.facts.is_patient = is_patient;
			});
			case.denies(reason);
			case.with(|case| case.request.purpose = Purpose::Btg).denies(reason);
		}
	}
}

#[test]
fn step_1_the_patient_reads_uses_and_discloses_their_own_record() {
	let opted_out = Case::new().consent(consent(Effect::Deny, any(), [])).with(|case| {
		case.facts.is_patient = true;
		case.facts.agreement_required = true;
	});
	for status in [RecordStatus::Active, RecordStatus::Amended, RecordStatus::Restricted] {
		for standing in [Standing::Never, clinician_of(HOSPITAL)] {
			for action in Action::ALL.iter().copied() {
				let case = opted_out.clone().with(|case| {
					case.facts.status = status;
					case.facts.standing = standing.clone();
					case.request.action = action;
				});
				match action {
					Action::Access | Action::Use | Action::Disclose => {
						assert!(case.permits(Reason::Patient).obligations.is_empty())
					}
					Action::Collect | Action::Correct if status == RecordStatus::Restricted => {
						case.denies(Reason::Restricted);
					}
					Action::Collect | Action::Correct => {
						case.is(Effect::Deny, Reason::Denied, Some(10), None);
					}
				}
			}
		}
	}
}

#[test]
fn step_1_a_restricted_record_is_refused_to_everyone_else() {
	let restricted = generous().with(|case| case.facts.status = RecordStatus::Restricted);
	restricted.denies(Reason::Restricted);
	restricted.with(|case| case.request.purpose = Purpose::Btg).denies(Reason::Restricted);
	assert!(generous().with(|case| case.facts.status = RecordStatus::Amended).decide().is_permit());
}

#[test]
fn step_2_an_open_glass_of_a_clinician_of_a_provider_permits_with_audit() {
	let emergency = generous().with(|case| case.request.purpose = Purpose::Btg);
	assert_eq!(emergency.permits(Reason::BreakGlass).obligations, ObligationSet::of(&[Obligation::Aod]));
	// Not even an opt-out or a missing agreement stands against it.
	emergency
		.clone()
		.consent(consent(Effect::Deny, any(), []))
		.with(|case| case.facts.agreement_required = true)
		.permits(Reason::BreakGlass);

	let member = |roles: &[MemberRole], org_roles: &[OrgRole]| {
		let membership = Membership {
			org: HOSPITAL,
			roles: MemberRoleSet::of(roles),
			org_roles: OrgRoleSet::of(org_roles),
			until: None,
		};
		Standing::Active(membership)
	};
	let lacking: [(&str, fn(&mut Case)); 6] = [
		("no glass", |case| case.facts.glass = None),
		("a glass that ends now", |case| case.facts.glass = Some(NOW)),
		("forbidden by the patient", |case| case.facts.break_glass = BreakGlass::Forbidden),
		("another action", |case| case.request.action = Action::Disclose),
		("not a member", |case| case.facts.standing = Standing::Never),
		("a permit that names it", |case| {
			case.facts.glass = None;
			case.candidates[0].consent.rules[0] = permit(purposes(&[Purpose::Btg]));
		}),
	];
	for (what, change) in lacking {
		let decision = emergency.clone().with(change).decide();
		assert_eq!((decision.effect, decision.reason), (Effect::Deny, Reason::NoBreakGlass), "{what}");
	}
	for standing in [
		member(&[MemberRole::Researcher], &[OrgRole::Provider]),
		member(&[MemberRole::Clinician], &[OrgRole::ResearchBody]),
	] {
		emergency.clone().with(|case| case.facts.standing = standing).denies(Reason::NoBreakGlass);
	}
}

#[test]
fn step_2_an_open_glass_opens_nothing_for_another_purpose() {
	let case = Case::new().with(|case| {
		case.facts.break_glass = BreakGlass::Allowed;
		case.facts.glass = Some(NOW + 1);
	});
	case.denies(Reason::NoConsent);
}

#[test]
fn step_3_only_an_active_consent_within_its_period_counts() {
	for status in ALL_STATUS {
		let case = Case::new().consent(Consent { status, ..consent(Effect::Permit, any(), []) });
		if status == ConsentStatus::Active {
			case.is(Effect::Permit, Reason::Consent, Some(10), None);
		} else {
			case.denies(Reason::NoConsent);
		}
	}
	for (start, end, in_force) in [
		(NOW, None, true),
		(NOW + 1, None, false),
		(0, Some(NOW), false),
		(0, Some(NOW + 1), true),
		(NOW, Some(NOW), false),
		(NOW, Some(NOW + 1), true),
		(0, Some(Moment::MAX), true),
		(Moment::MAX, None, false),
		(NOW + 1, Some(NOW - 1), false),
	] {
		let case = Case::new().consent(Consent { start, end, ..consent(Effect::Permit, any(), []) });
		assert_eq!(case.decide().is_permit(), in_force, "{start}..{end:?}");
	}
	let at_the_end_of_time = Case::new().rules([permit(any())]).with(|case| case.now = Moment::MAX);
	assert!(at_the_end_of_time.decide().is_permit());
}

#[test]
fn step_3_what_a_guardian_granted_ends_with_the_guardians_authority() {
	for (authority, in_force) in [
		(None, true),
		(Some(period(0, None)), true),
		(Some(period(NOW, NOW + 1)), true),
		(Some(period(0, NOW)), false),
		(Some(period(NOW + 1, None)), false),
	] {
		let case = Case::new().rules([permit(any())]).with(|case| case.candidates[0].authority = authority);
		assert_eq!(case.decide().is_permit(), in_force, "{authority:?}");
	}
}

#[test]
fn step_4_rules_stand_alone_and_the_root_gates_the_base_only() {
	let elsewhere = || purposes(&[Purpose::Hmarkt]);
	Case::new().consent(consent(Effect::Deny, elsewhere(), [permit(any())])).is(
		Effect::Permit,
		Reason::Consent,
		Some(10),
		Some(0),
	);
	Case::new().consent(consent(Effect::Permit, elsewhere(), [deny(any())])).is(
		Effect::Deny,
		Reason::Denied,
		Some(10),
		Some(0),
	);
	Case::new().consent(consent(Effect::Permit, elsewhere(), [])).denies(Reason::NoConsent);
	Case::new().consent(consent(Effect::Permit, any(), [])).is(Effect::Permit, Reason::Consent, Some(10), None);
}

#[test]
fn step_5_a_denial_beats_every_permit_and_the_lowest_is_named() {
	let case = generous().rules([permit(any()), deny(never()), deny(any())]).rules([deny(any())]);
	case.is(Effect::Deny, Reason::Denied, Some(11), Some(2));
	case.with(|case| case.candidates.reverse()).is(Effect::Deny, Reason::Denied, Some(11), Some(2));
}

#[test]
fn step_5_a_consent_that_permits_nothing_is_an_opt_out() {
	let opt_out = |root| generous().consent(consent(Effect::Deny, root, []));
	opt_out(any()).is(Effect::Deny, Reason::Denied, Some(11), None);
	opt_out(purposes(&[Purpose::Treat])).is(Effect::Deny, Reason::Denied, Some(11), None);
	opt_out(purposes(&[Purpose::Hmarkt])).permits(Reason::Guardian);
	// With rules that deny only it is still one; its base is named before its rules.
	generous().consent(consent(Effect::Deny, any(), [deny(any())])).is(Effect::Deny, Reason::Denied, Some(11), None);
}

#[test]
fn step_6_a_guardian_acts_within_scope_and_authority() {
	use Action::*;
	for (scope, covered) in [
		(GuardianScope::Full, vec![Access, Use, Disclose]),
		(GuardianScope::ReadOnly, vec![Access]),
		(GuardianScope::ConsentOnly, vec![]),
	] {
		for action in Action::ALL.iter().copied() {
			let case = Case::new().with(|case| {
				case.request.action = action;
				case.facts.standing = Standing::Never;
				case.facts.guardian = Some((scope, period(0, None)));
			});
			if covered.contains(&action) {
				case.permits(Reason::Guardian);
			} else {
				case.denies(Reason::NoConsent);
			}
		}
	}
	for (authority, holds) in [(period(NOW, NOW + 1), true), (period(0, NOW), false), (period(NOW + 1, None), false)] {
		let case = Case::new().with(|case| case.facts.guardian = Some((GuardianScope::Full, authority)));
		assert_eq!(case.decide().is_permit(), holds, "{authority:?}");
	}
}

#[test]
fn step_7_a_permit_obliges_to_what_all_that_permit_oblige_to_and_the_lowest_is_named() {
	use Obligation::*;
	let obliging =
		|obligation, conditions| Rule { obligations: ObligationSet::of(&[obligation]), ..permit(conditions) };
	let case = Case::new()
		.rules([obliging(Redact, never()), obliging(Encrypt, any())])
		.rules([obliging(Aod, any()), obliging(Deid, any())])
		.consent(consent(Effect::Permit, any(), []));
	let decision = case.is(Effect::Permit, Reason::Consent, Some(10), Some(1));
	assert_eq!(decision.obligations, ObligationSet::of(&[Encrypt, Aod, Deid]));
	// The base of a consent comes before its rules.
	let case = Case::new().consent(consent(Effect::Permit, any(), [permit(any())]));
	case.is(Effect::Permit, Reason::Consent, Some(10), None);
}

#[test]
fn step_8_a_soft_denial_gives_way_to_permits_but_not_to_the_default_policy() {
	let soft = |root| {
		Case::new().consent(consent(Effect::Deny, root, [permit(never())])).with(|case| {
			case.facts.default_policy = DefaultPolicy::NormalForTreatment;
			case.facts.care = Some(NOW + 1);
		})
	};
	soft(any()).is(Effect::Deny, Reason::NotPermitted, Some(10), None);
	soft(any()).rules([permit(any())]).is(Effect::Permit, Reason::Consent, Some(11), Some(0));
	soft(purposes(&[Purpose::Hmarkt])).permits(Reason::DefaultPolicy);
	soft(any()).with(|case| case.candidates[0].consent.end = Some(NOW)).permits(Reason::DefaultPolicy);
	// Of two, the lowest is named.
	let two = soft(any()).consent(consent(Effect::Deny, any(), [permit(never())]));
	two.with(|case| case.candidates.reverse()).is(Effect::Deny, Reason::NotPermitted, Some(10), None);
}

#[test]
fn step_8_the_default_policy_is_for_normal_data_in_treatment_by_the_patients_own_clinicians() {
	let treated = Case::new().with(|case| {
		case.facts.default_policy = DefaultPolicy::NormalForTreatment;
		case.facts.care = Some(NOW + 1);
	});
	assert!(treated.permits(Reason::DefaultPolicy).obligations.is_empty());

	let allowed: [(&str, fn(&mut Case)); 5] = [
		("coordination of care", |case| case.request.purpose = Purpose::Coc),
		("an emergency treatment", |case| case.request.purpose = Purpose::Ertreat),
		("use", |case| case.request.action = Action::Use),
		("less confidential", |case| case.request.resource.confidentiality = Some(Confidentiality::Unrestricted)),
		("facts that it does not ask for", |case| {
			let resource = &mut case.request.resource;
			(resource.record, resource.period, resource.author) = (None, None, None);
			(resource.custodian, resource.episode) = (None, None);
		}),
	];
	for (what, change) in allowed {
		assert_eq!(treated.clone().with(change).decide().reason, Reason::DefaultPolicy, "{what}");
	}

	let refused: [(&str, fn(&mut Case)); 15] = [
		("the patient's other choice", |case| case.facts.default_policy = DefaultPolicy::Deny),
		("a clinical trial", |case| case.request.purpose = Purpose::Clintrl),
		("research", |case| case.request.purpose = Purpose::Hresch),
		("payment", |case| case.request.purpose = Purpose::Hpaymt),
		("collect", |case| case.request.action = Action::Collect),
		("disclose", |case| case.request.action = Action::Disclose),
		("correct", |case| case.request.action = Action::Correct),
		("restricted", |case| case.request.resource.confidentiality = Some(Confidentiality::Restricted)),
		("confidentiality not known", |case| case.request.resource.confidentiality = None),
		("labelled", |case| case.request.resource.labels = Some(1)),
		("labels not known", |case| case.request.resource.labels = None),
		("no care relationship", |case| case.facts.care = None),
		("a care relationship that ends now", |case| case.facts.care = Some(NOW)),
		("not a clinician", |case| {
			let Standing::Active(member) = &mut case.facts.standing else { unreachable!() };
			member.roles = MemberRoleSet::of(&[MemberRole::Registrar, MemberRole::Gateway]);
		}),
		("not of a provider", |case| {
			let Standing::Active(member) = &mut case.facts.standing else { unreachable!() };
			member.org_roles = OrgRoleSet::of(&[OrgRole::Dispenser, OrgRole::ResearchBody]);
		}),
	];
	for (what, change) in refused {
		let decision = treated.clone().with(change).decide();
		assert_eq!((decision.effect, decision.reason), (Effect::Deny, Reason::NoConsent), "{what}");
	}
	treated.with(|case| case.request.purpose = Purpose::Btg).denies(Reason::NoBreakGlass);
}

#[test]
fn step_9_a_custodian_that_requires_agreements_needs_one_that_covers_the_request() {
	use Obligation::*;
	let sharing = Sharing {
		purposes: Some(PurposeSet::of(&[Purpose::Treat])),
		resource_types: Some(ResourceTypeSet::of(&[ResourceType::Observation])),
		obligations: ObligationSet::of(&[Noreuse]),
		period: period(NOW, NOW + 1),
	};
	let shared = |agreements: Vec<Sharing>| {
		let rule = Rule { obligations: ObligationSet::of(&[Encrypt]), ..permit(any()) };
		Case::new().rules([rule]).with(|case| {
			case.facts.agreement_required = true;
			case.facts.agreements = agreements;
		})
	};
	let covered = shared(vec![sharing.clone()]);
	let decision = covered.is(Effect::Permit, Reason::Consent, Some(10), Some(0));
	assert_eq!(decision.obligations, ObligationSet::of(&[Encrypt, Noreuse]));

	// Any purposes and types; and the obligations of all that cover it.
	let broad =
		Sharing { purposes: None, resource_types: None, obligations: ObligationSet::of(&[Mask]), ..sharing.clone() };
	let decision = shared(vec![sharing.clone(), broad]).decide();
	assert_eq!(decision.obligations, ObligationSet::of(&[Encrypt, Noreuse, Mask]));

	let refused: [(&str, fn(&mut Sharing)); 5] = [
		("ended", |sharing| sharing.period = period(0, NOW)),
		("not begun", |sharing| sharing.period = period(NOW + 1, None)),
		("for another purpose", |sharing| sharing.purposes = Some(PurposeSet::of(&[Purpose::Hresch]))),
		("for a narrower purpose", |sharing| sharing.purposes = Some(PurposeSet::of(&[Purpose::Coc]))),
		("for other types", |sharing| {
			sharing.resource_types = Some(ResourceTypeSet::of(&[ResourceType::Condition]));
		}),
	];
	for (what, change) in refused {
		let mut agreement = sharing.clone();
		change(&mut agreement);
		let decision = shared(vec![agreement]).decide();
		assert_eq!(
			(decision.effect, decision.reason, decision.consent),
			(Effect::Deny, Reason::NoAgreement, Some(10)),
			"{what}"
		);
		assert!(decision.obligations.is_empty(), "{what}");
	}
	shared(vec![]).is(Effect::Deny, Reason::NoAgreement, Some(10), Some(0));
	// An unknown custodian may be one that requires an agreement.
	shared(vec![]).with(|case| case.request.resource.custodian = None).is(
		Effect::Deny,
		Reason::NoAgreement,
		Some(10),
		Some(0),
	);
	// An agreement permits nothing by itself.
	covered.with(|case| case.candidates.clear()).denies(Reason::NoConsent);
}

#[test]
fn step_9_concerns_members_of_other_organisations_only() {
	let case = Case::new().rules([permit(any())]).with(|case| case.facts.agreement_required = true);
	let own = case.clone().with(|case| case.facts.standing = clinician_of(CUSTODIAN));
	assert!(own.decide().is_permit());
	let person = case.clone().with(|case| case.facts.standing = Standing::Never);
	assert!(person.decide().is_permit());
	assert!(case.with(|case| case.facts.agreement_required = false).decide().is_permit());
}

#[test]
fn step_9_holds_for_the_default_policy_too() {
	let case = Case::new().with(|case| {
		case.facts.default_policy = DefaultPolicy::NormalForTreatment;
		case.facts.care = Some(NOW + 1);
		case.facts.agreement_required = true;
	});
	case.denies(Reason::NoAgreement);
}

#[test]
fn step_10_a_decision_tells_until_when_it_holds() {
	let until = |change: fn(&mut Case)| Case::new().rules([permit(any())]).with(change).decide().valid_until;
	assert_eq!(until(|_| ()), None);
	let edges: [(&str, fn(&mut Case)); 10] = [
		("end of a consent", |case| case.candidates[0].consent.end = Some(1_100)),
		("beginning of a consent", |case| case.candidates[0].consent.start = 1_100),
		("end of the grantor's authority", |case| case.candidates[0].authority = Some(period(0, 1_100))),
		("end of a membership", |case| {
			let Standing::Active(member) = &mut case.facts.standing else { unreachable!() };
			member.until = Some(1_100);
		}),
		("end of a glass", |case| case.facts.glass = Some(1_100)),
		("end of a care relationship", |case| case.facts.care = Some(1_100)),
		("end of a guardianship", |case| {
			case.facts.guardian = Some((GuardianScope::Full, period(0, 1_100)));
		}),
		("beginning of a guardianship", |case| {
			case.facts.guardian = Some((GuardianScope::Full, period(1_100, 1_200)));
		}),
		("beginning of an agreement", |case| {
			case.facts.agreements = vec![Sharing {
				purposes: None,
				resource_types: None,
				obligations: ObligationSet::EMPTY,
				period: period(1_100, 1_200),
			}];
		}),
		("the nearest of several", |case| {
			case.facts.glass = Some(1_300);
			case.facts.care = Some(1_100);
			case.candidates[0].consent.end = Some(1_200);
		}),
	];
	for (what, change) in edges {
		assert_eq!(until(change), Some(1_100), "{what}");
	}
	// What is over, is not in force, never will be, or cannot concern the actor, changes nothing.
	let irrelevant: [(&str, fn(&mut Case)); 6] = [
		("over", |case| case.facts.glass = Some(NOW)),
		("begun", |case| case.candidates[0].consent.start = NOW),
		("withdrawn", |case| {
			case.candidates[0].consent.end = Some(1_100);
			case.candidates[0].consent.status = ConsentStatus::Withdrawn;
		}),
		("inverted", |case| {
			case.candidates[0].consent.start = 1_200;
			case.candidates[0].consent.end = Some(1_100);
		}),
		("after the authority for it", |case| {
			case.candidates[0].consent.start = 1_200;
			case.candidates[0].authority = Some(period(0, 1_100));
		}),
		("for others", |case| {
			case.candidates[0].consent.end = Some(1_100);
			case.candidates[0].consent.rules[0].conditions = never();
		}),
	];
	for (what, change) in irrelevant {
		assert_eq!(until(change), None, "{what}");
	}
}

#[test]
fn without_consent_and_without_a_policy_everything_is_refused() {
	for purpose in Purpose::ALL.iter().copied() {
		for action in Action::ALL.iter().copied() {
			let case = Case::new().with(|case| {
				case.request.purpose = purpose;
				case.request.action = action;
			});
			case.denies(if purpose == Purpose::Btg { Reason::NoBreakGlass } else { Reason::NoConsent });
		}
	}
}
