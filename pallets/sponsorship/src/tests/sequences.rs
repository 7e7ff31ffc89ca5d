//! Random sequences of calls, fees and deposits against a reference model that is written without storage or events.
//!
//! `SALUS_PROPTEST_CASES` sets how many sequences are tried.

use crate::{mock::*, Sponsors};
use frame_support::traits::{Consideration, Footprint};
use proptest::{collection::vec, option, prelude::*};
use salus_primitives::{
	inputs::SponsorTerms,
	time::{DAY, HOUR},
	views::{SponsorView, SponsorshipView},
	AccountId, Moment, OrgId,
};
use std::collections::BTreeMap;

/// Organisations; organisation `n` begins with account `n` as its administrator.
const ORGS: OrgId = 3;
/// Accounts that administer: those below.
const ADMINS: u8 = 4;
/// Patients: some without a balance, and the last two with one.
const PEOPLE: [u8; 5] = [100, 101, 102, 8, 9];
/// Tickets that are kept at a time.
const SLOTS: usize = 4;

/// What kind of call.
#[derive(Clone, Copy, Debug)]
enum Kind {
	Ordinary,
	Sponsorable,
	Right,
	SponsorableRight,
	Wrapped,
}

#[derive(Clone, Debug)]
enum Step {
	SetTerms { by: u8, org: OrgId, terms: Option<(u128, u128)> },
	Enrol { by: u8, org: OrgId, who: u8 },
	Dismiss { by: u8, org: OrgId, who: u8 },
	Leave(u8),
	Active(OrgId, bool),
	Admin { org: OrgId, who: u8, is: bool },
	Fund { who: u8, amount: u128 },
	Pay { who: u8, kind: Kind, fee: u128, used: u128, tip: u128 },
	Store { who: u8, slot: usize, price: u128 },
	Free { slot: usize },
	Wait { hours: u64 },
}

fn step() -> impl Strategy<Value = Step> {
	use Step::*;
	let (org, by) = (0..ORGS, 0..ADMINS);
	let who = proptest::sample::select(&PEOPLE[..]);
	let kind = proptest::sample::select(
		&[Kind::Ordinary, Kind::Sponsorable, Kind::Sponsorable, Kind::Right, Kind::SponsorableRight, Kind::Wrapped][..],
	);
	let enrolment = (by.clone(), org.clone(), who.clone());
	prop_oneof![
		2 => (by.clone(), org.clone(), option::weighted(0.8, (0..120u128, 0..200u128)))
			.prop_map(|(by, org, terms)| SetTerms { by, org, terms }),
		5 => enrolment.clone().prop_map(|(by, org, who)| Enrol { by, org, who }),
		2 => enrolment.prop_map(|(by, org, who)| Dismiss { by, org, who }),
		1 => who.clone().prop_map(Leave),
		2 => (org.clone(), proptest::bool::weighted(0.7)).prop_map(|(org, active)| Active(org, active)),
		2 => (org, by.clone(), proptest::bool::weighted(0.7)).prop_map(|(org, who, is)| Admin { org, who, is }),
		1 => (by, 0..200u128).prop_map(|(who, more)| Fund { who, amount: ED + more }),
		12 => (who.clone(), kind, 0..80u128, 0..80u128, prop_oneof![4 => Just(0u128), 1 => 1..10u128])
			.prop_map(|(who, kind, fee, used, tip)| Pay { who, kind, fee, used: used.min(fee), tip }),
		5 => (who, 0..SLOTS, 10..90u128).prop_map(|(who, slot, price)| Store { who, slot, price }),
		2 => (0..SLOTS).prop_map(|slot| Free { slot }),
		3 => (0..20u64).prop_map(|hours| Wait { hours }),
	]
}

/// Fees by day: the model remembers every day.
type Spent = BTreeMap<u64, u128>;

#[derive(Default)]
struct Org {
	active: bool,
	admins: Vec<u8>,
	offer: Option<(u8, u128, u128)>,
	spent: Spent,
}

#[derive(Default)]
struct Person {
	/// Who enrolled the account last, and whether it is enrolled still.
	enrolled: Option<(OrgId, bool)>,
	spent: Spent,
	waived: BTreeMap<u64, u32>,
}

struct Kept {
	who: u8,
	price: u128,
	own: bool,
}

