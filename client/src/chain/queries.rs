//! Questions to the chain: its runtime APIs, typed. Without a block they are asked of the best one.

use super::{from_hex, to_hex, unfit, Chain};
use crate::Result;
use codec::{Decode, Encode};
use salus_primitives::{
	care::{CareRuleId, CareRuleView},
	stream::StreamView,
	views::{
		AccessAnswer, AccessQuery, AgreementView, CareView, ConsentView, CustodyOfferView, EncryptionKey, GlassView,
		MemberView, OrganisationView, Page, PatientView, ReceiptBatchView, ReceiptView, RecordView, RecoveryView,
		SponsorView, SponsorshipView, MAX_PAGE,
	},
	AccountId, ConsentId, Moment, OrgId, PatientId, RecordId, StreamId, H256,
};

impl Chain {
	/// An organisation.
	pub async fn organisation(&self, org: OrgId) -> Result<Option<OrganisationView>> {
		self.call_api("ParticipantsApi_organisation", org, None).await
	}

	/// A present or past member.
	pub async fn member(&self, account: &AccountId) -> Result<Option<MemberView>> {
		self.call_api("ParticipantsApi_member", account, None).await
	}

	/// The encryption key of an account.
	pub async fn encryption_key(&self, account: &AccountId) -> Result<Option<EncryptionKey>> {
		self.call_api("ParticipantsApi_encryption_key", account, None).await
	}

	/// Data sharing agreements between a custodian and a recipient, proposals among them.
	pub async fn agreements(&self, custodian: OrgId, recipient: OrgId) -> Result<Vec<AgreementView>> {
		self.call_api("ParticipantsApi_agreements", (custodian, recipient), None).await
	}

	/// An organisation that sponsors patients.
	pub async fn sponsor(&self, org: OrgId) -> Result<Option<SponsorView>> {
		self.call_api("SponsorshipApi_sponsor", org, None).await
	}

	/// Who pays for an account, and what is left.
	pub async fn sponsorship(&self, account: &AccountId) -> Result<SponsorshipView> {
		self.call_api("SponsorshipApi_sponsorship", account, None).await
	}

	/// A patient.
	pub async fn patient(&self, patient: &PatientId) -> Result<Option<PatientView>> {
		self.call_api("ConsentApi_patient", patient, None).await
	}

	/// A care relationship, open or ended.
	pub async fn care(&self, patient: &PatientId, org: OrgId) -> Result<Option<CareView>> {
		self.call_api("ConsentApi_care", (patient, org), None).await
	}

	/// Who may help a patient with a lost key, and what is under way; `None` if the patient chose nobody.
	pub async fn recovery(&self, patient: &PatientId) -> Result<Option<RecoveryView>> {
		self.call_api("ConsentApi_recovery", patient, None).await
	}

	/// The access decision on the state of a block.
	pub async fn check_access(&self, query: &AccessQuery, at: Option<H256>) -> Result<AccessAnswer> {
		self.call_api("ConsentApi_check_access", query, at).await
	}

	/// A record.
	pub async fn record(&self, patient: &PatientId, record: &RecordId, at: Option<H256>) -> Result<Option<RecordView>> {
		self.call_api("RecordsApi_record", (patient, record), at).await
	}

	/// Another custodian that a record was offered to.
	pub async fn custody_offer(&self, patient: &PatientId, record: &RecordId) -> Result<Option<CustodyOfferView>> {
		self.call_api("RecordsApi_custody_offer", (patient, record), None).await
	}

	/// The root of a batch of receipts.
	pub async fn receipt_batch(&self, org: OrgId, index: u64) -> Result<Option<ReceiptBatchView>> {
		self.call_api("RecordsApi_receipt_batch", (org, index), None).await
	}

	/// All consents of a patient, latest first.
	pub async fn consents(&self, patient: &PatientId) -> Result<Vec<ConsentView>> {
		self.pages::<_, ConsentId>("ConsentApi_consents", patient, usize::MAX).await
	}

