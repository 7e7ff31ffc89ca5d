//! What the pallet stores.

use crate::care::day_of;
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use salus_primitives::{
	care::{CareRuleId, CareRuleInput, CareRuleView, Recipient, MAX_ALERTS_PER_DAY, MAX_CARE_RULES},
	consent::{RecordStatus, Resource},
	inputs::RecordInput,
	stream::{DeviceClass, Range, StreamStatus, StreamView},
	views::{CustodyOfferView, Locator, Receipt, ReceiptBatchView, ReceiptView, RecordView},
	AccountId, Confidentiality, DataPeriod, Episode, Moment, Month, OrgId, PatientId, RecordId, ResourceType, StreamId,
	H256,
};
use scale_info::TypeInfo;

/// Fingerprints of receipts that are remembered for each patient.
pub const MAX_RECENT: u32 = 64;
/// Receipts that one call may prune.
pub const MAX_PRUNE: u32 = 100;

/// A record's anchor. Whose it is and its identifier are the key it is stored under.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct Record<Ticket> {
	/// Who keeps it; `None` is the patient.
	pub custodian: Option<OrgId>,
	/// Who anchored it, and whose deposit the ticket is.
	pub author: AccountId,
	/// FHIR resource type.
	pub resource_type: ResourceType,
	/// Confidentiality.
	pub confidentiality: Confidentiality,
	/// Blinded sensitivity labels.
	pub labels: u32,
	/// Epoch of the label key that blinded them.
	pub label_epoch: u32,
	/// First month the data is from.
	pub data_from: Month,
	/// Last month the data is from.
	pub data_to: Month,
	/// Encounter or episode.
	pub episode: Option<Episode>,
	/// Counts amendments, from 1.
	pub version: u32,
	/// Salted commitment to the ciphertext.
	pub commitment: H256,
	/// Where the ciphertext is.
	pub locator: Locator,
	/// Where it is in its life.
	pub status: RecordStatus,
	/// Its deposit.
	pub ticket: Ticket,
}

impl<Ticket> Record<Ticket> {
	/// A record at its first version.
	pub fn new(input: RecordInput, custodian: Option<OrgId>, author: AccountId, ticket: Ticket) -> Self {
		Self {
			custodian,
			author,
			resource_type: input.resource_type,
			confidentiality: input.confidentiality,
			labels: input.labels,
			label_epoch: input.label_epoch,
			data_from: input.data_from,
			data_to: input.data_to,
			episode: input.episode,
			version: 1,
			commitment: input.commitment,
			locator: input.locator,
			status: RecordStatus::Active,
			ticket,
		}
	}

	/// The same record with another ticket.
	pub fn with_ticket<Other>(self, ticket: Other) -> Record<Other> {
		Record {
			custodian: self.custodian,
			author: self.author,
			resource_type: self.resource_type,
			confidentiality: self.confidentiality,
			labels: self.labels,
			label_epoch: self.label_epoch,
			data_from: self.data_from,
			data_to: self.data_to,
			episode: self.episode,
			version: self.version,
			commitment: self.commitment,
			locator: self.locator,
			status: self.status,
			ticket,
		}
	}

	/// Whether it still stands: neither entered in error nor shredded.
	pub fn stands(&self) -> bool {
		!matches!(self.status, RecordStatus::EnteredInError | RecordStatus::Shredded)
	}

	/// The status that a readable record of this version has. It is computed, so that a restriction need not
	/// remember what it interrupted.
	pub fn unrestricted_status(&self) -> RecordStatus {
		if self.version > 1 {
			RecordStatus::Amended
		} else {
			RecordStatus::Active
		}
	}

	/// The facts that a decision takes. Labels that another label key than the patient's present one blinded say
	/// nothing about what they stand for, so they count as unknown.
	pub fn resource(&self, id: RecordId, label_epoch: Option<u32>) -> Resource {
		Resource {
			record: Some(id),
			resource_type: self.resource_type,
			confidentiality: Some(self.confidentiality),
			labels: (label_epoch == Some(self.label_epoch)).then_some(self.labels),
			period: Some(DataPeriod::months(self.data_from, self.data_to)),
			author: Some(self.author.clone()),
			custodian: self.custodian,
			episode: self.episode,
		}
	}

