//! What a component's value must be beyond its length and characters.

use super::{
	charset::Set,
	codes::{is_country, is_country_number, is_currency_number},
	date::{date, number, Date},
	keys::{check_digit, check_pair},
};
use alloc::string::{String, ToString};

/// The rule of a component.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Rule {
	/// None.
	Free,
	/// The last digit is the check digit.
	Check,
	/// It begins with a GS1 Company Prefix.
	Prefix,
	/// A Global Model Number: a GS1 Company Prefix first, a check pair last.
	Model,
	/// A Global Model Number that cannot be mistaken for a GTIN.
	DeviceModel,
	/// `YYMMDD`.
	Day,
	/// `YYMMDD`, where the day 00 is the last of the month.
	DayOrMonth,
	/// `YYYYMMDD`.
	LongDay,
	/// `HHMM`.
	Time,
	/// Hours.
	Hour,
	/// Minutes or seconds.
	Sixty,
	/// ISO 3166-1 numeric.
	Country,
	/// ISO 3166-1 numeric, or 999 for several.
	CountryOrMany,
	/// ISO 3166-1 alpha-2.
	CountryLetters,
	/// ISO 4217 numeric.
	Currency,
	/// An International Bank Account Number, ISO 13616.
	Iban,
	/// 0 or 1.
	YesNo,
	/// Zeros.
	Zero,
	/// Not only zeros.
	NonZero,
	/// Not with a zero in front.
	NoLeadingZero,
	/// Which way a roll is wound.
	Winding,
	/// Ten millionths of a degree from the south pole.
	Latitude,
	/// Ten millionths of a degree from the antimeridian.
	Longitude,
	/// `%` only before two hexadecimal digits.
	Percent,
	/// A piece's number and how many there are.
	PieceOfTotal,
	/// A child's number and how many were born.
	BirthOrder,
	/// A kind of data carrier.
	MediaType,
	/// A kind of package.
	PackageType,
	/// ISO 5218.
	Sex,
	/// The index of an importer.
	Importer,
	/// `-`, which marks a temperature below zero.
	Minus,
	/// Base64, padded or not.
	Base64,
	/// A coupon of North America.
	Coupon,
	/// A coupon of North America in a positive offer file.
	CouponOffer,
}

/// What is wrong with a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Wrong {
	/// The check digit or pair; what would be right.
	CheckDigit(String),
	/// The company prefix.
	Prefix,
	/// The day.
	Date,
	/// The time of day.
	Time,
	/// Something else; what would be right.
	Value(&'static str),
}

/// A year near which every two-digit year is of the years 2000 to 2099: only whether a year has a 29 February is asked.
pub(super) const THIS_CENTURY: u16 = 2049;

