use super::*;
use codec::{Decode, Encode, MaxEncodedLen};

/// From GS1's General Specifications, its Digital Link standard and its EPCIS examples.
const GTINS: [&str; 10] = [
	"09506000134352",
	"70614141123451",
	"9520123456788",
	"4012345000009",
	"416000336108",
	"614141073467",
	"02345673",
	"12345670",
	"24012345678905",
	"00000000000000",
];

#[test]
fn published_keys_have_their_check_digits() {
	for gtin in GTINS {
		let key: Gtin = gtin.parse().unwrap();
		assert!(key.is_valid());
		assert_eq!(key.to_string(), format!("{gtin:0>14}"));
		assert_eq!(format!("{key:?}"), key.to_string());
	}
	for sscc in ["006141411234567890", "106141412345678908", "952012345678912345"] {
		let key: Sscc = sscc.parse().unwrap();
		assert!(key.is_valid() && key.to_string() == sscc);
	}
	assert_eq!(check_digit(b"95060001343"), Some(b'9'));
	// Global Service Relation Numbers have 18 digits.
	assert_eq!((check_digit(b"79526064668851463"), check_digit(b"12345678901234567")), (Some(b'4'), Some(b'5')));
	for nothing in [&b""[..], b"12a", b" 1"] {
		assert_eq!(check_digit(nothing), None);
	}
}

#[test]
fn a_single_wrong_digit_of_a_key_is_found() {
	for gtin in GTINS {
		for at in 0..gtin.len() {
			for digit in '0'..='9' {
				let mut wrong: Vec<char> = gtin.chars().collect();
				let was = core::mem::replace(&mut wrong[at], digit);
				let wrong: String = wrong.into_iter().collect();
				assert_eq!(wrong.parse::<Gtin>().is_ok(), was == digit, "{wrong}");
				assert_eq!(Gtin(wrong.parse().unwrap()).is_valid(), was == digit, "{wrong}");
			}
		}
	}
}

#[test]
fn check_digits_of_location_numbers_are_checked() {
	for right in [b"4012345000009", b"9501101020016", b"7350053850019", b"9520123456788", b"0000000000000"] {
		assert!(is_valid_gln(right));
		for position in 0..13 {
			let mut wrong = *right;
			wrong[position] = if wrong[position] == b'9' { b'0' } else { wrong[position] + 1 };
			assert!(!is_valid_gln(&wrong), "a single wrong digit is found, at {position}");
		}
	}
	for wrong in [b"401234500000 ", b"40123450000a9", b"\x04012345000009"] {
		assert!(!is_valid_gln(wrong));
	}
}

#[test]
fn keys_that_scale_lets_through_are_told_apart() {
	assert!(!Gtin(100_000_000_000_000).is_valid());
	assert!(!Gtin(u64::MAX).is_valid() && !Sscc(u64::MAX).is_valid());
	assert!(!Sscc(1_000_000_000_000_000_000).is_valid());
	let gtin: Gtin = "9506000134352".parse().unwrap();
	assert_eq!(Gtin::decode(&mut &gtin.encode()[..]), Ok(gtin));
	assert_eq!((gtin, Gtin::max_encoded_len()), (Gtin(9_506_000_134_352), 8));
}

#[test]
fn keys_are_strings_in_json() {
	let gtin: Gtin = serde_json::from_str("\"9506000134352\"").unwrap();
	assert_eq!(serde_json::to_string(&gtin).unwrap(), "\"09506000134352\"");
	let sscc: Sscc = serde_json::from_str("\"006141411234567890\"").unwrap();
	assert_eq!(serde_json::to_string(&sscc).unwrap(), "\"006141411234567890\"");
	for wrong in ["\"9506000134353\"", "9506000134352", "\"950600013435\"", "\"\""] {
		assert!(serde_json::from_str::<Gtin>(wrong).is_err(), "{wrong}");
	}
}

#[test]
fn keys_say_what_is_wrong_with_them() {
	for (text, error) in [
		("", Gs1Error::WrongLength { ai: None, length: 0, expected: "8, 12, 13 or 14".into() }),
		("123456789", Gs1Error::WrongLength { ai: None, length: 9, expected: "8, 12, 13 or 14".into() }),
		("0950600013435x", Gs1Error::BadCharacter { ai: None, at: 14, character: 'x' }),
		("٠٩٥٠٦٠٠٠١٣٤٣٥٢", Gs1Error::BadCharacter { ai: None, at: 1, character: '٠' }),
		("09506000134353", Gs1Error::BadCheckDigit { ai: None, expected: "2".into() }),
	] {
		assert_eq!(text.parse::<Gtin>(), Err(error));
	}
	assert_eq!("00614141123456789".parse::<Sscc>().unwrap_err().code(), "WrongLength");
}

#[test]
fn lots_and_serials_have_1_to_20_characters_of_cset_82() {
	for right in [&b"A"[..], b"ABC-123/x", b"!\"%&'()*+,-./:;<=>?_", b"01234567890123456789"] {
		assert!(is_valid_lot(right) && is_valid_serial(right));
	}
	for wrong in [&b""[..], b"012345678901234567890", b"A B", b"A#B", b"A\x1dB", b"A@", b"\xc3\xa4", b"~", b"A\0"] {
		assert!(!is_valid_lot(wrong) && !is_valid_serial(wrong));
	}
}

#[test]
fn dates_get_the_century_that_is_nearest() {
	for (digits, now, day) in [
		(b"270331", 2026, "2027-03-31"),
		(b"760101", 2026, "2076-01-01"),
		(b"770101", 2026, "1977-01-01"),
		(b"500101", 2099, "2050-01-01"),
		(b"490101", 2099, "2149-01-01"),
		(b"020101", 1951, "1902-01-01"),
		(b"010101", 1951, "2001-01-01"),
		(b"270200", 2026, "2027-02-28"),
		(b"280200", 2026, "2028-02-29"),
		(b"261200", 2026, "2026-12-31"),
		(b"000229", 2026, "2000-02-29"),
	] {
		let read = date(digits, now).unwrap();
		assert_eq!(read.to_string(), day);
		assert_eq!(day.parse(), Ok(read));
	}
	for wrong in
		[&b"270229"[..], b"271301", b"270001", b"270000", b"270432", b"27033", b"2703311", b"27033a", b"", b"-10101"]
	{
		let value = String::from_utf8(wrong.to_vec()).unwrap();
		assert_eq!(date(wrong, 2026), Err(Gs1Error::BadDate { ai: None, value }));
	}
	// 2100 is no leap year.
	assert!(date(b"000229", 2060).is_err());
	for wrong in ["2027-02-29", "2027-3-01", "20270301", "2027-03-001", "", "2027/03/01", "+027-03-01"] {
		assert!(wrong.parse::<Date>().is_err(), "{wrong}");
	}
}

#[test]
fn a_day_ends_where_the_next_begins() {
	let last = date(b"270331", 2026).unwrap();
	assert_eq!(last.end(), Date::new(2027, 4, 1).unwrap().start());
	assert_eq!(last.end(), 1_806_537_600_000);
	assert_eq!((last.end() - last.start(), last.to_yymmdd().as_str()), (crate::time::DAY, "270331"));
	let first = Date::new(1970, 1, 1).unwrap();
	assert_eq!((first.start(), first.end()), (0, crate::time::DAY));
	assert_eq!(Date::new(1969, 12, 31).unwrap().end(), 0);
	assert_eq!(Date::new(1900, 1, 1).unwrap().end(), 0);
	assert_eq!(Date::new(2027, 2, 29), None);
}
