//! Research datasets on the command line: what stewards, custodians, patients, researchers and committees type, and the
//! exit codes that scripts go by. Contributions count from the next day: who needs that has a node of their own.

use crate::support::*;
use futures::future::join_all;
use salus_client::{
	chain::{calls, Chain},
	cli::consent_online::Grant,
	demo::stage,
	gateway::Config,
	keys::{AtRest, Keys},
	research::{research_contributions, research_download, Attester, Book, Mine},
	Error,
};
use salus_primitives::{
	consent::{ActorRef, Effect},
	research::day_of,
	time::{DAY, HOUR},
	AccountId, Action, ActionSet, ConsentId, MemberRole, MemberRoleSet, Moment, OrgRole, PatientId, Pseudonym, Purpose,
	PurposeSet, RecordId, ResourceType, SensitivitySet,
};
use serde_json::{json, Value};
use std::path::PathBuf;
use subxt_signer::sr25519::dev;

/// Half a second a block.
const FAST: u64 = 500;
/// A unit of the token.
const SLS: u128 = stage::ENDOWMENT / 100;

/// Two hospitals, the first of which is a steward and keeps the patients' records, a university and an ethics committee.
struct Study {
	world: World,
	url: String,
}

/// A patient's measurement.
struct Measured {
	patient: PatientId,
	record: RecordId,
}

impl Study {
	/// On the node that all tests share.
	async fn new() -> Self {
		Self::on(connect().await, node().url.clone()).await
	}

	async fn on(chain: Chain, url: String) -> Self {
		let world = World::on(chain).await;
		let names = ["registrar", "dean", "researcher", "chair", "reviewer-1", "reviewer-2", "reviewer-3"];
		let keys: Vec<_> = names.iter().map(|name| world.ring.create(name).unwrap()).collect();
		let [registrar, dean, researcher, chair, reviewers @ ..] = &keys[..] else { panic!("seven names") };
		let orgs = {
			let _council = COUNCIL.lock().await;
			// What a researcher pays: fees and bonds.
			let everyone: Vec<_> = keys.iter().chain([researcher; 4]).chain([&world.first.clinician; 2]).collect();
			stage::endow(&world.chain, &dev::alice(), &everyone).await.unwrap();
			let candidates =
				[("University", OrgRole::ResearchBody, dean), ("Ethics Committee", OrgRole::EthicsCommittee, chair)];
			stage::admit(&world.chain, &[dev::alice(), dev::bob()], &candidates).await.unwrap().0
		};
		let mut members = vec![
			(world.first_org, &world.first.admin, registrar, MemberRole::Registrar),
			(orgs[0], dean, researcher, MemberRole::Researcher),
		];
		members.extend(reviewers.iter().map(|keys| (orgs[1], chair, keys, MemberRole::EthicsReviewer)));
		for (org, admin, member, role) in members {
			let call = calls::add_member(org, &member.account(), MemberRoleSet::of(&[role]), None, None);
			world.chain.submit(&admin.signer, &call).await.unwrap();
		}
		Self { world, url }
	}

	/// Types a command.
	async fn types(&self, text: &str) -> Answer {
		salus_at(&self.url, self.world.home.path(), &words(text)).await
	}

	/// Types a command about datasets, with a key.
	async fn does(&self, signer: &str, text: &str) -> Answer {
		self.types(&format!("dataset {text} --as {signer}")).await
	}

	fn file(&self, name: &str, content: &Value) -> PathBuf {
		let path = self.world.home.path().join(name);
		std::fs::write(&path, content.to_string()).unwrap();
		path
	}

	fn account(&self, name: &str) -> AccountId {
		self.world.ring.load(name).unwrap().account()
	}

	/// An open dataset with these groups. Its fee is 2 SLS.
	async fn dataset(&self, groups: Value) -> u64 {
		let file = self.file("data-use.json", &json!({ "groups": groups }));
		let schema = self.file("schema.json", &json!({ "type": "object" }));
		let (file, schema) = (file.display(), schema.display());
		let create = format!("create --data-use {file} --schema {schema} --description strokes --fee 2");
		let created = self.does("registrar", &create).await.succeeded().clone();
		let dataset = created["dataset"].as_u64().unwrap();
		self.does("registrar", &format!("open {dataset}")).await.succeeded();
		dataset
	}

