//! The medicines' part of the story: a product that must be kept cold, from the factory to the patient.

use super::{
	stage::{self, fresh},
	unexpected, Event, Teller,
};
use crate::{
	chain::{
		calls::{self, drug},
		Chain, Included,
	},
	cli::values::show_moment,
	drug::{
		dispensing::{Judgement, Scan},
		moving::Shipping,
		scans,
		table::{cut, Run},
		tracing, Book, Holder,
	},
	epcis::{export::document_of, hash::event_hashes},
	gateway::now,
	keys::{AtRest, Keys},
	Error, Result,
};
use salus_primitives::{
	drug::{
		BatchId, Dispense, Load, ProductInput, Readings, RecallClass, RecallReason, RecallScope, ReorderInput,
		StepKind, StorageRule, UnitId, UnitRange, Verdict,
	},
	gs1::{check_digit, Date, Gtin, Lot, Sscc},
	inputs::Gln,
	time::DAY,
	MemberRole, MemberRoleSet, OrgId, OrgRole, H256,
};
use std::path::{Path, PathBuf};
use subxt_signer::sr25519::Keypair;

/// Packs in the story, in a case, and cases on a pallet.
const PACKS: u32 = 10_000;
const CASE: u32 = 100;
const PALLET: u32 = 50;
/// Between 2 and 8 °C, measured every fifteen minutes.
const FRIDGE: StorageRule = StorageRule { min: 20, max: 80, interval: 15 };
/// Packs that are not in the first case when it arrives.
const MISSING: UnitRange = UnitRange { batch: 0, start: 10, len: 3 };

/// A company of the story, in the person of one member who may do all that is done there.
struct Trader {
	name: &'static str,
	role: OrgRole,
	premises: Option<Gln>,
	admin: Keys,
	member: Keys,
	home: PathBuf,
	book: Book,
	org: OrgId,
}

impl Trader {
	fn new(name: &'static str, role: OrgRole, premises: Option<Gln>, folder: &Path) -> Result<Self> {
		let home = folder.join(role.code()).join(name);
		let book = Book::open_with(&home, &AtRest::ClearText)?;
		Ok(Self { name, role, premises, admin: fresh("admin")?, member: fresh("member")?, home, book, org: 0 })
	}

	fn on<'a>(&'a self, chain: &'a Chain) -> Holder<'a> {
		Holder { chain, keys: &self.member, book: &self.book }
	}
}

/// Everybody, on one chain.
struct Cast<'a> {
	chain: &'a Chain,
	regulator: Trader,
	maker: Trader,
	wholesaler: Trader,
	courier: Trader,
	pharmacy: Trader,
	other: Trader,
	gtin: Gtin,
	batch: BatchId,
	lot: Lot,
	expiry: Date,
}

/// Tells it.
pub(super) async fn tell(
	chain: &Chain,
	council: &[Keypair],
	payer: &Keypair,
	folder: &Path,
	teller: &mut Teller<impl FnMut(&Event)>,
) -> Result<()> {
	let mut cast = cast(chain, council, payer, folder, teller).await?;
	let cases = make(&mut cast, teller).await?;
	sell(&cast, &cases, teller).await?;
	dispense(&cast, teller).await?;
	excursion(&cast, cases[1], teller).await?;
	recall(&cast, teller).await?;
	trace(&cast, teller).await
}

