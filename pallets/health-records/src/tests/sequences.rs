//! Random sequences of calls against a small model that says what each does, or why it is refused.
//! `SALUS_PROPTEST_CASES` sets how many sequences are tried.

use super::*;
use proptest::{prelude::*, sample::select};
use salus_primitives::{
	care::{Recipient, MAX_ALERTS_PER_DAY, MAX_CARE_RULES},
	stream::{DeviceClass, Range},
	Confidentiality, Month,
};
use std::collections::BTreeMap;
use types::{MAX_PRUNE, MAX_RECENT};

const PATIENTS: [PatientId; 3] = [ADA, BEN, NOBODY];
const ORGS: [OrgId; 4] = [CLINIC, HOSPITAL, CARRIER, PHARMACY];
/// Whom records are offered to: some may not keep them, and one does not exist.
const RECEIVERS: [OrgId; 8] = [HOSPITAL, HOSPITAL, PHARMACY, PHARMACY, CLINIC, CARRIER, CLOSED, 99];

/// What may be wrong with a record that is given.
#[derive(Clone, Copy, Debug)]
enum Flaw {
	Epoch,
	Period,
	Locator,
}

/// What may be wrong with a batch of samples.
#[derive(Clone, Copy, Debug)]
enum BatchFlaw {
	Stale,
	Inverted,
	BackDated,
	Future,
	Empty,
}

/// Whom patients name as writers: nobody's member, members of organisations of every kind, and a former member.
const WRITERS: [AccountId; 5] = [STRANGER, GATEWAY, HOSPITAL_GATEWAY, CARRIER_GATEWAY, RETIRED];

#[derive(Clone, Debug)]
enum Step {
	/// Stream, and who may append besides.
	OpenStream(u8, Option<AccountId>),
	/// Stream, how many batches, and what is wrong with the last of them.
	Append(u8, u8, Option<BatchFlaw>),
	CloseStream(u8),
	/// Evaluator, who is told, and for how many days from now.
	SetRule(OrgId, Recipient, u64),
	EndRule(u32),
	/// Rule, stream, batch, and who is told; so many times.
	Alert(u32, u8, u64, AccountId, u32),
	/// Whom the patient lets see samples, or no more.
	Reader(AccountId, bool),
	/// Something of the patient's changes in another pallet.
	Change,
	Anchor(u8, Option<Flaw>),
	AnchorMany(Vec<u8>),
	Amend(u8, Option<Flaw>),
	Restrict(u8),
	Lift(u8),
	EnterInError(u8),
	Shred(u8),
	/// Record, request, version, and by how many days the receipt is older than the block.
	Log(u8, u8, u32, u64),
	Batch(u32),
	/// First number and how many.
	Prune(u64, u32),
	/// Its number.
	PruneBatch(u64),
	Offer(u8, OrgId),
	Approve(u8, OrgId),
	/// Record, and whether the locator is sound.
	Accept(u8, bool),
	WithdrawOffer(u8),
	/// By so many milliseconds.
	Advance(Moment),
	/// Opens a care relationship for so many days.
	Care(OrgId, u64),
	/// Ends or restores the standing of the signer.
	Standing(bool),
	NewLabelKey,
}

fn flaw() -> impl Strategy<Value = Option<Flaw>> {
	prop_oneof![6 => Just(None), 1 => select(vec![Flaw::Epoch, Flaw::Period, Flaw::Locator]).prop_map(Some)]
}

/// Who may be told: a recipient by account, members of organisations that are told, and the patient.
const CLINICIANS: [AccountId; 4] = [CLINICIAN, HOSPITAL_GATEWAY, STRANGER, PATIENT];

fn recipient() -> impl Strategy<Value = Recipient> {
	prop_oneof![
		select(CLINICIANS.to_vec()).prop_map(Recipient::Account),
		select(ORGS.to_vec()).prop_map(Recipient::Org),
	]
}

fn alert() -> impl Strategy<Value = Step> {
	let times = prop_oneof![6 => Just(1u32), 1 => Just(MAX_ALERTS_PER_DAY)];
	(0..4u32, 0..3u8, 0..4u64, select(CLINICIANS.to_vec()), times)
		.prop_map(|(rule, stream, seq, who, times)| Step::Alert(rule, stream, seq, who, times))
}

