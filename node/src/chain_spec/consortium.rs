//! A consortium's own chain, from a file that its members agree on.
//!
//! ```json
//! {
//!   "name": "Salus North", "id": "salus_north", "relay_chain": "polkadot", "para_id": 2042,
//!   "council": ["5F…", "5G…", "5H…"],
//!   "collators": [{"account": "5F…", "aura": "0x…"}],
//!   "balances": [{"account": "5F…", "sls": "1000000"}],
//!   "boot_nodes": ["/dns/collator1.example.org/tcp/30333/p2p/12D3…"]
//! }
//! ```
//!
//! `council`, `collators` and `balances` name accounts as SS58 addresses of prefix 42; `aura` is the public key that the
//! collator's node keeps (`salus-node key insert`, or `author_rotateKeysWithOwner` of a running node); `sls` is in whole
//! SLS. `boot_nodes` may be left out. What could not work is refused, and so are keys that everybody has.

use super::{builder, ChainSpec};
use salus_runtime::{
	constants::currency::{EXISTENTIAL_DEPOSIT, UNIT},
	genesis_config_presets::{genesis, Collator},
	AccountId, AuraId, Balance,
};
use sc_chain_spec::ChainType;
use serde::Deserialize;
use sp_core::{
	crypto::{ByteArray, Pair as _, Ss58AddressFormat, Ss58Codec, DEV_PHRASE},
	ecdsa, ed25519, sr25519,
};
use sp_runtime::{traits::IdentifyAccount, MultiSigner};
use std::{collections::BTreeSet, path::Path, sync::LazyLock};

