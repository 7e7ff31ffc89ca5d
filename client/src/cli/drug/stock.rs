//! `salus drug stock`, `reorder`, `orders`, `order`, `prune`.

use super::{nothing, By, Desk};
use crate::{
	chain::calls::drug,
	cli::{acting::connect, values::show_moment, Context},
	Error, Result,
};
use clap::{Args, Subcommand};
use salus_primitives::{
	drug::{BatchId, OrderId, OrderView, Prunable, ReorderInput, StockView},
	gs1::Gtin,
	OrgId,
};

/// Arguments of `drug stock`.
#[derive(Args, Debug)]
pub struct StockArgs {
	/// The organisation.
	org: OrgId,
}

/// Arguments of `drug reorder`.
#[derive(Args, Debug)]
pub struct ReorderArgs {
	/// The product.
	gtin: Gtin,
	/// Order when there are fewer units than this.
	#[arg(long, value_name = "NUMBER", required_unless_present = "end", requires = "quantity")]
	minimum: Option<u32>,
	/// Order as many as this.
	#[arg(long, value_name = "NUMBER", requires = "supplier")]
	quantity: Option<u32>,
	/// Order from this organisation.
	#[arg(long, value_name = "ORG", requires = "minimum")]
	supplier: Option<OrgId>,
	/// Order no longer.
	#[arg(long, conflicts_with_all = ["minimum", "quantity", "supplier"])]
	end: bool,
	#[command(flatten)]
	by: By,
}

/// Arguments of `drug orders`.
#[derive(Args, Debug)]
pub struct OrdersArgs {
	/// The supplier.
	supplier: OrgId,
}

/// Commands about orders.
#[derive(Subcommand, Debug)]
pub enum OrderCommand {
	/// Say that an order was fulfilled.
	Fulfil(OrderArgs),
	/// Cancel an order.
	Cancel(OrderArgs),
}

/// Arguments of commands about an order.
#[derive(Args, Debug)]
pub struct OrderArgs {
	/// The order.
	order: OrderId,
	/// Who is to deliver.
	#[arg(long, value_name = "ORG")]
	supplier: OrgId,
	#[command(flatten)]
	by: By,
}

/// Commands that remove what nothing needs any more.
#[derive(Subcommand, Debug)]
pub enum PruneCommand {
	/// Single dispenses that can no longer be undone: the units stay dispensed.
	Dispenses {
		/// The batch.
		#[arg(long, value_name = "NUMBER")]
		batch: BatchId,
		/// The units.
		#[arg(long, value_name = "UNIT", required = true, num_args = 1..)]
		units: Vec<u32>,
		#[command(flatten)]
		by: By,
	},
	/// A parcel of an expired batch whose units have all left the market.
	Parcel {
		/// The batch.
		#[arg(long, value_name = "NUMBER")]
		batch: BatchId,
		/// The parcel's last unit.
		#[arg(long, value_name = "UNIT")]
		last: u32,
		#[command(flatten)]
		by: By,
	},
	/// An organisation's acknowledgement of a recall that was lifted.
	Acknowledgement {
		/// The batch.
		#[arg(long, value_name = "NUMBER")]
		batch: BatchId,
		/// The organisation.
		#[arg(long, value_name = "ORG")]
		org: OrgId,
		#[command(flatten)]
		by: By,
	},
}

/// Lists what an organisation may sell.
pub async fn stock(context: &Context, args: StockArgs) -> Result<()> {
	let stock = connect(context).await?.stock(args.org).await?;
	context.print(&stock, || {
		let line = |view: &StockView| {
			let rule = view.minimum.zip(view.quantity).zip(view.supplier).map(|((minimum, quantity), supplier)| {
				format!("; orders {quantity} from organisation {supplier} below {minimum}")
			});
			let pending = view.pending.map(|order| format!(", order {order} under way")).unwrap_or_default();
			format!("{}: {} units{}{pending}", view.gtin, view.units, rule.unwrap_or_default())
		};
		stock.iter().map(line).collect::<Vec<_>>().join("\n")
	})
}

/// Says when to order more.
pub async fn reorder(context: &Context, args: ReorderArgs) -> Result<()> {
	let rule = match (args.minimum, args.quantity, args.supplier) {
		(Some(minimum), Some(quantity), Some(supplier)) => Some(ReorderInput { minimum, quantity, supplier }),
		_ if args.end => None,
		_ => return Err(Error::usage("bad-rule", "a rule has --minimum, --quantity and --supplier")),
	};
	let desk = Desk::open(context, &args.by).await?;
	desk.submit(context, drug::set_reorder_rule(args.gtin, rule.as_ref()), nothing()).await
}

/// Lists orders.
pub async fn orders(context: &Context, args: OrdersArgs) -> Result<()> {
	let orders = connect(context).await?.orders(args.supplier).await?;
	context.print(&orders, || {
		let line = |view: &OrderView| {
			let OrderView { id, buyer, gtin, quantity, at, .. } = view;
			format!("order {id}: {quantity} of {gtin} for organisation {buyer}, since {}", show_moment(*at))
		};
		orders.iter().map(line).collect::<Vec<_>>().join("\n")
	})
}

/// Ends an order.
pub async fn order(context: &Context, command: OrderCommand) -> Result<()> {
	let (call, by) = match command {
		OrderCommand::Fulfil(args) => (drug::fulfil_order(args.supplier, args.order), args.by),
		OrderCommand::Cancel(args) => (drug::cancel_order(args.supplier, args.order), args.by),
	};
	Desk::open(context, &by).await?.submit(context, call, nothing()).await
}

/// Removes what nothing needs any more.
pub async fn prune(context: &Context, command: PruneCommand) -> Result<()> {
	let (what, by) = match command {
		PruneCommand::Dispenses { batch, units, by } => {
			let units = units.try_into().map_err(|_| Error::usage("too-many", "at most 64 units in one call"))?;
			(Prunable::Dispenses { batch, units }, by)
		}
		PruneCommand::Parcel { batch, last, by } => (Prunable::Parcel { batch, last }, by),
		PruneCommand::Acknowledgement { batch, org, by } => (Prunable::Acknowledgement { batch, org }, by),
	};
	Desk::open(context, &by).await?.submit(context, drug::prune(&what), nothing()).await
}
