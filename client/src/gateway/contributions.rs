//! Contributions to research datasets, for researchers with a grant.
//!
//! - `GET /datasets/{dataset}/contributions?grant=N`: those that this custodian attested and the grant covers.
//! - `GET /datasets/{dataset}/contributions/{pseudonym}?grant=N`: one of them, de-identified.
//!
//! Both are signed with the purpose HRESCH and the action `access`. The grant must cover the contribution at the best
//! *and* at the finalised block, and a refusal that was seen at a best block holds until finality has passed it. Then
//! each record of the contribution is decided on its own, by the way of `GET /records/…`, and leaves a receipt. Which
//! patient and records a pseudonym stands for is in the book of what was attested here, and in no answer.

use super::{
	fhir::AT_ONCE,
	held::Held,
	journal::lock,
	request::{RequestError, SignedRequest},
	server::{blocking, ensure_recent, node, Asker, Gateway, Heads, Judged},
	GatewayError,
};
use crate::{
	deid::{Deidentified, Deidentifier},
	records::open_kept,
	research::{Attested, AttestedRecord, ReleaseContext},
	Error,
};
use futures::stream::{self, StreamExt};
use salus_primitives::{
	consent::Effect,
	research::{AccessRefusal, DatasetId, GrantAccess, RequestId},
	views::AccessAnswer,
	AccountId, Action, Moment, ObligationSet, PatientId, Pseudonym, Purpose, H256,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// Contributions of a page.
const PAGE: usize = 50;

/// A contribution that may be asked for.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct Listed {
	/// The contribution.
	pub pseudonym: Pseudonym,
	/// Its group.
	pub group: u8,
	/// Until before when the grant covers it, in unix milliseconds, if nothing changes.
	pub until: Moment,
}

/// The answer to `GET /datasets/{dataset}/contributions`.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct ContributionsPage {
	/// In the order of pseudonyms.
	pub contributions: Vec<Listed>,
	/// Give this as `_cursor` to get the next page; `None` on the last. A page may hold fewer than the next has, or none.
	pub next: Option<Pseudonym>,
}

/// Records of a contribution that are not given.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct Withheld {
	/// Why: a reason of decisions, or a code of refusals.
	pub code: String,
	/// How many.
	pub count: u32,
}

/// The answer to `GET /datasets/{dataset}/contributions/{pseudonym}`.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct ContributionRelease {
	/// The dataset.
	pub dataset: DatasetId,
	/// The contribution.
	pub pseudonym: Pseudonym,
	/// The grant.
	pub grant: RequestId,
	/// The commitment to the data, as the chain has it.
	pub commitment: H256,
	/// Height of the best block that permits it.
	pub block: u32,
	/// Height of the finalised block that also permits it.
	pub finalised: u32,
	/// What the researcher is obliged to, by any of the decisions.
	pub obligations: ObligationSet,
	/// Records that are given.
	pub records: u32,
	/// Records that are not.
	pub withheld: Vec<Withheld>,
	/// De-identified resources that are given.
	pub resources: u32,
	/// Resources of the records given that nothing may be told of.
	pub dropped: u32,
	/// The key of the content, sealed to the researcher's registered key: see [`ReleaseContext`]; hexadecimal.
	pub envelope: String,
	/// The encrypted FHIR Bundle; hexadecimal.
	pub ciphertext: String,
	/// Hash of the signed request, as in the receipts.
	pub request: H256,
}

/// What a refusal of a grant is held for.
type Asked = (RequestId, AccountId, Pseudonym);

/// Refusals of grants that finality has not passed. A restart forgets them; what the finalised block refuses stays
/// refused nevertheless.
pub(super) type HeldGrants = Held<Asked, AccessRefusal>;

/// A record of a contribution: decided, and read if it is permitted.
type Considered = (Judged, Option<Zeroizing<Vec<u8>>>);

impl Gateway {
	/// Answers `GET /datasets/{dataset}/contributions`. Nothing of any patient is asked or told, so there are no receipts.
	pub async fn contributions(
		&self,
		signed: SignedRequest,
		dataset: DatasetId,
		grant: RequestId,
		after: Option<Pseudonym>,
	) -> Result<ContributionsPage, GatewayError> {
		let (asker, heads) = self.researcher(signed).await?;
		let this = self.clone();
		let all = blocking(move || this.inner.book.all_attested()).await?.map_err(storage)?;
		let (page, next) = page(&all, dataset, after);
		let answers: Vec<_> = stream::iter(page)
			.map(|pseudonym| self.grant_access(&asker, heads, dataset, pseudonym, grant))
			.buffered(AT_ONCE)
			.collect()
			.await;
		let mut contributions = Vec::new();
		for (pseudonym, answer) in answers {
			match answer {
				Ok(access) => contributions.push(Listed { pseudonym, group: access.group, until: access.until }),
				// What concerns the grant concerns all.
				Err(GatewayError::NotGranted(refusal)) if !is_of_contribution(refusal) => {
					return Err(GatewayError::NotGranted(refusal));
				}
				Err(GatewayError::NotGranted(_) | GatewayError::NotCustodian) => (),
				Err(error) => return Err(error),
			}
		}
		Ok(ContributionsPage { contributions, next })
	}

