//! Random sequences of calls against a reference model that is written without storage, hashing or events.
//!
//! `SALUS_PROPTEST_CASES` sets how many sequences are tried.

use crate::{mock::*, Agreements, MemberCounts, NextAgreement, NextOrg, MAX_ADMINS, MAX_AGREEMENTS};
use proptest::{collection::vec, option, prelude::*};
use salus_primitives::{
	consent::{Period, Standing},
	inputs::AgreementInput,
	time::DAY,
	traits::Directory,
	views::{KeySuite::HpkeX25519, OrgStatus},
	AgreementId, MemberRoleSet, Moment, OrgId, H256,
};
use sp_runtime::DispatchResult;
use std::collections::BTreeMap;

/// Accounts that take part; the first few are the ones that call.
const ACCOUNTS: u8 = 10;
/// Organisations that calls name; not all of them are ever admitted.
const ORGS: OrgId = 4;

#[derive(Clone, Debug)]
enum Step {
	Admit { admin: u8, licence_days: u64 },
	Suspend(OrgId),
	Reinstate(OrgId),
	Revoke(OrgId),
	Renew(OrgId, u64),
	RequireAgreement { by: u8, org: OrgId, required: bool },
	AddAdmin { by: u8, org: OrgId, who: u8 },
	AppointAdmin { org: OrgId, who: u8 },
	RemoveAdmin { by: u8, org: OrgId, who: u8 },
	DismissAdmin { org: OrgId, who: u8 },
	AddMember { by: u8, org: OrgId, who: u8, roles: u16, until_days: Option<u64> },
	RemoveMember { by: u8, org: OrgId, who: u8 },
	SetKey { who: u8, key: u8 },
	RemoveKey(u8),
	Propose { by: u8, org: OrgId, parties: (OrgId, OrgId), start: Option<u64>, end: Option<u64>, notice: u64 },
	Accept { by: u8, org: OrgId, pick: u8 },
	End { by: u8, org: OrgId, pick: u8 },
	Wait { days: u64 },
}

fn step() -> impl Strategy<Value = Step> {
	use Step::*;
	let (org, by, who) = (0..ORGS, 0..3u8, 0..ACCOUNTS);
	// Mostly between the organisations that there are from the beginning, so that lists fill up.
	let side = prop_oneof![7 => 0..2u32, 1 => 2..ORGS];
	prop_oneof![
		1 => (by.clone(), 0..40u64).prop_map(|(admin, licence_days)| Admit { admin, licence_days }),
		1 => org.clone().prop_map(Suspend),
		2 => org.clone().prop_map(Reinstate),
		1 => (2..ORGS).prop_map(Revoke),
		2 => (org.clone(), 0..40u64).prop_map(|(org, days)| Renew(org, days)),
		1 => (by.clone(), org.clone(), any::<bool>()).prop_map(|(by, org, required)| RequireAgreement { by, org, required }),
		4 => (by.clone(), org.clone(), who.clone()).prop_map(|(by, org, who)| AddAdmin { by, org, who }),
		1 => (org.clone(), who.clone()).prop_map(|(org, who)| AppointAdmin { org, who }),
		2 => (by.clone(), org.clone(), who.clone()).prop_map(|(by, org, who)| RemoveAdmin { by, org, who }),
		1 => (org.clone(), who.clone()).prop_map(|(org, who)| DismissAdmin { org, who }),
		8 => (by.clone(), org.clone(), who.clone(), 0..9u16, option::of(0..20u64))
			.prop_map(|(by, org, who, roles, until_days)| AddMember { by, org, who, roles, until_days }),
		3 => (by.clone(), org, who.clone()).prop_map(|(by, org, who)| RemoveMember { by, org, who }),
		2 => (who.clone(), 0..3u8).prop_map(|(who, key)| SetKey { who, key }),
		1 => who.prop_map(RemoveKey),
		8 => (by.clone(), side.clone(), (side.clone(), side.clone()), option::of(0..9u64), option::of(0..20u64), 0..6u64)
			.prop_map(|(by, org, parties, start, end, notice)| Propose { by, org, parties, start, end, notice }),
		8 => (by.clone(), side.clone(), any::<u8>()).prop_map(|(by, org, pick)| Accept { by, org, pick }),
		4 => (by, side, any::<u8>()).prop_map(|(by, org, pick)| End { by, org, pick }),
		2 => (0..6u64).prop_map(|days| Wait { days }),
	]
}

