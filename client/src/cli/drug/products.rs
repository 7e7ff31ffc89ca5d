//! `salus drug product`, `salus drug lot`.

use super::{nothing, By, Desk};
use crate::{
	chain::calls::drug,
	cli::{
		acting::connect,
		values::{celsius, show_celsius, show_moment},
		Context,
	},
	drug::scans::lot_of,
	Error, Result,
};
use clap::{Args, Subcommand};
use salus_primitives::{
	drug::{BatchView, ProductInput, StorageRule},
	gs1::Gtin,
	OrgId,
};

/// Commands about products.
#[derive(Subcommand, Debug)]
pub enum ProductCommand {
	/// Register a product, as a regulator.
	Register(RegisterArgs),
	/// Let another organisation commission a product of one's own, or no longer.
	Delegate(DelegateArgs),
	/// Show a product.
	Show {
		/// Its number.
		gtin: Gtin,
	},
}

/// Arguments of `drug product register`.
#[derive(Args, Debug)]
pub struct RegisterArgs {
	/// Its number (GTIN).
	gtin: Gtin,
	/// Who holds the marketing authorisation: a manufacturer.
	#[arg(long, value_name = "ORG")]
	owner: OrgId,
	/// The lowest temperature that it may be stored at, in degrees Celsius.
	#[arg(long, value_name = "CELSIUS", value_parser = celsius, requires = "max", allow_hyphen_values = true)]
	min: Option<i16>,
	/// The highest temperature that it may be stored at, in degrees Celsius.
	#[arg(long, value_name = "CELSIUS", value_parser = celsius, requires = "min", allow_hyphen_values = true)]
	max: Option<i16>,
	/// Minutes between two readings of a logger; a gap of more than twice as long counts as an excursion.
	#[arg(long, value_name = "MINUTES", default_value_t = 15, requires = "min")]
	interval: u32,
	/// It is a medical device rather than a medicine.
	#[arg(long)]
	device: bool,
	#[command(flatten)]
	by: By,
}

/// Arguments of `drug product delegate`.
#[derive(Args, Debug)]
pub struct DelegateArgs {
	/// The product.
	gtin: Gtin,
	/// The organisation that may commission it.
	#[arg(long, value_name = "ORG")]
	org: OrgId,
	/// It may no longer.
	#[arg(long)]
	end: bool,
	#[command(flatten)]
	by: By,
}

/// Arguments of `drug lot`.
#[derive(Args, Debug)]
pub struct LotArgs {
	/// The product.
	gtin: Gtin,
	/// The lot.
	lot: String,
}

/// Runs a command about products.
pub async fn run(context: &Context, command: ProductCommand) -> Result<()> {
	match command {
		ProductCommand::Register(RegisterArgs { gtin, owner, min, max, interval, device, by }) => {
			let storage = min.zip(max).map(|(min, max)| StorageRule { min, max, interval });
			if storage.is_some_and(|rule| !rule.is_valid()) {
				return Err(Error::usage("bad-rule", "--min must be below --max, and --interval not zero"));
			}
			let desk = Desk::open(context, &by).await?;
			let product = ProductInput { gtin, owner, storage, device };
			desk.submit(context, drug::register_product(&product), nothing()).await
		}
		ProductCommand::Delegate(DelegateArgs { gtin, org, end, by }) => {
			let desk = Desk::open(context, &by).await?;
			desk.submit(context, drug::delegate(gtin, org, !end), nothing()).await
		}
		ProductCommand::Show { gtin } => {
			let view = connect(context).await?.product(gtin).await?;
			let view = view.ok_or_else(|| Error::not_found(format!("product {gtin}"), "a regulator registers it"))?;
			context.print(&view, || {
				let rule = view.storage.map(|rule| {
					let (min, max) = (show_celsius(rule.min), show_celsius(rule.max));
					format!(", stored at {min} to {max}, read every {} minutes", rule.interval)
				});
				let recall =
					view.recall.map(|recall| format!(", recalled (class {}, {})", recall.class, recall.reason));
				format!(
					"{gtin}: {} of organisation {}{}{}{}",
					if view.device { "device" } else { "medicine" },
					view.owner,
					if view.delegates.is_empty() {
						String::new()
					} else {
						format!(", also made by {:?}", view.delegates)
					},
					rule.unwrap_or_default(),
					recall.unwrap_or_default(),
				)
			})
		}
	}
}

/// Lists the packaging runs of a lot.
pub async fn lot(context: &Context, LotArgs { gtin, lot }: LotArgs) -> Result<()> {
	let runs = connect(context).await?.lot(gtin, &lot_of(&lot)?).await?;
	if runs.is_empty() {
		return Err(Error::not_found(format!("lot {lot} of product {gtin}"), ""));
	}
	context.print(&runs, || {
		let line = |view: &BatchView| {
			format!(
				"batch {}: run {}, {} units, {}, expired from {} on, made by organisation {}",
				view.id,
				view.run,
				view.units,
				view.state,
				show_moment(view.expiry),
				view.producer,
			)
		};
		runs.iter().map(line).collect::<Vec<_>>().join("\n")
	})
}
