//! `salus dataset offer`, `contribute`, `bring`, `withdraw`, `remove`, `claim`, `mine`, `contribution`.

use super::read;
use crate::{
	chain::{calls::research, Call},
	cli::{
		acting::{connect, done, keys},
		values::{show_moment, show_sls},
		Context,
	},
	gateway::Folders,
	keys::{write_private, DataKeyStore},
	research::{Attester, Book, Mine, Offer, Signed},
	Error, Result,
};
use clap::Args;
use salus_primitives::{
	research::{ContributionView, DatasetId, Day},
	time::DAY,
	PatientId, Pseudonym, RecordId,
};
use serde::de::DeserializeOwned;
use serde_json::json;
use std::path::{Path, PathBuf};
use subxt_signer::sr25519::Keypair;

/// What is contributed.
#[derive(Args, Debug)]
pub struct WhatArgs {
	/// The dataset.
	#[arg(long, value_name = "NUMBER", required_unless_present = "offer", conflicts_with = "offer")]
	dataset: Option<DatasetId>,
	/// The consent group, whose terms the patient agrees to.
	#[arg(long, value_name = "NUMBER", default_value_t = 0)]
	group: u8,
	/// The patient.
	#[arg(long, required_unless_present = "offer", conflicts_with = "offer")]
	patient: Option<PatientId>,
	/// A record of the patient's; may be given up to 16 times.
	#[arg(long = "record", value_name = "RECORD", num_args = 1.., required_unless_present = "offer", conflicts_with = "offer")]
	records: Vec<RecordId>,
}

/// Arguments of `dataset offer`.
#[derive(Args, Debug)]
pub struct OfferArgs {
	/// The dataset.
	#[arg(long, value_name = "NUMBER")]
	dataset: DatasetId,
	/// The consent group, whose terms the patient agrees to.
	#[arg(long, value_name = "NUMBER", default_value_t = 0)]
	group: u8,
	/// The patient.
	#[arg(long)]
	patient: PatientId,
	/// A record of the patient's; may be given up to 16 times.
	#[arg(long = "record", value_name = "RECORD", num_args = 1.., required = true)]
	records: Vec<RecordId>,
}

/// Arguments of `dataset contribute`.
#[derive(Args, Debug)]
pub struct ContributeArgs {
	/// What the contributor offers: a file of `dataset offer`. Without it pseudonym and account are drawn and kept here.
	#[arg(long, value_name = "FILE")]
	offer: Option<PathBuf>,
	#[command(flatten)]
	what: WhatArgs,
	/// Only attest: write a file which the contributor brings to the chain within an hour.
	#[arg(long, value_name = "FILE")]
	sign: Option<PathBuf>,
	/// The key that attests: a member of the provider that keeps the records.
	#[arg(long = "as", value_name = "KEY")]
	signer: String,
}

/// Arguments of `dataset bring`.
#[derive(Args, Debug)]
pub struct BringArgs {
	/// The file of `dataset contribute --sign`.
	file: PathBuf,
}

/// Arguments of commands about a contribution.
#[derive(Args, Debug)]
pub struct ContributionArgs {
	/// The dataset.
	dataset: DatasetId,
	/// The contribution's pseudonym.
	pseudonym: Pseudonym,
	/// The key that acts, if it is not the contribution's own, which is kept here: to withdraw, a member of the
	/// organisation that attested it.
	#[arg(long = "as", value_name = "KEY")]
	signer: Option<String>,
}

impl ContributionArgs {
	/// Submits a call about it.
	pub(super) async fn submit(
		&self,
		context: &Context,
		call: impl FnOnce(DatasetId, &Pseudonym) -> Call,
	) -> Result<()> {
		let signer = self.signer(context)?;
		let call = call(self.dataset, &self.pseudonym);
		let included = connect(context).await?.submit(&signer, &call).await?;
		let paid = included.event("ResearchDatasets", "Claimed").and_then(|event| event.number("amount"));
		done(context, &call, &included, paid.map_or(json!({}), |paid| json!({ "amount": paid.to_string() })))
	}

	fn signer(&self, context: &Context) -> Result<Keypair> {
		if let Some(name) = &self.signer {
			return Ok(keys(context, name)?.signer);
		}
		let mine = Book::open(&context.home())?.mine(self.dataset, &self.pseudonym)?;
		let mine = mine.ok_or_else(|| {
			let what = format!("the account of contribution {} to dataset {}", self.pseudonym, self.dataset);
			Error::not_found(what, "`salus dataset mine` lists those that are kept here; or name a key with --as")
		})?;
		mine.signer()
	}
}

/// `dataset offer`.
pub fn offer(context: &Context, args: OfferArgs) -> Result<()> {
	let mine = Mine::draw(args.dataset, args.group, args.patient, args.records);
	Book::open(&context.home())?.keep(&mine)?;
	crate::cli::print_json(&mine.offer())
}

