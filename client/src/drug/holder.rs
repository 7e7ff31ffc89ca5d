//! Who acts, on what, and what an EPCIS event says of it.
//!
//! Each step that the chain keeps names the CBV 2.0 hash of an EPCIS event. The event is made here before the call, from
//! what the caller knows; it is kept in the [`Book`] first, so that whatever hash is on the chain, its event is at hand.

use super::{
	book::{Book, Recorded},
	Units,
};
use crate::{
	chain::{Call, Chain, Included},
	epcis::{
		epc::has_check_digit,
		export::{step_hash, Kind, Party, Step},
	},
	gateway::now,
	keys::Keys,
	Error, Result,
};
use salus_primitives::{
	drug::{BatchId, BatchView, Load, LogisticView, UnitId, UnitRange},
	gs1::{Gtin, Sscc},
	AccountId, Moment, OrgId, H256,
};
use serde::Serialize;
use std::{collections::BTreeMap, ops::Range};

/// Who holds goods: a member of an organisation, with what is kept.
pub struct Holder<'a> {
	/// The chain.
	pub chain: &'a Chain,
	/// The member's keys.
	pub keys: &'a Keys,
	/// What is kept.
	pub book: &'a Book,
}

/// The acting organisation.
#[derive(Clone, PartialEq, Debug)]
pub struct Me {
	/// Its number.
	pub org: OrgId,
	/// As events name it.
	pub party: Party,
	/// GLN of the member's premises.
	pub place: Option<String>,
}

/// What a step is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Goods {
	/// The product; of a unit of logistics, that of its first units.
	pub gtin: Gtin,
	/// The lot.
	pub lot: String,
	/// The first moment at which it is expired.
	pub expiry: Moment,
	/// How many units; not told of units of logistics.
	pub quantity: Option<u64>,
	/// Of a unit of logistics whose number is known here.
	pub sscc: Option<Sscc>,
}

/// Where a step is on the chain.
#[derive(Serialize, Clone, Copy, PartialEq, Eq, Debug)]
pub struct Done {
	/// The block that has it.
	pub block: u32,
	/// The hash of its EPCIS event.
	pub event: H256,
}

/// All that is in a load.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Inside {
	/// Units, by batch.
	pub units: BTreeMap<BatchId, Vec<Range<u32>>>,
	/// Units of logistics, the outermost first.
	pub logistics: Vec<UnitId>,
}

impl Goods {
	/// Units of a batch.
	pub fn of(batch: &BatchView, quantity: Option<u64>) -> Self {
		let lot = String::from_utf8_lossy(&batch.lot).into_owned();
		Self { gtin: batch.gtin, lot, expiry: batch.expiry, quantity, sscc: None }
	}

	/// A step at this moment, with the rest left out.
	pub fn step(&self, kind: Kind, at: Moment) -> Step {
		Step {
			kind,
			at,
			gtin: self.gtin.to_string(),
			lot: self.lot.clone(),
			expiry: last_day(self.expiry),
			quantity: self.quantity,
			serials: Vec::new(),
			sscc: self.sscc.map(|sscc| sscc.to_string()),
			child_ssccs: Vec::new(),
			from: None,
			to: None,
			place: None,
			reason: None,
			sensor: None,
			transaction: None,
			event_hash: None,
			block: None,
		}
	}
}

/// The last day before a moment, as events tell it.
fn last_day(expiry: Moment) -> Option<String> {
	let last = i64::try_from(expiry.checked_sub(1)?).ok().and_then(chrono::DateTime::from_timestamp_millis)?;
	Some(last.format("%Y-%m-%d").to_string()).filter(|day| day.len() == 10)
}

/// An organisation as events name it.
pub async fn party(chain: &Chain, org: OrgId) -> Result<Party> {
	let view = chain.organisation(org).await?;
	let view = view.ok_or_else(|| Error::not_found(format!("organisation {org}"), ""))?;
	Ok(Party { name: String::from_utf8_lossy(&view.name).into_owned(), gln: gln(view.gln) })
}

/// A GLN that an event can have.
pub(super) fn gln(digits: Option<Vec<u8>>) -> Option<String> {
	digits.and_then(|digits| String::from_utf8(digits).ok()).filter(|gln| gln.len() == 13 && has_check_digit(gln))
}

/// A batch that has to be there.
pub async fn batch(chain: &Chain, batch: BatchId) -> Result<BatchView> {
	let view = chain.batch(batch).await?;
	view.ok_or_else(|| Error::not_found(format!("batch {batch}"), "`salus drug lot` tells the batches of a lot"))
}

