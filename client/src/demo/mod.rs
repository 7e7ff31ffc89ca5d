//! The main jobs on a running chain, told step by step.
//!
//! Records: a patient without tokens, an emergency, a clinician who reads under consent and is refused once it is
//! withdrawn, a consent that was asked for, two hospitals that share under an agreement, a month of a wearable with an alert.
//!
//! Medicines: 10,000 packs from the factory to the patient, a case with three missing, a clone, an excursion, an order, a
//! recall.
//!
//! Research: thirty patients contribute to a dataset, requests that are granted, denied and reviewed, what the
//! contributors earn, and withdrawals in the middle of a study. It is told last: it moves the chain's clock to the next
//! day, from which contributions count.
//!
//! All accounts are fresh, so the story can be told on the same chain again and again; only the council and the account
//! that pays are those of a development chain. Every step is checked: the first thing that is not as it should be ends
//! the demonstration with an error.

mod research;
mod scenes;
pub mod stage;
mod supply;
mod wearable;

use crate::{chain::Chain, plan::Plan, records::Reader, Error, Result};
pub use research::Studies;
use salus_primitives::{consent::Reason, views::ReceiptView, Action, PatientId, Purpose, RecordId};
use scenes::Cast;
use serde::Serialize;
use stage::{Accredited, Hospital};
use std::{path::PathBuf, time::Duration};
use subxt_signer::sr25519::Keypair;
pub use wearable::Measurements;

/// How long receipts may take to reach the chain.
const RECEIPTS_TIMEOUT: Duration = Duration::from_secs(120);

/// What the story is told with.
pub struct Options {
	/// The chain.
	pub chain: Chain,
	/// The patient's FHIR bundle, cut into records.
	pub plan: Plan,
	/// Where object stores, keys and journals of the two hospitals go.
	pub folder: PathBuf,
	/// Members of the council that vote: a majority.
	pub council: Vec<Keypair>,
	/// Who gives the other accounts what they need for deposits and fees.
	pub payer: Keypair,
}

/// One step and what the chain said.
#[derive(Serialize, Clone, PartialEq, Eq, Debug)]
pub struct Event {
	/// What was done.
	pub what: String,
	/// The block that took it, or that was asked.
	pub block: Option<u32>,
	/// The reason code of a decision.
	pub reason: Option<String>,
}

/// The whole story.
#[derive(Serialize, Clone, PartialEq, Eq, Debug, Default)]
pub struct Story {
	/// Its steps.
	pub steps: Vec<Event>,
	/// The patient.
	pub patient: PatientId,
	/// Records anchored.
	pub records: usize,
	/// Records that the second hospital's clinician was given.
	pub given: usize,
	/// Records that the consent withheld.
	pub withheld: usize,
	/// Records that were read in an emergency.
	pub emergencies: usize,
	/// Receipts on the chain.
	pub receipts: usize,
	/// Fees that the first hospital paid for the patient, in the token's smallest unit.
	#[serde(serialize_with = "as_text")]
	pub sponsored: u128,
	/// What became of a month of a wearable.
	pub measurements: Measurements,
	/// What became of the medicines.
	pub medicines: Medicines,
	/// What became of the research.
	pub research: Studies,
}

/// What became of the medicines.
#[derive(Serialize, Clone, PartialEq, Eq, Debug, Default)]
pub struct Medicines {
	/// Packs commissioned.
	pub packs: u32,
	/// Packs that patients were given.
	pub dispensed: u32,
	/// Attempts that raised an alert.
	pub alerts: u32,
	/// Packs that were with somebody, and not dispensed, when they were recalled.
	pub recalled: u32,
}

/// JSON numbers lose digits above 2^53.
fn as_text<S: serde::Serializer>(amount: &u128, s: S) -> Result<S::Ok, S::Error> {
	s.collect_str(amount)
}

/// Tells the story as it goes.
struct Teller<F> {
	story: Story,
	tell: F,
}

impl<F: FnMut(&Event)> Teller<F> {
	fn step(&mut self, what: impl Into<String>, block: Option<u32>, reason: Option<&str>) {
		let event = Event { what: what.into(), block, reason: reason.map(Into::into) };
		(self.tell)(&event);
		self.story.steps.push(event);
	}
}

/// What was expected did not happen.
fn unexpected(what: impl Into<String>) -> Error {
	Error::Unexpected(format!("the demonstration failed: {}", what.into()))
}

