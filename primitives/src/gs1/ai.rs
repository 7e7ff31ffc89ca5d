//! Application Identifiers: what may stand behind each, and which others it needs or excludes.
//!
//! The facts are those of GS1's General Specifications, section 3, and of its Barcode Syntax Dictionary as of
//! January 2026.

use super::{
	charset::Set,
	rules::{Rule, Wrong},
	Element, Gs1Error,
};
use alloc::{
	string::{String, ToString},
	vec::Vec,
};

/// A part of an AI's value.
#[derive(Clone, Copy)]
pub(super) struct Part {
	set: Set,
	min: u8,
	max: u8,
	rule: Rule,
}

impl Part {
	const fn new(set: Set, min: u8, max: u8) -> Self {
		Self { set, min, max, rule: Rule::Free }
	}

	/// With a rule.
	const fn is(self, rule: Rule) -> Self {
		Self { rule, ..self }
	}
}

/// So many digits.
const fn n(length: u8) -> Part {
	Part::new(Set::N, length, length)
}

/// One to so many digits.
const fn up_to(max: u8) -> Part {
	Part::new(Set::N, 1, max)
}

/// One to so many characters of CSET 82.
const fn x(max: u8) -> Part {
	Part::new(Set::X, 1, max)
}

/// So many characters of CSET 82.
const fn xs(length: u8) -> Part {
	Part::new(Set::X, length, length)
}

/// Application Identifiers that share everything.
pub(super) struct Entry {
	/// Which: AIs and ranges of them; `310-316/5` are 310 to 316, each followed by one of the digits 0 to 5.
	ais: &'static str,
	/// All parts of the value.
	parts: &'static [Part],
	/// How many of them must be there.
	required: usize,
	/// Whether the length is known from the first two digits, so that no separator follows in a symbol.
	predefined: bool,
	/// Whether it can be in the query of a link.
	attribute: bool,
	/// One of these must be there too: AIs, of which `+` joins what must be there together and `n` is any digit.
	needs: &'static str,
	/// None of these may be there too. `own` are those of which the last digit alone differs.
	excludes: &'static str,
	/// For a primary key of links its qualifiers in their order; `|` parts alternatives.
	qualifiers: Option<&'static str>,
}

const fn ai(ais: &'static str, parts: &'static [Part]) -> Entry {
	let required = parts.len();
	Entry { ais, parts, required, predefined: false, attribute: true, needs: "", excludes: "", qualifiers: None }
}

impl Entry {
	const fn predefined(self) -> Self {
		Self { predefined: true, ..self }
	}

	/// Not in the query of a link.
	const fn no_attribute(self) -> Self {
		Self { attribute: false, ..self }
	}

	/// The last parts, from the one with this index, may be missing.
	const fn optional(self, from: usize) -> Self {
		Self { required: from, ..self }
	}

	const fn needs(self, needs: &'static str) -> Self {
		Self { needs, ..self }
	}

	const fn not_with(self, excludes: &'static str) -> Self {
		Self { excludes, ..self }
	}

	const fn key(self, qualifiers: &'static str) -> Self {
		Self { qualifiers: Some(qualifiers), ..self }
	}
}

const ITEM: &str = "01 02 8006 8026";
const ITEM_OR_MADE_TO_ORDER: &str = "01 02 03 8006 8026";
const MEASURES: &str = "30 31nn 32nn 35nn 36nn";
const MEASURED_ITEM: &str = "01+30 01+31nn 01+32nn 01+35nn 01+36nn";
const SIGNED: &str = "00 01+21 03+21 253 255 8003 8004 8006+21 8010+8011 8017 8018";

const KEY_13: Part = n(13).is(Rule::Check);
const KEY_14: Part = n(14).is(Rule::Check);
const KEY_18: Part = n(18).is(Rule::Check);
const DAY: Part = n(6).is(Rule::Day);
const DAY_OR_MONTH: Part = n(6).is(Rule::DayOrMonth);
const TIME: Part = n(4).is(Rule::Time);
const SIXTY: Part = n(2).is(Rule::Sixty);
const COUNTRY: Part = n(3).is(Rule::Country);
const CURRENCY: Part = n(3).is(Rule::Currency);

