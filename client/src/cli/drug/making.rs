//! `salus drug commission`, `pack`, `unpack`, `split`, `merge`.

use super::{
	goods::{units, Label, Span},
	nothing, tell, By, Desk,
};
use crate::{
	chain::calls::drug,
	cli::{
		values::{read_text, Statement},
		Context,
	},
	drug::{
		holder,
		table::{cut, read_plan, Run},
	},
	Error, Result,
};
use clap::Args;
use salus_primitives::{
	drug::{BatchId, Load},
	gs1::{Gtin, Sscc},
};
use serde_json::json;
use std::path::PathBuf;

/// Arguments of `drug commission`.
#[derive(Args, Debug)]
pub struct CommissionArgs {
	/// CSV with the columns serial, lot and expiry (YYYY-MM-DD), in the order of packing.
	file: PathBuf,
	/// The product.
	#[arg(long)]
	gtin: Gtin,
	/// The lot that all lines must be of; the default is that of the first.
	#[arg(long)]
	lot: Option<String>,
	/// A document with what else is stated about the run; the chain is told a salted hash of it.
	#[arg(long, value_name = "FILE")]
	meta: Option<PathBuf>,
	#[command(flatten)]
	by: By,
}

/// Arguments of `drug pack`.
#[derive(Args, Debug)]
pub struct PackArgs {
	/// The batch of --units, --case-size or --plan.
	#[arg(long, value_name = "NUMBER")]
	batch: Option<BatchId>,
	/// Units of the batch to pack, such as 0..100, which ends before unit 100.
	#[arg(long, value_name = "A..B", requires = "batch", num_args = 1..)]
	units: Vec<Span>,
	/// Other units of logistics to pack, by SSCC or as the chain calls them.
	#[arg(long, value_name = "SSCC|ID", num_args = 1..)]
	logistic: Vec<Label>,
	/// The number of the unit of logistics; with --case-size that of the first, the others are counted up.
	#[arg(long, value_name = "SSCC", required_unless_present = "plan")]
	sscc: Option<Sscc>,
	/// Pack the whole batch into cases of so many units.
	#[arg(long, value_name = "NUMBER", requires = "batch", conflicts_with_all = ["units", "logistic", "plan"])]
	case_size: Option<u32>,
	/// Pack the cases onto pallets of so many cases.
	#[arg(long, value_name = "NUMBER", requires = "case_size")]
	pallet_size: Option<u32>,
	/// Pack the batch as this CSV says: columns sscc and contents (ranges A..B and SSCCs, with blanks between).
	#[arg(long, value_name = "FILE", requires = "batch", conflicts_with_all = ["units", "logistic", "sscc"])]
	plan: Option<PathBuf>,
	#[command(flatten)]
	by: By,
}

/// Arguments of `drug unpack`.
#[derive(Args, Debug)]
pub struct UnpackArgs {
	/// The unit of logistics, by its SSCC or as the chain calls it.
	#[arg(value_name = "SSCC|ID")]
	logistic: Label,
	#[command(flatten)]
	by: By,
}

/// Arguments of `drug split`.
#[derive(Args, Debug)]
pub struct SplitArgs {
	/// The batch.
	#[arg(long, value_name = "NUMBER")]
	batch: BatchId,
	/// The units, such as 0..100, which ends before unit 100.
	#[arg(long, value_name = "A..B")]
	units: Span,
	#[command(flatten)]
	by: By,
}

/// Arguments of `drug merge`.
#[derive(Args, Debug)]
pub struct MergeArgs {
	/// The batch.
	#[arg(long, value_name = "NUMBER")]
	batch: BatchId,
	/// The last unit of the parcel that is merged with the next.
	#[arg(long, value_name = "UNIT")]
	last: u32,
	#[command(flatten)]
	by: By,
}

