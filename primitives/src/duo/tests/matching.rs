use super::*;
use crate::{time::DAY, Moment};
use proptest::{collection::vec, option, prelude::*, sample::select};
use std::collections::BTreeSet;
use Reason::*;

const NOW: Moment = 20_000 * DAY;

/// One of each modifier.
pub fn every_modifier() -> Vec<Modifier> {
	vec![
		Modifier::Cc,
		Modifier::Rs { research_type: Some(Name::of("paediatric cancers")) },
		Modifier::Nmds,
		Modifier::Gso,
		Modifier::Npuncu,
		Modifier::Pub { deadline: Some(NOW + DAY) },
		Modifier::Col { account: Name::of("investigator") },
		Modifier::Irb,
		Modifier::Gs { countries: countries(&["GB", "DE"]) },
		Modifier::Mor { date: NOW + DAY },
		Modifier::Ts { months: 12 },
		Modifier::Us { users: names(&["u1", "u2"]) },
		Modifier::Ps { projects: names(&["p1"]) },
		Modifier::Is { institutions: names(&["i1"]) },
		Modifier::Rtn { deadline: None },
		Modifier::Npoa,
		Modifier::Npu,
		Modifier::Ncu,
	]
}

fn purpose(uses: &[Use]) -> Purpose {
	Purpose { uses: UseSet::of(uses), ..Purpose::default() }
}

fn facts() -> Facts {
	Facts { now: NOW, ..Facts::default() }
}

fn judge(group: &Group, purpose: &Purpose, facts: &Facts) -> GroupOutcome {
	matches(core::slice::from_ref(group), purpose, facts, &Small).groups[0].clone()
}

#[track_caller]
fn is(outcome: GroupOutcome, verdict: Verdict, reasons: &[Reason]) {
	assert_eq!((outcome.verdict, &outcome.reasons[..]), (verdict, reasons));
}

#[test]
fn each_permission_allows_the_uses_of_its_row_and_no_others() {
	use Use::*;
	let biomedical = [Biomedical, Genetic, DrugDevelopment, Disease];
	let beside = [Methods, Age, Gender];
	// Alone; population research and controls are sensitive, and are told apart below.
	for named in Use::ALL.iter().copied() {
		let sensitive = matches!(named, Population | Controls);
		let allowed = |allowed: bool| match (allowed, sensitive) {
			(false, _) => Verdict::Deny,
			(true, true) => Verdict::Manual,
			(true, false) => Verdict::Approve,
		};
		let of = |permission| judge(&group(permission, &[]), &purpose(&[named]), &facts()).verdict;
		assert_eq!(of(Permission::Nres), allowed(true), "{named}");
		assert_eq!(of(Permission::Gru), allowed(true), "{named}");
		assert_eq!(of(Permission::Hmb), allowed(biomedical.contains(&named)), "{named}");
		assert_eq!(of(Permission::Poa), allowed(named == Ancestry), "{named}");
		// With a use of biomedical research beside it.
		let with = judge(&group(Permission::Hmb, &[]), &purpose(&[named, Genetic]), &facts()).verdict;
		assert_eq!(with, allowed(!matches!(named, Population | Ancestry)), "{named}");
		let with = judge(&group(Permission::Poa, &[]), &purpose(&[named, Ancestry]), &facts()).verdict;
		assert_eq!(with, allowed(named == Ancestry), "{named}");
	}
	assert!(beside.iter().all(|named| !UseSet::of(&[*named]).is_biomedical()));
	assert!(biomedical.iter().all(|named| UseSet::of(&[*named]).is_biomedical()));
}