	/// A patient of the first hospital with a measurement.
	async fn measured(&self, value: u32) -> Measured {
		let patient = self.world.new_patient().await;
		let bundle = json!({
			"resourceType": "Bundle",
			"type": "collection",
			"entry": [
				{ "fullUrl": "urn:uuid:00000000-0000-4000-8000-000000000001",
				  "resource": { "resourceType": "Patient", "id": "p" } },
				{ "fullUrl": "urn:uuid:00000000-0000-4000-8000-000000000002",
				  "resource": {
					"resourceType": "Observation",
					"status": "final",
					"code": { "coding": [{ "system": "http://loinc.org", "code": "59261-8" }] },
					"subject": { "reference": "Patient/p", "display": "Kadri Tamm" },
					"note": [{ "text": "Kadri Tamm called" }],
					"valueQuantity": { "value": value, "unit": "mmol/mol",
						"system": "http://unitsofmeasure.org", "code": "mmol/mol" } } },
			],
		});
		let plan = plan(&bundle.to_string());
		let added = self.world.add(&patient, &plan).await.unwrap();
		let mut records = added.records.iter().zip(&plan.records);
		let (record, _) = records.find(|(_, planned)| planned.resource_type == ResourceType::Observation).unwrap();
		Measured { patient, record: *record }
	}

	/// The patient's consent to research by the first hospital and by researchers.
	async fn consents(&self, patient: &PatientId, until: Moment) -> ConsentId {
		let grant = Grant {
			to: vec![ActorRef::Org(self.world.first_org), ActorRef::Role(MemberRole::Researcher)],
			purposes: PurposeSet::of(&[Purpose::Hresch]),
			actions: ActionSet::of(&[Action::Access, Action::Use]),
			except: SensitivitySet::EMPTY,
			up_to: None,
			until: Some(until),
			supersedes: None,
		};
		let included = self.world.submit(&calls::grant(patient, &grant.input(None).unwrap())).await;
		included.event("Consent", "ConsentGranted").unwrap().number("consent").unwrap() as ConsentId
	}

	async fn consenting(&self, value: u32) -> Measured {
		let measured = self.measured(value).await;
		self.consents(&measured.patient, self.world.chain.time().await.unwrap() + 300 * DAY).await;
		measured
	}

	/// Contributes with the command line.
	async fn contributes(&self, dataset: u64, Measured { patient, record }: &Measured) -> Answer {
		self.does("clinician-1", &format!("contribute --dataset {dataset} --patient {patient} --record {record}")).await
	}

	/// So many patients more contribute.
	async fn contributors(&self, dataset: u64, many: u32) {
		let measured = join_all((0..many).map(|value| self.consenting(1_000 + value))).await;
		let (store, data_keys) = (self.world.first.store().unwrap(), self.world.first.data_keys().unwrap());
		let book = Book::open_with(self.world.home.path(), &AtRest::ClearText).unwrap();
		let attester = Attester {
			chain: &self.world.chain,
			keys: &self.world.first.clinician,
			book: &book,
			store: &store,
			data_keys: &data_keys,
		};
		let offers: Vec<_> = measured
			.iter()
			.map(|Measured { patient, record }| Mine::draw(dataset as u32, 0, *patient, vec![*record]).offer())
			.collect();
		for contributed in join_all(offers.iter().map(|offer| attester.contribute(offer))).await {
			contributed.unwrap();
		}
	}

	/// Gives an account what fees take.
	async fn endows(&self, account: &AccountId) {
		let call = calls::transfer(account, SLS);
		self.world.chain.submit(&self.world.first.admin.signer, &call).await.unwrap();
	}

	/// A purpose as a file.
	fn purpose(&self, purpose: Value) -> String {
		self.file("purpose.json", &purpose).display().to_string()
	}
}

/// Biomedical research without commerce, by anybody.
fn biomedical() -> Value {
	json!([{ "permission": "DUO:0000006", "modifiers": [{ "term": "DUO:0000046" }] }])
}