/// Addresses have this prefix.
const SS58_PREFIX: u16 = 42;
/// Fewer members could be outvoted by nobody: every act needs a majority.
const LEAST_COUNCIL: usize = 3;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Description {
	name: String,
	id: String,
	relay_chain: String,
	para_id: u32,
	council: Vec<String>,
	collators: Vec<CollatorDescription>,
	balances: Vec<BalanceDescription>,
	#[serde(default)]
	boot_nodes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CollatorDescription {
	account: String,
	aura: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BalanceDescription {
	account: String,
	sls: String,
}

/// Reads a description and makes the specification.
pub fn load(path: &Path) -> Result<ChainSpec, String> {
	let text = std::fs::read_to_string(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
	of_text(&text).map_err(|error| format!("{}: {error}", path.display()))
}

fn of_text(text: &str) -> Result<ChainSpec, String> {
	let description: Description = serde_json::from_str(text).map_err(|error| error.to_string())?;
	let patch = check(&description)?;
	let Description { name, id, relay_chain, para_id, boot_nodes, .. } = description;
	let mut spec = builder(&name, &id, ChainType::Live, &relay_chain, para_id)?;
	let boot_nodes = boot_nodes.iter().map(|node| node.parse().map_err(|error| format!("boot node {node}: {error}")));
	spec = spec.with_boot_nodes(boot_nodes.collect::<Result<_, String>>()?);
	Ok(spec.with_genesis_config_patch(patch).build())
}

/// Refuses what could not work; else the genesis.
fn check(description: &Description) -> Result<serde_json::Value, String> {
	let Description { name, id, relay_chain, para_id, council, collators, balances, .. } = description;
	if name.trim().is_empty() || relay_chain.trim().is_empty() {
		return Err("the chain and its relay chain need names".into());
	}
	if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_') {
		return Err(format!("id \"{id}\": use lower-case letters, digits and underscores"));
	}
	if *para_id == 0 {
		return Err("para_id 0 is the relay chain's".into());
	}
	if council.len() < LEAST_COUNCIL {
		return Err(format!("council: {} members; a council needs at least {LEAST_COUNCIL}", council.len()));
	}
	if collators.is_empty() {
		return Err("collators: without one there is no block".into());
	}
	let members = accounts("council", council.iter().map(String::as_str))?;
	let authors = accounts("collators", collators.iter().map(|collator| collator.account.as_str()))?;
	let owners = accounts("balances", balances.iter().map(|balance| balance.account.as_str()))?;

	let mut seen = BTreeSet::new();
	let authors = authors.into_iter().zip(collators).map(|(account, collator)| {
		let aura = aura(&collator.aura)?;
		match seen.insert(collator.aura.to_ascii_lowercase()) {
			true => Ok((account, aura)),
			false => Err(format!("collators: the key {} is there twice", collator.aura)),
		}
	});
	let authors = authors.collect::<Result<Vec<Collator>, String>>()?;

	let mut issuance: Balance = EXISTENTIAL_DEPOSIT;
	let mut endowed = Vec::new();
	for (account, balance) in owners.into_iter().zip(balances) {
		let of = |problem: &str| format!("balances: {}: \"{}\" SLS {problem}", balance.account, balance.sls);
		let whole: Balance = balance.sls.parse().map_err(|_| of("is not a whole number"))?;
		let amount = whole.checked_mul(UNIT).ok_or_else(|| of("is more than there can be"))?;
		issuance = issuance.checked_add(amount).ok_or_else(|| of("makes more than there can be"))?;
		if amount < EXISTENTIAL_DEPOSIT {
			return Err(of("is too little for an account to exist"));
		}
		endowed.push((account, amount));
	}
	genesis(*para_id, members, authors, endowed).map_err(Into::into)
}

/// Accounts of a list: each an address of this network, none twice, none that everybody has the key of.
fn accounts<'a>(list: &str, addresses: impl Iterator<Item = &'a str>) -> Result<Vec<AccountId>, String> {
	let mut seen = BTreeSet::new();
	addresses
		.map(|address| {
			let of = |problem: &str| format!("{list}: {address} {problem}");
			let (account, format) =
				AccountId::from_ss58check_with_version(address).map_err(|_| of("is no SS58 address"))?;
			if format != Ss58AddressFormat::custom(SS58_PREFIX) {
				return Err(of("is an address of another network"));
			}
			if is_well_known(account.as_ref()) {
				return Err(of("is a development account, whose key everybody has"));
			}
			match seen.insert(account.clone()) {
				true => Ok(account),
				false => Err(of("is there twice")),
			}
		})
		.collect()
}

fn aura(text: &str) -> Result<AuraId, String> {
	let of = |problem: &str| format!("collators: the key {text} {problem}");
	let digits = text.strip_prefix("0x").ok_or_else(|| of("does not begin with 0x"))?;
	let bytes = hex::decode(digits).map_err(|_| of("is not hexadecimal"))?;
	let key = sr25519::Public::from_slice(&bytes).map_err(|()| of("is not 32 bytes long"))?;
	match is_well_known(key.as_ref()) {
		true => Err(of("is a development key, whose secret everybody has")),
		false => Ok(key.into()),
	}
}

/// Whether these are the bytes of an account or key that is derived from the published development phrase.
fn is_well_known(bytes: &[u8]) -> bool {
	static KNOWN: LazyLock<BTreeSet<AccountId>> = LazyLock::new(|| {
		let names = ["", "Alice", "Bob", "Charlie", "Dave", "Eve", "Ferdie", "One", "Two"];
		let paths = names.iter().flat_map(|name| match *name {
			"" => vec![String::new()],
			name => vec![format!("//{name}"), format!("//{name}//stash")],
		});
		paths
			.flat_map(|path| {
				let phrase = format!("{DEV_PHRASE}{path}");
				[
					sr25519::Pair::from_string(&phrase, None).ok().map(|pair| MultiSigner::from(pair.public())),
					ed25519::Pair::from_string(&phrase, None).ok().map(|pair| MultiSigner::from(pair.public())),
					ecdsa::Pair::from_string(&phrase, None).ok().map(|pair| MultiSigner::from(pair.public())),
				]
			})
			.flatten()
			.map(MultiSigner::into_account)
			.collect()
	});
	AccountId::try_from(bytes).is_ok_and(|account| KNOWN.contains(&account))
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::chain_spec::Extensions;
	use codec::Decode;
	use sc_service::ChainSpec as _;
	use serde_json::{json, Value};
	use sp_core::storage::well_known_keys::CODE;

	fn address(seed: u8) -> String {
		AccountId::new([seed; 32]).to_ss58check_with_version(Ss58AddressFormat::custom(SS58_PREFIX))
	}

	fn key(seed: u8) -> String {
		format!("0x{}", hex::encode([seed; 32]))
	}

	fn description() -> Value {
		json!({
			"name": "Salus North", "id": "salus_north", "relay_chain": "polkadot", "para_id": 2042,
			"council": [address(1), address(2), address(3)],
			"collators": [{"account": address(4), "aura": key(104)}, {"account": address(5), "aura": key(105)}],
			"balances": [{"account": address(1), "sls": "1000000"}],
		})
	}

	fn checked(description: Value) -> Result<Value, String> {
		let description = serde_json::from_value(description).map_err(|error| error.to_string())?;
		check(&description)
	}

	#[test]
	fn the_genesis_state_has_what_the_description_says_and_no_key_that_everybody_has() {
		if salus_runtime::WASM_BINARY.is_none() {
			return;
		}
		let mut description = description();
		let peer = "/dns/collator1.example.org/tcp/30333/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp";
		description["boot_nodes"] = json!([peer]);
		let spec = of_text(&description.to_string()).unwrap();
		assert_eq!(spec.chain_type(), ChainType::Live);
		assert_eq!(spec.boot_nodes().len(), 1);

		// What every node takes is read back as what was written, and its state is the same.
		let raw = sc_service::GenericChainSpec::<Extensions>::from_json_bytes(spec.as_json(true).unwrap().into_bytes());
		let raw = raw.unwrap();
		assert_eq!((raw.name(), raw.id()), ("Salus North", "salus_north"));
		assert_eq!(Extensions::try_get(&raw).unwrap(), &Extensions { relay_chain: "polkadot".into(), para_id: 2042 });
		let state = raw.as_storage_builder().build_storage().unwrap().top;
		assert_eq!(state, spec.as_storage_builder().build_storage().unwrap().top);

		let prefix = |name: &str| sp_crypto_hashing::twox_128(name.as_bytes());
		let value = |pallet: &str, item: &str| {
			let bytes = state.get(&[prefix(pallet), prefix(item)].concat());
			bytes.unwrap_or_else(|| panic!("{pallet}.{item} is not there"))
		};
		let decoded = |pallet, item| Vec::<AccountId>::decode(&mut &value(pallet, item)[..]).unwrap();
		let account = |seed: u8| AccountId::new([seed; 32]);
		assert_eq!(decoded("CouncilMembership", "Members"), [1, 2, 3].map(account));
		assert_eq!(decoded("Council", "Members"), [1, 2, 3].map(account));
		assert_eq!(decoded("CollatorSelection", "Invulnerables"), [4, 5].map(account));
		assert_eq!(decoded("Aura", "Authorities"), [104, 105].map(account));
		assert_eq!(u32::decode(&mut &value("ParachainInfo", "ParachainId")[..]).unwrap(), 2042);
		assert!(!state.keys().any(|key| key.starts_with(&prefix("Sudo"))));
		let funded = state.keys().filter(|key| key.starts_with(&[prefix("System"), prefix("Account")].concat()));
		let funded: BTreeSet<_> = funded.map(|key| AccountId::try_from(&key[key.len() - 32..]).unwrap()).collect();
		// The pot of fees, and collators, whose keys are held for.
		assert!(funded.contains(&account(1)) && !funded.iter().any(|account| is_well_known(account.as_ref())));

		let known = sp_keyring::Sr25519Keyring::iter().map(|key| key.to_raw_public());
		let known: Vec<_> = known.chain(sp_keyring::Ed25519Keyring::iter().map(|key| key.to_raw_public())).collect();
		for (key, bytes) in state.iter().filter(|(key, _)| key.as_slice() != CODE) {
			let there = |part: &[u8; 32]| key.ends_with(part) || bytes.windows(32).any(|window| window == part);
			assert!(!known.iter().any(there), "0x{} holds a development key", hex::encode(key));
		}
	}

	#[track_caller]
	fn refused(change: impl FnOnce(&mut Value), part: &str) {
		let mut description = description();
		change(&mut description);
		let error = checked(description).unwrap_err();
		assert!(error.contains(part), "{error}");
	}

	#[test]
	fn a_description_becomes_a_genesis_of_its_accounts_only() {
		let genesis = checked(description()).unwrap();
		assert_eq!(genesis["councilMembership"]["members"].as_array().unwrap().len(), 3);
		assert_eq!(genesis["session"]["keys"].as_array().unwrap().len(), 2);
		assert_eq!(genesis["parachainInfo"]["parachainId"], 2042);
		assert!(genesis.get("sudo").is_none());
		for name in sp_keyring::Sr25519Keyring::iter() {
			assert!(!genesis.to_string().contains(&name.to_account_id().to_ss58check()), "{name}");
		}
	}

	#[test]
	fn what_is_there_twice_is_refused() {
		refused(|spec| spec["council"][1] = address(1).into(), "there twice");
		refused(|spec| spec["collators"][1]["account"] = address(4).into(), "there twice");
		refused(|spec| spec["collators"][1]["aura"] = key(104).into(), "there twice");
		refused(
			|spec| spec["balances"] = json!([{"account": address(1), "sls": "1"}, {"account": address(1), "sls": "1"}]),
			"there twice",
		);
	}

	#[test]
	fn malformed_addresses_and_keys_are_refused() {
		refused(|spec| spec["council"][0] = "5Nonsense".into(), "is no SS58 address");
		let polkadot = AccountId::new([1; 32]).to_ss58check_with_version(Ss58AddressFormat::custom(0));
		refused(|spec| spec["council"][0] = polkadot.into(), "another network");
		refused(|spec| spec["collators"][0]["aura"] = "00".into(), "begin with 0x");
		refused(|spec| spec["collators"][0]["aura"] = "0xzz".into(), "not hexadecimal");
		refused(|spec| spec["collators"][0]["aura"] = "0x00".into(), "32 bytes");
	}

	#[test]
	fn keys_that_everybody_has_are_refused() {
		let alice = sp_keyring::Sr25519Keyring::Alice;
		refused(|spec| spec["council"][0] = alice.to_account_id().to_ss58check().into(), "development account");
		let stash = sp_keyring::Sr25519Keyring::FerdieStash.to_account_id();
		refused(|spec| spec["collators"][0]["account"] = stash.to_ss58check().into(), "development account");
		// Of the phrase itself, with nothing derived.
		let root = sr25519::Pair::from_string(DEV_PHRASE, None).unwrap().public();
		refused(|spec| spec["council"][0] = root.to_ss58check().into(), "development account");
		let ecdsa = ecdsa::Pair::from_string("//Eve", None).unwrap().public();
		let ecdsa = MultiSigner::from(ecdsa).into_account();
		refused(|spec| spec["council"][0] = ecdsa.to_ss58check().into(), "development account");
		let ed25519 = sp_keyring::Ed25519Keyring::Bob.to_account_id();
		refused(|spec| spec["balances"][0]["account"] = ed25519.to_ss58check().into(), "development account");
		let aura = format!("0x{}", hex::encode(alice.public().0));
		refused(|spec| spec["collators"][0]["aura"] = aura.into(), "development key");
	}

	#[test]
	fn what_could_not_work_is_refused() {
		refused(|spec| spec["name"] = " ".into(), "need names");
		refused(|spec| spec["id"] = "Salus North".into(), "lower-case");
		refused(|spec| spec["para_id"] = 0.into(), "relay chain's");
		refused(|spec| spec["council"] = json!([address(1), address(2)]), "at least 3");
		refused(|spec| spec["collators"] = json!([]), "no block");
		refused(|spec| spec["balances"][0]["sls"] = "1.5".into(), "whole number");
		refused(|spec| spec["balances"][0]["sls"] = "0".into(), "too little");
		refused(|spec| spec["balances"][0]["sls"] = u128::MAX.to_string().into(), "more than there can be");
		let many: Vec<_> = (0..=200u8).filter(|seed| !(100..110).contains(seed)).map(address).collect();
		refused(|spec| spec["council"] = json!(many), "more members");
		let many: Vec<_> = (6..=106u8).map(|seed| json!({"account": address(seed), "aura": key(255 - seed)})).collect();
		refused(|spec| spec["collators"] = json!(many), "more collators");
	}

	#[test]
	fn nobody_can_be_given_what_the_chain_does_not_have() {
		refused(|spec| spec["sudo"] = address(1).into(), "unknown field `sudo`");
		refused(|spec| spec["collators"][0]["root"] = true.into(), "unknown field `root`");
		refused(|spec| spec["balances"][0]["vested"] = "1".into(), "unknown field `vested`");
		refused(|spec| drop(spec.as_object_mut().unwrap().remove("council")), "missing field `council`");
	}
}
