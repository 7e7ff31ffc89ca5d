//! The decision itself.

use super::types::*;
use crate::{
	AccountId, Action, Confidentiality, ConsentId, DataPeriod, MemberRole, Moment, Obligation, ObligationSet, OrgRole,
	Purpose,
};
use alloc::vec::Vec;

impl Conditions {
	/// Whether the actor condition admits this actor.
	pub fn names_actor(&self, actor: &AccountId, standing: &Standing) -> bool {
		self.actors.as_ref().is_none_or(|actors| {
			actors.iter().any(|named| match (named, standing) {
				(ActorRef::Account(account), _) => account == actor,
				(ActorRef::Org(org), Standing::Active(member)) => *org == member.org,
				(ActorRef::Role(role), Standing::Active(member)) => member.roles.contains(*role),
				_ => false,
			})
		})
	}

	/// Whether every stated condition is met, for a rule (or base) of this effect.
	fn met(&self, effect: Effect, request: &Request, facts: &Facts) -> bool {
		let resource = &request.resource;
		let denial = effect == Effect::Deny;
		// A stated condition on an unknown fact: a permit's fails, a denial's is met.
		fn known<T>(fact: Option<T>, denial: bool, test: impl FnOnce(T) -> bool) -> bool {
			fact.map_or(denial, test)
		}

		self.names_actor(&request.actor, &facts.standing)
			&& self
				.custodians
				.as_ref()
				.is_none_or(|stated| known(resource.custodian, denial, |custodian| stated.contains(&custodian)))
			&& self
				.authors
				.as_ref()
				.is_none_or(|stated| known(resource.author.as_ref(), denial, |author| stated.contains(author)))
			&& self.purposes.is_none_or(|stated| match effect {
				Effect::Permit => stated.iter().any(|code| permit_covers(code, request.purpose)),
				Effect::Deny => stated.iter().any(|code| denial_covers(code, request.purpose)),
			}) && self.actions.is_none_or(|stated| stated.contains(request.action))
			&& self.confidentiality.is_none_or(|stated| {
				let level = resource.confidentiality.unwrap_or(Confidentiality::VeryRestricted);
				if denial {
					level >= stated
				} else {
					level <= stated
				}
			}) && (self.labels == 0
			|| known(resource.labels, denial, |labels| {
				if denial {
					labels & self.labels != 0
				} else {
					labels & !self.labels == 0
				}
			})) && self.resource_types.is_none_or(|stated| stated.contains(resource.resource_type))
			&& self
				.records
				.as_ref()
				.is_none_or(|stated| known(resource.record, denial, |record| stated.contains(&record)))
			&& self.episode.is_none_or(|stated| known(resource.episode, denial, |episode| episode == stated))
			&& self.period_met(denial, resource.period)
	}

	fn period_met(&self, denial: bool, period: Option<DataPeriod>) -> bool {
		if self.data_from.is_none() && self.data_to.is_none() {
			return true;
		}
		let (from, to) = (self.data_from.unwrap_or(i64::MIN), self.data_to.unwrap_or(i64::MAX));
		match period {
			None => denial,
			Some(data) if denial => data.from < to && from < data.to,
			Some(data) => from <= data.from && data.to <= to,
		}
	}
}

/// Whether a permit for `stated` covers a request for `asked`: the code and its descendants, but emergency access and
/// clinical trials only where they are named.
pub(super) fn permit_covers(stated: Purpose, asked: Purpose) -> bool {
	stated == asked || (!matches!(asked, Purpose::Btg | Purpose::Clintrl) && asked.is_within(stated))
}

/// Whether a denial of `stated` covers a request for `asked`: the code and its descendants and, outside treatment,
/// its ancestors too, since who asks for the whole asks for the denied part.
pub(super) fn denial_covers(stated: Purpose, asked: Purpose) -> bool {
	asked.is_within(stated) || (stated.is_within(asked) && !stated.is_within(Purpose::Treat))
}

impl Consent {
	/// Every set of conditions in it, the root's first.
	pub fn all_conditions(&self) -> impl Iterator<Item = &Conditions> {
		core::iter::once(&self.root).chain(self.rules.iter().map(|rule| &rule.conditions))
	}

