//! The `salus` command without a node: what it prints and how it ends.

use serde_json::Value;
use std::{
	fs,
	path::{Path, PathBuf},
	process::{Command, Output},
};

/// A home of its own for each test.
struct Home(tempfile::TempDir);

impl Home {
	fn new() -> Self {
		Self(tempfile::tempdir().unwrap())
	}

	fn run(&self, args: &[&str]) -> Output {
		let mut command = Command::new(env!("CARGO_BIN_EXE_salus"));
		for name in ["SALUS_NODE", "SALUS_GENESIS", "SALUS_KEYS", "SALUS_STORE"] {
			command.env_remove(name);
		}
		command.env("SALUS_HOME", self.0.path()).env("SALUS_CLEAR_TEXT", "1").args(args).output().unwrap()
	}

	fn file(&self, name: &str, content: &[u8]) -> String {
		let path = self.0.path().join(name);
		fs::write(&path, content).unwrap();
		path.to_str().unwrap().to_owned()
	}
}

fn testdata(name: &str) -> String {
	let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name);
	path.to_str().unwrap().to_owned()
}

#[track_caller]
fn json(output: &Output, exit: i32) -> Value {
	assert_eq!(output.status.code(), Some(exit), "{output:?}");
	serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"))
}

#[test]
fn a_plan_is_printed_as_json() {
	let plan = json(&Home::new().run(&["record", "plan", &testdata("bundle.json")]), 0);
	assert_eq!((plan["bundle"].as_str(), plan["resources"].as_u64()), (Some("transaction"), Some(26)));
	assert!(plan["records"].as_array().unwrap().iter().any(|record| record["labels"] == serde_json::json!(["HIV"])));
}

#[test]
fn a_label_table_can_be_replaced() {
	let home = Home::new();
	let table = home.file("labels.txt", b"system l http://loinc.org\nSEX l 8302-2\n");
	let plan = json(&home.run(&["record", "plan", &testdata("bundle.json"), "--labels", &table]), 0);
	assert!(plan.to_string().contains("\"SEX\""));
	let broken = home.file("broken.txt", b"SEX l 8302-2\n");
	let error = json(&home.run(&["record", "plan", &testdata("bundle.json"), "--labels", &broken]), 2);
	assert_eq!(error["error"], "bad-label-table");
}

#[test]
fn refused_input_ends_with_2_and_a_pointer() {
	let home = Home::new();
	for (content, code, at) in [
		(&b"{\"resourceType\": \"Bundle\", "[..], "MalformedJson", Some("")),
		(b"{\"resourceType\": \"Patient\"}", "NotABundle", Some("/resourceType")),
		(b"\xff\xfe", "not-text", None),
	] {
		let file = home.file("bundle.json", content);
		let error = json(&home.run(&["record", "plan", &file]), 2);
		assert_eq!((error["error"].as_str(), error["at"].as_str()), (Some(code), at));
	}
}

#[test]
fn a_decision_is_printed_as_json() {
	let home = Home::new();
	let decide = |consent: &str, exit: i32| {
		let request = testdata("consent/request-treatment.json");
		let now = "2026-06-15T12:00:00Z";
		json(&home.run(&["consent", "decide", "--consent", consent, "--request", &request, "--now", now]), exit)
	};
	let answer = decide(&testdata("consent/treatment-but-not-psy-sud.json"), 0);
	assert_eq!((answer["effect"].as_str(), answer["rule"].as_u64()), (Some("permit"), Some(0)));
	let ambiguous = home.file(
		"consent.json",
		br#"{"resourceType": "Consent", "status": "active",
			"policyRule": {"coding": [{"code": "OPTIN"}]}, "provision": {"type": "deny"}}"#,
	);
	let error = decide(&ambiguous, 2);
	assert_eq!((error["error"].as_str(), error["at"].as_str()), (Some("AmbiguousBase"), Some("/provision/type")));
	assert_eq!(decide("nowhere.json", 13)["error"], "not-found");
	let request = testdata("consent/request-treatment.json");
	let error = json(&home.run(&["consent", "decide", "--request", &request, "--now", "today"]), 2);
	assert_eq!(error["error"], "bad-time");
}

#[test]
fn a_scanned_string_is_printed_as_json() {
	let pack = serde_json::json!([
		{"ai": "01", "value": "09506000134352"}, {"ai": "17", "value": "270331"}, {"ai": "10", "value": "A/1"},
		{"ai": "21", "value": "X"},
	]);
	let canonical = "https://id.gs1.org/01/09506000134352/10/A%2F1/21/X?17=270331";
	for (text, form) in [
		("01095060001343521727033110A/1\u{1d}21X", "element-string"),
		("]d201095060001343521727033110A/1^21X", "element-string"),
		("(01)09506000134352(17)270331(10)A/1(21)X", "bracketed"),
	] {
		let answer = json(&Home::new().run(&["gs1", "parse", text]), 0);
		assert_eq!(answer, serde_json::json!({"form": form, "elements": pack, "canonical": canonical}), "{text}");
	}
	let link = "https://example.com/medicine/01/09506000134352/10/A%2F1/21/X?linkType=all&17=270331";
	let answer = json(&Home::new().run(&["gs1", "parse", link]), 0);
	assert_eq!((answer["form"].as_str(), answer["canonical"].as_str()), (Some("digital-link"), Some(canonical)));
	let answer = json(&Home::new().run(&["gs1", "parse", "(400)ORDER-1"]), 0);
	assert_eq!(answer["canonical"], Value::Null);
}

