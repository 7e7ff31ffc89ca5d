use super::*;

fn read(text: &str) -> String {
	parse(text).unwrap_or_else(|error| panic!("{text}: {error}")).to_bracketed()
}

/// From the Digital Link standard and the documents around it.
#[test]
fn links_are_read_whatever_their_host_and_stem() {
	let pack = "(01)09520123456788(22)2A(10)ABC123(21)12345";
	for (link, expected) in [
		("https://id.gs1.org/01/09520123456788", "(01)09520123456788"),
		("http://a/01/09520123456788", "(01)09520123456788"),
		("HTTPS://EXAMPLE.COM/01/09520123456788", "(01)09520123456788"),
		("https://brand.example.com:8443/some-extra/pathinfo/01/09520123456788/22/2A/10/ABC123/21/12345", pack),
		("https://[2001:db8::1]/01/09520123456788/10/ABC123", "(01)09520123456788(10)ABC123"),
		("https://example.com/01/09520123456788/21/12345", "(01)09520123456788(21)12345"),
		("https://example.com/01/09520123456788/235/TPX", "(01)09520123456788(235)TPX"),
		("https://example.com/00/faux/00/006141411234567890", "(00)006141411234567890"),
		("https://example.com/01/faux/21/x/01/09520123456788", "(01)09520123456788"),
		("https://example.com/01/09520123456788/414/9520123456788", "(414)9520123456788"),
		("https://example.com/414/9520123456788/254/32a%2Fb", "(414)9520123456788(254)32a/b"),
		("https://example.com/415/9520123456788/8020/R1", "(415)9520123456788(8020)R1"),
		("https://example.com/417/9520123456788/7040/1ABC", "(417)9520123456788(7040)1ABC"),
		("https://example.com/8003/09526064000028", "(8003)09526064000028"),
		("https://example.com/8004/4000001111/7040/1ABC", "(8004)4000001111(7040)1ABC"),
		("https://example.com/8006/095060001343520102/21/A", "(8006)095060001343520102(21)A"),
		("https://example.com/8010/0200%23A/8011/12", "(8010)0200#A(8011)12"),
		("https://example.com/8013/1987654Ad4X4bL5ttr2310c2K", "(8013)1987654Ad4X4bL5ttr2310c2K"),
		("https://example.com/8018/795260646688514634/8019/1", "(8018)795260646688514634(8019)1"),
		("https://example.com/01/09520123456788#chapter?17=1", "(01)09520123456788"),
		("https://example.com/01/09520123456788?17=270331#a", "(01)09520123456788(17)270331"),
		("https://example.com/01/09520123456788/22/A+B%2d1", "(01)09520123456788(22)A+B-1"),
		(
			"https://example.com/01/09520123456788/10/ABC1/21/12345?linkType=gs1:pip&17=270331&&single&3103=000195&",
			"(01)09520123456788(10)ABC1(21)12345(17)270331(3103)000195",
		),
		(
			"https://id.gs1.org/00/952012345678912345?02=09520123456788&37=25&10=ABC123",
			"(00)952012345678912345(02)09520123456788(37)25(10)ABC123",
		),
		// With another qualifier in the path the lot is no longer one.
		("https://example.com/01/09520123456788/235/XYZ?10=ABC", "(01)09520123456788(235)XYZ(10)ABC"),
		// Where the GTIN is an attribute, old links have it short.
		("https://example.com/8004/9520614141234567?01=9520123456788", "(8004)9520614141234567(01)09520123456788"),
	] {
		assert_eq!(read(link), expected, "{link}");
	}
}