impl Rule {
	/// Checks the value of a component whose length and characters are right.
	pub(super) fn check(self, value: &[u8]) -> Result<(), Wrong> {
		let expect = |right: bool, what| if right { Ok(()) } else { Err(Wrong::Value(what)) };
		let first = value.first().copied().unwrap_or_default();
		let zeros = value.iter().all(|digit| *digit == b'0');
		match self {
			Self::Free => Ok(()),
			Self::Check => {
				check_behind(value, 1, |digits| check_digit(digits).map(|digit| char::from(digit).to_string()))
			}
			Self::Prefix => prefix(value),
			Self::Model => prefix(value).and_then(|()| check_behind(value, 2, check_pair)),
			Self::DeviceModel => {
				Self::Model.check(value)?;
				expect(!value.iter().all(u8::is_ascii_digit), "at least one character that is no digit")
			}
			Self::Day if value.ends_with(b"00") => Err(Wrong::Date),
			Self::Day | Self::DayOrMonth => date(value, THIS_CENTURY).map(|_| ()).map_err(|_| Wrong::Date),
			Self::LongDay => {
				let day = (number(&value[..4]), number(&value[4..6]), number(&value[6..]));
				let (Some(year), Some(month), Some(day)) = day else { return Err(Wrong::Date) };
				Date::new(year, month as u8, day as u8).map(|_| ()).ok_or(Wrong::Date)
			}
			Self::Time => Self::Hour.check(&value[..2]).and_then(|()| Self::Sixty.check(&value[2..])),
			Self::Hour => number(value).filter(|hour| *hour < 24).map(|_| ()).ok_or(Wrong::Time),
			Self::Sixty => number(value).filter(|part| *part < 60).map(|_| ()).ok_or(Wrong::Time),
			Self::Country => expect(is_country_number(value), "a country of ISO 3166-1 in three digits"),
			Self::CountryOrMany => {
				expect(value == b"999" || is_country_number(value), "a country of ISO 3166-1 in three digits, or 999")
			}
			Self::CountryLetters => expect(is_country(value), "a country of ISO 3166-1 in two letters"),
			Self::Currency => expect(is_currency_number(value), "a currency of ISO 4217 in three digits"),
			Self::Iban => expect(is_iban(value), "an IBAN"),
			Self::YesNo => expect(b"01".contains(&first), "0 or 1"),
			Self::Zero => expect(zeros, "0"),
			Self::NonZero => expect(!zeros, "not only zeros"),
			Self::NoLeadingZero => expect(first != b'0', "no zero in front"),
			Self::Winding => expect(b"019".contains(&first), "0, 1 or 9"),
			Self::Latitude => expect(value <= &b"1800000000"[..], "at most 1800000000"),
			Self::Longitude => expect(value <= &b"3600000000"[..], "at most 3600000000"),
			Self::Percent => expect(percent_decoded(value).is_some(), "two hexadecimal digits behind each %"),
			Self::PieceOfTotal => {
				let (piece, total) = value.split_at(2);
				expect(piece != b"00" && piece <= total, "the number of a piece and how many there are, such as 0102")
			}
			Self::BirthOrder => {
				let right = matches!(value, [born @ b'1'..=b'9', b'/', total @ b'1'..=b'9'] if born <= total);
				expect(right, "a child's number and how many were born, such as 1/2")
			}
			Self::MediaType => {
				expect(matches!(number(value), Some(1..=10 | 80..=99)), "a type of data carrier: 01 to 10 or 80 to 99")
			}
			Self::PackageType => {
				let right = value.len() < 4 && value.iter().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase());
				expect(right, "a package type: up to three digits and capitals")
			}
			Self::Sex => expect(b"0129".contains(&first), "0, 1, 2 or 9"),
			Self::Importer => expect(first != b'=' && Set::Z.has(first), "a letter, a digit, - or _"),
			Self::Minus => expect(value == b"-", "-"),
			Self::Base64 => {
				let padding = value.iter().rev().take_while(|c| **c == b'=').count();
				let right = padding < value.len().min(3) && !value[..value.len() - padding].contains(&b'=');
				expect(right, "base64 with at most two = behind it")
			}
			Self::Coupon => expect(Coupon(value).code().is_some(), "a coupon code of North America"),
			Self::CouponOffer => {
				expect(Coupon(value).positive_offer().is_some(), "a positive-offer coupon of North America")
			}
		}
	}
}

/// GS1 Company Prefixes have at least four digits. Which of them were assigned is not known here.
fn prefix(key: &[u8]) -> Result<(), Wrong> {
	key.get(..4).is_some_and(|start| start.iter().all(u8::is_ascii_digit)).then_some(()).ok_or(Wrong::Prefix)
}

/// Checks that the last characters are what the ones before them ask for.
fn check_behind(value: &[u8], length: usize, right: impl Fn(&[u8]) -> Option<String>) -> Result<(), Wrong> {
	let (body, check) = value.split_at(value.len().saturating_sub(length));
	let expected = right(body).unwrap_or_default();
	(expected.as_bytes() == check).then_some(()).ok_or(Wrong::CheckDigit(expected))
}

/// What percent-encoded bytes mean; `None` where two hexadecimal digits do not follow a `%`.
pub(super) fn percent_decoded(text: &[u8]) -> Option<alloc::vec::Vec<u8>> {
	let mut bytes = alloc::vec::Vec::with_capacity(text.len());
	let mut rest = text.iter();
	while let Some(byte) = rest.next() {
		if *byte == b'%' {
			let mut digit = || char::from(*rest.next()?).to_digit(16);
			bytes.push((digit()? * 16 + digit()?) as u8);
		} else {
			bytes.push(*byte);
		}
	}
	Some(bytes)
}

