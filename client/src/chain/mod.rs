//! The connection to a node: typed calls in, typed answers out.
//!
//! Nothing of the runtime is known at compile time but the SCALE types of `salus-primitives`: pallets and calls are
//! found by name in the metadata that the node gives, so a runtime that moves an index needs no new client. Reads go
//! through the runtime APIs (`state_call`), so any Substrate node that runs the Salus runtime will do.

pub mod calls;
pub mod council;
mod drug_queries;
mod notices;
mod queries;
mod research_queries;

use crate::{Error, Result};
use codec::{Decode, Encode};
use salus_primitives::{AccountId, H256};
use serde_json::Value as Json;
use std::{
	collections::{BTreeSet, HashMap},
	str::FromStr,
	sync::Arc,
	time::Duration,
};
use subxt::{
	backend::LegacyBackend,
	config::PolkadotExtrinsicParamsBuilder,
	events::Phase,
	ext::scale_value::{At, Composite},
	rpcs::{rpc_params, Error as RpcError, RpcClient},
	OnlineClient, PolkadotConfig,
};
use subxt_signer::sr25519::Keypair;
use tokio::sync::{Mutex, RwLock};

pub use calls::Call;
pub use notices::{Notice, Notices};

/// How long a transaction may take to be final.
const INCLUSION_TIMEOUT: Duration = Duration::from_secs(120);
/// How long a single question to the node may take.
const RPC_TIMEOUT: Duration = Duration::from_secs(60);
/// Blocks within which a transaction must be included.
const MORTALITY: u64 = 64;

/// A block, by number and hash.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BlockId {
	/// Its height.
	pub number: u32,
	/// Its hash.
	pub hash: H256,
}

/// An event of a transaction.
#[derive(Clone, Debug)]
pub struct Event {
	/// The pallet's name in the runtime.
	pub pallet: String,
	/// The event's name.
	pub name: String,
	/// Its fields.
	pub fields: Composite<()>,
	/// Its fields as SCALE.
	pub bytes: Vec<u8>,
	/// What went wrong, if it tells of an item of a batch that failed.
	pub failure: Option<Error>,
}

impl Event {
	/// Whether it is this event.
	pub fn is(&self, pallet: &str, name: &str) -> bool {
		self.pallet == pallet && self.name == name
	}

	/// Its fields, of the types that the runtime has them in.
	pub fn decode<T: Decode>(&self) -> Result<T> {
		T::decode(&mut self.bytes.as_slice()).map_err(|error| unfit(format!("{}.{}: {error}", self.pallet, self.name)))
	}

	/// A field that is a number.
	pub fn number(&self, field: &str) -> Option<u128> {
		self.fields.at(field).and_then(|value| value.as_u128())
	}
}

/// A transaction that was included and succeeded.
#[derive(Clone, Debug)]
pub struct Included {
	/// Where.
	pub block: BlockId,
	/// What it emitted.
	pub events: Vec<Event>,
}

impl Included {
	/// The first event of this name.
	pub fn event(&self, pallet: &str, name: &str) -> Option<&Event> {
		self.events.iter().find(|event| event.is(pallet, name))
	}
}

/// One connection. It is replaced when it breaks.
struct Link {
	rpc: RpcClient,
	client: OnlineClient<PolkadotConfig>,
}

/// A chain, through one node. Cheap to clone.
#[derive(Clone)]
pub struct Chain {
	shared: Arc<Shared>,
}

struct Shared {
	url: String,
	genesis: H256,
	link: RwLock<Arc<Link>>,
	/// Nonces of transactions that were submitted and are not known to be included, by account. Holding the lock is
	/// the right to choose the next one.
	pending: Mutex<HashMap<[u8; 32], BTreeSet<u64>>>,
}