struct Org {
	status: OrgStatus,
	licence_until: Moment,
	requires_agreement: bool,
	admins: Vec<u8>,
}

struct Person {
	org: OrgId,
	roles: u16,
	until: Option<Moment>,
	removed: bool,
}

#[derive(Clone, Copy)]
struct Deal {
	id: AgreementId,
	parties: (OrgId, OrgId),
	proposer: OrgId,
	accepted: bool,
	from: Moment,
	until: Option<Moment>,
	notice: Moment,
}

/// What the chain should hold, and what it should answer.
#[derive(Default)]
struct Model {
	now: Moment,
	orgs: Vec<Org>,
	people: BTreeMap<u8, Person>,
	keys: BTreeMap<u8, (u32, u8)>,
	deals: Vec<Deal>,
	deals_ever: AgreementId,
}

impl Model {
	fn in_standing(&self, org: OrgId) -> bool {
		self.orgs.get(org as usize).is_some_and(|org| org.status == OrgStatus::Active && self.now < org.licence_until)
	}

	fn is_admin(&self, by: u8, org: OrgId) -> bool {
		self.orgs.get(org as usize).is_some_and(|org| org.admins.contains(&by))
	}

	/// Takes an administrator from an organisation that is there, unless it is none or the only one.
	fn remove_admin(&mut self, org: OrgId, who: u8) -> Option<()> {
		let admins = &mut self.orgs[org as usize].admins;
		(admins.contains(&who) && admins.len() > 1).then(|| admins.retain(|admin| *admin != who))
	}

	fn known_to(&self, org: OrgId) -> u32 {
		self.people.values().filter(|person| person.org == org).count() as u32
	}

	fn in_good_standing(&self, who: u8) -> Option<bool> {
		let person = self.people.get(&who)?;
		Some(!person.removed && person.until.is_none_or(|until| self.now < until) && self.in_standing(person.org))
	}

	/// Parties and number of the agreement that a step picked; of one that there is not, if there are none.
	fn picked(&self, pick: u8) -> ((OrgId, OrgId), AgreementId) {
		let nth = usize::from(pick).checked_rem(self.deals.len()).unwrap_or_default();
		self.deals.get(nth).map_or(((0, 1), AgreementId::MAX), |deal| (deal.parties, deal.id))
	}

	/// The agreement that a step picked, if the organisation is a party and the caller administers it.
	fn picked_by(&self, by: u8, org: OrgId, pick: u8) -> Option<(usize, Deal)> {
		let (_, id) = self.picked(pick);
		let nth = self.deals.iter().position(|deal| deal.id == id)?;
		let deal = self.deals[nth];
		(self.is_admin(by, org) && (deal.parties.0 == org || deal.parties.1 == org)).then_some((nth, deal))
	}