/// A unit of logistics that has to be there.
pub async fn logistic(chain: &Chain, unit: &UnitId) -> Result<LogisticView> {
	let view = chain.logistic_unit(unit).await?;
	view.ok_or_else(|| Error::not_found(format!("unit of logistics {unit:?}"), "it may have been unpacked"))
}

/// The unit of logistics on the chain that carries this number, as far as it is known here.
pub async fn labelled(chain: &Chain, book: &Book, sscc: Sscc) -> Result<Option<UnitId>> {
	for unit in book.labelled(sscc)? {
		if chain.logistic_unit(&unit).await?.is_some() {
			return Ok(Some(unit));
		}
	}
	Ok(None)
}

/// All that is in a load, units of logistics within others included.
pub async fn inside(chain: &Chain, load: &Load) -> Result<Inside> {
	let mut inside = Inside::default();
	let mut open = vec![*load];
	while let Some(load) = open.pop() {
		match load {
			Load::Units(UnitRange { batch, start, len }) => {
				let end =
					start.checked_add(len).ok_or_else(|| Error::Corrupted("a range beyond all numbers".into()))?;
				inside.units.entry(batch).or_default().push(start..end);
			}
			Load::Logistic(unit) => {
				open.extend(logistic(chain, &unit).await?.contents.iter().rev());
				inside.logistics.push(unit);
			}
		}
	}
	Ok(inside)
}

/// The hash of the sealed package that came with the latest shipment of a load; zero if there was none.
pub async fn committed_package(chain: &Chain, load: &Load) -> Result<H256> {
	match load {
		Load::Logistic(unit) => Ok(logistic(chain, unit).await?.package),
		Load::Units(units) => {
			let parcel = chain.parcel(units.batch, units.start, None).await?;
			let what = || Error::not_found(format!("unit {} of batch {}", units.start, units.batch), "");
			Ok(parcel.ok_or_else(what)?.package)
		}
	}
}

impl Holder<'_> {
	/// The member's account.
	pub fn account(&self) -> AccountId {
		self.keys.account()
	}

	/// The acting organisation.
	pub async fn me(&self) -> Result<Me> {
		let account = self.account();
		let member = self.chain.member(&account).await?;
		let member = member.ok_or_else(|| {
			let hint = "an administrator adds one with `salus org add-member`";
			Error::not_found(format!("a membership of {account}"), hint)
		})?;
		Ok(Me { org: member.org, party: party(self.chain, member.org).await?, place: gln(member.premises) })
	}

	/// What a step on a load is about.
	pub async fn goods(&self, load: &Load) -> Result<Goods> {
		match load {
			Load::Units(units) => {
				Ok(Goods::of(&batch(self.chain, units.batch).await?, Some(units.len.into()).filter(|len| *len > 0)))
			}
			Load::Logistic(unit) => {
				// The way to the first units leads through one unit of logistics a level.
				let mut within = *unit;
				let first = loop {
					match logistic(self.chain, &within).await?.contents.first() {
						Some(Load::Units(units)) => break units.batch,
						Some(Load::Logistic(inner)) => within = *inner,
						None => return Err(Error::not_found(format!("anything in unit of logistics {unit:?}"), "")),
					}
				};
				let sscc = self.book.logistics()?.get(unit).map(|known| known.sscc);
				Ok(Goods { sscc, ..Goods::of(&batch(self.chain, first).await?, None) })
			}
		}
	}

	/// A step of the acting organisation, at this moment.
	pub async fn step(&self, kind: Kind, load: &Load) -> Result<(Step, Me)> {
		let (goods, me) = (self.goods(load).await?, self.me().await?);
		let step = Step { place: me.place.clone(), ..goods.step(kind, now()) };
		Ok((step, me))
	}

	/// Keeps the event of a step; its hash goes onto the chain.
	pub fn record(&self, step: Step) -> Result<H256> {
		let hash = H256(step_hash(&step)?);
		self.book.record(&[Recorded { hash, step }])?;
		Ok(hash)
	}

	/// Signs and submits a call.
	pub async fn submit(&self, call: &Call) -> Result<Included> {
		self.chain.submit(&self.keys.signer, call).await
	}

	/// Keeps the event of a step, then submits the call that names it.
	pub(super) async fn carry_out(&self, step: Step, call: impl FnOnce(H256) -> Call) -> Result<Done> {
		let event = self.record(step)?;
		let included = self.submit(&call(event)).await?;
		Ok(Done { block: included.block.number, event })
	}

	/// What is kept of a batch.
	pub fn units_of(&self, batch: &BatchView) -> Result<Units> {
		self.book.batch(&batch.root)?.ok_or_else(|| {
			let what = format!("what is known of the units of batch {}", batch.id);
			Error::not_found(what, "it comes with the package of a shipment: `salus drug receive --package FILE`")
		})
	}
}
