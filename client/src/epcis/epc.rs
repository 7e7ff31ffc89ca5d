//! EPC URNs (`urn:epc:id:sgtin:…`) and GS1 Digital Links (`https://id.gs1.org/01/…/21/…`), and the canonical Digital
//! Link that both mean.
//!
//! Sources: the EPC Tag Data Standard for the parts of URNs, the GS1 Digital Link URI syntax for keys and qualifiers, CBV
//! 2.0 section 8.9.2 for what a constrained canonical link keeps.

use salus_primitives::gs1::check_digit;

/// Where canonical links begin.
pub const CANONICAL: &str = "https://id.gs1.org";

/// What an EPC URN names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
	/// One thing: `urn:epc:id:…`.
	Instance,
	/// All things of a class: `urn:epc:class:…` and `urn:epc:idpat:…`.
	Class,
}

/// Why something is no EPC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadEpc(pub String);

/// Whether a text claims to be an EPC URN.
pub fn is_urn(text: &str) -> bool {
	text.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("urn:epc:"))
}

/// What a URN names; `None` for URNs that are neither of things nor of classes.
pub fn form(urn: &str) -> Option<Form> {
	match urn.split(':').nth(2)? {
		"id" => Some(Form::Instance),
		"class" | "idpat" => Some(Form::Class),
		_ => None,
	}
}

/// The canonical spelling of an identifier: of an EPC URN its Digital Link, of a Digital Link of any domain the
/// constrained one of GS1's. `None` for what is neither.
pub fn canonical(text: &str) -> Option<String> {
	if is_urn(text) {
		return link_of_urn(text).ok().flatten();
	}
	link_of_uri(text)
}

/// Digits with their check digit.
fn checked(digits: &str) -> Option<String> {
	check_digit(digits.as_bytes()).map(|check| format!("{digits}{}", char::from(check)))
}

/// Whether the last of these digits is the right check digit.
pub fn has_check_digit(digits: &str) -> bool {
	digits.as_bytes().split_last().is_some_and(|(last, rest)| check_digit(rest) == Some(*last))
}

