//! Time: unix milliseconds for what a person states, months for when data is from.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Unix milliseconds.
pub type Moment = u64;

/// One second, in milliseconds.
pub const SECOND: Moment = 1_000;
/// One hour, in milliseconds.
pub const HOUR: Moment = 3_600 * SECOND;
/// One day, in milliseconds.
pub const DAY: Moment = 24 * HOUR;

/// Months since January 1970; earlier ones are negative.
#[derive(
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Clone,
	Copy,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Debug,
	serde::Serialize,
	serde::Deserialize,
)]
pub struct Month(pub i16);

impl Month {
	/// The month that contains this moment (unix milliseconds, possibly before 1970).
	pub fn containing(millis: i64) -> Self {
		let (year, month) = civil_month(millis.div_euclid(DAY as i64));
		let months = (year - 1970) * 12 + (month - 1);
		Self(months.clamp(i16::MIN as i64, i16::MAX as i64 - 1) as i16)
	}

	/// Its first millisecond.
	pub fn start(self) -> i64 {
		let (year, month) = (1970 + (self.0 as i64).div_euclid(12), (self.0 as i64).rem_euclid(12) + 1);
		days_before(year, month) * DAY as i64
	}
}

/// When data is from: unix milliseconds, the end not included.
#[derive(
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	serde::Serialize,
	serde::Deserialize,
)]
pub struct DataPeriod {
	/// First millisecond.
	pub from: i64,
	/// The millisecond after the last.
	pub to: i64,
}

impl DataPeriod {
	/// From the start of one month to the end of another.
	pub fn months(from: Month, to: Month) -> Self {
		Self { from: from.start(), to: Month(to.0.saturating_add(1)).start() }
	}
}

/// The same time of the day so many months of the calendar later, or on the last day of a month that has no such day.
pub fn add_months(moment: Moment, months: u16) -> Moment {
	let (day, time) = (moment / DAY, moment % DAY);
	let (year, month) = civil_month(day as i64);
	let of_month = day as i64 - days_before(year, month);
	let later = year * 12 + (month - 1) + months as i64;
	let first = |month: i64| days_before(month.div_euclid(12), month.rem_euclid(12) + 1);
	let last = first(later + 1) - 1;
	(first(later) + of_month).min(last) as Moment * DAY + time
}

/// Days from 1970-01-01 to the first day of a month of the proleptic Gregorian calendar.
///
/// A year is taken to begin in March, which puts the leap day at its end: the days before a month are then
/// `(153 m + 2) / 5` for the m-th month, and 400 years have 146,097 days.
pub(crate) fn days_before(year: i64, month: i64) -> i64 {
	let (year, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
	let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
	era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + (153 * m + 2) / 5 - 719_468
}

/// Year and month (1 to 12) of a day counted from 1970-01-01.
fn civil_month(day: i64) -> (i64, i64) {
	let guess = 1970 + day.div_euclid(366);
	// A year has 365 or 366 days, so the guess is behind by less than one year in 366 and never ahead after 1970.
	let mut year = if day < 0 { 1970 + day.div_euclid(365) } else { guess };
	while days_before(year + 1, 1) <= day {
		year += 1;
	}
	let month = (1..=12).rev().find(|month| days_before(year, *month) <= day).unwrap_or(1);
	(year, month)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn months_begin_where_the_calendar_says() {
		for (month, day) in
			[(0, 0), (1, 31), (2, 59), (12, 365), (25, 761), (26, 790), (-1, -31), (-12, -365), (-840, -25_567)]
		{
			assert_eq!(Month(month).start(), day * DAY as i64, "month {month}");
		}
	}

	#[test]
	fn every_millisecond_lies_in_the_month_that_contains_it() {
		for day in (-60_000i64..60_000).step_by(7) {
			let millis = day * DAY as i64 + 12_345;
			let month = Month::containing(millis);
			assert!(month.start() <= millis && millis < Month(month.0 + 1).start(), "day {day}");
		}
	}
}
