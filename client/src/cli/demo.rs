//! `salus demo`.

use super::{
	acting::{connect, keys},
	print_json,
	values::show_sls,
	Context,
};
use crate::{
	demo::{self, Options},
	fhir::labels::LabelTable,
	plan::Plan,
	Error, Result,
};
use std::path::PathBuf;

/// The bundle that is used when none is named: written for this project, of nobody.
const BUNDLE: &str = include_str!("../../testdata/bundle.json");

/// Arguments of `demo`.
#[derive(clap::Args, Debug)]
pub struct DemoArgs {
	/// A FHIR R4 bundle of one patient; the default is a small one that is built in.
	#[arg(long, value_name = "FILE")]
	bundle: Option<PathBuf>,
	/// Where the hospitals' object stores, keys and journals go; the default is a temporary folder.
	#[arg(long, value_name = "DIR")]
	folder: Option<PathBuf>,
	/// Keys of council members that vote: a majority of the council.
	#[arg(long, value_name = "KEY", num_args = 1.., default_values = ["//Alice", "//Bob"])]
	council: Vec<String>,
	/// The key that pays for the accounts of the story.
	#[arg(long, value_name = "KEY", default_value = "//Alice")]
	payer: String,
}

/// Tells the story.
pub async fn run(context: &Context, args: DemoArgs) -> Result<()> {
	let text = match &args.bundle {
		Some(path) => std::fs::read_to_string(path).map_err(|error| Error::file(path, error))?,
		None => BUNDLE.to_owned(),
	};
	let plan = Plan::of_bundle(&text, &LabelTable::from_option(None)?)?;
	let council: Result<Vec<_>> = args.council.iter().map(|name| Ok(keys(context, name)?.signer)).collect();
	let options = Options {
		council: council?,
		payer: keys(context, &args.payer)?.signer,
		plan,
		chain: connect(context).await?,
		folder: PathBuf::new(),
	};
	// Kept until the end of the story.
	let temporary = tempfile::tempdir().map_err(|error| Error::unexpected("making a temporary folder", error))?;
	let folder = args.folder.unwrap_or_else(|| temporary.path().to_owned());
	let mut number = 0;
	let story = demo::run(Options { folder, ..options }, |event| {
		if context.json {
			return;
		}
		let mut said: Vec<String> = event.block.iter().map(|block| format!("block {block}")).collect();
		said.extend(event.reason.clone());
		let said = if said.is_empty() { String::new() } else { format!("  [{}]", said.join(", ")) };
		if event.what.starts_with(' ') {
			println!("  {}{said}", event.what);
		} else {
			number += 1;
			println!("{number:>2}. {}{said}", event.what);
		}
	})
	.await?;
	if context.json {
		return print_json(&story);
	}
	println!(
		"\nVerdict: the demonstration succeeded. {} of {} records were read under consent, {} were withheld; after the \
		 withdrawal nothing was; {} receipts are on the chain. The patient never held a token: the hospital paid {}. {} \
		 heart rates of a wearable are anchored; they raised {} alert, and none once the consent had ended. Of {} packs {} were dispensed, {} attempts raised an alert, and the recall reached the other {} in one write. \
		 {} patients contributed to research under pseudonyms: {} study was granted at once, {} by a committee, {} request \
		 was denied, {} contributions ended in mid-study, and a contributor earned {}.",
		story.given,
		story.records,
		story.withheld,
		story.receipts,
		show_sls(story.sponsored),
		story.measurements.samples,
		story.measurements.alerts,
		story.medicines.packs,
		story.medicines.dispensed,
		story.medicines.alerts,
		story.medicines.recalled,
		story.research.contributors,
		story.research.granted,
		story.research.reviewed,
		story.research.denied,
		story.research.withdrawn,
		show_sls(story.research.earned),
	);
	Ok(())
}
