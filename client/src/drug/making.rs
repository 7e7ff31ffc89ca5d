//! Commissioning and packing.

use super::{
	book::{Logistic, Recorded},
	holder::{batch, labelled, Done, Goods, Holder},
	table::{Item, Plan, Run},
	Units,
};
use crate::{
	chain::{
		calls::{self, drug},
		Call,
	},
	epcis::export::{step_hash, Kind, Step},
	gateway::now,
	Error, Result,
};
use salus_primitives::{
	drug::{BatchId, BatchInput, BatchView, Load, UnitId, UnitRange},
	gs1::Sscc,
	H256,
};
use serde::Serialize;
use std::collections::BTreeMap;

/// Calls in one transaction, unless a block has no room for as many.
const CALLS: usize = 200;

/// A run that is on the chain.
#[derive(Serialize, Clone, PartialEq, Eq, Debug)]
pub struct Commissioned {
	/// Its number.
	pub batch: BatchId,
	/// Which of the lot's runs.
	pub run: u16,
	/// How many units.
	pub units: u32,
	/// Root of the tree over them.
	pub root: H256,
	/// The block that took it.
	pub block: u32,
	/// Whether it was there before.
	pub present: bool,
}

/// Units of logistics that are on the chain.
#[derive(Serialize, Clone, PartialEq, Eq, Debug, Default)]
pub struct Packed {
	/// Those of the plan, with what the chain calls them.
	pub units: Vec<(Sscc, UnitId)>,
	/// Those that were there before.
	pub present: usize,
	/// The blocks that took the others.
	pub blocks: Vec<u32>,
}

