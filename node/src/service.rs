//! What every way of running the node shares: the client, its database, the transaction pool and the import queue.

use crate::{chain_spec::Extensions, relay_check};
use cumulus_primitives_core::{GetParachainInfo, ParaId};
use salus_runtime::{apis::RuntimeApi, Hash, Header};
use sc_chain_spec::{construct_genesis_block, resolve_state_version_from_wasm, ChainType, GenesisBlockBuilder};
use sc_client_api::Backend as _;
use sc_consensus::{BoxBlockImport, DefaultImportQueue};
use sc_executor::{HeapAllocStrategy, WasmExecutor, DEFAULT_HEAP_ALLOC_STRATEGY};
use sc_service::{config::DatabaseSource, Configuration, Error, KeystoreContainer, TaskManager};
use sc_storage_monitor::{StorageMonitorParams, StorageMonitorService};
use sc_telemetry::{Telemetry, TelemetryHandle, TelemetryWorker, TelemetryWorkerHandle};
use sp_api::ProvideRuntimeApi;
use sp_blockchain::HeaderBackend;
use sp_core::storage::Storage;
use sp_runtime::{
	generic,
	traits::{BlakeTwo256, Block as _, Hash as _},
	OpaqueExtrinsic,
};
use std::sync::Arc;

/// What the runtime may call on its host.
#[cfg(not(feature = "runtime-benchmarks"))]
pub type HostFunctions =
	(sp_io::SubstrateHostFunctions, cumulus_primitives_proof_size_hostfunction::storage_proof_size::HostFunctions);
/// What the runtime may call on its host.
#[cfg(feature = "runtime-benchmarks")]
pub type HostFunctions = (
	sp_io::SubstrateHostFunctions,
	cumulus_primitives_proof_size_hostfunction::storage_proof_size::HostFunctions,
	frame_benchmarking::benchmarking::HostFunctions,
);

/// A block as the node sees it: the transactions are the runtime's business.
pub type Block = generic::Block<Header, OpaqueExtrinsic>;
/// The client of a Salus chain.
pub type Client = sc_service::TFullClient<Block, RuntimeApi, WasmExecutor<HostFunctions>>;
/// Its database.
pub type Backend = sc_service::TFullBackend<Block>;
/// Its transaction pool.
pub type Pool = sc_transaction_pool::TransactionPoolHandle<Block, Client>;

/// How often it is looked how much space is left, in seconds.
const SPACE_LOOK: u32 = 2;

/// The parts of a node before it has an import queue and a network.
pub struct Parts {
	/// The client.
	pub client: Arc<Client>,
	/// Its database.
	pub backend: Arc<Backend>,
	/// Keys of this node.
	pub keystore: KeystoreContainer,
	/// Owns every task.
	pub task_manager: TaskManager,
	/// Transactions waiting for a block.
	pub pool: Arc<Pool>,
	/// Where telemetry goes, if anywhere.
	pub telemetry: Option<Telemetry>,
	/// For what else reports to telemetry.
	#[cfg_attr(not(feature = "collator"), allow(dead_code))]
	pub telemetry_worker: Option<TelemetryWorkerHandle>,
}

/// Whether the chain of this specification is sealed by the node alone, without a relay chain.
pub fn is_dev_chain(config: &Configuration) -> bool {
	config.chain_spec.chain_type() == ChainType::Development
}

/// Opens the database, checks that it belongs to the chain, and builds the client and the transaction pool.
pub fn new_parts(config: &Configuration) -> Result<Parts, Error> {
	let telemetry = config
		.telemetry_endpoints
		.clone()
		.filter(|endpoints| !endpoints.is_empty())
		.map(|endpoints| -> Result<_, sc_telemetry::Error> {
			let worker = TelemetryWorker::new(16)?;
			let telemetry = worker.handle().new_telemetry(endpoints);
			Ok((worker, telemetry))
		})
		.transpose()?;

	let heap_pages = config
		.executor
		.default_heap_pages
		.map_or(DEFAULT_HEAP_ALLOC_STRATEGY, |pages| HeapAllocStrategy::Static { extra_pages: pages as _ });
	let executor = WasmExecutor::<HostFunctions>::builder()
		.with_execution_method(config.executor.wasm_method)
		.with_onchain_heap_alloc_strategy(heap_pages)
		.with_offchain_heap_alloc_strategy(heap_pages)
		.with_max_runtime_instances(config.executor.max_runtime_instances)
		.with_runtime_cache_size(config.executor.runtime_cache_size)
		.build();

	let backend = open_database(config)?;
	let genesis = genesis(config, &backend, &executor)?;
	let builder = GenesisBlockBuilder::new_with_storage(genesis, true, backend.clone(), executor.clone())?;

	// Proofs are recorded on import too: the runtime's weights reclaim what a proof did not use, and a block must
	// weigh the same for its author and for those who import it.
	let (client, backend, keystore, task_manager) =
		sc_service::new_full_parts_with_genesis_builder::<Block, RuntimeApi, _, _>(
			config,
			telemetry.as_ref().map(|(_, telemetry)| telemetry.handle()),
			executor,
			backend,
			builder,
			true,
		)?;
	let client = Arc::new(client);
	backend.insert_aux(&[(GENESIS_OF, &fingerprint(config)?[..])], &[])?;

	let telemetry_worker = telemetry.as_ref().map(|(worker, _)| worker.handle());
	let telemetry = telemetry.map(|(worker, telemetry)| {
		task_manager.spawn_handle().spawn("telemetry", None, worker.run());
		telemetry
	});

	let pool = sc_transaction_pool::Builder::new(
		task_manager.spawn_essential_handle(),
		client.clone(),
		config.role.is_authority().into(),
	)
	.with_options(config.transaction_pool.clone())
	.with_prometheus(config.prometheus_registry())
	.build();

	Ok(Parts { client, backend, keystore, task_manager, pool: Arc::new(pool), telemetry, telemetry_worker })
}

