//! Medicines and devices: what a pack is worth, where goods are, and how they came there.

use super::{error::Error, limit_or, page_limit, Salus};
use crate::service::Block;
use jsonrpsee::proc_macros::rpc;
use salus_primitives::{
	api::DrugApi,
	drug::{
		BatchId, BatchView, CustodyStep, CustodyTrace, Link, LogisticView, OrderId, OrderView, ParcelView, ProductView,
		Replay, StockView, UnitId, UnitQuery, UnitView, Verification,
	},
	gs1::{Gtin, Lot},
	views::Page,
	OrgId,
};
use salus_runtime::Hash;
use serde::Deserialize;
use sp_blockchain::HeaderBackend;

/// Most steps of a chain of custody that one call replays: each is looked for in a block of its own.
pub const MAX_STEPS: u32 = 256;

/// A lot as it is printed: at most 20 characters.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct LotName(Lot);

impl TryFrom<String> for LotName {
	type Error = &'static str;

	fn try_from(text: String) -> Result<Self, Self::Error> {
		Lot::try_from(text.into_bytes()).map(Self).map_err(|_| "a lot has at most 20 characters")
	}
}

impl From<LotName> for String {
	fn from(name: LotName) -> Self {
		String::from_utf8_lossy(&name.0).into_owned()
	}
}

/// Follows medicines and devices.
#[rpc(client, server)]
pub trait DrugRpc {
	/// The verdict on a pack, on the state and at the time of the block asked. What must not be given to a patient is an
	/// answer with its reason, not an error.
	#[method(name = "salus_verifyUnit", blocking)]
	fn verify_unit(&self, query: UnitQuery, at: Option<Hash>) -> Result<Verification, Error>;

	/// A product, or `null`.
	#[method(name = "salus_product", blocking)]
	fn product(&self, gtin: Gtin, at: Option<Hash>) -> Result<Option<ProductView>, Error>;

	/// A packaging run, or `null`.
	#[method(name = "salus_batch", blocking)]
	fn batch(&self, batch: BatchId, at: Option<Hash>) -> Result<Option<BatchView>, Error>;

	/// The packaging runs of a lot, in their order.
	#[method(name = "salus_lot", blocking)]
	fn lot(&self, gtin: Gtin, lot: LotName, at: Option<Hash>) -> Result<Vec<BatchView>, Error>;

	/// The parcel that a unit lies in, or `null`.
	#[method(name = "salus_parcel", blocking)]
	fn parcel(&self, batch: BatchId, index: u32, at: Option<Hash>) -> Result<Option<ParcelView>, Error>;

	/// The parcels of a batch in the order of their units, from after the unit of the cursor: who has how much of it.
	#[method(name = "salus_parcels", blocking)]
	fn parcels(
		&self,
		batch: BatchId,
		cursor: Option<u32>,
		limit: Option<u32>,
		at: Option<Hash>,
	) -> Result<Page<ParcelView, u32>, Error>;

	/// A unit, or `null`.
	#[method(name = "salus_unit", blocking)]
	fn unit(&self, batch: BatchId, index: u32, at: Option<Hash>) -> Result<Option<UnitView>, Error>;

	/// A unit of logistics, or `null`.
	#[method(name = "salus_logisticUnit", blocking)]
	fn logistic_unit(&self, unit: UnitId, at: Option<Hash>) -> Result<Option<LogisticView>, Error>;

	/// How the parcel that a unit lies in came to where it is, latest first, or `null`. Needs the state of each block
	/// that holds a step, which only an archive node keeps for good.
	#[method(name = "salus_custody", blocking)]
	fn custody(
		&self,
		batch: BatchId,
		index: u32,
		limit: Option<u32>,
		at: Option<Hash>,
	) -> Result<Option<CustodyTrace>, Error>;

	/// What an organisation has, by product, from after the cursor.
	#[method(name = "salus_stock", blocking)]
	fn stock(
		&self,
		org: OrgId,
		cursor: Option<Gtin>,
		limit: Option<u32>,
		at: Option<Hash>,
	) -> Result<Page<StockView, Gtin>, Error>;

	/// Orders to a supplier that are under way, from after the cursor.
	#[method(name = "salus_orders", blocking)]
	fn orders(
		&self,
		supplier: OrgId,
		cursor: Option<OrderId>,
		limit: Option<u32>,
		at: Option<Hash>,
	) -> Result<Page<OrderView, OrderId>, Error>;
}

impl DrugRpcServer for Salus {
	fn verify_unit(&self, query: UnitQuery, at: Option<Hash>) -> Result<Verification, Error> {
		let answer = self.call::<dyn DrugApi<Block>, _>(at, |api, at| api.verify_unit(at, query))?;
		self.metrics.iter().for_each(|metrics| metrics.verified(answer.verdict));
		Ok(answer)
	}

	fn product(&self, gtin: Gtin, at: Option<Hash>) -> Result<Option<ProductView>, Error> {
		self.call::<dyn DrugApi<Block>, _>(at, |api, at| api.product(at, gtin))
	}

