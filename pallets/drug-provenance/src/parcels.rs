//! Parcels: finding, splitting and merging them, and the goods that a load names.

use super::*;
use alloc::{collections::BTreeMap, vec::Vec};
use units::{Chunks, Used};

/// Units that lie in one parcel.
pub(crate) struct Piece<T: Config> {
	/// The batch they are of.
	pub batch: Batch<TicketOf<T>>,
	/// The units.
	pub units: UnitRange,
	/// The last of the units.
	pub last: u32,
	/// The parcel that they lie in.
	pub parcel: Parcel<TicketOf<T>>,
	/// The last unit of the parcel.
	pub parcel_last: u32,
}

/// Goods that a load names, as they are stored.
pub(crate) enum Goods<T: Config> {
	/// Units that are packed nowhere.
	Units(Piece<T>),
	/// A unit of logistics that is in no other.
	Logistic(UnitId, LogisticUnit<TicketOf<T>>),
}

/// What is to be known of goods before they are sold, sent or released.
pub(crate) struct Condition {
	/// Every hold on any of them.
	pub holds: HoldSet,
	/// Whether a recall is in force on any of them.
	pub recalled: bool,
	/// When the first of them expires.
	pub expiry: Moment,
	/// Of each batch in them: who owns the product, and who made it.
	pub makers: Vec<(OrgId, OrgId)>,
}

impl Condition {
	/// Whether an organisation owns or made all of the goods.
	pub fn all_made_by(&self, org: OrgId) -> bool {
		self.makers.iter().all(|(owner, producer)| *owner == org || *producer == org)
	}

	/// Refuses goods that may not be sold.
	pub fn ensure_saleable<T>(&self, now: Moment) -> Result<(), Error<T>> {
		ensure!(self.holds.is_empty(), Error::OnHold);
		ensure!(!self.recalled, Error::Recalled);
		ensure!(now < self.expiry, Error::Expired);
		Ok(())
	}
}

/// What is to be written down of a step.
#[derive(Clone, Copy)]
pub(crate) struct Step {
	/// What happened.
	pub kind: StepKind,
	/// Who had the goods.
	pub from: OrgId,
	/// Who has them now, or is to have them.
	pub to: OrgId,
	/// Whether both are one legal entity.
	pub internal: bool,
	/// The caller's EPCIS event.
	pub event: H256,
}

impl Step {
	/// A step that leaves the goods where they are.
	pub fn at(org: OrgId, kind: StepKind, event: H256) -> Self {
		Self { kind, from: org, to: org, internal: true, event }
	}
}

/// A set without one hold.
pub(crate) fn without(holds: HoldSet, hold: Hold) -> HoldSet {
	HoldSet(holds.0 & !HoldSet::of(&[hold]).0)
}

impl<T: Config> Piece<T> {
	/// How many of the parcel's units count as stock while they are held. Of a piece that is carved.
	pub fn counted(&self) -> u32 {
		if self.parcel.counted {
			(self.parcel_last - self.parcel.start + 1).saturating_sub(self.parcel.inactive)
		} else {
			0
		}
	}

	/// Makes the units a parcel of their own. The remainders are stored, with deposits of the signer's where there is a
	/// new entry; the piece itself is for the caller to store.
	pub fn carve(mut self, who: &AccountId, chunks: &mut Chunks) -> Result<Self, DispatchError> {
		let id = self.units.batch;
		let (first, start, last, end) = (self.parcel.start, self.units.start, self.last, self.parcel_last);
		if first == start && last == end {
			return Ok(self);
		}
		let lengths = [start - first, self.units.len, end - last];
		let counts = self.count_parts(lengths, chunks)?;

		if lengths[0] > 0 {
			let ticket = T::Consideration::new(who, Pallet::<T>::parcel_footprint())?;
			let lower = Parcel { inactive: counts[0], by: who.clone(), ticket, ..self.parcel.clone() };
			Parcels::<T>::insert(id, Last(start - 1), lower);
		}
		if lengths[2] > 0 {
			let ticket = T::Consideration::new(who, Pallet::<T>::parcel_footprint())?;
			let carved = Parcel { by: who.clone(), ticket, ..self.parcel.clone() };
			let upper = core::mem::replace(&mut self.parcel, carved);
			Parcels::<T>::insert(id, Last(end), Parcel { start: last + 1, inactive: counts[2], ..upper });
		}
		self.parcel.start = start;
		self.parcel.inactive = counts[1];
		self.parcel_last = last;
		Ok(self)
	}

