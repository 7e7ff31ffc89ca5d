//! Goods on the move: shipping and receiving, and what goes wrong on the way.

use super::*;
use access::{BUYERS, TRADE};
use alloc::vec::Vec;
use units::{Chunks, Used};

impl<T: Config> Pallet<T> {
	/// Sends goods.
	pub(crate) fn do_ship(who: AccountId, shipment: Shipment) -> Result<Used, DispatchError> {
		let now = Self::now();
		let member = Self::operator(&who, now)?;
		let org = member.org;
		ensure!(member.org_roles.intersects(OrgRoleSet::of(&TRADE)), Error::<T>::NotAuthorized);
		let Shipment { load, to, carrier, sale, deadline, package, event } = shipment;
		ensure!(to != org, Error::<T>::NotAccredited);
		Self::accredited(to, if sale { &BUYERS } else { &TRADE[..] }, now)?;
		if let Some(carrier) = carrier {
			Self::accredited(carrier, &[OrgRole::Carrier], now)?;
		}
		Self::ensure_deadline(deadline, now)?;
		let goods = Self::find(load)?;
		goods.ensure_held_by(org)?;
		let Holding { owner, source, .. } = *goods.holding();
		ensure!(!sale || Self::one_entity(org, owner, now), Error::<T>::NotOwner);
		let condition = goods.condition()?;
		if source != Some(to) && !condition.all_made_by(to) {
			condition.ensure_saleable::<T>(now)?;
		}
		let internal = Self::one_entity(org, to, now);

		let mut chunks = Chunks::default();
		let mut goods = goods.carve(&who, &mut chunks)?;
		let used = goods.used(&chunks);
		let counted = goods.counted();
		goods.record(Step { kind: StepKind::Shipped, from: org, to, internal, event }, now);
		let holding = goods.holding_mut();
		holding.custody = Custody::InTransit { to, carrier, sale, deadline };
		holding.package = package;
		goods.store();
		if package != H256::zero() {
			Self::deposit_event(Event::PackageCommitted { load, package });
		}
		Self::take_stock(org, counted, org, now);
		Ok(used)
	}

	/// Takes goods in, without those that are missing.
	pub(crate) fn do_receive(who: AccountId, load: Load, missing: Ranges, event: H256) -> Result<Used, DispatchError> {
		let now = Self::now();
		let org = Self::operator(&who, now)?.org;
		let goods = Self::find(load)?;
		let before = goods.holding().clone();
		let (to, sale) = match before.custody {
			Custody::InTransit { to, sale, .. }
			| Custody::Returning { to, sale, .. }
			| Custody::Disputed { to, sale } => (to, sale),
			Custody::Held | Custody::Lost { .. } => return Err(Error::<T>::WrongCustody.into()),
		};
		ensure!(to == org, Error::<T>::NotAddressee);
		let missing = Self::disjoint(missing)?;
		if let Load::Units(units) = load {
			let within = |range: &UnitRange| {
				range.batch == units.batch && range.start >= units.start && range.last() <= units.last()
			};
			ensure!(missing.iter().all(within), Error::<T>::InvalidRange);
			let lacking: u64 = missing.iter().map(|range| u64::from(range.len)).sum();
			ensure!(lacking < u64::from(units.len), Error::<T>::InvalidRange);
		}

		let from = before.custodian;
		let internal = Self::one_entity(from, org, now);
		let mut chunks = Chunks::default();
		let goods = goods.carve(&who, &mut chunks)?;
		let mut used = goods.used(&chunks);
		goods.store();
		let custody = Custody::Disputed { to, sale };
		let step = Step { kind: StepKind::Missing, from, to, internal, event };
		for units in &missing {
			match load {
				Load::Units(_) => {
					let mut part = Goods::Units(Self::locate(*units)?.carve(&who, &mut chunks)?);
					part.record(step, now);
					part.holding_mut().custody = custody;
					part.store();
				}
				Load::Logistic(id) => Self::take_out(&who, id, *units, custody, step, now, &mut chunks)?,
			}
		}

		let mut chain = before.chain;
		Self::record(&mut chain, load, Step { kind: StepKind::Received, ..step }, now, None);
		let holding = Self::received(before, org, sale && !internal, chain);
		let arrived = match load {
			Load::Units(units) => gaps(units, &missing).into_iter().map(Load::Units).collect(),
			unit => Vec::from([unit]),
		};
		for load in arrived {
			let mut goods = Self::find(load)?;
			*goods.holding_mut() = holding.clone();
			let counted = goods.counted();
			goods.store();
			Self::add_stock(org, counted)?;
		}
		used.chunks = chunks.used();
		Ok(used)
	}

