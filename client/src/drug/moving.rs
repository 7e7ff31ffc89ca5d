//! Shipping, receiving, and what may go wrong between.

use super::{
	book::Recorded,
	holder::{batch, committed_package, inside, party, Done, Holder},
	package::{self, Contents},
	units::Units,
};
use crate::{
	chain::calls::drug,
	epcis::export::{step_hash, Kind, Step},
	keys::write_private,
	Error, Result,
};
use salus_primitives::{
	drug::{Load, Readings, RemovalKind, Shipment, UnitRange},
	views::EncryptionKey,
	AccountId, Moment, OrgId, H256,
};
use serde::Serialize;
use std::path::Path;

/// What is shipped, and how.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shipping {
	/// The goods.
	pub load: Load,
	/// To whom.
	pub to: OrgId,
	/// Who drives them, if it is not the sender.
	pub carrier: Option<OrgId>,
	/// Whether they become the receiver's property.
	pub sale: bool,
	/// From when on they may be taken back.
	pub deadline: Moment,
	/// The order, delivery note or the like, for the event.
	pub transaction: Option<String>,
}

/// A shipment on the chain.
#[derive(Serialize, Clone, PartialEq, Eq, Debug)]
pub struct Shipped {
	/// Where the step is.
	#[serde(flatten)]
	pub done: Done,
	/// Hash of the sealed package.
	pub package: Option<H256>,
}

/// What came with a package.
#[derive(Serialize, Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Imported {
	/// Units that can be verified and dispensed from here now.
	pub units: usize,
	/// Units of logistics whose numbers are known now.
	pub logistics: usize,
	/// Events of what happened to them before.
	pub events: usize,
}

/// A receipt on the chain.
#[derive(Serialize, Clone, Copy, PartialEq, Eq, Debug)]
pub struct Received {
	/// Where the step is.
	#[serde(flatten)]
	pub done: Done,
	/// What came with the package, if there was one.
	pub imported: Option<Imported>,
}

