//! Days: contributions begin and stop counting by the calendar, without a transaction of their own.
//!
//! What changes at the beginning of a day is summed up under that day ([`Turns`]). A call that uses totals first counts
//! in the days since ([`Pallet::catch_up`]); each day then keeps what a share had earned by its beginning, so that a
//! contribution is settled whenever it is next touched, at the cost of its own two days.

use super::*;

/// Days that answers to clients look ahead at most: `roll` has been forgotten for a year by then.
const MAX_VIEW_DAYS: Day = 366;

impl<T: Config> Pallet<T> {
	/// Today.
	pub(crate) fn today() -> Day {
		day_of(Self::now())
	}

	/// Counts in at most [`MAX_ROLL`] days up to today, and returns how many. Where nothing was ever contributed all of
	/// them are one step.
	pub(crate) fn catch_up(id: DatasetId, dataset: &mut Dataset<TicketOf<T>>) -> u32 {
		let today = Self::today();
		let due = today.saturating_sub(dataset.rolled);
		if dataset.entries == 0 {
			dataset.rolled = dataset.rolled.max(today);
			return due;
		}
		let days = due.min(MAX_ROLL);
		for _ in 0..days {
			dataset.rolled = dataset.rolled.saturating_add(1);
			Self::turn(id, dataset, dataset.rolled);
		}
		days
	}

	/// Counts in one day.
	fn turn(id: DatasetId, dataset: &mut Dataset<TicketOf<T>>, day: Day) {
		Turns::<T>::mutate_exists(id, day, |slot| {
			let Some(turn) = slot else { return };
			Self::apply(dataset, turn);
			turn.per_share = Some(dataset.rewards.per_share);
		});
	}

	/// Changes the counts by what begins and ends on a day.
	fn apply(dataset: &mut Dataset<TicketOf<T>>, turn: &Turn) {
		for (index, group) in dataset.groups.iter_mut().enumerate() {
			let (more, fewer) = (turn.starting.groups[index], turn.ending.groups[index]);
			group.contributors = group.contributors.saturating_add(more).saturating_sub(fewer);
		}
		dataset.shares = dataset.shares.saturating_add(turn.starting.shares).saturating_sub(turn.ending.shares);
	}

	/// The dataset as it would be with at most [`MAX_VIEW_DAYS`] days counted in: for answers to clients, writes
	/// nothing.
	pub(crate) fn projected(id: DatasetId, mut dataset: Dataset<TicketOf<T>>) -> Dataset<TicketOf<T>> {
		let rolled = dataset.rolled;
		let last = Self::today().min(rolled.saturating_add(MAX_VIEW_DAYS));
		for day in rolled.saturating_add(1)..=last {
			if let Some(turn) = Turns::<T>::get(id, day) {
				Self::apply(&mut dataset, &turn);
			}
		}
		dataset
	}

	/// Parts that a contribution has to claim, as settling it would find them; `None` on overflow.
	pub(crate) fn accrued(
		id: DatasetId,
		dataset: &Dataset<TicketOf<T>>,
		contribution: &Contribution<TicketOf<T>>,
	) -> Option<U256> {
		let at = |day| Turns::<T>::get(id, day).and_then(|turn| turn.per_share);
		if contribution.state != ContributionState::Live || dataset.rolled < contribution.start {
			return Some(contribution.owed);
		}
		let from = contribution.checkpoint.or_else(|| at(contribution.start))?;
		let ended = dataset.rolled >= contribution.end;
		let to = if ended { at(contribution.end)? } else { dataset.rewards.per_share };
		contribution.owed.checked_add(Rewards::earned(contribution.shares, from, to)?)
	}

	/// Counts in all days up to today, or fails.
	pub(crate) fn ensure_current(id: DatasetId, dataset: &mut Dataset<TicketOf<T>>) -> Result<(), Error<T>> {
		Self::catch_up(id, dataset);
		ensure!(dataset.rolled >= Self::today(), Error::RollFirst);
		Ok(())
	}

