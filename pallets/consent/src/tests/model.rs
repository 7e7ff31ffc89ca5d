//! A small reference model. It keeps every consent, guardianship and emergency access that there ever was in plain lists,
//! has neither index nor counters, and decides over all of them.

use super::*;
use crate::types::{
	Awaiting, Care, Glass, Patient, Recovery, GLASS_PERIOD, GLASS_RETENTION, GLASS_REVIEW, MAX_MINORITY, PROPOSAL_LIFE,
};
use salus_primitives::{
	consent::{self, Candidate, Facts, Finding, Membership, RecordStatus, Request, Standing},
	inputs::Friend,
	OrgRole,
};
use sp_runtime::DispatchError;
use std::collections::BTreeMap;

pub type Stored = salus_primitives::consent::Consent;
type Ticket = <Test as crate::Config>::Consideration;

/// A call; on which patient and by whom is told beside it. Moments are those of the call.
#[derive(Clone, Debug)]
pub enum Op {
	Register { default_policy: DefaultPolicy, break_glass: BreakGlass },
	RegisterMinor { ward: AccountId, majority: Moment },
	SetPolicy { default_policy: DefaultPolicy, break_glass: BreakGlass },
	OpenCare { org: OrgId, until: Moment, recipient: AccountId, key_length: usize },
	CloseCare { org: OrgId },
	Grant(ConsentInput),
	Withdraw(ConsentId),
	EnterInError(ConsentId),
	Remove(ConsentId),
	Appoint(GuardianInput),
	EndGuardian(GuardianshipId),
	Propose(ConsentInput),
	Accept(ConsentId),
	Reject(ConsentId),
	BreakGlass,
	Review { actor: AccountId, finding: Finding },
	Object { actor: AccountId },
	RemoveGlass { actor: AccountId },
	SetFriends { friends: Vec<Friend>, threshold: u8, delay: Moment },
	Vouch(AccountId),
	StopRecovery,
	FinishRecovery,
	Touch,
}

pub const REASON: EmergencyReason = EmergencyReason::EmergencyTreatment;

#[derive(Clone)]
pub struct Model {
	pub now: Moment,
	pub patients: BTreeMap<PatientId, ModelPatient>,
	pub glasses: Vec<ModelGlass>,
	pub held: BTreeMap<AccountId, u128>,
}

#[derive(Clone)]
pub struct ModelPatient {
	pub controller: AccountId,
	pub minor_until: Option<Moment>,
	pub revision: u64,
	pub default_policy: DefaultPolicy,
	pub break_glass: BreakGlass,
	pub given: ConsentId,
	/// With who paid for each.
	pub consents: BTreeMap<ConsentId, (Stored, AccountId)>,
	/// Every guardianship that there ever was; its number is its place.
	pub guardianships: Vec<Guardianship>,
	/// The organisation that asks, and until when.
	pub proposals: BTreeMap<ConsentId, (OrgId, Moment)>,
	/// Until when, and who paid.
	pub cares: BTreeMap<OrgId, (Moment, AccountId)>,
	pub friends: Option<Friends>,
}

#[derive(Clone)]
pub struct Guardianship {
	account: AccountId,
	appointed_by: AccountId,
	scope: GuardianScope,
	period: Period,
	/// Ended by a call.
	ended: bool,
	/// Over, and gone from storage since another was appointed.
	pub unlisted: bool,
}

#[derive(Clone)]
pub struct ModelGlass {
	pub patient: PatientId,
	pub actor: AccountId,
	pub org: OrgId,
	pub opened: Moment,
	pub until: Moment,
	pub review: Option<Finding>,
	pub objected: bool,
	/// Removed, or replaced by a later one of the pair.
	pub gone: bool,
}

#[derive(Clone)]
pub struct Friends {
	pub votes: Vec<(Friend, Option<AccountId>)>,
	threshold: usize,
	delay: Moment,
	pub due: Option<(AccountId, Moment)>,
	payer: AccountId,
}

