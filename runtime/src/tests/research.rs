//! Research through the whole runtime: from a contribution to a reward, and what cannot be stopped.

use super::{transactions::transaction, *};
use frame_support::traits::fungible::{Inspect, InspectHold};
use pallet_research_datasets::{Call as Research, HoldReason};
use salus_primitives::{
	api::runtime_decl_for_research_api::ResearchApi,
	duo::{Country, Group, Modifier, Permission, Purpose, Release, Use, UseSet},
	research::{
		AccessRefusal, ContributionInput, DatasetInput, GroupSet, RequestInput, RequestState, VoteReason, COHORT,
	},
	Moment, Pseudonym,
};

const FEE: Balance = 21 * UNIT;

/// A hospital (Dave registers, attests and does nothing else) and a university (Eve asks).
fn accredit(who: Sr25519Keyring, role: OrgRole, roles: &[MemberRole], name: &[u8]) -> OrgId {
	let org = pallet_participants::NextOrg::<Runtime>::get();
	let input = OrganisationInput {
		roles: OrgRoleSet::of(&[role]),
		legal_entity: Hash::repeat_byte(org as u8 + 1),
		..hospital(name)
	};
	let who = who.to_account_id();
	assert_ok!(council(
		&[Alice, Bob],
		pallet_participants::Call::admit_organisation { org: input, admin: who.clone() }
	));
	assert_ok!(Participants::add_member(
		RuntimeOrigin::signed(who.clone()),
		org,
		who,
		MemberRoleSet::of(roles),
		None,
		None
	));
	org
}

fn now() -> Moment {
	pallet_timestamp::Now::<Runtime>::get()
}

fn tomorrow() {
	set_time(now() + DAY);
}

/// For non-profit research in the hospital's country.
fn terms() -> Group {
	let countries = vec![Country(hospital(b"").country)].try_into().expect("one country");
	Group {
		permission: Permission::Hmb,
		diseases: Default::default(),
		modifiers: vec![Modifier::Npu, Modifier::Gs { countries }].try_into().expect("two modifiers"),
	}
}

fn pseudonym(n: u8) -> Pseudonym {
	Pseudonym([n; 32])
}

/// The account of a contributor: Charlie's for the first, accounts without a key for the others.
fn contributor(n: u8) -> AccountId {
	if n == 0 {
		Charlie.to_account_id()
	} else {
		AccountId::new([n; 32])
	}
}

fn contribution(n: u8) -> RuntimeCall {
	let contribution = ContributionInput {
		dataset: 0,
		pseudonym: pseudonym(n),
		group: 0,
		account: contributor(n),
		commitment: Hash::repeat_byte(n),
		permit: Hash::repeat_byte(n),
		until: now() + 100 * DAY,
		nullifier: Hash::repeat_byte(n),
		at: now(),
	};
	Research::contribute { contribution, attestation: None }.into()
}

/// An open dataset with a cohort that counts.
fn populated() {
	populated_by(Dave, Eve)
}

/// The same, with these as hospital and university.
pub fn populated_by(hospital: Sr25519Keyring, university: Sr25519Keyring) {
	let roles = [MemberRole::Registrar, MemberRole::Clinician];
	accredit(hospital, OrgRole::Provider, &roles, b"Hospital");
	accredit(university, OrgRole::ResearchBody, &[MemberRole::Researcher], b"University");
	let dataset = DatasetInput {
		data_use: vec![terms()].try_into().expect("one group"),
		schema: Hash::repeat_byte(1),
		content: Hash::repeat_byte(2),
		fee: FEE,
	};
	assert_ok!(dispatch(hospital, Research::create_dataset { dataset }));
	assert_ok!(dispatch(hospital, Research::open_dataset { dataset: 0 }));
	for n in 0..COHORT as u8 {
		assert_ok!(dispatch(hospital, contribution(n)));
	}
	tomorrow();
}

