use super::*;

/// A text that is refused with each error. A new variant does not compile until it has one here.
fn example(error: &Gs1Error) -> (&'static str, Option<&'static str>) {
	match error {
		Gs1Error::Empty => ("", None),
		Gs1Error::TooLong { .. } => unreachable!("tested apart: its text is long"),
		Gs1Error::UnknownForm => ("GTIN 09506000134352", None),
		Gs1Error::UnknownAi { .. } => ("010950600013435289ABC", Some("89")),
		Gs1Error::WrongLength { .. } => ("(01)9506000134352", Some("01")),
		Gs1Error::EmptyValue { .. } => ("(01)09506000134352(10)", Some("10")),
		Gs1Error::Truncated { .. } => ("01095060001343", Some("01")),
		Gs1Error::MissingSeparator { .. } => ("010950600013435210ABC-123-XYZ21012345678901", Some("10")),
		Gs1Error::StraySeparator { .. } => ("0109506000134352\u{1d}\u{1d}10ABC", None),
		Gs1Error::MalformedBrackets { .. } => ("(01)09506000134352(10)A(B)C", None),
		Gs1Error::BadCharacter { .. } => ("(01)0950600013435x", Some("01")),
		Gs1Error::BadCheckDigit { .. } => ("(01)09506000134353", Some("01")),
		Gs1Error::BadDate { .. } => ("(01)09506000134352(17)270230", Some("17")),
		Gs1Error::BadTime { .. } => ("(01)09506000134352(7003)2702282400", Some("7003")),
		Gs1Error::BadCompanyPrefix { .. } => ("(8004)AB12", Some("8004")),
		Gs1Error::BadValue { .. } => ("(01)09506000134352(422)999", Some("422")),
		Gs1Error::RepeatedAi { .. } => ("(01)09506000134352(10)A(10)B", Some("10")),
		Gs1Error::MissingRequisite { .. } => ("(21)ABC", Some("21")),
		Gs1Error::ExcludedPair { .. } => ("(01)09506000134352(21)A(235)B", Some("21")),
		Gs1Error::MissingAi { .. } => unreachable!("tested with the units and devices that are read"),
		Gs1Error::BadScheme => ("ftp://id.gs1.org/01/09506000134352", None),
		Gs1Error::BadDomain => ("https:///01/09506000134352", None),
		Gs1Error::NoPrimaryKey => ("https://example.com/medicine", None),
		Gs1Error::BadQualifier { .. } => ("https://example.com/01/09506000134352/21/A/10/B", Some("10")),
		Gs1Error::BelongsInPath { .. } => ("https://example.com/01/09506000134352?21=A", Some("21")),
		Gs1Error::NotAnAttribute { .. } => ("https://example.com/01/09506000134352?8200=a", Some("8200")),
		Gs1Error::BadPercentEncoding { .. } => ("https://example.com/01/09506000134352/10/%1", Some("10")),
	}
}

/// One of each variant.
fn all() -> Vec<Gs1Error> {
	let ai = String::new;
	vec![
		Gs1Error::Empty,
		Gs1Error::TooLong { length: 0 },
		Gs1Error::UnknownForm,
		Gs1Error::UnknownAi { ai: ai() },
		Gs1Error::WrongLength { ai: None, length: 0, expected: ai() },
		Gs1Error::EmptyValue { ai: ai() },
		Gs1Error::Truncated { ai: ai(), length: 0, expected: 0 },
		Gs1Error::MissingSeparator { ai: ai(), length: 0, most: 0 },
		Gs1Error::StraySeparator { at: 0 },
		Gs1Error::MalformedBrackets { at: 0 },
		Gs1Error::BadCharacter { ai: None, at: 0, character: ' ' },
		Gs1Error::BadCheckDigit { ai: None, expected: ai() },
		Gs1Error::BadDate { ai: None, value: ai() },
		Gs1Error::BadTime { ai: ai(), value: ai() },
		Gs1Error::BadCompanyPrefix { ai: ai() },
		Gs1Error::BadValue { ai: ai(), value: ai(), expected: "" },
		Gs1Error::RepeatedAi { ai: ai() },
		Gs1Error::MissingRequisite { ai: ai(), needs: "" },
		Gs1Error::ExcludedPair { ai: ai(), other: ai() },
		Gs1Error::MissingAi { ai: "" },
		Gs1Error::BadScheme,
		Gs1Error::BadDomain,
		Gs1Error::NoPrimaryKey,
		Gs1Error::BadQualifier { ai: ai(), key: ai() },
		Gs1Error::BelongsInPath { ai: ai() },
		Gs1Error::NotAnAttribute { ai: ai() },
		Gs1Error::BadPercentEncoding { ai: ai() },
	]
}