	/// Takes a step, or returns `None` if the chain should refuse it.
	fn take(&mut self, step: &Step) -> Option<()> {
		let now = self.now;
		let status = |model: &mut Self, org: OrgId, from: &[OrgStatus], to| {
			let org = model.orgs.get_mut(org as usize).filter(|org| from.contains(&org.status))?;
			org.status = to;
			Some(())
		};
		use OrgStatus::*;
		match *step {
			Step::Admit { admin, licence_days } => {
				let licence_until = now + licence_days * DAY;
				(licence_until > now).then(|| {
					let admins = vec![admin];
					self.orgs.push(Org { status: Active, licence_until, requires_agreement: false, admins })
				})
			}
			Step::Suspend(org) => status(self, org, &[Active], Suspended),
			Step::Reinstate(org) => status(self, org, &[Suspended], Active),
			Step::Revoke(org) => status(self, org, &[Active, Suspended], Revoked),
			Step::Renew(org, days) => {
				let org = self.orgs.get_mut(org as usize).filter(|org| org.status != Revoked && days > 0)?;
				org.licence_until = now + days * DAY;
				Some(())
			}
			Step::RequireAgreement { by, org, required } => (self.is_admin(by, org) && self.in_standing(org))
				.then(|| self.orgs[org as usize].requires_agreement = required),
			Step::AddAdmin { by, org, who } => {
				let may = self.is_admin(by, org) && self.in_standing(org) && !self.is_admin(who, org);
				(may && self.orgs[org as usize].admins.len() < MAX_ADMINS as usize)
					.then(|| self.orgs[org as usize].admins.push(who))
			}
			Step::AppointAdmin { org, who } => {
				let admins = self.orgs.get_mut(org as usize).map(|org| &mut org.admins)?;
				(!admins.contains(&who) && admins.len() < MAX_ADMINS as usize).then(|| admins.push(who))
			}
			Step::RemoveAdmin { by, org, who } => (self.is_admin(by, org)
				&& self.orgs[org as usize].status != Suspended)
				.then(|| self.remove_admin(org, who))?,
			Step::DismissAdmin { org, who } => self
				.orgs
				.get(org as usize)
				.is_some_and(|org| org.status == Suspended)
				.then(|| self.remove_admin(org, who))?,
			Step::AddMember { by, org, who, roles, until_days } => {
				let until = until_days.map(|days| now + days * DAY);
				let engaged = self.people.get(&who).is_some_and(|person| {
					person.org != org
						&& !person.removed && person.until.is_none_or(|until| now < until)
						&& self.orgs[person.org as usize].status != Revoked
				});
				let counted = self.people.get(&who).is_some_and(|person| person.org == org);
				(self.is_admin(by, org)
					&& self.in_standing(org)
					&& roles != 0 && until.is_none_or(|until| until > now)
					&& !engaged && (counted || self.known_to(org) < MAX_MEMBERS))
					.then(|| {
						self.people.insert(who, Person { org, roles, until, removed: false });
					})
			}
			Step::RemoveMember { by, org, who } => {
				let may = self.is_admin(by, org);
				let person = self.people.get_mut(&who).filter(|person| may && person.org == org && !person.removed)?;
				person.removed = true;
				Some(())
			}
			Step::SetKey { who, key } => {
				let present = self.keys.get(&who).copied();
				(key != 0 && present.is_none_or(|(_, present)| present != key)).then(|| {
					self.keys.insert(who, (present.map_or(0, |(epoch, _)| epoch + 1), key));
				})
			}
			Step::RemoveKey(who) => self.keys.remove(&who).map(|_| ()),
			Step::Propose { by, org, parties, start, end, notice } => {
				let (from, until) = (start.map_or(now, |days| now + days * DAY), end.map(|days| now + days * DAY));
				let both = self.in_standing(parties.0) && self.in_standing(parties.1) && parties.0 != parties.1;
				let party = parties.0 == org || parties.1 == org;
				let sound = until.is_none_or(|until| until > now && until > from);
				let is_live = |deal: &Deal| deal.until.is_none_or(|until| until > now);
				let live = self.deals.iter().filter(|deal| deal.parties == parties && is_live(deal)).count();
				(both && party && sound && self.is_admin(by, org) && live < MAX_AGREEMENTS as usize).then(|| {
					self.deals.retain(|deal| deal.parties != parties || is_live(deal));
					let (id, notice) = (self.deals_ever, notice * DAY);
					self.deals_ever += 1;
					self.deals.push(Deal { id, parties, proposer: org, accepted: false, from, until, notice });
				})
			}
			Step::Accept { by, org, pick } => {
				let (nth, deal) = self.picked_by(by, org, pick)?;
				let both = self.in_standing(deal.parties.0) && self.in_standing(deal.parties.1);
				let open = !deal.accepted && deal.proposer != org && deal.until.is_none_or(|until| until > now);
				(both && open).then(|| {
					self.deals[nth].accepted = true;
					self.deals[nth].from = deal.from.max(now);
				})
			}
			Step::End { by, org, pick } => {
				let (nth, deal) = self.picked_by(by, org, pick)?;
				let ends = deal.until.into_iter().chain([now + deal.notice]).min()?;
				if deal.accepted && ends > now && ends > deal.from {
					self.deals[nth].until = Some(ends);
				} else {
					self.deals.remove(nth);
				}
				Some(())
			}
			Step::Wait { days } => {
				self.now += days * DAY;
				Some(())
			}
		}
	}

