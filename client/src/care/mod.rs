//! Care plans: a patient's rules over what devices measure, evaluated by an organisation that holds the samples, and the
//! alerts to clinicians that come of them.
//!
//! | module | job |
//! |---|---|
//! | [`rule`] | a rule's document, and its evaluation over samples |
//! | [`parcel`] | rules and findings, encrypted to one account |
//! | [`book`] | what the evaluating organisation keeps |
//!
//! 1. The patient [sets](set_rule) a rule: the chain has a salted hash of the document, and the document goes, sealed, to
//!    the gateway of the organisation that evaluates it, which [takes it on](Evaluator::accept).
//! 2. The gateway [evaluates](Evaluator::run) it on samples that are new in the streams that it holds, and raises an alert.
//!    The chain decides at that moment whether the clinician may see the samples; otherwise nobody is told anything.
//! 3. The clinician [reads](crate::records::Reader::alert) what was found and the batch that it was found in, through the
//!    gateway, which asks for the decision again, and verifies both against the chain.

pub mod book;
pub mod parcel;
pub mod rule;

use crate::{
	chain::{calls, Chain},
	crypto::{derive_key, EncryptionSecret},
	keys::DataKeyStore,
	store::Store,
	stream::{batch::Content, Entry, Holder},
	Error, Result,
};
use book::{CareBook, KeptAlert, KeptRule};
use parcel::{of_bytes, to_bytes, About, AlertText, HandedRule, Parcel, RuleText};
use rule::{Finding, Rule};
use salus_primitives::{
	care::{alert_commitment, rule_commitment, CareAlert, CareRuleId, CareRuleInput, Recipient},
	stream::{Sample, StreamView},
	views::EncryptionKey,
	AccountId, MemberRole, Moment, OrgId, PatientId, StreamId, H256,
};
use serde::Serialize;
use std::path::PathBuf;
use subxt_signer::sr25519::Keypair;

const ALERT_SALT: &[u8] = b"salus/care-alert-salt/1";

/// Sets a rule for a patient, and tells what is to be handed to the gateway that evaluates it, and the block.
pub async fn set_rule(
	chain: &Chain,
	signer: &Keypair,
	patient: &PatientId,
	document: String,
	gateway: &AccountId,
	until: Moment,
) -> Result<(HandedRule, u32)> {
	let rule = Rule::read(&document)?;
	let (evaluator, key) = evaluator(chain, gateway).await?;
	let salt = H256(rand::random());
	let commitment = rule_commitment(&salt.0, document.as_bytes());
	let input = CareRuleInput { commitment, evaluator, tell: rule.tell, until };
	let included = chain.submit(signer, &calls::set_care_rule(patient, &input)).await?;
	let number = included.event("HealthRecords", "CareRuleSet").and_then(|event| event.number("rule"));
	let rule = number.and_then(|number| CareRuleId::try_from(number).ok());
	let rule = rule.ok_or_else(|| Error::Unexpected("the chain set no rule".into()))?;
	let genesis = chain.genesis();
	let text = to_bytes(&RuleText { salt, document })?;
	let parcel = Parcel::seal(&About::rule(genesis, *patient, commitment), &key, &text)?;
	Ok((HandedRule { genesis, patient: *patient, rule, commitment, parcel }, included.block.number))
}

/// The organisation of a gateway, and its encryption key.
async fn evaluator(chain: &Chain, gateway: &AccountId) -> Result<(OrgId, EncryptionKey)> {
	let member = chain.member(gateway).await?;
	let member = member.filter(|member| member.in_standing && member.roles.contains(MemberRole::Gateway));
	let member = member.ok_or_else(|| Error::not_found(format!("a gateway with the account {gateway}"), ""))?;
	let key = chain.encryption_key(gateway).await?;
	Ok((member.org, key.ok_or_else(|| Error::KeyNotRegistered { account: gateway.to_string() })?))
}

/// The gateway that evaluates rules, with what it takes.
pub struct Evaluator<'a> {
	/// The chain.
	pub chain: &'a Chain,
	/// The gateway's account.
	pub signer: &'a Keypair,
	/// Secret of its registered encryption key.
	pub secret: &'a EncryptionSecret,
	/// Where ciphertext is.
	pub store: &'a Store,
	/// Data keys of the streams.
	pub keys: &'a DataKeyStore,
	/// Folder of the streams' books.
	pub streams: PathBuf,
	/// What is kept about care plans.
	pub book: CareBook,
}

/// What evaluating did.
#[derive(Serialize, Clone, PartialEq, Eq, Default, Debug)]
pub struct Evaluated {
	/// Rules that were evaluated.
	pub rules: usize,
	/// Batches that were new to a rule.
	pub batches: usize,
	/// Alerts that the chain took.
	pub alerts: Vec<Raised>,
	/// Findings of which nobody was told, because the patient does not let who would be told see the samples.
	pub silenced: usize,
	/// Findings that wait for another day, because a rule's alerts of today are used up.
	pub postponed: usize,
	/// Rules that ended and were forgotten.
	pub ended: usize,
	/// Rules whose alerts the chain does not take; they are evaluated again by the next run.
	pub failed: Vec<Failed>,
}

