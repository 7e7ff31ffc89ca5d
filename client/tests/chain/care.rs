//! Care plans on a real node: a patient's rule, the gateway that evaluates it, the clinician who is alerted.

use crate::support::*;
use salus_client::{
	care::book::CareBook, chain::calls, cli::consent_online::Grant, demo::stage::Running, gateway::Folders, Error,
};
use salus_primitives::{
	care::{CareAlert, CareAlertView},
	consent::{ActorRef, Effect},
	views::PatientEvent,
	Action, ActionSet, ConsentId, Purpose, PurposeSet, RecordId, SensitivitySet, StreamId, H256,
};
use serde_json::{json, Value};
use std::{fs, path::Path, process::Stdio, time::Duration};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};

fn heart_rate(value: u32, time: &str) -> Value {
	json!({ "heart_rate": { "value": value, "unit": "beats/min" }, "effective_time_frame": { "date_time": time } })
}

fn write(folder: &Path, name: &str, text: impl ToString) -> String {
	let path = folder.join(name);
	fs::write(&path, text.to_string()).unwrap();
	path.to_str().unwrap().to_owned()
}

/// Two heart beats over 120 within an hour of this day, and one that is not.
fn palpitations(day: &str) -> Value {
	let times = ["08:00:00", "08:20:00", "08:40:00"].map(|time| format!("{day}T{time}Z"));
	json!([heart_rate(130, &times[0]), heart_rate(140, &times[1]), heart_rate(80, &times[2])])
}

/// Clinicians of the second hospital may see everything for treatment.
async fn consent(world: &World) -> ConsentId {
	let grant = Grant {
		to: vec![ActorRef::Org(world.second_org)],
		purposes: PurposeSet::of(&[Purpose::Treat]),
		actions: ActionSet::of(&[Action::Access]),
		except: SensitivitySet::EMPTY,
		up_to: None,
		until: None,
		supersedes: None,
	};
	let input = grant.input(Some(&world.label_key)).unwrap();
	let included = world.submit(&calls::grant(&world.patient, &input)).await;
	included.event("Consent", "ConsentGranted").unwrap().number("consent").unwrap() as ConsentId
}

struct Story {
	world: World,
	gateway: Running,
	stream: StreamId,
	consent: ConsentId,
}

impl Story {
	/// A stream that the first hospital's gateway fills, with a day that is over, and a rule that tells a clinician of the
	/// second.
	async fn new() -> Self {
		let world = World::new().await;
		let patient = world.patient;
		let line = format!("stream open --patient {patient} --as patient --writer gateway-1");
		let stream = world.salus(&words(&line)).await.succeeded()["stream"].as_str().unwrap().parse().unwrap();
		let consent = consent(&world).await;
		let gateway = world.first.start_gateway(&world.chain).await.unwrap();
		let story = Self { world, gateway, stream, consent };
		story.add("2026-03-01").await;
		story
	}

	async fn salus(&self, line: &str) -> Answer {
		self.world.salus(&words(line)).await
	}

	/// Adds a day on which the rule is met.
	async fn add(&self, day: &str) {
		let file = write(self.world.home.path(), "samples.json", palpitations(day));
		let (stream, patient) = (self.stream, self.world.patient);
		self.salus(&format!("stream add {stream} {file} --patient {patient} --as gateway-1")).await.succeeded();
	}

	/// Sets a rule and tells the file for the gateway.
	async fn rule(&self, tell: Value) -> String {
		let home = self.world.home.path();
		let document = json!({
			"metric": "heart-rate", "comparison": "above", "threshold": 120, "unit": "/min",
			"window_minutes": 60, "aggregation": "count", "count": 2, "tell": tell,
		});
		let (file, out) = (write(home, "rule.json", document), home.join("handed.json"));
		let (out, patient) = (out.to_str().unwrap(), self.world.patient);
		let line = format!(
			"care rule {file} --patient {patient} --as patient --evaluator gateway-1 --until 2030-01-01T00:00:00Z --out {out}"
		);
		self.salus(&line).await.succeeded();
		out.to_owned()
	}

	async fn evaluate(&self) -> Value {
		self.salus("care evaluate --as gateway-1").await.succeeded().clone()
	}

