//! What Rust sealed and JavaScript opens, and the other way round: `js/envelope/test/vectors.json` is written here,
//! `vectors-js.json` beside it by the package `@salus/envelope`. Both are made of the inputs below.
//!
//! `SALUS_WRITE_VECTORS=1 cargo test -p salus-client --test offline vectors` writes the first anew; then `npm test` in
//! `js/envelope` with the same variable writes the second.

use salus_client::{
	crypto::{
		commitment, digest, open_content, seal_content, DataKey, DataKeyContext, EncryptionSecret, LabelKey,
		LabelKeyContext,
	},
	Error, Result,
};
use salus_primitives::{PatientId, RecordId, Sensitivity, SensitivitySet, H256};
use serde_json::{json, Value};
use std::{fs, path::PathBuf, sync::Once};

const RUST: &str = "vectors.json";
const JAVASCRIPT: &str = "vectors-js.json";

fn path(name: &str) -> PathBuf {
	[env!("CARGO_MANIFEST_DIR"), "js", "envelope", "test", name].iter().collect()
}

/// The vectors of a file; ours are written first if that is asked for.
fn vectors(name: &str) -> Value {
	static WRITTEN: Once = Once::new();
	WRITTEN.call_once(|| {
		if std::env::var_os("SALUS_WRITE_VECTORS").is_some() {
			let text = serde_json::to_string_pretty(&made_by_rust()).expect("plain data");
			fs::write(path(RUST), text + "\n").expect("the directory is part of the repository");
		}
	});
	let text = fs::read_to_string(path(name)).expect("the file is part of the repository");
	serde_json::from_str(&text).expect("the file is JSON")
}

/// 32 bytes that are told apart by their first one.
fn bytes(number: u8) -> [u8; 32] {
	std::array::from_fn(|at| number.wrapping_add(at as u8 * 7))
}

fn told(bytes: impl AsRef<[u8]>) -> Value {
	format!("0x{}", hex::encode(bytes)).into()
}

fn read(value: &Value) -> Vec<u8> {
	let text = value.as_str().and_then(|text| text.strip_prefix("0x")).expect("0x and hexadecimal digits");
	hex::decode(text).expect("hexadecimal digits")
}

fn read_32(value: &Value) -> [u8; 32] {
	read(value).try_into().expect("32 bytes")
}

/// Whose secret key, and which key is wrapped for what.
fn data_keys() -> Vec<(EncryptionSecret, DataKey, DataKeyContext)> {
	let numbers = [(1, 0, [0; 32]), (2, 3, bytes(40)), (u32::MAX, u32::MAX, bytes(50)), (0x0102_0304, 256, bytes(60))];
	let case = |(number, (version, epoch, request))| {
		let number = number as u8;
		let secret = EncryptionSecret::from_bytes(bytes(10 + number));
		let context = DataKeyContext {
			genesis: H256(bytes(70 + number)),
			record: RecordId(bytes(80 + number)),
			version,
			commitment: H256(bytes(90 + number)),
			recipient: secret.public(),
			epoch,
			request: H256(request),
		};
		(secret, DataKey::from_bytes(bytes(20 + number)), context)
	};
	numbers.into_iter().enumerate().map(case).collect()
}

fn label_keys() -> Vec<(EncryptionSecret, LabelKey, LabelKeyContext)> {
	let case = |(number, (label_epoch, epoch))| {
		let number = number as u8;
		let secret = EncryptionSecret::from_bytes(bytes(110 + number));
		let context = LabelKeyContext {
			genesis: H256(bytes(130 + number)),
			patient: PatientId(bytes(140 + number)),
			label_epoch,
			recipient: secret.public(),
			epoch,
		};
		(secret, LabelKey::from_bytes(bytes(120 + number)), context)
	};
	[(0, 0), (1, 7), (u32::MAX, 0x0a0b_0c0d)].into_iter().enumerate().map(case).collect()
}

fn contents() -> Vec<(DataKey, RecordId, u32, Vec<u8>)> {
	let plaintexts =
		[Vec::new(), b"{}".to_vec(), "Herzinsuffizienz, 2º grado, 心不全".as_bytes().to_vec(), bytes(1).repeat(40)];
	let case = |(number, plaintext): (usize, Vec<u8>)| {
		let key = DataKey::from_bytes(bytes(150 + number as u8));
		(key, RecordId(bytes(160 + number as u8)), [1, 2, 0x0102_0304, u32::MAX][number], plaintext)
	};
	plaintexts.into_iter().enumerate().map(case).collect()
}