	fn has_permit_rules(&self) -> bool {
		self.rules.iter().any(|rule| rule.effect == Effect::Permit)
	}
}

impl Candidate {
	/// Whether any part of it could ever speak of this actor.
	fn concerns(&self, actor: &AccountId, standing: &Standing) -> bool {
		self.consent.all_conditions().any(|conditions| conditions.names_actor(actor, standing))
	}

	/// When it is in force: within its own period and the grantor's authority.
	pub(super) fn period(&self) -> Period {
		let own = Period { from: self.consent.start, until: self.consent.end };
		self.authority.map_or(own, |authority| own.within(authority))
	}
}

/// Decides a request. See the module's documentation and the steps in the body; `candidates` may come in any order.
///
/// Linear in the number of rules of all candidates.
pub fn decide(request: &Request, facts: &Facts, candidates: &[Candidate], now: Moment) -> Decision {
	let consulted: Vec<&Candidate> = candidates
		.iter()
		.filter(|candidate| candidate.consent.status == ConsentStatus::Active)
		.filter(|candidate| candidate.concerns(&request.actor, &facts.standing))
		.collect();
	let verdict = judge(request, facts, &consulted, now);
	Decision {
		effect: verdict.effect,
		reason: verdict.reason,
		consent: verdict.source.map(|(consent, _)| consent),
		rule: verdict.source.and_then(|(_, rule)| rule),
		obligations: verdict.obligations,
		valid_until: next_boundary(facts, &consulted, now),
		revision: facts.revision,
	}
}

/// The consent that made a verdict, and the rule of it; `None` is its base.
type Source = (ConsentId, Option<u8>);

struct Verdict {
	effect: Effect,
	reason: Reason,
	source: Option<Source>,
	obligations: ObligationSet,
}

impl Verdict {
	fn deny(reason: Reason, source: Option<Source>) -> Self {
		Self { effect: Effect::Deny, reason, source, obligations: ObligationSet::EMPTY }
	}

	fn permit(reason: Reason, source: Option<Source>, obligations: ObligationSet) -> Self {
		Self { effect: Effect::Permit, reason, source, obligations }
	}
}