	/// What a runtime API tells of it.
	pub fn view(self, patient: PatientId, id: RecordId) -> RecordView {
		RecordView {
			patient,
			id,
			custodian: self.custodian,
			author: self.author,
			resource_type: self.resource_type,
			confidentiality: self.confidentiality,
			labels: self.labels,
			label_epoch: self.label_epoch,
			data_from: self.data_from,
			data_to: self.data_to,
			episode: self.episode,
			version: self.version,
			commitment: self.commitment,
			locator: self.locator.into_inner(),
			status: self.status,
		}
	}
}

/// A record on its way to another custodian. Whose it is and its identifier are the key it is stored under.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct CustodyOffer<Ticket> {
	/// Who would keep it.
	pub to: OrgId,
	/// Whether the patient agrees.
	pub approved: bool,
	/// Who offered it, and whose deposit the ticket is.
	pub by: AccountId,
	/// Its deposit.
	pub ticket: Ticket,
}

impl<Ticket> CustodyOffer<Ticket> {
	/// What a runtime API tells of it.
	pub fn view(self, record: RecordId, from: OrgId) -> CustodyOfferView {
		CustodyOfferView { record, from, to: self.to, approved: self.approved }
	}
}

/// A receipt as stored. Whose record it is about and its number are the key it is stored under.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct StoredReceipt<Ticket> {
	/// The organisation whose gateway reported it.
	pub org: OrgId,
	/// The gateway's account, whose deposit the ticket is.
	pub gateway: AccountId,
	/// The block that took it.
	pub block: u32,
	/// The receipt.
	pub receipt: Receipt,
	/// Its deposit.
	pub ticket: Ticket,
}

impl<Ticket> StoredReceipt<Ticket> {
	/// What a runtime API tells of it.
	pub fn view(self, index: u64) -> ReceiptView {
		ReceiptView { index, org: self.org, block: self.block, receipt: self.receipt }
	}
}

/// Tells a request for one record from every other.
pub type Fingerprint = [u8; 16];

/// How many receipts a patient has had, and which came last.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Default, Debug)]
pub struct ReceiptLog {
	/// The next receipt's number.
	pub next: u64,
	/// Fingerprints of the latest receipts, oldest first.
	pub recent: BoundedVec<Fingerprint, ConstU32<MAX_RECENT>>,
}

impl ReceiptLog {
	/// Counts one more receipt, forgets the oldest fingerprint if there are too many, and returns the receipt's
	/// number. `None` if the fingerprint is among the remembered, or the numbers are used up.
	pub fn admit(&mut self, fingerprint: Fingerprint) -> Option<u64> {
		if self.recent.contains(&fingerprint) {
			return None;
		}
		let index = self.next;
		self.next = index.checked_add(1)?;
		if self.recent.is_full() {
			self.recent.remove(0);
		}
		self.recent.try_push(fingerprint).ok().map(|()| index)
	}
}

/// The Merkle root of receipts whose leaves the gateway serves. The organisation and its number are the key it is
/// stored under.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct ReceiptBatch<Ticket> {
	/// Root of the tree over the receipts.
	pub root: H256,
	/// Its leaves.
	pub count: u32,
	/// When the first was decided.
	pub from: Moment,
	/// When the last was decided.
	pub to: Moment,
	/// The gateway's account, whose deposit the ticket is.
	pub gateway: AccountId,
	/// The block that took it.
	pub block: u32,
	/// Its deposit.
	pub ticket: Ticket,
}

impl<Ticket> ReceiptBatch<Ticket> {
	/// What a runtime API tells of it.
	pub fn view(self, org: OrgId, index: u64) -> ReceiptBatchView {
		ReceiptBatchView {
			org,
			index,
			root: self.root,
			count: self.count,
			from: self.from,
			to: self.to,
			block: self.block,
		}
	}
}