/// Enough label keys that some draws of the permutation are thrown away.
fn blinding_keys() -> Vec<LabelKey> {
	(0..8).map(|number| LabelKey::from_bytes(bytes(170 + 3 * number))).collect()
}

const ENCOUNTER: &str = "urn:uuid:2b8d1a52-0000-4000-8000-00000000000a";

fn data_key_inputs(secret: &EncryptionSecret, key: &DataKey, context: &DataKeyContext) -> Value {
	json!({
		"secret": told(secret.expose()), "dataKey": told(key.expose()), "context": {
			"genesis": told(context.genesis), "record": told(context.record.0), "version": context.version,
			"commitment": told(context.commitment), "recipient": told(context.recipient), "epoch": context.epoch,
			"request": told(context.request),
		},
	})
}

fn label_key_inputs(secret: &EncryptionSecret, key: &LabelKey, context: &LabelKeyContext) -> Value {
	json!({
		"secret": told(secret.expose()), "labelKey": told(key.expose()), "context": {
			"genesis": told(context.genesis), "patient": told(context.patient.0), "labelEpoch": context.label_epoch,
			"recipient": told(context.recipient), "epoch": context.epoch,
		},
	})
}

fn content_inputs((key, record, version, plaintext): &(DataKey, RecordId, u32, Vec<u8>)) -> Value {
	json!({
		"dataKey": told(key.expose()), "record": told(record.0), "version": version, "plaintext": told(plaintext),
	})
}

/// What is computed from a label key: nothing about it is random.
fn blinded(key: &LabelKey) -> Value {
	let permutation = key.permutation();
	let each = Sensitivity::ALL.iter().map(|code| permutation.blind(SensitivitySet::of(&[*code])));
	json!({
		"labelKey": told(key.expose()), "blinded": each.collect::<Vec<_>>(),
		"recordId": told(key.record_id(ENCOUNTER.as_bytes()).0), "encounter": ENCOUNTER,
		"episode": told(key.episode(ENCOUNTER).0),
	})
}

fn with(mut inputs: Value, outputs: Value) -> Value {
	let Value::Object(outputs) = outputs else { panic!("outputs are an object") };
	inputs.as_object_mut().expect("inputs are an object").extend(outputs);
	inputs
}

fn made_by_rust() -> Value {
	let data_keys = data_keys().into_iter().map(|(secret, key, context)| {
		let sealed = context.seal(&key).expect("a sound key");
		with(data_key_inputs(&secret, &key, &context), json!({ "sealed": told(sealed) }))
	});
	let label_keys = label_keys().into_iter().map(|(secret, key, context)| {
		let sealed = context.seal(&key).expect("a sound key");
		with(label_key_inputs(&secret, &key, &context), json!({ "sealed": told(sealed) }))
	});
	let contents = contents().into_iter().map(|case| {
		let sealed = seal_content(&case.0, &case.1, case.2, &case.3).expect("short enough");
		let outputs = json!({
			"object": told(&sealed.object), "digest": told(sealed.digest), "commitment": told(sealed.commitment),
			"locator": sealed.locator(),
		});
		with(content_inputs(&case), outputs)
	});
	json!({
		"dataKeys": data_keys.collect::<Vec<_>>(), "labelKeys": label_keys.collect::<Vec<_>>(),
		"contents": contents.collect::<Vec<_>>(), "sensitivities": Sensitivity::ALL,
		"labels": blinding_keys().iter().map(blinded).collect::<Vec<_>>(),
	})
}

/// The entries of a list, which must be made of these inputs.
fn entries(vectors: &Value, list: &str, inputs: Vec<Value>) -> Vec<Value> {
	let entries = vectors[list].as_array().expect("a list").clone();
	assert_eq!(entries.len(), inputs.len(), "{list}");
	for (entry, input) in entries.iter().zip(&inputs) {
		for (name, value) in input.as_object().expect("an object") {
			assert_eq!(&entry[name], value, "{list}: {name}");
		}
	}
	entries
}

fn is_corrupted<T>(result: Result<T>) -> bool {
	matches!(result, Err(Error::Corrupted(_)))
}

/// Copies of these bytes, each altered in another place, and copies that are too short or too long.
fn altered(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
	let flipped = (0..bytes.len()).map(|at| {
		let mut altered = bytes.to_vec();
		altered[at] ^= 1;
		altered
	});
	flipped.chain([bytes[..bytes.len() - 1].to_vec(), [bytes, &[0]].concat(), Vec::new()])
}

