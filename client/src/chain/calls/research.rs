//! Calls about research datasets.

use super::{Arguments, Call};
use codec::Encode;
use salus_primitives::{
	duo::{Group, Release},
	research::{
		Attestation, CloseReason, ContributionInput, DatasetId, DatasetInput, RequestId, RequestInput, RevokeReason,
		VoteReason,
	},
	AccountId, Moment, Pseudonym, H256,
};

/// Creates a dataset: the signer's organisation is its steward.
pub fn create_dataset(dataset: &DatasetInput) -> Call {
	call!(ResearchDatasets.create_dataset(dataset))
}

/// Adds a consent group.
pub fn add_group(dataset: DatasetId, terms: &Group) -> Call {
	call!(ResearchDatasets.add_group(dataset, terms))
}

/// Makes the data use of a group stricter, at once.
pub fn tighten_group(dataset: DatasetId, group: u8, terms: &Group) -> Call {
	call!(ResearchDatasets.tighten_group(dataset, group, terms))
}

/// Closes a group for contributions, and adds one with this data use for those to come.
pub fn loosen_group(dataset: DatasetId, group: u8, terms: &Group) -> Call {
	call!(ResearchDatasets.loosen_group(dataset, group, terms))
}

/// Opens a dataset for contributions and requests.
pub fn open_dataset(dataset: DatasetId) -> Call {
	call!(ResearchDatasets.open_dataset(dataset))
}

/// Suspends a dataset.
pub fn suspend_dataset(dataset: DatasetId) -> Call {
	call!(ResearchDatasets.suspend_dataset(dataset))
}

/// Ends a dataset for good.
pub fn retire_dataset(dataset: DatasetId) -> Call {
	call!(ResearchDatasets.retire_dataset(dataset))
}

/// Gives the steward what no contributor of a retired dataset is owed.
pub fn sweep(dataset: DatasetId) -> Call {
	call!(ResearchDatasets.sweep(dataset))
}

/// Names who else decides about requests.
pub fn set_committee(dataset: DatasetId, members: &[AccountId]) -> Call {
	call!(ResearchDatasets.set_committee(dataset, members))
}

/// Contributes, as the attester; with an attestation, as the contributor.
pub fn contribute(contribution: &ContributionInput, attestation: Option<&Attestation>) -> Call {
	call!(ResearchDatasets.contribute(contribution, attestation))
}

/// Ends a contribution, at once.
pub fn withdraw_contribution(dataset: DatasetId, pseudonym: &Pseudonym) -> Call {
	call!(ResearchDatasets.withdraw_contribution(dataset, pseudonym))
}

/// Removes a contribution that has ended and has nothing to claim, for its deposit.
pub fn remove_contribution(dataset: DatasetId, pseudonym: &Pseudonym) -> Call {
	call!(ResearchDatasets.remove_contribution(dataset, pseudonym))
}

/// Counts the days that have passed, at most 32 of them.
pub fn roll(dataset: DatasetId) -> Call {
	call!(ResearchDatasets.roll(dataset))
}

/// Asks to use a dataset, as a researcher.
pub fn submit_request(request: &RequestInput) -> Call {
	call!(ResearchDatasets.submit_request(request))
}

/// Votes on a request, as a member of the committee.
pub fn vote(request: RequestId, reason: VoteReason) -> Call {
	call!(ResearchDatasets.vote(request, reason))
}

/// Takes a request back.
pub fn withdraw_request(request: RequestId) -> Call {
	call!(ResearchDatasets.withdraw_request(request))
}

/// Ends a request whose time is over.
pub fn expire_request(request: RequestId) -> Call {
	call!(ResearchDatasets.expire_request(request))
}

/// Begins the grant of an approved request.
pub fn activate(request: RequestId) -> Call {
	call!(ResearchDatasets.activate(request))
}

/// Closes a grant.
pub fn close_grant(grant: RequestId, reason: CloseReason) -> Call {
	call!(ResearchDatasets.close_grant(grant, reason))
}

/// Revokes a grant, as the steward.
pub fn revoke_grant(grant: RequestId, reason: RevokeReason) -> Call {
	call!(ResearchDatasets.revoke_grant(grant, reason))
}

/// Says that an obligation was met, as the researcher.
pub fn fulfil_obligation(grant: RequestId, index: u32, evidence: H256) -> Call {
	call!(ResearchDatasets.fulfil_obligation(grant, index, evidence))
}

/// Waives an obligation, as the steward.
pub fn waive_obligation(grant: RequestId, index: u32) -> Call {
	call!(ResearchDatasets.waive_obligation(grant, index))
}

/// Says that an obligation was missed.
pub fn miss_obligation(grant: RequestId, index: u32, evidence: H256) -> Call {
	call!(ResearchDatasets.miss_obligation(grant, index, evidence))
}

/// Removes a request that has ended, for its deposit.
pub fn remove_request(request: RequestId) -> Call {
	call!(ResearchDatasets.remove_request(request))
}

/// Approves research, as a reviewer of an ethics committee.
pub fn approve_ethics(document: H256, researcher: &AccountId, until: Moment) -> Call {
	call!(ResearchDatasets.approve_ethics(document, researcher, until))
}

/// Takes an approval back.
pub fn revoke_ethics(document: H256) -> Call {
	call!(ResearchDatasets.revoke_ethics(document))
}

/// Pays in for the contributors of a dataset.
pub fn fund(dataset: DatasetId, amount: u128) -> Call {
	call!(ResearchDatasets.fund(dataset, amount))
}

/// Claims what a contribution has earned.
pub fn claim(dataset: DatasetId, pseudonym: &Pseudonym) -> Call {
	call!(ResearchDatasets.claim(dataset, pseudonym))
}

/// Names whom a contribution's earnings are paid to.
pub fn set_payee(dataset: DatasetId, pseudonym: &Pseudonym, payee: &AccountId) -> Call {
	call!(ResearchDatasets.set_payee(dataset, pseudonym, payee))
}

/// Posts a release of a disease ontology, with the votes of the council.
pub fn post_release(release: &Release) -> Call {
	call!(ResearchDatasets.post_release(release))
}
