//! The third path of the decision cases: a chain is brought into each case's setting, and `check_access` of its runtime
//! must answer as the pure function does.
//!
//! Each case has a patient, a controller and an actor of its own. Its moments are moved to the chain's time without
//! changing their order: what is over by the case's `now` ends a day after the setting is made, then time goes on to the
//! moment of all decisions, and what lies ahead of a case's `now` lies ahead by as much, and a day more, so that it does
//! not matter at which block of that day it is asked. An emergency access is opened then, and lasts as long as the chain
//! lets it.

use crate::support::*;
use futures::{stream, StreamExt};
use salus_client::{
	chain::{calls, council, Call, Chain, Included},
	demo::stage,
	fhir::{
		cases::Case,
		names::{AsWritten, Resolver},
		request::Setting,
		time::to_rfc3339,
	},
	keys::Keys,
};
use salus_primitives::{
	consent::{
		BreakGlass, Consent, ConsentStatus, EmergencyReason, Finding, GuardianScope, Period, RecordStatus,
		Relationship, Resource, Standing,
	},
	inputs::{AgreementInput, ConsentInput, GuardianInput, OrganisationInput, RecordInput},
	time::{DAY, HOUR},
	views::{AccessAnswer, AccessQuery, Locator, SealedKey},
	AccountId, Confidentiality, Episode, MemberRole, MemberRoleSet, Moment, Month, OrgId, OrgRole, OrgRoleSet,
	PatientId, Purpose, RecordId, SensitivitySet, H256,
};
use serde_json::{json, Value};
use std::collections::{BTreeMap, BTreeSet};
use subxt_signer::sr25519::dev;

/// Cases that are set up at a time.
const AT_A_TIME: usize = 24;
/// Transfers in one transaction.
const BATCH: usize = 50;

/// The chain's times.
#[derive(Clone, Copy)]
struct Times {
	/// The settings are made from then on.
	start: Moment,
}

impl Times {
	/// What is over by the time of the decisions ends then.
	fn past(&self) -> Moment {
		self.start + DAY
	}

	/// From then on it is decided.
	fn decision(&self) -> Moment {
		self.start + 2 * DAY
	}

	/// No case's end is as late.
	fn far(&self) -> Moment {
		self.start + 30 * 365 * DAY
	}

	/// A moment of a case.
	fn moved(&self, case: &Case, moment: Moment) -> Moment {
		match moment.checked_sub(case.now).filter(|ahead| *ahead > 0) {
			None => self.past(),
			Some(ahead) => self.far().min((self.decision() + DAY).saturating_add(ahead)),
		}
	}

	/// A beginning: what began before the case's `now` begins at once.
	fn beginning(&self, case: &Case, moment: Moment) -> Option<Moment> {
		(moment > case.now).then(|| self.moved(case, moment))
	}

	/// The case's moment that this one stands for.
	fn back(&self, case: &Case, moment: Moment) -> Option<Moment> {
		(moment < self.far()).then(|| case.now + moment.saturating_sub(self.decision() + DAY))
	}
}

/// What organisations differ in.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Profile {
	name: String,
	roles: OrgRoleSetBits,
	requires_agreement: bool,
	/// With agreements of its own, it belongs to one case.
	case: Option<usize>,
}

type OrgRoleSetBits = Vec<OrgRole>;

/// An organisation on the chain.
struct Organisation {
	id: OrgId,
	admin: Keys,
	gateway: Keys,
}

/// Names of one case.
struct Names<'a> {
	written: AsWritten,
	orgs: BTreeMap<&'a str, OrgId>,
	accounts: BTreeMap<&'a str, AccountId>,
}

impl Resolver for Names<'_> {
	fn account(&mut self, reference: &str) -> Option<AccountId> {
		self.accounts.get(reference).cloned().or_else(|| self.written.account(reference))
	}

	fn organisation(&mut self, reference: &str) -> Option<OrgId> {
		self.orgs.get(reference).copied()
	}

	fn record(&mut self, reference: &str) -> Option<RecordId> {
		self.written.record(reference)
	}

	fn episode(&mut self, reference: &str) -> Option<Episode> {
		self.written.episode(reference)
	}

	fn labels(&mut self, labels: SensitivitySet) -> Option<u32> {
		Some(labels.0)
	}

	fn blinded(&mut self, _: u32) -> Option<u32> {
		None
	}
}