impl Chain {
	/// Connects to a node. With `genesis` it must be of that chain.
	pub async fn connect(url: &str, genesis: Option<H256>) -> Result<Self> {
		let link = open(url).await?;
		let actual = H256(link.client.genesis_hash().0);
		check_genesis(genesis.unwrap_or(actual), actual)?;
		let shared = Shared {
			url: url.into(),
			genesis: actual,
			link: RwLock::new(Arc::new(link)),
			pending: Mutex::new(HashMap::new()),
		};
		Ok(Self { shared: Arc::new(shared) })
	}

	/// The chain's genesis hash.
	pub fn genesis(&self) -> H256 {
		self.shared.genesis
	}

	/// The node's address.
	pub fn url(&self) -> &str {
		&self.shared.url
	}

	async fn link(&self) -> Arc<Link> {
		self.shared.link.read().await.clone()
	}

	/// Replaces a broken connection, unless another task already has.
	async fn reopen(&self, broken: &Arc<Link>) -> Result<Arc<Link>> {
		let mut link = self.shared.link.write().await;
		if Arc::ptr_eq(&link, broken) {
			let fresh = open(&self.shared.url).await?;
			check_genesis(self.shared.genesis, H256(fresh.client.genesis_hash().0))?;
			*link = Arc::new(fresh);
		}
		Ok(link.clone())
	}

	/// Calls a JSON-RPC method that only reads; a broken connection is opened again once.
	pub async fn rpc(&self, method: &str, params: Vec<Json>) -> Result<Json> {
		let mut link = self.link().await;
		for attempt in 0..2 {
			let mut args = rpc_params![];
			for param in &params {
				args.push(param).expect("JSON values are serialisable; qed");
			}
			match tokio::time::timeout(RPC_TIMEOUT, link.rpc.request::<Json>(method, args)).await {
				Ok(Ok(answer)) => return Ok(answer),
				Ok(Err(RpcError::User(error))) => {
					let data = error.data.as_ref().map(|data| format!(" ({})", data.get())).unwrap_or_default();
					return Err(Error::Unexpected(format!("the node answered {method} with: {}{data}", error.message)));
				}
				Ok(Err(RpcError::Client(_) | RpcError::DisconnectedWillReconnect(_))) if attempt == 0 => {
					link = self.reopen(&link).await?;
				}
				Ok(Err(error)) => return Err(self.unreachable(error)),
				Err(_) => return Err(self.unreachable("no answer in time")),
			}
		}
		Err(self.unreachable("the connection breaks again and again"))
	}

	fn unreachable(&self, reason: impl ToString) -> Error {
		Error::NodeUnreachable { url: self.shared.url.clone(), reason: reason.to_string() }
	}

	/// Calls a runtime API on the state of a block; `None` is the best one.
	pub async fn call_api<A: Encode, R: Decode>(&self, method: &str, args: A, at: Option<H256>) -> Result<R> {
		let mut params = vec![method.into(), to_hex(&args.encode()).into()];
		params.extend(at.map(|hash| Json::from(to_hex(&hash.0))));
		let answer = self.rpc("state_call", params).await?;
		let bytes = from_hex(&answer).ok_or_else(|| unfit(format!("{method}: no bytes in the answer")))?;
		R::decode(&mut &bytes[..]).map_err(|error| unfit(format!("{method}: {error}")))
	}

	/// The best block.
	pub async fn best(&self) -> Result<BlockId> {
		let hash = self.hash_answer("chain_getBlockHash", vec![]).await?;
		self.block(hash).await
	}

	/// The latest finalised block.
	pub async fn finalised(&self) -> Result<BlockId> {
		let hash = self.hash_answer("chain_getFinalizedHead", vec![]).await?;
		self.block(hash).await
	}

	async fn hash_answer(&self, method: &str, params: Vec<Json>) -> Result<H256> {
		let answer = self.rpc(method, params).await?;
		answer
			.as_str()
			.and_then(|text| H256::from_str(text).ok())
			.ok_or_else(|| unfit(format!("{method}: no hash in the answer")))
	}