	fn clinician(&self) -> Value {
		json!({ "account": self.world.second.clinician.account() })
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clinician_is_alerted_and_reads_under_the_patients_consent_until_it_is_withdrawn() {
	let story = Story::new().await;
	let Story { world, gateway, stream, .. } = &story;
	let patient = world.patient;
	let handed = story.rule(story.clinician()).await;
	// What is handed over says nothing to who finds it.
	let text = fs::read_to_string(&handed).unwrap();
	assert!(!text.contains("heart") && !text.contains(&hex::encode("heart-rate")));
	let listed = story.salus(&format!("care list {patient}")).await;
	assert_eq!(listed.succeeded()[0]["evaluator"], json!(world.first_org));
	let by_rpc = world.chain.rpc("salus_careRules", vec![json!(patient)]).await.unwrap();
	assert_eq!((&by_rpc, &by_rpc[0]["alerts_left"]), (&listed.json, &json!(24)));
	story.salus(&format!("care accept {handed} --as gateway-2")).await.failed(7, "corrupted");
	story.salus(&format!("care accept {handed} --as gateway-1")).await.succeeded();

	// What the stream had already is not evaluated.
	let mut alerts = world.chain.subscribe_care_alerts(&world.second.clinician.account()).await.unwrap();
	let mut notices = world.chain.subscribe_patient(&patient).await.unwrap();
	let evaluated = story.evaluate().await;
	assert_eq!((&evaluated["rules"], &evaluated["batches"], &evaluated["alerts"]), (&json!(1), &json!(0), &json!([])));
	story.add("2026-03-02").await;
	let evaluated = story.evaluate().await;
	assert_eq!(evaluated["alerts"].as_array().unwrap().len(), 1, "{evaluated}");
	assert_eq!((&evaluated["alerts"][0]["seq"], &evaluated["silenced"]), (&json!(1), &json!(0)));
	// Once.
	assert_eq!(story.evaluate().await["alerts"], json!([]));

	let told = loop {
		let notice = alerts.next().await.unwrap();
		if notice.finalized {
			break notice.event;
		}
	};
	assert_eq!((told.patient, told.org, told.alert.stream, told.alert.seq), (patient, world.first_org, *stream, 1));
	let clinician = world.second.clinician.account();
	loop {
		if let PatientEvent::CareAlertRaised { rule, seq, clinician: told, .. } = notices.next().await.unwrap().event {
			assert_eq!((rule, seq, told), (0, 1, clinician));
			break;
		}
	}

	let reader = world.reader(&world.second.clinician, gateway);
	let alerted = reader.alert(&told).await.unwrap();
	assert_eq!(alerted.findings.len(), 1);
	assert_eq!((alerted.findings[0].value, alerted.findings[0].samples), (140_000, 2));
	assert_eq!(alerted.samples.iter().map(|sample| sample.value).collect::<Vec<_>>(), [130_000, 140_000, 80_000]);
	assert!(alerted.document.contains("heart-rate"));

	// Nobody else reads it, not even who works there.
	let other = world.reader(&world.first.clinician, gateway).alert(&told).await;
	assert!(matches!(&other, Err(Error::Denied { reason, .. }) if reason == "not-recipient"), "{other:?}");
	let unknown = CareAlert { commitment: H256::zero(), ..told.alert.clone() };
	let unknown = reader.alert(&CareAlertView { alert: unknown, ..told.clone() }).await;
	assert!(matches!(unknown, Err(Error::NotFound { .. })), "{unknown:?}");
	// An alert that another organisation would have raised is not taken from this one's gateway.
	let foreign = reader.alert(&CareAlertView { org: world.second_org, ..told.clone() }).await;
	assert!(matches!(foreign, Err(Error::Corrupted(_))), "{foreign:?}");

	// The patient sees who was given which batch.
	wait_for_receipts(&reader).await;
	let receipts = world.chain.receipts(&patient, 100).await.unwrap();
	let of_batch = receipts.iter().find(|receipt| receipt.receipt.record == RecordId(stream.0)).expect("a receipt");
	assert_eq!((of_batch.receipt.version, of_batch.receipt.effect), (2, Effect::Permit));

	// A withdrawn consent silences what comes, and closes what came.
	world.submit(&calls::withdraw(&patient, story.consent)).await;
	story.add("2026-03-03").await;
	let evaluated = story.evaluate().await;
	assert_eq!((&evaluated["alerts"], &evaluated["silenced"]), (&json!([]), &json!(1)));
	let refused = reader.alert(&told).await;
	assert!(matches!(&refused, Err(Error::Denied { reason, .. }) if reason == "no-consent"), "{refused:?}");
	consent(world).await;
	assert_eq!(story.evaluate().await["alerts"], json!([]), "what was silenced is not told of later");

	// An ended rule is forgotten.
	story.salus(&format!("care end 0 --patient {patient} --as patient")).await.succeeded();
	assert_eq!(story.evaluate().await["ended"], json!(1));
	assert_eq!(CareBook::new(Folders::of(world.home.path()).care()).rules().unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_watches_is_told_what_was_found() {
	let story = Story::new().await;
	let Story { world, gateway, .. } = &story;
	let handed = story.rule(json!({ "org": world.second_org })).await;
	story.salus(&format!("care accept {handed} --as gateway-1")).await.succeeded();
	let line = format!("--node {} care watch --as clinician-2 --count 1 --gateway {}", node().url, gateway.url);
	let mut watching = command(world.home.path(), &words(&line))
		.stdout(Stdio::piped())
		.stderr(Stdio::piped())
		.kill_on_drop(true)
		.spawn()
		.unwrap();
	let mut lines = BufReader::new(watching.stderr.take().unwrap()).lines();
	assert!(lines.next_line().await.unwrap().expect("it says that it waits").contains("waiting"));

	story.add("2026-03-02").await;
	// Whom of an organisation to tell must be said.
	story.salus("care evaluate --as gateway-1").await.failed(2, "no-clinician");
	// Who is no member of it is not told, and the finding is not lost.
	let wrong = story.salus("care evaluate --as gateway-1 --clinician clinician-1").await;
	assert_eq!(wrong.succeeded()["failed"][0]["error"], json!("NotRecipient"));
	let evaluated = story.salus("care evaluate --as gateway-1 --clinician clinician-2").await;
	assert_eq!(evaluated.succeeded()["alerts"].as_array().unwrap().len(), 1);

	let mut out = String::new();
	let mut stdout = watching.stdout.take().unwrap();
	let read = tokio::time::timeout(Duration::from_secs(120), stdout.read_to_string(&mut out)).await;
	read.expect("the alert came").unwrap();
	let told: Value = serde_json::from_str(out.trim()).unwrap();
	assert_eq!((&told["findings"][0]["value"], &told["rule"]["metric"]), (&json!(140_000), &json!("heart-rate")));
	assert_eq!(told["samples"].as_array().unwrap().len(), 3);
	assert!(watching.wait().await.unwrap().success());
}
