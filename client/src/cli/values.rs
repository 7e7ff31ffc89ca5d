//! How values are written on the command line: codes, amounts, spans of time, and statements of which only a hash is told.

use crate::{fhir::time::parse_rfc3339, Error};
use rand::RngCore;
use salus_primitives::{
	time::{DAY, HOUR},
	Action, MemberRole, Moment, Purpose, H256,
};
use serde::{de::DeserializeOwned, Serialize};
use std::path::Path;

/// A purpose of use.
pub(super) fn purpose(code: &str) -> Result<Purpose, String> {
	Purpose::from_code(code).ok_or_else(|| one_of(Purpose::ALL.iter().map(|code| code.code())))
}

/// An action.
pub(super) fn action(code: &str) -> Result<Action, String> {
	Action::from_code(code).ok_or_else(|| one_of(Action::ALL.iter().map(|code| code.code())))
}

/// A role of a member.
pub(super) fn member_role(code: &str) -> Result<MemberRole, String> {
	MemberRole::from_code(code).ok_or_else(|| one_of(MemberRole::ALL.iter().map(|role| role.code())))
}

/// Says which codes there are.
pub(super) fn one_of(codes: impl Iterator<Item = &'static str>) -> String {
	format!("expected one of {}", codes.collect::<Vec<_>>().join(", "))
}

/// A moment as in RFC 3339, and nothing else.
pub(super) fn rfc3339(text: &str) -> Result<Moment, String> {
	let moment = parse_rfc3339(text).and_then(|moment| Moment::try_from(moment).ok());
	moment.ok_or_else(|| format!("{text} is no moment since 1970 as in RFC 3339"))
}

/// The text of a file.
pub(super) fn read_text(path: &Path) -> crate::Result<String> {
	std::fs::read_to_string(path).map_err(|error| Error::file(path, error))
}

/// A moment: RFC 3339, a date (its start in UTC), or a number of days from now such as `365d`.
pub(super) fn moment(text: &str) -> Result<Moment, String> {
	let millis = if let Some(days) = text.strip_suffix('d').and_then(|days| days.parse::<u32>().ok()) {
		return Ok(crate::gateway::now() + u64::from(days) * DAY);
	} else if let Ok(time) = chrono::DateTime::parse_from_rfc3339(text) {
		time.timestamp_millis()
	} else if let Ok(date) = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d") {
		date.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_millis()
	} else {
		return Err("expected RFC 3339, a date, or a number of days such as 365d".into());
	};
	millis.try_into().map_err(|_| "expected a moment after 1970".into())
}

/// A moment as people read it.
pub(crate) fn show_moment(moment: Moment) -> String {
	let time = i64::try_from(moment).ok().and_then(chrono::DateTime::from_timestamp_millis);
	time.map_or_else(|| "the end of time".into(), |time| time.format("%Y-%m-%d %H:%M:%S UTC").to_string())
}

/// Base units of one SLS.
pub(super) const SLS: u128 = 10u128.pow(SLS_DECIMALS);
const SLS_DECIMALS: u32 = 12;

/// A value that JSON tells as a code. The error lists the codes there are.
pub(super) fn code<T: DeserializeOwned>(code: &str) -> Result<T, String> {
	serde_json::from_value(code.into()).map_err(|error| error.to_string())
}

/// The code of a value that JSON tells as one.
pub(super) fn word(value: &impl Serialize) -> String {
	match serde_json::to_value(value) {
		Ok(serde_json::Value::String(code)) => code,
		_ => "?".into(),
	}
}

/// An amount in SLS, such as `2` or `0.25`, in base units.
pub(super) fn sls(text: &str) -> Result<u128, String> {
	let expected = || format!("expected an amount of SLS such as 2 or 0.25, with at most {SLS_DECIMALS} decimals");
	let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
	let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
	if !digits(whole) || !digits(fraction) || fraction.len() > SLS_DECIMALS as usize {
		return Err(expected());
	}
	let fraction = format!("{fraction:0<width$}", width = SLS_DECIMALS as usize);
	let (whole, fraction) = (whole.parse::<u128>().ok(), fraction.parse::<u128>().ok());
	whole.and_then(|whole| whole.checked_mul(SLS)?.checked_add(fraction?)).ok_or_else(expected)
}

/// An amount of base units in SLS, as short as it is exact.
pub(super) fn show_sls(amount: u128) -> String {
	let fraction = format!("{:0width$}", amount % SLS, width = SLS_DECIMALS as usize);
	match fraction.trim_end_matches('0') {
		"" => format!("{} SLS", amount / SLS),
		fraction => format!("{}.{fraction} SLS", amount / SLS),
	}
}