	/// A block by its hash.
	pub async fn block(&self, hash: H256) -> Result<BlockId> {
		let header = self.rpc("chain_getHeader", vec![to_hex(&hash.0).into()]).await?;
		let number = header["number"].as_str().and_then(|n| u32::from_str_radix(n.trim_start_matches("0x"), 16).ok());
		let number = number.ok_or_else(|| unfit("chain_getHeader: no such block"))?;
		Ok(BlockId { number, hash })
	}

	/// Whether the node is still catching up with the chain.
	pub async fn is_syncing(&self) -> Result<bool> {
		Ok(self.rpc("system_health", vec![]).await?["isSyncing"].as_bool().unwrap_or(true))
	}

	/// Members of the consortium council.
	pub async fn council_members(&self) -> Result<Vec<AccountId>> {
		let key = [sp_crypto_hashing::twox_128(b"Council"), sp_crypto_hashing::twox_128(b"Members")].concat();
		let answer = self.rpc("state_getStorage", vec![to_hex(&key).into()]).await?;
		if answer.is_null() {
			return Ok(Vec::new());
		}
		from_hex(&answer)
			.and_then(|bytes| Vec::<AccountId>::decode(&mut &bytes[..]).ok())
			.ok_or_else(|| unfit("Council.Members is not a list of accounts"))
	}

	/// The next nonce of an account at a block: how many of its transactions that block's chain holds.
	pub async fn nonce_at(&self, account: &AccountId, at: H256) -> Result<u64> {
		self.call_api::<_, u32>("AccountNonceApi_account_nonce", account, Some(at)).await.map(u64::from)
	}

	/// Signs a call, submits it, and waits until it is final. An error of the call is an error here.
	pub async fn submit(&self, signer: &Keypair, call: &Call) -> Result<Included> {
		self.submit_with_nonce(signer, call, None).await
	}

	/// As [`Self::submit`], with a nonce that the caller has reserved.
	pub async fn submit_with_nonce(&self, signer: &Keypair, call: &Call, nonce: Option<u64>) -> Result<Included> {
		let account = signer.public_key().0;
		let mut used = None;
		let result = self.submit_and_wait(signer, call, nonce, &mut used).await;
		if let (Some(nonce), Some(set)) = (used, self.shared.pending.lock().await.get_mut(&account)) {
			set.remove(&nonce);
		}
		result
	}

	/// The nonce that the account's next transaction should take, given those that are under way.
	pub async fn next_nonce(&self, account: &AccountId) -> Result<u64> {
		let pending = self.shared.pending.lock().await;
		self.next_nonce_after(account, pending.get::<[u8; 32]>(account.as_ref())).await
	}

	async fn next_nonce_after(&self, account: &AccountId, pending: Option<&BTreeSet<u64>>) -> Result<u64> {
		let known = self.rpc("system_accountNextIndex", vec![account.to_string().into()]).await?;
		let known = known.as_u64().ok_or_else(|| unfit("system_accountNextIndex: not a number"))?;
		// The pool may not have told of the latest ones yet.
		Ok(pending.and_then(|set| set.last()).map_or(known, |last| known.max(last + 1)))
	}