fn step() -> impl Strategy<Value = Step> {
	let id = || 0..4u8;
	let version = prop_oneof![4 => Just(1u32), 1 => Just(2), 1 => Just(0)];
	let log = (id(), 0..6u8, version, 0..9u64);
	let writer = prop_oneof![1 => Just(None), 1 => select(WRITERS.to_vec()).prop_map(Some)];
	use BatchFlaw::*;
	let flaws = select(vec![Stale, Inverted, BackDated, Future, Empty]);
	let batch_flaw = prop_oneof![5 => Just(None), 1 => flaws.prop_map(Some)];
	prop_oneof![
		9 => (id(), flaw()).prop_map(|(id, flaw)| Step::Anchor(id, flaw)),
		2 => prop::collection::vec(0..8u8, 0..4).prop_map(Step::AnchorMany),
		5 => (id(), flaw()).prop_map(|(id, flaw)| Step::Amend(id, flaw)),
		3 => id().prop_map(Step::Restrict),
		3 => id().prop_map(Step::Lift),
		1 => id().prop_map(Step::EnterInError),
		1 => id().prop_map(Step::Shred),
		10 => log.prop_map(|(id, request, version, days)| Step::Log(id, request, version, days)),
		2 => (0..3u32).prop_map(Step::Batch),
		4 => (0..4u64, 0..6u32).prop_map(|(from, count)| Step::Prune(from, count)),
		1 => select(vec![MAX_PRUNE, MAX_PRUNE + 1]).prop_map(|count| Step::Prune(0, count)),
		2 => (0..3u64).prop_map(Step::PruneBatch),
		6 => (id(), select(RECEIVERS.to_vec())).prop_map(|(id, to)| Step::Offer(id, to)),
		6 => (id(), select(RECEIVERS.to_vec())).prop_map(|(id, to)| Step::Approve(id, to)),
		6 => (id(), prop::bool::weighted(0.9)).prop_map(|(id, sound)| Step::Accept(id, sound)),
		2 => id().prop_map(Step::WithdrawOffer),
		3 => select(vec![1, DAY, RETENTION]).prop_map(Step::Advance),
		1 => (select(ORGS.to_vec()), 0..40u64).prop_map(|(org, days)| Step::Care(org, days)),
		1 => prop::bool::weighted(0.8).prop_map(Step::Standing),
		1 => Just(Step::NewLabelKey),
		4 => (0..3u8, writer).prop_map(|(id, writer)| Step::OpenStream(id, writer)),
		12 => (0..3u8, 0..5u8, batch_flaw).prop_map(|(id, count, flaw)| Step::Append(id, count, flaw)),
		1 => (0..3u8).prop_map(Step::CloseStream),
		1 => Just(Step::Change),
		4 => (select(RECEIVERS.to_vec()), recipient(), 0..40u64).prop_map(|(org, tell, days)| Step::SetRule(org, tell, days)),
		1 => (0..4u32).prop_map(Step::EndRule),
		8 => alert(),
		3 => (select(CLINICIANS.to_vec()), prop::bool::weighted(0.8)).prop_map(|(who, may)| Step::Reader(who, may)),
	]
}

impl Step {
	/// Who takes such a step as a rule.
	fn usual_signer(&self) -> AccountId {
		match self {
			Self::Restrict(_) | Self::Lift(_) | Self::Approve(..) | Self::WithdrawOffer(_) => PATIENT,
			Self::SetRule(..) | Self::EndRule(_) => PATIENT,
			Self::Alert(..) => GATEWAY,
			Self::OpenStream(_, Some(_)) | Self::CloseStream(_) | Self::Change => PATIENT,
			Self::Log(..) | Self::Batch(_) | Self::Prune(..) | Self::PruneBatch(_) => GATEWAY,
			Self::Accept(..) => HOSPITAL_GATEWAY,
			_ => CLINICIAN,
		}
	}
}

/// A step, who takes it on whose records, and whether it is aimed. Most are taken by those who may, on [`ADA`]'s, so that
/// much happens there.
fn call() -> impl Strategy<Value = (AccountId, PatientId, Step, bool)> {
	let other_signer = prop_oneof![5 => Just(None), 2 => select(PEOPLE.to_vec()).prop_map(Some)];
	let patient = prop_oneof![8 => Just(ADA), 1 => select(PATIENTS.to_vec())];
	(other_signer, patient, step(), prop::bool::weighted(0.7)).prop_map(|(signer, patient, step, aimed)| {
		(signer.unwrap_or_else(|| step.usual_signer()), patient, step, aimed)
	})
}

#[derive(Clone, PartialEq, Debug)]
struct ModelRecord {
	custodian: Option<OrgId>,
	author: AccountId,
	version: u32,
	status: RecordStatus,
	commitment: H256,
	label_epoch: u32,
	locator: Vec<u8>,
}

#[derive(Clone, PartialEq, Debug)]
struct ModelOffer {
	to: OrgId,
	approved: bool,
	by: AccountId,
}

#[derive(Clone, PartialEq, Debug)]
struct ModelReceipt {
	org: OrgId,
	gateway: AccountId,
	at: Moment,
}

#[derive(Clone, PartialEq, Debug)]
struct ModelStream {
	custodian: Option<OrgId>,
	author: AccountId,
	writer: Option<AccountId>,
	range: Range,
	/// Every leaf that was ever appended: what the holder of the data keeps.
	leaves: Vec<H256>,
	last_time: Moment,
	revision: u64,
	closed: bool,
}

#[derive(Clone, PartialEq, Debug)]
struct ModelRule {
	evaluator: OrgId,
	tell: Recipient,
	until: Moment,
	by: AccountId,
	/// Day of the latest alert and how many there were; the first, of a rule without alerts, says nothing.
	alerts: (u32, u32),
}

/// What the chain should know.
#[derive(Clone, Default, PartialEq, Debug)]
struct Model {
	now: Moment,
	suspended: Vec<AccountId>,
	care: BTreeMap<(PatientId, OrgId), Moment>,
	epochs: BTreeMap<PatientId, u32>,
	records: BTreeMap<(PatientId, RecordId), ModelRecord>,
	streams: BTreeMap<(PatientId, StreamId), ModelStream>,
	receipts: BTreeMap<(PatientId, u64), ModelReceipt>,
	/// Record and request of every receipt that was ever logged, in order.
	logged: BTreeMap<PatientId, Vec<(u8, u8)>>,
	offers: BTreeMap<(PatientId, RecordId), ModelOffer>,
	batch_counts: BTreeMap<OrgId, u64>,
	/// Who logged it, and when its last receipt was decided.
	batches: BTreeMap<(OrgId, u64), (AccountId, Moment)>,
	held: BTreeMap<AccountId, u128>,
	revisions: BTreeMap<PatientId, u64>,
	rules: BTreeMap<(PatientId, u32), ModelRule>,
	next_rules: BTreeMap<PatientId, u32>,
	readers: Vec<(PatientId, AccountId)>,
}

impl Model {
	fn controller(patient: PatientId) -> Result<AccountId, Refusal> {
		match patient {
			ADA => Ok(PATIENT),
			BEN => Ok(OTHER_PATIENT),
			_ => Err(Refusal::UnknownPatient),
		}
	}