#[test]
fn a_disease_is_within_the_groups_or_the_request_is_denied() {
	let group = |list: &[Disease]| Group { diseases: diseases(list), ..group(Permission::Ds, &[]) };
	let about = |list: &[Disease]| Purpose { diseases: diseases(list), ..purpose(&[Use::Disease]) };
	for (of_group, of_request, reasons) in [
		(&[BREAST][..], &[BREAST][..], &[DsMet][..]),
		(&[BREAST], &[MALE_BREAST], &[DsMet]),
		(&[CANCER], &[MALE_BREAST, BREAST], &[DsMet]),
		(&[DIABETES, BREAST], &[MALE_BREAST, DIABETES], &[DsMet]),
		// Misuse: parent disease.
		(&[BREAST], &[CANCER], &[DsOtherDisease]),
		// Misuse: mixed allowed and disallowed diseases.
		(&[BREAST], &[MALE_BREAST, DIABETES], &[DsOtherDisease]),
		// Misuse: empty disease list.
		(&[BREAST], &[], &[DsNoDisease]),
		(&[], &[BREAST], &[DsOtherDisease]),
		// Neither known to the ontology; equal diseases need none.
		(&[Disease::mondo(1)], &[Disease::mondo(1)], &[DsMet]),
		(&[BREAST], &[Disease::mondo(1)], &[DsUnknownDisease]),
		(&[Disease::mondo(1)], &[BREAST], &[DsUnknownDisease]),
		(&[BREAST], &[DIABETES, Disease::mondo(1)], &[DsOtherDisease, DsUnknownDisease]),
	] {
		let verdict = if reasons == [DsMet] { Verdict::Approve } else { Verdict::Deny };
		is(judge(&group(of_group), &about(of_request), &facts()), verdict, reasons);
	}
	let blind = matches(&[group(&[CANCER])], &about(&[BREAST]), &facts(), &());
	assert_eq!(blind.reasons(), [DsUnknownDisease]);
	let blind = matches(&[group(&[CANCER])], &about(&[CANCER]), &facts(), &());
	assert_eq!(blind.verdict(), Verdict::Approve);
	// Only this permission looks at diseases.
	let other = judge(&super::group(Permission::Hmb, &[]), &about(&[Disease::mondo(1)]), &facts());
	is(other, Verdict::Approve, &[HmbMet]);
}

