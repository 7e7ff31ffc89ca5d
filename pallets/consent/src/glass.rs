//! Emergency access.

use crate::{
	types::{Awaiting, Glass, GLASS_PERIOD, GLASS_RETENTION, GLASS_REVIEW},
	AwaitingReview, Config, Error, Event, GlassOf, GlassRates, Glasses, Pallet,
};
use frame_support::{dispatch::DispatchResult, ensure, traits::Footprint};
use salus_primitives::{
	consent::{BreakGlass, Capacity, EmergencyReason, Finding, Standing},
	time::DAY,
	traits::Directory,
	AccountId, MemberRole, Moment, OrgId, OrgRole, PatientId, H256,
};
use sp_runtime::SaturatedConversion;

use frame_support::traits::Get;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_break_glass(
		actor: AccountId,
		patient: PatientId,
		reason: EmergencyReason,
		justification: H256,
	) -> DispatchResult {
		let now = Self::now();
		let org = Self::emergency_org(&actor, now).ok_or(Error::<T>::NotAuthorized)?;
		let until = now.saturating_add(GLASS_PERIOD);
		let review_due = now.saturating_add(GLASS_REVIEW);
		Self::change(&patient, |entry| {
			ensure!(entry.break_glass == BreakGlass::Allowed, Error::<T>::Forbidden);
			let last = Glasses::<T>::get(patient, &actor);
			ensure!(last.as_ref().is_none_or(|last| last.until <= now), Error::<T>::AlreadyOpen);
			let mut awaiting = AwaitingReview::<T>::get(&actor);
			ensure!(awaiting.iter().all(|(_, due)| now < *due), Error::<T>::Unreviewed);
			if let Some(last) = &last {
				let is_justified = matches!(last.review, Some((Finding::Justified, _)));
				ensure!(last.objection.is_none() || is_justified, Error::<T>::Objected);
				ensure!(last.review.is_some(), Error::<T>::Unreviewed);
			}
			awaiting.try_push((patient, review_due)).map_err(|_| Error::<T>::Unreviewed)?;
			let rate = Self::next_rate(org, now)?;

			let footprint = Footprint::from_mel::<(GlassOf<T>, Awaiting)>();
			let deposit = Self::replace_deposit(last.map(|last| last.deposit), &actor, footprint)?;
			GlassRates::<T>::insert(org, rate);
			AwaitingReview::<T>::insert(&actor, awaiting);
			let (review, objection) = (None, None);
			let glass =
				Glass { org, reason, justification, opened: now, until, review_due, review, objection, deposit };
			Glasses::<T>::insert(patient, &actor, glass);
			Ok(())
		})?;
		Self::deposit_event(Event::GlassBroken { patient, actor, org, reason, until });
		Ok(())
	}

	pub(crate) fn do_review_glass(
		who: AccountId,
		patient: PatientId,
		actor: AccountId,
		finding: Finding,
		report: H256,
	) -> DispatchResult {
		let now = Self::now();
		Self::change(&patient, |_| {
			let mut glass = Glasses::<T>::get(patient, &actor).ok_or(Error::<T>::GlassNotFound)?;
			ensure!(who != actor, Error::<T>::SelfReview);
			let reviews = match T::Directory::standing(&who, now) {
				Standing::Active(member) if member.org == glass.org => member.roles.contains(MemberRole::Quality),
				_ => false,
			};
			ensure!(reviews || T::Directory::is_admin(glass.org, &who), Error::<T>::NotAuthorized);
			ensure!(glass.review.is_none(), Error::<T>::AlreadyReviewed);
			glass.review = Some((finding, report));
			if finding == Finding::Unjustified {
				glass.until = glass.until.min(now);
			}
			Glasses::<T>::insert(patient, &actor, glass);
			Self::no_longer_awaits(&actor, &patient);
			Ok(())
		})?;
		Self::deposit_event(Event::GlassReviewed { patient, actor, finding });
		Ok(())
	}

	pub(crate) fn do_object_to_glass(
		who: AccountId,
		patient: PatientId,
		actor: AccountId,
		objection: H256,
	) -> DispatchResult {
		let now = Self::now();
		Self::change_as(&who, &patient, now, Capacity::is_full, |_, _| {
			let mut glass = Glasses::<T>::get(patient, &actor).ok_or(Error::<T>::GlassNotFound)?;
			ensure!(glass.objection.is_none(), Error::<T>::AlreadyObjected);
			glass.objection = Some(objection);
			glass.until = glass.until.min(now);
			Glasses::<T>::insert(patient, &actor, glass);
			Self::no_longer_awaits(&actor, &patient);
			Ok(())
		})?;
		Self::deposit_event(Event::GlassObjected { patient, actor });
		Ok(())
	}

	pub(crate) fn do_remove_glass(who: AccountId, patient: PatientId, actor: AccountId) -> DispatchResult {
		let now = Self::now();
		ensure!(who == actor, Error::<T>::NotAuthorized);
		Self::change(&patient, |_| {
			let glass = Glasses::<T>::get(patient, &actor).ok_or(Error::<T>::GlassNotFound)?;
			ensure!(glass.review.is_some(), Error::<T>::Unreviewed);
			ensure!(glass.opened.saturating_add(GLASS_RETENTION) <= now, Error::<T>::StillRetained);
			Self::return_deposit(glass.deposit)?;
			Glasses::<T>::remove(patient, &actor);
			Ok(())
		})?;
		Self::deposit_event(Event::GlassRemoved { patient, actor });
		Ok(())
	}

	/// The provider at which the account is a clinician in good standing.
	fn emergency_org(who: &AccountId, now: Moment) -> Option<OrgId> {
		let Standing::Active(member) = T::Directory::standing(who, now) else { return None };
		let may = member.roles.contains(MemberRole::Clinician) && member.org_roles.contains(OrgRole::Provider);
		may.then_some(member.org)
	}

	/// Today, and how many emergency accesses it will be with one more.
	fn next_rate(org: OrgId, now: Moment) -> Result<(u32, u32), Error<T>> {
		let today = (now / DAY).saturated_into::<u32>();
		let (day, count) = GlassRates::<T>::get(org);
		let so_far = if day == today { count } else { 0 };
		ensure!(so_far < T::GlassesPerDay::get(), Error::<T>::TooManyGlasses);
		Ok((today, so_far.saturating_add(1)))
	}

	fn no_longer_awaits(actor: &AccountId, patient: &PatientId) {
		AwaitingReview::<T>::mutate_exists(actor, |list| {
			if let Some(awaiting) = list {
				awaiting.retain(|(of, _)| of != patient);
			}
			*list = list.take().filter(|awaiting| !awaiting.is_empty());
		});
	}
}