	/// Answers `GET /datasets/{dataset}/contributions/{pseudonym}`.
	pub async fn contribution(
		&self,
		signed: SignedRequest,
		dataset: DatasetId,
		pseudonym: Pseudonym,
		grant: RequestId,
	) -> Result<ContributionRelease, GatewayError> {
		let (asker, heads) = self.researcher(signed).await?;
		let access = self.grant_access(&asker, heads, dataset, pseudonym, grant).await.1?;
		let this = self.clone();
		let attested = blocking(move || this.inner.book.attested(dataset, &pseudonym)).await?.map_err(storage)?;
		let attested = opened(attested, &access)?;

		let patient = attested.patient;
		let results: Vec<_> = stream::iter(attested.records)
			.map(|record| self.examine(&asker, heads, patient, record))
			.buffered(AT_ONCE)
			.collect()
			.await;
		let sorted = Sorted::of(results)?;
		let drafts: Vec<_> = sorted.judged.iter().map(|judged| judged.draft(&asker)).collect();
		let Some(first) = sorted.given.first() else {
			if !drafts.is_empty() {
				self.write_down(&asker, drafts).await?;
			}
			return Err(sorted.refusal());
		};

		// All that can fail comes before the receipts that say that the records were given.
		let now = first.answer.now;
		let obligations = sorted.given.iter().fold(ObligationSet::EMPTY, |all, judged| all.union(judged.obligations()));
		let records = sorted.given.len() as u32;
		let (this, plaintexts) = (self.clone(), sorted.plaintexts);
		let made = blocking(move || this.deidentify(&patient, &pseudonym, grant, now, &plaintexts)).await??;
		let context = ReleaseContext {
			genesis: self.inner.chain.genesis(),
			dataset,
			pseudonym,
			grant,
			recipient: asker.key.public_key,
			epoch: asker.key.epoch,
			request: asker.hash,
		};
		let bundle = Zeroizing::new(made.bundle);
		let (envelope, ciphertext) = context.seal(&bundle).map_err(storage)?;
		self.write_down(&asker, drafts).await?;
		Ok(ContributionRelease {
			dataset,
			pseudonym,
			grant,
			commitment: access.commitment,
			block: heads.best.number,
			finalised: heads.finalised.number,
			obligations,
			records,
			withheld: told(sorted.withheld),
			resources: made.kept,
			dropped: made.dropped,
			envelope,
			ciphertext,
			request: asker.hash,
		})
	}

	/// Makes sure who asks, and that it is for research and of the present.
	async fn researcher(&self, signed: SignedRequest) -> Result<(Asker, Heads), GatewayError> {
		if signed.request.purpose != Purpose::Hresch {
			return Err(RequestError::Field("purpose").into());
		}
		if signed.request.action != Action::Access {
			return Err(RequestError::Field("action").into());
		}
		let asker = self.authenticate(signed).await?;
		let heads = self.heads().await?;
		ensure_recent(self.inner.chain.time().await.map_err(node)?)?;
		Ok((asker, heads))
	}

	/// What the grant gives of a contribution that was attested here.
	async fn grant_access(
		&self,
		asker: &Asker,
		heads: Heads,
		dataset: DatasetId,
		pseudonym: Pseudonym,
		grant: RequestId,
	) -> (Pseudonym, Result<GrantAccess, GatewayError>) {
		let inner = &self.inner;
		let researcher = &asker.signed.request.account;
		let answers = futures::try_join!(
			inner.chain.grant_access(grant, researcher, &pseudonym, Some(heads.best.hash)),
			inner.chain.grant_access(grant, researcher, &pseudonym, Some(heads.finalised.hash)),
		);
		let access = answers.map_err(node).and_then(|(at_best, at_finalised)| {
			let heads = (heads.best.number, heads.finalised.number);
			let asked = (grant, researcher.clone(), pseudonym);
			let answer = lock(&inner.held_grants).judge(asked, heads, at_best, at_finalised);
			let access = answer.map_err(GatewayError::NotGranted)?;
			if access.dataset != dataset {
				return Err(GatewayError::NotGranted(AccessRefusal::UnknownContribution));
			}
			if access.attester != inner.org {
				return Err(GatewayError::NotCustodian);
			}
			Ok(access)
		});
		(pseudonym, access)
	}