	/// The holding of goods that arrived, as their receiver's property or not.
	fn received(before: Holding, to: OrgId, sold: bool, chain: Link) -> Holding {
		let (returns, package) = match before.custody {
			Custody::Returning { .. } => (true, H256::zero()),
			// What was to go back to its seller, and was missed there first.
			Custody::Disputed { .. } => (before.source == Some(to), before.package),
			_ => (false, before.package),
		};
		let (owner, source) = match (sold, returns) {
			(false, _) => (before.owner, before.source),
			(true, true) => (to, None),
			(true, false) => (to, Some(before.owner)),
		};
		Holding { owner, custodian: to, source, custody: Custody::Held, package, chain }
	}

	/// Ranges in their order, none of which is empty or meets another.
	pub(crate) fn disjoint(ranges: Ranges) -> Result<Vec<UnitRange>, Error<T>> {
		let mut ranges = ranges.into_inner();
		// Batch, then start, then length.
		ranges.sort_unstable();
		ensure!(ranges.iter().all(|range| range.last().is_some()), Error::InvalidRange);
		let apart = |pair: &[UnitRange]| pair[0].batch != pair[1].batch || pair[0].last() < Some(pair[1].start);
		ensure!(ranges.windows(2).all(apart), Error::InvalidRange);
		Ok(ranges)
	}

	/// Sends goods back that were sent to the signer's organisation.
	pub(crate) fn do_refuse(who: AccountId, load: Load, deadline: Moment, event: H256) -> Result<Used, DispatchError> {
		let now = Self::now();
		let org = Self::operator(&who, now)?.org;
		Self::ensure_deadline(deadline, now)?;
		let goods = Self::find(load)?;
		let Custody::InTransit { to, .. } = goods.holding().custody else {
			return Err(Error::<T>::WrongCustody.into());
		};
		ensure!(to == org, Error::<T>::NotAddressee);
		let sender = goods.holding().custodian;
		let internal = Self::one_entity(org, sender, now);

		let mut chunks = Chunks::default();
		let mut goods = goods.carve(&who, &mut chunks)?;
		let used = goods.used(&chunks);
		goods.record(Step { kind: StepKind::Refused, from: org, to: sender, internal, event }, now);
		goods.holding_mut().custody = Custody::Returning { to: sender, sale: false, deadline };
		goods.store();
		Ok(used)
	}

	/// Takes goods back that did not arrive, or that were found.
	pub(crate) fn do_retract(who: AccountId, load: Load, event: H256) -> Result<Used, DispatchError> {
		let now = Self::now();
		let org = Self::operator(&who, now)?.org;
		let goods = Self::find(load)?;
		goods.ensure_custodian(org)?;
		let lost = match goods.holding().custody {
			Custody::Held => return Err(Error::<T>::WrongCustody.into()),
			Custody::InTransit { to, deadline, .. } | Custody::Returning { to, deadline, .. } => {
				let gone = || T::Directory::organisation(to, now).is_none_or(|standing| !standing.active);
				ensure!(deadline <= now || gone(), Error::<T>::NotOverdue);
				false
			}
			Custody::Disputed { .. } => false,
			Custody::Lost { .. } => true,
		};

		let mut chunks = Chunks::default();
		let mut goods = goods.carve(&who, &mut chunks)?;
		let used = goods.used(&chunks);
		let kind = if lost { StepKind::Found } else { StepKind::Retracted };
		goods.record(Step::at(org, kind, event), now);
		let holding = goods.holding_mut();
		holding.custody = Custody::Held;
		holding.package = H256::zero();
		if lost {
			goods.set_holds(goods.holds().with(Hold::Quarantined), org);
		}
		let counted = goods.counted();
		goods.store();
		Self::add_stock(org, counted)?;
		Ok(used)
	}

