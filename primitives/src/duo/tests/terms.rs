use super::*;
use crate::AccountId;
use codec::{Decode, Encode, MaxEncodedLen};
use serde_json::{from_value, json, to_value};
use std::collections::BTreeSet;

#[test]
fn terms_are_known_by_every_published_identifier() {
	for (text, term) in [
		("DUO:0000042", Term::Gru),
		("DUO_0000042", Term::Gru),
		("http://purl.obolibrary.org/obo/DUO_0000042", Term::Gru),
		("GRU", Term::Gru),
		("DUO_0000038", Term::Genetic),
		("http://purl.obolibrary.org/obo/DUO_0000031", Term::Methods),
		("DUO:0000005", Term::Obsolete5),
		("http://purl.obolibrary.org/obo/DUO_0000017", Term::DataUseModifier),
		("NPOA", Term::Npoa),
		("http://purl.obolibrary.org/obo/DUO_0000044", Term::Npoa),
		("http://purl.obolibrary.org/obo/DUO:0000044", Term::Npoa),
		("http://purl.obolibrary.org/obo/duo.owl#DUO_0000044", Term::Npoa),
		("http://purl.obolibrary.org/obo/duo/0000044", Term::Npoa),
	] {
		assert_eq!(Term::parse(text), Some(term), "{text}");
	}
	for term in Term::ALL {
		assert_eq!(Term::parse(term.code()), Some(*term));
		assert_eq!(Term::parse(&term.iri()), Some(*term));
		assert_eq!(term.shorthand().and_then(Term::parse), term.shorthand().map(|_| *term));
	}
}

#[test]
fn what_is_no_term_is_not_taken_for_one() {
	for text in [
		"",
		"DUO:",
		"DUO:42",
		"DUO:0000099",
		"DUO:00000042",
		"duo:0000042",
		"gru",
		"GRU ",
		"RS-XX",
		"http://purl.obolibrary.org/obo/DUO_",
		"http://purl.obolibrary.org/obo/duo.owl#DUO_0000042",
		"http://example.org/DUO_0000042",
		"http://purl.obolibrary.org/obo/MONDO_0000044",
		"0000044",
	] {
		assert_eq!(Term::parse(text), None, "{text}");
	}
}

#[test]
fn every_term_is_of_one_kind() {
	let count = |kind: fn(TermKind) -> bool| Term::ALL.iter().filter(|term| kind(term.kind())).count();
	assert_eq!(count(|kind| kind == TermKind::Permission), 5);
	assert_eq!(count(|kind| kind == TermKind::Modifier), 18);
	assert_eq!(count(|kind| kind == TermKind::Abstract), 2);
	assert_eq!(count(|kind| kind == TermKind::Obsolete), 4);
	let uses: BTreeSet<_> = Term::ALL
		.iter()
		.filter_map(|term| match term.kind() {
			TermKind::Use(named) => {
				assert_eq!(named.code(), term.code());
				Some(named)
			}
			_ => None,
		})
		.collect();
	assert_eq!(uses, Use::ALL.iter().copied().collect());
	let short: BTreeSet<_> = Term::ALL.iter().filter_map(|term| term.shorthand()).collect();
	assert_eq!(short.len(), 23);
}

#[test]
fn permissions_and_modifiers_are_written_with_their_terms() {
	for permission in [Permission::Nres, Permission::Gru, Permission::Hmb, Permission::Ds, Permission::Poa] {
		assert_eq!(to_value(permission).expect("a string"), json!(permission.term().code()));
		assert_eq!(permission.term().kind(), TermKind::Permission);
	}
	let mut met = BTreeSet::new();
	for modifier in super::matching::every_modifier() {
		let written = to_value(&modifier).expect("an object");
		assert_eq!(written["term"], json!(modifier.term().code()));
		assert_eq!(modifier.term().kind(), TermKind::Modifier);
		assert_eq!(from_value::<Modifier>(written).expect("the same form"), modifier);
		assert_eq!(Modifier::decode(&mut &modifier.encode()[..]), Ok(modifier.clone()));
		met.insert(modifier.term());
	}
	assert_eq!(met.len(), 18);
}

