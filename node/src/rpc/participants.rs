//! Organisations, members, encryption keys, agreements, and who pays for patients without tokens.

use super::{error::Error, Salus};
use crate::service::Block;
use jsonrpsee::proc_macros::rpc;
use salus_primitives::{
	api::{ParticipantsApi, SponsorshipApi},
	views::{AgreementView, EncryptionKey, MemberView, OrganisationView, SponsorView, SponsorshipView},
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

	/// Data sharing agreements between a custodian and a recipient, proposals among them.
	#[method(name = "salus_agreements", blocking)]
	fn agreements(&self, custodian: OrgId, recipient: OrgId, at: Option<Hash>) -> Result<Vec<AgreementView>, Error>;

	/// What an organisation pays for the patients that it enrols, or `null`.
	#[method(name = "salus_sponsor", blocking)]
	fn sponsor(&self, org: OrgId, at: Option<Hash>) -> Result<Option<SponsorView>, Error>;

	/// Who pays for an account, and what is left today.
	#[method(name = "salus_sponsorship", blocking)]
	fn sponsorship(&self, account: AccountId, at: Option<Hash>) -> Result<SponsorshipView, Error>;
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

	fn agreements(&self, custodian: OrgId, recipient: OrgId, at: Option<Hash>) -> Result<Vec<AgreementView>, Error> {
		self.call::<dyn ParticipantsApi<Block>, _>(at, |api, at| api.agreements(at, custodian, recipient))
	}

	fn sponsor(&self, org: OrgId, at: Option<Hash>) -> Result<Option<SponsorView>, Error> {
		self.call::<dyn SponsorshipApi<Block>, _>(at, |api, at| api.sponsor(at, org))
	}

	fn sponsorship(&self, account: AccountId, at: Option<Hash>) -> Result<SponsorshipView, Error> {
		self.call::<dyn SponsorshipApi<Block>, _>(at, |api, at| api.sponsorship(at, account))
	}
}