impl Holder<'_> {
	/// Commissions a run. What is secret about it is kept before the chain is told, so a second run of an interrupted
	/// command finds what the first one did. `step` is told of each unit that is done.
	pub async fn commission(&self, run: &Run, meta: H256, step: impl FnMut()) -> Result<Commissioned> {
		let me = self.me().await?;
		let runs = self.chain.lot(run.gtin, &run.lot).await?;
		let on_chain = |units: &Units| runs.iter().find(|view| view.root == units.root);
		let number = u16::try_from(runs.len()).map_err(|error| Error::unexpected("counting runs", error))?;
		if let Some(other) = runs.iter().find(|view| view.expiry != run.expiry.end()) {
			let expiry = Goods::of(other, None).step(Kind::Commission, 0).expiry.unwrap_or_default();
			let message = format!("lot {} expires on {expiry}: all its runs expire together", lot_text(run));
			return Err(Error::usage("expiry-mismatch", message));
		}
		let mut pending = None;
		for units in self.book.product(run.gtin)? {
			let same_lot = units.lot == run.lot;
			let same = same_lot && units.known() == run.serials.len() && same_serials(&units, run);
			match on_chain(&units) {
				Some(view) if same => return Ok(commissioned(view, true)),
				None if same_lot && same && units.run == number && units.expiry == run.expiry.end() => {
					pending = Some(units);
				}
				// Left by a run that has not come to the chain: it still may, so it is kept.
				None if same_lot => {}
				_ => self.refuse_known(&units, run).await?,
			}
		}
		let units = match pending {
			Some(units) => units,
			None => {
				let units = Units::make(run.gtin, &run.lot, number, run.expiry.end(), &run.serials, step)?;
				self.book.keep(&units)?;
				units
			}
		};
		let goods = Goods {
			gtin: units.gtin,
			lot: units.lot_text(),
			expiry: units.expiry,
			quantity: Some(units.count.into()),
			sscc: None,
		};
		let event = self.record(Step { place: me.place, ..goods.step(Kind::Commission, now()) })?;
		let input = BatchInput {
			gtin: units.gtin,
			lot: units.lot.clone(),
			run: units.run,
			expiry: units.expiry,
			units: units.count,
			root: units.root,
			meta,
			event,
		};
		let included = self.submit(&drug::commission(&input)).await?;
		let number = included.event("DrugProvenance", "BatchCommissioned").and_then(|event| event.number("batch"));
		let number = number.and_then(|number| BatchId::try_from(number).ok());
		let number = number.ok_or_else(|| Error::Unexpected("the chain commissioned no batch".into()))?;
		Ok(Commissioned {
			batch: number,
			run: units.run,
			units: units.count,
			root: units.root,
			block: included.block.number,
			present: false,
		})
	}

	/// Refuses serial numbers of the product that are in use.
	async fn refuse_known(&self, units: &Units, run: &Run) -> Result<()> {
		let Some(serial) = run.serials.iter().find(|serial| units.find(serial).is_some()) else { return Ok(()) };
		let runs = self.chain.lot(units.gtin, &units.lot).await?;
		match runs.iter().find(|view| view.root == units.root) {
			Some(view) => {
				let message =
					format!("serial number {serial:?} is in batch {} already, lot {}", view.id, units.lot_text());
				Err(Error::usage("serial-in-use", message))
			}
			None => Ok(()),
		}
	}

	/// Packs goods into one unit of logistics.
	pub async fn pack(&self, sscc: Sscc, contents: &[Load]) -> Result<(UnitId, Done)> {
		let me = self.me().await?;
		self.refuse_packed(sscc).await?;
		let mut goods = None;
		let (mut quantity, mut children) = (0u64, Vec::new());
		for load in contents {
			let of_load = self.goods(load).await?;
			quantity += of_load.quantity.unwrap_or(0);
			children.extend(of_load.sscc.map(|sscc| sscc.to_string()));
			goods.get_or_insert(of_load);
		}
		let goods = goods.ok_or_else(|| Error::usage("no-contents", "nothing is packed: name units or other SSCCs"))?;
		let goods = Goods { quantity: Some(quantity).filter(|quantity| *quantity > 0), sscc: Some(sscc), ..goods };
		let step = Step { child_ssccs: children, place: me.place, ..goods.step(Kind::Pack, now()) };
		let label = Logistic::new(sscc);
		self.book.keep_logistics(&[label])?;
		let unit = label.unit();
		let done = self.carry_out(step, |event| drug::pack(unit, contents, event)).await?;
		Ok((unit, done))
	}

	async fn refuse_packed(&self, sscc: Sscc) -> Result<()> {
		match labelled(self.chain, self.book, sscc).await? {
			Some(unit) => {
				let message = format!("{sscc} is packed already, as unit of logistics {unit:?}");
				Err(Error::usage("already-exists", message))
			}
			None => Ok(()),
		}
	}

	/// Packs a batch as planned, many units of logistics in one transaction; those that are there already are left as they
	/// are. `step` is told how many more are done.
	pub async fn pack_plan(&self, number: BatchId, plan: &Plan, mut step: impl FnMut(usize)) -> Result<Packed> {
		let (me, view) = (self.me().await?, batch(self.chain, number).await?);
		let kept = self.book.logistics()?;
		let mut by_number = BTreeMap::<Sscc, Vec<UnitId>>::new();
		kept.iter().for_each(|(unit, known)| by_number.entry(known.sscc).or_default().push(*unit));

		let (mut packed, mut todo) = (Packed::default(), Vec::new());
		let mut units = BTreeMap::<Sscc, UnitId>::new();
		for (sscc, items) in plan {
			let mut present = None;
			for unit in by_number.get(sscc).into_iter().flatten() {
				if self.chain.logistic_unit(unit).await?.is_some() {
					present = Some(*unit);
				}
			}
			if present.is_some() {
				packed.present += 1;
				step(1);
			}
			let label = Logistic::new(*sscc);
			let unit = present.unwrap_or_else(|| label.unit());
			units.insert(*sscc, unit);
			packed.units.push((*sscc, unit));
			if present.is_none() {
				todo.push((label, items));
			}
		}
		let mut calls = Vec::with_capacity(todo.len());
		let mut events = Vec::with_capacity(todo.len());
		let at = now();
		for (label, items) in &todo {
			let mut quantity = 0u64;
			let (mut children, mut contents) = (Vec::new(), Vec::new());
			for item in *items {
				match item {
					Item::Units(range) => {
						quantity += range.len() as u64;
						contents.push(Load::Units(UnitRange {
							batch: number,
							start: range.start,
							len: range.len() as u32,
						}));
					}
					Item::Logistic(inner) => {
						children.push(inner.to_string());
						let known = units.get(inner).copied();
						let known = match known {
							Some(unit) => unit,
							None => labelled(self.chain, self.book, *inner).await?.ok_or_else(|| not_packed(*inner))?,
						};
						contents.push(Load::Logistic(known));
					}
				}
			}
			let goods =
				Goods { sscc: Some(label.sscc), ..Goods::of(&view, Some(quantity).filter(|quantity| *quantity > 0)) };
			let step = Step { child_ssccs: children, place: me.place.clone(), ..goods.step(Kind::Pack, at) };
			let hash = H256(step_hash(&step)?);
			events.push(Recorded { hash, step });
			calls.push(drug::pack(label.unit(), &contents, hash));
		}
		self.book.keep_logistics(&todo.iter().map(|(label, _)| *label).collect::<Vec<_>>())?;
		self.book.record(&events)?;
		self.submit_many(&calls, packed.present, plan.len(), |count, block| {
			packed.blocks.push(block);
			step(count);
		})
		.await?;
		Ok(packed)
	}

	/// Submits calls in their order, as many in one transaction as a block has room for: all of one or none.
	async fn submit_many(
		&self,
		calls: &[Call],
		before: usize,
		total: usize,
		mut done: impl FnMut(usize, u32),
	) -> Result<()> {
		let (mut rest, mut room) = (calls, CALLS);
		while !rest.is_empty() {
			let (now, later) = rest.split_at(room.min(rest.len()));
			let mut encoded = Vec::with_capacity(now.len());
			for call in now {
				encoded.push(self.chain.encode_call(call).await?);
			}
			match self.submit(&calls::batch_all(&encoded)).await {
				Ok(included) => {
					done(now.len(), included.block.number);
					rest = later;
				}
				Err(error) if room > 1 && is_too_heavy(&error) => room /= 2,
				Err(error) if rest.len() == calls.len() => return Err(error),
				Err(error) => {
					let done = before + calls.len() - rest.len();
					return Err(Error::Incomplete { done, total, reason: error.to_string() });
				}
			}
		}
		Ok(())
	}

	/// Takes everything out of a unit of logistics.
	pub async fn unpack(&self, unit: UnitId) -> Result<Done> {
		let load = Load::Logistic(unit);
		let (mut step, _) = self.step(Kind::Unpack, &load).await?;
		if step.sscc.is_none() {
			let hint = "only who knows its number can say in an event what was unpacked";
			return Err(Error::not_found(format!("the SSCC of unit of logistics {unit:?}"), hint));
		}
		let known = self.book.logistics()?;
		let mut quantity = 0u64;
		for content in super::holder::logistic(self.chain, &unit).await?.contents {
			match content {
				Load::Units(units) => quantity += u64::from(units.len),
				Load::Logistic(inner) => step.child_ssccs.extend(known.get(&inner).map(|known| known.sscc.to_string())),
			}
		}
		step.quantity = Some(quantity).filter(|quantity| *quantity > 0);
		self.carry_out(step, |event| drug::unpack(unit, event)).await
	}
}

fn commissioned(view: &BatchView, present: bool) -> Commissioned {
	Commissioned { batch: view.id, run: view.run, units: view.units, root: view.root, block: view.block, present }
}

fn same_serials(units: &Units, run: &Run) -> bool {
	units.serials().eq(run.serials.iter().map(|serial| serial.as_bytes()))
}

fn lot_text(run: &Run) -> String {
	String::from_utf8_lossy(&run.lot).into_owned()
}

fn not_packed(sscc: Sscc) -> Error {
	Error::not_found(format!("unit of logistics {sscc}"), "the plan must pack it before, or it must be on the chain")
}

/// Whether a transaction asked for more than a block has.
fn is_too_heavy(error: &Error) -> bool {
	matches!(error, Error::TransactionFailed { pallet, error, .. }
		if pallet == "Transaction" && error.to_lowercase().contains("exhaust"))
}
