//! Patients, their consents, and the access decision.

use super::{error::Error, page_limit, Salus};
use crate::service::Block;
use jsonrpsee::proc_macros::rpc;
use salus_primitives::{
	api::ConsentApi,
	views::{AccessAnswer, AccessQuery, CareView, ConsentView, GlassView, Page, PatientView, RecoveryView},
	AccountId, ConsentId, OrgId, PatientId,
};
use salus_runtime::Hash;

/// What a patient permits.
#[rpc(client, server)]
pub trait ConsentRpc {
	/// Decides who may do what with which data, on the state and at the time of the block asked. What is denied is an
	/// answer with its reason, not an error.
	#[method(name = "salus_checkAccess", blocking)]
	fn check_access(&self, query: AccessQuery, at: Option<Hash>) -> Result<AccessAnswer, Error>;

	/// A patient, or `null`.
	#[method(name = "salus_patient", blocking)]
	fn patient(&self, patient: PatientId, at: Option<Hash>) -> Result<Option<PatientView>, Error>;

	/// The patient's care relationship with an organisation, open or ended, or `null`.
	#[method(name = "salus_care", blocking)]
	fn care(&self, patient: PatientId, org: OrgId, at: Option<Hash>) -> Result<Option<CareView>, Error>;

	/// The patient's consents, latest first, from before the cursor.
	#[method(name = "salus_patientConsents", blocking)]
	fn patient_consents(
		&self,
		patient: PatientId,
		cursor: Option<ConsentId>,
		limit: Option<u32>,
		at: Option<Hash>,
	) -> Result<Page<ConsentView, ConsentId>, Error>;

	/// Emergency accesses to the patient's records, from after the cursor.
	#[method(name = "salus_glasses", blocking)]
	fn glasses(
		&self,
		patient: PatientId,
		cursor: Option<AccountId>,
		limit: Option<u32>,
		at: Option<Hash>,
	) -> Result<Page<GlassView, AccountId>, Error>;

	/// Who may help the patient with a lost key, and what is under way, or `null`.
	#[method(name = "salus_recovery", blocking)]
	fn recovery(&self, patient: PatientId, at: Option<Hash>) -> Result<Option<RecoveryView>, Error>;
}

impl ConsentRpcServer for Salus {
	fn check_access(&self, query: AccessQuery, at: Option<Hash>) -> Result<AccessAnswer, Error> {
		let answer = self.call::<dyn ConsentApi<Block>, _>(at, |api, at| api.check_access(at, query))?;
		self.metrics.iter().for_each(|metrics| metrics.decided(answer.decision.effect));
		Ok(answer)
	}

	fn patient(&self, patient: PatientId, at: Option<Hash>) -> Result<Option<PatientView>, Error> {
		self.call::<dyn ConsentApi<Block>, _>(at, |api, at| api.patient(at, patient))
	}

	fn care(&self, patient: PatientId, org: OrgId, at: Option<Hash>) -> Result<Option<CareView>, Error> {
		self.call::<dyn ConsentApi<Block>, _>(at, |api, at| api.care(at, patient, org))
	}

	fn patient_consents(
		&self,
		patient: PatientId,
		cursor: Option<ConsentId>,
		limit: Option<u32>,
		at: Option<Hash>,
	) -> Result<Page<ConsentView, ConsentId>, Error> {
		let limit = page_limit(limit)?;
		self.call::<dyn ConsentApi<Block>, _>(at, |api, at| api.consents(at, patient, cursor, limit))
	}

	fn glasses(
		&self,
		patient: PatientId,
		cursor: Option<AccountId>,
		limit: Option<u32>,
		at: Option<Hash>,
	) -> Result<Page<GlassView, AccountId>, Error> {
		let limit = page_limit(limit)?;
		self.call::<dyn ConsentApi<Block>, _>(at, |api, at| api.glasses(at, patient, cursor, limit))
	}

	fn recovery(&self, patient: PatientId, at: Option<Hash>) -> Result<Option<RecoveryView>, Error> {
		self.call::<dyn ConsentApi<Block>, _>(at, |api, at| api.recovery(at, patient))
	}
}
