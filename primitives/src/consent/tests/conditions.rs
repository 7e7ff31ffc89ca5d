//! What meets a condition, on a permit and on a denial.

use super::*;

/// Whether a rule of these conditions matches, by effect.
fn matches(case: &Case, conditions: &Conditions) -> (bool, bool) {
	let permitted = case.clone().rules([permit(conditions.clone())]).decide().is_permit();
	let denied = case.clone().rules([deny(conditions.clone())]).decide().reason == Reason::Denied;
	(permitted, denied)
}

#[test]
fn no_condition_is_met_by_everything() {
	assert_eq!(matches(&Case::new(), &any()), (true, true));
	let nothing_known = Case::new().with(|case| {
		let resource = &mut case.request.resource;
		(resource.record, resource.confidentiality, resource.labels, resource.period) = (None, None, None, None);
		(resource.author, resource.custodian, resource.episode) = (None, None, None);
	});
	assert_eq!(matches(&nothing_known, &any()), (true, true));
}

#[test]
fn a_condition_is_met_by_one_of_its_values_and_missed_by_others() {
	let table: [(&str, Conditions, fn(&mut Case)); 7] = [
		("custodians", Conditions { custodians: bounded([3, CUSTODIAN]), ..any() }, |case| {
			case.request.resource.custodian = Some(4)
		}),
		("authors", Conditions { authors: bounded([account(3), account(2)]), ..any() }, |case| {
			case.request.resource.author = Some(account(4))
		}),
		("records", Conditions { records: bounded([RecordId([3; 32]), RecordId([1; 32])]), ..any() }, |case| {
			case.request.resource.record = Some(RecordId([4; 32]))
		}),
		("episode", Conditions { episode: Some(Episode([1; 16])), ..any() }, |case| {
			case.request.resource.episode = Some(Episode([4; 16]))
		}),
		("actions", Conditions { actions: Some(ActionSet::of(&[Action::Collect, Action::Access])), ..any() }, |case| {
			case.request.action = Action::Correct
		}),
		(
			"resource types",
			Conditions {
				resource_types: Some(ResourceTypeSet::of(&[ResourceType::Condition, ResourceType::Observation])),
				..any()
			},
			|case| case.request.resource.resource_type = ResourceType::Claim,
		),
		("purposes", purposes(&[Purpose::Hmarkt, Purpose::Treat]), |case| case.request.purpose = Purpose::Hpaymt),
	];
	for (what, conditions, other) in table {
		assert_eq!(matches(&Case::new(), &conditions), (true, true), "{what}");
		assert_eq!(matches(&Case::new().with(other), &conditions), (false, false), "{what}");
	}
}

#[test]
fn a_fact_that_is_not_known_fails_a_permit_and_meets_a_denial() {
	let table: [(&str, Conditions, fn(&mut Resource)); 9] = [
		("custodian", Conditions { custodians: bounded([3]), ..any() }, |resource| resource.custodian = None),
		("author", Conditions { authors: bounded([account(3)]), ..any() }, |resource| resource.author = None),
		("record", Conditions { records: bounded([RecordId([3; 32])]), ..any() }, |resource| resource.record = None),
		("episode", Conditions { episode: Some(Episode([3; 16])), ..any() }, |resource| resource.episode = None),
		("labels", Conditions { labels: 0b100, ..any() }, |resource| resource.labels = None),
		("period, open end", Conditions { data_from: Some(900), ..any() }, |resource| resource.period = None),
		("period, open start", Conditions { data_to: Some(0), ..any() }, |resource| resource.period = None),
		(
			"confidentiality, as a permit",
			Conditions { confidentiality: Some(Confidentiality::Restricted), ..any() },
			|resource| resource.confidentiality = None,
		),
		(
			"confidentiality, as a denial",
			Conditions { confidentiality: Some(Confidentiality::VeryRestricted), actors: None, ..any() },
			|resource| resource.confidentiality = None,
		),
	];
	for (what, conditions, forget) in table {
		let (permitted, denied) = matches(&Case::new().with(|case| forget(&mut case.request.resource)), &conditions);
		assert!(denied, "{what}");
		// Not known counts as very restricted, which only a permit up to there covers.
		assert_eq!(permitted, conditions.confidentiality == Some(Confidentiality::VeryRestricted), "{what}");
	}
}

