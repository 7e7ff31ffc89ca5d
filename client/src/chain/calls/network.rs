//! Calls about the network itself: who makes its blocks, and which runtime it runs.

use super::{Arguments, Call};
use codec::Encode;
use salus_primitives::{AccountId, H256};

/// The already encoded session keys: they have no length of their own.
struct Raw<'a>(&'a [u8]);

impl Encode for Raw<'_> {
	fn encode_to<O: codec::Output + ?Sized>(&self, out: &mut O) {
		out.write(self.0);
	}
}

/// Registers the session keys of a collator, with the proof of ownership that its node made of them
/// (`author_rotateKeysWithOwner`).
pub fn set_session_keys(keys: &[u8], proof: &[u8]) -> Call {
	call!(Session.set_keys(Raw(keys), proof))
}

/// Names a collator, as the council.
pub fn add_collator(account: &AccountId) -> Call {
	call!(CollatorSelection.add_invulnerable(account))
}

/// Dismisses a collator, as the council.
pub fn remove_collator(account: &AccountId) -> Call {
	call!(CollatorSelection.remove_invulnerable(account))
}

/// Authorises a runtime by the hash of its code, as the council.
pub fn authorize_upgrade(code_hash: H256) -> Call {
	call!(Upgrades.authorize(code_hash))
}

/// Applies the runtime that was authorised; anyone may.
pub fn apply_upgrade(code: &[u8]) -> Call {
	call!(System.apply_authorized_upgrade(code))
}

/// Pauses a call, as the council.
pub fn pause(pallet: &str, name: &str) -> Call {
	call!(TxPause.pause((pallet, name)))
}

/// Lets a paused call go on, as the council.
pub fn unpause(pallet: &str, name: &str) -> Call {
	call!(TxPause.unpause((pallet, name)))
}

/// Enters safe mode, as the council.
pub fn enter_safe_mode() -> Call {
	call!(SafeMode.force_enter())
}

/// Prolongs safe mode, as the council.
pub fn extend_safe_mode() -> Call {
	call!(SafeMode.force_extend())
}

/// Leaves safe mode, as the council.
pub fn exit_safe_mode() -> Call {
	call!(SafeMode.force_exit())
}
