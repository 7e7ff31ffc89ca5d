use super::*;
use crate::merkle;
use proptest::prelude::*;

fn leaves(count: u32) -> Vec<Vec<u8>> {
	(0..count).map(|n| n.to_be_bytes()[..1 + n as usize % 4].to_vec()).collect()
}

/// Sizes up to 70, and the neighbours of greater powers of two.
fn sizes() -> impl Iterator<Item = u32> {
	(1..=70).chain([127, 128, 129, 255, 256, 257, 1_023, 1_024, 1_025])
}

/// Indices worth trying among so many: all of a small tree, the edges of a larger one.
fn indices(count: u32) -> Vec<u32> {
	match count {
		..=70 => (0..count).collect(),
		_ => vec![0, 1, count / 2 - 1, count / 2, count - 2, count - 1],
	}
}

#[test]
fn the_form_is_the_documented_one() {
	let leaf = |index: u32, content: &[u8]| {
		let mut bytes = vec![0];
		bytes.extend(index.to_le_bytes());
		bytes.extend(content);
		BlakeTwo256::hash(&bytes).0
	};
	let node = |left: [u8; 32], right: [u8; 32]| BlakeTwo256::hash(&[&[1][..], &left, &right].concat()).0;
	let (a, b, c) = (leaf(0, b"a"), leaf(1, b"b"), leaf(2, b"c"));
	assert_eq!(merkle::root(&["a"]).0, a);
	assert_eq!(merkle::root(&["a", "b"]).0, node(a, b));
	assert_eq!(merkle::root(&["a", "b", "c"]).0, node(node(a, b), node(c, [0; 32])));
	let (d, e, none) = (leaf(3, b"d"), leaf(4, b""), node([0; 32], [0; 32]));
	let right = node(node(e, [0; 32]), none);
	assert_eq!(merkle::root(&["a", "b", "c", "d", ""]).0, node(node(node(a, b), node(c, d)), right));
	let siblings = merkle::proof(&["a", "b", "c", "d", ""], 4).expect("there is a fifth");
	assert_eq!(siblings, [H256::zero(), H256(none), H256(node(node(a, b), node(c, d)))]);
}

/// Computed with Python's `hashlib.blake2b`.
#[test]
fn other_programs_find_the_same_roots() {
	let told = |leaves: &[&str]| format!("{:?}", merkle::root(leaves));
	assert_eq!(told(&["a"]), "0x9684b82197899ab67d81266866b65d4186fcefe14575729d9d97cf729d6b81ba");
	assert_eq!(told(&["a", "b"]), "0xa0a17b9d12c00a9e0d74c84cdbcdcfb9eeea2902f1a7fdcd565f788442057453");
	let five = "0x78c867cc2d1ea03bbe7780a6a98f430a13ebc510199a156e858755672864e2bd";
	assert_eq!(told(&["a", "b", "c", "d", ""]), five);
}

#[test]
fn a_whole_tree_gives_the_same_root_and_proofs() {
	for count in std::iter::once(0).chain(sizes()) {
		let leaves = leaves(count);
		let tree = merkle::Tree::new(&leaves);
		assert_eq!(tree.root(), merkle::root(&leaves), "{count} leaves");
		for index in indices(count).into_iter().filter(|_| count > 0).chain([count]) {
			assert_eq!(tree.proof(index), merkle::proof(&leaves, index), "leaf {index} of {count}");
		}
	}
}

#[test]
fn nodes_are_the_hashes_of_what_is_below() {
	let leaves = leaves(5);
	let tree = merkle::Tree::new(&leaves);
	assert_eq!(tree.node(0, 4), Some(merkle::hash_leaf(4, &leaves[4])));
	assert_eq!(tree.node(2, 1), Some(merkle::hash_node(&tree.node(1, 2).unwrap(), &merkle::padding(1))));
	assert_eq!((tree.node(0, 5), tree.node(1, 3), tree.node(4, 0)), (None, None, None));
}

