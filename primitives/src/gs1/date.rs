//! Dates as GS1 writes them: six digits, without a century.

use super::Gs1Error;
use crate::time::{days_before, Moment, DAY};
use alloc::string::String;
use core::{fmt, str::FromStr};

/// A day of the Gregorian calendar; as text, also in JSON, `2027-03-31`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Date {
	/// The year.
	pub year: u16,
	/// The month, 1 to 12.
	pub month: u8,
	/// The day, 1 to 31.
	pub day: u8,
}

impl Date {
	/// The day, if the calendar has it.
	pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
		((1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day)).then_some(Self { year, month, day })
	}

	/// Its first unix millisecond, in UTC; 0 if it lies before 1970.
	pub fn start(self) -> Moment {
		self.moment(-1)
	}

	/// The first unix millisecond after it, in UTC: what is good until 31 March is good until before 1 April.
	pub fn end(self) -> Moment {
		self.moment(0)
	}

	fn moment(self, days: i64) -> Moment {
		let days = days_before(self.year.into(), self.month.into()) + i64::from(self.day) + days;
		u64::try_from(days).unwrap_or(0) * DAY
	}

	/// GS1's six digits, `YYMMDD`.
	pub fn to_yymmdd(self) -> String {
		alloc::format!("{:02}{:02}{:02}", self.year % 100, self.month, self.day)
	}
}

impl fmt::Display for Date {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
	}
}

impl FromStr for Date {
	type Err = Gs1Error;

	fn from_str(text: &str) -> Result<Self, Gs1Error> {
		let digits = text.as_bytes();
		let read = || {
			if digits.len() != 10 || digits[4] != b'-' || digits[7] != b'-' {
				return None;
			}
			Self::new(number(&digits[..4])?, number(&digits[5..7])? as u8, number(&digits[8..])? as u8)
		};
		read().ok_or_else(|| Gs1Error::BadDate { ai: None, value: text.into() })
	}
}

impl serde::Serialize for Date {
	fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
		s.collect_str(self)
	}
}

impl<'de> serde::Deserialize<'de> for Date {
	fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
		String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
	}
}

/// The day that `YYMMDD` means in a given year; `YYMM00` is the last day of the month.
///
/// GS1 General Specifications, section 7.12: a year 51 or more ahead of the present one is of the century before, a year
/// 50 or more behind it of the next.
pub fn date(yymmdd: &[u8], now_year: u16) -> Result<Date, Gs1Error> {
	let read = || {
		let (year, rest) = yymmdd.split_at_checked(2)?;
		let (month, day) = rest.split_at_checked(2)?;
		(day.len() == 2).then_some(())?;
		let year = i32::from(number(year)?);
		let century = i32::from(now_year / 100);
		let century = match year - i32::from(now_year % 100) {
			51.. => century - 1,
			..=-50 => century + 1,
			_ => century,
		};
		let year = u16::try_from(century * 100 + year).ok()?;
		let (month, day) = (number(month)? as u8, number(day)? as u8);
		Date::new(year, month, if day == 0 && (1..=12).contains(&month) { days_in(year, month) } else { day })
	};
	read().ok_or_else(|| Gs1Error::BadDate { ai: None, value: String::from_utf8_lossy(yymmdd).into() })
}

/// The number that up to four digits are.
pub(super) fn number(digits: &[u8]) -> Option<u16> {
	(digits.len() <= 4 && digits.iter().all(u8::is_ascii_digit))
		.then(|| digits.iter().fold(0, |number, digit| number * 10 + u16::from(digit - b'0')))
}

/// How many days a month has.
fn days_in(year: u16, month: u8) -> u8 {
	let (year, month) = (i64::from(year), i64::from(month));
	let next = if month == 12 { days_before(year + 1, 1) } else { days_before(year, month + 1) };
	(next - days_before(year, month)) as u8
}
