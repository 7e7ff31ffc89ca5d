//! `salus drug ship`, `receive`, `import`, `refuse`, `retract`, `return`, `lost`, `stolen`, `dispute`, `remove`,
//! `destroy`.

use super::{
	goods::{GoodsArgs, Span},
	tell, By, Desk,
};
use crate::{
	cli::{
		acting::account,
		values::{code, moment},
		Context,
	},
	drug::moving::Shipping,
	Error, Result,
};
use clap::Args;
use salus_primitives::{
	drug::{BatchId, Load, RemovalKind, UnitRange},
	Moment, OrgId,
};
use serde_json::json;
use std::path::PathBuf;

/// Arguments of `drug ship`.
#[derive(Args, Debug)]
pub struct ShipArgs {
	#[command(flatten)]
	goods: GoodsArgs,
	/// The organisation that is to receive them.
	#[arg(long, value_name = "ORG")]
	to: OrgId,
	/// Who drives them, if it is not the sender.
	#[arg(long, value_name = "ORG")]
	carrier: Option<OrgId>,
	/// They become the receiver's property.
	#[arg(long)]
	sale: bool,
	/// From when on they may be taken back if nobody received them.
	#[arg(long, value_name = "TIME", value_parser = moment, default_value = "14d")]
	deadline: Moment,
	/// The account of the receiver that the package is sealed for: an SS58 address, a public key, or the name of a key.
	#[arg(long, value_name = "ACCOUNT", requires = "package")]
	recipient: Option<String>,
	/// The new file for the package, which is to be sent to the receiver.
	#[arg(long, value_name = "FILE", requires = "recipient")]
	package: Option<PathBuf>,
	/// The order, delivery note or the like, for the event: `po https://…`, or any text.
	#[arg(long, value_name = "TEXT")]
	transaction: Option<String>,
	#[command(flatten)]
	by: By,
}

/// Arguments of `drug receive`.
#[derive(Args, Debug)]
pub struct ReceiveArgs {
	#[command(flatten)]
	goods: GoodsArgs,
	/// Units that did not arrive: BATCH:A..B.
	#[arg(long, value_name = "BATCH:A..B", value_parser = ranges, num_args = 1..)]
	missing: Vec<UnitRange>,
	/// The package that came with them.
	#[arg(long, value_name = "FILE")]
	package: Option<PathBuf>,
	#[command(flatten)]
	by: By,
}

/// Arguments of commands about a package.
#[derive(Args, Debug)]
pub struct PackageArgs {
	#[command(flatten)]
	goods: GoodsArgs,
	/// The package that came with them.
	#[arg(long, value_name = "FILE")]
	package: PathBuf,
	#[command(flatten)]
	by: By,
}

/// Arguments of commands that send goods back.
#[derive(Args, Debug)]
pub struct BackArgs {
	#[command(flatten)]
	goods: GoodsArgs,
	/// From when on they may be taken back if nobody received them.
	#[arg(long, value_name = "TIME", value_parser = moment, default_value = "14d")]
	deadline: Moment,
	#[command(flatten)]
	by: By,
}

/// Arguments of commands about goods.
#[derive(Args, Debug)]
pub struct MoveArgs {
	#[command(flatten)]
	pub(super) goods: GoodsArgs,
	#[command(flatten)]
	pub(super) by: By,
}

/// Arguments of `drug remove`.
#[derive(Args, Debug)]
pub struct RemoveArgs {
	#[command(flatten)]
	units: UnitsArgs,
	/// How: decommissioned, exported, sample.
	#[arg(long, value_name = "KIND", value_parser = code::<RemovalKind>)]
	kind: RemovalKind,
	#[command(flatten)]
	by: By,
}

/// Arguments of `drug destroy`.
#[derive(Args, Debug)]
pub struct DestroyArgs {
	#[command(flatten)]
	units: UnitsArgs,
	#[command(flatten)]
	by: By,
}

/// Units of a batch.
#[derive(Args, Debug)]
pub struct UnitsArgs {
	/// The batch.
	#[arg(long, value_name = "NUMBER")]
	batch: BatchId,
	/// The units, such as 0..100, which ends before unit 100, or a single number; several may be given.
	#[arg(long, value_name = "A..B", required = true, num_args = 1..)]
	units: Vec<Span>,
}

impl UnitsArgs {
	fn ranges(&self) -> Vec<UnitRange> {
		self.units.iter().map(|span| span.of(self.batch)).collect()
	}
}

