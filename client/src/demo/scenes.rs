//! The patient's part of the story, scene by scene.

use super::{expect_denied, expect_reason, receipts, stage::Hospital, unexpected, Event, Teller};
use crate::{
	chain::{calls, Call, Chain, Included, Notices},
	cli::{
		consent_online::Grant,
		values::{show_moment, Statement},
	},
	crypto::LabelKey,
	gateway::now,
	keys::Keys,
	plan::Plan,
	records::{self, Custodian, Reader},
	Error, Result,
};
use futures::future::join_all;
use salus_primitives::{
	consent::{ActorRef, BreakGlass, DefaultPolicy, Effect, EmergencyReason, Finding, Reason},
	inputs::AgreementInput,
	time::DAY,
	views::{PatientEvent, ReceiptView},
	Action, ActionSet, ConsentId, ObligationSet, OrgId, PatientId, Purpose, PurposeSet, RecordId, ResourceType,
	Sensitivity, SensitivitySet,
};
use std::{
	collections::{BTreeMap, BTreeSet},
	time::Duration,
};

use super::stage::YEAR;

/// How long a notice may take to reach the patient.
const NOTICE_TIMEOUT: Duration = Duration::from_secs(60);

/// Who plays.
pub(super) struct Cast<'a> {
	pub(super) chain: &'a Chain,
	pub(super) first: &'a Hospital,
	pub(super) first_org: OrgId,
	pub(super) second: &'a Hospital,
	pub(super) second_org: OrgId,
	/// The patient's.
	pub(super) keys: &'a Keys,
	pub(super) first_gateway: &'a str,
	pub(super) second_gateway: &'a str,
}

impl<'a> Cast<'a> {
	/// The second hospital's clinician, at a gateway.
	fn clinician_at(&self, gateway: &'a str) -> Reader<'a> {
		let Keys { signer, encryption: secret, .. } = &self.second.clinician;
		Reader { chain: self.chain, signer, secret, gateway }
	}

	pub(super) fn clinician(&self) -> Reader<'a> {
		self.clinician_at(self.first_gateway)
	}

	fn patient(&self) -> Reader<'a> {
		let Keys { signer, encryption: secret, .. } = self.keys;
		Reader { chain: self.chain, signer, secret, gateway: self.first_gateway }
	}

	/// What the patient does; it costs the patient nothing.
	pub(super) async fn does(&self, call: &Call) -> Result<Included> {
		let included = self.chain.submit(&self.keys.signer, call).await?;
		match self.chain.tokens(&self.keys.account()).await? {
			0 => Ok(included),
			tokens => Err(unexpected(format!("the patient's account holds {tokens}"))),
		}
	}

	/// How the second hospital's clinician is called.
	pub(super) fn who(&self) -> String {
		format!("{}'s clinician", self.second.name)
	}
}

/// What the patient has.
struct Patient {
	id: PatientId,
	label_key: LabelKey,
	/// The records, in the order of the plan.
	records: Vec<RecordId>,
	/// Those labelled PSY or SUD.
	labelled: BTreeSet<RecordId>,
	/// One that is not.
	open: RecordId,
}

/// Tells it; returns the patient, and the consent that is in force at the end.
pub(super) async fn tell(
	cast: &Cast<'_>,
	plan: &Plan,
	teller: &mut Teller<impl FnMut(&Event)>,
) -> Result<(PatientId, ConsentId)> {
	let patient = records_of_a_patient(cast, plan, teller).await?;
	let mut answered = emergency(cast, &patient, teller).await?;
	answered += consent(cast, plan, &patient, teller).await?;
	let consent = asked_for(cast, &patient, teller).await?;
	agreement(cast, &patient, consent, teller).await?;
	// A read under the consent, one that was refused for want of an agreement, one with it.
	answered += 3;
	let sponsor = cast.chain.sponsor(cast.first_org).await?;
	teller.story.sponsored = sponsor.ok_or_else(|| unexpected("nobody sponsors the patient"))?.spent_today;
	list(cast, plan, &patient, answered, teller).await?;
	Ok((patient.id, consent))
}

