//! Answers to clients.

use super::*;
use alloc::vec::Vec;
use salus_primitives::views::{Page, MAX_PAGE};

impl<T: Config> Pallet<T> {
	/// A dataset.
	pub fn dataset_view(id: DatasetId) -> Option<DatasetView> {
		Datasets::<T>::get(id).map(|dataset| Self::view_dataset(id, dataset))
	}

	/// Datasets by number, those after the cursor; from 1 to [`MAX_PAGE`] of them.
	pub fn datasets_page(cursor: Option<DatasetId>, limit: u32) -> Page<DatasetView, DatasetId> {
		let (mut items, mut next) = (Vec::new(), None);
		let first = cursor.map_or(0, |cursor| cursor.saturating_add(1));
		// Removed ones leave gaps, which count towards what is looked at.
		let end = NextDataset::<T>::get();
		let last = first.saturating_add(MAX_PROBES).min(end);
		for id in first..last {
			items.extend(Self::dataset_view(id));
			if items.len() as u32 == limit.clamp(1, MAX_PAGE) {
				next = Some(id);
				break;
			}
		}
		let next = next.or(last.checked_sub(1)).filter(|id| id.saturating_add(1) < end);
		Page { items, next }
	}

	fn view_dataset(id: DatasetId, dataset: Dataset<TicketOf<T>>) -> DatasetView {
		let dataset = Self::projected(id, dataset);
		let contributors = Bucket::of(Self::cohort(&dataset, GroupSet::ALL));
		let groups = (0u8..).zip(&dataset.groups).filter_map(|(index, state)| {
			let terms = Groups::<T>::get(id, index)?.group;
			let contributors = Bucket::of(state.contributors);
			Some(GroupView { index, terms, version: state.version, open: state.open, contributors })
		});
		DatasetView {
			id,
			steward: dataset.steward,
			steward_name: T::Directory::name(dataset.steward),
			state: dataset.state,
			schema: dataset.schema,
			content: dataset.content,
			policy_version: dataset.policy_version,
			groups: groups.collect(),
			contributors,
			fee: dataset.fee,
			funded: dataset.funded,
			paid: dataset.paid,
			rolled: dataset.rolled,
			committee: dataset.committee.into_inner(),
		}
	}

	/// How a request would be judged now.
	pub fn match_dataset(query: MatchQuery) -> Result<MatchAnswer, MatchRefusal> {
		let now = Self::now();
		let dataset = Datasets::<T>::get(query.dataset).ok_or(MatchRefusal::UnknownDataset)?;
		let org = Self::researcher(&query.researcher, now).map_err(|_| MatchRefusal::NotResearcher)?;
		let MatchQuery { dataset: id, researcher, purpose, ethics, closures, co_signers } = query;
		let outcome = Self::judge(id, &dataset, &researcher, org, &purpose, ethics, &closures, &co_signers)?;
		Ok(MatchAnswer { outcome, policy_version: dataset.policy_version, now })
	}

	/// A request.
	pub fn request_view(id: RequestId) -> Option<RequestView> {
		let request = Requests::<T>::get(id)?;
		let state = Self::state_of(id, &request);
		Some(RequestView {
			id,
			dataset: request.dataset,
			researcher: request.researcher,
			org: request.org,
			state,
			purpose: request.purpose,
			groups: request.groups,
			granted: request.granted,
			policy_version: request.policy_version,
			outcome: request.outcome,
			protocol: request.protocol,
			ethics: request.ethics,
			days: request.days,
			escrow: request.escrow,
			at: request.at,
			deadline: request.deadline,
			votes: request.votes.into_inner(),
			renews: request.renews,
		})
	}

	/// Requests for a dataset in the order of storage, those after the cursor; from 1 to [`MAX_PAGE`] of them.
	pub fn requests_page(id: DatasetId, cursor: Option<RequestId>, limit: u32) -> Page<RequestView, RequestId> {
		let mut stored = match cursor {
			Some(last) => {
				DatasetRequests::<T>::iter_key_prefix_from(id, DatasetRequests::<T>::hashed_key_for(id, last))
			}
			None => DatasetRequests::<T>::iter_key_prefix(id),
		};
		let (mut items, mut end) = (Vec::new(), None);
		for request in stored.by_ref().take(limit.clamp(1, MAX_PAGE) as usize) {
			end = Some(request);
			items.extend(Self::request_view(request));
		}
		let next = stored.next().and(end);
		Page { items, next }
	}

	/// A grant.
	pub fn grant_view(id: RequestId) -> Option<GrantView> {
		let (request, grant) = (Requests::<T>::get(id)?, Grants::<T>::get(id)?);
		let state = Self::state_of(id, &request);
		let tightened = Datasets::<T>::get(request.dataset)
			.map(|dataset| Self::tightened(&dataset, grant.groups, grant.policy_version))
			.unwrap_or_default();
		Some(GrantView {
			id,
			dataset: request.dataset,
			researcher: request.researcher,
			org: request.org,
			state,
			groups: grant.groups,
			tightened,
			start: grant.start,
			expiry: grant.expiry,
			policy_version: grant.policy_version,
			obligations: grant.obligations.into_inner(),
			closed: request.closed,
			revoked: request.revoked,
		})
	}

