use super::*;
use crate::duo::{
	matches, Country, Disease, Facts, Group, Modifier, Name, Namespace, Ontology, Permission, Purpose, Sensitive,
	SensitiveSet, Use, UseSet, Verdict,
};
use proptest::{
	collection::vec,
	option,
	prelude::*,
	sample::{select, subsequence},
};
use sp_core::{Pair, U256};
use sp_runtime::{BoundedVec, MultiSignature};

fn disease(number: u32) -> Disease {
	Disease { namespace: Namespace::Mondo, number }
}

/// A disease lies below those that divide it.
struct Divides;

impl Ontology for Divides {
	fn is_below(&self, disease: &Disease, ancestor: &Disease) -> Option<bool> {
		Some(disease.number != ancestor.number && disease.number.is_multiple_of(ancestor.number))
	}
}

fn name(n: u8) -> Name {
	Name([n; 32])
}

fn names() -> impl Strategy<Value = BoundedVec<Name, sp_core::ConstU32<16>>> {
	subsequence(vec![name(1), name(2), name(3)], 1..=3).prop_map(BoundedVec::truncate_from)
}

fn modifier() -> impl Strategy<Value = Modifier> {
	let moment = || option::of(select(vec![10u64, 20, 30]));
	let countries = subsequence(vec![Country(*b"GB"), Country(*b"FR"), Country(*b"US")], 1..=3);
	prop_oneof![
		select(vec![
			Modifier::Cc,
			Modifier::Nmds,
			Modifier::Gso,
			Modifier::Npuncu,
			Modifier::Irb,
			Modifier::Npoa,
			Modifier::Npu,
			Modifier::Ncu,
			Modifier::Rs { research_type: None },
		]),
		moment().prop_map(|deadline| Modifier::Pub { deadline }),
		moment().prop_map(|deadline| Modifier::Rtn { deadline }),
		select(vec![10u64, 20]).prop_map(|date| Modifier::Mor { date }),
		(1..4u16).prop_map(|months| Modifier::Ts { months }),
		(1..3u8).prop_map(|n| Modifier::Col { account: name(n) }),
		names().prop_map(|users| Modifier::Us { users }),
		names().prop_map(|projects| Modifier::Ps { projects }),
		names().prop_map(|institutions| Modifier::Is { institutions }),
		countries.prop_map(|countries| Modifier::Gs { countries: BoundedVec::truncate_from(countries) }),
	]
}

fn group() -> impl Strategy<Value = Group> {
	let permissions = vec![Permission::Nres, Permission::Gru, Permission::Hmb, Permission::Ds, Permission::Poa];
	(select(permissions), subsequence(vec![2u32, 3, 4, 6], 1..=4), vec(modifier(), 0..4)).prop_map(
		|(permission, numbers, modifiers)| Group {
			permission,
			diseases: match permission {
				Permission::Ds => BoundedVec::truncate_from(numbers.into_iter().map(disease).collect()),
				_ => Default::default(),
			},
			modifiers: BoundedVec::truncate_from(modifiers),
		},
	)
}

/// A group, and one that was made of it by a few changes: often stricter, so that the property says something.
fn pair() -> impl Strategy<Value = (Group, Group)> {
	let related = (group(), group(), vec(modifier(), 0..3), any::<bool>()).prop_map(|(old, other, more, swap)| {
		let mut new = old.clone();
		if swap {
			(new.permission, new.diseases) = (other.permission, other.diseases);
		}
		more.into_iter().for_each(|modifier| {
			let _ = new.modifiers.try_push(modifier);
		});
		(old, new)
	});
	prop_oneof![3 => related, 1 => (group(), group())]
}

fn purpose() -> impl Strategy<Value = Purpose> {
	(
		subsequence(Use::ALL.to_vec(), 0..=3),
		any::<bool>(),
		option::of(any::<bool>()),
		subsequence(vec![2u32, 3, 4, 5, 6, 12], 0..=2),
		option::of((1..4u8).prop_map(name)),
		subsequence(Sensitive::ALL.to_vec(), 0..=1),
	)
		.prop_map(|(uses, care, commercial, numbers, project, sensitive)| Purpose {
			uses: UseSet::of(&uses),
			care,
			commercial,
			diseases: BoundedVec::truncate_from(numbers.into_iter().map(disease).collect()),
			research_type: None,
			project,
			sensitive: SensitiveSet::of(&sensitive),
		})
}