	/// Says that goods were stolen.
	pub(crate) fn do_report_stolen(who: AccountId, load: Load, event: H256) -> Result<Used, DispatchError> {
		let now = Self::now();
		let org = Self::operator(&who, now)?.org;
		let goods = Self::find(load)?;
		let Holding { owner, custodian, custody, .. } = *goods.holding();
		ensure!(org == custodian || org == owner, Error::<T>::NotCustodian);
		ensure!(custody != Custody::Lost { stolen: true }, Error::<T>::WrongCustody);

		let mut chunks = Chunks::default();
		let mut goods = goods.carve(&who, &mut chunks)?;
		let used = goods.used(&chunks);
		goods.record(Step::at(custodian, StepKind::Stolen, event), now);
		goods.holding_mut().custody = Custody::Lost { stolen: true };
		let counted = goods.counted();
		goods.store();
		if custody == Custody::Held {
			Self::take_stock(custodian, counted, org, now);
		}
		Ok(used)
	}

	/// Says that goods which did not arrive are lost.
	pub(crate) fn do_report_lost(who: AccountId, load: Load, event: H256) -> Result<Used, DispatchError> {
		let now = Self::now();
		let org = Self::operator(&who, now)?.org;
		let goods = Self::find(load)?;
		let custodian = goods.holding().custodian;
		let (to, overdue) = match goods.holding().custody {
			Custody::Held | Custody::Lost { .. } => return Err(Error::<T>::WrongCustody.into()),
			Custody::InTransit { to, deadline, .. } | Custody::Returning { to, deadline, .. } => (to, deadline <= now),
			Custody::Disputed { to, .. } => (to, true),
		};
		ensure!(org == custodian || org == to, Error::<T>::NotCustodian);
		ensure!(overdue, Error::<T>::NotOverdue);

		let mut chunks = Chunks::default();
		let mut goods = goods.carve(&who, &mut chunks)?;
		let used = goods.used(&chunks);
		goods.record(Step::at(custodian, StepKind::Lost, event), now);
		goods.holding_mut().custody = Custody::Lost { stolen: false };
		goods.store();
		Ok(used)
	}

	/// Sends goods back to whom they were bought from.
	pub(crate) fn do_return(who: AccountId, load: Load, deadline: Moment, event: H256) -> Result<Used, DispatchError> {
		let now = Self::now();
		let org = Self::operator(&who, now)?.org;
		Self::ensure_deadline(deadline, now)?;
		let goods = Self::find(load)?;
		goods.ensure_held_by(org)?;
		let Holding { owner, source, .. } = *goods.holding();
		ensure!(owner == org, Error::<T>::NotOwner);
		let seller = source.ok_or(Error::<T>::NotBought)?;
		Self::accredited(seller, &BUYERS, now)?;
		goods.condition()?.ensure_saleable::<T>(now)?;
		let internal = Self::one_entity(org, seller, now);

		let mut chunks = Chunks::default();
		let mut goods = goods.carve(&who, &mut chunks)?;
		let used = goods.used(&chunks);
		let counted = goods.counted();
		goods.record(Step { kind: StepKind::Returned, from: org, to: seller, internal, event }, now);
		let holding = goods.holding_mut();
		holding.custody = Custody::Returning { to: seller, sale: true, deadline };
		holding.package = H256::zero();
		goods.store();
		Self::take_stock(org, counted, org, now);
		Ok(used)
	}

	/// Says that the package of a shipment is another one than its sender committed to.
	pub(crate) fn do_dispute_package(who: AccountId, load: Load, found: H256) -> DispatchResult {
		let org = Self::operator(&who, Self::now())?.org;
		let goods = Self::find(load)?;
		let Holding { owner, custodian, source, custody, package, .. } = *goods.holding();
		let (by, from) = match custody {
			Custody::InTransit { to, .. } | Custody::Disputed { to, .. } => (to, custodian),
			Custody::Held if owner == custodian => (custodian, source.unwrap_or(owner)),
			Custody::Held => (custodian, owner),
			Custody::Returning { .. } | Custody::Lost { .. } => return Err(Error::<T>::WrongCustody.into()),
		};
		ensure!(by == org, Error::<T>::NotAddressee);
		ensure!(package != H256::zero() && package != found, Error::<T>::NotDisputable);
		Self::deposit_event(Event::PackageDisputed { load, from, by, committed: package, found });
		Ok(())
	}
}

/// The units of a range without those that are missing, which lie in it, in their order and apart.
fn gaps(units: UnitRange, missing: &[UnitRange]) -> Vec<UnitRange> {
	let end = units.start.saturating_add(units.len);
	let mut start = units.start;
	let mut present = Vec::new();
	for (from, next) in
		missing.iter().map(|range| (range.start, range.start.saturating_add(range.len))).chain([(end, end)])
	{
		if start < from {
			present.push(UnitRange { start, len: from - start, ..units });
		}
		start = next;
	}
	present
}
