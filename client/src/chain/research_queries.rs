//! Questions about research datasets. Without a block they are asked of the best one.

use super::Chain;
use crate::Result;
use salus_primitives::{
	duo::Namespace,
	research::{
		AccessRefusal, ApprovalView, ContributionView, DatasetId, DatasetView, GrantAccess, GrantView, MatchAnswer,
		MatchQuery, MatchRefusal, ReleaseView, RequestId, RequestView,
	},
	AccountId, Pseudonym, H256,
};

impl Chain {
	/// A dataset.
	pub async fn dataset(&self, dataset: DatasetId) -> Result<Option<DatasetView>> {
		self.call_api("ResearchApi_dataset", dataset, None).await
	}

	/// All datasets.
	pub async fn datasets(&self) -> Result<Vec<DatasetView>> {
		self.pages::<_, DatasetId>("ResearchApi_datasets", (), usize::MAX).await
	}

	/// How a request would be judged.
	pub async fn match_dataset(&self, query: &MatchQuery) -> Result<std::result::Result<MatchAnswer, MatchRefusal>> {
		self.call_api("ResearchApi_match_dataset", query, None).await
	}

	/// A request.
	pub async fn request(&self, request: RequestId) -> Result<Option<RequestView>> {
		self.call_api("ResearchApi_request", request, None).await
	}

	/// All requests for a dataset.
	pub async fn requests(&self, dataset: DatasetId) -> Result<Vec<RequestView>> {
		self.pages::<_, RequestId>("ResearchApi_requests", dataset, usize::MAX).await
	}

	/// A grant: it has the number of its request.
	pub async fn grant(&self, grant: RequestId) -> Result<Option<GrantView>> {
		self.call_api("ResearchApi_grant", grant, None).await
	}

	/// A contribution.
	pub async fn contribution(
		&self,
		dataset: DatasetId,
		pseudonym: &Pseudonym,
		at: Option<H256>,
	) -> Result<Option<ContributionView>> {
		self.call_api("ResearchApi_contribution", (dataset, pseudonym), at).await
	}

	/// The contributions to a dataset, in the order of storage, `at_most` of them.
	pub async fn contributions(&self, dataset: DatasetId, at_most: usize) -> Result<Vec<ContributionView>> {
		self.pages::<_, Pseudonym>("ResearchApi_contributions", dataset, at_most).await
	}

	/// Whether a contribution may be released under a grant, on the state of a block.
	pub async fn grant_access(
		&self,
		grant: RequestId,
		researcher: &AccountId,
		pseudonym: &Pseudonym,
		at: Option<H256>,
	) -> Result<std::result::Result<GrantAccess, AccessRefusal>> {
		self.call_api("ResearchApi_grant_access", (grant, researcher, pseudonym), at).await
	}

	/// An ethics approval, by the hash of its document.
	pub async fn ethics_approval(&self, document: &H256) -> Result<Option<ApprovalView>> {
		self.call_api("ResearchApi_approval", document, None).await
	}

	/// The latest release of a disease ontology.
	pub async fn ontology_release(&self, namespace: Namespace) -> Result<Option<ReleaseView>> {
		self.call_api("ResearchApi_release", namespace, None).await
	}
}