fn judge(request: &Request, facts: &Facts, consulted: &[&Candidate], now: Moment) -> Verdict {
	// 0. Standing.
	let member = match &facts.standing {
		Standing::Inactive => return Verdict::deny(Reason::NotInStanding, None),
		Standing::Active(member) if member.until.is_some_and(|until| until <= now) => {
			return Verdict::deny(Reason::NotInStanding, None)
		}
		Standing::Active(member) => Some(member),
		Standing::Never => None,
	};
	let provider_clinician = member.is_some_and(|member| {
		member.roles.contains(MemberRole::Clinician) && member.org_roles.contains(OrgRole::Provider)
	});

	// 1. The record, and the patient of their own record.
	match facts.status {
		RecordStatus::Shredded => return Verdict::deny(Reason::Shredded, None),
		RecordStatus::EnteredInError => return Verdict::deny(Reason::EnteredInError, None),
		RecordStatus::Active | RecordStatus::Amended | RecordStatus::Restricted => {}
	}
	if facts.is_patient && matches!(request.action, Action::Access | Action::Use | Action::Disclose) {
		return Verdict::permit(Reason::Patient, None, ObligationSet::EMPTY);
	}
	if facts.status == RecordStatus::Restricted {
		return Verdict::deny(Reason::Restricted, None);
	}

	// 2. Emergency access.
	if request.purpose == Purpose::Btg {
		let open = facts.glass.is_some_and(|until| now < until)
			&& facts.break_glass == BreakGlass::Allowed
			&& provider_clinician
			&& request.action == Action::Access;
		return if open {
			Verdict::permit(Reason::BreakGlass, None, ObligationSet::of(&[Obligation::Aod]))
		} else {
			Verdict::deny(Reason::NoBreakGlass, None)
		};
	}

	// 3. Consents in force.
	let in_force = || consulted.iter().filter(|candidate| candidate.period().contains(now));

	// 4. Rules and bases that match, by effect.
	let matches_of = |effect: Effect| {
		in_force().flat_map(move |candidate| {
			let (id, consent) = (candidate.id, &candidate.consent);
			let base_speaks = consent.base == effect && (effect == Effect::Permit || !consent.has_permit_rules());
			let base =
				(base_speaks && consent.root.met(effect, request, facts)).then_some(((id, None), ObligationSet::EMPTY));
			let rules = consent
				.rules
				.iter()
				.enumerate()
				.filter(move |(_, rule)| rule.effect == effect && rule.conditions.met(effect, request, facts))
				.map(move |(index, rule)| ((id, Some(index as u8)), rule.obligations));
			base.into_iter().chain(rules)
		})
	};

	// 5. Explicit denials.
	if let Some((source, _)) = matches_of(Effect::Deny).min_by_key(|(source, _)| *source) {
		return Verdict::deny(Reason::Denied, Some(source));
	}

	// 6. A guardian in authority.
	if facts.guardian.is_some_and(|(scope, period)| scope.covers(request.action) && period.contains(now)) {
		return Verdict::permit(Reason::Guardian, None, ObligationSet::EMPTY);
	}

	// 7. Permits.
	let permit = matches_of(Effect::Permit)
		.reduce(|(first, obligations), (source, more)| (first.min(source), obligations.union(more)))
		.map(|(source, obligations)| Verdict::permit(Reason::Consent, Some(source), obligations));

	// 8. What a consent denies because it did not permit it; else the patient's default policy.
	let verdict = permit.unwrap_or_else(|| {
		let soft = in_force()
			.filter(|candidate| candidate.consent.base == Effect::Deny && candidate.consent.has_permit_rules())
			.filter(|candidate| candidate.consent.root.met(Effect::Deny, request, facts))
			.map(|candidate| candidate.id)
			.min();
		if let Some(id) = soft {
			Verdict::deny(Reason::NotPermitted, Some((id, None)))
		} else if provider_clinician && default_permits(request, facts, now) {
			Verdict::permit(Reason::DefaultPolicy, None, ObligationSet::EMPTY)
		} else {
			Verdict::deny(Reason::NoConsent, None)
		}
	});
	if verdict.effect == Effect::Deny {
		return verdict;
	}

	// 9. Agreements between organisations.
	let Some(member) = member else { return verdict };
	if !facts.agreement_required || request.resource.custodian == Some(member.org) {
		return verdict;
	}
	let covering = facts.agreements.iter().filter(|agreement| {
		agreement.period.contains(now)
			&& agreement.purposes.is_none_or(|stated| stated.iter().any(|code| permit_covers(code, request.purpose)))
			&& agreement.resource_types.is_none_or(|stated| stated.contains(request.resource.resource_type))
	});
	match covering.map(|agreement| agreement.obligations).reduce(ObligationSet::union) {
		Some(obligations) => Verdict { obligations: verdict.obligations.union(obligations), ..verdict },
		None => Verdict::deny(Reason::NoAgreement, verdict.source),
	}
}

fn default_permits(request: &Request, facts: &Facts, now: Moment) -> bool {
	facts.default_policy == DefaultPolicy::NormalForTreatment
		&& permit_covers(Purpose::Treat, request.purpose)
		&& matches!(request.action, Action::Access | Action::Use)
		&& request.resource.confidentiality.is_some_and(|level| level <= Confidentiality::Normal)
		&& request.resource.labels == Some(0)
		&& facts.care.is_some_and(|until| now < until)
}

/// 10. The nearest moment after `now` at which anything consulted starts or ends.
fn next_boundary(facts: &Facts, consulted: &[&Candidate], now: Moment) -> Option<Moment> {
	let ends = |until: Option<Moment>| until.map(|until| Period { from: 0, until: Some(until) });
	let member = match &facts.standing {
		Standing::Active(member) => member.until,
		_ => None,
	};
	[ends(member), ends(facts.glass), ends(facts.care), facts.guardian.map(|(_, period)| period)]
		.into_iter()
		.flatten()
		.chain(facts.agreements.iter().map(|agreement| agreement.period))
		.chain(consulted.iter().map(|candidate| candidate.period()))
		.filter_map(|period| period.next_edge(now))
		.min()
}