	/// Compares everything that can be asked of the chain.
	fn compare(&self) {
		assert_eq!(NextOrg::<Test>::get() as usize, self.orgs.len());
		for (id, org) in self.orgs.iter().enumerate() {
			let id = id as OrgId;
			let view = Participants::organisation_view(id).expect("admitted");
			assert_eq!((view.status, view.licence_until), (org.status, org.licence_until));
			assert_eq!((view.in_standing, view.requires_agreement), (self.in_standing(id), org.requires_agreement));
			assert_eq!(view.admins, org.admins.iter().copied().map(account).collect::<Vec<_>>());
			assert_eq!(MemberCounts::<Test>::get(id), self.known_to(id));
		}
		assert_eq!(NextAgreement::<Test>::get(), self.deals_ever);
		for parties in (0..ORGS).flat_map(|one| (0..ORGS).map(move |other| (one, other))) {
			self.compare_agreements(parties);
		}
		for who in 0..ACCOUNTS {
			let view = Participants::member_view(account(who));
			assert_eq!(view.as_ref().map(|view| view.in_standing), self.in_good_standing(who));
			let standing = <Participants as Directory>::standing(&account(who), self.now);
			match (standing, self.people.get(&who)) {
				(Standing::Never, None) => {}
				(Standing::Inactive, Some(_)) => assert_eq!(self.in_good_standing(who), Some(false)),
				(Standing::Active(membership), Some(person)) => {
					assert_eq!(self.in_good_standing(who), Some(true));
					assert_eq!((membership.org, membership.roles), (person.org, MemberRoleSet(person.roles)));
					// Standing ends exactly when it says.
					let ends = membership.until.expect("at the latest with the licence");
					let at = |now| <Participants as Directory>::standing(&account(who), now);
					assert!(matches!(at(ends - 1), Standing::Active(_)));
					assert_eq!(at(ends), Standing::Inactive);
				}
				(standing, _) => panic!("account {who} has standing {standing:?}"),
			}
			let key = Participants::encryption_key(account(who)).map(|key| (key.epoch, key.public_key.0[0]));
			assert_eq!(key, self.keys.get(&who).copied());
			let free = Balances::free_balance(account(who));
			assert_eq!(free == ENDOWMENT, key.is_none(), "a deposit is held exactly while there is a key");
		}
	}
}

