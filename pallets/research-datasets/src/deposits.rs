//! What deposits are asked for: the greatest length of what is stored.

use super::*;
use codec::{Encode, MaxEncodedLen};

impl<T: Config> Pallet<T> {
	/// A dataset.
	pub fn dataset_footprint() -> Footprint {
		Footprint::from_mel::<Dataset<TicketOf<T>>>()
	}

	/// A group's data use, as long as it is: most are far from the greatest length.
	pub fn terms_footprint(group: &Group) -> Footprint {
		let most = Footprint::from_mel::<Terms<TicketOf<T>>>();
		let beside = most.size.saturating_sub(Group::max_encoded_len() as u64);
		Footprint { size: beside.saturating_add(group.encoded_size() as u64), ..most }
	}

	/// A contribution, with its nullifier and the two days that it may be the first to name.
	pub fn contribution_footprint() -> Footprint {
		let entry = Footprint::from_mel::<Contribution<TicketOf<T>>>();
		let beside = Pseudonym::max_encoded_len() + 2 * Turn::max_encoded_len();
		Footprint { count: entry.count, size: entry.size.saturating_add(beside as u64) }
	}

	/// A request, with the grant that may come of it.
	pub fn request_footprint() -> Footprint {
		let request = Footprint::from_mel::<Request<TicketOf<T>>>();
		Footprint { size: request.size.saturating_add(Grant::max_encoded_len() as u64), ..request }
	}

	/// An ethics approval.
	pub fn approval_footprint() -> Footprint {
		Footprint::from_mel::<Approval<TicketOf<T>>>()
	}
}