/// ISO 13616: with its first four characters last and letters as the numbers 10 to 35, it is 1 modulo 97.
fn is_iban(value: &[u8]) -> bool {
	let written = value.len() >= 15
		&& is_country(&value[..2])
		&& value[2..4].iter().all(u8::is_ascii_digit)
		&& value.iter().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase());
	let number = |c: &u8| u32::from(if c.is_ascii_digit() { c - b'0' } else { c.wrapping_sub(b'A').wrapping_add(10) });
	written
		&& value[4..]
			.iter()
			.chain(&value[..4])
			.map(number)
			.fold(0, |rest, n| (rest * if n < 10 { 10 } else { 100 } + n) % 97)
			== 1
}

/// What is left of a coupon: digits, where one often says how many of the following make up a field.
struct Coupon<'a>(&'a [u8]);

impl<'a> Coupon<'a> {
	fn take(&mut self, length: usize) -> Option<&'a [u8]> {
		let (field, rest) = self.0.split_at_checked(length)?;
		self.0 = rest;
		field.iter().all(u8::is_ascii_digit).then_some(field)
	}

	/// One digit out of some.
	fn one_of(&mut self, digits: &[u8]) -> Option<u8> {
		Some(self.take(1)?[0]).filter(|digit| digits.contains(digit))
	}

	/// A field of as many digits as the one before it says, and `more`.
	fn counted(&mut self, counts: &[u8], more: usize) -> Option<&'a [u8]> {
		let count = self.one_of(counts)?;
		self.take(usize::from(count - b'0') + more)
	}

	/// What must be bought: how much, in which unit, of which family.
	fn purchase(&mut self) -> Option<()> {
		self.counted(b"12345", 0)?;
		self.one_of(b"012349")?;
		self.take(3).map(|_| ())
	}

	/// A further purchase; 9 stands for the company that the coupon is of.
	fn further_purchase(&mut self) -> Option<()> {
		self.purchase()?;
		match self.0.first() {
			Some(b'9') => self.take(1),
			_ => self.counted(b"0123456", 6),
		}
		.map(|_| ())
	}

	fn day(&mut self) -> Option<Date> {
		let day = self.take(6).filter(|day| !day.ends_with(b"00"))?;
		date(day, THIS_CENTURY).ok()
	}

	/// Whether the optional field with this number is next.
	fn field(&mut self, number: u8) -> bool {
		let next = self.0.first() == Some(&number);
		self.0 = &self.0[usize::from(next)..];
		next
	}

	/// GS1 US, North American Coupon Application Guideline Using GS1 DataBar Expanded Symbols: AI (8110).
	fn code(mut self) -> Option<()> {
		self.counted(b"0123456", 6)?;
		self.take(6)?;
		self.counted(b"12345", 0)?;
		self.purchase()?;
		if self.field(b'1') {
			self.one_of(b"0123")?;
			self.further_purchase()?;
		}
		if self.field(b'2') {
			self.further_purchase()?;
		}
		let expiry = if self.field(b'3') { Some(self.day()?) } else { None };
		if self.field(b'4') {
			let start = self.day()?;
			expiry.is_none_or(|expiry| start <= expiry).then_some(())?;
		}
		if self.field(b'5') {
			self.counted(b"0123456789", 6)?;
		}
		if self.field(b'6') {
			self.counted(b"1234567", 6)?;
		}
		if self.field(b'9') {
			self.one_of(b"01256")?;
			self.one_of(b"012")?;
			self.take(1)?;
			self.one_of(b"01")?;
		}
		self.0.is_empty().then_some(())
	}

	/// GS1 AI (8112) Coupon Data Specification.
	fn positive_offer(mut self) -> Option<()> {
		self.one_of(b"01")?;
		self.counted(b"0123456", 6)?;
		self.take(6)?;
		self.counted(b"0123456789", 6)?;
		self.0.is_empty().then_some(())
	}
}