/// A patient registers, and the first hospital anchors the records.
async fn records_of_a_patient(
	cast: &Cast<'_>,
	plan: &Plan,
	teller: &mut Teller<impl FnMut(&Event)>,
) -> Result<Patient> {
	let id = PatientId(rand::random());
	let label_key = LabelKey::random();
	teller.story.patient = id;
	let call = calls::register_patient(&id, DefaultPolicy::Deny, BreakGlass::Allowed);
	let block = cast.does(&call).await?.block.number;
	teller.step(format!("A patient registers under the pseudonym {id}, without any tokens"), Some(block), None);

	let recipient = cast.first.gateway.account();
	let sealed = records::seal_label_key(cast.chain, &id, &recipient, &label_key).await?;
	let call = calls::open_care(&id, cast.first_org, now() + YEAR, &recipient, &sealed);
	let block = cast.does(&call).await?.block.number;
	teller.step(format!("The patient opens a care relationship with {}", cast.first.name), Some(block), None);

	let (store, data_keys) = (cast.first.store()?, cast.first.data_keys()?);
	let custodian = Custodian {
		chain: cast.chain,
		author: &cast.first.clinician.signer,
		label_secret: &cast.first.gateway.encryption,
		store: &store,
		keys: &data_keys,
		notes: cast.first.folders.under_way(),
	};
	let added = custodian.add(&id, plan, |_| ()).await?;
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
	let again = custodian.add(&id, plan, |_| ()).await?;
	if (again.present, again.anchored) != (added.total, 0) {
		return Err(unexpected("adding the same bundle again anchored something"));
	}
	teller.step("Adding the same bundle again finds everything there and anchors nothing", None, None);

	let except = SensitivitySet::of(&[Sensitivity::Psy, Sensitivity::Sud]).expanded();
	let labelled: BTreeSet<_> = added
		.records
		.iter()
		.zip(&plan.records)
		.filter(|(_, record)| record.labels.intersects(except))
		.map(|(id, _)| *id)
		.collect();
	let open = added.records.iter().find(|record| !labelled.contains(record)).copied();
	let open = open.ok_or_else(|| unexpected("the bundle has no record without the labels PSY and SUD"))?;
	Ok(Patient { id, label_key, records: added.records, labelled, open })
}

/// Without consent a clinician is refused, and reads in an emergency: the patient is told, the hospital reviews it.
/// Each scene answers how many receipts it leaves.
async fn emergency(cast: &Cast<'_>, patient: &Patient, teller: &mut Teller<impl FnMut(&Event)>) -> Result<usize> {
	let (clinician, who) = (cast.clinician(), cast.who());
	let btg = || clinician.get(&patient.id, &patient.open, Purpose::Btg, Action::Access);
	expect_denied(&clinician, &patient.id, &patient.open, Reason::NoConsent).await?;
	let block = Some(cast.chain.best().await?.number);
	teller.step(format!("{who} asks for a record and is refused"), block, Some(Reason::NoConsent.code()));
	expect_reason(btg().await.map(|_| ()), Reason::NoBreakGlass)?;
	teller.step(format!("{who} claims an emergency and is refused"), block, Some(Reason::NoBreakGlass.code()));

	let mut notices = cast.chain.subscribe_patient(&patient.id).await?;
	let statement = Statement::of(b"unconscious after a fall");
	let call = calls::break_glass(&patient.id, EmergencyReason::EmergencyTreatment, statement.hash);
	let block = cast.chain.submit(&cast.second.clinician.signer, &call).await?.block.number;
	teller.step(format!("{who} breaks the glass, for four hours"), Some(block), None);
	let actor = cast.second.clinician.account();
	let told = tokio::time::timeout(NOTICE_TIMEOUT, told_of_glass(&mut notices)).await;
	let (told, block) = told.map_err(|_| unexpected("the patient is not told of the emergency access"))??;
	if told != actor {
		return Err(unexpected(format!("the patient is told of {told}")));
	}
	teller.step("The patient is told at once who broke the glass, and why", Some(block), None);

	let read = btg().await?;
	if read.answer.decision.reason != Reason::BreakGlass {
		return Err(unexpected(format!(
			"the emergency access was permitted for {}",
			read.answer.decision.reason.code()
		)));
	}
	teller.story.emergencies += 1;
	teller.step(format!("{who} reads the record"), Some(read.answer.block), Some(Reason::BreakGlass.code()));

	let report = Statement::of(b"the patient could not be asked");
	let call = calls::review_glass(&patient.id, &actor, Finding::Justified, report.hash);
	let block = cast.chain.submit(&cast.second.admin.signer, &call).await?.block.number;
	teller.step(format!("{} reviews the emergency access: justified", cast.second.name), Some(block), None);
	Ok(3)
}

/// Who broke a glass, and the block that a patient is told of.
async fn told_of_glass(notices: &mut Notices) -> Result<(salus_primitives::AccountId, u32)> {
	loop {
		let notice = notices.next().await?;
		if let PatientEvent::GlassBroken { actor, .. } = notice.event {
			return Ok((actor, notice.block));
		}
	}
}