/// A case with everything of its own.
struct Play {
	case: Case,
	/// As the documents say, names as they are written.
	written: Setting,
	/// Its organisations, by name.
	profiles: BTreeMap<String, Profile>,
	actor_org: Option<String>,
	custodian: Option<String>,
	patient: PatientId,
	controller: Keys,
	actor: Keys,
	author: Keys,
	/// Those who consented as guardians, by the position of the consent.
	guardians: BTreeMap<usize, Keys>,
}

impl Play {
	fn new(number: usize, case: Case) -> Self {
		let mut names = AsWritten::default();
		let written = case.setting(&mut names).unwrap();
		let organisations = names.organisations();
		let name_of = |org: OrgId| organisations.get(&org).map(|name| (*name).to_owned());
		let actor_org = case.request["actor"]["org"].as_str().map(str::to_owned);
		let custodian = written.request.resource.custodian.and_then(name_of);
		let facts = &written.facts;
		let provider = vec![OrgRole::Provider];
		let profile = |name: &&str| {
			let roles = match &facts.standing {
				Standing::Active(membership) if actor_org.as_deref() == Some(*name) => {
					membership.org_roles.iter().collect()
				}
				_ => provider.clone(),
			};
			let requires_agreement = facts.agreement_required && custodian.as_deref() == Some(*name);
			let case = (!facts.agreements.is_empty()).then_some(number);
			((*name).to_owned(), Profile { name: (*name).to_owned(), roles, requires_agreement, case })
		};
		let profiles = organisations.values().map(profile).collect();
		let fresh = || stage::fresh("case").unwrap();
		let guardians = written.authorities.iter().enumerate().filter(|(_, authority)| authority.is_some());
		let guardians = guardians.map(|(position, _)| (position, fresh())).collect();
		let (controller, actor, author) = (fresh(), fresh(), fresh());
		let patient = PatientId(rand::random());
		Self { case, written, profiles, actor_org, custodian, patient, controller, actor, author, guardians }
	}

	/// Whether the chain has to hold the record: if it is not active, or if a consent names it. Otherwise the question
	/// describes the data, as it is before it is anchored.
	fn anchored(&self) -> bool {
		let named = self.written.imported.iter().any(|from| {
			let conditions = from.consent.rules.iter().map(|rule| &rule.conditions);
			conditions.chain([&from.consent.root]).any(|conditions| conditions.records.is_some())
		});
		named || self.written.facts.status != RecordStatus::Active
	}

	/// Who asks.
	fn asking(&self) -> &Keys {
		if self.written.facts.is_patient {
			&self.controller
		} else {
			&self.actor
		}
	}

	/// Who wrote the record: if it is who asks, the same account.
	fn writer(&self) -> &Keys {
		let actor = self.case.request["actor"]["id"].as_str();
		if self.case.request["resource"]["author"].as_str() == actor {
			self.asking()
		} else {
			&self.author
		}
	}

	/// Who pays for something.
	fn paying(&self) -> Vec<&Keys> {
		let mut paying = vec![&self.controller];
		paying.extend(self.guardians.values());
		paying.extend(self.anchored().then(|| self.writer()));
		paying.extend(self.written.facts.glass.map(|_| &self.actor));
		paying
	}

	/// The case with the names of the chain.
	fn setting(&self, orgs: &BTreeMap<Profile, Organisation>) -> Setting {
		let orgs = self.profiles.iter().map(|(name, profile)| (name.as_str(), orgs[profile].id)).collect();
		let mut accounts = BTreeMap::new();
		if let Some(author) = self.case.request["resource"]["author"].as_str() {
			accounts.insert(author, self.writer().account());
		}
		if let Some(actor) = self.case.request["actor"]["id"].as_str() {
			accounts.insert(actor, self.asking().account());
		}
		self.case.setting(&mut Names { written: AsWritten::default(), orgs, accounts }).unwrap()
	}
}

/// One case on the chain.
struct Stage<'a> {
	chain: &'a Chain,
	times: Times,
	orgs: &'a BTreeMap<Profile, Organisation>,
	play: &'a Play,
}

