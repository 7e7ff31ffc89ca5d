//! `salus drug excursion`, `salus drug excursions`.

use super::{goods::GoodsArgs, By, Desk};
use crate::{
	chain::calls::drug,
	cli::{
		values::{celsius, show_celsius},
		Context,
	},
	crypto::digest,
	drug::sensing::{measure, read, rules},
	Error, Result,
};
use clap::{Args, Subcommand};
use salus_primitives::{drug::Readings, H256};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Commands about readings.
#[derive(Subcommand, Debug)]
pub enum ExcursionsCommand {
	/// Report what a logger's file says: lines of a moment and degrees Celsius, or EPCIS sensor events.
	Import(ImportArgs),
}

/// Arguments of `drug excursions import`.
#[derive(Args, Debug)]
pub struct ImportArgs {
	/// The logger's file.
	file: PathBuf,
	#[command(flatten)]
	goods: GoodsArgs,
	#[command(flatten)]
	by: By,
}

/// Arguments of `drug excursion`.
#[derive(Args, Debug)]
pub struct ExcursionArgs {
	#[command(flatten)]
	goods: GoodsArgs,
	/// The lowest temperature, in degrees Celsius.
	#[arg(long, value_name = "CELSIUS", value_parser = celsius, allow_hyphen_values = true)]
	min: i16,
	/// The highest temperature, in degrees Celsius.
	#[arg(long, value_name = "CELSIUS", value_parser = celsius, allow_hyphen_values = true)]
	max: i16,
	/// Minutes outside of what is allowed.
	#[arg(long, value_name = "MINUTES", default_value_t = 0)]
	minutes: u32,
	/// The longest time between two readings.
	#[arg(long, value_name = "MINUTES", default_value_t = 0)]
	longest_gap: u32,
	/// The logger's file; the chain is told its hash.
	#[arg(long, value_name = "FILE")]
	evidence: Option<PathBuf>,
	#[command(flatten)]
	by: By,
}

fn hash_of(path: &Path) -> Result<H256> {
	Ok(digest(&[&std::fs::read(path).map_err(|error| Error::file(path, error))?]))
}

/// Reports an excursion.
pub async fn excursion(context: &Context, args: ExcursionArgs) -> Result<()> {
	let evidence = args.evidence.as_deref().map(hash_of).transpose()?.unwrap_or_default();
	let desk = Desk::open(context, &args.by).await?;
	let load = args.goods.load(&desk).await?;
	let ExcursionArgs { min, max, minutes, longest_gap, .. } = args;
	let readings = Readings { min, max, minutes, longest_gap };
	desk.submit(context, drug::log_excursion(&load, &readings, evidence), json!({ "evidence": evidence })).await
}

/// Runs a command about readings.
pub async fn run(context: &Context, command: ExcursionsCommand) -> Result<()> {
	let ExcursionsCommand::Import(args) = command;
	let text = std::fs::read_to_string(&args.file).map_err(|error| Error::file(&args.file, error))?;
	let (logged, evidence) = (read(&text)?, hash_of(&args.file)?);
	let desk = Desk::open(context, &args.by).await?;
	let load = args.goods.load(&desk).await?;
	let rules = rules(&desk.chain, &load).await?;
	if rules.is_empty() {
		return Err(Error::not_found("a storage rule of these products", "a regulator registers it with the product"));
	}
	let measured = rules.iter().map(|rule| (rule, measure(&logged, rule)));
	// What breaks one product's rule is told; of several the one that was outside of it for longest.
	let broken =
		measured.filter(|(rule, readings)| rule.is_broken_by(readings)).max_by_key(|(_, readings)| readings.minutes);
	let Some((rule, readings)) = broken else {
		let answer = json!({ "readings": logged.len(), "excursion": null, "evidence": evidence });
		return context.print(&answer, || format!("{} readings, all within what is allowed", logged.len()));
	};
	let call = drug::log_excursion(&load, &readings, evidence);
	let included = desk.holder().submit(&call).await?;
	let answer = json!({
		"readings": logged.len(), "excursion": readings, "rule": rule, "evidence": evidence, "block": included.block.number,
	});
	context.print(&answer, || {
		format!(
			"an excursion is on record in block {}: {} to {}, {} minutes outside, longest gap {} minutes",
			included.block.number,
			show_celsius(readings.min),
			show_celsius(readings.max),
			readings.minutes,
			readings.longest_gap,
		)
	})
}