/// A rule whose alert the chain does not take.
#[derive(Serialize, Clone, PartialEq, Eq, Debug)]
pub struct Failed {
	/// The patient.
	pub patient: PatientId,
	/// The rule.
	pub rule: CareRuleId,
	/// The chain's error.
	pub error: String,
}

/// An alert that the chain took.
#[derive(Serialize, Clone, PartialEq, Eq, Debug)]
pub struct Raised {
	/// The patient.
	pub patient: PatientId,
	/// The rule.
	pub rule: CareRuleId,
	/// What was told.
	#[serde(flatten)]
	pub alert: CareAlert,
	/// The block that took it.
	pub block: u32,
}

/// How an alert went.
enum Went {
	Raised(Raised),
	Silenced,
	Postponed,
	Failed(String),
	/// It had been raised before.
	Known,
}

impl Evaluator<'_> {
	/// Takes a rule on that a patient handed over: it must be this chain's, for this gateway, and what the chain has a
	/// commitment to. What the streams have already is not evaluated.
	pub async fn accept(&self, handed: HandedRule) -> Result<Rule> {
		if handed.genesis != self.chain.genesis() {
			return Err(Error::WrongGenesis {
				expected: format!("{:?}", self.chain.genesis()),
				found: format!("{:?} (of the rule)", handed.genesis),
			});
		}
		let (rule, _) = self.open(&handed)?;
		let view = self.chain.care_rule(&handed.patient, handed.rule, None).await?;
		let view = view.ok_or_else(|| Error::not_found(format!("rule {} of the patient", handed.rule), ""))?;
		if view.commitment != handed.commitment {
			return Err(Error::Corrupted("the rule is not the one that the chain has a commitment to".into()));
		}
		let (org, _) = evaluator(self.chain, &self.account()).await?;
		if view.evaluator != org {
			let message = format!("organisation {} evaluates this rule, not {org}", view.evaluator);
			return Err(Error::usage("not-evaluator", message));
		}
		let streams = self.chain.streams(&handed.patient).await?;
		let next = streams.iter().map(|stream| (stream.id, stream.range.batches)).collect();
		// Who is handed the same again goes on where they are.
		if self.book.rule(&handed.patient, handed.rule)?.is_none_or(|kept| kept.handed.commitment != handed.commitment)
		{
			self.book.keep_rule(&KeptRule { handed, next })?;
		}
		Ok(rule)
	}

	/// Evaluates every rule on the samples that are new to it, and raises alerts. `clinician` is told under rules that tell an
	/// organisation. What was interrupted is completed by the next run.
	pub async fn run(&self, clinician: Option<&AccountId>) -> Result<Evaluated> {
		let mut evaluated = Evaluated::default();
		let now = self.chain.time().await?;
		for kept in self.book.rules()? {
			let (patient, number) = (kept.handed.patient, kept.handed.rule);
			let view = self.chain.care_rule(&patient, number, None).await?;
			let Some(_) = view.filter(|view| now < view.until && view.commitment == kept.handed.commitment) else {
				self.book.forget_rule(&patient, number)?;
				evaluated.ended += 1;
				continue;
			};
			evaluated.rules += 1;
			self.evaluate(kept, clinician, &mut evaluated).await?;
		}
		Ok(evaluated)
	}

	async fn evaluate(
		&self,
		mut kept: KeptRule,
		clinician: Option<&AccountId>,
		evaluated: &mut Evaluated,
	) -> Result<()> {
		let (rule, text) = self.open(&kept.handed)?;
		for view in self.chain.streams(&kept.handed.patient).await? {
			let next = kept.next.get(&view.id).copied().unwrap_or(0);
			if view.range.batches <= next || !self.holder().holds(&view.id) {
				continue;
			}
			for (seq, findings) in self.findings(&rule, &view, next).await? {
				match self.alert(&kept, &rule, &text, clinician, &view.id, seq, &findings).await? {
					Went::Raised(raised) => evaluated.alerts.push(raised),
					Went::Silenced => evaluated.silenced += findings.len(),
					Went::Known => (),
					Went::Postponed => {
						evaluated.postponed += findings.len();
						return Ok(());
					}
					// That who would be told has left, say, is no reason to leave other patients waiting.
					Went::Failed(error) => {
						let HandedRule { patient, rule, .. } = kept.handed;
						evaluated.failed.push(Failed { patient, rule, error });
						return Ok(());
					}
				}
				kept.next.insert(view.id, seq + 1);
				self.book.keep_rule(&kept)?;
			}
			evaluated.batches += (view.range.batches - next) as usize;
			kept.next.insert(view.id, view.range.batches);
			self.book.keep_rule(&kept)?;
		}
		Ok(())
	}

	/// Where the rule is met in batches of a stream from this one on.
	async fn findings(&self, rule: &Rule, view: &StreamView, next: u64) -> Result<Vec<(u64, Vec<Finding>)>> {
		let entries = self.holder().entries(view)?;
		let first = entries[next as usize..].first().map_or(0, |entry| entry.batch.from);
		// Two windows before the first new sample fill its own, and tell what lasts from what begins.
		let needed = first.saturating_sub(rule.window.saturating_mul(2));
		let start = entries.partition_point(|entry| entry.batch.to < needed) as u64;
		let (mut samples, mut fresh): (Vec<Sample>, Vec<(u64, Vec<Sample>)>) = (Vec::new(), Vec::new());
		for (seq, entry) in (start..).zip(&entries[start as usize..]) {
			let of_batch: Vec<_> =
				self.content(&view.id, seq, entry).await?.samples.iter().map(|kept| kept.sample).collect();
			samples.extend(&of_batch);
			if seq >= next {
				fresh.push((seq, of_batch));
			}
		}
		let since =
			fresh.iter().flat_map(|(_, samples)| samples).map(|sample| sample.from).min().unwrap_or(Moment::MAX);
		let findings = rule.evaluate(&samples, since);
		let of_batch = |samples: &[Sample]| -> Vec<_> {
			findings.iter().filter(|found| samples.iter().any(|sample| sample.from == found.at)).copied().collect()
		};
		let by_batch = fresh.iter().map(|(seq, samples)| (*seq, of_batch(samples)));
		Ok(by_batch.filter(|(_, findings)| !findings.is_empty()).collect())
	}

	#[allow(clippy::too_many_arguments)]
	async fn alert(
		&self,
		kept: &KeptRule,
		rule: &Rule,
		text: &RuleText,
		clinician: Option<&AccountId>,
		stream: &StreamId,
		seq: u64,
		findings: &[Finding],
	) -> Result<Went> {
		let HandedRule { genesis, patient, rule: number, commitment: of_rule, .. } = kept.handed;
		let clinician = match &rule.tell {
			Recipient::Account(account) => account,
			Recipient::Org(org) => clinician.ok_or_else(|| {
				Error::usage(
					"no-clinician",
					format!("rule {number} tells organisation {org}: name the member who is told"),
				)
			})?,
		};
		// The same finding has the same commitment, so that what a crash left half done is known again.
		let info = [ALERT_SALT, of_rule.as_bytes(), &stream.0, &seq.to_le_bytes()].concat();
		let salt = H256(*derive_key(self.secret.expose(), &info));
		let finding = serde_json::to_string(findings).map_err(|error| Error::unexpected("writing a finding", error))?;
		let commitment = alert_commitment(&salt.0, &of_rule, finding.as_bytes());
		if self.book.alert(&commitment)?.is_some_and(|known| known.raised) {
			return Ok(Went::Known);
		}
		let alert = CareAlert { stream: *stream, seq, clinician: clinician.clone(), commitment };
		let about = About { genesis, patient, rule: of_rule, alert: commitment, request: H256::zero() };
		let opening = to_bytes(&AlertText { rule: text.clone(), salt, finding })?;
		let (_, own_key) = evaluator(self.chain, &self.account()).await?;
		let parcel = Parcel::seal(&about, &own_key, &opening)?;
		let mut note = KeptAlert { patient, rule: number, rule_commitment: of_rule, alert, parcel, raised: false };
		self.book.keep_alert(&note)?;
		let included = self.chain.submit(self.signer, &calls::raise_care_alert(&patient, number, &note.alert)).await;
		match included {
			Ok(included) => {
				note.raised = true;
				self.book.keep_alert(&note)?;
				let block = included.block.number;
				Ok(Went::Raised(Raised { patient, rule: number, alert: note.alert, block }))
			}
			Err(Error::TransactionFailed { error, .. }) if error == "Silenced" => Ok(Went::Silenced),
			Err(Error::TransactionFailed { error, .. }) if error == "TooManyAlerts" => Ok(Went::Postponed),
			Err(Error::TransactionFailed { pallet, error, .. }) if pallet == "HealthRecords" => Ok(Went::Failed(error)),
			Err(error) => Err(error),
		}
	}

	/// What was handed over, if it is what its commitment says.
	fn open(&self, handed: &HandedRule) -> Result<(Rule, RuleText)> {
		let about = About::rule(handed.genesis, handed.patient, handed.commitment);
		let text: RuleText = of_bytes(&handed.parcel.open(&about, self.secret)?)?;
		if rule_commitment(&text.salt.0, text.document.as_bytes()) != handed.commitment {
			return Err(Error::Corrupted("the rule is not what its commitment says".into()));
		}
		Ok((Rule::read(&text.document)?, text))
	}

	async fn content(&self, stream: &StreamId, seq: u64, entry: &Entry) -> Result<Content> {
		Ok(self.holder().content(stream, seq, entry).await?.0)
	}

	fn holder(&self) -> Holder<'_> {
		Holder { chain: self.chain, store: self.store, keys: self.keys, books: self.streams.clone() }
	}

	fn account(&self) -> AccountId {
		AccountId::from(self.signer.public_key().0)
	}
}
