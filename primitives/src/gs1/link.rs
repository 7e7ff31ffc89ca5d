//! GS1 Digital Link URIs.

use super::{ai, rules::percent_decoded, Element, Gs1Error};
use alloc::{
	string::{String, ToString},
	vec::Vec,
};
use core::fmt::Write;

/// The stem of canonical links.
const STEM: &str = "https://id.gs1.org";

/// Lengths of a GTIN that a query may have instead of 14: old links have them.
const SHORT_GTINS: [usize; 3] = [8, 12, 13];

/// Reads a link: any host, any path before the rightmost primary key.
pub(super) fn read(text: &str) -> Result<Vec<Element>, Gs1Error> {
	if let Some((at, character)) = text.chars().enumerate().find(|(_, c)| !is_uri_character(*c)) {
		return Err(Gs1Error::BadCharacter { ai: None, at: at + 1, character });
	}
	let scheme =
		["https://", "http://", "HTTPS://", "HTTP://"].into_iter().find_map(|scheme| text.strip_prefix(scheme));
	let rest = scheme.ok_or(Gs1Error::BadScheme)?;
	let rest = rest.split_once('#').map_or(rest, |(link, _)| link);
	let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
	let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
	if host.is_empty() || host.contains(|c| "_~@!$&'()*+,;=%".contains(c)) {
		return Err(Gs1Error::BadDomain);
	}
	let mut elements = read_path(path)?;
	let in_path = elements.len();
	for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
		elements.extend(read_parameter(parameter)?);
	}
	check_places(&elements, in_path)?;
	Ok(elements)
}

fn is_uri_character(c: char) -> bool {
	c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c)
}

/// The pairs of AI and value at the end of a path, from the rightmost primary key on.
fn read_path(path: &str) -> Result<Vec<Element>, Gs1Error> {
	let segments: Vec<&str> = path.split('/').collect();
	let mut pairs: Vec<(&str, &str)> = segments.rchunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
	let known = pairs.iter().take_while(|(ai, _)| ai::entry(ai).is_some()).count();
	let is_key = |(ai, _): &(&str, &str)| ai::entry(ai).is_some_and(ai::Entry::is_key);
	match pairs[..known].iter().position(is_key) {
		Some(key) => pairs.truncate(key + 1),
		None => {
			let looks_like_ai =
				|ai: &str| (2..=ai::MAX_AI).contains(&ai.len()) && ai.bytes().all(|d| d.is_ascii_digit());
			return Err(match pairs.get(known) {
				Some((ai, _)) if looks_like_ai(ai) => Gs1Error::UnknownAi { ai: ai.to_string() },
				_ => Gs1Error::NoPrimaryKey,
			});
		}
	}
	pairs.iter().rev().map(|(ai, value)| element(ai, decoded(ai, value.as_bytes())?)).collect()
}

/// The element that a parameter of a query is; `None` if its name is not a number.
fn read_parameter(parameter: &str) -> Result<Option<Element>, Gs1Error> {
	let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
	if name.is_empty() || !name.bytes().all(|digit| digit.is_ascii_digit()) {
		return Ok(None);
	}
	// In a query a plus sign is a space, which no character set of an AI has.
	let mut value = decoded(name, value.replace('+', " ").as_bytes())?;
	if name == "01" && SHORT_GTINS.contains(&value.len()) {
		let zeros = 14 - value.len();
		value.splice(..0, core::iter::repeat_n(b'0', zeros));
	}
	element(name, value).map(Some)
}

fn decoded(ai: &str, value: &[u8]) -> Result<Vec<u8>, Gs1Error> {
	percent_decoded(value).ok_or_else(|| Gs1Error::BadPercentEncoding { ai: ai.into() })
}

fn element(ai: &str, value: Vec<u8>) -> Result<Element, Gs1Error> {
	let entry = ai::entry(ai).ok_or_else(|| Gs1Error::UnknownAi { ai: ai.into() })?;
	entry.check(ai, &value)?;
	// What was checked is ASCII.
	Ok(Element { ai: ai.into(), value: value.into_iter().map(char::from).collect() })
}

/// Checks that the first elements are a key and its qualifiers in their order and the others attributes.
fn check_places(elements: &[Element], in_path: usize) -> Result<(), Gs1Error> {
	for (number, element) in elements.iter().enumerate().skip(in_path) {
		if elements[..number].iter().any(|other| other.ai == element.ai) {
			return Err(Gs1Error::RepeatedAi { ai: element.ai.clone() });
		}
	}
	let (path, query) = elements.split_at(in_path);
	let Some((key, qualifiers)) = path.split_first() else { return Err(Gs1Error::NoPrimaryKey) };
	let sequences = qualifiers_of(key);
	// How many qualifiers are where a sequence has them: the next one is the first that is not.
	let placed = |sequence: &Vec<&str>| {
		let mut behind = sequence.iter();
		qualifiers.iter().take_while(|qualifier| behind.any(|ai| *ai == qualifier.ai)).count()
	};
	let best = sequences.iter().map(placed).max().unwrap_or(0);
	if let Some(wrong) = qualifiers.get(best) {
		return Err(Gs1Error::BadQualifier { ai: wrong.ai.clone(), key: key.ai.clone() });
	}
	for attribute in query {
		let belongs = |sequence: &Vec<&str>| placed(sequence) == best && sequence.contains(&attribute.ai.as_str());
		if sequences.iter().any(belongs) {
			return Err(Gs1Error::BelongsInPath { ai: attribute.ai.clone() });
		}
		if !ai::entry(&attribute.ai).is_some_and(ai::Entry::is_attribute) {
			return Err(Gs1Error::NotAnAttribute { ai: attribute.ai.clone() });
		}
	}
	Ok(())
}

fn qualifiers_of(key: &Element) -> Vec<Vec<&'static str>> {
	ai::entry(&key.ai).map(ai::Entry::qualifiers).unwrap_or_default()
}

/// Writes the canonical link: the first key that makes one, with the most qualifiers that it can have; the other AIs in
/// their order in the query.
pub(super) fn write(elements: &[Element]) -> Option<String> {
	let find = |ai: &str| elements.iter().find(|element| element.ai == ai);
	for key in elements {
		let path_of =
			|sequence: Vec<&str>| core::iter::once(key).chain(sequence.into_iter().filter_map(find)).collect();
		let mut paths: Vec<Vec<&Element>> = qualifiers_of(key).into_iter().map(path_of).collect();
		paths.sort_by_key(|path| core::cmp::Reverse(path.len()));
		for path in paths {
			let mut query: Vec<&Element> =
				elements.iter().filter(|element| path.iter().all(|placed| placed.ai != element.ai)).collect();
			query.sort_by(|a, b| a.ai.cmp(&b.ai));
			let all: Vec<Element> = path.iter().chain(&query).map(|element| (*element).clone()).collect();
			if check_places(&all, path.len()).is_ok() {
				let mut link = STEM.to_string();
				path.iter().for_each(|element| append(&mut link, '/', '/', element));
				let separators = core::iter::once('?').chain(core::iter::repeat('&'));
				query.iter().zip(separators).for_each(|(element, before)| append(&mut link, before, '=', element));
				return Some(link);
			}
		}
	}
	None
}

/// Appends an element; of its value all but RFC 3986's unreserved characters is percent-encoded.
fn append(link: &mut String, before: char, between: char, element: &Element) {
	link.push(before);
	link.push_str(&element.ai);
	link.push(between);
	for byte in element.value.bytes() {
		if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
			link.push(byte.into());
		} else {
			// Writing to a string does not fail.
			let _ = write!(link, "%{byte:02X}");
		}
	}
}