/// Every AI. None is the beginning of another.
static TABLE: &[Entry] = &[
	ai("00", &[KEY_18]).predefined().key(""),
	ai("01", &[KEY_14]).predefined().not_with("255 37").key("22 10 21|235"),
	ai("02", &[KEY_14]).predefined().needs("37").not_with("01 03"),
	ai("03", &[KEY_14]).predefined().no_attribute().not_with("01 02 37 235"),
	ai("10", &[x(20)]).needs(ITEM_OR_MADE_TO_ORDER),
	ai("11 13 15-16", &[DAY_OR_MONTH]).predefined().needs(ITEM_OR_MADE_TO_ORDER),
	ai("12", &[DAY_OR_MONTH]).predefined().needs("8020"),
	ai("17", &[DAY_OR_MONTH]).predefined().needs("01 02 03 255 8006 8026"),
	ai("20", &[n(2)]).predefined().needs(ITEM_OR_MADE_TO_ORDER),
	ai("21", &[x(20)]).no_attribute().needs("01 03 8006").not_with("235"),
	ai("22", &[x(20)]).no_attribute().needs("01"),
	ai("235", &[x(28)]).no_attribute().needs("01"),
	ai("240-241", &[x(30)]).needs(ITEM_OR_MADE_TO_ORDER),
	ai("242", &[up_to(6)]).needs(ITEM),
	ai("243", &[x(20)]).needs("01 03"),
	ai("250", &[x(30)]).needs("01+21 03+21 8006+21"),
	ai("251", &[x(30)]).needs("01 03 8006"),
	ai("253", &[KEY_13, x(17)]).optional(1).key(""),
	ai("254", &[x(20)]).no_attribute().needs("414"),
	ai("255", &[KEY_13, up_to(12)]).optional(1).not_with("01 02 415 8006 8020 8026").key(""),
	ai("30", &[up_to(8)]).needs("01 02"),
	// Measures of trade items, then of logistic units too; the last digit says where the decimal point is.
	ai("310-316/5 320-329/5 350-352/5 356-357/5 360-361/5 364-366/5", &[n(6)])
		.predefined()
		.needs("01 02")
		.not_with("own"),
	ai("330-336/5 340-349/5 353-355/5 362-363/5 367-369/5", &[n(6)]).predefined().needs("00 01").not_with("own"),
	ai("337/5", &[n(6)]).predefined().needs("01").not_with("own"),
	ai("37", &[up_to(8)]).needs("00+02 00+8026"),
	// Amounts and prices.
	ai("390/9", &[up_to(15)]).needs("255 8020").not_with("390n 391n 394n 8111"),
	ai("391/9", &[CURRENCY, up_to(15)]).needs("8020").not_with("391n"),
	ai("392/9", &[up_to(15)]).needs(MEASURED_ITEM).not_with("392n 393n"),
	ai("393/9", &[CURRENCY, up_to(15)]).needs(MEASURES).not_with("393n"),
	ai("394/3", &[n(4)]).needs("255").not_with("394n 8111"),
	ai("395/5", &[n(6)]).needs(MEASURES).not_with("392n 393n 395n 8005"),
	ai("400", &[x(30)]),
	ai("401", &[x(30).is(Rule::Prefix)]).key(""),
	ai("402", &[n(17).is(Rule::Check)]).key(""),
	ai("403", &[x(30)]).needs("00"),
	// Locations and parties.
	ai("410-413 416", &[KEY_13]).predefined(),
	ai("414", &[KEY_13]).predefined().key("254|7040"),
	ai("415", &[KEY_13]).predefined().needs("8020").key("8020"),
	ai("417", &[KEY_13]).predefined().key("7040"),
	ai("420", &[x(20)]).not_with("421"),
	ai("421", &[COUNTRY, x(9)]).not_with("4307"),
	ai("422", &[COUNTRY]).needs(ITEM_OR_MADE_TO_ORDER).not_with("426"),
	ai("423 425", &[COUNTRY; 5]).optional(1).needs("01 02 03").not_with("426"),
	ai("424", &[COUNTRY]).needs("01 02 03").not_with("426"),
	ai("426", &[COUNTRY]).needs("01 02 03"),
	ai("427", &[x(3)]).needs("01+422 02+422 03+422"),
	// Where a parcel goes and how it is handed over.
	ai("4300-4301 4310-4311 4320", &[x(35).is(Rule::Percent)]).needs("00"),
	ai("4302 4304-4306 4312 4314-4316", &[x(70).is(Rule::Percent)]).needs("00"),
	ai("4303", &[x(70).is(Rule::Percent)]).needs("4302"),
	ai("4313", &[x(70).is(Rule::Percent)]).needs("4312"),
	ai("4307 4317", &[xs(2).is(Rule::CountryLetters)]).needs("00"),
	ai("4308 4319", &[x(30)]).needs("00"),
	ai("4309", &[n(10).is(Rule::Latitude), n(10).is(Rule::Longitude)]).needs("00"),
	ai("4318", &[x(20)]).needs("00"),
	ai("4321-4323", &[n(1).is(Rule::YesNo)]).needs("00"),
	ai("4324-4325", &[DAY_OR_MONTH, TIME]).needs("00"),
	ai("4326", &[DAY]).needs("00"),
	ai("4330", &[n(6), xs(1).is(Rule::Minus)]).optional(1).needs("00").not_with("4331"),
	ai("4331", &[n(6), xs(1).is(Rule::Minus)]).optional(1).needs("00").not_with("4330"),
	ai("4332", &[n(6), xs(1).is(Rule::Minus)]).optional(1).needs("00").not_with("4333"),
	ai("4333", &[n(6), xs(1).is(Rule::Minus)]).optional(1).needs("00").not_with("4332"),
	// What only some trades use.
	ai("7001", &[n(13)]).needs(ITEM),
	ai("7002", &[x(30)]).needs("01 02"),
	ai("7003", &[DAY, TIME]).needs("01 02 03"),
	ai("7004", &[up_to(4)]).needs("01+10 03+10"),
	ai("7005", &[x(12)]).needs("01 02"),
	ai("7006", &[DAY]).needs("01 02"),
	ai("7007", &[DAY, DAY]).optional(1).needs("01 02"),
	ai("7008", &[x(3)]).needs("01 02"),
	ai("7009", &[x(10)]).needs("01 02"),
	ai("7010", &[x(2)]).needs("01 02 03"),
	ai("7011", &[DAY, TIME]).optional(1).needs("01 02 03"),
	ai("7020", &[x(20)]).needs("01+416 03+416 8006+416"),
	ai("7021", &[x(20)]).needs("01 03 8006"),
	ai("7022", &[x(20)]).needs("01+7021 03+7021 8006+7021"),
	ai("7023", &[x(30).is(Rule::Prefix)]),
	ai("7030-7039", &[n(3).is(Rule::CountryOrMany), x(27)]).needs("01 02"),
	ai("7040", &[n(1), xs(1), xs(1), xs(1).is(Rule::Importer)]).no_attribute(),
	ai("7041", &[x(4).is(Rule::PackageType)]).no_attribute().needs("00"),
	// Numbers that national authorities give to medicines and devices.
	ai("710-717", &[x(20)]).needs("01"),
	ai("7230-7239", &[xs(2), x(28)]).needs("01 8004"),
	ai("7240", &[x(20)]).needs("01 8006").not_with("03"),
	// Carers and patients.
	ai("7241", &[n(2).is(Rule::MediaType)]).needs("8017 8018"),
	ai("7242", &[x(25)]).needs("8017 8018"),
	ai("7250", &[n(8).is(Rule::LongDay)]).needs("8018").not_with("7251"),
	ai("7251", &[n(8).is(Rule::LongDay), TIME]).needs("8018").not_with("7250"),
	ai("7252", &[n(1).is(Rule::Sex)]).needs("8018"),
	ai("7253-7254", &[x(40).is(Rule::Percent)]).needs("8017 8018").not_with("7256 7259"),
	ai("7255", &[x(10)]).needs("8017 8018").not_with("7256 7259"),
	ai("7256", &[x(90).is(Rule::Percent)]).needs("8017 8018"),
	ai("7257", &[x(70).is(Rule::Percent)]).needs("8018"),
	ai("7258", &[xs(3).is(Rule::BirthOrder)]).needs("8018+7259"),
	ai("7259", &[x(40).is(Rule::Percent)]).needs("8018").not_with("7256"),
	ai("8001", &[n(4).is(Rule::NonZero), n(5).is(Rule::NonZero), n(3).is(Rule::NonZero), n(1).is(Rule::Winding), n(1)])
		.needs("01"),
	ai("8002", &[x(20)]),
	ai("8003", &[n(1).is(Rule::Zero), KEY_13, x(16)]).optional(2).key(""),
	ai("8004", &[x(30).is(Rule::Prefix)]).key("7040"),
	ai("8005", &[n(6)]).needs("01 02"),
	ai("8006", &[KEY_14, n(4).is(Rule::PieceOfTotal)]).not_with("01 03 37").key("22 10 21"),
	ai("8007", &[x(34).is(Rule::Iban)]).needs("415"),
	ai("8008", &[DAY, n(2).is(Rule::Hour), SIXTY, SIXTY]).optional(2).needs("01 02 03"),
	ai("8009", &[x(50)]).needs("00 01 03"),
	ai("8010", &[Part::new(Set::Y, 1, 30).is(Rule::Prefix)]).key("8011"),
	ai("8011", &[up_to(12).is(Rule::NoLeadingZero)]).no_attribute().needs("8010"),
	ai("8012", &[x(20)]).needs("01 03 8006"),
	ai("8013", &[x(25).is(Rule::Model)]).key(""),
	ai("8014", &[x(25).is(Rule::DeviceModel)]).no_attribute().needs("01"),
	ai("8017", &[KEY_18]).not_with("8018").key("8019"),
	ai("8018", &[KEY_18]).not_with("8017").key("8019"),
	ai("8019", &[up_to(10)]).no_attribute().needs("8017 8018"),
	ai("8020", &[x(25)]).no_attribute().needs("415"),
	ai("8026", &[KEY_14, n(4).is(Rule::PieceOfTotal)]).needs("37").not_with("02 03 8006"),
	ai("8030", &[Part::new(Set::Z, 1, 90).is(Rule::Base64)]).needs(SIGNED),
	ai("8040", &[n(15)]).no_attribute().needs("01+21"),
	ai("8041", &[n(15)]).no_attribute().needs("01+21+8040"),
	ai("8042", &[n(32)]).no_attribute().needs("01+21+8040"),
	ai("8043", &[n(18), up_to(2)]).optional(1).no_attribute().needs("01+21+8040"),
	ai("8110", &[x(70).is(Rule::Coupon)]),
	ai("8111", &[n(4)]).needs("255"),
	ai("8112", &[x(70).is(Rule::CouponOffer)]),
	ai("8200", &[x(70)]).no_attribute().needs("01"),
	ai("90", &[x(30)]),
	ai("91-99", &[x(90)]),
];

