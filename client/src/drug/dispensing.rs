//! Dispensing, one pack or thousands, with or without a line.

use super::{
	holder::Holder,
	scans::{self, Proven, Shelf},
};
use crate::{
	chain::{calls::drug, Included},
	Error, Result,
};
use futures::stream::{FuturesUnordered, StreamExt};
use salus_primitives::{
	drug::{BatchId, Dispense, Verdict, MAX_DISPENSES},
	AccountId, Moment, OrgId,
};
use serde::Serialize;
use std::collections::VecDeque;

/// Transactions that are under way at the same time.
const UNDER_WAY: usize = 8;

/// A pack to dispense.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scan {
	/// The line of the file it is on, from 1.
	pub line: usize,
	/// What was scanned; or what is wrong with the line.
	pub text: std::result::Result<String, Error>,
	/// When it was handed out, if that was before.
	pub at: Option<Moment>,
}

/// What came of a pack.
#[derive(Serialize, Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
	/// The line of the file.
	pub line: usize,
	/// What was scanned.
	pub scan: String,
	/// What came of it.
	#[serde(flatten)]
	pub judgement: Judgement,
	/// The batch, if the unit is known here.
	pub batch: Option<BatchId>,
	/// The unit, if it is known here.
	pub index: Option<u32>,
}

/// What came of a dispense.
#[derive(Serialize, Clone, PartialEq, Eq, Debug)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Judgement {
	/// It is dispensed.
	Dispensed {
		/// The block that has it.
		block: u32,
	},
	/// It was dispensed here at this very moment before: the same file, again.
	DispensedBefore,
	/// It must not be given to a patient: the chain raised an alert.
	Alert {
		/// Why. `genuine`: the organisation does not have it.
		verdict: Verdict,
		/// The block that has the alert.
		block: u32,
	},
	/// What the pack says is not what its serial number stands for. The chain was not asked.
	Contradiction {
		/// What is wrong.
		verdict: Verdict,
	},
	/// It could not be put to the chain, or the chain refused it.
	Failed {
		/// A stable code.
		error: String,
		/// What it means.
		message: String,
		/// The error itself.
		#[serde(skip)]
		cause: Error,
	},
}

impl Judgement {
	/// Whether the pack may be handed out, or was rightly.
	pub fn is_good(&self) -> bool {
		matches!(self, Self::Dispensed { .. } | Self::DispensedBefore)
	}

	fn failed(cause: &Error) -> Self {
		Self::Failed { error: cause.code().into(), message: cause.to_string(), cause: cause.clone() }
	}
}

/// A pack on its way to the chain: its place among the outcomes, and what it is.
type Ready = (usize, Dispense);