#[test]
fn every_row_has_every_outcome_of_its_table() {
	let mut met = BTreeSet::new();
	let mut check = |group: &Group, purpose: &Purpose, facts: &Facts, expected: &[Reason]| {
		let outcome = judge(group, purpose, facts);
		assert_eq!(&outcome.reasons[..], expected, "{group:?} {purpose:?} {facts:?}");
		assert!(expected.iter().all(|reason| reason.verdict() == outcome.verdict));
		met.extend(expected.iter().copied());
	};
	let of = |permission| group(permission, &[]);
	let genetic = purpose(&[Use::Genetic]);
	let care = Purpose { care: true, ..genetic.clone() };
	let only_care = Purpose { care: true, ..Purpose::default() };
	let breast = Purpose { diseases: diseases(&[BREAST]), ..genetic.clone() };
	let ds = Group { diseases: diseases(&[CANCER]), ..of(Permission::Ds) };
	let none = facts();

	check(&of(Permission::Nres), &Purpose::default(), &none, &[EmptyRequest]);
	check(&of(Permission::Nres), &care, &none, &[NresMet]);
	check(&of(Permission::Gru), &genetic, &none, &[GruMet]);
	check(&of(Permission::Gru), &care, &none, &[GruCare]);
	check(&of(Permission::Hmb), &genetic, &none, &[HmbMet]);
	check(&of(Permission::Hmb), &care, &none, &[HmbCare]);
	check(&of(Permission::Hmb), &purpose(&[Use::Genetic, Use::Ancestry]), &none, &[HmbUse]);
	check(&of(Permission::Hmb), &purpose(&[Use::Methods]), &none, &[HmbNotBiomedical]);
	check(&of(Permission::Hmb), &purpose(&[Use::Population]), &none, &[HmbUse, HmbNotBiomedical]);
	check(&ds, &breast, &none, &[DsMet]);
	check(&ds, &Purpose { care: true, ..breast.clone() }, &none, &[DsCare]);
	check(&ds, &Purpose { uses: UseSet::of(&[Use::Ancestry, Use::Disease]), ..breast.clone() }, &none, &[DsUse]);
	check(&ds, &Purpose { uses: UseSet::of(&[Use::Methods]), ..breast.clone() }, &none, &[DsNotBiomedical]);
	check(&ds, &genetic, &none, &[DsNoDisease]);
	check(&ds, &Purpose { diseases: diseases(&[DIABETES]), ..genetic.clone() }, &none, &[DsOtherDisease]);
	check(&ds, &Purpose { diseases: diseases(&[Disease::mondo(3)]), ..genetic.clone() }, &none, &[DsUnknownDisease]);
	check(&of(Permission::Poa), &purpose(&[Use::Ancestry]), &none, &[PoaMet]);
	check(&of(Permission::Poa), &genetic, &none, &[PoaUse]);
	check(&of(Permission::Poa), &Purpose { care: true, ..purpose(&[Use::Ancestry]) }, &none, &[PoaCare]);

	let with = |modifier| group(Permission::Gru, &[modifier]);
	check(&with(Modifier::Cc), &care, &none, &[GruMet, CcMet]);
	check(&with(Modifier::Cc), &genetic, &none, &[GruMet]);
	check(&group(Permission::Hmb, &[Modifier::Cc]), &only_care, &none, &[HmbMet, CcMet]);
	check(&group(Permission::Poa, &[Modifier::Cc]), &only_care, &none, &[PoaMet, CcMet]);
	let ds_cc = Group { diseases: diseases(&[CANCER]), ..group(Permission::Ds, &[Modifier::Cc]) };
	check(&ds_cc, &Purpose { diseases: diseases(&[BREAST]), ..only_care.clone() }, &none, &[DsMet, CcMet]);
	check(&ds_cc, &only_care, &none, &[DsNoDisease]);
	check(&with(Modifier::Rs { research_type: None }), &genetic, &none, &[RsReview]);

	let methods = purpose(&[Use::Methods]);
	let methods_on = Purpose { diseases: diseases(&[BREAST]), ..methods.clone() };
	check(&with(Modifier::Nmds), &genetic, &none, &[GruMet, NmdsMet]);
	check(&with(Modifier::Nmds), &methods, &none, &[NmdsMethods]);
	check(&with(Modifier::Nmds), &methods_on, &none, &[NmdsReview]);
	check(&group(Permission::Hmb, &[Modifier::Nmds]), &methods_on, &none, &[HmbNotBiomedical]);

	check(&with(Modifier::Gso), &genetic, &none, &[GruMet, GsoMet]);
	check(&with(Modifier::Gso), &purpose(&[Use::Biomedical]), &none, &[GsoNotGenetic]);

	let commercial = |commercial| Purpose { commercial: Some(commercial), ..genetic.clone() };
	let organisation = |nonprofit| Facts { nonprofit: Some(nonprofit), ..facts() };
	check(&with(Modifier::Npuncu), &commercial(false), &organisation(true), &[GruMet, NpuncuMet]);
	check(&with(Modifier::Npuncu), &commercial(true), &organisation(false), &[NpuncuForProfit, NpuncuCommercial]);
	// Misuse: missing non-profit attestation.
	check(&with(Modifier::Npuncu), &commercial(false), &none, &[NpuncuUnknownOrganisation]);
	check(&with(Modifier::Npuncu), &genetic, &organisation(true), &[NpuncuUnknownUse]);
	check(&with(Modifier::Npu), &commercial(true), &organisation(true), &[GruMet, NpuMet]);
	check(&with(Modifier::Npu), &commercial(false), &organisation(false), &[NpuForProfit]);
	check(&with(Modifier::Npu), &commercial(false), &none, &[NpuUnknown]);
	check(&with(Modifier::Ncu), &commercial(false), &organisation(false), &[GruMet, NcuMet]);
	check(&with(Modifier::Ncu), &commercial(true), &organisation(true), &[NcuCommercial]);
	check(&with(Modifier::Ncu), &genetic, &organisation(true), &[NcuUnknown]);

	check(&with(Modifier::Pub { deadline: None }), &genetic, &none, &[GruMet, PubOwed]);
	check(&with(Modifier::Mor { date: NOW }), &genetic, &none, &[GruMet, MorOwed]);
	check(&with(Modifier::Ts { months: 1 }), &genetic, &none, &[GruMet, TsLimited]);
	check(&with(Modifier::Rtn { deadline: None }), &genetic, &none, &[GruMet, RtnOwed]);

	let col = with(Modifier::Col { account: Name::of("pi") });
	let signed = |who: &[&str]| Facts {
		co_signers: Some(who.iter().map(|who| Name::of(who)).collect::<Vec<_>>().try_into().expect("few")),
		..facts()
	};
	check(&col, &genetic, &signed(&["other", "pi"]), &[GruMet, ColMet]);
	check(&col, &genetic, &signed(&["other"]), &[ColNotSigned]);
	check(&col, &genetic, &signed(&[]), &[ColNotSigned]);
	check(&col, &genetic, &none, &[ColUnknown]);

	let approved = |until| Facts { ethics_until: Some(until), ..facts() };
	check(&with(Modifier::Irb), &genetic, &approved(NOW + 1), &[GruMet, IrbMet]);
	check(&with(Modifier::Irb), &genetic, &approved(NOW), &[IrbExpired]);
	check(&with(Modifier::Irb), &genetic, &none, &[IrbMissing]);

	let gs = with(Modifier::Gs { countries: countries(&["GB", "IE"]) });
	let at = |country: &str| Facts { location: Some(country.parse().expect("a country")), ..facts() };
	check(&gs, &genetic, &at("IE"), &[GruMet, GsMet]);
	check(&gs, &genetic, &at("US"), &[GsOutside]);
	check(&gs, &genetic, &none, &[GsUnknown]);

	let us = with(Modifier::Us { users: names(&["a", "b"]) });
	let user = |user: &str| Facts { user: Some(Name::of(user)), ..facts() };
	check(&us, &genetic, &user("b"), &[GruMet, UsMet]);
	check(&us, &genetic, &user("c"), &[UsNotMember]);
	check(&us, &genetic, &none, &[UsUnknown]);
	let ps = with(Modifier::Ps { projects: names(&["a"]) });
	let project = |project: &str| Purpose { project: Some(Name::of(project)), ..genetic.clone() };
	check(&ps, &project("a"), &none, &[GruMet, PsMet]);
	check(&ps, &project("b"), &none, &[PsNotMember]);
	check(&ps, &genetic, &none, &[PsUnknown]);
	let is = with(Modifier::Is { institutions: names(&["a"]) });
	let institution = |institution: &str| Facts { institution: Some(Name::of(institution)), ..facts() };
	check(&is, &genetic, &institution("a"), &[GruMet, IsMet]);
	check(&is, &genetic, &institution("b"), &[IsNotMember]);
	check(&is, &genetic, &none, &[IsUnknown]);

	check(&with(Modifier::Npoa), &genetic, &none, &[GruMet, NpoaMet]);
	check(&with(Modifier::Npoa), &purpose(&[Use::Ancestry]), &none, &[NpoaAncestry]);
	check(&group(Permission::Poa, &[Modifier::Npoa]), &purpose(&[Use::Ancestry]), &none, &[NpoaAncestry]);

	for (flag, reason) in
		Sensitive::ALL.iter().zip(Reason::ALL.iter().skip_while(|reason| **reason != SensitivePaediatric))
	{
		assert_eq!(reason.code(), format!("sensitive-{}", flag.code()));
		let asked = Purpose { sensitive: SensitiveSet::of(&[*flag]), ..genetic.clone() };
		check(&of(Permission::Nres), &asked, &none, &[*reason]);
	}
	check(&of(Permission::Gru), &purpose(&[Use::Population]), &none, &[SensitivePopulation]);
	check(&of(Permission::Hmb), &purpose(&[Use::Controls, Use::Disease]), &none, &[SensitiveControls]);

	met.insert(UntaggedDataset);
	assert_eq!(matches(&[], &genetic, &none, &Small).reasons(), [UntaggedDataset]);
	assert_eq!(met, Reason::ALL.iter().copied().collect::<BTreeSet<_>>());
}