	/// Whether the account may do everything the patient may.
	fn acts_in_full(&self, who: &AccountId, patient: PatientId) -> bool {
		let guardian = (patient, who) == (ADA, &GUARDIAN) && (NOW..GUARDIAN_END).contains(&self.now);
		guardian || Self::controller(patient).is_ok_and(|controller| controller == *who)
	}

	/// Organisation, and whether the account is a gateway of it.
	fn member(&self, who: &AccountId) -> Result<(OrgId, bool), Refusal> {
		if self.suspended.contains(who) || self.now >= MEMBERSHIPS_END {
			return Err(Refusal::NotAuthorized);
		}
		match *who {
			CLINICIAN => Ok((CLINIC, false)),
			GATEWAY => Ok((CLINIC, true)),
			HOSPITAL_GATEWAY => Ok((HOSPITAL, true)),
			CARRIER_GATEWAY => Ok((CARRIER, true)),
			PHARMACIST => Ok((PHARMACY, false)),
			_ => Err(Refusal::NotAuthorized),
		}
	}

	fn gateway(&self, who: &AccountId) -> Result<OrgId, Refusal> {
		match self.member(who)? {
			(org, true) => Ok(org),
			(_, false) => Err(Refusal::NotAuthorized),
		}
	}

	fn epoch(&self, patient: PatientId) -> u32 {
		self.epochs.get(&patient).copied().unwrap_or_default()
	}

	fn flawed(flaw: Option<Flaw>) -> Result<(), Refusal> {
		match flaw {
			None => Ok(()),
			Some(Flaw::Epoch) => Err(Refusal::WrongLabelEpoch),
			Some(Flaw::Period) => Err(Refusal::InvertedPeriod),
			Some(Flaw::Locator) => Err(Refusal::InvalidLocator),
		}
	}

	fn pay(&mut self, who: &AccountId, price: u128) {
		*self.held.entry(who.clone()).or_default() += price;
	}

	fn repay(&mut self, who: &AccountId, price: u128) {
		*self.held.get_mut(who).expect("the account has paid") -= price;
	}

	fn end_offer(&mut self, patient: PatientId, id: u8) {
		if let Some(offer) = self.offers.remove(&(patient, rid(id))) {
			self.repay(&offer.by, price(HealthRecords::offer_footprint()));
		}
	}

	fn touch(&mut self, patient: PatientId) {
		*self.revisions.entry(patient).or_default() += 1;
	}

	fn anchor(
		&mut self,
		who: &AccountId,
		patient: PatientId,
		ids: &[u8],
		flaw: Option<Flaw>,
		commitment: H256,
	) -> Result<(), Refusal> {
		Self::controller(patient)?;
		let custodian = if self.acts_in_full(who, patient) {
			None
		} else {
			let (org, _) = self.member(who)?;
			if org == CARRIER {
				return Err(Refusal::NotAccredited);
			}
			Some(org)
		};
		let permitted = custodian.is_none_or(|org| self.permitted(patient, org));
		for id in ids {
			Self::flawed(flaw)?;
			if self.records.contains_key(&(patient, rid(*id))) {
				return Err(Refusal::AlreadyExists);
			}
			if !permitted {
				return Err(Refusal::NotPermitted);
			}
			let (author, label_epoch) = (who.clone(), self.epoch(patient));
			let status = RecordStatus::Active;
			let locator = input(*id).locator.into_inner();
			let record = ModelRecord { custodian, author, version: 1, status, commitment, label_epoch, locator };
			self.records.insert((patient, rid(*id)), record);
			self.pay(who, price(HealthRecords::record_footprint()));
		}
		self.touch(patient);
		Ok(())
	}

	fn permitted(&self, patient: PatientId, org: OrgId) -> bool {
		self.care.get(&(patient, org)).is_some_and(|until| self.now < *until) || (patient, org) == (ADA, HOSPITAL)
	}

	/// A member's organisation that may keep records.
	fn keeping_org(&self, who: &AccountId) -> Result<OrgId, Refusal> {
		let (org, _) = self.member(who)?;
		(org != CARRIER).then_some(org).ok_or(Refusal::NotAccredited)
	}

	fn revision(&self, patient: PatientId) -> u64 {
		self.revisions.get(&patient).copied().unwrap_or_default()
	}

	fn open_stream(
		&mut self,
		who: &AccountId,
		patient: PatientId,
		id: u8,
		writer: &Option<AccountId>,
	) -> Result<(), Refusal> {
		Self::controller(patient)?;
		let own = self.acts_in_full(who, patient);
		let custodian = if own { None } else { Some(self.keeping_org(who)?) };
		if !own && writer.is_some() {
			return Err(Refusal::NotAuthorized);
		}
		if self.streams.contains_key(&(patient, sid(patient, id))) {
			return Err(Refusal::AlreadyExists);
		}
		if custodian.is_some_and(|org| !self.permitted(patient, org)) {
			return Err(Refusal::NotPermitted);
		}
		let stream = ModelStream {
			custodian,
			author: who.clone(),
			writer: writer.clone(),
			range: Range::default(),
			leaves: Vec::new(),
			last_time: 0,
			revision: self.revision(patient),
			closed: false,
		};
		self.streams.insert((patient, sid(patient, id)), stream);
		self.pay(who, price(HealthRecords::stream_footprint()));
		Ok(())
	}