/// The Digital Link of an EPC URN. `Ok(None)` for schemes without a GS1 key, such as `gid` and `usdod`.
pub fn link_of_urn(urn: &str) -> Result<Option<String>, BadEpc> {
	let bad = |why: &str| BadEpc(format!("{urn:?} is no EPC: {why}"));
	let mut parts = urn.splitn(5, ':').skip(2);
	let (Some(form), Some(scheme), Some(body)) = (parts.next(), parts.next(), parts.next()) else {
		return Err(bad("it is too short"));
	};
	let fields: Vec<&str> = body.split('.').collect();
	// The prefix and the reference make up a fixed number of digits, so that the prefix's length need not be known.
	let digits = |first: &str, second: &str, total: usize| -> Result<String, BadEpc> {
		if !(6..=12).contains(&first.len()) {
			return Err(bad("a company prefix has 6 to 12 digits"));
		}
		if !first.bytes().chain(second.bytes()).all(|byte| byte.is_ascii_digit()) {
			return Err(bad("prefix and reference are digits"));
		}
		if first.len() + second.len() != total {
			return Err(bad(&format!("prefix and reference have {total} digits together")));
		}
		Ok(format!("{first}{second}"))
	};
	let with_check = |digits: String| checked(&digits).ok_or_else(|| bad("prefix and reference are digits"));
	let gtin = |first: &str, second: &str| -> Result<String, BadEpc> {
		digits(first, second, 13)?;
		// The indicator digit leads the reference in a URN, and the prefix in a GTIN.
		let (indicator, reference) = second.split_at_checked(1).ok_or_else(|| bad("there is no indicator digit"))?;
		with_check(format!("{indicator}{first}{reference}"))
	};
	let serial = |text: &str, longest: usize| -> Result<String, BadEpc> {
		let decoded = decode(text).ok_or_else(|| bad("its percent-encoding is broken"))?;
		if decoded.is_empty() || decoded.chars().count() > longest || !decoded.bytes().all(in_set_82) {
			return Err(bad(&format!("its last part has 1 to {longest} characters of GS1's set")));
		}
		Ok(encode(&decoded))
	};
	let prefixed = |first: &str, second: &str, longest: usize| -> Result<String, BadEpc> {
		digits(first, "", first.len())?;
		serial(second, longest.saturating_sub(first.len())).map(|rest| format!("{first}{rest}"))
	};
	let path = match (form, scheme, fields.as_slice()) {
		("id", "sgtin", [p, r, s]) => format!("01/{}/21/{}", gtin(p, r)?, serial(s, 20)?),
		("idpat", "sgtin", [p, r, "*"]) => format!("01/{}", gtin(p, r)?),
		("class", "lgtin", [p, r, lot]) => format!("01/{}/10/{}", gtin(p, r)?, serial(lot, 20)?),
		("id", "upui", [p, r, tpx]) => format!("01/{}/235/{}", gtin(p, r)?, serial(tpx, 28)?),
		("idpat", "upui", [p, r, "*"]) => format!("01/{}", gtin(p, r)?),
		("id", "itip", [p, r, piece, total, s]) => {
			format!("8006/{}{}/21/{}", gtin(p, r)?, digits_of(piece, total).map_err(|why| bad(&why))?, serial(s, 20)?)
		}
		("idpat", "itip", [p, r, piece, total, "*"]) => {
			format!("8006/{}{}", gtin(p, r)?, digits_of(piece, total).map_err(|why| bad(&why))?)
		}
		("id", "sscc", [p, r]) => {
			digits(p, r, 17)?;
			let (extension, reference) = r.split_at_checked(1).ok_or_else(|| bad("there is no extension digit"))?;
			format!("00/{}", with_check(format!("{extension}{p}{reference}"))?)
		}
		("id", "sgln", [p, r, "0"]) => format!("414/{}", with_check(digits(p, r, 12)?)?),
		("id", "sgln", [p, r, e]) => format!("414/{}/254/{}", with_check(digits(p, r, 12)?)?, serial(e, 20)?),
		("id", "pgln", [p, r]) => format!("417/{}", with_check(digits(p, r, 12)?)?),
		("id", "grai", [p, r, s]) => format!("8003/0{}{}", with_check(digits(p, r, 12)?)?, serial(s, 16)?),
		("idpat", "grai", [p, r, "*"]) => format!("8003/0{}", with_check(digits(p, r, 12)?)?),
		("id", "gdti", [p, r, s]) => format!("253/{}{}", with_check(digits(p, r, 12)?)?, serial(s, 17)?),
		("idpat", "gdti", [p, r, "*"]) => format!("253/{}", with_check(digits(p, r, 12)?)?),
		("id", "sgcn", [p, r, s]) => format!("255/{}{}", with_check(digits(p, r, 12)?)?, serial(s, 12)?),
		("idpat", "sgcn", [p, r, "*"]) => format!("255/{}", with_check(digits(p, r, 12)?)?),
		("id", "gsrn", [p, r]) => format!("8018/{}", with_check(digits(p, r, 17)?)?),
		("id", "gsrnp", [p, r]) => format!("8017/{}", with_check(digits(p, r, 17)?)?),
		("id", "gsin", [p, r]) => format!("402/{}", with_check(digits(p, r, 16)?)?),
		("id", "giai", [p, r]) => format!("8004/{}", prefixed(p, r, 30)?),
		("id", "ginc", [p, r]) => format!("401/{}", prefixed(p, r, 30)?),
		("id", "cpi", [p, r, s]) => format!("8010/{}/8011/{}", prefixed(p, r, 30)?, serial(s, 12)?),
		("idpat", "cpi", [p, r, "*"]) => format!("8010/{}", prefixed(p, r, 30)?),
		// Schemes without a GS1 key, and patterns of more than a class: nothing of theirs can be checked here.
		("id", "gid" | "usdod" | "adi" | "bic" | "imovn", _) | ("idpat" | "pat" | "raw" | "tag", ..) => {
			return Ok(None)
		}
		("id" | "class", ..) => return Err(bad("this scheme is not known, or has other parts")),
		_ => return Err(bad("a URN of EPC is one of id, class, idpat, pat, raw or tag")),
	};
	Ok(Some(format!("{CANONICAL}/{path}")))
}