/// The longest AI.
pub(super) const MAX_AI: usize = 4;

/// What holds for an AI; `None` if there is no such AI.
pub(super) fn entry(ai: &str) -> Option<&'static Entry> {
	let digits = (2..=MAX_AI).contains(&ai.len()) && ai.bytes().all(|digit| digit.is_ascii_digit());
	TABLE.iter().find(|entry| digits && entry.ais.split(' ').any(|range| in_range(range, ai)))
}

/// The AI at the beginning of a text, and what holds for it.
pub(super) fn at_start(text: &str) -> Option<(&str, &'static Entry)> {
	(2..=MAX_AI).find_map(|length| text.get(..length).and_then(|ai| Some((ai, entry(ai)?))))
}

fn in_range(range: &str, ai: &str) -> bool {
	let (range, ai) = match range.split_once('/') {
		None => (range, ai),
		Some((range, most)) => match ai.split_at_checked(3) {
			Some((family, decimals)) if !decimals.is_empty() && decimals <= most => (range, family),
			_ => return false,
		},
	};
	let (first, last) = range.split_once('-').unwrap_or((range, range));
	ai.len() == first.len() && (first..=last).contains(&ai)
}

/// Whether an AI is meant by a pattern in which `n` is any digit.
fn matches(pattern: &str, ai: &str) -> bool {
	pattern.len() == ai.len() && pattern.bytes().zip(ai.bytes()).all(|(p, digit)| p == b'n' || p == digit)
}