	fn append(
		&mut self,
		who: &AccountId,
		patient: PatientId,
		id: u8,
		count: u8,
		flaw: Option<BatchFlaw>,
	) -> Result<(), Refusal> {
		let mut stream = self.streams.get(&(patient, sid(patient, id))).cloned().ok_or(Refusal::NotFound)?;
		let is_writer = stream.writer.as_ref() == Some(who);
		let never = !self.suspended.contains(who)
			&& ![CLINICIAN, RETIRED, PHARMACIST].contains(who)
			&& ![GATEWAY, HOSPITAL_GATEWAY, CARRIER_GATEWAY].contains(who);
		let org = if self.acts_in_full(who, patient) || (is_writer && never) {
			None
		} else {
			let (org, _) = self.member(who)?;
			if !is_writer && stream.custodian != Some(org) {
				return Err(Refusal::NotAuthorized);
			}
			Some(self.keeping_org(who)?)
		};
		if stream.closed {
			return Err(Refusal::WrongStatus);
		}
		if count == 0 {
			return Err(Refusal::Empty);
		}
		match flaw {
			Some(BatchFlaw::Stale) => return Err(Refusal::StaleRevision),
			Some(BatchFlaw::Inverted) => return Err(Refusal::InvertedPeriod),
			// The first batch of all cannot be.
			Some(BatchFlaw::BackDated) if count > 1 || self.batch_start(patient, id) > 0 => {
				return Err(Refusal::BackDated);
			}
			Some(BatchFlaw::Future) => return Err(Refusal::InFuture),
			Some(BatchFlaw::Empty) => return Err(Refusal::Empty),
			_ => (),
		}
		if org.is_some_and(|org| !self.permitted(patient, org)) {
			return Err(Refusal::NotPermitted);
		}
		for batch in self.batches(patient, id, count, flaw) {
			stream.leaves.push(batch.leaf(&sid(patient, id), stream.leaves.len() as u64));
			stream.last_time = batch.to;
		}
		stream.range = Range::over(&stream.leaves);
		stream.revision = self.revision(patient);
		self.streams.insert((patient, sid(patient, id)), stream);
		Ok(())
	}

	fn set_rule(
		&mut self,
		who: &AccountId,
		patient: PatientId,
		evaluator: OrgId,
		tell: &Recipient,
		days: u64,
	) -> Result<(), Refusal> {
		self.patient(who, patient)?;
		if days == 0 {
			return Err(Refusal::RuleEnded);
		}
		if ![CLINIC, HOSPITAL, PHARMACY].contains(&evaluator) {
			return Err(Refusal::NotAccredited);
		}
		let now = self.now;
		let over: Vec<_> = self.rules.iter().filter(|((of, _), rule)| *of == patient && rule.until <= now).collect();
		for (key, by) in over.into_iter().map(|(key, rule)| (*key, rule.by.clone())).collect::<Vec<_>>() {
			self.rules.remove(&key);
			self.repay(&by, price(HealthRecords::care_rule_footprint()));
		}
		if self.rules.keys().filter(|(of, _)| *of == patient).count() == MAX_CARE_RULES as usize {
			return Err(Refusal::TooManyRules);
		}
		let (tell, until, by) = (tell.clone(), now + days * DAY, who.clone());
		let next = self.next_rules.entry(patient).or_default();
		self.rules.insert((patient, *next), ModelRule { evaluator, tell, until, by, alerts: (0, 0) });
		*next += 1;
		self.pay(who, price(HealthRecords::care_rule_footprint()));
		Ok(())
	}

	fn alert(
		&mut self,
		who: &AccountId,
		patient: PatientId,
		(rule, stream, seq): (u32, u8, u64),
		clinician: &AccountId,
	) -> Result<(), Refusal> {
		let org = self.gateway(who)?;
		let known = self.rules.get(&(patient, rule)).cloned().ok_or(Refusal::UnknownRule)?;
		if known.evaluator != org {
			return Err(Refusal::NotAuthorized);
		}
		if self.now >= known.until {
			return Err(Refusal::RuleEnded);
		}
		let is_told = match &known.tell {
			Recipient::Account(account) => account == clinician,
			Recipient::Org(told) => self.member(clinician).is_ok_and(|(member, _)| member == *told),
		};
		if !is_told {
			return Err(Refusal::NotRecipient);
		}
		let batches = self.streams.get(&(patient, sid(patient, stream))).ok_or(Refusal::NotFound)?.leaves.len();
		if seq >= batches as u64 {
			return Err(Refusal::UnknownBatch);
		}
		let today = (self.now / DAY) as u32;
		let alerts = if known.alerts.0 == today { known.alerts.1 } else { 0 };
		if alerts == MAX_ALERTS_PER_DAY {
			return Err(Refusal::TooManyAlerts);
		}
		let may_see = self.readers.contains(&(patient, clinician.clone()));
		if !may_see && Self::controller(patient)? != *clinician {
			return Err(Refusal::Silenced);
		}
		self.rules.insert((patient, rule), ModelRule { alerts: (today, alerts + 1), ..known });
		Ok(())
	}

	/// The end of the stream's latest batch.
	fn batch_start(&self, patient: PatientId, id: u8) -> Moment {
		self.streams.get(&(patient, sid(patient, id))).map_or(0, |stream| stream.last_time)
	}

	/// Batches that follow on the stream's latest, the last of them with a flaw.
	fn batches(&self, patient: PatientId, id: u8, count: u8, flaw: Option<BatchFlaw>) -> Vec<Batch> {
		let (start, revision) = (self.batch_start(patient, id), self.revision(patient));
		let step = self.now.saturating_sub(start) / 8;
		let sound = |n: u8| {
			let from = start + step * Moment::from(n);
			Batch { from, to: from + step / 2, count: 1 + u32::from(n), root: H256::repeat_byte(n), revision }
		};
		let mut batches: Vec<_> = (0..count).map(sound).collect();
		if let Some((batch, flaw)) = batches.last_mut().zip(flaw) {
			match flaw {
				BatchFlaw::Stale => batch.revision += 1,
				BatchFlaw::Inverted => (batch.from, batch.to) = (self.now, self.now - 1),
				BatchFlaw::BackDated => (batch.from, batch.to) = (start.saturating_sub(1), start.saturating_sub(1)),
				BatchFlaw::Future => (batch.from, batch.to) = (self.now, self.now + SAMPLE_AHEAD + 1),
				BatchFlaw::Empty => batch.count = 0,
			}
		}
		batches
	}

