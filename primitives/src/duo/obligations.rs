//! What a grant owes, and when it has to end.

use super::types::{Group, Modifier};
use crate::{codes::codes, time::add_months, Moment};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::ConstU32;
use sp_runtime::BoundedVec;

/// Obligations of one group.
pub const MAX_OBLIGATIONS: u32 = super::types::MAX_MODIFIERS;

codes! {
	/// What a grant can owe.
	ObligationKind { Publish = "publish", ReturnResults = "return-results", Moratorium = "moratorium", }
}

/// What a grant owes.
#[derive(
	Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Obligation {
	/// What.
	pub kind: ObligationKind,
	/// To be met by this moment. Of a moratorium: not to publish before it.
	pub due: Moment,
}

/// What a group asks of a grant from `start` until before `expiry`, ordered by kind and moment, none twice.
///
/// A deadline that is not stated, or is over when the grant begins, is the grant's end. A moratorium that is over owes
/// nothing.
pub fn obligations(group: &Group, start: Moment, expiry: Moment) -> BoundedVec<Obligation, ConstU32<MAX_OBLIGATIONS>> {
	let by = |kind, deadline: &Option<Moment>| Obligation {
		kind,
		due: deadline.filter(|deadline| start < *deadline).unwrap_or(expiry),
	};
	let mut owed: alloc::vec::Vec<_> = group
		.modifiers
		.iter()
		.filter_map(|modifier| match modifier {
			Modifier::Pub { deadline } => Some(by(ObligationKind::Publish, deadline)),
			Modifier::Rtn { deadline } => Some(by(ObligationKind::ReturnResults, deadline)),
			Modifier::Mor { date } if start < *date => {
				Some(Obligation { kind: ObligationKind::Moratorium, due: *date })
			}
			_ => None,
		})
		.collect();
	owed.sort();
	owed.dedup();
	// One for each modifier at most, of which there are no more.
	BoundedVec::truncate_from(owed)
}

/// The moment before which a grant that begins at `start` has to end; `None` if the group sets no limit. Months are of
/// the calendar: from 31 January one month lasts to the end of February.
pub fn expiry(group: &Group, start: Moment) -> Option<Moment> {
	let limits = group.modifiers.iter().filter_map(|modifier| match modifier {
		Modifier::Ts { months } => Some(add_months(start, *months)),
		_ => None,
	});
	limits.min()
}