impl Entry {
	/// The most characters of its value.
	pub(super) fn most(&self) -> usize {
		self.parts.iter().map(|part| usize::from(part.max)).sum()
	}

	/// Whether no separator follows it in a symbol.
	pub(super) fn is_predefined(&self) -> bool {
		self.predefined
	}

	/// Whether it can be in the query of a link.
	pub(super) fn is_attribute(&self) -> bool {
		self.attribute
	}

	/// Whether it is a primary key of links.
	pub(super) fn is_key(&self) -> bool {
		self.qualifiers.is_some()
	}

	/// The sequences of qualifiers that it can have as a primary key of links; none if it is no key.
	pub(super) fn qualifiers(&self) -> Vec<Vec<&'static str>> {
		let ais = |sequence: &'static str| sequence.split(' ').filter(|ai| !ai.is_empty()).collect();
		self.qualifiers.map(|all| all.split('|').map(ais).collect()).unwrap_or_default()
	}

	/// The parts of a value, each with where it begins.
	fn pieces<'a>(&self, value: &'a [u8]) -> impl Iterator<Item = (&Part, usize, &'a [u8])> {
		let mut from = 0;
		self.parts.iter().map(move |part| {
			let (at, to) = (from, value.len().min(from + usize::from(part.max)));
			from = to;
			(part, at, &value[at..to])
		})
	}

	/// The lengths that a value can have, in words.
	fn lengths(&self) -> String {
		let min = |parts: &[Part]| parts.iter().map(|part| usize::from(part.min)).sum::<usize>();
		let (least, most) = (min(&self.parts[..self.required]), self.most());
		if min(self.parts) != most {
			return alloc::format!("{least} to {most}");
		}
		let all: Vec<String> =
			(self.required..=self.parts.len()).map(|count| min(&self.parts[..count]).to_string()).collect();
		all.join(" or ")
	}

	/// Checks a value.
	pub(super) fn check(&self, ai: &str, value: &[u8]) -> Result<(), Gs1Error> {
		let owned = || Some(ai.to_string());
		if value.is_empty() {
			return Err(Gs1Error::EmptyValue { ai: ai.into() });
		}
		let missing = |(index, (part, _, piece)): (usize, (&Part, usize, &[u8]))| {
			piece.len() < part.min.into() && !(piece.is_empty() && index >= self.required)
		};
		if value.len() > self.most() || self.pieces(value).enumerate().any(missing) {
			return Err(Gs1Error::WrongLength { ai: owned(), length: value.len(), expected: self.lengths() });
		}
		for (part, at, piece) in self.pieces(value) {
			if let Some(bad) = piece.iter().position(|byte| !part.set.has(*byte)) {
				return Err(Gs1Error::BadCharacter { ai: owned(), at: at + bad + 1, character: piece[bad].into() });
			}
		}
		for (part, _, piece) in self.pieces(value).filter(|(_, _, piece)| !piece.is_empty()) {
			let characters = || piece.iter().map(|byte| char::from(*byte)).collect();
			part.rule.check(piece).map_err(|wrong| match wrong {
				Wrong::CheckDigit(expected) => Gs1Error::BadCheckDigit { ai: owned(), expected },
				Wrong::Prefix => Gs1Error::BadCompanyPrefix { ai: ai.into() },
				Wrong::Date => Gs1Error::BadDate { ai: owned(), value: characters() },
				Wrong::Time => Gs1Error::BadTime { ai: ai.into(), value: characters() },
				Wrong::Value(expected) => Gs1Error::BadValue { ai: ai.into(), value: characters(), expected },
			})?;
		}
		Ok(())
	}
}