fn digits_of(piece: &str, total: &str) -> Result<String, String> {
	let both = format!("{piece}{total}");
	let right = piece.len() == 2 && total.len() == 2 && both.bytes().all(|byte| byte.is_ascii_digit());
	right.then_some(both).ok_or_else(|| "piece and total have two digits each".into())
}

/// Whether this is of GS1's character set 82, which serials, lots and the like are made of.
pub fn in_set_82(byte: u8) -> bool {
	byte.is_ascii_alphanumeric() || b"!\"%&'()*+,-./:;<=>?_#".contains(&byte)
}

/// Percent-encodes all but unreserved characters.
pub fn encode(text: &str) -> String {
	let mut encoded = String::with_capacity(text.len());
	for byte in text.bytes() {
		if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
			encoded.push(char::from(byte));
		} else {
			encoded.push_str(&format!("%{byte:02X}"));
		}
	}
	encoded
}

/// Undoes percent-encoding; `None` if it is broken.
pub fn decode(text: &str) -> Option<String> {
	let mut decoded = Vec::with_capacity(text.len());
	let mut bytes = text.bytes();
	while let Some(byte) = bytes.next() {
		decoded.push(match byte {
			b'%' => {
				let digit = |byte: u8| char::from(byte).to_digit(16);
				(digit(bytes.next()?)? * 16 + digit(bytes.next()?)?) as u8
			}
			other => other,
		});
	}
	String::from_utf8(decoded).ok()
}

/// A key or qualifier by its number, or by the name that earlier Digital Links had for it.
fn number_of(segment: &str) -> &str {
	match segment {
		"sscc" => "00",
		"gtin" => "01",
		"gdti" => "253",
		"gcn" => "255",
		"ginc" => "401",
		"gsin" => "402",
		"gln" => "414",
		"party" => "417",
		"grai" => "8003",
		"giai" => "8004",
		"itip" => "8006",
		"cpid" => "8010",
		"gsrnp" => "8017",
		"gsrn" => "8018",
		"cpv" => "22",
		"lot" => "10",
		"ser" => "21",
		"tpx" => "235",
		"glnx" => "254",
		"cpsn" => "8011",
		other => other,
	}
}

/// The value of a key as canonical links have it; `None` if it cannot be one.
fn key_value(key: &str, value: &str) -> Option<String> {
	let digits = value.bytes().take_while(u8::is_ascii_digit).count();
	let (exactly, rest) = match key {
		"00" | "8006" | "8017" | "8018" => (18, 0),
		"402" => (17, 0),
		"414" | "417" => (13, 0),
		"253" => (13, 17),
		"255" => (13, 12),
		"8003" => (14, 16),
		"401" | "8004" | "8010" => return (4..=30).contains(&value.len()).then(|| encode(value)),
		"01" => {
			let known = [8, 12, 13, 14].contains(&value.len()) && digits == value.len();
			return known.then(|| format!("{value:0>14}"));
		}
		_ => return None,
	};
	let extra = value.len().checked_sub(exactly)?;
	let right = digits >= exactly && extra <= rest && value.is_ascii();
	right.then(|| encode(value))
}

/// Qualifiers of a key in the order in which a path has them.
fn qualifiers(key: &str) -> &'static [&'static str] {
	match key {
		"01" => &["22", "10", "21", "235"],
		"8006" => &["22", "10", "21"],
		"414" => &["254"],
		"8010" => &["8011"],
		_ => &[],
	}
}

/// The keys that CBV 2.0 keeps.
const KEYS: [&str; 14] =
	["00", "01", "253", "255", "401", "402", "414", "417", "8003", "8004", "8006", "8010", "8017", "8018"];

/// The canonical link of a web address, if it is a Digital Link.
fn link_of_uri(uri: &str) -> Option<String> {
	let (scheme, rest) = uri.split_once("://")?;
	if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
		return None;
	}
	let path = rest.split(['?', '#']).next()?;
	let segments: Vec<&str> = path.trim_end_matches('/').split('/').collect();
	if segments.first()?.is_empty() {
		return None;
	}
	// Any stem may come before: the rightmost key whose remainder makes sense counts.
	(1..segments.len().saturating_sub(1)).rev().find_map(|at| link_of_path(&segments[at..]))
}