/// The patient consents, the clinician reads what that covers and nothing else, and nothing once it is withdrawn.
async fn consent(
	cast: &Cast<'_>,
	plan: &Plan,
	patient: &Patient,
	teller: &mut Teller<impl FnMut(&Event)>,
) -> Result<usize> {
	let (clinician, who, mut answered) = (cast.clinician(), cast.who(), 0);
	let grant = Grant {
		to: vec![ActorRef::Org(cast.second_org)],
		purposes: PurposeSet::of(&[Purpose::Treat]),
		actions: ActionSet::of(&[Action::Access, Action::Use]),
		except: SensitivitySet::of(&[Sensitivity::Psy, Sensitivity::Sud]),
		up_to: None,
		until: Some(now() + YEAR),
		supersedes: None,
	};
	let included = cast.does(&calls::grant(&patient.id, &grant.input(Some(&patient.label_key))?)).await?;
	let consent = number_of(&included, "ConsentGranted")?;
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
	let reads = patient.records.iter().map(|record| {
		let clinician = &clinician;
		async move { clinician.get(&patient.id, record, Purpose::Treat, Action::Access).await }
	});
	for ((record, planned), read) in patient.records.iter().zip(&plan.records).zip(join_all(reads).await) {
		answered += 1;
		match (patient.labelled.contains(record), read) {
			(false, Ok(read)) => {
				let decision = &read.answer.decision;
				if (decision.reason, decision.consent) != (Reason::Consent, Some(consent)) {
					return Err(unexpected(format!("record {record} was given for {}", decision.reason.code())));
				}
				if read.plaintext.as_slice() != planned.plaintext.as_slice() {
					return Err(unexpected(format!("record {record} is not what was added")));
				}
				block = Some(read.answer.block);
				teller.story.given += 1;
			}
			(true, Err(Error::Denied { reason, consent: Some(by), .. }))
				if reason == Reason::Denied.code() && by == consent =>
			{
				teller.story.withheld += 1;
			}
			(_, Ok(_)) => return Err(unexpected(format!("record {record} was given although it is labelled"))),
			(_, Err(error)) => return Err(unexpected(format!("record {record}: {error}"))),
		}
	}
	let (given, kept) = (teller.story.given, teller.story.withheld);
	let what = format!("{who} reads {given} records, verified and decrypted, each as it was added");
	teller.step(what, block, Some(Reason::Consent.code()));
	match kept {
		0 => teller.step("The bundle has nothing labelled PSY or SUD", None, None),
		_ => {
			teller.step(format!("{who} is refused the {kept} labelled PSY or SUD"), block, Some(Reason::Denied.code()))
		}
	}

	let research = clinician.get(&patient.id, &patient.open, Purpose::Hresch, Action::Access).await;
	expect_reason(research.map(|_| ()), Reason::NotPermitted)?;
	teller.step(format!("{who} is refused for research"), block, Some(Reason::NotPermitted.code()));

	let signed = clinician.sign(&patient.id, &patient.open, Purpose::Treat, Action::Access).await?;
	match cast.clinician_at(cast.second_gateway).fetch(&signed).await {
		Err(Error::Corrupted(_)) => (),
		other => return Err(unexpected(format!("a request at another gateway: {:?}", other.map(|_| ())))),
	}
	clinician.fetch(&signed).await?;
	match clinician.fetch(&signed).await {
		Err(Error::RequestReplayed) => (),
		other => return Err(unexpected(format!("a replayed request: {:?}", other.map(|_| ())))),
	}
	teller.step("A signed request is refused by another gateway, and by this one when it comes again", None, None);

	let labelled = patient.labelled.first().unwrap_or(&patient.open);
	let read = cast.patient().get(&patient.id, labelled, Purpose::Patrqt, Action::Access).await?;
	let reason = read.answer.decision.reason.code();
	teller.step("The patient reads a record of their own", Some(read.answer.block), Some(reason));

	let block = cast.does(&calls::withdraw(&patient.id, consent)).await?.block.number;
	teller.step(format!("The patient withdraws consent {consent}"), Some(block), None);
	expect_denied(&clinician, &patient.id, &patient.open, Reason::NoConsent).await?;
	let block = Some(cast.chain.best().await?.number);
	teller.step(format!("{who}'s very next read is refused"), block, Some(Reason::NoConsent.code()));
	// For research, once more, the patient's own, and after the withdrawal.
	Ok(answered + 4)
}