impl Guardianship {
	fn is_over(&self, now: Moment) -> bool {
		self.ended || self.period.until.is_some_and(|until| until <= now)
	}
}

impl ModelGlass {
	pub fn awaits_review(&self) -> bool {
		!self.gone && self.review.is_none() && !self.objected
	}
}

impl Friends {
	fn agree_on(&self, account: &AccountId) -> bool {
		self.votes.iter().filter(|(_, vote)| vote.as_ref() == Some(account)).count() >= self.threshold
	}

	fn forget(&mut self) {
		self.due = None;
		for (_, vote) in &mut self.votes {
			*vote = None;
		}
	}
}

impl ModelPatient {
	pub fn is_minor(&self, now: Moment) -> bool {
		self.minor_until.is_some_and(|majority| now < majority)
	}

	fn guardianship(&self, who: &AccountId, now: Moment) -> Option<(usize, &Guardianship)> {
		self.guardianships.iter().enumerate().find(|(_, held)| held.account == *who && !held.is_over(now))
	}

	pub fn capacity(&self, who: &AccountId, now: Moment) -> Option<Capacity> {
		if self.controller == *who && !self.is_minor(now) {
			return Some(Capacity::Patient);
		}
		let (number, held) = self.guardianship(who, now).filter(|(_, held)| held.period.from <= now)?;
		Some(Capacity::Guardian { number: number as u32, scope: held.scope, period: held.period })
	}

	fn authority(&self, consent: &Stored) -> Option<Period> {
		let held = &self.guardianships[consent.guardianship? as usize];
		Some(if held.ended { Period { from: 0, until: Some(0) } } else { held.period })
	}

	pub fn is_live(&self, consent: &Stored, now: Moment) -> bool {
		let authorised = self.authority(consent).and_then(|period| period.until).is_none_or(|until| now < until);
		consent.status == ConsentStatus::Active && consent.end.is_none_or(|end| now < end) && authorised
	}

	/// The consent, if it is active and not over.
	fn live(&mut self, id: &ConsentId, now: Moment) -> Result<&mut Stored, Error<Test>> {
		let (stored, _) = self.consents.get(id).ok_or(Error::ConsentNotFound)?;
		if stored.status != ConsentStatus::Active {
			return Err(Error::NotActive);
		}
		if !self.is_live(stored, now) {
			return Err(Error::Expired);
		}
		Ok(&mut self.consents.get_mut(id).expect("it was found").0)
	}

	/// Whether one more consent fits.
	fn has_slot(&self, consent: &Stored, now: Moment) -> Result<(), Error<Test>> {
		let only_denies = |consent: &Stored| {
			consent.base == Effect::Deny && !consent.rules.iter().any(|rule| rule.effect == Effect::Permit)
		};
		let live: Vec<_> = self.consents.values().filter(|(other, _)| self.is_live(other, now)).collect();
		if live.len() >= 16 {
			return Err(Error::TooManyConsents);
		}
		if !only_denies(consent) && live.iter().filter(|(other, _)| !only_denies(other)).count() >= 15 {
			return Err(Error::SlotKeptForDenial);
		}
		Ok(())
	}
}

fn deposit(size: usize) -> u128 {
	DEPOSIT_BASE + size as u128
}

fn ensure(holds: bool, error: Error<Test>) -> Result<(), Error<Test>> {
	holds.then_some(()).ok_or(error)
}

fn member(who: &AccountId) -> Option<Membership> {
	match Standings::get().remove(who) {
		Some(Standing::Active(member)) => Some(member),
		_ => None,
	}
}

