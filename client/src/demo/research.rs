//! The researchers' part of the story: thirty patients contribute to a dataset, some requests to use it, what the
//! contributors earn, and a withdrawal in the middle of a study.

use super::{
	stage::{self, fresh, Hospital, ENDOWMENT, YEAR},
	unexpected, Event, Teller,
};
use crate::{
	chain::{
		calls::{self, research},
		Chain, Included,
	},
	cli::{consent_online::Grant, values::show_moment},
	crypto::LabelKey,
	fhir::labels::LabelTable,
	gateway::now,
	keys::{AtRest, Keys},
	plan::Plan,
	records::{self, Custodian},
	research::{Attester, Book, Mine},
	Error, Result,
};
use futures::{
	future::try_join_all,
	stream::{self, StreamExt, TryStreamExt},
};
use salus_primitives::{
	consent::{ActorRef, BreakGlass, DefaultPolicy},
	duo::{Group, Modifier, Outcome, Permission, Purpose as Research, Sensitive, SensitiveSet, Use, UseSet},
	research::{
		day_of, AccessRefusal, CloseReason, DatasetId, DatasetInput, GroupSet, RequestId, RequestInput, RequestState,
		VoteReason, COHORT,
	},
	time::{DAY, HOUR},
	Action, ActionSet, ConsentId, MemberRole, MemberRoleSet, OrgRole, PatientId, Purpose, PurposeSet, ResourceType,
	SensitivitySet, H256,
};
use serde::Serialize;
use serde_json::json;
use std::path::Path;
use subxt_signer::sr25519::Keypair;

/// Patients whose measurements the hospital takes at a time.
const AT_A_TIME: usize = 6;
/// Patients who contribute.
const CONTRIBUTORS: usize = 30;
/// What a request pays to the contributors, and what the university pays in besides: a unit of the token each.
const FEE: u128 = CONTRIBUTORS as u128 * SLS;
const SLS: u128 = ENDOWMENT / 100;

/// What became of the research.
#[derive(Serialize, Clone, PartialEq, Eq, Debug, Default)]
pub struct Studies {
	/// Patients who contributed.
	pub contributors: usize,
	/// Requests that were granted at once.
	pub granted: usize,
	/// Requests that were granted by a committee.
	pub reviewed: usize,
	/// Requests that were denied.
	pub denied: usize,
	/// Contributions that ended in the middle of a study.
	pub withdrawn: usize,
	/// What one contributor earned, in the token's smallest unit.
	#[serde(serialize_with = "super::as_text")]
	pub earned: u128,
}

/// A patient of the story.
struct Patient {
	keys: Keys,
	id: PatientId,
	consent: ConsentId,
	mine: Mine,
}

/// Everybody, on one chain.
struct Cast<'a> {
	chain: &'a Chain,
	hospital: Hospital,
	registrar: Keys,
	researcher: Keys,
	reviewers: Vec<Keys>,
	/// What the hospital attested.
	attested: Book,
	/// What the contributors keep.
	mine: Book,
	dataset: DatasetId,
}

/// Tells it.
pub(super) async fn tell(
	chain: &Chain,
	council: &[Keypair],
	payer: &Keypair,
	folder: &Path,
	teller: &mut Teller<impl FnMut(&Event)>,
) -> Result<()> {
	let mut cast = cast(chain, council, payer, folder, teller).await?;
	create(&mut cast, teller).await?;
	let patients = contribute(&cast, payer, teller).await?;
	let study = automatic(&cast, &patients, teller).await?;
	denied(&cast, teller).await?;
	reviewed(&cast, teller).await?;
	rewards(&cast, &patients, teller).await?;
	withdrawal(&cast, &patients, study, teller).await?;
	finish(&cast, study, teller).await
}

