//! `salus drug trace`, `salus drug logistic`.

use super::goods::Label;
use crate::{
	cli::{
		acting::connect,
		values::{show_moment, word},
		Context,
	},
	drug::{
		holder,
		tracing::{self, Traced},
		Book,
	},
	Error, Result,
};
use clap::Args;
use salus_primitives::{
	drug::{BatchId, Custody, Load, TracedStep},
	OrgId,
};

/// Arguments of `drug trace`.
#[derive(Args, Debug)]
pub struct TraceArgs {
	/// The batch.
	#[arg(long, value_name = "NUMBER")]
	batch: BatchId,
	/// The unit.
	#[arg(long, value_name = "UNIT")]
	unit: u32,
}

/// Arguments of `drug logistic`.
#[derive(Args, Debug)]
pub struct LogisticArgs {
	/// The unit of logistics, by its SSCC or as the chain calls it.
	#[arg(value_name = "SSCC|ID")]
	logistic: Label,
}

/// Traces a unit.
pub async fn trace(context: &Context, args: TraceArgs) -> Result<()> {
	let (chain, book) = (connect(context).await?, Book::open(&context.home())?);
	let traced = tracing::trace(&chain, &book, args.batch, args.unit).await?;
	if !traced.whole {
		let message = format!("the chain of custody of unit {} of batch {} is not whole", args.unit, args.batch);
		return Err(Error::Corrupted(format!("{message}: the node left steps out, or made some up")));
	}
	context.print(&traced, || show(&traced))
}

/// A trace as people read it, earliest first.
fn show(traced: &Traced) -> String {
	let Traced { batch, unit, now, trace, steps, names, .. } = traced;
	let name =
		|org: OrgId| names.get(&org).map_or_else(|| format!("organisation {org}"), |name| format!("{name} ({org})"));
	let line = |traced: &TracedStep| {
		let step = &traced.step;
		let what = match step.load {
			Load::Units(units) => format!("units {}..{}", units.start, units.start.saturating_add(units.len)),
			Load::Logistic(unit) => format!("unit of logistics {unit:?}"),
		};
		let who = match step.from == step.to {
			true => format!("at {}", name(step.to)),
			false => format!("from {} to {}", name(step.from), name(step.to)),
		};
		let internal = if step.internal && step.from != step.to { ", within one legal entity" } else { "" };
		format!("\n{} {} {what} {who}{internal} (block {})", show_moment(step.at), step.kind, traced.block)
	};
	let told: String = trace.iter().rev().map(line).collect();
	let events = steps.iter().filter(|step| step.event_hash.is_some()).count();
	let parcel = now
		.parcel
		.as_ref()
		.map(|parcel| format!("; {} at organisation {}", word_of_custody(&parcel.custody), parcel.custodian));
	format!(
		"unit {unit} of batch {} ({}, lot {}, run {}): {}{}{told}\nthe chain of custody is whole; {events} of {} events are at hand",
		batch.id,
		batch.gtin,
		String::from_utf8_lossy(&batch.lot),
		batch.run,
		word(&now.status),
		parcel.unwrap_or_default(),
		trace.len(),
	)
}

fn word_of_custody(custody: &Custody) -> String {
	let json = serde_json::to_value(custody).unwrap_or_default();
	json["state"].as_str().unwrap_or("?").to_owned()
}

/// Shows a unit of logistics.
pub async fn logistic(context: &Context, args: LogisticArgs) -> Result<()> {
	let (chain, book) = (connect(context).await?, Book::open(&context.home())?);
	let unit = args.logistic.unit(&chain, &book).await?;
	let view = holder::logistic(&chain, &unit).await?;
	let known = book.logistics()?;
	context.print(&view, || {
		let sscc = known.get(&unit).map(|known| format!(" ({})", known.sscc)).unwrap_or_default();
		let content = |load: &Load| match load {
			Load::Units(units) => {
				format!("\nbatch {}, units {}..{}", units.batch, units.start, units.start.saturating_add(units.len))
			}
			Load::Logistic(inner) => match known.get(inner) {
				Some(known) => format!("\nunit of logistics {}", known.sscc),
				None => format!("\nunit of logistics {inner:?}"),
			},
		};
		let goods: Vec<_> = view.goods.iter().map(|(gtin, count)| format!("{count} of {gtin}")).collect();
		format!(
			"unit of logistics {unit:?}{sscc}: {} at organisation {}, of organisation {}; {}{}",
			word_of_custody(&view.custody),
			view.custodian,
			view.owner,
			goods.join(", "),
			view.contents.iter().map(content).collect::<String>(),
		)
	})
}
