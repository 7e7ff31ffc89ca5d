//! Research datasets: what they allow, how a request would be judged, and what a grant reaches.
//!
//! How many contributors there are is told in buckets, never exactly.

use super::{error::Error, page_limit, Salus};
use crate::service::Block;
use jsonrpsee::proc_macros::rpc;
use salus_primitives::{
	api::ResearchApi,
	duo::Namespace,
	research::{
		ApprovalView, ContributionView, DatasetId, DatasetView, GrantAccess, GrantView, MatchAnswer, MatchQuery,
		ReleaseView, RequestId, RequestView,
	},
	views::Page,
	AccountId, Pseudonym, H256,
};
use salus_runtime::Hash;

/// Datasets, requests, grants and contributions.
#[rpc(client, server)]
pub trait ResearchRpc {
	/// Datasets by number, from after the cursor.
	#[method(name = "salus_datasets", blocking)]
	fn datasets(
		&self,
		cursor: Option<DatasetId>,
		limit: Option<u32>,
		at: Option<Hash>,
	) -> Result<Page<DatasetView, DatasetId>, Error>;

	/// A dataset, or `null`.
	#[method(name = "salus_dataset", blocking)]
	fn dataset(&self, dataset: DatasetId, at: Option<Hash>) -> Result<Option<DatasetView>, Error>;

	/// How a request would be judged, on the state and at the time of the block asked. A denial is an answer with its
	/// reasons, not an error.
	#[method(name = "salus_matchDataset", blocking)]
	fn match_dataset(&self, query: MatchQuery, at: Option<Hash>) -> Result<MatchAnswer, Error>;

	/// A request, or `null`.
	#[method(name = "salus_request", blocking)]
	fn research_request(&self, request: RequestId, at: Option<Hash>) -> Result<Option<RequestView>, Error>;

	/// Requests for a dataset, in the order of storage, from after the cursor.
	#[method(name = "salus_requests", blocking)]
	fn research_requests(
		&self,
		dataset: DatasetId,
		cursor: Option<RequestId>,
		limit: Option<u32>,
		at: Option<Hash>,
	) -> Result<Page<RequestView, RequestId>, Error>;

	/// A grant by the number of its request, or `null`.
	#[method(name = "salus_grant", blocking)]
	fn grant(&self, grant: RequestId, at: Option<Hash>) -> Result<Option<GrantView>, Error>;

	/// A contribution, or `null`.
	#[method(name = "salus_contribution", blocking)]
	fn contribution(
		&self,
		dataset: DatasetId,
		pseudonym: Pseudonym,
		at: Option<Hash>,
	) -> Result<Option<ContributionView>, Error>;

	/// What a gateway needs to release a contribution to a researcher under a grant; an error says why it must not.
	#[method(name = "salus_grantAccess", blocking)]
	fn grant_access(
		&self,
		grant: RequestId,
		researcher: AccountId,
		pseudonym: Pseudonym,
		at: Option<Hash>,
	) -> Result<GrantAccess, Error>;

	/// An ethics approval by the hash of its document, or `null`.
	#[method(name = "salus_ethicsApproval", blocking)]
	fn ethics_approval(&self, document: H256, at: Option<Hash>) -> Result<Option<ApprovalView>, Error>;

	/// The latest release of a disease ontology, or `null`.
	#[method(name = "salus_ontologyRelease", blocking)]
	fn ontology_release(&self, namespace: Namespace, at: Option<Hash>) -> Result<Option<ReleaseView>, Error>;
}

impl ResearchRpcServer for Salus {
	fn datasets(
		&self,
		cursor: Option<DatasetId>,
		limit: Option<u32>,
		at: Option<Hash>,
	) -> Result<Page<DatasetView, DatasetId>, Error> {
		let limit = page_limit(limit)?;
		self.call::<dyn ResearchApi<Block>, _>(at, |api, at| api.datasets(at, cursor, limit))
	}

	fn dataset(&self, dataset: DatasetId, at: Option<Hash>) -> Result<Option<DatasetView>, Error> {
		self.call::<dyn ResearchApi<Block>, _>(at, |api, at| api.dataset(at, dataset))
	}

	fn match_dataset(&self, query: MatchQuery, at: Option<Hash>) -> Result<MatchAnswer, Error> {
		let answer = self.call::<dyn ResearchApi<Block>, _>(at, |api, at| api.match_dataset(at, query))?;
		answer.map_err(Error::NotJudged)
	}

	fn research_request(&self, request: RequestId, at: Option<Hash>) -> Result<Option<RequestView>, Error> {
		self.call::<dyn ResearchApi<Block>, _>(at, |api, at| api.request(at, request))
	}

	fn research_requests(
		&self,
		dataset: DatasetId,
		cursor: Option<RequestId>,
		limit: Option<u32>,
		at: Option<Hash>,
	) -> Result<Page<RequestView, RequestId>, Error> {
		let limit = page_limit(limit)?;
		self.call::<dyn ResearchApi<Block>, _>(at, |api, at| api.requests(at, dataset, cursor, limit))
	}

	fn grant(&self, grant: RequestId, at: Option<Hash>) -> Result<Option<GrantView>, Error> {
		self.call::<dyn ResearchApi<Block>, _>(at, |api, at| api.grant(at, grant))
	}

	fn contribution(
		&self,
		dataset: DatasetId,
		pseudonym: Pseudonym,
		at: Option<Hash>,
	) -> Result<Option<ContributionView>, Error> {
		self.call::<dyn ResearchApi<Block>, _>(at, |api, at| api.contribution(at, dataset, pseudonym))
	}

	fn grant_access(
		&self,
		grant: RequestId,
		researcher: AccountId,
		pseudonym: Pseudonym,
		at: Option<Hash>,
	) -> Result<GrantAccess, Error> {
		let answer =
			self.call::<dyn ResearchApi<Block>, _>(at, |api, at| api.grant_access(at, grant, researcher, pseudonym))?;
		answer.map_err(Error::NotGranted)
	}

	fn ethics_approval(&self, document: H256, at: Option<Hash>) -> Result<Option<ApprovalView>, Error> {
		self.call::<dyn ResearchApi<Block>, _>(at, |api, at| api.approval(at, document))
	}

	fn ontology_release(&self, namespace: Namespace, at: Option<Hash>) -> Result<Option<ReleaseView>, Error> {
		self.call::<dyn ResearchApi<Block>, _>(at, |api, at| api.release(at, namespace))
	}
}
