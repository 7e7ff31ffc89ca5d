//! Runtime APIs. Any client can call them with `state_call`; the node's `salus_*` JSON-RPC is a thin form of them.
//!
//! Lists come in pages of at most [`crate::views::MAX_PAGE`] items, after the cursor that the page before gave.

use crate::{
	care::{CareAlertView, CareRuleId, CareRuleView},
	drug::{
		AlertView, BatchId, BatchView, CustodyStep, LogisticView, OrderId, OrderView, ParcelView, ProductView,
		StockView, UnitId, UnitQuery, UnitView, Verification,
	},
	duo::Namespace,
	gs1::{Gtin, Lot},
	research::{
		AccessRefusal, ApprovalView, ContributionView, DatasetId, DatasetView, GrantAccess, GrantView, MatchAnswer,
		MatchQuery, MatchRefusal, ReleaseView, RequestId, RequestView,
	},
	stream::StreamView,
	views::{
		AccessAnswer, AccessQuery, AgreementView, CareView, ConsentView, CustodyOfferView, EncryptionKey, GlassView,
		MemberView, OrganisationView, Page, PatientEvent, PatientView, ReceiptBatchView, ReceiptView, RecordView,
		RecoveryView, SponsorView, SponsorshipView,
	},
	AccountId, ConsentId, OrgId, PatientId, Pseudonym, RecordId, StreamId, H256,
};
use alloc::vec::Vec;

