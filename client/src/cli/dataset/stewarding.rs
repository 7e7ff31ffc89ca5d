//! `salus dataset create`, `add-group`, `tighten`, `loosen`, `open`, `suspend`, `retire`, `sweep`, `committee`, `list`, `show`, `roll`.

use super::{dataset, told, By};
use crate::{
	chain::{calls::research, Call},
	cli::{
		acting::{account, connect, done, keys},
		values::{show_moment, show_sls, sls, word, Statement},
		Context,
	},
	research::files,
	Error, Result,
};
use clap::Args;
use salus_primitives::{
	duo::Group,
	research::{day_of, Bucket, DatasetId, DatasetInput, DatasetView, MAX_ROLL},
	time::DAY,
};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Arguments of `dataset create`.
#[derive(Args, Debug)]
pub struct CreateArgs {
	/// Its consent groups: a file as `salus duo match --dataset` takes it. Without it groups are added later.
	#[arg(long, value_name = "FILE")]
	data_use: Option<PathBuf>,
	/// The schema that contributions keep to: a file, of which the chain is told the hash, or that hash.
	#[arg(long, value_name = "FILE|HASH")]
	schema: String,
	/// What it is: the chain is told a salted hash, and the answer has the salt.
	#[arg(long, value_name = "TEXT")]
	description: String,
	/// What a request must hold in escrow, in SLS, paid to the contributors when its grant begins.
	#[arg(long, value_name = "SLS", value_parser = sls, default_value = "0")]
	fee: u128,
	#[command(flatten)]
	by: By,
}

/// Arguments of `dataset add-group`.
#[derive(Args, Debug)]
pub struct AddGroupArgs {
	/// The dataset.
	dataset: DatasetId,
	/// The group: a file as `salus duo match --dataset` takes it, with one group.
	#[arg(long, value_name = "FILE")]
	data_use: PathBuf,
	#[command(flatten)]
	by: By,
}

/// Arguments of `dataset tighten` and `dataset loosen`.
#[derive(Args, Debug)]
pub struct PolicyArgs {
	/// The dataset.
	dataset: DatasetId,
	/// The group, counted from 0.
	group: u8,
	/// Its new data use: a file as `salus duo match --dataset` takes it, with one group.
	#[arg(long, value_name = "FILE")]
	data_use: PathBuf,
	#[command(flatten)]
	by: By,
}

/// Arguments of commands about a dataset.
#[derive(Args, Debug)]
pub struct DatasetArgs {
	/// The dataset.
	dataset: DatasetId,
	#[command(flatten)]
	by: By,
}

impl DatasetArgs {
	/// Submits a call about it.
	pub(super) async fn submit(&self, context: &Context, call: fn(DatasetId) -> Call) -> Result<()> {
		self.by.tell(context, call(self.dataset)).await
	}
}

/// Arguments of `dataset committee`.
#[derive(Args, Debug)]
pub struct CommitteeArgs {
	/// The dataset.
	dataset: DatasetId,
	/// Its members, in place of those before: SS58 addresses, public keys, or names of keys; none leaves the decision to
	/// ethics committees.
	members: Vec<String>,
	#[command(flatten)]
	by: By,
}

/// `dataset create`.
pub async fn create(context: &Context, args: CreateArgs) -> Result<()> {
	let description = Statement::of(args.description.as_bytes());
	let input = DatasetInput {
		data_use: args.data_use.as_deref().map(files::data_use).transpose()?.unwrap_or_default(),
		schema: super::document(&args.schema)?,
		content: description.hash,
		fee: args.fee,
	};
	let call = research::create_dataset(&input);
	let more = |included: &_| {
		let dataset = told(included, "DatasetCreated", "dataset")?;
		Ok(json!({ "dataset": dataset, "description": description }))
	};
	args.by.submit(context, call, more).await
}

/// `dataset add-group`.
pub async fn add_group(context: &Context, args: AddGroupArgs) -> Result<()> {
	let call = research::add_group(args.dataset, &one_group(&args.data_use)?);
	args.by
		.submit(context, call, |included| Ok(json!({ "version": told(included, "PolicyChanged", "version")? })))
		.await
}

/// `dataset tighten`.
pub async fn tighten(context: &Context, args: PolicyArgs) -> Result<()> {
	change(context, args, research::tighten_group).await
}

/// `dataset loosen`.
pub async fn loosen(context: &Context, args: PolicyArgs) -> Result<()> {
	change(context, args, research::loosen_group).await
}

async fn change(context: &Context, args: PolicyArgs, call: fn(DatasetId, u8, &Group) -> Call) -> Result<()> {
	let call = call(args.dataset, args.group, &one_group(&args.data_use)?);
	args.by
		.submit(context, call, |included| Ok(json!({ "version": told(included, "PolicyChanged", "version")? })))
		.await
}

fn one_group(path: &Path) -> Result<Group> {
	let groups = files::data_use(path)?;
	match groups.as_slice() {
		[group] => Ok(group.clone()),
		_ => {
			let message = format!("{} has {} groups, and one is changed at a time", path.display(), groups.len());
			Err(Error::usage("not-one-group", message))
		}
	}
}

/// `dataset committee`.
pub async fn committee(context: &Context, args: CommitteeArgs) -> Result<()> {
	let members: Result<Vec<_>> = args.members.iter().map(|text| account(context, text)).collect();
	args.by.tell(context, research::set_committee(args.dataset, &members?)).await
}

/// `dataset list`.
pub async fn list(context: &Context) -> Result<()> {
	let datasets = connect(context).await?.datasets().await?;
	context.print(&datasets, || match datasets.is_empty() {
		true => "there is no dataset".into(),
		false => datasets.iter().map(line).collect::<Vec<_>>().join("\n"),
	})
}

/// `dataset show`.
pub async fn show(context: &Context, number: DatasetId) -> Result<()> {
	let view = dataset(&connect(context).await?, number).await?;
	context.print(&view, || {
		let mut text = format!(
			"{}\nfee {}, paid in {}, claimed {}; counted until {}",
			line(&view),
			show_sls(view.fee),
			show_sls(view.funded),
			show_sls(view.paid),
			show_moment(u64::from(view.rolled) * DAY)
		);
		for group in &view.groups {
			let open = if group.open { "" } else { ", closed for contributions" };
			let terms = serde_json::to_string(&group.terms).unwrap_or_default();
			text +=
				&format!("\n  group {}: {} contributors{open}: {terms}", group.index, show_bucket(group.contributors));
		}
		text
	})
}

fn line(view: &DatasetView) -> String {
	let steward = view.steward_name.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
	format!(
		"dataset {}: {}, of organisation {} {steward}, {} groups, {} contributors, policy version {}",
		view.id,
		word(&view.state),
		view.steward,
		view.groups.len(),
		show_bucket(view.contributors),
		view.policy_version
	)
}

fn show_bucket(bucket: Bucket) -> String {
	match bucket.to {
		Some(to) => format!("{} to {to}", bucket.from),
		None => format!("{} or more", bucket.from),
	}
}

/// `dataset roll`.
pub async fn roll(context: &Context, args: DatasetArgs) -> Result<()> {
	let signer = keys(context, &args.by.signer)?;
	let chain = connect(context).await?;
	loop {
		let today = day_of(chain.time().await?);
		let behind = today.saturating_sub(dataset(&chain, args.dataset).await?.rolled);
		let call = research::roll(args.dataset);
		let included = chain.submit(&signer.signer, &call).await?;
		if behind <= MAX_ROLL {
			return done(context, &call, &included, json!({ "day": told(&included, "Rolled", "day")? }));
		}
	}
}