/// Admits the hospital, the university and the ethics committee.
async fn cast<'a>(
	chain: &'a Chain,
	council: &[Keypair],
	payer: &Keypair,
	folder: &Path,
	teller: &mut Teller<impl FnMut(&Event)>,
) -> Result<Cast<'a>> {
	let hospital = Hospital::new("Harbour Hospital", folder)?;
	let (registrar, university, researcher) = (fresh("registrar")?, fresh("admin")?, fresh("researcher")?);
	let (committee, reviewers) = (fresh("admin")?, [fresh("reviewer")?, fresh("reviewer")?, fresh("reviewer")?]);
	let mut everyone: Vec<_> = hospital.people().into_iter().collect();
	// A researcher needs more: two fees, what is paid in, and two bonds; a clinician deposits for all contributions.
	everyone.extend([&researcher; 4].into_iter().chain([&hospital.clinician; 2]));
	everyone.extend([&registrar, &university, &researcher, &committee].into_iter().chain(&reviewers));
	stage::endow(chain, payer, &everyone).await?;

	let hospital_org = hospital.accredit(chain, council).await?.org;
	let candidates = [
		("Coast University", OrgRole::ResearchBody, &university),
		("Regional Ethics Committee", OrgRole::EthicsCommittee, &committee),
	];
	let (orgs, block) = stage::admit(chain, council, &candidates).await?;
	let what = format!("The council admits {}, Coast University and the Regional Ethics Committee", hospital.name);
	teller.step(what, Some(block), None);
	let mut members = vec![
		(hospital_org, &hospital.admin, &registrar, MemberRole::Registrar),
		(orgs[0], &university, &researcher, MemberRole::Researcher),
	];
	members.extend(reviewers.iter().map(|reviewer| (orgs[1], &committee, reviewer, MemberRole::EthicsReviewer)));
	for (org, admin, member, role) in members {
		let call = calls::add_member(org, &member.account(), MemberRoleSet::of(&[role]), None, None);
		chain.submit(&admin.signer, &call).await?;
	}
	stage::register_keys(chain, &[&hospital.gateway]).await?;
	let attested = Book::open_with(folder, &AtRest::ClearText)?;
	let mine = Book::open_with(&folder.join("contributors"), &AtRest::ClearText)?;
	Ok(Cast { chain, hospital, registrar, researcher, reviewers: reviewers.into(), attested, mine, dataset: 0 })
}

/// The hospital creates a dataset.
async fn create(cast: &mut Cast<'_>, teller: &mut Teller<impl FnMut(&Event)>) -> Result<()> {
	let modifiers = vec![Modifier::Ncu, Modifier::Rtn { deadline: None }];
	let group = Group {
		permission: Permission::Hmb,
		diseases: Default::default(),
		modifiers: modifiers.try_into().map_err(|_| unexpected("two modifiers are too many"))?,
	};
	let input = DatasetInput {
		data_use: vec![group].try_into().map_err(|_| unexpected("one group is too many"))?,
		schema: H256(rand::random()),
		content: H256(rand::random()),
		fee: FEE,
	};
	let included = cast.chain.submit(&cast.registrar.signer, &research::create_dataset(&input)).await?;
	cast.dataset = number(&included, "DatasetCreated", "dataset")?;
	let block = cast.chain.submit(&cast.registrar.signer, &research::open_dataset(cast.dataset)).await?.block.number;
	let what = format!(
		"{} opens dataset {}: biomedical research (HMB), no commercial use (NCU), results are returned (RTN)",
		cast.hospital.name, cast.dataset
	);
	teller.step(what, Some(block), None);
	Ok(())
}