	/// How many units have left the market below, in and above the piece, when the parts are so long. What lies
	/// in most entries of status bits is not counted but inferred.
	fn count_parts(&self, lengths: [u32; 3], chunks: &mut Chunks) -> Result<[u32; 3], Error<T>> {
		let inactive = self.parcel.inactive;
		if inactive == 0 {
			return Ok([0; 3]);
		}
		if inactive == lengths.iter().sum::<u32>() {
			return Ok(lengths);
		}
		let ranges = [
			(self.parcel.start, self.units.start),
			(self.units.start, self.last + 1),
			(self.last + 1, self.parcel_last + 1),
		];
		let entries = |part: usize| match lengths[part] {
			0 => 0,
			len => UnitRange { batch: self.units.batch, start: ranges[part].0, len }.chunks(),
		};
		let widest = (0..3).max_by_key(|part| (entries(*part), lengths[*part])).unwrap_or(0);
		let mut counts = [0; 3];
		for part in (0..3).filter(|part| *part != widest && lengths[*part] > 0) {
			let (from, to) = ranges[part];
			counts[part] = Pallet::<T>::count_inactive(self.units.batch, from, to - 1, chunks)?;
		}
		counts[widest] = inactive.saturating_sub(counts.iter().sum());
		Ok(counts)
	}

	/// Stores the parcel.
	pub fn store(self) {
		Parcels::<T>::insert(self.units.batch, Last(self.parcel_last), self.parcel);
	}
}

impl<T: Config> Goods<T> {
	/// The name of the goods.
	pub fn load(&self) -> Load {
		match self {
			Self::Units(piece) => Load::Units(piece.units),
			Self::Logistic(id, _) => Load::Logistic(*id),
		}
	}

	/// Whose and where they are.
	pub fn holding(&self) -> &Holding {
		match self {
			Self::Units(piece) => &piece.parcel.holding,
			Self::Logistic(_, unit) => &unit.holding,
		}
	}

	/// Whose and where they are, to be changed.
	pub fn holding_mut(&mut self) -> &mut Holding {
		match self {
			Self::Units(piece) => &mut piece.parcel.holding,
			Self::Logistic(_, unit) => &mut unit.holding,
		}
	}

	/// The holds on all of them; of a unit of logistics, without those on single parcels in it.
	pub fn holds(&self) -> HoldSet {
		match self {
			Self::Units(piece) => piece.parcel.holds,
			Self::Logistic(_, unit) => unit.holds,
		}
	}

	/// Sets the holds on all of them.
	pub fn set_holds(&mut self, holds: HoldSet, by: OrgId) {
		if self.holds() == holds {
			return;
		}
		match self {
			Self::Units(piece) => piece.parcel.holds = holds,
			Self::Logistic(_, unit) => unit.holds = holds,
		}
		Pallet::<T>::deposit_event(Event::HoldsChanged { load: self.load(), holds, by });
	}

	/// What counts as stock of them, by product. Of goods that are carved.
	pub fn counted(&self) -> Vec<(Gtin, u32)> {
		match self {
			Self::Units(piece) => [(piece.batch.gtin, piece.counted())].into(),
			Self::Logistic(_, unit) => unit.goods.to_vec(),
		}
	}