/// Tells the story; every step is given to `tell` as it happens.
pub async fn run(options: Options, tell: impl FnMut(&Event)) -> Result<Story> {
	let Options { chain, plan, folder, council, payer } = options;
	let mut teller = Teller { story: Story::default(), tell };
	let best = chain.best().await?;
	teller.step(format!("Connected to the chain with genesis {:?}", chain.genesis()), Some(best.number), None);

	let first = Hospital::new("St. Elsewhere Hospital", &folder.join("first"))?;
	let second = Hospital::new("General Hospital", &folder.join("second"))?;
	let patient_keys = stage::fresh("patient")?;
	let everyone: Vec<_> = first.people().into_iter().chain(second.people()).collect();
	let block = stage::endow(&chain, &payer, &everyone).await?;
	let what = format!(
		"The {} people of two hospitals have what deposits and fees take; the patient has nothing",
		everyone.len()
	);
	teller.step(what, Some(block), None);

	let mut orgs = Vec::new();
	for hospital in [&first, &second] {
		let Accredited { org, admitted, staffed } = hospital.accredit(&chain, &council).await?;
		teller.step(format!("The council admits {} as organisation {org}", hospital.name), Some(admitted), None);
		let what = format!("{} adds a clinician and its gateway as members", hospital.name);
		teller.step(what, Some(staffed), None);
		orgs.push(org);
	}
	let block = first.sponsor(&chain, orgs[0], &patient_keys.account()).await?;
	teller.step(format!("{} pays for the patient's account, within daily allowances", first.name), Some(block), None);
	let keyed = [&first.clinician, &first.gateway, &second.clinician, &second.gateway, &patient_keys];
	let block = stage::register_keys(&chain, &keyed).await?;
	teller.step("Clinicians, gateways and the patient have registered encryption keys", Some(block), None);

	let first_gateway = first.start_gateway(&chain).await?;
	let second_gateway = second.start_gateway(&chain).await?;
	teller.step(
		format!("The hospitals' gateways listen on {} and {}", first_gateway.url, second_gateway.url),
		None,
		None,
	);
	let cast = Cast {
		chain: &chain,
		first: &first,
		first_org: orgs[0],
		second: &second,
		second_org: orgs[1],
		keys: &patient_keys,
		first_gateway: &first_gateway.url,
		second_gateway: &second_gateway.url,
	};
	let told = async {
		let (patient, consent) = scenes::tell(&cast, &plan, &mut teller).await?;
		wearable::tell(&cast, &patient, consent, &mut teller).await?;
		supply::tell(&chain, &council, &payer, &folder.join("medicines"), &mut teller).await
	};
	let told = told.await;
	let stopped = [first_gateway.stop().await, second_gateway.stop().await];
	told?;
	stopped.into_iter().collect::<Result<()>>()?;
	research::tell(&chain, &council, &payer, &folder.join("research"), &mut teller).await?;
	Ok(teller.story)
}

async fn expect_denied(reader: &Reader<'_>, patient: &PatientId, record: &RecordId, reason: Reason) -> Result<()> {
	expect_reason(reader.get(patient, record, Purpose::Treat, Action::Access).await.map(|_| ()), reason)
}

fn expect_reason(read: Result<()>, expected: Reason) -> Result<()> {
	match read {
		Err(Error::Denied { reason, .. }) if reason == expected.code() => Ok(()),
		Ok(()) => Err(unexpected(format!("a read was permitted that should be refused ({})", expected.code()))),
		Err(error) => Err(unexpected(format!("a read should be refused with {}, but: {error}", expected.code()))),
	}
}

/// Waits until all receipts are on the chain.
async fn receipts(
	chain: &Chain,
	reader: &Reader<'_>,
	patient: &PatientId,
	expected: usize,
) -> Result<Vec<ReceiptView>> {
	let all_there = async {
		loop {
			let health = reader.health().await?;
			if health.receipts_failed > 0 {
				return Err(unexpected(format!("the chain did not take {} receipts", health.receipts_failed)));
			}
			if health.receipts_pending == 0 {
				return chain.receipts(patient, usize::MAX).await;
			}
			tokio::time::sleep(Duration::from_millis(200)).await;
		}
	};
	let receipts = tokio::time::timeout(RECEIPTS_TIMEOUT, all_there).await;
	let receipts = receipts.map_err(|_| unexpected("the receipts do not reach the chain"))??;
	if receipts.len() != expected {
		return Err(unexpected(format!("{} receipts are on the chain, {expected} were expected", receipts.len())));
	}
	Ok(receipts)
}