/// Admits everybody and registers the product.
async fn cast<'a>(
	chain: &'a Chain,
	council: &[Keypair],
	payer: &Keypair,
	folder: &Path,
	teller: &mut Teller<impl FnMut(&Event)>,
) -> Result<Cast<'a>> {
	let trader = |name, role, premises| Trader::new(name, role, premises, folder);
	let mut cast = Cast {
		chain,
		regulator: trader("Medicines Agency", OrgRole::Regulator, None)?,
		maker: trader("Acme Pharma", OrgRole::Manufacturer, Some(*b"9506000140001"))?,
		wholesaler: trader("Northern Wholesale", OrgRole::Distributor, Some(*b"9506000140018"))?,
		courier: trader("Cold Couriers", OrgRole::Carrier, None)?,
		pharmacy: trader("High Street Pharmacy", OrgRole::Dispenser, Some(*b"9506000140025"))?,
		other: trader("Station Pharmacy", OrgRole::Dispenser, Some(*b"9506000140032"))?,
		gtin: random_gtin()?,
		batch: 0,
		lot: Lot::try_from(b"COLD-1".to_vec()).map_err(|_| unexpected("the lot is too long"))?,
		expiry: Date::new(2030, 6, 30).ok_or_else(|| unexpected("there is no such day"))?,
	};
	let everyone = |cast: &Cast<'_>| -> Vec<Keys> {
		let traders = [&cast.regulator, &cast.maker, &cast.wholesaler, &cast.courier, &cast.pharmacy, &cast.other];
		traders.iter().flat_map(|trader| [trader.admin.clone(), trader.member.clone()]).collect()
	};
	let people = everyone(&cast);
	stage::endow(chain, payer, &people.iter().collect::<Vec<_>>()).await?;

	let mut traders = [
		&mut cast.regulator,
		&mut cast.maker,
		&mut cast.wholesaler,
		&mut cast.courier,
		&mut cast.pharmacy,
		&mut cast.other,
	];
	let candidates: Vec<_> = traders.iter().map(|trader| (trader.name, trader.role, &trader.admin)).collect();
	let (orgs, block) = stage::admit(chain, council, &candidates).await?;
	let names: Vec<_> = traders.iter().map(|trader| trader.name).collect();
	teller.step(format!("The council admits {}, in one motion", names.join(", ")), Some(block), None);
	let roles = MemberRoleSet::of(&[MemberRole::Logistics, MemberRole::Quality, MemberRole::Pharmacist]);
	for (trader, org) in traders.iter_mut().zip(orgs) {
		trader.org = org;
		let call = calls::add_member(org, &trader.member.account(), roles, trader.premises, None);
		chain.submit(&trader.admin.signer, &call).await?;
	}
	stage::register_keys(chain, &[&cast.wholesaler.member, &cast.pharmacy.member]).await?;

	let product = ProductInput { gtin: cast.gtin, owner: cast.maker.org, storage: Some(FRIDGE), device: false };
	let included = chain.submit(&cast.regulator.member.signer, &drug::register_product(&product)).await?;
	let what = format!("{} registers {} of {}, kept at 2 to 8 °C", cast.regulator.name, cast.gtin, cast.maker.name);
	teller.step(what, Some(included.block.number), None);
	Ok(cast)
}

/// Commissions and packs. Returns the cases of the first pallet, and the pallet they are on is shipped.
async fn make(cast: &mut Cast<'_>, teller: &mut Teller<impl FnMut(&Event)>) -> Result<Vec<UnitId>> {
	let maker = cast.maker.on(cast.chain);
	let serials = (0..PACKS).map(|number| format!("{:012X}", number as u64 * 0x9E37_79B9 + 0x5A1)).collect();
	let run = Run { gtin: cast.gtin, lot: cast.lot.clone(), expiry: cast.expiry, serials };
	let commissioned = maker.commission(&run, H256(rand::random()), || ()).await?;
	cast.batch = commissioned.batch;
	teller.story.medicines.packs = commissioned.units;
	let what = format!(
		"{} commissions {PACKS} packs, each with a secret of its own, in one write (batch {})",
		cast.maker.name, cast.batch
	);
	teller.step(what, Some(commissioned.block), None);

	let plan = cut(PACKS, CASE, Some(PALLET), sscc(0)?)?;
	let packed = maker.pack_plan(cast.batch, &plan, |_| ()).await?;
	let (cases, pallets) = packed.units.split_at((PACKS / CASE) as usize);
	let what = format!("{} packs {} cases and {} pallets", cast.maker.name, cases.len(), pallets.len());
	teller.step(what, packed.blocks.last().copied(), None);

	let pallet = pallets.first().ok_or_else(|| unexpected("nothing was packed"))?.1;
	let load = Load::Logistic(pallet);
	hand_over(cast, &cast.maker, &cast.wholesaler, load, &[], "A pallet of 5,000 packs", teller).await?;
	let block = cast.wholesaler.on(cast.chain).unpack(pallet).await?.block;
	teller.step(format!("{} unpacks the pallet: {PALLET} cases", cast.wholesaler.name), Some(block), None);
	Ok(cases.iter().take(PALLET as usize).map(|(_, unit)| *unit).collect())
}

/// Goods go from one to the other, with all that the receiver needs to know of the packs in a sealed package.
async fn hand_over(
	cast: &Cast<'_>,
	from: &Trader,
	to: &Trader,
	load: Load,
	missing: &[UnitRange],
	what: &str,
	teller: &mut Teller<impl FnMut(&Event)>,
) -> Result<()> {
	let package = ship(cast, from, to, load, what, teller).await?;
	let received = to.on(cast.chain).receive(&load, missing, Some(&package)).await?;
	let imported = received.imported.ok_or_else(|| unexpected("the package was not read"))?;
	let lacking: u32 = missing.iter().map(|range| range.len).sum();
	let lacking = if lacking > 0 { format!(", {lacking} packs are missing") } else { String::new() };
	let what = format!(
		"{} receives it{lacking}; the package is the one on the chain, and each of {} proofs holds",
		to.name, imported.units
	);
	teller.step(what, Some(received.done.block), None);
	Ok(())
}