fn amount(answer: &Answer) -> u128 {
	answer.succeeded()["amount"].as_str().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dataset_is_contributed_to_asked_for_paid_for_and_withdrawn_from_by_commands() {
	let node = OwnNode::start(FAST);
	let study = Study::on(node.connect().await, node.url()).await;
	let chain = &study.world.chain;
	let dataset = study.dataset(biomedical()).await;
	let listed = study.types("dataset list").await.succeeded().clone();
	assert_eq!((&listed[0]["state"], &listed[0]["steward"]), (&"open".into(), &study.world.first_org.into()));
	let two = study.file("two.json", &json!({ "groups": [biomedical()[0], biomedical()[0]] }));
	study
		.does("registrar", &format!("add-group {dataset} --data-use {}", two.display()))
		.await
		.failed(2, "not-one-group");

	// The custodian contributes for one patient, and keeps the account of the contribution.
	let contributed = study.contributes(dataset, &study.consenting(1).await).await.succeeded().clone();
	let first = contributed["pseudonym"].as_str().unwrap().to_owned();
	let mine = study.types("dataset mine").await.succeeded().clone();
	assert_eq!((&mine[0]["pseudonym"], &mine[0]["contribution"]["state"]), (&first.as_str().into(), &"live".into()));

	// Another patient keeps the account of their own, and brings what the custodian attested.
	let own = tempfile::tempdir().unwrap();
	let types = async |text: String| salus_at(&study.url, own.path(), &words(&text)).await;
	let Measured { patient, record } = study.consenting(2).await;
	let offer = types(format!("dataset offer --dataset {dataset} --patient {patient} --record {record}")).await;
	let offer = offer.succeeded().clone();
	let (second, account) = (offer["pseudonym"].as_str().unwrap(), offer["account"].as_str().unwrap());
	let offered = study.file("offer.json", &offer);
	let signed = own.path().join("signed.json");
	let attest = format!("contribute --offer {} --sign {}", offered.display(), signed.display());
	study.does("clinician-1", &attest).await.succeeded();
	let bring = format!("dataset bring {}", signed.display());
	study.types(&bring).await.failed(13, "not-found");
	types(bring.clone()).await.failed(10, "insufficient-funds");
	study.endows(&account.parse().unwrap()).await;
	types(bring.clone()).await.succeeded();
	types(bring).await.failed(12, "transaction-failed");
	study.contributors(dataset, 19).await;

	// A request that fits; 21 contribute, but count from tomorrow on.
	let purpose = study.purpose(json!({ "uses": ["DUO:0000037"], "commercial": false }));
	let asks = format!("request {dataset} --purpose {purpose} --days 30 --protocol blinded");
	let asked = study.does("researcher", &asks).await.succeeded().clone();
	assert_eq!((&asked["state"], &asked["granted"]), (&"auto-approved".into(), &json!([0])), "{asked}");
	let request = asked["request"].as_u64().unwrap();
	let early = study.does("researcher", &format!("activate {request}")).await;
	early.failed(12, "transaction-failed");
	assert_eq!(early.json["name"], "CohortTooSmall");
	let researcher = study.account("researcher");
	let access = |pseudonym: &str| format!("dataset access {request} {pseudonym} --researcher {researcher}");
	let refused = study.types(&access(&first)).await;
	refused.failed(5, "denied");
	let today = day_of(chain.time().await.unwrap());
	advance_to(chain, (u64::from(today) + 1) * DAY + HOUR).await;
	study.does("researcher", &format!("roll {dataset}")).await.succeeded();
	let view = study.types(&format!("dataset show {dataset}")).await.succeeded().clone();
	assert_eq!(view["contributors"], json!({ "from": 21, "to": 49 }));
	study.does("researcher", &format!("activate {request}")).await.succeeded();
	let status = study.types(&format!("dataset status {request}")).await.succeeded().clone();
	assert_eq!((&status["request"]["state"], &status["grant"]["groups"]), (&"active".into(), &json!([0])));

	// What the gateway asks, and what it finds in the book.
	let may = study.types(&access(&first)).await.succeeded().clone();
	let book = Book::open_with(study.world.home.path(), &AtRest::ClearText).unwrap();
	let attested = book.attested(dataset as u32, &first.parse().unwrap()).unwrap().unwrap();
	assert_eq!(may["permit"], serde_json::to_value(attested.permit()).unwrap());
	assert_eq!(may["commitment"], serde_json::to_value(attested.commitment()).unwrap());
	study.types(&format!("dataset access {request} {second} --researcher registrar")).await.failed(5, "denied");

	// A fee of 2 and 19 paid in make a unit for each of the 21.
	study.does("researcher", &format!("fund {dataset} 19")).await.succeeded();
	study.endows(&contributed["account"].as_str().unwrap().parse().unwrap()).await;
	assert_eq!(amount(&study.types(&format!("dataset claim {dataset} {first}")).await), SLS);
	study.types(&format!("dataset claim {dataset} {first}")).await.failed(12, "transaction-failed");
	study.types(&format!("dataset claim {dataset} {second}")).await.failed(13, "not-found");

	// Withdrawn in the middle of the study: the grant does not reach it any more, what it earned is paid still.
	let wallet = Keys::of_dev_uri("//Wallet").unwrap().account();
	types(format!("dataset payee {dataset} {second} --to {wallet}")).await.succeeded();
	types(format!("dataset withdraw {dataset} {second}")).await.succeeded();
	let ended = study.types(&access(second)).await;
	ended.failed(5, "denied");
	assert_eq!(ended.json["reason"], "contribution-ended");
	study.types(&access(&first)).await.succeeded();
	types(format!("dataset withdraw {dataset} {second}")).await.failed(12, "transaction-failed");
	assert_eq!(amount(&types(format!("dataset claim {dataset} {second}")).await), SLS);
	assert_eq!(chain.tokens(&wallet).await.unwrap(), SLS);
	// The organisation that attested may end it, too; another may not.
	study.does("clinician-2", &format!("withdraw {dataset} {first}")).await.failed(12, "transaction-failed");
	study.does("clinician-1", &format!("withdraw {dataset} {first}")).await.succeeded();
	// With 19 left no new grant begins, and the old one goes on until it is closed.
	let again = study.does("researcher", &asks).await.succeeded()["request"].as_u64().unwrap();
	let small = study.does("researcher", &format!("activate {again}")).await;
	small.failed(12, "transaction-failed");
	assert_eq!(small.json["name"], "CohortTooSmall");
	study.does("researcher", &format!("take-back {again}")).await.succeeded();
	study.does("researcher", &format!("close {request} --reason completed")).await.succeeded();
	study.types(&access(&first)).await.failed(5, "denied");
	let requests = study.types(&format!("dataset requests {dataset}")).await.succeeded().clone();
	let mut states: Vec<_> = requests.as_array().unwrap().iter().map(|view| view["state"].as_str().unwrap()).collect();
	states.sort_unstable();
	assert_eq!(states, ["closed", "withdrawn"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_a_patient_permits_is_contributed_and_once() {
	let study = Study::new().await;
	let dataset = study.dataset(biomedical()).await;
	let without = study.measured(1).await;
	let refused = study.contributes(dataset, &without).await;
	refused.failed(5, "denied");
	assert_eq!(refused.json["reason"], "no-consent");
	// A consent that ends tomorrow is none for a contribution that counts from tomorrow on.
	let now = study.world.chain.time().await.unwrap();
	let consent = study.consents(&without.patient, now + HOUR).await;
	study.contributes(dataset, &without).await.failed(2, "consent-too-short");
	study.world.submit(&calls::withdraw(&without.patient, consent)).await;
	study.contributes(dataset, &without).await.failed(5, "denied");

	study.consents(&without.patient, now + 300 * DAY).await;
	study.contributes(dataset, &without).await.succeeded();
	study.contributes(dataset, &without).await.failed(2, "already-contributes");
	// The same bytes under another account.
	let same = study.consenting(1).await;
	let twice = study.contributes(dataset, &same).await;
	twice.failed(12, "transaction-failed");
	assert_eq!(twice.json["name"], "AlreadyContributed");
	// Who does not keep a record cannot attest it, nor can who is nobody's member.
	let other = study.consenting(2).await;
	let named = format!("--patient {} --record {}", other.patient, other.record);
	study.does("clinician-2", &format!("contribute --dataset {dataset} {named}")).await.failed(2, "not-custodian");
	study.does("//Ferdie", &format!("contribute --dataset {dataset} {named}")).await.failed(13, "not-found");
	// A closed door.
	study.does("registrar", &format!("suspend {dataset}")).await.succeeded();
	let suspended = study.contributes(dataset, &other).await;
	suspended.failed(12, "transaction-failed");
	assert_eq!(suspended.json["name"], "WrongState");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_denied_with_reasons_or_decided_by_a_committee() {
	let study = Study::new().await;
	let dataset = study.dataset(biomedical()).await;
	let asks = |purpose: Value| {
		let purpose = study.purpose(purpose);
		format!("request {dataset} --purpose {purpose} --days 30 --protocol blinded")
	};
	let commercial = study.does("researcher", &asks(json!({ "uses": ["DUO:0000039"], "commercial": true }))).await;
	let commercial = commercial.succeeded().clone();
	assert_eq!(commercial["state"], "auto-denied");
	assert_eq!(commercial["outcome"]["groups"][0], json!({ "verdict": "deny", "reasons": ["ncu-commercial"] }));
	let denied = commercial["request"].as_u64().unwrap();
	study.does("researcher", &format!("activate {denied}")).await.failed(12, "transaction-failed");
	study.does("researcher", &format!("remove-request {denied}")).await.succeeded();
	study.types(&format!("dataset status {denied}")).await.failed(13, "not-found");

	let sensitive = json!({ "uses": ["DUO:0000037"], "commercial": false, "sensitive": ["stigmatising"] });
	let file = study.purpose(sensitive.clone());
	let told = study.types(&format!("dataset match {dataset} --purpose {file} --researcher researcher")).await;
	assert_eq!(told.succeeded()["outcome"]["groups"][0]["reasons"], json!(["sensitive-stigmatising"]));
	study
		.types(&format!("dataset match {dataset} --purpose {file} --researcher registrar"))
		.await
		.failed(2, "not-researcher");
	for (reasons, state) in [
		(["acceptable", "acceptable", "privacy-risk"], "approved"),
		(["incomplete", "acceptable", "incomplete"], "rejected"),
	] {
		let asked = study.does("researcher", &asks(sensitive.clone())).await.succeeded().clone();
		assert_eq!(asked["state"], "in-review");
		let request = asked["request"].as_u64().unwrap();
		let own = study.does("researcher", &format!("vote {request} --reason acceptable")).await;
		own.failed(12, "transaction-failed");
		let mut last = json!(null);
		for (number, reason) in (1..).zip(reasons) {
			let vote = format!("vote {request} --reason {reason}");
			last = study.does(&format!("reviewer-{number}"), &vote).await.succeeded()["state"].clone();
		}
		assert_eq!(last, state);
	}
	study.does("clinician-1", &asks(sensitive)).await.failed(12, "transaction-failed");
	assert_eq!(study.does("reviewer-1", "vote 0 --reason because").await.code, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn diseases_are_proved_and_facts_are_those_of_the_chain() {
	let study = Study::new().await;
	let table = study.world.home.path().join("table");
	std::fs::write(
		&table,
		"MONDO:0000002\tMONDO:0000001\nMONDO:0000003\tMONDO:0000002\nMONDO:0000004\tMONDO:0000001\n",
	)
	.unwrap();
	let release = study.world.home.path().join("release.json");
	let build = format!("ontology build {} --namespace MONDO --out {}", table.display(), release.display());
	study.types(&build).await.succeeded();
	let investigator = study.account("reviewer-3");
	let groups = json!([{
		"permission": "DUO:0000007",
		"diseases": ["MONDO:0000002"],
		"modifiers": [{ "term": "DUO:0000021" }, { "term": "DUO:0000020", "account": investigator }],
	}]);
	let dataset = study.dataset(groups).await;
	// What the file says of the researcher is not believed.
	let asks = |disease: &str, more: &str| {
		let purpose = study.purpose(json!({
			"uses": ["DUO:0000037", "DUO:0000040"], "diseases": [disease], "nonprofit": true,
			"ethics_approval": { "expires": "2099-01-01T00:00:00Z" }, "collaborators": [investigator],
		}));
		format!("request {dataset} --purpose {purpose} --days 30 --protocol blinded {more}")
	};
	study.does("researcher", &asks("MONDO:0000003", "")).await.failed(2, "no-ontology");
	let with = format!("--ontology {}", release.display());
	let unknown = study.does("researcher", &asks("MONDO:0000003", &with)).await;
	unknown.failed(12, "transaction-failed");
	{
		let _council = COUNCIL.lock().await;
		let post = format!("dataset post-release {} --council //Alice //Bob", release.display());
		study.types(&post).await.succeeded();
	}
	let other = study.does("researcher", &asks("MONDO:0000004", &with)).await.succeeded().clone();
	assert_eq!(other["state"], "auto-denied");
	let text = other["outcome"].to_string();
	assert!(text.contains("ds-other-disease"), "{text}");
	let alone = study.does("researcher", &asks("MONDO:0000003", &with)).await.succeeded().clone();
	let text = alone["outcome"].to_string();
	assert!(alone["state"] == "auto-denied" && text.contains("col-not-signed"), "{alone}");

	// With the investigator's signature people decide, and with an ethics committee's approval nobody has to.
	let draft = study.world.home.path().join("draft.json");
	let drafted = |more: &str| asks("MONDO:0000003", &format!("{with} {more} --draft {}", draft.display()));
	study.does("researcher", &drafted("")).await.succeeded();
	let sign = format!("co-sign {}", draft.display());
	assert_eq!(study.does("reviewer-3", &sign).await.succeeded()["co_signatures"], 1);
	study.does("reviewer-3", &sign).await.failed(2, "already-signed");
	let submit = format!("request --from {}", draft.display());
	study.does("registrar", &submit).await.failed(2, "not-researcher");
	let review = study.does("researcher", &submit).await.succeeded().clone();
	assert!(review["state"] == "in-review" && review["outcome"].to_string().contains("irb-missing"), "{review}");

	let protocol = study.file("protocol.json", &json!({ "protocol": rand::random::<u64>() }));
	let approve = format!("approve-ethics {} --researcher researcher --until 300d", protocol.display());
	study.does("registrar", &approve).await.failed(12, "transaction-failed");
	study.does("reviewer-1", &approve).await.succeeded();
	study.types(&format!("dataset approval {}", protocol.display())).await.succeeded();
	std::fs::remove_file(&draft).unwrap();
	study.does("researcher", &drafted(&format!("--ethics {}", protocol.display()))).await.succeeded();
	study.does("reviewer-3", &sign).await.succeeded();
	let approved = study.does("researcher", &submit).await.succeeded().clone();
	assert_eq!(approved["state"], "auto-approved", "{approved}");
	study.does("reviewer-1", &format!("revoke-ethics {}", protocol.display())).await.succeeded();
	study.types(&format!("dataset approval {}", protocol.display())).await.failed(13, "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_or_not_understood_is_said_plainly() {
	let study = Study::new().await;
	study.types("dataset show 4000000000").await.failed(13, "not-found");
	study.types("dataset requests 4000000000").await.failed(13, "not-found");
	study.types("dataset status 4000000000").await.failed(13, "not-found");
	let pseudonym = format!("0x{}", "11".repeat(32));
	study.types(&format!("dataset contribution 0 {pseudonym}")).await.failed(13, "not-found");
	study.types(&format!("dataset withdraw 0 {pseudonym}")).await.failed(13, "not-found");
	assert_eq!(study.types("dataset mine").await.succeeded(), &json!([]));
	let nowhere = study.types("dataset approval nowhere").await;
	assert_eq!(nowhere.code, 13, "{nowhere:?}");

	let schema = study.file("schema.json", &json!({}));
	let create = |groups: Value| {
		let file = study.file("bad.json", &json!({ "groups": groups }));
		format!("create --data-use {} --schema {} --description d", file.display(), schema.display())
	};
	// An obsolete term, a heading, a modifier where a permission belongs, and one that nobody knows.
	for term in ["DUO:0000005", "DUO:0000001", "DUO:0000046", "DUO:9999999"] {
		let refused = study.does("registrar", &create(json!([{ "permission": term }]))).await;
		assert_eq!((refused.code, &refused.json["at"]), (2, &"/groups/0/permission".into()), "{refused:?}");
	}
	// Who is no registrar creates nothing, and who is no steward changes nothing.
	let denied = study.does("clinician-1", &create(biomedical())).await;
	denied.failed(12, "transaction-failed");
	let dataset = study.dataset(biomedical()).await;
	study.does("researcher", &format!("suspend {dataset}")).await.failed(12, "transaction-failed");
	let tighter =
		json!([{ "permission": "DUO:0000006", "modifiers": [{ "term": "DUO:0000046" }, { "term": "DUO:0000021" }] }]);
	let tighter = study.file("tighter.json", &json!({ "groups": tighter }));
	let wider = study.file("wider.json", &json!({ "groups": [{ "permission": "DUO:0000042" }] }));
	let change = |how: &str, path: &PathBuf| format!("{how} {dataset} 0 --data-use {}", path.display());
	study.does("registrar", &change("tighten", &wider)).await.failed(12, "transaction-failed");
	study.does("registrar", &change("tighten", &tighter)).await.succeeded();
	study.does("registrar", &change("loosen", &wider)).await.succeeded();
	let view = study.types(&format!("dataset show {dataset}")).await.succeeded().clone();
	let open: Vec<_> =
		view["groups"].as_array().unwrap().iter().map(|group| group["open"].as_bool().unwrap()).collect();
	assert_eq!(open, [false, true]);
	study.does("registrar", &format!("retire {dataset}")).await.succeeded();
	study.does("registrar", &format!("open {dataset}")).await.failed(12, "transaction-failed");
}

/// Waits until what is in the best block is final.
async fn finality(chain: &Chain) {
	let best = chain.best().await.unwrap().number;
	while chain.finalised().await.unwrap().number < best {
		tokio::time::sleep(std::time::Duration::from_millis(200)).await;
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_granted_researcher_downloads_de_identified_contributions_until_the_patient_says_no() {
	let node = OwnNode::start(FAST);
	let study = Study::on(node.connect().await, node.url()).await;
	let (world, chain) = (&study.world, &study.world.chain);
	let dataset = study.dataset(biomedical()).await;
	let measured = study.measured(1).await;
	let consent = study.consents(&measured.patient, chain.time().await.unwrap() + 300 * DAY).await;
	let contributed = study.contributes(dataset, &measured).await.succeeded().clone();
	let first = contributed["pseudonym"].as_str().unwrap().to_owned();
	study.contributors(dataset, 20).await;
	let purpose = study.purpose(json!({ "uses": ["DUO:0000037"], "commercial": false }));
	let asks = format!("request {dataset} --purpose {purpose} --days 30 --protocol blinded");
	let request = study.does("researcher", &asks).await.succeeded()["request"].as_u64().unwrap();
	let researcher = world.ring.load("researcher").unwrap();
	stage::register_keys(chain, &[&researcher]).await.unwrap();

	// The gateway has the home in which the custodian's members attest.
	let gateway = world.first.start_gateway(chain).await.unwrap();
	let reader = world.reader(&researcher, &gateway);
	let pseudonym: Pseudonym = first.parse().unwrap();
	let (dataset_id, grant) = (dataset as u32, request as u32);
	let denied = |refused: Error| match refused {
		Error::Denied { reason, consent: None, rule: None } => reason,
		other => panic!("{other}"),
	};
	let early = research_contributions(&reader, dataset_id, grant).await.unwrap_err();
	assert_eq!(denied(early), "unknown-grant");
	let today = day_of(chain.time().await.unwrap());
	advance_to(chain, (u64::from(today) + 1) * DAY + HOUR).await;
	study.does("researcher", &format!("roll {dataset}")).await.succeeded();
	study.does("researcher", &format!("activate {request}")).await.succeeded();
	finality(chain).await;

	// All that the custodian attested may be asked for, and comes without what tells whose it is.
	let listed = research_contributions(&reader, dataset_id, grant).await.unwrap();
	assert_eq!(listed.len(), 21);
	assert!(listed.iter().any(|listed| listed.pseudonym == pseudonym && listed.group == 0));
	let downloaded = research_download(&reader, dataset_id, &pseudonym, grant).await.unwrap();
	let release = &downloaded.release;
	assert_eq!((release.records, release.resources, release.dropped), (1, 1, 0));
	assert_eq!(release.withheld, []);
	let text = std::str::from_utf8(&downloaded.bundle).unwrap();
	let bundle: Value = serde_json::from_str(text).unwrap();
	let observation = &bundle["entry"][0]["resource"];
	assert_eq!(bundle["identifier"]["value"], first.as_str());
	assert_eq!(observation["code"]["coding"][0]["code"], "59261-8");
	assert_eq!(observation["valueQuantity"]["value"], 1);
	let subject = observation["subject"]["reference"].as_str().unwrap();
	assert!(subject.starts_with("Patient/") && subject != "Patient/p");
	let told = text.to_owned() + &serde_json::to_string(release).unwrap();
	let ids = [measured.patient.to_string(), measured.record.to_string()];
	for secret in ["Kadri", "Tamm"].into_iter().chain(ids.iter().map(|id| id.trim_start_matches("0x"))) {
		assert!(!told.contains(secret), "{secret}");
	}
	let again = research_download(&reader, dataset_id, &pseudonym, grant).await.unwrap();
	assert_eq!(again.bundle, downloaded.bundle);
	assert_ne!(again.release.ciphertext, release.ciphertext);

	// Receipts are the patient's to see; the chain has but a root over them.
	let own = world.reader(&world.patient_keys, &gateway);
	let receipts = async || {
		wait_for_receipts(&own).await;
		assert!(chain.receipts(&measured.patient, usize::MAX).await.unwrap().is_empty());
		own.receipts(&measured.patient).await.unwrap()
	};
	let seen = receipts().await;
	assert_eq!(seen.len(), 2);
	for receipt in &seen {
		let told = &receipt.proven.leaf.receipt;
		assert_eq!((&told.actor, told.purpose, told.effect), (&researcher.account(), Purpose::Hresch, Effect::Permit));
		assert_eq!(told.record, measured.record);
	}

	// Another account, and another purpose.
	let clinician = world.reader(&world.first.clinician, &gateway);
	assert_eq!(denied(research_contributions(&clinician, dataset_id, grant).await.unwrap_err()), "not-researcher");
	let target =
		|purpose| format!("/datasets/{dataset}/contributions/{first}?grant={request}&purpose={purpose}&action=access");
	let signed = reader.sign_target(target(Purpose::Treat), Purpose::Treat, Action::Access).await.unwrap();
	let refused = reader.fetch(&signed).await.map(|_| ()).unwrap_err();
	assert!(matches!(&refused, Error::Unexpected(text) if text.contains("`purpose`")), "{refused}");

	// Consent that has ended works with the next block, and names no consent to the researcher.
	world.submit(&calls::withdraw(&measured.patient, consent)).await;
	assert_eq!(denied(research_download(&reader, dataset_id, &pseudonym, grant).await.unwrap_err()), "no-consent");
	let seen = receipts().await;
	assert_eq!((seen.len(), seen[2].proven.leaf.receipt.effect), (3, Effect::Deny));
	study.does("clinician-1", &format!("withdraw {dataset} {first}")).await.succeeded();
	let signed = reader.sign_target(target(Purpose::Hresch), Purpose::Hresch, Action::Access).await.unwrap();
	assert_eq!(denied(reader.fetch(&signed).await.map(|_| ()).unwrap_err()), "contribution-ended");
	assert_eq!(receipts().await.len(), 3, "no record was asked for");
	assert_eq!(research_contributions(&reader, dataset_id, grant).await.unwrap().len(), 20);
	gateway.stop().await.unwrap();

	// Without the book nobody knows whose records they are.
	let elsewhere = tempfile::tempdir().unwrap();
	let book = Book::open_with(elsewhere.path(), &AtRest::ClearText).unwrap();
	let config = Config { book, ..world.first.gateway_config(chain).unwrap() };
	let gateway = stage::Running::start(config).await.unwrap();
	let reader = world.reader(&researcher, &gateway);
	assert_eq!(research_contributions(&reader, dataset_id, grant).await.unwrap(), []);
	let other = listed.iter().map(|listed| listed.pseudonym).find(|other| *other != pseudonym).unwrap();
	let missing = research_download(&reader, dataset_id, &other, grant).await.unwrap_err();
	assert!(matches!(&missing, Error::NotFound { hint, .. } if hint.contains("not kept here")), "{missing}");
	gateway.stop().await.unwrap();
}
