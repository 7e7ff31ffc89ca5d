//! Identifiers. None of them is derived from a name, a number or a date of a person.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

pub use sp_core::H256;
pub use sp_runtime::AccountId32 as AccountId;

/// An accredited organisation.
pub type OrgId = u32;
/// A consent of a patient: counted for each patient from 0.
pub type ConsentId = u32;
/// A guardianship of a patient: counted for each patient from 0.
pub type GuardianshipId = u32;
/// A data sharing agreement.
pub type AgreementId = u32;

/// Declares an identifier of fixed length whose text form is `0x` and hexadecimal digits.
macro_rules! hex_id {
	($(#[$meta:meta])* $name:ident, $len:literal) => {
		$(#[$meta])*
		#[derive(
			Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default,
		)]
		pub struct $name(pub [u8; $len]);

		impl core::fmt::Display for $name {
			fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
				f.write_str("0x")?;
				self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
			}
		}

		impl core::fmt::Debug for $name {
			fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
				core::fmt::Display::fmt(self, f)
			}
		}

		impl core::str::FromStr for $name {
			type Err = &'static str;

			fn from_str(text: &str) -> Result<Self, Self::Err> {
				const WRONG: &str = concat!("expected 0x and ", $len, " bytes in hexadecimal");
				let digits = text.strip_prefix("0x").ok_or(WRONG)?.as_bytes();
				if digits.len() != 2 * $len {
					return Err(WRONG);
				}
				let mut bytes = [0; $len];
				for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
					let digit = |d: u8| (d as char).to_digit(16).ok_or(WRONG);
					*byte = (digit(pair[0])? * 16 + digit(pair[1])?) as u8;
				}
				Ok(Self(bytes))
			}
		}

		impl serde::Serialize for $name {
			fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
				s.collect_str(self)
			}
		}

		impl<'de> serde::Deserialize<'de> for $name {
			fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
				alloc::string::String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
			}
		}
	};
}

pub(crate) use hex_id;

hex_id! {
	/// A patient's pseudonym: 32 random bytes.
	PatientId, 32
}
hex_id! {
	/// A record of a patient. Chosen by its author: a keyed hash of what it holds, so that anchoring again finds it
	/// and nobody without the key can guess it.
	RecordId, 32
}
hex_id! {
	/// A stream of a patient's samples: a hash of the patient and a random nonce.
	StreamId, 32
}
hex_id! {
	/// A contributor's pseudonym in one dataset: 32 random bytes, drawn anew for each contribution and linked to no patient.
	Pseudonym, 32
}
hex_id! {
	/// An encounter or episode of care: 16 bytes of a keyed hash.
	Episode, 16
}

#[cfg(test)]
mod tests {
	use super::*;
	use serde_json::{from_value, json, to_value};

	#[test]
	fn identifiers_are_told_in_hexadecimal() {
		let bytes: [u8; 32] = core::array::from_fn(|index| index as u8 * 8);
		let text = "0x0008101820283038404850586068707880889098a0a8b0b8c0c8d0d8e0e8f0f8";
		for told in [PatientId(bytes).to_string(), format!("{:?}", RecordId(bytes))] {
			assert_eq!(told, text);
		}
		assert_eq!(text.parse(), Ok(PatientId(bytes)));
		assert_eq!(text.to_uppercase().replacen("0X", "0x", 1).parse(), Ok(RecordId(bytes)));
		assert_eq!(to_value(PatientId(bytes)).expect("a string"), json!(text));
		assert_eq!(from_value::<PatientId>(json!(text)).expect("the same form"), PatientId(bytes));
		assert_eq!(Episode([0xab; 16]).to_string(), "0xabababababababababababababababab");
		assert_eq!("0xabababababababababababababababab".parse(), Ok(Episode([0xab; 16])));
	}

	#[test]
	fn what_is_no_identifier_is_refused() {
		let digits = "ab".repeat(16);
		for wrong in
			["", "0x", &digits, &format!("0X{digits}"), &format!("0x{digits}a"), &format!("0x{}", &digits[2..])]
		{
			assert!(wrong.parse::<Episode>().is_err(), "{wrong}");
		}
		for digit in ["+", "g", " ", "é"] {
			let mut wrong = format!("0x{digits}");
			wrong.replace_range(2..2 + digit.len(), digit);
			assert!(wrong.parse::<Episode>().is_err(), "{wrong}");
		}
		assert!(from_value::<PatientId>(json!(format!("0x{digits}"))).is_err());
	}

	#[test]
	fn identifiers_are_their_bytes_in_scale() {
		assert_eq!(PatientId([7; 32]).encode(), [7; 32]);
		assert_eq!(Episode::decode(&mut &[7; 16][..]), Ok(Episode([7; 16])));
		assert_eq!((PatientId::max_encoded_len(), Episode::max_encoded_len()), (32, 16));
	}
}