impl Holder<'_> {
	/// Ships goods. With a recipient, an account of the receiver, all that the receiver needs to verify and dispense the
	/// units goes into a sealed package, which is written to a new file; the chain is told its hash.
	pub async fn ship(&self, shipping: &Shipping, package: Option<(&AccountId, &Path)>) -> Result<Shipped> {
		let Shipping { load, to, carrier, sale, deadline, transaction } = shipping.clone();
		let (step, me) = self.step(Kind::Ship, &load).await?;
		let step = Step { from: Some(me.party), to: Some(party(self.chain, to).await?), transaction, ..step };
		let event = H256(step_hash(&step)?);
		let hash = match package {
			Some((recipient, path)) => {
				let key = self.recipient(recipient, to).await?;
				let mut contents = self.contents(&load).await?;
				contents.events.push(Recorded { hash: event, step: step.clone() });
				let file = package::seal(&contents, self.chain.genesis(), recipient, &key)?;
				write_private(path, &file, false).map_err(|error| match error.kind() {
					std::io::ErrorKind::AlreadyExists => {
						Error::usage("already-exists", format!("{} exists, and is not overwritten", path.display()))
					}
					_ => Error::file(path, error),
				})?;
				Some(package::hash(&file))
			}
			None => None,
		};
		let package = hash.unwrap_or_default();
		let call = |event| drug::ship(&Shipment { load, to, carrier, sale, deadline, package, event });
		Ok(Shipped { done: self.carry_out(step, call).await?, package: hash })
	}

	async fn recipient(&self, recipient: &AccountId, org: OrgId) -> Result<EncryptionKey> {
		let member = self.chain.member(recipient).await?;
		if member.is_none_or(|member| member.org != org) {
			let message = format!("{recipient} is no member of organisation {org}, which the goods go to");
			return Err(Error::usage("not-recipient", message));
		}
		let key = self.chain.encryption_key(recipient).await?;
		key.ok_or_else(|| Error::KeyNotRegistered { account: recipient.to_string() })
	}

	/// What a receiver of a load is given.
	async fn contents(&self, load: &Load) -> Result<Contents> {
		let inside = inside(self.chain, load).await?;
		let known = self.book.logistics()?;
		let mut contents = Contents { load: *load, units: Vec::new(), logistics: Vec::new(), events: Vec::new() };
		contents.logistics.extend(inside.logistics.iter().filter_map(|unit| known.get(unit)));
		for (number, ranges) in &inside.units {
			contents.units.push(self.units_of(&batch(self.chain, *number).await?)?.part(ranges)?);
		}
		let events = self.book.events()?;
		for hash in self.events_before(&inside).await? {
			contents.events.extend(events.get(&hash).map(|step| Recorded { hash, step: step.clone() }));
		}
		Ok(contents)
	}

	/// Opens a package that is sealed for the member.
	pub fn open_package(&self, path: &Path) -> Result<Contents> {
		let file = std::fs::read(path).map_err(|error| Error::file(path, error))?;
		package::open(&file, self.chain.genesis(), &self.account(), &self.keys.encryption)
	}

	/// Checks a package against what the sender committed to, opens it, checks each unit in it against the batches on the
	/// chain, and keeps it.
	pub async fn import(&self, load: &Load, path: &Path) -> Result<Imported> {
		let file = std::fs::read(path).map_err(|error| Error::file(path, error))?;
		let (committed, found) = (committed_package(self.chain, load).await?, package::hash(&file));
		if committed != found {
			let text = |hash: H256| if hash.is_zero() { "none".to_owned() } else { format!("{hash:?}") };
			return Err(Error::PackageMismatch { committed: text(committed), found: text(found) });
		}
		let Contents { units, logistics, events, .. } =
			package::open(&file, self.chain.genesis(), &self.account(), &self.keys.encryption)?;
		let inside = inside(self.chain, load).await?;
		for (number, ranges) in &inside.units {
			let view = batch(self.chain, *number).await?;
			let part = units.iter().find(|part| part.root == view.root);
			let fits = |part: &Units| {
				let of_batch = (part.gtin, &part.lot, part.run, part.expiry, part.count);
				of_batch == (view.gtin, &view.lot, view.run, view.expiry, view.units)
					&& ranges.iter().all(|range| part.knows(range))
			};
			match part.filter(|part| fits(part)) {
				Some(part) => self.book.keep(part)?,
				None => {
					return Err(Error::Corrupted(format!(
						"the package is the one that was committed to, but lacks units of batch {number} that were shipped: \
						 refuse the shipment with `salus drug refuse`"
					)))
				}
			}
		}
		// What is said of other units of logistics, or does not have the hash that it should, is left out.
		let logistics: Vec<_> =
			logistics.into_iter().filter(|known| inside.logistics.contains(&known.unit())).collect();
		let known = self.book.events()?;
		let sound = |event: &Recorded| {
			!known.contains_key(&event.hash) && step_hash(&event.step).is_ok_and(|hash| H256(hash) == event.hash)
		};
		let events: Vec<_> = events.into_iter().filter(sound).collect();
		self.book.keep_logistics(&logistics)?;
		self.book.record(&events)?;
		let units = inside.units.values().flatten().map(|range| range.len()).sum();
		Ok(Imported { units, logistics: logistics.len(), events: events.len() })
	}

	/// Receives goods, all but the missing ones. A package is checked and kept before the chain is told.
	pub async fn receive(&self, load: &Load, missing: &[UnitRange], package: Option<&Path>) -> Result<Received> {
		let imported = match package {
			Some(path) => Some(self.import(load, path).await?),
			None => None,
		};
		let (mut step, me) = self.step(Kind::Receive, load).await?;
		let absent: u64 = missing.iter().map(|range| u64::from(range.len)).sum();
		step.quantity =
			step.quantity.and_then(|quantity| quantity.checked_sub(absent)).filter(|quantity| *quantity > 0);
		step.from = Some(party(self.chain, self.sender(load).await?).await?);
		step.to = Some(me.party);
		let done = self.carry_out(step, |event| drug::receive(load, missing, event)).await?;
		Ok(Received { done, imported })
	}

	/// Who has, or has sent, goods.
	pub async fn sender(&self, load: &Load) -> Result<OrgId> {
		match load {
			Load::Logistic(unit) => Ok(super::holder::logistic(self.chain, unit).await?.custodian),
			Load::Units(units) => {
				let parcel = self.chain.parcel(units.batch, units.start, None).await?;
				let what = || Error::not_found(format!("unit {} of batch {}", units.start, units.batch), "");
				Ok(parcel.ok_or_else(what)?.custodian)
			}
		}
	}

	/// Sends goods back instead of receiving them.
	pub async fn refuse(&self, load: &Load, deadline: Moment) -> Result<Done> {
		let (step, me) = self.step(Kind::Refuse, load).await?;
		let sender = party(self.chain, self.sender(load).await?).await?;
		let step = Step { from: Some(me.party), to: Some(sender), ..step };
		self.carry_out(step, |event| drug::refuse(load, deadline, event)).await
	}

	/// Takes back what nobody received, or what was found.
	pub async fn retract(&self, load: &Load) -> Result<Done> {
		let (step, _) = self.step(Kind::Retract, load).await?;
		self.carry_out(step, |event| drug::retract(load, event)).await
	}

	/// Sends goods back to whom they were bought from, saleable.
	pub async fn return_saleable(&self, load: &Load, deadline: Moment) -> Result<Done> {
		let source = match load {
			Load::Units(units) => {
				self.chain.parcel(units.batch, units.start, None).await?.and_then(|parcel| parcel.source)
			}
			Load::Logistic(unit) => self.source_within(*unit).await?,
		};
		let (step, me) = self.step(Kind::Return, load).await?;
		let seller = match source {
			Some(source) => Some(party(self.chain, source).await?),
			// The chain refuses it, and says why.
			None => None,
		};
		let step = Step { from: Some(me.party), to: seller, ..step };
		self.carry_out(step, |event| drug::return_saleable(load, deadline, event)).await
	}

	/// Whom the goods in a unit of logistics were bought from.
	async fn source_within(&self, unit: salus_primitives::drug::UnitId) -> Result<Option<OrgId>> {
		let inside = inside(self.chain, &Load::Logistic(unit)).await?;
		let first = inside.units.iter().find_map(|(number, ranges)| Some((*number, ranges.first()?.start)));
		match first {
			Some((number, start)) => Ok(self.chain.parcel(number, start, None).await?.and_then(|parcel| parcel.source)),
			None => Ok(None),
		}
	}

	/// Says that goods were stolen.
	pub async fn stolen(&self, load: &Load) -> Result<Done> {
		let (step, _) = self.step(Kind::Steal, load).await?;
		self.carry_out(step, |event| drug::report_stolen(load, event)).await
	}

	/// Says that goods were lost on the way.
	pub async fn lost(&self, load: &Load) -> Result<Done> {
		let (step, _) = self.step(Kind::Decommission, load).await?;
		let step = Step { reason: Some("lost".into()), ..step };
		self.carry_out(step, |event| drug::report_lost(load, event)).await
	}

	/// Takes units off the market, or destroys them.
	pub async fn remove(&self, ranges: &[UnitRange], kind: RemovalKind) -> Result<Done> {
		let first = ranges.first().ok_or_else(|| Error::usage("no-units", "no units are named"))?;
		let destroy = kind == RemovalKind::Destroyed;
		let of = if destroy { Kind::Destroy } else { Kind::Decommission };
		let (step, _) = self.step(of, &Load::Units(*first)).await?;
		let quantity = ranges.iter().map(|range| u64::from(range.len)).sum();
		let reason = (!destroy).then(|| kind.code().to_owned());
		let step = Step { quantity: Some(quantity), reason, ..step };
		self.carry_out(step, |event| match destroy {
			true => drug::destroy(ranges, event),
			false => drug::decommission_range(ranges, kind, event),
		})
		.await
	}

	/// Says that the package which came with goods is not the one that was committed to.
	pub async fn dispute(&self, load: &Load, path: &Path) -> Result<u32> {
		let file = std::fs::read(path).map_err(|error| Error::file(path, error))?;
		Ok(self.submit(&drug::dispute_package(load, package::hash(&file))).await?.block.number)
	}

	/// Reports an excursion from the storage rule.
	pub async fn excursion(&self, load: &Load, readings: &Readings, evidence: H256) -> Result<u32> {
		Ok(self.submit(&drug::log_excursion(load, readings, evidence)).await?.block.number)
	}
}