/// A span of days or hours, such as `30d` or `12h`, in milliseconds.
pub(super) fn span(text: &str) -> Result<Moment, String> {
	let number = |suffix| text.strip_suffix(suffix).and_then(|number| number.parse::<u32>().ok()).map(Moment::from);
	let millis = number('d').map(|days| days * DAY).or_else(|| number('h').map(|hours| hours * HOUR));
	millis.ok_or_else(|| "expected a number of days or hours such as 30d or 12h".into())
}

/// A span as people read it.
pub(super) fn show_span(millis: Moment) -> String {
	if millis.is_multiple_of(DAY) {
		format!("{} days", millis / DAY)
	} else {
		format!("{} hours", millis / HOUR)
	}
}

/// A temperature in degrees Celsius with at most one decimal, such as `2` or `-18.5`, in tenths of a degree.
pub(super) fn celsius(text: &str) -> Result<i16, String> {
	let expected = || "expected degrees Celsius with at most one decimal, such as 2 or -18.5".to_string();
	let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
	let (whole, tenth) = digits.split_once('.').unwrap_or((digits, "0"));
	let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
	if !plain(whole) || !plain(tenth) || tenth.len() != 1 {
		return Err(expected());
	}
	let tenths = format!("{whole}{tenth}").parse::<i16>().map_err(|_| expected())?;
	Ok(sign * tenths)
}

/// Tenths of a degree Celsius as people read them.
pub(super) fn show_celsius(tenths: i16) -> String {
	format!("{} °C", f64::from(tenths) / 10.0)
}

/// A statement of which the chain is told a salted hash only: BLAKE2b-256 of salt and text. Whoever keeps both can
/// prove later what was stated.
#[derive(Serialize, Clone, Copy, PartialEq, Eq, Debug)]
pub struct Statement {
	/// 32 random bytes.
	pub salt: H256,
	/// What the chain is told.
	pub hash: H256,
}

impl Statement {
	/// Of a text or document, freshly salted.
	pub fn of(text: &[u8]) -> Self {
		let mut salt = H256::zero();
		rand::rngs::OsRng.fill_bytes(&mut salt.0);
		Self { salt, hash: H256(sp_crypto_hashing::blake2_256(&[&salt.0, text].concat())) }
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use salus_primitives::consent::{EmergencyReason, GuardianScope};

	#[test]
	fn codes_are_read_and_shown_as_json_tells_them() {
		assert_eq!(code("OVRER"), Ok(EmergencyReason::EmergencyTreatment));
		assert_eq!(word(&GuardianScope::ConsentOnly), "consent-only");
		let error = code::<GuardianScope>("all").unwrap_err();
		assert!(error.contains("consent-only"), "{error}");
	}

	#[test]
	fn amounts_are_exact() {
		for (text, amount) in [("0", 0), ("2", 2 * SLS), ("0.25", SLS / 4), ("1.000000000001", SLS + 1)] {
			assert_eq!(sls(text), Ok(amount), "{text}");
			assert_eq!(show_sls(amount), format!("{text} SLS"));
		}
		for wrong in ["", ".5", "5.", "-1", "+1", "1e3", "0.0000000000001", "1,5", "9".repeat(39).as_str()] {
			assert!(sls(wrong).is_err(), "{wrong}");
		}
	}

	#[test]
	fn spans_are_days_or_hours() {
		assert_eq!(span("30d"), Ok(30 * DAY));
		assert_eq!(span("12h"), Ok(12 * HOUR));
		assert_eq!((show_span(2 * DAY), show_span(36 * HOUR)), ("2 days".into(), "36 hours".into()));
		for wrong in ["", "d", "-1d", "1.5d", "1w", "12"] {
			assert!(span(wrong).is_err(), "{wrong}");
		}
	}

	#[test]
	fn temperatures_are_tenths_of_a_degree() {
		for (text, tenths) in [("2", 20), ("-18.5", -185), ("0.1", 1), ("-0", 0)] {
			assert_eq!(celsius(text), Ok(tenths), "{text}");
		}
		assert_eq!((show_celsius(-185), show_celsius(20)), ("-18.5 °C".into(), "2 °C".into()));
		for wrong in ["", "-", "2.", ".5", "2.55", "+2", "1e1", "4000"] {
			assert!(celsius(wrong).is_err(), "{wrong}");
		}
	}

	#[test]
	fn a_statement_is_proven_by_its_salt_and_hides_without() {
		let (one, other) = (Statement::of(b"because"), Statement::of(b"because"));
		assert_ne!(one.hash, other.hash);
		assert_eq!(one.hash.0, sp_crypto_hashing::blake2_256(&[&one.salt.0[..], b"because"].concat()));
	}
}