/// Commissions a run.
pub async fn commission(context: &Context, args: CommissionArgs) -> Result<()> {
	// What is wrong with the file is told before anything is asked of anyone.
	let run = Run::read(&read_text(&args.file)?, args.gtin, args.lot.as_deref())?;
	let meta = match &args.meta {
		Some(path) => Some(Statement::of(&std::fs::read(path).map_err(|error| Error::file(path, error))?)),
		None => None,
	};
	let desk = Desk::open(context, &args.by).await?;
	let bar = context.progress(run.serials.len() as u64, "making keys");
	let hash = meta.map(|meta| meta.hash).unwrap_or_default();
	let done = desk.holder().commission(&run, hash, || bar.inc(1)).await;
	bar.finish_and_clear();
	let done = done?;
	let mut answer = serde_json::to_value(&done).map_err(|error| Error::unexpected("writing JSON", error))?;
	if let Some(meta) = meta.filter(|_| !done.present) {
		answer["meta"] = json!(meta);
	}
	context.print(&answer, || {
		let how = if done.present { "is there already" } else { "is commissioned" };
		let salt =
			answer["meta"]["salt"].as_str().map(|salt| format!("\nsalt of the statement: {salt}")).unwrap_or_default();
		format!("batch {} {how} in block {}: {} units, run {}{salt}", done.batch, done.block, done.units, done.run)
	})
}

/// Packs.
pub async fn pack(context: &Context, args: PackArgs) -> Result<()> {
	let plan = match &args.plan {
		Some(path) => Some(read_plan(&read_text(path)?)?),
		None => None,
	};
	let desk = Desk::open(context, &args.by).await?;
	let plan = match (plan, args.case_size, args.batch, args.sscc) {
		(None, Some(case), Some(batch), Some(first)) => {
			let count = holder::batch(&desk.chain, batch).await?.units;
			Some(cut(count, case, args.pallet_size, first)?)
		}
		(plan, ..) => plan,
	};
	if let (Some(plan), Some(batch)) = (plan, args.batch) {
		let bar = context.progress(plan.len() as u64, "packing");
		let packed = desk.holder().pack_plan(batch, &plan, |count| bar.inc(count as u64)).await;
		bar.finish_and_clear();
		let packed = packed?;
		return context.print(&packed, || {
			let blocks: Vec<_> = packed.blocks.iter().map(u32::to_string).collect();
			let (all, present) = (packed.units.len(), packed.present);
			format!("{all} units of logistics, {present} there already; blocks {}", blocks.join(", "))
		});
	}
	let sscc = args.sscc.ok_or_else(|| Error::usage("no-sscc", "--sscc tells the number on the label"))?;
	let mut contents = Vec::new();
	if let Some(batch) = args.batch {
		contents.extend(args.units.iter().map(|span| Load::Units(span.of(batch))));
		if args.units.is_empty() {
			contents.push(Load::Units(units(&desk.chain, batch, None).await?));
		}
	}
	for label in &args.logistic {
		contents.push(Load::Logistic(label.unit(&desk.chain, &desk.book).await?));
	}
	let (unit, done) = desk.holder().pack(sscc, &contents).await?;
	tell(context, "packed", &json!({ "sscc": sscc, "unit": unit, "block": done.block, "event": done.event }))
}

/// Unpacks.
pub async fn unpack(context: &Context, args: UnpackArgs) -> Result<()> {
	let desk = Desk::open(context, &args.by).await?;
	let unit = args.logistic.unit(&desk.chain, &desk.book).await?;
	tell(context, "unpacked", &desk.holder().unpack(unit).await?)
}

/// Splits a parcel.
pub async fn split(context: &Context, args: SplitArgs) -> Result<()> {
	let desk = Desk::open(context, &args.by).await?;
	desk.submit(context, drug::split(args.units.of(args.batch)), nothing()).await
}

/// Merges two parcels.
pub async fn merge(context: &Context, args: MergeArgs) -> Result<()> {
	let desk = Desk::open(context, &args.by).await?;
	desk.submit(context, drug::merge(args.batch, args.last), nothing()).await
}