async fn ship(
	cast: &Cast<'_>,
	from: &Trader,
	to: &Trader,
	load: Load,
	what: &str,
	teller: &mut Teller<impl FnMut(&Event)>,
) -> Result<PathBuf> {
	let package = from.home.join(format!("package-{}", hex::encode(rand::random::<[u8; 8]>())));
	let shipping = Shipping {
		load,
		to: to.org,
		carrier: Some(cast.courier.org),
		sale: true,
		deadline: now() + 7 * DAY,
		transaction: None,
	};
	let shipped = from.on(cast.chain).ship(&shipping, Some((&to.member.account(), &package))).await?;
	let what = format!("{what} is sold by {} to {}, driven by {}", from.name, to.name, cast.courier.name);
	teller.step(what, Some(shipped.done.block), None);
	Ok(package)
}

/// A case with three missing packs goes to the pharmacy, which orders when it runs low.
async fn sell(cast: &Cast<'_>, cases: &[UnitId], teller: &mut Teller<impl FnMut(&Event)>) -> Result<()> {
	let missing = UnitRange { batch: cast.batch, ..MISSING };
	let load = Load::Logistic(cases[0]);
	hand_over(cast, &cast.wholesaler, &cast.pharmacy, load, &[missing], "A case of 100 packs", teller).await?;
	let block = cast.wholesaler.on(cast.chain).retract(&Load::Units(missing)).await?.block;
	teller.step(format!("{} finds the three and takes them back", cast.wholesaler.name), Some(block), None);
	cast.pharmacy.on(cast.chain).unpack(cases[0]).await?;
	let rule = ReorderInput { minimum: 95, quantity: CASE, supplier: cast.wholesaler.org };
	let call = drug::set_reorder_rule(cast.gtin, Some(&rule));
	let block = cast.chain.submit(&cast.pharmacy.member.signer, &call).await?.block.number;
	let what = format!("{} has 97 packs, and orders when there are fewer than 95", cast.pharmacy.name);
	teller.step(what, Some(block), None);
	Ok(())
}

/// Patients are given packs; a clone at another pharmacy and a second time are found out.
async fn dispense(cast: &Cast<'_>, teller: &mut Teller<impl FnMut(&Event)>) -> Result<()> {
	let scan = cast.scan(0)?;
	let verified = scans::verify(cast.chain, &cast.pharmacy.book, &scan, None).await?;
	expect(verified.verdict, Verdict::Genuine)?;
	let holder = verified.custodian_name.map(|name| String::from_utf8_lossy(&name).into_owned());
	let what = format!("A patient scans a pack: it is with {}", holder.unwrap_or_default());
	teller.step(what, None, Some(Verdict::Genuine.code()));

	let outcomes = cast.hands_out(0..3).await?;
	let block = dispensed(&outcomes)?;
	teller.story.medicines.dispensed += outcomes.len() as u32;
	teller.step(format!("{} dispenses three packs", cast.pharmacy.name), Some(block), None);
	let orders = cast.chain.orders(cast.wholesaler.org).await?;
	let [order] = orders.as_slice() else {
		return Err(unexpected(format!("{} orders were made instead of one", orders.len())));
	};
	let what = format!("94 are left, so one order for {} packs is with {}", order.quantity, cast.wholesaler.name);
	teller.step(what, Some(block), None);

	// The cloner knows all that is printed on the pack, and asked the manufacturer for the proof as a patient would.
	let batch = crate::drug::holder::batch(cast.chain, cast.batch).await?;
	let proof = |index| cast.maker.on(cast.chain).units_of(&batch)?.proof(index);
	for (index, expected, what) in [
		(0, Verdict::AlreadyDispensed, "tries to dispense a clone of a dispensed pack"),
		(20, Verdict::Genuine, "tries to dispense a clone of a pack that it does not have"),
	] {
		let call = drug::dispense(&Dispense { batch: cast.batch, unit: proof(index)?, at: None });
		let included = cast.chain.submit(&cast.other.member.signer, &call).await?;
		let verdict = alert_of(&included)?;
		expect(verdict, expected)?;
		teller.story.medicines.alerts += 1;
		let what = format!("{} {what}: an alert, and nothing changes", cast.other.name);
		teller.step(what, Some(included.block.number), Some(verdict.code()));
	}
	Ok(())
}

