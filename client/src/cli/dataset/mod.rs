//! `salus dataset`: research datasets, from the steward's, the contributor's, the researcher's and the committee's side.

mod asking;
mod contributing;
mod earning;
mod granted;
mod stewarding;

use super::{
	acting::{connect, done, keys},
	Context,
};
use crate::{
	chain::{Call, Chain, Included},
	crypto::digest,
	Error, Result,
};
use clap::{Args, Subcommand};
use salus_primitives::{
	research::{DatasetId, RequestId},
	Pseudonym, H256,
};
use serde_json::Value;
use std::{path::Path, str::FromStr};

/// Commands about research datasets.
#[derive(Subcommand, Debug)]
pub enum DatasetCommand {
	/// Create a dataset, as a registrar of its steward; it begins as a draft.
	Create(stewarding::CreateArgs),
	/// Add a consent group.
	AddGroup(stewarding::AddGroupArgs),
	/// Make the data use of a group stricter, at once; grants on it are closed to it until they are renewed.
	Tighten(stewarding::PolicyArgs),
	/// Close a group for contributions and add one with a wider data use: who contributed before keeps the old terms.
	Loosen(stewarding::PolicyArgs),
	/// Open a dataset for contributions and requests.
	Open(stewarding::DatasetArgs),
	/// Suspend a dataset: no contributions, no requests, no access.
	Suspend(stewarding::DatasetArgs),
	/// End a dataset for good.
	Retire(stewarding::DatasetArgs),
	/// Take what is owed to no contributor of a retired dataset.
	Sweep(stewarding::DatasetArgs),
	/// Name who else decides about requests.
	Committee(stewarding::CommitteeArgs),
	/// List all datasets.
	List,
	/// Show a dataset.
	Show {
		/// Its number.
		dataset: DatasetId,
	},
	/// Draw a pseudonym and an account for a contribution, and keep them; print what the custodian needs. Needs no node.
	Offer(contributing::OfferArgs),
	/// Attest a contribution and bring it to the chain, as a member of the custodian.
	Contribute(contributing::ContributeArgs),
	/// Bring a contribution that the custodian attested to the chain, as its contributor.
	Bring(contributing::BringArgs),
	/// End a contribution, at once.
	Withdraw(contributing::ContributionArgs),
	/// Remove a contribution that has ended, for its deposit.
	Remove(contributing::ContributionArgs),
	/// List the contributions whose accounts are kept here, with what they have earned.
	Mine,
	/// Show a contribution.
	Contribution {
		/// The dataset.
		dataset: DatasetId,
		/// The contribution's pseudonym.
		pseudonym: Pseudonym,
	},
	/// Count the days that have passed, 32 in each transaction, until today.
	Roll(stewarding::DatasetArgs),
	/// Ask to use a dataset, as a researcher; the chain judges at once.
	Request(asking::RequestArgs),
	/// Co-sign a request that was drafted with `dataset request --draft`. Needs a node for its chain's genesis only.
	CoSign(asking::CoSignArgs),
	/// Tell how a request would be judged.
	Match(asking::MatchArgs),
	/// List the requests for a dataset.
	Requests {
		/// The dataset.
		dataset: DatasetId,
	},
	/// Show a request, and its grant if there is one.
	Status {
		/// Its number.
		request: RequestId,
	},
	/// Vote on a request, as a member of the committee.
	Vote(asking::VoteArgs),
	/// Take a request back, before it is decided or its grant began.
	TakeBack(granted::GrantArgs),
	/// End a request that nobody decided, or whose grant nobody began, in time.
	Expire(granted::GrantArgs),
	/// Begin the grant of an approved request: the fee goes to the contributors, bonds are held.
	Activate(granted::GrantArgs),
	/// Close a grant, as its researcher.
	Close(granted::CloseArgs),
	/// Revoke a grant, as a registrar of the steward.
	Revoke(granted::RevokeArgs),
	/// Say that an obligation was met, as the researcher.
	Fulfil(granted::EvidenceArgs),
	/// Waive an obligation, as a registrar of the steward.
	Waive(granted::ObligationArgs),
	/// Say that an obligation was missed: its bond goes to the contributors.
	Miss(granted::EvidenceArgs),
	/// Remove a request that has ended, for its deposit.
	RemoveRequest(granted::GrantArgs),
	/// Tell whether a contribution may be read under a grant; exit code 5 if not.
	Access(granted::AccessArgs),
	/// Pay in for the contributors.
	Fund(earning::FundArgs),
	/// Claim what a contribution has earned.
	Claim(contributing::ContributionArgs),
	/// Name whom a contribution's earnings are paid to.
	Payee(earning::PayeeArgs),
	/// Approve research, as a reviewer of an ethics committee.
	ApproveEthics(asking::ApproveArgs),
	/// Take an ethics approval back.
	RevokeEthics(asking::DocumentArgs),
	/// Show an ethics approval.
	Approval {
		/// The approved document: a file, or its hash.
		document: String,
	},
	/// Post a release of a disease ontology, with the votes of council members.
	PostRelease(asking::PostReleaseArgs),
}