/// Patients register, have a measurement, consent, and contribute it.
async fn contribute(cast: &Cast<'_>, payer: &Keypair, teller: &mut Teller<impl FnMut(&Event)>) -> Result<Vec<Patient>> {
	let chain = cast.chain;
	let everyone: Result<Vec<_>> = (0..CONTRIBUTORS).map(|_| fresh("patient")).collect();
	let everyone = everyone?;
	stage::endow(chain, payer, &everyone.iter().collect::<Vec<_>>()).await?;
	let (store, data_keys) = (cast.hospital.store()?, cast.hospital.data_keys()?);
	let patients = everyone.into_iter().map(|keys| {
		let (store, data_keys) = (&store, &data_keys);
		async move {
			let (id, consent) = register(cast, &keys).await?;
			let custodian = Custodian {
				chain,
				author: &cast.hospital.clinician.signer,
				label_secret: &cast.hospital.gateway.encryption,
				store,
				keys: data_keys,
				notes: cast.hospital.folders.under_way(),
			};
			let plan = measurement()?;
			let added = custodian.add(&id, &plan, |_| ()).await?;
			let mut records = added.records.iter().zip(&plan.records);
			let record = records.find(|(_, planned)| planned.resource_type == ResourceType::Observation);
			let (record, _) = record.ok_or_else(|| unexpected("there is no measurement"))?;
			let mine = Mine::draw(cast.dataset, 0, id, vec![*record]);
			cast.mine.keep(&mine)?;
			Ok::<_, Error>(Patient { keys, id, consent, mine })
		}
	});
	let patients: Vec<_> = stream::iter(patients).buffered(AT_A_TIME).try_collect().await?;
	let what = format!(
		"{} patients have a measurement at {}, and consent to its use for health research (HRESCH)",
		patients.len(),
		cast.hospital.name
	);
	teller.step(what, Some(chain.best().await?.number), None);

	let attester =
		Attester { chain, keys: &cast.hospital.clinician, book: &cast.attested, store: &store, data_keys: &data_keys };
	let offers: Vec<_> = patients.iter().map(|patient| patient.mine.offer()).collect();
	let done = try_join_all(offers.iter().map(|offer| attester.contribute(offer))).await?;
	teller.story.research.contributors = done.len();
	let block = done.iter().map(|(included, _)| included.block.number).max();
	let what = "The hospital asks the chain whether each may be used, and contributes them: a random pseudonym and a \
	            fresh account each, and no link to a patient";
	teller.step(what, block, None);

	// The accounts of the contributions pay the fees of what their owners do.
	let mut transfers = Vec::new();
	for patient in &patients {
		transfers.push(chain.encode_call(&calls::transfer(&patient.mine.account(), SLS)).await?);
	}
	chain.submit(payer, &calls::batch_all(&transfers)).await?;
	Ok(patients)
}

/// A patient registers, opens a care relationship and consents to research.
async fn register(cast: &Cast<'_>, keys: &Keys) -> Result<(PatientId, ConsentId)> {
	let (chain, id, label_key) = (cast.chain, PatientId(rand::random()), LabelKey::random());
	let gateway = cast.hospital.gateway.account();
	chain.submit(&keys.signer, &calls::register_patient(&id, DefaultPolicy::Deny, BreakGlass::Allowed)).await?;
	let sealed = records::seal_label_key(chain, &id, &gateway, &label_key).await?;
	let member = chain.member(&gateway).await?.ok_or_else(|| unexpected("the hospital has no gateway"))?;
	let consent = Grant {
		to: vec![ActorRef::Org(member.org), ActorRef::Role(MemberRole::Researcher)],
		purposes: PurposeSet::of(&[Purpose::Hresch]),
		actions: ActionSet::of(&[Action::Access, Action::Use]),
		except: SensitivitySet::of(&[]),
		up_to: None,
		until: Some(now() + YEAR),
		supersedes: None,
	};
	let todo =
		[calls::open_care(&id, member.org, now() + YEAR, &gateway, &sealed), calls::grant(&id, &consent.input(None)?)];
	let mut encoded = Vec::new();
	for call in &todo {
		encoded.push(chain.encode_call(call).await?);
	}
	let included = chain.submit(&keys.signer, &calls::batch_all(&encoded)).await?;
	let consent = included.event("Consent", "ConsentGranted").and_then(|event| event.number("consent"));
	let consent = consent.and_then(|consent| ConsentId::try_from(consent).ok());
	Ok((id, consent.ok_or_else(|| unexpected("the chain took no consent"))?))
}

/// A bundle with one measurement, of nobody.
fn measurement() -> Result<Plan> {
	let millimoles = 30 + rand::random::<u32>() % 60;
	let bundle = json!({
		"resourceType": "Bundle",
		"type": "collection",
		"entry": [
			{ "fullUrl": "urn:uuid:00000000-0000-4000-8000-000000000001",
			  "resource": { "resourceType": "Patient", "id": "p" } },
			{ "fullUrl": format!("urn:uuid:{:08x}-0000-4000-8000-{:012x}", rand::random::<u32>(), rand::random::<u32>()),
			  "resource": {
				"resourceType": "Observation",
				"status": "final",
				"code": { "coding": [{ "system": "http://loinc.org", "code": "59261-8" }] },
				"subject": { "reference": "Patient/p" },
				"effectiveDateTime": "2026-03-02",
				"valueQuantity": { "value": millimoles, "unit": "mmol/mol" } } },
		],
	});
	Plan::of_bundle(&bundle.to_string(), &LabelTable::from_option(None)?)
}