	async fn submit_and_wait(
		&self,
		signer: &Keypair,
		call: &Call,
		nonce: Option<u64>,
		used: &mut Option<u64>,
	) -> Result<Included> {
		let account = AccountId::from(signer.public_key().0);
		let mut pending = self.shared.pending.lock().await;
		let nonce = match nonce {
			Some(nonce) => nonce,
			None => self.next_nonce_after(&account, pending.get::<[u8; 32]>(account.as_ref())).await?,
		};
		// A cheap read first: a broken connection is opened again before the transaction depends on it.
		self.best().await?;
		let link = self.link().await;
		let hand_in = async {
			let at = link.client.at_current_block().await.map_err(|error| self.unreachable(error))?;
			let params = PolkadotExtrinsicParamsBuilder::<PolkadotConfig>::new().nonce(nonce).mortal(MORTALITY).build();
			let signed = at.transactions().create_signed(call, signer, params).await;
			let hex = to_hex(signed.map_err(unfit)?.encoded());
			let watch = link
				.rpc
				.subscribe::<Json>("author_submitAndWatchExtrinsic", rpc_params![&hex], "author_unwatchExtrinsic")
				.await;
			Ok::<_, Error>((hex, watch.map_err(|error| self.refusal(&account, call, error))?))
		};
		let handed_in = tokio::time::timeout(RPC_TIMEOUT, hand_in).await;
		let (hex, mut watch) = handed_in.map_err(|_| self.unreachable("no answer in time"))??;
		pending.entry(signer.public_key().0).or_default().insert(nonce);
		*used = Some(nonce);
		drop(pending);

		let block = tokio::time::timeout(INCLUSION_TIMEOUT, async {
			while let Some(status) = watch.next().await {
				let status = status.map_err(|error| self.unreachable(error))?;
				if let Some(hash) = status["finalized"].as_str() {
					return H256::from_str(hash).map_err(|_| unfit("no block hash"));
				}
				let name = status.as_str().or_else(|| status.as_object()?.keys().next().map(String::as_str));
				if let Some(end @ ("invalid" | "dropped" | "usurped" | "finalityTimeout")) = name {
					return Err(refused(format!("{call} became {end}")));
				}
			}
			Err(self.unreachable("the connection ended while a transaction was under way"))
		})
		.await
		.map_err(|_| refused(format!("{call} was not final within {} s", INCLUSION_TIMEOUT.as_secs())))??;
		self.outcome(&account, block, &hex).await
	}

	/// What became of a transaction in a block.
	async fn outcome(&self, account: &AccountId, hash: H256, signed: &str) -> Result<Included> {
		let block = self.block(hash).await?;
		let body = self.rpc("chain_getBlock", vec![to_hex(&hash.0).into()]).await?;
		let index = body["block"]["extrinsics"]
			.as_array()
			.and_then(|list| list.iter().position(|item| item.as_str() == Some(signed)))
			.ok_or_else(|| unfit("the transaction is not in the block that it was reported in"))?;
		let unreadable = |error: &dyn std::fmt::Display| unfit(format!("unreadable events: {error}"));
		let link = self.link().await;
		let at = link.client.at_block(subxt::utils::H256(hash.0)).await.map_err(|error| unreadable(&error))?;
		let all = at.events().fetch().await.map_err(|error| unreadable(&error))?;
		let mut events = Vec::new();
		for event in all.iter() {
			let event = event.map_err(|error| unreadable(&error))?;
			if event.phase() != Phase::ApplyExtrinsic(index as u32) {
				continue;
			}
			let failure = match (event.pallet_name(), event.event_name()) {
				("System", "ExtrinsicFailed") => Some(event.field_bytes()),
				// A motion that was carried and then failed: the hash, the variant `Err`, the error.
				("Council", "Executed") if event.field_bytes().get(32) == Some(&1) => event.field_bytes().get(33..),
				// Code that was authorised and that the chain does not take as its runtime: its hash, the error.
				("System", "RejectedInvalidAuthorizedUpgrade") => event.field_bytes().get(32..),
				_ => None,
			};
			if let Some(bytes) = failure {
				return Err(dispatch_error(bytes, at.metadata(), account));
			}
			events.push(Event {
				pallet: event.pallet_name().into(),
				name: event.event_name().into(),
				fields: event.decode_fields_unchecked_as().map_err(|error| unreadable(&error))?,
				bytes: event.field_bytes().to_vec(),
				failure: (event.pallet_name() == "Utility" && event.event_name() == "ItemFailed")
					.then(|| dispatch_error(event.field_bytes(), at.metadata(), account)),
			});
		}
		Ok(Included { block, events })
	}