#[test]
fn every_error_is_met_and_names_itself() {
	for error in all() {
		// The code is the variant's name.
		assert!(format!("{error:?}").starts_with(error.code()));
		if matches!(error, Gs1Error::TooLong { .. } | Gs1Error::MissingAi { .. }) {
			continue;
		}
		let (text, ai) = example(&error);
		let met = parse(text).expect_err(text);
		assert_eq!((met.code(), met.ai()), (error.code(), ai), "{text}: {met}");
		let message = met.to_string();
		assert!(ai.is_none_or(|ai| message.contains(ai)), "{message}");
	}
	let (long, code) = ("1".repeat(MAX_TEXT + 1), Gs1Error::TooLong { length: MAX_TEXT + 1 });
	assert_eq!(parse(&long), Err(code));
	assert_ne!(parse(&long[1..]).unwrap_err().code(), "TooLong");
}

#[test]
fn malformed_strings_are_told_apart() {
	for (text, code, ai) in [
		("]d2", "Empty", None),
		("^", "Empty", None),
		("]d2\u{1d}", "Empty", None),
		(" 0109506000134352", "UnknownForm", None),
		("]E09506000134352", "UnknownForm", None),
		("]d1(01)09506000134352", "UnknownForm", None),
		("]d2(01)09506000134352", "UnknownForm", None),
		("]d2https://id.gs1.org/01/09506000134352", "UnknownForm", None),
		("urn:epc:id:sgtin:0614141.107346.2018", "UnknownForm", None),
		("0", "UnknownAi", Some("0")),
		("9", "UnknownAi", Some("9")),
		("891234", "UnknownAi", Some("8912")),
		("01095060001343522", "UnknownAi", Some("2")),
		("0109506000134352ABC", "BadCharacter", None),
		("01", "EmptyValue", Some("01")),
		("01\u{1d}", "EmptyValue", Some("01")),
		("010950600013435210", "EmptyValue", Some("10")),
		("010950600013435\u{1d}", "Truncated", Some("01")),
		("0109506000134352422\u{1d}", "EmptyValue", Some("422")),
		("010950600013435242227", "WrongLength", Some("422")),
		("01095060001343524222761", "MissingSeparator", Some("422")),
		("0109506000134352\u{1d}\u{1d}", "StraySeparator", None),
		("^^0109506000134352", "StraySeparator", None),
		("010950600013435210A\u{0}", "BadCharacter", Some("10")),
		("010950600013435210Ä", "BadCharacter", None),
		("01095060001343521729022900", "BadDate", Some("17")),
		("(", "MalformedBrackets", None),
		("()", "MalformedBrackets", None),
		("(01", "MalformedBrackets", None),
		("(0x)1", "MalformedBrackets", None),
		("(1)1", "UnknownAi", Some("1")),
		("(99999)1", "UnknownAi", Some("99999")),
		("(01)", "EmptyValue", Some("01")),
		("(01) 09506000134352", "WrongLength", Some("01")),
		("(01)09506000134352 (10)A", "WrongLength", Some("01")),
		("(01)09506000134352(10)A\\", "BadCharacter", Some("10")),
		("(01)09506000134352(10)A\\B", "BadCharacter", Some("10")),
		("(01)09506000134352(10)A\u{1d}", "BadCharacter", Some("10")),
		("(01)09506000134352(10)A^21B", "BadCharacter", Some("10")),
	] {
		assert_eq!(refused(text), (code, ai.map(Into::into)), "{text:?}");
	}
	let error = parse("(01)09506000134352(10)AB#").unwrap_err();
	assert_eq!(error, Gs1Error::BadCharacter { ai: Some("10".into()), at: 3, character: '#' });
	assert_eq!(error.to_string(), "character 3 of (10) cannot be '#'");
	let error = parse("(01)09506000134359").unwrap_err();
	assert_eq!(error.to_string(), "the check digit of (01) is wrong: expected 2");
}
