//! Chain specifications: the built-in chains, those read from a file, and those made from a consortium's description.

pub mod consortium;

use salus_runtime::{constants::currency, genesis_config_presets::PARACHAIN_ID};
use sc_chain_spec::{ChainSpecExtension, ChainSpecGroup, ChainType, Properties};
use serde::{Deserialize, Serialize};

/// The relay chain that the built-in chains name.
const RELAY_CHAIN: &str = "rococo-local";

/// What a parachain's specification says beyond a solo chain's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ChainSpecGroup, ChainSpecExtension)]
pub struct Extensions {
	/// The id of the relay chain that the parachain belongs to.
	#[serde(alias = "relayChain", alias = "RelayChain")]
	pub relay_chain: String,
	/// The parachain's id on that relay chain.
	#[serde(alias = "paraId", alias = "ParaId")]
	pub para_id: u32,
}

impl Extensions {
	/// The extensions of a specification, if it has them.
	pub fn try_get(spec: &dyn sc_service::ChainSpec) -> Option<&Self> {
		sc_chain_spec::get_extension(spec.extensions())
	}
}

/// A Salus chain's specification.
pub type ChainSpec = sc_service::GenericChainSpec<Extensions>;

/// Finds the specification for `--chain ID`: `dev`, `local` (also when nothing is given), or the path of a file.
pub fn load(id: &str) -> Result<ChainSpec, String> {
	match id {
		"dev" => development(),
		"" | "local" => local_testnet(),
		path => {
			let file = std::path::PathBuf::from(path);
			if !file.is_file() {
				return Err(format!(
					"no chain is called \"{path}\" and no such file exists: use dev, local or the path of a chain \
					 specification"
				));
			}
			ChainSpec::from_json_file(file).map_err(|error| {
				format!(
						"{path} is not a specification of a Salus chain: {error}. Take the file that the other nodes of the \
						 chain run with, or make one with the subcommand consortium-spec or export-chain-spec"
					)
			})
		}
	}
}

/// One collator and demo organisations; runs without a relay chain.
fn development() -> Result<ChainSpec, String> {
	Ok(builder("Salus Development", "salus_dev", ChainType::Development, RELAY_CHAIN, PARACHAIN_ID)?
		.with_genesis_config_preset_name(sp_genesis_builder::DEV_RUNTIME_PRESET)
		.build())
}

/// Two collators, for a relay chain on the same machine.
fn local_testnet() -> Result<ChainSpec, String> {
	Ok(builder("Salus Local Testnet", "salus_local", ChainType::Local, RELAY_CHAIN, PARACHAIN_ID)?
		.with_genesis_config_preset_name(sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET)
		.build())
}

fn builder(
	name: &str,
	id: &str,
	chain_type: ChainType,
	relay_chain: &str,
	para_id: u32,
) -> Result<sc_chain_spec::ChainSpecBuilder<Extensions>, String> {
	let wasm = salus_runtime::WASM_BINARY.ok_or(
		"this binary was built without the runtime's WASM (SKIP_WASM_BUILD was set), so it has no built-in chains: \
		 pass --chain FILE, or build it again",
	)?;
	let extensions = Extensions { relay_chain: relay_chain.into(), para_id };
	Ok(ChainSpec::builder(wasm, extensions)
		.with_name(name)
		.with_id(id)
		.with_protocol_id(&id.replace('_', "-"))
		.with_chain_type(chain_type)
		.with_properties(properties()))
}

/// What wallets show: the token, its decimals, and the form of addresses.
pub fn properties() -> Properties {
	let mut properties = Properties::new();
	properties.insert("tokenSymbol".into(), currency::SYMBOL.into());
	properties.insert("tokenDecimals".into(), currency::DECIMALS.into());
	properties.insert("ss58Format".into(), 42.into());
	properties
}

#[cfg(test)]
mod tests {
	use super::*;
	use sc_service::ChainSpec as _;

	#[test]
	fn an_unknown_chain_is_refused_by_name() {
		let error = load("no-such-chain").err().unwrap();
		assert!(error.contains("no-such-chain"), "{error}");
	}

	#[test]
	fn a_file_that_is_no_specification_is_refused_by_name() {
		let file = std::env::temp_dir().join(format!("salus-spec-{}.json", std::process::id()));
		std::fs::write(&file, "{\"name\":1}").unwrap();
		let error = load(file.to_str().unwrap()).err().unwrap();
		std::fs::remove_file(&file).unwrap();
		assert!(error.contains("is not a specification of a Salus chain"), "{error}");
	}

	#[test]
	fn extensions_are_read_in_every_spelling() {
		for text in [
			r#"{"relay_chain":"r","para_id":1}"#,
			r#"{"relayChain":"r","paraId":1}"#,
			r#"{"RelayChain":"r","ParaId":1}"#,
		] {
			let read: Extensions = serde_json::from_str(text).unwrap();
			assert_eq!(read, Extensions { relay_chain: "r".into(), para_id: 1 });
		}
	}

	#[test]
	fn built_in_chains_carry_properties_and_the_parachain_id() {
		if salus_runtime::WASM_BINARY.is_none() {
			return;
		}
		for (id, chain_type) in [("dev", ChainType::Development), ("local", ChainType::Local)] {
			let spec = load(id).unwrap();
			assert_eq!(spec.properties(), properties());
			assert_eq!(spec.chain_type(), chain_type);
			assert_eq!(Extensions::try_get(&spec).unwrap().para_id, PARACHAIN_ID);
		}
	}
}
