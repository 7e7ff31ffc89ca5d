//! Whether a node and its relay chain mean the same parachain.
//!
//! A node whose parachain is not registered, or registered with another genesis, makes no block and would say nothing
//! about it. What is compared here needs no relay chain, so that it can be tested without one; the collator asks.

use codec::Decode;
use cumulus_primitives_core::ParaId;
use salus_runtime::{Hash, Header};

/// Compares the parachain's number in the chain specification, if it has one, with the one that the runtime has.
pub fn compare_para_id(specified: Option<u32>, runtime: ParaId) -> Result<(), String> {
	match specified {
		Some(specified) if specified != u32::from(runtime) => Err(format!(
			"the chain specification says parachain {specified}, its genesis {runtime}. Both come from para_id of the \
			 consortium's description: make the specification anew with consortium-spec, and give every node the same one"
		)),
		_ => Ok(()),
	}
}

/// Compares the head that the relay chain has of the parachain with the genesis of this node.
///
/// A head that is not the genesis says nothing here: whether it descends from this genesis is seen when it is synced.
#[cfg_attr(not(feature = "collator"), allow(dead_code))]
pub fn compare_head(relay: &str, para_id: ParaId, head: Option<&[u8]>, genesis: Hash) -> Result<(), String> {
	let Some(head) = head else {
		return Err(format!(
			"the relay chain {relay:?} has no parachain {para_id}: no block can be made. Register it there with what \
			 export-genesis-head and export-genesis-wasm write, or correct relay_chain and para_id of the chain \
			 specification"
		));
	};
	let head = Header::decode(&mut &head[..]).map_err(|_| {
		format!(
			"parachain {para_id} of the relay chain {relay:?} is no Salus chain: its head cannot be read. Correct para_id \
			 of the chain specification, or register the parachain anew with what export-genesis-head writes"
		)
	})?;
	if head.number == 0 && head.hash() != genesis {
		return Err(format!(
			"parachain {para_id} of the relay chain {relay:?} is another chain: its genesis is {:?}, that of this node's \
			 chain specification is {genesis:?}. Use the specification that the parachain was registered with, or \
			 register it anew with what export-genesis-head writes",
			head.hash(),
		));
	}
	Ok(())
}

/// What is said when the relay chain is silent.
#[cfg_attr(not(feature = "collator"), allow(dead_code))]
pub fn silence(relay: &str, seconds: u64) -> String {
	format!(
		"no block of the relay chain {relay:?} has come for {seconds} s: this node makes and takes no block meanwhile. Look \
		 at its peers and boot nodes (options after --, lines of the log that begin with [Relaychain]), at \
		 --relay-chain-rpc-urls if you gave them, and at this machine's clock"
	)
}

#[cfg(test)]
mod tests {
	use super::*;
	use codec::Encode;

	const ID: ParaId = ParaId::new(2042);

	fn head(number: u32) -> Header {
		Header {
			number,
			parent_hash: Hash::repeat_byte(1),
			state_root: Hash::repeat_byte(2),
			extrinsics_root: Hash::repeat_byte(3),
			digest: Default::default(),
		}
	}

	fn compared(head: Option<Vec<u8>>, genesis: Hash) -> Result<(), String> {
		compare_head("rococo-local", ID, head.as_deref(), genesis)
	}

	#[test]
	fn a_specification_of_another_parachain_is_refused_with_both_numbers() {
		assert_eq!(compare_para_id(Some(2042), ID), Ok(()));
		assert_eq!(compare_para_id(None, ID), Ok(()));
		let error = compare_para_id(Some(2000), ID).unwrap_err();
		assert!(error.contains("2000") && error.contains("2042") && error.contains("consortium-spec"), "{error}");
	}

	#[test]
	fn the_registered_genesis_is_this_nodes() {
		let genesis = head(0);
		assert_eq!(compared(Some(genesis.encode()), genesis.hash()), Ok(()));
		assert_eq!(compared(Some(head(7).encode()), genesis.hash()), Ok(()));
	}

	#[test]
	fn an_unregistered_parachain_is_told_with_what_to_register() {
		let error = compared(None, Hash::zero()).unwrap_err();
		for part in ["rococo-local", "2042", "export-genesis-head", "export-genesis-wasm"] {
			assert!(error.contains(part), "{error}");
		}
	}

	#[test]
	fn another_genesis_is_told_with_both_hashes() {
		let (registered, genesis) = (head(0), Hash::repeat_byte(9));
		let error = compared(Some(registered.encode()), genesis).unwrap_err();
		assert!(
			error.contains(&format!("{:?}", registered.hash())) && error.contains(&format!("{genesis:?}")),
			"{error}"
		);
	}

	#[test]
	fn a_head_that_is_no_header_is_another_kind_of_chain() {
		let error = compared(Some(vec![1, 2, 3]), Hash::zero()).unwrap_err();
		assert!(error.contains("is no Salus chain"), "{error}");
	}

	#[test]
	fn silence_names_the_relay_chain_and_where_to_look() {
		let said = silence("polkadot", 60);
		assert!(said.contains("polkadot") && said.contains("60 s") && said.contains("clock"), "{said}");
	}
}
