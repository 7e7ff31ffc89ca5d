//! Releases of disease ontologies, and proofs of what lies above a disease.
//!
//! A release is the root of a [`merkle`] tree and the number of its leaves. A leaf says of one term all that lies above
//! it; terms stand in the order of their numbers, and obsolete ones are not there. A request carries a [`Closure`] for
//! each of its diseases: the leaf with its proof. What is not proved is not known.

use super::{
	terms::{Disease, Namespace},
	types::MAX_DISEASES,
};
use crate::{merkle, H256};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::ConstU32;
use sp_runtime::BoundedVec;

/// Ancestors of one term.
pub const MAX_ANCESTORS: u32 = 128;
/// Hashes of one proof: a release has fewer than 2^32 terms.
pub const MAX_PROOF: u32 = 32;

/// Numbers of all terms above one, of the same ontology, from the smallest; never its own.
pub type Ancestors = BoundedVec<u32, ConstU32<MAX_ANCESTORS>>;

/// What is known of diseases.
pub trait Ontology {
	/// Whether a disease lies below another; `None` if that is not known. Of equal diseases it is not asked.
	fn is_below(&self, disease: &Disease, ancestor: &Disease) -> Option<bool>;
}

/// Nothing is known.
impl Ontology for () {
	fn is_below(&self, _: &Disease, _: &Disease) -> Option<bool> {
		None
	}
}

/// A release of an ontology.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Release {
	/// Of which ontology.
	pub namespace: Namespace,
	/// Root of the tree over its terms.
	pub root: H256,
	/// Its terms.
	pub count: u32,
}

/// What a release says of one term. The content of its leaf in the tree is its SCALE encoding.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Leaf {
	/// The term.
	pub disease: Disease,
	/// All that lies above it.
	pub ancestors: Ancestors,
}

impl Leaf {
	/// Whether the ancestors are in order, none twice, and not the term itself.
	pub fn is_sound(&self) -> bool {
		self.ancestors.is_sorted_by(|one, next| one < next) && !self.ancestors.contains(&self.disease.number)
	}
}

/// A leaf of a release with its proof.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Closure {
	/// Where the leaf stands.
	pub index: u32,
	/// The leaf.
	#[cfg_attr(feature = "std", serde(flatten))]
	pub leaf: Leaf,
	/// Its siblings from below.
	pub proof: BoundedVec<H256, ConstU32<MAX_PROOF>>,
}

impl Closure {
	/// Whether the release says this.
	pub fn verify(&self, release: &Release) -> bool {
		self.leaf.disease.namespace == release.namespace
			&& self.leaf.is_sound()
			&& merkle::verify(&release.root, release.count, self.index, &self.leaf.encode(), &self.proof)
	}
}

/// Why closures prove nothing.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClosureError {
	/// There is no release of a disease's ontology.
	NoRelease,
	/// A proof that the release does not verify: forged, of another release, or of an obsolete term.
	BadProof,
	/// A disease without a closure.
	Missing,
	/// A closure of a disease that is not asked for, or a second one.
	Unexpected,
}

/// Closures that verified, one for each disease of a request.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Proved(Vec<Leaf>);

impl Proved {
	/// Verifies one closure for each of these diseases, in any order. All of them, or none: a request whose diseases are
	/// not proved is an error, and not one without diseases.
	pub fn new(
		diseases: &[Disease],
		closures: &[Closure],
		release: impl Fn(Namespace) -> Option<Release>,
	) -> Result<Self, ClosureError> {
		let mut leaves: Vec<Leaf> = Vec::new();
		for closure in closures {
			let disease = &closure.leaf.disease;
			let known = leaves.iter().any(|leaf| leaf.disease == *disease);
			if known || !diseases.contains(disease) || leaves.len() >= MAX_DISEASES as usize {
				return Err(ClosureError::Unexpected);
			}
			let release = release(disease.namespace).ok_or(ClosureError::NoRelease)?;
			if !closure.verify(&release) {
				return Err(ClosureError::BadProof);
			}
			leaves.push(closure.leaf.clone());
		}
		if diseases.iter().all(|disease| leaves.iter().any(|leaf| leaf.disease == *disease)) {
			Ok(Self(leaves))
		} else {
			Err(ClosureError::Missing)
		}
	}
}

impl Ontology for Proved {
	fn is_below(&self, disease: &Disease, ancestor: &Disease) -> Option<bool> {
		let leaf = self.0.iter().find(|leaf| leaf.disease == *disease)?;
		(disease.namespace == ancestor.namespace).then(|| leaf.ancestors.contains(&ancestor.number))
	}
}