/// Units with their batch, such as `7:0..100`.
fn ranges(text: &str) -> Result<UnitRange, String> {
	let (batch, units) = text.split_once(':').ok_or("expected a batch, a colon and units, such as 7:0..100")?;
	let batch = batch.parse().map_err(|_| format!("{batch:?} is no number of a batch"))?;
	Ok(units.parse::<Span>()?.of(batch))
}

/// Ships.
pub async fn ship(context: &Context, args: ShipArgs) -> Result<()> {
	let desk = Desk::open(context, &args.by).await?;
	let ShipArgs { to, carrier, sale, deadline, transaction, .. } = args;
	let shipping = Shipping { load: args.goods.load(&desk).await?, to, carrier, sale, deadline, transaction };
	let recipient = args.recipient.as_deref().map(|text| account(context, text)).transpose()?;
	let package = recipient.as_ref().zip(args.package.as_deref());
	tell(context, "shipped", &desk.holder().ship(&shipping, package).await?)
}

/// Receives.
pub async fn receive(context: &Context, args: ReceiveArgs) -> Result<()> {
	let desk = Desk::open(context, &args.by).await?;
	let load = match &args.package {
		Some(package) => args.goods.load_with(&desk, package).await?,
		None => args.goods.load(&desk).await?,
	};
	let received = desk.holder().receive(&load, &args.missing, args.package.as_deref()).await?;
	tell(context, "received", &received)
}

/// Imports a package.
pub async fn import(context: &Context, args: PackageArgs) -> Result<()> {
	let desk = Desk::open(context, &args.by).await?;
	let load = args.goods.load_with(&desk, &args.package).await?;
	tell(context, "imported", &desk.holder().import(&load, &args.package).await?)
}

/// Refuses.
pub async fn refuse(context: &Context, args: BackArgs) -> Result<()> {
	let desk = Desk::open(context, &args.by).await?;
	let load = args.goods.load(&desk).await?;
	tell(context, "refused", &desk.holder().refuse(&load, args.deadline).await?)
}

/// Takes back.
pub async fn retract(context: &Context, args: MoveArgs) -> Result<()> {
	let (desk, load) = open(context, &args).await?;
	tell(context, "taken back", &desk.holder().retract(&load).await?)
}

/// Returns what was bought.
pub async fn return_saleable(context: &Context, args: BackArgs) -> Result<()> {
	let desk = Desk::open(context, &args.by).await?;
	let load = args.goods.load(&desk).await?;
	tell(context, "returned", &desk.holder().return_saleable(&load, args.deadline).await?)
}

/// Reports a loss.
pub async fn lost(context: &Context, args: MoveArgs) -> Result<()> {
	let (desk, load) = open(context, &args).await?;
	tell(context, "reported as lost", &desk.holder().lost(&load).await?)
}

/// Reports a theft.
pub async fn stolen(context: &Context, args: MoveArgs) -> Result<()> {
	let (desk, load) = open(context, &args).await?;
	tell(context, "reported as stolen", &desk.holder().stolen(&load).await?)
}

/// Disputes a package.
pub async fn dispute(context: &Context, args: PackageArgs) -> Result<()> {
	let desk = Desk::open(context, &args.by).await?;
	let load = args.goods.load(&desk).await?;
	let block = desk.holder().dispute(&load, &args.package).await?;
	tell(context, "the package is disputed", &json!({ "block": block }))
}

/// Takes units off the market.
pub async fn remove(context: &Context, args: RemoveArgs) -> Result<()> {
	if args.kind == RemovalKind::Destroyed {
		return Err(Error::usage("bad-kind", "what was destroyed is told with `salus drug destroy`"));
	}
	let desk = Desk::open(context, &args.by).await?;
	tell(context, "removed", &desk.holder().remove(&args.units.ranges(), args.kind).await?)
}

/// Destroys units.
pub async fn destroy(context: &Context, args: DestroyArgs) -> Result<()> {
	let desk = Desk::open(context, &args.by).await?;
	tell(context, "destroyed", &desk.holder().remove(&args.units.ranges(), RemovalKind::Destroyed).await?)
}

/// Opens what it takes, and names the goods.
pub(super) async fn open(context: &Context, args: &MoveArgs) -> Result<(Desk, Load)> {
	let desk = Desk::open(context, &args.by).await?;
	let load = args.goods.load(&desk).await?;
	Ok((desk, load))
}
