//! `salus drug recall`, `lift-recall`, `acknowledge`, `release`, `suspect`, `clear`, `illegitimate`.

use super::{
	goods::{units, GoodsArgs, Span},
	moving::{open, MoveArgs},
	nothing, By, Desk,
};
use crate::{
	chain::calls::drug,
	cli::{
		values::{code, Statement},
		Context,
	},
	drug::scans::lot_of,
	Error, Result,
};
use clap::Args;
use salus_primitives::{
	drug::{BatchId, RecallClass, RecallReason, RecallScope, ReportId},
	gs1::Gtin,
};
use serde_json::json;

/// What a recall takes back.
#[derive(Args, Debug)]
pub struct ScopeArgs {
	/// A product: all of it, unless --lot is given.
	#[arg(long, conflicts_with = "batch", required_unless_present = "batch")]
	gtin: Option<Gtin>,
	/// A lot of the product.
	#[arg(long, requires = "gtin")]
	lot: Option<String>,
	/// A batch: all of it, unless --units is given.
	#[arg(long, value_name = "NUMBER")]
	batch: Option<BatchId>,
	/// Units of the batch, such as 0..100, which ends before unit 100.
	#[arg(long, value_name = "A..B", requires = "batch")]
	units: Option<Span>,
}

impl ScopeArgs {
	fn scope(&self) -> Result<RecallScope> {
		match (self.gtin, &self.lot, self.batch, &self.units) {
			(Some(gtin), None, _, _) => Ok(RecallScope::Product(gtin)),
			(Some(gtin), Some(lot), _, _) => Ok(RecallScope::Lot(gtin, lot_of(lot)?)),
			(None, _, Some(batch), None) => Ok(RecallScope::Batch(batch)),
			(None, _, Some(batch), Some(span)) => Ok(RecallScope::Units(span.of(batch))),
			(None, _, None, _) => Err(Error::usage("no-scope", "name a product with --gtin or a batch with --batch")),
		}
	}
}

/// Arguments of `drug recall`.
#[derive(Args, Debug)]
pub struct RecallArgs {
	#[command(flatten)]
	scope: ScopeArgs,
	/// How grave: I, II or III.
	#[arg(long, value_name = "CLASS", value_parser = code::<RecallClass>)]
	class: RecallClass,
	/// Why: quality, contamination, labelling, stability, adverse-events, counterfeit, field-safety, documentation.
	#[arg(long, value_name = "CODE", value_parser = code::<RecallReason>)]
	reason: RecallReason,
	#[command(flatten)]
	by: By,
}

/// Arguments of `drug lift-recall`.
#[derive(Args, Debug)]
pub struct LiftArgs {
	#[command(flatten)]
	scope: ScopeArgs,
	#[command(flatten)]
	by: By,
}

/// Arguments of `drug acknowledge`.
#[derive(Args, Debug)]
pub struct AcknowledgeArgs {
	/// The batch.
	#[arg(long, value_name = "NUMBER")]
	batch: BatchId,
	/// The units that are here, in one parcel; all of the batch if not given.
	#[arg(long, value_name = "A..B")]
	units: Option<Span>,
	#[command(flatten)]
	by: By,
}

/// Arguments of `drug release`.
#[derive(Args, Debug)]
pub struct ReleaseArgs {
	#[command(flatten)]
	goods: GoodsArgs,
	/// After an excursion: why they are still good. The chain is told a salted hash.
	#[arg(long, value_name = "TEXT")]
	excursion_because: Option<String>,
	#[command(flatten)]
	by: By,
}

/// Arguments of `drug clear`.
#[derive(Args, Debug)]
pub struct ClearArgs {
	#[command(flatten)]
	goods: GoodsArgs,
	/// The report that is settled.
	#[arg(long, value_name = "NUMBER")]
	report: Option<ReportId>,
	/// The report was unfounded: its bond is burnt.
	#[arg(long, requires = "report")]
	unfounded: bool,
	#[command(flatten)]
	by: By,
}

/// Recalls.
pub async fn recall(context: &Context, args: RecallArgs) -> Result<()> {
	let scope = args.scope.scope()?;
	let desk = Desk::open(context, &args.by).await?;
	desk.submit(context, drug::recall(&scope, args.class, args.reason), nothing()).await
}

/// Ends a recall.
pub async fn lift(context: &Context, args: LiftArgs) -> Result<()> {
	let scope = args.scope.scope()?;
	let desk = Desk::open(context, &args.by).await?;
	desk.submit(context, drug::lift_recall(&scope), nothing()).await
}

/// Acknowledges a recall.
pub async fn acknowledge(context: &Context, args: AcknowledgeArgs) -> Result<()> {
	let desk = Desk::open(context, &args.by).await?;
	let units = units(&desk.chain, args.batch, args.units.as_ref()).await?;
	desk.submit(context, drug::acknowledge_recall(units), nothing()).await
}

/// Lets goods out of quarantine, or releases them after an excursion.
pub async fn release(context: &Context, args: ReleaseArgs) -> Result<()> {
	let desk = Desk::open(context, &args.by).await?;
	let load = args.goods.load(&desk).await?;
	match args.excursion_because.map(|text| Statement::of(text.as_bytes())) {
		Some(evidence) => {
			let call = drug::release_excursion(&load, evidence.hash);
			desk.submit(context, call, json!({ "evidence": evidence })).await
		}
		None => desk.submit(context, drug::release_quarantine(&load), nothing()).await,
	}
}

/// Reports suspicion.
pub async fn suspect(context: &Context, args: MoveArgs) -> Result<()> {
	let (desk, load) = open(context, &args).await?;
	let call = drug::report_suspect(&load);
	let included = desk.holder().submit(&call).await?;
	let event = included.event("DrugProvenance", "SuspicionReported");
	let report = event.and_then(|event| event.number("report"));
	crate::cli::acting::done(context, &call, &included, json!({ "report": report }))
}

/// Clears goods of suspicion.
pub async fn clear(context: &Context, args: ClearArgs) -> Result<()> {
	let desk = Desk::open(context, &args.by).await?;
	let load = args.goods.load(&desk).await?;
	desk.submit(context, drug::clear_suspect(&load, args.report, args.unfounded), nothing()).await
}

/// Marks goods as illegitimate.
pub async fn illegitimate(context: &Context, args: MoveArgs) -> Result<()> {
	let (desk, load) = open(context, &args).await?;
	desk.submit(context, drug::mark_illegitimate(&load), nothing()).await
}
