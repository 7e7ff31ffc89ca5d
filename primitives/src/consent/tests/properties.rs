//! What must hold of every decision, tried on random questions whose few accounts, codes and moments make rules match
//! often. `SALUS_PROPTEST_CASES` sets how many are tried.

use super::*;
use proptest::{arbitrary::any as arbitrary, collection::vec, option, prelude::*, sample};

/// Moments lie before this one, so that many edges fall together.
const LAST: Moment = 24;

fn cases() -> ProptestConfig {
	let cases = std::env::var("SALUS_PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(4_096);
	ProptestConfig { cases, failure_persistence: None, max_global_rejects: u32::MAX, ..ProptestConfig::default() }
}

/// Stated now and then.
fn now_and_then<T: core::fmt::Debug>(strategy: impl Strategy<Value = T>) -> impl Strategy<Value = Option<T>> {
	option::weighted(0.25, strategy)
}

/// Known most of the time.
fn mostly<T: core::fmt::Debug>(strategy: impl Strategy<Value = T>) -> impl Strategy<Value = Option<T>> {
	option::weighted(0.85, strategy)
}

fn few<T: core::fmt::Debug, const N: u32>(
	strategy: impl Strategy<Value = T>,
) -> impl Strategy<Value = BoundedVec<T, ConstU32<N>>> {
	vec(strategy, 1..3).prop_map(BoundedVec::truncate_from)
}

fn moment() -> impl Strategy<Value = Moment> {
	0..LAST
}

fn any_period() -> impl Strategy<Value = Period> {
	(moment(), option::of(moment())).prop_map(|(from, until)| Period { from, until })
}

fn accounts() -> impl Strategy<Value = AccountId> {
	(1..4u8).prop_map(account)
}

fn purpose() -> impl Strategy<Value = Purpose> {
	use Purpose::*;
	sample::select(vec![Treat, Treat, Coc, Etreat, Btg, Clintrl, Hresch, Clintrch, Clintrchpc])
}

fn actor_ref() -> impl Strategy<Value = ActorRef> {
	prop_oneof![
		accounts().prop_map(ActorRef::Account),
		(1..3u32).prop_map(ActorRef::Org),
		sample::select(vec![MemberRole::Clinician, MemberRole::Researcher]).prop_map(ActorRef::Role),
	]
}

fn resource_type() -> impl Strategy<Value = ResourceType> {
	sample::select(vec![ResourceType::Observation, ResourceType::Condition])
}

fn obligations() -> impl Strategy<Value = ObligationSet> {
	(0..8u16).prop_map(ObligationSet)
}

fn conditions() -> impl Strategy<Value = Conditions> {
	let who = (now_and_then(few(actor_ref())), now_and_then(few(1..3u32)), now_and_then(few(accounts())));
	let what = (
		now_and_then(vec(purpose(), 1..3).prop_map(PurposeSet::from_iter)),
		now_and_then((1..32u8).prop_map(ActionSet)),
		now_and_then(sample::select(Confidentiality::ALL)),
		prop_oneof![3 => Just(0), 1 => 0..8u32],
		now_and_then(vec(resource_type(), 1..3).prop_map(ResourceTypeSet::from_iter)),
	);
	let which = (
		now_and_then(few((1..3u8).prop_map(|byte| RecordId([byte; 32])))),
		now_and_then((1..3u8).prop_map(|byte| Episode([byte; 16]))),
		now_and_then(0..10i64),
		now_and_then(5..15i64),
	);
	(who, what, which).prop_map(|(who, what, which)| Conditions {
		actors: who.0,
		custodians: who.1,
		authors: who.2,
		purposes: what.0,
		actions: what.1,
		confidentiality: what.2,
		labels: what.3,
		resource_types: what.4,
		records: which.0,
		episode: which.1,
		data_from: which.2,
		data_to: which.3,
	})
}

fn rule() -> impl Strategy<Value = Rule> {
	let effect = prop_oneof![3 => Just(Effect::Permit), 1 => Just(Effect::Deny)];
	(effect, conditions(), obligations()).prop_map(|(effect, conditions, obligations)| Rule {
		effect,
		conditions,
		obligations,
	})
}

fn any_candidate() -> impl Strategy<Value = Candidate> {
	let base = prop_oneof![1 => Just(Effect::Permit), 2 => Just(Effect::Deny)];
	let status = prop_oneof![8 => Just(ConsentStatus::Active), 1 => Just(ConsentStatus::Withdrawn)];
	let authority = now_and_then(any_period());
	(base, conditions(), vec(rule(), 0..4), any_period(), status, authority).prop_map(
		|(base, root, rules, period, status, authority)| Candidate {
			id: 0,
			consent: Consent {
				// Short waits before the beginning, or too little would be in force.
				start: period.from / 3,
				end: period.until,
				status,
				..consent(base, root, rules)
			},
			authority,
		},
	)
}

fn standing() -> impl Strategy<Value = Standing> {
	// Most of them clinicians of providers.
	let roles = || prop_oneof![3 => Just(1), 1 => 0..4u16];
	let membership = (1..3u32, roles(), roles(), now_and_then(moment())).prop_map(|(org, roles, org_roles, until)| {
		// Clinician and researcher; provider and dispenser.
		Standing::Active(Membership { org, roles: MemberRoleSet(roles), org_roles: OrgRoleSet(org_roles), until })
	});
	prop_oneof![2 => Just(Standing::Never), 1 => Just(Standing::Inactive), 12 => membership]
}

fn facts() -> impl Strategy<Value = Facts> {
	let status = prop_oneof![
		16 => Just(RecordStatus::Active),
		1 => sample::select(vec![RecordStatus::Amended, RecordStatus::Restricted, RecordStatus::Shredded]),
	];
	let scope = sample::select(vec![GuardianScope::Full, GuardianScope::ConsentOnly, GuardianScope::ReadOnly]);
	let sharing = (
		now_and_then(vec(purpose(), 1..3).prop_map(PurposeSet::from_iter)),
		now_and_then(vec(resource_type(), 1..3).prop_map(ResourceTypeSet::from_iter)),
		obligations(),
		any_period(),
	)
		.prop_map(|(purposes, resource_types, obligations, period)| Sharing {
			purposes,
			resource_types,
			obligations,
			period,
		});
	(
		(standing(), prop::bool::weighted(0.05), status),
		(arbitrary::<bool>(), mostly(moment()), option::weighted(0.1, (scope, any_period()))),
		(arbitrary::<bool>(), mostly(moment())),
		(prop::bool::weighted(0.3), vec(sharing, 0..3)),
	)
		.prop_map(|(who, emergency, default, agreements)| Facts {
			standing: who.0,
			is_patient: who.1,
			status: who.2,
			break_glass: if emergency.0 { BreakGlass::Allowed } else { BreakGlass::Forbidden },
			glass: emergency.1,
			guardian: emergency.2,
			default_policy: if default.0 { DefaultPolicy::NormalForTreatment } else { DefaultPolicy::Deny },
			care: default.1,
			agreement_required: agreements.0,
			agreements: agreements.1,
			revision: 0,
		})
}

fn request() -> impl Strategy<Value = Request> {
	let resource = (
		mostly((1..3u8).prop_map(|byte| RecordId([byte; 32]))),
		resource_type(),
		mostly(sample::select(Confidentiality::ALL)),
		mostly(prop_oneof![2 => Just(0), 1 => 0..8u32]),
		mostly((0..12i64, 1..6i64).prop_map(|(from, length)| DataPeriod { from, to: from + length })),
		mostly(accounts()),
		mostly(1..3u32),
		mostly((1..3u8).prop_map(|byte| Episode([byte; 16]))),
	)
		.prop_map(|known| Resource {
			record: known.0,
			resource_type: known.1,
			confidentiality: known.2,
			labels: known.3,
			period: known.4,
			author: known.5,
			custodian: known.6,
			episode: known.7,
		});
	let action = sample::select(vec![Action::Access, Action::Access, Action::Use, Action::Correct]);
	(accounts(), purpose(), action, resource).prop_map(|(actor, purpose, action, resource)| Request {
		actor,
		purpose,
		action,
		resource,
	})
}

fn case() -> impl Strategy<Value = Case> {
	(request(), facts(), vec(any_candidate(), 0..5), moment()).prop_map(|(request, facts, mut candidates, now)| {
		for (id, candidate) in candidates.iter_mut().enumerate() {
			candidate.id = id as ConsentId;
		}
		Case { request, facts, candidates, now }
	})
}

impl core::fmt::Debug for Case {
	fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		f.debug_struct("Case")
			.field("now", &self.now)
			.field("request", &self.request)
			.field("facts", &self.facts)
			.field("candidates", &self.candidates)
			.finish()
	}
}