	fn close_stream(&mut self, who: &AccountId, patient: PatientId, id: u8) -> Result<(), Refusal> {
		let key = (patient, sid(patient, id));
		let stream = self.streams.get(&key).cloned().ok_or(Refusal::NotFound)?;
		let of_org = stream.custodian.is_some_and(|org| self.member(who).is_ok_and(|(member, _)| member == org));
		if stream.writer.as_ref() != Some(who) && !self.acts_in_full(who, patient) && !of_org {
			return Err(Refusal::NotAuthorized);
		}
		if stream.closed {
			return Err(Refusal::WrongStatus);
		}
		let needed = price(HealthRecords::closed_stream_footprint(&stream.range));
		self.repay(&stream.author, price(HealthRecords::stream_footprint()) - needed);
		self.streams.insert(key, ModelStream { closed: true, ..stream });
		Ok(())
	}

	fn keeper(&self, who: &AccountId, patient: PatientId, custodian: Option<OrgId>) -> Result<(), Refusal> {
		let keeps = match custodian {
			Some(org) => self.member(who)?.0 == org,
			None => self.acts_in_full(who, patient),
		};
		keeps.then_some(()).ok_or(Refusal::NotAuthorized)
	}

	fn patient(&self, who: &AccountId, patient: PatientId) -> Result<(), Refusal> {
		Self::controller(patient)?;
		self.acts_in_full(who, patient).then_some(()).ok_or(Refusal::NotAuthorized)
	}

	fn record(&self, patient: PatientId, id: u8) -> Result<ModelRecord, Refusal> {
		self.records.get(&(patient, rid(id))).cloned().ok_or(Refusal::NotFound)
	}

	fn replace(&mut self, patient: PatientId, id: u8, record: ModelRecord) {
		self.records.insert((patient, rid(id)), record);
		self.touch(patient);
	}

	/// Turns a step of handing over to a record that it fits, taken by who may: few would meet by chance.
	fn aim(&self, who: AccountId, patient: PatientId, step: Step) -> (AccountId, PatientId, Step) {
		use RecordStatus::{EnteredInError, Shredded};
		let member = |org| match org {
			CLINIC => CLINICIAN,
			HOSPITAL => HOSPITAL_GATEWAY,
			_ => PHARMACIST,
		};
		let offers = |approved: &[bool]| -> Vec<_> {
			let offers = self.offers.iter().filter(|(_, offer)| approved.contains(&offer.approved));
			offers.map(|((patient, record), offer)| (*patient, record.0[0], offer.to)).collect()
		};
		let kept = || -> Vec<_> {
			let standing =
				self.records.iter().filter(|(_, record)| !matches!(record.status, EnteredInError | Shredded));
			standing.filter_map(|((patient, record), kept)| Some((*patient, record.0[0], kept.custodian?))).collect()
		};
		if let Step::Append(n, count, flaw) = step {
			let open: Vec<_> = self.streams.iter().filter(|(_, stream)| !stream.closed).collect();
			let Some(((whose, id), stream)) = open.get(usize::from(n) % open.len().max(1)) else {
				return (who, patient, step);
			};
			let id = (0..3).find(|n| sid(*whose, *n) == *id).unwrap_or(n);
			let by = match (&stream.writer, stream.custodian) {
				(Some(writer), _) if count > 2 => writer.clone(),
				(_, Some(org)) => member(org),
				_ => Self::controller(*whose).unwrap_or(who),
			};
			return (by, *whose, Step::Append(id, count, flaw));
		}
		if let Step::Alert(n, stream, seq, ref told, times) = step {
			let live: Vec<_> = self.rules.iter().filter(|(_, rule)| self.now < rule.until).collect();
			let Some(((whose, id), rule)) = live.get(n as usize % live.len().max(1)) else {
				return (who, patient, step);
			};
			let by = if rule.evaluator == HOSPITAL { HOSPITAL_GATEWAY } else { GATEWAY };
			let told = match &rule.tell {
				Recipient::Account(account) => account.clone(),
				Recipient::Org(org) => [told.clone(), member(*org)][seq as usize % 2].clone(),
			};
			let full =
				|n: &u8| self.streams.get(&(*whose, sid(*whose, *n))).is_some_and(|stream| !stream.leaves.is_empty());
			let stream = (0..3).find(full).unwrap_or(stream);
			return (by, *whose, Step::Alert(*id, stream, seq, told, times));
		}
		let (n, fitting) = match step {
			Step::Offer(n, _) => (n, kept()),
			Step::Approve(n, _) => (n, offers(&[false])),
			Step::Accept(n, _) => (n, offers(&[true])),
			Step::WithdrawOffer(n) => (n, offers(&[false, true])),
			_ => return (who, patient, step),
		};
		let Some((whose, id, org)) = fitting.get(usize::from(n) % fitting.len().max(1)).copied() else {
			return (who, patient, step);
		};
		match step {
			Step::Offer(_, to) => (member(org), whose, Step::Offer(id, to)),
			Step::Approve(..) if whose == ADA && self.now < GUARDIAN_END => (GUARDIAN, whose, Step::Approve(id, org)),
			Step::Approve(..) => (Self::controller(whose).unwrap_or(who), whose, Step::Approve(id, org)),
			Step::Accept(_, sound) => (member(org), whose, Step::Accept(id, sound)),
			_ => (member(org), whose, Step::WithdrawOffer(id)),
		}
	}

