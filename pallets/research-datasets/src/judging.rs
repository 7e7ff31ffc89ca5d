//! What the chain knows of a request, and the verdict that follows.

use super::*;
use alloc::vec::Vec;
use salus_primitives::duo;

impl<T: Config> Pallet<T> {
	/// Judges a purpose by every group of a dataset.
	pub(crate) fn judge(
		id: DatasetId,
		dataset: &Dataset<TicketOf<T>>,
		researcher: &AccountId,
		org: OrgId,
		purpose: &Purpose,
		ethics: Option<H256>,
		closures: &[Closure],
		co_signers: &[AccountId],
	) -> Result<Outcome, MatchRefusal> {
		ensure!(purpose.uses.is_known() && purpose.sensitive.is_known(), MatchRefusal::InvalidPurpose);
		let release = |namespace| Releases::<T>::get(namespace).map(|stored| stored.release);
		let diseases = Proved::new(&purpose.diseases, closures, release).map_err(|error| match error {
			ClosureError::NoRelease => MatchRefusal::UnknownRelease,
			_ => MatchRefusal::InvalidClosure,
		})?;
		let approval = ethics.map(|document| {
			let approval = Approvals::<T>::get(document).filter(|approval| approval.researcher == *researcher);
			approval.map(|approval| approval.until).ok_or(MatchRefusal::UnknownApproval)
		});
		let now = Self::now();
		let standing = T::Directory::organisation(org, now);
		let names = co_signers.iter().map(Name::account).collect();
		let facts = Facts {
			now,
			nonprofit: standing.as_ref().map(|standing| standing.non_profit),
			location: standing.map(|standing| duo::Country(standing.country)),
			user: Some(Name::account(researcher)),
			institution: Some(Name::organisation(org)),
			ethics_until: approval.transpose()?,
			co_signers: Some(BoundedVec::truncate_from(names)),
		};
		let groups = (0..dataset.groups.len() as u8).map(|group| Groups::<T>::get(id, group).map(|terms| terms.group));
		let groups: Vec<Group> = groups.collect::<Option<_>>().ok_or(MatchRefusal::UnknownDataset)?;
		Ok(duo::matches(&groups, purpose, &facts, &diseases))
	}
}

impl<T: Config> From<MatchRefusal> for Error<T> {
	fn from(refusal: MatchRefusal) -> Self {
		match refusal {
			MatchRefusal::UnknownDataset => Self::NotFound,
			MatchRefusal::NotResearcher => Self::NotAuthorized,
			MatchRefusal::InvalidClosure => Self::InvalidClosure,
			MatchRefusal::UnknownRelease => Self::UnknownRelease,
			MatchRefusal::UnknownApproval => Self::UnknownApproval,
			MatchRefusal::InvalidPurpose => Self::InvalidPurpose,
		}
	}
}

/// The verdict on a group.
pub(crate) fn verdict_of(outcome: &Outcome, group: u8) -> Option<Verdict> {
	outcome.groups.get(usize::from(group)).map(|judged| judged.verdict)
}
