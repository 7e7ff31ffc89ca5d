//! Whole blocks, with the inherents that a collator makes.

use super::*;
use cumulus_pallet_parachain_system::{
	parachain_inherent::{BasicParachainInherentData, InboundMessagesCollection, InboundMessagesData},
	LastDmqMqcHead,
};
use cumulus_primitives_core::{
	relay_chain::{HeadData, MAX_POV_SIZE},
	InboundDownwardMessage, InboundHrmpMessage, ParaId, PersistedValidationData,
};
use cumulus_primitives_parachain_inherent::MessageQueueChain;
use cumulus_test_relay_sproof_builder::RelayStateSproofBuilder;
use sp_runtime::{traits::Header as _, Digest, DigestItem, ExtrinsicInclusionMode};

use crate::constants::time::SLOT_DURATION;

/// What others send to this chain in a block.
#[derive(Default)]
pub struct Messages {
	/// From the relay chain.
	pub downward: Vec<Vec<u8>>,
	/// From this parachain.
	pub horizontal: Vec<(ParaId, Vec<u8>)>,
}

/// The slot after the present time.
pub fn next_slot() -> u64 {
	pallet_timestamp::Now::<Runtime>::get() / SLOT_DURATION + 1
}

/// The time inherent of a slot.
pub fn time_of(slot: u64) -> RuntimeCall {
	pallet_timestamp::Call::set { now: slot * SLOT_DURATION }.into()
}

/// The parachain inherent of a slot, under a relay chain that has included the parent.
pub fn validation_data(slot: u64, parent: &Header, messages: Messages) -> RuntimeCall {
	let included = HeadData(parent.encode());
	let para_id = ParachainInfo::parachain_id();
	let sent_at = slot as u32;
	let mut relay = RelayStateSproofBuilder { para_id, ..Default::default() };
	relay.current_slot = slot.into();
	relay.included_para_head = Some(included.clone());

	let downward: Vec<_> = messages.downward.into_iter().map(|msg| InboundDownwardMessage { sent_at, msg }).collect();
	let mut head = LastDmqMqcHead::<Runtime>::get();
	downward.iter().for_each(|message| {
		head.extend_downward(message);
	});
	relay.dmq_mqc_head = Some(head.head());
	let horizontal: Vec<_> =
		messages.horizontal.into_iter().map(|(sender, data)| (sender, InboundHrmpMessage { sent_at, data })).collect();
	for (sender, message) in &horizontal {
		let mut head = MessageQueueChain::default();
		head.extend_hrmp(message);
		relay.upsert_inbound_channel(*sender).mqc_head = Some(head.head());
	}

	let (relay_parent_storage_root, relay_chain_state) = relay.into_state_root_and_proof();
	let mut room = usize::MAX;
	let data = BasicParachainInherentData {
		validation_data: PersistedValidationData {
			parent_head: included,
			relay_parent_number: sent_at,
			relay_parent_storage_root,
			max_pov_size: MAX_POV_SIZE,
		},
		relay_chain_state,
		relay_parent_descendants: Vec::new(),
		collator_peer_id: None,
	};
	let inbound_messages_data = InboundMessagesData {
		downward_messages: InboundMessagesCollection::new(downward).into_abridged(&mut room),
		horizontal_messages: InboundMessagesCollection::new(horizontal).into_abridged(&mut room),
	};
	cumulus_pallet_parachain_system::Call::set_validation_data { data, inbound_messages_data }.into()
}

/// A header to build the first block on.
pub fn parent() -> Header {
	Header::new(System::block_number(), Hash::zero(), Hash::zero(), Hash::zero(), Digest::default())
}

/// Executes the block after `parent`: its inherents, and what `transactions` does, which is told what it may do.
pub fn block(parent: &Header, messages: Messages, transactions: impl FnOnce(ExtrinsicInclusionMode)) -> Header {
	let slot = next_slot();
	let digest = Digest { logs: vec![DigestItem::PreRuntime(sp_consensus_aura::AURA_ENGINE_ID, slot.encode())] };
	let header = Header::new(parent.number + 1, Hash::zero(), Hash::zero(), parent.hash(), digest);
	let mode = Executive::initialize_block(&header);
	for inherent in [time_of(slot), validation_data(slot, parent, messages)] {
		assert_eq!(Executive::apply_extrinsic(UncheckedExtrinsic::new_bare(inherent)), Ok(Ok(())));
	}
	transactions(mode);
	Executive::finalize_block()
}

/// The block after `parent`, without transactions: whether it could have had any.
pub fn empty_block(parent: &Header) -> (Header, ExtrinsicInclusionMode) {
	let mut told = None;
	let header = block(parent, Messages::default(), |mode| told = Some(mode));
	(header, told.expect("the block was executed"))
}

#[test]
fn a_blocks_time_is_that_of_its_slot() {
	development(|| {
		let slot = next_slot();
		let (header, mode) = empty_block(&parent());
		assert_eq!((header.number, mode), (2, ExtrinsicInclusionMode::AllExtrinsics));
		assert_eq!(pallet_timestamp::Now::<Runtime>::get(), slot * SLOT_DURATION);
	})
}