	/// Takes a step or says why it is refused; a refused step may leave the model half changed.
	fn take(&mut self, who: &AccountId, patient: PatientId, step: &Step, commitment: H256) -> Result<(), Refusal> {
		use RecordStatus::*;
		match step {
			Step::Anchor(id, flaw) => self.anchor(who, patient, &[*id], *flaw, commitment)?,
			Step::AnchorMany(ids) if ids.is_empty() => return Err(Refusal::Empty),
			Step::AnchorMany(ids) => self.anchor(who, patient, ids, None, commitment)?,
			Step::Amend(id, flaw) => {
				let record = self.record(patient, *id)?;
				self.keeper(who, patient, record.custodian)?;
				let status = match record.status {
					Active | Amended => Amended,
					Restricted => Restricted,
					EnteredInError | Shredded => return Err(Refusal::WrongStatus),
				};
				Self::flawed(*flaw)?;
				let (version, label_epoch) = (record.version + 1, self.epoch(patient));
				let locator = input(*id).locator.into_inner();
				let record = ModelRecord { status, version, commitment, label_epoch, locator, ..record };
				self.replace(patient, *id, record);
				self.end_offer(patient, *id);
			}
			Step::Restrict(id) => {
				self.patient(who, patient)?;
				let record = self.record(patient, *id)?;
				if !matches!(record.status, Active | Amended) {
					return Err(Refusal::WrongStatus);
				}
				self.replace(patient, *id, ModelRecord { status: Restricted, ..record });
			}
			Step::Lift(id) => {
				self.patient(who, patient)?;
				let record = self.record(patient, *id)?;
				if record.status != Restricted {
					return Err(Refusal::WrongStatus);
				}
				let status = if record.version == 1 { Active } else { Amended };
				self.replace(patient, *id, ModelRecord { status, ..record });
			}
			Step::EnterInError(id) => {
				let record = self.record(patient, *id)?;
				self.keeper(who, patient, record.custodian)?;
				if matches!(record.status, EnteredInError | Shredded) {
					return Err(Refusal::WrongStatus);
				}
				self.replace(patient, *id, ModelRecord { status: EnteredInError, ..record });
				self.end_offer(patient, *id);
			}
			Step::Shred(id) => {
				let record = self.record(patient, *id)?;
				self.keeper(who, patient, record.custodian)?;
				if record.status == Shredded {
					return Err(Refusal::WrongStatus);
				}
				let returned = price(HealthRecords::record_footprint()) - price(HealthRecords::tombstone_footprint());
				self.repay(&record.author, returned);
				self.replace(patient, *id, ModelRecord { status: Shredded, locator: Vec::new(), ..record });
				self.end_offer(patient, *id);
			}
			Step::Log(id, request, version, days) => {
				let org = self.gateway(who)?;
				let record = self.record(patient, *id)?;
				if record.custodian.map_or(org == CARRIER, |custodian| custodian != org) {
					return Err(Refusal::NotAuthorized);
				}
				if *version < 1 || *version > record.version {
					return Err(Refusal::UnknownVersion);
				}
				if *days > 7 {
					return Err(Refusal::Expired);
				}
				let at = self.now - days * DAY;
				let logged = self.logged.entry(patient).or_default();
				if logged.iter().rev().take(MAX_RECENT as usize).any(|known| *known == (*id, *request)) {
					return Err(Refusal::Replayed);
				}
				let index = logged.len() as u64;
				logged.push((*id, *request));
				self.receipts.insert((patient, index), ModelReceipt { org, gateway: who.clone(), at });
				self.pay(who, price(HealthRecords::receipt_footprint()));
			}
			Step::Batch(count) => {
				let org = self.gateway(who)?;
				if *count == 0 {
					return Err(Refusal::Empty);
				}
				let index = self.batch_counts.entry(org).or_default();
				self.batches.insert((org, *index), (who.clone(), self.now));
				*index += 1;
				self.pay(who, price(HealthRecords::batch_footprint()));
			}
			Step::Prune(from, count) => {
				let org = self.gateway(who)?;
				if *count == 0 {
					return Err(Refusal::Empty);
				}
				if *count > MAX_PRUNE {
					return Err(Refusal::TooMany);
				}
				let (range, now) = ((patient, *from)..(patient, from + u64::from(*count)), self.now);
				let due: Vec<_> = self
					.receipts
					.range(range)
					.filter(|(_, receipt)| receipt.org == org && receipt.at + RETENTION <= now)
					.map(|(key, receipt)| (*key, receipt.gateway.clone()))
					.collect();
				if due.is_empty() {
					return Err(Refusal::NothingToPrune);
				}
				for (key, gateway) in due {
					self.receipts.remove(&key);
					self.repay(&gateway, price(HealthRecords::receipt_footprint()));
				}
			}
			Step::PruneBatch(index) => {
				let org = self.gateway(who)?;
				let due = self.batches.get(&(org, *index)).filter(|(_, to)| to + RETENTION <= self.now);
				let (gateway, _) = due.cloned().ok_or(Refusal::NothingToPrune)?;
				self.batches.remove(&(org, *index));
				self.repay(&gateway, price(HealthRecords::batch_footprint()));
			}
			Step::Offer(id, to) => {
				let record = self.record(patient, *id)?;
				let from = record.custodian.ok_or(Refusal::NotAuthorized)?;
				if self.member(who)?.0 != from {
					return Err(Refusal::NotAuthorized);
				}
				if matches!(record.status, EnteredInError | Shredded) {
					return Err(Refusal::WrongStatus);
				}
				if *to == from {
					return Err(Refusal::SameCustodian);
				}
				if ![CLINIC, HOSPITAL, PHARMACY].contains(to) {
					return Err(Refusal::NotAccredited);
				}
				self.end_offer(patient, *id);
				let offer = ModelOffer { to: *to, approved: false, by: who.clone() };
				self.offers.insert((patient, rid(*id)), offer);
				self.pay(who, price(HealthRecords::offer_footprint()));
			}
			Step::Approve(id, to) => {
				self.patient(who, patient)?;
				let offer = self.offers.get_mut(&(patient, rid(*id))).filter(|offer| offer.to == *to);
				offer.ok_or(Refusal::NotOffered)?.approved = true;
			}
			Step::Accept(id, sound) => {
				let offer = self.offers.get(&(patient, rid(*id))).cloned().ok_or(Refusal::NotOffered)?;
				if self.member(who)?.0 != offer.to {
					return Err(Refusal::NotAuthorized);
				}
				if !offer.approved {
					return Err(Refusal::NotPermitted);
				}
				if !sound {
					return Err(Refusal::InvalidLocator);
				}
				let (record, locator) = (self.record(patient, *id)?, accepted_locator(*sound).into_inner());
				self.replace(patient, *id, ModelRecord { custodian: Some(offer.to), locator, ..record });
				self.end_offer(patient, *id);
			}
			Step::WithdrawOffer(id) => {
				let offer = self.offers.get(&(patient, rid(*id))).cloned().ok_or(Refusal::NotOffered)?;
				if !self.acts_in_full(who, patient) {
					let (org, custodian) = (self.member(who)?.0, self.record(patient, *id)?.custodian);
					if org != offer.to && Some(org) != custodian {
						return Err(Refusal::NotAuthorized);
					}
				}
				self.end_offer(patient, *id);
			}
			Step::Advance(by) => self.now += by,
			Step::Care(org, days) => {
				self.care.insert((patient, *org), self.now + days * DAY);
			}
			Step::Standing(restored) => {
				self.suspended.retain(|account| account != who);
				if !restored {
					self.suspended.push(who.clone());
				}
			}
			Step::NewLabelKey => *self.epochs.entry(patient).or_default() += 1,
			Step::OpenStream(id, writer) => self.open_stream(who, patient, *id, writer)?,
			Step::Append(id, count, flaw) => self.append(who, patient, *id, *count, *flaw)?,
			Step::CloseStream(id) => self.close_stream(who, patient, *id)?,
			Step::SetRule(org, tell, days) => self.set_rule(who, patient, *org, tell, *days)?,
			Step::EndRule(rule) => {
				self.patient(who, patient)?;
				let ended = self.rules.remove(&(patient, *rule)).ok_or(Refusal::UnknownRule)?;
				self.repay(&ended.by, price(HealthRecords::care_rule_footprint()));
			}
			Step::Alert(rule, stream, seq, clinician, times) => {
				for _ in 0..*times {
					self.alert(who, patient, (*rule, *stream, *seq), clinician)?;
				}
			}
			Step::Reader(reader, may) => {
				self.readers.retain(|known| *known != (patient, reader.clone()));
				if *may {
					self.readers.push((patient, reader.clone()));
				}
			}
			Step::Change => {
				Self::controller(patient)?;
				self.touch(patient);
			}
		}
		Ok(())
	}