	/// Puts a new contribution under its two days.
	pub(crate) fn enter(id: DatasetId, contribution: &Contribution<TicketOf<T>>) {
		Turns::<T>::mutate(id, contribution.start, |slot| {
			let turn = slot.get_or_insert_default();
			turn.starting.add(contribution.group, contribution.shares);
			turn.refs = turn.refs.saturating_add(1);
		});
		Turns::<T>::mutate(id, contribution.end, |slot| {
			let turn = slot.get_or_insert_default();
			turn.ending.add(contribution.group, contribution.shares);
			turn.refs = turn.refs.saturating_add(1);
		});
	}

	/// Takes a reference to a day away, after a last change; a day that nothing refers to leaves storage.
	fn release(id: DatasetId, day: Day, change: impl FnOnce(&mut Turn)) -> Option<U256> {
		Turns::<T>::mutate_exists(id, day, |slot| {
			let turn = slot.as_mut()?;
			change(turn);
			turn.refs = turn.refs.saturating_sub(1);
			let per_share = turn.per_share;
			if turn.refs == 0 {
				*slot = None;
			}
			per_share
		})
	}

	/// Reckons in what a contribution has earned, up to what is counted of its dataset.
	pub(crate) fn settle(
		id: DatasetId,
		dataset: &Dataset<TicketOf<T>>,
		contribution: &mut Contribution<TicketOf<T>>,
	) -> DispatchResult {
		if contribution.state != ContributionState::Live || dataset.rolled < contribution.start {
			return Ok(());
		}
		let from = match contribution.checkpoint {
			Some(checkpoint) => checkpoint,
			None => Self::release(id, contribution.start, |_| ()).ok_or(Error::<T>::NotFound)?,
		};
		let to = if dataset.rolled >= contribution.end {
			contribution.state = ContributionState::Expired;
			Self::release(id, contribution.end, |_| ()).ok_or(Error::<T>::NotFound)?
		} else {
			dataset.rewards.per_share
		};
		let earned = Rewards::earned(contribution.shares, from, to);
		let owed = earned.and_then(|earned| contribution.owed.checked_add(earned));
		contribution.owed = owed.ok_or(ArithmeticError::Overflow)?;
		contribution.checkpoint = Some(to);
		Ok(())
	}

	/// Stops a settled contribution from counting, at once.
	pub(crate) fn leave(
		id: DatasetId,
		dataset: &mut Dataset<TicketOf<T>>,
		contribution: &mut Contribution<TicketOf<T>>,
	) {
		if contribution.state != ContributionState::Live {
			return;
		}
		let (group, shares) = (contribution.group, contribution.shares);
		if contribution.checkpoint.is_some() {
			dataset.shares = dataset.shares.saturating_sub(shares);
			if let Some(state) = dataset.groups.get_mut(usize::from(group)) {
				state.contributors = state.contributors.saturating_sub(1);
			}
		} else {
			Self::release(id, contribution.start, |turn| turn.starting.take(group, shares));
		}
		Self::release(id, contribution.end, |turn| turn.ending.take(group, shares));
		contribution.state = ContributionState::Withdrawn;
	}

	/// Contributors who count in these groups.
	pub(crate) fn cohort(dataset: &Dataset<TicketOf<T>>, groups: GroupSet) -> u32 {
		let counted = groups.iter().filter_map(|group| dataset.groups.get(usize::from(group)));
		counted.fold(0u32, |sum, group| sum.saturating_add(group.contributors))
	}
}

impl Count {
	pub(crate) fn add(&mut self, group: u8, shares: u64) {
		if let Some(count) = self.groups.get_mut(usize::from(group)) {
			*count = count.saturating_add(1);
		}
		self.shares = self.shares.saturating_add(shares);
	}

	fn take(&mut self, group: u8, shares: u64) {
		if let Some(count) = self.groups.get_mut(usize::from(group)) {
			*count = count.saturating_sub(1);
		}
		self.shares = self.shares.saturating_sub(shares);
	}
}
