//! Custody: where goods are, and the chain of hashes over how they came there.

use super::{Load, UnitId};
use crate::{codes::codes, Moment, OrgId, H256};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_runtime::traits::{BlakeTwo256, Hash};

/// Where goods are.
#[derive(
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	serde::Serialize,
	serde::Deserialize,
)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum Custody {
	/// With the custodian.
	Held,
	/// On the way from the custodian.
	InTransit {
		/// To this organisation, which alone may receive them.
		to: OrgId,
		/// Who drives them, if it is not the sender: may report readings, never receives.
		carrier: Option<OrgId>,
		/// Whether they become the receiver's property.
		sale: bool,
		/// From this moment on the sender may take them back.
		deadline: Moment,
	},
	/// The receiver said that they did not arrive.
	Disputed {
		/// Who should have received them.
		to: OrgId,
		/// Whether they would have become the receiver's property.
		sale: bool,
	},
	/// Refused or returned, on the way to this organisation, which alone may receive them.
	Returning {
		/// Where they go.
		to: OrgId,
		/// Whether they become the receiver's property.
		sale: bool,
		/// From this moment on the custodian may take them back.
		deadline: Moment,
	},
	/// Gone.
	Lost {
		/// Reported as stolen.
		stolen: bool,
	},
}

codes! {
	/// What happened to goods.
	StepKind {
		Commissioned = "commissioned", Packed = "packed", Unpacked = "unpacked", Shipped = "shipped",
		Received = "received", Missing = "missing", Refused = "refused", Retracted = "retracted",
		Returned = "returned", Stolen = "stolen", Lost = "lost", Found = "found",
	}
}

/// One link of the chain of custody.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct CustodyStep {
	/// What happened.
	pub kind: StepKind,
	/// To what. Of a parcel that was split since, this is what it was then; of one that went the same way at once with others,
	/// perhaps one of these.
	pub load: Load,
	/// Who had them.
	pub from: OrgId,
	/// Who has them now, or is to have them.
	pub to: OrgId,
	/// Whether both belong to one legal entity, so that this is no change of owner.
	pub internal: bool,
	/// When.
	pub at: Moment,
	/// The caller's EPCIS event, by its CBV 2.0 hash.
	pub event: H256,
	/// The chain before this step; 32 zero bytes at the first.
	pub previous: Link,
	/// Of an unpacking: the chain of the unit of logistics they were in, which holds what happened meanwhile.
	pub via: Option<Link>,
}

/// An end of a chain of custody, and the block to find its last step in.
#[derive(
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Clone,
	Copy,
	PartialEq,
	Eq,
	Default,
	Debug,
	serde::Serialize,
	serde::Deserialize,
)]
pub struct Link {
	/// The hash; of a chain without steps it is 32 zero bytes.
	pub head: H256,
	/// The block that has the step.
	pub block: u32,
}

impl Link {
	/// Whether there is a step to be found.
	pub fn has_steps(&self) -> bool {
		!self.head.is_zero()
	}
}

impl CustodyStep {
	/// The head of the chain after this step: `BLAKE2b-256(previous ‖ event ‖ from ‖ to ‖ at ‖ via ‖ kind ‖ internal)`, integers
	/// little-endian, `via` 32 zero bytes where there is none, `kind` and `internal` a byte each.
	///
	/// What happened is under the hash because one call may do two things to goods with one chain: what arrived of a shipment
	/// and what is missing of it must not share a head. What it happened to is not: pieces that went the same way at once keep
	/// one chain, and can be merged.
	pub fn head(&self) -> H256 {
		let via = self.via.unwrap_or_default().head;
		BlakeTwo256::hash(
			&[
				self.previous.head.as_bytes(),
				self.event.as_bytes(),
				&self.from.to_le_bytes(),
				&self.to.to_le_bytes(),
				&self.at.to_le_bytes(),
				via.as_bytes(),
				&[self.kind as u8, u8::from(self.internal)],
			]
			.concat(),
		)
	}
}

/// A step, where it was found, and what it was part of.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct TracedStep {
	/// The unit of logistics that moved; `None` if the parcel itself did.
	pub within: Option<UnitId>,
	/// The block that has it.
	pub block: u32,
	/// The step.
	#[cfg_attr(feature = "std", serde(flatten))]
	pub step: CustodyStep,
}

/// Whether these steps, latest first, are the whole of the chains with these ends: of a parcel's own, then of the units of
/// logistics that it is in, the outermost last. After an unpacking comes the chain of the unit that it names, then what was
/// before.
pub fn is_whole(ends: &[H256], steps: &[TracedStep]) -> bool {
	let mut ends = ends.to_vec();
	for traced in steps {
		let Some(end) = ends.pop() else { return false };
		if traced.step.head() != end {
			return false;
		}
		if traced.step.previous.head != H256::zero() {
			ends.push(traced.step.previous.head);
		}
		ends.extend(traced.step.via.map(|via| via.head));
	}
	ends.is_empty()
}

/// Follows chains of custody back, in the order of [`is_whole`]: tells which step is needed next, from whoever has it.
pub struct Replay {
	ends: Vec<H256>,
	/// The ends still to come, the next one last: whose chain it is, where that is known before the step is, and the link.
	open: Vec<(Option<Option<UnitId>>, Link)>,
	steps: Vec<TracedStep>,
}

impl Replay {
	/// From the end of a parcel's own chain and those of the units of logistics that it is in, the outermost last; each
	/// with the unit whose chain it is.
	pub fn new(ends: impl IntoIterator<Item = (Option<UnitId>, Link)>) -> Self {
		let open: Vec<_> =
			ends.into_iter().filter(|(_, link)| link.has_steps()).map(|(within, link)| (Some(within), link)).collect();
		Self { ends: open.iter().map(|(_, link)| link.head).collect(), open, steps: Vec::new() }
	}

	/// Where the step that is needed next is; `None` if there is none.
	pub fn next(&self) -> Option<Link> {
		self.open.last().map(|(_, link)| *link)
	}

	/// Steps that were found.
	pub fn len(&self) -> usize {
		self.steps.len()
	}

	/// Whether none was found yet.
	pub fn is_empty(&self) -> bool {
		self.steps.is_empty()
	}

	/// Takes the step that was needed. `false`, and nothing is taken, if it is another one.
	#[must_use]
	pub fn found(&mut self, step: CustodyStep) -> bool {
		let Some((within, link)) = self.open.pop_if(|(_, link)| link.head == step.head()) else { return false };
		let within = within.unwrap_or(match step.load {
			Load::Logistic(unit) => Some(unit),
			Load::Units(_) => None,
		});
		// What happened while it was packed comes before what happened until it was packed.
		self.open.extend(Some(step.previous).filter(Link::has_steps).map(|link| (Some(within), link)));
		self.open.extend(step.via.filter(Link::has_steps).map(|link| (None, link)));
		self.steps.push(TracedStep { within, block: link.block, step });
		true
	}

	/// What was found so far.
	pub fn trace(self) -> super::CustodyTrace {
		super::CustodyTrace { ends: self.ends, steps: self.steps, complete: self.open.is_empty() }
	}
}