	/// What the chain knows, told as a model; what is not its own is copied.
	fn of_chain(&self) -> Self {
		Self {
			records: Records::<Test>::iter()
				.map(|(patient, id, record)| {
					let Record { custodian, author, version, status, commitment, label_epoch, .. } = record;
					let locator = record.locator.into_inner();
					let told = ModelRecord { custodian, author, version, status, commitment, label_epoch, locator };
					((patient, id), told)
				})
				.collect(),
			streams: Streams::<Test>::iter()
				.map(|(patient, id, stream)| {
					let Stream { custodian, author, writer, range, last_time, revision, status, .. } = stream;
					// The chain does not keep the leaves; that the peaks are over them is what is compared.
					let leaves = self.streams.get(&(patient, id)).map(|known| known.leaves.clone()).unwrap_or_default();
					let closed = status == StreamStatus::Closed;
					let told = ModelStream { custodian, author, writer, range, leaves, last_time, revision, closed };
					((patient, id), told)
				})
				.collect(),
			rules: CarePlans::<Test>::iter()
				.flat_map(|(patient, plan)| {
					plan.rules.into_iter().map(move |rule| {
						let CareRule { evaluator, tell, until, by, day, alerts, .. } = rule;
						((patient, rule.id), ModelRule { evaluator, tell, until, by, alerts: (day, alerts) })
					})
				})
				.collect(),
			next_rules: CarePlans::<Test>::iter().map(|(patient, plan)| (patient, plan.next)).collect(),
			receipts: Receipts::<Test>::iter()
				.map(|(patient, index, StoredReceipt { org, gateway, receipt, .. })| {
					((patient, index), ModelReceipt { org, gateway, at: receipt.at })
				})
				.collect(),
			offers: CustodyOffers::<Test>::iter()
				.map(|(patient, id, CustodyOffer { to, approved, by, .. })| {
					((patient, id), ModelOffer { to, approved, by })
				})
				.collect(),
			batch_counts: BatchCounts::<Test>::iter().collect(),
			batches: ReceiptBatches::<Test>::iter()
				.map(|(org, index, batch)| ((org, index), (batch.gateway, batch.to)))
				.collect(),
			held: self.held.keys().map(|who| (who.clone(), held(who))).collect(),
			revisions: self.revisions.keys().map(|patient| (*patient, revision(*patient))).collect(),
			..self.clone()
		}
	}
}

fn flawed_input(n: u8, flaw: Option<Flaw>, commitment: H256, epoch: u32) -> RecordInput {
	let sound = RecordInput { commitment, label_epoch: epoch, ..input(n) };
	match flaw {
		None => sound,
		Some(Flaw::Epoch) => RecordInput { label_epoch: epoch + 1, ..sound },
		Some(Flaw::Period) => RecordInput { data_to: Month(0), ..sound },
		Some(Flaw::Locator) => RecordInput { locator: locator(b"two words"), ..sound },
	}
}