#[test]
fn links_that_are_not_gs1s_are_refused() {
	let gtin = "01/09520123456788";
	for (link, code, ai) in [
		("ftp://example.com/01/09520123456788".into(), "BadScheme", None),
		("HtTp://example.com/01/09520123456788".into(), "BadScheme", None),
		("https:///01/09520123456788".into(), "BadDomain", None),
		("https://a$b/01/09520123456788".into(), "BadDomain", None),
		("https://user@a/01/09520123456788".into(), "BadDomain", None),
		("https://".into(), "BadDomain", None),
		("https://01/09520123456788".into(), "NoPrimaryKey", None),
		("https://example.com".into(), "NoPrimaryKey", None),
		("https://example.com/products/1".into(), "NoPrimaryKey", None),
		("https://example.com?01=09520123456788".into(), "NoPrimaryKey", None),
		("https://example.com/10/ABC".into(), "NoPrimaryKey", None),
		(format!("https://example.com/{gtin}/"), "NoPrimaryKey", None),
		(format!("https://example.com/{gtin}/10"), "NoPrimaryKey", None),
		("https://example.com/gtin/09520123456788".into(), "NoPrimaryKey", None),
		(format!("https://example.com/{gtin}/89/ABC"), "UnknownAi", Some("89")),
		(format!("https://example.com/{gtin}?89=ABC"), "UnknownAi", Some("89")),
		(format!("https://example.com/{gtin}?999=ABC"), "UnknownAi", Some("999")),
		(format!("https://example.com/{gtin}?123456=ABC"), "UnknownAi", Some("123456")),
		("https://example.com/01/9520123456788".into(), "WrongLength", Some("01")),
		("https://example.com/01/416000336108".into(), "WrongLength", Some("01")),
		("https://example.com/01/02345673".into(), "WrongLength", Some("01")),
		("https://example.com/01/09520123456789".into(), "BadCheckDigit", Some("01")),
		("https://example.com/01/".into(), "EmptyValue", Some("01")),
		(format!("https://example.com/{gtin}/10//21/1"), "EmptyValue", Some("10")),
		(format!("https://example.com/{gtin}?17="), "EmptyValue", Some("17")),
		(format!("https://example.com/{gtin}?17"), "EmptyValue", Some("17")),
		(format!("https://example.com/{gtin}/10/A%00"), "BadCharacter", Some("10")),
		(format!("https://example.com/{gtin}/10/A%1D"), "BadCharacter", Some("10")),
		(format!("https://example.com/{gtin}/10/A%C3%A4"), "BadCharacter", Some("10")),
		(format!("https://example.com/{gtin}?99=A+B"), "BadCharacter", Some("99")),
		(format!("https://example.com/{gtin}?99=A%20B"), "BadCharacter", Some("99")),
		(format!("https://example.com/{gtin}/10/A B"), "BadCharacter", None),
		(format!("https://example.com/{gtin}/10/\"A\""), "BadCharacter", None),
		(format!("https://example.com/{gtin}/10/A%2"), "BadPercentEncoding", Some("10")),
		(format!("https://example.com/{gtin}/10/A%GG"), "BadPercentEncoding", Some("10")),
		(format!("https://example.com/{gtin}/21/A/10/B"), "BadQualifier", Some("10")),
		(format!("https://example.com/{gtin}/10/B/22/A"), "BadQualifier", Some("22")),
		(format!("https://example.com/{gtin}/10/B/10/A"), "BadQualifier", Some("10")),
		(format!("https://example.com/{gtin}/22/B/235/A"), "BadQualifier", Some("235")),
		(format!("https://example.com/{gtin}/17/270331"), "BadQualifier", Some("17")),
		("https://example.com/414/9520123456788/254/A/7040/1ABC".into(), "BadQualifier", Some("7040")),
		(format!("https://example.com/{gtin}?10=ABC"), "BelongsInPath", Some("10")),
		(format!("https://example.com/{gtin}/21/A?22=ABC"), "BelongsInPath", Some("22")),
		(format!("https://example.com/{gtin}/235/A?22=ABC"), "NotAnAttribute", Some("22")),
		(format!("https://example.com/{gtin}?8200=http:%2F%2Fa"), "NotAnAttribute", Some("8200")),
		(format!("https://example.com/{gtin}?01=09520123456788"), "RepeatedAi", Some("01")),
		(format!("https://example.com/{gtin}?17=270331&17=270331"), "RepeatedAi", Some("17")),
		(format!("https://example.com/{gtin}?17=270332"), "BadDate", Some("17")),
		(format!("https://example.com/{gtin}?3922=0299"), "MissingRequisite", Some("3922")),
		("https://example.com/415/9520123456788".into(), "MissingRequisite", Some("415")),
	] as [(String, &str, Option<&str>); _]
	{
		assert_eq!(refused(&link), (code, ai.map(Into::into)), "{link}");
	}
}