fn stored_from(input: &ConsentInput, now: Moment) -> Result<Stored, Error<Test>> {
	for conditions in std::iter::once(&input.root).chain(input.rules.iter().map(|rule| &rule.conditions)) {
		conditions.validate()?;
	}
	let input = input.clone();
	let start = input.start.unwrap_or(now);
	ensure(start >= now, Error::StartInPast)?;
	ensure(input.end.is_none_or(|end| end > now), Error::EndInPast)?;
	ensure(input.end.is_none_or(|end| end > start), Error::EndBeforeStart)?;
	ensure(input.supersedes.is_none() || start == now, Error::StartInFuture)?;
	Ok(Stored {
		grantor: ALICE,
		guardianship: None,
		base: input.base,
		root: input.root,
		rules: input.rules,
		start,
		end: input.end,
		status: ConsentStatus::Active,
		supersedes: input.supersedes,
		policy: input.policy,
		receipt: input.receipt,
		erase_by: input.erase_by,
	})
}

impl Model {
	pub fn new() -> Self {
		Self { now: NOW, patients: BTreeMap::new(), glasses: Vec::new(), held: BTreeMap::new() }
	}

	/// What the call must answer; the model changes only if that is a success.
	pub fn apply(&mut self, who: &AccountId, patient: PatientId, op: &Op) -> DispatchResult {
		let mut next = self.clone();
		next.change(who, patient, op).map_err(DispatchError::from)?;
		*self = next;
		Ok(())
	}

	fn charge(&mut self, who: &AccountId, size: usize) {
		*self.held.entry(who.clone()).or_default() += deposit(size);
	}

	fn refund(&mut self, who: &AccountId, size: usize) {
		*self.held.get_mut(who).expect("who gets a refund has paid") -= deposit(size);
	}

	fn register(&mut self, who: &AccountId, patient: PatientId, entry: ModelPatient) -> Result<(), Error<Test>> {
		ensure(!self.patients.contains_key(&patient), Error::AlreadyExists)?;
		self.charge(who, Patient::<Ticket>::max_encoded_len());
		self.patients.insert(patient, entry);
		Ok(())
	}

	fn last_glass(&mut self, patient: PatientId, actor: &AccountId) -> Option<&mut ModelGlass> {
		self.glasses.iter_mut().find(|glass| !glass.gone && glass.patient == patient && glass.actor == *actor)
	}