/// What the chain should hold, and what it should answer.
struct Model {
	now: Moment,
	orgs: Vec<Org>,
	people: BTreeMap<u8, Person>,
	free: BTreeMap<u8, u128>,
	collected: u128,
	kept: [Option<Kept>; SLOTS],
}

/// Who paid.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Paid {
	Sponsor(OrgId),
	Nobody,
	Sender,
}

impl Model {
	fn new() -> Self {
		let org = |org| Org { active: true, admins: vec![org as u8], ..Default::default() };
		let free = (0..ADMINS).chain(PEOPLE).map(|who| (who, if who < 10 { 400 } else { 0 })).collect();
		Self {
			now: NOW,
			orgs: (0..ORGS).map(org).collect(),
			people: PEOPLE.into_iter().map(|who| (who, Person::default())).collect(),
			free,
			collected: 0,
			kept: Default::default(),
		}
	}

	fn today(&self) -> u64 {
		self.now / DAY
	}

	fn is_admin(&self, by: u8, org: OrgId) -> bool {
		self.orgs[org as usize].admins.contains(&by)
	}

	fn offer(&self, org: OrgId) -> Option<(u8, u128, u128)> {
		let offer = self.orgs[org as usize].offer?;
		(self.orgs[org as usize].active && self.is_admin(offer.0, org)).then_some(offer)
	}

	fn sponsor(&self, who: u8) -> Option<OrgId> {
		self.people[&who].enrolled.and_then(|(org, still)| still.then_some(org))
	}

	fn known_to(&self, org: OrgId) -> u32 {
		self.people.values().filter(|person| person.enrolled.is_some_and(|(by, _)| by == org)).count() as u32
	}

	fn left(&self, who: u8) -> u128 {
		let Some(org) = self.sponsor(who) else { return 0 };
		let Some((_, per_account, per_day)) = self.offer(org) else { return 0 };
		let spent = |spent: &Spent| spent.get(&self.today()).copied().unwrap_or(0);
		let of_account = per_account.saturating_sub(spent(&self.people[&who].spent));
		of_account.min(per_day.saturating_sub(spent(&self.orgs[org as usize].spent)))
	}

	fn waivers_left(&self, who: u8) -> u32 {
		WAIVERS - self.people[&who].waived.get(&self.today()).copied().unwrap_or(0)
	}

	fn stored(&self, who: u8) -> u128 {
		self.kept.iter().flatten().filter(|kept| kept.who == who && !kept.own).map(|kept| kept.price).sum()
	}

	fn can_pay(&self, who: u8, amount: u128) -> bool {
		amount == 0 || self.free[&who] >= amount + ED
	}

	fn take_from(&mut self, who: u8, amount: u128) {
		*self.free.get_mut(&who).expect("known") -= amount;
	}

	fn give_to(&mut self, who: u8, amount: u128) {
		*self.free.get_mut(&who).expect("known") += amount;
	}

	/// Who is to pay; `None` if nobody can.
	fn payer(&self, who: u8, kind: Kind, fee: u128, tip: u128) -> Option<Paid> {
		if tip == 0 && fee > 0 {
			let sponsored = matches!(kind, Kind::Sponsorable | Kind::SponsorableRight) && fee <= self.left(who);
			if let (true, Some(org)) = (sponsored, self.sponsor(who)) {
				let (payer, ..) = self.offer(org).expect("something is left");
				if self.can_pay(payer, fee) {
					return Some(Paid::Sponsor(org));
				}
			}
			// All but the last of the people are patients.
			let acts = who != 9;
			if matches!(kind, Kind::Right | Kind::SponsorableRight) && acts && self.waivers_left(who) > 0 {
				return Some(Paid::Nobody);
			}
		}
		self.can_pay(who, fee + tip).then_some(Paid::Sender)
	}