	/// All emergency accesses to a patient's records.
	pub async fn glasses(&self, patient: &PatientId) -> Result<Vec<GlassView>> {
		self.pages::<_, AccountId>("ConsentApi_glasses", patient, usize::MAX).await
	}

	/// All records of a patient.
	pub async fn records(&self, patient: &PatientId) -> Result<Vec<RecordView>> {
		self.pages::<_, RecordId>("RecordsApi_records", patient, usize::MAX).await
	}

	/// The latest receipts of a patient, latest first, `at_most` of them.
	pub async fn receipts(&self, patient: &PatientId, at_most: usize) -> Result<Vec<ReceiptView>> {
		self.pages::<_, u64>("RecordsApi_receipts", patient, at_most).await
	}

	/// A stream.
	pub async fn stream(&self, patient: &PatientId, stream: &StreamId, at: Option<H256>) -> Result<Option<StreamView>> {
		self.call_api("StreamsApi_stream", (patient, stream), at).await
	}

	/// All streams of a patient.
	pub async fn streams(&self, patient: &PatientId) -> Result<Vec<StreamView>> {
		self.pages::<_, StreamId>("StreamsApi_streams", patient, usize::MAX).await
	}

	/// A rule of a patient's care plan that stands.
	pub async fn care_rule(
		&self,
		patient: &PatientId,
		rule: CareRuleId,
		at: Option<H256>,
	) -> Result<Option<CareRuleView>> {
		self.call_api("CareApi_care_rule", (patient, rule), at).await
	}

	/// The rules of a patient's care plan.
	pub async fn care_rules(&self, patient: &PatientId) -> Result<Vec<CareRuleView>> {
		self.call_api("CareApi_care_rules", patient, None).await
	}

	/// The chain's time: that of the best block.
	pub async fn time(&self) -> Result<Moment> {
		let key = [sp_crypto_hashing::twox_128(b"Timestamp"), sp_crypto_hashing::twox_128(b"Now")].concat();
		let answer = self.rpc("state_getStorage", vec![to_hex(&key).into()]).await?;
		let now = from_hex(&answer).and_then(|bytes| Moment::decode(&mut &bytes[..]).ok());
		now.ok_or_else(|| unfit("Timestamp.Now is not a moment"))
	}

	/// All tokens of an account, free and held, in the smallest unit.
	pub async fn tokens(&self, account: &AccountId) -> Result<u128> {
		let hash = sp_crypto_hashing::blake2_128(account.as_ref());
		let map = [sp_crypto_hashing::twox_128(b"System"), sp_crypto_hashing::twox_128(b"Account"), hash].concat();
		let key = [&map[..], account.as_ref()].concat();
		let answer = self.rpc("state_getStorage", vec![to_hex(&key).into()]).await?;
		if answer.is_null() {
			return Ok(0);
		}
		// Nonce and three counts of references, then free, held and frozen.
		let info = from_hex(&answer).and_then(|bytes| <([u32; 4], u128, u128)>::decode(&mut &bytes[..]).ok());
		let (_, free, held) = info.ok_or_else(|| unfit("System.Account is not as expected"))?;
		Ok(free.saturating_add(held))
	}

	/// The items of a list, all of the same block, `at_most` of them.
	pub(super) async fn pages<T: Decode, C: Encode + Decode>(
		&self,
		method: &str,
		of: impl Encode,
		at_most: usize,
	) -> Result<Vec<T>> {
		let at = self.best().await?.hash;
		let mut all = Vec::new();
		let mut cursor: Option<C> = None;
		loop {
			let page: Page<T, C> = self.call_api(method, (&of, cursor, MAX_PAGE), Some(at)).await?;
			all.extend(page.items);
			cursor = page.next;
			if cursor.is_none() || all.len() >= at_most {
				all.truncate(at_most);
				return Ok(all);
			}
		}
	}
}