/// A request that matches the data use: too early while the contributions do not count yet, and granted the next day.
async fn automatic(
	cast: &Cast<'_>,
	patients: &[Patient],
	teller: &mut Teller<impl FnMut(&Event)>,
) -> Result<RequestId> {
	let (study, block, outcome) = cast.asks(&biomedical(), RequestState::AutoApproved).await?;
	let what = "Coast University asks to use it for biomedical research that is not commercial: approved at once";
	teller.step(what, Some(block), Some(&outcome));
	let activate = research::activate(study);
	match cast.chain.submit(&cast.researcher.signer, &activate).await {
		Err(Error::TransactionFailed { error, .. }) if error == "CohortTooSmall" => {
			let what =
				format!("It cannot begin before {COHORT} contributors count, which they do from the next day on");
			teller.step(what, None, Some("CohortTooSmall"));
		}
		other => return Err(unexpected(format!("a grant without contributors began: {other:?}"))),
	}

	let now = next_day(cast.chain).await?;
	let best = cast.chain.best().await?.number;
	teller.step(format!("The clock of the development chain is moved on to {}", show_moment(now)), Some(best), None);
	let block = cast.chain.submit(&cast.researcher.signer, &activate).await?.block.number;
	teller.story.research.granted += 1;
	let (bucket, bond) = (cast.view().await?.contributors, bond(cast, study).await?);
	let what = format!(
		"The study begins: {} to {} contributors count, the fee goes to them, and a bond of {} SLS stands for the results",
		bucket.from,
		bucket.to.unwrap_or(u32::MAX),
		bond / SLS
	);
	teller.step(what, Some(block), None);
	for patient in patients {
		if let Some(refusal) = cast.refusal(study, patient).await? {
			return Err(unexpected(format!("a contribution cannot be read under the grant: {refusal}")));
		}
	}
	let what =
		format!("Under the grant each of the {} contributions may be released to its researcher", patients.len());
	teller.step(what, None, None);
	Ok(study)
}

/// A request that the data use does not allow.
async fn denied(cast: &Cast<'_>, teller: &mut Teller<impl FnMut(&Event)>) -> Result<()> {
	let uses = UseSet::of(&[Use::DrugDevelopment]);
	let purpose = Research { uses, commercial: Some(true), ..Research::default() };
	let (_, block, outcome) = cast.asks(&purpose, RequestState::AutoDenied).await?;
	teller.story.research.denied += 1;
	let what = "A request to develop a drug commercially is denied at once, with the reasons; nothing is held for it";
	teller.step(what, Some(block), Some(&outcome));
	Ok(())
}

/// A request that people decide.
async fn reviewed(cast: &Cast<'_>, teller: &mut Teller<impl FnMut(&Event)>) -> Result<()> {
	let sensitive = SensitiveSet::of(&[Sensitive::Stigmatising]);
	let purpose = Research { sensitive, ..biomedical() };
	let (request, block, outcome) = cast.asks(&purpose, RequestState::InReview).await?;
	teller.step("A study of a stigmatising condition goes to a committee", Some(block), Some(&outcome));
	let (mut votes, mut block) = (0, 0);
	for reviewer in &cast.reviewers {
		let call = research::vote(request, VoteReason::Acceptable);
		block = cast.chain.submit(&reviewer.signer, &call).await?.block.number;
		votes += 1;
		if cast.state(request).await? == RequestState::Approved {
			break;
		}
	}
	match cast.state(request).await? {
		RequestState::Approved => {}
		other => return Err(unexpected(format!("{votes} votes leave the request {other}"))),
	}
	teller.step(format!("{votes} members of the Regional Ethics Committee approve it"), Some(block), None);
	let block = cast.chain.submit(&cast.researcher.signer, &research::activate(request)).await?.block.number;
	teller.story.research.reviewed += 1;
	teller.step("The second study begins", Some(block), None);
	Ok(())
}

