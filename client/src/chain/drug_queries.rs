//! Questions about medicines and devices. Without a block they are asked of the best one.

use super::{from_hex, unfit, Chain};
use crate::{Error, Result};
use codec::Decode;
use salus_primitives::{
	drug::{
		AlertView, BatchId, BatchView, CustodyStep, CustodyTrace, Link, LogisticView, OrderId, OrderView, ParcelView,
		ProductView, Replay, StockView, UnitId, UnitQuery, UnitView, Verification,
	},
	gs1::{Gtin, Lot},
	OrgId, H256,
};

impl Chain {
	/// The verdict on a pack.
	pub async fn verify_unit(&self, query: &UnitQuery) -> Result<Verification> {
		self.call_api("DrugApi_verify_unit", query, None).await
	}

	/// A product.
	pub async fn product(&self, gtin: Gtin) -> Result<Option<ProductView>> {
		self.call_api("DrugApi_product", gtin, None).await
	}

	/// A packaging run.
	pub async fn batch(&self, batch: BatchId) -> Result<Option<BatchView>> {
		self.call_api("DrugApi_batch", batch, None).await
	}

	/// The packaging runs of a lot, in their order.
	pub async fn lot(&self, gtin: Gtin, lot: &Lot) -> Result<Vec<BatchView>> {
		self.call_api("DrugApi_lot", (gtin, lot), None).await
	}

	/// The parcel that a unit lies in.
	pub async fn parcel(&self, batch: BatchId, index: u32, at: Option<H256>) -> Result<Option<ParcelView>> {
		self.call_api("DrugApi_parcel", (batch, index), at).await
	}

	/// All parcels of a batch, in the order of their units.
	pub async fn parcels(&self, batch: BatchId) -> Result<Vec<ParcelView>> {
		self.pages::<_, u32>("DrugApi_parcels", batch, usize::MAX).await
	}

	/// A unit.
	pub async fn unit(&self, batch: BatchId, index: u32) -> Result<Option<UnitView>> {
		self.call_api("DrugApi_unit", (batch, index), None).await
	}

	/// A unit of logistics.
	pub async fn logistic_unit(&self, unit: &UnitId) -> Result<Option<LogisticView>> {
		self.call_api("DrugApi_logistic_unit", unit, None).await
	}

	/// The step of a chain of custody that has this head, if it happened in the block asked.
	pub async fn custody_step(&self, head: &H256, at: H256) -> Result<Option<CustodyStep>> {
		self.call_api("DrugApi_custody_step", head, Some(at)).await
	}

	/// All that an organisation has, by product.
	pub async fn stock(&self, org: OrgId) -> Result<Vec<StockView>> {
		self.pages::<_, Gtin>("DrugApi_stock", org, usize::MAX).await
	}

	/// All orders to a supplier that are under way.
	pub async fn orders(&self, supplier: OrgId) -> Result<Vec<OrderView>> {
		self.pages::<_, OrderId>("DrugApi_orders", supplier, usize::MAX).await
	}

	/// Alerts of a block.
	pub async fn alerts(&self, at: H256) -> Result<Vec<AlertView>> {
		self.call_api("DrugApi_alerts", (), Some(at)).await
	}

	/// How a unit came where it is, read back block by block, however far; `None` if there is no such unit. A node that has
	/// pruned a block cannot tell.
	pub async fn custody(&self, batch: BatchId, index: u32) -> Result<Option<CustodyTrace>> {
		let at = self.best().await?;
		let Some(parcel) = self.parcel(batch, index, Some(at.hash)).await? else { return Ok(None) };
		let units = parcel.within.into_iter().map(Some).zip(parcel.chains);
		let mut replay = Replay::new([(None, parcel.chain)].into_iter().chain(units));
		while let Some(Link { head, block }) = replay.next() {
			let step =
				self.custody_step(&head, self.block_hash(block).await?).await.map_err(|error| pruned(block, error))?;
			if !step.is_some_and(|step| replay.found(step)) {
				let message = format!("block {block} has no step of custody {head:?}: the chain of custody is broken");
				return Err(Error::Corrupted(message));
			}
		}
		Ok(Some(replay.trace()))
	}

	/// The hash of the block of this height on the best chain.
	pub async fn block_hash(&self, number: u32) -> Result<H256> {
		let answer = self.rpc("chain_getBlockHash", vec![number.into()]).await?;
		let hash = from_hex(&answer).and_then(|bytes| H256::decode(&mut &bytes[..]).ok());
		hash.ok_or_else(|| unfit(format!("chain_getBlockHash: no block {number}")))
	}
}

/// What a node says that keeps no old states, in words that help.
fn pruned(block: u32, error: Error) -> Error {
	match error {
		Error::Unexpected(said) if said.contains("discarded") || said.contains("UnknownBlock") => Error::not_found(
			format!("the state of block {block}"),
			"the node has pruned it: name an archive node with --node",
		),
		error => error,
	}
}