	/// Takes a step, or returns `None` if the chain should refuse it.
	fn take(&mut self, step: &Step) -> Option<()> {
		let today = self.today();
		match *step {
			Step::SetTerms { by, org, terms } => {
				let may = self.is_admin(by, org);
				let org = &mut self.orgs[org as usize];
				(may && if terms.is_some() { org.active } else { org.offer.is_some() })
					.then(|| org.offer = terms.map(|(per_account, per_day)| (by, per_account, per_day)))
			}
			Step::Enrol { by, org, who } => {
				let may = self.is_admin(by, org) && self.offer(org).is_some();
				let free = self.sponsor(who).is_none_or(|by| self.offer(by).is_none());
				let known = self.people[&who].enrolled.is_some_and(|(by, _)| by == org);
				(may && free && (known || self.known_to(org) < MAX_ENROLLED))
					.then(|| self.people.get_mut(&who).expect("known").enrolled = Some((org, true)))
			}
			Step::Dismiss { by, org, who } => (self.is_admin(by, org) && self.sponsor(who) == Some(org))
				.then(|| self.people.get_mut(&who).expect("known").enrolled = Some((org, false))),
			Step::Leave(who) => {
				let org = self.sponsor(who)?;
				self.people.get_mut(&who).expect("known").enrolled = Some((org, false));
				Some(())
			}
			Step::Active(org, active) => {
				self.orgs[org as usize].active = active;
				Some(())
			}
			Step::Admin { org, who, is } => {
				let admins = &mut self.orgs[org as usize].admins;
				admins.retain(|admin| *admin != who);
				admins.extend(is.then_some(who));
				Some(())
			}
			Step::Fund { who, amount } => self.free.insert(who, amount).map(|_| ()),
			Step::Pay { who, kind, fee, used, tip } => {
				let paid = match self.payer(who, kind, fee, tip)? {
					Paid::Sponsor(org) => {
						*self.people.get_mut(&who).expect("known").spent.entry(today).or_default() += used;
						*self.orgs[org as usize].spent.entry(today).or_default() += used;
						self.offer(org).expect("it pays").0
					}
					Paid::Nobody => {
						*self.people.get_mut(&who).expect("known").waived.entry(today).or_default() += 1;
						return Some(());
					}
					Paid::Sender => who,
				};
				self.take_from(paid, used + tip);
				self.collected += used + tip;
				Some(())
			}
			Step::Store { who, slot, price } => {
				let granted = self.sponsor(who).is_some_and(|org| self.offer(org).is_some());
				let before = self.kept[slot].as_ref().map(|kept| (kept.who, kept.price, kept.own));
				let fits = |more: u128| granted && self.stored(who) + more <= STORAGE;
				let own = match before {
					// The slot is another's.
					Some((other, ..)) if other != who => return None,
					Some((_, was, true)) => {
						(price <= was || self.can_pay(who, price - was)).then_some(())?;
						self.give_to(who, was);
						self.take_from(who, price);
						true
					}
					Some((_, was, false)) if price <= was || fits(price - was) => false,
					None if fits(price) => false,
					_ => {
						self.can_pay(who, price).then_some(())?;
						self.take_from(who, price);
						true
					}
				};
				self.kept[slot] = Some(Kept { who, price, own });
				Some(())
			}
			Step::Free { slot } => {
				let kept = self.kept[slot].take()?;
				if kept.own {
					self.give_to(kept.who, kept.price);
				}
				Some(())
			}
			Step::Wait { hours } => {
				self.now += hours * HOUR;
				Some(())
			}
		}
	}

	/// Compares everything that can be asked of the chain.
	fn compare(&self) {
		let today = self.today();
		for (id, org) in self.orgs.iter().enumerate() {
			let view = org.offer.map(|(payer, per_account, per_day)| SponsorView {
				org: id as OrgId,
				payer: account(payer),
				terms: SponsorTerms { per_account, per_day },
				spent_today: org.spent.get(&today).copied().unwrap_or(0),
				enrolled: self.known_to(id as OrgId),
			});
			assert_eq!(Sponsorship::sponsor_view(id as OrgId), view);
			let enrolled = Sponsors::<Test>::get(id as OrgId).map_or(0, |sponsor| sponsor.enrolled);
			assert_eq!(enrolled, self.known_to(id as OrgId));
		}
		for (who, person) in &self.people {
			let sponsor = self.sponsor(*who);
			let view = SponsorshipView {
				sponsor,
				left_today: self.left(*who),
				storage: self.stored(*who),
				storage_limit: if sponsor.is_some_and(|org| self.offer(org).is_some()) { STORAGE } else { 0 },
				waivers_left: self.waivers_left(*who),
			};
			assert_eq!(Sponsorship::sponsorship_view(account(*who)), view, "account {who}");
			assert_eq!(System::sufficients(&account(*who)), u32::from(person.enrolled.is_some()));
		}
		for (who, amount) in &self.free {
			assert_eq!(free(&account(*who)), *amount, "account {who}");
		}
		assert_eq!(free(&FeePot::get()), ENDOWMENT + self.collected);
	}
}

