//! Placeholder until branch gs1 is merged.
#![allow(missing_docs)]
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
#[derive(
	Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug,
	serde::Serialize, serde::Deserialize,
)]
pub struct Gtin(pub u64);
impl Gtin {
	pub fn is_valid(&self) -> bool {
		let digits = alloc::format!("{:014}", self.0).into_bytes();
		let sum: u32 =
			digits.iter().rev().zip([1, 3].into_iter().cycle()).map(|(d, w)| u32::from(d & 15) * w).sum();
		digits.len() == 14 && sum % 10 == 0
	}
}
pub const MAX_LOT: u32 = 20;
pub type Lot = sp_runtime::BoundedVec<u8, sp_core::ConstU32<MAX_LOT>>;
pub fn is_valid_lot(lot: &[u8]) -> bool {
	!lot.is_empty() && lot.len() <= 20 && lot.iter().all(u8::is_ascii_graphic)
}