/// `dataset contribute`.
pub async fn contribute(context: &Context, args: ContributeArgs) -> Result<()> {
	let keys = keys(context, &args.signer)?;
	let book = Book::open(&context.home())?;
	let offer = match (&args.offer, args.what.dataset, args.what.patient) {
		(Some(path), _, _) => parse::<Offer>(path)?,
		(None, Some(dataset), Some(patient)) => {
			let mine = Mine::draw(dataset, args.what.group, patient, args.what.records);
			book.keep(&mine)?;
			mine.offer()
		}
		_ => return Err(Error::usage("no-contribution", "name --dataset, --patient and --record, or an --offer")),
	};
	let chain = connect(context).await?;
	let (store, data_keys) = (context.open_store()?, DataKeyStore::open(&Folders::of(&context.home()).data_keys())?);
	let attester = Attester { chain: &chain, keys: &keys, book: &book, store: &store, data_keys: &data_keys };
	match &args.sign {
		Some(path) => {
			let signed = attester.sign(&offer).await?;
			let text = serde_json::to_vec(&signed).map_err(|error| Error::unexpected("writing JSON", error))?;
			write_private(path, &text, false).map_err(|error| Error::file(path, error))?;
			let answer = json!({ "file": path, "pseudonym": offer.pseudonym, "until": signed.contribution.until });
			context.print(&answer, || format!("{}: bring it with `salus dataset bring` within an hour", path.display()))
		}
		None => {
			let (included, contribution) = attester.contribute(&offer).await?;
			let call = research::contribute(&contribution, None);
			let more = json!({
				"dataset": offer.dataset, "pseudonym": offer.pseudonym, "account": offer.account,
				"until": contribution.until,
			});
			done(context, &call, &included, more)
		}
	}
}

/// `dataset bring`.
pub async fn bring(context: &Context, args: BringArgs) -> Result<()> {
	let signed = parse::<Signed>(&args.file)?;
	let (dataset, pseudonym) = (signed.contribution.dataset, signed.contribution.pseudonym);
	let mine = Book::open(&context.home())?.mine(dataset, &pseudonym)?;
	let mine = mine.ok_or_else(|| {
		Error::not_found(format!("the account of contribution {pseudonym}"), "`salus dataset offer` draws and keeps it")
	})?;
	let call = research::contribute(&signed.contribution, Some(&signed.attestation()?));
	let included = connect(context).await?.submit(&mine.signer()?, &call).await?;
	done(context, &call, &included, json!({ "dataset": dataset, "pseudonym": pseudonym }))
}

/// `dataset mine`.
pub async fn mine(context: &Context) -> Result<()> {
	let chain = connect(context).await?;
	let mut told = Vec::new();
	for mine in Book::open(&context.home())?.all_mine()? {
		let view = chain.contribution(mine.dataset, &mine.pseudonym, None).await?;
		told.push((mine, view));
	}
	let json: Vec<_> = told
		.iter()
		.map(|(mine, view)| {
			json!({
				"dataset": mine.dataset, "pseudonym": mine.pseudonym, "account": mine.account(),
				"patient": mine.patient, "records": mine.records, "contribution": view,
			})
		})
		.collect();
	context.print(&json, || match told.is_empty() {
		true => "no contribution is kept here".into(),
		false => {
			let lines = told.iter().map(|(mine, view)| match view {
				Some(view) => show_contribution(view),
				None => format!("{} in dataset {}: not on the chain", mine.pseudonym, mine.dataset),
			});
			lines.collect::<Vec<_>>().join("\n")
		}
	})
}

/// `dataset contribution`.
pub async fn show(context: &Context, dataset: DatasetId, pseudonym: &Pseudonym) -> Result<()> {
	let view = connect(context).await?.contribution(dataset, pseudonym, None).await?;
	let view = view.ok_or_else(|| Error::not_found(format!("contribution {pseudonym} to dataset {dataset}"), ""))?;
	context.print(&view, || show_contribution(&view))
}

fn show_contribution(view: &ContributionView) -> String {
	format!(
		"{} in dataset {}, group {}: {}, counts from {} until before {}; {} can be claimed",
		view.pseudonym,
		view.dataset,
		view.group,
		view.state,
		show_day(view.from_day),
		show_day(view.until_day),
		show_sls(view.claimable)
	)
}

fn show_day(day: Day) -> String {
	show_moment(u64::from(day) * DAY).chars().take("2000-01-01".len()).collect()
}

/// Reads a JSON file.
pub(super) fn parse<T: DeserializeOwned>(path: &Path) -> Result<T> {
	serde_json::from_slice(&read(path)?)
		.map_err(|error| Error::usage("bad-file", format!("{}: {error}", path.display())))
}