impl Stage<'_> {
	async fn submit(&self, keys: &Keys, call: &Call) -> Included {
		let done = self.chain.submit(&keys.signer, call).await;
		done.unwrap_or_else(|error| panic!("{}: {call}: {error}", self.play.case.name))
	}

	fn org(&self, name: &Option<String>) -> &Organisation {
		let name = name.as_ref().unwrap_or_else(|| panic!("{}: no organisation is named", self.play.case.name));
		&self.orgs[&self.play.profiles[name]]
	}

	fn moved(&self, moment: Moment) -> Moment {
		self.times.moved(&self.play.case, moment)
	}

	/// An end that is stated.
	fn end(&self, end: Option<Moment>) -> Option<Moment> {
		end.map(|end| self.moved(end))
	}

	async fn member(&self, org: &Organisation, who: &Keys, roles: MemberRoleSet, until: Option<Moment>) {
		self.submit(&org.admin, &calls::add_member(org.id, &who.account(), roles, None, until)).await;
	}

	/// Everything but what has to wait for the time of the decision.
	async fn set_up(&self) {
		let (play, facts) = (self.play, &self.play.written.facts);
		let patient = &play.patient;
		match &facts.standing {
			Standing::Never => {}
			Standing::Active(membership) => {
				let until = self.end(membership.until);
				self.member(self.org(&play.actor_org), &play.actor, membership.roles, until).await;
			}
			Standing::Inactive => {
				let org = self.org(&play.actor_org);
				let until = Some(self.times.past());
				self.member(org, &play.actor, MemberRoleSet::of(&[MemberRole::Clinician]), until).await;
			}
		}
		let register = calls::register_patient(patient, facts.default_policy, BreakGlass::Allowed);
		self.submit(&play.controller, &register).await;
		if let Some((scope, period)) = facts.guardian {
			self.guardian(&play.actor, scope, period).await;
		}
		for (position, keys) in &play.guardians {
			let period = play.written.authorities[*position].expect("only those are here");
			self.guardian(keys, GuardianScope::ConsentOnly, period).await;
		}
		let setting = play.setting(self.orgs);
		for (position, from) in setting.imported.iter().enumerate() {
			let giver = play.guardians.get(&position).unwrap_or(&play.controller);
			self.give(giver, &from.consent, position).await;
		}
		if play.anchored() {
			self.anchor(&setting).await;
		}
		if let Some(until) = facts.care {
			let org = self.org(&play.actor_org);
			self.open_care(org, self.moved(until)).await;
		}
		self.agree().await;
		if facts.glass.is_some_and(|until| until <= play.case.now) {
			self.break_glass().await;
			let review = calls::review_glass(patient, &play.actor.account(), Finding::Justified, H256::zero());
			self.submit(&self.org(&play.actor_org).admin, &review).await;
		}
	}

	async fn guardian(&self, who: &Keys, scope: GuardianScope, period: Period) {
		let input = GuardianInput {
			account: who.account(),
			relationship: Relationship::Guard,
			scope,
			from: self.times.beginning(&self.play.case, period.from),
			until: self.end(period.until),
		};
		self.submit(&self.play.controller, &calls::appoint_guardian(&self.play.patient, &input)).await;
	}

	async fn give(&self, giver: &Keys, consent: &Consent, position: usize) {
		let input = ConsentInput {
			base: consent.base,
			root: consent.root.clone(),
			rules: consent.rules.clone(),
			start: self.times.beginning(&self.play.case, consent.start),
			end: self.end(consent.end),
			supersedes: None,
			policy: H256::zero(),
			receipt: H256::zero(),
			erase_by: None,
		};
		let patient = &self.play.patient;
		let number = position as u32;
		match consent.status {
			ConsentStatus::Proposed => {
				let gateway = &self.org(&self.play.custodian).gateway;
				self.submit(gateway, &calls::propose_consent(patient, &input)).await;
				return;
			}
			_ => self.submit(giver, &calls::grant(patient, &input)).await,
		};
		match consent.status {
			ConsentStatus::Active => {}
			ConsentStatus::EnteredInError => {
				self.submit(giver, &calls::enter_consent_in_error(patient, number)).await;
			}
			_ => {
				self.submit(giver, &calls::withdraw(patient, number)).await;
			}
		}
	}

	async fn open_care(&self, org: &Organisation, until: Moment) {
		let sealed = SealedKey::try_from(vec![0; 80]).unwrap();
		let call = calls::open_care(&self.play.patient, org.id, until, &org.gateway.account(), &sealed);
		self.submit(&self.play.controller, &call).await;
	}

	/// Puts the record on the chain and into its status. Labels are as the case has them: nothing blinds them here.
	async fn anchor(&self, setting: &Setting) {
		let (play, resource) = (self.play, &setting.request.resource);
		let custodian = self.org(&play.custodian);
		let writer = play.writer();
		let is_member = matches!(&play.written.facts.standing, Standing::Active(_))
			&& play.actor_org == play.custodian
			&& writer.account() == play.actor.account();
		if !is_member {
			self.member(custodian, writer, MemberRoleSet::of(&[MemberRole::Clinician]), None).await;
		}
		self.open_care(custodian, self.times.far()).await;
		let period = resource.period.expect("a record is from some time");
		let view = self.chain.patient(&play.patient).await.unwrap().unwrap();
		let input = RecordInput {
			id: resource.record.expect("a record has a name"),
			resource_type: resource.resource_type,
			confidentiality: resource.confidentiality.unwrap_or(Confidentiality::VeryRestricted),
			labels: resource.labels.unwrap_or_default(),
			label_epoch: view.label_epoch,
			data_from: Month::containing(period.from),
			data_to: Month::containing(period.to - 1),
			episode: resource.episode,
			commitment: H256(rand::random()),
			locator: Locator::try_from(b"nowhere".to_vec()).unwrap(),
		};
		self.submit(writer, &calls::anchor_many(&play.patient, std::slice::from_ref(&input))).await;
		let mark = match play.written.facts.status {
			RecordStatus::Active => None,
			RecordStatus::Amended => {
				let amended = RecordInput { commitment: H256(rand::random()), ..input.clone() };
				Some((writer, calls::amend(&play.patient, &amended)))
			}
			RecordStatus::Restricted => Some((&play.controller, calls::restrict(&play.patient, &input.id))),
			RecordStatus::EnteredInError => Some((writer, calls::enter_in_error(&play.patient, &input.id))),
			RecordStatus::Shredded => Some((writer, calls::shred(&play.patient, &input.id))),
		};
		if let Some((keys, call)) = mark {
			self.submit(keys, &call).await;
		}
		self.submit(&play.controller, &calls::close_care(&play.patient, custodian.id)).await;
	}

	async fn agree(&self) {
		let play = self.play;
		for sharing in &play.written.facts.agreements {
			let (custodian, recipient) = (self.org(&play.custodian), self.org(&play.actor_org));
			let input = AgreementInput {
				custodian: custodian.id,
				recipient: recipient.id,
				purposes: sharing.purposes,
				resource_types: sharing.resource_types,
				obligations: sharing.obligations,
				start: self.times.beginning(&play.case, sharing.period.from),
				end: self.end(sharing.period.until),
				notice: 0,
				terms: H256::zero(),
			};
			let proposed = self.submit(&custodian.admin, &calls::propose_agreement(custodian.id, &input)).await;
			let number = proposed.event("Participants", "AgreementProposed").unwrap().number("id").unwrap() as u32;
			let accept = calls::accept_agreement(recipient.id, custodian.id, recipient.id, number);
			self.submit(&recipient.admin, &accept).await;
		}
	}

	async fn break_glass(&self) {
		let call = calls::break_glass(&self.play.patient, EmergencyReason::EmergencyTreatment, H256::zero());
		self.submit(&self.play.actor, &call).await;
	}

	/// What has to wait for the time of the decision: an emergency access lasts four hours.
	async fn now(&self) {
		let facts = &self.play.written.facts;
		if facts.glass.is_some_and(|until| until > self.play.case.now) {
			self.break_glass().await;
		}
		if facts.break_glass == BreakGlass::Forbidden {
			let call = calls::set_policy(&self.play.patient, facts.default_policy, BreakGlass::Forbidden);
			self.submit(&self.play.controller, &call).await;
		}
	}

	/// What the chain says, in the case's terms.
	async fn answer(&self) -> Value {
		let (play, case) = (self.play, &self.play.case);
		let setting = play.setting(self.orgs);
		let request = &setting.request;
		let record = request.resource.record.filter(|_| play.anchored());
		let described = Resource { record: None, ..request.resource.clone() };
		let query = AccessQuery {
			actor: request.actor.clone(),
			patient: play.patient,
			purpose: request.purpose,
			action: request.action,
			record,
			resource: record.is_none().then_some(described),
		};
		let AccessAnswer { mut decision, now, .. } = self.chain.check_access(&query, None).await.unwrap();
		assert!(self.times.decision() <= now && now < self.times.decision() + DAY, "{}", case.name);
		let glasses = self.chain.glasses(&play.patient).await.unwrap();
		decision.valid_until = decision.valid_until.and_then(|until| {
			let of_glass = glasses.iter().any(|glass| glass.until == until);
			play.written.facts.glass.filter(|_| of_glass).or_else(|| self.times.back(case, until))
		});
		setting.answer(&decision)
	}

	/// What is expected of a chain, which reads an emergency access only if the purpose asks for it.
	fn expected(&self) -> Value {
		let mut expected = self.play.case.expected.clone();
		let mut read = self.play.written.clone();
		if read.request.purpose != Purpose::Btg && read.facts.glass.take().is_some() {
			let until = read.decide(self.play.case.now).valid_until;
			expected["valid_until"] = json!(until.and_then(to_rfc3339));
		}
		expected
	}
}

