//! DUO's terms by their identifiers; uses, sensitive flags, diseases, countries, names.

use crate::{
	codes::{code_system, codes},
	ids::hex_id,
	AccountId, OrgId,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::{fmt, str::FromStr};
use scale_info::TypeInfo;
use sp_runtime::traits::{BlakeTwo256, Hash as _};

/// What the published identifiers of OBO ontologies begin with.
const OBO: &str = "http://purl.obolibrary.org/obo/";

codes! {
	/// Every term of DUO that has a meaning here or is refused by name.
	Term {
		Nres = "DUO:0000004", Gru = "DUO:0000042", Hmb = "DUO:0000006", Ds = "DUO:0000007", Poa = "DUO:0000011",
		Cc = "DUO:0000043", Rs = "DUO:0000012", Nmds = "DUO:0000015", Gso = "DUO:0000016", Npuncu = "DUO:0000018",
		Pub = "DUO:0000019", Col = "DUO:0000020", Irb = "DUO:0000021", Gs = "DUO:0000022", Mor = "DUO:0000024",
		Ts = "DUO:0000025", Us = "DUO:0000026", Ps = "DUO:0000027", Is = "DUO:0000028", Rtn = "DUO:0000029",
		Npoa = "DUO:0000044", Npu = "DUO:0000045", Ncu = "DUO:0000046",
		Methods = "DUO:0000031", Population = "DUO:0000032", Ancestry = "DUO:0000033", Age = "DUO:0000034",
		Gender = "DUO:0000035", Controls = "DUO:0000036", Biomedical = "DUO:0000037", Genetic = "DUO:0000038",
		DrugDevelopment = "DUO:0000039", Disease = "DUO:0000040",
		DataUsePermission = "DUO:0000001", DataUseModifier = "DUO:0000017",
		Obsolete2 = "DUO:0000002", Obsolete3 = "DUO:0000003", Obsolete5 = "DUO:0000005", Obsolete14 = "DUO:0000014",
	}
}

/// What a term can stand for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TermKind {
	/// A group's permission.
	Permission,
	/// A modifier of a group.
	Modifier,
	/// A use that a request names.
	Use(Use),
	/// A heading in the ontology, which says nothing by itself.
	Abstract,
	/// Withdrawn by the ontology.
	Obsolete,
}

impl Term {
	/// What it can stand for.
	pub const fn kind(self) -> TermKind {
		use Term::*;
		match self {
			Nres | Gru | Hmb | Ds | Poa => TermKind::Permission,
			Cc | Rs | Nmds | Gso | Npuncu | Pub | Col | Irb | Gs | Mor | Ts | Us | Ps | Is | Rtn | Npoa | Npu | Ncu => {
				TermKind::Modifier
			}
			Methods => TermKind::Use(Use::Methods),
			Population => TermKind::Use(Use::Population),
			Ancestry => TermKind::Use(Use::Ancestry),
			Age => TermKind::Use(Use::Age),
			Gender => TermKind::Use(Use::Gender),
			Controls => TermKind::Use(Use::Controls),
			Biomedical => TermKind::Use(Use::Biomedical),
			Genetic => TermKind::Use(Use::Genetic),
			DrugDevelopment => TermKind::Use(Use::DrugDevelopment),
			Disease => TermKind::Use(Use::Disease),
			DataUsePermission | DataUseModifier => TermKind::Abstract,
			Obsolete2 | Obsolete3 | Obsolete5 | Obsolete14 => TermKind::Obsolete,
		}
	}

	/// The shorthand of a permission or modifier; the others have none.
	pub const fn shorthand(self) -> Option<&'static str> {
		use Term::*;
		Some(match self {
			Nres => "NRES",
			Gru => "GRU",
			Hmb => "HMB",
			Ds => "DS",
			Poa => "POA",
			Cc => "CC",
			Rs => "RS",
			Nmds => "NMDS",
			Gso => "GSO",
			Npuncu => "NPUNCU",
			Pub => "PUB",
			Col => "COL",
			Irb => "IRB",
			Gs => "GS",
			Mor => "MOR",
			Ts => "TS",
			Us => "US",
			Ps => "PS",
			Is => "IS",
			Rtn => "RTN",
			Npoa => "NPOA",
			Npu => "NPU",
			Ncu => "NCU",
			_ => return None,
		})
	}
}

code_system! {
	/// A use that a request names.
	Use,
	/// A set of uses.
	UseSet(u16), 10 {
		Methods = "DUO:0000031", Population = "DUO:0000032", Ancestry = "DUO:0000033", Age = "DUO:0000034",
		Gender = "DUO:0000035", Controls = "DUO:0000036", Biomedical = "DUO:0000037", Genetic = "DUO:0000038",
		DrugDevelopment = "DUO:0000039", Disease = "DUO:0000040",
	}
}

code_system! {
	/// What makes people decide about a request, whatever the group.
	Sensitive,
	/// A set of sensitive flags.
	SensitiveSet(u16), 10 {
		Paediatric = "paediatric", Vulnerable = "vulnerable", Gender = "gender", Population = "population",
		Controls = "controls", IllegalBehaviour = "illegal-behaviour", SexualDisease = "sexual-disease",
		PsychologicalTraits = "psychological-traits", Stigmatising = "stigmatising", NonHealth = "non-health",
	}
}

codes! {
	/// An ontology of diseases.
	Namespace { Mondo = "MONDO", Doid = "DOID", }
}

/// A disease: a term of an ontology. Its text is `DOID:1612` or `MONDO:0007254`.
#[derive(
	Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug,
)]
pub struct Disease {
	/// The ontology.
	pub namespace: Namespace,
	/// The number in it.
	pub number: u32,
}