/// The university pays in, and a contributor claims.
async fn rewards(cast: &Cast<'_>, patients: &[Patient], teller: &mut Teller<impl FnMut(&Event)>) -> Result<()> {
	let call = research::fund(cast.dataset, FEE);
	let block = cast.chain.submit(&cast.researcher.signer, &call).await?.block.number;
	let what = format!("Coast University pays {} SLS in for the contributors, in one write", FEE / SLS);
	teller.step(what, Some(block), None);
	let mine = &patients[0].mine;
	// Paid to a wallet of the patient's, which the contribution is not linked with but by this payment.
	let payee = fresh("wallet")?.account();
	cast.chain.submit(&mine.signer()?, &research::set_payee(cast.dataset, &mine.pseudonym, &payee)).await?;
	let call = research::claim(cast.dataset, &mine.pseudonym);
	let block = cast.chain.submit(&mine.signer()?, &call).await?.block.number;
	let earned = cast.chain.tokens(&payee).await?;
	// Two fees and what was paid in, a thirtieth of each; parts of the smallest unit stay with the contribution.
	if earned > 3 * SLS || earned + 3 < 3 * SLS {
		return Err(unexpected(format!("a contributor earned {earned}")));
	}
	teller.story.research.earned = earned;
	let what = "A contributor claims a thirtieth of two fees and of what was paid in, to an account of their choice";
	teller.step(what, Some(block), None);
	Ok(())
}

/// A contribution is withdrawn in the middle of a study, and a consent is.
async fn withdrawal(
	cast: &Cast<'_>,
	patients: &[Patient],
	study: RequestId,
	teller: &mut Teller<impl FnMut(&Event)>,
) -> Result<()> {
	let [_, first, second, third, ..] = patients else { return Err(unexpected("there are too few patients")) };
	let call = research::withdraw_contribution(cast.dataset, &first.mine.pseudonym);
	let block = cast.chain.submit(&first.mine.signer()?, &call).await?.block.number;
	cast.expect_ended(study, first).await?;
	let code = AccessRefusal::ContributionEnded.code();
	let what = "A contributor withdraws: from this block on the grant does not reach the data";
	teller.step(what, Some(block), Some(code));

	cast.chain.submit(&second.keys.signer, &calls::withdraw(&second.id, second.consent)).await?;
	let call = research::withdraw_contribution(cast.dataset, &second.mine.pseudonym);
	let block = cast.chain.submit(&cast.hospital.clinician.signer, &call).await?.block.number;
	cast.expect_ended(study, second).await?;
	let what = "A patient withdraws the consent itself, and the hospital ends the contribution";
	teller.step(what, Some(block), Some(code));
	teller.story.research.withdrawn = 2;
	if let Some(refusal) = cast.refusal(study, third).await? {
		return Err(unexpected(format!("a withdrawal touches another contribution: {refusal}")));
	}
	teller.step("The study goes on with the others", None, None);

	let (account, before) = (first.mine.account(), cast.chain.tokens(&first.mine.account()).await?);
	let call = research::claim(cast.dataset, &first.mine.pseudonym);
	let block = cast.chain.submit(&first.mine.signer()?, &call).await?.block.number;
	if cast.chain.tokens(&account).await? <= before {
		return Err(unexpected("what was earned before the withdrawal is lost"));
	}
	teller.step("What was earned before the withdrawal is paid still", Some(block), None);
	Ok(())
}

/// The results are returned, and the study ends.
async fn finish(cast: &Cast<'_>, study: RequestId, teller: &mut Teller<impl FnMut(&Event)>) -> Result<()> {
	let call = research::fulfil_obligation(study, 0, H256(rand::random()));
	let block = cast.chain.submit(&cast.researcher.signer, &call).await?.block.number;
	if bond(cast, study).await? != 0 {
		return Err(unexpected("the bond is held still"));
	}
	teller.step("The university returns its results: the bond is free", Some(block), None);
	let call = research::close_grant(study, CloseReason::Completed);
	let block = cast.chain.submit(&cast.researcher.signer, &call).await?.block.number;
	teller.step("The first study is completed", Some(block), None);
	Ok(())
}