#[test]
fn malformed_gs1_strings_end_with_2_and_their_ai() {
	for (text, code, ai) in [
		("", "Empty", None),
		("-1", "UnknownForm", None),
		("0109506000134353", "BadCheckDigit", Some("01")),
		("(01)09506000134352(17)270230", "BadDate", Some("17")),
		("(21)X", "MissingRequisite", Some("21")),
		("https://id.gs1.org/01/9506000134352", "WrongLength", Some("01")),
		("https://id.gs1.org/01/09506000134352/21/X/10/A", "BadQualifier", Some("10")),
		("https://example.com/", "NoPrimaryKey", None),
	] {
		let error = json(&Home::new().run(&["gs1", "parse", text]), 2);
		assert_eq!((error["error"].as_str(), error["ai"].as_str()), (Some(code), ai), "{text}");
		assert!(error.get("ai").is_some() && error["message"].as_str().is_some_and(|text| !text.is_empty()));
	}
}

#[test]
fn keys_are_made_shown_and_listed_without_their_secrets() {
	let home = Home::new();
	let made = json(&home.run(&["--json", "key", "new", "dr-jones"]), 0);
	let file = fs::read_to_string(home.0.path().join("keys/dr-jones.json")).unwrap();
	let file: Value = serde_json::from_str(&file).unwrap();
	for args in [&["key", "show", "dr-jones"][..], &["--json", "key", "show", "dr-jones"], &["--json", "key", "list"]] {
		let output = home.run(args);
		let text = String::from_utf8(output.stdout).unwrap();
		assert!(text.contains(made["address"].as_str().unwrap()), "{text}");
		for secret in ["sign", "encrypt"] {
			assert!(!text.contains(file[secret].as_str().unwrap()));
		}
	}
	let shown = json(&home.run(&["--json", "key", "show", "dr-jones", "--secret"]), 0);
	assert_eq!(shown["secret"], file["sign"]);
	assert_eq!(json(&home.run(&["--json", "key", "new", "dr-jones"]), 2)["error"], "already-exists");
	assert_eq!(json(&home.run(&["--json", "key", "show", "nobody"]), 13)["error"], "not-found");
}

#[test]
fn secrets_take_their_passphrase() {
	let home = Home::new();
	let run = |passphrase: Option<&str>, args: &[&str]| {
		let mut command = Command::new(env!("CARGO_BIN_EXE_salus"));
		for name in ["SALUS_CLEAR_TEXT", "SALUS_PASSPHRASE_FILE", "SALUS_PASSPHRASE", "SALUS_KEYS"] {
			command.env_remove(name);
		}
		if let Some(passphrase) = passphrase {
			command.env("SALUS_PASSPHRASE_FILE", home.file("passphrase", passphrase.as_bytes()));
		}
		command.env("SALUS_HOME", home.0.path()).arg("--json").args(args).output().unwrap()
	};
	assert_eq!(json(&run(None, &["key", "new", "one"]), 2)["error"], "no-passphrase");
	assert_eq!(json(&run(Some("\n"), &["key", "new", "one"]), 2)["error"], "no-passphrase");
	let made = json(&run(Some("correct horse\n"), &["key", "new", "one"]), 0);
	assert_eq!(json(&run(None, &["key", "show", "one"]), 0), made);
	assert_eq!(json(&run(None, &["key", "list"]), 0), serde_json::json!([made]));
	assert_eq!(json(&run(None, &["key", "show", "one", "--secret"]), 2)["error"], "no-passphrase");
	let secret = &["key", "show", "one", "--secret"][..];
	assert_eq!(json(&run(Some("battery staple"), secret), 2)["error"], "wrong-passphrase");
	assert!(json(&run(Some("correct horse"), secret), 0)["secret"].as_str().unwrap().starts_with("0x"));
	json(&run(None, &["key", "new", "two", "--clear-text"]), 0);
	assert_eq!(json(&run(None, &["key", "show", "two", "--secret"]), 0)["name"], "two");
}

#[test]
fn keys_are_imported() {
	let home = Home::new();
	let phrase = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";
	let file = home.file("phrase", format!("{phrase}//Alice\n").as_bytes());
	let alice = json(&home.run(&["--json", "key", "import", "alice", "--secret-file", &file]), 0);
	assert_eq!(alice["address"], "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY");
	let again = json(&home.run(&["--json", "key", "import", "alice2", "--uri", "//Alice"]), 0);
	assert_eq!(again["encryption_key"], json(&home.run(&["--json", "key", "show", "//Alice"]), 0)["encryption_key"]);
}