#[test]
fn canonical_links_have_one_form() {
	for (text, canonical) in [
		("(01)09506000134352", Some("https://id.gs1.org/01/09506000134352")),
		(
			"(21)XYZ(3103)000195(01)09506000134352(17)270331(10)ABC",
			Some("https://id.gs1.org/01/09506000134352/10/ABC/21/XYZ?17=270331&3103=000195"),
		),
		(
			"https://a.example/x/01/09506000134352/10/a%2db+c%3F?99=!%22%25&x=1#f",
			Some("https://id.gs1.org/01/09506000134352/10/a-b%2Bc%3F?99=%21%22%25"),
		),
		(
			"(8017)795260646688514634(99)1(253)9526064000028000001",
			Some("https://id.gs1.org/8017/795260646688514634?253=9526064000028000001&99=1"),
		),
		(
			"(253)9526064000028000001(99)1(8017)795260646688514634",
			Some("https://id.gs1.org/253/9526064000028000001?8017=795260646688514634&99=1"),
		),
		// The first key would leave a serial number in the query, where it cannot be.
		(
			"(00)006141411234567890(01)09506000134352(21)X",
			Some("https://id.gs1.org/01/09506000134352/21/X?00=006141411234567890"),
		),
		("(01)09506000134352(235)T(10)A", Some("https://id.gs1.org/01/09506000134352/235/T?10=A")),
		("(01)09506000134352(235)T(22)A", None),
		("(01)09506000134352(8200)http://a", None),
		("(400)ABC", None),
		("(410)9520123456788", None),
		("(8010)0200#/(8011)12", Some("https://id.gs1.org/8010/0200%23%2F/8011/12")),
	] {
		let parsed = parse(text).unwrap();
		assert_eq!(parsed.canonical().as_deref(), canonical, "{text}");
	}
}

/// GS1's EPCIS examples are not part of the project: they are read where they are at hand.
#[test]
fn the_links_of_gs1s_epcis_examples_are_read() {
	fn strings(value: &serde_json::Value, found: &mut Vec<String>) {
		match value {
			serde_json::Value::String(text) => found.push(text.clone()),
			serde_json::Value::Array(all) => all.iter().for_each(|value| strings(value, found)),
			serde_json::Value::Object(all) => all.values().for_each(|value| strings(value, found)),
			_ => (),
		}
	}
	let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/epcis");
	let mut found = vec![];
	for entry in std::fs::read_dir(folder).into_iter().flatten() {
		let path = entry.unwrap().path();
		if path.extension().is_some_and(|extension| extension == "jsonld") {
			strings(&serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap(), &mut found);
		}
	}
	let mut keys = std::collections::BTreeSet::new();
	for text in found.iter().filter(|text| text.starts_with("http")) {
		match parse(text) {
			Ok(parsed) => {
				keys.insert(parsed.elements[0].ai.clone());
				let canonical = parsed.canonical().unwrap();
				assert_eq!(parse(&canonical).unwrap().elements, parsed.elements, "{text}");
			}
			// Vocabularies and documents; that of RDF Schema ends in `/01/rdf-schema`.
			Err(error) => assert!(error == Gs1Error::NoPrimaryKey || text.starts_with("http://www.w3.org/"), "{text}"),
		}
	}
	if !found.is_empty() {
		assert_eq!(keys.into_iter().collect::<Vec<_>>(), ["01", "253", "8004"]);
	}
}