#[test]
fn conditions_are_joined_by_and() {
	let both = Conditions { custodians: bounded([CUSTODIAN]), ..purposes(&[Purpose::Treat]) };
	assert_eq!(matches(&Case::new(), &both), (true, true));
	let one = Conditions { custodians: bounded([CUSTODIAN + 1]), ..purposes(&[Purpose::Treat]) };
	assert_eq!(matches(&Case::new(), &one), (false, false));
}

#[test]
fn actors_are_named_by_account_organisation_or_role() {
	let named = |actors: Vec<ActorRef>| matches(&Case::new(), &Conditions { actors: bounded(actors), ..any() });
	assert_eq!(named(vec![ActorRef::Account(account(1))]), (true, true));
	assert_eq!(named(vec![ActorRef::Org(HOSPITAL)]), (true, true));
	assert_eq!(named(vec![ActorRef::Role(MemberRole::Clinician)]), (true, true));
	assert_eq!(named(vec![ActorRef::Account(account(3)), ActorRef::Org(HOSPITAL)]), (true, true));
	assert_eq!(named(vec![ActorRef::Account(account(3))]), (false, false));
	assert_eq!(named(vec![ActorRef::Org(CUSTODIAN)]), (false, false));
	assert_eq!(named(vec![ActorRef::Role(MemberRole::Researcher)]), (false, false));
}

#[test]
fn a_permit_covers_the_purposes_below_it_but_never_emergency_access_or_trials_unnamed() {
	use Purpose::*;
	for (stated, asked, covered) in [
		(Treat, Treat, true),
		(Treat, Coc, true),
		(Treat, Pophlth, true),
		(Treat, Etreat, true),
		(Treat, Ertreat, true),
		(Treat, Clintrl, false),
		(Clintrl, Clintrl, true),
		(Etreat, Ertreat, true),
		(Etreat, Treat, false),
		(Coc, Treat, false),
		(Treat, Hpaymt, false),
		(Hpaymt, Eligver, true),
		(Coverage, Mildcrg, true),
		(Hoperat, Htest, true),
		(Sysdev, Htest, true),
		(Hresch, Clintrchpc, true),
		(Clintrch, Hresch, false),
		(Patrqt, Famrqt, true),
		(Pubhlth, Threat, true),
	] {
		let case = Case::new().with(|case| case.request.purpose = asked);
		assert_eq!(matches(&case, &purposes(&[stated])).0, covered, "{stated} permits {asked}");
	}
	assert!(!permit_covers(Treat, Btg) && !permit_covers(Etreat, Btg));
}

#[test]
fn a_denial_covers_the_purposes_below_it_and_outside_treatment_those_above_it() {
	use Purpose::*;
	for (stated, asked, covered) in [
		(Treat, Treat, true),
		(Treat, Clintrl, true),
		(Treat, Ertreat, true),
		(Etreat, Treat, false),
		(Clintrl, Treat, false),
		(Coc, Treat, false),
		(Clintrch, Hresch, true),
		(Clintrchpc, Clintrch, true),
		(Clintrchpc, Hresch, true),
		(Clintrchpc, Clintrchnpc, false),
		(Hresch, Clintrchpc, true),
		(Eligver, Hpaymt, true),
		(Htest, Hoperat, true),
		(Biorch, Dsrch, false),
		(Famrqt, Patrqt, true),
		(Hmarkt, Treat, false),
	] {
		let case = Case::new().with(|case| case.request.purpose = asked);
		assert_eq!(matches(&case, &purposes(&[stated])).1, covered, "denying {stated} denies {asked}");
	}
	assert!(denial_covers(Treat, Btg) && denial_covers(Etreat, Btg));
}