/// Whose key acts.
#[derive(Args, Debug)]
pub struct By {
	/// The key that acts.
	#[arg(long = "as", value_name = "KEY")]
	signer: String,
}

impl By {
	/// Submits a call, and says where it is and what else came of it.
	async fn submit(&self, context: &Context, call: Call, more: impl FnOnce(&Included) -> Result<Value>) -> Result<()> {
		let signer = keys(context, &self.signer)?;
		let included = connect(context).await?.submit(&signer.signer, &call).await?;
		done(context, &call, &included, more(&included)?)
	}

	/// As [`Self::submit`], of a call that answers nothing more.
	async fn tell(&self, context: &Context, call: Call) -> Result<()> {
		self.submit(context, call, |_| Ok(Value::Null)).await
	}
}

/// A number that an event tells.
fn told(included: &Included, event: &str, field: &str) -> Result<u32> {
	let number = included.event("ResearchDatasets", event).and_then(|event| event.number(field));
	let number = number.and_then(|number| u32::try_from(number).ok());
	number.ok_or_else(|| Error::Unexpected(format!("the chain tells no {field} in {event}")))
}

/// A document of which the chain is told the BLAKE2b-256: that hash, or a file.
fn document(text: &str) -> Result<H256> {
	match H256::from_str(text) {
		Ok(hash) if text.starts_with("0x") => Ok(hash),
		_ => Ok(digest(&[&read(Path::new(text))?])),
	}
}

fn read(path: &Path) -> Result<Vec<u8>> {
	std::fs::read(path).map_err(|error| Error::file(path, error))
}

/// A dataset, which there must be.
async fn dataset(chain: &Chain, dataset: DatasetId) -> Result<salus_primitives::research::DatasetView> {
	let view = chain.dataset(dataset).await?;
	view.ok_or_else(|| Error::not_found(format!("dataset {dataset}"), "`salus dataset list` tells which there are"))
}

/// Runs a command about research datasets.
pub async fn run(context: &Context, command: DatasetCommand) -> Result<()> {
	use crate::chain::calls::research;
	use DatasetCommand as Command;
	match command {
		Command::Create(args) => stewarding::create(context, args).await,
		Command::AddGroup(args) => stewarding::add_group(context, args).await,
		Command::Tighten(args) => stewarding::tighten(context, args).await,
		Command::Loosen(args) => stewarding::loosen(context, args).await,
		Command::Open(args) => args.submit(context, research::open_dataset).await,
		Command::Suspend(args) => args.submit(context, research::suspend_dataset).await,
		Command::Retire(args) => args.submit(context, research::retire_dataset).await,
		Command::Sweep(args) => args.submit(context, research::sweep).await,
		Command::Committee(args) => stewarding::committee(context, args).await,
		Command::List => stewarding::list(context).await,
		Command::Show { dataset } => stewarding::show(context, dataset).await,
		Command::Offer(args) => contributing::offer(context, args),
		Command::Contribute(args) => contributing::contribute(context, args).await,
		Command::Bring(args) => contributing::bring(context, args).await,
		Command::Withdraw(args) => args.submit(context, research::withdraw_contribution).await,
		Command::Remove(args) => args.submit(context, research::remove_contribution).await,
		Command::Mine => contributing::mine(context).await,
		Command::Contribution { dataset, pseudonym } => contributing::show(context, dataset, &pseudonym).await,
		Command::Roll(args) => stewarding::roll(context, args).await,
		Command::Request(args) => asking::request(context, args).await,
		Command::CoSign(args) => asking::co_sign(context, args).await,
		Command::Match(args) => asking::judge(context, args).await,
		Command::Requests { dataset } => asking::list(context, dataset).await,
		Command::Status { request } => granted::status(context, request).await,
		Command::Vote(args) => asking::vote(context, args).await,
		Command::TakeBack(args) => args.submit(context, research::withdraw_request).await,
		Command::Expire(args) => args.submit(context, research::expire_request).await,
		Command::Activate(args) => args.submit(context, research::activate).await,
		Command::Close(args) => granted::close(context, args).await,
		Command::Revoke(args) => granted::revoke(context, args).await,
		Command::Fulfil(args) => args.submit(context, research::fulfil_obligation).await,
		Command::Waive(args) => granted::waive(context, args).await,
		Command::Miss(args) => args.submit(context, research::miss_obligation).await,
		Command::RemoveRequest(args) => args.submit(context, research::remove_request).await,
		Command::Access(args) => granted::access(context, args).await,
		Command::Fund(args) => earning::fund(context, args).await,
		Command::Claim(args) => args.submit(context, research::claim).await,
		Command::Payee(args) => earning::payee(context, args).await,
		Command::ApproveEthics(args) => asking::approve(context, args).await,
		Command::RevokeEthics(args) => asking::revoke_approval(context, args).await,
		Command::Approval { document } => asking::approval(context, &document).await,
		Command::PostRelease(args) => asking::post_release(context, args).await,
	}
}