	/// May leave the model half changed if it fails.
	fn change(&mut self, who: &AccountId, patient: PatientId, op: &Op) -> Result<(), Error<Test>> {
		let now = self.now;
		let blank = |controller: &AccountId| ModelPatient {
			controller: controller.clone(),
			minor_until: None,
			revision: 1,
			default_policy: DefaultPolicy::Deny,
			break_glass: BreakGlass::Allowed,
			given: 0,
			consents: BTreeMap::new(),
			guardianships: Vec::new(),
			proposals: BTreeMap::new(),
			cares: BTreeMap::new(),
			friends: None,
		};
		match op {
			Op::Register { default_policy, break_glass } => {
				let entry = ModelPatient { default_policy: *default_policy, break_glass: *break_glass, ..blank(who) };
				return self.register(who, patient, entry);
			}
			Op::RegisterMinor { ward, majority } => {
				ensure(ward != who, Error::SelfGuardian)?;
				ensure(now < *majority && *majority <= now + MAX_MINORITY, Error::WrongMajority)?;
				let mother = Guardianship {
					account: who.clone(),
					appointed_by: who.clone(),
					scope: GuardianScope::Full,
					period: Period { from: now, until: Some(*majority) },
					ended: false,
					unlisted: false,
				};
				let (minor_until, guardianships) = (Some(*majority), vec![mother]);
				return self.register(who, patient, ModelPatient { minor_until, guardianships, ..blank(ward) });
			}
			Op::Propose(_) => ensure(member(who).is_some(), Error::NotAuthorized)?,
			Op::BreakGlass => {
				let may = member(who).is_some_and(|member| {
					member.roles.contains(MemberRole::Clinician) && member.org_roles.contains(OrgRole::Provider)
				});
				ensure(may, Error::NotAuthorized)?;
			}
			Op::RemoveGlass { actor } => ensure(who == actor, Error::NotAuthorized)?,
			_ => {}
		}

		let mut entry = self.patients.remove(&patient).ok_or(Error::PatientNotFound)?;
		let capacity = entry.capacity(who, now);
		let (is_full, may_consent) =
			(capacity.is_some_and(|held| held.is_full()), capacity.is_some_and(|held| held.may_consent()));
		let guardianship = capacity.and_then(|held| held.guardianship());
		match op {
			Op::SetPolicy { .. } | Op::Object { .. } | Op::SetFriends { .. } => ensure(is_full, Error::NotAuthorized)?,
			Op::OpenCare { .. }
			| Op::CloseCare { .. }
			| Op::Grant(_)
			| Op::Withdraw(_)
			| Op::EnterInError(_)
			| Op::Remove(_)
			| Op::Accept(_) => ensure(may_consent, Error::NotAuthorized)?,
			_ => {}
		}
		let glass_size = <(Glass<Ticket>, Awaiting)>::max_encoded_len();

		match op.clone() {
			Op::Register { .. } | Op::RegisterMinor { .. } => unreachable!("handled above"),
			Op::Touch => {}
			Op::SetPolicy { default_policy, break_glass } => {
				(entry.default_policy, entry.break_glass) = (default_policy, break_glass);
			}
			Op::OpenCare { org, until, recipient, key_length } => {
				ensure(until > now, Error::EndInPast)?;
				ensure(key_length == 80, Error::WrongKeyLength)?;
				let (active, _) = *Organisations::get().get(&org).ok_or(Error::OrganisationNotFound)?;
				ensure(active, Error::OrganisationNotActive)?;
				ensure(member(&recipient).is_some_and(|member| member.org == org), Error::RecipientNotMember)?;
				let size = Care::<Ticket>::max_encoded_len();
				if let Some((_, payer)) = entry.cares.insert(org, (until, who.clone())) {
					self.refund(&payer, size);
				}
				self.charge(who, size);
			}
			Op::CloseCare { org } => {
				let (_, payer) = entry.cares.remove(&org).ok_or(Error::CareNotFound)?;
				self.refund(&payer, Care::<Ticket>::max_encoded_len());
			}
			Op::Grant(input) => {
				let consent = Stored { grantor: who.clone(), guardianship, ..stored_from(&input, now)? };
				if let Some(old) = &input.supersedes {
					entry.live(old, now)?.status = ConsentStatus::Superseded;
				}
				entry.has_slot(&consent, now)?;
				self.charge(who, consent.encoded_size());
				entry.consents.insert(entry.given, (consent, who.clone()));
				entry.given += 1;
			}
			Op::Withdraw(id) => {
				let by_guardian = guardianship.is_some();
				entry.live(&id, now)?.status =
					if by_guardian { ConsentStatus::Revoked } else { ConsentStatus::Withdrawn };
			}
			Op::EnterInError(id) => {
				let (consent, _) = entry.consents.get_mut(&id).ok_or(Error::ConsentNotFound)?;
				ensure(consent.status == ConsentStatus::Active, Error::NotActive)?;
				consent.status = ConsentStatus::EnteredInError;
			}
			Op::Remove(id) => {
				let (consent, payer) = entry.consents.get(&id).ok_or(Error::ConsentNotFound)?.clone();
				let open = consent.status == ConsentStatus::Proposed || entry.is_live(&consent, now);
				ensure(!open, Error::StillActive)?;
				self.refund(&payer, consent.encoded_size());
				entry.consents.remove(&id);
			}
			Op::Appoint(input) => {
				ensure(capacity == Some(Capacity::Patient) || is_full && entry.is_minor(now), Error::NotAuthorized)?;
				ensure(input.account != entry.controller, Error::SelfGuardian)?;
				ensure(entry.guardianship(&input.account, now).is_none(), Error::AlreadyExists)?;
				let from = input.from.unwrap_or(now);
				ensure(from >= now, Error::StartInPast)?;
				let majority = entry.minor_until.filter(|_| entry.is_minor(now));
				let until = input.until.into_iter().chain(majority).min();
				ensure(until.is_none_or(|until| until > now), Error::EndInPast)?;
				ensure(until.is_none_or(|until| until > from), Error::EndBeforeStart)?;
				for held in &mut entry.guardianships {
					held.unlisted |= held.is_over(now);
				}
				let listed = entry.guardianships.iter().filter(|held| !held.unlisted).count();
				ensure(listed < 8, Error::TooManyGuardians)?;
				entry.guardianships.push(Guardianship {
					account: input.account,
					appointed_by: who.clone(),
					scope: input.scope,
					period: Period { from, until },
					ended: false,
					unlisted: false,
				});
			}
			Op::EndGuardian(number) => {
				let listed = entry.guardianships.get_mut(number as usize).filter(|held| !held.unlisted);
				let held = listed.ok_or(Error::GuardianNotFound)?;
				let may_end =
					capacity == Some(Capacity::Patient) || *who == held.account || *who == held.appointed_by && is_full;
				ensure(may_end, Error::NotAuthorized)?;
				(held.ended, held.unlisted) = (true, true);
			}
			Op::Propose(input) => {
				let org = member(who).expect("checked above").org;
				ensure(input.supersedes.is_none(), Error::CannotSupersede)?;
				let consent = stored_from(&input, now)?;
				let expired: Vec<ConsentId> =
					entry.proposals.iter().filter(|(_, (_, until))| *until <= now).map(|(id, _)| *id).collect();
				for id in expired {
					entry.proposals.remove(&id);
					let (consent, payer) = entry.consents.remove(&id).expect("a proposal is stored");
					self.refund(&payer, consent.encoded_size());
				}
				let of_org = entry.proposals.values().filter(|(other, _)| *other == org).count();
				ensure(entry.proposals.len() < 8 && of_org < 2, Error::TooManyProposals)?;
				let consent = Stored { grantor: who.clone(), status: ConsentStatus::Proposed, ..consent };
				self.charge(who, consent.encoded_size());
				entry.consents.insert(entry.given, (consent, who.clone()));
				entry.proposals.insert(entry.given, (org, now + PROPOSAL_LIFE));
				entry.given += 1;
			}
			Op::Accept(id) => {
				let (consent, payer) = entry.consents.get(&id).ok_or(Error::ConsentNotFound)?.clone();
				let (_, until) = *entry.proposals.get(&id).ok_or(Error::NotProposed)?;
				ensure(now < until && consent.end.is_none_or(|end| now < end), Error::Expired)?;
				self.refund(&payer, consent.encoded_size());
				let (grantor, start) = (who.clone(), consent.start.max(now));
				let consent = Stored { grantor, guardianship, start, status: ConsentStatus::Active, ..consent };
				entry.has_slot(&consent, now)?;
				self.charge(who, consent.encoded_size());
				entry.proposals.remove(&id);
				entry.consents.insert(id, (consent, who.clone()));
			}
			Op::Reject(id) => {
				let (consent, payer) = entry.consents.get(&id).ok_or(Error::ConsentNotFound)?.clone();
				let (org, _) = *entry.proposals.get(&id).ok_or(Error::NotProposed)?;
				ensure(may_consent || member(who).is_some_and(|member| member.org == org), Error::NotAuthorized)?;
				self.refund(&payer, consent.encoded_size());
				entry.proposals.remove(&id);
				entry.consents.remove(&id);
			}
			Op::BreakGlass => {
				let org = member(who).expect("checked above").org;
				ensure(entry.break_glass == BreakGlass::Allowed, Error::Forbidden)?;
				let own: Vec<ModelGlass> =
					self.glasses.iter().filter(|glass| glass.actor == *who && !glass.gone).cloned().collect();
				let last = own.iter().find(|glass| glass.patient == patient);
				ensure(last.is_none_or(|last| last.until <= now), Error::AlreadyOpen)?;
				let awaiting: Vec<_> = own.iter().filter(|glass| glass.awaits_review()).collect();
				let overdue = awaiting.iter().any(|glass| glass.opened + GLASS_REVIEW <= now);
				ensure(!overdue, Error::Unreviewed)?;
				if let Some(last) = last {
					ensure(!last.objected || last.review == Some(Finding::Justified), Error::Objected)?;
					ensure(last.review.is_some(), Error::Unreviewed)?;
				}
				ensure(awaiting.len() < 8, Error::Unreviewed)?;
				let same_day = |glass: &&ModelGlass| glass.org == org && glass.opened / DAY == now / DAY;
				let today = self.glasses.iter().filter(same_day).count();
				ensure(today < GlassesPerDay::get() as usize, Error::TooManyGlasses)?;
				if last.is_none() {
					self.charge(who, glass_size);
				}
				if let Some(last) = self.last_glass(patient, who) {
					last.gone = true;
				}
				let until = now + GLASS_PERIOD;
				let (review, objected, gone, actor) = (None, false, false, who.clone());
				self.glasses.push(ModelGlass { patient, actor, org, opened: now, until, review, objected, gone });
			}
			Op::Review { actor, finding } => {
				let glass = self.last_glass(patient, &actor).ok_or(Error::GlassNotFound)?;
				ensure(actor != *who, Error::SelfReview)?;
				let reviews = member(who)
					.is_some_and(|member| member.org == glass.org && member.roles.contains(MemberRole::Quality));
				ensure(reviews || Admins::get().contains(&(glass.org, who.clone())), Error::NotAuthorized)?;
				ensure(glass.review.is_none(), Error::AlreadyReviewed)?;
				glass.review = Some(finding);
				if finding == Finding::Unjustified {
					glass.until = glass.until.min(now);
				}
			}
			Op::Object { actor } => {
				let glass = self.last_glass(patient, &actor).ok_or(Error::GlassNotFound)?;
				ensure(!glass.objected, Error::AlreadyObjected)?;
				(glass.objected, glass.until) = (true, glass.until.min(now));
			}
			Op::RemoveGlass { actor } => {
				let glass = self.last_glass(patient, &actor).ok_or(Error::GlassNotFound)?;
				ensure(glass.review.is_some(), Error::Unreviewed)?;
				ensure(glass.opened + GLASS_RETENTION <= now, Error::StillRetained)?;
				glass.gone = true;
				self.refund(who, glass_size);
			}
			Op::SetFriends { friends, threshold, delay } => {
				let size = Recovery::<Ticket>::max_encoded_len();
				ensure(!friends.is_empty() || entry.friends.is_some(), Error::RecoveryNotFound)?;
				if let Some(replaced) = entry.friends.take() {
					self.refund(&replaced.payer, size);
				}
				if !friends.is_empty() {
					let distinct: std::collections::BTreeSet<_> = friends.iter().collect();
					ensure(distinct.len() == friends.len(), Error::DuplicateFriend)?;
					let threshold = usize::from(threshold);
					ensure(threshold > 0 && threshold <= friends.len(), Error::WrongThreshold)?;
					ensure(delay >= DAY && delay <= 90 * DAY, Error::WrongDelay)?;
					let unknown =
						|friend: &Friend| matches!(friend, Friend::Org(org) if !Organisations::get().contains_key(org));
					ensure(!friends.iter().any(unknown), Error::OrganisationNotFound)?;
					self.charge(who, size);
					let votes = friends.into_iter().map(|friend| (friend, None)).collect();
					entry.friends = Some(Friends { votes, threshold, delay, due: None, payer: who.clone() });
				}
			}
			Op::Vouch(account) => {
				let friends = entry.friends.as_mut().ok_or(Error::RecoveryNotFound)?;
				let vote = Some(account).filter(|account| *account != entry.controller);
				let speaks_for = |friend: &Friend| match friend {
					Friend::Account(account) => account == who,
					Friend::Org(org) => {
						Admins::get().contains(&(*org, who.clone()))
							&& Organisations::get().get(org).is_some_and(|(active, _)| *active)
					}
				};
				let mut spoke = false;
				for (friend, voice) in &mut friends.votes {
					if speaks_for(friend) {
						(*voice, spoke) = (vote.clone(), true);
					}
				}
				ensure(spoke, Error::NotAuthorized)?;
				let due = friends.due.clone().filter(|(account, _)| friends.agree_on(account));
				let agreed = friends.votes.iter().filter_map(|(_, vote)| vote.clone());
				let newly = agreed.filter(|account| friends.agree_on(account)).map(|account| {
					// The account's friends agree now.
					(account, now + friends.delay)
				});
				friends.due = due.into_iter().chain(newly).next();
			}
			Op::StopRecovery => {
				ensure(entry.controller == *who || entry.is_minor(now) && is_full, Error::NotAuthorized)?;
				let friends = entry.friends.as_mut().ok_or(Error::RecoveryNotFound)?;
				ensure(friends.votes.iter().any(|(_, vote)| vote.is_some()), Error::RecoveryNotFound)?;
				friends.forget();
			}
			Op::FinishRecovery => {
				let friends = entry.friends.as_mut().ok_or(Error::RecoveryNotFound)?;
				let (account, due) = friends.due.clone().ok_or(Error::NotDue)?;
				ensure(due <= now, Error::NotDue)?;
				friends.forget();
				entry.controller = account;
			}
		}
		entry.revision += 1;
		self.patients.insert(patient, entry);
		Ok(())
	}