/// A country: ISO 3166-1 alpha-2, upper case.
#[derive(
	Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug,
)]
pub struct Country(pub [u8; 2]);

hex_id! {
	/// Someone or something that a term or a request names: an account, an organisation, a project, a kind of research.
	/// Of an account it is the account's 32 bytes, of everything else a hash ([`Name::of`]), so that no free text reaches
	/// the chain. Whoever knows a text can find its hash: people are named by their accounts.
	Name, 32
}

impl Name {
	/// What a text names: BLAKE2b-256 of `salus:name:1` and the text.
	pub fn of(text: &str) -> Self {
		Self(BlakeTwo256::hash(&[b"salus:name:1", text.as_bytes()].concat()).0)
	}

	/// An account: its own 32 bytes.
	pub fn account(account: &AccountId) -> Self {
		Self(*account.as_ref())
	}

	/// An organisation of the consortium: what its number in decimal digits names.
	pub fn organisation(org: OrgId) -> Self {
		Self::of(&alloc::format!("{org}"))
	}
}

impl Term {
	/// The term with this identifier: `DUO:0000042`, as the ontology also writes it `DUO_0000042`, the IRI
	/// `http://purl.obolibrary.org/obo/DUO_0000042`, or the shorthand `GRU`. All are case-sensitive.
	///
	/// The ontology's IRI of NPOA is malformed, and not in the same way in all of its releases and copies. NPOA only
	/// restricts, so that taking a text for it can open nothing: every IRI is that names DUO and ends in its number.
	pub fn parse(text: &str) -> Option<Self> {
		let number =
			["DUO:", "DUO_"].iter().find_map(|prefix| text.strip_prefix(OBO).unwrap_or(text).strip_prefix(prefix));
		let found = Self::ALL.iter().copied().find(|term| match number {
			Some(number) => term.code().strip_prefix("DUO:") == Some(number),
			None => term.shorthand() == Some(text),
		});
		found.or_else(|| {
			let malformed = text.starts_with("http") && text.ends_with("0000044");
			(malformed && text.to_ascii_lowercase().contains("duo")).then_some(Self::Npoa)
		})
	}

	/// Its identifier as an IRI.
	pub fn iri(self) -> alloc::string::String {
		alloc::format!("{OBO}{}", self.code().replacen(':', "_", 1))
	}
}

impl UseSet {
	/// Whether a use of biomedical research is named: genetic research, the development of drugs and research on a disease
	/// are.
	pub const fn is_biomedical(self) -> bool {
		self.intersects(
			Self::EMPTY.with(Use::Biomedical).with(Use::Genetic).with(Use::DrugDevelopment).with(Use::Disease),
		)
	}
}

impl Disease {
	/// A term of MONDO.
	pub const fn mondo(number: u32) -> Self {
		Self { namespace: Namespace::Mondo, number }
	}

	/// A term of DOID.
	pub const fn doid(number: u32) -> Self {
		Self { namespace: Namespace::Doid, number }
	}
}

/// From here on DOID writes its numbers with seven digits.
const DOID_PADDED: u32 = 40_000;

impl fmt::Display for Disease {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let width = if self.namespace == Namespace::Mondo || self.number >= DOID_PADDED { 7 } else { 0 };
		write!(f, "{}:{:0width$}", self.namespace, self.number)
	}
}

impl FromStr for Disease {
	type Err = &'static str;

	/// From `DOID:1612`, or `http://purl.obolibrary.org/obo/DOID_1612`. Zeros before the number are written or not.
	fn from_str(text: &str) -> Result<Self, Self::Err> {
		const WRONG: &str = "expected a term of MONDO or DOID, such as DOID:1612 or MONDO:0007254";
		let (namespace, number) = match text.strip_prefix(OBO) {
			Some(local) => local.split_once('_'),
			None => text.split_once(':'),
		}
		.ok_or(WRONG)?;
		let namespace = Namespace::from_code(namespace).ok_or(WRONG)?;
		let digits = !number.is_empty() && number.len() <= 9 && number.bytes().all(|byte| byte.is_ascii_digit());
		let number = if digits { number.parse().map_err(|_| WRONG)? } else { return Err(WRONG) };
		Ok(Self { namespace, number })
	}
}

/// ISO 3166-1 alpha-2, as officially assigned.
const COUNTRIES: &str = "\
	ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCICKCLCMCNCOCRCUCVCWCXCYCZ\
	DEDJDKDMDODZECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHKHMHNHRHTHUIDIEILIMINIOIQIRISITJEJM\
	JOJPKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONP\
	NRNUNZOMPAPEPFPGPHPKPLPMPNPRPSPTPWPYQARERORSRURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTKTLTMTNTO\
	TRTTTVTWTZUAUGUMUSUYUZVAVCVEVGVIVNVUWFWSYEYTZAZMZW";

impl Country {
	/// Whether ISO has assigned the code.
	pub fn is_known(&self) -> bool {
		COUNTRIES.as_bytes().chunks_exact(2).any(|code| code == self.0)
	}
}

impl fmt::Display for Country {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		self.0.iter().try_for_each(|byte| write!(f, "{}", *byte as char))
	}
}

impl FromStr for Country {
	type Err = &'static str;

	fn from_str(text: &str) -> Result<Self, Self::Err> {
		let code = text.as_bytes().try_into().map(Self);
		code.ok().filter(Self::is_known).ok_or("expected the code of a country as in ISO 3166-1 alpha-2, such as GB")
	}
}

/// Declares that a type is its text in JSON.
macro_rules! as_text {
	($($name:ident),+) => {$(
		impl serde::Serialize for $name {
			fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
				s.collect_str(self)
			}
		}

		impl<'de> serde::Deserialize<'de> for $name {
			fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
				alloc::string::String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
			}
		}
	)+};
}

as_text!(Disease, Country);
