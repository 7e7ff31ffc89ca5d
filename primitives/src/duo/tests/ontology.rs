use super::*;
use crate::{merkle, H256};
use codec::Encode;
use proptest::{collection::btree_set, prelude::*};

/// Leaves of a made-up ontology: term `n` lies below the terms that divide it.
fn leaves(numbers: impl IntoIterator<Item = u32>) -> Vec<Leaf> {
	let numbers: Vec<_> = numbers.into_iter().collect();
	let above = |number: u32| numbers.iter().copied().filter(move |one| *one < number && number.is_multiple_of(*one));
	let leaf = |number: &u32| Leaf {
		disease: Disease::doid(*number),
		ancestors: above(*number).collect::<Vec<_>>().try_into().expect("few"),
	};
	numbers.iter().map(leaf).collect()
}

fn release(leaves: &[Leaf]) -> Release {
	let contents: Vec<_> = leaves.iter().map(Encode::encode).collect();
	Release { namespace: Namespace::Doid, root: merkle::root(&contents), count: leaves.len() as u32 }
}

fn closure(leaves: &[Leaf], index: u32) -> Closure {
	let contents: Vec<_> = leaves.iter().map(Encode::encode).collect();
	let proof = merkle::proof(&contents, index).expect("there is such a leaf");
	Closure { index, leaf: leaves[index as usize].clone(), proof: proof.try_into().expect("short") }
}

#[test]
fn proofs_say_what_lies_above_a_disease() {
	let leaves = leaves(1..40);
	let release = release(&leaves);
	let asked = [Disease::doid(12), Disease::doid(7)];
	let closures = [closure(&leaves, 6), closure(&leaves, 11)];
	let proved = Proved::new(&asked, &closures, |_| Some(release)).expect("these are proofs");
	let below = |one, other| proved.is_below(&Disease::doid(one), &Disease::doid(other));
	assert_eq!(below(12, 4), Some(true));
	assert_eq!(below(12, 5), Some(false));
	assert_eq!(below(7, 4), Some(false));
	// Of a disease that was not proved nothing is known, and nothing of another ontology's.
	assert_eq!(below(8, 4), None);
	assert_eq!(proved.is_below(&Disease::doid(12), &Disease::mondo(4)), None);
	assert_eq!(Proved::new(&[], &[], |_| None), Ok(Proved::default()));
}

#[test]
fn every_disease_has_exactly_one_proof() {
	let leaves = leaves(1..40);
	let release = release(&leaves);
	let new = |asked: &[u32], proofs: &[u32]| {
		let asked: Vec<_> = asked.iter().map(|number| Disease::doid(*number)).collect();
		let closures: Vec<_> = proofs.iter().map(|number| closure(&leaves, number - 1)).collect();
		Proved::new(&asked, &closures, |_| Some(release)).map(|_| ())
	};
	assert_eq!(new(&[3, 4], &[4, 3]), Ok(()));
	assert_eq!(new(&[3, 4], &[4]), Err(ClosureError::Missing));
	assert_eq!(new(&[3], &[]), Err(ClosureError::Missing));
	assert_eq!(new(&[3], &[3, 3]), Err(ClosureError::Unexpected));
	assert_eq!(new(&[3], &[3, 4]), Err(ClosureError::Unexpected));
	let asked = [Disease::doid(3)];
	assert_eq!(Proved::new(&asked, &[closure(&leaves, 2)], |_| None), Err(ClosureError::NoRelease));
}

#[test]
fn stale_ontology_and_obsolete_terms_prove_nothing() {
	let old = leaves(1..40);
	// The next release is without term 12.
	let new = leaves((1..40).filter(|number| *number != 12));
	let closure = closure(&old, 11);
	assert!(closure.verify(&release(&old)));
	assert!(!closure.verify(&release(&new)));
	let asked = [Disease::doid(12)];
	assert_eq!(Proved::new(&asked, &[closure], |_| Some(release(&new))), Err(ClosureError::BadProof));
}

