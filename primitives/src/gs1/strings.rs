//! Element strings: AIs and their values one behind the other, as symbols carry them, or with the AIs in brackets, as
//! people write them.

use super::{ai, Element, Gs1Error};
use alloc::{
	string::{String, ToString},
	vec::Vec,
};

/// What stands for FNC1 in the data that a reader transmits: the ASCII group separator.
pub(super) const GS: char = '\u{1d}';

/// Separators: GS, and `^`, which writes it in GS1's own examples and is in no character set of an AI.
const SEPARATORS: [char; 2] = [GS, '^'];

/// Reads an element string without brackets. One separator may come first, and a superfluous one behind a value.
pub(super) fn raw(text: &str) -> Result<Vec<Element>, Gs1Error> {
	let mut elements = Vec::new();
	let mut rest = text.strip_prefix(SEPARATORS).unwrap_or(text);
	if rest.is_empty() {
		return Err(Gs1Error::Empty);
	}
	while !rest.is_empty() {
		if rest.starts_with(SEPARATORS) {
			return Err(Gs1Error::StraySeparator { at: text.len() - rest.len() + 1 });
		}
		let Some((ai, entry)) = ai::at_start(rest) else {
			let digits = rest.chars().take(ai::MAX_AI).take_while(char::is_ascii_digit).collect();
			return Err(if rest.starts_with(|c: char| c.is_ascii_digit()) {
				Gs1Error::UnknownAi { ai: digits }
			} else {
				let at = text.len() - rest.len() + 1;
				Gs1Error::BadCharacter { ai: None, at, character: rest.chars().next().unwrap_or_default() }
			});
		};
		let behind = &rest[ai.len()..];
		let until = behind.find(SEPARATORS).unwrap_or(behind.len());
		let most = entry.most();
		let length = if entry.is_predefined() { until.min(most) } else { until };
		if length == 0 {
			return Err(Gs1Error::EmptyValue { ai: ai.into() });
		}
		if entry.is_predefined() && length < most {
			return Err(Gs1Error::Truncated { ai: ai.into(), length, expected: most });
		}
		if length > most {
			return Err(Gs1Error::MissingSeparator { ai: ai.into(), length, most });
		}
		let (value, behind) = behind.split_at(length);
		entry.check(ai, value.as_bytes())?;
		elements.push(Element { ai: ai.into(), value: value.into() });
		rest = behind.strip_prefix(SEPARATORS).unwrap_or(behind);
	}
	Ok(elements)
}

/// Writes an element string without brackets: GS behind every value whose length its AI does not tell, but the last.
pub(super) fn write_raw(elements: &[Element]) -> String {
	let mut text = String::new();
	for (number, element) in elements.iter().enumerate() {
		text.push_str(&element.ai);
		text.push_str(&element.value);
		let separate = ai::entry(&element.ai).is_some_and(|entry| !entry.is_predefined());
		if separate && number + 1 < elements.len() {
			text.push(GS);
		}
	}
	text
}

/// Reads an element string in brackets.
pub(super) fn bracketed(text: &str) -> Result<Vec<Element>, Gs1Error> {
	let mut elements = Vec::new();
	let mut rest = text;
	while !rest.is_empty() {
		let malformed = |rest: &str| Gs1Error::MalformedBrackets { at: text.len() - rest.len() + 1 };
		let (ai, behind) =
			rest.strip_prefix('(').and_then(|rest| rest.split_once(')')).ok_or_else(|| malformed(rest))?;
		if ai.is_empty() || !ai.bytes().all(|digit| digit.is_ascii_digit()) {
			return Err(malformed(rest));
		}
		let entry = ai::entry(ai).ok_or_else(|| Gs1Error::UnknownAi { ai: ai.into() })?;
		let (value, behind) = unescape(behind);
		entry.check(ai, value.as_bytes())?;
		elements.push(Element { ai: ai.into(), value });
		rest = behind;
	}
	Ok(elements)
}

/// A value up to the next bracket that opens, without the backslashes before those within it.
fn unescape(text: &str) -> (String, &str) {
	let mut value = String::new();
	let mut rest = text;
	loop {
		let (before, behind) = rest.split_at(rest.find('(').unwrap_or(rest.len()));
		match before.strip_suffix('\\') {
			Some(before) if !behind.is_empty() => {
				value.push_str(before);
				value.push('(');
				rest = &behind[1..];
			}
			_ => {
				value.push_str(before);
				return (value, behind);
			}
		}
	}
}

/// Writes an element string in brackets.
pub(super) fn write_bracketed(elements: &[Element]) -> String {
	let write = |element: &Element| alloc::format!("({}){}", element.ai, element.value.replace('(', "\\("));
	elements.iter().map(write).collect::<Vec<_>>().concat()
}

/// Keeps an AI once that is there several times with one value.
pub(super) fn without_repetitions(elements: Vec<Element>) -> Result<Vec<Element>, Gs1Error> {
	let mut kept: Vec<Element> = Vec::with_capacity(elements.len());
	for element in elements {
		match kept.iter().find(|other| other.ai == element.ai) {
			None => kept.push(element),
			Some(other) if other.value == element.value => (),
			Some(_) => return Err(Gs1Error::RepeatedAi { ai: element.ai.to_string() }),
		}
	}
	Ok(kept)
}
