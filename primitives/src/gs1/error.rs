//! Every way in which a GS1 string can be wrong.

use alloc::string::String;
use core::fmt;

/// What is wrong with a key, an element string or a Digital Link. Where `ai` is optional, `None` means that the text is
/// wrong as a whole, or that it is a bare key; positions count characters from 1.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Gs1Error {
	/// Nothing was given.
	Empty,
	/// Longer than [`MAX_TEXT`](super::MAX_TEXT).
	TooLong {
		/// Its length in bytes.
		length: usize,
	},
	/// Neither an element string, nor one in brackets, nor a link.
	UnknownForm,
	/// Digits that are no Application Identifier.
	UnknownAi {
		/// The digits.
		ai: String,
	},
	/// An AI, or a key without one, of a length that it cannot have.
	WrongLength {
		/// The AI.
		ai: Option<String>,
		/// Its length.
		length: usize,
		/// The lengths that it can have.
		expected: String,
	},
	/// An AI with nothing behind it.
	EmptyValue {
		/// The AI.
		ai: String,
	},
	/// The text ends, or a separator comes, within an AI of fixed length.
	Truncated {
		/// The AI.
		ai: String,
		/// The characters that are there.
		length: usize,
		/// The characters that there should be.
		expected: usize,
	},
	/// More characters behind an AI than it can have, before the next separator.
	MissingSeparator {
		/// The AI.
		ai: String,
		/// The characters that are there.
		length: usize,
		/// The most that it can have.
		most: usize,
	},
	/// A separator where an AI should begin.
	StraySeparator {
		/// Where.
		at: usize,
	},
	/// Brackets that are not `(AI)value`.
	MalformedBrackets {
		/// Where.
		at: usize,
	},
	/// A character that does not belong there.
	BadCharacter {
		/// The AI.
		ai: Option<String>,
		/// Its position in the AI's value, or else in the text.
		at: usize,
		/// The character.
		character: char,
	},
	/// A wrong check digit, or a wrong pair of check characters.
	BadCheckDigit {
		/// The AI.
		ai: Option<String>,
		/// What would be right.
		expected: String,
	},
	/// A day that is not in the calendar.
	BadDate {
		/// The AI.
		ai: Option<String>,
		/// The digits.
		value: String,
	},
	/// An hour, minute or second that no day has.
	BadTime {
		/// The AI.
		ai: String,
		/// The digits.
		value: String,
	},
	/// A key that does not begin with a GS1 Company Prefix.
	BadCompanyPrefix {
		/// The AI.
		ai: String,
	},
	/// A value that the AI's own rules forbid.
	BadValue {
		/// The AI.
		ai: String,
		/// The part of its value that is wrong.
		value: String,
		/// What would be right.
		expected: &'static str,
	},
	/// An AI with two values; in a link, an AI that is there twice.
	RepeatedAi {
		/// The AI.
		ai: String,
	},
	/// An AI without another that it says something about.
	MissingRequisite {
		/// The AI.
		ai: String,
		/// What it needs: one of these, where `+` joins what must be there together and `n` is any digit.
		needs: &'static str,
	},
	/// Two AIs that must not go together.
	ExcludedPair {
		/// One of them.
		ai: String,
		/// The other.
		other: String,
	},
	/// What is to be read from the string is not there.
	MissingAi {
		/// The AI that is missing.
		ai: &'static str,
	},
	/// A link that is neither `http` nor `https`.
	BadScheme,
	/// A link without a host, or with characters that no host has.
	BadDomain,
	/// A link whose path does not end in a primary key and its qualifiers.
	NoPrimaryKey,
	/// An AI in the path of a link that does not belong there, or not in this place.
	BadQualifier {
		/// The AI.
		ai: String,
		/// The primary key of the link.
		key: String,
	},
	/// An AI in the query of a link that belongs in its path.
	BelongsInPath {
		/// The AI.
		ai: String,
	},
	/// An AI that cannot be in the query of a link.
	NotAnAttribute {
		/// The AI.
		ai: String,
	},
	/// `%` without two hexadecimal digits.
	BadPercentEncoding {
		/// The AI.
		ai: String,
	},
}

impl Gs1Error {
	/// A stable name.
	pub const fn code(&self) -> &'static str {
		match self {
			Self::Empty => "Empty",
			Self::TooLong { .. } => "TooLong",
			Self::UnknownForm => "UnknownForm",
			Self::UnknownAi { .. } => "UnknownAi",
			Self::WrongLength { .. } => "WrongLength",
			Self::EmptyValue { .. } => "EmptyValue",
			Self::Truncated { .. } => "Truncated",
			Self::MissingSeparator { .. } => "MissingSeparator",
			Self::StraySeparator { .. } => "StraySeparator",
			Self::MalformedBrackets { .. } => "MalformedBrackets",
			Self::BadCharacter { .. } => "BadCharacter",
			Self::BadCheckDigit { .. } => "BadCheckDigit",
			Self::BadDate { .. } => "BadDate",
			Self::BadTime { .. } => "BadTime",
			Self::BadCompanyPrefix { .. } => "BadCompanyPrefix",
			Self::BadValue { .. } => "BadValue",
			Self::RepeatedAi { .. } => "RepeatedAi",
			Self::MissingRequisite { .. } => "MissingRequisite",
			Self::ExcludedPair { .. } => "ExcludedPair",
			Self::MissingAi { .. } => "MissingAi",
			Self::BadScheme => "BadScheme",
			Self::BadDomain => "BadDomain",
			Self::NoPrimaryKey => "NoPrimaryKey",
			Self::BadQualifier { .. } => "BadQualifier",
			Self::BelongsInPath { .. } => "BelongsInPath",
			Self::NotAnAttribute { .. } => "NotAnAttribute",
			Self::BadPercentEncoding { .. } => "BadPercentEncoding",
		}
	}

	/// The AI concerned.
	pub fn ai(&self) -> Option<&str> {
		match self {
			Self::UnknownAi { ai }
			| Self::EmptyValue { ai }
			| Self::Truncated { ai, .. }
			| Self::MissingSeparator { ai, .. }
			| Self::BadTime { ai, .. }
			| Self::BadCompanyPrefix { ai }
			| Self::BadValue { ai, .. }
			| Self::RepeatedAi { ai }
			| Self::MissingRequisite { ai, .. }
			| Self::ExcludedPair { ai, .. }
			| Self::BadQualifier { ai, .. }
			| Self::BelongsInPath { ai }
			| Self::NotAnAttribute { ai }
			| Self::BadPercentEncoding { ai } => Some(ai),
			Self::WrongLength { ai, .. }
			| Self::BadCharacter { ai, .. }
			| Self::BadCheckDigit { ai, .. }
			| Self::BadDate { ai, .. } => ai.as_deref(),
			Self::MissingAi { ai } => Some(ai),
			Self::Empty
			| Self::TooLong { .. }
			| Self::UnknownForm
			| Self::StraySeparator { .. }
			| Self::MalformedBrackets { .. }
			| Self::BadScheme
			| Self::BadDomain
			| Self::NoPrimaryKey => None,
		}
	}
}

