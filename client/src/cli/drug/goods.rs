//! How goods are named on the command line.

use super::Desk;
use crate::{
	chain::Chain,
	drug::{holder, table, Book},
	Error, Result,
};
use clap::Args;
use salus_primitives::{
	drug::{BatchId, Load, UnitId, UnitRange},
	gs1::Sscc,
};
use std::{ops::Range, path::Path, str::FromStr};

/// A range of units, as it is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Span(pub Range<u32>);

impl FromStr for Span {
	type Err = String;

	fn from_str(text: &str) -> Result<Self, String> {
		table::range(text).map(Self)
	}
}

impl Span {
	/// Of this batch.
	pub fn of(&self, batch: BatchId) -> UnitRange {
		UnitRange { batch, start: self.0.start, len: self.0.end - self.0.start }
	}
}

/// A unit of logistics: by the number on its label, or as the chain calls it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Label {
	/// The number on its label.
	Sscc(Sscc),
	/// As the chain calls it.
	Unit(UnitId),
}

impl FromStr for Label {
	type Err = String;

	fn from_str(text: &str) -> Result<Self, String> {
		match text.starts_with("0x") {
			true => {
				text.parse().map(Self::Unit).map_err(|_| "expected an SSCC, or 0x and 64 hexadecimal digits".into())
			}
			false => text.parse().map(Self::Sscc).map_err(|error| format!("this is no SSCC: {error}")),
		}
	}
}

impl Label {
	/// As the chain calls it.
	pub async fn unit(&self, chain: &Chain, book: &Book) -> Result<UnitId> {
		match self {
			Self::Unit(unit) => Ok(*unit),
			Self::Sscc(sscc) => holder::labelled(chain, book, *sscc).await?.ok_or_else(|| {
				let hint = "its number is known to who packed it, and to who imported the package of its shipment; name it as the \
				            chain calls it, or import that first";
				Error::not_found(format!("a unit of logistics with the SSCC {sscc}"), hint)
			}),
		}
	}
}

/// Goods: units of a batch, or a unit of logistics.
#[derive(Args, Debug)]
pub struct GoodsArgs {
	/// The batch of the units; all of them if --units is not given.
	#[arg(long, value_name = "NUMBER", conflicts_with = "logistic")]
	batch: Option<BatchId>,
	/// Units of the batch, such as 0..100, which ends before unit 100, or a single number.
	#[arg(long, value_name = "A..B", requires = "batch")]
	units: Option<Span>,
	/// A unit of logistics, by its SSCC or as the chain calls it.
	#[arg(long, visible_alias = "sscc", value_name = "SSCC|ID")]
	logistic: Option<Label>,
}

impl GoodsArgs {
	/// As the chain takes them.
	pub async fn load(&self, desk: &Desk) -> Result<Load> {
		if let Some(label) = &self.logistic {
			return Ok(Load::Logistic(label.unit(&desk.chain, &desk.book).await?));
		}
		let batch = self.batch.ok_or_else(|| Error::usage("no-goods", "name goods with --batch or --logistic"))?;
		units(&desk.chain, batch, self.units.as_ref()).await.map(Load::Units)
	}

	/// As [`Self::load`], for who has their package: it says what was shipped, and knows the numbers on the labels.
	pub async fn load_with(&self, desk: &Desk, package: &Path) -> Result<Load> {
		match (&self.logistic, self.batch) {
			(None, None) => Ok(desk.holder().open_package(package)?.load),
			(Some(Label::Sscc(sscc)), _) => match desk.holder().open_package(package) {
				Ok(contents) => match contents.logistics.iter().find(|known| known.sscc == *sscc) {
					Some(known) => Ok(Load::Logistic(known.unit())),
					None => self.load(desk).await,
				},
				// Whether it is another one than was committed to can be told where the number is known.
				Err(error) => self.load(desk).await.map_err(|_| error),
			},
			_ => self.load(desk).await,
		}
	}
}

/// Units of a batch; all if none are named.
pub async fn units(chain: &Chain, batch: BatchId, span: Option<&Span>) -> Result<UnitRange> {
	match span {
		Some(span) => Ok(span.of(batch)),
		None => Ok(UnitRange { batch, start: 0, len: holder::batch(chain, batch).await?.units }),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn units_and_labels_are_read() {
		assert_eq!("0..10".parse(), Ok(Span(0..10)));
		assert_eq!("7".parse::<Span>().map(|span| span.of(3)), Ok(UnitRange { batch: 3, start: 7, len: 1 }));
		assert_eq!("395060001343520018".parse(), Ok(Label::Sscc(Sscc(395_060_001_343_520_018))));
		let unit = format!("0x{}", "07".repeat(32));
		assert_eq!(unit.parse(), Ok(Label::Unit(salus_primitives::H256([7; 32]))));
		for wrong in ["", "395060001343520019", "0x07", "12"] {
			assert!(wrong.parse::<Label>().is_err(), "{wrong}");
		}
	}
}