/// The courier's logger says that a case was too warm.
async fn excursion(cast: &Cast<'_>, case: UnitId, teller: &mut Teller<impl FnMut(&Event)>) -> Result<()> {
	let load = Load::Logistic(case);
	let package = ship(cast, &cast.wholesaler, &cast.pharmacy, load, "The case that was ordered", teller).await?;
	let readings = Readings { min: 31, max: 114, minutes: 45, longest_gap: 15 };
	let block = cast.courier.on(cast.chain).excursion(&load, &readings, H256(rand::random())).await?;
	let what = format!("{} reports 45 minutes above 8 °C, up to 11.4 °C: a hold is on the case", cast.courier.name);
	teller.step(what, Some(block), None);

	let pharmacy = cast.pharmacy.on(cast.chain);
	pharmacy.receive(&load, &[], Some(&package)).await?;
	pharmacy.unpack(case).await?;
	let order = cast.chain.orders(cast.wholesaler.org).await?.first().map(|order| order.id);
	let order = order.ok_or_else(|| unexpected("the order is gone"))?;
	let call = drug::fulfil_order(cast.wholesaler.org, order);
	cast.chain.submit(&cast.pharmacy.member.signer, &call).await?;
	let warm = CASE..CASE + 1;
	let (verdict, block) = alert(&cast.hands_out(warm.clone()).await?)?;
	expect(verdict, Verdict::Quarantined)?;
	teller.story.medicines.alerts += 1;
	let what = format!("{} receives it, and cannot dispense from it", cast.pharmacy.name);
	teller.step(what, Some(block), Some(verdict.code()));

	let call = drug::release_excursion(
		&Load::Units(UnitRange { batch: cast.batch, start: CASE, len: CASE }),
		H256(rand::random()),
	);
	let block = cast.chain.submit(&cast.maker.member.signer, &call).await?.block.number;
	teller.step(format!("{}'s quality unit assesses the readings and releases it", cast.maker.name), Some(block), None);
	let outcomes = cast.hands_out(warm).await?;
	let block = dispensed(&outcomes)?;
	teller.story.medicines.dispensed += outcomes.len() as u32;
	teller.step(format!("{} dispenses a pack from it", cast.pharmacy.name), Some(block), None);
	Ok(())
}

/// A recall of class I stops every pack, wherever it is.
async fn recall(cast: &Cast<'_>, teller: &mut Teller<impl FnMut(&Event)>) -> Result<()> {
	let call = drug::recall(&RecallScope::Batch(cast.batch), RecallClass::I, RecallReason::Contamination);
	let block = cast.chain.submit(&cast.maker.member.signer, &call).await?.block.number;
	teller.step(format!("{} recalls the batch, class I: one write", cast.maker.name), Some(block), None);
	let (verdict, block) = alert(&cast.hands_out(50..51).await?)?;
	expect(verdict, Verdict::Recalled)?;
	teller.story.medicines.alerts += 1;
	let what = format!("{} cannot dispense any more", cast.pharmacy.name);
	teller.step(what, Some(block), Some(verdict.code()));
	let rest = UnitRange { batch: cast.batch, start: 13, len: CASE - 13 };
	let call = drug::acknowledge_recall(rest);
	let block = cast.chain.submit(&cast.pharmacy.member.signer, &call).await?.block.number;
	let what = format!("{} acknowledges, and sets {} packs apart", cast.pharmacy.name, rest.len);
	teller.step(what, Some(block), None);

	let parcels = cast.chain.parcels(cast.batch).await?;
	for trader in [&cast.maker, &cast.wholesaler, &cast.pharmacy] {
		let held = parcels.iter().filter(|parcel| parcel.custodian == trader.org);
		let (units, gone) =
			held.fold((0, 0), |(units, gone), parcel| (units + parcel.units.len, gone + parcel.inactive));
		teller.story.medicines.recalled += units - gone;
		teller.step(format!("  {} has {} packs, {gone} were dispensed there", trader.name, units - gone), None, None);
	}
	match teller.story.medicines.recalled + teller.story.medicines.dispensed == PACKS {
		true => Ok(()),
		false => Err(unexpected("the recall does not find every pack")),
	}
}