sp_api::decl_runtime_apis! {
	/// Accredited organisations, their members, and encryption keys.
	pub trait ParticipantsApi {
		/// An organisation.
		fn organisation(org: OrgId) -> Option<OrganisationView>;
		/// A present or past member.
		fn member(account: AccountId) -> Option<MemberView>;
		/// The encryption key of an account.
		fn encryption_key(account: AccountId) -> Option<EncryptionKey>;
		/// Data sharing agreements between a custodian and a recipient, proposals among them.
		fn agreements(custodian: OrgId, recipient: OrgId) -> Vec<AgreementView>;
	}

	/// Who pays for patients without tokens.
	pub trait SponsorshipApi {
		/// An organisation that sponsors.
		fn sponsor(org: OrgId) -> Option<SponsorView>;
		/// What an account is granted; of one that nobody enrolled too.
		fn sponsorship(account: AccountId) -> SponsorshipView;
	}

	/// Patients, their consents, and the access decision.
	pub trait ConsentApi {
		/// Decides a request on the state and at the time of the block asked.
		fn check_access(query: AccessQuery) -> AccessAnswer;
		/// A patient.
		fn patient(patient: PatientId) -> Option<PatientView>;
		/// The care relationship with an organisation, open or ended.
		fn care(patient: PatientId, org: OrgId) -> Option<CareView>;
		/// The patient's consents, latest first, those before the cursor.
		fn consents(patient: PatientId, cursor: Option<ConsentId>, limit: u32) -> Page<ConsentView, ConsentId>;
		/// Emergency accesses to the patient's records, in the order of storage, those after the cursor.
		fn glasses(patient: PatientId, cursor: Option<AccountId>, limit: u32) -> Page<GlassView, AccountId>;
		/// Who may help with a lost key, and what is under way; `None` if the patient chose nobody.
		fn recovery(patient: PatientId) -> Option<RecoveryView>;
		/// What happened to the patient in the block asked.
		fn patient_events(patient: PatientId) -> Vec<PatientEvent>;
	}

	/// Records and access receipts.
	pub trait RecordsApi {
		/// A record.
		fn record(patient: PatientId, record: RecordId) -> Option<RecordView>;
		/// The patient's records, in the order of storage, those after the cursor.
		fn records(patient: PatientId, cursor: Option<RecordId>, limit: u32) -> Page<RecordView, RecordId>;
		/// The patient's access receipts, latest first, those before the cursor.
		fn receipts(patient: PatientId, cursor: Option<u64>, limit: u32) -> Page<ReceiptView, u64>;
		/// The root of a batch of receipts.
		fn receipt_batch(org: OrgId, index: u64) -> Option<ReceiptBatchView>;
		/// Another custodian that a record was offered to.
		fn custody_offer(patient: PatientId, record: RecordId) -> Option<CustodyOfferView>;
	}

	/// Streams of what patients' devices measure.
	pub trait StreamsApi {
		/// A stream.
		fn stream(patient: PatientId, stream: StreamId) -> Option<StreamView>;
		/// The patient's streams, in the order of storage, those after the cursor.
		fn streams(patient: PatientId, cursor: Option<StreamId>, limit: u32) -> Page<StreamView, StreamId>;
	}

	/// Care plan rules.
	pub trait CareApi {
		/// A rule that stands; one that has ended or was replaced is `None`.
		fn care_rule(patient: PatientId, rule: CareRuleId) -> Option<CareRuleView>;
		/// The patient's rules, in the order in which they were set.
		fn care_rules(patient: PatientId) -> Vec<CareRuleView>;
		/// Alerts of the block asked.
		fn care_alerts() -> Vec<CareAlertView>;
	}

	/// Medicines and devices: products, batches, custody, stock.
	pub trait DrugApi {
		/// The verdict on a pack, on the state and at the time of the block asked.
		fn verify_unit(query: UnitQuery) -> Verification;
		/// A product.
		fn product(gtin: Gtin) -> Option<ProductView>;
		/// A packaging run.
		fn batch(batch: BatchId) -> Option<BatchView>;
		/// The packaging runs of a lot, in their order.
		fn lot(gtin: Gtin, lot: Lot) -> Vec<BatchView>;
		/// The parcel that a unit lies in.
		fn parcel(batch: BatchId, index: u32) -> Option<ParcelView>;
		/// The parcels of a batch, in the order of their units, those after the unit of the cursor: who has how much of it.
		fn parcels(batch: BatchId, cursor: Option<u32>, limit: u32) -> Page<ParcelView, u32>;
		/// A unit.
		fn unit(batch: BatchId, index: u32) -> Option<UnitView>;
		/// A unit of logistics.
		fn logistic_unit(unit: UnitId) -> Option<LogisticView>;
		/// The step of a chain of custody that has this head, if it happened in the block asked.
		fn custody_step(head: H256) -> Option<CustodyStep>;
		/// What an organisation has, by product; those after the cursor.
		fn stock(org: OrgId, cursor: Option<Gtin>, limit: u32) -> Page<StockView, Gtin>;
		/// Orders to a supplier that are under way, those after the cursor.
		fn orders(supplier: OrgId, cursor: Option<OrderId>, limit: u32) -> Page<OrderView, OrderId>;
		/// Alerts of the block asked.
		fn alerts() -> Vec<AlertView>;
	}

	/// Research datasets, requests, grants and contributions.
	pub trait ResearchApi {
		/// A dataset.
		fn dataset(dataset: DatasetId) -> Option<DatasetView>;
		/// Datasets, by number, those after the cursor.
		fn datasets(cursor: Option<DatasetId>, limit: u32) -> Page<DatasetView, DatasetId>;
		/// How a request would be judged, on the state and at the time of the block asked.
		fn match_dataset(query: MatchQuery) -> Result<MatchAnswer, MatchRefusal>;
		/// A request.
		fn request(request: RequestId) -> Option<RequestView>;
		/// Requests for a dataset, in the order of storage, those after the cursor.
		fn requests(dataset: DatasetId, cursor: Option<RequestId>, limit: u32) -> Page<RequestView, RequestId>;
		/// A grant, by the number of its request.
		fn grant(grant: RequestId) -> Option<GrantView>;
		/// A contribution.
		fn contribution(dataset: DatasetId, pseudonym: Pseudonym) -> Option<ContributionView>;
		/// Contributions to a dataset, in the order of storage, those after the cursor.
		fn contributions(
			dataset: DatasetId,
			cursor: Option<Pseudonym>,
			limit: u32,
		) -> Page<ContributionView, Pseudonym>;
		/// Whether a gateway may release a contribution to a researcher under a grant, as far as the dataset goes.
		fn grant_access(
			grant: RequestId,
			researcher: AccountId,
			pseudonym: Pseudonym,
		) -> Result<GrantAccess, AccessRefusal>;
		/// An ethics approval, by the hash of its document.
		fn approval(document: H256) -> Option<ApprovalView>;
		/// The latest release of a disease ontology.
		fn release(namespace: Namespace) -> Option<ReleaseView>;
	}
}