/// Names an AI, or the text if there is none.
struct Of<'a>(&'a Option<String>);

impl fmt::Display for Of<'_> {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self.0 {
			Some(ai) => write!(f, "({ai})"),
			None => f.write_str("the text"),
		}
	}
}

/// Shows a list of alternatives as `(01), (02) or (00) with (37)`.
struct OneOf<'a>(&'a str);

impl fmt::Display for OneOf<'_> {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let count = self.0.split(' ').count();
		for (number, all) in self.0.split(' ').enumerate() {
			f.write_str(match number {
				0 => "",
				_ if number + 1 == count => " or ",
				_ => ", ",
			})?;
			for (number, ai) in all.split('+').enumerate() {
				write!(f, "{}({ai})", if number == 0 { "" } else { " with " })?;
			}
		}
		Ok(())
	}
}

impl fmt::Display for Gs1Error {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Empty => f.write_str("there is nothing to read: expected an element string or a GS1 Digital Link"),
			Self::TooLong { length } => {
				write!(f, "{length} bytes are more than any symbol holds: expected at most {}", super::MAX_TEXT)
			}
			Self::UnknownForm => f.write_str(
				"expected an element string such as 0109506000134352, one in brackets such as (01)09506000134352, or a GS1 \
				 Digital Link such as https://id.gs1.org/01/09506000134352",
			),
			Self::UnknownAi { ai } => write!(f, "{ai:?} is no GS1 Application Identifier"),
			Self::WrongLength { ai, length, expected } => {
				write!(f, "{} has {length} characters: expected {expected}", Of(ai))
			}
			Self::EmptyValue { ai } => write!(f, "({ai}) has no value"),
			Self::Truncated { ai, length, expected } => {
				write!(f, "({ai}) ends after {length} characters: expected exactly {expected}")
			}
			Self::MissingSeparator { ai, length, most } => write!(
				f,
				"({ai}) has at most {most} characters, but {length} follow it: a separator (GS, 0x1d) is missing behind its \
				 value, or the value is too long"
			),
			Self::StraySeparator { at } => {
				write!(f, "the separator at character {at} has no element before it: expected an AI")
			}
			Self::MalformedBrackets { at } => write!(
				f,
				"expected (AI)value at character {at}; a bracket that opens within a value is written \\("
			),
			Self::BadCharacter { ai, at, character } => {
				write!(f, "character {at} of {} cannot be {character:?}", Of(ai))
			}
			Self::BadCheckDigit { ai, expected } => {
				write!(f, "the check digit of {} is wrong: expected {expected}", Of(ai))
			}
			Self::BadDate { ai, value } => write!(f, "{value} in {} is not a day of the calendar", Of(ai)),
			Self::BadTime { ai, value } => write!(f, "{value} in ({ai}) is not a time of day"),
			Self::BadCompanyPrefix { ai } => {
				write!(f, "({ai}) does not begin with a GS1 Company Prefix: expected at least four digits")
			}
			Self::BadValue { ai, value, expected } => write!(f, "{value:?} in ({ai}) is wrong: expected {expected}"),
			Self::RepeatedAi { ai } => write!(f, "({ai}) is there more than once: expected one value"),
			Self::MissingRequisite { ai, needs } => write!(f, "({ai}) needs {} beside it", OneOf(needs)),
			Self::ExcludedPair { ai, other } => write!(f, "({ai}) must not go together with ({other})"),
			Self::MissingAi { ai } => write!(f, "({ai}) is missing"),
			Self::BadScheme => f.write_str("a GS1 Digital Link begins with https:// or http://"),
			Self::BadDomain => f.write_str("the link has no host name, or one with characters that none has"),
			Self::NoPrimaryKey => f.write_str(
				"the path of the link does not end in a primary key and its qualifiers: expected …/01/09506000134352 or the \
				 like",
			),
			Self::BadQualifier { ai, key } => write!(
				f,
				"({ai}) has no place there behind ({key}): qualifiers come in their order, everything else in the query"
			),
			Self::BelongsInPath { ai } => write!(f, "({ai}) is a qualifier of the link's key: it belongs in the path"),
			Self::NotAnAttribute { ai } => write!(f, "({ai}) cannot be in the query of a link"),
			Self::BadPercentEncoding { ai } => {
				write!(f, "({ai}) has a % that two hexadecimal digits do not follow")
			}
		}
	}
}

impl core::error::Error for Gs1Error {}