#[test]
fn a_leaf_out_of_order_is_none() {
	let mut wrong = leaves(1..40);
	for ancestors in [vec![2, 1], vec![1, 1], vec![1, 12]] {
		wrong[11].ancestors = ancestors.try_into().expect("few");
		assert!(!wrong[11].is_sound());
		assert!(!closure(&wrong, 11).verify(&release(&wrong)), "although it is in the tree");
	}
	let right = leaves(1..40);
	let elsewhere = Release { namespace: Namespace::Mondo, ..release(&right) };
	assert!(!closure(&right, 11).verify(&elsewhere));
	// A release of nothing opens nothing.
	let nothing = Release { root: H256::zero(), count: 0, ..release(&right) };
	assert!(!closure(&right, 0).verify(&nothing));
}

#[test]
fn a_closure_is_its_json() {
	let leaves = leaves(1..5);
	let closure = closure(&leaves, 3);
	let told = serde_json::to_value(&closure).expect("an object");
	assert_eq!(told["disease"], "DOID:4");
	assert_eq!(told["ancestors"], serde_json::json!([1, 2]));
	assert_eq!(told["index"], 3);
	assert_eq!(serde_json::from_value::<Closure>(told).expect("the same form"), closure);
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(300))]

	#[test]
	fn every_leaf_is_proved_and_nothing_else_is(
		numbers in btree_set(1u32..500, 1..60), at in any::<prop::sample::Index>(), other in any::<prop::sample::Index>(),
		byte in any::<prop::sample::Index>(), bit in 0u8..8, forged in 500u32..600
	) {
		let leaves = leaves(numbers);
		let release = release(&leaves);
		let (at, other) = (at.index(leaves.len()) as u32, other.index(leaves.len()) as u32);
		let right = closure(&leaves, at);
		let mut wrong = Vec::new();
		prop_assert!(right.verify(&release));

		// Swapped: another's place, leaf or proof.
		if at != other {
			let theirs = closure(&leaves, other);
			wrong.push(Closure { index: other, ..right.clone() });
			wrong.push(Closure { leaf: theirs.leaf.clone(), ..right.clone() });
			wrong.push(Closure { proof: theirs.proof, ..right.clone() });
			let renamed = Leaf { disease: theirs.leaf.disease, ..right.leaf.clone() };
			wrong.push(Closure { leaf: renamed, ..right.clone() });
		}
		// Forged: one more ancestor, one fewer, one bit.
		let mut more = right.leaf.ancestors.to_vec();
		more.push(forged);
		let leaf = Leaf { ancestors: more.try_into().expect("few"), ..right.leaf.clone() };
		wrong.push(Closure { leaf, ..right.clone() });
		if let Some((_, fewer)) = right.leaf.ancestors.split_last() {
			let leaf = Leaf { ancestors: fewer.to_vec().try_into().expect("fewer"), ..right.leaf.clone() };
			wrong.push(Closure { leaf, ..right.clone() });
		}
		let mut proof = right.proof.to_vec();
		if !proof.is_empty() {
			let at = byte.index(proof.len() * 32);
			proof[at / 32].0[at % 32] ^= 1 << bit;
			wrong.push(Closure { proof: proof.clone().try_into().expect("as long"), ..right.clone() });
			// Truncated, at either end.
			for cut in [&right.proof[1..], &right.proof[..right.proof.len() - 1]] {
				wrong.push(Closure { proof: cut.to_vec().try_into().expect("shorter"), ..right.clone() });
			}
		}
		proof = right.proof.to_vec();
		proof.push(H256::zero());
		wrong.push(Closure { proof: proof.try_into().expect("short"), ..right.clone() });
		for wrong in wrong {
			prop_assert!(!wrong.verify(&release));
		}
		// A release in which the leaf would stand outside, and another one.
		let outside = Release { count: at, ..release };
		prop_assert!(!right.verify(&outside));
		let another = Release { root: H256::repeat_byte(7), ..release };
		prop_assert!(!right.verify(&another));
	}
}