#[test]
fn the_best_group_is_the_mildest_and_the_first_of_them() {
	let approve = group(Permission::Nres, &[]);
	let manual = group(Permission::Nres, &[Modifier::Irb]);
	let deny = group(Permission::Poa, &[]);
	let asked = purpose(&[Use::Biomedical]);
	for (groups, best, verdict) in [
		(&[][..], None, Verdict::Deny),
		(&[&deny, &deny][..], None, Verdict::Deny),
		(&[&deny, &manual, &manual], Some(1), Verdict::Manual),
		(&[&manual, &deny, &approve, &approve], Some(2), Verdict::Approve),
		(&[&approve], Some(0), Verdict::Approve),
	] {
		let groups: Vec<Group> = groups.iter().copied().cloned().collect();
		let outcome = matches(&groups, &asked, &facts(), &Small);
		assert_eq!((outcome.best(), outcome.verdict()), (best, verdict));
		assert_eq!(outcome.groups.len(), groups.len());
	}
	assert_eq!(matches(&[deny, manual], &asked, &facts(), &Small).reasons(), [IrbMissing]);
}

#[test]
fn reasons_are_cut_at_sixteen() {
	let all = Purpose {
		uses: UseSet(0x3ff),
		sensitive: SensitiveSet(0x3ff),
		diseases: diseases(&[BREAST]),
		..Purpose::default()
	};
	let manual: Vec<_> =
		every_modifier().into_iter().filter(|modifier| !matches!(modifier, Modifier::Cc | Modifier::Npoa)).collect();
	let outcome = judge(&group(Permission::Nres, &manual), &all, &facts());
	assert_eq!(outcome.verdict, Verdict::Manual);
	assert_eq!(outcome.reasons.len(), MAX_REASONS as usize);
}