	/// The products in them.
	pub fn products(&self) -> Vec<Gtin> {
		match self {
			Self::Units(piece) => [piece.batch.gtin].into(),
			Self::Logistic(_, unit) => unit.goods.iter().map(|(gtin, _)| *gtin).collect(),
		}
	}

	/// What a call about them took.
	pub fn used(&self, chunks: &Chunks) -> Used {
		let (parcels, products) = match self {
			Self::Units(_) => (1, 1),
			Self::Logistic(_, unit) => (unit.parcels, unit.goods.len() as u32),
		};
		Used { parcels, products, chunks: chunks.used() }
	}

	/// Makes them goods of their own: see [`Piece::carve`].
	pub fn carve(self, who: &AccountId, chunks: &mut Chunks) -> Result<Self, DispatchError> {
		match self {
			Self::Units(piece) => piece.carve(who, chunks).map(Self::Units),
			unit => Ok(unit),
		}
	}

	/// Adds a step to their chain of custody.
	pub fn record(&mut self, step: Step, now: Moment) {
		let load = self.load();
		Pallet::<T>::record(&mut self.holding_mut().chain, load, step, now, None);
	}

	/// Stores them. Of units, only what is carved.
	pub fn store(self) {
		match self {
			Self::Units(piece) => piece.store(),
			Self::Logistic(id, unit) => LogisticUnits::<T>::insert(id, unit),
		}
	}

	/// Refuses goods that the organisation does not have.
	pub fn ensure_custodian(&self, org: OrgId) -> Result<(), Error<T>> {
		ensure!(self.holding().custodian == org, Error::NotCustodian);
		Ok(())
	}

	/// Refuses goods that do not lie with the organisation.
	pub fn ensure_held_by(&self, org: OrgId) -> Result<(), Error<T>> {
		self.ensure_custodian(org)?;
		ensure!(self.holding().custody == Custody::Held, Error::WrongCustody);
		Ok(())
	}

	/// What is to be known of them before they are sold, sent or released.
	pub fn condition(&self) -> Result<Condition, Error<T>> {
		match self {
			Self::Units(piece) => {
				let product = Products::<T>::get(piece.batch.gtin).ok_or(Error::NotFound)?;
				let recalls = Pallet::<T>::recalls_of(piece.units.batch, &piece.batch);
				Ok(Condition {
					holds: piece.parcel.holds,
					recalled: recalls.gravest(piece.units.start, piece.last, Moment::MAX).is_some(),
					expiry: piece.batch.expiry,
					makers: [(product.owner, piece.batch.producer)].into(),
				})
			}
			Self::Logistic(_, unit) => {
				let (parcels, inner) = Pallet::<T>::contents_of(unit);
				let mut condition = Condition {
					holds: unit.holds.union(inner),
					recalled: false,
					expiry: Moment::MAX,
					makers: Vec::new(),
				};
				let mut batches = BTreeMap::new();
				for (id, last, parcel) in parcels {
					if let alloc::collections::btree_map::Entry::Vacant(vacant) = batches.entry(id) {
						let batch = Batches::<T>::get(id).ok_or(Error::NotFound)?;
						let product = Products::<T>::get(batch.gtin).ok_or(Error::NotFound)?;
						condition.expiry = condition.expiry.min(batch.expiry);
						condition.makers.push((product.owner, batch.producer));
						vacant.insert(Pallet::<T>::recalls_of(id, &batch));
					}
					condition.holds = condition.holds.union(parcel.holds);
					condition.recalled |= batches
						.get(&id)
						.is_some_and(|recalls| recalls.gravest(parcel.start, last, Moment::MAX).is_some());
				}
				Ok(condition)
			}
		}
	}
}