	fn refusal(&self, account: &AccountId, call: &Call, error: RpcError) -> Error {
		let RpcError::User(error) = error else { return self.unreachable(error) };
		let data = error.data.as_ref().map(|data| data.get().trim_matches('"').to_string()).unwrap_or_default();
		let reason = if data.is_empty() { error.message } else { format!("{}: {data}", error.message) };
		if data.contains("Inability to pay some fees") {
			return Error::InsufficientFunds { account: account.to_string(), reason };
		}
		refused(format!("{call}: {reason}"))
	}

	/// A call as SCALE, as it goes into a motion or a batch.
	pub async fn encode_call(&self, call: &Call) -> Result<Vec<u8>> {
		let link = self.link().await;
		let at = link.client.at_current_block().await.map_err(|error| self.unreachable(error))?;
		at.transactions().call_data(call).map_err(|error| unfit(error.to_string()))
	}
}

/// Reads a dispatch error: what the account cannot pay, or `Pallet.Error` with what the metadata says of it.
pub(crate) fn dispatch_error(bytes: &[u8], metadata: subxt::ArcMetadata, account: &AccountId) -> Error {
	use subxt::error::DispatchError;
	let failed = |pallet: &str, error: String, docs: String| {
		let out_of_funds = matches!(
			(pallet, error.as_str()),
			("Balances", "InsufficientBalance") | ("Token", "FundsUnavailable" | "CannotCreateHold" | "BelowMinimum")
		);
		if out_of_funds {
			return Error::InsufficientFunds { account: account.to_string(), reason: format!("{pallet}.{error}") };
		}
		Error::TransactionFailed { pallet: pallet.into(), error, docs }
	};
	match DispatchError::decode_from(bytes, metadata) {
		Ok(DispatchError::Module(error)) => match error.details() {
			Ok(details) => failed(details.pallet.name(), details.variant.name.clone(), details.variant.docs.join(" ")),
			Err(_) => failed("Module", error.details_string(), String::new()),
		},
		Ok(DispatchError::Token(error)) => failed("Token", format!("{error:?}"), error.to_string()),
		Ok(DispatchError::Arithmetic(error)) => failed("Arithmetic", format!("{error:?}"), error.to_string()),
		Ok(other) => failed("Dispatch", format!("{other:?}"), other.to_string()),
		Err(error) => failed("Dispatch", "unreadable".into(), error.to_string()),
	}
}

/// The node's runtime is not the one that this client is for.
fn unfit(reason: impl std::fmt::Display) -> Error {
	Error::unexpected("the node's runtime does not fit this client", reason)
}

/// The transaction never came into a block.
fn refused(error: String) -> Error {
	Error::TransactionFailed { pallet: "Transaction".into(), error, docs: String::new() }
}

async fn open(url: &str) -> Result<Link> {
	let unreachable = |reason: String| Error::NodeUnreachable { url: url.into(), reason };
	let connect = async {
		let rpc = RpcClient::from_insecure_url(url).await.map_err(|error| unreachable(plain(&error)))?;
		let backend = LegacyBackend::<PolkadotConfig>::builder().build(rpc.clone());
		let config = PolkadotConfig::builder().use_historic_types(false).build();
		let client = OnlineClient::from_backend_with_config(config, Arc::new(backend)).await;
		Ok(Link { rpc, client: client.map_err(|error| unreachable(error.to_string()))? })
	};
	tokio::time::timeout(RPC_TIMEOUT, connect).await.map_err(|_| unreachable("no answer in time".into()))?
}

/// What a transport error says, without the layers that only say that there was one.
fn plain(error: &RpcError) -> String {
	let text = error.to_string();
	text.rsplit("client error: ").next().unwrap_or(&text).to_owned()
}

fn check_genesis(expected: H256, actual: H256) -> Result<()> {
	if expected == actual {
		return Ok(());
	}
	Err(Error::WrongGenesis { expected: to_hex(&expected.0), found: to_hex(&actual.0) })
}

/// Bytes as `0x` and hexadecimal digits.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
	format!("0x{}", hex::encode(bytes))
}

fn from_hex(json: &Json) -> Option<Vec<u8>> {
	hex::decode(json.as_str()?.strip_prefix("0x")?).ok()
}
