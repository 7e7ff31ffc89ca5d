//! What is stored for a sponsor and for an account that it enrolled.

use codec::{Decode, Encode, MaxEncodedLen};
use salus_primitives::{inputs::SponsorTerms, time::DAY, AccountId, Moment, OrgId};
use scale_info::TypeInfo;

/// A day (UTC), counted from the first of January 1970.
pub type Day = u32;

/// The day of this moment.
pub fn day_of(now: Moment) -> Day {
	Day::try_from(now / DAY).unwrap_or(Day::MAX)
}

/// What was spent on one day. Nothing was spent on any other: nothing needs to be written when a day ends.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Spending {
	/// The day.
	pub day: Day,
	/// What was spent on it.
	pub amount: u128,
}

impl Spending {
	/// What was spent on this day.
	pub fn on(&self, day: Day) -> u128 {
		if self.day == day {
			self.amount
		} else {
			0
		}
	}

	/// Spends on this day.
	pub fn spend(&mut self, day: Day, amount: u128) {
		*self = Self { day, amount: self.on(day).saturating_add(amount) };
	}

	/// Takes back what was spent on this day. What was spent on a day that has passed stays spent.
	pub fn give_back(&mut self, day: Day, amount: u128) {
		if self.day == day {
			self.amount = self.amount.saturating_sub(amount);
		}
	}
}

/// An account that was ever enrolled.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct Account {
	/// The organisation that enrolled it last, towards whose quota it counts, even after it was dismissed or left.
	pub org: OrgId,
	/// Whether it is enrolled now.
	pub enrolled: bool,
	/// Fees that sponsors paid for it.
	pub spent: Spending,
	/// The price of what it keeps in storage without a deposit of its own.
	pub storage: u128,
}

impl Account {
	/// Who sponsors it, as far as the account itself can tell.
	pub fn sponsor(&self) -> Option<OrgId> {
		self.enrolled.then_some(self.org)
	}
}

/// What an organisation offers its accounts.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct Offer {
	/// The administrator whose balance pays.
	pub payer: AccountId,
	/// How much.
	pub terms: SponsorTerms,
}

/// An organisation that ever sponsored.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Default, Debug)]
pub struct Sponsor {
	/// What it offers; `None` if it stopped. What it spent and whom it enrolled stays known, so that stopping and
	/// beginning again wins nothing.
	pub offer: Option<Offer>,
	/// Fees that it paid.
	pub spent: Spending,
	/// How many accounts name it as the organisation that enrolled them last.
	pub enrolled: u32,
}