	/// Decides on a record of a contribution, and reads it if it is permitted.
	async fn examine(
		&self,
		asker: &Asker,
		heads: Heads,
		patient: PatientId,
		record: AttestedRecord,
	) -> Result<Considered, GatewayError> {
		let judged = self.judge(asker, heads, patient, record.record).await?;
		if judged.answer.decision.effect == Effect::Deny {
			return Ok((judged, None));
		}
		// What was contributed is this version; a later one was not.
		if judged.view.version != record.version {
			return Err(GatewayError::ContributionChanged);
		}
		let plaintext = open_kept(&self.inner.store, &self.inner.keys, &judged.view).await;
		let plaintext = plaintext.map_err(|error| match error {
			Error::DataKeyMissing { version, .. } => GatewayError::DataKeyMissing { version },
			Error::CiphertextMissing { .. } => GatewayError::CiphertextMissing,
			Error::Corrupted(_) => GatewayError::CiphertextCorrupted,
			other => storage(other),
		})?;
		Ok((judged, Some(plaintext)))
	}

	fn deidentify(
		&self,
		patient: &PatientId,
		pseudonym: &Pseudonym,
		grant: RequestId,
		now: Moment,
		plaintexts: &[Zeroizing<Vec<u8>>],
	) -> Result<Deidentified, GatewayError> {
		let secret = self.inner.book.deidentification().map_err(storage)?;
		let deidentifier = Deidentifier::new(secret.expose(), patient, grant, now);
		let made = deidentifier.bundle(pseudonym, plaintexts.iter().map(|plaintext| plaintext.as_slice()));
		made.map_err(|_| GatewayError::CiphertextCorrupted)
	}
}

/// What the records of a contribution came to.
#[derive(Default)]
struct Sorted {
	/// All that were decided.
	judged: Vec<Judged>,
	/// Those that are permitted.
	given: Vec<Judged>,
	plaintexts: Vec<Zeroizing<Vec<u8>>>,
	withheld: BTreeMap<&'static str, u32>,
	/// The first that was refused.
	denied: Option<AccessAnswer>,
	/// The first that is permitted and cannot be given.
	broken: Option<GatewayError>,
}

impl Sorted {
	/// A record that cannot be given does not keep the others back; a node or a disk that fails does.
	fn of(results: Vec<Result<Considered, GatewayError>>) -> Result<Self, GatewayError> {
		let mut sorted = Self::default();
		for result in results {
			match result {
				Ok((judged, Some(plaintext))) => {
					sorted.given.push(judged.clone());
					sorted.judged.push(judged);
					sorted.plaintexts.push(plaintext);
				}
				Ok((judged, None)) => {
					*sorted.withheld.entry(judged.answer.decision.reason.code()).or_default() += 1;
					sorted.denied.get_or_insert_with(|| judged.answer.clone());
					sorted.judged.push(judged);
				}
				Err(error) if error.is_of_record() => {
					*sorted.withheld.entry(error.code()).or_default() += 1;
					sorted.broken.get_or_insert(error);
				}
				Err(error) => return Err(error),
			}
		}
		Ok(sorted)
	}

	/// Why nothing is given.
	fn refusal(self) -> GatewayError {
		match (self.denied, self.broken) {
			(Some(mut answer), _) => {
				// Which consent of which rule it was is the patient's, whom the researcher does not know.
				answer.decision.consent = None;
				answer.decision.rule = None;
				GatewayError::Denied(Box::new(answer))
			}
			(None, Some(error)) => error,
			(None, None) => GatewayError::ContributionMissing,
		}
	}
}

/// What the commitments of a contribution open to, if it is what the chain has.
fn opened(attested: Option<Attested>, access: &GrantAccess) -> Result<Attested, GatewayError> {
	let attested = attested.ok_or(GatewayError::ContributionMissing)?;
	if (attested.permit(), attested.commitment()) != (access.permit, access.commitment) {
		return Err(GatewayError::ContributionChanged);
	}
	Ok(attested)
}

/// Whether a refusal is about one contribution, and not about the grant.
fn is_of_contribution(refusal: AccessRefusal) -> bool {
	use AccessRefusal::*;
	matches!(refusal, UnknownContribution | ContributionEnded | GroupNotGranted | PolicyTightened)
}

/// The pseudonyms of a page, and where the next begins.
fn page(all: &[Attested], dataset: DatasetId, after: Option<Pseudonym>) -> (Vec<Pseudonym>, Option<Pseudonym>) {
	let mut known: Vec<_> = all
		.iter()
		.filter(|attested| attested.dataset == dataset && after.is_none_or(|after| attested.pseudonym > after))
		.map(|attested| attested.pseudonym)
		.collect();
	known.sort_unstable();
	let more = known.len() > PAGE;
	known.truncate(PAGE);
	let next = known.last().copied().filter(|_| more);
	(known, next)
}