#[test]
fn diseases_are_read_and_written_as_their_ontologies_do() {
	for (text, disease, written) in [
		("DOID:1612", BREAST, "DOID:1612"),
		("DOID:0001612", BREAST, "DOID:1612"),
		("http://purl.obolibrary.org/obo/DOID_1612", BREAST, "DOID:1612"),
		("DOID:0050686", Disease::doid(50_686), "DOID:0050686"),
		("MONDO:0007254", Disease::mondo(7254), "MONDO:0007254"),
		("http://purl.obolibrary.org/obo/MONDO_0007254", Disease::mondo(7254), "MONDO:0007254"),
	] {
		assert_eq!(text.parse(), Ok(disease));
		assert_eq!(disease.to_string(), written);
		assert_eq!(to_value(disease).expect("a string"), json!(written));
		assert_eq!(from_value::<Disease>(json!(text)).expect("a disease"), disease);
	}
	for text in
		["", "DOID", "DOID:", "DOID:x", "DOID:-1", "DOID:+1", "DOID:1234567890", "doid:1", "DOID_1", "OMIM:114480"]
	{
		assert!(text.parse::<Disease>().is_err(), "{text}");
	}
	assert!("http://purl.obolibrary.org/obo/DOID:1612".parse::<Disease>().is_err());
}

#[test]
fn countries_are_those_that_iso_assigned() {
	for code in ["GB", "DE", "US", "AD", "ZW", "XK", "UK", "EU", "gb", "GBR", "", "G", "É"] {
		let known = ["GB", "DE", "US", "AD", "ZW"].contains(&code);
		assert_eq!(code.parse::<Country>().is_ok(), known, "{code}");
	}
	let known = (b'A'..=b'Z').flat_map(|one| (b'A'..=b'Z').map(move |two| Country([one, two])));
	let known: Vec<_> = known.filter(Country::is_known).collect();
	assert_eq!(known.len(), 249);
	assert!(known.len() <= MAX_COUNTRIES as usize);
	assert_eq!(known[0].to_string(), "AD");
}

#[test]
fn names_are_accounts_or_hashes_and_do_not_meet() {
	let account = AccountId::new([7; 32]);
	assert_eq!(Name::account(&account).0, [7; 32]);
	assert_eq!(Name::organisation(12), Name::of("12"));
	assert_ne!(Name::of("12"), Name::of("1"));
	assert_ne!(Name::of("").0, [0; 32]);
}

#[test]
fn a_group_that_cannot_be_meant_is_refused() {
	let with = |modifier| group(Permission::Gru, &[modifier]);
	let mut ds = group(Permission::Ds, &[]);
	assert_eq!(ds.check(), Err(GroupError::NoDisease));
	ds.diseases = diseases(&[BREAST]);
	assert_eq!(ds.check(), Ok(()));
	ds.permission = Permission::Hmb;
	assert_eq!(ds.check(), Err(GroupError::UnexpectedDiseases));
	for modifier in [
		Modifier::Us { users: names(&[]) },
		Modifier::Ps { projects: names(&[]) },
		Modifier::Is { institutions: names(&[]) },
		Modifier::Gs { countries: countries(&[]) },
	] {
		assert_eq!(with(modifier).check(), Err(GroupError::EmptyList));
	}
	assert_eq!(with(Modifier::Ts { months: 0 }).check(), Err(GroupError::NoMonths));
	let nowhere = Modifier::Gs { countries: vec![Country(*b"GB"), Country(*b"UK")].try_into().expect("few") };
	assert_eq!(with(nowhere).check(), Err(GroupError::UnknownCountry));
	for modifier in super::matching::every_modifier() {
		assert_eq!(with(modifier).check(), Ok(()));
	}
}

#[test]
fn what_is_stored_is_bounded() {
	assert!(Group::max_encoded_len() < 10_000);
	assert!(Purpose::max_encoded_len() < 200);
	assert_eq!(GroupOutcome::max_encoded_len(), 1 + 1 + MAX_REASONS as usize);
	assert!(Closure::max_encoded_len() < 2_000);
}
