//! GS1's language of identification: keys with their check digits, element strings as bar codes carry them, and Digital
//! Links.
//!
//! [`parse`] reads three forms:
//!
//! | form | such as |
//! |---|---|
//! | element string | `0109506000134352` `10ABC` GS `21XYZ`: AIs and their values, with the ASCII group separator (0x1d, or `^`) behind every value whose length its AI does not tell |
//! | in brackets | `(01)09506000134352(10)ABC(21)XYZ`; a bracket that opens within a value is written `\(` |
//! | Digital Link | `https://id.gs1.org/01/09506000134352/10/ABC/21/XYZ?17=270331`: any `http` or `https` host, any path before the primary key, query parameters whose name is no number and fragments ignored |
//!
//! An element string without brackets may have in front the symbology identifier that readers transmit: `]C1` (GS1-128),
//! `]e0` (GS1 DataBar), `]d2` (GS1 DataMatrix), `]Q3` (GS1 QR Code), `]J1` (GS1 DotCode); a Digital Link `]d1` or `]Q1`.
//!
//! What is read is right in its length, characters, check digits, dates and codes, and each AI has beside it what it
//! needs and nothing that excludes it. Whether a company prefix was ever assigned is not known here.
//!
//! Sources: GS1 General Specifications, GS1 Barcode Syntax Dictionary, GS1 Digital Link Standard: URI Syntax.

mod ai;
mod charset;
mod codes;
mod date;
mod error;
mod keys;
mod link;
mod rules;
mod scan;
mod strings;

#[cfg(test)]
mod tests;

pub use date::{date, Date};
pub use error::Gs1Error;
pub use keys::{check_digit, is_valid_gln, is_valid_lot, is_valid_serial, Gtin, Lot, Sscc, MAX_LOT};
pub use scan::{DeviceId, ScannedUnit};

use alloc::{string::String, vec::Vec};

/// The most bytes of a text: the largest QR Code holds 7,089 digits.
pub const MAX_TEXT: usize = 7_089;

/// How a text was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
	/// AIs and values one behind the other.
	ElementString,
	/// AIs in brackets.
	Bracketed,
	/// A GS1 Digital Link.
	DigitalLink,
}

/// An Application Identifier and its value.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Serialize)]
pub struct Element {
	/// Two to four digits.
	pub ai: String,
	/// Its value.
	pub value: String,
}

/// What was read.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Parsed {
	/// How it was written.
	pub form: Form,
	/// What it says, in the order in which it says it, each AI once.
	pub elements: Vec<Element>,
}

impl Parsed {
	/// The value of an AI.
	pub fn get(&self, ai: &str) -> Option<&str> {
		self.elements.iter().find(|element| element.ai == ai).map(|element| element.value.as_str())
	}

	/// The element string in brackets.
	pub fn to_bracketed(&self) -> String {
		strings::write_bracketed(&self.elements)
	}

	/// The element string without brackets, with GS where it is needed.
	pub fn to_element_string(&self) -> String {
		strings::write_raw(&self.elements)
	}

	/// The canonical Digital Link; `None` if there is no primary key, or none with which all else has its place in a link.
	pub fn canonical(&self) -> Option<String> {
		link::write(&self.elements)
	}
}

/// Reads an element string or a Digital Link, whichever it is.
pub fn parse(text: &str) -> Result<Parsed, Gs1Error> {
	if text.len() > MAX_TEXT {
		return Err(Gs1Error::TooLong { length: text.len() });
	}
	if let Some((at, character)) = text.chars().enumerate().find(|(_, c)| !c.is_ascii()) {
		return Err(Gs1Error::BadCharacter { ai: None, at: at + 1, character });
	}
	let with_identifier =
		|identifiers: &[&str]| identifiers.iter().find_map(|identifier| text.strip_prefix(identifier));
	let symbol = with_identifier(&["]C1", "]e0", "]d2", "]Q3", "]J1"]);
	let plain = with_identifier(&["]d1", "]Q1"]);
	let body = symbol.or(plain).unwrap_or(text);
	let first = body.chars().next().ok_or(Gs1Error::Empty)?;
	let (form, elements) = match first {
		'0'..='9' | strings::GS | '^' if plain.is_none() => (Form::ElementString, strings::raw(body)?),
		'(' if plain.is_none() && symbol.is_none() => (Form::Bracketed, strings::bracketed(body)?),
		'a'..='z' | 'A'..='Z' if symbol.is_none() && body.contains("://") => (Form::DigitalLink, link::read(body)?),
		_ => return Err(Gs1Error::UnknownForm),
	};
	let elements = strings::without_repetitions(elements)?;
	ai::check_together(&elements)?;
	Ok(Parsed { form, elements })
}