/// What is stored on behalf of accounts, as another pallet would keep it.
type Tickets = [Option<(AccountId, Ticket)>; SLOTS];

/// Takes the step on the chain, and says whether it was taken.
fn dispatch(step: &Step, now: Moment, tickets: &mut Tickets) -> bool {
	let by_number = |number: u8| signed(&account(number));
	match *step {
		Step::SetTerms { by, org, terms } => {
			let terms = terms.map(|(per_account, per_day)| SponsorTerms { per_account, per_day });
			Sponsorship::set_terms(by_number(by), org, terms).is_ok()
		}
		Step::Enrol { by, org, who } => Sponsorship::enrol(by_number(by), org, account(who)).is_ok(),
		Step::Dismiss { by, org, who } => Sponsorship::dismiss(by_number(by), org, account(who)).is_ok(),
		Step::Leave(who) => Sponsorship::leave(by_number(who)).is_ok(),
		Step::Active(org, active) => {
			set_active(org, active);
			true
		}
		Step::Admin { org, who, is } => {
			if is {
				add_admin(org, &account(who))
			} else {
				remove_admin(org, &account(who))
			}
			true
		}
		Step::Fund { who, amount } => Balances::force_set_balance(RuntimeOrigin::root(), account(who), amount).is_ok(),
		Step::Pay { who, kind, fee, used: part, tip } => {
			let call = match kind {
				Kind::Ordinary => ordinary(),
				Kind::Sponsorable => sponsorable(),
				Kind::Right => right(),
				Kind::SponsorableRight => sponsorable_right(),
				Kind::Wrapped => pallet_utility::Call::batch { calls: vec![sponsorable_right()] }.into(),
			};
			pay_part(&account(who), &call, fee, tip, used(part)).is_ok()
		}
		Step::Store { who, slot, price } => {
			let (who, footprint) = (account(who), Footprint::from_parts(1, price as usize - 10));
			let ticket = match tickets[slot].clone() {
				Some((other, _)) if other != who => return false,
				Some((_, ticket)) => ticket.update(&who, footprint),
				None => Ticket::new(&who, footprint),
			};
			ticket.map(|ticket| tickets[slot] = Some((who, ticket))).is_ok()
		}
		Step::Free { slot } => tickets[slot].take().is_some_and(|(who, ticket)| ticket.drop(&who).is_ok()),
		Step::Wait { hours } => {
			set_time(now + hours * HOUR);
			true
		}
	}
}

fn cases() -> u32 {
	std::env::var("SALUS_PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(1_000)
}

proptest! {
	#![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

	#[test]
	fn the_pallet_does_what_the_model_does(steps in vec(step(), 50..80)) {
		new_test_ext().execute_with(|| {
			let mut model = Model::new();
			let mut tickets = Tickets::default();
			for org in 0..ORGS {
				admit(org, &admin(org));
			}
			PEOPLE.into_iter().filter(|who| *who != 9).for_each(|who| act(&account(who)));
			for who in (0..ADMINS).chain([8, 9]) {
				Balances::force_set_balance(RuntimeOrigin::root(), account(who), 400).expect("root may");
			}
			// A sponsor with a patient to begin with, so that few sequences are spent on nothing.
			let start = [
				Step::SetTerms { by: 0, org: 0, terms: Some((100, 150)) },
				Step::Enrol { by: 0, org: 0, who: 100 },
			];
			for step in start.iter().chain(&steps) {
				let root = sp_io::storage::root(sp_runtime::StateVersion::V1);
				let now = model.now;
				let expected = model.take(step);
				let taken = frame_support::storage::with_storage_layer(|| {
					dispatch(step, now, &mut tickets).then_some(()).ok_or(sp_runtime::DispatchError::CannotLookup)
				});
				assert_eq!(taken.is_ok(), expected.is_some(), "{step:?}");
				if taken.is_err() {
					assert_eq!(root, sp_io::storage::root(sp_runtime::StateVersion::V1));
				}
				model.compare();
			}
			Sponsorship::do_try_state().expect("the invariants hold");
		});
	}
}
