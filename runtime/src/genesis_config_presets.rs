//! The genesis states that `--dev` and local networks start from.

#![warn(missing_docs)]

use alloc::{vec, vec::Vec};

use cumulus_primitives_core::ParaId;
use frame_support::build_struct_json_patch;
use sp_genesis_builder::{PresetId, DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};
use sp_keyring::Sr25519Keyring;

use crate::{
	configs::collation::MaxCollators,
	constants::currency::{EXISTENTIAL_DEPOSIT, UNIT},
	AccountId, AuraId, Balance, BalancesConfig, CollatorSelectionConfig, CouncilMembershipConfig, ParachainInfoConfig,
	RuntimeGenesisConfig, SessionConfig, SessionKeys,
};

/// The parachain's id on the relay chain, unless a chain spec says otherwise.
pub const PARACHAIN_ID: u32 = 2042;

/// What each well-known account owns in development.
const DEVELOPMENT_ENDOWMENT: Balance = 1_000_000 * UNIT;

/// A collator of the first session: its account and the key that its node signs blocks with.
pub type Collator = (AccountId, AuraId);

/// A genesis with this council, these collators, and what these accounts own.
pub fn genesis(
	para_id: u32,
	council: Vec<AccountId>,
	collators: Vec<Collator>,
	balances: Vec<(AccountId, Balance)>,
) -> Result<serde_json::Value, &'static str> {
	if collators.len() > MaxCollators::get() as usize {
		return Err("more collators than the chain can have");
	}
	let members = council.try_into().map_err(|_| "more members than the council can have")?;
	let balances = balances
		.into_iter()
		// The pot must exist before the first fee reaches it, or small fees would be lost.
		.chain([(crate::configs::monetary::FeePot::get(), EXISTENTIAL_DEPOSIT)])
		.collect();
	Ok(build_struct_json_patch!(RuntimeGenesisConfig {
		balances: BalancesConfig { balances },
		parachain_info: ParachainInfoConfig { parachain_id: ParaId::new(para_id) },
		collator_selection: CollatorSelectionConfig {
			invulnerables: collators.iter().map(|(account, _)| account.clone()).collect(),
		},
		session: SessionConfig {
			keys: collators
				.into_iter()
				.map(|(account, aura)| (account.clone(), account, SessionKeys { aura }))
				.collect(),
		},
		council_membership: CouncilMembershipConfig { members },
	}))
}

/// A genesis with the given collators and the well-known accounts, of which Alice, Bob and Charlie are the council.
fn development_genesis(collators: &[Sr25519Keyring]) -> serde_json::Value {
	let council = [Sr25519Keyring::Alice, Sr25519Keyring::Bob, Sr25519Keyring::Charlie];
	genesis(
		PARACHAIN_ID,
		council.map(|member| member.to_account_id()).to_vec(),
		collators.iter().map(|collator| (collator.to_account_id(), collator.public().into())).collect(),
		Sr25519Keyring::well_known().map(|account| (account.to_account_id(), DEVELOPMENT_ENDOWMENT)).collect(),
	)
	.expect("three members are fewer than the council can have; qed")
}

/// The JSON patch of the preset `id`.
pub fn get_preset(id: &PresetId) -> Option<Vec<u8>> {
	let patch = match id.as_ref() {
		DEV_RUNTIME_PRESET => development_genesis(&[Sr25519Keyring::Alice]),
		LOCAL_TESTNET_RUNTIME_PRESET => development_genesis(&[Sr25519Keyring::Alice, Sr25519Keyring::Bob]),
		_ => return None,
	};
	Some(serde_json::to_vec(&patch).expect("a JSON value with string keys always serialises; qed"))
}

/// The names of the presets.
pub fn preset_names() -> Vec<PresetId> {
	vec![PresetId::from(DEV_RUNTIME_PRESET), PresetId::from(LOCAL_TESTNET_RUNTIME_PRESET)]
}
