//! Requests: judged when they are made, reviewed where the data use asks for people.

use super::*;
use frame_support::BoundedVec;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_submit(who: AccountId, input: RequestInput) -> DispatchResult {
		let now = Self::now();
		let org = Self::researcher(&who, now)?;
		let mut dataset = Datasets::<T>::get(input.dataset).ok_or(Error::<T>::NotFound)?;
		ensure!(dataset.state == DatasetState::Open, Error::<T>::WrongState);
		ensure!((1..=MAX_GRANT_DAYS).contains(&input.days), Error::<T>::InvalidPeriod);
		let known = input.groups.iter().all(|group| usize::from(group) < dataset.groups.len());
		ensure!(known && !input.groups.is_empty(), Error::<T>::InvalidGroup);
		if let Some(renewed) = input.renews {
			let old = Requests::<T>::get(renewed).ok_or(Error::<T>::NotFound)?;
			ensure!(old.researcher == who && old.dataset == input.dataset, Error::<T>::NotAuthorized);
			Self::ensure_active(renewed, &old)?;
		}
		let co_signers = Self::co_signers(&who, &input)?;
		let outcome =
			Self::judge(input.dataset, &dataset, &who, org, &input.purpose, input.ethics, &input.closures, &co_signers)
				.map_err(Error::<T>::from)?;

		let verdicts = || input.groups.iter().filter_map(|group| Some((group, verdict_of(&outcome, group)?)));
		let granted: GroupSet =
			verdicts().filter(|(_, verdict)| *verdict != Verdict::Deny).map(|(group, _)| group).collect();
		let state = if granted.is_empty() {
			RequestState::AutoDenied
		} else if verdicts().any(|(_, verdict)| verdict == Verdict::Manual) {
			RequestState::InReview
		} else {
			RequestState::AutoApproved
		};
		let (escrow, deadline) = match state {
			RequestState::AutoDenied => (0, now),
			RequestState::InReview => (dataset.fee, now.saturating_add(T::ReviewPeriod::get())),
			_ => (dataset.fee, now.saturating_add(T::ActivationPeriod::get())),
		};
		if escrow > 0 {
			T::Currency::hold(&HoldReason::Escrow.into(), &who, escrow)?;
		}

		let id = NextRequest::<T>::get();
		NextRequest::<T>::put(id.checked_add(1).ok_or(Error::<T>::Exhausted)?);
		dataset.requests = dataset.requests.checked_add(1).ok_or(Error::<T>::Exhausted)?;
		let request = Request {
			dataset: input.dataset,
			researcher: who.clone(),
			org,
			state,
			purpose: input.purpose,
			groups: input.groups,
			granted,
			policy_version: dataset.policy_version,
			outcome,
			co_signers,
			protocol: input.protocol,
			ethics: input.ethics,
			days: input.days,
			escrow,
			at: now,
			deadline,
			votes: Default::default(),
			renews: input.renews,
			closed: None,
			revoked: None,
			ticket: T::Consideration::new(&who, Self::request_footprint())?,
		};
		Requests::<T>::insert(id, request);
		DatasetRequests::<T>::insert(input.dataset, id, ());
		Datasets::<T>::insert(input.dataset, dataset);
		Self::deposit_event(Event::RequestSubmitted { request: id, dataset: input.dataset, org });
		Self::deposit_event(Event::RequestDecided { request: id, state, granted });
		Ok(())
	}

	/// Checks who co-signs: each once, and not the researcher.
	fn co_signers(
		who: &AccountId,
		input: &RequestInput,
	) -> Result<BoundedVec<AccountId, ConstU32<MAX_CO_SIGNERS>>, Error<T>> {
		let message = input.message(&Self::genesis(), who);
		let mut accounts = BoundedVec::new();
		for CoSignature { account, signature } in &input.co_signatures {
			let another = account != who && !accounts.contains(account);
			ensure!(another && is_signed(&message, signature, account), Error::InvalidCoSignature);
			accounts.try_push(account.clone()).map_err(|_| Error::TooMany)?;
		}
		Ok(accounts)
	}

	/// A request of the account.
	pub(crate) fn own_request(who: &AccountId, id: RequestId) -> Result<Request<TicketOf<T>>, Error<T>> {
		let request = Requests::<T>::get(id).ok_or(Error::NotFound)?;
		ensure!(*who == request.researcher, Error::NotAuthorized);
		Ok(request)
	}

	/// Gives back what a request holds in escrow.
	fn refund(request: &mut Request<TicketOf<T>>) -> DispatchResult {
		if request.escrow > 0 {
			T::Currency::release(&HoldReason::Escrow.into(), &request.researcher, request.escrow, Precision::Exact)?;
			request.escrow = 0;
		}
		Ok(())
	}

	/// Ends a request that led to no grant.
	fn end(id: RequestId, mut request: Request<TicketOf<T>>, state: RequestState) -> DispatchResult {
		Self::refund(&mut request)?;
		request.state = state;
		request.granted = GroupSet::default();
		Requests::<T>::insert(id, request);
		Self::deposit_event(Event::RequestDecided { request: id, state, granted: GroupSet::default() });
		Ok(())
	}

	pub(crate) fn do_vote(who: AccountId, id: RequestId, reason: VoteReason) -> DispatchResult {
		let now = Self::now();
		let mut request = Requests::<T>::get(id).ok_or(Error::<T>::NotFound)?;
		let dataset = Datasets::<T>::get(request.dataset).ok_or(Error::<T>::NotFound)?;
		Self::ensure_reviewer(&who, &dataset, &request, now)?;
		ensure!(request.state == RequestState::InReview, Error::<T>::WrongState);
		ensure!(now < request.deadline, Error::<T>::Expired);
		ensure!(request.votes.iter().all(|vote| vote.member != who), Error::<T>::AlreadyVoted);
		request.votes.try_push(Vote { member: who, reason }).map_err(|_| Error::<T>::TooMany)?;
		Self::deposit_event(Event::Voted { request: id, reason });

		let votes = request.votes.len() as u32;
		let approvals = request.votes.iter().filter(|vote| vote.reason == VoteReason::Acceptable).count() as u32;
		let rejections = votes - approvals;
		let decided = votes >= T::Quorum::get() && (approvals != rejections || votes == MAX_VOTES);
		if !decided {
			Requests::<T>::insert(id, request);
			return Ok(());
		}
		if approvals <= rejections {
			return Self::end(id, request, RequestState::Rejected);
		}
		request.state = RequestState::Approved;
		request.deadline = now.saturating_add(T::ActivationPeriod::get());
		let granted = request.granted;
		Requests::<T>::insert(id, request);
		Self::deposit_event(Event::RequestDecided { request: id, state: RequestState::Approved, granted });
		Ok(())
	}

	pub(crate) fn do_withdraw_request(who: AccountId, id: RequestId) -> DispatchResult {
		let request = Self::own_request(&who, id)?;
		ensure!(is_pending(request.state), Error::<T>::WrongState);
		Self::end(id, request, RequestState::Withdrawn)
	}

	pub(crate) fn do_expire_request(id: RequestId) -> DispatchResult {
		let request = Requests::<T>::get(id).ok_or(Error::<T>::NotFound)?;
		ensure!(is_pending(request.state), Error::<T>::WrongState);
		let retired = Self::is_retired(request.dataset);
		ensure!(retired || Self::now() >= request.deadline, Error::<T>::TooEarly);
		Self::end(id, request, RequestState::TimedOut)
	}

	fn is_retired(dataset: DatasetId) -> bool {
		Datasets::<T>::get(dataset).is_none_or(|dataset| dataset.state == DatasetState::Retired)
	}

	pub(crate) fn do_remove_request(who: AccountId, id: RequestId) -> DispatchResult {
		let request = Requests::<T>::get(id).ok_or(Error::<T>::NotFound)?;
		let own = who == request.researcher;
		ensure!(own || Self::is_retired(request.dataset), Error::<T>::NotAuthorized);
		let ended = !is_pending(request.state) && Self::state_of(id, &request) != RequestState::Active;
		ensure!(ended, Error::<T>::WrongState);
		let open = |grant: Grant| grant.obligations.iter().any(|owed| owed.state == ObligationState::Due);
		ensure!(!Grants::<T>::get(id).is_some_and(open), Error::<T>::NotSettled);
		Grants::<T>::remove(id);
		Requests::<T>::remove(id);
		DatasetRequests::<T>::remove(request.dataset, id);
		Datasets::<T>::mutate(request.dataset, |slot| {
			if let Some(dataset) = slot {
				dataset.requests = dataset.requests.saturating_sub(1);
			}
		});
		request.ticket.drop(&request.researcher)?;
		Self::deposit_event(Event::RequestRemoved { request: id });
		Ok(())
	}

	/// Where a request is, the time of its grant considered.
	pub(crate) fn state_of(id: RequestId, request: &Request<TicketOf<T>>) -> RequestState {
		let over = || Grants::<T>::get(id).is_none_or(|grant| grant.expiry <= Self::now());
		match request.state {
			RequestState::Active if over() => RequestState::Expired,
			state => state,
		}
	}

	/// Refuses a request without a grant in force.
	pub(crate) fn ensure_active(id: RequestId, request: &Request<TicketOf<T>>) -> Result<(), Error<T>> {
		ensure!(Self::state_of(id, request) == RequestState::Active, Error::NotActive);
		Ok(())
	}
}

/// Whether a request waits for somebody.
pub(crate) fn is_pending(state: RequestState) -> bool {
	matches!(state, RequestState::InReview | RequestState::AutoApproved | RequestState::Approved)
}
