//! Organisations, members, and encryption keys.

use super::{error::Error, Salus};
use crate::service::Block;
use jsonrpsee::proc_macros::rpc;
use salus_primitives::{
	api::ParticipantsApi,
	views::{EncryptionKey, MemberView, OrganisationView},
	AccountId, OrgId,
};
use salus_runtime::Hash;

/// Who is accredited.
#[rpc(client, server)]
pub trait ParticipantsRpc {
	/// An organisation, or `null`.
	#[method(name = "salus_organisation", blocking)]
	fn organisation(&self, org: OrgId, at: Option<Hash>) -> Result<Option<OrganisationView>, Error>;

	/// A present or past member of an organisation, or `null`.
	#[method(name = "salus_member", blocking)]
	fn member(&self, account: AccountId, at: Option<Hash>) -> Result<Option<MemberView>, Error>;

	/// The encryption key that an account registered, or `null`.
	#[method(name = "salus_encryptionKey", blocking)]
	fn encryption_key(&self, account: AccountId, at: Option<Hash>) -> Result<Option<EncryptionKey>, Error>;
}

impl ParticipantsRpcServer for Salus {
	fn organisation(&self, org: OrgId, at: Option<Hash>) -> Result<Option<OrganisationView>, Error> {
		self.call::<dyn ParticipantsApi<Block>, _>(at, |api, at| api.organisation(at, org))
	}

	fn member(&self, account: AccountId, at: Option<Hash>) -> Result<Option<MemberView>, Error> {
		self.call::<dyn ParticipantsApi<Block>, _>(at, |api, at| api.member(at, account))
	}

	fn encryption_key(&self, account: AccountId, at: Option<Hash>) -> Result<Option<EncryptionKey>, Error> {
		self.call::<dyn ParticipantsApi<Block>, _>(at, |api, at| api.encryption_key(at, account))
	}
}
