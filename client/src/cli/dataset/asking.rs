//! `salus dataset request`, `co-sign`, `match`, `requests`, `vote`; ethics approvals and ontology releases.

use super::{contributing::parse, dataset, document, told, By};
use crate::{
	chain::{calls::research, council, Chain},
	cli::{
		acting::{account, connect, done, keys},
		values::{code, moment, show_moment, show_sls, Statement},
		Context,
	},
	keys::write_private,
	research::{files, Draft},
	Error, Result,
};
use clap::Args;
use salus_primitives::{
	duo::{Obligation, ObligationKind, Outcome},
	research::{DatasetId, MatchQuery, RequestId, RequestInput, RequestState, RequestView, VoteReason},
	AccountId, Moment, H256,
};
use serde_json::{json, Value};
use std::path::PathBuf;

/// What is asked for.
#[derive(Args, Debug)]
pub struct PurposeArgs {
	/// What for: a file as `salus duo match --purpose` takes it.
	#[arg(long, value_name = "FILE")]
	purpose: PathBuf,
	/// A release of a disease ontology, as `salus ontology build --out` writes it: one for each ontology that a disease is from.
	#[arg(long = "ontology", value_name = "FILE", num_args = 1..)]
	ontologies: Vec<PathBuf>,
	/// The document that an ethics committee approved: a file, or its hash.
	#[arg(long, value_name = "FILE|HASH")]
	ethics: Option<String>,
}

/// Arguments of `dataset request`.
#[derive(Args, Debug)]
pub struct RequestArgs {
	/// The dataset.
	#[arg(required_unless_present = "from")]
	dataset: Option<DatasetId>,
	/// What for: a file as `salus duo match --purpose` takes it.
	#[arg(long, value_name = "FILE", required_unless_present = "from")]
	purpose: Option<PathBuf>,
	/// A release of a disease ontology, as `salus ontology build --out` writes it: one for each ontology that a disease is from.
	#[arg(long = "ontology", value_name = "FILE", num_args = 1..)]
	ontologies: Vec<PathBuf>,
	/// The document that an ethics committee approved: a file, or its hash.
	#[arg(long, value_name = "FILE|HASH")]
	ethics: Option<String>,
	/// The groups asked for, counted from 0; the default is all.
	#[arg(long = "group", value_name = "NUMBER", num_args = 1..)]
	groups: Vec<u8>,
	/// How many days the grant shall last.
	#[arg(long, value_name = "NUMBER", default_value_t = 365)]
	days: u32,
	/// How the research is done: the chain is told a salted hash, and the answer has the salt.
	#[arg(long, value_name = "TEXT", required_unless_present = "from")]
	protocol: Option<String>,
	/// The grant that this one renews.
	#[arg(long, value_name = "NUMBER")]
	renews: Option<RequestId>,
	/// Only draft it: write a file which others co-sign.
	#[arg(long, value_name = "FILE", conflicts_with = "from")]
	draft: Option<PathBuf>,
	/// Submit a draft with its co-signatures.
	#[arg(long, value_name = "FILE", conflicts_with_all = ["dataset", "purpose", "ontologies", "ethics", "groups", "protocol", "renews"])]
	from: Option<PathBuf>,
	#[command(flatten)]
	by: By,
}

/// Arguments of `dataset co-sign`.
#[derive(Args, Debug)]
pub struct CoSignArgs {
	/// The file of `dataset request --draft`.
	file: PathBuf,
	#[command(flatten)]
	by: By,
}

/// Arguments of `dataset match`.
#[derive(Args, Debug)]
pub struct MatchArgs {
	/// The dataset.
	dataset: DatasetId,
	#[command(flatten)]
	purpose: PurposeArgs,
	/// Who would ask: an SS58 address, a public key, or the name of a key.
	#[arg(long, value_name = "ACCOUNT")]
	researcher: String,
	/// Who would co-sign; may be given several times.
	#[arg(long = "co-signer", value_name = "ACCOUNT", num_args = 1..)]
	co_signers: Vec<String>,
}

/// Arguments of `dataset vote`.
#[derive(Args, Debug)]
pub struct VoteArgs {
	/// The request.
	request: RequestId,
	/// `acceptable` approves; scientific-merit, privacy-risk, outside-consent, missing-safeguards, incomplete reject.
	#[arg(long, value_name = "CODE", value_parser = code::<VoteReason>)]
	reason: VoteReason,
	#[command(flatten)]
	by: By,
}

/// Arguments of `dataset revoke-ethics`.
#[derive(Args, Debug)]
pub struct DocumentArgs {
	/// The approved document: a file, of which the chain is told the hash, or that hash.
	document: String,
	#[command(flatten)]
	by: By,
}