/// What the order of rules and consents has no part in.
fn outcome(decision: &Decision) -> (Effect, Reason, ObligationSet, Option<Moment>) {
	(decision.effect, decision.reason, decision.obligations, decision.valid_until)
}

/// A case, and the same with consents and rules in another order.
fn shuffled() -> impl Strategy<Value = (Case, Case)> {
	case().prop_flat_map(|case| {
		let rules: Vec<_> =
			case.candidates.iter().map(|candidate| Just(candidate.consent.rules.to_vec()).prop_shuffle()).collect();
		let order = Just((0..case.candidates.len()).collect::<Vec<_>>()).prop_shuffle();
		(Just(case), rules, order).prop_map(|(case, rules, order)| {
			let mut other = case.clone();
			for (candidate, rules) in other.candidates.iter_mut().zip(rules) {
				candidate.consent.rules = BoundedVec::truncate_from(rules);
			}
			other.candidates = order.into_iter().map(|index| other.candidates[index].clone()).collect();
			(case, other)
		})
	})
}

proptest! {
	#![proptest_config(cases())]

	#[test]
	fn the_order_of_rules_and_consents_never_matters((case, other) in shuffled()) {
		prop_assert_eq!(outcome(&case.decide()), outcome(&other.decide()));
	}

	#[test]
	fn the_order_of_consents_does_not_change_what_is_named(case in case()) {
		let reversed = case.clone().with(|case| case.candidates.reverse());
		prop_assert_eq!(case.decide(), reversed.decide());
	}

	#[test]
	fn adding_a_denial_never_turns_deny_into_permit(
		case in case(),
		conditions in conditions(),
		(root, base, period) in (conditions(), arbitrary::<bool>(), any_period()),
		at in arbitrary::<sample::Index>(),
	) {
		prop_assume!(!case.decide().is_permit());
		// A rule of a consent that is there …
		if !case.candidates.is_empty() {
			let mut more = case.clone();
			let index = at.index(more.candidates.len());
			let _ = more.candidates[index].consent.rules.try_push(deny(conditions.clone()));
			prop_assert!(!more.decide().is_permit());
		}
		// … or a consent that permits nothing.
		let rules = if base { vec![] } else { vec![deny(conditions)] };
		let denial = Consent { start: period.from, end: period.until, ..consent(Effect::Deny, root, rules) };
		prop_assert!(!case.consent(denial).decide().is_permit());
	}

	#[test]
	fn a_consent_that_is_over_or_not_active_equals_an_absent_one(
		case in case(),
		mut past in any_candidate(),
		how in 0..3u8,
		at in arbitrary::<sample::Index>(),
	) {
		past.id = 99;
		match how {
			0 => past.consent.end = Some(past.consent.end.unwrap_or(case.now).min(case.now)),
			1 => past.authority = Some(period(0, case.now)),
			_ => past.consent.status = ConsentStatus::Superseded,
		}
		let mut with = case.clone();
		with.candidates.insert(at.index(case.candidates.len() + 1), past);
		prop_assert_eq!(case.decide(), with.decide());
	}

	#[test]
	fn valid_until_is_never_late(case in case()) {
		let decision = case.decide();
		if let Some(until) = decision.valid_until {
			prop_assert!(case.now < until);
		}
		// Every edge lies before `LAST`; what holds there holds for ever.
		for now in case.now..decision.valid_until.unwrap_or(LAST + 1) {
			let later = case.clone().with(|case| case.now = now).decide();
			prop_assert_eq!((later.effect, later.reason), (decision.effect, decision.reason), "at {}", now);
			prop_assert_eq!((later.consent, later.rule), (decision.consent, decision.rule), "at {}", now);
			prop_assert_eq!(later.obligations, decision.obligations, "at {}", now);
		}
	}

	#[test]
	fn leaving_a_fact_out_never_turns_deny_into_permit(case in case()) {
		prop_assume!(!case.decide().is_permit());
		let forget: [fn(&mut Resource); 7] = [
			|resource| resource.record = None,
			|resource| resource.confidentiality = None,
			|resource| resource.labels = None,
			|resource| resource.period = None,
			|resource| resource.author = None,
			|resource| resource.custodian = None,
			|resource| resource.episode = None,
		];
		for chosen in 0..1u8 << forget.len() {
			let mut less = case.clone();
			for (index, forget) in forget.iter().enumerate() {
				if chosen & 1 << index != 0 {
					forget(&mut less.request.resource);
				}
			}
			prop_assert!(!less.decide().is_permit(), "{:?}", less.request.resource);
		}
	}

	#[test]
	fn a_refusal_obliges_to_nothing_and_a_permit_names_what_gave_it(case in case()) {
		let decision = case.decide();
		if !decision.is_permit() {
			prop_assert!(decision.obligations.is_empty());
		}
		let names = matches!(
			decision.reason,
			Reason::Consent | Reason::Denied | Reason::NotPermitted
		);
		prop_assert!(!names || decision.consent.is_some());
		prop_assert!(decision.rule.is_none() || decision.consent.is_some());
		if let Some(id) = decision.consent {
			let named = case.candidates.iter().find(|candidate| candidate.id == id).expect("one that was given");
			prop_assert_eq!(named.consent.status, ConsentStatus::Active);
			prop_assert!(named.period().contains(case.now));
			prop_assert!(decision.rule.is_none_or(|rule| usize::from(rule) < named.consent.rules.len()));
		}
	}
}

/// The questions are of use only if they are answered in every way.
#[test]
fn random_questions_meet_every_reason() {
	use proptest::{strategy::ValueTree, test_runner::TestRunner};
	let mut runner = TestRunner::deterministic();
	let strategy = case();
	let mut met = std::collections::BTreeMap::<Reason, u32>::new();
	for _ in 0..20_000 {
		let case = strategy.new_tree(&mut runner).expect("nothing is filtered").current();
		*met.entry(case.decide().reason).or_default() += 1;
	}
	// Not made by the decision, or too much alike to be worth a place among the random statuses.
	let elsewhere = [Reason::UnknownPatient, Reason::UnknownRecord, Reason::EnteredInError];
	for reason in Reason::ALL.into_iter().filter(|reason| !elsewhere.contains(reason)) {
		assert!(met.get(&reason).is_some_and(|count| *count >= 50), "{reason:?} is rare: {met:?}");
	}
}
