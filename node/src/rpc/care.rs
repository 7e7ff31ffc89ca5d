//! Care plan rules.

use super::{error::Error, Salus};
use crate::service::Block;
use jsonrpsee::proc_macros::rpc;
use salus_primitives::{api::CareApi, care::CareRuleView, PatientId};
use salus_runtime::Hash;

/// Whom organisations that evaluate a patient's samples may alert.
#[rpc(client, server)]
pub trait CareRpc {
	/// The patient's rules, in the order in which they were set.
	#[method(name = "salus_careRules", blocking)]
	fn care_rules(&self, patient: PatientId, at: Option<Hash>) -> Result<Vec<CareRuleView>, Error>;
}

impl CareRpcServer for Salus {
	fn care_rules(&self, patient: PatientId, at: Option<Hash>) -> Result<Vec<CareRuleView>, Error> {
		self.call::<dyn CareApi<Block>, _>(at, |api, at| api.care_rules(at, patient))
	}
}