fn request() -> RuntimeCall {
	let request = RequestInput {
		dataset: 0,
		purpose: Purpose { uses: UseSet::of(&[Use::Biomedical]), commercial: Some(false), ..Default::default() },
		groups: GroupSet(1),
		days: 30,
		protocol: Hash::repeat_byte(3),
		ethics: None,
		closures: Default::default(),
		co_signatures: Default::default(),
		renews: None,
	};
	Research::submit_request { request }.into()
}

#[test]
fn a_non_profit_university_is_granted_what_the_terms_allow_and_contributors_are_paid() {
	development(|| {
		populated();
		assert_ok!(dispatch(Eve, request()));
		assert_eq!(Runtime::request(0).expect("it is made").state, RequestState::AutoApproved);
		let held = |reason: HoldReason| Balances::balance_on_hold(&reason.into(), &Eve.to_account_id());
		assert_eq!(held(HoldReason::Escrow), FEE);
		assert_ok!(dispatch(Eve, Research::activate { request: 0 }));
		assert_eq!(held(HoldReason::Escrow), 0);
		let access = Runtime::grant_access(0, Eve.to_account_id(), pseudonym(7)).expect("the grant is in force");
		assert_eq!(access.permit, Hash::repeat_byte(7));
		let before = Balances::total_balance(&Charlie.to_account_id());
		assert_ok!(dispatch(Charlie, Research::claim { dataset: 0, pseudonym: pseudonym(0) }));
		assert_eq!(Balances::total_balance(&Charlie.to_account_id()), before + FEE / Balance::from(COHORT));
		assert_eq!(Runtime::dataset(0).expect("it is there").contributors.from, COHORT);
	});
}

#[test]
fn a_withdrawal_takes_no_fee_and_cannot_be_paused() {
	development(|| {
		populated();
		assert_ok!(dispatch(Eve, request()));
		assert_ok!(dispatch(Eve, Research::activate { request: 0 }));
		assert!(council(&[Alice, Bob], pause("ResearchDatasets", "withdraw_contribution")).is_err());
		assert_ok!(council(&[Alice, Bob], pause("ResearchDatasets", "contribute")));
		assert_ok!(council(&[Alice, Bob], pallet_safe_mode::Call::force_enter {}));
		let before = Balances::total_balance(&Charlie.to_account_id());
		let withdraw = Research::withdraw_contribution { dataset: 0, pseudonym: pseudonym(0) };
		let done = Executive::apply_extrinsic(transaction(Charlie, withdraw.into()));
		assert_eq!(done, Ok(Ok(())));
		assert_eq!(Balances::total_balance(&Charlie.to_account_id()), before);
		let access = Runtime::grant_access(0, Eve.to_account_id(), pseudonym(0));
		assert_eq!(access, Err(AccessRefusal::ContributionEnded));
	});
}

#[test]
fn the_council_posts_ontologies_and_nobody_else() {
	development(|| {
		let release =
			Release { namespace: salus_primitives::duo::Namespace::Mondo, root: Hash::repeat_byte(1), count: 3 };
		let post = || Research::post_release { release };
		assert!(dispatch(Alice, post()).is_err());
		assert!(council(&[Alice], post()).is_err());
		assert_ok!(council(&[Alice, Bob], post()));
		assert_eq!(Runtime::release(release.namespace).expect("it is posted").release, release);
	});
}

#[test]
fn a_named_member_of_the_committee_needs_no_organisation() {
	development(|| {
		populated();
		let strict = Group {
			modifiers: [&terms().modifiers[..], &[Modifier::Irb]].concat().try_into().expect("three modifiers"),
			..terms()
		};
		assert_ok!(dispatch(Dave, Research::tighten_group { dataset: 0, group: 0, terms: strict }));
		let members = vec![Ferdie.to_account_id()].try_into().expect("one member");
		assert_ok!(dispatch(Dave, Research::set_committee { dataset: 0, members }));
		assert_ok!(dispatch(Eve, request()));
		assert_eq!(Runtime::request(0).expect("it is made").state, RequestState::InReview);
		assert_ok!(dispatch(Ferdie, Research::vote { request: 0, reason: VoteReason::Acceptable }));
		assert_eq!(Runtime::request(0).expect("it is made").votes.len(), 1);
	});
}