	fn batch(&self, batch: BatchId, at: Option<Hash>) -> Result<Option<BatchView>, Error> {
		self.call::<dyn DrugApi<Block>, _>(at, |api, at| api.batch(at, batch))
	}

	fn lot(&self, gtin: Gtin, lot: LotName, at: Option<Hash>) -> Result<Vec<BatchView>, Error> {
		self.call::<dyn DrugApi<Block>, _>(at, |api, at| api.lot(at, gtin, lot.0))
	}

	fn parcel(&self, batch: BatchId, index: u32, at: Option<Hash>) -> Result<Option<ParcelView>, Error> {
		self.call::<dyn DrugApi<Block>, _>(at, |api, at| api.parcel(at, batch, index))
	}

	fn parcels(
		&self,
		batch: BatchId,
		cursor: Option<u32>,
		limit: Option<u32>,
		at: Option<Hash>,
	) -> Result<Page<ParcelView, u32>, Error> {
		let limit = page_limit(limit)?;
		self.call::<dyn DrugApi<Block>, _>(at, |api, at| api.parcels(at, batch, cursor, limit))
	}

	fn unit(&self, batch: BatchId, index: u32, at: Option<Hash>) -> Result<Option<UnitView>, Error> {
		self.call::<dyn DrugApi<Block>, _>(at, |api, at| api.unit(at, batch, index))
	}

	fn logistic_unit(&self, unit: UnitId, at: Option<Hash>) -> Result<Option<LogisticView>, Error> {
		self.call::<dyn DrugApi<Block>, _>(at, |api, at| api.logistic_unit(at, unit))
	}

	fn custody(
		&self,
		batch: BatchId,
		index: u32,
		limit: Option<u32>,
		at: Option<Hash>,
	) -> Result<Option<CustodyTrace>, Error> {
		let limit = limit_or(MAX_STEPS, limit)?;
		let Some(parcel) = DrugRpcServer::parcel(self, batch, index, at)? else { return Ok(None) };
		let units = parcel.within.into_iter().map(Some).zip(parcel.chains);
		replay([(None, parcel.chain)].into_iter().chain(units), limit, |link| self.custody_step(link)).map(Some)
	}

	fn stock(
		&self,
		org: OrgId,
		cursor: Option<Gtin>,
		limit: Option<u32>,
		at: Option<Hash>,
	) -> Result<Page<StockView, Gtin>, Error> {
		let limit = page_limit(limit)?;
		self.call::<dyn DrugApi<Block>, _>(at, |api, at| api.stock(at, org, cursor, limit))
	}

	fn orders(
		&self,
		supplier: OrgId,
		cursor: Option<OrderId>,
		limit: Option<u32>,
		at: Option<Hash>,
	) -> Result<Page<OrderView, OrderId>, Error> {
		let limit = page_limit(limit)?;
		self.call::<dyn DrugApi<Block>, _>(at, |api, at| api.orders(at, supplier, cursor, limit))
	}
}

impl Salus {
	/// The step that a link names, from the canonical block of its number.
	///
	/// The block asked may lie on another fork, or the chain may be reorganised meanwhile: then that block lacks the
	/// step, or has it because the same thing happened there.
	fn custody_step(&self, link: Link) -> Result<CustodyStep, Error> {
		let hash = self.client.hash(link.block).map_err(|error| Error::Database(error.to_string()))?;
		let hash = hash.ok_or(Error::HistoryPruned(link.block))?;
		match self.call::<dyn DrugApi<Block>, _>(Some(hash), |api, at| api.custody_step(at, link.head)) {
			Ok(step) => step.ok_or(Error::HistoryChanged(link.block)),
			Err(Error::StateUnavailable(_)) => Err(Error::HistoryPruned(link.block)),
			Err(error) => Err(error),
		}
	}
}

/// Follows chains of custody back for at most so many steps. Their ends come with the unit of logistics whose chain it is,
/// the outermost last, which is followed first.
fn replay(
	ends: impl IntoIterator<Item = (Option<UnitId>, Link)>,
	limit: u32,
	mut find: impl FnMut(Link) -> Result<CustodyStep, Error>,
) -> Result<CustodyTrace, Error> {
	let mut replay = Replay::new(ends);
	while let Some(link) = replay.next().filter(|_| replay.len() < limit as usize) {
		if !replay.found(find(link)?) {
			return Err(Error::HistoryChanged(link.block));
		}
	}
	Ok(replay.trace())
}

#[cfg(test)]
mod tests {
	use super::*;
	use salus_primitives::drug::{Load, StepKind, UnitRange};
	use std::collections::HashMap;

	/// Steps by their heads, each in a block of its own.
	#[derive(Default)]
	struct Chain(HashMap<Hash, CustodyStep>);