fn told(withheld: BTreeMap<&'static str, u32>) -> Vec<Withheld> {
	withheld.into_iter().map(|(code, count)| Withheld { code: code.into(), count }).collect()
}

fn storage(error: Error) -> GatewayError {
	GatewayError::Storage(error.to_string())
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::gateway::server::tests::judged;
	use salus_primitives::consent::Reason;

	fn access() -> GrantAccess {
		let attested = attested(1, 2);
		GrantAccess {
			dataset: 1,
			group: 0,
			permit: attested.permit(),
			commitment: attested.commitment(),
			attester: 5,
			org: 6,
			until: 9,
			purpose: Default::default(),
		}
	}

	fn attested(dataset: DatasetId, pseudonym: u8) -> Attested {
		Attested {
			salt: H256([3; 32]),
			dataset,
			pseudonym: Pseudonym([pseudonym; 32]),
			patient: PatientId([7; 32]),
			records: vec![],
			block: 9,
			data: H256([4; 32]),
		}
	}

	const CLOSED: AccessRefusal = AccessRefusal::DatasetClosed;
	const INACTIVE: AccessRefusal = AccessRefusal::NotActive;

	#[test]
	fn what_the_book_holds_must_be_what_the_chain_has() {
		assert_eq!(opened(Some(attested(1, 2)), &access()), Ok(attested(1, 2)));
		assert_eq!(opened(None, &access()), Err(GatewayError::ContributionMissing));
		let mut another_patient = attested(1, 2);
		another_patient.patient = PatientId([8; 32]);
		let mut other_data = attested(1, 2);
		other_data.data = H256([5; 32]);
		for other in [another_patient, other_data, attested(1, 3)] {
			assert_eq!(opened(Some(other), &access()), Err(GatewayError::ContributionChanged));
		}
	}

	#[test]
	fn records_that_are_withheld_are_counted_by_reason_and_keep_no_others_back() {
		let permitted = || Ok((judged(Effect::Permit, Reason::Consent), Some(Zeroizing::new(b"{}".to_vec()))));
		let refused = || Ok((judged(Effect::Deny, Reason::NoConsent), None));
		let gone = || Err(GatewayError::CiphertextMissing);
		let sorted = Sorted::of(vec![refused(), permitted(), gone(), refused(), permitted()]).unwrap();
		assert_eq!((sorted.given.len(), sorted.judged.len(), sorted.plaintexts.len()), (2, 4, 2));
		let count = |code: &str, count| Withheld { code: code.into(), count };
		assert_eq!(told(sorted.withheld), [count("ciphertext-missing", 1), count(Reason::NoConsent.code(), 2)]);
		let failed = Sorted::of(vec![permitted(), Err(GatewayError::Node("down".into()))]);
		assert_eq!(failed.map(|_| ()), Err(GatewayError::Node("down".into())));
	}

	#[test]
	fn a_refusal_of_all_records_names_no_consent() {
		let mut refused = judged(Effect::Deny, Reason::NoConsent);
		refused.answer.decision.consent = Some(3);
		refused.answer.decision.rule = Some(1);
		let gone = Err(GatewayError::CiphertextMissing);
		let refusal = Sorted::of(vec![gone.clone(), Ok((refused, None))]).unwrap().refusal();
		let GatewayError::Denied(answer) = refusal else { panic!("{refusal}") };
		assert_eq!((answer.decision.consent, answer.decision.rule), (None, None));
		assert_eq!(answer.decision.reason, Reason::NoConsent);
		assert_eq!(Sorted::of(vec![gone]).unwrap().refusal(), GatewayError::CiphertextMissing);
		assert_eq!(Sorted::of(vec![]).unwrap().refusal(), GatewayError::ContributionMissing);
	}

	#[test]
	fn pages_go_through_all_contributions_of_a_dataset_once() {
		let all: Vec<_> = (0..120).rev().flat_map(|n| [attested(1, n), attested(2, n)]).collect();
		let (mut found, mut after, mut pages) = (Vec::new(), None, 0);
		loop {
			let (page, next) = page(&all, 1, after);
			found.extend(page);
			pages += 1;
			match next {
				Some(next) => after = Some(next),
				None => break,
			}
		}
		let expected: Vec<_> = (0..120).map(|n| Pseudonym([n; 32])).collect();
		assert_eq!((found, pages), (expected, 3));
		assert_eq!(page(&all, 3, None), (vec![], None));
	}

	#[test]
	fn refusals_about_the_grant_end_a_list_and_those_about_a_contribution_do_not() {
		let about_one: Vec<_> = AccessRefusal::ALL.iter().filter(|refusal| is_of_contribution(**refusal)).collect();
		assert_eq!(about_one.len(), 4);
		assert!(!is_of_contribution(INACTIVE) && !is_of_contribution(CLOSED));
	}
}