impl Holder<'_> {
	/// Dispenses packs, each judged by itself; answers in their order. `step` is told how many more are done.
	pub async fn dispense(&self, packs: &[Scan], step: impl FnMut(usize)) -> Result<Vec<Outcome>> {
		self.dispense_asking(packs, None, step).await
	}

	/// As [`Self::dispense`]; what proves a pack that nothing is known of here is asked of its manufacturer's endpoint, so
	/// that the chain raises an alert about the copy of a pack that another organisation has.
	pub async fn dispense_asking(
		&self,
		packs: &[Scan],
		endpoint: Option<&str>,
		mut step: impl FnMut(usize),
	) -> Result<Vec<Outcome>> {
		let me = self.me().await?.org;
		let mut shelf = Shelf::new(self.chain, self.book);
		let mut outcomes = Vec::with_capacity(packs.len());
		let mut ready: Vec<Ready> = Vec::with_capacity(packs.len());
		for (place, pack) in packs.iter().enumerate() {
			let (proven, judgement) = match look_up(&mut shelf, pack, endpoint).await {
				Ok((proven, None)) => (Some(proven), None),
				Ok((proven, Some(verdict))) => (Some(proven), Some(Judgement::Contradiction { verdict })),
				Err(error @ Error::NodeUnreachable { .. }) => return Err(error),
				Err(error) => (None, Some(Judgement::failed(&error))),
			};
			let scan = pack.text.clone().unwrap_or_default();
			let (batch, index) = (proven.as_ref().map(|unit| unit.batch), proven.as_ref().map(|unit| unit.unit.index));
			match judgement {
				Some(_) => step(1),
				None => ready
					.extend(proven.map(|unit| (place, Dispense { batch: unit.batch, unit: unit.unit, at: pack.at }))),
			}
			let waiting = || Judgement::failed(&Error::Unexpected("the chain has not answered".into()));
			outcomes.push(Outcome {
				line: pack.line,
				scan,
				judgement: judgement.unwrap_or_else(waiting),
				batch,
				index,
			});
		}
		let mut chunks: VecDeque<Vec<Ready>> = ready.chunks(MAX_DISPENSES as usize).map(<[_]>::to_vec).collect();
		let mut under_way = FuturesUnordered::new();
		loop {
			while under_way.len() < UNDER_WAY {
				let Some(chunk) = chunks.pop_front() else { break };
				under_way.push(self.put(chunk));
			}
			let Some((chunk, result)) = under_way.next().await else { break };
			match result {
				Ok(included) => {
					step(chunk.len());
					for (place, judgement) in judged(&chunk, &included)? {
						outcomes[place].judgement = judgement;
					}
				}
				// One of them is refused, and with it all: which one is found by halves.
				Err(error) if chunk.len() > 1 && is_about_one(&error) => {
					let (one, other) = chunk.split_at(chunk.len() / 2);
					chunks.push_front(other.to_vec());
					chunks.push_front(one.to_vec());
				}
				Err(error) => {
					step(chunk.len());
					chunk.iter().for_each(|(place, _)| outcomes[*place].judgement = Judgement::failed(&error));
				}
			}
		}
		for (outcome, pack) in outcomes.iter_mut().zip(packs) {
			self.forgive_repetition(outcome, pack.at, me).await?;
		}
		Ok(outcomes)
	}

	async fn put(&self, chunk: Vec<Ready>) -> (Vec<Ready>, Result<Included>) {
		let dispenses: Vec<_> = chunk.iter().map(|(_, dispense)| dispense.clone()).collect();
		let call = match dispenses.as_slice() {
			[one] => drug::dispense(one),
			many => drug::dispense_many(many),
		};
		let result = self.submit(&call).await;
		(chunk, result)
	}

	/// A file that is uploaded again raises alerts about its own first upload, which nobody has to look into.
	async fn forgive_repetition(&self, outcome: &mut Outcome, at: Option<Moment>, me: OrgId) -> Result<()> {
		let Judgement::Alert { verdict: Verdict::AlreadyDispensed, .. } = outcome.judgement else { return Ok(()) };
		let (Some(at), Some(batch), Some(index)) = (at, outcome.batch, outcome.index) else { return Ok(()) };
		let left = self.chain.unit(batch, index).await?.and_then(|unit| unit.left);
		if left.is_some_and(|left| left.org == Some(me) && left.at == Some(at)) {
			outcome.judgement = Judgement::DispensedBefore;
		}
		Ok(())
	}

	/// Undoes the dispense of a pack.
	pub async fn undo(&self, scan: &str) -> Result<(BatchId, u32, u32)> {
		let scanned = scans::read(scan)?;
		let proven = Shelf::new(self.chain, self.book).find(&scanned).await?.ok_or_else(unknown)?;
		let included = self.submit(&drug::undo_dispense(proven.batch, proven.unit.index)).await?;
		Ok((proven.batch, proven.unit.index, included.block.number))
	}
}

/// What proves a pack, and what speaks against it before the chain is asked.
async fn look_up(shelf: &mut Shelf<'_>, pack: &Scan, endpoint: Option<&str>) -> Result<(Proven, Option<Verdict>)> {
	let scan = pack.text.clone()?;
	let scanned = scans::read(&scan)?;
	let proven = shelf.find_or_ask(&scanned, &scan, endpoint).await?.ok_or_else(unknown)?;
	let contradiction = proven.contradiction(&scanned);
	Ok((proven, contradiction))
}

fn unknown() -> Error {
	let hint = "it did not come with a package that was imported here, or it is a forgery: set it aside and verify it";
	Error::not_found("a unit with this serial number", hint)
}

/// Whether a transaction of many failed because of one of them.
fn is_about_one(error: &Error) -> bool {
	matches!(error, Error::TransactionFailed { pallet, error, .. }
		if pallet == "DrugProvenance" && ["NotFound", "InvalidProof", "InvalidMoment", "Packed"].contains(&error.as_str()))
}

/// What the chain said of each.
fn judged(chunk: &[Ready], included: &Included) -> Result<Vec<(usize, Judgement)>> {
	let block = included.block.number;
	let mut said = Vec::with_capacity(chunk.len());
	for event in &included.events {
		if event.is("DrugProvenance", "Dispensed") {
			let (batch, index, _, _) = event.decode::<(BatchId, u32, OrgId, Moment)>()?;
			said.push(((batch, index), Judgement::Dispensed { block }));
		} else if event.is("DrugProvenance", "Alert") {
			let (batch, index, verdict, ..) = event.decode::<(BatchId, u32, Verdict, OrgId, AccountId, Moment)>()?;
			said.push(((batch, index), Judgement::Alert { verdict, block }));
		}
	}
	// One unit may be there twice: the events are in the order of the units.
	let mut judged = Vec::with_capacity(chunk.len());
	for (place, dispense) in chunk {
		let found = said.iter().position(|(unit, _)| *unit == (dispense.batch, dispense.unit.index));
		let found = found.ok_or_else(|| Error::Unexpected("the chain said nothing of a dispense".into()))?;
		judged.push((*place, said.remove(found).1));
	}
	Ok(judged)
}