/// Arguments of `dataset approve-ethics`.
#[derive(Args, Debug)]
pub struct ApproveArgs {
	#[command(flatten)]
	document: DocumentArgs,
	/// Whose research: an SS58 address, a public key, or the name of a key.
	#[arg(long, value_name = "ACCOUNT")]
	researcher: String,
	/// Until when.
	#[arg(long, value_name = "TIME", value_parser = moment, default_value = "365d")]
	until: Moment,
}

/// Arguments of `dataset post-release`.
#[derive(Args, Debug)]
pub struct PostReleaseArgs {
	/// The release, as `salus ontology build --out` writes it.
	file: PathBuf,
	/// Keys of council members that vote for it; a majority of the council is needed.
	#[arg(long, value_name = "KEY", required = true, num_args = 1..)]
	council: Vec<String>,
}

/// `dataset request`.
pub async fn request(context: &Context, args: RequestArgs) -> Result<()> {
	let signer = keys(context, &args.by.signer)?;
	let chain = connect(context).await?;
	let (input, salt) = match &args.from {
		Some(path) => {
			let draft = parse::<Draft>(path)?;
			if draft.researcher != signer.account() {
				let message =
					format!("{} is a draft of {}, not of {}", path.display(), draft.researcher, signer.address());
				return Err(Error::usage("not-researcher", message));
			}
			(draft.input()?, draft.salt)
		}
		None => input(&chain, &args).await?,
	};
	if let Some(path) = &args.draft {
		let draft = Draft::new(&input, signer.account(), salt);
		write_draft(path, &draft, false)?;
		return context.print(&json!({ "file": path }), || {
			format!("{}: co-sign it with `salus dataset co-sign`", path.display())
		});
	}
	let call = research::submit_request(&input);
	let included = chain.submit(&signer.signer, &call).await?;
	let number = told(&included, "RequestSubmitted", "request")?;
	let view = chain.request(number).await?.ok_or_else(|| Error::Unexpected(format!("request {number} is gone")))?;
	let mut more = judged(&view);
	more["protocol"] = json!({ "salt": salt, "hash": input.protocol });
	done(context, &call, &included, more)
}

async fn input(chain: &Chain, args: &RequestArgs) -> Result<(RequestInput, H256)> {
	let (Some(number), Some(path), Some(protocol)) = (args.dataset, &args.purpose, &args.protocol) else {
		let message = "name a dataset, --purpose and --protocol, or a draft with --from";
		return Err(Error::usage("no-request", message));
	};
	let view = dataset(chain, number).await?;
	let purpose = files::purpose(path)?;
	let closures = files::closures(&purpose, &args.ontologies)?;
	let protocol = Statement::of(protocol.as_bytes());
	let groups = match args.groups.is_empty() {
		true => view.groups.iter().map(|group| group.index).collect(),
		false => args.groups.iter().copied().collect(),
	};
	let ethics = args.ethics.as_deref().map(document).transpose()?;
	let input = RequestInput {
		dataset: number,
		purpose,
		groups,
		days: args.days,
		protocol: protocol.hash,
		ethics,
		closures,
		co_signatures: Default::default(),
		renews: args.renews,
	};
	Ok((input, protocol.salt))
}

fn write_draft(path: &std::path::Path, draft: &Draft, replace: bool) -> Result<()> {
	let text = serde_json::to_vec(draft).map_err(|error| Error::unexpected("writing JSON", error))?;
	write_private(path, &text, replace).map_err(|error| Error::file(path, error))
}

/// `dataset co-sign`.
pub async fn co_sign(context: &Context, args: CoSignArgs) -> Result<()> {
	let signer = keys(context, &args.by.signer)?;
	let mut draft = parse::<Draft>(&args.file)?;
	let genesis = connect(context).await?.genesis();
	let count = draft.co_sign(&signer, &genesis)?;
	write_draft(&args.file, &draft, true)?;
	context.print(&json!({ "file": args.file, "co_signatures": count }), || {
		format!("{}: {count} co-signatures", args.file.display())
	})
}

/// `dataset match`.
pub async fn judge(context: &Context, args: MatchArgs) -> Result<()> {
	let purpose = files::purpose(&args.purpose.purpose)?;
	let closures = files::closures(&purpose, &args.purpose.ontologies)?;
	let co_signers: Result<Vec<AccountId>> = args.co_signers.iter().map(|text| account(context, text)).collect();
	let query = MatchQuery {
		dataset: args.dataset,
		researcher: account(context, &args.researcher)?,
		purpose,
		ethics: args.purpose.ethics.as_deref().map(document).transpose()?,
		closures,
		co_signers: co_signers?,
	};
	let chain = connect(context).await?;
	dataset(&chain, args.dataset).await?;
	match chain.match_dataset(&query).await? {
		Ok(answer) => context.print(&answer, || show_outcome(&answer.outcome)),
		Err(refusal) => Err(Error::usage(refusal.code(), format!("the request cannot be judged: {}", refusal.code()))),
	}
}

