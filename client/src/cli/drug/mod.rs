//! `salus drug`: medicines and devices, from the factory to the patient.

mod dispensing;
mod goods;
mod making;
mod moving;
mod products;
mod recalls;
mod sensing;
mod stock;
mod tracing;

use super::{acting, Context};
use crate::{
	chain::Chain,
	drug::{Book, Holder},
	keys::Keys,
	Result,
};
use clap::{Args, Subcommand};
use serde_json::{json, Value};

/// Commands about medicines and devices.
#[derive(Subcommand, Debug)]
pub enum DrugCommand {
	/// Register products, let others commission them, show them.
	#[command(subcommand)]
	Product(products::ProductCommand),
	/// Commission a packaging run: a CSV file with the columns serial, lot and expiry, in the order of packing. Keeps its
	/// secrets here first; a second run completes what a first one left.
	Commission(making::CommissionArgs),
	/// List the packaging runs of a lot.
	Lot(products::LotArgs),
	/// Show a unit of logistics.
	Logistic(tracing::LogisticArgs),
	/// Pack goods into a case, pallet or other unit of logistics; or a whole batch into cases and pallets.
	Pack(making::PackArgs),
	/// Take everything out of a unit of logistics.
	Unpack(making::UnpackArgs),
	/// Make a parcel of its own out of units of one.
	Split(making::SplitArgs),
	/// Make one parcel of the one that ends with a unit and the next.
	Merge(making::MergeArgs),
	/// Ship goods, with a sealed package of what the receiver needs to verify and dispense them.
	Ship(moving::ShipArgs),
	/// Receive goods, and import the package that came with them.
	Receive(moving::ReceiveArgs),
	/// Import the package of goods that were received before.
	Import(moving::PackageArgs),
	/// Send goods back instead of receiving them.
	Refuse(moving::BackArgs),
	/// Take back a shipment past its deadline, or what was found.
	Retract(moving::MoveArgs),
	/// Send goods back to whom they were bought from, saleable.
	Return(moving::BackArgs),
	/// Say that goods were lost on the way.
	Lost(moving::MoveArgs),
	/// Say that goods were stolen.
	Stolen(moving::MoveArgs),
	/// Say that the package which came is not the one that the sender committed to.
	Dispute(moving::PackageArgs),
	/// Dispense a pack, or those of a file; exit code 17 if one must not be handed out.
	Dispense(dispensing::DispenseArgs),
	/// Upload dispenses that were made without a line: lines of a scan, a comma and a moment.
	Upload(dispensing::UploadArgs),
	/// Undo the dispense of a pack.
	Undo(dispensing::UndoArgs),
	/// Take units off the market otherwise: decommissioned, exported, a sample.
	Remove(moving::RemoveArgs),
	/// Say that units were destroyed.
	Destroy(moving::DestroyArgs),
	/// Tell what a pack is worth; exit code 17 for anything but genuine.
	Verify(dispensing::VerifyArgs),
	/// Answer scans with proofs over HTTP, as their manufacturer, until interrupted.
	Serve(dispensing::ServeArgs),
	/// Recall a product, a lot, a batch or units of one.
	Recall(recalls::RecallArgs),
	/// End a recall.
	LiftRecall(recalls::LiftArgs),
	/// Acknowledge a recall of goods that are here, and set them apart.
	Acknowledge(recalls::AcknowledgeArgs),
	/// Let goods out of quarantine, as Quality of who has them; or after an excursion, as Quality of the product's owner.
	Release(recalls::ReleaseArgs),
	/// Report suspicion, with a bond.
	Suspect(moving::MoveArgs),
	/// Clear goods of suspicion, as a regulator, and settle a report.
	Clear(recalls::ClearArgs),
	/// Mark goods as illegitimate, for good.
	Illegitimate(moving::MoveArgs),
	/// Report an excursion from the storage rule.
	Excursion(sensing::ExcursionArgs),
	/// Work with a logger's readings.
	#[command(subcommand)]
	Excursions(sensing::ExcursionsCommand),
	/// Tell how a unit came where it is; the JSON is what `salus epcis export` takes.
	Trace(tracing::TraceArgs),
	/// List what an organisation may sell.
	Stock(stock::StockArgs),
	/// Order more whenever there is little left; or no longer.
	Reorder(stock::ReorderArgs),
	/// List the orders to a supplier.
	Orders(stock::OrdersArgs),
	/// End orders.
	#[command(subcommand)]
	Order(stock::OrderCommand),
	/// Remove what nothing needs any more, for its deposit.
	#[command(subcommand)]
	Prune(stock::PruneCommand),
}

