//! The main job on a running chain, told step by step: a clinician reads a record under consent, and is refused once it
//! is withdrawn.
//!
//! All accounts are fresh, so the story can be told on the same chain again and again; only the council and the account
//! that pays are those of a development chain. Every step is checked: the first thing that is not as it should be ends
//! the demonstration with an error.

pub mod stage;

use crate::{
	chain::{calls, Chain},
	cli::{consent_online::Grant, org::show_moment},
	crypto::LabelKey,
	gateway::now,
	keys::Keys,
	plan::Plan,
	records::{self, Custodian, Reader},
	Error, Result,
};
use futures::future::join_all;
use salus_primitives::{
	consent::{ActorRef, BreakGlass, DefaultPolicy, Effect, Reason},
	views::ReceiptView,
	Action, ActionSet, OrgId, PatientId, Purpose, PurposeSet, RecordId, Sensitivity, SensitivitySet,
};
use serde::Serialize;
use stage::{Accredited, Hospital, YEAR};
use std::{collections::BTreeMap, path::PathBuf, time::Duration};
use subxt_signer::sr25519::Keypair;

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
	/// Receipts on the chain.
	pub receipts: usize,
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
	let everyone: Vec<_> = first.people().into_iter().chain(second.people()).chain([&patient_keys]).collect();
	let block = stage::endow(&chain, &payer, &everyone).await?;
	teller.step(format!("{} fresh accounts have what deposits and fees take", everyone.len()), Some(block), None);

	let mut orgs = Vec::new();
	for hospital in [&first, &second] {
		let Accredited { org, admitted, staffed } = hospital.accredit(&chain, &council).await?;
		teller.step(format!("The council admits {} as organisation {org}", hospital.name), Some(admitted), None);
		let what = format!("{} adds a clinician and its gateway as members", hospital.name);
		teller.step(what, Some(staffed), None);
		orgs.push(org);
	}
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
	let told = tell_patient_story(
		&chain,
		&plan,
		Cast {
			first: &first,
			first_org: orgs[0],
			second: &second,
			second_org: orgs[1],
			patient: &patient_keys,
			first_gateway: &first_gateway.url,
			second_gateway: &second_gateway.url,
		},
		&mut teller,
	)
	.await;
	let stopped = [first_gateway.stop().await, second_gateway.stop().await];
	told?;
	stopped.into_iter().collect::<Result<()>>()?;
	Ok(teller.story)
}

/// Who plays in the patient's part of the story.
struct Cast<'a> {
	first: &'a Hospital,
	first_org: OrgId,
	second: &'a Hospital,
	second_org: OrgId,
	patient: &'a Keys,
	first_gateway: &'a str,
	second_gateway: &'a str,
}