/// The clinician asks for a consent, and the patient gives it.
async fn asked_for(cast: &Cast<'_>, patient: &Patient, teller: &mut Teller<impl FnMut(&Event)>) -> Result<ConsentId> {
	let asked = Grant {
		to: vec![ActorRef::Org(cast.second_org)],
		purposes: PurposeSet::of(&[Purpose::Treat]),
		actions: ActionSet::of(&[Action::Access]),
		except: SensitivitySet::EMPTY,
		up_to: None,
		until: Some(now() + 30 * DAY),
		supersedes: None,
	};
	let call = calls::propose_consent(&patient.id, &asked.input(None)?);
	let included = cast.chain.submit(&cast.second.clinician.signer, &call).await?;
	let consent = number_of(&included, "ConsentProposed")?;
	let what = format!("{} asks the patient for a consent: access for treatment, 30 days", cast.who());
	teller.step(what, Some(included.block.number), None);
	let block = cast.does(&calls::accept_consent(&patient.id, consent)).await?.block.number;
	teller.step(format!("The patient accepts (consent {consent})"), Some(block), None);
	read_under(cast, patient, consent, teller).await?;
	Ok(consent)
}

/// The first hospital shares under agreements only: consent is not enough until the two have one.
async fn agreement(
	cast: &Cast<'_>,
	patient: &Patient,
	consent: ConsentId,
	teller: &mut Teller<impl FnMut(&Event)>,
) -> Result<()> {
	let (first, second) = (&cast.first.admin.signer, &cast.second.admin.signer);
	let block = cast.chain.submit(first, &calls::set_requires_agreement(cast.first_org, true)).await?.block.number;
	teller.step(format!("{} shares under agreements only from now on", cast.first.name), Some(block), None);
	expect_denied(&cast.clinician(), &patient.id, &patient.open, Reason::NoAgreement).await?;
	let block = Some(cast.chain.best().await?.number);
	teller.step(format!("{} is refused, consent or not", cast.who()), block, Some(Reason::NoAgreement.code()));

	let input = AgreementInput {
		custodian: cast.first_org,
		recipient: cast.second_org,
		purposes: Some(PurposeSet::of(&[Purpose::Treat])),
		resource_types: None,
		obligations: ObligationSet::EMPTY,
		start: None,
		end: Some(now() + YEAR),
		notice: 30 * DAY,
		terms: Statement::of(b"the contract").hash,
	};
	let included = cast.chain.submit(first, &calls::propose_agreement(cast.first_org, &input)).await?;
	let number = included.event("Participants", "AgreementProposed").and_then(|event| event.number("id"));
	let number = number.and_then(|number| u32::try_from(number).ok());
	let number = number.ok_or_else(|| unexpected("the chain took no agreement"))?;
	let call = calls::accept_agreement(cast.second_org, cast.first_org, cast.second_org, number);
	let block = cast.chain.submit(second, &call).await?.block.number;
	teller.step("The two hospitals make a data sharing agreement for treatment", Some(block), None);
	read_under(cast, patient, consent, teller).await
}

/// The clinician reads a record under a consent.
async fn read_under(
	cast: &Cast<'_>,
	patient: &Patient,
	consent: ConsentId,
	teller: &mut Teller<impl FnMut(&Event)>,
) -> Result<()> {
	let read = cast.clinician().get(&patient.id, &patient.open, Purpose::Treat, Action::Access).await?;
	let decision = &read.answer.decision;
	if (decision.reason, decision.consent) != (Reason::Consent, Some(consent)) {
		return Err(unexpected(format!("the record was given for {}", decision.reason.code())));
	}
	let what = format!("{} reads the record", cast.who());
	teller.step(what, Some(read.answer.block), Some(Reason::Consent.code()));
	Ok(())
}

/// The patient lists who asked for what.
async fn list(
	cast: &Cast<'_>,
	plan: &Plan,
	patient: &Patient,
	answered: usize,
	teller: &mut Teller<impl FnMut(&Event)>,
) -> Result<()> {
	let receipts = receipts(cast.chain, &cast.clinician(), &patient.id, answered).await?;
	teller.story.receipts = receipts.len();
	let permits = receipts.iter().filter(|view| view.receipt.effect == Effect::Permit).count();
	teller.step(
		format!("The patient lists who asked for what: {} receipts, {permits} of them permits", receipts.len()),
		receipts.first().map(|view| view.block),
		None,
	);
	let types: BTreeMap<&RecordId, ResourceType> =
		patient.records.iter().zip(plan.records.iter().map(|record| record.resource_type)).collect();
	for ReceiptView { receipt, block, .. } in receipts.iter().rev() {
		let name = if receipt.actor == cast.keys.account() { "The patient".into() } else { cast.who() };
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

fn number_of(included: &Included, event: &str) -> Result<ConsentId> {
	let number = included.event("Consent", event).and_then(|event| event.number("consent"));
	let number = number.and_then(|number| ConsentId::try_from(number).ok());
	number.ok_or_else(|| unexpected("the chain took no consent"))
}