#[test]
fn a_tree_is_as_deep_as_its_leaves_need() {
	for (count, levels) in [(0, 0), (1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (1 << 20, 20), ((1 << 20) + 1, 21)] {
		assert_eq!(merkle::depth(count), levels, "{count} leaves");
	}
	assert_eq!((merkle::depth(1 << 31), merkle::depth(u32::MAX)), (31, 32));
}

#[test]
fn every_leaf_is_proved_with_a_proof_of_exact_length() {
	for count in sizes() {
		let leaves = leaves(count);
		let root = merkle::root(&leaves);
		for index in indices(count) {
			let proof = merkle::proof(&leaves, index).expect("the index is in the tree");
			assert_eq!(proof.len() as u32, merkle::depth(count));
			assert!(merkle::verify(&root, count, index, &leaves[index as usize], &proof), "{index} of {count}");
		}
		assert_eq!(merkle::proof(&leaves, count), None);
		assert_eq!(merkle::proof(&leaves, u32::MAX), None);
	}
}

#[test]
fn no_leaf_opens_under_another_index() {
	// Equal contents, so that only the index tells the leaves apart.
	for count in 1..=70 {
		let leaves = vec![b"same"; count as usize];
		let root = merkle::root(&leaves);
		for index in 0..count {
			let proof = merkle::proof(&leaves, index).expect("the index is in the tree");
			for other in (0..count.next_power_of_two() + 2).chain([u32::MAX, index | 1 << 31]) {
				let opens = merkle::verify(&root, count, other, b"same", &proof);
				assert_eq!(opens, other == index, "{index} as {other} of {count}");
			}
		}
	}
}

#[test]
fn a_longer_or_shorter_proof_is_refused() {
	for count in sizes() {
		let leaves = leaves(count);
		let root = merkle::root(&leaves);
		for index in indices(count) {
			let proof = merkle::proof(&leaves, index).expect("the index is in the tree");
			let leaf = &leaves[index as usize];
			for length in 0..proof.len() {
				assert!(!merkle::verify(&root, count, index, leaf, &proof[..length]));
				assert!(!merkle::verify(&root, count, index >> (proof.len() - length), leaf, &proof[..length]));
				assert!(!merkle::verify(&root, count, index, leaf, &proof[proof.len() - length..]));
			}
			for more in [H256::zero(), root] {
				assert!(!merkle::verify(&root, count, index, leaf, &[&proof[..], &[more]].concat()));
				assert!(!merkle::verify(&root, count, index, leaf, &[&[more], &proof[..]].concat()));
			}
		}
	}
}

#[test]
fn a_count_of_another_depth_is_refused() {
	for count in 2..=70u32 {
		let leaves = leaves(count);
		let (root, proof) = (merkle::root(&leaves), merkle::proof(&leaves, 1).expect("there is a second"));
		for wrong in [0, 1, count.next_power_of_two() / 2, count.next_power_of_two() + 1, u32::MAX] {
			assert!(!merkle::verify(&root, wrong, 1, &leaves[1], &proof), "{count} as {wrong}");
		}
	}
}

#[test]
fn a_node_is_no_leaf_and_padding_is_none_either() {
	for count in 2..=70u32 {
		let leaves = leaves(count);
		let root = merkle::root(&leaves);
		let proof = merkle::proof(&leaves, 0).expect("there is a first");
		let first = hash_leaf(0, &leaves[0]);
		// The two children of a node as the content of a leaf one level higher, tagged or not.
		let children = [first.as_bytes(), proof[0].as_bytes()].concat();
		for forged in [children.clone(), [&[NODE][..], &children].concat()] {
			assert!(!merkle::verify(&root, count, 0, &forged, &proof[1..]));
			assert!(!merkle::verify(&root, count.div_ceil(2), 0, &forged, &proof[1..]));
		}
		for padded in count..count.next_power_of_two() {
			let mut siblings = Vec::new();
			let mut position = padded as usize;
			climb(&leaves, |level, padding| {
				siblings.push(level.get(position ^ 1).copied().unwrap_or(padding));
				position /= 2;
			});
			for content in [&[][..], &[0; 32]] {
				assert!(!merkle::verify(&root, count, padded, content, &siblings));
				assert!(!merkle::verify(&root, count.next_power_of_two(), padded, content, &siblings));
			}
		}
	}
}

#[test]
fn nothing_opens_an_empty_tree() {
	assert_eq!(merkle::root::<&[u8]>(&[]), H256::zero());
	assert_eq!(merkle::proof::<&[u8]>(&[], 0), None);
	assert!(!merkle::verify(&H256::zero(), 0, 0, &[], &[]));
	assert!(!merkle::verify(&H256::zero(), 1, 0, &[], &[]));
}

fn tree() -> impl Strategy<Value = (Vec<Vec<u8>>, u32)> {
	prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 1..200)
		.prop_flat_map(|leaves| (0..leaves.len() as u32).prop_map(move |index| (leaves.clone(), index)))
}

