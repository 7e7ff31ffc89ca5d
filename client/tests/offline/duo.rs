//! Data use: cases as data, by the function and by the command; releases of ontologies and proofs from them; the terms
//! that the Data Use Ontology publishes.

use salus_client::duo::{cases::Case, ReleaseFile, Taxonomy};
use salus_primitives::duo::{Closure, Namespace, Proved, Reason, Release, Term, TermKind, Verdict};
use serde_json::{json, Value};
use std::{
	collections::{BTreeMap, BTreeSet},
	fs,
	path::{Path, PathBuf},
	process::Command,
};

const CASES: &str = include_str!("../cases/duo.json");
const DOCUMENT: &str = include_str!("../../../docs/DUO.md");

fn cases() -> Vec<Case> {
	Case::load(CASES).unwrap()
}

/// Of a refusal, what is stable.
fn stable(answer: &Value) -> Value {
	match answer.get("error") {
		Some(error) => json!({"error": error, "at": answer["at"]}),
		None => answer.clone(),
	}
}

fn salus(folder: &Path, args: &[&str]) -> (i32, Value) {
	let output = Command::new(env!("CARGO_BIN_EXE_salus")).env("SALUS_HOME", folder).args(args).output().unwrap();
	let answer = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"));
	(output.status.code().unwrap(), answer)
}

fn file(folder: &Path, name: &str, content: &str) -> String {
	let path = folder.join(name);
	fs::write(&path, content).unwrap();
	path.to_str().unwrap().to_owned()
}

fn by_command(folder: &Path, case: &Case, more: &[&str]) -> Value {
	let dataset = file(folder, "dataset.json", &case.dataset.to_string());
	let purpose = file(folder, "purpose.json", &case.purpose.to_string());
	let ontology = case.ontology.as_ref().map(|text| file(folder, "ontology", text));
	let mut args = vec!["duo", "match", "--dataset", &dataset, "--purpose", &purpose, "--now", &case.now];
	args.extend(ontology.iter().flat_map(|path| ["--ontology", path.as_str()]));
	args.extend(more);
	let (code, answer) = salus(folder, &args);
	assert_eq!(code, if answer.get("error").is_some() { 2 } else { 0 }, "{}: {answer}", case.name);
	answer
}

#[test]
fn every_case_of_data_use_is_judged_as_expected() {
	for case in cases() {
		let answer = case.answer().unwrap_or_else(|error| error.to_json());
		assert_eq!(stable(&answer), case.expected, "{}: {answer}", case.name);
	}
}

#[test]
fn the_command_judges_every_case_the_same() {
	let folder = tempfile::tempdir().unwrap();
	for case in cases() {
		assert_eq!(stable(&by_command(folder.path(), &case, &[])), case.expected, "{}", case.name);
	}
}

#[test]
fn the_cases_meet_every_reason() {
	let cases = cases();
	assert!(cases.len() >= 60, "{}", cases.len());
	let names: BTreeSet<_> = cases.iter().map(|case| case.name.as_str()).collect();
	assert_eq!(names.len(), cases.len(), "every case has a name of its own");
	let reasons = cases.iter().filter_map(|case| case.expected["reasons"].as_array()).flatten();
	let met: BTreeSet<_> = reasons.filter_map(Value::as_str).collect();
	assert_eq!(met, Reason::ALL.iter().map(|reason| reason.code()).collect());
	for verdict in Verdict::ALL {
		assert!(cases.iter().filter(|case| case.expected["verdict"] == verdict.code()).count() >= 20, "{verdict}");
	}
}