	impl Chain {
		fn step(&mut self, kind: StepKind, load: Load, previous: Link, via: Option<Link>) -> Link {
			let block = self.0.len() as u32 + 1;
			let event = Hash::repeat_byte(block as u8);
			let at = u64::from(block);
			let step = CustodyStep { kind, load, from: 0, to: 1, internal: false, at, event, previous, via };
			self.0.insert(step.head(), step);
			Link { head: step.head(), block }
		}

		fn find(&self, link: Link) -> Result<CustodyStep, Error> {
			self.0.get(&link.head).copied().ok_or(Error::HistoryChanged(link.block))
		}

		fn replay(&self, ends: &[(Option<UnitId>, Link)], limit: u32) -> CustodyTrace {
			replay(ends.to_vec(), limit, |link| self.find(link)).unwrap()
		}
	}

	fn units() -> Load {
		Load::Units(UnitRange { batch: 0, start: 0, len: 10 })
	}

	const CASE: UnitId = UnitId::repeat_byte(0xaa);

	fn case() -> Load {
		Load::Logistic(CASE)
	}

	fn kinds(trace: &CustodyTrace) -> Vec<(StepKind, bool)> {
		trace.steps.iter().map(|traced| (traced.step.kind, traced.within.is_some())).collect()
	}

	#[test]
	fn a_parcel_that_was_packed_and_unpacked_is_followed_through_its_case() {
		let mut chain = Chain::default();
		let made = chain.step(StepKind::Commissioned, units(), Link::default(), None);
		let packed = chain.step(StepKind::Packed, case(), Link::default(), None);
		let shipped = chain.step(StepKind::Shipped, case(), packed, None);
		let received = chain.step(StepKind::Received, case(), shipped, None);
		let unpacked = chain.step(StepKind::Unpacked, units(), made, Some(received));
		let sold = chain.step(StepKind::Shipped, units(), unpacked, None);

		let trace = chain.replay(&[(None, sold)], MAX_STEPS);
		assert_eq!(
			kinds(&trace),
			[
				(StepKind::Shipped, false),
				(StepKind::Unpacked, false),
				(StepKind::Received, true),
				(StepKind::Shipped, true),
				(StepKind::Packed, true),
				(StepKind::Commissioned, false),
			]
		);
		assert!(trace.complete && trace.is_whole());
		assert_eq!(trace.ends, [sold.head]);
		assert_eq!(trace.steps[1].block, unpacked.block);
	}

	#[test]
	fn a_parcel_in_a_case_is_followed_from_the_case_inwards() {
		let mut chain = Chain::default();
		let made = chain.step(StepKind::Commissioned, units(), Link::default(), None);
		let packed = chain.step(StepKind::Packed, case(), Link::default(), None);
		let shipped = chain.step(StepKind::Shipped, case(), packed, None);

		let trace = chain.replay(&[(None, made), (Some(CASE), shipped)], MAX_STEPS);
		assert_eq!(
			kinds(&trace),
			[(StepKind::Shipped, true), (StepKind::Packed, true), (StepKind::Commissioned, false)]
		);
		assert!(trace.complete && trace.is_whole());
	}

	#[test]
	fn no_more_steps_than_asked_are_looked_for_and_the_answer_says_so() {
		let mut chain = Chain::default();
		let made = chain.step(StepKind::Commissioned, units(), Link::default(), None);
		let shipped = chain.step(StepKind::Shipped, units(), made, None);

		let part = chain.replay(&[(None, shipped)], 1);
		assert_eq!(part.steps.len(), 1);
		assert!(!part.complete && !part.is_whole());
		assert!(chain.replay(&[(None, shipped)], 2).complete);
	}

	#[test]
	fn a_chain_without_steps_is_whole() {
		let trace = Chain::default().replay(&[(None, Link::default())], MAX_STEPS);
		assert!(trace.ends.is_empty() && trace.complete && trace.is_whole());
	}

	#[test]
	fn a_block_with_another_step_is_an_error_and_never_an_answer() {
		let mut chain = Chain::default();
		let made = chain.step(StepKind::Commissioned, units(), Link::default(), None);
		let shipped = chain.step(StepKind::Shipped, units(), made, None);
		let wrong = replay([(None, shipped)], MAX_STEPS, |_| chain.find(made));
		assert!(matches!(wrong, Err(Error::HistoryChanged(2))));
		let lost = replay([(None, shipped)], MAX_STEPS, |link| Err(Error::HistoryPruned(link.block)));
		assert!(matches!(lost, Err(Error::HistoryPruned(2))));
	}

	#[test]
	fn a_lot_is_text_of_at_most_twenty_characters() {
		let lot: LotName = serde_json::from_str(r#""A1-b""#).unwrap();
		assert_eq!(lot.0.as_slice(), b"A1-b");
		assert_eq!(serde_json::to_string(&lot).unwrap(), r#""A1-b""#);
		assert!(serde_json::from_str::<LotName>(&format!("\"{}\"", "x".repeat(21))).is_err());
	}
}