#[test]
fn a_node_that_does_not_answer_ends_with_3() {
	let error = json(&Home::new().run(&["--json", "--node", "ws://127.0.0.1:1", "key", "register", "//Alice"]), 3);
	assert_eq!(error["error"], "node-unreachable");
	assert!(error["message"].as_str().unwrap().contains("--node"));
}

#[test]
fn wrong_arguments_end_with_2() {
	for args in [&[][..], &["record", "plan"], &["nonsense"], &["--genesis", "0x12", "key", "list"]] {
		assert_eq!(Home::new().run(args).status.code(), Some(2), "{args:?}");
	}
	assert_eq!(Home::new().run(&["--help"]).status.code(), Some(0));
}

#[test]
fn what_belongs_together_or_not_is_told_before_anything_is_asked() {
	let patient = format!("0x{}", "07".repeat(32));
	for line in [
		"org sponsor 1 --as //Alice",
		"org sponsor 1 --per-account 1 --as //Alice",
		"org sponsor 1 --per-account 1 --per-day 5 --stop --as //Alice",
		"org sponsor 1 --per-account 1e3 --per-day 5 --as //Alice",
		"org add-admin 1 //Bob",
		"org add-admin 1 //Bob --as //Alice --council //Alice",
		"org agreement propose --custodian 1 --recipient 2 --org 1 --as //Alice",
		"org review-glass --patient PATIENT --actor //Bob --finding maybe --because it --as //Alice",
		"patient register-minor --ward //Bob --majority soon --as //Alice",
		"patient guardian appoint --patient PATIENT --as //Alice --account //Bob --scope all",
		"patient friends set --patient PATIENT --as //Alice --threshold 1",
		"patient friends set --patient PATIENT --as //Alice --friend //Bob --threshold 1 --delay 1w",
		"consent grant --patient PATIENT --as //Alice --fhir consent.json --purpose TREAT",
		"consent grant --patient PATIENT --as //Alice --names names.json",
		"record break-glass --patient PATIENT --as //Alice --reason BORED --because it",
		"record break-glass --patient PATIENT --as //Alice",
		"record offer 0x07 --patient PATIENT --to 2 --as //Alice",
	] {
		let line = line.replace("PATIENT", &patient);
		let output = Home::new().run(&line.split_whitespace().collect::<Vec<_>>());
		assert_eq!(output.status.code(), Some(2), "{line}: {output:?}");
	}
}

#[test]
fn a_bad_line_of_a_run_is_named_before_a_node_is_asked() {
	let home = Home::new();
	let run = |text: &str| {
		let file = home.file("run.csv", text.as_bytes());
		let args = ["--json", "--node", "ws://127.0.0.1:1", "drug", "commission", &file, "--gtin", "09506000134352"];
		home.run(&[&args[..], &["--as", "//Alice"]].concat())
	};
	let error = json(&run("serial,lot,expiry\nS1,ABC,2027-01-31\nS2,ABC,2027-02-31\n"), 2);
	assert_eq!(error["error"], "bad-lines");
	assert!(error["message"].as_str().unwrap().contains("line 3"), "{error}");
	assert_eq!(json(&run("S1,ABC,2027-01-31\n"), 2)["error"], "bad-header");
	assert_eq!(json(&run("serial,lot,expiry\nS1,ABC,2027-01-31\n"), 3)["error"], "node-unreachable");
}

#[test]
fn goods_scans_and_codes_are_checked_before_anything_is_asked() {
	for line in [
		"drug verify nonsense",
		"drug verify (01)09506000134353(21)A",
		"drug dispense (01)09506000134352 --as //Alice",
		"drug dispense --as //Alice",
		"drug ship --batch 0 --units 5..5 --to 1 --as //Alice",
		"drug ship --batch 0 --logistic 395060001343520018 --to 1 --as //Alice",
		"drug ship --logistic 395060001343520019 --to 1 --as //Alice",
		"drug ship --batch 0 --to 1 --package file --as //Alice",
		"drug pack --batch 0 --units 0..9 --as //Alice",
		"drug pack --case-size 9 --sscc 395060001343520018 --as //Alice",
		"drug recall --class I --reason quality --as //Alice",
		"drug recall --gtin 09506000134352 --class IV --reason quality --as //Alice",
		"drug remove --batch 0 --units 0..9 --kind destroyed --as //Alice",
		"drug product register 09506000134352 --owner 1 --min 8 --max 2 --as //Alice",
		"drug product register 09506000134352 --owner 1 --min 2 --as //Alice",
		"drug reorder 09506000134352 --minimum 5 --as //Alice",
		"drug receive --batch 0 --missing 0..5 --as //Alice",
	] {
		let output = Home::new().run(&line.split_whitespace().collect::<Vec<_>>());
		assert_eq!(output.status.code(), Some(2), "{line}: {output:?}");
	}
}
