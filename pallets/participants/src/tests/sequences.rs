//! Random sequences of calls against a reference model that is written without storage, hashing or events.
//!
//! `SALUS_PROPTEST_CASES` sets how many sequences are tried.

use crate::{mock::*, MemberCounts, NextOrg, MAX_ADMINS};
use proptest::{collection::vec, option, prelude::*};
use salus_primitives::{
	consent::Standing,
	time::DAY,
	traits::Directory,
	views::{KeySuite::HpkeX25519, OrgStatus},
	MemberRoleSet, Moment, OrgId, H256,
};
use sp_runtime::DispatchResult;
use std::collections::BTreeMap;

/// Accounts that take part; the first few are the ones that call.
const ACCOUNTS: u8 = 10;

#[derive(Clone, Debug)]
enum Step {
	Admit { admin: u8, licence_days: u64 },
	Suspend(OrgId),
	Reinstate(OrgId),
	Revoke(OrgId),
	Renew(OrgId, u64),
	RequireAgreement { by: u8, org: OrgId, required: bool },
	AddAdmin { by: u8, org: OrgId, who: u8 },
	RemoveAdmin { by: u8, org: OrgId, who: u8 },
	AddMember { by: u8, org: OrgId, who: u8, roles: u16, until_days: Option<u64> },
	RemoveMember { by: u8, org: OrgId, who: u8 },
	SetKey { who: u8, key: u8 },
	RemoveKey(u8),
	Wait { days: u64 },
}

fn step() -> impl Strategy<Value = Step> {
	use Step::*;
	let (org, by, who) = (0..4u32, 0..3u8, 0..ACCOUNTS);
	prop_oneof![
		1 => (by.clone(), 0..40u64).prop_map(|(admin, licence_days)| Admit { admin, licence_days }),
		1 => org.clone().prop_map(Suspend),
		2 => org.clone().prop_map(Reinstate),
		1 => (2..4u32).prop_map(Revoke),
		2 => (org.clone(), 0..40u64).prop_map(|(org, days)| Renew(org, days)),
		1 => (by.clone(), org.clone(), any::<bool>()).prop_map(|(by, org, required)| RequireAgreement { by, org, required }),
		4 => (by.clone(), org.clone(), who.clone()).prop_map(|(by, org, who)| AddAdmin { by, org, who }),
		2 => (by.clone(), org.clone(), who.clone()).prop_map(|(by, org, who)| RemoveAdmin { by, org, who }),
		8 => (by.clone(), org.clone(), who.clone(), 0..9u16, option::of(0..20u64))
			.prop_map(|(by, org, who, roles, until_days)| AddMember { by, org, who, roles, until_days }),
		3 => (by, org, who.clone()).prop_map(|(by, org, who)| RemoveMember { by, org, who }),
		2 => (who.clone(), 0..3u8).prop_map(|(who, key)| SetKey { who, key }),
		1 => who.prop_map(RemoveKey),
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

/// What the chain should hold, and what it should answer.
#[derive(Default)]
struct Model {
	now: Moment,
	orgs: Vec<Org>,
	people: BTreeMap<u8, Person>,
	keys: BTreeMap<u8, (u32, u8)>,
}

impl Model {
	fn in_standing(&self, org: OrgId) -> bool {
		self.orgs.get(org as usize).is_some_and(|org| org.status == OrgStatus::Active && self.now < org.licence_until)
	}

	fn is_admin(&self, by: u8, org: OrgId) -> bool {
		self.orgs.get(org as usize).is_some_and(|org| org.admins.contains(&by))
	}

	fn known_to(&self, org: OrgId) -> u32 {
		self.people.values().filter(|person| person.org == org).count() as u32
	}

	fn in_good_standing(&self, who: u8) -> Option<bool> {
		let person = self.people.get(&who)?;
		Some(!person.removed && person.until.is_none_or(|until| self.now < until) && self.in_standing(person.org))
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
			Step::RemoveAdmin { by, org, who } => {
				(self.is_admin(by, org) && self.is_admin(who, org) && self.orgs[org as usize].admins.len() > 1)
					.then(|| self.orgs[org as usize].admins.retain(|admin| *admin != who))
			}
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

fn dispatch(step: &Step, now: Moment) -> DispatchResult {
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
		Step::RemoveAdmin { by, org, who } => Participants::remove_admin(by_number(by), org, account(who)),
		Step::AddMember { by, org, who, roles, until_days } => {
			let until = until_days.map(|days| now + days * DAY);
			Participants::add_member(by_number(by), org, account(who), MemberRoleSet(roles), None, until)
		}
		Step::RemoveMember { by, org, who } => Participants::remove_member(by_number(by), org, account(who)),
		Step::SetKey { who, key } => {
			Participants::set_encryption_key(by_number(who), HpkeX25519, H256::repeat_byte(key))
		}
		Step::RemoveKey(who) => Participants::remove_encryption_key(by_number(who)),
		Step::Wait { days } => {
			set_time(now + days * DAY);
			Ok(())
		}
	}
}

fn cases() -> u32 {
	std::env::var("SALUS_PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(256)
}

proptest! {
	#![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

	#[test]
	fn the_pallet_does_what_the_model_does(steps in vec(step(), 20..60)) {
		new_test_ext().execute_with(|| {
			let mut model = Model { now: NOW, ..Default::default() };
			// Two organisations to begin with, so that few sequences are spent on nothing.
			let start = [Step::Admit { admin: 0, licence_days: 30 }, Step::Admit { admin: 1, licence_days: 10 }];
			for step in start.iter().chain(&steps) {
				let root = sp_io::storage::root(sp_runtime::StateVersion::V1);
				let now = model.now;
				let expected = model.take(step);
				// As an extrinsic would be: what fails leaves nothing behind.
				let result = frame_support::storage::with_storage_layer(|| dispatch(step, now));
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