/// The lot that a Digital Link of a unit tells beside its serial number, which the canonical link has no place for.
pub fn lot_of(uri: &str) -> Option<String> {
	let path = uri.split(['?', '#']).next()?;
	let segments: Vec<&str> = path.trim_end_matches('/').split('/').collect();
	link_of_uri(uri).filter(|link| link.starts_with(&format!("{CANONICAL}/01/")) && link.contains("/21/"))?;
	// Qualifiers stand in pairs before the serial number, which is the last.
	let mut pairs = segments.rchunks(2).map_while(|pair| Some((number_of(pair.first()?), *pair.get(1)?)));
	pairs.by_ref().take_while(|(key, _)| *key != "01").find(|(key, _)| *key == "10").and_then(|(_, lot)| decode(lot))
}

fn link_of_path(segments: &[&str]) -> Option<String> {
	let pairs = segments.chunks(2).map(|pair| Some((number_of(pair[0]), decode(pair.get(1)?)?)));
	let pairs = pairs.collect::<Option<Vec<_>>>()?;
	let ((key, value), rest) = pairs.split_first()?;
	if !KEYS.contains(key) {
		return None;
	}
	let mut link = format!("{CANONICAL}/{key}/{}", key_value(key, value)?);
	let (mut last, mut finest) = (0, None);
	for (qualifier, value) in rest {
		let place = qualifiers(key).iter().position(|known| known == qualifier)? + 1;
		let right = place > last && !value.is_empty() && value.len() <= 28 && value.bytes().all(in_set_82);
		right.then_some(())?;
		last = place;
		// A consumer product variant is no finer than what CBV 2.0 keeps.
		if *qualifier != "22" {
			finest = Some((*qualifier, value));
		}
	}
	if let Some((qualifier, value)) = finest {
		link.push_str(&format!("/{qualifier}/{}", encode(value)));
	}
	Some(link)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn check_digits_are_gs1s() {
		for good in ["04012345111118", "4012345000115", "340123453111111115", "96385074"] {
			assert!(has_check_digit(good), "{good}");
		}
		for bad in ["04012345111117", "", "0401234511111x", "x"] {
			assert!(!has_check_digit(bad), "{bad}");
		}
	}

	#[test]
	fn urns_of_every_scheme_have_their_link() {
		for (urn, path) in [
			("id:sgtin:4012345.011111.9876", "01/04012345111118/21/9876"),
			("id:sgtin:0614141.812345.6789%2F%26%25%22!%3F()", "01/80614141123458/21/6789%2F%26%25%22%21%3F%28%29"),
			("idpat:sgtin:4012345.098765.*", "01/04012345987652"),
			("class:lgtin:4012345.012345.998877", "01/04012345123456/10/998877"),
			("id:sscc:4012345.0000000111", "00/040123450000001112"),
			("id:sgln:4012345.00011.987", "414/4012345000115/254/987"),
			("id:sgln:4012345.00005.0", "414/4012345000054"),
			("id:pgln:4000001.00000", "417/4000001000005"),
			("id:pgln:999999999999.", "417/9999999999994"),
			("id:grai:4012345.66666.87", "8003/0401234566666387"),
			("idpat:grai:4012345.66666.*", "8003/04012345666663"),
			("id:giai:4000001.111", "8004/4000001111"),
			("id:gsrn:4012345.9876540000", "8018/401234598765400000"),
			("id:gsrnp:4012345.0000098765", "8017/401234500000987658"),
			("id:gdti:4012345.55555.98", "253/401234555555498"),
			("id:gdti:987659999999..9", "253/98765999999929"),
			("id:sgcn:4012345.99999.44", "255/401234599999044"),
			("id:ginc:4012345.333", "401/4012345333"),
			("id:gsin:4012345.999987654", "402/40123459999876541"),
			("id:cpi:4012345.ABC.123", "8010/4012345ABC/8011/123"),
			("id:itip:4012345.012345.01.02.999", "8006/040123451234560102/21/999"),
			("id:upui:4012345.012345.AB12", "01/04012345123456/235/AB12"),
		] {
			assert_eq!(canonical(&format!("urn:epc:{urn}")), Some(format!("{CANONICAL}/{path}")), "{urn}");
		}
		assert_eq!(link_of_urn("urn:epc:id:gid:95100000.12345.400"), Ok(None));
	}

	#[test]
	fn a_link_of_a_unit_may_tell_its_lot() {
		for (link, lot) in [
			("https://id.gs1.org/01/04012345111118/10/A12/21/7", Some("A12")),
			("https://pharmacy.example.com/gtin/4012345111118/cpv/2A/lot/A%2F12/ser/7?17=271130", Some("A/12")),
			("https://example.com/10/no/01/04012345111118/21/7", None),
			("https://id.gs1.org/01/04012345111118/21/10", None),
			("https://id.gs1.org/01/04012345111118/10/A12", None),
			("https://example.com/10/A12", None),
			("urn:epc:id:sgtin:4012345.011111.7", None),
		] {
			assert_eq!(lot_of(link).as_deref(), lot, "{link}");
		}
	}

	#[test]
	fn broken_urns_are_told() {
		for urn in [
			"urn:epc:id:sgtin:4012345.11111.9876",
			"urn:epc:id:sgtin:4012345.011111",
			"urn:epc:id:sgtin:40123.45011111.1",
			"urn:epc:id:sgtin:4012345.0111x1.1",
			"urn:epc:id:sgtin:4012345.011111.",
			"urn:epc:id:sgtin:4012345.011111.%2",
			"urn:epc:id:sgtin:4012345.011111.123456789012345678901",
			"urn:epc:id:sgtin:4012345678901..1",
			"urn:epc:id:sscc:4012345.000000011",
			"urn:epc:id:itip:4012345.012345.1.02.999",
			"urn:epc:id:nothing:4012345.1",
			"urn:epc:class:sgtin:4012345.011111.*",
			"urn:epc:else:sgtin:4012345.011111.1",
			"urn:epc:id",
		] {
			assert!(link_of_urn(urn).is_err(), "{urn}");
			assert_eq!(canonical(urn), None, "{urn}");
		}
	}

	#[test]
	fn links_of_any_domain_are_constrained() {
		for (uri, path) in [
			("https://id.gs1.org/gtin/09780345418913", "01/09780345418913"),
			("https://example.com/some/stem/gtin/09780345418913/21/765tz?abc=211121#x", "01/09780345418913/21/765tz"),
			("http://example.de/gtin-8/01/97803111", "01/00000097803111"),
			("https://id.gs1.org/01/9780345418913/22/344/10/1223/21/765tz", "01/09780345418913/21/765tz"),
			("https://id.gs1.org/01/9780345418913/22/344", "01/09780345418913"),
			("https://id.gs1.org/01/09780345418913/21/a(b", "01/09780345418913/21/a%28b"),
			("https://id.gs1.org/01/09780345418913/21/a%28b", "01/09780345418913/21/a%28b"),
			("https://fashion-corp.com/8006/040123451234560102/22/AB/21/443322", "8006/040123451234560102/21/443322"),
			("https://example.co.uk/party/4226350800008", "417/4226350800008"),
			("https://id.example.com/8003/040123450007718765", "8003/040123450007718765"),
			("https://id.gs1.org/414/4280000000002/254/12", "414/4280000000002/254/12"),
			("https://id.gs1.org/8010/0628165987/8011/9876", "8010/0628165987/8011/9876"),
		] {
			assert_eq!(canonical(uri), Some(format!("{CANONICAL}/{path}")), "{uri}");
		}
	}

	#[test]
	fn other_addresses_are_left_alone() {
		for uri in [
			"http://example.org/123/4012345ABC987/456/4711",
			"http://id.gs1.org/99/9780345418913",
			"http://id.gs1.org/01/9780345418913/99/utfgf",
			"http://example.de/01/97803",
			"https://id.gs1.org/8006/04012345123456/22/ABCD/10/XYZ",
			"https://id.gs1.org/01/09780345418913/21/1/10/2",
			"https://www.ncbi.nlm.nih.gov/taxonomy/1126011",
			"http://transaction.acme.com/po/12345678",
			"geo:47.5,11.1",
			"ftp://id.gs1.org/01/09780345418913",
			"Hello World!",
			"42",
			"",
		] {
			assert_eq!(canonical(uri), None, "{uri}");
		}
	}
}