/// Checks that each AI has what it needs and nothing that it excludes.
pub(super) fn check_together(elements: &[Element]) -> Result<(), Gs1Error> {
	let there = |pattern: &str| elements.iter().find(|element| matches(pattern, &element.ai));
	for Element { ai, .. } in elements {
		let Some(entry) = entry(ai) else { continue };
		let mut excluded = entry
			.excludes
			.split(' ')
			.filter(|pattern| *pattern != "own")
			.filter_map(|pattern| elements.iter().find(|other| other.ai != *ai && matches(pattern, &other.ai)));
		let own = || {
			let family = |other: &&Element| other.ai != *ai && other.ai.len() == MAX_AI && other.ai[..3] == ai[..3];
			elements.iter().filter(|_| entry.excludes == "own").find(family)
		};
		if let Some(other) = excluded.next().or_else(own) {
			return Err(Gs1Error::ExcludedPair { ai: ai.clone(), other: other.ai.clone() });
		}
		let all_there = |needed: &str| needed.split('+').all(|pattern| there(pattern).is_some());
		if !entry.needs.is_empty() && !entry.needs.split(' ').any(all_there) {
			return Err(Gs1Error::MissingRequisite { ai: ai.clone(), needs: entry.needs });
		}
	}
	Ok(())
}