#[test]
fn obligations_and_expiry_follow_from_the_group() {
	let start = NOW;
	let expiry_moment = NOW + 100 * DAY;
	let owed =
		|modifiers: &[Modifier]| obligations(&group(Permission::Gru, modifiers), start, expiry_moment).into_inner();
	let one = |kind, due| Obligation { kind, due };
	assert_eq!(owed(&[Modifier::Irb, Modifier::Ts { months: 3 }]), []);
	assert_eq!(
		owed(&[
			Modifier::Mor { date: NOW + 3 * DAY },
			Modifier::Rtn { deadline: Some(NOW + 2 * DAY) },
			Modifier::Pub { deadline: Some(NOW + DAY) },
			Modifier::Pub { deadline: Some(NOW + DAY) },
		]),
		[
			one(ObligationKind::Publish, NOW + DAY),
			one(ObligationKind::ReturnResults, NOW + 2 * DAY),
			one(ObligationKind::Moratorium, NOW + 3 * DAY),
		]
	);
	// No deadline, and one that is over, are the grant's end; a moratorium that is over owes nothing.
	assert_eq!(owed(&[Modifier::Pub { deadline: None }]), [one(ObligationKind::Publish, expiry_moment)]);
	assert_eq!(owed(&[Modifier::Rtn { deadline: Some(NOW) }]), [one(ObligationKind::ReturnResults, expiry_moment)]);
	assert_eq!(owed(&[Modifier::Mor { date: NOW }]), []);

	let day = |year, month, day| (crate::time::days_before(year, month) + day - 1) as Moment * DAY;
	let ends = |months: &[u16], start| {
		let modifiers: Vec<_> = months.iter().map(|months| Modifier::Ts { months: *months }).collect();
		expiry(&group(Permission::Gru, &modifiers), start)
	};
	assert_eq!(ends(&[], NOW), None);
	assert_eq!(ends(&[12], day(2026, 3, 15) + 7), Some(day(2027, 3, 15) + 7));
	assert_eq!(ends(&[12, 6, 18], day(2026, 3, 15)), Some(day(2026, 9, 15)));
	assert_eq!(ends(&[1], day(2027, 1, 31)), Some(day(2027, 2, 28)));
	assert_eq!(ends(&[1], day(2028, 1, 31)), Some(day(2028, 2, 29)));
	assert_eq!(ends(&[11], day(2026, 1, 1)), Some(day(2026, 12, 1)));
	assert_eq!(ends(&[12], day(2028, 2, 29)), Some(day(2029, 2, 28)));
	assert_eq!(ends(&[u16::MAX], day(2026, 1, 1)), Some(day(2026 + 5461, 4, 1)));
}