/// Whose key acts.
#[derive(Args, Debug)]
pub struct By {
	/// The key that acts: a member of an organisation.
	#[arg(long = "as", value_name = "KEY")]
	signer: String,
}

/// What it takes to act.
struct Desk {
	chain: Chain,
	keys: Keys,
	book: Book,
}

impl Desk {
	async fn open(context: &Context, by: &By) -> Result<Self> {
		let keys = acting::keys(context, &by.signer)?;
		Ok(Self { keys, chain: acting::connect(context).await?, book: Book::open(&context.home())? })
	}

	fn holder(&self) -> Holder<'_> {
		Holder { chain: &self.chain, keys: &self.keys, book: &self.book }
	}

	/// Submits a call, and says where it is and what else came of it.
	async fn submit(&self, context: &Context, call: crate::chain::Call, more: Value) -> Result<()> {
		let included = self.chain.submit(&self.keys.signer, &call).await?;
		acting::done(context, &call, &included, more)
	}
}

/// Tells where a step is.
fn tell(context: &Context, what: &str, answer: &impl serde::Serialize) -> Result<()> {
	let answer = serde_json::to_value(answer).map_err(|error| crate::Error::unexpected("writing JSON", error))?;
	context.print(&answer, || {
		let lines =
			answer.as_object().into_iter().flatten().filter(|(name, value)| *name != "block" && !value.is_null());
		let lines: String = lines.map(|(name, value)| format!("\n{name}: {value}")).collect();
		match answer["block"].as_u64() {
			Some(block) => format!("{what} in block {block}{lines}"),
			None => format!("{what}{lines}"),
		}
	})
}

/// Runs a command about medicines and devices.
pub async fn run(context: &Context, command: DrugCommand) -> Result<()> {
	use DrugCommand as Drug;
	match command {
		Drug::Product(command) => products::run(context, command).await,
		Drug::Commission(args) => making::commission(context, args).await,
		Drug::Lot(args) => products::lot(context, args).await,
		Drug::Logistic(args) => tracing::logistic(context, args).await,
		Drug::Pack(args) => making::pack(context, args).await,
		Drug::Unpack(args) => making::unpack(context, args).await,
		Drug::Split(args) => making::split(context, args).await,
		Drug::Merge(args) => making::merge(context, args).await,
		Drug::Ship(args) => moving::ship(context, args).await,
		Drug::Receive(args) => moving::receive(context, args).await,
		Drug::Import(args) => moving::import(context, args).await,
		Drug::Refuse(args) => moving::refuse(context, args).await,
		Drug::Retract(args) => moving::retract(context, args).await,
		Drug::Return(args) => moving::return_saleable(context, args).await,
		Drug::Lost(args) => moving::lost(context, args).await,
		Drug::Stolen(args) => moving::stolen(context, args).await,
		Drug::Dispute(args) => moving::dispute(context, args).await,
		Drug::Dispense(args) => dispensing::dispense(context, args).await,
		Drug::Upload(args) => dispensing::upload(context, args).await,
		Drug::Undo(args) => dispensing::undo(context, args).await,
		Drug::Remove(args) => moving::remove(context, args).await,
		Drug::Destroy(args) => moving::destroy(context, args).await,
		Drug::Verify(args) => dispensing::verify(context, args).await,
		Drug::Serve(args) => dispensing::serve(context, args).await,
		Drug::Recall(args) => recalls::recall(context, args).await,
		Drug::LiftRecall(args) => recalls::lift(context, args).await,
		Drug::Acknowledge(args) => recalls::acknowledge(context, args).await,
		Drug::Release(args) => recalls::release(context, args).await,
		Drug::Suspect(args) => recalls::suspect(context, args).await,
		Drug::Clear(args) => recalls::clear(context, args).await,
		Drug::Illegitimate(args) => recalls::illegitimate(context, args).await,
		Drug::Excursion(args) => sensing::excursion(context, args).await,
		Drug::Excursions(command) => sensing::run(context, command).await,
		Drug::Trace(args) => tracing::trace(context, args).await,
		Drug::Stock(args) => stock::stock(context, args).await,
		Drug::Reorder(args) => stock::reorder(context, args).await,
		Drug::Orders(args) => stock::orders(context, args).await,
		Drug::Order(command) => stock::order(context, command).await,
		Drug::Prune(command) => stock::prune(context, command).await,
	}
}

/// An answer without members beside those that each has.
fn nothing() -> Value {
	json!({})
}