/// Admits the organisations that the cases name.
async fn admit(chain: &Chain, times: Times, profiles: BTreeSet<Profile>) -> BTreeMap<Profile, Organisation> {
	let fresh = || stage::fresh("org").unwrap();
	let founded: Vec<_> = profiles.into_iter().map(|profile| (profile, fresh(), fresh())).collect();
	let everyone: Vec<_> = founded.iter().flat_map(|(_, admin, gateway)| [admin, gateway]).collect();
	endow(chain, &everyone).await;
	let admitted = stream::iter(founded).map(|(profile, admin, gateway)| async move {
		let input = OrganisationInput {
			name: profile.name.as_bytes().to_vec().try_into().unwrap(),
			country: *b"EE",
			roles: OrgRoleSet::of(&profile.roles),
			non_profit: true,
			gln: None,
			legal_entity: H256(rand::random()),
			licence_until: times.far(),
			requires_agreement: profile.requires_agreement,
		};
		let call = calls::admit_organisation(&input, &admin.account());
		let included = council::carry(chain, &[dev::alice(), dev::bob()], &call).await.unwrap();
		let id = included.event("Participants", "OrganisationAdmitted").unwrap().number("org").unwrap() as OrgId;
		let roles = MemberRoleSet::of(&[MemberRole::Gateway]);
		let member = calls::add_member(id, &gateway.account(), roles, None, None);
		chain.submit(&admin.signer, &member).await.unwrap();
		(profile, Organisation { id, admin, gateway })
	});
	admitted.buffer_unordered(8).collect().await
}