/// A stream of what a device measures. Whose it is and its identifier are the key it is stored under.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct Stream<Ticket> {
	/// What carries the sensors.
	pub device: DeviceClass,
	/// Confidentiality of its data.
	pub confidentiality: Confidentiality,
	/// The organisation whose members append; `None` is the patient's own.
	pub custodian: Option<OrgId>,
	/// Who opened it, and whose deposit the ticket is.
	pub author: AccountId,
	/// Who may append besides.
	pub writer: Option<AccountId>,
	/// Its batches, as their number and the peaks over them.
	pub range: Range,
	/// The end of the latest batch; 0 before the first.
	pub last_time: Moment,
	/// The patient's revision when it last grew, or was opened.
	pub revision: u64,
	/// Where it is in its life.
	pub status: StreamStatus,
	/// Its deposit.
	pub ticket: Ticket,
}

impl<Ticket> Stream<Ticket> {
	/// The facts that a decision takes about samples from this time. Their sensitivity labels are unknown, and the stream
	/// is no record.
	pub fn resource(&self, author: &AccountId, custodian: OrgId, from: Moment, to: Moment) -> Resource {
		let moment = |moment: Moment| i64::try_from(moment).unwrap_or(i64::MAX);
		Resource {
			record: None,
			resource_type: ResourceType::Observation,
			confidentiality: Some(self.confidentiality),
			labels: None,
			period: Some(DataPeriod { from: moment(from), to: moment(to).saturating_add(1) }),
			author: Some(author.clone()),
			custodian: Some(custodian),
			episode: None,
		}
	}

	/// What a runtime API tells of it.
	pub fn view(self, patient: PatientId, id: StreamId) -> StreamView {
		StreamView {
			patient,
			id,
			device: self.device,
			confidentiality: self.confidentiality,
			custodian: self.custodian,
			author: self.author,
			writer: self.writer,
			range: self.range,
			last_time: self.last_time,
			revision: self.revision,
			status: self.status,
		}
	}
}

/// What a patient lets be evaluated. Whose it is is the key it is stored under.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct CarePlan<Ticket> {
	/// The next rule's number.
	pub next: CareRuleId,
	/// Rules, in the order in which they were set.
	pub rules: CareRules<Ticket>,
}

/// The rules of a patient.
pub type CareRules<Ticket> = BoundedVec<CareRule<Ticket>, ConstU32<MAX_CARE_RULES>>;

impl<Ticket> Default for CarePlan<Ticket> {
	fn default() -> Self {
		Self { next: 0, rules: BoundedVec::new() }
	}
}

/// A rule of a care plan.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct CareRule<Ticket> {
	/// Its number among the patient's.
	pub id: CareRuleId,
	/// Salted hash of its document.
	pub commitment: H256,
	/// The organisation whose gateway evaluates it.
	pub evaluator: OrgId,
	/// Who is told.
	pub tell: Recipient,
	/// Evaluated until before this moment.
	pub until: Moment,
	/// The day of the latest alert, counted from 1970 (UTC).
	pub day: u32,
	/// Alerts on that day.
	pub alerts: u32,
	/// Who set it, and whose deposit the ticket is.
	pub by: AccountId,
	/// Its deposit.
	pub ticket: Ticket,
}

impl<Ticket> CareRule<Ticket> {
	/// A rule that nobody was alerted under.
	pub fn new(id: CareRuleId, input: CareRuleInput, by: AccountId, ticket: Ticket) -> Self {
		let CareRuleInput { commitment, evaluator, tell, until } = input;
		Self { id, commitment, evaluator, tell, until, day: 0, alerts: 0, by, ticket }
	}

	/// What a runtime API tells of it at this moment.
	pub fn view(self, patient: PatientId, now: Moment) -> CareRuleView {
		let spent = if self.day == day_of(now) { self.alerts } else { 0 };
		CareRuleView {
			patient,
			id: self.id,
			commitment: self.commitment,
			evaluator: self.evaluator,
			tell: self.tell,
			until: self.until,
			in_force: now < self.until,
			alerts_left: MAX_ALERTS_PER_DAY.saturating_sub(spent),
		}
	}
}