proptest! {
	#![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

	#[test]
	fn what_is_proved_is_what_is_there((leaves, index) in tree()) {
		let proof = merkle::proof(&leaves, index).expect("the index is in the tree");
		prop_assert!(merkle::verify(&merkle::root(&leaves), leaves.len() as u32, index, &leaves[index as usize], &proof));
	}

	#[test]
	fn a_flipped_bit_anywhere_refuses((leaves, index) in tree(), place in any::<prop::sample::Index>(), bit in 0..8u8) {
		let (root, count) = (merkle::root(&leaves), leaves.len() as u32);
		let proof = merkle::proof(&leaves, index).expect("the index is in the tree");
		let mut leaf = leaves[index as usize].clone();
		let mut forged = proof.clone();
		let mut other_root = root;
		let place = place.index(leaf.len() + 32 * proof.len() + 32);
		match place.checked_sub(leaf.len()) {
			None => leaf[place] ^= 1 << bit,
			Some(place) if place < 32 * proof.len() => forged[place / 32].0[place % 32] ^= 1 << bit,
			Some(place) => other_root.0[place % 32] ^= 1 << bit,
		}
		prop_assert!(!merkle::verify(&other_root, count, index, &leaf, &forged));
	}

	#[test]
	fn swapped_or_exchanged_nodes_refuse((leaves, index) in tree(), other in any::<prop::sample::Index>()) {
		let (root, count) = (merkle::root(&leaves), leaves.len() as u32);
		let leaf = &leaves[index as usize];
		let proof = merkle::proof(&leaves, index).expect("the index is in the tree");
		for i in 1..proof.len() {
			let mut swapped = proof.clone();
			swapped.swap(i - 1, i);
			prop_assert!(!merkle::verify(&root, count, index, leaf, &swapped));
		}
		let other = other.index(leaves.len()) as u32;
		let others = merkle::proof(&leaves, other).expect("the index is in the tree");
		let opens = merkle::verify(&root, count, index, leaf, &others);
		prop_assert_eq!(opens, other == index);
	}

	#[test]
	fn another_order_length_or_content_is_another_root((leaves, index) in tree()) {
		let root = merkle::root(&leaves);
		let index = index as usize;
		let mut changed = leaves.clone();
		changed[index].push(0);
		prop_assert_ne!(merkle::root(&changed), root);
		let longer = [&leaves[..], &[Vec::new()]].concat();
		prop_assert_ne!(merkle::root(&longer), root);
		prop_assert_ne!(merkle::root(&leaves[1..]), root);
		let mut turned = leaves.clone();
		turned.swap(0, index);
		prop_assert_eq!(merkle::root(&turned) == root, turned == leaves);
	}
}