fn any_modifier() -> impl Strategy<Value = Modifier> {
	let lists = vec![
		Modifier::Rs { research_type: None },
		Modifier::Pub { deadline: None },
		Modifier::Gs { countries: countries(&[]) },
		Modifier::Gs { countries: countries(&["US"]) },
		Modifier::Us { users: names(&["u3"]) },
		Modifier::Ps { projects: names(&[]) },
		Modifier::Is { institutions: names(&["i1", "i2"]) },
		Modifier::Col { account: Name::of("u1") },
	];
	select(every_modifier().into_iter().chain(lists).collect::<Vec<_>>())
}

fn any_diseases() -> impl Strategy<Value = Diseases> {
	vec(select(vec![CANCER, BREAST, MALE_BREAST, DIABETES, Disease::mondo(1)]), 0..4).prop_map(|list| diseases(&list))
}

fn any_group() -> impl Strategy<Value = Group> {
	let permission = select(vec![Permission::Nres, Permission::Gru, Permission::Hmb, Permission::Ds, Permission::Poa]);
	(permission, any_diseases(), vec(any_modifier(), 0..6)).prop_map(|(permission, diseases, modifiers)| Group {
		permission,
		diseases,
		modifiers: modifiers.try_into().expect("few"),
	})
}

fn any_name(list: &'static [&'static str]) -> impl Strategy<Value = Option<Name>> {
	option::of(select(list).prop_map(Name::of))
}

fn any_purpose() -> impl Strategy<Value = Purpose> {
	// Mostly few uses, so that not everything is denied.
	let uses = vec(select(Use::ALL), 0..4).prop_map(|uses| UseSet::of(&uses));
	let sensitive = prop_oneof![4 => Just(SensitiveSet::EMPTY), 1 => (0u16..1024).prop_map(SensitiveSet)];
	let project = any_name(&["p1", "p2"]);
	(uses, prop::bool::weighted(0.2), option::of(any::<bool>()), any_diseases(), project, sensitive).prop_map(
		|(uses, care, commercial, diseases, project, sensitive)| Purpose {
			uses,
			care,
			commercial,
			diseases,
			research_type: None,
			project,
			sensitive,
		},
	)
}