#[test]
fn confidentiality_is_a_ceiling_on_a_permit_and_a_floor_on_a_denial() {
	for stated in Confidentiality::ALL.iter().copied() {
		let conditions = Conditions { confidentiality: Some(stated), ..any() };
		for level in Confidentiality::ALL.iter().copied() {
			let case = Case::new().with(|case| case.request.resource.confidentiality = Some(level));
			assert_eq!(matches(&case, &conditions), (level <= stated, level >= stated), "{stated} and {level}");
		}
	}
}

#[test]
fn a_permit_that_names_labels_needs_all_of_the_datas_and_a_denial_any() {
	for (stated, labels, permitted, denied) in [
		// None named: labelled and unlabelled data alike.
		(0b000, 0b000, true, true),
		(0b000, 0b101, true, true),
		(0b011, 0b000, true, false),
		(0b011, 0b001, true, true),
		(0b011, 0b011, true, true),
		(0b011, 0b101, false, true),
		(0b011, 0b100, false, false),
		(1 << 31, 1 << 31, true, true),
	] {
		let case = Case::new().with(|case| case.request.resource.labels = Some(labels));
		let conditions = Conditions { labels: stated, ..any() };
		assert_eq!(matches(&case, &conditions), (permitted, denied), "{stated:#b} and {labels:#b}");
	}
}

#[test]
fn a_permit_contains_the_datas_period_and_a_denial_intersects_it() {
	// The data is from 100 until before 200.
	for (from, to, permitted, denied) in [
		(Some(100), Some(200), true, true),
		(Some(0), Some(300), true, true),
		(Some(101), Some(200), false, true),
		(Some(100), Some(199), false, true),
		(Some(199), Some(300), false, true),
		(Some(0), Some(101), false, true),
		(Some(200), Some(300), false, false),
		(Some(0), Some(100), false, false),
		(Some(100), None, true, true),
		(Some(101), None, false, true),
		(Some(200), None, false, false),
		(None, Some(200), true, true),
		(None, Some(199), false, true),
		(None, Some(100), false, false),
		(Some(i64::MIN), Some(i64::MAX), true, true),
	] {
		let conditions = Conditions { data_from: from, data_to: to, ..any() };
		assert_eq!(matches(&Case::new(), &conditions), (permitted, denied), "{from:?}..{to:?}");
	}
}

#[test]
fn conditions_that_match_nothing_or_cannot_be_read_are_refused() {
	use ConditionsError::*;
	for (what, conditions, expected) in [
		("nothing stated", any(), Ok(())),
		("actors", Conditions { actors: bounded([]), ..any() }, Err(EmptySet)),
		("custodians", Conditions { custodians: bounded([]), ..any() }, Err(EmptySet)),
		("authors", Conditions { authors: bounded([]), ..any() }, Err(EmptySet)),
		("records", Conditions { records: bounded([]), ..any() }, Err(EmptySet)),
		("purposes", Conditions { purposes: Some(PurposeSet::EMPTY), ..any() }, Err(EmptySet)),
		("actions", Conditions { actions: Some(ActionSet::EMPTY), ..any() }, Err(EmptySet)),
		("types", Conditions { resource_types: Some(ResourceTypeSet::EMPTY), ..any() }, Err(EmptySet)),
		("unknown purpose", Conditions { purposes: Some(PurposeSet(1 | 1 << 59)), ..any() }, Err(UnknownCode)),
		("unknown action", Conditions { actions: Some(ActionSet(1 << 5)), ..any() }, Err(UnknownCode)),
		("unknown type", Conditions { resource_types: Some(ResourceTypeSet(1 << 96)), ..any() }, Err(UnknownCode)),
		("all purposes", Conditions { purposes: Some(PurposeSet((1 << 59) - 1)), ..any() }, Ok(())),
		("inverted", Conditions { data_from: Some(2), data_to: Some(1), ..any() }, Err(InvertedPeriod)),
		("empty period", Conditions { data_from: Some(1), data_to: Some(1), ..any() }, Err(InvertedPeriod)),
		("a millisecond", Conditions { data_from: Some(1), data_to: Some(2), ..any() }, Ok(())),
		("open", Conditions { data_from: Some(i64::MAX), ..any() }, Ok(())),
	] {
		assert_eq!(conditions.validate(), expected, "{what}");
	}
}