impl Cast<'_> {
	/// The researcher asks, and the chain judges so.
	async fn asks(&self, purpose: &Research, expected: RequestState) -> Result<(RequestId, u32, String)> {
		let input = RequestInput {
			dataset: self.dataset,
			purpose: purpose.clone(),
			groups: GroupSet::default().with(0),
			days: 180,
			protocol: H256(rand::random()),
			ethics: None,
			closures: Default::default(),
			co_signatures: Default::default(),
			renews: None,
		};
		let included = self.chain.submit(&self.researcher.signer, &research::submit_request(&input)).await?;
		let request = number(&included, "RequestSubmitted", "request")?;
		let view = self.chain.request(request).await?.ok_or_else(|| unexpected("the request is gone"))?;
		match view.state == expected {
			true => Ok((request, included.block.number, reasons(&view.outcome))),
			false => {
				Err(unexpected(format!("a request is {}, not {expected}: {}", view.state, reasons(&view.outcome))))
			}
		}
	}

	async fn state(&self, request: RequestId) -> Result<RequestState> {
		let view = self.chain.request(request).await?;
		Ok(view.ok_or_else(|| unexpected("the request is gone"))?.state)
	}

	async fn view(&self) -> Result<salus_primitives::research::DatasetView> {
		self.chain.dataset(self.dataset).await?.ok_or_else(|| unexpected("the dataset is gone"))
	}

	/// Why a contribution may not be released under a grant; `None` if it may.
	async fn refusal(&self, grant: RequestId, patient: &Patient) -> Result<Option<AccessRefusal>> {
		let pseudonym = &patient.mine.pseudonym;
		let answer = self.chain.grant_access(grant, &self.researcher.account(), pseudonym, None).await?;
		let access = match answer {
			Ok(access) => access,
			Err(refusal) => return Ok(Some(refusal)),
		};
		// As the custodian's gateway does: what the chain commits to is what was attested.
		let attested = self.attested.attested(self.dataset, pseudonym)?;
		let attested = attested.ok_or_else(|| unexpected("nobody attested a contribution"))?;
		match (attested.permit(), attested.commitment()) == (access.permit, access.commitment) {
			true => Ok(None),
			false => Err(unexpected("a commitment opens to something else")),
		}
	}

	async fn expect_ended(&self, grant: RequestId, patient: &Patient) -> Result<()> {
		match self.refusal(grant, patient).await? {
			Some(AccessRefusal::ContributionEnded) => Ok(()),
			other => Err(unexpected(format!("a withdrawn contribution is answered with {other:?}"))),
		}
	}
}

/// Biomedical research that is not commercial.
fn biomedical() -> Research {
	Research { uses: UseSet::of(&[Use::Biomedical]), commercial: Some(false), ..Research::default() }
}

/// The codes of all reasons.
fn reasons(outcome: &Outcome) -> String {
	let groups = outcome.groups.iter();
	let codes: Vec<_> = groups.flat_map(|group| group.reasons.iter().map(|reason| reason.code())).collect();
	codes.join(", ")
}

/// Units that are held for what a grant owes.
async fn bond(cast: &Cast<'_>, grant: RequestId) -> Result<u128> {
	let view = cast.chain.grant(grant).await?.ok_or_else(|| unexpected("there is no grant"))?;
	Ok(view.obligations.iter().map(|owed| owed.bond).sum())
}

/// Moves the clock of a development chain to the next day (UTC), and tells its time.
async fn next_day(chain: &Chain) -> Result<u64> {
	let now = chain.time().await?;
	let tomorrow = (u64::from(day_of(now)) + 1) * DAY + HOUR;
	chain.rpc("dev_advanceTime", vec![(tomorrow - now).into()]).await.map_err(|error| {
		Error::Unexpected(format!("the story of research moves the clock of a development chain on by a day: {error}"))
	})?;
	chain.time().await
}

fn number(included: &Included, event: &str, field: &str) -> Result<u32> {
	let number = included.event("ResearchDatasets", event).and_then(|event| event.number(field));
	number.and_then(|number| u32::try_from(number).ok()).ok_or_else(|| unexpected(format!("there is no {event}")))
}