fn facts() -> impl Strategy<Value = Facts> {
	let some = || option::of((1..4u8).prop_map(name));
	(
		option::of(any::<bool>()),
		option::of(select(vec![Country(*b"GB"), Country(*b"US"), Country(*b"JP")])),
		some(),
		some(),
		option::of(0..20u64),
		option::of(subsequence(vec![name(1), name(2)], 0..=2)),
	)
		.prop_map(|(nonprofit, location, user, institution, ethics_until, co_signers)| Facts {
			now: 10,
			nonprofit,
			location,
			user,
			institution,
			ethics_until,
			co_signers: co_signers.map(BoundedVec::truncate_from),
		})
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 4_096, ..ProptestConfig::default() })]

	/// Whatever the stricter terms approve or leave to people, the others did not judge more strictly.
	#[test]
	fn no_request_fares_better_under_terms_that_tighten((old, new) in pair(), purpose in purpose(), facts in facts()) {
		let verdict = |group: &Group| -> Verdict {
			matches(core::slice::from_ref(group), &purpose, &facts, &Divides).groups[0].verdict
		};
		if tightens(&old, &new) {
			prop_assert!(verdict(&new) >= verdict(&old), "{old:?} to {new:?}");
		}
	}

	#[test]
	fn terms_tighten_themselves_and_every_restriction_added_does(old in group(), more in modifier()) {
		prop_assert!(tightens(&old, &old));
		let mut new = old.clone();
		if more != Modifier::Cc && new.modifiers.try_push(more).is_ok() {
			prop_assert!(tightens(&old, &new));
		}
	}

	/// What is divided is there, to the last part, and never more.
	#[test]
	fn rewards_are_divided_exactly(amounts in vec((any::<u128>(), any::<u64>()), 1..20)) {
		let (mut rewards, mut given, mut earned) = (Rewards::default(), U256::zero(), U256::zero());
		for (units, shares) in amounts {
			let before = rewards.per_share;
			rewards.distribute(units, shares).expect("sixty-four bits are spare");
			given += U256::from(units) * U256::from(SCALE);
			earned += Rewards::earned(shares, before, rewards.per_share).expect("it fits");
			prop_assert_eq!(given, earned + rewards.remainder);
		}
	}
}

#[test]
fn care_and_wider_permissions_loosen() {
	let of = |permission, modifiers: &[Modifier]| Group {
		permission,
		diseases: Default::default(),
		modifiers: BoundedVec::truncate_from(modifiers.to_vec()),
	};
	use Permission::*;
	assert!(tightens(&of(Nres, &[]), &of(Gru, &[Modifier::Cc])));
	assert!(!tightens(&of(Gru, &[]), &of(Gru, &[Modifier::Cc])));
	assert!(tightens(&of(Gru, &[Modifier::Cc]), &of(Gru, &[])));
	assert!(!tightens(&of(Gru, &[]), &of(Nres, &[])));
	assert!(!tightens(&of(Hmb, &[]), &of(Poa, &[])));
	assert!(tightens(&of(Gru, &[Modifier::Npu]), &of(Gru, &[Modifier::Npuncu])));
	assert!(!tightens(&of(Gru, &[Modifier::Npuncu]), &of(Gru, &[Modifier::Npu])));
	assert!(!tightens(&of(Gru, &[Modifier::Ts { months: 2 }]), &of(Gru, &[Modifier::Ts { months: 3 }])));
	assert!(!tightens(&of(Gru, &[Modifier::Mor { date: 2 }]), &of(Gru, &[Modifier::Mor { date: 1 }])));
}

#[test]
fn without_shares_everything_waits_in_the_remainder() {
	let mut rewards = Rewards::default();
	rewards.distribute(7, 0).expect("it fits");
	assert_eq!((rewards.per_share, Rewards::whole(rewards.remainder)), (U256::zero(), (7, U256::zero())));
	rewards.distribute(1, 4).expect("it fits");
	assert_eq!(Rewards::earned(4, U256::zero(), rewards.per_share).map(Rewards::whole), Some((8, U256::zero())));
}

#[test]
fn what_does_not_fit_changes_nothing() {
	let mut rewards = Rewards { per_share: U256::MAX, remainder: U256::zero() };
	let before = rewards;
	assert_eq!(rewards.distribute(1, 1), None);
	assert_eq!(rewards, before);
	assert_eq!(Rewards::whole(U256::MAX), (0, U256::MAX), "nothing is lost");
	assert_eq!(Rewards::earned(2, U256::zero(), U256::MAX), None);
	assert_eq!(Rewards::earned(1, U256::one(), U256::zero()), None);
}

#[test]
fn a_set_of_groups_is_told_as_numbers() {
	let set: GroupSet = [0, 2, 7].into_iter().collect();
	assert_eq!(serde_json::to_string(&set).expect("a list"), "[0,2,7]");
	assert_eq!(serde_json::from_str::<GroupSet>("[0,2,7]").expect("the same"), set);
	assert!(serde_json::from_str::<GroupSet>("[8]").is_err());
	assert!(!set.contains(8) && !set.contains(1) && set.contains(7));
	assert_eq!(set.with(8), set);
}

#[test]
fn days_begin_at_midnight_utc() {
	assert_eq!((day_of(0), day_of(DAY - 1), day_of(DAY)), (0, 0, 1));
	assert_eq!(day_of(Moment::MAX), Day::MAX);
}

#[test]
fn a_message_is_signed_as_it_is_or_as_wallets_wrap_it() {
	let keys = sp_core::sr25519::Pair::from_seed(&[1; 32]);
	let who = keys.public().into();
	let message = crate::H256::repeat_byte(7);
	let signed = |bytes: &[u8]| MultiSignature::Sr25519(keys.sign(bytes));
	let wrapped = [&b"<Bytes>"[..], message.as_bytes(), b"</Bytes>"].concat();
	assert!(is_signed(&message, &signed(message.as_bytes()), &who));
	assert!(is_signed(&message, &signed(&wrapped), &who));
	assert!(!is_signed(&message, &signed(b"another"), &who));
	assert!(!is_signed(&crate::H256::repeat_byte(8), &signed(&wrapped), &who));
}
