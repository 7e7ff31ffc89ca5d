//! Runtime APIs. Any client can call them with `state_call`; the node's `salus_*` JSON-RPC is a thin form of them.
//!
//! Lists come in pages of at most [`crate::views::MAX_PAGE`] items, after the cursor that the page before gave.

use crate::{
	views::{
		AccessAnswer, AccessQuery, CareView, ConsentView, EncryptionKey, MemberView, OrganisationView, Page,
		PatientEvent, PatientView, ReceiptView, RecordView,
	},
	AccountId, ConsentId, OrgId, PatientId, RecordId,
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
	}
}