/// The way of a pack, read back from the chain and told as EPCIS events.
async fn trace(cast: &Cast<'_>, teller: &mut Teller<impl FnMut(&Event)>) -> Result<()> {
	let traced = tracing::trace(cast.chain, &cast.pharmacy.book, cast.batch, 0).await?;
	if !traced.whole {
		return Err(unexpected("something of the chain of custody is left out"));
	}
	let what = format!("The way of the patient's pack, {} steps, nothing left out:", traced.trace.len());
	teller.step(what, None, None);
	for found in traced.trace.iter().rev() {
		let name = |org| traced.names.get(&org).cloned().unwrap_or_default();
		let step = &found.step;
		let who = match step.kind {
			StepKind::Received => format!("{} from {}", name(step.to), name(step.from)),
			_ if step.from == step.to => name(step.from),
			_ => format!("{} to {}", name(step.from), name(step.to)),
		};
		let what = format!("  {} {} by {who}", show_moment(step.at), step.kind);
		teller.step(what, Some(found.block), None);
	}
	let known: Vec<_> = traced.steps.into_iter().filter(|step| step.event_hash.is_some()).collect();
	let hashes = event_hashes(&document_of(&known)?)?;
	let same = hashes.iter().zip(&known).all(|(hash, step)| {
		step.event_hash.as_ref().is_some_and(|known| *known == format!("0x{}", hex::encode(hash.digest)))
	});
	if !same || known.is_empty() {
		return Err(unexpected("an exported event is not the one on the chain"));
	}
	let what = format!("{} of them are EPCIS 2.0 events whose hashes are those on the chain", known.len());
	teller.step(what, None, None);
	Ok(())
}

impl Cast<'_> {
	/// What a scanner reads off a pack.
	fn scan(&self, index: u32) -> Result<String> {
		let units = self.maker.book.product(self.gtin)?;
		let serial = units.first().and_then(|units| units.serial(index)).ok_or_else(|| unexpected("no such pack"))?;
		Ok(format!(
			"(01){}(17){}(10){}(21){}",
			self.gtin,
			self.expiry.to_yymmdd(),
			String::from_utf8_lossy(&self.lot),
			String::from_utf8_lossy(serial)
		))
	}

	/// The pharmacy dispenses packs.
	async fn hands_out(&self, units: std::ops::Range<u32>) -> Result<Vec<Judgement>> {
		let mut packs = Vec::new();
		for (line, index) in (1..).zip(units) {
			packs.push(Scan { line, text: Ok(self.scan(index)?), at: None });
		}
		let outcomes = self.pharmacy.on(self.chain).dispense(&packs, |_| ()).await?;
		Ok(outcomes.into_iter().map(|outcome| outcome.judgement).collect())
	}
}

/// The block that dispensed them all.
fn dispensed(judgements: &[Judgement]) -> Result<u32> {
	judgements.iter().try_fold(0, |last, judgement| match judgement {
		Judgement::Dispensed { block } => Ok(last.max(*block)),
		other => Err(unexpected(format!("a pack was not dispensed: {other:?}"))),
	})
}

/// What the chain said against the one pack.
fn alert(judgements: &[Judgement]) -> Result<(Verdict, u32)> {
	match judgements {
		[Judgement::Alert { verdict, block }] => Ok((*verdict, *block)),
		other => Err(unexpected(format!("no alert was raised: {other:?}"))),
	}
}

fn alert_of(included: &Included) -> Result<Verdict> {
	let alert = included.event("DrugProvenance", "Alert").ok_or_else(|| unexpected("no alert was raised"))?;
	let (_, _, verdict) = alert.decode::<(BatchId, u32, Verdict)>()?;
	Ok(verdict)
}

fn expect(found: Verdict, expected: Verdict) -> Result<()> {
	match found == expected {
		true => Ok(()),
		false => Err(unexpected(format!("a pack is {found}, not {expected}"))),
	}
}

/// A product number under GS1's prefix for examples, so that the story can be told again on the same chain.
fn random_gtin() -> Result<Gtin> {
	let digits = format!("0950600{:06}", rand::random::<u32>() % 1_000_000);
	number(&digits)?.parse().map_err(Error::Gs1)
}

/// A number of a unit of logistics under the same prefix.
fn sscc(number_of: u32) -> Result<Sscc> {
	number(&format!("09506000{number_of:09}"))?.parse().map_err(Error::Gs1)
}

/// Digits with their check digit.
fn number(digits: &str) -> Result<String> {
	let check = check_digit(digits.as_bytes()).ok_or_else(|| unexpected("these are no digits"))?;
	Ok(format!("{digits}{}", char::from(check)))
}
