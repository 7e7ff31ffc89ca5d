//! GS1 keys with their check digits, and the lots and serial numbers that extend them.

use super::{
	charset::{place, Set},
	Gs1Error,
};
use alloc::string::String;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::{fmt, str::FromStr};
use scale_info::TypeInfo;
use sp_core::ConstU32;
use sp_runtime::BoundedVec;

/// The most characters of a lot or a serial number.
pub const MAX_LOT: u32 = 20;

/// A batch or lot number, AI (10): up to 20 characters of CSET 82, which [`is_valid_lot`] checks.
pub type Lot = BoundedVec<u8, ConstU32<MAX_LOT>>;

/// The check digit, in ASCII, that belongs behind these ASCII digits; `None` if there are none or one is no digit.
///
/// GS1 General Specifications, section 7.9.1: weights 3 and 1 alternate from the last digit leftwards, and the check
/// digit makes the sum a multiple of ten.
pub fn check_digit(digits: &[u8]) -> Option<u8> {
	if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
		return None;
	}
	let weights = [3, 1].into_iter().cycle();
	// Every two digits add at most 36: no length that fits into memory overflows 64 bits.
	let sum: u64 = digits.iter().rev().zip(weights).map(|(digit, weight)| u64::from(digit - b'0') * weight).sum();
	Some(b'0' + ((10 - sum % 10) % 10) as u8)
}

/// Whether these are ASCII digits whose last is the check digit of the others.
pub(super) fn has_check_digit(digits: &[u8]) -> bool {
	digits.split_last().is_some_and(|(last, others)| check_digit(others) == Some(*last))
}

/// Whether these are 13 ASCII digits with the right check digit.
pub fn is_valid_gln(gln: &[u8; 13]) -> bool {
	has_check_digit(gln)
}

/// Whether these bytes can be a lot, AI (10): 1 to 20 characters of CSET 82.
pub fn is_valid_lot(lot: &[u8]) -> bool {
	(1..=MAX_LOT as usize).contains(&lot.len()) && lot.iter().all(|byte| Set::X.has(*byte))
}

/// Whether these bytes can be a serial number, AI (21): the rule of lots.
pub fn is_valid_serial(serial: &[u8]) -> bool {
	is_valid_lot(serial)
}

/// Declares a numeric key of fixed length.
macro_rules! numeric_key {
	($(#[$meta:meta])* $name:ident, $digits:literal, $lengths:expr, $expected:literal) => {
		$(#[$meta])*
		#[derive(
			Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, Copy, PartialEq, Eq, PartialOrd, Ord,
		)]
		pub struct $name(pub u64);

		impl $name {
			/// Whether it has no more digits than it may and the right check digit. Decoding from SCALE does not check it.
			pub fn is_valid(&self) -> bool {
				let (others, last) = (self.0 / 10, (self.0 % 10) as u8);
				let mut digits = [b'0'; $digits - 1];
				let mut rest = others;
				for digit in digits.iter_mut().rev() {
					*digit += (rest % 10) as u8;
					rest /= 10;
				}
				rest == 0 && check_digit(&digits) == Some(b'0' + last)
			}
		}

		impl fmt::Display for $name {
			fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
				write!(f, concat!("{:0", $digits, "}"), self.0)
			}
		}

		impl fmt::Debug for $name {
			fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
				fmt::Display::fmt(self, f)
			}
		}

		impl FromStr for $name {
			type Err = Gs1Error;

			fn from_str(text: &str) -> Result<Self, Gs1Error> {
				if let Some((at, character)) = text.chars().enumerate().find(|(_, c)| !c.is_ascii_digit()) {
					return Err(Gs1Error::BadCharacter { ai: None, at: at + 1, character });
				}
				if !$lengths.contains(&text.len()) {
					return Err(Gs1Error::WrongLength { ai: None, length: text.len(), expected: $expected.into() });
				}
				let digits = text.as_bytes();
				let others = &digits[..digits.len() - 1];
				if !has_check_digit(digits) {
					let expected = check_digit(others).into_iter().map(char::from).collect();
					return Err(Gs1Error::BadCheckDigit { ai: None, expected });
				}
				Ok(Self(digits.iter().fold(0, |number, digit| number * 10 + u64::from(digit - b'0'))))
			}
		}

		impl serde::Serialize for $name {
			fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
				s.collect_str(self)
			}
		}

		impl<'de> serde::Deserialize<'de> for $name {
			fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
				String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
			}
		}
	};
}

numeric_key! {
	/// A Global Trade Item Number, AI (01): a product in one of its packagings. Shorter ones are the same number with
	/// zeros before it, so that it is kept as the number that its 14 digits are. Text, also in JSON, has 14 digits; 8, 12
	/// and 13 are read too.
	Gtin, 14, [8, 12, 13, 14], "8, 12, 13 or 14"
}

numeric_key! {
	/// A Serial Shipping Container Code, AI (00): one case, pallet or parcel. Text, also in JSON, has 18 digits.
	Sscc, 18, [18], "18"
}

/// The 32 characters of a check pair: digits and capitals without those that are easily mistaken.
const PAIR: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// As many primes as a Global Model Number has characters before its pair.
const PRIMES: [u32; 23] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83];

/// The pair of check characters behind a Global Model Number; `None` if it is too long or a character is not of CSET 82.
///
/// GS1 General Specifications, section 7.9: from the last character leftwards, each one's place in CSET 82 is
/// multiplied with the next prime, beginning with 2; the sum modulo 1021 is written as two digits of base 32.
pub(super) fn check_pair(model: &[u8]) -> Option<String> {
	if model.len() > PRIMES.len() {
		return None;
	}
	let mut sum = 0u32;
	for (byte, prime) in model.iter().rev().zip(PRIMES) {
		sum += place(*byte)? * prime;
	}
	let sum = sum % 1021;
	Some([sum >> 5, sum & 31].into_iter().map(|digit| char::from(PAIR[digit as usize])).collect())
}