async fn endow(chain: &Chain, accounts: &[&Keys]) {
	for batch in accounts.chunks(BATCH) {
		stage::endow(chain, &dev::alice(), batch).await.unwrap();
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_decides_every_case_as_the_function_does() {
	let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/decisions.json");
	let cases = Case::load(&std::fs::read_to_string(file).unwrap()).unwrap();
	let total = cases.len();
	let possible = cases.into_iter().filter(|case| case.not_on_chain.is_none()).enumerate();
	let plays: Vec<_> = possible.map(|(number, case)| Play::new(number, case)).collect();
	assert!(plays.len() >= 40, "{} of {total} cases can be played on a chain", plays.len());

	let node = OwnNode::start(500);
	let chain = &node.connect().await;
	let times = Times { start: chain.time().await.unwrap() };
	let profiles = plays.iter().flat_map(|play| play.profiles.values().cloned()).collect();
	let orgs = &admit(chain, times, profiles).await;
	let paying: Vec<_> = plays.iter().flat_map(Play::paying).collect();
	endow(chain, &paying).await;

	let stages: Vec<_> = plays.iter().map(|play| Stage { chain, times, orgs, play }).collect();
	stream::iter(&stages).for_each_concurrent(AT_A_TIME, Stage::set_up).await;
	assert!(chain.time().await.unwrap() < times.past() - HOUR, "setting up took a day");
	advance_to(chain, times.decision()).await;
	stream::iter(&stages).for_each_concurrent(AT_A_TIME, Stage::now).await;
	let mut wrong = Vec::new();
	for stage in &stages {
		let (answer, expected) = (stage.answer().await, stage.expected());
		if answer != expected {
			wrong.push(format!("{}\n  expected {expected}\n  answered {answer}", stage.play.case.name));
		}
	}
	assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), stages.len(), wrong.join("\n"));
	eprintln!("{} of {total} cases are decided alike on a chain", stages.len());
}
