//! The access decision, told by example ([`steps`], [`conditions`]) and by law ([`properties`]).

use super::{
	decision::{denial_covers, permit_covers},
	*,
};
use crate::{
	AccountId, Action, ActionSet, Confidentiality, ConsentId, DataPeriod, Episode, MemberRole, MemberRoleSet, Moment,
	Obligation, ObligationSet, OrgId, OrgRole, OrgRoleSet, Purpose, PurposeSet, RecordId, ResourceType,
	ResourceTypeSet, H256,
};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use sp_core::ConstU32;
use sp_runtime::BoundedVec;

mod conditions;
mod forms;
mod properties;
mod steps;

const NOW: Moment = 1_000;
const HOSPITAL: OrgId = 1;
const CUSTODIAN: OrgId = 7;

fn account(number: u8) -> AccountId {
	AccountId::new([number; 32])
}

fn clinician_of(org: OrgId) -> Standing {
	Standing::Active(Membership {
		org,
		roles: MemberRoleSet::of(&[MemberRole::Clinician]),
		org_roles: OrgRoleSet::of(&[OrgRole::Provider]),
		until: None,
	})
}

fn period(from: Moment, until: impl Into<Option<Moment>>) -> Period {
	Period { from, until: until.into() }
}

fn bounded<T, const N: u32>(items: impl IntoIterator<Item = T>) -> Option<BoundedVec<T, ConstU32<N>>> {
	Some(BoundedVec::truncate_from(items.into_iter().collect()))
}

fn permit(conditions: Conditions) -> Rule {
	Rule { effect: Effect::Permit, conditions, obligations: ObligationSet::EMPTY }
}

fn deny(conditions: Conditions) -> Rule {
	Rule { effect: Effect::Deny, conditions, obligations: ObligationSet::EMPTY }
}

fn any() -> Conditions {
	Conditions::default()
}

/// Conditions that the request of [`Case::new`] meets neither as a permit nor as a denial.
fn never() -> Conditions {
	Conditions { actors: bounded([ActorRef::Account(account(99))]), ..any() }
}

fn purposes(codes: &[Purpose]) -> Conditions {
	Conditions { purposes: Some(PurposeSet::of(codes)), ..any() }
}

/// An active consent without beginning or end.
fn consent(base: Effect, root: Conditions, rules: impl IntoIterator<Item = Rule>) -> Consent {
	Consent {
		grantor: account(50),
		guardianship: None,
		base,
		root,
		rules: BoundedVec::truncate_from(rules.into_iter().collect()),
		start: 0,
		end: None,
		status: ConsentStatus::Active,
		supersedes: None,
		policy: H256::zero(),
		receipt: H256::zero(),
		erase_by: None,
	}
}

/// A question with everything it is answered from: a clinician of a provider asks to read a record of normal
/// confidentiality and without labels, for treatment; all of its facts are known, and no consent has been given.
#[derive(Clone)]
struct Case {
	request: Request,
	facts: Facts,
	candidates: Vec<Candidate>,
	now: Moment,
}

impl Case {
	fn new() -> Self {
		let resource = Resource {
			record: Some(RecordId([1; 32])),
			resource_type: ResourceType::Observation,
			confidentiality: Some(Confidentiality::Normal),
			labels: Some(0),
			period: Some(DataPeriod { from: 100, to: 200 }),
			author: Some(account(2)),
			custodian: Some(CUSTODIAN),
			episode: Some(Episode([1; 16])),
		};
		Self {
			request: Request { actor: account(1), purpose: Purpose::Treat, action: Action::Access, resource },
			facts: Facts { standing: clinician_of(HOSPITAL), revision: 5, ..Facts::none() },
			candidates: Vec::new(),
			now: NOW,
		}
	}

	/// The same with one more consent, whose number is the next one from 10 on.
	fn consent(mut self, consent: Consent) -> Self {
		let id = 10 + self.candidates.len() as ConsentId;
		self.candidates.push(Candidate { id, consent, authority: None });
		self
	}

	/// The same with one more consent of these rules, that leaves open what they do not speak of.
	fn rules(self, rules: impl IntoIterator<Item = Rule>) -> Self {
		self.consent(consent(Effect::Deny, never(), rules))
	}

	fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
		change(&mut self);
		self
	}

	fn decide(&self) -> Decision {
		decide(&self.request, &self.facts, &self.candidates, self.now)
	}

	#[track_caller]
	fn is(&self, effect: Effect, reason: Reason, consent: Option<ConsentId>, rule: Option<u8>) -> Decision {
		let decision = self.decide();
		assert_eq!(
			(decision.effect, decision.reason, decision.consent, decision.rule),
			(effect, reason, consent, rule)
		);
		assert_eq!(decision.revision, self.facts.revision);
		decision
	}

	#[track_caller]
	fn permits(&self, reason: Reason) -> Decision {
		self.is(Effect::Permit, reason, None, None)
	}

	#[track_caller]
	fn denies(&self, reason: Reason) -> Decision {
		let decision = self.is(Effect::Deny, reason, None, None);
		assert!(decision.obligations.is_empty());
		decision
	}
}
