use super::*;
use proptest::{collection::vec, prelude::*, sample::select};

/// Digits with their check digit behind them.
fn checked(others: &str) -> String {
	format!("{others}{}", char::from(check_digit(others.as_bytes()).unwrap()))
}

fn key(length: usize) -> impl Strategy<Value = String> {
	proptest::string::string_regex(&format!("[0-9]{{{}}}", length - 1)).unwrap().prop_map(|others| checked(&others))
}

/// Text of CSET 82.
fn text(most: usize) -> impl Strategy<Value = String> {
	proptest::string::string_regex(&format!("[!\"%-?A-Z_a-z]{{1,{most}}}")).unwrap()
}

fn day() -> impl Strategy<Value = String> {
	(0..100u8, 1..=12u8, 0..=28u8).prop_map(|(year, month, day)| format!("{year:02}{month:02}{day:02}"))
}

fn maybe(ai: &'static str, value: impl Strategy<Value = String> + 'static) -> BoxedStrategy<Option<Element>> {
	proptest::option::of(value.prop_map(move |value| Element { ai: ai.into(), value })).boxed()
}

/// What labels say about a trade item, in any order.
fn item() -> impl Strategy<Value = Vec<Element>> {
	let others = vec![
		maybe("10", text(20)),
		maybe("11", day()),
		maybe("17", day()),
		maybe("21", text(20)),
		maybe("22", text(20)),
		maybe("240", text(30)),
		maybe("3103", "[0-9]{6}"),
		maybe("3922", "[0-9]{1,15}"),
		maybe("422", select(vec!["276", "040", "840"]).prop_map(Into::into)),
		maybe("7003", "(2[0-9])(0[1-9])(0[1-9])(0[0-9])([0-5][0-9])"),
		maybe("710", text(20)),
		maybe("7007", "(26(01|12)1[0-9]){1,2}"),
		maybe("99", text(90)),
	];
	(key(14), others)
		.prop_map(|(gtin, others)| {
			let mut all: Vec<Element> = others.into_iter().flatten().collect();
			// A price needs a measure.
			if all.iter().all(|element| element.ai != "3103") {
				all.retain(|element| element.ai != "3922");
			}
			all.push(Element { ai: "01".into(), value: gtin });
			all
		})
		.prop_shuffle()
}

/// Pieces that texts of all forms are made of.
fn pieces() -> impl Strategy<Value = String> {
	let words = vec![
		"01",
		"10",
		"17",
		"21",
		"8003",
		"(",
		")",
		"(01)",
		"(10)",
		"\\(",
		"09506000134352",
		"\u{1d}",
		"^",
		"]d2",
		"]C1",
		"https://",
		"http://",
		"id.gs1.org",
		"/",
		"/01/",
		"/10/",
		"?",
		"&",
		"=",
		"#",
		"%",
		"%00",
		"%2F",
		"270300",
		"A",
		"ä",
		"\u{0}",
		"+",
	];
	prop_oneof![vec(select(words), 0..12).prop_map(|words| words.concat()), any::<String>(), "[0-9(]{0,40}"]
}

/// Every AI of the tables with every value that it takes there.
fn values() -> Vec<Element> {
	let elements = |(ai, right, _): &(&str, &[&str], &[&str])| -> Vec<Element> {
		right.iter().map(|value| Element { ai: (*ai).into(), value: (*value).into() }).collect()
	};
	super::ais::VALUES.iter().flat_map(elements).collect()
}

proptest! {
	#[test]
	fn every_form_says_the_same(elements in item()) {
		let parsed = Parsed { form: Form::Bracketed, elements };
		let bracketed = parse(&parsed.to_bracketed()).unwrap();
		prop_assert_eq!(&bracketed, &parsed);
		let raw = parse(&parsed.to_element_string()).unwrap();
		prop_assert_eq!((raw.form, &raw.elements), (Form::ElementString, &parsed.elements));
		prop_assert_eq!(raw.to_element_string(), parsed.to_element_string());
		let canonical = parsed.canonical().unwrap();
		let link = parse(&canonical).unwrap();
		prop_assert_eq!((link.form, link.canonical()), (Form::DigitalLink, Some(canonical)));
		let sorted = |parsed: &Parsed| {
			let mut all = parsed.elements.clone();
			all.sort();
			all
		};
		prop_assert_eq!(sorted(&link), sorted(&parsed));
	}

	/// Whatever an AI may have behind it, and whichever others are beside it.
	#[test]
	fn every_value_comes_back(elements in vec(select(values()), 1..8)) {
		prop_assert_eq!(strings::raw(&strings::write_raw(&elements)), Ok(elements.clone()));
		prop_assert_eq!(strings::bracketed(&strings::write_bracketed(&elements)), Ok(elements));
	}

	#[test]
	fn logistic_units_too(sscc in key(18), gtin in key(14), count in 1..10_000u32, lot in text(20)) {
		let text = format!("(00){sscc}(02){gtin}(37){count}(10){}", lot.replace('(', "\\("));
		let parsed = parse(&text).unwrap();
		prop_assert_eq!(parsed.to_bracketed(), text);
		prop_assert_eq!(parse(&parsed.to_element_string()).unwrap().elements, parsed.elements.clone());
		let link = parse(&parsed.canonical().unwrap()).unwrap();
		prop_assert_eq!(link.get("00"), Some(sscc.as_str()));
		prop_assert_eq!(link.get("10"), Some(lot.as_str()));
	}

	#[test]
	fn no_text_makes_it_panic(text in pieces()) {
		match parse(&text) {
			Ok(parsed) => {
				prop_assert_eq!(&parse(&parsed.to_bracketed()).unwrap().elements, &parsed.elements);
				prop_assert_eq!(&parse(&parsed.to_element_string()).unwrap().elements, &parsed.elements);
				if let Some(link) = parsed.canonical() {
					prop_assert_eq!(parse(&link).unwrap().canonical(), Some(link));
				}
				let _ = (ScannedUnit::of(&parsed), DeviceId::of(&parsed));
			}
			Err(error) => prop_assert!(!error.to_string().is_empty()),
		}
		let _ = (text.parse::<Gtin>(), text.parse::<Sscc>(), text.parse::<Date>(), date(text.as_bytes(), 2026));
	}

	#[test]
	fn a_wrong_digit_is_refused_in_every_form(gtin in key(14), at in 0..14usize, by in 1..10u8) {
		let mut wrong = gtin.clone().into_bytes();
		wrong[at] = b'0' + (wrong[at] - b'0' + by) % 10;
		let wrong = String::from_utf8(wrong).unwrap();
		for text in [format!("01{wrong}"), format!("(01){wrong}"), format!("https://id.gs1.org/01/{wrong}")] {
			prop_assert_eq!(parse(&text).unwrap_err().code(), "BadCheckDigit");
		}
		prop_assert!(wrong.parse::<Gtin>().is_err());
		let key: Gtin = gtin.parse().unwrap();
		prop_assert_eq!(key.to_string(), gtin);
	}

	#[test]
	fn days_come_back(year in 2000..2077u16, month in 1..=12u8, day in 1..=31u8) {
		if let Some(day) = Date::new(year, month, day) {
			prop_assert_eq!(date(day.to_yymmdd().as_bytes(), 2026), Ok(day));
			prop_assert_eq!(day.to_string().parse(), Ok(day));
			prop_assert!(day.start() < day.end());
		}
	}
}