fn open_database(config: &Configuration) -> Result<Arc<Backend>, Error> {
	sc_service::new_db_backend(config.db_config()).map_err(|error| {
		let path = config.database.path().map_or_else(|| "-".into(), |path| path.display().to_string());
		Error::Other(format!(
			"the database at {path} cannot be opened: {error}. If another node uses it, stop that node or give this \
			 one its own --base-path. If it is damaged, restore it or remove it with the purge-chain subcommand"
		))
	})
}

/// Ends the node when too little space, in MiB, is left where its database is. A database that finds the disk full can
/// only stop, whatever it is doing; ending before that harms nothing.
pub fn watch_space(database: &DatabaseSource, least: u64, tasks: &TaskManager) -> Result<(), Error> {
	let Some(path) = database.path().filter(|_| least > 0) else { return Ok(()) };
	let params = StorageMonitorParams { threshold: least, polling_period: SPACE_LOOK };
	StorageMonitorService::try_spawn(params, path.to_owned(), &tasks.spawn_essential_handle()).map_err(|error| {
		Error::Other(format!(
			"{} needs more space: {error}. Free space on that disk; --db-storage-threshold says how much there must be",
			path.display()
		))
	})
}

/// Where the database keeps the fingerprint of the specification that its genesis is known to be of.
const GENESIS_OF: &[u8] = b"salus:genesis-of";

fn fingerprint(config: &Configuration) -> Result<[u8; 32], Error> {
	Ok(sp_crypto_hashing::blake2_256(config.chain_spec.as_json(false).map_err(Error::Other)?.as_bytes()))
}

/// The genesis state that a new chain starts from; nothing if the database holds the chain already.
///
/// Refuses a database of another chain, which would otherwise be continued in silence. Since a genesis is built by
/// the runtime, which takes seconds, it is compared only when the specification is not the one of the last start.
fn genesis(
	config: &Configuration,
	backend: &Backend,
	executor: &WasmExecutor<HostFunctions>,
) -> Result<Storage, Error> {
	let stored = backend.blockchain().hash(0)?;
	if stored.is_some() && backend.get_aux(GENESIS_OF)? == Some(fingerprint(config)?.to_vec()) {
		return Ok(Storage::default());
	}
	let genesis = config.chain_spec.as_storage_builder().build_storage().map_err(|error| {
		Error::Other(format!("the chain specification {:?} has no valid genesis: {error}", config.chain_spec.id()))
	})?;
	let Some(stored) = stored else { return Ok(genesis) };
	let version = resolve_state_version_from_wasm::<_, BlakeTwo256>(&genesis, executor)?;
	let pairs = genesis.top.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
	let wanted: Hash = construct_genesis_block::<Block>(BlakeTwo256::trie_root(pairs, version), version).hash();
	if stored == wanted {
		return Ok(genesis);
	}
	let path = config.database.path().map_or_else(|| "-".into(), |path| path.display().to_string());
	Err(Error::Other(format!(
		"the database at {path} holds another chain: its genesis is {stored:?}, that of the specification {:?} is \
		 {wanted:?}. Pass the specification that the chain was started with, another --base-path, or remove the old \
		 chain with the purge-chain subcommand",
		config.chain_spec.id(),
	)))
}

/// The queue through which blocks are imported that this node did not make.
///
/// Blocks of a development chain carry no seal. Those of a network are checked for the author's seal; the relay chain
/// decides which of them are final.
pub fn import_queue(
	config: &Configuration,
	client: Arc<Client>,
	block_import: BoxBlockImport<Block>,
	task_manager: &TaskManager,
	telemetry: Option<TelemetryHandle>,
) -> Result<DefaultImportQueue<Block>, Error> {
	let spawner = task_manager.spawn_essential_handle();
	let registry = config.prometheus_registry();
	if is_dev_chain(config) {
		return Ok(sc_consensus_manual_seal::import_queue(block_import, &spawner, registry));
	}
	#[cfg(feature = "collator")]
	{
		Ok(crate::collator::import_queue(client, block_import, &spawner, registry, telemetry))
	}
	#[cfg(not(feature = "collator"))]
	{
		use sc_consensus_aura::ImportQueueParams;
		let slot_duration = sc_consensus_aura::slot_duration(&*client)?;
		sc_consensus_aura::import_queue::<sp_consensus_aura::sr25519::AuthorityPair, _, _, _, _, _>(ImportQueueParams {
			block_import,
			justification_import: None,
			client,
			create_inherent_data_providers: move |_, ()| async move {
				let timestamp = sp_timestamp::InherentDataProvider::from_system_time();
				let slot = sp_consensus_aura::inherents::InherentDataProvider::from_timestamp_and_slot_duration(
					*timestamp,
					slot_duration,
				);
				Ok((slot, timestamp))
			},
			spawner: &spawner,
			registry,
			check_for_equivocation: Default::default(),
			telemetry,
			compatibility_mode: Default::default(),
		})
		.map_err(Into::into)
	}
}

/// The parachain's id, which the runtime knows best; a specification that contradicts it is refused.
pub fn para_id(client: &Client, config: &Configuration) -> Result<ParaId, Error> {
	let id = client.runtime_api().parachain_id(client.info().best_hash).map_err(|error| {
		Error::Other(format!("the runtime does not tell the parachain's id, is this a Salus chain? {error}"))
	})?;
	let specified = Extensions::try_get(&*config.chain_spec).map(|extensions| extensions.para_id);
	relay_check::compare_para_id(specified, id).map_err(Error::Other)?;
	Ok(id)
}