	/// The decision over every stored consent, whatever its state.
	pub fn decide(&self, patient: &PatientId, request: &Request, status: RecordStatus, claimed: bool) -> Decision {
		let now = self.now;
		let Some(entry) = self.patients.get(patient) else { return Decision::refusal(Reason::UnknownPatient, 0) };
		let capacity = entry.capacity(&request.actor, now);
		let mut standing = Standings::get().remove(&request.actor).unwrap_or(Standing::Never);
		if capacity.is_some() && standing == Standing::Inactive {
			standing = Standing::Never;
		}
		let org = if let Standing::Active(member) = &standing { Some(member.org) } else { None };
		let required = match request.resource.custodian {
			Some(custodian) => Organisations::get().get(&custodian).is_none_or(|(_, requires)| *requires),
			None => claimed,
		};
		let elsewhere = org.filter(|org| request.resource.custodian != Some(*org));
		let agreements = request
			.resource
			.custodian
			.zip(elsewhere.filter(|_| required))
			.and_then(|pair| Agreements::get().remove(&pair))
			.unwrap_or_default();
		let glass = self.glasses.iter().find(|glass| {
			!glass.gone && glass.patient == *patient && glass.actor == request.actor && Some(glass.org) == org
		});
		let facts = Facts {
			standing,
			is_patient: capacity == Some(Capacity::Patient),
			status,
			break_glass: entry.break_glass,
			glass: glass.filter(|_| request.purpose == Purpose::Btg).map(|glass| glass.until),
			guardian: entry.guardianship(&request.actor, now).map(|(_, held)| (held.scope, held.period)),
			default_policy: entry.default_policy,
			care: org.and_then(|org| entry.cares.get(&org)).map(|(until, _)| *until),
			agreement_required: required && elsewhere.is_some(),
			agreements,
			revision: entry.revision,
		};
		let all: Vec<Candidate> = entry
			.consents
			.iter()
			.map(|(id, (consent, _))| Candidate {
				id: *id,
				consent: consent.clone(),
				authority: entry.authority(consent),
			})
			.collect();
		let decision = consent::decide(request, &facts, &all, now);
		let majority = entry.minor_until.filter(|_| entry.is_minor(now) && entry.controller == request.actor);
		Decision { valid_until: decision.valid_until.into_iter().chain(majority).min(), ..decision }
	}
}