impl Model {
	fn compare_agreements(&self, parties: (OrgId, OrgId)) {
		let deals = || self.deals.iter().filter(|deal| deal.parties == parties);
		let period = |deal: &Deal| Period { from: deal.from, until: deal.until };
		let expected = deals().map(|deal| {
			let awaits = (!deal.accepted).then_some(if deal.proposer == parties.0 { parties.1 } else { parties.0 });
			let begun_and_not_ended = deal.from <= self.now && deal.until.is_none_or(|until| self.now < until);
			(deal.id, awaits, deal.accepted && begun_and_not_ended, period(deal), deal.notice)
		});
		let views = Participants::agreements_view(parties.0, parties.1).into_iter();
		let told = views.map(|view| (view.id, view.awaits, view.in_force, view.sharing.period, view.notice));
		assert_eq!(told.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
		let sharings = <Participants as Directory>::agreements(parties.0, parties.1).into_iter();
		let accepted = deals().filter(|deal| deal.accepted).map(period);
		assert_eq!(sharings.map(|sharing| sharing.period).collect::<Vec<_>>(), accepted.collect::<Vec<_>>());
		assert_eq!(Agreements::<Test>::contains_key(parties.0, parties.1), deals().next().is_some());
	}
}

/// Sends the call, given what the model knew before it.
fn dispatch(step: &Step, now: Moment, picked: impl Fn(u8) -> ((OrgId, OrgId), AgreementId)) -> DispatchResult {
	let by_number = |number: u8| signed(&account(number));
	match *step {
		Step::Admit { admin, licence_days } => {
			let application = crate::OrganisationInput { licence_until: now + licence_days * DAY, ..hospital() };
			Participants::admit_organisation(root(), application, account(admin))
		}
		Step::Suspend(org) => Participants::suspend_organisation(root(), org),
		Step::Reinstate(org) => Participants::reinstate_organisation(root(), org),
		Step::Revoke(org) => Participants::revoke_organisation(root(), org),
		Step::Renew(org, days) => Participants::renew_licence(root(), org, now + days * DAY),
		Step::RequireAgreement { by, org, required } => {
			Participants::set_requires_agreement(by_number(by), org, required)
		}
		Step::AddAdmin { by, org, who } => Participants::add_admin(by_number(by), org, account(who)),
		Step::AppointAdmin { org, who } => Participants::add_admin(root(), org, account(who)),
		Step::RemoveAdmin { by, org, who } => Participants::remove_admin(by_number(by), org, account(who)),
		Step::DismissAdmin { org, who } => Participants::remove_admin(root(), org, account(who)),
		Step::AddMember { by, org, who, roles, until_days } => {
			let until = until_days.map(|days| now + days * DAY);
			Participants::add_member(by_number(by), org, account(who), MemberRoleSet(roles), None, until)
		}
		Step::RemoveMember { by, org, who } => Participants::remove_member(by_number(by), org, account(who)),
		Step::SetKey { who, key } => {
			Participants::set_encryption_key(by_number(who), HpkeX25519, H256::repeat_byte(key))
		}
		Step::RemoveKey(who) => Participants::remove_encryption_key(by_number(who)),
		Step::Propose { by, org, parties: (custodian, recipient), start, end, notice } => {
			let (start, end) = (start.map(|days| now + days * DAY), end.map(|days| now + days * DAY));
			let proposal = AgreementInput { custodian, recipient, start, end, notice: notice * DAY, ..agreement() };
			Participants::propose_agreement(by_number(by), org, proposal)
		}
		Step::Accept { by, org, pick } => {
			let ((custodian, recipient), id) = picked(pick);
			Participants::accept_agreement(by_number(by), org, custodian, recipient, id)
		}
		Step::End { by, org, pick } => {
			let ((custodian, recipient), id) = picked(pick);
			Participants::end_agreement(by_number(by), org, custodian, recipient, id)
		}
		Step::Wait { days } => {
			set_time(now + days * DAY);
			Ok(())
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
			let mut model = Model { now: NOW, ..Default::default() };
			// Two organisations to begin with, so that few sequences are spent on nothing.
			let start = [Step::Admit { admin: 0, licence_days: 30 }, Step::Admit { admin: 1, licence_days: 10 }];
			for step in start.iter().chain(&steps) {
				let root = sp_io::storage::root(sp_runtime::StateVersion::V1);
				// As an extrinsic would be: what fails leaves nothing behind.
				let result = frame_support::storage::with_storage_layer(|| {
					dispatch(step, model.now, |pick| model.picked(pick))
				});
				let expected = model.take(step);
				assert_eq!(result.is_ok(), expected.is_some(), "{step:?}: {result:?}");
				if result.is_err() {
					assert_eq!(root, sp_io::storage::root(sp_runtime::StateVersion::V1));
				}
				model.compare();
			}
			Participants::do_try_state().expect("the invariants hold");
		});
	}
}
