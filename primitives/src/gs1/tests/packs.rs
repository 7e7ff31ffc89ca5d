use super::*;

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
	list.iter().map(|(ai, value)| ((*ai).into(), (*value).into())).collect()
}

#[test]
fn a_pack_reads_the_same_in_every_form() {
	let expected = pairs(&[("01", "09506000134352"), ("17", "270331"), ("10", "ABC/1"), ("21", "X(Y)Z")]);
	let raw = "01095060001343521727033110ABC/1\u{1d}21X(Y)Z";
	for text in [
		raw.to_string(),
		format!("]d2{raw}"),
		format!("]C1{raw}"),
		format!("]Q3{raw}"),
		format!("]e0{raw}"),
		format!("]J1{raw}"),
		format!("\u{1d}{raw}"),
		format!("]d2\u{1d}{raw}\u{1d}"),
		raw.replace('\u{1d}', "^"),
		// Superfluous separators, which standards tell readers to put up with.
		"0109506000134352\u{1d}17270331\u{1d}10ABC/1\u{1d}21X(Y)Z".into(),
		"(01)09506000134352(17)270331(10)ABC/1(21)X\\(Y)Z".into(),
	] {
		assert_eq!(elements(&text), expected, "{text}");
		let parsed = parse(&text).unwrap();
		assert_eq!(parsed.to_element_string(), raw);
		assert_eq!(parsed.to_bracketed(), "(01)09506000134352(17)270331(10)ABC/1(21)X\\(Y)Z");
		let canonical = "https://id.gs1.org/01/09506000134352/10/ABC%2F1/21/X%28Y%29Z?17=270331";
		assert_eq!(parsed.canonical().as_deref(), Some(canonical));
	}
}

#[test]
fn the_form_is_told() {
	for (text, form, word) in [
		("0109506000134352", Form::ElementString, "\"element-string\""),
		("^0109506000134352", Form::ElementString, "\"element-string\""),
		("(01)09506000134352", Form::Bracketed, "\"bracketed\""),
		("https://id.gs1.org/01/09506000134352", Form::DigitalLink, "\"digital-link\""),
		("]Q1https://id.gs1.org/01/09506000134352", Form::DigitalLink, "\"digital-link\""),
	] {
		assert_eq!(parse(text).unwrap().form, form);
		assert_eq!(serde_json::to_string(&form).unwrap(), word);
	}
}

#[test]
fn separators_stand_only_where_they_are_needed() {
	for (text, raw) in [
		("(01)09506000134352(10)ABC", "010950600013435210ABC"),
		("(10)ABC(01)09506000134352", "10ABC\u{1d}0109506000134352"),
		("(01)09506000134352(3103)000195(3922)0299", "0109506000134352310300019539220299"),
		("(01)09506000134352(422)276(21)A", "0109506000134352422276\u{1d}21A"),
	] {
		assert_eq!(parse(text).unwrap().to_element_string(), raw);
	}
}

#[test]
fn the_same_element_twice_is_one() {
	assert_eq!(elements("(01)09506000134352(10)A(10)A"), pairs(&[("01", "09506000134352"), ("10", "A")]));
	assert_eq!(refused("(01)09506000134352(10)A(10)B"), ("RepeatedAi", Some("10".into())));
	assert_eq!(refused("010950600013435210A\u{1d}10B").0, "RepeatedAi");
}

#[test]
fn a_unit_is_read_off_its_pack() {
	let of = |text: &str| ScannedUnit::of(&parse(text).unwrap());
	let unit = of("010950600013435217270300").unwrap_err();
	assert_eq!(unit, Gs1Error::MissingAi { ai: "21" });
	let unit = of("01095060001343521727030010ABC\u{1d}21XYZ\u{1d}71012345678").unwrap();
	assert_eq!((unit.gtin.to_string().as_str(), unit.serial.as_str()), ("09506000134352", "XYZ"));
	assert_eq!((unit.lot.as_deref(), unit.expiry), (Some("ABC"), Date::new(2027, 3, 31)));
	let json = serde_json::json!({"gtin": "09506000134352", "serial": "XYZ", "lot": "ABC", "expiry": "2027-03-31"});
	assert_eq!(serde_json::to_value(&unit).unwrap(), json);
	assert_eq!(serde_json::from_value::<Date>(json["expiry"].clone()).ok(), unit.expiry);
	let unit = of("https://example.com/01/09506000134352/21/XYZ").unwrap();
	assert_eq!((unit.lot, unit.expiry), (None, None));
	assert_eq!(of("(00)006141411234567890"), Err(Gs1Error::MissingAi { ai: "01" }));
}

#[test]
fn a_device_is_read_off_its_label() {
	let label = "(01)09506000134352(11)260101(17)310101(10)A1(21)S1(8012)2.0(8014)1987654Ad4X4bL5ttr2310c2K";
	let device = DeviceId::of(&parse(label).unwrap()).unwrap();
	assert_eq!((device.lot.as_deref(), device.serial.as_deref()), (Some("A1"), Some("S1")));
	assert_eq!((device.made, device.expiry), (Date::new(2026, 1, 1), Date::new(2031, 1, 1)));
	assert_eq!((device.version.as_deref(), device.model.as_deref()), (Some("2.0"), Some("1987654Ad4X4bL5ttr2310c2K")));
	let device = DeviceId::of(&parse("(01)09506000134352(8013)1987654Ad4X4bL5ttr2310c2K").unwrap()).unwrap();
	assert_eq!((device.serial, device.model.as_deref()), (None, Some("1987654Ad4X4bL5ttr2310c2K")));
	assert!(DeviceId::of(&parse("(8013)1987654Ad4X4bL5ttr2310c2K").unwrap()).is_err());
}