fn accepted_locator(sound: bool) -> Locator {
	locator(if sound { b"s3://other/vault" } else { b"" })
}

/// Takes the step on the chain.
fn take(
	model: &Model,
	who: &AccountId,
	patient: PatientId,
	step: &Step,
	commitment: H256,
) -> Result<(), DispatchError> {
	let origin = signed(who);
	let make = |n, flaw| flawed_input(n, flaw, commitment, model.epoch(patient));
	let plain = |result: frame_support::dispatch::DispatchResultWithPostInfo| {
		result.map(|_| ()).map_err(|refusal| refusal.error)
	};
	match step.clone() {
		Step::Anchor(id, flaw) => plain(HealthRecords::anchor(origin, patient, make(id, flaw))),
		Step::AnchorMany(ids) => {
			let records = BoundedVec::truncate_from(ids.iter().map(|id| make(*id, None)).collect());
			plain(HealthRecords::anchor_many(origin, patient, records))
		}
		Step::Amend(id, flaw) => HealthRecords::amend(origin, patient, make(id, flaw)),
		Step::Restrict(id) => HealthRecords::restrict(origin, patient, rid(id)),
		Step::Lift(id) => HealthRecords::lift_restriction(origin, patient, rid(id)),
		Step::EnterInError(id) => HealthRecords::enter_in_error(origin, patient, rid(id)),
		Step::Shred(id) => HealthRecords::shred(origin, patient, rid(id)),
		Step::Log(id, request, version, days) => {
			let receipt = Receipt { version, at: now() - days * DAY, ..receipt(id, request) };
			HealthRecords::log_access(origin, patient, receipt)
		}
		Step::Batch(count) => HealthRecords::log_access_batch(origin, commitment, count, now(), now()),
		Step::Prune(from, count) => HealthRecords::prune_receipts(origin, patient, from, count),
		Step::PruneBatch(index) => HealthRecords::prune_batch(origin, index),
		Step::Offer(id, to) => HealthRecords::offer_custody(origin, patient, rid(id), to),
		Step::Approve(id, to) => HealthRecords::approve_custody(origin, patient, rid(id), to),
		Step::Accept(id, sound) => HealthRecords::accept_custody(origin, patient, rid(id), accepted_locator(sound)),
		Step::WithdrawOffer(id) => HealthRecords::withdraw_offer(origin, patient, rid(id)),
		Step::Advance(by) => {
			set_now(now() + by);
			Ok(())
		}
		Step::Care(org, days) => {
			open_care(patient, org, now() + days * DAY);
			Ok(())
		}
		Step::Standing(restored) => {
			if restored {
				reinstate(who);
			} else {
				suspend(who);
			}
			Ok(())
		}
		Step::NewLabelKey => {
			set_label_epoch(patient, model.epoch(patient) + 1);
			Ok(())
		}
		Step::OpenStream(id, writer) => {
			let (device, confidentiality) = (DeviceClass::Wearable, Confidentiality::Normal);
			let input = StreamInput { nonce: [id; 32], device, confidentiality, writer };
			plain(HealthRecords::open_stream(origin, patient, input))
		}
		Step::Append(id, count, flaw) => {
			let batches = BoundedVec::truncate_from(model.batches(patient, id, count, flaw));
			plain(HealthRecords::append_stream(origin, patient, sid(patient, id), batches))
		}
		Step::SetRule(evaluator, tell, days) => {
			let rule = CareRuleInput { commitment, evaluator, tell, until: now() + days * DAY };
			HealthRecords::set_care_rule(origin, patient, rule)
		}
		Step::EndRule(rule) => HealthRecords::end_care_rule(origin, patient, rule),
		Step::Alert(rule, stream, seq, clinician, times) => {
			let alert = CareAlert { stream: sid(patient, stream), seq, clinician, commitment };
			frame_support::storage::with_storage_layer(|| {
				(0..times)
					.try_for_each(|_| HealthRecords::raise_care_alert(origin.clone(), patient, rule, alert.clone()))
			})
		}
		Step::Reader(reader, may) => {
			if may {
				permit_access(patient, &reader);
			} else {
				forbid_access(patient, &reader);
			}
			Ok(())
		}
		Step::CloseStream(id) => HealthRecords::close_stream(origin, patient, sid(patient, id)),
		Step::Change => change(patient).map_err(Into::into),
	}
}

fn cases() -> ProptestConfig {
	let cases = std::env::var("SALUS_PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(1_000);
	ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
	#![proptest_config(cases())]

	#[test]
	fn the_chain_does_what_the_model_says(calls in prop::collection::vec(call(), 50..100)) {
		test(|| {
			permit_collection(ADA, HOSPITAL);
			let mut model = Model { now: NOW, ..Default::default() };
			open_care(ADA, CLINIC, NOW + 2 * RETENTION);
			model.care.insert((ADA, CLINIC), NOW + 2 * RETENTION);
			for (number, (who, patient, step, aimed)) in calls.into_iter().enumerate() {
				let (who, patient, step) = if aimed { model.aim(who, patient, step) } else { (who, patient, step) };
				let commitment = H256::from_low_u64_be(number as u64);
				let mut next = model.clone();
				let expected = next.take(&who, patient, &step, commitment);
				let before = sp_io::storage::root(sp_runtime::StateVersion::V1);
				let done = take(&model, &who, patient, &step, commitment);
				assert_eq!(done, expected.map_err(Into::into), "{who:?} on {patient}: {step:?}");
				if done.is_ok() {
					model = next;
				} else {
					assert_eq!(sp_io::storage::root(sp_runtime::StateVersion::V1), before, "a refusal changes nothing");
				}
				assert_eq!(model.of_chain(), model, "after {who:?} on {patient}: {step:?}");
				HealthRecords::do_try_state().expect("what always holds of the storage holds");
			}
		});
	}
}