	/// A contribution.
	pub fn contribution_view(id: DatasetId, pseudonym: &Pseudonym) -> Option<ContributionView> {
		Contributions::<T>::get(id, pseudonym).and_then(|entry| Self::view_contribution(id, *pseudonym, entry))
	}

	fn view_contribution(
		id: DatasetId,
		pseudonym: Pseudonym,
		entry: Contribution<TicketOf<T>>,
	) -> Option<ContributionView> {
		let dataset = Datasets::<T>::get(id)?;
		let (claimable, _) = Rewards::whole(Self::accrued(id, &dataset, &entry)?);
		let over = entry.state == ContributionState::Live && Self::today() >= entry.end;
		Some(ContributionView {
			dataset: id,
			pseudonym,
			group: entry.group,
			state: if over { ContributionState::Expired } else { entry.state },
			payee: entry.payee.unwrap_or_else(|| entry.account.clone()),
			account: entry.account,
			attester: entry.attester,
			commitment: entry.commitment,
			permit: entry.permit,
			until: entry.until,
			from_day: entry.start,
			until_day: entry.end,
			claimable,
		})
	}

	/// Contributions to a dataset in the order of storage, those after the cursor; from 1 to [`MAX_PAGE`] of them.
	pub fn contributions_page(
		id: DatasetId,
		cursor: Option<Pseudonym>,
		limit: u32,
	) -> Page<ContributionView, Pseudonym> {
		let mut stored = match cursor {
			Some(last) => Contributions::<T>::iter_prefix_from(id, Contributions::<T>::hashed_key_for(id, last)),
			None => Contributions::<T>::iter_prefix(id),
		};
		let (mut items, mut end) = (Vec::new(), None);
		for (pseudonym, entry) in stored.by_ref().take(limit.clamp(1, MAX_PAGE) as usize) {
			end = Some(pseudonym);
			items.extend(Self::view_contribution(id, pseudonym, entry));
		}
		let next = stored.next().and(end);
		Page { items, next }
	}

	/// Whether a gateway may release a contribution to a researcher under a grant, as far as the dataset goes. The
	/// gateway opens the permit and asks for the access decision on the record besides.
	pub fn grant_access(
		id: RequestId,
		researcher: &AccountId,
		pseudonym: &Pseudonym,
	) -> Result<GrantAccess, AccessRefusal> {
		let now = Self::now();
		let request = Requests::<T>::get(id).ok_or(AccessRefusal::UnknownGrant)?;
		let grant = Grants::<T>::get(id).ok_or(AccessRefusal::UnknownGrant)?;
		ensure!(request.researcher == *researcher, AccessRefusal::NotResearcher);
		ensure!(Self::state_of(id, &request) == RequestState::Active, AccessRefusal::NotActive);
		let standing = Self::researcher(researcher, now);
		ensure!(standing.is_ok_and(|org| org == request.org), AccessRefusal::NotInStanding);
		if let Some(document) = request.ethics {
			let approval = Approvals::<T>::get(document).filter(|approval| now < approval.until);
			ensure!(approval.is_some_and(|approval| approval.researcher == *researcher), AccessRefusal::EthicsEnded);
		}
		let dataset = Datasets::<T>::get(request.dataset).filter(|dataset| dataset.state == DatasetState::Open);
		let dataset = dataset.ok_or(AccessRefusal::DatasetClosed)?;
		let entry = Contributions::<T>::get(request.dataset, pseudonym).ok_or(AccessRefusal::UnknownContribution)?;
		let live = entry.state == ContributionState::Live && now < entry.until && Self::today() < entry.end;
		ensure!(live, AccessRefusal::ContributionEnded);
		ensure!(grant.groups.contains(entry.group), AccessRefusal::GroupNotGranted);
		let tightened = Self::tightened(&dataset, grant.groups, grant.policy_version);
		ensure!(!tightened.contains(entry.group), AccessRefusal::PolicyTightened);
		Ok(GrantAccess {
			dataset: request.dataset,
			group: entry.group,
			permit: entry.permit,
			commitment: entry.commitment,
			attester: entry.attester,
			org: request.org,
			until: grant.expiry.min(Moment::from(entry.end).saturating_mul(DAY)),
			purpose: request.purpose,
		})
	}

	/// An ethics approval.
	pub fn approval_view(document: H256) -> Option<ApprovalView> {
		let Approval { org, researcher, until, .. } = Approvals::<T>::get(document)?;
		Some(ApprovalView { document, org, researcher, until })
	}

	/// The latest release of a disease ontology.
	pub fn release_view(namespace: Namespace) -> Option<ReleaseView> {
		Releases::<T>::get(namespace)
	}
}

/// Numbers of datasets that are looked at for one page.
const MAX_PROBES: u32 = 1_000;