fn any_facts() -> impl Strategy<Value = Facts> {
	let location = option::of(select(&["GB", "US"][..]).prop_map(|code| code.parse().expect("a country")));
	let ethics = option::of(NOW - 1..NOW + 2);
	let signers = option::of(vec(select(&["investigator", "u1"][..]).prop_map(Name::of), 0..2));
	let who = (any_name(&["u1", "u3"]), any_name(&["i1", "i3"]));
	(option::of(any::<bool>()), location, who, ethics, signers).prop_map(
		|(nonprofit, location, (user, institution), ethics_until, signers)| Facts {
			now: NOW,
			nonprofit,
			location,
			user,
			institution,
			ethics_until,
			co_signers: signers.map(|signers| signers.try_into().expect("few")),
		},
	)
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(2_000))]

	#[test]
	fn a_restriction_more_never_helps_a_request(
		group in any_group(), purpose in any_purpose(), facts in any_facts(), more in any_modifier(), at in any::<prop::sample::Index>()
	) {
		prop_assume!(more != Modifier::Cc);
		let mut modifiers = group.modifiers.to_vec();
		modifiers.insert(at.index(modifiers.len() + 1), more);
		let stricter = Group { modifiers: modifiers.try_into().expect("few"), ..group.clone() };
		prop_assert!(judge(&stricter, &purpose, &facts).verdict >= judge(&group, &purpose, &facts).verdict);
	}

	#[test]
	fn to_ask_for_more_never_helps_a_request(
		group in any_group(), purpose in any_purpose(), facts in any_facts(), flag in select(Sensitive::ALL),
		disease in select(vec![BREAST, DIABETES, Disease::mondo(1)])
	) {
		let before = judge(&group, &purpose, &facts).verdict;
		let flagged = Purpose { sensitive: purpose.sensitive.with(flag), ..purpose.clone() };
		prop_assert!(judge(&group, &flagged, &facts).verdict >= before);
		let commercial = Purpose { commercial: Some(true), ..purpose.clone() };
		prop_assert!(judge(&group, &commercial, &facts).verdict >= before);
		if !purpose.is_empty() {
			let care = Purpose { care: true, ..purpose.clone() };
			prop_assert!(judge(&group, &care, &facts).verdict >= before);
		}
		// Beside one disease at least: none at all is denied.
		if !purpose.diseases.is_empty() {
			let mut list = purpose.diseases.to_vec();
			list.push(disease);
			let more = Purpose { diseases: diseases(&list), ..purpose };
			prop_assert!(judge(&group, &more, &facts).verdict >= before);
		}
	}

	#[test]
	fn a_fact_that_a_modifier_consults_and_nobody_knows_is_decided_by_people_at_least(
		group in any_group(), purpose in any_purpose(), facts in any_facts()
	) {
		let unknown = group.modifiers.iter().any(|modifier| match modifier {
			Modifier::Npuncu => facts.nonprofit.is_none() || purpose.commercial.is_none(),
			Modifier::Npu => facts.nonprofit.is_none(),
			Modifier::Ncu => purpose.commercial.is_none(),
			Modifier::Col { .. } => facts.co_signers.is_none(),
			Modifier::Irb => facts.ethics_until.is_none_or(|until| until <= NOW),
			Modifier::Gs { .. } => facts.location.is_none(),
			Modifier::Us { .. } => facts.user.is_none(),
			Modifier::Ps { .. } => purpose.project.is_none(),
			Modifier::Is { .. } => facts.institution.is_none(),
			Modifier::Rs { .. } => true,
			_ => false,
		});
		let outcome = judge(&group, &purpose, &facts);
		prop_assert!(!unknown || outcome.verdict >= Verdict::Manual);
		// Without an ontology nothing is milder.
		let blind = matches(core::slice::from_ref(&group), &purpose, &facts, &());
		prop_assert!(blind.verdict() >= outcome.verdict);
		// And reasons say what they are there for.
		prop_assert!(!outcome.reasons.is_empty());
		prop_assert!(outcome.reasons.iter().all(|reason| reason.verdict() == outcome.verdict));
	}

	#[test]
	fn order_does_not_matter(
		groups in vec(any_group(), 1..8), purpose in any_purpose(), facts in any_facts(), turn in any::<prop::sample::Index>()
	) {
		let outcome = matches(&groups, &purpose, &facts, &Small);
		let by = turn.index(groups.len());
		let mut turned = groups.clone();
		turned.rotate_left(by);
		for group in &mut turned {
			let mut modifiers = group.modifiers.to_vec();
			modifiers.reverse();
			group.modifiers = modifiers.try_into().expect("as many");
		}
		let mut expected = outcome.groups.to_vec();
		expected.rotate_left(by);
		let again = matches(&turned, &purpose, &facts, &Small);
		prop_assert_eq!(&again.groups[..], &expected[..]);
		prop_assert_eq!(again.verdict(), outcome.verdict());
		// Each group is judged by itself.
		for (group, expected) in groups.iter().zip(&outcome.groups) {
			prop_assert_eq!(&judge(group, &purpose, &facts), expected);
		}
	}
}