async fn tell_patient_story(
	chain: &Chain,
	plan: &Plan,
	cast: Cast<'_>,
	teller: &mut Teller<impl FnMut(&Event)>,
) -> Result<()> {
	let patient = PatientId(rand::random());
	let label_key = LabelKey::random();
	teller.story.patient = patient;
	let call = calls::register_patient(&patient, DefaultPolicy::Deny, BreakGlass::Allowed);
	let block = chain.submit(&cast.patient.signer, &call).await?.block.number;
	teller.step(format!("A patient registers under the pseudonym {patient}"), Some(block), None);

	let recipient = cast.first.gateway.account();
	let sealed = records::seal_label_key(chain, &patient, &recipient, &label_key).await?;
	let call = calls::open_care(&patient, cast.first_org, now() + YEAR, &recipient, &sealed);
	let block = chain.submit(&cast.patient.signer, &call).await?.block.number;
	teller.step(format!("The patient opens a care relationship with {}", cast.first.name), Some(block), None);

	let (store, data_keys) = (cast.first.store()?, cast.first.data_keys()?);
	let custodian = Custodian {
		chain,
		author: &cast.first.clinician.signer,
		label_secret: &cast.first.gateway.encryption,
		store: &store,
		keys: &data_keys,
		notes: cast.first.folders.under_way(),
	};
	let added = custodian.add(&patient, plan, |_| ()).await?;
	if added.anchored != plan.records.len() {
		return Err(unexpected(format!("{} of {} records were anchored", added.anchored, plan.records.len())));
	}
	teller.story.records = added.anchored;
	let blocks: Vec<_> = added.blocks.iter().map(u32::to_string).collect();
	teller.step(
		format!(
			"{} cuts the patient's bundle into {} records, encrypts and anchors them (blocks {})",
			cast.first.name,
			added.anchored,
			blocks.join(", ")
		),
		added.blocks.last().copied(),
		None,
	);
	let again = custodian.add(&patient, plan, |_| ()).await?;
	if (again.present, again.anchored) != (added.total, 0) {
		return Err(unexpected("adding the same bundle again anchored something"));
	}
	teller.step("Adding the same bundle again finds everything there and anchors nothing", None, None);

	let except = SensitivitySet::of(&[Sensitivity::Psy, Sensitivity::Sud]).expanded();
	let withheld: BTreeMap<RecordId, bool> =
		added.records.iter().zip(&plan.records).map(|(id, record)| (*id, record.labels.intersects(except))).collect();
	let open = withheld.iter().find(|(_, withheld)| !**withheld).map(|(id, _)| *id);
	let open = open.ok_or_else(|| unexpected("the bundle has no record without the labels PSY and SUD"))?;

	let reader = |keys: &'static str, gateway| {
		let keys = match keys {
			"patient" => cast.patient,
			_ => &cast.second.clinician,
		};
		Reader { chain, signer: &keys.signer, secret: &keys.encryption, gateway }
	};
	let clinician = reader("clinician", cast.first_gateway);
	let mut expected_receipts = 0;
	let who = format!("{}'s clinician", cast.second.name);
	expect_denied(&clinician, &patient, &open, Reason::NoConsent).await?;
	expected_receipts += 1;
	let block = Some(chain.best().await?.number);
	teller.step(format!("{who} asks for a record and is refused"), block, Some(Reason::NoConsent.code()));

	let grant = Grant {
		to: vec![ActorRef::Org(cast.second_org)],
		purposes: PurposeSet::of(&[Purpose::Treat]),
		actions: ActionSet::of(&[Action::Access, Action::Use]),
		except: SensitivitySet::of(&[Sensitivity::Psy, Sensitivity::Sud]),
		up_to: None,
		until: Some(now() + YEAR),
		supersedes: None,
	};
	let included = chain.submit(&cast.patient.signer, &calls::grant(&patient, &grant.input(Some(&label_key))?)).await?;
	let consent = included.event("Consent", "ConsentGranted").and_then(|event| event.number("consent"));
	let consent = consent.and_then(|consent| u32::try_from(consent).ok());
	let consent = consent.ok_or_else(|| unexpected("the chain took no consent"))?;
	teller.step(
		format!(
			"The patient consents: {} may access and use for treatment, one year, not what is labelled PSY or SUD \
			 (consent {consent})",
			cast.second.name
		),
		Some(included.block.number),
		None,
	);

	let mut block = None;
	let reads = withheld.iter().map(|(id, withheld)| {
		let clinician = &clinician;
		async move { (id, *withheld, clinician.get(&patient, id, Purpose::Treat, Action::Access).await) }
	});
	let contents: BTreeMap<_, _> = added.records.iter().zip(&plan.records).collect();
	for (id, withheld, read) in join_all(reads).await {
		expected_receipts += 1;
		match (withheld, read) {
			(false, Ok(read)) => {
				let decision = &read.answer.decision;
				if (decision.reason, decision.consent) != (Reason::Consent, Some(consent)) {
					return Err(unexpected(format!("record {id} was given for {}", decision.reason.code())));
				}
				if read.plaintext.as_slice() != contents[id].plaintext.as_slice() {
					return Err(unexpected(format!("record {id} is not what was added")));
				}
				block = Some(read.answer.block);
				teller.story.given += 1;
			}
			(true, Err(Error::Denied { reason, consent: Some(by), .. }))
				if reason == Reason::Denied.code() && by == consent =>
			{
				teller.story.withheld += 1;
			}
			(_, Ok(_)) => return Err(unexpected(format!("record {id} was given although it is labelled"))),
			(_, Err(error)) => return Err(unexpected(format!("record {id}: {error}"))),
		}
	}
	let (given, kept) = (teller.story.given, teller.story.withheld);
	teller.step(
		format!("{who} reads {given} records, verified and decrypted, each as it was added"),
		block,
		Some(Reason::Consent.code()),
	);
	match kept {
		0 => teller.step("The bundle has nothing labelled PSY or SUD", None, None),
		_ => {
			teller.step(format!("{who} is refused the {kept} labelled PSY or SUD"), block, Some(Reason::Denied.code()))
		}
	}

	let purpose = clinician.get(&patient, &open, Purpose::Hresch, Action::Access).await;
	expect_reason(purpose.map(|_| ()), Reason::NotPermitted)?;
	expected_receipts += 1;
	teller.step(format!("{who} is refused for research"), block, Some(Reason::NotPermitted.code()));

	let signed = clinician.sign(&patient, &open, Purpose::Treat, Action::Access).await?;
	let other = reader("clinician", cast.second_gateway);
	match other.fetch(&signed).await {
		Err(Error::Corrupted(_)) => (),
		other => return Err(unexpected(format!("a request at another gateway: {:?}", other.map(|_| ())))),
	}
	clinician.fetch(&signed).await?;
	expected_receipts += 1;
	match clinician.fetch(&signed).await {
		Err(Error::RequestReplayed) => (),
		other => return Err(unexpected(format!("a replayed request: {:?}", other.map(|_| ())))),
	}
	teller.step("A signed request is refused by another gateway, and by this one when it comes again", None, None);

	let own = reader("patient", cast.first_gateway);
	let labelled = withheld.iter().find(|(_, withheld)| **withheld).map_or(open, |(id, _)| *id);
	let read = own.get(&patient, &labelled, Purpose::Patrqt, Action::Access).await?;
	expected_receipts += 1;
	teller.step(
		"The patient reads a record of their own",
		Some(read.answer.block),
		Some(read.answer.decision.reason.code()),
	);

	let block = chain.submit(&cast.patient.signer, &calls::withdraw(&patient, consent)).await?.block.number;
	teller.step(format!("The patient withdraws consent {consent}"), Some(block), None);
	expect_denied(&clinician, &patient, &open, Reason::NoConsent).await?;
	expected_receipts += 1;
	let block = Some(chain.best().await?.number);
	teller.step(format!("{who}'s very next read is refused"), block, Some(Reason::NoConsent.code()));

	let receipts = receipts(chain, &clinician, &patient, expected_receipts).await?;
	teller.story.receipts = receipts.len();
	let given_again = receipts.iter().filter(|view| view.receipt.effect == Effect::Permit).count();
	teller.step(
		format!("The patient lists who asked for what: {} receipts, {given_again} of them permits", receipts.len()),
		receipts.first().map(|view| view.block),
		None,
	);
	let types: BTreeMap<_, _> =
		added.records.iter().zip(plan.records.iter().map(|record| record.resource_type)).collect();
	for ReceiptView { receipt, block, .. } in receipts.iter().rev() {
		let name = if receipt.actor == cast.patient.account() { "The patient" } else { &who };
		let under = match (receipt.consent, receipt.rule) {
			(Some(consent), Some(rule)) => format!(", consent {consent} rule {rule}"),
			(Some(consent), None) => format!(", consent {consent}"),
			_ => String::new(),
		};
		let what = format!(
			"  {} {name} {} {} {:.10}… for {}{under}",
			show_moment(receipt.at),
			if receipt.effect == Effect::Permit { "was given" } else { "was refused" },
			types[&receipt.record],
			receipt.record.to_string(),
			receipt.purpose,
		);
		teller.step(what, Some(*block), Some(receipt.reason.code()));
	}
	Ok(())
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