#[test]
fn with_all_each_group_is_told() {
	let folder = tempfile::tempdir().unwrap();
	let groups = json!({"groups": [{"permission": "POA"}, {"permission": "GRU", "modifiers": [{"term": "IRB"}]}]});
	let case = Case {
		name: "two groups".into(),
		dataset: groups,
		purpose: json!({"uses": ["DUO:0000037"]}),
		ontology: None,
		now: "2026-06-15T12:00:00Z".into(),
		expected: Value::Null,
	};
	let told = by_command(folder.path(), &case, &["--all"]);
	let groups =
		json!([{"verdict": "deny", "reasons": ["poa-use"]}, {"verdict": "manual", "reasons": ["irb-missing"]}]);
	assert_eq!(told, json!({"verdict": "manual", "reasons": ["irb-missing"], "group": 1, "groups": groups}));
	// Without a moment it is judged now.
	let dataset =
		file(folder.path(), "d.json", r#"{"groups": [{"permission": "GRU", "modifiers": [{"term": "IRB"}]}]}"#);
	let purpose = json!({"uses": ["DUO:0000037"], "ethics_approval": {"expires": "2020-01-01T00:00:00Z"}}).to_string();
	let purpose = file(folder.path(), "p.json", &purpose);
	let (code, told) = salus(folder.path(), &["duo", "match", "--dataset", &dataset, "--purpose", &purpose]);
	assert_eq!((code, &told["reasons"]), (0, &json!(["irb-expired"])));
	for (now, code) in [("noon", "bad-time"), ("1969-12-31T23:59:59Z", "bad-time")] {
		let args = ["duo", "match", "--dataset", &dataset, "--purpose", &purpose, "--now", now];
		let (exit, told) = salus(folder.path(), &args);
		assert_eq!((exit, told["error"].as_str()), (2, Some(code)));
	}
}

#[test]
fn what_is_no_json_or_given_twice_is_refused_where_it_stands() {
	let folder = tempfile::tempdir().unwrap();
	let good = file(folder.path(), "good.json", r#"{"uses": []}"#);
	let run = |dataset: &str| {
		let dataset = file(folder.path(), "dataset.json", dataset);
		salus(folder.path(), &["duo", "match", "--dataset", &dataset, "--purpose", &good])
	};
	for (dataset, code, at) in [
		(r#"{"groups": [{"permission": "GRU", "permission": "NRES"}]}"#, "MalformedJson", "/groups/0/permission"),
		("groups", "MalformedJson", ""),
		("[]", "WrongType", ""),
		(r#"{"groups": {"permission": "GRU"}}"#, "WrongType", "/groups"),
		(r#"{"groups": ["GRU"]}"#, "WrongType", "/groups/0"),
	] {
		let (exit, told) = run(dataset);
		assert_eq!((exit, stable(&told)), (2, json!({"error": code, "at": at})), "{dataset}");
	}
	let (exit, told) = salus(folder.path(), &["duo", "match", "--dataset", "nowhere", "--purpose", &good]);
	assert_eq!((exit, told["error"].as_str()), (13, Some("not-found")));
}

/// The ontologies of the cases.
fn ontology(name: &str) -> String {
	serde_json::from_str::<Value>(CASES).unwrap()["ontologies"][name].as_str().unwrap().to_owned()
}

#[test]
fn a_release_is_built_and_its_proofs_are_what_the_chain_verifies() {
	let folder = tempfile::tempdir().unwrap();
	let obo = file(folder.path(), "doid.obo", &ontology("obo"));
	let out = folder.path().join("release.json");
	let out = out.to_str().unwrap();
	let (code, told) = salus(folder.path(), &["ontology", "build", &obo, "--namespace", "DOID", "--out", out]);
	assert_eq!((code, &told["count"], &told["namespace"]), (0, &json!(5), &json!("DOID")), "{told}");
	let release: Release = serde_json::from_value(told).unwrap();
	let (code, told) = salus(folder.path(), &["ontology", "prove", "--release", out, "DOID:1612", "DOID:162"]);
	assert_eq!(code, 0, "{told}");
	assert_eq!((&told[0]["disease"], &told[0]["ancestors"]), (&json!("DOID:1612"), &json!([4, 28, 162])));
	let closures: Vec<Closure> = serde_json::from_value(told).unwrap();
	let diseases: Vec<_> = closures.iter().map(|closure| closure.leaf.disease).collect();
	assert!(Proved::new(&diseases, &closures, |_| Some(release)).is_ok());

	for (term, code) in
		[("DOID:99", "UnknownDisease"), ("DOID:5", "UnknownDisease"), ("MONDO:0000004", "UnknownDisease")]
	{
		let (exit, told) = salus(folder.path(), &["ontology", "prove", "--release", out, term]);
		assert_eq!((exit, told["error"].as_str()), (2, Some(code)), "{term}");
	}
	let (exit, told) = salus(folder.path(), &["ontology", "build", &obo, "--namespace", "MONDO"]);
	assert_eq!((exit, told["error"].as_str()), (2, Some("Empty")));

	// A release with another term than its root says proves nothing.
	let forged = fs::read_to_string(out).unwrap().replacen("[4,28,162]", "[4,28]", 1);
	let forged = file(folder.path(), "forged.json", &forged);
	let (exit, told) = salus(folder.path(), &["ontology", "prove", "--release", &forged, "DOID:162"]);
	assert_eq!((exit, told["error"].as_str()), (7, Some("corrupted")));
	for wrong in [r#"{"terms": []}"#.into(), fs::read_to_string(out).unwrap().replace("[4,28,162]", "[28,4,162]")] {
		let wrong = file(folder.path(), "wrong.json", &wrong);
		let (exit, told) = salus(folder.path(), &["ontology", "prove", "--release", &wrong, "DOID:162"]);
		assert_eq!((exit, told["error"].as_str()), (2, Some("Malformed")));
	}
}

#[test]
fn a_table_and_an_obo_file_of_the_same_terms_are_the_same_release() {
	let obo = "[Term]\nid: MONDO:0000002\nis_a: MONDO:0000001 ! root\n\n[Term]\nid: MONDO:0000001\n";
	let table = "MONDO:0000002\tMONDO:0000001\n";
	let release = |text| Taxonomy::read(text).unwrap().release(Namespace::Mondo).unwrap();
	assert_eq!(release(obo), release(table));
	let file = serde_json::to_string(&release(obo)).unwrap();
	assert_eq!(ReleaseFile::read(&file).unwrap(), release(table));
}

#[test]
fn ontologies_that_cannot_be_taken_are_refused() {
	let deep: String = (1..=130).map(|number| format!("DOID:{}\tDOID:{number}\n", number + 1)).collect();
	let read = |text: &str| Taxonomy::read(text).and_then(|read| read.release(Namespace::Doid));
	for (text, code, at) in [
		("", "Empty", ""),
		("HP:1\tHP:2\n", "Empty", ""),
		("MONDO:0000001\tMONDO:0000002\n", "Empty", ""),
		("DOID:1\tDOID:2\tDOID:3\n", "Malformed", "/0"),
		("DOID:1 DOID:2\n", "Malformed", "/0"),
		("# x\nDOID:1\tDOID:x\n", "BadDisease", "/1"),
		("DOID:1\tDOID:1\n", "Cycle", ""),
		("[Term]\nname: nothing\n", "Missing", "/0"),
		("[Term]\nid: DOID:1\nid: DOID:2\n", "Duplicate", "/2"),
		("[Term]\nid: DOID:1\nis_a: disease\n", "BadDisease", "/2"),
		(&deep, "TooManyAncestors", ""),
	] {
		let error = read(text).unwrap_err().to_json();
		assert_eq!(stable(&error), json!({"error": code, "at": at}), "{text}");
	}
	// 128 above are not too many.
	let most: String = (1..=128).map(|number| format!("DOID:{}\tDOID:{number}\n", number + 1)).collect();
	assert_eq!(read(&most).unwrap().terms.last().unwrap().ancestors.len(), 128);
}

#[test]
fn the_document_explains_every_reason_and_every_term() {
	for reason in Reason::ALL {
		let row = DOCUMENT.lines().find(|line| line.starts_with(&format!("| `{reason}` | {} | ", reason.verdict())));
		assert!(row.is_some(), "{reason}, {}", reason.verdict());
	}
	for term in Term::ALL {
		assert!(DOCUMENT.contains(term.code()), "{term}");
	}
	let refusals = DOCUMENT.split_once("## What is refused").unwrap().1;
	for case in cases() {
		if let Some(code) = case.expected["error"].as_str() {
			assert!(refusals.contains(&format!("`{code}`")), "{code}");
		}
	}
}

/// The ontology's table is not part of the project: it is compared where it is at hand.
#[test]
fn our_terms_are_those_that_the_ontology_publishes() {
	let shared = std::env::var_os("SALUS_SHARED_DATA").map(PathBuf::from);
	let shared = shared.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"));
	let Ok(text) = fs::read_to_string(shared.join("duo/duo.csv")) else { return };
	let rows = text.lines().skip(1).filter_map(|line| {
		let mut fields = line.splitn(3, ',');
		Some((fields.next()?, fields.next()?))
	});
	let published: BTreeMap<_, _> = rows.collect();
	assert!(published.len() >= 25);
	for (id, shorthand) in &published {
		let term = Term::parse(id).unwrap_or_else(|| panic!("{id} is not known"));
		assert_eq!(term.shorthand().unwrap_or_default(), *shorthand, "{id}");
	}
	// The table lists neither uses, which requests name, nor what the ontology has withdrawn.
	for term in Term::ALL {
		let absent = matches!(term.kind(), TermKind::Use(_) | TermKind::Obsolete);
		assert_eq!(published.contains_key(term.code()), !absent, "{term}");
	}
}
