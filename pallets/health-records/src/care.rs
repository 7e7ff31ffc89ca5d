//! Care plan rules, and the alerts that they cause.

use super::*;
use access::may_keep_records;
use salus_primitives::care::{Recipient, MAX_ALERTS_PER_DAY};

impl<T: Config> Pallet<T> {
	/// Sets a rule for the patient; those whose time is over make place for it.
	pub(crate) fn do_set_care_rule(who: AccountId, patient: PatientId, input: CareRuleInput) -> DispatchResult {
		let now = Self::now();
		Self::ensure_patient(&who, &patient, now)?;
		ensure!(now < input.until, Error::<T>::RuleEnded);
		let evaluator = T::Directory::organisation(input.evaluator, now).ok_or(Error::<T>::NotAccredited)?;
		ensure!(evaluator.active && may_keep_records(evaluator.roles), Error::<T>::NotAccredited);

		let rule = CarePlans::<T>::try_mutate(patient, |plan| {
			Self::evict(&mut plan.rules, now)?;
			let id = plan.next;
			plan.next = id.checked_add(1).ok_or(Error::<T>::TooManyRules)?;
			ensure!(!plan.rules.is_full(), Error::<T>::TooManyRules);
			let ticket = T::Consideration::new(&who, Self::care_rule_footprint())?;
			let rule = CareRule::new(id, input, who, ticket);
			plan.rules.try_push(rule).map_err(|_| Error::<T>::TooManyRules)?;
			Ok::<_, DispatchError>(id)
		})?;
		Self::deposit_event(Event::CareRuleSet { patient, rule });
		Ok(())
	}

	/// Ends a rule.
	pub(crate) fn do_end_care_rule(who: AccountId, patient: PatientId, rule: CareRuleId) -> DispatchResult {
		Self::ensure_patient(&who, &patient, Self::now())?;
		CarePlans::<T>::try_mutate(patient, |plan| {
			let place = plan.rules.iter().position(|stored| stored.id == rule).ok_or(Error::<T>::UnknownRule)?;
			let ended = plan.rules.remove(place);
			ended.ticket.drop(&ended.by)
		})?;
		Self::deposit_event(Event::CareRuleEnded { patient, rule });
		Ok(())
	}

	/// Tells a recipient of a rule that samples meet it, if the patient lets this recipient see them now.
	pub(crate) fn do_raise_care_alert(
		who: AccountId,
		patient: PatientId,
		rule: CareRuleId,
		alert: CareAlert,
	) -> DispatchResult {
		let now = Self::now();
		let org = Self::gateway(&who, now)?.org;
		CarePlans::<T>::try_mutate(patient, |plan| {
			let stored = plan.rules.iter_mut().find(|stored| stored.id == rule).ok_or(Error::<T>::UnknownRule)?;
			ensure!(stored.evaluator == org, Error::<T>::NotAuthorized);
			ensure!(now < stored.until, Error::<T>::RuleEnded);
			ensure!(Self::is_recipient(&stored.tell, &alert.clinician, now), Error::<T>::NotRecipient);
			let stream = Streams::<T>::get(patient, alert.stream).ok_or(Error::<T>::NotFound)?;
			ensure!(alert.seq < stream.range.batches, Error::<T>::UnknownBatch);
			ensure!(stored.count_alert(now), Error::<T>::TooManyAlerts);

			// The samples are the evaluator's to give, and are as new as the stream is.
			let (from, to) = (stream.last_time, stream.last_time);
			let request = Request {
				actor: alert.clinician.clone(),
				purpose: Purpose::Treat,
				action: Action::Access,
				resource: stream.resource(&stream.author, org, from, to),
			};
			let decision = T::Patients::decide(&patient, &request, RecordStatus::Active, now);
			ensure!(decision.is_permit(), Error::<T>::Silenced);
			Ok::<_, DispatchError>(())
		})?;
		Self::deposit_event(Event::CareAlertRaised { patient, rule, org, alert });
		Ok(())
	}

	fn is_recipient(tell: &Recipient, clinician: &AccountId, now: Moment) -> bool {
		match tell {
			Recipient::Account(account) => account == clinician,
			Recipient::Org(org) => Self::member(clinician, now).is_ok_and(|member| member.org == *org),
		}
	}

	/// Removes rules whose time is over.
	fn evict(rules: &mut CareRules<TicketOf<T>>, now: Moment) -> DispatchResult {
		while let Some(place) = rules.iter().position(|rule| rule.until <= now) {
			let over = rules.remove(place);
			over.ticket.drop(&over.by)?;
		}
		Ok(())
	}

	/// A rule, as runtime APIs tell of it.
	pub fn care_rule_view(patient: &PatientId, rule: CareRuleId) -> Option<CareRuleView> {
		let now = Self::now();
		let rules = CarePlans::<T>::get(patient).rules;
		rules.into_iter().find(|stored| stored.id == rule).map(|stored| stored.view(*patient, now))
	}

	/// The patient's rules.
	pub fn care_rule_views(patient: &PatientId) -> Vec<CareRuleView> {
		let now = Self::now();
		CarePlans::<T>::get(patient).rules.into_iter().map(|stored| stored.view(*patient, now)).collect()
	}

	/// What an event tells those who are alerted.
	pub fn care_alert(event: &Event<T>) -> Option<CareAlertView> {
		match event {
			Event::CareAlertRaised { patient, rule, org, alert } => {
				Some(CareAlertView { patient: *patient, rule: *rule, org: *org, alert: alert.clone() })
			}
			_ => None,
		}
	}
}

impl<Ticket> CareRule<Ticket> {
	/// Counts one more alert, or tells that the day's are used up.
	fn count_alert(&mut self, now: Moment) -> bool {
		let day = day_of(now);
		if self.day != day {
			(self.day, self.alerts) = (day, 0);
		}
		let room = self.alerts < MAX_ALERTS_PER_DAY;
		self.alerts += u32::from(room);
		room
	}
}

/// The day of a moment (UTC), counted from 1970.
pub(crate) fn day_of(moment: Moment) -> u32 {
	u32::try_from(moment / DAY).unwrap_or(u32::MAX)
}
