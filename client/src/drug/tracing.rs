//! How goods came where they are: the chain of custody, and the EPCIS events of its steps.

use super::{
	holder::{self, gln, party, Goods, Holder, Inside},
	Book,
};
use crate::{
	chain::Chain,
	epcis::export::{Kind, Party, Step},
	Error, Result,
};
use salus_primitives::{
	drug::{BatchId, BatchView, Load, StepKind, TracedStep, UnitStatus, UnitView},
	OrgId, H256,
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What is known of a unit.
#[derive(Serialize, Clone, PartialEq, Debug)]
pub struct Traced {
	/// Its batch.
	pub batch: BatchView,
	/// Which unit.
	pub unit: u32,
	/// Where it is in its life, and what it lies in.
	pub now: UnitView,
	/// Whether the steps are the whole of its chain of custody.
	pub whole: bool,
	/// The chain's steps, latest first.
	pub trace: Vec<TracedStep>,
	/// What happened, earliest first, as `salus epcis export` takes it. Those with an `event_hash` are the very events that
	/// the chain has the hashes of; the others, whose events are not at hand, are told as far as the chain knows them.
	pub steps: Vec<Step>,
	/// Names of the organisations in it.
	pub names: BTreeMap<OrgId, String>,
}

/// Traces a unit, and makes sure that nothing of its chain of custody is left out.
pub async fn trace(chain: &Chain, book: &Book, number: BatchId, unit: u32) -> Result<Traced> {
	let batch = holder::batch(chain, number).await?;
	let missing = || Error::not_found(format!("unit {unit} of batch {number}"), "");
	let now = chain.unit(number, unit).await?.ok_or_else(missing)?;
	let Some(trace) = chain.custody(number, unit).await? else { return Err(missing()) };
	let whole = trace.is_whole();
	let mut parties = BTreeMap::<OrgId, Party>::new();
	let orgs: BTreeSet<_> = trace.steps.iter().flat_map(|step| [step.step.from, step.step.to]).collect();
	for org in orgs {
		parties.insert(org, party(chain, org).await?);
	}
	let (known, logistics) = (book.events()?, book.logistics()?);
	let mut steps = Vec::with_capacity(trace.steps.len());
	for traced in trace.steps.iter().rev() {
		steps.extend(match known.get(&traced.step.event) {
			Some(step) => Some(Step {
				event_hash: Some(format!("{:?}", traced.step.event)),
				block: Some(traced.block),
				..step.clone()
			}),
			None => {
				let sscc = traced.within.and_then(|unit| logistics.get(&unit)).map(|known| known.sscc);
				told_by_chain(traced, &Goods { sscc, ..Goods::of(&batch, None) }, &parties)
			}
		});
	}
	steps.extend(left(&batch, &now));
	let names = parties.into_iter().map(|(org, party)| (org, party.name)).collect();
	Ok(Traced { batch, unit, now, whole, trace: trace.steps, steps, names })
}

/// A step whose event is not at hand; `None` of packing where the number of the unit of logistics, without which no event
/// can say it, is not known either.
fn told_by_chain(traced: &TracedStep, goods: &Goods, parties: &BTreeMap<OrgId, Party>) -> Option<Step> {
	let step = &traced.step;
	let kind = match step.kind {
		StepKind::Commissioned => Kind::Commission,
		StepKind::Packed | StepKind::Unpacked if goods.sscc.is_none() => return None,
		StepKind::Packed => Kind::Pack,
		StepKind::Unpacked => Kind::Unpack,
		StepKind::Shipped => Kind::Ship,
		StepKind::Received => Kind::Receive,
		StepKind::Missing | StepKind::Lost => Kind::Decommission,
		StepKind::Refused => Kind::Refuse,
		StepKind::Retracted | StepKind::Found => Kind::Retract,
		StepKind::Returned => Kind::Return,
		StepKind::Stolen => Kind::Steal,
	};
	let quantity = match step.load {
		Load::Units(units) => Some(u64::from(units.len)),
		Load::Logistic(_) => None,
	};
	let moved = step.from != step.to;
	Some(Step {
		quantity,
		from: parties.get(&step.from).filter(|_| moved).cloned(),
		to: parties.get(&step.to).filter(|_| moved).cloned(),
		reason: Some(step.kind.code().into()),
		block: Some(traced.block),
		..goods.step(kind, step.at)
	})
}

/// How a unit left the market, and its recall.
fn left(batch: &BatchView, now: &UnitView) -> Vec<Step> {
	let goods = Goods::of(batch, Some(1));
	let mut steps = Vec::new();
	if let Some((left, at)) = now.left.as_ref().and_then(|left| Some((left, left.at?))) {
		let kind = match left.status {
			UnitStatus::Dispensed => Kind::Dispense,
			UnitStatus::Destroyed => Kind::Destroy,
			_ => Kind::Decommission,
		};
		let reason = (kind == Kind::Decommission).then(|| left.status.code().to_owned());
		let place = gln(left.premises.map(|digits| digits.to_vec()));
		steps.push(Step { place, reason, ..goods.step(kind, at) });
	}
	if let Some(recall) = now.recall {
		let reason = format!("{} {}", recall.class, recall.reason);
		steps.push(Step { reason: Some(reason), ..goods.step(Kind::Recall, recall.at) });
	}
	steps
}

impl Holder<'_> {
	/// The hashes of all events of the custody of what is inside a load, as far back as the node knows.
	pub(super) async fn events_before(&self, inside: &Inside) -> Result<Vec<H256>> {
		let (mut seen, mut hashes) = (BTreeSet::new(), Vec::new());
		for (number, ranges) in &inside.units {
			for range in ranges {
				let mut at = range.start;
				while at < range.end {
					let Some(parcel) = self.chain.parcel(*number, at, None).await? else { break };
					let mut open = vec![parcel.chain];
					open.extend(&parcel.chains);
					while let Some(link) = open.pop() {
						if link.head.is_zero() || !seen.insert(link.head) {
							continue;
						}
						let hash = self.chain.block_hash(link.block).await?;
						// What a pruned node cannot tell is left out: the package lacks an event, and nothing that counts.
						let Ok(Some(step)) = self.chain.custody_step(&link.head, hash).await else { continue };
						hashes.push(step.event);
						open.push(step.previous);
						open.extend(step.via);
					}
					at = parcel.units.last().map_or(range.end, |last| last + 1);
				}
			}
		}
		Ok(hashes)
	}
}
