//! Records and access receipts.

use super::{error::Error, page_limit, Salus};
use crate::service::Block;
use jsonrpsee::proc_macros::rpc;
use salus_primitives::{
	api::RecordsApi,
	views::{CustodyOfferView, Page, ReceiptBatchView, ReceiptView, RecordView},
	OrgId, PatientId, RecordId,
};
use salus_runtime::Hash;

/// What is anchored for a patient, and who read it.
#[rpc(client, server)]
pub trait RecordsRpc {
	/// A record's anchor, or `null`.
	#[method(name = "salus_record", blocking)]
	fn record(&self, patient: PatientId, record: RecordId, at: Option<Hash>) -> Result<Option<RecordView>, Error>;

	/// The patient's records, from after the cursor.
	#[method(name = "salus_patientRecords", blocking)]
	fn patient_records(
		&self,
		patient: PatientId,
		cursor: Option<RecordId>,
		limit: Option<u32>,
		at: Option<Hash>,
	) -> Result<Page<RecordView, RecordId>, Error>;

	/// The patient's access receipts, latest first, from before the cursor.
	#[method(name = "salus_accessReceipts", blocking)]
	fn access_receipts(
		&self,
		patient: PatientId,
		cursor: Option<u64>,
		limit: Option<u32>,
		at: Option<Hash>,
	) -> Result<Page<ReceiptView, u64>, Error>;

	/// The root of a batch of receipts, or `null`.
	#[method(name = "salus_receiptBatch", blocking)]
	fn receipt_batch(&self, org: OrgId, index: u64, at: Option<Hash>) -> Result<Option<ReceiptBatchView>, Error>;

	/// Another custodian that a record was offered to, or `null`.
	#[method(name = "salus_custodyOffer", blocking)]
	fn custody_offer(
		&self,
		patient: PatientId,
		record: RecordId,
		at: Option<Hash>,
	) -> Result<Option<CustodyOfferView>, Error>;
}

impl RecordsRpcServer for Salus {
	fn record(&self, patient: PatientId, record: RecordId, at: Option<Hash>) -> Result<Option<RecordView>, Error> {
		self.call::<dyn RecordsApi<Block>, _>(at, |api, at| api.record(at, patient, record))
	}

	fn patient_records(
		&self,
		patient: PatientId,
		cursor: Option<RecordId>,
		limit: Option<u32>,
		at: Option<Hash>,
	) -> Result<Page<RecordView, RecordId>, Error> {
		let limit = page_limit(limit)?;
		self.call::<dyn RecordsApi<Block>, _>(at, |api, at| api.records(at, patient, cursor, limit))
	}

	fn access_receipts(
		&self,
		patient: PatientId,
		cursor: Option<u64>,
		limit: Option<u32>,
		at: Option<Hash>,
	) -> Result<Page<ReceiptView, u64>, Error> {
		let limit = page_limit(limit)?;
		self.call::<dyn RecordsApi<Block>, _>(at, |api, at| api.receipts(at, patient, cursor, limit))
	}

	fn receipt_batch(&self, org: OrgId, index: u64, at: Option<Hash>) -> Result<Option<ReceiptBatchView>, Error> {
		self.call::<dyn RecordsApi<Block>, _>(at, |api, at| api.receipt_batch(at, org, index))
	}

	fn custody_offer(
		&self,
		patient: PatientId,
		record: RecordId,
		at: Option<Hash>,
	) -> Result<Option<CustodyOfferView>, Error> {
		self.call::<dyn RecordsApi<Block>, _>(at, |api, at| api.custody_offer(at, patient, record))
	}
}
