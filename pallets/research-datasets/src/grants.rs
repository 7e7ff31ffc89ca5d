//! Grants, and what they owe.

use super::*;
use alloc::vec::Vec;
use salus_primitives::duo;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_activate(who: AccountId, id: RequestId) -> DispatchResult {
		let now = Self::now();
		let mut request = Self::own_request(&who, id)?;
		let approved = matches!(request.state, RequestState::AutoApproved | RequestState::Approved);
		ensure!(approved, Error::<T>::WrongState);
		ensure!(now < request.deadline, Error::<T>::Expired);
		ensure!(Self::researcher(&who, now)? == request.org, Error::<T>::NotAuthorized);
		let mut dataset = Datasets::<T>::get(request.dataset).ok_or(Error::<T>::NotFound)?;
		ensure!(dataset.state == DatasetState::Open, Error::<T>::WrongState);
		let groups = request.granted;
		ensure!(Self::tightened(&dataset, groups, request.policy_version).is_empty(), Error::<T>::PolicyChanged);
		let approval = Self::approval_of(request.ethics, &who, now)?;
		Self::ensure_current(request.dataset, &mut dataset)?;
		ensure!(Self::cohort(&dataset, groups) >= COHORT, Error::<T>::CohortTooSmall);

		let all = groups.iter().map(|group| Groups::<T>::get(request.dataset, group).map(|terms| terms.group));
		let all: Vec<Group> = all.collect::<Option<_>>().ok_or(Error::<T>::InvalidGroup)?;
		let asked = now.saturating_add(Moment::from(request.days).saturating_mul(DAY));
		let limits = all.iter().filter_map(|terms| duo::expiry(terms, now)).chain(approval);
		let expiry = limits.fold(asked, Moment::min);
		ensure!(expiry > now, Error::<T>::Expired);
		let mut obligations: BoundedVec<Owed, ConstU32<MAX_OBLIGATIONS>> = BoundedVec::new();
		let mut bonds = 0u128;
		for terms in &all {
			for obligation in duo::obligations(terms, now, expiry) {
				if obligations.iter().any(|owed| owed.obligation == obligation) {
					continue;
				}
				let bond = if is_bonded(&obligation) { T::Bond::get() } else { 0 };
				bonds = bonds.checked_add(bond).ok_or(ArithmeticError::Overflow)?;
				let owed = Owed { obligation, state: ObligationState::Due, bond };
				obligations.try_push(owed).map_err(|_| Error::<T>::TooMany)?;
			}
		}

		if request.escrow > 0 {
			let fee = request.escrow;
			Self::seize(HoldReason::Escrow, &who, request.dataset, &mut dataset, fee)?;
			request.escrow = 0;
			Self::deposit_event(Event::Funded { dataset: request.dataset, amount: fee });
		}
		if bonds > 0 {
			T::Currency::hold(&HoldReason::Bond.into(), &who, bonds)?;
		}
		if let Some(renewed) = request.renews {
			Self::supersede(renewed);
		}
		request.state = RequestState::Active;
		let grant = Grant { groups, start: now, expiry, policy_version: request.policy_version, obligations };
		Grants::<T>::insert(id, grant);
		Self::deposit_event(Event::GrantActivated { grant: id, dataset: request.dataset, groups, expiry });
		Datasets::<T>::insert(request.dataset, dataset);
		Requests::<T>::insert(id, request);
		Ok(())
	}

	/// Moves what is held to the dataset's account, and divides it among the contributors.
	fn seize(
		reason: HoldReason,
		who: &AccountId,
		id: DatasetId,
		dataset: &mut Dataset<TicketOf<T>>,
		units: u128,
	) -> DispatchResult {
		T::Currency::transfer_on_hold(
			&reason.into(),
			who,
			&Self::account(id),
			units,
			Precision::Exact,
			Restriction::Free,
			Fortitude::Force,
		)?;
		Self::distribute(dataset, units)
	}

	/// Closes the grant that another takes the place of, if it is still in force.
	fn supersede(id: RequestId) {
		let Some(mut request) = Requests::<T>::get(id) else { return };
		if request.state == RequestState::Active {
			request.state = RequestState::Closed;
			request.closed = Some(CloseReason::Superseded);
			Requests::<T>::insert(id, request);
			Self::deposit_event(Event::GrantClosed { grant: id, reason: CloseReason::Superseded });
		}
	}

	/// Those of the groups whose data use was changed after this version.
	pub(crate) fn tightened(dataset: &Dataset<TicketOf<T>>, groups: GroupSet, version: u32) -> GroupSet {
		let since = |group: &u8| dataset.groups.get(usize::from(*group)).is_none_or(|state| state.version > version);
		groups.iter().filter(since).collect()
	}

	/// Until when the approval that a request names holds; refuses one that does not.
	fn approval_of(ethics: Option<H256>, who: &AccountId, now: Moment) -> Result<Option<Moment>, Error<T>> {
		let Some(document) = ethics else { return Ok(None) };
		let approval = Approvals::<T>::get(document).filter(|approval| approval.researcher == *who);
		let approval = approval.ok_or(Error::UnknownApproval)?;
		ensure!(now < approval.until, Error::Expired);
		Ok(Some(approval.until))
	}

	pub(crate) fn do_close(who: AccountId, id: RequestId, reason: CloseReason) -> DispatchResult {
		let mut request = Self::own_request(&who, id)?;
		ensure!(reason != CloseReason::Superseded, Error::<T>::InvalidReason);
		Self::ensure_active(id, &request)?;
		request.state = RequestState::Closed;
		request.closed = Some(reason);
		Requests::<T>::insert(id, request);
		Self::deposit_event(Event::GrantClosed { grant: id, reason });
		Ok(())
	}

	pub(crate) fn do_revoke(who: AccountId, id: RequestId, reason: RevokeReason) -> DispatchResult {
		let mut request = Requests::<T>::get(id).ok_or(Error::<T>::NotFound)?;
		let dataset = Datasets::<T>::get(request.dataset).ok_or(Error::<T>::NotFound)?;
		Self::ensure_steward(&who, dataset.steward, Self::now())?;
		Self::ensure_active(id, &request)?;
		request.state = RequestState::Revoked;
		request.revoked = Some(reason);
		Requests::<T>::insert(id, request);
		Self::deposit_event(Event::GrantRevoked { grant: id, reason });
		Ok(())
	}

	/// An obligation that is still due, with its grant.
	fn due(id: RequestId, index: u32) -> Result<(Grant, usize), Error<T>> {
		let grant = Grants::<T>::get(id).ok_or(Error::NotFound)?;
		let at = usize::try_from(index).map_err(|_| Error::NotFound)?;
		let owed = grant.obligations.get(at).ok_or(Error::NotFound)?;
		ensure!(owed.state == ObligationState::Due, Error::WrongState);
		Ok((grant, at))
	}

	/// Settles an obligation: its bond goes back to the researcher, or to the contributors if it was missed.
	fn settle_obligation(
		id: RequestId,
		request: &Request<TicketOf<T>>,
		mut grant: Grant,
		index: usize,
		state: ObligationState,
		evidence: H256,
	) -> DispatchResult {
		let Some(owed) = grant.obligations.get_mut(index) else { return Err(Error::<T>::NotFound.into()) };
		let bond = core::mem::take(&mut owed.bond);
		owed.state = state;
		Grants::<T>::insert(id, grant);
		let index = index as u32;
		Self::deposit_event(Event::ObligationSettled { grant: id, index, state, evidence });
		if bond == 0 {
			return Ok(());
		}
		if state != ObligationState::Late {
			T::Currency::release(&HoldReason::Bond.into(), &request.researcher, bond, Precision::Exact)?;
			return Ok(());
		}
		let mut dataset = Datasets::<T>::get(request.dataset).ok_or(Error::<T>::NotFound)?;
		Self::ensure_current(request.dataset, &mut dataset)?;
		Self::seize(HoldReason::Bond, &request.researcher, request.dataset, &mut dataset, bond)?;
		Datasets::<T>::insert(request.dataset, dataset);
		Self::deposit_event(Event::BondSlashed { grant: id, dataset: request.dataset, amount: bond });
		Ok(())
	}

	pub(crate) fn do_fulfil(who: AccountId, id: RequestId, index: u32, evidence: H256) -> DispatchResult {
		let request = Self::own_request(&who, id)?;
		let (grant, at) = Self::due(id, index)?;
		let (obligation, now) = (&grant.obligations[at].obligation, Self::now());
		let state = match obligation.kind {
			// A moratorium is kept by waiting for its end.
			ObligationKind::Moratorium => {
				ensure!(now >= obligation.due, Error::<T>::TooEarly);
				ObligationState::Met
			}
			_ if now > obligation.due => ObligationState::Late,
			_ => ObligationState::Met,
		};
		Self::settle_obligation(id, &request, grant, at, state, evidence)
	}

	pub(crate) fn do_waive(who: AccountId, id: RequestId, index: u32) -> DispatchResult {
		let now = Self::now();
		let request = Requests::<T>::get(id).ok_or(Error::<T>::NotFound)?;
		let dataset = Datasets::<T>::get(request.dataset).ok_or(Error::<T>::NotFound)?;
		Self::ensure_steward(&who, dataset.steward, now)?;
		ensure!(!Self::one_entity(dataset.steward, request.org, now), Error::<T>::ConflictOfInterest);
		let (grant, at) = Self::due(id, index)?;
		Self::settle_obligation(id, &request, grant, at, ObligationState::Waived, H256::zero())
	}

	pub(crate) fn do_miss(who: AccountId, id: RequestId, index: u32, evidence: H256) -> DispatchResult {
		let now = Self::now();
		let request = Requests::<T>::get(id).ok_or(Error::<T>::NotFound)?;
		let (grant, at) = Self::due(id, index)?;
		let obligation = &grant.obligations[at].obligation;
		if obligation.kind == ObligationKind::Moratorium {
			// That somebody published too early is for people to find.
			let dataset = Datasets::<T>::get(request.dataset).ok_or(Error::<T>::NotFound)?;
			Self::ensure_reviewer(&who, &dataset, &request, now)?;
			ensure!(now < obligation.due, Error::<T>::Expired);
		} else {
			ensure!(now > obligation.due, Error::<T>::TooEarly);
		}
		Self::settle_obligation(id, &request, grant, at, ObligationState::Late, evidence)
	}

	pub(crate) fn do_approve_ethics(
		who: AccountId,
		document: H256,
		researcher: AccountId,
		until: Moment,
	) -> DispatchResult {
		let now = Self::now();
		let org = Self::ethics_reviewer(&who, now)?;
		let theirs = match T::Directory::standing(&researcher, now) {
			Standing::Active(member) => Self::one_entity(org, member.org, now),
			_ => false,
		};
		ensure!(who != researcher && !theirs, Error::<T>::ConflictOfInterest);
		ensure!(until > now && until - now <= MAX_APPROVAL, Error::<T>::InvalidPeriod);
		ensure!(!Approvals::<T>::contains_key(document), Error::<T>::AlreadyExists);
		let ticket = T::Consideration::new(&who, Self::approval_footprint())?;
		Approvals::<T>::insert(document, Approval { org, researcher, until, by: who, ticket });
		Self::deposit_event(Event::EthicsApproved { document, org, until });
		Ok(())
	}

	pub(crate) fn do_revoke_ethics(who: AccountId, document: H256) -> DispatchResult {
		let org = Self::ethics_reviewer(&who, Self::now())?;
		let approval = Approvals::<T>::get(document).ok_or(Error::<T>::NotFound)?;
		ensure!(approval.org == org, Error::<T>::NotAuthorized);
		Approvals::<T>::remove(document);
		approval.ticket.drop(&approval.by)?;
		Self::deposit_event(Event::EthicsRevoked { document, org });
		Ok(())
	}
}

/// Whether a bond stands for it: what is published late harms nobody as results that never return, or come too early,
/// do.
fn is_bonded(obligation: &Obligation) -> bool {
	matches!(obligation.kind, ObligationKind::ReturnResults | ObligationKind::Moratorium)
}