impl<T: Config> Pallet<T> {
	/// The parcel that a unit lies in, and its last unit.
	pub(crate) fn find_parcel(batch: BatchId, index: u32) -> Option<(u32, Parcel<TicketOf<T>>)> {
		if let Some(parcel) = Parcels::<T>::get(batch, Last(index)) {
			return Some((index, parcel));
		}
		let after = Parcels::<T>::hashed_key_for(batch, Last(index));
		let (last, parcel) = Parcels::<T>::iter_prefix_from(batch, after).next()?;
		Some((last.0, parcel)).filter(|(_, parcel)| parcel.start <= index)
	}

	/// Units that lie in one parcel, packed or not.
	pub(crate) fn locate(units: UnitRange) -> Result<Piece<T>, Error<T>> {
		let batch = Batches::<T>::get(units.batch).ok_or(Error::NotFound)?;
		let last = units.last().filter(|last| *last < batch.units).ok_or(Error::InvalidRange)?;
		let (parcel_last, parcel) = Self::find_parcel(units.batch, units.start).ok_or(Error::NotFound)?;
		ensure!(last <= parcel_last, Error::SpansParcels);
		Ok(Piece { batch, units, last, parcel, parcel_last })
	}

	/// Units that lie in one parcel and are packed nowhere.
	pub(crate) fn locate_loose(units: UnitRange) -> Result<Piece<T>, Error<T>> {
		let piece = Self::locate(units)?;
		ensure!(piece.parcel.parent.is_none(), Error::Packed);
		Ok(piece)
	}

	/// The goods that a load names.
	pub(crate) fn find(load: Load) -> Result<Goods<T>, Error<T>> {
		match load {
			Load::Units(units) => Self::locate_loose(units).map(Goods::Units),
			Load::Logistic(id) => {
				let unit = LogisticUnits::<T>::get(id).ok_or(Error::NotFound)?;
				ensure!(unit.parent.is_none(), Error::Packed);
				Ok(Goods::Logistic(id, unit))
			}
		}
	}

	/// Adds a step to a chain of custody.
	pub(crate) fn record(chain: &mut Link, load: Load, step: Step, at: Moment, via: Option<Link>) {
		let Step { kind, from, to, internal, event } = step;
		let step = CustodyStep { kind, load, from, to, internal, at, event, previous: *chain, via };
		let head = step.head();
		*chain = Link { head, block: Self::block() };
		Self::deposit_event(Event::Custody { head, step });
	}

	/// Makes units a parcel of their own.
	///
	/// Tells how many entries of status bits that took to count.
	pub(crate) fn do_split(who: AccountId, units: UnitRange) -> Result<u32, DispatchError> {
		let member = Self::operator(&who, Self::now())?;
		let goods = Self::find(Load::Units(units))?;
		goods.ensure_held_by(member.org)?;
		let mut chunks = Chunks::default();
		goods.carve(&who, &mut chunks)?.store();
		Ok(chunks.used())
	}

	/// Joins the parcel with this last unit and the next one.
	pub(crate) fn do_merge(who: AccountId, batch: BatchId, last: u32) -> DispatchResult {
		let member = Self::operator(&who, Self::now())?;
		let lower = Parcels::<T>::get(batch, Last(last)).ok_or(Error::<T>::NotFound)?;
		let next = last.checked_add(1).ok_or(Error::<T>::NotFound)?;
		let (upper_last, upper) = Self::find_parcel(batch, next).ok_or(Error::<T>::NotFound)?;
		ensure!(lower.parent.is_none() && upper.parent.is_none(), Error::<T>::Packed);
		ensure!(lower.holding.custodian == member.org, Error::<T>::NotCustodian);
		let alike = lower.holding == upper.holding && lower.holds == upper.holds && lower.counted == upper.counted;
		ensure!(alike, Error::<T>::NotMergeable);

		Parcels::<T>::remove(batch, Last(last));
		let inactive = lower.inactive.saturating_add(upper.inactive);
		Parcels::<T>::insert(batch, Last(upper_last), Parcel { start: lower.start, inactive, ..upper });
		lower.ticket.drop(&lower.by)
	}
}
