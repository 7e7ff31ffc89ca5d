//! Streams on a real node: the commands a patient uses, the device that the patient named, and what is refused.

use crate::support::*;
use salus_client::{
	chain::calls,
	gateway::Folders,
	keys::DataKeyStore,
	store::Store,
	stream::{samples::read_text, Book, Holder, Which},
	Error,
};
use salus_primitives::{
	stream::{DeviceClass, Range, StreamInput, StreamView},
	Confidentiality, PatientId, StreamId,
};
use serde_json::{json, Value};
use std::{fs, path::Path};

const VCF: &str =
	"##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n20\t14370\t.\tG\tA\t29\tPASS\t.\n";

fn heart_rate(value: u32, time: &str) -> Value {
	json!({ "heart_rate": { "value": value, "unit": "beats/min" }, "effective_time_frame": { "date_time": time } })
}

fn write(folder: &Path, name: &str, text: impl ToString) -> String {
	let path = folder.join(name);
	fs::write(&path, text.to_string()).unwrap();
	path.to_str().unwrap().to_owned()
}

/// Three days of samples, in two files.
fn days(folder: &Path) -> [String; 2] {
	let first = json!([heart_rate(61, "2026-03-01T07:25:00Z"), heart_rate(65, "2026-03-01T08:25:00Z")]);
	let rest = [heart_rate(70, "2026-03-02T07:25:00Z"), heart_rate(75, "2026-03-03T07:25:00Z")];
	let observation = json!({
		"resourceType": "Observation",
		"status": "final",
		"code": { "coding": [{ "system": "http://loinc.org", "code": "15074-8" }] },
		"effectiveDateTime": "2026-03-03T09:00:00Z",
		"valueQuantity": { "value": 5.5, "system": "http://unitsofmeasure.org", "code": "mmol/L" },
	});
	let lines = format!("{}\n{}\n{observation}\n", rest[0], rest[1]);
	[write(folder, "first.json", first), write(folder, "rest.ndjson", lines)]
}

async fn opened(world: &World, more: &str) -> StreamId {
	let patient = world.patient.to_string();
	let line = format!("stream open --patient {patient} --as patient {more}");
	let answer = world.salus(&words(&line)).await;
	answer.succeeded()["stream"].as_str().unwrap().parse().unwrap()
}

async fn view(world: &World, stream: &StreamId) -> StreamView {
	world.chain.stream(&world.patient, stream, None).await.unwrap().expect("the stream was opened")
}

/// What a holder in this home works with.
struct Tools {
	store: Store,
	keys: DataKeyStore,
	folders: Folders,
}

impl Tools {
	fn of(home: &Path) -> Self {
		let folders = Folders::of(home);
		let store = Store::directory(&folders.store()).unwrap();
		let keys = DataKeyStore::with_master(&folders.data_keys(), &[7; 32]);
		Self { store, keys, folders }
	}

	fn holder<'a>(&'a self, world: &'a World) -> Holder<'a> {
		Holder { chain: &world.chain, store: &self.store, keys: &self.keys, books: self.folders.streams() }
	}

	fn book(&self, stream: &StreamId) -> Book {
		serde_json::from_slice(&fs::read(self.book_path(stream)).unwrap()).unwrap()
	}