/// What is told of a request that the chain has judged.
fn judged(view: &RequestView) -> Value {
	json!({ "request": view.id, "state": view.state, "granted": view.granted, "outcome": view.outcome })
}

/// `dataset requests`.
pub async fn list(context: &Context, number: DatasetId) -> Result<()> {
	let chain = connect(context).await?;
	dataset(&chain, number).await?;
	let requests = chain.requests(number).await?;
	context.print(&requests, || match requests.is_empty() {
		true => format!("there is no request for dataset {number}"),
		false => requests.iter().map(show_request).collect::<Vec<_>>().join("\n"),
	})
}

/// A request as people read it.
pub(super) fn show_request(view: &RequestView) -> String {
	let deadline = match view.state {
		RequestState::InReview => format!(", to be decided until {}", show_moment(view.deadline)),
		RequestState::AutoApproved | RequestState::Approved => {
			format!(", to begin until {}", show_moment(view.deadline))
		}
		_ => String::new(),
	};
	let votes = view.votes.iter().map(|vote| format!("\n  {} votes {}", vote.member, vote.reason));
	format!(
		"request {} for dataset {} by {} of organisation {}: {}{deadline}, {} held\n{}{}",
		view.id,
		view.dataset,
		view.researcher,
		view.org,
		view.state,
		show_sls(view.escrow),
		show_outcome(&view.outcome),
		votes.collect::<String>()
	)
}

/// `dataset vote`.
pub async fn vote(context: &Context, args: VoteArgs) -> Result<()> {
	let signer = keys(context, &args.by.signer)?;
	let chain = connect(context).await?;
	let call = research::vote(args.request, args.reason);
	let included = chain.submit(&signer.signer, &call).await?;
	let state = chain.request(args.request).await?.map(|view| view.state);
	done(context, &call, &included, json!({ "request": args.request, "state": state }))
}

/// `dataset approve-ethics`.
pub async fn approve(context: &Context, args: ApproveArgs) -> Result<()> {
	let (document, researcher) = (document(&args.document.document)?, account(context, &args.researcher)?);
	let call = research::approve_ethics(document, &researcher, args.until);
	args.document.by.submit(context, call, |_| Ok(json!({ "document": document }))).await
}

/// `dataset revoke-ethics`.
pub async fn revoke_approval(context: &Context, args: DocumentArgs) -> Result<()> {
	args.by.tell(context, research::revoke_ethics(document(&args.document)?)).await
}

/// `dataset approval`.
pub async fn approval(context: &Context, text: &str) -> Result<()> {
	let hash = document(text)?;
	let view = connect(context).await?.ethics_approval(&hash).await?;
	let view = view.ok_or_else(|| Error::not_found(format!("an ethics approval of {hash:?}"), ""))?;
	context.print(&view, || {
		format!("{} of organisation {} for {}, until {}", hash, view.org, view.researcher, show_moment(view.until))
	})
}

/// `dataset post-release`.
pub async fn post_release(context: &Context, args: PostReleaseArgs) -> Result<()> {
	let release = files::release(&args.file)?;
	let members: Result<Vec<_>> = args.council.iter().map(|name| Ok(keys(context, name)?.signer)).collect();
	let chain: Chain = connect(context).await?;
	let call = research::post_release(&release);
	let included = council::carry(&chain, &members?, &call).await?;
	let more = json!({ "namespace": release.namespace, "root": release.root, "count": release.count });
	done(context, &call, &included, more)
}

/// Verdicts and their reasons, group by group.
fn show_outcome(outcome: &Outcome) -> String {
	let lines = outcome.groups.iter().enumerate().map(|(index, group)| {
		let reasons: Vec<_> = group.reasons.iter().map(|reason| reason.code()).collect();
		format!("  group {index}: {} ({})", group.verdict, reasons.join(", "))
	});
	lines.collect::<Vec<_>>().join("\n")
}

/// What a grant owes, as people read it.
pub(super) fn show_obligation(obligation: &Obligation) -> String {
	match obligation.kind {
		ObligationKind::Publish => format!("publish until {}", show_moment(obligation.due)),
		ObligationKind::ReturnResults => format!("return the results until {}", show_moment(obligation.due)),
		ObligationKind::Moratorium => format!("do not publish before {}", show_moment(obligation.due)),
	}
}