#[test]
fn data_keys_that_either_sealed_open_for_their_context_only() {
	let cases = data_keys();
	let inputs = || cases.iter().map(|(secret, key, context)| data_key_inputs(secret, key, context)).collect();
	for file in [RUST, JAVASCRIPT] {
		for ((secret, key, context), entry) in cases.iter().zip(entries(&vectors(file), "dataKeys", inputs())) {
			let sealed = read(&entry["sealed"]);
			assert_eq!(sealed.len(), 80);
			assert!(context.open(&sealed, secret).expect("it was sealed for this") == *key, "{file}");
			let good = *context;
			for wrong in [
				DataKeyContext { genesis: H256(bytes(0)), ..good },
				DataKeyContext { record: RecordId(bytes(0)), ..good },
				DataKeyContext { version: good.version ^ 1, ..good },
				DataKeyContext { commitment: H256(bytes(0)), ..good },
				DataKeyContext { recipient: H256(bytes(0)), ..good },
				DataKeyContext { epoch: good.epoch ^ 1, ..good },
				DataKeyContext { request: H256(bytes(0)), ..good },
			] {
				assert!(is_corrupted(wrong.open(&sealed, secret)), "{file}: {wrong:?}");
			}
			assert!(is_corrupted(good.open(&sealed, &EncryptionSecret::from_bytes(bytes(0)))), "{file}");
			for sealed in altered(&sealed) {
				assert!(is_corrupted(good.open(&sealed, secret)), "{file}");
			}
		}
	}
}

#[test]
fn label_keys_that_either_sealed_open_for_their_context_only() {
	let cases = label_keys();
	let inputs = || cases.iter().map(|(secret, key, context)| label_key_inputs(secret, key, context)).collect();
	for file in [RUST, JAVASCRIPT] {
		for ((secret, key, context), entry) in cases.iter().zip(entries(&vectors(file), "labelKeys", inputs())) {
			let sealed = read(&entry["sealed"]);
			assert!(context.open(&sealed, secret).expect("it was sealed for this") == *key, "{file}");
			let good = *context;
			for wrong in [
				LabelKeyContext { genesis: H256(bytes(0)), ..good },
				LabelKeyContext { patient: PatientId(bytes(0)), ..good },
				LabelKeyContext { label_epoch: good.label_epoch ^ 1, ..good },
				LabelKeyContext { recipient: H256(bytes(0)), ..good },
				LabelKeyContext { epoch: good.epoch ^ 1, ..good },
			] {
				assert!(is_corrupted(wrong.open(&sealed, secret)), "{file}: {wrong:?}");
			}
			for sealed in altered(&sealed) {
				assert!(is_corrupted(good.open(&sealed, secret)), "{file}");
			}
		}
	}
}

#[test]
fn content_that_either_sealed_opens_as_what_was_committed_to_only() {
	let cases = contents();
	let inputs = || cases.iter().map(content_inputs).collect();
	for file in [RUST, JAVASCRIPT] {
		for ((key, record, version, plaintext), entry) in
			cases.iter().zip(entries(&vectors(file), "contents", inputs()))
		{
			let object = read(&entry["object"]);
			let expected = H256(read_32(&entry["commitment"]));
			assert_eq!(digest(&[&object]).0, read_32(&entry["digest"]), "{file}");
			assert_eq!(entry["locator"], hex::encode(digest(&[&object])), "{file}");
			assert_eq!(commitment(key, &digest(&[&object])), expected, "{file}");
			let opened = open_content(key, record, *version, &expected, &object).expect("it was sealed as this");
			assert_eq!(*opened, *plaintext, "{file}");

			let wrong_key = DataKey::from_bytes(bytes(0));
			assert!(is_corrupted(open_content(&wrong_key, record, *version, &expected, &object)), "{file}");
			assert!(is_corrupted(open_content(key, &RecordId(bytes(0)), *version, &expected, &object)), "{file}");
			assert!(is_corrupted(open_content(key, record, version ^ 1, &expected, &object)), "{file}");
			assert!(is_corrupted(open_content(key, record, *version, &H256(bytes(0)), &object)), "{file}");
			for object in altered(&object) {
				assert!(is_corrupted(open_content(key, record, *version, &expected, &object)), "{file}");
				// Not even if it was committed to.
				let recommitted = commitment(key, &digest(&[&object]));
				assert!(is_corrupted(open_content(key, record, *version, &recommitted, &object)), "{file}");
			}
		}
	}
}

#[test]
fn labels_and_identifiers_are_the_same_for_both() {
	let expected: Vec<_> = blinding_keys().iter().map(blinded).collect();
	for file in [RUST, JAVASCRIPT] {
		let vectors = vectors(file);
		assert_eq!(vectors["sensitivities"], json!(Sensitivity::ALL), "{file}");
		assert_eq!(vectors["labels"], json!(expected), "{file}");
	}
}