	fn book_path(&self, stream: &StreamId) -> std::path::PathBuf {
		self.folders.streams().join(hex::encode(stream.0))
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patients_samples_are_anchored_and_any_of_them_proved() {
	let world = World::new().await;
	let home = world.home.path();
	let patient = world.patient.to_string();
	let stream = opened(&world, "--device home-monitor").await;
	let [first, rest] = days(home);
	let add = |files: &str| format!("stream add {stream} {files} --patient {patient} --as patient");

	// One bad sample, and nothing is anchored, nor stored.
	let objects_before = objects(&home.join("store")).len();
	let bad = write(
		home,
		"bad.ndjson",
		format!("{}\n{}\n", heart_rate(61, "2026-03-01T07:25:00Z"), heart_rate(900, "2026-03-01T07:26:00Z")),
	);
	let refused = world.salus(&words(&add(&format!("{first} {bad}")))).await;
	refused.failed(2, "OutOfRange");
	assert_eq!(refused.json["at"], json!("/heart_rate/value"));
	assert!(refused.json["message"].as_str().unwrap().contains("bad.ndjson, line 2"), "{refused:?}");
	assert_eq!(
		(view(&world, &stream).await.range, objects(&home.join("store")).len()),
		(Range::default(), objects_before)
	);

	let added = world.salus(&words(&add(&first))).await;
	assert_eq!((&added.succeeded()["samples"], &added.json["batches"]), (&json!(2), &json!(1)));
	let early = world.salus(&words(&format!("stream prove {stream} --patient {patient} --batch 0 --index 0"))).await;
	let early = write(home, "early.json", early.succeeded());
	// What is there already is passed over.
	let added = world.salus(&words(&add(&format!("{first} {rest}")))).await;
	let told = added.succeeded();
	assert_eq!(
		(&told["samples"], &told["present"], &told["batches"], &told["total"]),
		(&json!(5), &json!(2), &json!(2), &json!(3))
	);
	let again = world.salus(&words(&add(&rest))).await;
	assert_eq!((&again.succeeded()["present"], &again.json["batches"]), (&json!(3), &json!(0)));

	// What is older than what the stream has is not.
	let late = write(home, "late.json", heart_rate(80, "2026-03-02T10:00:00Z"));
	let refused = world.salus(&words(&add(&late))).await;
	refused.failed(2, "BackDated");

	// Any sample is proved, and verified against the chain, against peaks from the RPC, and without either.
	let peaks = world.chain.rpc("salus_stream", vec![json!(patient), json!(stream)]).await.unwrap();
	assert_eq!(
		(&peaks["batches"], &peaks["device"], &peaks["status"]),
		(&json!(3), &json!("home-monitor"), &json!("open"))
	);
	let peaks = write(home, "peaks.json", peaks);
	for (which, value) in
		[("--batch 0 --index 1", 65_000), ("--at 2026-03-02T07:25:00Z", 70_000), ("--at 2026-03-03T09:00:00Z", 99_086)]
	{
		let path = home.join("proof.json");
		let path = path.to_str().unwrap();
		let proved =
			world.salus(&words(&format!("stream prove {stream} --patient {patient} {which} --out {path}"))).await;
		proved.succeeded();
		for (how, against) in
			[(String::new(), "chain"), (format!("--peaks {peaks}"), "file"), ("--offline".into(), "proof")]
		{
			let verified = world.salus(&words(&format!("stream verify {path} {how}"))).await;
			let told = verified.succeeded();
			assert_eq!((&told["against"], &told["sample"]["value"]), (&json!(against), &json!(value)));
		}
		// Altered.
		let mut forged: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
		forged["proof"]["sample"]["value"] = json!(value + 1);
		let forged = write(home, "forged.json", forged);
		world.salus(&words(&format!("stream verify {forged}"))).await.failed(7, "corrupted");
	}
	// A proof from before the stream grew is against the block of that time.
	let verified = world.salus(&words(&format!("stream verify {early}"))).await;
	assert_eq!(verified.succeeded()["batches"], json!(1));
	let missing = world.salus(&words(&format!("stream prove {stream} --patient {patient} --batch 3 --index 0"))).await;
	missing.failed(13, "not-found");

	let listed = world.salus(&words(&format!("stream list {patient}"))).await;
	assert_eq!(listed.succeeded()[0]["id"], json!(stream));
	world.salus(&words(&format!("stream close {stream} --patient {patient} --as patient"))).await.succeeded();
	world.salus(&words(&add(&rest))).await.failed(2, "stream-closed");
	let proved = world.salus(&words(&format!("stream prove {stream} --patient {patient} --batch 2 --index 0"))).await;
	proved.succeeded();

	// Neither a value nor a time of day nor a measure is anywhere but in the clear text of its owner.
	let stored = fs::read(&objects(&home.join("store"))[0]).unwrap();
	assert!(!String::from_utf8_lossy(&stored).contains("heart_rate"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_command_is_completed_by_the_same_command() {
	let world = World::new().await;
	let tools = Tools::of(world.home.path());
	let holder = tools.holder(&world);
	let signer = &world.patient_keys.signer;
	let input = StreamInput {
		nonce: rand::random(),
		device: DeviceClass::Phone,
		confidentiality: Confidentiality::Normal,
		writer: None,
	};
	let (stream, _) = holder.open(signer, &world.patient, &input).await.unwrap();
	let now = salus_client::gateway::now();
	let samples = || {
		let [first, rest] = days(world.home.path());
		let read = |path: &String| read_text(&fs::read_to_string(path).unwrap(), path, now).unwrap();
		(read(&first), read(&rest))
	};
	let (first, rest) = samples();
	holder.add(signer, &world.patient, &stream, first, |_| ()).await.unwrap();
	holder.add(signer, &world.patient, &stream, rest, |_| ()).await.unwrap();

	// As if the command had been interrupted after its transaction was sent: the book does not know that it arrived.
	let book = tools.book(&stream);
	let (arrived, under_way) = book.batches.split_at(1);
	let interrupted = Book { batches: arrived.to_vec(), under_way: under_way.to_vec() };
	fs::write(tools.book_path(&stream), serde_json::to_vec(&interrupted).unwrap()).unwrap();
	let (first, rest) = samples();
	let all = [first, rest].concat();
	let added = holder.add(signer, &world.patient, &stream, all, |_| ()).await.unwrap();
	assert_eq!((added.present, added.batches, added.total), (5, 0, 3));
	assert_eq!(tools.book(&stream), book);

	// As if it had been interrupted before: what it stored and did not anchor is removed.
	let lost = "00ff00ff".to_owned();
	tools.store.put(&lost, b"ciphertext".to_vec()).await.unwrap();
	let mut entry = book.batches[2].clone();
	entry.locator.clone_from(&lost);
	let interrupted = Book { under_way: vec![entry], ..book.clone() };
	fs::write(tools.book_path(&stream), serde_json::to_vec(&interrupted).unwrap()).unwrap();
	holder.prove(&world.patient, &stream, Which::Place(2, 1)).await.unwrap();
	assert!(tools.store.contains(&lost).await.unwrap(), "who proves disturbs nobody who adds");
	holder.add(signer, &world.patient, &stream, Vec::new(), |_| ()).await.unwrap();
	assert!(!tools.store.contains(&lost).await.unwrap());
	assert_eq!(tools.book(&stream), book);

	// A book that is not this stream's is told, before anything is proved or anchored with it.
	fs::write(
		tools.book_path(&stream),
		serde_json::to_vec(&Book { batches: book.batches[1..].to_vec(), ..Book::default() }).unwrap(),
	)
	.unwrap();
	let proved = holder.prove(&world.patient, &stream, Which::Place(0, 0)).await;
	assert!(matches!(proved, Err(Error::Corrupted(_))), "{proved:?}");
	// So is a ciphertext that was changed.
	fs::write(tools.book_path(&stream), serde_json::to_vec(&book).unwrap()).unwrap();
	tools.store.put(&book.batches[0].locator, b"something else".to_vec()).await.unwrap();
	let proved = holder.prove(&world.patient, &stream, Which::Place(0, 0)).await;
	assert!(matches!(proved, Err(Error::Corrupted(_))), "{proved:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_appends_as_long_as_the_patient_lets_it() {
	let world = World::new().await;
	let home = world.home.path();
	let patient = world.patient.to_string();
	let device = world.ring.create("device").unwrap();
	{
		let _council = COUNCIL.lock().await;
		let alice = subxt_signer::sr25519::dev::alice();
		salus_client::demo::stage::endow(&world.chain, &alice, &[&device]).await.unwrap();
	}
	let stream = opened(&world, "--writer device").await;
	let [first, rest] = days(home);
	let add = |file: &str, who: &str| format!("stream add {stream} {file} --patient {patient} --as {who}");
	world.salus(&words(&add(&first, "device"))).await.succeeded();
	// Somebody else does not.
	let refused = world.salus(&words(&add(&rest, "clinician-1"))).await;
	refused.failed(12, "transaction-failed");
	assert_eq!(refused.json["name"], json!("NotAuthorized"));

	// A batch that was made before the patient changed anything does not come in afterwards.
	let tools = Tools::of(home);
	let mut batch = tools.book(&stream).batches[0].batch;
	(batch.from, batch.to) = (batch.to, batch.to);
	world.consent().await;
	let stale = world.chain.submit(&device.signer, &calls::append_stream(&world.patient, &stream, &[batch])).await;
	match stale {
		Err(Error::TransactionFailed { error, .. }) => assert_eq!(error, "StaleRevision"),
		other => panic!("{other:?}"),
	}
	world.salus(&words(&add(&rest, "device"))).await.succeeded();

	world.salus(&words(&format!("stream close {stream} --patient {patient} --as patient"))).await.succeeded();
	batch.revision = world.chain.patient(&world.patient).await.unwrap().unwrap().revision;
	(batch.from, batch.to) = (view(&world, &stream).await.last_time, view(&world, &stream).await.last_time);
	let closed = world.chain.submit(&device.signer, &calls::append_stream(&world.patient, &stream, &[batch])).await;
	match closed {
		Err(Error::TransactionFailed { error, .. }) => assert_eq!(error, "WrongStatus"),
		other => panic!("{other:?}"),
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_genome_is_one_record_of_the_patients() {
	let world = World::new().await;
	let home = world.home.path();
	let patient = world.patient.to_string();
	let epoch = world.chain.patient(&world.patient).await.unwrap().unwrap().label_epoch;
	world.ring.save_label_key(&world.patient, epoch, &world.label_key).unwrap();
	let file = write(home, "genome.vcf", VCF);
	let line = format!("stream genome {file} --patient {patient} --as patient");
	let added = world.salus(&words(&line)).await;
	let record = added.succeeded()["records"][0].as_str().unwrap().to_owned();
	// Once: the same file is the same record.
	assert_eq!(world.salus(&words(&line)).await.succeeded()["present"], json!(1));
	let got = world.salus(&words(&format!("record get {record} --patient {patient} --as patient"))).await;
	let content = got.succeeded()["content"].to_string();
	assert_eq!(salus_client::stream::genome::of_bundle(&content).unwrap(), VCF);
	let broken = write(home, "broken.vcf", VCF.replace("14370", "here"));
	let refused = world.salus(&words(&format!("stream genome {broken} --patient {patient} --as patient"))).await;
	refused.failed(2, "MalformedVcf");
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_streams_and_patients_are_told() {
	let world = World::new().await;
	let (patient, nobody) = (world.patient, PatientId([9; 32]));
	let stream = StreamId([9; 32]);
	let file = write(world.home.path(), "one.json", heart_rate(60, "2026-03-01T07:25:00Z"));
	let line = format!("stream add {stream} {file} --patient {patient} --as patient");
	world.salus(&words(&line)).await.failed(13, "not-found");
	world.salus(&words(&format!("stream list {nobody}"))).await.failed(13, "not-found");
	let opened = world.salus(&words(&format!("stream open --patient {nobody} --as patient"))).await;
	opened.failed(12, "transaction-failed");
	assert_eq!(opened.json["name"], json!("UnknownPatient"));
}
